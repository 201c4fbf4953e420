//! The sender of a producer: it takes what is ready to the leaders, and sees what becomes of it. Source:
//! `Sender.java`.
//!
//! It runs after everything that happens to the producer. Answers come in any order when several requests
//! are in flight; a batch that has to go again goes to the front of its partition, which without sequence
//! numbers may turn the order of two batches round.

use super::batch::ProducerBatch;
use super::record_accumulator::Readiness;
use super::{InFlightRequest, Producer, ProducerRecord};
use crate::event::{BatchStage, EventKind, FailureReason};
use crate::ids::{NodeId, TopicPartition};
use crate::protocol::*;
use crate::sim::time::SimTime;
use crate::world::{Call, Ctx, Timer};

impl Producer {
    /// Does whatever can be done now, and sets the timers for the rest.
    pub(super) fn run(&mut self, ctx: &mut Ctx<'_>) {
        self.expire_batches(ctx);
        self.maintain_producer_id(ctx);
        loop {
            self.let_calls_return(ctx);
            self.hand_over(ctx);
            self.let_calls_return(ctx);
            if !self.send_ready(ctx) {
                break;
            }
        }
        self.ask_coordinators(ctx);
        self.ask_metadata_if_needed(ctx);
        self.set_timers(ctx);
        self.plan_workload(ctx);
    }

    // Sending.

    /// Sends one request to each leader that may have one and for which something is ready.
    fn send_ready(&mut self, ctx: &mut Ctx<'_>) -> bool {
        let (config, now) = (self.config.clone(), ctx.now());
        let mut has_sent = false;
        for node in self.accumulator.ready_nodes(&config, &self.metadata, now) {
            let in_flight = self.requests.values().filter(|request| request.to == node).count();
            if in_flight >= config.max_in_flight as usize {
                continue;
            }
            let transactions = self.transactions.as_mut();
            let batches = self.accumulator.drain(&config, &self.metadata, transactions, node, now);
            if !batches.is_empty() {
                self.send_request(ctx, node, batches);
                has_sent = true;
            }
        }
        has_sent
    }

    fn send_request(&mut self, ctx: &mut Ctx<'_>, node: NodeId, mut batches: Vec<ProducerBatch>) {
        let mut partitions = Vec::with_capacity(batches.len());
        for batch in &mut batches {
            let id = &batch.partition;
            ctx.cancel_timer(Timer::Linger(id.clone()));
            ctx.cancel_timer(Timer::Retry(id.clone()));
            // It leaves for what happened to it, not for the answer that made way for it.
            batch.cause = ctx.because(batch.cause).emit(EventKind::BatchAdvanced {
                client: self.id,
                partition: id.clone(),
                batch: batch.number,
                stage: BatchStage::Drained {
                    records: batch.records.len() as u32,
                    attempt: batch.attempts + 1,
                    sequence: batch.sequence,
                },
            });
            partitions.push(PartitionProduceData {
                topic_id: self.metadata.topic_id(&id.topic).unwrap_or_default(),
                partition: id.clone(),
                records: batch.build(self.config.gzip_level),
                origin: batch.origin(self.id),
            });
        }
        let acks = batches[0].acks();
        let timeout_ms = self.config.request_timeout_ms as u64;
        let transactional_id = self.config.transactional_id.clone();
        self.note_sent();
        let request = ProduceRequest { transactional_id, acks, timeout_ms, partitions };
        let request = Request::Produce(request);
        let mut ctx = ctx.because(batches[0].cause);
        if acks == Acks::None {
            let sent = ctx.request_without_reply(node, request);
            let ctx = &mut ctx.because(sent);
            for batch in batches {
                self.acknowledge(ctx, &batch, None);
            }
            return;
        }
        if self.config.max_in_flight == 1 {
            batches.iter().for_each(|batch| self.accumulator.mute(&batch.partition));
        }
        let call = Call::Produce { request: self.next_request };
        let correlation_id = ctx.request(node, request, timeout_ms, call);
        let expired = Vec::new();
        let in_flight = InFlightRequest { to: node, batches, expired, correlation_id };
        self.requests.insert(self.next_request, in_flight);
        self.next_request += 1;
    }

    // What becomes of it.

    pub(super) fn on_produce_reply(&mut self, ctx: &mut Ctx<'_>, request: u64, reply: Reply) {
        let Some(in_flight) = self.requests.remove(&request) else {
            return;
        };
        match reply {
            Reply::Response(Response::Produce(answer)) => {
                self.unmute(&in_flight);
                for batch in in_flight.batches {
                    let of_this =
                        |one: &&PartitionProduceResponse| one.partition == batch.partition;
                    let answered = answer.partitions.iter().find(of_this);
                    let result = answered.map_or(Err(None), |one| one.result.map_err(Some));
                    self.complete(ctx, batch, result);
                }
            }
            Reply::TimedOut => self.close_connection(ctx, in_flight),
            _ => self.lose(ctx, in_flight),
        }
        self.run(ctx);
    }

    /// After a time-out the connection is closed, and nobody waits any more for what else is in flight on
    /// it (`NetworkClient.handleTimedOutRequests`).
    fn close_connection(&mut self, ctx: &mut Ctx<'_>, timed_out: InFlightRequest) {
        let to = timed_out.to;
        self.lose(ctx, timed_out);
        let others: Vec<u64> =
            self.requests.iter().filter(|(_, r)| r.to == to).map(|(number, _)| *number).collect();
        for number in others {
            if let Some(other) = self.requests.remove(&number) {
                ctx.forget_call(other.correlation_id);
                self.lose(ctx, other);
            }
        }
    }

    /// No answer will come.
    fn lose(&mut self, ctx: &mut Ctx<'_>, in_flight: InFlightRequest) {
        self.unmute(&in_flight);
        for batch in in_flight.batches {
            self.complete(ctx, batch, Err(None));
        }
    }

    fn unmute(&mut self, in_flight: &InFlightRequest) {
        let ids = in_flight.batches.iter().map(|batch| &batch.partition).chain(&in_flight.expired);
        ids.for_each(|id| self.accumulator.unmute(id));
    }

    /// The base offset, or the error; `None` is the connection's (`NETWORK_EXCEPTION`).
    fn complete(
        &mut self,
        ctx: &mut Ctx<'_>,
        mut batch: ProducerBatch,
        result: Result<i64, Option<KafkaError>>,
    ) {
        let error = match result {
            Ok(base_offset) => return self.acknowledge(ctx, &batch, Some(base_offset)),
            Err(error) => error,
        };
        let client = self.id;
        if error == Some(KafkaError::MessageTooLarge) && batch.records.len() > 1 {
            return self.split(ctx, batch);
        }
        if error.is_none_or(is_about_metadata) {
            self.metadata.forget_leader(&batch.partition);
        }
        if self.can_retry(&batch, error, ctx.now()) {
            batch.reenqueued(ctx.now());
            let (partition, number) = (batch.partition.clone(), batch.number);
            batch.cause =
                ctx.emit(EventKind::ProduceRetried { client, partition, batch: number, error });
            return self.accumulator.reenqueue(batch);
        }
        let error = error.unwrap_or(KafkaError::NetworkException);
        let has_retries = i64::from(batch.attempts) < i64::from(self.config.retries);
        let reason = match (error.is_retriable(), has_retries) {
            (true, true) => FailureReason::DeliveryTimeout,
            (true, false) => FailureReason::RetriesExhausted,
            (false, _) => FailureReason::Refused,
        };
        // Without another try it is not known whether its numbers were taken.
        self.fail_batch(ctx, batch, error, reason, has_retries);
    }

    fn can_retry(
        &mut self,
        batch: &ProducerBatch,
        error: Option<KafkaError>,
        now: SimTime,
    ) -> bool {
        let deadline = batch.created.plus_millis(self.config.delivery_timeout_ms as u64);
        let has_retries = i64::from(batch.attempts) < i64::from(self.config.retries);
        let numbered = self.transactions.as_mut().filter(|_| batch.sequence.is_some());
        now < deadline
            && has_retries
            && error.is_none_or(|error| match numbered {
                Some(transactions) => transactions.can_retry(batch, error),
                None => error.is_retriable(),
            })
    }

    fn split(&mut self, ctx: &mut Ctx<'_>, batch: ProducerBatch) {
        let config = self.config.clone();
        let (client, number) = (self.id, batch.number);
        let partition = batch.partition.clone();
        let mut transactions = self.transactions.as_mut().filter(|_| batch.sequence.is_some());
        if let Some(transactions) = transactions.as_deref_mut() {
            transactions.remove_in_flight(&batch);
        }
        let parts = self.accumulator.split_and_reenqueue(&config, transactions, batch);
        let stage = BatchStage::Split { parts };
        let kind =
            EventKind::BatchAdvanced { client, partition: partition.clone(), batch: number, stage };
        let event = ctx.emit(kind);
        for number in parts.0..=parts.1 {
            if let Some(part) = self.accumulator.batch_mut(&partition, number) {
                part.cause = event;
            }
        }
    }

    /// `None`: acks=0, nobody will ever know.
    fn acknowledge(&mut self, ctx: &mut Ctx<'_>, batch: &ProducerBatch, base_offset: Option<i64>) {
        if let Some(transactions) = self.transactions.as_mut().filter(|_| batch.sequence.is_some())
        {
            transactions.completed(batch);
        }
        self.accumulator.deallocate(batch);
        for (n, record) in (0..).zip(&batch.records) {
            self.acknowledged += 1;
            ctx.emit(EventKind::RecordAcknowledged {
                client: self.id,
                partition: batch.partition.clone(),
                sequence: record.number,
                offset: base_offset.map_or(-1, |base| base + n),
                acks: record.acks,
            });
        }
    }

    fn fail_batch(
        &mut self,
        ctx: &mut Ctx<'_>,
        batch: ProducerBatch,
        error: KafkaError,
        reason: FailureReason,
        begins_anew: bool,
    ) {
        if let Some(transactions) = self.transactions.as_mut().filter(|_| batch.sequence.is_some())
        {
            transactions.failed(&batch, begins_anew);
        }
        self.accumulator.deallocate(&batch);
        for record in &batch.records {
            self.fail(ctx, &batch.partition, record, error, reason);
        }
    }

    pub(super) fn fail(
        &mut self,
        ctx: &mut Ctx<'_>,
        id: &TopicPartition,
        record: &ProducerRecord,
        error: KafkaError,
        reason: FailureReason,
    ) {
        self.failed += 1;
        ctx.emit(EventKind::RecordFailed {
            client: self.id,
            partition: id.clone(),
            sequence: record.number,
            error,
            reason,
        });
        self.on_lost_record(ctx, error);
    }

    /// Gives up on batches that were not delivered within `delivery.timeout.ms`, sent or not.
    fn expire_batches(&mut self, ctx: &mut Ctx<'_>) {
        let now = ctx.now();
        let mut expired = self.accumulator.take_expired(&self.config, now);
        let timeout_ms = self.config.delivery_timeout_ms as u64;
        let waiting = expired.len();
        for request in self.requests.values_mut() {
            let is_late = |batch: &mut ProducerBatch| batch.created.plus_millis(timeout_ms) <= now;
            let late: Vec<_> = request.batches.extract_if(.., is_late).collect();
            request.expired.extend(late.iter().map(|batch| batch.partition.clone()));
            expired.extend(late);
        }
        for (n, batch) in expired.into_iter().enumerate() {
            let event = ctx.emit(EventKind::BatchAdvanced {
                client: self.id,
                partition: batch.partition.clone(),
                batch: batch.number,
                stage: BatchStage::Expired {
                    records: batch.records.len() as u32,
                    was_sent: n >= waiting || batch.attempts > 0,
                },
            });
            if batch.attempts > 0
                && let Some(transactions) = self.transactions.as_mut()
            {
                transactions.mark_unresolved(&batch);
            }
            let (error, reason) = (KafkaError::RequestTimedOut, FailureReason::DeliveryTimeout);
            self.fail_batch(&mut ctx.because(event), batch, error, reason, false);
        }
    }

    // Who it is.

    /// Bumps the epoch where that is needed, and asks for an id if it has none.
    fn maintain_producer_id(&mut self, ctx: &mut Ctx<'_>) {
        let Some(transactions) = &mut self.transactions else {
            return;
        };
        transactions.resolve_sequences();
        if self.transactional.is_some() {
            if transactions.has_lost_sequence() {
                self.note_lost_sequence(ctx);
            }
            return;
        }
        if let Some(bump) = transactions.maybe_bump_epoch() {
            let waiting = self.accumulator.batches.values_mut().flatten();
            let in_flight = self.requests.values_mut().flat_map(|request| &mut request.batches);
            for batch in waiting.chain(in_flight) {
                let renumbered = bump.renumbered.iter().find(|new| new.batch == batch.number);
                if let Some(renumbered) = renumbered {
                    batch.reset_sequence(renumbered.producer, renumbered.base_sequence);
                }
            }
            ctx.emit(EventKind::ProducerEpochBumped {
                client: self.id,
                producer: bump.producer,
                partitions: bump.partitions,
            });
        }
        let has_id = self.transactions.as_ref().is_some_and(|known| known.producer.is_some());
        if !has_id && !self.asks_for_id && !ctx.has_timer(&Timer::InitProducerId) {
            self.asks_for_id = true;
            let broker = NodeId(1 + self.id_turn % ctx.world.spec.brokers);
            let timeout_ms = self.config.request_timeout_ms as u64;
            let request = Request::InitProducerId(InitProducerIdRequest::default());
            ctx.request(broker, request, timeout_ms, Call::InitProducerId);
        }
    }

    pub(super) fn on_producer_id(&mut self, ctx: &mut Ctx<'_>, reply: Reply) {
        self.asks_for_id = false;
        match reply {
            Reply::Response(Response::InitProducerId(Ok(producer))) => {
                if let Some(transactions) = &mut self.transactions {
                    transactions.producer = Some(producer);
                }
                ctx.emit(EventKind::ProducerIdAssigned { client: self.id, producer });
            }
            other => {
                // One that answered has only run out of ids.
                if !matches!(other, Reply::Response(_)) {
                    self.id_turn += 1;
                }
                ctx.set_timer_in(Timer::InitProducerId, self.config.retry_backoff_ms as u64);
            }
        }
        self.run(ctx);
    }

    // Time.

    /// When to look again, where nothing else will wake it.
    fn set_timers(&mut self, ctx: &mut Ctx<'_>) {
        let now = ctx.now();
        for (id, queue) in &self.accumulator.batches {
            let (true, Some(first)) = (self.metadata.leader(id).is_some(), queue.front()) else {
                continue;
            };
            let ctx = &mut ctx.because(first.cause);
            match self.accumulator.readiness(&self.config, queue, now) {
                Readiness::Ready => {}
                Readiness::Lingers(due) => keep_timer(ctx, Timer::Linger(id.clone()), Some(due)),
                Readiness::BacksOff(due) => keep_timer(ctx, Timer::Retry(id.clone()), Some(due)),
            }
        }
        let firsts = self.accumulator.batches.values().filter_map(|queue| queue.front());
        let oldest = firsts.chain(self.in_flight()).map(|batch| batch.created).min();
        let timeout_ms = self.config.delivery_timeout_ms as u64;
        let due = oldest.map(|created| created.plus_millis(timeout_ms));
        keep_timer(ctx, Timer::DeliveryTimeout, due);
        let waits = !self.blocked.is_empty();
        let due = self.blocked_since.plus_millis(self.config.max_block_ms as u64);
        keep_timer(ctx, Timer::MaxBlock, waits.then_some(due));
    }
}

/// The timer is set to `due`, or not set.
fn keep_timer(ctx: &mut Ctx<'_>, timer: Timer, due: Option<SimTime>) {
    let is_due = ctx.world.timer_due(ctx.here, &timer);
    match due {
        Some(due) if is_due != Some(due) => {
            ctx.world.set_timer(ctx.here, timer, due, Some(ctx.cause));
        }
        None if is_due.is_some() => ctx.cancel_timer(timer),
        _ => {}
    }
}

/// Errors after which a client asks who leads before it tries again (`InvalidMetadataException`).
fn is_about_metadata(error: KafkaError) -> bool {
    matches!(
        error,
        KafkaError::NotLeaderOrFollower
            | KafkaError::UnknownTopicOrPartition
            | KafkaError::UnknownTopicId
            | KafkaError::LeaderNotAvailable
            | KafkaError::FencedLeaderEpoch
            | KafkaError::UnknownLeaderEpoch
            | KafkaError::KafkaStorageError
    )
}
