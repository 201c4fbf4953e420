//! One cleaning of one log, a step at a time: build the map; then for each group of segments copy what
//! stays into a new segment, and swap that in; at last write the checkpoint. A stop between any two
//! steps leaves the old segments or the new ones.

use super::cleaned_transaction_metadata::CleanedTransactionMetadata;
use super::cleaner::{
    CleanerStats, Filter, build_offset_map, clean_segments, group_segments_by_size,
};
use super::cleaner_config::CleanerConfig;
use super::log_cleaner_manager::{LogToClean, note_compacted, update_checkpoint};
use super::offset_map::SkimpyOffsetMap;
use super::watcher::Watcher;
use crate::log::log_error::LogError;
use crate::log::log_file_utils::{CLEANED_FILE_SUFFIX, SWAP_FILE_SUFFIX};
use crate::log::log_segment::LogSegment;
use crate::log::unified_log::UnifiedLog;
use crate::sim::disk::Disk;
use crate::sim::time::SimTime;
use std::sync::Arc;

/// A cleaning that is under way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CleanerPass {
    pub to_clean: LogToClean,
    pub stats: CleanerStats,
    /// Base offsets of the segments of each group.
    pub groups: Vec<Vec<i64>>,
    /// The group that is next, or at work.
    pub group: usize,
    pub map: Arc<SkimpyOffsetMap>,
    stage: Stage,
    transactions: CleanedTransactionMetadata,
    /// Unix ms when it began; horizons are counted from here.
    current_time_ms: i64,
    /// How often the log had been cut when it began.
    truncations: u64,
    faults: Faults,
}

/// Ways in which a pass is broken on purpose.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Faults {
    pub forget_tombstones: bool,
    /// The old segments are taken away before the new one is in its place.
    pub swap_deletes_first: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Stage {
    BuildMap,
    Clean,
    /// The cleaned segment is complete, and durable.
    Cleaned(Box<LogSegment>),
    /// Its files have the suffix that makes a restart finish the swap.
    Swapping(Box<LogSegment>),
    /// The old segments are gone; the new one has yet to take its name.
    Replaced,
}

/// How far the swap of a group is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SwapStage {
    /// `.cleaned` has become `.swap`: from here on a restart goes forward.
    Began,
    /// The old files are `.deleted`, and the log reads the new segment.
    Replaced,
    /// `.swap` has lost its suffix.
    Done,
}

/// What a step did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PassStep {
    MapBuilt {
        keys: u64,
        /// The log will be clean below it.
        end_offset: i64,
        /// There was no room for more keys.
        is_full: bool,
    },
    GroupCleaned {
        segments: Vec<i64>,
        bytes_before: u64,
        bytes_after: u64,
    },
    Swap {
        stage: SwapStage,
        segments: Vec<i64>,
        /// Files that now wait to be removed.
        files: Vec<Arc<str>>,
    },
    Finished {
        end_offset: i64,
    },
}

impl CleanerPass {
    pub fn begin(
        log: &UnifiedLog,
        to_clean: LogToClean,
        config: &CleanerConfig,
        faults: Faults,
        now: SimTime,
    ) -> Self {
        CleanerPass {
            to_clean,
            stats: CleanerStats::default(),
            groups: Vec::new(),
            group: 0,
            map: Arc::new(SkimpyOffsetMap::new(config.dedupe_buffer_size)),
            stage: Stage::BuildMap,
            transactions: CleanedTransactionMetadata::default(),
            current_time_ms: now.timestamp_ms(),
            truncations: log.truncations(),
            faults,
        }
    }

    /// Whether the log has been cut under it, or is not to be compacted any more.
    pub fn is_overtaken(&self, log: &UnifiedLog) -> bool {
        log.truncations() != self.truncations || !log.config().cleanup_policy.compact
    }

    /// Bytes that are read or written before the next step is done: the dirty ones for the map, those
    /// of the group for its copy and its swap.
    pub fn next_step_bytes(&self, log: &UnifiedLog) -> u64 {
        match &self.stage {
            Stage::BuildMap => self.to_clean.cleanable_bytes,
            Stage::Cleaned(cleaned) | Stage::Swapping(cleaned) => cleaned.size(),
            Stage::Clean | Stage::Replaced => {
                let group = self.groups.get(self.group).map_or(&[][..], |group| group);
                let members = log.segments().filter(|s| group.contains(&s.base_offset()));
                members.map(|segment| segment.size()).sum()
            }
        }
    }

    /// Does the next step. After an error the pass has to be aborted.
    pub fn step(
        &mut self,
        log: &mut UnifiedLog,
        disk: &mut Disk,
        config: &CleanerConfig,
        now: SimTime,
    ) -> Result<PassStep, LogError> {
        self.step_watched(log, disk, config, now, &mut ())
    }

    /// The same, with somebody looking on.
    pub fn step_watched(
        &mut self,
        log: &mut UnifiedLog,
        disk: &mut Disk,
        config: &CleanerConfig,
        now: SimTime,
        watcher: &mut impl Watcher,
    ) -> Result<PassStep, LogError> {
        match std::mem::replace(&mut self.stage, Stage::Clean) {
            Stage::BuildMap => {
                note_compacted(disk, &self.to_clean.partition, log.log_start_offset());
                self.build_map(log, disk, config, watcher)
            }
            Stage::Clean if self.group == self.groups.len() => {
                let end_offset = self.end_offset();
                update_checkpoint(disk, &self.to_clean.partition, end_offset);
                Ok(PassStep::Finished { end_offset })
            }
            Stage::Clean => self.clean_group(log, disk, now, watcher),
            Stage::Cleaned(mut cleaned) => {
                if self.faults.swap_deletes_first {
                    return Ok(self.replace(log, disk, cleaned));
                }
                cleaned.change_file_suffixes(disk, CLEANED_FILE_SUFFIX, SWAP_FILE_SUFFIX);
                self.stage = Stage::Swapping(cleaned);
                let segments = self.groups[self.group].clone();
                Ok(PassStep::Swap { stage: SwapStage::Began, segments, files: Vec::new() })
            }
            Stage::Swapping(cleaned) => Ok(self.replace(log, disk, cleaned)),
            Stage::Replaced => {
                let segments = self.groups[self.group].clone();
                self.finish_swap(log, disk);
                self.group += 1;
                Ok(PassStep::Swap { stage: SwapStage::Done, segments, files: Vec::new() })
            }
        }
    }

    /// The first offset that is dirty after the pass.
    fn end_offset(&self) -> i64 {
        (self.map.latest_offset() + 1).max(self.to_clean.first_dirty_offset)
    }

    fn build_map(
        &mut self,
        log: &UnifiedLog,
        disk: &Disk,
        config: &CleanerConfig,
        watcher: &mut impl Watcher,
    ) -> Result<PassStep, LogError> {
        let range = (self.to_clean.first_dirty_offset, self.to_clean.first_uncleanable_offset);
        let map = Arc::make_mut(&mut self.map);
        let map_size = config.desired_map_size(map.slots());
        let is_full = build_offset_map(log, disk, range, map, map_size, &mut self.stats, watcher)?;
        let end_offset = self.end_offset();
        self.groups =
            group_segments_by_size(log, end_offset, self.to_clean.first_uncleanable_offset);
        Ok(PassStep::MapBuilt { keys: self.map.len() as u64, end_offset, is_full })
    }

    fn clean_group(
        &mut self,
        log: &UnifiedLog,
        disk: &mut Disk,
        now: SimTime,
        watcher: &mut impl Watcher,
    ) -> Result<PassStep, LogError> {
        let group = self.groups[self.group].clone();
        let before = self.stats;
        let filter = Filter {
            map: &self.map,
            current_time_ms: self.current_time_ms,
            delete_retention_ms: log.config().delete_retention_ms,
            retain_last_batch_before: log.high_watermark(),
            forget_tombstones: self.faults.forget_tombstones,
        };
        let (transactions, stats) = (&mut self.transactions, &mut self.stats);
        let cleaned =
            clean_segments(log, disk, &group, &filter, transactions, stats, now, watcher)?;
        self.stage = Stage::Cleaned(Box::new(cleaned));
        Ok(PassStep::GroupCleaned {
            segments: group,
            bytes_before: self.stats.bytes_read - before.bytes_read,
            bytes_after: self.stats.bytes_written - before.bytes_written,
        })
    }

    fn replace(
        &mut self,
        log: &mut UnifiedLog,
        disk: &mut Disk,
        cleaned: Box<LogSegment>,
    ) -> PassStep {
        let segments = self.groups[self.group].clone();
        let files = log.replace_segments(disk, *cleaned, &segments);
        self.stage = Stage::Replaced;
        PassStep::Swap { stage: SwapStage::Replaced, segments, files }
    }

    fn finish_swap(&self, log: &mut UnifiedLog, disk: &mut Disk) {
        let suffix =
            if self.faults.swap_deletes_first { CLEANED_FILE_SUFFIX } else { SWAP_FILE_SUFFIX };
        if let Some(base_offset) = self.groups.get(self.group).and_then(|group| group.first()) {
            log.change_segment_suffix(disk, *base_offset, suffix, "");
        }
    }

    /// Gives the pass up: what it has not swapped in is removed.
    pub fn abort(self, log: &mut UnifiedLog, disk: &mut Disk) {
        match &self.stage {
            Stage::Cleaned(cleaned) | Stage::Swapping(cleaned) => cleaned.delete(disk),
            Stage::Replaced => self.finish_swap(log, disk),
            Stage::BuildMap | Stage::Clean => {}
        }
    }
}
