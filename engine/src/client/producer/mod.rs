//! A producer (`KafkaProducer`): `send` gives a record its partition and a place in a batch; the sender
//! takes batches that are full or have lingered to the leaders, several requests at a time, and tries
//! again until `delivery.timeout.ms`.
//!
//! ```text
//! application --send--> accumulator --drain--> in flight --> acknowledged, failed, or back to the front
//!  (max.block.ms)   (batch.size, linger.ms,   (max.in.flight.requests.per.connection,
//!                    buffer.memory)            request.timeout.ms)
//! ```
//!
//! Here: the application's side, and what arrives. What leaves is in `sender`, batches and memory in
//! `record_accumulator`, sequence numbers in `transaction_manager`.

mod batch;
mod built_in_partitioner;
pub mod config;
mod coordinators;
mod record_accumulator;
mod sender;
#[cfg(test)]
mod tests;
mod transaction_manager;
mod transactions;
mod workload;

pub use batch::{ProducerBatch, ProducerRecord};
pub use config::{PRODUCER_CONFIGS, ProducerConfig, acks_named};
pub use record_accumulator::{Readiness, RecordAccumulator};
pub use transaction_manager::{SequencesOfPartition, TransactionManager};
pub use transactions::{SendOffsets, Transactional, TransactionalState};
pub use workload::RunningWorkload;

use super::consumer::Consumed;
use super::metadata::ClientMetadata;
use crate::command::Produce;
use crate::event::{BatchStage, EventKind, FailureReason};
use crate::ids::{ClientId, EventId, NodeId, TopicPartition};
use crate::protocol::*;
use crate::record::Header;
use crate::sim::random::mix;
use crate::sim::time::SimTime;
use crate::world::{Call, Ctx, Timer};
use bytes::Bytes;
use record_accumulator::Room;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

/// Of which record an application made this one: `orders-0@5`.
pub const SOURCE_HEADER: &str = "source";

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Producer {
    pub id: ClientId,
    pub config: Arc<ProducerConfig>,
    next_record: u64,
    metadata: ClientMetadata,
    /// What the application has yet to hand over: it waits in `send` with the first of these.
    pub blocked: VecDeque<ProducerRecord>,
    /// Since when it waits.
    blocked_since: SimTime,
    /// That it waits for memory has been told.
    told_blocked: bool,
    pub accumulator: RecordAccumulator,
    /// Of an idempotent producer.
    pub transactions: Option<TransactionManager>,
    /// Of one with a `transactional.id`.
    pub transactional: Option<Transactional>,
    /// Requests that wait for their answer, oldest first.
    pub requests: BTreeMap<u64, InFlightRequest>,
    next_request: u64,
    /// The broker that is asked for a producer id, and whether it has yet to answer.
    id_turn: i32,
    asks_for_id: bool,
    pub acknowledged: u64,
    pub failed: u64,
    /// What its application sends by itself.
    pub workload: Option<RunningWorkload>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InFlightRequest {
    pub to: NodeId,
    pub batches: Vec<ProducerBatch>,
    /// Partitions whose batch expired before the answer came.
    expired: Vec<TopicPartition>,
    correlation_id: u32,
}

impl Producer {
    pub fn new(id: ClientId, config: ProducerConfig, seed: u64) -> Self {
        let mut transactions = config.idempotence.then(TransactionManager::default);
        let transactional = config.transactional_id.clone().map(|id| {
            if let Some(transactions) = &mut transactions {
                transactions.is_transactional = true;
            }
            Transactional::new(id, config.transaction_timeout_ms as u64)
        });
        Producer {
            id,
            next_record: 0,
            metadata: ClientMetadata::with_max_age(config.metadata_max_age_ms as u64),
            blocked: VecDeque::new(),
            blocked_since: SimTime::ZERO,
            told_blocked: false,
            accumulator: RecordAccumulator::new(mix(&[seed, u64::from(id.0), 0x9d])),
            transactions,
            transactional,
            requests: BTreeMap::new(),
            next_request: 0,
            id_turn: 0,
            asks_for_id: false,
            acknowledged: 0,
            failed: 0,
            workload: None,
            config: Arc::new(config),
        }
    }

    /// Begins its work: one that is idempotent asks for its id at once.
    pub fn start(&mut self, ctx: &mut Ctx<'_>) {
        self.run(ctx);
    }

    /// The application calls `send` for every record, one after the other.
    pub fn send(&mut self, ctx: &mut Ctx<'_>, request: &Produce) {
        let mut records = Vec::with_capacity(request.count as usize);
        for n in 1..=request.count {
            records.push(ProducerRecord {
                number: self.next_record,
                topic: request.topic.clone(),
                partition: request.partition,
                key: request.key.clone(),
                value: request.value_of(n),
                headers: header_list(&request.headers),
                timestamp_ms: request.timestamp_ms,
                acks: request.acks.unwrap_or(self.config.acks),
                compression: request.compression.unwrap_or(self.config.compression),
                cause: ctx.cause,
            });
            self.next_record += 1;
        }
        self.send_records(ctx, records);
    }

    fn send_records(&mut self, ctx: &mut Ctx<'_>, records: Vec<ProducerRecord>) {
        if self.transactional.is_some() {
            return self.call_send(ctx, records);
        }
        if self.blocked.is_empty() {
            self.blocked_since = ctx.now();
        }
        self.blocked.extend(records);
        self.run(ctx);
    }

    /// Sends what its application has made of these records, each with a header that says of which.
    fn send_all(&mut self, ctx: &mut Ctx<'_>, topic: &Arc<str>, records: Vec<Consumed>) {
        let records = records.into_iter().map(|Consumed { partition, offset, key, value }| {
            self.next_record += 1;
            let source = format!("{partition}@{offset}");
            let source = Header { key: SOURCE_HEADER.into(), value: Some(source.into()) };
            ProducerRecord {
                number: self.next_record - 1,
                topic: topic.clone(),
                partition: None,
                key,
                value,
                headers: vec![source],
                timestamp_ms: None,
                acks: self.config.acks,
                compression: self.config.compression,
                cause: ctx.cause,
            }
        });
        let records = records.collect();
        self.send_records(ctx, records);
    }

    /// Lets the application go on as far as it can.
    fn hand_over(&mut self, ctx: &mut Ctx<'_>) {
        while !self.blocked.is_empty() {
            if let Err(reason) = self.hand_over_first(ctx) {
                let waited_ms = ctx.now().since(self.blocked_since) / 1000;
                if waited_ms < self.config.max_block_ms as u64 {
                    return;
                }
                if let Some(record) = self.blocked.pop_front() {
                    let partition = record.partition.unwrap_or(0);
                    let id = TopicPartition { topic: record.topic.clone(), partition };
                    self.fail(ctx, &id, &record, KafkaError::RequestTimedOut, reason);
                }
            }
            self.accumulator.is_exhausted = false;
            self.blocked_since = ctx.now();
            self.told_blocked = false;
        }
    }

    fn hand_over_first(&mut self, ctx: &mut Ctx<'_>) -> Result<(), FailureReason> {
        let known = self.blocked.front().map(|record| self.known_partitions(record));
        let count = known.flatten().ok_or(FailureReason::NoMetadata)?;
        let (config, now) = (self.config.clone(), ctx.now());
        let Some(record) = self.blocked.front_mut() else {
            return Ok(());
        };
        // Its size depends on its time.
        record.timestamp_ms.get_or_insert(now.timestamp_ms());
        let record = &*record;
        let partition = self.accumulator.partition_of(&config, &self.metadata, record, count);
        let id = TopicPartition { topic: record.topic.clone(), partition };
        let ctx = &mut ctx.because(record.cause);
        let Room { closed, is_new_batch } = self.accumulator.make_room(&config, &id, record, now);
        if let Some(number) = closed
            && let Some(batch) = self.accumulator.batch_mut(&id, number)
        {
            tell_filled(ctx, self.id, batch);
        }
        let is_new_batch = match is_new_batch {
            Ok(is_new_batch) => is_new_batch,
            Err(no_memory) => {
                if !std::mem::replace(&mut self.told_blocked, true) {
                    ctx.emit(EventKind::SendBlocked {
                        client: self.id,
                        partition: id,
                        needed_bytes: no_memory.needed as u64,
                        free_bytes: no_memory.free as u64,
                    });
                }
                return Err(FailureReason::BufferExhausted);
            }
        };
        let Some(record) = self.blocked.pop_front() else {
            return Ok(());
        };
        let (client, sequence) = (self.id, record.number);
        let partition = id.clone();
        let event = ctx.emit(EventKind::RecordQueued { client, partition, sequence });
        let ctx = &mut ctx.because(event);
        let batch = self.accumulator.append(&config, &self.metadata, &id, record);
        if is_new_batch {
            let (partition, batch_number) = (id.clone(), batch.number);
            batch.cause = ctx.emit(EventKind::BatchAdvanced {
                client,
                partition,
                batch: batch_number,
                stage: BatchStage::Created,
            });
        }
        if batch.is_full() {
            tell_filled(ctx, client, batch);
        }
        Ok(())
    }

    /// How many partitions the record's topic has, once they are known and the one that it asks for is
    /// among them.
    fn known_partitions(&self, record: &ProducerRecord) -> Option<i32> {
        let count = self.metadata.partition_count(&record.topic)?;
        record.partition.is_none_or(|partition| partition < count).then_some(count)
    }

    pub fn on_reply(&mut self, ctx: &mut Ctx<'_>, call: Call, reply: Reply) {
        match call {
            Call::Metadata => {
                self.metadata.on_reply(ctx, self.id, reply);
                self.run(ctx);
                if !self.topics_to_ask_for().is_empty() {
                    let backoff_ms = self.config.retry_backoff_ms as u64;
                    ctx.set_timer_in(Timer::MetadataRefresh, backoff_ms);
                }
            }
            Call::InitProducerId if self.transactional.is_none() => {
                self.on_producer_id(ctx, reply);
            }
            Call::Produce { request } => self.on_produce_reply(ctx, request, reply),
            call => self.on_coordinator_reply(ctx, call, reply),
        }
    }

    pub fn on_timer(&mut self, ctx: &mut Ctx<'_>, timer: Timer) {
        match timer {
            Timer::Linger(id) => {
                if let Some(batch) = self.first_batch(&id)
                    && batch.attempts == 0
                    && !batch.is_full()
                {
                    let records = batch.records.len() as u32;
                    let (client, partition, batch) = (self.id, id.clone(), batch.number);
                    let stage = BatchStage::Lingered { records };
                    let kind = EventKind::BatchAdvanced { client, partition, batch, stage };
                    self.set_cause(&id, ctx.emit(kind));
                }
            }
            Timer::Retry(id) => self.set_cause(&id, ctx.cause),
            Timer::Workload => return self.on_workload(ctx),
            Timer::MetadataExpiry => self.metadata.ask(ctx, self.metadata.topics()),
            _ => {}
        }
        self.run(ctx);
    }

    fn first_batch(&self, id: &TopicPartition) -> Option<&ProducerBatch> {
        self.accumulator.batches.get(id)?.front()
    }

    /// What the first batch of a partition will leave for.
    fn set_cause(&mut self, id: &TopicPartition, cause: EventId) {
        let first = self.accumulator.batches.get_mut(id).and_then(VecDeque::front_mut);
        if let Some(batch) = first {
            batch.cause = cause;
        }
    }

    /// Topics that somebody waits for.
    fn topics_to_ask_for(&self) -> BTreeSet<Arc<str>> {
        let first = self.blocked.front().filter(|record| self.known_partitions(record).is_none());
        let leaderless =
            self.accumulator.batches.keys().filter(|id| self.metadata.leader(id).is_none());
        let topics = leaderless.map(|id| &id.topic).chain(first.map(|record| &record.topic));
        topics.cloned().collect()
    }

    fn ask_metadata_if_needed(&mut self, ctx: &mut Ctx<'_>) {
        let topics = self.topics_to_ask_for();
        if !topics.is_empty() && !ctx.has_timer(&Timer::MetadataRefresh) {
            self.metadata.ask(ctx, topics);
        }
    }

    /// Batches of a partition that are on their way.
    pub fn in_flight(&self) -> impl Iterator<Item = &ProducerBatch> {
        self.requests.values().flat_map(|request| &request.batches)
    }

    /// The number that its next record gets.
    pub fn next_record(&self) -> u64 {
        self.next_record
    }

    /// Records that have yet to leave.
    pub fn waiting(&self) -> usize {
        let waiting = self.accumulator.batches.values().flatten();
        self.blocked.len() + waiting.map(|batch| batch.records.len()).sum::<usize>()
    }

    /// Partitions that it has sent to, or is about to.
    pub fn partitions(&self) -> BTreeSet<TopicPartition> {
        self.accumulator.partitions()
    }

    /// Records that the application has handed over, or is handing over, and knows nothing of yet.
    pub fn outstanding(&self) -> usize {
        self.waiting() + self.in_flight().map(|batch| batch.records.len()).sum::<usize>()
    }
}

fn tell_filled(ctx: &mut Ctx<'_>, client: ClientId, batch: &mut ProducerBatch) {
    let (records, bytes) = (batch.records.len() as u32, batch.size as u64);
    batch.cause = ctx.emit(EventKind::BatchAdvanced {
        client,
        partition: batch.partition.clone(),
        batch: batch.number,
        stage: BatchStage::Filled { records, bytes },
    });
}

fn header_list(headers: &[(String, Bytes)]) -> Vec<Header> {
    let header =
        |(key, value): &(String, Bytes)| Header { key: key.clone(), value: Some(value.clone()) };
    headers.iter().map(header).collect()
}
