//! The compression types of a batch by Kafka's ids, and the one place where codecs are added.
//! Only `none` has one so far. Source: `CompressionType.java`.

use super::corrupt_record::CorruptReason;
use bytes::Bytes;
use std::fmt;

/// How the records of a batch are compressed: bits 0 to 2 of its attributes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum CompressionType {
    #[default]
    None,
    Gzip,
    Snappy,
    Lz4,
    Zstd,
}

impl CompressionType {
    pub const ALL: [CompressionType; 5] = [
        CompressionType::None,
        CompressionType::Gzip,
        CompressionType::Snappy,
        CompressionType::Lz4,
        CompressionType::Zstd,
    ];

    /// Kafka's id, 0 to 4.
    pub fn id(self) -> u8 {
        self as u8
    }

    pub fn from_id(id: u8) -> Option<Self> {
        CompressionType::ALL.get(usize::from(id)).copied()
    }

    /// Kafka's name in `compression.type`.
    pub fn name(self) -> &'static str {
        match self {
            CompressionType::None => "none",
            CompressionType::Gzip => "gzip",
            CompressionType::Snappy => "snappy",
            CompressionType::Lz4 => "lz4",
            CompressionType::Zstd => "zstd",
        }
    }

    /// The records section of a batch as it was before compression.
    pub(super) fn decompress(self, section: Bytes) -> Result<Bytes, CorruptReason> {
        match self {
            CompressionType::None => Ok(section),
            other => Err(CorruptReason::UnsupportedCompression(other)),
        }
    }
}

impl fmt::Display for CompressionType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
