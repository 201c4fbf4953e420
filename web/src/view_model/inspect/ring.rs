//! The ISR as a ring: the leader in the middle, its members around it, those out of sync outside, each
//! with how far behind it is. It is what the engine answers to "why this ISR?", in places.

use kafkascope_engine::cluster::Cluster;
use kafkascope_engine::controller::partition_registration::PartitionRegistration;
use kafkascope_engine::explain::partition::{About, Reason, why};
use kafkascope_engine::ids::{NodeId, TopicPartition};
use kafkascope_engine::sim::time::SimTime;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    In,
    /// Outside, and the leader has proposed to take it in: it counts already.
    Joining,
    /// Inside, and the leader has proposed to take it out.
    Leaving,
    Out,
}

impl Place {
    /// From the middle, in units of the ring's radius.
    pub fn distance(self) -> f64 {
        match self {
            Place::In => 1.0,
            Place::Joining | Place::Leaving => 1.28,
            Place::Out => 1.56,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    pub node: NodeId,
    pub place: Place,
    /// As the leader knows it; -1 before its first fetch, `None` if nobody leads.
    pub log_end_offset: Option<i64>,
    /// Since when it has not had everything.
    pub behind_since: Option<SimTime>,
    /// Out of the ISR, and one of the eligible leader replicas.
    pub is_eligible: bool,
    /// It led last, and nobody does now.
    pub led_last: bool,
    /// The last change of the ISR that moved it, if it is still seen moving, and from where.
    pub moved: Option<(SimTime, Place)>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ring {
    pub leader: Option<NodeId>,
    /// In replica order, without the leader.
    pub members: Vec<Member>,
    pub isr: usize,
    pub replicas: usize,
    pub min_insync_replicas: usize,
}

/// The last change of the ISR: when, and who was in it before.
pub type IsrChange = (SimTime, Vec<NodeId>);

pub fn ring(
    cluster: &Cluster,
    id: &TopicPartition,
    min_insync_replicas: usize,
    last_change: Option<IsrChange>,
) -> Option<Ring> {
    let PartitionRegistration { leader, isr, replicas, elr, last_known_elr, .. } =
        cluster.newest_metadata()?.partition(id)?;
    let reasons = why(cluster, id, About::Isr)?;
    let proposed = reasons.iter().find_map(|reason| match reason {
        Reason::Proposed { proposed } => Some(proposed),
        _ => None,
    });
    let place_of = |node: NodeId| {
        let is_in = isr.contains(&node);
        match proposed.map(|proposed| proposed.contains(&node)) {
            Some(true) if !is_in => Place::Joining,
            Some(false) if is_in => Place::Leaving,
            _ if is_in => Place::In,
            _ => Place::Out,
        }
    };
    let member = |reason: &Reason| {
        let (node, log_end_offset, behind_since) = match *reason {
            Reason::CaughtUp { node, log_end_offset } => (node, Some(log_end_offset), None),
            Reason::Behind { node, log_end_offset, caught_up_at, .. } => {
                (node, Some(log_end_offset), caught_up_at)
            }
            Reason::Lagging { node, log_end_offset, lag_ms, .. } => {
                let since = cluster.now().0.saturating_sub(lag_ms * 1000);
                (node, Some(log_end_offset), Some(SimTime(since)))
            }
            Reason::Out { node, log_end_offset, caught_up_at, .. } => {
                (node, Some(log_end_offset), caught_up_at)
            }
            Reason::Unmeasured { node, .. } => (node, None, None),
            _ => return None,
        };
        let place = place_of(node);
        let moved = last_change.as_ref().and_then(|(at, before)| {
            let from = if before.contains(&node) { Place::In } else { Place::Out };
            (before.contains(&node) != isr.contains(&node)).then_some((*at, from))
        });
        let (is_eligible, led_last) = (elr.contains(&node), last_known_elr.contains(&node));
        Some(Member { node, place, log_end_offset, behind_since, is_eligible, led_last, moved })
    };
    Some(Ring {
        leader: *leader,
        members: reasons.iter().filter_map(member).collect(),
        isr: isr.len(),
        replicas: replicas.len(),
        min_insync_replicas,
    })
}
