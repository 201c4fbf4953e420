//! What one line of a script can be, and what a script needs to know of the cluster to name things.

use super::condition::Condition;
use super::kafka_console::ConsoleConsumer;
use super::kafka_producer_perf_test::PerfTest;
use super::words::explain::Question;
use crate::cluster::Cluster;
use crate::command::{Command, ResetOffsets};
use crate::explain::partition::About;
use crate::ids::{Address, ClientId, ConfigResource, EventId, NodeId, TopicPartition};
use crate::log::dump::Depth;
use crate::sim::link_fault::PER_MILLE_MAX;
use crate::spec::ClusterSpec;
use std::collections::BTreeSet;
use std::sync::Arc;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    /// `# ...`, or an empty line.
    Prose(String),
    /// `cluster ...`: what the run starts from. Only as the first line.
    Spec(Box<ClusterSpec>),
    /// Asks the cluster; may be refused.
    Command(Command),
    /// Lets time pass.
    Drive(Drive),
    /// Sends, and lets time pass until all is settled.
    PerfTest(PerfTest),
    /// Looks; changes nothing.
    Show(Show),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Drive {
    /// `step N`: the next N pending things.
    Step(u32),
    /// `run 3s`: everything that is due within this time.
    For { ms: u64 },
    /// `run until ... within 60s`
    Until { condition: Condition, within_ms: u64 },
}

/// How long `run until` waits if the line does not say.
pub const WITHIN_MS: u64 = 60_000;
/// How many events `show events` lists if the line does not say.
pub const EVENTS: u32 = 20;
/// A workload's records a second and its seed if the line does not say.
pub const WORKLOAD_RATE: u32 = 10;
pub const WORKLOAD_SEED: u64 = 1;
/// Who produces and who consumes if the line does not say.
pub const PRODUCER: &str = "producer-1";
pub const CONSUMER: &str = "consumer-1";

/// What `kafka-metadata-shell.sh` does with a path of the metadata.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShellCommand {
    Ls,
    Cat,
    Find,
    Tree,
}

impl ShellCommand {
    pub const ALL: [ShellCommand; 4] =
        [ShellCommand::Ls, ShellCommand::Cat, ShellCommand::Find, ShellCommand::Tree];

    pub fn name(self) -> &'static str {
        match self {
            ShellCommand::Ls => "ls",
            ShellCommand::Cat => "cat",
            ShellCommand::Find => "find",
            ShellCommand::Tree => "tree",
        }
    }
}

/// What `kafka-topics.sh --describe` tells of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Described {
    /// Topics, each with its partitions.
    All,
    /// `--topics-with-overrides`: topics on which a config is set, without their partitions.
    Overrides,
    /// Partitions to which one of these applies, without their topics. There is at least one.
    Partitions(BTreeSet<PartitionReport>),
}

/// What may be said of a partition, by the options of `kafka-topics.sh --describe`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PartitionReport {
    UnderReplicated,
    Unavailable,
    UnderMinIsr,
    AtMinIsr,
}

impl PartitionReport {
    pub const ALL: [PartitionReport; 4] = [
        PartitionReport::UnderReplicated,
        PartitionReport::Unavailable,
        PartitionReport::UnderMinIsr,
        PartitionReport::AtMinIsr,
    ];

    pub fn option(self) -> &'static str {
        match self {
            PartitionReport::UnderReplicated => "--under-replicated-partitions",
            PartitionReport::Unavailable => "--unavailable-partitions",
            PartitionReport::UnderMinIsr => "--under-min-isr-partitions",
            PartitionReport::AtMinIsr => "--at-min-isr-partitions",
        }
    }
}

/// What `kafka-consumer-groups.sh --describe` tells of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GroupReport {
    Offsets { verbose: bool },
    Members { verbose: bool },
    State { verbose: bool },
}

/// What is looked at of transactions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TransactionLook {
    /// `show transactions`
    All,
    /// `kafka-transactions.sh list`
    List,
    /// `kafka-transactions.sh describe`
    Describe { transactional_id: Arc<str> },
    /// `kafka-transactions.sh describe-producers`, at the leader or at another broker.
    DescribeProducers { partition: TopicPartition, broker: Option<NodeId> },
    /// `kafka-transactions.sh find-hanging`
    FindHanging {
        broker: Option<NodeId>,
        topic: Option<Arc<str>>,
        partition: Option<i32>,
        max_timeout_minutes: u64,
    },
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Show {
    /// `kafka-topics.sh --describe`
    DescribeTopics {
        topic: Option<Arc<str>>,
        described: Described,
    },
    /// `kafka-topics.sh --list`
    ListTopics,
    /// `kafka-configs.sh --describe`
    DescribeConfigs {
        resource: ConfigResource,
        /// Also what is not set.
        all: bool,
    },
    /// `kafka-metadata-quorum.sh describe`; with `--replication` each replica of the metadata log.
    MetadataQuorum {
        replication: bool,
    },
    /// `kafka-reassign-partitions.sh --list`
    Reassignments,
    /// `kafka-reassign-partitions.sh --generate`
    GenerateReassignment {
        topics: Vec<Arc<str>>,
        brokers: Vec<NodeId>,
        disable_rack_aware: bool,
    },
    /// `kafka-metadata-shell.sh`: of what the node's process knows, or of a snapshot on its disk.
    MetadataShell {
        node: NodeId,
        snapshot: Option<String>,
        command: ShellCommand,
        path: String,
    },
    /// `kafka-get-offsets.sh`; the time is Kafka's number: -1 latest, -2 earliest, -3 max timestamp.
    GetOffsets {
        topic: Option<Arc<str>>,
        time: i64,
    },
    /// `kafka-broker-api-versions.sh`
    BrokerApiVersions,
    /// `kafka-cluster.sh cluster-id`
    ClusterId,
    /// `kafka-cluster.sh list-endpoints`, with or without fenced brokers.
    Endpoints {
        fenced: bool,
    },
    /// `kafka-console-consumer.sh`
    ConsoleConsumer(ConsoleConsumer),
    Transactions(TransactionLook),
    /// `kafka-consumer-groups.sh --list`
    ListGroups {
        state: bool,
        /// `--type`
        kind: bool,
    },
    /// `kafka-consumer-groups.sh --describe`
    DescribeGroup {
        group: Arc<str>,
        report: GroupReport,
    },
    /// `kafka-consumer-groups.sh --reset-offsets --dry-run`
    ResetOffsets(ResetOffsets),
    /// `kafka-dump-log.sh`
    DumpLog {
        node: NodeId,
        files: Vec<String>,
        depth: Depth,
    },
    /// Bytes of a node's directories; an empty `dir` is the root.
    Du {
        node: NodeId,
        dir: String,
    },
    Partition(TopicPartition),
    Log {
        node: NodeId,
        partition: TopicPartition,
    },
    Brokers,
    Clients,
    /// What the monitors have found.
    Monitors,
    /// What has become of what was sent, of one topic or of all.
    Ledger {
        topic: Option<Arc<str>>,
    },
    /// A producer: who it is, what it gathers, what is in flight.
    Producer(Arc<str>),
    /// All that a client is set to.
    Settings(Arc<str>),
    /// A consumer: its positions, what is committed, and what its application does.
    Consumer(Arc<str>),
    PageCache,
    Envelopes,
    /// The last so many events.
    Events(u32),
    /// The causes of an event, back to the command; `None`: of the last one that a story tells.
    Why(Option<EventId>),
    /// Why something is still in a log: the oldest segment, or the record at the offset.
    WhyNot {
        question: Question,
        node: NodeId,
        partition: TopicPartition,
        offset: Option<i64>,
    },
    /// Why a partition is as it is.
    WhyIs {
        about: About,
        partition: TopicPartition,
    },
    /// Why there is this active controller, or none.
    WhyQuorum,
    /// Why a broker serves or is fenced.
    WhyBroker(NodeId),
    /// Why a consumer reads a partition from the leader or from a follower (KIP-392).
    WhyReadReplica {
        consumer: Arc<str>,
        partition: TopicPartition,
    },
    /// Why a member of a group reads a partition, or why nobody does.
    WhyOwner {
        partition: TopicPartition,
        group: Arc<str>,
    },
    /// What has become of a record.
    WhyRecord {
        partition: TopicPartition,
        offset: i64,
    },
    /// Files of a node; an empty `dir` is the root.
    Ls {
        node: NodeId,
        dir: String,
    },
    Cat {
        node: NodeId,
        path: String,
    },
    Help {
        verb: Option<String>,
    },
}

/// Clients are numbers in commands and names in text.
pub trait Names {
    fn client_named(&self, name: &str) -> Option<ClientId>;
    fn client_name(&self, id: ClientId) -> Option<String>;
    /// Every name, for suggestions.
    fn client_names(&self) -> Vec<String>;
}

impl Names for Cluster {
    fn client_named(&self, name: &str) -> Option<ClientId> {
        Cluster::client_named(self, name).map(|client| client.id)
    }

    fn client_name(&self, id: ClientId) -> Option<String> {
        self.client(id).map(|client| client.name.to_string())
    }

    fn client_names(&self) -> Vec<String> {
        self.clients().map(|client| client.name.to_string()).collect()
    }
}

/// Where there are no clients: before the cluster has started.
pub struct NoClients;

impl Names for NoClients {
    fn client_named(&self, _: &str) -> Option<ClientId> {
        None
    }

    fn client_name(&self, _: ClientId) -> Option<String> {
        None
    }

    fn client_names(&self) -> Vec<String> {
        Vec::new()
    }
}

/// What a person calls an address.
pub fn address_text(address: Address, names: &dyn Names) -> String {
    match address {
        Address::Node(id) => id.to_string(),
        Address::Client(id) => names.client_name(id).unwrap_or_else(|| format!("client-{}", id.0)),
    }
}

/// A length of time as the largest unit that holds it whole: `500ms`, `3s`, `2m`, `1h`, `7d`.
pub fn duration_text(ms: u64) -> String {
    let units = [(86_400_000, "d"), (3_600_000, "h"), (60_000, "m"), (1_000, "s")];
    match units.iter().find(|(size, _)| ms > 0 && ms.is_multiple_of(*size)) {
        Some((size, unit)) => format!("{}{unit}", ms / size),
        None => format!("{ms}ms"),
    }
}

/// Thousandths as a percentage: `30%`, `2.5%`.
pub fn percent_text(per_mille: u32) -> String {
    match (per_mille / 10, per_mille % 10) {
        (whole, 0) => format!("{whole}%"),
        (whole, tenth) => format!("{whole}.{tenth}%"),
    }
}

/// Thousandths, at most all of them.
pub fn parse_percent(text: &str) -> Option<u32> {
    let number = text.strip_suffix('%')?;
    let (whole, tenth) = number.split_once('.').unwrap_or((number, "0"));
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if !is_digits(whole) || !is_digits(tenth) || tenth.len() > 1 {
        return None;
    }
    let per_mille = whole.parse::<u32>().ok()?.checked_mul(10)? + tenth.parse::<u32>().ok()?;
    (per_mille <= PER_MILLE_MAX).then_some(per_mille)
}

pub fn parse_duration(text: &str) -> Option<u64> {
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, unit) = text.split_at(digits);
    let size = match unit {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(size)
}
