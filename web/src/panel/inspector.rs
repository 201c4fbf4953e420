//! The inspector: what is inside the selected thing at the shown moment, and why. One file for each
//! kind of thing; the causes are in [`super::why`].

mod broker;
mod cluster;
mod group;
mod link;
mod message;
mod partition;
mod parts;
mod producer;
mod quorum;
mod reassignment;
mod record;
mod ring;
mod why_is;
mod why_not;

pub use group::group_table;

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
        Selection::Nothing => cluster::cluster(app),
        Selection::Broker(id) => broker::broker(app, id),
        Selection::Replica { node, partition } => partition::replica(app, node, partition),
        Selection::Record { node, partition, offset } => {
            record::record(app, node, partition, offset)
        }
        Selection::Envelope(id) => message::envelope(app, id),
        Selection::Client(id) => link::client(app, id),
        Selection::Group(id) => group::group(app, id),
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
