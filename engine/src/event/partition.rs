//! Which partition an event is about.

use super::EventKind;
use crate::ids::TopicPartition;

impl EventKind {
    /// The partition that the event is about, if it is about one.
    pub fn partition(&self) -> Option<&TopicPartition> {
        use EventKind::*;
        match self {
            LogRecovered { partition, .. }
            | LeaderElected { partition, .. }
            | IsrChanged { partition, .. }
            | ElectionHeld { partition, .. }
            | ElrChanged { partition, .. }
            | ReassignmentBegan { partition, .. }
            | ReassignmentAdvanced { partition, .. }
            | ReassignmentCompleted { partition, .. }
            | ReassignmentCancelled { partition, .. }
            | AlterPartitionRefused { partition, .. }
            | ElectionRefused { partition, .. }
            | ReplicaRemoved { partition, .. }
            | BecameLeader { partition, .. }
            | BecameFollower { partition, .. }
            | RecordsAppended { partition, .. }
            | SegmentRolled { partition, .. }
            | LogStartOffsetMoved { partition, .. }
            | SegmentsDeleted { partition, .. }
            | CleaningStarted { partition, .. }
            | OffsetMapBuilt { partition, .. }
            | SegmentsCleaned { partition, .. }
            | SegmentsSwapped { partition, .. }
            | CleaningFinished { partition, .. }
            | CleaningAborted { partition }
            | FollowerCaughtUpTo { partition, .. }
            | HighWatermarkMoved { partition, .. }
            | DivergenceFound { partition, .. }
            | LogTruncated { partition, .. }
            | IsrShrinkAsked { partition, .. }
            | IsrExpandAsked { partition, .. }
            | IsrCommitted { partition, .. }
            | RequestParked { partition, .. }
            | ProduceAnswered { partition, .. }
            | RecordQueued { partition, .. }
            | RecordAcknowledged { partition, .. }
            | RecordFailed { partition, .. }
            | ProduceRetried { partition, .. }
            | DuplicateRecognised { partition, .. }
            | SequenceRefused { partition, .. }
            | SendBlocked { partition, .. }
            | BatchAdvanced { partition, .. }
            | LeaderLearned { partition, .. }
            | RecordsConsumed { partition, .. }
            | PositionReset { partition, .. }
            | ReadReplicaChanged { partition, .. }
            | TruncationDetected { partition, .. } => Some(partition),
            Group(event) => event.partition(),
            Transaction(event) => event.partition(),
            _ => None,
        }
    }
}
