//! What the page shows, as plain values: made from a [`Cluster`](kafkascope_engine::cluster::Cluster)
//! and compared with `==`. Nothing here knows the browser, so all of it is tested natively.
//!
//! [`View`] is the whole shown moment; [`layout`] says where its parts stand on the stage;
//! [`inspect`] says everything about one selected thing; [`shown`] chooses what of a large cluster is
//! drawn; [`history`] remembers what is worth finding again. Absent: signals, elements, words of a language.

pub mod build;
pub mod bytes;
pub mod compare;
pub mod curve;
pub mod envelope;
pub mod groups;
pub mod history;
pub mod inspect;
pub mod layout;
pub mod ledger;
pub mod monitor;
pub mod moving;
pub mod replica;
pub mod selection;
pub mod shown;
pub mod stairs;
pub mod text_fit;

use kafkascope_engine::event::{Direction, Event, TruncationReason};
use kafkascope_engine::ids::{Address, ClientId, EnvelopeId, NodeId, TopicPartition};
use kafkascope_engine::metrics::{Gauges, Trouble};
use kafkascope_engine::protocol::{Api, KafkaError};
use kafkascope_engine::sim::disk::{DiskCondition, ReadCounters};
use kafkascope_engine::sim::link_fault::LinkFault;
use kafkascope_engine::sim::time::SimTime;
use std::sync::Arc;

pub use selection::Selection;

/// One shown moment. Immutable; a new one is published whenever the moment changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct View {
    /// How many inputs lie before this moment, and how many there are.
    pub position: usize,
    pub len: usize,
    /// Where the scenario's set-up ended: what "back to the start" means first.
    pub home: usize,
    pub now: SimTime,
    /// When the next step will happen.
    pub next_due: Option<SimTime>,
    pub playing: bool,
    /// Playing has stopped by itself: nothing more is to be seen unless somebody does something.
    pub at_rest: bool,
    /// In hundredths: 100 is 1x.
    pub speed_percent: u32,
    /// The controllers first, then the brokers.
    pub nodes: Vec<NodeView>,
    /// Those that are drawn; the rest is in `topics` and `gauges`.
    pub partitions: Vec<PartitionView>,
    /// Every topic with its number of partitions, by name.
    pub topics: Vec<(Arc<str>, i32)>,
    /// What Kafka's own monitoring counts, of all partitions.
    pub gauges: Gauges,
    pub has_active_controller: bool,
    pub clients: Vec<ClientView>,
    /// By name.
    pub groups: Vec<groups::card::GroupView>,
    /// Soonest first.
    pub envelopes: Vec<EnvelopeView>,
    /// Directions that are cut.
    pub cuts: Vec<(Address, Address)>,
    /// What links do to messages, by direction and API.
    pub link_faults: Vec<((Address, Address), Option<Api>, LinkFault)>,
    /// The first broken invariant.
    pub violation: Option<monitor::BrokenPromise>,
    /// What must not happen to a log, and whether it did until now.
    pub monitors: Vec<monitor::MonitorView>,
    pub rivals: Vec<monitor::Rivals>,
    /// What happened in the step that led here.
    pub last_events: Arc<[Event]>,
    pub branches: Vec<BranchView>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BranchView {
    pub from: usize,
    /// Virtual time at its end.
    pub end: Option<SimTime>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NodeState {
    /// Runs, but is not registered with the controller yet.
    Starting,
    Running,
    /// Runs, but may not lead or count: the controller has not heard from it.
    Fenced,
    /// Runs, but its registration was removed.
    Unregistered,
    /// Controlled shutdown is under way.
    Stopping,
    Paused,
    /// No process; the host is up.
    Down,
    /// The host has no power.
    NoPower,
}

impl NodeState {
    /// Whether a process is there, even if frozen.
    pub fn has_process(self) -> bool {
        !matches!(self, NodeState::Down | NodeState::NoPower)
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeView {
    pub id: NodeId,
    pub state: NodeState,
    /// The controller knows it, whether it runs or not.
    pub is_registered: bool,
    /// `broker.rack`
    pub rack: Option<Arc<str>>,
    /// -1 until registered; for the controller its own epoch.
    pub epoch: i64,
    /// One past the last metadata record that this node has applied.
    pub metadata_end_offset: i64,
    pub dirty_bytes: u64,
    pub disk: DiskCondition,
    /// Bytes of logs that fetches were served since the host started: from the page cache, and from
    /// the disk.
    pub reads: ReadCounters,
    /// Messages that wait in the socket of a paused process.
    pub queued: usize,
    /// Requests that wait in purgatory.
    pub parked: usize,
    /// What a voter is in the quorum; `None` of a broker that is none, and of one that does not run.
    pub quorum: Option<QuorumView>,
    /// Its logs that are drawn, on its disk even if no process runs.
    pub replicas: Vec<ReplicaView>,
    /// How many logs it has.
    pub replica_count: usize,
}

/// A controller's place in the quorum.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuorumView {
    /// Kafka's name of its state.
    pub role: &'static str,
    pub epoch: i32,
    /// It leads, and may write.
    pub is_active: bool,
    pub leader: Option<NodeId>,
    /// Whom it gave its vote in this epoch.
    pub voted: Option<NodeId>,
    /// Of a call for votes under way: granted, rejected, and how many voters there are.
    pub ballot: Option<(usize, usize, usize)>,
    pub log_start_offset: i64,
    pub log_end_offset: i64,
    pub high_watermark: i64,
    /// Epochs of the log and where they begin.
    pub epochs: Vec<(i32, i64)>,
    pub snapshots: Vec<SnapshotView>,
    /// The snapshot that it is fetching.
    pub fetching: Option<i64>,
    /// Who fetches from it and has how much, if it leads.
    pub fetchers: Vec<FetcherView>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SnapshotView {
    pub offset: i64,
    pub epoch: i32,
    pub bytes: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FetcherView {
    pub id: NodeId,
    pub is_voter: bool,
    /// -1 until it has fetched in this epoch.
    pub end_offset: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReplicaRole {
    Leader,
    Follower,
    /// A broker that does not run: its log lies on the disk.
    Offline,
}

/// One replica of a partition on one broker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplicaView {
    pub partition: TopicPartition,
    pub role: ReplicaRole,
    /// What the controller says; not what this broker believes.
    pub in_isr: bool,
    pub leader_epoch: i32,
    pub log_start_offset: i64,
    pub log_end_offset: i64,
    pub high_watermark: i64,
    /// The last records, at most [`replica::CELLS_MAX`].
    pub cells: Vec<Cell>,
    /// The leader-epoch cache: each epoch and where it starts, in order.
    pub epochs: Vec<(i32, i64)>,
    /// The first offset at which replicas of the partition have different records.
    pub diverges_at: Option<i64>,
    /// What was cut off it a moment ago, and is still seen leaving.
    pub cut: Option<Cut>,
}

/// Records that a follower cuts off its log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cut {
    pub at: SimTime,
    pub from: i64,
    pub to: i64,
    pub reason: TruncationReason,
}

impl Cut {
    /// How long in virtual time it is seen leaving: about a second where news is shown calmly.
    pub const LEAVING_US: u64 = 14_000;

    /// How far it has left at a moment, from 0 to 1.
    pub fn progress(&self, now_us: f64) -> f64 {
        ((now_us - self.at.0 as f64) / Cut::LEAVING_US as f64).clamp(0.0, 1.0)
    }
}

/// One record in a strip.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cell {
    pub offset: i64,
    pub leader_epoch: i32,
    pub first_of_batch: bool,
    pub last_of_batch: bool,
    /// Below this replica's high watermark.
    pub committed: bool,
    /// On the disk itself, not only in the page cache.
    pub durable: bool,
    pub tombstone: bool,
    /// Appended in the step that led here.
    pub fresh: bool,
    /// The checksum of its batch; `None` once a compaction has rewritten it.
    pub crc: Option<u32>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartitionView {
    pub id: TopicPartition,
    pub leader: Option<NodeId>,
    pub leader_epoch: i32,
    pub partition_epoch: i32,
    /// Preferred leader first.
    pub replicas: Vec<NodeId>,
    /// Those of them that a reassignment brings, and those that it takes away.
    pub adding: Vec<NodeId>,
    pub removing: Vec<NodeId>,
    pub isr: Vec<NodeId>,
    /// Out of the ISR, and yet known to hold all that is committed (KIP-966).
    pub elr: Vec<NodeId>,
    /// Who led last, while nobody does.
    pub last_known_elr: Vec<NodeId>,
    pub min_insync_replicas: usize,
    pub trouble: Option<Trouble>,
    /// The leader's, or the highest that any replica knows.
    pub high_watermark: i64,
    pub log_end_offset: i64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientView {
    pub id: ClientId,
    pub name: Arc<str>,
    pub closed: bool,
    /// What it is in its group.
    pub member: Option<groups::card::MemberView>,
    pub kind: ClientKindView,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClientKindView {
    Producer {
        waiting: usize,
        in_flight: usize,
        acknowledged: u64,
        failed: u64,
        sends_to: Vec<NodeId>,
    },
    Consumer {
        topic: Arc<str>,
        /// `client.rack`
        rack: Option<Arc<str>>,
        /// At most [`build::POSITIONS_MAX`].
        positions: Vec<PositionView>,
        consumed: u64,
        reads_from: Vec<NodeId>,
    },
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PositionView {
    pub partition: TopicPartition,
    /// `None` while it asks where to start.
    pub offset: Option<i64>,
    /// Records up to the high watermark that it has not read.
    pub lag: i64,
    pub validating: bool,
    /// The follower that it reads from, where it is not the leader.
    pub read_replica: Option<NodeId>,
}

/// How much an envelope asks for the eye.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// Heartbeats, long polls that found nothing: a small dot, passed over quickly.
    Background,
    /// Carries news: drawn with its name, at a calm pace.
    Foreground,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnvelopeView {
    pub id: EnvelopeId,
    pub api: Api,
    pub direction: Direction,
    pub from: Address,
    pub to: Address,
    pub sent_at: SimTime,
    pub deliver_at: SimTime,
    pub weight: Weight,
    pub content: Content,
    /// A reset: the host answers for a process that is gone.
    pub is_reset: bool,
}

/// The gist of what an envelope carries: enough for its label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// Only its name is worth saying.
    Plain,
    /// Asks for records from this offset on.
    Asks {
        offset: i64,
    },
    /// So many records, not yet given offsets.
    Sends {
        records: i32,
    },
    /// Brings records.
    Records {
        base_offset: i64,
        last_offset: i64,
        leader_epoch: i32,
    },
    /// Brings a high watermark and no records.
    HighWatermark(i64),
    /// The first record's offset, acknowledged.
    Acknowledged {
        base_offset: i64,
    },
    Error(KafkaError),
}

impl View {
    pub fn node(&self, id: NodeId) -> Option<&NodeView> {
        self.nodes.iter().find(|node| node.id == id)
    }

    pub fn brokers(&self) -> impl Iterator<Item = &NodeView> {
        self.nodes.iter().filter(|node| !node.id.is_controller())
    }

    pub fn partition(&self, id: &TopicPartition) -> Option<&PartitionView> {
        self.partitions.iter().find(|partition| partition.id == *id)
    }

    pub fn client(&self, id: ClientId) -> Option<&ClientView> {
        self.clients.iter().find(|client| client.id == id)
    }

    pub fn group(&self, id: &str) -> Option<&groups::card::GroupView> {
        self.groups.iter().find(|group| *group.id == *id)
    }

    pub fn envelope(&self, id: EnvelopeId) -> Option<&EnvelopeView> {
        self.envelopes.iter().find(|envelope| envelope.id == id)
    }

    /// What a person calls an address.
    pub fn name_of(&self, address: Address) -> String {
        match address {
            Address::Node(id) => id.to_string(),
            Address::Client(id) => {
                self.client(id).map_or_else(|| format!("client-{}", id.0), |c| c.name.to_string())
            }
        }
    }

    pub fn is_cut(&self, from: Address, to: Address) -> bool {
        self.cuts.contains(&(from, to))
    }

    /// What the link does to messages of every API, in one direction.
    pub fn link_fault(&self, from: Address, to: Address) -> Option<LinkFault> {
        let of_all = |(ends, api, _): &&(_, Option<Api>, _)| *ends == (from, to) && api.is_none();
        self.link_faults.iter().find(of_all).map(|(.., fault)| *fault)
    }

    /// Whether something is wrong with messages that pass it, in either direction.
    pub fn is_bad(&self, a: Address, b: Address) -> bool {
        self.link_faults.iter().any(|(ends, ..)| *ends == (a, b) || *ends == (b, a))
    }

    /// Whether any link of it is cut or bad.
    pub fn has_broken_links(&self, end: Address) -> bool {
        let touches = |(from, to): &(Address, Address)| *from == end || *to == end;
        self.broken_links().any(|ends| touches(&ends))
    }

    /// The links, one direction each, that are cut or bad.
    pub fn broken_links(&self) -> impl Iterator<Item = (Address, Address)> + '_ {
        let bad = self.link_faults.iter().map(|(ends, ..)| *ends);
        self.cuts.iter().copied().chain(bad)
    }
}

impl NodeView {
    pub fn replica(&self, id: &TopicPartition) -> Option<&ReplicaView> {
        self.replicas.iter().find(|replica| replica.partition == *id)
    }
}

impl PartitionView {
    pub fn is_under_replicated(&self) -> bool {
        self.isr.len() + self.adding.len() < self.replicas.len()
    }
}
