//! What a member of a group commits, and where it takes up what the group has committed.

use super::membership::MemberState;
use super::{Consumer, PositionState};
use crate::event::{EventKind, GroupEvent};
use crate::ids::TopicPartition;
use crate::protocol::*;
use crate::sim::time::SimTime;
use crate::world::{Call, Ctx, Timer};

/// How long `commitSync` tries (`default.api.timeout.ms`).
const DEFAULT_API_TIMEOUT_MS: u64 = 60_000;

/// Who commits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommittedBy {
    /// The consumer by itself (`enable.auto.commit`).
    Auto,
    /// The application, which does not wait.
    Async,
    /// The application, which waits.
    Sync,
}

/// What `commitSync` waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SyncCommit {
    offsets: Vec<(TopicPartition, CommittedOffset)>,
    until: SimTime,
}

/// What is tried again by `commitSync`.
fn is_retriable(error: KafkaError) -> bool {
    matches!(
        error,
        KafkaError::CoordinatorLoadInProgress
            | KafkaError::CoordinatorNotAvailable
            | KafkaError::NotCoordinator
            | KafkaError::RequestTimedOut
    )
}

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
        let offsets = self.positions_to_commit(ctx);
        self.send_commit(ctx, offsets, CommittedBy::Auto)
    }

    fn send_commit(
        &mut self,
        ctx: &mut Ctx<'_>,
        offsets: Vec<(TopicPartition, CommittedOffset)>,
        by: CommittedBy,
    ) -> bool {
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
        let call = Call::OffsetCommit { offsets, generation, by };
        let timeout_ms = self.request_timeout_ms();
        ctx.request(coordinator, Request::OffsetCommit(request), timeout_ms, call);
        true
    }

    /// The application calls `commitSync` or `commitAsync`. False: it has returned already.
    pub(super) fn commit_by_hand(
        &mut self,
        ctx: &mut Ctx<'_>,
        offsets: Vec<(TopicPartition, CommittedOffset)>,
        by: CommittedBy,
    ) -> bool {
        if offsets.is_empty() {
            return false;
        }
        if self.is_refused_to_commit(ctx) {
            return false;
        }
        let now = ctx.now();
        let Some(member) = self.member.as_deref_mut() else {
            return false;
        };
        if by == CommittedBy::Sync {
            let until = now.plus_millis(DEFAULT_API_TIMEOUT_MS);
            member.sync_commit = Some(SyncCommit { offsets: offsets.clone(), until });
        }
        if member.coordinator.is_none() {
            self.find_coordinator(ctx);
            if by == CommittedBy::Async {
                self.tell_failed(ctx, Some(KafkaError::CoordinatorNotAvailable));
            }
            return by == CommittedBy::Sync;
        }
        self.send_commit(ctx, offsets, by)
    }

    /// Who is not in a generation that has its assignment cannot commit (`generationIfStable`).
    fn is_refused_to_commit(&mut self, ctx: &mut Ctx<'_>) -> bool {
        let error = match self.member.as_deref() {
            Some(member) if member.state == MemberState::Stable => return false,
            Some(member) if member.state == MemberState::Unjoined => None,
            _ => Some(KafkaError::RebalanceInProgress),
        };
        self.tell_failed(ctx, error);
        true
    }

    fn tell_failed(&mut self, ctx: &mut Ctx<'_>, error: Option<KafkaError>) {
        if let Some(member) = self.member.as_deref() {
            let (client, group) = (self.id, member.settings.group.clone());
            ctx.emit(GroupEvent::CommitFailed { client, group, error });
        }
    }

    /// `commitSync` tries again, after a back-off, until `default.api.timeout.ms` are over.
    pub(super) fn retry_sync_commit(&mut self, ctx: &mut Ctx<'_>) {
        let is_sync =
            |call: &Call| matches!(call, Call::OffsetCommit { by: CommittedBy::Sync, .. });
        let Some(waiting) = self.member.as_deref().and_then(|member| member.sync_commit.clone())
        else {
            return;
        };
        if ctx.waits_for(is_sync) {
            return;
        }
        let is_late = ctx.now() >= waiting.until;
        if is_late {
            self.tell_failed(ctx, Some(KafkaError::RequestTimedOut));
        }
        if is_late || self.is_refused_to_commit(ctx) {
            return self.end_sync_commit(ctx);
        }
        if self.member.as_deref().is_some_and(|member| member.coordinator.is_none()) {
            self.find_coordinator(ctx);
        } else if !ctx.has_timer(&Timer::GroupRetry) {
            self.send_commit(ctx, waiting.offsets, CommittedBy::Sync);
        }
    }

    fn end_sync_commit(&mut self, ctx: &mut Ctx<'_>) {
        if let Some(member) = self.member.as_deref_mut() {
            member.sync_commit = None;
        }
        self.after_commit(ctx);
    }

    /// The application commits its positions, because somebody says so.
    pub fn commit_positions(&mut self, ctx: &mut Ctx<'_>) {
        let offsets = self.positions_to_commit(ctx);
        self.commit_by_hand(ctx, offsets, CommittedBy::Async);
    }

    /// Whether the answer to a commit is still awaited.
    pub(super) fn commits_under_way(&self, ctx: &Ctx<'_>) -> bool {
        ctx.waits_for(|call| matches!(call, Call::OffsetCommit { .. }))
    }

    pub(super) fn on_commit_reply(
        &mut self,
        ctx: &mut Ctx<'_>,
        offsets: Vec<(TopicPartition, CommittedOffset)>,
        (generation, by): (i32, CommittedBy),
        reply: Reply,
    ) {
        let Some(member) = self.member.as_deref_mut() else {
            return;
        };
        let same = member.generation == generation;
        let error = match reply {
            Reply::Response(Response::OffsetCommit(Ok(()))) => {
                let own = offsets.iter().filter(|(id, _)| self.positions.contains_key(id));
                member.committed.extend(own.cloned());
                let (client, group) = (self.id, member.settings.group.clone());
                let offsets = offsets.into();
                let event = ctx.emit(GroupEvent::OffsetsCommitted { client, group, offsets });
                if by == CommittedBy::Sync {
                    self.end_sync_commit(&mut ctx.because(event));
                }
                return;
            }
            Reply::Response(Response::OffsetCommit(Err(error))) => {
                let is_about_member =
                    matches!(error, KafkaError::UnknownMemberId | KafkaError::IllegalGeneration);
                if same || !is_about_member {
                    self.on_refusal(ctx, Api::OffsetCommit, error);
                }
                error
            }
            _ => {
                self.lose_coordinator(ctx, None);
                KafkaError::CoordinatorNotAvailable
            }
        };
        match by {
            CommittedBy::Auto => {
                if let Some(member) = self.member.as_deref_mut() {
                    let soon = ctx.now().plus_millis(self.config.retry_backoff_ms as u64);
                    member.next_auto_commit = member.next_auto_commit.min(soon);
                }
            }
            CommittedBy::Sync if is_retriable(error) => {}
            CommittedBy::Sync => {
                self.tell_failed(ctx, Some(error));
                self.end_sync_commit(ctx);
            }
            CommittedBy::Async => self.tell_failed(ctx, Some(error)),
        }
    }

    /// Asks what the group has committed of partitions that are new to it.
    pub(super) fn fetch_committed(&mut self, ctx: &mut Ctx<'_>) {
        let new = self.positions.iter().filter(|(_, p)| p.state == PositionState::Initializing);
        let partitions: Vec<_> = new.map(|(id, _)| id.clone()).collect();
        let timeout_ms = self.request_timeout_ms();
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
        let require_stable = self.config.isolation_level == IsolationLevel::ReadCommitted;
        let group = member.settings.group.clone();
        let request = OffsetFetchRequest { group, partitions, require_stable };
        let call = Call::OffsetFetch { generation: member.generation };
        ctx.request(coordinator, Request::OffsetFetch(request), timeout_ms, call);
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
