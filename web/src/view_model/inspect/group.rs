//! A group partition by partition, and why its coordinator is its coordinator.

use kafkascope_engine::cluster::Cluster;
use kafkascope_engine::group::group_record::OFFSETS_TOPIC;
use kafkascope_engine::group::java_hash::string_hash;
use kafkascope_engine::ids::{NodeId, TopicPartition};
use std::collections::BTreeMap;
use std::sync::Arc;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupRow {
    pub partition: TopicPartition,
    pub owner: Option<Arc<str>>,
    pub position: Option<i64>,
    pub committed: Option<i64>,
    pub end: Option<i64>,
}

impl GroupRow {
    /// As the tool counts it: from what is committed.
    pub fn lag(&self) -> Option<i64> {
        Some((self.end? - self.committed?).max(0))
    }
}

/// Partitions that the group has committed, or that a member owns.
pub fn rows(cluster: &Cluster, group: &str, most: usize) -> Vec<GroupRow> {
    let mut rows: BTreeMap<TopicPartition, GroupRow> = BTreeMap::new();
    let row = |id: &TopicPartition| GroupRow {
        partition: id.clone(),
        owner: None,
        position: None,
        committed: None,
        end: cluster.log_end_of(id),
    };
    if let Ok((_, shard)) = cluster.coordinator_of(group) {
        for (id, stored) in shard.offsets_of(group) {
            let row = rows.entry(id.clone()).or_insert_with(|| row(id));
            row.committed = Some(stored.committed.offset);
        }
    }
    for client in cluster.clients().filter(|client| !client.closed) {
        let Some(consumer) = client.consumer() else {
            continue;
        };
        let in_group =
            |member: &kafkascope_engine::client::consumer::Member| *member.settings.group == *group;
        if !consumer.member.as_deref().is_some_and(in_group) {
            continue;
        }
        for (id, position) in &consumer.positions {
            let row = rows.entry(id.clone()).or_insert_with(|| row(id));
            row.owner = Some(client.name.clone());
            row.position = position.state.is_known().then_some(position.offset);
        }
    }
    rows.into_values().take(most).collect()
}

/// The formula, with its numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WhyCoordinator {
    pub group: Arc<str>,
    pub hash: i32,
    pub partitions: usize,
    pub partition: i32,
    pub leader: Option<NodeId>,
}

pub fn why_coordinator(cluster: &Cluster, group: &str) -> Option<WhyCoordinator> {
    let topic = cluster.newest_metadata()?.topics.get(OFFSETS_TOPIC)?;
    Some(WhyCoordinator {
        group: group.into(),
        hash: string_hash(group),
        partitions: topic.partitions.len(),
        partition: cluster.partition_of_group(group)?.partition,
        leader: cluster.coordinator_of(group).ok().map(|(node, _)| node),
    })
}
