//! Errors by Kafka's codes and names (`org.apache.kafka.common.protocol.Errors`).

use serde::{Deserialize, Serialize};
use std::fmt;

/// Kafka's `Errors`, those that can occur here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum KafkaError {
    RecordListTooLarge,
    InvalidTimestamp,
    InvalidRecord,
    OffsetOutOfRange,
    CorruptMessage,
    UnknownTopicOrPartition,
    UnknownTopicId,
    LeaderNotAvailable,
    CoordinatorLoadInProgress,
    NotLeaderOrFollower,
    RequestTimedOut,
    NetworkException,
    MessageTooLarge,
    NotEnoughReplicas,
    NotEnoughReplicasAfterAppend,
    InvalidRequiredAcks,
    NotController,
    InvalidRequest,
    KafkaStorageError,
    FetchSessionIdNotFound,
    InvalidFetchSessionEpoch,
    FencedLeaderEpoch,
    UnknownLeaderEpoch,
    StaleBrokerEpoch,
    OffsetNotAvailable,
    InvalidUpdateVersion,
    DuplicateBrokerRegistration,
    BrokerIdNotRegistered,
    IneligibleReplica,
    NewLeaderElected,
    PreferredLeaderNotAvailable,
    EligibleLeadersNotAvailable,
    ElectionNotNeeded,
    PolicyViolation,
    OutOfOrderSequenceNumber,
    InvalidProducerEpoch,
    InvalidTxnState,
    TransactionCoordinatorFenced,
    SnapshotNotFound,
    PositionOutOfRange,
    CoordinatorNotAvailable,
    NotCoordinator,
    IllegalGeneration,
    InconsistentGroupProtocol,
    InvalidGroupId,
    UnknownMemberId,
    InvalidSessionTimeout,
    RebalanceInProgress,
    TopicAlreadyExists,
    InvalidReplicationFactor,
    MemberIdRequired,
    FencedInstanceId,
    GroupIdNotFound,
    FencedMemberEpoch,
    UnreleasedInstanceId,
    UnsupportedAssignor,
    StaleMemberEpoch,
    InvalidProducerIdMapping,
    InvalidTransactionTimeout,
    ConcurrentTransactions,
    UnstableOffsetCommit,
    ProducerFenced,
    TransactionAbortable,
}

impl KafkaError {
    /// What a coordinator says that could not append to its log
    /// (`TransactionStateManager.appendTransactionToLog`, `CoordinatorRuntime`).
    pub fn of_a_coordinator(self) -> Self {
        use KafkaError::*;
        match self {
            UnknownTopicOrPartition
            | NotEnoughReplicas
            | NotEnoughReplicasAfterAppend
            | RequestTimedOut => CoordinatorNotAvailable,
            NotLeaderOrFollower | KafkaStorageError => NotCoordinator,
            error => error,
        }
    }

    /// The error code of Kafka's protocol.
    pub fn code(self) -> i16 {
        use KafkaError::*;
        match self {
            InvalidRecord => 87,
            InvalidTimestamp => 32,
            RecordListTooLarge => 18,
            OffsetOutOfRange => 1,
            CorruptMessage => 2,
            UnknownTopicOrPartition => 3,
            UnknownTopicId => 100,
            LeaderNotAvailable => 5,
            NotLeaderOrFollower => 6,
            RequestTimedOut => 7,
            NetworkException => 13,
            MessageTooLarge => 10,
            NotEnoughReplicas => 19,
            NotEnoughReplicasAfterAppend => 20,
            InvalidRequiredAcks => 21,
            NotController => 41,
            InvalidRequest => 42,
            KafkaStorageError => 56,
            FetchSessionIdNotFound => 70,
            InvalidFetchSessionEpoch => 71,
            FencedLeaderEpoch => 74,
            UnknownLeaderEpoch => 75,
            StaleBrokerEpoch => 77,
            OffsetNotAvailable => 78,
            InvalidUpdateVersion => 95,
            DuplicateBrokerRegistration => 101,
            BrokerIdNotRegistered => 102,
            IneligibleReplica => 107,
            NewLeaderElected => 108,
            PreferredLeaderNotAvailable => 80,
            EligibleLeadersNotAvailable => 83,
            ElectionNotNeeded => 84,
            PolicyViolation => 44,
            OutOfOrderSequenceNumber => 45,
            InvalidProducerEpoch => 47,
            InvalidTxnState => 48,
            CoordinatorLoadInProgress => 14,
            TransactionCoordinatorFenced => 52,
            SnapshotNotFound => 98,
            PositionOutOfRange => 99,
            CoordinatorNotAvailable => 15,
            NotCoordinator => 16,
            IllegalGeneration => 22,
            InconsistentGroupProtocol => 23,
            InvalidGroupId => 24,
            UnknownMemberId => 25,
            InvalidSessionTimeout => 26,
            RebalanceInProgress => 27,
            TopicAlreadyExists => 36,
            InvalidReplicationFactor => 38,
            MemberIdRequired => 79,
            FencedInstanceId => 82,
            GroupIdNotFound => 69,
            FencedMemberEpoch => 110,
            UnreleasedInstanceId => 111,
            UnsupportedAssignor => 112,
            StaleMemberEpoch => 113,
            InvalidProducerIdMapping => 49,
            InvalidTransactionTimeout => 50,
            ConcurrentTransactions => 51,
            UnstableOffsetCommit => 88,
            ProducerFenced => 90,
            TransactionAbortable => 120,
        }
    }

    pub fn name(self) -> &'static str {
        use KafkaError::*;
        match self {
            InvalidRecord => "INVALID_RECORD",
            InvalidTimestamp => "INVALID_TIMESTAMP",
            RecordListTooLarge => "RECORD_LIST_TOO_LARGE",
            OffsetOutOfRange => "OFFSET_OUT_OF_RANGE",
            CorruptMessage => "CORRUPT_MESSAGE",
            UnknownTopicOrPartition => "UNKNOWN_TOPIC_OR_PARTITION",
            UnknownTopicId => "UNKNOWN_TOPIC_ID",
            LeaderNotAvailable => "LEADER_NOT_AVAILABLE",
            NotLeaderOrFollower => "NOT_LEADER_OR_FOLLOWER",
            RequestTimedOut => "REQUEST_TIMED_OUT",
            NetworkException => "NETWORK_EXCEPTION",
            MessageTooLarge => "MESSAGE_TOO_LARGE",
            NotEnoughReplicas => "NOT_ENOUGH_REPLICAS",
            NotEnoughReplicasAfterAppend => "NOT_ENOUGH_REPLICAS_AFTER_APPEND",
            InvalidRequiredAcks => "INVALID_REQUIRED_ACKS",
            NotController => "NOT_CONTROLLER",
            InvalidRequest => "INVALID_REQUEST",
            KafkaStorageError => "KAFKA_STORAGE_ERROR",
            FetchSessionIdNotFound => "FETCH_SESSION_ID_NOT_FOUND",
            InvalidFetchSessionEpoch => "INVALID_FETCH_SESSION_EPOCH",
            FencedLeaderEpoch => "FENCED_LEADER_EPOCH",
            UnknownLeaderEpoch => "UNKNOWN_LEADER_EPOCH",
            StaleBrokerEpoch => "STALE_BROKER_EPOCH",
            OffsetNotAvailable => "OFFSET_NOT_AVAILABLE",
            InvalidUpdateVersion => "INVALID_UPDATE_VERSION",
            DuplicateBrokerRegistration => "DUPLICATE_BROKER_REGISTRATION",
            BrokerIdNotRegistered => "BROKER_ID_NOT_REGISTERED",
            IneligibleReplica => "INELIGIBLE_REPLICA",
            NewLeaderElected => "NEW_LEADER_ELECTED",
            PreferredLeaderNotAvailable => "PREFERRED_LEADER_NOT_AVAILABLE",
            EligibleLeadersNotAvailable => "ELIGIBLE_LEADERS_NOT_AVAILABLE",
            ElectionNotNeeded => "ELECTION_NOT_NEEDED",
            PolicyViolation => "POLICY_VIOLATION",
            OutOfOrderSequenceNumber => "OUT_OF_ORDER_SEQUENCE_NUMBER",
            InvalidProducerEpoch => "INVALID_PRODUCER_EPOCH",
            InvalidTxnState => "INVALID_TXN_STATE",
            CoordinatorLoadInProgress => "COORDINATOR_LOAD_IN_PROGRESS",
            TransactionCoordinatorFenced => "TRANSACTION_COORDINATOR_FENCED",
            SnapshotNotFound => "SNAPSHOT_NOT_FOUND",
            PositionOutOfRange => "POSITION_OUT_OF_RANGE",
            CoordinatorNotAvailable => "COORDINATOR_NOT_AVAILABLE",
            NotCoordinator => "NOT_COORDINATOR",
            IllegalGeneration => "ILLEGAL_GENERATION",
            InconsistentGroupProtocol => "INCONSISTENT_GROUP_PROTOCOL",
            InvalidGroupId => "INVALID_GROUP_ID",
            UnknownMemberId => "UNKNOWN_MEMBER_ID",
            InvalidSessionTimeout => "INVALID_SESSION_TIMEOUT",
            RebalanceInProgress => "REBALANCE_IN_PROGRESS",
            TopicAlreadyExists => "TOPIC_ALREADY_EXISTS",
            InvalidReplicationFactor => "INVALID_REPLICATION_FACTOR",
            MemberIdRequired => "MEMBER_ID_REQUIRED",
            FencedInstanceId => "FENCED_INSTANCE_ID",
            GroupIdNotFound => "GROUP_ID_NOT_FOUND",
            FencedMemberEpoch => "FENCED_MEMBER_EPOCH",
            UnreleasedInstanceId => "UNRELEASED_INSTANCE_ID",
            UnsupportedAssignor => "UNSUPPORTED_ASSIGNOR",
            StaleMemberEpoch => "STALE_MEMBER_EPOCH",
            InvalidProducerIdMapping => "INVALID_PRODUCER_ID_MAPPING",
            InvalidTransactionTimeout => "INVALID_TRANSACTION_TIMEOUT",
            ConcurrentTransactions => "CONCURRENT_TRANSACTIONS",
            UnstableOffsetCommit => "UNSTABLE_OFFSET_COMMIT",
            ProducerFenced => "PRODUCER_FENCED",
            TransactionAbortable => "TRANSACTION_ABORTABLE",
        }
    }

    /// Whether a producer may send the batch again (Kafka's `RetriableException`).
    pub fn is_retriable(self) -> bool {
        use KafkaError::*;
        !matches!(
            self,
            MessageTooLarge
                | RecordListTooLarge
                | InvalidTimestamp
                | InvalidRecord
                | InvalidRequiredAcks
                | InvalidRequest
                | OffsetOutOfRange
                | OutOfOrderSequenceNumber
                | InvalidProducerEpoch
                | InvalidTxnState
                | TransactionCoordinatorFenced
                | InvalidProducerIdMapping
                | InvalidTransactionTimeout
                | ProducerFenced
                | TransactionAbortable
        )
    }
}

impl fmt::Display for KafkaError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
