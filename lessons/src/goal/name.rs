//! What goals name: nodes, partitions, and the few words that are not the engine's own. A name that is
//! none is refused with a complaint.

use crate::text::Complaint;
use kafkascope_engine::command::{ElectionType, StartFrom};
use kafkascope_engine::event::ChangeReason;
use kafkascope_engine::ids::{NodeId, TopicPartition};
use kafkascope_engine::log::unified_log::DeletionReason;
use kafkascope_engine::protocol::{Acks, KafkaError};
use kafkascope_engine::record::CompressionType;
use kafkascope_engine::world::Timer;
use serde::Deserialize;

/// What a timer is for, as far as goals ask: [`Timer`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimerName {
    WriteBack,
    LogCleaner,
    Heartbeat,
    LogRetention,
}

impl TimerName {
    pub fn timer(self) -> Timer {
        match self {
            TimerName::WriteBack => Timer::WriteBack,
            TimerName::Heartbeat => Timer::Heartbeat,
            TimerName::LogRetention => Timer::LogRetention,
            TimerName::LogCleaner => Timer::LogCleaner,
        }
    }
}

/// Why segments go: [`DeletionReason`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeletionName {
    LogStart,
    Size,
    Time,
}

impl DeletionName {
    pub fn is(self, reason: &DeletionReason) -> bool {
        match reason {
            DeletionReason::LogStart { .. } => self == DeletionName::LogStart,
            DeletionReason::Size { .. } => self == DeletionName::Size,
            DeletionReason::Time { .. } => self == DeletionName::Time,
        }
    }
}

/// Why a leader was chosen, as far as goals ask: [`ChangeReason`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ElectionReason {
    Asked,
    Balanced,
    ControlledShutdown,
    Fenced,
}

impl ElectionReason {
    pub fn is(self, reason: &ChangeReason) -> bool {
        match self {
            ElectionReason::Asked => *reason == ChangeReason::ElectionAsked,
            ElectionReason::Balanced => *reason == ChangeReason::LeadersBalanced,
            ElectionReason::ControlledShutdown => {
                matches!(reason, ChangeReason::ControlledShutdown(_))
            }
            ElectionReason::Fenced => matches!(reason, ChangeReason::BrokerFenced(_)),
        }
    }
}

/// Where a consumer begins that has no position yet: [`StartFrom`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StartName {
    Earliest,
    Latest,
}

impl StartName {
    pub fn is(self, from: StartFrom) -> bool {
        match self {
            StartName::Earliest => from == StartFrom::Earliest,
            StartName::Latest => from == StartFrom::Latest,
        }
    }
}

/// As `kafka-leader-election.sh --election-type` takes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct ElectionName(pub ElectionType);

impl TryFrom<String> for ElectionName {
    type Error = Complaint;

    fn try_from(name: String) -> Result<Self, Complaint> {
        let known = ElectionType::ALL.into_iter().find(|election| election.name() == name);
        known.map(ElectionName).ok_or_else(|| {
            Complaint::new(
                format!("선출의 종류가 아닙니다: {name} (preferred, unclean)"),
                format!("not the name of an election: {name} (preferred, unclean)"),
            )
        })
    }
}

/// Errors by Kafka's names, as far as goals ask: [`KafkaError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ErrorName {
    NotEnoughReplicas,
    NotEnoughReplicasAfterAppend,
    RequestTimedOut,
}

impl ErrorName {
    pub fn is(self, error: KafkaError) -> bool {
        error
            == match self {
                ErrorName::NotEnoughReplicas => KafkaError::NotEnoughReplicas,
                ErrorName::NotEnoughReplicasAfterAppend => KafkaError::NotEnoughReplicasAfterAppend,
                ErrorName::RequestTimedOut => KafkaError::RequestTimedOut,
            }
    }
}

/// `broker-1`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Node(pub NodeId);

impl TryFrom<String> for Node {
    type Error = Complaint;

    fn try_from(name: String) -> Result<Self, Complaint> {
        name.parse().map(Node).map_err(|()| {
            Complaint::new(
                format!("노드의 이름이 아닙니다: {name} (broker-1처럼 씁니다)"),
                format!("not the name of a node: {name} (as in broker-1)"),
            )
        })
    }
}

/// `orders-0`
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Partition(pub TopicPartition);

impl TryFrom<String> for Partition {
    type Error = Complaint;

    fn try_from(name: String) -> Result<Self, Complaint> {
        name.parse().map(Partition).map_err(|()| {
            Complaint::new(
                format!("파티션의 이름이 아닙니다: {name} (orders-0처럼 씁니다)"),
                format!("not the name of a partition: {name} (as in orders-0)"),
            )
        })
    }
}

/// `0`, `1` or `all`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct AcksName(pub Acks);

impl TryFrom<String> for AcksName {
    type Error = Complaint;

    fn try_from(name: String) -> Result<Self, Complaint> {
        match name.as_str() {
            "0" => Ok(AcksName(Acks::None)),
            "1" => Ok(AcksName(Acks::Leader)),
            "all" => Ok(AcksName(Acks::All)),
            _ => Err(Complaint::new(
                format!("acks는 \"0\", \"1\", \"all\" 가운데 하나입니다: {name}"),
                format!("acks is \"0\", \"1\" or \"all\": {name}"),
            )),
        }
    }
}

/// As `compression.type` of a producer takes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct CompressionName(pub CompressionType);

impl TryFrom<String> for CompressionName {
    type Error = Complaint;

    fn try_from(name: String) -> Result<Self, Complaint> {
        CompressionType::from_name(&name).map(CompressionName).ok_or_else(|| {
            Complaint::new(
                format!("압축의 이름이 아닙니다: {name} (none, gzip, snappy, lz4, zstd)"),
                format!("not the name of a compression: {name} (none, gzip, snappy, lz4, zstd)"),
            )
        })
    }
}
