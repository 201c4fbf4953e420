//! The search for a run in which a promise breaks. Each seed draws a cluster, which kinds of faults
//! occur and how often (swarm testing), and then what happens when. A run has two phases: in the
//! first anything may fail; then the faults end, for a core or for all, and the cluster must settle on
//! one log per partition. The invariants are checked after every event of both.

mod ambush;
mod configs;
mod coverage;
mod history;
mod liveness;
mod members;
mod search;
mod shrink;
mod swarm;
mod transactions;

pub use coverage::{Coverage, RareState};
pub use history::{Anomaly, Verdict};
pub use search::{FailingRun, Goal, Progress, Search};
pub use shrink::shrink;

use crate::cluster::Cluster;
use crate::command::Command;
use crate::invariant::{Counts, Finding, Violation};
use crate::replication::history_rule::HistoryRule;
use crate::sim::random::SimRng;
use crate::sim::time::SimTime;
use crate::spec::{ClusterSpec, Mutant};
use crate::trace::Trace;
use history::History;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Steps of the first phase.
    pub steps: u32,
    pub mutants: Vec<Mutant>,
    pub history: HistoryRule,
}

impl Default for Options {
    fn default() -> Self {
        Options { steps: 2_000, mutants: Vec::new(), history: HistoryRule::default() }
    }
}

/// One run: a start state and what was done at which step.
#[derive(Clone, Debug)]
pub struct Schedule {
    pub spec: ClusterSpec,
    /// Steps before each command, counted from the command before it.
    pub commands: Vec<(u32, Command)>,
    /// Steps after the last command, before the faults end.
    pub rest: u32,
}

#[derive(Clone, Debug)]
pub struct Outcome {
    pub seed: u64,
    pub schedule: Schedule,
    /// The schedule and what was done after it, when the faults ended.
    pub made: Schedule,
    pub counts: Counts,
    pub coverage: Coverage,
    pub steps: u64,
    pub time: SimTime,
    /// A number that tells two runs apart: all events went into it.
    pub trace: u128,
    pub violation: Option<Violation>,
    pub findings: Vec<Finding>,
    /// What is to be said of the run from its clients' side alone.
    pub history: Verdict,
}

/// Draws the run of a seed and makes it.
pub fn run_seed(seed: u64, options: &Options) -> Outcome {
    let mut random = SimRng::new(seed);
    let mut swarm = swarm::Swarm::draw(seed, &mut random);
    swarm.spec.mutants = options.mutants.iter().copied().collect();
    swarm.spec.history = options.history;
    let mut run = SeedRun::of(seed, swarm, random, options.steps);
    while run.go_on() {}
    run.run.settle();
    run.run.outcome(run.schedule)
}

/// The first phase of a seed's run, in slices.
struct SeedRun {
    run: Run,
    swarm: swarm::Swarm,
    random: SimRng,
    schedule: Schedule,
    /// Steps left.
    left: u32,
}

impl SeedRun {
    fn of(seed: u64, swarm: swarm::Swarm, random: SimRng, steps: u32) -> Self {
        let run = Run::new(seed, swarm.spec.clone());
        let schedule = Schedule { spec: swarm.spec.clone(), commands: Vec::new(), rest: 0 };
        SeedRun { run, swarm, random, schedule, left: steps }
    }

    /// A few steps and a command; false when the phase is over.
    fn go_on(&mut self) -> bool {
        if self.left == 0 || self.run.violation.is_some() {
            return false;
        }
        let wait = (self.random.range(1..=self.swarm.pace) as u32).min(self.left);
        self.run.steps(wait);
        self.left -= wait;
        self.schedule.rest += wait;
        if let Some(command) = self.swarm.next(&self.run.cluster, &mut self.random)
            && self.run.command(&command)
        {
            self.schedule.commands.push((std::mem::take(&mut self.schedule.rest), command));
        }
        true
    }
}

/// Makes a run again, or a shortened form of it. Commands that are now refused are left out.
pub fn run_schedule(seed: u64, schedule: &Schedule) -> Outcome {
    let mut run = Run::new(seed, schedule.spec.clone());
    for (wait, command) in &schedule.commands {
        run.steps(*wait);
        run.command(command);
    }
    run.steps(schedule.rest);
    run.settle();
    run.outcome(schedule.clone())
}

struct Run {
    seed: u64,
    cluster: Cluster,
    coverage: Coverage,
    history: History,
    steps: u64,
    made: Schedule,
    trace: Trace,
    violation: Option<Violation>,
    /// A broken promise does not end it: what an old rule breaks leads to what is looked for.
    goes_on: bool,
}

impl Run {
    fn new(seed: u64, spec: ClusterSpec) -> Self {
        let made = Schedule { spec: spec.clone(), commands: Vec::new(), rest: 0 };
        let (cluster, events) = Cluster::new(spec);
        let mut trace = Trace::default();
        events.iter().for_each(|event| trace.add(event));
        Run {
            seed,
            cluster: cluster.with_checks(),
            coverage: Coverage::default(),
            history: History::default(),
            steps: 0,
            made,
            trace,
            violation: None,
            goes_on: false,
        }
    }

    fn command(&mut self, command: &Command) -> bool {
        let Ok(events) = self.cluster.handle(command) else {
            return false;
        };
        let wait = std::mem::take(&mut self.made.rest);
        self.made.commands.push((wait, command.clone()));
        self.saw(&events);
        true
    }

    fn steps(&mut self, count: u32) {
        for _ in 0..count {
            if self.violation.is_some() || !self.step() {
                return;
            }
        }
    }

    fn step(&mut self) -> bool {
        let Some(events) = self.cluster.advance() else {
            return false;
        };
        self.steps += 1;
        self.made.rest += 1;
        self.saw(&events);
        true
    }

    fn saw(&mut self, events: &[crate::event::Event]) {
        for event in events {
            self.trace.add(event);
            self.coverage.note(&self.cluster, event);
        }
        self.history.saw(&self.cluster, events);
        if self.violation.is_none() && !self.goes_on {
            self.violation = self.cluster.violation().cloned();
        }
    }

    fn outcome(self, schedule: Schedule) -> Outcome {
        Outcome {
            seed: self.seed,
            schedule,
            made: self.made,
            counts: self.cluster.checker().map(|checker| checker.counts).unwrap_or_default(),
            coverage: self.coverage,
            steps: self.steps,
            time: self.cluster.now(),
            trace: self.trace.digest(),
            findings: self.cluster.checker().map(|c| c.findings().to_vec()).unwrap_or_default(),
            violation: self.violation,
            history: self.history.judge(),
        }
    }
}
