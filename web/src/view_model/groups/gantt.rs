//! Who owned what when, as bars: for each partition what its members had of it, and the times between.

use super::story::{Rebalance, Span, Story, Track, What};
use kafkascope_engine::ids::{ClientId, EventId, TopicPartition};
use kafkascope_engine::sim::time::SimTime;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    pub partition: TopicPartition,
    pub bars: Vec<Bar>,
    /// How long nobody read it, in all.
    pub still_us: u64,
}

/// A part of a partition's time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bar {
    pub from: SimTime,
    pub until: SimTime,
    /// What began it.
    pub event: EventId,
    pub owner: Option<ClientId>,
    /// Why nobody reads it, one reason after the other.
    pub parts: Vec<Span>,
}

impl Bar {
    pub fn length_us(&self) -> u64 {
        self.until - self.from
    }
}

/// The rows of a group between two moments, of which the later one is shown.
pub fn rows(story: &Story, from: SimTime, now: SimTime) -> Vec<Row> {
    let known = story.partitions.iter().filter(|(_, track)| track.at(now).is_some());
    let row = |(partition, track): (&TopicPartition, &Track)| {
        let bars = bars(track, from, now);
        let still = bars.iter().filter(|bar| bar.owner.is_none());
        Row { partition: partition.clone(), still_us: still.map(Bar::length_us).sum(), bars }
    };
    known.map(row).collect()
}

/// Reasons that follow each other are one time of standing still.
fn bars(track: &Track, from: SimTime, now: SimTime) -> Vec<Bar> {
    let mut bars: Vec<Bar> = Vec::new();
    for span in track.spans(from, now) {
        let owner = match span.period.what {
            What::Owned(client) => Some(client),
            What::Still(_) => None,
        };
        match bars.last_mut().filter(|last| last.owner.is_none() && owner.is_none()) {
            Some(last) => {
                last.until = span.until;
                last.parts.push(span);
            }
            None => bars.push(Bar {
                from: span.from,
                until: span.until,
                event: span.period.event,
                owner,
                parts: if owner.is_none() { vec![span] } else { Vec::new() },
            }),
        }
    }
    bars
}

/// What a rebalance has cost until a moment: how many partitions stood still, the longest of them, all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    pub partitions: usize,
    pub longest_us: u64,
    pub all_us: u64,
}

pub fn cost(rebalance: &Rebalance, now: SimTime) -> Cost {
    let stops = rebalance.stops.iter().filter(|stop| stop.until <= now);
    stops.fold(Cost::default(), |cost, stop| {
        let length_us = stop.until - stop.from;
        Cost {
            partitions: cost.partitions + 1,
            longest_us: cost.longest_us.max(length_us),
            all_us: cost.all_us + length_us,
        }
    })
}

/// When the first of a group's partitions was first known of.
pub fn beginning(story: &Story) -> Option<SimTime> {
    story.rebalances.first().map(|rebalance| rebalance.began)
}

/// Moments to write under the bars: round ones, at most about so many.
pub fn ticks(from: SimTime, now: SimTime, most: u64) -> Vec<SimTime> {
    const STEPS_MS: [u64; 11] =
        [100, 200, 500, 1_000, 2_000, 5_000, 10_000, 30_000, 60_000, 300_000, 1_800_000];
    let length_ms = (now - from) / 1000;
    let step = STEPS_MS.into_iter().find(|step| length_ms / step <= most.max(1));
    let step_us = step.unwrap_or(length_ms.max(1)) * 1000;
    let first = from.0.div_ceil(step_us);
    (first..).map(|n| SimTime(n * step_us)).take_while(|at| *at <= now).collect()
}
