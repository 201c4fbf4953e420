//! A member by the consumer protocol (KIP-848): it says all in its heartbeats, and is told what it is to have.
//! It gives up first what is no longer its, says so, and takes up what it newly gets. Kafka's
//! `ConsumerMembershipManager` and `ConsumerHeartbeatRequestManager`; heartbeats go out whatever the
//! application does, partitions come and go while it polls.

use super::membership::MemberState;
use super::{Consumer, Position, PositionState};
use crate::event::GroupEvent;
use crate::group::assignor::server::ServerAssignor;
use crate::group::consumer_group::{LEAVE_EPOCH, LEAVE_STATIC_EPOCH};
use crate::group::consumer_record::Partitions;
use crate::ids::{TopicPartition, Uuid};
use crate::protocol::*;
use crate::sim::random::mix;
use crate::world::{Call, Ctx, Timer};
use std::collections::BTreeSet;

/// What a member has been told, and what it has said.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(super) struct Remote {
    assignor: Option<ServerAssignor>,
    /// What it is to have, until it has it.
    target: Option<Partitions>,
    /// It is fenced: what it has is lost, and is given up when the application polls.
    lost: bool,
    said: Option<MemberSaid>,
    /// What the coordinator knows that it has.
    told: Option<Partitions>,
    /// These are on their way.
    saying: Option<MemberSaid>,
    telling: Option<Partitions>,
}

impl Remote {
    pub fn new(assignor: Option<ServerAssignor>) -> Self {
        Remote { assignor, ..Remote::default() }
    }
}

impl Consumer {
    /// What a member does in every `poll` before it looks for records.
    pub(super) fn see_to_remote(&mut self, ctx: &mut Ctx<'_>) {
        let Some(member) = self.member.as_deref_mut() else {
            return;
        };
        let Some(remote) = member.remote.as_deref_mut() else {
            return;
        };
        if std::mem::take(&mut remote.lost) {
            self.give_up(ctx, |_| true, true);
        }
        self.reconcile(ctx);
        self.remote_heartbeat_if_due(ctx);
        self.maybe_auto_commit(ctx);
        self.fetch_committed(ctx);
    }

    /// What it says of itself.
    fn saying(&self) -> Option<MemberSaid> {
        let member = self.member.as_deref()?;
        let remote = member.remote.as_deref()?;
        Some(MemberSaid {
            rack: self.rack.clone(),
            topics: member.settings.topics(&self.topic),
            rebalance_timeout_ms: member.settings.max_poll_interval_ms,
            server_assignor: remote.assignor.map(|assignor| assignor.name().into()),
        })
    }

    /// What it has, by the ids of topics.
    fn owned_by_id(&self) -> Partitions {
        let mut owned = Partitions::new();
        for id in self.positions.keys() {
            if let Some(topic) = self.metadata.topic_id(&id.topic) {
                owned.entry(topic).or_default().insert(id.partition);
            }
        }
        owned
    }

    /// Sends a heartbeat at once where there is something to say.
    fn remote_heartbeat_if_due(&mut self, ctx: &mut Ctx<'_>) {
        let (saying, owned) = (self.saying(), self.owned_by_id());
        let Some(member) = self.member.as_deref() else {
            return;
        };
        let Some(remote) = member.remote.as_deref() else {
            return;
        };
        let joins = member.generation < 0;
        let has_news = remote.said != saying || remote.told.as_ref() != Some(&owned);
        if joins || has_news {
            self.remote_heartbeat(ctx);
        }
    }

    pub(super) fn remote_heartbeat(&mut self, ctx: &mut Ctx<'_>) {
        let (saying, owned) = (self.saying(), self.owned_by_id());
        let draw = mix(&[ctx.world.spec.seed, u64::from(self.id.0), ctx.now().as_millis(), 0x848]);
        let timeout_ms = self.request_timeout_ms();
        let Some(member) = self.member.as_deref_mut() else {
            return;
        };
        if member.heartbeat_under_way || ctx.has_timer(&Timer::GroupRetry) {
            return;
        }
        let Some(coordinator) = member.coordinator else {
            return self.find_coordinator(ctx);
        };
        let Some(remote) = member.remote.as_deref_mut().filter(|remote| !remote.lost) else {
            return;
        };
        if member.member_id.is_empty() {
            member.member_id = Uuid::from_random(draw, mix(&[draw])).to_string().into();
        }
        let joins = member.generation < 0;
        remote.saying = saying.filter(|said| joins || remote.said.as_ref() != Some(said));
        remote.telling = Some(owned).filter(|owned| joins || remote.told.as_ref() != Some(owned));
        member.heartbeat_under_way = true;
        let request = ConsumerGroupHeartbeatRequest {
            group: member.settings.group.clone(),
            member_id: member.member_id.clone(),
            group_instance_id: member.settings.group_instance_id.clone(),
            client_id: member.client_id.clone(),
            member_epoch: member.generation.max(0),
            said: remote.saying.clone(),
            owned: remote.telling.clone(),
        };
        let call = Call::ConsumerGroupHeartbeat { epoch: member.generation };
        let request = Request::ConsumerGroupHeartbeat(request);
        ctx.request(coordinator, request, timeout_ms, call);
    }

    pub(super) fn on_remote_heartbeat_reply(
        &mut self,
        ctx: &mut Ctx<'_>,
        epoch: i32,
        reply: Reply,
    ) {
        let Some(member) = self.member.as_deref_mut() else {
            return;
        };
        member.heartbeat_under_way = false;
        let is_late = member.generation != epoch;
        let Some(remote) = member.remote.as_deref_mut() else {
            return;
        };
        let answer = match reply {
            Reply::Response(Response::ConsumerGroupHeartbeat(Ok(answer))) => answer,
            Reply::Response(Response::ConsumerGroupHeartbeat(Err(error))) => {
                if !is_late {
                    self.on_refusal(ctx, Api::ConsumerGroupHeartbeat, error);
                }
                return;
            }
            _ => {
                // Nobody knows what has arrived: say all of it again.
                (remote.said, remote.told) = (None, None);
                return self.lose_coordinator(ctx, None);
            }
        };
        if is_late {
            return;
        }
        if let Some(said) = remote.saying.take() {
            remote.said = Some(said);
        }
        if let Some(told) = remote.telling.take() {
            remote.told = Some(told);
        }
        if let Some(assignment) = answer.assignment {
            remote.target = Some(assignment);
        }
        member.attempts = 0;
        member.state = MemberState::Stable;
        ctx.set_timer_in(Timer::GroupHeartbeat, answer.heartbeat_interval_ms);
        if epoch < 0 {
            let interval_ms = member.settings.auto_commit_interval_ms;
            member.next_auto_commit = ctx.now().plus_millis(interval_ms);
        }
        if member.generation != answer.member_epoch {
            member.generation = answer.member_epoch;
            ctx.emit(GroupEvent::MemberEpochReached {
                client: self.id,
                group: member.settings.group.clone(),
                member: member.member_id.clone(),
                epoch: answer.member_epoch,
            });
        }
    }

    /// Goes to what it is to have, as far as it knows the topics: it commits and gives up, then takes up.
    fn reconcile(&mut self, ctx: &mut Ctx<'_>) {
        let Some(target) = self.member.as_deref().and_then(|m| m.remote.as_deref()?.target.clone())
        else {
            return;
        };
        let names = self.metadata.topics();
        let named = |id: &Uuid| names.iter().find(|name| self.metadata.topic_id(name) == Some(*id));
        let mut wanted = BTreeSet::new();
        let mut unknown = false;
        for (topic, partitions) in &target {
            let Some(topic) = named(topic) else {
                unknown = true;
                continue;
            };
            let id =
                |partition: &i32| TopicPartition { topic: topic.clone(), partition: *partition };
            wanted.extend(partitions.iter().map(id));
        }
        if unknown {
            self.refresh_soon(ctx);
        }
        let gives_up = self.positions.keys().any(|id| !wanted.contains(id));
        if gives_up && !self.has_committed_before_revocation(ctx) {
            return;
        }
        let Some(member) = self.member.as_deref_mut() else {
            return;
        };
        member.commits_before_join = None;
        let (group, generation) = (member.settings.group.clone(), member.generation);
        if let Some(remote) = member.remote.as_deref_mut().filter(|_| !unknown) {
            remote.target = None;
        }
        self.give_up(ctx, |id| !wanted.contains(id), false);
        let added = wanted.into_iter().filter(|id| !self.positions.contains_key(id));
        let added: Vec<_> = added.collect();
        if added.is_empty() {
            return;
        }
        for id in &added {
            self.positions.insert(id.clone(), Position::new(PositionState::Initializing));
        }
        let (client, partitions) = (self.id, added.into());
        ctx.emit(GroupEvent::PartitionsAssigned { client, group, generation, partitions });
    }

    /// With `enable.auto.commit` what has been read is committed before it is given up, for as long as a
    /// rebalance may take.
    fn has_committed_before_revocation(&mut self, ctx: &mut Ctx<'_>) -> bool {
        let now = ctx.now();
        let Some(member) = self.member.as_deref_mut() else {
            return true;
        };
        if !member.settings.enable_auto_commit {
            return true;
        }
        let begins = member.commits_before_join.is_none();
        let until = now.plus_millis(member.settings.max_poll_interval_ms);
        let until = *member.commits_before_join.get_or_insert(until);
        if begins {
            return !self.commit(ctx);
        }
        !self.commits_under_way(ctx) || now >= until
    }

    /// The coordinator does not know it any more, or it has left.
    pub(super) fn lose_membership(&mut self, ctx: &mut Ctx<'_>) {
        if let Some(member) = self.member.as_deref_mut()
            && let Some(remote) = member.remote.as_deref_mut()
        {
            *remote = Remote { lost: true, ..Remote::new(remote.assignor) };
            member.generation = -1;
            member.state = MemberState::Unjoined;
            member.commits_before_join = None;
            ctx.cancel_timer(Timer::GroupHeartbeat);
        }
    }

    /// The last heartbeat. A static member may come back.
    pub(super) fn say_goodbye_remotely(&mut self, ctx: &mut Ctx<'_>) {
        let timeout_ms = self.request_timeout_ms();
        if let Some(member) = self.member.as_deref()
            && let Some(coordinator) = member.coordinator
            && member.generation >= 0
        {
            let is_static = member.settings.group_instance_id.is_some();
            let request = ConsumerGroupHeartbeatRequest {
                group: member.settings.group.clone(),
                member_id: member.member_id.clone(),
                group_instance_id: member.settings.group_instance_id.clone(),
                client_id: member.client_id.clone(),
                member_epoch: if is_static { LEAVE_STATIC_EPOCH } else { LEAVE_EPOCH },
                said: None,
                owned: None,
            };
            let request = Request::ConsumerGroupHeartbeat(request);
            ctx.request(coordinator, request, timeout_ms, Call::LeaveGroup);
        }
    }
}
