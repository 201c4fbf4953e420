//! A broker as a leader: produce and fetch requests, who has to wait, and what wakes them.

use super::isolation::{aborted_in, visible_end};
use super::markers::Verified;
use super::{Env, ReplicaManager};
use crate::event::{EventKind, ParkReason};
use crate::group::group_record::OFFSETS_TOPIC;
use crate::ids::{EventId, TopicPartition};
use crate::log::append_origin::AppendOrigin;
use crate::protocol::*;
use crate::record::record_batch::RecordBatch;
use crate::replication::append::{Appended, Appender};
use crate::replication::partition::{Effects, Partition};
use crate::replication::purgatory::{DelayedProduce, ProduceStatus};
use crate::sim::disk::Disk;
use crate::spec::Mutant;
use crate::transaction::transaction_record::TRANSACTION_STATE_TOPIC;
use crate::world::{Ctx, ReplyTo, Timer};
use bytes::Bytes;
use std::sync::Arc;

impl ReplicaManager {
    pub fn handle_produce(
        &mut self,
        ctx: &mut Ctx<'_>,
        disk: &mut Disk,
        env: &Env<'_>,
        reply_to: ReplyTo,
        request: ProduceRequest,
        verified: &Verified,
    ) {
        let acks = request.acks;
        let reply_to = ReplyTo { expected: acks != Acks::None, ..reply_to };
        let waits = acks == Acks::All && !ctx.is_mutant(Mutant::AcknowledgeBeforeMinInsync);
        let mut last_event = ctx.cause;
        let mut statuses = Vec::with_capacity(request.partitions.len());
        let mut effects = Vec::new();
        for data in &request.partitions {
            let partition = &data.partition;
            let status = |offsets, acks_pending, error| {
                let partition = partition.clone();
                ProduceStatus { partition, offsets, acks_pending, error }
            };
            match self.append_produced(ctx, disk, env, acks, (data, verified)) {
                Ok(appended) => {
                    let offsets = (appended.base_offset, appended.last_offset);
                    last_event = appended.event;
                    let mut ctx = ctx.because(appended.event);
                    if !waits {
                        last_event = tell_answered(&mut ctx, partition, acks, offsets, None);
                    } else if appended.effects.high_watermark_moved.is_none() {
                        ctx.emit(EventKind::RequestParked {
                            api: Api::Produce,
                            partition: partition.clone(),
                            reason: ParkReason::HighWatermark { needed: offsets.1 + 1 },
                        });
                    }
                    statuses.push(status(offsets, waits, None));
                    effects.push((partition, appended.event, appended.effects));
                }
                Err(error) => {
                    let offsets = (-1, -1);
                    last_event = tell_answered(ctx, partition, acks, offsets, Some(error));
                    statuses.push(status(offsets, false, Some(error)));
                }
            }
        }
        let mut last_ctx = ctx.because(last_event);
        if statuses.iter().any(|status| status.acks_pending) {
            let parked = self.purgatory.park_produce(reply_to, acks, false, statuses);
            last_ctx.set_timer_in(Timer::Parked(parked), request.timeout_ms);
        } else {
            let (partitions, is_markers) = (statuses, false);
            let answer = DelayedProduce { id: 0, reply_to, acks, is_markers, partitions };
            last_ctx.respond(reply_to, answer.response());
        }
        for (partition, event, effects) in effects {
            self.settle(&mut ctx.because(event), disk, env, partition, effects, true);
        }
    }

    /// What a coordinator writes, as if a producer had sent it with acks=all; who waits for it looks at the
    /// high watermark. Answers the last offset.
    pub fn append_records(
        &mut self,
        ctx: &mut Ctx<'_>,
        disk: &mut Disk,
        env: &Env<'_>,
        id: &TopicPartition,
        records: Bytes,
        by: AppendOrigin,
    ) -> Result<i64, KafkaError> {
        let batch = RecordBatch::parse(records).map_err(|_| KafkaError::CorruptMessage)?;
        let partition = self.partition_mut(id).ok_or(KafkaError::NotLeaderOrFollower)?;
        let appender = Appender { origin: None, acks_all: true, by };
        let appended = partition.append_to_leader(ctx, disk, env.image, &batch, appender)?;
        let mut ctx = ctx.because(appended.event);
        self.settle(&mut ctx, disk, env, id, appended.effects, true);
        Ok(appended.last_offset)
    }

    /// The partitions of a topic that this broker leads.
    pub fn led_partitions_of<'a>(
        &'a self,
        topic: &'a str,
    ) -> impl Iterator<Item = (&'a TopicPartition, &'a Partition)> {
        let own = self.partitions.range(TopicPartition::new(topic, 0)..);
        let own = own.take_while(move |(id, _)| &*id.topic == topic);
        own.map(|(id, partition)| (id, &**partition)).filter(|(_, partition)| partition.is_leader())
    }

    /// The next partition of this internal topic in which more is committed.
    pub fn take_committed(&mut self, topic: &str) -> Option<(TopicPartition, EventId)> {
        let at = self.committed.iter().position(|(id, _)| &*id.topic == topic)?;
        Some(self.committed.remove(at))
    }

    fn append_produced(
        &mut self,
        ctx: &mut Ctx<'_>,
        disk: &mut Disk,
        env: &Env<'_>,
        acks: Acks,
        (data, verified): (&PartitionProduceData, &Verified),
    ) -> Result<Appended, KafkaError> {
        let id = &data.partition;
        let batch = RecordBatch::parse(data.records.clone())
            .ok()
            .filter(|batch| batch.ensure_valid().is_ok())
            .ok_or(KafkaError::CorruptMessage)?;
        match self.partition_mut(id) {
            Some(partition) if partition.topic_id == data.topic_id => {
                let version = ctx.world.spec.transaction_version;
                let by = AppendOrigin::client(version, verified.of(id)?);
                let (origin, acks_all) = (Some(data.origin), acks == Acks::All);
                let appender = Appender { origin, acks_all, by };
                partition.append_to_leader(ctx, disk, env.image, &batch, appender)
            }
            _ if !env.image.is_topic_id_of(&id.topic, data.topic_id) => {
                Err(KafkaError::UnknownTopicId)
            }
            _ if env.image.partition(id).is_some() => Err(KafkaError::NotLeaderOrFollower),
            _ => Err(KafkaError::UnknownTopicOrPartition),
        }
    }

    /// Ends the waiting of produce requests for a partition, and answers those that wait for nothing
    /// else.
    pub(super) fn settle_parked(
        &mut self,
        ctx: &mut Ctx<'_>,
        id: &TopicPartition,
        ready: impl Fn(&ProduceStatus) -> bool,
        error: Option<KafkaError>,
    ) {
        for settled in self.purgatory.settle(id, ready, error) {
            let event = tell_answered(ctx, id, settled.acks, settled.offsets, error);
            if let Some(done) = settled.done {
                ctx.cancel_timer(Timer::Parked(done.id));
                ctx.because(event).respond(done.reply_to, done.response());
            }
        }
    }

    pub fn handle_fetch(
        &mut self,
        ctx: &mut Ctx<'_>,
        env: &Env<'_>,
        disk: &mut Disk,
        reply_to: ReplyTo,
        request: FetchRequest,
    ) {
        let (session, asked) = match self.sessions.take_up(reply_to.to, &request, ctx.now()) {
            Ok(session) => (session.id, session.to_look_at()),
            Err(error) => {
                let (session_id, partitions) = (0, Vec::new());
                let response = FetchResponse { error: Some(error), session_id, partitions };
                return ctx.respond(reply_to, Response::Fetch(response));
            }
        };
        let answers = self.read_all(ctx, disk, &request, &asked);
        let mut all_effects = Vec::new();
        if let Fetcher::Replica { id: follower, broker_epoch } = request.fetcher {
            for (asked, data) in asked.iter().zip(&answers) {
                let id = &asked.partition;
                if let Some(end) = data.diverging_epoch {
                    ctx.emit(EventKind::DivergenceFound {
                        partition: id.clone(),
                        follower,
                        epoch: end.epoch,
                        end_offset: end.end_offset,
                    });
                } else if data.error.is_none()
                    && let Some(partition) = self.partition_mut(id)
                {
                    let at = (asked.fetch_offset, asked.log_start_offset, broker_epoch);
                    let effects = partition.observe_follower_fetch(ctx, env.image, follower, at);
                    if effects != Effects::default() {
                        all_effects.push((id.clone(), effects));
                    }
                }
            }
        }
        for (id, effects) in all_effects {
            self.settle(ctx, disk, env, &id, effects, false);
        }
        let answer_now = request.max_wait_ms == 0
            || answers.iter().map(size_of_records).sum::<u32>() >= request.min_bytes
            || answers.iter().any(|data| {
                data.error.is_some()
                    || data.diverging_epoch.is_some()
                    || data.preferred_read_replica.is_some()
            });
        if answer_now {
            self.answer_fetch(ctx, reply_to, session, &request, answers);
        } else {
            self.park_fetch(ctx, reply_to, session, request);
        }
    }

    fn park_fetch(
        &mut self,
        ctx: &mut Ctx<'_>,
        reply_to: ReplyTo,
        session_id: u32,
        request: FetchRequest,
    ) {
        let wait_ms = request.max_wait_ms;
        let parked = self.purgatory.park_fetch(reply_to, Arc::new(request), session_id);
        let Some(session) = self.sessions.get_mut(session_id) else {
            return;
        };
        session.parked = Some(parked);
        let mut cause = ctx.cause;
        if let Some(partition) = session.first_partition().cloned() {
            let (api, reason) = (Api::Fetch, ParkReason::NoData);
            cause = ctx.emit(EventKind::RequestParked { api, partition, reason });
        }
        ctx.because(cause).set_timer_in(Timer::Parked(parked), wait_ms);
    }

    /// Reads what a fetch may see of each of these, up to its `max_bytes` in all.
    fn read_all(
        &mut self,
        ctx: &mut Ctx<'_>,
        disk: &mut Disk,
        request: &FetchRequest,
        asked: &[FetchPartition],
    ) -> Vec<PartitionData> {
        let mut bytes_left = request.max_bytes;
        let mut first = true;
        let mut answers = Vec::with_capacity(asked.len());
        for asked in asked {
            let most = bytes_left.min(asked.max_bytes);
            let data = self.read(ctx, disk, request, asked, most, first);
            let size = size_of_records(&data);
            if size > 0 && self.is_throttled_for(request, &asked.partition) {
                self.leader_quota.record(ctx.now(), u64::from(size));
            }
            bytes_left = bytes_left.saturating_sub(size);
            first &= size == 0;
            answers.push(data);
        }
        answers
    }

    /// Tells a fetcher what is news to it, and lets the partitions rest in which nothing more is to
    /// be told.
    fn answer_fetch(
        &mut self,
        ctx: &mut Ctx<'_>,
        reply_to: ReplyTo,
        session_id: u32,
        request: &FetchRequest,
        answers: Vec<PartitionData>,
    ) {
        let Some(session) = self.sessions.get_mut(session_id) else {
            return;
        };
        for data in &answers {
            let is_settled = self
                .partitions
                .get(&data.partition)
                .is_some_and(|partition| session.has_all_of(partition, data));
            if is_settled {
                session.rest(&data.partition);
            }
        }
        let partitions = session.tell(answers);
        let told = self.tell_preferred(ctx, reply_to.to, request.rack_id.as_ref(), &partitions);
        let response = FetchResponse { error: None, session_id, partitions };
        ctx.because(told.unwrap_or(ctx.cause)).respond(reply_to, Response::Fetch(response));
    }

    /// Reads what a fetch may see of one partition, without noting that it asked.
    pub(super) fn read(
        &self,
        ctx: &mut Ctx<'_>,
        disk: &mut Disk,
        request: &FetchRequest,
        asked: &FetchPartition,
        max_bytes: u32,
        min_one_message: bool,
    ) -> PartitionData {
        let mut data = PartitionData {
            partition: asked.partition.clone(),
            topic_id: asked.topic_id,
            asked_leader_epoch: asked.current_leader_epoch,
            asked_offset: asked.fetch_offset,
            error: None,
            high_watermark: -1,
            last_stable_offset: -1,
            log_start_offset: -1,
            aborted_transactions: Vec::new(),
            diverging_epoch: None,
            current_leader: None,
            snapshot_id: None,
            preferred_read_replica: None,
            records: Vec::new(),
        };
        let hosted = self.partitions.get(&asked.partition);
        if hosted.is_none_or(|hosted| hosted.topic_id != asked.topic_id)
            && !ctx.is_mutant(Mutant::TopicIdNotChecked)
        {
            return PartitionData { error: Some(KafkaError::UnknownTopicId), ..data };
        }
        // A consumer may read from any replica since Kafka 2.4.
        let only_leader =
            request.fetcher != Fetcher::Consumer || !ctx.world.spec.history.is_fenced();
        let hosted = self.hosted(&asked.partition, asked.current_leader_epoch);
        let partition = match hosted {
            Ok(partition) if only_leader && !partition.is_leader() => {
                return PartitionData { error: Some(KafkaError::NotLeaderOrFollower), ..data };
            }
            Ok(partition) => partition,
            Err(error) => {
                return PartitionData { error: Some(error), ..data };
            }
        };
        let log = &partition.log;
        data.high_watermark = log.high_watermark();
        data.last_stable_offset = log.last_stable_offset();
        data.log_start_offset = log.log_start_offset();
        if asked.last_fetched_epoch >= 0 {
            let end = log.end_offset_for_epoch(asked.last_fetched_epoch);
            if end.end_offset == -1 || asked.fetch_offset < log.log_start_offset() {
                return PartitionData { error: Some(KafkaError::OffsetOutOfRange), ..data };
            }
            let parts =
                end.leader_epoch < asked.last_fetched_epoch || end.end_offset < asked.fetch_offset;
            if parts && !ctx.is_mutant(Mutant::DivergenceNotChecked) {
                data.diverging_epoch =
                    Some(DivergingEpoch { epoch: end.leader_epoch, end_offset: end.end_offset });
                return data;
            }
        }
        data.preferred_read_replica =
            self.find_preferred_read_replica(ctx, partition, request, asked);
        if data.preferred_read_replica.is_some() {
            return data;
        }
        let unbound = ctx.is_mutant(Mutant::ConsumerReadsPastHighWatermark)
            || (ctx.is_mutant(Mutant::FollowerServesPastHighWatermark) && !partition.is_leader());
        let bound = match request.fetcher {
            Fetcher::Replica { .. } => log.log_end_offset(),
            Fetcher::Consumer if unbound => log.log_end_offset(),
            Fetcher::Consumer => visible_end(ctx, log, request.isolation),
        };
        // Who is held back gets the marks, and no records.
        let rate = self.settings.leader_replication_throttled_rate;
        if self.is_throttled_for(request, &asked.partition)
            && self.leader_quota.is_exceeded(ctx.now(), rate)
        {
            return data;
        }
        match log.read(disk, asked.fetch_offset, max_bytes, bound, min_one_message) {
            Ok(read) => {
                if request.isolation == IsolationLevel::ReadCommitted
                    && !ctx.is_mutant(Mutant::AbortedNotTold)
                {
                    data.aborted_transactions =
                        aborted_in(log, asked.fetch_offset, read.next_offset);
                }
                data.records = read.batches;
                let bytes = u64::from(size_of_records(&data));
                let from_disk = read.at.map_or(0, |(path, at)| disk.serve(&path, at, bytes));
                if from_disk > 0 {
                    let partition = asked.partition.clone();
                    ctx.emit(EventKind::ReadFromDisk { partition, bytes: from_disk });
                }
            }
            Err(error) => data.error = Some(error.as_kafka_error()),
        }
        data
    }

    /// Whether a follower that is out of the ISR is to be held back in this partition.
    fn is_throttled_for(&self, request: &FetchRequest, id: &TopicPartition) -> bool {
        let (Fetcher::Replica { id: follower, .. }, Some(partition)) =
            (request.fetcher, self.partitions.get(id))
        else {
            return false;
        };
        let throttled = &partition.log.config().leader_replication_throttled_replicas;
        throttled.contains(id.partition, self.me) && !partition.isr.contains(&follower)
    }

    /// The partition, if this broker leads it in `leader_epoch`.
    fn led(&self, id: &TopicPartition, leader_epoch: i32) -> Result<&Partition, KafkaError> {
        let partition = self.hosted(id, leader_epoch)?;
        if partition.is_leader() { Ok(partition) } else { Err(KafkaError::NotLeaderOrFollower) }
    }

    /// The partition, if its replica here is in `leader_epoch` (-1: whatever the epoch is).
    fn hosted(&self, id: &TopicPartition, leader_epoch: i32) -> Result<&Partition, KafkaError> {
        let partition = self.partitions.get(id).ok_or(KafkaError::UnknownTopicOrPartition)?;
        if leader_epoch >= 0 && leader_epoch < partition.leader_epoch {
            return Err(KafkaError::FencedLeaderEpoch);
        }
        if leader_epoch > partition.leader_epoch {
            return Err(KafkaError::UnknownLeaderEpoch);
        }
        Ok(partition)
    }

    pub fn list_offsets(
        &self,
        disk: &Disk,
        request: &ListOffsetsRequest,
    ) -> Result<ListOffsetsAnswer, KafkaError> {
        let partition = self.led(&request.partition, request.current_leader_epoch)?;
        let log = &partition.log;
        let epoch_start =
            partition.leading.as_ref().map_or(0, |leading| leading.epoch_start_offset);
        let visible_end = match request.isolation {
            _ if request.from_replica => log.log_end_offset(),
            IsolationLevel::ReadUncommitted => log.high_watermark(),
            IsolationLevel::ReadCommitted => log.last_stable_offset(),
        };
        // A new leader may know a lower mark than the old one had shown.
        let may_go_back = !request.from_replica && log.high_watermark() < epoch_start;
        let found = match request.timestamp {
            OffsetSpec::Earliest => Some((log.log_start_offset(), -1)),
            OffsetSpec::Latest if may_go_back => return Err(KafkaError::OffsetNotAvailable),
            OffsetSpec::Latest => Some((visible_end, -1)),
            OffsetSpec::MaxTimestamp | OffsetSpec::Timestamp(_) => {
                let found = match request.timestamp {
                    OffsetSpec::Timestamp(timestamp) => log.offset_for_timestamp(disk, timestamp),
                    _ => log.offset_of_max_timestamp(disk),
                };
                let found = found.map_err(|error| error.as_kafka_error())?;
                let visible = found.filter(|found| found.offset < visible_end);
                if visible.is_none() && may_go_back {
                    return Err(KafkaError::OffsetNotAvailable);
                }
                visible.map(|found| (found.offset, found.timestamp))
            }
        };
        let (offset, timestamp) = found.unwrap_or((-1, -1));
        Ok(ListOffsetsAnswer {
            offset,
            timestamp,
            leader_epoch: partition.leader_epoch,
            log_start_offset: log.log_start_offset(),
        })
    }

    pub fn offset_for_leader_epoch(
        &self,
        request: &OffsetForLeaderEpochRequest,
    ) -> Result<DivergingEpoch, KafkaError> {
        let partition = self.led(&request.partition, request.current_leader_epoch)?;
        let end = partition.log.end_offset_for_epoch(request.leader_epoch);
        Ok(DivergingEpoch { epoch: end.leader_epoch, end_offset: end.end_offset })
    }

    /// Carries out what a change at the leader leads to: proposes the ISR, answers produce requests
    /// that the high watermark has passed, releases fetches that now have something to read.
    pub(super) fn settle(
        &mut self,
        ctx: &mut Ctx<'_>,
        disk: &mut Disk,
        env: &Env<'_>,
        id: &TopicPartition,
        effects: Effects,
        appended: bool,
    ) {
        if let Some(event) = effects.propose_isr {
            self.send_alter_partition(&mut ctx.because(event), env, id);
        }
        if let Some(event) = effects.high_watermark_moved {
            self.complete_produce(&mut ctx.because(event), id);
            if matches!(&*id.topic, OFFSETS_TOPIC | TRANSACTION_STATE_TOPIC) {
                self.committed.push((id.clone(), event));
            }
        }
        if effects.high_watermark_moved.is_some() || appended {
            let moved = effects.high_watermark_moved;
            for (parked, fetcher) in self.sessions.parked_for(id) {
                let woken = match fetcher {
                    Fetcher::Replica { .. } => appended.then_some(ctx.cause),
                    Fetcher::Consumer if ctx.is_mutant(Mutant::ConsumerReadsPastHighWatermark) => {
                        Some(ctx.cause)
                    }
                    Fetcher::Consumer => moved,
                };
                if let Some(event) = woken
                    && self.has_enough(disk, parked)
                {
                    self.complete_fetch(&mut ctx.because(event), disk, parked);
                }
            }
        }
    }

    fn complete_produce(&mut self, ctx: &mut Ctx<'_>, id: &TopicPartition) {
        let Some(partition) = self.partitions.get(id) else {
            return;
        };
        let high_watermark = partition.log.high_watermark();
        let enough = partition.maximal_isr().len() >= partition.effective_min_isr();
        let error = (!enough).then_some(KafkaError::NotEnoughReplicasAfterAppend);
        self.settle_parked(ctx, id, |status| status.offsets.1 < high_watermark, error);
    }

    /// Whether as much is there by now as a consumer's parked fetch waits for (`fetch.min.bytes`).
    fn has_enough(&self, disk: &Disk, parked: u64) -> bool {
        let Some(fetch) = self.purgatory.fetch(parked) else {
            return false;
        };
        let Some(session) = self.sessions.get(fetch.session) else {
            return true;
        };
        if fetch.request.min_bytes <= 1 {
            return true;
        }
        let available = session.to_look_at().into_iter().map(|asked| {
            let log = &self.partitions.get(&asked.partition)?.log;
            let (from, most) = (asked.fetch_offset, asked.max_bytes);
            let read = log.read(disk, from, most, log.high_watermark(), true).ok()?;
            let bytes = read.batches.iter().map(|batch| batch.len() as u32).sum::<u32>();
            Some(bytes.min(most))
        });
        available.map(Option::unwrap_or_default).sum::<u32>() >= fetch.request.min_bytes
    }

    /// Answers a parked fetch with what is there now. The log is read again, so the answer carries
    /// the high watermark of this moment.
    pub(super) fn complete_fetch(&mut self, ctx: &mut Ctx<'_>, disk: &mut Disk, parked: u64) {
        let Some(fetch) = self.purgatory.take_fetch(parked) else {
            return;
        };
        ctx.cancel_timer(Timer::Parked(parked));
        // Without its session the process that asked is gone, or has asked anew.
        let Some(session) = self.sessions.get_mut(fetch.session) else {
            return;
        };
        session.parked = None;
        let asked = session.to_look_at();
        let answers = self.read_all(ctx, disk, &fetch.request, &asked);
        self.answer_fetch(ctx, fetch.reply_to, fetch.session, &fetch.request, answers);
    }

    /// A parked request has waited as long as it may.
    pub fn on_parked_due(&mut self, ctx: &mut Ctx<'_>, disk: &mut Disk, parked: u64) {
        let Some(mut produce) = self.purgatory.take_produce(parked) else {
            return self.complete_fetch(ctx, disk, parked);
        };
        let error = Some(KafkaError::RequestTimedOut);
        let mut event = ctx.cause;
        for status in produce.partitions.iter_mut().filter(|status| status.acks_pending) {
            status.error = error;
            event = tell_answered(ctx, &status.partition, produce.acks, status.offsets, error);
        }
        ctx.because(event).respond(produce.reply_to, produce.response());
    }
}

/// What a producer is told of one partition; it learns it when all of its request is known.
fn tell_answered(
    ctx: &mut Ctx<'_>,
    partition: &TopicPartition,
    acks: Acks,
    (base_offset, last_offset): (i64, i64),
    error: Option<KafkaError>,
) -> EventId {
    let partition = partition.clone();
    ctx.emit(EventKind::ProduceAnswered { partition, acks, base_offset, last_offset, error })
}

pub(super) fn size_of_records(data: &PartitionData) -> u32 {
    data.records.iter().map(|batch| batch.len() as u32).sum()
}
