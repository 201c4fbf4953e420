//! Files out of the page and into it: downloads of what is shown, and files that a person opens or
//! drops anywhere on the page. What is done with their bytes is [`crate::files`]'s.

use super::folder::{self, Named};
use super::{Shown, with_disk};
use crate::app::App;
use crate::files::{Problem, import, zip};
use crate::i18n::exchange::{self as words, ExchangeText};
use crate::i18n::t;
use crate::notice::{Notice, Text};
use crate::view_model::bytes::{dir_of, segment_name};
use crate::viewer::{Opened, Source};
use js_sys::{Array, Uint8Array};
use kafkascope_engine::sim::disk::Disk;
use leptos::prelude::*;
use std::future::{Future, ready};
use std::sync::Arc;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::spawn_local;
use web_sys::{Blob, DataTransfer, DragEvent, FileList, HtmlAnchorElement, HtmlInputElement, Url};

pub fn exchange(app: App, shown: Shown) -> AnyView {
    let file = move |_| {
        shown.file.with_untracked(|file| {
            if let Some(file) = file {
                let name = file.path.rsplit('/').next().unwrap_or("file");
                download(app, name, &file.bytes);
            }
        });
    };
    let segment = move |_| {
        let Some(path) = app.viewer.path.get_untracked() else { return };
        let Some((base, _)) = segment_name(&path) else { return };
        let dir = dir_of(&path).to_string();
        let is_part = |other: &str| {
            dir_of(other) == dir && segment_name(other).is_some_and(|(of, _)| of == base)
        };
        let name = format!("{}-{base:020}.zip", dir.replace('/', "-"));
        if let Some(disk) = untrack(|| with_disk(app, Disk::clone)) {
            download_zip(app, &name, &disk, is_part);
        }
    };
    let all = move |_| {
        let name = match app.viewer.source.get_untracked() {
            Source::Node(node) => format!("{node}.zip"),
            Source::Opened => "opened.zip".to_string(),
        };
        if let Some(disk) = untrack(|| with_disk(app, Disk::clone)) {
            download_zip(app, &name, &disk, |_| true);
        }
    };
    let input = NodeRef::<leptos::html::Input>::new();
    let folder_input = NodeRef::<leptos::html::Input>::new();
    // An attribute that the view macro does not know.
    Effect::new(move |_| {
        if let Some(input) = folder_input.get() {
            let _ = input.set_attribute("webkitdirectory", "");
        }
    });
    let chosen = move |event: web_sys::Event| {
        let input = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
        if let Some(input) = input {
            if let Some(files) = input.files() {
                take_chosen(app, &files);
            }
            // The same file may be chosen again.
            input.set_value("");
        }
    };
    let button = move |testid: &'static str, key: ExchangeText| {
        move |act: Box<dyn Fn(web_sys::MouseEvent)>| {
            view! {
                <button type="button" class="button" data-testid=testid on:click=act>{move || t(app.lang.get(), key)}</button>
            }
        }
    };
    view! {
        <div class="bytes-exchange">
            <p class="bytes-exchange-title">{move || t(app.lang.get(), ExchangeText::Download)}</p>
            {button("download-file", ExchangeText::ThisFile)(Box::new(file))}
            <Show when=move || app.viewer.segment().is_some()>
                {button("download-segment", ExchangeText::ThisSegment)(Box::new(segment))}
            </Show>
            {button("download-disk", ExchangeText::WholeDisk)(Box::new(all))}
            {button("open-file", ExchangeText::Open)(Box::new(move |_| {
                if let Some(input) = input.get_untracked() {
                    input.click();
                }
            }))}
            {button("open-folder", ExchangeText::OpenFolder)(Box::new(move |_| {
                if let Some(input) = folder_input.get_untracked() {
                    input.click();
                }
            }))}
            <input type="file" multiple hidden node_ref=input data-testid="file-input" on:change=chosen />
            <input type="file" hidden node_ref=folder_input data-testid="folder-input" on:change=chosen />
            <p class="quiet">{move || t(app.lang.get(), ExchangeText::OpenHint)}</p>
        </div>
    }
    .into_any()
}

/// What went wrong with files that were opened, until it is dismissed or others are opened.
pub fn problem(app: App) -> AnyView {
    view! {
        <Show when=move || app.viewer.problem.with(Option::is_some)>
            <div class="bytes-damage bytes-problem" role="alert" data-testid="file-problem">
                <p>{move || app.viewer.problem.get().map(|text| text.pick(app.lang.get()).to_string())}</p>
                <button type="button" class="dialog-close" aria-label=move || t(app.lang.get(), ExchangeText::Dismiss)
                    on:click=move |_| app.viewer.problem.set(None)>
                    <span aria-hidden="true">"✕"</span>
                </button>
            </div>
        </Show>
    }
    .into_any()
}

/// Covers the page, or the dialog on top of it, while files are dragged over.
pub fn drop_zone(app: App) -> AnyView {
    view! {
        <Show when=move || app.viewer.dragging.get()>
            <div class="drop-zone" data-testid="drop-zone" aria-hidden="true">
                <p>{move || t(app.lang.get(), ExchangeText::DropHere)}</p>
            </div>
        </Show>
    }
    .into_any()
}

/// Files may be dropped anywhere.
pub fn listen(app: App) {
    let dragging = app.viewer.dragging;
    let Some(document) = web_sys::window().and_then(|window| window.document()) else {
        return;
    };
    let on_drag = Closure::<dyn FnMut(DragEvent)>::new(move |event: DragEvent| {
        let Some(transfer) = event.data_transfer() else { return };
        if !transfer.types().includes(&JsValue::from_str("Files"), 0) {
            return;
        }
        event.prevent_default();
        match event.type_().as_str() {
            "dragover" => dragging.set(true),
            "dragleave" => {
                if event.related_target().is_none() {
                    dragging.set(false);
                }
            }
            _ => {
                dragging.set(false);
                take_dropped(app, &transfer);
            }
        }
    });
    for name in ["dragover", "dragleave", "drop"] {
        let _ = document.add_event_listener_with_callback(name, on_drag.as_ref().unchecked_ref());
    }
    // Listens as long as the page lives.
    on_drag.forget();
}

/// Reads the files that come, and shows them, or says why not.
fn take(app: App, coming: impl Future<Output = Result<Vec<Named>, Problem>> + 'static) {
    spawn_local(async move {
        let imported = async {
            let files = coming.await?;
            let name = match files.as_slice() {
                [] => return Ok(None),
                [one] => one.name.clone(),
                [first, rest @ ..] => match first.name.split_once('/') {
                    Some((folder, _)) => folder.to_string(),
                    None => format!("{} +{}", first.name, rest.len()),
                },
            };
            let disk = Arc::new(import(folder::read(files).await?)?);
            Ok(Some(Opened { name: name.into(), disk }))
        };
        match imported.await {
            Ok(Some(opened)) => {
                app.viewer.problem.set(None);
                app.viewer.show_opened(opened);
            }
            Ok(None) => {}
            Err(problem) => fail(app, Text::of(|lang| words::problem(&problem, lang))),
        }
    });
}

/// The files that were chosen.
fn take_chosen(app: App, files: &FileList) {
    let files = (0..files.length()).filter_map(|at| files.get(at)).map(folder::chosen).collect();
    take(app, ready(Ok(files)));
}

/// What was dropped: folders are gone through, if the browser shows them.
fn take_dropped(app: App, transfer: &DataTransfer) {
    let entries = folder::entries(transfer);
    if entries.iter().any(|entry| entry.is_directory()) {
        take(app, folder::files_of(entries));
    } else if let Some(files) = transfer.files() {
        take_chosen(app, &files);
    }
}

/// Says it in the dialog if that is open, else over the stage.
fn fail(app: App, text: Text) {
    if app.viewer.open.get_untracked() {
        app.viewer.problem.set(Some(text));
    } else {
        app.notify(Notice::problem(text));
    }
}

pub(super) fn download_zip(app: App, name: &str, disk: &Disk, is_part: impl Fn(&str) -> bool) {
    let files = disk
        .paths()
        .filter(|path| is_part(path))
        .map(|path| (&**path, disk.read_all(path).unwrap_or_default()));
    match zip(files) {
        Ok(bytes) => download(app, name, &bytes),
        Err(_) => fail(app, Text::of(|lang| t(lang, ExchangeText::ZipFailed).to_string())),
    }
}

fn download(app: App, name: &str, bytes: &[u8]) {
    if save(name, bytes).is_none() {
        let name = name.to_string();
        fail(
            app,
            Text::of(|lang| words::problem(&Problem::Unreadable { name: name.clone() }, lang)),
        );
    }
}

/// Hands the bytes to the browser, which asks the person where to.
fn save(name: &str, bytes: &[u8]) -> Option<()> {
    let parts = Array::of1(&Uint8Array::from(bytes));
    let blob = Blob::new_with_u8_array_sequence(&parts).ok()?;
    let url = Url::create_object_url_with_blob(&blob).ok()?;
    let document = web_sys::window()?.document()?;
    let anchor: HtmlAnchorElement = document.create_element("a").ok()?.dyn_into().ok()?;
    anchor.set_href(&url);
    anchor.set_download(name);
    anchor.click();
    Url::revoke_object_url(&url).ok()
}
