//! Making a segment from its files. The indexes are only a help: they are believed if every entry is
//! true of the log, and made anew if not. Where the log itself is right, others have found out.

use super::{LogSegment, SegmentDamage};
use crate::log::file_records::{BatchPosition, BatchPositions};
use crate::log::log_config::LogConfig;
use crate::log::offset_index::OffsetIndex;
use crate::log::time_index::{TimeIndex, TimestampOffset};
use crate::log::transaction_index::TransactionIndex;
use crate::record::BatchHeader;
use crate::sim::disk::{Disk, File};
use crate::sim::time::SimTime;

/// How [`LogSegment::open`] found the segment.
#[derive(Clone, Debug)]
pub struct OpenedSegment {
    pub segment: LogSegment,
    /// The indexes were missing, damaged, or not true of the log, and were made anew.
    pub indexes_rebuilt: bool,
    /// The transaction index was damaged, or not of this segment. It is empty now, and has to be made
    /// anew from the markers.
    pub txn_index_lost: bool,
}

/// What becomes of the indexes that the disk holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoredIndexes {
    /// They are used if every entry is true of the log.
    Checked,
    /// They are made anew.
    Rebuilt,
    /// They are used as they are: broken on purpose.
    Trusted,
}

impl LogSegment {
    /// The segment that the disk holds, up to its `damage`. `visit` sees every batch header in order.
    #[expect(clippy::too_many_arguments, reason = "one caller, which has them all at hand")]
    pub fn open(
        disk: &mut Disk,
        dir: &str,
        base_offset: i64,
        config: &LogConfig,
        indexes: StoredIndexes,
        damage: Option<SegmentDamage>,
        now: SimTime,
        mut visit: impl FnMut(&BatchHeader),
    ) -> OpenedSegment {
        // What the indexes should be is built on a disk of its own, and copied where it differs.
        let mut scratch = Disk::default();
        let mut segment = LogSegment::create(&mut scratch, dir, base_offset, config, Some(now));
        let max_index_bytes = config.segment_index_bytes;
        let stored = (indexes != StoredIndexes::Rebuilt)
            .then(|| {
                let offsets = OffsetIndex::load(disk, dir, base_offset, max_index_bytes).ok()?;
                let times = TimeIndex::load(disk, dir, base_offset, max_index_bytes).ok()?;
                Some((offsets, times))
            })
            .flatten();
        let mut check = stored.as_ref().map(|(offsets, times)| IndexCheck::new(offsets, times));
        let no_file = File::default();
        let file = disk.file(&segment.path).unwrap_or(&no_file);
        let end = damage.map_or(file.len(), |damage| damage.position);
        for batch in BatchPositions::from(file, 0).up_to(end).map_while(Result::ok) {
            visit(&batch.header);
            segment.note(&mut scratch, batch, now);
            if let Some(check) = &mut check {
                check.batch(&batch, segment.max_timestamp_so_far);
            }
        }
        let trusted = indexes == StoredIndexes::Trusted;
        let indexes_hold = check.is_some_and(|check| trusted || check.holds());
        match stored.filter(|_| indexes_hold) {
            Some((offset_index, time_index)) => {
                segment.offset_index = offset_index;
                segment.time_index = time_index;
            }
            None => {
                segment.append_max_timestamp(&mut scratch, now);
                for path in [segment.offset_index.path(), segment.time_index.path()] {
                    copy_if_different(&scratch, disk, path, now);
                }
            }
        }
        let ends_in_it = |index: &TransactionIndex| {
            index.entries().all(|txn| (base_offset..segment.next_offset).contains(&txn.last_offset))
        };
        let txn_index = TransactionIndex::load(disk, dir, base_offset).ok().filter(ends_in_it);
        let txn_index_lost = txn_index.is_none();
        match txn_index {
            Some(txn_index) => segment.txn_index = txn_index,
            None => segment.txn_index.reset(disk),
        }
        segment.size = disk.len(&segment.path).unwrap_or(0);
        segment.unchecked_bytes = segment.size;
        segment.bytes_since_last_index_entry = 0;
        segment.damage = damage;
        OpenedSegment { segment, indexes_rebuilt: !indexes_hold, txn_index_lost }
    }
}

fn copy_if_different(from: &Disk, to: &mut Disk, path: &str, now: SimTime) {
    let wanted = from.read_all(path).unwrap_or_default();
    if to.read_all(path).as_ref() != Some(&wanted) {
        to.create(path);
        to.truncate(path, 0);
        to.append(path, wanted, now);
    }
}

/// Compares stored index entries with the batches they speak of, as these go by.
struct IndexCheck {
    offsets: Vec<(i64, u64)>,
    times: Vec<TimestampOffset>,
    offsets_seen: usize,
    times_seen: usize,
}

impl IndexCheck {
    fn new(offsets: &OffsetIndex, times: &TimeIndex) -> Self {
        IndexCheck {
            offsets: offsets.entries().map(|entry| (entry.offset, entry.position)).collect(),
            times: times.entries().collect(),
            offsets_seen: 0,
            times_seen: 0,
        }
    }

    fn batch(&mut self, batch: &BatchPosition, max_timestamp_so_far: TimestampOffset) {
        if self.offsets.get(self.offsets_seen)
            == Some(&(batch.header.last_offset(), batch.position))
        {
            self.offsets_seen += 1;
        }
        if self.times.get(self.times_seen) == Some(&max_timestamp_so_far) {
            self.times_seen += 1;
        }
    }

    /// Every entry was true of some batch.
    fn holds(self) -> bool {
        self.offsets_seen == self.offsets.len() && self.times_seen == self.times.len()
    }
}
