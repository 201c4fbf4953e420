//! Why a consumer reads a partition where it does: from the leader, or from the follower in its rack
//! that the leader has named (KIP-392). The leader's own rule is asked whom it would name now.

use crate::client::consumer::PositionState;
use crate::cluster::{Client, Cluster};
use crate::ids::{ClientId, NodeId, TopicPartition};
use crate::replication::partition::{LeaderState, Partition, ReplicaState};
use crate::replication::replica_selector::ReplicaSelector;
use crate::sim::time::SimTime;
use std::sync::Arc;

/// The first reason says what is, the others what it follows from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// It does not know yet from which offset on.
    SeeksOffset,
    /// The partition has no leader at work.
    NoLeader,
    ReadsFollower {
        replica: NodeId,
        leader: NodeId,
    },
    ReadsLeader {
        leader: NodeId,
        because: Because,
    },
    /// Until then it does not ask the leader again, whatever happens to the follower's place.
    Lease {
        expires: SimTime,
    },
    /// What the leader would say if it were asked now; `None`: to read there.
    WouldName {
        leader: NodeId,
        replica: Option<NodeId>,
    },
    Rack {
        rack: Option<Arc<str>>,
    },
    /// `replica.selector.class`
    Selector {
        is_rack_aware: bool,
    },
    Replica {
        node: NodeId,
        rack: Option<Arc<str>>,
        is_near: bool,
        leads: bool,
        in_isr: bool,
        /// As far as the leader knows; -1 if it has not fetched.
        log_end_offset: i64,
        has_offset: bool,
    },
    /// What ends the lease before its time.
    EndsEarly,
}

/// Why it is not sent to a follower; the first that holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Because {
    /// It has no `client.rack`.
    NoRack,
    LeaderSelector,
    /// Without leader epochs in requests no follower serves consumers.
    NotFenced,
    LeaderIsNear,
    NobodyNear,
    /// Whoever is near is out of the ISR, or lacks the offset.
    NearCannot,
    /// The next answer of the leader will name one.
    AboutToBeSent(NodeId),
}

/// `None` if there is no such consumer, or it does not read such a partition.
pub fn why(cluster: &Cluster, client: ClientId, id: &TopicPartition) -> Option<Vec<Reason>> {
    let consumer = cluster.client(client).and_then(Client::consumer)?;
    let position = consumer.positions.get(id)?;
    let rack = || Reason::Rack { rack: consumer.rack.clone() };
    let is_rack_aware = cluster.spec().broker.replica_selector_class == ReplicaSelector::RackAware;
    let selector = Reason::Selector { is_rack_aware };
    if position.state == PositionState::AwaitReset {
        return Some(vec![Reason::SeeksOffset, rack(), selector]);
    }
    let leader = cluster.newest_metadata()?.partition(id)?.leader;
    let replicas = leader.and_then(|leader| Some(&cluster.node(leader)?.broker()?.replicas));
    let partition = replicas.and_then(|replicas| replicas.partitions.get(id));
    let leading = partition.and_then(|partition| Some((partition, partition.leading.as_ref()?)));
    let (Some(leader), Some(replicas), Some((partition, leading))) = (leader, replicas, leading)
    else {
        let mut reasons = vec![Reason::NoLeader, rack(), selector];
        reasons.extend(
            position.preferred.map(|preferred| Reason::Lease { expires: preferred.expires }),
        );
        return Some(reasons);
    };

    let near = consumer.rack.as_deref();
    let fenced = cluster.spec().history.is_fenced();
    let named = near.filter(|_| fenced).and_then(|rack| {
        replicas.preferred_read_replica(cluster.now(), partition, rack, position.offset)
    });
    let rack_of = |node: NodeId| replicas.rack_of(node);
    let others = rows(partition, leading, position.offset, near, &rack_of);
    let leader_rack = rack_of(leader);
    let leader_is_near = near.is_some() && leader_rack.as_deref() == near;

    let mut reasons = match position.preferred {
        Some(preferred) => vec![
            Reason::ReadsFollower { replica: preferred.node, leader },
            Reason::Lease { expires: preferred.expires },
            Reason::WouldName { leader, replica: named },
        ],
        None => {
            let anybody_near =
                others.iter().any(|row| matches!(row, Reason::Replica { is_near: true, .. }));
            let because = match named {
                Some(node) => Because::AboutToBeSent(node),
                None if near.is_none() => Because::NoRack,
                None if !is_rack_aware => Because::LeaderSelector,
                None if !fenced => Because::NotFenced,
                None if leader_is_near => Because::LeaderIsNear,
                None if anybody_near => Because::NearCannot,
                None => Because::NobodyNear,
            };
            vec![Reason::ReadsLeader { leader, because }]
        }
    };
    reasons.extend([rack(), selector]);
    reasons.push(Reason::Replica {
        node: leader,
        is_near: leader_is_near,
        rack: leader_rack,
        leads: true,
        in_isr: true,
        log_end_offset: partition.log.log_end_offset(),
        has_offset: true,
    });
    reasons.extend(others);
    if position.preferred.is_some() {
        reasons.push(Reason::EndsEarly);
    }
    Some(reasons)
}

/// The followers, as the leader knows them.
fn rows(
    partition: &Partition,
    leading: &LeaderState,
    offset: i64,
    near: Option<&str>,
    rack_of: &dyn Fn(NodeId) -> Option<Arc<str>>,
) -> Vec<Reason> {
    let row = |(&node, state): (&NodeId, &ReplicaState)| {
        let rack = rack_of(node);
        Reason::Replica {
            node,
            is_near: near.is_some() && rack.as_deref() == near,
            rack,
            leads: false,
            in_isr: partition.isr.contains(&node),
            log_end_offset: state.log_end_offset,
            has_offset: state.has(offset),
        }
    };
    leading.remote.iter().map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explain::tests::run;

    const RACKS: &str = "cluster brokers=3 seed=21 broker.rack=a,b,c \
        replica.selector.class=org.apache.kafka.common.replica.RackAwareReplicaSelector";
    const NEAR: &str = "consume orders consumer=near from=earliest client.rack=b";

    fn after(cluster: &str, lines: &[&str]) -> Vec<Reason> {
        let start = [
            "run until ready",
            "kafka-topics.sh --create --topic orders --replica-assignment 1:2:3",
            "run until quiet",
            "produce orders value=v count=3",
            "run 1s",
        ];
        let lines = start.iter().chain(lines).map(|line| line.to_string());
        let cluster = run(cluster, &lines.collect::<Vec<_>>());
        let id = cluster.clients().find(|client| client.consumer().is_some()).unwrap().id;
        why(&cluster, id, &TopicPartition::new("orders", 0)).unwrap()
    }

    fn reads_leader(because: Because) -> Reason {
        Reason::ReadsLeader { leader: NodeId(1), because }
    }

    #[test]
    fn the_follower_in_the_consumers_rack_is_read_under_a_lease() {
        let reasons = after(RACKS, &[NEAR, "run 1s"]);
        let (replica, leader) = (NodeId(2), NodeId(1));
        assert_eq!(reasons[0], Reason::ReadsFollower { replica, leader });
        let Reason::Lease { expires } = reasons[1] else {
            panic!("{reasons:?}");
        };
        assert!(expires > SimTime::from_millis(300_000));
        assert_eq!(reasons[2], Reason::WouldName { leader, replica: Some(replica) });
    }

    #[test]
    fn out_of_the_isr_it_is_read_on_until_the_lease_is_over_and_then_the_leader() {
        let cut = [
            NEAR,
            "run 1s",
            "cut broker-1 broker-2",
            "produce orders value=v acks=1",
            "run until isr orders-0 == 1,3",
            "run 1s",
        ];
        let reasons = after(RACKS, &cut);
        assert!(matches!(reasons[0], Reason::ReadsFollower { replica: NodeId(2), .. }));
        let leader = NodeId(1);
        assert_eq!(reasons[2], Reason::WouldName { leader, replica: None });
        let reasons = after(RACKS, &[&cut[..], &["run 5m"]].concat());
        assert_eq!(reasons[0], reads_leader(Because::NearCannot));
    }

    #[test]
    fn every_reason_to_read_from_the_leader_is_told() {
        let far = "consume orders consumer=far from=earliest";
        let in_rack = |rack: &str| format!("{far} client.rack={rack}");
        let leader_selector = "cluster brokers=3 seed=21 broker.rack=a,b,c";
        let because = |cluster: &str, line: &str| after(cluster, &[line, "run 1s"])[0].clone();
        assert_eq!(because(RACKS, far), reads_leader(Because::NoRack));
        assert_eq!(because(RACKS, &in_rack("a")), reads_leader(Because::LeaderIsNear));
        assert_eq!(because(RACKS, &in_rack("z")), reads_leader(Because::NobodyNear));
        assert_eq!(because(leader_selector, NEAR), reads_leader(Because::LeaderSelector));
        let old = format!("{RACKS} history.rule=kip-279");
        assert_eq!(because(&old, NEAR), reads_leader(Because::NotFenced));
    }
}
