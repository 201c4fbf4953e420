//! Why a log refuses: what came from a client, a leader or a disk is not as it must be.

use super::checkpoint::CheckpointError;
use super::log_segment::SegmentDamage;
use super::offset_index::IndexError;
use crate::protocol::KafkaError;
use crate::record::CorruptRecord;
use std::fmt;
use std::sync::Arc;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LogError {
    /// The offset is outside of what the log holds.
    OffsetOutOfRange { offset: i64, log_start_offset: i64, log_end_offset: i64 },
    /// A batch that came over the network does not hold together; nothing was appended.
    CorruptBatch(CorruptRecord),
    /// A batch on the disk does not; the position is in the file.
    CorruptSegment { path: Arc<str>, error: CorruptRecord },
    /// A segment was found damaged when the log was loaded, and this part of it is not served.
    DamagedSegment { path: Arc<str>, damage: SegmentDamage },
    /// Larger than `max.message.bytes`.
    RecordTooLarge { size: u32, max_message_bytes: i32 },
    /// Larger than a whole segment may be.
    RecordBatchTooLarge { size: u32, segment_bytes: i32 },
    /// A timestamp is too far from the broker's clock.
    InvalidTimestamp { timestamp: i64, now: i64 },
    /// The batch is well formed but no producer may send it.
    InvalidRecord(&'static str),
    /// A sequence number of an idempotent producer that is not the next one.
    OutOfOrderSequence { producer_id: i64, first: i32, expected: i32 },
    /// A newer instance of the producer has been at work.
    InvalidProducerEpoch { producer_id: i64, epoch: i16, current: i16 },
    /// A record outside of the producer's open transaction.
    InvalidTxnState { producer_id: i64 },
    /// A marker from a transaction coordinator that has been replaced.
    TransactionCoordinatorFenced,
    /// A follower was given a batch that begins before its log ends.
    UnexpectedAppendOffset { first_offset: i64, log_end_offset: i64 },
    /// An index that the cleaner needs is not true of its segment.
    CorruptIndex { path: Arc<str>, error: IndexError },
    /// A text file beside the log does not read.
    CorruptFile { path: Arc<str>, error: CheckpointError },
}

impl LogError {
    /// What Kafka answers over the network.
    pub fn as_kafka_error(&self) -> KafkaError {
        match self {
            LogError::OffsetOutOfRange { .. } => KafkaError::OffsetOutOfRange,
            LogError::CorruptBatch(_)
            | LogError::CorruptSegment { .. }
            | LogError::DamagedSegment { .. } => KafkaError::CorruptMessage,
            LogError::RecordTooLarge { .. } => KafkaError::MessageTooLarge,
            LogError::RecordBatchTooLarge { .. } => KafkaError::RecordListTooLarge,
            LogError::InvalidTimestamp { .. } => KafkaError::InvalidTimestamp,
            LogError::InvalidRecord(_) => KafkaError::InvalidRecord,
            LogError::OutOfOrderSequence { .. } => KafkaError::OutOfOrderSequenceNumber,
            LogError::InvalidProducerEpoch { .. } => KafkaError::InvalidProducerEpoch,
            LogError::InvalidTxnState { .. } => KafkaError::InvalidTxnState,
            LogError::TransactionCoordinatorFenced => KafkaError::TransactionCoordinatorFenced,
            LogError::UnexpectedAppendOffset { .. }
            | LogError::CorruptIndex { .. }
            | LogError::CorruptFile { .. } => KafkaError::KafkaStorageError,
        }
    }
}

impl fmt::Display for LogError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LogError::OffsetOutOfRange { offset, log_start_offset, log_end_offset } => write!(
                f,
                "Received request for offset {offset}, but we only have log segments in the range \
                 {log_start_offset} to {log_end_offset}."
            ),
            LogError::CorruptBatch(error) => write!(f, "{error}"),
            LogError::CorruptSegment { path, error } => write!(f, "{error} of {path}"),
            LogError::DamagedSegment { path, damage } => {
                write!(f, "{} at byte {} of {path}", damage.reason, damage.position)
            }
            LogError::RecordTooLarge { size, max_message_bytes } => write!(
                f,
                "The record batch size in the append is {size} bytes which exceeds the maximum \
                 configured value of {max_message_bytes}."
            ),
            LogError::RecordBatchTooLarge { size, segment_bytes } => write!(
                f,
                "Message batch size is {size} bytes in append, which exceeds the maximum \
                 configured segment size of {segment_bytes}."
            ),
            LogError::InvalidTimestamp { timestamp, now } => write!(
                f,
                "Timestamp {timestamp} of a message is out of range around the broker's time {now}."
            ),
            LogError::InvalidRecord(reason) => {
                write!(f, "One or more records have been rejected: {reason}")
            }
            LogError::OutOfOrderSequence { producer_id, first, expected } => write!(
                f,
                "Out of order sequence number for producer {producer_id}: {first} (incoming seq. \
                 number), {expected} (next expected seq. number)"
            ),
            LogError::InvalidProducerEpoch { producer_id, epoch, current } => write!(
                f,
                "Epoch of producer {producer_id} is {epoch}, which is smaller than the last seen \
                 epoch {current}"
            ),
            LogError::InvalidTxnState { producer_id } => write!(
                f,
                "Expected transactional write from producer {producer_id}, whose transaction is open"
            ),
            LogError::TransactionCoordinatorFenced => {
                write!(f, "the marker comes from a transaction coordinator that has been replaced")
            }
            LogError::UnexpectedAppendOffset { first_offset, log_end_offset } => write!(
                f,
                "Unexpected offset in append: first offset is {first_offset} but the log ends at \
                 {log_end_offset}"
            ),
            LogError::CorruptIndex { path, error } => write!(f, "{path}: {error}"),
            LogError::CorruptFile { path, error } => write!(f, "{path}: {error}"),
        }
    }
}

impl std::error::Error for LogError {}
