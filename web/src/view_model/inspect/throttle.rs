//! What holds back the copying of a partition's replicas: whose, and to how many bytes a second.

use kafkascope_engine::cluster::Cluster;
use kafkascope_engine::controller::reassignment_control::{THROTTLED_RATES, THROTTLED_REPLICAS};
use kafkascope_engine::ids::{ConfigResource, NodeId, TopicPartition};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Throttled {
    pub node: NodeId,
    /// As a leader it sends, as a follower it takes.
    pub sends: bool,
    /// In bytes a second, as set on the broker; `None`: no limit.
    pub rate: Option<String>,
}

pub fn throttled(cluster: &Cluster, id: &TopicPartition) -> Vec<Throttled> {
    let Some(image) = cluster.newest_metadata() else {
        return Vec::new();
    };
    let config = image.log_config(&id.topic, NodeId(0), &cluster.spec().log);
    let lists = [
        &config.leader_replication_throttled_replicas,
        &config.follower_replication_throttled_replicas,
    ];
    let mut found = Vec::new();
    for (sends, (list, rate)) in
        [true, false].into_iter().zip(lists.into_iter().zip(THROTTLED_RATES))
    {
        for &node in image.brokers.keys().filter(|node| list.contains(id.partition, **node)) {
            let set = image.configs(&ConfigResource::Broker(node));
            let rate = set.and_then(|configs| configs.get(rate)).cloned();
            found.push(Throttled { node, sends, rate });
        }
    }
    found
}

/// Whether anything of a topic is held back.
pub fn is_set(cluster: &Cluster, id: &TopicPartition) -> bool {
    let topic = cluster.newest_metadata().and_then(|image| image.topics.get(&id.topic));
    topic.is_some_and(|topic| {
        THROTTLED_REPLICAS.iter().any(|name| topic.configs.contains_key(*name))
    })
}
