//! Whether anything is left to do but heartbeats and empty fetches, and if so, what.

use super::{image, registration, replica};
use crate::client::consumer::{MemberState, PositionState};
use crate::cluster::{Client, ClientKind, Cluster};
use crate::controller::partition_registration::PartitionRegistration;
use crate::ids::{NodeId, TopicPartition};
use crate::node::Node;
use crate::protocol::{IsolationLevel, Request};
use crate::replication::partition::Partition;
use crate::script::lang::{Lang, say};
use crate::sim::network::Body;
use std::sync::Arc;

/// A running broker that may not serve yet. Without a controller nobody can say.
pub(super) fn not_ready(cluster: &Cluster) -> Option<NodeId> {
    let image = image(cluster);
    let active = |node: &Node| image.is_some_and(|image| image.is_active(node.id));
    cluster.brokers().find(|node| is_expected(cluster, node) && !active(node)).map(|node| node.id)
}

/// Whether a broker runs and is on its way into the cluster, if it is not part of it: one that was
/// unregistered is not.
fn is_expected(cluster: &Cluster, node: &Node) -> bool {
    node.is_running() && !image(cluster).is_some_and(|image| node.is_unregistered(image))
}

/// What there is still to do.
pub(super) enum Unrest {
    Fenced(NodeId),
    /// Sent with acks=0: nobody waits for it, and it is not there yet.
    OnItsWay {
        from: String,
        to: String,
    },
    Outstanding {
        client: Arc<str>,
        records: usize,
    },
    Behind {
        client: Arc<str>,
        partition: TopicPartition,
    },
    /// A member of a group has yet to get its partitions.
    Joining {
        client: Arc<str>,
    },
    NotLeading {
        partition: TopicPartition,
        leader: NodeId,
    },
    IsrPending {
        partition: TopicPartition,
    },
    OutOfSync {
        partition: TopicPartition,
        node: NodeId,
    },
}

impl Unrest {
    pub(super) fn words(&self, lang: Lang) -> String {
        match self {
            Unrest::Fenced(node) => {
                say!(lang, "{node}은(는) 아직 fenced 상태입니다", "{node} is still fenced")
            }
            Unrest::OnItsWay { from, to } => say!(
                lang,
                "{from}의 produce 요청이 아직 {to}(으)로 가고 있습니다",
                "a produce request of {from} is still on its way to {to}"
            ),
            Unrest::Outstanding { client, records } => say!(
                lang,
                "{client}의 레코드 {records}개가 아직 확인을 기다립니다",
                "{records} records of {client} still wait to be acknowledged"
            ),
            Unrest::Behind { client, partition } => say!(
                lang,
                "{client}은(는) {partition}을(를) 아직 다 읽지 못했습니다",
                "{client} has not yet read all of {partition}"
            ),
            Unrest::Joining { client } => say!(
                lang,
                "{client}은(는) 그룹에서 파티션을 아직 배정받지 못했습니다",
                "{client} has yet to get its partitions in its group"
            ),
            Unrest::NotLeading { partition, leader } => say!(
                lang,
                "{partition}의 리더 {leader}은(는) 리더 일을 하고 있지 않습니다",
                "{leader}, the leader of {partition}, is not leading"
            ),
            Unrest::IsrPending { partition } => say!(
                lang,
                "{partition}의 ISR 변경이 아직 끝나지 않았습니다",
                "a change of the ISR of {partition} is under way"
            ),
            Unrest::OutOfSync { partition, node } => say!(
                lang,
                "{node}은(는) {partition}의 리더를 아직 따라잡지 못했습니다",
                "{node} has not caught up with the leader of {partition}"
            ),
        }
    }
}

pub(super) fn unquiet(cluster: &Cluster) -> Option<Unrest> {
    let fenced = not_ready(cluster).map(Unrest::Fenced);
    let clients = || cluster.clients().filter(|client| !client.closed);
    fenced
        .or_else(|| on_its_way(cluster))
        .or_else(|| clients().find_map(|client| unquiet_client(cluster, client)))
        .or_else(|| {
            image(cluster)?.partitions().find_map(|(id, p)| unquiet_partition(cluster, id, p))
        })
}

fn on_its_way(cluster: &Cluster) -> Option<Unrest> {
    let is_produce = |body: &Body| matches!(body, Body::Request(Request::Produce(_)));
    let envelope = cluster.envelopes().find(|envelope| is_produce(&envelope.body))?;
    let (from, to) = (cluster.name_of(envelope.id.from), cluster.name_of(envelope.id.to));
    Some(Unrest::OnItsWay { from, to })
}

fn unquiet_client(cluster: &Cluster, client: &Client) -> Option<Unrest> {
    match &client.kind {
        ClientKind::Producer(producer) => {
            let records = producer.outstanding();
            (records > 0).then(|| Unrest::Outstanding { client: client.name.clone(), records })
        }
        ClientKind::Consumer(consumer) => {
            let topic = image(cluster)?.topics.get(&consumer.topic)?;
            let every = topic.partitions.keys();
            let every = every.map(|p| TopicPartition::new(consumer.topic.clone(), *p));
            let ids: Vec<_> = match &consumer.member {
                Some(member) if member.state != MemberState::Stable => {
                    return Some(Unrest::Joining { client: client.name.clone() });
                }
                Some(_) => consumer.positions.keys().cloned().collect(),
                None => every.collect(),
            };
            ids.into_iter()
                .filter(|id| registration(cluster, id).is_some_and(|p| p.leader.is_some()))
                .find(|id| {
                    let leader = replica(cluster, None, id);
                    let end = leader.map(|leader| match consumer.config.isolation_level {
                        IsolationLevel::ReadUncommitted => leader.log.high_watermark(),
                        IsolationLevel::ReadCommitted => leader.log.last_stable_offset(),
                    });
                    let position = consumer.positions.get(id);
                    let fetching =
                        position.filter(|position| position.state == PositionState::Fetching);
                    end.is_none() || fetching.map(|position| position.offset) != end
                })
                .map(|partition| Unrest::Behind { client: client.name.clone(), partition })
        }
    }
}

fn unquiet_partition(
    cluster: &Cluster,
    partition: TopicPartition,
    registration: &PartitionRegistration,
) -> Option<Unrest> {
    let leader = registration.leader?;
    let runs = |node: &&NodeId| cluster.node(**node).is_some_and(Node::is_running);
    let Some(led) = replica(cluster, Some(leader), &partition)
        .filter(|led| led.leader_epoch == registration.leader_epoch && runs(&&leader))
    else {
        return Some(Unrest::NotLeading { partition, leader });
    };
    let Some(leading) = &led.leading else {
        return Some(Unrest::NotLeading { partition, leader });
    };
    if leading.pending_isr.is_some() {
        return Some(Unrest::IsrPending { partition });
    }
    let ends = |p: &Partition| (p.log.log_end_offset(), p.log.high_watermark());
    let leader_knows = |node: NodeId| {
        let state = leading.remote.get(&node);
        node == leader || state.is_some_and(|state| state.log_end_offset == ends(led).0)
    };
    let in_sync = |node: NodeId| {
        registration.isr.contains(&node)
            && leader_knows(node)
            && replica(cluster, Some(node), &partition).is_some_and(|p| ends(p) == ends(led))
    };
    let expected = |node: &&NodeId| cluster.node(**node).is_some_and(|n| is_expected(cluster, n));
    let node = *registration.replicas.iter().filter(expected).find(|node| !in_sync(**node))?;
    Some(Unrest::OutOfSync { partition, node })
}
