//! The segments of a log and its end: appending, rolling, reading, truncating, flushing. Source:
//! `LocalLog.java`. It takes any batch in order; epochs, the log start and the high watermark are
//! [`super::unified_log`]'s.

use super::log_config::LogConfig;
use super::log_error::LogError;
use super::log_segment::{LogSegment, RollParams, TimestampAndOffset};
use crate::record::BatchHeader;
use crate::sim::disk::Disk;
use crate::sim::time::SimTime;
use bytes::Bytes;
use std::sync::Arc;

/// Segments in order. Clones share everything that does not change at the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalLog {
    pub(super) dir: Arc<str>,
    pub(super) config: LogConfig,
    /// All segments but the last.
    pub(super) sealed: Arc<Vec<Arc<LogSegment>>>,
    /// The last segment; appends go there.
    pub(super) active: Arc<LogSegment>,
    /// The offset that the next record gets.
    pub(super) log_end_offset: i64,
    /// Everything below it was made durable by a flush.
    pub(super) recovery_point: i64,
    /// When it was last flushed, or opened.
    pub(super) last_flush: SimTime,
}

/// What a read found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FetchDataInfo {
    /// Whole batches. The first may begin before the offset asked for.
    pub batches: Vec<Bytes>,
    /// Where to read on.
    pub next_offset: i64,
    /// The file that they are in, and where in it; `None` if there are none.
    pub at: Option<(Arc<str>, u64)>,
}

/// What happened to the files beside the append itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SegmentChange {
    /// Base offset of the new segment, if one was begun.
    pub rolled: Option<i64>,
    pub bytes_flushed: u64,
}

impl LocalLog {
    /// A log without records.
    pub fn create(disk: &mut Disk, dir: Arc<str>, config: LogConfig, now: SimTime) -> Self {
        let active = LogSegment::create(disk, &dir, 0, &config, Some(now));
        LocalLog {
            dir,
            config,
            sealed: Arc::default(),
            active: Arc::new(active),
            log_end_offset: 0,
            recovery_point: 0,
            last_flush: now,
        }
    }

    /// Appends a batch whose base offset is the end of the log or above.
    pub fn append(
        &mut self,
        disk: &mut Disk,
        bytes: Bytes,
        header: BatchHeader,
        now: SimTime,
    ) -> SegmentChange {
        let mut change = SegmentChange::default();
        let roll = RollParams {
            max_segment_ms: self.config.max_segment_ms(),
            max_segment_bytes: self.config.segment_bytes,
            batch: header,
            now,
        };
        if self.active.should_roll(&roll) {
            change.bytes_flushed += self.roll(disk, header.base_offset, now);
            change.rolled = Some(self.active.base_offset());
        }
        Arc::make_mut(&mut self.active).append(disk, bytes, header, now);
        self.log_end_offset = header.next_offset();
        if self.log_end_offset - self.recovery_point >= self.config.flush_messages {
            change.bytes_flushed += self.flush(disk, self.log_end_offset);
            self.last_flush = now;
        }
        change
    }

    /// Closes the active segment and begins a new one. Kafka flushes the closed one in the
    /// background, at once; here that is part of the roll. Answers the bytes made durable.
    pub(super) fn roll(&mut self, disk: &mut Disk, first_offset: i64, now: SimTime) -> u64 {
        Arc::make_mut(&mut self.active).on_become_inactive(disk, now);
        let bytes_flushed = self.flush(disk, self.log_end_offset);
        self.last_flush = now;
        let base_offset = first_offset.max(self.log_end_offset);
        let new = LogSegment::create(disk, &self.dir, base_offset, &self.config, Some(now));
        let closed = std::mem::replace(&mut self.active, Arc::new(new));
        Arc::make_mut(&mut self.sealed).push(closed);
        bytes_flushed
    }

    /// Takes the oldest segments out of the list; never the active one. Their files stay.
    pub(super) fn take_oldest(&mut self, count: usize) -> Vec<Arc<LogSegment>> {
        let sealed = Arc::make_mut(&mut self.sealed);
        sealed.drain(..count.min(sealed.len())).collect()
    }

    /// Makes the records below `up_to` durable, and with them the rest of their segments. Answers
    /// the bytes that became so.
    pub fn flush(&mut self, disk: &mut Disk, up_to: i64) -> u64 {
        let up_to = up_to.min(self.log_end_offset);
        if up_to <= self.recovery_point {
            return 0;
        }
        let first = self.index_of(self.recovery_point);
        let bytes = (first..self.segment_count())
            .map(|index| self.segment(index))
            .take_while(|segment| segment.base_offset() < up_to)
            .map(|segment| segment.flush(disk))
            .sum();
        self.recovery_point = up_to;
        bytes
    }

    /// Makes everything durable. Answers the bytes that became so.
    pub fn close(&mut self, disk: &mut Disk) -> u64 {
        // When the last entry is written does not matter: it is durable a moment later.
        Arc::make_mut(&mut self.active).on_become_inactive(disk, SimTime::ZERO);
        self.recovery_point = self.log_end_offset;
        self.segments().map(|segment| segment.flush(disk)).sum()
    }

    /// Batches of one segment from the one that holds `start_offset` on: as many as fit in
    /// `max_bytes`, but the first in any case if `min_one_message`, and only those that end below
    /// `upper_bound_offset`.
    pub fn read(
        &self,
        disk: &Disk,
        start_offset: i64,
        max_bytes: u32,
        upper_bound_offset: i64,
        min_one_message: bool,
    ) -> Result<FetchDataInfo, LogError> {
        let mut found = FetchDataInfo { batches: Vec::new(), next_offset: start_offset, at: None };
        if start_offset >= upper_bound_offset {
            return Ok(found);
        }
        // A segment may end before the next begins: the cleaner took the last offsets out.
        for index in self.index_of(start_offset)..self.segment_count() {
            let segment = self.segment(index);
            let Some(file) = disk.file(segment.path()) else {
                continue;
            };
            let corrupt = |error| LogError::CorruptSegment { path: segment.path().clone(), error };
            let Some(first) = segment.translate_offset(file, start_offset).map_err(corrupt)? else {
                match segment.damage() {
                    None => continue,
                    Some(damage) => {
                        let path = segment.path().clone();
                        return Err(LogError::DamagedSegment { path, damage });
                    }
                }
            };
            let mut bytes_left = u64::from(max_bytes);
            for at in segment.batches_from(file, first.position) {
                let at = at.map_err(corrupt)?;
                let size = u64::from(at.header.size_in_bytes);
                let fits = size <= bytes_left || (min_one_message && found.batches.is_empty());
                if !fits || at.header.last_offset() >= upper_bound_offset {
                    break;
                }
                match segment.batch_at(file, at) {
                    Ok(batch) => {
                        found.at.get_or_insert_with(|| (segment.path().clone(), at.position));
                        found.batches.push(batch.into_bytes());
                    }
                    Err(error) if found.batches.is_empty() => return Err(corrupt(error)),
                    // What is before the damage can be had.
                    Err(_) => break,
                }
                found.next_offset = at.header.next_offset();
                bytes_left = bytes_left.saturating_sub(size);
            }
            break;
        }
        Ok(found)
    }

    /// The first record at or after `starting_offset` whose timestamp is `timestamp` or later.
    pub fn offset_for_timestamp(
        &self,
        disk: &Disk,
        timestamp: i64,
        starting_offset: i64,
    ) -> Result<Option<TimestampAndOffset>, LogError> {
        for segment in self.segments() {
            if segment.max_timestamp_so_far().timestamp < timestamp {
                continue;
            }
            let found =
                segment.find_offset_by_timestamp(disk, timestamp, starting_offset).map_err(
                    |error| LogError::CorruptSegment { path: segment.path().clone(), error },
                )?;
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(None)
    }

    /// Removes `offset`, which is not below the first segment, and all above it, in whole batches.
    pub fn truncate_to(&mut self, disk: &mut Disk, offset: i64) {
        // From the last to the first, so that a stop in between leaves a log without a hole.
        while self.active.base_offset() > offset {
            let Some(before) = Arc::make_mut(&mut self.sealed).pop() else {
                break;
            };
            std::mem::replace(&mut self.active, before).delete(disk);
        }
        self.log_end_offset = Arc::make_mut(&mut self.active).truncate_to(disk, offset);
        self.recovery_point = self.recovery_point.min(self.log_end_offset);
    }

    /// Removes everything; the next record gets `offset`.
    pub fn truncate_fully_and_start_at(&mut self, disk: &mut Disk, offset: i64) {
        for segment in self.segments().rev() {
            segment.delete(disk);
        }
        self.sealed = Arc::default();
        self.active = Arc::new(LogSegment::create(disk, &self.dir, offset, &self.config, None));
        self.log_end_offset = offset;
        self.recovery_point = offset;
    }

    /// In order, the active one last.
    pub fn segments(&self) -> impl DoubleEndedIterator<Item = &LogSegment> {
        self.sealed.iter().map(|segment| &**segment).chain(std::iter::once(&*self.active))
    }

    pub fn segment_count(&self) -> usize {
        self.sealed.len() + 1
    }

    pub fn segment(&self, index: usize) -> &LogSegment {
        self.sealed.get(index).unwrap_or(&self.active)
    }

    /// The index of the last segment that begins at or before `offset`, or of the first.
    fn index_of(&self, offset: i64) -> usize {
        if offset >= self.active.base_offset() {
            return self.sealed.len();
        }
        let after = self.sealed.partition_point(|segment| segment.base_offset() <= offset);
        after.saturating_sub(1)
    }
}
