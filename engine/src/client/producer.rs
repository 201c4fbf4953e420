//! A producer: it finds out who leads, gathers records per partition for `linger.ms` or until
//! `batch.size`, sends one batch per partition at a time, and tries again until
//! `delivery.timeout.ms`. Which partition a key goes to is in [`super::partitioner`].
//!
//! Absent: idempotence, so a retried batch may be written twice; more than one batch in flight.

use super::metadata::ClientMetadata;
use super::partitioner::partition_for_key;
use crate::command::Produce;
use crate::event::EventKind;
use crate::ids::{ClientId, EventId, NodeId, TopicPartition};
use crate::protocol::*;
use crate::record::CompressionType;
use crate::record::record::Header;
use crate::record::record_batch_builder::RecordBatchBuilder;
use crate::sim::random::mix;
use crate::sim::time::SimTime;
use crate::world::{Call, Ctx, Timer};
use bytes::Bytes;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

/// Kafka 4's defaults (`ProducerConfig`); `max.in.flight.requests.per.connection` is 1 here.
const LINGER_MS: u64 = 5;
const BATCH_SIZE: usize = 16_384;
const REQUEST_TIMEOUT_MS: u64 = 30_000;
const DELIVERY_TIMEOUT_MS: u64 = 120_000;
const RETRY_BACKOFF_MS: u64 = 100;
const RETRY_BACKOFF_MAX_MS: u64 = 1_000;
/// The most that a record's own fields take besides key, value and headers.
const RECORD_OVERHEAD: usize = 21;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Producer {
    pub id: ClientId,
    next_sequence: u64,
    batches_sent: u64,
    metadata: ClientMetadata,
    /// Records whose topic's partitions are not yet known.
    unassigned: VecDeque<Queued>,
    pub queues: BTreeMap<TopicPartition, Queue>,
    pub acknowledged: u64,
    pub failed: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Queue {
    /// Waiting to be sent, oldest first.
    pub waiting: VecDeque<Queued>,
    /// The size of `waiting`.
    waiting_bytes: usize,
    pub in_flight: Option<InFlight>,
    attempts: u32,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Queued {
    /// Counts the records of this producer.
    pub sequence: u64,
    pub topic: Arc<str>,
    pub partition: Option<i32>,
    pub key: Option<Bytes>,
    pub value: Option<Bytes>,
    pub headers: Vec<Header>,
    pub timestamp_ms: i64,
    pub acks: Acks,
    pub compression: CompressionType,
    pub queued_at: SimTime,
    /// The command that brought it, then the event that put it into its queue.
    cause: EventId,
}

impl Queued {
    fn size(&self) -> usize {
        let length = |bytes: &Option<Bytes>| bytes.as_ref().map_or(0, Bytes::len);
        let headers: usize = self.headers.iter().map(|h| h.key.len() + length(&h.value)).sum();
        length(&self.key) + length(&self.value) + headers + RECORD_OVERHEAD
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InFlight {
    pub records: Vec<Queued>,
    pub to: NodeId,
}

impl Producer {
    pub fn new(id: ClientId) -> Self {
        Producer {
            id,
            next_sequence: 0,
            batches_sent: 0,
            metadata: ClientMetadata::default(),
            unassigned: VecDeque::new(),
            queues: BTreeMap::new(),
            acknowledged: 0,
            failed: 0,
        }
    }

    /// Takes records from the application.
    pub fn send(&mut self, ctx: &mut Ctx<'_>, request: &Produce) {
        for n in 1..=request.count {
            self.unassigned.push_back(Queued {
                sequence: self.next_sequence,
                topic: request.topic.clone(),
                partition: request.partition,
                key: request.key.clone(),
                value: request.value_of(n),
                headers: header_list(&request.headers),
                timestamp_ms: request.timestamp_ms.unwrap_or(ctx.now().timestamp_ms()),
                acks: request.acks,
                compression: request.compression,
                queued_at: ctx.now(),
                cause: ctx.cause,
            });
            self.next_sequence += 1;
        }
        self.assign(ctx);
    }

    /// Gives every record whose topic is known its partition.
    fn assign(&mut self, ctx: &mut Ctx<'_>) {
        for mut record in std::mem::take(&mut self.unassigned) {
            let Some(partitions) = self.metadata.partition_count(&record.topic) else {
                self.unassigned.push_back(record);
                continue;
            };
            let partition = record.partition.unwrap_or_else(|| match &record.key {
                Some(key) => partition_for_key(key, partitions),
                // Sticky: the same partition until a batch has left.
                None => {
                    let draw = [ctx.world.spec.seed, u64::from(self.id.0), self.batches_sent];
                    (mix(&draw) % partitions as u64) as i32
                }
            });
            let id = TopicPartition { topic: record.topic.clone(), partition };
            let ctx = &mut ctx.because(record.cause);
            record.cause = ctx.emit(EventKind::RecordQueued {
                client: self.id,
                partition: id.clone(),
                sequence: record.sequence,
            });
            let ctx = &mut ctx.because(record.cause);
            let queue = self.queues.entry(id.clone()).or_default();
            queue.waiting_bytes += record.size();
            queue.waiting.push_back(record);
            let full = queue.waiting_bytes >= BATCH_SIZE;
            if full && queue.in_flight.is_none() && queue.attempts == 0 {
                self.send_batch(ctx, &id);
            } else if queue.waiting.len() == 1 && queue.attempts == 0 {
                ctx.set_timer_in(Timer::Linger(id), LINGER_MS);
            }
        }
        self.ask_metadata_if_needed(ctx);
    }

    fn ask_metadata_if_needed(&mut self, ctx: &mut Ctx<'_>) {
        let mut topics: BTreeSet<Arc<str>> =
            self.unassigned.iter().map(|record| record.topic.clone()).collect();
        let leaderless = self
            .queues
            .iter()
            .filter(|(id, queue)| !queue.waiting.is_empty() && self.metadata.leader(id).is_none());
        topics.extend(leaderless.map(|(id, _)| id.topic.clone()));
        if !topics.is_empty() && !ctx.has_timer(&Timer::MetadataRefresh) {
            self.metadata.ask(ctx, topics);
        }
    }

    /// Sends what waits for a partition, as one batch of records with the same acks and
    /// compression.
    fn send_batch(&mut self, ctx: &mut Ctx<'_>, id: &TopicPartition) {
        self.expire(ctx, id);
        let Some(queue) = self.queues.get_mut(id) else {
            return;
        };
        if queue.in_flight.is_some() || queue.waiting.is_empty() {
            return;
        }
        let (leader, topic_id) = (self.metadata.leader(id), self.metadata.topic_id(&id.topic));
        let (Some((leader, _)), Some(topic_id)) = (leader, topic_id) else {
            return self.ask_metadata_if_needed(ctx);
        };
        let (acks, compression) = (queue.waiting[0].acks, queue.waiting[0].compression);
        let mut records = Vec::new();
        let mut size = 0;
        while let Some(record) = queue.waiting.front() {
            size += record.size();
            let alike = record.acks == acks && record.compression == compression;
            if !alike || (size > BATCH_SIZE && !records.is_empty()) {
                break;
            }
            records.extend(queue.waiting.pop_front());
        }
        queue.waiting_bytes -= records.iter().map(Queued::size).sum::<usize>();
        let mut batch = RecordBatchBuilder::new(0).compression(compression);
        for record in &records {
            let (key, value) = (record.key.as_deref(), record.value.as_deref());
            batch.append(record.timestamp_ms, key, value, &record.headers);
        }
        let request = ProduceRequest {
            acks,
            timeout_ms: REQUEST_TIMEOUT_MS,
            topic_id,
            partition: id.clone(),
            records: batch.build(),
        };
        self.batches_sent += 1;
        if acks == Acks::None {
            queue.attempts = 0;
            let sent = ctx.request_without_reply(leader, Request::Produce(request));
            let ctx = &mut ctx.because(sent);
            for record in &records {
                self.acknowledge(ctx, id, record, -1);
            }
            return self.send_on(ctx, id);
        }
        let call = Call::Produce { partition: id.clone() };
        ctx.request(leader, Request::Produce(request), REQUEST_TIMEOUT_MS, call);
        queue.in_flight = Some(InFlight { records, to: leader });
    }

    /// What waits is sent once its oldest record has lingered, or when there is a full batch.
    fn send_on(&mut self, ctx: &mut Ctx<'_>, id: &TopicPartition) {
        let Some(queue) = self.queues.get(id) else {
            return;
        };
        let Some(oldest) = queue.waiting.front() else {
            return;
        };
        let waited_ms = ctx.now().since(oldest.queued_at) / 1000;
        // It leaves because it was brought here, not because of the answer that made way for it.
        let ctx = &mut ctx.because(oldest.cause);
        if waited_ms >= LINGER_MS || queue.waiting_bytes >= BATCH_SIZE {
            self.send_batch(ctx, id);
        } else {
            ctx.set_timer_in(Timer::Linger(id.clone()), LINGER_MS - waited_ms);
        }
    }

    fn acknowledge(
        &mut self,
        ctx: &mut Ctx<'_>,
        id: &TopicPartition,
        record: &Queued,
        offset: i64,
    ) {
        self.acknowledged += 1;
        ctx.emit(EventKind::RecordAcknowledged {
            client: self.id,
            partition: id.clone(),
            sequence: record.sequence,
            offset,
            acks: record.acks,
        });
    }

    fn fail(&mut self, ctx: &mut Ctx<'_>, id: &TopicPartition, record: &Queued, error: KafkaError) {
        self.failed += 1;
        ctx.emit(EventKind::RecordFailed {
            client: self.id,
            partition: id.clone(),
            sequence: record.sequence,
            error,
        });
    }

    /// Gives up on records that have waited for `delivery.timeout.ms`.
    fn expire(&mut self, ctx: &mut Ctx<'_>, id: &TopicPartition) {
        let now = ctx.now();
        let Some(queue) = self.queues.get_mut(id) else {
            return;
        };
        let late = |record: &Queued| now.since(record.queued_at) >= DELIVERY_TIMEOUT_MS * 1000;
        let expired: Vec<_> =
            std::iter::from_fn(|| queue.waiting.pop_front_if(|r| late(r))).collect();
        queue.waiting_bytes -= expired.iter().map(Queued::size).sum::<usize>();
        if queue.waiting.is_empty() {
            queue.attempts = 0;
        }
        for record in expired {
            self.fail(ctx, id, &record, KafkaError::RequestTimedOut);
        }
    }

    pub fn on_reply(&mut self, ctx: &mut Ctx<'_>, call: Call, reply: Reply) {
        match call {
            Call::Metadata => {
                let answered = self.metadata.on_reply(ctx, self.id, reply);
                if answered {
                    self.assign(ctx);
                    let ready: Vec<_> = self
                        .queues
                        .iter()
                        .filter(|(id, queue)| {
                            !queue.waiting.is_empty()
                                && queue.in_flight.is_none()
                                && self.metadata.leader(id).is_some()
                                && !ctx.has_timer(&Timer::Linger((*id).clone()))
                                && !ctx.has_timer(&Timer::Retry((*id).clone()))
                        })
                        .map(|(id, queue)| (id.clone(), queue.waiting[0].cause))
                        .collect();
                    for (id, cause) in ready {
                        self.send_batch(&mut ctx.because(cause), &id);
                    }
                }
                if self.still_needs_metadata() {
                    ctx.set_timer_in(Timer::MetadataRefresh, RETRY_BACKOFF_MS);
                }
            }
            Call::Produce { partition } => self.on_produce_reply(ctx, &partition, reply),
            _ => {}
        }
    }

    fn still_needs_metadata(&self) -> bool {
        !self.unassigned.is_empty()
            || self
                .queues
                .iter()
                .any(|(id, queue)| !queue.waiting.is_empty() && self.metadata.leader(id).is_none())
    }

    fn on_produce_reply(&mut self, ctx: &mut Ctx<'_>, id: &TopicPartition, reply: Reply) {
        let Some(queue) = self.queues.get_mut(id) else {
            return;
        };
        let Some(in_flight) = queue.in_flight.take() else {
            return;
        };
        let error = match reply {
            Reply::Response(Response::Produce(ProduceResponse { result: Ok(base), .. })) => {
                queue.attempts = 0;
                for (offset, record) in (base..).zip(&in_flight.records) {
                    self.acknowledge(ctx, id, record, offset);
                }
                return self.send_on(ctx, id);
            }
            Reply::Response(Response::Produce(ProduceResponse { result: Err(error), .. })) => {
                Some(error)
            }
            _ => None,
        };
        if let Some(error) = error.filter(|error| !error.is_retriable()) {
            queue.attempts = 0;
            for record in &in_flight.records {
                self.fail(ctx, id, record, error);
            }
            return self.send_on(ctx, id);
        }
        let stale = match error {
            None => true,
            Some(error) => !matches!(
                error,
                KafkaError::NotEnoughReplicas
                    | KafkaError::NotEnoughReplicasAfterAppend
                    | KafkaError::RequestTimedOut
            ),
        };
        if stale {
            self.metadata.forget_leader(id);
        }
        for record in in_flight.records.into_iter().rev() {
            queue.waiting_bytes += record.size();
            queue.waiting.push_front(record);
        }
        queue.attempts += 1;
        let backoff_ms =
            (RETRY_BACKOFF_MS << (queue.attempts - 1).min(8)).min(RETRY_BACKOFF_MAX_MS);
        let partition = id.clone();
        let event = ctx.emit(EventKind::ProduceRetried { client: self.id, partition, error });
        ctx.because(event).set_timer_in(Timer::Retry(id.clone()), backoff_ms);
        self.expire(ctx, id);
    }

    pub fn on_timer(&mut self, ctx: &mut Ctx<'_>, timer: Timer) {
        match timer {
            Timer::Linger(id) | Timer::Retry(id) => self.send_batch(ctx, &id),
            Timer::MetadataExpiry => self.metadata.ask(ctx, self.metadata.topics()),
            Timer::MetadataRefresh => {
                let ids: Vec<_> = self.queues.keys().cloned().collect();
                for id in ids {
                    self.expire(ctx, &id);
                }
                let now = ctx.now();
                let late =
                    |record: &Queued| now.since(record.queued_at) >= DELIVERY_TIMEOUT_MS * 1000;
                while let Some(record) = self.unassigned.pop_front_if(|record| late(record)) {
                    let partition = record.partition.unwrap_or(0);
                    let id = TopicPartition { topic: record.topic.clone(), partition };
                    self.fail(ctx, &id, &record, KafkaError::RequestTimedOut);
                }
                self.ask_metadata_if_needed(ctx);
            }
            _ => {}
        }
    }

    /// Records that the application has handed over and knows nothing of yet.
    pub fn outstanding(&self) -> usize {
        let queued: usize = self
            .queues
            .values()
            .map(|queue| {
                queue.waiting.len() + queue.in_flight.as_ref().map_or(0, |f| f.records.len())
            })
            .sum();
        queued + self.unassigned.len()
    }
}

fn header_list(headers: &[(String, Bytes)]) -> Vec<Header> {
    let header =
        |(key, value): &(String, Bytes)| Header { key: key.clone(), value: Some(value.clone()) };
    headers.iter().map(header).collect()
}
