//! Words about what is stored: the chip, the dialogs, the notices, and why a link is not opened.

use super::{Lang, say, texts};
use crate::notice::Text;
use crate::permalink::{LinkProblem, TooMany};
use crate::storage::journal::{ReplayProblem, ReplayProblemKind};
use crate::storage::recovery::NoTimeline;
use crate::storage::root::Damage;
use crate::storage::{Reason, Status};
use kafkascope_engine::script;

texts! {
    pub enum StorageText {
        Title: "저장", "Storage";
        Opening: "저장 확인 중", "Looking";
        Writing: "저장됨", "Stored";
        Undecided: "선택 대기", "Your choice";
        ReadOnly: "읽기 전용", "Read-only";
        Scratch: "저장 안 함: 링크", "Not stored: a link";
        MemoryOnly: "저장 안 함", "Not stored";

        WritingWhat: "이 브라우저의 IndexedDB가 브로커들의 디스크입니다. flush된 바이트만, 그리고 flush가 끝났다고 보이기 전에 저장합니다.", "This browser's IndexedDB is the brokers' disk. Only flushed bytes are stored, and they are stored before a flush is shown as done.";
        WritingClose: "탭을 닫으면 클러스터 전체의 전원이 끊깁니다. 다시 오시면 브로커들이 디스크에 남은 것으로 부팅합니다.", "Closing the tab cuts the power of the whole cluster. On your next visit the brokers boot on what their disks hold.";
        OpeningWhat: "저장된 세션이 있는지 보고 있습니다.", "Looking for a stored session.";

        FoundTitle: "다시 오셨습니다: 전원이 끊겼습니다", "Welcome back: the power was cut";
        FoundLead: "탭이 닫히면서 클러스터 전체의 전원이 끊겼습니다. 브로커들은 디스크에 남은 것으로 부팅했습니다.", "Closing the tab cut the power of the whole cluster. The brokers have booted on what their disks held.";
        AllKept: "acks=all로 확인된 레코드를 하나도 잃지 않았습니다.", "No record acknowledged with acks=all was lost.";
        NonePromised: "acks=all로 확인된 레코드는 없었습니다.", "No record had been acknowledged with acks=all.";
        WhyLost: "acks=all은 ISR(in-sync replica)의 모든 브로커가 레코드를 받았다는 약속이지, 디스크에 썼다는 약속이 아닙니다. 아직 페이지 캐시에만 있던 레코드는 모든 브로커의 전원이 함께 끊기면 사라집니다.", "acks=all promises that every broker of the ISR has the record, not that it is on a disk. What was only in page caches is gone when all of them lose their power together.";
        NoPartitions: "토픽은 없었습니다.", "There was no topic.";
        Partition: "파티션", "Partition";
        Broker: "브로커", "Broker";
        EndBefore: "전원이 끊길 때 LEO", "LEO at the power loss";
        EndAfter: "디스크에서 복구한 LEO", "LEO recovered from disk";
        Promised: "acks=all로 확인된 레코드", "Acknowledged, acks=all";
        NewLeader: "새 리더", "New leader";
        LeoGloss: "LEO(Log End Offset)는 다음 레코드가 받을 오프셋입니다.", "LEO (Log End Offset) is the offset that the next record will get.";

        GoOn: "디스크에서 이어 가기", "Go on from the disks";
        GoOnHint: "브로커들이 부팅하고, 리더를 새로 뽑습니다.", "The brokers boot and elect their leaders.";
        Reopen: "이전 타임라인을 그대로 열기", "Reopen the former timeline";
        ReopenHint: "페이지 캐시와 가던 메시지까지, 마지막으로 저장한 순간 그대로입니다.", "Exactly as it was when it was last stored, with page caches and messages on their way.";
        StartAnew: "새로 시작하기", "Start anew";
        StartAnewHint: "저장된 것을 지우고 첫 시나리오로 갑니다.", "Deletes what is stored and goes to the first scenario.";
    }
}

/// Labels of what a person can do, Korean and English.
pub const TAKE_OVER: (&str, &str) = ("넘겨받기", "Take over");
pub const KEEP: (&str, &str) = ("저장된 것 대신 이 실행을 저장하기", "Store this run in its place");
pub const TRY_AGAIN: (&str, &str) = ("다시 저장해 보기", "Try to store again");
pub const START_ANEW: (&str, &str) = ("지우고 새로 시작하기", "Delete it and start anew");
pub const GO_ON: (&str, &str) = ("계속하기", "Go on");

/// Two sentences by one description.
fn both(say: impl Fn(Lang) -> String) -> Text {
    Text::of(say)
}

/// What is said of a status, and whether it is a problem.
pub fn notice(status: &Status) -> Option<(Text, bool)> {
    let is_problem = matches!(status, Status::MemoryOnly(_));
    match status {
        Status::Opening | Status::Writing | Status::Undecided => None,
        status => Some((both(|lang| explain(status, lang)), is_problem)),
    }
}

/// What is the case, why, and what can be done.
pub fn explain(status: &Status, lang: Lang) -> String {
    let text = match status {
        Status::Opening => super::t(lang, StorageText::OpeningWhat),
        Status::Writing => super::t(lang, StorageText::WritingWhat),
        Status::Undecided => super::t(lang, StorageText::FoundLead),
        Status::ReadOnly => lang.pick(
            "다른 탭이 저장을 맡고 있어, 이 탭에서 하는 일은 저장되지 않습니다. 여기서 이어 가려면 넘겨받으십시오.",
            "Another tab does the storing, so what you do in this one is not stored. To go on here, take over.",
        ),
        Status::Scratch => lang.pick(
            "링크로 연 실행이라 저장하지 않습니다. 저장해 둔 세션은 그대로 있으며, 주소에서 # 뒤를 지우고 열면 돌아갑니다.",
            "This run was opened from a link and is not stored. Your stored session is untouched: open the page without the part behind # to return to it.",
        ),
        Status::MemoryOnly(reason) => return explain_reason(reason, lang),
    };
    text.to_string()
}

fn explain_reason(reason: &Reason, lang: Lang) -> String {
    match reason {
        Reason::Unavailable(cause) => say!(
            lang,
            "이 창에서는 IndexedDB를 쓸 수 없어 아무것도 저장하지 않습니다({cause}). 클러스터는 메모리에서 그대로 움직이고, 탭을 닫으면 사라집니다. 저장하려면 비공개 창이 아닌 창에서 열어 주십시오.",
            "IndexedDB cannot be used in this window ({cause}), so nothing is stored. The cluster runs on in memory and is gone when the tab is closed. To keep it, open the page in a window that is not private."
        ),
        Reason::NoLocks => lang
            .pick(
                "이 브라우저에는 Web Locks가 없어 두 탭이 서로 덮어쓸 수 있으므로 저장하지 않습니다. 저장하려면 https 주소로, 또는 최신 브라우저에서 열어 주십시오.",
                "This browser has no Web Locks here, so two tabs could overwrite each other, and nothing is stored. To store, open the page over https, or in a current browser.",
            )
            .to_string(),
        Reason::Newer => lang
            .pick(
                "저장된 세션은 더 새로운 Kafkascope가 쓴 것이라 이 페이지는 읽지 못합니다. 손대지 않았고, 클러스터는 메모리에서 움직입니다. 새로 고쳐 새 버전을 받아 주십시오.",
                "The stored session was written by a newer Kafkascope, which this page cannot read. It is untouched, and the cluster runs in memory. Reload to get the newer page.",
            )
            .to_string(),
        Reason::Damaged(damage) => {
            let what = damaged(*damage, lang);
            say!(
                lang,
                "저장된 세션이 손상되어 열 수 없습니다: {what} 손대지 않았고, 메모리에서 새로 시작했습니다. 다시 저장하려면 저장된 것을 지우고 새로 시작하십시오.",
                "The stored session is damaged and cannot be opened: {what} It is untouched, and a new cluster runs in memory. To store again, delete it and start anew."
            )
        }
        Reason::Unreadable(cause) => say!(
            lang,
            "저장된 것을 읽지 못했습니다({cause}). 손대지 않았고, 메모리에서 새로 시작했습니다. 다시 저장해 보거나, 새로 고쳐 주십시오.",
            "What is stored could not be read ({cause}). It is untouched, and a new cluster runs in memory. Try again, or reload the page."
        ),
        Reason::Full => lang
            .pick(
                "브라우저의 저장 공간이 모자라 저장을 멈췄습니다. 마지막으로 저장된 것은 그대로 있고, 클러스터는 메모리에서 계속 움직입니다. 공간을 비우고 다시 저장해 보십시오.",
                "The browser has no room left, so storing has stopped. What was stored last is untouched, and the cluster runs on in memory. Make room, then try again.",
            )
            .to_string(),
        Reason::Lost => lang
            .pick(
                "브라우저가 데이터베이스 연결을 거듭 끊어 저장을 멈췄습니다. 마지막으로 저장된 것은 그대로 있고, 클러스터는 메모리에서 계속 움직입니다. 다시 저장해 보십시오.",
                "The browser keeps closing the database, so storing has stopped. What was stored last is untouched, and the cluster runs on in memory. Try again.",
            )
            .to_string(),
        Reason::Emptied => lang
            .pick(
                "저장해 둔 것이 이 페이지 밖에서 지워져 저장을 멈췄습니다. 클러스터는 메모리에서 계속 움직입니다. 이 실행을 저장하려면 다시 저장해 보십시오.",
                "What was stored has been deleted from outside this page, so storing has stopped. The cluster runs on in memory. To store this run, try again.",
            )
            .to_string(),
        Reason::Silent => lang
            .pick(
                "데이터베이스가 대답하지 않아 저장하지 않습니다. 저장된 것은 그대로 있고, 클러스터는 메모리에서 움직입니다. 다른 탭을 닫고 다시 저장해 보십시오.",
                "The database does not answer, so nothing is stored. What is stored is untouched, and the cluster runs in memory. Close other tabs, then try again.",
            )
            .to_string(),
        Reason::Failed(cause) => say!(
            lang,
            "저장하지 못해 저장을 멈췄습니다({cause}). 마지막으로 저장된 것은 그대로 있고, 클러스터는 메모리에서 계속 움직입니다. 다시 저장해 보십시오.",
            "Storing failed and has stopped ({cause}). What was stored last is untouched, and the cluster runs on in memory. Try again."
        ),
    }
}

pub fn damaged(damage: Damage, lang: Lang) -> String {
    match damage {
        Damage::Newer(format) => say!(lang, "형식 {format}입니다.", "it has format {format}."),
        Damage::Root => lang
            .pick(
                "무엇이 어디에 있는지 적은 기록의 체크섬이 맞지 않습니다.",
                "the checksum of the record that says what is where does not fit.",
            )
            .to_string(),
        Damage::ExtentMissing(id) => {
            say!(
                lang,
                "브로커 디스크의 {id}번 조각이 없습니다.",
                "part {id} of the brokers' disks is missing."
            )
        }
        Damage::ExtentDamaged(id) => say!(
            lang,
            "브로커 디스크의 {id}번 조각은 체크섬(CRC)이 맞지 않습니다.",
            "the checksum (CRC) of part {id} of the brokers' disks does not fit."
        ),
        Damage::Journal(chunk) => say!(
            lang,
            "입력 기록의 {chunk}번 조각이 없거나 체크섬이 맞지 않습니다.",
            "part {chunk} of the journal is missing, or its checksum does not fit."
        ),
        Damage::NoJournal => {
            lang.pick("입력 기록이 남아 있지 않습니다.", "there is no journal of it.").to_string()
        }
    }
}

/// Why the former timeline cannot be reopened.
pub fn no_timeline(why: &NoTimeline, lang: Lang) -> String {
    let cause = match why {
        NoTimeline::Damaged(damage) => damaged(*damage, lang),
        NoTimeline::Impossible(problem) => replay_problem(problem, lang),
        NoTimeline::Differs => lang
            .pick(
                "이 버전의 엔진은 같은 입력에서 다른 실행을 만듭니다.",
                "this version of the engine makes another run of it.",
            )
            .to_string(),
    };
    say!(
        lang,
        "이전 타임라인은 다시 열 수 없습니다: {cause}",
        "The former timeline cannot be reopened: {cause}"
    )
}

pub fn no_disks(damage: Damage, lang: Lang) -> String {
    let what = damaged(damage, lang);
    say!(
        lang,
        "브로커들의 디스크를 읽을 수 없습니다: {what} 저장된 것은 손대지 않았습니다. 입력 기록은 온전하므로 이전 타임라인을 다시 만들 수 있습니다.",
        "The brokers' disks cannot be read: {what} What is stored is untouched. The journal is sound, so the former timeline can be made again."
    )
}

pub fn lost_records(lost: usize, promised: usize, lang: Lang) -> String {
    let plural = if promised == 1 { "" } else { "s" };
    say!(
        lang,
        "acks=all로 확인된 레코드 {promised}개 가운데 {lost}개를 잃었습니다.",
        "Of {promised} record{plural} acknowledged with acks=all, {lost} are lost."
    )
}

pub fn unflushed(count: i64, lang: Lang) -> String {
    let records = if count == 1 { "1 record" } else { &format!("{count} records") };
    say!(
        lang,
        "어느 디스크에도 쓰이지 않은 레코드 {count}개가 사라졌습니다.",
        "{records} had not reached any disk."
    )
}

pub fn kept_of(kept: usize, promised: usize, lang: Lang) -> String {
    say!(lang, "{promised}개 중 {kept}개 남음", "{kept} of {promised} kept")
}

// Links.

pub fn another_tab_writes() -> Text {
    Text::new(
        "다른 탭이 저장을 맡고 있어 이 실행을 저장할 수 없습니다. 그 탭을 닫고 다시 해 주십시오.",
        "Another tab does the storing, so this run cannot be stored. Close that tab, then try again.",
    )
}

pub fn link_differs() -> Text {
    Text::new(
        "이 링크는 다른 버전의 Kafkascope가 만들었습니다. 같은 입력이지만 보이는 순간이 다를 수 있습니다.",
        "This link was made by another version of Kafkascope. The inputs are the same, but the moment shown may differ.",
    )
}

pub fn long_link(inputs: u64) -> Text {
    both(|lang| {
        say!(
            lang,
            "이 링크의 실행은 {inputs}단계나 되어 여는 데 시간이 걸립니다. 계속하시겠습니까? 닫으면 열지 않습니다.",
            "The run of this link has {inputs} steps and takes a while to open. Go on? It is not opened if you dismiss this."
        )
    })
}

pub fn link_problem(problem: &LinkProblem, lang: Lang) -> String {
    let why = match problem {
        LinkProblem::Version(version) => say!(
            lang,
            "링크의 형식({version})이 이 페이지보다 새롭습니다. 새로 고쳐 새 버전을 받아 주십시오.",
            "its format ({version}) is newer than this page. Reload to get the newer page."
        ),
        LinkProblem::TooLong { bytes, max } => {
            let (kib, max) = (bytes / 1024, max / 1024);
            say!(
                lang,
                "압축한 크기가 {kib}KiB로, {max}KiB를 넘습니다. 더 짧은 실행을 공유해 주십시오.",
                "it is {kib} KiB when packed, more than {max} KiB. Share a shorter run."
            )
        }
        LinkProblem::TextTooLong { max } => {
            let max = max / 1024;
            say!(
                lang,
                "풀면 {max}KiB를 넘습니다. 더 짧은 실행을 공유해 주십시오.",
                "it unfolds to more than {max} KiB. Share a shorter run."
            )
        }
        LinkProblem::Damaged => lang
            .pick(
                "잘렸거나 바뀌었습니다. 보낸 사람에게 링크 전체를 다시 받아 주십시오.",
                "it was cut off or changed on the way. Ask the sender for the whole link.",
            )
            .to_string(),
        LinkProblem::TooMany { what, max } => {
            let what = match what {
                TooMany::Lines => lang.pick("줄", "lines"),
                TooMany::Steps => lang.pick("단계", "steps"),
                TooMany::Records => lang.pick("레코드", "records"),
                TooMany::Bytes => lang.pick("레코드 바이트", "bytes of records"),
                TooMany::Runs => lang.pick("전원이 끊긴 횟수", "power losses"),
            };
            say!(
                lang,
                "{what}이(가) 허용된 {max}보다 많습니다. 더 짧은 실행을 공유해 주십시오.",
                "it has more than {max} {what}. Share a shorter run."
            )
        }
        LinkProblem::Script(error) => error.words(lang),
        LinkProblem::NotAnInput { line } => not_an_input(*line, lang),
        LinkProblem::NoSpec => no_spec(lang),
        LinkProblem::NoSuchMoment => lang
            .pick(
                "가리키는 순간이 실행의 끝보다 뒤에 있습니다. 보낸 사람에게 링크를 다시 받아 주십시오.",
                "the moment it names lies behind the end of its run. Ask the sender for a new link.",
            )
            .to_string(),
        LinkProblem::Replay(problem) => replay_problem(problem, lang),
        LinkProblem::NoJournal => {
            return lang
                .pick(
                    "이 실행은 입력 기록이 없는 디스크에서 시작했으므로 링크로 만들 수 없습니다. 새로 시작한 실행은 공유할 수 있습니다.",
                    "This run began on disks without a journal, so there can be no link to it. A run that starts anew can be shared.",
                )
                .to_string();
        }
    };
    say!(lang, "링크를 열 수 없습니다: {why}", "The link cannot be opened: {why}")
}

/// Why a run cannot be shared.
pub fn share_problem(problem: &LinkProblem, lang: Lang) -> String {
    match problem {
        LinkProblem::TooLong { .. } | LinkProblem::TextTooLong { .. } | LinkProblem::TooMany { .. } => lang
            .pick(
                "이 실행은 링크에 담기에 너무 깁니다. 새로 시작하거나 더 이른 시점에서 갈라진 실행은 공유할 수 있습니다.",
                "This run is too long for a link. Start anew, or fork at an earlier moment, and share that.",
            )
            .to_string(),
        other => link_problem(other, lang),
    }
}

fn not_an_input(line: u32, lang: Lang) -> String {
    say!(
        lang,
        "{line}번째 줄은 명령도 step도 아닙니다.",
        "line {line} is neither a command nor a step."
    )
}

fn no_spec(lang: Lang) -> String {
    lang.pick("cluster로 시작하지 않습니다.", "it does not begin with a cluster line.").to_string()
}

fn replay_problem(problem: &ReplayProblem, lang: Lang) -> String {
    let line = problem.line;
    match &problem.what {
        ReplayProblemKind::Script(error) => error.words(lang),
        ReplayProblemKind::NotAnInput => not_an_input(line, lang),
        ReplayProblemKind::NoSpec => no_spec(lang),
        ReplayProblemKind::Refused(refusal) => {
            let words = script::words::words(refusal, lang);
            say!(
                lang,
                "이 버전의 엔진이 {line}번째 줄을 거절합니다. {words}",
                "this version of the engine refuses line {line}. {words}"
            )
        }
        ReplayProblemKind::NothingPending => say!(
            lang,
            "{line}번째 줄에서 더 일어날 일이 없습니다.",
            "nothing is left to happen at line {line}."
        ),
    }
}
