//! The stage: the cluster as a picture. SVG in layers, one file each: links, nodes with their logs,
//! clients, envelopes; and an HTML layer for the actions of what is selected. Where things stand
//! is computed in [`crate::view_model::layout`]; what they are is the published view.
//!
//! Envelopes move without signals: before each frame their place is computed from the shown moment
//! and written to the element.

mod actions;
mod cells;
mod clients;
mod copying;
mod envelopes;
mod epochs;
mod groups;
mod leaving;
mod links;
pub mod logs;
mod marks;
mod members;
mod nodes;
mod rove;
pub mod shapes;
mod tag;

pub use groups::state_words;
pub use logs::{role_letter, role_text, trouble_name};
pub use members::class_of;
pub use nodes::state_text;
pub use shapes::epoch_class;

use crate::app::App;
use crate::i18n::stage::StageText;
use crate::i18n::t;
use crate::view_model::Selection;
use crate::view_model::layout::Layout;
use leptos::html;
use leptos::prelude::*;
use std::sync::Arc;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;

/// What the layers share.
#[derive(Clone, Copy)]
pub struct StageContext {
    pub layout: Memo<Arc<Layout>>,
    pub links: Memo<Vec<links::LinkState>>,
    pub notes: Memo<Vec<tag::Note>>,
}

#[component]
pub fn Stage() -> impl IntoView {
    let app = expect_context::<App>();
    let frame = NodeRef::<html::Div>::new();
    let size = RwSignal::new((688.0, 540.0));
    watch_size(frame, size);
    let layout = Memo::new(move |_| {
        let (width, height) = size.get();
        app.view.with(|view| Arc::new(Layout::of(view, width, height)))
    });
    let looked_at = Memo::new(move |_| app.selection.with(|s| s.partition().cloned()));
    Effect::new(move |_| app.look_at(looked_at.get()));
    let (links, notes) = (links::states(app, layout), tag::notes(app));
    provide_context(StageContext { layout, links, notes });
    let extent = Memo::new(move |_| layout.with(|layout| (layout.width, layout.height)));
    let clear = move |event: web_sys::MouseEvent| {
        let target: web_sys::Element = event_target(&event);
        if target.class_list().contains("stage-ground") {
            app.selection.set(Selection::Nothing);
            app.actions_open.set(false);
        }
    };
    view! {
        <div
            class="stage"
            data-testid="stage"
            data-position=move || app.view.with(|view| view.position)
            data-now=move || app.view.with(|view| view.now.0)
            data-stacked=move || layout.with(|layout| layout.stacked.to_string())
            node_ref=frame
        >
            <div
                class="stage-scroll"
                role="application"
                aria-label=move || t(app.lang.get(), StageText::Stage)
                on:keydown=rove::on_keydown
                on:click=clear
            >
                <svg
                    class="stage-picture stage-ground"
                    width=move || extent.get().0
                    height=move || extent.get().1
                >
                    <groups::Groups />
                    <links::Links />
                    <nodes::Nodes />
                    <clients::Clients />
                    <envelopes::Envelopes />
                    <links::Handles />
                </svg>
                <actions::Actions />
            </div>
        </div>
    }
    .into_any()
}

/// Keeps `size` at the room there is.
fn watch_size(frame: NodeRef<html::Div>, size: RwSignal<(f64, f64)>) {
    let measure = move || {
        if let Some(frame) = frame.get_untracked() {
            let now = (f64::from(frame.client_width()), f64::from(frame.client_height()));
            // A hidden stage keeps its last size.
            if now.0 > 0.0 && now.1 > 0.0 && size.get_untracked() != now {
                size.set(now);
            }
        }
    };
    frame.on_load(move |element| {
        measure();
        let callback = Closure::<dyn FnMut()>::new(measure);
        if let Ok(observer) = web_sys::ResizeObserver::new(callback.as_ref().unchecked_ref()) {
            observer.observe(&element);
        }
        // Lives as long as the page does.
        callback.forget();
    });
}
