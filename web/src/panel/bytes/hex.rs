//! Bytes in hexadecimal and as text. A run of bytes of one field is one element.

use super::fields::{Pointing, focus_field};
use crate::app::App;
use crate::i18n::bytes::BytesText;
use crate::i18n::t;
use crate::view_model::bytes::hex::{HexRow, Run, page_range, rows};
use leptos::prelude::*;

/// Bytes of a row on a wide and on a narrow page.
const WIDE: usize = 16;
const NARROW: usize = 8;

pub fn hex(app: App, pointing: Pointing) -> AnyView {
    let width = web_sys::window()
        .and_then(|window| window.inner_width().ok())
        .and_then(|width| width.as_f64())
        .map_or(WIDE, |width| if width < 760.0 { NARROW } else { WIDE });
    let rows = move || {
        let page = pointing.page.get();
        pointing.part.with(|part| {
            part.as_ref().map(|part| {
                let range = page_range(part.bytes.len(), page);
                rows(&part.bytes, part.start, part.durable_len, &part.fields, range, width)
                    .into_iter()
                    .map(|hex_row| row(pointing, hex_row))
                    .collect_view()
            })
        })
    };
    view! {
        <div
            class=if width == WIDE { "bytes-hex mono" } else { "bytes-hex mono is-narrow" }
            data-testid="bytes-hex"
            tabindex="0"
            role="group"
            aria-label=move || t(app.lang.get(), BytesText::Hex)
        >
            {rows}
        </div>
    }
    .into_any()
}

fn row(pointing: Pointing, row: HexRow) -> AnyView {
    let hex = row.runs.iter().map(|run| part(pointing, run, run.hex.clone())).collect_view();
    let ascii = row.runs.iter().map(|run| part(pointing, run, run.ascii.clone())).collect_view();
    view! {
        <div class="bytes-row">
            <span class="bytes-at">{format!("{:06x}", row.at)}</span>
            <span class="bytes-hexes">{hex}</span>
            <span class="bytes-ascii" aria-hidden="true">{ascii}</span>
        </div>
    }
    .into_any()
}

fn part(pointing: Pointing, run: &Run, text: String) -> AnyView {
    let field = run.field;
    view! {
        <span
            class="bytes-run"
            class:is-dirty=run.is_dirty
            class:is-odd={field % 2 == 1}
            class:is-pointed=move || pointing.field.get() == Some(field)
            data-run=field
            on:pointermove=move |_| pointing.point(field)
            on:click=move |_| focus_field(field)
        >
            {text}
        </span>
    }
    .into_any()
}
