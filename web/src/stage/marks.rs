//! High watermark and log end offset of a strip: where reading stops and where writing goes on.

use super::logs::Drawn;
use crate::view_model::layout::strip::{Density, Labels, boundary, label_width, place_labels};
use kafkascope_engine::ids::{NodeId, TopicPartition};
use leptos::prelude::*;

#[derive(Clone, Debug, PartialEq)]
struct Placed {
    density: Density,
    hw_x: f64,
    /// The middle of the slot where the next record will go.
    leo_x: f64,
    hw_text: String,
    leo_text: String,
    labels: Labels,
    cells_top: f64,
    cells_bottom: f64,
    width: f64,
}

fn placed(drawn: &Drawn) -> Placed {
    let (place, replica) = (&drawn.place, &drawn.replica);
    let at = |offset| {
        drawn.cells_left() + boundary(place.first_offset, place.slots, place.pitch, offset)
    };
    let (hw_x, leo_x) = (at(replica.high_watermark), at(replica.log_end_offset));
    let hw_text = format!("HW {}", replica.high_watermark);
    let leo_text = format!("LEO {}", replica.log_end_offset);
    let cells_top = place.density.cells_top();
    Placed {
        density: place.density,
        hw_x,
        leo_x: leo_x + place.pitch / 2.0,
        labels: place_labels(&hw_text, &leo_text, hw_x, leo_x, place.rect.width),
        hw_text,
        leo_text,
        cells_top,
        cells_bottom: cells_top + place.density.cell_height(),
        width: place.rect.width,
    }
}

/// A narrow compact strip has no room for the log end offset beside its name: its cells show it.
const LEO_FROM_WIDTH: f64 = 190.0;

/// What the marks take of the name's row in a compact strip, about.
pub fn marks_width(strip_width: f64) -> f64 {
    if strip_width < LEO_FROM_WIDTH { 46.0 } else { 96.0 }
}

#[component]
pub fn Marks(node: NodeId, partition: TopicPartition, drawn: Memo<Option<Drawn>>) -> impl IntoView {
    let marks = Memo::new(move |_| drawn.with(|drawn| drawn.as_ref().map(placed)));
    let of = move |f: fn(&Placed) -> f64| marks.with(|marks| marks.as_ref().map_or(0.0, f));
    let density =
        Memo::new(move |_| marks.with(|marks| marks.as_ref().map_or(Density::Full, |m| m.density)));
    let label_row = move || match density.get() {
        Density::Full => of(|m| m.cells_bottom) + 27.0,
        Density::Compact => 12.0,
        Density::Line => 14.0,
    };
    let has_leo = move || match density.get() {
        Density::Full => true,
        Density::Compact => of(|m| m.width) >= LEO_FROM_WIDTH,
        Density::Line => false,
    };
    // Full: labels at their marks. Else they stand in the row of the name, before the role.
    let leo_x = move || match density.get() {
        Density::Full => of(|m| m.labels.leo_left),
        Density::Compact => of(|m| m.width - 30.0 - label_width(&m.leo_text)),
        Density::Line => 0.0,
    };
    let hw_x = move || match density.get() {
        Density::Full => of(|m| m.labels.hw_left),
        Density::Compact if !has_leo() => of(|m| m.width - 30.0 - m.labels.hw_width),
        Density::Compact => of(|m| m.width - 40.0 - label_width(&m.leo_text) - m.labels.hw_width),
        Density::Line => of(|m| m.width - m.labels.hw_width),
    };
    let line = move || {
        let (x, top, bottom) = (of(|m| m.hw_x), of(|m| m.cells_top), of(|m| m.cells_bottom));
        let down = if density.get() == Density::Full { 17.0 } else { 5.0 };
        format!("M{x:.1} {:.1}V{:.1}", top - 5.0, bottom + down)
    };
    let triangle = move || {
        let (x, y) = (of(|m| m.leo_x), of(|m| m.cells_bottom) + 9.0);
        match density.get() {
            Density::Full => format!("M{x:.1} {y:.1}l4 6h-8z"),
            _ => String::new(),
        }
    };
    view! {
        <g class="marks">
            <path class="leo-mark" d=triangle />
            <path class="hw-line" d=line />
            <g data-testid=format!("hw-{node}-{partition}") transform=move || format!("translate({:.1} {:.1})", hw_x(), label_row() - 11.5)>
                <rect class="hw-pill" rx="4.5" height="16" width=move || of(|m| m.labels.hw_width) />
                <text class="hw-label" x=move || of(|m| m.labels.hw_width / 2.0) y="11.7" text-anchor="middle">
                    {move || marks.with(|marks| marks.as_ref().map(|m| m.hw_text.clone()))}
                </text>
            </g>
            <Show when=has_leo>
                <text class="leo-label" x=leo_x y=label_row data-testid=format!("leo-{node}-{partition}")>
                    {move || marks.with(|marks| marks.as_ref().map(|m| m.leo_text.clone()))}
                </text>
            </Show>
        </g>
    }
    .into_any()
}
