//! The journal: the inputs of a run as script text, and how the run is made again from it.
//!
//! ```text
//! cluster brokers=3 seed=42
//! step 212
//! kafka-topics.sh --create --topic orders --partitions 3 --replication-factor 3
//! step 80
//! cluster brokers=3 seed=43
//! step 41
//! ```
//!
//! A `cluster` line begins a run. One that comes later means that the power of the whole cluster
//! failed there, and that the next run booted on what the disks held. So any session, whatever it
//! went through, is a text; the storage keeps it in chunks, and a link carries it.
//!
//! Absent: the browser, and what a link may not contain ([`crate::permalink`]).

use super::layout::JournalCommit;
use super::root::{Moment, Stamp};
use super::survey::{Promised, note_promises};
use bytes::Bytes;
use kafkascope_engine::cluster::Cluster;
use kafkascope_engine::command::Refusal;
use kafkascope_engine::ids::NodeId;
use kafkascope_engine::script::line::{Drive, Line, Names, NoClients};
use kafkascope_engine::script::parse::parse;
use kafkascope_engine::script::print::print;
use kafkascope_engine::script::{ScriptError, spec_text};
use kafkascope_engine::sim::disk::Disk;
use kafkascope_engine::spec::ClusterSpec;
use kafkascope_engine::timeline::{Input, Timeline};
use std::collections::BTreeMap;

/// The last chunk is written again with every commit until it is this long.
const CHUNK_BYTES: usize = 16 << 10;

/// The text of a run from its `cluster` line on.
pub fn text_of(timeline: &Timeline) -> String {
    let last = timeline.at(timeline.len());
    let mut script = Script::default();
    script.begin(timeline.cluster().spec());
    timeline.inputs().iter().for_each(|input| script.push(input, &last));
    script.text()
}

/// The moment that is shown.
pub fn moment_of(timeline: &Timeline) -> Moment {
    moment_at(timeline.position(), timeline.cluster())
}

pub fn moment_at(position: usize, cluster: &Cluster) -> Moment {
    Moment { position: position as u64, now: cluster.now().0, events: cluster.next_event_id().0 }
}

/// What the disks of a cluster hold after the power has failed.
pub fn disks_after_power_loss(cluster: &Cluster) -> BTreeMap<NodeId, Disk> {
    let durable = |disk: &Disk| {
        disk.durable_image().into_iter().map(|(path, bytes)| (path.to_string(), bytes))
    };
    cluster.nodes().map(|node| (node.id, Disk::from_files(durable(&node.disk)))).collect()
}

/// The spec of the run that boots on such disks: another seed, as another start of the processes.
pub fn spec_after_power_loss(spec: &ClusterSpec) -> ClusterSpec {
    ClusterSpec { seed: spec.seed.wrapping_add(1), ..spec.clone() }
}

/// Lines, with the steps at the end still being counted.
#[derive(Clone, Debug, Default)]
struct Script {
    lines: String,
    steps: u32,
}

impl Script {
    fn begin(&mut self, spec: &ClusterSpec) {
        self.end_steps();
        self.lines += &spec_text::print(spec);
        self.lines.push('\n');
    }

    fn push(&mut self, input: &Input, names: &dyn Names) {
        match input {
            Input::Advance if self.steps < u32::MAX => self.steps += 1,
            Input::Advance => {
                self.end_steps();
                self.steps = 1;
            }
            Input::Command(command) => {
                self.end_steps();
                self.lines += &print(&Line::Command((**command).clone()), names);
                self.lines.push('\n');
            }
        }
    }

    fn end_steps(&mut self) {
        if self.steps > 0 {
            self.lines += &print(&Line::Drive(Drive::Step(self.steps)), &NoClients);
            self.lines.push('\n');
            self.steps = 0;
        }
    }

    fn text(&self) -> String {
        let mut whole = self.clone();
        whole.end_steps();
        whole.lines
    }
}

/// The journal as it is stored. A run that began on disks of which nobody knows how they came to be
/// has none.
#[derive(Clone, Debug)]
pub struct Journal {
    is_kept: bool,
    /// The chunks that will not change any more.
    closed: Vec<Stamp>,
    open: Script,
    /// Inputs that it has.
    len: usize,
}

impl Journal {
    /// Of a run that goes on from `former` ones.
    pub fn of(former: Option<&str>, timeline: &Timeline) -> Self {
        let lines = former.map_or_else(String::new, |former| [former, &text_of(timeline)].concat());
        let open = Script { lines, steps: 0 };
        Journal { is_kept: former.is_some(), closed: Vec::new(), open, len: timeline.len() }
    }

    /// Takes over the inputs that it does not have yet. Must be called at the end of the run.
    pub fn follow(&mut self, timeline: &Timeline) {
        for input in &timeline.inputs()[self.len.min(timeline.len())..] {
            self.open.push(input, timeline.cluster());
        }
        self.len = timeline.len();
    }

    pub fn commit(&mut self) -> JournalCommit {
        if !self.is_kept {
            return JournalCommit::default();
        }
        let mut changed = Vec::new();
        while self.open.lines.len() >= CHUNK_BYTES {
            let rest =
                self.open.lines.split_off(floor_char_boundary(&self.open.lines, CHUNK_BYTES));
            let chunk = Bytes::from(std::mem::replace(&mut self.open.lines, rest));
            changed.push((self.closed.len(), chunk.clone()));
            self.closed.push(Stamp::of(&chunk));
        }
        let open = Bytes::from(self.open.text());
        let mut stamps = self.closed.clone();
        stamps.push(Stamp::of(&open));
        changed.push((self.closed.len(), open));
        JournalCommit { stamps, changed }
    }
}

fn floor_char_boundary(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// A journal being played again, in slices, so that a page stays alive.
pub struct Replay {
    text: String,
    /// Where the next line begins.
    at: usize,
    line: u32,
    /// Steps of the present line still to make.
    steps: u32,
    timeline: Option<Timeline>,
    /// Where the present run began in the text.
    began: usize,
    pub events: u64,
    promised: Promised,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplayProblem {
    /// Counted from 1.
    pub line: u32,
    pub what: ReplayProblemKind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReplayProblemKind {
    Script(ScriptError),
    /// A line that is neither an input nor the start of a run.
    NotAnInput,
    /// The first line does not say what the run starts from.
    NoSpec,
    Refused(Refusal),
    /// More steps than there are things that happen.
    NothingPending,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    More,
    Done,
}

/// A run made again, and the text of the ones before it.
#[derive(Debug)]
pub struct Replayed {
    pub timeline: Timeline,
    pub former: String,
    /// In the last run.
    pub promised: Promised,
}

impl Replay {
    pub fn new(text: String) -> Self {
        Replay {
            text,
            at: 0,
            line: 0,
            steps: 0,
            timeline: None,
            began: 0,
            events: 0,
            promised: Promised::new(),
        }
    }

    /// Plays on until about so many more events have happened.
    pub fn run(&mut self, events: u64) -> Result<Progress, ReplayProblem> {
        let until = self.events.saturating_add(events);
        while self.events < until {
            if self.steps > 0 {
                self.step()?;
            } else if !self.next_line()? {
                return Ok(Progress::Done);
            }
        }
        Ok(Progress::More)
    }

    fn problem(&self, what: ReplayProblemKind) -> ReplayProblem {
        ReplayProblem { line: self.line, what }
    }

    fn step(&mut self) -> Result<(), ReplayProblem> {
        let events = self.timeline.as_mut().and_then(Timeline::advance);
        let events = events.ok_or_else(|| self.problem(ReplayProblemKind::NothingPending))?;
        self.events += events.len().max(1) as u64;
        note_promises(&mut self.promised, &events);
        self.steps -= 1;
        Ok(())
    }

    /// Carries out the next line; false at the end.
    fn next_line(&mut self) -> Result<bool, ReplayProblem> {
        let rest = &self.text[self.at..];
        let Some(line) = rest.lines().next() else {
            return match self.timeline {
                Some(_) => Ok(false),
                None => Err(self.problem(ReplayProblemKind::NoSpec)),
            };
        };
        let start = self.at;
        self.at += rest.find('\n').map_or(rest.len(), |end| end + 1);
        self.line += 1;
        let names: &dyn Names =
            self.timeline.as_ref().map_or(&NoClients, |timeline| timeline.cluster());
        let line = parse(self.line, line, names);
        let line = line.map_err(|error| self.problem(ReplayProblemKind::Script(error)))?;
        match (line, &mut self.timeline) {
            (Line::Prose(_), _) => {}
            (Line::Spec(spec), former) => {
                let disks = former.as_ref().map(|former| disks_after_power_loss(former.cluster()));
                self.timeline = Some(Timeline::on_disks(*spec, disks.unwrap_or_default()));
                self.began = start;
                self.promised.clear();
            }
            (_, None) => return Err(self.problem(ReplayProblemKind::NoSpec)),
            (Line::Command(command), Some(timeline)) => match timeline.handle(command) {
                Ok(events) => {
                    self.events += events.len() as u64;
                    note_promises(&mut self.promised, &events);
                }
                Err(refusal) => return Err(self.problem(ReplayProblemKind::Refused(refusal))),
            },
            (Line::Drive(Drive::Step(count)), _) => self.steps = count,
            _ => return Err(self.problem(ReplayProblemKind::NotAnInput)),
        }
        Ok(true)
    }

    /// `None` before the first line was played.
    pub fn finish(self) -> Option<Replayed> {
        let timeline = self.timeline?;
        let mut former = self.text;
        former.truncate(self.began);
        Some(Replayed { timeline, former, promised: self.promised })
    }
}

#[cfg(test)]
#[path = "journal_tests.rs"]
mod tests;
