//! The work of the cleaner on one log: the map of newest offsets, the groups of segments, and the
//! copy of what is to stay. Kafka's `Cleaner`, and `MemoryRecords.filterTo`.

use super::cleaned_transaction_metadata::CleanedTransactionMetadata;
use super::offset_map::SkimpyOffsetMap;
use super::watcher::{Verdict, Watcher};
use crate::log::log_config::LogConfig;
use crate::log::log_error::LogError;
use crate::log::log_segment::LogSegment;
use crate::log::producer_state_manager::LastRecord;
use crate::log::unified_log::UnifiedLog;
use crate::record::{Record, RecordBatch, RecordBatchBuilder};
use crate::sim::disk::Disk;
use crate::sim::time::SimTime;
use std::collections::BTreeMap;

/// What a pass has read and written so far (`CleanerStats`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CleanerStats {
    pub map_messages_read: u64,
    pub messages_read: u64,
    pub messages_written: u64,
    /// Records without a key, which a compacted log should not have.
    pub invalid_messages: u64,
    pub bytes_read: u64,
    pub bytes_written: u64,
}

/// Reads the whole of a segment, batch by batch.
fn batches<'a>(
    segment: &'a LogSegment,
    disk: &'a Disk,
) -> impl Iterator<Item = Result<RecordBatch, LogError>> + 'a {
    let file = disk.file(segment.path());
    let corrupt = |error| LogError::CorruptSegment { path: segment.path().clone(), error };
    file.into_iter().flat_map(move |file| {
        segment
            .batches_from(file, 0)
            .map(move |at| at.and_then(|at| segment.batch_at(file, at)).map_err(corrupt))
    })
}

/// Maps the keys of the records from `start` to `end`, as many as `map_size` allows: when it is
/// reached, at the next record with a key, also one that is known. Answers whether that happened.
pub fn build_offset_map(
    log: &UnifiedLog,
    disk: &Disk,
    (start, end): (i64, i64),
    map: &mut SkimpyOffsetMap,
    map_size: u64,
    stats: &mut CleanerStats,
    watcher: &mut impl Watcher,
) -> Result<bool, LogError> {
    let mut transactions = CleanedTransactionMetadata::default();
    transactions.add_aborted(log.collect_aborted_txns(start, end));
    let dirty: Vec<&LogSegment> = log.segments_between(start, end).collect();
    for (index, segment) in dirty.iter().enumerate() {
        let next_start = dirty.get(index + 1).map_or(end, |next| next.base_offset());
        for batch in batches(segment, disk) {
            let batch = batch?;
            if batch.last_offset() < start {
                continue;
            }
            if batch.is_control() {
                transactions.on_control_batch_read(&batch);
                watcher.batch_not_mapped(&batch);
                stats.map_messages_read += 1;
            } else if transactions.on_batch_read(&batch) {
                watcher.batch_not_mapped(&batch);
                stats.map_messages_read += batch.records_count() as u64;
            } else {
                for record in batch.records() {
                    let record = record.map_err(LogError::CorruptBatch)?;
                    if record.offset >= start {
                        match record.key.as_deref() {
                            Some(_) if map.len() as u64 >= map_size => return Ok(true),
                            Some(key) => {
                                map.put(key, record.offset);
                                watcher.mapped(&record);
                            }
                            None => watcher.not_mapped(&record),
                        }
                    }
                    stats.map_messages_read += 1;
                }
            }
            map.update_latest_offset(batch.last_offset());
        }
        // Offsets that are missing at the end of a segment need not be looked at again.
        map.update_latest_offset(next_start - 1);
    }
    Ok(false)
}

/// The segments below `end_offset` in groups, each of which becomes one segment: neither its log nor
/// its indexes may outgrow what a segment is allowed.
pub fn group_segments_by_size(
    log: &UnifiedLog,
    end_offset: i64,
    first_uncleanable_offset: i64,
) -> Vec<Vec<i64>> {
    let config = log.config();
    let (most, most_index) = (config.segment_bytes as u64, config.segment_index_bytes as u64);
    let segments: Vec<&LogSegment> = log.segments_between(0, end_offset).collect();
    let mut groups: Vec<Vec<i64>> = Vec::new();
    let mut sizes = [0u64; 3];
    for (index, segment) in segments.iter().enumerate() {
        let own = [
            segment.size(),
            segment.offset_index().size_in_bytes(),
            segment.time_index().size_in_bytes(),
        ];
        let last_offset =
            segments.get(index + 1).map_or(first_uncleanable_offset, |next| next.base_offset()) - 1;
        let joins = groups.last().is_some_and(|group| {
            let group_base = group.first().copied().unwrap_or(0);
            sizes[0] + own[0] <= most
                && sizes[1] + own[1] <= most_index
                && sizes[2] + own[2] <= most_index
                && (own[0] == 0 || last_offset - group_base <= i64::from(i32::MAX))
        });
        match groups.last_mut().filter(|_| joins) {
            Some(group) => {
                group.push(segment.base_offset());
                sizes = [sizes[0] + own[0], sizes[1] + own[1], sizes[2] + own[2]];
            }
            None => {
                groups.push(vec![segment.base_offset()]);
                sizes = own;
            }
        }
    }
    groups
}

/// What decides about a record, apart from the record itself.
#[derive(Clone, Copy, Debug)]
pub struct Filter<'a> {
    pub map: &'a SkimpyOffsetMap,
    /// Unix ms at the start of the pass.
    pub current_time_ms: i64,
    pub delete_retention_ms: i64,
    /// The last batch of what is committed stays, if only as an empty one, so that the log's end is
    /// not lost.
    pub retain_last_batch_before: i64,
    /// Broken on purpose: a tombstone goes the first time it is met.
    pub forget_tombstones: bool,
}

/// Copies what is to stay of a group of segments into a new one, whose files are not part of the log
/// yet.
#[expect(clippy::too_many_arguments, reason = "the parts of a pass, each borrowed on its own")]
pub fn clean_segments(
    log: &UnifiedLog,
    disk: &mut Disk,
    group: &[i64],
    filter: &Filter<'_>,
    transactions: &mut CleanedTransactionMetadata,
    stats: &mut CleanerStats,
    now: SimTime,
    watcher: &mut impl Watcher,
) -> Result<LogSegment, LogError> {
    let base_offset = group.first().copied().unwrap_or(0);
    let config: &LogConfig = log.config();
    let mut cleaned = LogSegment::create_cleaned(disk, log.dir(), base_offset, config, now);
    let last_records = log.producer_state().last_records();
    let mut last_modified_ms = now.timestamp_ms();
    let members: Vec<&LogSegment> =
        log.segments().filter(|segment| group.contains(&segment.base_offset())).collect();
    for (index, segment) in members.iter().enumerate() {
        let upper_bound =
            members.get(index + 1).map_or(segment.next_offset(), |next| next.base_offset());
        transactions.add_aborted(log.collect_aborted_txns(segment.base_offset(), upper_bound));
        let mut kept = Vec::new();
        for batch in batches(segment, disk) {
            let batch = batch?;
            stats.bytes_read += u64::from(batch.size_in_bytes());
            let left = filter_batch(&batch, filter, transactions, &last_records, stats, watcher)?;
            kept.extend(left);
        }
        for batch in kept {
            stats.bytes_written += u64::from(batch.size_in_bytes());
            let header = batch.header();
            cleaned.append(disk, batch.into_bytes(), header, now);
        }
        last_modified_ms = segment.last_modified_ms();
    }
    for txn in transactions.take_retained() {
        cleaned.append_aborted_txn(disk, txn, now).map_err(|error| LogError::CorruptIndex {
            path: cleaned.txn_index().path().clone(),
            error,
        })?;
    }
    cleaned.on_become_inactive(disk, now);
    cleaned.flush(disk);
    cleaned.set_last_modified_ms(last_modified_ms);
    Ok(cleaned)
}

/// What is left of a batch.
fn filter_batch(
    batch: &RecordBatch,
    filter: &Filter<'_>,
    transactions: &mut CleanedTransactionMetadata,
    last_records: &BTreeMap<i64, LastRecord>,
    stats: &mut CleanerStats,
    watcher: &mut impl Watcher,
) -> Result<Option<RecordBatch>, LogError> {
    let horizon = batch.delete_horizon_ms();
    let is_due = horizon.is_some_and(|horizon| horizon <= filter.current_time_ms);
    let can_discard = if batch.is_control() {
        transactions.on_control_batch_read(batch)
    } else {
        transactions.on_batch_read(batch)
    };
    // A marker is never taken before all records of its transaction are gone, and then only after
    // the same delay as a tombstone.
    let discard_records = can_discard && (!batch.is_control() || is_due);
    let last_of_producer =
        last_records.get(&batch.producer_id()).is_some_and(|last| match last.last_data_offset {
            Some(offset) => batch.last_offset() == offset,
            None => batch.is_control() && batch.producer_epoch() == last.producer_epoch,
        });
    let retain_empty = (batch.producer_id() >= 0 && last_of_producer)
        || batch.next_offset() == filter.retain_last_batch_before;
    // The whole batch has one fate, or each record its own.
    let common = match (batch.is_control(), discard_records) {
        (true, true) => Some(Verdict::MarkerOfNothing),
        (true, false) => Some(Verdict::Marker),
        (false, true) => Some(Verdict::Aborted),
        (false, false) => None,
    };
    if let Some(verdict) = common {
        watcher.batch_judged(batch, verdict);
    }
    if discard_records && !retain_empty {
        return Ok(None);
    }
    let mut retained: Vec<Record> = Vec::new();
    let mut unchanged = true;
    for record in batch.records() {
        let record = record.map_err(LogError::CorruptBatch)?;
        stats.messages_read += 1;
        let verdict = common.unwrap_or_else(|| {
            let verdict = judge(&record, horizon, filter);
            watcher.judged(&record, verdict);
            verdict
        });
        stats.invalid_messages += u64::from(verdict == Verdict::NoKey);
        if verdict.stays() {
            retained.push(record);
        } else {
            unchanged = false;
        }
    }
    if retained.is_empty() {
        return match retain_empty {
            true => parsed(RecordBatchBuilder::empty_like(batch)).map(Some),
            false => Ok(None),
        };
    }
    stats.messages_written += retained.len() as u64;
    let has_tombstones = retained.iter().any(|record| record.value.is_none());
    let marker_of_nothing = can_discard && batch.is_control();
    let sets_horizon = (has_tombstones || marker_of_nothing) && horizon.is_none();
    if unchanged && !sets_horizon {
        return Ok(Some(batch.clone()));
    }
    let mut builder = RecordBatchBuilder::like(batch);
    if sets_horizon {
        let horizon = filter.current_time_ms.saturating_add(filter.delete_retention_ms);
        builder = builder.delete_horizon_ms(horizon);
    }
    for record in &retained {
        let (key, value) = (record.key.as_deref(), record.value.as_deref());
        builder.append_with_offset(record.offset, record.timestamp, key, value, &record.headers);
    }
    // The last offset carries the producer's last sequence number.
    builder.override_last_offset(batch.last_offset());
    parsed(builder.build()).map(Some)
}

fn parsed(bytes: bytes::Bytes) -> Result<RecordBatch, LogError> {
    RecordBatch::parse(bytes).map_err(LogError::CorruptBatch)
}

/// The newest of its key stays, unless it is a tombstone whose time has come.
fn judge(record: &Record, horizon: Option<i64>, filter: &Filter<'_>) -> Verdict {
    if record.offset > filter.map.latest_offset() {
        return Verdict::NotReached;
    }
    let Some(key) = &record.key else {
        return Verdict::NoKey;
    };
    match filter.map.get(key) {
        Some(by) if record.offset < by => Verdict::Superseded { by },
        _ if record.value.is_some() => Verdict::Newest,
        _ if filter.forget_tombstones => Verdict::Expired { horizon },
        _ if horizon.is_some_and(|horizon| horizon <= filter.current_time_ms) => {
            Verdict::Expired { horizon }
        }
        _ => Verdict::Tombstone { horizon },
    }
}
