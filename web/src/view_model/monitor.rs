//! The monitors as the page shows them, and the brokers that believe to lead one partition.

use kafkascope_engine::broker::Broker;
use kafkascope_engine::cluster::Cluster;
use kafkascope_engine::ids::{NodeId, TopicPartition};
use kafkascope_engine::invariant::{Finding, Found, Monitor, Violation};
use kafkascope_engine::replication::history_rule::HistoryRule;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum MonitorState {
    Quiet,
    /// It happened, and the settings allowed it.
    Allowed,
    /// A promise of Kafka's is broken.
    Broken,
}

/// What a monitor shows at the shown moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MonitorView {
    pub monitor: Monitor,
    pub state: MonitorState,
    /// Records that were lost, or how often it happened.
    pub count: u64,
    /// In order.
    pub findings: Vec<Finding>,
}

/// Two brokers that believe to lead a partition, each in an epoch of its own: the earlier one has not
/// heard yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rivals {
    pub partition: TopicPartition,
    /// With the epoch in which each believes to lead, the earliest first.
    pub leaders: Vec<(NodeId, i32)>,
}

/// What the checks found broken first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrokenPromise {
    pub violation: Violation,
    /// Under a rule of old it may happen, and is no fault of the engine.
    pub is_of_today: bool,
}

pub fn broken_promise(cluster: &Cluster) -> Option<BrokenPromise> {
    let violation = cluster.violation()?.clone();
    let is_of_today = cluster.spec().history == HistoryRule::default();
    Some(BrokenPromise { violation, is_of_today })
}

pub fn monitors(cluster: &Cluster) -> Vec<MonitorView> {
    let all = cluster.checker().map(|checker| checker.findings()).unwrap_or_default();
    let view = |monitor: Monitor| {
        let of_it = all.iter().filter(|finding| finding.monitor() == monitor);
        let findings: Vec<Finding> = of_it.cloned().collect();
        let state = findings.iter().map(state_of).max().unwrap_or(MonitorState::Quiet);
        let count = findings.iter().map(|finding| size_of(&finding.found)).sum();
        MonitorView { monitor, state, count, findings }
    };
    Monitor::ALL.into_iter().map(view).collect()
}

pub fn state_of(finding: &Finding) -> MonitorState {
    if finding.is_allowed() { MonitorState::Allowed } else { MonitorState::Broken }
}

fn size_of(found: &Found) -> u64 {
    match found {
        Found::AcknowledgedLost { from, to, .. } => (to - from).unsigned_abs(),
        _ => 1,
    }
}

/// Two brokers take themselves for the leader only while one of them has not heard of the newest
/// metadata; so who has heard of all of it is not asked about every partition.
pub fn rivals(cluster: &Cluster) -> Vec<Rivals> {
    let newest = cluster.newest_metadata().map_or(0, |image| image.next_offset);
    let brokers = || cluster.brokers().filter_map(|node| Some((node.id, node.broker()?)));
    let is_behind = |broker: &Broker| broker.image.next_offset < newest;
    let led_by = |broker: &Broker, id: &TopicPartition| {
        let partition = broker.replicas.partitions.get(id)?;
        partition.is_leader().then_some(partition.leader_epoch)
    };
    let mut all: Vec<Rivals> = Vec::new();
    for (node, behind) in brokers().filter(|(_, broker)| is_behind(broker)) {
        let led = behind.replicas.partitions.values().filter(|partition| partition.is_leader());
        for partition in led {
            let id = &partition.id;
            // Of two that are behind, the first has found it already.
            if all.iter().any(|known| known.partition == *id) {
                continue;
            }
            let others = brokers().filter(|(other, _)| *other != node);
            let others = others.filter_map(|(other, broker)| Some((other, led_by(broker, id)?)));
            let mut leaders = vec![(node, partition.leader_epoch)];
            leaders.extend(others);
            if leaders.len() > 1 {
                leaders.sort_by_key(|(node, epoch)| (*epoch, *node));
                all.push(Rivals { partition: id.clone(), leaders });
            }
        }
    }
    all.sort_by(|a, b| a.partition.cmp(&b.partition));
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario;
    use kafkascope_engine::invariant::Allowance;

    fn at_the_end(script: &str) -> Cluster {
        let timeline =
            scenario::prepare(script).unwrap_or_else(|text| panic!("{}", text.en)).timeline;
        timeline.cluster().clone()
    }

    #[test]
    fn a_calm_cluster_has_quiet_monitors() {
        let cluster = at_the_end(scenario::opening().script);
        assert!(monitors(&cluster).iter().all(|view| view.state == MonitorState::Quiet));
        assert_eq!(rivals(&cluster), []);
    }

    #[test]
    fn a_leader_that_was_cut_off_believes_to_lead_in_its_own_epoch() {
        let cluster = at_the_end(
            "cluster brokers=3 seed=4\n\
             run until ready\n\
             kafka-topics.sh --create --topic orders --replica-assignment 1:2:3\n\
             run until quiet\n\
             cut broker-1 broker-2\n\
             cut broker-1 broker-3\n\
             cut broker-1 controller-101\n\
             produce orders key=k value=v acks=1 count=2\n\
             run until leader orders-0 == broker-2\n\
             run 1s\n",
        );
        let views = monitors(&cluster);
        assert_eq!(views[0].monitor, Monitor::AcknowledgedLost);
        assert_eq!((views[0].state, views[0].count), (MonitorState::Allowed, 2));
        assert_eq!(views[0].findings[0].allowed_by, [Allowance::AcksLeader]);
        assert_eq!(views[3].state, MonitorState::Quiet, "two epochs are no two leaders in one");
        let [rivals] = &rivals(&cluster)[..] else { panic!("one partition has rivals") };
        assert_eq!(rivals.leaders, [(NodeId(1), 0), (NodeId(2), 1)]);
    }
}
