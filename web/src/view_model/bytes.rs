//! The files of a disk down to the byte: directories and their segments ([`tree`]), what a file is
//! made of ([`outline`]), the fields of one part of it ([`fields`]), the rows of its bytes
//! ([`hex`]), how its indexes point into it ([`pointers`]), a cleaning of it ([`cleaning`]), Kafka's dump of it ([`dump`]). All of it is computed from bytes alone, so a file of a real broker is read as ours are.

pub mod cleaning;
pub mod codecs;
pub mod dump;
pub mod fields;
pub mod hex;
pub mod outline;
pub mod pointers;
pub mod tree;

use bytes::Bytes;
use kafkascope_engine::sim::disk::Disk;
use std::sync::Arc;

/// What Kafka keeps in a file, told from its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    Log,
    OffsetIndex,
    TimeIndex,
    TransactionIndex,
    ProducerSnapshot,
    /// Checkpoints and properties: lines of text.
    Text,
}

/// A file as it is at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileShot {
    pub path: Arc<str>,
    pub kind: FileKind,
    pub bytes: Bytes,
    /// Bytes that a power loss cannot take.
    pub durable_len: u64,
}

pub fn shot(disk: &Disk, path: &str) -> Option<FileShot> {
    let file = disk.file(path)?;
    Some(FileShot {
        path: path.into(),
        kind: kind_of(path),
        bytes: file.read_all(),
        durable_len: file.durable_len(),
    })
}

/// What Kafka adds to the names of files on their way in or out.
const PASSING: [&str; 3] = [".deleted", ".cleaned", ".swap"];

/// The base offset that a segment's file is named after, and what follows it in the name.
pub fn segment_name(path: &str) -> Option<(i64, &str)> {
    let name = path.rsplit('/').next()?;
    let (digits, suffix) = name.split_at_checked(name.find('.')?)?;
    let is_number = !digits.is_empty() && digits.bytes().all(|c| c.is_ascii_digit());
    is_number.then(|| digits.parse().ok())?.map(|base| (base, suffix))
}

pub fn kind_of(path: &str) -> FileKind {
    let Some((_, suffix)) = segment_name(path) else {
        return FileKind::Text;
    };
    let suffix = PASSING.iter().find_map(|passing| suffix.strip_suffix(passing)).unwrap_or(suffix);
    match suffix {
        ".log" => FileKind::Log,
        ".index" => FileKind::OffsetIndex,
        ".timeindex" => FileKind::TimeIndex,
        ".txnindex" => FileKind::TransactionIndex,
        ".snapshot" => FileKind::ProducerSnapshot,
        _ => FileKind::Text,
    }
}

/// The directory of a path, without its last slash; empty for a file that is in none.
pub fn dir_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(dir, _)| dir)
}

#[cfg(test)]
mod tests;
