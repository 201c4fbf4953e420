//! "Find a failure": pick what shall be lost, watch the search, open the run that it found.

use super::dialog::Modal;
use super::monitors::allowances;
use crate::app::App;
use crate::i18n::monitors::{self as words, SearchText};
use crate::i18n::t;
use crate::search::{self, Finder, State};
use kafkascope_engine::script::print_command;
use kafkascope_engine::script::words::finding;
use kafkascope_engine::simulation::{FailingRun, Goal, Progress};
use leptos::prelude::*;
use std::sync::Arc;

#[component]
pub fn SearchDialog() -> impl IntoView {
    let app = expect_context::<App>();
    let finder = Finder::new();
    // Closing it gives the search up; what was found stays.
    Effect::new(move |_| {
        if !app.search_open.get() && finder.state.with_untracked(|s| matches!(s, State::Working(_)))
        {
            finder.cancel();
        }
    });
    view! {
        <Modal open=app.search_open title=SearchText::Title testid="search">
            <p class="dialog-lead">{move || t(app.lang.get(), SearchText::Lead)}</p>
            {goals(app, finder)}
            {buttons(app, finder)}
            <div class="search-status" role="status" aria-live="polite" data-testid="search-status">{move || status(app, finder)}</div>
            {move || finder.state.with(|state| match state {
                State::Found { run, .. } => Some(found(app, run.clone())),
                _ => None,
            })}
        </Modal>
    }
    .into_any()
}

fn goals(app: App, finder: Finder) -> AnyView {
    let choice = move |goal: Goal| {
        let (text, hint) = words::goal(goal);
        view! {
            <label class="search-goal">
                <input type="radio" name="search-goal" data-testid=format!("goal-{goal:?}")
                    prop:checked=move || finder.goal.get() == goal
                    on:change=move |_| finder.choose(goal) />
                <span>
                    {move || t(app.lang.get(), text)}
                    <small>{move || t(app.lang.get(), hint)}</small>
                </span>
            </label>
        }
    };
    view! {
        <fieldset class="search-goals">
            <legend>{move || t(app.lang.get(), SearchText::What)}</legend>
            {Goal::ALL.map(choice).collect_view()}
        </fieldset>
    }
    .into_any()
}

fn buttons(app: App, finder: Finder) -> AnyView {
    let label = move || {
        let again = finder.state.with(|state| matches!(state, State::Found { .. }));
        t(app.lang.get(), if again { SearchText::Again } else { SearchText::Start })
    };
    view! {
        <p class="search-buttons">
            <Show
                when=move || finder.is_working()
                fallback=move || view! {
                    <button type="button" class="button is-main" data-testid="search-start" on:click=move |_| finder.begin()>{label}</button>
                }
            >
                <button type="button" class="button" data-testid="search-cancel" on:click=move |_| finder.cancel()>
                    {move || t(app.lang.get(), SearchText::Cancel)}
                </button>
            </Show>
        </p>
    }
    .into_any()
}

fn status(app: App, finder: Finder) -> String {
    let lang = app.lang.get();
    finder.state.with(|state| match state {
        State::Working(Progress::Shortening { seeds, commands, first }) => {
            words::shortening(lang, *seeds, *commands, *first)
        }
        State::Working(Progress::Seeking { seeds }) => words::seeking(lang, *seeds),
        State::Found { seeds, run } => words::found(lang, *seeds, run.schedule.commands.len()),
        State::GaveUp => t(lang, SearchText::GaveUp).to_string(),
        State::Idle | State::Working(_) => String::new(),
    })
}

fn found(app: App, run: Arc<FailingRun>) -> AnyView {
    let (at, what) = (run.finding.at.to_string(), run.finding.clone());
    let timeline = run.timeline();
    let commands: Vec<String> = run
        .schedule
        .commands
        .iter()
        .map(|(_, command)| print_command(command, timeline.cluster()))
        .collect();
    let (open, share) = (run.clone(), run.clone());
    view! {
        <div class="finding" data-testid="search-found">
            <p class="finding-what"><time>{at}</time> {move || finding::found(&what.found, app.lang.get())}</p>
            {allowances(app, run.finding.clone())}
            <h3>{move || t(app.lang.get(), SearchText::Script)}</h3>
            <pre class="search-script" tabindex="0"><code>{commands.join("\n")}</code></pre>
            <p class="search-buttons">
                <button type="button" class="button is-main" data-testid="search-open" on:click=move |_| search::open(app, &open)>
                    {move || t(app.lang.get(), SearchText::Open)}
                </button>
                <button type="button" class="button" data-testid="search-link" on:click=move |_| search::share(app, &share)>
                    {move || t(app.lang.get(), SearchText::Link)}
                </button>
            </p>
        </div>
    }
    .into_any()
}
