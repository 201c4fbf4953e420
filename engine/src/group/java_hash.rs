//! Java's hash codes, where what Kafka does hangs on them: which partition of `__consumer_offsets` a group
//! belongs to, and in which order an assignor meets the members that it keeps in a `HashMap`.

use crate::ids::TopicPartition;

/// `String.hashCode`
pub fn string_hash(text: &str) -> i32 {
    text.encode_utf16().fold(0, |hash: i32, unit| hash.wrapping_mul(31).wrapping_add(unit.into()))
}

/// `TopicPartition.hashCode`
pub fn partition_hash(id: &TopicPartition) -> i32 {
    let partition = 31_i32.wrapping_add(id.partition);
    partition.wrapping_mul(31).wrapping_add(string_hash(&id.topic))
}

/// `Utils.abs(groupId.hashCode) % partitions` (`GroupCoordinatorService.partitionFor`); the one number
/// without a positive counterpart counts as 0.
pub fn partition_for_group(group: &str, partitions: i32) -> i32 {
    string_hash(group).checked_abs().unwrap_or(0) % partitions
}

/// What a `java.util.HashSet` holds, in the order in which it would be walked: by bucket, and within a
/// bucket as it came.
#[derive(Clone, Debug)]
pub struct JavaHashSet<T> {
    items: Vec<(i32, T)>,
    capacity: usize,
}

impl<T> Default for JavaHashSet<T> {
    fn default() -> Self {
        JavaHashSet { items: Vec::new(), capacity: 16 }
    }
}

impl<T: PartialEq> JavaHashSet<T> {
    /// `item` must not be in it yet.
    pub fn insert(&mut self, hash: i32, item: T) {
        self.items.push((hash, item));
        if self.items.len() * 4 > self.capacity * 3 {
            self.capacity *= 2;
        }
    }

    pub fn remove(&mut self, item: &T) {
        self.items.retain(|(_, held)| held != item);
    }

    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    pub fn first(&self) -> Option<&T> {
        let first = self.items.iter().min_by_key(|(hash, _)| bucket(*hash, self.capacity));
        first.map(|(_, item)| item)
    }

    pub fn into_order(mut self) -> Vec<T> {
        self.items.sort_by_key(|(hash, _)| bucket(*hash, self.capacity));
        self.items.into_iter().map(|(_, item)| item).collect()
    }
}

/// Where a hash code goes in a table of this size, which is a power of two (`HashMap.hash`).
fn bucket(hash: i32, capacity: usize) -> usize {
    let hash = hash as u32;
    (hash ^ hash >> 16) as usize & (capacity - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_belongs_to_the_partition_that_kafka_gives_it() {
        for (group, hash, partition) in [
            ("abc", 96354, 4),
            ("test", 3556498, 48),
            ("group", 98629247, 47),
            ("my-group", -1906497762, 12),
            ("playground", -2141049413, 13),
            ("polygenelubricants", i32::MIN, 0),
        ] {
            assert_eq!(string_hash(group), hash, "{group}");
            assert_eq!(partition_for_group(group, 50), partition, "{group}");
        }
    }

    #[test]
    fn a_set_is_walked_by_bucket() {
        let mut set = JavaHashSet::default();
        for (n, word) in ["b", "q", "a", "r"].into_iter().enumerate() {
            set.insert(string_hash(word), (n, word));
        }
        // 97 and 113, 98 and 114 share their buckets of 16.
        assert_eq!(set.first(), Some(&(1, "q")));
        assert_eq!(set.into_order(), [(1, "q"), (2, "a"), (0, "b"), (3, "r")]);
    }
}
