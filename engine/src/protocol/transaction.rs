//! What transactional producers, transaction coordinators and leaders of partitions say to each other.

use super::{KafkaError, MemberIdentity, ProducerIdAndEpoch};
use crate::ids::TopicPartition;
use crate::protocol::CommittedOffset;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What FindCoordinator asks for (`CoordinatorType`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CoordinatorType {
    Group,
    Transaction,
}

/// `isolation.level` of a reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub enum IsolationLevel {
    #[default]
    ReadUncommitted,
    /// Up to the last stable offset, and nothing that was aborted.
    ReadCommitted,
}

impl IsolationLevel {
    pub const ALL: [IsolationLevel; 2] =
        [IsolationLevel::ReadUncommitted, IsolationLevel::ReadCommitted];

    pub fn name(self) -> &'static str {
        match self {
            IsolationLevel::ReadUncommitted => "read_uncommitted",
            IsolationLevel::ReadCommitted => "read_committed",
        }
    }

    pub fn from_name(name: &str) -> Option<IsolationLevel> {
        IsolationLevel::ALL.into_iter().find(|level| level.name() == name)
    }
}

/// Of a producer that is only idempotent everything is empty.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct InitProducerIdRequest {
    pub transactional_id: Option<Arc<str>>,
    pub transaction_timeout_ms: u64,
    /// Who the producer is, if it only wants its epoch bumped (KIP-360).
    pub producer: Option<ProducerIdAndEpoch>,
}

/// Partitions are about to be part of a transaction, says the producer, or since KIP-890 the leader that
/// it writes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddPartitionsToTxnRequest {
    pub transactional_id: Arc<str>,
    pub producer: ProducerIdAndEpoch,
    /// Only asks whether they are.
    pub verify_only: bool,
    pub partitions: Vec<TopicPartition>,
}

/// The partition of `__consumer_offsets` that a group belongs to is about to be part of a transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddOffsetsToTxnRequest {
    pub transactional_id: Arc<str>,
    pub producer: ProducerIdAndEpoch,
    pub group: Arc<str>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndTxnRequest {
    pub transactional_id: Arc<str>,
    pub producer: ProducerIdAndEpoch,
    pub commit: bool,
}

/// To the leader of partitions that were part of a transaction: it has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WriteTxnMarkersRequest {
    pub producer: ProducerIdAndEpoch,
    pub commit: bool,
    pub coordinator_epoch: i32,
    /// By which `transaction.version` it was decided.
    pub transaction_version: u8,
    pub partitions: Vec<TopicPartition>,
}

pub type WriteTxnMarkersResponse = Vec<(TopicPartition, Result<(), KafkaError>)>;

/// Offsets that are committed with a transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TxnOffsetCommitRequest {
    pub transactional_id: Arc<str>,
    pub producer: ProducerIdAndEpoch,
    pub member: MemberIdentity,
    pub offsets: Vec<(TopicPartition, CommittedOffset)>,
}

/// Records of this producer from this offset on are to be skipped, up to its marker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct AbortedTransaction {
    pub first_offset: i64,
    pub producer_id: i64,
}
