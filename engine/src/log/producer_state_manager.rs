//! The producers of a log: who wrote what last, whose transactions are open, and the snapshots of
//! that beside the segments. Source: `ProducerStateManager.java`.
//!
//! A batch that came before is known by its sequence numbers; the end of the earliest open
//! transaction bounds what consumers of committed records may read, and what the cleaner may touch.

use super::append_origin::{AppendOrigin, Verification};
use super::log_error::LogError;
use super::log_file_utils::{PRODUCER_SNAPSHOT_FILE_SUFFIX, file_path, parse_path};
use super::producer_snapshot;
use super::producer_state_entry::{BatchMetadata, CompletedTxn, ProducerStateEntry};
use crate::record::RecordBatch;
use crate::sim::disk::Disk;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// `producer.id.expiration.ms`: how long a silent producer is remembered.
pub const PRODUCER_ID_EXPIRATION_MS: i64 = 86_400_000;

/// The last that the log has of a producer; the cleaner keeps it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LastRecord {
    pub last_data_offset: Option<i64>,
    pub producer_epoch: i16,
}

/// A transactional batch waits for its coordinator's word. Whatever is written of the producer
/// meanwhile takes it away, so that a late batch does not begin a transaction of which nobody knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct VerificationGuard {
    id: u64,
    epoch: i16,
    lowest_sequence: i32,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProducerStateManager {
    dir: Arc<str>,
    producers: Arc<BTreeMap<i64, ProducerStateEntry>>,
    /// First offset and producer of the transactions that are open.
    ongoing: Arc<BTreeMap<i64, i64>>,
    /// First and last offset of those that ended at or above the high watermark.
    unreplicated: Arc<BTreeMap<i64, i64>>,
    /// By producer.
    guards: Arc<BTreeMap<i64, VerificationGuard>>,
    next_guard: u64,
    /// The offset after the last that it has seen.
    map_end_offset: i64,
    last_snapshot_offset: i64,
    /// Offsets of the snapshot files.
    snapshots: Arc<BTreeSet<i64>>,
}

impl ProducerStateManager {
    pub fn new(dir: Arc<str>) -> Self {
        ProducerStateManager {
            dir,
            producers: Arc::default(),
            ongoing: Arc::default(),
            unreplicated: Arc::default(),
            guards: Arc::default(),
            next_guard: 0,
            map_end_offset: 0,
            last_snapshot_offset: 0,
            snapshots: Arc::default(),
        }
    }

    // Appending.

    /// Whether the batch may be written. Answers the batch that it repeats, if it is one of the last
    /// `window`.
    pub fn check(
        &self,
        batch: &RecordBatch,
        origin: AppendOrigin,
        window: usize,
    ) -> Result<Option<BatchMetadata>, LogError> {
        let producer_id = batch.producer_id();
        if producer_id < 0 {
            return Ok(None);
        }
        let entry = self.producers.get(&producer_id);
        if origin.is_client
            && !batch.is_control()
            && let Some(duplicate) =
                entry.and_then(|known| known.find_duplicate_batch(batch, window))
        {
            return Ok(Some(*duplicate));
        }
        self.check_verified(batch, origin)?;
        match entry {
            Some(entry) => entry.check(batch, origin).map(|()| None),
            None => Ok(None),
        }
    }

    /// A transactional batch continues an open transaction, or begins one of which the coordinator knows
    /// (KIP-890).
    fn check_verified(&self, batch: &RecordBatch, origin: AppendOrigin) -> Result<(), LogError> {
        let Verification::On { guard } = origin.verification else {
            return Ok(());
        };
        let (producer_id, epoch) = (batch.producer_id(), batch.producer_epoch());
        if !batch.is_transactional()
            || batch.is_control()
            || self.has_ongoing_transaction(producer_id, epoch)
        {
            return Ok(());
        }
        let known = self.guards.get(&producer_id).filter(|known| Some(known.id) == guard);
        let known = known.ok_or(LogError::InvalidTxnState { producer_id })?;
        let first = batch.base_sequence();
        let is_new = !self.producers.contains_key(&producer_id);
        let expected = if origin.has_epoch_per_transaction() { 0 } else { known.lowest_sequence };
        if origin.is_client && is_new && first > expected {
            return Err(LogError::OutOfOrderSequence { producer_id, first, expected });
        }
        Ok(())
    }

    pub fn has_ongoing_transaction(&self, producer_id: i64, epoch: i16) -> bool {
        self.producers.get(&producer_id).is_some_and(|entry| entry.has_ongoing_transaction(epoch))
    }

    /// The guard under which the coordinator is to be asked about a batch (`VerificationGuard`).
    pub fn start_verification(&mut self, producer_id: i64, epoch: i16, sequence: i32) -> u64 {
        let guards = Arc::make_mut(&mut self.guards);
        if let Some(guard) = guards.get_mut(&producer_id).filter(|known| known.epoch == epoch) {
            guard.lowest_sequence = guard.lowest_sequence.min(sequence);
            return guard.id;
        }
        let id = self.next_guard;
        self.next_guard += 1;
        guards.insert(producer_id, VerificationGuard { id, epoch, lowest_sequence: sequence });
        id
    }

    /// Takes a batch that was written into account. Answers the transaction that it ended.
    pub fn update(&mut self, batch: &RecordBatch) -> Option<CompletedTxn> {
        let producer_id = batch.producer_id();
        if producer_id < 0 {
            return None;
        }
        if batch.is_transactional() && self.guards.contains_key(&producer_id) {
            Arc::make_mut(&mut self.guards).remove(&producer_id);
        }
        let info = match self.producers.get(&producer_id) {
            Some(entry) => entry.append(batch),
            // An emptied marker says nothing of a producer that is not known.
            None if batch.is_control() && batch.records_count() == 0 => return None,
            None => ProducerStateEntry::empty(producer_id).append(batch),
        };
        Arc::make_mut(&mut self.producers).insert(producer_id, info.entry);
        if let Some(first_offset) = info.started_txn {
            Arc::make_mut(&mut self.ongoing).insert(first_offset, producer_id);
        }
        info.completed_txn
    }

    /// What the last stable offset is once the transaction has ended; it still counts as open.
    pub fn last_stable_offset(&self, completed: &CompletedTxn) -> i64 {
        let others = self.ongoing.iter().find(|(_, id)| **id != completed.producer_id);
        others.map_or(completed.last_offset + 1, |(first_offset, _)| *first_offset)
    }

    pub fn complete_txn(&mut self, completed: &CompletedTxn) {
        Arc::make_mut(&mut self.ongoing).remove(&completed.first_offset);
        let (first, last) = (completed.first_offset, completed.last_offset);
        Arc::make_mut(&mut self.unreplicated).insert(first, last);
    }

    pub fn on_high_watermark_updated(&mut self, high_watermark: i64) {
        if self.unreplicated.values().any(|last| *last < high_watermark) {
            Arc::make_mut(&mut self.unreplicated).retain(|_, last| *last >= high_watermark);
        }
    }

    /// The first offset of the earliest transaction that is open, or whose end is not committed.
    pub fn first_unstable_offset(&self) -> Option<i64> {
        let first = |offsets: &BTreeMap<i64, i64>| offsets.keys().next().copied();
        match (first(&self.ongoing), first(&self.unreplicated)) {
            (Some(open), Some(ended)) => Some(open.min(ended)),
            (open, ended) => open.or(ended),
        }
    }

    /// First offset and producer of the transactions that are open.
    pub fn ongoing_transactions(&self) -> impl Iterator<Item = (i64, i64)> {
        self.ongoing.iter().map(|(first_offset, producer_id)| (*first_offset, *producer_id))
    }

    // What it knows.

    pub fn is_empty(&self) -> bool {
        self.producers.is_empty()
    }

    pub fn producers(&self) -> impl Iterator<Item = &ProducerStateEntry> {
        self.producers.values()
    }

    pub fn entry(&self, producer_id: i64) -> Option<&ProducerStateEntry> {
        self.producers.get(&producer_id)
    }

    pub fn last_records(&self) -> BTreeMap<i64, LastRecord> {
        let last = |entry: &ProducerStateEntry| LastRecord {
            last_data_offset: entry.last_data_offset(),
            producer_epoch: entry.producer_epoch,
        };
        self.producers.iter().map(|(id, entry)| (*id, last(entry))).collect()
    }

    pub fn map_end_offset(&self) -> i64 {
        self.map_end_offset
    }

    pub fn update_map_end_offset(&mut self, offset: i64) {
        self.map_end_offset = offset;
    }

    /// Forgets producers that have been silent for long and have no open transaction.
    pub fn remove_expired(&mut self, now_ms: i64, expiration_ms: i64) {
        let expired = |entry: &ProducerStateEntry| {
            entry.current_txn_first_offset.is_none()
                && now_ms.saturating_sub(entry.last_timestamp) >= expiration_ms
        };
        if self.producers.values().any(expired) {
            Arc::make_mut(&mut self.producers).retain(|_, entry| !expired(entry));
        }
    }

    // Snapshots.

    fn path(&self, offset: i64) -> String {
        file_path(&self.dir, offset, PRODUCER_SNAPSHOT_FILE_SUFFIX)
    }

    /// Writes what is known at the end of the map, unless that was written before.
    pub fn take_snapshot(&mut self, disk: &mut Disk) {
        let offset = self.map_end_offset;
        if offset <= self.last_snapshot_offset {
            return;
        }
        disk.replace(&self.path(offset), producer_snapshot::encode(self.producers.values()));
        Arc::make_mut(&mut self.snapshots).insert(offset);
        self.last_snapshot_offset = offset;
    }

    pub fn snapshots(&self) -> impl Iterator<Item = i64> {
        self.snapshots.iter().copied()
    }

    /// The snapshots that the disk has.
    pub fn find_snapshots(&mut self, disk: &Disk) {
        let offsets = disk.list(&self.dir).into_iter().filter_map(|path| match parse_path(&path) {
            Some((offset, PRODUCER_SNAPSHOT_FILE_SUFFIX)) => Some(offset),
            _ => None,
        });
        self.snapshots = Arc::new(offsets.collect());
    }

    /// Deletes the snapshots that belong to no segment, but for the last, which a clean stop wrote.
    pub fn remove_stray_snapshots(&mut self, disk: &mut Disk, bases: &[i64]) {
        let last_base = bases.last().copied().unwrap_or(0);
        let last = self.snapshots.last().copied().filter(|offset| *offset > last_base);
        self.retain(disk, |offset| bases.contains(&offset) || Some(offset) == last);
    }

    pub fn remove_snapshot(&mut self, disk: &mut Disk, offset: i64) {
        self.retain(disk, |other| other != offset);
    }

    /// The file has another name now.
    pub fn forget_snapshot(&mut self, offset: i64) {
        Arc::make_mut(&mut self.snapshots).remove(&offset);
    }

    fn retain(&mut self, disk: &mut Disk, keep: impl Fn(i64) -> bool) {
        let gone: Vec<i64> = self.snapshots.iter().copied().filter(|o| !keep(*o)).collect();
        for offset in gone {
            disk.delete(&self.path(offset));
            Arc::make_mut(&mut self.snapshots).remove(&offset);
        }
    }

    /// Goes back to the newest sound snapshot between `log_start_offset` and `upper_bound`, which is
    /// where replaying the log has to begin. Snapshots above `log_end_offset` are deleted.
    pub fn truncate_and_reload(
        &mut self,
        disk: &mut Disk,
        log_start_offset: i64,
        upper_bound: i64,
        log_end_offset: i64,
        now_ms: i64,
    ) {
        self.retain(disk, |offset| offset <= log_end_offset);
        self.producers = Arc::default();
        self.ongoing = Arc::default();
        self.unreplicated = Arc::default();
        self.map_end_offset = log_start_offset;
        self.last_snapshot_offset = log_start_offset;
        while let Some(offset) = self.snapshots.range(..=upper_bound).next_back().copied() {
            let entries =
                disk.read_all(&self.path(offset)).as_deref().map(producer_snapshot::decode);
            let Some(entries) = entries.flatten() else {
                // Damaged: an older one is used in its place.
                self.remove_snapshot(disk, offset);
                continue;
            };
            if offset >= log_start_offset {
                for entry in entries {
                    self.load(entry, now_ms);
                }
                self.map_end_offset = offset;
                self.last_snapshot_offset = offset;
            }
            return;
        }
    }

    fn load(&mut self, entry: ProducerStateEntry, now_ms: i64) {
        let silent = now_ms.saturating_sub(entry.last_timestamp) >= PRODUCER_ID_EXPIRATION_MS;
        match entry.current_txn_first_offset {
            Some(first_offset) => {
                Arc::make_mut(&mut self.ongoing).insert(first_offset, entry.producer_id);
            }
            None if silent => return,
            None => {}
        }
        Arc::make_mut(&mut self.producers).insert(entry.producer_id, entry);
    }

    /// The log was emptied and goes on at `offset`.
    pub fn truncate_fully_and_start_at(&mut self, disk: &mut Disk, offset: i64) {
        self.retain(disk, |_| false);
        *self = ProducerStateManager {
            map_end_offset: offset,
            last_snapshot_offset: offset,
            ..ProducerStateManager::new(self.dir.clone())
        };
    }
}
