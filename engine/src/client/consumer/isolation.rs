//! What of an answer to a fetch is for the application: no control records, and with
//! `isolation.level=read_committed` nothing that was aborted. Source: `CompletedFetch.java`.

use super::ConsumerConfig;
use crate::log::producer_state_entry::marker_of;
use crate::protocol::{IsolationLevel, PartitionData};
use crate::record::record_batch::RecordBatch;
use bytes::Bytes;
use std::collections::BTreeSet;

/// The batches of an answer in their order, and whether the application gets their records. True at the
/// end: it goes on with bytes that are no batch.
pub(super) fn batches(
    data: &PartitionData,
    config: &ConsumerConfig,
) -> (Vec<(RecordBatch, bool)>, bool) {
    let mut aborted = data.aborted_transactions.clone();
    aborted.sort_unstable();
    let mut aborted = aborted.into_iter().peekable();
    // Producers whose aborted transaction has begun and not ended.
    let mut skipped = BTreeSet::new();
    let whole = data.records.iter().map_while(|bytes| whole_batch(config, bytes));
    let seen = whole.map(|batch| {
        let producer_id = batch.producer_id();
        if config.isolation_level == IsolationLevel::ReadUncommitted || producer_id < 0 {
            let is_control = batch.is_control();
            return (batch, !is_control);
        }
        while let Some(begun) = aborted.next_if(|txn| txn.first_offset <= batch.last_offset()) {
            skipped.insert(begun.producer_id);
        }
        if batch.is_control() {
            if marker_of(&batch).is_some_and(|marker| !marker.commit) {
                skipped.remove(&producer_id);
            }
            return (batch, false);
        }
        let is_aborted = batch.is_transactional() && skipped.contains(&producer_id);
        (batch, !is_aborted)
    });
    let seen: Vec<_> = seen.collect();
    let is_cut_short = seen.len() < data.records.len();
    (seen, is_cut_short)
}

/// The batch in these bytes, if it is one and, with `check.crcs`, is what was written.
fn whole_batch(config: &ConsumerConfig, bytes: &Bytes) -> Option<RecordBatch> {
    let batch = RecordBatch::parse(bytes.clone()).ok();
    batch.filter(|batch| !config.check_crcs || batch.ensure_valid().is_ok())
}
