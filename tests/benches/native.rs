//! The native half of `scripts/bench`: prints one `name<TAB>value<TAB>unit` line per figure. Ratios
//! are of medians, A and B measured in turn.

use kafkascope_engine::simulation::{Options, run_seed};
use kafkascope_tests::{long_timeline, produce, ready_cluster, replicate};
use std::path::Path;
use std::time::Instant;

#[path = "native/storage.rs"]
mod storage;

const ROUNDS: usize = 5;

/// With a path as its argument it leaves there the log that the cleaner is measured with, for Kafka's.
fn main() {
    let log_dir = std::env::args().skip(1).find(|argument| !argument.starts_with("--"));
    replicate_records();
    checked_events();
    cost_of_an_event();
    seek();
    storage::codec();
    storage::append();
    storage::look_up();
    storage::cleaner(log_dir.as_deref().map(Path::new));
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

/// What more partitions, and more history, cost each event; the load is the same.
fn cost_of_an_event() {
    const EVENTS: u64 = 20_000;
    let mut clusters = [10, 1_000].map(ready_cluster);
    let mut times = [Vec::new(), Vec::new()];
    for _ in 0..ROUNDS {
        for (cluster, times) in clusters.iter_mut().zip(&mut times) {
            let end = cluster.next_event_id().0 + EVENTS;
            times.push(seconds(|| {
                while cluster.next_event_id().0 < end {
                    cluster.handle(&produce(1)).expect("the topic is there");
                    (0..20).for_each(|_| drop(cluster.advance()));
                }
            }));
        }
    }
    let [few, many] = times.map(median);
    figure("cost of one event, 1,000 partitions / 10", many / few, "x");

    let mut timelines = [10_000, 1_000_000].map(long_timeline);
    let mut times = [Vec::new(), Vec::new()];
    for _ in 0..ROUNDS {
        for (timeline, times) in timelines.iter_mut().zip(&mut times) {
            let end = timeline.cluster().next_event_id().0 + EVENTS;
            times.push(seconds(|| {
                while timeline.cluster().next_event_id().0 < end {
                    timeline.advance();
                }
            }));
        }
    }
    let [short, long] = times.map(median);
    figure("cost of one event, 1 M of history / 10 k", long / short, "x");
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
