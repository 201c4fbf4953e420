//! A segment as three columns: the time index points into the offset index, that into the log. Of a
//! long segment a window is shown, around the batch that matters now.

use super::outline::{BlockKind, Outline};
use kafkascope_engine::log::look_up::{IndexEntries, Step};
use kafkascope_engine::log::offset_index::OffsetPosition;
use kafkascope_engine::log::time_index::TimestampOffset;
use std::ops::Range;

/// Rows of a column.
pub const ROWS: usize = 12;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pointers {
    pub times: Vec<TimeCell>,
    pub offsets: Vec<OffsetCell>,
    pub batches: Vec<BatchCell>,
    /// How many there are in all.
    pub all: [usize; 3],
    /// From a row of one column to one of the next.
    pub time_links: Vec<Link>,
    pub offset_links: Vec<Link>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimeCell {
    pub slot: usize,
    pub entry: TimestampOffset,
    pub mark: Mark,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OffsetCell {
    pub slot: usize,
    pub entry: OffsetPosition,
    pub mark: Mark,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BatchCell {
    pub start: usize,
    pub base_offset: i64,
    pub last_offset: i64,
    pub mark: Mark,
}

/// What the look-up has to do with a cell so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mark {
    #[default]
    None,
    /// Was looked at.
    Touched,
    /// Is looked at now.
    Now,
    /// Is what was looked for, in this column.
    Found,
}

/// Rows from the top; `to` is below 0 or past the end for what is outside the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    pub from: usize,
    pub to: i64,
    pub is_now: bool,
}

/// What the steps so far say about one segment, the last of them being the present one.
#[derive(Clone, Copy, Debug)]
pub struct Progress<'a> {
    pub base_offset: i64,
    pub steps: &'a [Step],
}

impl Progress<'_> {
    /// The steps that are about this segment.
    fn here(&self) -> Range<usize> {
        let chosen = |step: &Step| match step {
            Step::SegmentChosen { base_offset, .. } => Some(*base_offset == self.base_offset),
            _ => None,
        };
        let start = self.steps.iter().position(|step| chosen(step) == Some(true));
        let Some(start) = start else { return 0..0 };
        let end = self.steps[start + 1..].iter().position(|step| chosen(step) == Some(false));
        start..end.map_or(self.steps.len(), |end| start + 1 + end)
    }

    fn mark(&self, of: impl Fn(&Step) -> Option<Mark>) -> Mark {
        let here = self.here();
        let last = self.steps.len();
        let marks = here.filter_map(|index| {
            let mark = of(&self.steps[index])?;
            Some(match mark {
                Mark::Touched if index + 1 == last => Mark::Now,
                mark => mark,
            })
        });
        marks.max().unwrap_or_default()
    }
}

pub fn pointers(
    outline: &Outline,
    entries: &IndexEntries,
    progress: Progress<'_>,
    focus: usize,
) -> Pointers {
    let time_mark = |slot: usize| {
        progress.mark(|step| match step {
            Step::TimeEntry { slot: at, .. } if *at == slot => Some(Mark::Touched),
            Step::TimeFound { slot: Some(at), .. } if *at == slot => Some(Mark::Found),
            _ => None,
        })
    };
    let offset_mark = |slot: usize| {
        progress.mark(|step| match step {
            Step::OffsetEntry { slot: at, .. } if *at == slot => Some(Mark::Touched),
            Step::OffsetFound { slot: Some(at), .. } if *at == slot => Some(Mark::Found),
            _ => None,
        })
    };
    let batch_mark = |start: usize| {
        progress.mark(|step| match step {
            Step::Batch { position, holds, .. } if *position == start as u64 => {
                Some(if *holds { Mark::Found } else { Mark::Touched })
            }
            Step::OffsetFound { entry, .. } if entry.position == start as u64 => {
                Some(Mark::Touched)
            }
            _ => None,
        })
    };

    let all: Vec<BatchCell> = outline
        .blocks
        .iter()
        .filter_map(|block| match block.what {
            BlockKind::Batch(header) => Some(BatchCell {
                start: block.start,
                base_offset: header.base_offset,
                last_offset: header.last_offset(),
                mark: Mark::None,
            }),
            _ => None,
        })
        .collect();
    let at = all.partition_point(|batch| batch.start <= focus).saturating_sub(1);
    let window = window_around(at, all.len());
    let mut batches = all[window.clone()].to_vec();
    for batch in &mut batches {
        batch.mark = batch_mark(batch.start);
    }
    let row_of_batch = |position: u64| {
        let index = all.partition_point(|batch| (batch.start as u64) < position);
        index as i64 - window.start as i64
    };

    // The entries that point into the window, and those around them.
    let centre = entries.offsets.partition_point(|entry| {
        entry.position < batches.first().map_or(0, |batch| batch.start as u64)
    });
    let half = entries.offsets[centre..]
        .iter()
        .take_while(|entry| row_of_batch(entry.position) < ROWS as i64)
        .count();
    let touched = (0..entries.offsets.len()).filter(|slot| offset_mark(*slot) != Mark::None);
    let slots = chosen(touched.collect(), centre + half / 2, entries.offsets.len());
    let offsets: Vec<OffsetCell> = slots
        .iter()
        .map(|&slot| OffsetCell { slot, entry: entries.offsets[slot], mark: offset_mark(slot) })
        .collect();
    let centre = entries.times.partition_point(|entry| {
        entry.offset < batches.first().map_or(0, |batch| batch.base_offset)
    });
    let touched = (0..entries.times.len()).filter(|slot| time_mark(*slot) != Mark::None);
    let slots_of_times = chosen(touched.collect(), centre, entries.times.len());
    let times: Vec<TimeCell> = slots_of_times
        .iter()
        .map(|&slot| TimeCell { slot, entry: entries.times[slot], mark: time_mark(slot) })
        .collect();

    let offset_links = offsets
        .iter()
        .enumerate()
        .map(|(from, cell)| Link {
            from,
            to: row_of_batch(cell.entry.position),
            is_now: cell.mark == Mark::Found,
        })
        .collect();
    let time_links = times
        .iter()
        .enumerate()
        .filter_map(|(from, cell)| {
            // Where the offset index leads for that offset.
            let after = entries.offsets.partition_point(|e| e.offset <= cell.entry.offset);
            let slot = after.checked_sub(1)?;
            let to = match slots.iter().position(|shown| *shown == slot) {
                Some(row) => row as i64,
                None if slots.first() > Some(&slot) => -1,
                None if slots.last() < Some(&slot) => ROWS as i64,
                // Between two that are shown.
                None => return None,
            };
            Some(Link { from, to, is_now: cell.mark == Mark::Found })
        })
        .collect();
    let all = [entries.times.len(), entries.offsets.len(), all.len()];
    Pointers { times, offsets, batches, all, time_links, offset_links }
}

/// `ROWS` in which `at` is, not moving with every row.
fn window_around(at: usize, len: usize) -> Range<usize> {
    let start = (at / (ROWS / 2) * (ROWS / 2)).saturating_sub(ROWS / 4);
    let start = start.min(len.saturating_sub(ROWS));
    start..(start + ROWS).min(len)
}

/// Up to `ROWS` slots: those of the look-up, the latest ones first, filled with those around `centre`.
fn chosen(touched: Vec<usize>, centre: usize, len: usize) -> Vec<usize> {
    let mut slots: Vec<usize> = touched.into_iter().rev().take(ROWS).collect();
    let mut away = 0;
    while slots.len() < ROWS.min(len) && away <= len {
        for slot in [centre.checked_sub(away), centre.checked_add(away)].into_iter().flatten() {
            if slot < len && !slots.contains(&slot) && slots.len() < ROWS {
                slots.push(slot);
            }
        }
        away += 1;
    }
    slots.sort_unstable();
    slots
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view_model::bytes::outline::Block;
    use kafkascope_engine::record::BatchHeader;

    /// `count` batches of 100 bytes and one record; entries for every second.
    fn segment(count: usize) -> (Outline, IndexEntries) {
        let header = |n: usize| BatchHeader {
            base_offset: n as i64,
            size_in_bytes: 100,
            partition_leader_epoch: 0,
            attributes: 0,
            last_offset_delta: 0,
            max_timestamp: 1000 + n as i64,
            records_count: 1,
        };
        let block =
            |n: usize| Block { start: n * 100, len: 100, what: BlockKind::Batch(header(n)) };
        let every = (2..count).step_by(2);
        let offset = |n: usize| OffsetPosition { offset: n as i64, position: n as u64 * 100 };
        let time = |n: usize| TimestampOffset { timestamp: 1000 + n as i64, offset: n as i64 };
        let outline = Outline { blocks: (0..count).map(block).collect(), damage: None };
        let entries = IndexEntries {
            offsets: every.clone().map(offset).collect(),
            times: every.map(time).collect(),
        };
        (outline, entries)
    }

    #[test]
    fn links_lead_from_entries_to_their_batches() {
        let (outline, entries) = segment(9);
        let shown = pointers(&outline, &entries, Progress { base_offset: 0, steps: &[] }, 0);
        assert_eq!(shown.all, [4, 4, 9]);
        let to: Vec<_> = shown.offset_links.iter().map(|link| (link.from, link.to)).collect();
        assert_eq!(to, [(0, 2), (1, 4), (2, 6), (3, 8)]);
        let to: Vec<_> = shown.time_links.iter().map(|link| (link.from, link.to)).collect();
        assert_eq!(to, [(0, 0), (1, 1), (2, 2), (3, 3)]);
    }

    #[test]
    fn a_long_segment_shows_a_window_with_what_the_search_touched() {
        let (outline, entries) = segment(1000);
        let entry = entries.offsets[400];
        let steps = [
            Step::SegmentChosen { base_offset: 0, of: 1 },
            Step::OffsetEntry { slot: 10, entry: entries.offsets[10], goes_right: true },
            Step::OffsetFound { slot: Some(400), entry },
        ];
        let progress = Progress { base_offset: 0, steps: &steps };
        let shown = pointers(&outline, &entries, progress, entry.position as usize);
        assert_eq!(
            (shown.batches.len(), shown.offsets.len(), shown.times.len()),
            (ROWS, ROWS, ROWS)
        );
        let mark = |slot| shown.offsets.iter().find(|cell| cell.slot == slot).map(|cell| cell.mark);
        assert_eq!((mark(10), mark(400)), (Some(Mark::Touched), Some(Mark::Found)));
        assert!(shown.batches.iter().any(|batch| batch.mark == Mark::Now));
        let elsewhere = Progress { base_offset: 7, steps: &steps };
        let shown = pointers(&outline, &entries, elsewhere, 0);
        assert!(shown.offsets.iter().all(|cell| cell.mark == Mark::None));
    }
}
