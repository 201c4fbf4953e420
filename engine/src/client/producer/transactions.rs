//! The transactions of a producer: what its application calls, and what that asks of coordinators. The
//! transactional half of Kafka's `TransactionManager`.
//!
//! ```text
//! Uninitialized -> Initializing -> Ready -> InTransaction -> Committing -> Ready
//!                                             |        \---> Aborting ---> Ready
//!                                             \-> AbortableError -^     any -> FatalError
//! ```
//!
//! An application calls one thing after the other, and each call returns before the next: `begin` when the
//! transaction before has ended, `commit` when the coordinator has decided. What it has called waits here in its
//! order. Since KIP-890 (`transaction.version` 2) the leaders tell the coordinator which partitions are written
//! to; before, the producer does.

use super::{Producer, ProducerRecord};
use crate::client::consumer::{Work, WorkDone};
use crate::event::{FailureReason, TransactionCall, TransactionEvent};
use crate::ids::{EventId, NodeId, TopicPartition};
use crate::protocol::*;
use crate::world::Ctx;
use std::collections::VecDeque;
use std::sync::Arc;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransactionalState {
    Uninitialized,
    Initializing,
    Ready,
    InTransaction,
    Committing,
    Aborting,
    /// Something was lost: the transaction can only be aborted.
    AbortableError,
    /// Another producer has the transactional id, or nothing is as it should be: this one is done.
    FatalError,
}

impl TransactionalState {
    pub fn name(self) -> &'static str {
        match self {
            TransactionalState::Uninitialized => "UNINITIALIZED",
            TransactionalState::Initializing => "INITIALIZING",
            TransactionalState::Ready => "READY",
            TransactionalState::InTransaction => "IN_TRANSACTION",
            TransactionalState::Committing => "COMMITTING_TRANSACTION",
            TransactionalState::Aborting => "ABORTING_TRANSACTION",
            TransactionalState::AbortableError => "ABORTABLE_ERROR",
            TransactionalState::FatalError => "FATAL_ERROR",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transactional {
    /// `transactional.id`
    pub id: Arc<str>,
    /// `transaction.timeout.ms`
    pub(super) timeout_ms: u64,
    pub state: TransactionalState,
    pub coordinator: Option<NodeId>,
    pub(super) group_coordinator: Option<NodeId>,
    /// Brokers are asked for coordinators in turn.
    pub(super) turn: i32,
    /// One request at a time.
    pub(super) waits_for_answer: bool,
    calls: VecDeque<(ApplicationCall, EventId)>,
    /// How many transactions it has begun.
    pub number: u64,
    /// Something of this transaction may have reached the cluster.
    pub(super) has_begun: bool,
    /// What sendOffsetsToTransaction is about to bring.
    pub(super) offsets: Option<SendOffsets>,
    /// The coordinator knows of the partition that they go to.
    pub(super) offsets_added: bool,
    /// Which sequence numbers were taken is not known: the next transaction needs another epoch.
    pub(super) needs_epoch: bool,
    pub error: Option<KafkaError>,
    /// How the last transaction ended; true for committed.
    pub ended: Option<bool>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum ApplicationCall {
    Begin,
    Send(Vec<ProducerRecord>),
    SendOffsets(SendOffsets),
    Commit,
    Abort,
}

/// Offsets that a group commits with a transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SendOffsets {
    pub member: MemberIdentity,
    pub offsets: Vec<(TopicPartition, CommittedOffset)>,
}

impl SendOffsets {
    /// Of a producer that is on its own: no consumer has read them.
    pub fn of_nobody(group: &Arc<str>, offsets: &[(TopicPartition, i64)]) -> Self {
        let member = MemberIdentity {
            group: group.clone(),
            member_id: "".into(),
            group_instance_id: None,
            generation: -1,
        };
        let committed = |(id, offset): &(TopicPartition, i64)| {
            (id.clone(), CommittedOffset { offset: *offset, leader_epoch: -1 })
        };
        SendOffsets { member, offsets: offsets.iter().map(committed).collect() }
    }
}

impl Transactional {
    pub(super) fn new(id: Arc<str>, timeout_ms: u64) -> Self {
        Transactional {
            id,
            timeout_ms,
            state: TransactionalState::Uninitialized,
            coordinator: None,
            group_coordinator: None,
            turn: 0,
            waits_for_answer: false,
            calls: VecDeque::new(),
            number: 0,
            has_begun: false,
            offsets: None,
            offsets_added: false,
            needs_epoch: false,
            error: None,
            ended: None,
        }
    }

    pub(super) fn is_ending(&self) -> bool {
        matches!(self.state, TransactionalState::Committing | TransactionalState::Aborting)
    }

    /// Whether nothing that the application has called is left to do.
    pub fn is_idle(&self) -> bool {
        self.calls.is_empty()
            && self.offsets.is_none()
            && !self.is_ending()
            && !matches!(
                self.state,
                TransactionalState::Uninitialized | TransactionalState::Initializing
            )
    }
}

impl Producer {
    // What the application calls.

    pub fn begin_transaction(&mut self, ctx: &mut Ctx<'_>) {
        self.call(ctx, ApplicationCall::Begin);
    }

    pub fn send_offsets_to_transaction(&mut self, ctx: &mut Ctx<'_>, offsets: SendOffsets) {
        self.call(ctx, ApplicationCall::SendOffsets(offsets));
    }

    pub fn commit_transaction(&mut self, ctx: &mut Ctx<'_>) {
        self.call(ctx, ApplicationCall::Commit);
    }

    pub fn abort_transaction(&mut self, ctx: &mut Ctx<'_>) {
        self.call(ctx, ApplicationCall::Abort);
    }

    /// Sends what an application has made of what it read, and with it how far it has got.
    pub fn process(&mut self, ctx: &mut Ctx<'_>, output: &Arc<str>, work: Work) {
        self.begin_transaction(ctx);
        self.send_all(ctx, output, work.records);
        self.send_offsets_to_transaction(ctx, work.offsets);
        self.commit_transaction(ctx);
    }

    /// What has become of that, once it is known. A transaction that failed is aborted first.
    pub fn work_done(&mut self, ctx: &mut Ctx<'_>) -> Option<WorkDone> {
        let transactional = self.transactional.as_mut()?;
        let error = transactional.error;
        match transactional.state {
            TransactionalState::FatalError => {
                Some(WorkDone::Failed(error.unwrap_or(KafkaError::ProducerFenced)))
            }
            TransactionalState::AbortableError if transactional.calls.is_empty() => {
                self.abort_transaction(ctx);
                None
            }
            _ if !transactional.is_idle() => None,
            _ => match transactional.ended.take()? {
                true => Some(WorkDone::Committed),
                false => Some(WorkDone::Aborted),
            },
        }
    }

    pub(super) fn call_send(&mut self, ctx: &mut Ctx<'_>, records: Vec<ProducerRecord>) {
        self.call(ctx, ApplicationCall::Send(records));
    }

    fn call(&mut self, ctx: &mut Ctx<'_>, call: ApplicationCall) {
        let cause = ctx.cause;
        if let Some(transactional) = &mut self.transactional {
            transactional.calls.push_back((call, cause));
        }
        self.run(ctx);
    }

    /// Lets the application's calls return, one after the other.
    pub(super) fn let_calls_return(&mut self, ctx: &mut Ctx<'_>) {
        use TransactionalState::*;
        while let Some(transactional) = &mut self.transactional {
            let is_inside = !self.blocked.is_empty() || transactional.offsets.is_some();
            let waits =
                matches!(transactional.state, Uninitialized | Initializing | Committing | Aborting);
            if is_inside || waits {
                return;
            }
            let Some((call, cause)) = transactional.calls.pop_front() else {
                return;
            };
            let ctx = &mut ctx.because(cause);
            let state = transactional.state;
            match call {
                ApplicationCall::Begin if state == Ready => {
                    transactional.state = InTransaction;
                    transactional.number += 1;
                    transactional.ended = None;
                    let (client, number) = (self.id, transactional.number);
                    ctx.emit(TransactionEvent::Began { client, number });
                }
                ApplicationCall::Send(records) if state == InTransaction => {
                    self.blocked_since = ctx.now();
                    self.blocked.extend(records);
                    self.hand_over(ctx);
                }
                ApplicationCall::SendOffsets(offsets) if state == InTransaction => {
                    transactional.offsets = Some(offsets);
                    transactional.offsets_added = false;
                }
                ApplicationCall::Commit if state == InTransaction => {
                    transactional.state = Committing;
                    self.tell_ending(ctx, true);
                }
                ApplicationCall::Abort if matches!(state, InTransaction | AbortableError) => {
                    transactional.state = Aborting;
                    self.tell_ending(ctx, false);
                    self.drop_unsent(ctx);
                }
                ApplicationCall::Send(records) => {
                    let error = transactional.error.unwrap_or(KafkaError::InvalidTxnState);
                    for record in records {
                        let partition = record.partition.unwrap_or(0);
                        let id = TopicPartition { topic: record.topic.clone(), partition };
                        let reason = FailureReason::Refused;
                        self.fail(ctx, &id, &record, error, reason);
                    }
                }
                refused => {
                    let call = match refused {
                        ApplicationCall::Begin => TransactionCall::Begin,
                        ApplicationCall::SendOffsets(_) => TransactionCall::SendOffsets,
                        ApplicationCall::Commit => TransactionCall::Commit,
                        ApplicationCall::Abort => TransactionCall::Abort,
                        ApplicationCall::Send(_) => TransactionCall::Send,
                    };
                    ctx.emit(TransactionEvent::CallRefused { client: self.id, call });
                }
            }
        }
    }

    fn tell_ending(&mut self, ctx: &mut Ctx<'_>, commit: bool) {
        let number = self.transactional.as_ref().map_or(0, |transactional| transactional.number);
        ctx.emit(TransactionEvent::Ending { client: self.id, number, commit });
        self.accumulator.is_flushing = true;
    }

    /// What has not left yet need not (`abortUndrainedBatches`).
    fn drop_unsent(&mut self, ctx: &mut Ctx<'_>) {
        for batch in self.accumulator.take_unsent() {
            for record in &batch.records {
                let (error, reason) =
                    (KafkaError::TransactionAbortable, FailureReason::TransactionAborted);
                self.fail(ctx, &batch.partition, record, error, reason);
            }
        }
    }

    // What goes wrong.

    /// A record of the transaction is lost: all of it can only be aborted.
    pub(super) fn on_lost_record(&mut self, ctx: &mut Ctx<'_>, error: KafkaError) {
        let is_open = self.transactional.as_ref().is_some_and(|transactional| {
            matches!(
                transactional.state,
                TransactionalState::InTransaction | TransactionalState::Committing
            )
        });
        if !is_open {
            return;
        }
        match error {
            KafkaError::ProducerFenced => self.end_for_good(ctx, error),
            error => self.abort_only(ctx, error),
        }
    }

    pub(super) fn abort_only(&mut self, ctx: &mut Ctx<'_>, error: KafkaError) {
        let Some(transactional) = &mut self.transactional else {
            return;
        };
        if transactional.state == TransactionalState::FatalError {
            return;
        }
        transactional.state = TransactionalState::AbortableError;
        transactional.error = Some(error);
        transactional.offsets = None;
        self.accumulator.is_flushing = false;
        ctx.emit(TransactionEvent::Failed { client: self.id, error, done: false });
    }

    pub(super) fn end_for_good(&mut self, ctx: &mut Ctx<'_>, error: KafkaError) {
        let Some(transactional) = &mut self.transactional else {
            return;
        };
        if transactional.state == TransactionalState::FatalError {
            return;
        }
        transactional.state = TransactionalState::FatalError;
        transactional.error = Some(error);
        transactional.offsets = None;
        let event = ctx.emit(TransactionEvent::Failed { client: self.id, error, done: true });
        self.drop_unsent(&mut ctx.because(event));
    }

    /// An epoch cannot be bumped in the middle of a transaction: it has to be aborted first.
    pub(super) fn note_lost_sequence(&mut self, ctx: &mut Ctx<'_>) {
        if let Some(transactional) = &mut self.transactional {
            transactional.needs_epoch = true;
            self.on_lost_record(ctx, KafkaError::OutOfOrderSequenceNumber);
        }
    }

    /// A batch of the transaction leaves.
    pub(super) fn note_sent(&mut self) {
        if let Some(transactional) = &mut self.transactional {
            transactional.has_begun = true;
        }
    }
}
