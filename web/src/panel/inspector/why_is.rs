//! Why a partition is as it is, beside each fact: what is, and on request the rules that it follows
//! from, whom the last election considered, and how the log was cut. The answers and their words are
//! the engine's (`kafkascope_engine::explain`), the terminal says the same.

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
use kafkascope_engine::ids::{EventId, NodeId, TopicPartition};
use kafkascope_engine::script::describe::truncation_words;
use kafkascope_engine::script::words::partition as of_partition;
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
    // What was opened stays open while the answer changes.
    let open = RwSignal::new(Vec::<About>::new());
    let body = move || {
        let lang = app.lang.get();
        let Found { answers, election, cut } = found.get()?;
        let answers = answers.into_iter().map(move |(about, reasons, event)| {
            let told = of_partition::told(&reasons, lang);
            let extra = match about {
                About::Leader => {
                    election.as_ref().map(|(event, chose)| last_election(event, chose, lang))
                }
                _ => None,
            };
            block(app, lang, about, told, event, extra, open)
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

fn block(
    app: App,
    lang: Lang,
    about: About,
    (verdict, rules): (String, Vec<(bool, String)>),
    event: Option<EventId>,
    extra: Option<AnyView>,
    open: RwSignal<Vec<About>>,
) -> AnyView {
    let (testid, name) = name_of(about);
    let toggle = move |event: web_sys::MouseEvent| {
        // The element would open by itself, and close again when the answer changes.
        event.prevent_default();
        open.update(|open| match open.iter().position(|one| *one == about) {
            Some(at) => _ = open.remove(at),
            None => open.push(about),
        });
    };
    let go = move |_| {
        if let Some(event) = event {
            app.selection.set(Selection::Event(event));
        }
    };
    view! {
        <details class="why-not" data-testid=testid open=move || open.with(|open| open.contains(&about))>
            <summary on:click=toggle>
                <span class="eyebrow">{t(lang, name)}</span>
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
