//! A disk's directories, segments and files, with what of each is durable.

use super::with_disk;
use crate::app::App;
use crate::i18n::bytes::BytesText;
use crate::i18n::{format, t};
use crate::view_model::bytes::dir_of;
use crate::view_model::bytes::tree::{Directory, FileEntry, Segment, directories};
use leptos::prelude::*;
use std::sync::Arc;

pub fn tree(app: App) -> AnyView {
    let all = Memo::new(move |_| with_disk(app, directories).unwrap_or_default());
    let names = Memo::new(move |_| {
        all.with(|all| all.iter().map(|dir| dir.name.clone()).collect::<Vec<_>>())
    });
    view! {
        <nav class="bytes-tree" data-testid="bytes-tree" aria-label=move || t(app.lang.get(), BytesText::Files)>
            <For each=move || names.get() key=|name| name.clone() let:name>
                {directory(app, all, name)}
            </For>
            <Show when=move || names.with(Vec::is_empty)>
                <p class="quiet">{move || t(app.lang.get(), BytesText::Nothing)}</p>
            </Show>
        </nav>
    }
    .into_any()
}

fn directory(app: App, all: Memo<Vec<Directory>>, name: String) -> AnyView {
    let is_open = app
        .viewer
        .path
        .with_untracked(|path| path.as_ref().is_some_and(|path| dir_of(path) == name));
    let title = name.clone();
    let content =
        Memo::new(move |_| all.with(|all| all.iter().find(|dir| dir.name == name).cloned()));
    view! {
        <details class="bytes-dir" open=is_open>
            <summary>
                {move || match title.as_str() {
                    "" => t(app.lang.get(), BytesText::NoDirectory).to_string(),
                    name => format!("{name}/"),
                }}
            </summary>
            {move || content.get().map(|dir| view! {
                {dir.segments.into_iter().map(|s| segment(app, s)).collect_view()}
                <ul>{dir.others.into_iter().map(|file| entry(app, file)).collect_view()}</ul>
            })}
        </details>
    }
    .into_any()
}

fn segment(app: App, segment: Segment) -> AnyView {
    let (base, len) = (segment.base_offset, segment.len());
    view! {
        <p class="bytes-segment">
            <span>{move || t(app.lang.get(), BytesText::Segment)} " " <strong>{base}</strong></span>
            <span class="number">{format::bytes(len)}</span>
        </p>
        <ul>{segment.files.into_iter().map(|file| entry(app, file)).collect_view()}</ul>
    }
    .into_any()
}

fn entry(app: App, file: FileEntry) -> AnyView {
    let FileEntry { path, label, len, durable_len, .. } = file;
    let is_chosen = {
        let path = path.clone();
        move || app.viewer.path.with(|chosen| chosen.as_ref() == Some(&path))
    };
    let durable = durable_len.saturating_mul(100).checked_div(len).unwrap_or(100);
    let testid = format!("file-{path}");
    let go = {
        let path: Arc<str> = path.clone();
        move |_| app.viewer.go(path.clone(), 0)
    };
    let dirty = (durable_len < len).then(|| {
        view! {
            <span class="visually-hidden">
                {move || format!("{} {}", t(app.lang.get(), BytesText::Cached), format::bytes(len - durable_len))}
            </span>
        }
    });
    view! {
        <li>
            <button
                type="button"
                class="bytes-file"
                class:is-dirty={durable_len < len}
                class:is-empty={len == 0}
                style=format!("--durable:{durable}%")
                data-testid=testid
                aria-current=move || is_chosen().then_some("true")
                title=path.to_string()
                on:click=go
            >
                <span class="mono">{label}</span>
                <span class="number">{format::bytes(len)}</span>
                {dirty}
            </button>
        </li>
    }
    .into_any()
}
