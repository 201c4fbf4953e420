//! How a member of a group comes to its partitions: it gives up what it must, joins, assigns if it leads, and
//! takes over what it is assigned.

use super::membership::{JOIN_GROUP_TIMEOUT_LAPSE_MS, MemberState};
use super::{Consumer, Position, PositionState};
use crate::event::GroupEvent;
use crate::group::assignor::{Assignor, PartitionsPerTopic};
use crate::group::consumer_protocol::{Subscription, assignment_from_bytes, assignment_to_bytes};
use crate::ids::TopicPartition;
use crate::protocol::*;
use crate::world::{Call, Ctx, Timer};
use bytes::Bytes;
use std::collections::BTreeSet;
use std::sync::Arc;

impl Consumer {
    pub(super) fn prepare_and_join(&mut self, ctx: &mut Ctx<'_>) {
        let Some(member) = self.member.as_deref_mut() else {
            return;
        };
        if member.needs_prepare {
            let now = ctx.now();
            let is_known = member.generation >= 0;
            if member.settings.enable_auto_commit && is_known {
                let begins = member.commits_before_join.is_none();
                let until = now.plus_millis(member.settings.max_poll_interval_ms);
                let until = *member.commits_before_join.get_or_insert(until);
                if begins && self.commit(ctx) {
                    return;
                }
                if !begins && self.commits_under_way(ctx) && now < until {
                    return;
                }
            }
            let Some(member) = self.member.as_deref_mut() else {
                return;
            };
            member.commits_before_join = None;
            member.needs_prepare = false;
            let is_lost = member.generation < 0 || member.member_id.is_empty();
            let is_cooperative = member.settings.is_cooperative();
            if is_lost || !is_cooperative {
                self.give_up(ctx, |_| true, is_lost);
            } else {
                let topics = member.settings.topics(&self.topic);
                self.give_up(ctx, |id| !topics.contains(&id.topic), false);
            }
        }
        self.send_join(ctx);
    }

    fn send_join(&mut self, ctx: &mut Ctx<'_>) {
        let owned: Vec<_> = self.positions.keys().cloned().collect();
        let request_timeout_ms = self.request_timeout_ms();
        let Some(member) = self.member.as_deref_mut() else {
            return;
        };
        let Some(coordinator) = member.coordinator else {
            return;
        };
        member.state = MemberState::PreparingRebalance;
        member.leads = false;
        ctx.cancel_timer(Timer::GroupHeartbeat);
        ctx.cancel_timer(Timer::CoordinatorSilent);
        let topics: Vec<_> = member.settings.topics(&self.topic).into_iter().collect();
        let last = member.last_assignment.as_ref().map(|(owned, n)| (&owned[..], *n));
        let protocol = |assignor: &Assignor| {
            let subscription = Subscription {
                topics: topics.clone(),
                user_data: assignor.user_data(last),
                owned_partitions: owned.clone(),
                generation_id: Some(member.generation).filter(|generation| *generation >= 0),
                group_instance_id: None,
            };
            (assignor.name().into(), subscription.to_bytes())
        };
        let settings = &member.settings;
        let request = JoinGroupRequest {
            member: member.identity(),
            client_id: member.client_id.clone(),
            session_timeout_ms: settings.session_timeout_ms,
            rebalance_timeout_ms: settings.max_poll_interval_ms,
            protocols: settings.assignors.iter().map(protocol).collect(),
        };
        let timeout_ms = settings.max_poll_interval_ms + JOIN_GROUP_TIMEOUT_LAPSE_MS;
        let timeout_ms = timeout_ms.max(request_timeout_ms);
        ctx.request(coordinator, Request::JoinGroup(request), timeout_ms, Call::JoinGroup);
    }

    pub(super) fn on_join_reply(&mut self, ctx: &mut Ctx<'_>, reply: Reply) {
        let Some(member) = self.member.as_deref_mut() else {
            return;
        };
        if member.state != MemberState::PreparingRebalance {
            return;
        }
        member.state = MemberState::Unjoined;
        let Reply::Response(Response::JoinGroup(answer)) = reply else {
            return self.lose_coordinator(ctx, None);
        };
        match answer.error {
            None => {}
            Some(KafkaError::MemberIdRequired) => {
                member.member_id = answer.member_id;
                return;
            }
            Some(error) => return self.on_refusal(ctx, Api::JoinGroup, error),
        }
        let Some(protocol) = answer.protocol.as_deref().and_then(Assignor::from_name) else {
            return;
        };
        member.state = MemberState::CompletingRebalance;
        member.attempts = 0;
        member.leads = answer.leader == answer.member_id;
        member.member_id = answer.member_id;
        member.generation = answer.generation;
        member.protocol = Some(protocol);
        member.heartbeat_under_way = false;
        let settings = &member.settings;
        ctx.set_timer_in(Timer::GroupHeartbeat, settings.heartbeat_interval_ms);
        ctx.set_timer_in(Timer::CoordinatorSilent, settings.session_timeout_ms);
        let event = ctx.emit(GroupEvent::Joined {
            client: self.id,
            group: settings.group.clone(),
            member: member.member_id.clone(),
            generation: member.generation,
            protocol,
            leads: member.leads,
        });
        let ctx = &mut ctx.because(event);
        member.assigned_on = None;
        if !member.leads || answer.skip_assignment {
            return self.send_sync(ctx, Vec::new());
        }
        let subscription = |of: JoinedMember| {
            let mut subscription = Subscription::parse(&of.metadata)?;
            subscription.group_instance_id = of.group_instance_id;
            Some((of.member_id, subscription))
        };
        member.to_assign = Some(answer.members.into_iter().filter_map(subscription).collect());
        self.assign_if_known(ctx);
    }

    /// The leader divides the partitions, once it knows the topics of everybody.
    pub(super) fn assign_if_known(&mut self, ctx: &mut Ctx<'_>) {
        let Some(member) = self.member.as_deref_mut() else {
            return;
        };
        let Some(protocol) = member.protocol else {
            return;
        };
        let topics = member.topics_to_know(&self.topic);
        if topics.iter().any(|topic| !self.metadata.has_asked_for(topic)) {
            return self.ask_metadata(ctx);
        }
        let Some(members) = member.to_assign.take() else {
            return;
        };
        let known = topics.into_iter();
        let known = known.filter_map(|topic| Some((self.metadata.partition_count(&topic)?, topic)));
        let partitions: PartitionsPerTopic = known.map(|(count, topic)| (topic, count)).collect();
        let assignment = protocol.assign(&partitions, &members);
        let event = ctx.emit(GroupEvent::AssignmentMade {
            client: self.id,
            group: member.settings.group.clone(),
            generation: member.generation,
            protocol,
            assignment: assignment.iter().map(|(id, given)| (id.clone(), given.clone())).collect(),
        });
        member.assigned_on = Some(partitions);
        let bytes = assignment.iter();
        let bytes = bytes.map(|(id, given)| (id.clone(), assignment_to_bytes(given))).collect();
        self.send_sync(&mut ctx.because(event), bytes);
    }

    fn send_sync(&mut self, ctx: &mut Ctx<'_>, assignments: Vec<(Arc<str>, Bytes)>) {
        let Some(member) = self.member.as_deref_mut() else {
            return;
        };
        let Some(coordinator) = member.coordinator else {
            member.state = MemberState::Unjoined;
            return;
        };
        let request = SyncGroupRequest { member: member.identity(), assignments };
        let timeout_ms = member.settings.max_poll_interval_ms + JOIN_GROUP_TIMEOUT_LAPSE_MS;
        let call = Call::SyncGroup { generation: member.generation };
        ctx.request(coordinator, Request::SyncGroup(request), timeout_ms, call);
    }

    pub(super) fn on_sync_reply(&mut self, ctx: &mut Ctx<'_>, generation: i32, reply: Reply) {
        let Some(member) = self.member.as_deref_mut() else {
            return;
        };
        if member.state != MemberState::CompletingRebalance || member.generation != generation {
            return;
        }
        match reply {
            Reply::Response(Response::SyncGroup(Ok(bytes))) => {
                member.state = MemberState::Stable;
                member.rejoin_needed = false;
                member.needs_prepare = true;
                member.synced = Some(assignment_from_bytes(&bytes).unwrap_or_default());
            }
            Reply::Response(Response::SyncGroup(Err(error))) => {
                member.state = MemberState::Unjoined;
                self.on_refusal(ctx, Api::SyncGroup, error);
            }
            _ => {
                member.state = MemberState::Unjoined;
                self.lose_coordinator(ctx, None);
            }
        }
    }

    /// Takes over the assignment of this generation. A cooperative member that had to give something up
    /// joins again at once, so that somebody else may have it.
    pub(super) fn complete_join(&mut self, ctx: &mut Ctx<'_>, assignment: Vec<TopicPartition>) {
        let Some(member) = self.member.as_deref_mut() else {
            return;
        };
        member.next_auto_commit = ctx.now().plus_millis(member.settings.auto_commit_interval_ms);
        member.last_assignment = Some((assignment.clone(), member.generation));
        let (group, generation) = (member.settings.group.clone(), member.generation);
        let kept: BTreeSet<_> = assignment.iter().cloned().collect();
        let had = self.positions.len();
        self.give_up(ctx, |id| !kept.contains(id), false);
        if self.positions.len() < had
            && let Some(member) = self.member.as_deref_mut()
        {
            member.rejoin_needed = true;
        }
        let added: Vec<_> =
            assignment.into_iter().filter(|id| !self.positions.contains_key(id)).collect();
        for id in &added {
            self.positions.insert(id.clone(), Position::new(PositionState::Initializing));
        }
        let partitions = added.into();
        let client = self.id;
        ctx.emit(GroupEvent::PartitionsAssigned { client, group, generation, partitions });
    }

    /// Partitions that it owns no more.
    pub(super) fn give_up(
        &mut self,
        ctx: &mut Ctx<'_>,
        which: impl Fn(&TopicPartition) -> bool,
        lost: bool,
    ) {
        let Some(member) = self.member.as_deref_mut() else {
            return;
        };
        let gone: Vec<_> = self.positions.keys().filter(|id| which(id)).cloned().collect();
        if gone.is_empty() {
            return;
        }
        for id in &gone {
            self.positions.remove(id);
            member.committed.remove(id);
        }
        self.fetched.retain(|fetched| !gone.contains(&fetched.partition));
        self.stirred.extend(gone.iter().cloned());
        let (client, group, generation) =
            (self.id, member.settings.group.clone(), member.generation);
        let partitions = gone.into();
        ctx.emit(GroupEvent::PartitionsRevoked { client, group, generation, partitions, lost });
    }
}
