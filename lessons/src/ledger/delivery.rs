//! What producers and consumer groups have got done, as far as goals ask.

use kafkascope_engine::event::{EventKind, GroupEvent};
use kafkascope_engine::ids::{ClientId, TopicPartition};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Delivery {
    /// The group of each consumer that was assigned something.
    groups: BTreeMap<ClientId, Arc<str>>,
    readings: BTreeMap<(Arc<str>, TopicPartition), Reading>,
    /// The last record that each producer knows to be stored: its number, and its offset.
    stored: BTreeMap<(ClientId, TopicPartition), (u64, i64)>,
    /// Who had a record stored behind one that it sent later.
    overtaken: BTreeSet<(ClientId, TopicPartition)>,
}

/// What a group has done with a partition, counted by offsets, so that a marker between records counts, too.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    pub committed: Option<i64>,
    /// Records, each counted once.
    pub processed: u64,
    /// Records that it had processed before.
    pub processed_again: u64,
    /// Records that it went past without having processed them.
    pub skipped: u64,
    /// Where it began.
    begin: Option<i64>,
    /// What it has processed, as ranges without their ends that do not touch.
    ranges: Vec<(i64, i64)>,
}

impl Delivery {
    pub fn reading(&self, group: &str, partition: &TopicPartition) -> Option<&Reading> {
        self.readings.get(&(group.into(), partition.clone()))
    }

    /// The producers of which a record was overtaken.
    pub fn overtaken(&self, partition: &TopicPartition) -> impl Iterator<Item = ClientId> {
        let overtaken = self.overtaken.iter().filter(move |(_, id)| id == partition);
        overtaken.map(|(client, _)| *client)
    }

    pub fn take(&mut self, kind: &EventKind) {
        match kind {
            EventKind::RecordAcknowledged { client, partition, sequence, offset, .. }
                if *offset >= 0 =>
            {
                let producer = (*client, partition.clone());
                let last = self.stored.entry(producer.clone()).or_insert((*sequence, *offset));
                if (*sequence < last.0) != (*offset < last.1) {
                    self.overtaken.insert(producer);
                }
                if *offset > last.1 {
                    *last = (*sequence, *offset);
                }
            }
            EventKind::PositionReset { client, partition, offset } => {
                if let Some(group) = self.groups.get(client).cloned() {
                    self.at(&group, partition).go_on_at(*offset);
                }
            }
            EventKind::Group(GroupEvent::PartitionsAssigned { client, group, .. }) => {
                self.groups.insert(*client, group.clone());
            }
            EventKind::Group(GroupEvent::RecordsProcessed {
                group,
                partition,
                base_offset,
                last_offset,
                ..
            }) => self.at(group, partition).process(*base_offset, last_offset + 1),
            EventKind::Group(GroupEvent::OffsetsCommitted { group, offsets, .. }) => {
                for (partition, committed) in offsets.iter() {
                    self.at(group, partition).committed = Some(committed.offset);
                }
            }
            _ => {}
        }
    }

    fn at(&mut self, group: &Arc<str>, partition: &TopicPartition) -> &mut Reading {
        self.readings.entry((group.clone(), partition.clone())).or_default()
    }
}

impl Reading {
    /// A member goes on at this offset.
    fn go_on_at(&mut self, offset: i64) {
        let begin = offset.min(self.begin.unwrap_or(offset));
        self.begin = Some(begin);
        let passed = (offset - begin).unsigned_abs();
        self.skipped = self.skipped.max(passed - self.processed_of(begin, offset));
    }

    fn process(&mut self, from: i64, to: i64) {
        let again = self.processed_of(from, to);
        self.processed_again += again;
        self.processed += (to - from).unsigned_abs() - again;
        let (mut first, mut end) = (from, to);
        self.ranges.retain(|(begins, ends)| {
            let touches = *begins <= end && *ends >= first;
            if touches {
                (first, end) = (first.min(*begins), end.max(*ends));
            }
            !touches
        });
        self.ranges.push((first, end));
    }

    /// How many of these it has processed.
    fn processed_of(&self, from: i64, to: i64) -> u64 {
        let common = |(begins, ends): &(i64, i64)| (to.min(*ends) - from.max(*begins)).max(0);
        self.ranges.iter().map(common).sum::<i64>().unsigned_abs()
    }
}
