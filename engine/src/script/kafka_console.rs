//! `kafka-console-producer.sh` and `kafka-console-consumer.sh`. Where the first reads lines, one line stands
//! on the command line; the second prints what can be read at this moment, and ends. Sources:
//! `LineMessageReader.java`, `DefaultMessageFormatter.java`, `CoordinatorRecordMessageFormatter.java` (Kafka 4).

use super::error::{ScriptError, ScriptProblem};
use super::lexer::{Word, quote};
use super::line::{Line, Show};
use super::parse::Args;
use super::print::listed_word;
use super::read::consumers::ISOLATION_LEVELS;
use super::runner::Failure;
use super::verbs::Slot;
use crate::client::consumer::isolation::Visibility;
use crate::client::producer::acks_named;
use crate::cluster::Cluster;
use crate::command::{Command, Produce};
use crate::group::group_record::{GroupRecord, StoredGroup};
use crate::ids::{NodeId, TopicPartition};
use crate::protocol::IsolationLevel;
use crate::record::{CompressionType, Record, TimestampType};
use crate::replication::replica_manager::isolation::aborted_in;
use bytes::Bytes;
use std::collections::BTreeMap;
use std::sync::Arc;

type Read = Result<Line, ScriptError>;

/// `client.id` of the tool's producer.
const PRODUCER: &str = "console-producer";

pub(super) const FORMATTERS: [&str; 3] = [
    "org.apache.kafka.tools.consumer.DefaultMessageFormatter",
    "org.apache.kafka.tools.consumer.OffsetsMessageFormatter",
    "org.apache.kafka.tools.consumer.GroupMetadataMessageFormatter",
];

/// What the tool makes of records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Formatter {
    Default,
    Offsets,
    GroupMetadata,
}

impl Formatter {
    pub const ALL: [Formatter; 3] =
        [Formatter::Default, Formatter::Offsets, Formatter::GroupMetadata];

    fn class(self) -> &'static str {
        FORMATTERS[self as usize]
    }
}

/// `kafka-console-consumer.sh`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsoleConsumer {
    pub topic: Arc<str>,
    pub partition: Option<i32>,
    /// -2 is the beginning, -1 the end.
    pub offset: i64,
    pub isolation: IsolationLevel,
    pub max_messages: Option<u32>,
    pub formatter: Formatter,
    /// `print.key` and the like, by name.
    pub properties: BTreeMap<String, String>,
}

const EARLIEST: i64 = -2;
const LATEST: i64 = -1;

pub(super) const PRINTS: [&str; 6] = [
    "print.timestamp",
    "print.partition",
    "print.offset",
    "print.headers",
    "print.key",
    "print.value",
];

fn topic(args: &Args<'_>) -> Result<Arc<str>, ScriptError> {
    let option = "--topic".to_string();
    let missing = ScriptProblem::MissingValue { option, wants: Slot::Topic };
    args.name(args.value("--topic").ok_or_else(|| args.error_at_end(missing))?)
}

/// Both names of the option, the old one and today's.
fn properties(
    args: &Args<'_>,
    options: [&'static str; 2],
) -> Result<BTreeMap<String, String>, ScriptError> {
    let words = options.iter().flat_map(|option| args.values(option));
    words.map(|word| args.setting(word)).collect()
}

pub(super) fn produce(args: &Args<'_>) -> Read {
    let properties = properties(args, ["--property", "--reader-property"])?;
    let is_set = |name: &str| properties.get(name).is_some_and(|value| value == "true");
    let separator = |name: &str, default: &str| {
        properties.get(name).map_or(default.to_string(), |value| value.replace("\\t", "\t"))
    };
    let word = &args.words[0];
    let mut rest = args.text(word)?;
    let mut cut = |name: &str, default: &str| {
        let parts = rest.split_once(&separator(name, default));
        let (before, after) = parts.map(|(a, b)| (a.to_string(), b.to_string()))?;
        rest = after;
        Some(before)
    };
    let mut headers = Vec::new();
    if is_set("parse.headers") {
        let all = cut("headers.delimiter", "\t").ok_or_else(|| args.invalid(word, Slot::Header))?;
        for header in all.split(&separator("headers.separator", ",")) {
            let pair = header.split_once(&separator("headers.key.separator", ":"));
            let (name, value) = pair.ok_or_else(|| args.invalid(word, Slot::Header))?;
            headers.push((name.to_string(), Bytes::from(value.to_string())));
        }
    }
    let key = match is_set("parse.key") {
        false => None,
        // As the tool does: "No key separator found".
        true => Some(cut("key.separator", "\t").ok_or_else(|| args.invalid(word, Slot::Text))?),
    };
    let or_null = |text: String| match properties.get("null.marker") {
        Some(marker) if *marker == text => None,
        _ => Some(Bytes::from(text)),
    };
    let (mut acks, mut compression) = (None, None);
    let given = ["--producer-property", "--command-property"];
    for word in given.iter().flat_map(|option| args.values(option)) {
        let (name, value) = args.setting(word)?;
        match name.as_str() {
            "acks" => acks = acks_named(&value),
            "compression.type" => compression = CompressionType::from_name(&value),
            _ => {}
        }
        let is_known = match name.as_str() {
            "acks" => acks.is_some(),
            "compression.type" => compression.is_some(),
            _ => false,
        };
        if !is_known {
            return Err(args.invalid(word, Slot::Choice(&["acks=...", "compression.type=..."])));
        }
    }
    Ok(Line::Command(Command::Produce(Produce {
        topic: topic(args)?,
        producer: PRODUCER.into(),
        partition: None,
        key: key.and_then(or_null),
        value: or_null(rest),
        headers,
        timestamp_ms: None,
        acks,
        compression,
        count: 1,
    })))
}

pub(super) fn consume(args: &Args<'_>) -> Read {
    let number = |word: &Word| args.parsed(word, Slot::Number);
    let partition = args.value("--partition").map(number).transpose()?;
    let offset = match (args.value("--offset"), args.has("--from-beginning")) {
        (Some(_), true) => {
            let (a, b) = ("--from-beginning", "--offset");
            return Err(args.error_at_end(ScriptProblem::Contradiction { a, b }));
        }
        (None, true) => EARLIEST,
        (None, false) => LATEST,
        (Some(word), false) if word.is("earliest") => EARLIEST,
        (Some(word), false) if word.is("latest") => LATEST,
        (Some(word), false) => args.parsed::<u32>(word, Slot::Offset)?.into(),
    };
    if args.has("--offset") && partition.is_none() {
        // The tool: "The partition is required when offset is specified."
        let option = "--partition".to_string();
        let wants = Slot::Number;
        return Err(args.error_at_end(ScriptProblem::MissingValue { option, wants }));
    }
    let formatter = match args.value("--formatter") {
        None => Formatter::Default,
        Some(word) => {
            let known = Formatter::ALL.into_iter().find(|f| word.is(f.class()));
            known.ok_or_else(|| args.invalid(word, Slot::Choice(&FORMATTERS)))?
        }
    };
    let properties = properties(args, ["--property", "--formatter-property"])?;
    let max_messages =
        args.value("--max-messages").map(|word| args.parsed(word, Slot::Number)).transpose()?;
    let isolation = match args.value("--isolation-level") {
        None => IsolationLevel::ReadUncommitted,
        Some(word) => {
            let level = word.text().and_then(|name| IsolationLevel::from_name(&name));
            level.ok_or_else(|| args.invalid(word, Slot::Choice(&ISOLATION_LEVELS)))?
        }
    };
    let topic = topic(args)?;
    let look = ConsoleConsumer {
        topic,
        partition,
        offset,
        isolation,
        max_messages,
        formatter,
        properties,
    };
    Ok(Line::Show(Show::ConsoleConsumer(look)))
}

pub(super) fn print(look: &ConsoleConsumer) -> String {
    let mut line = format!("kafka-console-consumer.sh --topic {}", listed_word(&look.topic));
    line += &look.partition.map_or(String::new(), |partition| format!(" --partition={partition}"));
    line += &match (look.offset, look.partition) {
        (LATEST, _) => String::new(),
        (EARLIEST, _) => " --from-beginning".to_string(),
        (offset, _) => format!(" --offset {offset}"),
    };
    if look.isolation == IsolationLevel::ReadCommitted {
        line += &format!(" --isolation-level {}", look.isolation.name());
    }
    line += &look.max_messages.map_or(String::new(), |most| format!(" --max-messages {most}"));
    if look.formatter != Formatter::Default {
        line += &format!(" --formatter {}", look.formatter.class());
    }
    for (name, value) in &look.properties {
        let (name, value) = (quote(name.as_bytes(), "=[]"), quote(value.as_bytes(), "[]"));
        line += &format!(" --formatter-property {name}={value}");
    }
    line
}

/// What the tool prints of what is committed, partition after partition.
pub(super) fn consumed(cluster: &Cluster, look: &ConsoleConsumer) -> Result<String, Failure> {
    let topic = super::kafka_tools::known_topic(cluster, &look.topic)?;
    let partitions = (0..topic.partitions.len() as i32)
        .filter(|partition| look.partition.is_none_or(|only| only == *partition));
    let most = look.max_messages.map_or(usize::MAX, |most| most as usize);
    let (mut lines, mut count) = (Vec::new(), 0);
    for partition in partitions {
        let id = TopicPartition { topic: look.topic.clone(), partition };
        let leader = cluster.newest_metadata().and_then(|image| image.partition(&id)?.leader);
        let Some((node, replica)) = leader.and_then(|leader| led(cluster, leader, &id)) else {
            continue;
        };
        let end = match look.isolation {
            IsolationLevel::ReadUncommitted => replica.log.high_watermark(),
            IsolationLevel::ReadCommitted => replica.log.last_stable_offset(),
        };
        let from = match look.offset {
            EARLIEST => replica.log.log_start_offset(),
            LATEST => end,
            offset => offset,
        };
        let batches = replica.log.batches(&node.disk, from).map_while(Result::ok);
        let aborted = aborted_in(&replica.log, from, end);
        let mut visibility = Visibility::new(look.isolation, aborted);
        let data = batches.filter(|batch| visibility.shows(batch));
        for batch in data.take_while(|batch| batch.base_offset() < end) {
            let kind = batch.timestamp_type();
            for record in batch.records().filter_map(Result::ok) {
                if (from..end).contains(&record.offset) && count < most {
                    count += 1;
                    lines.extend(formatted(look, partition, kind, &record));
                }
            }
        }
    }
    lines.push(format!("Processed a total of {count} messages"));
    Ok(lines.join("\n"))
}

fn led<'a>(
    cluster: &'a Cluster,
    leader: NodeId,
    id: &TopicPartition,
) -> Option<(&'a crate::node::Node, &'a crate::replication::partition::Partition)> {
    let node = cluster.node(leader).filter(|node| node.is_running())?;
    Some((node, node.broker()?.replicas.partitions.get(id)?))
}

fn formatted(
    look: &ConsoleConsumer,
    partition: i32,
    timestamp_type: TimestampType,
    record: &Record,
) -> Option<String> {
    if look.formatter != Formatter::Default {
        return group_json(look.formatter, record);
    }
    let is_set = |name: &str| {
        let default = name == "print.value";
        look.properties.get(name).map_or(default, |value| value == "true")
    };
    let text = |bytes: &Option<Bytes>| match bytes {
        None => look.properties.get("null.literal").cloned().unwrap_or("null".to_string()),
        Some(bytes) => String::from_utf8_lossy(bytes).into_owned(),
    };
    let part = |name: &str| match name {
        "print.timestamp" => match timestamp_type {
            TimestampType::CreateTime => format!("CreateTime:{}", record.timestamp),
            TimestampType::LogAppendTime => format!("LogAppendTime:{}", record.timestamp),
        },
        "print.partition" => format!("Partition:{partition}"),
        "print.offset" => format!("Offset:{}", record.offset),
        "print.headers" if record.headers.is_empty() => "NO_HEADERS".to_string(),
        "print.headers" => {
            let each = record.headers.iter().map(|h| format!("{}:{}", h.key, text(&h.value)));
            each.collect::<Vec<_>>().join(",")
        }
        "print.key" => text(&record.key),
        _ => text(&record.value),
    };
    let separator = look.properties.get("key.separator").map_or("\t", |value| value.as_str());
    let parts: Vec<_> = PRINTS.into_iter().filter(|name| is_set(name)).map(part).collect();
    Some(parts.join(separator))
}

/// A record of `__consumer_offsets` as Kafka's formatter has it; `None` for one of the other kind.
fn group_json(formatter: Formatter, record: &Record) -> Option<String> {
    let key = record.key.as_ref()?;
    let parsed = GroupRecord::parse(key, record.value.as_deref())?;
    let text = |text: &str| serde_json::Value::from(text).to_string();
    let or_null = |value: &Option<Arc<str>>| value.as_deref().map_or("null".to_string(), text);
    let (kind, key, value) = match (&parsed, formatter) {
        (GroupRecord::OffsetCommit { group, partition, value }, Formatter::Offsets) => {
            let TopicPartition { topic, partition } = partition;
            let (group, topic) = (text(group), text(topic));
            let value = value.as_ref().map(|value| {
                let committed = value.committed;
                format!(
                    r#"{{"offset":{},"leaderEpoch":{},"metadata":"","commitTimestamp":{}}}"#,
                    committed.offset, committed.leader_epoch, value.commit_timestamp_ms
                )
            });
            (1, format!(r#"{{"group":{group},"topic":{topic},"partition":{partition}}}"#), value)
        }
        (GroupRecord::GroupMetadata { group, value }, Formatter::GroupMetadata) => {
            let value = value.as_ref().map(|value| {
                let StoredGroup { protocol_type, generation, protocol, leader, .. } = value;
                let (protocol_type, time) = (text(protocol_type), value.current_state_timestamp_ms);
                let (protocol, leader) = (or_null(protocol), or_null(leader));
                let members = value.members.iter().map(|member| {
                    format!(
                        r#"{{"memberId":{},"groupInstanceId":{},"clientId":{},"clientHost":{},"rebalanceTimeout":{},"sessionTimeout":{},"subscription":"{}","assignment":"{}"}}"#,
                        text(&member.member_id),
                        or_null(&member.group_instance_id),
                        text(&member.client_id),
                        text(crate::group::group_record::CLIENT_HOST),
                        member.rebalance_timeout_ms,
                        member.session_timeout_ms,
                        base64(&member.subscription),
                        base64(&member.assignment)
                    )
                });
                let members = members.collect::<Vec<_>>().join(",");
                format!(
                    r#"{{"protocolType":{protocol_type},"generation":{generation},"protocol":{protocol},"leader":{leader},"currentStateTimestamp":{time},"members":[{members}]}}"#
                )
            });
            (2, format!(r#"{{"group":{}}}"#, text(group)), value)
        }
        _ => return None,
    };
    let value = value.map_or("null".to_string(), |data| {
        let version =
            record.value.as_ref().map_or(0, |bytes| i16::from_be_bytes([bytes[0], bytes[1]]));
        format!(r#"{{"version":{version},"data":{data}}}"#)
    });
    Some(format!(r#"{{"key":{{"type":{kind},"data":{key}}},"value":{value}}}"#))
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let word = chunk.iter().fold(0_u32, |word, byte| word << 8 | u32::from(*byte));
        let word = word << (8 * (3 - chunk.len()));
        for n in 0..4 {
            match n <= chunk.len() {
                true => text.push(char::from(DIGITS[(word >> (18 - 6 * n)) as usize & 63])),
                false => text.push('='),
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::base64;

    /// RFC 4648, section 10.
    #[test]
    fn bytes_as_base64() {
        let pairs =
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg==")];
        for (bytes, text) in pairs {
            assert_eq!(base64(bytes.as_bytes()), text);
        }
    }
}
