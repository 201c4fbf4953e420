//! Consumer groups: nobody shares a partition within a generation, nobody commits for a generation that is
//! over or what no application has got, and a coordinator knows what its log says.

use super::violation::Broken;
use crate::client::consumer::Consumer;
use crate::cluster::Cluster;
use crate::event::GroupEvent;
use crate::group::coordinator::{Shard, records_of};
use crate::ids::{ClientId, EventId, NodeId, TopicPartition};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A coordinator is compared with its log after one of so many commits: it takes reading the log.
const COMPARED: u64 = 8;

#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(super) struct Groups {
    /// Who got a partition in the latest generation of each group. A coordinator that has lost its log may
    /// count a generation twice, so they are told apart by how often one was loaded.
    owners: BTreeMap<Arc<str>, Owners>,
    loads: u64,
    /// As far as members of the group had got, or a tool has taken it.
    delivered: BTreeMap<(Arc<str>, TopicPartition), i64>,
}

#[derive(Clone, Debug, PartialEq, Eq, Default)]
struct Owners {
    generation: i32,
    loads: u64,
    by_partition: BTreeMap<TopicPartition, ClientId>,
}

impl Groups {
    /// The position of a consumer has moved: all below it is its application's.
    pub fn delivered(
        &mut self,
        cluster: &Cluster,
        client: ClientId,
        partition: &TopicPartition,
        position: i64,
    ) {
        let consumer = cluster.client(client).and_then(|client| client.consumer());
        if let Some(member) = consumer.and_then(|consumer| consumer.member.as_ref()) {
            let key = (member.settings.group.clone(), partition.clone());
            let delivered = self.delivered.entry(key).or_insert(-1);
            *delivered = (*delivered).max(position);
        }
    }

    pub fn check(
        &mut self,
        cluster: &Cluster,
        at: (EventId, Option<NodeId>),
        event: &GroupEvent,
    ) -> Result<(), Broken> {
        match event {
            GroupEvent::Loaded { .. } => self.loads += 1,
            GroupEvent::AssignmentMade { group, generation, assignment, .. } => {
                let mut given = BTreeSet::new();
                for id in assignment.iter().flat_map(|(_, partitions)| partitions) {
                    if !given.insert(id) {
                        return Err(two_owners(group, *generation, id));
                    }
                }
            }
            GroupEvent::PartitionsAssigned { client, group, generation, .. } => {
                self.assigned(cluster, *client, group, *generation)?;
            }
            GroupEvent::CommitStored { group, member_generation, generation, offsets } => {
                let (of_member, current) = (*member_generation, *generation);
                if of_member >= 0 && of_member != current {
                    let group = group.clone();
                    return Err(Broken::StaleCommitTaken { group, generation: of_member, current });
                }
                for (partition, committed) in offsets.iter() {
                    let key = (group.clone(), partition.clone());
                    let delivered = self.delivered.entry(key).or_insert(-1);
                    if of_member < 0 {
                        *delivered = (*delivered).max(committed.offset);
                    }
                    if committed.offset > *delivered {
                        return Err(Broken::CommittedBeyondDelivered {
                            group: group.clone(),
                            partition: partition.clone(),
                            offset: committed.offset,
                            delivered: *delivered,
                        });
                    }
                }
                if at.0.0.is_multiple_of(COMPARED)
                    && let Some(node) = at.1
                {
                    check_coordinator(cluster, node)?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn assigned(
        &mut self,
        cluster: &Cluster,
        client: ClientId,
        group: &Arc<str>,
        generation: i32,
    ) -> Result<(), Broken> {
        let Some(consumer) = cluster.client(client).and_then(|client| client.consumer()) else {
            return Ok(());
        };
        let owners = self.owners.entry(group.clone()).or_default();
        if owners.generation != generation || owners.loads != self.loads {
            let by_partition = BTreeMap::new();
            *owners = Owners { generation, loads: self.loads, by_partition };
        }
        let instance = |id: ClientId| {
            let member = cluster.client(id)?.consumer()?.member.as_ref()?;
            member.settings.group_instance_id.clone()
        };
        for id in consumer.positions.keys() {
            let former = owners.by_partition.insert(id.clone(), client);
            // A static member that comes back takes over what it had.
            let shares = former.is_some_and(|former| {
                former != client
                    && (instance(former).is_none() || instance(former) != instance(client))
            });
            if shares {
                return Err(two_owners(group, generation, id));
            }
        }
        self.still_owned(cluster, client, group, generation)
    }

    /// By the consumer protocol no member gets a partition that another member still has. Who is not in the
    /// epoch that its coordinator has for it has yet to learn that it is no member any more.
    fn still_owned(
        &self,
        cluster: &Cluster,
        client: ClientId,
        group: &Arc<str>,
        generation: i32,
    ) -> Result<(), Broken> {
        let Ok((_, shard)) = cluster.coordinator_of(group) else {
            return Ok(());
        };
        let (Some(known), Some(own)) = (
            shard.consumer_groups.get(group),
            cluster.client(client).and_then(|client| client.consumer()),
        ) else {
            return Ok(());
        };
        let current_of = |consumer: &Consumer| {
            let member = consumer.member.as_ref().filter(|m| m.settings.group == *group)?;
            let current = &known.members.get(&member.member_id)?.current;
            (current.epoch == member.generation).then_some(current)
        };
        if current_of(own).is_none() {
            return Ok(());
        }
        for other in cluster.clients().filter(|other| other.id != client && !other.closed) {
            let Some(consumer) = other.consumer() else {
                continue;
            };
            let Some(current) = current_of(consumer) else {
                continue;
            };
            // A topic that was created anew under its name is another.
            let is_held = |id: &&TopicPartition| {
                own.topic_id_of(&id.topic).is_some_and(|topic| {
                    let held = [&current.assigned, &current.pending_revocation];
                    let held = held.iter().filter_map(|held| held.get(&topic));
                    held.flatten().any(|partition| *partition == id.partition)
                })
            };
            let mut shared = own.positions.keys().filter(|id| consumer.positions.contains_key(id));
            if let Some(id) = shared.find(is_held) {
                return Err(two_owners(group, generation, id));
            }
        }
        Ok(())
    }
}

fn two_owners(group: &Arc<str>, generation: i32, partition: &TopicPartition) -> Broken {
    Broken::TwoOwners { group: group.clone(), generation, partition: partition.clone() }
}

/// What the coordinators of a node know is what their logs add up to, up to the high watermark.
pub(super) fn check_coordinator(cluster: &Cluster, id: NodeId) -> Result<(), Broken> {
    let Some(node) = cluster.node(id) else {
        return Ok(());
    };
    let Some(broker) = node.broker() else {
        return Ok(());
    };
    for (partition, shard) in broker.groups.shards.iter().filter(|(_, shard)| !shard.loading) {
        let Some(replica) = broker.replicas.partitions.get(partition) else {
            continue;
        };
        let high_watermark = replica.log.high_watermark();
        let mut replayed = Shard::loading();
        let committed = records_of(&replica.log, &node.disk);
        for (_, logged) in committed.take_while(|(last_offset, _)| *last_offset < high_watermark) {
            replayed.take_over(logged);
        }
        let is_same = replayed.offsets == shard.offsets
            && replayed.stored == shard.stored
            && replayed.stored_consumer == shard.stored_consumer;
        // A transaction without offsets leaves nothing to know.
        let open = |shard: &Shard| {
            let transactional = shard.transactional.clone().into_iter();
            transactional.filter(|(_, offsets)| !offsets.is_empty()).collect::<BTreeMap<_, _>>()
        };
        if !is_same || open(&replayed) != open(shard) {
            return Err(Broken::CoordinatorNotTrue { partition: partition.clone(), node: id });
        }
    }
    Ok(())
}
