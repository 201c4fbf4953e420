//! What a command does to the link between two ends. Whoever asks why nothing came over it looks here.

use super::Command;
use crate::ids::{Address, NodeId};
use crate::sim::link_fault::LinkFault;

impl Command {
    /// Whether it keeps messages between the two from arriving, in one direction at least.
    pub fn parts(&self, a: Address, b: Address) -> bool {
        match self {
            Command::Cut { from, to, .. } => is_between(*from, *to, a, b),
            Command::Link { from, to, fault, .. } => {
                *fault != LinkFault::default() && is_between(*from, *to, a, b)
            }
            Command::Isolate { node } => [a, b].contains(&Address::Node(*node)),
            Command::RingCut { nodes } => match (place_of(nodes, a), place_of(nodes, b)) {
                (Some(a), Some(b)) => are_apart(nodes.len(), a, b),
                _ => false,
            },
            _ => false,
        }
    }

    /// Whether messages between the two arrive again.
    pub fn joins(&self, a: Address, b: Address) -> bool {
        match self {
            Command::Heal { from, to } => is_between(*from, *to, a, b),
            Command::Link { from, to, fault, .. } => {
                *fault == LinkFault::default() && is_between(*from, *to, a, b)
            }
            Command::HealEnd { end } => [a, b].contains(end),
            Command::HealAll => true,
            _ => false,
        }
    }
}

fn is_between(from: Address, to: Address, a: Address, b: Address) -> bool {
    (from, to) == (a, b) || (from, to) == (b, a)
}

fn place_of(nodes: &[NodeId], end: Address) -> Option<usize> {
    nodes.iter().position(|node| Address::Node(*node) == end)
}

/// Whether two places of a ring of so many are no neighbours.
pub(crate) fn are_apart(count: usize, a: usize, b: usize) -> bool {
    let steps = (b + count - a) % count;
    (2..=count - 2).contains(&steps)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn broker(id: i32) -> Address {
        NodeId(id).into()
    }

    #[test]
    fn a_ring_parts_those_that_are_no_neighbours() {
        let ring = Command::RingCut { nodes: (1..=5).map(NodeId).collect() };
        let parted_from_1 = (1..=5).filter(|b| ring.parts(broker(1), broker(*b)));
        assert_eq!(parted_from_1.collect::<Vec<_>>(), [3, 4]);
        let parted_from_4 = (1..=5).filter(|b| ring.parts(broker(*b), broker(4)));
        assert_eq!(parted_from_4.collect::<Vec<_>>(), [1, 2]);
    }

    #[test]
    fn a_link_is_parted_and_joined_from_either_end() {
        let cut = Command::Cut { from: broker(1), to: broker(2), one_way: true };
        assert!(cut.parts(broker(2), broker(1)) && !cut.parts(broker(1), broker(3)));
        let heal = Command::HealEnd { end: broker(2) };
        assert!(heal.joins(broker(1), broker(2)) && !heal.joins(broker(1), broker(3)));
        let fault = |loss_per_mille| LinkFault { loss_per_mille, ..LinkFault::default() };
        let link = |fault| {
            let (from, to) = (broker(1), broker(2));
            Command::Link { from, to, one_way: false, api: None, fault }
        };
        assert!(link(fault(300)).parts(broker(1), broker(2)));
        assert!(link(fault(0)).joins(broker(1), broker(2)));
    }
}
