//! The timeline: a slider over every step of the run, with marks where something notable happened and
//! the branches that were left behind.

use crate::app::App;
use crate::i18n::stage::BarText;
use crate::i18n::{say, t};
use crate::view_model::history::{Mark, mark_of};
use leptos::html;
use leptos::prelude::*;
use std::collections::BTreeMap;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;

/// Half the thumb: the slider's ends stand so far inside its box.
const INSET: f64 = 8.0;
const MIDDLE: f64 = 20.0;
/// Marks closer together than this are one.
const COLUMN: f64 = 2.0;

/// Where positions are on the bar. The set-up of a scenario, often hundreds of steps, is folded into
/// a small part of it, so that there is room for what follows.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Axis {
    home: usize,
    len: usize,
    width: f64,
}

impl Axis {
    const SETUP_PART_MAX: f64 = 0.12;
    /// A run just begun does not fill the bar with its first steps.
    const AHEAD_MIN: usize = 80;

    fn setup_part(&self) -> f64 {
        if self.home == 0 { 0.0 } else { Self::SETUP_PART_MAX }
    }

    fn ahead(&self) -> f64 {
        self.len.saturating_sub(self.home).max(Self::AHEAD_MIN) as f64
    }

    fn x_of(&self, position: usize) -> f64 {
        let setup = self.setup_part();
        let part = if position <= self.home {
            setup * position as f64 / self.home.max(1) as f64
        } else {
            setup + (1.0 - setup) * (position - self.home) as f64 / self.ahead()
        };
        INSET + (self.width - 2.0 * INSET) * part
    }

    fn position_at(&self, x: f64) -> usize {
        let part = ((x - INSET) / (self.width - 2.0 * INSET).max(1.0)).clamp(0.0, 1.0);
        let setup = self.setup_part();
        let position = if part < setup {
            part / setup * self.home as f64
        } else {
            self.home as f64 + (part - setup) / (1.0 - setup) * self.ahead()
        };
        (position.round() as usize).min(self.len)
    }
}

#[component]
pub fn TimelineBar() -> impl IntoView {
    let app = expect_context::<App>();
    let frame = NodeRef::<html::Div>::new();
    let width = RwSignal::new(600.0);
    watch_width(frame, width);
    let at = Memo::new(move |_| app.view.with(|view| (view.position, view.len)));
    let axis = Memo::new(move |_| {
        let width = width.get();
        app.view.with(|view| Axis { home: view.home, len: view.len, width })
    });
    let spoken = move || {
        let lang = app.lang.get();
        let (now, (position, len)) = (app.view.with(|view| view.now), at.get());
        say!(lang, "{now}, {len}걸음 중 {position}", "{now}, step {position} of {len}")
    };
    let seek = move |event: web_sys::Event| {
        if let Ok(position) = event_target_value(&event).parse() {
            app.seek(position);
        }
    };
    let marks = Memo::new(move |_| {
        let axis = axis.get();
        app.with_history(|history| {
            let marked =
                history.all().iter().filter_map(|n| Some((n.position, mark_of(&n.event.kind)?)));
            marks(marked, axis)
        })
    });
    let path =
        move |kind: Mark| move || marks.with(|marks| marks.get(&kind).cloned().unwrap_or_default());
    let thumb = move || axis.get().x_of(at.get().0);
    view! {
        <div class="timeline" node_ref=frame>
            <svg class="timeline-picture" aria-hidden="true" width=move || width.get() height="44">
                <path class="track" d=move || format!("M{INSET} {MIDDLE}H{:.1}", width.get() - INSET) />
                <path class="track-made" d=move || format!("M{INSET} {MIDDLE}H{:.1}", axis.get().x_of(at.get().1)) />
                <path class="track-past" d=move || format!("M{INSET} {MIDDLE}H{:.1}", thumb()) />
                <path class="mark-progress" d=path(Mark::Progress) />
                <path class="mark-control" d=path(Mark::Control) />
                <path class="mark-command" d=path(Mark::Command) />
                <path class="mark-trouble" d=path(Mark::Trouble) />
                <Show when=move || { axis.get().home > 0 }>
                    <path class="mark-home" d=move || format!("M{:.1} {}v24", axis.get().x_of(axis.get().home), MIDDLE - 12.0) />
                </Show>
            </svg>
            // The slider itself is for the keyboard and for screen readers: its own thumb would stand
            // elsewhere on this axis.
            <input
                type="range"
                class="timeline-slider"
                data-testid="timeline"
                min="0"
                max=move || at.get().1
                step="1"
                prop:value=move || at.get().0.to_string()
                aria-label=move || t(app.lang.get(), BarText::Timeline)
                aria-valuetext=spoken
                on:input=seek
            />
            <span class="timeline-thumb" style=move || format!("left:{:.1}px", thumb())></span>
            <Scrubber axis />
            <Branches axis />
        </div>
    }
    .into_any()
}

/// Takes the pointer: pressed or dragged, it goes to the moment below it.
#[component]
fn Scrubber(axis: Memo<Axis>) -> impl IntoView {
    let app = expect_context::<App>();
    let pressed = RwSignal::new(false);
    let go = move |event: &web_sys::PointerEvent| {
        let position = axis.get_untracked().position_at(f64::from(event.offset_x()));
        if app.view.with_untracked(|view| view.position != position || view.playing) {
            app.seek(position);
        }
    };
    view! {
        <div
            class="timeline-scrubber"
            data-testid="timeline-scrubber"
            on:pointerdown=move |event| {
                let target: web_sys::Element = event_target(&event);
                let _ = target.set_pointer_capture(event.pointer_id());
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

#[component]
fn Branches(axis: Memo<Axis>) -> impl IntoView {
    let app = expect_context::<App>();
    let branches = Memo::new(move |_| {
        app.view.with(|view| {
            view.branches.iter().map(|branch| branch.from).enumerate().collect::<Vec<_>>()
        })
    });
    view! {
        <For each=move || branches.get() key=|branch| *branch let:branch>
            <button
                type="button"
                class="branch"
                data-testid=format!("branch-{}", branch.0)
                style=move || format!("left:{:.0}px", axis.get().x_of(branch.1))
                title=move || t(app.lang.get(), BarText::BranchHint)
                on:click=move |_| app.switch_branch(branch.0)
            >
                <span aria-hidden="true">"⑂"</span>
                <span class="visually-hidden">
                    {move || format!("{} {}", t(app.lang.get(), BarText::Branch), branch.0 + 1)}
                </span>
            </button>
        </For>
    }
    .into_any()
}

/// One path for each kind of mark, at most one mark in a column.
fn marks(all: impl Iterator<Item = (usize, Mark)>, axis: Axis) -> BTreeMap<Mark, String> {
    let mut columns: BTreeMap<i64, Mark> = BTreeMap::new();
    for (position, mark) in all {
        let x = axis.x_of(position);
        let kept = columns.entry((x / COLUMN) as i64).or_insert(mark);
        *kept = (*kept).max(mark);
    }
    let mut paths: BTreeMap<Mark, String> = BTreeMap::new();
    for (column, mark) in columns {
        let x = column as f64 * COLUMN + COLUMN / 2.0;
        let half = match mark {
            Mark::Progress => 4.0,
            Mark::Control => 6.0,
            Mark::Command | Mark::Trouble => 9.0,
        };
        let piece = format!("M{x:.0} {:.0}V{:.0}", MIDDLE - half, MIDDLE + half);
        paths.entry(mark).or_default().push_str(&piece);
    }
    paths
}

fn watch_width(frame: NodeRef<html::Div>, width: RwSignal<f64>) {
    let measure = move || {
        let now = frame.get_untracked().map_or(0.0, |frame| f64::from(frame.client_width()));
        if now > 0.0 && now != width.get_untracked() {
            width.set(now);
        }
    };
    frame.on_load(move |element| {
        measure();
        let callback = Closure::<dyn FnMut()>::new(measure);
        if let Ok(observer) = web_sys::ResizeObserver::new(callback.as_ref().unchecked_ref()) {
            observer.observe(&element);
        }
        callback.forget();
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_on_the_bar_is_the_position_that_is_drawn_there() {
        for axis in [
            Axis { home: 0, len: 0, width: 600.0 },
            Axis { home: 350, len: 350, width: 600.0 },
            Axis { home: 40, len: 500, width: 900.0 },
        ] {
            for position in (0..=axis.len).step_by(7) {
                let found = axis.position_at(axis.x_of(position));
                assert!(found.abs_diff(position) <= 1, "{axis:?} {position} {found}");
            }
            assert!(axis.x_of(axis.len) <= axis.width - INSET + 0.01);
        }
    }
}
