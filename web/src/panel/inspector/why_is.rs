//! Why a thing is as it is, beside its facts: what is, and on request the rules that it follows from; of a
//! partition also whom the last election considered, and how the log was cut. The answers and their
//! words are the engine's (`kafkascope_engine::explain`), the terminal says the same.

use super::parts::title;
use crate::app::App;
use crate::i18n::stage::InspectorText;
use crate::i18n::{Lang, say, t};
use crate::panel::throttle::Throttle;
use crate::view_model::Selection;
use kafkascope_engine::event::{Event, EventKind};
use kafkascope_engine::explain::election::{Considered, considered};
use kafkascope_engine::explain::partition::{About, Reason, why};
use kafkascope_engine::explain::record::{Fate, fate};
use kafkascope_engine::explain::{broker, quorum, read_replica};
use kafkascope_engine::ids::{ClientId, EventId, NodeId, TopicPartition};
use kafkascope_engine::script::describe::truncation_words;
use kafkascope_engine::script::words::broker as of_broker;
use kafkascope_engine::script::words::partition as of_partition;
use kafkascope_engine::script::words::quorum as of_quorum;
use kafkascope_engine::script::words::read_replica as of_read_replica;
use kafkascope_engine::script::words::record as of_record;
use leptos::prelude::*;

/// While time runs it is asked so often at most: it goes back through the events of the run.
const PAUSE_MS: u32 = 200;

#[derive(Clone, Debug, PartialEq)]
struct Found {
    answers: Vec<(About, Vec<Reason>, Option<EventId>)>,
    election: Option<(Event, Considered)>,
    cut: Option<Event>,
}

fn find(app: App, node: NodeId, id: &TopicPartition) -> Option<Found> {
    let position = app.view.with_untracked(|view| view.position);
    app.with_timeline(|timeline| {
        app.with_history(|history| {
            let answer = |about| {
                let reasons = why(timeline.cluster(), id, about)?;
                let event = history.last_about(position, id, about);
                Some((about, reasons, event.map(|event| event.id)))
            };
            let answers = About::ALL.into_iter().map(answer).collect::<Option<Vec<_>>>()?;
            let event = history.last_election(position, id);
            let election = event.and_then(|event| Some((event.clone(), considered(&event.kind)?)));
            let cut = history.last_cut(position, node, id).cloned();
            Some(Found { answers, election, cut })
        })
    })
}

/// Asks anew with every shown moment, but not too often.
fn asked<T: Clone + PartialEq + Send + Sync + 'static>(
    app: App,
    find: impl Fn() -> Option<T> + 'static,
) -> RwSignal<Option<T>> {
    let found = RwSignal::new(None::<T>);
    let ask = Throttle::new(PAUSE_MS, move || {
        let now = find();
        // The inspector may show something else by now.
        if found.try_get_untracked().is_some_and(|known| known != now) {
            found.set(now);
        }
    });
    Effect::new(move |_| {
        app.view.track();
        ask.ask();
    });
    found
}

pub fn why_is(app: App, node: NodeId, id: TopicPartition) -> AnyView {
    let found = asked(app, move || find(app, node, &id));
    let open = Opened::default();
    let body = move || {
        let lang = app.lang.get();
        let Found { answers, election, cut } = found.get()?;
        let answers = answers.into_iter().map(move |(about, reasons, event)| {
            let told = of_partition::told(&reasons, lang);
            let (testid, name) = name_of(about);
            let name = named(testid, lang, name);
            let extra = match about {
                About::Leader => {
                    election.as_ref().map(|(event, chose)| last_election(event, chose, lang))
                }
                _ => None,
            };
            block(app, lang, name, told, event, extra, open)
        });
        let cut = cut.map(|event| truncation(app, lang, &event));
        Some(view! { {answers.collect_view()} {cut} })
    };
    view! {
        {title(app, InspectorText::WhyIs)}
        <div class="why-is" data-testid="why-is">{body}</div>
    }
    .into_any()
}

fn name_of(about: About) -> (&'static str, InspectorText) {
    match about {
        About::HighWatermark => ("why-hw", InspectorText::HighWatermark),
        About::Isr => ("why-isr", InspectorText::Isr),
        About::Leader => ("why-leader", InspectorText::LeaderName),
        About::LeaderEpoch => ("why-leader-epoch", InspectorText::LeaderEpoch),
    }
}

fn rules_list(rules: Vec<(bool, String)>) -> AnyView {
    let rule =
        |(stands_out, words): (bool, String)| view! { <li class:is-kept=stands_out>{words}</li> };
    view! { <ul>{rules.into_iter().map(rule).collect_view()}</ul> }.into_any()
}

/// What was opened stays open while the answer changes.
type Opened = RwSignal<Vec<String>>;

/// One question: its test id, what it is about, the verdict with the rules, and the event that made it
/// so.
fn block(
    app: App,
    lang: Lang,
    (testid, name): (String, String),
    (verdict, rules): (String, Vec<(bool, String)>),
    event: Option<EventId>,
    extra: Option<AnyView>,
    open: Opened,
) -> AnyView {
    let (of_toggle, of_state) = (testid.clone(), testid.clone());
    let toggle = move |event: web_sys::MouseEvent| {
        // The element would open by itself, and close again when the answer changes.
        event.prevent_default();
        open.update(|open| match open.iter().position(|one| *one == of_toggle) {
            Some(at) => _ = open.remove(at),
            None => open.push(of_toggle.clone()),
        });
    };
    let go = move |_| {
        if let Some(event) = event {
            app.selection.set(Selection::Event(event));
        }
    };
    view! {
        <details class="why-not" data-testid=testid open=move || open.with(|open| open.contains(&of_state))>
            <summary on:click=toggle>
                <span class="eyebrow">{name}</span>
                <span class="why-not-verdict">{verdict}</span>
            </summary>
            {rules_list(rules)}
            {extra}
            {event.map(|_| view! {
                <button type="button" class="why-chain-link" on:click=go>{t(lang, InspectorText::ToEvents)}</button>
            })}
        </details>
    }
    .into_any()
}

fn last_election(event: &Event, election: &Considered, lang: Lang) -> AnyView {
    let (choice, candidates) = of_partition::considered(election, lang);
    let at = event.at;
    view! {
        <div class="election" data-testid="election">
            <p class="eyebrow">{say!(lang, "마지막 선출 · {at}", "The last election · {at}")}</p>
            <p class="election-choice">{choice}</p>
            {rules_list(candidates)}
        </div>
    }
    .into_any()
}

/// The last truncation, step by step: what was asked, what the leader answered, what was cut.
fn truncation(app: App, lang: Lang, event: &Event) -> AnyView {
    let EventKind::LogTruncated { from, to, reason, .. } = event.kind else {
        return ().into_any();
    };
    let (id, at, last) = (event.id, event.at, from - 1);
    let cut = match to < from {
        true => say!(
            lang,
            "오프셋 {to}–{last}을(를) 잘랐습니다. LEO는 {to}입니다.",
            "Offsets {to}–{last} were cut off; the LEO is {to}."
        ),
        false => say!(
            lang,
            "로그를 비우고 오프셋 {to}부터 다시 시작했습니다.",
            "The log was emptied and starts again at offset {to}."
        ),
    };
    view! {
        <div class="why-not truncation" data-testid="truncation">
            <p class="eyebrow">{t(lang, InspectorText::Truncation)} " · " {at.to_string()}</p>
            <ol>
                <li>{truncation_words(reason, lang)}</li>
                <li>{cut}</li>
            </ol>
            <button type="button" class="why-chain-link" on:click=move |_| app.seek_to_event(id)>
                {t(lang, InspectorText::SeeIt)}
            </button>
        </div>
    }
    .into_any()
}

/// The question beside a node: of a voter who is the active controller, of a broker whether it serves.
pub fn why_node(app: App, id: NodeId) -> AnyView {
    let found = asked(app, move || {
        let position = app.view.with_untracked(|view| view.position);
        app.with_timeline(|timeline| {
            let cluster = timeline.cluster();
            app.with_history(|history| {
                let voters: Vec<NodeId> = cluster.spec().voters().collect();
                let of_quorum = voters.contains(&id).then(|| {
                    let reasons = quorum::why(cluster);
                    let event = history.last(position, |event| {
                        quorum::is_made_by(&reasons[0], &event.kind, &voters)
                    });
                    let event = event.map(|event| event.id);
                    (reasons, event)
                });
                let of_broker = broker::why(cluster, id).map(|reasons| {
                    let event = history.last_of_node(position, id);
                    (reasons, event.map(|event| event.id))
                });
                Some((of_broker, of_quorum))
            })
        })
    });
    let open = Opened::default();
    let body = move || {
        let lang = app.lang.get();
        let (of_broker, of_quorum) = found.get()?;
        let broker = of_broker.map(|(reasons, event)| {
            let name = named("why-broker", lang, InspectorText::Standing);
            block(app, lang, name, of_broker::told(&reasons, lang), event, None, open)
        });
        let quorum = of_quorum.map(|(reasons, event)| {
            let name = named("why-quorum", lang, InspectorText::ActiveController);
            block(app, lang, name, of_quorum::told(&reasons, lang), event, None, open)
        });
        Some(view! { {broker} {quorum} })
    };
    view! {
        {title(app, InspectorText::WhyIs)}
        <div class="why-is">{body}</div>
    }
    .into_any()
}

fn named(testid: &str, lang: Lang, name: InspectorText) -> (String, String) {
    (testid.to_string(), t(lang, name).to_string())
}

/// The question beside a consumer: why it reads each partition where it does.
pub fn why_reads(app: App, client: ClientId) -> AnyView {
    let found = asked(app, move || {
        let position = app.view.with_untracked(|view| view.position);
        app.with_timeline(|timeline| {
            let cluster = timeline.cluster();
            let consumer = cluster.client(client)?.consumer()?;
            app.with_history(|history| {
                let answer = |id: &TopicPartition| {
                    let reasons = read_replica::why(cluster, client, id)?;
                    let event = history.last_read_replica(position, client, id);
                    Some((id.clone(), reasons, event.map(|event| event.id)))
                };
                Some(consumer.positions.keys().filter_map(answer).collect::<Vec<_>>())
            })
        })
    });
    let open = Opened::default();
    let body = move || {
        let lang = app.lang.get();
        let answer = move |(id, reasons, event): (TopicPartition, Vec<_>, _)| {
            let name = (format!("why-reads-{id}"), id.to_string());
            block(app, lang, name, of_read_replica::told(&reasons, lang), event, None, open)
        };
        Some(found.get()?.into_iter().map(answer).collect_view())
    };
    view! {
        <Show when=move || found.with(|found| found.as_ref().is_some_and(|all| !all.is_empty()))>
            {title(app, InspectorText::WhyReads)}
            <div class="why-is">{body}</div>
        </Show>
    }
    .into_any()
}

/// What has become of a record.
pub fn fate_of(app: App, id: TopicPartition, offset: i64) -> AnyView {
    let found = asked(app, move || {
        let position = app.view.with_untracked(|view| view.position);
        app.with_timeline(|timeline| {
            app.with_history(|history| {
                let past = history.until(position).iter().map(|noted| &noted.event);
                fate(timeline.cluster(), &id, offset, past)
            })
        })
    });
    let body = move || {
        let lang = app.lang.get();
        let fates: Vec<Fate> = found.get()?;
        let is_lost = matches!(fates.first(), Some(Fate::Lost { .. }));
        let (verdict, rows) = of_record::told(&fates, lang);
        Some(view! {
            <div class="why-not" data-testid="why-record">
                <p class="why-not-verdict" class:is-bad=is_lost>{verdict}</p>
                {rules_list(rows)}
            </div>
        })
    };
    view! {
        {title(app, InspectorText::FateTitle)}
        {body}
    }
    .into_any()
}
