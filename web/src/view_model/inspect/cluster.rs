//! The cluster as a table: its partitions, those in trouble first.

use kafkascope_engine::cluster::Cluster;
use kafkascope_engine::controller::partition_registration::PartitionRegistration;
use kafkascope_engine::ids::{NodeId, TopicPartition};
use kafkascope_engine::metrics::{Trouble, min_isr};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartitionRow {
    pub id: TopicPartition,
    pub leader: Option<NodeId>,
    pub is_preferred: bool,
    pub replicas: Vec<NodeId>,
    pub isr: Vec<NodeId>,
    /// By a reassignment.
    pub adding: Vec<NodeId>,
    pub removing: Vec<NodeId>,
    /// As the leader has them.
    pub log_end_offset: Option<i64>,
    pub high_watermark: Option<i64>,
    /// Of the follower that has least: records that it has yet to fetch.
    pub lag: Option<i64>,
    pub trouble: Option<Trouble>,
}

/// The partitions, at most `rows_max`: in trouble first, then by name; and how many there are.
pub fn partition_rows(
    cluster: &Cluster,
    only_trouble: bool,
    rows_max: usize,
) -> (Vec<PartitionRow>, usize) {
    let Some(image) = cluster.newest_metadata() else {
        return (Vec::new(), 0);
    };
    let mut found: Vec<(Option<Trouble>, TopicPartition)> = Vec::new();
    for (name, topic) in &image.topics {
        let min = min_isr(image, name, &cluster.spec().log);
        for (&partition, registration) in &topic.partitions {
            let trouble = Trouble::of(registration, min);
            if trouble.is_some() || !only_trouble {
                found.push((trouble, TopicPartition { topic: name.clone(), partition }));
            }
        }
    }
    let count = found.len();
    found.sort_by_key(|(trouble, _)| trouble.map_or(u8::MAX, |trouble| trouble as u8));
    found.truncate(rows_max);
    let row = |(trouble, id)| {
        let registration = image.partition(&id)?;
        Some(row(cluster, id, registration, trouble))
    };
    (found.into_iter().filter_map(row).collect(), count)
}

fn row(
    cluster: &Cluster,
    id: TopicPartition,
    registration: &PartitionRegistration,
    trouble: Option<Trouble>,
) -> PartitionRow {
    let replica = |node: NodeId| cluster.node(node)?.broker()?.replicas.partitions.get(&id);
    let leader = registration.leader.and_then(replica).filter(|partition| partition.is_leader());
    let end = leader.map(|partition| partition.log.log_end_offset());
    let followers = registration.replicas.iter().filter(|node| Some(**node) != registration.leader);
    let least = followers.map(|&node| replica(node).map_or(0, |p| p.log.log_end_offset())).min();
    PartitionRow {
        leader: registration.leader,
        is_preferred: registration.has_preferred_leader(),
        replicas: registration.replicas.clone(),
        isr: registration.isr.clone(),
        adding: registration.adding_replicas.clone(),
        removing: registration.removing_replicas.clone(),
        log_end_offset: end,
        high_watermark: leader.map(|partition| partition.log.high_watermark()),
        lag: end.map(|end| (end - least.unwrap_or(end)).max(0)),
        trouble,
        id,
    }
}
