//! The inspector: what is inside the selected thing at the shown moment, and why. One file for each
//! kind of thing; the causes are in [`super::why`].

mod broker;
mod link;
mod message;
mod partition;
mod parts;
mod quorum;
mod record;
mod why_not;

use crate::app::App;
use crate::i18n::stage::InspectorText;
use crate::i18n::t;
use crate::view_model::Selection;
use leptos::prelude::*;

#[component]
pub fn Inspector() -> impl IntoView {
    let app = expect_context::<App>();
    // What is shown changes its shape only with the selection; what it says follows the view.
    let body = move || match app.selection.get() {
        Selection::Nothing => nothing(app),
        Selection::Broker(id) => broker::broker(app, id),
        Selection::Replica { node, partition } => partition::replica(app, node, partition),
        Selection::Record { node, partition, offset } => {
            record::record(app, node, partition, offset)
        }
        Selection::Envelope(id) => message::envelope(app, id),
        Selection::Client(id) => link::client(app, id),
        Selection::Link(a, b) => link::link(app, a, b),
        Selection::Event(id) => message::event(app, id),
    };
    view! {
        <section class="inspector" data-testid="inspector" aria-label=move || t(app.lang.get(), InspectorText::Inspector)>
            {body}
        </section>
    }
    .into_any()
}

fn nothing(app: App) -> AnyView {
    view! {
        <div class="inspector-nothing">
            <svg viewBox="0 0 48 48" width="48" height="48" aria-hidden="true">
                <rect x="6" y="14" width="36" height="20" rx="6" />
                <path d="M18 14v20M30 14v20M27 28l12 10-5 .8-2 4.7z" />
            </svg>
            <h2>{move || t(app.lang.get(), InspectorText::NothingTitle)}</h2>
            <p>{move || t(app.lang.get(), InspectorText::NothingBody)}</p>
        </div>
    }
    .into_any()
}
