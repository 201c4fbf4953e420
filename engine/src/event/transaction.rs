//! What happens to transactions: at their coordinator, in the logs, and at the producer.

use super::EventKind;
use crate::ids::{ClientId, NodeId, TopicPartition};
use crate::protocol::{Api, CommittedOffset, KafkaError, ProducerIdAndEpoch};
use std::sync::Arc;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum TransactionEvent {
    // At the coordinator.
    /// A broker that leads this partition of `__transaction_state` now has read it.
    Loaded {
        partition: TopicPartition,
        transactional_ids: u32,
    },
    Unloaded {
        partition: TopicPartition,
    },
    /// Whoever has this transactional id now, and no earlier one.
    ProducerInitialized {
        transactional_id: Arc<str>,
        producer: ProducerIdAndEpoch,
    },
    PartitionsAdded {
        transactional_id: Arc<str>,
        producer: ProducerIdAndEpoch,
        partitions: Arc<[TopicPartition]>,
    },
    /// The record that says so is committed: from here on nothing else can come of the transaction. The
    /// markers will have this epoch.
    Decided {
        transactional_id: Arc<str>,
        producer: ProducerIdAndEpoch,
        commit: bool,
        reason: DecisionReason,
        partitions: Arc<[TopicPartition]>,
    },
    /// Every partition has its marker.
    Completed {
        transactional_id: Arc<str>,
        producer: ProducerIdAndEpoch,
        commit: bool,
    },
    RequestRefused {
        transactional_id: Arc<str>,
        api: Api,
        error: KafkaError,
        /// Of the request, and of the transactional id.
        epochs: (i16, i16),
    },
    Expired {
        transactional_id: Arc<str>,
    },

    // In the logs.
    MarkerWritten {
        partition: TopicPartition,
        producer: ProducerIdAndEpoch,
        commit: bool,
        offset: i64,
        /// Where the transaction began that it ends here, and its epoch; there may be none, as when the marker
        /// comes again.
        ended: Option<(i64, i16)>,
    },
    /// Told where a transaction is or was open.
    LastStableOffsetMoved {
        partition: TopicPartition,
        from: i64,
        to: i64,
        high_watermark: i64,
    },
    /// Offsets that were committed with a transaction hold now, or are forgotten.
    OffsetsResolved {
        group: Arc<str>,
        producer_id: i64,
        commit: bool,
        offsets: Arc<[(TopicPartition, CommittedOffset)]>,
    },

    // At the producer.
    CoordinatorFound {
        client: ClientId,
        transactional_id: Arc<str>,
        coordinator: NodeId,
    },
    /// `number` counts the transactions of the producer.
    Began {
        client: ClientId,
        number: u64,
    },
    /// The application has called commitTransaction or abortTransaction.
    Ending {
        client: ClientId,
        number: u64,
        commit: bool,
    },
    Ended {
        client: ClientId,
        number: u64,
        commit: bool,
    },
    /// What sendOffsetsToTransaction brought is at the group's coordinator.
    OffsetsSent {
        client: ClientId,
        group: Arc<str>,
        offsets: Arc<[(TopicPartition, CommittedOffset)]>,
    },
    /// Something went wrong: the transaction can only be aborted or, if the producer is `done`, not even
    /// that.
    Failed {
        client: ClientId,
        error: KafkaError,
        done: bool,
    },
    /// The application called what does not fit (`IllegalStateException`).
    CallRefused {
        client: ClientId,
        call: TransactionCall,
    },
}

/// Why a transaction ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DecisionReason {
    /// Its producer said so.
    Asked,
    /// `transaction.timeout.ms`
    TimedOut,
    /// Another producer came with the same transactional id.
    Fenced,
    /// An earlier coordinator had decided.
    Recovered,
}

/// What an application calls of a transactional producer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TransactionCall {
    Begin,
    Send,
    SendOffsets,
    Commit,
    Abort,
}

impl TransactionEvent {
    /// The partition that the event is about, if it is about one.
    pub fn partition(&self) -> Option<&TopicPartition> {
        match self {
            TransactionEvent::Loaded { partition, .. }
            | TransactionEvent::Unloaded { partition }
            | TransactionEvent::MarkerWritten { partition, .. }
            | TransactionEvent::LastStableOffsetMoved { partition, .. } => Some(partition),
            _ => None,
        }
    }
}

impl From<TransactionEvent> for EventKind {
    fn from(event: TransactionEvent) -> Self {
        EventKind::Transaction(event)
    }
}
