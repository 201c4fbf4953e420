//! What a member of a group commits, and where it takes up what the group has committed.

use super::membership::{MemberState, REQUEST_TIMEOUT_MS, RETRY_BACKOFF_MS};
use super::{Consumer, PositionState};
use crate::event::{EventKind, GroupEvent};
use crate::ids::TopicPartition;
use crate::protocol::*;
use crate::spec::Mutant;
use crate::world::{Call, Ctx, Timer};

impl Consumer {
    /// `maybeAutoCommitOffsetsAsync`: in a poll, once `auto.commit.interval.ms` is over.
    pub(super) fn maybe_auto_commit(&mut self, ctx: &mut Ctx<'_>) {
        let now = ctx.now();
        let Some(member) = self.member.as_deref_mut() else {
            return;
        };
        if !member.settings.enable_auto_commit || member.state != MemberState::Stable {
            return;
        }
        if now >= member.next_auto_commit {
            let interval_ms = member.settings.auto_commit_interval_ms;
            member.next_auto_commit = now.plus_millis(interval_ms);
            self.commit(ctx);
        }
        if let Some(member) = self.member.as_deref()
            && !ctx.has_timer(&Timer::AutoCommit)
        {
            let left_us = member.next_auto_commit.since(now);
            ctx.set_timer_in(Timer::AutoCommit, left_us.div_ceil(1000).max(1));
        }
    }

    /// Commits the position of every partition that has one. False: there is nothing to wait for.
    pub(super) fn commit(&mut self, ctx: &mut Ctx<'_>) -> bool {
        let early = ctx.is_mutant(Mutant::CommittedBeforeDelivered);
        let fetched = |id: &TopicPartition| {
            let end = self.fetched.iter().rev().find(|fetched| fetched.partition == *id);
            end.filter(|_| early).map(|fetched| (fetched.end, fetched.end_epoch))
        };
        let valid = self.positions.iter().filter(|(_, p)| p.state == PositionState::Fetching);
        let offsets: Vec<_> = valid
            .map(|(id, position)| {
                let own = (position.offset, position.offset_epoch);
                let (offset, leader_epoch) = fetched(id).unwrap_or(own);
                (id.clone(), CommittedOffset { offset, leader_epoch })
            })
            .collect();
        let Some(member) = self.member.as_deref() else {
            return false;
        };
        let Some(coordinator) = member.coordinator else {
            return false;
        };
        if offsets.is_empty() || member.state != MemberState::Stable {
            return false;
        }
        let (identity, generation) = (member.identity(), member.generation);
        let request = OffsetCommitRequest { member: identity, offsets: offsets.clone() };
        let call = Call::OffsetCommit { offsets, generation };
        ctx.request(coordinator, Request::OffsetCommit(request), REQUEST_TIMEOUT_MS, call);
        true
    }

    /// Whether the answer to a commit is still awaited.
    pub(super) fn commits_under_way(&self, ctx: &Ctx<'_>) -> bool {
        ctx.waits_for(|call| matches!(call, Call::OffsetCommit { .. }))
    }

    pub(super) fn on_commit_reply(
        &mut self,
        ctx: &mut Ctx<'_>,
        offsets: Vec<(TopicPartition, CommittedOffset)>,
        generation: i32,
        reply: Reply,
    ) {
        let Some(member) = self.member.as_deref_mut() else {
            return;
        };
        let same = member.generation == generation;
        match reply {
            Reply::Response(Response::OffsetCommit(Ok(()))) => {
                let own = offsets.iter().filter(|(id, _)| self.positions.contains_key(id));
                member.committed.extend(own.cloned());
                let (client, group) = (self.id, member.settings.group.clone());
                let offsets = offsets.into();
                ctx.emit(GroupEvent::OffsetsCommitted { client, group, offsets });
                return;
            }
            Reply::Response(Response::OffsetCommit(Err(error))) => {
                let is_about_member =
                    matches!(error, KafkaError::UnknownMemberId | KafkaError::IllegalGeneration);
                if same || !is_about_member {
                    self.on_refusal(ctx, Api::OffsetCommit, error);
                }
            }
            _ => self.lose_coordinator(ctx, None),
        }
        if let Some(member) = self.member.as_deref_mut() {
            let soon = ctx.now().plus_millis(RETRY_BACKOFF_MS);
            member.next_auto_commit = member.next_auto_commit.min(soon);
        }
    }

    /// Asks what the group has committed of partitions that are new to it.
    pub(super) fn fetch_committed(&mut self, ctx: &mut Ctx<'_>) {
        let new = self.positions.iter().filter(|(_, p)| p.state == PositionState::Initializing);
        let partitions: Vec<_> = new.map(|(id, _)| id.clone()).collect();
        let Some(member) = self.member.as_deref_mut() else {
            return;
        };
        let Some(coordinator) = member.coordinator else {
            return;
        };
        if partitions.is_empty() || member.fetches_offsets || ctx.has_timer(&Timer::GroupRetry) {
            return;
        }
        member.fetches_offsets = true;
        let request = OffsetFetchRequest { group: member.settings.group.clone(), partitions };
        let call = Call::OffsetFetch { generation: member.generation };
        ctx.request(coordinator, Request::OffsetFetch(request), REQUEST_TIMEOUT_MS, call);
    }

    pub(super) fn on_committed_reply(&mut self, ctx: &mut Ctx<'_>, generation: i32, reply: Reply) {
        let Some(member) = self.member.as_deref_mut() else {
            return;
        };
        member.fetches_offsets = false;
        if member.generation != generation {
            return;
        }
        let offsets = match reply {
            Reply::Response(Response::OffsetFetch(Ok(offsets))) => offsets,
            Reply::Response(Response::OffsetFetch(Err(error))) => {
                return self.on_refusal(ctx, Api::OffsetFetch, error);
            }
            _ => return self.lose_coordinator(ctx, None),
        };
        for (id, committed) in offsets {
            let Some(position) = self
                .positions
                .get_mut(&id)
                .filter(|position| position.state == PositionState::Initializing)
            else {
                continue;
            };
            let Some(committed) = committed else {
                position.state = PositionState::AwaitReset;
                self.ask_offset(ctx, &id);
                continue;
            };
            position.state = PositionState::Fetching;
            position.offset = committed.offset;
            position.offset_epoch = committed.leader_epoch;
            position.validated_in = -1;
            if let Some(member) = self.member.as_deref_mut() {
                member.committed.insert(id.clone(), committed);
            }
            let (client, partition, offset) = (self.id, id.clone(), committed.offset);
            ctx.emit(EventKind::PositionReset { client, partition, offset });
            self.stirred.insert(id);
        }
        if self.positions.keys().any(|id| self.metadata.leader(id).is_none()) {
            self.refresh_soon(ctx);
        }
    }
}
