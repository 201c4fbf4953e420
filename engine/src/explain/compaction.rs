//! Compaction: the real manager is asked at which moment it would find the log dirty enough; for one
//! record the real cleaner then goes over a copy, until the record is gone.

use super::{Answer, Rule, Situation, time_of};
use crate::log::cleaner::cleaner_pass::Faults;
use crate::log::cleaner::log_cleaner_manager::{OffsetsToClean, checkpoint, cleanable_offsets};
use crate::log::cleaner::{CleanerConfig, CleanerPass, LogToClean, PassStep};
use crate::log::unified_log::UnifiedLog;
use crate::record::{Record, RecordBatch};
use crate::sim::disk::Disk;
use crate::sim::time::SimTime;

/// Cleanings that are tried on a copy to see a record go.
const PASSES_MAX: usize = 4;
/// Larger logs are not copied and cleaned for an answer.
const FORESEEN_BYTES_MAX: u64 = 1 << 20;

/// Why the log is not compacted yet; with an offset, why that record is still in it.
pub fn why_not_compacted(situation: &Situation<'_>, offset: Option<i64>) -> Answer {
    let Situation { log, disk, .. } = *situation;
    let log_end_offset = log.log_end_offset();
    if offset.is_some_and(|offset| offset >= log_end_offset) {
        return Answer { rules: vec![Rule::NotWritten { log_end_offset }], at: None };
    }
    if let Some(rule) = what_forbids_it(situation) {
        return Answer { rules: vec![rule], at: None };
    }
    let offsets = offsets_at(log, disk, situation.now);
    let mut rules = Vec::new();
    let mut answer_at = next_run(situation, log, disk, situation.now);
    let mut reach = i64::MAX;
    if let Some(offset) = offset {
        let fate = fate(log, disk, offset, offsets);
        answer_at = match fate {
            Some(Rule::NewestOfKey | Rule::Marker) => None,
            Some(_) if log.size() <= FORESEEN_BYTES_MAX => gone_at(situation, offset),
            Some(_) => None,
            None => return Answer { rules: vec![Rule::Gone], at: None },
        };
        let stays = matches!(fate, Some(Rule::NewestOfKey));
        // The cleaner has to come so far.
        reach = match fate {
            Some(Rule::Superseded { by, .. }) => by,
            _ => offset,
        };
        rules.extend(fate);
        if stays {
            return Answer { rules, at: None };
        }
        if log.size() > FORESEEN_BYTES_MAX {
            rules.push(Rule::NotForeseen);
        }
    }
    if reach >= offsets.first_uncleanable_offset {
        bounds(situation, offsets, &mut rules);
    }
    dirt(situation, offsets, &mut rules);
    if let Some((pass, _)) = &situation.manager.cleaning
        && pass.to_clean.partition == *log.topic_partition()
    {
        let end_offset = pass.to_clean.first_uncleanable_offset;
        rules.insert(0, Rule::BeingCleaned { end_offset });
    }
    if let Some(at) = answer_at {
        rules
            .push(Rule::NextCleanerRun { at, backoff_ms: situation.broker.log_cleaner_backoff_ms });
    }
    Answer { rules, at: answer_at }
}

fn what_forbids_it(situation: &Situation<'_>) -> Option<Rule> {
    let Situation { log, manager, broker, .. } = *situation;
    if !log.config().cleanup_policy.compact {
        Some(Rule::PolicyWithoutCompact)
    } else if !broker.log_cleaner_enable {
        Some(Rule::CleanerOff)
    } else if manager.cleaner.is_uncleanable(log.topic_partition()) {
        Some(Rule::Uncleanable)
    } else {
        None
    }
}

fn offsets_at(log: &UnifiedLog, disk: &Disk, time: SimTime) -> OffsetsToClean {
    cleanable_offsets(log, checkpoint(disk, log.topic_partition()), time)
}

/// What ends the range that may be cleaned.
fn bounds(situation: &Situation<'_>, offsets: OffsetsToClean, rules: &mut Vec<Rule>) {
    let (log, config) = (situation.log, situation.log.config());
    let active = log.active_segment();
    let (last_stable_offset, high_watermark) = (log.last_stable_offset(), log.high_watermark());
    if last_stable_offset < log.active_segment_base() {
        rules.push(Rule::AboveLastStableOffset { last_stable_offset, high_watermark });
    }
    let lag_ms = config.min_compaction_lag_ms;
    let is_young = |timestamp| timestamp > situation.now.timestamp_ms().saturating_sub(lag_ms);
    let mut dirty = log.non_active_segments_from(offsets.first_dirty_offset);
    if lag_ms > 0
        && let Some(young) = dirty.find(|segment| is_young(segment.largest_timestamp()))
    {
        let until = time_of(young.largest_timestamp().saturating_add(lag_ms));
        rules.push(Rule::TooYoung { base_offset: young.base_offset(), lag_ms, until });
    }
    if active.size() > 0 {
        let most = config.segment_bytes.max(0) as u64;
        let first = active.first_batch_timestamp().filter(|timestamp| *timestamp >= 0);
        let closes_after =
            first.and_then(|first| time_of(first.saturating_add(config.max_segment_ms())));
        rules.push(Rule::ActiveSegment {
            base_offset: active.base_offset(),
            bytes: active.size(),
            bytes_left: most.saturating_sub(active.size()),
            closes_after,
        });
    }
}

/// Whether what may be cleaned is enough.
fn dirt(situation: &Situation<'_>, offsets: OffsetsToClean, rules: &mut Vec<Rule>) {
    let (log, config) = (situation.log, situation.log.config());
    let to_clean = LogToClean::at(log, offsets, situation.now);
    let limit = config.min_cleanable_dirty_ratio.millionths;
    rules.push(Rule::DirtyRatio {
        clean_bytes: to_clean.clean_bytes,
        cleanable_bytes: to_clean.cleanable_bytes,
        ratio: to_clean.cleanable_ratio_millionths(),
        limit,
        missing: missing_bytes(to_clean.clean_bytes, to_clean.cleanable_bytes, limit),
    });
    if config.max_compaction_lag_ms < i64::MAX {
        let dirty = log.non_active_segments_from(offsets.first_dirty_offset);
        let times = dirty.filter_map(|segment| segment.first_batch_timestamp());
        let earliest = times.filter(|timestamp| *timestamp > 0).min();
        let lag_ms = config.max_compaction_lag_ms;
        let from = earliest.and_then(|earliest| late_from(earliest, lag_ms));
        rules.push(Rule::MaxLag { lag_ms, from });
    }
}

/// The least whole x for which (dirty + x) / (clean + dirty + x) is above `limit` millionths.
pub(super) fn missing_bytes(clean: u64, dirty: u64, limit: u32) -> Option<u64> {
    let (clean, dirty, limit) = (u128::from(clean), u128::from(dirty), u128::from(limit));
    match ((limit * (clean + dirty)).checked_sub(dirty * 1_000_000), 1_000_000 - limit) {
        (None, _) => Some(0),
        (Some(_), 0) => None,
        (Some(behind), share) => u64::try_from(behind / share + 1).ok(),
    }
}

/// When a record of this time has waited for longer than `max.compaction.lag.ms`.
fn late_from(timestamp: i64, lag_ms: i64) -> Option<SimTime> {
    time_of(timestamp.saturating_add(lag_ms).saturating_add(1))
}

/// The first run of the cleaner, not before `from`, that takes this log as it is.
fn next_run(
    situation: &Situation<'_>,
    log: &UnifiedLog,
    disk: &Disk,
    from: SimTime,
) -> Option<SimTime> {
    let config = log.config();
    let is_due =
        |time: &SimTime| LogToClean::at(log, offsets_at(log, disk, *time), *time).is_due(log);
    // Only at these moments does anything change by itself: a segment comes of age, or is too old.
    let mut moments = vec![from];
    for segment in log.segments() {
        let lag_ms = config.min_compaction_lag_ms;
        moments.extend(time_of(segment.largest_timestamp().saturating_add(lag_ms)));
        let first = segment.first_batch_timestamp().filter(|timestamp| *timestamp > 0);
        moments.extend(first.and_then(|first| late_from(first, config.max_compaction_lag_ms)));
    }
    moments.retain(|moment| *moment >= from);
    moments.sort_unstable();
    situation.cleaner_run_at(moments.into_iter().find(is_due)?)
}

/// What a cleaning does with one record, sooner or later. `None` if it is gone already.
fn fate(log: &UnifiedLog, disk: &Disk, offset: i64, offsets: OffsetsToClean) -> Option<Rule> {
    let (batch, record) = find(log, disk, offset)?;
    if batch.is_control() {
        return Some(Rule::Marker);
    }
    let Some(key) = &record.key else {
        return Some(Rule::NoKey);
    };
    let batches = log.batches(disk, offset).map_while(Result::ok);
    let mut newer = batches
        .filter(|batch| !batch.is_control())
        .flat_map(|batch| batch.records().map_while(Result::ok).collect::<Vec<_>>())
        .filter(|other| other.offset > offset && other.offset >= offsets.first_dirty_offset)
        .filter(|other| other.key.as_ref() == Some(key));
    Some(match (newer.next(), &record.value) {
        (Some(newer), _) => Rule::Superseded {
            by: newer.offset,
            first_dirty_offset: offsets.first_dirty_offset,
            first_uncleanable_offset: offsets.first_uncleanable_offset,
        },
        (None, None) => Rule::Tombstone {
            delete_retention_ms: log.config().delete_retention_ms,
            horizon: batch.delete_horizon_ms().and_then(time_of),
        },
        (None, Some(_)) => Rule::NewestOfKey,
    })
}

fn find(log: &UnifiedLog, disk: &Disk, offset: i64) -> Option<(RecordBatch, Record)> {
    let batch = log.batches(disk, offset).next()?.ok()?;
    let record = batch.records().map_while(Result::ok).find(|record| record.offset == offset)?;
    Some((batch, record))
}

/// The first run of the cleaner that takes the record out, as tried on a copy.
fn gone_at(situation: &Situation<'_>, offset: i64) -> Option<SimTime> {
    let (mut log, mut disk) = (situation.log.clone(), situation.disk.clone());
    let config = CleanerConfig {
        dedupe_buffer_size: situation.broker.log_cleaner_dedupe_buffer_size,
        ..CleanerConfig::default()
    };
    let mut from = situation.now;
    for _ in 0..PASSES_MAX {
        let run = next_run(situation, &log, &disk, from)?;
        let to_clean = LogToClean::at(&log, offsets_at(&log, &disk, run), run);
        let mut pass = CleanerPass::begin(&log, to_clean, &config, Faults::default(), run);
        while !matches!(
            pass.step(&mut log, &mut disk, &config, run).ok()?,
            PassStep::Finished { .. }
        ) {}
        if find(&log, &disk, offset).is_none() {
            return Some(run);
        }
        from = run;
    }
    None
}
