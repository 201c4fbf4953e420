//! Settings that are altered while the cluster runs, of topics and of brokers
//! (`ConfigurationControlManager`, `DynamicBrokerConfig`). What follows from them is the image's to
//! tell ([`super::metadata_image`]); when it takes hold, the brokers'.

use super::metadata_record::MetadataRecord;
use super::quorum_controller::{Changes, QuorumController};
use crate::command::Refusal;
use crate::event::ChangeReason;
use crate::ids::ConfigResource;
use crate::log::log_config::{ConfigError, LogConfig};
use crate::sim::disk::Disk;
use crate::spec::BrokerConfig;
use crate::world::Ctx;

const MIN_ISR: &str = "min.insync.replicas";

impl QuorumController {
    pub fn alter_configs(
        &mut self,
        ctx: &mut Ctx<'_>,
        disk: &mut Disk,
        resource: &ConfigResource,
        settings: &[(String, Option<String>)],
    ) -> Result<(), Refusal> {
        self.check_resource(resource)?;
        // What the topic will have, and what it falls back to where it says nothing.
        let below = self.image.log_config("", self.id, &self.spec.log);
        let mut config = match resource {
            ConfigResource::Topic(topic) => self.log_config(topic),
            _ => below.clone(),
        };
        let mut broker = self.spec.broker.clone();
        let mut changes = Changes::default();
        for (name, value) in settings {
            match resource {
                ConfigResource::Topic(_) => {
                    let fallback = || below.get(name).unwrap_or_default();
                    let value = value.clone().unwrap_or_else(fallback);
                    config.set(name, &value).map_err(refused)?;
                }
                _ => set_of_broker(&mut config, &mut broker, name, value.as_deref())?,
            }
            let record = MetadataRecord::Config {
                resource: resource.clone(),
                name: name.clone(),
                value: value.clone(),
            };
            changes.0.push((record, ChangeReason::ConfigChanged));
            if name == MIN_ISR && self.image.has_elr() {
                changes.0.push((clear_elr(resource, value)?, ChangeReason::ConfigChanged));
            }
        }
        config.validate().map_err(refused)?;
        self.write(ctx, disk, changes);
        Ok(())
    }

    fn check_resource(&self, resource: &ConfigResource) -> Result<(), Refusal> {
        match resource {
            ConfigResource::Topic(topic) if !self.image.topics.contains_key(topic) => {
                Err(Refusal::NoSuchTopic { topic: topic.to_string() })
            }
            ConfigResource::Broker(id) if !self.image.brokers.contains_key(id) => {
                Err(Refusal::NoSuchNode { node: *id })
            }
            _ => Ok(()),
        }
    }

    /// A topic's settings as the controller knows them: without those of any one broker.
    pub(super) fn log_config(&self, topic: &str) -> LogConfig {
        self.image.log_config(topic, self.id, &self.spec.log)
    }

    /// What every broker takes for min.insync.replicas, written down, so that the controller knows who
    /// is eligible by the value that leaders go by (`maybeGenerateElrSafetyRecords`).
    pub(super) fn min_isr_of_the_cluster(&self) -> MetadataRecord {
        MetadataRecord::Config {
            resource: ConfigResource::BrokerDefault,
            name: MIN_ISR.into(),
            value: Some(self.spec.log.min_insync_replicas.to_string()),
        }
    }

    /// `unclean.leader.election.enable` of the topic.
    pub(super) fn allows_unclean_leader(&self, topic: &str) -> bool {
        self.log_config(topic).unclean_leader_election_enable
    }
}

/// With another min.insync.replicas those who were eligible need not have what is committed. One
/// broker alone must not differ in it: the controller could not know who is eligible.
fn clear_elr(resource: &ConfigResource, value: &Option<String>) -> Result<MetadataRecord, Refusal> {
    let refuse = |reason: &str| {
        let (name, reason) = (MIN_ISR.to_string(), reason.to_string());
        Err(Refusal::InvalidConfig { name, value: value.clone().unwrap_or_default(), reason })
    };
    match (resource, value) {
        (ConfigResource::Topic(topic), _) => {
            Ok(MetadataRecord::ClearElr { topic: Some(topic.to_string()) })
        }
        (ConfigResource::Broker(_), _) => {
            refuse("Broker-level min.insync.replicas cannot be altered while ELR is enabled.")
        }
        (ConfigResource::BrokerDefault, None) => {
            refuse("Cluster-level min.insync.replicas cannot be removed while ELR is enabled.")
        }
        (ConfigResource::BrokerDefault, Some(_)) => Ok(MetadataRecord::ClearElr { topic: None }),
    }
}

fn set_of_broker(
    log: &mut LogConfig,
    broker: &mut BrokerConfig,
    name: &str,
    value: Option<&str>,
) -> Result<(), Refusal> {
    if let Some(key) = LogConfig::key_of_broker(name) {
        return value.map_or(Ok(()), |value| log.set(key.name, value)).map_err(refused);
    }
    if broker.get(name).is_none() {
        return Err(Refusal::UnknownConfig { name: name.into() });
    }
    if !BrokerConfig::is_dynamic(name) {
        return Err(Refusal::NotDynamic { name: name.into() });
    }
    match value {
        Some(value) if !broker.set(name, value) => Err(Refusal::InvalidConfig {
            name: name.into(),
            value: value.into(),
            reason: "Value must be a number of at least 1".into(),
        }),
        _ => Ok(()),
    }
}

pub(super) fn refused(error: ConfigError) -> Refusal {
    let reason = error.to_string();
    match error {
        ConfigError::UnknownName(name) => Refusal::UnknownConfig { name },
        ConfigError::InvalidValue { name, value, .. } => {
            Refusal::InvalidConfig { name: name.into(), value, reason }
        }
        ConfigError::Conflict { a: (name, value), .. } => {
            Refusal::InvalidConfig { name: name.into(), value: value.to_string(), reason }
        }
    }
}
