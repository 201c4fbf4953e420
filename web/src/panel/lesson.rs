//! The lesson panel: the list of lessons, or the one on the desk. What a learner has done and how the
//! run is judged is kept by the [`Desk`]; what lessons say and ask is in the lessons crate.

mod desk;
mod finish;
mod list;
mod prediction;
mod prose;
mod solution;
mod step;
mod store;

use crate::app::App;
use crate::i18n::lesson::LessonText;
use crate::i18n::t;
use desk::{Desk, Trouble};
use leptos::prelude::*;

#[component]
pub fn LessonPanel() -> impl IntoView {
    let desk = Desk::new(expect_context::<App>());
    view! {
        <section class="lesson" data-testid="lesson">
            {trouble(desk)}
            {move || match desk.lesson.get() {
                None => list::lesson_list(desk),
                Some(lesson) => step::open_lesson(desk, lesson),
            }}
        </section>
    }
    .into_any()
}

/// Progress is not being kept. The lesson goes on all the same.
fn trouble(desk: Desk) -> AnyView {
    let lang = desk.app.lang;
    let bar = move |trouble: Trouble| {
        let (why, can_start_over) = match trouble {
            Trouble::Unreadable(why) => (why, true),
            Trouble::NotStored => (LessonText::SaveFailed, false),
        };
        view! {
            <div class="lesson-trouble" data-testid="lesson-trouble">
                <p>{move || t(lang.get(), why)}</p>
                <button type="button" class="link" data-testid="btn-start-over" hidden=!can_start_over
                    on:click=move |_| desk.start_over()>
                    {move || t(lang.get(), LessonText::StartOver)}
                </button>
            </div>
        }
    };
    view! { <div role="status">{move || desk.trouble.get().map(bar)}</div> }.into_any()
}
