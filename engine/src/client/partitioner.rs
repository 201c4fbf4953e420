//! Where a producer sends a record that has a key. Sources: `Utils.murmur2`,
//! `BuiltInPartitioner.partitionForKey`.

const SEED: u32 = 0x9747_b28c;
const M: u32 = 0x5bd1_e995;
const R: u32 = 24;

/// Austin Appleby's MurmurHash2 with Kafka's seed.
pub fn murmur2(data: &[u8]) -> i32 {
    let mut h = SEED ^ data.len() as u32;
    let (words, rest) = data.as_chunks::<4>();
    for word in words {
        let mut k = u32::from_le_bytes(*word).wrapping_mul(M);
        k ^= k >> R;
        h = h.wrapping_mul(M) ^ k.wrapping_mul(M);
    }
    if !rest.is_empty() {
        for (index, byte) in rest.iter().enumerate() {
            h ^= u32::from(*byte) << (8 * index);
        }
        h = h.wrapping_mul(M);
    }
    h ^= h >> 13;
    h = h.wrapping_mul(M);
    (h ^ (h >> 15)) as i32
}

/// The partition of a key, which may be empty, out of all `partitions`, available or not.
/// The same key stays on the same partition until their number changes.
///
/// # Panics
/// If there are no partitions.
pub fn partition_for_key(key: &[u8], partitions: i32) -> i32 {
    assert!(partitions > 0, "a topic has partitions");
    (murmur2(key) & i32::MAX) % partitions
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `UtilsTest.testMurmur2`.
    #[test]
    fn keys() {
        let table: [(&str, i32, [i32; 8]); 6] = [
            ("21", -973_932_308, [0, 0, 0, 0, 4, 0, 0, 40]),
            ("foobar", -790_332_482, [0, 0, 2, 0, 6, 6, 6, 16]),
            ("a-little-bit-long-string", -985_981_536, [0, 2, 0, 2, 0, 2, 8, 12]),
            ("a-little-bit-longer-string", -1_486_304_829, [1, 2, 3, 5, 3, 9, 11, 19]),
            (
                "lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8",
                -58_897_971,
                [1, 2, 1, 5, 5, 7, 5, 27],
            ),
            ("abc", 479_470_107, [1, 0, 3, 3, 3, 7, 3, 7]),
        ];
        for (key, hash, partitions) in table {
            assert_eq!(murmur2(key.as_bytes()), hash, "{key}");
            let found = [2, 3, 4, 6, 8, 10, 12, 50].map(|n| partition_for_key(key.as_bytes(), n));
            assert_eq!(found, partitions, "{key}");
        }
        assert_eq!(partition_for_key(b"", 1), 0);
    }
}
