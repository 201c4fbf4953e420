//! Topics and partitions as the controller changes them: creation, ISR changes that leaders ask for,
//! and the leaders that follow from brokers coming and going (`ReplicationControlManager`). Who is
//! elected is decided by [`super::election`], where replicas go by [`super::placement`].

use super::configuration_control::refused;
use super::election::{Candidate, CandidateState, Election};
use super::metadata_record::MetadataRecord;
use super::partition_change::{Built, PartitionChangeBuilder};
use super::partition_registration::{LeaderRecoveryState, PartitionRegistration};
use super::placement::{UsableBroker, place};
use super::quorum_controller::{Changes, Held, QuorumController};
use crate::command::{AssignmentProblem, CreateTopic, Refusal};
use crate::event::{ChangeReason, EventKind};
use crate::ids::{ConfigResource, NodeId, TopicPartition, Uuid};
use crate::protocol::*;
use crate::sim::disk::Disk;
use crate::sim::random::{SimRng, mix};
use crate::spec::Mutant;
use crate::topic_name;
use crate::world::Ctx;
use std::collections::BTreeSet;

/// More would be slow to draw and to read; Kafka itself has no such limit.
pub const PARTITIONS_MAX: i32 = 1_000;

impl QuorumController {
    pub fn create_topic(
        &mut self,
        ctx: &mut Ctx<'_>,
        disk: &mut Disk,
        request: &CreateTopic,
    ) -> Result<(), Refusal> {
        let mut config = self.spec.log.clone();
        for (name, value) in &request.configs {
            config.set(name, value).map_err(refused)?;
        }
        config.validate().map_err(refused)?;
        let (epoch, offset) = (self.raft.epoch() as u64, self.image.next_offset as u64);
        let mut random = SimRng::new(mix(&[self.spec.seed, epoch, offset, 0x70_1c]));
        let topic_id = Uuid::from_random(random.next_u64(), random.next_u64());
        let replicas = self.replicas_of(request, &mut random)?;
        let mut changes = Changes::default();
        let because = ChangeReason::TopicCreated;
        let name = request.topic.to_string();
        changes.0.push((MetadataRecord::Topic { name, topic_id }, because));
        for (name, value) in &request.configs {
            let resource = ConfigResource::Topic(request.topic.clone());
            let (name, value) = (name.clone(), Some(value.clone()));
            changes.0.push((MetadataRecord::Config { resource, name, value }, because));
        }
        for (partition_id, replicas) in (0..).zip(replicas) {
            changes.0.push((self.new_partition(topic_id, partition_id, replicas), because));
        }
        self.write(ctx, disk, changes);
        Ok(())
    }

    /// A partition whose active replicas are in sync, as all are empty; the first of them leads.
    fn new_partition(
        &self,
        topic_id: Uuid,
        partition_id: i32,
        replicas: Vec<NodeId>,
    ) -> MetadataRecord {
        let is_active = |node: &NodeId| self.image.is_active(*node);
        let isr: Vec<_> = replicas.iter().copied().filter(is_active).collect();
        let leader = isr.first().copied();
        MetadataRecord::Partition {
            partition_id,
            topic_id,
            registration: PartitionRegistration {
                replicas,
                isr,
                leader,
                ..PartitionRegistration::default()
            },
        }
    }

    /// Gives a topic more partitions, up to `partitions` in all (`createPartitions`).
    pub fn add_partitions(
        &mut self,
        ctx: &mut Ctx<'_>,
        disk: &mut Disk,
        topic: &str,
        partitions: i32,
        assignment: &[Vec<NodeId>],
    ) -> Result<(), Refusal> {
        let unknown = Refusal::NoSuchTopic { topic: topic.to_string() };
        let image = self.image.topics.get(topic).ok_or(unknown)?;
        let (topic_id, there) = (image.topic_id, image.partitions.len());
        let factor = image.partitions.values().next().map_or(1, |p| p.replicas.len());
        if partitions as i64 <= there as i64 {
            let (topic, there) = (topic.to_string(), there as i32);
            return Err(Refusal::NoPartitionsAdded { topic, partitions: there, asked: partitions });
        }
        if partitions > PARTITIONS_MAX {
            return Err(Refusal::InvalidPartitions { partitions, max: PARTITIONS_MAX });
        }
        let added = partitions as usize - there;
        let replicas = if assignment.is_empty() {
            let offset = self.image.next_offset as u64;
            let mut random = SimRng::new(mix(&[self.spec.seed, offset, 0xadd]));
            self.place(added, factor, &mut random)?
        } else {
            let assigned = assignment.get(there..).unwrap_or_default();
            if assigned.len() != added {
                let (added, assigned) = (added as i32, assigned.len() as i32);
                let reason = AssignmentProblem::OtherCount { added, assigned };
                return Err(Refusal::InvalidAssignment { reason });
            }
            self.check_assignment(assigned, factor)?;
            assigned.to_vec()
        };
        let new = (there as i32..).zip(replicas);
        let because = ChangeReason::PartitionsAdded;
        let records = new.map(|(id, nodes)| (self.new_partition(topic_id, id, nodes), because));
        let changes = Changes(records.collect(), Vec::new());
        self.write(ctx, disk, changes);
        Ok(())
    }

    /// Brokers remove what they have of it when they learn so; the name is free at once.
    pub fn delete_topic(
        &mut self,
        ctx: &mut Ctx<'_>,
        disk: &mut Disk,
        topic: &str,
    ) -> Result<(), Refusal> {
        let unknown = Refusal::NoSuchTopic { topic: topic.to_string() };
        let topic_id = self.image.topics.get(topic).ok_or(unknown)?.topic_id;
        let record = MetadataRecord::RemoveTopic { topic_id };
        self.write(ctx, disk, Changes::of(record, ChangeReason::TopicDeleted));
        Ok(())
    }

    /// Checks a request that would create a topic, and says where its replicas go.
    fn replicas_of(
        &self,
        request: &CreateTopic,
        random: &mut SimRng,
    ) -> Result<Vec<Vec<NodeId>>, Refusal> {
        let topic = request.topic.to_string();
        topic_name::validate(&topic).map_err(|error| Refusal::InvalidTopicName {
            topic: topic.clone(),
            reason: error.to_string(),
        })?;
        if self.image.topics.contains_key(&request.topic) {
            return Err(Refusal::TopicExists { topic });
        }
        if let Some(with) =
            self.image.topics.keys().find(|other| topic_name::collides(&topic, other))
        {
            return Err(Refusal::TopicNameCollides { topic, with: with.to_string() });
        }
        if !request.replica_assignment.is_empty() {
            let factor = request.replica_assignment[0].len();
            self.check_assignment(&request.replica_assignment, factor)?;
            return Ok(request.replica_assignment.clone());
        }
        let partitions = request.partitions;
        if !(1..=PARTITIONS_MAX).contains(&partitions) {
            return Err(Refusal::InvalidPartitions { partitions, max: PARTITIONS_MAX });
        }
        let factor = usize::try_from(request.replication_factor).unwrap_or(0);
        self.place(partitions as usize, factor, random).map_err(|refusal| match refusal {
            Refusal::InvalidReplicationFactor { brokers, .. } => {
                let replication_factor = request.replication_factor;
                Refusal::InvalidReplicationFactor { replication_factor, brokers }
            }
            other => other,
        })
    }

    fn place(
        &self,
        partitions: usize,
        factor: usize,
        random: &mut SimRng,
    ) -> Result<Vec<Vec<NodeId>>, Refusal> {
        let brokers = self.image.brokers.iter();
        let brokers: Vec<_> = brokers
            .map(|(&id, broker)| {
                let (rack, fenced) = (broker.rack.clone(), !broker.is_active());
                UsableBroker { id, rack, fenced }
            })
            .collect();
        let (replication_factor, known) = (factor as i16, brokers.len() as i32);
        place(&brokers, partitions, factor, random)
            .map_err(|_| Refusal::InvalidReplicationFactor { replication_factor, brokers: known })
    }

    fn check_assignment(&self, assignment: &[Vec<NodeId>], factor: usize) -> Result<(), Refusal> {
        let refuse = |reason| Err(Refusal::InvalidAssignment { reason });
        if assignment.len() > PARTITIONS_MAX as usize {
            let partitions = assignment.len() as i32;
            return Err(Refusal::InvalidPartitions { partitions, max: PARTITIONS_MAX });
        }
        for replicas in assignment {
            self.check_replicas(replicas)?;
            if replicas.len() != factor {
                return refuse(AssignmentProblem::UnevenReplicas);
            }
            if !replicas.iter().any(|&node| self.image.is_active(node)) {
                return refuse(AssignmentProblem::AllFenced);
            }
        }
        Ok(())
    }

    /// The replicas of one partition as a request lists them: at least one broker, each registered and
    /// named once (`validateManualPartitionAssignment`).
    pub(super) fn check_replicas(&self, replicas: &[NodeId]) -> Result<(), Refusal> {
        let refuse = |reason| Err(Refusal::InvalidAssignment { reason });
        if replicas.is_empty() {
            return refuse(AssignmentProblem::Empty);
        }
        for (index, &node) in replicas.iter().enumerate() {
            if !self.image.brokers.contains_key(&node) {
                return refuse(AssignmentProblem::UnknownBroker(node));
            }
            if replicas[..index].contains(&node) {
                return refuse(AssignmentProblem::DuplicateBroker(node));
            }
        }
        Ok(())
    }

    /// The check order of `ReplicationControlManager.alterPartition`.
    pub(super) fn alter_partition(
        &mut self,
        ctx: &mut Ctx<'_>,
        disk: &mut Disk,
        request: &AlterPartitionRequest,
    ) -> Result<AlterPartitionAnswer, KafkaError> {
        let sender = self.image.brokers.get(&request.broker);
        if sender.is_none_or(|broker| broker.broker_epoch != request.broker_epoch) {
            return Err(KafkaError::StaleBrokerEpoch);
        }
        let id = &request.partition;
        if !self.image.is_topic_id_of(&id.topic, request.topic_id) {
            return Err(KafkaError::UnknownTopicId);
        }
        let partition = self.image.partition(id).ok_or(KafkaError::UnknownTopicOrPartition)?;
        if request.leader_epoch > partition.leader_epoch
            || request.partition_epoch > partition.partition_epoch
        {
            return Err(KafkaError::NotController);
        }
        if request.leader_epoch < partition.leader_epoch {
            return Err(KafkaError::FencedLeaderEpoch);
        }
        let new_isr: Vec<NodeId> = request.new_isr.iter().map(|&(node, _)| node).collect();
        let distinct: BTreeSet<_> = new_isr.iter().collect();
        let sound = partition.leader == Some(request.broker)
            && distinct.len() == new_isr.len()
            && new_isr.iter().all(|node| partition.replicas.contains(node))
            && new_isr.contains(&request.broker);
        let recovering = LeaderRecoveryState::Recovering;
        let recovers = request.leader_recovery_state == recovering
            && (new_isr.len() > 1 || partition.leader_recovery_state != recovering);
        if !sound || recovers {
            return Err(KafkaError::InvalidRequest);
        }
        if request.partition_epoch < partition.partition_epoch
            && !ctx.is_mutant(Mutant::PartitionEpochNotChecked)
        {
            return Err(KafkaError::InvalidUpdateVersion);
        }
        let any_state = ctx.is_mutant(Mutant::FencedBrokerTakenIntoIsr);
        let ineligible = request.new_isr.iter().any(|&(node, epoch)| {
            !self.image.brokers.get(&node).is_some_and(|broker| {
                (broker.is_active() || any_state) && (epoch == -1 || epoch == broker.broker_epoch)
            })
        });
        if ineligible {
            return Err(KafkaError::IneligibleReplica);
        }
        let mut changes = Changes::default();
        let acceptable = |node| self.image.is_active(node);
        let because = ChangeReason::IsrRequested;
        self.change_partition(&mut changes, id, because, acceptable, |builder| {
            builder.isr = new_isr;
            builder.leader_recovery_state = request.leader_recovery_state;
        });
        self.write(ctx, disk, changes);
        let partition = self.image.partition(id).expect("it was there a moment ago");
        if partition.leader != Some(request.broker) {
            // The change has completed a reassignment.
            return Err(KafkaError::NewLeaderElected);
        }
        Ok(AlterPartitionAnswer {
            leader: partition.leader,
            leader_epoch: partition.leader_epoch,
            partition_epoch: partition.partition_epoch,
            isr: partition.isr.clone(),
            leader_recovery_state: partition.leader_recovery_state,
        })
    }

    /// Adds the change that makes of `id` what `set` says, with a leader that may lead.
    /// `acceptable`: alive, unfenced and not shutting down.
    pub(super) fn change_partition(
        &self,
        changes: &mut Changes,
        id: &TopicPartition,
        because: ChangeReason,
        acceptable: impl Fn(NodeId) -> bool,
        set: impl FnOnce(&mut PartitionChangeBuilder<'_>),
    ) {
        let Some(partition) = self.image.partition(id) else {
            return;
        };
        let mut builder = PartitionChangeBuilder::new(partition);
        if self.allows_unclean_leader(&id.topic) {
            builder.election = Election::Unclean;
        }
        builder.elr_below = self.image.has_elr().then(|| self.effective_min_isr(&id.topic));
        builder.elects_anybody = self.spec.mutants.contains(&Mutant::ElectionIgnoresIsr);
        builder.completes_early = self.spec.mutants.contains(&Mutant::ReassignmentCompletedEarly);
        set(&mut builder);
        let election = builder.election;
        let Built { change, choice, places } = builder.build(&acceptable);
        let leader = change.leader.unwrap_or(partition.leader);
        // One that changes nothing is worth a word only where nobody leads, to who looks.
        if leader != partition.leader || (leader.is_none() && because.is_about_elections()) {
            let candidate = |(node, place)| {
                let state = self.candidate_state(node, &acceptable);
                Candidate { node, place, state }
            };
            let told = EventKind::ElectionHeld {
                partition: id.clone(),
                election,
                candidates: places.into_iter().map(candidate).collect(),
                leader,
                choice,
            };
            let record = (!change.is_empty()).then_some(changes.0.len());
            changes.1.push(Held { record, told });
        }
        if !change.is_empty() {
            let (partition_id, topic_id) = (id.partition, self.image.topics[&id.topic].topic_id);
            let record = MetadataRecord::PartitionChange { partition_id, topic_id, change };
            changes.0.push((record, because));
        }
    }

    fn candidate_state(&self, node: NodeId, acceptable: impl Fn(NodeId) -> bool) -> CandidateState {
        match self.image.brokers.get(&node) {
            _ if acceptable(node) => CandidateState::Active,
            None => CandidateState::Unregistered,
            Some(broker) if broker.fenced => CandidateState::Fenced,
            Some(broker) if broker.in_controlled_shutdown => CandidateState::ShuttingDown,
            Some(_) => CandidateState::Leaving,
        }
    }

    /// min.insync.replicas, at most the replication factor, which is that of the first partition
    /// (`getTopicEffectiveMinIsr`).
    fn effective_min_isr(&self, topic: &str) -> usize {
        let least = self.log_config(topic).min_insync_replicas.max(1) as usize;
        let first = self.image.topics.get(topic).and_then(|topic| topic.partitions.values().next());
        least.min(first.map_or(1, |partition| partition.replicas.len()))
    }

    /// Takes a broker that is going out of every ISR, and its leaderships with it.
    pub(super) fn take_out_of_isrs(
        &self,
        changes: &mut Changes,
        broker: NodeId,
        because: ChangeReason,
    ) {
        let concerned = self.partitions_where(|_, partition| partition.isr.contains(&broker));
        for id in concerned {
            let acceptable = |node| node != broker && self.image.is_active(node);
            self.change_partition(changes, &id, because, acceptable, |builder| {
                builder.isr.retain(|node| *node != broker);
            });
        }
    }

    /// A broker came back without knowing how it went: what it had may be lost, so it is neither in
    /// sync nor eligible (`handleBrokerUncleanShutdown`).
    pub(super) fn end_eligibility(
        &self,
        changes: &mut Changes,
        broker: NodeId,
        because: ChangeReason,
    ) {
        let concerned = self.partitions_where(|_, partition| {
            partition.isr.contains(&broker) || partition.elr.contains(&broker)
        });
        for id in concerned {
            let acceptable = |node| node != broker && self.image.is_active(node);
            self.change_partition(changes, &id, because, acceptable, |builder| {
                builder.isr.retain(|node| *node != broker);
                builder.unclean_shutdown = Some(broker);
            });
        }
    }

    /// A broker is back: it may lead partitions that nobody leads.
    pub(super) fn lead_leaderless(
        &self,
        changes: &mut Changes,
        broker: NodeId,
        because: ChangeReason,
    ) {
        let concerned = self.partitions_where(|_, partition| {
            partition.leader.is_none() && partition.replicas.contains(&broker)
        });
        for id in concerned {
            // The broker counts as active although its own record is only about to be written.
            let acceptable = |node| node == broker || self.image.is_active(node);
            self.change_partition(changes, &id, because, acceptable, |_| {});
        }
    }

    pub(super) fn partitions_where(
        &self,
        wanted: impl Fn(&TopicPartition, &PartitionRegistration) -> bool,
    ) -> Vec<TopicPartition> {
        let all = self.image.partitions();
        all.filter(|(id, partition)| wanted(id, partition)).map(|(id, _)| id).collect()
    }
}
