//! What the senders of requests about transactions wanted with them.

use crate::ids::TopicPartition;
use std::sync::Arc;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TxnCall {
    /// A coordinator tells a leader how a transaction has ended.
    WriteTxnMarkers {
        transactional_id: Arc<str>,
        coordinator_epoch: i32,
        partitions: Vec<TopicPartition>,
    },
    /// A leader asks a coordinator whether a batch that it holds belongs to a transaction.
    VerifyTransaction {
        held: u64,
    },
    FindCoordinator,
    /// A transactional producer looks for the coordinator of the group whose offsets it commits.
    FindGroupCoordinator,
    AddPartitionsToTxn {
        partitions: Vec<TopicPartition>,
    },
    AddOffsetsToTxn,
    TxnOffsetCommit,
    EndTxn,
}
