//! Reading from the nearest replica (KIP-392): whom a leader names to a consumer, and how a follower
//! answers the consumers that came to it.

use super::ReplicaManager;
use crate::controller::metadata_image::MetadataImage;
use crate::event::{EventKind, ReadReplicaChange};
use crate::ids::{Address, EventId, NodeId, TopicPartition};
use crate::protocol::{FetchPartition, FetchRequest, Fetcher, PartitionData};
use crate::replication::partition::Partition;
use crate::replication::replica_selector::ReplicaView;
use crate::sim::disk::Disk;
use crate::sim::time::SimTime;
use crate::world::Ctx;
use std::sync::Arc;

impl ReplicaManager {
    /// Takes over the racks of the brokers that can serve.
    pub fn learn_racks(&mut self, image: &MetadataImage) {
        let serving = image.brokers.iter().filter(|(_, broker)| !broker.fenced);
        self.racks = serving.filter_map(|(id, broker)| Some((*id, broker.rack.clone()?))).collect();
    }

    /// The rack of a broker that can serve and has one.
    pub fn rack_of(&self, node: NodeId) -> Option<Arc<str>> {
        self.racks.get(&node).cloned()
    }

    /// The follower that a fetch had better be sent to.
    pub(super) fn find_preferred_read_replica(
        &self,
        ctx: &Ctx<'_>,
        partition: &Partition,
        request: &FetchRequest,
        asked: &FetchPartition,
    ) -> Option<NodeId> {
        let client_rack = request.rack_id.as_deref()?;
        // Only a leader epoch in the question tells a leader that is none any more from the next.
        if request.fetcher != Fetcher::Consumer || !ctx.world.spec.history.is_fenced() {
            return None;
        }
        self.preferred_read_replica(ctx.now(), partition, client_rack, asked.fetch_offset)
    }

    /// The follower from which a consumer had better read. It is in the ISR, or the consumer might fall
    /// behind with it, and as far as the leader knows its log has the offset.
    pub fn preferred_read_replica(
        &self,
        now: SimTime,
        partition: &Partition,
        client_rack: &str,
        offset: i64,
    ) -> Option<NodeId> {
        let leading = partition.leading.as_ref()?;
        let rack = |id: NodeId| self.racks.get(&id).map(|rack| &**rack);
        let followers: Vec<_> = leading
            .remote
            .iter()
            .filter(|(id, state)| partition.isr.contains(id) && state.has(offset))
            .map(|(&id, state)| ReplicaView {
                id,
                rack: rack(id),
                log_end_offset: state.log_end_offset,
                since_caught_up_us: state.last_caught_up.map_or(u64::MAX, |at| now.since(at)),
            })
            .collect();
        let leader = ReplicaView {
            id: self.me,
            rack: rack(self.me),
            log_end_offset: partition.log.log_end_offset(),
            since_caught_up_us: 0,
        };
        self.settings.replica_selector_class.select(client_rack, leader, &followers)
    }

    /// Tells of the followers that an answer names to a consumer. Returns the last event.
    pub(super) fn tell_preferred(
        &self,
        ctx: &mut Ctx<'_>,
        to: Address,
        rack: Option<&Arc<str>>,
        answers: &[PartitionData],
    ) -> Option<EventId> {
        let (Address::Client(client), Some(rack)) = (to, rack) else {
            return None;
        };
        let mut told = None;
        for data in answers {
            let Some(replica) = data.preferred_read_replica else {
                continue;
            };
            let leading = self.partitions.get(&data.partition).and_then(|p| p.leading.as_ref());
            let state = leading.and_then(|leading| leading.remote.get(&replica));
            let log_end_offset = state.map_or(-1, |state| state.log_end_offset);
            told = Some(ctx.emit(EventKind::ReadReplicaChanged {
                client,
                partition: data.partition.clone(),
                replica,
                change: ReadReplicaChange::Named { rack: rack.clone(), log_end_offset },
            }));
        }
        told
    }

    /// The high watermark of a follower has risen: consumers that wait at it have something to read.
    pub(super) fn complete_reads(
        &mut self,
        ctx: &mut Ctx<'_>,
        disk: &mut Disk,
        id: &TopicPartition,
    ) {
        for (parked, fetcher) in self.sessions.parked_for(id) {
            if fetcher == Fetcher::Consumer {
                self.complete_fetch(ctx, disk, parked);
            }
        }
    }
}
