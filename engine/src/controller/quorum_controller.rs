//! A controller process: a voter of the quorum that, while it leads, is the active controller: it
//! answers brokers and writes every change of the cluster as records into the metadata log
//! (`QuorumController`). A change counts once a majority of the voters has it; what it leads to is
//! decided at once on an image that runs ahead, and told and answered when it is committed.
//!
//! How the quorum agrees is in [`crate::raft`], rules of brokers' lives in `broker_control`, those of
//! topics and partitions in `replication_control`, producer ids in `producer_id_control`.

use super::broker_control::Sessions;
use super::metadata_image::{ELR_FEATURE, MetadataImage};
use super::metadata_loader::MetadataLoader;
use super::metadata_record::MetadataRecord;
use super::partition_registration::PartitionRegistration;
use crate::command::Refusal;
use crate::event::{ChangeReason, EventKind};
use crate::ids::{EventId, NodeId, Uuid};
use crate::protocol::*;
use crate::raft::raft_client::RaftClient;
use crate::record::record_batch_builder::RecordBatchBuilder;
use crate::sim::disk::Disk;
use crate::spec::{ClusterSpec, Mutant};
use crate::world::{Call, Ctx, ReplyTo, Timer};
use std::collections::VecDeque;
use std::sync::Arc;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuorumController {
    pub id: NodeId,
    pub raft: RaftClient,
    /// What the committed records add up to.
    pub committed: MetadataImage,
    pub loader: MetadataLoader,
    /// While it is the active controller: what its log adds up to, committed or not. Else as
    /// `committed` was when it last looked.
    pub(super) image: MetadataImage,
    /// The epoch in which it is the active controller.
    active_epoch: Option<i32>,
    /// What it wrote and does not know to be committed.
    pending: VecDeque<PendingRecord>,
    /// Answers that wait until a record is committed.
    deferred: VecDeque<(i64, ReplyTo, Response)>,
    pub(super) sessions: Sessions,
    /// What it was started with.
    pub(super) spec: Arc<ClusterSpec>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct PendingRecord {
    offset: i64,
    reason: ChangeReason,
    /// Its MetadataAppended.
    event: EventId,
}

/// Records to write, and why; what they change is told event by event.
#[derive(Default)]
pub(super) struct Changes(pub(super) Vec<(MetadataRecord, ChangeReason)>, pub(super) Vec<Held>);

/// An election that was held for a change.
pub(super) struct Held {
    /// The record that it led to, by its place; `None` if nothing came of it.
    pub record: Option<usize>,
    pub told: EventKind,
}

impl Changes {
    pub(super) fn of(record: MetadataRecord, because: ChangeReason) -> Self {
        Changes(vec![(record, because)], Vec::new())
    }
}

impl QuorumController {
    pub fn start(ctx: &mut Ctx<'_>, disk: &mut Disk, id: NodeId) -> QuorumController {
        let raft = RaftClient::start(ctx, disk, id);
        let mut controller = QuorumController {
            id,
            raft,
            committed: MetadataImage::default(),
            loader: MetadataLoader::of_controller(id, ctx.now()),
            image: MetadataImage::default(),
            active_epoch: None,
            pending: VecDeque::new(),
            deferred: VecDeque::new(),
            sessions: Sessions::default(),
            spec: ctx.spec(),
        };
        controller.settle(ctx, disk);
        controller
    }

    /// The metadata with all that it has written, be it committed or not.
    pub fn written(&self) -> &MetadataImage {
        &self.image
    }

    /// Whether it is the active controller.
    pub fn is_active(&self) -> bool {
        self.active_epoch == Some(self.raft.epoch())
    }

    /// The last record that it wrote and does not know to be committed.
    pub fn last_pending(&self) -> Option<i64> {
        self.pending.back().map(|pending| pending.offset)
    }

    pub fn on_request(
        &mut self,
        ctx: &mut Ctx<'_>,
        disk: &mut Disk,
        reply_to: ReplyTo,
        request: Request,
    ) {
        match request {
            Request::Fetch(request) => self.raft.on_fetch(ctx, disk, reply_to, request),
            Request::Vote(request) => {
                let answer = self.raft.on_vote(ctx, disk, request);
                ctx.respond(reply_to, Response::Vote(answer));
            }
            Request::BeginQuorumEpoch(request) => {
                let answer = self.raft.on_begin_quorum_epoch(ctx, disk, request);
                ctx.respond(reply_to, Response::BeginQuorumEpoch(answer));
            }
            Request::EndQuorumEpoch(request) => {
                let answer = self.raft.on_end_quorum_epoch(ctx, disk, &request);
                ctx.respond(reply_to, Response::EndQuorumEpoch(answer));
            }
            Request::FetchSnapshot(request) => {
                let answer = self.raft.on_fetch_snapshot(ctx, disk, request);
                ctx.respond(reply_to, Response::FetchSnapshot(answer));
            }
            Request::BrokerRegistration(request) => {
                let answer = self.if_active(|c| c.register_broker(ctx, disk, &request));
                self.respond_when_committed(ctx, reply_to, Response::BrokerRegistration(answer));
            }
            Request::BrokerHeartbeat(request) => {
                let answer = self.if_active(|c| c.broker_heartbeat(ctx, disk, &request));
                self.respond_when_committed(ctx, reply_to, Response::BrokerHeartbeat(answer));
            }
            Request::AlterPartition(request) => {
                let answer = self.if_active(|c| c.alter_partition(ctx, disk, &request));
                self.respond_when_committed(ctx, reply_to, Response::AlterPartition(answer));
            }
            Request::AllocateProducerIds(request) => {
                let answer = self.if_active(|c| c.allocate_producer_ids(ctx, disk, &request));
                self.respond_when_committed(ctx, reply_to, Response::AllocateProducerIds(answer));
            }
            Request::CreateTopics(request) => {
                let answer = self.if_active(|c| {
                    c.create_topic(ctx, disk, &request).map_err(|refusal| match refusal {
                        Refusal::TopicExists { .. } => KafkaError::TopicAlreadyExists,
                        Refusal::InvalidReplicationFactor { .. } => {
                            KafkaError::InvalidReplicationFactor
                        }
                        _ => KafkaError::InvalidRequest,
                    })
                });
                self.respond_when_committed(ctx, reply_to, Response::CreateTopics(answer));
            }
            // Clients and brokers do not ask a controller for these.
            Request::Produce(_)
            | Request::ListOffsets(_)
            | Request::Metadata { .. }
            | Request::OffsetForLeaderEpoch(_)
            | Request::InitProducerId(_)
            | Request::FindCoordinator { .. }
            | Request::JoinGroup(_)
            | Request::SyncGroup(_)
            | Request::Heartbeat(_)
            | Request::LeaveGroup(_)
            | Request::ConsumerGroupHeartbeat(_)
            | Request::OffsetCommit(_)
            | Request::OffsetFetch(_)
            | Request::AddPartitionsToTxn(_)
            | Request::AddOffsetsToTxn(_)
            | Request::EndTxn(_)
            | Request::WriteTxnMarkers(_)
            | Request::TxnOffsetCommit(_) => {}
        }
        self.settle(ctx, disk);
    }

    fn if_active<T>(
        &mut self,
        act: impl FnOnce(&mut Self) -> Result<T, KafkaError>,
    ) -> Result<T, KafkaError> {
        if self.is_active() { act(self) } else { Err(KafkaError::NotController) }
    }

    /// Answers now, or once everything that is written is committed.
    fn respond_when_committed(&mut self, ctx: &mut Ctx<'_>, reply_to: ReplyTo, answer: Response) {
        match self.pending.back() {
            Some(last) => self.deferred.push_back((last.offset, reply_to, answer)),
            None => ctx.respond(reply_to, answer),
        }
    }

    pub fn on_reply(&mut self, ctx: &mut Ctx<'_>, disk: &mut Disk, call: Call, reply: Reply) {
        self.raft.on_reply(ctx, disk, call, reply);
        self.settle(ctx, disk);
    }

    pub fn on_timer(&mut self, ctx: &mut Ctx<'_>, disk: &mut Disk, timer: Timer) {
        // What fired while the process was paused may find it no longer the active controller.
        match timer {
            Timer::SessionCheck | Timer::UncleanElection | Timer::LeaderBalance
                if !self.is_active() => {}
            Timer::SessionCheck => self.check_sessions(ctx, disk),
            Timer::UncleanElection => self.elect_unclean(ctx, disk),
            Timer::LeaderBalance => self.balance_leaders(ctx, disk),
            timer => self.raft.on_timer(ctx, disk, &timer),
        }
        self.settle(ctx, disk);
    }

    /// Hands the leadership over, if it has it, before the process goes.
    pub fn close(&mut self, ctx: &mut Ctx<'_>, disk: &mut Disk) {
        self.raft.resign(ctx);
        self.settle(ctx, disk);
    }

    /// Appends the records as one batch and applies them to the image that runs ahead.
    pub(super) fn write(&mut self, ctx: &mut Ctx<'_>, disk: &mut Disk, changes: Changes) -> i64 {
        let Changes(records, elections) = changes;
        for told in elections.iter().filter(|held| held.record.is_none()) {
            ctx.emit(told.told.clone());
        }
        if records.is_empty() {
            return self.image.next_offset - 1;
        }
        let timestamp = ctx.now().timestamp_ms();
        let mut offset = self.image.next_offset;
        let mut batch = RecordBatchBuilder::new(offset).leader_epoch(self.raft.epoch());
        for (record, _) in &records {
            batch.append(timestamp, None, Some(&record.encode()), &[]);
        }
        self.raft.append(ctx, disk, batch.build());
        for (index, (record, reason)) in records.into_iter().enumerate() {
            self.image.apply(offset, &record);
            let record = Arc::new(record);
            let held = elections.iter().find(|held| held.record == Some(index));
            let cause = held.map_or(ctx.cause, |held| ctx.emit(held.told.clone()));
            let event = ctx.because(cause).emit(EventKind::MetadataAppended { offset, record });
            self.pending.push_back(PendingRecord { offset, reason, event });
            offset += 1;
        }
        self.settle(ctx, disk);
        self.image.next_offset - 1
    }

    /// Takes over what has come of the quorum's work: what is committed, who leads, whom to wake.
    pub(super) fn settle(&mut self, ctx: &mut Ctx<'_>, disk: &mut Disk) {
        self.raft.advance_high_watermark(ctx);
        let last = self.commit(ctx, disk);
        if self
            .active_epoch
            .is_some_and(|epoch| epoch != self.raft.epoch() || self.raft.leading().is_none())
        {
            self.deactivate(ctx);
        }
        if self.active_epoch.is_none() && self.raft.may_write() {
            self.activate(ctx, disk);
        }
        self.raft.wake(&mut ctx.because(last), disk);
    }

    /// Applies what is newly committed, tells it if this is the leader, and sends the answers that
    /// waited for it. Returns the event of the last record.
    fn commit(&mut self, ctx: &mut Ctx<'_>, disk: &mut Disk) -> EventId {
        let end = self.raft.high_watermark();
        let mut last_event = ctx.cause;
        if end <= self.committed.next_offset {
            return last_event;
        }
        let log = &self.raft.log;
        if let Some(image) = self.loader.load_snapshot(ctx, disk, log, &self.committed) {
            self.committed = image;
        }
        let first = self.committed.next_offset;
        if end <= first {
            return last_event;
        }
        let leads = self.raft.leading().is_some();
        for (offset, record) in self.loader.committed_records(disk, &self.raft.log, first) {
            let written = self.pending.front().filter(|pending| pending.offset == offset).cloned();
            let (reason, cause) = match &written {
                Some(written) => (written.reason, written.event),
                None => (ChangeReason::EarlierController, ctx.cause),
            };
            if written.is_some() {
                self.pending.pop_front();
                last_event = cause;
            }
            let before = self.before(&record);
            let touched = self.committed.apply(offset, &record);
            // Of several that learn of it only the first leader tells.
            if leads && ctx.world.metadata_told <= offset {
                ctx.world.metadata_told = offset + 1;
                self.tell(&mut ctx.because(cause), touched, before, reason);
            }
        }
        self.committed.next_offset = end;
        // In a combined process the broker says so.
        if !leads && self.id.is_controller() {
            let (node, offset) = (self.id, end - 1);
            last_event = ctx.emit(EventKind::MetadataApplied { node, offset });
        }
        while let Some((_, reply_to, answer)) =
            self.deferred.pop_front_if(|(offset, ..)| *offset < end)
        {
            ctx.because(last_event).respond(reply_to, answer);
        }
        let ahead = self.is_active() && ctx.is_mutant(Mutant::SnapshotIgnoresHighWatermark);
        let image = if ahead { &self.image } else { &self.committed };
        let mut ctx = ctx.because(last_event);
        self.loader.maybe_snapshot(&mut ctx, disk, &mut self.raft.log, image);
        last_event
    }

    fn activate(&mut self, ctx: &mut Ctx<'_>, disk: &mut Disk) {
        let (node, epoch) = (self.id, self.raft.epoch());
        self.image = self.committed.clone();
        self.active_epoch = Some(epoch);
        let event = ctx.emit(EventKind::ControllerActivated { node, epoch });
        let mut ctx = ctx.because(event);
        let is_new = self.image == MetadataImage::at(self.image.next_offset);
        self.restart_sessions(&mut ctx);
        self.plan_elections(&mut ctx);
        if is_new {
            let mut changes = Changes::default();
            let mut features = vec![("metadata.version", 27), ("kraft.version", 0)];
            // A feature that is off is not written down.
            if self.spec.eligible_leader_replicas {
                features.push((ELR_FEATURE, 1));
            }
            for (name, level) in features {
                let record = MetadataRecord::FeatureLevel { name: name.into(), level };
                changes.0.push((record, ChangeReason::ConfigChanged));
            }
            if self.spec.eligible_leader_replicas {
                changes.0.push((self.min_isr_of_the_cluster(), ChangeReason::ConfigChanged));
            }
            self.write(&mut ctx, disk, changes);
        }
    }

    /// What it wrote and nobody has may go; whoever waits for it is told to ask the next controller.
    fn deactivate(&mut self, ctx: &mut Ctx<'_>) {
        self.active_epoch = None;
        for timer in [Timer::SessionCheck, Timer::UncleanElection, Timer::LeaderBalance] {
            ctx.cancel_timer(timer);
        }
        let records = std::mem::take(&mut self.pending).len() as u32;
        if records > 0 {
            ctx.emit(EventKind::ChangesLeftOpen { node: self.id, records });
        }
        for (_, reply_to, answer) in std::mem::take(&mut self.deferred) {
            ctx.respond(reply_to, answer.refused(KafkaError::NotController));
        }
        self.image = self.committed.clone();
    }
}

pub(super) fn partition_of(
    image: &MetadataImage,
    topic_id: Uuid,
    partition: i32,
) -> Option<(&Arc<str>, &PartitionRegistration)> {
    let (name, topic) = image.topics.iter().find(|(_, topic)| topic.topic_id == topic_id)?;
    Some((name, topic.partitions.get(&partition)?))
}
