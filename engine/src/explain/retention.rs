//! Deletion: the real retention is asked what it would take now, and then when age alone would take
//! the rest.

use super::{Answer, Rule, Situation, first_at, time_of};
use crate::log::log_segment::LogSegment;
use crate::sim::time::SimTime;

/// Why the segment of `offset`, or without one the oldest, is still in the log.
pub fn why_not_deleted(situation: &Situation<'_>, offset: Option<i64>) -> Answer {
    let mut answer = in_the_log(situation, offset);
    let dir = situation.log.dir();
    let is_own = |file: &str| file.rsplit_once('/').is_some_and(|(of, _)| of == dir);
    let waiting = situation.manager.waiting().filter(|(_, file)| is_own(file));
    let left: Vec<SimTime> = waiting.map(|(at, _)| at).collect();
    if let (None, Some(&until)) = (offset, left.iter().max()) {
        answer.rules.push(Rule::FilesLeft { files: left.len(), until });
    }
    answer
}

fn in_the_log(situation: &Situation<'_>, offset: Option<i64>) -> Answer {
    let Situation { log, now, .. } = *situation;
    let log_end_offset = log.log_end_offset();
    if offset.is_some_and(|offset| offset >= log_end_offset) {
        return Answer { rules: vec![Rule::NotWritten { log_end_offset }], at: None };
    }
    let segments: Vec<&LogSegment> = log.segments().collect();
    if offset.is_some_and(|offset| offset < segments[0].base_offset()) {
        return Answer { rules: vec![Rule::Gone], at: None };
    }
    let wanted = offset.unwrap_or(0);
    let index = segments.iter().rposition(|segment| segment.base_offset() <= wanted).unwrap_or(0);
    let mut rules = Vec::new();
    let (log_start_offset, high_watermark) = (log.log_start_offset(), log.high_watermark());
    if offset.is_some_and(|offset| offset < log_start_offset) {
        rules.push(Rule::BelowLogStart { log_start_offset });
    }
    let segment = segments[index];
    let base_offset = segment.base_offset();
    let is_active = index + 1 == segments.len();
    if is_active && segment.size() == 0 {
        return Answer { rules: vec![Rule::EmptySegment { base_offset }], at: None };
    }
    let end_offset = segments.get(index + 1).map_or(log_end_offset, |next| next.base_offset());
    rules.push(Rule::WholeSegment { base_offset, end_offset, is_active });
    let is_committed = end_offset <= high_watermark;
    if !is_committed {
        rules.push(Rule::AboveHighWatermark { end_offset, high_watermark });
    }
    // What goes at the next check whatever time it is, and what only age can take after that.
    let gone = taken_at(situation, now);
    let config = log.config();
    let mut at = (gone > index).then_some(now);
    if config.cleanup_policy.delete {
        let in_the_way = &segments[gone.min(index)..=index];
        let youngest = in_the_way.iter().max_by_key(|segment| segment.largest_timestamp());
        let newest = youngest.map_or(-1, |segment| segment.largest_timestamp());
        rules.push(match config.retention_ms {
            ..0 => Rule::NoAgeLimit,
            limit_ms => {
                let due = newest.saturating_add(limit_ms).saturating_add(1);
                let age_ms = now.timestamp_ms().saturating_sub(newest);
                let until = time_of(due);
                at = at.or(until.filter(|_| is_committed).map(|until| until.max(now)));
                let base_offset = youngest.map_or(base_offset, |segment| segment.base_offset());
                Rule::Age { base_offset, age_ms, limit_ms, until }
            }
        });
        rules.push(match u64::try_from(config.retention_bytes) {
            Err(_) => Rule::NoSizeLimit,
            Ok(limit) => {
                let below: u64 = segments[..=index].iter().map(|segment| segment.size()).sum();
                let log_bytes = log.size();
                let missing = limit.saturating_add(below).saturating_sub(log_bytes);
                Rule::Size { log_bytes, limit, missing }
            }
        });
    } else {
        rules.push(Rule::PolicyWithoutDelete);
    }
    // The logs that are compacted too are looked at by the cleaner.
    let check = |time| match config.cleanup_policy.compact {
        true => situation.cleaner_run_at(time),
        false => {
            let interval_ms = situation.broker.log_retention_check_interval_ms;
            first_at(situation.next_check?, interval_ms, time)
        }
    };
    let at = at.and_then(check);
    if let Some(at) = at {
        rules.push(match config.cleanup_policy.compact {
            true => {
                let backoff_ms = situation.broker.log_cleaner_backoff_ms;
                Rule::NextCleanerRun { at, backoff_ms }
            }
            false => {
                let interval_ms = situation.broker.log_retention_check_interval_ms;
                Rule::NextCheck { at, interval_ms }
            }
        });
        rules.push(Rule::FilesStay { delay_ms: config.file_delete_delay_ms });
    }
    Answer { rules, at }
}

/// How many of the segments a check at `time` would take.
fn taken_at(situation: &Situation<'_>, time: SimTime) -> usize {
    let (mut log, mut disk) = (situation.log.clone(), situation.disk.clone());
    let deleted = log.delete_old_segments(&mut disk, time);
    deleted.iter().map(|deleted| deleted.segments.len()).sum()
}
