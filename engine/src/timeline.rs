//! Time travel: the inputs of a run, and snapshots that make any moment of it cheap to reach.
//!
//! A run is its [`ClusterSpec`] and the list of its inputs; everything else can be made again. A
//! moment is named by the number of inputs before it. [`Timeline::seek`] takes the nearest snapshot
//! and replays the rest; snapshots share what has not changed, so they cost little. A command given
//! in the past forks: what came after is kept as a branch.

use crate::cluster::Cluster;
use crate::command::{Command, Refusal};
use crate::event::Event;
use crate::ids::{EventId, NodeId};
use crate::sim::disk::{Disk, DiskOp};
use crate::sim::time::SimTime;
use crate::spec::ClusterSpec;
use std::collections::BTreeMap;
use std::sync::Arc;

/// How many inputs lie between two snapshots: what a seek may have to replay.
const SNAPSHOT_SPACING: usize = 512;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    Advance,
    Command(Arc<Command>),
}

/// What is kept of each input's step, so that any event can be found without keeping them all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// Virtual time after the step.
    pub at: SimTime,
    /// The first event of the step.
    pub first_event: EventId,
    pub is_command: bool,
}

/// What came after a fork, kept to go back to.
#[derive(Clone, Debug)]
pub struct Branch {
    /// The number of inputs that both branches share.
    pub from: usize,
    inputs: Vec<Input>,
    steps: Vec<Step>,
    snapshots: BTreeMap<usize, Cluster>,
}

impl Branch {
    /// Virtual time at its end.
    pub fn end(&self) -> Option<SimTime> {
        self.steps.last().map(|step| step.at)
    }
}

#[derive(Clone, Debug)]
pub struct Timeline {
    disks: BTreeMap<NodeId, Disk>,
    start: Cluster,
    start_events: Vec<Event>,
    inputs: Vec<Input>,
    steps: Vec<Step>,
    snapshots: BTreeMap<usize, Cluster>,
    /// The moment that is shown, and its cluster.
    position: usize,
    present: Cluster,
    branches: Vec<Branch>,
    revision: u64,
}

impl Timeline {
    pub fn new(spec: ClusterSpec) -> Self {
        Self::on_disks(spec, BTreeMap::new())
    }

    /// A run that begins on disks which an earlier one has left.
    pub fn on_disks(spec: ClusterSpec, disks: BTreeMap<NodeId, Disk>) -> Self {
        let (start, start_events) = Cluster::boot(spec, disks.clone());
        let start = start.with_checks();
        Timeline {
            disks,
            present: start.clone(),
            start,
            start_events,
            inputs: Vec::new(),
            steps: Vec::new(),
            snapshots: BTreeMap::new(),
            position: 0,
            branches: Vec::new(),
            revision: 0,
        }
    }

    /// A run of `spec` that begins where this one did, on the same disks.
    pub fn again(&self, spec: ClusterSpec) -> Timeline {
        Self::on_disks(spec, self.disks.clone())
    }

    /// The cluster at the moment that is shown.
    pub fn cluster(&self) -> &Cluster {
        &self.present
    }

    pub fn position(&self) -> usize {
        self.position
    }

    /// The number of inputs; also the latest position.
    pub fn len(&self) -> usize {
        self.inputs.len()
    }

    pub fn is_empty(&self) -> bool {
        self.inputs.is_empty()
    }

    pub fn at_tip(&self) -> bool {
        self.position == self.inputs.len()
    }

    pub fn inputs(&self) -> &[Input] {
        &self.inputs
    }

    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    pub fn branches(&self) -> &[Branch] {
        &self.branches
    }

    /// Changes when a fork or a switch exchanges inputs; while it stays, the run has only grown.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// As [`Cluster::record_disk_ops`], at the moment that is shown.
    pub fn record_disk_ops(&mut self, record: bool) {
        self.present.record_disk_ops(record);
    }

    /// As [`Cluster::take_disk_ops`]. Means something only while the run moves on at its tip: a
    /// seek puts other disks in place of the recorded ones.
    pub fn take_disk_ops(&mut self) -> Vec<(NodeId, Vec<DiskOp>)> {
        self.present.take_disk_ops()
    }

    /// Virtual time at a position.
    pub fn time_at(&self, position: usize) -> SimTime {
        match position.checked_sub(1) {
            None => self.start.now(),
            Some(index) => self.steps[index.min(self.steps.len() - 1)].at,
        }
    }

    /// The last position whose time is not after `at`.
    pub fn position_at(&self, at: SimTime) -> usize {
        self.steps.partition_point(|step| step.at <= at)
    }

    /// One step on from the moment that is shown: replays if it lies in the past, else makes the
    /// next step. `None`: nothing is pending.
    pub fn advance(&mut self) -> Option<Vec<Event>> {
        if !self.at_tip() {
            let events = apply(&mut self.present, &self.inputs[self.position]);
            self.position += 1;
            return Some(events);
        }
        let first_event = self.present.next_event_id();
        let events = self.present.advance()?;
        self.push(Input::Advance, first_event);
        Some(events)
    }

    /// Carries out a command at the moment that is shown. In the past this forks: what came after
    /// becomes a branch. A refused command changes nothing.
    pub fn handle(&mut self, command: Command) -> Result<Vec<Event>, Refusal> {
        let first_event = self.present.next_event_id();
        let events = self.present.handle(&command)?;
        self.fork();
        self.push(Input::Command(Arc::new(command)), first_event);
        Ok(events)
    }

    fn push(&mut self, input: Input, first_event: EventId) {
        let is_command = matches!(input, Input::Command(_));
        self.inputs.push(input);
        self.steps.push(Step { at: self.present.now(), first_event, is_command });
        self.position = self.inputs.len();
        if self.position.is_multiple_of(SNAPSHOT_SPACING) {
            self.snapshots.insert(self.position, self.present.clone());
        }
    }

    /// Cuts the run at the moment that is shown; what came after becomes a branch.
    fn fork(&mut self) {
        if self.at_tip() {
            return;
        }
        self.revision += 1;
        let from = self.position;
        let inputs = self.inputs.split_off(from);
        let steps = self.steps.split_off(from);
        let snapshots = self.snapshots.split_off(&(from + 1));
        // Branches that left the part just cut off now leave here, and bring that part along.
        for branch in self.branches.iter_mut().filter(|branch| branch.from > from) {
            let shared = branch.from - from;
            branch.inputs.splice(0..0, inputs[..shared].iter().cloned());
            branch.steps.splice(0..0, steps[..shared].iter().copied());
            branch.from = from;
        }
        self.branches.push(Branch { from, inputs, steps, snapshots });
    }

    /// Makes a kept branch the present run and shows the moment where it left; what it replaces
    /// becomes a branch itself.
    pub fn switch_to(&mut self, branch: usize) {
        if branch >= self.branches.len() {
            return;
        }
        let branch = self.branches.remove(branch);
        self.seek(branch.from);
        self.fork();
        self.revision += 1;
        self.inputs.extend(branch.inputs);
        self.steps.extend(branch.steps);
        self.snapshots.extend(branch.snapshots);
    }

    /// Shows the moment after `position` inputs.
    pub fn seek(&mut self, position: usize) {
        let position = position.min(self.inputs.len());
        let snapshot = self.snapshots.range(..=position).next_back();
        let nearest = snapshot.map_or(0, |(&at, _)| at);
        if position < self.position || nearest > self.position {
            self.present = snapshot.map_or(&self.start, |(_, cluster)| cluster).clone();
            self.position = nearest;
        }
        while self.position < position {
            apply(&mut self.present, &self.inputs[self.position]);
            self.position += 1;
        }
    }

    /// The state at a position, without showing it.
    pub fn at(&self, position: usize) -> Cluster {
        let position = position.min(self.inputs.len());
        let snapshot = self.snapshots.range(..=position).next_back();
        let mut at = snapshot.map_or(0, |(&at, _)| at);
        let mut cluster = snapshot.map_or(&self.start, |(_, cluster)| cluster).clone();
        while at < position {
            apply(&mut cluster, &self.inputs[at]);
            at += 1;
        }
        cluster
    }

    /// The events of the steps `from..to`, made again.
    pub fn events(&self, from: usize, to: usize) -> Vec<Event> {
        let to = to.min(self.inputs.len());
        let mut cluster = self.at(from);
        let mut events = Vec::new();
        for input in &self.inputs[from.min(to)..to] {
            events.extend(apply(&mut cluster, input));
        }
        events
    }

    /// Every event of the run, made again one step after the other.
    pub fn trace(&self) -> impl Iterator<Item = Event> + '_ {
        let mut cluster = self.start.clone();
        let steps = self.inputs.iter().flat_map(move |input| apply(&mut cluster, input));
        self.start_events.iter().cloned().chain(steps)
    }

    /// The position right after the event happened, if it happened in this run.
    pub fn position_of(&self, event: EventId) -> Option<usize> {
        if event >= self.first_event_of_tip() {
            return None;
        }
        Some(self.steps.partition_point(|step| step.first_event <= event))
    }

    fn first_event_of_tip(&self) -> EventId {
        if self.at_tip() {
            self.present.next_event_id()
        } else {
            self.at(self.len()).next_event_id()
        }
    }

    pub fn event(&self, id: EventId) -> Option<Event> {
        let step = self.steps.partition_point(|step| step.first_event <= id);
        let events = match step.checked_sub(1) {
            None => self.start_events.clone(),
            Some(index) => self.events(index, index + 1),
        };
        events.into_iter().find(|event| event.id == id)
    }
}

fn apply(cluster: &mut Cluster, input: &Input) -> Vec<Event> {
    match input {
        Input::Advance => cluster.advance().unwrap_or_default(),
        Input::Command(command) => {
            cluster.handle(command).expect("an input that was accepted is accepted again")
        }
    }
}
