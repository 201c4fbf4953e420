//! Why something is still in a log, in words: each rule in a sentence or two, with Kafka's name of the
//! setting in front.

use crate::explain::{Answer, Rule};
use crate::log::log_config::Ratio;
use crate::script::lang::{Lang, say};
use crate::script::line::duration_text;
use crate::sim::time::SimTime;

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Question {
    NotDeleted,
    NotCompacted,
}

/// What comes of all the rules, and each of them with whether it is what keeps the thing.
pub fn told(question: Question, answer: &Answer, lang: Lang) -> (String, Vec<(bool, String)>) {
    if let [only @ (Rule::NotWritten { .. } | Rule::Gone)] = &answer.rules[..] {
        return (rule(only, lang), Vec::new());
    }
    let rules = answer.rules.iter().map(|one| (answer.is_kept_by(one), rule(one, lang)));
    (verdict(question, answer, lang), rules.collect())
}

fn verdict(question: Question, answer: &Answer, lang: Lang) -> String {
    match (question, answer.at) {
        (Question::NotDeleted, Some(at)) => {
            say!(lang, "{at}에 지워집니다.", "It will be deleted at {at}.")
        }
        (Question::NotDeleted, None) => {
            say!(lang, "이대로는 지워지지 않습니다.", "As things are, it is not deleted.")
        }
        (Question::NotCompacted, Some(at)) => {
            say!(lang, "{at}에 compaction됩니다.", "It will be compacted at {at}.")
        }
        (Question::NotCompacted, None) => {
            say!(lang, "이대로는 compaction되지 않습니다.", "As things are, it is not compacted.")
        }
    }
}

/// A limit in ms as people write it.
fn limit(ms: i64) -> String {
    u64::try_from(ms).map_or(ms.to_string(), duration_text)
}

/// An age in ms, as the virtual clock shows time.
fn age(ms: i64) -> String {
    SimTime::from_millis(ms.max(0) as u64).to_string()
}

/// To three places.
fn ratio(millionths: u32) -> String {
    Ratio { millionths: millionths / 1000 * 1000 }.to_string()
}

fn rule(rule: &Rule, lang: Lang) -> String {
    match *rule {
        Rule::NotWritten { log_end_offset } => say!(
            lang,
            "이 오프셋의 레코드는 아직 없습니다. 로그는 {log_end_offset} 앞에서 끝납니다.",
            "No record has this offset yet: the log ends before {log_end_offset}."
        ),
        Rule::Gone => say!(
            lang,
            "이 오프셋의 레코드는 로그에 없습니다. 이미 지워졌거나 compaction으로 빠졌습니다.",
            "The log has no record with this offset: it was deleted, or compacted away."
        ),
        Rule::BelowLogStart { log_start_offset } => say!(
            lang,
            "로그 시작 {log_start_offset}보다 앞이라 더 읽을 수 없습니다. 바이트는 세그먼트가 지워질 때까지 남습니다.",
            "It lies before the log start {log_start_offset} and can no longer be read; its bytes stay until the segment goes."
        ),
        Rule::AboveLastStableOffset { last_stable_offset, high_watermark } => say!(
            lang,
            "compaction은 LSO {last_stable_offset} 앞까지만 합니다(high watermark {high_watermark}). 커밋되지 않았거나 트랜잭션이 열려 있으면 기다립니다.",
            "Only what is before the LSO {last_stable_offset} is cleaned (high watermark {high_watermark}): not what is uncommitted, or behind the start of an open transaction."
        ),
        Rule::NewestOfKey => say!(
            lang,
            "이 key의 가장 새로운 레코드입니다. compaction은 바로 이것을 남깁니다.",
            "It is the newest record of its key: that is what compaction keeps."
        ),
        Rule::NoKey => say!(
            lang,
            "key가 없습니다. 다음 청소에서 빠집니다.",
            "It has no key: the next cleaning takes it out."
        ),
        Rule::Marker => say!(
            lang,
            "트랜잭션 마커입니다. 그 트랜잭션의 레코드가 모두 없어지고 delete.retention.ms가 지난 뒤에 빠집니다.",
            "It is a transaction marker: it goes when no record of its transaction is left, and delete.retention.ms after that."
        ),
        Rule::NotForeseen => say!(
            lang,
            "로그가 커서 언제인지 미리 돌려 보지 않았습니다.",
            "The log is too large to try out when."
        ),
        Rule::Superseded { by, first_uncleanable_offset: end, .. } if by >= end => say!(
            lang,
            "같은 key의 더 새로운 레코드가 오프셋 {by}에 있습니다. cleaner가 그것까지 읽어야 빠지는데, 지금은 {end} 앞까지만 읽을 수 있습니다.",
            "A newer record of its key is at offset {by}. It goes once the cleaner has read that one, and now it may read only up to {end}."
        ),
        Rule::Superseded { by, .. } => say!(
            lang,
            "같은 key의 더 새로운 레코드가 오프셋 {by}에 있습니다. 다음 청소에서 빠집니다.",
            "A newer record of its key is at offset {by}: the next cleaning takes this one out."
        ),
        Rule::Tombstone { delete_retention_ms, horizon: None } => {
            let wait = limit(delete_retention_ms);
            say!(
                lang,
                "value가 없는 tombstone입니다. 처음 만나는 청소가 delete horizon을 {wait} 뒤로 정하고(delete.retention.ms), 그 뒤의 청소가 뺍니다.",
                "It is a tombstone. The first cleaning that meets it sets its delete horizon {wait} ahead (delete.retention.ms); a cleaning after that takes it out."
            )
        }
        Rule::Tombstone { horizon: Some(horizon), .. } => say!(
            lang,
            "value가 없는 tombstone이고 delete horizon은 {horizon}입니다(delete.retention.ms). 그 뒤에 도는 첫 청소가 뺍니다. 청소가 돌지 않으면 남습니다.",
            "It is a tombstone with the delete horizon {horizon} (delete.retention.ms): the first cleaning after that takes it out. If none runs, it stays."
        ),
        _ => setting(rule, lang),
    }
}

/// The rules that are one of Kafka's settings.
fn setting(rule: &Rule, lang: Lang) -> String {
    match *rule {
        Rule::PolicyWithoutDelete => say!(
            lang,
            "cleanup.policy에 delete가 없습니다. 나이나 크기로는 지우지 않습니다.",
            "cleanup.policy does not say delete: neither age nor size takes anything."
        ),
        Rule::WholeSegment { base_offset, end_offset, is_active } => {
            let last = end_offset - 1;
            let active = match is_active {
                true => lang.pick(
                    " 활성 세그먼트이지만 먼저 닫고 지웁니다.",
                    " It is the active one, and would be closed first.",
                ),
                false => "",
            };
            say!(
                lang,
                "오래된 세그먼트부터 통째로 지웁니다. 이 세그먼트는 오프셋 {base_offset}–{last}입니다.{active}",
                "Segments go as a whole, the oldest first. This one holds offsets {base_offset}–{last}.{active}"
            )
        }
        Rule::EmptySegment { .. } => say!(
            lang,
            "활성 세그먼트가 비어 있어 지울 것이 없습니다.",
            "The active segment is empty: there is nothing to delete."
        ),
        Rule::AboveHighWatermark { end_offset, high_watermark } => say!(
            lang,
            "high watermark {high_watermark}이(가) 세그먼트의 끝 {end_offset}에 못 미칩니다. 커밋된 것만 지웁니다.",
            "The high watermark {high_watermark} has not reached the segment's end {end_offset}: only what is committed is deleted."
        ),
        Rule::Age { base_offset, age_ms, limit_ms, until } => {
            let (old, most) = (age(age_ms), limit(limit_ms));
            let next = match until {
                _ if age_ms > limit_ms => say!(lang, "넘었습니다.", "That is over it."),
                Some(until) => say!(lang, "{until}에 넘습니다.", "It is over it at {until}."),
                None => say!(lang, "넘을 날이 오지 않습니다.", "It never gets over it."),
            };
            say!(
                lang,
                "retention.ms={most}: 세그먼트 {base_offset}의 가장 새로운 레코드가 {old} 되었습니다. {next}",
                "retention.ms={most}: the newest record of segment {base_offset} is {old} old. {next}"
            )
        }
        Rule::NoAgeLimit => say!(
            lang,
            "retention.ms=-1: 나이로는 지우지 않습니다.",
            "retention.ms=-1: age takes nothing."
        ),
        Rule::Size { log_bytes, limit, missing: 0 } => say!(
            lang,
            "retention.bytes={limit}: 로그가 {log_bytes}바이트이므로 이 세그먼트를 빼도 한도가 남습니다.",
            "retention.bytes={limit}: the log has {log_bytes} bytes, enough without this segment."
        ),
        Rule::Size { log_bytes, limit, missing } => say!(
            lang,
            "retention.bytes={limit}: 로그가 {log_bytes}바이트입니다. {missing}바이트가 더 쌓이면 이 세그먼트가 빠집니다.",
            "retention.bytes={limit}: the log has {log_bytes} bytes. With {missing} B more this segment goes."
        ),
        Rule::NoSizeLimit => say!(
            lang,
            "retention.bytes=-1: 크기로는 지우지 않습니다.",
            "retention.bytes=-1: size takes nothing."
        ),
        Rule::NextCheck { at, interval_ms } => {
            let interval = duration_text(interval_ms);
            say!(
                lang,
                "log.retention.check.interval.ms={interval}: {at}의 점검이 이것을 봅니다.",
                "log.retention.check.interval.ms={interval}: the check at {at} finds it."
            )
        }
        Rule::FilesStay { delay_ms } => {
            let delay = limit(delay_ms);
            say!(
                lang,
                "file.delete.delay.ms={delay}: 파일은 .deleted(이)라는 이름으로 그만큼 더 디스크에 남습니다.",
                "file.delete.delay.ms={delay}: for so long the files stay on the disk, named .deleted."
            )
        }
        Rule::FilesLeft { files, until } => say!(
            lang,
            "file.delete.delay.ms: 이미 로그에서 빠진 파일 {files}개가 .deleted(이)라는 이름으로 {until}까지 디스크에 남습니다.",
            "file.delete.delay.ms: {files} files that have left the log stay on the disk until {until}, named .deleted."
        ),
        _ => cleaner_setting(rule, lang),
    }
}

/// Those that the cleaner goes by.
fn cleaner_setting(rule: &Rule, lang: Lang) -> String {
    match *rule {
        Rule::CleanerOff => say!(
            lang,
            "log.cleaner.enable=false: 이 브로커에서는 cleaner가 돌지 않습니다.",
            "log.cleaner.enable=false: no cleaner runs on this broker."
        ),
        Rule::Uncleanable => say!(
            lang,
            "cleaner가 이 로그에서 손상을 만났습니다(uncleanable). 브로커를 다시 시작할 때까지 건드리지 않습니다.",
            "The cleaner has met damage in this log (uncleanable) and leaves it alone until the broker starts again."
        ),
        Rule::BeingCleaned { end_offset } => say!(
            lang,
            "cleaner가 지금 이 로그를 오프셋 {end_offset} 앞까지 청소하고 있습니다.",
            "The cleaner is at work on this log, up to offset {end_offset}."
        ),
        Rule::ActiveSegment { base_offset, bytes, bytes_left, closes_after } => {
            let by_time = closes_after.map_or(String::new(), |time| {
                say!(
                    lang,
                    " 또는 {time} 이후의 레코드가 들어올 때(segment.ms)",
                    ", or with the first record later than {time} (segment.ms)"
                )
            });
            say!(
                lang,
                "오프셋 {base_offset}부터는 활성 세그먼트({bytes}바이트)라서 compaction하지 않습니다. {bytes_left}바이트보다 큰 배치가 들어올 때(segment.bytes){by_time} 닫힙니다.",
                "From offset {base_offset} on it is the active segment ({bytes} bytes), which is never cleaned. It is closed before a batch of more than {bytes_left} bytes (segment.bytes){by_time}."
            )
        }
        Rule::TooYoung { base_offset, lag_ms, until } => {
            let lag = limit(lag_ms);
            let until = until.map_or("-".to_string(), |until| until.to_string());
            say!(
                lang,
                "min.compaction.lag.ms={lag}: 세그먼트 {base_offset}에 더 어린 레코드가 있어 {until}까지는 건드리지 않습니다.",
                "min.compaction.lag.ms={lag}: segment {base_offset} has a younger record and is left alone until {until}."
            )
        }
        Rule::DirtyRatio { clean_bytes, cleanable_bytes, ratio: now, limit, missing } => {
            let (now, least) = (ratio(now), ratio(limit));
            let next = match missing {
                Some(0) => say!(lang, "넘었습니다.", "That is enough."),
                Some(missing) => say!(
                    lang,
                    "닫힌 세그먼트에 {missing}바이트가 더 쌓여야 넘습니다.",
                    "It takes {missing} B more in closed segments."
                ),
                None => say!(lang, "비율로는 넘을 수 없습니다.", "No ratio is above that."),
            };
            say!(
                lang,
                "min.cleanable.dirty.ratio={least}: 지금은 {now}입니다(dirty {cleanable_bytes}, clean {clean_bytes}바이트). {next}",
                "min.cleanable.dirty.ratio={least}: it is {now} now ({cleanable_bytes} bytes dirty, {clean_bytes} clean). {next}"
            )
        }
        Rule::MaxLag { lag_ms, from } => {
            let lag = limit(lag_ms);
            match from {
                Some(from) => say!(
                    lang,
                    "max.compaction.lag.ms={lag}: {from}부터는 비율과 상관없이 청소합니다.",
                    "max.compaction.lag.ms={lag}: from {from} on the ratio does not matter."
                ),
                None => say!(
                    lang,
                    "max.compaction.lag.ms={lag}: 닫힌 dirty 세그먼트가 없습니다.",
                    "max.compaction.lag.ms={lag}: no closed segment is dirty."
                ),
            }
        }
        Rule::NextCleanerRun { at, backoff_ms } => {
            let backoff = duration_text(backoff_ms);
            say!(
                lang,
                "log.cleaner.backoff.ms={backoff}: cleaner가 {at}에 와서 맡습니다.",
                "log.cleaner.backoff.ms={backoff}: the cleaner takes it up at {at}."
            )
        }
        _ => say!(
            lang,
            "cleanup.policy에 compact가 없습니다. cleaner는 이 로그를 보지 않습니다.",
            "cleanup.policy does not say compact: the cleaner does not look at this log."
        ),
    }
}
