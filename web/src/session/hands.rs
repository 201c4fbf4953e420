//! The session as a script sees it: lines of the terminal and of scenarios are carried out on it. What
//! they do is gathered, so that the page learns of a whole line at once.

use super::Session;
use kafkascope_engine::cluster::Cluster;
use kafkascope_engine::command::{Command, Refusal};
use kafkascope_engine::event::Event;
use kafkascope_engine::ids::EventId;
use kafkascope_engine::script::Machine;

pub struct Hands<'a> {
    pub(super) session: &'a mut Session,
    pub(super) events: Vec<Event>,
    pub(super) steps: usize,
    pub(super) commanded: bool,
    pub(super) forked: bool,
}

impl Hands<'_> {
    fn took_step(&mut self, events: &[Event]) {
        self.steps += 1;
        self.session.last_events = events.to_vec().into();
        self.session.history.note(self.session.timeline.position(), events);
        self.events.extend_from_slice(events);
    }
}

impl Machine for Hands<'_> {
    fn cluster(&self) -> &Cluster {
        self.session.timeline.cluster()
    }

    fn handle(&mut self, command: &Command) -> Result<Vec<Event>, Refusal> {
        let (at_tip, from) = (self.session.timeline.at_tip(), self.session.timeline.position());
        let events = self.session.timeline.handle(command.clone())?;
        self.forked |= !at_tip;
        self.commanded = true;
        self.session.history.truncate(from);
        self.took_step(&events);
        Ok(events)
    }

    fn advance(&mut self) -> Option<Vec<Event>> {
        let events = self.session.timeline.advance()?;
        self.took_step(&events);
        Some(events)
    }

    fn event(&self, id: EventId) -> Option<Event> {
        self.session.timeline.event(id)
    }
}
