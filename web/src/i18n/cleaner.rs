//! Words of a cleaning: each step of the cleaner in one sentence.

use super::bytes::time;
use super::{Lang, format, say, texts};
use crate::view_model::bytes::cleaning::Subject;
use crate::view_model::inspect::record::shown;
use bytes::Bytes;
use kafkascope_engine::log::cleaner::cleaner::CleanerStats;
use kafkascope_engine::log::cleaner::watch::Step;
use kafkascope_engine::log::cleaner::watcher::Verdict;
use kafkascope_engine::log::cleaner::{PassStep, SwapStage};
use kafkascope_engine::log::log_config::Ratio;

texts! {
    pub enum CleanerText {
        Intro: "Log cleaner는 key마다 가장 새로운 레코드만 남깁니다(compaction). 진짜 cleaner를 사본에서 한 단계씩 돌립니다. 이 로그는 바뀌지 않습니다.", "The log cleaner keeps the newest record of every key (compaction). The real cleaner is stepped through on a copy: this log does not change.";
        NoLog: "이 디렉터리에는 세그먼트가 없습니다. 왼쪽에서 세그먼트의 파일을 고르세요.", "This directory holds no segment. Choose a segment's file on the left.";
        Metadata: "메타데이터 로그는 compaction하지 않습니다. 컨트롤러는 그 대신 snapshot을 만듭니다.", "The metadata log is never compacted: the controller makes snapshots instead.";
        NotCompacted: "이 토픽의 cleanup.policy에는 compact가 없습니다. 있다면 이렇게 됩니다.", "This topic's cleanup.policy does not say compact. If it did, this would happen.";
        CloseActive: "활성 세그먼트를 먼저 닫기", "Close the active segment first";
        AfterHorizon: "delete.retention.ms가 지난 뒤", "After delete.retention.ms has passed";
        Clean: "사본 청소하기", "Clean a copy";
        NothingToClean: "지금 cleaner가 손댈 수 있는 것이 없습니다. 활성 세그먼트, 커밋되지 않은 것, min.compaction.lag.ms보다 어린 것은 건드리지 않습니다.", "There is nothing that the cleaner may touch now: not the active segment, nor what is uncommitted, nor what is younger than min.compaction.lag.ms.";
        Tail: "clean(tail)", "clean (tail)";
        Head: "dirty(head)", "dirty (head)";
        Untouched: "손대지 않음", "not touched";
        Parts: "로그에서 clean, dirty, 손대지 않는 부분의 비율", "How much of the log is clean, dirty, and not to be touched";
        Log: "로그", "Log";
        Map: "오프셋 맵", "Offset map";
        MapEmpty: "비어 있음", "empty";
        Made: "새 세그먼트", "New segments";
        MadeEmpty: "아직 없음", "none yet";
        Segment: "세그먼트", "segment";
        Active: "활성", "active";
        Replaced: "바뀜", "replaced";
        Steps: "단계", "Step";
        Tombstone: "tombstone", "tombstone";
        Legend: "표시", "Marks";
        LegendNewest: "맵에 있음", "in the map";
        LegendOlder: "더 새로운 것이 있음", "a newer one is known";
        LegendKept: "남음", "stays";
        LegendDropped: "빠짐", "goes";
        Look: "결과 파일 보기", "Look at the result";
        Download: "결과 내려받기(.zip)", "Download the result (.zip)";
    }
}

fn key_text(key: &Bytes) -> String {
    let text = shown(key);
    match text.char_indices().nth(40) {
        Some((end, _)) => format!("\"{}…\"", &text[..end]),
        None => format!("\"{text}\""),
    }
}

fn horizon_text(horizon: Option<i64>) -> String {
    horizon.map_or("-".to_string(), time)
}

/// A step in words.
pub fn step(step: &Step, lang: Lang) -> String {
    match step {
        Step::Mapped { offset, key, replaced: None } => {
            let key = key_text(key);
            say!(
                lang,
                "맵 만들기: {key}의 가장 새로운 오프셋은 {offset}입니다.",
                "Building the map: the newest offset of {key} is {offset}."
            )
        }
        Step::Mapped { offset, key, replaced: Some(replaced) } => {
            let key = key_text(key);
            say!(
                lang,
                "맵 만들기: {key}의 가장 새로운 오프셋이 {replaced}에서 {offset}(으)로 바뀝니다.",
                "Building the map: the newest offset of {key} goes from {replaced} to {offset}."
            )
        }
        Step::NotMapped { offset } => say!(
            lang,
            "맵 만들기: {offset}은(는) key가 없거나 트랜잭션의 것이라 맵에 넣지 않습니다.",
            "Building the map: {offset} has no key, or is of a transaction, and is not taken in."
        ),
        Step::Passed { records, stay } => {
            let (records, stay) = (format::number(*records as u64), format::number(*stay as u64));
            say!(
                lang,
                "같은 방식으로 레코드 {records}개를 더 지나갑니다(남는 것 {stay}개).",
                "{records} more records go by in the same way, of which {stay} stay."
            )
        }
        Step::Judged { offset, key, verdict } => {
            let key = key.as_ref().map_or("-".to_string(), key_text);
            judged(*offset, &key, *verdict, lang)
        }
        Step::Did(did) => pass_step(did, lang),
    }
}

/// Why one record is copied, or left out.
fn judged(offset: i64, key: &str, verdict: Verdict, lang: Lang) -> String {
    match verdict {
        Verdict::Newest => say!(
            lang,
            "복사: {offset}은(는) {key}의 가장 새로운 레코드입니다. 남습니다.",
            "Copying: {offset} is the newest record of {key}. It stays."
        ),
        Verdict::NotReached => say!(
            lang,
            "복사: {offset}은(는) 맵이 닿지 않은 곳에 있습니다. 그대로 남습니다.",
            "Copying: {offset} lies beyond what the map covers. It stays as it is."
        ),
        Verdict::Tombstone { horizon: None } => say!(
            lang,
            "복사: {offset}은(는) {key}의 tombstone입니다. 처음 만났으므로 남고, 배치에 delete horizon이 적힙니다.",
            "Copying: {offset} is the tombstone of {key}. It is met for the first time and stays; its batch gets a delete horizon."
        ),
        Verdict::Tombstone { horizon } => {
            let horizon = horizon_text(horizon);
            say!(
                lang,
                "복사: {offset}은(는) {key}의 tombstone입니다. delete horizon {horizon}까지 남습니다.",
                "Copying: {offset} is the tombstone of {key}. It stays until its delete horizon, {horizon}."
            )
        }
        Verdict::Marker => say!(
            lang,
            "복사: {offset}은(는) 트랜잭션 마커입니다. 남습니다.",
            "Copying: {offset} is a transaction marker. It stays."
        ),
        Verdict::Superseded { by } => say!(
            lang,
            "복사: {offset}은(는) 빠집니다. {key}의 더 새로운 레코드가 {by}에 있습니다.",
            "Copying: {offset} goes. A newer record of {key} is at {by}."
        ),
        Verdict::NoKey => say!(
            lang,
            "복사: {offset}은(는) key가 없어 빠집니다.",
            "Copying: {offset} has no key, and goes."
        ),
        Verdict::Expired { horizon } => {
            let horizon = horizon_text(horizon);
            say!(
                lang,
                "복사: {offset}은(는) {key}의 tombstone이고 delete horizon {horizon}이(가) 지났습니다. 빠집니다.",
                "Copying: {offset} is the tombstone of {key}, and its delete horizon {horizon} has passed. It goes."
            )
        }
        Verdict::Aborted => say!(
            lang,
            "복사: {offset}은(는) 중단된 트랜잭션의 레코드라 빠집니다.",
            "Copying: {offset} is of an aborted transaction, and goes."
        ),
        Verdict::MarkerOfNothing => say!(
            lang,
            "복사: {offset}은(는) 남은 레코드가 없는 트랜잭션의 마커라 빠집니다.",
            "Copying: {offset} marks a transaction of which nothing is left, and goes."
        ),
    }
}

fn pass_step(did: &PassStep, lang: Lang) -> String {
    match did {
        PassStep::MapBuilt { keys, end_offset, is_full } => {
            let keys = format::number(*keys);
            let full = match is_full {
                true => {
                    lang.pick(" 맵이 가득 차서 여기까지입니다.", " It is full, so it ends there.")
                }
                false => "",
            };
            say!(
                lang,
                "맵이 다 되었습니다: key {keys}개, 오프셋 {end_offset} 앞까지.{full} 이제 처음부터 복사합니다.",
                "The map is complete: {keys} keys, up to offset {end_offset}.{full} Now the copying begins, from the start."
            )
        }
        PassStep::GroupCleaned { segments, bytes_before, bytes_after } => {
            let (base, count) = (segments.first().copied().unwrap_or(0), segments.len());
            let (before, after) = (format::bytes(*bytes_before), format::bytes(*bytes_after));
            say!(
                lang,
                "세그먼트 {count}개({before})가 새 세그먼트 {base} 하나({after})가 되었습니다. 파일 이름은 .cleaned로 끝납니다.",
                "Segments copied: {count} ({before}) into one new segment {base} ({after}). Its files end in .cleaned."
            )
        }
        PassStep::Swap { stage, segments, .. } => {
            let base = segments.first().copied().unwrap_or(0);
            match stage {
                SwapStage::Began => say!(
                    lang,
                    "교체: {base}의 .cleaned가 .swap이 됩니다. 여기서 브로커가 죽어도 다시 시작할 때 마저 바꿉니다.",
                    "Swap: .cleaned of {base} becomes .swap. If the broker dies from here on, its next start finishes the swap."
                ),
                SwapStage::Replaced => say!(
                    lang,
                    "교체: 옛 파일은 .deleted가 되고, 로그는 새 세그먼트 {base}을(를) 읽습니다.",
                    "Swap: the old files become .deleted, and the log reads the new segment {base}."
                ),
                SwapStage::Done => say!(
                    lang,
                    "교체: .swap이 떨어져 세그먼트 {base}의 제 이름이 됩니다.",
                    "Swap: .swap is taken off, and segment {base} has its own name."
                ),
            }
        }
        PassStep::Finished { end_offset } => say!(
            lang,
            "끝났습니다. cleaner-offset-checkpoint에 {end_offset}이(가) 적힙니다. 로그는 그 앞까지 clean입니다.",
            "Done. {end_offset} is written to cleaner-offset-checkpoint: below it the log is clean."
        ),
    }
}

/// How dirty it is, and what the cleaner makes of that by itself.
pub fn ratio(subject: &Subject, lang: Lang) -> String {
    let three = |millionths: u32| Ratio { millionths: millionths / 1000 * 1000 };
    let now = three(subject.to_clean.cleanable_ratio_millionths());
    let limit = three(subject.limit);
    match subject.is_due {
        _ if subject.is_at_rest => say!(
            lang,
            "브로커가 열고 있지 않은 파일입니다. 모두 dirty로 칩니다(dirty ratio {now}).",
            "Files that no broker has open: all of it counts as dirty (dirty ratio {now})."
        ),
        true => say!(
            lang,
            "dirty ratio {now} > min.cleanable.dirty.ratio {limit}: 때가 되면 cleaner가 스스로 맡습니다.",
            "dirty ratio {now} > min.cleanable.dirty.ratio {limit}: the cleaner takes it up by itself when it comes by."
        ),
        false => say!(
            lang,
            "dirty ratio {now}, min.cleanable.dirty.ratio {limit}: cleaner가 아직 스스로 맡지 않습니다.",
            "dirty ratio {now}, min.cleanable.dirty.ratio {limit}: the cleaner does not take it up by itself yet."
        ),
    }
}

/// What a cleaning came to.
pub fn result(stats: &CleanerStats, lang: Lang) -> String {
    let (read, written) =
        (format::number(stats.messages_read), format::number(stats.messages_written));
    let (before, after) = (format::bytes(stats.bytes_read), format::bytes(stats.bytes_written));
    say!(
        lang,
        "레코드 {read}개({before}) 가운데 {written}개({after})가 남았습니다. 오프셋은 그대로입니다.",
        "Of {read} records ({before}) {written} ({after}) are left. Their offsets have not changed."
    )
}

/// Files from outside that are damaged are cleaned up to there.
pub fn cut(segment: i64, position: u64, lang: Lang) -> String {
    say!(
        lang,
        "세그먼트 {segment}은(는) {position}번째 바이트에서 망가졌습니다. 브로커가 복구할 때처럼 그 앞까지만 봅니다.",
        "Segment {segment} is damaged at byte {position}: as a broker's recovery would, only what is before is taken."
    )
}

/// The cleaner met damage.
pub fn failed(error: &str, lang: Lang) -> String {
    say!(
        lang,
        "cleaner가 손상을 만나 그만두었습니다({error}). 브로커라면 이 로그를 uncleanable로 표시합니다.",
        "The cleaner met damage and gave up ({error}). A broker would mark this log uncleanable."
    )
}
