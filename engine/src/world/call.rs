//! What the senders of requests wanted with them.

use crate::ids::{NodeId, TopicPartition};
use std::sync::Arc;

/// What a sender wanted with a request: tells it where to go on when the reply comes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Call {
    Registration,
    Heartbeat,
    /// `round` tells an answer for the present fetcher from one for a fetcher long closed.
    ReplicaFetch {
        leader: NodeId,
        round: u64,
    },
    ReplicaOffsets {
        leader: NodeId,
        partition: TopicPartition,
        leader_epoch: i32,
    },
    /// A follower's question where its last epoch ends at the leader (history).
    ReplicaEpochEnd {
        leader: NodeId,
        partition: TopicPartition,
        leader_epoch: i32,
    },
    AlterPartition {
        partition: TopicPartition,
    },
    Vote {
        voter: NodeId,
        epoch: i32,
        pre_vote: bool,
    },
    /// BeginQuorumEpoch or EndQuorumEpoch.
    QuorumEpoch,
    QuorumFetch {
        round: u64,
    },
    Metadata,
    /// The number of the request among those of its producer.
    Produce {
        request: u64,
    },
    InitProducerId,
    AllocateProducerIds,
    ConsumerFetch {
        node: NodeId,
    },
    ConsumerOffsets {
        partition: TopicPartition,
    },
    ConsumerEpoch {
        partition: TopicPartition,
    },
    /// A broker needs an internal topic.
    CreateTopics,
    FindCoordinator,
    JoinGroup,
    SyncGroup {
        generation: i32,
    },
    GroupHeartbeat {
        generation: i32,
    },
    LeaveGroup,
    ConsumerGroupHeartbeat {
        epoch: i32,
    },
    OffsetCommit {
        offsets: Vec<(TopicPartition, crate::protocol::CommittedOffset)>,
        generation: i32,
        by: crate::client::consumer::CommittedBy,
    },
    OffsetFetch {
        generation: i32,
    },
    Txn(TxnCall),
}

impl Call {
    /// The one partition that it is about.
    pub(super) fn partition(&self) -> Option<&TopicPartition> {
        match self {
            Call::ReplicaOffsets { partition, .. }
            | Call::ReplicaEpochEnd { partition, .. }
            | Call::AlterPartition { partition }
            | Call::ConsumerOffsets { partition }
            | Call::ConsumerEpoch { partition } => Some(partition),
            _ => None,
        }
    }
}

/// The same for requests about transactions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TxnCall {
    /// A coordinator tells a leader how a transaction has ended.
    WriteTxnMarkers {
        transactional_id: Arc<str>,
        coordinator_epoch: i32,
        partitions: Vec<TopicPartition>,
    },
    /// A leader asks a coordinator whether a batch that it holds belongs to a transaction.
    VerifyTransaction {
        held: u64,
    },
    FindCoordinator,
    /// A transactional producer looks for the coordinator of the group whose offsets it commits.
    FindGroupCoordinator,
    AddPartitionsToTxn {
        partitions: Vec<TopicPartition>,
    },
    AddOffsetsToTxn,
    TxnOffsetCommit,
    EndTxn,
}
