//! What `run until` can wait for, and its words. Whether it holds is in [`state`].

use super::error::{ScriptError, ScriptProblem, closest};
use super::lexer::Word;
use super::parse::Args;
use super::verbs::Slot;
use crate::ids::{NodeId, TopicPartition};
use crate::transaction::transaction_metadata::TransactionState;
use std::sync::Arc;

pub mod state;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// At the leader, or at `node`.
    HighWatermark {
        node: Option<NodeId>,
        partition: TopicPartition,
        is: Comparison,
        offset: i64,
    },
    LogEnd {
        node: Option<NodeId>,
        partition: TopicPartition,
        is: Comparison,
        offset: i64,
    },
    Leader {
        partition: TopicPartition,
        equal: bool,
        leader: Option<NodeId>,
    },
    /// The order of an ISR means nothing.
    Isr {
        partition: TopicPartition,
        equal: bool,
        isr: Vec<NodeId>,
    },
    Position {
        consumer: Arc<str>,
        partition: TopicPartition,
        is: Comparison,
        offset: i64,
    },
    Acknowledged {
        producer: Arc<str>,
        is: Comparison,
        count: i64,
    },
    Failed {
        producer: Arc<str>,
        is: Comparison,
        count: i64,
    },
    /// What the coordinator knows of a transactional id.
    Transaction {
        transactional_id: Arc<str>,
        equal: bool,
        state: TransactionState,
    },
    /// The process of a node has ended, whichever way.
    Stopped {
        node: NodeId,
    },
    /// Every process that runs is registered, and none is fenced.
    Ready,
    /// Nothing is left to do but heartbeats and empty fetches.
    Quiet,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    Equal,
    NotEqual,
    AtLeast,
    AtMost,
    MoreThan,
    LessThan,
}

impl Comparison {
    pub const ALL: [Comparison; 6] = [
        Comparison::Equal,
        Comparison::NotEqual,
        Comparison::AtLeast,
        Comparison::AtMost,
        Comparison::MoreThan,
        Comparison::LessThan,
    ];

    pub fn symbol(self) -> &'static str {
        match self {
            Comparison::Equal => "==",
            Comparison::NotEqual => "!=",
            Comparison::AtLeast => ">=",
            Comparison::AtMost => "<=",
            Comparison::MoreThan => ">",
            Comparison::LessThan => "<",
        }
    }
}

/// One kind of condition, for help, completion and parsing.
pub struct Form {
    pub name: &'static str,
    pub usage: &'static str,
    /// What stands between the name and the comparison. A node in front may be missing.
    pub slots: &'static [Slot],
    /// What stands after the comparison; `Nothing` if there is none.
    pub value: Slot,
    pub ko: &'static str,
    pub en: &'static str,
}

impl Form {
    /// The whole line, as help shows it.
    pub fn form(&self) -> String {
        format!("run until {} {}", self.name, self.usage).trim_end().to_string()
    }
}

const TRANSACTION_STATE: Slot = Slot::Choice(&[
    "Empty",
    "Ongoing",
    "PrepareCommit",
    "PrepareAbort",
    "CompleteCommit",
    "CompleteAbort",
]);

pub static FORMS: [Form; 11] = [
    Form {
        name: "high-watermark",
        usage: "[NODE] PARTITION >= OFFSET",
        slots: &[Slot::Node, Slot::Partition],
        value: Slot::Offset,
        ko: "리더(또는 노드)의 high watermark",
        en: "the high watermark at the leader, or at a node",
    },
    Form {
        name: "log-end",
        usage: "[NODE] PARTITION >= OFFSET",
        slots: &[Slot::Node, Slot::Partition],
        value: Slot::Offset,
        ko: "리더(또는 노드)의 로그 끝 오프셋(LEO)",
        en: "the log end offset at the leader, or at a node",
    },
    Form {
        name: "leader",
        usage: "PARTITION == NODE|none",
        slots: &[Slot::Partition],
        value: Slot::Leader,
        ko: "파티션의 리더",
        en: "who leads the partition",
    },
    Form {
        name: "isr",
        usage: "PARTITION == 1,2,3",
        slots: &[Slot::Partition],
        value: Slot::Brokers,
        ko: "파티션의 ISR",
        en: "the in-sync replicas of the partition",
    },
    Form {
        name: "position",
        usage: "CONSUMER PARTITION >= OFFSET",
        slots: &[Slot::Consumer, Slot::Partition],
        value: Slot::Offset,
        ko: "컨슈머가 다음에 읽을 오프셋",
        en: "the offset that a consumer reads next",
    },
    Form {
        name: "acknowledged",
        usage: "PRODUCER >= N",
        slots: &[Slot::Producer],
        value: Slot::Number,
        ko: "프로듀서가 확인(ack)을 받은 레코드 수",
        en: "how many records a producer has had acknowledged",
    },
    Form {
        name: "failed",
        usage: "PRODUCER >= N",
        slots: &[Slot::Producer],
        value: Slot::Number,
        ko: "프로듀서가 포기한 레코드 수",
        en: "how many records a producer has given up on",
    },
    Form {
        name: "transaction",
        usage: "TRANSACTIONAL-ID == STATE",
        slots: &[Slot::Utf8],
        value: TRANSACTION_STATE,
        ko: "코디네이터가 아는 트랜잭션의 상태",
        en: "the state of a transaction, as its coordinator knows it",
    },
    Form {
        name: "stopped",
        usage: "NODE",
        slots: &[Slot::Node],
        value: Slot::Nothing,
        ko: "노드의 프로세스가 끝남",
        en: "the process of a node has ended",
    },
    Form {
        name: "ready",
        usage: "",
        slots: &[],
        value: Slot::Nothing,
        ko: "켜진 브로커가 모두 등록되어 일할 수 있음",
        en: "every running broker is registered and unfenced",
    },
    Form {
        name: "quiet",
        usage: "",
        slots: &[],
        value: Slot::Nothing,
        ko: "하트비트와 빈 fetch 말고는 할 일이 없음",
        en: "nothing is left to do but heartbeats and empty fetches",
    },
];

/// Reads the words of a condition.
pub(super) fn read(args: &Args<'_>, words: &[Word]) -> Result<Condition, ScriptError> {
    let name = words.first().ok_or_else(|| args.missing(Slot::Condition))?;
    let Some(form) = FORMS.iter().find(|form| name.is(form.name)) else {
        let word = name.shown();
        let closest = closest(&word, FORMS.iter().map(|form| form.name));
        return Err(args.error(name, ScriptProblem::UnknownCondition { word, closest }));
    };
    let missing = |wants| args.error_at_end(ScriptProblem::Missing { wants, form: form.form() });
    let is_comparison = |word: &Word| Comparison::ALL.into_iter().find(|c| word.is(c.symbol()));
    let rest = &words[1..];
    let at = rest.iter().position(|word| is_comparison(word).is_some());
    let (subject, tail) = rest.split_at(at.unwrap_or(rest.len()));
    if let Some(extra) = subject.get(form.slots.len()).or_else(|| tail.get(2)) {
        let what = ScriptProblem::Unexpected { word: extra.shown(), form: form.form() };
        return Err(args.error(extra, what));
    }
    if form.value == Slot::Nothing {
        if let Some(extra) = tail.first() {
            let what = ScriptProblem::Unexpected { word: extra.shown(), form: form.form() };
            return Err(args.error(extra, what));
        }
        return Ok(match form.name {
            "ready" => Condition::Ready,
            "quiet" => Condition::Quiet,
            _ => {
                let node = subject.first().ok_or_else(|| missing(Slot::Node))?;
                Condition::Stopped { node: args.node(node)? }
            }
        });
    }
    // Without the node in front, the words are those behind it.
    let node_missing = form.slots[0] == Slot::Node && subject.len() + 1 == form.slots.len();
    let wanted = &form.slots[usize::from(node_missing)..];
    if let Some(&wants) = wanted.get(subject.len()) {
        return Err(missing(wants));
    }
    let [comparison, value] = tail else {
        let wants = if tail.is_empty() { Slot::Comparison } else { form.value };
        return Err(missing(wants));
    };
    let is = is_comparison(comparison).ok_or_else(|| args.invalid(comparison, Slot::Comparison))?;
    let equality = || match is {
        Comparison::Equal => Ok(true),
        Comparison::NotEqual => Ok(false),
        _ => Err(args.invalid(comparison, Slot::Choice(&["==", "!="]))),
    };
    let node = match subject.first() {
        Some(word) if form.slots[0] == Slot::Node && !node_missing => Some(args.node(word)?),
        _ => None,
    };
    let partition = || args.partition(&subject[subject.len() - 1]);
    let number = || args.parsed(value, form.value);
    Ok(match form.name {
        "high-watermark" => {
            Condition::HighWatermark { node, partition: partition()?, is, offset: number()? }
        }
        "log-end" => Condition::LogEnd { node, partition: partition()?, is, offset: number()? },
        "leader" => {
            let leader =
                if value.is("none") { None } else { Some(args.parsed(value, Slot::Leader)?) };
            Condition::Leader { partition: partition()?, equal: equality()?, leader }
        }
        "isr" => {
            let isr = args.brokers(value, ',', Slot::Brokers)?;
            Condition::Isr { partition: partition()?, equal: equality()?, isr }
        }
        "position" => {
            let consumer = args.name(&subject[0])?;
            Condition::Position { consumer, partition: partition()?, is, offset: number()? }
        }
        "transaction" => {
            let state = TransactionState::ALL.into_iter().find(|state| value.is(state.name()));
            let state = state.ok_or_else(|| args.invalid(value, TRANSACTION_STATE))?;
            let transactional_id = args.name(&subject[0])?;
            Condition::Transaction { transactional_id, equal: equality()?, state }
        }
        "acknowledged" => {
            Condition::Acknowledged { producer: args.name(&subject[0])?, is, count: number()? }
        }
        _ => Condition::Failed { producer: args.name(&subject[0])?, is, count: number()? },
    })
}
