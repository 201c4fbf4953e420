//! Notices: a quiet bar over the stage, said politely to those who listen, gone when dismissed.

use crate::app::App;
use crate::i18n::stage::BarText;
use crate::i18n::t;
use crate::notice::{Notice, NoticeKind};
use kafkascope_engine::script::words::violation as words;
use leptos::prelude::*;

#[component]
pub fn Notices() -> impl IntoView {
    let app = expect_context::<App>();
    view! {
        <div class="notices" role="status">
            <For each=move || app.notices.get() key=|notice| notice.id let:notice>
                {bar(app, notice)}
            </For>
            <Violation />
        </div>
    }
    .into_any()
}

fn bar(app: App, notice: Notice) -> AnyView {
    let Notice { kind, text, action, id, .. } = notice;
    let (class, sign) = match kind {
        NoticeKind::Info => ("notice", "i"),
        NoticeKind::Warning => ("notice is-warning", "!"),
        NoticeKind::Problem => ("notice is-problem", "×"),
    };
    let action = action.map(|action| {
        let run = action.run.clone();
        view! {
            <button type="button" class="button quiet" data-testid="notice-action" on:click=move |_| {
                run();
                app.dismiss(id);
            }>
                {move || action.label.pick(app.lang.get()).to_string()}
            </button>
        }
    });
    view! {
        <div class=class data-testid="notice">
            <span class="notice-sign" aria-hidden="true">{sign}</span>
            <p>{move || text.pick(app.lang.get()).to_string()}</p>
            {action}
            <button type="button" class="notice-close" data-testid="notice-close"
                aria-label=move || t(app.lang.get(), BarText::Dismiss) on:click=move |_| app.dismiss(id)>
                <span aria-hidden="true">"✕"</span>
            </button>
        </div>
    }
    .into_any()
}

/// A broken promise of the engine cannot be dismissed: it is a fact of the shown moment.
#[component]
fn Violation() -> impl IntoView {
    let app = expect_context::<App>();
    let violation = Memo::new(move |_| {
        let broken = app.view.with(|view| view.violation.clone());
        broken.filter(|broken| broken.is_of_today)
    });
    let words = move || {
        let lang = app.lang.get();
        violation.with(|broken| broken.as_ref().map(|b| words::broken(&b.violation.broken, lang)))
    };
    view! {
        <Show when=move || violation.with(Option::is_some)>
            <div class="notice is-problem" data-testid="violation">
                <span class="notice-sign" aria-hidden="true">"×"</span>
                <p>
                    <strong>{move || t(app.lang.get(), BarText::Violation)}</strong>
                    " "
                    {words}
                </p>
            </div>
        </Show>
    }
    .into_any()
}
