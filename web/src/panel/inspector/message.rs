//! A message on its way, with its fields by Kafka's names; and an event of the past.

use super::parts::{Fact, fact, facts, head};
use crate::app::App;
use crate::compare::Other;
use crate::i18n::monitors::CompareText;
use crate::i18n::stage::InspectorText;
use crate::i18n::t;
use crate::panel::why::Why;
use crate::view_model::Content;
use crate::view_model::inspect::message::{MessageField, fields};
use kafkascope_engine::compare::Change;
use kafkascope_engine::event::{Direction, EventKind};
use kafkascope_engine::ids::{EnvelopeId, EventId};
use kafkascope_engine::protocol::KafkaError;
use kafkascope_engine::script::sentence;
use kafkascope_engine::script::words::kafka_error::meaning;
use leptos::prelude::*;

pub fn envelope(app: App, id: EnvelopeId) -> AnyView {
    // Its name stays when it has arrived.
    let name =
        app.view.with_untracked(|view| view.envelope(id).map(|envelope| envelope.api.name()));
    let fields = Memo::new(move |_| {
        app.view.track();
        app.with_timeline(|timeline| {
            timeline.cluster().envelope(id).map(|envelope| fields(&envelope.body))
        })
        .unwrap_or_default()
    });
    let row = |field: MessageField| {
        view! {
            <li style=format!("--depth:{}", field.depth)>
                <span>{field.name}</span>
                <span class="mono">{field.value}</span>
            </li>
        }
    };
    view! {
        {head(app, InspectorText::Envelope, move || name.unwrap_or_default().to_string())}
        {facts(app, move || envelope_facts(app, id))}
        {what_if_lost(app, id)}
        {why_error(app, move || app.view.with(|view| match view.envelope(id)?.content {
            Content::Error(error) => Some(error),
            _ => None,
        }))}
        <ul class="message-fields">{move || fields.get().into_iter().map(row).collect_view()}</ul>
        <Why />
    }
    .into_any()
}

/// The same run without it, beside this one.
fn what_if_lost(app: App, id: EnvelopeId) -> AnyView {
    let sent_at = Memo::new(move |_| {
        app.view.with(|view| view.envelope(id).map(|envelope| envelope.sent_at))
    });
    let compare = move |_| {
        if let Some(sent_at) = sent_at.get_untracked() {
            app.compare.begin(app, Other::Change(Change::of_drop(id, sent_at)));
        }
    };
    view! {
        <Show when=move || sent_at.get().is_some()>
            <button type="button" class="button" data-testid="what-if-lost" on:click=compare>
                {move || t(app.lang.get(), CompareText::WhatIfLost)}
            </button>
        </Show>
    }
    .into_any()
}

fn envelope_facts(app: App, id: EnvelopeId) -> Vec<Fact> {
    let lang = app.lang.get();
    app.view.with(|view| {
        let Some(envelope) = view.envelope(id) else {
            return Vec::new();
        };
        let kind = match envelope.direction {
            _ if envelope.is_reset => InspectorText::Reset,
            Direction::Request => InspectorText::Request,
            Direction::Response => InspectorText::Response,
        };
        vec![
            fact(InspectorText::Direction, t(lang, kind)),
            fact(InspectorText::From, view.name_of(envelope.from)),
            fact(InspectorText::To, view.name_of(envelope.to)),
            fact(InspectorText::SentAt, envelope.sent_at),
            fact(InspectorText::DeliverAt, envelope.deliver_at),
        ]
    })
}

pub fn event(app: App, id: EventId) -> AnyView {
    let event = app.with_timeline(|timeline| timeline.event(id));
    let Some(event) = event else {
        return view! { <p class="quiet">{move || t(app.lang.get(), InspectorText::Gone)}</p> }
            .into_any();
    };
    let (at, place) = (event.at, event.place);
    let error = error_of(&event.kind);
    let words = move || {
        let lang = app.lang.get();
        app.with_timeline(|timeline| sentence(&event, timeline.cluster(), lang))
    };
    let facts_of = move || {
        let place = app.view.with(|view| view.name_of(place));
        vec![fact(InspectorText::Time, at), fact(InspectorText::Place, place)]
    };
    view! {
        {head(app, InspectorText::Event, move || id.to_string())}
        <p class="event-words">{words}</p>
        {facts(app, facts_of)}
        {why_error(app, move || error)}
        <Why />
    }
    .into_any()
}

fn error_of(kind: &EventKind) -> Option<KafkaError> {
    match kind {
        EventKind::ProduceAnswered { error, .. } | EventKind::ProduceRetried { error, .. } => {
            *error
        }
        EventKind::RecordFailed { error, .. }
        | EventKind::ElectionRefused { error, .. }
        | EventKind::AlterPartitionRefused { error, .. } => Some(*error),
        _ => None,
    }
}

/// The rule behind an error.
fn why_error(app: App, error: impl Fn() -> Option<KafkaError> + Send + Sync + 'static) -> AnyView {
    let words = move || {
        let (lang, error) = (app.lang.get(), error()?);
        let meaning = meaning(error, lang)?;
        Some(view! {
            <div class="why-not" data-testid="why-error">
                <p class="eyebrow">{error.to_string()}</p>
                <p class="why-not-verdict">{meaning}</p>
            </div>
        })
    };
    words.into_any()
}
