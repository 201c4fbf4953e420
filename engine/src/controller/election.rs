//! Who leads a partition (`PartitionChangeBuilder`). Pure rules; the records that follow from them
//! are written by [`super::quorum_controller`].

use super::metadata_image::PartitionRegistration;
use crate::ids::NodeId;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Election {
    /// Keep the leader if it may lead; else the first that may, in replica order.
    Online,
    /// The first replica if it may lead; else as `Online`.
    Preferred,
    /// As `Online`, but at the end any live replica, in sync or not.
    Unclean,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Elected {
    pub leader: Option<NodeId>,
    pub unclean: bool,
}

/// Elects among `partition`'s replicas, with `target_isr` as the ISR to be.
/// `acceptable`: alive, unfenced and not shutting down.
pub fn elect(
    partition: &PartitionRegistration,
    target_isr: &[NodeId],
    election: Election,
    acceptable: impl Fn(NodeId) -> bool,
) -> Elected {
    let valid = |node: &NodeId| target_isr.contains(node) && acceptable(*node);
    if let Some(&leader) = partition.replicas.first().filter(|node| valid(node))
        && election == Election::Preferred
    {
        return Elected { leader: Some(leader), unclean: false };
    }
    if let Some(leader) = partition.leader.filter(&valid) {
        return Elected { leader: Some(leader), unclean: false };
    }
    if let Some(&leader) = partition.replicas.iter().find(|node| valid(node)) {
        return Elected { leader: Some(leader), unclean: false };
    }
    let any = match election {
        Election::Unclean => partition.replicas.iter().copied().find(|&node| acceptable(node)),
        Election::Online | Election::Preferred => None,
    };
    Elected { leader: any, unclean: any.is_some() }
}

/// What to write so that the partition has `target_isr` and a leader that may lead: the new ISR and
/// the new leader, each `None` if it stays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartitionChange {
    pub isr: Option<Vec<NodeId>>,
    pub leader: Option<Option<NodeId>>,
    pub unclean: bool,
}

impl PartitionChange {
    pub fn is_empty(&self) -> bool {
        self.isr.is_none() && self.leader.is_none()
    }
}

/// `PartitionChangeBuilder.build`, without eligible leader replicas: the ISR is never made empty;
/// its last member stays although nobody leads.
pub fn build_change(
    partition: &PartitionRegistration,
    target_isr: Vec<NodeId>,
    election: Election,
    acceptable: impl Fn(NodeId) -> bool,
) -> PartitionChange {
    let elected = elect(partition, &target_isr, election, acceptable);
    let isr = if elected.unclean {
        elected.leader.into_iter().collect()
    } else if target_isr.is_empty() {
        partition.isr.clone()
    } else {
        target_isr
    };
    PartitionChange {
        isr: (isr != partition.isr).then_some(isr),
        leader: (elected.leader != partition.leader).then_some(elected.leader),
        unclean: elected.unclean,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nodes(ids: &[i32]) -> Vec<NodeId> {
        ids.iter().map(|&id| NodeId(id)).collect()
    }

    /// FOO of `PartitionChangeBuilderTest`: replicas and ISR [2,1,3], leader 1, broker 3 not acceptable.
    fn foo() -> PartitionRegistration {
        PartitionRegistration {
            replicas: nodes(&[2, 1, 3]),
            isr: nodes(&[2, 1, 3]),
            leader: Some(NodeId(1)),
            leader_epoch: 100,
            partition_epoch: 200,
        }
    }

    fn elect_foo(target_isr: &[i32], election: Election) -> (Option<i32>, bool) {
        let elected = elect(&foo(), &nodes(target_isr), election, |node| node != NodeId(3));
        (elected.leader.map(|node| node.0), elected.unclean)
    }

    #[test]
    fn elections_of_partition_change_builder_test() {
        assert_eq!(elect_foo(&[2, 1, 3], Election::Online), (Some(1), false));
        assert_eq!(elect_foo(&[1, 3], Election::Online), (Some(1), false));
        assert_eq!(elect_foo(&[3], Election::Online), (None, false));
        assert_eq!(elect_foo(&[3], Election::Unclean), (Some(2), true));
        assert_eq!(elect_foo(&[2, 1, 3], Election::Preferred), (Some(2), false));
        assert_eq!(elect_foo(&[1, 3], Election::Preferred), (Some(1), false));
        assert_eq!(elect_foo(&[3], Election::Preferred), (None, false));
    }

    #[test]
    fn the_first_in_replica_order_wins_not_the_first_in_isr_order() {
        let mut partition = foo();
        partition.leader = None;
        let elected = elect(&partition, &nodes(&[3, 1, 2]), Election::Online, |_| true);
        assert_eq!(elected.leader, Some(NodeId(2)));
    }

    #[test]
    fn an_isr_only_change_leaves_the_leader_alone() {
        let change =
            build_change(&foo(), nodes(&[2, 1]), Election::Online, |node| node != NodeId(3));
        assert_eq!((change.isr, change.leader), (Some(nodes(&[2, 1])), None));
    }

    #[test]
    fn the_last_member_stays_in_the_isr() {
        let mut partition = foo();
        partition.isr = nodes(&[1]);
        let change = build_change(&partition, vec![], Election::Online, |_| false);
        assert_eq!((change.isr, change.leader), (None, Some(None)));
    }

    #[test]
    fn an_unclean_winner_is_alone_in_the_isr() {
        let change = build_change(&foo(), nodes(&[3]), Election::Unclean, |node| node != NodeId(3));
        assert_eq!(
            (change.isr, change.leader, change.unclean),
            (Some(nodes(&[2])), Some(Some(NodeId(2))), true)
        );
    }
}
