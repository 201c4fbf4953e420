//! Words about files on their way in and out.

use super::{Lang, bytes, format, say, texts};
use crate::files::{BYTES_MAX, Problem};

texts! {
    pub enum ExchangeText {
        Download: "내려받기", "Download";
        ThisFile: "이 파일", "This file";
        ThisSegment: "세그먼트(.zip)", "Segment (.zip)";
        WholeDisk: "디스크 전체(.zip)", "Whole disk (.zip)";
        Open: "파일 열기…", "Open files…";
        OpenFolder: "폴더 열기…", "Open folder…";
        OpenHint: "진짜 Kafka의 세그먼트나 로그 디렉터리(zip도 됩니다)를 페이지에 끌어다 놓아도 됩니다. 클러스터는 바뀌지 않습니다.", "Or drop a real Kafka segment, or a log directory, zipped or not, anywhere on the page. The cluster does not change.";
        DropHere: "놓으면 바이트를 보여 줍니다", "Drop to see the bytes";
        Dismiss: "알림 닫기", "Dismiss";
        ZipFailed: "zip을 만들지 못했습니다.", "The zip could not be made.";
    }
}

/// Why files from outside are not shown.
pub fn problem(problem: &Problem, lang: Lang) -> String {
    let most = format::bytes(BYTES_MAX);
    match problem {
        Problem::TooLarge { name, len } => {
            let len = format::bytes(*len);
            say!(
                lang,
                "{name}은(는) {len}라서 열지 않았습니다. 한 번에 {most}까지 엽니다.",
                "{name} was not opened: it has {len}, and up to {most} are taken at a time."
            )
        }
        Problem::TooMany { name } => {
            say!(
                lang,
                "{name}에 파일이 너무 많아 열지 않았습니다.",
                "{name} was not opened: it holds too many files."
            )
        }
        Problem::UnpacksTooLarge { name, position } => {
            let at = format::number(*position);
            say!(
                lang,
                "{name}을(를) 열지 않았습니다. {at}번째 바이트의 파일에서 풀린 크기가 {most}를 넘습니다.",
                "{name} was not opened: with the file at byte {at} it unpacks to more than {most}."
            )
        }
        Problem::Zip { name, position, why } => {
            let at = format::number(*position);
            say!(
                lang,
                "{name}은(는) {at}번째 바이트에서 zip으로 읽을 수 없습니다({why}).",
                "{name} cannot be read as a zip at byte {at} ({why})."
            )
        }
        Problem::NoBatch { name, damage } => {
            let why = bytes::damage(damage, lang);
            say!(
                lang,
                "{name}에서 배치를 하나도 읽지 못했습니다. {why}",
                "Not one batch could be read from {name}. {why}"
            )
        }
        Problem::Unknown { name } => say!(
            lang,
            "{name}은(는) Kafka의 파일이 아닙니다. .log, .index, .timeindex, .txnindex, .snapshot 파일이나 이들을 담은 폴더나 zip을 열 수 있습니다.",
            "{name} is no file of Kafka's. What can be opened: .log, .index, .timeindex, .txnindex, .snapshot, or a folder or zip of such files."
        ),
        Problem::Twice { path } => {
            say!(
                lang,
                "{path}이(가) 두 번 있어 열지 않았습니다.",
                "Not opened: {path} is there twice."
            )
        }
        Problem::Unreadable { name } => {
            say!(
                lang,
                "브라우저가 {name}을(를) 읽지 못했습니다.",
                "The browser could not read {name}."
            )
        }
    }
}
