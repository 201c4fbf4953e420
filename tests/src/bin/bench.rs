//! The native half of `scripts/bench`: prints one `name<TAB>value<TAB>unit` line per figure. Ratios
//! are of medians, A and B measured in turn.

use kafkascope_engine::simulation::{Options, run_seed};
use kafkascope_tests::{long_timeline, replicate};
use std::time::Instant;

const ROUNDS: usize = 5;

fn main() {
    replicate_records();
    checked_events();
    seek();
}

fn seconds(act: impl FnOnce()) -> f64 {
    let started = Instant::now();
    act();
    started.elapsed().as_secs_f64()
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn figure(name: &str, value: f64, unit: &str) {
    println!("{name}\t{value:.2}\t{unit}");
}

fn replicate_records() {
    const RECORDS: u32 = 400_000;
    let times = (0..ROUNDS).map(|_| seconds(|| assert!(replicate(RECORDS, false) >= 400_000)));
    let records_per_s = f64::from(RECORDS) / median(times.collect());
    figure("records/s, produce to consumer, RF 3, 100 B, native", records_per_s, "records/s");
}

fn checked_events() {
    let run = |seeds: std::ops::Range<u64>| {
        seeds.map(|seed| {
            let outcome = run_seed(seed, &Options::default());
            assert!(outcome.violation.is_none());
            (outcome.counts.events, outcome.time.as_millis())
        })
    };
    let mut rates = Vec::new();
    let mut speedups = Vec::new();
    for round in 0..ROUNDS as u64 {
        let (mut events, mut ms) = (0, 0);
        let took = seconds(|| {
            for (more_events, more_ms) in run(round * 50..round * 50 + 50) {
                events += more_events;
                ms += more_ms;
            }
        });
        rates.push(events as f64 / took);
        speedups.push(ms as f64 / 1000.0 / took);
    }
    figure("checked simulation events/s", median(rates), "events/s");
    figure("simulated time / real time", median(speedups), "x");
    let plain =
        median((0..ROUNDS).map(|_| seconds(|| assert!(replicate(50_000, false) > 0))).collect());
    let checked =
        median((0..ROUNDS).map(|_| seconds(|| assert!(replicate(50_000, true) > 0))).collect());
    figure("cost of the checkers", checked / plain, "x");
}

fn seek() {
    const EVENTS: u64 = 1_000_000;
    let mut timeline = long_timeline(EVENTS);
    let len = timeline.len() as u64;
    let mut times: Vec<f64> = (0..400u64)
        .map(|n| {
            let position = (n * 7_919_993) % len;
            1000.0 * seconds(|| timeline.seek(position as usize))
        })
        .collect();
    times.sort_by(f64::total_cmp);
    figure("seek anywhere in 1 M events, p95, native", times[times.len() * 95 / 100], "ms");
}
