//! A broker as the leader of partitions that are part of transactions: it writes the markers with which they
//! end, and says which batches need their coordinator's word first (KIP-890).

use super::{Env, ReplicaManager};
use crate::broker::REQUEST_TIMEOUT_MS;
use crate::event::TransactionEvent;
use crate::ids::{EventId, TopicPartition};
use crate::log::append_origin::{AppendOrigin, Verification};
use crate::protocol::*;
use crate::record::EndTransactionMarker;
use crate::record::record_batch::RecordBatch;
use crate::replication::append::Appender;
use crate::replication::partition::Effects;
use crate::replication::purgatory::{DelayedProduce, ProduceStatus};
use crate::sim::disk::Disk;
use crate::world::{Ctx, ReplyTo, Timer};
use std::collections::BTreeMap;

/// What the coordinator has said of the partitions of a produce request.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Verified {
    /// Transactions are to be known to their coordinator.
    pub is_on: bool,
    /// Under which guard it was asked, or why the batch may not be appended.
    pub partitions: BTreeMap<TopicPartition, Result<u64, KafkaError>>,
}

impl Verified {
    pub(super) fn of(&self, id: &TopicPartition) -> Result<Verification, KafkaError> {
        let guard = self.partitions.get(id).copied().transpose()?;
        Ok(if self.is_on { Verification::On { guard } } else { Verification::Off })
    }
}

impl ReplicaManager {
    /// The guard under which the coordinator is to be asked about a batch for this partition; `None` if its
    /// transaction is open here, or if it is not for this broker to ask.
    pub fn start_verification(&mut self, id: &TopicPartition, batch: &RecordBatch) -> Option<u64> {
        let partition = self.partition_mut(id).filter(|partition| partition.is_leader())?;
        partition.log.maybe_start_verification(batch)
    }

    /// Writes markers, and answers when they are committed. Where they are, with their offsets.
    pub fn handle_write_txn_markers(
        &mut self,
        ctx: &mut Ctx<'_>,
        disk: &mut Disk,
        env: &Env<'_>,
        reply_to: ReplyTo,
        request: &WriteTxnMarkersRequest,
    ) -> Vec<(TopicPartition, i64, EventId)> {
        let mut statuses = Vec::with_capacity(request.partitions.len());
        let mut written = Vec::new();
        let mut effects = Vec::new();
        for id in &request.partitions {
            let partition = id.clone();
            let status = match self.append_marker(ctx, disk, env, id, request) {
                Ok((offset, event, of_this)) => {
                    written.push((partition.clone(), offset, event));
                    effects.push((partition.clone(), event, of_this));
                    let offsets = (offset, offset);
                    ProduceStatus { partition, offsets, acks_pending: true, error: None }
                }
                Err(error) => {
                    let (offsets, error) = ((-1, -1), Some(error));
                    ProduceStatus { partition, offsets, acks_pending: false, error }
                }
            };
            statuses.push(status);
        }
        let (acks, is_markers) = (Acks::All, true);
        let last = written.last().map_or(ctx.cause, |(.., event)| *event);
        let mut last_ctx = ctx.because(last);
        if written.is_empty() {
            let partitions = statuses;
            let answer = DelayedProduce { id: 0, reply_to, acks, is_markers, partitions };
            last_ctx.respond(reply_to, answer.response());
        } else {
            let parked = self.purgatory.park_produce(reply_to, acks, is_markers, statuses);
            last_ctx.set_timer_in(Timer::Parked(parked), REQUEST_TIMEOUT_MS);
        }
        for (id, event, of_this) in effects {
            self.settle(&mut ctx.because(event), disk, env, &id, of_this, true);
        }
        written
    }

    fn append_marker(
        &mut self,
        ctx: &mut Ctx<'_>,
        disk: &mut Disk,
        env: &Env<'_>,
        id: &TopicPartition,
        request: &WriteTxnMarkersRequest,
    ) -> Result<(i64, EventId, Effects), KafkaError> {
        let WriteTxnMarkersRequest { producer, commit, coordinator_epoch, .. } = *request;
        let marker = EndTransactionMarker { commit, coordinator_epoch };
        let now_ms = ctx.now().timestamp_ms();
        let bytes = marker.batch(producer.producer_id, producer.epoch, now_ms);
        let batch = RecordBatch::parse(bytes).map_err(|_| KafkaError::CorruptMessage)?;
        let by = AppendOrigin::coordinator(request.transaction_version, Verification::Off);
        let appender = Appender { origin: None, acks_all: true, by };
        let partition = self.partition_mut(id).ok_or(KafkaError::NotLeaderOrFollower)?;
        let open = partition.log.producer_state().entry(producer.producer_id);
        let ended =
            open.and_then(|open| Some((open.current_txn_first_offset?, open.producer_epoch)));
        let appended = partition.append_to_leader(ctx, disk, env.image, &batch, appender)?;
        let event = ctx.because(appended.event).emit(TransactionEvent::MarkerWritten {
            partition: id.clone(),
            producer,
            commit,
            offset: appended.base_offset,
            ended,
        });
        Ok((appended.base_offset, event, appended.effects))
    }
}
