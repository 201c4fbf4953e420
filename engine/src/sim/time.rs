//! Virtual time. The engine has no other clock.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::ops::{Add, Sub};

/// Microseconds since the cluster was first started.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct SimTime(pub u64);

/// The wall-clock moment, in Unix milliseconds, that [`SimTime`] zero stands for
/// (2026-01-01T00:00:00Z). Record timestamps count from it.
pub const EPOCH_MS: i64 = 1_767_225_600_000;

impl SimTime {
    pub const ZERO: SimTime = SimTime(0);

    pub fn from_millis(ms: u64) -> Self {
        SimTime(ms * 1000)
    }

    /// Whole milliseconds since the start, as Kafka's timers see time.
    pub fn as_millis(self) -> u64 {
        self.0 / 1000
    }

    /// The timestamp that a record made now carries, in Unix milliseconds.
    pub fn timestamp_ms(self) -> i64 {
        EPOCH_MS + self.as_millis() as i64
    }

    pub fn plus_millis(self, ms: u64) -> Self {
        SimTime(self.0.saturating_add(ms.saturating_mul(1000)))
    }

    /// Microseconds from `earlier` to here; 0 if `earlier` is later.
    pub fn since(self, earlier: SimTime) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}

impl Add<u64> for SimTime {
    type Output = SimTime;

    fn add(self, micros: u64) -> SimTime {
        SimTime(self.0.saturating_add(micros))
    }
}

impl Sub for SimTime {
    type Output = u64;

    fn sub(self, earlier: SimTime) -> u64 {
        self.since(earlier)
    }
}

impl fmt::Display for SimTime {
    /// `MM:SS.mmm`, with hours in front when there are any.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ms = self.as_millis();
        let (hours, minutes, seconds) = (ms / 3_600_000, ms / 60_000 % 60, ms / 1000 % 60);
        if hours > 0 {
            write!(f, "{hours}:")?;
        }
        write!(f, "{minutes:02}:{seconds:02}.{:03}", ms % 1000)
    }
}
