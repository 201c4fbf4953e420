//! What whoever reads a log, and who leads it, say to each other.

use super::*;

impl FetchResponse {
    /// An answer outside of any session.
    pub fn sessionless(partitions: Vec<PartitionData>) -> Self {
        FetchResponse { error: None, session_id: 0, partitions }
    }
}

/// Who is fetching, and so how far it may read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fetcher {
    /// Reads up to the high watermark.
    Consumer,
    /// Reads up to the log end offset. The broker epoch tells a restarted replica from its past self.
    Replica { id: NodeId, broker_epoch: i64 },
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FetchRequest {
    pub fetcher: Fetcher,
    /// The consumer's `client.rack`.
    pub rack_id: Option<std::sync::Arc<str>>,
    pub isolation: IsolationLevel,
    pub max_wait_ms: u64,
    pub min_bytes: u32,
    pub max_bytes: u32,
    pub session: FetchMetadata,
    /// In a session: those of which something is asked that was not asked before.
    pub partitions: Vec<FetchPartition>,
    /// Partitions that leave the session.
    pub forgotten: Vec<TopicPartition>,
}

/// Which fetch session a request belongs to, and which of its requests it is (KIP-227). Epoch 0 opens
/// a session, and is the default.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct FetchMetadata {
    /// 0 for none.
    pub session_id: u32,
    pub epoch: i32,
}

impl FetchMetadata {
    /// A fetch outside of any session: it names all it wants.
    pub const SESSIONLESS: FetchMetadata = FetchMetadata { session_id: 0, epoch: -1 };
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FetchPartition {
    /// Which topic of that name is meant; zero for the metadata log.
    pub topic_id: Uuid,
    pub partition: TopicPartition,
    pub current_leader_epoch: i32,
    pub fetch_offset: i64,
    /// Epoch of the fetcher's last record; -1 for none, or for a consumer.
    pub last_fetched_epoch: i32,
    pub log_start_offset: i64,
    /// No more of this partition (`max.partition.fetch.bytes`), unless its first batch is larger.
    pub max_bytes: u32,
    /// Of the metadata log: the fetcher's own, so that the leader answers at once when it knows a
    /// higher one (KIP-1166). -1 elsewhere.
    pub high_watermark: i64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FetchResponse {
    /// The broker does not know the session, or not this request of it.
    pub error: Option<KafkaError>,
    /// 0 for none.
    pub session_id: u32,
    /// In a session, after the first answer: those of which there is something new to say.
    pub partitions: Vec<PartitionData>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartitionData {
    pub partition: TopicPartition,
    /// The topic, leader epoch and offset that were asked for; an answer to another question is
    /// dropped.
    pub topic_id: Uuid,
    pub asked_leader_epoch: i32,
    pub asked_offset: i64,
    pub error: Option<KafkaError>,
    pub high_watermark: i64,
    pub last_stable_offset: i64,
    pub log_start_offset: i64,
    /// For a reader of committed records: the aborted transactions that it will meet.
    pub aborted_transactions: Vec<AbortedTransaction>,
    pub diverging_epoch: Option<DivergingEpoch>,
    /// Of the metadata log: who leads the quorum.
    pub current_leader: Option<LeaderAndEpoch>,
    /// Of the metadata log: it no longer goes back so far, this has to be fetched first.
    pub snapshot_id: Option<SnapshotId>,
    /// Of a leader to a consumer: read there instead. Then there are no records.
    pub preferred_read_replica: Option<NodeId>,
    /// Whole record batches, one `Bytes` each.
    pub records: Vec<Bytes>,
}
