//! A button that copies a text, and says whether that worked.

use crate::app::App;
use crate::i18n::panels::CommonText;
use crate::i18n::t;
use leptos::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};

#[component]
pub fn CopyButton(text: Signal<String>, testid: &'static str) -> impl IntoView {
    let app = expect_context::<App>();
    let outcome = RwSignal::new(None);
    // What was said is about the former text.
    Effect::new(move |_| {
        text.track();
        outcome.set(None);
    });
    let copy = move |_| {
        let text = text.get_untracked();
        spawn_local(async move {
            let copied = write(&text).await;
            outcome.try_set(Some(if copied { CommonText::Copied } else { CommonText::CopyFailed }));
        });
    };
    view! {
        <button type="button" class="copy" data-testid=testid on:click=copy>
            {move || t(app.lang.get(), CommonText::Copy)}
        </button>
        <span class="copy-outcome" role="status">
            {move || outcome.get().map(|outcome| t(app.lang.get(), outcome))}
        </span>
    }
    .into_any()
}

/// Whether the clipboard took it: it may not exist (no https), or refuse.
async fn write(text: &str) -> bool {
    let Some(window) = web_sys::window() else {
        return false;
    };
    let navigator = window.navigator();
    let exists =
        js_sys::Reflect::get(&navigator, &"clipboard".into()).is_ok_and(|it| it.is_object());
    exists && JsFuture::from(navigator.clipboard().write_text(text)).await.is_ok()
}
