//! A replica that a reassignment moves: which way it goes, and how far its copy has come.

use super::{PartitionView, View};
use kafkascope_engine::ids::{NodeId, TopicPartition};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moving {
    /// It copies the leader's log, and joins the ISR when it has it.
    Adding(Copied),
    /// It goes once all that are added are in sync.
    Removing,
}

/// Of the records that the leader has, how many a replica has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Copied {
    pub records: i64,
    pub of: i64,
}

impl Copied {
    /// Of nothing, all is there.
    pub fn percent(self) -> i64 {
        if self.of > 0 { self.records * 100 / self.of } else { 100 }
    }
}

impl PartitionView {
    pub fn is_reassigning(&self) -> bool {
        !self.adding.is_empty() || !self.removing.is_empty()
    }

    /// The replicas that the reassignment aims at.
    pub fn target(&self) -> Vec<NodeId> {
        let stays = |node: &&NodeId| !self.removing.contains(node);
        self.replicas.iter().filter(stays).copied().collect()
    }
}

impl View {
    pub fn moving(&self, node: NodeId, id: &TopicPartition) -> Option<Moving> {
        let partition = self.partition(id)?;
        if partition.adding.contains(&node) {
            return Some(Moving::Adding(self.copied(node, partition)));
        }
        partition.removing.contains(&node).then_some(Moving::Removing)
    }

    /// What a replica has of the leader's log; nothing while its broker has not made it yet.
    pub fn copied(&self, node: NodeId, partition: &PartitionView) -> Copied {
        let replica = |node| self.node(node)?.replica(&partition.id);
        let leader = partition.leader.and_then(replica);
        let start = leader.map_or(0, |leader| leader.log_start_offset);
        let of = (partition.log_end_offset - start).max(0);
        let end = replica(node).map_or(0, |replica| replica.log_end_offset);
        Copied { records: (end - start).clamp(0, of), of }
    }
}

#[cfg(test)]
mod tests {
    use crate::scenario;
    use crate::view_model::View;
    use crate::view_model::build::Frame;
    use crate::view_model::moving::{Copied, Moving};
    use kafkascope_engine::ids::{NodeId, TopicPartition};
    use kafkascope_engine::metrics::Gauges;

    const SCRIPT: &str = "cluster brokers=3 seed=4\n\
         run until ready\n\
         kafka-topics.sh --create --topic orders --replica-assignment 1:2\n\
         run until quiet\n\
         produce orders value=coffee count=5\n\
         run until acknowledged producer-1 >= 5\n\
         cut broker-3 broker-1\n\
         kafka-reassign-partitions.sh --execute --reassignment-json-file '{\"version\":1,\"partitions\":[{\"topic\":\"orders\",\"partition\":0,\"replicas\":[3,1]}]}'\n\
         run 1s\n";

    fn view(script: &str) -> View {
        let timeline =
            scenario::prepare(script).unwrap_or_else(|text| panic!("{}", text.en)).timeline;
        let frame = Frame::still(Gauges::of(timeline.cluster()));
        View::of(&timeline, frame)
    }

    #[test]
    fn a_replica_that_is_added_has_copied_nothing_and_then_all() {
        let id = TopicPartition::new("orders", 0);
        let before = view(SCRIPT);
        let moving = |node| before.moving(NodeId(node), &id);
        assert_eq!(moving(3), Some(Moving::Adding(Copied { records: 0, of: 5 })));
        assert_eq!((moving(1), moving(2)), (None, Some(Moving::Removing)));
        assert_eq!(before.gauges.reassigning_partitions, 1);
        let partition = before.partition(&id).unwrap();
        assert_eq!(partition.target(), [NodeId(3), NodeId(1)]);
        assert!(!partition.is_under_replicated(), "what is being added is not missing yet");

        let after = view(&format!("{SCRIPT}heal all\nrun 60s\n"));
        assert_eq!(after.moving(NodeId(3), &id), None);
        assert_eq!(after.copied(NodeId(3), after.partition(&id).unwrap()).percent(), 100);
    }
}
