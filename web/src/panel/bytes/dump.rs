//! The file as `kafka-dump-log.sh` prints it, a page at a time.

use super::Shown;
use crate::app::App;
use crate::i18n::bytes::{self as words, BytesText};
use crate::i18n::t;
use crate::view_model::bytes::dump::{Dump, dump};
use leptos::prelude::*;

/// Lines that are shown at a time.
const LINES: usize = 100;

pub fn dump_view(app: App, shown: Shown) -> AnyView {
    let text = Memo::new(move |_| shown.file.with(|file| file.as_ref().map(dump)));
    let page = RwSignal::new(0_usize);
    Effect::new(move |_| {
        app.viewer.path.track();
        page.set(0);
    });
    let pages =
        move || text.with(|text| text.as_ref().map_or(1, |d| d.lines.len().div_ceil(LINES).max(1)));
    let lines = move || {
        text.with(|text| {
            let Some(Dump { lines, .. }) = text else { return String::new() };
            let from = (page.get() * LINES).min(lines.len());
            lines[from..(from + LINES).min(lines.len())].join("\n")
        })
    };
    let cut = move || {
        text.with(|text| text.as_ref().and_then(|text| text.cut_at))
            .map(|at| words::dump_cut(at, app.lang.get()))
    };
    view! {
        <div class="bytes-pager is-small">
            <button type="button" class="button icon" data-testid="dump-previous" aria-label=move || t(app.lang.get(), BytesText::Previous)
                aria-disabled=move || (page.get() == 0).to_string()
                on:click=move |_| page.update(|page| *page = page.saturating_sub(1))>
                <span aria-hidden="true">"‹"</span>
            </button>
            <p class="mono">{move || format!("{}/{}", page.get() + 1, pages())}</p>
            <button type="button" class="button icon" data-testid="dump-next" aria-label=move || t(app.lang.get(), BytesText::Next)
                aria-disabled=move || (page.get() + 1 >= pages()).to_string()
                on:click=move |_| if page.get_untracked() + 1 < untrack(pages) { page.update(|page| *page += 1) }>
                <span aria-hidden="true">"›"</span>
            </button>
            <p class="quiet">{cut}</p>
        </div>
        <pre class="bytes-dump mono" tabindex="0" data-testid="bytes-dump" aria-label=move || t(app.lang.get(), BytesText::ModeDump)>{lines}</pre>
    }
    .into_any()
}
