//! The one thing that is different in the other run, and how a plan is made of it. It has one textual
//! form, for links: `history.rule=kip-320`, `acks=1 from=412`, `without=3`.

use super::{Given, Plan};
use crate::command::Command;
use crate::ids::ConfigResource;
use crate::protocol::Acks;
use crate::replication::history_rule::HistoryRule;
use crate::sim::time::SimTime;
use std::sync::Arc;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    pub what: What,
    /// From this moment on; a rule of history holds from the start.
    pub from: SimTime,
}

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

impl Change {
    /// From the start.
    pub fn of(what: What) -> Change {
        Change { what, from: SimTime(0) }
    }

    pub fn text(&self) -> String {
        let what = match &self.what {
            What::HistoryRule(rule) => format!("history.rule={}", rule.name()),
            What::Acks(acks) => format!("acks={acks}"),
            What::Without(index) => format!("without={index}"),
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
