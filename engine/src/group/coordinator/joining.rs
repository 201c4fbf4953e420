//! Who comes into a group, and the first half of a rebalance: until everybody has joined
//! (`GroupMetadataManager.classicGroupJoin` and what follows from it).

use super::{Shard, Then, Turn, Write};
use crate::event::{GroupEvent, GroupReason, RemovedMember};
use crate::group::classic_group::{ClassicGroup, ClassicMember, GroupState};
use crate::group::group_record::{GroupRecord, StoredGroup};
use crate::group::java_hash::string_hash;
use crate::ids::Uuid;
use crate::protocol::*;
use crate::sim::random::mix;
use crate::world::{Ctx, ReplyTo, Timer};
use bytes::Bytes;
use std::collections::BTreeMap;
use std::sync::Arc;

/// How long a new member may take for its first join (`classicGroupNewMemberJoinTimeoutMs`).
const NEW_MEMBER_JOIN_TIMEOUT_MS: u64 = 300_000;

impl Shard {
    pub(super) fn join(
        &mut self,
        ctx: &mut Ctx<'_>,
        reply_to: ReplyTo,
        request: &JoinGroupRequest,
    ) {
        let member = &request.member;
        let settings = &ctx.world.spec.broker;
        let limits = settings.group_min_session_timeout_ms..=settings.group_max_session_timeout_ms;
        let is_of_other_protocol =
            self.consumer_groups.get(&member.group).is_some_and(|group| !group.members.is_empty());
        let error = if is_of_other_protocol {
            Some(KafkaError::InconsistentGroupProtocol)
        } else if !limits.contains(&request.session_timeout_ms) {
            Some(KafkaError::InvalidSessionTimeout)
        } else if !self.groups.contains_key(&member.group) && !member.member_id.is_empty() {
            Some(KafkaError::UnknownMemberId)
        } else {
            None
        };
        if let Some(error) = error {
            let answer = JoinGroupResponse::refused(member.member_id.clone(), error);
            return ctx.respond(reply_to, Response::JoinGroup(answer));
        }
        let former = self.delete_consumer_group(&member.group);
        if !former.is_empty() {
            self.writes.push(Write { records: former, then: Then::Nothing });
        }
        if !self.groups.contains_key(&member.group) {
            let group = ClassicGroup::new(member.group.clone(), ctx.now());
            self.groups.insert(member.group.clone(), group);
            // The log is to know of the group before it has members.
            let stored = StoredGroup {
                protocol_type: "".into(),
                generation: 0,
                protocol: None,
                leader: None,
                current_state_timestamp_ms: ctx.now().timestamp_ms(),
                members: Vec::new(),
            };
            let record =
                GroupRecord::GroupMetadata { group: member.group.clone(), value: Some(stored) };
            self.writes.push(Write { records: vec![record], then: Then::Nothing });
        }
        if let Some(mut turn) = self.turn(ctx, &member.group) {
            turn.join(reply_to, request);
        }
    }

    /// The time for joining is over: the initial delay, or the rebalance timeout.
    pub(super) fn on_join_due(&mut self, ctx: &mut Ctx<'_>, group: &str) {
        let Some(mut turn) = self.turn(ctx, group) else {
            return;
        };
        let delay_ms = turn.ctx.world.spec.broker.group_initial_rebalance_delay_ms;
        let group = &mut *turn.group;
        let left_ms = group.initial_delay_left_ms;
        let is_initial = group.previous_state == GroupState::Empty;
        if is_initial && group.new_member_added && left_ms > 0 {
            group.new_member_added = false;
            group.initial_delay_left_ms = left_ms.saturating_sub(delay_ms);
            let timer = Timer::GroupJoin(group.id.clone());
            return turn.ctx.set_timer_in(timer, delay_ms.min(left_ms));
        }
        turn.complete_join();
    }
}

impl Turn<'_, '_> {
    fn refuse_join(&mut self, reply_to: ReplyTo, member_id: &str, error: KafkaError) {
        let answer = JoinGroupResponse::refused(member_id.into(), error);
        self.ctx.respond(reply_to, Response::JoinGroup(answer));
    }

    fn join(&mut self, reply_to: ReplyTo, request: &JoinGroupRequest) {
        let member = &request.member;
        if !self.group.supports(&request.protocols) {
            let error = KafkaError::InconsistentGroupProtocol;
            return self.refuse_join(reply_to, &member.member_id, error);
        }
        if member.member_id.is_empty() {
            return self.join_new(reply_to, request);
        }
        if self.group.pending_join.contains(&member.member_id) {
            return self.add_member(reply_to, request, member.member_id.clone());
        }
        if let Err(error) = self.group.validate_member(member) {
            return self.refuse_join(reply_to, &member.member_id, error);
        }
        let same = self.group.members[&member.member_id].protocols == request.protocols;
        let leads = self.group.is_leader(&member.member_id);
        match self.group.state {
            GroupState::PreparingRebalance => {
                self.update_member(reply_to, request, GroupReason::MemberRejoined);
            }
            GroupState::CompletingRebalance if same => {
                self.answer_join(reply_to, &member.member_id)
            }
            GroupState::Stable if same && !leads => self.answer_join(reply_to, &member.member_id),
            GroupState::Stable if leads => {
                self.update_member(reply_to, request, GroupReason::LeaderRejoined);
            }
            GroupState::CompletingRebalance | GroupState::Stable => {
                self.update_member(reply_to, request, GroupReason::MetadataChanged);
            }
            GroupState::Empty
            | GroupState::Assigning
            | GroupState::Reconciling
            | GroupState::Dead => {
                self.refuse_join(reply_to, &member.member_id, KafkaError::UnknownMemberId);
            }
        }
    }

    fn join_new(&mut self, reply_to: ReplyTo, request: &JoinGroupRequest) {
        let member_id = self.new_member_id(request);
        if let Some(instance_id) = &request.member.group_instance_id {
            return match self.group.static_member(instance_id).cloned() {
                Some(former) => self.replace_static(reply_to, request, &former, member_id),
                None => self.add_member(reply_to, request, member_id),
            };
        }
        self.group.pending_join.insert(member_id.clone());
        let timer = self.session_timer(&member_id);
        self.ctx.set_timer_in(timer, request.session_timeout_ms);
        self.refuse_join(reply_to, &member_id, KafkaError::MemberIdRequired);
    }

    /// The client's id, or the instance's, and a random UUID.
    fn new_member_id(&mut self, request: &JoinGroupRequest) -> Arc<str> {
        let given = self.group.ids_given;
        self.group.ids_given += 1;
        let now = self.ctx.now().timestamp_ms() as u64;
        let group = string_hash(&self.group.id) as u64;
        let draw = mix(&[self.ctx.world.spec.seed, group, now, given, 0x9d]);
        let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        let Uuid(bytes) = Uuid::from_random(draw, mix(&[draw]));
        let uuid: Vec<_> = [0..4, 4..6, 6..8, 8..10, 10..16].map(|part| hex(&bytes[part])).into();
        let name = request.member.group_instance_id.as_ref().unwrap_or(&request.client_id);
        format!("{name}-{}", uuid.join("-")).into()
    }

    fn add_member(&mut self, reply_to: ReplyTo, request: &JoinGroupRequest, member_id: Arc<str>) {
        let group = &mut *self.group;
        if group.state == GroupState::PreparingRebalance
            && group.previous_state == GroupState::Empty
        {
            group.new_member_added = true;
        }
        let member = ClassicMember { awaiting_join: Some(reply_to), ..ClassicMember::new(request) };
        group.add(member_id.clone(), member);
        let kind = GroupEvent::MemberAdded {
            group: group.id.clone(),
            member: member_id.clone(),
            group_instance_id: request.member.group_instance_id.clone(),
        };
        self.ctx.cause = self.ctx.emit(kind);
        let timer = self.session_timer(&member_id);
        self.ctx.set_timer_in(timer, NEW_MEMBER_JOIN_TIMEOUT_MS);
        self.maybe_prepare_rebalance_or_complete_join(GroupReason::MemberJoined);
    }

    fn update_member(
        &mut self,
        reply_to: ReplyTo,
        request: &JoinGroupRequest,
        reason: GroupReason,
    ) {
        self.take_request(reply_to, request, &request.member.member_id);
        self.maybe_prepare_rebalance_or_complete_join(reason);
    }

    /// What a member says anew of itself, and that it waits.
    fn take_request(&mut self, reply_to: ReplyTo, request: &JoinGroupRequest, member_id: &str) {
        if let Some(member) = self.group.members.get_mut(member_id) {
            member.protocols.clone_from(&request.protocols);
            member.rebalance_timeout_ms = request.rebalance_timeout_ms;
            member.session_timeout_ms = request.session_timeout_ms;
            member.awaiting_join = Some(reply_to);
        }
    }

    /// A static member has come back under its instance id: it takes the place of who it was, and the group
    /// goes on as it is if nothing else has changed.
    fn replace_static(
        &mut self,
        reply_to: ReplyTo,
        request: &JoinGroupRequest,
        former: &Arc<str>,
        member_id: Arc<str>,
    ) {
        let Some(mut member) = self.group.members.remove(former) else {
            return;
        };
        self.ctx.cancel_timer(Timer::GroupSession(self.group.id.clone(), former.clone()));
        if let Some(waiting) = member.awaiting_join.take() {
            self.refuse_join(waiting, former, KafkaError::FencedInstanceId);
        }
        if let Some(waiting) = member.awaiting_sync.take() {
            self.ctx.respond(waiting, Response::SyncGroup(Err(KafkaError::FencedInstanceId)));
        }
        if self.group.is_leader(former) {
            self.group.leader = Some(member_id.clone());
        }
        self.group.pending_sync.remove(former);
        self.group.members.insert(member_id.clone(), member);
        self.ctx.cause = self.ctx.emit(GroupEvent::MemberReplaced {
            group: self.group.id.clone(),
            former: former.clone(),
            member: member_id.clone(),
        });
        self.restart_session(&member_id);
        self.take_request(reply_to, request, &member_id);
        match self.group.state {
            GroupState::Stable if self.group.protocol == self.group.select_protocol() => {
                let assignment = self.assignment();
                let value = Some(self.group.to_stored(&assignment));
                let group = self.group.id.clone();
                let records = vec![GroupRecord::GroupMetadata { group: group.clone(), value }];
                self.writes.push(Write { records, then: Then::Replaced { group, member_id } });
            }
            GroupState::Stable => {
                self.maybe_prepare_rebalance_or_complete_join(GroupReason::MetadataChanged);
            }
            GroupState::CompletingRebalance => self.prepare_rebalance(GroupReason::MemberRejoined),
            _ => self.maybe_complete_join(),
        }
    }

    /// What every member has.
    pub(super) fn assignment(&self) -> BTreeMap<Arc<str>, Bytes> {
        let members = self.group.members.iter();
        members.map(|(member_id, member)| (member_id.clone(), member.assignment.clone())).collect()
    }

    /// The generation as it is. Who comes back as the leader is not to assign.
    pub(super) fn answer_replaced(&mut self, member_id: &Arc<str>) {
        let member = self.group.members.get_mut(member_id);
        if let Some(reply_to) = member.and_then(|member| member.awaiting_join.take()) {
            let skip_assignment = self.group.is_leader(member_id);
            let answer = JoinGroupResponse { skip_assignment, ..self.join_answer(member_id) };
            self.ctx.respond(reply_to, Response::JoinGroup(answer));
        }
    }

    fn answer_join(&mut self, reply_to: ReplyTo, member_id: &Arc<str>) {
        let mut answer = self.join_answer(member_id);
        if self.group.state == GroupState::Stable {
            answer.members.clear();
        }
        self.ctx.respond(reply_to, Response::JoinGroup(answer));
    }

    fn join_answer(&self, member_id: &Arc<str>) -> JoinGroupResponse {
        let leads = self.group.is_leader(member_id);
        JoinGroupResponse {
            error: None,
            member_id: member_id.clone(),
            generation: self.group.generation,
            protocol: self.group.protocol.clone(),
            leader: self.group.leader.clone().unwrap_or_else(|| "".into()),
            members: if leads { self.group.joined_members() } else { Vec::new() },
            skip_assignment: false,
        }
    }

    pub(super) fn maybe_prepare_rebalance_or_complete_join(&mut self, reason: GroupReason) {
        match self.group.state {
            GroupState::Empty | GroupState::Stable | GroupState::CompletingRebalance => {
                self.prepare_rebalance(reason);
            }
            _ => self.maybe_complete_join(),
        }
    }

    pub(super) fn prepare_rebalance(&mut self, reason: GroupReason) {
        if self.group.state == GroupState::CompletingRebalance {
            self.propagate_error(KafkaError::RebalanceInProgress);
        }
        self.group.pending_sync.clear();
        self.ctx.cancel_timer(Timer::GroupSync(self.group.id.clone()));
        let is_initial = self.group.state == GroupState::Empty;
        self.transition_to(GroupState::PreparingRebalance, reason);
        if !is_initial {
            return self.complete_join_or_wait();
        }
        let delay_ms = self.ctx.world.spec.broker.group_initial_rebalance_delay_ms;
        self.group.new_member_added = false;
        self.group.initial_delay_left_ms =
            self.group.rebalance_timeout_ms().saturating_sub(delay_ms);
        self.ctx.set_timer_in(Timer::GroupJoin(self.group.id.clone()), delay_ms);
    }

    fn complete_join_or_wait(&mut self) {
        if self.group.has_all_members_joined() {
            return self.complete_join();
        }
        let timeout_ms = self.group.rebalance_timeout_ms();
        self.ctx.set_timer_in(Timer::GroupJoin(self.group.id.clone()), timeout_ms);
    }

    /// Goes on if the last member that was waited for has joined. The initial delay is always waited for.
    pub(super) fn maybe_complete_join(&mut self) {
        if self.group.state == GroupState::PreparingRebalance
            && self.group.previous_state != GroupState::Empty
            && self.group.has_all_members_joined()
        {
            self.complete_join();
        }
    }

    /// The next generation begins, with those who have joined.
    pub(super) fn complete_join(&mut self) {
        if self.group.state != GroupState::PreparingRebalance {
            return;
        }
        self.ctx.cancel_timer(Timer::GroupJoin(self.group.id.clone()));
        let late = self.group.members.iter();
        let late = late.filter(|(_, member)| member.awaiting_join.is_none() && !member.is_static());
        for member_id in late.map(|(member_id, _)| member_id.clone()).collect::<Vec<_>>() {
            self.group.remove(&member_id);
            self.ctx.cancel_timer(self.session_timer(&member_id));
            self.tell_removed(&member_id, RemovedMember::DidNotRejoin);
        }
        if !self.group.maybe_elect_new_joined_leader() && !self.group.members.is_empty() {
            let timeout_ms = self.group.rebalance_timeout_ms();
            return self.ctx.set_timer_in(Timer::GroupJoin(self.group.id.clone()), timeout_ms);
        }
        let from = self.group.state;
        self.group.init_next_generation(self.ctx.now());
        self.tell_state(from, GroupReason::AllJoined);
        if self.group.state == GroupState::Empty {
            let value = Some(self.group.to_stored(&BTreeMap::new()));
            let record = GroupRecord::GroupMetadata { group: self.group.id.clone(), value };
            return self.writes.push(Write { records: vec![record], then: Then::Nothing });
        }
        for member_id in self.group.members.keys().cloned().collect::<Vec<_>>() {
            let answer = self.join_answer(&member_id);
            let member = self.group.members.get_mut(&member_id);
            let waiting = member.and_then(|member| {
                member.is_new = false;
                member.awaiting_join.take()
            });
            if let Some(reply_to) = waiting {
                self.ctx.respond(reply_to, Response::JoinGroup(answer));
            }
            self.restart_session(&member_id);
            self.group.pending_sync.insert(member_id);
        }
        let timeout_ms = self.group.rebalance_timeout_ms();
        self.ctx.set_timer_in(Timer::GroupSync(self.group.id.clone()), timeout_ms);
    }
}
