//! What of a run is worth finding again: its notable events and the position right after each. The
//! timeline's marks, the why panel and the narration read it; it is kept beside the
//! [`Timeline`], which keeps inputs only.

use kafkascope_engine::event::{Event, EventKind, ParkReason};
use kafkascope_engine::ids::{Address, NodeId, TopicPartition};
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
            | TimerFired { .. }
            | MetadataApplied { .. }
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
        BrokerRegistered { .. }
        | BrokerUnfenced { .. }
        | LeaderElected { .. }
        | IsrChanged { .. }
        | ProcessStarted { .. }
        | ProcessStopped { .. }
        | ProcessResumed { .. } => Mark::Control,
        ProcessCrashed { .. }
        | PowerLost { .. }
        | ProcessPaused { .. }
        | BrokerFenced { .. }
        | LogTruncated { .. }
        | RecordFailed { .. }
        | RequestTimedOut { .. }
        | DivergenceFound { .. }
        | TruncationDetected { .. } => Mark::Trouble,
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
        let notable = events.iter().filter(|event| is_notable(&event.kind));
        self.noted.extend(notable.map(|event| Noted { position, event: event.clone() }));
    }

    /// Forgets what came after: the run forks there.
    pub fn truncate(&mut self, position: usize) {
        let keep = self.noted.partition_point(|noted| noted.position <= position);
        self.noted.truncate(keep);
        self.end = self.end.min(position);
    }

    /// Makes up for steps that were made without being noted.
    pub fn catch_up(&mut self, timeline: &Timeline) {
        let from = self.end;
        if from >= timeline.len() {
            return;
        }
        let mut cluster_events = timeline.events(from, timeline.len()).into_iter().peekable();
        for position in from + 1..=timeline.len() {
            let next_first = timeline.steps().get(position).map(|step| step.first_event);
            let mut events = Vec::new();
            while let Some(event) =
                cluster_events.next_if(|event| next_first.is_none_or(|first| event.id < first))
            {
                events.push(event);
            }
            self.note(position, &events);
        }
    }

    pub fn all(&self) -> &[Noted] {
        &self.noted
    }

    /// What had happened at a position.
    pub fn until(&self, position: usize) -> &[Noted] {
        &self.noted[..self.noted.partition_point(|noted| noted.position <= position)]
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
            EventKind::ProcessStarted { node: n }
            | EventKind::ProcessCrashed { node: n }
            | EventKind::PowerLost { node: n, .. }
            | EventKind::ShutdownBegan { node: n }
            | EventKind::ProcessStopped { node: n }
            | EventKind::ProcessPaused { node: n }
            | EventKind::ProcessResumed { node: n } => *n == node,
            EventKind::BrokerFenced { broker, .. } | EventKind::BrokerUnfenced { broker } => {
                *broker == node
            }
            _ => false,
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
