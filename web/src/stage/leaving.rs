//! Records that a follower cuts off its log are seen leaving: hatched, sinking, then gone. How far they
//! have left follows from the shown moment alone.

use super::logs::Drawn;
use super::shapes::hatch;
use crate::motion::Motion;
use crate::view_model::Cut;
use crate::view_model::layout::strip::Density;
use kafkascope_engine::ids::{NodeId, TopicPartition};
use leptos::prelude::*;
use leptos::svg;
use wasm_bindgen::JsCast;
use web_sys::SvgElement;

/// Sinks so far while it leaves.
const DOWN: f64 = 16.0;

fn style(cut: &Cut, now_us: f64) -> (String, String) {
    let part = cut.progress(now_us);
    let eased = part * part;
    (format!("{:.3}", 1.0 - eased), format!("translateY({:.2}px)", eased * DOWN))
}

fn place(element: &SvgElement, cut: &Cut, now_us: f64) {
    let (opacity, transform) = style(cut, now_us);
    let _ = element.style().set_property("opacity", &opacity);
    let _ = element.style().set_property("transform", &transform);
}

#[component]
pub fn CutOff(
    node: NodeId,
    partition: TopicPartition,
    drawn: Memo<Option<Drawn>>,
) -> impl IntoView {
    let motion = expect_context::<Motion>();
    let cut =
        Memo::new(move |_| drawn.with(|drawn| drawn.as_ref().and_then(|drawn| drawn.replica.cut)));
    let element = NodeRef::<svg::G>::new();
    motion.follow(move || {
        let (element, cut) = element.get().zip(cut.get())?;
        let formula = move |element: &SvgElement, now_us| place(element, &cut, now_us);
        Some((element.unchecked_into(), formula))
    });
    let shapes = move || {
        let Cut { from, to, .. } = cut.get()?;
        let drawn = drawn.get()?;
        let (place, height) = (&drawn.place, drawn.place.density.cell_height());
        let end = from.min(place.first_offset + place.slots as i64);
        let cells = (to.max(place.first_offset)..end).map(|offset| {
            let x = drawn.cells_left() + (offset - place.first_offset) as f64 * place.pitch;
            let has_number = place.density != Density::Line;
            view! {
                <g transform=format!("translate({x:.1} {:.1})", place.density.cells_top())>
                    <rect class="leaving-body" x="1" y="0" rx="5" width=(place.pitch - 2.0).max(1.0) height=height />
                    <path class="leaving-hatch" transform="translate(1.5 0.5)" d=hatch(place.pitch - 3.0, height - 1.0, 4.0) />
                    {has_number.then(|| view! {
                        <text class="leaving-offset" x=place.pitch / 2.0 y=height / 2.0 + 4.0 text-anchor="middle">{offset}</text>
                    })}
                </g>
            }
        });
        Some(cells.collect_view())
    };
    let testid = format!("cut-{node}-{partition}");
    view! {
        <Show when=move || cut.get().is_some()>
            <g class="leaving" node_ref=element data-testid=testid.clone()>{shapes}</g>
        </Show>
    }
    .into_any()
}
