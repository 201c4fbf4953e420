//! Offsets that are committed with a transaction (KIP-98, KIP-447): they are written at once, as records of the
//! producer's transaction, and hold when its marker comes and says that it is committed. Until then nobody is
//! told the offsets of these partitions who would read only what is stable.

use super::{GroupCoordinator, Offsets, Pending, Shard, Then, Write, partition_of_group};
use crate::event::TransactionEvent;
use crate::group::classic_group::ClassicGroup;
use crate::group::group_record::{GroupRecord, StoredOffset};
use crate::ids::{EventId, TopicPartition};
use crate::log::append_origin::{AppendOrigin, Verification};
use crate::protocol::*;
use crate::record::record_batch_builder::RecordBatchBuilder;
use crate::replication::replica_manager::{Env, ReplicaManager};
use crate::sim::disk::Disk;
use crate::spec::Mutant;
use crate::world::{Ctx, ReplyTo};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A coordinator's records have no sequence numbers of their own; Kafka writes this one.
const BASE_SEQUENCE: i32 = 0;

/// Something in a log of `__consumer_offsets`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Logged {
    Record(GroupRecord),
    /// A record of the open transaction of this producer id.
    InTransaction(i64, GroupRecord),
    /// Its transaction has ended; true for committed.
    Ended(i64, bool),
}

/// Who commits offsets with a transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct InTransaction {
    /// `None` for what an earlier coordinator wrote.
    reply_to: Option<ReplyTo>,
    producer: ProducerIdAndEpoch,
    verification: Verification,
}

impl InTransaction {
    pub(super) fn producer_id(&self) -> i64 {
        self.producer.producer_id
    }

    pub(super) fn builder(&self) -> RecordBatchBuilder {
        let ProducerIdAndEpoch { producer_id, epoch } = self.producer;
        RecordBatchBuilder::new(0).producer(producer_id, epoch, BASE_SEQUENCE).transactional()
    }

    pub(super) fn origin(&self, ctx: &Ctx<'_>) -> AppendOrigin {
        AppendOrigin::coordinator(ctx.world.spec.transaction_version, self.verification)
    }

    pub(super) fn answer(&self, ctx: &mut Ctx<'_>, result: Result<(), KafkaError>) {
        if let Some(reply_to) = self.reply_to {
            ctx.respond(reply_to, Response::TxnOffsetCommit(result));
        }
    }
}

impl Then {
    /// What is still to come of what was written when nobody waits for it any more.
    pub(super) fn without_asker(&self) -> Then {
        match self {
            Then::InTransaction(of) => {
                let of = InTransaction { reply_to: None, ..(**of).clone() };
                Then::InTransaction(Box::new(of))
            }
            _ => Then::Nothing,
        }
    }
}

impl Logged {
    pub(super) fn into_pending(self) -> (Vec<GroupRecord>, Then) {
        match self {
            Logged::Record(record) => (vec![record], Then::Nothing),
            Logged::InTransaction(producer_id, record) => {
                let of = InTransaction {
                    reply_to: None,
                    producer: ProducerIdAndEpoch { producer_id, epoch: -1 },
                    verification: Verification::Off,
                };
                (vec![record], Then::InTransaction(Box::new(of)))
            }
            Logged::Ended(producer_id, commit) => (Vec::new(), Then::Ended { producer_id, commit }),
        }
    }
}

impl GroupCoordinator {
    /// `TxnOffsetCommit`, once the transaction is known to its coordinator.
    pub fn commit_in_transaction(
        &mut self,
        ctx: &mut Ctx<'_>,
        disk: &mut Disk,
        (replicas, env): (&mut ReplicaManager, &Env<'_>),
        reply_to: ReplyTo,
        request: &TxnOffsetCommitRequest,
        verification: Verification,
    ) {
        let refuse = |ctx: &mut Ctx<'_>, error| {
            ctx.respond(reply_to, Response::TxnOffsetCommit(Err(error)));
        };
        let id = partition_of_group(env.image, &request.member.group);
        let shard = id.as_ref().and_then(|id| self.shards.get_mut(id));
        let (Some(id), Some(shard)) = (id, shard) else {
            return refuse(ctx, KafkaError::NotCoordinator);
        };
        if shard.loading {
            return refuse(ctx, KafkaError::CoordinatorLoadInProgress);
        }
        let reply_to = Some(reply_to);
        let of = InTransaction { reply_to, producer: request.producer, verification };
        match shard.commit_in_transaction(ctx, request) {
            Ok(records) => {
                let then = Then::InTransaction(Box::new(of));
                shard.writes.push(Write { records, then });
            }
            Err(error) => return of.answer(ctx, Err(error)),
        }
        self.write(ctx, disk, replicas, env, &id);
    }

    /// A marker has been written to a partition of `__consumer_offsets`.
    pub fn note_marker(
        &mut self,
        (id, last_offset, _): &(TopicPartition, i64, EventId),
        producer_id: i64,
        commit: bool,
    ) {
        if let Some(shard) = self.shards.get_mut(id).filter(|shard| !shard.loading) {
            let write = self.next_write;
            self.next_write += 1;
            let (records, then) = Logged::Ended(producer_id, commit).into_pending();
            let last_offset = *last_offset;
            shard.pending.push_back(Pending { write, last_offset, records, then });
        }
    }
}

impl Shard {
    fn commit_in_transaction(
        &mut self,
        ctx: &Ctx<'_>,
        request: &TxnOffsetCommitRequest,
    ) -> Result<Vec<GroupRecord>, KafkaError> {
        let member = &request.member;
        let is_anonymous = member.generation < 0
            && member.member_id.is_empty()
            && member.group_instance_id.is_none();
        // A producer without a consumer says nothing of members.
        match (self.consumer_groups.get(&member.group), self.groups.get(&member.group)) {
            (Some(_), _) | (_, Some(_)) if is_anonymous => {}
            // Producers have never heard of STALE_MEMBER_EPOCH.
            (Some(group), _) => group.validate_commit(member).map_err(|error| match error {
                KafkaError::StaleMemberEpoch => KafkaError::IllegalGeneration,
                error => error,
            })?,
            (None, Some(group)) => group.validate_commit(member)?,
            (None, None) if is_anonymous => {
                let group = ClassicGroup::new(member.group.clone(), ctx.now());
                self.groups.insert(member.group.clone(), group);
            }
            (None, None) => return Err(KafkaError::IllegalGeneration),
        }
        let commit_timestamp_ms = ctx.now().timestamp_ms();
        let record = |(partition, committed): &(TopicPartition, CommittedOffset)| {
            let value = Some(StoredOffset { committed: *committed, commit_timestamp_ms });
            let (group, partition) = (member.group.clone(), partition.clone());
            GroupRecord::OffsetCommit { group, partition, value }
        };
        Ok(request.offsets.iter().map(record).collect())
    }

    /// Takes over something that is committed of the log, without a word.
    pub fn take_over(&mut self, logged: Logged) {
        match logged {
            Logged::Record(record) => self.apply(record),
            Logged::InTransaction(producer_id, record) => {
                self.apply_in_transaction(producer_id, vec![record]);
            }
            Logged::Ended(producer_id, commit) => drop(self.resolve(producer_id, commit)),
        }
    }

    pub(super) fn apply_in_transaction(&mut self, producer_id: i64, records: Vec<GroupRecord>) {
        let open = self.transactional.entry(producer_id).or_default();
        for record in records {
            if let GroupRecord::OffsetCommit { group, partition, value: Some(value) } = record {
                open.insert((group, partition), value);
            }
        }
    }

    /// The offsets of a transaction hold, or are forgotten. Answers which.
    fn resolve(&mut self, producer_id: i64, commit: bool) -> Offsets {
        let resolved = self.transactional.remove(&producer_id).unwrap_or_default();
        if commit {
            self.offsets.extend(resolved.clone());
        }
        resolved
    }

    pub(super) fn end_transaction(&mut self, ctx: &mut Ctx<'_>, producer_id: i64, commit: bool) {
        let taken = commit || ctx.is_mutant(Mutant::AbortedOffsetsTaken);
        let mut by_group: BTreeMap<Arc<str>, Vec<_>> = BTreeMap::new();
        for ((group, partition), stored) in self.resolve(producer_id, taken) {
            by_group.entry(group).or_default().push((partition, stored.committed));
        }
        for (group, offsets) in by_group {
            let offsets = offsets.into();
            ctx.emit(TransactionEvent::OffsetsResolved { group, producer_id, commit, offsets });
        }
    }

    /// Of which groups and partitions there are offsets that may yet come to hold.
    pub(super) fn open_offsets(&self) -> impl Iterator<Item = &(Arc<str>, TopicPartition)> {
        self.transactional.values().flat_map(|open| open.keys())
    }

    /// Whether a transaction has offsets of these partitions that has yet to end.
    pub(super) fn has_unstable_offsets(&self, request: &OffsetFetchRequest) -> bool {
        let is_asked = |group: &Arc<str>, partition: &TopicPartition| {
            *group == request.group && request.partitions.contains(partition)
        };
        let is_open = |open: &Offsets| open.keys().any(|(group, id)| is_asked(group, id));
        let is_about = |record: &GroupRecord| match record {
            GroupRecord::OffsetCommit { group, partition, .. } => is_asked(group, partition),
            GroupRecord::GroupMetadata { .. } | GroupRecord::Consumer { .. } => false,
        };
        let in_transactions =
            self.pending.iter().filter(|p| matches!(p.then, Then::InTransaction(_)));
        self.transactional.values().any(is_open)
            || in_transactions.flat_map(|pending| &pending.records).any(is_about)
    }
}
