//! Which partitions are drawn. Of a small cluster all of them are; of a large one as many as there can
//! be room for, the one that is looked at first, then the others by name, Kafka's own last. So the cost
//! of a view does not grow with the cluster.

use kafkascope_engine::cluster::Cluster;
use kafkascope_engine::controller::metadata_image::MetadataImage;
use kafkascope_engine::ids::{NodeId, TopicPartition};
use kafkascope_engine::topic_name::is_internal;
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
        // What Kafka keeps for itself comes last: its fifty partitions would hide everything else.
        let others = |internal: bool| {
            let all = image.partitions().filter(|(id, _)| Some(id) != focus);
            all.filter(move |(id, _)| is_internal(&id.topic) == internal)
        };
        for (id, registration) in focused.into_iter().chain(others(false)).chain(others(true)) {
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

#[cfg(test)]
mod tests {
    use super::*;
    use kafkascope_engine::script::{Lang, transcript};

    #[test]
    fn kafkas_own_topics_come_after_all_others() {
        let run = transcript::run(
            "cluster brokers=3 seed=3\nrun until ready\n\
             kafka-topics.sh --create --topic orders --partitions 2 --replication-factor 3\n\
             consume orders group=billing\nrun 3s\n",
            Lang::En,
        );
        let cluster = &run.runner.machine.cluster;
        let image = cluster.newest_metadata().unwrap();
        let shown = Shown::of(cluster, None).partitions(image);
        let internal: Vec<_> = shown.iter().map(|id| is_internal(&id.topic)).collect();
        assert_eq!(internal[..3], [false, false, true], "{}", run.text);
        let focus = shown.last().cloned();
        assert_eq!(Shown::of(cluster, focus.as_ref()).partitions(image).first(), focus.as_ref());
    }
}
