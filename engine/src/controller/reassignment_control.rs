//! What `kafka-reassign-partitions.sh` asks of the controller (`alterPartitionReassignments`): to
//! begin a reassignment, to take one back, and to hold back the copying (`ReassignPartitionsCommand`
//! sets and clears the throttles as configs). The rules of a move are in
//! [`super::partition_reassignment`].

use super::election::Election;
use super::metadata_record::MetadataRecord;
use super::partition_reassignment::Reassignment;
use super::quorum_controller::{Changes, QuorumController};
use crate::command::{AssignmentProblem, Reassign, ReassignAction, Refusal};
use crate::event::ChangeReason;
use crate::ids::{ConfigResource, NodeId, TopicPartition};
use crate::sim::disk::Disk;
use crate::world::Ctx;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Of topics: which replicas the leaders and the followers of a move hold back.
pub const THROTTLED_REPLICAS: [&str; 2] =
    ["leader.replication.throttled.replicas", "follower.replication.throttled.replicas"];
/// Of brokers: to how many bytes a second.
pub const THROTTLED_RATES: [&str; 2] =
    ["leader.replication.throttled.rate", "follower.replication.throttled.rate"];

impl QuorumController {
    pub fn reassign(
        &mut self,
        ctx: &mut Ctx<'_>,
        disk: &mut Disk,
        request: &Reassign,
    ) -> Result<(), Refusal> {
        self.check_targets(&request.targets)?;
        match request.action {
            ReassignAction::Execute { additional, throttle } => {
                if !additional && self.image.partitions().any(|(_, p)| p.is_reassigning()) {
                    return Err(Refusal::ReassignmentUnderWay);
                }
                for (_, replicas) in &request.targets {
                    self.check_replicas(replicas)?;
                    self.check_alive(replicas)?;
                }
                if let Some(rate) = throttle {
                    self.throttle(ctx, disk, &request.targets, rate);
                }
                self.begin_reassignments(ctx, disk, &request.targets);
            }
            ReassignAction::Cancel { preserve_throttles } => {
                self.cancel_reassignments(ctx, disk, &request.targets)?;
                if !preserve_throttles {
                    self.clear_throttles(ctx, disk, &request.targets);
                }
            }
            ReassignAction::Verify { preserve_throttles } => {
                let under_way = self.image.partitions().any(|(_, p)| p.is_reassigning());
                if !under_way && !preserve_throttles {
                    self.clear_throttles(ctx, disk, &request.targets);
                }
            }
        }
        Ok(())
    }

    fn check_targets(&self, targets: &[(TopicPartition, Vec<NodeId>)]) -> Result<(), Refusal> {
        if targets.is_empty() {
            return Err(Refusal::NothingToReassign);
        }
        let mut seen = BTreeSet::new();
        for (id, _) in targets {
            let topic = || id.topic.to_string();
            let known = self.image.topics.get(&id.topic);
            let known = known.ok_or_else(|| Refusal::NoSuchTopic { topic: topic() })?;
            if !known.partitions.contains_key(&id.partition) {
                let (partition, partitions) = (id.partition, known.partitions.len() as i32);
                return Err(Refusal::NoSuchPartition { topic: topic(), partition, partitions });
            }
            if !seen.insert(id) {
                return Err(Refusal::RepeatedPartition { partition: id.clone() });
            }
        }
        Ok(())
    }

    /// The tool looks for every broker of the targets among those that serve
    /// (`ReassignPartitionsCommand.verifyBrokerIds`); one that goes later the move waits for.
    fn check_alive(&self, replicas: &[NodeId]) -> Result<(), Refusal> {
        match replicas.iter().find(|node| self.image.brokers[node].fenced) {
            Some(&node) => {
                Err(Refusal::InvalidAssignment { reason: AssignmentProblem::FencedBroker(node) })
            }
            None => Ok(()),
        }
    }

    /// A target that is reached already, or that only takes replicas away, is done at once; one that
    /// is under way goes on to the new target.
    fn begin_reassignments(
        &mut self,
        ctx: &mut Ctx<'_>,
        disk: &mut Disk,
        targets: &[(TopicPartition, Vec<NodeId>)],
    ) {
        let mut changes = Changes::default();
        for (id, target) in targets {
            let Some(partition) = self.image.partition(id) else {
                continue;
            };
            let Reassignment { removing, replicas, .. } =
                Reassignment::new(&partition.replicas, target);
            // What an earlier one adds was not there at the beginning, and would go with it.
            let is_new = |node: &NodeId| {
                partition.adding_replicas.contains(node) || !partition.replicas.contains(node)
            };
            let adding = target.iter().copied().filter(is_new).collect::<BTreeSet<_>>();
            let acceptable = |node| self.image.is_active(node);
            let because = ChangeReason::ReassignmentAsked;
            self.change_partition(&mut changes, id, because, acceptable, |builder| {
                builder.election = Election::Online;
                builder.replicas = replicas;
                builder.removing = removing;
                builder.adding = adding.into_iter().collect();
            });
        }
        self.write(ctx, disk, changes);
    }

    fn cancel_reassignments(
        &mut self,
        ctx: &mut Ctx<'_>,
        disk: &mut Disk,
        targets: &[(TopicPartition, Vec<NodeId>)],
    ) -> Result<(), Refusal> {
        let mut changes = Changes::default();
        for (id, _) in targets {
            let Some(partition) = self.image.partition(id).filter(|p| p.is_reassigning()) else {
                continue;
            };
            let (replicas, isr, unclean) = Reassignment::of(partition).revert(&partition.isr);
            if unclean && !self.allows_unclean_leader(&id.topic) {
                return Err(Refusal::UncleanRevert { partition: id.clone() });
            }
            let acceptable = |node| self.image.is_active(node);
            let because = ChangeReason::ReassignmentAsked;
            self.change_partition(&mut changes, id, because, acceptable, |builder| {
                (builder.replicas, builder.isr) = (replicas, isr);
                builder.removing.clear();
                builder.adding.clear();
            });
        }
        self.write(ctx, disk, changes);
        Ok(())
    }

    // Throttles.

    /// Holds the moves back: the replicas that are there as leaders, those to come as followers, and
    /// every broker that takes part.
    fn throttle(
        &mut self,
        ctx: &mut Ctx<'_>,
        disk: &mut Disk,
        targets: &[(TopicPartition, Vec<NodeId>)],
        rate: u64,
    ) {
        let moves = self.moves(targets);
        let mut replicas: BTreeMap<Arc<str>, [BTreeSet<String>; 2]> = BTreeMap::new();
        let mut brokers = BTreeSet::new();
        for (id, (sources, destinations)) in &moves {
            let throttled = replicas.entry(id.topic.clone()).or_default();
            for (list, nodes) in throttled.iter_mut().zip([sources, destinations]) {
                list.extend(nodes.iter().map(|node| format!("{}:{}", id.partition, node.0)));
                brokers.extend(nodes.iter().copied());
            }
        }
        let mut changes = Changes::default();
        for (topic, lists) in replicas {
            for (name, list) in THROTTLED_REPLICAS.into_iter().zip(lists) {
                let value = list.into_iter().collect::<Vec<_>>().join(",");
                self.set_config(
                    &mut changes,
                    ConfigResource::Topic(topic.clone()),
                    name,
                    Some(value),
                );
            }
        }
        for node in brokers {
            for name in THROTTLED_RATES {
                let resource = ConfigResource::Broker(node);
                self.set_config(&mut changes, resource, name, Some(rate.to_string()));
            }
        }
        self.write(ctx, disk, changes);
    }

    /// From where to where: of the moves under way, and of those that are asked for.
    fn moves(
        &self,
        targets: &[(TopicPartition, Vec<NodeId>)],
    ) -> BTreeMap<TopicPartition, (Vec<NodeId>, Vec<NodeId>)> {
        let without = |a: &[NodeId], b: &[NodeId]| -> Vec<NodeId> {
            a.iter().copied().filter(|node| !b.contains(node)).collect()
        };
        let under_way = self.image.partitions().filter(|(_, p)| p.is_reassigning());
        let mut moves: BTreeMap<_, _> = under_way
            .map(|(id, p)| {
                (id, (without(&p.replicas, &p.adding_replicas), p.adding_replicas.clone()))
            })
            .collect();
        for (id, target) in targets {
            let current = self.image.partition(id).map(|p| p.replicas.clone()).unwrap_or_default();
            let (sources, destinations) = moves.entry(id.clone()).or_insert((current, Vec::new()));
            *destinations = without(target, sources);
        }
        moves
    }

    /// Of every broker, and of these topics.
    fn clear_throttles(
        &mut self,
        ctx: &mut Ctx<'_>,
        disk: &mut Disk,
        targets: &[(TopicPartition, Vec<NodeId>)],
    ) {
        let mut changes = Changes::default();
        let brokers: Vec<_> = self.image.brokers.keys().copied().collect();
        for node in brokers {
            for name in THROTTLED_RATES {
                self.set_config(&mut changes, ConfigResource::Broker(node), name, None);
            }
        }
        let topics: BTreeSet<_> = targets.iter().map(|(id, _)| id.topic.clone()).collect();
        for topic in topics {
            for name in THROTTLED_REPLICAS {
                self.set_config(&mut changes, ConfigResource::Topic(topic.clone()), name, None);
            }
        }
        self.write(ctx, disk, changes);
    }

    /// Adds the change of a config that differs.
    fn set_config(
        &self,
        changes: &mut Changes,
        resource: ConfigResource,
        name: &str,
        value: Option<String>,
    ) {
        let known = self.image.configs(&resource).and_then(|configs| configs.get(name));
        if known != value.as_ref() {
            let record = MetadataRecord::Config { resource, name: name.into(), value };
            changes.0.push((record, ChangeReason::ReassignmentAsked));
        }
    }
}
