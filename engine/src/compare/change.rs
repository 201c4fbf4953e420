//! The one thing that is different in the other run, and how a plan is made of it. It has one textual
//! form, for links: `history.rule=kip-320`, `acks=1 from=412`, `without=3`,
//! `drop=broker-2,broker-1,17 from=412`.

use super::{Given, Plan};
use crate::command::{Command, EnvelopeAct};
use crate::ids::{Address, ClientId, ConfigResource, EnvelopeId};
use crate::protocol::Acks;
use crate::replication::history_rule::HistoryRule;
use crate::sim::time::SimTime;
use std::sync::Arc;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    pub what: What,
    /// From this moment on; a rule of history holds from the start. Of a message: when it was sent.
    pub from: SimTime,
}

/// After a message was taken off the wire, both runs go on for so long at least: what comes of it often
/// waits for a time-out, of which Kafka's longest is `request.timeout.ms`, 30 s.
const WATCHED_AFTER_DROP_MS: u64 = 45_000;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    HistoryRule(HistoryRule),
    /// Of every `produce`.
    Acks(Acks),
    /// `min.insync.replicas` of every topic.
    MinInsyncReplicas(u32),
    /// `unclean.leader.election.enable` of every topic.
    UncleanElection(bool),
    /// The n-th command, from 0, is not given.
    Without(u32),
    /// A message never arrives.
    Dropped(EnvelopeId),
}

impl What {
    /// A topic's setting, and its value.
    fn config(&self) -> Option<(&'static str, String)> {
        match self {
            What::MinInsyncReplicas(min) => Some(("min.insync.replicas", min.to_string())),
            What::UncleanElection(on) => Some(("unclean.leader.election.enable", on.to_string())),
            _ => None,
        }
    }
}

/// A client by its number: its name may be anything.
fn end_text(end: Address) -> String {
    match end {
        Address::Node(id) => id.to_string(),
        Address::Client(id) => format!("client-{}", id.0),
    }
}

fn read_end(text: &str) -> Option<Address> {
    match text.strip_prefix("client-") {
        Some(number) => Some(Address::Client(ClientId(number.parse().ok()?))),
        None => text.parse().ok().map(Address::Node),
    }
}

fn read_envelope(text: &str) -> Option<EnvelopeId> {
    let mut parts = text.split(',');
    let (from, to) = (read_end(parts.next()?)?, read_end(parts.next()?)?);
    let number = parts.next().filter(|_| parts.next().is_none())?;
    let (n, copy) = number.split_once('.').unwrap_or((number, "0"));
    Some(EnvelopeId { from, to, n: n.parse().ok()?, copy: copy.parse().ok()? })
}

impl Change {
    /// From the start.
    pub fn of(what: What) -> Change {
        Change { what, from: SimTime(0) }
    }

    /// A message that was sent at this moment never arrives.
    pub fn of_drop(envelope: EnvelopeId, sent_at: SimTime) -> Change {
        Change { what: What::Dropped(envelope), from: sent_at }
    }

    pub fn text(&self) -> String {
        let what = match &self.what {
            What::HistoryRule(rule) => format!("history.rule={}", rule.name()),
            What::Acks(acks) => format!("acks={acks}"),
            What::Without(index) => format!("without={index}"),
            What::Dropped(id) => {
                format!("drop={},{},{}", end_text(id.from), end_text(id.to), id.number())
            }
            what => {
                what.config().map(|(name, value)| format!("{name}={value}")).unwrap_or_default()
            }
        };
        match self.from {
            SimTime(0) => what,
            SimTime(from) => format!("{what} from={from}"),
        }
    }

    pub fn parse(text: &str) -> Option<Change> {
        let (what, from) = match text.split_once(" from=") {
            Some((what, from)) => (what, SimTime(from.parse().ok().filter(|from| *from > 0)?)),
            None => (text, SimTime(0)),
        };
        let (name, value) = what.split_once('=')?;
        let what = match name {
            "history.rule" => What::HistoryRule(HistoryRule::from_name(value)?),
            "acks" => What::Acks(match value {
                "0" => Acks::None,
                "1" => Acks::Leader,
                "all" => Acks::All,
                _ => return None,
            }),
            "min.insync.replicas" => What::MinInsyncReplicas(value.parse().ok()?),
            "unclean.leader.election.enable" => What::UncleanElection(value.parse().ok()?),
            "without" => What::Without(value.parse().ok()?),
            "drop" => What::Dropped(read_envelope(value)?),
            _ => return None,
        };
        Some(Change { what, from })
    }

    /// The plan of the other run.
    pub fn apply(&self, mut plan: Plan) -> Plan {
        match &self.what {
            What::HistoryRule(rule) => plan.spec.history = *rule,
            What::Without(index) => {
                if (*index as usize) < plan.commands.len() {
                    plan.commands.remove(*index as usize);
                }
            }
            What::Dropped(envelope) => {
                let (at, act) = (self.from, EnvelopeAct::Drop);
                let command = Arc::new(Command::Envelope { envelope: *envelope, act });
                let place = plan.commands.partition_point(|given| given.at <= at);
                plan.commands.insert(place, Given { at, after_steps: u32::MAX, command });
                plan.end = plan.end.max(at.plus_millis(WATCHED_AFTER_DROP_MS));
            }
            What::Acks(acks) => {
                for given in plan.commands.iter_mut().filter(|given| given.at >= self.from) {
                    if let Command::Produce(produce) = Arc::make_mut(&mut given.command) {
                        produce.acks = Some(*acks);
                    }
                }
            }
            what => {
                if let Some((name, value)) = what.config() {
                    self.set_config(&mut plan, name, &value);
                }
            }
        }
        plan
    }

    /// Sets it where topics are made, and at `from` for those that are there already.
    fn set_config(&self, plan: &mut Plan, name: &str, value: &str) {
        let from = plan.commands.partition_point(|given| given.at < self.from);
        let mut topics = Vec::new();
        for (index, given) in plan.commands.iter_mut().enumerate() {
            match Arc::make_mut(&mut given.command) {
                Command::CreateTopic(create) if index >= from => {
                    create.configs.retain(|(other, _)| other != name);
                    create.configs.push((name.to_string(), value.to_string()));
                }
                Command::CreateTopic(create) => topics.push(create.topic.clone()),
                Command::AlterConfigs { changes, .. } if index >= from => {
                    changes.retain(|(other, _)| other != name);
                }
                _ => {}
            }
        }
        plan.commands.retain(|given| match &*given.command {
            Command::AlterConfigs { changes, .. } => !changes.is_empty(),
            _ => true,
        });
        let at = plan.commands.partition_point(|given| given.at < self.from);
        let altered = topics.into_iter().map(|topic| Given {
            at: self.from,
            after_steps: u32::MAX,
            command: Arc::new(Command::AlterConfigs {
                resource: ConfigResource::Topic(topic),
                changes: vec![(name.to_string(), Some(value.to_string()))],
            }),
        });
        plan.commands.splice(at..at, altered);
    }
}
