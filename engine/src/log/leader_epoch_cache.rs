//! Which leader epoch wrote which offsets: the start offset of every epoch in the log, kept in
//! memory and in `leader-epoch-checkpoint`. It is what lets a follower find, after a change of
//! leader, the offset where its log and the leader's part (KIP-101, KIP-279). Source:
//! `LeaderEpochFileCache.java`.
//!
//! The file is written at every change, so it never misses an epoch that the log has.

use super::checkpoint::{CheckpointError, as_text, leader_epochs_text, parse_leader_epochs};
use crate::sim::disk::Disk;
use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

const FILE_NAME: &str = "leader-epoch-checkpoint";

/// The answer to "where does this epoch end?".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EpochEndOffset {
    /// The largest epoch known that is not above the one asked for; -1 if unknown.
    pub leader_epoch: i32,
    /// The offset after its last record; -1 if unknown.
    pub end_offset: i64,
}

impl EpochEndOffset {
    pub const UNDEFINED: EpochEndOffset = EpochEndOffset { leader_epoch: -1, end_offset: -1 };

    pub fn is_undefined(self) -> bool {
        self == EpochEndOffset::UNDEFINED
    }
}

/// Epochs and their start offsets, both strictly increasing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeaderEpochFileCache {
    path: Arc<str>,
    epochs: Arc<BTreeMap<i32, i64>>,
}

impl LeaderEpochFileCache {
    /// A cache without entries; makes its file.
    pub(super) fn create(disk: &mut Disk, dir: &str) -> Self {
        let cache = LeaderEpochFileCache::new(dir, BTreeMap::new());
        disk.create(&cache.path);
        cache
    }

    /// Entries that were found otherwise; the file stays as it is until [`Self::write`].
    pub(super) fn new(dir: &str, epochs: BTreeMap<i32, i64>) -> Self {
        LeaderEpochFileCache { path: format!("{dir}/{FILE_NAME}").into(), epochs: Arc::new(epochs) }
    }

    /// What the file says. `None` if there is no file.
    pub(super) fn load(disk: &Disk, dir: &str) -> Result<Option<Self>, CheckpointError> {
        let mut cache = LeaderEpochFileCache::new(dir, BTreeMap::new());
        let Some(bytes) = disk.read_all(&cache.path) else {
            return Ok(None);
        };
        for (epoch, start_offset) in parse_leader_epochs(as_text(&bytes)?)? {
            cache.assign_in_memory(epoch, start_offset);
        }
        Ok(Some(cache))
    }

    /// Writes the file if it says something else.
    pub(super) fn write(&self, disk: &mut Disk) {
        let text = leader_epochs_text(&self.epochs);
        let current = disk.read_all(&self.path);
        let says_the_same = current.is_some_and(|current| {
            current == text.as_bytes() || (current.is_empty() && self.epochs.is_empty())
        });
        if !says_the_same {
            disk.replace(&self.path, text.into());
        }
    }

    /// Notes that `epoch` starts at `start_offset`. Entries that contradict it go: a leader that
    /// was elected and wrote nothing leaves no trace. Answers whether anything changed.
    pub fn assign(&mut self, disk: &mut Disk, epoch: i32, start_offset: i64) -> bool {
        let changed = self.assign_in_memory(epoch, start_offset);
        if changed {
            self.write(disk);
        }
        changed
    }

    pub(super) fn assign_in_memory(&mut self, epoch: i32, start_offset: i64) -> bool {
        let is_known = self
            .epochs
            .last_key_value()
            .is_some_and(|(latest, start)| *latest == epoch && start_offset >= *start);
        if is_known || epoch < 0 || start_offset < 0 {
            return false;
        }
        let epochs = Arc::make_mut(&mut self.epochs);
        epochs.retain(|other, start| *other < epoch && *start < start_offset);
        epochs.insert(epoch, start_offset);
        true
    }

    /// The log now ends at `end_offset`: epochs that start there or later go. -1 does nothing.
    pub fn truncate_from_end(&mut self, disk: &mut Disk, end_offset: i64) {
        let goes = |start: i64| start >= end_offset;
        if end_offset >= 0 && self.epochs.last_key_value().is_some_and(|(_, start)| goes(*start)) {
            Arc::make_mut(&mut self.epochs).retain(|_, start| !goes(*start));
            self.write(disk);
        }
    }

    /// The log now starts at `start_offset`: epochs before it go, and the one that covers it starts
    /// there. -1 does nothing.
    pub fn truncate_from_start(&mut self, disk: &mut Disk, start_offset: i64) {
        let covers = self.epochs.iter().rev().find(|(_, start)| **start <= start_offset);
        let Some((epoch, _)) = covers.map(|(epoch, start)| (*epoch, *start)) else {
            return;
        };
        let first = self.epochs.first_key_value();
        if start_offset < 0 || first.is_some_and(|(_, start)| *start >= start_offset) {
            return;
        }
        let epochs = Arc::make_mut(&mut self.epochs);
        epochs.retain(|_, start| *start > start_offset);
        epochs.insert(epoch, start_offset);
        self.write(disk);
    }

    /// Forgets every epoch.
    pub fn clear(&mut self, disk: &mut Disk) {
        if !self.epochs.is_empty() {
            self.epochs = Arc::default();
            self.write(disk);
        }
    }

    /// Where `requested_epoch`, or the largest epoch below it, ends in a log that ends at
    /// `log_end_offset`. For an epoch before all that are known it is the start of the first.
    pub fn end_offset_for(&self, requested_epoch: i32, log_end_offset: i64) -> EpochEndOffset {
        if requested_epoch < 0 {
            return EpochEndOffset::UNDEFINED;
        }
        if self.latest_epoch() == Some(requested_epoch) {
            return EpochEndOffset { leader_epoch: requested_epoch, end_offset: log_end_offset };
        }
        let higher = (Bound::Excluded(requested_epoch), Bound::Unbounded);
        let Some((_, &end_offset)) = self.epochs.range(higher).next() else {
            return EpochEndOffset::UNDEFINED;
        };
        let leader_epoch = self
            .epochs
            .range(..=requested_epoch)
            .next_back()
            .map_or(requested_epoch, |(epoch, _)| *epoch);
        EpochEndOffset { leader_epoch, end_offset }
    }

    /// The epoch of the record at `offset`; `None` if it is before all that are known.
    pub fn epoch_for_offset(&self, offset: i64) -> Option<i32> {
        self.epochs.iter().rev().find(|(_, start)| **start <= offset).map(|(epoch, _)| *epoch)
    }

    pub fn latest_epoch(&self) -> Option<i32> {
        self.epochs.last_key_value().map(|(epoch, _)| *epoch)
    }

    /// The largest epoch below `epoch`.
    pub fn previous_epoch(&self, epoch: i32) -> Option<i32> {
        self.epochs.range(..epoch).next_back().map(|(epoch, _)| *epoch)
    }

    /// Epoch and start offset, in order.
    pub fn entries(&self) -> impl DoubleEndedIterator<Item = (i32, i64)> {
        self.epochs.iter().map(|(epoch, start_offset)| (*epoch, *start_offset))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const UNDEFINED: (i32, i64) = (-1, -1);

    /// `LeaderEpochFileCacheTest`: entries are assigned in order.
    fn cache(entries: &[(i32, i64)]) -> (LeaderEpochFileCache, Disk) {
        let mut disk = Disk::default();
        let mut cache = LeaderEpochFileCache::create(&mut disk, "t-0");
        for (epoch, start_offset) in entries {
            cache.assign(&mut disk, *epoch, *start_offset);
        }
        (cache, disk)
    }

    fn entries(cache: &LeaderEpochFileCache) -> Vec<(i32, i64)> {
        cache.entries().collect()
    }

    fn end(cache: &LeaderEpochFileCache, epoch: i32, log_end_offset: i64) -> (i32, i64) {
        let end = cache.end_offset_for(epoch, log_end_offset);
        (end.leader_epoch, end.end_offset)
    }

    /// KAFKA.md 4-1 to 4-9 and 4-15: entries, (asked epoch, log end, answer).
    #[test]
    fn end_offsets() {
        type Row<'a> = (&'a [(i32, i64)], &'a [(i32, i64, (i32, i64))]);
        let table: [Row<'_>; 10] = [
            (&[(2, 10)], &[(2, 11, (2, 11))]),
            (&[(2, 11), (2, 12)], &[(2, 14, (2, 14))]),
            (&[(2, 11), (3, 12)], &[(-1, 13, UNDEFINED)]),
            (&[], &[(0, 0, UNDEFINED), (-1, 0, UNDEFINED), (7, 0, UNDEFINED)]),
            (&[(5, 11), (6, 12), (7, 13)], &[(4, 14, (4, 11))]),
            (&[(5, 11), (6, 12), (7, 13), (7, 12)], &[(5, 14, (5, 12)), (6, 14, (5, 12))]),
            (&[(1, 11), (1, 12), (2, 13), (2, 14), (3, 15), (3, 16)], &[(2, 17, (2, 15))]),
            (&[(0, 10), (2, 13), (4, 17)], &[(1, 18, (0, 13)), (2, 18, (2, 17)), (3, 18, (2, 17))]),
            (&[(2, 100)], &[(3, 100, UNDEFINED)]),
            (
                &[(0, 0), (0, 2), (1, 3), (1, 5), (2, 6), (2, 8)],
                &[(0, 9, (0, 3)), (1, 9, (1, 6)), (2, 9, (2, 9))],
            ),
        ];
        for (assigned, asked) in table {
            let (cache, _) = cache(assigned);
            for (epoch, log_end_offset, answer) in asked {
                assert_eq!(end(&cache, *epoch, *log_end_offset), *answer, "{assigned:?} {epoch}");
            }
        }
    }

    /// KAFKA.md 4-10 to 4-12.
    #[test]
    fn contradicting_entries_go() {
        assert_eq!(entries(&cache(&[(2, 9), (2, 10)]).0), [(2, 9)]);
        assert_eq!(entries(&cache(&[(2, 9), (3, 9)]).0), [(3, 9)]);
        assert_eq!(entries(&cache(&[(2, 6), (3, 5)]).0), [(3, 5)]);
        assert_eq!(entries(&cache(&[(5, 11), (6, 12), (7, 13), (7, 12)]).0), [(5, 11), (7, 12)]);
        assert_eq!(entries(&cache(&[(-1, 3), (1, -1)]).0), []);
    }

    /// KAFKA.md 4-16 and 4-22.
    #[test]
    fn truncation_from_both_ends() {
        let all = [(2, 6), (3, 8), (4, 11)];
        for (offset, left) in [(8, &all[..1]), (9, &all[..2]), (-1, &all[..]), (12, &all[..])] {
            let (mut cache, mut disk) = cache(&all);
            cache.truncate_from_end(&mut disk, offset);
            assert_eq!(entries(&cache), left, "{offset}");
        }
        let table: [(i64, &[(i32, i64)]); 7] = [
            (8, &[(3, 8), (4, 11)]),
            (9, &[(3, 9), (4, 11)]),
            (6, &all),
            (5, &all),
            (-1, &all),
            (11, &[(4, 11)]),
            (20, &[(4, 20)]),
        ];
        for (offset, left) in table {
            let (mut cache, mut disk) = cache(&all);
            cache.truncate_from_start(&mut disk, offset);
            assert_eq!(entries(&cache), left, "{offset}");
        }
        let (mut cache, mut disk) = cache(&all);
        cache.truncate_from_end(&mut disk, 11);
        cache.truncate_from_start(&mut disk, 8);
        assert_eq!(disk.read_all("t-0/leader-epoch-checkpoint").unwrap(), "0\n1\n3 8\n");
        cache.clear(&mut disk);
        assert_eq!(disk.read_all("t-0/leader-epoch-checkpoint").unwrap(), "0\n0\n");
    }

    /// KAFKA.md 4-19 and 4-20.
    #[test]
    fn epochs_of_offsets_and_neighbours() {
        let (cache_a, _) = cache(&[(0, 10), (1, 20), (5, 30)]);
        for (offset, epoch) in
            [(25, Some(1)), (20, Some(1)), (30, Some(5)), (50, Some(5)), (5, None)]
        {
            assert_eq!(cache_a.epoch_for_offset(offset), epoch);
        }
        let (mut cache_b, mut disk) = cache(&[(2, 10), (4, 15), (10, 20)]);
        assert_eq!(cache_b.previous_epoch(4), Some(2));
        assert_eq!(cache_b.previous_epoch(10), Some(4));
        cache_b.truncate_from_end(&mut disk, 18);
        assert_eq!(cache_b.latest_epoch().and_then(|epoch| cache_b.previous_epoch(epoch)), Some(2));
        assert_eq!(cache_b.previous_epoch(2), None);
    }

    #[test]
    fn the_file_reads_back() {
        let (cache, mut disk) = cache(&[(2, 6), (3, 8)]);
        assert_eq!(LeaderEpochFileCache::load(&disk, "t-0"), Ok(Some(cache)));
        assert_eq!(LeaderEpochFileCache::load(&disk, "t-1"), Ok(None));
        disk.replace("t-0/leader-epoch-checkpoint", "0\n2\n3 8\n".into());
        assert_eq!(LeaderEpochFileCache::load(&disk, "t-0").unwrap_err().line, 4);
    }
}
