//! Topics and partitions as the controller changes them: creation, ISR changes that leaders ask for,
//! and the leaders that follow from brokers coming and going (`ReplicationControlManager`). Who is
//! elected is decided by [`super::election`], where replicas go by [`super::placement`].

use super::configuration_control::refused;
use super::election::{Election, build_change};
use super::metadata_record::MetadataRecord;
use super::placement::{UsableBroker, place};
use super::quorum_controller::{Changes, QuorumController};
use crate::command::{AssignmentProblem, CreateTopic, Refusal};
use crate::event::ChangeReason;
use crate::ids::{ConfigResource, NodeId, TopicPartition, Uuid};
use crate::protocol::*;
use crate::sim::disk::Disk;
use crate::sim::random::{SimRng, mix};
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
            let isr: Vec<_> =
                replicas.iter().copied().filter(|&node| self.image.is_active(node)).collect();
            let leader = isr.first().copied();
            let record = MetadataRecord::Partition {
                partition_id,
                topic_id,
                replicas,
                isr,
                leader,
                leader_epoch: 0,
                partition_epoch: 0,
            };
            changes.0.push((record, because));
        }
        self.write(ctx, disk, changes);
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
            self.check_assignment(&request.replica_assignment)?;
            return Ok(request.replica_assignment.clone());
        }
        let partitions = request.partitions;
        if !(1..=PARTITIONS_MAX).contains(&partitions) {
            return Err(Refusal::InvalidPartitions { partitions, max: PARTITIONS_MAX });
        }
        let brokers: Vec<_> = self
            .image
            .brokers
            .iter()
            .map(|(&id, broker)| UsableBroker { id, rack: None, fenced: !broker.is_active() })
            .collect();
        let replication_factor = request.replication_factor;
        let refusal =
            Refusal::InvalidReplicationFactor { replication_factor, brokers: brokers.len() as i32 };
        let factor = usize::try_from(replication_factor).map_err(|_| refusal.clone())?;
        place(&brokers, partitions as usize, factor, random).map_err(|_| refusal)
    }

    fn check_assignment(&self, assignment: &[Vec<NodeId>]) -> Result<(), Refusal> {
        let refuse = |reason| Err(Refusal::InvalidAssignment { reason });
        if assignment.len() > PARTITIONS_MAX as usize {
            let partitions = assignment.len() as i32;
            return Err(Refusal::InvalidPartitions { partitions, max: PARTITIONS_MAX });
        }
        for replicas in assignment {
            if replicas.is_empty() {
                return refuse(AssignmentProblem::Empty);
            }
            if replicas.len() != assignment[0].len() {
                return refuse(AssignmentProblem::UnevenReplicas);
            }
            let mut seen = BTreeSet::new();
            for &node in replicas {
                if !self.image.brokers.contains_key(&node) {
                    return refuse(AssignmentProblem::UnknownBroker(node));
                }
                if !seen.insert(node) {
                    return refuse(AssignmentProblem::DuplicateBroker(node));
                }
            }
            if !replicas.iter().any(|&node| self.image.is_active(node)) {
                return refuse(AssignmentProblem::AllFenced);
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
        if !sound {
            return Err(KafkaError::InvalidRequest);
        }
        if request.partition_epoch < partition.partition_epoch {
            return Err(KafkaError::InvalidUpdateVersion);
        }
        let ineligible = request.new_isr.iter().any(|&(node, epoch)| {
            !self.image.brokers.get(&node).is_some_and(|broker| {
                broker.is_active() && (epoch == -1 || epoch == broker.broker_epoch)
            })
        });
        if ineligible {
            return Err(KafkaError::IneligibleReplica);
        }
        let mut changes = Changes::default();
        let acceptable = |node| self.image.is_active(node);
        self.change_isr(&mut changes, id, new_isr, ChangeReason::IsrRequested, acceptable);
        self.write(ctx, disk, changes);
        let partition = self.image.partition(id).expect("it was there a moment ago");
        if partition.leader_epoch != request.leader_epoch {
            return Err(KafkaError::NewLeaderElected);
        }
        Ok(AlterPartitionAnswer {
            leader: partition.leader,
            leader_epoch: partition.leader_epoch,
            partition_epoch: partition.partition_epoch,
            isr: partition.isr.clone(),
        })
    }

    /// Adds the change that gives `id` the ISR `target` and a leader that may lead.
    pub(super) fn change_isr(
        &self,
        changes: &mut Changes,
        id: &TopicPartition,
        target: Vec<NodeId>,
        because: ChangeReason,
        acceptable: impl Fn(NodeId) -> bool,
    ) {
        let election = match self.allows_unclean_leader(&id.topic) {
            true => Election::Unclean,
            false => Election::Online,
        };
        self.change_partition(changes, id, target, because, election, acceptable);
    }

    /// As [`Self::change_isr`], with the leader that `election` finds.
    pub(super) fn change_partition(
        &self,
        changes: &mut Changes,
        id: &TopicPartition,
        target: Vec<NodeId>,
        because: ChangeReason,
        election: Election,
        acceptable: impl Fn(NodeId) -> bool,
    ) {
        let Some(partition) = self.image.partition(id) else {
            return;
        };
        let change = build_change(partition, target, election, acceptable);
        if !change.is_empty() {
            let record = MetadataRecord::PartitionChange {
                partition_id: id.partition,
                topic_id: self.image.topics[&id.topic].topic_id,
                isr: change.isr,
                leader: change.leader,
            };
            changes.0.push((record, because));
        }
    }

    /// Takes a broker that is going out of every ISR, and its leaderships with it.
    pub(super) fn take_out_of_isrs(
        &self,
        changes: &mut Changes,
        broker: NodeId,
        because: ChangeReason,
    ) {
        let concerned: Vec<(TopicPartition, Vec<NodeId>)> = self
            .image
            .partitions()
            .filter(|(_, p)| p.isr.contains(&broker) || p.leader == Some(broker))
            .map(|(id, p)| (id, p.isr.iter().copied().filter(|&node| node != broker).collect()))
            .collect();
        for (id, target) in concerned {
            let acceptable = |node| node != broker && self.image.is_active(node);
            self.change_isr(changes, &id, target, because, acceptable);
        }
    }

    /// A broker is back: it may lead partitions that nobody leads.
    pub(super) fn lead_leaderless(
        &self,
        changes: &mut Changes,
        broker: NodeId,
        because: ChangeReason,
    ) {
        let concerned: Vec<(TopicPartition, Vec<NodeId>)> = self
            .image
            .partitions()
            .filter(|(_, p)| p.leader.is_none() && p.replicas.contains(&broker))
            .map(|(id, p)| (id, p.isr.clone()))
            .collect();
        for (id, isr) in concerned {
            // The broker counts as active although its own record is only about to be written.
            let acceptable = |node| node == broker || self.image.is_active(node);
            self.change_isr(changes, &id, isr, because, acceptable);
        }
    }
}
