//! What compaction and retention may do to a log. While a log is being cleaned, the ghost keeps what it
//! held before; what is left afterwards, or after a crash in the middle, must be a legal compaction
//! of that.

use super::committed::Replica;
use super::violation::Broken;
use crate::log::producer_state_entry::marker_of;
use crate::log::unified_log::UnifiedLog;
use crate::record::Record;
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
    let mut all: Vec<Kept> = Vec::new();
    // By producer id, what has come of its transaction that no marker has ended yet.
    let mut open: BTreeMap<i64, Vec<usize>> = BTreeMap::new();
    for batch in log.batches(disk, 0).map_while(Result::ok) {
        if batch.is_control() {
            let members = open.remove(&batch.producer_id()).unwrap_or_default();
            let committed = marker_of(&batch).is_some_and(|marker| marker.commit);
            for member in members.into_iter().filter(|_| committed) {
                all[member].is_void = false;
            }
            continue;
        }
        let (horizon, is_void) = (batch.delete_horizon_ms(), batch.is_transactional());
        for record in batch.records().map_while(Result::ok) {
            if record.offset < log.log_start_offset() {
                continue;
            }
            if is_void {
                open.entry(batch.producer_id()).or_default().push(all.len());
            }
            all.push(Kept { record, horizon, is_void });
        }
    }
    all
}
