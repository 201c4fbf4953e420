//! Requests that wait at a broker: acks=all for the high watermark, fetches for data. Kafka's
//! `DelayedOperationPurgatory` for `DelayedProduce` and `DelayedFetch`. Produce requests are kept by
//! partition, and which fetch waits for which partitions is in [`super::fetch_session`], so that a
//! change in one partition looks only at who waits for it. What wakes them is decided by
//! [`super::replica_manager`].

use crate::ids::TopicPartition;
use crate::protocol::{Acks, FetchRequest};
use crate::world::ReplyTo;
use std::collections::BTreeMap;
use std::sync::Arc;

#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Purgatory {
    next_id: u64,
    produce: BTreeMap<TopicPartition, Vec<DelayedProduce>>,
    fetches: BTreeMap<u64, DelayedFetch>,
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

    /// The fetches that wait, in the order in which they came.
    pub fn fetches(&self) -> Vec<(u64, Arc<FetchRequest>)> {
        self.fetches.iter().map(|(id, fetch)| (*id, fetch.request.clone())).collect()
    }

    pub fn take_fetch(&mut self, id: u64) -> Option<DelayedFetch> {
        self.fetches.remove(&id)
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
