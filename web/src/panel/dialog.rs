//! A modal dialog: the browser's own `<dialog>`, which keeps the focus inside, closes on Escape and
//! gives the focus back. A click beside it closes it too. What is in it is its owner's.

use crate::app::App;
use crate::i18n::panels::CommonText;
use crate::i18n::{Key, t};
use leptos::html;
use leptos::prelude::*;
use web_sys::HtmlDialogElement;

/// `testid` also names the heading that labels it.
#[component]
pub fn Modal<K: Key + Send + Sync + 'static>(
    open: RwSignal<bool>,
    title: K,
    testid: &'static str,
    /// Beside `dialog`.
    #[prop(optional)]
    class: &'static str,
    children: ChildrenFn,
) -> impl IntoView {
    let app = expect_context::<App>();
    let dialog = NodeRef::<html::Dialog>::new();
    Effect::new(move |_| {
        let Some(dialog) = dialog.get() else { return };
        match (open.get(), dialog.open()) {
            // Fails only for one that is not in the page any more.
            (true, false) => _ = dialog.show_modal(),
            (false, true) => dialog.close(),
            _ => {}
        }
    });
    let heading = format!("{testid}-title");
    let labelled_by = heading.clone();
    view! {
        <dialog
            node_ref=dialog
            class=format!("dialog {class}")
            data-testid=testid
            aria-labelledby=labelled_by
            on:close=move |_| open.set(false)
            on:click=move |event| {
                // The backdrop belongs to the dialog. Enter on a button in it also is a click, at 0, 0.
                let Some(dialog) = dialog.get_untracked() else { return };
                if event.target().as_ref() == Some(dialog.as_ref()) && !is_inside(&dialog, &event) {
                    open.set(false);
                }
            }
        >
            <div class="dialog-header">
                <h2 id=heading>{move || t(app.lang.get(), title)}</h2>
                <button
                    type="button"
                    class="dialog-close"
                    data-testid=format!("{testid}-close")
                    aria-label=move || t(app.lang.get(), CommonText::Close)
                    on:click=move |_| open.set(false)
                >
                    <span aria-hidden="true">"✕"</span>
                </button>
            </div>
            // A region that scrolls must be reachable by keyboard.
            <div class="dialog-body" tabindex="0">
                // Built when it is first needed, and again when it is opened again.
                {move || open.get().then(|| children())}
            </div>
        </dialog>
    }
    .into_any()
}

fn is_inside(dialog: &HtmlDialogElement, event: &web_sys::MouseEvent) -> bool {
    let area = dialog.get_bounding_client_rect();
    let (x, y) = (f64::from(event.client_x()), f64::from(event.client_y()));
    (area.left()..=area.right()).contains(&x) && (area.top()..=area.bottom()).contains(&y)
}
