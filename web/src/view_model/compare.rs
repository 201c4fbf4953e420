//! Two runs side by side, as plain values: what each side shows at one moment of virtual time, and the
//! axis that both share.

use super::build::Frame;
use super::history::{History, Mark, mark_of};
use super::{NodeState, ReplicaRole, ReplicaView, View};
use kafkascope_engine::compare::duplicated;
use kafkascope_engine::ids::{NodeId, TopicPartition};
use kafkascope_engine::invariant::{Found, Monitor, Tally};
use kafkascope_engine::metrics::Gauges;
use kafkascope_engine::sim::time::SimTime;
use kafkascope_engine::timeline::Timeline;

/// Offsets in a row.
pub const SLOTS: i64 = 12;

/// What one side shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Side {
    pub view: View,
    pub tally: Tally,
    pub duplicated: u64,
}

impl Side {
    /// Shows the last moment of the run that is not after `now`.
    pub fn at(timeline: &mut Timeline, now: SimTime) -> Side {
        timeline.seek(timeline.position_at(now));
        let frame = Frame::still(Gauges::default());
        let cluster = timeline.cluster();
        Side {
            view: View::of(timeline, frame),
            tally: cluster.checker().map(|checker| checker.tally()).unwrap_or_default(),
            duplicated: duplicated(timeline, timeline.position(), cluster),
        }
    }

    /// Offset and leader epoch of every record of a partition that was acknowledged, then lost.
    pub fn lost(&self, id: &TopicPartition) -> Vec<(i64, i32)> {
        let monitor = self.view.monitors.iter().find(|v| v.monitor == Monitor::AcknowledgedLost);
        let mut lost: Vec<(i64, i32)> = monitor
            .iter()
            .flat_map(|view| &view.findings)
            .filter(|finding| finding.partition() == Some(id))
            .filter_map(|finding| match finding.found {
                Found::AcknowledgedLost { from, to, leader_epoch, .. } => {
                    Some((from..to).map(move |offset| (offset, leader_epoch)))
                }
                _ => None,
            })
            .flatten()
            .collect();
        lost.sort();
        lost
    }
}

/// One replica in the small picture of a partition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    pub node: NodeId,
    pub state: NodeState,
    pub replica: Option<ReplicaView>,
    /// Its log is not what the same broker has on the other side.
    pub differs: bool,
}

impl Row {
    pub fn role(&self) -> ReplicaRole {
        self.replica.as_ref().map_or(ReplicaRole::Offline, |replica| replica.role)
    }
}

pub fn rows(side: &Side, other: &Side, id: &TopicPartition) -> Vec<Row> {
    let row =
        |view: &View, node: NodeId| view.node(node).map(|n| (n.state, n.replica(id).cloned()));
    let content = |replica: &Option<ReplicaView>| {
        let cells = replica.iter().flat_map(|replica| &replica.cells);
        cells.map(|cell| (cell.offset, cell.leader_epoch)).collect::<Vec<_>>()
    };
    let known = [&side.view, &other.view].into_iter().find_map(|view| view.partition(id));
    let mut nodes = known.map(|partition| partition.replicas.clone()).unwrap_or_default();
    nodes.sort();
    nodes
        .into_iter()
        .filter_map(|node| {
            let (state, replica) = row(&side.view, node)?;
            let there = row(&other.view, node).and_then(|(_, replica)| replica);
            let differs = content(&replica) != content(&there);
            Some(Row { node, state, replica, differs })
        })
        .collect()
}

/// The first offset of the rows of a partition, alike on both sides.
pub fn first_offset(sides: [&Side; 2], id: &TopicPartition) -> i64 {
    let ends = sides.into_iter().flat_map(|side| {
        let logs = side.view.nodes.iter().filter_map(|node| node.replica(id));
        let lost = side.lost(id).into_iter().map(|(offset, _)| offset + 1);
        logs.map(|replica| replica.log_end_offset).chain(lost).collect::<Vec<_>>()
    });
    (ends.max().unwrap_or(0) - SLOTS + 1).max(0)
}

/// Partitions of both runs: first the one that is asked for.
pub fn partitions(sides: [&Side; 2], first: Option<&TopicPartition>) -> Vec<TopicPartition> {
    let all = sides.into_iter().flat_map(|side| side.view.partitions.iter().map(|p| p.id.clone()));
    let mut all: Vec<TopicPartition> = all.collect();
    all.sort();
    all.dedup();
    if let Some(at) = first.and_then(|first| all.iter().position(|id| id == first)) {
        let first = all.remove(at);
        all.insert(0, first);
    }
    all
}

/// Virtual time from left to right, for both runs. Long waits are drawn short: what counts is what
/// happens.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Axis {
    /// Every moment at which something worth telling happened in either run, and its place, 0 to 1.
    pub moments: Vec<(SimTime, f64)>,
    /// Of each run: where something happened.
    pub marks: [Vec<(f64, Mark)>; 2],
    /// Of each run: where acknowledged records were lost.
    pub losses: [Vec<f64>; 2],
    pub parting: Option<f64>,
}

/// The weight of a wait: each moment has its place, and long waits a little more.
fn weight(gap_us: u64) -> f64 {
    1.0 + 1.5 * (1.0 + gap_us as f64 / 50_000.0).ln()
}

impl Axis {
    pub fn of(timelines: [&Timeline; 2], parting: Option<SimTime>) -> Axis {
        let histories = timelines.map(|timeline| {
            let mut history = History::default();
            history.catch_up(timeline);
            history
        });
        let marked = histories.iter().map(|history| {
            let noted = history.all().iter();
            noted.filter_map(|n| Some((n.event.at, mark_of(&n.event.kind)?))).collect::<Vec<_>>()
        });
        let marked: Vec<Vec<(SimTime, Mark)>> = marked.collect();
        let mut times: Vec<SimTime> = marked.iter().flatten().map(|(at, _)| *at).collect();
        times.extend(parting);
        times.extend(timelines.map(|timeline| timeline.time_at(timeline.len())));
        times.sort();
        times.dedup();
        let mut places = Vec::with_capacity(times.len());
        let mut sum = 0.0;
        for (index, at) in times.iter().enumerate() {
            if index > 0 {
                sum += weight(at.since(times[index - 1]));
            }
            places.push(sum);
        }
        let whole = if sum > 0.0 { sum } else { 1.0 };
        let moments =
            times.into_iter().zip(places.into_iter().map(|place| place / whole)).collect();
        let mut axis = Axis { moments, ..Axis::default() };
        axis.parting = parting.map(|at| axis.x_of(at));
        for (side, timeline) in timelines.into_iter().enumerate() {
            axis.marks[side] =
                marked[side].iter().map(|(at, mark)| (axis.x_of(*at), *mark)).collect();
            let end = timeline.at(timeline.len());
            let findings = end.checker().map(|c| c.findings().to_vec()).unwrap_or_default();
            let lost = findings.iter().filter(|f| f.monitor() == Monitor::AcknowledgedLost);
            axis.losses[side] = lost.map(|finding| axis.x_of(finding.at)).collect();
        }
        axis
    }

    /// The place of the last moment that is not after `at`.
    pub fn x_of(&self, at: SimTime) -> f64 {
        self.index_of(at).map_or(0.0, |index| self.moments[index].1)
    }

    pub fn index_of(&self, at: SimTime) -> Option<usize> {
        self.moments.partition_point(|(moment, _)| *moment <= at).checked_sub(1)
    }

    pub fn nearest(&self, x: f64) -> Option<SimTime> {
        let distance = |place: f64| (place - x).abs();
        let nearest = self.moments.iter().min_by(|a, b| distance(a.1).total_cmp(&distance(b.1)));
        nearest.map(|(at, _)| *at)
    }

    /// So many moments further, or back.
    pub fn moved(&self, at: SimTime, by: isize) -> Option<SimTime> {
        let index = self.index_of(at).unwrap_or(0).saturating_add_signed(by);
        self.moments.get(index.min(self.moments.len().checked_sub(1)?)).map(|(at, _)| *at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{self, COMPARISONS};
    use kafkascope_engine::compare::{Change, Parting, Plan, Rerun};

    fn pair(id: &str) -> [Timeline; 2] {
        let ready = COMPARISONS.iter().find(|ready| ready.id == id).unwrap();
        let old = scenario::prepare(&ready.script())
            .unwrap_or_else(|text| panic!("{}", text.en))
            .timeline;
        let change = Change::parse(ready.change).unwrap();
        let mut rerun = Rerun::new(&old, change.apply(Plan::of(&old)));
        while !rerun.run(u32::MAX) {}
        [old, rerun.finish().0]
    }

    #[test]
    fn the_lost_record_is_lost_on_one_side_and_there_on_the_other() {
        let [mut old, mut new] = pair("kip-101-lost");
        let parting = Parting::of(&old, &new).unwrap();
        let end = old.time_at(old.len());
        let [left, right] = [Side::at(&mut old, end), Side::at(&mut new, end)];
        let id = left.view.partitions[0].id.clone();
        assert_eq!((left.lost(&id), right.lost(&id)), (vec![(1, 0)], vec![]));
        assert!(rows(&left, &right, &id).iter().all(|row| row.differs));
        assert_eq!(first_offset([&left, &right], &id), 0);

        let before = SimTime(parting.at.0 - 1);
        let [left, right] = [Side::at(&mut old, before), Side::at(&mut new, before)];
        assert!(rows(&left, &right, &id).iter().all(|row| !row.differs));
        assert_eq!(left.tally, right.tally);
    }

    #[test]
    fn diverged_logs_are_two_rows_that_differ_under_the_old_rule_only() {
        let [mut old, mut new] = pair("kip-101-diverged");
        let end = old.time_at(old.len());
        let [left, right] = [Side::at(&mut old, end), Side::at(&mut new, end)];
        let id = left.view.partitions[0].id.clone();
        let epochs = |side: &Side, other: &Side| {
            let rows = rows(side, other, &id);
            let of = |row: &Row| {
                row.replica.as_ref().unwrap().cells.iter().map(|c| c.leader_epoch).collect()
            };
            rows.iter().map(of).collect::<Vec<Vec<i32>>>()
        };
        let [one, other] = &epochs(&left, &right)[..] else { panic!("two replicas") };
        assert_ne!(one, other);
        let [one, other] = &epochs(&right, &left)[..] else { panic!("two replicas") };
        assert_eq!(one, other);
    }

    #[test]
    fn the_axis_goes_through_every_moment_in_order() {
        let [old, new] = pair("kip-101-lost");
        let parting = Parting::of(&old, &new).unwrap();
        let axis = Axis::of([&old, &new], Some(parting.at));
        assert!(axis.moments.windows(2).all(|pair| pair[0].0 < pair[1].0 && pair[0].1 < pair[1].1));
        assert_eq!((axis.moments[0].1, axis.moments.last().unwrap().1), (0.0, 1.0));
        for (at, x) in &axis.moments {
            assert_eq!(axis.nearest(*x), Some(*at));
            assert_eq!(axis.x_of(*at), *x);
        }
        assert_eq!((axis.losses[0].len(), axis.losses[1].len()), (1, 0));
        let last = axis.moments.last().unwrap().0;
        assert_eq!(axis.moved(last, 1), Some(last));
        assert_eq!(axis.moved(axis.moments[0].0, -1), Some(axis.moments[0].0));
    }
}
