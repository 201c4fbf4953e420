//! What members and coordinator say to each other, as lines of the rebalance that it belongs to.

use super::Telling;
use crate::view_model::groups::story::*;
use kafkascope_engine::event::Event;
use kafkascope_engine::ids::{ClientId, EnvelopeId, NodeId};
use kafkascope_engine::protocol::{Api, KafkaError};
use kafkascope_engine::sim::time::SimTime;

impl Telling {
    /// Where a line goes that is said now.
    fn lines(&mut self) -> &mut Vec<Line> {
        let is_over = !self.is_rebalancing();
        match self.story.rebalances.last_mut() {
            Some(rebalance) if !is_over => &mut rebalance.lines,
            _ => &mut self.story.since,
        }
    }

    pub(super) fn line(&mut self, event: &Event, kind: LineKind) {
        self.put(Line { at: event.at, event: event.id, kind });
    }

    fn put(&mut self, line: Line) {
        let ends = match &line.kind {
            LineKind::State { .. } | LineKind::Assigned { .. } => true,
            LineKind::Message(message) => message.api == Api::SyncGroup && !message.is_request,
            _ => false,
        };
        // The end of a rebalance belongs to it.
        match self.story.rebalances.last_mut() {
            Some(rebalance) if ends => rebalance.lines.push(line),
            _ => self.lines().push(line),
        }
    }

    /// Puts in what was said before it was known whose it is.
    pub(super) fn insert(&mut self, line: Line) {
        let lines = self.lines();
        let at = lines.partition_point(|other| other.event <= line.event);
        lines.insert(at, line);
    }

    pub(super) fn said(&mut self, line: Line, message: Message) {
        let client = message.client;
        match (message.api, message.is_request) {
            (Api::Heartbeat, true) => {
                self.heartbeats.insert(client, (line.at, message.envelope));
                return;
            }
            (Api::Heartbeat, false) if !self.told_to_rejoin.remove(&client) => return,
            // Whoever joins again at once was only given an id.
            (Api::JoinGroup, true) => {
                if let Some(last) = self.last_answer(client, Api::JoinGroup) {
                    last.outcome.get_or_insert(Outcome::Refused(KafkaError::MemberIdRequired));
                }
            }
            _ => {}
        }
        let outcome = match message.api {
            Api::Heartbeat => Some(Outcome::Refused(KafkaError::RebalanceInProgress)),
            _ => None,
        };
        let kind = LineKind::Message(Message { outcome, ..message });
        self.put(Line { kind, ..line });
    }

    /// A heartbeat whose answer says that there is a rebalance: only such are told.
    pub(super) fn alarmed(&mut self, event: &Event, client: ClientId, node: NodeId) {
        let Some((sent, envelope)) = self.heartbeats.get(&client).copied() else {
            return;
        };
        self.told_to_rejoin.insert(client);
        let message = Message {
            envelope,
            api: Api::Heartbeat,
            client,
            node,
            is_request: true,
            arrives: event.at,
            is_lost: false,
            outcome: None,
        };
        let line =
            Line { at: sent.max(self.began()), event: event.id, kind: LineKind::Message(message) };
        self.lines().push(line);
    }

    fn began(&self) -> SimTime {
        self.story.rebalances.last().map_or(SimTime::ZERO, |rebalance| rebalance.began)
    }

    fn messages(&mut self) -> impl Iterator<Item = &mut Message> {
        let last = self.story.rebalances.last_mut();
        let earlier = last.into_iter().flat_map(|rebalance| rebalance.lines.iter_mut());
        let lines = earlier.chain(self.story.since.iter_mut()).rev();
        lines.filter_map(|line| match &mut line.kind {
            LineKind::Message(message) => Some(message),
            _ => None,
        })
    }

    pub(super) fn message(&mut self, envelope: EnvelopeId) -> Option<&mut Message> {
        self.messages().find(|message| message.envelope == envelope)
    }

    fn last_answer(&mut self, client: ClientId, api: Api) -> Option<&mut Message> {
        let is_it = |m: &&mut Message| m.client == client && m.api == api && !m.is_request;
        self.messages().find(is_it)
    }

    pub(super) fn answered(&mut self, client: ClientId, api: Api, outcome: Outcome) {
        if let Some(answer) = self.last_answer(client, api) {
            answer.outcome.get_or_insert(outcome);
        }
    }
}
