//! What a run has said so far, as far as goals ask: the offsets of each replica and whose records they
//! are, who leads and since when, who is in sync, which processes stand still, what topics set, what
//! clients know and were promised. It is written from events alone, so the same events always give the
//! same ledger.

pub mod delivery;
mod lineage;

use delivery::Delivery;
use kafkascope_engine::command::Command;
use kafkascope_engine::event::{Event, EventKind, ReadReplicaChange, Role};
use kafkascope_engine::ids::{Address, ClientId, ConfigResource, NodeId, TopicPartition};
use kafkascope_engine::protocol::Acks;
use kafkascope_engine::sim::time::SimTime;
use lineage::Lineage;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ledger {
    high_watermarks: BTreeMap<(TopicPartition, NodeId), i64>,
    log_ends: BTreeMap<(TopicPartition, NodeId), i64>,
    /// Where each follower has last fetched, as its leader knows.
    fetched: BTreeMap<(TopicPartition, NodeId), i64>,
    /// As the controller has decided.
    leaders: BTreeMap<TopicPartition, Option<NodeId>>,
    isrs: BTreeMap<TopicPartition, Vec<NodeId>>,
    /// Since when nobody has served it as its leader.
    unserved_since: BTreeMap<TopicPartition, SimTime>,
    /// How long that took the last time.
    unserved_ms: BTreeMap<TopicPartition, u64>,
    lineages: BTreeMap<(TopicPartition, NodeId), Lineage>,
    /// Whom each follower has been told to follow.
    follows: BTreeMap<(TopicPartition, NodeId), Option<NodeId>>,
    /// Offsets that were acknowledged and that every leader since has had: first, last, acks.
    promised: BTreeMap<TopicPartition, Vec<(i64, i64, Acks)>>,
    /// How many acknowledged records a later leader did not have.
    lost: BTreeMap<TopicPartition, Vec<(Acks, u64)>>,
    paused: BTreeSet<NodeId>,
    down: BTreeSet<NodeId>,
    names: BTreeMap<ClientId, Arc<str>>,
    acknowledged: Vec<(ClientId, Acks, u64)>,
    /// The offset that each consumer reads next.
    positions: BTreeMap<(ClientId, TopicPartition), i64>,
    /// Where consumers read that do not read from the leader.
    read_replicas: BTreeMap<(ClientId, TopicPartition), NodeId>,
    log_starts: BTreeMap<(TopicPartition, NodeId), i64>,
    /// How many records each consumer has read.
    records_read: BTreeMap<(ClientId, TopicPartition), u64>,
    /// What topics set themselves, by topic and name.
    configs: BTreeMap<(Arc<str>, String), String>,
    delivery: Delivery,
}

impl Ledger {
    pub fn high_watermark(&self, partition: &TopicPartition, node: NodeId) -> i64 {
        self.high_watermarks.get(&(partition.clone(), node)).copied().unwrap_or(0)
    }

    pub fn log_end(&self, partition: &TopicPartition, node: NodeId) -> i64 {
        self.log_ends.get(&(partition.clone(), node)).copied().unwrap_or(0)
    }

    pub fn log_start(&self, partition: &TopicPartition, node: NodeId) -> i64 {
        self.log_starts.get(&(partition.clone(), node)).copied().unwrap_or(0)
    }

    pub fn config(&self, topic: &str, name: &str) -> Option<&str> {
        self.configs.get(&(topic.into(), name.to_string())).map(String::as_str)
    }

    pub fn fetched_up_to(&self, partition: &TopicPartition, follower: NodeId) -> i64 {
        self.fetched.get(&(partition.clone(), follower)).copied().unwrap_or(0)
    }

    pub fn leader(&self, partition: &TopicPartition) -> Option<NodeId> {
        self.leaders.get(partition).copied().flatten()
    }

    pub fn is_leaderless(&self, partition: &TopicPartition) -> bool {
        self.leaders.get(partition) == Some(&None)
    }

    pub fn unserved_ms(&self, partition: &TopicPartition) -> Option<u64> {
        self.unserved_ms.get(partition).copied()
    }

    /// The first offset at which two logs hold records of different leaders.
    pub fn divergence(&self, partition: &TopicPartition, a: NodeId, b: NodeId) -> Option<i64> {
        let lineage = |node| self.lineages.get(&(partition.clone(), node));
        lineage(a)?.parts_from(lineage(b)?)
    }

    /// How many records were acknowledged, with these acks if they are given, and then lost.
    pub fn lost(&self, partition: &TopicPartition, acks: Option<Acks>) -> u64 {
        let lost = self.lost.get(partition).into_iter().flatten();
        lost.filter(|(with, _)| acks.is_none_or(|acks| acks == *with)).map(|(_, count)| count).sum()
    }

    pub fn isr(&self, partition: &TopicPartition) -> Option<&[NodeId]> {
        self.isrs.get(partition).map(Vec::as_slice)
    }

    pub fn is_paused(&self, node: NodeId) -> bool {
        self.paused.contains(&node)
    }

    pub fn is_down(&self, node: NodeId) -> bool {
        self.down.contains(&node)
    }

    /// How many records have been acknowledged; of all producers and all acks where none is given.
    pub fn acknowledged(&self, producer: Option<&str>, acks: Option<Acks>) -> u64 {
        self.acknowledged
            .iter()
            .filter(|(client, with, _)| {
                self.is_named(*client, producer) && acks.is_none_or(|a| a == *with)
            })
            .map(|(_, _, count)| count)
            .sum()
    }

    /// Whether some consumer reads the partition from this follower.
    pub fn is_read_from(&self, partition: &TopicPartition, node: NodeId) -> bool {
        let mut read = self.read_replicas.iter();
        read.any(|((_, id), replica)| id == partition && *replica == node)
    }

    /// The consumers of this name, or all: which offset each reads next, and how many records it has
    /// read.
    pub fn readers<'a>(
        &'a self,
        consumer: Option<&'a str>,
        partition: &'a TopicPartition,
    ) -> impl Iterator<Item = (i64, u64)> + 'a {
        self.positions
            .iter()
            .filter(move |((client, id), _)| id == partition && self.is_named(*client, consumer))
            .map(|(reader, position)| {
                (*position, self.records_read.get(reader).copied().unwrap_or(0))
            })
    }

    pub fn delivery(&self) -> &Delivery {
        &self.delivery
    }

    pub fn is_named(&self, client: ClientId, name: Option<&str>) -> bool {
        name.is_none_or(|name| self.names.get(&client).is_some_and(|known| **known == *name))
    }

    pub fn take(&mut self, event: &Event) {
        use EventKind::*;
        let here = event.place.node();
        self.delivery.take(&event.kind);
        match &event.kind {
            Commanded { command } => self.take_command(command, event.place),
            ProcessStarted { node } => {
                self.down.remove(node);
                self.paused.remove(node);
            }
            ProcessCrashed { node }
            | ProcessHalted { node }
            | BrokerReplaced { node, .. }
            | PowerLost { node, .. }
            | ProcessStopped { node } => {
                self.down.insert(*node);
                self.paused.remove(node);
                let led = self.leaders.iter().filter(|(_, leader)| **leader == Some(*node));
                for partition in led.map(|(partition, _)| partition.clone()) {
                    self.unserved_since.entry(partition).or_insert(event.at);
                }
            }
            ProcessPaused { node } => {
                self.paused.insert(*node);
            }
            ProcessResumed { node } => {
                self.paused.remove(node);
            }
            LogRecovered { node, partition, log_end_offset, high_watermark, .. } => {
                self.log_ends.insert((partition.clone(), *node), *log_end_offset);
                self.high_watermarks.insert((partition.clone(), *node), *high_watermark);
                self.lineages
                    .entry((partition.clone(), *node))
                    .or_default()
                    .truncate(*log_end_offset);
            }
            LeaderElected { partition, leader, .. } => {
                let before = self.leaders.insert(partition.clone(), *leader);
                if before != Some(*leader) {
                    self.unserved_since.entry(partition.clone()).or_insert(event.at);
                }
            }
            BecameLeader { partition, start_offset, .. } if here == self.leader(partition) => {
                self.take_leader(partition, *start_offset, event.at);
            }
            BecameFollower { partition, leader, .. } => {
                if let Some(node) = here {
                    self.follows.insert((partition.clone(), node), *leader);
                }
            }
            IsrChanged { partition, isr, .. } => {
                self.isrs.insert(partition.clone(), isr.clone());
            }
            RecordsAppended { partition, base_offset, last_offset, leader_epoch, role, .. } => {
                if let Some(node) = here {
                    self.log_ends.insert((partition.clone(), node), last_offset + 1);
                    let mut lineage =
                        self.lineages.remove(&(partition.clone(), node)).unwrap_or_default();
                    match role {
                        Role::Leader => lineage.append(*base_offset, *last_offset, *leader_epoch),
                        Role::Follower => {
                            let leader = self.follows.get(&(partition.clone(), node)).copied();
                            let leader = leader.flatten().map(|leader| (partition.clone(), leader));
                            if let Some(from) = leader.and_then(|key| self.lineages.get(&key)) {
                                lineage.copy(from, *base_offset, *last_offset);
                            }
                        }
                    }
                    self.lineages.insert((partition.clone(), node), lineage);
                }
            }
            LogTruncated { partition, to, .. } => {
                if let Some(node) = here {
                    self.log_ends.insert((partition.clone(), node), *to);
                    self.lineages.entry((partition.clone(), node)).or_default().truncate(*to);
                }
            }
            HighWatermarkMoved { partition, to, .. } => {
                if let Some(node) = here {
                    self.high_watermarks.insert((partition.clone(), node), *to);
                }
            }
            FollowerCaughtUpTo { partition, follower, log_end_offset } => {
                self.fetched.insert((partition.clone(), *follower), *log_end_offset);
            }
            RecordAcknowledged { client, acks, partition, offset, .. } => {
                if *offset >= 0 {
                    self.take_promise(partition, *offset, *acks);
                }
                match self
                    .acknowledged
                    .iter_mut()
                    .find(|(id, with, _)| id == client && with == acks)
                {
                    Some((_, _, count)) => *count += 1,
                    None => self.acknowledged.push((*client, *acks, 1)),
                }
            }
            RecordsConsumed { client, partition, last_offset, records, .. } => {
                let reader = (*client, partition.clone());
                *self.records_read.entry(reader.clone()).or_insert(0) += records;
                self.positions.insert(reader, last_offset + 1);
            }
            ReadReplicaChanged { client, partition, replica, change } => {
                let reader = (*client, partition.clone());
                match change {
                    ReadReplicaChange::Named { .. } => {}
                    ReadReplicaChange::Taken { .. } => {
                        self.read_replicas.insert(reader, *replica);
                    }
                    ReadReplicaChange::Left(_) => {
                        self.read_replicas.remove(&reader);
                    }
                }
            }
            LogStartOffsetMoved { partition, to, .. } => {
                if let Some(node) = here {
                    self.log_starts.insert((partition.clone(), node), *to);
                }
            }
            PositionReset { client, partition, offset }
            | TruncationDetected { client, partition, to: offset, .. } => {
                self.positions.insert((*client, partition.clone()), *offset);
            }
            _ => {}
        }
    }

    /// A leader serves: what it lacks of what was promised is lost.
    fn take_leader(&mut self, partition: &TopicPartition, log_end: i64, at: SimTime) {
        if let Some(since) = self.unserved_since.remove(partition) {
            let ms = at.as_millis().saturating_sub(since.as_millis());
            self.unserved_ms.insert(partition.clone(), ms);
        }
        let lost = self.lost.entry(partition.clone()).or_default();
        let promised = self.promised.entry(partition.clone()).or_default();
        for (first, last, acks) in promised.iter_mut().filter(|(_, last, _)| *last >= log_end) {
            let count = (*last + 1 - log_end.max(*first)).unsigned_abs();
            *last = log_end - 1;
            match lost.iter_mut().find(|(with, _)| with == acks) {
                Some((_, lost)) => *lost += count,
                None => lost.push((*acks, count)),
            }
        }
        promised.retain(|(first, last, _)| first <= last);
    }

    fn take_promise(&mut self, partition: &TopicPartition, offset: i64, acks: Acks) {
        let promised = self.promised.entry(partition.clone()).or_default();
        match promised.last_mut().filter(|(_, last, with)| *last + 1 == offset && *with == acks) {
            Some((_, last, _)) => *last = offset,
            None => promised.push((offset, offset, acks)),
        }
    }

    fn take_command(&mut self, command: &Command, place: Address) {
        let name = match command {
            Command::Produce(produce) => &produce.producer,
            Command::StartWorkload(workload) => &workload.producer,
            Command::Consume { consumer, .. } => consumer,
            Command::CreateTopic(create) => {
                for (name, value) in &create.configs {
                    self.configs.insert((create.topic.clone(), name.clone()), value.clone());
                }
                return;
            }
            Command::AlterConfigs { resource: ConfigResource::Topic(topic), changes } => {
                for (name, value) in changes {
                    let key = (topic.clone(), name.clone());
                    match value {
                        Some(value) => _ = self.configs.insert(key, value.clone()),
                        None => _ = self.configs.remove(&key),
                    }
                }
                return;
            }
            _ => return,
        };
        if let Address::Client(id) = place {
            self.names.insert(id, name.clone());
        }
    }
}
