//! What a committed record means for partitions, told event by event.

use super::metadata_image::Touched;
use super::metadata_record::MetadataRecord;
use super::partition_reassignment::Reassignment;
use super::partition_registration::{LeaderRecoveryState, PartitionRegistration};
use super::quorum_controller::{QuorumController, partition_of};
use crate::event::{ChangeReason, EventKind};
use crate::ids::{NodeId, TopicPartition, Uuid};
use crate::world::Ctx;

impl QuorumController {
    /// The partition that a record is about to change.
    pub(super) fn before(&self, record: &MetadataRecord) -> Option<PartitionRegistration> {
        let MetadataRecord::PartitionChange { partition_id, topic_id, .. } = record else {
            return None;
        };
        let (_, partition) = partition_of(&self.committed, *topic_id, *partition_id)?;
        Some(partition.clone())
    }

    pub(super) fn tell(
        &self,
        ctx: &mut Ctx<'_>,
        touched: Touched,
        before: Option<PartitionRegistration>,
        reason: ChangeReason,
    ) {
        match touched {
            Touched::Partition(partition) => {
                let after = self.committed.partition(&partition).expect("it was just touched");
                let topic_id = self.committed.topics[&partition.topic].topic_id;
                tell_partition(ctx, (&partition, topic_id), before.as_ref(), after, reason);
            }
            Touched::Elrs(partitions) => {
                for partition in partitions {
                    let (elr, last_known_elr) = (Vec::new(), Vec::new());
                    ctx.emit(EventKind::ElrChanged { partition, elr, last_known_elr, reason });
                }
            }
            Touched::RemovedTopic { topic, topic_id } => {
                ctx.emit(EventKind::TopicDeleted { topic, topic_id });
            }
            Touched::RemovedBroker(broker) => {
                ctx.emit(EventKind::BrokerUnregistered { broker });
            }
            Touched::Config(_) | Touched::Broker(_) | Touched::Nothing => {}
        }
    }
}

fn tell_partition(
    ctx: &mut Ctx<'_>,
    (id, topic_id): (&TopicPartition, Uuid),
    before: Option<&PartitionRegistration>,
    after: &PartitionRegistration,
    reason: ChangeReason,
) {
    let partition = || id.clone();
    if before.is_none_or(|before| before.leader_epoch != after.leader_epoch) {
        ctx.emit(EventKind::LeaderElected {
            partition: partition(),
            topic_id,
            leader: after.leader,
            leader_epoch: after.leader_epoch,
            unclean: before.is_some_and(|before| is_unclean(before, after)),
            reason,
        });
    }
    if before.is_none_or(|before| before.isr != after.isr) {
        ctx.emit(EventKind::IsrChanged {
            partition: partition(),
            topic_id,
            isr: after.isr.clone(),
            partition_epoch: after.partition_epoch,
            reason,
        });
    }
    let Some(before) = before else {
        return;
    };
    if (&before.elr, &before.last_known_elr) != (&after.elr, &after.last_known_elr) {
        ctx.emit(EventKind::ElrChanged {
            partition: partition(),
            elr: after.elr.clone(),
            last_known_elr: after.last_known_elr.clone(),
            reason,
        });
    }
    tell_reassignment(ctx, id, before, after);
}

fn tell_reassignment(
    ctx: &mut Ctx<'_>,
    id: &TopicPartition,
    before: &PartitionRegistration,
    after: &PartitionRegistration,
) {
    let partition = id.clone();
    let replicas = after.replicas.clone();
    let moves = |of: &PartitionRegistration| {
        (of.adding_replicas.clone(), of.removing_replicas.clone(), of.replicas.clone())
    };
    let was_under_way = before.is_reassigning();
    if after.is_reassigning() && moves(before) != moves(after) {
        let (adding, removing, _) = moves(after);
        ctx.emit(EventKind::ReassignmentBegan { partition, replicas, adding, removing });
    } else if after.is_reassigning() {
        let in_sync = |of: &PartitionRegistration| -> Vec<NodeId> {
            of.adding_replicas.iter().copied().filter(|node| of.isr.contains(node)).collect()
        };
        let now = in_sync(after);
        if now != in_sync(before) {
            let adding = after.adding_replicas.clone();
            ctx.emit(EventKind::ReassignmentAdvanced { partition, in_sync: now, adding });
        }
    } else if was_under_way && !is_completion(before, after) {
        ctx.emit(EventKind::ReassignmentCancelled { partition, replicas });
    } else if was_under_way || before.replicas != after.replicas {
        ctx.emit(EventKind::ReassignmentCompleted { partition, replicas });
    }
}

/// Whether the reassignment that was under way has come to its end, and was not taken back.
fn is_completion(before: &PartitionRegistration, after: &PartitionRegistration) -> bool {
    let isr = &before.replicas;
    Reassignment::of(before).complete(isr).is_some_and(|(replicas, _)| replicas == after.replicas)
}

/// Whether the leader may lack what was committed: it was not known to be in sync. One that a
/// completed reassignment puts in has just come into the ISR.
fn is_unclean(before: &PartitionRegistration, after: &PartitionRegistration) -> bool {
    let Some(leader) = after.leader else {
        return false;
    };
    let recovering = LeaderRecoveryState::Recovering;
    let has_to_recover =
        after.leader_recovery_state == recovering && before.leader_recovery_state != recovering;
    let in_sync = before.isr.contains(&leader) || before.elr.contains(&leader);
    let has_completed =
        before.is_reassigning() && !after.is_reassigning() && is_completion(before, after);
    has_to_recover || !(in_sync || has_completed)
}
