//! Which goals a run has met, and which mistakes it has made. A judge takes the events of a run in
//! order and nothing else, so two judges that were told the same say the same: going back in time is
//! telling a fresh one less.

use crate::goal::Goal;
use crate::ledger::Ledger;
use crate::lesson::{Lesson, Step};
use kafkascope_engine::event::Event;
use kafkascope_engine::ids::EventId;
use std::sync::Arc;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judge {
    lesson: Arc<Lesson>,
    ledger: Ledger,
    steps: Vec<StepTrackers>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct StepTrackers {
    goals: Vec<Tracker>,
    mistakes: Vec<Tracker>,
    evidence: Option<Tracker>,
}

/// How far a run has come with one goal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Tracker {
    /// How many of its moments have come.
    reached: usize,
    met: Option<EventId>,
}

impl Tracker {
    fn take(&mut self, goal: &Goal, event: &Event, ledger: &Ledger) {
        if self.met.is_some() {
            return;
        }
        if self.reached > 0 && goal.without().is_some_and(|moment| moment.holds(event, ledger)) {
            self.reached = 0;
        }
        let moments = goal.moments();
        if moments.get(self.reached).is_some_and(|moment| moment.holds(event, ledger)) {
            self.reached += 1;
            if self.reached == moments.len() {
                self.met = Some(event.id);
            }
        }
    }
}

impl Judge {
    pub fn new(lesson: Arc<Lesson>) -> Self {
        let trackers = |count| vec![Tracker::default(); count];
        let steps = lesson
            .steps
            .iter()
            .map(|step| StepTrackers {
                goals: trackers(step.goals.len()),
                mistakes: trackers(step.mistakes.len()),
                evidence: step.prediction.as_ref().map(|_| Tracker::default()),
            })
            .collect();
        Judge { lesson, ledger: Ledger::default(), steps }
    }

    pub fn lesson(&self) -> &Arc<Lesson> {
        &self.lesson
    }

    /// Takes the next events of the run.
    pub fn take(&mut self, events: &[Event]) {
        for event in events {
            self.ledger.take(event);
            for (step, trackers) in self.lesson.steps.iter().zip(&mut self.steps) {
                trackers.take(step, event, &self.ledger);
            }
        }
    }

    pub fn standing(&self) -> Standing {
        Standing { steps: self.steps.iter().map(StepTrackers::standing).collect() }
    }
}

/// What a judge says of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    pub steps: Vec<StepStanding>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StepStanding {
    /// For each goal the event that met it, if the run has met it.
    pub goals: Vec<Option<EventId>>,
    /// Mistakes that explain why the step is not done: which, and the event where it was made.
    pub mistakes: Vec<(usize, EventId)>,
    /// When the run showed what makes the right answer of the prediction right.
    pub evidence: Option<EventId>,
}

impl StepStanding {
    pub fn is_done(&self) -> bool {
        self.goals.iter().all(Option::is_some)
    }
}

impl Standing {
    pub fn is_done(&self, step: usize) -> bool {
        self.steps.get(step).is_some_and(StepStanding::is_done)
    }

    pub fn is_all_done(&self) -> bool {
        self.steps.iter().all(StepStanding::is_done)
    }

    /// Where to go back to from a mistake: the last goal that was met before it was made. `None`: to
    /// where the lesson began.
    pub fn last_goal_before(&self, mistake: EventId) -> Option<EventId> {
        let goals = self.steps.iter().flat_map(|step| &step.goals).flatten();
        goals.copied().filter(|goal| *goal < mistake).max()
    }
}

impl StepTrackers {
    fn standing(&self) -> StepStanding {
        let goals: Vec<_> = self.goals.iter().map(|goal| goal.met).collect();
        let is_done = goals.iter().all(Option::is_some);
        let mistakes = self.mistakes.iter().enumerate().filter(|_| !is_done);
        StepStanding {
            goals,
            mistakes: mistakes.filter_map(|(index, mistake)| Some((index, mistake.met?))).collect(),
            evidence: self.evidence.and_then(|evidence| evidence.met),
        }
    }

    fn take(&mut self, step: &Step, event: &Event, ledger: &Ledger) {
        for (goal, tracker) in step.goals.iter().zip(&mut self.goals) {
            tracker.take(&goal.goal, event, ledger);
        }
        for (mistake, tracker) in step.mistakes.iter().zip(&mut self.mistakes) {
            tracker.take(&mistake.when, event, ledger);
        }
        if let (Some(prediction), Some(tracker)) = (&step.prediction, &mut self.evidence) {
            tracker.take(&prediction.evidence, event, ledger);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kafkascope_engine::event::EventKind;
    use kafkascope_engine::ids::NodeId;
    use kafkascope_engine::sim::time::SimTime;

    fn moments(text: &str) -> Goal {
        toml::from_str(text).unwrap()
    }

    /// The event, counted from 0, that meets the goal when these happen in turn: `p1` pauses broker-1,
    /// `r1` resumes it.
    fn met_by(goal: &Goal, happened: &str) -> Option<u64> {
        let (mut tracker, mut ledger) = (Tracker::default(), Ledger::default());
        for (id, what) in (0..).zip(happened.split(' ')) {
            let node = NodeId(what[1..].parse().unwrap());
            let kind = match &what[..1] {
                "p" => EventKind::ProcessPaused { node },
                _ => EventKind::ProcessResumed { node },
            };
            let (id, at) = (EventId(id), SimTime::ZERO);
            let event = Event { id, at, place: node.into(), cause: None, kind };
            ledger.take(&event);
            tracker.take(goal, &event, &ledger);
        }
        tracker.met.map(|event| event.0)
    }

    #[test]
    fn what_was_reached_once_stays_reached() {
        let goal = moments("once.paused = 'broker-1'");
        assert_eq!(met_by(&goal, "p2 r2"), None);
        assert_eq!(met_by(&goal, "p2 p1 r1 r2"), Some(1));
        let goal = moments("once.all = [{ paused = 'broker-1' }, { not.paused = 'broker-2' }]");
        assert_eq!(met_by(&goal, "p2 p1"), None);
        assert_eq!(met_by(&goal, "p2 p1 r2"), Some(2));
    }

    #[test]
    fn moments_come_in_their_order() {
        let goal = moments(
            "in_order.moments = [{ paused = 'broker-1' }, { process_resumed = 'broker-2' }]",
        );
        assert_eq!(met_by(&goal, "p2 r2 p1"), None);
        assert_eq!(met_by(&goal, "p1 p2 r2"), Some(2));
    }

    #[test]
    fn what_must_not_happen_between_starts_it_again() {
        let goal = moments(
            "[in_order]\nmoments = [{ paused = 'broker-1' }, { process_resumed = 'broker-1' }]\nwithout.paused = 'broker-2'",
        );
        assert_eq!(met_by(&goal, "p1 p2 r1"), None);
        assert_eq!(
            met_by(&goal, "p1 p2 r2 r1 p1 r1"),
            Some(3),
            "still paused when broker-2 went on"
        );
        assert_eq!(met_by(&goal, "p1 p2 r1 r2 p1 r1"), Some(5));
    }
}
