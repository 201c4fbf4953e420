//! From offsets to positions in a segment, sparsely. Source: `OffsetIndex.java`.
//!
//! An entry is 8 bytes: i32 offset less the segment's base offset, i32 position in the `.log`. It
//! names the last offset of a batch and the position where that batch starts. When an entry is made
//! is the segment's rule. The file is as long as its entries; Kafka's is preallocated while active.

use super::log_file_utils::{INDEX_FILE_SUFFIX, file_path, relative_offset};
use crate::sim::disk::{Disk, SharedVec};
use crate::sim::time::SimTime;
use bytes::Bytes;
use std::fmt;
use std::sync::Arc;

pub const ENTRY_SIZE: usize = 8;

/// An offset and a position, in bytes, in the segment's `.log`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OffsetPosition {
    pub offset: i64,
    pub position: u64,
}

/// Why an index does not take an entry, or is not one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IndexError {
    /// Offsets must increase: Kafka's `InvalidOffsetException`.
    OffsetNotIncreasing {
        offset: i64,
        last_offset: i64,
    },
    /// Offset or position does not fit an entry: `IndexOffsetOverflowException`.
    DoesNotFit {
        offset: i64,
        base_offset: i64,
    },
    Full {
        entries: usize,
    },
    /// The file is no sequence of increasing entries: `CorruptIndexException`.
    Corrupt {
        position: u64,
    },
}

impl fmt::Display for IndexError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            IndexError::OffsetNotIncreasing { offset, last_offset } => {
                write!(
                    f,
                    "offset {offset} is no larger than the last offset appended {last_offset}"
                )
            }
            IndexError::DoesNotFit { offset, base_offset } => {
                write!(f, "offset {offset} does not fit an index with base offset {base_offset}")
            }
            IndexError::Full { entries } => write!(f, "the index is full with {entries} entries"),
            IndexError::Corrupt { position } => write!(f, "corrupt index at byte {position}"),
        }
    }
}

impl std::error::Error for IndexError {}

/// The index of one segment: in memory, and in its file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OffsetIndex {
    path: Arc<str>,
    base_offset: i64,
    max_entries: usize,
    entries: SharedVec<OffsetPosition>,
}

impl OffsetIndex {
    /// An index without entries; makes its file.
    pub fn create(disk: &mut Disk, dir: &str, base_offset: i64, max_index_bytes: i32) -> Self {
        OffsetIndex::create_with_suffix(disk, dir, base_offset, max_index_bytes, "")
    }

    /// The same, in a file that is not yet part of the log.
    pub(super) fn create_with_suffix(
        disk: &mut Disk,
        dir: &str,
        base_offset: i64,
        max_index_bytes: i32,
        extra_suffix: &str,
    ) -> Self {
        let mut index = OffsetIndex::empty(dir, base_offset, max_index_bytes);
        index.path = format!("{}{extra_suffix}", index.path).into();
        disk.create(&index.path);
        index
    }

    pub(super) fn rename(&mut self, disk: &mut Disk, to: Arc<str>) {
        disk.rename(&self.path, &to);
        self.path = to;
    }

    fn empty(dir: &str, base_offset: i64, max_index_bytes: i32) -> Self {
        OffsetIndex {
            path: file_path(dir, base_offset, INDEX_FILE_SUFFIX).into(),
            base_offset,
            max_entries: max_index_bytes.max(0) as usize / ENTRY_SIZE,
            entries: SharedVec::default(),
        }
    }

    /// What the file says. Whether that is true only the segment can tell.
    pub fn load(
        disk: &Disk,
        dir: &str,
        base_offset: i64,
        max_index_bytes: i32,
    ) -> Result<Self, IndexError> {
        let mut index = OffsetIndex::empty(dir, base_offset, max_index_bytes);
        let bytes = disk.read_all(&index.path).unwrap_or_default();
        let (entries, rest) = bytes.as_chunks::<ENTRY_SIZE>();
        for (n, [a, b, c, d, position @ ..]) in entries.iter().enumerate() {
            let corrupt = IndexError::Corrupt { position: (n * ENTRY_SIZE) as u64 };
            let relative = i32::from_be_bytes([*a, *b, *c, *d]);
            let offset = base_offset.checked_add(i64::from(relative)).ok_or(corrupt)?;
            let position = u64::try_from(i32::from_be_bytes(*position)).map_err(|_| corrupt)?;
            let follows = index
                .entries
                .last()
                .is_none_or(|last| offset > last.offset && position > last.position);
            if relative < 0 || !follows {
                return Err(corrupt);
            }
            index.entries.push(OffsetPosition { offset, position });
        }
        match rest {
            [] => Ok(index),
            _ => Err(IndexError::Corrupt { position: (entries.len() * ENTRY_SIZE) as u64 }),
        }
    }

    pub fn append(
        &mut self,
        disk: &mut Disk,
        offset: i64,
        position: u64,
        now: SimTime,
    ) -> Result<(), IndexError> {
        if self.is_full() {
            return Err(IndexError::Full { entries: self.entries.len() });
        }
        let base_offset = self.base_offset;
        let does_not_fit = IndexError::DoesNotFit { offset, base_offset };
        let relative = relative_offset(base_offset, offset).ok_or(does_not_fit)?;
        let narrow = i32::try_from(position).map_err(|_| does_not_fit)?;
        if let Some(last) = self.entries.last().filter(|last| offset <= last.offset) {
            return Err(IndexError::OffsetNotIncreasing { offset, last_offset: last.offset });
        }
        let mut entry = [0; ENTRY_SIZE];
        entry[..4].copy_from_slice(&relative.to_be_bytes());
        entry[4..].copy_from_slice(&narrow.to_be_bytes());
        disk.append(&self.path, Bytes::copy_from_slice(&entry), now);
        self.entries.push(OffsetPosition { offset, position });
        Ok(())
    }

    /// The last entry that is not above `target_offset`, or the start of the segment.
    pub fn lookup(&self, target_offset: i64) -> OffsetPosition {
        self.lookup_with(target_offset, |_| ())
    }

    /// The same, and shows every entry that the search compares, in order.
    pub fn lookup_with(
        &self,
        target_offset: i64,
        mut touch: impl FnMut(OffsetPosition),
    ) -> OffsetPosition {
        let after = self.entries.partition_point(|entry| {
            touch(*entry);
            entry.offset <= target_offset
        });
        after
            .checked_sub(1)
            .and_then(|index| self.entries.get(index).copied())
            .unwrap_or(OffsetPosition { offset: self.base_offset, position: 0 })
    }

    /// An upper bound of the offsets that a fetch of `fetch_size` bytes from `start` can return:
    /// the first entry at or after its end. `None` if the fetch may reach the end of the segment.
    pub fn fetch_upper_bound_offset(
        &self,
        start: OffsetPosition,
        fetch_size: u32,
    ) -> Option<OffsetPosition> {
        let end = start.position + u64::from(fetch_size);
        self.entries.get(self.entries.partition_point(|entry| entry.position < end)).copied()
    }

    /// Drops the entries for `offset` and above.
    pub fn truncate_to(&mut self, disk: &mut Disk, offset: i64) {
        self.entries.truncate(self.entries.partition_point(|entry| entry.offset < offset));
        disk.truncate(&self.path, (self.entries.len() * ENTRY_SIZE) as u64);
    }

    /// Drops every entry.
    pub fn reset(&mut self, disk: &mut Disk) {
        self.entries = SharedVec::default();
        disk.truncate(&self.path, 0);
    }

    pub fn is_full(&self) -> bool {
        self.entries.len() >= self.max_entries
    }

    pub fn entries(&self) -> impl DoubleEndedIterator<Item = OffsetPosition> {
        self.entries.iter().copied()
    }

    pub fn entry_count(&self) -> usize {
        self.entries.len()
    }

    /// Bytes of all entries.
    pub fn size_in_bytes(&self) -> u64 {
        (self.entries.len() * ENTRY_SIZE) as u64
    }

    /// The offset of the last entry, or the base offset.
    pub fn last_offset(&self) -> i64 {
        self.entries.last().map_or(self.base_offset, |entry| entry.offset)
    }

    pub fn path(&self) -> &Arc<str> {
        &self.path
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index(base_offset: i64, entries: &[(i64, u64)]) -> (OffsetIndex, Disk) {
        let mut disk = Disk::default();
        let mut index = OffsetIndex::create(&mut disk, "t-0", base_offset, 30 * 8);
        for (offset, position) in entries {
            index.append(&mut disk, *offset, *position, SimTime::ZERO).unwrap();
        }
        (index, disk)
    }

    /// `OffsetIndexTest.truncate`.
    #[test]
    fn truncate() {
        let nine: Vec<_> = (1..10).map(|n| (n, n as u64)).collect();
        let (mut index, mut disk) = index(0, &nine);
        index.truncate_to(&mut disk, 12);
        assert_eq!((index.entry_count(), index.lookup(12).offset), (9, 9));
        index.append(&mut disk, 10, 10, SimTime::ZERO).unwrap();
        for (offset, last) in [(10, 9), (9, 8), (5, 4)] {
            index.truncate_to(&mut disk, offset);
            assert_eq!((index.last_offset(), index.lookup(100).position), (last, last as u64));
            assert_eq!(disk.len(index.path()), Some(last as u64 * 8));
            assert_eq!(OffsetIndex::load(&disk, "t-0", 0, 30 * 8).as_ref(), Ok(&index));
        }
        index.reset(&mut disk);
        assert_eq!((index.entry_count(), index.last_offset()), (0, 0));
    }

    /// `OffsetIndexTest.fetchUpperBoundOffset`.
    #[test]
    fn fetch_upper_bound_offset() {
        let entries = [(45, 0), (46, 10), (47, 23), (48, 37)]
            .map(|(offset, position)| OffsetPosition { offset, position });
        let (index, _) = index(45, &entries.map(|entry| (entry.offset, entry.position)));
        let [first, second, third, fourth] = entries;
        let table = [
            (first, 5, Some(second)),
            (first, 10, Some(second)),
            (first, 22, Some(third)),
            (first, 23, Some(third)),
            (second, 24, Some(fourth)),
            (fourth, 1, None),
            (first, 200, None),
        ];
        for (start, fetch_size, expected) in table {
            assert_eq!(index.fetch_upper_bound_offset(start, fetch_size), expected);
        }
    }

    #[test]
    fn lookups_are_the_greatest_entry_below() {
        let (index, _) = index(100, &[(102, 50), (110, 99)]);
        let table = [(99, 0), (100, 0), (101, 0), (102, 50), (109, 50), (110, 99), (500, 99)];
        for (offset, position) in table {
            assert_eq!(index.lookup(offset).position, position, "{offset}");
        }
    }

    #[test]
    fn refuses_what_does_not_fit() {
        let (mut index, mut disk) = index(10, &[(51, 5)]);
        let mut append =
            |offset, position| index.append(&mut disk, offset, position, SimTime::ZERO);
        assert_eq!(
            append(50, 6),
            Err(IndexError::OffsetNotIncreasing { offset: 50, last_offset: 51 })
        );
        for (offset, position) in [(9, 6), (10 + (1 << 31), 6), (52, 1 << 31)] {
            assert_eq!(
                append(offset, position),
                Err(IndexError::DoesNotFit { offset, base_offset: 10 })
            );
        }
        for n in 0..29 {
            append(100 + n, 100 + n as u64).unwrap();
        }
        assert_eq!(append(200, 300), Err(IndexError::Full { entries: 30 }));
    }

    #[test]
    fn damage_is_noticed() {
        let (index, mut disk) = index(10, &[(20, 5), (30, 50)]);
        let good = disk.read_all(index.path()).unwrap();
        for (bytes, position) in [
            (good[..15].to_vec(), 8),
            ([&good[8..], &good[..8]].concat(), 8),
            ([&good[..], &good[8..]].concat(), 16),
            ([&[0x80], &good[1..]].concat(), 0),
            ([&good[..4], &[0x80], &good[5..]].concat(), 0),
        ] {
            disk.replace(index.path(), bytes.into());
            let loaded = OffsetIndex::load(&disk, "t-0", 10, 240);
            assert_eq!(loaded, Err(IndexError::Corrupt { position }));
        }
    }
}
