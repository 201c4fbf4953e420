//! Why things happen: the reasons that events carry.

use crate::ids::NodeId;
use crate::protocol::KafkaError;
use crate::sim::time::SimTime;
use std::sync::Arc;

/// Which role a replica played when it wrote or moved a mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    Leader,
    Follower,
}

/// Why the controller wrote a partition change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ChangeReason {
    TopicCreated,
    TopicDeleted,
    PartitionsAdded,
    /// The leader asked by AlterPartition.
    IsrRequested,
    BrokerFenced(NodeId),
    BrokerUnfenced(NodeId),
    ControlledShutdown(NodeId),
    /// `kafka-cluster.sh unregister`
    BrokerUnregistered(NodeId),
    /// A broker registered again with a new incarnation.
    BrokerRestarted(NodeId),
    /// A broker registered again without the mark of a clean shutdown: it may have lost its page cache.
    UncleanShutdown(NodeId),
    /// `kafka-reassign-partitions.sh`
    ReassignmentAsked,
    /// The regular look at partitions without a leader found that the topic allows an unclean one.
    UncleanElection,
    /// `kafka-leader-election.sh`
    ElectionAsked,
    /// The regular look found a preferred leader that can lead again.
    LeadersBalanced,
    ConfigChanged,
    /// A broker ran out of producer ids.
    ProducerIdsAsked,
    /// An earlier active controller wrote it; the present one committed it.
    EarlierController,
}

impl ChangeReason {
    /// Whether somebody waits to hear of elections, also of those without a result.
    pub fn is_about_elections(self) -> bool {
        matches!(self, ChangeReason::BrokerUnfenced(_) | ChangeReason::ElectionAsked)
    }
}

/// Why a producer gave up on a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FailureReason {
    /// The broker's error is one that trying again does not mend.
    Refused,
    /// `retries`
    RetriesExhausted,
    /// `delivery.timeout.ms`
    DeliveryTimeout,
    /// `max.block.ms`, without knowing the topic's partitions.
    NoMetadata,
    /// `max.block.ms`, without room in `buffer.memory`.
    BufferExhausted,
    /// It had yet to leave when its transaction was aborted.
    TransactionAborted,
}

/// Why a group is in another state than before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum GroupReason {
    MemberJoined,
    MemberRejoined,
    /// The leader joins again where it has seen that topics or partitions are others.
    LeaderRejoined,
    /// A member has subscribed something else, knows other assignors, or gives partitions up.
    MetadataChanged,
    MemberLeft,
    SessionExpired,
    /// Members did not ask for their assignment.
    SyncExpired,
    /// The assignment could not be written.
    StoreFailed,
    /// Everybody who had to has joined, or the time for it is over.
    AllJoined,
    /// The leader's assignment is committed.
    Assigned,
    /// By the consumer protocol: subscribed topics have come, gone, or got more partitions.
    TopicsChanged,
    /// By the consumer protocol: a member came nearer to what it is to have.
    Reconciled,
}

/// Why somebody is no member any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RemovedMember {
    Left,
    SessionExpired,
    /// It did not join within the rebalance timeout.
    DidNotRejoin,
    DidNotSync,
    /// By the consumer protocol: it did not give up what it had to within the rebalance timeout.
    DidNotRevoke,
}

/// Why a broker put a replica away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RemovalReason {
    /// Its files go after `file.delete.delay.ms`.
    TopicDeleted,
    /// A reassignment has taken it away. Its files go as those of a deleted topic.
    Reassigned,
    /// A broker that starts found the log of a topic that is not its own to keep, or no more. Nobody
    /// deletes it.
    Stray,
}

/// What made a follower cut its log (`AbstractFetcherThread`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TruncationReason {
    /// The fetch at `fetch_offset` said that the record before is of `last_fetched_epoch`. In the
    /// leader's log that epoch, or the largest below it, is `epoch` and ends at `end_offset`
    /// (`DivergingEpoch`, KIP-595); in the follower's own at `own_end_offset`.
    Diverging {
        fetch_offset: i64,
        last_fetched_epoch: i32,
        epoch: i32,
        end_offset: i64,
        own_end_offset: i64,
    },
    /// History: the answer to OffsetForLeaderEpoch (KIP-101, KIP-279). `epoch` is -1 before the
    /// answer named one.
    EpochEnd { asked_epoch: i32, epoch: i32, end_offset: i64 },
    /// History: a follower of a new leader trusted its high watermark alone.
    HighWatermark,
    /// The leader's log ends, or starts, elsewhere: the fetch was out of its range.
    OutOfRange { start_offset: i64, end_offset: i64 },
}

/// Why a broker was fenced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FenceReason {
    /// No heartbeat for `broker.session.timeout.ms`.
    SessionExpired,
    ControlledShutdown,
}

/// Why the log start moved (`LogStartOffsetIncrementReason`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LogStartReason {
    /// DeleteRecords.
    ClientRecordDeletion,
    SegmentDeletion,
    /// The leader's has moved.
    LeaderOffsetIncremented,
}

/// What has changed of where a consumer reads.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ReadReplicaChange {
    /// The leader sends the consumer there: it is in the consumer's rack, and its log reaches up to
    /// `log_end_offset` as far as the leader knows.
    Named { rack: Arc<str>, log_end_offset: i64 },
    /// The consumer reads there from now on, until its lease is over.
    Taken { expires: SimTime },
    /// It reads from the leader again.
    Left(ReadReplicaReason),
}

/// Why a consumer reads from the leader again (`AbstractFetch`, `FetchCollector`, `SubscriptionState`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ReadReplicaReason {
    /// `metadata.max.age.ms` have passed: the leader is to choose anew.
    LeaseExpired,
    /// The metadata say that it cannot serve.
    Offline,
    /// The partition is in another leader epoch.
    NewLeader,
    /// No answer came.
    Unreachable,
    Refused(KafkaError),
}

/// Why an answer waits in purgatory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ParkReason {
    /// acks=all: the high watermark must reach `needed`.
    HighWatermark { needed: i64 },
    /// Fetch: fewer than `min_bytes` are there.
    NoData,
}
