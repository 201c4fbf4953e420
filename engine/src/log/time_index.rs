//! From timestamps to offsets in a segment, sparsely. Source: `TimeIndex.java`.
//!
//! An entry is 12 bytes: i64 timestamp in Unix ms, i32 offset less the segment's base offset. It says
//! that up to this offset no timestamp is larger. When an entry is made is the segment's rule.

use super::log_file_utils::{TIME_INDEX_FILE_SUFFIX, file_path, relative_offset};
use super::offset_index::IndexError;
use crate::record::batch_header::NO_TIMESTAMP;
use crate::sim::disk::{Disk, SharedVec};
use crate::sim::time::SimTime;
use bytes::Bytes;
use std::sync::Arc;

pub const ENTRY_SIZE: usize = 12;

/// The largest timestamp so far, in Unix ms, and an offset that has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimestampOffset {
    pub timestamp: i64,
    pub offset: i64,
}

/// The time index of one segment: in memory, and in its file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimeIndex {
    path: Arc<str>,
    base_offset: i64,
    max_entries: usize,
    entries: SharedVec<TimestampOffset>,
}

impl TimeIndex {
    /// An index without entries; makes its file.
    pub fn create(disk: &mut Disk, dir: &str, base_offset: i64, max_index_bytes: i32) -> Self {
        TimeIndex::create_with_suffix(disk, dir, base_offset, max_index_bytes, "")
    }

    /// The same, in a file that is not yet part of the log.
    pub(super) fn create_with_suffix(
        disk: &mut Disk,
        dir: &str,
        base_offset: i64,
        max_index_bytes: i32,
        extra_suffix: &str,
    ) -> Self {
        let mut index = TimeIndex::empty(dir, base_offset, max_index_bytes);
        index.path = format!("{}{extra_suffix}", index.path).into();
        disk.create(&index.path);
        index
    }

    pub(super) fn rename(&mut self, disk: &mut Disk, to: Arc<str>) {
        disk.rename(&self.path, &to);
        self.path = to;
    }

    fn empty(dir: &str, base_offset: i64, max_index_bytes: i32) -> Self {
        TimeIndex {
            path: file_path(dir, base_offset, TIME_INDEX_FILE_SUFFIX).into(),
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
        let mut index = TimeIndex::empty(dir, base_offset, max_index_bytes);
        let bytes = disk.read_all(&index.path).unwrap_or_default();
        let (entries, rest) = bytes.as_chunks::<ENTRY_SIZE>();
        for (n, [timestamp @ .., a, b, c, d]) in entries.iter().enumerate() {
            let corrupt = IndexError::Corrupt { position: (n * ENTRY_SIZE) as u64 };
            let relative = i32::from_be_bytes([*a, *b, *c, *d]);
            let offset = base_offset.checked_add(i64::from(relative)).ok_or(corrupt)?;
            let timestamp = i64::from_be_bytes(*timestamp);
            let last = index.last_entry();
            if relative < 0 || timestamp <= last.timestamp || offset < last.offset {
                return Err(corrupt);
            }
            index.entries.push(TimestampOffset { timestamp, offset });
        }
        match rest {
            [] => Ok(index),
            _ => Err(IndexError::Corrupt { position: (entries.len() * ENTRY_SIZE) as u64 }),
        }
    }

    /// Adds an entry if the timestamp is larger than the last one's. At a roll or close there is
    /// always room: [`TimeIndex::is_full`] keeps the last place free.
    pub fn maybe_append(
        &mut self,
        disk: &mut Disk,
        entry: TimestampOffset,
        now: SimTime,
    ) -> Result<(), IndexError> {
        let last = self.last_entry();
        if entry.timestamp <= last.timestamp {
            return Ok(());
        }
        let TimestampOffset { timestamp, offset } = entry;
        if !self.entries.is_empty() && offset < last.offset {
            return Err(IndexError::OffsetNotIncreasing { offset, last_offset: last.offset });
        }
        let base_offset = self.base_offset;
        let relative = relative_offset(base_offset, offset)
            .ok_or(IndexError::DoesNotFit { offset, base_offset })?;
        let mut bytes = [0; ENTRY_SIZE];
        bytes[..8].copy_from_slice(&timestamp.to_be_bytes());
        bytes[8..].copy_from_slice(&relative.to_be_bytes());
        disk.append(&self.path, Bytes::copy_from_slice(&bytes), now);
        self.entries.push(entry);
        Ok(())
    }

    /// The last entry that is not after `target_timestamp`, or (-1, base offset).
    pub fn lookup(&self, target_timestamp: i64) -> TimestampOffset {
        self.lookup_with(target_timestamp, |_| ())
    }

    /// The same, and shows every entry that the search compares, in order.
    pub fn lookup_with(
        &self,
        target_timestamp: i64,
        mut touch: impl FnMut(TimestampOffset),
    ) -> TimestampOffset {
        let after = self.entries.partition_point(|entry| {
            touch(*entry);
            entry.timestamp <= target_timestamp
        });
        let found = after.checked_sub(1).and_then(|index| self.entries.get(index).copied());
        found.unwrap_or(self.no_entry())
    }

    /// The last entry, or (-1, base offset).
    pub fn last_entry(&self) -> TimestampOffset {
        self.entries.last().copied().unwrap_or(self.no_entry())
    }

    fn no_entry(&self) -> TimestampOffset {
        TimestampOffset { timestamp: NO_TIMESTAMP, offset: self.base_offset }
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
        self.entries.len() + 1 >= self.max_entries
    }

    pub fn entries(&self) -> impl DoubleEndedIterator<Item = TimestampOffset> {
        self.entries.iter().copied()
    }

    pub fn entry_count(&self) -> usize {
        self.entries.len()
    }

    /// Bytes of all entries.
    pub fn size_in_bytes(&self) -> u64 {
        (self.entries.len() * ENTRY_SIZE) as u64
    }

    pub fn path(&self) -> &Arc<str> {
        &self.path
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(timestamp: i64, offset: i64) -> TimestampOffset {
        TimestampOffset { timestamp, offset }
    }

    fn index(base_offset: i64, entries: &[(i64, i64)]) -> (TimeIndex, Disk) {
        let mut disk = Disk::default();
        let mut index = TimeIndex::create(&mut disk, "t-0", base_offset, 30 * 12);
        for (timestamp, offset) in entries {
            index.maybe_append(&mut disk, entry(*timestamp, *offset), SimTime::ZERO).unwrap();
        }
        (index, disk)
    }

    /// `TimeIndexTest.lookUp`.
    #[test]
    fn lookup() {
        assert_eq!(index(45, &[]).0.lookup(100), entry(-1, 45));
        let entries: Vec<_> = (1..29).map(|n| (10 * n, 45 + 10 * n)).collect();
        let (index, disk) = index(45, &entries);
        for (timestamp, expected) in [(9, entry(-1, 45)), (25, entry(20, 65)), (30, entry(30, 75))]
        {
            assert_eq!(index.lookup(timestamp), expected);
        }
        assert_eq!(TimeIndex::load(&disk, "t-0", 45, 360), Ok(index));
    }

    /// `TimeIndexTest.testEntry`, `testTruncate`, `testAppend`.
    #[test]
    fn append_and_truncate() {
        let (mut index, mut disk) = index(0, &[(10, 5), (20, 9), (20, 12), (15, 13)]);
        assert_eq!(index.entries().collect::<Vec<_>>(), [entry(10, 5), entry(20, 9)]);
        assert_eq!(
            index.maybe_append(&mut disk, entry(30, 8), SimTime::ZERO),
            Err(IndexError::OffsetNotIncreasing { offset: 8, last_offset: 9 })
        );
        index.truncate_to(&mut disk, 9);
        assert_eq!(index.last_entry(), entry(10, 5));
        assert_eq!(disk.len(index.path()), Some(12));
        index.reset(&mut disk);
        assert_eq!((index.last_entry(), index.entry_count()), (entry(-1, 0), 0));
    }

    #[test]
    fn is_full_with_one_place_left() {
        let entries: Vec<_> = (1..29).map(|n| (n, n)).collect();
        let (mut index, mut disk) = index(0, &entries);
        assert!(!index.is_full());
        index.maybe_append(&mut disk, entry(29, 29), SimTime::ZERO).unwrap();
        assert!(index.is_full());
        index.maybe_append(&mut disk, entry(30, 30), SimTime::ZERO).unwrap();
    }

    #[test]
    fn damage_is_noticed() {
        let (index, mut disk) = index(10, &[(100, 20), (200, 30)]);
        let good = disk.read_all(index.path()).unwrap();
        for (bytes, position) in [
            (good[..23].to_vec(), 12),
            ([&good[12..], &good[..12]].concat(), 12),
            ([&[0x80], &good[1..]].concat(), 0),
            ([&good[..8], &[0x80], &good[9..]].concat(), 0),
        ] {
            disk.replace(index.path(), bytes.into());
            let loaded = TimeIndex::load(&disk, "t-0", 10, 360);
            assert_eq!(loaded, Err(IndexError::Corrupt { position }));
        }
    }
}
