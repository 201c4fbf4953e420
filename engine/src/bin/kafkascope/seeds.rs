//! Runs seeds on every core, and hands over what came of them in their order: the same as one by one.

use kafkascope_engine::simulation::{Options, Outcome, run_seed};
use std::ops::{ControlFlow, RangeInclusive};
use std::thread;

/// So many seeds a core are run before they are handed over.
const BLOCK: usize = 16;

/// Until `take` has enough.
pub fn run_seeds(
    seeds: RangeInclusive<u64>,
    options: &Options,
    mut take: impl FnMut(Outcome) -> ControlFlow<()>,
) {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let mut seeds = seeds.peekable();
    while seeds.peek().is_some() {
        let block: Vec<u64> = seeds.by_ref().take(cores * BLOCK).collect();
        let outcomes: Vec<Outcome> = thread::scope(|scope| {
            let run = |part: &[u64]| part.iter().map(|seed| run_seed(*seed, options)).collect();
            let parts = block.chunks(BLOCK);
            let workers: Vec<_> =
                parts.map(|part| scope.spawn(move || -> Vec<Outcome> { run(part) })).collect();
            workers.into_iter().flat_map(|worker| worker.join().expect("a seed panicked")).collect()
        });
        if outcomes.into_iter().try_for_each(&mut take).is_break() {
            return;
        }
    }
}
