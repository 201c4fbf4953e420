//! Index entries as pointers into the log, and a look-up that goes along them step by step.

use super::walk::{Walk, controls};
use super::with_disk;
use crate::app::App;
use crate::i18n::look_up::{self as words, LookUpText};
use crate::i18n::t;
use crate::view_model::bytes::outline::{BlockKind, Outline, outline};
use crate::view_model::bytes::pointers::{Link, Mark, Pointers, Progress, ROWS, pointers};
use crate::view_model::bytes::{dir_of, shot};
use crate::viewer::Mode;
use kafkascope_engine::log::log_file_utils::{LOG_FILE_SUFFIX, file_path};
use kafkascope_engine::log::look_up::{
    End, IndexEntries, LookUp, Step, Target, index_entries, look_up,
};
use leptos::prelude::*;
use std::sync::Arc;

/// How long a step stands while it plays.
const STEP_MS: u32 = 1100;

/// A look-up and how far it has been shown; the step after the last shows the end.
#[derive(Clone, Copy)]
struct Search {
    found: RwSignal<Option<(Target, Arc<LookUp>)>>,
    walk: Walk,
}

impl Search {
    fn new() -> Self {
        let found = RwSignal::new(None::<(Target, Arc<LookUp>)>);
        let len = move || found.with(|f| f.as_ref().map_or(0, |(_, l)| l.steps.len() + 1));
        let walk = Walk::new(Signal::derive(len), Signal::stored(STEP_MS));
        Search { found, walk }
    }

    fn steps(&self) -> Vec<Step> {
        let shown = self.walk.shown.get();
        self.found.with(|found| {
            found.as_ref().map_or(Vec::new(), |(_, look_up)| {
                look_up.steps[..shown.min(look_up.steps.len())].to_vec()
            })
        })
    }
}

/// The segment whose three files are drawn.
#[derive(Clone, Debug, PartialEq)]
struct Segment {
    dir: String,
    base_offset: i64,
    outline: Arc<Outline>,
    entries: IndexEntries,
}

pub fn look_up_view(app: App) -> AnyView {
    let search = Search::new();
    // What the walk has reached is shown, wherever the file list points to.
    let base = Memo::new(move |_| {
        let reached = search.steps().iter().rev().find_map(|step| match step {
            Step::SegmentChosen { base_offset, .. } => Some(*base_offset),
            _ => None,
        });
        reached.or_else(|| app.viewer.segment())
    });
    let segment = Memo::new(move |_| {
        let (path, base_offset) = (app.viewer.path.get()?, base.get()?);
        let dir = dir_of(&path).to_string();
        with_disk(app, |disk| {
            let log = shot(disk, &file_path(&dir, base_offset, LOG_FILE_SUFFIX))?;
            let entries = index_entries(disk, &dir, base_offset);
            Some(Segment {
                outline: Arc::new(outline(&log)),
                entries,
                base_offset,
                dir: dir.clone(),
            })
        })
        .flatten()
    });
    view! {
        <Show
            when=move || segment.with(Option::is_some)
            fallback=move || view! { <p class="quiet">{move || t(app.lang.get(), LookUpText::NoLog)}</p> }
        >
            <p class="quiet">{move || t(app.lang.get(), LookUpText::Intro)}</p>
            {form(app, search, segment)}
            {narration(app, search)}
            {picture(app, search, segment)}
        </Show>
    }
    .into_any()
}

fn form(app: App, search: Search, segment: Memo<Option<Segment>>) -> AnyView {
    let by_time = RwSignal::new(false);
    let value = RwSignal::new(String::new());
    let mistake = RwSignal::new(false);
    // A value that is there to be found, to begin with.
    let example = move || {
        segment.with(|segment| {
            let (offset, time) = segment.as_ref().and_then(|segment| {
                let blocks = &segment.outline.blocks;
                blocks.iter().rev().nth(blocks.len() / 3).and_then(|block| match block.what {
                    BlockKind::Batch(header) => Some((header.last_offset(), header.max_timestamp)),
                    _ => None,
                })
            })?;
            Some(if by_time.get() { time } else { offset })
        })
    };
    Effect::new(move |_| {
        by_time.track();
        let example = untrack(example);
        value.set(example.map_or(String::new(), |number| number.to_string()));
    });
    let start = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let Ok(number) = value.get_untracked().trim().parse::<i64>() else {
            mistake.set(true);
            return;
        };
        mistake.set(false);
        let target =
            if by_time.get_untracked() { Target::Time(number) } else { Target::Offset(number) };
        let dir = app.viewer.path.with_untracked(|path| {
            path.as_ref().map_or(String::new(), |path| dir_of(path).to_string())
        });
        let found = untrack(|| with_disk(app, |disk| look_up(disk, &dir, target)));
        search.found.set(found.map(|found| (target, Arc::new(found))));
        search.walk.start();
    };
    view! {
        <form class="look-up-form" on:submit=start>
            <label>
                <span class="visually-hidden">{move || t(app.lang.get(), LookUpText::What)}</span>
                <select data-testid="look-up-what" on:change=move |event| by_time.set(event_target_value(&event) == "time")>
                    <option value="offset">{move || t(app.lang.get(), LookUpText::ByOffset)}</option>
                    <option value="time">{move || t(app.lang.get(), LookUpText::ByTime)}</option>
                </select>
            </label>
            <label>
                <span class="visually-hidden">{move || t(app.lang.get(), LookUpText::Value)}</span>
                <input class="mono" inputmode="numeric" autocomplete="off" data-testid="look-up-value" prop:value=move || value.get()
                    aria-invalid=move || mistake.get().then_some("true")
                    on:input=move |event| value.set(event_target_value(&event)) />
            </label>
            <button type="submit" class="button is-primary" data-testid="look-up-start">{move || t(app.lang.get(), LookUpText::Find)}</button>
            <Show when=move || { search.walk.len.get() > 0 }>{controls(app, search.walk, "look-up")}</Show>
            <p class="is-bad" role="status">{move || mistake.get().then(|| t(app.lang.get(), LookUpText::NotANumber))}</p>
        </form>
    }
    .into_any()
}

/// The present step in words; the end, when it is reached, with the way to its bytes.
fn narration(app: App, search: Search) -> AnyView {
    let sentence = move || {
        let (lang, shown) = (app.lang.get(), search.walk.shown.get());
        search.found.with(|found| {
            let (goal, look_up) = found.as_ref()?;
            Some(match look_up.steps.get(shown.saturating_sub(1)) {
                Some(step) => words::step(step, *goal, lang),
                None => words::end(&look_up.end, *goal, lang),
            })
        })
    };
    let place = move || {
        search.found.with(|found| match found.as_ref()?.1.end {
            End::Found { base_offset, position, .. }
                if search.walk.shown.get() >= search.walk.len.get() =>
            {
                Some((base_offset, position))
            }
            _ => None,
        })
    };
    let go = move |_| {
        let dir = app.viewer.path.with_untracked(|path| {
            path.as_ref().map_or(String::new(), |path| dir_of(path).to_string())
        });
        if let Some((base_offset, position)) = untrack(place) {
            app.viewer.go(file_path(&dir, base_offset, LOG_FILE_SUFFIX).into(), position as usize);
            app.viewer.mode.set(Mode::Bytes);
        }
    };
    view! {
        <div class="look-up-words" class:is-idle=move || { search.walk.len.get() == 0 }>
            <p role="status" data-testid="look-up-words">{sentence}</p>
            <Show when=move || place().is_some()>
                <button type="button" class="button quiet" data-testid="look-up-bytes" on:click=go>
                    {move || t(app.lang.get(), LookUpText::SeeBytes)}
                </button>
            </Show>
        </div>
    }
    .into_any()
}

fn picture(app: App, search: Search, segment: Memo<Option<Segment>>) -> AnyView {
    let drawn = Memo::new(move |_| {
        let steps = search.steps();
        // The batch that the steps have come to, or the one that was looked at in the bytes.
        let focus = steps.iter().rev().find_map(|step| match step {
            Step::Batch { position, .. } => Some(*position as usize),
            Step::OffsetFound { entry, .. } | Step::OffsetEntry { entry, .. } => {
                Some(entry.position as usize)
            }
            _ => None,
        });
        let focus = focus.unwrap_or_else(|| app.viewer.at.get_untracked());
        segment.with(|segment| {
            let segment = segment.as_ref()?;
            let progress = Progress { base_offset: segment.base_offset, steps: &steps };
            Some(pointers(&segment.outline, &segment.entries, progress, focus))
        })
    });
    let see = move |place: Place| {
        segment.with_untracked(|segment| {
            let Some(Segment { dir, base_offset, outline, .. }) = segment else { return };
            let position = match place {
                Place::Byte(position) => Some(position),
                Place::Offset(offset) => outline.blocks.iter().find_map(|block| match block.what {
                    BlockKind::Batch(header) => {
                        (header.last_offset() >= offset).then_some(block.start)
                    }
                    _ => None,
                }),
            };
            if let Some(position) = position {
                app.viewer.go(file_path(dir, *base_offset, LOG_FILE_SUFFIX).into(), position);
                app.viewer.mode.set(Mode::Bytes);
            }
        });
    };
    let body = move || {
        let lang = app.lang.get();
        drawn.get().map(|drawn| {
            let Pointers { times, offsets, batches, all, time_links, offset_links } = drawn;
            let times = times.into_iter().map(|cell| {
                let time = crate::i18n::bytes::time(cell.entry.timestamp);
                Cell {
                    name: cell.slot.to_string(),
                    text: format!("{time} → {}", cell.entry.offset),
                    mark: cell.mark,
                    place: Place::Offset(cell.entry.offset),
                }
            });
            let offsets = offsets.into_iter().map(|cell| Cell {
                name: cell.slot.to_string(),
                text: format!("{} → @{}", cell.entry.offset, cell.entry.position),
                mark: cell.mark,
                place: Place::Byte(cell.entry.position as usize),
            });
            let batches = batches.into_iter().map(|cell| {
                let (base, last) = (cell.base_offset, cell.last_offset);
                Cell {
                    name: format!("@{}", cell.start),
                    text: if base == last { base.to_string() } else { format!("{base}–{last}") },
                    mark: cell.mark,
                    place: Place::Byte(cell.start),
                }
            });
            let column = |key, count: usize, cells| {
                let title = format!("{} · {count}", t(lang, key));
                column(lang, title, cells, see)
            };
            view! {
                {column(LookUpText::TimeIndex, all[0], times.collect())}
                {links(&time_links)}
                {column(LookUpText::OffsetIndex, all[1], offsets.collect())}
                {links(&offset_links)}
                {column(LookUpText::Log, all[2], batches.collect())}
            }
        })
    };
    view! {
        <div class="pointers" data-testid="pointers" tabindex="0" role="group" aria-label=move || t(app.lang.get(), LookUpText::Pointers)>
            {body}
        </div>
    }
    .into_any()
}

/// What a cell points to in the log.
#[derive(Clone, Copy)]
enum Place {
    Byte(usize),
    Offset(i64),
}

/// One entry or batch; a click on it shows the bytes that it points to.
struct Cell {
    name: String,
    text: String,
    mark: Mark,
    place: Place,
}

fn column(
    lang: crate::i18n::Lang,
    title: String,
    cells: Vec<Cell>,
    see: impl Fn(Place) + Copy + Send + Sync + 'static,
) -> AnyView {
    let cell = |cell: Cell| {
        let class = match cell.mark {
            Mark::None => "pointer-cell",
            Mark::Touched => "pointer-cell was-touched",
            Mark::Now => "pointer-cell is-now",
            Mark::Found => "pointer-cell is-found",
        };
        let (place, title) = (cell.place, t(lang, LookUpText::SeeBytes));
        view! {
            <li>
                <button type="button" class=class title=title on:click=move |_| see(place)>
                    <span class="quiet">{cell.name}</span><span>{cell.text}</span>
                </button>
            </li>
        }
    };
    let is_empty = cells.is_empty();
    view! {
        <section class="pointer-column">
            <h4>{title}</h4>
            {if is_empty {
                view! { <p class="quiet">{t(lang, LookUpText::NoEntries)}</p> }.into_any()
            } else {
                view! { <ul class="mono">{cells.into_iter().map(cell).collect_view()}</ul> }.into_any()
            }}
        </section>
    }
    .into_any()
}

/// Curves between the rows of two columns; one that leads out of the window is dashed.
fn links(links: &[Link]) -> AnyView {
    let middle = |row: i64| row * 30 + 15;
    let curve = |link: &Link| {
        let inside = (0..ROWS as i64).contains(&link.to);
        let (from, to) = (middle(link.from as i64), middle(link.to.clamp(-1, ROWS as i64)));
        let class = match (link.is_now, inside) {
            (true, _) => "is-now",
            (false, true) => "",
            (false, false) => "is-outside",
        };
        view! { <path class=class d=format!("M0 {from} C 55 {from}, 45 {to}, 100 {to}") /> }
    };
    // The one that is followed lies on top.
    let mut sorted: Vec<&Link> = links.iter().collect();
    sorted.sort_by_key(|link| link.is_now);
    view! {
        <svg class="pointer-links" viewBox=format!("0 0 100 {}", ROWS * 30) preserveAspectRatio="none" aria-hidden="true">
            {sorted.into_iter().map(curve).collect_view()}
        </svg>
    }
    .into_any()
}
