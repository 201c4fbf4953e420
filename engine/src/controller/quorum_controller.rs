//! The controller process: it owns `__cluster_metadata-0`, answers brokers, and writes every change
//! of the cluster as records there (`QuorumController`). A change counts once it is in the log and
//! flushed; with one voter that is at once. Rules of brokers' lives are in `broker_control`, those
//! of topics and partitions in `replication_control`.

use super::broker_control::Sessions;
use super::metadata_image::MetadataImage;
use super::metadata_record::MetadataRecord;
use crate::broker::committed_records;
use crate::event::{ChangeReason, EventKind, ParkReason};
use crate::ids::{EventId, NodeId, TopicPartition, Uuid};
use crate::log::log_config::LogConfig;
use crate::log::unified_log::{Faults, LoadOptions, UnifiedLog};
use crate::protocol::*;
use crate::record::record_batch::RecordBatch;
use crate::record::record_batch_builder::RecordBatchBuilder;
use crate::replication::purgatory::Purgatory;
use crate::sim::disk::Disk;
use crate::spec::ClusterSpec;
use crate::world::{Ctx, ReplyTo, Timer};
use std::sync::Arc;

pub const CLUSTER_METADATA: &str = "__cluster_metadata";

pub fn metadata_partition() -> TopicPartition {
    TopicPartition::new(CLUSTER_METADATA, 0)
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuorumController {
    pub id: NodeId,
    /// The controller epoch: the leader epoch of the metadata log.
    pub epoch: i32,
    pub log: UnifiedLog,
    pub image: MetadataImage,
    pub(super) sessions: Sessions,
    pub(super) drawn: u64,
    purgatory: Purgatory,
    /// What it was started with.
    pub(super) spec: Arc<ClusterSpec>,
}

/// Records to write, and why; what they change is told event by event.
#[derive(Default)]
pub(super) struct Changes(pub(super) Vec<(MetadataRecord, ChangeReason)>);

impl QuorumController {
    pub fn start(ctx: &mut Ctx<'_>, disk: &mut Disk, id: NodeId) -> QuorumController {
        let partition = metadata_partition();
        let (config, now) = (LogConfig::default(), ctx.now());
        let mut log = if crate::broker::directories(disk).contains(&partition) {
            let options = LoadOptions {
                clean_shutdown: false,
                recovery_point: 0,
                high_watermark_checkpoint: 0,
                log_start_offset_checkpoint: None,
                faults: Faults::NONE,
            };
            match UnifiedLog::load(disk, &partition, config.clone(), options, now) {
                Ok((log, report)) => {
                    ctx.emit(EventKind::LogRecovered {
                        node: id,
                        partition: partition.clone(),
                        log_end_offset: log.log_end_offset(),
                        high_watermark: log.log_end_offset(),
                        bytes_truncated: report.bytes_truncated,
                        clean: false,
                    });
                    log
                }
                Err(_) => UnifiedLog::create(disk, &partition, Uuid::ZERO, config, now),
            }
        } else {
            UnifiedLog::create(disk, &partition, Uuid::ZERO, config, now)
        };
        // The only voter: it leads from a new epoch, and all that its log holds is committed.
        let epoch = log.latest_epoch().unwrap_or(0) + 1;
        let end = log.log_end_offset();
        log.assign_epoch_start(disk, epoch, end);
        log.update_high_watermark(end);
        let mut controller = QuorumController {
            id,
            epoch,
            log,
            image: MetadataImage::default(),
            sessions: Sessions::default(),
            drawn: 0,
            purgatory: Purgatory::default(),
            spec: ctx.spec(),
        };
        for record in committed_records(&controller.log, disk, 0) {
            controller.image.apply(&record);
        }
        if end == 0 {
            let mut changes = Changes::default();
            for (name, level) in [("metadata.version", 27), ("kraft.version", 0)] {
                let record = MetadataRecord::FeatureLevel { name: name.into(), level };
                changes.0.push((record, ChangeReason::ConfigChanged));
            }
            controller.write(ctx, disk, changes);
        }
        controller.restart_sessions(ctx);
        controller.plan_elections(ctx);
        controller
    }

    pub fn on_request(
        &mut self,
        ctx: &mut Ctx<'_>,
        disk: &mut Disk,
        reply_to: ReplyTo,
        request: Request,
    ) {
        match request {
            Request::Fetch(request) => self.handle_fetch(ctx, disk, reply_to, request),
            Request::BrokerRegistration(request) => {
                let answer = self.register_broker(ctx, disk, &request);
                ctx.respond(reply_to, Response::BrokerRegistration(answer));
            }
            Request::BrokerHeartbeat(request) => {
                let answer = self.broker_heartbeat(ctx, disk, &request);
                ctx.respond(reply_to, Response::BrokerHeartbeat(answer));
            }
            Request::AlterPartition(request) => {
                let answer = self.alter_partition(ctx, disk, &request);
                ctx.respond(reply_to, Response::AlterPartition(answer));
            }
            // Clients and brokers do not ask a controller for these.
            Request::Produce(_)
            | Request::ListOffsets(_)
            | Request::Metadata { .. }
            | Request::OffsetForLeaderEpoch(_) => {}
        }
    }

    pub fn on_timer(&mut self, ctx: &mut Ctx<'_>, disk: &mut Disk, timer: Timer) {
        match timer {
            Timer::SessionCheck => self.check_sessions(ctx, disk),
            Timer::UncleanElection => self.elect_unclean(ctx, disk),
            Timer::LeaderBalance => self.balance_leaders(ctx, disk),
            Timer::Parked(parked) => self.complete_fetch(ctx, disk, parked),
            _ => {}
        }
    }

    /// Appends the records as one batch, flushes, applies them, and wakes the brokers that wait.
    /// Returns the offset of the last record.
    pub(super) fn write(&mut self, ctx: &mut Ctx<'_>, disk: &mut Disk, changes: Changes) -> i64 {
        if changes.0.is_empty() {
            return self.image.next_offset - 1;
        }
        let timestamp = ctx.now().timestamp_ms();
        let mut batch = RecordBatchBuilder::new(self.image.next_offset).leader_epoch(self.epoch);
        for (record, _) in &changes.0 {
            batch.append(timestamp, None, Some(&record.encode()), &[]);
        }
        let batch =
            RecordBatch::parse(batch.build()).expect("a batch that was just built is whole");
        self.log
            .append_as_leader(disk, &batch, self.epoch, ctx.now())
            .expect("the controller's own batch fits its log");
        let end = self.log.log_end_offset();
        self.log.flush(disk, end);
        self.log.update_high_watermark(end);
        let mut last_event = ctx.cause;
        for (record, reason) in changes.0 {
            last_event = self.apply(ctx, record, reason);
        }
        let mut ctx = ctx.because(last_event);
        for (parked, _) in self.purgatory.watchers(&metadata_partition()) {
            self.complete_fetch(&mut ctx, disk, parked);
        }
        self.image.next_offset - 1
    }

    /// Applies one record and tells what it means.
    fn apply(
        &mut self,
        ctx: &mut Ctx<'_>,
        record: MetadataRecord,
        reason: ChangeReason,
    ) -> EventId {
        let offset = self.image.next_offset;
        let before = match &record {
            MetadataRecord::PartitionChange { partition_id, topic_id, .. } => self
                .partition_of(*topic_id, *partition_id)
                .map(|(_, p)| (p.isr.clone(), p.leader_epoch)),
            _ => None,
        };
        let touched = self.image.apply(&record);
        let record = Arc::new(record);
        let event = ctx.emit(EventKind::MetadataAppended { offset, record: record.clone() });
        let mut ctx = ctx.because(event);
        if let super::metadata_image::Touched::Partition(partition) = touched {
            let registration = self.image.partition(&partition).expect("it was just touched");
            let (old_isr, old_epoch) = before.unwrap_or((Vec::new(), -1));
            if registration.leader_epoch != old_epoch {
                let unclean = registration
                    .leader
                    .is_some_and(|leader| !old_isr.is_empty() && !old_isr.contains(&leader));
                ctx.emit(EventKind::LeaderElected {
                    partition: partition.clone(),
                    leader: registration.leader,
                    leader_epoch: registration.leader_epoch,
                    unclean,
                    reason,
                });
            }
            if registration.isr != old_isr {
                ctx.emit(EventKind::IsrChanged {
                    partition,
                    isr: registration.isr.clone(),
                    partition_epoch: registration.partition_epoch,
                    reason,
                });
            }
        }
        event
    }

    pub(super) fn partition_of(
        &self,
        topic_id: Uuid,
        partition: i32,
    ) -> Option<(&Arc<str>, &super::metadata_image::PartitionRegistration)> {
        let (name, topic) =
            self.image.topics.iter().find(|(_, topic)| topic.topic_id == topic_id)?;
        Some((name, topic.partitions.get(&partition)?))
    }

    // Brokers fetch the metadata log as observers.

    fn handle_fetch(
        &mut self,
        ctx: &mut Ctx<'_>,
        disk: &Disk,
        reply_to: ReplyTo,
        request: FetchRequest,
    ) {
        let Some(data) = self.read(disk, &request) else {
            return;
        };
        let has_news =
            !data.records.is_empty() || data.diverging_epoch.is_some() || data.error.is_some();
        if has_news {
            return ctx
                .respond(reply_to, Response::Fetch(FetchResponse { partitions: vec![data] }));
        }
        let wait_ms = request.max_wait_ms;
        let parked = self.purgatory.park_fetch(reply_to, Arc::new(request));
        let partition = metadata_partition();
        let kind =
            EventKind::RequestParked { api: Api::Fetch, partition, reason: ParkReason::NoData };
        let event = ctx.emit(kind);
        ctx.because(event).set_timer_in(Timer::Parked(parked), wait_ms);
    }

    fn complete_fetch(&mut self, ctx: &mut Ctx<'_>, disk: &Disk, parked: u64) {
        let Some(fetch) = self.purgatory.take_fetch(parked) else {
            return;
        };
        ctx.cancel_timer(Timer::Parked(parked));
        if let Some(data) = self.read(disk, &fetch.request) {
            ctx.respond(fetch.reply_to, Response::Fetch(FetchResponse { partitions: vec![data] }));
        }
    }

    fn read(&self, disk: &Disk, request: &FetchRequest) -> Option<PartitionData> {
        let asked = request.partitions.first()?;
        let mut data = PartitionData {
            partition: asked.partition.clone(),
            asked_leader_epoch: asked.current_leader_epoch,
            asked_offset: asked.fetch_offset,
            error: None,
            high_watermark: self.log.high_watermark(),
            log_start_offset: self.log.log_start_offset(),
            diverging_epoch: None,
            records: Vec::new(),
        };
        if asked.last_fetched_epoch >= 0 {
            let end = self.log.end_offset_for_epoch(asked.last_fetched_epoch);
            if end.leader_epoch < asked.last_fetched_epoch || end.end_offset < asked.fetch_offset {
                data.diverging_epoch = Some(DivergingEpoch {
                    epoch: end.leader_epoch,
                    end_offset: end.end_offset.max(0),
                });
                return Some(data);
            }
        }
        match self.log.read(
            disk,
            asked.fetch_offset,
            request.max_bytes,
            self.log.high_watermark(),
            true,
        ) {
            Ok(read) => data.records = read.batches,
            Err(error) => data.error = Some(error.as_kafka_error()),
        }
        Some(data)
    }
}
