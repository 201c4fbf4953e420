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
use desk::Desk;
use leptos::prelude::*;

#[component]
pub fn LessonPanel() -> impl IntoView {
    let desk = Desk::new(expect_context::<App>());
    view! {
        <section class="lesson" data-testid="lesson">
            {move || match desk.lesson.get() {
                None => list::lesson_list(desk),
                Some(lesson) => step::open_lesson(desk, lesson),
            }}
        </section>
    }
    .into_any()
}
