//! The fields of the shown block and, beside them, its bytes. One signal says which field is pointed
//! at; both sides follow it.

use super::{Shown, hex};
use crate::app::App;
use crate::i18n::bytes::{self as words, BytesText};
use crate::i18n::{Lang, t};
use crate::view_model::bytes::fields::{FieldView, Unpacked, batch_of, fields, unpacked};
use crate::view_model::bytes::hex::{fields_on, page_of, page_range, pages};
use kafkascope_engine::record::{CompressionType, RecordBatch};
use leptos::prelude::*;
use std::sync::Arc;
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, ScrollIntoViewOptions, ScrollLogicalPosition};

/// Records of a compressed batch that are listed.
const UNPACKED_MAX: usize = 200;

/// The shown block, cut out of its file.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    pub bytes: bytes::Bytes,
    /// Byte in the file.
    pub start: usize,
    pub durable_len: u64,
    pub fields: Arc<Vec<FieldView>>,
    pub batch: Option<RecordBatch>,
}

#[derive(Clone, Copy)]
pub struct Pointing {
    pub part: Memo<Option<Part>>,
    pub page: RwSignal<usize>,
    /// The field that is pointed at.
    pub field: RwSignal<Option<usize>>,
}

impl Pointing {
    /// The pointer moved over a field. That something scrolled under it does not count.
    pub fn point(&self, field: usize) {
        if self.field.get_untracked() != Some(field) {
            self.field.set(Some(field));
        }
    }
}

pub fn fields_and_bytes(app: App, shown: Shown) -> AnyView {
    let part = Memo::new(move |_| {
        let (_, block) = shown.block.get()?;
        shown.file.with(|file| {
            let file = file.as_ref()?;
            // The file may be shorter than a moment ago; the block follows.
            let bytes = file.bytes.get(block.start..block.start + block.len)?;
            Some(Part {
                bytes: file.bytes.slice_ref(bytes),
                start: block.start,
                durable_len: file
                    .durable_len
                    .clamp(block.start as u64, (block.start + block.len) as u64),
                fields: Arc::new(fields(file, &block)),
                batch: batch_of(file, &block),
            })
        })
    });
    let pointing = Pointing { part, page: RwSignal::new(0), field: RwSignal::new(None) };
    let start = Memo::new(move |_| part.with(|part| part.as_ref().map(|part| part.start)));
    let path = app.viewer.path;
    Effect::new(move |_| {
        start.track();
        path.track();
        pointing.page.set(0);
        pointing.field.set(None);
    });
    view! {
        {page_pager(app, pointing)}
        <div class="bytes-pair">
            {hex::hex(app, pointing)}
            <div class="bytes-fields-side">
                {pointed(app, pointing)}
                {list(app, pointing)}
            </div>
        </div>
        {unpacked_list(app, pointing)}
    }
    .into_any()
}

fn page_pager(app: App, pointing: Pointing) -> AnyView {
    let len = move || pointing.part.with(|part| part.as_ref().map_or(0, |part| part.bytes.len()));
    let go = move |page: usize| {
        if page < pages(len()) {
            pointing.field.set(None);
            pointing.page.set(page);
        }
    };
    view! {
        <Show when=move || { pages(len()) > 1 }>
            <div class="bytes-pager is-small">
                <button type="button" class="button icon" data-testid="page-previous" aria-label=move || t(app.lang.get(), BytesText::Previous)
                    aria-disabled=move || (pointing.page.get() == 0).to_string()
                    on:click=move |_| go(pointing.page.get_untracked().wrapping_sub(1))>
                    <span aria-hidden="true">"‹"</span>
                </button>
                <p class="quiet" data-testid="page">{move || {
                    let range = page_range(len(), pointing.page.get());
                    words::bytes_of(range.start, range.end.saturating_sub(1), len(), app.lang.get())
                }}</p>
                <button type="button" class="button icon" data-testid="page-next" aria-label=move || t(app.lang.get(), BytesText::Next)
                    aria-disabled=move || (pointing.page.get() + 1 >= pages(len())).to_string()
                    on:click=move |_| go(pointing.page.get_untracked() + 1)>
                    <span aria-hidden="true">"›"</span>
                </button>
            </div>
        </Show>
    }
    .into_any()
}

/// What the pointed field says and what it is for.
fn pointed(app: App, pointing: Pointing) -> AnyView {
    let field = move || {
        let index = pointing.field.get()?;
        pointing.part.with(|part| {
            let part = part.as_ref()?;
            let is_control = part.batch.as_ref().is_some_and(RecordBatch::is_control);
            Some((part.fields.get(index)?.clone(), part.start, is_control))
        })
    };
    let card = move |(field, start, is_control): (FieldView, usize, bool)| {
        let lang = app.lang.get();
        let remark = field.remark.as_ref().map(|remark| words::remark(remark, lang));
        let meaning = words::meaning(field.name, field.part.is_some(), is_control);
        view! {
            <p class="bytes-pointed-name">
                <strong class="mono">{field.name}</strong>
                " = "
                <span class="mono">{field.value}</span>
                {remark.map(|remark| view! { <span class="bytes-remark">{remark}</span> })}
            </p>
            <p>{t(lang, meaning)}</p>
            <p class="quiet">{format!("{} B @ {}", field.len, start + field.start)}</p>
        }
        .into_any()
    };
    view! {
        <div class="bytes-pointed" data-testid="bytes-pointed">
            {move || match field() {
                Some(field) => card(field),
                None => view! { <p class="quiet">{move || t(app.lang.get(), BytesText::FieldsHint)}</p> }.into_any(),
            }}
        </div>
    }
    .into_any()
}

/// The fields of the shown page, with a heading where a record or entry begins.
fn list(app: App, pointing: Pointing) -> AnyView {
    let rows = move || {
        let lang = app.lang.get();
        let page = pointing.page.get();
        pointing.part.with(|part| {
            let Some(part) = part.as_ref() else { return Vec::new() };
            let range = fields_on(&part.fields, &page_range(part.bytes.len(), page));
            let mut rows: Vec<AnyView> = Vec::new();
            let mut before = None;
            for index in range {
                let field = &part.fields[index];
                if before != Some(field.part) {
                    before = Some(field.part);
                    rows.extend(heading(lang, part, field.part));
                }
                rows.push(row(lang, pointing, index, field));
            }
            rows
        })
    };
    view! {
        <ul class="bytes-fields" data-testid="bytes-fields" aria-label=move || t(app.lang.get(), BytesText::Fields)
            on:keydown=move |event| on_key(pointing, event)>
            {rows}
        </ul>
    }
    .into_any()
}

fn heading(lang: Lang, part: &Part, of: Option<usize>) -> Option<AnyView> {
    let text = match (of, &part.batch) {
        (None, Some(_)) => t(lang, BytesText::Header).to_string(),
        (None, None) => return None,
        (Some(index), Some(_)) => format!("{} {index}", t(lang, BytesText::Record)),
        (Some(index), None) => format!("{} {index}", t(lang, BytesText::Entry)),
    };
    Some(view! { <li class="bytes-part">{text}</li> }.into_any())
}

fn row(lang: Lang, pointing: Pointing, index: usize, field: &FieldView) -> AnyView {
    let remark = field.remark.as_ref().map(|remark| words::remark(remark, lang));
    let is_pointed = move || pointing.field.get() == Some(index);
    let (name, value) = (field.name, field.value.clone());
    let part = pointing.part;
    let is_stop = move || match pointing.field.get() {
        Some(pointed) => pointed == index,
        // One of the page's fields is the way in.
        None => part.with_untracked(|part| {
            part.as_ref().is_some_and(|part| {
                let page = page_range(part.bytes.len(), pointing.page.get());
                fields_on(&part.fields, &page).start == index
            })
        }),
    };
    view! {
        <li>
            <button
                type="button"
                id=format!("field-{index}")
                class="bytes-field"
                class:is-pointed=is_pointed
                tabindex=move || if is_stop() { "0" } else { "-1" }
                on:pointermove=move |_| pointing.point(index)
                on:focus=move |_| {
                    pointing.field.set(Some(index));
                    show_run(index);
                }
                on:click=move |_| show_run(index)
            >
                <span class="bytes-field-name">{name}</span>
                <span>
                    <span class="mono">{value}</span>
                    {remark.map(|remark| view! { <span class="bytes-remark">{remark}</span> })}
                </span>
            </button>
        </li>
    }
    .into_any()
}

/// The arrows go from field to field, over the pages.
fn on_key(pointing: Pointing, event: web_sys::KeyboardEvent) {
    let here = pointing.field.get_untracked().unwrap_or(0);
    let count = pointing.part.with_untracked(|part| part.as_ref().map_or(0, |p| p.fields.len()));
    let last = count.saturating_sub(1);
    let to = match event.code().as_str() {
        "ArrowDown" => (here + 1).min(last),
        "ArrowUp" => here.saturating_sub(1),
        "Home" => 0,
        "End" => last,
        _ => return,
    };
    event.prevent_default();
    let page = pointing
        .part
        .with_untracked(|part| part.as_ref().map_or(0, |part| page_of(&part.fields, to)));
    if page != pointing.page.get_untracked() {
        pointing.page.set(page);
    }
    pointing.field.set(Some(to));
    // It may be drawn only now.
    request_animation_frame(move || focus_field(to));
}

/// Gives the focus to a field; it comes into view by that.
pub fn focus_field(index: usize) {
    if let Some(field) = element(&format!("#field-{index}")) {
        let _ = field.focus();
    }
}

fn show_run(index: usize) {
    if let Some(run) = element(&format!("[data-run='{index}']")) {
        let options = ScrollIntoViewOptions::new();
        options.set_block(ScrollLogicalPosition::Nearest);
        run.scroll_into_view_with_scroll_into_view_options(&options);
    }
}

fn element(selector: &str) -> Option<HtmlElement> {
    let document = web_sys::window()?.document()?;
    document.query_selector(selector).ok()??.dyn_into().ok()
}

/// The records of a compressed batch, which have no bytes of their own in the file.
fn unpacked_list(app: App, pointing: Pointing) -> AnyView {
    let records = Memo::new(move |_| {
        pointing.part.with(|part| {
            let batch = part.as_ref()?.batch.as_ref()?;
            let codec = batch.compression_type();
            (codec != CompressionType::None).then(|| (codec, unpacked(batch, UNPACKED_MAX)))
        })
    });
    let line = |record: Unpacked| {
        let null = || "null".to_string();
        let (key, value) = (record.key.unwrap_or_else(null), record.value.unwrap_or_else(null));
        view! {
            <li><span class="number">{record.offset}</span><span class="quiet">{words::time(record.timestamp)}</span><span>{key}</span><span>{value}</span></li>
        }
    };
    let body = move |(codec, records): (CompressionType, Result<Vec<Unpacked>, String>)| {
        view! {
            <section class="bytes-unpacked" data-testid="bytes-unpacked">
                <h4>{move || t(app.lang.get(), BytesText::Unpacked)}</h4>
                <p>{move || words::compressed(codec, app.lang.get())}</p>
                {match records {
                    Ok(records) => view! { <ul class="mono">{records.into_iter().map(line).collect_view()}</ul> }.into_any(),
                    Err(why) => view! { <p class="is-attention">{why}</p> }.into_any(),
                }}
            </section>
        }
    };
    view! { {move || records.get().map(body)} }.into_any()
}
