//! Whether a condition holds, and how far things are, for the person who waited in vain. Nothing here
//! lets time pass.

use super::{Comparison, Condition};
use crate::cluster::{Client, Cluster};
use crate::controller::metadata_image::MetadataImage;
use crate::controller::partition_registration::PartitionRegistration;
use crate::ids::{NodeId, TopicPartition};
use crate::node::Process;
use crate::replication::partition::Partition;
use crate::script::lang::{Lang, say};
use crate::transaction::coordinator::Transaction;
use quiet::{not_ready, unquiet};
use std::collections::BTreeSet;

mod quiet;

impl Comparison {
    fn holds(self, a: i64, b: i64) -> bool {
        match self {
            Comparison::Equal => a == b,
            Comparison::NotEqual => a != b,
            Comparison::AtLeast => a >= b,
            Comparison::AtMost => a <= b,
            Comparison::MoreThan => a > b,
            Comparison::LessThan => a < b,
        }
    }
}

impl Condition {
    pub fn holds(&self, cluster: &Cluster) -> bool {
        let number = |is: Comparison, wanted, value: Option<i64>| {
            value.is_some_and(|value| is.holds(value, wanted))
        };
        match self {
            Condition::HighWatermark { node, partition, is, offset } => {
                let replica = replica(cluster, *node, partition);
                number(*is, *offset, replica.map(|replica| replica.log.high_watermark()))
            }
            Condition::LogEnd { node, partition, is, offset } => {
                let replica = replica(cluster, *node, partition);
                number(*is, *offset, replica.map(|replica| replica.log.log_end_offset()))
            }
            Condition::Leader { partition, equal, leader } => {
                registration(cluster, partition).is_some_and(|p| (p.leader == *leader) == *equal)
            }
            Condition::Isr { partition, equal, isr } => {
                let wanted: BTreeSet<_> = isr.iter().collect();
                registration(cluster, partition)
                    .is_some_and(|p| (p.isr.iter().collect::<BTreeSet<_>>() == wanted) == *equal)
            }
            Condition::Position { consumer, partition, is, offset } => {
                number(*is, *offset, position(cluster, consumer, partition))
            }
            Condition::Acknowledged { producer, is, count } => {
                let client = cluster.client_named(producer).and_then(Client::producer);
                number(*is, *count, client.map(|producer| producer.acknowledged as i64))
            }
            Condition::Failed { producer, is, count } => {
                let client = cluster.client_named(producer).and_then(Client::producer);
                number(*is, *count, client.map(|producer| producer.failed as i64))
            }
            Condition::Transaction { transactional_id, equal, state } => {
                let known = transaction(cluster, transactional_id);
                known.is_some_and(|known| (known.metadata.state == *state) == *equal)
            }
            Condition::Stopped { node } => {
                cluster.node(*node).is_some_and(|node| matches!(node.process, Process::Down(_)))
            }
            Condition::Ready => not_ready(cluster).is_none(),
            Condition::Quiet => unquiet(cluster).is_none(),
        }
    }

    /// How far the thing waited for is, as a sentence.
    pub fn state(&self, cluster: &Cluster, lang: Lang) -> String {
        let unknown = |value: Option<i64>| match value {
            Some(value) => value.to_string(),
            None => lang.pick("알 수 없음", "unknown").to_string(),
        };
        match self {
            Condition::HighWatermark { node, partition, .. } => {
                let replica = replica(cluster, *node, partition);
                let value = unknown(replica.map(|replica| replica.log.high_watermark()));
                let place = place(cluster, *node, partition, lang);
                say!(
                    lang,
                    "{partition}의 high watermark({place}): {value}",
                    "high watermark of {partition} ({place}): {value}"
                )
            }
            Condition::LogEnd { node, partition, .. } => {
                let replica = replica(cluster, *node, partition);
                let value = unknown(replica.map(|replica| replica.log.log_end_offset()));
                let place = place(cluster, *node, partition, lang);
                say!(
                    lang,
                    "{partition}의 LEO({place}): {value}",
                    "log end offset of {partition} ({place}): {value}"
                )
            }
            Condition::Leader { partition, .. } => match registration(cluster, partition) {
                Some(PartitionRegistration { leader: Some(leader), leader_epoch, .. }) => say!(
                    lang,
                    "{partition}의 리더: {leader}(leader epoch {leader_epoch})",
                    "leader of {partition}: {leader} (leader epoch {leader_epoch})"
                ),
                Some(_) => {
                    say!(lang, "{partition}에는 리더가 없습니다", "{partition} has no leader")
                }
                None => say!(lang, "{partition}은(는) 없습니다", "there is no {partition}"),
            },
            Condition::Isr { partition, .. } => match registration(cluster, partition) {
                Some(registration) => {
                    let isr = ids_text(&registration.isr);
                    say!(lang, "{partition}의 ISR: {isr}", "ISR of {partition}: {isr}")
                }
                None => say!(lang, "{partition}은(는) 없습니다", "there is no {partition}"),
            },
            Condition::Position { consumer, partition, .. } => {
                let value = unknown(position(cluster, consumer, partition));
                say!(
                    lang,
                    "{partition}에서 {consumer}의 위치: {value}",
                    "position of {consumer} in {partition}: {value}"
                )
            }
            Condition::Acknowledged { producer, .. } | Condition::Failed { producer, .. } => {
                match cluster.client_named(producer).and_then(Client::producer) {
                    Some(client) => {
                        let (done, failed) = (client.acknowledged, client.failed);
                        let waiting = client.outstanding();
                        say!(
                            lang,
                            "{producer}: 확인 {done}, 실패 {failed}, 대기 {waiting}",
                            "{producer}: {done} acknowledged, {failed} failed, {waiting} waiting"
                        )
                    }
                    None => say!(
                        lang,
                        "프로듀서 {producer}은(는) 없습니다",
                        "there is no producer {producer}"
                    ),
                }
            }
            Condition::Transaction { transactional_id, .. } => {
                match transaction(cluster, transactional_id) {
                    Some(known) => {
                        let state = known.metadata.state;
                        say!(
                            lang,
                            "{transactional_id}의 트랜잭션: {state}",
                            "transaction of {transactional_id}: {state}"
                        )
                    }
                    None => say!(
                        lang,
                        "{transactional_id}을(를) 아는 코디네이터가 없습니다",
                        "no coordinator knows {transactional_id}"
                    ),
                }
            }
            Condition::Stopped { node } => match cluster.node(*node).map(|node| &node.process) {
                Some(Process::Down(_)) => {
                    say!(lang, "{node}의 프로세스가 끝났습니다", "the process of {node} has ended")
                }
                Some(_) => {
                    say!(
                        lang,
                        "{node}의 프로세스가 살아 있습니다",
                        "the process of {node} is alive"
                    )
                }
                None => say!(lang, "{node}은(는) 없습니다", "there is no {node}"),
            },
            Condition::Ready => match not_ready(cluster) {
                Some(node) => {
                    say!(lang, "{node}은(는) 아직 fenced 상태입니다", "{node} is still fenced")
                }
                None => say!(lang, "모든 브로커가 일할 수 있습니다", "every broker is ready"),
            },
            Condition::Quiet => match unquiet(cluster) {
                Some(unrest) => unrest.words(lang),
                None => say!(lang, "할 일이 남아 있지 않습니다", "nothing is left to do"),
            },
        }
    }
}

pub(in crate::script) fn ids_text(nodes: &[NodeId]) -> String {
    nodes.iter().map(|node| node.0.to_string()).collect::<Vec<_>>().join(",")
}

/// The newest committed metadata that any process knows, the controllers' first.
pub(in crate::script) fn image(cluster: &Cluster) -> Option<&MetadataImage> {
    cluster.newest_metadata()
}

fn registration<'a>(
    cluster: &'a Cluster,
    id: &TopicPartition,
) -> Option<&'a PartitionRegistration> {
    image(cluster)?.partition(id)
}

fn replica<'a>(
    cluster: &'a Cluster,
    node: Option<NodeId>,
    id: &TopicPartition,
) -> Option<&'a Partition> {
    let node = node.or_else(|| registration(cluster, id)?.leader)?;
    let broker = cluster.node(node)?.broker()?;
    broker.replicas.partitions.get(id).map(|partition| &**partition)
}

fn place(cluster: &Cluster, node: Option<NodeId>, id: &TopicPartition, lang: Lang) -> String {
    match node.or_else(|| registration(cluster, id)?.leader) {
        Some(node) => node.to_string(),
        None => lang.pick("리더 없음", "no leader").to_string(),
    }
}

fn transaction<'a>(cluster: &'a Cluster, transactional_id: &str) -> Option<&'a Transaction> {
    cluster.transaction_coordinator_of(transactional_id)?.1.transactions.get(transactional_id)
}

fn position(cluster: &Cluster, consumer: &str, id: &TopicPartition) -> Option<i64> {
    let consumer = cluster.client_named(consumer)?.consumer()?;
    let position = consumer.positions.get(id)?;
    position.state.is_known().then_some(position.offset)
}
