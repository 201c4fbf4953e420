//! What makes a producer idempotent: its id and epoch, the next sequence number of every partition, and
//! which batches with sequence numbers have yet to be settled. Source: `TransactionManager.java`,
//! `TxnPartitionMap.java`, without transactions.
//!
//! The producer numbers the records of each partition; a batch keeps its numbers however often it is
//! sent, so the leader knows one that it has. When the producer cannot know which numbers were taken, it
//! begins anew from 0 in its next epoch (KIP-360).

use super::batch::ProducerBatch;
use crate::ids::TopicPartition;
use crate::protocol::{KafkaError, ProducerIdAndEpoch};
use crate::record::record_batch::increment_sequence;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct TransactionManager {
    pub producer: Option<ProducerIdAndEpoch>,
    pub partitions: BTreeMap<TopicPartition, SequencesOfPartition>,
    /// Where a batch with a sequence number expired, and so the one after it: whether the leader took the
    /// number shows only when all others are settled.
    unresolved: BTreeMap<TopicPartition, i32>,
    /// The epoch is to be bumped, and in these partitions what waits is to be numbered anew.
    to_rewrite: BTreeSet<TopicPartition>,
    /// Its batches are parts of transactions.
    pub is_transactional: bool,
    /// Partitions that the coordinator knows to be part of the transaction; `None`: the leaders see to that.
    pub may_send: Option<BTreeSet<TopicPartition>>,
    /// Partitions that have been sent to in the open transaction.
    pub in_transaction: BTreeSet<TopicPartition>,
}

#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct SequencesOfPartition {
    /// Under which the numbers below count.
    pub producer: Option<ProducerIdAndEpoch>,
    pub next: i32,
    pub last_acked: Option<i32>,
    /// Batches that are not settled, sent or to be sent again: first number, batch, records.
    in_flight: Vec<(i32, u64, i32)>,
}

/// A batch that goes on under another epoch.
pub struct Renumbered {
    pub batch: u64,
    pub producer: ProducerIdAndEpoch,
    pub base_sequence: i32,
}

/// What a new epoch brings.
pub struct Bump {
    pub producer: ProducerIdAndEpoch,
    pub partitions: Vec<TopicPartition>,
    pub renumbered: Vec<Renumbered>,
}

impl TransactionManager {
    // Draining.

    /// Whether the batch has to wait although its partition is ready.
    pub fn holds_back(&self, batch: &ProducerBatch) -> bool {
        let id = &batch.partition;
        let Some(producer) = self.producer else {
            return true;
        };
        if self.may_send.as_ref().is_some_and(|known| !known.contains(id)) {
            return true;
        }
        let sequences = self.partitions.get(id);
        let in_flight = sequences.map_or(&[][..], |sequences| &sequences.in_flight);
        match (batch.base_sequence(), in_flight.first()) {
            (None, first) => {
                let is_stale = sequences.and_then(|sequences| sequences.producer) != Some(producer);
                (first.is_some() && is_stale) || self.unresolved.contains_key(id)
            }
            // It was sent before: those before it go first.
            (Some(base), Some((first, ..))) => base != *first,
            (Some(_), None) => false,
        }
    }

    /// Gives a batch that is sent for the first time its sequence number.
    pub fn assign(&mut self, batch: &mut ProducerBatch) {
        let Some(producer) = self.producer.filter(|_| batch.sequence.is_none()) else {
            return;
        };
        let sequences = self.partitions.entry(batch.partition.clone()).or_default();
        if sequences.producer != Some(producer) {
            sequences.start_at_beginning(producer);
        }
        batch.sequence = Some((producer, sequences.next));
        batch.is_transactional = self.is_transactional;
        if self.is_transactional {
            self.in_transaction.insert(batch.partition.clone());
        }
        sequences.next = increment_sequence(sequences.next, batch.records.len() as i32);
        self.add_in_flight(batch);
    }

    pub fn add_in_flight(&mut self, batch: &ProducerBatch) {
        let Some(base) = batch.base_sequence() else {
            return;
        };
        let sequences = self.partitions.entry(batch.partition.clone()).or_default();
        let at = sequences.in_flight.partition_point(|(first, ..)| *first < base);
        sequences.in_flight.insert(at, (base, batch.number, batch.records.len() as i32));
    }

    pub fn remove_in_flight(&mut self, batch: &ProducerBatch) {
        if let Some(sequences) = self.partitions.get_mut(&batch.partition) {
            sequences.in_flight.retain(|(_, number, _)| *number != batch.number);
        }
    }

    // What has come of a batch.

    pub fn completed(&mut self, batch: &ProducerBatch) {
        self.remove_in_flight(batch);
        let sequences = self.partitions.entry(batch.partition.clone()).or_default();
        let current = sequences.producer == batch.sequence.map(|(producer, _)| producer);
        if current && batch.last_sequence() > sequences.last_acked {
            sequences.last_acked = batch.last_sequence();
        }
    }

    /// The batch is given up. `begins_anew`: its number will never be taken, so those after it would
    /// leave a gap.
    pub fn failed(&mut self, batch: &ProducerBatch, begins_anew: bool) {
        self.remove_in_flight(batch);
        if begins_anew {
            self.to_rewrite.insert(batch.partition.clone());
        }
    }

    /// The batch expired after it had been sent.
    pub fn mark_unresolved(&mut self, batch: &ProducerBatch) {
        if let Some(last) = batch.last_sequence() {
            let next = increment_sequence(last, 1);
            let unresolved = self.unresolved.entry(batch.partition.clone()).or_insert(next);
            *unresolved = (*unresolved).max(next);
        }
    }

    /// Whether the batch may be sent again after this error; it may bring a new epoch.
    pub fn can_retry(&mut self, batch: &ProducerBatch, error: KafkaError) -> bool {
        if error != KafkaError::OutOfOrderSequenceNumber {
            return error.is_retriable();
        }
        let id = &batch.partition;
        let base = batch.base_sequence().unwrap_or(0);
        let unresolved = self.unresolved.get(id);
        let waits_for_others =
            unresolved.is_none() && (batch.sequence_was_reset || !self.is_next(id, base));
        if self.is_transactional {
            return waits_for_others;
        }
        // It is really missing what came before: only a new epoch helps.
        let has_gap = unresolved.is_none_or(|next| *next == base);
        if !waits_for_others && has_gap {
            self.to_rewrite.insert(id.clone());
        }
        true
    }

    fn is_next(&self, id: &TopicPartition, sequence: i32) -> bool {
        let last_acked = self.partitions.get(id).and_then(|sequences| sequences.last_acked);
        sequence == last_acked.map_or(0, |last| increment_sequence(last, 1))
    }

    /// Whether it is not known any more which sequence numbers were taken. It is answered once.
    pub fn has_lost_sequence(&mut self) -> bool {
        !std::mem::take(&mut self.to_rewrite).is_empty()
    }

    /// The next transaction is of this epoch; its partitions are known to the coordinator through the
    /// leaders, or not yet.
    pub fn begin_transaction(&mut self, producer: ProducerIdAndEpoch, through_leaders: bool) {
        self.producer = Some(producer);
        self.unresolved.clear();
        self.to_rewrite.clear();
        self.in_transaction.clear();
        self.may_send = (!through_leaders).then(BTreeSet::new);
    }

    // The epoch.

    /// Partitions with an expired batch in which nothing is in flight any more show whether its number
    /// was taken (`maybeResolveSequences`).
    pub fn resolve_sequences(&mut self) {
        let settled = |id: &TopicPartition| {
            self.partitions.get(id).is_none_or(|sequences| sequences.in_flight.is_empty())
        };
        let resolved: Vec<_> = self.unresolved.keys().filter(|id| settled(id)).cloned().collect();
        for id in resolved {
            self.unresolved.remove(&id);
            let next = self.partitions.get(&id).map_or(0, |sequences| sequences.next);
            if !self.is_next(&id, next) {
                self.to_rewrite.insert(id);
            }
        }
    }

    /// Goes to the next epoch if something asked for it. After the last epoch the producer needs another
    /// id.
    pub fn maybe_bump_epoch(&mut self) -> Option<Bump> {
        if self.to_rewrite.is_empty() {
            return None;
        }
        let ProducerIdAndEpoch { producer_id, epoch } = self.producer?;
        let Some(epoch) = epoch.checked_add(1) else {
            self.producer = None;
            return None;
        };
        let producer = ProducerIdAndEpoch { producer_id, epoch };
        self.producer = Some(producer);
        let partitions: Vec<_> = std::mem::take(&mut self.to_rewrite).into_iter().collect();
        let mut renumbered = Vec::new();
        for id in &partitions {
            let sequences = self.partitions.entry(id.clone()).or_default();
            renumbered.extend(sequences.start_at_beginning(producer));
            self.unresolved.remove(id);
        }
        Some(Bump { producer, partitions, renumbered })
    }
}

impl SequencesOfPartition {
    pub fn in_flight(&self) -> usize {
        self.in_flight.len()
    }

    /// Numbers everything that is not settled from 0 on.
    fn start_at_beginning(&mut self, producer: ProducerIdAndEpoch) -> Vec<Renumbered> {
        self.producer = Some(producer);
        self.last_acked = None;
        self.next = 0;
        let mut renumbered = Vec::with_capacity(self.in_flight.len());
        for (first, batch, records) in &mut self.in_flight {
            *first = self.next;
            renumbered.push(Renumbered { batch: *batch, producer, base_sequence: self.next });
            self.next = increment_sequence(self.next, *records);
        }
        renumbered
    }
}
