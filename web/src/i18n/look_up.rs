//! Words of a look-up: each step of the search in one sentence.

use super::bytes::time;
use super::{Lang, say, texts};
use kafkascope_engine::log::look_up::{End, Step, Target};

texts! {
    pub enum LookUpText {
        Intro: "인덱스는 듬성듬성합니다. 찾는 것보다 크지 않은 마지막 항목까지 한 번에 뛰고, 거기서부터 로그를 차례로 읽습니다.", "The indexes are sparse: one jump to the last entry that is not above the target, then the log is read from there on.";
        What: "무엇을", "What";
        ByOffset: "오프셋", "offset";
        ByTime: "시각(Unix ms)", "time (Unix ms)";
        Value: "찾을 값", "Value";
        Find: "찾기", "Find";
        Back: "앞 단계", "Previous step";
        Next: "다음 단계", "Next step";
        Play: "이어 보기", "Play";
        Pause: "멈춤", "Pause";
        NotANumber: "정수를 적어 주세요.", "Please give a whole number.";
        TimeIndex: "시간 인덱스 .timeindex", "Time index .timeindex";
        OffsetIndex: "오프셋 인덱스 .index", "Offset index .index";
        Log: "로그 .log", "Log .log";
        NoEntries: "항목 없음", "no entries";
        Pointers: "인덱스 항목이 로그를 가리키는 모습", "How index entries point into the log";
        SeeBytes: "바이트 보기", "See its bytes";
        NoLog: "이 파일은 세그먼트에 속하지 않습니다. 왼쪽에서 세그먼트의 파일을 고르세요.", "This file belongs to no segment. Choose a segment's file on the left.";
    }
}

/// What is looked for.
pub fn target(target: Target, lang: Lang) -> String {
    match target {
        Target::Offset(offset) => say!(lang, "오프셋 {offset}", "offset {offset}"),
        Target::Time(ms) => time(ms),
    }
}

/// A step in words.
pub fn step(step: &Step, goal: Target, lang: Lang) -> String {
    let wanted = target(goal, lang);
    match *step {
        Step::SegmentPassed { base_offset, max_timestamp } => {
            let latest = time(max_timestamp);
            say!(
                lang,
                "세그먼트 {base_offset}: 가장 늦은 레코드가 {latest}이므로 지나칩니다.",
                "Segment {base_offset}: its latest record is of {latest}, so it is passed over."
            )
        }
        Step::SegmentChosen { base_offset, of } => match goal {
            Target::Offset(_) => {
                let segments = if of == 1 { "its 1 segment" } else { &format!("{of} segments") };
                say!(
                    lang,
                    "세그먼트 {of}개의 파일 이름 가운데 {wanted}보다 크지 않은 마지막 것: {base_offset}.",
                    "Of {segments}, the last whose name is not above {wanted}: {base_offset}."
                )
            }
            Target::Time(_) => say!(
                lang,
                "세그먼트 {base_offset}에는 {wanted} 이후의 레코드가 있습니다. 여기를 찾습니다.",
                "Segment {base_offset} has a record of {wanted} or later: it is searched."
            ),
        },
        Step::TimeEntry { slot, entry, goes_right } => {
            let at = time(entry.timestamp);
            match goes_right {
                true => say!(
                    lang,
                    "시간 인덱스 {slot}번 항목: {at}. 늦지 않으니 오른쪽 절반으로 갑니다.",
                    "Time index, entry {slot}: {at}. Not too late, so on with the right half."
                ),
                false => say!(
                    lang,
                    "시간 인덱스 {slot}번 항목: {at}. 너무 늦으니 왼쪽 절반으로 갑니다.",
                    "Time index, entry {slot}: {at}. Too late, so on with the left half."
                ),
            }
        }
        Step::TimeFound { slot: None, .. } => say!(
            lang,
            "시간 인덱스에 {wanted}보다 이르거나 같은 항목이 없습니다. 세그먼트의 처음부터입니다.",
            "No entry of the time index is as early as {wanted}: the segment's start it is."
        ),
        Step::TimeFound { slot: Some(slot), entry } => {
            let offset = entry.offset;
            say!(
                lang,
                "시간 인덱스 {slot}번이 늦지 않은 마지막 항목입니다. 오프셋 {offset}까지는 더 늦은 것이 없습니다.",
                "Entry {slot} is the last that is not too late: up to offset {offset} nothing is later."
            )
        }
        Step::OffsetEntry { slot, entry, goes_right } => {
            let offset = entry.offset;
            match goes_right {
                true => say!(
                    lang,
                    "오프셋 인덱스 {slot}번 항목: {offset}. 크지 않으니 오른쪽 절반으로 갑니다.",
                    "Offset index, entry {slot}: {offset}. Not above, so on with the right half."
                ),
                false => say!(
                    lang,
                    "오프셋 인덱스 {slot}번 항목: {offset}. 더 크니 왼쪽 절반으로 갑니다.",
                    "Offset index, entry {slot}: {offset}. Above, so on with the left half."
                ),
            }
        }
        Step::OffsetFound { slot: None, .. } => say!(
            lang,
            "오프셋 인덱스에 맞는 항목이 없습니다. 로그의 0번째 바이트부터 읽습니다.",
            "No entry of the offset index fits: the log is read from byte 0."
        ),
        Step::OffsetFound { slot: Some(slot), entry } => {
            let (offset, position) = (entry.offset, entry.position);
            say!(
                lang,
                "오프셋 인덱스 {slot}번: 오프셋 {offset}의 배치는 {position}번째 바이트에서 시작합니다. 그리로 뜁니다.",
                "Entry {slot}: the batch of offset {offset} starts at byte {position}. Jump there."
            )
        }
        Step::IndexDamaged { suffix, position } => say!(
            lang,
            "{suffix} 파일이 {position}번째 바이트에서 망가져 믿지 않습니다. 세그먼트의 처음부터 읽습니다.",
            "The {suffix} file is damaged at byte {position} and not believed: the segment is read from its start."
        ),
        Step::Batch { position, header, holds } => {
            let offsets = match (header.base_offset, header.last_offset()) {
                (base, last) if base == last => base.to_string(),
                (base, last) => format!("{base}–{last}"),
            };
            let latest = time(header.max_timestamp);
            match (holds, goal) {
                (true, _) => say!(
                    lang,
                    "{position}번째 바이트의 배치 {offsets}: 찾는 것이 여기에 있을 수 있습니다. 풀어 봅니다.",
                    "The batch {offsets} at byte {position} may hold it: look inside."
                ),
                (false, Target::Offset(_)) => say!(
                    lang,
                    "{position}번째 바이트의 배치 {offsets}: 아직 앞입니다. 헤더만 보고 넘어갑니다.",
                    "The batch {offsets} at byte {position} is before it: only its header is read."
                ),
                (false, Target::Time(_)) => say!(
                    lang,
                    "{position}번째 바이트의 배치 {offsets}: 가장 늦은 것이 {latest}. 넘어갑니다.",
                    "The batch {offsets} at byte {position} ends at {latest}: passed over."
                ),
            }
        }
        Step::BatchesPassed { count } => {
            let batches =
                if count == 1 { "1 more batch" } else { &format!("{count} more batches") };
            say!(lang, "그런 배치 {count}개를 더 지나칩니다.", "{batches} passed over likewise.")
        }
        Step::Record { offset, timestamp, is_it } => {
            let at = time(timestamp);
            match is_it {
                true => say!(
                    lang,
                    "레코드 {offset}({at}): 찾았습니다.",
                    "Record {offset} ({at}): this is it."
                ),
                false => say!(
                    lang,
                    "레코드 {offset}({at}): 아직 아닙니다.",
                    "Record {offset} ({at}): not yet."
                ),
            }
        }
    }
}

/// How it ended.
pub fn end(end: &End, goal: Target, lang: Lang) -> String {
    let wanted = target(goal, lang);
    match end {
        End::Found { offset, base_offset, position, .. } => say!(
            lang,
            "찾았습니다: 오프셋 {offset}, 세그먼트 {base_offset}의 {position}번째 바이트에서 시작하는 배치.",
            "Found: offset {offset}, in the batch at byte {position} of segment {base_offset}."
        ),
        End::NotThere => match goal {
            Target::Offset(_) => say!(
                lang,
                "{wanted}은(는) 로그의 끝 뒤입니다.",
                "There is no {wanted}: it is beyond the end."
            ),
            Target::Time(_) => say!(
                lang,
                "{wanted} 이후의 레코드가 없습니다.",
                "No record is of {wanted} or later."
            ),
        },
        End::NoSegment => say!(
            lang,
            "{wanted}이(가) 들어갈 세그먼트가 없습니다.",
            "No segment begins so low: {wanted}."
        ),
        End::Damaged { base_offset, error } => {
            let (at, why) = (error.position, error.reason.to_string());
            say!(
                lang,
                "세그먼트 {base_offset}의 {at}번째 바이트에서 로그가 망가져 더 읽을 수 없습니다({why}).",
                "Segment {base_offset} is damaged at byte {at}, so the search ends there ({why})."
            )
        }
    }
}
