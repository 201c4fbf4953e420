//! What can be set on a log: names, meanings, bounds, and the text of every value. Source:
//! `ConfigDef.java` for the words of the refusals. The values are [`super::log_config`]'s.

mod table;
mod throttled_replicas;

use super::log_config::LogConfig;

use crate::record::{CompressionType, TimestampType};
use std::fmt;

pub(super) use table::KEYS;
pub use throttled_replicas::ThrottledReplicas;

/// What is done with old segments. Neither is legal: then only DeleteRecords removes records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CleanupPolicy {
    pub compact: bool,
    pub delete: bool,
}

/// What a leader does with the compression that a producer chose: keeps it (`None`, Kafka's
/// `producer`), or compresses again in its own way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BrokerCompressionType(pub Option<CompressionType>);

impl BrokerCompressionType {
    const VALUES: &str = "uncompressed, zstd, lz4, snappy, gzip, producer";

    /// The compression in which a batch is stored.
    pub fn target(self, of_producer: CompressionType) -> CompressionType {
        self.0.unwrap_or(of_producer)
    }

    fn parse(text: &str) -> Result<Self, Reason> {
        match text {
            "producer" => Ok(BrokerCompressionType(None)),
            "uncompressed" => Ok(BrokerCompressionType(Some(CompressionType::None))),
            "none" => Err(Reason::OneOf(Self::VALUES)),
            name => CompressionType::from_name(name)
                .map(|compression| BrokerCompressionType(Some(compression)))
                .ok_or(Reason::OneOf(Self::VALUES)),
        }
    }
}

impl fmt::Display for BrokerCompressionType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            None => "producer",
            Some(CompressionType::None) => "uncompressed",
            Some(compression) => compression.name(),
        })
    }
}

/// A number from 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ratio {
    pub millionths: u32,
}

/// A setting that exists.
#[derive(Debug)]
pub struct ConfigKey {
    pub name: &'static str,
    /// One sentence for a reader who meets it for the first time.
    pub doc: &'static str,
    /// The smallest value allowed here.
    pub minimum: Option<i64>,
    /// The smallest value that Kafka allows; larger than `minimum` for what is too big to see.
    pub kafka_minimum: Option<i64>,
    /// The largest value allowed.
    pub maximum: Option<i64>,
    pub(super) field: fn(&mut LogConfig) -> Field<'_>,
}

impl ConfigKey {
    /// What a broker's own setting is called, which topics take as their default
    /// (`ServerTopicConfigSynonyms`).
    pub fn broker_name(&self) -> String {
        match self.name {
            "max.message.bytes" => "message.max.bytes".to_string(),
            "delete.retention.ms" => "log.cleaner.delete.retention.ms".to_string(),
            "min.compaction.lag.ms" => "log.cleaner.min.compaction.lag.ms".to_string(),
            "max.compaction.lag.ms" => "log.cleaner.max.compaction.lag.ms".to_string(),
            "min.cleanable.dirty.ratio" => "log.cleaner.min.cleanable.ratio".to_string(),
            "file.delete.delay.ms" => "log.segment.delete.delay.ms".to_string(),
            "flush.messages" => "log.flush.interval.messages".to_string(),
            "flush.ms" => "log.flush.interval.ms".to_string(),
            "segment.ms" => "log.roll.ms".to_string(),
            "segment.index.bytes" => "log.index.size.max.bytes".to_string(),
            "segment.jitter.ms" => "log.roll.jitter.ms".to_string(),
            "min.insync.replicas"
            | "unclean.leader.election.enable"
            | "compression.type"
            | "follower.replication.throttled.replicas"
            | "leader.replication.throttled.replicas"
            | "compression.gzip.level"
            | "compression.lz4.level"
            | "compression.zstd.level" => self.name.to_string(),
            other => format!("log.{other}"),
        }
    }

    pub fn default_value(&self) -> String {
        (self.field)(&mut LogConfig::default()).to_string()
    }
}

pub(super) fn key(name: &str) -> Option<&'static ConfigKey> {
    let index = KEYS.binary_search_by_key(&name, |key| key.name).ok()?;
    KEYS.get(index)
}

/// Where a setting is kept.
pub(super) enum Field<'a> {
    Int(&'a mut i32),
    Long(&'a mut i64),
    Boolean(&'a mut bool),
    Double(&'a mut Ratio),
    Timestamps(&'a mut TimestampType),
    Policy(&'a mut CleanupPolicy),
    Compression(&'a mut BrokerCompressionType),
    /// 1 to 9, or -1 for the codec's default.
    GzipLevel(&'a mut i32),
    Throttled(&'a mut ThrottledReplicas),
}

impl Field<'_> {
    pub fn parse(
        self,
        text: &str,
        (minimum, maximum): (Option<i64>, Option<i64>),
    ) -> Result<(), Reason> {
        let in_range = |value: i64| match (minimum, maximum) {
            (Some(minimum), _) if value < minimum => Err(Reason::AtLeast(minimum)),
            (_, Some(maximum)) if value > maximum => Err(Reason::AtMost(maximum)),
            _ => Ok(()),
        };
        match self {
            Field::Int(field) => {
                let value: i32 = text.parse().map_err(|_| Reason::NotANumber("INT"))?;
                in_range(i64::from(value))?;
                *field = value;
            }
            Field::Long(field) => {
                let value = text.parse().map_err(|_| Reason::NotANumber("LONG"))?;
                in_range(value)?;
                *field = value;
            }
            Field::Boolean(field) if text.eq_ignore_ascii_case("true") => *field = true,
            Field::Boolean(field) if text.eq_ignore_ascii_case("false") => *field = false,
            Field::Boolean(_) => return Err(Reason::NotABoolean),
            Field::Double(field) => *field = Ratio::parse(text)?,
            Field::Timestamps(field) => {
                *field = match text {
                    "CreateTime" => TimestampType::CreateTime,
                    "LogAppendTime" => TimestampType::LogAppendTime,
                    _ => return Err(Reason::OneOf("CreateTime, LogAppendTime")),
                }
            }
            Field::Policy(field) => *field = CleanupPolicy::parse(text)?,
            Field::Compression(field) => *field = BrokerCompressionType::parse(text)?,
            Field::GzipLevel(field) => {
                let value: i32 = text.parse().map_err(|_| Reason::NotANumber("INT"))?;
                if value != -1 && !(1..=9).contains(&value) {
                    return Err(Reason::NotALevel);
                }
                *field = value;
            }
            Field::Throttled(field) => *field = ThrottledReplicas::parse(text)?,
        }
        Ok(())
    }
}

impl fmt::Display for Field<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Field::Int(value) => write!(f, "{value}"),
            Field::Long(value) => write!(f, "{value}"),
            Field::Boolean(value) => write!(f, "{value}"),
            Field::Double(value) => write!(f, "{value}"),
            Field::Timestamps(value) => write!(f, "{value:?}"),
            Field::Policy(value) => write!(f, "{value}"),
            Field::Compression(value) => write!(f, "{value}"),
            Field::GzipLevel(value) => write!(f, "{value}"),
            Field::Throttled(value) => write!(f, "{value}"),
        }
    }
}

impl CleanupPolicy {
    fn parse(text: &str) -> Result<Self, Reason> {
        let mut policy = CleanupPolicy { compact: false, delete: false };
        for word in text.split(',').map(str::trim).filter(|_| !text.is_empty()) {
            match word {
                "compact" => policy.compact = true,
                "delete" => policy.delete = true,
                _ => return Err(Reason::OneOf("compact, delete")),
            }
        }
        Ok(policy)
    }
}

impl fmt::Display for CleanupPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match (self.compact, self.delete) {
            (true, true) => "compact,delete",
            (true, false) => "compact",
            (false, true) => "delete",
            (false, false) => "",
        })
    }
}

impl Ratio {
    /// Reads a plain decimal; digits after the sixth are dropped.
    fn parse(text: &str) -> Result<Self, Reason> {
        const NOT_A_NUMBER: Reason = Reason::NotANumber("DOUBLE");
        let negative = text.starts_with('-');
        let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let all = || whole.chars().chain(fraction.chars());
        if all().next().is_none() || !all().all(|c| c.is_ascii_digit()) {
            return Err(NOT_A_NUMBER);
        }
        let six: String = fraction.chars().chain("000000".chars()).take(6).collect();
        let millionths: u32 = six.parse().map_err(|_| NOT_A_NUMBER)?;
        let ratio = match whole.trim_start_matches('0') {
            "" => millionths,
            "1" if millionths == 0 => 1_000_000,
            _ if negative => return Err(Reason::AtLeast(0)),
            _ => return Err(Reason::AtMost(1)),
        };
        if negative && ratio > 0 {
            return Err(Reason::AtLeast(0));
        }
        Ok(Ratio { millionths: ratio })
    }
}

impl fmt::Display for Ratio {
    /// As Java prints a double: `0.5`, `1.0`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fraction = format!("{:06}", self.millionths % 1_000_000);
        let shown = fraction.trim_end_matches('0');
        write!(f, "{}.{}", self.millionths / 1_000_000, if shown.is_empty() { "0" } else { shown })
    }
}

/// INVALID_CONFIG (40), in Kafka's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConfigError {
    UnknownName(String),
    InvalidValue { name: &'static str, value: String, reason: Reason },
    Conflict { a: (&'static str, i64), b: (&'static str, i64) },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    NotANumber(&'static str),
    NotABoolean,
    AtLeast(i64),
    AtMost(i64),
    OneOf(&'static str),
    NotALevel,
    NotThrottledReplicas,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ConfigError::UnknownName(name) => write!(f, "Unknown topic config name: {name}"),
            ConfigError::InvalidValue { name, value, reason } => {
                write!(f, "Invalid value {value} for configuration {name}: {reason}")
            }
            ConfigError::Conflict { a, b } => {
                write!(f, "conflict topic config setting {} ({}) > {} ({})", a.0, a.1, b.0, b.1)
            }
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reason::NotANumber(kind) => write!(f, "Not a number of type {kind}"),
            Reason::NotABoolean => write!(f, "Expected value to be either true or false"),
            Reason::AtLeast(minimum) => write!(f, "Value must be at least {minimum}"),
            Reason::AtMost(maximum) => write!(f, "Value must be no more than {maximum}"),
            Reason::NotALevel => f.write_str("Value must be between 1 and 9 or equal to -1"),
            Reason::NotThrottledReplicas => f.write_str(
                "must be the literal '*' or a list of replicas in the following format: \
                 [partitionId]:[brokerId],[partitionId]:[brokerId],...",
            ),
            Reason::OneOf(values) => write!(f, "String must be one of: {values}"),
        }
    }
}

impl std::error::Error for ConfigError {}
