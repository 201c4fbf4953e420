//! The monitors: they look at the same events as the checks, and say of the four things that must not
//! happen to a log when they did, and what allowed it. Where the checks ask whether the engine keeps
//! Kafka's promises, the monitors also tell what Kafka never promised.

use super::committed::Replica;
use super::finding::{Allowance, Finding, Found, Tally};
use super::{Broken, Checker};
use crate::cluster::Cluster;
use crate::event::{ChangeReason, Event, EventKind, Role};
use crate::ids::{EventId, TopicPartition};
use crate::protocol::Acks;
use crate::replication::history_rule::HistoryRule;
use std::sync::Arc;

/// More than these are counted, not kept.
const FINDINGS_MAX: usize = 64;

/// What the monitors know of a run.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(super) struct Watch {
    findings: Arc<Vec<Finding>>,
    tally: Tally,
    last_truncation: Option<EventId>,
}

impl Watch {
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    pub fn found(&mut self, event: &Event, found: Found, allowed_by: Vec<Allowance>) {
        let is_known = self.findings.iter().any(|finding| finding.found == found);
        if !is_known && self.findings.len() < FINDINGS_MAX {
            let finding = Finding { event: event.id, at: event.at, found, allowed_by };
            Arc::make_mut(&mut self.findings).push(finding);
        }
    }
}

impl Checker {
    /// What the monitors have found so far, in order.
    pub fn findings(&self) -> &[Finding] {
        &self.watch.findings
    }

    /// What producers were told so far.
    pub fn tally(&self) -> Tally {
        self.watch.tally
    }

    /// Looks at an event before the checks take it in.
    pub(super) fn watch(&mut self, cluster: &Cluster, event: &Event) {
        use EventKind::*;
        let replica = |partition: &TopicPartition| {
            event.place.node().and_then(|node| Replica::of(cluster, node, partition))
        };
        match &event.kind {
            LeaderElected {
                partition,
                topic_id,
                leader: Some(_),
                leader_epoch,
                unclean: true,
                reason,
            } => {
                let allowance = match reason {
                    ChangeReason::ElectionAsked => Allowance::UncleanElectionByHand,
                    _ => Allowance::UncleanElection,
                };
                self.ghost(partition, *topic_id).elected_unclean(*leader_epoch, allowance);
            }
            // A reassignment that is taken back for replicas of which none is in sync: with unclean elections
            // allowed that is one, even if nobody can lead at once.
            IsrChanged {
                partition,
                topic_id,
                isr,
                reason: ChangeReason::ReassignmentAsked,
                ..
            } => {
                let registration = cluster.metadata_image().and_then(|i| i.partition(partition));
                let leader_epoch = registration.map_or(0, |registration| registration.leader_epoch);
                let ghost = self.ghost(partition, *topic_id);
                if ghost.has_none_in_sync(isr) {
                    ghost.elected_unclean(leader_epoch, Allowance::UncleanElection);
                }
            }
            BecameLeader { partition, leader_epoch, start_offset } => {
                if let Some(replica) = replica(partition)
                    && !self.ghost_of(&replica).is_replaced(*leader_epoch)
                {
                    self.watch_new_leader(cluster, event, &replica, *start_offset);
                    self.ghost_of(&replica).appended.became_leader(&replica);
                }
            }
            ProduceAnswered { partition, acks, base_offset, last_offset, error: None } => {
                if let Some(replica) = replica(partition) {
                    let told = &mut self.ghost_of(&replica).acknowledged;
                    told.answered(&replica, *acks, *base_offset, *last_offset);
                }
            }
            RecordAcknowledged { acks: Acks::None, .. } => self.watch.tally.unasked += 1,
            RecordAcknowledged { partition, offset, acks, .. } => {
                self.watch.tally.acknowledged += 1;
                self.watch_told(cluster, event, partition, *offset, *acks);
            }
            RecordFailed { .. } => self.watch.tally.refused += 1,
            LogTruncated { .. } => self.watch.last_truncation = Some(event.id),
            HighWatermarkMoved { partition, from, to, role: Role::Follower }
                if to < from && event.cause == self.watch.last_truncation =>
            {
                let Some(replica) = replica(partition) else { return };
                let allowed_by = self.ghost_of(&replica).last_excuse();
                let (partition, node, from, to) = (partition.clone(), replica.node, *from, *to);
                let found = Found::HighWatermarkBack { partition, node, from, to };
                self.watch.found(event, found, allowed_by);
            }
            _ => {}
        }
    }

    /// What a new leader does not have is lost: the others will cut their logs to be like its.
    fn watch_new_leader(
        &mut self,
        cluster: &Cluster,
        event: &Event,
        replica: &Replica<'_>,
        start_offset: i64,
    ) {
        let (partition, node) = (&replica.partition.id, replica.node);
        let (history, has_elr) = (cluster.spec().history, self.quorum.image.has_elr());
        let ghost = self.ghost_of(replica);
        let excuse = ghost.excuse_of(node, replica.partition.leader_epoch, history, has_elr);
        let committed = ghost.end();
        self.watch_missing(event, replica, &excuse);
        if start_offset < committed {
            let (partition, from, to) = (partition.clone(), committed, start_offset);
            let found = Found::HighWatermarkBack { partition, node, from, to };
            self.watch.found(event, found, excuse);
        }
    }

    /// An answer has arrived. The leader that gave it may have been replaced meanwhile.
    fn watch_told(
        &mut self,
        cluster: &Cluster,
        event: &Event,
        partition: &TopicPartition,
        offset: i64,
        acks: Acks,
    ) {
        // A client's events do not tell topics of one name apart; it is the present one.
        let Some(topic) = self.quorum.image.topics.get(&partition.topic) else { return };
        let topic_id = topic.topic_id;
        let ghost = self.ghost(partition, topic_id);
        let told = ghost.acknowledged.arrived(offset, acks);
        if told.is_some_and(|told| ghost.is_replaced(told.leader_epoch))
            && let Some(leader) = ghost.newest_leader()
            && let Some(replica) = Replica::of(cluster, leader, partition)
        {
            let excuse = ghost.last_excuse();
            self.watch_missing(event, &replica, &excuse);
        }
    }

    fn watch_missing(&mut self, event: &Event, replica: &Replica<'_>, excuse: &[Allowance]) {
        let partition = &replica.partition.id;
        let missing = self.ghost_of(replica).acknowledged.take_missing(replica);
        for told in missing {
            let replicas = replica.partition.replicas.len();
            let allowed_by = self.ghost_of(replica).allowed(&told, replicas, excuse);
            self.watch.tally.lost += (told.to - told.from) as u64;
            let found = Found::AcknowledgedLost {
                partition: partition.clone(),
                leader: replica.node,
                from: told.from,
                to: told.to,
                leader_epoch: told.leader_epoch,
                acks: told.acks,
            };
            self.watch.found(event, found, allowed_by);
        }
    }

    /// What the checks found to be broken, where a monitor watches for it.
    pub(super) fn watch_broken(&mut self, cluster: &Cluster, event: &Event, broken: &Broken) {
        let history = cluster.spec().history;
        let by_history = match history == HistoryRule::default() {
            true => Vec::new(),
            false => vec![Allowance::HistoryRule(history)],
        };
        let (found, allowed_by) = match broken.clone() {
            Broken::LogsDiverged { partition, node, offset } => {
                (Found::LogsDiverged { partition, node, offset }, by_history)
            }
            Broken::HighWatermarkWentBack { partition, node, from, to } => {
                (Found::HighWatermarkBack { partition, node, from, to }, by_history)
            }
            Broken::TwoLeadersInOneEpoch { partition, leader_epoch, nodes } => {
                (Found::TwoLeaders { partition, leader_epoch, nodes }, Vec::new())
            }
            Broken::TwoQuorumLeaders { epoch, nodes } => {
                (Found::TwoQuorumLeaders { epoch, nodes }, Vec::new())
            }
            _ => return,
        };
        self.watch.found(event, found, allowed_by);
    }
}
