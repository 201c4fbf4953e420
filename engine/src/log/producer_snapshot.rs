//! The `.snapshot` file: the producers of a log as they were at one offset. Source:
//! `ProducerStateManager.java`, `ProducerSnapshot.json`.
//!
//! i16 version 1, u32 CRC-32C of what follows, i32 number of producers, and for each: i64 producer id,
//! i16 epoch, i32 last sequence, i64 last offset, i32 offset delta, i64 timestamp, i32 coordinator
//! epoch, i64 first offset of the open transaction or -1. Only the last batch of each is kept.

use super::producer_state_entry::{BatchMetadata, ProducerStateEntry};
use bytes::{Buf, BufMut, Bytes, BytesMut};

const VERSION: i16 = 1;
/// Bytes of version and checksum.
const HEADER: usize = 6;
const ENTRY_SIZE: usize = 46;

pub fn encode<'a>(entries: impl ExactSizeIterator<Item = &'a ProducerStateEntry>) -> Bytes {
    let mut bytes = BytesMut::with_capacity(HEADER + 4 + entries.len() * ENTRY_SIZE);
    bytes.put_i16(VERSION);
    bytes.put_u32(0);
    bytes.put_i32(entries.len() as i32);
    for entry in entries {
        let last = entry.batches.back();
        bytes.put_i64(entry.producer_id);
        bytes.put_i16(entry.producer_epoch);
        bytes.put_i32(last.map_or(-1, |batch| batch.last_sequence));
        bytes.put_i64(last.map_or(-1, |batch| batch.last_offset));
        bytes.put_i32(last.map_or(0, |batch| batch.offset_delta));
        bytes.put_i64(entry.last_timestamp);
        bytes.put_i32(entry.coordinator_epoch);
        bytes.put_i64(entry.current_txn_first_offset.unwrap_or(-1));
    }
    let crc = crc32c::crc32c(&bytes[HEADER..]);
    bytes[2..HEADER].copy_from_slice(&crc.to_be_bytes());
    bytes.freeze()
}

/// `None` if it is damaged: then it is not used (`CorruptSnapshotException`).
pub fn decode(bytes: &[u8]) -> Option<Vec<ProducerStateEntry>> {
    let mut rest = bytes;
    if rest.len() < HEADER + 4 || rest.get_i16() != VERSION {
        return None;
    }
    if rest.get_u32() != crc32c::crc32c(rest) {
        return None;
    }
    let count = usize::try_from(rest.get_i32()).ok()?;
    if rest.len() != count.checked_mul(ENTRY_SIZE)? {
        return None;
    }
    let mut entries = Vec::with_capacity(count);
    for _ in 0..count {
        let mut entry = ProducerStateEntry::empty(rest.get_i64());
        entry.producer_epoch = rest.get_i16();
        let (last_sequence, last_offset) = (rest.get_i32(), rest.get_i64());
        let (offset_delta, timestamp) = (rest.get_i32(), rest.get_i64());
        entry.last_timestamp = timestamp;
        entry.coordinator_epoch = rest.get_i32();
        let first_offset = rest.get_i64();
        entry.current_txn_first_offset = (first_offset >= 0).then_some(first_offset);
        if last_offset >= 0 {
            entry.batches.push_back(BatchMetadata {
                last_sequence,
                last_offset,
                offset_delta,
                timestamp,
            });
        }
        entries.push(entry);
    }
    Some(entries)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_back_and_notices_damage() {
        let mut one = ProducerStateEntry::empty(7);
        one.producer_epoch = 3;
        one.last_timestamp = 1_000;
        let (last_sequence, last_offset, offset_delta) = (9, 41, 2);
        one.batches.push_back(BatchMetadata {
            last_sequence,
            last_offset,
            offset_delta,
            timestamp: 1_000,
        });
        let mut other = ProducerStateEntry::empty(8);
        other.current_txn_first_offset = Some(12);
        other.coordinator_epoch = 2;
        let entries = [one, other];
        let bytes = encode(entries.iter());
        assert_eq!(bytes.len(), 6 + 4 + 2 * 46);
        assert_eq!(decode(&bytes).as_deref(), Some(&entries[..]));
        assert_eq!(decode(&encode([].iter())), Some(vec![]));
        for at in 0..bytes.len() {
            let mut damaged = bytes.to_vec();
            damaged[at] ^= 4;
            assert_eq!(decode(&damaged), None, "byte {at}");
            assert_eq!(decode(&bytes[..at]), None);
        }
    }
}
