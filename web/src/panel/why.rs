//! Why: the chain of causes from what is selected back to the command it comes from, through silence as
//! well, each one a way to its moment.

use crate::app::App;
use crate::i18n::stage::InspectorText;
use crate::i18n::t;
use crate::view_model::Selection;
use kafkascope_engine::event::{Event, EventKind, GroupEvent};
use kafkascope_engine::explain::silence::{Link, chain};
use kafkascope_engine::ids::{Address, EventId};
use kafkascope_engine::script::sentence;
use leptos::prelude::*;

/// Causes beyond these are left out in the middle of a very long chain.
const SHOWN_MAX: usize = 40;

/// The event whose causes answer "why?" for what is selected.
fn event_of(app: App, selection: &Selection) -> Option<EventId> {
    let position = app.view.with_untracked(|view| view.position);
    if let Selection::Event(id) = selection {
        return Some(*id);
    }
    if let Selection::Envelope(id) = selection {
        return app
            .with_timeline(|timeline| timeline.cluster().envelope(*id).map(|e| e.sent_event));
    }
    app.with_history(|history| {
        let found = match selection {
            Selection::Broker(node) => history.last_of_node(position, *node),
            Selection::Replica { node, partition } => {
                history.last_of_replica(position, *node, partition)
            }
            Selection::Record { node, partition, offset } => {
                history.append_of(position, *node, partition, *offset)
            }
            Selection::Client(id) => {
                history.last(position, |event| event.place == Address::Client(*id))
            }
            Selection::Group(id) => history.last(position, |event| match &event.kind {
                EventKind::Group(GroupEvent::StateChanged { group, .. }) => group == id,
                _ => false,
            }),
            Selection::Link(a, b) => history.last(position, |event| is_about_link(event, *a, *b)),
            _ => None,
        };
        found.map(|event| event.id)
    })
}

fn is_about_link(event: &Event, a: Address, b: Address) -> bool {
    match &event.kind {
        EventKind::Commanded { command } => command.parts(a, b) || command.joins(a, b),
        _ => false,
    }
}

#[component]
pub fn Why() -> impl IntoView {
    let app = expect_context::<App>();
    let of = Memo::new(move |_| {
        // In another branch the same number may be another event.
        let branches = app.view.with(|view| view.branches.len());
        (app.selection.with(|selection| event_of(app, selection)), branches)
    });
    // The chain of one event never changes within a run, so it is walked once.
    let chain = Memo::new(move |_| {
        let mut chain = of.get().0.map(|id| causes(app, id)).unwrap_or_default();
        if chain.len() > SHOWN_MAX {
            chain.drain(SHOWN_MAX - 8..chain.len() - 8);
        }
        chain
    });
    view! {
        <section class="why" data-testid="why">
            <h3>{move || t(app.lang.get(), InspectorText::WhyTitle)}</h3>
            <Show
                when=move || chain.with(|chain| !chain.is_empty())
                fallback=move || view! { <p class="quiet">{move || t(app.lang.get(), InspectorText::WhyEmpty)}</p> }
            >
                <ol class="why-chain">
                    <For each=move || chain.get() key=|link| link.event.id let:link>
                        {entry(app, link)}
                    </For>
                </ol>
            </Show>
        </section>
    }
    .into_any()
}

/// Back to the command, through silence as well.
fn causes(app: App, id: EventId) -> Vec<Link> {
    app.with_timeline(|timeline| {
        app.with_history(|history| chain(id, |id| timeline.event(id), |id| history.before(id)))
    })
}

fn entry(app: App, Link { event, is_silence }: Link) -> AnyView {
    let (id, at) = (event.id, event.at.to_string());
    let is_command = matches!(event.kind, EventKind::Commanded { .. });
    let words = {
        let event = event.clone();
        move || {
            let lang = app.lang.get();
            app.with_timeline(|timeline| sentence(&event, timeline.cluster(), lang))
        }
    };
    let note = move || {
        let lang = app.lang.get();
        match (is_command, event.cause) {
            (true, _) => Some(t(lang, InspectorText::YourCommand)),
            (false, _) if is_silence => Some(t(lang, InspectorText::Silence)),
            (false, None) => Some(t(lang, InspectorText::FirstStart)),
            _ => None,
        }
    };
    view! {
        <li class:is-command=is_command class:is-silence=is_silence>
            <button type="button" class="why-link" data-testid=format!("why-{}", id.0)
                aria-current=move || app.selection.with(|s| *s == Selection::Event(id)).then_some("true")
                on:click=move |_| app.seek_to_event(id)>
                <time>{at}</time>
                <span>{words}</span>
                {move || note().map(|note| view! { <em>{note}</em> })}
            </button>
        </li>
    }
    .into_any()
}
