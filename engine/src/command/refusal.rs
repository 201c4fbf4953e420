//! Why a command was not carried out.

use crate::ids::{NodeId, TopicPartition};
use serde::{Deserialize, Serialize};

/// Why a command was not carried out. The cluster is unchanged. Words in both languages are made
/// from it by [`crate::script::words`].
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Refusal {
    NoSuchNode {
        node: NodeId,
    },
    NoSuchClient {
        name: String,
    },
    NoSuchTopic {
        topic: String,
    },
    NoSuchPartition {
        topic: String,
        partition: i32,
        partitions: i32,
    },
    TopicExists {
        topic: String,
    },
    InvalidTopicName {
        topic: String,
        reason: String,
    },
    TopicNameCollides {
        topic: String,
        with: String,
    },
    InvalidPartitions {
        partitions: i32,
        max: i32,
    },
    /// A topic's partitions can only become more.
    NoPartitionsAdded {
        topic: String,
        partitions: i32,
        asked: i32,
    },
    InvalidReplicationFactor {
        replication_factor: i16,
        brokers: i32,
    },
    InvalidAssignment {
        reason: AssignmentProblem,
    },
    /// Of brokers to spread replicas over, some have a rack and these have none.
    RacksMissing {
        brokers: Vec<NodeId>,
    },
    /// A list of partitions to reassign that is empty.
    NothingToReassign,
    /// A partition that stands twice in the list.
    RepeatedPartition {
        partition: TopicPartition,
    },
    /// A reassignment is under way, and the new one is not said to be additional.
    ReassignmentUnderWay,
    /// Nobody of those that a reassignment began with is in sync.
    UncleanRevert {
        partition: TopicPartition,
    },
    InvalidConfig {
        name: String,
        value: String,
        reason: String,
    },
    UnknownConfig {
        name: String,
    },
    /// A setting that a broker reads only at its start.
    NotDynamic {
        name: String,
    },
    ControllerUnavailable,
    AlreadyDown {
        node: NodeId,
    },
    NoPower {
        node: NodeId,
    },
    AlreadyRunning {
        node: NodeId,
    },
    /// A broker of this id is there, running or not.
    BrokerExists {
        node: NodeId,
    },
    /// The ids above are those of controllers.
    InvalidBrokerId {
        id: i32,
        most: i32,
    },
    /// UnregisterBroker of an id that the controller does not know.
    BrokerNotRegistered {
        broker: NodeId,
    },
    NotPaused {
        node: NodeId,
    },
    IsPaused {
        node: NodeId,
    },
    ShuttingDown {
        node: NodeId,
    },
    NameTaken {
        name: String,
    },
    InvalidClientName {
        name: String,
    },
    SameEnds,
    NotLinked,
    /// A ring in which everybody is everybody's neighbour.
    RingTooSmall {
        least: usize,
    },
    TwiceInRing {
        node: NodeId,
    },
    /// The message has arrived, or is lost, or was never sent.
    NotUnderWay {
        from: String,
        to: String,
        number: String,
    },
    /// A controller whose votes and records are forgotten must not vote again under the same id.
    VoterKeepsItsDisk {
        node: NodeId,
    },
    /// It is alone in its direction.
    NothingToOvertake {
        from: String,
        to: String,
    },
    /// Only Kafka itself writes to a topic in which it keeps its state (`ReplicaManager.appendRecordsToLeader`).
    InternalTopic {
        topic: String,
    },
    RecordTooLarge {
        bytes: usize,
        max: usize,
    },
    TooMany {
        what: TooMany,
        max: u32,
    },
    /// A group needs `group.id`, and assignors.
    InvalidMembership,
    /// There is no consumer of this name.
    NoSuchConsumer {
        name: String,
    },
    /// Only a member of a group can do that.
    NotInGroup {
        name: String,
    },
    /// Its group gives it its partitions.
    Subscribed {
        name: String,
    },
    /// The consumer has not been given the partition.
    NotAssigned {
        name: String,
        partition: TopicPartition,
    },
    NegativeOffset {
        offset: i64,
    },
    /// Its application sends nothing by itself.
    NoWorkload {
        producer: String,
    },
    /// It sends already.
    WorkloadRuns {
        producer: String,
    },
    NoSuchGroup {
        group: String,
    },
    /// The client is not a consumer in a group.
    NoMember {
        name: String,
    },
    /// A producer without a `transactional.id`.
    NotTransactional {
        name: String,
    },
    /// No coordinator that runs knows it.
    NoSuchTransactionalId {
        transactional_id: String,
    },
    /// No transaction is open in the partition that begins at this offset.
    NoSuchTransaction {
        partition: TopicPartition,
        start_offset: i64,
    },
    /// It has members: offsets can be reset and a group deleted only without.
    GroupNotEmpty {
        group: String,
    },
    /// No broker coordinates the group just now.
    CoordinatorUnavailable {
        group: String,
    },
    /// No running broker leads the partition.
    LeaderUnavailable {
        partition: TopicPartition,
    },
    /// DeleteRecords beyond what is committed.
    OffsetOutOfRange {
        partition: TopicPartition,
        offset: i64,
        high_watermark: i64,
    },
    /// DeleteRecords on a topic that is only compacted.
    DeletionNotAllowed {
        partition: TopicPartition,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum AssignmentProblem {
    UnknownBroker(NodeId),
    /// Registered, but fenced: `kafka-reassign-partitions.sh` knows only those that serve.
    FencedBroker(NodeId),
    DuplicateBroker(NodeId),
    UnevenReplicas,
    /// Every broker of a partition is fenced or shutting down.
    AllFenced,
    Empty,
    /// There are to be so many more partitions, and this many are assigned.
    OtherCount {
        added: i32,
        assigned: i32,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum TooMany {
    Records,
    RecordsPerSecond,
    Clients,
    Partitions,
    Brokers,
}
