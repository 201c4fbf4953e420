//! Two runs side by side: the same seed and the same commands with one thing different, where they
//! part, and what producers were told in each.
//!
//! A run is repeated by its [`Plan`]: what was commanded, and when, in virtual time. Steps would not
//! do, because in another run other steps happen; where nothing differs yet the moments are the same
//! to the step. A command that the other run refuses is left out there, and told. Absent: the page,
//! and words ([`crate::script::words::finding`]).

mod change;
mod parting;

pub use change::{Change, What};
pub use parting::{Differ, Parting};

use crate::cluster::Cluster;
use crate::command::{Command, Refusal};
use crate::event::Event;
use crate::ids::{NodeId, TopicPartition};
use crate::replication::partition::Partition;
use crate::sim::time::SimTime;
use crate::spec::ClusterSpec;
use crate::timeline::{Input, Timeline};
use bytes::Bytes;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// A command and its moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given {
    pub at: SimTime,
    /// Steps of just this moment that came before it.
    pub after_steps: u32,
    pub command: Arc<Command>,
}

/// What a run was asked to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    pub spec: ClusterSpec,
    pub commands: Vec<Given>,
    pub end: SimTime,
}

impl Plan {
    pub fn of(timeline: &Timeline) -> Plan {
        let spec = timeline.cluster().spec().clone();
        let mut plan = Plan { spec, commands: Vec::new(), end: timeline.time_at(timeline.len()) };
        let (mut now, mut steps) = (timeline.time_at(0), 0);
        for (input, step) in timeline.inputs().iter().zip(timeline.steps()) {
            match input {
                Input::Advance if step.at == now => steps += 1,
                Input::Advance => (now, steps) = (step.at, 1),
                Input::Command(command) => {
                    let command = command.clone();
                    plan.commands.push(Given { at: now, after_steps: steps, command });
                }
            }
        }
        plan
    }
}

/// A command that one of two runs did not take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    pub at: SimTime,
    pub command: Arc<Command>,
    pub refusal: Refusal,
}

/// A plan being carried out, in slices.
pub struct Rerun {
    timeline: Timeline,
    left: VecDeque<Given>,
    end: SimTime,
    /// Steps made at the present moment.
    steps: u32,
    refused: Vec<Refused>,
}

impl Rerun {
    /// From the same disks as `like`.
    pub fn new(like: &Timeline, plan: Plan) -> Rerun {
        let timeline = like.again(plan.spec);
        Rerun { timeline, left: plan.commands.into(), end: plan.end, steps: 0, refused: Vec::new() }
    }

    /// Goes on for about so many inputs; true when all is done.
    pub fn run(&mut self, inputs: u32) -> bool {
        for _ in 0..inputs {
            let now = self.timeline.cluster().now();
            let due = self.timeline.cluster().next_due();
            let Some(given) = self.left.front() else {
                match due.is_some_and(|due| due <= self.end) {
                    true => self.step(now),
                    false => return true,
                }
                continue;
            };
            let before_it = due.is_some_and(|due| {
                let made = if due == now { self.steps } else { 0 };
                due < given.at || (due == given.at && made < given.after_steps)
            });
            if before_it {
                self.step(now);
            } else if let Some(Given { command, .. }) = self.left.pop_front()
                && let Err(refusal) = self.timeline.handle((*command).clone())
            {
                self.refused.push(Refused { at: now, command, refusal });
            }
        }
        false
    }

    fn step(&mut self, before: SimTime) {
        self.timeline.advance();
        let same = self.timeline.cluster().now() == before;
        self.steps = if same { self.steps + 1 } else { 1 };
    }

    pub fn finish(self) -> (Timeline, Vec<Refused>) {
        (self.timeline, self.refused)
    }
}

/// Lets time pass up to `end`.
pub fn run_to(timeline: &mut Timeline, end: SimTime) {
    timeline.seek(timeline.len());
    while timeline.cluster().next_due().is_some_and(|due| due <= end) {
        timeline.advance();
    }
}

/// The logs of a partition that lead: of several that believe to, the one of the latest epoch.
pub fn leading<'a>(cluster: &'a Cluster, id: &TopicPartition) -> Option<(NodeId, &'a Partition)> {
    let replicas = cluster.brokers().filter_map(|node| {
        let partition = node.broker()?.replicas.partitions.get(id)?;
        partition.is_leader().then_some((node.id, &**partition))
    });
    replicas.max_by_key(|(_, partition)| partition.leader_epoch)
}

type Content = (Arc<str>, Option<Bytes>, Option<Bytes>);

/// How many records stand in the logs more often than they were sent: a producer without idempotence
/// that gets no answer sends again. Known by topic, key and value.
pub fn duplicated(timeline: &Timeline, position: usize, cluster: &Cluster) -> u64 {
    let mut sent: BTreeMap<Content, i64> = BTreeMap::new();
    for input in &timeline.inputs()[..position.min(timeline.len())] {
        let Input::Command(command) = input else { continue };
        let Command::Produce(produce) = &**command else { continue };
        for n in 1..=produce.count {
            let content = (produce.topic.clone(), produce.key.clone(), produce.value_of(n));
            *sent.entry(content).or_insert(0) += 1;
        }
    }
    let Some(image) = cluster.metadata_image() else {
        return 0;
    };
    for (id, _) in image.partitions() {
        let Some((node, partition)) = leading(cluster, &id) else { continue };
        let Some(disk) = cluster.node(node).map(|node| &node.disk) else { continue };
        let batches = partition.log.batches(disk, partition.log.log_start_offset());
        for batch in batches.map_while(Result::ok).filter(|batch| !batch.is_control()) {
            for record in batch.records().map_while(Result::ok) {
                *sent.entry((id.topic.clone(), record.key, record.value)).or_insert(0) -= 1;
            }
        }
    }
    sent.values().filter(|left| **left < 0).map(|left| left.unsigned_abs()).sum()
}

/// What is compared of an event: not its number, and not what another setting must change.
fn is_compared(event: &Event) -> bool {
    use crate::event::EventKind::{BrokerRegistered, EnvelopeDropped, ProduceAnswered};
    match event.kind {
        BrokerRegistered { .. } => false,
        EnvelopeDropped { .. } | ProduceAnswered { .. } => true,
        ref kind => crate::script::describe::is_milestone(kind),
    }
}

#[cfg(test)]
mod tests;
