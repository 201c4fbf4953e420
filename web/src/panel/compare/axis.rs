//! The time of both runs: one axis, the marks of A above it and those of B below, the first difference
//! and the losses. What is moved on it moves both.

use crate::app::App;
use crate::compare::Pair;
use crate::i18n::monitors::CompareText;
use crate::i18n::t;
use crate::view_model::compare::Axis;
use crate::view_model::history::Mark;
use gloo_timers::callback::Interval;
use kafkascope_engine::sim::time::SimTime;
use leptos::html;
use leptos::prelude::*;
use std::sync::Arc;

/// The picture is drawn in these units, and stretched.
const WIDTH: f64 = 1000.0;
const INSET: f64 = 1.2;
const MIDDLE: f64 = 22.0;
/// How long each moment is shown while it plays.
const MOMENT_MS: u32 = 420;

fn x(place: f64) -> f64 {
    WIDTH * (INSET + (100.0 - 2.0 * INSET) * place) / 100.0
}

fn percent(place: f64) -> f64 {
    INSET + (100.0 - 2.0 * INSET) * place
}

pub fn axis(app: App, pair: Arc<Pair>) -> AnyView {
    let now = app.compare.now;
    let axis = StoredValue::new(pair.axis.clone());
    let index = move || axis.with_value(|axis| axis.index_of(now.get()).unwrap_or(0));
    let last = axis.with_value(|axis| axis.moments.len().saturating_sub(1));
    let go = move |by: isize| {
        if let Some(at) = axis.with_value(|axis| axis.moved(now.get_untracked(), by)) {
            now.set(at);
        }
    };
    let is_playing = RwSignal::new(false);
    play_while(is_playing, move || {
        go(1);
        index() < last
    });
    let toggle = move |_| {
        let starts = !is_playing.get_untracked();
        if starts && axis.with_value(|axis| axis.index_of(now.get_untracked())) == Some(last) {
            now.set(axis.with_value(|axis| axis.moments[0].0));
        }
        is_playing.set(starts);
    };
    let seek = move |event: web_sys::Event| {
        is_playing.set(false);
        let index = event_target_value(&event).parse::<usize>().ok();
        let at = index.and_then(|index| axis.with_value(|axis| axis.moments.get(index).copied()));
        if let Some((at, _)) = at {
            now.set(at);
        }
    };
    let step = move |by: isize| {
        move |_| {
            is_playing.set(false);
            go(by);
        }
    };
    let place = move || axis.with_value(|axis| axis.x_of(now.get()));
    view! {
        <div class="compare-axis">
            <div class="compare-steps">
                {button(app, "compare-previous", CompareText::Previous, "M3 2h2v12H3zM13 2L6 8l7 6z", step(-1))}
                <button type="button" class="button icon" data-testid="compare-play"
                    aria-label=move || t(app.lang.get(), if is_playing.get() { CompareText::Pause } else { CompareText::Play })
                    on:click=toggle>
                    <svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true">
                        <path d=move || if is_playing.get() { "M3 2h4v12H3zM9 2h4v12H9z" } else { "M4 2l9 6-9 6z" } />
                    </svg>
                </button>
                {button(app, "compare-next", CompareText::Next, "M11 2h2v12h-2zM3 2l7 6-7 6z", step(1))}
            </div>
            <div class="compare-track">
                <svg viewBox=format!("0 0 {WIDTH} 44") preserveAspectRatio="none" aria-hidden="true">
                    {axis.with_value(picture)}
                </svg>
                {axis.with_value(|axis| axis.parting).map(|at| view! {
                    <span class="compare-flag" style=format!("left:{:.2}%", percent(at)) title=move || t(app.lang.get(), CompareText::FirstDifference)>"≠"</span>
                })}
                {axis.with_value(losses)}
                <span class="compare-thumb" style=move || format!("left:{:.2}%", percent(place()))></span>
                <input type="range" data-testid="compare-slider" min="0" max=last step="1"
                    prop:value=move || index().to_string()
                    aria-label=move || t(app.lang.get(), CompareText::Axis)
                    aria-valuetext=move || now.get().to_string()
                    on:input=seek />
                {scrubber(axis, now, is_playing)}
            </div>
            <time class="compare-now" data-testid="compare-now">{move || now.get().to_string()}</time>
        </div>
    }
    .into_any()
}

fn button(
    app: App,
    testid: &'static str,
    text: CompareText,
    icon: &'static str,
    act: impl Fn(web_sys::MouseEvent) + 'static,
) -> AnyView {
    view! {
        <button type="button" class="button icon" data-testid=testid aria-label=move || t(app.lang.get(), text) title=move || t(app.lang.get(), text) on:click=act>
            <svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true"><path d=icon /></svg>
        </button>
    }
    .into_any()
}

/// Goes on from moment to moment, until there is none or it is stopped.
fn play_while(is_playing: RwSignal<bool>, go_on: impl Fn() -> bool + Copy + 'static) {
    let interval: StoredValue<Option<Interval>, LocalStorage> = StoredValue::new_local(None);
    Effect::new(move |_| {
        let next = is_playing.get().then(|| {
            Interval::new(MOMENT_MS, move || {
                if !untrack(go_on) {
                    is_playing.set(false);
                }
            })
        });
        interval.set_value(next);
    });
    on_cleanup(move || interval.set_value(None));
}

/// Takes the pointer: pressed or dragged, it goes to the moment next to it.
fn scrubber(
    axis: StoredValue<Axis>,
    now: RwSignal<SimTime>,
    is_playing: RwSignal<bool>,
) -> AnyView {
    let area = NodeRef::<html::Div>::new();
    let pressed = RwSignal::new(false);
    let go = move |event: &web_sys::PointerEvent| {
        let Some(area) = area.get_untracked() else { return };
        let share = f64::from(event.offset_x()) / f64::from(area.client_width()).max(1.0) * 100.0;
        let place = (share - INSET) / (100.0 - 2.0 * INSET);
        if let Some(at) = axis.with_value(|axis| axis.nearest(place)) {
            now.set(at);
        }
    };
    view! {
        <div
            class="compare-scrubber"
            node_ref=area
            on:pointerdown=move |event| {
                let target: web_sys::Element = event_target(&event);
                let _ = target.set_pointer_capture(event.pointer_id());
                is_playing.set(false);
                pressed.set(true);
                go(&event);
            }
            on:pointermove=move |event| if pressed.get_untracked() { go(&event) }
            on:pointerup=move |_| pressed.set(false)
            on:pointercancel=move |_| pressed.set(false)
        ></div>
    }
    .into_any()
}

/// The marks of A above the line, those of B below.
fn picture(axis: &Axis) -> AnyView {
    let side = |index: usize| {
        let path = |kind: Mark| {
            let marks = axis.marks[index].iter().filter(|(_, mark)| *mark == kind);
            let height = match kind {
                Mark::Progress => 4.0,
                Mark::Control => 7.0,
                Mark::Command | Mark::Trouble => 11.0,
            };
            let down = if index == 0 { -1.0 } else { 1.0 };
            let line = |place: f64| {
                format!("M{:.1} {:.1}v{:.1}", x(place), MIDDLE + 3.0 * down, height * down)
            };
            marks.map(|(place, _)| line(*place)).collect::<String>()
        };
        view! {
            <path class="mark-progress" d=path(Mark::Progress) />
            <path class="mark-control" d=path(Mark::Control) />
            <path class="mark-command" d=path(Mark::Command) />
            <path class="mark-trouble" d=path(Mark::Trouble) />
        }
    };
    view! {
        <path class="track" d=format!("M{:.1} {MIDDLE}H{:.1}", x(0.0), x(1.0)) />
        {side(0)}
        {side(1)}
    }
    .into_any()
}

fn losses(axis: &Axis) -> AnyView {
    let sides = axis.losses.iter().enumerate().flat_map(|(side, places)| {
        places.iter().map(move |place| {
            let style = format!("left:{:.2}%", percent(*place));
            view! { <span class=format!("compare-loss is-{side}") style=style aria-hidden="true">"✕"</span> }
        })
    });
    sides.collect_view().into_any()
}
