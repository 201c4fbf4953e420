//! A judge that goes where the timeline goes. Forward it takes the new events; anywhere else it
//! starts from the nearest judgement it has kept of the same run, and takes the rest again.

use crate::judge::Judge;
use crate::lesson::Lesson;
use kafkascope_engine::command::Command;
use kafkascope_engine::event::Event;
use kafkascope_engine::ids::EventId;
use kafkascope_engine::timeline::{Input, Timeline};
use std::collections::BTreeMap;
use std::sync::Arc;

/// How many inputs lie between two kept judgements: what going back may have to replay.
const SPACING: usize = 512;

#[derive(Clone, Debug)]
pub struct Follower {
    fresh: Judge,
    present: Judge,
    /// The event that the present judgement waits for.
    next_event: EventId,
    kept: BTreeMap<usize, Kept>,
    spacing: usize,
}

#[derive(Clone, Debug)]
struct Kept {
    judge: Judge,
    /// The last command before it and where it stands. Every command is one allocation, made once in
    /// one run, so this tells one branch from another.
    last_command: Option<(usize, Arc<Command>)>,
}

impl Follower {
    pub fn new(lesson: Arc<Lesson>, timeline: &Timeline) -> Self {
        Self::with_spacing(lesson, timeline, SPACING)
    }

    fn with_spacing(lesson: Arc<Lesson>, timeline: &Timeline, spacing: usize) -> Self {
        let fresh = Judge::new(lesson);
        let mut follower = Follower {
            present: fresh.clone(),
            fresh,
            next_event: EventId(0),
            kept: BTreeMap::new(),
            spacing,
        };
        follower.go_to(timeline);
        follower
    }

    /// The judgement of the run up to the moment that is shown.
    pub fn judge(&self) -> &Judge {
        &self.present
    }

    /// The shown moment has changed. `events` are those between the moment before and the new one, or
    /// none after a jump. Every change has to be told.
    pub fn follow(&mut self, timeline: &Timeline, events: &[Event]) {
        let goes_on = events.first().is_some_and(|first| first.id == self.next_event)
            && events.last().map(|last| last.id.0 + 1)
                == Some(timeline.cluster().next_event_id().0);
        if !goes_on {
            return self.go_to(timeline);
        }
        self.present.take(events);
        self.next_event = timeline.cluster().next_event_id();
        self.keep(timeline);
    }

    fn go_to(&mut self, timeline: &Timeline) {
        let position = timeline.position();
        let nearest =
            self.kept.range(..=position).rev().find(|&(&at, kept)| kept.is_of(timeline, at));
        let mut at = nearest.map_or(0, |(&at, _)| at);
        self.present = nearest.map_or(&self.fresh, |(_, kept)| &kept.judge).clone();
        while at < position {
            let to = position.min(at - at % self.spacing + self.spacing);
            self.present.take(&timeline.events(at, to));
            at = to;
            if at % self.spacing == 0 {
                self.keep_at(timeline, at);
            }
        }
        self.next_event = timeline.cluster().next_event_id();
    }

    fn keep(&mut self, timeline: &Timeline) {
        let position = timeline.position();
        let last = self.kept.range(..=position).next_back().map_or(0, |(&at, _)| at);
        if position >= last + self.spacing {
            self.keep_at(timeline, position);
        }
    }

    fn keep_at(&mut self, timeline: &Timeline, position: usize) {
        let last_command = last_command(timeline, position);
        self.kept.insert(position, Kept { judge: self.present.clone(), last_command });
    }
}

impl Kept {
    fn is_of(&self, timeline: &Timeline, position: usize) -> bool {
        match (&self.last_command, last_command(timeline, position)) {
            (None, None) => true,
            (Some((at, command)), Some((also_at, same))) => {
                *at == also_at && Arc::ptr_eq(command, &same)
            }
            _ => false,
        }
    }
}

/// The last command among the first `position` inputs.
fn last_command(timeline: &Timeline, position: usize) -> Option<(usize, Arc<Command>)> {
    let steps = &timeline.steps()[..position.min(timeline.len())];
    let at = steps.iter().rposition(|step| step.is_command)?;
    match &timeline.inputs()[at] {
        Input::Command(command) => Some((at, command.clone())),
        Input::Advance => None,
    }
}

#[cfg(test)]
mod tests;
