//! `kafka-reassign-partitions.sh`: its JSON, read and written, and what it prints, to the letter.
//! Source: `ReassignPartitionsCommand.java` (Kafka 4). Where the tool takes a file, the text of the
//! file stands on the line, in quotes.

use super::admin_utils::assign_replicas_to_brokers;
use super::condition::state::{ids_text, image};
use super::kafka_tools::known_topic;
use super::lexer::quote;
use super::runner::Failure;
use crate::cluster::Cluster;
use crate::command::{Command, Reassign, ReassignAction, Refusal};
use crate::controller::metadata_image::MetadataImage;
use crate::ids::{NodeId, TopicPartition};
use crate::sim::random::{SimRng, mix};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::sync::Arc;

type Targets = Vec<(TopicPartition, Vec<NodeId>)>;

#[derive(Serialize, Deserialize)]
struct Assignment {
    #[serde(default = "version")]
    version: i32,
    partitions: Vec<AssignedPartition>,
}

#[derive(Serialize, Deserialize)]
struct AssignedPartition {
    topic: String,
    partition: i32,
    replicas: Vec<i32>,
    /// This broker has one directory, whichever is asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    log_dirs: Vec<String>,
}

#[derive(Serialize, Deserialize)]
struct Topics {
    #[serde(default = "version")]
    version: i32,
    topics: Vec<NamedTopic>,
}

#[derive(Serialize, Deserialize)]
struct NamedTopic {
    topic: String,
}

fn version() -> i32 {
    1
}

/// `{"version":1,"partitions":[{"topic":"orders","partition":0,"replicas":[2,3]}]}`
pub fn read_assignment(json: &[u8]) -> Option<Targets> {
    let read: Assignment = serde_json::from_slice(json).ok()?;
    let target = |of: AssignedPartition| {
        let replicas = of.replicas.into_iter().map(NodeId).collect();
        (TopicPartition::new(of.topic, of.partition), replicas)
    };
    (read.version == 1).then(|| read.partitions.into_iter().map(target).collect())
}

/// `{"version":1,"topics":[{"topic":"orders"}]}`
pub fn read_topics(json: &[u8]) -> Option<Vec<Arc<str>>> {
    let read: Topics = serde_json::from_slice(json).ok()?;
    (read.version == 1).then(|| read.topics.into_iter().map(|of| of.topic.into()).collect())
}

/// As one word of a line.
pub fn assignment_word(targets: &[(TopicPartition, Vec<NodeId>)]) -> String {
    in_quotes(assignment_json(targets, false))
}

pub fn topics_word(topics: &[Arc<str>]) -> String {
    let topics = topics.iter().map(|topic| NamedTopic { topic: topic.to_string() }).collect();
    in_quotes(to_json(&Topics { version: 1, topics }))
}

fn in_quotes(json: String) -> String {
    if json.contains(['\'', '\n']) { quote(json.as_bytes(), "") } else { format!("'{json}'") }
}

fn assignment_json(targets: &[(TopicPartition, Vec<NodeId>)], log_dirs: bool) -> String {
    let assigned = |(id, replicas): &(TopicPartition, Vec<NodeId>)| AssignedPartition {
        topic: id.topic.to_string(),
        partition: id.partition,
        replicas: replicas.iter().map(|node| node.0).collect(),
        log_dirs: replicas.iter().filter(|_| log_dirs).map(|_| "any".to_string()).collect(),
    };
    to_json(&Assignment { version: 1, partitions: targets.iter().map(assigned).collect() })
}

fn to_json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// What the tool has to have seen before its request is carried out.
#[derive(Default)]
pub struct Before {
    /// Of the partitions that it is about.
    assignment: Targets,
    under_way: Vec<TopicPartition>,
}

impl Before {
    pub fn of(cluster: &Cluster, command: &Command) -> Before {
        let (Command::ReassignPartitions(request), Some(image)) = (command, image(cluster)) else {
            return Before::default();
        };
        let ids: BTreeSet<_> = request.targets.iter().map(|(id, _)| id.clone()).collect();
        let known = ids.into_iter().filter_map(|id| Some((image.partition(&id)?, id)));
        let mut before = Before::default();
        for (partition, id) in known {
            if partition.is_reassigning() {
                before.under_way.push(id.clone());
            }
            before.assignment.push((id, partition.replicas.clone()));
        }
        before
    }
}

/// The answer to `--execute`, `--verify` and `--cancel`.
pub fn reassigned(cluster: &Cluster, request: &Reassign, before: &Before) -> String {
    let Some(image) = image(cluster) else {
        return String::new();
    };
    let mut lines = Vec::new();
    match request.action {
        ReassignAction::Execute { throttle, .. } => {
            let ids: BTreeSet<_> = request.targets.iter().map(|(id, _)| id).collect();
            lines.push("Current partition replica assignment\n".to_string());
            lines.push(assignment_json(&before.assignment, true) + "\n");
            lines.push(
                "Save this to use as the --reassignment-json-file option during rollback".into(),
            );
            if let Some(rate) = throttle {
                lines.push(
                    "Warning: You must run --verify periodically, until the reassignment completes, \
                     to ensure the throttle is removed."
                        .into(),
                );
                lines.push(format!("The inter-broker throttle limit was set to {rate} B/s"));
            }
            let (plural, ids) = (plural(ids.len()), commas(ids));
            lines.push(format!("Successfully started partition reassignment{plural} for {ids}"));
        }
        ReassignAction::Verify { preserve_throttles } => {
            lines.push("Status of partition reassignment:".into());
            let mut targets: Vec<_> = request.targets.iter().collect();
            targets.sort();
            lines.extend(targets.iter().map(|(id, target)| status(image, id, target)));
            let under_way = image.partitions().any(|(_, partition)| partition.is_reassigning());
            if !under_way && !preserve_throttles {
                lines.push(String::new());
                lines.push(throttles_cleared(image, request));
            }
        }
        ReassignAction::Cancel { preserve_throttles } => {
            lines.push(match &before.under_way[..] {
                [] => "None of the specified partition reassignments are active.".into(),
                ids => {
                    let (plural, ids) = (plural(ids.len()), commas(ids));
                    format!("Successfully cancelled partition reassignment{plural} for: {ids}")
                }
            });
            // The tool ends no line here.
            let mut moves = "None of the specified partition moves are active.".to_string();
            if !preserve_throttles {
                moves += &throttles_cleared(image, request);
            }
            lines.push(moves);
        }
    }
    lines.join("\n")
}

fn status(image: &MetadataImage, id: &TopicPartition, target: &[NodeId]) -> String {
    match image.partition(id) {
        Some(partition) if partition.is_reassigning() => {
            format!("Reassignment of partition {id} is still in progress.")
        }
        Some(partition) if partition.replicas == target => {
            format!("Reassignment of partition {id} is completed.")
        }
        partition => format!(
            "There is no active reassignment of partition {id}, but replica set is {} rather than {}.",
            partition.map_or(String::new(), |partition| ids_text(&partition.replicas)),
            ids_text(target)
        ),
    }
}

fn throttles_cleared(image: &MetadataImage, request: &Reassign) -> String {
    let brokers: BTreeSet<NodeId> = image.brokers.keys().copied().collect();
    let topics: BTreeSet<_> = request.targets.iter().map(|(id, _)| id.topic.clone()).collect();
    format!(
        "Clearing broker-level throttles on broker{} {}\nClearing topic-level throttles on topic{} {}",
        plural(brokers.len()),
        ids_text(&brokers.iter().copied().collect::<Vec<_>>()),
        plural(topics.len()),
        commas(topics)
    )
}

fn plural(count: usize) -> &'static str {
    if count == 1 { "" } else { "s" }
}

fn commas<T: ToString>(of: impl IntoIterator<Item = T>) -> String {
    of.into_iter().map(|one| one.to_string()).collect::<Vec<_>>().join(",")
}

/// `--list`
pub fn list(cluster: &Cluster) -> String {
    let partitions = image(cluster).into_iter().flat_map(MetadataImage::partitions);
    let line = |(id, partition): (TopicPartition, _)| {
        let partition: &crate::controller::partition_registration::PartitionRegistration =
            partition;
        let mut line = format!("{id}: replicas: {}.", ids_text(&partition.replicas));
        for (name, nodes) in
            [("adding", &partition.adding_replicas), ("removing", &partition.removing_replicas)]
        {
            if !nodes.is_empty() {
                line += &format!(" {name}: {}.", ids_text(nodes));
            }
        }
        line
    };
    let lines: Vec<_> = partitions.filter(|(_, p)| p.is_reassigning()).map(line).collect();
    if lines.is_empty() {
        return "No partition reassignments found.".into();
    }
    format!("Current partition reassignments:\n{}", lines.join("\n"))
}

/// `--generate`: a proposal, round the brokers and their racks. The tool draws where to begin; here the
/// seed and the metadata decide, so that the same question has one answer.
pub fn generate(
    cluster: &Cluster,
    topics: &[Arc<str>],
    brokers: &[NodeId],
    disable_rack_aware: bool,
) -> Result<String, Failure> {
    let known = image(cluster);
    let rack = |id| known.and_then(|image| image.rack(id)).filter(|_| !disable_rack_aware).cloned();
    let placed: Vec<_> = brokers.iter().map(|&id| (id, rack(id))).collect();
    let without: Vec<_> = placed.iter().filter(|(_, rack)| rack.is_none()).collect();
    if !without.is_empty() && without.len() < placed.len() {
        let brokers = without.into_iter().map(|(id, _)| *id).collect();
        return Err(Failure::Refused(Refusal::RacksMissing { brokers }));
    }
    let (mut current, mut proposed) = (Targets::new(), Targets::new());
    for name in topics {
        let topic = known_topic(cluster, name)?;
        let factor = topic.partitions.values().next().map_or(0, |p| p.replicas.len());
        if factor > brokers.len() {
            let (replication_factor, brokers) = (factor as i16, brokers.len() as i32);
            let refusal = Refusal::InvalidReplicationFactor { replication_factor, brokers };
            return Err(Failure::Refused(refusal));
        }
        let offset = known.map_or(0, |image| image.next_offset as u64);
        let mut random = SimRng::new(mix(&[cluster.spec().seed, offset, 0x6e]));
        let count = brokers.len() as u64;
        let from = (random.below(count) as usize, random.below(count) as usize);
        let rows = assign_replicas_to_brokers(&placed, topic.partitions.len(), factor, from);
        for ((&partition, registration), row) in topic.partitions.iter().zip(rows) {
            let id = TopicPartition { topic: name.clone(), partition };
            proposed.push((id.clone(), row));
            current.push((id, registration.replicas.clone()));
        }
    }
    current.sort();
    proposed.sort();
    Ok(format!(
        "Current partition replica assignment\n{}\n\nProposed partition reassignment configuration\n{}",
        assignment_json(&current, true),
        assignment_json(&proposed, true)
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tools_own_output_can_be_read() {
        let targets = vec![(TopicPartition::new("orders", 0), vec![NodeId(2), NodeId(3)])];
        for log_dirs in [false, true] {
            let json = assignment_json(&targets, log_dirs);
            assert_eq!(read_assignment(json.as_bytes()), Some(targets.clone()), "{json}");
        }
        assert_eq!(read_assignment(br#"{"version":2,"partitions":[]}"#), None);
        assert_eq!(read_assignment(b"orders"), None);
    }
}
