//! One file: its bytes as the page cache has them, and how long a prefix of them is durable.
//!
//! The bytes are a rope of the buffers that were appended, so that an append copies nothing and a
//! read inside one buffer copies nothing. Which file is dirty for how long is the disk's business.

use super::page_cache::ColdPages;
use super::shared_vec::SharedVec;
use crate::sim::time::SimTime;
use bytes::{Bytes, BytesMut};

/// A file of a [`super::Disk`]. What is durable is always a prefix of what is cached.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct File {
    chunks: SharedVec<Chunk>,
    len: u64,
    pub(super) durable_len: u64,
    /// When its oldest byte that is not durable was written.
    pub(super) dirty_since: Option<SimTime>,
    cold: ColdPages,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Chunk {
    /// Position in the file of the first byte.
    start: u64,
    /// Never empty.
    bytes: Bytes,
}

impl File {
    /// Bytes in the page cache: what every process on the node sees.
    pub fn len(&self) -> u64 {
        self.len
    }

    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Bytes that a power loss cannot take.
    pub fn durable_len(&self) -> u64 {
        self.durable_len
    }

    /// When the oldest byte that is not durable was written.
    pub fn dirty_since(&self) -> Option<SimTime> {
        self.dirty_since
    }

    pub(super) fn forget_cache(&mut self) {
        self.cold = ColdPages::all(self.len);
    }

    pub(super) fn is_cold(&self, position: u64, len: u64) -> bool {
        self.cold.holds(position, len)
    }

    pub(super) fn warm(&mut self, position: u64, len: u64) -> u64 {
        self.cold.read(position, len)
    }

    /// Up to `len` bytes from `position` on; fewer, or none, where the file ends.
    pub fn read(&self, position: u64, len: u64) -> Bytes {
        let len = len.min(self.len.saturating_sub(position)) as usize;
        if len == 0 {
            return Bytes::new();
        }
        let index = self.chunk_at(position);
        let mut within = 0;
        let mut joined = BytesMut::new();
        for chunk in self.chunks.iter_from(index) {
            if joined.is_empty() {
                within = (position - chunk.start) as usize;
                if chunk.bytes.len() - within >= len {
                    return chunk.bytes.slice(within..within + len);
                }
                joined.reserve(len);
            }
            let wanted = len - joined.len();
            let rest = &chunk.bytes[within..];
            joined.extend_from_slice(&rest[..wanted.min(rest.len())]);
            within = 0;
            if joined.len() == len {
                break;
            }
        }
        joined.freeze()
    }

    /// The bytes from `position` to the end of the buffer they were appended in: a look that never
    /// copies, for reading headers. Empty at and after the end of the file.
    pub fn peek(&self, position: u64) -> &[u8] {
        if position >= self.len {
            return &[];
        }
        match self.chunks.get(self.chunk_at(position)) {
            Some(chunk) => &chunk.bytes[(position - chunk.start) as usize..],
            None => &[],
        }
    }

    pub fn read_all(&self) -> Bytes {
        self.read(0, self.len)
    }

    /// The index of the chunk that holds `position`, which must be in the file.
    fn chunk_at(&self, position: u64) -> usize {
        self.chunks.partition_point(|chunk| chunk.start <= position) - 1
    }

    pub(super) fn append(&mut self, bytes: Bytes) {
        if !bytes.is_empty() {
            let start = self.len;
            self.len += bytes.len() as u64;
            self.chunks.push(Chunk { start, bytes });
        }
    }

    /// Cuts the file to `len` bytes if it is longer.
    pub(super) fn truncate(&mut self, len: u64) {
        if len >= self.len {
            return;
        }
        if len == 0 {
            self.chunks = SharedVec::default();
        } else {
            let index = self.chunk_at(len - 1);
            if let Some(last) = self.chunks.get(index).cloned() {
                self.chunks.truncate(index);
                let bytes = last.bytes.slice(..(len - last.start) as usize);
                self.chunks.push(Chunk { start: last.start, bytes });
            }
        }
        self.len = len;
        self.durable_len = self.durable_len.min(len);
        self.cold.truncate(len);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(parts: &[&'static str]) -> File {
        let mut file = File::default();
        parts.iter().for_each(|part| file.append(Bytes::from_static(part.as_bytes())));
        file
    }

    #[test]
    fn reads_and_truncates_like_a_string() {
        let parts = ["Kafka", "", "s", "cope", "!"];
        let whole = parts.concat();
        for from in 0..=whole.len() + 1 {
            for len in 0..=whole.len() + 1 {
                let end = (from + len).min(whole.len());
                let expected = whole.get(from..end).unwrap_or_default();
                assert_eq!(file(&parts).read(from as u64, len as u64), expected);
            }
            let mut cut = file(&parts);
            cut.truncate(from as u64);
            assert_eq!(cut.read_all(), whole[..from.min(whole.len())]);
            assert_eq!(cut.len() as usize, from.min(whole.len()));
            cut.append(Bytes::from_static(b"more"));
            assert_eq!(cut.read_all(), [&whole[..from.min(whole.len())], "more"].concat());
        }
    }

    #[test]
    fn a_read_inside_one_buffer_shares_it() {
        let buffer = Bytes::from(vec![7; 100]);
        let mut file = file(&["x"]);
        file.append(buffer.clone());
        assert_eq!(file.read(11, 20).as_ptr(), buffer[10..].as_ptr());
        assert_eq!(file.peek(11).as_ptr(), buffer[10..].as_ptr());
        assert_eq!(file.peek(101), b"");
    }
}
