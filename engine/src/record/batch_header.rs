//! The header of a record batch: where its fields are, and those that walking a log needs, read and
//! checked in one go. The whole batch is [`super::record_batch`].

use super::compression::CompressionType;
use super::corrupt_record::{CorruptReason, CorruptRecord};

/// Bytes of a batch before its records. Kafka's `RECORD_BATCH_OVERHEAD`.
pub const RECORD_BATCH_OVERHEAD: usize = 61;
/// Bytes before those that `batchLength` counts.
pub const LOG_OVERHEAD: usize = 12;
/// "None" for timestamps.
pub const NO_TIMESTAMP: i64 = -1;
pub const NO_PRODUCER_ID: i64 = -1;
pub const NO_PRODUCER_EPOCH: i16 = -1;
pub const NO_SEQUENCE: i32 = -1;
pub const NO_PARTITION_LEADER_EPOCH: i32 = -1;

pub(super) const MAGIC: i8 = 2;
pub(super) const ATTRIBUTE_COMPRESSION: i16 = 0x07;
pub(super) const ATTRIBUTE_LOG_APPEND_TIME: i16 = 0x08;
pub(super) const ATTRIBUTE_TRANSACTIONAL: i16 = 0x10;
pub(super) const ATTRIBUTE_CONTROL: i16 = 0x20;
pub(super) const ATTRIBUTE_DELETE_HORIZON: i16 = 0x40;

pub(crate) mod at {
    //! Where the header fields begin.
    pub const BASE_OFFSET: usize = 0;
    pub const BATCH_LENGTH: usize = 8;
    pub const PARTITION_LEADER_EPOCH: usize = 12;
    pub const MAGIC: usize = 16;
    pub const CRC: usize = 17;
    pub const ATTRIBUTES: usize = 21;
    pub const LAST_OFFSET_DELTA: usize = 23;
    pub const BASE_TIMESTAMP: usize = 27;
    pub const MAX_TIMESTAMP: usize = 35;
    pub const PRODUCER_ID: usize = 43;
    pub const PRODUCER_EPOCH: usize = 51;
    pub const BASE_SEQUENCE: usize = 53;
    pub const RECORDS_COUNT: usize = 57;
}

/// The header fields that walking a log needs, read once. See [`super::RecordBatch`] for all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BatchHeader {
    pub base_offset: i64,
    /// Of the whole batch, 61 and more.
    pub size_in_bytes: u32,
    pub partition_leader_epoch: i32,
    pub attributes: i16,
    pub last_offset_delta: i32,
    pub max_timestamp: i64,
    pub records_count: i32,
}

impl BatchHeader {
    /// Reads and checks the header at the start of `bytes`, of which `available` (or more, and
    /// 61 at least to succeed) are in the slice or after it.
    pub fn decode(bytes: &[u8], available: u64) -> Result<Self, CorruptRecord> {
        let wrong = |position: usize, reason| Err(CorruptRecord::new(position as u64, reason));
        let Some(header) = bytes.first_chunk::<RECORD_BATCH_OVERHEAD>() else {
            let needed = RECORD_BATCH_OVERHEAD as u64;
            return wrong(bytes.len(), CorruptReason::Truncated { needed, available });
        };
        let magic = header[at::MAGIC] as i8;
        if magic != MAGIC {
            return wrong(at::MAGIC, CorruptReason::UnsupportedMagic { magic });
        }
        let batch_length = i32_at(header, at::BATCH_LENGTH);
        if batch_length < (RECORD_BATCH_OVERHEAD - LOG_OVERHEAD) as i32 {
            return wrong(at::BATCH_LENGTH, CorruptReason::LengthTooSmall { batch_length });
        }
        let size_in_bytes = batch_length as u32 + LOG_OVERHEAD as u32;
        let needed = u64::from(size_in_bytes);
        if needed > available {
            return wrong(at::BATCH_LENGTH, CorruptReason::Truncated { needed, available });
        }
        let attributes = i16_at(header, at::ATTRIBUTES);
        let id = (attributes & ATTRIBUTE_COMPRESSION) as u8;
        if CompressionType::from_id(id).is_none() {
            return wrong(at::ATTRIBUTES, CorruptReason::UnknownCompression { id });
        }
        let last_offset_delta = i32_at(header, at::LAST_OFFSET_DELTA);
        if last_offset_delta < 0 {
            let reason = CorruptReason::InvalidLastOffsetDelta { last_offset_delta };
            return wrong(at::LAST_OFFSET_DELTA, reason);
        }
        let base_offset = i64_at(header, at::BASE_OFFSET);
        if base_offset < 0 || base_offset.checked_add(i64::from(last_offset_delta) + 1).is_none() {
            return wrong(at::BASE_OFFSET, CorruptReason::NegativeBaseOffset { base_offset });
        }
        let records_count = i32_at(header, at::RECORDS_COUNT);
        if records_count < 0 || i64::from(records_count) > i64::from(last_offset_delta) + 1 {
            return wrong(at::RECORDS_COUNT, CorruptReason::InvalidRecordsCount { records_count });
        }
        Ok(BatchHeader {
            base_offset,
            size_in_bytes,
            partition_leader_epoch: i32_at(header, at::PARTITION_LEADER_EPOCH),
            attributes,
            last_offset_delta,
            max_timestamp: i64_at(header, at::MAX_TIMESTAMP),
            records_count,
        })
    }

    pub fn last_offset(&self) -> i64 {
        self.base_offset + i64::from(self.last_offset_delta)
    }

    pub fn next_offset(&self) -> i64 {
        self.last_offset() + 1
    }

    /// Whether the batch shows that a compaction has rewritten it.
    pub fn is_rewritten(&self) -> bool {
        self.records_count <= self.last_offset_delta
            || self.attributes & ATTRIBUTE_DELETE_HORIZON != 0
    }
}

pub(super) fn put<const N: usize>(bytes: &mut [u8], position: usize, value: [u8; N]) {
    bytes[position..position + N].copy_from_slice(&value);
}

fn array_at<const N: usize>(bytes: &[u8], position: usize) -> [u8; N] {
    let mut array = [0; N];
    array.copy_from_slice(&bytes[position..position + N]);
    array
}

pub(super) fn i16_at(bytes: &[u8], position: usize) -> i16 {
    i16::from_be_bytes(array_at(bytes, position))
}

pub(super) fn i32_at(bytes: &[u8], position: usize) -> i32 {
    i32::from_be_bytes(array_at(bytes, position))
}

pub(super) fn i64_at(bytes: &[u8], position: usize) -> i64 {
    i64::from_be_bytes(array_at(bytes, position))
}
