//! The byte viewer: a disk's directories on one side; on the other the file that is pointed at, from
//! its batches down to the bytes, field by field. It follows the shown moment, as every panel does.

mod cleaner;
mod codecs;
mod dump;
mod exchange;
mod fields;
mod folder;
mod hex;
mod look_up;
mod map;
mod tree;
mod walk;

use super::dialog::Modal;
use crate::app::App;
use crate::i18n::bytes::{self as words, BytesText};
use crate::i18n::{format, t};
use crate::view_model::bytes::outline::{Block, BlockKind, Outline, is_torn_end, outline};
use crate::view_model::bytes::{FileKind, FileShot, shot};
use crate::viewer::{Mode, Source};
use kafkascope_engine::ids::NodeId;
use kafkascope_engine::sim::disk::Disk;
use leptos::prelude::*;
use std::sync::Arc;

/// What is shown, derived from the viewer's place and the shown moment.
#[derive(Clone, Copy)]
struct Shown {
    file: Memo<Option<FileShot>>,
    outline: Memo<Arc<Outline>>,
    /// Its number among the blocks, and the block.
    block: Memo<Option<(usize, Block)>>,
}

/// The disk that is looked at, if it is there at the shown moment.
fn with_disk<R>(app: App, look: impl FnOnce(&Disk) -> R) -> Option<R> {
    match app.viewer.source.get() {
        Source::Node(node) => {
            app.view.track();
            app.with_timeline(|timeline| timeline.cluster().node(node).map(|node| look(&node.disk)))
        }
        Source::Opened => {
            app.viewer.opened.with(|opened| opened.as_ref().map(|opened| look(&opened.disk)))
        }
    }
}

impl Shown {
    fn new(app: App) -> Shown {
        let file = Memo::new(move |_| {
            let path = app.viewer.path.get()?;
            with_disk(app, |disk| shot(disk, &path)).flatten()
        });
        let outline = Memo::new(move |_| {
            file.with(|file| Arc::new(file.as_ref().map(outline).unwrap_or_default()))
        });
        let block = Memo::new(move |_| {
            outline.with(|outline| {
                let index = outline.block_at(app.viewer.at.get())?;
                Some((index, outline.blocks[index]))
            })
        });
        Shown { file, outline, block }
    }
}

#[component]
pub fn BytesDialog() -> impl IntoView {
    let app = expect_context::<App>();
    exchange::listen(app);
    view! {
        <Modal open=app.viewer.open title=BytesText::Title testid="bytes" class="is-wide">
            {move || body(app)}
        </Modal>
        <Show when=move || !app.viewer.open.get()>{exchange::drop_zone(app)}</Show>
    }
    .into_any()
}

fn body(app: App) -> AnyView {
    let shown = Shown::new(app);
    view! {
        <div class="bytes">
            <div class="bytes-side">
                {source(app)}
                {tree::tree(app)}
                {exchange::exchange(app, shown)}
            </div>
            <div class="bytes-main">
                {exchange::drop_zone(app)}
                {exchange::problem(app)}
                {file_head(app, shown)}
                <Show
                    when=move || shown.file.with(Option::is_some)
                    fallback=move || view! { <p class="quiet">{move || t(app.lang.get(), BytesText::Gone)}</p> }
                >
                    {move || match app.viewer.mode.get() {
                        Mode::Bytes => file_body(app, shown),
                        Mode::LookUp => look_up::look_up_view(app),
                        Mode::Cleaner => cleaner::cleaner_view(app),
                        Mode::Codecs => codecs::codecs_view(app, shown),
                        Mode::Dump => dump::dump_view(app, shown),
                    }}
                </Show>
            </div>
        </div>
    }
    .into_any()
}

/// Whose disk it is.
fn source(app: App) -> AnyView {
    let nodes = Memo::new(move |_| {
        app.view.with(|view| view.nodes.iter().map(|node| node.id).collect::<Vec<NodeId>>())
    });
    let choose = move |event: web_sys::Event| {
        let value = event_target_value(&event);
        if value == "opened" {
            app.viewer.opened.with_untracked(|opened| {
                if let Some(opened) = opened {
                    app.viewer.choose(Source::Opened, &opened.disk);
                }
            });
        } else if let Some(id) = value.parse().ok().map(NodeId) {
            let disk = app.with_timeline(|timeline| {
                timeline.cluster().node(id).map(|node| node.disk.clone())
            });
            app.viewer.choose(Source::Node(id), &disk.unwrap_or_default());
        }
    };
    view! {
        <label class="bytes-source">
            <span class="visually-hidden">{move || t(app.lang.get(), BytesText::Source)}</span>
            <select data-testid="bytes-source" on:change=choose>
                <For each=move || nodes.get() key=|id| *id let:id>
                    <option value=id.0.to_string() selected=move || app.viewer.source.get() == Source::Node(id)>
                        {id.to_string()}
                    </option>
                </For>
                <Show when=move || app.viewer.opened.with(Option::is_some)>
                    <option value="opened" selected=move || app.viewer.source.get() == Source::Opened>
                        {move || app.viewer.opened.with(|opened| format!(
                            "{}: {}",
                            t(app.lang.get(), BytesText::Opened),
                            opened.as_ref().map_or("", |opened| &opened.name),
                        ))}
                    </option>
                </Show>
            </select>
        </label>
    }
    .into_any()
}

fn file_head(app: App, shown: Shown) -> AnyView {
    let name = move || app.viewer.path.get().map(|path| path.to_string()).unwrap_or_default();
    let size = move || {
        shown.file.with(|file| {
            file.as_ref().map(|file| format!("{} B", format::number(file.bytes.len() as u64)))
        })
    };
    view! {
        <div class="bytes-head">
            <h3 class="mono" data-testid="bytes-path">{name}</h3>
            <span class="quiet">{size}</span>
            {modes(app)}
        </div>
    }
    .into_any()
}

fn modes(app: App) -> AnyView {
    let choice = move |mode: Mode, testid: &'static str, key: BytesText| {
        view! {
            <button type="button" data-testid=testid aria-pressed=move || (app.viewer.mode.get() == mode).to_string()
                on:click=move |_| app.viewer.mode.set(mode)>
                {move || t(app.lang.get(), key)}
            </button>
        }
    };
    view! {
        <div class="segmented bytes-modes" role="group" aria-label=move || t(app.lang.get(), BytesText::Modes)>
            {choice(Mode::Bytes, "mode-bytes", BytesText::ModeBytes)}
            {choice(Mode::LookUp, "mode-look-up", BytesText::ModeLookUp)}
            {choice(Mode::Cleaner, "mode-cleaner", BytesText::ModeCleaner)}
            {choice(Mode::Codecs, "mode-codecs", BytesText::ModeCodecs)}
            {choice(Mode::Dump, "mode-dump", BytesText::ModeDump)}
        </div>
    }
    .into_any()
}

fn file_body(app: App, shown: Shown) -> AnyView {
    let empty = move || {
        shown.file.with(|file| {
            let file = file.as_ref().filter(|file| file.bytes.is_empty())?;
            Some(match file.kind {
                FileKind::OffsetIndex | FileKind::TimeIndex => BytesText::EmptyIndex,
                _ => BytesText::EmptyFile,
            })
        })
    };
    view! {
        {damage(app, shown)}
        <Show when=move || empty().is_some()>
            <p class="quiet" data-testid="bytes-empty">{move || empty().map(|key| t(app.lang.get(), key))}</p>
        </Show>
        <Show when=move || shown.block.with(Option::is_some)>
            {map::map(app, shown)}
            {pager(app, shown)}
            {fields::fields_and_bytes(app, shown)}
        </Show>
    }
    .into_any()
}

/// Where the file stops making sense; a click goes there.
fn damage(app: App, shown: Shown) -> AnyView {
    let damage = Memo::new(move |_| shown.outline.with(|outline| outline.damage));
    let go = move |_| {
        if let Some(damage) = damage.get_untracked() {
            app.viewer.at.set(damage.position() as usize);
        }
    };
    view! {
        <Show when=move || damage.with(Option::is_some)>
            <p class="bytes-damage" class:is-torn=move || damage.with(|d| d.as_ref().is_some_and(is_torn_end)) role="status" data-testid="bytes-damage">
                <button type="button" class="text-link" on:click=go>
                    {move || damage.get().map(|damage| words::damage(&damage, app.lang.get()))}
                </button>
            </p>
        </Show>
    }
    .into_any()
}

/// Goes from block to block.
fn pager(app: App, shown: Shown) -> AnyView {
    let count = move || shown.outline.with(|outline| outline.blocks.len());
    let number = move || shown.block.get().map_or(0, |(index, _)| index);
    let go = move |index: usize| {
        let start = shown
            .outline
            .with_untracked(|outline| outline.blocks.get(index).map(|block| block.start));
        if let Some(start) = start {
            app.viewer.at.set(start);
        }
    };
    view! {
        <div class="bytes-pager">
            <button type="button" class="button icon" data-testid="block-previous"
                aria-label=move || t(app.lang.get(), BytesText::Previous)
                aria-disabled=move || (number() == 0).to_string()
                on:click=move |_| go(number().wrapping_sub(1))>
                <span aria-hidden="true">"‹"</span>
            </button>
            <p aria-live="polite" data-testid="block">
                <strong>{move || shown.block.get().map(|(_, block)| t(app.lang.get(), block_name(&block)))}</strong>
                " "
                <span class="mono">{move || format!("{}/{}", number() + 1, count())}</span>
            </p>
            <button type="button" class="button icon" data-testid="block-next"
                aria-label=move || t(app.lang.get(), BytesText::Next)
                aria-disabled=move || (number() + 1 >= count()).to_string()
                on:click=move |_| go(number() + 1)>
                <span aria-hidden="true">"›"</span>
            </button>
            <p class="bytes-block quiet">{move || shown.block.get().map(|(_, block)| block_facts(&block))}</p>
        </div>
    }
    .into_any()
}

fn block_name(block: &Block) -> BytesText {
    match block.what {
        BlockKind::Batch(_) => BytesText::Batch,
        BlockKind::Entries { .. } => BytesText::Entries,
        BlockKind::SnapshotHeader => BytesText::SnapshotHeader,
        BlockKind::Text => BytesText::TextLines,
        BlockKind::Unused => BytesText::Unused,
        BlockKind::Unread => BytesText::Unread,
    }
}

/// In Kafka's words, which are those of `kafka-dump-log.sh`.
fn block_facts(block: &Block) -> String {
    let (start, len) = (block.start, block.len);
    let place = format!("position {start} · {} B", format::number(len as u64));
    match block.what {
        BlockKind::Batch(header) => {
            let (base, last) = (header.base_offset, header.last_offset());
            let offsets = if base == last {
                format!("offset {base}")
            } else {
                format!("offset {base}–{last}")
            };
            format!("{offsets} · {place}")
        }
        BlockKind::Entries { first, count } => format!("{first}–{} · {place}", first + count - 1),
        _ => place,
    }
}
