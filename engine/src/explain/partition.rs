//! Why a partition is as it is: its high watermark, its ISR, its leader, its epoch. The answers come
//! from asking the leader's own rules ([`Partition`]) and the controller's election; what led there is
//! the chain of events.

use super::election::{candidates, state_of, successor};
use crate::cluster::Cluster;
use crate::controller::election::{Candidate, CandidateState, Choice, Elected, Election};
use crate::controller::metadata_image::MetadataImage;
use crate::controller::partition_registration::PartitionRegistration;
use crate::ids::{NodeId, TopicPartition};
use crate::replication::partition::{Counts, JoinObstacle, LagClock, LeaderState, Partition};
use crate::sim::time::SimTime;

/// What is asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    HighWatermark,
    Isr,
    Leader,
    LeaderEpoch,
}

impl About {
    pub const ALL: [About; 4] =
        [About::HighWatermark, About::Isr, About::Leader, About::LeaderEpoch];
}

/// The first reason says what is, the others what it follows from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    // The high watermark.
    /// Only a leader moves it.
    NobodyMovesIt {
        high_watermark: i64,
        leader: Option<NodeId>,
    },
    AllCommitted {
        high_watermark: i64,
    },
    /// It stands still while the ISR is below `min.insync.replicas`.
    BelowMinIsr {
        high_watermark: i64,
        isr: usize,
        min: usize,
    },
    /// These have reported no more than it.
    HeldBack {
        high_watermark: i64,
        log_end_offset: i64,
        by: Vec<NodeId>,
    },
    /// Nothing holds it; the next fetch that reports progress moves it.
    AboutToMove {
        high_watermark: i64,
    },
    /// The larger of the committed and the proposed ISR counts.
    MaximalIsr {
        isr: Vec<NodeId>,
        committed: Vec<NodeId>,
    },
    Counted {
        node: NodeId,
        log_end_offset: i64,
        counts: Counts,
    },
    NotCounted {
        node: NodeId,
        log_end_offset: i64,
    },
    MinIsr {
        min: usize,
        isr: usize,
    },

    // The ISR.
    Isr {
        isr: Vec<NodeId>,
        replicas: usize,
    },
    /// The leader's proposal is on its way to the controller.
    Proposed {
        proposed: Vec<NodeId>,
    },
    Leads {
        node: NodeId,
    },
    CaughtUp {
        node: NodeId,
        log_end_offset: i64,
    },
    /// In it, though behind: `replica.lag.time.max.ms` has not passed since it had everything.
    Behind {
        node: NodeId,
        log_end_offset: i64,
        leader_end_offset: i64,
        caught_up_at: Option<SimTime>,
        /// From then on the next look of the leader proposes to take it out.
        until: Option<SimTime>,
    },
    /// In it, and the leader will propose to take it out at its next look.
    Lagging {
        node: NodeId,
        log_end_offset: i64,
        leader_end_offset: i64,
        lag_ms: u64,
        limit_ms: u64,
    },
    Out {
        node: NodeId,
        standing: CandidateState,
        log_end_offset: i64,
        leader_end_offset: i64,
        caught_up_at: Option<SimTime>,
        obstacle: Option<JoinObstacle>,
        limit_ms: u64,
    },
    /// Nobody leads, so nobody measures; of each only this is known.
    Unmeasured {
        node: NodeId,
        in_isr: bool,
        standing: CandidateState,
    },
    /// The ISR is never made empty.
    LastMember {
        node: NodeId,
    },

    // The leader.
    Led {
        leader: NodeId,
        choice: Choice,
    },
    NotLed {
        unclean_allowed: bool,
    },
    Stood {
        candidate: Candidate,
        leads: bool,
    },
    Preferred {
        node: NodeId,
    },
    /// Who would lead if the leader went now.
    Next {
        elected: Elected,
        election: Election,
    },

    // The leader epoch.
    Epoch {
        leader_epoch: i32,
        partition_epoch: i32,
    },
    /// Every election that changes the leader, also to nobody, raises it by one.
    EpochRule,
    /// Where this leader began.
    EpochStart {
        leader: NodeId,
        start_offset: i64,
    },
    /// What a replica itself believes is older.
    Stale {
        node: NodeId,
        leader_epoch: i32,
        believes_to_lead: bool,
    },
    EpochCache {
        node: NodeId,
        epochs: Vec<(i32, i64)>,
    },
}

/// `None` if there is no such partition.
pub fn why(cluster: &Cluster, id: &TopicPartition, about: About) -> Option<Vec<Reason>> {
    let image = cluster.newest_metadata()?;
    let registration = image.partition(id)?;
    let found = Found { cluster, image, registration, id };
    Some(match about {
        About::HighWatermark => found.high_watermark(),
        About::Isr => found.isr(),
        About::Leader => found.leader(),
        About::LeaderEpoch => found.leader_epoch(),
    })
}

/// How one replica stands to the ISR; `None` if there is no such partition.
pub fn standing_of(cluster: &Cluster, id: &TopicPartition, node: NodeId) -> Option<Reason> {
    let image = cluster.newest_metadata()?;
    let registration = image.partition(id)?;
    Some(Found { cluster, image, registration, id }.standing(node))
}

struct Found<'a> {
    cluster: &'a Cluster,
    image: &'a MetadataImage,
    registration: &'a PartitionRegistration,
    id: &'a TopicPartition,
}

impl<'a> Found<'a> {
    fn replica(&self, node: NodeId) -> Option<&'a Partition> {
        let broker = self.cluster.node(node)?.broker()?;
        broker.replicas.partitions.get(self.id).map(|partition| &**partition)
    }

    /// The leader as the metadata name it, if it leads by its own word.
    fn leading(&self) -> Option<(NodeId, &'a Partition, &'a LeaderState)> {
        let node = self.registration.leader?;
        let partition = self.replica(node)?;
        Some((node, partition, partition.leading.as_ref()?))
    }

    fn clock(&self) -> LagClock {
        let lag_ms_max = self.cluster.spec().broker.replica_lag_time_max_ms;
        LagClock { now: self.cluster.now(), lag_ms_max }
    }

    fn image_of(&self, node: NodeId) -> &'a MetadataImage {
        let broker = self.cluster.node(node).and_then(|node| node.broker());
        broker.map_or(self.image, |broker| &broker.image)
    }

    fn unclean_allowed(&self) -> bool {
        let node = self.registration.leader.unwrap_or(NodeId(0));
        let config = self.image.log_config(&self.id.topic, node, &self.cluster.spec().log);
        config.unclean_leader_election_enable
    }

    fn high_watermark(&self) -> Vec<Reason> {
        let Some((leader, partition, leading)) = self.leading() else {
            let marks = self.registration.replicas.iter().filter_map(|&node| self.replica(node));
            let high_watermark = marks.map(|p| p.log.high_watermark()).max().unwrap_or(0);
            let leader = self.registration.leader;
            return vec![Reason::NobodyMovesIt { high_watermark, leader }];
        };
        let (high_watermark, end) =
            (partition.log.high_watermark(), partition.log.log_end_offset());
        let (isr, min) = (partition.isr.len(), partition.effective_min_isr());
        let (clock, image) = (self.clock(), self.image_of(leader));
        let rows = leading.remote.iter().map(|(&node, state)| {
            let log_end_offset = state.log_end_offset;
            match partition.counts(image, clock, node, state) {
                Some(counts) => Reason::Counted { node, log_end_offset, counts },
                None => Reason::NotCounted { node, log_end_offset },
            }
        });
        let rows: Vec<Reason> = rows.collect();
        let holds = |row: &Reason| match row {
            Reason::Counted { node, log_end_offset, .. } if *log_end_offset <= high_watermark => {
                Some(*node)
            }
            _ => None,
        };
        let by: Vec<NodeId> = rows.iter().filter_map(holds).collect();
        let verdict = if high_watermark >= end {
            Reason::AllCommitted { high_watermark }
        } else if isr < min {
            Reason::BelowMinIsr { high_watermark, isr, min }
        } else if by.is_empty() {
            Reason::AboutToMove { high_watermark }
        } else {
            Reason::HeldBack { high_watermark, log_end_offset: end, by }
        };
        let (isr_max, committed) = (partition.maximal_isr().to_vec(), partition.isr.clone());
        let mut reasons = vec![verdict, Reason::MaximalIsr { isr: isr_max, committed }];
        reasons.extend(rows);
        reasons.push(Reason::MinIsr { min, isr });
        reasons
    }

    fn isr(&self) -> Vec<Reason> {
        let PartitionRegistration { isr, replicas, .. } = self.registration;
        let mut reasons = vec![Reason::Isr { isr: isr.clone(), replicas: replicas.len() }];
        let leading = self.leading();
        let pending = leading.and_then(|(_, _, leading)| leading.pending_isr.as_ref());
        // Once it is committed the leader has only to learn it.
        if let Some(pending) = pending.filter(|pending| pending.proposed != *isr) {
            reasons.push(Reason::Proposed { proposed: pending.proposed.clone() });
        }
        reasons.extend(replicas.iter().map(|&node| self.standing(node)));
        if let &[node] = &isr[..]
            && state_of(self.image, node) != CandidateState::Active
        {
            reasons.push(Reason::LastMember { node });
        }
        reasons
    }

    fn standing(&self, node: NodeId) -> Reason {
        let standing = state_of(self.image, node);
        match self.leading() {
            Some((leader, ..)) if leader == node => Reason::Leads { node },
            Some((leader, partition, leading)) => {
                self.member(leader, partition, leading, node, standing)
            }
            None => {
                let in_isr = self.registration.isr.contains(&node);
                Reason::Unmeasured { node, in_isr, standing }
            }
        }
    }

    fn member(
        &self,
        leader: NodeId,
        partition: &Partition,
        leading: &LeaderState,
        node: NodeId,
        standing: CandidateState,
    ) -> Reason {
        let clock = self.clock();
        let state = leading.remote.get(&node);
        let log_end_offset = state.map_or(-1, |state| state.log_end_offset);
        let leader_end_offset = partition.log.log_end_offset();
        let caught_up_at = state.and_then(|state| state.last_caught_up);
        let limit_ms = clock.lag_ms_max;
        if !self.registration.isr.contains(&node) {
            let obstacle = partition.obstacles_to_join(self.image_of(leader), node).next();
            return Reason::Out {
                node,
                standing,
                log_end_offset,
                leader_end_offset,
                caught_up_at,
                obstacle,
                limit_ms,
            };
        }
        if log_end_offset == leader_end_offset {
            return Reason::CaughtUp { node, log_end_offset };
        }
        if state.is_some_and(|state| state.is_caught_up(leader_end_offset, clock)) {
            let until = caught_up_at.map(|at| at.plus_millis(limit_ms));
            return Reason::Behind { node, log_end_offset, leader_end_offset, caught_up_at, until };
        }
        let lag_ms = caught_up_at.map_or(0, |at| clock.now.since(at) / 1000);
        Reason::Lagging { node, log_end_offset, leader_end_offset, lag_ms, limit_ms }
    }

    fn leader(&self) -> Vec<Reason> {
        let unclean_allowed = self.unclean_allowed();
        let registration = self.registration;
        let election = if unclean_allowed { Election::Unclean } else { Election::Online };
        let elect = |gone| successor(self.image, registration, gone, election);
        let mut reasons = vec![match registration.leader {
            Some(leader) => Reason::Led { leader, choice: elect(None).choice },
            None => Reason::NotLed { unclean_allowed },
        }];
        let stood = candidates(self.image, registration).into_iter().map(|candidate| {
            Reason::Stood { candidate, leads: registration.leader == Some(candidate.node) }
        });
        reasons.extend(stood);
        if let Some(&node) = registration.replicas.first() {
            reasons.push(Reason::Preferred { node });
        }
        if let Some(leader) = registration.leader {
            reasons.push(Reason::Next { elected: elect(Some(leader)), election });
        }
        reasons
    }

    fn leader_epoch(&self) -> Vec<Reason> {
        let PartitionRegistration { leader_epoch, partition_epoch, replicas, .. } =
            self.registration;
        let (leader_epoch, partition_epoch) = (*leader_epoch, *partition_epoch);
        let mut reasons = vec![Reason::Epoch { leader_epoch, partition_epoch }, Reason::EpochRule];
        if let Some((leader, _, leading)) = self.leading() {
            let start_offset = leading.epoch_start_offset;
            reasons.push(Reason::EpochStart { leader, start_offset });
        }
        for &node in replicas {
            let Some(replica) = self.replica(node) else {
                continue;
            };
            if replica.leader_epoch < leader_epoch {
                reasons.push(Reason::Stale {
                    node,
                    leader_epoch: replica.leader_epoch,
                    believes_to_lead: replica.is_leader(),
                });
            }
            let epochs = replica.log.leader_epochs().collect();
            reasons.push(Reason::EpochCache { node, epochs });
        }
        reasons
    }
}
