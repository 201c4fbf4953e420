//! What compaction and retention may do to a log. While a log is being cleaned, the ghost keeps what it
//! held before; what is left afterwards, or after a crash in the middle, must be a legal compaction
//! of that.

use super::committed::Replica;
use super::violation::Broken;
use crate::log::producer_state_entry::marker_of;
use crate::log::unified_log::UnifiedLog;
use crate::record::Record;
use crate::record::record_batch::RecordBatch;
use crate::sim::disk::Disk;
use crate::sim::time::SimTime;
use bytes::Bytes;
use std::collections::BTreeMap;

/// A log as it was when the cleaner took it up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct BeforeCleaning {
    records: Vec<Kept>,
    log_start_offset: i64,
    first_uncleanable_offset: i64,
    /// Unix ms.
    started_ms: i64,
    delete_retention_ms: i64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Kept {
    pub record: Record,
    horizon: Option<i64>,
    /// Its transaction was aborted or is still open: nothing is superseded by it, and an abort lets
    /// it go.
    pub is_void: bool,
}

impl BeforeCleaning {
    /// Notes what the log holds, and checks what the cleaner means to do with it.
    pub fn note(
        replica: &Replica<'_>,
        first_dirty_offset: i64,
        first_uncleanable_offset: i64,
        now: SimTime,
    ) -> Result<Self, Broken> {
        let log = &replica.partition.log;
        let bound = log.last_stable_offset().min(log.active_segment_base());
        let young_ms = now.timestamp_ms().saturating_sub(log.config().min_compaction_lag_ms);
        let too_young = log.config().min_compaction_lag_ms > 0
            && log
                .segments_between(first_dirty_offset, first_uncleanable_offset)
                .any(|segment| segment.largest_timestamp() > young_ms);
        if first_uncleanable_offset > bound.max(first_dirty_offset) || too_young {
            return Err(Broken::CleanedTooFar {
                partition: replica.partition.id.clone(),
                node: replica.node,
                first_uncleanable_offset,
                bound,
            });
        }
        Ok(BeforeCleaning {
            records: records(log, replica.disk),
            log_start_offset: log.log_start_offset(),
            first_uncleanable_offset,
            started_ms: now.timestamp_ms(),
            delete_retention_ms: log.config().delete_retention_ms,
        })
    }

    /// Whether the log is now what a compaction may have left. Records that are gone with the end of the
    /// log, or by retention, are not its business.
    pub fn check(&self, replica: &Replica<'_>) -> Result<(), Broken> {
        let log = &replica.partition.log;
        let lost = |offset| Broken::CompactionLostRecord {
            partition: replica.partition.id.clone(),
            node: replica.node,
            offset,
        };
        let (start, end) = (log.log_start_offset(), log.log_end_offset());
        if start > self.log_start_offset && !log.config().cleanup_policy.delete {
            return Err(lost(self.log_start_offset));
        }
        let after = records(log, replica.disk);
        let mut newest: BTreeMap<&Bytes, i64> = BTreeMap::new();
        for kept in &self.records {
            let record = &kept.record;
            if let Some(key) = record.key.as_ref()
                && record.offset < self.first_uncleanable_offset
                && !kept.is_void
            {
                newest.insert(key, record.offset);
            }
        }
        // A log start that was not yet written down may go back with a crash.
        let known = |kept: &&Kept| kept.record.offset >= self.log_start_offset;
        let mut left = after.iter().filter(known).peekable();
        for kept in &self.records {
            let record = &kept.record;
            let there = left.next_if(|left| left.record.offset <= record.offset);
            if let Some(there) = there {
                let new_horizon = there.horizon.filter(|_| kept.horizon.is_none());
                let soon = new_horizon.is_some_and(|horizon| {
                    horizon < self.started_ms.saturating_add(self.delete_retention_ms)
                });
                if there.record != *record || soon {
                    return Err(lost(there.record.offset));
                }
                continue;
            }
            if record.offset < start || record.offset >= end {
                continue;
            }
            let cleaned = record.offset < self.first_uncleanable_offset;
            let newest = record.key.as_ref().and_then(|key| newest.get(key));
            let superseded = newest.is_none_or(|newest| *newest > record.offset);
            let expired = record.value.is_none()
                && kept.horizon.is_some_and(|horizon| horizon <= self.started_ms);
            if !cleaned || !(superseded || expired || kept.is_void) {
                return Err(lost(record.offset));
            }
        }
        Ok(())
    }
}

/// Every record of the log, markers left out.
pub(super) fn records(log: &UnifiedLog, disk: &Disk) -> Vec<Kept> {
    let batches = fates(log, disk, 0).into_iter().filter(|(batch, _)| !batch.is_control());
    batches
        .flat_map(|(batch, is_committed)| {
            let horizon = batch.delete_horizon_ms();
            let records = batch.records().map_while(Result::ok);
            let kept = records.map(|record| Kept { record, horizon, is_void: !is_committed });
            kept.collect::<Vec<_>>()
        })
        .filter(|kept| kept.record.offset >= log.log_start_offset())
        .collect()
}

/// Batches of a log, each with whether it is committed: not a control batch, and, if it is part of a
/// transaction, one whose marker has come and says so.
pub(super) fn fates(log: &UnifiedLog, disk: &Disk, from: i64) -> Vec<(RecordBatch, bool)> {
    let batches: Vec<_> = log.batches(disk, from).map_while(Result::ok).collect();
    let mut ends: BTreeMap<i64, bool> = BTreeMap::new();
    let mut fates = Vec::with_capacity(batches.len());
    for batch in batches.into_iter().rev() {
        let producer_id = batch.producer_id();
        if batch.is_control() {
            let is_commit = marker_of(&batch).is_some_and(|marker| marker.commit);
            ends.insert(producer_id, is_commit);
            fates.push((batch, false));
        } else {
            let is_committed =
                !batch.is_transactional() || ends.get(&producer_id).copied().unwrap_or_default();
            fates.push((batch, is_committed));
        }
    }
    fates.reverse();
    fates
}
