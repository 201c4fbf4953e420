//! What each verb of [`super::verbs`] makes of the words and options that follow it. How words are
//! told from options is in [`super::parse`].

pub(super) mod consumers;
pub(super) mod faults;
pub(super) mod why;

use super::condition;
use super::error::{ScriptError, ScriptProblem};
use super::kafka_reassign;
use super::lexer::Word;
use super::line::*;
use super::parse::Args;
use super::spec_text;
use super::verbs::Slot;
use super::verbs::table::{ENTITY_TYPES, SHELL_COMMAND};
use crate::client::idle_config::IDLE_PRODUCER_CONFIGS;
use crate::client::producer::{PRODUCER_CONFIGS, acks_named};
use crate::command::{Command, CreateTopic, ElectionType, Produce, Reassign, ReassignAction};
use crate::ids::{ConfigResource, NodeId, TopicPartition};
use crate::log::dump::Depth;
use crate::record::CompressionType;
use bytes::Bytes;
use serde::Deserialize;
use std::collections::BTreeSet;
use std::sync::Arc;

/// `compression.type` of a producer.
pub(super) const COMPRESSIONS: [&str; 5] = ["none", "gzip", "snappy", "lz4", "zstd"];

/// More bytes a second than any of these runs moves.
const RATE_MAX: u64 = 1 << 40;

type Read = Result<Line, ScriptError>;

fn command(command: Command) -> Read {
    Ok(Line::Command(command))
}

pub(super) fn cluster(args: &Args<'_>) -> Read {
    spec_text::read(args).map(|spec| Line::Spec(Box::new(spec)))
}

// Kafka's tools.

pub(super) fn create_topic(args: &Args<'_>) -> Read {
    let topic =
        args.value("--topic").ok_or_else(|| option_missing(args, "--topic", Slot::NewTopic))?;
    let topic = args.name(topic)?;
    let replica_assignment = replica_assignment(args)?;
    // With an assignment, the two numbers follow from it; without, Kafka's defaults.
    let (partitions, replication_factor) = implied_counts(&replica_assignment);
    let partitions = match args.value("--partitions") {
        Some(word) => args.parsed(word, Slot::Number)?,
        None => partitions,
    };
    let replication_factor = match args.value("--replication-factor") {
        Some(word) => args.parsed(word, Slot::Number)?,
        None => replication_factor,
    };
    let configs: Result<_, _> = args.values("--config").map(|word| args.setting(word)).collect();
    let configs = configs?;
    command(Command::CreateTopic(CreateTopic {
        topic,
        partitions,
        replication_factor,
        replica_assignment,
        configs,
    }))
}

/// `--partitions` and `--replication-factor` where the line does not give them.
pub(super) fn implied_counts(assignment: &[Vec<NodeId>]) -> (i32, i16) {
    match assignment.first() {
        Some(replicas) => (assignment.len() as i32, replicas.len() as i16),
        None => (1, 1),
    }
}

fn option_missing(args: &Args<'_>, option: &str, wants: Slot) -> ScriptError {
    args.error_at_end(ScriptProblem::MissingValue { option: option.to_string(), wants })
}

fn topic(args: &Args<'_>) -> Result<Arc<str>, ScriptError> {
    let word = args.value("--topic").ok_or_else(|| option_missing(args, "--topic", Slot::Topic))?;
    args.name(word)
}

fn replica_assignment(args: &Args<'_>) -> Result<Vec<Vec<NodeId>>, ScriptError> {
    let word = args.value("--replica-assignment");
    let lists = word.map(|word| word.split(b',')).unwrap_or_default();
    lists.iter().map(|replicas| args.brokers(replicas, ':', Slot::Assignment)).collect()
}

pub(super) fn add_partitions(args: &Args<'_>) -> Read {
    let number = args.value("--partitions");
    let number = number.ok_or_else(|| option_missing(args, "--partitions", Slot::Number))?;
    command(Command::AddPartitions {
        topic: topic(args)?,
        partitions: args.parsed(number, Slot::Number)?,
        replica_assignment: replica_assignment(args)?,
    })
}

pub(super) fn delete_topic(args: &Args<'_>) -> Read {
    command(Command::DeleteTopic { topic: topic(args)? })
}

pub(super) fn describe_topics(args: &Args<'_>) -> Read {
    let topic = args.value("--topic").map(|word| args.name(word)).transpose()?;
    let reports = PartitionReport::ALL.into_iter().filter(|report| args.has(report.option()));
    let reports: BTreeSet<_> = reports.collect();
    let overrides = "--topics-with-overrides";
    let described = match (args.value(overrides), reports.first()) {
        (None, None) => Described::All,
        (None, Some(_)) => Described::Partitions(reports),
        (Some(_), None) => Described::Overrides,
        (Some(word), Some(report)) => {
            let what = ScriptProblem::Contradiction { a: report.option(), b: overrides };
            return Err(args.error(word, what));
        }
    };
    Ok(Line::Show(Show::DescribeTopics { topic, described }))
}

pub(super) fn list_topics(_: &Args<'_>) -> Read {
    Ok(Line::Show(Show::ListTopics))
}

/// What a config is set on: `--entity-type topics --entity-name T`, `--entity-type brokers` with
/// `--entity-name 1` or `--entity-default`; or, shorter, `--topic T`, `--broker 1`,
/// `--broker-defaults`.
fn entity(args: &Args<'_>) -> Result<ConfigResource, ScriptError> {
    let contradiction = |a, (b, word): (&'static str, &Word)| {
        Err(args.error(word, ScriptProblem::Contradiction { a, b }))
    };
    let kind = args.value("--entity-type");
    if let Some(word) = kind.filter(|word| !word.is("topics") && !word.is("brokers")) {
        return Err(args.invalid(word, Slot::Choice(&ENTITY_TYPES)));
    }
    let of_brokers = kind.is_some_and(|word| word.is("brokers"))
        || args.has("--broker")
        || args.has("--broker-defaults");
    let (named, short) = match of_brokers {
        true => (args.value("--entity-name"), ("--broker", args.value("--broker"))),
        false => (args.value("--entity-name"), ("--topic", args.value("--topic"))),
    };
    if let (Some(word), (option, Some(other))) = (named, short)
        && word.bytes() != other.bytes()
    {
        return contradiction("--entity-name", (option, other));
    }
    let default = args.has("--entity-default") || args.has("--broker-defaults");
    match (named.or(short.1), of_brokers) {
        (Some(word), true) if default => contradiction("--entity-default", ("--entity-name", word)),
        (Some(word), true) => Ok(ConfigResource::Broker(NodeId(args.parsed(word, Slot::Number)?))),
        (None, true) if default => Ok(ConfigResource::BrokerDefault),
        (None, true) => Err(option_missing(args, "--entity-name", Slot::Number)),
        (Some(word), false) => Ok(ConfigResource::Topic(args.name(word)?)),
        (None, false) => Err(option_missing(args, "--entity-name", Slot::Topic)),
    }
}

pub(super) fn alter_configs(args: &Args<'_>) -> Read {
    let resource = entity(args)?;
    let mut changes = Vec::new();
    for (option, value) in args.options() {
        for part in value.split(b',') {
            match option {
                "--add-config" => {
                    let (name, value) = args.setting(&part)?;
                    changes.push((name, Some(value)));
                }
                "--delete-config" => changes.push((args.text(&part)?, None)),
                _ => {}
            }
        }
    }
    if changes.is_empty() {
        return Err(args.error_at_end(ScriptProblem::NothingToAlter));
    }
    command(Command::AlterConfigs { resource, changes })
}

pub(super) fn describe_configs(args: &Args<'_>) -> Read {
    Ok(Line::Show(Show::DescribeConfigs { resource: entity(args)?, all: args.has("--all") }))
}

pub(super) fn metadata_quorum(args: &Args<'_>) -> Read {
    match (args.has("--status"), args.has("--replication")) {
        (true, true) => {
            let what = ScriptProblem::Contradiction { a: "--status", b: "--replication" };
            Err(args.error_at_end(what))
        }
        (_, replication) => Ok(Line::Show(Show::MetadataQuorum { replication })),
    }
}

pub(super) fn metadata_shell(args: &Args<'_>) -> Read {
    let node = args.value("--node").ok_or_else(|| option_missing(args, "--node", Slot::Node))?;
    let name = args.text(&args.words[0])?;
    let command = ShellCommand::ALL.into_iter().find(|command| command.name() == name);
    let command = command.ok_or_else(|| args.invalid(&args.words[0], SHELL_COMMAND))?;
    let snapshot = args.value("--snapshot").map(|word| args.text(word)).transpose()?;
    let path = args.words.get(1).map_or(Ok("/".to_string()), |word| args.text(word))?;
    Ok(Line::Show(Show::MetadataShell { node: args.node(node)?, snapshot, command, path }))
}

pub(super) fn get_offsets(args: &Args<'_>) -> Read {
    let topic = args.value("--topic").map(|word| args.name(word)).transpose()?;
    let time = match args.value("--time") {
        None => -1,
        Some(word) if word.is("latest") => -1,
        Some(word) if word.is("earliest") => -2,
        Some(word) if word.is("max-timestamp") => -3,
        Some(word) => args.parsed(word, Slot::Timestamp)?,
    };
    Ok(Line::Show(Show::GetOffsets { topic, time }))
}

pub(super) fn broker_api_versions(_: &Args<'_>) -> Read {
    Ok(Line::Show(Show::BrokerApiVersions))
}

pub(super) fn unregister_broker(args: &Args<'_>) -> Read {
    let id = args.value("--id").ok_or_else(|| option_missing(args, "--id", Slot::Number))?;
    command(Command::UnregisterBroker { broker: NodeId(args.parsed(id, Slot::Number)?) })
}

pub(super) fn cluster_id(_: &Args<'_>) -> Read {
    Ok(Line::Show(Show::ClusterId))
}

pub(super) fn list_endpoints(args: &Args<'_>) -> Read {
    Ok(Line::Show(Show::Endpoints { fenced: args.has("--include-fenced-brokers") }))
}

pub(super) fn dump_log(args: &Args<'_>) -> Read {
    let missing = |option, slot| option_missing(args, option, slot);
    let node = args.value("--node").ok_or_else(|| missing("--node", Slot::Node))?;
    let files = args.value("--files").ok_or_else(|| missing("--files", Slot::File))?;
    let depth = match (args.has("--print-data-log"), args.has("--deep-iteration")) {
        _ if args.has("--cluster-metadata-decoder") => Depth::Metadata,
        (true, _) => Depth::Contents,
        (false, true) => Depth::Records,
        (false, false) => Depth::Batches,
    };
    let files: Result<_, _> = files.split(b',').iter().map(|file| args.text(file)).collect();
    Ok(Line::Show(Show::DumpLog { node: args.node(node)?, files: files?, depth }))
}

pub(super) fn delete_records(args: &Args<'_>) -> Read {
    let before =
        args.value("before").ok_or_else(|| option_missing(args, "before", Slot::Offset))?;
    command(Command::DeleteRecords {
        partition: args.partition(&args.words[0])?,
        offset: args.parsed(before, Slot::Offset)?,
    })
}

/// `kafka-delete-records.sh`: the tool takes a file of JSON; here the JSON stands on the line.
pub(super) fn delete_records_json(args: &Args<'_>) -> Read {
    #[derive(Deserialize)]
    struct OffsetJson {
        partitions: [PartitionOffset; 1],
    }
    #[derive(Deserialize)]
    struct PartitionOffset {
        topic: String,
        partition: i32,
        offset: i64,
    }
    let option = "--offset-json-file";
    let word = args.value(option).ok_or_else(|| option_missing(args, option, Slot::OffsetJson))?;
    let OffsetJson { partitions: [asked] } =
        serde_json::from_slice(&word.bytes()).map_err(|_| args.invalid(word, Slot::OffsetJson))?;
    command(Command::DeleteRecords {
        partition: TopicPartition::new(asked.topic, asked.partition),
        offset: asked.offset,
    })
}

// `kafka-reassign-partitions.sh`: where the tool takes a file, its JSON stands on the line.

fn reassign(args: &Args<'_>, action: ReassignAction) -> Read {
    let (option, slot) = ("--reassignment-json-file", Slot::AssignmentJson);
    let word = args.value(option).ok_or_else(|| option_missing(args, option, slot))?;
    let targets = kafka_reassign::read_assignment(&word.bytes());
    let targets = targets.ok_or_else(|| args.invalid(word, slot))?;
    command(Command::ReassignPartitions(Reassign { action, targets }))
}

pub(super) fn execute_reassignment(args: &Args<'_>) -> Read {
    let rate = |word: &Word| match args.parsed(word, Slot::Number)? {
        rate @ 1..=RATE_MAX => Ok(rate),
        _ => {
            let (word_text, most) = (word.shown(), RATE_MAX as i64);
            Err(args.error(word, ScriptProblem::OutOfRange { word: word_text, least: 1, most }))
        }
    };
    let throttle = args.value("--throttle").map(rate).transpose()?;
    reassign(args, ReassignAction::Execute { additional: args.has("--additional"), throttle })
}

pub(super) fn verify_reassignment(args: &Args<'_>) -> Read {
    let preserve_throttles = args.has("--preserve-throttles");
    reassign(args, ReassignAction::Verify { preserve_throttles })
}

pub(super) fn cancel_reassignment(args: &Args<'_>) -> Read {
    let preserve_throttles = args.has("--preserve-throttles");
    reassign(args, ReassignAction::Cancel { preserve_throttles })
}

pub(super) fn list_reassignments(_: &Args<'_>) -> Read {
    Ok(Line::Show(Show::Reassignments))
}

pub(super) fn generate_reassignment(args: &Args<'_>) -> Read {
    let (option, slot) = ("--topics-to-move-json-file", Slot::TopicsJson);
    let word = args.value(option).ok_or_else(|| option_missing(args, option, slot))?;
    let topics = kafka_reassign::read_topics(&word.bytes());
    let topics = topics.ok_or_else(|| args.invalid(word, slot))?;
    let option = "--broker-list";
    let word = args.value(option).ok_or_else(|| option_missing(args, option, Slot::Brokers))?;
    let brokers = args.brokers(word, ',', Slot::Brokers)?;
    let distinct: BTreeSet<_> = brokers.iter().collect();
    if brokers.is_empty() || distinct.len() < brokers.len() {
        return Err(args.invalid(word, Slot::Brokers));
    }
    let disable_rack_aware = args.has("--disable-rack-aware");
    Ok(Line::Show(Show::GenerateReassignment { topics, brokers, disable_rack_aware }))
}

pub(super) fn du(args: &Args<'_>) -> Read {
    let dir = args.words.get(1).map(|word| args.text(word)).transpose()?.unwrap_or_default();
    Ok(Line::Show(Show::Du { node: args.node(&args.words[0])?, dir }))
}

pub(super) fn elect_leaders(args: &Args<'_>) -> Read {
    let types = Slot::Choice(&["preferred", "unclean"]);
    let word = args
        .value("--election-type")
        .ok_or_else(|| option_missing(args, "--election-type", types))?;
    let name = args.text(word)?.to_ascii_lowercase();
    let election = ElectionType::ALL.into_iter().find(|election| election.name() == name);
    let election = election.ok_or_else(|| args.invalid(word, types))?;
    let (topic, partition) = (args.value("--topic"), args.value("--partition"));
    if args.has("--all-topic-partitions") {
        if let Some(word) = topic.or(partition) {
            let what = ScriptProblem::Contradiction { a: "--all-topic-partitions", b: "--topic" };
            return Err(args.error(word, what));
        }
        return command(Command::ElectLeaders { election, partition: None });
    }
    let topic = topic.ok_or_else(|| option_missing(args, "--topic", Slot::Topic))?;
    let number = partition.ok_or_else(|| option_missing(args, "--partition", Slot::Number))?;
    let partition = args.parsed(number, Slot::Number)?;
    let partition = Some(TopicPartition { topic: args.name(topic)?, partition });
    command(Command::ElectLeaders { election, partition })
}

// Clients.

pub(super) fn producer(args: &Args<'_>) -> Read {
    let mut configs = Vec::new();
    let idle = IDLE_PRODUCER_CONFIGS.iter().map(|config| config.name);
    for name in PRODUCER_CONFIGS.into_iter().chain(idle) {
        if let Some(value) = args.value(name) {
            configs.push((name.to_string(), args.text(value)?));
        }
    }
    command(Command::CreateProducer { producer: args.name(&args.words[0])?, configs })
}

pub(super) fn show_settings(args: &Args<'_>) -> Read {
    Ok(Line::Show(Show::Settings(args.name(&args.words[0])?)))
}

pub(super) fn show_producer(args: &Args<'_>) -> Read {
    Ok(Line::Show(Show::Producer(args.name(&args.words[0])?)))
}

pub(super) fn produce(args: &Args<'_>) -> Read {
    let acks = |word: &Word| {
        let acks = word.text().and_then(|name| acks_named(&name));
        acks.ok_or_else(|| args.invalid(word, Slot::Choice(&["0", "1", "all"])))
    };
    let acks = args.value("acks").map(acks).transpose()?;
    let compression = |word: &Word| {
        let compression = word.text().and_then(|name| CompressionType::from_name(&name));
        compression.ok_or_else(|| args.invalid(word, Slot::Choice(&COMPRESSIONS)))
    };
    let compression = args.value("compression").map(compression).transpose()?;
    if args.has("value") && args.has("null-value") {
        let what = ScriptProblem::Contradiction { a: "value", b: "null-value" };
        return Err(args.error_at_end(what));
    }
    let value = match args.value("value") {
        _ if args.has("null-value") => None,
        Some(word) => Some(word.bytes()),
        None => Some(Bytes::new()),
    };
    let mut headers = Vec::new();
    for word in args.values("header") {
        let (key, value) = word.split_once(b':').ok_or_else(|| args.invalid(word, Slot::Header))?;
        headers.push((args.text(&key)?, value.bytes()));
    }
    let number =
        |name: &str| args.value(name).map(|word| args.parsed(word, Slot::Number)).transpose();
    let timestamp =
        args.value("timestamp").map(|word| args.parsed(word, Slot::Timestamp)).transpose()?;
    let count = args.value("count").map(|word| args.parsed(word, Slot::Number)).transpose()?;
    command(Command::Produce(Produce {
        topic: args.name(&args.words[0])?,
        producer: args.value("producer").map_or(Ok(PRODUCER.into()), |word| args.name(word))?,
        partition: number("partition")?,
        key: args.value("key").map(|word| word.bytes()),
        value,
        headers,
        timestamp_ms: timestamp,
        acks,
        compression,
        count: count.unwrap_or(1),
    }))
}

pub(super) fn close(args: &Args<'_>) -> Read {
    command(Command::CloseClient { client: args.name(&args.words[0])? })
}

// Time.

/// A number of steps or events: at least one.
fn count(args: &Args<'_>, default: u32) -> Result<u32, ScriptError> {
    let Some(word) = args.words.first() else {
        return Ok(default);
    };
    match args.parsed(word, Slot::Number)? {
        0 => Err(args.error(
            word,
            ScriptProblem::OutOfRange { word: word.shown(), least: 1, most: i64::from(u32::MAX) },
        )),
        count => Ok(count),
    }
}

pub(super) fn step(args: &Args<'_>) -> Read {
    Ok(Line::Drive(Drive::Step(count(args, 1)?)))
}

pub(super) fn run_for(args: &Args<'_>) -> Read {
    Ok(Line::Drive(Drive::For { ms: args.duration_ms(&args.words[0])? }))
}

pub(super) fn run_until(args: &Args<'_>) -> Read {
    // Only at the end, so that a client may be called within.
    let (words, within_ms) = match &args.words[..] {
        [words @ .., within, duration] if within.is("within") => {
            (words, args.duration_ms(duration)?)
        }
        [_, .., within] if within.is("within") => return Err(args.missing(Slot::Duration)),
        words => (words, WITHIN_MS),
    };
    let condition = condition::read(args, words)?;
    Ok(Line::Drive(Drive::Until { condition, within_ms }))
}

// Looks.

pub(super) fn show_partition(args: &Args<'_>) -> Read {
    Ok(Line::Show(Show::Partition(args.partition(&args.words[0])?)))
}

pub(super) fn show_log(args: &Args<'_>) -> Read {
    let (node, partition) = (args.node(&args.words[0])?, args.partition(&args.words[1])?);
    Ok(Line::Show(Show::Log { node, partition }))
}

pub(super) fn show_brokers(_: &Args<'_>) -> Read {
    Ok(Line::Show(Show::Brokers))
}

pub(super) fn show_page_cache(_: &Args<'_>) -> Read {
    Ok(Line::Show(Show::PageCache))
}

pub(super) fn show_clients(_: &Args<'_>) -> Read {
    Ok(Line::Show(Show::Clients))
}

pub(super) fn show_monitors(_: &Args<'_>) -> Read {
    Ok(Line::Show(Show::Monitors))
}

pub(super) fn show_envelopes(_: &Args<'_>) -> Read {
    Ok(Line::Show(Show::Envelopes))
}

pub(super) fn show_events(args: &Args<'_>) -> Read {
    Ok(Line::Show(Show::Events(count(args, EVENTS)?)))
}

pub(super) fn ls(args: &Args<'_>) -> Read {
    let dir = args.words.get(1).map_or(Ok(String::new()), |word| args.text(word))?;
    Ok(Line::Show(Show::Ls { node: args.node(&args.words[0])?, dir }))
}

pub(super) fn cat(args: &Args<'_>) -> Read {
    let (node, path) = (args.node(&args.words[0])?, args.text(&args.words[1])?);
    Ok(Line::Show(Show::Cat { node, path }))
}

pub(super) fn help(args: &Args<'_>) -> Read {
    let verb = args.words.first().map(|word| args.text(word)).transpose()?;
    Ok(Line::Show(Show::Help { verb }))
}
