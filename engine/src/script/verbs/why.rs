//! The verb that asks for reasons.

use super::table::{fixed, none};
use super::{Mode, Slot, Verb, Words};
use crate::script::error::ScriptError;
use crate::script::line::Line;
use crate::script::parse::Args;
use crate::script::read::why as read;

pub const NOT_DELETED: Verb = of_a_log(
    "not-deleted",
    "레코드나 가장 오래된 세그먼트가 왜 아직 지워지지 않았는지, 언제 지워지는지 보여 줍니다.",
    "Why a record, or the oldest segment, has not been deleted, and when it will be.",
    read::not_deleted,
);
pub const NOT_COMPACTED: Verb = of_a_log(
    "not-compacted",
    "레코드나 로그가 왜 아직 compaction되지 않았는지, 언제 되는지 보여 줍니다.",
    "Why a record, or the log, has not been compacted, and when it will be.",
    read::not_compacted,
);
pub const HIGH_WATERMARK: Verb = of_a_partition(
    "high-watermark",
    "high watermark가 왜 거기 있는지 보여 줍니다.",
    "Why the high watermark is where it is.",
    read::high_watermark,
);
pub const ISR: Verb = of_a_partition(
    "isr",
    "ISR에 누가 왜 있고, 왜 없는지 보여 줍니다.",
    "Who is in the ISR and who is not, and why.",
    read::isr,
);
pub const LEADER: Verb = of_a_partition(
    "leader",
    "리더가 왜 그 브로커인지, 마지막 선출이 누구를 견주었는지 보여 줍니다.",
    "Why this broker leads, and whom the last election considered.",
    read::leader,
);
pub const LEADER_EPOCH: Verb = of_a_partition(
    "leader-epoch",
    "leader epoch가 왜 그 값인지, 각 레플리카가 무엇을 아는지 보여 줍니다.",
    "Why the leader epoch is what it is, and what each replica knows of it.",
    read::leader_epoch,
);
pub const RECORD: Verb = verb(
    Mode::Word("record"),
    "PARTITION OFFSET",
    "레코드가 어떻게 되었는지, 잃었다면 왜인지 보여 줍니다.",
    "What has become of a record, and if it is lost, why.",
    fixed(&[Slot::Partition, Slot::Offset]),
    read::record,
);
pub const QUORUM: Verb = verb(
    Mode::Word("quorum"),
    "",
    "왜 그 컨트롤러가 액티브 컨트롤러인지, 없다면 왜 없는지 보여 줍니다.",
    "Why there is this active controller, or none.",
    none(),
    read::quorum,
);
pub const BROKER: Verb = verb(
    Mode::Word("broker"),
    "NODE",
    "브로커가 왜 일하거나 fenced인지, 무엇을 아직 따라잡지 못했는지 보여 줍니다.",
    "Why a broker serves or is fenced, and what it has yet to catch up with.",
    fixed(&[Slot::Node]),
    read::broker,
);
pub const READ_REPLICA: Verb = verb(
    Mode::Word("read-replica"),
    "CONSUMER PARTITION",
    "컨슈머가 왜 그 브로커에서 읽는지, 언제 리더로 돌아가는지 보여 줍니다(KIP-392).",
    "Why a consumer reads from that broker, and when it goes back to the leader (KIP-392).",
    fixed(&[Slot::Consumer, Slot::Partition]),
    read::read_replica,
);
pub const EVENT: Verb = verb(
    Mode::Only,
    "#EVENT | last",
    "이벤트의 원인을 명령까지 거슬러 올라갑니다.",
    "Walks the causes of an event back to the command.",
    fixed(&[Slot::EventId]),
    read::event,
);

type Read = fn(&Args<'_>) -> Result<Line, ScriptError>;

const fn verb(
    mode: Mode,
    usage: &'static str,
    ko: &'static str,
    en: &'static str,
    words: Words,
    read: Read,
) -> Verb {
    Verb { name: "why", mode, usage, ko, en, words, options: &[], read }
}

const fn of_a_log(what: &'static str, ko: &'static str, en: &'static str, read: Read) -> Verb {
    let words = Words::Fixed { slots: &[Slot::Node, Slot::Partition, Slot::Offset], optional: 1 };
    verb(Mode::Word(what), "NODE PARTITION [OFFSET]", ko, en, words, read)
}

const fn of_a_partition(
    what: &'static str,
    ko: &'static str,
    en: &'static str,
    read: Read,
) -> Verb {
    verb(Mode::Word(what), "PARTITION", ko, en, fixed(&[Slot::Partition]), read)
}
