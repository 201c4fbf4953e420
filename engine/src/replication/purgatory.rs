//! Requests that wait at a broker: acks=all for the high watermark, fetches for data. Kafka's
//! `DelayedOperationPurgatory` for `DelayedProduce` and `DelayedFetch`, watched by partition, so
//! that a change in one partition looks only at who waits for it. What wakes them is decided by
//! [`super::replica_manager`].

use crate::ids::TopicPartition;
use crate::protocol::{Acks, FetchRequest};
use crate::world::ReplyTo;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Purgatory {
    next_id: u64,
    produce: BTreeMap<TopicPartition, Vec<DelayedProduce>>,
    fetches: BTreeMap<u64, DelayedFetch>,
    watchers: BTreeMap<TopicPartition, BTreeSet<u64>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DelayedProduce {
    pub id: u64,
    pub reply_to: ReplyTo,
    pub acks: Acks,
    pub base_offset: i64,
    /// Answered when the high watermark is past it.
    pub last_offset: i64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DelayedFetch {
    pub reply_to: ReplyTo,
    pub request: Arc<FetchRequest>,
}

impl Purgatory {
    fn take_id(&mut self) -> u64 {
        self.next_id += 1;
        self.next_id - 1
    }

    pub fn park_produce(
        &mut self,
        partition: &TopicPartition,
        reply_to: ReplyTo,
        acks: Acks,
        base_offset: i64,
        last_offset: i64,
    ) -> u64 {
        let id = self.take_id();
        let parked = DelayedProduce { id, reply_to, acks, base_offset, last_offset };
        self.produce.entry(partition.clone()).or_default().push(parked);
        id
    }

    pub fn park_fetch(&mut self, reply_to: ReplyTo, request: Arc<FetchRequest>) -> u64 {
        let id = self.take_id();
        for asked in &request.partitions {
            self.watchers.entry(asked.partition.clone()).or_default().insert(id);
        }
        self.fetches.insert(id, DelayedFetch { reply_to, request });
        id
    }

    /// Takes the produce requests of a partition that `ready` names.
    pub fn take_produce(
        &mut self,
        partition: &TopicPartition,
        ready: impl Fn(&DelayedProduce) -> bool,
    ) -> Vec<DelayedProduce> {
        let Some(waiting) = self.produce.get_mut(partition) else {
            return Vec::new();
        };
        let (taken, left): (Vec<_>, Vec<_>) = std::mem::take(waiting).into_iter().partition(ready);
        if left.is_empty() {
            self.produce.remove(partition);
        } else {
            *waiting = left;
        }
        taken
    }

    /// The fetches that wait for a partition, in the order in which they came.
    pub fn watchers(&self, partition: &TopicPartition) -> Vec<(u64, Arc<FetchRequest>)> {
        self.watchers
            .get(partition)
            .into_iter()
            .flatten()
            .map(|id| (*id, self.fetches[id].request.clone()))
            .collect()
    }

    pub fn take_fetch(&mut self, id: u64) -> Option<DelayedFetch> {
        let fetch = self.fetches.remove(&id)?;
        for asked in &fetch.request.partitions {
            if let Some(ids) = self.watchers.get_mut(&asked.partition) {
                ids.remove(&id);
                if ids.is_empty() {
                    self.watchers.remove(&asked.partition);
                }
            }
        }
        Some(fetch)
    }

    pub fn take_produce_by_id(&mut self, id: u64) -> Option<(TopicPartition, DelayedProduce)> {
        let partition = self
            .produce
            .iter()
            .find(|(_, waiting)| waiting.iter().any(|parked| parked.id == id))
            .map(|(partition, _)| partition.clone())?;
        let parked = self.take_produce(&partition, |parked| parked.id == id).pop()?;
        Some((partition, parked))
    }

    pub fn parked_fetches(&self) -> usize {
        self.fetches.len()
    }

    pub fn parked_produces(&self) -> usize {
        self.produce.values().map(Vec::len).sum()
    }
}
