//! The story of one group: its rebalances, and for each partition who owned it from when on, or why nobody
//! did.

use crate::view_model::stairs::Curve;
use kafkascope_engine::event::RemovedMember;
use kafkascope_engine::group::assignor::Assignor;
use kafkascope_engine::group::classic_group::GroupState;
use kafkascope_engine::ids::{ClientId, EnvelopeId, EventId, NodeId, TopicPartition};
use kafkascope_engine::protocol::{Api, KafkaError};
use kafkascope_engine::sim::time::SimTime;
use std::collections::BTreeMap;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Story {
    /// In the order in which they came.
    pub members: Vec<ClientId>,
    pub partitions: BTreeMap<TopicPartition, Track>,
    pub rebalances: Vec<Rebalance>,
    /// Of all partitions together.
    pub lag: Curve,
    /// What was said since the last rebalance was over.
    pub since: Vec<Line>,
}

/// One partition in one group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Track {
    /// Each ends where the next begins.
    pub periods: Vec<Period>,
    /// Since when nobody has read it.
    pub(super) still_since: Option<SimTime>,
    pub committed: Curve,
    /// The offset behind the record that an application was last done with.
    pub processed: Curve,
    /// From what is committed to the high watermark.
    pub lag: Curve,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    pub from: SimTime,
    /// What began it.
    pub event: EventId,
    pub what: What,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    Owned(ClientId),
    Still(Still),
}

/// Why nobody reads a partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Still {
    NoMembers,
    /// The first rebalance of a group without members waits for more of them
    /// (`group.initial.rebalance.delay.ms`).
    InitialDelay,
    /// Everybody has to join before anybody gets something.
    Joining,
    /// All have joined: the leader divides, the coordinator commits.
    Assigning,
    /// The assignment is on its way to the new owner.
    Handing,
    /// The new owner asks where to go on.
    TakingOver(ClientId),
    /// Its owner gave it up; the next rebalance gives it to somebody.
    Released(ClientId),
    /// Its owner died, and is a member until `session.timeout.ms` is over.
    OwnerDied(ClientId),
    /// Its owner is a static member that went: it may come back until `session.timeout.ms` is over.
    OwnerAway(ClientId),
    /// Its owner has not called poll for `max.poll.interval.ms`, and leaves.
    OwnerLeft(ClientId),
}

/// What set a rebalance off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trigger {
    Joined(ClientId),
    Left(ClientId),
    PollExceeded(ClientId),
    Expired(ClientId),
    /// It joined again: something that it says has changed, or it gave partitions up.
    Rejoined(ClientId),
    /// The coordinator had to begin anew.
    Other,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rebalance {
    pub began: SimTime,
    pub event: EventId,
    pub trigger: Trigger,
    /// Of a group without members.
    pub is_initial: bool,
    /// Who was a member when it began.
    pub expected: Vec<ClientId>,
    /// Who has joined, and when.
    pub arrivals: Vec<Arrival>,
    /// When all had.
    pub joined: Option<SimTime>,
    pub generation: i32,
    pub assignor: Option<Assignor>,
    pub leader: Option<ClientId>,
    /// When the assignment was committed, or nobody was left.
    pub settled: Option<SimTime>,
    /// Partitions that stood still until it gave them to somebody.
    pub stops: Vec<Stop>,
    /// What was said and done, in order.
    pub lines: Vec<Line>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arrival {
    pub client: ClientId,
    pub at: SimTime,
    /// Its application was busy with records when the rebalance began.
    pub was_busy: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stop {
    pub partition: TopicPartition,
    pub from: SimTime,
    pub until: SimTime,
}

/// Something that was said or done, at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub at: SimTime,
    pub event: EventId,
    pub kind: LineKind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LineKind {
    Message(Message),
    State { from: GroupState, to: GroupState, generation: i32 },
    Added(ClientId),
    Removed(ClientId, RemovedMember),
    Divided { client: ClientId, assignor: Assignor },
    Assigned { client: ClientId, partitions: Vec<TopicPartition> },
    Revoked { client: ClientId, partitions: Vec<TopicPartition>, lost: bool },
    PollExceeded(ClientId),
    Died(ClientId),
    Closed(ClientId),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Message {
    pub envelope: EnvelopeId,
    pub api: Api,
    pub client: ClientId,
    pub node: NodeId,
    pub is_request: bool,
    /// When it comes, as far as is known.
    pub arrives: SimTime,
    pub is_lost: bool,
    /// What came of an answer.
    pub outcome: Option<Outcome>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Refused(KafkaError),
    Joined { generation: i32, leads: bool },
    Assigned(usize),
}

/// A part of a partition's time, clipped to what is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    pub from: SimTime,
    pub until: SimTime,
    pub period: Period,
    /// It goes on at the shown moment.
    pub is_open: bool,
}

impl Track {
    pub fn what(&self) -> Option<What> {
        self.periods.last().map(|period| period.what)
    }

    /// What it is at a moment.
    pub fn at(&self, now: SimTime) -> Option<&Period> {
        let after = self.periods.partition_point(|period| period.from <= now);
        self.periods.get(after.checked_sub(1)?)
    }

    /// Its periods between two moments, of which the later one is shown.
    pub fn spans(&self, from: SimTime, now: SimTime) -> Vec<Span> {
        let first = self.periods.partition_point(|period| period.from <= from).saturating_sub(1);
        let periods = self.periods[first..].iter().enumerate();
        let within = periods.take_while(|(_, period)| period.from <= now);
        let span = |(index, period): (usize, &Period)| {
            let next = self.periods.get(first + index + 1).map(|next| next.from);
            let until = next.filter(|next| *next <= now);
            Span {
                from: period.from.max(from),
                until: until.unwrap_or(now),
                period: *period,
                is_open: until.is_none(),
            }
        };
        within.map(span).filter(|span| span.until > span.from || span.is_open).collect()
    }

    /// Begins another period. Returns since when it stood still, if that is over now.
    pub(super) fn becomes(&mut self, at: SimTime, event: EventId, what: What) -> Option<SimTime> {
        if self.what() == Some(what) {
            return None;
        }
        // Nobody sees what was only within a moment.
        if self.periods.last().is_some_and(|last| last.from == at) {
            self.periods.pop();
        }
        if self.what() != Some(what) {
            self.periods.push(Period { from: at, event, what });
        }
        match what {
            What::Owned(_) => self.still_since.take().filter(|since| *since < at),
            What::Still(_) => {
                self.still_since.get_or_insert(at);
                None
            }
        }
    }
}

impl Rebalance {
    /// Who the others still waited for at a moment: members that had not joined.
    pub fn missing(&self, now: SimTime) -> impl Iterator<Item = ClientId> {
        let has_come = move |client: &ClientId| {
            self.arrivals.iter().any(|a| a.client == *client && a.at <= now)
        };
        self.expected.iter().copied().filter(move |client| !has_come(client))
    }

    /// Who of all came last, if the others waited for it.
    pub fn last_arrival(&self) -> Option<Arrival> {
        self.arrivals.iter().copied().max_by_key(|arrival| arrival.at)
    }
}

impl Story {
    /// The rebalance that was last set off at a moment.
    pub fn rebalance_at(&self, now: SimTime) -> Option<&Rebalance> {
        let after = self.rebalances.partition_point(|rebalance| rebalance.began <= now);
        self.rebalances.get(after.checked_sub(1)?)
    }

    /// Those until a moment.
    pub fn rebalances_until(&self, now: SimTime) -> &[Rebalance] {
        &self.rebalances[..self.rebalances.partition_point(|r| r.began <= now)]
    }
}
