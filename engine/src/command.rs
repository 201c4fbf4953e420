//! Commands: what a person, a lesson or a link may ask of the cluster. A command may be refused,
//! with words; it never half happens. Its textual form is in [`crate::script`].

mod consumers;
pub(crate) mod links;
mod refusal;
mod transaction;
pub mod workload;

pub use consumers::*;
pub use refusal::*;
pub use transaction::{Process, TransactionAct};

use self::workload::Workload;
use crate::ids::{Address, ConfigResource, EnvelopeId, NodeId, TopicPartition};
use crate::protocol::{Acks, Api};
use crate::record::CompressionType;
use crate::sim::disk::DiskCondition;
use crate::sim::link_fault::LinkFault;
use bytes::Bytes;
use serde::{Deserialize, Serialize};
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
    /// `transaction NAME begin|commit|abort`: what the application of a transactional producer calls.
    Transaction {
        producer: Arc<str>,
        act: TransactionAct,
    },
    /// `send-offsets NAME group=G orders-0=5`: offsets that a group commits with the open transaction.
    SendOffsets {
        producer: Arc<str>,
        group: Arc<str>,
        offsets: Vec<(TopicPartition, i64)>,
    },
    /// `process IN OUT`: an application that reads, processes and writes, exactly once.
    Process(Process),
    /// `kafka-transactions.sh abort`: ends a transaction in one partition of which no coordinator knows.
    AbortTransaction {
        partition: TopicPartition,
        start_offset: i64,
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
