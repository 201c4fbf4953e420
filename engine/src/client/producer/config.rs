//! The settings of a producer, by Kafka's names, with Kafka's defaults and its rules of what fits
//! together. Sources: `ProducerConfig.java`, `KafkaProducer.configureDeliveryTimeout` (Kafka 4.3).

use crate::client::idle_config::{self, IDLE_PRODUCER_CONFIGS, IdleSettings};
use crate::command::Refusal;
use crate::protocol::Acks;
use crate::record::CompressionType;
use std::sync::Arc;

/// As many batches as a leader remembers of a producer: with more in flight, one that comes again could
/// not be told from a new one.
const IN_FLIGHT_MAX_WITH_IDEMPOTENCE: i32 = 5;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProducerConfig {
    pub acks: Acks,
    pub compression: CompressionType,
    pub batch_size: i32,
    pub linger_ms: i64,
    pub buffer_memory: i64,
    pub max_block_ms: i64,
    pub max_request_size: i32,
    pub max_in_flight: i32,
    /// Off by itself where acks, retries or the requests in flight do not allow it and nobody asked for it.
    pub idempotence: bool,
    /// It was asked for, so what does not fit is refused.
    pub insists_on_idempotence: bool,
    pub retries: i32,
    pub retry_backoff_ms: i64,
    pub retry_backoff_max_ms: i64,
    pub request_timeout_ms: i32,
    pub delivery_timeout_ms: i32,
    pub metadata_max_age_ms: i64,
    pub ignore_keys: bool,
    pub adaptive_partitioning: bool,
    /// With one, everything it sends is part of a transaction.
    pub transactional_id: Option<Arc<str>>,
    pub transaction_timeout_ms: i32,
    /// `compression.gzip.level`; -1 is the codec's own.
    pub gzip_level: i32,
    /// What is known, and changes nothing here.
    pub idle: IdleSettings,
}

impl Default for ProducerConfig {
    fn default() -> Self {
        ProducerConfig {
            acks: Acks::All,
            compression: CompressionType::None,
            batch_size: 16_384,
            linger_ms: 5,
            buffer_memory: 33_554_432,
            max_block_ms: 60_000,
            max_request_size: 1_048_576,
            max_in_flight: 5,
            idempotence: true,
            insists_on_idempotence: false,
            retries: i32::MAX,
            retry_backoff_ms: 100,
            retry_backoff_max_ms: 1_000,
            request_timeout_ms: 30_000,
            delivery_timeout_ms: 120_000,
            metadata_max_age_ms: 300_000,
            ignore_keys: false,
            adaptive_partitioning: true,
            transactional_id: None,
            transaction_timeout_ms: 60_000,
            gzip_level: -1,
            idle: IdleSettings::new(),
        }
    }
}

/// The settings in the order in which they are shown.
pub const PRODUCER_CONFIGS: [&str; 20] = [
    "acks",
    "enable.idempotence",
    "max.in.flight.requests.per.connection",
    "linger.ms",
    "batch.size",
    "buffer.memory",
    "max.block.ms",
    "max.request.size",
    "compression.type",
    "compression.gzip.level",
    "retries",
    "retry.backoff.ms",
    "retry.backoff.max.ms",
    "request.timeout.ms",
    "delivery.timeout.ms",
    "metadata.max.age.ms",
    "partitioner.ignore.keys",
    "partitioner.adaptive.partitioning.enable",
    "transactional.id",
    "transaction.timeout.ms",
];

impl ProducerConfig {
    /// Kafka's defaults under these settings, or why they do not fit.
    pub fn from_settings(settings: &[(String, String)]) -> Result<ProducerConfig, Refusal> {
        let mut config = ProducerConfig::default();
        for (name, value) in settings {
            config.set(name, value)?;
        }
        let given = |name: &str| settings.iter().any(|(given, _)| given == name);
        let is_transactional = config.transactional_id.is_some();
        config.insists_on_idempotence =
            config.idempotence && (given("enable.idempotence") || is_transactional);
        if is_transactional && !config.idempotence {
            let reason = "Cannot set a transactional.id without also enabling idempotence.";
            return Err(invalid("transactional.id", &config.get("transactional.id"), reason));
        }
        config.fit_idempotence()?;
        config.fit_delivery_timeout(given("delivery.timeout.ms"))?;
        Ok(config)
    }

    fn set(&mut self, name: &str, value: &str) -> Result<(), Refusal> {
        match name {
            "acks" => {
                self.acks =
                    acks_named(value).ok_or_else(|| one_of(name, value, "all, -1, 0, 1"))?;
            }
            "compression.type" => {
                self.compression = CompressionType::from_name(value)
                    .ok_or_else(|| one_of(name, value, "none, gzip, snappy, lz4, zstd"))?;
            }
            "batch.size" => self.batch_size = number(name, value, 0)?,
            "linger.ms" => self.linger_ms = number(name, value, 0)?,
            "buffer.memory" => self.buffer_memory = number(name, value, 0)?,
            "max.block.ms" => self.max_block_ms = number(name, value, 0)?,
            "max.request.size" => self.max_request_size = number(name, value, 0)?,
            "max.in.flight.requests.per.connection" => {
                self.max_in_flight = number(name, value, 1)?;
            }
            "retries" => self.retries = number(name, value, 0)?,
            "retry.backoff.ms" => self.retry_backoff_ms = number(name, value, 0)?,
            "retry.backoff.max.ms" => self.retry_backoff_max_ms = number(name, value, 0)?,
            "request.timeout.ms" => self.request_timeout_ms = number(name, value, 0)?,
            "delivery.timeout.ms" => self.delivery_timeout_ms = number(name, value, 0)?,
            "metadata.max.age.ms" => self.metadata_max_age_ms = number(name, value, 0)?,
            "enable.idempotence" => self.idempotence = boolean(name, value)?,
            "partitioner.ignore.keys" => self.ignore_keys = boolean(name, value)?,
            "partitioner.adaptive.partitioning.enable" => {
                self.adaptive_partitioning = boolean(name, value)?;
            }
            "transactional.id" if value.is_empty() => {
                return Err(invalid(name, value, "String must be non-empty"));
            }
            "transactional.id" => self.transactional_id = Some(value.into()),
            "transaction.timeout.ms" => self.transaction_timeout_ms = number(name, value, 1)?,
            "compression.gzip.level" => self.gzip_level = gzip_level(name, value)?,
            _ => idle_config::set(&IDLE_PRODUCER_CONFIGS, &mut self.idle, name, value)?,
        }
        Ok(())
    }

    /// The value of a setting, as it is written.
    pub fn get(&self, name: &str) -> String {
        match name {
            "acks" => self.acks.to_string(),
            "compression.type" => self.compression.to_string(),
            "batch.size" => self.batch_size.to_string(),
            "linger.ms" => self.linger_ms.to_string(),
            "buffer.memory" => self.buffer_memory.to_string(),
            "max.block.ms" => self.max_block_ms.to_string(),
            "max.request.size" => self.max_request_size.to_string(),
            "max.in.flight.requests.per.connection" => self.max_in_flight.to_string(),
            "retries" => self.retries.to_string(),
            "retry.backoff.ms" => self.retry_backoff_ms.to_string(),
            "retry.backoff.max.ms" => self.retry_backoff_max_ms.to_string(),
            "request.timeout.ms" => self.request_timeout_ms.to_string(),
            "delivery.timeout.ms" => self.delivery_timeout_ms.to_string(),
            "metadata.max.age.ms" => self.metadata_max_age_ms.to_string(),
            "enable.idempotence" => self.idempotence.to_string(),
            "partitioner.ignore.keys" => self.ignore_keys.to_string(),
            "partitioner.adaptive.partitioning.enable" => self.adaptive_partitioning.to_string(),
            "transactional.id" => self.transactional_id.as_deref().unwrap_or("").to_string(),
            "transaction.timeout.ms" => self.transaction_timeout_ms.to_string(),
            "compression.gzip.level" => self.gzip_level.to_string(),
            _ => String::new(),
        }
    }

    /// `postProcessAndValidateIdempotenceConfigs`
    fn fit_idempotence(&mut self) -> Result<(), Refusal> {
        if !self.idempotence {
            return Ok(());
        }
        if self.retries == 0 {
            if self.insists_on_idempotence {
                let reason = "Must set retries to non-zero when using the idempotent producer.";
                return Err(invalid("retries", &self.get("retries"), reason));
            }
            self.idempotence = false;
        }
        self.check_acks(self.acks)?;
        self.idempotence &= self.acks == Acks::All;
        if self.max_in_flight > IN_FLIGHT_MAX_WITH_IDEMPOTENCE {
            let (name, value) = ("max.in.flight.requests.per.connection", self.max_in_flight);
            let reason = format!(
                "To use the idempotent producer, {name} must be set to at most 5. Current value is \
                 {value}."
            );
            return Err(invalid(name, &value.to_string(), &reason));
        }
        Ok(())
    }

    /// Whether records may be sent with these acks.
    pub fn check_acks(&self, acks: Acks) -> Result<(), Refusal> {
        if acks == Acks::All || !self.insists_on_idempotence {
            return Ok(());
        }
        let reason = "Must set acks to all in order to use the idempotent producer. Otherwise we \
                      cannot guarantee idempotence.";
        Err(invalid("acks", &acks.to_string(), reason))
    }

    /// `configureDeliveryTimeout`: the default gives way, what was asked for does not.
    fn fit_delivery_timeout(&mut self, is_given: bool) -> Result<(), Refusal> {
        let least = self.linger_ms.saturating_add(i64::from(self.request_timeout_ms));
        let least = i32::try_from(least).unwrap_or(i32::MAX);
        if self.delivery_timeout_ms >= least {
            return Ok(());
        }
        if is_given {
            let reason = "delivery.timeout.ms should be equal to or larger than linger.ms + \
                          request.timeout.ms";
            let value = self.delivery_timeout_ms.to_string();
            return Err(invalid("delivery.timeout.ms", &value, reason));
        }
        self.delivery_timeout_ms = least;
        Ok(())
    }

    /// How long a batch waits after so many attempts: exponential, with a draw of a fifth up or down
    /// (`ExponentialBackoff`).
    pub fn backoff_ms(&self, attempts: u32, draw: u64) -> u64 {
        exponential_backoff_ms((self.retry_backoff_ms, self.retry_backoff_max_ms), attempts, draw)
    }
}

/// `ExponentialBackoff` between the least and the most.
pub(in crate::client) fn exponential_backoff_ms(
    (least, most): (i64, i64),
    attempts: u32,
    draw: u64,
) -> u64 {
    let base = least.max(0) as u64;
    let most = most.max(least).max(0) as u64;
    let term = base.saturating_mul(1 << attempts.saturating_sub(1).min(20)).min(most);
    (term.saturating_mul(800 + draw % 401) / 1_000).min(most)
}

pub fn acks_named(name: &str) -> Option<Acks> {
    match name {
        "0" => Some(Acks::None),
        "1" => Some(Acks::Leader),
        "all" | "-1" => Some(Acks::All),
        _ => None,
    }
}

pub(in crate::client) fn invalid(name: &str, value: &str, reason: &str) -> Refusal {
    Refusal::InvalidConfig { name: name.into(), value: value.into(), reason: reason.into() }
}

fn one_of(name: &str, value: &str, choices: &str) -> Refusal {
    invalid(name, value, &format!("String must be one of: {choices}"))
}

pub(in crate::client) fn number<T>(name: &str, value: &str, least: T) -> Result<T, Refusal>
where
    T: std::str::FromStr + PartialOrd + std::fmt::Display,
{
    let number = value.parse::<T>().map_err(|_| invalid(name, value, "Not a number"))?;
    if number < least {
        return Err(invalid(name, value, &format!("Value must be at least {least}")));
    }
    Ok(number)
}

fn gzip_level(name: &str, value: &str) -> Result<i32, Refusal> {
    match number(name, value, -1)? {
        level @ (-1 | 1..=9) => Ok(level),
        _ => Err(invalid(name, value, "Value must be between 1 and 9 or equal to -1")),
    }
}

pub(in crate::client) fn boolean(name: &str, value: &str) -> Result<bool, Refusal> {
    let reason = "Expected value to be either true or false";
    value.parse().map_err(|_| invalid(name, value, reason))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(text: &str) -> Result<ProducerConfig, String> {
        let pair = |word: &str| word.split_once('=').map(|(n, v)| (n.to_string(), v.to_string()));
        let settings: Vec<_> = text.split_whitespace().filter_map(pair).collect();
        ProducerConfig::from_settings(&settings).map_err(|refusal| match refusal {
            Refusal::InvalidConfig { name, .. } => name,
            other => format!("{other:?}"),
        })
    }

    /// `ProducerConfigTest`, `KafkaProducerTest.testAcksAndIdempotenceForIdempotentProducers` and
    /// `testInflightRequestsAndIdempotenceForIdempotentProducers`.
    #[test]
    fn idempotence_gives_way_unless_it_was_asked_for() {
        let is_idempotent = |text: &str| config(text).map(|config| config.idempotence);
        assert_eq!(is_idempotent(""), Ok(true));
        assert_eq!(is_idempotent("acks=0"), Ok(false));
        assert_eq!(is_idempotent("acks=1"), Ok(false));
        assert_eq!(is_idempotent("acks=-1"), Ok(true));
        assert_eq!(is_idempotent("retries=0"), Ok(false));
        let insists = "enable.idempotence=true";
        assert_eq!(is_idempotent(&format!("{insists} acks=1")), Err("acks".into()));
        assert_eq!(is_idempotent(&format!("{insists} retries=0")), Err("retries".into()));
        let many = "max.in.flight.requests.per.connection=6";
        let name = "max.in.flight.requests.per.connection".to_string();
        assert_eq!(is_idempotent(many), Err(name));
        assert_eq!(is_idempotent(&format!("enable.idempotence=false {many}")), Ok(false));
    }

    #[test]
    fn a_delivery_takes_at_least_lingering_and_one_request() {
        let timeout = |text: &str| config(text).map(|config| config.delivery_timeout_ms);
        assert_eq!(timeout(""), Ok(120_000));
        assert_eq!(timeout("request.timeout.ms=150000"), Ok(150_005));
        assert_eq!(timeout("delivery.timeout.ms=30004"), Err("delivery.timeout.ms".into()));
        assert_eq!(timeout("delivery.timeout.ms=30005"), Ok(30_005));
    }

    #[test]
    fn every_setting_shows_its_default_and_takes_it_back() {
        let default = ProducerConfig::default();
        for name in PRODUCER_CONFIGS {
            let mut config = default.clone();
            if name == "transactional.id" {
                continue;
            }
            config.set(name, &default.get(name)).unwrap();
            assert_eq!(config, default, "{name}");
        }
        assert_eq!(config("linger.ms=-1"), Err("linger.ms".into()));
        assert_eq!(config("batch.size=much"), Err("batch.size".into()));
        for level in [-2, 0, 10] {
            let name = "compression.gzip.level";
            assert_eq!(config(&format!("{name}={level}")), Err(name.into()));
        }
        assert!(config("linger=1").is_err());
    }

    #[test]
    fn backoff_doubles_up_to_its_bound() {
        let config = ProducerConfig::default();
        let middle = |attempts| config.backoff_ms(attempts, 200);
        assert_eq!([1, 2, 3, 4, 5, 60].map(middle), [100, 200, 400, 800, 1_000, 1_000]);
        assert_eq!((config.backoff_ms(1, 0), config.backoff_ms(1, 400)), (80, 120));
    }
}
