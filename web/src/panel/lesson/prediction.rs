//! Predict, then see: the learner commits to an answer first. A wrong one is told why and may be
//! followed by another; the right one, found or shown, comes with its explanation.

use super::desk::Desk;
use super::prose::phrase_view;
use crate::i18n::lesson::LessonText;
use crate::i18n::t;
use kafkascope_lessons::Lesson;
use kafkascope_lessons::lesson::{Choice, Prediction};
use kafkascope_lessons::progress::PredictionProgress;
use leptos::prelude::*;
use std::sync::Arc;

pub fn prediction_view(desk: Desk, lesson: Arc<Lesson>, index: usize) -> AnyView {
    let step = &lesson.steps[index];
    let Some(prediction) = step.prediction.clone() else {
        return ().into_any();
    };
    let app = desk.app;
    let id = step.id.clone();
    let progress = Memo::new(move |_| {
        desk.lesson_progress().predictions.get(&id).cloned().unwrap_or_default()
    });
    let picked = RwSignal::new(None::<usize>);
    let choices = prediction
        .choices
        .iter()
        .enumerate()
        .map(|(number, choice)| choice_view(desk, number, choice, &prediction, progress, picked))
        .collect_view();
    let check = {
        let lesson = lesson.clone();
        move |_| {
            if let Some(choice) = picked.get_untracked() {
                desk.choose(&lesson.steps[index], choice);
                picked.set(None);
            }
        }
    };
    let reveal = {
        let lesson = lesson.clone();
        move |_| desk.reveal(&lesson.steps[index])
    };
    let revealed = move || progress.with(|progress| progress.revealed);
    let tried = move || progress.with(|progress| !progress.chosen.is_empty());
    view! {
        <fieldset class="lesson-prediction" data-testid="prediction" data-revealed=move || revealed().to_string()>
            <legend>{move || t(app.lang.get(), LessonText::Predict)}</legend>
            <p class="lesson-question">{phrase_view(desk, &prediction.question)}</p>
            {choices}
            <div class="lesson-actions" hidden=revealed>
                <button type="button" class="button primary" data-testid="btn-predict"
                    aria-disabled=move || picked.get().is_none().to_string() on:click=check>
                    {move || t(app.lang.get(), LessonText::CheckPrediction)}
                </button>
                <button type="button" class="button quiet" data-testid="btn-reveal" hidden=move || !tried() on:click=reveal>
                    {move || t(app.lang.get(), LessonText::Reveal)}
                </button>
            </div>
            {evidence(desk, index, progress)}
        </fieldset>
    }
    .into_any()
}

fn choice_view(
    desk: Desk,
    number: usize,
    choice: &Choice,
    prediction: &Prediction,
    progress: Memo<PredictionProgress>,
    picked: RwSignal<Option<usize>>,
) -> AnyView {
    let app = desk.app;
    let right = prediction.right == number;
    let feedback = choice.feedback.clone();
    // What the learner knows of this choice by now.
    let verdict = move || {
        progress.with(|progress| {
            match (right, progress.revealed, progress.chosen.contains(&number)) {
                (true, true, _) => Some(LessonText::RightChoice),
                (false, _, true) => Some(LessonText::WrongChoice),
                _ => None,
            }
        })
    };
    let state = move || match verdict() {
        Some(LessonText::RightChoice) => "right",
        Some(_) => "wrong",
        None => "open",
    };
    let closed = move || verdict().is_some() || progress.with(|progress| progress.revealed);
    let sign = move || match state() {
        "right" => "✓",
        "wrong" => "✕",
        _ => "",
    };
    view! {
        <div class="lesson-choice" data-state=state>
            <label data-testid=format!("prediction-choice-{}", number + 1)>
                <input type="radio" name="prediction" disabled=closed
                    prop:checked=move || picked.get() == Some(number)
                    on:change=move |_| picked.set(Some(number)) />
                <span class="lesson-sign" aria-hidden="true">{sign}</span>
                <span>{phrase_view(desk, &choice.text)}</span>
            </label>
            <div class="lesson-feedback" role="status">
                {move || verdict().map(|verdict| view! {
                    <p>
                        <b>{move || t(app.lang.get(), verdict)}</b>
                        " "
                        {phrase_view(desk, &feedback)}
                    </p>
                })}
            </div>
        </div>
    }
    .into_any()
}

/// Once the answer is known: the run has shown it, and where.
fn evidence(desk: Desk, step: usize, progress: Memo<PredictionProgress>) -> AnyView {
    let app = desk.app;
    let seen = Memo::new(move |_| {
        let revealed = progress.with(|progress| progress.revealed);
        desk.standing.with(|standing| standing.steps.get(step)?.evidence).filter(|_| revealed)
    });
    view! {
        {move || seen.get().map(|event| view! {
            <p class="lesson-evidence" data-testid="prediction-evidence">
                {move || t(app.lang.get(), LessonText::Evidence)}
                " "
                <button type="button" class="link" on:click=move |_| desk.see(event)>
                    {move || t(app.lang.get(), LessonText::SeeMoment)}
                </button>
            </p>
        })}
    }
    .into_any()
}
