//! Which transactions a pass is inside of, so that it knows what was aborted, and when a marker has
//! nothing left to mark. Kafka's `CleanedTransactionMetadata`.

use crate::log::producer_state_entry::marker_of;
use crate::log::transaction_index::AbortedTxn;
use crate::record::RecordBatch;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CleanedTransactionMetadata {
    ongoing_committed: BTreeSet<i64>,
    /// By producer; whether a batch of it was seen.
    ongoing_aborted: BTreeMap<i64, (AbortedTxn, bool)>,
    /// Not yet reached, by first offset and producer.
    aborted: BTreeMap<(i64, i64), AbortedTxn>,
    /// Aborted transactions whose marker stays: the cleaned segment's index gets them.
    retained: Vec<AbortedTxn>,
}

impl CleanedTransactionMetadata {
    pub fn add_aborted(&mut self, aborted: impl IntoIterator<Item = AbortedTxn>) {
        self.aborted
            .extend(aborted.into_iter().map(|txn| ((txn.first_offset, txn.producer_id), txn)));
    }

    /// A batch of records goes by. Answers whether its transaction was aborted.
    pub fn on_batch_read(&mut self, batch: &RecordBatch) -> bool {
        self.consume_up_to(batch.last_offset());
        if !batch.is_transactional() {
            return false;
        }
        match self.ongoing_aborted.get_mut(&batch.producer_id()) {
            Some((_, seen)) => {
                *seen = true;
                true
            }
            None => {
                self.ongoing_committed.insert(batch.producer_id());
                false
            }
        }
    }

    /// A control batch goes by. Answers whether nothing of its transaction is left.
    pub fn on_control_batch_read(&mut self, batch: &RecordBatch) -> bool {
        self.consume_up_to(batch.last_offset());
        if batch.records_count() == 0 {
            return true;
        }
        let producer_id = batch.producer_id();
        match marker_of(batch) {
            None => false,
            Some(marker) if marker.commit => !self.ongoing_committed.remove(&producer_id),
            Some(_) => match self.ongoing_aborted.remove(&producer_id) {
                Some((txn, true)) => {
                    self.retained.push(txn);
                    false
                }
                _ => true,
            },
        }
    }

    fn consume_up_to(&mut self, offset: i64) {
        while let Some(entry) = self.aborted.first_entry() {
            if entry.key().0 > offset {
                return;
            }
            let txn = entry.remove();
            self.ongoing_aborted.entry(txn.producer_id).or_insert((txn, false));
        }
    }

    /// The entries of the cleaned segment's transaction index since the last call.
    pub fn take_retained(&mut self) -> Vec<AbortedTxn> {
        std::mem::take(&mut self.retained)
    }
}
