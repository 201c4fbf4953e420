//! The delivery ledger: how values go from producers into the log and on to each reader, drawn as a bar for
//! each way; what is lost or came twice is marked, and opens its why.

use super::dialog::Modal;
use crate::app::App;
use crate::i18n::ledger::{self as text, LedgerText};
use crate::i18n::{Lang, t};
use crate::view_model::ledger::{IncidentView, LedgerView, Passage, TopicLedger};
use kafkascope_engine::ledger::promise::Guarantee;
use kafkascope_engine::script::words::ledger as words;
use leptos::prelude::*;

#[component]
pub fn LedgerDialog() -> impl IntoView {
    let app = expect_context::<App>();
    view! {
        <Modal open=app.ledger_open title=LedgerText::Title testid="ledger">
            <p class="dialog-lead">{move || t(app.lang.get(), LedgerText::Lead)}</p>
            {content(app)}
        </Modal>
    }
    .into_any()
}

fn content(app: App) -> AnyView {
    let ledger = Memo::new(move |_| {
        app.view.track();
        app.with_timeline(|timeline| LedgerView::of(timeline.cluster()))
    });
    let shown = move || {
        let (lang, LedgerView { topics, incidents }) = (app.lang.get(), ledger.get());
        if topics.is_empty() {
            return view! { <p class="quiet">{t(lang, LedgerText::Empty)}</p> }.into_any();
        }
        view! {
            {topics.into_iter().map(|topic| topic_view(topic, lang)).collect_view()}
            {incidents_view(app, incidents, lang)}
        }
        .into_any()
    };
    shown.into_any()
}

fn topic_view(topic: TopicLedger, lang: Lang) -> AnyView {
    let into_log = t(lang, LedgerText::IntoLog).to_string();
    let readers = topic
        .readers
        .into_iter()
        .map(|(name, passage)| passage_view(text::to_reader(lang, &name), passage, true, lang));
    view! {
        <section class="ledger-topic" data-testid="ledger-topic">
            <h3>{topic.topic.to_string()}</h3>
            {passage_view(into_log, topic.write, false, lang)}
            {readers.collect_view()}
        </section>
    }
    .into_any()
}

fn passage_view(title: String, passage: Passage, is_reader: bool, lang: Lang) -> AnyView {
    let word = |key: LedgerText, count: u64| format!("{} {count}", t(lang, key));
    let numbers = match is_reader {
        true => [
            word(LedgerText::Delivered, passage.delivered),
            word(LedgerText::Processed, passage.done),
        ],
        false => [word(LedgerText::Produced, passage.all), word(LedgerText::Written, passage.done)],
    };
    let marks = [
        ("lost", LedgerText::Lost, passage.lost),
        ("twice", LedgerText::Twice, passage.again),
        ("failed", LedgerText::Failed, passage.failed),
        ("open", LedgerText::NotYet, passage.open),
    ];
    let mark = |(name, key, count): (&'static str, LedgerText, u64)| {
        (count > 0).then(|| {
            view! { <span class="ledger-mark" data-mark=name>{word(key, count)}</span> }
        })
    };
    let seen = Guarantee::of(passage.lost + passage.lost_before > 0, passage.again > 0);
    let promise = &passage.promise;
    let kept = (promise.may_lose() || passage.lost + passage.lost_before == 0)
        && (promise.may_repeat() || passage.again == 0);
    let doubts = promise.doubts.iter().map(|doubt| {
        view! { <li>{words::doubt(*doubt, lang)}</li> }
    });
    view! {
        <div class="ledger-passage" data-testid="ledger-passage">
            <p class="ledger-head">
                <span>{title}</span>
                <span class="ledger-numbers">{numbers.join(" → ")}</span>
            </p>
            {bar(&passage)}
            <p class="ledger-marks">{marks.map(mark).collect_view()}</p>
            <dl class="ledger-words">
                <dt>{t(lang, LedgerText::Promised)}</dt>
                <dd>{words::guarantee(promise.guarantee(), lang)}<ul>{doubts.collect_view()}</ul></dd>
                <dt>{t(lang, LedgerText::Seen)}</dt>
                <dd data-kept=kept.to_string()>{words::seen(seen, lang)}</dd>
            </dl>
        </div>
    }
    .into_any()
}

/// What of the values came through, one length for each fate. It says nothing that the words do not.
fn bar(passage: &Passage) -> AnyView {
    let all = passage.all.max(1);
    let once = passage.done.saturating_sub(passage.again);
    let parts = [
        ("once", once),
        ("twice", passage.done - once),
        ("lost", passage.lost),
        ("failed", passage.failed),
        ("open", passage.open),
    ];
    let part = |(name, count): (&'static str, u64)| {
        // Whatever there is can be seen.
        (count > 0).then(|| {
            let style = format!("flex: {count} 0 {}px", if count * 100 < all { 4 } else { 0 });
            view! { <span data-part=name style=style></span> }
        })
    };
    view! { <div class="ledger-bar" aria-hidden="true">{parts.map(part).collect_view()}</div> }
        .into_any()
}

fn incidents_view(app: App, incidents: Vec<IncidentView>, lang: Lang) -> AnyView {
    if incidents.is_empty() {
        return view! { <p class="quiet">{t(lang, LedgerText::NoIncidents)}</p> }.into_any();
    }
    let each = incidents.into_iter().map(|incident| {
        let told = incident.words(lang);
        let when = incident.event.map(|(event, at)| {
            let go = move |_| {
                app.ledger_open.set(false);
                app.tab.set(crate::app::Tab::Stage);
                app.seek_to_event(event);
            };
            view! {
                <button type="button" class="button quiet" data-testid="ledger-go" on:click=go>
                    <time>{at.to_string()}</time> {t(lang, LedgerText::GoThere)}
                </button>
            }
        });
        view! { <li class="ledger-incident" data-testid="ledger-incident"><p>{told}</p>{when}</li> }
    });
    view! {
        <section class="ledger-topic">
            <h3>{t(lang, LedgerText::Incidents)}</h3>
            <ul class="ledger-incidents">{each.collect_view()}</ul>
        </section>
    }
    .into_any()
}
