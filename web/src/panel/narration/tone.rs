//! Which events the list tells of, and in which tone. Pure. The words are the engine's.

use crate::i18n::panels::NarrationText;
use kafkascope_engine::event::{
    BatchStage, DropReason, EventKind, GroupEvent, Role, TransactionEvent,
};
use kafkascope_engine::script::describe::is_milestone;

/// Whether an event is left out until the reader asks for everything.
pub fn is_routine(kind: &EventKind) -> bool {
    match kind {
        EventKind::Commanded { .. }
        | EventKind::RequestTimedOut { .. }
        | EventKind::EnvelopeDuplicated { .. }
        | EventKind::EnvelopeMoved { .. } => false,
        EventKind::EnvelopeDropped { reason, .. } => *reason == DropReason::NotExpected,
        EventKind::Flushed { bytes, .. } => *bytes == 0,
        _ => !is_milestone(kind),
    }
}

/// What an event is about. Each tone has a mark of its own besides its colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    Command,
    Data,
    Committed,
    Control,
    Trouble,
    Plain,
}

impl Tone {
    pub fn of(kind: &EventKind) -> Tone {
        use EventKind::*;
        match kind {
            Commanded { .. } => Tone::Command,
            RecordsAppended { .. }
            | SegmentRolled { .. }
            | LogStartOffsetMoved { .. }
            | SegmentsDeleted { .. }
            | FilesDeleted { .. }
            | CleaningStarted { .. }
            | OffsetMapBuilt { .. }
            | SegmentsCleaned { .. }
            | SegmentsSwapped { .. }
            | CleaningFinished { .. }
            | FollowerCaughtUpTo { .. }
            | RequestParked { .. }
            | RecordQueued { .. }
            | Workload(_)
            | DuplicateRecognised { .. }
            | RecordsConsumed { .. }
            | PositionReset { .. }
            | Flushed { .. }
            | ReadFromDisk { .. }
            | ProduceAnswered { error: None, .. }
            | Group(GroupEvent::RecordsProcessed { .. }) => Tone::Data,
            HighWatermarkMoved { .. }
            | RecordAcknowledged { .. }
            | Group(GroupEvent::CommitStored { .. } | GroupEvent::OffsetsCommitted { .. }) => {
                Tone::Committed
            }
            Group(
                GroupEvent::MemberRemoved { .. }
                | GroupEvent::OffsetsExpired { .. }
                | GroupEvent::CoordinatorLost { .. }
                | GroupEvent::PartitionsRevoked { lost: true, .. }
                | GroupEvent::RequestRefused { .. }
                | GroupEvent::PollIntervalExceeded { .. }
                | GroupEvent::Failed { .. },
            )
            | ClientClosed { killed: true, .. } => Tone::Trouble,
            Group(_) => Tone::Control,
            Transaction(
                TransactionEvent::Failed { .. }
                | TransactionEvent::CallRefused { .. }
                | TransactionEvent::RequestRefused { .. }
                | TransactionEvent::Expired { .. },
            ) => Tone::Trouble,
            Transaction(
                TransactionEvent::LastStableOffsetMoved { .. }
                | TransactionEvent::OffsetsResolved { commit: true, .. }
                | TransactionEvent::Ended { commit: true, .. },
            ) => Tone::Committed,
            Transaction(TransactionEvent::MarkerWritten { .. }) => Tone::Data,
            Transaction(_) => Tone::Control,
            BrokerAdded { .. }
            | BrokerRegistered { .. }
            | BrokerUnregistered { .. }
            | TopicDeleted { .. }
            | ReplicaRemoved { .. }
            | BrokerUnfenced { .. }
            | LeaderElected { unclean: false, leader: Some(_), .. }
            | ElectionHeld { leader: Some(_), .. }
            | ElrChanged { .. }
            | ReassignmentBegan { .. }
            | ReassignmentAdvanced { .. }
            | ReassignmentCompleted { .. }
            | ReassignmentCancelled { .. }
            | IsrChanged { .. }
            | IsrShrinkAsked { .. }
            | IsrExpandAsked { .. }
            | IsrCommitted { .. }
            | BecameLeader { .. }
            | VotesAsked { .. }
            | VoteCast { .. }
            | QuorumLeaderElected { .. }
            | QuorumLeaderFollowed { .. }
            | SnapshotGenerated { .. }
            | SnapshotFetchStarted { .. }
            | SnapshotFetched { .. }
            | SnapshotLoaded { .. }
            | MetadataLogStartMoved { .. }
            | ControllerActivated { .. }
            | BecameFollower { .. }
            | LeaderLearned { .. }
            | ReadReplicaChanged { .. }
            | ProducerIdAssigned { .. }
            | ProcessStarted { .. }
            | ProcessResumed { .. }
            | ShutdownBegan { .. }
            | ProcessStopped { .. }
            | LogRecovered { bytes_truncated: 0, .. } => Tone::Control,
            LeaderElected { .. }
            | ElectionHeld { .. }
            | LogRecovered { .. }
            | EnvelopeDropped { .. }
            | EnvelopeDuplicated { .. }
            | EnvelopeMoved { .. }
            | ConnectionLost { .. }
            | RequestTimedOut { .. }
            | ProcessCrashed { .. }
            | ProcessHalted { .. }
            | LogDirFailed { .. }
            | DiskLost { .. }
            | BrokerReplaced { .. }
            | PowerLost { .. }
            | ProcessPaused { .. }
            | BrokerFenced { .. }
            | AlterPartitionRefused { .. }
            | ElectionRefused { .. }
            | DivergenceFound { .. }
            | QuorumLeaderResigned { .. }
            | ChangesLeftOpen { .. }
            | MetadataTruncated { .. }
            | LogTruncated { .. }
            | CleaningAborted { .. }
            | ProduceAnswered { .. }
            | RecordFailed { .. }
            | ProduceRetried { .. }
            | BatchAdvanced { stage: BatchStage::Expired { .. }, .. }
            | SendBlocked { .. }
            | SequenceRefused { .. }
            | ProducerEpochBumped { .. }
            | TruncationDetected { .. } => Tone::Trouble,
            BatchAdvanced { .. } => Tone::Data,
            EnvelopeSent { .. }
            | EnvelopeDelivered { .. }
            | EnvelopeQueued { .. }
            | DiskAwaited { .. }
            | TimerFired { .. }
            | HighWatermarkCheckpointed { .. }
            | MetadataAppended { .. }
            | MetadataApplied { .. }
            | MetadataCommitted { .. }
            | ClientClosed { killed: false, .. } => Tone::Plain,
        }
    }

    pub fn mark(self) -> &'static str {
        match self {
            Tone::Command => "›",
            Tone::Data => "+",
            Tone::Committed => "✓",
            Tone::Control => "◆",
            Tone::Trouble => "!",
            Tone::Plain => "·",
        }
    }

    /// What the mark says aloud, where the sentence does not say it anyway.
    pub fn name(self) -> Option<NarrationText> {
        match self {
            Tone::Data => Some(NarrationText::MarkData),
            Tone::Committed => Some(NarrationText::MarkCommitted),
            Tone::Control => Some(NarrationText::MarkControl),
            Tone::Trouble => Some(NarrationText::MarkTrouble),
            Tone::Command | Tone::Plain => None,
        }
    }

    pub fn class(self) -> &'static str {
        match self {
            Tone::Command => "tone-command",
            Tone::Data => "tone-data",
            Tone::Committed => "tone-committed",
            Tone::Control => "tone-control",
            Tone::Trouble => "tone-trouble",
            Tone::Plain => "tone-plain",
        }
    }
}

/// What a story is told by: shown with emphasis, and spoken to those who listen instead of look.
pub fn is_landmark(kind: &EventKind) -> bool {
    use EventKind::*;
    match kind {
        RecordsAppended { role, .. } | HighWatermarkMoved { role, .. } => *role == Role::Leader,
        Commanded { .. }
        | BrokerAdded { .. }
        | BrokerReplaced { .. }
        | BrokerUnregistered { .. }
        | ProcessStarted { .. }
        | ProcessCrashed { .. }
        | ProcessHalted { .. }
        | DiskLost { .. }
        | PowerLost { .. }
        | ProcessStopped { .. }
        | ProcessPaused { .. }
        | ProcessResumed { .. }
        | BrokerFenced { .. }
        | BrokerUnfenced { .. }
        | LeaderElected { .. }
        | IsrChanged { .. }
        | ReassignmentBegan { .. }
        | ReassignmentCompleted { .. }
        | ReassignmentCancelled { .. }
        | LogTruncated { .. }
        | RecordFailed { .. }
        | ClientClosed { killed: true, .. }
        | Group(
            GroupEvent::StateChanged { .. }
            | GroupEvent::MemberRemoved { .. }
            | GroupEvent::PartitionsAssigned { .. }
            | GroupEvent::PartitionsRevoked { .. }
            | GroupEvent::PollIntervalExceeded { .. }
            | GroupEvent::Failed { .. },
        )
        | Transaction(
            TransactionEvent::Decided { .. }
            | TransactionEvent::Ended { .. }
            | TransactionEvent::MarkerWritten { .. }
            | TransactionEvent::Failed { .. },
        )
        | TruncationDetected { .. } => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kafkascope_engine::cluster::Cluster;
    use kafkascope_engine::spec::ClusterSpec;

    #[test]
    fn landmarks_are_never_routine_and_a_quiet_cluster_is_mostly_routine() {
        let (mut cluster, mut events) = Cluster::new(ClusterSpec::new(3, 7));
        for _ in 0..2000 {
            events.extend(cluster.advance().unwrap());
        }
        assert!(events.iter().all(|event| !(is_landmark(&event.kind) && is_routine(&event.kind))));
        let told = events.iter().filter(|event| !is_routine(&event.kind)).count();
        assert!(told > 10 && told * 20 < events.len(), "{told} of {}", events.len());
    }
}
