//! `kafka-topics.sh` as it lists and describes. Source: `TopicCommand.java` (Kafka 4).

use super::condition::state::{ids_text, image};
use super::kafka_tools::known_topic;
use super::line::{Described, PartitionReport};
use super::runner::Failure;
use crate::cluster::Cluster;
use crate::controller::metadata_image::{MetadataImage, TopicImage};
use crate::controller::partition_registration::PartitionRegistration;
use crate::metrics::min_isr;

/// `kafka-topics.sh --list`
pub fn list(cluster: &Cluster) -> String {
    let names = image(cluster).into_iter().flat_map(|image| image.topics.keys());
    names.map(|name| name.to_string()).collect::<Vec<_>>().join("\n")
}

/// `kafka-topics.sh --describe`
pub fn describe(
    cluster: &Cluster,
    topic: Option<&str>,
    described: &Described,
) -> Result<String, Failure> {
    if let Some(topic) = topic {
        known_topic(cluster, topic)?;
    }
    let Some(image) = image(cluster) else {
        return Ok(String::new());
    };
    let mut lines = Vec::new();
    let asked = |name: &str| topic.is_none_or(|topic| *topic == *name);
    for (name, topic) in image.topics.iter().filter(|(name, _)| asked(name)) {
        let with_topic = match described {
            Described::All => true,
            Described::Overrides => !topic.configs.is_empty(),
            Described::Partitions(_) => false,
        };
        if with_topic {
            lines.push(topic_line(name, topic));
        }
        let min_isr = min_isr(image, name, &cluster.spec().log);
        let with_partition = |partition: &PartitionRegistration| match described {
            Described::All => true,
            Described::Overrides => false,
            Described::Partitions(reports) => {
                reports.iter().any(|report| applies(*report, partition, min_isr, image))
            }
        };
        let partitions = topic.partitions.iter().filter(|(_, it)| with_partition(it));
        lines.extend(partitions.map(|(index, it)| partition_line(name, *index, it)));
    }
    Ok(lines.join("\n"))
}

/// `PartitionDescription`. Unlike the brokers' metrics, these count a partition without a leader, and
/// take min.insync.replicas as it is set, be there so many replicas or not.
fn applies(
    report: PartitionReport,
    partition: &PartitionRegistration,
    min_isr: i32,
    image: &MetadataImage,
) -> bool {
    let (isr, min_isr) = (partition.isr.len(), min_isr as usize);
    match report {
        PartitionReport::UnderReplicated => isr < partition.replication_factor(),
        PartitionReport::Unavailable => {
            let leader = partition.leader.and_then(|leader| image.brokers.get(&leader));
            leader.is_none_or(|leader| leader.fenced)
        }
        PartitionReport::UnderMinIsr => partition.leader.is_none() || isr < min_isr,
        PartitionReport::AtMinIsr => isr == min_isr,
    }
}

fn topic_line(name: &str, topic: &TopicImage) -> String {
    let configs: Vec<_> =
        topic.configs.iter().map(|(name, value)| format!("{name}={value}")).collect();
    format!(
        "Topic: {name}\tTopicId: {}\tPartitionCount: {}\tReplicationFactor: {}\tConfigs: {}",
        topic.topic_id,
        topic.partitions.len(),
        topic.partitions.values().next().map_or(0, PartitionRegistration::replication_factor),
        configs.join(",")
    )
}

fn partition_line(topic: &str, index: i32, partition: &PartitionRegistration) -> String {
    let leader = partition.leader.map_or("none".to_string(), |leader| leader.0.to_string());
    let reassignment = if partition.is_reassigning() {
        format!(
            "\tAdding Replicas: {}\tRemoving Replicas: {}",
            ids_text(&partition.adding_replicas),
            ids_text(&partition.removing_replicas)
        )
    } else {
        String::new()
    };
    format!(
        "\tTopic: {topic}\tPartition: {index}\tLeader: {leader}\tReplicas: {}\tIsr: {}{reassignment}\tElr: {}\tLastKnownElr: {}",
        ids_text(&partition.replicas),
        ids_text(&partition.isr),
        ids_text(&partition.elr),
        ids_text(&partition.last_known_elr)
    )
}
