//! Events: what has happened, in the past tense, each with the event that caused it. Animation,
//! narration, metrics, goals, checkers and the why-chain all read this one vocabulary. No rule of
//! the engine reads events back.

mod batch_stage;
mod group;
mod message;
mod partition;
mod reason;
mod transaction;
mod workload;

pub use batch_stage::BatchStage;
pub use group::GroupEvent;
pub use message::{Direction, DropReason};
pub use reason::*;
pub use transaction::{DecisionReason, TransactionCall, TransactionEvent};
pub use workload::WorkloadEvent;

use crate::command::Command;
use crate::controller::election::{Candidate, Choice, Election};
use crate::controller::metadata_record::MetadataRecord;
use crate::ids::*;
use crate::log::{cleaner::SwapStage, unified_log::DeletionReason};
use crate::protocol::{Acks, Api, KafkaError, Origin, ProducerIdAndEpoch};
use crate::sim::{disk::DiskError, time::SimTime};
use std::sync::Arc;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Event {
    pub id: EventId,
    pub at: SimTime,
    /// Where it happened: the node or client whose state changed.
    pub place: Address,
    /// The event that led to this one; `None` only for a command and for the very first start.
    pub cause: Option<EventId>,
    pub kind: EventKind,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum EventKind {
    Commanded {
        command: Arc<Command>,
    },

    // The network.
    EnvelopeSent {
        envelope: EnvelopeId,
        api: Api,
        direction: Direction,
        deliver_at: SimTime,
    },
    EnvelopeDelivered {
        envelope: EnvelopeId,
        api: Api,
        direction: Direction,
    },
    EnvelopeDropped {
        envelope: EnvelopeId,
        api: Api,
        direction: Direction,
        reason: DropReason,
    },
    /// The message is under way once more; `envelope` is the copy.
    EnvelopeDuplicated {
        envelope: EnvelopeId,
        api: Api,
        direction: Direction,
        deliver_at: SimTime,
    },
    /// It arrives at another time than it would have.
    EnvelopeMoved {
        envelope: EnvelopeId,
        api: Api,
        direction: Direction,
        deliver_at: SimTime,
    },
    /// A paused process received it; it waits in the socket.
    EnvelopeQueued {
        envelope: EnvelopeId,
        api: Api,
    },
    ConnectionLost {
        to: NodeId,
        api: Api,
    },
    RequestTimedOut {
        to: NodeId,
        api: Api,
    },
    TimerFired {
        timer: crate::world::Timer,
    },

    // Processes and disks.
    /// A new host with an empty disk.
    BrokerAdded {
        node: NodeId,
    },
    /// The host is another one now; what the old one had on its disk is gone.
    BrokerReplaced {
        node: NodeId,
        bytes: u64,
    },
    ProcessStarted {
        node: NodeId,
    },
    ProcessCrashed {
        node: NodeId,
    },
    PowerLost {
        node: NodeId,
        bytes_lost: u64,
    },
    /// A write or a read could not be done (`LogDirFailureChannel`).
    LogDirFailed {
        node: NodeId,
        error: DiskError,
    },
    /// The files are gone.
    DiskLost {
        node: NodeId,
        bytes: u64,
    },
    /// The process ended itself: its only log directory has failed.
    ProcessHalted {
        node: NodeId,
    },
    /// The disk is slow: what has arrived is handled when its turn has come.
    DiskAwaited {
        node: NodeId,
        api: Api,
        until: SimTime,
    },
    ShutdownBegan {
        node: NodeId,
    },
    ProcessStopped {
        node: NodeId,
    },
    ProcessPaused {
        node: NodeId,
    },
    ProcessResumed {
        node: NodeId,
    },
    LogRecovered {
        node: NodeId,
        partition: TopicPartition,
        log_end_offset: i64,
        high_watermark: i64,
        bytes_truncated: u64,
        clean: bool,
    },
    /// Bytes of a node's page cache reached its disk.
    Flushed {
        node: NodeId,
        bytes: u64,
    },
    /// A fetch was served bytes that had not been in the page cache; now they are.
    ReadFromDisk {
        partition: TopicPartition,
        bytes: u64,
    },
    HighWatermarkCheckpointed {
        node: NodeId,
    },

    // The quorum.
    /// A controller asks the other voters: `pre_vote` whether they would elect it, else to do so.
    VotesAsked {
        node: NodeId,
        epoch: i32,
        pre_vote: bool,
    },
    VoteCast {
        node: NodeId,
        candidate: NodeId,
        epoch: i32,
        pre_vote: bool,
        granted: bool,
    },
    QuorumLeaderElected {
        node: NodeId,
        epoch: i32,
        votes: u32,
    },
    /// A controller no longer leads: it heard of a later epoch, or of no majority, or it goes.
    QuorumLeaderResigned {
        node: NodeId,
        epoch: i32,
    },
    QuorumLeaderFollowed {
        node: NodeId,
        leader: NodeId,
        epoch: i32,
        /// False for an observer, which has no vote.
        voter: bool,
    },
    /// A majority has every metadata record up to this one.
    MetadataCommitted {
        node: NodeId,
        offset: i64,
    },
    /// A node cut records off its metadata log that the quorum's leader does not have.
    MetadataTruncated {
        node: NodeId,
        from: i64,
        to: i64,
    },
    /// A node wrote down what the metadata up to its offset add up to, after so many bytes of records
    /// or, with `after_bytes` none, after so long.
    SnapshotGenerated {
        node: NodeId,
        id: SnapshotId,
        bytes: u64,
        after_bytes: Option<u64>,
    },
    /// The quorum's leader would have a node begin with a snapshot, be it that the records are gone or
    /// that the node has none: it fetches that.
    SnapshotFetchStarted {
        node: NodeId,
        id: SnapshotId,
    },
    SnapshotFetched {
        node: NodeId,
        id: SnapshotId,
        bytes: u64,
    },
    /// A node took the state of the cluster from a snapshot.
    SnapshotLoaded {
        node: NodeId,
        id: SnapshotId,
        /// For the controller of the process, not for its broker.
        by_controller: bool,
    },
    /// What a snapshot stands for was let go.
    MetadataLogStartMoved {
        node: NodeId,
        log_start_offset: i64,
        segments: u32,
        snapshots: u32,
    },
    /// What the controller wrote when it began to lead is committed: it is the active one.
    ControllerActivated {
        node: NodeId,
        epoch: i32,
    },
    /// A controller lost the leadership with so many records of which the next leader's log decides.
    ChangesLeftOpen {
        node: NodeId,
        records: u32,
    },

    // Control.
    BrokerRegistered {
        broker: NodeId,
        broker_epoch: i64,
    },
    BrokerFenced {
        broker: NodeId,
        reason: FenceReason,
    },
    BrokerUnfenced {
        broker: NodeId,
    },
    BrokerUnregistered {
        broker: NodeId,
    },
    MetadataAppended {
        offset: i64,
        record: Arc<MetadataRecord>,
    },
    MetadataApplied {
        node: NodeId,
        offset: i64,
    },
    /// The topic is gone; brokers that have replicas of it remove them.
    TopicDeleted {
        topic: Arc<str>,
        topic_id: Uuid,
    },
    LeaderElected {
        partition: TopicPartition,
        topic_id: Uuid,
        leader: Option<NodeId>,
        leader_epoch: i32,
        unclean: bool,
        reason: ChangeReason,
    },
    IsrChanged {
        partition: TopicPartition,
        topic_id: Uuid,
        isr: Vec<NodeId>,
        partition_epoch: i32,
        reason: ChangeReason,
    },
    /// The controller looked for a leader. What comes of it is told when it is committed.
    ElectionHeld {
        partition: TopicPartition,
        election: Election,
        /// In replica order.
        candidates: Arc<[Candidate]>,
        leader: Option<NodeId>,
        choice: Choice,
    },
    /// Who, outside of the ISR, may lead when the ISR is empty (KIP-966).
    ElrChanged {
        partition: TopicPartition,
        elr: Vec<NodeId>,
        last_known_elr: Vec<NodeId>,
        reason: ChangeReason,
    },
    /// Replicas are being added, removed or both.
    ReassignmentBegan {
        partition: TopicPartition,
        replicas: Vec<NodeId>,
        adding: Vec<NodeId>,
        removing: Vec<NodeId>,
    },
    /// So many of the new replicas are in sync now.
    ReassignmentAdvanced {
        partition: TopicPartition,
        in_sync: Vec<NodeId>,
        adding: Vec<NodeId>,
    },
    ReassignmentCompleted {
        partition: TopicPartition,
        replicas: Vec<NodeId>,
    },
    ReassignmentCancelled {
        partition: TopicPartition,
        replicas: Vec<NodeId>,
    },
    /// An election that was asked for did not change the leader.
    ElectionRefused {
        partition: TopicPartition,
        error: KafkaError,
    },
    AlterPartitionRefused {
        partition: TopicPartition,
        error: KafkaError,
    },

    // Replicas.
    /// A broker has a replica no more: its directory has another name.
    ReplicaRemoved {
        partition: TopicPartition,
        topic_id: Uuid,
        reason: RemovalReason,
        directory: Arc<str>,
    },
    BecameLeader {
        partition: TopicPartition,
        leader_epoch: i32,
        start_offset: i64,
    },
    BecameFollower {
        partition: TopicPartition,
        leader: Option<NodeId>,
        leader_epoch: i32,
    },
    RecordsAppended {
        partition: TopicPartition,
        base_offset: i64,
        last_offset: i64,
        /// What the batches take in the log, compressed as they are.
        bytes: u64,
        leader_epoch: i32,
        role: Role,
        /// Of a leader's append: which records of which producer these are.
        origin: Option<Origin>,
    },
    /// The leader has the batch already: it is not appended, and answered as it was then.
    DuplicateRecognised {
        partition: TopicPartition,
        producer_id: i64,
        /// First and last.
        sequences: (i32, i32),
        base_offset: i64,
    },
    /// A batch of an idempotent producer that is not the next one, or of an epoch that is over.
    SequenceRefused {
        partition: TopicPartition,
        producer: ProducerIdAndEpoch,
        first: i32,
        /// `None`: the epoch is lower than the one that the leader knows.
        expected: Option<i32>,
        current_epoch: i16,
    },
    SegmentRolled {
        partition: TopicPartition,
        base_offset: i64,
    },
    /// The first offset that can be read has moved up.
    LogStartOffsetMoved {
        partition: TopicPartition,
        from: i64,
        to: i64,
        reason: LogStartReason,
    },
    /// Whole segments are no longer part of the log; their files wait to be deleted.
    SegmentsDeleted {
        partition: TopicPartition,
        /// Base offsets.
        segments: Vec<i64>,
        /// Where the last of them ended.
        end_offset: i64,
        bytes: u64,
        reason: DeletionReason,
    },
    /// Files that had waited for `file.delete.delay.ms` are gone.
    FilesDeleted {
        node: NodeId,
        files: u32,
    },
    /// The cleaner took up a log: its clean part ends at `first_dirty_offset`, and it may go up to
    /// `first_uncleanable_offset`.
    CleaningStarted {
        partition: TopicPartition,
        first_dirty_offset: i64,
        first_uncleanable_offset: i64,
        clean_bytes: u64,
        cleanable_bytes: u64,
    },
    /// The newest offset of every key is known.
    OffsetMapBuilt {
        partition: TopicPartition,
        keys: u64,
        /// The log will be clean below it.
        end_offset: i64,
        /// There was no room for more keys.
        is_full: bool,
    },
    /// What stays of a group of segments was copied into a new one.
    SegmentsCleaned {
        partition: TopicPartition,
        /// Base offsets; the new segment has the first of them.
        segments: Vec<i64>,
        bytes_before: u64,
        bytes_after: u64,
    },
    SegmentsSwapped {
        partition: TopicPartition,
        segments: Vec<i64>,
        stage: SwapStage,
    },
    CleaningFinished {
        partition: TopicPartition,
        /// The log is clean below it.
        end_offset: i64,
        bytes_before: u64,
        bytes_after: u64,
    },
    /// The log was cut, or found damaged, or is not to be compacted any more.
    CleaningAborted {
        partition: TopicPartition,
    },
    FollowerCaughtUpTo {
        partition: TopicPartition,
        follower: NodeId,
        log_end_offset: i64,
    },
    HighWatermarkMoved {
        partition: TopicPartition,
        from: i64,
        to: i64,
        role: Role,
    },
    DivergenceFound {
        partition: TopicPartition,
        follower: NodeId,
        epoch: i32,
        end_offset: i64,
    },
    LogTruncated {
        partition: TopicPartition,
        from: i64,
        to: i64,
        reason: TruncationReason,
    },
    IsrShrinkAsked {
        partition: TopicPartition,
        removed: Vec<NodeId>,
        lag_ms: u64,
    },
    IsrExpandAsked {
        partition: TopicPartition,
        added: NodeId,
    },
    IsrCommitted {
        partition: TopicPartition,
        isr: Vec<NodeId>,
    },
    RequestParked {
        api: Api,
        partition: TopicPartition,
        reason: ParkReason,
    },
    ProduceAnswered {
        partition: TopicPartition,
        acks: Acks,
        base_offset: i64,
        last_offset: i64,
        error: Option<KafkaError>,
    },

    // Clients.
    Group(GroupEvent),
    Workload(WorkloadEvent),
    RecordQueued {
        client: ClientId,
        partition: TopicPartition,
        sequence: u64,
    },
    RecordAcknowledged {
        client: ClientId,
        partition: TopicPartition,
        sequence: u64,
        /// -1 with acks=0: the producer never learns it.
        offset: i64,
        acks: Acks,
    },
    RecordFailed {
        client: ClientId,
        partition: TopicPartition,
        sequence: u64,
        error: KafkaError,
        reason: FailureReason,
    },
    /// `send` does not return: there is no room in `buffer.memory` for another batch.
    SendBlocked {
        client: ClientId,
        partition: TopicPartition,
        needed_bytes: u64,
        free_bytes: u64,
    },
    /// A batch of a producer has come so far; `batch` counts those of the producer.
    BatchAdvanced {
        client: ClientId,
        partition: TopicPartition,
        batch: u64,
        stage: BatchStage,
    },
    ProduceRetried {
        client: ClientId,
        partition: TopicPartition,
        batch: u64,
        error: Option<KafkaError>,
    },
    ProducerIdAssigned {
        client: ClientId,
        producer: ProducerIdAndEpoch,
    },
    /// It begins anew in the next epoch, not knowing which of its numbers were taken (KIP-360).
    ProducerEpochBumped {
        client: ClientId,
        producer: ProducerIdAndEpoch,
        /// Where batches that wait get sequence numbers from 0 on.
        partitions: Vec<TopicPartition>,
    },
    LeaderLearned {
        client: ClientId,
        partition: TopicPartition,
        leader: Option<NodeId>,
        leader_epoch: i32,
    },
    RecordsConsumed {
        client: ClientId,
        partition: TopicPartition,
        base_offset: i64,
        last_offset: i64,
        /// Fewer than the offsets where compaction has left gaps.
        records: u64,
    },
    PositionReset {
        client: ClientId,
        partition: TopicPartition,
        offset: i64,
    },
    /// The consumer found that the log was cut below its position (KIP-320).
    TruncationDetected {
        client: ClientId,
        partition: TopicPartition,
        from: i64,
        to: i64,
    },
    /// Where a consumer reads a partition, if not from the leader (KIP-392).
    ReadReplicaChanged {
        client: ClientId,
        partition: TopicPartition,
        replica: NodeId,
        change: ReadReplicaChange,
    },
    ClientClosed {
        client: ClientId,
        killed: bool,
    },
    Transaction(TransactionEvent),
}
