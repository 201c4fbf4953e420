//! What becomes of records that a coordinator writes: they are committed, or are not, or another broker
//! coordinates the groups by then.

use super::{Commit, Shard, Then};
use crate::event::{GroupEvent, GroupReason};
use crate::group::classic_group::GroupState;
use crate::ids::TopicPartition;
use crate::protocol::*;
use crate::world::{Ctx, Timer};

impl Shard {
    /// What was written is committed.
    pub(super) fn succeed(&mut self, ctx: &mut Ctx<'_>, then: Then) {
        match then {
            Then::Nothing => {}
            Then::Heartbeat { reply_to, response } => {
                ctx.respond(reply_to, Response::ConsumerGroupHeartbeat(Ok(response)));
            }
            Then::Committed(commit) => {
                let event = ctx.emit(GroupEvent::CommitStored {
                    group: commit.group,
                    member_generation: commit.member_generation,
                    generation: commit.generation,
                    offsets: commit.offsets.into(),
                });
                if let Some(reply_to) = commit.reply_to {
                    ctx.because(event).respond(reply_to, Response::OffsetCommit(Ok(())));
                }
            }
            Then::Assigned { group, generation, assignment } => {
                if let Some(mut turn) = self.turn(ctx, &group)
                    && turn.group.state == GroupState::CompletingRebalance
                    && turn.group.generation == generation
                {
                    turn.propagate(Ok(&assignment));
                }
            }
            Then::Replaced { group, member_id } => {
                if let Some(mut turn) = self.turn(ctx, &group) {
                    turn.answer_replaced(&member_id);
                }
            }
            Then::Expired { group, partitions } => {
                ctx.emit(GroupEvent::OffsetsExpired { group, partitions: partitions.into() });
            }
            Then::Deleted { group } => {
                ctx.emit(GroupEvent::Deleted { group });
            }
            Then::InTransaction(of) => of.answer(ctx, Ok(())),
            Then::Ended { producer_id, commit } => self.end_transaction(ctx, producer_id, commit),
        }
    }

    /// What was to be written is not, or not in time.
    pub(super) fn fail(&mut self, ctx: &mut Ctx<'_>, then: Then, error: KafkaError) {
        let error = error.of_a_coordinator();
        match then {
            Then::Heartbeat { reply_to, .. } => {
                ctx.respond(reply_to, Response::ConsumerGroupHeartbeat(Err(error)));
            }
            Then::Committed(Commit { reply_to: Some(reply_to), .. }) => {
                ctx.respond(reply_to, Response::OffsetCommit(Err(error)));
            }
            Then::Assigned { group, generation, .. } => {
                if let Some(mut turn) = self.turn(ctx, &group)
                    && turn.group.state == GroupState::CompletingRebalance
                    && turn.group.generation == generation
                {
                    turn.propagate(Err(error));
                    turn.maybe_prepare_rebalance_or_complete_join(GroupReason::StoreFailed);
                }
            }
            Then::Replaced { group, member_id } => {
                // It has to begin anew, under yet another id.
                if let Some(turn) = self.turn(ctx, &group)
                    && let Some(member) = turn.group.members.get_mut(&member_id)
                    && let Some(reply_to) = member.awaiting_join.take()
                {
                    let answer = JoinGroupResponse::refused("".into(), error);
                    ctx.respond(reply_to, Response::JoinGroup(answer));
                }
            }
            Then::InTransaction(of) => of.answer(ctx, Err(error)),
            Then::Nothing
            | Then::Ended { .. }
            | Then::Committed(Commit { reply_to: None, .. })
            | Then::Expired { .. }
            | Then::Deleted { .. } => {}
        }
    }

    /// Another broker coordinates these groups now: whoever waits here is told to look for it.
    pub(super) fn unload(mut self, ctx: &mut Ctx<'_>, id: &TopicPartition) {
        let kind = GroupEvent::Unloaded { partition: id.clone() };
        let event = ctx.emit(kind);
        let mut ctx = ctx.because(event);
        ctx.cancel_timer(Timer::GroupsLoaded(id.clone()));
        for pending in std::mem::take(&mut self.pending) {
            ctx.cancel_timer(Timer::OffsetsCommit(id.clone(), pending.write));
            let error = KafkaError::NotCoordinator;
            match pending.then {
                Then::Committed(Commit { reply_to: Some(reply_to), .. }) => {
                    ctx.respond(reply_to, Response::OffsetCommit(Err(error)));
                }
                Then::Heartbeat { reply_to, .. } => {
                    ctx.respond(reply_to, Response::ConsumerGroupHeartbeat(Err(error)));
                }
                Then::InTransaction(of) => of.answer(&mut ctx, Err(error)),
                _ => {}
            }
        }
        for (group, known) in std::mem::take(&mut self.consumer_groups) {
            for member_id in known.members.keys() {
                ctx.cancel_timer(Timer::GroupSession(group.clone(), member_id.clone()));
                ctx.cancel_timer(Timer::GroupRevocation(group.clone(), member_id.clone()));
            }
        }
        for group in std::mem::take(&mut self.groups).into_values() {
            ctx.cancel_timer(Timer::GroupJoin(group.id.clone()));
            ctx.cancel_timer(Timer::GroupSync(group.id.clone()));
            for member_id in &group.pending_join {
                ctx.cancel_timer(Timer::GroupSession(group.id.clone(), member_id.clone()));
            }
            for (member_id, member) in group.members {
                ctx.cancel_timer(Timer::GroupSession(group.id.clone(), member_id.clone()));
                let error = KafkaError::NotCoordinator;
                if let Some(reply_to) = member.awaiting_join {
                    let answer = JoinGroupResponse::refused(member_id, error);
                    ctx.respond(reply_to, Response::JoinGroup(answer));
                }
                if let Some(reply_to) = member.awaiting_sync {
                    ctx.respond(reply_to, Response::SyncGroup(Err(error)));
                }
            }
        }
    }
}
