//! The ISR as the controller has it, and as the leader that counts by it sees it.

use super::committed::Replica;
use super::violation::Broken;
use crate::controller::metadata_image::MetadataImage;
use crate::controller::partition_registration::PartitionRegistration;
use crate::ids::{NodeId, TopicPartition};

/// The leader, if there is one, is in sync, and so is nobody who could not lead: only the last member
/// stays although it is fenced.
pub(super) fn check_registration(image: &MetadataImage, id: &TopicPartition) -> Result<(), Broken> {
    let Some(registration) = image.partition(id) else {
        return Ok(());
    };
    let (isr, partition) = (&registration.isr, || id.clone());
    if let Some(leader) = registration.leader.filter(|leader| !isr.contains(leader)) {
        return Err(Broken::LeaderOutsideIsr { partition: partition(), leader });
    }
    match isr.iter().find(|node| !image.is_active(**node)).filter(|_| isr.len() > 1) {
        Some(&member) => Err(Broken::IsrMemberFenced { partition: partition(), member }),
        None => Ok(()),
    }
}

/// A broker that was unregistered leads nothing, and is in sync only where nobody else is: the last
/// member of an ISR stays in it, so that it is known who has what is committed.
pub(super) fn check_unregistered(image: &MetadataImage, broker: NodeId) -> Result<(), Broken> {
    if image.brokers.contains_key(&broker) {
        return Ok(());
    }
    let counts_on_it = |registration: &PartitionRegistration| {
        let alone = registration.isr == [broker];
        registration.leader == Some(broker) || (registration.isr.contains(&broker) && !alone)
    };
    match image.partitions().find(|(_, registration)| counts_on_it(registration)) {
        Some((partition, _)) => Err(Broken::UnregisteredInIsr { partition, node: broker }),
        None => Ok(()),
    }
}

/// A leader of the present epoch waits for everybody whom the controller may elect: its maximal ISR
/// holds the controller's (ReplicationQuorumSuperset of the TLA+ specification).
pub(super) fn check_leaders_view(
    image: &MetadataImage,
    replica: &Replica<'_>,
) -> Result<(), Broken> {
    let partition = &replica.partition;
    let is_there = image.is_topic_id_of(&partition.id.topic, partition.topic_id);
    let Some(registration) = image.partition(&partition.id).filter(|_| is_there) else {
        return Ok(());
    };
    let leads = registration.leader == Some(replica.node)
        && registration.leader_epoch == partition.leader_epoch
        && partition.is_leader();
    let counted = partition.maximal_isr();
    match registration.isr.iter().find(|node| !counted.contains(node)).filter(|_| leads) {
        Some(&missing) => Err(Broken::IsrMemberNotCounted {
            partition: partition.id.clone(),
            leader: replica.node,
            missing,
        }),
        None => Ok(()),
    }
}
