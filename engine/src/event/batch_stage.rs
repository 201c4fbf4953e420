//! What becomes of a producer's batch between `send` and the answer.

use crate::protocol::ProducerIdAndEpoch;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum BatchStage {
    Created,
    /// It takes no more records: the next one would not fit, or must not travel with them.
    Filled {
        records: u32,
        bytes: u64,
    },
    /// It has waited for more records for `linger.ms`.
    Lingered {
        records: u32,
    },
    /// It leaves the accumulator for the leader.
    Drained {
        records: u32,
        /// 1 for the first.
        attempt: u32,
        /// Of an idempotent producer: who it is, and the sequence number of the first record.
        sequence: Option<(ProducerIdAndEpoch, i32)>,
    },
    /// It was not delivered within `delivery.timeout.ms`. If it was sent, it may be stored all the same.
    Expired {
        records: u32,
        was_sent: bool,
    },
    /// It was too large for the leader, and goes again in parts: these batches, and all between.
    Split {
        parts: (u64, u64),
    },
}
