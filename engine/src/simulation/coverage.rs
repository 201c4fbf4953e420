//! Rare states that a good search must reach. A search that never saw "ISR shrinks to one" has said
//! nothing about it.

use crate::cluster::Cluster;
use crate::controller::election::Choice;
use crate::controller::metadata_image::MetadataImage;
use crate::event::{
    BatchStage, ChangeReason, DecisionReason, Direction, DropReason, Event, EventKind,
    LogStartReason, ReadReplicaChange, RemovalReason, Role, TransactionEvent,
};
use crate::ids::{Address, NodeId};
use crate::protocol::{Acks, KafkaError};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RareState {
    IsrShrankToOne,
    IsrExpanded,
    LeaderCrashedWithUncommittedTail,
    LeaderElectedAfterFence,
    LogTruncated,
    DivergenceFound,
    FollowerMarkWentBack,
    NewLeaderKnewLowerMark,
    NotEnoughReplicas,
    ProduceTimedOut,
    AcknowledgedOneThenLost,
    PowerLossTookBytes,
    RecoveryTruncatedBytes,
    ControlledShutdownFinished,
    MessageLostOnCutLink,
    MessageLostOnBadLink,
    LogDirFailed,
    DiskLostByAReplica,
    SlowDiskAwaited,
    RequestCameTwice,
    AnswerCameTwice,
    MessageOvertaken,
    PausedProcessQueued,
    AlterPartitionRefused,
    PartitionWithoutLeader,
    ConsumerSawTruncation,
    ControllerRestarted,
    CommittedLostLegally,
    UncleanLeader,
    UncleanLeaderByScan,
    PreferredLeaderBack,
    LogCleaned,
    ProcessEndedInsideACleaning,
    CleaningAborted,
    SegmentsDeleted,
    LogStartFollowed,
    TopicDeleted,
    StrayReplicaFound,
    EligibleLeader,
    LastKnownLeader,
    ReassignmentCompleted,
    ReassignmentCancelled,
    ReplicaRemoved,
    SnapshotGenerated,
    SnapshotFetched,
    SnapshotLoaded,
    MetadataLogStartMoved,
    AddedBrokerLed,
    InSyncBrokerUnregistered,
    ReplicaReplacedEmpty,
    ReadFromFollower,
    ReadFromLeaderAgain,
    IsrChangeTooLate,
    ReplicaNoLongerEligible,
    MajorityLost,
    CoreServed,
    DuplicateRecognised,
    SequenceRefused,
    ProducerEpochBumped,
    BatchSplit,
    BatchExpired,
    SendBlocked,
    TransactionCommitted,
    TransactionTimedOut,
    TransactionFenced,
    DecisionRecovered,
    OffsetsInTransaction,
}

impl RareState {
    pub const ALL: [RareState; 67] = [
        RareState::IsrShrankToOne,
        RareState::IsrExpanded,
        RareState::LeaderCrashedWithUncommittedTail,
        RareState::LeaderElectedAfterFence,
        RareState::LogTruncated,
        RareState::DivergenceFound,
        RareState::FollowerMarkWentBack,
        RareState::NewLeaderKnewLowerMark,
        RareState::NotEnoughReplicas,
        RareState::ProduceTimedOut,
        RareState::AcknowledgedOneThenLost,
        RareState::PowerLossTookBytes,
        RareState::RecoveryTruncatedBytes,
        RareState::ControlledShutdownFinished,
        RareState::MessageLostOnCutLink,
        RareState::MessageLostOnBadLink,
        RareState::LogDirFailed,
        RareState::DiskLostByAReplica,
        RareState::SlowDiskAwaited,
        RareState::RequestCameTwice,
        RareState::AnswerCameTwice,
        RareState::MessageOvertaken,
        RareState::PausedProcessQueued,
        RareState::AlterPartitionRefused,
        RareState::PartitionWithoutLeader,
        RareState::ConsumerSawTruncation,
        RareState::ControllerRestarted,
        RareState::CommittedLostLegally,
        RareState::UncleanLeader,
        RareState::UncleanLeaderByScan,
        RareState::PreferredLeaderBack,
        RareState::LogCleaned,
        RareState::ProcessEndedInsideACleaning,
        RareState::CleaningAborted,
        RareState::SegmentsDeleted,
        RareState::LogStartFollowed,
        RareState::TopicDeleted,
        RareState::StrayReplicaFound,
        RareState::EligibleLeader,
        RareState::LastKnownLeader,
        RareState::ReassignmentCompleted,
        RareState::ReassignmentCancelled,
        RareState::ReplicaRemoved,
        RareState::SnapshotGenerated,
        RareState::SnapshotFetched,
        RareState::SnapshotLoaded,
        RareState::MetadataLogStartMoved,
        RareState::AddedBrokerLed,
        RareState::InSyncBrokerUnregistered,
        RareState::ReplicaReplacedEmpty,
        RareState::ReadFromFollower,
        RareState::ReadFromLeaderAgain,
        RareState::IsrChangeTooLate,
        RareState::ReplicaNoLongerEligible,
        RareState::MajorityLost,
        RareState::CoreServed,
        RareState::DuplicateRecognised,
        RareState::SequenceRefused,
        RareState::ProducerEpochBumped,
        RareState::BatchSplit,
        RareState::BatchExpired,
        RareState::SendBlocked,
        RareState::TransactionCommitted,
        RareState::TransactionTimedOut,
        RareState::TransactionFenced,
        RareState::DecisionRecovered,
        RareState::OffsetsInTransaction,
    ];

    pub fn name(self) -> &'static str {
        match self {
            RareState::IsrShrankToOne => "ISR shrank to one",
            RareState::IsrExpanded => "ISR expanded",
            RareState::LeaderCrashedWithUncommittedTail => "leader went with an uncommitted tail",
            RareState::LeaderElectedAfterFence => "leader elected after a fence",
            RareState::LogTruncated => "log truncated",
            RareState::DivergenceFound => "divergence found by epoch",
            RareState::FollowerMarkWentBack => "a follower's high watermark went back",
            RareState::NewLeaderKnewLowerMark => "new leader knew a lower high watermark",
            RareState::NotEnoughReplicas => "NOT_ENOUGH_REPLICAS",
            RareState::ProduceTimedOut => "acks=all timed out at the leader",
            RareState::AcknowledgedOneThenLost => "acks=1 acknowledged, then truncated",
            RareState::PowerLossTookBytes => "power loss took bytes",
            RareState::RecoveryTruncatedBytes => "recovery truncated a torn tail",
            RareState::ControlledShutdownFinished => "controlled shutdown finished",
            RareState::MessageLostOnCutLink => "message lost on a cut link",
            RareState::MessageLostOnBadLink => "message lost on a bad link",
            RareState::LogDirFailed => "a log directory failed",
            RareState::DiskLostByAReplica => "a replica lost its disk",
            RareState::SlowDiskAwaited => "a request waited for a slow disk",
            RareState::RequestCameTwice => "a request was handled twice",
            RareState::AnswerCameTwice => "an answer came twice",
            RareState::MessageOvertaken => "a message was overtaken by a later one",
            RareState::PausedProcessQueued => "message waited for a paused process",
            RareState::AlterPartitionRefused => "AlterPartition refused",
            RareState::PartitionWithoutLeader => "partition without a leader",
            RareState::ConsumerSawTruncation => "consumer saw truncation",
            RareState::ControllerRestarted => "controller restarted",
            RareState::CommittedLostLegally => "committed records lost where no promise holds",
            RareState::UncleanLeader => "leader elected out of sync",
            RareState::PreferredLeaderBack => "preferred leader leads again",
            RareState::UncleanLeaderByScan => "leader elected out of sync by the regular look",
            RareState::LogCleaned => "a log was cleaned",
            RareState::ProcessEndedInsideACleaning => "a process ended inside a cleaning",
            RareState::CleaningAborted => "a cleaning was given up",
            RareState::SegmentsDeleted => "retention deleted segments",
            RareState::LogStartFollowed => "a follower took over the leader's log start",
            RareState::EligibleLeader => "an eligible replica, out of the ISR, leads",
            RareState::LastKnownLeader => "the last known leader leads",
            RareState::ReassignmentCompleted => "a reassignment completed",
            RareState::ReassignmentCancelled => "a reassignment was taken back",
            RareState::ReplicaRemoved => "a reassignment took a replica away",
            RareState::TopicDeleted => "a topic was deleted",
            RareState::StrayReplicaFound => "a broker found the log of a topic that is gone",
            RareState::SnapshotGenerated => "a snapshot of the metadata was made",
            RareState::SnapshotFetched => "a snapshot of the metadata was fetched",
            RareState::SnapshotLoaded => "the metadata were read from a snapshot",
            RareState::MetadataLogStartMoved => "the metadata log let go of what a snapshot has",
            RareState::AddedBrokerLed => "a broker that was added leads",
            RareState::InSyncBrokerUnregistered => "a broker in sync was unregistered",
            RareState::ReplicaReplacedEmpty => "a replica's host was replaced by an empty one",
            RareState::ReadFromFollower => "a consumer was sent to a follower in its rack",
            RareState::ReadFromLeaderAgain => "a consumer went back from a follower to the leader",
            RareState::IsrChangeTooLate => "an ISR was asked for after the partition had changed",
            RareState::ReplicaNoLongerEligible => {
                "an ISR was asked for with a broker that had gone"
            }
            RareState::MajorityLost => "no majority of the voters was up",
            RareState::CoreServed => "a healed core served while the rest was broken",
            RareState::DuplicateRecognised => "a batch came again and was recognised",
            RareState::SequenceRefused => "a sequence number was refused",
            RareState::ProducerEpochBumped => "a producer bumped its epoch",
            RareState::BatchSplit => "a batch was split",
            RareState::BatchExpired => "a batch expired",
            RareState::SendBlocked => "send waited for memory",
            RareState::TransactionCommitted => {
                "a transaction was committed in all of its partitions"
            }
            RareState::TransactionTimedOut => "a transaction was aborted for its timeout",
            RareState::TransactionFenced => "a transaction was aborted for a successor",
            RareState::DecisionRecovered => "a coordinator went on with what another had decided",
            RareState::OffsetsInTransaction => "offsets were committed with a transaction",
        }
    }
}

/// Which rare states a run reached.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Coverage {
    reached: u128,
    /// Cleanings under way.
    cleaning: std::collections::BTreeSet<(NodeId, crate::ids::TopicPartition)>,
    /// The latest message of each direction that has arrived.
    arrived: std::collections::BTreeMap<(Address, Address), u32>,
    /// Partitions with an acks=1 acknowledgement above the high watermark of its time.
    acked_one: std::collections::BTreeMap<crate::ids::TopicPartition, i64>,
}

impl Coverage {
    pub fn has(&self, state: RareState) -> bool {
        self.reached & (1 << state as u32) != 0
    }

    pub(super) fn reach(&mut self, state: RareState) {
        self.reached |= 1 << state as u32;
    }

    fn note_transaction(&mut self, told: &TransactionEvent) {
        match told {
            TransactionEvent::Completed { commit: true, .. } => {
                self.reach(RareState::TransactionCommitted);
            }
            TransactionEvent::Decided { reason, .. } => match reason {
                DecisionReason::Asked => {}
                DecisionReason::TimedOut => self.reach(RareState::TransactionTimedOut),
                DecisionReason::Fenced => self.reach(RareState::TransactionFenced),
                DecisionReason::Recovered => self.reach(RareState::DecisionRecovered),
            },
            TransactionEvent::OffsetsResolved { commit: true, .. } => {
                self.reach(RareState::OffsetsInTransaction);
            }
            _ => {}
        }
    }

    fn note_voters(&mut self, cluster: &Cluster) {
        let voters: Vec<_> = cluster.spec().voters().collect();
        let runs = |id: &&NodeId| cluster.node(**id).is_some_and(|node| node.is_running());
        if voters.len() > 1 && voters.iter().filter(runs).count() <= voters.len() / 2 {
            self.reach(RareState::MajorityLost);
        }
    }

    pub fn note(&mut self, cluster: &Cluster, event: &Event) {
        use EventKind::*;
        match &event.kind {
            IsrChanged { isr, reason, .. }
                if isr.len() == 1 && *reason != ChangeReason::TopicCreated =>
            {
                self.reach(RareState::IsrShrankToOne);
            }
            IsrChanged { reason: ChangeReason::BrokerUnregistered(_), .. } => {
                self.reach(RareState::InSyncBrokerUnregistered);
            }
            IsrExpandAsked { .. } => self.reach(RareState::IsrExpanded),
            ProcessCrashed { node } | ProcessHalted { node } | PowerLost { node, .. } => {
                self.note_voters(cluster);
                if had_uncommitted_tail(cluster, *node) {
                    self.reach(RareState::LeaderCrashedWithUncommittedTail);
                }
                if let PowerLost { bytes_lost: 1.., .. } = event.kind {
                    self.reach(RareState::PowerLossTookBytes);
                }
            }
            CleaningStarted { partition, .. } => {
                self.cleaning.extend(event.place.node().map(|node| (node, partition.clone())));
            }
            CleaningFinished { partition, .. } | CleaningAborted { partition } => {
                let node = event.place.node();
                self.cleaning.retain(|(n, p)| Some(*n) != node || p != partition);
                self.reach(match event.kind {
                    CleaningAborted { .. } => RareState::CleaningAborted,
                    _ => RareState::LogCleaned,
                });
            }
            SnapshotGenerated { .. } => self.reach(RareState::SnapshotGenerated),
            SnapshotFetched { .. } => self.reach(RareState::SnapshotFetched),
            SnapshotLoaded { .. } => self.reach(RareState::SnapshotLoaded),
            MetadataLogStartMoved { .. } => self.reach(RareState::MetadataLogStartMoved),
            ReadReplicaChanged { change: ReadReplicaChange::Taken { .. }, .. } => {
                self.reach(RareState::ReadFromFollower);
            }
            ReadReplicaChanged { change: ReadReplicaChange::Left(_), .. } => {
                self.reach(RareState::ReadFromLeaderAgain);
            }
            SegmentsDeleted { .. } => self.reach(RareState::SegmentsDeleted),
            LogStartOffsetMoved { reason: LogStartReason::LeaderOffsetIncremented, .. } => {
                self.reach(RareState::LogStartFollowed);
            }
            LeaderElected { leader, reason, unclean, .. } => {
                if leader.is_some_and(|leader| leader.0 > cluster.spec().brokers) {
                    self.reach(RareState::AddedBrokerLed);
                }
                if *reason == ChangeReason::LeadersBalanced {
                    self.reach(RareState::PreferredLeaderBack);
                }
                if *unclean {
                    self.reach(RareState::UncleanLeader);
                    if *reason == ChangeReason::UncleanElection {
                        self.reach(RareState::UncleanLeaderByScan);
                    }
                }
                if leader.is_none() {
                    self.reach(RareState::PartitionWithoutLeader);
                } else if matches!(reason, ChangeReason::BrokerFenced(_)) {
                    self.reach(RareState::LeaderElectedAfterFence);
                }
            }
            ElectionHeld { choice: Choice::FirstEligible, .. } => {
                self.reach(RareState::EligibleLeader);
            }
            ElectionHeld { choice: Choice::LastKnownLeader, .. } => {
                self.reach(RareState::LastKnownLeader);
            }
            ReassignmentCompleted { .. } => self.reach(RareState::ReassignmentCompleted),
            ReassignmentCancelled { .. } => self.reach(RareState::ReassignmentCancelled),
            ReplicaRemoved { reason: RemovalReason::Reassigned, .. } => {
                self.reach(RareState::ReplicaRemoved);
            }
            LogTruncated { partition, to, .. } => {
                self.reach(RareState::LogTruncated);
                if self.acked_one.get(partition).is_some_and(|offset| offset >= to) {
                    self.reach(RareState::AcknowledgedOneThenLost);
                }
            }
            EventKind::TopicDeleted { .. } => self.reach(RareState::TopicDeleted),
            ReplicaRemoved { reason: RemovalReason::Stray, .. } => {
                self.reach(RareState::StrayReplicaFound);
            }
            DivergenceFound { .. } => self.reach(RareState::DivergenceFound),
            HighWatermarkMoved { from, to, role: Role::Follower, .. } if to < from => {
                self.reach(RareState::FollowerMarkWentBack);
            }
            BecameLeader { partition, start_offset, .. } => {
                let mark = event.place.node().and_then(|node| {
                    let broker = cluster.node(node)?.broker()?;
                    Some(broker.replicas.partitions.get(partition)?.log.high_watermark())
                });
                if mark.is_some_and(|mark| mark < *start_offset) {
                    self.reach(RareState::NewLeaderKnewLowerMark);
                }
            }
            ProduceAnswered { error: Some(KafkaError::NotEnoughReplicas), .. } => {
                self.reach(RareState::NotEnoughReplicas);
            }
            ProduceAnswered { error: Some(KafkaError::RequestTimedOut), .. } => {
                self.reach(RareState::ProduceTimedOut);
            }
            RecordAcknowledged { partition, offset, acks: Acks::Leader, .. } => {
                let highest = self.acked_one.entry(partition.clone()).or_insert(-1);
                *highest = (*highest).max(*offset);
            }
            LogRecovered { bytes_truncated: 1.., .. } => {
                self.reach(RareState::RecoveryTruncatedBytes)
            }
            DuplicateRecognised { .. } => self.reach(RareState::DuplicateRecognised),
            SequenceRefused { .. } => self.reach(RareState::SequenceRefused),
            ProducerEpochBumped { .. } => self.reach(RareState::ProducerEpochBumped),
            BatchAdvanced { stage: BatchStage::Split { .. }, .. } => {
                self.reach(RareState::BatchSplit);
            }
            BatchAdvanced { stage: BatchStage::Expired { .. }, .. } => {
                self.reach(RareState::BatchExpired);
            }
            SendBlocked { .. } => self.reach(RareState::SendBlocked),
            Transaction(told) => self.note_transaction(told),
            ProcessStopped { .. } => self.reach(RareState::ControlledShutdownFinished),
            EnvelopeDropped { reason: DropReason::LinkCut, .. } => {
                self.reach(RareState::MessageLostOnCutLink);
            }
            EnvelopeDropped { reason: DropReason::LinkLossy, .. } => {
                self.reach(RareState::MessageLostOnBadLink);
            }
            EnvelopeDropped { envelope, reason: DropReason::NotExpected, .. }
                if envelope.copy > 0 =>
            {
                self.reach(RareState::AnswerCameTwice);
            }
            EnvelopeDelivered { envelope, direction, .. } => {
                if envelope.copy > 0 && *direction == Direction::Request {
                    self.reach(RareState::RequestCameTwice);
                }
                let link = self.arrived.entry((envelope.from, envelope.to)).or_default();
                let overtaken = envelope.n < *link;
                *link = envelope.n.max(*link);
                if overtaken {
                    self.reach(RareState::MessageOvertaken);
                }
            }
            LogDirFailed { .. } => self.reach(RareState::LogDirFailed),
            DiskLost { node, .. } if is_replica(cluster, *node) => {
                self.reach(RareState::DiskLostByAReplica);
            }
            BrokerReplaced { node, .. } if is_replica(cluster, *node) => {
                self.reach(RareState::ReplicaReplacedEmpty);
            }
            DiskAwaited { .. } => self.reach(RareState::SlowDiskAwaited),
            EnvelopeQueued { .. } => self.reach(RareState::PausedProcessQueued),
            AlterPartitionRefused { error, .. } => {
                self.reach(RareState::AlterPartitionRefused);
                if *error == KafkaError::IneligibleReplica {
                    self.reach(RareState::ReplicaNoLongerEligible);
                } else if *error == KafkaError::InvalidUpdateVersion {
                    self.reach(RareState::IsrChangeTooLate);
                }
            }
            ProcessPaused { .. } => self.note_voters(cluster),
            TruncationDetected { .. } => self.reach(RareState::ConsumerSawTruncation),
            ProcessStarted { node } if self.cleaning.iter().any(|(n, _)| n == node) => {
                self.reach(RareState::ProcessEndedInsideACleaning);
                self.cleaning.retain(|(n, _)| n != node);
            }
            ProcessStarted { node } if node.is_controller() => {
                self.reach(RareState::ControllerRestarted);
            }
            _ => {}
        }
        if cluster.checker().is_some_and(|checker| checker.counts.lost_legally > 0) {
            self.reach(RareState::CommittedLostLegally);
        }
    }
}

fn is_replica(cluster: &Cluster, node: NodeId) -> bool {
    let holds = |image: &MetadataImage| image.partitions().any(|(_, p)| p.replicas.contains(&node));
    cluster.metadata_image().is_some_and(holds)
}

/// Whether some partition that the controller gives to `node` has more in another log, or had more
/// on this one, than is committed. The process is gone, so its followers tell: one of them waits for
/// more than its mark.
fn had_uncommitted_tail(cluster: &Cluster, node: NodeId) -> bool {
    let Some(image) = cluster.metadata_image() else {
        return false;
    };
    let led: Vec<_> =
        image.partitions().filter(|(_, p)| p.leader == Some(node)).map(|(id, _)| id).collect();
    led.iter().any(|id| {
        cluster
            .brokers()
            .filter_map(|n| n.broker()?.replicas.partitions.get(id))
            .any(|replica| replica.log.log_end_offset() > replica.log.high_watermark())
    })
}
