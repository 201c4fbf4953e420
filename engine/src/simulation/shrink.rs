//! Makes a failing run shorter while it still fails alike: leaves out commands, in halves, quarters
//! and so on, and at last one by one until none can go (delta debugging). It asks for one trial after the other, so that whoever makes them can
//! do so in slices.

use super::{Schedule, run_schedule};

/// Runs tried at most.
const TRIES_MAX: u32 = 400;

/// The shortest schedule found that still breaks `broken` (a [`crate::invariant::Broken::name`]).
pub fn shrink(seed: u64, schedule: Schedule, broken: &str) -> Schedule {
    let mut shrinker = Shrinker::new(schedule);
    while let Some(candidate) = shrinker.candidate() {
        let violation = run_schedule(seed, &candidate).violation;
        let still_fails = violation.is_some_and(|v| v.broken.name() == broken);
        shrinker.answer(still_fails.then_some(candidate));
    }
    shrinker.best
}

#[derive(Clone, Debug)]
pub struct Shrinker {
    pub best: Schedule,
    /// Commands left out at once, and from where.
    chunk: usize,
    at: usize,
    /// Something was left out since the last time around.
    is_shorter: bool,
    tries: u32,
}

impl Shrinker {
    pub fn new(schedule: Schedule) -> Self {
        let chunk = schedule.commands.len().div_ceil(2);
        Shrinker { best: schedule, chunk, at: 0, is_shorter: false, tries: 0 }
    }

    /// What to try next; `None` when it cannot be made any shorter.
    pub fn candidate(&self) -> Option<Schedule> {
        let goes_on = self.chunk > 0 && self.tries < TRIES_MAX;
        goes_on.then(|| without(&self.best, self.at, self.chunk))
    }

    /// The candidate, or what is needed of it, if it still fails.
    pub fn answer(&mut self, fails: Option<Schedule>) {
        self.tries += 1;
        match fails {
            Some(shorter) => {
                self.best = shorter;
                self.is_shorter = true;
            }
            None => self.at += self.chunk,
        }
        if self.at >= self.best.commands.len() {
            let once_more = self.chunk == 1 && self.is_shorter && !self.best.commands.is_empty();
            self.chunk = if once_more { 1 } else { self.chunk / 2 };
            self.at = 0;
            self.is_shorter = false;
        }
    }
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
