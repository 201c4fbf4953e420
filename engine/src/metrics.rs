//! What monitoring of a Kafka cluster looks at first, by Kafka's names: gauges computed from the
//! metadata as they are, and meters counted from the events ([`Meters`]). A cluster counts what its
//! controller and all its brokers report together.

use crate::cluster::Cluster;
use crate::controller::metadata_image::{MetadataImage, TopicImage};
use crate::controller::metadata_record::MetadataRecord;
use crate::controller::partition_registration::PartitionRegistration;
use crate::event::{ChangeReason, Event, EventKind};
use crate::ids::{ConfigResource, NodeId, TopicPartition, Uuid};
use crate::log::log_config::LogConfig;
use crate::replication::partition::effective_min_isr;
use std::collections::BTreeMap;
use std::sync::Arc;

/// How a partition is, as users of Kafka's tools know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Trouble {
    /// Nobody leads it.
    Offline,
    /// |ISR| < min.insync.replicas: acks=all is refused.
    UnderMinIsr,
    /// |ISR| = min.insync.replicas, and not every replica is in sync: one more, and acks=all is refused.
    AtMinIsr,
    /// A replica is out of sync.
    UnderReplicated,
}

/// `kafka.controller` and `kafka.server` gauges, of the whole cluster or of one topic.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Gauges {
    pub offline_partitions_count: u32,
    pub under_replicated_partitions: u32,
    pub under_min_isr_partition_count: u32,
    pub at_min_isr_partition_count: u32,
    pub preferred_replica_imbalance_count: u32,
    pub reassigning_partitions: u32,
    pub partition_count: u32,
}

impl Trouble {
    /// The worst that is to be said of a partition.
    pub fn of(partition: &PartitionRegistration, min_insync_replicas: i32) -> Option<Trouble> {
        let (isr, replicas) = (partition.isr.len(), partition.replicas.len());
        let min = effective_min_isr(min_insync_replicas, replicas);
        match partition.leader {
            None => Some(Trouble::Offline),
            Some(_) if isr < min => Some(Trouble::UnderMinIsr),
            Some(_) if isr >= partition.replication_factor() => None,
            Some(_) if isr == min => Some(Trouble::AtMinIsr),
            Some(_) => Some(Trouble::UnderReplicated),
        }
    }
}

impl Gauges {
    /// Of all topics, as the newest metadata have them.
    pub fn of(cluster: &Cluster) -> Gauges {
        let Some(image) = cluster.newest_metadata() else {
            return Gauges::default();
        };
        image.topics.iter().fold(Gauges::default(), |sum, (name, topic)| {
            sum.plus(Gauges::of_topic(topic, min_isr(image, name, &cluster.spec().log)))
        })
    }

    pub fn of_topic(topic: &TopicImage, min_insync_replicas: i32) -> Gauges {
        let mut gauges = Gauges::default();
        for partition in topic.partitions.values() {
            let (isr, replicas) = (partition.isr.len(), partition.replicas.len());
            let min = effective_min_isr(min_insync_replicas, replicas);
            let is_led = partition.leader.is_some();
            gauges.partition_count += 1;
            gauges.offline_partitions_count += u32::from(!is_led);
            // Only leaders report the size of their ISR.
            let is_short = isr < partition.replication_factor();
            gauges.under_replicated_partitions += u32::from(is_led && is_short);
            gauges.under_min_isr_partition_count += u32::from(is_led && isr < min);
            gauges.at_min_isr_partition_count += u32::from(is_led && isr == min);
            gauges.preferred_replica_imbalance_count +=
                u32::from(!partition.has_preferred_leader());
            gauges.reassigning_partitions += u32::from(is_led && partition.is_reassigning());
        }
        gauges
    }

    pub fn plus(self, other: Gauges) -> Gauges {
        Gauges {
            offline_partitions_count: self.offline_partitions_count
                + other.offline_partitions_count,
            under_replicated_partitions: self.under_replicated_partitions
                + other.under_replicated_partitions,
            under_min_isr_partition_count: self.under_min_isr_partition_count
                + other.under_min_isr_partition_count,
            at_min_isr_partition_count: self.at_min_isr_partition_count
                + other.at_min_isr_partition_count,
            preferred_replica_imbalance_count: self.preferred_replica_imbalance_count
                + other.preferred_replica_imbalance_count,
            reassigning_partitions: self.reassigning_partitions + other.reassigning_partitions,
            partition_count: self.partition_count + other.partition_count,
        }
    }
}

/// min.insync.replicas of a topic, as the controller knows it.
pub fn min_isr(image: &MetadataImage, topic: &str, defaults: &LogConfig) -> i32 {
    image.log_config(topic, NodeId(0), defaults).min_insync_replicas
}

/// `ActiveControllerCount`, summed over the controllers.
pub fn active_controller_count(cluster: &Cluster) -> usize {
    cluster.controllers().filter(|controller| controller.is_active()).count()
}

/// What Kafka counts as rates, as whole numbers since the run began.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Meters {
    /// `LeaderElectionRateAndTimeMs`: changes of leader, also to nobody.
    pub leader_elections: u64,
    /// `UncleanLeaderElectionsPerSec`
    pub unclean_leader_elections: u64,
    /// `IsrShrinksPerSec` and `IsrExpandsPerSec`: what leaders asked for. A member that the controller
    /// takes out, because it fences its broker, is in neither.
    pub isr_shrinks: u64,
    pub isr_expands: u64,
    /// What is known of each partition: replicas and those of them that are being added, ISR, whether
    /// somebody leads.
    partitions: BTreeMap<TopicPartition, Known>,
    topic_names: BTreeMap<Uuid, Arc<str>>,
    under_replicated: u32,
    offline: u32,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Known {
    replicas: usize,
    adding: usize,
    isr: usize,
    /// `None` before its first leader.
    is_led: Option<bool>,
}

impl Known {
    fn is_under_replicated(self) -> bool {
        self.is_led == Some(true) && self.isr + self.adding < self.replicas
    }

    fn is_offline(self) -> bool {
        self.is_led == Some(false)
    }
}

impl Meters {
    pub fn note(&mut self, event: &Event) {
        match &event.kind {
            EventKind::MetadataAppended { record, .. } => self.note_record(record),
            EventKind::LeaderElected { partition, leader, unclean, reason, .. } => {
                if *reason != ChangeReason::TopicCreated {
                    self.leader_elections += 1;
                    self.unclean_leader_elections += u64::from(*unclean);
                }
                let is_led = Some(leader.is_some());
                self.know(partition, |known| Known { is_led, ..known });
            }
            EventKind::IsrChanged { partition, isr, reason, .. } => {
                let before = self.partitions.get(partition).map_or(0, |known| known.isr);
                if *reason == ChangeReason::IsrRequested {
                    self.isr_shrinks += u64::from(isr.len() < before);
                    self.isr_expands += u64::from(isr.len() > before);
                }
                let isr = isr.len();
                self.know(partition, |known| Known { isr, ..known });
            }
            _ => {}
        }
    }

    /// Records say how many replicas a partition has, and is to have.
    fn note_record(&mut self, record: &MetadataRecord) {
        let (topic_id, partition, replicas, adding) = match record {
            MetadataRecord::Topic { name, topic_id } => {
                self.topic_names.insert(*topic_id, name.as_str().into());
                return;
            }
            MetadataRecord::Partition { topic_id, partition_id, registration } => {
                let (replicas, adding) = (&registration.replicas, &registration.adding_replicas);
                (topic_id, *partition_id, Some(replicas), Some(adding))
            }
            MetadataRecord::PartitionChange { topic_id, partition_id, change } => {
                let (replicas, adding) = (&change.replicas, &change.adding_replicas);
                (topic_id, *partition_id, replicas.as_ref(), adding.as_ref())
            }
            _ => return,
        };
        if let Some(topic) = self.topic_names.get(topic_id).cloned() {
            let id = TopicPartition { topic, partition };
            self.know(&id, |known| Known {
                replicas: replicas.map_or(known.replicas, Vec::len),
                adding: adding.map_or(known.adding, Vec::len),
                ..known
            });
        }
    }

    fn know(&mut self, partition: &TopicPartition, change: impl FnOnce(Known) -> Known) {
        let known = self.partitions.entry(partition.clone()).or_default();
        let (before, now) = (*known, change(*known));
        *known = now;
        self.under_replicated += u32::from(now.is_under_replicated());
        self.under_replicated -= u32::from(before.is_under_replicated());
        self.offline += u32::from(now.is_offline());
        self.offline -= u32::from(before.is_offline());
    }

    /// `UnderReplicatedPartitions` after the events so far: what the gauge said then.
    pub fn under_replicated_partitions(&self) -> u32 {
        self.under_replicated
    }

    /// `OfflinePartitionsCount` after the events so far.
    pub fn offline_partitions_count(&self) -> u32 {
        self.offline
    }
}

/// A topic's gauges are computed anew only when the topic has changed, or what brokers are set to.
#[derive(Clone, Debug, Default)]
pub struct GaugeCache {
    broker_configs: BTreeMap<ConfigResource, BTreeMap<String, String>>,
    topics: BTreeMap<Arc<str>, (Arc<TopicImage>, Gauges)>,
}

impl GaugeCache {
    pub fn gauges(&mut self, cluster: &Cluster) -> Gauges {
        let Some(image) = cluster.newest_metadata() else {
            return Gauges::default();
        };
        if self.broker_configs != *image.broker_configs() {
            self.broker_configs.clone_from(image.broker_configs());
            self.topics.clear();
        }
        self.topics.retain(|name, _| image.topics.contains_key(name));
        let mut sum = Gauges::default();
        for (name, topic) in &image.topics {
            let known = self.topics.get(name).filter(|(known, _)| Arc::ptr_eq(known, topic));
            let gauges = match known {
                Some((_, gauges)) => *gauges,
                None => {
                    let min = min_isr(image, name, &cluster.spec().log);
                    let gauges = Gauges::of_topic(topic, min);
                    self.topics.insert(name.clone(), (topic.clone(), gauges));
                    gauges
                }
            };
            sum = sum.plus(gauges);
        }
        sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::script::parse::parse;
    use crate::script::runner::{Machine, Recording};

    /// What the events of a script add up to is what the state says, after every step.
    fn agree(script: &str) -> (Meters, Gauges) {
        let mut machine = None::<Recording>;
        let (mut meters, mut noted, mut cache) = (Meters::default(), 0, GaugeCache::default());
        let mut seen = Gauges::default();
        let lines = script.lines().filter_map(|line| line.strip_prefix("$ "));
        for line in lines {
            use crate::script::line::{Line, NoClients};
            match &mut machine {
                None => {
                    let Ok(Line::Spec(spec)) = parse(1, line, &NoClients) else { panic!("{line}") };
                    machine = Some(Recording::new(*spec));
                }
                Some(machine) => {
                    if let Ok(Line::Command(command)) = parse(1, line, &machine.cluster) {
                        machine.handle(&command).unwrap();
                    }
                }
            }
            let machine = machine.as_mut().unwrap();
            for _ in 0..1_000 {
                machine.advance();
                machine.events[noted..].iter().for_each(|event| meters.note(event));
                noted = machine.events.len();
                let gauges = Gauges::of(&machine.cluster);
                assert_eq!(cache.gauges(&machine.cluster), gauges);
                assert_eq!(
                    (meters.under_replicated_partitions(), meters.offline_partitions_count()),
                    (gauges.under_replicated_partitions, gauges.offline_partitions_count)
                );
                seen = seen.plus(gauges);
            }
        }
        (meters, seen)
    }

    #[test]
    fn meters_agree_with_gauges_through_crashes_and_an_unclean_election() {
        let (meters, seen) = agree(include_str!("../testdata/unclean-election.script"));
        assert!(seen.offline_partitions_count > 0 && seen.under_replicated_partitions > 0);
        assert_eq!(meters.unclean_leader_elections, 1);
        assert!(meters.isr_expands > 0);
    }

    #[test]
    fn a_partition_that_moves_is_not_under_replicated() {
        let (_, seen) = agree(include_str!("../testdata/reassignment.script"));
        assert!(seen.reassigning_partitions > 0);
        assert_eq!(seen.under_replicated_partitions, 0);
    }

    #[test]
    fn a_partition_is_called_by_the_worst() {
        let partition = |leader: Option<i32>, isr: &[i32]| PartitionRegistration {
            replicas: [1, 2, 3].map(NodeId).to_vec(),
            isr: isr.iter().map(|&id| NodeId(id)).collect(),
            leader: leader.map(NodeId),
            ..PartitionRegistration::default()
        };
        let of = |leader, isr: &[i32], min| Trouble::of(&partition(leader, isr), min);
        assert_eq!(of(Some(1), &[1, 2, 3], 2), None);
        assert_eq!(of(Some(1), &[1, 2], 1), Some(Trouble::UnderReplicated));
        assert_eq!(of(Some(1), &[1, 2], 2), Some(Trouble::AtMinIsr));
        assert_eq!(of(Some(1), &[1], 2), Some(Trouble::UnderMinIsr));
        assert_eq!(of(None, &[1], 2), Some(Trouble::Offline));
        let moving = PartitionRegistration {
            adding_replicas: vec![NodeId(3)],
            ..partition(Some(1), &[1, 2])
        };
        assert_eq!(Trouble::of(&moving, 1), None, "what is being added is not missing yet");
        // A minimum above the replicas counts as all of them; that all are in sync is no trouble.
        assert_eq!(of(Some(1), &[1, 2, 3], 5), None);
        assert_eq!(of(Some(1), &[1, 2], 5), Some(Trouble::UnderMinIsr));
    }
}
