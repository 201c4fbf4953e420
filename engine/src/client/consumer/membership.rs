//! A consumer as a member of its group: it finds the coordinator, joins, gets its partitions, says that it
//! is there, and goes. Kafka's `AbstractCoordinator` and `ConsumerCoordinator`; heartbeats go out whatever
//! the application does, all else waits until it polls.

use super::committing::SyncCommit;
use super::remote::Remote;
use super::{Application, Consumer};
use crate::command::{GroupProtocol, Membership};
use crate::event::GroupEvent;
use crate::group::assignor::{Assignor, PartitionsPerTopic, Subscriptions};
use crate::ids::{NodeId, TopicPartition};
use crate::protocol::*;
use crate::sim::time::SimTime;
use crate::world::{Call, Ctx, Timer};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The coordinator may keep a JoinGroup for the rebalance timeout; then there is the way back.
pub(super) const JOIN_GROUP_TIMEOUT_LAPSE_MS: u64 = 5_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MemberState {
    Unjoined,
    /// Its JoinGroup is under way.
    PreparingRebalance,
    /// Its SyncGroup is under way, or it is yet to assign.
    CompletingRebalance,
    Stable,
}

impl MemberState {
    /// As Kafka calls it.
    pub fn name(self) -> &'static str {
        match self {
            MemberState::Unjoined => "UNJOINED",
            MemberState::PreparingRebalance => "PREPARING_REBALANCE",
            MemberState::CompletingRebalance => "COMPLETING_REBALANCE",
            MemberState::Stable => "STABLE",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    pub settings: Membership,
    pub(super) client_id: Arc<str>,
    pub coordinator: Option<NodeId>,
    pub(super) finding: bool,
    /// How often in a row it was in vain to look for the coordinator, or to ask it.
    pub(super) attempts: u32,
    /// Brokers are asked for it in turn.
    pub(super) turn: i32,
    pub state: MemberState,
    /// Empty and -1 before the coordinator has given one.
    pub member_id: Arc<str>,
    pub generation: i32,
    pub protocol: Option<Assignor>,
    pub leads: bool,
    pub(super) rejoin_needed: bool,
    /// What it owns has yet to be seen to before it joins.
    pub(super) needs_prepare: bool,
    /// It commits before it joins, and for how long it tries.
    pub(super) commits_before_join: Option<SimTime>,
    /// As the leader: what the others say, until it knows their topics.
    pub(super) to_assign: Option<Subscriptions>,
    /// As the leader: what it knew when it assigned.
    pub(super) assigned_on: Option<PartitionsPerTopic>,
    /// An assignment that takes effect when the application polls.
    pub(super) synced: Option<Vec<TopicPartition>>,
    /// For the sticky assignors.
    pub(super) last_assignment: Option<(Vec<TopicPartition>, i32)>,
    pub(super) heartbeat_under_way: bool,
    /// By the consumer protocol; its generation is its member epoch then.
    pub(super) remote: Option<Box<Remote>>,
    pub(super) next_auto_commit: SimTime,
    pub(super) sync_commit: Option<SyncCommit>,
    pub(super) fetches_offsets: bool,
    /// What it knows to be committed.
    pub committed: BTreeMap<TopicPartition, CommittedOffset>,
}

impl Member {
    pub(super) fn new(client_id: Arc<str>, settings: Membership) -> Self {
        let remote = match settings.group_protocol {
            GroupProtocol::Classic => None,
            GroupProtocol::Consumer(assignor) => Some(Box::new(Remote::new(assignor))),
        };
        Member {
            settings,
            client_id,
            coordinator: None,
            finding: false,
            attempts: 0,
            turn: 0,
            state: MemberState::Unjoined,
            member_id: "".into(),
            generation: -1,
            protocol: None,
            leads: false,
            rejoin_needed: true,
            needs_prepare: true,
            commits_before_join: None,
            to_assign: None,
            assigned_on: None,
            synced: None,
            last_assignment: None,
            heartbeat_under_way: false,
            remote,
            next_auto_commit: SimTime::ZERO,
            sync_commit: None,
            fetches_offsets: false,
            committed: BTreeMap::new(),
        }
    }

    pub(super) fn identity(&self) -> MemberIdentity {
        MemberIdentity {
            group: self.settings.group.clone(),
            member_id: self.member_id.clone(),
            group_instance_id: self.settings.group_instance_id.clone(),
            generation: self.generation,
        }
    }

    pub(super) fn want_to_rejoin(&mut self) {
        self.rejoin_needed = true;
    }

    /// Its own topics and, as the leader, those of the others.
    pub(super) fn topics_to_know(&self, first: &Arc<str>) -> BTreeSet<Arc<str>> {
        let mut topics = self.settings.topics(first);
        let others = self.to_assign.iter().flat_map(|members| members.values());
        topics.extend(others.flat_map(|subscription| subscription.topics.clone()));
        topics.extend(self.assigned_on.iter().flat_map(|topics| topics.keys().cloned()));
        topics
    }

    /// Before an eager rebalance nothing more is given to the application, so that what is committed then
    /// is all that it has got.
    pub(super) fn is_giving_up_all(&self) -> bool {
        let is_partial = self.remote.is_none() && self.settings.is_cooperative();
        self.commits_before_join.is_some() && !is_partial
    }

    /// The coordinator does not know it any more, or it has left.
    fn reset(&mut self, forget_id: bool) {
        self.state = MemberState::Unjoined;
        self.generation = -1;
        if forget_id {
            self.member_id = "".into();
        }
        self.synced = None;
        self.to_assign = None;
        self.rejoin_needed = true;
        self.needs_prepare = true;
        self.commits_before_join = None;
    }
}

impl Consumer {
    /// What a member does in every `poll` before it looks for records.
    pub(super) fn see_to_membership(&mut self, ctx: &mut Ctx<'_>) {
        let Some(member) = self.member.as_deref_mut() else {
            return;
        };
        if let Some(assignment) = member.synced.take() {
            self.complete_join(ctx, assignment);
        }
        let Some(member) = self.member.as_deref_mut() else {
            return;
        };
        if member.coordinator.is_none() {
            return self.find_coordinator(ctx);
        }
        if member.remote.is_some() {
            return self.see_to_remote(ctx);
        }
        let may_join = matches!(member.state, MemberState::Unjoined | MemberState::Stable);
        if member.rejoin_needed && may_join && !ctx.has_timer(&Timer::GroupRetry) {
            self.prepare_and_join(ctx);
        }
        self.maybe_auto_commit(ctx);
        self.fetch_committed(ctx);
    }

    pub(super) fn find_coordinator(&mut self, ctx: &mut Ctx<'_>) {
        let Some(member) = self.member.as_deref_mut() else {
            return;
        };
        if member.finding || ctx.has_timer(&Timer::GroupRetry) {
            return;
        }
        member.finding = true;
        let broker = NodeId(1 + member.turn % ctx.world.spec.brokers);
        member.turn += 1;
        let key_type = CoordinatorType::Group;
        let request = Request::FindCoordinator { key_type, key: member.settings.group.clone() };
        ctx.request(broker, request, self.request_timeout_ms(), Call::FindCoordinator);
    }

    pub(super) fn lose_coordinator(&mut self, ctx: &mut Ctx<'_>, error: Option<KafkaError>) {
        if let Some(member) = self.member.as_deref_mut()
            && member.coordinator.take().is_some()
        {
            let (client, group) = (self.id, member.settings.group.clone());
            let event = ctx.emit(GroupEvent::CoordinatorLost { client, group, error });
            self.retry_soon(&mut ctx.because(event));
        }
    }

    pub(super) fn retry_soon(&mut self, ctx: &mut Ctx<'_>) {
        if let Some(member) = self.member.as_deref_mut()
            && !ctx.has_timer(&Timer::GroupRetry)
        {
            member.attempts += 1;
            let attempts = member.attempts;
            let backoff_ms = self.backoff_ms(ctx, attempts);
            ctx.set_timer_in(Timer::GroupRetry, backoff_ms);
        }
    }

    /// The application cannot go on.
    pub(super) fn fail(
        &mut self,
        ctx: &mut Ctx<'_>,
        partition: Option<&TopicPartition>,
        error: Option<KafkaError>,
    ) {
        if self.application.is_over() {
            return;
        }
        let group = self.member.as_deref().map(|member| member.settings.group.clone());
        let group = group.unwrap_or_default();
        let partition = partition.cloned();
        let event = ctx.emit(GroupEvent::Failed { client: self.id, group, partition, error });
        self.leave(&mut ctx.because(event));
        self.application = Application::Failed;
    }

    /// Commits and leaves: what `close` does.
    pub fn leave(&mut self, ctx: &mut Ctx<'_>) {
        let Some(member) = self.member.as_deref() else {
            return;
        };
        if member.settings.enable_auto_commit && self.application != Application::Failed {
            self.commit(ctx);
        }
        self.give_up(ctx, |_| true, false);
        self.say_goodbye(ctx);
        if let Some(member) = self.member.as_deref_mut() {
            member.reset(true);
        }
        for timer in [Timer::GroupHeartbeat, Timer::CoordinatorSilent, Timer::AutoCommit] {
            ctx.cancel_timer(timer);
        }
    }

    /// A static member does not leave: it may come back.
    fn say_goodbye(&mut self, ctx: &mut Ctx<'_>) {
        if self.member.as_deref().is_some_and(|member| member.remote.is_some()) {
            return self.say_goodbye_remotely(ctx);
        }
        if let Some(member) = self.member.as_deref()
            && let Some(coordinator) = member.coordinator
            && !member.member_id.is_empty()
            && member.settings.group_instance_id.is_none()
        {
            let request = Request::LeaveGroup(member.identity());
            ctx.request(coordinator, request, self.request_timeout_ms(), Call::LeaveGroup);
        }
    }

    fn heartbeat(&mut self, ctx: &mut Ctx<'_>) {
        let timeout_ms = self.request_timeout_ms();
        let Some(member) = self.member.as_deref_mut() else {
            return;
        };
        if member.remote.is_some() {
            return self.remote_heartbeat(ctx);
        }
        let joined = matches!(member.state, MemberState::Stable | MemberState::CompletingRebalance);
        if !joined || self.application == Application::Failed {
            return;
        }
        ctx.set_timer_in(Timer::GroupHeartbeat, member.settings.heartbeat_interval_ms);
        let Some(coordinator) = member.coordinator else {
            return self.find_coordinator(ctx);
        };
        if !std::mem::replace(&mut member.heartbeat_under_way, true) {
            let request = Request::Heartbeat(member.identity());
            let call = Call::GroupHeartbeat { generation: member.generation };
            ctx.request(coordinator, request, timeout_ms, call);
        }
    }

    fn on_heartbeat_reply(&mut self, ctx: &mut Ctx<'_>, generation: i32, reply: Reply) {
        let Some(member) = self.member.as_deref_mut() else {
            return;
        };
        member.heartbeat_under_way = false;
        let same = member.generation == generation;
        match reply {
            Reply::Response(Response::Heartbeat(Ok(()))) if same => {
                ctx.set_timer_in(Timer::CoordinatorSilent, member.settings.session_timeout_ms);
            }
            Reply::Response(Response::Heartbeat(Ok(()))) => {}
            Reply::Response(Response::Heartbeat(Err(KafkaError::RebalanceInProgress))) => {
                ctx.set_timer_in(Timer::CoordinatorSilent, member.settings.session_timeout_ms);
                member.rejoin_needed |= member.state == MemberState::Stable;
            }
            Reply::Response(Response::Heartbeat(Err(error))) => {
                let is_about_coordinator = matches!(
                    error,
                    KafkaError::NotCoordinator
                        | KafkaError::CoordinatorNotAvailable
                        | KafkaError::CoordinatorLoadInProgress
                );
                if same || is_about_coordinator {
                    self.on_refusal(ctx, Api::Heartbeat, error);
                }
            }
            _ => self.lose_coordinator(ctx, None),
        }
    }

    /// What a member does about an error of its coordinator.
    pub(super) fn on_refusal(&mut self, ctx: &mut Ctx<'_>, api: Api, error: KafkaError) {
        let Some(member) = self.member.as_deref_mut() else {
            return;
        };
        match error {
            KafkaError::CoordinatorLoadInProgress | KafkaError::UnstableOffsetCommit => {
                return self.retry_soon(ctx);
            }
            KafkaError::NotCoordinator | KafkaError::CoordinatorNotAvailable => {
                return self.lose_coordinator(ctx, Some(error));
            }
            _ => {}
        }
        let group = member.settings.group.clone();
        let kind = GroupEvent::RequestRefused { client: self.id, group, api, error };
        let event = ctx.emit(kind);
        let ctx = &mut ctx.because(event);
        match error {
            KafkaError::UnknownMemberId | KafkaError::FencedMemberEpoch
                if member.remote.is_some() =>
            {
                self.lose_membership(ctx);
            }
            KafkaError::UnknownMemberId => member.reset(true),
            KafkaError::IllegalGeneration => member.reset(false),
            KafkaError::RebalanceInProgress => member.rejoin_needed = true,
            // The next heartbeat tells the epoch.
            KafkaError::StaleMemberEpoch => {}
            KafkaError::RequestTimedOut => self.retry_soon(ctx),
            error => self.fail(ctx, None, Some(error)),
        }
    }

    pub(super) fn on_coordinator_reply(&mut self, ctx: &mut Ctx<'_>, call: Call, reply: Reply) {
        match call {
            Call::FindCoordinator => {
                let Some(member) = self.member.as_deref_mut() else {
                    return;
                };
                member.finding = false;
                match reply {
                    Reply::Response(Response::FindCoordinator(Ok(coordinator))) => {
                        member.coordinator = Some(coordinator);
                        member.attempts = 0;
                        member.heartbeat_under_way = false;
                        let (client, group) = (self.id, member.settings.group.clone());
                        ctx.emit(GroupEvent::CoordinatorFound { client, group, coordinator });
                    }
                    _ => self.retry_soon(ctx),
                }
            }
            Call::JoinGroup => self.on_join_reply(ctx, reply),
            Call::SyncGroup { generation } => self.on_sync_reply(ctx, generation, reply),
            Call::ConsumerGroupHeartbeat { epoch } => {
                self.on_remote_heartbeat_reply(ctx, epoch, reply);
            }
            Call::GroupHeartbeat { generation } => self.on_heartbeat_reply(ctx, generation, reply),
            Call::OffsetCommit { offsets, generation, by } => {
                self.on_commit_reply(ctx, offsets, (generation, by), reply);
            }
            Call::OffsetFetch { generation } => self.on_committed_reply(ctx, generation, reply),
            _ => {}
        }
    }

    /// The leader sees to it that there are new assignments where there are new partitions.
    pub(super) fn on_metadata(&mut self, ctx: &mut Ctx<'_>) {
        let Some(member) = self.member.as_deref_mut() else {
            return;
        };
        if member.to_assign.is_some() {
            return self.assign_if_known(ctx);
        }
        if let Some(known) = &member.assigned_on {
            let topics = member.topics_to_know(&self.topic);
            let now = |topic: &Arc<str>| self.metadata.partition_count(topic);
            if topics.iter().any(|topic| now(topic) != known.get(topic).copied()) {
                member.rejoin_needed = true;
            }
        }
    }

    pub(super) fn on_member_timer(&mut self, ctx: &mut Ctx<'_>, timer: Timer) {
        match timer {
            Timer::GroupHeartbeat => self.heartbeat(ctx),
            Timer::CoordinatorSilent => self.lose_coordinator(ctx, None),
            Timer::Processing => self.on_processed(ctx),
            Timer::MaxPollInterval => {
                let Some(member) = self.member.as_deref() else {
                    return;
                };
                if member.state == MemberState::Unjoined {
                    return;
                }
                let (client, group) = (self.id, member.settings.group.clone());
                let event = ctx.emit(GroupEvent::PollIntervalExceeded { client, group });
                self.say_goodbye(&mut ctx.because(event));
                ctx.cancel_timer(Timer::GroupHeartbeat);
                self.lose_membership(ctx);
                if let Some(member) = self.member.as_deref_mut()
                    && member.settings.group_instance_id.is_none()
                    && member.remote.is_none()
                {
                    member.reset(true);
                }
            }
            // Only to poll.
            _ => {}
        }
    }
}
