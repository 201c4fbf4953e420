//! What happens to consumer groups: at their coordinator, and at their members.

use super::{EventKind, GroupReason, RemovedMember};
use crate::group::assignor::Assignor;
use crate::group::assignor::server::ServerAssignor;
use crate::group::classic_group::GroupState;
use crate::ids::{ClientId, NodeId, TopicPartition};
use crate::protocol::{Api, CommittedOffset, KafkaError};
use std::sync::Arc;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum GroupEvent {
    // At the coordinator.
    /// A broker that leads this partition of `__consumer_offsets` now has read it.
    Loaded {
        partition: TopicPartition,
        groups: u32,
        offsets: u32,
    },
    Unloaded {
        partition: TopicPartition,
    },
    StateChanged {
        group: Arc<str>,
        generation: i32,
        members: u32,
        from: GroupState,
        to: GroupState,
        reason: GroupReason,
    },
    MemberAdded {
        group: Arc<str>,
        member: Arc<str>,
        group_instance_id: Option<Arc<str>>,
    },
    /// A static member has come back, with a new id.
    MemberReplaced {
        group: Arc<str>,
        former: Arc<str>,
        member: Arc<str>,
    },
    MemberRemoved {
        group: Arc<str>,
        member: Arc<str>,
        why: RemovedMember,
    },
    /// By the consumer protocol: the coordinator has found out what everybody is to have in this epoch.
    TargetComputed {
        group: Arc<str>,
        epoch: i32,
        assignor: ServerAssignor,
        assignment: Arc<[(Arc<str>, Vec<TopicPartition>)]>,
    },
    /// The records that say so are committed.
    CommitStored {
        group: Arc<str>,
        /// Of the member that committed; -1 for none, as with a tool.
        member_generation: i32,
        /// Of the group when its coordinator took the commit.
        generation: i32,
        offsets: Arc<[(TopicPartition, CommittedOffset)]>,
    },
    /// Nobody has used them for `offsets.retention.minutes`.
    OffsetsExpired {
        group: Arc<str>,
        partitions: Arc<[TopicPartition]>,
    },
    Deleted {
        group: Arc<str>,
    },

    // At a member.
    /// A consumer knows who coordinates its group.
    CoordinatorFound {
        client: ClientId,
        group: Arc<str>,
        coordinator: NodeId,
    },
    CoordinatorLost {
        client: ClientId,
        group: Arc<str>,
        error: Option<KafkaError>,
    },
    /// A consumer is a member of this generation.
    Joined {
        client: ClientId,
        group: Arc<str>,
        member: Arc<str>,
        generation: i32,
        protocol: Assignor,
        leads: bool,
    },
    /// By the consumer protocol: a consumer is in this member epoch now.
    MemberEpochReached {
        client: ClientId,
        group: Arc<str>,
        member: Arc<str>,
        epoch: i32,
    },
    /// The leader of a group has divided the partitions.
    AssignmentMade {
        client: ClientId,
        group: Arc<str>,
        generation: i32,
        protocol: Assignor,
        assignment: Arc<[(Arc<str>, Vec<TopicPartition>)]>,
    },
    PartitionsAssigned {
        client: ClientId,
        group: Arc<str>,
        generation: i32,
        partitions: Arc<[TopicPartition]>,
    },
    /// A consumer gave partitions up; `lost`: it had lost them already.
    PartitionsRevoked {
        client: ClientId,
        group: Arc<str>,
        generation: i32,
        partitions: Arc<[TopicPartition]>,
        lost: bool,
    },
    /// What a consumer asked of its coordinator was refused; it joins again, with a new member id if it is
    /// not known any more.
    RequestRefused {
        client: ClientId,
        group: Arc<str>,
        api: Api,
        error: KafkaError,
    },
    OffsetsCommitted {
        client: ClientId,
        group: Arc<str>,
        offsets: Arc<[(TopicPartition, CommittedOffset)]>,
    },
    /// A commit of the application has failed; without an error, as it is in no generation any more.
    CommitFailed {
        client: ClientId,
        group: Arc<str>,
        error: Option<KafkaError>,
    },
    /// The application has not called poll for `max.poll.interval.ms`: the consumer leaves its group.
    PollIntervalExceeded {
        client: ClientId,
        group: Arc<str>,
    },
    /// The application is done with these records.
    RecordsProcessed {
        client: ClientId,
        group: Arc<str>,
        partition: TopicPartition,
        base_offset: i64,
        last_offset: i64,
    },
    /// A consumer cannot go on: `auto.offset.reset=none`, or its coordinator will not have it.
    Failed {
        client: ClientId,
        group: Arc<str>,
        partition: Option<TopicPartition>,
        error: Option<KafkaError>,
    },
}

impl GroupEvent {
    /// The partition that the event is about, if it is about one.
    pub fn partition(&self) -> Option<&TopicPartition> {
        match self {
            GroupEvent::Loaded { partition, .. }
            | GroupEvent::Unloaded { partition }
            | GroupEvent::RecordsProcessed { partition, .. } => Some(partition),
            GroupEvent::Failed { partition, .. } => partition.as_ref(),
            _ => None,
        }
    }

    /// The group that it is about.
    pub fn group(&self) -> Option<&Arc<str>> {
        use GroupEvent::*;
        match self {
            Loaded { .. } | Unloaded { .. } => None,
            StateChanged { group, .. }
            | MemberAdded { group, .. }
            | MemberReplaced { group, .. }
            | MemberRemoved { group, .. }
            | TargetComputed { group, .. }
            | MemberEpochReached { group, .. }
            | CommitStored { group, .. }
            | OffsetsExpired { group, .. }
            | Deleted { group }
            | CoordinatorFound { group, .. }
            | CoordinatorLost { group, .. }
            | Joined { group, .. }
            | AssignmentMade { group, .. }
            | PartitionsAssigned { group, .. }
            | PartitionsRevoked { group, .. }
            | RequestRefused { group, .. }
            | OffsetsCommitted { group, .. }
            | CommitFailed { group, .. }
            | PollIntervalExceeded { group, .. }
            | RecordsProcessed { group, .. }
            | Failed { group, .. } => Some(group),
        }
    }
}

impl From<GroupEvent> for EventKind {
    fn from(event: GroupEvent) -> Self {
        EventKind::Group(event)
    }
}
