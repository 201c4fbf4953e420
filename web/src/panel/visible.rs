//! Whether an element is on the screen: panels in a closed tab of the drawer do no work.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Element, IntersectionObserver, IntersectionObserverEntry};

type OnIntersection = Closure<dyn FnMut(js_sys::Array)>;

/// False until `element` gives one that can be seen.
pub fn watch_visible(element: impl Fn() -> Option<Element> + 'static) -> ReadSignal<bool> {
    let (visible, set_visible) = signal(false);
    let watched: StoredValue<Option<(IntersectionObserver, OnIntersection)>, LocalStorage> =
        StoredValue::new_local(None);
    let stop = move || {
        let old = watched.try_update_value(Option::take).flatten();
        if let Some((observer, _)) = old {
            observer.disconnect();
        }
    };
    Effect::new(move |_| {
        stop();
        let Some(element) = element() else { return };
        let callback: OnIntersection = Closure::new(move |entries: js_sys::Array| {
            let last = entries.get(entries.length().saturating_sub(1));
            if let Ok(entry) = last.dyn_into::<IntersectionObserverEntry>() {
                set_visible.try_set(entry.is_intersecting());
            }
        });
        if let Ok(observer) = IntersectionObserver::new(callback.as_ref().unchecked_ref()) {
            observer.observe(&element);
            watched.set_value(Some((observer, callback)));
        }
    });
    on_cleanup(stop);
    visible
}
