//! Which segments a log lets go of, and how: whole segments below the high watermark, the oldest
//! first, by log start, by size and by age. Source: `UnifiedLog.deleteOldSegments`.
//!
//! The files get the suffix `.deleted` and are removed later, after `file.delete.delay.ms`, by
//! whoever asked.

use super::UnifiedLog;
use crate::log::log_file_utils::{DELETED_FILE_SUFFIX, PRODUCER_SNAPSHOT_FILE_SUFFIX, file_path};
use crate::log::log_segment::LogSegment;
use crate::sim::disk::Disk;
use crate::sim::time::SimTime;
use std::sync::Arc;

/// Why segments were deleted (`SegmentDeletionReason`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DeletionReason {
    /// They lie below the log start, which DeleteRecords or the leader has moved.
    LogStart { log_start_offset: i64 },
    /// `retention.bytes`: the log had this many.
    Size { bytes: u64 },
    /// `retention.ms`: the newest record of the first was this old.
    Time { age_ms: i64 },
}

/// Segments that are no longer part of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeletedSegments {
    pub reason: DeletionReason,
    /// Base offsets.
    pub segments: Vec<i64>,
    /// Where the last of them ended; not above the high watermark.
    pub end_offset: i64,
    pub bytes: u64,
    /// Files that now wait to be removed.
    pub files: Vec<Arc<str>>,
    /// Base offset of the segment that was begun because all others go.
    pub rolled: Option<i64>,
}

impl UnifiedLog {
    /// Whether there is anything that retention could let go of: most logs hold a last segment in
    /// which nothing is, or whose first has not come of age.
    pub fn may_let_go(&self, now: SimTime) -> bool {
        let config = &self.local.config;
        let first = self.local.segment(0);
        let age_ms = now.timestamp_ms().saturating_sub(first.largest_timestamp());
        let holds_something = self.segment_count() > 1 || first.size() > 0;
        let is_old = config.retention_ms >= 0 && age_ms > config.retention_ms;
        let is_large = u64::try_from(config.retention_bytes).is_ok_and(|most| self.size() >= most);
        self.has_producers()
            || holds_something && (is_old || is_large || self.starts_inside_a_segment())
    }

    /// Deletes what the topic's settings allow at `now`. Answers nothing if nothing goes, which is
    /// the usual case and costs a look at the oldest segment.
    pub fn delete_old_segments(&mut self, disk: &mut Disk, now: SimTime) -> Vec<DeletedSegments> {
        let mut deleted = Vec::new();
        let start = self.log_start_offset;
        let below_start = self.deletable(|_, next| next.is_some_and(|next| next <= start));
        deleted.extend(self.delete_segments(disk, below_start, now, |_| {
            DeletionReason::LogStart { log_start_offset: start }
        }));
        if !self.local.config.cleanup_policy.delete {
            return deleted;
        }
        let bytes = self.size();
        if let Ok(most) = u64::try_from(self.local.config.retention_bytes)
            && bytes >= most
        {
            let mut surplus = bytes - most;
            let too_many = self.deletable(|segment, _| {
                let fits = segment.size() <= surplus;
                surplus -= if fits { segment.size() } else { 0 };
                fits
            });
            let reason = |_: &LogSegment| DeletionReason::Size { bytes };
            deleted.extend(self.delete_segments(disk, too_many, now, reason));
        }
        let most_ms = self.local.config.retention_ms;
        if most_ms >= 0 {
            let age_ms = |segment: &LogSegment| {
                now.timestamp_ms().saturating_sub(segment.largest_timestamp())
            };
            let too_old = self.deletable(|segment, _| age_ms(segment) > most_ms);
            let reason = |first: &LogSegment| DeletionReason::Time { age_ms: age_ms(first) };
            deleted.extend(self.delete_segments(disk, too_old, now, reason));
        }
        deleted
    }

    /// How many segments may go, from the oldest on: up to the first that the rule does not name,
    /// that is not wholly committed, or that is the last and empty. The rule is given the base offset
    /// of the next segment.
    fn deletable(&self, mut rule: impl FnMut(&LogSegment, Option<i64>) -> bool) -> usize {
        let mut count = 0;
        let committed = match self.faults.delete_uncommitted {
            true => self.local.log_end_offset,
            false => self.high_watermark,
        };
        let mut segments = self.segments().peekable();
        while let Some(segment) = segments.next() {
            let next = segments.peek().map(|next| next.base_offset());
            let end_offset = next.unwrap_or(self.local.log_end_offset);
            let is_empty_last = next.is_none() && segment.size() == 0;
            if committed < end_offset || is_empty_last || !rule(segment, next) {
                break;
            }
            count += 1;
        }
        count
    }

    fn delete_segments(
        &mut self,
        disk: &mut Disk,
        count: usize,
        now: SimTime,
        reason: impl FnOnce(&LogSegment) -> DeletionReason,
    ) -> Option<DeletedSegments> {
        if count == 0 {
            return None;
        }
        let reason = reason(self.local.segment(0));
        let bytes = self.segments().take(count).map(LogSegment::size).sum();
        let rolled = (count == self.segment_count()).then(|| self.roll(disk, now));
        let gone = self.local.take_oldest(count);
        let mut files = Vec::new();
        for segment in &gone {
            files.extend(segment.mark_deleted(disk));
            files.extend(self.mark_snapshot_deleted(disk, segment.base_offset()));
        }
        let end_offset = self.local.segment(0).base_offset();
        self.maybe_increment_log_start_offset(disk, end_offset);
        let segments = gone.iter().map(|segment| segment.base_offset()).collect();
        Some(DeletedSegments { reason, segments, end_offset, bytes, files, rolled })
    }

    /// Whether the first segment holds records that can no longer be read.
    pub fn starts_inside_a_segment(&self) -> bool {
        self.log_start_offset > self.local.segment(0).base_offset()
    }

    /// Whether records wait to be made durable, and the last flush was `flush.ms` ago.
    pub fn is_flush_due(&self, now: SimTime) -> bool {
        let waited_ms = now.since(self.local.last_flush) / 1000;
        self.local.recovery_point < self.local.log_end_offset
            && i64::try_from(waited_ms).is_ok_and(|ms| ms >= self.local.config.flush_ms)
    }

    /// Makes the whole log durable. Answers the bytes that became so.
    pub fn flush_at(&mut self, disk: &mut Disk, now: SimTime) -> u64 {
        self.local.last_flush = now;
        self.local.flush(disk, self.local.log_end_offset)
    }

    /// Closes the active segment and begins a new one at the end of the log, unless it is empty.
    /// Answers where the active one begins.
    pub fn roll(&mut self, disk: &mut Disk, now: SimTime) -> i64 {
        let base_offset = self.local.log_end_offset;
        if self.local.active.base_offset() == base_offset {
            return base_offset;
        }
        self.producers.update_map_end_offset(base_offset);
        self.producers.take_snapshot(disk);
        self.local.roll(disk, base_offset, now);
        base_offset
    }

    /// The producers' snapshot of a segment goes with it.
    pub(in crate::log) fn mark_snapshot_deleted(
        &mut self,
        disk: &mut Disk,
        offset: i64,
    ) -> Option<Arc<str>> {
        let path = file_path(&self.local.dir, offset, PRODUCER_SNAPSHOT_FILE_SUFFIX);
        let deleted: Arc<str> = format!("{path}{DELETED_FILE_SUFFIX}").into();
        disk.len(&path)?;
        disk.rename(&path, &deleted);
        self.producers.forget_snapshot(offset);
        Some(deleted)
    }
}
