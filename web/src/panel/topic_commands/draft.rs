//! What is set in the form of topic commands, and the command that it makes.

use crate::i18n::commands::{CommandText, Mistake};
use kafkascope_engine::command::{Command, CreateTopic, ElectionType, Reassign, ReassignAction};
use kafkascope_engine::controller::metadata_image::MetadataImage;
use kafkascope_engine::ids::{ConfigResource, NodeId, TopicPartition};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    CreateTopic,
    AddPartitions,
    AlterConfigs,
    Reassign,
    ElectLeader,
    DeleteRecords,
    DeleteTopic,
}

impl Kind {
    pub const ALL: [Kind; 7] = [
        Kind::Reassign,
        Kind::ElectLeader,
        Kind::AlterConfigs,
        Kind::AddPartitions,
        Kind::DeleteRecords,
        Kind::DeleteTopic,
        Kind::CreateTopic,
    ];

    /// One word, for tests.
    pub fn name(self) -> &'static str {
        match self {
            Kind::CreateTopic => "create-topic",
            Kind::AddPartitions => "add-partitions",
            Kind::AlterConfigs => "alter-configs",
            Kind::Reassign => "reassign",
            Kind::ElectLeader => "elect-leader",
            Kind::DeleteRecords => "delete-records",
            Kind::DeleteTopic => "delete-topic",
        }
    }

    /// It is about one partition, and not about the whole topic.
    pub fn is_of_partition(self) -> bool {
        matches!(self, Kind::Reassign | Kind::ElectLeader | Kind::DeleteRecords)
    }
}

/// The settings that most stories turn on; the terminal takes all of them.
pub const CONFIGS: [&str; 4] =
    ["min.insync.replicas", "unclean.leader.election.enable", "cleanup.policy", "retention.ms"];

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    pub kind: Kind,
    /// Which topic, and which of its partitions.
    pub id: Option<TopicPartition>,
    /// Of a topic to be created.
    pub name: String,
    /// How many there are to be.
    pub partitions: String,
    pub replication_factor: String,
    /// Of [`CONFIGS`]; empty is not set.
    pub configs: [String; CONFIGS.len()],
    /// As they are set now.
    known_configs: [String; CONFIGS.len()],
    pub election: ElectionType,
    /// Where replicas are to be, the preferred leader first.
    pub replicas: Vec<NodeId>,
    known_replicas: Vec<NodeId>,
    /// In bytes a second; empty is none.
    pub throttle: String,
    /// Another reassignment is under way.
    pub additional: bool,
    /// The first offset to stay; empty is the high watermark.
    pub before: String,
}

impl Draft {
    /// As things are: nothing is changed yet.
    pub fn of(kind: Kind, id: Option<TopicPartition>, image: Option<&MetadataImage>) -> Draft {
        let first = || {
            let (topic, _) = image?.topics.first_key_value()?;
            Some(TopicPartition::new(topic.clone(), 0))
        };
        let id = id.or_else(first);
        let topic = id.as_ref().and_then(|id| image?.topics.get(&id.topic));
        let registration = id.as_ref().and_then(|id| image?.partition(id));
        let brokers = image.map_or(0, |image| image.brokers.len());
        let known_configs = CONFIGS.map(|name| {
            topic.and_then(|topic| topic.configs.get(name)).cloned().unwrap_or_default()
        });
        let known_replicas: Vec<NodeId> = registration.map_or(Vec::new(), |partition| {
            let removing = &partition.removing_replicas;
            partition.replicas.iter().filter(|node| !removing.contains(node)).copied().collect()
        });
        let is_new = kind == Kind::CreateTopic;
        Draft {
            kind,
            name: String::new(),
            partitions: match topic {
                Some(topic) if !is_new => (topic.partitions.len() + 1).to_string(),
                _ => "1".to_string(),
            },
            replication_factor: brokers.clamp(1, 3).to_string(),
            configs: if is_new { Default::default() } else { known_configs.clone() },
            known_configs,
            election: ElectionType::Preferred,
            replicas: known_replicas.clone(),
            known_replicas,
            throttle: String::new(),
            additional: false,
            before: String::new(),
            id,
        }
    }

    /// Puts a broker behind the others, or takes it out.
    pub fn toggle(&mut self, node: NodeId) {
        match self.replicas.iter().position(|one| *one == node) {
            Some(at) => _ = self.replicas.remove(at),
            None => self.replicas.push(node),
        }
    }

    pub fn command(&self) -> Result<Command, Mistake> {
        let id = || self.id.clone().ok_or(Mistake::NoTopic);
        let topic = || id().map(|id| id.topic);
        Ok(match self.kind {
            Kind::CreateTopic => {
                let name = self.name.trim();
                if name.is_empty() {
                    return Err(Mistake::NoName);
                }
                let set = CONFIGS.iter().zip(&self.configs).filter(|(_, value)| !value.is_empty());
                Command::CreateTopic(CreateTopic {
                    topic: name.into(),
                    partitions: number(CommandText::Partitions, &self.partitions)?,
                    replication_factor: number(
                        CommandText::ReplicationFactor,
                        &self.replication_factor,
                    )?,
                    replica_assignment: Vec::new(),
                    configs: set.map(|(name, value)| (name.to_string(), value.clone())).collect(),
                })
            }
            Kind::AddPartitions => Command::AddPartitions {
                topic: topic()?,
                partitions: number(CommandText::PartitionsInAll, &self.partitions)?,
                replica_assignment: Vec::new(),
            },
            Kind::AlterConfigs => {
                let resource = ConfigResource::Topic(topic()?);
                let values = self.configs.iter().zip(&self.known_configs);
                let changed =
                    CONFIGS.iter().zip(values).filter(|(_, (value, known))| value != known);
                let changes: Vec<_> = changed
                    .map(|(name, (value, _))| {
                        (name.to_string(), (!value.is_empty()).then(|| value.clone()))
                    })
                    .collect();
                if changes.is_empty() {
                    return Err(Mistake::NothingAltered);
                }
                Command::AlterConfigs { resource, changes }
            }
            Kind::Reassign => {
                if self.replicas.is_empty() {
                    return Err(Mistake::NoReplicas);
                }
                if self.replicas == self.known_replicas {
                    return Err(Mistake::SameReplicas);
                }
                let throttle = match self.throttle.trim() {
                    "" => None,
                    rate => Some(number(CommandText::Throttle, rate)?),
                };
                let action = ReassignAction::Execute { additional: self.additional, throttle };
                let targets = vec![(id()?, self.replicas.clone())];
                Command::ReassignPartitions(Reassign { action, targets })
            }
            Kind::ElectLeader => {
                Command::ElectLeaders { election: self.election, partition: Some(id()?) }
            }
            Kind::DeleteRecords => Command::DeleteRecords {
                partition: id()?,
                offset: match self.before.trim() {
                    "" => -1,
                    offset => number(CommandText::Before, offset)?,
                },
            },
            Kind::DeleteTopic => Command::DeleteTopic { topic: topic()? },
        })
    }
}

fn number<T: std::str::FromStr>(field: CommandText, text: &str) -> Result<T, Mistake> {
    text.trim().parse().map_err(|_| Mistake::NoNumber(field))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario;
    use kafkascope_engine::script::print_command;

    fn line(change: impl FnOnce(&mut Draft), kind: Kind) -> Result<String, Mistake> {
        let timeline = scenario::prepare(
            "cluster brokers=3 seed=4\n\
             run until ready\n\
             kafka-topics.sh --create --topic orders --replica-assignment 1:2 --config min.insync.replicas=2\n\
             run until quiet\n",
        )
        .unwrap_or_else(|text| panic!("{}", text.en))
        .timeline;
        let cluster = timeline.cluster();
        let mut draft = Draft::of(kind, None, cluster.newest_metadata());
        change(&mut draft);
        Ok(print_command(&draft.command()?, cluster))
    }

    #[test]
    fn each_command_has_its_line() {
        let lines = [
            line(|d| d.name = "payments".into(), Kind::CreateTopic),
            line(|_| (), Kind::AddPartitions),
            line(
                |d| d.configs = ["".into(), "true".into(), "".into(), "".into()],
                Kind::AlterConfigs,
            ),
            line(
                |d| {
                    d.toggle(NodeId(1));
                    d.toggle(NodeId(3));
                    d.throttle = "1000".into();
                },
                Kind::Reassign,
            ),
            line(|d| d.election = ElectionType::Unclean, Kind::ElectLeader),
            line(|d| d.before = "3".into(), Kind::DeleteRecords),
            line(|_| (), Kind::DeleteTopic),
        ];
        let expected = [
            "kafka-topics.sh --create --topic payments --partitions 1 --replication-factor 3",
            "kafka-topics.sh --alter --topic orders --partitions 2",
            "kafka-configs.sh --alter --entity-type topics --entity-name orders --delete-config min.insync.replicas --add-config unclean.leader.election.enable=true",
            "kafka-reassign-partitions.sh --execute --reassignment-json-file '{\"version\":1,\"partitions\":[{\"topic\":\"orders\",\"partition\":0,\"replicas\":[2,3]}]}' --throttle 1000",
            "kafka-leader-election.sh --election-type unclean --topic orders --partition 0",
            "delete-records orders-0 before=3",
            "kafka-topics.sh --delete --topic orders",
        ];
        assert_eq!(lines.map(Result::unwrap), expected);
    }

    #[test]
    fn what_is_missing_is_said() {
        assert_eq!(line(|_| (), Kind::CreateTopic), Err(Mistake::NoName));
        assert_eq!(line(|_| (), Kind::AlterConfigs), Err(Mistake::NothingAltered));
        assert_eq!(line(|_| (), Kind::Reassign), Err(Mistake::SameReplicas));
        assert_eq!(line(|d| d.replicas.clear(), Kind::Reassign), Err(Mistake::NoReplicas));
        let typed = line(|d| d.partitions = "many".into(), Kind::AddPartitions);
        assert_eq!(typed, Err(Mistake::NoNumber(CommandText::PartitionsInAll)));
    }
}
