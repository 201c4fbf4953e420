//! What can be set on a log: names, meanings, bounds, and the text of every value. Source:
//! `ConfigDef.java` for the words of the refusals. The values are [`super::log_config`]'s.

use super::log_config::LogConfig;
use crate::record::TimestampType;
use std::fmt;

/// What is done with old segments. Neither is legal: then only DeleteRecords removes records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CleanupPolicy {
    pub compact: bool,
    pub delete: bool,
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
    pub(super) field: fn(&mut LogConfig) -> Field<'_>,
}

impl ConfigKey {
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
}

impl Field<'_> {
    pub fn parse(self, text: &str, minimum: Option<i64>) -> Result<(), Reason> {
        let in_range = |value: i64| match minimum {
            Some(minimum) if value < minimum => Err(Reason::AtLeast(minimum)),
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
            Reason::OneOf(values) => write!(f, "String must be one of: {values}"),
        }
    }
}

impl std::error::Error for ConfigError {}

const fn at_least(
    name: &'static str,
    minimum: i64,
    field: fn(&mut LogConfig) -> Field<'_>,
    doc: &'static str,
) -> ConfigKey {
    ConfigKey { name, doc, minimum: Some(minimum), kafka_minimum: Some(minimum), field }
}

const fn unbounded(
    name: &'static str,
    field: fn(&mut LogConfig) -> Field<'_>,
    doc: &'static str,
) -> ConfigKey {
    ConfigKey { name, doc, minimum: None, kafka_minimum: None, field }
}

/// Sorted by name.
pub(super) static KEYS: [ConfigKey; 20] = [
    unbounded(
        "cleanup.policy",
        |c| Field::Policy(&mut c.cleanup_policy),
        "What happens to old segments: delete drops them by age or size, compact keeps the last \
         record of each key.",
    ),
    at_least(
        "delete.retention.ms",
        0,
        |c| Field::Long(&mut c.delete_retention_ms),
        "How long compaction keeps a tombstone after the pass that first met it.",
    ),
    at_least(
        "file.delete.delay.ms",
        0,
        |c| Field::Long(&mut c.file_delete_delay_ms),
        "How long a file waits, renamed, before it is deleted.",
    ),
    at_least(
        "flush.messages",
        1,
        |c| Field::Long(&mut c.flush_messages),
        "Fsync the log after this many records; by default that is left to the operating system.",
    ),
    at_least(
        "flush.ms",
        0,
        |c| Field::Long(&mut c.flush_ms),
        "Fsync the log after this time; by default that is left to the operating system.",
    ),
    at_least(
        "index.interval.bytes",
        0,
        |c| Field::Int(&mut c.index_interval_bytes),
        "More than this many bytes of log lie between two entries of the offset index.",
    ),
    at_least(
        "max.compaction.lag.ms",
        1,
        |c| Field::Long(&mut c.max_compaction_lag_ms),
        "The longest a record may wait for compaction.",
    ),
    at_least(
        "max.message.bytes",
        0,
        |c| Field::Int(&mut c.max_message_bytes),
        "The largest record batch that a leader takes.",
    ),
    at_least(
        "message.timestamp.after.max.ms",
        0,
        |c| Field::Long(&mut c.message_timestamp_after_max_ms),
        "How far a CreateTime timestamp may be ahead of the broker's clock.",
    ),
    at_least(
        "message.timestamp.before.max.ms",
        0,
        |c| Field::Long(&mut c.message_timestamp_before_max_ms),
        "How far a CreateTime timestamp may be behind the broker's clock.",
    ),
    unbounded(
        "message.timestamp.type",
        |c| Field::Timestamps(&mut c.message_timestamp_type),
        "Whether a record's timestamp is when it was created or when the leader appended it.",
    ),
    at_least(
        "min.cleanable.dirty.ratio",
        0,
        |c| Field::Double(&mut c.min_cleanable_dirty_ratio),
        "Compaction starts when more than this part of the log is not yet compacted.",
    ),
    at_least(
        "min.compaction.lag.ms",
        0,
        |c| Field::Long(&mut c.min_compaction_lag_ms),
        "The shortest time that a record stays as it is before compaction may touch it.",
    ),
    at_least(
        "min.insync.replicas",
        1,
        |c| Field::Int(&mut c.min_insync_replicas),
        "With fewer replicas in sync, a produce request with acks=all is refused and nothing new \
         is committed.",
    ),
    unbounded(
        "retention.bytes",
        |c| Field::Long(&mut c.retention_bytes),
        "Old segments are deleted while the partition is larger than this; -1 is no limit.",
    ),
    at_least(
        "retention.ms",
        -1,
        |c| Field::Long(&mut c.retention_ms),
        "A segment is deleted when its newest record is older than this; -1 is no limit.",
    ),
    ConfigKey {
        name: "segment.bytes",
        doc: "A segment that would grow beyond this is closed and a new one begun.",
        // What a record of the oldest format took; Kafka's own minimum before 4.0.
        minimum: Some(14),
        kafka_minimum: Some(1024 * 1024),
        field: |c| Field::Int(&mut c.segment_bytes),
    },
    at_least(
        "segment.index.bytes",
        4,
        |c| Field::Int(&mut c.segment_index_bytes),
        "The size at which an index is full; a full index also closes the segment.",
    ),
    at_least(
        "segment.ms",
        1,
        |c| Field::Long(&mut c.segment_ms),
        "A segment older than this is closed at the next append, even if it is not full.",
    ),
    unbounded(
        "unclean.leader.election.enable",
        |c| Field::Boolean(&mut c.unclean_leader_election_enable),
        "Whether a replica that is not in sync may lead when no other can, losing records.",
    ),
];
