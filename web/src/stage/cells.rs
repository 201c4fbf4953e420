//! The record cells of a strip. A cell's colour is its leader epoch, whose number is in the band above
//! ([`super::epochs`]); hatching means not committed; the line below it is whole where the record is on
//! the disk and dotted where it is only in the page cache, and joins a batch.

use super::logs::Drawn;
use super::shapes::{epoch_class, hatch};
use crate::app::App;
use crate::view_model::layout::strip::Density;
use crate::view_model::{Cell, Selection};
use kafkascope_engine::ids::{NodeId, TopicPartition};
use leptos::prelude::*;

#[component]
pub fn Cells(node: NodeId, partition: TopicPartition, drawn: Memo<Option<Drawn>>) -> impl IntoView {
    let offsets = Memo::new(move |_| {
        drawn.with(|drawn| {
            let Some(drawn) = drawn else {
                return Vec::new();
            };
            let shown = drawn.replica.cells.iter().filter(|cell| drawn.is_shown(cell));
            shown.map(|cell| cell.offset).collect::<Vec<_>>()
        })
    });
    let rest = move || {
        drawn.with(|drawn| {
            let drawn = drawn.as_ref()?;
            let before = drawn.place.first_offset - drawn.replica.log_start_offset;
            (before > 0 && drawn.place.density == Density::Full).then(|| "…".to_string())
        })
    };
    view! {
        <For each=move || offsets.get() key=|offset| *offset let:offset>
            <RecordCell node partition=partition.clone() offset drawn />
        </For>
        <text class="strip-before" x="-9" y=move || drawn.with(|d| d.as_ref().map_or(0.0, |d| d.place.density.cells_top() + 17.0))>
            {move || rest().unwrap_or_default()}
        </text>
    }
    .into_any()
}

#[component]
fn RecordCell(
    node: NodeId,
    partition: TopicPartition,
    offset: i64,
    drawn: Memo<Option<Drawn>>,
) -> impl IntoView {
    let app = expect_context::<App>();
    let cell = Memo::new(move |_| {
        drawn.with(|drawn| {
            drawn.as_ref()?.replica.cells.iter().find(|cell| cell.offset == offset).copied()
        })
    });
    let geometry = Memo::new(move |_| {
        drawn.with(|drawn| {
            drawn.as_ref().map_or((0.0, 0.0, 0.0, 0.0), |drawn| {
                let place = &drawn.place;
                let x = drawn.cells_left() + (offset - place.first_offset) as f64 * place.pitch;
                (x, place.density.cells_top(), place.pitch, place.density.cell_height())
            })
        })
    });
    let selection = Selection::Record { node, partition: partition.clone(), offset };
    let is_selected = {
        let selection = selection.clone();
        Memo::new(move |_| app.selection.with(|selected| *selected == selection))
    };
    let select = move |event: web_sys::MouseEvent| {
        event.stop_propagation();
        app.actions_open.set(false);
        app.selection.set(selection.clone());
    };
    let class = move || {
        cell.with(|cell| {
            let Some(cell) = cell else {
                return String::new();
            };
            let mut class = format!("cell {}", epoch_class(cell.leader_epoch));
            for (is, name) in [
                (!cell.committed, " is-uncommitted"),
                (!cell.durable, " is-dirty"),
                (cell.fresh, " is-fresh"),
            ] {
                class.push_str(if is { name } else { "" });
            }
            class
        })
    };
    let is = move |f: fn(&Cell) -> bool| cell.with(|cell| cell.as_ref().is_some_and(f));
    let underline = move || {
        let (_, _, pitch, height) = geometry.get();
        let left = if is(|cell| cell.first_of_batch) { 3.0 } else { 0.0 };
        let right = if is(|cell| cell.last_of_batch) { pitch - 3.0 } else { pitch };
        format!("M{left:.1} {y:.1}H{right:.1}", y = height + 3.5)
    };
    let has_number = move || geometry.get().3 > 14.0;
    view! {
        <g
            class=class
            class:selected=is_selected
            transform=move || format!("translate({:.1} {:.1})", geometry.get().0, geometry.get().1)
            data-testid=format!("record-{node}-{partition}-{offset}")
            on:click=select
        >
            <rect class="cell-body" x="1" y="0" rx=move || if has_number() { 5.0 } else { 2.5 }
                width=move || (geometry.get().2 - 2.0).max(1.0) height=move || geometry.get().3 />
            <Show when=move || is(|cell| !cell.committed)>
                <path class="cell-hatch" transform="translate(1.5 0.5)"
                    d=move || hatch(geometry.get().2 - 3.0, geometry.get().3 - 1.0, 5.0) />
            </Show>
            <Show when=has_number>
                <text class="cell-offset" x=move || geometry.get().2 / 2.0 y=move || geometry.get().3 / 2.0 + 4.0 text-anchor="middle">
                    {offset}
                </text>
                <path class="cell-durable" d=underline />
            </Show>
            <Show when=move || { is(|cell| cell.tombstone) && has_number() }>
                <text class="cell-tombstone" x=move || geometry.get().2 - 4.0 y="8" text-anchor="end">"∅"</text>
            </Show>
        </g>
    }
    .into_any()
}
