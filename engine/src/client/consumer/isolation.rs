//! What of a log is for an application: no control records, and with `isolation.level=read_committed` nothing
//! that was aborted. Source: `CompletedFetch.java`.

use super::ConsumerConfig;
use crate::log::producer_state_entry::marker_of;
use crate::protocol::{AbortedTransaction, IsolationLevel, PartitionData};
use crate::record::record_batch::RecordBatch;
use bytes::Bytes;
use std::collections::{BTreeSet, VecDeque};

/// Looks at the batches of a partition, one after the other.
pub struct Visibility {
    isolation: IsolationLevel,
    /// Those that are yet to begin, in their order.
    aborted: VecDeque<AbortedTransaction>,
    /// Producers whose aborted transaction has begun and not ended.
    skipped: BTreeSet<i64>,
}

impl Visibility {
    /// `aborted`: the aborted transactions that the reader will meet, as the leader tells them.
    pub fn new(isolation: IsolationLevel, mut aborted: Vec<AbortedTransaction>) -> Self {
        aborted.sort_unstable();
        Visibility { isolation, aborted: aborted.into(), skipped: BTreeSet::new() }
    }

    /// Whether the application gets the records of the next batch.
    pub fn shows(&mut self, batch: &RecordBatch) -> bool {
        let producer_id = batch.producer_id();
        if self.isolation == IsolationLevel::ReadUncommitted || producer_id < 0 {
            return !batch.is_control();
        }
        let has_begun = |txn: &mut AbortedTransaction| txn.first_offset <= batch.last_offset();
        while let Some(begun) = self.aborted.pop_front_if(has_begun) {
            self.skipped.insert(begun.producer_id);
        }
        if batch.is_control() {
            if marker_of(batch).is_some_and(|marker| !marker.commit) {
                self.skipped.remove(&producer_id);
            }
            return false;
        }
        !(batch.is_transactional() && self.skipped.contains(&producer_id))
    }
}

/// The batches of an answer in their order, and whether the application gets their records. True at the
/// end: it goes on with bytes that are no batch.
pub(super) fn batches(
    data: &PartitionData,
    config: &ConsumerConfig,
) -> (Vec<(RecordBatch, bool)>, bool) {
    let mut visibility = Visibility::new(config.isolation_level, data.aborted_transactions.clone());
    let whole = data.records.iter().map_while(|bytes| whole_batch(config, bytes));
    let seen: Vec<_> = whole
        .map(|batch| {
            let shows = visibility.shows(&batch);
            (batch, shows)
        })
        .collect();
    let is_cut_short = seen.len() < data.records.len();
    (seen, is_cut_short)
}

/// The batch in these bytes, if it is one and, with `check.crcs`, is what was written.
fn whole_batch(config: &ConsumerConfig, bytes: &Bytes) -> Option<RecordBatch> {
    let batch = RecordBatch::parse(bytes.clone()).ok();
    batch.filter(|batch| !config.check_crcs || batch.ensure_valid().is_ok())
}
