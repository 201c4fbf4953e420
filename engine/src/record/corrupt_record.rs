//! Why bytes are not a record batch: the reason and the byte where it shows.
//! Kafka's `CorruptRecordException` and `InvalidRecordException` in one type.

use super::compression::CompressionType;
use std::fmt;

/// Bytes that are not what they should be. It comes from disks and from clients, so it is an
/// answer, never a panic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CorruptRecord {
    /// Byte from the start of what was read: a buffer, or a segment file where one is named.
    pub position: u64,
    pub reason: CorruptReason,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CorruptReason {
    /// The bytes end before the batch does.
    Truncated {
        needed: u64,
        available: u64,
    },
    /// Bytes follow the batch where none should.
    TrailingBytes {
        count: u64,
    },
    /// `batchLength` is smaller than the header alone.
    LengthTooSmall {
        batch_length: i32,
    },
    UnsupportedMagic {
        magic: i8,
    },
    CrcMismatch {
        stored: u32,
        computed: u32,
    },
    UnknownCompression {
        id: u8,
    },
    /// The records are not what the codec makes.
    Undecodable(CompressionType),
    /// The records unpack to more than is allowed.
    UncompressedTooLarge {
        most: u64,
    },
    NegativeBaseOffset {
        base_offset: i64,
    },
    InvalidLastOffsetDelta {
        last_offset_delta: i32,
    },
    InvalidRecordsCount {
        records_count: i32,
    },
    /// The batch does not follow the one before it in its segment.
    OffsetOutOfOrder {
        base_offset: i64,
        expected: i64,
    },
    /// Record `index` of the batch does not hold together.
    InvalidRecord {
        index: u32,
        what: &'static str,
    },
}

impl CorruptRecord {
    pub(crate) fn new(position: u64, reason: CorruptReason) -> Self {
        CorruptRecord { position, reason }
    }

    /// The same, seen from the start of a file in which the buffer begins at `base`.
    pub(crate) fn shifted(self, base: u64) -> Self {
        CorruptRecord { position: self.position + base, ..self }
    }
}

impl fmt::Display for CorruptRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at byte {}", self.reason, self.position)
    }
}

impl fmt::Display for CorruptReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CorruptReason::Truncated { needed, available } => {
                write!(f, "the batch needs {needed} bytes but {available} are there")
            }
            CorruptReason::TrailingBytes { count } => {
                write!(f, "{count} bytes follow the end of the batch")
            }
            CorruptReason::LengthTooSmall { batch_length } => {
                write!(f, "batchLength {batch_length} is smaller than a batch header")
            }
            CorruptReason::UnsupportedMagic { magic } => {
                write!(f, "magic is {magic}, not 2")
            }
            CorruptReason::CrcMismatch { stored, computed } => write!(
                f,
                "Record is corrupt (stored crc = {stored:#010x}, computed crc = {computed:#010x})"
            ),
            CorruptReason::UnknownCompression { id } => {
                write!(f, "compression type {id} does not exist")
            }
            CorruptReason::Undecodable(compression) => {
                write!(f, "the records are not valid {compression}")
            }
            CorruptReason::UncompressedTooLarge { most } => {
                write!(f, "the records unpack to more than {most} bytes")
            }
            CorruptReason::NegativeBaseOffset { base_offset } => {
                write!(f, "baseOffset {base_offset} is out of range")
            }
            CorruptReason::InvalidLastOffsetDelta { last_offset_delta } => {
                write!(f, "lastOffsetDelta {last_offset_delta} is out of range")
            }
            CorruptReason::InvalidRecordsCount { records_count } => {
                write!(f, "recordsCount {records_count} does not fit the batch")
            }
            CorruptReason::OffsetOutOfOrder { base_offset, expected } => {
                write!(f, "baseOffset is {base_offset} where {expected} should follow")
            }
            CorruptReason::InvalidRecord { index, what } => write!(f, "record {index}: {what}"),
        }
    }
}

impl std::error::Error for CorruptRecord {}
