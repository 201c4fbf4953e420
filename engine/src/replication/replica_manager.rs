//! All replicas of one broker: which it leads, which it follows and from whom, who waits for what.
//! Kafka's `ReplicaManager`. The rules of a single replica are in [`super::partition`], those of a
//! follower's log in [`super::replica_fetcher`].
//!
//! Here: metadata and the ISR. Fetching from leaders is in `following`, answering clients
//! and followers in `serving`, which replica a consumer reads in `read_replica`.

mod checkpoints;
mod following;
pub mod isolation;
mod log_management;
mod markers;
mod read_replica;
mod removal;
mod serving;
#[cfg(test)]
mod tests;

pub(super) use log_management::raise_log_start;
pub use markers::Verified;

use self::checkpoints::Outdated;
use super::fetch_session::FetchSessionCache;
use super::history_rule::HistoryRule;
use super::partition::Partition;
use super::purgatory::Purgatory;
use super::replica_fetcher::{self, ReplicaFetcher, Waiting};
use super::replication_quota::ReplicationQuota;
use crate::controller::metadata_image::MetadataImage;
use crate::controller::partition_registration::{LeaderRecoveryState, PartitionRegistration};
use crate::event::{EventKind, TruncationReason};
use crate::ids::{ConfigResource, EventId, NodeId, TopicPartition};
use crate::log::log_manager::LogManager;
use crate::log::unified_log::UnifiedLog;
use crate::protocol::*;
use crate::sim::disk::Disk;
use crate::spec::BrokerConfig;
use crate::world::{Call, Ctx, Timer};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

pub const HIGH_WATERMARK_CHECKPOINT: &str = "replication-offset-checkpoint";
pub const RECOVERY_POINT_CHECKPOINT: &str = "recovery-point-offset-checkpoint";
pub const LOG_START_CHECKPOINT: &str = "log-start-offset-checkpoint";

/// How long a broker waits for the controller (`controller.socket.timeout.ms`).
const CONTROLLER_TIMEOUT_MS: u64 = 30_000;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplicaManager {
    me: NodeId,
    /// What the broker was started with, under what has been altered since.
    settings: Arc<BrokerConfig>,
    pub partitions: BTreeMap<TopicPartition, Arc<Partition>>,
    /// Logs found on the disk at start whose partition the metadata have not yet named.
    unassigned: BTreeMap<TopicPartition, UnifiedLog>,
    pub fetchers: BTreeMap<NodeId, ReplicaFetcher>,
    fetcher_rounds: u64,
    pub purgatory: Purgatory,
    pub sessions: FetchSessionCache,
    pub log_manager: LogManager,
    /// Of the brokers that can serve, as the metadata say.
    racks: BTreeMap<NodeId, Arc<str>>,
    /// What it has sent of throttled replicas as a leader, and taken as a follower.
    leader_quota: ReplicationQuota,
    follower_quota: ReplicationQuota,
    /// In which some member of the ISR may lag, or what changed since somebody looked.
    isrs_to_watch: BTreeSet<TopicPartition>,
    marks_outdated: Outdated,
    points_outdated: Outdated,
    /// Partitions of `__consumer_offsets` whose high watermark has moved, each with that event, since the
    /// group coordinator last looked.
    committed: Vec<(TopicPartition, EventId)>,
}

/// What the manager needs to know of its broker while it handles something.
pub struct Env<'a> {
    pub image: &'a MetadataImage,
    pub broker_epoch: i64,
    pub controller: NodeId,
}

impl ReplicaManager {
    pub fn new(
        me: NodeId,
        settings: BrokerConfig,
        logs: BTreeMap<TopicPartition, UnifiedLog>,
    ) -> Self {
        ReplicaManager {
            me,
            settings: Arc::new(settings),
            partitions: BTreeMap::new(),
            unassigned: logs,
            fetchers: BTreeMap::new(),
            fetcher_rounds: 0,
            purgatory: Purgatory::default(),
            sessions: FetchSessionCache::default(),
            log_manager: LogManager::default(),
            racks: BTreeMap::new(),
            leader_quota: ReplicationQuota::default(),
            follower_quota: ReplicationQuota::default(),
            isrs_to_watch: BTreeSet::new(),
            marks_outdated: Outdated::default(),
            points_outdated: Outdated::default(),
            committed: Vec::new(),
        }
    }

    /// A replica that is about to change: whoever fetches it from here looks at it again, and so do
    /// the fetcher that keeps it up with its leader and what is done every few seconds.
    fn partition_mut(&mut self, id: &TopicPartition) -> Option<&mut Partition> {
        let partition = Arc::make_mut(self.partitions.get_mut(id)?);
        self.sessions.touch(partition);
        if let Some(fetcher) = partition.leader.and_then(|leader| self.fetchers.get_mut(&leader)) {
            fetcher.session.touch(id);
        }
        if !self.isrs_to_watch.contains(id) {
            self.isrs_to_watch.insert(id.clone());
        }
        self.marks_outdated.touch(id);
        self.points_outdated.touch(id);
        Some(partition)
    }

    // Metadata.

    /// Takes over what the metadata now say of the touched partitions.
    pub fn apply_metadata(
        &mut self,
        ctx: &mut Ctx<'_>,
        disk: &mut Disk,
        env: &Env<'_>,
        touched: &BTreeSet<TopicPartition>,
    ) {
        let mut changed_leaders = BTreeSet::new();
        let mut removed = false;
        for id in touched {
            let Some(registration) = env.image.partition(id) else {
                continue;
            };
            if !registration.replicas.contains(&self.me) {
                removed |= self.remove_reassigned(ctx, disk, id);
                continue;
            }
            self.ensure_log(ctx, disk, env.image, id);
            if registration.leader == Some(self.me) {
                self.lead(ctx, disk, env, id, registration);
            } else {
                changed_leaders.extend(self.follow(ctx, disk, id, registration));
            }
        }
        for leader in changed_leaders {
            self.fetch_from(ctx, env, leader);
        }
        self.wake_cleaner(ctx, touched.iter());
        if removed {
            self.checkpoint_high_watermarks(ctx, disk);
            self.checkpoint_recovery_points(disk);
        }
    }

    /// Configs of a topic or of brokers changed; the logs here that it concerns take them over.
    pub fn apply_config(&mut self, ctx: &mut Ctx<'_>, env: &Env<'_>, resource: &ConfigResource) {
        let spec = ctx.spec();
        let topic = match resource {
            ConfigResource::Topic(topic) => Some(topic),
            ConfigResource::Broker(id) if *id != self.me => return,
            _ => {
                self.settings = Arc::new(env.image.broker_config(self.me, &spec.broker));
                None
            }
        };
        let concerned = |id: &&TopicPartition| topic.is_none_or(|topic| id.topic == *topic);
        let ids: Vec<_> = self.partitions.keys().filter(concerned).cloned().collect();
        for id in ids {
            let config = env.image.log_config(&id.topic, self.me, &spec.log);
            if let Some(partition) = self.partition_mut(&id) {
                partition.log.set_config(config);
            }
            self.wake_cleaner(ctx, std::iter::once(&id));
        }
    }

    fn ensure_log(
        &mut self,
        ctx: &mut Ctx<'_>,
        disk: &mut Disk,
        image: &MetadataImage,
        id: &TopicPartition,
    ) {
        if self.partitions.contains_key(id) {
            return;
        }
        let config = image.log_config(&id.topic, self.me, &ctx.world.spec.log);
        let topic_id = image.topics[&id.topic].topic_id;
        let log = match self.unassigned.remove(id) {
            Some(mut log) => {
                log.set_config(config);
                log
            }
            None => {
                let mut log = UnifiedLog::create(disk, id, topic_id, config, ctx.now());
                log.faults = ctx.world.spec.log_faults();
                log
            }
        };
        self.partitions.insert(id.clone(), Arc::new(Partition::new(id.clone(), topic_id, log)));
        self.sessions.touch_missing(id);
    }

    fn lead(
        &mut self,
        ctx: &mut Ctx<'_>,
        disk: &mut Disk,
        env: &Env<'_>,
        id: &TopicPartition,
        registration: &PartitionRegistration,
    ) {
        self.stop_fetching(ctx, id);
        let me = self.me;
        let Some(partition) = self.partition_mut(id) else {
            return;
        };
        if let Some(effects) = partition.make_leader(ctx, disk, env.image, registration, me) {
            self.settle(ctx, disk, env, id, effects, false);
        }
    }

    /// Returns the leader to fetch from, if the partition has to.
    fn follow(
        &mut self,
        ctx: &mut Ctx<'_>,
        disk: &mut Disk,
        id: &TopicPartition,
        registration: &PartitionRegistration,
    ) -> Option<NodeId> {
        let partition = self.partition_mut(id)?;
        let was_leader = partition.is_leader();
        let new_epoch = partition.make_follower(ctx, registration);
        if !new_epoch && !was_leader {
            return None;
        }
        let history = ctx.world.spec.history;
        if history == HistoryRule::TruncateToHw {
            let to = partition.log.high_watermark();
            replica_fetcher::truncate(ctx, disk, partition, to, TruncationReason::HighWatermark);
        }
        self.stop_fetching(ctx, id);
        // Consumers may wait at a follower as well.
        self.fail_parked(ctx, disk, id, KafkaError::NotLeaderOrFollower);
        let leader = registration.leader?;
        let rounds = &mut self.fetcher_rounds;
        let fetcher = self.fetchers.entry(leader).or_insert_with(|| {
            *rounds += 1;
            ReplicaFetcher { round: *rounds, ..ReplicaFetcher::default() }
        });
        fetcher.partitions.insert(id.clone());
        fetcher.session.touch(id);
        if history.asks_for_epoch_end() {
            fetcher.waiting.insert(id.clone(), Waiting { until: ctx.now(), truncating: true });
        }
        Some(leader)
    }

    fn stop_fetching(&mut self, ctx: &mut Ctx<'_>, id: &TopicPartition) {
        self.fetchers.retain(|leader, fetcher| {
            fetcher.waiting.remove(id);
            fetcher.session.touch(id);
            if fetcher.partitions.remove(id) && fetcher.partitions.is_empty() {
                if let Some(correlation_id) = fetcher.in_flight {
                    ctx.forget_call(correlation_id);
                }
                ctx.cancel_timer(Timer::ReplicaFetch(*leader));
                return false;
            }
            true
        });
    }

    /// The broker does not lead, or not in that epoch, or has the replica no more: whoever waits here is
    /// told so.
    fn fail_parked(
        &mut self,
        ctx: &mut Ctx<'_>,
        disk: &mut Disk,
        id: &TopicPartition,
        error: KafkaError,
    ) {
        self.settle_parked(ctx, id, |_| true, Some(error));
        for (parked, _) in self.sessions.parked_for(id) {
            self.complete_fetch(ctx, disk, parked);
        }
    }

    // The ISR.

    pub fn expire_isrs(&mut self, ctx: &mut Ctx<'_>, env: &Env<'_>) {
        let (me, partitions) = (self.me, &self.partitions);
        self.isrs_to_watch.retain(|id| partitions.get(id).is_some_and(|p| p.may_lag(me)));
        let lags = |id: &&TopicPartition| !partitions[*id].lagging(ctx, me).is_empty();
        let lag: Vec<_> = self.isrs_to_watch.iter().filter(lags).cloned().collect();
        for id in lag {
            let proposed = self.partition_mut(&id).and_then(|p| p.maybe_shrink_isr(ctx, me));
            if let Some(event) = proposed {
                self.send_alter_partition(&mut ctx.because(event), env, &id);
            }
        }
    }

    pub fn send_alter_partition(&mut self, ctx: &mut Ctx<'_>, env: &Env<'_>, id: &TopicPartition) {
        let Some(partition) = self.partitions.get(id) else {
            return;
        };
        let Some(leading) = &partition.leading else {
            return;
        };
        let Some(pending) = &leading.pending_isr else {
            return;
        };
        let epoch_of = |node: NodeId| {
            if node == self.me {
                env.broker_epoch
            } else {
                leading.remote.get(&node).map_or(-1, |state| state.broker_epoch)
            }
        };
        let request = AlterPartitionRequest {
            broker: self.me,
            broker_epoch: env.broker_epoch,
            topic_id: partition.topic_id,
            partition: id.clone(),
            leader_epoch: partition.leader_epoch,
            partition_epoch: partition.partition_epoch,
            new_isr: pending.proposed.iter().map(|&node| (node, epoch_of(node))).collect(),
            // Whatever it has is the truth, however it came to lead: there is nothing to recover from
            // elsewhere.
            leader_recovery_state: LeaderRecoveryState::Recovered,
        };
        let call = Call::AlterPartition { partition: id.clone() };
        ctx.request(env.controller, Request::AlterPartition(request), CONTROLLER_TIMEOUT_MS, call);
    }

    pub fn on_alter_partition_reply(
        &mut self,
        ctx: &mut Ctx<'_>,
        disk: &mut Disk,
        env: &Env<'_>,
        id: &TopicPartition,
        reply: Reply,
    ) {
        let Some(partition) = self.partition_mut(id) else {
            return;
        };
        match reply {
            Reply::Response(Response::AlterPartition(Ok(answer))) => {
                let (leader_epoch, partition_epoch) = (answer.leader_epoch, answer.partition_epoch);
                let effects =
                    partition.commit_isr(ctx, env.image, leader_epoch, partition_epoch, answer.isr);
                self.settle(ctx, disk, env, id, effects, false);
            }
            Reply::Response(Response::AlterPartition(Err(error))) => {
                ctx.emit(EventKind::AlterPartitionRefused { partition: id.clone(), error });
                match error {
                    KafkaError::IneligibleReplica => partition.drop_proposal(),
                    // The metadata are on their way and will settle it.
                    KafkaError::UnknownTopicOrPartition
                    | KafkaError::UnknownTopicId
                    | KafkaError::FencedLeaderEpoch
                    | KafkaError::InvalidUpdateVersion
                    | KafkaError::InvalidRequest
                    | KafkaError::NewLeaderElected => {}
                    _ => ctx.set_timer_in(Timer::AlterPartition(id.clone()), 1_000),
                }
            }
            _ => ctx.set_timer_in(Timer::AlterPartition(id.clone()), 1_000),
        }
    }

    /// Clean shutdown: everything to the disk.
    pub fn close(&mut self, ctx: &mut Ctx<'_>, disk: &mut Disk) {
        for partition in self.partitions.values_mut() {
            Arc::make_mut(partition).log.close(disk);
        }
        self.points_outdated = Outdated::All;
        self.checkpoint_high_watermarks(ctx, disk);
        self.checkpoint_recovery_points(disk);
    }
}
