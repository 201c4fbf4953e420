//! The last page of a lesson: what to take along, or which steps are still open.

use super::desk::Desk;
use super::prose::prose_view;
use super::step::restart;
use crate::i18n::lesson::LessonText;
use crate::i18n::t;
use kafkascope_lessons::Lesson;
use leptos::prelude::*;
use std::sync::Arc;

pub fn finish_view(desk: Desk, lesson: Arc<Lesson>) -> AnyView {
    let left = {
        let lesson = lesson.clone();
        Memo::new(move |_| {
            let progress = desk.lesson_progress();
            let open = lesson
                .steps
                .iter()
                .enumerate()
                .filter(|(_, step)| !progress.done.contains(&step.id));
            open.map(|(index, _)| index).collect::<Vec<_>>()
        })
    };
    view! {
        {move || if left.with(Vec::is_empty) {
            finished(desk, &lesson)
        } else {
            still_open(desk, &lesson, left.get())
        }}
    }
    .into_any()
}

fn finished(desk: Desk, lesson: &Lesson) -> AnyView {
    let app = desk.app;
    view! {
        <section class="lesson-finished" data-testid="lesson-finished">
            <p class="lesson-finished-sign" aria-hidden="true">"✓"</p>
            <h3 tabindex="-1">{move || t(app.lang.get(), LessonText::FinishedTitle)}</h3>
            {prose_view(desk, &lesson.closing)}
            {restart(desk)}
        </section>
    }
    .into_any()
}

fn still_open(desk: Desk, lesson: &Lesson, left: Vec<usize>) -> AnyView {
    let app = desk.app;
    let item = |index: usize| {
        let title = lesson.steps[index].title.clone();
        view! {
            <li>
                <button type="button" class="link" on:click=move |_| desk.turn_to(index)>
                    {move || format!("{}. {}", index + 1, title.get(app.lang.get()))}
                </button>
            </li>
        }
    };
    view! {
        <section data-testid="lesson-left">
            <h3 tabindex="-1">{move || t(app.lang.get(), LessonText::LeftTitle)}</h3>
            <ul>{left.into_iter().map(item).collect_view()}</ul>
        </section>
    }
    .into_any()
}
