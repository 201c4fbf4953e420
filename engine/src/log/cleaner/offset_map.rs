//! From keys to the newest offset that has them, in bounded memory. Kafka's `SkimpyOffsetMap`: keys
//! are known by their MD5 alone, 24 bytes an entry.

use super::md5::md5;

/// Bytes of an entry: a hash and an offset.
pub const BYTES_PER_ENTRY: u64 = 24;
const HASH_SIZE: usize = 16;
const FIRST_TABLE: usize = 64;

type Slot = Option<([u8; HASH_SIZE], i64)>;

/// It has room for as many keys as its memory allows, and takes that memory only as it fills.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SkimpyOffsetMap {
    slots: u64,
    /// A power of two of places, at most three quarters of them taken.
    table: Vec<Slot>,
    len: usize,
    latest_offset: i64,
}

impl SkimpyOffsetMap {
    pub fn new(memory_bytes: u64) -> Self {
        SkimpyOffsetMap {
            slots: memory_bytes / BYTES_PER_ENTRY,
            table: Vec::new(),
            len: 0,
            latest_offset: -1,
        }
    }

    /// How many keys the memory holds.
    pub fn slots(&self) -> u64 {
        self.slots
    }

    pub fn len(&self) -> usize {
        self.len
    }

    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Notes that `offset` is the newest with this key.
    ///
    /// # Panics
    /// If the key is new and there is no room: the builder asks first.
    pub fn put(&mut self, key: &[u8], offset: i64) {
        assert!((self.len as u64) < self.slots, "the offset map is full");
        if self.len * 4 >= self.table.len() * 3 {
            self.grow();
        }
        let hash = md5(key);
        let place = find(&self.table, &hash);
        if self.table[place].is_none() {
            self.len += 1;
        }
        self.table[place] = Some((hash, offset));
        self.latest_offset = offset;
    }

    pub fn get(&self, key: &[u8]) -> Option<i64> {
        if self.table.is_empty() {
            return None;
        }
        self.table[find(&self.table, &md5(key))].map(|(_, offset)| offset)
    }

    /// The last offset that is taken into account.
    pub fn latest_offset(&self) -> i64 {
        self.latest_offset
    }

    pub fn update_latest_offset(&mut self, offset: i64) {
        self.latest_offset = offset;
    }

    fn grow(&mut self) {
        let size = (self.table.len() * 2).max(FIRST_TABLE);
        let old = std::mem::replace(&mut self.table, vec![None; size]);
        for slot in old.into_iter().flatten() {
            let place = find(&self.table, &slot.0);
            self.table[place] = Some(slot);
        }
    }
}

/// Where the hash is, or would be. There is always a free place.
fn find(table: &[Slot], hash: &[u8; HASH_SIZE]) -> usize {
    let [a, b, c, d, ..] = *hash;
    let mask = table.len() - 1;
    let mut place = u32::from_le_bytes([a, b, c, d]) as usize & mask;
    while table[place].is_some_and(|(other, _)| other != *hash) {
        place = (place + 1) & mask;
    }
    place
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `OffsetMapTest.testBasicValidation`.
    #[test]
    fn keeps_the_last_offset_of_every_key() {
        for count in [10, 100, 1000, 5000] {
            let mut map = SkimpyOffsetMap::new(count * 2 * BYTES_PER_ENTRY);
            for n in 0..count as i64 {
                map.put(n.to_string().as_bytes(), n);
            }
            for n in (0..count as i64).step_by(3) {
                map.put(n.to_string().as_bytes(), n + 1_000_000);
            }
            assert_eq!((map.len() as u64, map.slots()), (count, 2 * count));
            for n in 0..count as i64 {
                let expected = if n % 3 == 0 { n + 1_000_000 } else { n };
                assert_eq!(map.get(n.to_string().as_bytes()), Some(expected));
            }
            assert_eq!(map.get(b"missing"), None);
        }
        let map = SkimpyOffsetMap::new(1000);
        assert_eq!((map.get(b"x"), map.latest_offset(), map.slots()), (None, -1, 41));
    }
}
