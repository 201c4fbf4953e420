//! The start state of a run: how many nodes, which seed, which settings. Together with the inputs it
//! determines everything that happens. Its textual form is in [`crate::script`].

mod mutant;

pub use mutant::Mutant;

use crate::ids::{FIRST_CONTROLLER, NodeId};
use crate::log::log_config::LogConfig;
use crate::log::unified_log::Faults;
use crate::replication::history_rule::HistoryRule;
use crate::replication::replica_selector::ReplicaSelector;
use std::collections::BTreeSet;
use std::sync::Arc;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClusterSpec {
    pub seed: u64,
    /// 1 to [`ClusterSpec::MAX_BROKERS`].
    pub brokers: i32,
    /// Voters of the KRaft quorum, 1 to [`ClusterSpec::MAX_CONTROLLERS`].
    pub controllers: i32,
    pub roles: ProcessRoles,
    /// `broker.rack` of the first brokers, in their order, and of the others from the beginning again;
    /// `None` for one that is not said to be anywhere. Empty where no broker has a rack.
    pub racks: Vec<Option<Arc<str>>>,
    /// One-way network delay, drawn per message, in microseconds.
    pub network_delay_us: (u64, u64),
    /// Of a thousand answers that bring records to a follower, how many arrive with one bit changed
    /// that TCP's checksum did not see.
    pub network_damage_per_mille: u32,
    /// How long a written byte stays only in the page cache before the operating system writes it
    /// back, in virtual ms. Linux: 30 s (`vm.dirty_expire_centisecs`).
    pub writeback_ms: u64,
    /// How often a process looks at what of the metadata log and its snapshots may go. Kafka: 60 s,
    /// and it cannot be set.
    pub metadata_clean_ms: u64,
    pub broker: BrokerConfig,
    /// Defaults of every topic.
    pub log: LogConfig,
    /// By which of Kafka's rules, today's or an older one, followers truncate their logs.
    pub history: HistoryRule,
    /// `eligible.leader.replicas.version`: whether who leaves an ISR below min.insync.replicas stays
    /// electable (KIP-966).
    pub eligible_leader_replicas: bool,
    /// `transaction.version`: 2 is KIP-890, every transaction with an epoch of its own and known to its
    /// coordinator by the leaders; before 1 the coordinator's records are not flexible.
    pub transaction_version: u8,
    /// The engine broken on purpose, to prove the checkers.
    pub mutants: BTreeSet<Mutant>,
}

impl ClusterSpec {
    pub const MAX_BROKERS: i32 = 12;
    pub const MAX_CONTROLLERS: i32 = 5;
    pub const TRANSACTION_VERSION_MAX: u8 = 2;

    pub fn new(brokers: i32, seed: u64) -> Self {
        ClusterSpec {
            seed,
            brokers,
            controllers: 1,
            roles: ProcessRoles::Isolated,
            racks: Vec::new(),
            network_delay_us: (5_000, 15_000),
            network_damage_per_mille: 0,
            writeback_ms: 30_000,
            metadata_clean_ms: 60_000,
            broker: BrokerConfig::default(),
            log: LogConfig::default(),
            history: HistoryRule::default(),
            eligible_leader_replicas: false,
            transaction_version: ClusterSpec::TRANSACTION_VERSION_MAX,
            mutants: BTreeSet::new(),
        }
    }

    /// What the mutants break in a log.
    pub fn log_faults(&self) -> Faults {
        Faults {
            delete_uncommitted: self.mutants.contains(&Mutant::RetentionIgnoresHighWatermark),
            trust_indexes: self.mutants.contains(&Mutant::RecoveryTrustsIndex),
            take_any_size: self.mutants.contains(&Mutant::BatchSizeNotChecked),
            skip_crc: self.mutants.contains(&Mutant::CrcNotCheckedOnFollowerAppend),
            know_last_batch_only: self.mutants.contains(&Mutant::DuplicateWindowOne),
            take_late_markers: self.mutants.contains(&Mutant::LateMarkerTaken),
        }
    }

    /// `broker.rack`
    pub fn rack_of(&self, broker: NodeId) -> Option<Arc<str>> {
        let place = usize::try_from(broker.0 - 1).ok()?.checked_rem(self.racks.len())?;
        self.racks[place].clone()
    }

    /// `controller.quorum.voters`
    pub fn voters(&self) -> impl Iterator<Item = NodeId> + use<> {
        let first = match self.roles {
            ProcessRoles::Isolated => FIRST_CONTROLLER,
            ProcessRoles::Combined => 1,
        };
        (first..first + self.controllers).map(NodeId)
    }
}

/// The longest name of a rack, in characters.
const RACK_CHARS_MAX: usize = 40;

/// Whether a rack can have that name. Kafka takes any; these stand in a list without quotes.
pub fn is_rack(name: &str) -> bool {
    let allowed = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_');
    (1..=RACK_CHARS_MAX).contains(&name.chars().count()) && name.chars().all(allowed)
}

/// `process.roles` of the voters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum ProcessRoles {
    /// They have nodes of their own.
    #[default]
    Isolated,
    /// They are the first brokers, in the same processes and on the same disks. There are not more
    /// voters than brokers then.
    Combined,
}

/// Kafka's default where something is not to happen at all (`Long.MAX_VALUE`).
pub const NEVER_MS: u64 = i64::MAX as u64;

/// More than any disk does in a second (`Double.MAX_VALUE` in Kafka).
const NO_LIMIT: u64 = i64::MAX as u64;

/// Broker settings by Kafka's names (dots for underscores), in Kafka's units, with Kafka's defaults.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrokerConfig {
    pub replica_lag_time_max_ms: u64,
    pub replica_fetch_wait_max_ms: u64,
    pub replica_fetch_backoff_ms: u64,
    pub replica_fetch_max_bytes: u32,
    pub replica_socket_timeout_ms: u64,
    pub replica_high_watermark_checkpoint_interval_ms: u64,
    pub log_flush_offset_checkpoint_interval_ms: u64,
    pub broker_heartbeat_interval_ms: u64,
    pub broker_session_timeout_ms: u64,
    pub controller_quorum_election_timeout_ms: u64,
    pub controller_quorum_election_backoff_max_ms: u64,
    pub controller_quorum_fetch_timeout_ms: u64,
    pub controller_quorum_request_timeout_ms: u64,
    pub controller_quorum_retry_backoff_ms: u64,
    /// Of an answer to a fetch of the metadata log, and to one of a snapshot of it (KIP-1219).
    pub controller_quorum_fetch_max_bytes: u32,
    pub controller_quorum_fetch_snapshot_max_bytes: u32,
    pub metadata_log_segment_bytes: u32,
    pub metadata_log_segment_ms: u64,
    /// A snapshot is made after so many bytes of records, or with the first record after so long.
    pub metadata_log_max_record_bytes_between_snapshots: u64,
    pub metadata_log_max_snapshot_interval_ms: u64,
    /// Of the metadata log and its snapshots together.
    pub metadata_max_retention_bytes: u64,
    pub metadata_max_retention_ms: u64,
    pub unclean_leader_election_interval_ms: u64,
    pub auto_leader_rebalance_enable: bool,
    pub leader_imbalance_check_interval_seconds: u64,
    /// Taken, as Kafka takes it, and read by nobody: a KRaft controller gives every partition back to its
    /// preferred leader, however few there are (`maybeBalancePartitionLeaders`).
    pub leader_imbalance_per_broker_percentage: u64,
    pub log_initial_task_delay_ms: u64,
    pub log_retention_check_interval_ms: u64,
    /// How often logs are looked at for `flush.ms`; never, unless it is set.
    pub log_flush_scheduler_interval_ms: u64,
    pub log_cleaner_enable: bool,
    pub log_cleaner_backoff_ms: u64,
    pub log_cleaner_dedupe_buffer_size: u64,
    pub log_cleaner_io_max_bytes_per_second: u64,
    /// Bytes a second of throttled replicas that a broker sends as a leader.
    pub leader_replication_throttled_rate: u64,
    /// Bytes a second of throttled replicas that a broker takes as a follower.
    pub follower_replication_throttled_rate: u64,
    pub replica_selector_class: ReplicaSelector,
    /// How long the coordinator of an empty group waits for more members after the first.
    pub group_initial_rebalance_delay_ms: u64,
    pub group_min_session_timeout_ms: u64,
    pub group_max_session_timeout_ms: u64,
    pub offsets_topic_num_partitions: i32,
    /// At most as many as there are brokers: Kafka would wait for more.
    pub offsets_topic_replication_factor: i16,
    pub offsets_topic_segment_bytes: u32,
    pub offsets_retention_minutes: u64,
    pub offsets_retention_check_interval_ms: u64,
    pub offsets_commit_timeout_ms: u64,
    /// How often members by the consumer protocol say that they are there (KIP-848).
    pub group_consumer_heartbeat_interval_ms: u64,
    pub group_consumer_session_timeout_ms: u64,
    pub transaction_state_log_num_partitions: i32,
    /// At most as many as there are brokers, as with the offsets.
    pub transaction_state_log_replication_factor: i16,
    pub transaction_state_log_min_isr: i16,
    pub transaction_state_log_segment_bytes: u32,
    /// The longest `transaction.timeout.ms` that a producer may ask for.
    pub transaction_max_timeout_ms: u64,
    pub transaction_abort_timed_out_transaction_cleanup_interval_ms: u64,
    pub transactional_id_expiration_ms: u64,
    pub transaction_remove_expired_transaction_cleanup_interval_ms: u64,
    /// Whether a leader asks the coordinator before it begins a transaction (KIP-890).
    pub transaction_partition_verification_enable: bool,
}

impl Default for BrokerConfig {
    fn default() -> Self {
        BrokerConfig {
            replica_lag_time_max_ms: 30_000,
            replica_fetch_wait_max_ms: 500,
            replica_fetch_backoff_ms: 1_000,
            replica_fetch_max_bytes: 1_048_576,
            replica_socket_timeout_ms: 30_000,
            replica_high_watermark_checkpoint_interval_ms: 5_000,
            log_flush_offset_checkpoint_interval_ms: 60_000,
            broker_heartbeat_interval_ms: 2_000,
            broker_session_timeout_ms: 9_000,
            controller_quorum_election_timeout_ms: 1_000,
            controller_quorum_election_backoff_max_ms: 1_000,
            controller_quorum_fetch_timeout_ms: 2_000,
            controller_quorum_request_timeout_ms: 2_000,
            controller_quorum_retry_backoff_ms: 20,
            controller_quorum_fetch_max_bytes: 1_048_576,
            controller_quorum_fetch_snapshot_max_bytes: 1_048_576,
            metadata_log_segment_bytes: 1_073_741_824,
            metadata_log_segment_ms: 604_800_000,
            metadata_log_max_record_bytes_between_snapshots: 20_971_520,
            metadata_log_max_snapshot_interval_ms: 3_600_000,
            metadata_max_retention_bytes: 104_857_600,
            metadata_max_retention_ms: 604_800_000,
            unclean_leader_election_interval_ms: 300_000,
            auto_leader_rebalance_enable: true,
            leader_imbalance_check_interval_seconds: 300,
            leader_imbalance_per_broker_percentage: 10,
            log_initial_task_delay_ms: 30_000,
            log_retention_check_interval_ms: 300_000,
            log_flush_scheduler_interval_ms: NEVER_MS,
            log_cleaner_enable: true,
            log_cleaner_backoff_ms: 15_000,
            log_cleaner_dedupe_buffer_size: 134_217_728,
            log_cleaner_io_max_bytes_per_second: NO_LIMIT,
            leader_replication_throttled_rate: NO_LIMIT,
            follower_replication_throttled_rate: NO_LIMIT,
            replica_selector_class: ReplicaSelector::default(),
            group_initial_rebalance_delay_ms: 3_000,
            group_min_session_timeout_ms: 6_000,
            group_max_session_timeout_ms: 1_800_000,
            offsets_topic_num_partitions: 50,
            offsets_topic_replication_factor: 3,
            offsets_topic_segment_bytes: 104_857_600,
            offsets_retention_minutes: 10_080,
            offsets_retention_check_interval_ms: 600_000,
            offsets_commit_timeout_ms: 5_000,
            group_consumer_heartbeat_interval_ms: 5_000,
            group_consumer_session_timeout_ms: 45_000,
            transaction_state_log_num_partitions: 50,
            transaction_state_log_replication_factor: 3,
            transaction_state_log_min_isr: 2,
            transaction_state_log_segment_bytes: 104_857_600,
            transaction_max_timeout_ms: 900_000,
            transaction_abort_timed_out_transaction_cleanup_interval_ms: 10_000,
            transactional_id_expiration_ms: 604_800_000,
            transaction_remove_expired_transaction_cleanup_interval_ms: 3_600_000,
            transaction_partition_verification_enable: true,
        }
    }
}

impl BrokerConfig {
    /// Every setting: its Kafka name and where it is kept.
    pub fn entries(&mut self) -> [(&'static str, Setting<'_>); 56] {
        [
            ("replica.lag.time.max.ms", Setting::Ms(&mut self.replica_lag_time_max_ms)),
            ("replica.fetch.wait.max.ms", Setting::Ms(&mut self.replica_fetch_wait_max_ms)),
            ("replica.fetch.backoff.ms", Setting::Ms(&mut self.replica_fetch_backoff_ms)),
            ("replica.fetch.max.bytes", Setting::Bytes(&mut self.replica_fetch_max_bytes)),
            ("replica.socket.timeout.ms", Setting::Ms(&mut self.replica_socket_timeout_ms)),
            (
                "replica.high.watermark.checkpoint.interval.ms",
                Setting::Ms(&mut self.replica_high_watermark_checkpoint_interval_ms),
            ),
            (
                "log.flush.offset.checkpoint.interval.ms",
                Setting::Ms(&mut self.log_flush_offset_checkpoint_interval_ms),
            ),
            ("broker.heartbeat.interval.ms", Setting::Ms(&mut self.broker_heartbeat_interval_ms)),
            ("broker.session.timeout.ms", Setting::Ms(&mut self.broker_session_timeout_ms)),
            (
                "controller.quorum.election.timeout.ms",
                Setting::Ms(&mut self.controller_quorum_election_timeout_ms),
            ),
            (
                "controller.quorum.election.backoff.max.ms",
                Setting::Ms(&mut self.controller_quorum_election_backoff_max_ms),
            ),
            (
                "controller.quorum.fetch.timeout.ms",
                Setting::Ms(&mut self.controller_quorum_fetch_timeout_ms),
            ),
            (
                "controller.quorum.request.timeout.ms",
                Setting::Ms(&mut self.controller_quorum_request_timeout_ms),
            ),
            (
                "controller.quorum.retry.backoff.ms",
                Setting::Ms(&mut self.controller_quorum_retry_backoff_ms),
            ),
            (
                "controller.quorum.fetch.max.bytes",
                Setting::Bytes(&mut self.controller_quorum_fetch_max_bytes),
            ),
            (
                "controller.quorum.fetch.snapshot.max.bytes",
                Setting::Bytes(&mut self.controller_quorum_fetch_snapshot_max_bytes),
            ),
            ("metadata.log.segment.bytes", Setting::Bytes(&mut self.metadata_log_segment_bytes)),
            ("metadata.log.segment.ms", Setting::Ms(&mut self.metadata_log_segment_ms)),
            (
                "metadata.log.max.record.bytes.between.snapshots",
                Setting::Memory(&mut self.metadata_log_max_record_bytes_between_snapshots),
            ),
            (
                "metadata.log.max.snapshot.interval.ms",
                Setting::Ms(&mut self.metadata_log_max_snapshot_interval_ms),
            ),
            (
                "metadata.max.retention.bytes",
                Setting::Memory(&mut self.metadata_max_retention_bytes),
            ),
            ("metadata.max.retention.ms", Setting::Ms(&mut self.metadata_max_retention_ms)),
            (
                "unclean.leader.election.interval.ms",
                Setting::Ms(&mut self.unclean_leader_election_interval_ms),
            ),
            (
                "auto.leader.rebalance.enable",
                Setting::Switch(&mut self.auto_leader_rebalance_enable),
            ),
            (
                "leader.imbalance.check.interval.seconds",
                Setting::Seconds(&mut self.leader_imbalance_check_interval_seconds),
            ),
            (
                "leader.imbalance.per.broker.percentage",
                Setting::Percentage(&mut self.leader_imbalance_per_broker_percentage),
            ),
            ("log.initial.task.delay.ms", Setting::Ms(&mut self.log_initial_task_delay_ms)),
            (
                "log.retention.check.interval.ms",
                Setting::Ms(&mut self.log_retention_check_interval_ms),
            ),
            (
                "log.flush.scheduler.interval.ms",
                Setting::Ms(&mut self.log_flush_scheduler_interval_ms),
            ),
            ("log.cleaner.enable", Setting::Switch(&mut self.log_cleaner_enable)),
            ("log.cleaner.backoff.ms", Setting::Ms(&mut self.log_cleaner_backoff_ms)),
            (
                "log.cleaner.dedupe.buffer.size",
                Setting::Memory(&mut self.log_cleaner_dedupe_buffer_size),
            ),
            (
                "log.cleaner.io.max.bytes.per.second",
                Setting::Memory(&mut self.log_cleaner_io_max_bytes_per_second),
            ),
            (
                "leader.replication.throttled.rate",
                Setting::Memory(&mut self.leader_replication_throttled_rate),
            ),
            (
                "follower.replication.throttled.rate",
                Setting::Memory(&mut self.follower_replication_throttled_rate),
            ),
            ("replica.selector.class", Setting::Selector(&mut self.replica_selector_class)),
            (
                "group.initial.rebalance.delay.ms",
                Setting::Ms(&mut self.group_initial_rebalance_delay_ms),
            ),
            ("group.min.session.timeout.ms", Setting::Ms(&mut self.group_min_session_timeout_ms)),
            ("group.max.session.timeout.ms", Setting::Ms(&mut self.group_max_session_timeout_ms)),
            (
                "offsets.topic.num.partitions",
                Setting::Partitions(&mut self.offsets_topic_num_partitions),
            ),
            (
                "offsets.topic.replication.factor",
                Setting::Replicas(&mut self.offsets_topic_replication_factor),
            ),
            ("offsets.topic.segment.bytes", Setting::Bytes(&mut self.offsets_topic_segment_bytes)),
            ("offsets.retention.minutes", Setting::Minutes(&mut self.offsets_retention_minutes)),
            (
                "offsets.retention.check.interval.ms",
                Setting::Ms(&mut self.offsets_retention_check_interval_ms),
            ),
            ("offsets.commit.timeout.ms", Setting::Ms(&mut self.offsets_commit_timeout_ms)),
            (
                "group.consumer.heartbeat.interval.ms",
                Setting::Ms(&mut self.group_consumer_heartbeat_interval_ms),
            ),
            (
                "group.consumer.session.timeout.ms",
                Setting::Ms(&mut self.group_consumer_session_timeout_ms),
            ),
            (
                "transaction.state.log.num.partitions",
                Setting::Partitions(&mut self.transaction_state_log_num_partitions),
            ),
            (
                "transaction.state.log.replication.factor",
                Setting::Replicas(&mut self.transaction_state_log_replication_factor),
            ),
            (
                "transaction.state.log.min.isr",
                Setting::Replicas(&mut self.transaction_state_log_min_isr),
            ),
            (
                "transaction.state.log.segment.bytes",
                Setting::Bytes(&mut self.transaction_state_log_segment_bytes),
            ),
            ("transaction.max.timeout.ms", Setting::Ms(&mut self.transaction_max_timeout_ms)),
            (
                "transaction.abort.timed.out.transaction.cleanup.interval.ms",
                Setting::Ms(&mut self.transaction_abort_timed_out_transaction_cleanup_interval_ms),
            ),
            (
                "transactional.id.expiration.ms",
                Setting::Ms(&mut self.transactional_id_expiration_ms),
            ),
            (
                "transaction.remove.expired.transaction.cleanup.interval.ms",
                Setting::Ms(&mut self.transaction_remove_expired_transaction_cleanup_interval_ms),
            ),
            (
                "transaction.partition.verification.enable",
                Setting::Switch(&mut self.transaction_partition_verification_enable),
            ),
        ]
    }
}

impl BrokerConfig {
    /// Those that can be altered while a broker runs (`LogCleaner.RECONFIGURABLE_CONFIGS`,
    /// `DynamicReplicationConfig`).
    const DYNAMIC: [&'static str; 5] = [
        "log.cleaner.backoff.ms",
        "log.cleaner.dedupe.buffer.size",
        "log.cleaner.io.max.bytes.per.second",
        "leader.replication.throttled.rate",
        "follower.replication.throttled.rate",
    ];

    pub fn is_dynamic(name: &str) -> bool {
        Self::DYNAMIC.contains(&name)
    }

    /// `None` if there is no such setting.
    pub fn get(&self, name: &str) -> Option<String> {
        self.clone().entry(name).map(|setting| setting.text())
    }

    /// False, and nothing is changed, if there is no such setting or it cannot have that value.
    pub fn set(&mut self, name: &str, text: &str) -> bool {
        self.entry(name).is_some_and(|mut setting| setting.set(text))
    }

    fn entry(&mut self, name: &str) -> Option<Setting<'_>> {
        self.entries().into_iter().find(|(known, _)| *known == name).map(|(_, setting)| setting)
    }
}

pub enum Setting<'a> {
    Ms(&'a mut u64),
    Seconds(&'a mut u64),
    Minutes(&'a mut u64),
    /// How many partitions a topic has.
    Partitions(&'a mut i32),
    /// How many replicas a partition has.
    Replicas(&'a mut i16),
    Percentage(&'a mut u64),
    Bytes(&'a mut u32),
    /// Bytes, of which there may be many.
    Memory(&'a mut u64),
    Switch(&'a mut bool),
    Selector(&'a mut ReplicaSelector),
}

/// Longer than any run; keeps sums of times far from overflow.
const MS_MAX: u64 = 1 << 40;

impl Setting<'_> {
    pub fn text(&self) -> String {
        match self {
            Setting::Ms(value)
            | Setting::Seconds(value)
            | Setting::Minutes(value)
            | Setting::Percentage(value)
            | Setting::Memory(value) => value.to_string(),
            Setting::Partitions(value) => value.to_string(),
            Setting::Replicas(value) => value.to_string(),
            Setting::Bytes(value) => value.to_string(),
            Setting::Switch(value) => value.to_string(),
            Setting::Selector(value) => value.name().to_string(),
        }
    }

    /// The greatest number that fits; `None` where it takes no number. The least is 1: every such
    /// setting is a pace or a size.
    pub fn most(&self) -> Option<u64> {
        match self {
            Setting::Ms(_) | Setting::Memory(_) => Some(MS_MAX),
            Setting::Seconds(_) => Some(MS_MAX / 1_000),
            Setting::Minutes(_) => Some(MS_MAX / 60_000),
            Setting::Partitions(_) => Some(50),
            Setting::Replicas(_) => Some(ClusterSpec::MAX_BROKERS as u64),
            Setting::Percentage(_) => Some(100),
            Setting::Bytes(_) => Some(i32::MAX as u64),
            Setting::Switch(_) | Setting::Selector(_) => None,
        }
    }

    /// All that it can be, where it takes no number.
    pub fn choices(&self) -> &'static [&'static str] {
        match self {
            Setting::Switch(_) => &["true", "false"],
            Setting::Selector(_) => &ReplicaSelector::NAMES,
            _ => &[],
        }
    }

    /// False, and nothing is changed, if the text is no value of this setting.
    pub fn set(&mut self, text: &str) -> bool {
        let most = self.most();
        let number = text.parse().ok().filter(|number| (1..=most.unwrap_or(0)).contains(number));
        match (self, number) {
            (
                Setting::Ms(place)
                | Setting::Seconds(place)
                | Setting::Minutes(place)
                | Setting::Percentage(place)
                | Setting::Memory(place),
                Some(number),
            ) => **place = number,
            (Setting::Bytes(place), Some(number)) => **place = number as u32,
            (Setting::Partitions(place), Some(number)) => **place = number as i32,
            (Setting::Replicas(place), Some(number)) => **place = number as i16,
            (Setting::Switch(place), _) => match text.parse() {
                Ok(on) => **place = on,
                Err(_) => return false,
            },
            (Setting::Selector(place), _) => match ReplicaSelector::from_name(text) {
                Some(selector) => **place = selector,
                None => return false,
            },
            _ => return false,
        }
        true
    }
}
