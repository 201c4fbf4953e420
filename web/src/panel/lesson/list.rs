//! The list of lessons by chapter, each with how far the learner has come.

use super::desk::Desk;
use crate::i18n::lesson::{LessonText, done_of, minutes};
use crate::i18n::t;
use kafkascope_lessons::Lesson;
use kafkascope_lessons::lesson::Chapter;
use leptos::prelude::*;
use std::sync::Arc;

pub fn lesson_list(desk: Desk) -> AnyView {
    let app = desk.app;
    let library = desk.library.get_value();
    let chapters =
        library.chapters.iter().map(|chapter| chapter_view(desk, chapter)).collect_view();
    let refused = library.refused.clone();
    let refused = (!refused.is_empty()).then(|| {
        let sentences = move || {
            let lang = app.lang.get();
            refused.iter().map(|error| view! { <li>{error.sentence(lang)}</li> }).collect_view()
        };
        view! {
            <h3>{move || t(app.lang.get(), LessonText::SomeRefused)}</h3>
            <ul class="lesson-refused">{sentences}</ul>
        }
    });
    view! {
        <header class="lesson-header">
            <h2>{move || t(app.lang.get(), LessonText::Title)}</h2>
            <p class="lesson-quiet">{move || t(app.lang.get(), LessonText::Intro)}</p>
        </header>
        <div class="lesson-body">
            {chapters}
            {refused}
        </div>
    }
    .into_any()
}

fn chapter_view(desk: Desk, chapter: &Chapter) -> AnyView {
    let app = desk.app;
    let title = chapter.title.clone();
    let lessons = chapter.lessons.iter().map(|lesson| card(desk, lesson.clone())).collect_view();
    view! {
        <section class="lesson-chapter">
            <h3>{move || title.get(app.lang.get()).to_string()}</h3>
            <ul>{lessons}</ul>
        </section>
    }
    .into_any()
}

fn card(desk: Desk, lesson: Arc<Lesson>) -> AnyView {
    let app = desk.app;
    let count = lesson.steps.len();
    let progress = {
        let id = lesson.id.clone();
        Memo::new(move |_| desk.progress.with(|progress| progress.of(&id)))
    };
    let done = move || progress.with(|progress| progress.done.len()).min(count);
    let state = move || {
        progress.with(|progress| match (progress.finished, progress.open.is_some()) {
            (true, _) => LessonText::Again,
            (false, true) => LessonText::Continue,
            (false, false) => LessonText::Start,
        })
    };
    let said = {
        let minutes_needed = lesson.minutes;
        move || {
            let lang = app.lang.get();
            match (state(), done()) {
                (LessonText::Again, _) => t(lang, LessonText::Finished).to_string(),
                (_, 0) => minutes(lang, minutes_needed),
                (_, done) => done_of(lang, done, count),
            }
        }
    };
    let (title, summary) = (lesson.title.clone(), lesson.summary.clone());
    let label = {
        let title = lesson.title.clone();
        move || format!("{}: {}", t(app.lang.get(), state()), title.get(app.lang.get()))
    };
    let id = lesson.id.to_string();
    view! {
        <li class="lesson-card" data-lesson=id>
            <h4>{move || title.get(app.lang.get()).to_string()}</h4>
            <p>{move || summary.get(app.lang.get()).to_string()}</p>
            <div class="lesson-card-foot">
                <span class="lesson-quiet">{said}</span>
                <button type="button" class="button primary" data-testid="lesson-start" aria-label=label
                    on:click=move |_| desk.open(lesson.clone())>
                    {move || t(app.lang.get(), state())}
                </button>
            </div>
        </li>
    }
    .into_any()
}
