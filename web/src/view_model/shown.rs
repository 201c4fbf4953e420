//! Which partitions are drawn. Of a small cluster all of them are; of a large one as many as there can
//! be room for, in the order of their names, and the one that is looked at. So the cost of a view does
//! not grow with the cluster.

use kafkascope_engine::cluster::Cluster;
use kafkascope_engine::controller::metadata_image::MetadataImage;
use kafkascope_engine::ids::{NodeId, TopicPartition};
use std::collections::{BTreeMap, BTreeSet};

/// More strips than these do not fit into a cabinet.
const STRIPS_MAX: usize = 12;
/// More strips than these on the whole stage would be slow to draw, and nothing to look at.
const STRIPS_OF_ALL_MAX: usize = 72;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shown {
    All,
    /// In the order in which they are drawn.
    Some {
        order: Vec<TopicPartition>,
        all: BTreeSet<TopicPartition>,
    },
}

impl Shown {
    pub fn of(cluster: &Cluster, focus: Option<&TopicPartition>) -> Shown {
        let Some(image) = cluster.newest_metadata() else {
            return Shown::All;
        };
        let count: usize = image.topics.values().map(|topic| topic.partitions.len()).sum();
        if count <= STRIPS_MAX {
            return Shown::All;
        }
        let mut strips: BTreeMap<NodeId, usize> = BTreeMap::new();
        let mut drawn = 0;
        let mut order = Vec::new();
        let focused = focus.and_then(|id| Some((id.clone(), image.partition(id)?)));
        let others = image.partitions().filter(|(id, _)| Some(id) != focus);
        for (id, registration) in focused.into_iter().chain(others) {
            let fullest = strips.values().max().copied().unwrap_or(0);
            if fullest >= STRIPS_MAX || drawn >= STRIPS_OF_ALL_MAX {
                break;
            }
            for &node in &registration.replicas {
                *strips.entry(node).or_default() += 1;
            }
            drawn += registration.replicas.len();
            order.push(id);
        }
        Shown::Some { all: order.iter().cloned().collect(), order }
    }

    pub fn contains(&self, id: &TopicPartition) -> bool {
        match self {
            Shown::All => true,
            Shown::Some { all, .. } => all.contains(id),
        }
    }

    pub fn partitions(&self, image: &MetadataImage) -> Vec<TopicPartition> {
        match self {
            Shown::All => image.partitions().map(|(id, _)| id).collect(),
            Shown::Some { order, .. } => order.clone(),
        }
    }
}
