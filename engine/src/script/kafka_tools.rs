//! What Kafka's own tools print, to the letter. Sources: `TopicCommand.java`, `ConfigCommand.java`,
//! `LeaderElectionCommand.java`
//! (Kafka 4).

use super::condition::state::image;
use super::runner::Failure;
use crate::cluster::Cluster;
use crate::command::{ElectionType, Refusal};
use crate::controller::metadata_image::TopicImage;
use crate::event::{Event, EventKind};
use crate::ids::{ConfigResource, TopicPartition};
use crate::protocol::{IsolationLevel, KafkaError, ListOffsetsRequest, OffsetSpec};
use crate::replication::partition::Partition;

/// The answer to `kafka-topics.sh --create`.
pub fn created(topic: &str) -> String {
    let created = format!("Created topic {topic}.");
    if !topic.contains(['.', '_']) {
        return created;
    }
    format!(
        "WARNING: Due to limitations in metric names, topics with a period ('.') or underscore \
         ('_') could collide. To avoid issues it is best to use either, but not both.\n{created}"
    )
}

/// The answer to `kafka-configs.sh --alter`.
pub fn altered(resource: &ConfigResource) -> String {
    match resource {
        ConfigResource::Topic(topic) => format!("Completed updating config for topic {topic}."),
        ConfigResource::Broker(id) => format!("Completed updating config for broker {}.", id.0),
        ConfigResource::BrokerDefault => {
            "Completed updating default config for brokers in the cluster.".to_string()
        }
    }
}

/// The answer to `kafka-leader-election.sh`.
pub fn elected(election: ElectionType, events: &[Event]) -> String {
    let kind = election.name().to_ascii_uppercase();
    let (mut done, mut not_needed, mut failed) = (Vec::new(), Vec::new(), Vec::new());
    for event in events {
        match &event.kind {
            EventKind::LeaderElected { partition, .. } => done.push(partition.to_string()),
            EventKind::ElectionRefused { partition, error: KafkaError::ElectionNotNeeded } => {
                not_needed.push(partition.to_string());
            }
            EventKind::ElectionRefused { partition, error } => {
                let why = match error {
                    KafkaError::PreferredLeaderNotAvailable => {
                        "PreferredLeaderNotAvailableException: The preferred leader was not available."
                    }
                    _ => {
                        "EligibleLeadersNotAvailableException: Eligible topic partition leaders are not available."
                    }
                };
                failed.push(format!(
                    "Error completing leader election ({kind}) for partition: {partition}: \
                     org.apache.kafka.common.errors.{why}"
                ));
            }
            _ => {}
        }
    }
    let mut lines = Vec::new();
    if !done.is_empty() {
        let done = done.join(", ");
        lines
            .push(format!("Successfully completed leader election ({kind}) for partitions {done}"));
    }
    if !not_needed.is_empty() {
        let not_needed = not_needed.join(", ");
        lines.push(format!("Valid replica already elected for partitions {not_needed}"));
    }
    lines.extend(failed);
    lines.join("\n")
}

/// The answer to `kafka-delete-records.sh`.
pub fn records_deleted(cluster: &Cluster, partition: &TopicPartition) -> String {
    let leader = leader_of(cluster, partition).map(|leader| leader.log.log_start_offset());
    format!(
        "Executing records delete operation\nRecords delete operation completed:\n\
         partition: {partition}\tlow_watermark: {}",
        leader.unwrap_or(-1)
    )
}

/// The replica of the broker that leads a partition, as the metadata say.
fn leader_of<'a>(cluster: &'a Cluster, id: &TopicPartition) -> Option<&'a Partition> {
    let leader = image(cluster)?.partition(id)?.leader?;
    cluster.node(leader)?.broker()?.replicas.partitions.get(id).map(|partition| &**partition)
}

/// `kafka-get-offsets.sh`: topic, partition, offset. A partition that cannot answer is left out.
pub fn get_offsets(cluster: &Cluster, topic: Option<&str>, time: i64) -> Result<String, Failure> {
    if let Some(topic) = topic {
        known_topic(cluster, topic)?;
    }
    let timestamp = match time {
        -1 => OffsetSpec::Latest,
        -2 => OffsetSpec::Earliest,
        -3 => OffsetSpec::MaxTimestamp,
        time => OffsetSpec::Timestamp(time),
    };
    let mut lines = Vec::new();
    let partitions = image(cluster).into_iter().flat_map(|image| image.partitions());
    for (partition, registration) in partitions {
        let node = registration.leader.and_then(|leader| cluster.node(leader));
        let Some(node) = node.filter(|_| topic.is_none_or(|topic| *topic == *partition.topic))
        else {
            continue;
        };
        let request = ListOffsetsRequest {
            partition: partition.clone(),
            current_leader_epoch: -1,
            timestamp,
            from_replica: false,
            isolation: IsolationLevel::ReadUncommitted,
        };
        let answer = node.broker().filter(|_| node.is_running());
        let answer = answer.and_then(|b| b.replicas.list_offsets(&node.disk, &request).ok());
        if let Some(answer) = answer {
            let offset = if answer.offset >= 0 { answer.offset.to_string() } else { String::new() };
            lines.push(format!("{}:{}:{offset}", partition.topic, partition.partition));
        }
    }
    Ok(lines.join("\n"))
}

pub(super) fn known_topic<'a>(
    cluster: &'a Cluster,
    topic: &str,
) -> Result<&'a TopicImage, Failure> {
    let refusal = Refusal::NoSuchTopic { topic: topic.to_string() };
    let image = image(cluster).ok_or(Failure::Refused(Refusal::ControllerUnavailable))?;
    image.topics.get(topic).map(|topic| &**topic).ok_or(Failure::Refused(refusal))
}
