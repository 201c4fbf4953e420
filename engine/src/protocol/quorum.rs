//! What the voters of the metadata quorum, and those who follow it, say to each other.

use super::KafkaError;
use crate::ids::{NodeId, SnapshotId};
use bytes::Bytes;

/// Who leads the quorum in which epoch, as far as the one who says so knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LeaderAndEpoch {
    pub leader: Option<NodeId>,
    pub epoch: i32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VoteRequest {
    pub candidate: NodeId,
    pub epoch: i32,
    /// Of the last record in the candidate's log.
    pub last_epoch: i32,
    pub last_epoch_end_offset: i64,
    /// Only asks whether the vote would be given.
    pub pre_vote: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VoteResponse {
    pub current_leader: LeaderAndEpoch,
    pub granted: bool,
}

/// BeginQuorumEpoch: the sender leads from this epoch on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EpochRequest {
    pub leader: NodeId,
    pub epoch: i32,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndQuorumEpochRequest {
    pub leader: NodeId,
    pub epoch: i32,
    /// Who should lead next, the best first.
    pub preferred_successors: Vec<NodeId>,
}

/// Asks the quorum's leader for a part of a snapshot of the metadata log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FetchSnapshotRequest {
    pub replica: NodeId,
    pub current_leader_epoch: i32,
    pub snapshot_id: SnapshotId,
    /// How many of its bytes the sender has.
    pub position: u64,
    pub max_bytes: u32,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FetchSnapshotResponse {
    pub error: Option<KafkaError>,
    pub current_leader: LeaderAndEpoch,
    pub snapshot_id: SnapshotId,
    /// Of the whole snapshot, in bytes.
    pub size: u64,
    pub position: u64,
    /// Any part of the file, not whole batches.
    pub bytes: Bytes,
}
