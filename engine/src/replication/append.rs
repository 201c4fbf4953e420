//! What comes of an append to a replica's log, and what is told of it. The appends themselves are in
//! [`super::partition`] and [`super::replica_fetcher`].

use super::partition::Effects;
use crate::event::EventKind;
use crate::ids::{EventId, TopicPartition};
use crate::log::append_origin::AppendOrigin;
use crate::log::log_error::LogError;
use crate::log::unified_log::LogAppendInfo;
use crate::protocol::{KafkaError, Origin, ProducerIdAndEpoch};
use crate::record::record_batch::RecordBatch;
use crate::world::Ctx;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Appended {
    pub base_offset: i64,
    pub last_offset: i64,
    pub event: EventId,
    pub effects: Effects,
}

/// Who would have a leader append a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Appender {
    /// Which records of which producer it holds.
    pub origin: Option<Origin>,
    pub acks_all: bool,
    pub by: AppendOrigin,
}

/// Says so if it was the producer's sequence or epoch that was wrong.
pub(super) fn tell_refused_sequence(
    ctx: &mut Ctx<'_>,
    partition: &TopicPartition,
    batch: &RecordBatch,
    error: &LogError,
) -> KafkaError {
    let (expected, current_epoch) = match error {
        LogError::OutOfOrderSequence { expected, .. } => (Some(*expected), batch.producer_epoch()),
        LogError::InvalidProducerEpoch { current, .. } => (None, *current),
        _ => return error.as_kafka_error(),
    };
    ctx.emit(EventKind::SequenceRefused {
        partition: partition.clone(),
        producer: ProducerIdAndEpoch {
            producer_id: batch.producer_id(),
            epoch: batch.producer_epoch(),
        },
        first: batch.base_sequence(),
        expected,
        current_epoch,
    });
    error.as_kafka_error()
}

/// What an append did besides: began a segment, made bytes durable.
pub(super) fn tell_what_came_with(
    ctx: &mut Ctx<'_>,
    partition: &TopicPartition,
    info: &LogAppendInfo,
) {
    if let Some(base_offset) = info.rolled {
        ctx.emit(EventKind::SegmentRolled { partition: partition.clone(), base_offset });
    }
    if let (Some(node), bytes @ 1..) = (ctx.here.node(), info.bytes_flushed) {
        ctx.emit(EventKind::Flushed { node, bytes });
    }
}
