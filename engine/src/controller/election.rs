//! Who leads a partition, and why (the elections of `PartitionChangeBuilder`). Pure rules; what
//! follows from them for the ISR is in [`super::partition_change`].

use super::partition_registration::PartitionRegistration;
use crate::ids::NodeId;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Election {
    /// Keep the leader if it may lead; else the first that may, in replica order.
    Online,
    /// The first replica if it may lead; else as `Online`.
    Preferred,
    /// As `Online`, but at the end any live replica, in sync or not.
    Unclean,
}

/// By which rule an election came to its result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Choice {
    /// The leader may go on to lead.
    Stays,
    /// The first of the replicas may lead.
    Preferred,
    /// The first, in replica order, that is in the ISR and alive.
    FirstInSync,
    /// The ISR is empty: the first, in replica order, of the eligible leader replicas that is alive.
    FirstEligible,
    /// ISR and ELR are empty: who led last is alive. Out of sync.
    LastKnownLeader,
    /// The first, in replica order, that is alive. Out of sync.
    FirstAlive,
    Nobody,
}

impl Choice {
    /// Whether the winner may lack what was committed.
    pub fn is_unclean(self) -> bool {
        matches!(self, Choice::LastKnownLeader | Choice::FirstAlive)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Elected {
    pub leader: Option<NodeId>,
    pub choice: Choice,
}

/// One of those that an election considered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Candidate {
    pub node: NodeId,
    pub place: Place,
    pub state: CandidateState,
}

/// Where a candidate stands, once the change that calls for the election is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    Isr,
    /// Out of the ISR, and known to hold all that is committed.
    Elr,
    Outside,
}

/// Whether a candidate could lead at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CandidateState {
    Active,
    Fenced,
    ShuttingDown,
    /// It goes by the very change that calls for the election.
    Leaving,
    Unregistered,
}

/// What an election looks at: the partition as it is, and as it is to be.
pub struct Ballot<'a> {
    pub partition: &'a PartitionRegistration,
    pub replicas: &'a [NodeId],
    pub isr: &'a [NodeId],
    pub elr: &'a [NodeId],
    /// Whether eligible leader replicas are in use: then who led last may lead again (KIP-966).
    pub elr_enabled: bool,
}

impl Ballot<'_> {
    /// In the ISR or, if that is empty, in the ELR.
    fn is_in_sync(&self, node: NodeId) -> bool {
        self.isr.contains(&node) || (self.isr.is_empty() && self.elr.contains(&node))
    }

    /// `acceptable`: alive, unfenced and not shutting down.
    pub fn elect(&self, election: Election, acceptable: impl Fn(NodeId) -> bool) -> Elected {
        let valid = |node: &NodeId| self.is_in_sync(*node) && acceptable(*node);
        let elected = |leader, choice| Elected { leader: Some(leader), choice };
        if election == Election::Preferred
            && let Some(&leader) = self.replicas.first().filter(|node| valid(node))
        {
            let stays = self.partition.leader == Some(leader);
            return elected(leader, if stays { Choice::Stays } else { Choice::Preferred });
        }
        if let Some(leader) = self.partition.leader.filter(&valid) {
            return elected(leader, Choice::Stays);
        }
        if let Some(&leader) = self.replicas.iter().find(|node| valid(node)) {
            let in_isr = self.isr.contains(&leader);
            return elected(
                leader,
                if in_isr { Choice::FirstInSync } else { Choice::FirstEligible },
            );
        }
        if self.elr_enabled
            && self.isr.is_empty()
            && self.elr.is_empty()
            && let [leader] = self.partition.last_known_elr[..]
            && self.replicas.contains(&leader)
            && acceptable(leader)
        {
            return elected(leader, Choice::LastKnownLeader);
        }
        if election == Election::Unclean
            && let Some(&leader) = self.replicas.iter().find(|node| acceptable(**node))
        {
            return elected(leader, Choice::FirstAlive);
        }
        Elected { leader: None, choice: Choice::Nobody }
    }
}
