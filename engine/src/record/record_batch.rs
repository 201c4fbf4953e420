//! A record batch as a checked view over its bytes: header fields by Kafka's names, the CRC, the
//! records, and what a leader may write into a batch it was sent. Batches are made in
//! [`super::record_batch_builder`]; how records lie in them is in [`super::record`].
//!
//! ```text
//!  0 baseOffset i64            21 attributes i16        43 producerId i64
//!  8 batchLength i32           23 lastOffsetDelta i32   51 producerEpoch i16
//! 12 partitionLeaderEpoch i32  27 baseTimestamp i64     53 baseSequence i32
//! 16 magic i8 = 2              35 maxTimestamp i64      57 recordsCount i32
//! 17 crc u32, CRC-32C of 21..                           61 records
//! ```
//!
//! The CRC covers neither the base offset nor the leader epoch, so the leader can assign both
//! without touching it. All numbers are big-endian.

use super::batch_header::{
    ATTRIBUTE_COMPRESSION, ATTRIBUTE_CONTROL, ATTRIBUTE_DELETE_HORIZON, ATTRIBUTE_LOG_APPEND_TIME,
    ATTRIBUTE_TRANSACTIONAL, BatchHeader, NO_SEQUENCE, at, i16_at, i32_at, i64_at, put,
};
use super::compression::CompressionType;
use super::corrupt_record::{CorruptReason, CorruptRecord};
use super::records::Records;
use bytes::{Bytes, BytesMut};

/// What the timestamps of a batch mean: bit 3 of its attributes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TimestampType {
    /// When the producer made the record.
    #[default]
    CreateTime,
    /// When the leader appended it; every record then has the batch's maxTimestamp.
    LogAppendTime,
}

/// One whole batch: the header makes sense and the length is right. Whether the bytes are those
/// that were written is for [`RecordBatch::ensure_valid`] to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordBatch {
    bytes: Bytes,
}

impl RecordBatch {
    /// The batch that `bytes` are, no more and no less.
    pub fn parse(bytes: Bytes) -> Result<RecordBatch, CorruptRecord> {
        let available = bytes.len() as u64;
        let size = u64::from(BatchHeader::decode(&bytes, available)?.size_in_bytes);
        if size < available {
            let reason = CorruptReason::TrailingBytes { count: available - size };
            return Err(CorruptRecord::new(size, reason));
        }
        Ok(RecordBatch { bytes })
    }

    /// The batch at the start of `bytes`; others may follow.
    pub fn parse_first(bytes: &Bytes) -> Result<RecordBatch, CorruptRecord> {
        let size = BatchHeader::decode(bytes, bytes.len() as u64)?.size_in_bytes as usize;
        Ok(RecordBatch { bytes: bytes.slice(..size) })
    }

    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    pub fn into_bytes(self) -> Bytes {
        self.bytes
    }

    pub fn header(&self) -> BatchHeader {
        BatchHeader {
            base_offset: self.base_offset(),
            size_in_bytes: self.size_in_bytes(),
            partition_leader_epoch: self.partition_leader_epoch(),
            attributes: self.attributes(),
            last_offset_delta: self.last_offset_delta(),
            max_timestamp: self.max_timestamp(),
            records_count: self.records_count(),
        }
    }

    pub fn base_offset(&self) -> i64 {
        i64_at(&self.bytes, at::BASE_OFFSET)
    }

    /// Bytes after the first 12.
    pub fn batch_length(&self) -> i32 {
        i32_at(&self.bytes, at::BATCH_LENGTH)
    }

    pub fn size_in_bytes(&self) -> u32 {
        self.bytes.len() as u32
    }

    /// The epoch of the leader that appended it; -1 before a leader did.
    pub fn partition_leader_epoch(&self) -> i32 {
        i32_at(&self.bytes, at::PARTITION_LEADER_EPOCH)
    }

    pub fn magic(&self) -> i8 {
        self.bytes[at::MAGIC] as i8
    }

    pub fn crc(&self) -> u32 {
        i32_at(&self.bytes, at::CRC) as u32
    }

    pub fn attributes(&self) -> i16 {
        i16_at(&self.bytes, at::ATTRIBUTES)
    }

    /// Last offset less base offset; kept when compaction removes the last record.
    pub fn last_offset_delta(&self) -> i32 {
        i32_at(&self.bytes, at::LAST_OFFSET_DELTA)
    }

    /// What the records' timestamps count from: Unix milliseconds of the first, or, after a
    /// compaction that kept a tombstone, the delete horizon.
    pub fn base_timestamp(&self) -> i64 {
        i64_at(&self.bytes, at::BASE_TIMESTAMP)
    }

    /// Unix milliseconds; -1 if no record has a timestamp.
    pub fn max_timestamp(&self) -> i64 {
        i64_at(&self.bytes, at::MAX_TIMESTAMP)
    }

    /// -1 if the producer is not idempotent.
    pub fn producer_id(&self) -> i64 {
        i64_at(&self.bytes, at::PRODUCER_ID)
    }

    pub fn producer_epoch(&self) -> i16 {
        i16_at(&self.bytes, at::PRODUCER_EPOCH)
    }

    pub fn base_sequence(&self) -> i32 {
        i32_at(&self.bytes, at::BASE_SEQUENCE)
    }

    /// Sequence number of the last record; -1 if there is none.
    pub fn last_sequence(&self) -> i32 {
        match self.base_sequence() {
            NO_SEQUENCE => NO_SEQUENCE,
            base => increment_sequence(base, self.last_offset_delta()),
        }
    }

    /// Records that are in it; fewer than its offsets span after compaction.
    pub fn records_count(&self) -> i32 {
        i32_at(&self.bytes, at::RECORDS_COUNT)
    }

    pub fn last_offset(&self) -> i64 {
        self.base_offset() + i64::from(self.last_offset_delta())
    }

    pub fn next_offset(&self) -> i64 {
        self.last_offset() + 1
    }

    pub fn compression_type(&self) -> CompressionType {
        let id = (self.attributes() & ATTRIBUTE_COMPRESSION) as u8;
        CompressionType::from_id(id).unwrap_or_default()
    }

    pub fn timestamp_type(&self) -> TimestampType {
        match self.attributes() & ATTRIBUTE_LOG_APPEND_TIME {
            0 => TimestampType::CreateTime,
            _ => TimestampType::LogAppendTime,
        }
    }

    pub fn is_transactional(&self) -> bool {
        self.attributes() & ATTRIBUTE_TRANSACTIONAL != 0
    }

    pub fn is_control(&self) -> bool {
        self.attributes() & ATTRIBUTE_CONTROL != 0
    }

    /// Unix milliseconds from which a compaction drops the tombstones in it, once one has set it.
    pub fn delete_horizon_ms(&self) -> Option<i64> {
        (self.attributes() & ATTRIBUTE_DELETE_HORIZON != 0).then(|| self.base_timestamp())
    }

    pub fn computed_crc(&self) -> u32 {
        crc32c::crc32c(&self.bytes[at::ATTRIBUTES..])
    }

    /// Whether the bytes from the attributes on are those that were written.
    pub fn ensure_valid(&self) -> Result<(), CorruptRecord> {
        let (stored, computed) = (self.crc(), self.computed_crc());
        if stored == computed {
            return Ok(());
        }
        Err(CorruptRecord::new(at::CRC as u64, CorruptReason::CrcMismatch { stored, computed }))
    }

    /// The records in order. After an error it ends.
    pub fn records(&self) -> Records {
        Records::of(self)
    }
}

/// The batches in a buffer, one after the other. After an error it ends; the error's position is
/// in the buffer.
pub fn batches(bytes: Bytes) -> impl Iterator<Item = Result<RecordBatch, CorruptRecord>> {
    let mut position = 0;
    std::iter::from_fn(move || {
        if position >= bytes.len() {
            return None;
        }
        let batch = RecordBatch::parse_first(&bytes.slice(position..));
        let from = position as u64;
        position = match &batch {
            Ok(batch) => position + batch.bytes.len(),
            Err(_) => bytes.len(),
        };
        Some(batch.map_err(|error| error.shifted(from)))
    })
}

/// The batch as a leader stores it: with the offset it was given and the leader's epoch, and, where
/// the topic's timestamps are LogAppendTime, with that time. `batch` must have passed
/// [`RecordBatch::parse`].
pub fn stamp(
    batch: &Bytes,
    base_offset: i64,
    leader_epoch: i32,
    log_append_time: Option<i64>,
) -> Bytes {
    let mut bytes = BytesMut::from(&batch[..]);
    put(&mut bytes, at::BASE_OFFSET, base_offset.to_be_bytes());
    put(&mut bytes, at::PARTITION_LEADER_EPOCH, leader_epoch.to_be_bytes());
    if let Some(time) = log_append_time {
        let attributes = i16_at(&bytes, at::ATTRIBUTES) | ATTRIBUTE_LOG_APPEND_TIME;
        put(&mut bytes, at::ATTRIBUTES, attributes.to_be_bytes());
        put(&mut bytes, at::MAX_TIMESTAMP, time.to_be_bytes());
        write_crc(&mut bytes);
    }
    bytes.freeze()
}

/// The sequence number `increment` after `sequence`; after the largest comes 0.
pub fn increment_sequence(sequence: i32, increment: i32) -> i32 {
    ((i64::from(sequence) + i64::from(increment)) & i64::from(i32::MAX)) as i32
}

/// The sequence number `decrement` before `sequence`; before 0 comes the largest.
pub fn decrement_sequence(sequence: i32, decrement: i32) -> i32 {
    ((i64::from(sequence) - i64::from(decrement)) & i64::from(i32::MAX)) as i32
}

pub(super) fn write_crc(bytes: &mut [u8]) {
    let crc = crc32c::crc32c(&bytes[at::ATTRIBUTES..]);
    put(bytes, at::CRC, crc.to_be_bytes());
}
