//! The causes of an event, through silence as well. What follows from a time-out has as its cause
//! whatever set the timer, the last that was heard; a person asks why nothing came after it. So where
//! somebody was awaited in vain, the chain goes on with the failure that silenced them, if there was
//! one.

use crate::event::{DropReason, Event, EventKind, FenceReason};
use crate::ids::{Address, EventId, NodeId};
use crate::world::Timer;

/// One link of the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    pub event: Event,
    /// It is not the cause of the link before but what kept from arriving what was awaited there.
    pub is_silence: bool,
}

/// From the event back to the command, or the first start, that it comes from. `before` answers what
/// had happened before an event, the last first and as far back as one cares to look; it is asked only
/// where somebody was awaited in vain.
pub fn chain<'a, Past: Iterator<Item = &'a Event> + Clone>(
    id: EventId,
    event: impl Fn(EventId) -> Option<Event>,
    before: impl Fn(EventId) -> Past,
) -> Vec<Link> {
    let mut chain: Vec<Link> = Vec::new();
    let mut next = event(id).map(|event| Link { event, is_silence: false });
    while let Some(link) = next {
        let cause = link.event.cause.and_then(&event);
        let silence = may_be_silence(&link.event, cause.as_ref())
            .then(|| silenced_by(&link.event, heard_last(cause.as_ref()), before(link.event.id)))
            .flatten();
        next = match silence {
            Some(event) => Some(Link { event, is_silence: true }),
            None => cause.map(|event| Link { event, is_silence: false }),
        };
        chain.push(link);
    }
    chain
}

/// Whether the event tells that somebody was awaited in vain.
fn may_be_silence(event: &Event, cause: Option<&Event>) -> bool {
    let is_timer =
        |timer: Timer| cause.is_some_and(|cause| cause.kind == EventKind::TimerFired { timer });
    match &event.kind {
        EventKind::BrokerFenced { reason, .. } => *reason == FenceReason::SessionExpired,
        EventKind::VotesAsked { pre_vote, .. } => *pre_vote && is_timer(Timer::Election),
        EventKind::QuorumLeaderResigned { .. } => is_timer(Timer::CheckQuorum),
        EventKind::EnvelopeDropped { reason, .. } => {
            matches!(reason, DropReason::LinkCut | DropReason::LinkLossy | DropReason::HostDown)
        }
        EventKind::IsrShrinkAsked { .. }
        | EventKind::RequestTimedOut { .. }
        | EventKind::ConnectionLost { .. } => true,
        _ => false,
    }
}

/// When the time that is over began to run: what set the timer, or the question that was asked.
fn heard_last(cause: Option<&Event>) -> Option<EventId> {
    cause.and_then(|cause| match cause.kind {
        EventKind::TimerFired { .. } => cause.cause,
        _ => Some(cause.id),
    })
}

/// What silenced whom the event tells to have been awaited; of several the last.
fn silenced_by<'a>(
    event: &Event,
    since: Option<EventId>,
    past: impl Iterator<Item = &'a Event> + Clone,
) -> Option<Event> {
    let ends = awaited(event, past.clone()).into_iter();
    let found = ends.filter_map(|end| failure(end, event.place, since, past.clone()));
    found.max_by_key(|failure| failure.id).cloned()
}

fn awaited<'a>(event: &Event, mut past: impl Iterator<Item = &'a Event>) -> Vec<Address> {
    match &event.kind {
        EventKind::BrokerFenced { broker, .. } => vec![(*broker).into()],
        EventKind::IsrShrinkAsked { removed, .. } => {
            removed.iter().map(|node| (*node).into()).collect()
        }
        EventKind::RequestTimedOut { to, .. } | EventKind::ConnectionLost { to, .. } => {
            vec![(*to).into()]
        }
        EventKind::EnvelopeDropped { envelope, .. } => {
            let ends = [envelope.from, envelope.to];
            ends.into_iter().filter(|end| *end != event.place).collect()
        }
        // The leader that it followed.
        EventKind::VotesAsked { node, .. } => {
            let leader = past.find_map(|event| match event.kind {
                EventKind::QuorumLeaderFollowed { node: n, leader, .. } if n == *node => {
                    Some(leader)
                }
                _ => None,
            });
            leader.map(Address::Node).into_iter().collect()
        }
        // Any of those who followed it.
        EventKind::QuorumLeaderResigned { node, epoch } => past
            .filter_map(|event| match event.kind {
                EventKind::QuorumLeaderFollowed { node: n, leader, epoch: e, voter: true }
                    if (leader, e) == (*node, *epoch) =>
                {
                    Some(n.into())
                }
                _ => None,
            })
            .collect(),
        _ => Vec::new(),
    }
}

/// The last failure of an end, or of its link with `waiting`: one that came after `since`, or one
/// before that had not been undone by then.
fn failure<'a>(
    end: Address,
    waiting: Address,
    since: Option<EventId>,
    mut past: impl Iterator<Item = &'a Event>,
) -> Option<&'a Event> {
    let (mut works, mut is_joined) = (false, false);
    past.find(|event| {
        let is_before = since.is_none_or(|since| event.id <= since);
        match (&event.kind, ended(&event.kind)) {
            (_, Some(node)) => !works && Address::Node(node) == end,
            (EventKind::ProcessStarted { node } | EventKind::ProcessResumed { node }, _) => {
                works |= is_before && Address::Node(*node) == end;
                false
            }
            (EventKind::Commanded { command }, _) => {
                is_joined |= is_before && command.joins(end, waiting);
                !is_joined && command.parts(end, waiting)
            }
            _ => false,
        }
    })
}

/// Whether an event took one of these nodes, or the link between two of them.
pub(super) fn is_failure_among(event: &EventKind, nodes: &[NodeId]) -> bool {
    if let Some(node) = ended(event) {
        return nodes.contains(&node);
    }
    let EventKind::Commanded { command } = event else {
        return false;
    };
    let parted = |&a: &NodeId| nodes.iter().any(|&b| a != b && command.parts(a.into(), b.into()));
    nodes.iter().any(parted)
}

/// Whose process answers no more.
fn ended(kind: &EventKind) -> Option<NodeId> {
    match kind {
        EventKind::ProcessCrashed { node }
        | EventKind::ProcessHalted { node }
        | EventKind::ProcessPaused { node }
        | EventKind::ProcessStopped { node }
        | EventKind::PowerLost { node, .. }
        | EventKind::BrokerReplaced { node, .. } => Some(*node),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::Command;
    use crate::script::Lang;
    use crate::script::line::{Line, NoClients};
    use crate::script::parse::parse;
    use crate::script::runner::{Recording, Runner};

    const TOPIC: &str = "kafka-topics.sh --create --topic orders --replica-assignment 1:2:3";

    /// Runs lines on a cluster of three controllers and answers the commands to which the last event
    /// that satisfies `wanted` goes back, with the kind of event that ended the silence.
    fn chain_of(lines: &[&str], wanted: impl Fn(&EventKind) -> bool) -> Vec<Link> {
        let cluster = "cluster brokers=3 controllers=3 seed=5 replica.lag.time.max.ms=5000";
        let Ok(Line::Spec(spec)) = parse(1, cluster, &NoClients) else {
            panic!("{cluster}");
        };
        let mut runner = Runner::new(Recording::new(*spec), Lang::En);
        for line in ["run until ready", TOPIC, "run until isr orders-0 == 1,2,3", "run 2s"]
            .iter()
            .chain(lines)
        {
            if let Err(failure) = runner.run_line(1, line) {
                panic!("{line}: {}", failure.words(Lang::En));
            }
        }
        let events = runner.machine.events;
        let last = events.iter().rfind(|event| wanted(&event.kind)).expect("it happened");
        chain(
            last.id,
            |id| events.get(id.0 as usize).cloned(),
            |id| events[..id.0 as usize].iter().rev(),
        )
    }

    fn command(chain: &[Link]) -> &Command {
        match &chain.last().unwrap().event.kind {
            EventKind::Commanded { command } => command,
            other => panic!("no command but {other:?}"),
        }
    }

    fn silences(chain: &[Link]) -> Vec<&EventKind> {
        chain.iter().filter(|link| link.is_silence).map(|link| &link.event.kind).collect()
    }

    #[test]
    fn who_is_elected_after_a_crash_goes_back_to_the_crash() {
        let chain = chain_of(&["crash controller-103", "run 10s"], |kind| {
            matches!(kind, EventKind::ControllerActivated { epoch: 2.., .. })
        });
        assert_eq!(silences(&chain), [&EventKind::ProcessCrashed { node: NodeId(103) }]);
        assert_eq!(*command(&chain), Command::Crash { node: NodeId(103) });
    }

    #[test]
    fn a_leader_of_those_who_were_cut_off_goes_back_to_the_cut() {
        let lines = ["isolate broker-1", "run until leader orders-0 != broker-1 within 60s"];
        let chain = chain_of(&lines, |kind| {
            matches!(kind, EventKind::LeaderElected { leader: Some(NodeId(2)), .. })
        });
        assert_eq!(*command(&chain), Command::Isolate { node: NodeId(1) });
    }

    #[test]
    fn a_failure_that_was_undone_explains_nothing() {
        let lines = [
            "cut broker-1 broker-3",
            "heal all",
            "pause broker-3",
            "produce orders value=v acks=1",
            "run until isr orders-0 == 1,2 within 60s",
        ];
        let chain = chain_of(&lines, |kind| matches!(kind, EventKind::IsrShrinkAsked { .. }));
        assert_eq!(silences(&chain), [&EventKind::ProcessPaused { node: NodeId(3) }]);
        assert_eq!(*command(&chain), Command::Pause { node: NodeId(3) });
    }

    #[test]
    fn whom_an_empty_host_replaced_was_silenced_though_its_process_runs() {
        let lines = ["replace broker-1", "run until leader orders-0 != broker-1 within 60s"];
        let chain = chain_of(&lines, |kind| matches!(kind, EventKind::BrokerFenced { .. }));
        assert!(matches!(silences(&chain)[..], [EventKind::BrokerReplaced { .. }]));
        assert_eq!(*command(&chain), Command::Replace { node: NodeId(1) });
    }

    #[test]
    fn a_leader_without_a_majority_goes_back_to_what_took_the_majority() {
        let lines = ["crash controller-101", "run 1s", "isolate controller-102", "run 10s"];
        let chain = chain_of(&lines, |kind| matches!(kind, EventKind::QuorumLeaderResigned { .. }));
        assert_eq!(*command(&chain), Command::Isolate { node: NodeId(102) });
    }

    #[test]
    fn where_nobody_was_silent_the_chain_is_that_of_the_causes() {
        let chain = chain_of(&["produce orders value=v", "run 1s"], |kind| {
            matches!(kind, EventKind::RecordAcknowledged { .. })
        });
        assert!(chain.windows(2).all(|pair| pair[0].event.cause == Some(pair[1].event.id)));
        assert!(matches!(command(&chain), Command::Produce(_)));
    }
}
