//! The aborted transactions of a segment, for consumers that read only what is committed and for the
//! cleaner. Source: `TransactionIndex.java`.
//!
//! An entry is 34 bytes: i16 version 0, i64 producer id, i64 first offset, i64 last offset (the
//! marker's), i64 last stable offset when the marker was written. The file is made by the first entry.

use super::log_file_utils::{TXN_INDEX_FILE_SUFFIX, file_path};
use super::offset_index::IndexError;
use crate::sim::disk::Disk;
use crate::sim::time::SimTime;
use bytes::{BufMut, BytesMut};
use std::sync::Arc;

pub const ENTRY_SIZE: usize = 34;
const VERSION: i16 = 0;

/// A transaction that was aborted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AbortedTxn {
    pub producer_id: i64,
    /// Of its first record in this partition.
    pub first_offset: i64,
    /// Of its marker.
    pub last_offset: i64,
    pub last_stable_offset: i64,
}

/// What [`TransactionIndex::collect_aborted_txns`] found in one segment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TxnIndexSearchResult {
    pub aborted: Vec<AbortedTxn>,
    /// No later segment can add anything.
    pub is_complete: bool,
}

/// The index of one segment: in memory, and in its file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransactionIndex {
    path: Arc<str>,
    entries: Arc<Vec<AbortedTxn>>,
}

impl TransactionIndex {
    /// An index without entries, and without a file yet.
    pub fn create(dir: &str, base_offset: i64, extra_suffix: &str) -> Self {
        let path = file_path(dir, base_offset, TXN_INDEX_FILE_SUFFIX) + extra_suffix;
        TransactionIndex { path: path.into(), entries: Arc::default() }
    }

    /// What the file says.
    pub fn load(disk: &Disk, dir: &str, base_offset: i64) -> Result<Self, IndexError> {
        let mut index = TransactionIndex::create(dir, base_offset, "");
        let bytes = disk.read_all(&index.path).unwrap_or_default();
        let (entries, rest) = bytes.as_chunks::<ENTRY_SIZE>();
        let entries_len = entries.len();
        let mut read = Vec::with_capacity(entries_len);
        for (n, entry) in entries.iter().enumerate() {
            let corrupt = IndexError::Corrupt { position: (n * ENTRY_SIZE) as u64 };
            let txn = AbortedTxn::decode(entry).ok_or(corrupt)?;
            let follows =
                read.last().is_none_or(|last: &AbortedTxn| last.last_offset < txn.last_offset);
            if txn.last_offset < base_offset || !follows {
                return Err(corrupt);
            }
            read.push(txn);
        }
        if !rest.is_empty() {
            return Err(IndexError::Corrupt { position: (entries_len * ENTRY_SIZE) as u64 });
        }
        index.entries = Arc::new(read);
        Ok(index)
    }

    /// Adds a transaction; the last offsets must increase.
    pub fn append(
        &mut self,
        disk: &mut Disk,
        txn: AbortedTxn,
        now: SimTime,
    ) -> Result<(), IndexError> {
        if let Some(last) = self.entries.last().filter(|last| last.last_offset >= txn.last_offset) {
            let (offset, last_offset) = (txn.last_offset, last.last_offset);
            return Err(IndexError::OffsetNotIncreasing { offset, last_offset });
        }
        disk.append(&self.path, txn.encode().freeze(), now);
        Arc::make_mut(&mut self.entries).push(txn);
        Ok(())
    }

    /// Drops the transactions whose marker is at `offset` or above.
    pub fn truncate_to(&mut self, disk: &mut Disk, offset: i64) {
        let kept = self.entries.partition_point(|txn| txn.last_offset < offset);
        if kept < self.entries.len() {
            Arc::make_mut(&mut self.entries).truncate(kept);
            disk.truncate(&self.path, (kept * ENTRY_SIZE) as u64);
        }
    }

    pub fn reset(&mut self, disk: &mut Disk) {
        self.entries = Arc::default();
        disk.delete(&self.path);
    }

    /// The aborted transactions that a fetch from `fetch_offset` up to `upper_bound_offset` can meet.
    pub fn collect_aborted_txns(
        &self,
        fetch_offset: i64,
        upper_bound_offset: i64,
    ) -> TxnIndexSearchResult {
        let mut result = TxnIndexSearchResult::default();
        for txn in self.entries.iter() {
            if txn.last_offset >= fetch_offset && txn.first_offset < upper_bound_offset {
                result.aborted.push(*txn);
            }
            if txn.last_stable_offset >= upper_bound_offset {
                result.is_complete = true;
                break;
            }
        }
        result
    }

    pub fn entries(&self) -> impl Iterator<Item = AbortedTxn> {
        self.entries.iter().copied()
    }

    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    pub fn path(&self) -> &Arc<str> {
        &self.path
    }

    pub(super) fn rename(&mut self, disk: &mut Disk, to: Arc<str>) {
        disk.rename(&self.path, &to);
        self.path = to;
    }
}

impl AbortedTxn {
    fn encode(&self) -> BytesMut {
        let mut bytes = BytesMut::with_capacity(ENTRY_SIZE);
        bytes.put_i16(VERSION);
        bytes.put_i64(self.producer_id);
        bytes.put_i64(self.first_offset);
        bytes.put_i64(self.last_offset);
        bytes.put_i64(self.last_stable_offset);
        bytes
    }

    /// `None` if it is of a later version.
    pub fn decode(entry: &[u8; ENTRY_SIZE]) -> Option<Self> {
        let number = |at: usize| {
            entry[at..].first_chunk().map_or(0, |bytes: &[u8; 8]| i64::from_be_bytes(*bytes))
        };
        (i16::from_be_bytes([entry[0], entry[1]]) == VERSION).then(|| AbortedTxn {
            producer_id: number(2),
            first_offset: number(10),
            last_offset: number(18),
            last_stable_offset: number(26),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn txn(producer_id: i64, first_offset: i64, last_offset: i64, stable: i64) -> AbortedTxn {
        AbortedTxn { producer_id, first_offset, last_offset, last_stable_offset: stable }
    }

    fn index() -> (TransactionIndex, Disk, Vec<AbortedTxn>) {
        let mut disk = Disk::default();
        let mut index = TransactionIndex::create("t-0", 0, "");
        let all =
            vec![txn(0, 0, 10, 11), txn(1, 5, 15, 13), txn(2, 18, 35, 25), txn(3, 32, 50, 40)];
        for entry in &all {
            index.append(&mut disk, *entry, SimTime::ZERO).unwrap();
        }
        (index, disk, all)
    }

    /// `TransactionIndexTest`: collecting, truncating, reading back.
    #[test]
    fn collects_what_overlaps() {
        let (index, disk, all) = index();
        assert_eq!(disk.len(index.path()), Some(4 * 34));
        assert_eq!(TransactionIndex::load(&disk, "t-0", 0).as_ref(), Ok(&index));
        let table: [(i64, i64, &[AbortedTxn], bool); 7] = [
            (0, 100, &all, false),
            (0, 32, &all[..3], true),
            (0, 35, &all, true),
            (10, 35, &all, true),
            (11, 35, &all[1..], true),
            (20, 41, &all[2..], false),
            (50, 60, &all[3..], false),
        ];
        for (from, to, expected, complete) in table {
            let found = index.collect_aborted_txns(from, to);
            assert_eq!(
                (&found.aborted[..], found.is_complete),
                (expected, complete),
                "{from} {to}"
            );
        }
    }

    #[test]
    fn truncates_by_marker() {
        let (mut index, mut disk, all) = index();
        for (offset, kept) in [(51, 4), (50, 3), (34, 2), (0, 0)] {
            index.truncate_to(&mut disk, offset);
            assert_eq!(index.entries().collect::<Vec<_>>(), all[..kept]);
            assert_eq!(TransactionIndex::load(&disk, "t-0", 0).as_ref(), Ok(&index));
        }
    }

    #[test]
    fn refuses_what_does_not_follow() {
        let (mut index, mut disk, _) = index();
        let refused = index.append(&mut disk, txn(4, 40, 50, 60), SimTime::ZERO);
        assert_eq!(refused, Err(IndexError::OffsetNotIncreasing { offset: 50, last_offset: 50 }));
        disk.append(&index.path().clone(), vec![9; 5].into(), SimTime::ZERO);
        let loaded = TransactionIndex::load(&disk, "t-0", 0);
        assert_eq!(loaded, Err(IndexError::Corrupt { position: 136 }));
    }
}
