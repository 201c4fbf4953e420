//! Settings of Kafka's clients that change nothing here, because what they steer is not there: sockets, a JVM,
//! metrics, a choice of clusters. They are known all the same, with Kafka's defaults and bounds, so that a
//! file of settings from elsewhere is taken or refused as Kafka would. Sources: `ProducerConfig.java`,
//! `ConsumerConfig.java`, `CommonClientConfigs.java` (Kafka 4.3).

use super::producer::config::{boolean, invalid, number};
use crate::command::Refusal;
use std::collections::BTreeMap;

#[derive(Clone, Copy, Debug)]
pub struct IdleConfig {
    pub name: &'static str,
    pub default: &'static str,
    pub takes: Takes,
    pub why: Idle,
}

/// What Kafka takes as a value.
#[derive(Clone, Copy, Debug)]
pub enum Takes {
    Boolean,
    /// Java's int or long, within bounds.
    Between(i64, i64),
    Text,
}

/// Why a setting changes nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Idle {
    /// Every client finds the one cluster there is.
    OneCluster,
    /// The name of the client is its `client.id`.
    NameIsId,
    /// Keys and values are the bytes that were typed.
    BytesAsTyped,
    /// No Java class can be loaded.
    NoClasses,
    /// The network knows links and delays, no sockets.
    NoSockets,
    /// The codec packs at one level.
    OneLevel,
    /// A topic that a client has asked for stays in its metadata.
    NeverForgotten,
    /// Topics are created by command only.
    NoAutoCreation,
    /// Topics are subscribed by name only.
    NoPatterns,
    /// Calls of the consumer do not block.
    NoBlocking,
    /// How long a node has not been ready to be sent to is not measured.
    NotMeasured,
    /// The page reads the metrics of clients itself.
    NoPush,
}

/// Of one kind of client: what has been set otherwise than by default.
pub type IdleSettings = BTreeMap<&'static str, String>;

const INT: i64 = i32::MAX as i64;
const LONG: i64 = i64::MAX;
/// Kafka sets no bound.
const ANY: Takes = Takes::Between(i64::MIN, LONG);
const FROM_0: Takes = Takes::Between(0, LONG);

const fn idle(name: &'static str, default: &'static str, takes: Takes, why: Idle) -> IdleConfig {
    IdleConfig { name, default, takes, why }
}

const BOOTSTRAP: IdleConfig = idle("bootstrap.servers", "", Takes::Text, Idle::OneCluster);
const CLIENT_ID: IdleConfig = idle("client.id", "", Takes::Text, Idle::NameIsId);
const SEND_BUFFER: IdleConfig =
    idle("send.buffer.bytes", "131072", Takes::Between(-1, INT), Idle::NoSockets);
const RECONNECT: IdleConfig = idle("reconnect.backoff.ms", "50", FROM_0, Idle::NoSockets);
const RECONNECT_MAX: IdleConfig = idle("reconnect.backoff.max.ms", "1000", FROM_0, Idle::NoSockets);
const IDLE_CONNECTIONS: IdleConfig =
    idle("connections.max.idle.ms", "540000", ANY, Idle::NoSockets);
const SETUP: IdleConfig = idle("socket.connection.setup.timeout.ms", "10000", ANY, Idle::NoSockets);
const SETUP_MAX: IdleConfig =
    idle("socket.connection.setup.timeout.max.ms", "30000", ANY, Idle::NoSockets);
const INTERCEPTORS: IdleConfig = idle("interceptor.classes", "", Takes::Text, Idle::NoClasses);
const METRICS_PUSH: IdleConfig = idle("enable.metrics.push", "true", Takes::Boolean, Idle::NoPush);

pub const IDLE_PRODUCER_CONFIGS: [IdleConfig; 18] = [
    BOOTSTRAP,
    CLIENT_ID,
    idle("key.serializer", "", Takes::Text, Idle::BytesAsTyped),
    idle("value.serializer", "", Takes::Text, Idle::BytesAsTyped),
    idle("partitioner.class", "", Takes::Text, Idle::NoClasses),
    INTERCEPTORS,
    idle("compression.lz4.level", "9", Takes::Between(1, 17), Idle::OneLevel),
    idle("compression.zstd.level", "3", Takes::Between(-131_072, 22), Idle::OneLevel),
    SEND_BUFFER,
    idle("receive.buffer.bytes", "32768", Takes::Between(-1, INT), Idle::NoSockets),
    RECONNECT,
    RECONNECT_MAX,
    IDLE_CONNECTIONS,
    SETUP,
    SETUP_MAX,
    idle("metadata.max.idle.ms", "300000", Takes::Between(5_000, LONG), Idle::NeverForgotten),
    idle("partitioner.availability.timeout.ms", "0", FROM_0, Idle::NotMeasured),
    METRICS_PUSH,
];

pub const IDLE_CONSUMER_CONFIGS: [IdleConfig; 16] = [
    BOOTSTRAP,
    CLIENT_ID,
    idle("key.deserializer", "", Takes::Text, Idle::BytesAsTyped),
    idle("value.deserializer", "", Takes::Text, Idle::BytesAsTyped),
    INTERCEPTORS,
    SEND_BUFFER,
    idle("receive.buffer.bytes", "65536", Takes::Between(-1, INT), Idle::NoSockets),
    RECONNECT,
    RECONNECT_MAX,
    IDLE_CONNECTIONS,
    SETUP,
    SETUP_MAX,
    idle("allow.auto.create.topics", "true", Takes::Boolean, Idle::NoAutoCreation),
    idle("exclude.internal.topics", "true", Takes::Boolean, Idle::NoPatterns),
    idle("default.api.timeout.ms", "60000", Takes::Between(0, INT), Idle::NoBlocking),
    METRICS_PUSH,
];

/// Remembers a setting of this table, or refuses its value or its name.
pub(super) fn set(
    table: &'static [IdleConfig],
    settings: &mut IdleSettings,
    name: &str,
    value: &str,
) -> Result<(), Refusal> {
    let known = table.iter().find(|config| config.name == name);
    let known = known.ok_or_else(|| Refusal::UnknownConfig { name: name.to_string() })?;
    match known.takes {
        Takes::Text => {}
        Takes::Boolean => _ = boolean(name, value)?,
        Takes::Between(least, most) => {
            if number(name, value, least)? > most {
                return Err(invalid(name, value, &format!("Value must be no more than {most}")));
            }
        }
    }
    settings.insert(known.name, value.to_string());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_default_is_taken_and_what_is_out_of_bounds_is_not() {
        for table in [&IDLE_PRODUCER_CONFIGS[..], &IDLE_CONSUMER_CONFIGS] {
            let names: std::collections::BTreeSet<_> = table.iter().map(|c| c.name).collect();
            assert_eq!(names.len(), table.len());
            for config in table {
                let mut settings = IdleSettings::new();
                set(table, &mut settings, config.name, config.default).unwrap();
                assert_eq!(settings[config.name], config.default);
            }
        }
        let refused = |name: &str, value: &str| {
            set(&IDLE_PRODUCER_CONFIGS, &mut IdleSettings::new(), name, value).is_err()
        };
        assert!(refused("send.buffer.bytes", "-2"));
        assert!(refused("send.buffer.bytes", "2147483648"));
        assert!(refused("compression.zstd.level", "23"));
        assert!(refused("metadata.max.idle.ms", "4999"));
        assert!(refused("enable.metrics.push", "perhaps"));
        assert!(refused("exclude.internal.topics", "true"));
        assert!(refused("compression.level", "3"));
    }
}
