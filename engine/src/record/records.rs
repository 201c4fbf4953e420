//! Going through the records of a batch: to read them, or only to check them.

use super::batch_header::{NO_TIMESTAMP, RECORD_BATCH_OVERHEAD, at};
use super::compression::CompressionType;
use super::corrupt_record::{CorruptReason, CorruptRecord};
use super::record::{Record, RecordLayout};
use super::record_batch::{RecordBatch, TimestampType};
use bytes::Bytes;

/// Iterator of [`RecordBatch::records`].
#[derive(Clone, Debug)]
pub struct Records {
    walk: RecordWalk,
    base_offset: i64,
    base_timestamp: i64,
    /// The timestamp of every record, if the leader set it.
    log_append_time: Option<i64>,
}

impl Records {
    pub(super) fn of(batch: &RecordBatch) -> Self {
        let by_leader = batch.timestamp_type() == TimestampType::LogAppendTime;
        Records {
            walk: RecordWalk::new(batch),
            base_offset: batch.base_offset(),
            base_timestamp: batch.base_timestamp(),
            log_append_time: by_leader.then(|| batch.max_timestamp()),
        }
    }
}

impl Iterator for Records {
    type Item = Result<Record, CorruptRecord>;

    fn next(&mut self) -> Option<Self::Item> {
        let index = self.walk.index;
        let record = self.walk.next()?.and_then(|layout| {
            let mut record =
                layout.record(&self.walk.buffer, index, self.base_offset, self.base_timestamp)?;
            record.timestamp = self.log_append_time.unwrap_or(record.timestamp);
            Ok(record)
        });
        if record.is_err() {
            self.walk.end();
        }
        Some(record)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        // Damage may end it at any record, and adds the error.
        (0, Some((self.walk.count - self.walk.index) as usize + 1))
    }
}

/// Goes through the layouts of a batch's records. Positions are in `buffer`: the batch itself, or
/// what its compressed records unpack to.
#[derive(Clone, Debug)]
pub(super) struct RecordWalk {
    pub buffer: Bytes,
    at: usize,
    /// Of the next record.
    pub index: u32,
    count: u32,
    last_offset_delta: i32,
    previous_offset_delta: i32,
    /// Reported in place of the first record.
    error: Option<CorruptRecord>,
    ended: bool,
}

impl RecordWalk {
    pub fn new(batch: &RecordBatch) -> Self {
        let (buffer, at, error) = match batch.compression_type() {
            CompressionType::None => (batch.bytes().clone(), RECORD_BATCH_OVERHEAD, None),
            // Emptied by compaction: there is nothing to unpack.
            _ if batch.records_count() == 0 => (Bytes::new(), 0, None),
            compression => {
                match compression.decompress(batch.bytes().slice(RECORD_BATCH_OVERHEAD..)) {
                    Ok(section) => (section, 0, None),
                    Err(reason) => {
                        let error = CorruptRecord::new(at::ATTRIBUTES as u64, reason);
                        (Bytes::new(), 0, Some(error))
                    }
                }
            }
        };
        RecordWalk {
            buffer,
            at,
            index: 0,
            count: batch.records_count() as u32,
            last_offset_delta: batch.last_offset_delta(),
            previous_offset_delta: -1,
            error,
            ended: false,
        }
    }

    fn end(&mut self) {
        self.ended = true;
    }

    /// The next layout; `None` after the last record or the first error.
    #[inline(always)]
    pub fn next(&mut self) -> Option<Result<RecordLayout, CorruptRecord>> {
        if self.ended {
            return None;
        }
        let step = self.step();
        self.ended = !matches!(step, Ok(Some(_)));
        step.transpose()
    }

    #[inline(always)]
    fn step(&mut self) -> Result<Option<RecordLayout>, CorruptRecord> {
        if let Some(error) = self.error {
            return Err(error);
        }
        if self.index == self.count {
            let count = (self.buffer.len() - self.at) as u64;
            return match count {
                0 => Ok(None),
                _ => {
                    Err(CorruptRecord::new(self.at as u64, CorruptReason::TrailingBytes { count }))
                }
            };
        }
        let layout = RecordLayout::decode(&self.buffer, self.at, self.index)?;
        let delta = layout.offset_delta.value;
        if delta <= self.previous_offset_delta || delta > self.last_offset_delta {
            let what = "its offset does not fit between its neighbours";
            let reason = CorruptReason::InvalidRecord { index: self.index, what };
            return Err(CorruptRecord::new(layout.offset_delta.span.start as u64, reason));
        }
        self.previous_offset_delta = delta;
        self.at = layout.end;
        self.index += 1;
        Ok(Some(layout))
    }
}

/// What [`RecordsCheck::of`] found in records that hold together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RecordsCheck {
    pub all_have_keys: bool,
    /// Every offset from the first to the last has its record, as from a producer.
    pub offsets_are_dense: bool,
    /// Unix ms; `i64::MAX` if there are no records.
    pub min_timestamp: i64,
    /// Unix ms; -1 if there are no records or none has one.
    pub max_timestamp: i64,
}

impl RecordsCheck {
    /// Checks that every record holds together, without making it.
    pub fn of(batch: &RecordBatch) -> Result<RecordsCheck, CorruptRecord> {
        let base_timestamp = batch.base_timestamp();
        let mut check = RecordsCheck {
            all_have_keys: true,
            offsets_are_dense: batch.records_count() == batch.last_offset_delta() + 1,
            min_timestamp: i64::MAX,
            max_timestamp: NO_TIMESTAMP,
        };
        let mut walk = RecordWalk::new(batch);
        while let Some(layout) = walk.next() {
            let layout = layout?;
            let timestamp = base_timestamp.wrapping_add(layout.timestamp_delta.value);
            check.all_have_keys &= layout.key_length.value >= 0;
            check.offsets_are_dense &= layout.offset_delta.value as u32 + 1 == walk.index;
            check.min_timestamp = check.min_timestamp.min(timestamp);
            check.max_timestamp = check.max_timestamp.max(timestamp);
        }
        Ok(check)
    }
}
