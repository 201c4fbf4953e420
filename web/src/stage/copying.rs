//! How far the copy of a replica that is being added has come: the lower edge of its tray fills.

use super::logs::Drawn;
use crate::view_model::moving::Moving;
use kafkascope_engine::ids::{NodeId, TopicPartition};
use leptos::prelude::*;

const HEIGHT: f64 = 3.0;

#[component]
pub fn Copying(
    node: NodeId,
    partition: TopicPartition,
    drawn: Memo<Option<Drawn>>,
) -> impl IntoView {
    // Left end, top, the whole width, the part that is done.
    let bar = Memo::new(move |_| {
        drawn.with(|drawn| {
            let drawn = drawn.as_ref()?;
            let Some(Moving::Adding(copied)) = drawn.moving else {
                return None;
            };
            let width = drawn.cells_width();
            let top = drawn.place.density.cells_top() - 3.0 + drawn.tray_height() - HEIGHT;
            let done = width * copied.percent() as f64 / 100.0;
            Some((drawn.cells_left(), top, width, done, copied.percent()))
        })
    });
    let testid = format!("copied-{node}-{partition}");
    let bar = move || {
        let (x, y, width, done, percent) = bar.get()?;
        Some(view! {
            <g class="copying" data-testid=testid.clone() data-percent=percent>
                <rect class="copying-all" x=x y=y width=width height=HEIGHT rx=HEIGHT / 2.0 />
                <rect class="copying-done" x=x y=y width=done height=HEIGHT rx=HEIGHT / 2.0 />
            </g>
        })
    };
    bar.into_any()
}
