//! Transactions as seen from outside: what `kafka-transactions.sh` and the page ask, and how the two clients of an
//! application that reads and writes give each other work.

use super::commands::check_client_name;
use super::{CLIENTS_MAX, Client, ClientKind, Cluster};
use crate::client::consumer::{Consumer, ConsumerConfig};
use crate::client::producer::{Producer, ProducerConfig, SendOffsets};
use crate::command::{Command, Process, Refusal, StartFrom, TooMany, TransactionAct};
use crate::ids::{ClientId, EventId, NodeId, TopicPartition};
use crate::log::producer_state_entry::ProducerStateEntry;
use crate::log::transaction_index::AbortedTxn;
use crate::protocol::{IsolationLevel, ProducerIdAndEpoch, WriteTxnMarkersRequest};
use crate::replication::partition::Partition;
use crate::transaction::coordinator::{Shard, Transaction, partition_of_transactional_id};
use crate::transaction::transaction_record::TRANSACTION_STATE_TOPIC;
use crate::world::{Ctx, World};
use std::sync::Arc;

/// A transaction that is open in a replica's log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenTransaction {
    pub producer: ProducerIdAndEpoch,
    pub first_offset: i64,
    /// Of the last marker of this producer; -1 if there was none.
    pub coordinator_epoch: i32,
    /// Unix ms of its last batch.
    pub last_timestamp: i64,
}

impl Partition {
    /// The transactions that are open here, in the order of their first offsets.
    pub fn open_transactions(&self) -> Vec<OpenTransaction> {
        let producers = self.log.producer_state();
        let open = |(first_offset, producer_id): (i64, i64)| {
            let entry: &ProducerStateEntry = producers.entry(producer_id)?;
            Some(OpenTransaction {
                producer: ProducerIdAndEpoch { producer_id, epoch: entry.producer_epoch },
                first_offset,
                coordinator_epoch: entry.coordinator_epoch,
                last_timestamp: entry.last_timestamp,
            })
        };
        producers.ongoing_transactions().filter_map(open).collect()
    }

    /// The transactions that were aborted, as far as the log still has them.
    pub fn aborted_transactions(&self) -> Vec<AbortedTxn> {
        self.log.segments().flat_map(|segment| segment.txn_index().entries()).collect()
    }
}

impl Cluster {
    /// The broker that coordinates a transactional id now, with all that belongs to the same partition.
    pub fn transaction_coordinator_of(&self, transactional_id: &str) -> Option<(NodeId, &Shard)> {
        let image = self.newest_metadata()?;
        self.transaction_shard(&partition_of_transactional_id(image, transactional_id)?)
    }

    fn transaction_shard(&self, id: &TopicPartition) -> Option<(NodeId, &Shard)> {
        let running = self.brokers().filter(|node| node.is_running());
        let shards = running.filter_map(|node| {
            let shard = node.broker()?.transactions.shards.get(id)?;
            (!shard.loading).then_some((node.id, shard))
        });
        shards.max_by_key(|(_, shard)| shard.coordinator_epoch)
    }

    /// Every transactional id that is coordinated now, with its coordinator.
    pub fn transactions(&self) -> Vec<(NodeId, &Transaction)> {
        let topic = self.newest_metadata().and_then(|m| m.topics.get(TRANSACTION_STATE_TOPIC));
        let partitions = topic.into_iter().flat_map(|topic| topic.partitions.keys());
        let shards = partitions.filter_map(|partition| {
            self.transaction_shard(&TopicPartition::new(TRANSACTION_STATE_TOPIC, *partition))
        });
        let all = shards.flat_map(|(node, shard)| {
            shard.transactions.values().map(move |transaction| (node, transaction))
        });
        let mut all: Vec<_> = all.collect();
        all.sort_by(|a, b| a.1.metadata.transactional_id.cmp(&b.1.metadata.transactional_id));
        all
    }

    /// The replica at the leader of the latest epoch that runs.
    pub fn leading_replica(&self, id: &TopicPartition) -> Option<(NodeId, &Partition)> {
        self.leaders_of(id).max_by_key(|(_, partition)| partition.leader_epoch)
    }

    pub(super) fn check_transaction(&self, command: &Command) -> Result<(), Refusal> {
        match command {
            Command::Transaction { producer, .. } | Command::SendOffsets { producer, .. } => {
                self.check_transactional(producer)
            }
            Command::Process(process) => self.check_process(process),
            Command::AbortTransaction { partition, start_offset } => {
                self.abort_target(partition, *start_offset).map(|_| ())
            }
            _ => Ok(()),
        }
    }

    pub(super) fn carry_out_transaction(
        &mut self,
        command: &Command,
        event: EventId,
    ) -> Result<(), Refusal> {
        match command {
            Command::Transaction { producer, act } => {
                self.with_producer(producer, event, |producer, ctx| match act {
                    TransactionAct::Begin => producer.begin_transaction(ctx),
                    TransactionAct::Commit => producer.commit_transaction(ctx),
                    TransactionAct::Abort => producer.abort_transaction(ctx),
                });
            }
            Command::SendOffsets { producer, group, offsets } => {
                let offsets = SendOffsets::of_nobody(group, offsets);
                self.with_producer(producer, event, |producer, ctx| {
                    producer.send_offsets_to_transaction(ctx, offsets);
                });
            }
            Command::Process(process) => self.start_process(process, event)?,
            Command::AbortTransaction { partition, start_offset } => {
                let (leader, marker) = self.abort_target(partition, *start_offset)?;
                self.at_node(leader, |node, world| node.write_markers(world, &marker, event));
            }
            _ => {}
        }
        Ok(())
    }

    fn check_transactional(&self, name: &str) -> Result<(), Refusal> {
        let client = self.client_named(name).filter(|client| !client.closed);
        let client = client.ok_or(Refusal::NoSuchClient { name: name.to_string() })?;
        match client.producer().and_then(|producer| producer.transactional.as_ref()) {
            Some(_) => Ok(()),
            None => Err(Refusal::NotTransactional { name: name.to_string() }),
        }
    }

    /// The leader, and the marker that ends the transaction there.
    pub(super) fn abort_target(
        &self,
        id: &TopicPartition,
        start_offset: i64,
    ) -> Result<(NodeId, WriteTxnMarkersRequest), Refusal> {
        self.known_topic(&id.topic)?;
        let unavailable = Refusal::LeaderUnavailable { partition: id.clone() };
        let (leader, partition) = self.leading_replica(id).ok_or(unavailable)?;
        let open = partition.open_transactions();
        let found = open.into_iter().find(|open| open.first_offset == start_offset);
        let partition = id.clone();
        let open = found.ok_or(Refusal::NoSuchTransaction { partition, start_offset })?;
        let marker = WriteTxnMarkersRequest {
            producer: open.producer,
            commit: false,
            coordinator_epoch: open.coordinator_epoch.max(0),
            transaction_version: 0,
            partitions: vec![id.clone()],
        };
        Ok((leader, marker))
    }

    fn check_process(&self, process: &Process) -> Result<(), Refusal> {
        self.known_topic(&process.input)?;
        self.writable_topic(&process.output)?;
        self.check_membership(&process.membership())?;
        process_config(process)?;
        for name in [process.app.clone(), process.producer()] {
            check_client_name(&name)?;
            if self.client_named(&name).is_some() {
                return Err(Refusal::NameTaken { name: name.to_string() });
            }
        }
        match self.clients.len() as u32 + 2 > CLIENTS_MAX {
            true => Err(Refusal::TooMany { what: TooMany::Clients, max: CLIENTS_MAX }),
            false => Ok(()),
        }
    }

    fn start_process(&mut self, process: &Process, event: EventId) -> Result<(), Refusal> {
        let config = process_config(process)?;
        let id = ClientId(self.clients.len() as u32);
        let producer_id = ClientId(id.0 + 1);
        let isolation_level = IsolationLevel::ReadCommitted;
        let committed = ConsumerConfig { isolation_level, ..ConsumerConfig::default() };
        let consumer = Consumer::new(id, process.input.clone(), StartFrom::Earliest, None)
            .configured(committed)
            .in_group(process.app.clone(), process.membership())
            .feeding(producer_id, process.output.clone());
        let producer = Producer::new(producer_id, config, self.spec().seed);
        let kinds =
            [ClientKind::Consumer(Box::new(consumer)), ClientKind::Producer(Box::new(producer))];
        let names = [process.app.clone(), process.producer()];
        for ((id, kind), name) in [id, producer_id].into_iter().zip(kinds).zip(names) {
            self.clients.push(Arc::new(Client { id, name, closed: false, kind }));
        }
        self.with_client(producer_id, event, |kind, ctx| {
            if let ClientKind::Producer(producer) = kind {
                producer.start(ctx);
            }
        });
        self.with_client(id, event, |kind, ctx| {
            if let ClientKind::Consumer(consumer) = kind {
                consumer.start(ctx);
            }
        });
        Ok(())
    }

    fn with_producer(
        &mut self,
        name: &str,
        cause: EventId,
        act: impl FnOnce(&mut Producer, &mut Ctx<'_>),
    ) {
        if let Some(id) = self.client_named(name).map(|client| client.id) {
            self.with_client(id, cause, |kind, ctx| {
                if let ClientKind::Producer(producer) = kind {
                    act(producer, ctx);
                }
            });
        }
    }

    /// What one client of an application has for the other.
    pub(super) fn pass_work_on(&mut self, id: ClientId, cause: EventId) {
        let feeds = |client: &Client| client.consumer()?.feeding.as_ref().map(|f| f.producer);
        let Some(client) = self.client(id).filter(|client| !client.closed) else {
            return;
        };
        let (consumer, producer) = match (feeds(client), id.0.checked_sub(1).map(ClientId)) {
            (Some(producer), _) => (id, producer),
            (None, Some(before)) if self.client(before).and_then(feeds) == Some(id) => (before, id),
            _ => return,
        };
        let world = &mut self.world;
        let Some([of_consumer, of_producer]) = self
            .clients
            .get_mut(consumer.0 as usize..=producer.0 as usize)
            .and_then(|both| <&mut [Arc<Client>; 2]>::try_from(both).ok())
        else {
            return;
        };
        let (ClientKind::Consumer(reads), ClientKind::Producer(writes)) =
            (&mut Arc::make_mut(of_consumer).kind, &mut Arc::make_mut(of_producer).kind)
        else {
            return;
        };
        exchange(world, reads, writes, cause);
        self.end_if_dead(consumer);
    }
}

/// Work goes to the producer, and what has become of it to the consumer, until neither has anything.
fn exchange(world: &mut World, reads: &mut Consumer, writes: &mut Producer, cause: EventId) {
    let (reads_at, writes_at) = (reads.id.into(), writes.id.into());
    loop {
        if let Some((output, work)) = reads.take_work() {
            let mut ctx = Ctx { world: &mut *world, here: writes_at, cause: work.cause };
            writes.process(&mut ctx, &output, work);
        }
        let done = writes.work_done(&mut Ctx { world: &mut *world, here: writes_at, cause });
        let Some(done) = done else {
            return;
        };
        reads.on_work_done(&mut Ctx { world: &mut *world, here: reads_at, cause }, done);
        if !reads.has_work() {
            return;
        }
    }
}

fn process_config(process: &Process) -> Result<ProducerConfig, Refusal> {
    let settings = [
        ("transactional.id", process.transactional_id.to_string()),
        ("transaction.timeout.ms", process.transaction_timeout_ms.to_string()),
    ];
    let settings = settings.map(|(name, value)| (name.to_string(), value));
    ProducerConfig::from_settings(&settings)
}
