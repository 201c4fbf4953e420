//! A consumer, of every partition of one topic or of what its group gives it: it finds the leaders, asks
//! where to start, fetches up to the high watermark, and after a change of leader checks by leader epoch
//! that the log it has read still stands (KIP-320). It fetches from the leader, or from the follower that
//! the leader has named (KIP-392), which is in [`read_replica`].
//!
//! As a member of a group it does so for an application that polls: what is in `application`, how it comes
//! to its partitions is in `joining` and `membership`, and what it commits in `committing`.

mod application;
mod committing;
pub mod config;
mod feeding;
mod fetched;
pub mod isolation;
mod joining;
mod membership;
mod read_replica;
mod remote;
pub mod steering;

pub use application::{AfterCommit, Application, Delivered};
pub use committing::CommittedBy;
pub use config::{CONSUMER_CONFIGS, ConsumerConfig};
pub use feeding::{Feeding, Work, WorkDone};
pub use membership::{Member, MemberState};
pub use read_replica::PreferredReadReplica;

use self::fetched::Fetched;
use super::fetch_session_handler::FetchSessionHandler;
use super::metadata::ClientMetadata;
use crate::command::{Membership, StartFrom};
use crate::event::{EventKind, ReadReplicaReason};
use crate::ids::{ClientId, EventId, NodeId, TopicPartition, Uuid};
use crate::protocol::*;
use crate::sim::random::mix;
use crate::sim::time::SimTime;
use crate::world::{Call, Ctx, Timer};
use bytes::Bytes;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

/// How many of the last records are kept for showing.
const RECENT: usize = 32;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consumer {
    pub id: ClientId,
    pub topic: Arc<str>,
    pub from: StartFrom,
    /// `client.rack`
    pub rack: Option<Arc<str>>,
    pub config: Arc<ConsumerConfig>,
    metadata: ClientMetadata,
    pub positions: BTreeMap<TopicPartition, Position>,
    /// Partitions of which something has changed: what they need next is to be found out.
    stirred: BTreeSet<TopicPartition>,
    sessions: BTreeMap<NodeId, FetchSessionHandler>,
    /// Brokers with a fetch under way.
    fetching: BTreeSet<NodeId>,
    /// When which partition is to be read from its leader again. There may be more here than are left.
    leases: BTreeSet<(SimTime, TopicPartition)>,
    /// How often in a row the metadata that it got lacked something.
    attempts: u32,
    /// How often in a row a follower that it was sent to has not answered.
    unreachable: BTreeMap<NodeId, u32>,
    pub consumed: u64,
    pub recent: VecDeque<Consumed>,
    /// What it is in its group; without one every partition is its own.
    pub member: Option<Box<Member>>,
    /// What it has fetched and the application has yet to get.
    fetched: VecDeque<Fetched>,
    pub application: Application,
    /// After so many records more its process is to die.
    dies_after: Option<u32>,
    /// Without a group: the partitions that it was told to read; `None` for all of its topic.
    assigned: Option<BTreeSet<TopicPartition>>,
    /// Of one that writes what it has processed.
    pub feeding: Option<Box<Feeding>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consumed {
    pub partition: TopicPartition,
    pub offset: i64,
    pub key: Option<Bytes>,
    pub value: Option<Bytes>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Position {
    pub state: PositionState,
    /// The offset of the next record to read; meaningless while its start is being asked for.
    pub offset: i64,
    /// Leader epoch of the last record read; -1 for none.
    pub offset_epoch: i32,
    /// The leader epoch in which the position was last known to be valid.
    validated_in: i32,
    /// Where it reads, unless it is the leader.
    pub preferred: Option<PreferredReadReplica>,
    /// Nothing is fetched, and nothing given to the application, until it is resumed.
    pub paused: bool,
    /// Where it was told to go, instead of what `auto.offset.reset` says.
    reset_to: Option<StartFrom>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PositionState {
    /// Does not know yet what its group has committed (`INITIALIZING`).
    Initializing,
    /// Does not know where to start (`AWAIT_RESET`).
    AwaitReset,
    Fetching,
    /// The leader changed: asks whether the log still contains what was read (`AWAIT_VALIDATION`).
    AwaitValidation,
}

impl PositionState {
    /// Whether the position's offset means something.
    pub fn is_known(self) -> bool {
        !matches!(self, PositionState::Initializing | PositionState::AwaitReset)
    }
}

impl Position {
    fn new(state: PositionState) -> Self {
        Position {
            state,
            offset: -1,
            offset_epoch: -1,
            validated_in: -1,
            preferred: None,
            paused: false,
            reset_to: None,
        }
    }
}

impl Consumer {
    pub fn new(id: ClientId, topic: Arc<str>, from: StartFrom, rack: Option<Arc<str>>) -> Self {
        Consumer {
            id,
            topic,
            from,
            rack,
            config: Arc::default(),
            metadata: ClientMetadata::default(),
            positions: BTreeMap::new(),
            stirred: BTreeSet::new(),
            sessions: BTreeMap::new(),
            fetching: BTreeSet::new(),
            leases: BTreeSet::new(),
            attempts: 0,
            unreachable: BTreeMap::new(),
            consumed: 0,
            recent: VecDeque::new(),
            member: None,
            fetched: VecDeque::new(),
            application: Application::Polling,
            dies_after: None,
            assigned: None,
            feeding: None,
        }
    }

    /// The same with these settings.
    pub fn configured(mut self, config: ConsumerConfig) -> Self {
        let metadata = ClientMetadata::with_max_age(config.metadata_max_age_ms as u64);
        self.metadata = metadata.with_request_timeout(config.request_timeout_ms as u64);
        self.config = Arc::new(config);
        self
    }

    fn request_timeout_ms(&self) -> u64 {
        self.config.request_timeout_ms as u64
    }

    /// `retry.backoff.ms` after so many attempts in vain.
    fn backoff_ms(&self, ctx: &Ctx<'_>, attempts: u32) -> u64 {
        let draw = mix(&[ctx.world.spec.seed, u64::from(self.id.0), ctx.now().as_millis()]);
        self.config.backoff_ms(attempts, draw)
    }

    /// The same as a member of a group, known to it by `name`.
    pub fn in_group(mut self, name: Arc<str>, settings: Membership) -> Self {
        self.member = Some(Box::new(Member::new(name, settings)));
        self
    }

    pub fn start(&mut self, ctx: &mut Ctx<'_>) {
        self.ask_metadata(ctx);
        self.poll(ctx);
    }

    /// Whether its process has died on its own, and after which event.
    pub fn died_after(&self) -> Option<EventId> {
        match self.application {
            Application::Dead { after } => Some(after),
            _ => None,
        }
    }

    fn ask_metadata(&mut self, ctx: &mut Ctx<'_>) {
        let topics = match &self.member {
            Some(member) => member.topics_to_know(&self.topic),
            None => match &self.assigned {
                None => std::iter::once(self.topic.clone()).collect(),
                Some(assigned) => assigned.iter().map(|id| id.topic.clone()).collect(),
            },
        };
        self.metadata.ask(ctx, topics);
    }

    /// Which topic of a name it reads.
    pub fn topic_id_of(&self, topic: &str) -> Option<Uuid> {
        self.metadata.topic_id(topic)
    }

    /// Sends what each stirred partition needs next, and fetches from where it is read.
    fn drive(&mut self, ctx: &mut Ctx<'_>) {
        let mut nodes = BTreeSet::new();
        if self.application.is_over() {
            return;
        }
        let timeout_ms = self.request_timeout_ms();
        let validates = ctx.world.spec.history.is_fenced();
        for id in &std::mem::take(&mut self.stirred) {
            self.sessions.values_mut().filter(|s| s.contains(id)).for_each(|s| s.touch(id));
            self.review_read_replica(ctx, id);
            let Some(position) = self.positions.get_mut(id) else {
                continue;
            };
            let Some((leader, leader_epoch)) = self.metadata.leader(id) else {
                continue;
            };
            if position.state == PositionState::Fetching && leader_epoch != position.validated_in {
                if position.offset_epoch >= 0 && validates {
                    position.state = PositionState::AwaitValidation;
                    let request = OffsetForLeaderEpochRequest {
                        partition: id.clone(),
                        current_leader_epoch: leader_epoch,
                        leader_epoch: position.offset_epoch,
                    };
                    let call = Call::ConsumerEpoch { partition: id.clone() };
                    let request = Request::OffsetForLeaderEpoch(request);
                    ctx.request(leader, request, timeout_ms, call);
                } else {
                    position.validated_in = leader_epoch;
                }
            }
            if position.state == PositionState::Fetching {
                let node = position.preferred.map_or(leader, |preferred| preferred.node);
                self.sessions.entry(node).or_default().touch(id);
                nodes.insert(node);
            }
        }
        nodes.into_iter().for_each(|node| self.fetch(ctx, node));
    }

    fn fetch(&mut self, ctx: &mut Ctx<'_>, node: NodeId) {
        if self.fetching.contains(&node) || ctx.has_timer(&Timer::Poll(node)) {
            return;
        }
        let fenced = ctx.world.spec.history.is_fenced();
        let question = |id: &TopicPartition| {
            let position = self.positions.get(id)?;
            let (leader, epoch) = self.metadata.leader(id)?;
            let read_at = position.preferred.map_or(leader, |preferred| preferred.node);
            // What has been fetched is to be taken first.
            let has_some = self.fetched.iter().any(|fetched| fetched.partition == *id);
            let rests = position.paused || has_some;
            if position.state != PositionState::Fetching || read_at != node || rests {
                return None;
            }
            Some(FetchPartition {
                topic_id: self.metadata.topic_id(&id.topic)?,
                partition: id.clone(),
                current_leader_epoch: if fenced { epoch } else { -1 },
                fetch_offset: position.offset,
                last_fetched_epoch: -1,
                log_start_offset: -1,
                max_bytes: self.config.max_partition_fetch_bytes as u32,
                high_watermark: -1,
            })
        };
        let Some(fetch) = self.sessions.entry(node).or_default().build(question) else {
            return;
        };
        let request = FetchRequest {
            fetcher: Fetcher::Consumer,
            rack_id: self.rack.clone(),
            isolation: self.config.isolation_level,
            max_wait_ms: self.config.fetch_max_wait_ms as u64,
            min_bytes: self.config.fetch_min_bytes as u32,
            max_bytes: self.config.fetch_max_bytes as u32,
            session: fetch.metadata,
            partitions: fetch.partitions,
            forgotten: fetch.forgotten,
        };
        self.fetching.insert(node);
        let call = Call::ConsumerFetch { node };
        ctx.request(node, Request::Fetch(request), self.request_timeout_ms(), call);
    }

    fn ask_offset(&mut self, ctx: &mut Ctx<'_>, id: &TopicPartition) {
        let told = self.positions.get(id).and_then(|position| position.reset_to);
        let from = told.unwrap_or(self.from);
        if from == StartFrom::None {
            return self.fail(ctx, Some(id), None);
        }
        let Some((leader, leader_epoch)) = self.metadata.leader(id) else {
            return;
        };
        let request = ListOffsetsRequest {
            partition: id.clone(),
            current_leader_epoch: leader_epoch,
            timestamp: match from {
                StartFrom::Earliest => OffsetSpec::Earliest,
                StartFrom::Latest | StartFrom::None => OffsetSpec::Latest,
                StartFrom::ByDuration { ms } => {
                    OffsetSpec::Timestamp(ctx.now().timestamp_ms().saturating_sub_unsigned(ms))
                }
            },
            from_replica: false,
            isolation: self.config.isolation_level,
        };
        let call = Call::ConsumerOffsets { partition: id.clone() };
        ctx.request(leader, Request::ListOffsets(request), self.request_timeout_ms(), call);
    }

    fn refresh_soon(&mut self, ctx: &mut Ctx<'_>) {
        if !ctx.has_timer(&Timer::MetadataRefresh) {
            self.attempts += 1;
            let backoff_ms = self.backoff_ms(ctx, self.attempts);
            ctx.set_timer_in(Timer::MetadataRefresh, backoff_ms);
        }
    }

    pub fn on_reply(&mut self, ctx: &mut Ctx<'_>, call: Call, reply: Reply) {
        if self.application.is_over() {
            return;
        }
        match call {
            Call::Metadata => {
                let answered = self.metadata.on_reply(ctx, self.id, reply);
                let mut partitions = self.metadata.partition_count(&self.topic).unwrap_or(0);
                match &self.member {
                    None if self.assigned.is_some() => partitions = 1,
                    None => {
                        for partition in 0..partitions {
                            let id = TopicPartition { topic: self.topic.clone(), partition };
                            let new = Position::new(PositionState::AwaitReset);
                            self.positions.entry(id).or_insert(new);
                        }
                    }
                    Some(member) => {
                        let topics = member.settings.topics(&self.topic);
                        let known = topics.iter().map(|t| self.metadata.partition_count(t));
                        partitions = known.map(Option::unwrap_or_default).min().unwrap_or(0);
                        self.on_metadata(ctx);
                    }
                }
                let to_reset: Vec<_> = self
                    .positions
                    .iter()
                    .filter(|(_, position)| position.state == PositionState::AwaitReset)
                    .map(|(id, _)| id.clone())
                    .collect();
                for id in to_reset {
                    self.ask_offset(ctx, &id);
                }
                let lacking = self.positions.keys().any(|id| self.metadata.leader(id).is_none());
                if !answered || lacking || partitions == 0 {
                    self.refresh_soon(ctx);
                } else {
                    self.attempts = 0;
                }
                self.stirred.extend(self.positions.keys().cloned());
                self.drive(ctx);
                self.poll(ctx);
            }
            Call::ConsumerOffsets { partition } => {
                match reply {
                    // There is no record as young as that: one may come.
                    Reply::Response(Response::ListOffsets(Ok(answer))) if answer.offset < 0 => {
                        let later_ms = self.request_timeout_ms();
                        if !ctx.has_timer(&Timer::MetadataRefresh) {
                            ctx.set_timer_in(Timer::MetadataRefresh, later_ms);
                        }
                    }
                    Reply::Response(Response::ListOffsets(Ok(answer))) => {
                        self.reset(ctx, &partition, answer.offset, answer.leader_epoch);
                    }
                    _ => {
                        self.metadata.forget_leader(&partition);
                        self.refresh_soon(ctx);
                    }
                }
                self.stirred.insert(partition);
                self.drive(ctx);
            }
            Call::ConsumerEpoch { partition } => {
                self.on_epoch_reply(ctx, &partition, reply);
                self.stirred.insert(partition);
                self.drive(ctx);
            }
            Call::ConsumerFetch { node } => self.on_fetch_reply(ctx, node, reply),
            call => {
                self.on_coordinator_reply(ctx, call, reply);
                self.poll(ctx);
            }
        }
    }

    fn reset(&mut self, ctx: &mut Ctx<'_>, id: &TopicPartition, offset: i64, leader_epoch: i32) {
        let Some(position) = self.positions.get_mut(id) else {
            return;
        };
        if position.state != PositionState::AwaitReset {
            return;
        }
        *position = Position {
            offset,
            validated_in: leader_epoch,
            paused: position.paused,
            ..Position::new(PositionState::Fetching)
        };
        ctx.emit(EventKind::PositionReset { client: self.id, partition: id.clone(), offset });
    }

    fn on_epoch_reply(&mut self, ctx: &mut Ctx<'_>, id: &TopicPartition, reply: Reply) {
        let Some(position) = self.positions.get_mut(id) else {
            return;
        };
        if position.state != PositionState::AwaitValidation {
            return;
        }
        position.state = PositionState::Fetching;
        let Reply::Response(Response::OffsetForLeaderEpoch(Ok(end))) = reply else {
            self.metadata.forget_leader(id);
            return self.refresh_soon(ctx);
        };
        let epoch = self.metadata.leader(id).map_or(-1, |(_, epoch)| epoch);
        position.validated_in = epoch;
        if end.end_offset == -1 {
            // The leader knows nothing of that epoch any more: start where the policy says.
            position.state = PositionState::AwaitReset;
            self.ask_offset(ctx, id);
        } else if end.end_offset < position.offset {
            let from = position.offset;
            position.offset = end.end_offset;
            position.offset_epoch = end.epoch;
            let (partition, to) = (id.clone(), end.end_offset);
            ctx.emit(EventKind::TruncationDetected { client: self.id, partition, from, to });
        }
    }

    fn on_fetch_reply(&mut self, ctx: &mut Ctx<'_>, node: NodeId, reply: Reply) {
        self.fetching.remove(&node);
        self.stir_expired(ctx.now());
        let session = self.sessions.entry(node).or_default();
        let Reply::Response(Response::Fetch(response)) = reply else {
            session.on_failure();
            let led: Vec<_> = self
                .positions
                .keys()
                .filter(|id| self.metadata.leader(id).is_some_and(|(leader, _)| leader == node))
                .cloned()
                .collect();
            led.iter().for_each(|id| self.metadata.forget_leader(id));
            self.stirred.extend(led);
            let backoff_ms = self.leave_unreachable(ctx, node);
            let backoff_ms = backoff_ms.unwrap_or_else(|| self.backoff_ms(ctx, 1));
            ctx.set_timer_in(Timer::Poll(node), backoff_ms);
            self.refresh_soon(ctx);
            return self.drive(ctx);
        };
        session.on_response(&response);
        self.unreachable.remove(&node);
        let mut failed = false;
        for data in &response.partitions {
            let id = &data.partition;
            self.stirred.insert(id.clone());
            let topic_id = self.metadata.topic_id(&id.topic);
            let Some(position) = self.positions.get_mut(id).filter(|position| {
                position.state == PositionState::Fetching
                    && position.offset == data.asked_offset
                    && topic_id == Some(data.topic_id)
            }) else {
                continue;
            };
            match data.error {
                // It is fetched anew once the partition is resumed.
                None if position.paused && self.member.is_none() => {}
                None => {
                    match self.member.is_some() {
                        true => self.keep_records(ctx, data),
                        false => self.take_records(ctx, data),
                    }
                    self.take_read_replica(ctx, data);
                }
                // The leader may have the offset.
                Some(error @ KafkaError::OffsetOutOfRange) if position.preferred.is_some() => {
                    self.leave_read_replica(ctx, id, ReadReplicaReason::Refused(error));
                }
                Some(KafkaError::OffsetOutOfRange) => {
                    position.state = PositionState::AwaitReset;
                    self.ask_offset(ctx, id);
                }
                // The follower will hear of the epoch as well.
                Some(KafkaError::UnknownLeaderEpoch) if position.preferred.is_some() => {
                    failed = true;
                }
                Some(error) => {
                    failed = true;
                    self.leave_read_replica(ctx, id, ReadReplicaReason::Refused(error));
                    self.metadata.forget_leader(id);
                }
            }
        }
        if failed {
            ctx.set_timer_in(Timer::Poll(node), self.backoff_ms(ctx, 1));
            self.refresh_soon(ctx);
        }
        self.poll(ctx);
        self.drive(ctx);
        self.fetch(ctx, node);
    }

    fn take_records(&mut self, ctx: &mut Ctx<'_>, data: &PartitionData) {
        let id = &data.partition;
        let Some(position) = self.positions.get_mut(id) else {
            return;
        };
        let first = position.offset;
        let mut taken = 0;
        let (batches, is_cut_short) = isolation::batches(data, &self.config);
        for (batch, is_visible) in batches {
            for record in batch.records().filter_map(Result::ok) {
                if record.offset < position.offset || !is_visible {
                    continue;
                }
                taken += 1;
                if self.recent.len() == RECENT {
                    self.recent.pop_front();
                }
                self.recent.push_back(Consumed {
                    partition: id.clone(),
                    offset: record.offset,
                    key: record.key,
                    value: record.value,
                });
            }
            position.offset = position.offset.max(batch.next_offset());
            position.offset_epoch = batch.partition_leader_epoch();
        }
        let last = position.offset;
        if taken > 0 {
            self.consumed += taken;
            ctx.emit(EventKind::RecordsConsumed {
                client: self.id,
                partition: id.clone(),
                base_offset: first,
                last_offset: last - 1,
                records: taken,
            });
        }
        if is_cut_short && last == first {
            self.fail(ctx, Some(id), Some(KafkaError::CorruptMessage));
        }
    }

    pub fn on_timer(&mut self, ctx: &mut Ctx<'_>, timer: Timer) {
        if self.application.is_over() {
            return;
        }
        match timer {
            Timer::MetadataRefresh | Timer::MetadataExpiry => self.ask_metadata(ctx),
            Timer::Poll(node) => self.fetch(ctx, node),
            timer => {
                self.on_member_timer(ctx, timer);
                self.poll(ctx);
            }
        }
    }
}
