//! `kafka-configs.sh --describe`: what is set, and over what it stands. Sources:
//! `ConfigCommand.java`, `ConfigHelper.java`.

use crate::cluster::Cluster;
use crate::command::Refusal;
use crate::controller::metadata_image::MetadataImage;
use crate::ids::ConfigResource;
use crate::log::log_config::LogConfig;
use crate::script::condition::state::image;
use crate::script::kafka_tools::known_topic;
use crate::script::runner::Failure;
use crate::spec::BrokerConfig;

/// With `all` also what is not set.
pub fn describe_configs(
    cluster: &Cluster,
    resource: &ConfigResource,
    all: bool,
) -> Result<String, Failure> {
    let image = image(cluster).ok_or(Failure::Refused(Refusal::ControllerUnavailable))?;
    let of = match resource {
        ConfigResource::Topic(topic) => {
            known_topic(cluster, topic)?;
            format!("topic {topic}")
        }
        ConfigResource::Broker(id) if !image.brokers.contains_key(id) => {
            return Err(Failure::Refused(Refusal::NoSuchNode { node: *id }));
        }
        ConfigResource::Broker(id) => format!("broker {}", id.0),
        ConfigResource::BrokerDefault => "brokers".to_string(),
    };
    // The tool has no `--all` for the defaults of brokers: there is nobody to ask.
    let all = all && *resource != ConfigResource::BrokerDefault;
    let mut lines = vec![match (resource, all) {
        (ConfigResource::BrokerDefault, _) => {
            "Default configs for brokers in the cluster are:".to_string()
        }
        (_, true) => format!("All configs for {of} are:"),
        (_, false) => format!("Dynamic configs for {of} are:"),
    }];
    let mut settings = match resource {
        ConfigResource::Topic(_) => topic_settings(cluster, image, resource),
        _ => broker_settings(cluster, image, resource),
    };
    settings.sort_by(|a, b| a.name.cmp(&b.name));
    for setting in settings.iter().filter(|setting| all || setting.is_set) {
        lines.push(setting.line());
    }
    Ok(lines.join("\n"))
}

struct Setting {
    name: String,
    /// Where it could be from, with the value there; the first holds.
    synonyms: Vec<(&'static str, String, String)>,
    /// It is set where it was asked for.
    is_set: bool,
}

impl Setting {
    fn line(&self) -> String {
        let synonyms: Vec<_> = self
            .synonyms
            .iter()
            .map(|(source, name, value)| format!("{source}:{name}={value}"))
            .collect();
        let value = self.synonyms.first().map_or("", |(.., value)| value);
        format!("  {}={value} sensitive=false synonyms={{{}}}", self.name, synonyms.join(", "))
    }
}

fn set_on(image: &MetadataImage, resource: &ConfigResource, name: &str) -> Option<String> {
    image.configs(resource)?.get(name).cloned()
}

/// What stands below a broker's own setting, from the nearest: set for it, for all, at its start, by
/// Kafka.
fn below(
    image: &MetadataImage,
    broker: Option<&ConfigResource>,
    name: &str,
    (at_start, default): (String, String),
) -> Vec<(&'static str, String, String)> {
    let own = broker.and_then(|broker| set_on(image, broker, name));
    let of_all = set_on(image, &ConfigResource::BrokerDefault, name);
    let at_start = (at_start != default).then_some(at_start);
    [
        ("DYNAMIC_BROKER_CONFIG", own),
        ("DYNAMIC_DEFAULT_BROKER_CONFIG", of_all),
        ("STATIC_BROKER_CONFIG", at_start),
        ("DEFAULT_CONFIG", Some(default)),
    ]
    .into_iter()
    .filter_map(|(source, value)| Some((source, name.to_string(), value?)))
    .collect()
}

fn topic_settings(
    cluster: &Cluster,
    image: &MetadataImage,
    resource: &ConfigResource,
) -> Vec<Setting> {
    let (at_start, default) = (&cluster.spec().log, LogConfig::default());
    let setting = |name: &'static str, broker_name: &str| {
        let values =
            (at_start.get(name).unwrap_or_default(), default.get(name).unwrap_or_default());
        let own = set_on(image, resource, name);
        let is_set = own.is_some();
        let own = own.map(|value| ("DYNAMIC_TOPIC_CONFIG", name.to_string(), value));
        let synonyms = own.into_iter().chain(below(image, None, broker_name, values)).collect();
        Setting { name: name.to_string(), synonyms, is_set }
    };
    LogConfig::keys().iter().map(|key| setting(key.name, &key.broker_name())).collect()
}

fn broker_settings(
    cluster: &Cluster,
    image: &MetadataImage,
    resource: &ConfigResource,
) -> Vec<Setting> {
    let own = Some(resource).filter(|resource| **resource != ConfigResource::BrokerDefault);
    let spec = cluster.spec();
    let (log, broker) = (LogConfig::default(), BrokerConfig::default());
    let of_logs = LogConfig::keys().iter().map(|key| {
        let values = (spec.log.get(key.name), log.get(key.name));
        (key.broker_name(), values.0.unwrap_or_default(), values.1.unwrap_or_default())
    });
    let of_brokers = broker.clone().entries().map(|(name, default)| {
        (name.to_string(), spec.broker.get(name).unwrap_or_default(), default.text())
    });
    of_logs
        .chain(of_brokers)
        .map(|(name, at_start, default)| Setting {
            is_set: set_on(image, resource, &name).is_some(),
            synonyms: below(image, own, &name, (at_start, default)),
            name,
        })
        .collect()
}
