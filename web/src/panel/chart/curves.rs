//! What the chart remembers of a run: for each partition the leader's log end offset, its high
//! watermark and the consumers' positions, as steps over virtual time. Pure: it is fed events, and
//! knows neither the page nor the timeline.

use crate::view_model::stairs::{Curve, Point};
use kafkascope_engine::event::{Event, EventKind, Role};
use kafkascope_engine::ids::{ClientId, TopicPartition};
use kafkascope_engine::metrics::Meters;
use std::collections::BTreeMap;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PartitionCurves {
    pub log_end: Curve,
    pub high_watermark: Curve,
    pub positions: BTreeMap<ClientId, Curve>,
}

/// What monitoring counts of the whole cluster.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClusterCurves {
    meters: Meters,
    pub under_replicated: Curve,
    pub offline: Curve,
    pub elections: Curve,
    pub isr_shrinks: Curve,
    pub isr_expands: Curve,
}

impl ClusterCurves {
    fn take_in(&mut self, event: &Event) {
        self.meters.note(event);
        if !matches!(event.kind, EventKind::LeaderElected { .. } | EventKind::IsrChanged { .. }) {
            return;
        }
        let meters = &self.meters;
        for (curve, value) in [
            (&mut self.under_replicated, u64::from(meters.under_replicated_partitions())),
            (&mut self.offline, u64::from(meters.offline_partitions_count())),
            (&mut self.elections, meters.leader_elections),
            (&mut self.isr_shrinks, meters.isr_shrinks),
            (&mut self.isr_expands, meters.isr_expands),
        ] {
            curve.push(Point { at: event.at, value: value as i64 });
        }
    }
}

/// The curves of every partition of a run, to its end, and those of the cluster.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Curves {
    partitions: BTreeMap<TopicPartition, PartitionCurves>,
    pub cluster: ClusterCurves,
    /// How many of the run's noted events have been taken in, and the last of them: if it is not
    /// there any more, the run is another one.
    taken: usize,
    last: Option<Event>,
}

impl Curves {
    pub fn partition(&self, id: &TopicPartition) -> Option<&PartitionCurves> {
        self.partitions.get(id)
    }

    pub fn partitions(&self) -> impl Iterator<Item = &TopicPartition> {
        self.partitions.keys()
    }

    /// Takes in what has been noted since the last time, or everything if the run has forked.
    pub fn catch_up<'a>(&mut self, noted: usize, event: impl Fn(usize) -> &'a Event) {
        let goes_on = match (&self.last, self.taken.checked_sub(1)) {
            (Some(last), Some(at)) => at < noted && event(at) == last,
            _ => false,
        };
        if !goes_on {
            *self = Curves::default();
        }
        for at in self.taken..noted {
            self.take_in(event(at));
        }
        self.taken = noted;
        self.last = noted.checked_sub(1).map(|at| event(at).clone());
    }

    fn take_in(&mut self, event: &Event) {
        self.cluster.take_in(event);
        let Some((id, (which, value))) = event.kind.partition().zip(moved(&event.kind)) else {
            return;
        };
        let point = Point { at: event.at, value };
        // Looked up first: the key is cloned only for a new partition.
        if !self.partitions.contains_key(id) {
            self.partitions.insert(id.clone(), PartitionCurves::default());
        }
        let Some(partition) = self.partitions.get_mut(id) else {
            return;
        };
        match which {
            // Nothing can be committed in a log that is empty.
            Moved::LogEnd if value == 0 => {
                partition.log_end.push(point);
                partition.high_watermark.push(point);
            }
            Moved::LogEnd => partition.log_end.push(point),
            Moved::HighWatermark => partition.high_watermark.push(point),
            Moved::Position(client) => partition.positions.entry(client).or_default().push(point),
        }
    }
}

enum Moved {
    LogEnd,
    HighWatermark,
    Position(ClientId),
}

/// Which of the curves an event moves, and to what.
fn moved(kind: &EventKind) -> Option<(Moved, i64)> {
    Some(match kind {
        EventKind::RecordsAppended { last_offset, role: Role::Leader, .. } => {
            (Moved::LogEnd, last_offset + 1)
        }
        EventKind::BecameLeader { start_offset, .. } => (Moved::LogEnd, *start_offset),
        EventKind::HighWatermarkMoved { to, role: Role::Leader, .. } => (Moved::HighWatermark, *to),
        EventKind::RecordsConsumed { client, last_offset, .. } => {
            (Moved::Position(*client), last_offset + 1)
        }
        EventKind::PositionReset { client, offset, .. } => (Moved::Position(*client), *offset),
        EventKind::TruncationDetected { client, to, .. } => (Moved::Position(*client), *to),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use kafkascope_engine::ids::{Address, EventId, NodeId};
    use kafkascope_engine::sim::time::SimTime;

    fn orders() -> TopicPartition {
        TopicPartition::new("orders", 0)
    }

    fn appended(id: u64, at: u64, last_offset: i64) -> Event {
        let kind = EventKind::RecordsAppended {
            partition: orders(),
            base_offset: last_offset,
            last_offset,
            bytes: 70,
            leader_epoch: 0,
            role: Role::Leader,
            origin: None,
        };
        Event {
            id: EventId(id),
            at: SimTime(at),
            place: Address::Node(NodeId(1)),
            cause: None,
            kind,
        }
    }

    fn curves(events: &[Event]) -> Curves {
        let mut curves = Curves::default();
        curves.catch_up(events.len(), |at| &events[at]);
        curves
    }

    fn log_end(curves: &Curves, at: u64) -> Option<i64> {
        curves.partition(&orders())?.log_end.value_at(SimTime(at))
    }

    #[test]
    fn a_value_holds_until_the_next() {
        let curves = curves(&[appended(0, 10, 0), appended(1, 20, 4)]);
        let values = [5, 10, 19, 20, 99].map(|at| log_end(&curves, at));
        assert_eq!(values, [None, Some(1), Some(1), Some(5), Some(5)]);
    }

    #[test]
    fn what_is_new_is_added_and_a_fork_begins_anew() {
        let events = [appended(0, 10, 0), appended(1, 20, 1), appended(2, 30, 2)];
        let mut grown = curves(&events[..1]);
        grown.catch_up(3, |at| &events[at]);
        assert_eq!(grown, curves(&events));
        let forked = [appended(0, 10, 0), appended(1, 25, 7)];
        grown.catch_up(2, |at| &forked[at]);
        assert_eq!(grown, curves(&forked));
        let another = [appended(0, 10, 0), appended(1, 26, 8), appended(2, 30, 9)];
        grown.catch_up(3, |at| &another[at]);
        assert_eq!(grown, curves(&another));
        grown.catch_up(0, |at| &another[at]);
        assert_eq!(grown, Curves::default());
    }

    #[test]
    fn stairs_have_corners_and_are_thinned() {
        let events: Vec<_> = (0..100).map(|n| appended(n, n * 10, n as i64)).collect();
        let curves = curves(&events);
        let curve = &curves.partition(&orders()).unwrap().log_end;
        assert_eq!(
            curve.stairs(SimTime(5), SimTime(25), 1000),
            [(5, 1), (10, 1), (10, 2), (20, 2), (20, 3), (25, 3)]
                .map(|(at, value)| (SimTime(at), value))
        );
        let thinned = curve.stairs(SimTime(0), SimTime(990), 10);
        assert!(thinned.len() <= 24, "{}", thinned.len());
        assert_eq!(thinned.last(), Some(&(SimTime(990), 100)));
    }
}
