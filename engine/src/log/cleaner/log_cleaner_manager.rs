//! Which log is cleaned next, and from where to where. Kafka's `LogCleanerManager` and `LogToClean`.
//!
//! How far each log is clean is in `cleaner-offset-checkpoint`; nothing else outlives the process.

use crate::ids::TopicPartition;
use crate::log::checkpoint::{CLEANER_OFFSET_CHECKPOINT, OffsetCheckpoint, as_text};
use crate::log::unified_log::UnifiedLog;
use crate::sim::disk::Disk;
use crate::sim::time::SimTime;
use std::cmp::Ordering;
use std::collections::BTreeSet;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogCleanerManager {
    /// Logs in which the cleaner has met damage; it leaves them alone until the next start.
    uncleanable: BTreeSet<TopicPartition>,
}

/// The range of offsets that may be cleaned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OffsetsToClean {
    pub first_dirty_offset: i64,
    pub first_uncleanable_offset: i64,
    /// The checkpoint said something impossible and has to be written anew.
    pub force_update_checkpoint: bool,
}

/// A log and how dirty it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogToClean {
    pub partition: TopicPartition,
    pub first_dirty_offset: i64,
    /// The base offset of the first segment that is not cleaned.
    pub first_uncleanable_offset: i64,
    pub clean_bytes: u64,
    pub cleanable_bytes: u64,
    /// A record has waited for longer than `max.compaction.lag.ms`.
    pub needs_compaction_now: bool,
}

impl LogToClean {
    pub fn new(
        log: &UnifiedLog,
        first_dirty_offset: i64,
        uncleanable_offset: i64,
        needs_compaction_now: bool,
    ) -> Self {
        let clean_bytes = log
            .segments()
            .filter(|segment| segment.base_offset() < first_dirty_offset)
            .map(|segment| segment.size())
            .sum();
        let (first_uncleanable_offset, cleanable_bytes) =
            calculate_cleanable_bytes(log, first_dirty_offset, uncleanable_offset);
        LogToClean {
            partition: log.topic_partition().clone(),
            first_dirty_offset,
            first_uncleanable_offset,
            clean_bytes,
            cleanable_bytes,
            needs_compaction_now,
        }
    }

    /// What there is to clean in this range, and whether it has waited for too long at `now`.
    pub fn at(log: &UnifiedLog, offsets: OffsetsToClean, now: SimTime) -> Self {
        let (from, to) = (offsets.first_dirty_offset, offsets.first_uncleanable_offset);
        LogToClean::new(log, from, to, max_compaction_delay_ms(log, from, now) > 0)
    }

    /// Whether the cleaner takes it when it comes by.
    pub fn is_due(&self, log: &UnifiedLog) -> bool {
        let is_late = self.needs_compaction_now && self.cleanable_bytes > 0;
        self.total_bytes() > 0 && (is_late || self.is_dirty_enough(log))
    }

    pub fn total_bytes(&self) -> u64 {
        self.clean_bytes + self.cleanable_bytes
    }

    /// The dirty part of what could be cleaned, in millionths.
    pub fn cleanable_ratio_millionths(&self) -> u32 {
        let total = u128::from(self.total_bytes().max(1));
        (u128::from(self.cleanable_bytes) * 1_000_000 / total) as u32
    }

    /// Whether the ratio is above `min.cleanable.dirty.ratio`, without rounding.
    fn is_dirty_enough(&self, log: &UnifiedLog) -> bool {
        let least = u128::from(log.config().min_cleanable_dirty_ratio.millionths);
        u128::from(self.cleanable_bytes) * 1_000_000 > least * u128::from(self.total_bytes())
    }

    fn compare_ratio(&self, other: &LogToClean) -> Ordering {
        let ratio = |a: &LogToClean, b: &LogToClean| {
            u128::from(a.cleanable_bytes) * u128::from(b.total_bytes())
        };
        ratio(self, other).cmp(&ratio(other, self))
    }
}

impl LogCleanerManager {
    /// The log is gone: what was noted of it would be wrong of another of the same name.
    pub fn forget(&mut self, disk: &mut Disk, id: &TopicPartition) {
        self.uncleanable.remove(id);
        let mut checkpoints = read_checkpoints(disk);
        if checkpoints.entries.remove(id).is_some() {
            disk.replace(CLEANER_OFFSET_CHECKPOINT, checkpoints.to_text().into());
        }
    }

    /// The dirtiest of the logs that are to be compacted and dirty enough.
    pub fn grab_filthiest_compacted_log<'a>(
        &self,
        logs: impl Iterator<Item = &'a UnifiedLog>,
        disk: &mut Disk,
        now: SimTime,
    ) -> Option<LogToClean> {
        let checkpoints = read_checkpoints(disk);
        let mut filthiest: Option<LogToClean> = None;
        for log in logs.filter(|log| log.config().cleanup_policy.compact) {
            let id = log.topic_partition();
            if self.uncleanable.contains(id) {
                continue;
            }
            let offsets = cleanable_offsets(log, checkpoints.entries.get(id).copied(), now);
            if offsets.force_update_checkpoint {
                update_checkpoint(disk, id, offsets.first_dirty_offset);
            }
            let candidate = LogToClean::at(log, offsets, now);
            let is_filthier =
                |known: &LogToClean| candidate.compare_ratio(known) == Ordering::Greater;
            if candidate.is_due(log) && filthiest.as_ref().is_none_or(is_filthier) {
                filthiest = Some(candidate);
            }
        }
        filthiest
    }

    pub fn mark_uncleanable(&mut self, partition: TopicPartition) {
        self.uncleanable.insert(partition);
    }

    pub fn is_uncleanable(&self, partition: &TopicPartition) -> bool {
        self.uncleanable.contains(partition)
    }
}

/// From the checkpoint up to the first of: the last stable offset, the active segment, a segment with
/// a record younger than `min.compaction.lag.ms`.
pub fn cleanable_offsets(
    log: &UnifiedLog,
    checkpoint: Option<i64>,
    now: SimTime,
) -> OffsetsToClean {
    let (start, end) = (log.log_start_offset(), log.log_end_offset());
    let checkpoint = checkpoint.unwrap_or(start);
    let is_valid = (start..=end).contains(&checkpoint);
    let first_dirty_offset = if is_valid { checkpoint } else { start };
    let lag_ms = log.config().min_compaction_lag_ms;
    let too_young = |segment: &&crate::log::log_segment::LogSegment| {
        segment.largest_timestamp() > now.timestamp_ms().saturating_sub(lag_ms)
    };
    let young = if lag_ms > 0 {
        log.non_active_segments_from(first_dirty_offset).find(too_young)
    } else {
        None
    };
    let first_uncleanable_offset = log
        .last_stable_offset()
        .min(log.active_segment_base())
        .min(young.map_or(i64::MAX, |segment| segment.base_offset()));
    OffsetsToClean {
        first_dirty_offset,
        first_uncleanable_offset: first_uncleanable_offset.max(first_dirty_offset),
        force_update_checkpoint: !is_valid,
    }
}

/// The base offset of the first segment that may not be cleaned, and the bytes of those before it that
/// are not clean.
pub fn calculate_cleanable_bytes(
    log: &UnifiedLog,
    first_dirty_offset: i64,
    uncleanable_offset: i64,
) -> (i64, u64) {
    let first = log.non_active_segments_from(uncleanable_offset).next();
    let first_uncleanable =
        first.map_or(log.active_segment_base(), |segment| segment.base_offset());
    let from = first_dirty_offset.min(first_uncleanable);
    let bytes = log.segments_between(from, first_uncleanable).map(|segment| segment.size()).sum();
    (first_uncleanable, bytes)
}

/// How much longer than `max.compaction.lag.ms` the oldest dirty segment has waited.
pub fn max_compaction_delay_ms(log: &UnifiedLog, first_dirty_offset: i64, now: SimTime) -> i64 {
    let earliest = log
        .non_active_segments_from(first_dirty_offset)
        .filter_map(|segment| segment.first_batch_timestamp())
        .filter(|timestamp| *timestamp > 0)
        .min();
    let clean_until = now.timestamp_ms().saturating_sub(log.config().max_compaction_lag_ms);
    earliest.map_or(0, |earliest| clean_until.saturating_sub(earliest).max(0))
}

fn read_checkpoints(disk: &Disk) -> OffsetCheckpoint {
    let bytes = disk.read_all(CLEANER_OFFSET_CHECKPOINT).unwrap_or_default();
    let parsed = as_text(&bytes).and_then(OffsetCheckpoint::parse);
    parsed.unwrap_or_default()
}

/// The log is clean below `offset`.
pub fn update_checkpoint(disk: &mut Disk, partition: &TopicPartition, offset: i64) {
    let mut checkpoints = read_checkpoints(disk);
    if checkpoints.entries.insert(partition.clone(), offset) != Some(offset) {
        disk.replace(CLEANER_OFFSET_CHECKPOINT, checkpoints.to_text().into());
    }
}

/// Offsets are missing from the log, or soon will be: the file says so from now on, whatever it says of
/// how far the log is clean, and a start does not take the gaps for damage.
pub fn note_compacted(disk: &mut Disk, partition: &TopicPartition, log_start_offset: i64) {
    if checkpoint(disk, partition).is_none() {
        update_checkpoint(disk, partition, log_start_offset);
    }
}

/// The log was cut: what comes from `offset` on is new, and dirty.
pub fn maybe_truncate_checkpoint(disk: &mut Disk, partition: &TopicPartition, offset: i64) {
    let checkpoints = read_checkpoints(disk);
    if checkpoints.entries.get(partition).is_some_and(|clean| *clean > offset) {
        update_checkpoint(disk, partition, offset);
    }
}

/// How far the log is clean, as the file says.
pub fn checkpoint(disk: &Disk, partition: &TopicPartition) -> Option<i64> {
    read_checkpoints(disk).entries.get(partition).copied()
}
