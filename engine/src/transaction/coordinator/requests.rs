//! What producers ask of their transaction coordinator: to begin, to take partitions into a transaction, to end
//! it. Who is not the latest with its transactional id is refused.

use super::{Change, Shard, Then, Transaction, Waits};
use crate::broker::ProducerIdManager;
use crate::event::{DecisionReason, TransactionEvent};
use crate::group::coordinator::partition_of_group;
use crate::ids::{EventId, TopicPartition};
use crate::log::append_origin::EPOCH_PER_TRANSACTION;
use crate::protocol::*;
use crate::record::batch_header::{NO_PRODUCER_EPOCH, NO_PRODUCER_ID};
use crate::replication::replica_manager::Env;
use crate::spec::Mutant;
use crate::transaction::transaction_metadata::{TransactionMetadata, TransactionState};
use crate::world::{Ctx, ReplyTo};
use std::sync::Arc;

impl Shard {
    pub(super) fn on_request(
        &mut self,
        ctx: &mut Ctx<'_>,
        env: &Env<'_>,
        ids: &mut ProducerIdManager,
        reply_to: ReplyTo,
        request: &Request,
    ) {
        let answer = match request {
            Request::InitProducerId(request) => self.init(ctx, ids, reply_to, request),
            Request::AddPartitionsToTxn(request) => {
                self.add_partitions(ctx, env, reply_to, request)
            }
            Request::AddOffsetsToTxn(request) => self.add_offsets(ctx, env, reply_to, request),
            Request::EndTxn(request) => self.end(ctx, ids, reply_to, request),
            _ => None,
        };
        let Some(answer) = answer else {
            return;
        };
        if let Some(event) = self.tell_refused(ctx, request, &answer) {
            return ctx.because(event).respond(reply_to, answer);
        }
        ctx.respond(reply_to, answer);
    }

    /// That somebody was refused who is out of date is worth a word.
    fn tell_refused(
        &self,
        ctx: &mut Ctx<'_>,
        request: &Request,
        answer: &Response,
    ) -> Option<EventId> {
        let error = match answer {
            Response::InitProducerId(Err(error))
            | Response::EndTxn(Err(error))
            | Response::AddPartitionsToTxn(Err(error))
            | Response::AddOffsetsToTxn(Err(error)) => *error,
            _ => return None,
        };
        if error.is_retriable() {
            return None;
        }
        let transactional_id = transactional_id_of(request)?.clone();
        let asked = match request {
            Request::InitProducerId(request) => request.producer,
            Request::EndTxn(request) => Some(request.producer),
            Request::AddPartitionsToTxn(request) => Some(request.producer),
            Request::AddOffsetsToTxn(request) => Some(request.producer),
            _ => None,
        };
        let own = self.transactions.get(&transactional_id).map(|t| t.metadata.producer_epoch);
        let epochs = (
            asked.map_or(NO_PRODUCER_EPOCH, |producer| producer.epoch),
            own.unwrap_or(NO_PRODUCER_EPOCH),
        );
        let api = request.api();
        Some(ctx.emit(TransactionEvent::RequestRefused { transactional_id, api, error, epochs }))
    }

    /// `handleInitProducerId`: the producer gets the next epoch, and who had the transactional id before is
    /// fenced by it. `None`: the answer comes later.
    fn init(
        &mut self,
        ctx: &mut Ctx<'_>,
        ids: &mut ProducerIdManager,
        reply_to: ReplyTo,
        request: &InitProducerIdRequest,
    ) -> Option<Response> {
        let refused = |error| Some(Response::InitProducerId(Err(error)));
        let transactional_id = request.transactional_id.clone()?;
        let (timeout_ms, now_ms) = (request.transaction_timeout_ms, ctx.now().timestamp_ms());
        let most_ms = ctx.world.spec.broker.transaction_max_timeout_ms;
        if timeout_ms == 0 || timeout_ms > most_ms {
            return refused(KafkaError::InvalidTransactionTimeout);
        }
        if !self.transactions.contains_key(&transactional_id) {
            let producer_id = match ids.generate() {
                Ok(new) => new.producer_id,
                Err(error) => return refused(error),
            };
            let new =
                TransactionMetadata::new(transactional_id.clone(), producer_id, timeout_ms, now_ms);
            self.transactions.insert(transactional_id.clone(), Transaction::new(new));
        }
        let transaction = self.transactions.get_mut(&transactional_id)?;
        let metadata = &transaction.metadata;
        let knows_id = |expected: ProducerIdAndEpoch| {
            metadata.producer_epoch < 0
                || expected.producer_id == metadata.producer_id
                || (expected.producer_id == metadata.prev_producer_id
                    && expected.epoch >= i16::MAX - 1)
        };
        if transaction.pending.is_some() {
            return refused(KafkaError::ConcurrentTransactions);
        }
        if !request.producer.is_none_or(knows_id) {
            return refused(KafkaError::ProducerFenced);
        }
        let expected = request.producer.map(|producer| producer.epoch);
        match metadata.state {
            TransactionState::PrepareCommit | TransactionState::PrepareAbort => {
                refused(KafkaError::ConcurrentTransactions)
            }
            TransactionState::Ongoing => {
                let waits = Waits::InitProducerId(reply_to);
                self.fence(ctx, &transactional_id, DecisionReason::Fenced, waits);
                None
            }
            _ => {
                let is_latest = expected.is_none_or(|epoch| epoch == metadata.producer_epoch);
                let next = if metadata.is_epoch_exhausted() && is_latest {
                    ids.generate().map(|new| {
                        let expects = expected.is_some();
                        metadata.rotate_producer_id(new.producer_id, timeout_ms, expects, now_ms)
                    })
                } else {
                    metadata.increment_epoch(timeout_ms, expected, now_ms)
                };
                match next {
                    Ok(next) => {
                        self.write(next, Then::Initialized(reply_to));
                        None
                    }
                    Err(error) => refused(error),
                }
            }
        }
    }

    /// Whoever holds the open transaction is shut out with the next epoch, and the transaction aborted
    /// (`prepareFenceProducerEpoch`, then `endTransaction`).
    pub(super) fn fence(
        &mut self,
        ctx: &mut Ctx<'_>,
        transactional_id: &Arc<str>,
        reason: DecisionReason,
        waits: Waits,
    ) {
        let Some(transaction) = self.transactions.get_mut(transactional_id) else {
            return;
        };
        let metadata = &mut transaction.metadata;
        if !transaction.has_failed_epoch_fence {
            metadata.producer_epoch = metadata.producer_epoch.saturating_add(1);
        }
        metadata.last_producer_epoch = NO_PRODUCER_EPOCH;
        let version = match metadata.producer_epoch {
            // There is no epoch left to bump.
            i16::MAX => 0,
            _ => metadata.client_version,
        };
        let now_ms = ctx.now().timestamp_ms();
        let mut next = metadata.decide(false, version, NO_PRODUCER_ID, false, now_ms);
        next.client_version = metadata.client_version;
        self.write(next, Then::Decided(reason, waits));
    }

    /// The transaction, if the request is of its producer.
    fn checked(
        &self,
        ctx: &Ctx<'_>,
        transactional_id: &Arc<str>,
        producer: ProducerIdAndEpoch,
    ) -> Result<&Transaction, KafkaError> {
        let transaction = self.transactions.get(transactional_id);
        let transaction = transaction.ok_or(KafkaError::InvalidProducerIdMapping)?;
        let own = transaction.metadata.producer();
        if own.producer_id != producer.producer_id {
            return Err(KafkaError::InvalidProducerIdMapping);
        }
        if own.epoch != producer.epoch && !ctx.is_mutant(Mutant::ProducerEpochNotChecked) {
            return Err(KafkaError::ProducerFenced);
        }
        if transaction.pending.is_some() {
            return Err(KafkaError::ConcurrentTransactions);
        }
        match transaction.metadata.state.decision() {
            Some(_) => Err(KafkaError::ConcurrentTransactions),
            None => Ok(transaction),
        }
    }

    fn add_partitions(
        &mut self,
        ctx: &mut Ctx<'_>,
        env: &Env<'_>,
        reply_to: ReplyTo,
        request: &AddPartitionsToTxnRequest,
    ) -> Option<Response> {
        let answer = |result| Some(Response::AddPartitionsToTxn(result));
        if request.partitions.iter().any(|id| env.image.partition(id).is_none()) {
            return answer(Err(KafkaError::UnknownTopicOrPartition));
        }
        if request.verify_only {
            let known = self.checked(ctx, &request.transactional_id, request.producer);
            let is_part = |transaction: &Transaction| {
                let metadata = &transaction.metadata;
                metadata.state == TransactionState::Ongoing
                    && request.partitions.iter().all(|id| metadata.partitions.contains(id))
            };
            return answer(match known {
                Ok(transaction) if is_part(transaction) => Ok(()),
                Ok(_) => Err(KafkaError::TransactionAbortable),
                Err(error) => Err(error),
            });
        }
        let of = (&request.transactional_id, request.producer);
        self.add(ctx, of, &request.partitions, (reply_to, Api::AddPartitionsToTxn))
    }

    fn add_offsets(
        &mut self,
        ctx: &mut Ctx<'_>,
        env: &Env<'_>,
        reply_to: ReplyTo,
        request: &AddOffsetsToTxnRequest,
    ) -> Option<Response> {
        let Some(partition) = partition_of_group(env.image, &request.group) else {
            return Some(Response::AddOffsetsToTxn(Err(KafkaError::CoordinatorNotAvailable)));
        };
        let of = (&request.transactional_id, request.producer);
        self.add(ctx, of, &[partition], (reply_to, Api::AddOffsetsToTxn))
    }

    /// `None`: the answer comes when it is written that they are part of it.
    fn add(
        &mut self,
        ctx: &Ctx<'_>,
        (transactional_id, producer): (&Arc<str>, ProducerIdAndEpoch),
        partitions: &[TopicPartition],
        (reply_to, api): (ReplyTo, Api),
    ) -> Option<Response> {
        let metadata = match self.checked(ctx, transactional_id, producer) {
            Ok(transaction) => &transaction.metadata,
            Err(error) => return Some(added(api, Err(error))),
        };
        let is_part = metadata.state == TransactionState::Ongoing
            && partitions.iter().all(|id| metadata.partitions.contains(id));
        if is_part {
            return Some(added(api, Ok(())));
        }
        let version = ctx.world.spec.transaction_version;
        let next = metadata.add_partitions(partitions, version, ctx.now().timestamp_ms());
        self.write(next, Then::Added(reply_to, api, partitions.into()));
        None
    }

    /// `endTransaction`, for a producer.
    fn end(
        &mut self,
        ctx: &mut Ctx<'_>,
        ids: &mut ProducerIdManager,
        reply_to: ReplyTo,
        request: &EndTxnRequest,
    ) -> Option<Response> {
        match self.ending(ctx, ids, request) {
            Ok(Ending::Write(next)) => {
                let then = Then::Decided(DecisionReason::Asked, Waits::EndTxn(reply_to));
                self.write(*next, then);
                None
            }
            Ok(Ending::IsDone(producer)) => Some(Response::EndTxn(Ok(producer))),
            Err(error) => Some(Response::EndTxn(Err(error))),
        }
    }

    fn ending(
        &self,
        ctx: &Ctx<'_>,
        ids: &mut ProducerIdManager,
        request: &EndTxnRequest,
    ) -> Result<Ending, KafkaError> {
        let transaction = self.transactions.get(&request.transactional_id);
        let transaction = transaction.ok_or(KafkaError::InvalidProducerIdMapping)?;
        let metadata = &transaction.metadata;
        let (asked, own) = (request.producer, metadata.producer());
        let version = ctx.world.spec.transaction_version;
        let has_epochs = version >= EPOCH_PER_TRANSACTION;
        // It did not hear of the end that it asked for, which has brought it another epoch, or another id.
        let after_overflow = metadata.prev_producer_id == asked.producer_id
            && asked.epoch == i16::MAX - 1
            && own.epoch == 0;
        let after_bump = asked.epoch.checked_add(1) == Some(own.epoch);
        let comes_again = has_epochs && (after_bump || after_overflow);
        if own.producer_id != asked.producer_id && !(has_epochs && after_overflow) {
            return Err(KafkaError::InvalidProducerIdMapping);
        }
        if transaction.pending.is_some() {
            return Err(KafkaError::ConcurrentTransactions);
        }
        let same = own.epoch == asked.epoch;
        let is_valid = match metadata.state {
            TransactionState::PrepareCommit | TransactionState::PrepareAbort if has_epochs => {
                after_bump
            }
            TransactionState::CompleteCommit | TransactionState::CompleteAbort => {
                same || comes_again
            }
            _ => same,
        };
        if !is_valid && !ctx.is_mutant(Mutant::ProducerEpochNotChecked) {
            return Err(KafkaError::ProducerFenced);
        }
        let mut decide = |without_partitions| {
            let next_producer_id = match has_epochs && metadata.is_epoch_exhausted() {
                true => ids.generate()?.producer_id,
                false => NO_PRODUCER_ID,
            };
            let now_ms = ctx.now().timestamp_ms();
            let commit = request.commit;
            let next =
                metadata.decide(commit, version, next_producer_id, without_partitions, now_ms);
            Ok(Ending::Write(Box::new(next)))
        };
        let done = Ok(Ending::IsDone(own));
        match (metadata.state, request.commit) {
            (TransactionState::Ongoing, _) => decide(false),
            (TransactionState::CompleteCommit, true) if comes_again || !has_epochs => done,
            (TransactionState::CompleteAbort, false) if comes_again || !has_epochs => done,
            (TransactionState::CompleteCommit | TransactionState::CompleteAbort, false)
                if has_epochs && !comes_again =>
            {
                decide(true)
            }
            (TransactionState::Empty, false) if has_epochs => decide(true),
            (TransactionState::PrepareCommit, true) | (TransactionState::PrepareAbort, false) => {
                Err(KafkaError::ConcurrentTransactions)
            }
            _ => Err(KafkaError::InvalidTxnState),
        }
    }

    /// The transactional ids that have been silent for long.
    pub(super) fn expire(&mut self, transactional_id: Arc<str>) {
        if let Some(transaction) = self.transactions.get_mut(&transactional_id) {
            transaction.pending = Some(TransactionState::Dead);
        }
        let change = Change::Expires(transactional_id);
        self.writes.push(super::Write { change, then: Then::Expired });
    }
}

enum Ending {
    Write(Box<TransactionMetadata>),
    /// It has ended so before; this is who the producer is now.
    IsDone(ProducerIdAndEpoch),
}

pub(super) fn transactional_id_of(request: &Request) -> Option<&Arc<str>> {
    match request {
        Request::InitProducerId(request) => request.transactional_id.as_ref(),
        Request::AddPartitionsToTxn(request) => Some(&request.transactional_id),
        Request::AddOffsetsToTxn(request) => Some(&request.transactional_id),
        Request::EndTxn(request) => Some(&request.transactional_id),
        _ => None,
    }
}

pub(super) fn refusal(request: &Request, error: KafkaError) -> Response {
    match request {
        Request::InitProducerId(_) => Response::InitProducerId(Err(error)),
        Request::EndTxn(_) => Response::EndTxn(Err(error)),
        request => added(request.api(), Err(error)),
    }
}

pub(super) fn added(api: Api, result: Result<(), KafkaError>) -> Response {
    match api {
        Api::AddOffsetsToTxn => Response::AddOffsetsToTxn(result),
        _ => Response::AddPartitionsToTxn(result),
    }
}
