//! What a power loss of the whole cluster took, and what survived it: the facts that the page tells
//! when somebody comes back. Closing the tab is such a power loss.
//!
//! They are found by comparing two starts: one on everything that was written, page cache included,
//! and one on what the disks hold. The second is then let run until leaders are elected, because
//! only they say which acknowledged records are still there.

use super::journal::spec_after_power_loss;
use kafkascope_engine::cluster::Cluster;
use kafkascope_engine::event::{Event, EventKind};
use kafkascope_engine::ids::{NodeId, TopicPartition};
use kafkascope_engine::protocol::Acks;
use kafkascope_engine::script::Condition;
use kafkascope_engine::sim::disk::Disk;
use kafkascope_engine::spec::ClusterSpec;
use std::collections::{BTreeMap, BTreeSet};

/// A cluster that has not elected its leaders by then will not do so by itself.
const ELECTION_STEPS_MAX: u32 = 20_000;

/// The offsets that producers with acks=all were promised, by partition.
pub type Promised = BTreeMap<TopicPartition, BTreeSet<i64>>;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Survey {
    pub partitions: Vec<PartitionFate>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartitionFate {
    pub partition: TopicPartition,
    pub replicas: Vec<ReplicaFate>,
    /// Who leads after the restart.
    pub leader: Option<NodeId>,
    /// Records acknowledged with acks=all that were there before.
    pub promised: usize,
    /// Those of them that the new leader does not have.
    pub lost: Vec<i64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReplicaFate {
    pub node: NodeId,
    /// Log end offset with the page cache, and with what had reached the disk.
    pub end_before: i64,
    pub end_after: i64,
}

impl Survey {
    pub fn promised(&self) -> usize {
        self.partitions.iter().map(|partition| partition.promised).sum()
    }

    pub fn lost(&self) -> usize {
        self.partitions.iter().map(|partition| partition.lost.len()).sum()
    }

    /// Records that had not reached any disk, promised or not.
    pub fn unflushed(&self) -> i64 {
        let loss = |partition: &PartitionFate| {
            let most = |end: fn(&ReplicaFate) -> i64| {
                partition.replicas.iter().map(end).max().unwrap_or(0)
            };
            most(|replica| replica.end_before) - most(|replica| replica.end_after)
        };
        self.partitions.iter().map(loss).sum()
    }
}

/// Adds what these events promise.
pub fn note_promises(promised: &mut Promised, events: &[Event]) {
    for event in events {
        if let EventKind::RecordAcknowledged { partition, offset, acks: Acks::All, .. } =
            &event.kind
        {
            promised.entry(partition.clone()).or_default().insert(*offset);
        }
    }
}

/// `last` is the cluster when the power failed; `disks` is what was stored of it.
pub fn survey(last: &Cluster, disks: BTreeMap<NodeId, Disk>, promised: &Promised) -> Survey {
    let spec = spec_after_power_loss(last.spec());
    let (_, before) = log_ends(spec.clone(), everything_written(last));
    let (cluster, after) = log_ends(spec, disks);
    let leaders = leaders_after_elections(cluster);
    let mut fates: BTreeMap<TopicPartition, PartitionFate> = BTreeMap::new();
    for ((partition, node), end_before) in before {
        let end_after = after.get(&(partition.clone(), node)).copied().unwrap_or(0);
        let fate = fates.entry(partition.clone()).or_insert_with(|| PartitionFate {
            partition,
            replicas: Vec::new(),
            leader: None,
            promised: 0,
            lost: Vec::new(),
        });
        fate.replicas.push(ReplicaFate { node, end_before, end_after });
    }
    for fate in fates.values_mut() {
        let leader = leaders.get(&fate.partition).copied();
        fate.leader = leader.map(|(node, _)| node);
        let end = leader.map_or(0, |(_, end)| end);
        let end_before = fate.replicas.iter().map(|replica| replica.end_before).max().unwrap_or(0);
        let promised = promised
            .get(&fate.partition)
            .into_iter()
            .flatten()
            .filter(|offset| **offset < end_before);
        let (kept, lost): (Vec<i64>, Vec<i64>) = promised.partition(|offset| **offset < end);
        fate.promised = kept.len() + lost.len();
        fate.lost = lost;
    }
    Survey { partitions: fates.into_values().collect() }
}

/// The disks as if the page caches had been flushed.
fn everything_written(cluster: &Cluster) -> BTreeMap<NodeId, Disk> {
    let mut cluster = disks_of(cluster);
    cluster.values_mut().for_each(|disk| _ = disk.fsync_all());
    cluster
}

fn disks_of(cluster: &Cluster) -> BTreeMap<NodeId, Disk> {
    cluster.nodes().map(|node| (node.id, node.disk.clone())).collect()
}

/// Boots on the disks; where each log then ends.
fn log_ends(
    spec: ClusterSpec,
    disks: BTreeMap<NodeId, Disk>,
) -> (Cluster, BTreeMap<(TopicPartition, NodeId), i64>) {
    let (cluster, events) = Cluster::boot(spec, disks);
    let ends = events.into_iter().filter_map(|event| match event.kind {
        EventKind::LogRecovered { node, partition, log_end_offset, .. }
            if !partition.topic.starts_with("__") =>
        {
            Some(((partition, node), log_end_offset))
        }
        _ => None,
    });
    let ends = ends.collect();
    (cluster, ends)
}

/// Every partition's leader, and where its log ends, once all brokers are back.
fn leaders_after_elections(mut cluster: Cluster) -> BTreeMap<TopicPartition, (NodeId, i64)> {
    for _ in 0..ELECTION_STEPS_MAX {
        let leaders = leaders(&cluster);
        if Condition::Ready.holds(&cluster) && leaders.values().all(Option::is_some) {
            break;
        }
        if cluster.advance().is_none() {
            break;
        }
    }
    leaders(&cluster)
        .into_iter()
        .filter_map(|(partition, leader)| Some((partition, leader?)))
        .collect()
}

fn leaders(cluster: &Cluster) -> BTreeMap<TopicPartition, Option<(NodeId, i64)>> {
    let Some(image) = cluster.metadata_image() else {
        return BTreeMap::new();
    };
    let leads = |id: &TopicPartition, node: NodeId| {
        let replicas = &cluster.node(node)?.broker()?.replicas;
        let partition = replicas.partitions.get(id).filter(|partition| partition.is_leader())?;
        Some((node, partition.log.log_end_offset()))
    };
    let partitions = image.partitions();
    partitions.map(|(id, now)| (id.clone(), now.leader.and_then(|node| leads(&id, node)))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::journal::{Progress, Replay, Replayed, disks_after_power_loss};

    fn played(script: &str) -> Replayed {
        let mut replay = Replay::new(script.to_string());
        assert_eq!(replay.run(u64::MAX), Ok(Progress::Done));
        replay.finish().unwrap()
    }

    fn fate(script: &str) -> Survey {
        let replayed = played(script);
        let last = replayed.timeline.cluster();
        assert!(replayed.promised.values().map(BTreeSet::len).sum::<usize>() > 0, "{script}");
        survey(last, disks_after_power_loss(last), &replayed.promised)
    }

    const START: &str =
        "step 200\nkafka-topics.sh --create --topic orders --replica-assignment 1:2:3\nstep 60\n";

    #[test]
    fn what_only_page_caches_held_is_lost_although_it_was_acknowledged() {
        let survey = fate(&format!(
            "cluster brokers=3 seed=1\n{START}produce orders value=x count=3\nstep 60\n"
        ));
        let [orders] = &survey.partitions[..] else { panic!("{survey:?}") };
        assert_eq!((orders.promised, &orders.lost[..]), (3, &[0, 1, 2][..]));
        let ends: Vec<_> =
            orders.replicas.iter().map(|r| (r.node.0, r.end_before, r.end_after)).collect();
        assert_eq!(ends, [(1, 3, 0), (2, 3, 0), (3, 3, 0)]);
        assert_eq!(survey.unflushed(), 3);
    }

    #[test]
    fn what_the_write_back_had_reached_survives_on_every_replica() {
        let spec = "cluster brokers=3 seed=1 writeback.ms=100";
        let survey = fate(&format!("{spec}\n{START}produce orders value=x count=3\nstep 200\n"));
        let orders = &survey.partitions[0];
        assert_eq!((orders.promised, orders.lost.len(), survey.unflushed()), (3, 0, 0));
        assert!(
            orders.leader.is_some() && orders.replicas.iter().all(|replica| replica.end_after == 3)
        );
    }

    #[test]
    fn a_replica_that_was_down_keeps_its_own_end() {
        let spec = "cluster brokers=3 seed=1 writeback.ms=100";
        let script = format!(
            "{spec}\n{START}crash broker-3\nstep\nproduce orders value=x acks=1\nstep 60\n"
        );
        let last = played(&script).timeline;
        let survey =
            survey(last.cluster(), disks_after_power_loss(last.cluster()), &Promised::new());
        assert_eq!(
            survey.partitions[0].replicas[2],
            ReplicaFate { node: NodeId(3), end_before: 0, end_after: 0 }
        );
        assert!(survey.partitions[0].replicas[0].end_before > 0);
        assert_eq!((survey.promised(), survey.lost()), (0, 0));
    }
}
