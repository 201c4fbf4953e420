//! The open lesson: its head with the steps, the open step with its goals, and the bar below.

use super::desk::Desk;
use super::finish::finish_view;
use super::prediction::prediction_view;
use super::prose::{phrase_view, prose_view};
use super::solution::solution_view;
use crate::i18n::lesson::{LessonText, goals_of, hint_button, step_of};
use crate::i18n::t;
use kafkascope_engine::ids::EventId;
use kafkascope_lessons::lesson::{Mistake, Remark, StepGoal};
use kafkascope_lessons::{Lesson, Step};
use leptos::html;
use leptos::prelude::*;
use std::sync::Arc;
use wasm_bindgen::JsCast;

pub fn open_lesson(desk: Desk, lesson: Arc<Lesson>) -> AnyView {
    let top = NodeRef::<html::Div>::new();
    // A new step is read from its top; the keyboard goes along, but not on arrival.
    Effect::new(move |former: Option<usize>| {
        let step = desk.step.get();
        if let (Some(top), Some(former)) = (top.get(), former)
            && former != step
        {
            top.scroll_into_view();
            let heading = top.query_selector("h3").ok().flatten();
            if let Some(heading) =
                heading.and_then(|heading| heading.dyn_into::<web_sys::HtmlElement>().ok())
            {
                let _ = heading.focus();
            }
        }
        step
    });
    let page = {
        let lesson = lesson.clone();
        move || {
            let step = desk.step.get();
            if step < lesson.steps.len() {
                step_view(desk, lesson.clone(), step)
            } else {
                finish_view(desk, lesson.clone())
            }
        }
    };
    view! {
        <div class="lesson-page" node_ref=top>
            {head(desk, lesson.clone())}
            <div class="lesson-body">{page}</div>
            {foot(desk, lesson)}
        </div>
    }
    .into_any()
}

fn head(desk: Desk, lesson: Arc<Lesson>) -> AnyView {
    let app = desk.app;
    let title = lesson.title.clone();
    let count = lesson.steps.len();
    let place = move || step_of(app.lang.get(), (desk.step.get() + 1).min(count), count);
    let dots = (0..count).map(|index| dot(desk, &lesson, index)).collect_view();
    view! {
        <header class="lesson-header">
            <div class="lesson-eyebrow">
                <button type="button" class="link" data-testid="lesson-list" on:click=move |_| desk.close()>
                    <span aria-hidden="true">"‹ "</span>
                    {move || t(app.lang.get(), LessonText::AllLessons)}
                </button>
                <span data-testid="lesson-place">{place}</span>
            </div>
            <h2 data-testid="lesson-title">{move || title.get(app.lang.get()).to_string()}</h2>
            <ol class="lesson-steps" aria-label=move || t(app.lang.get(), LessonText::Steps)>{dots}</ol>
        </header>
    }
    .into_any()
}

/// A step in the progress bar: done, open, or to come.
fn dot(desk: Desk, lesson: &Lesson, index: usize) -> AnyView {
    let app = desk.app;
    let (id, title) = (lesson.steps[index].id.clone(), lesson.steps[index].title.clone());
    let done = Memo::new(move |_| desk.lesson_progress().done.contains(&id));
    let open = move || desk.step.get() == index;
    let label = move || {
        let lang = app.lang.get();
        let done = if done.get() {
            format!(" ({})", t(lang, LessonText::StepIsDone))
        } else {
            String::new()
        };
        format!("{}. {}{done}", index + 1, title.get(lang))
    };
    let label_again = label.clone();
    view! {
        <li>
            <button type="button" class="lesson-dot" data-testid=format!("lesson-dot-{}", index + 1)
                data-done=move || done.get().to_string() aria-current=move || open().then_some("step")
                aria-label=label title=label_again on:click=move |_| desk.turn_to(index)>
                <span aria-hidden="true">{move || if done.get() { "✓".to_string() } else { (index + 1).to_string() }}</span>
            </button>
        </li>
    }
    .into_any()
}

fn step_view(desk: Desk, lesson: Arc<Lesson>, index: usize) -> AnyView {
    let app = desk.app;
    let step = &lesson.steps[index];
    let title = step.title.clone();
    let remarks = step.remarks.iter().map(|remark| remark_view(desk, remark)).collect_view();
    let goals = step
        .goals
        .iter()
        .enumerate()
        .map(|(goal, what)| goal_view(desk, index, goal, what))
        .collect_view();
    view! {
        <article class="lesson-step" data-testid="lesson-step" data-step=step.id.to_string()>
            <h3 tabindex="-1">{move || title.get(app.lang.get()).to_string()}</h3>
            {other_run(desk, index)}
            {prose_view(desk, &step.text)}
            {prediction_view(desk, lesson.clone(), index)}
            <section class="lesson-goals">
                <h4>{move || t(app.lang.get(), LessonText::Goals)}</h4>
                <ul>{goals}</ul>
            </section>
            {hints(desk, step)}
            {solution_view(desk)}
            {actions(desk, lesson.clone(), index)}
            {remarks}
        </article>
    }
    .into_any()
}

/// The stage shows something that the step cannot go on from.
fn other_run(desk: Desk, index: usize) -> AnyView {
    let app = desk.app;
    let problem = Memo::new(move |_| {
        let earlier_open =
            || desk.standing.with(|standing| (0..index).any(|step| !standing.is_done(step)));
        if desk.loads_expected.get() > 0 {
            None
        } else if !desk.is_here.get() {
            Some((LessonText::Elsewhere, LessonText::BackToStep))
        } else if earlier_open() {
            Some((LessonText::EarlierOpen, LessonText::SkipToStep))
        } else {
            None
        }
    });
    view! {
        {move || problem.get().map(|(what, remedy)| view! {
            <div class="lesson-elsewhere" data-testid="lesson-elsewhere">
                <p>{move || t(app.lang.get(), what)}</p>
                <button type="button" class="button" data-testid="btn-bring-here" on:click=move |_| desk.bring_to(index)>
                    {move || t(app.lang.get(), remedy)}
                </button>
            </div>
        })}
    }
    .into_any()
}

/// A met goal leads back to its moment.
fn goal_view(desk: Desk, step: usize, goal: usize, what: &StepGoal) -> AnyView {
    let app = desk.app;
    let met = Memo::new(move |_| {
        desk.standing.with(|standing| standing.steps.get(step)?.goals.get(goal).copied().flatten())
    });
    let state = move || {
        if met.get().is_some() { LessonText::GoalMet } else { LessonText::GoalOpen }
    };
    let see = move |event: EventId| {
        view! {
            <button type="button" class="link" data-testid=format!("goal-{}-see", goal + 1) on:click=move |_| desk.see(event)>
                {move || t(app.lang.get(), LessonText::SeeMoment)}
            </button>
        }
    };
    view! {
        <li class="lesson-goal" data-testid=format!("goal-{}", goal + 1) data-done=move || met.get().is_some().to_string()>
            <span class="lesson-sign" role="img" aria-label=move || t(app.lang.get(), state())>
                {move || if met.get().is_some() { "✓" } else { "○" }}
            </span>
            <span>
                {phrase_view(desk, &what.text)}
                " "
                {move || met.get().map(see)}
            </span>
        </li>
    }
    .into_any()
}

fn remark_view(desk: Desk, remark: &Remark) -> AnyView {
    let app = desk.app;
    view! {
        <aside class="lesson-remark" data-testid="lesson-remark">
            <dl>
                <dt>{move || t(app.lang.get(), LessonText::NoteSays)}</dt>
                <dd>{phrase_view(desk, &remark.note)}</dd>
                <dt>{move || t(app.lang.get(), LessonText::KafkaDoes)}</dt>
                <dd>{phrase_view(desk, &remark.kafka)}</dd>
            </dl>
        </aside>
    }
    .into_any()
}

/// Mistakes that explain why the open step is not done.
fn mistakes(desk: Desk, lesson: Arc<Lesson>) -> AnyView {
    let made = Memo::new(move |_| {
        let step = desk.step.get();
        let made = desk
            .standing
            .with(|standing| standing.steps.get(step).map(|step| step.mistakes.clone()));
        (step, made.unwrap_or_default())
    });
    view! {
        <div role="status" class="lesson-mistakes">
            {move || {
                let (step, made) = made.get();
                made.into_iter().map(|(mistake, event)| {
                    mistake_view(desk, &lesson.steps[step].mistakes[mistake], event)
                }).collect_view()
            }}
        </div>
    }
    .into_any()
}

fn mistake_view(desk: Desk, mistake: &Mistake, event: EventId) -> AnyView {
    let app = desk.app;
    view! {
        <div class="lesson-mistake" data-testid=format!("mistake-{}", mistake.id)>
            <h4>
                <span aria-hidden="true">"! "</span>
                {move || t(app.lang.get(), LessonText::Mistake)}
            </h4>
            {prose_view(desk, &mistake.text)}
            <button type="button" class="button" data-testid="btn-rewind" on:click=move |_| desk.rewind_before(event)>
                {move || t(app.lang.get(), LessonText::Rewind)}
            </button>
        </div>
    }
    .into_any()
}

fn taken(desk: Desk, step: &Step) -> Memo<usize> {
    let id = step.id.clone();
    Memo::new(move |_| desk.lesson_progress().hints.get(&id).map_or(0, |taken| *taken as usize))
}

fn hints(desk: Desk, step: &Step) -> AnyView {
    let app = desk.app;
    let hints = step.hints.clone();
    let taken = taken(desk, step);
    view! {
        <section class="lesson-hints" data-testid="lesson-hints" hidden=move || taken.get() == 0>
            <h4>{move || t(app.lang.get(), LessonText::Hints)}</h4>
            <ol role="status">
                {move || hints.iter().take(taken.get()).map(|hint| {
                    view! { <li>{phrase_view(desk, hint)}</li> }
                }).collect_view()}
            </ol>
        </section>
    }
    .into_any()
}

fn actions(desk: Desk, lesson: Arc<Lesson>, index: usize) -> AnyView {
    let app = desk.app;
    let step = &lesson.steps[index];
    let (taken, count) = (taken(desk, step), step.hints.len());
    let none_left = move || taken.get() >= count;
    let take = {
        let lesson = lesson.clone();
        move || desk.take_hint(&lesson.steps[index])
    };
    view! {
        <div class="lesson-actions">
            <button type="button" class="button" data-testid="btn-hint" aria-disabled=move || none_left().to_string()
                on:click=move |_| take()>
                {move || hint_button(app.lang.get(), taken.get(), count)}
            </button>
            <button type="button" class="button" data-testid="btn-solution"
                title=move || t(app.lang.get(), LessonText::SolutionHint) on:click=move |_| desk.show_solution()>
                {move || t(app.lang.get(), LessonText::Solution)}
            </button>
            <button type="button" class="link" data-testid="btn-restart-step" on:click=move |_| desk.bring_to(index)>
                {move || t(app.lang.get(), LessonText::RestartStep)}
            </button>
            {restart(desk)}
        </div>
    }
    .into_any()
}

pub fn restart(desk: Desk) -> AnyView {
    view! {
        <button type="button" class="link" data-testid="btn-restart" on:click=move |_| desk.restart()>
            {move || t(desk.app.lang.get(), LessonText::RestartLesson)}
        </button>
    }
    .into_any()
}

/// What must not be missed, wherever in the text the learner is: it stays in sight.
fn foot(desk: Desk, lesson: Arc<Lesson>) -> AnyView {
    let app = desk.app;
    let count = lesson.steps.len();
    let at_end = move || desk.step.get() >= count;
    let turn = move |by: isize| desk.turn_to(desk.step.get_untracked().saturating_add_signed(by));
    let step_is_done = move || desk.standing.with(|standing| standing.is_done(desk.step.get()));
    let next_class = move || {
        if step_is_done() { "button primary" } else { "button" }
    };
    let next_text = move || {
        if desk.step.get() + 1 == count { LessonText::Finish } else { LessonText::NextStep }
    };
    view! {
        <footer class="lesson-foot">
            {mistakes(desk, lesson)}
            <p class="lesson-said" role="status" data-testid="lesson-said">
                {move || desk.said.get().map(|said| t(app.lang.get(), said))}
            </p>
            <div class="lesson-turn">
                <button type="button" class="button" data-testid="btn-prev-step"
                    aria-disabled=move || (desk.step.get() == 0).to_string() on:click=move |_| turn(-1)>
                    {move || t(app.lang.get(), LessonText::PrevStep)}
                </button>
                {tally(desk)}
                <button type="button" class=next_class data-testid="btn-next-step" hidden=at_end on:click=move |_| turn(1)>
                    {move || t(app.lang.get(), next_text())}
                </button>
                <button type="button" class="button primary" data-testid="btn-close-lesson" hidden=move || !at_end()
                    on:click=move |_| desk.close()>
                    {move || t(app.lang.get(), LessonText::AllLessons)}
                </button>
            </div>
        </footer>
    }
    .into_any()
}

/// The goals of the open step in brief.
fn tally(desk: Desk) -> AnyView {
    let app = desk.app;
    let met = Memo::new(move |_| {
        let step = desk.step.get();
        let goals =
            desk.standing.with(|standing| standing.steps.get(step).map(|step| step.goals.clone()));
        goals.unwrap_or_default().iter().map(Option::is_some).collect::<Vec<_>>()
    });
    let label = move || {
        met.with(|met| goals_of(app.lang.get(), met.iter().filter(|met| **met).count(), met.len()))
    };
    let sign =
        |met: bool| view! { <span data-done=met.to_string()>{if met { "✓" } else { "○" }}</span> };
    view! {
        <span class="lesson-tally" role="img" aria-label=label hidden=move || met.with(Vec::is_empty)>
            {move || met.get().into_iter().map(sign).collect_view()}
        </span>
    }
    .into_any()
}
