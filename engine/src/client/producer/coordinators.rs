//! What a transactional producer asks of its coordinator and, for offsets, of a group's, one request at a time;
//! and what it does about the answers.

use super::{Producer, SendOffsets, TransactionalState};
use crate::event::{EventKind, TransactionEvent};
use crate::ids::{NodeId, TopicPartition};
use crate::log::append_origin::EPOCH_PER_TRANSACTION;
use crate::protocol::*;
use crate::world::{Call, Ctx, Timer, TxnCall};
use std::collections::BTreeSet;

impl Producer {
    /// Asks the next thing that has to be asked, if nothing is under way.
    pub(super) fn ask_coordinators(&mut self, ctx: &mut Ctx<'_>) {
        use TransactionalState::*;
        let Some(transactional) = &self.transactional else {
            return;
        };
        if transactional.waits_for_answer || ctx.has_timer(&Timer::GroupRetry) {
            return;
        }
        let has_epochs = ctx.world.spec.transaction_version >= EPOCH_PER_TRANSACTION;
        let id = transactional.id.clone();
        let producer = self.transactions.as_ref().and_then(|known| known.producer);
        match transactional.state {
            Uninitialized | Initializing => {
                let request = InitProducerIdRequest {
                    transactional_id: Some(id),
                    transaction_timeout_ms: transactional.timeout_ms,
                    producer,
                };
                self.ask(ctx, Request::InitProducerId(request), Call::InitProducerId);
                if let Some(transactional) = &mut self.transactional {
                    transactional.state = Initializing;
                }
                return;
            }
            InTransaction | Committing if !has_epochs => {
                let to_add = self.partitions_to_add();
                if let (false, Some(producer)) = (to_add.is_empty(), producer) {
                    let request = AddPartitionsToTxnRequest {
                        transactional_id: id,
                        producer,
                        verify_only: false,
                        partitions: to_add.clone(),
                    };
                    let call = Call::Txn(TxnCall::AddPartitionsToTxn { partitions: to_add });
                    return self.ask(ctx, Request::AddPartitionsToTxn(request), call);
                }
            }
            _ => {}
        }
        let Some((transactional, producer)) = self.transactional.as_ref().zip(producer) else {
            return;
        };
        if let Some(offsets) = &transactional.offsets {
            if !has_epochs && !transactional.offsets_added {
                let group = offsets.member.group.clone();
                let request = AddOffsetsToTxnRequest { transactional_id: id, producer, group };
                let request = Request::AddOffsetsToTxn(request);
                return self.ask(ctx, request, Call::Txn(TxnCall::AddOffsetsToTxn));
            }
            let (member, offsets) = (offsets.member.clone(), offsets.offsets.clone());
            let request =
                TxnOffsetCommitRequest { transactional_id: id, producer, member, offsets };
            return self.ask(
                ctx,
                Request::TxnOffsetCommit(request),
                Call::Txn(TxnCall::TxnOffsetCommit),
            );
        }
        if transactional.is_ending() && self.outstanding() == 0 {
            let commit = transactional.state == Committing;
            if !transactional.has_begun {
                // Nobody has heard of it.
                return self.on_ended(ctx, commit, None);
            }
            let request = EndTxnRequest { transactional_id: id, producer, commit };
            self.ask(ctx, Request::EndTxn(request), Call::Txn(TxnCall::EndTxn));
        }
    }

    /// Partitions of batches that wait, of which the coordinator does not know.
    fn partitions_to_add(&self) -> Vec<TopicPartition> {
        let known = self.transactions.as_ref().and_then(|known| known.may_send.as_ref());
        let waiting = self.accumulator.batches.iter().filter(|(_, queue)| !queue.is_empty());
        let new = |id: &&TopicPartition| known.is_none_or(|known| !known.contains(id));
        waiting.map(|(id, _)| id).filter(new).cloned().collect()
    }

    /// Asks the coordinator, after it has been found.
    fn ask(&mut self, ctx: &mut Ctx<'_>, request: Request, call: Call) {
        let timeout_ms = self.config.request_timeout_ms as u64;
        let Some(transactional) = &mut self.transactional else {
            return;
        };
        transactional.waits_for_answer = true;
        let broker = NodeId(1 + transactional.turn % ctx.world.spec.brokers);
        let is_for_group = matches!(request, Request::TxnOffsetCommit(_));
        let coordinator = match is_for_group {
            true => transactional.group_coordinator,
            false => transactional.coordinator,
        };
        if matches!(request, Request::TxnOffsetCommit(_)) && coordinator.is_some() {
            transactional.has_begun = true;
        }
        if let Some(coordinator) = coordinator {
            ctx.request(coordinator, request, timeout_ms, call);
            return;
        }
        let (key_type, key, call) = match (is_for_group, &transactional.offsets) {
            (true, Some(offsets)) => {
                let key = offsets.member.group.clone();
                (CoordinatorType::Group, key, Call::Txn(TxnCall::FindGroupCoordinator))
            }
            _ => {
                let key = transactional.id.clone();
                (CoordinatorType::Transaction, key, Call::Txn(TxnCall::FindCoordinator))
            }
        };
        ctx.request(broker, Request::FindCoordinator { key_type, key }, timeout_ms, call);
    }

    fn ask_again_soon(&mut self, ctx: &mut Ctx<'_>) {
        ctx.set_timer_in(Timer::GroupRetry, self.config.retry_backoff_ms.max(1) as u64);
    }

    pub(super) fn on_coordinator_reply(&mut self, ctx: &mut Ctx<'_>, call: Call, reply: Reply) {
        let Some(transactional) = &mut self.transactional else {
            return;
        };
        transactional.waits_for_answer = false;
        let client = self.id;
        match (call, reply) {
            (
                Call::Txn(TxnCall::FindCoordinator),
                Reply::Response(Response::FindCoordinator(Ok(coordinator))),
            ) => {
                transactional.coordinator = Some(coordinator);
                let transactional_id = transactional.id.clone();
                let kind =
                    TransactionEvent::CoordinatorFound { client, transactional_id, coordinator };
                ctx.cause = ctx.emit(kind);
            }
            (
                Call::Txn(TxnCall::FindGroupCoordinator),
                Reply::Response(Response::FindCoordinator(Ok(coordinator))),
            ) => transactional.group_coordinator = Some(coordinator),
            (Call::Txn(TxnCall::FindCoordinator) | Call::Txn(TxnCall::FindGroupCoordinator), _) => {
                transactional.turn += 1;
                self.ask_again_soon(ctx);
            }
            (_, Reply::Response(Response::InitProducerId(Ok(producer)))) => {
                transactional.state = TransactionalState::Ready;
                transactional.needs_epoch = false;
                let kind = EventKind::ProducerIdAssigned { client, producer };
                ctx.cause = ctx.emit(kind);
                self.take_epoch(ctx, producer);
            }
            (
                Call::Txn(TxnCall::AddPartitionsToTxn { partitions }),
                Reply::Response(Response::AddPartitionsToTxn(Ok(()))),
            ) => {
                transactional.has_begun = true;
                if let Some(known) = self.transactions.as_mut().and_then(|t| t.may_send.as_mut()) {
                    known.extend(partitions);
                }
            }
            (_, Reply::Response(Response::AddOffsetsToTxn(Ok(())))) => {
                transactional.has_begun = true;
                transactional.offsets_added = true;
            }
            (_, Reply::Response(Response::TxnOffsetCommit(Ok(())))) => {
                if let Some(SendOffsets { member, offsets }) = transactional.offsets.take() {
                    let (group, offsets) = (member.group, offsets.into());
                    ctx.cause = ctx.emit(TransactionEvent::OffsetsSent { client, group, offsets });
                }
            }
            (_, Reply::Response(Response::EndTxn(Ok(producer)))) => {
                let commit = transactional.state == TransactionalState::Committing;
                self.on_ended(ctx, commit, Some(producer));
            }
            (call, reply) => self.on_refusal(ctx, &call, reply),
        }
        self.run(ctx);
    }

    fn on_refusal(&mut self, ctx: &mut Ctx<'_>, call: &Call, reply: Reply) {
        use KafkaError::*;
        let error = match reply {
            Reply::Response(
                Response::InitProducerId(Err(error))
                | Response::AddPartitionsToTxn(Err(error))
                | Response::AddOffsetsToTxn(Err(error))
                | Response::TxnOffsetCommit(Err(error))
                | Response::EndTxn(Err(error)),
            ) => Some(error),
            _ => None,
        };
        let is_ending = *call == Call::Txn(TxnCall::EndTxn);
        match error {
            // Without an answer the coordinator may be another.
            None | Some(NotCoordinator | CoordinatorNotAvailable | RequestTimedOut) => {
                if let Some(transactional) = &mut self.transactional {
                    match call {
                        Call::Txn(TxnCall::TxnOffsetCommit) => {
                            transactional.group_coordinator = None
                        }
                        _ => transactional.coordinator = None,
                    }
                    transactional.turn += i32::from(error.is_none());
                }
                self.ask_again_soon(ctx);
            }
            Some(ProducerFenced | InvalidProducerEpoch) => self.end_for_good(ctx, ProducerFenced),
            Some(
                error @ (UnknownMemberId | IllegalGeneration | FencedInstanceId
                | RebalanceInProgress | TransactionAbortable),
            ) => self.abort_only(ctx, error),
            Some(error @ InvalidTxnState) if !is_ending => self.abort_only(ctx, error),
            Some(error) if error.is_retriable() => self.ask_again_soon(ctx),
            Some(error) => self.end_for_good(ctx, error),
        }
    }

    fn take_epoch(&mut self, ctx: &Ctx<'_>, producer: ProducerIdAndEpoch) {
        let has_epochs = ctx.world.spec.transaction_version >= EPOCH_PER_TRANSACTION;
        if let Some(transactions) = &mut self.transactions {
            transactions.begin_transaction(producer, has_epochs);
        }
    }

    fn on_ended(&mut self, ctx: &mut Ctx<'_>, commit: bool, next: Option<ProducerIdAndEpoch>) {
        let producer = next.or(self.transactions.as_ref().and_then(|known| known.producer));
        if let Some(producer) = producer {
            self.take_epoch(ctx, producer);
        }
        self.accumulator.is_flushing = false;
        let Some(transactional) = &mut self.transactional else {
            return;
        };
        transactional.has_begun = false;
        transactional.error = None;
        transactional.ended = Some(commit);
        let has_epochs = ctx.world.spec.transaction_version >= EPOCH_PER_TRANSACTION;
        transactional.state = match transactional.needs_epoch && !(has_epochs && next.is_some()) {
            true => TransactionalState::Uninitialized,
            false => TransactionalState::Ready,
        };
        transactional.needs_epoch &= transactional.state == TransactionalState::Uninitialized;
        let (client, number) = (self.id, transactional.number);
        ctx.cause = ctx.emit(TransactionEvent::Ended { client, number, commit });
        self.let_calls_return(ctx);
    }

    /// Partitions that are part of the open transaction, as far as the producer has written to them.
    pub fn partitions_in_transaction(&self) -> BTreeSet<TopicPartition> {
        let known = self.transactions.iter().flat_map(|known| &known.in_transaction);
        known.cloned().collect()
    }
}
