//! What a run has said so far, as far as goals ask: the offsets of each replica, who leads, who is
//! in sync, which processes stand still, what topics set, what clients know. It is written from events alone, so the
//! same events always give the same ledger.

use kafkascope_engine::command::Command;
use kafkascope_engine::event::{Event, EventKind};
use kafkascope_engine::ids::{Address, ClientId, ConfigResource, NodeId, TopicPartition};
use kafkascope_engine::protocol::Acks;
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
    paused: BTreeSet<NodeId>,
    down: BTreeSet<NodeId>,
    names: BTreeMap<ClientId, Arc<str>>,
    acknowledged: Vec<(ClientId, Acks, u64)>,
    /// The offset that each consumer reads next.
    positions: BTreeMap<(ClientId, TopicPartition), i64>,
    log_starts: BTreeMap<(TopicPartition, NodeId), i64>,
    /// How many records each consumer has read.
    records_read: BTreeMap<(ClientId, TopicPartition), u64>,
    /// What topics set themselves, by topic and name.
    configs: BTreeMap<(Arc<str>, String), String>,
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

    fn is_named(&self, client: ClientId, name: Option<&str>) -> bool {
        name.is_none_or(|name| self.names.get(&client).is_some_and(|known| **known == *name))
    }

    pub fn take(&mut self, event: &Event) {
        use EventKind::*;
        let here = event.place.node();
        match &event.kind {
            Commanded { command } => self.take_command(command, event.place),
            ProcessStarted { node } => {
                self.down.remove(node);
                self.paused.remove(node);
            }
            ProcessCrashed { node } | PowerLost { node, .. } | ProcessStopped { node } => {
                self.down.insert(*node);
                self.paused.remove(node);
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
            }
            LeaderElected { partition, leader, .. } => {
                self.leaders.insert(partition.clone(), *leader);
            }
            IsrChanged { partition, isr, .. } => {
                self.isrs.insert(partition.clone(), isr.clone());
            }
            RecordsAppended { partition, last_offset, .. } => {
                if let Some(node) = here {
                    self.log_ends.insert((partition.clone(), node), last_offset + 1);
                }
            }
            LogTruncated { partition, to, .. } => {
                if let Some(node) = here {
                    self.log_ends.insert((partition.clone(), node), *to);
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
            RecordAcknowledged { client, acks, .. } => {
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

    fn take_command(&mut self, command: &Command, place: Address) {
        let name = match command {
            Command::Produce(produce) => &produce.producer,
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
