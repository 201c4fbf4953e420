//! Folders on their way in: what a person drops or chooses, gone through to the files, which are named
//! by their paths. Reading stops at the bounds of [`crate::files`], before anything large is in memory.

use crate::files::{BYTES_MAX, ENTRIES_MAX, Problem};
use bytes::Bytes;
use js_sys::{Array, Promise, Reflect, Uint8Array};
use std::collections::VecDeque;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{DataTransfer, File, FileSystemDirectoryEntry, FileSystemEntry, FileSystemFileEntry};

/// A file, and what it is called here.
pub struct Named {
    pub name: String,
    pub file: File,
}

/// What was dropped, to be asked at once: after the event the browser knows it no more.
pub fn entries(transfer: &DataTransfer) -> Vec<FileSystemEntry> {
    let items = transfer.items();
    let items = (0..items.length()).filter_map(|at| items.get(at));
    items.filter_map(|item| item.webkit_get_as_entry().ok().flatten()).collect()
}

/// The path in the folder that was chosen, if one was.
pub fn chosen(file: File) -> Named {
    let path = Reflect::get(&file, &JsValue::from_str("webkitRelativePath")).ok();
    let path = path.and_then(|path| path.as_string()).filter(|path| !path.is_empty());
    Named { name: path.unwrap_or_else(|| file.name()), file }
}

/// The files in the folders among the entries, and those beside them.
pub async fn files_of(entries: Vec<FileSystemEntry>) -> Result<Vec<Named>, Problem> {
    let first = entries.first().map(FileSystemEntry::name).unwrap_or_default();
    let mut found = Vec::new();
    let mut left = VecDeque::from(entries);
    let mut seen = 0;
    while let Some(entry) = left.pop_front() {
        seen += 1;
        if seen > ENTRIES_MAX {
            return Err(Problem::TooMany { name: first });
        }
        let name = entry.full_path().trim_start_matches('/').to_string();
        let unreadable = |_| Problem::Unreadable { name: name.clone() };
        if entry.is_directory() {
            let inside = directory(entry.unchecked_into()).await.map_err(unreadable)?;
            left.extend(inside);
        } else {
            let file = file(entry.unchecked_into()).await.map_err(unreadable)?;
            found.push(Named { name, file });
        }
    }
    if found.is_empty() {
        return Err(Problem::Unknown { name: first });
    }
    Ok(found)
}

async fn file(entry: FileSystemFileEntry) -> Result<File, JsValue> {
    let promise = Promise::new(&mut |resolve, reject| {
        entry.file_with_callback_and_callback(&resolve, &reject);
    });
    JsFuture::from(promise).await.map(JsCast::unchecked_into)
}

/// The browser tells some at a time, and none at the end.
async fn directory(entry: FileSystemDirectoryEntry) -> Result<Vec<FileSystemEntry>, JsValue> {
    let reader = entry.create_reader();
    let mut all = Vec::new();
    loop {
        let promise = Promise::new(&mut |resolve, reject| {
            let asked = reader.read_entries_with_callback_and_callback(&resolve, &reject);
            if let Err(error) = asked {
                let _ = reject.call1(&JsValue::UNDEFINED, &error);
            }
        });
        let some: Array = JsFuture::from(promise).await?.unchecked_into();
        if some.length() == 0 || all.len() as u64 > ENTRIES_MAX {
            return Ok(all);
        }
        all.extend(some.iter().map(JsCast::unchecked_into::<FileSystemEntry>));
    }
}

pub async fn read(files: Vec<Named>) -> Result<Vec<(String, Bytes)>, Problem> {
    let mut contents = Vec::new();
    let mut sum = 0;
    for Named { name, file } in files {
        let len = file.size() as u64;
        sum += len;
        // Before it is read into memory.
        if sum > BYTES_MAX {
            return Err(Problem::TooLarge { name, len });
        }
        let Ok(buffer) = JsFuture::from(file.array_buffer()).await else {
            return Err(Problem::Unreadable { name });
        };
        contents.push((name, Uint8Array::new(&buffer).to_vec().into()));
    }
    Ok(contents)
}
