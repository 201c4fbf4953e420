//! The picture of a cleaning: the log, the offset map and the new segments side by side.

use crate::app::App;
use crate::i18n::cleaner::CleanerText;
use crate::i18n::{Lang, format, t};
use crate::view_model::bytes::cleaning::{
    Cell, DrawnCell, DrawnSegment, Fate, Frame, Made, Phase, Zone,
};
use leptos::prelude::*;

pub fn board(app: App, drawn: Memo<Option<Frame>>) -> AnyView {
    let part = move |class: &'static str, key: CleanerText, body: AnyView| {
        view! {
            <section class=class tabindex="0" aria-label=move || t(app.lang.get(), key)>
                <h4>{move || t(app.lang.get(), key)}</h4>
                {body}
            </section>
        }
    };
    let log = move || {
        let lang = app.lang.get();
        drawn.get().map(|frame| {
            let (before, after) = frame.hidden;
            view! {
                {more(before)}
                {frame.segments.iter().map(|s| segment(s, frame.phase, lang)).collect_view()}
                {more(after)}
            }
        })
    };
    let map = move || {
        let lang = app.lang.get();
        drawn.get().map(|frame| {
            if frame.keys == 0 {
                return view! { <p class="quiet">{t(lang, CleanerText::MapEmpty)}</p> }.into_any();
            }
            let more = more(frame.keys - frame.map.len());
            let rows = frame.map.into_iter().map(|(key, offset, is_now)| {
                view! { <li class:is-now=is_now><span>{key.to_string()}</span><span>{offset}</span></li> }
            });
            view! { <ul class="clean-map mono">{rows.collect_view()}</ul> {more} }.into_any()
        })
    };
    let made = move || {
        let lang = app.lang.get();
        drawn.get().map(|frame| match frame.made.is_empty() {
            true => view! { <p class="quiet">{t(lang, CleanerText::MadeEmpty)}</p> }.into_any(),
            false => frame.made.iter().map(new_segment).collect_view().into_any(),
        })
    };
    let mark = move |class: &'static str, key| {
        view! { <span class=class>{move || t(app.lang.get(), key)}</span> }
    };
    view! {
        <div class="clean-board" data-testid="cleaner-board">
            {part("clean-log", CleanerText::Log, view! { {log} }.into_any())}
            {part("clean-keys", CleanerText::Map, view! { {map} }.into_any())}
            {part("clean-made", CleanerText::Made, view! { {made} }.into_any())}
        </div>
        <p class="clean-marks" role="group" aria-label=move || t(app.lang.get(), CleanerText::Legend)>
            {mark("is-newest", CleanerText::LegendNewest)}
            {mark("is-older", CleanerText::LegendOlder)}
            {mark("is-kept", CleanerText::LegendKept)}
            {mark("is-dropped", CleanerText::LegendDropped)}
            {mark("is-tombstone", CleanerText::Tombstone)}
        </p>
    }
    .into_any()
}

fn more(count: usize) -> Option<AnyView> {
    (count > 0).then(|| {
        view! { <p class="quiet mono">{format!("… {}", format::number(count as u64))}</p> }
            .into_any()
    })
}

fn segment(segment: &DrawnSegment, phase: Phase, lang: Lang) -> AnyView {
    let zone = match segment.zone {
        Zone::Clean => ("is-clean", CleanerText::Tail),
        Zone::Dirty => ("is-dirty", CleanerText::Head),
        Zone::Untouched => ("is-rest", CleanerText::Untouched),
    };
    let note = if segment.is_replaced {
        CleanerText::Replaced
    } else if segment.is_active {
        CleanerText::Active
    } else {
        zone.1
    };
    let cells = segment.cells.iter().map(|drawn| cell(drawn, phase, lang));
    view! {
        <div class=format!("clean-segment {}", zone.0) class:is-replaced=segment.is_replaced>
            <p>{t(lang, CleanerText::Segment)} " " <strong class="mono">{segment.base}</strong> " · " {t(lang, note)}</p>
            <ul class="clean-cells">{cells.collect_view()}</ul>
        </div>
    }
    .into_any()
}

fn cell(drawn: &DrawnCell, phase: Phase, lang: Lang) -> AnyView {
    let fate = match drawn.fate {
        Fate::Open => "",
        Fate::Newest => "is-newest",
        Fate::Older => "is-older",
        Fate::Kept => "is-kept",
        Fate::Dropped => "is-dropped",
    };
    // Said to those who do not see the colours.
    let said = match (drawn.fate, phase) {
        (Fate::Kept, _) => Some(CleanerText::LegendKept),
        (Fate::Dropped, _) => Some(CleanerText::LegendDropped),
        (Fate::Newest, Phase::Map) => Some(CleanerText::LegendNewest),
        _ => None,
    };
    let tombstone = drawn.cell.is_tombstone.then(|| t(lang, CleanerText::Tombstone));
    view! {
        <li class=format!("clean-cell {fate}") class:is-now=drawn.is_now class:is-tombstone=drawn.cell.is_tombstone
            title=tombstone>
            {offset_and_key(&drawn.cell)}
            <span class="visually-hidden">{tombstone} " " {said.map(|key| t(lang, key))}</span>
        </li>
    }
    .into_any()
}

fn offset_and_key(cell: &Cell) -> AnyView {
    let key = cell.key.as_deref().unwrap_or("–").to_string();
    view! {
        <span class="clean-offset">{cell.offset}</span>
        <span class="clean-key">{key}</span>
    }
    .into_any()
}

fn new_segment(made: &Made) -> AnyView {
    let cells = made.cells.iter().map(|cell| {
        view! {
            <li class="clean-cell is-kept" class:is-tombstone=cell.is_tombstone>{offset_and_key(cell)}</li>
        }
    });
    view! {
        <div class="clean-segment is-new">
            <p class="mono">{made.base} ".log" <strong>{made.suffix()}</strong></p>
            {more(made.more)}
            <ul class="clean-cells">{cells.collect_view()}</ul>
        </div>
    }
    .into_any()
}
