//! Requests that wait at a broker: acks=all for the high watermark, fetches for data. Kafka's
//! `DelayedOperationPurgatory` for `DelayedProduce` and `DelayedFetch`. Who waits is watched by
//! partition, and which fetch waits for which partitions is in [`super::fetch_session`], so that a
//! change in one partition looks only at who waits for it. What wakes them is decided by
//! [`super::replica_manager`].

use crate::ids::TopicPartition;
use crate::protocol::{
    Acks, FetchRequest, KafkaError, PartitionProduceResponse, ProduceResponse, Response,
};
use crate::world::ReplyTo;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Purgatory {
    next_id: u64,
    produces: BTreeMap<u64, DelayedProduce>,
    /// The produce requests that wait for something in a partition.
    watchers: BTreeMap<TopicPartition, BTreeSet<u64>>,
    fetches: BTreeMap<u64, DelayedFetch>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DelayedProduce {
    pub id: u64,
    pub reply_to: ReplyTo,
    pub acks: Acks,
    /// They are the markers of a transaction, and a coordinator waits for them.
    pub is_markers: bool,
    pub partitions: Vec<ProduceStatus>,
}

/// What has come of the batch for one partition of a produce request (`ProducePartitionStatus`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProduceStatus {
    pub partition: TopicPartition,
    /// First and last; -1 if nothing was appended.
    pub offsets: (i64, i64),
    /// Waits until the high watermark has passed the last offset.
    pub acks_pending: bool,
    pub error: Option<KafkaError>,
}

/// A partition of a waiting request of which the end is now known.
pub struct Settled {
    pub acks: Acks,
    pub offsets: (i64, i64),
    /// The request, if nothing of it waits any more.
    pub done: Option<DelayedProduce>,
}

impl DelayedProduce {
    pub fn is_pending(&self) -> bool {
        self.partitions.iter().any(|status| status.acks_pending)
    }

    pub fn response(&self) -> Response {
        if self.is_markers {
            let result = |status: &ProduceStatus| status.error.map_or(Ok(()), Err);
            let results = self.partitions.iter();
            let results = results.map(|status| (status.partition.clone(), result(status)));
            return Response::WriteTxnMarkers(results.collect());
        }
        let partitions = self.partitions.iter().map(|status| PartitionProduceResponse {
            partition: status.partition.clone(),
            result: status.error.map_or(Ok(status.offsets.0), Err),
        });
        Response::Produce(ProduceResponse { partitions: partitions.collect() })
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DelayedFetch {
    pub reply_to: ReplyTo,
    pub request: Arc<FetchRequest>,
    /// The fetch session that it belongs to; 0 for none.
    pub session: u32,
}

impl Purgatory {
    fn take_id(&mut self) -> u64 {
        self.next_id += 1;
        self.next_id - 1
    }

    pub fn park_produce(
        &mut self,
        reply_to: ReplyTo,
        acks: Acks,
        is_markers: bool,
        partitions: Vec<ProduceStatus>,
    ) -> u64 {
        let id = self.take_id();
        for status in partitions.iter().filter(|status| status.acks_pending) {
            self.watchers.entry(status.partition.clone()).or_default().insert(id);
        }
        self.produces.insert(id, DelayedProduce { id, reply_to, acks, is_markers, partitions });
        id
    }

    pub fn park_fetch(
        &mut self,
        reply_to: ReplyTo,
        request: Arc<FetchRequest>,
        session: u32,
    ) -> u64 {
        let id = self.take_id();
        self.fetches.insert(id, DelayedFetch { reply_to, request, session });
        id
    }

    /// Ends the waiting of those in a partition that `ready` names, in the order in which they came.
    pub fn settle(
        &mut self,
        partition: &TopicPartition,
        ready: impl Fn(&ProduceStatus) -> bool,
        error: Option<KafkaError>,
    ) -> Vec<Settled> {
        let mut settled = Vec::new();
        let watching = self.watchers.get(partition).cloned().unwrap_or_default();
        for id in watching {
            let Some(produce) = self.produces.get_mut(&id) else { continue };
            let of_this = |status: &&mut ProduceStatus| status.partition == *partition;
            let status = produce.partitions.iter_mut().find(of_this);
            let Some(status) = status.filter(|status| ready(status)) else { continue };
            (status.acks_pending, status.error) = (false, error);
            let (acks, offsets, is_done) = (produce.acks, status.offsets, !produce.is_pending());
            self.unwatch(partition, id);
            let done = if is_done { self.produces.remove(&id) } else { None };
            settled.push(Settled { acks, offsets, done });
        }
        settled
    }

    fn unwatch(&mut self, partition: &TopicPartition, id: u64) {
        if let Some(watching) = self.watchers.get_mut(partition) {
            watching.remove(&id);
            if watching.is_empty() {
                self.watchers.remove(partition);
            }
        }
    }

    /// The fetches that wait, in the order in which they came.
    pub fn fetches(&self) -> Vec<(u64, Arc<FetchRequest>)> {
        self.fetches.iter().map(|(id, fetch)| (*id, fetch.request.clone())).collect()
    }

    pub fn fetch(&self, id: u64) -> Option<&DelayedFetch> {
        self.fetches.get(&id)
    }

    pub fn take_fetch(&mut self, id: u64) -> Option<DelayedFetch> {
        self.fetches.remove(&id)
    }

    pub fn take_produce(&mut self, id: u64) -> Option<DelayedProduce> {
        let produce = self.produces.remove(&id)?;
        for status in produce.partitions.iter().filter(|status| status.acks_pending) {
            self.unwatch(&status.partition, id);
        }
        Some(produce)
    }

    pub fn parked_fetches(&self) -> usize {
        self.fetches.len()
    }

    pub fn parked_produces(&self) -> usize {
        self.produces.len()
    }
}
