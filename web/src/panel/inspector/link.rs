//! A client, and a link.

use super::group::membership;
use super::parts::{Fact, Tone, fact, facts, head, title};
use super::why_is::why_reads;
use crate::app::App;
use crate::i18n::stage::{InspectorText, StageText};
use crate::i18n::t;
use crate::panel::why::Why;
use crate::view_model::ClientKindView;
use crate::view_model::inspect::record::shown;
use kafkascope_engine::ids::{Address, ClientId};
use kafkascope_engine::script::print::faults::link_fault_text;
use leptos::prelude::*;

/// How many records read last are listed.
const RECENT_MAX: usize = 8;

pub fn client(app: App, id: ClientId) -> AnyView {
    view! {
        {head(app, InspectorText::Client, move || app.view.with(|view| view.name_of(id.into())))}
        {facts(app, move || client_facts(app, id))}
        {super::producer::inside(app, id)}
        {membership(app, id)}
        {why_reads(app, id)}
        {recent(app, id)}
        <Why />
    }
    .into_any()
}

fn client_facts(app: App, id: ClientId) -> Vec<Fact> {
    let lang = app.lang.get();
    app.view.with(|view| {
        let Some(client) = view.client(id) else {
            return Vec::new();
        };
        match &client.kind {
            ClientKindView::Producer { waiting, in_flight, acknowledged, failed, .. } => vec![
                fact(InspectorText::Role, t(lang, StageText::Producer)),
                fact(InspectorText::Waiting, waiting),
                fact(InspectorText::InFlight, in_flight),
                fact(InspectorText::Acked, acknowledged).tone(Tone::Good),
                fact(InspectorText::Failed, failed).tone(if *failed > 0 {
                    Tone::Bad
                } else {
                    Tone::Plain
                }),
            ],
            ClientKindView::Consumer { topic, rack, positions, consumed, .. } => {
                let mut facts = vec![
                    fact(InspectorText::Role, t(lang, StageText::Consumer)),
                    fact(InspectorText::Topic, topic),
                    fact(InspectorText::Consumed, consumed),
                ];
                facts.extend(rack.as_ref().map(|rack| fact(InspectorText::Rack, rack)));
                for position in positions {
                    let offset =
                        position.offset.map_or("?".to_string(), |offset| offset.to_string());
                    let value = format!("{} @ {offset}", position.partition);
                    facts.push(fact(InspectorText::Offset, value));
                    let replica = position.read_replica;
                    facts.extend(replica.map(|node| fact(InspectorText::ReadReplica, node)));
                    let lag = fact(InspectorText::Lag, position.lag);
                    facts.push(if position.lag > 0 { lag.tone(Tone::Attention) } else { lag });
                }
                facts
            }
        }
    })
}

fn recent(app: App, id: ClientId) -> AnyView {
    let lines = Memo::new(move |_| {
        app.view.track();
        app.with_timeline(|timeline| {
            let consumer = timeline.cluster().client(id).and_then(|client| client.consumer());
            let text = |bytes: &Option<bytes::Bytes>| {
                bytes.as_ref().map_or("null".to_string(), |b| shown(b))
            };
            consumer.map_or(Vec::new(), |consumer| {
                let last = consumer.recent.iter().rev().take(RECENT_MAX);
                last.map(|r| {
                    format!("{} {}: {} = {}", r.partition, r.offset, text(&r.key), text(&r.value))
                })
                .collect()
            })
        })
    });
    view! {
        <Show when=move || lines.with(|lines| !lines.is_empty())>
            {title(app, InspectorText::LastRead)}
            <ul class="lines mono">
                {move || lines.get().into_iter().map(|line| view! { <li>{line}</li> }).collect_view()}
            </ul>
        </Show>
    }
    .into_any()
}

pub fn link(app: App, a: Address, b: Address) -> AnyView {
    let facts_of = move || {
        let lang = app.lang.get();
        app.view.with(|view| {
            let one_way = |from, to| {
                let (word, from, to) =
                    (t(lang, InspectorText::CutOne), view.name_of(from), view.name_of(to));
                format!("{word}: {from} → {to}")
            };
            let state = match (view.is_cut(a, b), view.is_cut(b, a)) {
                (false, false) => t(lang, InspectorText::Open).to_string(),
                (true, true) => t(lang, InspectorText::CutBoth).to_string(),
                (true, false) => one_way(a, b),
                (false, true) => one_way(b, a),
            };
            let is_open = !view.is_cut(a, b) && !view.is_cut(b, a);
            let tone = if is_open { Tone::Good } else { Tone::Bad };
            let on_it = view
                .envelopes
                .iter()
                .filter(|e| (e.from, e.to) == (a, b) || (e.from, e.to) == (b, a))
                .count();
            let mut facts = vec![
                fact(InspectorText::State, state).tone(tone),
                fact(InspectorText::Envelope, on_it),
            ];
            for ((from, to), api, fault) in &view.link_faults {
                if [(a, b), (b, a)].contains(&(*from, *to)) {
                    let way = format!("{} → {}", view.name_of(*from), view.name_of(*to));
                    let fault = link_fault_text(*api, *fault);
                    let fact = fact(InspectorText::BadLink, format!("{way} {fault}"));
                    facts.push(fact.tone(Tone::Attention));
                }
            }
            facts
        })
    };
    view! {
        {head(app, InspectorText::Link, move || app.view.with(|view| format!("{} — {}", view.name_of(a), view.name_of(b))))}
        {facts(app, facts_of)}
        <Why />
    }
    .into_any()
}
