//! Transactions: a value whose transaction is aborted was given up by its producer, though it stays in the log;
//! and what an application processes in transactions is processed once its offsets are committed with them.

use super::{Ledger, Reader, reader_of, replica};
use crate::cluster::Cluster;
use crate::event::{Event, TransactionEvent};
use crate::ids::{ClientId, NodeId, TopicPartition};

/// Whether a consumer's application writes what it has processed, and its offsets, in transactions.
pub(super) fn is_transactional(cluster: &Cluster, client: ClientId) -> bool {
    let consumer = cluster.client(client).and_then(|client| client.consumer());
    consumer.is_some_and(|consumer| consumer.feeding.is_some())
}

impl Ledger {
    pub(super) fn observe_transaction(
        &mut self,
        cluster: &Cluster,
        event: &Event,
        told: &TransactionEvent,
    ) {
        match told {
            TransactionEvent::MarkerWritten {
                partition,
                producer,
                commit: false,
                offset,
                ended: Some((first_offset, _)),
            } => {
                let Some(node) = event.place.node() else { return };
                let span = (*first_offset, *offset);
                self.aborted(cluster, node, partition, producer.producer_id, span);
            }
            TransactionEvent::OffsetsResolved { group, commit: true, offsets, .. } => {
                for (partition, committed) in offsets.iter() {
                    let reader = Reader::Group(group.clone());
                    self.committed_with(cluster, event, reader, partition, committed.offset);
                }
            }
            _ => {}
        }
    }

    /// A member goes on where its group has committed. That may be further than it was told of: a coordinator
    /// that takes over says nothing of what it finds in its log.
    pub(super) fn went_on(
        &mut self,
        cluster: &Cluster,
        event: &Event,
        client: ClientId,
        partition: &TopicPartition,
        offset: i64,
    ) {
        let Some(reader) = reader_of(cluster, client) else { return };
        let known = self.accounts.get(partition).and_then(|account| account.readers.get(&reader));
        let is_further = known.is_some_and(|reading| {
            reading.begin.is_some_and(|begin| begin < offset)
                && reading.committed.is_none_or(|committed| committed < offset)
        });
        if is_further && is_transactional(cluster, client) {
            self.committed_with(cluster, event, reader, partition, offset);
        }
    }

    fn aborted(
        &mut self,
        cluster: &Cluster,
        node: NodeId,
        partition: &TopicPartition,
        producer_id: i64,
        (from, to): (i64, i64),
    ) {
        let (Some(host), Some(replica)) = (cluster.node(node), replica(cluster, node, partition))
        else {
            return;
        };
        if !self.is_of(partition, replica) {
            return;
        }
        let batches = replica.log.batches(&host.disk, from).map_while(Result::ok);
        let within = batches.take_while(|batch| batch.base_offset() < to);
        let aborted =
            within.filter(|batch| batch.producer_id() == producer_id && batch.is_transactional());
        let aborted: Vec<_> =
            aborted.map(|batch| (batch.base_offset(), batch.next_offset())).collect();
        if let Some(account) = self.known(partition) {
            account.written.aborted(replica.leader_epoch, &aborted);
        }
    }

    fn committed_with(
        &mut self,
        cluster: &Cluster,
        event: &Event,
        reader: Reader,
        partition: &TopicPartition,
        offset: i64,
    ) {
        let Some(account) = self.known(partition) else { return };
        let reading = account.readers.entry(reader.clone()).or_default();
        let from = reading.committed.or(reading.begin).unwrap_or(offset);
        reading.committed(offset, false);
        let holder = reading.holder.filter(|holder| is_transactional(cluster, *holder));
        let delivered = reading.delivered.within(from, offset);
        let delivered: Vec<_> = delivered.map(|span| (span.from, span.to)).collect();
        if let Some(holder) = holder {
            for offsets in delivered {
                self.processed(event, holder, reader.clone(), partition, offsets);
            }
        }
    }
}
