//! What the looks print: nodes, clients, messages, events, help. Logs and files are in [`disk`] and
//! [`log`], a partition's replicas in [`partition`], Kafka's tools in [`super::kafka_tools`].

use super::condition::FORMS;
use super::condition::state::image;
use super::describe::is_milestone;
use super::lang::{Lang, say};
use super::line::Show;
use super::print::faults::{disk_text, link_fault_text};
use super::runner::{Failure, Machine, NotFound, event_line};
use super::verbs::VERBS;
use super::{
    kafka_api_versions, kafka_cluster, kafka_console, kafka_consumer_groups, kafka_reassign,
    kafka_tools, kafka_topics, kafka_transactions,
};
use crate::client::consumer::PositionState;
use crate::cluster::{Client, ClientKind, Cluster};
use crate::command::{DiskFault, Refusal};
use crate::event::Event;
use crate::ids::{NodeId, TopicPartition};
use crate::node::{Down, Node, Process};
use crate::sim::disk::DiskCondition;
use crate::sim::network::Body;
use table::Table;

mod configs;
mod consumer;
pub mod disk;
mod dump;
mod explain;
mod ledger;
pub mod log;
mod metadata_shell;
mod monitors;
pub mod partition;
mod producer;
mod quorum;
mod settings;
pub mod table;

/// How many events a look goes back through.
const EVENTS_MAX: u64 = 32_768;

pub fn show(machine: &impl Machine, look: &Show, lang: Lang) -> Result<String, Failure> {
    let cluster = machine.cluster();
    match look {
        Show::DescribeTopics { topic, described } => {
            kafka_topics::describe(cluster, topic.as_deref(), described)
        }
        Show::ListTopics => Ok(kafka_topics::list(cluster)),
        Show::DescribeConfigs { resource, all } => {
            configs::describe_configs(cluster, resource, *all)
        }
        Show::Reassignments => Ok(kafka_reassign::list(cluster)),
        Show::GenerateReassignment { topics, brokers, disable_rack_aware } => {
            kafka_reassign::generate(cluster, topics, brokers, *disable_rack_aware)
        }
        Show::MetadataQuorum { replication } => quorum::describe(cluster, *replication),
        Show::MetadataShell { node, snapshot, command, path } => {
            metadata_shell::run(cluster, *node, snapshot.as_deref(), *command, path)
        }
        Show::Partition(id) => partition::show(cluster, id, lang),
        Show::Log { node, partition } => log::show(cluster, *node, partition, lang),
        Show::Brokers => Ok(brokers(cluster, lang)),
        Show::Clients => Ok(clients(cluster, lang)),
        Show::ConsoleConsumer(look) => kafka_console::consumed(cluster, look),
        Show::Monitors => Ok(monitors::show(cluster, lang)),
        Show::Ledger { topic } => ledger::show(cluster, topic.as_deref(), lang),
        Show::Producer(name) => producer::show(cluster, name, lang),
        Show::Settings(name) => settings::show(cluster, name, lang),
        Show::Consumer(name) => consumer::show(cluster, name, lang),
        Show::PageCache => Ok(page_cache(cluster)),
        Show::Envelopes => Ok(envelopes(cluster, lang)),
        Show::Events(count) => Ok(events(machine, *count, lang)),
        Show::Why(event) => explain::why_event(machine, *event, lang),
        Show::WhyNot { question, node, partition, offset } => {
            explain::show(cluster, *question, *node, partition, *offset, lang)
        }
        Show::WhyIs { about, partition } => explain::why_is(machine, *about, partition, lang),
        Show::WhyQuorum => Ok(explain::why_quorum(cluster, lang)),
        Show::WhyBroker(node) => explain::why_broker(cluster, *node, lang),
        Show::WhyReadReplica { consumer, partition } => {
            explain::why_read_replica(cluster, consumer, partition, lang)
        }
        Show::WhyOwner { partition, group } => explain::why_owner(cluster, group, partition, lang),
        Show::WhyRecord { partition, offset } => {
            explain::why_record(machine, partition, *offset, lang)
        }
        Show::Ls { node, dir } => disk::ls(cluster, *node, dir),
        Show::Cat { node, path } => disk::cat(cluster, *node, path),
        Show::Du { node, dir } => disk::du(cluster, *node, dir),
        Show::DumpLog { node, files, depth } => dump::show(cluster, *node, files, *depth),
        Show::GetOffsets { topic, time } => {
            kafka_tools::get_offsets(cluster, topic.as_deref(), *time)
        }
        Show::BrokerApiVersions => kafka_api_versions::show(cluster),
        Show::ClusterId => Ok(kafka_cluster::cluster_id(cluster)),
        Show::Endpoints { fenced } => kafka_cluster::list_endpoints(cluster, *fenced),
        Show::ListGroups { state, kind } => {
            Ok(kafka_consumer_groups::listed(cluster, *state, *kind))
        }
        Show::DescribeGroup { group, report } => {
            kafka_consumer_groups::described(cluster, group, *report, lang)
        }
        Show::ResetOffsets(reset) => kafka_consumer_groups::planned(cluster, reset),
        Show::Transactions(look) => kafka_transactions::show(cluster, look, lang),
        Show::Help { verb } => help(verb.as_deref(), lang),
    }
}

pub(super) fn known_node(cluster: &Cluster, node: NodeId) -> Result<&Node, Failure> {
    cluster.node(node).ok_or(Failure::Refused(Refusal::NoSuchNode { node }))
}

pub(super) fn process_text(node: &Node) -> &'static str {
    match &node.process {
        Process::Running(_) if node.broker().is_some_and(|broker| broker.shutting_down) => {
            "stopping"
        }
        Process::Running(_) => "running",
        Process::Paused { .. } => "paused",
        Process::Down(Down::HostUp) => "down",
        Process::Down(Down::PowerLost) => "no power",
    }
}

fn brokers(cluster: &Cluster, lang: Lang) -> String {
    let mut columns =
        vec!["NODE", "PROCESS", "METADATA", "BROKER-EPOCH", "LEADS", "FOLLOWS", "NOT-DURABLE"];
    let has_racks = !cluster.spec().racks.is_empty();
    if has_racks {
        columns.push("RACK");
    }
    let mut table = Table::new(&columns);
    let image = image(cluster);
    for node in cluster.nodes() {
        let registration = image.and_then(|image| image.brokers.get(&node.id));
        let metadata = match registration {
            _ if node.id.is_controller() => "controller",
            None => "not registered",
            Some(registration) if registration.fenced => "fenced",
            Some(registration) if registration.in_controlled_shutdown => "shutting down",
            Some(_) => "active",
        };
        let counts = node.broker().map(|broker| {
            let replicas = broker.replicas.partitions.values();
            let leads = replicas.clone().filter(|partition| partition.is_leader()).count();
            (leads, replicas.count() - leads)
        });
        let rack = registration.and_then(|registration| registration.rack.as_deref());
        let own = [
            node.id.to_string(),
            process_text(node).to_string(),
            metadata.to_string(),
            registration
                .map_or("-".to_string(), |registration| registration.broker_epoch.to_string()),
            counts.map_or("-".to_string(), |(leads, _)| leads.to_string()),
            counts.map_or("-".to_string(), |(_, follows)| follows.to_string()),
            format!("{} B", node.disk.dirty_bytes()),
        ];
        table.add(own.into_iter().chain(has_racks.then(|| rack.unwrap_or("-").to_string())));
    }
    let mut text = table.text();
    for node in cluster.nodes().filter(|n| n.disk.condition() != DiskCondition::Sound) {
        let (id, condition) = (node.id, disk_text(DiskFault::Becomes(node.disk.condition())));
        text += &say!(lang, "\n디스크: {id} {condition}", "\ndisk: {id} {condition}");
    }
    for (from, to) in cluster.cuts() {
        let (from, to) = (cluster.name_of(from), cluster.name_of(to));
        text += &say!(lang, "\n끊긴 링크: {from} -> {to}", "\ncut: {from} -> {to}");
    }
    for ((from, to), api, fault) in cluster.link_faults() {
        let (from, to) = (cluster.name_of(from), cluster.name_of(to));
        let fault = link_fault_text(api, fault);
        text += &say!(lang, "\n나쁜 링크: {from} -> {to} {fault}", "\nbad: {from} -> {to} {fault}");
    }
    text
}

/// Bytes, by node: what waits to be durable, and where the bytes came from that were served since the
/// host started.
fn page_cache(cluster: &Cluster) -> String {
    let mut table = Table::new(&["NODE", "NOT-DURABLE", "READ-FROM-CACHE", "READ-FROM-DISK"]);
    for node in cluster.brokers() {
        let reads = node.disk.reads();
        let bytes = [node.disk.dirty_bytes(), reads.from_cache, reads.from_disk];
        let [dirty, cache, disk] = bytes.map(|bytes| format!("{bytes} B"));
        table.add([node.id.to_string(), dirty, cache, disk]);
    }
    table.text()
}

fn clients(cluster: &Cluster, lang: Lang) -> String {
    let lines: Vec<String> =
        cluster.clients().map(|client| client_line(cluster, client, lang)).collect();
    if lines.is_empty() {
        return lang.pick("클라이언트가 없습니다.", "There are no clients.").to_string();
    }
    lines.join("\n")
}

fn client_line(cluster: &Cluster, client: &Client, lang: Lang) -> String {
    let name = &client.name;
    let closed = if client.closed { lang.pick(" (닫힘)", " (closed)") } else { "" };
    match &client.kind {
        ClientKind::Producer(producer) => {
            let (done, failed) = (producer.acknowledged, producer.failed);
            let waiting = producer.outstanding();
            say!(
                lang,
                "{name} 프로듀서{closed}: 확인 {done}, 실패 {failed}, 대기 {waiting}",
                "{name} producer{closed}: {done} acknowledged, {failed} failed, {waiting} waiting"
            )
        }
        ClientKind::Consumer(consumer) => {
            let (topic, consumed) = (&consumer.topic, consumer.consumed);
            let mut line = say!(
                lang,
                "{name} 컨슈머{closed}, {topic}: 레코드 {consumed}개를 읽음",
                "{name} consumer{closed} of {topic}: {consumed} records read"
            );
            for (id, position) in &consumer.positions {
                line += &match (position.state, high_watermark(cluster, id)) {
                    (PositionState::Initializing | PositionState::AwaitReset, _) => {
                        format!("; {id} -")
                    }
                    (_, Some(end)) => {
                        let (at, lag) = (position.offset, (end - position.offset).max(0));
                        format!("; {id} {at} (lag {lag})")
                    }
                    (_, None) => format!("; {id} {}", position.offset),
                };
                if let Some(replica) = position.preferred.map(|preferred| preferred.node) {
                    line += &say!(lang, ", {replica}에서 읽음", ", read from {replica}");
                }
            }
            line
        }
    }
}

/// At the leader: what a consumer's lag counts from.
fn high_watermark(cluster: &Cluster, id: &TopicPartition) -> Option<i64> {
    let leader = image(cluster)?.partition(id)?.leader?;
    let replica = cluster.node(leader)?.broker()?.replicas.partitions.get(id)?;
    Some(replica.log.high_watermark())
}

fn envelopes(cluster: &Cluster, lang: Lang) -> String {
    let mut table = Table::new(&["FROM", "TO", "NO", "API", "KIND", "SENT", "DUE"]);
    for envelope in cluster.envelopes() {
        let kind = match envelope.body {
            Body::Request(_) => "request",
            Body::Response(_) => "response",
            Body::Reset(_) => "connection reset",
        };
        table.add([
            cluster.name_of(envelope.id.from),
            cluster.name_of(envelope.id.to),
            envelope.id.number(),
            envelope.api().name().to_string(),
            kind.to_string(),
            envelope.sent_at.to_string(),
            envelope.deliver_at.to_string(),
        ]);
    }
    if table.is_empty() {
        return lang.pick("가고 있는 메시지가 없습니다.", "No message is on its way.").to_string();
    }
    table.text()
}

fn events(machine: &impl Machine, count: u32, lang: Lang) -> String {
    let next = machine.cluster().next_event_id().0;
    let events = machine.events(next.saturating_sub(u64::from(count))..next);
    let lines = events.iter().map(|event| event_line(event, machine.cluster(), lang));
    lines.collect::<Vec<_>>().join("\n")
}

fn last_milestone(machine: &impl Machine) -> Option<Event> {
    last_event(machine, |event| is_milestone(&event.kind))
}

/// Looks back through some thousand events, a few at a time.
fn last_event(machine: &impl Machine, wanted: impl Fn(&Event) -> bool) -> Option<Event> {
    const AT_ONCE: u64 = 512;
    let mut end = machine.cluster().next_event_id().0;
    for _ in 0..EVENTS_MAX / AT_ONCE {
        let from = end.saturating_sub(AT_ONCE);
        let found = machine.events(from..end).into_iter().rfind(|event| wanted(event));
        if found.is_some() || from == 0 {
            return found;
        }
        end = from;
    }
    None
}

fn help(verb: Option<&str>, lang: Lang) -> Result<String, Failure> {
    let Some(word) = verb else {
        let lines = VERBS.iter().map(|verb| format!("{}\n    {}", verb.form(), verb.summary(lang)));
        return Ok(lines.collect::<Vec<_>>().join("\n"));
    };
    let mut lines = Vec::new();
    for verb in VERBS.iter().filter(|verb| verb.name == word) {
        lines.push(format!("{}\n    {}", verb.form(), verb.summary(lang)));
    }
    if lines.is_empty() {
        return Err(Failure::NotFound(NotFound::Verb { word: word.to_string() }));
    }
    if word == "run" {
        for form in &FORMS {
            lines.push(form.form());
            lines.push(format!("    {}", lang.pick(form.ko, form.en)));
        }
    }
    if word == "cluster" {
        lines.push(super::spec_text::names().join(" "));
    }
    Ok(lines.join("\n"))
}
