//! The second half of a rebalance, until every member has its assignment; then heartbeats, and how members
//! go (`classicGroupSync`, `classicGroupHeartbeat`, `classicGroupLeave`, `expireClassicGroupMemberHeartbeat`).

use super::{Shard, Then, Turn, Write};
use crate::event::{GroupReason, RemovedMember};
use crate::group::classic_group::GroupState;
use crate::group::group_record::GroupRecord;
use crate::protocol::*;
use crate::world::{Ctx, ReplyTo, Timer};
use bytes::Bytes;
use std::collections::BTreeMap;
use std::sync::Arc;

impl Shard {
    pub(super) fn sync(&mut self, ctx: &mut Ctx<'_>, reply_to: ReplyTo, request: SyncGroupRequest) {
        let group = request.member.group.clone();
        let answer = match self.turn(ctx, &group) {
            Some(mut turn) => turn.sync(reply_to, request),
            None => Some(Err(KafkaError::UnknownMemberId)),
        };
        if let Some(answer) = answer {
            ctx.respond(reply_to, Response::SyncGroup(answer));
        }
    }

    pub(super) fn heartbeat(
        &mut self,
        ctx: &mut Ctx<'_>,
        member: &MemberIdentity,
    ) -> Result<(), KafkaError> {
        let mut turn = self.turn(ctx, &member.group).ok_or(KafkaError::UnknownMemberId)?;
        turn.group.validate_member(member)?;
        if member.generation != turn.group.generation {
            return Err(KafkaError::IllegalGeneration);
        }
        turn.restart_session(&member.member_id);
        match turn.group.state {
            GroupState::PreparingRebalance => Err(KafkaError::RebalanceInProgress),
            _ => Ok(()),
        }
    }

    pub(super) fn leave(
        &mut self,
        ctx: &mut Ctx<'_>,
        member: &MemberIdentity,
    ) -> Result<(), KafkaError> {
        let mut turn = self.turn(ctx, &member.group).ok_or(KafkaError::UnknownMemberId)?;
        if turn.group.pending_join.remove(&member.member_id) {
            let timer = turn.session_timer(&member.member_id);
            turn.ctx.cancel_timer(timer);
            turn.maybe_complete_join();
            return Ok(());
        }
        turn.group.validate_member(member)?;
        turn.remove_member(&member.member_id, RemovedMember::Left);
        match turn.group.state {
            GroupState::Stable | GroupState::CompletingRebalance => {
                turn.maybe_prepare_rebalance_or_complete_join(GroupReason::MemberLeft);
            }
            _ => turn.maybe_complete_join(),
        }
        Ok(())
    }

    /// Nothing has been heard of a member for its session timeout.
    pub(super) fn on_session_due(&mut self, ctx: &mut Ctx<'_>, group: &str, member_id: &Arc<str>) {
        let Some(mut turn) = self.turn(ctx, group) else {
            return;
        };
        if turn.group.pending_join.remove(member_id) {
            if turn.group.state == GroupState::PreparingRebalance
                && turn.group.has_all_members_joined()
            {
                turn.complete_join();
            }
            return;
        }
        let member = turn.group.members.get(member_id);
        if member.is_none_or(|member| member.has_satisfied_heartbeat()) {
            return;
        }
        turn.remove_member(member_id, RemovedMember::SessionExpired);
        match turn.group.state {
            GroupState::Stable | GroupState::CompletingRebalance => {
                turn.maybe_prepare_rebalance_or_complete_join(GroupReason::SessionExpired);
            }
            GroupState::PreparingRebalance if turn.group.has_all_members_joined() => {
                turn.complete_join();
            }
            _ => {}
        }
    }

    /// Members that have joined did not ask for their assignment.
    pub(super) fn on_sync_due(&mut self, ctx: &mut Ctx<'_>, group: &str) {
        let Some(mut turn) = self.turn(ctx, group) else {
            return;
        };
        let is_past =
            !matches!(turn.group.state, GroupState::CompletingRebalance | GroupState::Stable);
        if is_past || turn.group.pending_sync.is_empty() {
            return;
        }
        for member_id in std::mem::take(&mut turn.group.pending_sync) {
            turn.remove_member(&member_id, RemovedMember::DidNotSync);
        }
        turn.prepare_rebalance(GroupReason::SyncExpired);
    }
}

impl Turn<'_, '_> {
    /// `None`: it is answered later.
    fn sync(
        &mut self,
        reply_to: ReplyTo,
        request: SyncGroupRequest,
    ) -> Option<Result<Bytes, KafkaError>> {
        let member = &request.member;
        if self.group.state == GroupState::Empty {
            return Some(Err(KafkaError::UnknownMemberId));
        }
        if let Err(error) = self.group.validate_member(member) {
            return Some(Err(error));
        }
        if member.generation != self.group.generation {
            return Some(Err(KafkaError::IllegalGeneration));
        }
        match self.group.state {
            GroupState::PreparingRebalance => return Some(Err(KafkaError::RebalanceInProgress)),
            GroupState::Stable => {
                self.remove_pending_sync(&member.member_id);
                return Some(Ok(self.group.members[&member.member_id].assignment.clone()));
            }
            _ => {}
        }
        self.remove_pending_sync(&member.member_id);
        if let Some(waiting) = self.group.members.get_mut(&member.member_id) {
            waiting.awaiting_sync = Some(reply_to);
        }
        if self.group.is_leader(&member.member_id) {
            let mut assignment: BTreeMap<_, _> = request.assignments.into_iter().collect();
            // Whom the leader forgot gets nothing.
            for member_id in self.group.members.keys() {
                assignment.entry(member_id.clone()).or_default();
            }
            let group = self.group.id.clone();
            let value = Some(self.group.to_stored(&assignment));
            let records = vec![GroupRecord::GroupMetadata { group: group.clone(), value }];
            let generation = self.group.generation;
            let then = Then::Assigned { group, generation, assignment };
            self.writes.push(Write { records, then });
        }
        None
    }

    fn remove_pending_sync(&mut self, member_id: &str) {
        self.group.pending_sync.remove(member_id);
        if self.group.pending_sync.is_empty() {
            self.ctx.cancel_timer(Timer::GroupSync(self.group.id.clone()));
        }
    }

    /// Every member that waits gets its part, or the error.
    pub(super) fn propagate(&mut self, result: Result<&BTreeMap<Arc<str>, Bytes>, KafkaError>) {
        match result {
            Ok(assignment) => {
                for (member_id, member) in &mut self.group.members {
                    member.assignment = assignment.get(member_id).cloned().unwrap_or_default();
                }
                self.transition_to(GroupState::Stable, GroupReason::Assigned);
                self.answer_syncs(None);
            }
            Err(error) => self.propagate_error(error),
        }
    }

    pub(super) fn propagate_error(&mut self, error: KafkaError) {
        for member in self.group.members.values_mut() {
            member.assignment = Bytes::new();
        }
        self.answer_syncs(Some(error));
    }

    fn answer_syncs(&mut self, error: Option<KafkaError>) {
        for member_id in self.group.members.keys().cloned().collect::<Vec<_>>() {
            let Some(member) = self.group.members.get_mut(&member_id) else {
                continue;
            };
            let answer = error.map_or(Ok(member.assignment.clone()), Err);
            if let Some(reply_to) = member.awaiting_sync.take() {
                self.ctx.respond(reply_to, Response::SyncGroup(answer));
                self.restart_session(&member_id);
            }
        }
    }

    /// Takes a member out; whoever waits for its join is told that it is none.
    fn remove_member(&mut self, member_id: &Arc<str>, why: RemovedMember) {
        let timer = self.session_timer(member_id);
        self.ctx.cancel_timer(timer);
        if let Some(waiting) = self.group.remove(member_id).and_then(|m| m.awaiting_join) {
            let answer = JoinGroupResponse::refused("".into(), KafkaError::UnknownMemberId);
            self.ctx.respond(waiting, Response::JoinGroup(answer));
        }
        self.tell_removed(member_id, why);
    }
}
