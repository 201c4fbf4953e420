//! Packing as an LZ4 frame, as Kafka's `Lz4BlockOutputStream` writes it: blocks of 64 KiB, each by
//! itself, no checksums. Written here because the bytes must be the same everywhere: the encoder of
//! lz4_flex, which unpacks, searches otherwise on 32-bit machines than on 64-bit ones.
//! Formats: `lz4_Frame_format.md`, `lz4_Block_format.md`.

/// Magic, flags (version 1, independent blocks), block size 64 KiB, checksum of these two bytes.
const HEADER: [u8; 7] = [0x04, 0x22, 0x4D, 0x18, 0x60, 0x40, 0x82];
const END_MARK: [u8; 4] = [0; 4];
const BLOCK_SIZE: usize = 64 * 1024;
/// Set in a block's size: its bytes are as they were.
const STORED: u32 = 1 << 31;
const MATCH_MIN: usize = 4;
/// The last bytes of a block are literals, and no match begins within the last twelve.
const LITERALS_AT_END: usize = 5;
const MATCH_START_LIMIT: usize = 12;
const HASH_BITS: u32 = 12;

pub(super) fn pack(section: &[u8]) -> Vec<u8> {
    let mut frame = HEADER.to_vec();
    for block in section.chunks(BLOCK_SIZE) {
        let packed = pack_block(block);
        let (size, bytes) = match packed.len() < block.len() {
            true => (packed.len() as u32, &packed[..]),
            false => (block.len() as u32 | STORED, block),
        };
        frame.extend(size.to_le_bytes());
        frame.extend(bytes);
    }
    frame.extend(END_MARK);
    frame
}

/// Greedy: at each position the last one with the same four bytes, if there is one.
fn pack_block(block: &[u8]) -> Vec<u8> {
    let mut packed = Vec::with_capacity(block.len());
    // One past the last position with a hash; 0 is none.
    let mut seen = [0u32; 1 << HASH_BITS];
    let (mut at, mut literals_from) = (0, 0);
    while at + MATCH_START_LIMIT < block.len() {
        let four = &block[at..at + MATCH_MIN];
        let number = u32::from_le_bytes([four[0], four[1], four[2], four[3]]);
        let slot = &mut seen[(number.wrapping_mul(2_654_435_761) >> (32 - HASH_BITS)) as usize];
        let candidate = (*slot as usize).checked_sub(1);
        *slot = at as u32 + 1;
        match candidate.filter(|&from| block[from..from + MATCH_MIN] == *four) {
            Some(from) => {
                let end = block.len() - LITERALS_AT_END;
                let same = (at..end).zip(from..).take_while(|&(a, b)| block[a] == block[b]).count();
                let literals = &block[literals_from..at];
                put_sequence(&mut packed, literals, Some(((at - from) as u16, same)));
                at += same;
                literals_from = at;
            }
            None => at += 1,
        }
    }
    put_sequence(&mut packed, &block[literals_from..], None);
    packed
}

/// Literals, and then a match by its offset and length, which the last sequence lacks.
fn put_sequence(packed: &mut Vec<u8>, literals: &[u8], found: Option<(u16, usize)>) {
    let beyond_min = found.map_or(0, |(_, length)| length - MATCH_MIN);
    packed.push((literals.len().min(15) << 4 | beyond_min.min(15)) as u8);
    put_rest(packed, literals.len());
    packed.extend(literals);
    if let Some((offset, _)) = found {
        packed.extend(offset.to_le_bytes());
        put_rest(packed, beyond_min);
    }
}

/// What of a length does not fit into the token's four bits.
fn put_rest(packed: &mut Vec<u8>, length: usize) {
    if let Some(mut rest) = length.checked_sub(15) {
        while rest >= 255 {
            packed.push(255);
            rest -= 255;
        }
        packed.push(rest as u8);
    }
}
