//! The search for a run in which something is lost that somebody thinks cannot be: seeds are tried one
//! after the other until a monitor finds what was asked for, then the run is made shorter. All of it
//! in small pieces of work, so that a page stays alive, and the same for the same first seed.

use super::shrink::Shrinker;
use super::swarm::{Act, Swarm};
use super::{Run, Schedule, SeedRun};
use crate::invariant::{Allowance, Finding, Found, Monitor};
use crate::protocol::Acks;
use crate::replication::history_rule::HistoryRule;
use crate::timeline::Timeline;

/// What is looked for, and so under which settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Goal {
    /// An acknowledged record is lost with `acks=1`, by crashes and cut links alone.
    LostByAcks,
    /// With `acks=all` and `min.insync.replicas=1`, when hosts lose their power.
    LostByMinIsr,
    /// With `acks=all` and `unclean.leader.election.enable=true`.
    LostByUncleanElection,
    /// With `acks=all`, `min.insync.replicas=2` and no other fault than crashes, as Kafka was before
    /// leader epochs.
    LostByHistory,
    /// Logs stay different for ever, as Kafka was before leader epochs.
    DivergedByHistory,
    /// What a follower took for committed is taken back.
    HighWatermarkBack,
}

impl Goal {
    pub const ALL: [Goal; 6] = [
        Goal::LostByAcks,
        Goal::LostByMinIsr,
        Goal::LostByUncleanElection,
        Goal::LostByHistory,
        Goal::DivergedByHistory,
        Goal::HighWatermarkBack,
    ];

    pub fn is_met(self, finding: &Finding) -> bool {
        let lost_by = |is_it: fn(&Allowance) -> bool| {
            finding.monitor() == Monitor::AcknowledgedLost && finding.allowed_by.iter().any(is_it)
        };
        match self {
            Goal::LostByAcks => lost_by(|by| *by == Allowance::AcksLeader),
            Goal::LostByMinIsr => lost_by(|by| matches!(by, Allowance::MinInsyncReplicas { .. })),
            Goal::LostByUncleanElection => lost_by(|by| *by == Allowance::UncleanElection),
            Goal::LostByHistory => lost_by(|by| matches!(by, Allowance::HistoryRule(_))),
            Goal::DivergedByHistory => finding.monitor() == Monitor::LogsDiverged,
            Goal::HighWatermarkBack => matches!(finding.found, Found::HighWatermarkBack { .. }),
        }
    }

    fn history(self) -> HistoryRule {
        match self {
            Goal::LostByHistory | Goal::DivergedByHistory => HistoryRule::TruncateToHw,
            _ => HistoryRule::default(),
        }
    }

    fn acks(self) -> Acks {
        if self == Goal::LostByAcks { Acks::Leader } else { Acks::All }
    }

    fn configs(self) -> Vec<(String, String)> {
        let (min, unclean) = match self {
            Goal::LostByHistory => ("2", false),
            Goal::LostByUncleanElection | Goal::HighWatermarkBack => ("1", true),
            _ => ("1", false),
        };
        let min = ("min.insync.replicas".to_string(), min.to_string());
        let unclean =
            unclean.then(|| ("unclean.leader.election.enable".to_string(), "true".to_string()));
        [min].into_iter().chain(unclean).collect()
    }

    /// How often each fault occurs; the others do not.
    fn faults(self) -> Vec<(Act, u64)> {
        use Act::{Crash, Cut, PowerLoss, Recover};
        match self {
            Goal::LostByAcks => vec![(Crash, 6), (Cut, 6)],
            Goal::LostByMinIsr => vec![(Crash, 6), (PowerLoss, 6)],
            Goal::LostByUncleanElection | Goal::HighWatermarkBack => vec![(Crash, 12)],
            // Two crashes must lie a session timeout apart, so they are rare.
            Goal::LostByHistory => vec![(Crash, 2), (Recover, 3)],
            Goal::DivergedByHistory => vec![(Crash, 2), (PowerLoss, 1), (Recover, 3)],
        }
    }

    fn swarm(self, seed: u64, random: &mut crate::sim::random::SimRng) -> Swarm {
        Swarm::narrow(seed, random, self.history(), self.acks(), self.configs(), &self.faults())
    }
}

/// Steps of one seed: a minute or two of virtual time.
const STEPS: u32 = 3_000;
/// Seeds tried before giving up.
const SEEDS_MAX: u64 = 3_000;
/// Of so many seeds that fail the shortest run is kept; one as short as this will do at once.
const FAILING_SEEDS: u32 = 4;
const SHORT_ENOUGH: usize = 6;

pub struct Search {
    pub goal: Goal,
    first_seed: u64,
    seed: u64,
    stage: Stage,
    /// Seeds that failed, and the shortest run of them.
    failing: u32,
    shortest: Option<Box<FailingRun>>,
}

enum Stage {
    Seeking(Box<SeedRun>),
    Shortening { shrinker: Box<Shrinker>, trial: Option<Box<Trial>>, commands: usize },
    Over,
}

/// A run that ends with what was looked for.
#[derive(Clone, Debug)]
pub struct FailingRun {
    pub seed: u64,
    pub schedule: Schedule,
    pub finding: Finding,
}

/// How far a search has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    Seeking {
        seeds: u64,
    },
    /// Found; `commands` of the run are left of so many at first.
    Shortening {
        seeds: u64,
        commands: usize,
        first: usize,
    },
    Found,
    GaveUp,
}

impl Search {
    pub fn new(goal: Goal, first_seed: u64) -> Self {
        let stage = Stage::Seeking(Box::new(seed_run(goal, first_seed)));
        Search { goal, first_seed, seed: first_seed, stage, failing: 0, shortest: None }
    }

    /// Does a little more; true when it is over.
    pub fn go_on(&mut self) -> bool {
        match &mut self.stage {
            Stage::Over => return true,
            Stage::Seeking(run) => {
                let goes_on = run.go_on();
                if met(self.goal, &run.run).is_some() {
                    let schedule = run.schedule.clone();
                    let commands = schedule.commands.len();
                    // The first trial is the whole run: it tells where it can end.
                    let trial = Some(Box::new(Trial::new(self.seed, schedule.clone())));
                    let shrinker = Box::new(Shrinker::new(schedule));
                    self.stage = Stage::Shortening { shrinker, trial, commands };
                } else if !goes_on {
                    self.next_seed();
                }
            }
            Stage::Shortening { shrinker, trial: Some(trial), .. } => {
                if trial.go_on(self.goal) {
                    return false;
                }
                let failing = trial.failing(self.goal);
                shrinker.answer(failing);
                self.next_trial();
            }
            Stage::Shortening { trial: None, .. } => self.next_trial(),
        }
        matches!(self.stage, Stage::Over)
    }

    fn next_seed(&mut self) {
        let short = |run: &FailingRun| run.schedule.commands.len() <= SHORT_ENOUGH;
        let is_over = self.failing == FAILING_SEEDS
            || self.shortest.as_deref().is_some_and(short)
            || self.seed - self.first_seed >= SEEDS_MAX;
        self.stage = if is_over {
            Stage::Over
        } else {
            self.seed += 1;
            Stage::Seeking(Box::new(seed_run(self.goal, self.seed)))
        };
    }

    fn next_trial(&mut self) {
        let Stage::Shortening { shrinker, trial, .. } = &mut self.stage else { return };
        if let Some(candidate) = shrinker.candidate() {
            *trial = Some(Box::new(Trial::new(self.seed, candidate)));
            return;
        }
        let schedule = shrinker.best.clone();
        let mut last = Trial::new(self.seed, schedule);
        while last.go_on(self.goal) {}
        if let (Some(finding), Some(schedule)) =
            (met(self.goal, &last.run), last.failing(self.goal))
        {
            let commands = schedule.commands.len();
            let shortest = self.shortest.as_ref().map(|run| run.schedule.commands.len());
            if shortest.is_none_or(|shortest| commands < shortest) {
                self.shortest = Some(Box::new(FailingRun { seed: self.seed, schedule, finding }));
            }
        }
        self.failing += 1;
        self.next_seed();
    }

    pub fn progress(&self) -> Progress {
        let seeds = self.seeds();
        match &self.stage {
            Stage::Seeking(_) => Progress::Seeking { seeds },
            Stage::Shortening { shrinker, commands, .. } => Progress::Shortening {
                seeds,
                commands: shrinker.best.commands.len(),
                first: *commands,
            },
            Stage::Over if self.shortest.is_some() => Progress::Found,
            Stage::Over => Progress::GaveUp,
        }
    }

    pub fn failing_run(&self) -> Option<&FailingRun> {
        self.shortest.as_deref().filter(|_| matches!(self.stage, Stage::Over))
    }

    /// Seeds tried so far.
    pub fn seeds(&self) -> u64 {
        self.seed - self.first_seed + 1
    }
}

impl FailingRun {
    /// The run, at the moment at which it failed.
    pub fn timeline(&self) -> Timeline {
        let mut timeline = Timeline::new(self.schedule.spec.clone());
        for (wait, command) in &self.schedule.commands {
            for _ in 0..*wait {
                timeline.advance();
            }
            // What a shortened run refuses does nothing in it.
            let _ = timeline.handle(command.clone());
        }
        for _ in 0..self.schedule.rest {
            timeline.advance();
        }
        timeline
    }
}

fn seed_run(goal: Goal, seed: u64) -> SeedRun {
    let mut random = crate::sim::random::SimRng::new(seed);
    let swarm = goal.swarm(seed, &mut random);
    let mut run = SeedRun::of(seed, swarm, random, STEPS);
    run.run.goes_on = true;
    run
}

fn met(goal: Goal, run: &Run) -> Option<Finding> {
    let findings = run.cluster.checker()?.findings();
    findings.iter().find(|finding| goal.is_met(finding)).cloned()
}

/// A schedule that is played until it fails.
struct Trial {
    run: Run,
    schedule: Schedule,
    /// Commands that were given, those that were refused apart.
    given: Vec<(u32, crate::command::Command)>,
    next: usize,
    /// Steps since the last command that was taken, and since the last one.
    waited: u32,
    made: u32,
}

impl Trial {
    fn new(seed: u64, schedule: Schedule) -> Self {
        let run = Run::new(seed, schedule.spec.clone());
        Trial { run, schedule, given: Vec::new(), next: 0, waited: 0, made: 0 }
    }

    /// The steps up to the next command, one piece at a time; false when it has failed, or is over.
    fn go_on(&mut self, goal: Goal) -> bool {
        const PIECE: u32 = 64;
        for _ in 0..PIECE {
            if met(goal, &self.run).is_some() {
                return false;
            }
            let wait = self.schedule.commands.get(self.next).map(|(wait, _)| *wait);
            if self.made < wait.unwrap_or(self.schedule.rest) && self.run.step() {
                self.made += 1;
                self.waited += 1;
            } else if let Some((_, command)) = self.schedule.commands.get(self.next) {
                if self.run.command(command) {
                    self.given.push((std::mem::take(&mut self.waited), command.clone()));
                }
                self.next += 1;
                self.made = 0;
            } else {
                return false;
            }
        }
        true
    }

    /// What it took to fail.
    fn failing(&self, goal: Goal) -> Option<Schedule> {
        met(goal, &self.run)?;
        let spec = self.schedule.spec.clone();
        Some(Schedule { spec, commands: self.given.clone(), rest: self.waited })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn searched(goal: Goal, first_seed: u64) -> FailingRun {
        let mut search = Search::new(goal, first_seed);
        while !search.go_on() {}
        search.failing_run().unwrap_or_else(|| panic!("{goal:?}: nothing found")).clone()
    }

    #[test]
    fn every_goal_is_found_and_the_run_shows_it_at_its_end() {
        for goal in Goal::ALL {
            let found = searched(goal, 0);
            let timeline = found.timeline();
            let findings = timeline.cluster().checker().unwrap().findings();
            assert_eq!(findings.iter().find(|f| goal.is_met(f)), Some(&found.finding), "{goal:?}");
            let before = timeline.at(timeline.len() - 1);
            let findings = before.checker().unwrap().findings();
            assert!(!findings.iter().any(|f| goal.is_met(f)), "{goal:?} could end earlier");
            assert!(found.finding.is_allowed());
            let commands = found.schedule.commands.len();
            assert!(commands <= 12, "{goal:?} takes {commands} commands");
        }
    }

    #[test]
    fn the_same_seed_finds_the_same_run() {
        let [one, other] = [(); 2].map(|()| searched(Goal::LostByAcks, 7));
        assert_eq!((one.seed, one.schedule.commands), (other.seed, other.schedule.commands));
        assert_eq!(one.finding, other.finding);
    }
}
