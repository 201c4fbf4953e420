//! What groups commit, and for how long it is kept (`OffsetMetadataManager`).

use super::{Commit, Shard, Then, Write};
use crate::group::classic_group::{ClassicGroup, GroupState};
use crate::group::group_record::{GroupRecord, StoredOffset};
use crate::ids::TopicPartition;
use crate::protocol::*;
use crate::spec::Mutant;
use crate::world::{Ctx, ReplyTo};
use std::collections::BTreeSet;
use std::sync::Arc;

impl Shard {
    pub(super) fn commit(
        &mut self,
        ctx: &mut Ctx<'_>,
        reply_to: ReplyTo,
        request: OffsetCommitRequest,
    ) {
        let OffsetCommitRequest { member, offsets } = request;
        if let Err(error) = self.validate_commit(ctx, &member) {
            return ctx.respond(reply_to, Response::OffsetCommit(Err(error)));
        }
        if let Some(mut turn) = self.turn(ctx, &member.group)
            && matches!(turn.group.state, GroupState::Stable | GroupState::PreparingRebalance)
        {
            turn.restart_session(&member.member_id);
        }
        let known = self.consumer_groups.get(&member.group);
        let known = known.and_then(|group| group.members.get(&member.member_id));
        let current = known.map(|member| member.current.epoch);
        let of_member = (&member.group, member.generation, current);
        self.write_offsets(ctx, Some(reply_to), of_member, offsets);
    }

    fn validate_commit(
        &mut self,
        ctx: &Ctx<'_>,
        member: &MemberIdentity,
    ) -> Result<(), KafkaError> {
        if ctx.is_mutant(Mutant::CommitGenerationNotChecked) {
            return Ok(());
        }
        if let Some(group) = self.consumer_groups.get(&member.group) {
            let unchecked = ctx.is_mutant(Mutant::MemberEpochNotChecked);
            return if unchecked { Ok(()) } else { group.validate_commit(member) };
        }
        match self.groups.get(&member.group) {
            Some(group) => group.validate_commit(member),
            None if member.generation < 0 => {
                let group = ClassicGroup::new(member.group.clone(), ctx.now());
                self.groups.insert(member.group.clone(), group);
                Ok(())
            }
            None => Err(KafkaError::IllegalGeneration),
        }
    }

    fn write_offsets(
        &mut self,
        ctx: &Ctx<'_>,
        reply_to: Option<ReplyTo>,
        (group, member_generation, member_epoch): (&Arc<str>, i32, Option<i32>),
        offsets: Vec<(TopicPartition, CommittedOffset)>,
    ) {
        let generation = self.groups.get(group).map(|known| known.generation);
        let generation = member_epoch.or(generation).unwrap_or(-1);
        let commit_timestamp_ms = ctx.now().timestamp_ms();
        let record = |(partition, committed): &(TopicPartition, CommittedOffset)| {
            let value = StoredOffset { committed: *committed, commit_timestamp_ms };
            let (group, partition) = (group.clone(), partition.clone());
            GroupRecord::OffsetCommit { group, partition, value: Some(value) }
        };
        let records = offsets.iter().map(record).collect();
        let group = group.clone();
        let then =
            Then::Committed(Commit { reply_to, group, member_generation, generation, offsets });
        self.writes.push(Write { records, then });
    }

    /// Only what is committed of the log.
    pub(super) fn fetch_offsets(&self, request: &OffsetFetchRequest) -> FetchedOffsets {
        let committed = |partition: &TopicPartition| {
            let key = (request.group.clone(), partition.clone());
            self.offsets.get(&key).map(|stored| stored.committed)
        };
        request.partitions.iter().map(|id| (id.clone(), committed(id))).collect()
    }

    /// `kafka-consumer-groups.sh --reset-offsets`: a commit that no member makes.
    pub(super) fn reset(
        &mut self,
        ctx: &Ctx<'_>,
        group: &Arc<str>,
        offsets: &[(TopicPartition, i64)],
    ) {
        if !self.consumer_groups.contains_key(group) {
            let new = || ClassicGroup::new(group.clone(), ctx.now());
            self.groups.entry(group.clone()).or_insert_with(new);
        }
        let offsets = offsets.iter().map(|(id, offset)| {
            (id.clone(), CommittedOffset { offset: *offset, leader_epoch: -1 })
        });
        self.write_offsets(ctx, None, (group, -1, None), offsets.collect());
    }

    /// `kafka-consumer-groups.sh --delete`
    pub(super) fn delete(&mut self, group: &Arc<str>) {
        let open = self.open_offsets().filter(|(of, _)| of == group).map(|(_, id)| id);
        let partitions: BTreeSet<_> =
            self.offsets_of(group).map(|(id, _)| id).chain(open).collect();
        let mut records = tombstones(group, partitions.into_iter().cloned());
        if self.groups.remove(group).is_some() {
            records.push(GroupRecord::GroupMetadata { group: group.clone(), value: None });
        }
        records.extend(self.delete_consumer_group(group));
        self.writes.push(Write { records, then: Then::Deleted { group: group.clone() } });
    }

    pub(super) fn expire(&mut self, ctx: &Ctx<'_>) {
        let retention_ms = ctx.world.spec.broker.offsets_retention_minutes as i64 * 60_000;
        let now = ctx.now().timestamp_ms();
        let groups = self.groups.keys().chain(self.consumer_groups.keys());
        for group in groups.cloned().collect::<Vec<_>>() {
            let is_expired = |(id, stored): &(&TopicPartition, &StoredOffset)| {
                let since = self.unused_since(&group, &id.topic, stored.commit_timestamp_ms);
                since.is_some_and(|since| now - since >= retention_ms)
            };
            let (expired, kept): (Vec<_>, Vec<_>) = self.offsets_of(&group).partition(is_expired);
            let is_over = kept.is_empty()
                && self.state_of(&group) == Some(GroupState::Empty)
                && self.groups.get(&group).is_none_or(|known| known.pending_join.is_empty())
                && !self.is_written_to(&group);
            let partitions: Vec<_> = expired.into_iter().map(|(id, _)| id.clone()).collect();
            if !partitions.is_empty() {
                let records = tombstones(&group, partitions.iter().cloned());
                let then = Then::Expired { group: group.clone(), partitions };
                self.writes.push(Write { records, then });
            }
            if is_over {
                let mut records = self.delete_consumer_group(&group);
                if self.groups.remove(&group).is_some() {
                    records.push(GroupRecord::GroupMetadata { group: group.clone(), value: None });
                }
                self.writes.push(Write { records, then: Then::Deleted { group } });
            }
        }
    }

    /// Since when an offset has had no use; `None`: it has one.
    fn unused_since(&self, group: &str, topic: &Arc<str>, committed_ms: i64) -> Option<i64> {
        match self.consumer_groups.get(group) {
            Some(known) => (!known.subscribed_topics().contains(topic)).then_some(committed_ms),
            None => self.groups.get(group)?.offset_unused_since(topic, committed_ms),
        }
    }

    /// Whether something of the group is on its way into the log, or into its offsets.
    fn is_written_to(&self, group: &Arc<str>) -> bool {
        let mut written = self.pending.iter().flat_map(|pending| &pending.records);
        written.any(|record| record.group() == group)
            || self.open_offsets().any(|(of, _)| of == group)
    }

    pub(super) fn forget_topics(&mut self, topics: &BTreeSet<Arc<str>>) {
        let gone = |(_, id): &&(Arc<str>, TopicPartition)| topics.contains(&id.topic);
        let known: BTreeSet<_> = self.offsets.keys().chain(self.open_offsets()).collect();
        let gone: Vec<_> = known.into_iter().filter(gone).cloned().collect();
        if !gone.is_empty() {
            let gone = gone.into_iter();
            let records = gone.map(|(group, partition)| GroupRecord::OffsetCommit {
                group,
                partition,
                value: None,
            });
            self.writes.push(Write { records: records.collect(), then: Then::Nothing });
        }
    }
}

fn tombstones(
    group: &Arc<str>,
    partitions: impl Iterator<Item = TopicPartition>,
) -> Vec<GroupRecord> {
    let tombstone =
        |partition| GroupRecord::OffsetCommit { group: group.clone(), partition, value: None };
    partitions.map(tombstone).collect()
}
