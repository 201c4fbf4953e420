//! How a log finds an offset or a time, told step by step: which segment, which index entries the
//! binary search touches, which batches are then read in the log. The searches are the indexes' own
//! ([`OffsetIndex::lookup_with`], [`TimeIndex::lookup_with`]); only the files of a directory are
//! needed, so a log of a real broker can be asked as well.

use super::file_records::{BatchPosition, BatchPositions, batch_at};
use super::log_file_utils::{
    INDEX_FILE_SUFFIX, LOG_FILE_SUFFIX, TIME_INDEX_FILE_SUFFIX, file_path, parse_path,
};
use super::offset_index::{self, IndexError, OffsetIndex, OffsetPosition};
use super::time_index::{self, TimeIndex, TimestampOffset};
use crate::record::batch_header::NO_TIMESTAMP;
use crate::record::{BatchHeader, CorruptRecord};
use crate::sim::disk::{Disk, File};

/// Batches that are passed over one by one; more are counted.
const BATCHES_MAX: usize = 40;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    Offset(i64),
    /// Unix ms: the first record that is as late.
    Time(i64),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Nothing in the segment is as late.
    SegmentPassed {
        base_offset: i64,
        max_timestamp: i64,
    },
    /// For an offset: the last segment that does not begin above it.
    SegmentChosen {
        base_offset: i64,
        of: usize,
    },
    /// The binary search compared an entry of the time index; `goes_right` if it is not too late.
    TimeEntry {
        slot: usize,
        entry: TimestampOffset,
        goes_right: bool,
    },
    /// The last entry that is not too late; without one, the segment's start.
    TimeFound {
        slot: Option<usize>,
        entry: TimestampOffset,
    },
    OffsetEntry {
        slot: usize,
        entry: OffsetPosition,
        goes_right: bool,
    },
    OffsetFound {
        slot: Option<usize>,
        entry: OffsetPosition,
    },
    /// An index that is no index is not believed: the scan begins at the start of the segment.
    IndexDamaged {
        suffix: &'static str,
        position: u64,
    },
    /// The header of a batch was read; `holds` if it is the one.
    Batch {
        position: u64,
        header: BatchHeader,
        holds: bool,
    },
    /// As many more were passed over.
    BatchesPassed {
        count: usize,
    },
    Record {
        offset: i64,
        timestamp: i64,
        is_it: bool,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// `position` is where its batch starts.
    Found {
        offset: i64,
        timestamp: i64,
        base_offset: i64,
        position: u64,
    },
    /// There is no such record: beyond the end, or all are earlier.
    NotThere,
    /// The directory holds no segment, or none that begins so low.
    NoSegment,
    Damaged {
        base_offset: i64,
        error: CorruptRecord,
    },
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LookUp {
    pub steps: Vec<Step>,
    pub end: End,
}

/// Looks in the directory `dir` of a disk.
pub fn look_up(disk: &Disk, dir: &str, target: Target) -> LookUp {
    let mut steps = Vec::new();
    let end = match target {
        Target::Offset(offset) => by_offset(disk, dir, offset, &mut steps),
        Target::Time(timestamp) => by_time(disk, dir, timestamp, &mut steps),
    };
    LookUp { steps, end }
}

/// The base offsets of the segments, in order.
fn segments(disk: &Disk, dir: &str) -> Vec<i64> {
    let is_log = |(base, suffix): (i64, &str)| (suffix == LOG_FILE_SUFFIX).then_some(base);
    disk.list(dir).iter().filter_map(|path| parse_path(path).and_then(is_log)).collect()
}

fn by_offset(disk: &Disk, dir: &str, offset: i64, steps: &mut Vec<Step>) -> End {
    let segments = segments(disk, dir);
    let Some(chosen) = segments.iter().rposition(|base| *base <= offset) else {
        return End::NoSegment;
    };
    // After a compaction the offset, and with it the end of its segment, may be gone.
    for (index, &base_offset) in segments.iter().enumerate().skip(chosen) {
        steps.push(Step::SegmentChosen { base_offset, of: segments.len() });
        let start = match index == chosen {
            true => position_of(disk, dir, base_offset, offset, steps),
            false => 0,
        };
        let holds = |header: &BatchHeader| header.last_offset() >= offset;
        let end = find(disk, dir, base_offset, start, steps, holds, |at, _| at >= offset);
        if let Some(end) = end {
            return end;
        }
    }
    End::NotThere
}

fn by_time(disk: &Disk, dir: &str, timestamp: i64, steps: &mut Vec<Step>) -> End {
    let segments = segments(disk, dir);
    if segments.is_empty() {
        return End::NoSegment;
    }
    for &base_offset in &segments {
        let max_timestamp = max_timestamp(disk, dir, base_offset);
        if max_timestamp < timestamp {
            steps.push(Step::SegmentPassed { base_offset, max_timestamp });
            continue;
        }
        steps.push(Step::SegmentChosen { base_offset, of: segments.len() });
        let from = TimestampOffset { timestamp: NO_TIMESTAMP, offset: base_offset };
        let index = load(disk, dir, base_offset, time_index::ENTRY_SIZE, TimeIndex::load);
        let from = match index {
            Err(error) => {
                steps.push(damaged(TIME_INDEX_FILE_SUFFIX, error));
                from
            }
            Ok(index) => {
                let slot_of = |entry| index.entries().position(|other| other == entry);
                let mut touched = Vec::new();
                let found = index.lookup_with(timestamp, |entry| touched.push(entry));
                steps.extend(touched.into_iter().map(|entry| Step::TimeEntry {
                    slot: slot_of(entry).unwrap_or(0),
                    entry,
                    goes_right: entry.timestamp <= timestamp,
                }));
                steps.push(Step::TimeFound { slot: slot_of(found), entry: found });
                found
            }
        };
        let start = position_of(disk, dir, base_offset, from.offset, steps);
        let holds = |header: &BatchHeader| header.max_timestamp >= timestamp;
        let end = find(disk, dir, base_offset, start, steps, holds, |_, time| time >= timestamp);
        if let Some(end) = end {
            return end;
        }
    }
    End::NotThere
}

/// The first record from `start` on that `is_it`, in the batches that may hold it.
fn find(
    disk: &Disk,
    dir: &str,
    base_offset: i64,
    start: u64,
    steps: &mut Vec<Step>,
    holds: impl Fn(&BatchHeader) -> bool,
    is_it: impl Fn(i64, i64) -> bool,
) -> Option<End> {
    let mut position = start;
    loop {
        let found = scan(disk, dir, base_offset, position, steps, &holds);
        if let Ok(Some((at, header))) = found {
            position = at + u64::from(header.size_in_bytes);
        }
        let is_last = !matches!(found, Ok(Some(_)));
        let end = record_in(disk, dir, base_offset, found, steps, &is_it);
        if end.is_some() || is_last {
            return end;
        }
    }
}

fn max_timestamp(disk: &Disk, dir: &str, base_offset: i64) -> i64 {
    let path = file_path(dir, base_offset, LOG_FILE_SUFFIX);
    let batches = disk.file(&path).map(|file| BatchPositions::from(file, 0));
    let times = batches.into_iter().flatten().map_while(Result::ok);
    times.map(|batch| batch.header.max_timestamp).max().unwrap_or(NO_TIMESTAMP)
}

/// Where in the `.log` the scan for an offset begins.
fn position_of(
    disk: &Disk,
    dir: &str,
    base_offset: i64,
    offset: i64,
    steps: &mut Vec<Step>,
) -> u64 {
    match load(disk, dir, base_offset, offset_index::ENTRY_SIZE, OffsetIndex::load) {
        Err(error) => {
            steps.push(damaged(INDEX_FILE_SUFFIX, error));
            0
        }
        Ok(index) => {
            let slot_of = |entry| index.entries().position(|other| other == entry);
            let mut touched = Vec::new();
            let found = index.lookup_with(offset, |entry| touched.push(entry));
            steps.extend(touched.into_iter().map(|entry| Step::OffsetEntry {
                slot: slot_of(entry).unwrap_or(0),
                entry,
                goes_right: entry.offset <= offset,
            }));
            steps.push(Step::OffsetFound { slot: slot_of(found), entry: found });
            found.position
        }
    }
}

fn damaged(suffix: &'static str, error: IndexError) -> Step {
    let position = if let IndexError::Corrupt { position } = error { position } else { 0 };
    Step::IndexDamaged { suffix, position }
}

type Load<T> = fn(&Disk, &str, i64, i32) -> Result<T, IndexError>;

/// The index of a segment; a missing one is empty. The room that Kafka reserves in one it still
/// writes to is left out: zeros after the first entry.
fn load<T>(
    disk: &Disk,
    dir: &str,
    base_offset: i64,
    entry_size: usize,
    load: Load<T>,
) -> Result<T, IndexError> {
    let suffix = match entry_size {
        offset_index::ENTRY_SIZE => INDEX_FILE_SUFFIX,
        _ => TIME_INDEX_FILE_SUFFIX,
    };
    let path = file_path(dir, base_offset, suffix);
    let bytes = disk.read_all(&path).unwrap_or_default();
    let all_zero = bytes.iter().all(|byte| *byte == 0);
    let is_unused = |(slot, entry): (usize, &[u8])| {
        (slot > 0 || all_zero) && entry.iter().all(|byte| *byte == 0)
    };
    let used = bytes.chunks(entry_size).enumerate().position(is_unused);
    let bytes = used.map_or(bytes.clone(), |slot| bytes.slice(..slot * entry_size));
    let scratch = Disk::from_files([(path, bytes)]);
    load(&scratch, dir, base_offset, i32::MAX)
}

type Found = Result<Option<(u64, BatchHeader)>, CorruptRecord>;

/// Goes from batch to batch until one satisfies `holds`.
fn scan(
    disk: &Disk,
    dir: &str,
    base_offset: i64,
    position: u64,
    steps: &mut Vec<Step>,
    holds: impl Fn(&BatchHeader) -> bool,
) -> Found {
    let no_file = File::default();
    let path = file_path(dir, base_offset, LOG_FILE_SUFFIX);
    let file = disk.file(&path).unwrap_or(&no_file);
    let mut passed = 0;
    let mut found = Ok(None);
    for batch in BatchPositions::from(file, position) {
        match batch {
            Ok(at) if holds(&at.header) => {
                found = Ok(Some((at.position, at.header)));
                break;
            }
            Ok(at) => {
                passed += 1;
                if passed <= BATCHES_MAX {
                    let (position, header) = (at.position, at.header);
                    steps.push(Step::Batch { position, header, holds: false });
                }
            }
            Err(error) => {
                found = Err(error);
                break;
            }
        }
    }
    if passed > BATCHES_MAX {
        steps.push(Step::BatchesPassed { count: passed - BATCHES_MAX });
    }
    if let Ok(Some((position, header))) = found {
        steps.push(Step::Batch { position, header, holds: true });
    }
    found
}

/// The first record of the found batch that `is_it`, by its offset and timestamp. `None` if the
/// batch has none such.
fn record_in(
    disk: &Disk,
    dir: &str,
    base_offset: i64,
    found: Found,
    steps: &mut Vec<Step>,
    is_it: impl Fn(i64, i64) -> bool,
) -> Option<End> {
    let (position, header) = match found {
        Ok(found) => found?,
        Err(error) => return Some(End::Damaged { base_offset, error }),
    };
    let path = file_path(dir, base_offset, LOG_FILE_SUFFIX);
    let file = disk.file(&path)?;
    let damaged = |error| Some(End::Damaged { base_offset, error });
    let batch = match batch_at(file, BatchPosition { position, header }) {
        Ok(batch) => batch,
        Err(error) => return damaged(error),
    };
    let mut passed = 0;
    for record in batch.records() {
        let record = match record {
            Ok(record) => record,
            Err(error) => return damaged(error.shifted(position)),
        };
        let is_it = is_it(record.offset, record.timestamp);
        passed += 1;
        if is_it || passed <= BATCHES_MAX {
            let (offset, timestamp) = (record.offset, record.timestamp);
            steps.push(Step::Record { offset, timestamp, is_it });
        }
        if is_it {
            let (offset, timestamp) = (record.offset, record.timestamp);
            return Some(End::Found { offset, timestamp, base_offset, position });
        }
    }
    None
}

/// The entries of a segment's indexes, as far as they are indexes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IndexEntries {
    pub offsets: Vec<OffsetPosition>,
    pub times: Vec<TimestampOffset>,
}

pub fn index_entries(disk: &Disk, dir: &str, base_offset: i64) -> IndexEntries {
    let offsets = load(disk, dir, base_offset, offset_index::ENTRY_SIZE, OffsetIndex::load);
    let times = load(disk, dir, base_offset, time_index::ENTRY_SIZE, TimeIndex::load);
    IndexEntries {
        offsets: offsets.map_or(Vec::new(), |index| index.entries().collect()),
        times: times.map_or(Vec::new(), |index| index.entries().collect()),
    }
}

#[cfg(test)]
mod tests;
