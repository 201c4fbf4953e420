//! What nodes and clients say to each other: Kafka's requests, responses and errors, by Kafka's
//! names. Bodies are typed values; only record batches travel as bytes. Who answers what lives in
//! the modules of the nodes.

mod fetch;
mod group;
mod kafka_error;
mod quorum;
mod transaction;

pub use fetch::*;
pub use group::*;
pub use kafka_error::KafkaError;
pub use quorum::*;
pub use transaction::*;

use crate::command::CreateTopic;
use crate::controller::partition_registration::LeaderRecoveryState;
use crate::ids::{ClientId, NodeId, SnapshotId, TopicPartition, Uuid};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Kafka's `ApiKeys`, those that this engine speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Api {
    Produce,
    Fetch,
    ListOffsets,
    Metadata,
    OffsetForLeaderEpoch,
    AlterPartition,
    BrokerRegistration,
    BrokerHeartbeat,
    Vote,
    BeginQuorumEpoch,
    EndQuorumEpoch,
    FetchSnapshot,
    InitProducerId,
    AllocateProducerIds,
    FindCoordinator,
    JoinGroup,
    SyncGroup,
    Heartbeat,
    LeaveGroup,
    ConsumerGroupHeartbeat,
    OffsetCommit,
    OffsetFetch,
    CreateTopics,
    AddPartitionsToTxn,
    AddOffsetsToTxn,
    EndTxn,
    WriteTxnMarkers,
    TxnOffsetCommit,
}

impl Api {
    pub const ALL: [Api; 28] = [
        Api::Produce,
        Api::Fetch,
        Api::ListOffsets,
        Api::Metadata,
        Api::OffsetForLeaderEpoch,
        Api::AlterPartition,
        Api::BrokerRegistration,
        Api::BrokerHeartbeat,
        Api::Vote,
        Api::BeginQuorumEpoch,
        Api::EndQuorumEpoch,
        Api::FetchSnapshot,
        Api::InitProducerId,
        Api::AllocateProducerIds,
        Api::FindCoordinator,
        Api::JoinGroup,
        Api::SyncGroup,
        Api::Heartbeat,
        Api::LeaveGroup,
        Api::ConsumerGroupHeartbeat,
        Api::OffsetCommit,
        Api::OffsetFetch,
        Api::CreateTopics,
        Api::AddPartitionsToTxn,
        Api::AddOffsetsToTxn,
        Api::EndTxn,
        Api::WriteTxnMarkers,
        Api::TxnOffsetCommit,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Api::Produce => "Produce",
            Api::Fetch => "Fetch",
            Api::ListOffsets => "ListOffsets",
            Api::Metadata => "Metadata",
            Api::OffsetForLeaderEpoch => "OffsetForLeaderEpoch",
            Api::AlterPartition => "AlterPartition",
            Api::BrokerRegistration => "BrokerRegistration",
            Api::BrokerHeartbeat => "BrokerHeartbeat",
            Api::Vote => "Vote",
            Api::BeginQuorumEpoch => "BeginQuorumEpoch",
            Api::EndQuorumEpoch => "EndQuorumEpoch",
            Api::FetchSnapshot => "FetchSnapshot",
            Api::InitProducerId => "InitProducerId",
            Api::AllocateProducerIds => "AllocateProducerIds",
            Api::FindCoordinator => "FindCoordinator",
            Api::JoinGroup => "JoinGroup",
            Api::SyncGroup => "SyncGroup",
            Api::Heartbeat => "Heartbeat",
            Api::LeaveGroup => "LeaveGroup",
            Api::ConsumerGroupHeartbeat => "ConsumerGroupHeartbeat",
            Api::OffsetCommit => "OffsetCommit",
            Api::OffsetFetch => "OffsetFetch",
            Api::CreateTopics => "CreateTopics",
            Api::AddPartitionsToTxn => "AddPartitionsToTxn",
            Api::AddOffsetsToTxn => "AddOffsetsToTxn",
            Api::EndTxn => "EndTxn",
            Api::WriteTxnMarkers => "WriteTxnMarkers",
            Api::TxnOffsetCommit => "TxnOffsetCommit",
        }
    }
}

/// The epoch and end offset that a leader gives for an epoch it was asked about; both -1 if undefined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct DivergingEpoch {
    pub epoch: i32,
    pub end_offset: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Acks {
    /// `acks=0`: the producer does not wait for an answer.
    None,
    /// `acks=1`: answered after the leader's own append.
    Leader,
    /// `acks=all` (-1): answered when the high watermark has passed the batch.
    All,
}

impl Acks {
    pub fn as_i16(self) -> i16 {
        match self {
            Acks::None => 0,
            Acks::Leader => 1,
            Acks::All => -1,
        }
    }
}

impl fmt::Display for Acks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Acks::None => "0",
            Acks::Leader => "1",
            Acks::All => "all",
        })
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    Produce(ProduceRequest),
    Fetch(FetchRequest),
    ListOffsets(ListOffsetsRequest),
    /// Topics asked about; the answer names brokers and leaders.
    Metadata {
        topics: Vec<std::sync::Arc<str>>,
    },
    OffsetForLeaderEpoch(OffsetForLeaderEpochRequest),
    AlterPartition(AlterPartitionRequest),
    BrokerRegistration(BrokerRegistrationRequest),
    BrokerHeartbeat(BrokerHeartbeatRequest),
    Vote(VoteRequest),
    BeginQuorumEpoch(EpochRequest),
    EndQuorumEpoch(EndQuorumEpochRequest),
    FetchSnapshot(FetchSnapshotRequest),
    /// An idempotent producer asks for an id.
    InitProducerId(InitProducerIdRequest),
    AllocateProducerIds(AllocateProducerIdsRequest),
    FindCoordinator {
        key_type: CoordinatorType,
        /// A group's id, or a transactional id.
        key: std::sync::Arc<str>,
    },
    JoinGroup(JoinGroupRequest),
    SyncGroup(SyncGroupRequest),
    Heartbeat(MemberIdentity),
    LeaveGroup(MemberIdentity),
    ConsumerGroupHeartbeat(ConsumerGroupHeartbeatRequest),
    OffsetCommit(OffsetCommitRequest),
    OffsetFetch(OffsetFetchRequest),
    /// From a broker that needs an internal topic.
    CreateTopics(CreateTopic),
    AddPartitionsToTxn(AddPartitionsToTxnRequest),
    AddOffsetsToTxn(AddOffsetsToTxnRequest),
    EndTxn(EndTxnRequest),
    WriteTxnMarkers(WriteTxnMarkersRequest),
    TxnOffsetCommit(TxnOffsetCommitRequest),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Response {
    Produce(ProduceResponse),
    Fetch(FetchResponse),
    ListOffsets(Result<ListOffsetsAnswer, KafkaError>),
    Metadata(MetadataResponse),
    OffsetForLeaderEpoch(Result<DivergingEpoch, KafkaError>),
    AlterPartition(Result<AlterPartitionAnswer, KafkaError>),
    BrokerRegistration(Result<i64, KafkaError>),
    BrokerHeartbeat(Result<BrokerHeartbeatAnswer, KafkaError>),
    Vote(VoteResponse),
    BeginQuorumEpoch(LeaderAndEpoch),
    EndQuorumEpoch(LeaderAndEpoch),
    FetchSnapshot(FetchSnapshotResponse),
    InitProducerId(Result<ProducerIdAndEpoch, KafkaError>),
    AllocateProducerIds(Result<ProducerIdsBlock, KafkaError>),
    FindCoordinator(Result<NodeId, KafkaError>),
    JoinGroup(JoinGroupResponse),
    /// The member's assignment.
    SyncGroup(Result<Bytes, KafkaError>),
    Heartbeat(Result<(), KafkaError>),
    LeaveGroup(Result<(), KafkaError>),
    ConsumerGroupHeartbeat(Result<ConsumerGroupHeartbeatResponse, KafkaError>),
    OffsetCommit(Result<(), KafkaError>),
    OffsetFetch(Result<FetchedOffsets, KafkaError>),
    CreateTopics(Result<(), KafkaError>),
    AddPartitionsToTxn(Result<(), KafkaError>),
    AddOffsetsToTxn(Result<(), KafkaError>),
    /// Who the producer is from now on: since KIP-890 every transaction has an epoch of its own.
    EndTxn(Result<ProducerIdAndEpoch, KafkaError>),
    WriteTxnMarkers(WriteTxnMarkersResponse),
    TxnOffsetCommit(Result<(), KafkaError>),
}

impl Request {
    pub fn api(&self) -> Api {
        match self {
            Request::Produce(_) => Api::Produce,
            Request::Fetch(_) => Api::Fetch,
            Request::ListOffsets(_) => Api::ListOffsets,
            Request::Metadata { .. } => Api::Metadata,
            Request::OffsetForLeaderEpoch(_) => Api::OffsetForLeaderEpoch,
            Request::AlterPartition(_) => Api::AlterPartition,
            Request::BrokerRegistration(_) => Api::BrokerRegistration,
            Request::BrokerHeartbeat(_) => Api::BrokerHeartbeat,
            Request::Vote(_) => Api::Vote,
            Request::BeginQuorumEpoch(_) => Api::BeginQuorumEpoch,
            Request::EndQuorumEpoch(_) => Api::EndQuorumEpoch,
            Request::FetchSnapshot(_) => Api::FetchSnapshot,
            Request::InitProducerId(_) => Api::InitProducerId,
            Request::AllocateProducerIds(_) => Api::AllocateProducerIds,
            Request::FindCoordinator { .. } => Api::FindCoordinator,
            Request::JoinGroup(_) => Api::JoinGroup,
            Request::SyncGroup(_) => Api::SyncGroup,
            Request::Heartbeat(_) => Api::Heartbeat,
            Request::LeaveGroup(_) => Api::LeaveGroup,
            Request::ConsumerGroupHeartbeat(_) => Api::ConsumerGroupHeartbeat,
            Request::OffsetCommit(_) => Api::OffsetCommit,
            Request::OffsetFetch(_) => Api::OffsetFetch,
            Request::CreateTopics(_) => Api::CreateTopics,
            Request::AddPartitionsToTxn(_) => Api::AddPartitionsToTxn,
            Request::AddOffsetsToTxn(_) => Api::AddOffsetsToTxn,
            Request::EndTxn(_) => Api::EndTxn,
            Request::WriteTxnMarkers(_) => Api::WriteTxnMarkers,
            Request::TxnOffsetCommit(_) => Api::TxnOffsetCommit,
        }
    }
}

impl Response {
    /// The same answer as an error, where the answer can be one.
    pub fn refused(self, error: KafkaError) -> Response {
        match self {
            Response::BrokerRegistration(_) => Response::BrokerRegistration(Err(error)),
            Response::BrokerHeartbeat(_) => Response::BrokerHeartbeat(Err(error)),
            Response::AlterPartition(_) => Response::AlterPartition(Err(error)),
            Response::AllocateProducerIds(_) => Response::AllocateProducerIds(Err(error)),
            Response::CreateTopics(_) => Response::CreateTopics(Err(error)),
            other => other,
        }
    }

    pub fn api(&self) -> Api {
        match self {
            Response::Produce(_) => Api::Produce,
            Response::Fetch(_) => Api::Fetch,
            Response::ListOffsets(_) => Api::ListOffsets,
            Response::Metadata(_) => Api::Metadata,
            Response::OffsetForLeaderEpoch(_) => Api::OffsetForLeaderEpoch,
            Response::AlterPartition(_) => Api::AlterPartition,
            Response::BrokerRegistration(_) => Api::BrokerRegistration,
            Response::BrokerHeartbeat(_) => Api::BrokerHeartbeat,
            Response::Vote(_) => Api::Vote,
            Response::BeginQuorumEpoch(_) => Api::BeginQuorumEpoch,
            Response::EndQuorumEpoch(_) => Api::EndQuorumEpoch,
            Response::FetchSnapshot(_) => Api::FetchSnapshot,
            Response::InitProducerId(_) => Api::InitProducerId,
            Response::AllocateProducerIds(_) => Api::AllocateProducerIds,
            Response::FindCoordinator(_) => Api::FindCoordinator,
            Response::JoinGroup(_) => Api::JoinGroup,
            Response::SyncGroup(_) => Api::SyncGroup,
            Response::Heartbeat(_) => Api::Heartbeat,
            Response::LeaveGroup(_) => Api::LeaveGroup,
            Response::ConsumerGroupHeartbeat(_) => Api::ConsumerGroupHeartbeat,
            Response::OffsetCommit(_) => Api::OffsetCommit,
            Response::OffsetFetch(_) => Api::OffsetFetch,
            Response::CreateTopics(_) => Api::CreateTopics,
            Response::AddPartitionsToTxn(_) => Api::AddPartitionsToTxn,
            Response::AddOffsetsToTxn(_) => Api::AddOffsetsToTxn,
            Response::EndTxn(_) => Api::EndTxn,
            Response::WriteTxnMarkers(_) => Api::WriteTxnMarkers,
            Response::TxnOffsetCommit(_) => Api::TxnOffsetCommit,
        }
    }
}

/// Batches of one producer for partitions that one broker leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProduceRequest {
    pub transactional_id: Option<std::sync::Arc<str>>,
    pub acks: Acks,
    /// How long the leader may wait for the in-sync replicas (`request.timeout.ms`).
    pub timeout_ms: u64,
    /// Each partition once.
    pub partitions: Vec<PartitionProduceData>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartitionProduceData {
    pub topic_id: Uuid,
    pub partition: TopicPartition,
    /// One record batch v2.
    pub records: Bytes,
    pub origin: Origin,
}

/// Which records of which producer a batch holds: `first..=last` of those it sent to the partition, by
/// their number. It does not travel in Kafka, and no rule of a broker looks at it; monitors do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Origin {
    pub client: ClientId,
    pub first: u64,
    pub last: u64,
    pub acks: Acks,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProduceResponse {
    pub partitions: Vec<PartitionProduceResponse>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartitionProduceResponse {
    pub partition: TopicPartition,
    /// The offset of the batch's first record, or why it was not accepted.
    pub result: Result<i64, KafkaError>,
}

/// Who an idempotent producer is: a number from the cluster, and how often that began anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ProducerIdAndEpoch {
    pub producer_id: i64,
    pub epoch: i16,
}

/// A broker asks the controller for producer ids to give away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AllocateProducerIdsRequest {
    pub broker: NodeId,
    pub broker_epoch: i64,
}

/// Producer ids that one broker may give away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProducerIdsBlock {
    pub first: i64,
    pub size: i64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListOffsetsRequest {
    pub partition: TopicPartition,
    pub current_leader_epoch: i32,
    pub timestamp: OffsetSpec,
    /// False for a consumer (answers stop at the high watermark), true for a follower.
    pub from_replica: bool,
    /// A reader of committed records stops at the last stable offset.
    pub isolation: IsolationLevel,
}

/// The special timestamps of ListOffsets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OffsetSpec {
    /// -1: where the next visible record will be.
    Latest,
    /// -2: the log start offset.
    Earliest,
    /// -3: the first record that has the largest timestamp.
    MaxTimestamp,
    /// The first record whose timestamp is this or later, in Unix ms.
    Timestamp(i64),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListOffsetsAnswer {
    /// -1 if there is no such record.
    pub offset: i64,
    /// Of the record that was asked for by its time; -1 otherwise.
    pub timestamp: i64,
    pub leader_epoch: i32,
    /// Lets a follower restart from the leader's log start without another question.
    pub log_start_offset: i64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MetadataResponse {
    /// Those that are not fenced.
    pub brokers: Vec<MetadataBroker>,
    pub topics: Vec<TopicMetadata>,
    /// Topics asked about that do not exist.
    pub unknown_topics: Vec<std::sync::Arc<str>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MetadataBroker {
    pub id: NodeId,
    pub rack: Option<std::sync::Arc<str>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicMetadata {
    pub topic: std::sync::Arc<str>,
    pub topic_id: Uuid,
    pub partitions: Vec<PartitionMetadata>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartitionMetadata {
    pub partition: i32,
    pub leader: Option<NodeId>,
    pub leader_epoch: i32,
    pub replicas: Vec<NodeId>,
    /// Of the replicas, those whose broker is fenced.
    pub offline_replicas: Vec<NodeId>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OffsetForLeaderEpochRequest {
    pub partition: TopicPartition,
    pub current_leader_epoch: i32,
    pub leader_epoch: i32,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlterPartitionRequest {
    pub broker: NodeId,
    pub broker_epoch: i64,
    pub topic_id: Uuid,
    pub partition: TopicPartition,
    pub leader_epoch: i32,
    pub partition_epoch: i32,
    /// The proposed ISR: each member with the broker epoch that the leader saw in its fetches
    /// (-1 for the leader's own knowledge only).
    pub new_isr: Vec<(NodeId, i64)>,
    pub leader_recovery_state: LeaderRecoveryState,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlterPartitionAnswer {
    pub leader: Option<NodeId>,
    pub leader_epoch: i32,
    pub partition_epoch: i32,
    pub isr: Vec<NodeId>,
    pub leader_recovery_state: LeaderRecoveryState,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrokerRegistrationRequest {
    pub broker: NodeId,
    /// Drawn anew at every process start.
    pub incarnation_id: Uuid,
    /// `broker.rack`
    pub rack: Option<std::sync::Arc<str>>,
    /// From `.kafka_cleanshutdown`; -1 after an unclean stop.
    pub previous_broker_epoch: i64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrokerHeartbeatRequest {
    pub broker: NodeId,
    pub broker_epoch: i64,
    pub current_metadata_offset: i64,
    pub want_shut_down: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrokerHeartbeatAnswer {
    pub is_fenced: bool,
    pub should_shut_down: bool,
}

/// What came of a request, as its sender sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    Response(Response),
    /// `request.timeout.ms` passed without an answer.
    TimedOut,
    /// The other process is gone: its host refused or closed the connection.
    Disconnected,
}
