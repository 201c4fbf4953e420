//! Groups by the consumer protocol: everything that a member says and is told is in its heartbeats
//! (`GroupMetadataManager.consumerGroupHeartbeat`).

use super::{Shard, Then, Write};
use crate::controller::metadata_image::MetadataImage;
use crate::event::{GroupEvent, GroupReason, RemovedMember};
use crate::group::assignor::server::{GroupSpec, ServerAssignor};
use crate::group::classic_group::GroupState;
use crate::group::consumer_group::{
    ConsumerGroup, ConsumerMember, LEAVE_EPOCH, LEAVE_STATIC_EPOCH, is_subset,
};
use crate::group::consumer_record::{
    ConsumerRecord, CurrentAssignment, GroupEpoch, MemberMetadata, MemberState, Partitions,
};
use crate::group::group_record::GroupRecord;
use crate::ids::{TopicPartition, Uuid};
use crate::protocol::*;
use crate::sim::random::mix;
use crate::spec::Mutant;
use crate::world::{Ctx, ReplyTo, Timer};
use std::collections::BTreeSet;
use std::sync::Arc;

/// What is decided of a group in one step: it is known at once, and to be written.
struct Decision<'a> {
    group: &'a mut ConsumerGroup,
    records: Vec<ConsumerRecord>,
}

impl Decision<'_> {
    fn put(&mut self, record: ConsumerRecord) {
        self.group.replay(&record);
        self.records.push(record);
    }

    fn put_member(&mut self, member_id: &Arc<str>, metadata: MemberMetadata) {
        let (member_id, value) = (member_id.clone(), Some(metadata));
        self.put(ConsumerRecord::Member { member_id, value });
    }

    fn put_current(&mut self, member_id: &Arc<str>, current: CurrentAssignment) {
        let (member_id, value) = (member_id.clone(), Some(current));
        self.put(ConsumerRecord::Current { member_id, value });
    }

    /// All that is known of a member goes.
    fn remove(&mut self, member_id: &Arc<str>) {
        let of = || member_id.clone();
        self.put(ConsumerRecord::Current { member_id: of(), value: None });
        self.put(ConsumerRecord::TargetMember { member_id: of(), value: None });
        self.put(ConsumerRecord::Member { member_id: of(), value: None });
    }

    fn bump(&mut self, metadata_hash: i64) {
        let epoch = self.group.epoch + 1;
        self.put(ConsumerRecord::Metadata(Some(GroupEpoch { epoch, metadata_hash })));
    }
}

impl Shard {
    pub(super) fn consumer_heartbeat(
        &mut self,
        ctx: &mut Ctx<'_>,
        image: &MetadataImage,
        reply_to: ReplyTo,
        request: &ConsumerGroupHeartbeatRequest,
    ) {
        let group = &request.group;
        if let Err(error) = self.prepare_consumer_group(request) {
            return ctx.respond(reply_to, Response::ConsumerGroupHeartbeat(Err(error)));
        }
        let Some(mut known) = self.consumer_groups.remove(group) else {
            let error = KafkaError::UnknownMemberId;
            return ctx.respond(reply_to, Response::ConsumerGroupHeartbeat(Err(error)));
        };
        let before = (known.state(), known.epoch);
        let mut decision = Decision { group: &mut known, records: Vec::new() };
        let outcome = match request.member_epoch {
            LEAVE_EPOCH | LEAVE_STATIC_EPOCH => decision.leave(ctx, request),
            _ => decision.heartbeat(ctx, image, request),
        };
        let records = decision.records;
        let outcome = outcome.map(|(response, reason)| {
            tell_state(ctx, group, &known, before, reason);
            response
        });
        if known != ConsumerGroup::default() {
            self.consumer_groups.insert(group.clone(), known);
        }
        match outcome {
            Ok(response) => {
                let then = Then::Heartbeat { reply_to, response };
                self.write_consumer(group, records, then);
            }
            Err(error) => ctx.respond(reply_to, Response::ConsumerGroupHeartbeat(Err(error))),
        }
    }

    /// Sees to it that there is a group of this protocol, if the member may make one.
    fn prepare_consumer_group(
        &mut self,
        request: &ConsumerGroupHeartbeatRequest,
    ) -> Result<(), KafkaError> {
        let group = &request.group;
        if self.consumer_groups.contains_key(group) {
            return Ok(());
        }
        if let Some(classic) = self.groups.get(group) {
            if !classic.members.is_empty() || !classic.pending_join.is_empty() {
                return Err(KafkaError::GroupIdNotFound);
            }
            if request.member_epoch == 0 {
                self.groups.remove(group);
                let group = group.clone();
                let records = vec![GroupRecord::GroupMetadata { group, value: None }];
                self.writes.push(Write { records, then: Then::Nothing });
            }
        }
        if request.member_epoch != 0 {
            return Err(KafkaError::UnknownMemberId);
        }
        self.consumer_groups.insert(group.clone(), ConsumerGroup::default());
        Ok(())
    }

    fn write_consumer(&mut self, group: &Arc<str>, records: Vec<ConsumerRecord>, then: Then) {
        let record = |record| GroupRecord::Consumer { group: group.clone(), record };
        let records = records.into_iter().map(record).collect();
        self.writes.push(Write { records, then });
    }

    /// Nothing has been heard of a member, or it did not give up in time what it was to give up.
    pub(super) fn fence(
        &mut self,
        ctx: &mut Ctx<'_>,
        group: &Arc<str>,
        member_id: &Arc<str>,
        why: RemovedMember,
    ) {
        let Some(mut known) = self.consumer_groups.remove(group) else {
            return;
        };
        let is_member = known.members.get(member_id);
        let is_due = is_member.is_some_and(|member| {
            why != RemovedMember::DidNotRevoke
                || member.current.state == MemberState::UnrevokedPartitions
        });
        if is_due {
            let before = (known.state(), known.epoch);
            let hash = known.metadata_hash;
            let mut decision = Decision { group: &mut known, records: Vec::new() };
            decision.remove(member_id);
            decision.bump(hash);
            let records = decision.records;
            cancel_timers(ctx, group, member_id);
            tell_removed(ctx, group, member_id, why);
            tell_state(ctx, group, &known, before, GroupReason::SessionExpired);
            self.write_consumer(group, records, Then::Nothing);
        }
        self.consumer_groups.insert(group.clone(), known);
    }

    /// A group without members goes, with what the log knows of it.
    pub(super) fn delete_consumer_group(&mut self, group: &Arc<str>) -> Vec<GroupRecord> {
        if self.consumer_groups.remove(group).is_none() {
            return Vec::new();
        }
        let records = [ConsumerRecord::TargetMetadata(None), ConsumerRecord::Metadata(None)];
        let record = |record| GroupRecord::Consumer { group: group.clone(), record };
        records.map(record).into()
    }

    /// What could not be written is forgotten: the group is again what the log makes of it.
    pub(super) fn revert(&mut self, group: &Arc<str>) {
        let mut known = self.stored_consumer.get(group).cloned();
        let written = self.pending.iter().flat_map(|pending| &pending.records);
        for record in written {
            if let GroupRecord::Consumer { group: of, record } = record
                && of == group
                && !known.get_or_insert_default().replay(record)
            {
                known = None;
            }
        }
        match known {
            Some(known) => self.consumer_groups.insert(group.clone(), known),
            None => self.consumer_groups.remove(group),
        };
    }

    /// Whoever was a member has a whole session to say that it still is.
    pub(super) fn watch_consumer_members(&self, ctx: &mut Ctx<'_>) {
        let session_ms = ctx.world.spec.broker.group_consumer_session_timeout_ms;
        for (group, known) in &self.consumer_groups {
            for (member_id, member) in &known.members {
                let session = Timer::GroupSession(group.clone(), member_id.clone());
                ctx.set_timer_in(session, session_ms);
                if member.current.state == MemberState::UnrevokedPartitions {
                    let revocation = Timer::GroupRevocation(group.clone(), member_id.clone());
                    ctx.set_timer_in(revocation, member.metadata.rebalance_timeout_ms);
                }
            }
        }
    }
}

fn cancel_timers(ctx: &mut Ctx<'_>, group: &Arc<str>, member_id: &Arc<str>) {
    ctx.cancel_timer(Timer::GroupSession(group.clone(), member_id.clone()));
    ctx.cancel_timer(Timer::GroupRevocation(group.clone(), member_id.clone()));
}

fn tell_removed(ctx: &mut Ctx<'_>, group: &Arc<str>, member: &Arc<str>, why: RemovedMember) {
    let (group, member) = (group.clone(), member.clone());
    ctx.emit(GroupEvent::MemberRemoved { group, member, why });
}

fn tell_state(
    ctx: &mut Ctx<'_>,
    group: &Arc<str>,
    known: &ConsumerGroup,
    (from, epoch): (GroupState, i32),
    reason: GroupReason,
) {
    if (known.state(), known.epoch) != (from, epoch) {
        ctx.emit(GroupEvent::StateChanged {
            group: group.clone(),
            generation: known.epoch,
            members: known.members.len() as u32,
            from,
            to: known.state(),
            reason,
        });
    }
}

/// Of the topics that exist, so that a change of them is noticed.
fn metadata_hash(image: &MetadataImage, topics: &BTreeSet<Arc<str>>) -> i64 {
    let known = topics.iter().filter_map(|name| image.topics.get(name));
    let words = known.flat_map(|topic| {
        let (high, low) = topic.topic_id.0.split_at(8);
        let word = |bytes: &[u8]| bytes.iter().fold(0, |word: u64, b| word << 8 | u64::from(*b));
        [word(high), word(low), topic.partitions.len() as u64]
    });
    let words: Vec<_> = words.collect();
    if words.is_empty() { 0 } else { mix(&words) as i64 }
}

fn ids_of(image: &MetadataImage, topics: &BTreeSet<Arc<str>>) -> BTreeSet<Uuid> {
    topics.iter().filter_map(|name| Some(image.topics.get(name)?.topic_id)).collect()
}

type Outcome = Result<(ConsumerGroupHeartbeatResponse, GroupReason), KafkaError>;

impl Decision<'_> {
    fn leave(&mut self, ctx: &mut Ctx<'_>, request: &ConsumerGroupHeartbeatRequest) -> Outcome {
        let (group, member_id) = (&request.group, &request.member_id);
        self.check_identity(request)?;
        let member = self.group.members.get(member_id).ok_or(KafkaError::UnknownMemberId)?;
        if request.member_epoch == LEAVE_STATIC_EPOCH {
            let current = CurrentAssignment {
                epoch: LEAVE_STATIC_EPOCH,
                previous_epoch: member.current.epoch,
                pending_revocation: Partitions::new(),
                ..member.current.clone()
            };
            self.put_current(member_id, current);
            ctx.cancel_timer(Timer::GroupRevocation(group.clone(), member_id.clone()));
        } else {
            let hash = self.group.metadata_hash;
            self.remove(member_id);
            self.bump(hash);
            cancel_timers(ctx, group, member_id);
            tell_removed(ctx, group, member_id, RemovedMember::Left);
        }
        let response = ConsumerGroupHeartbeatResponse {
            member_id: member_id.clone(),
            member_epoch: request.member_epoch,
            heartbeat_interval_ms: 0,
            assignment: None,
        };
        Ok((response, GroupReason::MemberLeft))
    }

    /// Who comes under an instance id has to be the one that has it.
    fn check_identity(&self, request: &ConsumerGroupHeartbeatRequest) -> Result<(), KafkaError> {
        let Some(instance_id) = &request.group_instance_id else {
            return Ok(());
        };
        match self.group.static_member(instance_id) {
            None => Err(KafkaError::UnknownMemberId),
            Some(known) if *known != request.member_id => Err(KafkaError::FencedInstanceId),
            Some(_) => Ok(()),
        }
    }

    fn heartbeat(
        &mut self,
        ctx: &mut Ctx<'_>,
        image: &MetadataImage,
        request: &ConsumerGroupHeartbeatRequest,
    ) -> Outcome {
        let (group, member_id) = (&request.group, &request.member_id);
        let wanted = request.said.as_ref().and_then(|said| said.server_assignor.as_ref());
        if let Some(assignor) = wanted
            && ServerAssignor::from_name(assignor).is_none()
        {
            return Err(KafkaError::UnsupportedAssignor);
        }
        let mut reason = GroupReason::Reconciled;
        if request.member_epoch == 0 {
            if self.admit(ctx, request)? {
                reason = GroupReason::MemberJoined;
            }
        } else {
            self.check_epoch(request)?;
        }
        let member = self.group.members.get(member_id).ok_or(KafkaError::UnknownMemberId)?;
        let (former, metadata) = (member.current.clone(), updated(&member.metadata, request));
        let mut bumps = reason == GroupReason::MemberJoined;
        if metadata != member.metadata {
            if metadata.topics != member.metadata.topics {
                bumps = true;
                reason = GroupReason::MetadataChanged;
            }
            self.put_member(member_id, metadata.clone());
        }
        let hash = metadata_hash(image, &self.group.subscribed_topics());
        if hash != self.group.metadata_hash && !bumps {
            bumps = true;
            reason = GroupReason::TopicsChanged;
        }
        if bumps {
            self.bump(hash);
        }
        if self.group.epoch > self.group.target_epoch {
            self.compute_target(ctx, image, group);
        }
        let early = ctx.is_mutant(Mutant::UnreleasedPartitionAssigned);
        let subscribed = ids_of(image, &metadata.topics);
        let owned = request.owned.as_ref();
        let next = self.group.next_assignment(member_id, owned, &subscribed, early);
        let next = next.ok_or(KafkaError::UnknownMemberId)?;
        if next != former {
            self.put_current(member_id, next.clone());
        }
        let settings = &ctx.world.spec.broker;
        let session_ms = settings.group_consumer_session_timeout_ms;
        let heartbeat_interval_ms = settings.group_consumer_heartbeat_interval_ms;
        ctx.set_timer_in(Timer::GroupSession(group.clone(), member_id.clone()), session_ms);
        let revocation = Timer::GroupRevocation(group.clone(), member_id.clone());
        if next.state != MemberState::UnrevokedPartitions {
            ctx.cancel_timer(revocation);
        } else if former.state != next.state || former.epoch != next.epoch {
            ctx.set_timer_in(revocation, metadata.rebalance_timeout_ms);
        }
        let tells = request.member_epoch == 0 || next.assigned != former.assigned;
        let response = ConsumerGroupHeartbeatResponse {
            member_id: member_id.clone(),
            member_epoch: next.epoch,
            heartbeat_interval_ms,
            assignment: tells.then_some(next.assigned),
        };
        Ok((response, reason))
    }

    /// A member comes, or comes back. True: it is new.
    fn admit(
        &mut self,
        ctx: &mut Ctx<'_>,
        request: &ConsumerGroupHeartbeatRequest,
    ) -> Result<bool, KafkaError> {
        let (group, member_id) = (&request.group, &request.member_id);
        let known = request.group_instance_id.as_ref();
        let known = known.and_then(|instance| self.group.static_member(instance)).cloned();
        match known {
            Some(former) if former != *member_id => {
                let ConsumerMember { metadata, current } = self.group.members[&former].clone();
                if current.epoch != LEAVE_STATIC_EPOCH {
                    return Err(KafkaError::UnreleasedInstanceId);
                }
                let target = self.group.target.get(&former).cloned();
                self.remove(&former);
                cancel_timers(ctx, group, &former);
                self.put_member(member_id, metadata);
                if let Some(target) = target {
                    let (member_id, value) = (member_id.clone(), Some(target));
                    self.put(ConsumerRecord::TargetMember { member_id, value });
                }
                let current = CurrentAssignment { epoch: 0, previous_epoch: 0, ..current };
                self.put_current(member_id, current);
                let (group, member) = (group.clone(), member_id.clone());
                ctx.emit(GroupEvent::MemberReplaced { group, former, member });
                Ok(false)
            }
            _ if self.group.members.contains_key(member_id) => Ok(false),
            _ => {
                self.put_member(member_id, updated(&nobody(request), request));
                ctx.emit(GroupEvent::MemberAdded {
                    group: group.clone(),
                    member: member_id.clone(),
                    group_instance_id: request.group_instance_id.clone(),
                });
                Ok(true)
            }
        }
    }

    /// `throwIfConsumerGroupMemberEpochIsInvalid`
    fn check_epoch(&self, request: &ConsumerGroupHeartbeatRequest) -> Result<(), KafkaError> {
        self.check_identity(request)?;
        let member = self.group.members.get(&request.member_id);
        let current = &member.ok_or(KafkaError::UnknownMemberId)?.current;
        let is_late = request.member_epoch == current.previous_epoch
            && request.owned.as_ref().is_some_and(|owned| is_subset(owned, &current.assigned));
        match request.member_epoch {
            epoch if epoch == current.epoch => Ok(()),
            epoch if epoch < current.epoch && is_late => Ok(()),
            _ => Err(KafkaError::FencedMemberEpoch),
        }
    }

    /// What everybody is to have in the group's epoch.
    fn compute_target(&mut self, ctx: &mut Ctx<'_>, image: &MetadataImage, group: &Arc<str>) {
        let assignor = self.group.assignor();
        let names = self.group.subscribed_topics();
        let topics = names.iter().filter_map(|name| image.topics.get(name));
        let topics = topics.map(|topic| (topic.topic_id, topic.partitions.len() as i32)).collect();
        let nothing = Partitions::new();
        let members = self.group.members.iter().map(|(member_id, member)| {
            let target = self.group.target.get(member_id).unwrap_or(&nothing);
            (member_id, (ids_of(image, &member.metadata.topics), target))
        });
        let spec = GroupSpec { members: members.collect(), topics: &topics };
        let targets = assignor.assign(&spec);
        let named = |target: &Partitions| named_partitions(image, target);
        let assignment = targets.iter().map(|(id, target)| (id.clone(), named(target))).collect();
        for (member_id, target) in targets {
            if self.group.target.get(&member_id) != Some(&target) {
                self.put(ConsumerRecord::TargetMember { member_id, value: Some(target) });
            }
        }
        let epoch = self.group.epoch;
        self.put(ConsumerRecord::TargetMetadata(Some(epoch)));
        let group = group.clone();
        ctx.emit(GroupEvent::TargetComputed { group, epoch, assignor, assignment });
    }
}

/// Partitions with the names of their topics, as far as these exist.
pub fn named_partitions(image: &MetadataImage, partitions: &Partitions) -> Vec<TopicPartition> {
    let name = |id: &Uuid| image.topics.iter().find(|(_, topic)| topic.topic_id == *id);
    let known = partitions.iter().filter_map(|(id, of)| Some((name(id)?.0, of)));
    let named = known.flat_map(|(topic, of)| {
        of.iter().map(|partition| TopicPartition { topic: topic.clone(), partition: *partition })
    });
    let mut named: Vec<_> = named.collect();
    named.sort();
    named
}

fn nobody(request: &ConsumerGroupHeartbeatRequest) -> MemberMetadata {
    MemberMetadata {
        group_instance_id: request.group_instance_id.clone(),
        rack: None,
        client_id: request.client_id.clone(),
        topics: BTreeSet::new(),
        rebalance_timeout_ms: 0,
        server_assignor: None,
    }
}

/// What a member has said last; what it leaves out has not changed.
fn updated(known: &MemberMetadata, request: &ConsumerGroupHeartbeatRequest) -> MemberMetadata {
    let mut metadata = known.clone();
    metadata.client_id = request.client_id.clone();
    if let Some(said) = &request.said {
        metadata.rack = said.rack.clone();
        metadata.topics = said.topics.clone();
        metadata.rebalance_timeout_ms = said.rebalance_timeout_ms;
        metadata.server_assignor = said.server_assignor.clone();
    }
    metadata
}
