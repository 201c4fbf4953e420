//! What a log knows of one producer: its epoch, its last five batches, its open transaction; and what
//! an append does to that. Sources: `ProducerStateEntry.java`, `ProducerAppendInfo.java`.

use super::append_origin::AppendOrigin;
use super::log_error::LogError;
use crate::record::record_batch::{decrement_sequence, increment_sequence};
use crate::record::{EndTransactionMarker, RecordBatch};
use std::collections::VecDeque;

/// As many batches as a producer may have in flight: any of them can come again.
pub const BATCHES_TO_RETAIN: usize = 5;
const NO_COORDINATOR_EPOCH: i32 = -1;

/// One batch that a producer wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BatchMetadata {
    pub last_sequence: i32,
    pub last_offset: i64,
    pub offset_delta: i32,
    /// Unix ms.
    pub timestamp: i64,
}

impl BatchMetadata {
    pub fn first_sequence(&self) -> i32 {
        decrement_sequence(self.last_sequence, self.offset_delta)
    }

    pub fn first_offset(&self) -> i64 {
        self.last_offset - i64::from(self.offset_delta)
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProducerStateEntry {
    pub producer_id: i64,
    pub producer_epoch: i16,
    /// Of the last transaction marker; -1 if there was none.
    pub coordinator_epoch: i32,
    /// Unix ms of the last batch or marker; from here its state ages.
    pub last_timestamp: i64,
    pub current_txn_first_offset: Option<i64>,
    /// The newest last; at most [`BATCHES_TO_RETAIN`].
    pub batches: VecDeque<BatchMetadata>,
}

/// A transaction in this partition that has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CompletedTxn {
    pub producer_id: i64,
    pub first_offset: i64,
    /// Of the marker.
    pub last_offset: i64,
    pub is_aborted: bool,
}

/// What a batch does to its producer's state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProducerAppendInfo {
    pub entry: ProducerStateEntry,
    pub started_txn: Option<i64>,
    pub completed_txn: Option<CompletedTxn>,
}

impl ProducerStateEntry {
    pub fn empty(producer_id: i64) -> Self {
        ProducerStateEntry {
            producer_id,
            producer_epoch: crate::record::batch_header::NO_PRODUCER_EPOCH,
            coordinator_epoch: NO_COORDINATOR_EPOCH,
            last_timestamp: crate::record::batch_header::NO_TIMESTAMP,
            current_txn_first_offset: None,
            batches: VecDeque::new(),
        }
    }

    pub fn last_sequence(&self) -> i32 {
        self.batches.back().map_or(-1, |batch| batch.last_sequence)
    }

    pub fn last_data_offset(&self) -> Option<i64> {
        self.batches.back().map(|batch| batch.last_offset)
    }

    /// The batch that was written before with the same epoch and sequence numbers, of the last `window`.
    pub fn find_duplicate_batch(
        &self,
        batch: &RecordBatch,
        window: usize,
    ) -> Option<&BatchMetadata> {
        if batch.producer_epoch() != self.producer_epoch {
            return None;
        }
        let same = |known: &&BatchMetadata| {
            known.first_sequence() == batch.base_sequence()
                && known.last_sequence == batch.last_sequence()
        };
        self.batches.iter().rev().take(window).find(same)
    }

    fn maybe_update_producer_epoch(&mut self, producer_epoch: i16) {
        if self.producer_epoch != producer_epoch {
            self.batches.clear();
            self.producer_epoch = producer_epoch;
        }
    }

    /// Whether the producer has an open transaction here, in this epoch.
    pub fn has_ongoing_transaction(&self, epoch: i16) -> bool {
        self.current_txn_first_offset.is_some() && self.producer_epoch == epoch
    }

    /// Whether the batch may be written now. What was replicated is never refused.
    pub fn check(&self, batch: &RecordBatch, origin: AppendOrigin) -> Result<(), LogError> {
        let (epoch, current) = (batch.producer_epoch(), self.producer_epoch);
        let producer_id = self.producer_id;
        if batch.is_control() {
            if origin.takes_late_markers {
                return Ok(());
            }
            // Who marks the end of a transaction begins an epoch; the same marker may come again.
            let is_late = origin.has_epoch_per_transaction()
                && epoch == current
                && self.current_txn_first_offset.is_some();
            if epoch < current || is_late {
                return Err(LogError::InvalidProducerEpoch { producer_id, epoch, current });
            }
            let fenced = marker_of(batch).filter(|m| m.coordinator_epoch < self.coordinator_epoch);
            return match fenced {
                Some(_) => Err(LogError::TransactionCoordinatorFenced),
                None => Ok(()),
            };
        }
        if epoch < current {
            return Err(LogError::InvalidProducerEpoch { producer_id, epoch, current });
        }
        let first = batch.base_sequence();
        let expected = match current {
            _ if !origin.is_client => first,
            // Nothing is known of it, maybe because it was forgotten: any may be its first.
            ..0 => first,
            _ if epoch > current => 0,
            _ => increment_sequence(self.last_sequence(), 1),
        };
        if first != expected {
            return Err(LogError::OutOfOrderSequence { producer_id, first, expected });
        }
        if self.current_txn_first_offset.is_some() && !batch.is_transactional() {
            return Err(LogError::InvalidTxnState { producer_id });
        }
        Ok(())
    }

    /// The state after the batch was written.
    pub fn append(&self, batch: &RecordBatch) -> ProducerAppendInfo {
        let mut entry = self.clone();
        let mut info = (None, None);
        if batch.is_control() {
            // An emptied control batch was the marker of a transaction that is gone altogether.
            if let Some(marker) = marker_of(batch) {
                entry.maybe_update_producer_epoch(batch.producer_epoch());
                info.1 = entry.current_txn_first_offset.take().map(|first_offset| CompletedTxn {
                    producer_id: self.producer_id,
                    first_offset,
                    last_offset: batch.last_offset(),
                    is_aborted: !marker.commit,
                });
                entry.coordinator_epoch = marker.coordinator_epoch;
                entry.last_timestamp = batch.max_timestamp();
            }
        } else {
            entry.maybe_update_producer_epoch(batch.producer_epoch());
            if entry.batches.len() == BATCHES_TO_RETAIN {
                entry.batches.pop_front();
            }
            entry.batches.push_back(BatchMetadata {
                last_sequence: batch.last_sequence(),
                last_offset: batch.last_offset(),
                offset_delta: batch.last_offset_delta(),
                timestamp: batch.max_timestamp(),
            });
            entry.last_timestamp = batch.max_timestamp();
            if entry.current_txn_first_offset.is_none() && batch.is_transactional() {
                entry.current_txn_first_offset = Some(batch.base_offset());
                info.0 = entry.current_txn_first_offset;
            }
        }
        ProducerAppendInfo { entry, started_txn: info.0, completed_txn: info.1 }
    }
}

/// What a control batch says, if it ends a transaction.
pub fn marker_of(batch: &RecordBatch) -> Option<EndTransactionMarker> {
    let record = batch.records().next()?.ok()?;
    EndTransactionMarker::from_record(record.key.as_deref()?, record.value.as_deref()?)
}
