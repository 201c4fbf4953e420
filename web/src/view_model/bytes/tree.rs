//! What is on a disk: directories, in them segments, in them files.

use super::{FileKind, dir_of, kind_of, segment_name};
use kafkascope_engine::sim::disk::Disk;
use std::sync::Arc;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Directory {
    /// Empty for the files beside the directories.
    pub name: String,
    pub segments: Vec<Segment>,
    /// Checkpoints and the like.
    pub others: Vec<FileEntry>,
}

/// The files that share a base offset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    pub base_offset: i64,
    pub files: Vec<FileEntry>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileEntry {
    pub path: Arc<str>,
    /// What tells it from the other files of its segment; else its name.
    pub label: String,
    pub kind: FileKind,
    pub len: u64,
    pub durable_len: u64,
}

impl Segment {
    pub fn len(&self) -> u64 {
        self.files.iter().map(|file| file.len).sum()
    }
}

/// Partitions first, then what Kafka itself keeps, then the files that are in no directory.
pub fn directories(disk: &Disk) -> Vec<Directory> {
    let mut directories: Vec<Directory> = Vec::new();
    for path in disk.paths() {
        let name = dir_of(path);
        if directories.last().is_none_or(|last| last.name != name) {
            let others = Vec::new();
            directories.push(Directory { name: name.to_string(), segments: Vec::new(), others });
        }
        let Some(directory) = directories.last_mut() else { continue };
        let (base_offset, label) = match segment_name(path) {
            Some((base, suffix)) => (Some(base), suffix),
            None => (None, path.rsplit('/').next().unwrap_or(path)),
        };
        let file = FileEntry {
            path: path.clone(),
            label: label.to_string(),
            kind: kind_of(path),
            len: disk.len(path).unwrap_or(0),
            durable_len: disk.durable_len(path).unwrap_or(0),
        };
        match base_offset {
            None => directory.others.push(file),
            Some(base_offset) => directory.add(base_offset, file),
        }
    }
    for directory in &mut directories {
        for segment in &mut directory.segments {
            segment.files.sort_by_key(|file| file.kind as u8);
        }
    }
    directories.sort_by_key(|dir| (dir.name.is_empty(), dir.name.starts_with("__")));
    // Files in no directory lie between directories of other names.
    directories.dedup_by(|later, first| {
        let same = later.name == first.name;
        if same {
            first.others.append(&mut later.others);
            first.segments.append(&mut later.segments);
        }
        same
    });
    directories
}

impl Directory {
    fn add(&mut self, base_offset: i64, file: FileEntry) {
        // Paths are sorted, but names of fewer digits than Kafka's need not be.
        match self.segments.iter_mut().find(|segment| segment.base_offset == base_offset) {
            Some(segment) => segment.files.push(file),
            None => self.segments.push(Segment { base_offset, files: vec![file] }),
        }
        self.segments.sort_by_key(|segment| segment.base_offset);
    }
}

/// The file to look at first: the newest segment with records in it.
pub fn first_choice(directories: &[Directory]) -> Option<Arc<str>> {
    let logs = || {
        directories
            .iter()
            .flat_map(|dir| dir.segments.iter().flat_map(|segment| &segment.files))
            .filter(|file| file.kind == FileKind::Log)
    };
    let any = directories
        .iter()
        .flat_map(|dir| dir.segments.iter().flat_map(|segment| &segment.files).chain(&dir.others));
    logs()
        .find(|file| file.len > 0)
        .or_else(|| logs().next())
        .or_else(|| any.into_iter().next())
        .map(|file| file.path.clone())
}
