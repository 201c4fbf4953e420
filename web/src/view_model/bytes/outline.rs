//! What a file is made of: batches, entries, lines; and from which byte on it makes no sense.

use super::{FileKind, FileShot};
use kafkascope_engine::record::batch_header::NO_TIMESTAMP;
use kafkascope_engine::record::{BatchHeader, CorruptReason, CorruptRecord};

/// Entries, or bytes of text, that one block shows.
const ENTRIES: usize = 32;
const TEXT: usize = 512;
/// What is not made of anything known is shown in pieces of this size.
const PIECE: usize = 4096;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block {
    /// Bytes from the start of the file.
    pub start: usize,
    pub len: usize,
    pub what: BlockKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BlockKind {
    Batch(BatchHeader),
    /// Entries of an index, counted from 0 in the file.
    Entries {
        first: usize,
        count: usize,
    },
    /// Before the entries of a producer snapshot.
    SnapshotHeader,
    Text,
    /// Room that Kafka reserves at the end of an index which is still written to.
    Unused,
    /// From the damage on: not read.
    Unread,
}

/// Where a file stops making sense, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Damage {
    Batch(CorruptRecord),
    /// A batch that starts at or before the end of the one before it.
    OffsetsOverlap {
        position: u64,
        base_offset: i64,
        after: i64,
    },
    /// The file ends inside an entry.
    PartOfEntry {
        position: u64,
        left: usize,
    },
    /// An entry that does not follow the one before it.
    EntryOutOfOrder {
        position: u64,
    },
}

impl Damage {
    /// Byte in the file.
    pub fn position(&self) -> u64 {
        match self {
            Damage::Batch(corrupt) => corrupt.position,
            Damage::OffsetsOverlap { position, .. }
            | Damage::PartOfEntry { position, .. }
            | Damage::EntryOutOfOrder { position } => *position,
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outline {
    /// In order, without gaps, to the end of the file.
    pub blocks: Vec<Block>,
    pub damage: Option<Damage>,
}

impl Outline {
    /// The block that a byte belongs to; the last one for what is beyond.
    pub fn block_at(&self, position: usize) -> Option<usize> {
        let after = self.blocks.partition_point(|block| block.start <= position);
        after.checked_sub(1)
    }

    fn pieces(&mut self, range: std::ops::Range<usize>, size: usize, what: BlockKind) {
        let mut start = range.start;
        while start < range.end {
            let len = size.min(range.end - start);
            self.blocks.push(Block { start, len, what });
            start += len;
        }
    }
}

pub fn outline(file: &FileShot) -> Outline {
    let bytes = &file.bytes[..];
    match file.kind {
        FileKind::Log => log(bytes),
        FileKind::OffsetIndex => index(bytes, 8, |entry| key(&entry[..4])),
        FileKind::TimeIndex => index(bytes, 12, |entry| key(&entry[..8])),
        FileKind::TransactionIndex => entries(bytes, 0, 34),
        FileKind::ProducerSnapshot => snapshot(bytes),
        FileKind::Text => {
            let mut outline = Outline::default();
            outline.pieces(0..bytes.len(), TEXT, BlockKind::Text);
            outline
        }
    }
}

fn log(bytes: &[u8]) -> Outline {
    let mut outline = Outline::default();
    let mut position = 0;
    let mut end_offset = i64::MIN;
    while position < bytes.len() {
        let rest = &bytes[position..];
        let header = match BatchHeader::decode(rest, rest.len() as u64) {
            Ok(header) if header.base_offset >= end_offset => header,
            Ok(header) => {
                let (position, base_offset) = (position as u64, header.base_offset);
                let damage = Damage::OffsetsOverlap { position, base_offset, after: end_offset };
                outline.damage = Some(damage);
                break;
            }
            Err(CorruptRecord { position: at, reason }) => {
                let corrupt = CorruptRecord { position: position as u64 + at, reason };
                outline.damage = Some(Damage::Batch(corrupt));
                break;
            }
        };
        let len = header.size_in_bytes as usize;
        outline.blocks.push(Block { start: position, len, what: BlockKind::Batch(header) });
        end_offset = header.next_offset();
        position += len;
    }
    outline.pieces(position..bytes.len(), PIECE, BlockKind::Unread);
    outline
}

/// A number of 4 or 8 bytes.
fn key(bytes: &[u8]) -> i64 {
    let sign = if bytes.first().is_some_and(|byte| byte & 0x80 != 0) { -1 } else { 0 };
    bytes.iter().fold(sign, |number: i64, &byte| (number << 8) | i64::from(byte))
}

/// Entries whose keys rise. One of zeros that is not the first is where the reserved room begins.
fn index(bytes: &[u8], size: usize, key: fn(&[u8]) -> i64) -> Outline {
    let mut outline = Outline::default();
    let mut count = 0;
    let mut last = i64::MIN;
    for entry in bytes.chunks_exact(size) {
        if entry.iter().all(|byte| *byte == 0) && (count > 0 || bytes.iter().all(|b| *b == 0)) {
            break;
        }
        if key(entry) <= last || key(entry) < NO_TIMESTAMP {
            outline.damage = Some(Damage::EntryOutOfOrder { position: (count * size) as u64 });
            break;
        }
        last = key(entry);
        count += 1;
    }
    add_entries(&mut outline, 0, count, size);
    let (end, whole) = (count * size, bytes.len() / size * size);
    match outline.damage {
        Some(_) => outline.pieces(end..bytes.len(), PIECE, BlockKind::Unread),
        None => outline.pieces(end..whole, PIECE, BlockKind::Unused),
    }
    if outline.damage.is_none() {
        part_of_entry(&mut outline, whole, bytes.len());
    }
    outline
}

fn entries(bytes: &[u8], from: usize, size: usize) -> Outline {
    let mut outline = Outline::default();
    let count = bytes.len().saturating_sub(from) / size;
    add_entries(&mut outline, from, count, size);
    part_of_entry(&mut outline, from + count * size, bytes.len());
    outline
}

fn add_entries(outline: &mut Outline, from: usize, count: usize, size: usize) {
    for first in (0..count).step_by(ENTRIES) {
        let here = ENTRIES.min(count - first);
        let what = BlockKind::Entries { first, count: here };
        outline.blocks.push(Block { start: from + first * size, len: here * size, what });
    }
}

fn part_of_entry(outline: &mut Outline, whole: usize, len: usize) {
    if whole < len {
        outline.damage = Some(Damage::PartOfEntry { position: whole as u64, left: len - whole });
        outline.pieces(whole..len, PIECE, BlockKind::Unread);
    }
}

fn snapshot(bytes: &[u8]) -> Outline {
    const HEADER: usize = 10;
    let header = HEADER.min(bytes.len());
    let mut outline = entries(bytes, header, 46);
    if header < HEADER {
        outline.damage = Some(Damage::PartOfEntry { position: 0, left: header });
    }
    if header > 0 {
        let what = if header < HEADER { BlockKind::Unread } else { BlockKind::SnapshotHeader };
        outline.blocks.insert(0, Block { start: 0, len: header, what });
    }
    outline
}

/// Whether the end of the log is a write that was torn: recovery cuts it off and nothing is lost
/// that was promised.
pub fn is_torn_end(damage: &Damage) -> bool {
    matches!(damage, Damage::Batch(CorruptRecord { reason: CorruptReason::Truncated { .. }, .. }))
}
