//! What the browser's machine makes of the engine, without a page around it: the trace of a seed,
//! and the benchmarks' workloads. Called by `tests/e2e/determinism.test.mjs` and `tests/bench`.

use kafkascope_engine::log::unified_log::UnifiedLog;
use kafkascope_engine::sim::disk::Disk;
use kafkascope_engine::simulation::{Options, run_seed};
use kafkascope_engine::timeline::Timeline;
use kafkascope_tests::storage;
use std::cell::RefCell;

/// Half (0: low, 1: high) of the 128-bit trace of a seed.
#[unsafe(no_mangle)]
pub extern "C" fn trace(seed: u32, half: u32) -> u64 {
    let trace = run_seed(u64::from(seed), &Options::default()).trace;
    (trace >> (64 * half)) as u64
}

/// Returns how many records reached the consumer.
#[unsafe(no_mangle)]
pub extern "C" fn replicate(records: u32) -> u64 {
    kafkascope_tests::replicate(records, false)
}

thread_local! {
    static TIMELINE: RefCell<Option<Timeline>> = const { RefCell::new(None) };
    static LOG: RefCell<Option<(UnifiedLog, Disk)>> = const { RefCell::new(None) };
}

/// Makes a log of about `bytes` for the cleaner.
#[unsafe(no_mangle)]
pub extern "C" fn make_log(bytes: u32) {
    LOG.set(Some(storage::dirty_log(u64::from(bytes))));
}

/// Lets the cleaner pass over that log, which stays as it was; returns the bytes it went through.
#[unsafe(no_mangle)]
pub extern "C" fn clean() -> u64 {
    LOG.with_borrow(|log| log.as_ref().map_or(0, |(log, disk)| storage::clean(log, disk)))
}

/// Makes a timeline of at least `events` events; returns its number of positions.
#[unsafe(no_mangle)]
pub extern "C" fn make_timeline(events: u32) -> u32 {
    let timeline = kafkascope_tests::long_timeline(u64::from(events));
    let len = timeline.len();
    TIMELINE.set(Some(timeline));
    len as u32
}

/// Goes to a position of that timeline; returns the virtual time there, in microseconds.
#[unsafe(no_mangle)]
pub extern "C" fn seek(position: u32) -> u64 {
    TIMELINE.with_borrow_mut(|timeline| {
        let Some(timeline) = timeline else { return 0 };
        timeline.seek(position as usize);
        timeline.cluster().now().0
    })
}
