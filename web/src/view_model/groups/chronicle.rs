//! From events to the stories of groups.

mod talk;

use super::story::*;
use crate::view_model::stairs::{Curve, Point};
use kafkascope_engine::event::{Direction, Event, EventKind, GroupEvent, RemovedMember, Role};
use kafkascope_engine::group::classic_group::GroupState;
use kafkascope_engine::ids::{Address, ClientId, EnvelopeId, NodeId, TopicPartition};
use kafkascope_engine::protocol::Api;
use kafkascope_engine::sim::time::SimTime;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Every group of a run, to its end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chronicle {
    groups: BTreeMap<Arc<str>, Telling>,
    of_client: BTreeMap<ClientId, Arc<str>>,
    /// The high watermark of every partition.
    ends: BTreeMap<TopicPartition, Curve>,
    /// Said by clients whose group is not known yet.
    unclaimed: BTreeMap<ClientId, Vec<Line>>,
}

/// A story, and what has to be known to go on with it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Telling {
    story: Story,
    state: GroupState,
    /// Members that the coordinator knows.
    members: BTreeMap<Arc<str>, ClientId>,
    static_ids: BTreeSet<ClientId>,
    /// Records that applications have and are not done with.
    in_hand: BTreeMap<ClientId, u64>,
    /// Whose application was busy when the last rebalance began.
    busy: BTreeSet<ClientId>,
    /// Whose JoinGroup came last, and when.
    last_join: Option<(SimTime, ClientId)>,
    /// What may set a rebalance off, and when it was.
    trigger: Option<(SimTime, Trigger)>,
    overdue: BTreeSet<ClientId>,
    /// When the last heartbeat of each was sent, and whose answer says that there is a rebalance.
    heartbeats: BTreeMap<ClientId, (SimTime, EnvelopeId)>,
    told_to_rejoin: BTreeSet<ClientId>,
}

/// Whether an envelope event is told: what members and coordinators say about membership.
pub fn is_said_in_groups(kind: &EventKind) -> bool {
    let api = match kind {
        EventKind::EnvelopeSent { api, .. }
        | EventKind::EnvelopeDelivered { api, .. }
        | EventKind::EnvelopeDropped { api, .. } => api,
        _ => return false,
    };
    matches!(
        api,
        Api::FindCoordinator | Api::JoinGroup | Api::SyncGroup | Api::Heartbeat | Api::LeaveGroup
    )
}

/// Who of the two ends is the client.
fn ends_of(envelope: EnvelopeId) -> Option<(ClientId, NodeId)> {
    match (envelope.from, envelope.to) {
        (Address::Client(client), Address::Node(node))
        | (Address::Node(node), Address::Client(client)) => Some((client, node)),
        _ => None,
    }
}

impl Chronicle {
    pub fn story(&self, group: &str) -> Option<&Story> {
        self.groups.get(group).map(|telling| &telling.story)
    }

    /// The high watermark of a partition over time.
    pub fn end_of(&self, id: &TopicPartition) -> Option<&Curve> {
        self.ends.get(id)
    }

    pub fn take_in(&mut self, event: &Event) {
        match &event.kind {
            EventKind::Group(of_group) => self.group_event(event, of_group),
            EventKind::EnvelopeSent { envelope, api, direction, deliver_at } => {
                self.sent(event, *envelope, *api, *direction, *deliver_at);
            }
            EventKind::EnvelopeDelivered { envelope, api, direction } => {
                self.delivered(event, *envelope, *api, *direction);
            }
            EventKind::EnvelopeDropped { envelope, .. } => {
                if let Some(telling) = self.of_envelope(*envelope)
                    && let Some(message) = telling.message(*envelope)
                {
                    message.is_lost = true;
                }
            }
            EventKind::ClientClosed { client, killed: true } => {
                self.at_client(*client, |telling| {
                    telling.line(event, LineKind::Died(*client));
                    telling.let_go(event, *client, Still::OwnerDied(*client));
                })
            }
            EventKind::ClientClosed { client, killed: false } => {
                self.at_client(*client, |telling| {
                    telling.line(event, LineKind::Closed(*client));
                    if telling.static_ids.contains(client) {
                        telling.go_on_still(event, |still| {
                            let own = still == Still::Released(*client);
                            own.then_some(Still::OwnerAway(*client))
                        });
                    }
                })
            }
            EventKind::RecordsConsumed { client, records, .. } => {
                self.at_client(*client, |telling| {
                    *telling.in_hand.entry(*client).or_default() += records;
                });
            }
            EventKind::PositionReset { client, partition, .. } => {
                self.at_client(*client, |telling| telling.taken_over(event, *client, partition));
            }
            EventKind::HighWatermarkMoved { partition, to, role: Role::Leader, .. } => {
                self.end_moved(event.at, partition, *to);
            }
            _ => {}
        }
    }

    fn at_client(&mut self, client: ClientId, tell: impl FnOnce(&mut Telling)) {
        let group = self.of_client.get(&client);
        if let Some(telling) = group.and_then(|group| self.groups.get_mut(group)) {
            tell(telling);
        }
    }

    fn of_envelope(&mut self, envelope: EnvelopeId) -> Option<&mut Telling> {
        let (client, _) = ends_of(envelope)?;
        self.groups.get_mut(self.of_client.get(&client)?)
    }

    fn end_moved(&mut self, at: SimTime, id: &TopicPartition, to: i64) {
        if !self.ends.contains_key(id) {
            self.ends.insert(id.clone(), Curve::default());
        }
        if let Some(end) = self.ends.get_mut(id) {
            end.push(Point { at, value: to });
        }
        for telling in self.groups.values_mut() {
            telling.measure(at, id, to);
        }
    }

    fn group_event(&mut self, event: &Event, of_group: &GroupEvent) {
        let Some(group) = of_group.group() else {
            return;
        };
        if !self.groups.contains_key(group) {
            self.groups.insert(group.clone(), Telling::new());
        }
        if let GroupEvent::CoordinatorFound { client, .. } = of_group
            && self.of_client.insert(*client, group.clone()).is_none()
        {
            let said = self.unclaimed.remove(client).unwrap_or_default();
            self.at_client(*client, |telling| {
                telling.story.members.push(*client);
                said.into_iter().for_each(|line| telling.insert(line));
            });
        }
        let Some(telling) = self.groups.get_mut(group) else {
            return;
        };
        match of_group {
            GroupEvent::CommitStored { offsets, .. } => {
                for (id, committed) in offsets.iter() {
                    let end = self.ends.get(id).and_then(|end| end.value_at(event.at));
                    let track = telling.story.partitions.entry(id.clone()).or_default();
                    track.committed.push(Point { at: event.at, value: committed.offset });
                    telling.measure(event.at, id, end.unwrap_or(committed.offset));
                }
            }
            other => telling.take_in(event, other),
        }
    }

    fn sent(
        &mut self,
        event: &Event,
        envelope: EnvelopeId,
        api: Api,
        direction: Direction,
        arrives: SimTime,
    ) {
        let Some((client, node)) = ends_of(envelope).filter(|_| is_said_in_groups(&event.kind))
        else {
            return;
        };
        let is_request = direction == Direction::Request;
        let message = Message {
            envelope,
            api,
            client,
            node,
            is_request,
            arrives,
            is_lost: false,
            outcome: None,
        };
        let line = Line { at: event.at, event: event.id, kind: LineKind::Message(message) };
        match self.of_envelope(envelope) {
            Some(telling) => telling.said(line, message),
            None if api == Api::FindCoordinator => {
                self.unclaimed.entry(client).or_default().push(line);
            }
            None => {}
        }
    }

    fn delivered(&mut self, event: &Event, envelope: EnvelopeId, api: Api, direction: Direction) {
        let Some((client, node)) = ends_of(envelope) else {
            return;
        };
        let Some(telling) = self.of_envelope(envelope).filter(|_| is_said_in_groups(&event.kind))
        else {
            return;
        };
        if let Some(message) = telling.message(envelope) {
            message.arrives = event.at;
        }
        if direction == Direction::Response {
            return;
        }
        match api {
            Api::JoinGroup => telling.join_came(event.at, client),
            Api::Heartbeat if telling.is_rebalancing() => telling.alarmed(event, client, node),
            _ => {}
        }
    }
}

impl Telling {
    fn new() -> Self {
        Telling {
            story: Story::default(),
            state: GroupState::Empty,
            members: BTreeMap::new(),
            static_ids: BTreeSet::new(),
            in_hand: BTreeMap::new(),
            busy: BTreeSet::new(),
            last_join: None,
            trigger: None,
            overdue: BTreeSet::new(),
            heartbeats: BTreeMap::new(),
            told_to_rejoin: BTreeSet::new(),
        }
    }

    /// How far the group is behind, now that the high watermark is there.
    fn measure(&mut self, at: SimTime, id: &TopicPartition, end: i64) {
        let Some(track) = self.story.partitions.get_mut(id) else {
            return;
        };
        if let Some(committed) = track.committed.value_at(at) {
            let (before, now) = (track.lag.value_at(at).unwrap_or(0), (end - committed).max(0));
            track.lag.push(Point { at, value: now });
            let all = self.story.lag.value_at(at).unwrap_or(0) + now - before;
            self.story.lag.push(Point { at, value: all });
        }
    }

    fn is_rebalancing(&self) -> bool {
        matches!(self.state, GroupState::PreparingRebalance | GroupState::CompletingRebalance)
    }

    fn take_in(&mut self, event: &Event, of_group: &GroupEvent) {
        let at = event.at;
        match of_group {
            GroupEvent::StateChanged { generation, from, to, .. } => {
                self.state_changed(event, *from, *to, *generation);
            }
            GroupEvent::MemberAdded { member, group_instance_id, .. } => {
                if let Some(client) = self.who_joined(at) {
                    self.members.insert(member.clone(), client);
                    if group_instance_id.is_some() {
                        self.static_ids.insert(client);
                    }
                    self.trigger = Some((at, Trigger::Joined(client)));
                    self.line(event, LineKind::Added(client));
                }
            }
            GroupEvent::MemberReplaced { former, member, .. } => {
                self.members.remove(former);
                if let Some(client) = self.who_joined(at) {
                    self.members.insert(member.clone(), client);
                    self.static_ids.insert(client);
                    self.line(event, LineKind::Added(client));
                }
            }
            GroupEvent::MemberRemoved { member, why, .. } => {
                if let Some(client) = self.members.remove(member) {
                    self.removed(event, client, *why);
                }
            }
            GroupEvent::Joined { client, member, generation, protocol, leads, .. } => {
                self.members.insert(member.clone(), *client);
                let outcome = Outcome::Joined { generation: *generation, leads: *leads };
                self.answered(*client, Api::JoinGroup, outcome);
                if let Some(rebalance) = self.story.rebalances.last_mut() {
                    rebalance.assignor = Some(*protocol);
                    if *leads {
                        rebalance.leader = Some(*client);
                    }
                }
            }
            GroupEvent::AssignmentMade { client, protocol, assignment, .. } => {
                let last = self.story.rebalances.last();
                let (began, joined) =
                    last.map_or((at, at), |last| (last.began, last.joined.unwrap_or(at)));
                let waits = self.waits_for_first();
                for id in assignment.iter().flat_map(|(_, given)| given) {
                    let track = self.story.partitions.entry(id.clone()).or_default();
                    if track.periods.is_empty() {
                        track.becomes(began, event.id, What::Still(waits));
                        track.becomes(joined, event.id, What::Still(Still::Assigning));
                    }
                }
                let kind = LineKind::Divided { client: *client, assignor: *protocol };
                self.line(event, kind);
            }
            GroupEvent::PartitionsAssigned { client, partitions, .. } => {
                self.answered(*client, Api::SyncGroup, Outcome::Assigned(partitions.len()));
                for id in partitions.iter() {
                    let what = What::Still(Still::TakingOver(*client));
                    self.story
                        .partitions
                        .entry(id.clone())
                        .or_default()
                        .becomes(at, event.id, what);
                }
                let partitions = partitions.to_vec();
                self.line(event, LineKind::Assigned { client: *client, partitions });
            }
            GroupEvent::PartitionsRevoked { client, partitions, lost, .. } => {
                let still = self.still_of(*client);
                for id in partitions.iter() {
                    self.let_go_of(event, *client, id, still);
                }
                let (client, partitions, lost) = (*client, partitions.to_vec(), *lost);
                self.line(event, LineKind::Revoked { client, partitions, lost });
            }
            GroupEvent::RequestRefused { client, api, error, .. } => {
                self.answered(*client, *api, Outcome::Refused(*error));
            }
            GroupEvent::PollIntervalExceeded { client, .. } => {
                self.overdue.insert(*client);
                self.line(event, LineKind::PollExceeded(*client));
                self.let_go(event, *client, Still::OwnerLeft(*client));
            }
            GroupEvent::RecordsProcessed {
                client, partition, base_offset, last_offset, ..
            } => {
                if let Some(track) = self.story.partitions.get_mut(partition) {
                    track.processed.push(Point { at, value: last_offset + 1 });
                }
                let done = (last_offset - base_offset + 1) as u64;
                let in_hand = self.in_hand.entry(*client).or_default();
                *in_hand = in_hand.saturating_sub(done);
            }
            _ => {}
        }
    }

    fn who_joined(&self, at: SimTime) -> Option<ClientId> {
        self.last_join.filter(|(when, _)| *when == at).map(|(_, client)| client)
    }

    /// Why nobody reads what a member has just given up.
    fn still_of(&self, client: ClientId) -> Still {
        match self.state {
            GroupState::PreparingRebalance => Still::Joining,
            GroupState::CompletingRebalance => Still::Assigning,
            _ => Still::Released(client),
        }
    }

    /// Before anybody had a partition.
    fn waits_for_first(&self) -> Still {
        match self.story.rebalances.last() {
            Some(rebalance) if rebalance.is_initial => Still::InitialDelay,
            _ => Still::Joining,
        }
    }

    fn state_changed(&mut self, event: &Event, from: GroupState, to: GroupState, generation: i32) {
        let at = event.at;
        self.state = to;
        match to {
            GroupState::PreparingRebalance => {
                self.begin(event, from, generation);
                let waits = self.waits_for_first();
                self.go_on_still(event, |still| match still {
                    Still::TakingOver(_) => None,
                    _ => Some(waits),
                });
            }
            GroupState::CompletingRebalance => {
                if let Some(rebalance) = self.story.rebalances.last_mut() {
                    (rebalance.joined, rebalance.generation) = (Some(at), generation);
                }
                self.go_on_still(event, |still| match still {
                    Still::TakingOver(_) => None,
                    _ => Some(Still::Assigning),
                });
            }
            // By the consumer protocol nobody waits for anybody: only what changes hands stands still.
            GroupState::Assigning | GroupState::Reconciling => {
                if self.story.rebalances.last().is_none_or(|last| last.settled.is_some()) {
                    self.begin(event, from, generation);
                }
                if let Some(rebalance) = self.story.rebalances.last_mut() {
                    rebalance.joined.get_or_insert(at);
                    rebalance.generation = generation;
                }
                self.go_on_still(event, |still| match still {
                    Still::TakingOver(_) => None,
                    _ => Some(Still::Assigning),
                });
            }
            GroupState::Stable | GroupState::Empty | GroupState::Dead => {
                if let Some(rebalance) = self.story.rebalances.last_mut() {
                    rebalance.settled.get_or_insert(at);
                    rebalance.generation = generation;
                }
                let is_stable = to == GroupState::Stable;
                self.go_on_still(event, |still| match still {
                    Still::TakingOver(_) if is_stable => None,
                    _ if is_stable => Some(Still::Handing),
                    _ => Some(Still::NoMembers),
                });
            }
        }
        self.line(event, LineKind::State { from, to, generation });
    }

    fn begin(&mut self, event: &Event, from: GroupState, generation: i32) {
        let at = event.at;
        let trigger = self.trigger.filter(|(when, _)| *when == at);
        let rejoined = || self.who_joined(at).map(Trigger::Rejoined);
        let trigger = trigger.map(|(_, trigger)| trigger).or_else(rejoined);
        let came = self.who_joined(at).into_iter();
        let expected: BTreeSet<ClientId> = self.members.values().copied().collect();
        self.story.rebalances.push(Rebalance {
            began: at,
            event: event.id,
            trigger: trigger.unwrap_or(Trigger::Other),
            is_initial: from == GroupState::Empty,
            expected: expected.into_iter().collect(),
            arrivals: came.map(|client| Arrival { client, at, was_busy: false }).collect(),
            joined: None,
            generation,
            assignor: None,
            leader: None,
            settled: None,
            stops: Vec::new(),
            lines: std::mem::take(&mut self.story.since),
        });
        let in_hand = self.in_hand.iter().filter(|(_, in_hand)| **in_hand > 0);
        self.busy = in_hand.map(|(client, _)| *client).collect();
    }

    fn removed(&mut self, event: &Event, client: ClientId, why: RemovedMember) {
        let trigger = match why {
            RemovedMember::Left if self.overdue.remove(&client) => Trigger::PollExceeded(client),
            RemovedMember::Left => Trigger::Left(client),
            _ => Trigger::Expired(client),
        };
        self.trigger = Some((event.at, trigger));
        self.line(event, LineKind::Removed(client, why));
        self.let_go(event, client, self.still_of(client));
        if let Some(rebalance) = self.story.rebalances.last_mut().filter(|r| r.joined.is_none()) {
            rebalance.expected.retain(|expected| *expected != client);
        }
    }

    fn join_came(&mut self, at: SimTime, client: ClientId) {
        self.last_join = Some((at, client));
        let was_busy = self.busy.contains(&client);
        let waited = self.state == GroupState::PreparingRebalance;
        if let Some(rebalance) = self.story.rebalances.last_mut().filter(|_| waited)
            && !rebalance.arrivals.iter().any(|arrival| arrival.client == client)
        {
            rebalance.arrivals.push(Arrival { client, at, was_busy });
            if !rebalance.expected.contains(&client) {
                rebalance.expected.push(client);
            }
        }
    }

    // Who owns what.

    fn taken_over(&mut self, event: &Event, client: ClientId, id: &TopicPartition) {
        let Some(track) = self.story.partitions.get_mut(id) else {
            return;
        };
        if track.what() != Some(What::Still(Still::TakingOver(client))) {
            return;
        }
        let since = track.becomes(event.at, event.id, What::Owned(client));
        if let (Some(from), Some(rebalance)) = (since, self.story.rebalances.last_mut()) {
            rebalance.stops.push(Stop { partition: id.clone(), from, until: event.at });
        }
    }

    fn let_go_of(&mut self, event: &Event, client: ClientId, id: &TopicPartition, still: Still) {
        if let Some(track) = self.story.partitions.get_mut(id)
            && is_at(track.what(), client)
        {
            track.becomes(event.at, event.id, What::Still(still));
        }
    }

    /// Of all that it has.
    fn let_go(&mut self, event: &Event, client: ClientId, still: Still) {
        for track in self.story.partitions.values_mut() {
            if is_at(track.what(), client) {
                track.becomes(event.at, event.id, What::Still(still));
            }
        }
    }

    /// What stands still goes on to do so, for another reason.
    fn go_on_still(&mut self, event: &Event, why: impl Fn(Still) -> Option<Still>) {
        for track in self.story.partitions.values_mut() {
            if let Some(What::Still(still)) = track.what()
                && let Some(still) = why(still)
            {
                track.becomes(event.at, event.id, What::Still(still));
            }
        }
    }
}

fn is_at(what: Option<What>, client: ClientId) -> bool {
    match what {
        Some(What::Owned(owner) | What::Still(Still::TakingOver(owner))) => owner == client,
        _ => false,
    }
}
