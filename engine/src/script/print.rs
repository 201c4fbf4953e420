//! A [`Line`] as text, in its one canonical form: options in the order of the verb's usage, defaults
//! left out, quotes only where they are needed.

mod consumers;
pub mod faults;

use super::condition::state::ids_text;
use super::condition::{Comparison, Condition};
use super::kafka_console;
use super::kafka_consumer_groups::print_reset;
use super::kafka_producer_perf_test;
use super::kafka_reassign::{assignment_word, topics_word};
use super::kafka_transactions;
use super::lexer::quote;
use super::line::*;
use super::read::implied_counts;
use super::spec_text;
use super::words::explain::Question;
use crate::command::workload::{Workload, WorkloadKind};
use crate::command::{Command, CreateTopic, Produce, Reassign, ReassignAction, StartFrom};
use crate::explain::partition::About;
use crate::ids::{Address, ConfigResource, NodeId, TopicPartition};
use crate::log::dump::Depth;

fn print_workload(workload: &Workload) -> String {
    let Workload { producer, topic, kind, rate, seed, count, record_size } = workload;
    let mut line = format!("workload {} topic={}", word(producer), quote(topic.as_bytes(), ""));
    if *kind != WorkloadKind::Steady {
        line += &format!(" kind={}", kind.name());
    }
    if *rate != WORKLOAD_RATE {
        line += &format!(" rate={rate}");
    }
    if *seed != WORKLOAD_SEED {
        line += &format!(" seed={seed}");
    }
    line += &count.map_or(String::new(), |count| format!(" count={count}"));
    line + &record_size.map_or(String::new(), |size| format!(" record.size={size}"))
}

/// The line as a person would type it.
pub fn print(line: &Line, names: &dyn Names) -> String {
    match line {
        Line::Prose(text) if text.is_empty() => String::new(),
        Line::Prose(text) => format!("# {text}"),
        Line::Spec(spec) => spec_text::print(spec),
        Line::Command(command) => print_command(command, names),
        Line::Drive(drive) => print_drive(drive),
        Line::PerfTest(test) => kafka_producer_perf_test::print(test),
        Line::Show(show) => print_show(show),
    }
}

/// A word that stands alone: it must not look like an option or an assignment.
pub(super) fn word(text: &str) -> String {
    not_an_option(text, quote(text.as_bytes(), "="))
}

fn not_an_option(text: &str, typed: String) -> String {
    if typed.starts_with("--") { format!("\"{text}\"") } else { typed }
}

/// A word that may be one of a list, or have a list behind it.
pub(super) fn listed_word(text: &str) -> String {
    not_an_option(text, quote(text.as_bytes(), "=,:[]"))
}

pub(super) fn partition_word(partition: &TopicPartition) -> String {
    word(&partition.to_string())
}

fn config_name(name: &str) -> String {
    not_an_option(name, quote(name.as_bytes(), "=,[]"))
}

/// The value of one of several configs: kafka-configs.sh wants a list in brackets.
fn config_in_list(name: &str, value: &str) -> String {
    let unlisted = quote(value.as_bytes(), "[]");
    let value = if value.contains(',') && !unlisted.starts_with('"') {
        format!("[{value}]")
    } else {
        quote(value.as_bytes(), ",[]")
    };
    format!("{}={value}", config_name(name))
}

pub fn print_command(command: &Command, names: &dyn Names) -> String {
    let ends = |from: Address, to: Address| {
        let [from, to] = [from, to].map(|end| word(&address_text(end, names)));
        format!("{from} {to}")
    };
    match command {
        Command::CreateTopic(create) => print_create_topic(create),
        Command::AddPartitions { topic, partitions, replica_assignment } => {
            let line = format!("kafka-topics.sh --alter --topic {}", word(topic));
            line + &format!(" --partitions {partitions}") + &assignment_option(replica_assignment)
        }
        Command::DeleteTopic { topic } => {
            format!("kafka-topics.sh --delete --topic {}", word(topic))
        }
        Command::AlterConfigs { resource, changes } => print_alter(resource, changes),
        Command::ElectLeaders { election, partition } => {
            let line = format!("kafka-leader-election.sh --election-type {}", election.name());
            match partition {
                None => line + " --all-topic-partitions",
                Some(TopicPartition { topic, partition }) => {
                    line + &format!(" --topic {} --partition {partition}", word(topic))
                }
            }
        }
        Command::ReassignPartitions(request) => print_reassign(request),
        Command::Produce(produce) => print_produce(produce),
        Command::CreateProducer { producer, configs } => {
            let mut line = format!("producer {}", word(producer));
            for (name, value) in configs {
                line += &format!(" {name}={}", quote(value.as_bytes(), ""));
            }
            line
        }
        Command::Consume { topic, consumer, from, client_rack, configs, group } => {
            let more = group.iter().flat_map(|group| &group.more_topics);
            let topics = std::iter::once(topic).chain(more).map(|topic| listed_word(topic));
            let mut line = "consume ".to_string() + &topics.collect::<Vec<_>>().join(",");
            if &**consumer != CONSUMER {
                line += &format!(" consumer={}", quote(consumer.as_bytes(), ""));
            }
            match group {
                Some(group) => line += &consumers::print_membership(group, *from),
                None => match from {
                    StartFrom::Latest => {}
                    StartFrom::Earliest => line += " from=earliest",
                    other => line += &format!(" auto.offset.reset={}", other.text()),
                },
            }
            if let Some(rack) = client_rack {
                line += &format!(" client.rack={rack}");
            }
            for (name, value) in configs {
                line += &format!(" {name}={}", quote(value.as_bytes(), ""));
            }
            line
        }
        Command::Transaction { .. }
        | Command::SendOffsets { .. }
        | Command::Process(_)
        | Command::AbortTransaction { .. } => kafka_transactions::print_command(command),
        Command::KillClient { client, after } => {
            let after = after.map_or(String::new(), |records| format!(" after={records}"));
            format!("kill {}{after}", word(client))
        }
        Command::Commit { .. }
        | Command::Seek { .. }
        | Command::PausePartition { .. }
        | Command::Assign { .. }
        | Command::Subscribe { .. } => consumers::print(command),
        Command::StartWorkload(workload) => print_workload(workload),
        Command::StopWorkload { producer } => format!("workload {} stop", word(producer)),
        Command::ResetOffsets(reset) => print_reset(reset) + " --execute",
        Command::DeleteGroup { group } => {
            format!("kafka-consumer-groups.sh --delete --group {}", word(group))
        }
        Command::CloseClient { client } => format!("close {}", word(client)),
        Command::SetProcessing { client, processing_ms } => {
            format!("application {} processing={}", word(client), duration_text(*processing_ms))
        }
        Command::DeleteRecords { partition, offset } => {
            format!("delete-records {} before={offset}", partition_word(partition))
        }
        Command::Crash { node } => format!("crash {node}"),
        Command::PowerLoss { node } => format!("power-loss {node}"),
        Command::Stop { node } => format!("stop {node}"),
        Command::Pause { node } => format!("pause {node}"),
        Command::Resume { node } => format!("resume {node}"),
        Command::Start { node } => format!("start {node}"),
        Command::AddBroker { node: None } => "add-broker".to_string(),
        Command::AddBroker { node: Some(NodeId(id)) } => format!("add-broker {id}"),
        Command::Replace { node } => format!("replace {node}"),
        Command::UnregisterBroker { broker: NodeId(id) } => {
            format!("kafka-cluster.sh unregister --id {id}")
        }
        Command::Disk { node, fault } => format!("disk {node} {}", faults::disk_text(*fault)),
        Command::Cut { from, to, one_way } => {
            format!("cut {}{}", ends(*from, *to), faults::one_way_text(*one_way))
        }
        Command::Link { from, to, one_way, api, fault } => {
            let one_way = faults::one_way_text(*one_way);
            let fault = faults::link_fault_text(*api, *fault);
            format!("link {}{one_way} {fault}", ends(*from, *to))
        }
        Command::Isolate { node } => format!("isolate {node}"),
        Command::RingCut { nodes } => {
            nodes.iter().fold("ring-cut".to_string(), |line, node| format!("{line} {node}"))
        }
        Command::Heal { from, to } => format!("heal {}", ends(*from, *to)),
        Command::HealEnd { end } => match &*address_text(*end, names) {
            "all" => "heal \"all\"".to_string(),
            end => format!("heal {}", word(end)),
        },
        Command::HealAll => "heal all".to_string(),
        Command::Envelope { envelope, act } => {
            faults::envelope_act(&ends(envelope.from, envelope.to), &envelope.number(), *act)
        }
    }
}

fn print_reassign(request: &Reassign) -> String {
    let (action, options) = match request.action {
        ReassignAction::Execute { additional, throttle } => {
            let throttle = throttle.map_or(String::new(), |rate| format!(" --throttle {rate}"));
            let additional = if additional { " --additional" } else { "" };
            ("--execute", format!("{additional}{throttle}"))
        }
        ReassignAction::Verify { preserve_throttles } => {
            ("--verify", preserves(preserve_throttles))
        }
        ReassignAction::Cancel { preserve_throttles } => {
            ("--cancel", preserves(preserve_throttles))
        }
    };
    let json = assignment_word(&request.targets);
    format!("kafka-reassign-partitions.sh {action} --reassignment-json-file {json}{options}")
}

fn preserves(throttles: bool) -> String {
    if throttles { " --preserve-throttles".to_string() } else { String::new() }
}

fn print_create_topic(create: &CreateTopic) -> String {
    let mut line = format!("kafka-topics.sh --create --topic {}", word(&create.topic));
    let assignment = &create.replica_assignment;
    let implied = if assignment.is_empty() { None } else { Some(implied_counts(assignment)) };
    if implied.is_none_or(|(partitions, _)| partitions != create.partitions) {
        line += &format!(" --partitions {}", create.partitions);
    }
    if implied.is_none_or(|(_, factor)| factor != create.replication_factor) {
        line += &format!(" --replication-factor {}", create.replication_factor);
    }
    line += &assignment_option(assignment);
    for (name, value) in &create.configs {
        let value = quote(value.as_bytes(), "[]");
        line += &format!(" --config {}={value}", config_name(name));
    }
    line
}

fn assignment_option(assignment: &[Vec<NodeId>]) -> String {
    if assignment.is_empty() {
        return String::new();
    }
    let colons = |replicas: &Vec<NodeId>| ids_text(replicas).replace(',', ":");
    let text = assignment.iter().map(colons).collect::<Vec<_>>().join(",");
    format!(" --replica-assignment {}", quote(text.as_bytes(), ""))
}

fn entity(resource: &ConfigResource) -> String {
    match resource {
        ConfigResource::Topic(topic) => {
            format!("--entity-type topics --entity-name {}", word(topic))
        }
        ConfigResource::Broker(id) => format!("--entity-type brokers --entity-name {}", id.0),
        ConfigResource::BrokerDefault => "--entity-type brokers --entity-default".to_string(),
    }
}

fn print_alter(resource: &ConfigResource, changes: &[(String, Option<String>)]) -> String {
    let mut line = format!("kafka-configs.sh --alter {}", entity(resource));
    // The order of changes is kept: neighbours of one kind share an option.
    for run in changes.chunk_by(|(_, a), (_, b)| a.is_some() == b.is_some()) {
        let adds = run[0].1.is_some();
        let parts: Vec<String> = run
            .iter()
            .map(|(name, value)| match value {
                Some(value) => config_in_list(name, value),
                None => config_name(name),
            })
            .collect();
        let option = if adds { "--add-config" } else { "--delete-config" };
        line += &format!(" {option} {}", parts.join(","));
    }
    line
}

fn print_produce(produce: &Produce) -> String {
    let mut line = format!("produce {}", word(&produce.topic));
    if let Some(key) = &produce.key {
        line += &format!(" key={}", quote(key, ""));
    }
    match &produce.value {
        None => line += " null-value",
        Some(value) if value.is_empty() => {}
        Some(value) => line += &format!(" value={}", quote(value, "")),
    }
    if let Some(partition) = produce.partition {
        line += &format!(" partition={partition}");
    }
    for (key, value) in &produce.headers {
        line += &format!(" header={}:{}", quote(key.as_bytes(), ":"), quote(value, ""));
    }
    if let Some(timestamp) = produce.timestamp_ms {
        line += &format!(" timestamp={timestamp}");
    }
    if let Some(acks) = produce.acks {
        line += &format!(" acks={acks}");
    }
    if let Some(compression) = produce.compression {
        line += &format!(" compression={compression}");
    }
    if &*produce.producer != PRODUCER {
        line += &format!(" producer={}", quote(produce.producer.as_bytes(), ""));
    }
    if produce.count != 1 {
        line += &format!(" count={}", produce.count);
    }
    line
}

fn print_drive(drive: &Drive) -> String {
    match drive {
        Drive::Step(1) => "step".to_string(),
        Drive::Step(count) => format!("step {count}"),
        Drive::For { ms } => format!("run {}", duration_text(*ms)),
        Drive::Until { condition, within_ms } => {
            let within = match *within_ms {
                WITHIN_MS => String::new(),
                ms => format!(" within {}", duration_text(ms)),
            };
            format!("run until {}{within}", print_condition(condition))
        }
    }
}

pub fn print_condition(condition: &Condition) -> String {
    let at = |node: &Option<NodeId>| node.map_or(String::new(), |node| format!("{node} "));
    let equality =
        |equal: &bool| if *equal { Comparison::Equal } else { Comparison::NotEqual }.symbol();
    match condition {
        Condition::HighWatermark { node, partition, is, offset } => {
            let (node, partition) = (at(node), partition_word(partition));
            format!("high-watermark {node}{partition} {} {offset}", is.symbol())
        }
        Condition::LogEnd { node, partition, is, offset } => {
            let (node, partition) = (at(node), partition_word(partition));
            format!("log-end {node}{partition} {} {offset}", is.symbol())
        }
        Condition::Leader { partition, equal, leader } => {
            let leader = leader.map_or("none".to_string(), |leader| leader.to_string());
            format!("leader {} {} {leader}", partition_word(partition), equality(equal))
        }
        Condition::Isr { partition, equal, isr } => {
            let isr = quote(ids_text(isr).as_bytes(), "");
            format!("isr {} {} {isr}", partition_word(partition), equality(equal))
        }
        Condition::Position { consumer, partition, is, offset } => {
            let (consumer, partition) = (word(consumer), partition_word(partition));
            format!("position {consumer} {partition} {} {offset}", is.symbol())
        }
        Condition::Acknowledged { producer, is, count } => {
            format!("acknowledged {} {} {count}", word(producer), is.symbol())
        }
        Condition::Failed { producer, is, count } => {
            format!("failed {} {} {count}", word(producer), is.symbol())
        }
        Condition::Transaction { transactional_id, equal, state } => {
            format!("transaction {} {} {state}", word(transactional_id), equality(equal))
        }
        Condition::Stopped { node } => format!("stopped {node}"),
        Condition::Ready => "ready".to_string(),
        Condition::Quiet => "quiet".to_string(),
    }
}

fn print_show(show: &Show) -> String {
    match show {
        Show::ListGroups { state, kind } => {
            let kind = if *kind { " --type" } else { "" };
            let state = if *state { " --state" } else { "" };
            format!("kafka-consumer-groups.sh --list{state}{kind}")
        }
        Show::DescribeGroup { group, report } => {
            let report = match report {
                GroupReport::Offsets { verbose } => ("", verbose),
                GroupReport::Members { verbose } => (" --members", verbose),
                GroupReport::State { verbose } => (" --state", verbose),
            };
            let report = report.0.to_string() + if *report.1 { " --verbose" } else { "" };
            format!("kafka-consumer-groups.sh --describe --group {}{report}", word(group))
        }
        Show::ResetOffsets(reset) => print_reset(reset) + " --dry-run",
        Show::Transactions(look) => kafka_transactions::print_look(look),
        Show::DescribeTopics { topic, described } => {
            let topic = topic.as_ref().map(|topic| format!(" --topic {}", word(topic)));
            let described = match described {
                Described::All => String::new(),
                Described::Overrides => " --topics-with-overrides".to_string(),
                Described::Partitions(reports) => {
                    reports.iter().map(|report| format!(" {}", report.option())).collect()
                }
            };
            format!("kafka-topics.sh --describe{}{described}", topic.unwrap_or_default())
        }
        Show::ListTopics => "kafka-topics.sh --list".to_string(),
        Show::DescribeConfigs { resource, all } => format!(
            "kafka-configs.sh --describe {}{}",
            entity(resource),
            if *all { " --all" } else { "" }
        ),
        Show::Reassignments => "kafka-reassign-partitions.sh --list".to_string(),
        Show::GenerateReassignment { topics, brokers, disable_rack_aware } => format!(
            "kafka-reassign-partitions.sh --generate --topics-to-move-json-file {} --broker-list {}{}",
            topics_word(topics),
            quote(ids_text(brokers).as_bytes(), ""),
            if *disable_rack_aware { " --disable-rack-aware" } else { "" }
        ),
        Show::MetadataQuorum { replication } => format!(
            "kafka-metadata-quorum.sh describe {}",
            if *replication { "--replication" } else { "--status" }
        ),
        Show::MetadataShell { node, snapshot, command, path } => {
            let snapshot = snapshot.as_ref().map(|path| format!(" --snapshot {}", word(path)));
            let (snapshot, command) = (snapshot.unwrap_or_default(), command.name());
            format!("kafka-metadata-shell.sh --node {node}{snapshot} {command} {}", word(path))
        }
        Show::GetOffsets { topic, time } => {
            let topic = topic.as_ref().map(|topic| format!(" --topic {}", word(topic)));
            let time = if *time == -1 { String::new() } else { format!(" --time {time}") };
            format!("kafka-get-offsets.sh{}{time}", topic.unwrap_or_default())
        }
        Show::BrokerApiVersions => "kafka-broker-api-versions.sh".to_string(),
        Show::ClusterId => "kafka-cluster.sh cluster-id".to_string(),
        Show::Endpoints { fenced } => {
            let fenced = if *fenced { " --include-fenced-brokers" } else { "" };
            format!("kafka-cluster.sh list-endpoints{fenced}")
        }
        Show::DumpLog { node, files, depth } => {
            let files: Vec<_> = files.iter().map(|file| quote(file.as_bytes(), ",[]")).collect();
            let depth = match depth {
                Depth::Batches => "",
                Depth::Records => " --deep-iteration",
                Depth::Contents => " --print-data-log",
                Depth::Metadata => " --cluster-metadata-decoder",
            };
            format!("kafka-dump-log.sh --node {node} --files={}{depth}", files.join(","))
        }
        Show::Du { node, dir } if dir.is_empty() => format!("du {node}"),
        Show::Du { node, dir } => format!("du {node} {}", word(dir)),
        Show::Partition(partition) => format!("show partition {}", partition_word(partition)),
        Show::Log { node, partition } => format!("show log {node} {}", partition_word(partition)),
        Show::Brokers => "show brokers".to_string(),
        Show::Clients => "show clients".to_string(),
        Show::ConsoleConsumer(look) => kafka_console::print(look),
        Show::Monitors => "show monitors".to_string(),
        Show::Ledger { topic: None } => "show ledger".to_string(),
        Show::Ledger { topic: Some(topic) } => format!("show ledger {}", word(topic)),
        Show::Producer(name) => format!("show producer {}", word(name)),
        Show::Settings(name) => format!("show settings {}", word(name)),
        Show::Consumer(name) => format!("show consumer {}", word(name)),
        Show::PageCache => "show page-cache".to_string(),
        Show::Envelopes => "show envelopes".to_string(),
        Show::Events(EVENTS) => "show events".to_string(),
        Show::Events(count) => format!("show events {count}"),
        Show::Why(None) => "why last".to_string(),
        Show::Why(Some(event)) => format!("why {event}"),
        Show::WhyNot { question, node, partition, offset } => {
            let question = match question {
                Question::NotDeleted => "not-deleted",
                Question::NotCompacted => "not-compacted",
            };
            let offset = offset.map_or(String::new(), |offset| format!(" {offset}"));
            format!("why {question} {node} {}{offset}", partition_word(partition))
        }
        Show::WhyIs { about, partition } => {
            let about = match about {
                About::HighWatermark => "high-watermark",
                About::Isr => "isr",
                About::Leader => "leader",
                About::LeaderEpoch => "leader-epoch",
            };
            format!("why {about} {}", partition_word(partition))
        }
        Show::WhyQuorum => "why quorum".to_string(),
        Show::WhyBroker(node) => format!("why broker {node}"),
        Show::WhyReadReplica { consumer, partition } => {
            format!("why read-replica {} {}", word(consumer), partition_word(partition))
        }
        Show::WhyOwner { partition, group } => {
            format!("why owner {} group={}", partition_word(partition), word(group))
        }
        Show::WhyRecord { partition, offset } => {
            format!("why record {} {offset}", partition_word(partition))
        }
        Show::Ls { node, dir } if dir.is_empty() => format!("ls {node}"),
        Show::Ls { node, dir } => format!("ls {node} {}", word(dir)),
        Show::Cat { node, path } => format!("cat {node} {}", word(path)),
        Show::Help { verb: None } => "help".to_string(),
        Show::Help { verb: Some(verb) } => format!("help {}", word(verb)),
    }
}
