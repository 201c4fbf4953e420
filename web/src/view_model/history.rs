//! What of a run is worth finding again: its notable events and the position right after each. The
//! timeline's marks, the why panel and the narration read it; it is kept beside the
//! [`Timeline`], which keeps inputs only.

use super::Cut;
use super::groups::Chronicle;
use super::groups::chronicle::is_said_in_groups;
use kafkascope_engine::event::{
    Event, EventKind, GroupEvent, ParkReason, ReadReplicaChange, RemovedMember, Role,
};
use kafkascope_engine::explain::partition::About;
use kafkascope_engine::ids::{Address, ClientId, EventId, NodeId, TopicPartition};
use kafkascope_engine::sim::time::SimTime;
use kafkascope_engine::timeline::Timeline;

/// An event and the position at which it can first be seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Noted {
    pub position: usize,
    pub event: Event,
}

/// Notable events of the present run, to its end, in order.
#[derive(Clone, Debug, Default)]
pub struct History {
    noted: Vec<Noted>,
    /// Not notable in themselves, but told in the stories of groups.
    said_in_groups: Vec<Noted>,
    groups: Chronicle,
    /// Up to which position the run has been noted.
    end: usize,
}

/// What a mark on the timeline stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mark {
    /// Records, or a high watermark that moved.
    Progress,
    /// A person's command.
    Command,
    /// Leaders, ISR, brokers coming and going.
    Control,
    /// A crash, a loss, an error.
    Trouble,
}

/// Everything but the machinery: timers, envelopes, housekeeping.
pub fn is_notable(kind: &EventKind) -> bool {
    use EventKind::*;
    !matches!(
        kind,
        EnvelopeSent { .. }
            | EnvelopeDelivered { .. }
            | EnvelopeQueued { .. }
            | DiskAwaited { .. }
            | TimerFired { .. }
            | MetadataApplied { .. }
            | MetadataCommitted { .. }
            | HighWatermarkCheckpointed { .. }
            | Flushed { bytes: 0, .. }
            | RequestParked { reason: ParkReason::NoData, .. }
    )
}

pub fn mark_of(kind: &EventKind) -> Option<Mark> {
    use EventKind::*;
    Some(match kind {
        Commanded { .. } => Mark::Command,
        RecordsAppended { .. } | HighWatermarkMoved { .. } | RecordsConsumed { .. } => {
            Mark::Progress
        }
        QuorumLeaderElected { .. }
        | ControllerActivated { .. }
        | BrokerAdded { .. }
        | BrokerRegistered { .. }
        | BrokerUnregistered { .. }
        | TopicDeleted { .. }
        | BrokerUnfenced { .. }
        | LeaderElected { .. }
        | IsrChanged { .. }
        | ElrChanged { .. }
        | ReassignmentBegan { .. }
        | ReassignmentCompleted { .. }
        | ReassignmentCancelled { .. }
        | ProcessStarted { .. }
        | ProcessStopped { .. }
        | ProcessResumed { .. }
        | Group(GroupEvent::StateChanged { .. }) => Mark::Control,
        ProcessCrashed { .. }
        | ProcessHalted { .. }
        | LogDirFailed { .. }
        | DiskLost { .. }
        | BrokerReplaced { .. }
        | PowerLost { .. }
        | ProcessPaused { .. }
        | BrokerFenced { .. }
        | LogTruncated { .. }
        | QuorumLeaderResigned { .. }
        | RecordFailed { .. }
        | RequestTimedOut { .. }
        | DivergenceFound { .. }
        | TruncationDetected { .. }
        | Group(
            GroupEvent::PollIntervalExceeded { .. }
            | GroupEvent::Failed { .. }
            | GroupEvent::MemberRemoved { why: RemovedMember::SessionExpired, .. },
        ) => Mark::Trouble,
        _ => return None,
    })
}

/// Whether the story went on: playback slows down for a while after such an event. A client that
/// asks a dead broker again and again makes no news.
pub fn is_news(kind: &EventKind) -> bool {
    use EventKind::*;
    match kind {
        RequestTimedOut { .. } => false,
        BecameLeader { .. }
        | BecameFollower { .. }
        | RecordAcknowledged { .. }
        | LogRecovered { .. } => true,
        kind => mark_of(kind).is_some(),
    }
}

impl History {
    /// Takes in the events of the step that led to `position`. A step that is already noted, because
    /// the run is being replayed, changes nothing.
    pub fn note(&mut self, position: usize, events: &[Event]) {
        if position <= self.end && position != 0 {
            return;
        }
        self.end = position;
        events.iter().for_each(|event| self.groups.take_in(event));
        let said = events.iter().filter(|event| is_said_in_groups(&event.kind));
        self.said_in_groups.extend(said.map(|event| Noted { position, event: event.clone() }));
        let notable = events.iter().filter(|event| is_notable(&event.kind));
        self.noted.extend(notable.map(|event| Noted { position, event: event.clone() }));
    }

    /// Forgets what came after: the run forks there.
    pub fn truncate(&mut self, position: usize) {
        if position >= self.end {
            return;
        }
        let until = |noted: &[Noted]| noted.partition_point(|noted| noted.position <= position);
        self.noted.truncate(until(&self.noted));
        self.said_in_groups.truncate(until(&self.said_in_groups));
        self.end = position;
        self.tell_groups_anew();
    }

    /// What is noted and what was said in groups, each in order, together in order.
    fn tell_groups_anew(&mut self) {
        let mut groups = Chronicle::default();
        let mut said = self.said_in_groups.iter().map(|noted| &noted.event).peekable();
        for noted in &self.noted {
            while let Some(earlier) = said.next_if(|event| event.id < noted.event.id) {
                groups.take_in(earlier);
            }
            groups.take_in(&noted.event);
        }
        said.for_each(|event| groups.take_in(event));
        self.groups = groups;
    }

    /// The stories of the run's groups, to its end.
    pub fn groups(&self) -> &Chronicle {
        &self.groups
    }

    /// Takes in the events of the steps between two positions.
    pub fn note_steps(&mut self, timeline: &Timeline, from: usize, to: usize, events: &[Event]) {
        let mut rest = events;
        for position in from + 1..=to {
            let next = timeline.steps().get(position).map(|step| step.first_event);
            let count =
                next.map_or(rest.len(), |next| rest.partition_point(|event| event.id < next));
            let (these, later) = rest.split_at(count);
            self.note(position, these);
            rest = later;
        }
    }

    /// Makes up for the whole run, of which only the inputs are known.
    pub fn catch_up(&mut self, timeline: &Timeline) {
        let (from, to) = (self.end, timeline.len());
        if from < to {
            self.note_steps(timeline, from, to, &timeline.events(from, to));
        }
    }

    pub fn all(&self) -> &[Noted] {
        &self.noted
    }

    /// What had happened at a position.
    pub fn until(&self, position: usize) -> &[Noted] {
        &self.noted[..self.noted.partition_point(|noted| noted.position <= position)]
    }

    /// What had happened before an event, the last first.
    pub fn before(&self, id: EventId) -> impl Iterator<Item = &Event> + Clone {
        let until = self.noted.partition_point(|noted| noted.event.id < id);
        self.noted[..until].iter().rev().map(|noted| &noted.event)
    }

    /// The last event until `position` that satisfies `of_interest`.
    pub fn last(&self, position: usize, of_interest: impl Fn(&Event) -> bool) -> Option<&Event> {
        self.until(position).iter().rev().map(|noted| &noted.event).find(|event| of_interest(event))
    }

    /// Why a replica is what it is: the last thing that moved its high watermark or its role.
    pub fn last_of_replica(
        &self,
        position: usize,
        node: NodeId,
        id: &TopicPartition,
    ) -> Option<&Event> {
        let here = |event: &Event| {
            event.place == Address::Node(node) && event.kind.partition() == Some(id)
        };
        let moved = |event: &Event| {
            here(event)
                && matches!(
                    event.kind,
                    EventKind::HighWatermarkMoved { .. }
                        | EventKind::LogTruncated { .. }
                        | EventKind::BecameLeader { .. }
                        | EventKind::LogRecovered { .. }
                )
        };
        self.last(position, moved).or_else(|| self.last(position, here))
    }

    /// Why a node is in the state it is in.
    pub fn last_of_node(&self, position: usize, node: NodeId) -> Option<&Event> {
        self.last(position, |event| match &event.kind {
            EventKind::BrokerReplaced { node: n, .. }
            | EventKind::ProcessStarted { node: n }
            | EventKind::ProcessCrashed { node: n }
            | EventKind::ProcessHalted { node: n }
            | EventKind::DiskLost { node: n, .. }
            | EventKind::PowerLost { node: n, .. }
            | EventKind::ShutdownBegan { node: n }
            | EventKind::ProcessStopped { node: n }
            | EventKind::ProcessPaused { node: n }
            | EventKind::ProcessResumed { node: n }
            | EventKind::QuorumLeaderElected { node: n, .. }
            | EventKind::QuorumLeaderResigned { node: n, .. }
            | EventKind::ControllerActivated { node: n, .. } => *n == node,
            EventKind::BrokerFenced { broker, .. }
            | EventKind::BrokerUnfenced { broker }
            | EventKind::BrokerUnregistered { broker } => *broker == node,
            _ => false,
        })
    }

    /// What made a consumer read a partition where it does, if it has ever read it from a follower.
    pub fn last_read_replica(
        &self,
        position: usize,
        consumer: ClientId,
        id: &TopicPartition,
    ) -> Option<&Event> {
        self.last(position, |event| match &event.kind {
            EventKind::ReadReplicaChanged { client, partition, change, .. } => {
                let is_named = matches!(change, ReadReplicaChange::Named { .. });
                (*client, partition) == (consumer, id) && !is_named
            }
            _ => false,
        })
    }

    /// Truncations that are still seen at a moment.
    pub fn cuts(&self, position: usize, now: SimTime) -> Vec<(NodeId, TopicPartition, Cut)> {
        let recent = self.until(position).iter().rev();
        let recent = recent.take_while(|n| now.since(n.event.at) < Cut::LEAVING_US);
        let cut = |noted: &Noted| {
            let EventKind::LogTruncated { partition, from, to, reason } = &noted.event.kind else {
                return None;
            };
            let cut = Cut { at: noted.event.at, from: *from, to: *to, reason: *reason };
            Some((noted.event.place.node()?, partition.clone(), cut))
        };
        recent.filter_map(cut).collect()
    }

    /// The last change of a partition's ISR, if its members are still seen moving, and who was in it
    /// before.
    pub fn isr_change(
        &self,
        position: usize,
        now: SimTime,
        id: &TopicPartition,
    ) -> Option<(SimTime, Vec<NodeId>)> {
        let is_change = |noted: &&Noted| matches!(&noted.event.kind, EventKind::IsrChanged { partition, .. } if partition == id);
        let until = self.until(position);
        let recent = until.iter().rev().take_while(|n| now.since(n.event.at) < Cut::LEAVING_US);
        let at = recent.into_iter().find(is_change)?.event.at;
        let before = until.iter().rev().filter(is_change).nth(1)?;
        match &before.event.kind {
            EventKind::IsrChanged { isr, .. } => Some((at, isr.clone())),
            _ => None,
        }
    }

    /// What made a partition what it is: the last event that changed it.
    pub fn last_about(&self, position: usize, id: &TopicPartition, about: About) -> Option<&Event> {
        self.last(position, |event| {
            event.kind.partition() == Some(id)
                && match about {
                    About::HighWatermark => matches!(
                        event.kind,
                        EventKind::HighWatermarkMoved { role: Role::Leader, .. }
                    ),
                    About::Isr => matches!(event.kind, EventKind::IsrChanged { .. }),
                    About::Leader | About::LeaderEpoch => {
                        matches!(event.kind, EventKind::LeaderElected { .. })
                    }
                }
        })
    }

    /// The last time that the controller looked for a leader of a partition.
    pub fn last_election(&self, position: usize, id: &TopicPartition) -> Option<&Event> {
        self.last(position, |event| {
            matches!(&event.kind, EventKind::ElectionHeld { partition, .. } if partition == id)
        })
    }

    /// The last truncation of a replica.
    pub fn last_cut(&self, position: usize, node: NodeId, id: &TopicPartition) -> Option<&Event> {
        self.last(position, |event| {
            event.place == Address::Node(node)
                && event.kind.partition() == Some(id)
                && matches!(event.kind, EventKind::LogTruncated { .. })
        })
    }

    /// How a record came to be on a node.
    pub fn append_of(
        &self,
        position: usize,
        node: NodeId,
        id: &TopicPartition,
        offset: i64,
    ) -> Option<&Event> {
        self.last(position, |event| match &event.kind {
            EventKind::RecordsAppended { partition, base_offset, last_offset, .. } => {
                event.place == Address::Node(node)
                    && partition == id
                    && (*base_offset..=*last_offset).contains(&offset)
            }
            _ => false,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario;

    #[test]
    fn history_noted_step_by_step_is_the_history_made_up_at_the_end() {
        let mut timeline = scenario::prepare(scenario::opening().script).unwrap().timeline;
        let from = timeline.position();
        let mut as_it_went = History::default();
        as_it_went.catch_up(&timeline);
        let events: Vec<Event> = (0..40).filter_map(|_| timeline.advance()).flatten().collect();
        as_it_went.note_steps(&timeline, from, timeline.position(), &events);
        let mut at_the_end = History::default();
        at_the_end.catch_up(&timeline);
        assert_eq!(as_it_went.all(), at_the_end.all());
        assert!(
            as_it_went
                .all()
                .iter()
                .all(|noted| timeline.position_of(noted.event.id) == Some(noted.position))
        );

        let replayed = timeline.events(from, timeline.len());
        as_it_went.note_steps(&timeline, from, timeline.len(), &replayed);
        assert_eq!(as_it_went.all(), at_the_end.all(), "a replay adds nothing");
        assert_eq!(as_it_went.groups(), at_the_end.groups());
        as_it_went.truncate(from);
        assert!(as_it_went.all().iter().all(|noted| noted.position <= from));
    }
}
