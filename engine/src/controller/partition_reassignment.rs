//! Moving the replicas of a partition (`PartitionReassignmentReplicas`,
//! `PartitionReassignmentRevert`). A reassignment first adds the new replicas to the old ones; when
//! every replica of the target is in sync, the old ones go; and until then it can be taken back.

use super::partition_registration::PartitionRegistration;
use crate::ids::NodeId;
use std::collections::BTreeSet;

/// A reassignment under way, or about to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reassignment {
    pub removing: Vec<NodeId>,
    pub adding: Vec<NodeId>,
    /// The target's replicas in its order, and behind them those that go.
    pub replicas: Vec<NodeId>,
}

impl Reassignment {
    /// From what is to what is asked for.
    pub fn new(current: &[NodeId], target: &[NodeId]) -> Self {
        let without = |a: &[NodeId], b: &[NodeId]| -> Vec<NodeId> {
            let left: BTreeSet<_> = a.iter().copied().filter(|node| !b.contains(node)).collect();
            left.into_iter().collect()
        };
        let removing = without(current, target);
        let mut replicas = target.to_vec();
        replicas.extend(&removing);
        Reassignment { removing, adding: without(target, current), replicas }
    }

    pub fn of(partition: &PartitionRegistration) -> Self {
        Reassignment {
            removing: partition.removing_replicas.clone(),
            adding: partition.adding_replicas.clone(),
            replicas: partition.replicas.clone(),
        }
    }

    /// The replicas and the ISR at its end, if `isr` is enough for that: it has to hold every replica
    /// of the target.
    pub fn complete(&self, isr: &[NodeId]) -> Option<(Vec<NodeId>, Vec<NodeId>)> {
        if self.removing.is_empty() && self.adding.is_empty() {
            return None;
        }
        let stay = |nodes: &[NodeId]| -> Vec<NodeId> {
            nodes.iter().copied().filter(|node| !self.removing.contains(node)).collect()
        };
        let (replicas, isr) = (stay(&self.replicas), stay(isr));
        let is_complete = !replicas.is_empty() && replicas.iter().all(|node| isr.contains(node));
        is_complete.then_some((replicas, isr))
    }

    /// The replicas and the ISR after it has been taken back, and whether that leaves nobody in sync,
    /// so that an old replica has to take the place.
    pub fn revert(&self, isr: &[NodeId]) -> (Vec<NodeId>, Vec<NodeId>, bool) {
        let stay = |nodes: &[NodeId]| -> Vec<NodeId> {
            nodes.iter().copied().filter(|node| !self.adding.contains(node)).collect()
        };
        let (replicas, isr) = (stay(&self.replicas), stay(isr));
        match isr.is_empty() {
            true => (replicas.clone(), replicas.into_iter().take(1).collect(), true),
            false => (replicas, isr, false),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nodes(ids: &[i32]) -> Vec<NodeId> {
        ids.iter().map(|&id| NodeId(id)).collect()
    }

    fn from_to(current: &[i32], target: &[i32]) -> Reassignment {
        Reassignment::new(&nodes(current), &nodes(target))
    }

    /// `PartitionReassignmentReplicasTest`: current, target; removing, adding, replicas.
    #[test]
    fn what_is_added_and_what_is_removed() {
        type Vector = [&'static [i32]; 5];
        let vectors: [Vector; 5] = [
            [&[3, 2, 1], &[3, 2, 1], &[], &[], &[3, 2, 1]],
            [&[3, 2, 1], &[3, 6, 2, 1, 5], &[], &[5, 6], &[3, 6, 2, 1, 5]],
            [&[3, 2, 1, 0], &[3, 1], &[0, 2], &[], &[3, 1, 0, 2]],
            [&[3, 2, 1, 0], &[7, 3, 1, 9], &[0, 2], &[7, 9], &[7, 3, 1, 9, 0, 2]],
            [&[3, 2, 1, 0], &[0, 1, 3, 2], &[], &[], &[0, 1, 3, 2]],
        ];
        for [current, target, removing, adding, replicas] in vectors {
            let expected = Reassignment {
                removing: nodes(removing),
                adding: nodes(adding),
                replicas: nodes(replicas),
            };
            assert_eq!(from_to(current, target), expected);
        }
    }

    /// The same test: current, target, ISR; what it completes to.
    #[test]
    fn it_completes_when_every_replica_of_the_target_is_in_sync() {
        type Vector = (&'static [i32], &'static [i32], &'static [i32], Option<&'static [i32]>);
        let vectors: [Vector; 5] = [
            (&[0, 1, 2], &[3, 4, 5], &[0, 1, 2, 3, 4], None),
            (&[0, 1, 2], &[0, 1, 2], &[0, 1, 2], None),
            (&[0, 1, 2], &[3, 4, 5], &[0, 1, 2, 3, 4, 5], Some(&[3, 4, 5])),
            (&[0, 1, 2], &[0, 1, 3], &[0, 1, 2, 3], Some(&[0, 1, 3])),
            (&[0, 1, 2], &[0, 1, 3], &[3], None),
        ];
        for (current, target, isr, completed) in vectors {
            let expected = completed.map(|ids| (nodes(ids), nodes(ids)));
            assert_eq!(from_to(current, target).complete(&nodes(isr)), expected);
        }
    }

    #[test]
    fn it_can_be_taken_back() {
        let reassignment = from_to(&[0, 1, 2], &[0, 1, 3]);
        let (replicas, isr, unclean) = reassignment.revert(&nodes(&[2, 3, 0]));
        assert_eq!((replicas, isr, unclean), (nodes(&[0, 1, 2]), nodes(&[2, 0]), false));
        // Only a new replica is left in sync: whoever takes its place may lack what it has.
        let (replicas, isr, unclean) = reassignment.revert(&nodes(&[3]));
        assert_eq!((replicas, isr, unclean), (nodes(&[0, 1, 2]), nodes(&[0]), true));
    }
}
