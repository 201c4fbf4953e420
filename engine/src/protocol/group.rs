//! What the members of a consumer group and its coordinator say to each other.

use super::KafkaError;
use crate::group::consumer_record::Partitions;
use crate::ids::TopicPartition;
use bytes::Bytes;
use std::collections::BTreeSet;
use std::sync::Arc;

/// A member, as its requests name it. What the coordinator does not know under these names any more it
/// refuses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberIdentity {
    pub group: Arc<str>,
    /// Empty before the coordinator has given one.
    pub member_id: Arc<str>,
    /// `group.instance.id`
    pub group_instance_id: Option<Arc<str>>,
    /// -1 for none.
    pub generation: i32,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JoinGroupRequest {
    pub member: MemberIdentity,
    pub client_id: Arc<str>,
    pub session_timeout_ms: u64,
    /// How long the coordinator waits for this member in a rebalance (`max.poll.interval.ms`).
    pub rebalance_timeout_ms: u64,
    /// The assignors that it knows, the best first, each with what the member says to it.
    pub protocols: Vec<(Arc<str>, Bytes)>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JoinGroupResponse {
    pub error: Option<KafkaError>,
    pub member_id: Arc<str>,
    pub generation: i32,
    pub protocol: Option<Arc<str>>,
    pub leader: Arc<str>,
    /// For the leader: everybody, with what they say to the assignor.
    pub members: Vec<JoinedMember>,
    /// For a leader that comes back under its instance id: nothing is to be assigned (KIP-814).
    pub skip_assignment: bool,
}

impl JoinGroupResponse {
    pub fn refused(member_id: Arc<str>, error: KafkaError) -> Self {
        JoinGroupResponse {
            error: Some(error),
            member_id,
            generation: -1,
            protocol: None,
            leader: "".into(),
            members: Vec::new(),
            skip_assignment: false,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JoinedMember {
    pub member_id: Arc<str>,
    pub group_instance_id: Option<Arc<str>>,
    pub metadata: Bytes,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyncGroupRequest {
    pub member: MemberIdentity,
    /// From the leader: what each member is to have.
    pub assignments: Vec<(Arc<str>, Bytes)>,
}

/// All that a member of a group by the consumer protocol has to say (KIP-848).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsumerGroupHeartbeatRequest {
    pub group: Arc<str>,
    /// The member has drawn it itself.
    pub member_id: Arc<str>,
    pub group_instance_id: Option<Arc<str>>,
    pub client_id: Arc<str>,
    /// 0 to join, -1 to leave, -2 for a static member that may come back.
    pub member_epoch: i32,
    /// When it joins, or something of it has changed.
    pub said: Option<MemberSaid>,
    /// What it has, when it joins or has taken up or given up something.
    pub owned: Option<Partitions>,
}

/// What a member says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberSaid {
    pub rack: Option<Arc<str>>,
    pub topics: BTreeSet<Arc<str>>,
    pub rebalance_timeout_ms: u64,
    /// `group.remote.assignor`
    pub server_assignor: Option<Arc<str>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsumerGroupHeartbeatResponse {
    pub member_id: Arc<str>,
    pub member_epoch: i32,
    pub heartbeat_interval_ms: u64,
    /// What the member is to have now, when that has changed.
    pub assignment: Option<Partitions>,
}

/// An offset that a group has committed: the next one to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CommittedOffset {
    pub offset: i64,
    /// Of the last record read; -1 for none.
    pub leader_epoch: i32,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OffsetCommitRequest {
    pub member: MemberIdentity,
    pub offsets: Vec<(TopicPartition, CommittedOffset)>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OffsetFetchRequest {
    pub group: Arc<str>,
    pub partitions: Vec<TopicPartition>,
    /// Not while a transaction is open that has offsets of these partitions (KIP-447).
    pub require_stable: bool,
}

/// `None` where nothing is committed.
pub type FetchedOffsets = Vec<(TopicPartition, Option<CommittedOffset>)>;
