//! The log of one partition on one broker: where it starts, ends and is committed; appending,
//! reading, truncating. Source: `UnifiedLog.java`.
//!
//! ```text
//! log start offset        high watermark          log end offset (LEO)
//!       |  committed, may be read  |  not yet committed   |  the next record goes here
//! ```
//!
//! The segments are [`super::local_log`]'s. Who leads and when the high watermark moves is decided by
//! replication. The bytes are in the disk that every call is given; the log keeps only what it needs
//! to find them. What producers wrote is in `producers`, deletion in `retention`; compaction is the
//! cleaner's.

mod compaction;
mod producers;
mod retention;

use super::append_origin::AppendOrigin;
use super::checkpoint::PartitionMetadata;
use super::cleaner::log_cleaner_manager::{maybe_truncate_checkpoint, note_compacted};
use super::leader_epoch_cache::{EpochEndOffset, LeaderEpochFileCache};
use super::local_log::LocalLog;
use super::log_config::LogConfig;
use super::log_error::LogError;
use super::log_loader;
use super::log_segment::{LogSegment, TimestampAndOffset};
use super::log_validator::{self, ValidationResult};
use super::producer_state_entry::BATCHES_TO_RETAIN;
use super::producer_state_manager::ProducerStateManager;
use crate::ids::{TopicPartition, Uuid};
use crate::record::{BatchHeader, RecordBatch, stamp};
use crate::sim::disk::Disk;
use crate::sim::time::SimTime;
use bytes::Bytes;
use std::sync::Arc;

pub use super::local_log::FetchDataInfo;
pub(super) use producers::aborted_txn;
pub use retention::{DeletedSegments, DeletionReason};

pub use super::log_loader::{LoadOptions, RecoveryReport};

/// Ways in which a log is broken on purpose ([`crate::spec::Mutant`]).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Faults {
    /// Retention deletes above the high watermark.
    pub delete_uncommitted: bool,
    /// Recovery does not compare the indexes with the log.
    pub trust_indexes: bool,
    /// A leader takes batches of any size.
    pub take_any_size: bool,
    /// A follower does not compare a batch with its CRC.
    pub skip_crc: bool,
    /// A leader compares a batch only with the last one of its producer.
    pub know_last_batch_only: bool,
    /// A leader takes a marker whatever its epoch.
    pub take_late_markers: bool,
}

impl Faults {
    pub const NONE: Faults = Faults {
        delete_uncommitted: false,
        trust_indexes: false,
        take_any_size: false,
        skip_crc: false,
        know_last_batch_only: false,
        take_late_markers: false,
    };
}

/// A partition's log. Clones share everything that does not change at its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnifiedLog {
    pub(super) topic_partition: TopicPartition,
    pub(super) topic_id: Uuid,
    pub(super) local: LocalLog,
    pub(super) leader_epochs: LeaderEpochFileCache,
    pub(super) producers: ProducerStateManager,
    pub(super) log_start_offset: i64,
    /// Records below it are committed. Between log start and end.
    pub(super) high_watermark: i64,
    /// How often it was cut since it was opened.
    pub(super) truncations: u64,
    pub faults: Faults,
}

/// What an append did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogAppendInfo {
    /// The offset of the first record; the log's end if nothing was appended.
    pub first_offset: i64,
    /// The offset of the last; one less than the first if nothing was appended.
    pub last_offset: i64,
    /// The largest timestamp, Unix ms; -1 if there is none.
    pub max_timestamp: i64,
    /// The time that was stamped on the records, if the topic's timestamps are LogAppendTime.
    pub log_append_time: Option<i64>,
    pub batches: u32,
    pub bytes: u64,
    /// Base offset of the new segment, if one was begun; the last one if there were several.
    pub rolled: Option<i64>,
    /// The producer had sent it before: nothing was appended, and the offsets are those of then.
    pub is_duplicate: bool,
    /// Bytes made durable, by closing a segment or by `flush.messages`.
    pub bytes_flushed: u64,
}

impl UnifiedLog {
    /// A new, empty log with its directory.
    pub fn create(
        disk: &mut Disk,
        topic_partition: &TopicPartition,
        topic_id: Uuid,
        config: LogConfig,
        now: SimTime,
    ) -> UnifiedLog {
        let dir: Arc<str> = topic_partition.to_string().into();
        let metadata = PartitionMetadata { topic_id };
        let path = format!("{dir}/{}", PartitionMetadata::FILE_NAME);
        disk.replace(&path, metadata.to_text().into());
        let leader_epochs = LeaderEpochFileCache::create(disk, &dir);
        UnifiedLog {
            topic_partition: topic_partition.clone(),
            topic_id,
            producers: ProducerStateManager::new(dir.clone()),
            local: LocalLog::create(disk, dir, config, now),
            leader_epochs,
            log_start_offset: 0,
            high_watermark: 0,
            truncations: 0,
            faults: Faults::NONE,
        }
    }

    /// The log that the disk holds, recovered if the last run did not close it.
    pub fn load(
        disk: &mut Disk,
        topic_partition: &TopicPartition,
        config: LogConfig,
        options: LoadOptions,
        now: SimTime,
    ) -> Result<(UnifiedLog, RecoveryReport), LogError> {
        log_loader::load(disk, topic_partition, config, options, now)
    }

    // Appending.

    /// Appends a producer's batch at the end of the log, with the offsets that are next and the
    /// leader's epoch. On an error nothing has changed.
    pub fn append_as_leader(
        &mut self,
        disk: &mut Disk,
        batch: &RecordBatch,
        leader_epoch: i32,
        now: SimTime,
    ) -> Result<LogAppendInfo, LogError> {
        self.append_as_leader_from(AppendOrigin::CLIENT, disk, batch, leader_epoch, now)
    }

    /// The same for a batch from anywhere.
    pub fn append_as_leader_from(
        &mut self,
        origin: AppendOrigin,
        disk: &mut Disk,
        batch: &RecordBatch,
        leader_epoch: i32,
        now: SimTime,
    ) -> Result<LogAppendInfo, LogError> {
        let ValidationResult { log_append_time, recompressed } =
            log_validator::validate(batch, &self.local.config, self.faults, now)?;
        let batch = recompressed.as_ref().unwrap_or(batch);
        let origin = AppendOrigin { takes_late_markers: self.faults.take_late_markers, ..origin };
        let window = if self.faults.know_last_batch_only { 1 } else { BATCHES_TO_RETAIN };
        if let Some(duplicate) = self.producers.check(batch, origin, window)? {
            return Ok(LogAppendInfo {
                first_offset: duplicate.first_offset(),
                last_offset: duplicate.last_offset,
                max_timestamp: duplicate.timestamp,
                is_duplicate: true,
                ..self.nothing_appended()
            });
        }
        let base_offset = self.local.log_end_offset;
        let bytes = stamp(batch.bytes(), base_offset, leader_epoch, log_append_time);
        let max_timestamp = log_append_time.unwrap_or(batch.max_timestamp());
        let header = BatchHeader {
            base_offset,
            partition_leader_epoch: leader_epoch,
            max_timestamp,
            ..batch.header()
        };
        let mut info = LogAppendInfo { log_append_time, ..self.nothing_appended() };
        self.append(disk, bytes, header, now, &mut info);
        Ok(info)
    }

    /// Appends batches as the leader stored them. It ends before the first batch of an epoch above
    /// `leader_epoch_max`: that leader's rules are not known yet (KAFKA-18723). A batch that is
    /// damaged or begins before the end of the log refuses all of them; then nothing has changed.
    pub fn append_as_follower(
        &mut self,
        disk: &mut Disk,
        batches: &[Bytes],
        leader_epoch_max: i32,
        now: SimTime,
    ) -> Result<LogAppendInfo, LogError> {
        let mut checked = Vec::with_capacity(batches.len());
        let mut log_end_offset = self.local.log_end_offset;
        let is_empty = log_end_offset == self.log_start_offset;
        for bytes in batches {
            let batch = RecordBatch::parse(bytes.clone()).map_err(LogError::CorruptBatch)?;
            let header = batch.header();
            if header.partition_leader_epoch > leader_epoch_max {
                break;
            }
            if !self.faults.skip_crc {
                batch.ensure_valid().map_err(LogError::CorruptBatch)?;
            }
            // The log start of the leader may lie inside of its first batch (DeleteRecords).
            let covers_start =
                is_empty && checked.is_empty() && header.next_offset() > log_end_offset;
            if header.base_offset < log_end_offset && !covers_start {
                let first_offset = header.base_offset;
                return Err(LogError::UnexpectedAppendOffset { first_offset, log_end_offset });
            }
            log_end_offset = header.next_offset();
            checked.push((batch.into_bytes(), header));
        }
        if let Some((_, first)) = checked.first()
            && first.base_offset < self.local.log_end_offset
        {
            let (log_start_offset, high_watermark) = (self.log_start_offset, self.high_watermark);
            self.truncate_fully_and_start_at(disk, first.base_offset);
            self.log_start_offset = log_start_offset;
            self.high_watermark = high_watermark;
        }
        let mut info = self.nothing_appended();
        for (bytes, header) in checked {
            if header.base_offset > self.local.log_end_offset {
                note_compacted(disk, &self.topic_partition, self.log_start_offset);
            }
            self.append(disk, bytes, header, now, &mut info);
        }
        Ok(info)
    }

    fn nothing_appended(&self) -> LogAppendInfo {
        LogAppendInfo {
            first_offset: self.local.log_end_offset,
            last_offset: self.local.log_end_offset - 1,
            max_timestamp: -1,
            log_append_time: None,
            batches: 0,
            bytes: 0,
            rolled: None,
            is_duplicate: false,
            bytes_flushed: 0,
        }
    }

    /// Appends a batch that is right in every way.
    fn append(
        &mut self,
        disk: &mut Disk,
        bytes: Bytes,
        header: BatchHeader,
        now: SimTime,
        info: &mut LogAppendInfo,
    ) {
        if self.leader_epochs.latest_epoch() != Some(header.partition_leader_epoch) {
            // This replica led in an epoch that began here, and wrote nothing.
            self.leader_epochs.truncate_from_end(disk, header.base_offset);
        }
        // The epoch is on the disk before its first record, so that no record is without one.
        self.leader_epochs.assign(disk, header.partition_leader_epoch, header.base_offset);
        let change = self.local.append(disk, bytes.clone(), header, now);
        if let Some(base_offset) = change.rolled {
            // The producers as they were before this batch.
            self.producers.update_map_end_offset(base_offset);
            self.producers.take_snapshot(disk);
        }
        self.update_producers(disk, bytes, now);
        self.producers.update_map_end_offset(header.next_offset());
        if info.batches == 0 {
            info.first_offset = header.base_offset;
        }
        info.last_offset = header.last_offset();
        info.max_timestamp = info.max_timestamp.max(header.max_timestamp);
        info.batches += 1;
        info.bytes += u64::from(header.size_in_bytes);
        info.rolled = change.rolled.or(info.rolled);
        info.bytes_flushed += change.bytes_flushed;
    }

    /// Makes the records below `up_to` durable, and with them the rest of their segments. Answers
    /// the bytes that became so.
    pub fn flush(&mut self, disk: &mut Disk, up_to: i64) -> u64 {
        self.local.flush(disk, up_to)
    }

    /// The broker stops cleanly: everything becomes durable. Answers the bytes that became so.
    pub fn close(&mut self, disk: &mut Disk) -> u64 {
        // So that the next start need not read the log for it.
        self.producers.take_snapshot(disk);
        self.local.close(disk)
    }

    // Reading.

    /// Batches from the one that holds `start_offset` on, in one segment: as many as fit in
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
        if start_offset < self.log_start_offset || start_offset > self.local.log_end_offset {
            return Err(LogError::OffsetOutOfRange {
                offset: start_offset,
                log_start_offset: self.log_start_offset,
                log_end_offset: self.local.log_end_offset,
            });
        }
        self.local.read(disk, start_offset, max_bytes, upper_bound_offset, min_one_message)
    }

    /// Every batch from the one that holds `from` on. After an error it ends.
    pub fn batches<'a>(
        &'a self,
        disk: &'a Disk,
        from: i64,
    ) -> impl Iterator<Item = Result<RecordBatch, LogError>> + 'a {
        let mut next = Some(from.max(self.log_start_offset));
        std::iter::from_fn(move || {
            let read = self.read(disk, next?, 0, i64::MAX, true);
            next = None;
            match read {
                Ok(read) => {
                    let bytes = read.batches.into_iter().next()?;
                    next = Some(read.next_offset);
                    Some(RecordBatch::parse(bytes).map_err(LogError::CorruptBatch))
                }
                // The end of the log is no error.
                Err(LogError::OffsetOutOfRange { .. }) => None,
                Err(error) => Some(Err(error)),
            }
        })
    }

    /// The first record whose timestamp is `timestamp` (Unix ms) or later.
    pub fn offset_for_timestamp(
        &self,
        disk: &Disk,
        timestamp: i64,
    ) -> Result<Option<TimestampAndOffset>, LogError> {
        self.local.offset_for_timestamp(disk, timestamp, self.log_start_offset)
    }

    /// The first record of those with the largest timestamp.
    pub fn offset_of_max_timestamp(
        &self,
        disk: &Disk,
    ) -> Result<Option<TimestampAndOffset>, LogError> {
        let newest = self.segments().map(|segment| segment.max_timestamp_so_far().timestamp).max();
        match newest {
            Some(timestamp) if timestamp >= 0 => self.offset_for_timestamp(disk, timestamp),
            _ => Ok(None),
        }
    }

    // Where it starts, ends and is committed.

    /// The offset that the next record gets.
    pub fn log_end_offset(&self) -> i64 {
        self.local.log_end_offset
    }

    /// The first offset that can be read. It may lie inside a segment.
    pub fn log_start_offset(&self) -> i64 {
        self.log_start_offset
    }

    pub fn high_watermark(&self) -> i64 {
        self.high_watermark
    }

    /// Sets the high watermark, also to a lower value, kept between log start and end. Answers what
    /// it is now. A follower does this.
    pub fn update_high_watermark(&mut self, high_watermark: i64) -> i64 {
        self.high_watermark =
            high_watermark.clamp(self.log_start_offset, self.local.log_end_offset);
        self.producers.on_high_watermark_updated(self.high_watermark);
        self.high_watermark
    }

    /// Raises the high watermark; never lowers it. Answers the old one if it moved. A leader does
    /// this.
    ///
    /// # Panics
    /// If it would pass the end of the log: then a rule of replication is broken.
    pub fn maybe_increment_high_watermark(&mut self, high_watermark: i64) -> Option<i64> {
        let log_end_offset = self.local.log_end_offset;
        assert!(
            high_watermark <= log_end_offset,
            "high watermark {high_watermark} passes the log end offset {log_end_offset}"
        );
        let old = self.high_watermark;
        (high_watermark > old).then(|| {
            self.high_watermark = high_watermark;
            self.producers.on_high_watermark_updated(high_watermark);
            old
        })
    }

    /// Moves the log start up, as DeleteRecords does, but not past the high watermark. Records below
    /// it can no longer be read. Answers whether it moved.
    pub fn maybe_increment_log_start_offset(&mut self, disk: &mut Disk, offset: i64) -> bool {
        let offset = offset.min(self.high_watermark);
        if offset <= self.log_start_offset {
            return false;
        }
        self.log_start_offset = offset;
        self.leader_epochs.truncate_from_start(disk, offset);
        true
    }

    /// Everything below it survives a loss of power.
    pub fn recovery_point(&self) -> i64 {
        self.local.recovery_point
    }

    // Truncating.

    /// Removes `offset` and all above it, in whole batches. Answers whether the log was longer.
    pub fn truncate_to(&mut self, disk: &mut Disk, offset: i64) -> bool {
        if offset >= self.local.log_end_offset {
            self.leader_epochs.truncate_from_end(disk, offset);
            return false;
        }
        if offset < self.local.segment(0).base_offset() {
            self.truncate_fully_and_start_at(disk, offset);
            return true;
        }
        self.local.truncate_to(disk, offset);
        self.truncations += 1;
        maybe_truncate_checkpoint(disk, &self.topic_partition, self.active_segment_base());
        self.rebuild_producers(disk);
        let log_end_offset = self.local.log_end_offset;
        self.leader_epochs.truncate_from_end(disk, log_end_offset);
        self.log_start_offset = self.log_start_offset.min(log_end_offset);
        self.high_watermark = self.high_watermark.min(log_end_offset);
        true
    }

    /// Removes everything; the next record gets `offset`.
    pub fn truncate_fully_and_start_at(&mut self, disk: &mut Disk, offset: i64) {
        self.local.truncate_fully_and_start_at(disk, offset);
        self.truncations += 1;
        maybe_truncate_checkpoint(disk, &self.topic_partition, offset);
        self.leader_epochs.clear(disk);
        self.producers.truncate_fully_and_start_at(disk, offset);
        self.log_start_offset = offset;
        self.high_watermark = offset;
    }

    // Leader epochs.

    /// Where `epoch`, or the largest known epoch below it, ends in this log.
    pub fn end_offset_for_epoch(&self, epoch: i32) -> EpochEndOffset {
        self.leader_epochs.end_offset_for(epoch, self.local.log_end_offset)
    }

    /// Every epoch known and where it starts, in order.
    pub fn leader_epochs(&self) -> impl DoubleEndedIterator<Item = (i32, i64)> {
        self.leader_epochs.entries()
    }

    /// The largest epoch known, also of a leader that has written nothing yet.
    pub fn latest_epoch(&self) -> Option<i32> {
        self.leader_epochs.latest_epoch()
    }

    /// The epoch of the last record; `None` if there is no record.
    pub fn last_offset_epoch(&self) -> Option<i32> {
        if self.local.log_end_offset == self.log_start_offset {
            return None;
        }
        self.leader_epochs.epoch_for_offset(self.local.log_end_offset - 1)
    }

    /// Notes that a leader's epoch begins at `offset`, also before its first record.
    pub fn assign_epoch_start(&mut self, disk: &mut Disk, epoch: i32, offset: i64) {
        self.leader_epochs.assign(disk, epoch, offset);
    }

    pub fn leader_epoch_cache(&self) -> &LeaderEpochFileCache {
        &self.leader_epochs
    }

    // What it is made of.

    pub fn topic_partition(&self) -> &TopicPartition {
        &self.topic_partition
    }

    /// Of `partition.metadata`; zero if the file was missing.
    pub fn topic_id(&self) -> Uuid {
        self.topic_id
    }

    /// The directory on the disk: `orders-0`.
    pub fn dir(&self) -> &str {
        &self.local.dir
    }

    pub fn config(&self) -> &LogConfig {
        &self.local.config
    }

    /// New settings. Those of the indexes apply from the next segment on.
    pub fn set_config(&mut self, config: LogConfig) {
        self.local.config = config;
    }

    /// The segments in order, the active one last.
    pub fn segments(&self) -> impl DoubleEndedIterator<Item = &LogSegment> {
        self.local.segments()
    }

    pub fn segment_count(&self) -> usize {
        self.local.segment_count()
    }

    /// The segment that appends go to.
    pub fn active_segment(&self) -> &LogSegment {
        &self.local.active
    }

    pub fn active_segment_base(&self) -> i64 {
        self.local.active.base_offset()
    }

    /// Bytes of all segments.
    pub fn size(&self) -> u64 {
        self.segments().map(LogSegment::size).sum()
    }
}
