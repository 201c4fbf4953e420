//! A cleaning as it is drawn: the records of the log by segment, the offset map as it fills, the new
//! segments as they grow. What has happened is computed from the steps shown so far.

use crate::view_model::inspect::record::shown;
use bytes::Bytes;
use kafkascope_engine::log::cleaner::watch::{Bench, Step};
use kafkascope_engine::log::cleaner::watcher::Verdict;
use kafkascope_engine::log::cleaner::{LogToClean, PassStep, SwapStage};
use kafkascope_engine::log::log_loader::Truncation;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Records that are known one by one, from the start of the log and from the first dirty one.
const CELLS_MAX: usize = 1000;
/// Records, keys and copies that are drawn at a time.
const CELLS: usize = 56;
const KEYS: usize = 14;
const COPIES: usize = 48;
/// A key is drawn with so many characters at most.
const KEY_CHARS: usize = 12;

/// A log before it is cleaned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    pub cells: Vec<Cell>,
    pub to_clean: LogToClean,
    /// `min.cleanable.dirty.ratio`, in millionths.
    pub limit: u32,
    /// The cleaner would take it up by itself.
    pub is_due: bool,
    /// Bytes that may not be cleaned.
    pub rest_bytes: u64,
    pub active: i64,
    /// Whether `cleanup.policy` says so.
    pub is_compacted: bool,
    /// Files, all of which count as dirty; no broker's cleaner will ever come by.
    pub is_at_rest: bool,
    /// Where damage ended the files.
    pub cut: Option<Truncation>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    pub offset: i64,
    /// `None` for a record without one, and for a marker.
    pub key: Option<Arc<str>>,
    pub is_tombstone: bool,
    /// Base offset of its segment.
    pub segment: i64,
}

/// Which part of the log a segment is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Zone {
    /// The tail: was cleaned before.
    Clean,
    /// The head: is to be cleaned.
    Dirty,
    Untouched,
}

pub fn short_key(key: &[u8]) -> Arc<str> {
    let text = shown(key);
    let mut chars = text.chars();
    let start: String = chars.by_ref().take(KEY_CHARS).collect();
    if chars.next().is_some() { format!("{start}…").into() } else { start.into() }
}

pub fn subject(bench: &Bench) -> Subject {
    let (log, to_clean) = (&bench.log, bench.to_clean());
    let bases: Vec<i64> = log.segments().map(|segment| segment.base_offset()).collect();
    let segment_of = |offset: i64| {
        let after = bases.partition_point(|base| *base <= offset);
        bases[after.saturating_sub(1)]
    };
    let cells_from = |from: i64| {
        let batches = log.batches(&bench.disk, from).map_while(Result::ok);
        let records = batches.flat_map(move |batch| {
            let is_control = batch.is_control();
            let records: Vec<_> = batch.records().map_while(Result::ok).collect();
            records.into_iter().map(move |record| (is_control, record))
        });
        records.filter(move |(_, record)| record.offset >= from).take(CELLS_MAX).map(
            move |(is_control, record)| Cell {
                offset: record.offset,
                key: record.key.as_deref().filter(|_| !is_control).map(short_key),
                is_tombstone: !is_control && record.value.is_none(),
                segment: segment_of(record.offset),
            },
        )
    };
    let mut cells: Vec<Cell> = cells_from(log.log_start_offset()).collect();
    let known_to = cells.last().map_or(0, |cell| cell.offset + 1);
    cells.extend(cells_from(known_to.max(to_clean.first_dirty_offset)));
    Subject {
        cells,
        limit: log.config().min_cleanable_dirty_ratio.millionths,
        is_due: to_clean.is_due(log),
        rest_bytes: log.size().saturating_sub(to_clean.total_bytes()),
        active: log.active_segment_base(),
        is_compacted: log.config().cleanup_policy.compact,
        is_at_rest: bench.recovered.is_some(),
        cut: bench.recovered.as_ref().and_then(|report| report.truncation.clone()),
        to_clean,
    }
}

impl Subject {
    pub fn zone(&self, segment: i64) -> Zone {
        if segment < self.to_clean.first_dirty_offset {
            Zone::Clean
        } else if segment < self.to_clean.first_uncleanable_offset {
            Zone::Dirty
        } else {
            Zone::Untouched
        }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    #[default]
    Before,
    Map,
    Copy,
    Over,
}

/// What has become of a record so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fate {
    #[default]
    Open,
    /// The map has its offset for its key.
    Newest,
    /// The map has a newer one, or does not take it in.
    Older,
    Kept,
    Dropped,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DrawnCell {
    pub cell: Cell,
    pub fate: Fate,
    pub is_now: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DrawnSegment {
    pub base: i64,
    pub zone: Zone,
    pub is_active: bool,
    /// A new segment has taken its place.
    pub is_replaced: bool,
    pub cells: Vec<DrawnCell>,
}

/// A segment that the cleaner makes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Made {
    pub base: i64,
    /// The last records in it.
    pub cells: Vec<Cell>,
    /// Records that are not drawn.
    pub more: usize,
    pub swap: Option<SwapStage>,
}

impl Made {
    /// What its files are called after their base offset and `.log`.
    pub fn suffix(&self) -> &'static str {
        match self.swap {
            None => ".cleaned",
            Some(SwapStage::Began | SwapStage::Replaced) => ".swap",
            Some(SwapStage::Done) => "",
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frame {
    pub phase: Phase,
    pub segments: Vec<DrawnSegment>,
    /// Records before and after those that are drawn.
    pub hidden: (usize, usize),
    /// Key, newest offset, and whether it was just put there.
    pub map: Vec<(Arc<str>, i64, bool)>,
    /// Keys in all.
    pub keys: usize,
    pub made: Vec<Made>,
}

/// The picture after `shown` of the steps.
pub fn frame(subject: &Subject, steps: &[Step], shown: usize) -> Frame {
    let groups: Vec<&Vec<i64>> = steps
        .iter()
        .filter_map(|step| match step {
            Step::Did(PassStep::GroupCleaned { segments, .. }) => Some(segments),
            _ => None,
        })
        .collect();
    let segment_of = |offset: i64| {
        let at = subject.cells.binary_search_by_key(&offset, |cell| cell.offset);
        at.map_or(i64::MAX, |at| subject.cells[at].segment)
    };
    let mut so_far = SoFar::default();
    for step in &steps[..shown.min(steps.len())] {
        let group = match step {
            Step::Judged { offset, .. } => {
                let segment = segment_of(*offset);
                groups.iter().find(|group| group.contains(&segment))
            }
            _ => None,
        };
        so_far.take(step, group.and_then(|group| group.first().copied()));
    }
    so_far.frame(subject)
}

#[derive(Default)]
struct SoFar {
    phase: Phase,
    fates: BTreeMap<i64, Fate>,
    now: Option<i64>,
    map: BTreeMap<Bytes, i64>,
    /// The key that is put into the map, or looked up in it.
    key: Option<Bytes>,
    made: Vec<Made>,
    replaced: Vec<i64>,
}

impl SoFar {
    fn take(&mut self, step: &Step, group: Option<i64>) {
        (self.now, self.key) = (None, None);
        self.phase = match step {
            Step::Mapped { .. } | Step::NotMapped { .. } => Phase::Map,
            Step::Judged { .. } | Step::Did(PassStep::MapBuilt { .. }) => Phase::Copy,
            Step::Did(PassStep::Finished { .. }) => Phase::Over,
            Step::Passed { .. } | Step::Did(_) => self.phase,
        };
        match step {
            Step::Mapped { offset, key, replaced } => {
                if let Some(replaced) = replaced {
                    self.fates.insert(*replaced, Fate::Older);
                }
                self.fates.insert(*offset, Fate::Newest);
                self.map.insert(key.clone(), *offset);
                self.key = Some(key.clone());
                self.now = Some(*offset);
            }
            Step::NotMapped { offset } => {
                self.fates.insert(*offset, Fate::Older);
                self.now = Some(*offset);
            }
            Step::Judged { offset, key, verdict } => {
                let fate = if verdict.stays() { Fate::Kept } else { Fate::Dropped };
                self.fates.insert(*offset, fate);
                (self.now, self.key) = (Some(*offset), key.clone());
                let base = group.unwrap_or(0);
                if self.made.last().is_none_or(|made| made.base != base) {
                    self.made.push(Made { base, ..Made::default() });
                }
                if let Some(made) = self.made.last_mut().filter(|_| verdict.stays()) {
                    made.cells.push(Cell {
                        offset: *offset,
                        key: key.as_deref().map(short_key),
                        is_tombstone: matches!(verdict, Verdict::Tombstone { .. }),
                        segment: base,
                    });
                    if made.cells.len() > COPIES {
                        made.cells.remove(0);
                        made.more += 1;
                    }
                }
            }
            Step::Passed { stay, .. } => {
                if let Some(made) = self.made.last_mut() {
                    made.more += stay;
                }
            }
            Step::Did(PassStep::Swap { stage, segments, .. }) => {
                if *stage == SwapStage::Replaced {
                    self.replaced.extend(segments);
                }
                let base = segments.first().copied().unwrap_or(0);
                let made = self.made.iter_mut().find(|made| made.base == base);
                made.into_iter().for_each(|made| made.swap = Some(*stage));
            }
            Step::Did(_) => {}
        }
    }

    fn frame(self, subject: &Subject) -> Frame {
        let cells = &subject.cells;
        let last_touched = self.now.or_else(|| self.fates.keys().next_back().copied());
        let focus = last_touched.unwrap_or(subject.to_clean.first_dirty_offset);
        let at = cells.partition_point(|cell| cell.offset < focus);
        let start = at.saturating_sub(CELLS / 2).min(cells.len().saturating_sub(CELLS));
        let end = cells.len().min(start + CELLS);
        let mut segments: Vec<DrawnSegment> = Vec::new();
        for cell in &cells[start..end] {
            if segments.last().is_none_or(|segment| segment.base != cell.segment) {
                segments.push(DrawnSegment {
                    base: cell.segment,
                    zone: subject.zone(cell.segment),
                    is_active: cell.segment == subject.active,
                    is_replaced: self.replaced.contains(&cell.segment),
                    cells: Vec::new(),
                });
            }
            let fate = self.fates.get(&cell.offset).copied().unwrap_or_default();
            let is_now = self.now == Some(cell.offset);
            let drawn = DrawnCell { cell: cell.clone(), fate, is_now };
            segments.last_mut().into_iter().for_each(|last| last.cells.push(drawn.clone()));
        }
        let keys = self.map.len();
        let at = self.key.as_ref().and_then(|key| self.map.keys().position(|other| other == key));
        let from = at.unwrap_or(0).saturating_sub(KEYS / 2).min(keys.saturating_sub(KEYS));
        let rows = self.map.iter().enumerate().skip(from).take(KEYS);
        let map = rows.map(|(row, (key, offset))| (short_key(key), *offset, at == Some(row)));
        let map = map.collect();
        Frame {
            phase: self.phase,
            segments,
            hidden: (start, cells.len() - end),
            map,
            keys,
            made: self.made,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kafkascope_engine::ids::{NodeId, TopicPartition};
    use kafkascope_engine::log::cleaner::CleanerConfig;
    use kafkascope_engine::script::Lang;
    use kafkascope_engine::script::runner::{Recording, Runner};
    use kafkascope_engine::spec::ClusterSpec;

    fn bench() -> Bench {
        let mut runner = Runner::new(Recording::new(ClusterSpec::new(3, 42)), Lang::En);
        for line in [
            "run until ready",
            "kafka-topics.sh --create --topic prices --config cleanup.policy=compact --replication-factor 1 --replica-assignment 1",
            "produce prices key=tea value=3",
            "produce prices key=cake value=5",
            "produce prices key=tea value=4",
            "run 2s",
        ] {
            assert!(runner.run_line(1, line).is_ok(), "{line}");
        }
        let cluster = runner.machine.cluster;
        let node = cluster.node(NodeId(1)).unwrap();
        let prices = TopicPartition::new("prices", 0);
        let log = &node.broker().unwrap().replicas.partitions[&prices].log;
        Bench::of_log(log, &node.disk, CleanerConfig::default(), cluster.now())
    }

    fn fates(frame: &Frame) -> Vec<Fate> {
        frame.segments.iter().flat_map(|s| s.cells.iter().map(|cell| cell.fate)).collect()
    }

    #[test]
    fn the_active_segment_is_not_to_be_cleaned() {
        let subject = subject(&bench());
        assert_eq!((subject.cells.len(), subject.is_due, subject.active), (3, false, 0));
        assert_eq!(subject.zone(0), Zone::Untouched);
        assert!(subject.rest_bytes > 0 && subject.to_clean.cleanable_bytes == 0);
    }

    #[test]
    fn the_picture_follows_the_steps() {
        let mut bench = bench();
        bench.close_active_segment();
        let subject = subject(&bench);
        assert_eq!((subject.zone(0), subject.is_due), (Zone::Dirty, true));
        let watched = bench.clean();
        let at = |shown| frame(&subject, &watched.steps, shown);
        assert_eq!((at(0).phase, fates(&at(0))), (Phase::Before, vec![Fate::Open; 3]));
        assert_eq!(fates(&at(3)), [Fate::Older, Fate::Newest, Fate::Newest]);
        let rows: Vec<_> =
            at(3).map.into_iter().map(|(k, offset, _)| (k.to_string(), offset)).collect();
        assert_eq!(rows, [("cake".to_string(), 1), ("tea".to_string(), 2)]);
        assert_eq!((at(4).phase, at(4).made.len()), (Phase::Copy, 0));
        let end = at(watched.steps.len());
        assert_eq!(fates(&end), [Fate::Dropped, Fate::Kept, Fate::Kept]);
        let offsets: Vec<i64> = end.made[0].cells.iter().map(|cell| cell.offset).collect();
        assert_eq!((offsets, end.made[0].suffix()), (vec![1, 2], ""));
        assert!(end.segments[0].is_replaced && end.phase == Phase::Over);
        let swapping: Vec<_> = (0..=watched.steps.len()).flat_map(|n| at(n).made).collect();
        assert!(swapping.iter().any(|made| made.suffix() == ".swap"));
    }
}
