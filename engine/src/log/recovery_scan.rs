//! Where a log on a disk stops being what was written. It reads and changes nothing.
//!
//! Kafka checks the header and the CRC of every batch. The CRC covers neither the base offset nor
//! the leader epoch, so three more things are asked here, of one damaged place at a time:
//! - Offsets rise, and a batch that leaves a gap is confirmed by what follows it. Only the cleaner
//!   makes gaps, so where it may have been at work a gap at the end of the log stands.
//! - Its leader epoch is that of `leader-epoch-checkpoint`, which never misses one. If one batch
//!   disagrees with the file the batch is wrong; if two in a row do, the file is.
//! - A segment begins where the one before it ends, unless the cleaner may have been at work.

use super::file_records::{BatchPosition, BatchPositions, checked_batch_at};
use super::leader_epoch_cache::LeaderEpochFileCache;
use super::log_file_utils::{LOG_FILE_SUFFIX, file_path, relative_offset};
use crate::record::CorruptReason;
use crate::sim::disk::{Disk, File};
use std::fmt;

/// Why a log ends where it does, or cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TruncationReason {
    Corrupt(CorruptReason),
    /// The batch leaves out offsets, and nothing after it confirms its own.
    UnconfirmedGap {
        base_offset: i64,
        expected: i64,
    },
    /// Its epoch is not the checkpoint's.
    UnknownLeaderEpoch {
        leader_epoch: i32,
        expected: i32,
    },
    /// The next segment does not begin where this one ends.
    MissingOffsets {
        from: i64,
        to: i64,
    },
}

impl fmt::Display for TruncationReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TruncationReason::Corrupt(reason) => write!(f, "{reason}"),
            TruncationReason::UnconfirmedGap { base_offset, expected } => {
                write!(f, "the batch has base offset {base_offset} where {expected} should follow")
            }
            TruncationReason::UnknownLeaderEpoch { leader_epoch, expected } => {
                write!(f, "the batch has leader epoch {leader_epoch} where {expected} was leading")
            }
            TruncationReason::MissingOffsets { from, to } => {
                write!(f, "offsets {from} to {} are missing", to - 1)
            }
        }
    }
}

/// A place where a segment stops making sense: its index, and the byte in its `.log`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cut {
    pub segment: usize,
    pub position: u64,
    pub reason: TruncationReason,
}

/// The files to read.
pub struct RecoveryScan<'a> {
    pub disk: &'a Disk,
    pub dir: &'a str,
    /// Base offsets of all segments, in order.
    pub bases: &'a [i64],
    /// `None` if the file does not read.
    pub checkpoint: Option<&'a LeaderEpochFileCache>,
    /// Whether the topic's cleanup.policy has the cleaner at work.
    pub compacted: bool,
    /// The index of the first segment to recover: its batches are checked by CRC, and damage in it
    /// ends the log. Damage before it only makes that place unreadable.
    pub recover_from: usize,
}

/// What [`RecoveryScan::run`] found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Findings {
    /// Where the log ends, if that is not where its files do.
    pub cut: Option<Cut>,
    /// Damage in segments that are not recovered.
    pub damaged: Vec<Cut>,
    /// Bytes that were checked by CRC and found valid.
    pub bytes_scanned: u64,
}

/// What the batches so far lead one to expect of the next.
struct Trail {
    /// The smallest offset that may follow; `None` where nothing is known of what is before.
    end: Option<i64>,
    suspect: Option<Suspect>,
    /// Two batches in a row have not shown the checkpoint to be wrong.
    trust_checkpoint: bool,
}

/// A batch that is cleared or condemned by what follows it.
#[derive(Clone, Copy)]
struct Suspect {
    cut: Cut,
    /// Its epoch is not the checkpoint's; else it left a gap.
    by_epoch: bool,
    /// It is cleared also if nothing more follows.
    stands_at_end: bool,
}

impl Trail {
    /// The log can not go on at `cut`: is that so, or is the suspect before it to blame? If the two
    /// `contradict` each other, any suspect is.
    fn blame(&self, cut: Cut, contradict: bool) -> Cut {
        let guilty = self.suspect.filter(|suspect| contradict || !suspect.stands_at_end);
        guilty.map_or(cut, |suspect| suspect.cut)
    }
}

impl RecoveryScan<'_> {
    pub fn run(&self) -> Findings {
        let mut findings = Findings::default();
        let mut trail = Trail { end: None, suspect: None, trust_checkpoint: true };
        let no_file = File::default();
        for segment in 0..self.bases.len() {
            let enters = self.enter(&mut trail, segment);
            if let Err(cut) = enters
                && !self.settle(cut, segment, &mut trail, &mut findings)
            {
                return findings;
            }
            let file = self.file(segment).unwrap_or(&no_file);
            let mut batches = BatchPositions::from(file, 0);
            loop {
                let position = batches.position;
                let Some(batch) = batches.next() else { break };
                let valid = batch.and_then(|batch| match segment < self.recover_from {
                    true => Ok(batch),
                    false => checked_batch_at(file, batch).map(|_| batch),
                });
                let judged = match valid {
                    Ok(batch) => self.judge(&mut trail, segment, &batch).or_else(|cut| {
                        // If an earlier segment is to blame, this batch may be right all the same.
                        let earlier = cut.segment < segment && cut.segment < self.recover_from;
                        if !earlier {
                            return Err(cut);
                        }
                        findings.damaged.push(cut);
                        trail.suspect = None;
                        self.judge(&mut trail, segment, &batch)
                    }),
                    Err(error) => {
                        let reason = TruncationReason::Corrupt(error.reason);
                        Err(trail.blame(Cut { segment, position, reason }, false))
                    }
                };
                if let Err(cut) = judged {
                    if !self.settle(cut, segment, &mut trail, &mut findings) {
                        return findings;
                    }
                    break;
                }
                if segment >= self.recover_from {
                    findings.bytes_scanned += batches.position - position;
                }
            }
        }
        if let Some(suspect) = trail.suspect.filter(|suspect| !suspect.stands_at_end) {
            self.settle(suspect.cut, self.bases.len(), &mut trail, &mut findings);
        }
        findings
    }

    /// Notes a damaged place that was found in `segment`. Answers whether to go on behind it.
    fn settle(&self, cut: Cut, segment: usize, trail: &mut Trail, findings: &mut Findings) -> bool {
        let is_hole = matches!(cut.reason, TruncationReason::MissingOffsets { .. });
        if cut.segment >= self.recover_from || (is_hole && segment >= self.recover_from) {
            findings.cut = Some(cut);
            return false;
        }
        // What is missing between segments that are not recovered was missing before.
        if !is_hole {
            findings.damaged.push(cut);
        }
        trail.suspect = None;
        trail.end = self.bases.get(segment).copied().filter(|_| cut.segment < segment);
        true
    }

    fn file(&self, segment: usize) -> Option<&File> {
        self.disk.file(&file_path(self.dir, self.bases[segment], LOG_FILE_SUFFIX))
    }

    fn enter(&self, trail: &mut Trail, segment: usize) -> Result<(), Cut> {
        let base = self.bases[segment];
        if let Some(end) = trail.end.filter(|end| *end != base) {
            let overlaps = base < end;
            if overlaps || !self.may_have_gaps() {
                let position = self.file(segment - 1).map_or(0, File::len);
                let reason = TruncationReason::MissingOffsets { from: end, to: base };
                return Err(trail.blame(Cut { segment: segment - 1, position, reason }, overlaps));
            }
        }
        // The name of the file confirms the offsets before it.
        trail.suspect = trail.suspect.filter(|suspect| suspect.by_epoch);
        trail.end = Some(base);
        Ok(())
    }

    fn judge(&self, trail: &mut Trail, segment: usize, batch: &BatchPosition) -> Result<(), Cut> {
        let header = batch.header;
        let cut = |reason| Cut { segment, position: batch.position, reason };
        let expected = trail.end.unwrap_or(self.bases[segment]);
        let base_offset = header.base_offset;
        let fits = relative_offset(self.bases[segment], header.last_offset()).is_some();
        if base_offset < expected || !fits {
            let reason = CorruptReason::OffsetOutOfOrder { base_offset, expected };
            return Err(trail.blame(cut(TruncationReason::Corrupt(reason)), true));
        }
        let leader_epoch = header.partition_leader_epoch;
        let checkpoint = self.checkpoint.filter(|_| trail.trust_checkpoint);
        let mut strange_epoch = checkpoint
            .and_then(|cache| cache.epoch_for_offset(base_offset))
            .filter(|epoch| *epoch != leader_epoch);
        if let Some(suspect) = trail.suspect.filter(|suspect| suspect.by_epoch) {
            if strange_epoch.is_none() {
                return Err(suspect.cut);
            }
            trail.trust_checkpoint = false;
            strange_epoch = None;
        }
        trail.suspect = if let Some(expected) = strange_epoch {
            let reason = TruncationReason::UnknownLeaderEpoch { leader_epoch, expected };
            Some(Suspect { cut: cut(reason), by_epoch: true, stands_at_end: false })
        } else if base_offset > expected {
            let reason = TruncationReason::UnconfirmedGap { base_offset, expected };
            let stands_at_end = self.may_have_gaps();
            Some(Suspect { cut: cut(reason), by_epoch: false, stands_at_end })
        } else {
            None
        };
        trail.end = Some(header.next_offset());
        Ok(())
    }

    /// Whether the cleaner may have taken offsets out: the policy says so, or, where a topic was
    /// compacted before, a batch it has rewritten or a gap that the next batch confirms.
    fn may_have_gaps(&self) -> bool {
        let no_file = File::default();
        self.compacted
            || (0..self.bases.len()).any(|segment| {
                let file = self.file(segment).unwrap_or(&no_file);
                let mut expected = self.bases[segment];
                let mut gap = false;
                BatchPositions::from(file, 0)
                    .map_while(|batch| checked_batch_at(file, batch.ok()?).ok())
                    .map(|batch| batch.header())
                    .any(|header| {
                        let confirmed = gap && header.base_offset >= expected;
                        gap = header.base_offset > expected;
                        expected = header.next_offset();
                        confirmed || header.is_rewritten()
                    })
            })
    }
}
