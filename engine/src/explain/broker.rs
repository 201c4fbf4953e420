//! Why a broker serves or is fenced, and which of its replicas are still catching up. The controller's
//! metadata and its sessions say the first, the leaders' own rules the second.

use super::election::state_of;
use super::partition::{self, standing_of};
use crate::cluster::Cluster;
use crate::controller::election::CandidateState;
use crate::ids::{Address, NodeId, TopicPartition};
use crate::sim::time::SimTime;

/// So many replicas that are behind are told one by one.
const BEHIND_MAX: usize = 6;

/// The first reason says what is, the others what it follows from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// What the controller has written of it.
    Stands {
        node: NodeId,
        standing: CandidateState,
    },
    /// The process does not run, or is frozen.
    NoProcess {
        is_paused: bool,
    },
    /// No controller can write of it what has changed.
    NoActiveController,
    /// The link to the active controller is cut in one direction at least.
    CutOff {
        controller: NodeId,
    },
    /// The process has not been registered yet.
    NotRegistered,
    /// It is unfenced once it has the metadata up to its own registration.
    BehindInMetadata {
        has: i64,
        needs: i64,
    },
    /// Heard of in time; unless it is again, it is fenced.
    HeardOf {
        last: SimTime,
        until: SimTime,
    },
    /// It is in the ISR of so many of the partitions that it has replicas of, and leads so many.
    InSync {
        in_sync: usize,
        replicas: usize,
        leads: usize,
    },
    /// One that is not, and why.
    Replica {
        partition: TopicPartition,
        why: partition::Reason,
    },
    MoreBehind {
        count: usize,
    },
}

/// `None` if there is no such broker.
pub fn why(cluster: &Cluster, node: NodeId) -> Option<Vec<Reason>> {
    let host = cluster.node(node).filter(|node| !node.id.is_controller())?;
    let image = cluster.newest_metadata()?;
    let standing = state_of(image, node);
    let mut reasons = vec![Reason::Stands { node, standing }];

    let controller = cluster.controller();
    if !host.is_running() {
        reasons.push(Reason::NoProcess { is_paused: host.is_paused() });
    }
    match controller {
        None => reasons.push(Reason::NoActiveController),
        Some(controller) => {
            let (a, b) = (Address::Node(node), Address::Node(controller.id));
            if cluster.cuts().any(|link| link == (a, b) || link == (b, a)) {
                reasons.push(Reason::CutOff { controller: controller.id });
            }
            if let Some(last) = controller.last_heartbeat(node)
                && matches!(standing, CandidateState::Active | CandidateState::ShuttingDown)
            {
                let timeout_ms = cluster.spec().broker.broker_session_timeout_ms;
                reasons.push(Reason::HeardOf { last, until: last.plus_millis(timeout_ms) });
            }
        }
    }
    if let Some(broker) = host.broker().filter(|_| host.is_running())
        && standing != CandidateState::Active
    {
        let (has, needs) = (broker.image.next_offset - 1, broker.broker_epoch);
        if needs < 0 {
            reasons.push(Reason::NotRegistered);
        } else if has < needs {
            reasons.push(Reason::BehindInMetadata { has, needs });
        }
    }

    let replicas = || image.partitions().filter(|(_, p)| p.replicas.contains(&node));
    let leads = replicas().filter(|(_, p)| p.leader == Some(node)).count();
    let in_sync = replicas().filter(|(_, p)| p.isr.contains(&node)).count();
    let replicas_count = replicas().count();
    reasons.push(Reason::InSync { in_sync, replicas: replicas_count, leads });
    let behind = replicas().filter(|(_, p)| !p.isr.contains(&node));
    reasons.extend(behind.take(BEHIND_MAX).filter_map(|(partition, _)| {
        let why = standing_of(cluster, &partition, node)?;
        Some(Reason::Replica { partition, why })
    }));
    let more = (replicas_count - in_sync).saturating_sub(BEHIND_MAX);
    if more > 0 {
        reasons.push(Reason::MoreBehind { count: more });
    }
    Some(reasons)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explain::tests::run;

    const CLUSTER: &str = "cluster brokers=3 seed=5";
    const TOPIC: &str = "kafka-topics.sh --create --topic orders --replica-assignment 1:2:3,3:1:2";

    fn after(lines: &[&str]) -> Vec<Reason> {
        let start =
            ["run until ready", TOPIC, "run until quiet", "produce orders value=v", "run 2s"];
        let lines = start.iter().chain(lines).map(|line| line.to_string());
        why(&run(CLUSTER, &lines.collect::<Vec<_>>()), NodeId(1)).unwrap()
    }

    fn stands(reasons: &[Reason]) -> CandidateState {
        match reasons[0] {
            Reason::Stands { node: NodeId(1), standing } => standing,
            ref other => panic!("{other:?}"),
        }
    }

    #[test]
    fn one_that_is_heard_of_serves() {
        let reasons = after(&[]);
        assert_eq!(stands(&reasons), CandidateState::Active);
        assert!(matches!(reasons[1], Reason::HeardOf { .. }), "{reasons:?}");
        assert_eq!(reasons[2..], [Reason::InSync { in_sync: 2, replicas: 2, leads: 1 }]);
    }

    #[test]
    fn one_that_crashed_is_fenced_when_its_session_is_over() {
        let reasons = after(&["crash broker-1"]);
        assert_eq!(stands(&reasons), CandidateState::Active, "nobody has noticed");
        assert!(reasons.contains(&Reason::NoProcess { is_paused: false }));
        let Some(Reason::HeardOf { until, .. }) = reasons.get(2) else {
            panic!("{reasons:?}");
        };
        let wait = format!("run {}ms", until.as_millis() - 1000);
        assert_eq!(stands(&after(&["crash broker-1", "run 1s"])), CandidateState::Active);
        let reasons = after(&["crash broker-1", &wait]);
        assert_eq!(stands(&reasons), CandidateState::Fenced);
        assert!(reasons.contains(&Reason::InSync { in_sync: 0, replicas: 2, leads: 0 }));
    }

    #[test]
    fn one_that_was_replaced_tells_what_it_lacks_until_it_is_in_sync() {
        let lines = ["run 1s", "replace broker-1", "run until leader orders-0 != broker-1"];
        let reasons = after(&lines);
        let lacks = |reason: &Reason| matches!(reason, Reason::Replica { .. });
        assert_eq!(reasons.iter().filter(|reason| lacks(reason)).count(), 2, "{reasons:?}");
        let back = ["run until isr orders-0 == 1,2,3", "run until isr orders-1 == 1,2,3"];
        let reasons = after(&[&lines[..], &back].concat());
        assert_eq!(stands(&reasons), CandidateState::Active);
        assert!(!reasons.iter().any(lacks), "{reasons:?}");
    }

    #[test]
    fn one_that_is_cut_off_from_the_controller_is_told_so() {
        let reasons = after(&["cut broker-1 controller-101"]);
        assert!(reasons.contains(&Reason::CutOff { controller: NodeId(101) }), "{reasons:?}");
    }
}
