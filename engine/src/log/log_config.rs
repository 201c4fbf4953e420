//! The settings of a topic's log, by Kafka's names, with Kafka's defaults and checks. Source:
//! `LogConfig.java`, `TopicConfig.java`. Which topic has which settings is the controller's to know.
//!
//! One thing differs on purpose: `segment.bytes` may be far smaller than Kafka's minimum, so that a
//! segment can hold ten records that a person can see. [`ConfigKey::kafka_minimum`] says so.

use super::config_key::{KEYS, key};
use crate::record::TimestampType;

pub use super::config_key::{
    BrokerCompressionType, CleanupPolicy, ConfigError, ConfigKey, Ratio, Reason, ThrottledReplicas,
};

/// Times are in ms, sizes in bytes; -1 where Kafka has it for "no limit".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogConfig {
    pub cleanup_policy: CleanupPolicy,
    pub compression_gzip_level: i32,
    pub compression_lz4_level: i32,
    pub compression_type: BrokerCompressionType,
    pub compression_zstd_level: i32,
    pub delete_retention_ms: i64,
    pub file_delete_delay_ms: i64,
    pub flush_messages: i64,
    pub flush_ms: i64,
    pub follower_replication_throttled_replicas: ThrottledReplicas,
    pub index_interval_bytes: i32,
    pub leader_replication_throttled_replicas: ThrottledReplicas,
    pub max_compaction_lag_ms: i64,
    pub max_message_bytes: i32,
    pub message_timestamp_after_max_ms: i64,
    pub message_timestamp_before_max_ms: i64,
    pub message_timestamp_type: TimestampType,
    pub min_cleanable_dirty_ratio: Ratio,
    pub min_compaction_lag_ms: i64,
    pub min_insync_replicas: i32,
    pub retention_bytes: i64,
    pub retention_ms: i64,
    pub segment_bytes: i32,
    pub segment_index_bytes: i32,
    pub segment_jitter_ms: i64,
    pub segment_ms: i64,
    pub unclean_leader_election_enable: bool,
}

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

impl Default for LogConfig {
    fn default() -> Self {
        LogConfig {
            cleanup_policy: CleanupPolicy { compact: false, delete: true },
            compression_gzip_level: -1,
            compression_lz4_level: 9,
            compression_type: BrokerCompressionType(None),
            compression_zstd_level: 3,
            delete_retention_ms: DAY_MS,
            file_delete_delay_ms: 60_000,
            flush_messages: i64::MAX,
            flush_ms: i64::MAX,
            follower_replication_throttled_replicas: ThrottledReplicas::default(),
            index_interval_bytes: 4096,
            leader_replication_throttled_replicas: ThrottledReplicas::default(),
            max_compaction_lag_ms: i64::MAX,
            max_message_bytes: 1024 * 1024 + 12,
            message_timestamp_after_max_ms: 60 * 60 * 1000,
            message_timestamp_before_max_ms: i64::MAX,
            message_timestamp_type: TimestampType::CreateTime,
            min_cleanable_dirty_ratio: Ratio { millionths: 500_000 },
            min_compaction_lag_ms: 0,
            min_insync_replicas: 1,
            retention_bytes: -1,
            retention_ms: 7 * DAY_MS,
            segment_bytes: 1024 * 1024 * 1024,
            segment_index_bytes: 10 * 1024 * 1024,
            segment_jitter_ms: 0,
            segment_ms: 7 * DAY_MS,
            unclean_leader_election_enable: false,
        }
    }
}

impl LogConfig {
    /// Sets one setting from its text, as `kafka-configs.sh --add-config` does.
    pub fn set(&mut self, name: &str, value: &str) -> Result<(), ConfigError> {
        let key = key(name).ok_or_else(|| ConfigError::UnknownName(name.to_string()))?;
        let text = value.trim();
        let bounds = (key.minimum, key.maximum);
        (key.field)(self).parse(text, bounds).map_err(|reason| ConfigError::InvalidValue {
            name: key.name,
            value: text.to_string(),
            reason,
        })
    }

    /// One setting as text; `None` if there is none of that name.
    pub fn get(&self, name: &str) -> Option<String> {
        let mut config = self.clone();
        key(name).map(|key| (key.field)(&mut config).to_string())
    }

    /// What no single value shows: settings that contradict each other.
    pub fn validate(&self) -> Result<(), ConfigError> {
        if self.min_compaction_lag_ms > self.max_compaction_lag_ms {
            return Err(ConfigError::Conflict {
                a: ("min.compaction.lag.ms", self.min_compaction_lag_ms),
                b: ("max.compaction.lag.ms", self.max_compaction_lag_ms),
            });
        }
        Ok(())
    }

    /// How long a segment may stay active: a compacted topic's must not outlive its lag.
    pub fn max_segment_ms(&self) -> i64 {
        if self.cleanup_policy.compact && self.max_compaction_lag_ms > 0 {
            self.segment_ms.min(self.max_compaction_lag_ms)
        } else {
            self.segment_ms
        }
    }

    /// The setting whose default a broker keeps under this name (`log.retention.ms`, `log.roll.ms`).
    pub fn key_of_broker(name: &str) -> Option<&'static ConfigKey> {
        KEYS.iter().find(|key| key.broker_name() == name)
    }

    /// Every setting, sorted by name.
    pub fn keys() -> &'static [ConfigKey] {
        &KEYS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// KAFKA.md section 9: `LogConfig.java` of branch 4.3.
    #[test]
    fn defaults_are_kafkas() {
        let table = [
            ("cleanup.policy", "delete"),
            ("compression.gzip.level", "-1"),
            ("compression.lz4.level", "9"),
            ("compression.type", "producer"),
            ("compression.zstd.level", "3"),
            ("delete.retention.ms", "86400000"),
            ("file.delete.delay.ms", "60000"),
            ("flush.messages", "9223372036854775807"),
            ("flush.ms", "9223372036854775807"),
            ("follower.replication.throttled.replicas", ""),
            ("index.interval.bytes", "4096"),
            ("leader.replication.throttled.replicas", ""),
            ("max.compaction.lag.ms", "9223372036854775807"),
            ("max.message.bytes", "1048588"),
            ("message.timestamp.after.max.ms", "3600000"),
            ("message.timestamp.before.max.ms", "9223372036854775807"),
            ("message.timestamp.type", "CreateTime"),
            ("min.cleanable.dirty.ratio", "0.5"),
            ("min.compaction.lag.ms", "0"),
            ("min.insync.replicas", "1"),
            ("retention.bytes", "-1"),
            ("retention.ms", "604800000"),
            ("segment.bytes", "1073741824"),
            ("segment.index.bytes", "10485760"),
            ("segment.jitter.ms", "0"),
            ("segment.ms", "604800000"),
            ("unclean.leader.election.enable", "false"),
        ];
        assert_eq!(LogConfig::keys().len(), table.len());
        for (key, (name, value)) in LogConfig::keys().iter().zip(table) {
            assert_eq!((key.name, key.default_value().as_str()), (name, value));
            assert_eq!(LogConfig::default().get(name).as_deref(), Some(value));
            let mut config = LogConfig::default();
            config.set(name, value).unwrap();
            assert_eq!(config, LogConfig::default());
        }
    }

    #[test]
    fn reads_what_it_prints() {
        let table = [
            ("cleanup.policy", "compact", "compact"),
            ("cleanup.policy", " delete , compact ", "compact,delete"),
            ("cleanup.policy", "", ""),
            ("leader.replication.throttled.replicas", "*", "*"),
            ("leader.replication.throttled.replicas", "1:3,0:2", "0:2,1:3"),
            ("message.timestamp.type", "LogAppendTime", "LogAppendTime"),
            ("min.cleanable.dirty.ratio", "1", "1.0"),
            ("min.cleanable.dirty.ratio", ".25", "0.25"),
            ("min.cleanable.dirty.ratio", "0.01000000000000000000000000", "0.01"),
            ("compression.type", "uncompressed", "uncompressed"),
            ("compression.type", "zstd", "zstd"),
            ("retention.ms", " 5000 ", "5000"),
            ("segment.bytes", "300", "300"),
            ("unclean.leader.election.enable", "TRUE", "true"),
        ];
        for (name, text, printed) in table {
            let mut config = LogConfig::default();
            config.set(name, text).unwrap();
            assert_eq!(config.get(name).as_deref(), Some(printed));
        }
    }

    #[test]
    fn refusals_are_in_kafkas_words() {
        let table = [
            ("segment.byte", "1", "Unknown topic config name: segment.byte"),
            ("min.insync.replicas", "0", "Value must be at least 1"),
            ("segment.bytes", "13", "Value must be at least 14"),
            ("segment.bytes", "9999999999", "Not a number of type INT"),
            ("retention.ms", "-2", "Value must be at least -1"),
            ("retention.ms", "7d", "Not a number of type LONG"),
            ("compression.gzip.level", "10", "Value must be between 1 and 9 or equal to -1"),
            ("compression.lz4.level", "18", "Value must be no more than 17"),
            ("compression.zstd.level", "-131073", "Value must be at least -131072"),
            (
                "compression.type",
                "none",
                "String must be one of: uncompressed, zstd, lz4, snappy, gzip, producer",
            ),
            ("unclean.leader.election.enable", "yes", "Expected value to be either true or false"),
            ("cleanup.policy", "delete,shrink", "String must be one of: compact, delete"),
            ("message.timestamp.type", "now", "String must be one of: CreateTime, LogAppendTime"),
            ("min.cleanable.dirty.ratio", "1.1", "Value must be no more than 1"),
            (
                "min.cleanable.dirty.ratio",
                "99999999999999999999999",
                "Value must be no more than 1",
            ),
            ("min.cleanable.dirty.ratio", "-0.1", "Value must be at least 0"),
            ("min.cleanable.dirty.ratio", "half", "Not a number of type DOUBLE"),
            ("min.cleanable.dirty.ratio", "0.5x", "Not a number of type DOUBLE"),
            ("min.cleanable.dirty.ratio", ".", "Not a number of type DOUBLE"),
        ];
        for (name, value, words) in table {
            let mut config = LogConfig::default();
            let said = config.set(name, value).unwrap_err().to_string();
            assert!(said.ends_with(words), "{said}");
            assert_eq!(config, LogConfig::default());
        }
        let said = LogConfig::default().set("min.insync.replicas", "x").unwrap_err().to_string();
        let whole =
            "Invalid value x for configuration min.insync.replicas: Not a number of type INT";
        assert_eq!(said, whole);
    }

    #[test]
    fn settings_can_contradict_each_other() {
        let mut config = LogConfig::default();
        config.set("max.compaction.lag.ms", "5").unwrap();
        assert_eq!(config.validate(), Ok(()));
        config.set("min.compaction.lag.ms", "6").unwrap();
        assert_eq!(
            config.validate().unwrap_err().to_string(),
            "conflict topic config setting min.compaction.lag.ms (6) > max.compaction.lag.ms (5)"
        );
        assert_eq!(config.max_segment_ms(), 7 * DAY_MS);
        config.set("cleanup.policy", "compact").unwrap();
        assert_eq!(config.max_segment_ms(), 5);
    }
}
