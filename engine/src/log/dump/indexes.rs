//! The files beside a segment, as lines: its two indexes, the transactions that were aborted in it,
//! and what was known of producers when it began.

use crate::record::record_batch::decrement_sequence;

/// Reads big-endian numbers from the front of an entry.
struct Numbers<'a>(&'a [u8]);

impl Numbers<'_> {
    fn take<const N: usize>(&mut self) -> [u8; N] {
        let (head, rest) = self.0.split_first_chunk().expect("entries have a fixed size");
        self.0 = rest;
        *head
    }

    fn i16(&mut self) -> i16 {
        i16::from_be_bytes(self.take())
    }

    fn i32(&mut self) -> i32 {
        i32::from_be_bytes(self.take())
    }

    fn i64(&mut self) -> i64 {
        i64::from_be_bytes(self.take())
    }
}

/// Goes through whole entries of `N` bytes; a rest is left out.
fn entries<const N: usize>(bytes: &[u8]) -> impl Iterator<Item = Numbers<'_>> {
    bytes.as_chunks::<N>().0.iter().map(|entry| Numbers(entry))
}

pub(super) fn dump_offset_index(
    path: &str,
    base_offset: i64,
    bytes: &[u8],
    lines: &mut Vec<String>,
) {
    if entries::<8>(bytes).next().is_none() {
        lines.push(format!("{path} is empty."));
    }
    for (index, mut entry) in entries::<8>(bytes).enumerate() {
        let (relative, position) = (entry.i32(), entry.i32());
        // Zeros: the room that is reserved in an index which was not closed.
        if relative == 0 && index > 0 {
            break;
        }
        let offset = base_offset.wrapping_add(i64::from(relative));
        lines.push(format!("offset: {offset} position: {position}"));
    }
}

pub(super) fn dump_time_index(base_offset: i64, bytes: &[u8], lines: &mut Vec<String>) {
    for (index, mut entry) in entries::<12>(bytes).enumerate() {
        let (timestamp, relative) = (entry.i64(), entry.i32());
        if relative == 0 && index > 0 {
            break;
        }
        let offset = base_offset.wrapping_add(i64::from(relative));
        lines.push(format!("timestamp: {timestamp} offset: {offset}"));
    }
}

pub(super) fn dump_transaction_index(bytes: &[u8], lines: &mut Vec<String>) {
    for mut entry in entries::<34>(bytes) {
        lines.push(format!(
            "version: {} producerId: {} firstOffset: {} lastOffset: {} lastStableOffset: {}",
            entry.i16(),
            entry.i64(),
            entry.i64(),
            entry.i64(),
            entry.i64(),
        ));
    }
}

/// Version, CRC-32C of all that follows it, number of entries, entries.
pub(super) fn dump_producer_snapshot(bytes: &[u8], lines: &mut Vec<String>) {
    const HEADER: usize = 2 + 4 + 4;
    const ENTRY: usize = 46;
    let Some((mut header, body)) = bytes.split_at_checked(HEADER).map(|(h, b)| (Numbers(h), b))
    else {
        lines.push(format!("The snapshot ends at byte {}, inside its header", bytes.len()));
        return;
    };
    let (version, crc, count) = (header.i16(), header.i32() as u32, header.i32());
    let computed = crc32c::crc32c(&bytes[HEADER - 4..]);
    if version != 1 {
        lines.push(format!("Snapshot contained an unknown file version {version}"));
    } else if usize::try_from(count).ok().and_then(|count| count.checked_mul(ENTRY))
        != Some(body.len())
    {
        lines.push(format!("The snapshot says {count} entries, but has {} bytes", body.len()));
    } else if crc != computed {
        lines.push(format!(
            "Snapshot is corrupt (CRC is no longer valid). Stored crc: {crc}. Computed crc: \
             {computed}"
        ));
    } else {
        lines.extend(entries::<ENTRY>(body).map(producer));
    }
}

fn producer(mut entry: Numbers<'_>) -> String {
    let (producer_id, epoch) = (entry.i64(), entry.i16());
    let (last_sequence, last_offset) = (entry.i32(), entry.i64());
    let (offset_delta, timestamp) = (entry.i32(), entry.i64());
    let (coordinator_epoch, first_offset) = (entry.i32(), entry.i64());
    let transaction = match first_offset {
        0.. => format!("OptionalLong[{first_offset}]"),
        _ => "OptionalLong.empty".to_string(),
    };
    let mut line = format!(
        "producerId: {producer_id} producerEpoch: {epoch} coordinatorEpoch: {coordinator_epoch} \
         currentTxnFirstOffset: {transaction} lastTimestamp: {timestamp}"
    );
    if last_offset >= 0 {
        line += &format!(
            " firstSequence: {} lastSequence: {last_sequence} lastOffset: {last_offset} \
             offsetDelta: {offset_delta} timestamp: {timestamp}",
            decrement_sequence(last_sequence, offset_delta),
        );
    }
    line
}
