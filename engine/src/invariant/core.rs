//! What a part of the cluster owes when its own faults have ended and those of the others have not.

use super::Checker;
use super::committed::Replica;
use super::violation::Broken;
use crate::cluster::Cluster;
use crate::ids::NodeId;
use std::collections::BTreeSet;

impl Checker {
    /// One of the core is the active controller; of the brokers those of the core, and no others, are
    /// unfenced; and a partition for which somebody of it is electable has a leader and one log in it.
    pub fn check_core(&self, cluster: &Cluster, core: &BTreeSet<NodeId>) -> Result<(), Broken> {
        if !cluster.controller().is_some_and(|controller| core.contains(&controller.id)) {
            return Err(Broken::NoActiveController);
        }
        let image = &self.quorum.image;
        let strays = image.brokers.iter().find(|(id, b)| core.contains(id) != b.is_active());
        if let Some((&node, _)) = strays {
            return Err(Broken::CoreNotConverged { node: Some(node), partition: None });
        }
        for (id, registration) in image.partitions() {
            let missing = |node| {
                let partition = Some(id.clone());
                Err(Broken::CoreNotConverged { node, partition })
            };
            let electable = match registration.isr.is_empty() {
                true => &registration.elr,
                false => &registration.isr,
            };
            let Some(leader) = registration.leader else {
                match electable.iter().find(|node| core.contains(node)) {
                    Some(&node) => return missing(Some(node)),
                    None => continue,
                }
            };
            let Some(led) = Replica::of(cluster, leader, &id).filter(|_| core.contains(&leader))
            else {
                return missing(Some(leader));
            };
            let topic_id = image.topics[&id.topic].topic_id;
            for &node in registration.replicas.iter().filter(|node| core.contains(node)) {
                let same = Replica::of_topic(cluster, node, &id, topic_id)
                    .is_some_and(|replica| replica.same_log(&led));
                if !same || !registration.isr.contains(&node) {
                    return missing(Some(node));
                }
            }
        }
        Ok(())
    }
}
