//! Why this controller is the active one, or why none is: who of the voters can be heard, whom they
//! follow or would elect, and how much of the metadata log a majority has. The answers come from the
//! voters' own [`QuorumState`](crate::raft::quorum_state::QuorumState).

use super::silence::is_failure_among;
use crate::cluster::Cluster;
use crate::event::EventKind;
use crate::ids::{Address, NodeId};
use crate::node::Node;
use crate::raft::quorum_state::{Ballot, Role};
use std::collections::BTreeSet;

/// The first reason says what is, the others what it follows from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// It leads, and what it began with is committed: metadata can change.
    Active {
        node: NodeId,
        epoch: i32,
    },
    /// It was elected and has yet to commit the first record of its epoch.
    BeginsToLead {
        node: NodeId,
        epoch: i32,
    },
    /// It takes itself for the leader and reaches too few voters to commit anything. When the time is
    /// over without a majority it gives up.
    LeadsAlone {
        node: NodeId,
        epoch: i32,
        reaches: usize,
        gives_up_after_ms: u64,
    },
    /// No leader, and no voter reaches a majority.
    NoMajority {
        reaches: usize,
    },
    /// No leader yet, and enough voters to elect one.
    BeingElected {
        reaches: usize,
    },
    /// How many of the voters a majority is.
    Majority {
        voters: usize,
        majority: usize,
    },
    Voter {
        node: NodeId,
        standing: Standing,
        epoch: i32,
        last_epoch: i32,
        log_end_offset: i64,
    },
    /// Without a process nobody knows what is in its log.
    Silent {
        node: NodeId,
        is_paused: bool,
    },
    /// How far the leader's log is committed.
    Committed {
        high_watermark: i64,
        log_end_offset: i64,
    },
    /// Nobody becomes leader without the votes of those whose log is no longer than its own.
    LongestLog,
    /// Records go on by the metadata that the brokers have; what waits is every change of them.
    OnlyRecordsGoOn,
}

/// What a voter is doing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    Leads,
    Follows(NodeId),
    /// Asks for votes: for a promise first, then for the vote itself.
    Stands {
        pre_vote: bool,
        granted: usize,
        rejected: usize,
    },
    /// Knows no leader and waits for its election timeout.
    Waits,
    /// Led, and gave up.
    Resigned,
}

pub fn why(cluster: &Cluster) -> Vec<Reason> {
    let voters: Vec<NodeId> = cluster.spec().voters().collect();
    let majority = voters.len() / 2 + 1;
    let cuts: BTreeSet<(Address, Address)> = cluster.cuts().collect();
    let reaches = |node: NodeId| {
        let is_heard = |&other: &NodeId| {
            let (a, b) = (Address::Node(node), Address::Node(other));
            other == node
                || (cluster.node(other).is_some_and(Node::is_running)
                    && !cuts.contains(&(a, b))
                    && !cuts.contains(&(b, a)))
        };
        voters.iter().filter(|other| is_heard(other)).count()
    };
    let running = voters.iter().filter(|id| cluster.node(**id).is_some_and(Node::is_running));
    let most = running.map(|&node| reaches(node)).max().unwrap_or(0);
    let controllers =
        cluster.controllers().filter(|controller| controller.raft.leading().is_some());
    let leader = controllers.max_by_key(|controller| controller.raft.epoch());
    let leader = leader.filter(|leader| cluster.node(leader.id).is_some_and(Node::is_running));

    let verdict = match leader {
        Some(leader) => {
            let (node, epoch, reaches) = (leader.id, leader.raft.epoch(), reaches(leader.id));
            if reaches < majority {
                // As `RaftClient` has it, CHECK_QUORUM_TIMEOUT_FACTOR is 1.5.
                let timeout_ms = cluster.spec().broker.controller_quorum_fetch_timeout_ms;
                let gives_up_after_ms = timeout_ms * 3 / 2;
                Reason::LeadsAlone { node, epoch, reaches, gives_up_after_ms }
            } else if leader.is_active() {
                Reason::Active { node, epoch }
            } else {
                Reason::BeginsToLead { node, epoch }
            }
        }
        None if most < majority => Reason::NoMajority { reaches: most },
        None => Reason::BeingElected { reaches: most },
    };
    let stands_still = matches!(verdict, Reason::LeadsAlone { .. } | Reason::NoMajority { .. });
    let mut reasons = vec![verdict];
    if voters.len() > 1 {
        reasons.push(Reason::Majority { voters: voters.len(), majority });
    }
    reasons.extend(voters.iter().map(|&node| voter(cluster, node)));
    if let Some(leader) = leader {
        let log = &leader.raft.log;
        reasons.push(Reason::Committed {
            high_watermark: log.high_watermark(),
            log_end_offset: log.log_end_offset(),
        });
    }
    if voters.len() > 1 {
        reasons.push(Reason::LongestLog);
    }
    if stands_still {
        reasons.push(Reason::OnlyRecordsGoOn);
    }
    reasons
}

/// Whether an event, if it was the last of its kind, made the quorum what the verdict says.
pub fn is_made_by(verdict: &Reason, event: &EventKind, voters: &[NodeId]) -> bool {
    match verdict {
        Reason::Active { node, .. } | Reason::BeginsToLead { node, .. } => matches!(
            event,
            EventKind::ControllerActivated { node: n, .. }
            | EventKind::QuorumLeaderElected { node: n, .. } if n == node
        ),
        Reason::BeingElected { .. } => {
            matches!(event, EventKind::VotesAsked { .. } | EventKind::QuorumLeaderResigned { .. })
        }
        _ => is_failure_among(event, voters),
    }
}

fn voter(cluster: &Cluster, node: NodeId) -> Reason {
    let host = cluster.node(node);
    let Some(raft) = host.filter(|host| host.is_running()).and_then(Node::raft) else {
        return Reason::Silent { node, is_paused: host.is_some_and(Node::is_paused) };
    };
    let stands = |pre_vote, ballot: &Ballot| Standing::Stands {
        pre_vote,
        granted: ballot.granted.len(),
        rejected: ballot.rejected.len(),
    };
    let standing = match (&raft.quorum.role, raft.quorum.leader) {
        (Role::Leader(_), _) => Standing::Leads,
        (Role::Follower { .. }, Some(leader)) => Standing::Follows(leader),
        (Role::Prospective(ballot), _) => stands(true, ballot),
        (Role::Candidate(ballot), _) => stands(false, ballot),
        (Role::Resigned, _) => Standing::Resigned,
        (Role::Unattached | Role::Follower { .. }, _) => Standing::Waits,
    };
    Reason::Voter {
        node,
        standing,
        epoch: raft.epoch(),
        last_epoch: raft.log.last_epoch(),
        log_end_offset: raft.log.log_end_offset(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explain::tests::run;

    const CLUSTER: &str = "cluster brokers=3 controllers=3 seed=5";

    fn after(lines: &[&str]) -> Vec<Reason> {
        let lines = ["run until ready", "run 2s"].iter().chain(lines);
        why(&run(CLUSTER, &lines.map(|line| line.to_string()).collect::<Vec<_>>()))
    }

    fn silent(reasons: &[Reason]) -> usize {
        reasons.iter().filter(|reason| matches!(reason, Reason::Silent { .. })).count()
    }

    #[test]
    fn a_leader_that_has_a_majority_is_active() {
        let reasons = after(&[]);
        assert!(matches!(reasons[0], Reason::Active { epoch: 1, .. }), "{reasons:?}");
        assert_eq!(reasons[1], Reason::Majority { voters: 3, majority: 2 });
        let follow = |reason: &&Reason| {
            matches!(reason, Reason::Voter { standing: Standing::Follows(_), .. })
        };
        assert_eq!(reasons.iter().filter(follow).count(), 2);
        assert!(!reasons.contains(&Reason::OnlyRecordsGoOn));
    }

    #[test]
    fn without_a_majority_nobody_can_be_elected_until_one_is_back() {
        let crashed = ["crash controller-102", "crash controller-103", "run 10s"];
        let reasons = after(&crashed);
        assert_eq!((&reasons[0], silent(&reasons)), (&Reason::NoMajority { reaches: 1 }, 2));
        assert!(reasons.contains(&Reason::OnlyRecordsGoOn));
        let reasons = after(&[&crashed[..], &["start controller-102", "run 10s"]].concat());
        assert!(matches!(reasons[0], Reason::Active { .. }), "{reasons:?}");
    }

    #[test]
    fn a_leader_that_is_cut_off_leads_alone_until_another_is_elected() {
        let active = match after(&[])[0] {
            Reason::Active { node, .. } => node,
            ref other => panic!("{other:?}"),
        };
        let isolate = format!("isolate {active}");
        let reasons = after(&[&isolate]);
        assert!(
            matches!(reasons[0], Reason::LeadsAlone { node, reaches: 1, .. } if node == active),
            "{reasons:?}"
        );
        let reasons = after(&[&isolate, "run 10s"]);
        assert!(
            matches!(reasons[0], Reason::Active { node, epoch: 2.. } if node != active),
            "{reasons:?}"
        );
    }
}
