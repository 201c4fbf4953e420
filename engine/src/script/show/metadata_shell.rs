//! `kafka-metadata-shell.sh`: the cluster's metadata as a tree of names, as one node knows them or as a
//! snapshot has them. Sources: `metadata/.../image/node/*.java`, `shell/.../command/*.java`.

use super::known_node;
use crate::cluster::Cluster;
use crate::controller::metadata_image::MetadataImage;
use crate::controller::metadata_loader::read_snapshot;
use crate::controller::partition_registration::{LeaderRecoveryState, PartitionRegistration};
use crate::ids::{ConfigResource, NodeId, SnapshotId};
use crate::node::Node;
use crate::script::line::ShellCommand;
use crate::script::runner::{Failure, NotFound};
use std::collections::BTreeMap;

pub(super) fn run(
    cluster: &Cluster,
    node: NodeId,
    snapshot: Option<&str>,
    command: ShellCommand,
    path: &str,
) -> Result<String, Failure> {
    let at = known_node(cluster, node)?;
    let known = match snapshot {
        None => known_by(at),
        Some(path) => {
            let name = path.rsplit('/').next().and_then(|name| name.strip_suffix(".checkpoint"));
            let id: Option<SnapshotId> = name.and_then(|name| name.parse().ok());
            id.and_then(|id| {
                let (image, timestamp) = read_snapshot(&at.disk, id)?;
                Some((image, id.epoch, timestamp))
            })
        }
    };
    let missing = || {
        let path = snapshot.unwrap_or("__cluster_metadata-0").to_string();
        Failure::NotFound(NotFound::File { node, path })
    };
    let (image, epoch, timestamp) = known.ok_or_else(missing)?;
    let root = tree_of(&image, epoch, timestamp);
    let found = path.split('/').filter(|name| !name.is_empty()).try_fold(&root, Tree::child);
    Ok(match (command, found) {
        (ShellCommand::Ls, None) => format!("ls: {path}: no such file or directory."),
        (ShellCommand::Ls, Some(Tree::Directory(children))) => {
            children.keys().cloned().collect::<Vec<_>>().join("\n")
        }
        (ShellCommand::Ls, Some(Tree::Leaf(_))) => {
            path.rsplit('/').next().unwrap_or(path).to_string()
        }
        (ShellCommand::Cat, None) => format!("cat: {path}: No such file or directory."),
        (ShellCommand::Cat, Some(Tree::Directory(_))) => format!("cat: {path}: Is a directory"),
        (ShellCommand::Cat, Some(Tree::Leaf(text))) => text.clone(),
        (ShellCommand::Find, None) => format!("find: {path}: no such file or directory."),
        (ShellCommand::Find, Some(tree)) => {
            let mut lines = Vec::new();
            tree.find(path, &mut lines);
            lines.join("\n")
        }
        (ShellCommand::Tree, None) => format!("tree: {path}: No such file or directory."),
        (ShellCommand::Tree, Some(tree)) => {
            let mut lines = Vec::new();
            tree.print("", &mut lines);
            lines.join("\n")
        }
    })
}

/// What the node's process takes for the state of the cluster, with epoch and time of its last record.
fn known_by(node: &Node) -> Option<(MetadataImage, i32, i64)> {
    let of_broker = node.broker().map(|broker| (&broker.image, &broker.loader));
    let of_controller = || node.controller().map(|c| (&c.committed, &c.loader));
    let (image, loader) = of_broker.or_else(of_controller)?;
    let epochs = node.raft()?.log.leader_epoch_cache();
    let epoch = epochs.epoch_for_offset(image.next_offset - 1).unwrap_or(-1);
    Some((image.clone(), epoch, loader.last_timestamp))
}

/// `MetadataNode`
enum Tree {
    Directory(BTreeMap<String, Tree>),
    Leaf(String),
}

impl Tree {
    fn child<'a>(&'a self, name: &str) -> Option<&'a Tree> {
        match self {
            Tree::Directory(children) => children.get(name),
            Tree::Leaf(_) => None,
        }
    }

    fn find(&self, path: &str, lines: &mut Vec<String>) {
        lines.push(path.to_string());
        if let Tree::Directory(children) = self {
            for (name, child) in children {
                child.find(&format!("{}/{name}", path.trim_end_matches('/')), lines);
            }
        }
    }

    fn print(&self, indentation: &str, lines: &mut Vec<String>) {
        match self {
            Tree::Leaf(text) => lines.push(format!("{indentation}{text}")),
            Tree::Directory(children) => {
                for (name, child) in children {
                    lines.push(format!("{indentation}{name}:"));
                    child.print(&format!("{indentation}  "), lines);
                }
            }
        }
    }
}

fn directory(children: impl IntoIterator<Item = (String, Tree)>) -> Tree {
    Tree::Directory(children.into_iter().collect())
}

fn tree_of(image: &MetadataImage, epoch: i32, timestamp: i64) -> Tree {
    let features = image
        .features
        .iter()
        .map(|(name, level)| (format!("finalized_{name}"), Tree::Leaf(level.to_string())));
    let brokers = image.brokers.iter().map(|(id, broker)| {
        let rack =
            broker.rack.as_ref().map_or("Optional.empty".into(), |r| format!("Optional[{r}]"));
        let text = format!(
            "BrokerRegistration(id={}, epoch={}, incarnationId={}, listeners=[], \
             supportedFeatures={{}}, rack={rack}, fenced={}, inControlledShutdown={}, \
             isMigratingZkBroker=false, directories=[])",
            id.0,
            broker.broker_epoch,
            broker.incarnation_id,
            broker.fenced,
            broker.in_controlled_shutdown
        );
        (id.0.to_string(), Tree::Leaf(text))
    });
    let topic = |by_id: bool| {
        directory(image.topics.iter().map(|(name, topic)| {
            let id = topic.topic_id.to_string();
            let own = [("name", name.to_string()), ("id", id.clone())];
            let own = own.map(|(name, text)| (name.to_string(), Tree::Leaf(text)));
            let partitions = topic.partitions.iter().map(|(partition, registration)| {
                (partition.to_string(), Tree::Leaf(registration_text(registration)))
            });
            let key = if by_id { id } else { name.to_string() };
            (key, directory(own.into_iter().chain(partitions)))
        }))
    };
    let configs = image.configured().map(|(resource, configs)| {
        let leaves = configs.iter().map(|(name, value)| (name.clone(), Tree::Leaf(value.clone())));
        (resource_name(&resource), directory(leaves))
    });
    let (offset, time) = (image.next_offset - 1, zoned_date_time(timestamp));
    let provenance = format!("offset {offset}, epoch {epoch}, time {time}");
    let next_producer_id = image.next_producer_id.unwrap_or(-1).to_string();
    let empty = || directory([]);
    let of_cluster =
        [("brokers".to_string(), directory(brokers)), ("controllers".to_string(), empty())];
    let of_topics = [("byName".to_string(), topic(false)), ("byId".to_string(), topic(true))];
    let of_image = [
        ("acls", empty()),
        ("clientQuotas", empty()),
        ("cluster", directory(of_cluster)),
        ("configs", directory(configs)),
        ("delegationToken", empty()),
        ("features", directory(features)),
        ("producerIds", directory([("nextProducerId".to_string(), Tree::Leaf(next_producer_id))])),
        ("provenance", Tree::Leaf(provenance)),
        ("scram", empty()),
        ("topics", directory(of_topics)),
    ];
    let of_image = directory(of_image.map(|(name, tree)| (name.to_string(), tree)));
    directory([("image".to_string(), of_image)])
}

/// `PartitionRegistration.toString`
fn registration_text(registration: &PartitionRegistration) -> String {
    let PartitionRegistration {
        replicas,
        isr,
        removing_replicas,
        adding_replicas,
        leader,
        leader_recovery_state,
        leader_epoch,
        partition_epoch,
        elr,
        last_known_elr,
    } = registration;
    let list = |nodes: &[NodeId]| {
        let ids: Vec<String> = nodes.iter().map(|node| node.0.to_string()).collect();
        format!("[{}]", ids.join(", "))
    };
    let recovery = match leader_recovery_state {
        LeaderRecoveryState::Recovered => "RECOVERED",
        LeaderRecoveryState::Recovering => "RECOVERING",
    };
    // Kafka's UUID of a directory that nobody has assigned.
    let directories = vec!["AAAAAAAAAAAAAAAAAAAAAA"; replicas.len()].join(", ");
    format!(
        "PartitionRegistration(replicas={}, directories=[{directories}], isr={}, \
         removingReplicas={}, addingReplicas={}, elr={}, lastKnownElr={}, leader={}, \
         leaderRecoveryState={recovery}, leaderEpoch={leader_epoch}, \
         partitionEpoch={partition_epoch})",
        list(replicas),
        list(isr),
        list(removing_replicas),
        list(adding_replicas),
        list(elr),
        list(last_known_elr),
        leader.map_or(-1, |leader| leader.0),
    )
}

/// Unix ms in Java's `ISO_ZONED_DATE_TIME`.
fn zoned_date_time(ms: i64) -> String {
    let (days, of_day) = (ms.div_euclid(86_400_000), ms.rem_euclid(86_400_000));
    // Days since 0000-03-01, so that a leap day ends its year, in eras of 400 years.
    let since = days + 719_468;
    let (era, of_era) = (since.div_euclid(146_097), since.rem_euclid(146_097));
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    let year = year + era * 400 + i64::from(month <= 2);
    let (hour, minute) = (of_day / 3_600_000, of_day / 60_000 % 60);
    let second = of_day / 1_000 % 60;
    let fraction = format!(".{:03}", of_day % 1_000);
    let fraction = fraction.trim_end_matches('0').trim_end_matches('.');
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{fraction}Z[UTC]")
}

fn resource_name(resource: &ConfigResource) -> String {
    match resource {
        ConfigResource::Topic(topic) => format!("TOPIC:{topic}"),
        ConfigResource::Broker(id) => format!("BROKER:{}", id.0),
        ConfigResource::BrokerDefault => "BROKER".to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::zoned_date_time;

    #[test]
    fn times_are_written_as_java_writes_them() {
        for (ms, text) in [
            (0, "1970-01-01T00:00:00Z[UTC]"),
            (951_782_400_000, "2000-02-29T00:00:00Z[UTC]"),
            (1_767_225_602_279, "2026-01-01T00:00:02.279Z[UTC]"),
            (1_798_761_599_500, "2026-12-31T23:59:59.5Z[UTC]"),
        ] {
            assert_eq!(zoned_date_time(ms), text);
        }
    }
}
