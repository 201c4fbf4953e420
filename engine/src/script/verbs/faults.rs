//! The verbs that break things and mend them.

use super::table::{fixed, opt};
use super::{Mode, Slot, Verb, Words};
use crate::script::error::ScriptError;
use crate::script::line::Line;
use crate::script::parse::Args;
use crate::script::read::faults as read;

pub const CRASH: Verb = node_verb(
    "crash",
    "프로세스를 죽입니다. 페이지 캐시는 남습니다.",
    "Kills the process; the page cache stays.",
    read::crash,
);
pub const POWER_LOSS: Verb = node_verb(
    "power-loss",
    "서버의 전원을 끊습니다. 디스크에 닿지 않은 바이트는 사라질 수 있습니다.",
    "Cuts the host's power; bytes that had not reached the disk may be gone.",
    read::power_loss,
);
pub const STOP: Verb = node_verb(
    "stop",
    "차례를 지켜 종료합니다(controlled shutdown).",
    "Shuts the process down in order (controlled shutdown).",
    read::stop,
);
pub const PAUSE: Verb = node_verb(
    "pause",
    "프로세스를 멈춥니다. 긴 GC와 같습니다.",
    "Freezes the process, as a long GC pause does.",
    read::pause,
);
pub const RESUME: Verb = node_verb(
    "resume",
    "멈춘 프로세스를 다시 움직입니다.",
    "Lets a paused process go on.",
    read::resume,
);
pub const START: Verb = node_verb(
    "start",
    "꺼진 프로세스를 시작합니다. 로그를 디스크에서 복구합니다.",
    "Starts a process that is down; it recovers its logs from its disk.",
    read::start,
);
pub const ADD_BROKER: Verb = Verb {
    name: "add-broker",
    mode: Mode::Only,
    usage: "[ID]",
    ko: "빈 디스크를 가진 새 브로커를 클러스터에 더합니다. 번호를 주지 않으면 비어 있는 가장 작은 번호를 씁니다.",
    en: "Adds a broker with an empty disk to the cluster; without an id it gets the lowest that is free.",
    words: Words::Fixed { slots: &[Slot::Number], optional: 1 },
    options: &[],
    read: read::add_broker,
};
pub const REPLACE: Verb = node_verb(
    "replace",
    "브로커의 서버를 번호가 같은 빈 서버로 바꿉니다. 옛 서버의 디스크는 사라집니다.",
    "Replaces the host of a broker by an empty one of the same id; the old one's disk is gone.",
    read::replace,
);
pub const DISK: Verb = Verb {
    name: "disk",
    mode: Mode::Only,
    usage: "NODE slow by=50ms | full | failing | lost | sound",
    ko: "디스크를 느리게, 가득 차게, 고장 나게, 비게, 또는 다시 멀쩡하게 합니다.",
    en: "Makes a disk slow, full, failing, empty, or sound again.",
    words: fixed(&[Slot::Node, Slot::Choice(&read::DISKS)]),
    options: &[opt("by", Slot::Duration)],
    read: read::disk,
};
pub const CUT: Verb = Verb {
    name: "cut",
    mode: Mode::Only,
    usage: "A B [one-way]",
    ko: "둘 사이의 링크를 끊습니다. one-way이면 A에서 B로 가는 쪽만 끊습니다.",
    en: "Cuts the link between two ends; with one-way only from A to B.",
    words: fixed(&[Slot::Address, Slot::Address]),
    options: &[opt("one-way", Slot::Nothing)],
    read: read::cut,
};
pub const LINK: Verb = Verb {
    name: "link",
    mode: Mode::Only,
    usage: "A B [one-way] [delay=50ms..200ms] [loss=30%] [duplicate=10%] [reorder=10%] [api=Fetch]",
    ko: "링크를 나쁘게 만듭니다. 메시지가 늦거나, 사라지거나, 두 번 오거나, 순서가 바뀝니다. api를 주면 그 요청과 응답만입니다.",
    en: "Makes a link bad: messages are late, lost, delivered twice, or overtaken; with api only those requests and their answers.",
    words: fixed(&[Slot::Address, Slot::Address]),
    options: &[
        opt("one-way", Slot::Nothing),
        opt("delay", Slot::Delay),
        opt("loss", Slot::Percent),
        opt("duplicate", Slot::Percent),
        opt("reorder", Slot::Percent),
        opt("api", Slot::Api),
    ],
    read: read::link,
};
pub const ISOLATE: Verb = node_verb(
    "isolate",
    "노드의 링크를 모두 끊습니다. 나중에 생기는 클라이언트와도 끊깁니다.",
    "Cuts every link of a node, to clients that are yet to come as well.",
    read::isolate,
);
pub const RING_CUT: Verb = Verb {
    name: "ring-cut",
    mode: Mode::Only,
    usage: "NODE NODE NODE NODE...",
    ko: "노드들을 이 순서로 둥글게 세우고, 이웃끼리만 닿게 나머지 링크를 끊습니다.",
    en: "Puts the nodes in a ring in this order, and cuts all links between them but those of neighbours.",
    words: Words::Free(Slot::Node),
    options: &[],
    read: read::ring_cut,
};
pub const HEAL: Verb = Verb {
    name: "heal",
    mode: Mode::Only,
    usage: "A B | A | all",
    ko: "링크 하나, 노드나 클라이언트 하나의 링크, 또는 모든 링크를 낫게 합니다.",
    en: "Heals a link, all links of a node or client, or all links.",
    words: Words::Free(Slot::Address),
    options: &[],
    read: read::heal,
};
pub const DROP: Verb = envelope_verb(
    "drop",
    "가고 있는 메시지 하나를 없앱니다. 번호는 show envelopes에 있습니다.",
    "Takes one message off the wire; show envelopes has the numbers.",
    read::drop,
);
pub const DELAY: Verb = Verb {
    name: "delay",
    mode: Mode::Only,
    usage: "A B NUMBER by=200ms",
    ko: "가고 있는 메시지 하나를 늦춥니다. 뒤에 오는 메시지도 기다립니다.",
    en: "Holds one message up; those behind it wait too.",
    words: fixed(&[Slot::Address, Slot::Address, Slot::Envelope]),
    options: &[opt("by", Slot::Duration)],
    read: read::delay,
};
pub const DUPLICATE: Verb = envelope_verb(
    "duplicate",
    "가고 있는 메시지 하나를 두 번 오게 합니다.",
    "Lets one message arrive twice.",
    read::duplicate,
);
pub const REORDER: Verb = envelope_verb(
    "reorder",
    "가고 있는 메시지 하나를 바로 뒤의 것과, 맨 뒤이면 바로 앞의 것과 자리를 바꿉니다.",
    "Lets one message change places with the one behind it or, if it is the last, the one before it.",
    read::reorder,
);

type Read = fn(&Args<'_>) -> Result<Line, ScriptError>;

const fn node_verb(name: &'static str, ko: &'static str, en: &'static str, read: Read) -> Verb {
    let words = fixed(&[Slot::Node]);
    Verb { name, mode: Mode::Only, usage: "NODE", ko, en, words, options: &[], read }
}

const fn envelope_verb(name: &'static str, ko: &'static str, en: &'static str, read: Read) -> Verb {
    let words = fixed(&[Slot::Address, Slot::Address, Slot::Envelope]);
    Verb { name, mode: Mode::Only, usage: "A B NUMBER", ko, en, words, options: &[], read }
}
