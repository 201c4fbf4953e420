//! The state that the metadata log adds up to. Controller and brokers hold one each and apply the
//! same records, so whoever has applied the same offset sees the same cluster.

mod records;

use super::metadata_record::MetadataRecord;
use super::partition_registration::{PartitionChange, PartitionRegistration};
use crate::ids::{ConfigResource, NodeId, TopicPartition, Uuid};
use crate::log::log_config::LogConfig;
use crate::spec::BrokerConfig;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Level 1: eligible leader replicas are kept (KIP-966).
pub const ELR_FEATURE: &str = "eligible.leader.replicas.version";

#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct MetadataImage {
    /// One past the last record applied.
    pub next_offset: i64,
    /// Finalized levels by Kafka's names (`metadata.version`).
    pub features: BTreeMap<String, i16>,
    pub brokers: BTreeMap<NodeId, BrokerRegistration>,
    pub topics: BTreeMap<Arc<str>, Arc<TopicImage>>,
    topic_names: BTreeMap<Uuid, Arc<str>>,
    /// What is set on brokers, one or all, by Kafka's names.
    broker_configs: BTreeMap<ConfigResource, BTreeMap<String, String>>,
    /// The first producer id that no broker has been given; `None` until one has.
    pub next_producer_id: Option<i64>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrokerRegistration {
    pub broker_epoch: i64,
    pub incarnation_id: Uuid,
    pub rack: Option<Arc<str>>,
    pub fenced: bool,
    pub in_controlled_shutdown: bool,
}

impl BrokerRegistration {
    /// May lead, and may be in an ISR.
    pub fn is_active(&self) -> bool {
        !self.fenced && !self.in_controlled_shutdown
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicImage {
    pub topic_id: Uuid,
    /// Configs set on the topic itself, by Kafka's names.
    pub configs: BTreeMap<String, String>,
    pub partitions: BTreeMap<i32, PartitionRegistration>,
}

/// What a record touched, so that its reader need not look at everything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Touched {
    Partition(TopicPartition),
    /// Partitions in which nobody is eligible any more.
    Elrs(Vec<TopicPartition>),
    /// A topic is gone; another of that name may come.
    RemovedTopic {
        topic: Arc<str>,
        topic_id: Uuid,
    },
    Config(ConfigResource),
    Broker(NodeId),
    RemovedBroker(NodeId),
    Nothing,
}

impl MetadataImage {
    /// Nothing, after so many offsets.
    pub fn at(next_offset: i64) -> Self {
        MetadataImage { next_offset, ..MetadataImage::default() }
    }

    pub fn partition(&self, id: &TopicPartition) -> Option<&PartitionRegistration> {
        self.topics.get(&id.topic)?.partitions.get(&id.partition)
    }

    pub fn partitions(&self) -> impl Iterator<Item = (TopicPartition, &PartitionRegistration)> {
        self.topics.iter().flat_map(|(name, topic)| {
            topic.partitions.iter().map(move |(&partition, registration)| {
                (TopicPartition { topic: name.clone(), partition }, registration)
            })
        })
    }

    /// Whether eligible leader replicas are kept (KIP-966).
    pub fn has_elr(&self) -> bool {
        self.features.get(ELR_FEATURE).is_some_and(|level| *level > 0)
    }

    /// Whether there is a topic of this id.
    pub fn has_topic_id(&self, topic_id: Uuid) -> bool {
        self.topic_names.contains_key(&topic_id)
    }

    /// The topic of that name has this id.
    pub fn is_topic_id_of(&self, topic: &str, topic_id: Uuid) -> bool {
        self.topics.get(topic).is_some_and(|topic| topic.topic_id == topic_id)
    }

    pub fn is_active(&self, broker: NodeId) -> bool {
        self.brokers.get(&broker).is_some_and(BrokerRegistration::is_active)
    }

    /// The rack of a broker that is registered and has one.
    pub fn rack(&self, broker: NodeId) -> Option<&Arc<str>> {
        self.brokers.get(&broker)?.rack.as_ref()
    }

    /// What is set on a topic, on one broker, or on all.
    pub fn configs(&self, resource: &ConfigResource) -> Option<&BTreeMap<String, String>> {
        match resource {
            ConfigResource::Topic(topic) => self.topics.get(topic).map(|topic| &topic.configs),
            broker => self.broker_configs.get(broker),
        }
    }

    /// What is set on brokers, one or all.
    pub fn broker_configs(&self) -> &BTreeMap<ConfigResource, BTreeMap<String, String>> {
        &self.broker_configs
    }

    /// All that is set on anything.
    pub fn configured(&self) -> impl Iterator<Item = (ConfigResource, &BTreeMap<String, String>)> {
        let topics = self
            .topics
            .iter()
            .map(|(name, topic)| (ConfigResource::Topic(name.clone()), &topic.configs));
        let brokers = self.broker_configs.iter().map(|(resource, set)| (resource.clone(), set));
        topics.chain(brokers).filter(|(_, set)| !set.is_empty())
    }

    /// What is set on a broker: that of all brokers first, its own then, which wins.
    fn configs_of_broker(&self, broker: NodeId) -> impl Iterator<Item = (&String, &String)> {
        [ConfigResource::BrokerDefault, ConfigResource::Broker(broker)]
            .into_iter()
            .filter_map(|resource| self.configs(&resource))
            .flatten()
    }

    /// The settings of a topic's log on `node`: those of the topic, over those of the broker, over
    /// `defaults`, which it was started with. The controller checked every value before it wrote it.
    pub fn log_config(&self, topic: &str, node: NodeId, defaults: &LogConfig) -> LogConfig {
        let mut config = defaults.clone();
        for (name, value) in self.configs_of_broker(node) {
            if let Some(key) = LogConfig::key_of_broker(name) {
                let _ = config.set(key.name, value);
            }
        }
        for (name, value) in self.topics.get(topic).into_iter().flat_map(|topic| &topic.configs) {
            let _ = config.set(name, value);
        }
        config
    }

    /// A broker's own settings: what was altered while it ran, over `defaults`.
    pub fn broker_config(&self, broker: NodeId, defaults: &BrokerConfig) -> BrokerConfig {
        let mut config = defaults.clone();
        for (name, value) in self.configs_of_broker(broker) {
            config.set(name, value);
        }
        config
    }

    /// Applies the record at `offset`, the next that is no control record.
    pub fn apply(&mut self, offset: i64, record: &MetadataRecord) -> Touched {
        self.next_offset = offset + 1;
        match record {
            MetadataRecord::RegisterBroker {
                broker_id,
                incarnation_id,
                broker_epoch,
                rack,
                fenced,
                in_controlled_shutdown,
            } => {
                let registration = BrokerRegistration {
                    broker_epoch: *broker_epoch,
                    incarnation_id: *incarnation_id,
                    rack: rack.clone(),
                    fenced: *fenced,
                    in_controlled_shutdown: *in_controlled_shutdown,
                };
                self.brokers.insert(*broker_id, registration);
                Touched::Broker(*broker_id)
            }
            MetadataRecord::UnregisterBroker { broker_id, .. } => {
                match self.brokers.remove(broker_id) {
                    Some(_) => Touched::RemovedBroker(*broker_id),
                    None => Touched::Nothing,
                }
            }
            MetadataRecord::FenceBroker { id, .. } => self.change_broker(*id, |b| b.fenced = true),
            MetadataRecord::UnfenceBroker { id, .. } => {
                self.change_broker(*id, |b| b.fenced = false)
            }
            MetadataRecord::BrokerRegistrationChange {
                broker_id,
                fenced,
                in_controlled_shutdown,
                ..
            } => self.change_broker(*broker_id, |broker| {
                broker.fenced = fenced.unwrap_or(broker.fenced);
                broker.in_controlled_shutdown =
                    in_controlled_shutdown.unwrap_or(broker.in_controlled_shutdown);
            }),
            MetadataRecord::Topic { name, topic_id } => {
                let name: Arc<str> = name.as_str().into();
                self.topic_names.insert(*topic_id, name.clone());
                let topic = TopicImage {
                    topic_id: *topic_id,
                    configs: BTreeMap::new(),
                    partitions: BTreeMap::new(),
                };
                self.topics.insert(name, Arc::new(topic));
                Touched::Nothing
            }
            MetadataRecord::RemoveTopic { topic_id } => {
                let Some(topic) = self.topic_names.remove(topic_id) else {
                    return Touched::Nothing;
                };
                self.topics.remove(&topic);
                Touched::RemovedTopic { topic, topic_id: *topic_id }
            }
            MetadataRecord::Partition { partition_id, topic_id, registration } => self
                .change_topic(*topic_id, |topic| {
                    topic.partitions.insert(*partition_id, registration.clone());
                })
                .map_or(Touched::Nothing, |topic| {
                    Touched::Partition(TopicPartition { topic, partition: *partition_id })
                }),
            MetadataRecord::PartitionChange { partition_id, topic_id, change } => self
                .change_topic(*topic_id, |topic| {
                    if let Some(partition) = topic.partitions.get_mut(partition_id) {
                        partition.change(change);
                    }
                })
                .map_or(Touched::Nothing, |topic| {
                    Touched::Partition(TopicPartition { topic, partition: *partition_id })
                }),
            MetadataRecord::Config { resource, name, value } => {
                let configs = match resource {
                    ConfigResource::Topic(topic) => match self.topics.get_mut(topic) {
                        Some(topic) => &mut Arc::make_mut(topic).configs,
                        None => return Touched::Nothing,
                    },
                    broker => self.broker_configs.entry(broker.clone()).or_default(),
                };
                match value {
                    Some(value) => configs.insert(name.clone(), value.clone()),
                    None => configs.remove(name),
                };
                self.broker_configs.retain(|_, configs| !configs.is_empty());
                Touched::Config(resource.clone())
            }
            MetadataRecord::FeatureLevel { name, level } => {
                self.features.insert(name.clone(), *level);
                Touched::Nothing
            }
            MetadataRecord::ProducerIds { next_producer_id, .. } => {
                self.next_producer_id = Some(*next_producer_id);
                Touched::Nothing
            }
            MetadataRecord::ClearElr { topic } => Touched::Elrs(self.clear_elr(topic.as_deref())),
        }
    }

    /// Empties what is not empty of one topic's ELRs, or of all.
    fn clear_elr(&mut self, topic: Option<&str>) -> Vec<TopicPartition> {
        let has_any = |partition: &PartitionRegistration| {
            !partition.elr.is_empty() || !partition.last_known_elr.is_empty()
        };
        let concerned: Vec<_> = self
            .partitions()
            .filter(|(id, partition)| topic.is_none_or(|t| *id.topic == *t) && has_any(partition))
            .map(|(id, _)| id)
            .collect();
        let none = || Some(Vec::new());
        let change = PartitionChange { elr: none(), last_known_elr: none(), ..Default::default() };
        for id in &concerned {
            if let Some(topic) = self.topics.get_mut(&id.topic)
                && let Some(partition) = Arc::make_mut(topic).partitions.get_mut(&id.partition)
            {
                partition.change(&change);
            }
        }
        concerned
    }

    fn change_broker(
        &mut self,
        id: NodeId,
        change: impl FnOnce(&mut BrokerRegistration),
    ) -> Touched {
        match self.brokers.get_mut(&id) {
            Some(broker) => {
                change(broker);
                Touched::Broker(id)
            }
            None => Touched::Nothing,
        }
    }

    fn change_topic(&mut self, id: Uuid, change: impl FnOnce(&mut TopicImage)) -> Option<Arc<str>> {
        let name = self.topic_names.get(&id)?;
        change(Arc::make_mut(self.topics.get_mut(name)?));
        Some(name.clone())
    }
}
