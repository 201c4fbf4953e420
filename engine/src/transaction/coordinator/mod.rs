//! The transaction coordinator of a broker: for every partition of `__transaction_state` that it leads, the
//! transactional ids that belong there. Kafka's `TransactionCoordinator` with `TransactionStateManager`.
//!
//! Whatever is to become of a transaction is written into the log first, and holds once that is committed:
//! *PrepareCommit* is the moment at which a transaction is committed, whatever happens to anybody later. Only then
//! do the partitions get their markers, and when all have theirs the transaction is complete. A new leader of the
//! partition replays the log, and goes on where the old one was.
//!
//! Here: who coordinates what, loading, and writing. What producers ask is in `requests`, markers are in
//! `markers`, time-outs in `expiry`.

mod expiry;
mod markers;
mod requests;

use super::transaction_metadata::{TransactionMetadata, TransactionState};
use super::transaction_record::{self, TRANSACTION_STATE_TOPIC, partition_for_transactional_id};
use crate::broker::ProducerIdManager;
use crate::controller::metadata_image::MetadataImage;
use crate::event::{DecisionReason, TransactionEvent};
use crate::group::coordinator::LOADING_MS;
use crate::ids::TopicPartition;
use crate::log::append_origin::{AppendOrigin, Verification};
use crate::log::unified_log::UnifiedLog;
use crate::protocol::*;
use crate::record::record_batch_builder::RecordBatchBuilder;
use crate::replication::replica_manager::{Env, ReplicaManager};
use crate::sim::disk::Disk;
use crate::spec::Mutant;
use crate::world::{Ctx, ReplyTo, Timer};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct TransactionCoordinator {
    pub shards: BTreeMap<TopicPartition, Shard>,
    /// Those that have something to write, or markers to send.
    busy: BTreeSet<TopicPartition>,
    next_write: u64,
}

/// The transactional ids of one partition of `__transaction_state`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shard {
    /// It is reading the log.
    pub loading: bool,
    /// The leader epoch; a marker of an earlier one is fenced.
    pub coordinator_epoch: i32,
    pub transactions: BTreeMap<Arc<str>, Transaction>,
    /// What is written and has yet to be committed, oldest first.
    pending: VecDeque<Pending>,
    /// What is to be written.
    writes: Vec<Write>,
    /// Transactions whose markers are to be seen to.
    to_mark: Vec<Arc<str>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transaction {
    pub metadata: TransactionMetadata,
    /// The state that is being written.
    pub pending: Option<TransactionState>,
    /// A fencing epoch was taken and not written: nobody knows it, so it is used again.
    has_failed_epoch_fence: bool,
    /// Partitions that have yet to confirm their marker.
    pub unmarked: BTreeSet<TopicPartition>,
    /// Of these, those that are being asked.
    asked: BTreeSet<TopicPartition>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Pending {
    write: u64,
    last_offset: i64,
    change: Change,
    then: Then,
}

/// What is written, and what waits for it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Write {
    change: Change,
    then: Then,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Change {
    Becomes(Box<TransactionMetadata>),
    Expires(Arc<str>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Then {
    /// It took too long: whoever waited has been told so, and what was written is not taken over.
    GivenUp,
    Initialized(ReplyTo),
    Added(ReplyTo, Api, Arc<[TopicPartition]>),
    Decided(DecisionReason, Waits),
    Completed,
    Expired,
    /// An earlier coordinator wrote it, and decided nothing with it.
    Recovered,
}

/// Who waits for a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Waits {
    Nobody,
    EndTxn(ReplyTo),
    /// It has to ask again when the transaction of its predecessor has ended.
    InitProducerId(ReplyTo),
}

impl Transaction {
    fn new(metadata: TransactionMetadata) -> Self {
        Transaction {
            metadata,
            pending: None,
            has_failed_epoch_fence: false,
            unmarked: BTreeSet::new(),
            asked: BTreeSet::new(),
        }
    }
}

impl Change {
    fn transactional_id(&self) -> &Arc<str> {
        match self {
            Change::Becomes(metadata) => &metadata.transactional_id,
            Change::Expires(transactional_id) => transactional_id,
        }
    }
}

impl Shard {
    fn loading(coordinator_epoch: i32) -> Self {
        Shard {
            loading: true,
            coordinator_epoch,
            transactions: BTreeMap::new(),
            pending: VecDeque::new(),
            writes: Vec::new(),
            to_mark: Vec::new(),
        }
    }

    fn is_busy(&self) -> bool {
        !self.writes.is_empty() || !self.to_mark.is_empty()
    }

    /// The transaction is to become that; nothing else can be asked of it until it has, or has not.
    fn write(&mut self, metadata: TransactionMetadata, then: Then) {
        if let Some(transaction) = self.transactions.get_mut(&metadata.transactional_id) {
            transaction.pending = Some(metadata.state);
        }
        self.writes.push(Write { change: Change::Becomes(Box::new(metadata)), then });
    }

    /// What was written is committed.
    fn succeed(&mut self, ctx: &mut Ctx<'_>, change: Change, then: Then) {
        let transactional_id = change.transactional_id().clone();
        if then == Then::GivenUp {
            return;
        }
        let Change::Becomes(metadata) = change else {
            self.transactions.remove(&transactional_id);
            ctx.emit(TransactionEvent::Expired { transactional_id });
            return;
        };
        let (producer, afterwards) = (metadata.producer(), metadata.producer_afterwards());
        let decision = metadata.state.decision();
        let partitions = metadata.partitions.clone();
        let is_commit = metadata.state == TransactionState::CompleteCommit;
        let Some(transaction) = self.transactions.get_mut(&transactional_id) else {
            return;
        };
        transaction.metadata = *metadata;
        transaction.pending = None;
        transaction.has_failed_epoch_fence = false;
        match then {
            Then::GivenUp | Then::Expired | Then::Recovered => {}
            Then::Initialized(reply_to) => {
                let kind = TransactionEvent::ProducerInitialized { transactional_id, producer };
                let event = ctx.emit(kind);
                ctx.because(event).respond(reply_to, Response::InitProducerId(Ok(producer)));
            }
            Then::Added(reply_to, api, partitions) => {
                let kind =
                    TransactionEvent::PartitionsAdded { transactional_id, producer, partitions };
                let event = ctx.emit(kind);
                ctx.because(event).respond(reply_to, requests::added(api, Ok(())));
            }
            Then::Decided(reason, waits) => {
                let commit = decision.unwrap_or_default();
                transaction.unmarked = partitions.clone();
                transaction.asked.clear();
                let event = ctx.emit(TransactionEvent::Decided {
                    transactional_id: transactional_id.clone(),
                    producer,
                    commit,
                    reason,
                    partitions: partitions.into_iter().collect(),
                });
                ctx.cause = event;
                match waits {
                    Waits::Nobody => {}
                    Waits::EndTxn(reply_to) => {
                        ctx.respond(reply_to, Response::EndTxn(Ok(afterwards)));
                    }
                    Waits::InitProducerId(reply_to) => {
                        let error = KafkaError::ConcurrentTransactions;
                        ctx.respond(reply_to, Response::InitProducerId(Err(error)));
                    }
                }
                self.to_mark.push(transactional_id);
            }
            Then::Completed => {
                let commit = is_commit;
                ctx.emit(TransactionEvent::Completed { transactional_id, producer, commit });
            }
        }
    }

    /// What was to be written is not, or not in time (`TransactionStateManager.appendTransactionToLog`).
    fn fail(&mut self, ctx: &mut Ctx<'_>, change: &Change, then: Then, error: KafkaError) {
        let error = error.of_a_coordinator();
        let transactional_id = change.transactional_id();
        let Some(transaction) = self.transactions.get_mut(transactional_id) else {
            return;
        };
        transaction.pending = None;
        match then {
            Then::GivenUp | Then::Expired | Then::Recovered => {}
            Then::Initialized(reply_to) => {
                ctx.respond(reply_to, Response::InitProducerId(Err(error)));
            }
            Then::Added(reply_to, api, _) => {
                ctx.respond(reply_to, requests::added(api, Err(error)))
            }
            Then::Decided(reason, waits) => {
                transaction.has_failed_epoch_fence |=
                    matches!(reason, DecisionReason::TimedOut | DecisionReason::Fenced);
                match waits {
                    Waits::Nobody => {}
                    Waits::EndTxn(reply_to) => ctx.respond(reply_to, Response::EndTxn(Err(error))),
                    Waits::InitProducerId(reply_to) => {
                        ctx.respond(reply_to, Response::InitProducerId(Err(error)));
                    }
                }
            }
            // The markers are there; it is only to be written down.
            Then::Completed => markers::look_again(ctx, transactional_id),
        }
    }

    /// Another broker coordinates these transactions now: whoever waits here is told to look for it.
    fn unload(mut self, ctx: &mut Ctx<'_>, id: &TopicPartition) {
        let event = ctx.emit(TransactionEvent::Unloaded { partition: id.clone() });
        let mut ctx = ctx.because(event);
        ctx.cancel_timer(Timer::TransactionsLoaded(id.clone()));
        for Pending { write, change, then, .. } in std::mem::take(&mut self.pending) {
            ctx.cancel_timer(Timer::OffsetsCommit(id.clone(), write));
            self.fail(&mut ctx, &change, then, KafkaError::NotLeaderOrFollower);
        }
        for transactional_id in self.transactions.keys() {
            ctx.cancel_timer(Timer::TransactionMarkers(transactional_id.clone()));
        }
    }
}

/// Every record of a log of `__transaction_state`, with its offset; `None` for one without a value.
pub fn records_of<'a>(
    log: &'a UnifiedLog,
    disk: &'a Disk,
) -> impl Iterator<Item = (i64, Arc<str>, Option<TransactionMetadata>)> + 'a {
    let batches = log.batches(disk, log.log_start_offset()).map_while(Result::ok);
    batches.filter(|batch| !batch.is_control()).flat_map(|batch| {
        let read = batch.records().filter_map(Result::ok).filter_map(|record| {
            let transactional_id = transaction_record::parse_key(record.key.as_deref()?)?;
            let metadata = match record.value.as_deref() {
                None => None,
                Some(value) => {
                    Some(transaction_record::parse_value(transactional_id.clone(), value)?)
                }
            };
            Some((record.offset, transactional_id, metadata))
        });
        read.collect::<Vec<_>>()
    })
}

/// Which partition of `__transaction_state` an id belongs to, as far as the metadata say.
pub fn partition_of_transactional_id(
    image: &MetadataImage,
    transactional_id: &str,
) -> Option<TopicPartition> {
    let topic = image.topics.get(TRANSACTION_STATE_TOPIC)?;
    let partitions = topic.partitions.len() as i32;
    let partition = partition_for_transactional_id(transactional_id, partitions);
    Some(TopicPartition::new(TRANSACTION_STATE_TOPIC, partition))
}

impl TransactionCoordinator {
    pub fn on_request(
        &mut self,
        ctx: &mut Ctx<'_>,
        env: &Env<'_>,
        ids: &mut ProducerIdManager,
        reply_to: ReplyTo,
        request: Request,
    ) {
        let Some(transactional_id) = requests::transactional_id_of(&request).cloned() else {
            return;
        };
        let id = partition_of_transactional_id(env.image, &transactional_id);
        let shard = id.as_ref().and_then(|id| self.shards.get_mut(id));
        let error = match &shard {
            _ if transactional_id.is_empty() => Some(KafkaError::InvalidRequest),
            None => Some(KafkaError::NotCoordinator),
            Some(shard) if shard.loading => Some(KafkaError::CoordinatorLoadInProgress),
            Some(_) => None,
        };
        let (None, Some(shard), Some(id)) = (error, shard, id) else {
            let error = error.unwrap_or(KafkaError::NotCoordinator);
            return ctx.respond(reply_to, requests::refusal(&request, error));
        };
        shard.on_request(ctx, env, ids, reply_to, &request);
        self.busy.insert(id);
    }

    /// Writes what is to be written, takes over what has been committed since it last looked, and sends
    /// markers, until nothing is left to do now. The broker calls it after whatever has happened to it.
    pub fn settle(
        &mut self,
        ctx: &mut Ctx<'_>,
        disk: &mut Disk,
        replicas: &mut ReplicaManager,
        env: &Env<'_>,
    ) {
        loop {
            while let Some((id, event)) = replicas.take_committed(TRANSACTION_STATE_TOPIC) {
                self.on_committed(&mut ctx.because(event), replicas, &id);
                self.busy.insert(id);
            }
            let Some(id) = self.busy.pop_first() else {
                return;
            };
            let Some(shard) = self.shards.get_mut(&id) else {
                continue;
            };
            for Write { change, then } in std::mem::take(&mut shard.writes) {
                let write = self.next_write;
                self.next_write += 1;
                shard.append(ctx, disk, (replicas, env), (&id, write), change, then);
            }
            for transactional_id in std::mem::take(&mut shard.to_mark) {
                shard.send_markers(ctx, env, &transactional_id);
            }
            if shard.is_busy() {
                self.busy.insert(id);
            }
        }
    }

    fn on_committed(&mut self, ctx: &mut Ctx<'_>, replicas: &ReplicaManager, id: &TopicPartition) {
        let (Some(shard), Some(partition)) = (self.shards.get_mut(id), replicas.partitions.get(id))
        else {
            return;
        };
        let high_watermark = partition.log.high_watermark();
        while let Some(done) = shard.pending.pop_front_if(|p| p.last_offset < high_watermark) {
            ctx.cancel_timer(Timer::OffsetsCommit(id.clone(), done.write));
            let cause = ctx.cause;
            shard.succeed(&mut ctx.because(cause), done.change, done.then);
        }
    }

    /// Takes up the partitions that this broker now leads, and lets go of those that it does not.
    pub fn on_leadership(&mut self, ctx: &mut Ctx<'_>, replicas: &ReplicaManager) {
        let epoch = |id: &TopicPartition| {
            let partition = replicas.partitions.get(id).filter(|p| p.is_leader());
            partition.map(|partition| partition.leader_epoch)
        };
        let is_lost =
            |(id, shard): &(&TopicPartition, &Shard)| epoch(id) != Some(shard.coordinator_epoch);
        let lost: Vec<_> = self.shards.iter().filter(is_lost).map(|(id, _)| id.clone()).collect();
        for id in lost {
            if let Some(shard) = self.shards.remove(&id) {
                shard.unload(ctx, &id);
            }
        }
        for (id, partition) in replicas.led_partitions_of(TRANSACTION_STATE_TOPIC) {
            if !self.shards.contains_key(id) {
                self.shards.insert(id.clone(), Shard::loading(partition.leader_epoch));
                ctx.set_timer_in(Timer::TransactionsLoaded(id.clone()), LOADING_MS);
            }
        }
        if !self.shards.is_empty() {
            expiry::start_timers(ctx);
        }
    }

    fn load(
        &mut self,
        ctx: &mut Ctx<'_>,
        disk: &Disk,
        replicas: &ReplicaManager,
        id: &TopicPartition,
    ) {
        let (Some(shard), Some(partition)) =
            (self.shards.get_mut(id).filter(|s| s.loading), replicas.partitions.get(id))
        else {
            return;
        };
        shard.loading = false;
        let high_watermark = partition.log.high_watermark();
        let mut uncommitted = Vec::new();
        for (offset, transactional_id, metadata) in records_of(&partition.log, disk) {
            match metadata {
                _ if offset >= high_watermark => {
                    uncommitted.push((offset, transactional_id, metadata))
                }
                None => {
                    shard.transactions.remove(&transactional_id);
                }
                Some(metadata) => {
                    shard.transactions.insert(transactional_id, Transaction::new(metadata));
                }
            }
        }
        let kind = TransactionEvent::Loaded {
            partition: id.clone(),
            transactional_ids: shard.transactions.len() as u32,
        };
        let event = ctx.emit(kind);
        ctx.cause = event;
        self.busy.insert(id.clone());
        for transaction in shard.transactions.values_mut() {
            let metadata = &transaction.metadata;
            if let Some(commit) = metadata.state.decision() {
                let transactional_id = metadata.transactional_id.clone();
                ctx.emit(TransactionEvent::Decided {
                    transactional_id: transactional_id.clone(),
                    producer: metadata.producer(),
                    commit,
                    reason: DecisionReason::Recovered,
                    partitions: metadata.partitions.iter().cloned().collect(),
                });
                transaction.unmarked = metadata.partitions.clone();
                shard.to_mark.push(transactional_id);
            }
        }
        // What the last leader wrote is decided when it is committed, not before.
        for (last_offset, transactional_id, metadata) in uncommitted {
            let write = self.next_write;
            self.next_write += 1;
            let (change, then) = match metadata {
                None => (Change::Expires(transactional_id), Then::Expired),
                Some(metadata) => {
                    let new = || Transaction::new(metadata.clone());
                    let known = shard.transactions.entry(transactional_id).or_insert_with(new);
                    known.pending = Some(metadata.state);
                    let then = match metadata.state.decision() {
                        Some(_) => Then::Decided(DecisionReason::Recovered, Waits::Nobody),
                        None => Then::Recovered,
                    };
                    (Change::Becomes(Box::new(metadata)), then)
                }
            };
            shard.pending.push_back(Pending { write, last_offset, change, then });
        }
    }

    pub fn on_timer(
        &mut self,
        ctx: &mut Ctx<'_>,
        disk: &Disk,
        (replicas, env): (&ReplicaManager, &Env<'_>),
        timer: Timer,
    ) {
        match timer {
            Timer::TransactionsLoaded(id) => self.load(ctx, disk, replicas, &id),
            Timer::OffsetsCommit(id, write) => {
                if let Some(shard) = self.shards.get_mut(&id) {
                    shard.give_up(ctx, write);
                }
            }
            Timer::TransactionMarkers(transactional_id) => {
                let id = partition_of_transactional_id(env.image, &transactional_id);
                if let Some(id) = id
                    && let Some(shard) = self.shards.get_mut(&id)
                {
                    shard.to_mark.push(transactional_id);
                    self.busy.insert(id);
                }
            }
            Timer::AbortTimedOutTransactions => self.abort_timed_out(ctx),
            Timer::ExpireTransactionalIds => self.expire_ids(ctx),
            _ => {}
        }
    }
}

impl Shard {
    fn append(
        &mut self,
        ctx: &mut Ctx<'_>,
        disk: &mut Disk,
        (replicas, env): (&mut ReplicaManager, &Env<'_>),
        (id, write): (&TopicPartition, u64),
        change: Change,
        then: Then,
    ) {
        let version = ctx.world.spec.transaction_version;
        let timestamp = ctx.now().timestamp_ms();
        let key = transaction_record::key(change.transactional_id());
        let (value, timeout_ms) = match &change {
            Change::Becomes(metadata) => {
                (Some(transaction_record::value(metadata, version)), metadata.timeout_ms)
            }
            Change::Expires(_) => (None, ctx.world.spec.broker.transaction_max_timeout_ms),
        };
        let mut batch = RecordBatchBuilder::new(0);
        batch.append(timestamp, Some(&key), value.as_deref(), &[]);
        let by = AppendOrigin::coordinator(version, Verification::Off);
        match replicas.append_records(ctx, disk, env, id, batch.build(), by) {
            // What is decided is told before it is sure.
            Ok(_)
                if matches!(then, Then::Decided(..))
                    && ctx.is_mutant(Mutant::DecisionNotAwaited) =>
            {
                self.succeed(ctx, change, then);
            }
            Ok(last_offset) => {
                // That everything is complete can wait.
                if then != Then::Completed {
                    ctx.set_timer_in(Timer::OffsetsCommit(id.clone(), write), timeout_ms);
                }
                self.pending.push_back(Pending { write, last_offset, change, then });
            }
            Err(error) => self.fail(ctx, &change, then, error),
        }
    }

    /// What was written has not been committed in time.
    fn give_up(&mut self, ctx: &mut Ctx<'_>, write: u64) {
        if let Some(late) = self.pending.iter_mut().find(|pending| pending.write == write) {
            let then = std::mem::replace(&mut late.then, Then::GivenUp);
            let change = late.change.clone();
            self.fail(ctx, &change, then, KafkaError::RequestTimedOut);
        }
    }
}
