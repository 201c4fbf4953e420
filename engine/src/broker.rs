//! A broker: it recovers its logs, registers with the controller, follows the metadata log, serves
//! clients and other brokers, and shuts down in order. What happens to replicas is in
//! [`crate::replication`]; the state of the cluster it knows is its [`MetadataImage`]. How the metadata
//! log gets here is its process's raft client's.

mod producer_id_manager;
mod transactions;

use crate::controller::metadata_image::{BrokerRegistration, MetadataImage, Touched};
use crate::controller::metadata_loader::MetadataLoader;
use crate::controller::partition_registration::PartitionRegistration;
use crate::event::EventKind;
use crate::group::coordinator::GroupCoordinator;
use crate::ids::{ConfigResource, NodeId, TopicPartition, Uuid};
use crate::log::checkpoint::OffsetCheckpoint;
use crate::log::unified_log::{LoadOptions, UnifiedLog};
use crate::protocol::*;
use crate::raft::metadata_log::metadata_partition;
use crate::raft::raft_client::RaftClient;
use crate::replication::replica_manager::{
    Env, HIGH_WATERMARK_CHECKPOINT, LOG_START_CHECKPOINT, RECOVERY_POINT_CHECKPOINT, ReplicaManager,
};
use crate::sim::disk::Disk;
use crate::transaction::coordinator::TransactionCoordinator;
use crate::transaction::transaction_record::TRANSACTION_STATE_TOPIC;
use crate::world::{Call, Ctx, ReplyTo, Timer, TxnCall};
pub use producer_id_manager::ProducerIdManager;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use transactions::Verifications;

const CLEAN_SHUTDOWN_FILE: &str = ".kafka_cleanshutdown";
/// How long it waits for producer ids (`controller.socket.timeout.ms`).
const CONTROLLER_TIMEOUT_MS: u64 = 30_000;
const REGISTRATION_RETRY_MS: u64 = 1_000;
/// Between heartbeats of a broker that has yet to be unfenced (`BrokerLifecycleManager`).
const STARTING_HEARTBEAT_MS: u64 = 10;
/// How long a broker that cannot reach the controller waits before it stops all the same.
const SHUTDOWN_DEADLINE_MS: u64 = 300_000;
/// How long a broker waits for the controller to create a topic (`request.timeout.ms`).
/// `request.timeout.ms` of a broker, for what it asks another broker.
pub const REQUEST_TIMEOUT_MS: u64 = 30_000;
const CREATE_TIMEOUT_MS: u64 = 30_000;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broker {
    pub id: NodeId,
    incarnation_id: Uuid,
    /// From the last clean shutdown; -1 after an unclean one.
    previous_broker_epoch: i64,
    /// Given by the controller; -1 until registered.
    pub broker_epoch: i64,
    pub shutting_down: bool,
    /// Who is taken for the active controller.
    controller: NodeId,
    pub loader: MetadataLoader,
    pub image: MetadataImage,
    /// Metadata reach the replicas only once this process's own registration is among them: what
    /// the log said before was meant for an earlier process.
    caught_up: bool,
    /// It has been unfenced at least once.
    has_run: bool,
    pub replicas: ReplicaManager,
    producer_ids: ProducerIdManager,
    pub groups: GroupCoordinator,
    pub transactions: TransactionCoordinator,
    verifications: Verifications,
    /// The internal topic that it has asked the controller for.
    creating_topic: Option<&'static str>,
}

/// What the process wants of its node after it has handled something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    GoOn,
    /// Controlled shutdown is complete.
    Exit,
}

impl Broker {
    /// Recovers what the disk holds.
    pub fn load(ctx: &mut Ctx<'_>, disk: &mut Disk, id: NodeId, incarnation_id: Uuid) -> Broker {
        let clean_epoch =
            disk.read_all(CLEAN_SHUTDOWN_FILE).and_then(|text| broker_epoch_of(&text));
        let clean = clean_epoch.is_some();
        if clean {
            disk.delete(CLEAN_SHUTDOWN_FILE);
        }
        let logs = load_logs(ctx, disk, id, clean);
        let mut broker = Broker {
            id,
            incarnation_id,
            previous_broker_epoch: clean_epoch.unwrap_or(-1),
            broker_epoch: -1,
            shutting_down: false,
            controller: ctx.spec().voters().next().expect("a quorum has a voter"),
            loader: MetadataLoader::of_broker(id, ctx.now()),
            image: MetadataImage::default(),
            caught_up: false,
            has_run: false,
            replicas: ReplicaManager::new(id, ctx.spec().broker.clone(), logs),
            producer_ids: ProducerIdManager::default(),
            groups: GroupCoordinator::default(),
            transactions: TransactionCoordinator::default(),
            verifications: Verifications::default(),
            creating_topic: None,
        };
        broker.replicas.resume_deletions(ctx, disk);
        broker
    }

    /// Joins the cluster.
    pub fn start(&mut self, ctx: &mut Ctx<'_>, raft: &RaftClient) {
        self.controller = raft.leader_or_guess();
        let settings = ctx.spec();
        ctx.set_timer_in(Timer::IsrExpiration, settings.broker.replica_lag_time_max_ms / 2);
        ctx.set_timer_in(
            Timer::HighWatermarkCheckpoint,
            settings.broker.replica_high_watermark_checkpoint_interval_ms,
        );
        ctx.set_timer_in(
            Timer::RecoveryPointCheckpoint,
            settings.broker.log_flush_offset_checkpoint_interval_ms,
        );
        self.replicas.start_log_timers(ctx);
        let interval_ms = settings.broker.offsets_retention_check_interval_ms;
        ctx.set_timer_in(Timer::OffsetsRetention, interval_ms);
        self.register(ctx);
    }

    fn register(&self, ctx: &mut Ctx<'_>) {
        let request = BrokerRegistrationRequest {
            broker: self.id,
            incarnation_id: self.incarnation_id,
            rack: ctx.world.spec.rack_of(self.id),
            previous_broker_epoch: self.previous_broker_epoch,
        };
        let timeout_ms = ctx.world.spec.broker.broker_session_timeout_ms / 2;
        let request = Request::BrokerRegistration(request);
        ctx.request(self.controller, request, timeout_ms, Call::Registration);
    }

    fn heartbeat(&self, ctx: &mut Ctx<'_>) {
        let request = BrokerHeartbeatRequest {
            broker: self.id,
            broker_epoch: self.broker_epoch,
            current_metadata_offset: self.image.next_offset - 1,
            want_shut_down: self.shutting_down,
        };
        let timeout_ms = ctx.world.spec.broker.broker_session_timeout_ms / 2;
        let request = Request::BrokerHeartbeat(request);
        ctx.request(self.controller, request, timeout_ms, Call::Heartbeat);
    }

    pub fn begin_shutdown(&mut self, ctx: &mut Ctx<'_>) {
        self.shutting_down = true;
        ctx.set_timer_in(Timer::ShutdownDeadline, SHUTDOWN_DEADLINE_MS);
        if self.broker_epoch >= 0 {
            ctx.cancel_timer(Timer::Heartbeat);
            self.heartbeat(ctx);
        }
    }

    /// The last act of a controlled shutdown: everything flushed, and a file that says so.
    pub fn close(&mut self, ctx: &mut Ctx<'_>, disk: &mut Disk) {
        self.replicas.close(ctx, disk);
        let text = format!("{{\"version\":0,\"brokerEpoch\":{}}}", self.broker_epoch);
        disk.replace(CLEAN_SHUTDOWN_FILE, text.into());
    }

    pub fn on_request(
        &mut self,
        ctx: &mut Ctx<'_>,
        disk: &mut Disk,
        reply_to: ReplyTo,
        request: Request,
    ) {
        let controller = self.controller;
        let env = Env { image: &self.image, broker_epoch: self.broker_epoch, controller };
        match request {
            Request::Produce(request) => self.produce(ctx, disk, reply_to, request),
            Request::Fetch(request) => {
                self.replicas.handle_fetch(ctx, &env, disk, reply_to, request)
            }
            Request::ListOffsets(request) => {
                let answer = self.replicas.list_offsets(disk, &request);
                ctx.respond(reply_to, Response::ListOffsets(answer));
            }
            Request::OffsetForLeaderEpoch(request) => {
                let answer = self.replicas.offset_for_leader_epoch(&request);
                ctx.respond(reply_to, Response::OffsetForLeaderEpoch(answer));
            }
            Request::Metadata { topics } => {
                let answer = metadata_answer(&self.image, &topics);
                ctx.respond(reply_to, Response::Metadata(answer));
            }
            Request::AlterPartition(_) => {
                let answer = Response::AlterPartition(Err(KafkaError::NotController));
                ctx.respond(reply_to, answer);
            }
            Request::BrokerRegistration(_) => {
                let answer = Response::BrokerRegistration(Err(KafkaError::NotController));
                ctx.respond(reply_to, answer);
            }
            Request::BrokerHeartbeat(_) => {
                let answer = Response::BrokerHeartbeat(Err(KafkaError::NotController));
                ctx.respond(reply_to, answer);
            }
            Request::InitProducerId(request) if request.transactional_id.is_none() => {
                let answer = self.producer_ids.generate();
                self.maybe_ask_for_producer_ids(ctx);
                ctx.respond(reply_to, Response::InitProducerId(answer));
            }
            Request::AllocateProducerIds(_) => {
                let answer = Response::AllocateProducerIds(Err(KafkaError::NotController));
                ctx.respond(reply_to, answer);
            }
            Request::FindCoordinator { key_type, key } => {
                let answer = self.find_coordinator(ctx, key_type, &key);
                ctx.respond(reply_to, Response::FindCoordinator(answer));
            }
            request @ (Request::InitProducerId(_)
            | Request::AddPartitionsToTxn(_)
            | Request::AddOffsetsToTxn(_)
            | Request::EndTxn(_)) => {
                let ids = &mut self.producer_ids;
                self.transactions.on_request(ctx, &env, ids, reply_to, request);
                self.maybe_ask_for_producer_ids(ctx);
            }
            Request::WriteTxnMarkers(request) => {
                self.write_txn_markers(ctx, disk, reply_to, &request);
            }
            Request::TxnOffsetCommit(request) => {
                self.commit_in_transaction(ctx, disk, reply_to, request);
            }
            request @ (Request::JoinGroup(_)
            | Request::SyncGroup(_)
            | Request::Heartbeat(_)
            | Request::LeaveGroup(_)
            | Request::ConsumerGroupHeartbeat(_)
            | Request::OffsetCommit(_)
            | Request::OffsetFetch(_)) => {
                let replicas = (&mut self.replicas, &env);
                self.groups.on_request(ctx, disk, replicas, reply_to, request);
            }
            // Only voters are asked for these.
            Request::Vote(_)
            | Request::BeginQuorumEpoch(_)
            | Request::EndQuorumEpoch(_)
            | Request::FetchSnapshot(_)
            | Request::CreateTopics(_) => {}
        }
        self.settle_coordinators(ctx, disk);
    }

    pub fn on_reply(
        &mut self,
        ctx: &mut Ctx<'_>,
        disk: &mut Disk,
        call: Call,
        reply: Reply,
    ) -> Wish {
        let controller = self.controller;
        match call {
            Call::Registration => match reply {
                Reply::Response(Response::BrokerRegistration(Ok(broker_epoch))) => {
                    self.broker_epoch = broker_epoch;
                    self.heartbeat(ctx);
                }
                _ => ctx.set_timer_in(Timer::Registration, REGISTRATION_RETRY_MS),
            },
            Call::Heartbeat => return self.on_heartbeat_reply(ctx, reply),
            Call::ReplicaFetch { leader, round } => {
                let env = Env { image: &self.image, broker_epoch: self.broker_epoch, controller };
                self.replicas.on_fetch_reply(ctx, disk, &env, (leader, round), reply);
            }
            Call::ReplicaOffsets { partition, leader_epoch, .. } => {
                self.replicas.on_offsets_reply(ctx, disk, &partition, leader_epoch, reply);
            }
            Call::ReplicaEpochEnd { leader, partition, leader_epoch } => {
                let env = Env { image: &self.image, broker_epoch: self.broker_epoch, controller };
                let about = (leader, &partition, leader_epoch);
                self.replicas.on_epoch_end_reply(ctx, disk, &env, about, reply);
            }
            Call::AlterPartition { partition } => {
                let env = Env { image: &self.image, broker_epoch: self.broker_epoch, controller };
                self.replicas.on_alter_partition_reply(ctx, disk, &env, &partition, reply);
            }
            Call::AllocateProducerIds => {
                let block = match reply {
                    Reply::Response(Response::AllocateProducerIds(answer)) => answer.ok(),
                    _ => None,
                };
                self.producer_ids.on_block(ctx.now(), block);
            }
            Call::CreateTopics => self.creating_topic = None,
            Call::Txn(TxnCall::VerifyTransaction { held }) => {
                self.on_verified(ctx, disk, held, reply)
            }
            Call::Txn(TxnCall::WriteTxnMarkers {
                transactional_id,
                coordinator_epoch,
                partitions,
            }) => {
                let env = Env { image: &self.image, broker_epoch: self.broker_epoch, controller };
                let of = (transactional_id, coordinator_epoch);
                self.transactions.on_markers_reply(ctx, &env, of, &partitions, reply);
            }
            _ => {}
        }
        self.settle_coordinators(ctx, disk);
        Wish::GoOn
    }

    fn maybe_ask_for_producer_ids(&mut self, ctx: &mut Ctx<'_>) {
        if self.producer_ids.wants_block(ctx.now()) {
            let (broker, broker_epoch) = (self.id, self.broker_epoch);
            let request = AllocateProducerIdsRequest { broker, broker_epoch };
            let request = Request::AllocateProducerIds(request);
            ctx.request(self.controller, request, CONTROLLER_TIMEOUT_MS, Call::AllocateProducerIds);
        }
    }

    fn on_heartbeat_reply(&mut self, ctx: &mut Ctx<'_>, reply: Reply) -> Wish {
        let mut interval_ms = ctx.world.spec.broker.broker_heartbeat_interval_ms;
        if let Reply::Response(Response::BrokerHeartbeat(Ok(answer))) = &reply {
            self.has_run |= !answer.is_fenced;
            if !self.has_run {
                interval_ms = interval_ms.min(STARTING_HEARTBEAT_MS);
            }
        }
        match reply {
            Reply::Response(Response::BrokerHeartbeat(Ok(answer))) if answer.should_shut_down => {
                return Wish::Exit;
            }
            _ => ctx.set_timer_in(Timer::Heartbeat, interval_ms),
        }
        Wish::GoOn
    }

    /// Takes over what the raft client has come to know: who leads, and what is committed.
    pub fn follow(&mut self, ctx: &mut Ctx<'_>, disk: &mut Disk, raft: &RaftClient) {
        self.controller = raft.leader_or_guess();
        let end = raft.high_watermark();
        let before = self.image.next_offset;
        if end <= before {
            return;
        }
        let mut partitions = BTreeSet::new();
        let mut configs = BTreeSet::new();
        let mut removed_topics = BTreeSet::new();
        let mut brokers_changed = false;
        let mut removed_names = BTreeSet::new();
        if let Some(image) = self.loader.load_snapshot(ctx, disk, &raft.log, &self.image) {
            // What is not in it any more has been deleted meanwhile.
            for image in [&self.image, &image] {
                partitions.extend(image.partitions().map(|(id, _)| id));
                configs.extend(image.topics.keys().cloned().map(ConfigResource::Topic));
            }
            configs.extend([ConfigResource::BrokerDefault, ConfigResource::Broker(self.id)]);
            let known = self.image.topics.values().map(|topic| topic.topic_id);
            removed_topics.extend(known.filter(|topic_id| !image.has_topic_id(*topic_id)));
            let gone = self.image.topics.keys().filter(|name| !image.topics.contains_key(*name));
            removed_names.extend(gone.cloned());
            self.image = image;
            brokers_changed = true;
        }
        let first = self.image.next_offset;
        for (offset, record) in self.loader.committed_records(disk, &raft.log, first) {
            match self.image.apply(offset, &record) {
                Touched::Partition(partition) => {
                    partitions.insert(partition);
                }
                Touched::Elrs(touched) => partitions.extend(touched),
                Touched::RemovedTopic { topic, topic_id } => {
                    removed_topics.insert(topic_id);
                    removed_names.insert(topic);
                }
                Touched::Config(resource) => {
                    configs.insert(resource);
                }
                Touched::Broker(_) | Touched::RemovedBroker(_) => brokers_changed = true,
                Touched::Nothing => {}
            }
        }
        self.image.next_offset = end.max(first);
        if brokers_changed {
            self.replicas.learn_racks(&self.image);
        }
        let offset = self.image.next_offset - 1;
        let event = ctx.emit(EventKind::MetadataApplied { node: self.id, offset });
        let mut ctx = ctx.because(event);
        let mut removed = false;
        if !self.caught_up {
            if self.broker_epoch < 0 || offset < self.broker_epoch {
                return;
            }
            self.caught_up = true;
            partitions = self.image.partitions().map(|(id, _)| id).collect();
            configs.insert(ConfigResource::Broker(self.id));
            removed = self.replicas.set_strays_aside(&mut ctx, disk, &self.image);
        }
        let controller = self.controller;
        let env = Env { image: &self.image, broker_epoch: self.broker_epoch, controller };
        removed |= self.replicas.remove_topics(&mut ctx, disk, &removed_topics);
        for resource in configs {
            self.replicas.apply_config(&mut ctx, &env, &resource);
        }
        self.replicas.apply_metadata(&mut ctx, disk, &env, &partitions);
        if removed {
            // What the files say of a name must not be taken for another topic's.
            self.replicas.checkpoint_high_watermarks(&mut ctx, disk);
            self.replicas.checkpoint_recovery_points(disk);
        }
        self.groups.on_leadership(&mut ctx, &self.replicas);
        self.transactions.on_leadership(&mut ctx, &self.replicas);
        if !removed_names.is_empty() {
            let replicas = (&mut self.replicas, &env);
            self.groups.on_topics_deleted(&mut ctx, disk, replicas, &removed_names);
        }
        self.settle_coordinators(&mut ctx, disk);
    }

    /// What `kafka-consumer-groups.sh` asks of the group's coordinator.
    pub fn administer_group(
        &mut self,
        ctx: &mut Ctx<'_>,
        disk: &mut Disk,
        group: &Arc<str>,
        offsets: Option<&[(TopicPartition, i64)]>,
    ) {
        let (broker_epoch, controller) = (self.broker_epoch, self.controller);
        let env = Env { image: &self.image, broker_epoch, controller };
        self.groups.administer(ctx, disk, (&mut self.replicas, &env), group, offsets);
    }

    /// Writes the metadata down, if it is time.
    pub fn maybe_snapshot(&mut self, ctx: &mut Ctx<'_>, disk: &mut Disk, raft: &mut RaftClient) {
        self.loader.maybe_snapshot(ctx, disk, &mut raft.log, &self.image);
    }

    pub fn on_timer(&mut self, ctx: &mut Ctx<'_>, disk: &mut Disk, timer: Timer) -> Wish {
        let settings = ctx.spec();
        let settings = &settings.broker;
        let controller = self.controller;
        let env = Env { image: &self.image, broker_epoch: self.broker_epoch, controller };
        match timer {
            Timer::Registration => self.register(ctx),
            Timer::Heartbeat => self.heartbeat(ctx),
            Timer::ReplicaFetch(leader) => self.replicas.fetch_from(ctx, &env, leader),
            Timer::Parked(parked) => self.replicas.on_parked_due(ctx, disk, parked),
            Timer::AlterPartition(partition) => {
                self.replicas.send_alter_partition(ctx, &env, &partition);
            }
            Timer::IsrExpiration => {
                self.replicas.expire_isrs(ctx, &env);
                ctx.set_timer_in(Timer::IsrExpiration, settings.replica_lag_time_max_ms / 2);
            }
            Timer::HighWatermarkCheckpoint => {
                self.replicas.checkpoint_high_watermarks(ctx, disk);
                let interval_ms = settings.replica_high_watermark_checkpoint_interval_ms;
                ctx.set_timer_in(Timer::HighWatermarkCheckpoint, interval_ms);
            }
            Timer::RecoveryPointCheckpoint => {
                self.replicas.checkpoint_recovery_points(disk);
                let interval_ms = settings.log_flush_offset_checkpoint_interval_ms;
                ctx.set_timer_in(Timer::RecoveryPointCheckpoint, interval_ms);
            }
            Timer::LogRetention | Timer::LogFlush | Timer::DeleteFiles | Timer::LogCleaner => {
                self.replicas.on_log_timer(ctx, disk, &timer);
            }
            Timer::OffsetsRetention => {
                self.groups.expire(ctx, disk, (&mut self.replicas, &env));
                let interval_ms = settings.offsets_retention_check_interval_ms;
                ctx.set_timer_in(Timer::OffsetsRetention, interval_ms);
            }
            Timer::ShutdownDeadline => return Wish::Exit,
            Timer::OffsetsCommit(id, write) if &*id.topic == TRANSACTION_STATE_TOPIC => {
                let timer = Timer::OffsetsCommit(id, write);
                self.transactions.on_timer(ctx, disk, (&self.replicas, &env), timer);
            }
            timer @ (Timer::TransactionsLoaded(_)
            | Timer::TransactionMarkers(_)
            | Timer::AbortTimedOutTransactions
            | Timer::ExpireTransactionalIds) => {
                self.transactions.on_timer(ctx, disk, (&self.replicas, &env), timer);
            }
            timer => self.groups.on_timer(ctx, disk, (&mut self.replicas, &env), timer),
        }
        self.settle_coordinators(ctx, disk);
        Wish::GoOn
    }
}

fn broker_epoch_of(clean_shutdown_file: &[u8]) -> Option<i64> {
    let text = std::str::from_utf8(clean_shutdown_file).ok()?;
    let (_, number) = text.strip_suffix('}')?.rsplit_once(':')?;
    number.trim().parse().ok()
}

/// Loads every partition's log that the disk holds, recovering those that were not closed cleanly.
fn load_logs(
    ctx: &mut Ctx<'_>,
    disk: &mut Disk,
    id: NodeId,
    clean_shutdown: bool,
) -> BTreeMap<TopicPartition, UnifiedLog> {
    let checkpoint = |disk: &Disk, file: &str| -> BTreeMap<TopicPartition, i64> {
        let text = disk.read_all(file).unwrap_or_default();
        let parsed =
            std::str::from_utf8(&text).ok().and_then(|text| OffsetCheckpoint::parse(text).ok());
        parsed.map(|checkpoint| checkpoint.entries.into_iter().collect()).unwrap_or_default()
    };
    let high_watermarks = checkpoint(disk, HIGH_WATERMARK_CHECKPOINT);
    let recovery_points = checkpoint(disk, RECOVERY_POINT_CHECKPOINT);
    let log_starts = checkpoint(disk, LOG_START_CHECKPOINT);
    let mut logs = BTreeMap::new();
    for partition in directories(disk).into_iter().filter(|id| *id != metadata_partition()) {
        let options = LoadOptions {
            clean_shutdown,
            recovery_point: recovery_points.get(&partition).copied().unwrap_or(0),
            high_watermark_checkpoint: high_watermarks.get(&partition).copied().unwrap_or(0),
            log_start_offset_checkpoint: log_starts.get(&partition).copied(),
            faults: ctx.world.spec.log_faults(),
        };
        let config = ctx.world.spec.log.clone();
        let Ok((log, report)) = UnifiedLog::load(disk, &partition, config, options, ctx.now())
        else {
            continue;
        };
        ctx.emit(EventKind::LogRecovered {
            node: id,
            partition: partition.clone(),
            log_end_offset: log.log_end_offset(),
            high_watermark: log.high_watermark(),
            bytes_truncated: report.bytes_truncated,
            clean: clean_shutdown,
        });
        logs.insert(partition, log);
    }
    logs
}

/// The partitions that have a directory on the disk.
pub(crate) fn directories(disk: &Disk) -> BTreeSet<TopicPartition> {
    disk.paths()
        .filter_map(|path| path.split_once('/').and_then(|(directory, _)| directory.parse().ok()))
        .collect()
}

fn metadata_answer(image: &MetadataImage, topics: &[std::sync::Arc<str>]) -> MetadataResponse {
    // A broker that is fenced cannot serve; clients are told to wait.
    let serves = |id: &NodeId| image.brokers.get(id).is_some_and(|broker| !broker.fenced);
    let described = |(&id, broker): (&NodeId, &BrokerRegistration)| MetadataBroker {
        id,
        rack: broker.rack.clone(),
    };
    let brokers = image.brokers.iter().filter(|(id, _)| serves(id)).map(described).collect();
    let mut answer = MetadataResponse { brokers, topics: Vec::new(), unknown_topics: Vec::new() };
    for topic in topics {
        let Some(topic_image) = image.topics.get(topic) else {
            answer.unknown_topics.push(topic.clone());
            continue;
        };
        let described = |(&partition, registration): (&i32, &PartitionRegistration)| {
            let replicas = &registration.replicas;
            PartitionMetadata {
                partition,
                leader: registration.leader.filter(serves),
                leader_epoch: registration.leader_epoch,
                replicas: replicas.clone(),
                offline_replicas: replicas.iter().copied().filter(|id| !serves(id)).collect(),
            }
        };
        answer.topics.push(TopicMetadata {
            topic: topic.clone(),
            topic_id: topic_image.topic_id,
            partitions: topic_image.partitions.iter().map(described).collect(),
        });
    }
    answer
}
