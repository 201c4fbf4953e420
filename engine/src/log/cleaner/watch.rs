//! A cleaning to look at: the real cleaner at work on a copy of a log, each step written down. The log
//! may be one that a broker has open, or the files of any log directory, also a real broker's; neither
//! is changed.

use super::cleaner_pass::{CleanerPass, Faults, PassStep};
use super::log_cleaner_manager::{LogToClean, checkpoint, cleanable_offsets};
use super::watcher::{Verdict, Watcher};
use super::{CleanerConfig, cleaner::CleanerStats};
use crate::ids::TopicPartition;
use crate::log::log_config::{CleanupPolicy, LogConfig};
use crate::log::log_error::LogError;
use crate::log::unified_log::{self, LoadOptions, RecoveryReport, UnifiedLog};
use crate::record::{Record, RecordBatch};
use crate::sim::disk::Disk;
use crate::sim::time::{EPOCH_MS, SimTime};
use bytes::Bytes;
use std::collections::BTreeMap;

/// Records of the map, and of the copy, that are told one by one; more are counted.
const RECORDS_MAX: usize = 1000;

/// A log of which nobody else knows, ready to be cleaned.
#[derive(Clone, Debug)]
pub struct Bench {
    pub log: UnifiedLog,
    pub disk: Disk,
    pub config: CleanerConfig,
    pub now: SimTime,
    /// What was put right when the files were read.
    pub recovered: Option<RecoveryReport>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// The map has the key now; `replaced` is what it had for it before.
    Mapped {
        offset: i64,
        key: Bytes,
        replaced: Option<i64>,
    },
    /// No key, a marker, or of an aborted transaction.
    NotMapped {
        offset: i64,
    },
    Judged {
        offset: i64,
        key: Option<Bytes>,
        verdict: Verdict,
    },
    /// So many more records, of which `stay` stay.
    Passed {
        records: usize,
        stay: usize,
    },
    Did(PassStep),
}

/// A cleaning that is over.
#[derive(Clone, Debug)]
pub struct Watched {
    pub to_clean: LogToClean,
    pub steps: Vec<Step>,
    pub stats: CleanerStats,
    /// The disk afterwards.
    pub disk: Disk,
    /// Where the cleaner met damage, and gave up.
    pub error: Option<LogError>,
}

impl Bench {
    /// A copy of a log that a broker has open.
    pub fn of_log(log: &UnifiedLog, disk: &Disk, config: CleanerConfig, now: SimTime) -> Self {
        Bench { log: log.clone(), disk: disk.clone(), config, now, recovered: None }
    }

    /// The log that the files of a directory make. It is read as after a crash, so damage and all that
    /// follows it is left out; everything in it counts as committed, and as dirty.
    pub fn of_files(disk: &Disk, dir: &str) -> Result<Self, LogError> {
        let partition = partition_of(dir);
        let own = partition.to_string();
        let files = disk.list(dir).into_iter().filter_map(|path| {
            let name = path.rsplit('/').next().unwrap_or(&path);
            Some((format!("{own}/{name}"), disk.read_all(&path)?))
        });
        let mut copy = Disk::from_files(files);
        let cleanup_policy = CleanupPolicy { compact: true, delete: false };
        let config = LogConfig { cleanup_policy, ..LogConfig::default() };
        let options = LoadOptions {
            clean_shutdown: false,
            recovery_point: 0,
            high_watermark_checkpoint: 0,
            log_start_offset_checkpoint: None,
            faults: unified_log::Faults::NONE,
        };
        let (mut log, recovered) =
            UnifiedLog::load(&mut copy, &partition, config, options, SimTime::ZERO)?;
        log.update_high_watermark(log.log_end_offset());
        let newest = log.segments().map(|s| s.max_timestamp_so_far().timestamp).max();
        let since_start_ms = newest.unwrap_or(0).saturating_sub(EPOCH_MS);
        let now = SimTime::from_millis(since_start_ms.clamp(0, 1 << 50) as u64);
        let config = CleanerConfig::default();
        Ok(Bench { log, disk: copy, config, now, recovered: Some(recovered) })
    }

    /// Closes the active segment, so that it may be cleaned too.
    pub fn close_active_segment(&mut self) {
        self.log.roll(&mut self.disk, self.now);
    }

    /// Lets the time pass after which tombstones that were met once may go.
    pub fn pass_delete_horizons(&mut self) {
        let batches = self.log.batches(&self.disk, 0).map_while(Result::ok);
        let horizons = batches.filter_map(|batch| batch.delete_horizon_ms());
        let last_ms = horizons.max().unwrap_or(0).saturating_sub(EPOCH_MS);
        let last = SimTime::from_millis(last_ms.clamp(0, 1 << 50) as u64);
        self.now = self.now.max(last);
    }

    /// What the cleaner would take up at this moment.
    pub fn to_clean(&self) -> LogToClean {
        let from = checkpoint(&self.disk, self.log.topic_partition());
        LogToClean::at(&self.log, cleanable_offsets(&self.log, from, self.now), self.now)
    }

    /// Cleans it, whether or not it is dirty enough.
    pub fn clean(mut self) -> Watched {
        let to_clean = self.to_clean();
        let (config, now) = (self.config, self.now);
        let faults = Faults::default();
        let mut pass = CleanerPass::begin(&self.log, to_clean.clone(), &config, faults, now);
        let mut recorder = Recorder::default();
        let error = loop {
            let done =
                pass.step_watched(&mut self.log, &mut self.disk, &config, now, &mut recorder);
            match done {
                Ok(step) => {
                    recorder.count_the_rest();
                    let is_over = matches!(step, PassStep::Finished { .. });
                    if let PassStep::Swap { files, .. } = &step {
                        files.iter().for_each(|file| self.disk.delete(file));
                    }
                    recorder.steps.push(Step::Did(step));
                    if is_over {
                        break None;
                    }
                }
                Err(error) => break Some(error),
            }
        };
        let stats = pass.stats;
        if error.is_some() {
            recorder.count_the_rest();
            pass.abort(&mut self.log, &mut self.disk);
        }
        Watched { to_clean, steps: recorder.steps, stats, disk: self.disk, error }
    }
}

/// `orders-0` by its name; any other directory is taken for partition 0 of a topic of that name.
fn partition_of(dir: &str) -> TopicPartition {
    let name = dir.rsplit('/').next().unwrap_or(dir);
    let parsed = name.rsplit_once('-').and_then(|(topic, number)| {
        Some(TopicPartition::new(topic, number.parse().ok().filter(|number| *number >= 0)?))
    });
    parsed.unwrap_or_else(|| TopicPartition::new(name, 0))
}

/// Writes down what it sees.
#[derive(Default)]
struct Recorder {
    steps: Vec<Step>,
    /// The newest offsets, as far as they are told.
    newest: BTreeMap<Bytes, i64>,
    mapped: usize,
    judged: usize,
    /// Not told one by one: how many, and how many of them stay.
    rest: (usize, usize),
}

impl Recorder {
    fn count_the_rest(&mut self) {
        let (records, stay) = std::mem::take(&mut self.rest);
        if records > 0 {
            self.steps.push(Step::Passed { records, stay });
        }
    }

    fn take_in(&mut self, step: impl FnOnce(&mut Self) -> Step) {
        self.mapped += 1;
        if self.mapped > RECORDS_MAX {
            self.rest.0 += 1;
            return;
        }
        let step = step(self);
        self.steps.push(step);
    }

    fn judge(&mut self, record: &Record, verdict: Verdict) {
        self.judged += 1;
        if self.judged > RECORDS_MAX {
            self.rest.0 += 1;
            self.rest.1 += usize::from(verdict.stays());
            return;
        }
        let (offset, key) = (record.offset, record.key.clone());
        self.steps.push(Step::Judged { offset, key, verdict });
    }
}

impl Watcher for Recorder {
    fn mapped(&mut self, record: &Record) {
        let (offset, key) = (record.offset, record.key.clone().unwrap_or_default());
        self.take_in(|this| {
            let replaced = this.newest.insert(key.clone(), offset);
            Step::Mapped { offset, key, replaced }
        });
    }

    fn not_mapped(&mut self, record: &Record) {
        let offset = record.offset;
        self.take_in(|_| Step::NotMapped { offset });
    }

    fn batch_not_mapped(&mut self, batch: &RecordBatch) {
        batch.records().map_while(Result::ok).for_each(|record| self.not_mapped(&record));
    }

    fn judged(&mut self, record: &Record, verdict: Verdict) {
        self.judge(record, verdict);
    }

    fn batch_judged(&mut self, batch: &RecordBatch, verdict: Verdict) {
        batch.records().map_while(Result::ok).for_each(|record| self.judge(&record, verdict));
    }
}
