//! Why a record, or the oldest segment of a log, has not been deleted or compacted yet: every rule by
//! the name of Kafka's setting, and when it will go. The answers and their words are the engine's
//! (`kafkascope_engine::explain`).

use super::parts::title;
use crate::app::App;
use crate::i18n::stage::InspectorText;
use crate::i18n::t;
use crate::panel::throttle::Throttle;
use kafkascope_engine::explain::{Answer, Situation, why_not_compacted, why_not_deleted};
use kafkascope_engine::ids::{NodeId, TopicPartition};
use kafkascope_engine::script::words::explain::{Question, told};
use leptos::prelude::*;

/// While time runs it is asked so often at most: an answer may go over a copy of the whole log.
const PAUSE_MS: u32 = 300;

pub fn why_not(app: App, node: NodeId, id: TopicPartition, offset: Option<i64>) -> AnyView {
    let answers = RwSignal::new(None::<[Answer; 2]>);
    let ask = Throttle::new(PAUSE_MS, move || {
        let found = app.with_timeline(|timeline| {
            let situation = Situation::of(timeline.cluster(), node, &id)?;
            Some([why_not_deleted(&situation, offset), why_not_compacted(&situation, offset)])
        });
        // The inspector may show something else by now.
        if answers.try_get_untracked().is_some_and(|known| known != found) {
            answers.set(found);
        }
    });
    Effect::new(move |_| {
        app.view.track();
        ask.ask();
    });
    let body = move || match answers.get() {
        Some([deleted, compacted]) => view! {
            {answer(app, InspectorText::Deletion, Question::NotDeleted, &deleted)}
            {answer(app, InspectorText::Compaction, Question::NotCompacted, &compacted)}
        }
        .into_any(),
        None => {
            view! { <p class="quiet">{t(app.lang.get(), InspectorText::NoProcess)}</p> }.into_any()
        }
    };
    view! {
        {title(app, InspectorText::WhyNot)}
        <div data-testid="why-not">{body}</div>
    }
    .into_any()
}

fn answer(app: App, name: InspectorText, question: Question, answer: &Answer) -> AnyView {
    let lang = app.lang.get();
    let (verdict, rules) = told(question, answer, lang);
    let rule = |(keeps, words): (bool, String)| {
        view! {
            <li class:is-kept=keeps>
                {keeps.then(|| view! { <span class="visually-hidden">{t(lang, InspectorText::Keeps)} ": "</span> })}
                {words}
            </li>
        }
    };
    let id = match question {
        Question::NotDeleted => "why-not-deleted",
        Question::NotCompacted => "why-not-compacted",
    };
    view! {
        <div class="why-not" data-testid=id>
            <p class="eyebrow">{t(lang, name)}</p>
            <p class="why-not-verdict" class:will-go=answer.at.is_some()>{verdict}</p>
            <ul>{rules.into_iter().map(rule).collect_view()}</ul>
        </div>
    }
    .into_any()
}
