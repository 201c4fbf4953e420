//! Commands: what a person, a lesson or a link may ask of the cluster. A command may be refused,
//! with words; it never half happens. Its textual form is in [`crate::script`].

pub(crate) mod links;
pub mod workload;

use self::workload::Workload;
use crate::group::assignor::Assignor;
use crate::group::assignor::server::ServerAssignor;
use crate::ids::{Address, ConfigResource, EnvelopeId, NodeId, TopicPartition};
use crate::iso8601::{duration_text, parse_duration};
use crate::protocol::{Acks, Api};
use crate::record::CompressionType;
use crate::sim::disk::DiskCondition;
use crate::sim::link_fault::LinkFault;
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::sync::Arc;

#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Command {
    /// `kafka-topics.sh --create`
    CreateTopic(CreateTopic),
    /// `kafka-topics.sh --delete`
    DeleteTopic {
        topic: Arc<str>,
    },
    /// `kafka-topics.sh --alter --partitions N`
    AddPartitions {
        topic: Arc<str>,
        /// How many there are to be in all.
        partitions: i32,
        /// `--replica-assignment`, of all of them: what it says of those that are there is not looked at.
        /// Empty: the controller places them.
        replica_assignment: Vec<Vec<NodeId>>,
    },
    /// `kafka-configs.sh --alter --add-config/--delete-config`; `None` deletes.
    AlterConfigs {
        resource: ConfigResource,
        changes: Vec<(String, Option<String>)>,
    },
    /// `kafka-leader-election.sh`; `None` is every partition.
    ElectLeaders {
        election: ElectionType,
        partition: Option<TopicPartition>,
    },
    /// `kafka-reassign-partitions.sh --execute/--verify/--cancel`
    ReassignPartitions(Reassign),
    /// `produce T key=.. value=..`
    Produce(Produce),
    /// `producer NAME linger.ms=20`: a producer with settings of its own, by Kafka's names.
    CreateProducer {
        producer: Arc<str>,
        configs: Vec<(String, String)>,
    },
    /// `workload NAME topic=T kind=orders`: the application of a producer sends by itself.
    StartWorkload(Workload),
    /// `workload NAME stop`
    StopWorkload {
        producer: Arc<str>,
    },
    /// `consume T`: a consumer that reads every partition of one topic.
    Consume {
        topic: Arc<str>,
        consumer: Arc<str>,
        /// `auto.offset.reset`
        from: StartFrom,
        /// `client.rack`: it may be sent to a replica in its rack (KIP-392).
        client_rack: Option<Arc<str>>,
        /// Its other settings, by Kafka's names.
        configs: Vec<(String, String)>,
        /// As a member of a group it reads what it is assigned.
        group: Option<Box<Membership>>,
    },
    /// `close NAME`: closes a producer or consumer.
    CloseClient {
        client: Arc<str>,
    },
    /// `kill NAME`: the process of a producer or consumer dies; `after=N`: that of a member of a group,
    /// once its application has processed so many records more, and before it commits.
    KillClient {
        client: Arc<str>,
        after: Option<u32>,
    },
    /// `commit NAME`: the application of a member of a group commits its positions.
    Commit {
        consumer: Arc<str>,
    },
    /// `seek NAME P earliest|latest|OFFSET`
    Seek {
        consumer: Arc<str>,
        partition: TopicPartition,
        to: SeekTo,
    },
    /// `pause-partition NAME P`, `resume-partition NAME P`: whether a consumer reads a partition that it has.
    PausePartition {
        consumer: Arc<str>,
        partition: TopicPartition,
        paused: bool,
    },
    /// `assign NAME P...`: a consumer without a group reads these partitions, and no others.
    Assign {
        consumer: Arc<str>,
        partitions: Vec<TopicPartition>,
    },
    /// `subscribe NAME TOPIC...`: a member of a group subscribes these topics, and no others.
    Subscribe {
        consumer: Arc<str>,
        topics: Vec<Arc<str>>,
    },
    /// `application NAME processing=2s`: from now on the application of a group's member takes so long for
    /// a record.
    SetProcessing {
        client: Arc<str>,
        processing_ms: u64,
    },
    /// `kafka-consumer-groups.sh --reset-offsets --execute`
    ResetOffsets(ResetOffsets),
    /// `kafka-consumer-groups.sh --delete`
    DeleteGroup {
        group: Arc<str>,
    },
    /// `delete-records P before=OFFSET`: moves the log start of a partition up; -1 is the high
    /// watermark.
    DeleteRecords {
        partition: TopicPartition,
        offset: i64,
    },
    /// Kills the process; the host and its page cache stay.
    Crash {
        node: NodeId,
    },
    /// The host dies with its page cache; what was not durable may be lost or torn.
    PowerLoss {
        node: NodeId,
    },
    /// Controlled shutdown (SIGTERM).
    Stop {
        node: NodeId,
    },
    /// Freezes the process (a long GC pause, SIGSTOP).
    Pause {
        node: NodeId,
    },
    Resume {
        node: NodeId,
    },
    /// Starts a process that is down; it recovers its logs from its disk.
    Start {
        node: NodeId,
    },
    /// `add-broker [ID]`: a new host with an empty disk, whose broker joins the cluster. `None` is the
    /// lowest id that is free.
    AddBroker {
        node: Option<NodeId>,
    },
    /// `replace NODE`: the host is gone, and an empty one starts with the same `node.id`.
    Replace {
        node: NodeId,
    },
    /// `kafka-cluster.sh unregister --id N`
    UnregisterBroker {
        broker: NodeId,
    },
    /// Cuts a link; messages on it are lost.
    Cut {
        from: Address,
        to: Address,
        one_way: bool,
    },
    /// `link A B delay=50ms loss=30% api=Fetch`: what a link does to messages from now on.
    Link {
        from: Address,
        to: Address,
        one_way: bool,
        /// Only to these requests and their answers.
        api: Option<Api>,
        fault: LinkFault,
    },
    /// Cuts every link of a node.
    Isolate {
        node: NodeId,
    },
    /// Leaves of the links between these nodes only those to the neighbours in this order, the last
    /// and the first being neighbours.
    RingCut {
        nodes: Vec<NodeId>,
    },
    /// Heals a link in both directions.
    Heal {
        from: Address,
        to: Address,
    },
    /// Heals every link of a node or client.
    HealEnd {
        end: Address,
    },
    HealAll,
    /// `disk NODE slow by=50ms | full | failing | lost | sound`
    Disk {
        node: NodeId,
        fault: DiskFault,
    },
    /// Does something to one message that is under way.
    Envelope {
        envelope: EnvelopeId,
        act: EnvelopeAct,
    },
}

/// What becomes of a disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum DiskFault {
    /// It is like this from now on; slow by up to
    /// [`DELAY_MS_MAX`](crate::sim::link_fault::DELAY_MS_MAX).
    Becomes(DiskCondition),
    /// All that was on it is gone, and an empty one takes its place.
    Lost,
}

/// What can be done to a message that is under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum EnvelopeAct {
    /// It never arrives.
    Drop,
    /// It arrives later, up to [`DELAY_MS_MAX`](crate::sim::link_fault::DELAY_MS_MAX), and those
    /// behind it wait, as on a TCP connection.
    Delay { ms: u64 },
    /// It arrives twice, the second time over another connection.
    Duplicate,
    /// It changes places with the message behind it or, if it is the last, with the one before it.
    Reorder,
}

/// What an election by hand is to bring about (`org.apache.kafka.common.ElectionType`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ElectionType {
    /// The first of the replicas leads, if it is in sync.
    Preferred,
    /// Somebody leads where nobody does, in sync or not, whatever the topic allows.
    Unclean,
}

impl ElectionType {
    pub const ALL: [ElectionType; 2] = [ElectionType::Preferred, ElectionType::Unclean];

    /// As `--election-type` takes it.
    pub fn name(self) -> &'static str {
        match self {
            ElectionType::Preferred => "preferred",
            ElectionType::Unclean => "unclean",
        }
    }
}

/// Where replicas of partitions are to be, the preferred leader first.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Reassign {
    pub action: ReassignAction,
    pub targets: Vec<(TopicPartition, Vec<NodeId>)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ReassignAction {
    /// Begins. `additional`: also while another is under way; `throttle`: in bytes a second.
    Execute { additional: bool, throttle: Option<u64> },
    /// Says how far it is, and takes the throttles away when nothing is under way any more.
    Verify { preserve_throttles: bool },
    /// Takes back what is under way of these partitions.
    Cancel { preserve_throttles: bool },
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct CreateTopic {
    pub topic: Arc<str>,
    pub partitions: i32,
    pub replication_factor: i16,
    /// `--replica-assignment 1:2:3,2:3:1`: replicas of each partition, the preferred leader first.
    /// Replaces the two numbers above.
    pub replica_assignment: Vec<Vec<NodeId>>,
    pub configs: Vec<(String, String)>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Produce {
    pub topic: Arc<str>,
    pub producer: Arc<str>,
    pub partition: Option<i32>,
    pub key: Option<Bytes>,
    /// `None` is a tombstone.
    pub value: Option<Bytes>,
    pub headers: Vec<(String, Bytes)>,
    /// Unix milliseconds; `None` takes the virtual clock's.
    pub timestamp_ms: Option<i64>,
    /// In place of the producer's; other than `all`, these records are not covered by idempotence.
    pub acks: Option<Acks>,
    /// In place of the producer's `compression.type`.
    pub compression: Option<CompressionType>,
    /// How many records; from the second on, `-2`, `-3` ... is added to the value.
    pub count: u32,
}

impl Produce {
    /// The value of its n-th record, from 1.
    pub fn value_of(&self, n: u32) -> Option<Bytes> {
        match (&self.value, n) {
            (Some(value), 2..) => Some([&value[..], format!("-{n}").as_bytes()].concat().into()),
            (value, _) => value.clone(),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum StartFrom {
    Earliest,
    Latest,
    /// Nowhere: without a committed offset the consumer gives up.
    None,
    /// At the first record that is no older than this (KIP-1106).
    ByDuration {
        ms: u64,
    },
}

impl StartFrom {
    /// As `auto.offset.reset` takes it.
    pub fn text(self) -> String {
        match self {
            StartFrom::Earliest => "earliest".to_string(),
            StartFrom::Latest => "latest".to_string(),
            StartFrom::None => "none".to_string(),
            StartFrom::ByDuration { ms } => format!("by_duration:{}", duration_text(ms)),
        }
    }

    pub fn from_text(text: &str) -> Option<Self> {
        match text {
            "earliest" => Some(StartFrom::Earliest),
            "latest" => Some(StartFrom::Latest),
            "none" => Some(StartFrom::None),
            text => {
                let ms = parse_duration(text.strip_prefix("by_duration:")?)?;
                Some(StartFrom::ByDuration { ms })
            }
        }
    }
}

/// A consumer's settings as a member of a group, by Kafka's names (`ConsumerConfig`), and what its
/// application does.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Membership {
    /// `group.id`
    pub group: Arc<str>,
    /// Topics that it subscribes besides the first.
    pub more_topics: Vec<Arc<str>>,
    /// `partition.assignment.strategy`, the best first.
    pub assignors: Vec<Assignor>,
    pub group_instance_id: Option<Arc<str>>,
    pub enable_auto_commit: bool,
    pub auto_commit_interval_ms: u64,
    pub session_timeout_ms: u64,
    pub heartbeat_interval_ms: u64,
    pub max_poll_records: u32,
    pub max_poll_interval_ms: u64,
    /// How long the application takes for a record.
    pub processing_ms: u64,
    /// What the application commits itself.
    pub commit: Option<Commits>,
    pub group_protocol: GroupProtocol,
}

/// `group.protocol`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum GroupProtocol {
    Classic,
    /// KIP-848, with `group.remote.assignor` if that is set.
    Consumer(Option<ServerAssignor>),
}

/// How an application commits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Commits {
    pub how: CommitHow,
    pub when: CommitWhen,
    pub each: CommitEach,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum CommitHow {
    /// `commitSync`: it waits for the answer, and tries again what can be tried again.
    Sync,
    /// `commitAsync`: it goes on, and a commit that fails is not tried again.
    Async,
}

/// Before processing, records may be lost when the application dies; after it, they may come again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum CommitWhen {
    Before,
    After,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum CommitEach {
    /// Once for all that a poll has returned.
    Poll,
    Record,
}

/// Where a consumer goes on to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum SeekTo {
    /// `seekToBeginning`
    Beginning,
    /// `seekToEnd`
    End,
    Offset(i64),
}

impl Membership {
    /// Kafka's defaults, and an application that takes no time.
    pub fn of(group: impl Into<Arc<str>>) -> Self {
        Membership {
            group: group.into(),
            more_topics: Vec::new(),
            assignors: vec![Assignor::Range, Assignor::CooperativeSticky],
            group_instance_id: None,
            enable_auto_commit: true,
            auto_commit_interval_ms: 5_000,
            session_timeout_ms: 45_000,
            heartbeat_interval_ms: 3_000,
            max_poll_records: 500,
            max_poll_interval_ms: 300_000,
            processing_ms: 0,
            commit: None,
            group_protocol: GroupProtocol::Classic,
        }
    }

    /// What it has subscribed, given the first of its topics.
    pub fn topics(&self, first: &Arc<str>) -> BTreeSet<Arc<str>> {
        std::iter::once(first).chain(&self.more_topics).cloned().collect()
    }

    /// Whether it keeps what it owns while it joins again: all its assignors must allow that.
    pub fn is_cooperative(&self) -> bool {
        self.assignors.iter().all(|assignor| assignor.is_cooperative())
    }
}

/// Where a group is to go on.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ResetOffsets {
    pub group: Arc<str>,
    /// `None`: every topic in which the group has committed (`--all-topics`).
    pub topic: Option<Arc<str>>,
    /// `--topic orders:0,1`; empty for all.
    pub partitions: Vec<i32>,
    pub to: ResetTo,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ResetTo {
    Earliest,
    Latest,
    /// To where it is, so that offsets that have expired are committed anew.
    Current,
    Offset(i64),
    ShiftBy(i64),
    /// To the first record that is no older than so many milliseconds.
    ByDuration(u64),
    /// To the first record that is no older than this Unix time in milliseconds.
    Datetime(i64),
}

/// Why a command was not carried out. The cluster is unchanged. Words in both languages are made
/// from it by [`crate::script::words`].
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Refusal {
    NoSuchNode {
        node: NodeId,
    },
    NoSuchClient {
        name: String,
    },
    NoSuchTopic {
        topic: String,
    },
    NoSuchPartition {
        topic: String,
        partition: i32,
        partitions: i32,
    },
    TopicExists {
        topic: String,
    },
    InvalidTopicName {
        topic: String,
        reason: String,
    },
    TopicNameCollides {
        topic: String,
        with: String,
    },
    InvalidPartitions {
        partitions: i32,
        max: i32,
    },
    /// A topic's partitions can only become more.
    NoPartitionsAdded {
        topic: String,
        partitions: i32,
        asked: i32,
    },
    InvalidReplicationFactor {
        replication_factor: i16,
        brokers: i32,
    },
    InvalidAssignment {
        reason: AssignmentProblem,
    },
    /// Of brokers to spread replicas over, some have a rack and these have none.
    RacksMissing {
        brokers: Vec<NodeId>,
    },
    /// A list of partitions to reassign that is empty.
    NothingToReassign,
    /// A partition that stands twice in the list.
    RepeatedPartition {
        partition: TopicPartition,
    },
    /// A reassignment is under way, and the new one is not said to be additional.
    ReassignmentUnderWay,
    /// Nobody of those that a reassignment began with is in sync.
    UncleanRevert {
        partition: TopicPartition,
    },
    InvalidConfig {
        name: String,
        value: String,
        reason: String,
    },
    UnknownConfig {
        name: String,
    },
    /// A setting that a broker reads only at its start.
    NotDynamic {
        name: String,
    },
    ControllerUnavailable,
    AlreadyDown {
        node: NodeId,
    },
    NoPower {
        node: NodeId,
    },
    AlreadyRunning {
        node: NodeId,
    },
    /// A broker of this id is there, running or not.
    BrokerExists {
        node: NodeId,
    },
    /// The ids above are those of controllers.
    InvalidBrokerId {
        id: i32,
        most: i32,
    },
    /// UnregisterBroker of an id that the controller does not know.
    BrokerNotRegistered {
        broker: NodeId,
    },
    NotPaused {
        node: NodeId,
    },
    IsPaused {
        node: NodeId,
    },
    ShuttingDown {
        node: NodeId,
    },
    NameTaken {
        name: String,
    },
    InvalidClientName {
        name: String,
    },
    SameEnds,
    NotLinked,
    /// A ring in which everybody is everybody's neighbour.
    RingTooSmall {
        least: usize,
    },
    TwiceInRing {
        node: NodeId,
    },
    /// The message has arrived, or is lost, or was never sent.
    NotUnderWay {
        from: String,
        to: String,
        number: String,
    },
    /// A controller whose votes and records are forgotten must not vote again under the same id.
    VoterKeepsItsDisk {
        node: NodeId,
    },
    /// It is alone in its direction.
    NothingToOvertake {
        from: String,
        to: String,
    },
    RecordTooLarge {
        bytes: usize,
        max: usize,
    },
    TooMany {
        what: TooMany,
        max: u32,
    },
    /// A group needs `group.id`, and assignors.
    InvalidMembership,
    /// There is no consumer of this name.
    NoSuchConsumer {
        name: String,
    },
    /// Only a member of a group can do that.
    NotInGroup {
        name: String,
    },
    /// Its group gives it its partitions.
    Subscribed {
        name: String,
    },
    /// The consumer has not been given the partition.
    NotAssigned {
        name: String,
        partition: TopicPartition,
    },
    NegativeOffset {
        offset: i64,
    },
    /// Its application sends nothing by itself.
    NoWorkload {
        producer: String,
    },
    /// It sends already.
    WorkloadRuns {
        producer: String,
    },
    NoSuchGroup {
        group: String,
    },
    /// The client is not a consumer in a group.
    NoMember {
        name: String,
    },
    /// It has members: offsets can be reset and a group deleted only without.
    GroupNotEmpty {
        group: String,
    },
    /// No broker coordinates the group just now.
    CoordinatorUnavailable {
        group: String,
    },
    /// No running broker leads the partition.
    LeaderUnavailable {
        partition: TopicPartition,
    },
    /// DeleteRecords beyond what is committed.
    OffsetOutOfRange {
        partition: TopicPartition,
        offset: i64,
        high_watermark: i64,
    },
    /// DeleteRecords on a topic that is only compacted.
    DeletionNotAllowed {
        partition: TopicPartition,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum AssignmentProblem {
    UnknownBroker(NodeId),
    /// Registered, but fenced: `kafka-reassign-partitions.sh` knows only those that serve.
    FencedBroker(NodeId),
    DuplicateBroker(NodeId),
    UnevenReplicas,
    /// Every broker of a partition is fenced or shutting down.
    AllFenced,
    Empty,
    /// There are to be so many more partitions, and this many are assigned.
    OtherCount {
        added: i32,
        assigned: i32,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum TooMany {
    Records,
    RecordsPerSecond,
    Clients,
    Partitions,
    Brokers,
}
