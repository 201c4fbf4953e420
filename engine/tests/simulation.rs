//! The engine holds its promises under swarm faults. `kafkascope simulate` runs more seeds, and
//! `kafkascope mutants` breaks each guard; these are few enough for a debug build.

use kafkascope_engine::simulation::{Options, RareState, run_schedule, run_seed, shrink};
use kafkascope_engine::spec::Mutant;

const SEEDS: u64 = 200;

#[test]
fn no_promise_breaks_under_faults() {
    let mut idle = 0;
    for seed in 0..SEEDS {
        let outcome = run_seed(seed, &Options::default());
        if let Some(violation) = outcome.violation {
            panic!(
                "seed {seed}: {violation}\nkafkascope simulate --seeds {seed}..{seed} shows the script"
            );
        }
        idle += u64::from(outcome.counts.high_watermark_moves == 0);
    }
    // Faults may keep a whole run from committing anything, but not many.
    assert!(idle < SEEDS / 20, "{idle} of {SEEDS} seeds never committed anything");
}

#[test]
fn the_search_reaches_rare_states() {
    let outcomes: Vec<_> = (0..SEEDS).map(|seed| run_seed(seed, &Options::default())).collect();
    for state in RareState::ALL {
        // Rare on purpose; the long run counts them.
        if matches!(
            state,
            RareState::CommittedLostLegally
                | RareState::ConsumerSawTruncation
                | RareState::UncleanLeaderByScan
                | RareState::IsrChangeTooLate
                | RareState::ReplicaNoLongerEligible
                | RareState::CleaningAborted
                | RareState::DecisionRecovered
                | RareState::ProcessEndedInsideACleaning
        ) {
            continue;
        }
        let reached = outcomes.iter().filter(|outcome| outcome.coverage.has(state)).count();
        assert!(reached > 0, "no seed of {SEEDS} reached: {}", state.name());
    }
}

#[test]
fn a_failing_run_shrinks_to_a_shorter_one_that_fails_alike() {
    let options =
        Options { mutants: vec![Mutant::ConsumerReadsPastHighWatermark], ..Options::default() };
    let outcome = (0..100)
        .map(|seed| run_seed(seed, &options))
        .find(|outcome| outcome.violation.is_some())
        .expect("the mutant is caught");
    let broken = outcome.violation.as_ref().map(|v| v.broken.name()).unwrap_or_default();
    let short = shrink(outcome.seed, outcome.schedule.clone(), broken);
    assert!(short.commands.len() <= outcome.schedule.commands.len());
    let again = run_schedule(outcome.seed, &short).violation.expect("the short run fails too");
    assert_eq!(again.broken.name(), broken);
}
