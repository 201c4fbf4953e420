//! One writer among all tabs: the Web Lock `kafkascope-writer`. A tab that holds it may write to the
//! database until it is closed, or until another tab takes the lock over.

use futures_channel::oneshot;
use js_sys::{Function, Object, Promise, Reflect};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};

const NAME: &str = "kafkascope-writer";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Held,
    /// Another tab has it.
    Taken,
    /// The browser has no Web Locks here: it is too old, or the page came over plain http.
    Unsupported,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// Only if no other tab has it.
    IfFree,
    /// In any case; the tab that has it loses it.
    TakeOver,
}

/// What the browser calls when the lock is given, or is not free.
type Granted = Closure<dyn FnMut(JsValue) -> Promise>;

/// Asks for the lock. Once it is held, it is kept as long as the tab lives; `on_lost` is called when
/// another tab takes it over.
pub async fn ask(wish: Wish, on_lost: impl FnOnce() + 'static) -> Outcome {
    let (answer, answered) = oneshot::channel();
    let Some((request, granted)) = request(wish, answer) else {
        return Outcome::Unsupported;
    };
    let (held, is_held) = oneshot::channel::<()>();
    spawn_local(async move {
        // Settles only when the lock is lost, or was never given.
        let end = JsFuture::from(request).await;
        drop(granted);
        if end.is_err() && is_held.await.is_ok() {
            on_lost();
        }
    });
    match answered.await {
        Ok(true) => {
            let _ = held.send(());
            Outcome::Held
        }
        Ok(false) => Outcome::Taken,
        // The request was refused without an answer.
        Err(_) => Outcome::Unsupported,
    }
}

fn request(wish: Wish, answer: oneshot::Sender<bool>) -> Option<(Promise, Granted)> {
    let navigator = web_sys::window()?.navigator();
    let locks = Reflect::get(&navigator, &"locks".into()).ok().filter(JsValue::is_object)?;
    let request: Function = Reflect::get(&locks, &"request".into()).ok()?.dyn_into().ok()?;
    let options = Object::new();
    let option = match wish {
        Wish::IfFree => "ifAvailable",
        Wish::TakeOver => "steal",
    };
    Reflect::set(&options, &option.into(), &true.into()).ok()?;
    let mut answer = Some(answer);
    // The lock is held for as long as the promise that this returns is pending.
    let granted = Granted::new(move |lock: JsValue| {
        let held = !lock.is_null();
        if let Some(answer) = answer.take() {
            let _ = answer.send(held);
        }
        if held { Promise::new(&mut |_, _| {}) } else { Promise::resolve(&JsValue::NULL) }
    });
    let promise = request.call3(&locks, &NAME.into(), &options, granted.as_ref());
    Some((promise.ok()?.dyn_into().ok()?, granted))
}
