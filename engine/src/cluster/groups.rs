//! What `kafka-consumer-groups.sh` has to know before its requests are carried out: who coordinates a group,
//! what state it is in, and where a reset would lead.

use super::Cluster;
use super::commands::partition_in;
use crate::command::{GroupProtocol, Membership, Refusal, ResetOffsets, ResetTo};
use crate::group::classic_group::{ClassicGroup, GroupState};
use crate::group::consumer_group::ConsumerGroup;
use crate::group::coordinator::{Shard, partition_of_group};
use crate::ids::{NodeId, TopicPartition};
use crate::replication::partition::Partition;
use std::collections::BTreeSet;
use std::sync::Arc;

/// What the coordinator decides a member cannot set (`ConsumerConfig.checkUnsupportedConfigsPostProcess`).
fn check_protocol(membership: &Membership) -> Result<(), Refusal> {
    if membership.group_protocol == GroupProtocol::Classic {
        return Ok(());
    }
    let usual = Membership::of(membership.group.clone());
    let session = (membership.session_timeout_ms, usual.session_timeout_ms);
    let heartbeat = (membership.heartbeat_interval_ms, usual.heartbeat_interval_ms);
    let (name, value) = if membership.assignors != usual.assignors {
        let names: Vec<_> = membership.assignors.iter().map(|assignor| assignor.name()).collect();
        ("partition.assignment.strategy", names.join(","))
    } else if session.0 != session.1 {
        ("session.timeout.ms", session.0.to_string())
    } else if heartbeat.0 != heartbeat.1 {
        ("heartbeat.interval.ms", heartbeat.0.to_string())
    } else {
        return Ok(());
    };
    let reason = format!("{name} cannot be set when group.protocol=CONSUMER");
    Err(Refusal::InvalidConfig { name: name.into(), value, reason })
}

/// Where a reset takes a group in one partition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResetTarget {
    pub partition: TopicPartition,
    pub offset: i64,
}

impl Cluster {
    pub(super) fn check_membership(&self, membership: &Membership) -> Result<(), Refusal> {
        for topic in &membership.more_topics {
            self.known_topic(topic)?;
        }
        check_protocol(membership)?;
        let distinct: BTreeSet<_> = membership.assignors.iter().collect();
        let sound = !membership.group.is_empty()
            && !distinct.is_empty()
            && distinct.len() == membership.assignors.len()
            && membership.max_poll_records > 0
            && membership.heartbeat_interval_ms > 0
            && membership.heartbeat_interval_ms < membership.session_timeout_ms;
        if sound { Ok(()) } else { Err(Refusal::InvalidMembership) }
    }

    /// The partition of `__consumer_offsets` that a group belongs to, if there is that topic.
    pub fn partition_of_group(&self, group: &str) -> Option<TopicPartition> {
        partition_of_group(self.newest_metadata()?, group)
    }

    /// The broker that coordinates a group now, with all that belongs to the same partition.
    pub fn coordinator_of(&self, group: &str) -> Result<(NodeId, &Shard), Refusal> {
        let unavailable = || Refusal::CoordinatorUnavailable { group: group.into() };
        let id = self.partition_of_group(group).ok_or_else(unavailable)?;
        let shards = self.leaders_of(&id).filter_map(|(node, partition)| {
            let shard = self.node(node)?.broker()?.groups.shards.get(&id)?;
            (!shard.loading).then_some((partition.leader_epoch, node, shard))
        });
        let (_, node, shard) = shards.max_by_key(|(epoch, ..)| *epoch).ok_or_else(unavailable)?;
        Ok((node, shard))
    }

    /// Every group that a broker coordinates now, with that broker.
    pub fn groups(&self) -> Vec<(NodeId, &ClassicGroup)> {
        let brokers = self.brokers().filter(|node| node.is_running());
        let of_broker = brokers.flat_map(|node| {
            let shards = node.broker().into_iter().flat_map(|broker| broker.groups.shards.values());
            shards.flat_map(|shard| shard.groups.values()).map(|group| (node.id, group))
        });
        let mut groups: Vec<_> = of_broker
            .filter(|(node, group)| {
                self.coordinator_of(&group.id).is_ok_and(|(coordinator, _)| coordinator == *node)
            })
            .collect();
        groups.sort_by(|a, b| a.1.id.cmp(&b.1.id));
        groups
    }

    /// Every group by the consumer protocol that a broker coordinates now, with that broker.
    pub fn consumer_groups(&self) -> Vec<(NodeId, &Arc<str>, &ConsumerGroup)> {
        let brokers = self.brokers().filter(|node| node.is_running());
        let shards = brokers.flat_map(|node| {
            let broker = node.broker().into_iter();
            broker.flat_map(|b| b.groups.shards.values()).map(move |shard| (node.id, shard))
        });
        let known = shards.flat_map(|(node, shard)| {
            shard.consumer_groups.iter().map(move |(id, group)| (node, id, group))
        });
        let is_coordinated = |(node, id, _): &(NodeId, &Arc<str>, &ConsumerGroup)| {
            self.coordinator_of(id).is_ok_and(|(coordinator, _)| coordinator == *node)
        };
        known.filter(is_coordinated).collect()
    }

    /// Running brokers that believe they lead the partition.
    pub(super) fn leaders_of<'a>(
        &'a self,
        id: &TopicPartition,
    ) -> impl Iterator<Item = (NodeId, &'a Partition)> {
        self.brokers().filter(|node| node.is_running()).filter_map(move |node| {
            let partition = node.broker()?.replicas.partitions.get(id)?;
            partition.is_leader().then_some((node.id, &**partition))
        })
    }

    /// Where the next record of a partition will be that a consumer can see, as far as a running leader
    /// knows.
    pub fn log_end_of(&self, id: &TopicPartition) -> Option<i64> {
        self.leading_replica(id).map(|(_, partition)| partition.log.high_watermark())
    }

    /// The broker that coordinates a group without members.
    pub(super) fn deletable_group(&self, group: &str) -> Result<NodeId, Refusal> {
        let (node, shard) = self.coordinator_of(group)?;
        let state = shard.state_of(group);
        match state.ok_or_else(|| Refusal::NoSuchGroup { group: group.into() })? {
            GroupState::Empty | GroupState::Dead => Ok(node),
            _ => Err(Refusal::GroupNotEmpty { group: group.into() }),
        }
    }

    /// The coordinator, and where each partition would go.
    pub fn reset_targets(
        &self,
        reset: &ResetOffsets,
    ) -> Result<(NodeId, Vec<ResetTarget>), Refusal> {
        let (node, shard) = self.coordinator_of(&reset.group)?;
        let state = shard.state_of(&reset.group).unwrap_or(GroupState::Dead);
        if !matches!(state, GroupState::Empty | GroupState::Dead) {
            return Err(Refusal::GroupNotEmpty { group: reset.group.to_string() });
        }
        let committed = |id: &TopicPartition| shard.offsets.get(&(reset.group.clone(), id.clone()));
        let partitions = match &reset.topic {
            Some(topic) => self.asked_partitions(topic, &reset.partitions)?,
            None => shard.offsets_of(&reset.group).map(|(id, _)| id.clone()).collect(),
        };
        let mut targets = Vec::new();
        for partition in partitions {
            let unavailable = || Refusal::LeaderUnavailable { partition: partition.clone() };
            let (leader, replica) = self.leading_replica(&partition).ok_or_else(unavailable)?;
            // The first that is no older, or else the end.
            let at = |timestamp: i64| {
                let disk = &self.node(leader)?.disk;
                let found = replica.log.offset_for_timestamp(disk, timestamp).ok().flatten();
                found.map(|found| found.offset).or(Some(replica.log.high_watermark()))
            };
            let log = &replica.log;
            let (earliest, latest) = (log.log_start_offset(), log.high_watermark());
            let current = committed(&partition).map(|stored| stored.committed.offset);
            let offset = match reset.to {
                ResetTo::Earliest => Some(earliest),
                ResetTo::Latest => Some(latest),
                ResetTo::Current => Some(current.unwrap_or(latest)),
                ResetTo::Offset(offset) => Some(offset),
                // There is nothing to shift.
                ResetTo::ByDuration(ms) => {
                    at(self.now().timestamp_ms().saturating_sub_unsigned(ms))
                }
                ResetTo::Datetime(ms) => at(ms),
                ResetTo::ShiftBy(by) => current.map(|offset| offset.saturating_add(by)),
            };
            // The tool takes the nearest that there is.
            let offset = offset.map(|offset| offset.clamp(earliest, latest));
            targets.extend(offset.map(|offset| ResetTarget { partition, offset }));
        }
        Ok((node, targets))
    }

    fn asked_partitions(
        &self,
        topic: &Arc<str>,
        asked: &[i32],
    ) -> Result<Vec<TopicPartition>, Refusal> {
        let partitions = self.known_topic(topic)?;
        let asked: BTreeSet<i32> = match asked {
            [] => (0..partitions).collect(),
            asked => asked.iter().copied().collect(),
        };
        let asked = asked.into_iter().map(|partition| {
            partition_in(topic, partition, partitions)?;
            Ok(TopicPartition { topic: topic.clone(), partition })
        });
        asked.collect()
    }
}
