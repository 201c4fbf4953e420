//! The transport bar: play, pause, step, step back, speed, and where in time the page stands.

use super::timeline_bar::TimelineBar;
use crate::app::App;
use crate::i18n::stage::BarText;
use crate::i18n::t;
use crate::playback::{Pace, SPEEDS_PERCENT};
use kafkascope_engine::sim::time::SimTime;
use leptos::html;
use leptos::prelude::*;

#[component]
pub fn Transport() -> impl IntoView {
    let app = expect_context::<App>();
    let playing = Memo::new(move |_| app.view.with(|view| view.playing));
    let at_start = Memo::new(move |_| app.view.with(|view| view.position == 0));
    let at_end = Memo::new(move |_| app.view.with(|view| view.position == view.len));
    let play_label =
        move || t(app.lang.get(), if playing.get() { BarText::PauseTime } else { BarText::Play });
    view! {
        <footer class="transport" aria-label=move || t(app.lang.get(), BarText::Transport)>
            <div class="transport-buttons">
                {button(app, "btn-start", BarText::ToStart, "M3 2v12M14 2L5 8l9 6z", at_start.into(), App::go_to_start)}
                {button(app, "btn-step-back", BarText::StepBack, "M12 2L3 8l9 6z", at_start.into(), App::step_back)}
                <button
                    type="button"
                    class="button play"
                    data-testid="btn-play"
                    data-playing=move || playing.get().to_string()
                    aria-label=play_label
                    title=move || format!("{} (Space)", play_label())
                    on:click=move |_| app.toggle_play()
                >
                    {icon(Signal::derive(move || if playing.get() { "M4 2h3v12H4zM9 2h3v12H9z" } else { "M4 1.5L14 8 4 14.5z" }))}
                </button>
                {button(app, "btn-step", BarText::Step, "M4 2l9 6-9 6z", false.into(), App::step)}
                {button(app, "btn-end", BarText::ToEnd, "M13 2v12M2 2l9 6-9 6z", at_end.into(), App::go_to_end)}
            </div>
            <Speed />
            <TimelineBar />
            <Clock />
        </footer>
    }
    .into_any()
}

fn button(
    app: App,
    testid: &'static str,
    text: BarText,
    path: &'static str,
    disabled: Signal<bool>,
    act: fn(&App),
) -> AnyView {
    view! {
        <button
            type="button"
            class="button icon"
            data-testid=testid
            aria-label=move || t(app.lang.get(), text)
            title=move || t(app.lang.get(), text)
            // Not `disabled`: a button that has the focus must not lose it.
            aria-disabled=move || disabled.get().to_string()
            on:click=move |_| if !disabled.get_untracked() { act(&app) }
        >
            {icon(path.into())}
        </button>
    }
    .into_any()
}

fn icon(path: Signal<&'static str>) -> AnyView {
    view! {
        <svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
            <path d=move || path.get() />
        </svg>
    }
    .into_any()
}

fn speed_text(percent: u32) -> String {
    match percent {
        25 => "¼×".to_string(),
        50 => "½×".to_string(),
        _ => format!("{}×", percent / 100),
    }
}

#[component]
fn Speed() -> impl IntoView {
    let app = expect_context::<App>();
    let speed = Memo::new(move |_| app.view.with(|view| view.speed_percent));
    let choose = move |event: web_sys::Event| {
        if let Ok(percent) = event_target_value(&event).parse() {
            app.set_speed(percent);
        }
    };
    view! {
        <label class="speed" title=move || t(app.lang.get(), BarText::Speed)>
            <span class="visually-hidden">{move || t(app.lang.get(), BarText::Speed)}</span>
            <select data-testid="speed" on:change=choose prop:value=move || speed.get().to_string()>
                {SPEEDS_PERCENT
                    .iter()
                    .map(|&percent| view! {
                        <option value=percent selected=move || speed.get() == percent>{speed_text(percent)}</option>
                    })
                    .collect_view()}
            </select>
        </label>
    }
    .into_any()
}

/// Time and step. Between steps the time is written straight to its element.
#[component]
fn Clock() -> impl IntoView {
    let app = expect_context::<App>();
    let time = NodeRef::<html::Time>::new();
    let note = NodeRef::<html::Span>::new();
    app.on_frame(move |moment| {
        if let Some(time) = time.get_untracked() {
            time.set_text_content(Some(&SimTime(moment.view_now_us as u64).to_string()));
        }
        if let Some(note) = note.get_untracked() {
            let routine = moment.pace == Pace::Routine;
            let _ = note.set_attribute("data-shown", if routine { "true" } else { "false" });
        }
    });
    let position = Memo::new(move |_| app.view.with(|view| (view.position, view.len)));
    let first = app.view.with_untracked(|view| view.now.to_string());
    let at_rest = Memo::new(move |_| app.view.with(|view| view.at_rest));
    view! {
        <Show when=move || at_rest.get()>
            <span class="at-rest" data-testid="at-rest" title=move || t(app.lang.get(), BarText::AtRestHint)>
                {move || t(app.lang.get(), BarText::AtRest)}
            </span>
        </Show>
        <div class="clock">
            <span class="clock-note" node_ref=note data-shown="false" title=move || t(app.lang.get(), BarText::FastForward)>
                <span aria-hidden="true">"»"</span>
            </span>
            <time node_ref=time data-testid="clock">{first}</time>
            <span class="clock-position">
                <span data-testid="position">{move || position.get().0}</span>
                <span class="clock-len">{move || format!("/{}", position.get().1)}</span>
            </span>
        </div>
    }
    .into_any()
}
