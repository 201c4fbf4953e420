//! The ghost of what producers were told: which offsets of which leader epoch were acknowledged to a
//! client, and under which conditions. A record is known by its offset and its leader epoch, because
//! one leader writes each offset once. Records next to each other that were acknowledged alike are one
//! entry, so a long run takes no more room than a short one.

use super::committed::Replica;
use crate::protocol::Acks;
use crate::sim::disk::SharedVec;
use std::collections::VecDeque;

/// Answers on their way to producers: each has a few batches in flight, and some answers never arrive.
const ANSWERS_MAX: usize = 512;

#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(super) struct Acknowledged {
    answered: VecDeque<Told>,
    told: SharedVec<Told>,
}

/// Records that were acknowledged under the same conditions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Told {
    pub from: i64,
    /// One past the last.
    pub to: i64,
    pub leader_epoch: i32,
    pub acks: Acks,
    /// Members of the ISR, those that may be in it included.
    pub isr: usize,
    pub min_isr: usize,
}

impl Told {
    fn goes_on_from(&self, earlier: &Told) -> bool {
        earlier.to == self.from && Told { from: earlier.from, to: earlier.to, ..*self } == *earlier
    }
}

impl Acknowledged {
    /// A leader answered a producer without an error.
    pub fn answered(&mut self, replica: &Replica<'_>, acks: Acks, from: i64, last_offset: i64) {
        let epochs = replica.partition.log.leader_epoch_cache();
        let Some(leader_epoch) = epochs.epoch_for_offset(from) else {
            return;
        };
        let (isr, min_isr) =
            (replica.partition.maximal_isr().len(), replica.partition.effective_min_isr());
        let to = last_offset + 1;
        self.answered.push_back(Told { from, to, leader_epoch, acks, isr, min_isr });
        if self.answered.len() > ANSWERS_MAX {
            self.answered.pop_front();
        }
    }

    /// The producer has the answer. Returns what it was told, once.
    pub fn arrived(&mut self, offset: i64, acks: Acks) -> Option<Told> {
        let is_it = |told: &Told| told.acks == acks && (told.from..told.to).contains(&offset);
        let at = self.answered.iter().rposition(is_it)?;
        let answer = &mut self.answered[at];
        let told = Told { from: offset, to: offset + 1, ..*answer };
        if answer.to == offset + 1 {
            self.answered.remove(at);
        }
        match self.told.last().copied().filter(|last| told.goes_on_from(last)) {
            Some(last) => {
                self.told.truncate(self.told.len() - 1);
                self.told.push(Told { to: told.to, ..last });
            }
            None => self.told.push(told),
        }
        Some(told)
    }

    /// Takes out what a log does not have, apart from what it has let go of.
    pub fn take_missing(&mut self, replica: &Replica<'_>) -> Vec<Told> {
        let missing: Vec<_> =
            self.told.iter().filter_map(|told| missing_of(told, replica)).collect();
        if missing.is_empty() {
            return missing;
        }
        let mut left = SharedVec::default();
        for told in self.told.iter() {
            let to = missing_of(told, replica).map_or(told.to, |missing| missing.from);
            if told.from < to {
                left.push(Told { to, ..*told });
            }
        }
        self.told = left;
        missing
    }
}

/// The end of what was told that the log does not have: up to where it holds the epoch it has all.
fn missing_of(told: &Told, replica: &Replica<'_>) -> Option<Told> {
    let log = &replica.partition.log;
    let epoch_end = log.end_offset_for_epoch(told.leader_epoch);
    let held_to = match epoch_end.leader_epoch == told.leader_epoch {
        true => epoch_end.end_offset,
        false => told.from,
    };
    let from = held_to.max(log.log_start_offset()).max(told.from);
    (from < told.to).then_some(Told { from, ..*told })
}
