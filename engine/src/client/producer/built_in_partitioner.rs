//! Where records without a key go: one partition until about `batch.size` bytes have gone there, then the
//! next, drawn so that those get more whose queues are shorter (KIP-794). Source:
//! `BuiltInPartitioner.java`.

use crate::sim::random::mix;

/// Of one topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BuiltInPartitioner {
    sticky: Option<Sticky>,
    load: Option<LoadStats>,
    draws: u64,
    /// What tells its draws from others'.
    seed: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Sticky {
    partition: i32,
    produced_bytes: u64,
}

/// How many records each partition gets of so many.
#[derive(Clone, Debug, PartialEq, Eq)]
struct LoadStats {
    partitions: Vec<i32>,
    cumulative_frequencies: Vec<u64>,
}

impl BuiltInPartitioner {
    pub fn new(seed: u64) -> Self {
        BuiltInPartitioner { sticky: None, load: None, draws: 0, seed }
    }

    /// The partition that it stays with, out of `count`, of which the `available` have a leader.
    pub fn current(&mut self, available: &[i32], count: i32) -> i32 {
        match self.sticky {
            Some(sticky) => sticky.partition,
            None => self.switch(available, count),
        }
    }

    fn switch(&mut self, available: &[i32], count: i32) -> i32 {
        let draw = mix(&[self.seed, self.draws]);
        self.draws += 1;
        let partition = match &self.load {
            Some(load) => load.weighted(draw),
            None if available.is_empty() => (draw % count.max(1) as u64) as i32,
            None => available[(draw % available.len() as u64) as usize],
        };
        self.sticky = Some(Sticky { partition, produced_bytes: 0 });
        partition
    }

    /// So many bytes have gone to the current partition. It switches once they make a batch and no batch
    /// there is half full, and after two batches in any case.
    pub fn produced(
        &mut self,
        bytes: usize,
        batch_size: usize,
        all_full: bool,
        available: &[i32],
        count: i32,
    ) {
        let Some(sticky) = &mut self.sticky else {
            return;
        };
        sticky.produced_bytes += bytes as u64;
        let (produced, size) = (sticky.produced_bytes, batch_size as u64);
        if (produced >= size && all_full) || produced >= 2 * size {
            self.switch(available, count);
        }
    }

    /// How many batches wait in each partition that has a leader, out of `count` partitions.
    pub fn update_load(&mut self, queue_sizes: &[(i32, usize)], count: i32) {
        self.load = None;
        let most = queue_sizes.iter().map(|(_, size)| *size).max();
        let (Some(most), 2..) = (most, count) else {
            return;
        };
        let all_equal = queue_sizes.iter().all(|(_, size)| *size == most);
        if all_equal && queue_sizes.len() == count as usize {
            return;
        }
        let mut total = 0;
        let cumulative_frequencies = queue_sizes
            .iter()
            .map(|(_, size)| {
                total += (most + 1 - size) as u64;
                total
            })
            .collect();
        let partitions = queue_sizes.iter().map(|(partition, _)| *partition).collect();
        self.load = Some(LoadStats { partitions, cumulative_frequencies });
    }

    /// Without knowing how long the queues are every partition is as good as another.
    pub fn forget_load(&mut self) {
        self.load = None;
    }
}

impl LoadStats {
    fn weighted(&self, draw: u64) -> i32 {
        let total = self.cumulative_frequencies.last().copied().unwrap_or(1);
        let weight = draw % total;
        let index = self.cumulative_frequencies.partition_point(|bound| *bound <= weight);
        self.partitions[index]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn loaded(sizes: &[usize]) -> BuiltInPartitioner {
        let mut partitioner = BuiltInPartitioner::new(7);
        let sizes: Vec<_> = (0..).zip(sizes.iter().copied()).collect();
        partitioner.update_load(&sizes, sizes.len() as i32);
        partitioner
    }

    /// `BuiltInPartitionerTest.adaptivePartitionsTest`
    #[test]
    fn longer_queues_get_less() {
        let load = loaded(&[0, 3, 1]).load.expect("queues differ");
        assert_eq!(load.cumulative_frequencies, [4, 5, 8]);
        let load = loaded(&[5, 0, 3, 0, 1]).load.expect("queues differ");
        let mut frequencies = BTreeMap::new();
        for draw in 0..load.cumulative_frequencies[4] {
            *frequencies.entry(load.weighted(draw)).or_insert(0) += 1;
        }
        let expected = [(0, 1), (1, 6), (2, 3), (3, 6), (4, 5)];
        assert_eq!(frequencies.into_iter().collect::<Vec<_>>(), expected);
        assert_eq!(loaded(&[2, 2, 2]).load, None);
        assert_eq!(loaded(&[3]).load, None);
    }

    /// `BuiltInPartitionerTest.testStickyBatchSizeMoreThatOne`
    #[test]
    fn it_stays_for_a_batch() {
        let (available, mut seen) = ([0, 1, 2], Vec::new());
        let mut partitioner = BuiltInPartitioner::new(3);
        for _ in 0..40 {
            let before = partitioner.current(&available, 3);
            partitioner.produced(1, 2, true, &available, 3);
            assert_eq!(partitioner.current(&available, 3), before, "one byte of two");
            partitioner.produced(1, 2, false, &available, 3);
            assert_eq!(partitioner.current(&available, 3), before, "the batch has room");
            partitioner.produced(1, 2, true, &available, 3);
            seen.push(partitioner.current(&available, 3));
        }
        assert!((0..3).all(|partition| seen.contains(&partition)), "{seen:?}");
        let mut partitioner = BuiltInPartitioner::new(3);
        partitioner.current(&available, 3);
        partitioner.produced(4, 2, false, &available, 3);
        assert_eq!(partitioner.draws, 2, "two batches are enough in any case");
        assert_eq!(BuiltInPartitioner::new(3).current(&[1], 3), 1, "only where there is a leader");
    }
}
