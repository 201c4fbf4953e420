//! What to write so that a partition has the replicas and the ISR that it is to have, and a leader
//! that may lead (`PartitionChangeBuilder`).
//!
//! Without eligible leader replicas the ISR is never made empty: its last member stays although
//! nobody leads. With them (KIP-966) whoever leaves an ISR that falls below min.insync.replicas stays
//! electable: the high watermark stands still from then on, so it has all that is committed, unless
//! it loses its page cache.

use super::election::{Ballot, Choice, Elected, Election, Place};
use super::partition_reassignment::Reassignment;
use super::partition_registration::{LeaderRecoveryState, PartitionChange, PartitionRegistration};
use crate::ids::NodeId;
use std::collections::BTreeSet;

#[cfg(test)]
mod tests;

/// What to write, and how its election went.
pub struct Built {
    pub change: PartitionChange,
    pub choice: Choice,
    /// In replica order.
    pub places: Vec<(NodeId, Place)>,
}

/// What a partition is to be, beginning with what it is.
pub struct PartitionChangeBuilder<'a> {
    partition: &'a PartitionRegistration,
    pub isr: Vec<NodeId>,
    pub replicas: Vec<NodeId>,
    pub removing: Vec<NodeId>,
    pub adding: Vec<NodeId>,
    pub leader_recovery_state: LeaderRecoveryState,
    pub election: Election,
    /// A broker that came back and does not know how it went: what it had may be lost.
    pub unclean_shutdown: Option<NodeId>,
    /// Min.insync.replicas, at most the replication factor; `None` without eligible leader replicas.
    pub elr_below: Option<usize>,
    /// Broken on purpose: a reassignment does not wait for its new replicas.
    pub completes_early: bool,
    /// Broken on purpose: whoever is alive may lead.
    pub elects_anybody: bool,
    elr: Vec<NodeId>,
}

impl<'a> PartitionChangeBuilder<'a> {
    pub fn new(partition: &'a PartitionRegistration) -> Self {
        PartitionChangeBuilder {
            partition,
            isr: partition.isr.clone(),
            replicas: partition.replicas.clone(),
            removing: partition.removing_replicas.clone(),
            adding: partition.adding_replicas.clone(),
            leader_recovery_state: partition.leader_recovery_state,
            election: Election::Online,
            unclean_shutdown: None,
            elr_below: None,
            completes_early: false,
            elects_anybody: false,
            elr: partition.elr.clone(),
        }
    }

    /// `acceptable`: alive, unfenced and not shutting down.
    pub fn build(mut self, acceptable: impl Fn(NodeId) -> bool) -> Built {
        self.complete_reassignment();
        self.populate_elr();
        let places = self.replicas.iter().map(|&node| (node, self.place(node))).collect();
        let mut change = PartitionChange::default();
        let choice = self.elect(&mut change, acceptable);
        let old = self.partition;
        // Who is no replica any more must not go on in this epoch.
        if change.leader.is_none() && old.replicas.iter().any(|node| !self.replicas.contains(node))
        {
            change.leader = Some(old.leader);
        }
        let elr_enabled = self.elr_below.is_some();
        if change.isr.is_some() || !elr_enabled {
            self.elr.clear();
        }
        let differs = |new: Vec<NodeId>, old: &[NodeId]| (new != old).then_some(new);
        change.elr = differs(self.elr, &old.elr);
        if change.isr.is_none() && (!self.isr.is_empty() || elr_enabled) {
            change.isr = differs(self.isr, &old.isr);
        }
        if elr_enabled {
            change.last_known_elr = last_known_leader(old, &change);
        }
        change.replicas = differs(self.replicas, &old.replicas);
        change.removing_replicas = differs(self.removing, &old.removing_replicas);
        change.adding_replicas = differs(self.adding, &old.adding_replicas);
        if self.leader_recovery_state != old.leader_recovery_state {
            change.leader_recovery_state = Some(self.leader_recovery_state);
        }
        Built { change, choice, places }
    }

    fn place(&self, node: NodeId) -> Place {
        if self.isr.contains(&node) {
            Place::Isr
        } else if self.elr.contains(&node) {
            Place::Elr
        } else {
            Place::Outside
        }
    }

    fn complete_reassignment(&mut self) {
        let reassignment = Reassignment {
            removing: self.removing.clone(),
            adding: self.adding.clone(),
            replicas: self.replicas.clone(),
        };
        let isr = if self.completes_early { &self.replicas } else { &self.isr };
        if let Some((replicas, isr)) = reassignment.complete(isr) {
            (self.replicas, self.isr) = (replicas, isr);
            self.removing.clear();
            self.adding.clear();
        }
    }

    fn populate_elr(&mut self) {
        let Some(min_isr) = self.elr_below else {
            return;
        };
        if self.isr.len() >= min_isr {
            self.elr.clear();
            return;
        }
        let candidates: BTreeSet<_> = self.elr.iter().chain(&self.partition.isr).copied().collect();
        let eligible = |node: &NodeId| {
            !self.isr.contains(node)
                && self.unclean_shutdown != Some(*node)
                && self.replicas.contains(node)
        };
        self.elr = candidates.into_iter().filter(eligible).collect();
    }

    fn elect(
        &mut self,
        change: &mut PartitionChange,
        acceptable: impl Fn(NodeId) -> bool,
    ) -> Choice {
        let ballot = Ballot {
            partition: self.partition,
            replicas: &self.replicas,
            isr: if self.elects_anybody { &self.replicas } else { &self.isr },
            elr: &self.elr,
            elr_enabled: self.elr_below.is_some(),
        };
        let Elected { leader, choice } = ballot.elect(self.election, acceptable);
        if leader == self.partition.leader {
            return choice;
        }
        change.leader = Some(leader);
        if let Some(leader) = leader.filter(|leader| self.elr.contains(leader)) {
            self.isr = vec![leader];
            self.elr.retain(|node| *node != leader);
        }
        if choice.is_unclean() {
            // Whatever the others have: from here on it is the truth.
            change.isr = Some(leader.into_iter().collect());
            if self.partition.leader_recovery_state != LeaderRecoveryState::Recovering {
                change.leader_recovery_state = Some(LeaderRecoveryState::Recovering);
            }
        }
        choice
    }
}

/// Who led last, to be remembered while nobody leads, and forgotten when somebody does.
fn last_known_leader(old: &PartitionRegistration, change: &PartitionChange) -> Option<Vec<NodeId>> {
    let isr_empties = change.isr.as_ref().is_some_and(Vec::is_empty);
    if let Some(leader) = old.leader
        && isr_empties
        && old.last_known_elr != [leader]
    {
        return Some(vec![leader]);
    }
    let will_be_led = change.leader.unwrap_or(old.leader).is_some();
    (will_be_led && !old.last_known_elr.is_empty()).then(Vec::new)
}
