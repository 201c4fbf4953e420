//! The settings that a consumer has whether it is in a group or not, by Kafka's names, with Kafka's
//! defaults and bounds. Source: `ConsumerConfig.java` (Kafka 4.3).

use crate::client::idle_config::{self, IDLE_CONSUMER_CONFIGS, IdleSettings};
use crate::client::producer::config::{boolean, exponential_backoff_ms, number};
use crate::command::Refusal;
use crate::protocol::IsolationLevel;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsumerConfig {
    pub isolation_level: IsolationLevel,
    pub fetch_min_bytes: i32,
    pub fetch_max_wait_ms: i32,
    pub fetch_max_bytes: i32,
    pub max_partition_fetch_bytes: i32,
    /// Whether a batch is held against its CRC before its records are given to the application.
    pub check_crcs: bool,
    pub request_timeout_ms: i32,
    pub retry_backoff_ms: i64,
    pub retry_backoff_max_ms: i64,
    pub metadata_max_age_ms: i64,
    /// What is known, and changes nothing here.
    pub idle: IdleSettings,
}

impl Default for ConsumerConfig {
    fn default() -> Self {
        ConsumerConfig {
            isolation_level: IsolationLevel::ReadUncommitted,
            fetch_min_bytes: 1,
            fetch_max_wait_ms: 500,
            fetch_max_bytes: 52_428_800,
            max_partition_fetch_bytes: 1_048_576,
            check_crcs: true,
            request_timeout_ms: 30_000,
            retry_backoff_ms: 100,
            retry_backoff_max_ms: 1_000,
            metadata_max_age_ms: 300_000,
            idle: IdleSettings::new(),
        }
    }
}

/// The settings in the order in which they are shown.
pub const CONSUMER_CONFIGS: [&str; 10] = [
    "isolation.level",
    "fetch.min.bytes",
    "fetch.max.wait.ms",
    "fetch.max.bytes",
    "max.partition.fetch.bytes",
    "check.crcs",
    "request.timeout.ms",
    "retry.backoff.ms",
    "retry.backoff.max.ms",
    "metadata.max.age.ms",
];

impl ConsumerConfig {
    /// Kafka's defaults under these settings, or why they cannot be.
    pub fn from_settings(settings: &[(String, String)]) -> Result<ConsumerConfig, Refusal> {
        let mut config = ConsumerConfig::default();
        for (name, value) in settings {
            config.set(name, value)?;
        }
        Ok(config)
    }

    /// What is set otherwise than by default.
    pub fn settings(&self) -> Vec<(String, String)> {
        let default = ConsumerConfig::default();
        let set = CONSUMER_CONFIGS.into_iter().filter(|name| self.get(name) != default.get(name));
        set.map(|name| (name.to_string(), self.get(name))).collect()
    }

    fn set(&mut self, name: &str, value: &str) -> Result<(), Refusal> {
        match name {
            "isolation.level" => self.isolation_level = isolation_level(name, value)?,
            "fetch.min.bytes" => self.fetch_min_bytes = number(name, value, 0)?,
            "fetch.max.wait.ms" => self.fetch_max_wait_ms = number(name, value, 0)?,
            "fetch.max.bytes" => self.fetch_max_bytes = number(name, value, 0)?,
            "max.partition.fetch.bytes" => {
                self.max_partition_fetch_bytes = number(name, value, 0)?;
            }
            "check.crcs" => self.check_crcs = boolean(name, value)?,
            "request.timeout.ms" => self.request_timeout_ms = number(name, value, 0)?,
            "retry.backoff.ms" => self.retry_backoff_ms = number(name, value, 0)?,
            "retry.backoff.max.ms" => self.retry_backoff_max_ms = number(name, value, 0)?,
            "metadata.max.age.ms" => self.metadata_max_age_ms = number(name, value, 0)?,
            _ => idle_config::set(&IDLE_CONSUMER_CONFIGS, &mut self.idle, name, value)?,
        }
        Ok(())
    }

    /// The value of a setting, as it is written.
    pub fn get(&self, name: &str) -> String {
        match name {
            "isolation.level" => self.isolation_level.name().to_string(),
            "fetch.min.bytes" => self.fetch_min_bytes.to_string(),
            "fetch.max.wait.ms" => self.fetch_max_wait_ms.to_string(),
            "fetch.max.bytes" => self.fetch_max_bytes.to_string(),
            "max.partition.fetch.bytes" => self.max_partition_fetch_bytes.to_string(),
            "check.crcs" => self.check_crcs.to_string(),
            "request.timeout.ms" => self.request_timeout_ms.to_string(),
            "retry.backoff.ms" => self.retry_backoff_ms.to_string(),
            "retry.backoff.max.ms" => self.retry_backoff_max_ms.to_string(),
            "metadata.max.age.ms" => self.metadata_max_age_ms.to_string(),
            _ => String::new(),
        }
    }

    /// How long it waits after so many attempts; never no time at all.
    pub fn backoff_ms(&self, attempts: u32, draw: u64) -> u64 {
        let bounds = (self.retry_backoff_ms, self.retry_backoff_max_ms);
        exponential_backoff_ms(bounds, attempts, draw).max(1)
    }
}

fn isolation_level(name: &str, value: &str) -> Result<IsolationLevel, Refusal> {
    IsolationLevel::from_name(value).ok_or_else(|| Refusal::InvalidConfig {
        name: name.to_string(),
        value: value.to_string(),
        reason: "String must be one of: read_committed, read_uncommitted".to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_shows_its_default_and_takes_it_back() {
        let default = ConsumerConfig::default();
        for name in CONSUMER_CONFIGS {
            let mut config = default.clone();
            config.set(name, &default.get(name)).unwrap();
            assert_eq!(config, default, "{name}");
        }
    }

    #[test]
    fn what_kafka_does_not_take_is_refused() {
        let refused = |name: &str, value: &str| {
            let settings = [(name.to_string(), value.to_string())];
            ConsumerConfig::from_settings(&settings).is_err()
        };
        assert!(refused("fetch.min.bytes", "-1"));
        assert!(refused("fetch.max.wait.ms", "2147483648"));
        assert!(refused("check.crcs", "yes"));
        assert!(refused("isolation.level", "serializable"));
        assert!(refused("fetch.size", "1"));
        assert!(!refused("fetch.max.bytes", "0"));
    }
}
