//! A segment's files as a group: their names, and the suffixes they take on while they are cleaned,
//! swapped in or deleted. And what is known of its age.

use super::LogSegment;
use crate::log::log_config::LogConfig;
use crate::log::log_file_utils::{CLEANED_FILE_SUFFIX, DELETED_FILE_SUFFIX};
use crate::log::offset_index::IndexError;
use crate::log::transaction_index::{AbortedTxn, TransactionIndex};
use crate::record::BatchHeader;
use crate::sim::disk::Disk;
use crate::sim::random::mix;
use crate::sim::time::SimTime;
use std::sync::Arc;

/// `segment.jitter.ms`: drawn from where the segment lies, so that every run draws the same.
pub(super) fn roll_jitter_ms(config: &LogConfig, dir: &str, base_offset: i64) -> i64 {
    let most = config.segment_jitter_ms.min(config.segment_ms);
    if most <= 0 {
        return 0;
    }
    let place = dir.bytes().fold(base_offset as u64, |hash, byte| mix(&[hash, u64::from(byte)]));
    (mix(&[place]) % most as u64) as i64
}

impl LogSegment {
    /// A segment that the cleaner writes, in files of its own.
    pub(in crate::log) fn create_cleaned(
        disk: &mut Disk,
        dir: &str,
        base_offset: i64,
        config: &LogConfig,
        now: SimTime,
    ) -> Self {
        let suffix = CLEANED_FILE_SUFFIX;
        let create = |disk: &mut Disk| {
            LogSegment::create_with_suffix(disk, dir, base_offset, config, Some(now), suffix)
        };
        // What an interrupted pass may have left.
        create(disk).delete(disk);
        create(disk)
    }

    /// `.log`, `.index`, `.timeindex` and `.txnindex`, the last of which may not exist.
    pub(super) fn paths(&self) -> [&Arc<str>; 4] {
        let (offsets, times) = (self.offset_index.path(), self.time_index.path());
        [&self.path, offsets, times, self.txn_index.path()]
    }

    /// Renames the files, the `.log` first: what a stop in between leaves is put right when the log
    /// is loaded, whichever suffixes these are.
    pub(in crate::log) fn change_file_suffixes(&mut self, disk: &mut Disk, from: &str, to: &str) {
        let renamed = |path: &Arc<str>| -> Arc<str> {
            format!("{}{to}", path.strip_suffix(from).unwrap_or(path)).into()
        };
        let log = renamed(&self.path);
        disk.rename(&self.path, &log);
        self.path = log;
        self.offset_index.rename(disk, renamed(self.offset_index.path()));
        self.time_index.rename(disk, renamed(self.time_index.path()));
        self.txn_index.rename(disk, renamed(self.txn_index.path()));
    }

    /// Takes the segment out of the log; its files wait to be deleted. Answers their names.
    pub(in crate::log) fn mark_deleted(&self, disk: &mut Disk) -> Vec<Arc<str>> {
        let mut gone = self.clone();
        gone.change_file_suffixes(disk, "", DELETED_FILE_SUFFIX);
        gone.paths().into_iter().filter(|path| disk.len(path).is_some()).cloned().collect()
    }

    /// Notes a transaction that was aborted by a marker in this segment.
    pub(in crate::log) fn append_aborted_txn(
        &mut self,
        disk: &mut Disk,
        txn: AbortedTxn,
        now: SimTime,
    ) -> Result<(), IndexError> {
        self.txn_index.append(disk, txn, now)
    }

    pub(in crate::log) fn reset_txn_index(&mut self, disk: &mut Disk) {
        self.txn_index.reset(disk);
    }

    pub fn txn_index(&self) -> &TransactionIndex {
        &self.txn_index
    }

    /// The header of the last batch; `None` if it is empty.
    pub fn last_batch(&self) -> Option<&BatchHeader> {
        self.last_batch.as_ref().map(|batch| &batch.header)
    }

    /// Unix ms of the first batch; `None` if it is empty.
    pub fn first_batch_timestamp(&self) -> Option<i64> {
        self.rolling_based_timestamp
    }

    /// The time by which its age counts: of its newest record, or, if none has a time, of the last
    /// change to it.
    pub fn largest_timestamp(&self) -> i64 {
        let newest = self.max_timestamp_so_far.timestamp;
        if newest >= 0 { newest } else { self.last_modified_ms }
    }

    pub(in crate::log) fn last_modified_ms(&self) -> i64 {
        self.last_modified_ms
    }

    /// A cleaned segment is as old as what it was made of.
    pub(in crate::log) fn set_last_modified_ms(&mut self, last_modified_ms: i64) {
        self.last_modified_ms = last_modified_ms;
    }
}
