//! `kafkascope simulate`: runs seeds, prints what was reached, and for a failing seed the shortest
//! script that still fails.

use crate::seeds::run_seeds;
use kafkascope_engine::replication::history_rule::HistoryRule;
use kafkascope_engine::script;
use kafkascope_engine::simulation::{
    Anomaly, Options, Outcome, RareState, Schedule, run_schedule, shrink,
};
use kafkascope_engine::spec::Mutant;
use std::collections::BTreeMap;
use std::ops::{ControlFlow, RangeInclusive};
use std::process::ExitCode;
use std::time::Instant;

pub struct Simulate {
    pub seeds: RangeInclusive<u64>,
    pub mutants: Vec<Mutant>,
    pub history: HistoryRule,
    pub steps: u32,
}

/// Exit 0: every promise held. With mutants or an old rule the other way round: 0 if a seed caught them.
pub fn simulate(request: Simulate) -> ExitCode {
    let Simulate { seeds, mutants, history, steps } = request;
    let options = Options { steps, mutants, history };
    let old_rule = options.history != HistoryRule::default();
    let hunting = old_rule || !options.mutants.is_empty();
    let started = Instant::now();
    let mut total = Total::default();
    let mut failure = None;
    run_seeds(seeds, &options, |outcome| {
        total.add(&outcome);
        let is_broken = !outcome.history.broken.is_empty();
        if outcome.violation.is_some() || is_broken && !hunting {
            failure = Some(outcome);
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    });
    total.print(started.elapsed().as_secs_f64());
    if let Some(outcome) = &failure {
        report(outcome);
        if hunting {
            let mutants = options.mutants.iter().map(|mutant| mutant.name());
            let names: Vec<_> = mutants.chain(old_rule.then(|| history.name())).collect();
            println!("{}: caught after {} seeds", names.join(" "), total.runs);
        }
    } else if hunting {
        println!("not caught in {} seeds", total.runs);
    }
    // A checker that never saw the high watermark move has checked nothing, unless it caught what
    // it was sent for before that.
    let asleep = !hunting && total.high_watermark_moves == 0;
    if asleep {
        println!("the false invariant \"no high watermark ever moves\" was not reported");
    }
    ExitCode::from(u8::from(failure.is_none() == hunting || asleep))
}

#[derive(Default)]
struct Total {
    runs: u64,
    steps: u64,
    events: u64,
    time_ms: u64,
    acknowledged: u64,
    lost_legally: u64,
    high_watermark_moves: u64,
    /// From the clients' side: values told and got, and in how many seeds each anomaly was allowed.
    told: u64,
    polled: u64,
    anomalies: BTreeMap<Anomaly, u64>,
    /// In how many runs each rare state was reached.
    reached: BTreeMap<RareState, u64>,
}

impl Total {
    fn add(&mut self, outcome: &Outcome) {
        self.runs += 1;
        self.steps += outcome.steps;
        self.events += outcome.counts.events;
        self.time_ms += outcome.time.as_millis();
        self.acknowledged += outcome.counts.acknowledged;
        self.lost_legally += outcome.counts.lost_legally;
        self.high_watermark_moves += outcome.counts.high_watermark_moves;
        self.told += outcome.history.acknowledged;
        self.polled += outcome.history.polled;
        for anomaly in outcome.history.allowed.keys() {
            *self.anomalies.entry(*anomaly).or_default() += 1;
        }
        for state in RareState::ALL.into_iter().filter(|state| outcome.coverage.has(*state)) {
            *self.reached.entry(state).or_default() += 1;
        }
    }

    fn print(&self, seconds: f64) {
        let simulated = self.time_ms as f64 / 1000.0;
        println!("seeds                     {:>12}", self.runs);
        println!("steps                     {:>12}", self.steps);
        println!("checked events            {:>12}", self.events);
        println!("checked events/s          {:>12.0}", self.events as f64 / seconds);
        println!("simulated / real time     {:>12.0}", simulated / seconds);
        println!("acks=all batches          {:>12}", self.acknowledged);
        println!("high watermark moves      {:>12}", self.high_watermark_moves);
        println!("batches lost, no promise  {:>12}", self.lost_legally);
        println!("values acknowledged       {:>12}", self.told);
        println!("values polled             {:>12}", self.polled);
        println!("anomalies in histories that settings or faults allow, in how many seeds:");
        for anomaly in Anomaly::ALL {
            let count = self.anomalies.get(&anomaly).copied().unwrap_or(0);
            println!("  {:<50} {count:>6}", anomaly.name());
        }
        println!("rare states, in how many seeds:");
        for state in RareState::ALL {
            let count = self.reached.get(&state).copied().unwrap_or(0);
            let mark = if count == 0 { "  <- never" } else { "" };
            println!("  {:<50} {count:>6}{mark}", state.name());
        }
    }
}

fn report(outcome: &Outcome) {
    if let Some((anomaly, told)) = outcome.history.broken.first() {
        println!();
        println!(
            "seed {}: the history of its clients has {}: {told}",
            outcome.seed,
            anomaly.name()
        );
    }
    let Some(violation) = &outcome.violation else {
        return;
    };
    println!();
    println!("seed {}: {violation}", outcome.seed);
    let shortest = shrink(outcome.seed, outcome.schedule.clone(), violation.broken.name());
    println!("the shortest script found that breaks it:");
    print!("{}", script_of(&run_schedule(outcome.seed, &shortest).made));
}

/// A schedule as a script that `kafkascope run` takes.
fn script_of(schedule: &Schedule) -> String {
    let mut text = format!("{}\n", script::print_spec(&schedule.spec));
    let (cluster, _) = kafkascope_engine::cluster::Cluster::new(schedule.spec.clone());
    let mut cluster = cluster;
    for (wait, command) in &schedule.commands {
        if *wait > 0 {
            text += &format!("step {wait}\n");
            for _ in 0..*wait {
                cluster.advance();
            }
        }
        text += &format!("{}\n", script::print_command(command, &cluster));
        let _ = cluster.handle(command);
    }
    if schedule.rest > 0 {
        text += &format!("step {}\n", schedule.rest);
    }
    text
}
