//! What `kafka-consumer-groups.sh` is told of a group, by whichever protocol: Kafka's
//! `ConsumerGroupDescription`.

use crate::cluster::Cluster;
use crate::controller::metadata_image::MetadataImage;
use crate::group::classic_group::{ClassicGroup, GroupState};
use crate::group::consumer_group::ConsumerGroup;
use crate::group::consumer_protocol::assignment_from_bytes;
use crate::group::coordinator::Shard;
use crate::group::coordinator::heartbeats::named_partitions;
use crate::ids::TopicPartition;
use std::sync::Arc;

pub(super) struct Described {
    pub id: Arc<str>,
    pub kind: &'static str,
    pub state: GroupState,
    /// The assignor, if one is known.
    pub strategy: String,
    /// Of groups by the consumer protocol.
    pub epoch: Option<i32>,
    pub target_epoch: Option<i32>,
    pub members: Vec<DescribedMember>,
}

pub(super) struct DescribedMember {
    pub member_id: Arc<str>,
    pub group_instance_id: Option<Arc<str>>,
    pub client_id: Arc<str>,
    pub assigned: Vec<TopicPartition>,
    pub epoch: Option<i32>,
    pub target: Vec<TopicPartition>,
}

pub(super) fn one(cluster: &Cluster, shard: &Shard, id: &Arc<str>) -> Option<Described> {
    if let Some(group) = shard.consumer_groups.get(id) {
        return Some(of_consumer(cluster.newest_metadata()?, id, group));
    }
    shard.groups.get(id).map(of_classic)
}

/// Every group that a broker coordinates now.
pub(super) fn all(cluster: &Cluster) -> Vec<Described> {
    let mut groups: Vec<_> =
        cluster.groups().into_iter().map(|(_, group)| of_classic(group)).collect();
    let image = cluster.newest_metadata();
    for (_, id, group) in cluster.consumer_groups() {
        groups.extend(image.map(|image| of_consumer(image, id, group)));
    }
    groups.sort_by(|a, b| a.id.cmp(&b.id));
    groups
}

fn of_classic(group: &ClassicGroup) -> Described {
    let members = group.members.iter().map(|(member_id, member)| DescribedMember {
        member_id: member_id.clone(),
        group_instance_id: member.group_instance_id.clone(),
        client_id: member.client_id.clone(),
        assigned: match group.state {
            GroupState::Stable => assignment_from_bytes(&member.assignment).unwrap_or_default(),
            _ => Vec::new(),
        },
        epoch: None,
        target: Vec::new(),
    });
    Described {
        id: group.id.clone(),
        kind: "Classic",
        state: group.state,
        strategy: group.protocol.as_ref().map(|protocol| protocol.to_string()).unwrap_or_default(),
        epoch: None,
        target_epoch: None,
        members: members.collect(),
    }
}

fn of_consumer(image: &MetadataImage, id: &Arc<str>, group: &ConsumerGroup) -> Described {
    let members = group.members.iter().map(|(member_id, member)| DescribedMember {
        member_id: member_id.clone(),
        group_instance_id: member.metadata.group_instance_id.clone(),
        client_id: member.metadata.client_id.clone(),
        assigned: named_partitions(image, &member.current.assigned),
        epoch: Some(member.current.epoch),
        target: group
            .target
            .get(member_id)
            .map(|target| named_partitions(image, target))
            .unwrap_or_default(),
    });
    Described {
        id: id.clone(),
        kind: "Consumer",
        state: group.state(),
        strategy: group.assignor().name().to_string(),
        epoch: Some(group.epoch),
        target_epoch: Some(group.target_epoch),
        members: members.collect(),
    }
}
