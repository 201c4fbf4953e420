//! The whole file as one bar: its blocks in proportion, what of it is durable, and which part is shown.

use super::Shown;
use crate::app::App;
use crate::i18n::bytes::BytesText;
use crate::i18n::{format, t};
use leptos::prelude::*;

/// With more blocks than these their edges would fill the bar.
const BLOCKS_MAX: usize = 160;

pub fn map(app: App, shown: Shown) -> AnyView {
    let lens = Memo::new(move |_| {
        shown.outline.with(|outline| match outline.blocks.len() {
            ..=BLOCKS_MAX => outline.blocks.iter().map(|block| (block.start, block.len)).collect(),
            _ => Vec::new(),
        })
    });
    let sizes = Memo::new(move |_| {
        shown.file.with(|file| {
            file.as_ref().map_or((0, 0), |file| (file.bytes.len() as u64, file.durable_len))
        })
    });
    let percent = |part: u64, all: u64| part as f64 * 100.0 / all.max(1) as f64;
    let current = move || {
        let (len, _) = sizes.get();
        shown.block.get().map(|(_, block)| {
            let (left, width) = (percent(block.start as u64, len), percent(block.len as u64, len));
            format!("left:{left:.3}%;width:{width:.3}%")
        })
    };
    let dirty = move || {
        let (len, durable) = sizes.get();
        (durable < len).then(|| format!("left:{:.3}%", percent(durable, len)))
    };
    // For the pointer; the pager does the same by keyboard.
    let cells = move || {
        lens.get()
            .into_iter()
            .map(|(start, len)| {
                view! { <i style=format!("flex-grow:{len}") on:click=move |_| app.viewer.at.set(start)></i> }
            })
            .collect_view()
    };
    view! {
        <div class="bytes-map" aria-hidden="true">
            {cells}
            {move || dirty().map(|style| view! { <b class="bytes-map-dirty" style=style></b> })}
            <b class="bytes-map-current" style=current></b>
        </div>
        <p class="bytes-legend" data-testid="bytes-durable">
            <span class="is-durable">
                {move || t(app.lang.get(), BytesText::Durable)} " " {move || format::bytes(sizes.get().1)}
            </span>
            <Show when=move || dirty().is_some()>
                <span class="is-cached">
                    {move || t(app.lang.get(), BytesText::Cached)} " " {move || format::bytes(sizes.get().0 - sizes.get().1)}
                </span>
            </Show>
        </p>
    }
    .into_any()
}
