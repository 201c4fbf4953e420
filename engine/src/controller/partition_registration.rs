//! What the metadata say of one partition, and what a record changes of it
//! (`PartitionRegistration`).

use crate::ids::NodeId;
use serde::{Deserialize, Serialize};

/// Whether the leader has all that was committed, as far as the controller can tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum LeaderRecoveryState {
    /// Elected from those in sync, or recovered since.
    #[default]
    Recovered,
    /// Elected out of sync; until the leader says by AlterPartition that it has recovered, it is alone
    /// in the ISR.
    Recovering,
}

impl LeaderRecoveryState {
    pub fn as_i8(self) -> i8 {
        match self {
            LeaderRecoveryState::Recovered => 0,
            LeaderRecoveryState::Recovering => 1,
        }
    }

    pub fn from_i8(value: i8) -> Option<Self> {
        match value {
            0 => Some(LeaderRecoveryState::Recovered),
            1 => Some(LeaderRecoveryState::Recovering),
            _ => None,
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct PartitionRegistration {
    /// Preferred leader first. During a reassignment: the target's, and behind them those that go.
    pub replicas: Vec<NodeId>,
    pub isr: Vec<NodeId>,
    /// Those of the replicas that a reassignment is taking away.
    pub removing_replicas: Vec<NodeId>,
    /// Those of the replicas that a reassignment has brought.
    pub adding_replicas: Vec<NodeId>,
    pub leader: Option<NodeId>,
    pub leader_recovery_state: LeaderRecoveryState,
    pub leader_epoch: i32,
    pub partition_epoch: i32,
    /// Out of the ISR, and yet known to hold all that is committed (KIP-966).
    pub elr: Vec<NodeId>,
    /// Who led last, while nobody does (KIP-966).
    pub last_known_elr: Vec<NodeId>,
}

/// What a change sets; a field that is `None` stays as it is. A `leader` that is set, be it the same
/// one or none, raises the leader epoch.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct PartitionChange {
    pub isr: Option<Vec<NodeId>>,
    pub leader: Option<Option<NodeId>>,
    pub replicas: Option<Vec<NodeId>>,
    pub removing_replicas: Option<Vec<NodeId>>,
    pub adding_replicas: Option<Vec<NodeId>>,
    pub leader_recovery_state: Option<LeaderRecoveryState>,
    pub elr: Option<Vec<NodeId>>,
    pub last_known_elr: Option<Vec<NodeId>>,
}

impl PartitionRegistration {
    /// Whether the first of the replicas leads.
    pub fn has_preferred_leader(&self) -> bool {
        self.leader.is_some() && self.leader == self.replicas.first().copied()
    }

    /// Without the replicas that a reassignment is bringing: they are not missed while they copy.
    pub fn replication_factor(&self) -> usize {
        self.replicas.len() - self.adding_replicas.len()
    }

    /// Whether replicas are being added or removed.
    pub fn is_reassigning(&self) -> bool {
        !self.removing_replicas.is_empty() || !self.adding_replicas.is_empty()
    }

    /// `PartitionRegistration.merge`: every change raises the partition epoch.
    pub fn change(&mut self, change: &PartitionChange) {
        let set = |place: &mut Vec<NodeId>, nodes: &Option<Vec<NodeId>>| {
            if let Some(nodes) = nodes {
                place.clone_from(nodes);
            }
        };
        set(&mut self.isr, &change.isr);
        set(&mut self.replicas, &change.replicas);
        set(&mut self.removing_replicas, &change.removing_replicas);
        set(&mut self.adding_replicas, &change.adding_replicas);
        set(&mut self.elr, &change.elr);
        set(&mut self.last_known_elr, &change.last_known_elr);
        if let Some(leader) = change.leader {
            self.leader = leader;
            self.leader_epoch += 1;
        }
        if let Some(state) = change.leader_recovery_state {
            self.leader_recovery_state = state;
        }
        self.partition_epoch += 1;
    }
}

impl PartitionChange {
    pub fn is_empty(&self) -> bool {
        *self == PartitionChange::default()
    }
}
