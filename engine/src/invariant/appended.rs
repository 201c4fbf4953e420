//! The ghost of what producers have written to one partition: which records of which producer are in the
//! leader's log, and which sequence numbers it took. Records are known by their number, so that one that
//! was written twice is found whatever it says.
//!
//! With sequence numbers a leader takes each batch once and in order, and knows the last five again. What
//! may go wrong all the same has a reason, which is named.

use super::committed::Replica;
use super::finding::{Allowance, Found};
use super::violation::Broken;
use crate::client::producer::Producer;
use crate::ids::{ClientId, NodeId};
use crate::log::producer_state_entry::BATCHES_TO_RETAIN;
use crate::log::producer_state_manager::PRODUCER_ID_EXPIRATION_MS;
use crate::protocol::{Acks, Origin, ProducerIdAndEpoch};
use crate::record::RecordBatch;
use crate::record::record_batch::increment_sequence;
use crate::sim::time::SimTime;
use std::collections::{BTreeMap, VecDeque};

/// Batches of one producer that are remembered; a copy of an older one is not looked for.
const BATCHES_MAX: usize = 128;

#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(super) struct Appended {
    clients: BTreeMap<ClientId, OfClient>,
    /// Where the log of a node ended when it learned of its producers from files: it may know of each only
    /// the last batch below.
    reloaded: BTreeMap<NodeId, i64>,
}

#[derive(Clone, Debug, PartialEq, Eq, Default)]
struct OfClient {
    /// In the order of offsets.
    batches: VecDeque<Entry>,
    /// Records up to this one were in batches that are not remembered.
    forgotten: Option<u64>,
    /// Records up to this one were lost with an election.
    lost: Option<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Entry {
    first: u64,
    last: u64,
    offset: i64,
    leader_epoch: i32,
    sequence: Option<Sequence>,
    at: SimTime,
    /// Whether the present leader's log has it. With unclean elections it may come back.
    held: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Sequence {
    producer: ProducerIdAndEpoch,
    first: i32,
    last: i32,
}

impl Sequence {
    fn of(batch: &RecordBatch) -> Option<Sequence> {
        let producer =
            ProducerIdAndEpoch { producer_id: batch.producer_id(), epoch: batch.producer_epoch() };
        let (first, last) = (batch.base_sequence(), batch.last_sequence());
        (batch.producer_id() >= 0).then_some(Sequence { producer, first, last })
    }
}

/// A batch that a leader has just appended.
pub(super) struct NewBatch<'a> {
    pub replica: &'a Replica<'a>,
    pub origin: Origin,
    pub leader_epoch: i32,
    pub at: SimTime,
    pub batch: RecordBatch,
}

impl<'a> NewBatch<'a> {
    pub fn at_offset(
        replica: &'a Replica<'a>,
        origin: Origin,
        offset: i64,
        leader_epoch: i32,
        at: SimTime,
    ) -> Option<Self> {
        let batch = replica.partition.log.batches(replica.disk, offset).next()?.ok()?;
        Some(NewBatch { replica, origin, leader_epoch, at, batch })
    }
}

impl Appended {
    /// The node has read its producers from its disk, or has cut its log and gone back.
    pub fn reloaded(&mut self, node: NodeId, log_end_offset: i64) {
        self.reloaded.insert(node, log_end_offset);
    }

    /// What the new leader's log does not have is gone.
    pub fn became_leader(&mut self, replica: &Replica<'_>) {
        let log = &replica.partition.log;
        for client in self.clients.values_mut() {
            for entry in &mut client.batches {
                let end = log.end_offset_for_epoch(entry.leader_epoch);
                entry.held =
                    end.leader_epoch == entry.leader_epoch && entry.offset < end.end_offset;
                if !entry.held {
                    client.lost = client.lost.max(Some(entry.last));
                }
            }
        }
    }

    /// Whether the batch was there before, or comes behind one that was sent later; and what allowed it.
    pub fn watch(
        &self,
        new: &NewBatch<'_>,
        producer: &Producer,
    ) -> Option<(Found, Vec<Allowance>)> {
        let Origin { client, first, last, acks } = new.origin;
        let of_client = self.clients.get(&client)?;
        if of_client.forgotten >= Some(first) {
            return None;
        }
        let (partition, offset) = (new.replica.partition.id.clone(), new.batch.base_offset());
        let sequence = Sequence::of(&new.batch);
        let held = || of_client.batches.iter().filter(|old| old.held);
        let before = held().find(|old| old.first <= last && first <= old.last);
        if let Some(before) = before {
            let earlier_offset = before.offset;
            let found = Found::WrittenTwice { partition, client, first, offset, earlier_offset };
            let allowed_by = match (sequence, before.sequence) {
                (Some(new), Some(old)) if new.producer != old.producer => {
                    vec![Allowance::ProducerEpochBumped]
                }
                (Some(_), Some(_)) => self.state_was_lost(new.replica.node, before.offset),
                _ => vec![Allowance::NotIdempotent],
            };
            return Some((found, allowed_by));
        }
        let later = held().max_by_key(|old| old.last);
        let later = later.filter(|old| old.last > first)?;
        let found = Found::OutOfOrder { partition, client, first, behind: later.last, offset };
        let max = producer.config.max_in_flight;
        let allowed_by = match (sequence, later.sequence) {
            (Some(new), Some(old)) if new.producer != old.producer => {
                vec![Allowance::ProducerEpochBumped]
            }
            (Some(_), Some(_)) => Vec::new(),
            _ if acks == Acks::None => vec![Allowance::AcksNone],
            _ if max > 1 => vec![Allowance::InFlight { max }, Allowance::NotIdempotent],
            // What an old copy brings that was lost, or given up, meanwhile.
            _ if of_client.lost >= Some(first) => vec![Allowance::NotIdempotent],
            _ if producer.failed > 0 => vec![Allowance::NotIdempotent],
            _ => Vec::new(),
        };
        Some((found, allowed_by))
    }

    fn state_was_lost(&self, node: NodeId, offset: i64) -> Vec<Allowance> {
        let reloaded = self.reloaded.get(&node).is_some_and(|end| offset < *end);
        if reloaded { vec![Allowance::ProducerStateReloaded { node }] } else { Vec::new() }
    }

    /// Takes the batch in. The sequence numbers that a log takes of a producer leave no gap.
    pub fn note(&mut self, new: &NewBatch<'_>) -> Result<(), Broken> {
        let sequence = Sequence::of(&new.batch);
        let of_client = self.clients.entry(new.origin.client).or_default();
        let log_start = new.replica.partition.log.log_start_offset();
        // What retention took, and what is old, the leader need not know.
        let known = of_client.batches.iter().rev().find(|old| old.held && old.sequence.is_some());
        let known = known.filter(|old| {
            let age_ms = new.at.since(old.at) / 1000;
            old.offset >= log_start && age_ms < PRODUCER_ID_EXPIRATION_MS as u64
        });
        let expected = known.and_then(|old| old.sequence).zip(sequence).map(|(old, new)| {
            match (old.producer == new.producer, old.producer.epoch < new.producer.epoch) {
                (true, _) => Some(increment_sequence(old.last, 1)),
                (false, true) => Some(0),
                (false, false) => None,
            }
        });
        self.push(new, true);
        match (expected, sequence) {
            (Some(expected), Some(sequence)) if expected != Some(sequence.first) => {
                Err(Broken::SequenceNotNext {
                    partition: new.replica.partition.id.clone(),
                    producer_id: sequence.producer.producer_id,
                    epoch: sequence.producer.epoch,
                    sequence: sequence.first,
                    expected,
                })
            }
            _ => Ok(()),
        }
    }

    /// What an old leader has written is cut off again, unless it comes to lead in an unclean election.
    pub fn note_of_old_leader(&mut self, new: &NewBatch<'_>) {
        self.push(new, false);
    }

    fn push(&mut self, new: &NewBatch<'_>, held: bool) {
        let Origin { client, first, last, .. } = new.origin;
        let of_client = self.clients.entry(client).or_default();
        of_client.batches.push_back(Entry {
            first,
            last,
            offset: new.batch.base_offset(),
            leader_epoch: new.leader_epoch,
            sequence: Sequence::of(&new.batch),
            at: new.at,
            held,
        });
        if of_client.batches.len() > BATCHES_MAX {
            let oldest = of_client.batches.pop_front().map(|entry| entry.last);
            of_client.forgotten = of_client.forgotten.max(oldest);
        }
    }

    /// A leader refused a batch for its sequence number. It must not be one of the last that it took.
    pub fn check_refused(
        &self,
        replica: &Replica<'_>,
        producer: ProducerIdAndEpoch,
        first: i32,
    ) -> Result<(), Broken> {
        let end = replica.partition.log.log_end_offset();
        let built_from = self.reloaded.get(&replica.node).copied().unwrap_or(0);
        let is_known = self.clients.values().any(|client| {
            let of_it = client
                .batches
                .iter()
                .rev()
                .filter(|entry| entry.held)
                .filter_map(|entry| Some((entry, entry.sequence?)));
            let mut last =
                of_it.take_while(|(_, s)| s.producer == producer).take(BATCHES_TO_RETAIN);
            last.any(|(entry, sequence)| {
                sequence.first == first && (built_from..end).contains(&entry.offset)
            })
        });
        if !is_known {
            return Ok(());
        }
        Err(Broken::DuplicateNotRecognised {
            partition: replica.partition.id.clone(),
            node: replica.node,
            producer_id: producer.producer_id,
            sequence: first,
        })
    }
}
