//! Where two runs part: the first event of one that the other does not have at that place.

use super::is_compared;
use crate::event::{Event, EventKind};
use crate::ids::Address;
use crate::sim::time::SimTime;
use crate::timeline::Timeline;

/// The first difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parting {
    pub at: SimTime,
    /// What each run did where the other did something else; `None`: nothing more.
    pub events: [Option<Event>; 2],
}

/// Looks for the first difference, in slices.
pub struct Differ<'a> {
    traces: [Box<dyn Iterator<Item = Event> + 'a>; 2],
    is_done: bool,
    parting: Option<Parting>,
}

impl<'a> Differ<'a> {
    pub fn new(left: &'a Timeline, right: &'a Timeline) -> Self {
        let trace = |timeline: &'a Timeline| {
            Box::new(timeline.trace().filter(is_compared)) as Box<dyn Iterator<Item = Event>>
        };
        Differ { traces: [trace(left), trace(right)], is_done: false, parting: None }
    }

    /// Looks at so many more events; true when there is nothing more to look at.
    pub fn run(&mut self, events: u32) -> bool {
        for _ in 0..events {
            if self.is_done {
                break;
            }
            let [left, right] = &mut self.traces;
            let both = [left.next(), right.next()];
            self.is_done = both == [None, None];
            if both[0].as_ref().map(told) != both[1].as_ref().map(told) {
                let first = both.iter().flatten().map(|event| event.at).min();
                self.parting = first.map(|at| Parting { at, events: both });
                self.is_done = true;
            }
        }
        self.is_done
    }

    pub fn finish(self) -> Option<Parting> {
        self.parting
    }
}

/// What is the same in two runs where they are alike: of records that were appended not how they came.
fn told(event: &Event) -> (SimTime, Address, EventKind) {
    let mut kind = event.kind.clone();
    if let EventKind::RecordsAppended { origin, .. } = &mut kind {
        *origin = None;
    }
    (event.at, event.place, kind)
}

impl Parting {
    /// Compares two runs from their start to their ends.
    pub fn of(left: &Timeline, right: &Timeline) -> Option<Parting> {
        let mut differ = Differ::new(left, right);
        while !differ.run(u32::MAX) {}
        differ.finish()
    }
}
