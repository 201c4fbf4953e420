//! Settings that are altered while the cluster runs, of topics and of brokers
//! (`ConfigurationControlManager`, `DynamicBrokerConfig`). What follows from them is the image's to
//! tell ([`super::metadata_image`]); when it takes hold, the brokers'.

use super::metadata_record::MetadataRecord;
use super::quorum_controller::{Changes, QuorumController};
use crate::command::Refusal;
use crate::event::ChangeReason;
use crate::ids::ConfigResource;
use crate::log::log_config::LogConfig;
use crate::sim::disk::Disk;
use crate::spec::BrokerConfig;
use crate::world::Ctx;

impl QuorumController {
    pub fn alter_configs(
        &mut self,
        ctx: &mut Ctx<'_>,
        disk: &mut Disk,
        resource: &ConfigResource,
        settings: &[(String, Option<String>)],
    ) -> Result<(), Refusal> {
        self.check_resource(resource)?;
        let mut config = match resource {
            ConfigResource::Topic(topic) => self.log_config(topic),
            _ => self.spec.log.clone(),
        };
        let mut broker = self.spec.broker.clone();
        let mut changes = Changes::default();
        for (name, value) in settings {
            match resource {
                ConfigResource::Topic(_) => set_or_find(&mut config, name, name, value.as_deref())?,
                _ => set_of_broker(&mut config, &mut broker, name, value.as_deref())?,
            }
            let record = MetadataRecord::Config {
                resource: resource.clone(),
                name: name.clone(),
                value: value.clone(),
            };
            changes.0.push((record, ChangeReason::ConfigChanged));
        }
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
    fn log_config(&self, topic: &str) -> LogConfig {
        self.image.log_config(topic, self.id, &self.spec.log)
    }

    /// `unclean.leader.election.enable` of the topic.
    pub(super) fn allows_unclean_leader(&self, topic: &str) -> bool {
        self.log_config(topic).unclean_leader_election_enable
    }
}

fn set_of_broker(
    log: &mut LogConfig,
    broker: &mut BrokerConfig,
    name: &str,
    value: Option<&str>,
) -> Result<(), Refusal> {
    if let Some(key) = LogConfig::key_of_broker(name) {
        return set_or_find(log, name, key.name, value);
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

/// Sets what a person calls `name` and the log calls `key`; without a value only looks that it exists.
pub(super) fn set_or_find(
    config: &mut LogConfig,
    name: &str,
    key: &str,
    value: Option<&str>,
) -> Result<(), Refusal> {
    if config.get(key).is_none() {
        return Err(Refusal::UnknownConfig { name: name.into() });
    }
    let Some(value) = value else {
        return Ok(());
    };
    config.set(key, value).map_err(|error| Refusal::InvalidConfig {
        name: name.into(),
        value: value.into(),
        reason: error.to_string(),
    })
}
