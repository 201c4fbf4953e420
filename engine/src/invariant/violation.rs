//! The promises by name, as they are broken.

use crate::ids::{EventId, NodeId, TopicPartition};
use crate::sim::time::SimTime;
use std::fmt;
use std::sync::Arc;

/// A promise that was broken, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    pub event: EventId,
    pub at: SimTime,
    pub broken: Broken,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Broken {
    /// A clean election chose a leader that lacks committed records.
    CommittedRecordsLost {
        partition: TopicPartition,
        leader: NodeId,
        from: i64,
        to: i64,
    },
    /// Two logs hold different batches at the same committed offset.
    LogsDiverged {
        partition: TopicPartition,
        node: NodeId,
        offset: i64,
    },
    TwoLeadersInOneEpoch {
        partition: TopicPartition,
        leader_epoch: i32,
        nodes: [NodeId; 2],
    },
    HighWatermarkWentBack {
        partition: TopicPartition,
        node: NodeId,
        from: i64,
        to: i64,
    },
    HighWatermarkAboveLogEnd {
        partition: TopicPartition,
        node: NodeId,
        high_watermark: i64,
    },
    /// A member of the ISR lacks records that are committed.
    IsrMemberBehind {
        partition: TopicPartition,
        node: NodeId,
        log_end_offset: i64,
        committed: i64,
    },
    /// A process crash, which leaves the page cache, cost records.
    RecoveryLostRecords {
        partition: TopicPartition,
        node: NodeId,
        log_end_offset: i64,
    },
    LeaderOutsideIsr {
        partition: TopicPartition,
        leader: NodeId,
    },
    /// A member of the ISR that the controller takes for gone.
    IsrMemberFenced {
        partition: TopicPartition,
        member: NodeId,
    },
    /// A member of the ISR for which its leader does not wait.
    IsrMemberNotCounted {
        partition: TopicPartition,
        leader: NodeId,
        missing: NodeId,
    },
    /// A broker leads, or counts as in sync next to others, that was unregistered.
    UnregisteredInIsr {
        partition: TopicPartition,
        node: NodeId,
    },
    AcknowledgedBelowMinIsr {
        partition: TopicPartition,
        isr: usize,
        min_isr: usize,
    },
    AcknowledgedBeforeCommit {
        partition: TopicPartition,
        offset: i64,
        committed: i64,
    },
    ConsumedBeforeCommit {
        partition: TopicPartition,
        offset: i64,
        committed: i64,
    },
    /// The cleaner took up more than is committed, closed and old enough.
    CleanedTooFar {
        partition: TopicPartition,
        node: NodeId,
        first_uncleanable_offset: i64,
        bound: i64,
    },
    /// After a cleaning, or a crash inside of one, a record is missing or is not what it was.
    CompactionLostRecord {
        partition: TopicPartition,
        node: NodeId,
        offset: i64,
    },
    /// Segments were deleted, or the log start was moved, beyond what is committed.
    DeletedUncommitted {
        partition: TopicPartition,
        node: NodeId,
        offset: i64,
        high_watermark: i64,
    },
    /// The log start moved, but not up.
    LogStartWentBack {
        partition: TopicPartition,
        node: NodeId,
        from: i64,
        to: i64,
    },
    /// A stored batch does not have the checksum that it says.
    CorruptBatch {
        partition: TopicPartition,
        node: NodeId,
        offset: i64,
    },
    /// An index entry says of a batch what is not so.
    IndexNotTrue {
        partition: TopicPartition,
        node: NodeId,
        base_offset: i64,
    },
    /// A leader stored a batch larger than `max.message.bytes`.
    BatchTooLarge {
        partition: TopicPartition,
        node: NodeId,
        size: u32,
        most: i32,
    },
    /// A log took a batch of a producer whose sequence number was not the next.
    SequenceNotNext {
        partition: TopicPartition,
        producer_id: i64,
        epoch: i16,
        sequence: i32,
        /// `None`: the epoch is over.
        expected: Option<i32>,
    },
    /// A leader refused a batch as out of order that is among the last five that it took.
    DuplicateNotRecognised {
        partition: TopicPartition,
        node: NodeId,
        producer_id: i64,
        sequence: i32,
    },
    /// The faults have ended, but a replica does not hold the leader's log.
    NotConverged {
        partition: TopicPartition,
        node: Option<NodeId>,
    },
    /// Two controllers led the quorum in one epoch.
    TwoQuorumLeaders {
        epoch: i32,
        nodes: [NodeId; 2],
    },
    QuorumEpochWentBack {
        node: NodeId,
        from: i32,
        to: i32,
    },
    /// The quorum's leader took for committed what no majority of the voters can have.
    CommittedWithoutMajority {
        node: NodeId,
        offset: i64,
    },
    /// The faults of a majority have ended, but it does not agree with itself: a broker is fenced that
    /// should not be, or the other way round, or a partition has no leader or several logs.
    CoreNotConverged {
        node: Option<NodeId>,
        partition: Option<TopicPartition>,
    },
    /// It agrees with itself, but takes no records.
    CoreNotServing {
        partition: TopicPartition,
        leader: NodeId,
    },
    /// A process took less of the metadata for committed than before.
    QuorumHighWatermarkWentBack {
        node: NodeId,
        from: i64,
        to: i64,
    },
    /// A controller was elected that lacks committed metadata.
    CommittedMetadataLost {
        node: NodeId,
        offset: i64,
    },
    /// Two nodes took different metadata for committed at the same offset.
    CommittedMetadataDiverged {
        node: NodeId,
        offset: i64,
    },
    /// A snapshot holds what no majority has.
    SnapshotOfUncommitted {
        node: NodeId,
        offset: i64,
    },
    /// What a snapshot, and the log after it, add up to is not what the whole log adds up to.
    SnapshotNotTrue {
        node: NodeId,
        offset: i64,
    },
    /// The active controller took the state of the cluster from a snapshot.
    LeaderLoadedSnapshot {
        node: NodeId,
        offset: i64,
    },
    /// A metadata log begins where no snapshot stands for what came before.
    LogStartWithoutSnapshot {
        node: NodeId,
        log_start_offset: i64,
    },
    /// Two members of a group had the same partition in one generation.
    TwoOwners {
        group: Arc<str>,
        generation: i32,
        partition: TopicPartition,
    },
    /// A coordinator took a commit for a generation that is over.
    StaleCommitTaken {
        group: Arc<str>,
        generation: i32,
        current: i32,
    },
    /// A group committed what no application has got.
    CommittedBeyondDelivered {
        group: Arc<str>,
        partition: TopicPartition,
        offset: i64,
        delivered: i64,
    },
    /// A coordinator does not know what its partition of `__consumer_offsets` says.
    CoordinatorNotTrue {
        partition: TopicPartition,
        node: NodeId,
    },
    /// A coordinator told of a decision that is not committed in its log.
    DecidedBeforeCommit {
        transactional_id: Arc<str>,
        node: NodeId,
    },
    /// A transaction was to be committed, and to be aborted.
    DecidedTwice {
        transactional_id: Arc<str>,
        producer_id: i64,
        epoch: i16,
    },
    /// A marker ended a transaction of which its coordinator had not decided so.
    MarkerWithoutDecision {
        partition: TopicPartition,
        producer_id: i64,
        epoch: i16,
        offset: i64,
    },
    /// A producer wrote after another had come with its transactional id.
    FencedProducerWrote {
        partition: TopicPartition,
        producer_id: i64,
        epoch: i16,
        offset: i64,
    },
    /// A reader of committed records did not get just those.
    ReadCommittedNotExact {
        partition: TopicPartition,
        base_offset: i64,
        last_offset: i64,
        records: u64,
        committed: u64,
    },
    /// The faults have ended, but a transaction that is decided is not complete.
    TransactionNeverEnded {
        transactional_id: Arc<str>,
    },
    /// The faults have ended, and a transaction is open of which no coordinator knows.
    TransactionHangs {
        partition: TopicPartition,
        producer_id: i64,
        first_offset: i64,
    },
    /// What an application has read counts twice in what it has written, or not at all.
    NotExactlyOnce {
        source: String,
        times: u64,
    },
    /// The faults have ended, but no controller leads.
    NoActiveController,
    MessagesNotConserved,
    /// The faults have ended, but a producer still waits for an answer.
    RecordsNeverSettled,
}

impl Broken {
    /// The promise's name, one word for tables and tests.
    pub fn name(&self) -> &'static str {
        match self {
            Broken::CommittedRecordsLost { .. } => "committed-records-lost",
            Broken::LogsDiverged { .. } => "logs-diverged",
            Broken::TwoLeadersInOneEpoch { .. } => "two-leaders-in-one-epoch",
            Broken::HighWatermarkWentBack { .. } => "high-watermark-went-back",
            Broken::HighWatermarkAboveLogEnd { .. } => "high-watermark-above-log-end",
            Broken::IsrMemberBehind { .. } => "isr-member-behind",
            Broken::RecoveryLostRecords { .. } => "recovery-lost-records",
            Broken::LeaderOutsideIsr { .. } => "leader-outside-isr",
            Broken::IsrMemberFenced { .. } => "isr-member-fenced",
            Broken::IsrMemberNotCounted { .. } => "isr-member-not-counted",
            Broken::UnregisteredInIsr { .. } => "unregistered-in-isr",
            Broken::AcknowledgedBelowMinIsr { .. } => "acknowledged-below-min-isr",
            Broken::AcknowledgedBeforeCommit { .. } => "acknowledged-before-commit",
            Broken::ConsumedBeforeCommit { .. } => "consumed-before-commit",
            Broken::CleanedTooFar { .. } => "cleaned-too-far",
            Broken::CompactionLostRecord { .. } => "compaction-lost-record",
            Broken::DeletedUncommitted { .. } => "deleted-uncommitted",
            Broken::LogStartWentBack { .. } => "log-start-went-back",
            Broken::CorruptBatch { .. } => "corrupt-batch",
            Broken::IndexNotTrue { .. } => "index-not-true",
            Broken::BatchTooLarge { .. } => "batch-too-large",
            Broken::SequenceNotNext { .. } => "sequence-not-next",
            Broken::DuplicateNotRecognised { .. } => "duplicate-not-recognised",
            Broken::NotConverged { .. } => "not-converged",
            Broken::TwoQuorumLeaders { .. } => "two-quorum-leaders",
            Broken::QuorumEpochWentBack { .. } => "quorum-epoch-went-back",
            Broken::CommittedWithoutMajority { .. } => "committed-without-majority",
            Broken::CoreNotConverged { .. } => "core-not-converged",
            Broken::CoreNotServing { .. } => "core-not-serving",
            Broken::QuorumHighWatermarkWentBack { .. } => "quorum-high-watermark-went-back",
            Broken::CommittedMetadataLost { .. } => "committed-metadata-lost",
            Broken::CommittedMetadataDiverged { .. } => "committed-metadata-diverged",
            Broken::SnapshotOfUncommitted { .. } => "snapshot-of-uncommitted",
            Broken::SnapshotNotTrue { .. } => "snapshot-not-true",
            Broken::LeaderLoadedSnapshot { .. } => "leader-loaded-snapshot",
            Broken::LogStartWithoutSnapshot { .. } => "log-start-without-snapshot",
            Broken::TwoOwners { .. } => "two-owners",
            Broken::StaleCommitTaken { .. } => "stale-commit-taken",
            Broken::CommittedBeyondDelivered { .. } => "committed-beyond-delivered",
            Broken::CoordinatorNotTrue { .. } => "coordinator-not-true",
            Broken::DecidedBeforeCommit { .. } => "decided-before-commit",
            Broken::DecidedTwice { .. } => "decided-twice",
            Broken::MarkerWithoutDecision { .. } => "marker-without-decision",
            Broken::FencedProducerWrote { .. } => "fenced-producer-wrote",
            Broken::ReadCommittedNotExact { .. } => "read-committed-not-exact",
            Broken::TransactionNeverEnded { .. } => "transaction-never-ended",
            Broken::TransactionHangs { .. } => "transaction-hangs",
            Broken::NotExactlyOnce { .. } => "not-exactly-once",
            Broken::NoActiveController => "no-active-controller",
            Broken::MessagesNotConserved => "messages-not-conserved",
            Broken::RecordsNeverSettled => "records-never-settled",
        }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at {} ({}): {:?}", self.broken.name(), self.at, self.event, self.broken)
    }
}
