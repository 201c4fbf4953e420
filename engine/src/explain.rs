//! Why something is still in a log: which rule keeps it, by the name of Kafka's setting, and when it
//! will go, or what has to happen first. Nothing here decides anything: the answers come from asking
//! the real retention ([`retention`]) and the real cleaner ([`compaction`]) about a copy of the log at
//! later times, as if nothing were appended until then.

pub mod broker;
mod compaction;
pub mod election;
pub mod owner;
pub mod partition;
pub mod quorum;
pub mod read_replica;
pub mod record;
mod retention;
pub mod silence;
#[cfg(test)]
mod tests;

pub use compaction::why_not_compacted;
pub use retention::why_not_deleted;

use crate::cluster::Cluster;
use crate::ids::{NodeId, TopicPartition};
use crate::log::log_manager::LogManager;
use crate::log::unified_log::UnifiedLog;
use crate::sim::disk::Disk;
use crate::sim::time::{EPOCH_MS, SimTime};
use crate::spec::BrokerConfig;
use crate::world::Timer;

/// A log that a broker has open, and everything that decides about its past.
#[derive(Clone, Copy, Debug)]
pub struct Situation<'a> {
    pub log: &'a UnifiedLog,
    pub disk: &'a Disk,
    pub manager: &'a LogManager,
    pub broker: &'a BrokerConfig,
    pub now: SimTime,
    /// When retention is looked at next, and when the cleaner comes by; `None` if never.
    pub next_check: Option<SimTime>,
    pub next_cleaner_run: Option<SimTime>,
}

impl<'a> Situation<'a> {
    /// `None` if the broker is down or has no such replica.
    pub fn of(cluster: &'a Cluster, node: NodeId, id: &TopicPartition) -> Option<Self> {
        let host = cluster.node(node)?;
        let replicas = &host.broker()?.replicas;
        Some(Situation {
            log: &replicas.partitions.get(id)?.log,
            disk: &host.disk,
            manager: &replicas.log_manager,
            broker: &cluster.spec().broker,
            now: cluster.now(),
            next_check: cluster.timer_due(node.into(), &Timer::LogRetention),
            next_cleaner_run: cluster.timer_due(node.into(), &Timer::LogCleaner),
        })
    }

    /// The first run of the cleaner at or after `time`.
    fn cleaner_run_at(&self, time: SimTime) -> Option<SimTime> {
        first_at(self.next_cleaner_run?, self.broker.log_cleaner_backoff_ms, time)
    }
}

/// The first of `next`, `next` + `every_ms`, ... that is not before `time`.
fn first_at(next: SimTime, every_ms: u64, time: SimTime) -> Option<SimTime> {
    let missing_ms = time.since(next).div_ceil(1000);
    Some(next.plus_millis(missing_ms.div_ceil(every_ms.max(1)).checked_mul(every_ms)?))
}

/// The virtual time of a Unix timestamp; the start if it is earlier. `None` if it never comes.
fn time_of(timestamp_ms: i64) -> Option<SimTime> {
    let since_start_ms = timestamp_ms.saturating_sub(EPOCH_MS).max(0) as u64;
    (since_start_ms < u64::MAX / 4000).then(|| SimTime::from_millis(since_start_ms))
}

/// The rules that are asked, those that matter most first, and what comes of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub rules: Vec<Rule>,
    /// When it leaves the log, if nothing is appended until then; `None` if something has to happen
    /// first. A cleaning takes some ms from here.
    pub at: Option<SimTime>,
}

impl Answer {
    /// Whether the rule is what keeps the thing, as opposed to telling how it goes. Of what will go,
    /// only a rule that passes by itself keeps it until then.
    pub fn is_kept_by(&self, rule: &Rule) -> bool {
        let passes = matches!(rule, Rule::Age { .. } | Rule::TooYoung { .. });
        rule.keeps() && (self.at.is_none() || passes)
    }
}

/// One rule and where things stand. Sizes are in bytes, ages and limits in ms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rule {
    /// No record has this offset yet.
    NotWritten {
        log_end_offset: i64,
    },
    /// No record has this offset any more: it was deleted, or compacted away.
    Gone,
    /// It cannot be read any more; its bytes are still there.
    BelowLogStart {
        log_start_offset: i64,
    },

    // Retention.
    /// `cleanup.policy` does not say `delete`.
    PolicyWithoutDelete,
    /// Segments go as a whole; the oldest first.
    WholeSegment {
        base_offset: i64,
        end_offset: i64,
        is_active: bool,
    },
    EmptySegment {
        base_offset: i64,
    },
    /// Only what is committed goes.
    AboveHighWatermark {
        end_offset: i64,
        high_watermark: i64,
    },
    /// `retention.ms`: of the youngest segment that is in the way, which is this one or an older.
    /// `until` is the first moment at which it is too old.
    Age {
        base_offset: i64,
        age_ms: i64,
        limit_ms: i64,
        until: Option<SimTime>,
    },
    NoAgeLimit,
    /// `retention.bytes`: so many more bytes in the log, and the segment goes.
    Size {
        log_bytes: u64,
        limit: u64,
        missing: u64,
    },
    NoSizeLimit,
    /// `log.retention.check.interval.ms`
    NextCheck {
        at: SimTime,
        interval_ms: u64,
    },
    /// `file.delete.delay.ms`, afterwards.
    FilesStay {
        delay_ms: i64,
    },
    /// `file.delete.delay.ms`: so many files of segments that are gone are still on the disk, the last
    /// of them until `until`.
    FilesLeft {
        files: usize,
        until: SimTime,
    },

    // Compaction.
    /// `cleanup.policy` does not say `compact`.
    PolicyWithoutCompact,
    /// `log.cleaner.enable`
    CleanerOff,
    /// The cleaner has met damage in it.
    Uncleanable,
    /// The cleaner is at work on this log.
    BeingCleaned {
        end_offset: i64,
    },
    /// The active segment is never cleaned. It is closed before an append that would take it over
    /// `segment.bytes`, or the first whose time is after `closes_after` (`segment.ms`).
    ActiveSegment {
        base_offset: i64,
        bytes: u64,
        bytes_left: u64,
        closes_after: Option<SimTime>,
    },
    /// Nothing from the last stable offset on is cleaned: not what is not committed, nor what comes
    /// after the start of an open transaction.
    AboveLastStableOffset {
        last_stable_offset: i64,
        high_watermark: i64,
    },
    /// `min.compaction.lag.ms`, of the first segment that is too young.
    TooYoung {
        base_offset: i64,
        lag_ms: i64,
        until: Option<SimTime>,
    },
    /// `min.cleanable.dirty.ratio`, in millionths. `missing` dirty bytes more and it is exceeded;
    /// `None`: it never is.
    DirtyRatio {
        clean_bytes: u64,
        cleanable_bytes: u64,
        ratio: u32,
        limit: u32,
        missing: Option<u64>,
    },
    /// `max.compaction.lag.ms`: the ratio does not matter from then on.
    MaxLag {
        lag_ms: i64,
        from: Option<SimTime>,
    },
    /// `log.cleaner.backoff.ms`
    NextCleanerRun {
        at: SimTime,
        backoff_ms: u64,
    },

    // Compaction, of one record.
    /// It stays: what a compacted log is for.
    NewestOfKey,
    /// The cleaner takes it out once it has read the newer one.
    Superseded {
        by: i64,
        first_dirty_offset: i64,
        first_uncleanable_offset: i64,
    },
    /// A compacted log has no place for it.
    NoKey,
    /// A marker goes after the records of its transaction.
    Marker,
    /// The newest of its key, without a value. `horizon` is set by the first cleaning that meets it;
    /// a later one takes it out (`delete.retention.ms`).
    Tombstone {
        delete_retention_ms: i64,
        horizon: Option<SimTime>,
    },
    /// The log is too large to look ahead in it.
    NotForeseen,
}

impl Rule {
    fn keeps(&self) -> bool {
        match self {
            Rule::Age { age_ms, limit_ms, .. } => age_ms <= limit_ms,
            Rule::Size { missing, .. } => *missing > 0,
            Rule::DirtyRatio { missing, .. } => *missing != Some(0),
            Rule::PolicyWithoutDelete
            | Rule::EmptySegment { .. }
            | Rule::AboveHighWatermark { .. }
            | Rule::NoAgeLimit
            | Rule::NoSizeLimit
            | Rule::PolicyWithoutCompact
            | Rule::CleanerOff
            | Rule::Uncleanable
            | Rule::ActiveSegment { .. }
            | Rule::TooYoung { .. }
            | Rule::AboveLastStableOffset { .. }
            | Rule::Tombstone { .. }
            | Rule::NewestOfKey
            | Rule::Marker => true,
            Rule::NotWritten { .. }
            | Rule::Gone
            | Rule::BelowLogStart { .. }
            | Rule::WholeSegment { .. }
            | Rule::NextCheck { .. }
            | Rule::FilesStay { .. }
            | Rule::FilesLeft { .. }
            | Rule::BeingCleaned { .. }
            | Rule::MaxLag { .. }
            | Rule::NextCleanerRun { .. }
            | Rule::Superseded { .. }
            | Rule::NoKey
            | Rule::NotForeseen => false,
        }
    }
}
