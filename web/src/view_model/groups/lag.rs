//! How far behind a group is, how fast it reads and how fast there is more, and so when it will have caught
//! up.

use super::Chronicle;
use super::story::Story;
use crate::view_model::stairs::Curve;
use kafkascope_engine::sim::time::SimTime;

/// Over which time rates are taken: of what applications are done with, and of high watermarks.
const WINDOW_MS: u64 = 10_000;

/// Records, and records a second in hundredths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    pub lag: i64,
    pub consumed: i64,
    pub produced: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clears {
    Already,
    InSeconds(i64),
    /// There is as much more as is read, or more than that.
    NotAtThisPace,
}

impl Pace {
    pub fn of(chronicle: &Chronicle, story: &Story, now: SimTime) -> Pace {
        let window_ms = WINDOW_MS.min(now.as_millis()).max(1);
        let before = SimTime(now.0 - now.0.min(window_ms * 1000));
        let grown = |curve: &Curve| {
            let from = curve.value_at(before).or_else(|| curve.first()).unwrap_or(0);
            (curve.value_at(now).unwrap_or(from) - from).max(0)
        };
        let per_second = |records: i64| records * 100_000 / window_ms as i64;
        let tracks = story.partitions.iter();
        let ends = tracks.clone().filter_map(|(id, _)| chronicle.end_of(id));
        Pace {
            lag: tracks.clone().filter_map(|(_, track)| track.lag.value_at(now)).sum(),
            consumed: per_second(tracks.map(|(_, track)| grown(&track.processed)).sum()),
            produced: per_second(ends.map(grown).sum()),
        }
    }

    pub fn clears(self) -> Clears {
        let gained = self.consumed - self.produced;
        match self.lag {
            0 => Clears::Already,
            _ if gained <= 0 => Clears::NotAtThisPace,
            lag => Clears::InSeconds((lag * 100 + gained - 1) / gained),
        }
    }
}
