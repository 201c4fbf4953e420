//! The group coordinator of a broker: for every partition of `__consumer_offsets` that it leads, the groups
//! that belong there. Kafka's `GroupCoordinatorService` with its `CoordinatorRuntime`.
//!
//! Whatever a group decides goes into the log as records, and what waits for that is answered once the high
//! watermark has passed them. A new leader of the partition replays the log, and knows what the old one knew.
//!
//! Here: who coordinates what, loading, and writing. Joining is in
//! `joining`, the rest of membership in `membership`, groups by the consumer protocol in `heartbeats`, offsets in `offsets`, and what comes of what was written
//! in `outcome`.

pub mod heartbeats;
mod joining;
mod membership;
mod offsets;
mod outcome;
mod transactional;
mod turn;

use super::classic_group::{ClassicGroup, GroupState};
use super::consumer_group::ConsumerGroup;
use super::group_record::{GroupRecord, OFFSETS_TOPIC, StoredGroup, StoredOffset};
use super::java_hash::partition_for_group;
use crate::controller::metadata_image::MetadataImage;
use crate::event::{GroupEvent, RemovedMember};
use crate::ids::TopicPartition;
use crate::log::append_origin::{AppendOrigin, Verification};
use crate::log::producer_state_entry::marker_of;
use crate::log::unified_log::UnifiedLog;
use crate::protocol::*;
use crate::record::record_batch_builder::RecordBatchBuilder;
use crate::replication::replica_manager::{Env, ReplicaManager};
use crate::sim::disk::Disk;
use crate::spec::Mutant;
use crate::world::{Ctx, ReplyTo, Timer};
use bytes::Bytes;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use transactional::InTransaction;
pub use transactional::Logged;
use turn::Turn;

/// How long it takes a coordinator, of groups or of transactions, to read a partition. Kafka does it in the
/// background, at the speed of its disk.
pub const LOADING_MS: u64 = 50;

/// By group and partition.
pub type Offsets = BTreeMap<(Arc<str>, TopicPartition), StoredOffset>;

#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct GroupCoordinator {
    pub shards: BTreeMap<TopicPartition, Shard>,
    next_write: u64,
}

/// The groups of one partition of `__consumer_offsets`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shard {
    /// It is reading the log.
    pub loading: bool,
    pub groups: BTreeMap<Arc<str>, ClassicGroup>,
    /// Those by the consumer protocol; no group is of both.
    pub consumer_groups: BTreeMap<Arc<str>, ConsumerGroup>,
    /// What is committed of the log: offsets, and groups as they last came to rest.
    pub offsets: Offsets,
    pub stored: BTreeMap<Arc<str>, StoredGroup>,
    pub stored_consumer: BTreeMap<Arc<str>, ConsumerGroup>,
    /// Offsets that hold if the transaction of this producer id is committed.
    pub transactional: BTreeMap<i64, Offsets>,
    /// What is written and has yet to be committed, oldest first.
    pending: VecDeque<Pending>,
    /// What is to be written.
    writes: Vec<Write>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Pending {
    write: u64,
    last_offset: i64,
    records: Vec<GroupRecord>,
    then: Then,
}

/// Records, and what waits for them.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Write {
    records: Vec<GroupRecord>,
    then: Then,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Then {
    Nothing,
    /// A member is told how far it is.
    Heartbeat {
        reply_to: ReplyTo,
        response: ConsumerGroupHeartbeatResponse,
    },
    /// A member, or a tool, is told that its offsets are committed.
    Committed(Commit),
    /// The members get what the leader has assigned in this generation.
    Assigned {
        group: Arc<str>,
        generation: i32,
        assignment: BTreeMap<Arc<str>, Bytes>,
    },
    /// A static member that came back takes its place under another id.
    Replaced {
        group: Arc<str>,
        member_id: Arc<str>,
    },
    Expired {
        group: Arc<str>,
        partitions: Vec<TopicPartition>,
    },
    Deleted {
        group: Arc<str>,
    },
    /// A producer is told that its offsets are part of its transaction.
    InTransaction(Box<InTransaction>),
    /// The transaction of this producer has ended.
    Ended {
        producer_id: i64,
        commit: bool,
    },
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Commit {
    reply_to: Option<ReplyTo>,
    group: Arc<str>,
    member_generation: i32,
    generation: i32,
    offsets: Vec<(TopicPartition, CommittedOffset)>,
}

impl Shard {
    /// A shard that knows nothing yet.
    pub fn loading() -> Self {
        Shard {
            loading: true,
            groups: BTreeMap::new(),
            consumer_groups: BTreeMap::new(),
            offsets: Offsets::new(),
            stored: BTreeMap::new(),
            stored_consumer: BTreeMap::new(),
            transactional: BTreeMap::new(),
            pending: VecDeque::new(),
            writes: Vec::new(),
        }
    }

    fn turn<'a, 'w>(&'a mut self, ctx: &'w mut Ctx<'_>, group: &str) -> Option<Turn<'a, 'w>> {
        let group = self.groups.get_mut(group)?;
        let cause = ctx.cause;
        Some(Turn { ctx: ctx.because(cause), group, writes: &mut self.writes })
    }

    /// Takes over a record that is committed.
    fn apply(&mut self, record: GroupRecord) {
        match record {
            GroupRecord::OffsetCommit { group, partition, value } => {
                let key = (group, partition);
                // What was committed later stands, whatever becomes of a transaction.
                for open in self.transactional.values_mut() {
                    open.remove(&key);
                }
                match value {
                    Some(value) => self.offsets.insert(key, value),
                    None => self.offsets.remove(&key),
                };
            }
            GroupRecord::GroupMetadata { group, value } => {
                match value {
                    Some(value) => self.stored.insert(group, value),
                    None => self.stored.remove(&group),
                };
            }
            GroupRecord::Consumer { group, record } => {
                if !self.stored_consumer.entry(group.clone()).or_default().replay(&record) {
                    self.stored_consumer.remove(&group);
                }
            }
        }
    }

    /// The state of a group of either protocol, if there is one.
    pub fn state_of(&self, group: &str) -> Option<GroupState> {
        let consumer = self.consumer_groups.get(group).map(ConsumerGroup::state);
        consumer.or_else(|| self.groups.get(group).map(|group| group.state))
    }

    /// What the group has committed, by partition.
    pub fn offsets_of(
        &self,
        group: &str,
    ) -> impl Iterator<Item = (&TopicPartition, &StoredOffset)> {
        let group: Arc<str> = group.into();
        let first = (group.clone(), TopicPartition::new("", i32::MIN));
        let own = self.offsets.range(first..).take_while(move |((of, _), _)| *of == group);
        own.map(|((_, partition), offset)| (partition, offset))
    }
}

/// Everything in a log of `__consumer_offsets`, with the last offset of its batch.
pub fn records_of<'a>(
    log: &'a UnifiedLog,
    disk: &'a Disk,
) -> impl Iterator<Item = (i64, Logged)> + 'a {
    let batches = log.batches(disk, log.log_start_offset()).map_while(Result::ok);
    batches.flat_map(|batch| {
        let last = batch.next_offset() - 1;
        let producer_id = batch.producer_id();
        if batch.is_control() {
            let marker = marker_of(&batch);
            let ended = marker.map(|marker| (last, Logged::Ended(producer_id, marker.commit)));
            return ended.into_iter().collect();
        }
        let is_transactional = batch.is_transactional();
        let records: Vec<_> = batch
            .records()
            .filter_map(Result::ok)
            .filter_map(|record| {
                GroupRecord::parse(record.key.as_deref()?, record.value.as_deref())
            })
            .map(|record| match is_transactional {
                true => (last, Logged::InTransaction(producer_id, record)),
                false => (last, Logged::Record(record)),
            })
            .collect();
        records
    })
}

/// Which partition of `__consumer_offsets` a group belongs to, as far as the metadata say.
pub fn partition_of_group(image: &MetadataImage, group: &str) -> Option<TopicPartition> {
    let topic = image.topics.get(OFFSETS_TOPIC)?;
    let partition = partition_for_group(group, topic.partitions.len() as i32);
    Some(TopicPartition::new(OFFSETS_TOPIC, partition))
}

impl GroupCoordinator {
    pub fn on_request(
        &mut self,
        ctx: &mut Ctx<'_>,
        disk: &mut Disk,
        (replicas, env): (&mut ReplicaManager, &Env<'_>),
        reply_to: ReplyTo,
        request: Request,
    ) {
        let Some(group) = group_of(&request).cloned() else {
            return;
        };
        let id = partition_of_group(env.image, &group);
        let shard = id.as_ref().and_then(|id| self.shards.get_mut(id));
        let error = match &shard {
            _ if group.is_empty() => Some(KafkaError::InvalidGroupId),
            None => Some(KafkaError::NotCoordinator),
            Some(shard) if shard.loading => Some(KafkaError::CoordinatorLoadInProgress),
            Some(_) => None,
        };
        let (None, Some(shard), Some(id)) = (error, shard, id) else {
            let error = error.unwrap_or(KafkaError::NotCoordinator);
            return ctx.respond(reply_to, refusal(&request, error));
        };
        match request {
            Request::JoinGroup(request) => shard.join(ctx, reply_to, &request),
            Request::SyncGroup(request) => shard.sync(ctx, reply_to, request),
            Request::Heartbeat(member) => {
                let answer = shard.heartbeat(ctx, &member);
                ctx.respond(reply_to, Response::Heartbeat(answer));
            }
            Request::LeaveGroup(member) => {
                let answer = shard.leave(ctx, &member);
                ctx.respond(reply_to, Response::LeaveGroup(answer));
            }
            Request::ConsumerGroupHeartbeat(request) => {
                shard.consumer_heartbeat(ctx, env.image, reply_to, &request);
            }
            Request::OffsetCommit(request) => shard.commit(ctx, reply_to, request),
            Request::OffsetFetch(request) => {
                let is_unstable = request.require_stable
                    && shard.has_unstable_offsets(&request)
                    && !ctx.is_mutant(Mutant::UnstableOffsetsServed);
                let answer = match is_unstable {
                    true => Err(KafkaError::UnstableOffsetCommit),
                    false => Ok(shard.fetch_offsets(&request)),
                };
                ctx.respond(reply_to, Response::OffsetFetch(answer));
            }
            _ => {}
        }
        self.write(ctx, disk, replicas, env, &id);
    }

    /// Appends what is to be written to a partition, as a producer with acks=all would.
    fn write(
        &mut self,
        ctx: &mut Ctx<'_>,
        disk: &mut Disk,
        replicas: &mut ReplicaManager,
        env: &Env<'_>,
        id: &TopicPartition,
    ) {
        let Some(shard) = self.shards.get_mut(id) else {
            return;
        };
        // What fails may lead to more that is to be written.
        while let Some(write) = (!shard.writes.is_empty()).then(|| shard.writes.remove(0)) {
            let Write { records, then } = write;
            if records.is_empty() {
                // It waits for what was written before, which it may rest on.
                match shard.pending.back().map(|last| last.last_offset) {
                    None => shard.succeed(ctx, then),
                    Some(last_offset) => {
                        let write = self.next_write;
                        self.next_write += 1;
                        shard.pending.push_back(Pending { write, last_offset, records, then });
                        let timeout_ms = ctx.world.spec.broker.offsets_commit_timeout_ms;
                        ctx.set_timer_in(Timer::OffsetsCommit(id.clone(), write), timeout_ms);
                    }
                }
                continue;
            }
            let timestamp = ctx.now().timestamp_ms();
            let (mut batch, by) = match &then {
                Then::InTransaction(of) => (of.builder(), of.origin(ctx)),
                _ => (RecordBatchBuilder::new(0), AppendOrigin::coordinator(0, Verification::Off)),
            };
            for record in &records {
                batch.append(timestamp, Some(&record.key()), record.value().as_deref(), &[]);
            }
            match replicas.append_records(ctx, disk, env, id, batch.build(), by) {
                Ok(last_offset) => {
                    let write = self.next_write;
                    self.next_write += 1;
                    shard.pending.push_back(Pending { write, last_offset, records, then });
                    let timeout_ms = ctx.world.spec.broker.offsets_commit_timeout_ms;
                    ctx.set_timer_in(Timer::OffsetsCommit(id.clone(), write), timeout_ms);
                }
                Err(error) => {
                    if let Some(GroupRecord::Consumer { group, .. }) = records.first() {
                        shard.revert(group);
                    }
                    shard.fail(ctx, then, error);
                }
            }
        }
        self.on_committed(ctx, replicas);
    }

    /// Takes over what has been committed since it last looked, and answers who waited for it.
    pub fn on_committed(&mut self, ctx: &mut Ctx<'_>, replicas: &mut ReplicaManager) {
        while let Some((id, event)) = replicas.take_committed(OFFSETS_TOPIC) {
            let (Some(shard), Some(partition)) =
                (self.shards.get_mut(&id), replicas.partitions.get(&id))
            else {
                continue;
            };
            let high_watermark = partition.log.high_watermark();
            let mut ctx = ctx.because(event);
            while let Some(done) = shard.pending.pop_front_if(|p| p.last_offset < high_watermark) {
                ctx.cancel_timer(Timer::OffsetsCommit(id.clone(), done.write));
                let Pending { records, then, .. } = done;
                match &then {
                    Then::InTransaction(of) => {
                        shard.apply_in_transaction(of.producer_id(), records)
                    }
                    _ => records.into_iter().for_each(|record| shard.apply(record)),
                }
                shard.succeed(&mut ctx, then);
            }
        }
    }

    /// Takes up the partitions that this broker now leads, and lets go of those that it does not.
    pub fn on_leadership(&mut self, ctx: &mut Ctx<'_>, replicas: &ReplicaManager) {
        let leads =
            |id: &TopicPartition| replicas.partitions.get(id).is_some_and(|p| p.is_leader());
        let lost: Vec<_> = self.shards.keys().filter(|id| !leads(id)).cloned().collect();
        for id in lost {
            if let Some(shard) = self.shards.remove(&id) {
                shard.unload(ctx, &id);
            }
        }
        for (id, _) in replicas.led_partitions_of(OFFSETS_TOPIC) {
            if !self.shards.contains_key(id) {
                self.shards.insert(id.clone(), Shard::loading());
                ctx.set_timer_in(Timer::GroupsLoaded(id.clone()), LOADING_MS);
            }
        }
    }

    fn load(
        &mut self,
        ctx: &mut Ctx<'_>,
        disk: &mut Disk,
        replicas: &ReplicaManager,
        id: &TopicPartition,
    ) {
        let (Some(shard), Some(partition)) =
            (self.shards.get_mut(id).filter(|s| s.loading), replicas.partitions.get(id))
        else {
            return;
        };
        shard.loading = false;
        let high_watermark = partition.log.high_watermark();
        let mut known = BTreeMap::new();
        for (last_offset, logged) in records_of(&partition.log, disk) {
            match &logged {
                Logged::Record(GroupRecord::GroupMetadata { group, value }) => {
                    known.insert(group.clone(), value.clone());
                }
                Logged::Record(GroupRecord::Consumer { group, record }) => {
                    let of_group = shard.consumer_groups.entry(group.clone()).or_default();
                    if !of_group.replay(record) {
                        shard.consumer_groups.remove(group);
                    }
                }
                _ => {}
            }
            if last_offset < high_watermark {
                shard.take_over(logged);
            } else {
                let write = self.next_write;
                self.next_write += 1;
                let (records, then) = logged.into_pending();
                shard.pending.push_back(Pending { write, last_offset, records, then });
            }
        }
        let known = known.into_iter().filter_map(|(group, value)| Some((group, value?)));
        for (group, stored) in known {
            shard.groups.insert(group.clone(), ClassicGroup::load(group, &stored));
        }
        // Offsets that were committed without members.
        let consumer_groups = &shard.consumer_groups;
        let is_classic = |group: &&Arc<str>| !consumer_groups.contains_key(*group);
        let in_transactions = shard.transactional.values().flat_map(|open| open.keys());
        let with_offsets = shard.offsets.keys().chain(in_transactions).map(|(group, _)| group);
        for group in with_offsets.filter(is_classic) {
            let new = || ClassicGroup::new(group.clone(), ctx.now());
            shard.groups.entry(group.clone()).or_insert_with(new);
        }
        let kind = GroupEvent::Loaded {
            partition: id.clone(),
            groups: (shard.groups.len() + shard.consumer_groups.len()) as u32,
            offsets: shard.offsets.len() as u32,
        };
        let event = ctx.emit(kind);
        shard.watch_consumer_members(&mut ctx.because(event));
        // Whoever was a member has a whole session to say that it still is.
        for group in shard.groups.values() {
            for (member_id, member) in &group.members {
                let timer = Timer::GroupSession(group.id.clone(), member_id.clone());
                ctx.because(event).set_timer_in(timer, member.session_timeout_ms);
            }
        }
    }

    pub fn on_timer(
        &mut self,
        ctx: &mut Ctx<'_>,
        disk: &mut Disk,
        (replicas, env): (&mut ReplicaManager, &Env<'_>),
        timer: Timer,
    ) {
        let of_group = |group: &str| partition_of_group(env.image, group);
        let id = match &timer {
            Timer::GroupsLoaded(id) => {
                self.load(ctx, disk, replicas, id);
                Some(id.clone())
            }
            Timer::OffsetsCommit(id, _) => Some(id.clone()),
            Timer::GroupSession(group, _)
            | Timer::GroupRevocation(group, _)
            | Timer::GroupJoin(group)
            | Timer::GroupSync(group) => of_group(group),
            _ => None,
        };
        let Some((id, shard)) = id.and_then(|id| self.shards.get_mut(&id).map(|s| (id, s))) else {
            return;
        };
        match timer {
            Timer::OffsetsCommit(_, write) => {
                let late = shard.pending.iter_mut().find(|pending| pending.write == write);
                let then = late.map(|late| {
                    let later = late.then.without_asker();
                    std::mem::replace(&mut late.then, later)
                });
                if let Some(then) = then {
                    shard.fail(ctx, then, KafkaError::RequestTimedOut);
                }
            }
            Timer::GroupSession(group, member_id) if shard.consumer_groups.contains_key(&group) => {
                shard.fence(ctx, &group, &member_id, RemovedMember::SessionExpired);
            }
            Timer::GroupRevocation(group, member_id) => {
                shard.fence(ctx, &group, &member_id, RemovedMember::DidNotRevoke);
            }
            Timer::GroupSession(group, member_id) => shard.on_session_due(ctx, &group, &member_id),
            Timer::GroupJoin(group) => shard.on_join_due(ctx, &group),
            Timer::GroupSync(group) => shard.on_sync_due(ctx, &group),
            _ => {}
        }
        self.write(ctx, disk, replicas, env, &id);
    }

    /// Lets go of offsets that nobody has had a use for in `offsets.retention.minutes`, and of groups that
    /// have neither members nor offsets any more.
    pub fn expire(
        &mut self,
        ctx: &mut Ctx<'_>,
        disk: &mut Disk,
        (replicas, env): (&mut ReplicaManager, &Env<'_>),
    ) {
        for id in self.shards.keys().cloned().collect::<Vec<_>>() {
            if let Some(shard) = self.shards.get_mut(&id).filter(|shard| !shard.loading) {
                shard.expire(ctx);
                self.write(ctx, disk, replicas, env, &id);
            }
        }
    }

    /// The offsets of topics that are gone go, too.
    pub fn on_topics_deleted(
        &mut self,
        ctx: &mut Ctx<'_>,
        disk: &mut Disk,
        (replicas, env): (&mut ReplicaManager, &Env<'_>),
        topics: &BTreeSet<Arc<str>>,
    ) {
        for id in self.shards.keys().cloned().collect::<Vec<_>>() {
            if let Some(shard) = self.shards.get_mut(&id).filter(|shard| !shard.loading) {
                shard.forget_topics(topics);
                self.write(ctx, disk, replicas, env, &id);
            }
        }
    }

    /// What `kafka-consumer-groups.sh` asks of the coordinator: offsets that it is to write, or `None` for
    /// the whole group to go.
    pub fn administer(
        &mut self,
        ctx: &mut Ctx<'_>,
        disk: &mut Disk,
        (replicas, env): (&mut ReplicaManager, &Env<'_>),
        group: &Arc<str>,
        offsets: Option<&[(TopicPartition, i64)]>,
    ) {
        let Some(id) = partition_of_group(env.image, group) else {
            return;
        };
        if let Some(shard) = self.shards.get_mut(&id).filter(|shard| !shard.loading) {
            match offsets {
                Some(offsets) => shard.reset(ctx, group, offsets),
                None => shard.delete(group),
            }
            self.write(ctx, disk, replicas, env, &id);
        }
    }
}

/// The group that a request is about.
fn group_of(request: &Request) -> Option<&Arc<str>> {
    match request {
        Request::JoinGroup(request) => Some(&request.member.group),
        Request::SyncGroup(request) => Some(&request.member.group),
        Request::Heartbeat(member) | Request::LeaveGroup(member) => Some(&member.group),
        Request::OffsetCommit(request) => Some(&request.member.group),
        Request::ConsumerGroupHeartbeat(request) => Some(&request.group),
        Request::OffsetFetch(request) => Some(&request.group),
        _ => None,
    }
}

fn refusal(request: &Request, error: KafkaError) -> Response {
    match request {
        Request::JoinGroup(request) => {
            let member_id = request.member.member_id.clone();
            Response::JoinGroup(JoinGroupResponse::refused(member_id, error))
        }
        Request::SyncGroup(_) => Response::SyncGroup(Err(error)),
        Request::Heartbeat(_) => Response::Heartbeat(Err(error)),
        Request::LeaveGroup(_) => Response::LeaveGroup(Err(error)),
        Request::ConsumerGroupHeartbeat(_) => Response::ConsumerGroupHeartbeat(Err(error)),
        Request::OffsetFetch(_) => Response::OffsetFetch(Err(error)),
        _ => Response::OffsetCommit(Err(error)),
    }
}
