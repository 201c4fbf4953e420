//! Giving producer ids to brokers, a block at a time, so that no two producers ever get the same. Source:
//! `ProducerIdControlManager.java`.

use super::metadata_record::MetadataRecord;
use super::quorum_controller::{Changes, QuorumController};
use crate::event::ChangeReason;
use crate::protocol::{AllocateProducerIdsRequest, KafkaError, ProducerIdsBlock};
use crate::sim::disk::Disk;
use crate::world::Ctx;

/// `ProducerIdsBlock.PRODUCER_ID_BLOCK_SIZE`
const PRODUCER_ID_BLOCK_SIZE: i64 = 1_000;

impl QuorumController {
    /// The next block. The broker may give it away once the record is committed.
    pub(super) fn allocate_producer_ids(
        &mut self,
        ctx: &mut Ctx<'_>,
        disk: &mut Disk,
        request: &AllocateProducerIdsRequest,
    ) -> Result<ProducerIdsBlock, KafkaError> {
        let &AllocateProducerIdsRequest { broker, broker_epoch } = request;
        let known = self.image.brokers.get(&broker);
        if known.is_none_or(|known| known.broker_epoch != broker_epoch) {
            return Err(KafkaError::StaleBrokerEpoch);
        }
        let block = ProducerIdsBlock {
            first: self.image.next_producer_id.unwrap_or(0),
            size: PRODUCER_ID_BLOCK_SIZE,
        };
        let record = MetadataRecord::ProducerIds {
            broker_id: broker.0,
            broker_epoch,
            next_producer_id: block.first + block.size,
        };
        self.write(ctx, disk, Changes::of(record, ChangeReason::ProducerIdsAsked));
        Ok(block)
    }
}
