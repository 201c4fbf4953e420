//! The leader-epoch cache of a replica as bands over its cells, each with its number; an epoch in which
//! nothing was written yet is a dashed stub where it begins. Where replicas of the partition have
//! different records, a jagged line stands before the first of them.

use super::logs::Drawn;
use super::shapes::epoch_class;
use crate::view_model::layout::strip::{Density, boundary};
use kafkascope_engine::ids::{NodeId, TopicPartition};
use leptos::prelude::*;

#[derive(Clone, Debug, PartialEq)]
struct Band {
    epoch: i32,
    density: Density,
    x: f64,
    width: f64,
    /// It has no record yet.
    is_empty: bool,
    /// Of its label, from its left end: a badge may stand there.
    indent: f64,
}

/// Where bands are in a strip: the top, and their height.
fn rows(density: Density) -> Option<(f64, f64)> {
    match density {
        Density::Full => Some((density.cells_top() - 14.0, 10.0)),
        Density::Compact => Some((density.cells_top() - 4.5, 2.5)),
        Density::Line => None,
    }
}

fn bands(drawn: &Drawn) -> Vec<Band> {
    let (place, replica) = (&drawn.place, &drawn.replica);
    if rows(place.density).is_none() {
        return Vec::new();
    }
    let left = drawn.cells_left();
    let at = |offset| left + boundary(place.first_offset, place.slots, place.pitch, offset);
    let ends = replica.epochs.iter().skip(1).map(|(_, start)| *start);
    let ends = ends.chain([replica.log_end_offset]);
    let bands = replica.epochs.iter().zip(ends).filter_map(|(&(epoch, start), end)| {
        let is_empty = start >= end;
        let x = at(start);
        let width = if is_empty { place.pitch * 0.72 } else { at(end) - x };
        // Epochs that lie before what is shown.
        let is_shown = is_empty || width > 0.5;
        let indent = if replica.diverges_at == Some(start) { 10.0 } else { 4.0 };
        let width = (width - 2.0).max(1.0);
        let density = place.density;
        is_shown.then_some(Band { epoch, density, x: x + 1.0, width, is_empty, indent })
    });
    bands.collect()
}

#[component]
pub fn Epochs(
    node: NodeId,
    partition: TopicPartition,
    drawn: Memo<Option<Drawn>>,
) -> impl IntoView {
    let bands = Memo::new(move |_| drawn.with(|d| d.as_ref().map_or(Vec::new(), bands)));
    let id = format!("{node}-{partition}");
    let band = {
        let id = id.clone();
        move |band: Band| {
            let (top, height) = rows(band.density).unwrap_or_default();
            let text = match band.width - band.indent + 4.0 {
                ..9.0 => String::new(),
                9.0..44.0 => format!("e{}", band.epoch),
                _ => format!("epoch {}", band.epoch),
            };
            let has_text = height > 6.0 && !text.is_empty();
            view! {
                <g
                    class=format!("epoch-band {}", epoch_class(band.epoch))
                    class:is-empty=band.is_empty
                    data-testid=format!("epoch-{id}-{}", band.epoch)
                >
                    <rect x=band.x y=top width=band.width height=height rx=height.min(6.0) / 2.0 />
                    {has_text.then(|| view! { <text class="epoch-label" x=band.x + band.indent y=top + 8.0>{text}</text> })}
                </g>
            }
        }
    };
    let jag = Memo::new(move |_| {
        drawn.with(|drawn| {
            let drawn = drawn.as_ref()?;
            let place = &drawn.place;
            let offset =
                drawn.replica.diverges_at.filter(|offset| *offset >= place.first_offset)?;
            let x =
                drawn.cells_left() + boundary(place.first_offset, place.slots, place.pitch, offset);
            let (top, height) = (place.density.cells_top(), place.density.cell_height());
            Some((offset, x, top, height, place.density))
        })
    });
    view! {
        <g class="epochs">
            <For each=move || bands.get() key=|band| (band.epoch, band.density as u8, band.is_empty, [band.x, band.width, band.indent].map(|n| (n * 10.0) as i64)) let:one>
                {band(one)}
            </For>
            {move || jag.get().map(|(offset, x, top, height, density)| {
                let (from, to) = (top - 5.0, top + height + 5.0);
                let step = (to - from) / 6.0;
                let path: String = (0..=6)
                    .map(|n| {
                        let side = if n % 2 == 0 { -2.2 } else { 2.2 };
                        let letter = if n == 0 { 'M' } else { 'L' };
                        format!("{letter}{:.1} {:.1}", x + side, from + step * f64::from(n))
                    })
                    .collect();
                view! {
                    <g class="diverged" data-testid=format!("diverged-{id}") data-offset=offset>
                        <path class="diverged-line" d=path />
                        {(density == Density::Full).then(|| view! {
                            <circle class="diverged-badge" cx=x cy=top - 9.0 r="7" />
                            <text class="diverged-sign" x=x y=top - 5.4 text-anchor="middle">"≠"</text>
                        })}
                    </g>
                }
            })}
        </g>
    }
    .into_any()
}
