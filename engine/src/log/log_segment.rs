//! A segment: one `.log` file of batches with its two indexes. It appends, finds offsets and times,
//! and cuts; when to begin a new one is decided here, who reads it is not. Source:
//! `LogSegment.java`.
//!
//! The index rule: a batch gets an entry if more than `index.interval.bytes` were appended since the
//! last entry, counted before the batch itself. So the first batch of a segment never has one.

mod files;
mod open;

pub use open::{OpenedSegment, StoredIndexes};

use super::file_records::{BatchPosition, BatchPositions, batch_at, checked_batch_at};
use super::log_config::LogConfig;
use super::log_file_utils::{LOG_FILE_SUFFIX, file_path, relative_offset};
use super::offset_index::OffsetIndex;
use super::recovery_scan::TruncationReason;
use super::time_index::{TimeIndex, TimestampOffset};
use super::transaction_index::TransactionIndex;
use crate::record::batch_header::NO_TIMESTAMP;
use crate::record::{BatchHeader, CorruptRecord, RecordBatch};
use crate::sim::disk::{Disk, File};
use crate::sim::time::SimTime;
use bytes::Bytes;
use std::sync::Arc;

/// One segment. It holds offsets from its base offset up to the next segment's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogSegment {
    base_offset: i64,
    path: Arc<str>,
    size: u64,
    /// One past the last offset in it; its base offset if it is empty.
    next_offset: i64,
    /// The last batch, so that reads at the end of the log search nothing.
    last_batch: Option<BatchPosition>,
    offset_index: OffsetIndex,
    time_index: TimeIndex,
    txn_index: TransactionIndex,
    index_interval_bytes: u64,
    bytes_since_last_index_entry: u64,
    /// Unix ms of the broker's clock when the segment was made or loaded; of the first append after
    /// it was emptied.
    created_ms: Option<i64>,
    /// How much less than `segment.ms` it may grow old.
    roll_jitter_ms: i64,
    /// Unix ms of the broker's clock at the last append, or when it was loaded.
    last_modified_ms: i64,
    /// Unix ms of the first batch, from which `segment.ms` counts.
    rolling_based_timestamp: Option<i64>,
    /// The largest timestamp, and the last offset of the batch that has it; (-1, base) if none.
    max_timestamp_so_far: TimestampOffset,
    /// Where the bytes of a closed segment stop making sense; only a segment that was not recovered
    /// can have it.
    damage: Option<SegmentDamage>,
    /// Bytes before this were taken from the disk without a look at their CRC: a read does that.
    unchecked_bytes: u64,
}

/// What a batch that is about to be appended asks of the active segment.
#[derive(Clone, Copy, Debug)]
pub struct RollParams {
    pub max_segment_ms: i64,
    pub max_segment_bytes: i32,
    pub batch: BatchHeader,
    pub now: SimTime,
}

/// From where on a segment that was not recovered does not make sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SegmentDamage {
    /// Byte in the `.log` where the damaged batch starts.
    pub position: u64,
    pub reason: TruncationReason,
}

impl LogSegment {
    /// A new, empty segment with its three files. Its age counts from `now`, or else from its first
    /// batch.
    pub fn create(
        disk: &mut Disk,
        dir: &str,
        base_offset: i64,
        config: &LogConfig,
        now: Option<SimTime>,
    ) -> Self {
        LogSegment::create_with_suffix(disk, dir, base_offset, config, now, "")
    }

    /// The same, in files that are not yet part of the log.
    pub(super) fn create_with_suffix(
        disk: &mut Disk,
        dir: &str,
        base_offset: i64,
        config: &LogConfig,
        now: Option<SimTime>,
        suffix: &str,
    ) -> Self {
        let path: Arc<str> = (file_path(dir, base_offset, LOG_FILE_SUFFIX) + suffix).into();
        disk.create(&path);
        let most = config.segment_index_bytes;
        let offset_index = OffsetIndex::create_with_suffix(disk, dir, base_offset, most, suffix);
        let time_index = TimeIndex::create_with_suffix(disk, dir, base_offset, most, suffix);
        LogSegment {
            base_offset,
            path,
            size: 0,
            next_offset: base_offset,
            last_batch: None,
            offset_index,
            time_index,
            txn_index: TransactionIndex::create(dir, base_offset, suffix),
            index_interval_bytes: config.index_interval_bytes.max(0) as u64,
            bytes_since_last_index_entry: 0,
            created_ms: now.map(SimTime::timestamp_ms),
            roll_jitter_ms: files::roll_jitter_ms(config, dir, base_offset),
            last_modified_ms: now.map_or(NO_TIMESTAMP, SimTime::timestamp_ms),
            rolling_based_timestamp: None,
            max_timestamp_so_far: TimestampOffset { timestamp: NO_TIMESTAMP, offset: base_offset },
            damage: None,
            unchecked_bytes: 0,
        }
    }

    /// Every byte has just been checked against its CRC.
    pub(super) fn set_checked(&mut self) {
        self.unchecked_bytes = 0;
    }

    /// Writes a batch at the end, and the index entries that are due.
    pub fn append(&mut self, disk: &mut Disk, bytes: Bytes, header: BatchHeader, now: SimTime) {
        disk.append(&self.path, bytes, now);
        self.note(disk, BatchPosition { position: self.size, header }, now);
    }

    /// Takes a batch, which is in the file, into account.
    fn note(&mut self, disk: &mut Disk, batch: BatchPosition, now: SimTime) {
        let BatchPosition { position, header } = batch;
        self.rolling_based_timestamp.get_or_insert(header.max_timestamp);
        self.created_ms.get_or_insert(now.timestamp_ms());
        self.last_modified_ms = now.timestamp_ms();
        let last_offset = header.last_offset();
        if header.max_timestamp > self.max_timestamp_so_far.timestamp {
            self.max_timestamp_so_far =
                TimestampOffset { timestamp: header.max_timestamp, offset: last_offset };
        }
        if self.bytes_since_last_index_entry > self.index_interval_bytes {
            self.append_index_entries(disk, last_offset, position, now);
            self.bytes_since_last_index_entry = 0;
        }
        let size = u64::from(header.size_in_bytes);
        self.bytes_since_last_index_entry += size;
        self.size = position + size;
        self.next_offset = header.next_offset();
        self.last_batch = Some(batch);
    }

    fn append_index_entries(&mut self, disk: &mut Disk, offset: i64, position: u64, now: SimTime) {
        // A full index ends the segment before its next batch; only a setting that was lowered in
        // between leaves no room, and an index may always be sparser.
        if self.offset_index.is_full() || self.time_index.is_full() {
            return;
        }
        if let Err(error) = self.offset_index.append(disk, offset, position, now) {
            panic!("a roll comes before an index entry does not fit: {error}");
        }
        self.append_max_timestamp(disk, now);
    }

    fn append_max_timestamp(&mut self, disk: &mut Disk, now: SimTime) {
        if let Err(error) = self.time_index.maybe_append(disk, self.max_timestamp_so_far, now) {
            panic!("the offset of the largest timestamp so far never falls: {error}");
        }
    }

    /// The segment is rolled or closed: the time index gets its last entry.
    pub fn on_become_inactive(&mut self, disk: &mut Disk, now: SimTime) {
        self.append_max_timestamp(disk, now);
    }

    /// Whether the batch must begin a new segment. An empty segment takes any batch.
    pub fn should_roll(&self, params: &RollParams) -> bool {
        let size = i64::from(params.batch.size_in_bytes);
        let too_old = self.time_waited_for_roll(params.now, params.batch.max_timestamp)
            > params.max_segment_ms - self.roll_jitter_ms;
        self.size > 0
            && (self.size as i64 > i64::from(params.max_segment_bytes) - size
                || too_old
                || self.offset_index.is_full()
                || self.time_index.is_full()
                || relative_offset(self.base_offset, params.batch.last_offset()).is_none())
    }

    /// In ms: by record time if the first batch has one, else by the broker's clock.
    fn time_waited_for_roll(&self, now: SimTime, batch_timestamp: i64) -> i64 {
        match self.rolling_based_timestamp {
            Some(first) if first >= 0 => batch_timestamp.saturating_sub(first),
            _ => self.created_ms.map_or(0, |created_ms| now.timestamp_ms() - created_ms),
        }
    }

    /// The first batch whose last offset is `offset` or above; `None` if there is none before the
    /// end of the segment or its damage.
    pub(super) fn translate_offset(
        &self,
        file: &File,
        offset: i64,
    ) -> Result<Option<BatchPosition>, CorruptRecord> {
        if offset >= self.next_offset {
            return Ok(None);
        }
        if let Some(last) = self.last_batch.filter(|last| offset >= last.header.base_offset) {
            return Ok(Some(last));
        }
        let from = self.offset_index.lookup(offset).position;
        self.batches_from(file, from)
            .find(|batch| !matches!(batch, Ok(batch) if batch.header.last_offset() < offset))
            .transpose()
    }

    /// The batches from a place on, as far as the segment makes sense.
    pub(super) fn batches_from<'a>(&self, file: &'a File, position: u64) -> BatchPositions<'a> {
        let end =
            self.last_batch.map_or(0, |last| last.position + u64::from(last.header.size_in_bytes));
        BatchPositions::from(file, position).up_to(end)
    }

    /// The batch at a place in this segment. What came from the disk unchecked is checked now.
    pub(super) fn batch_at(
        &self,
        file: &File,
        at: BatchPosition,
    ) -> Result<RecordBatch, CorruptRecord> {
        if at.position < self.unchecked_bytes {
            checked_batch_at(file, at)
        } else {
            batch_at(file, at)
        }
    }

    /// The first record at or after `starting_offset` whose timestamp is `timestamp` or later.
    pub fn find_offset_by_timestamp(
        &self,
        disk: &Disk,
        timestamp: i64,
        starting_offset: i64,
    ) -> Result<Option<TimestampAndOffset>, CorruptRecord> {
        let Some(file) = disk.file(&self.path) else {
            return Ok(None);
        };
        let indexed = self.time_index.lookup(timestamp).offset.max(starting_offset);
        for at in self.batches_from(file, self.offset_index.lookup(indexed).position) {
            let at = at?;
            if at.header.max_timestamp < timestamp || at.header.last_offset() < starting_offset {
                continue;
            }
            let batch = self.batch_at(file, at)?;
            for record in batch.records() {
                let record = record.map_err(|error| error.shifted(at.position))?;
                if record.timestamp >= timestamp && record.offset >= starting_offset {
                    return Ok(Some(TimestampAndOffset {
                        timestamp: record.timestamp,
                        offset: record.offset,
                        leader_epoch: batch.partition_leader_epoch(),
                    }));
                }
            }
        }
        Ok(None)
    }

    /// Cuts off every batch that holds `offset` or a larger one, and any damage. Answers where the
    /// log now ends: at `offset`, or before it where a batch that held it went as a whole.
    pub fn truncate_to(&mut self, disk: &mut Disk, offset: i64) -> i64 {
        let no_file = File::default();
        let file = disk.file(&self.path).unwrap_or(&no_file);
        let mut batches = self.batches_from(file, self.offset_index.lookup(offset).position);
        let mut cut = batches.position;
        let mut end = if self.damage.is_some() { offset.min(self.next_offset) } else { offset };
        while let Some(Ok(batch)) = batches.next() {
            if batch.header.last_offset() >= offset {
                end = offset.min(batch.header.base_offset);
                break;
            }
            cut = batches.position;
        }
        self.offset_index.truncate_to(disk, offset);
        self.time_index.truncate_to(disk, offset);
        self.txn_index.truncate_to(disk, offset);
        disk.truncate(&self.path, cut);
        self.size = cut;
        self.damage = None;
        self.unchecked_bytes = self.unchecked_bytes.min(cut);
        self.bytes_since_last_index_entry = 0;
        self.find_end(disk);
        if cut == 0 {
            self.created_ms = None;
            self.rolling_based_timestamp = None;
        }
        end
    }

    /// Finds the last batch and the largest timestamp from the last index entries on.
    fn find_end(&mut self, disk: &Disk) {
        self.max_timestamp_so_far = self.time_index.last_entry();
        self.next_offset = self.base_offset;
        self.last_batch = None;
        let Some(file) = disk.file(&self.path) else {
            return;
        };
        let from = self.offset_index.lookup(self.max_timestamp_so_far.offset).position;
        for batch in BatchPositions::from(file, from).map_while(Result::ok) {
            if batch.header.max_timestamp > self.max_timestamp_so_far.timestamp {
                self.max_timestamp_so_far = TimestampOffset {
                    timestamp: batch.header.max_timestamp,
                    offset: batch.header.last_offset(),
                };
            }
            self.next_offset = batch.header.next_offset();
            self.last_batch = Some(batch);
        }
    }

    /// Makes its files durable. Answers how many bytes became so.
    pub fn flush(&self, disk: &mut Disk) -> u64 {
        self.paths().map(|path| disk.fsync(path)).iter().sum()
    }

    /// Removes its files.
    pub fn delete(&self, disk: &mut Disk) {
        for path in self.paths() {
            disk.delete(path);
        }
    }

    pub fn base_offset(&self) -> i64 {
        self.base_offset
    }

    /// One past the last offset in it; the base offset if it is empty.
    pub fn next_offset(&self) -> i64 {
        self.next_offset
    }

    /// Bytes of the `.log`.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Path of the `.log`.
    pub fn path(&self) -> &Arc<str> {
        &self.path
    }

    pub fn offset_index(&self) -> &OffsetIndex {
        &self.offset_index
    }

    pub fn time_index(&self) -> &TimeIndex {
        &self.time_index
    }

    /// The largest timestamp in it, Unix ms; -1 if no record has one.
    pub fn max_timestamp_so_far(&self) -> TimestampOffset {
        self.max_timestamp_so_far
    }

    /// Where its bytes stop making sense, if they do.
    pub fn damage(&self) -> Option<SegmentDamage> {
        self.damage
    }
}

/// A record found by its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimestampAndOffset {
    pub timestamp: i64,
    pub offset: i64,
    pub leader_epoch: i32,
}
