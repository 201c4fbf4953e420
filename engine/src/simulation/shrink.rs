//! Makes a failing run shorter while it still breaks the same promise: leaves out commands, then
//! steps, in halves, quarters and so on (delta debugging).

use super::{Schedule, run_schedule};

/// Runs tried at most.
const TRIES_MAX: u32 = 400;

/// The shortest schedule found that still breaks `broken` (a [`crate::invariant::Broken::name`]).
pub fn shrink(seed: u64, schedule: Schedule, broken: &str) -> Schedule {
    let mut tries = 0;
    let mut fails = |candidate: &Schedule| {
        tries += 1;
        let violation = run_schedule(seed, candidate).violation;
        (violation.is_some_and(|v| v.broken.name() == broken), tries < TRIES_MAX)
    };
    let mut best = schedule;
    let mut chunk = best.commands.len().div_ceil(2);
    while chunk > 0 {
        let mut at = 0;
        while at < best.commands.len() {
            let candidate = without(&best, at, chunk);
            let (still_fails, go_on) = fails(&candidate);
            if still_fails {
                best = candidate;
            } else {
                at += chunk;
            }
            if !go_on {
                return best;
            }
        }
        chunk /= 2;
    }
    best
}

/// The schedule without `count` commands from `at` on; the steps before them go to the next one.
fn without(schedule: &Schedule, at: usize, count: usize) -> Schedule {
    let mut shorter =
        Schedule { spec: schedule.spec.clone(), commands: Vec::new(), rest: schedule.rest };
    let mut carried = 0;
    for (index, (wait, command)) in schedule.commands.iter().enumerate() {
        if (at..at + count).contains(&index) {
            carried += wait;
        } else {
            shorter.commands.push((carried + wait, command.clone()));
            carried = 0;
        }
    }
    shorter.rest += carried;
    shorter
}
