//! What an election considered and why it chose: told of one that was held, and asked of the real rules
//! ([`crate::controller::election`]) about how things are now.

use crate::controller::election::{
    Ballot, Candidate, CandidateState, Choice, Elected, Election, Place,
};
use crate::controller::metadata_image::MetadataImage;
use crate::controller::partition_registration::PartitionRegistration;
use crate::event::EventKind;
use crate::ids::NodeId;

/// The candidates in replica order, and what was made of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Considered {
    pub candidates: Vec<Candidate>,
    pub election: Election,
    pub leader: Option<NodeId>,
    pub choice: Choice,
}

/// `None` if the event is no election.
pub fn considered(event: &EventKind) -> Option<Considered> {
    match event {
        EventKind::ElectionHeld { candidates, election, leader, choice, .. } => Some(Considered {
            candidates: candidates.to_vec(),
            election: *election,
            leader: *leader,
            choice: *choice,
        }),
        _ => None,
    }
}

/// Whether a broker may lead, as the metadata have it.
pub fn state_of(image: &MetadataImage, node: NodeId) -> CandidateState {
    match image.brokers.get(&node) {
        None => CandidateState::Unregistered,
        Some(broker) if broker.fenced => CandidateState::Fenced,
        Some(broker) if broker.in_controlled_shutdown => CandidateState::ShuttingDown,
        Some(_) => CandidateState::Active,
    }
}

/// The candidates as they stand now.
pub fn candidates(image: &MetadataImage, partition: &PartitionRegistration) -> Vec<Candidate> {
    let place = |node: &NodeId| match node {
        _ if partition.isr.contains(node) => Place::Isr,
        _ if partition.elr.contains(node) => Place::Elr,
        _ => Place::Outside,
    };
    let candidate = |node: &NodeId| Candidate {
        node: *node,
        place: place(node),
        state: state_of(image, *node),
    };
    partition.replicas.iter().map(candidate).collect()
}

/// Who would be elected now, where `gone` could not lead and had left the ISR.
pub fn successor(
    image: &MetadataImage,
    partition: &PartitionRegistration,
    gone: Option<NodeId>,
    election: Election,
) -> Elected {
    let stays = |nodes: &[NodeId]| -> Vec<NodeId> {
        nodes.iter().copied().filter(|node| Some(*node) != gone).collect()
    };
    let (isr, elr) = (stays(&partition.isr), stays(&partition.elr));
    let ballot = Ballot {
        partition,
        replicas: &partition.replicas,
        isr: &isr,
        elr: &elr,
        elr_enabled: image.has_elr(),
    };
    ballot.elect(election, |node| Some(node) != gone && image.is_active(node))
}
