//! The compression types of a batch by Kafka's ids, and their codecs: gzip, snappy in the xerial
//! framing, lz4 frames, zstd frames. Sources: `CompressionType.java`, `SnappyOutputStream` of
//! snappy-java, `Lz4BlockOutputStream.java`.
//!
//! What is compressed comes from clients and disks, so unpacking is bounded: more than
//! [`UNCOMPRESSED_MAX`] bytes are refused before they are made. Packing is deterministic.

use super::corrupt_record::CorruptReason;
use super::lz4_frame;
use bytes::Bytes;
use flate2::GzBuilder;
use flate2::read::MultiGzDecoder;
use lz4_flex::frame::FrameDecoder;
use ruzstd::decoding::StreamingDecoder;
use ruzstd::encoding::CompressionLevel;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::io::{Read, Write};

/// The most bytes that the records of one batch may unpack to. Kafka has no such limit; a batch of a
/// producer with default settings unpacks to 1 MiB at most.
pub const UNCOMPRESSED_MAX: usize = 32 * 1024 * 1024;

/// How the records of a batch are compressed: bits 0 to 2 of its attributes.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
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

    /// Kafka's name in a producer's `compression.type`.
    pub fn name(self) -> &'static str {
        match self {
            CompressionType::None => "none",
            CompressionType::Gzip => "gzip",
            CompressionType::Snappy => "snappy",
            CompressionType::Lz4 => "lz4",
            CompressionType::Zstd => "zstd",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        CompressionType::ALL.into_iter().find(|compression| compression.name() == name)
    }

    /// The records section of a batch as it was before compression.
    pub fn decompress(self, section: Bytes) -> Result<Bytes, CorruptReason> {
        let unpacked = match self {
            CompressionType::None => return Ok(section),
            CompressionType::Gzip => read_bounded(MultiGzDecoder::new(&section[..])),
            CompressionType::Snappy => unpack_snappy(&section),
            CompressionType::Lz4 => read_bounded(FrameDecoder::new(&section[..])),
            CompressionType::Zstd => unpack_zstd(&section),
        };
        match unpacked {
            Ok(bytes) => Ok(bytes.into()),
            Err(Refused::TooLarge) => {
                Err(CorruptReason::UncompressedTooLarge { most: UNCOMPRESSED_MAX as u64 })
            }
            Err(Refused::Damaged) => Err(CorruptReason::Undecodable(self)),
        }
    }

    /// The records section, compressed. `gzip_level` is 1 to 9, or -1 for the codec's own default;
    /// the other codecs have one level here.
    pub fn compress(self, section: &[u8], gzip_level: i32) -> Vec<u8> {
        match self {
            CompressionType::None => section.to_vec(),
            CompressionType::Gzip => pack_gzip(section, gzip_level),
            CompressionType::Snappy => pack_snappy(section),
            CompressionType::Lz4 => lz4_frame::pack(section),
            CompressionType::Zstd => {
                ruzstd::encoding::compress_to_vec(section, CompressionLevel::Fastest)
            }
        }
    }
}

impl fmt::Display for CompressionType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

enum Refused {
    Damaged,
    TooLarge,
}

/// All that comes, up to the limit.
fn read_bounded(reader: impl Read) -> Result<Vec<u8>, Refused> {
    let mut unpacked = Vec::new();
    let most = UNCOMPRESSED_MAX as u64 + 1;
    reader.take(most).read_to_end(&mut unpacked).map_err(|_| Refused::Damaged)?;
    if unpacked.len() > UNCOMPRESSED_MAX { Err(Refused::TooLarge) } else { Ok(unpacked) }
}

/// As `GZIPOutputStream` of Java 16 and later writes it: no name, no time, an unknown system.
fn pack_gzip(section: &[u8], level: i32) -> Vec<u8> {
    const OS_UNKNOWN: u8 = 255;
    let level = match u32::try_from(level) {
        Ok(level) => flate2::Compression::new(level.min(9)),
        Err(_) => flate2::Compression::default(),
    };
    let mut encoder = GzBuilder::new().operating_system(OS_UNKNOWN).write(Vec::new(), level);
    encoder.write_all(section).and_then(|()| encoder.finish()).unwrap_or_else(never_fails)
}

#[cold]
fn never_fails(error: std::io::Error) -> Vec<u8> {
    panic!("writing to memory does not fail: {error}")
}

/// What snappy-java's `SnappyOutputStream` writes first: a magic, its version, and the oldest one
/// that can read it.
const XERIAL_HEADER: [u8; 16] =
    [0x82, b'S', b'N', b'A', b'P', b'P', b'Y', 0, 0, 0, 0, 1, 0, 0, 0, 1];
const XERIAL_MAGIC: usize = 8;
/// Bytes of records in one block.
const XERIAL_BLOCK: usize = 32 * 1024;

fn pack_snappy(section: &[u8]) -> Vec<u8> {
    let mut packed = XERIAL_HEADER.to_vec();
    let mut encoder = snap::raw::Encoder::new();
    for block in section.chunks(XERIAL_BLOCK) {
        let block = encoder.compress_vec(block).unwrap_or_else(|error| never_fails(error.into()));
        packed.extend((block.len() as u32).to_be_bytes());
        packed.extend(block);
    }
    packed
}

/// Blocks with their lengths in front; without the magic, one bare block, as some clients write it.
fn unpack_snappy(section: &[u8]) -> Result<Vec<u8>, Refused> {
    if !section.starts_with(&XERIAL_HEADER[..XERIAL_MAGIC]) {
        let mut unpacked = Vec::new();
        unpack_snappy_block(section, &mut unpacked)?;
        return Ok(unpacked);
    }
    let mut rest = section.get(XERIAL_HEADER.len()..).ok_or(Refused::Damaged)?;
    let mut unpacked = Vec::new();
    while let Some((length, after)) = rest.split_first_chunk::<4>() {
        let length = u32::from_be_bytes(*length) as usize;
        let (block, after) = after.split_at_checked(length).ok_or(Refused::Damaged)?;
        unpack_snappy_block(block, &mut unpacked)?;
        rest = after;
    }
    if rest.is_empty() { Ok(unpacked) } else { Err(Refused::Damaged) }
}

fn unpack_snappy_block(block: &[u8], unpacked: &mut Vec<u8>) -> Result<(), Refused> {
    let length = snap::raw::decompress_len(block).map_err(|_| Refused::Damaged)?;
    let start = unpacked.len();
    if length > UNCOMPRESSED_MAX - start {
        return Err(Refused::TooLarge);
    }
    unpacked.resize(start + length, 0);
    let written = snap::raw::Decoder::new().decompress(block, &mut unpacked[start..]);
    written.map_err(|_| Refused::Damaged).map(|_| ())
}

/// One frame or several. The window, which the decoder sets aside, is bounded too.
fn unpack_zstd(section: &[u8]) -> Result<Vec<u8>, Refused> {
    let mut rest = section;
    let mut unpacked = Vec::new();
    while !rest.is_empty() {
        let most = UNCOMPRESSED_MAX as u64;
        let decoder = StreamingDecoder::new_with_max_window_size(&mut rest, most);
        let mut decoder = decoder.map_err(|_| Refused::Damaged)?;
        let left = (UNCOMPRESSED_MAX - unpacked.len()) as u64 + 1;
        let read = decoder.by_ref().take(left).read_to_end(&mut unpacked);
        read.map_err(|_| Refused::Damaged)?;
        if unpacked.len() > UNCOMPRESSED_MAX {
            return Err(Refused::TooLarge);
        }
    }
    Ok(unpacked)
}
