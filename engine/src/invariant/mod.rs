//! What must always hold. The [`Checker`] sees every event and looks, after each, only at the
//! partition that it touched. It keeps *ghost* state that no broker has: what was ever committed,
//! who led in which epoch, which replica lost bytes with the power.
//!
//! A broken promise is a [`Violation`], never a panic: tests fail on it, the page shows it with the
//! way to reproduce it. Where Kafka itself makes no promise (an unclean election, the last in-sync
//! replica losing its unflushed tail) the checker predicts the loss, and the log must lose exactly
//! that; and the monitors ([`Finding`]) say which setting allowed it.

mod acknowledged;
mod appended;
mod committed;
mod compacted;
mod core;
mod finding;
mod groups;
mod isr;
mod quorum;
mod stored;
mod transactions;
mod violation;
mod watch;

pub use finding::{Allowance, Finding, Found, Monitor, Tally};
pub use violation::{Broken, Violation};

use crate::cluster::Cluster;
use crate::event::{Event, EventKind, Role};
use crate::ids::{EventId, NodeId, TopicPartition, Uuid};
use crate::ledger::Ledger;
use crate::metrics::min_isr;
use crate::protocol::{Acks, Origin};
use appended::NewBatch;
use committed::{Committed, Replica};
use compacted::BeforeCleaning;
use groups::Groups;
use quorum::Quorum;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use transactions::Transactions;
use watch::Watch;

#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Checker {
    /// By topic id as well: another topic of the same name owes nothing to the first.
    partitions: BTreeMap<(TopicPartition, Uuid), Arc<Committed>>,
    /// Nodes that lost power and have not run since.
    power_lost: BTreeSet<NodeId>,
    /// The latest start of each node.
    starts: BTreeMap<NodeId, EventId>,
    /// Nodes whose disk failed at that start.
    unloaded: BTreeSet<NodeId>,
    /// Logs that are being cleaned, or were when the process ended.
    cleanings: BTreeMap<(NodeId, TopicPartition), Arc<BeforeCleaning>>,
    /// Logs that were loaded and have not been looked at since.
    loaded: BTreeSet<(NodeId, TopicPartition)>,
    quorum: Quorum,
    groups: Groups,
    transactions: Transactions,
    watch: Watch,
    ledger: Ledger,
    pub counts: Counts,
}

/// What has happened so far, for the summary of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Counts {
    pub events: u64,
    pub sent: u64,
    pub duplicated: u64,
    /// Delivered or queued at a paused process.
    pub delivered: u64,
    pub dropped: u64,
    pub high_watermark_moves: u64,
    pub acknowledged: u64,
    /// Committed batches that were lost where Kafka does not promise to keep them.
    pub lost_legally: u64,
}

impl Checker {
    /// A checker that begins now, with the messages that are already on their way.
    pub fn new(cluster: &Cluster) -> Self {
        let sent = cluster.envelopes().count() as u64;
        let mut checker =
            Checker { counts: Counts { sent, ..Counts::default() }, ..Checker::default() };
        checker.quorum.image = cluster.metadata_image().cloned().unwrap_or_default();
        checker
    }

    /// What has become of what was produced.
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// Looks at the events of one step; returns the first promise that they broke.
    pub fn observe(&mut self, cluster: &Cluster, events: &[Event]) -> Option<Violation> {
        let mut found = None;
        for event in events {
            self.counts.events += 1;
            self.watch(cluster, event);
            if let Err(broken) = self.check(cluster, event) {
                self.watch_broken(cluster, event, &broken);
                found.get_or_insert(Violation { event: event.id, at: event.at, broken });
            }
            self.ledger.observe(cluster, event, self.watch.findings());
        }
        found
    }

    fn check(&mut self, cluster: &Cluster, event: &Event) -> Result<(), Broken> {
        use EventKind::*;
        let here = event.place.node();
        match &event.kind {
            EnvelopeSent { .. } => self.counts.sent += 1,
            PositionReset { client, partition, offset } => {
                self.groups.delivered(cluster, *client, partition, *offset);
            }
            Group(told) => self.groups.check(cluster, (event.id, here), told)?,
            Transaction(told) => self.check_transaction(cluster, here, told)?,
            TopicDeleted { .. } => self.transactions.is_disturbed = true,
            EnvelopeDuplicated { .. } => self.counts.duplicated += 1,
            EnvelopeDelivered { .. } | EnvelopeQueued { .. } | ConnectionLost { .. } => {
                self.counts.delivered += 1;
            }
            EnvelopeDropped { .. } => self.counts.dropped += 1,
            ProcessStarted { node } => {
                self.starts.insert(*node, event.id);
                self.quorum.process_started(*node);
            }
            // It never got as far as its logs: what the power took is still to be found.
            LogDirFailed { node, .. } if event.cause == self.starts.get(node).copied() => {
                self.unloaded.insert(*node);
            }
            ProcessHalted { node } if self.unloaded.remove(node) => {}
            QuorumLeaderElected { node, epoch, .. } => {
                self.quorum.elected(cluster, *node, *epoch)?;
            }
            QuorumLeaderFollowed { node, epoch, voter: true, .. }
            | VotesAsked { node, epoch, .. } => self.quorum.in_epoch(*node, *epoch)?,
            MetadataCommitted { node, offset } => {
                self.quorum.check_majority(cluster, *node, *offset)?;
                self.quorum.committed(cluster, *node, *offset)?;
            }
            MetadataApplied { node, offset } => {
                self.quorum.committed(cluster, *node, *offset)?;
            }
            ControllerActivated { node, .. } => self.quorum.activated(*node),
            QuorumLeaderResigned { node, .. } => self.quorum.resigned(*node),
            SnapshotGenerated { node, id, .. } => self.quorum.generated(cluster, *node, *id)?,
            SnapshotLoaded { node, id, by_controller } => {
                self.quorum.loaded(cluster, *node, *id, *by_controller)?;
            }
            MetadataLogStartMoved { node, .. } | SnapshotFetched { node, .. } => {
                self.quorum.log_start_moved(cluster, *node)?;
            }
            PowerLost { node, .. } => {
                self.power_lost.insert(*node);
            }
            DiskLost { node, .. } => self.disk_lost(*node, Allowance::DiskLost { node: *node }),
            BrokerReplaced { node, .. } => {
                self.disk_lost(*node, Allowance::BrokerReplaced { node: *node });
                self.power_lost.remove(node);
            }
            BrokerUnregistered { broker } => {
                isr::check_unregistered(&self.quorum.image, *broker)?;
            }
            ProcessCrashed { node } | ProcessHalted { node } | ProcessStopped { node } => {
                self.power_lost.remove(node);
            }
            LogRecovered { node, partition, log_end_offset, bytes_truncated, .. } => {
                let power_lost = self.power_lost.contains(node);
                let whole = *bytes_truncated == 0;
                self.loaded.insert((*node, partition.clone()));
                let broker = cluster.node(*node).and_then(|node| node.broker());
                let topic_id = broker.and_then(|broker| broker.replicas.topic_id_of(partition));
                let key = (partition.clone(), topic_id.unwrap_or_default());
                if let Some(ghost) = self.partitions.get_mut(&key) {
                    let ghost = Arc::make_mut(ghost);
                    ghost.appended.reloaded(*node, *log_end_offset);
                    ghost.recovered(partition, *node, *log_end_offset, power_lost, whole)?;
                }
            }
            BecameLeader { partition, leader_epoch, start_offset } => {
                let Some(replica) = here.and_then(|node| Replica::of(cluster, node, partition))
                else {
                    return Ok(());
                };
                self.check_interrupted_cleaning(cluster, replica.node, partition)?;
                self.check_loaded(cluster, replica.node, partition)?;
                // Where it is known who is eligible, whoever lost its page cache is not.
                let has_elr = self.quorum.image.has_elr();
                let ghost = self.ghost_of(&replica);
                let lost = ghost.became_leader(&replica, *leader_epoch, *start_offset, has_elr)?;
                self.counts.lost_legally += lost;
            }
            ReplicaRemoved { partition, topic_id, .. } => {
                let Some(node) = here else { return Ok(()) };
                if let Some(ghost) = self.partitions.get_mut(&(partition.clone(), *topic_id)) {
                    Arc::make_mut(ghost).removed(node);
                }
                self.cleanings.remove(&(node, partition.clone()));
                self.loaded.remove(&(node, partition.clone()));
            }
            RecordsAppended { partition, base_offset, leader_epoch, role, origin, .. } => {
                let Some(replica) = here.and_then(|node| Replica::of(cluster, node, partition))
                else {
                    return Ok(());
                };
                let ghost = self.ghost_of(&replica);
                match role {
                    Role::Leader => {
                        stored::check_batch_size(&replica)?;
                        ghost.leader_appended(&replica, *base_offset, *leader_epoch)?;
                        let is_leader = !ghost.is_replaced(*leader_epoch);
                        if is_leader && self.counts.lost_legally == 0 {
                            self.transactions.check_appended(&replica, *base_offset)?;
                        }
                        if let Some(origin) = *origin {
                            return self.note_appended(cluster, event, &replica, origin);
                        }
                    }
                    Role::Follower => {
                        stored::check_crcs(&replica, *base_offset)?;
                        ghost.follower_appended(&replica, *base_offset)?;
                    }
                }
            }
            SequenceRefused { partition, producer, first, expected: Some(_), .. } => {
                let replica = here.and_then(|node| Replica::of(cluster, node, partition));
                let Some(replica) = replica else { return Ok(()) };
                let ghost = self.ghost_of(&replica);
                if !ghost.is_replaced(replica.partition.leader_epoch) {
                    ghost.appended.check_refused(&replica, *producer, *first)?;
                }
            }
            BecameFollower { partition, .. } => {
                let Some(node) = here else { return Ok(()) };
                self.check_interrupted_cleaning(cluster, node, partition)?;
                self.check_loaded(cluster, node, partition)?;
            }
            CleaningStarted { partition, first_dirty_offset, first_uncleanable_offset, .. } => {
                let Some(replica) = here.and_then(|node| Replica::of(cluster, node, partition))
                else {
                    return Ok(());
                };
                let (from, to) = (*first_dirty_offset, *first_uncleanable_offset);
                let before = BeforeCleaning::note(&replica, from, to, event.at)?;
                self.cleanings.insert((replica.node, partition.clone()), Arc::new(before));
            }
            SegmentsSwapped { partition, .. } => {
                if let Some(replica) = here.and_then(|node| Replica::of(cluster, node, partition)) {
                    self.ghost_of(&replica).compacted = true;
                }
            }
            CleaningFinished { partition, .. } | CleaningAborted { partition } => {
                let Some(node) = here else { return Ok(()) };
                if matches!(event.kind, CleaningFinished { .. }) {
                    self.check_cleaning(cluster, node, partition)?;
                }
                self.cleanings.remove(&(node, partition.clone()));
            }
            SegmentsDeleted { partition, end_offset: to, .. }
            | LogStartOffsetMoved { partition, to, .. } => {
                let Some(replica) = here.and_then(|node| Replica::of(cluster, node, partition))
                else {
                    return Ok(());
                };
                if replica.partition.is_leader() {
                    self.ghost_of(&replica).log_start_moved(*to);
                }
                let (partition, node) = (partition.clone(), replica.node);
                let high_watermark = replica.partition.log.high_watermark();
                if *to > high_watermark {
                    let offset = *to;
                    return Err(Broken::DeletedUncommitted {
                        partition,
                        node,
                        offset,
                        high_watermark,
                    });
                }
                if let LogStartOffsetMoved { from, .. } = event.kind
                    && *to <= from
                {
                    return Err(Broken::LogStartWentBack { partition, node, from, to: *to });
                }
            }
            LogTruncated { partition, to, .. } => {
                let Some(replica) = here.and_then(|node| Replica::of(cluster, node, partition))
                else {
                    return Ok(());
                };
                let node = replica.node;
                self.cleanings.remove(&(node, partition.clone()));
                let isr = self.electable_of(&replica);
                let ghost = self.ghost_of(&replica);
                ghost.appended.reloaded(node, *to);
                ghost.truncated(partition, node, *to, &isr)?;
            }
            HighWatermarkMoved { partition, from, to, role } => {
                let Some(replica) = here.and_then(|node| Replica::of(cluster, node, partition))
                else {
                    return Ok(());
                };
                if *to > replica.partition.log.log_end_offset() {
                    return Err(Broken::HighWatermarkAboveLogEnd {
                        node: replica.node,
                        partition: partition.clone(),
                        high_watermark: *to,
                    });
                }
                if *role == Role::Leader {
                    self.counts.high_watermark_moves += 1;
                    let mut isr = self.electable_of(&replica);
                    let log = &cluster.spec().log;
                    let asked = min_isr(&self.quorum.image, &partition.topic, log);
                    if asked > replica.partition.log.config().min_insync_replicas {
                        // Until the leader hears of a higher min.insync.replicas, the controller
                        // holds more replicas eligible than it does.
                        isr.retain(|node| replica.partition.maximal_isr().contains(node));
                    }
                    let topic_id = replica.partition.topic_id;
                    let ghost = self.ghost_of(&replica);
                    ghost.leader_mark_moved(&replica, *from, *to)?;
                    ghost.check_isr(cluster, (partition, topic_id), &isr)?;
                    isr::check_leaders_view(&self.quorum.image, &replica)?;
                }
            }
            IsrCommitted { partition, .. } => {
                let replica = here.and_then(|node| Replica::of(cluster, node, partition));
                if let Some(replica) = replica {
                    isr::check_leaders_view(&self.quorum.image, &replica)?;
                }
            }
            IsrChanged { partition, topic_id, isr, .. } => {
                let ghost = self.ghost(partition, *topic_id);
                ghost.isr_changed(cluster, (partition, *topic_id), isr)?;
                isr::check_registration(&self.quorum.image, partition)?;
                let leader = self.quorum.image.partition(partition).and_then(|r| r.leader);
                if let Some(replica) = leader.and_then(|l| Replica::of(cluster, l, partition)) {
                    isr::check_leaders_view(&self.quorum.image, &replica)?;
                }
            }
            ProduceAnswered { partition, acks: Acks::All, last_offset, error: None, .. } => {
                self.counts.acknowledged += 1;
                let Some(replica) = here.and_then(|node| Replica::of(cluster, node, partition))
                else {
                    return Ok(());
                };
                let (isr, min_isr) =
                    (replica.partition.maximal_isr().len(), replica.partition.effective_min_isr());
                let committed = self.ghost_of(&replica).end_ever();
                let partition = partition.clone();
                if isr < min_isr {
                    return Err(Broken::AcknowledgedBelowMinIsr { partition, isr, min_isr });
                }
                if *last_offset >= committed {
                    let offset = *last_offset;
                    return Err(Broken::AcknowledgedBeforeCommit { partition, offset, committed });
                }
            }
            RecordsConsumed { client, partition, last_offset, .. } => {
                self.groups.delivered(cluster, *client, partition, *last_offset + 1);
                let consumer = cluster.client(*client).and_then(|client| client.consumer());
                let Some(topic_id) = consumer.and_then(|c| c.topic_id_of(&partition.topic)) else {
                    return Ok(());
                };
                let committed = self.ghost(partition, topic_id).end_ever();
                if *last_offset >= committed {
                    let (partition, offset) = (partition.clone(), *last_offset);
                    return Err(Broken::ConsumedBeforeCommit { partition, offset, committed });
                }
                self.check_read_committed(cluster, event, topic_id)?;
            }
            _ => {}
        }
        Ok(())
    }

    fn disk_lost(&mut self, node: NodeId, by: Allowance) {
        self.cleanings.retain(|(of, _), _| *of != node);
        self.loaded.retain(|(of, _)| *of != node);
        for ghost in self.partitions.values_mut() {
            Arc::make_mut(ghost).disk_lost(node, by);
        }
    }

    /// A leader has appended a producer's batch: it has to be the next one, and should be there once and
    /// in order.
    fn note_appended(
        &mut self,
        cluster: &Cluster,
        event: &Event,
        replica: &Replica<'_>,
        origin: Origin,
    ) -> Result<(), Broken> {
        let EventKind::RecordsAppended { base_offset, leader_epoch, .. } = event.kind else {
            return Ok(());
        };
        let ghost = self.ghost_of(replica);
        let new = NewBatch::at_offset(replica, origin, base_offset, leader_epoch, event.at);
        let Some(new) = new else {
            return Ok(());
        };
        if ghost.is_replaced(leader_epoch) {
            ghost.appended.note_of_old_leader(&new);
            return Ok(());
        }
        let producer = cluster.client(origin.client).and_then(|client| client.producer());
        let found = producer.and_then(|producer| ghost.appended.watch(&new, producer));
        let noted = ghost.appended.note(&new);
        if let Some((found, allowed_by)) = found {
            self.watch.found(event, found, allowed_by);
        }
        noted
    }

    /// A process that ended inside of a cleaning has left the old segments or the new ones.
    fn check_interrupted_cleaning(
        &mut self,
        cluster: &Cluster,
        node: NodeId,
        partition: &TopicPartition,
    ) -> Result<(), Broken> {
        let broker = cluster.node(node).and_then(|node| node.broker());
        let at_work = broker.and_then(|broker| broker.replicas.log_manager.cleaning.as_ref());
        if at_work.is_some_and(|(pass, _)| pass.to_clean.partition == *partition) {
            return Ok(());
        }
        self.check_cleaning(cluster, node, partition)?;
        self.cleanings.remove(&(node, partition.clone()));
        Ok(())
    }

    /// A log that was just loaded has indexes that are true of it.
    fn check_loaded(
        &mut self,
        cluster: &Cluster,
        node: NodeId,
        partition: &TopicPartition,
    ) -> Result<(), Broken> {
        let is_new = self.loaded.remove(&(node, partition.clone()));
        match Replica::of(cluster, node, partition).filter(|_| is_new) {
            Some(replica) => stored::check_indexes(&replica),
            None => Ok(()),
        }
    }

    fn check_cleaning(
        &self,
        cluster: &Cluster,
        node: NodeId,
        partition: &TopicPartition,
    ) -> Result<(), Broken> {
        let before = self.cleanings.get(&(node, partition.clone()));
        match (before, Replica::of(cluster, node, partition)) {
            (Some(before), Some(replica)) => before.check(&replica),
            _ => Ok(()),
        }
    }

    /// ISR and ELR as they were last committed; of nobody if the replica is of a topic that is gone.
    fn electable_of(&self, replica: &Replica<'_>) -> Vec<NodeId> {
        let (image, id) = (&self.quorum.image, &replica.partition.id);
        let is_there = image.is_topic_id_of(&id.topic, replica.partition.topic_id);
        let registration = image.partition(id).filter(|_| is_there);
        registration.map(|r| [&*r.isr, &*r.elr].concat()).unwrap_or_default()
    }

    fn ghost(&mut self, partition: &TopicPartition, topic_id: Uuid) -> &mut Committed {
        Arc::make_mut(self.partitions.entry((partition.clone(), topic_id)).or_default())
    }

    fn ghost_of(&mut self, replica: &Replica<'_>) -> &mut Committed {
        self.ghost(&replica.partition.id, replica.partition.topic_id)
    }

    /// After all faults have ended and the cluster has settled: every replica holds the same log.
    pub fn check_converged(&self, cluster: &Cluster) -> Result<(), Broken> {
        if cluster.controller().is_none() {
            return Err(Broken::NoActiveController);
        }
        for node in cluster.brokers() {
            groups::check_coordinator(cluster, node.id)?;
        }
        if self.counts.lost_legally == 0 {
            self.transactions.check_settled(cluster, |replica| {
                let id = (replica.partition.id.clone(), replica.partition.topic_id);
                self.partitions.get(&id).map_or(0, |ghost| ghost.start_ever)
            })?;
        }
        for (id, registration) in self.quorum.image.partitions() {
            let Some(leader) = registration.leader else {
                return Err(Broken::NotConverged { partition: id, node: None });
            };
            let Some(leader) = Replica::of(cluster, leader, &id) else {
                return Err(Broken::NotConverged { partition: id, node: None });
            };
            let topic_id = self.quorum.image.topics[&id.topic].topic_id;
            let full = registration.replicas.iter().all(|node| registration.isr.contains(node));
            for &node in &registration.replicas {
                let same = Replica::of(cluster, node, &id)
                    .is_some_and(|r| r.partition.topic_id == topic_id && r.same_log(&leader));
                if !same || !full {
                    return Err(Broken::NotConverged { partition: id, node: Some(node) });
                }
            }
        }
        Ok(())
    }

    /// No message is lost track of.
    pub fn check_conservation(&self, cluster: &Cluster) -> Result<(), Broken> {
        let counts = self.counts;
        let in_flight = cluster.envelopes().count() as u64;
        if counts.sent + counts.duplicated == counts.delivered + counts.dropped + in_flight {
            Ok(())
        } else {
            Err(Broken::MessagesNotConserved)
        }
    }
}
