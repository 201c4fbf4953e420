//! A log's producers: what an append and a truncation do to them, and how far a consumer of committed
//! records may read. The state itself is in [`crate::log::producer_state_manager`].

use super::UnifiedLog;
use crate::log::log_segment::LogSegment;
use crate::log::producer_state_entry::CompletedTxn;
use crate::log::producer_state_manager::{PRODUCER_ID_EXPIRATION_MS, ProducerStateManager};
use crate::log::transaction_index::AbortedTxn;
use crate::record::RecordBatch;
use crate::sim::disk::Disk;
use crate::sim::time::SimTime;
use bytes::Bytes;
use std::sync::Arc;

impl UnifiedLog {
    pub fn producer_state(&self) -> &ProducerStateManager {
        &self.producers
    }

    /// Takes a batch that has just been appended into account.
    pub(super) fn update_producers(&mut self, disk: &mut Disk, bytes: Bytes, now: SimTime) {
        let Ok(batch) = RecordBatch::parse(bytes) else {
            return;
        };
        if let Some(completed) = self.producers.update(&batch) {
            self.complete_txn(disk, &completed, now);
        }
    }

    pub(super) fn has_producers(&self) -> bool {
        !self.producers.is_empty()
    }

    /// Forgets producers that have been silent for `producer.id.expiration.ms`.
    pub fn remove_expired_producers(&mut self, now: SimTime) {
        self.producers.remove_expired(now.timestamp_ms(), PRODUCER_ID_EXPIRATION_MS);
    }

    /// The guard under which the coordinator is to be asked about a transactional batch; `None`: its
    /// transaction is open here.
    pub fn maybe_start_verification(&mut self, batch: &RecordBatch) -> Option<u64> {
        let (producer_id, epoch) = (batch.producer_id(), batch.producer_epoch());
        if self.producers.has_ongoing_transaction(producer_id, epoch) {
            return None;
        }
        Some(self.producers.start_verification(producer_id, epoch, batch.base_sequence()))
    }

    /// What a new leader must not do ([`crate::spec::Mutant`]).
    pub fn forget_producers(&mut self) {
        self.producers.remove_expired(i64::MAX, 0);
    }

    fn complete_txn(&mut self, disk: &mut Disk, completed: &CompletedTxn, now: SimTime) {
        if let Some(aborted) = aborted_txn(&self.producers, completed) {
            let active = Arc::make_mut(&mut self.local.active);
            if let Err(error) = active.append_aborted_txn(disk, aborted, now) {
                panic!("markers come in the order of their offsets: {error}");
            }
        }
        self.producers.complete_txn(completed);
        self.producers.on_high_watermark_updated(self.high_watermark);
    }

    /// Records below it are committed and belong to no open transaction (LSO).
    pub fn last_stable_offset(&self) -> i64 {
        let unstable = self.producers.first_unstable_offset();
        unstable.map_or(self.high_watermark, |offset| offset.min(self.high_watermark))
    }

    /// The aborted transactions that a reader from `fetch_offset` up to `upper_bound_offset` can meet.
    pub fn collect_aborted_txns(
        &self,
        fetch_offset: i64,
        upper_bound_offset: i64,
    ) -> Vec<AbortedTxn> {
        let mut aborted = Vec::new();
        let relevant = |segment: &&LogSegment| segment.next_offset() > fetch_offset;
        for segment in self.segments().filter(relevant) {
            let found = segment.txn_index().collect_aborted_txns(fetch_offset, upper_bound_offset);
            aborted.extend(found.aborted);
            if found.is_complete {
                break;
            }
        }
        aborted
    }

    /// The log was cut: the producers are what the rest of it says.
    pub(super) fn rebuild_producers(&mut self, disk: &mut Disk) {
        let log_end_offset = self.local.log_end_offset;
        if self.producers.is_empty() && self.producers.first_unstable_offset().is_none() {
            // Nobody was known, so nobody is: only the snapshots above the end have to go.
            let last = self.producers.map_end_offset().min(log_end_offset);
            let start = self.log_start_offset.min(log_end_offset);
            self.producers.truncate_and_reload(disk, start, last, log_end_offset, i64::MAX);
            self.producers.update_map_end_offset(log_end_offset);
            return;
        }
        let (start, now_ms) = (self.log_start_offset.min(log_end_offset), i64::MIN);
        self.producers.truncate_and_reload(disk, start, log_end_offset, log_end_offset, now_ms);
        let from = self.producers.map_end_offset();
        let batches: Vec<RecordBatch> = self.batches(disk, from).map_while(Result::ok).collect();
        for batch in batches.iter().filter(|batch| batch.base_offset() >= from) {
            // The index of the segment knows the transaction already.
            if let Some(completed) = self.producers.update(batch) {
                self.producers.complete_txn(&completed);
            }
        }
        self.producers.update_map_end_offset(log_end_offset);
        self.producers.on_high_watermark_updated(self.high_watermark);
    }
}

/// The entry of the transaction index, if the transaction was aborted.
pub(in crate::log) fn aborted_txn(
    producers: &ProducerStateManager,
    completed: &CompletedTxn,
) -> Option<AbortedTxn> {
    completed.is_aborted.then(|| AbortedTxn {
        producer_id: completed.producer_id,
        first_offset: completed.first_offset,
        last_offset: completed.last_offset,
        last_stable_offset: producers.last_stable_offset(completed),
    })
}
