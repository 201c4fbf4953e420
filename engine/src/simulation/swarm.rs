//! What a seed draws: the cluster, the workload, and which faults occur how often.

use super::ambush;
use super::configs::{producer_configs, topic_configs};
use crate::cluster::Cluster;
use crate::command::workload::{Workload, WorkloadKind};
use crate::command::{
    Command, CreateTopic, DiskFault, ElectionType, EnvelopeAct, Produce, Reassign, ReassignAction,
    StartFrom,
};
use crate::ids::{Address, ConfigResource, NodeId, TopicPartition};
use crate::protocol::{Acks, Api};
use crate::record::CompressionType;
use crate::replication::history_rule::HistoryRule;
use crate::replication::replica_selector::ReplicaSelector;
use crate::sim::disk::DiskCondition;
use crate::sim::link_fault::LinkFault;
use crate::sim::random::{SimRng, mix};
use crate::sim::time::SimTime;
use crate::spec::{ClusterSpec, ProcessRoles};
use std::collections::VecDeque;
use std::sync::Arc;

/// More partitions than this tell nothing more.
const PARTITIONS_MAX: i32 = 6;

/// So many brokers more than at the start.
const ADDED_MAX: usize = 2;

pub(super) struct Swarm {
    pub spec: ClusterSpec,
    /// At most this many steps lie between two commands.
    pub pace: u64,
    topics: Vec<CreateTopic>,
    /// How often each kind of act is drawn, relative to the others.
    weights: [(Act, u64); 30],
    /// At most this many brokers are down or frozen at once.
    down_max: usize,
    /// Whether some topic may have an unclean leader.
    unclean: bool,
    /// Of every record; else drawn.
    acks: Option<Acks>,
    /// What is left of an ambush, soonest first.
    plot: VecDeque<(SimTime, Command)>,
    /// What the producers are created with.
    producers: [Vec<(String, String)>; 2],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Act {
    Produce,
    Crash,
    PowerLoss,
    Stop,
    Pause,
    Recover,
    Cut,
    CutOneWay,
    Link,
    Isolate,
    RingCut,
    Meddle,
    HarmDisk,
    LoseDisk,
    Heal,
    RestartController,
    AlterConfig,
    ElectLeaders,
    DeleteRecords,
    Reassign,
    DeleteTopic,
    AddPartitions,
    AddBroker,
    Unregister,
    Replace,
    Ambush,
    Member,
    Workload,
    Transact,
    AmbushTransaction,
}

impl Swarm {
    pub fn draw(seed: u64, random: &mut SimRng) -> Self {
        let mut spec = ClusterSpec::new(random.range(3..=5) as i32, seed);
        spec.controllers = *random.pick(&[1, 1, 1, 3, 5]).expect("five choices");
        // Voters that lose patience soon stand against each other.
        spec.broker.controller_quorum_election_timeout_ms = random.range(60..=1_000);
        spec.broker.controller_quorum_fetch_timeout_ms = random.range(600..=2_000);
        let least = random.range(100..=5_000);
        spec.network_delay_us = (least, least + random.range(1_000..=60_000));
        // Drawn apart: a damaged answer is asked for again, and all other faults stay as they were.
        let damage = mix(&[seed, 1]);
        if damage.is_multiple_of(4) {
            spec.network_damage_per_mille = (damage >> 8) as u32 % 100 + 1;
            // A damaged answer then leaves a broker behind with the metadata for a while.
            spec.broker.controller_quorum_retry_backoff_ms = (damage >> 32) % 1_000 + 20;
        }
        // Drawn apart as well. Small enough that a run makes snapshots and lets go of what they replace.
        let snapshots = mix(&[seed, 2]);
        if snapshots.is_multiple_of(3) {
            spec.metadata_clean_ms = (snapshots >> 8) % 3_000 + 200;
            spec.broker.metadata_log_max_record_bytes_between_snapshots =
                (snapshots >> 20) % 3_000 + 1;
            spec.broker.metadata_max_retention_bytes = (snapshots >> 32) % 4_000 + 1;
            spec.broker.metadata_log_segment_bytes = (snapshots >> 44) as u32 % 2_000 + 200;
            spec.broker.controller_quorum_fetch_snapshot_max_bytes =
                (snapshots >> 4) as u32 % 900 + 100;
        }
        let roles = mix(&[seed, 3]);
        if roles.is_multiple_of(5) {
            spec.roles = ProcessRoles::Combined;
            spec.controllers = spec.controllers.min(spec.brokers);
        }
        spec.eligible_leader_replicas = mix(&[seed, 2]).is_multiple_of(2);
        let racks = mix(&[seed, 4]);
        if racks.is_multiple_of(3) {
            let names = ["a", "b", "c"].iter().take((racks >> 8) as usize % 2 + 2);
            spec.racks = names.map(|rack| Some((*rack).into())).collect();
            spec.broker.replica_selector_class = ReplicaSelector::RackAware;
        }
        spec.writeback_ms = *random.pick(&[50, 1_000, 30_000]).expect("three choices");
        // Now and then short enough for an ISR to flap.
        let lag_ms = if random.chance(400) { 1_500..=5_000 } else { 4_000..=30_000 };
        spec.broker.replica_lag_time_max_ms = random.range(lag_ms);
        spec.broker.leader_imbalance_check_interval_seconds = random.range(2..=300);
        spec.broker.unclean_leader_election_interval_ms = random.range(2_000..=60_000);
        // In half of the runs nothing is ever let go of: what replication breaks is then seen at once.
        let lets_go = random.chance(500);
        // Where it is allowed, much may be lost that otherwise must not, and what an unclean leader
        // may have of a compacted log nobody can foretell.
        let unclean = !lets_go && random.chance(500);
        // Now and then everything is old at once: what takes days must happen within the run.
        spec.broker.log_initial_task_delay_ms = random.range(100..=5_000);
        spec.broker.log_retention_check_interval_ms = random.range(200..=5_000);
        spec.broker.log_cleaner_backoff_ms = random.range(50..=3_000);
        spec.broker.log_cleaner_dedupe_buffer_size = random.range(48..=2_000);
        if random.chance(500) {
            spec.broker.log_cleaner_io_max_bytes_per_second = random.range(500..=20_000);
        }
        let topics = (0..random.range(1..=2))
            .map(|n| CreateTopic {
                topic: format!("topic{n}").into(),
                partitions: random.range(1..=3) as i32,
                replication_factor: random.range(2..=3) as i16,
                replica_assignment: Vec::new(),
                configs: topic_configs(random, lets_go, unclean),
            })
            .collect();
        // A fault kind is off in about half of the runs: what hides behind one shows without it.
        let mut sometimes = |most: u64| {
            if random.chance(500) { random.range(1..=most) } else { 0 }
        };
        let transacts = mix(&[seed, 21]).is_multiple_of(2);
        let weights = [
            (Act::Produce, 40),
            (Act::Crash, sometimes(8)),
            (Act::PowerLoss, sometimes(4)),
            (Act::Stop, sometimes(4)),
            (Act::Pause, sometimes(8)),
            (Act::Recover, 10),
            (Act::Cut, sometimes(8)),
            (Act::CutOneWay, sometimes(6)),
            (Act::Link, sometimes(14)),
            (Act::Isolate, sometimes(3)),
            (Act::RingCut, sometimes(2)),
            (Act::Meddle, sometimes(10)),
            (Act::HarmDisk, sometimes(4)),
            (Act::LoseDisk, sometimes(2)),
            (Act::Heal, 8),
            (Act::RestartController, if spec.controllers > 1 { 8 } else { sometimes(2) }),
            (Act::AlterConfig, sometimes(3)),
            (Act::ElectLeaders, sometimes(3)),
            (Act::Reassign, sometimes(4)),
            (Act::DeleteRecords, if lets_go { sometimes(3) } else { 0 }),
            (Act::DeleteTopic, sometimes(2)),
            (Act::AddPartitions, sometimes(2)),
            (Act::AddBroker, apart(seed, 4, 3)),
            (Act::Unregister, apart(seed, 5, 3)),
            (Act::Replace, apart(seed, 6, 2)),
            (Act::Ambush, sometimes(6)),
            // Drawn apart: the other runs stay as they were.
            (Act::Member, if mix(&[seed, 9]).is_multiple_of(2) { 12 } else { 0 }),
            (Act::Workload, if mix(&[seed, 20]).is_multiple_of(4) { 6 } else { 0 }),
            (Act::Transact, if transacts { 25 } else { 0 }),
            (Act::AmbushTransaction, if transacts { 6 } else { 0 }),
        ];
        let pace = random.range(5..=80);
        spec.broker.offsets_topic_num_partitions = (mix(&[seed, 5]) % 3) as i32 + 1;
        spec.broker.group_initial_rebalance_delay_ms = mix(&[seed, 6]) % 3_000 + 1;
        spec.broker.group_min_session_timeout_ms = 1_000;
        spec.broker.group_consumer_session_timeout_ms = mix(&[seed, 20]) % 8_000 + 1_500;
        spec.broker.group_consumer_heartbeat_interval_ms = mix(&[seed, 21]) % 800 + 200;
        super::transactions::settle_spec(&mut spec);
        let down_max = random.range(1..=3) as usize;
        let producers = [14, 15].map(|n| producer_configs(&mut SimRng::new(mix(&[seed, n]))));
        let plot = VecDeque::new();
        Swarm { spec, pace, topics, weights, down_max, unclean, acks: None, plot, producers }
    }

    /// A cluster that fits on a page, with one partition, Kafka's defaults and a few kinds of faults.
    pub fn narrow(
        seed: u64,
        random: &mut SimRng,
        history: HistoryRule,
        acks: Acks,
        configs: Vec<(String, String)>,
        faults: &[(Act, u64)],
    ) -> Self {
        let mut swarm = Swarm::draw(seed, random);
        swarm.spec = ClusterSpec { history, ..ClusterSpec::new(3, seed) };
        swarm.topics = vec![CreateTopic {
            topic: "orders".into(),
            partitions: 1,
            replication_factor: 3,
            replica_assignment: Vec::new(),
            configs,
        }];
        for (act, weight) in &mut swarm.weights {
            let wanted = faults.iter().find(|(fault, _)| fault == act);
            *weight = match (*act, wanted) {
                (_, Some((_, wanted))) => *wanted,
                (Act::Produce | Act::Recover | Act::Heal, None) => *weight,
                _ => 0,
            };
        }
        if history != HistoryRule::default() {
            // What an old rule breaks lasts as long as a fetch: it has to take a while.
            swarm.spec.network_delay_us = (100_000, 400_000);
            swarm.pace = 12;
        }
        swarm.down_max = 3;
        swarm.acks = Some(acks);
        swarm.producers = Default::default();
        swarm
    }

    /// In one of the racks, if there are any.
    fn rack_of_reader(&self, topic: &str) -> Option<Arc<str>> {
        let draw = mix(&[self.spec.seed, 5, u64::from(*topic.as_bytes().last()?)]);
        let racks = self.spec.racks.len() as u64;
        draw.checked_rem(racks).and_then(|place| self.spec.racks[place as usize].clone())
    }

    /// Placement is given, so that a topic can be created while a broker is down.
    fn assignment(&self, topic: &CreateTopic) -> Vec<Vec<NodeId>> {
        let brokers = self.spec.brokers;
        (0..topic.partitions)
            .map(|p| {
                (0..i32::from(topic.replication_factor))
                    .map(|r| NodeId(1 + (p + r) % brokers))
                    .collect()
            })
            .collect()
    }

    pub fn next(&mut self, cluster: &Cluster, random: &mut SimRng) -> Option<Command> {
        if let Some(image) = cluster.metadata_image() {
            // First of all topics that somebody reads; one that was deleted comes back soon.
            let missing = self.topics.iter().find(|t| !image.topics.contains_key(&t.topic));
            let was_there =
                |topic: &CreateTopic| cluster.client_named(&reader(&topic.topic)).is_some();
            if let Some(topic) = missing.filter(|topic| !was_there(topic) || random.chance(300)) {
                return Some(Command::CreateTopic(CreateTopic {
                    replica_assignment: self.assignment(topic),
                    ..topic.clone()
                }));
            }
        }
        if let Some(topic) =
            self.topics.iter().find(|t| cluster.client_named(&reader(&t.topic)).is_none())
        {
            let consumer = reader(&topic.topic).into();
            return Some(Command::Consume {
                topic: topic.topic.clone(),
                consumer,
                from: StartFrom::Earliest,
                client_rack: self.rack_of_reader(&topic.topic),
                configs: super::transactions::configs_of_reader(self.spec.seed, &topic.topic),
                group: None,
            });
        }
        if self.plot.front().is_some_and(|(at, _)| *at <= cluster.now()) {
            return self.plot.pop_front().map(|(_, command)| command);
        }
        let total: u64 = self.weights.iter().map(|(_, weight)| weight).sum();
        let mut draw = random.below(total);
        let (act, _) = *self.weights.iter().find(|(_, weight)| {
            if draw < *weight {
                true
            } else {
                draw -= weight;
                false
            }
        })?;
        if matches!(act, Act::Ambush | Act::AmbushTransaction) {
            if self.plot.is_empty() {
                let plot = match act {
                    Act::Ambush => ambush::draw(cluster, random, self.unclean)?,
                    _ => ambush::transactions::draw(cluster, random)?,
                };
                self.plot = plot.into();
                self.plot.make_contiguous().sort_by_key(|(at, _)| *at);
            }
            return None;
        }
        self.command(act, cluster, random)
    }

    fn command(&self, act: Act, cluster: &Cluster, random: &mut SimRng) -> Option<Command> {
        let brokers: Vec<_> = cluster.brokers().collect();
        let up: Vec<NodeId> = brokers.iter().filter(|n| n.is_running()).map(|n| n.id).collect();
        let out: Vec<_> = brokers.iter().filter(|n| !n.is_running()).collect();
        let may_fail = out.len() < self.down_max;
        let victim = |random: &mut SimRng| random.pick(&up).copied().filter(|_| may_fail);
        match act {
            Act::Produce => self.produce(cluster, random),
            Act::Crash => Some(Command::Crash { node: victim(random)? }),
            Act::PowerLoss if random.chance(200) => {
                Some(Command::PowerLoss { node: random.pick(&out)?.id })
            }
            Act::PowerLoss => Some(Command::PowerLoss { node: victim(random)? }),
            Act::Stop => Some(Command::Stop { node: victim(random)? }),
            Act::Pause => Some(Command::Pause { node: victim(random)? }),
            Act::Recover => {
                let node = random.pick(&out)?;
                let id = node.id;
                Some(if node.is_paused() {
                    Command::Resume { node: id }
                } else {
                    Command::Start { node: id }
                })
            }
            Act::Cut | Act::CutOneWay => {
                let nodes: Vec<_> = cluster.nodes().map(|node| Address::Node(node.id)).collect();
                let (from, to) = (*random.pick(&nodes)?, *random.pick(&nodes)?);
                Some(Command::Cut { from, to, one_way: act == Act::CutOneWay })
            }
            Act::Link => link(cluster, random),
            Act::Isolate => {
                let nodes: Vec<_> = cluster.nodes().map(|node| node.id).collect();
                Some(Command::Isolate { node: *random.pick(&nodes)? })
            }
            Act::RingCut => {
                let mut nodes: Vec<_> = cluster.nodes().map(|node| node.id).collect();
                for last in (1..nodes.len()).rev() {
                    nodes.swap(last, random.below(last as u64 + 1) as usize);
                }
                Some(Command::RingCut { nodes })
            }
            Act::Meddle => {
                let under_way: Vec<_> = cluster.envelopes().map(|envelope| envelope.id).collect();
                let envelope = *random.pick(&under_way)?;
                let ms = random.range(1..=5_000);
                let act = *random.pick(&[
                    EnvelopeAct::Drop,
                    EnvelopeAct::Delay { ms },
                    EnvelopeAct::Duplicate,
                    EnvelopeAct::Reorder,
                ])?;
                Some(Command::Envelope { envelope, act })
            }
            Act::HarmDisk => {
                // A controller that is alone would not come back before the faults end.
                let many = self.spec.controllers > 1;
                let is_voter = |id: NodeId| self.spec.voters().any(|voter| voter == id);
                let nodes = cluster.nodes().filter(|node| many || !is_voter(node.id));
                let nodes: Vec<_> = nodes.collect();
                let node = random.pick(&nodes)?;
                let ms = *random.pick(&[1, 20, 300, 4_000])?;
                // One that is broken is mended first.
                let condition = match node.disk.condition() {
                    DiskCondition::Sound => *random.pick(&[
                        DiskCondition::Slow { ms },
                        DiskCondition::Slow { ms },
                        DiskCondition::Full,
                        DiskCondition::Failing,
                    ])?,
                    _ => DiskCondition::Sound,
                };
                Some(Command::Disk { node: node.id, fault: DiskFault::Becomes(condition) })
            }
            Act::LoseDisk => {
                let ids: Vec<_> = brokers.iter().map(|node| node.id).collect();
                Some(Command::Disk { node: *random.pick(&ids)?, fault: DiskFault::Lost })
            }
            Act::AddBroker => {
                let few = brokers.len() < self.spec.brokers as usize + ADDED_MAX;
                few.then_some(Command::AddBroker { node: None })
            }
            // As an operator does, or by mistake, while it runs.
            Act::Unregister => {
                let image = cluster.metadata_image()?;
                let away = image.brokers.iter().filter(|(_, broker)| broker.fenced);
                let away: Vec<_> = away.map(|(id, _)| *id).collect();
                let all: Vec<_> = image.brokers.keys().copied().collect();
                let from = if random.chance(500) { &away } else { &all };
                Some(Command::UnregisterBroker { broker: *random.pick(from)? })
            }
            Act::Replace => {
                let ids: Vec<_> = brokers.iter().map(|node| node.id).collect();
                Some(Command::Replace { node: *random.pick(&ids)? })
            }
            Act::Heal => {
                let cuts = cluster.cuts().chain(cluster.link_faults().map(|(ends, ..)| ends));
                let broken: Vec<_> = cuts.collect();
                let &(from, to) = random.pick(&broken)?;
                Some(match random.below(4) {
                    0 => Command::HealEnd { end: from },
                    _ => Command::Heal { from, to },
                })
            }
            Act::AlterConfig => {
                let change = match random.below(2) {
                    1 if self.unclean => {
                        ("unclean.leader.election.enable", random.chance(500).to_string())
                    }
                    _ => ("min.insync.replicas", random.range(1..=2).to_string()),
                };
                let topic = random.pick(&self.topics)?.topic.clone();
                let changes = vec![(change.0.into(), Some(change.1))];
                Some(Command::AlterConfigs { resource: ConfigResource::Topic(topic), changes })
            }
            Act::ElectLeaders => {
                let unclean = self.unclean && random.chance(500);
                let election =
                    if unclean { ElectionType::Unclean } else { ElectionType::Preferred };
                Some(Command::ElectLeaders { election, partition: None })
            }
            Act::Reassign => {
                let ids: Vec<_> = brokers.iter().map(|node| node.id).collect();
                Some(Command::ReassignPartitions(self.reassign(&ids, random)?))
            }
            Act::DeleteRecords => {
                let topic = random.pick(&self.topics)?;
                let partition = random.below(topic.partitions as u64) as i32;
                let partition = TopicPartition { topic: topic.topic.clone(), partition };
                let offset = random.below(40) as i64 - 1;
                Some(Command::DeleteRecords { partition, offset })
            }
            Act::AddPartitions => {
                let topic = random.pick(&self.topics)?;
                let there =
                    cluster.metadata_image()?.topics.get(&topic.topic)?.partitions.len() as i32;
                if there >= PARTITIONS_MAX {
                    return None;
                }
                let partitions = there + random.range(1..=2) as i32;
                let more = CreateTopic { partitions, ..topic.clone() };
                Some(Command::AddPartitions {
                    topic: topic.topic.clone(),
                    partitions,
                    replica_assignment: self.assignment(&more),
                })
            }
            Act::Ambush | Act::AmbushTransaction => None,
            Act::Member => super::members::next(&self.topics, cluster, random),
            Act::Workload => self.workload(cluster, random),
            Act::Transact => super::transactions::next(&self.topics, cluster, random),
            Act::DeleteTopic => {
                let topic = random.pick(&self.topics)?.topic.clone();
                Some(Command::DeleteTopic { topic })
            }
            Act::RestartController => {
                let controllers: Vec<_> =
                    cluster.nodes().filter(|node| node.id.is_controller()).collect();
                let node = random.pick(&controllers)?;
                let (paused, running) = (node.is_paused(), node.is_running());
                let node = node.id;
                Some(if paused {
                    Command::Resume { node }
                } else if !running {
                    Command::Start { node }
                } else {
                    let faults = [
                        Command::Crash { node },
                        Command::Crash { node },
                        Command::PowerLoss { node },
                        Command::Pause { node },
                        Command::Stop { node },
                    ];
                    random.pick(&faults)?.clone()
                })
            }
        }
    }

    /// Now and then back to where it was, mostly anywhere, often while another move is under way.
    fn reassign(&self, brokers: &[NodeId], random: &mut SimRng) -> Option<Reassign> {
        let topic = random.pick(&self.topics)?;
        let partition = random.below(topic.partitions as u64) as i32;
        let first = random.below(brokers.len() as u64) as usize;
        let count = random.range(1..=3) as usize;
        let replicas = brokers.iter().cycle().skip(first).take(count).copied().collect();
        let throttle = random.chance(300).then(|| random.range(10..=2_000));
        let action = match random.below(6) {
            0 => ReassignAction::Cancel { preserve_throttles: random.chance(500) },
            1 => ReassignAction::Verify { preserve_throttles: false },
            _ => ReassignAction::Execute { additional: true, throttle },
        };
        let partition = TopicPartition { topic: topic.topic.clone(), partition };
        Some(Reassign { action, targets: vec![(partition, replicas)] })
    }

    fn produce(&self, cluster: &Cluster, random: &mut SimRng) -> Option<Command> {
        let topic = random.pick(&self.topics)?;
        let there = cluster.metadata_image().and_then(|image| image.topics.get(&topic.topic));
        let partitions = there.map_or(topic.partitions, |there| there.partitions.len() as i32);
        let acks = *random.pick(&[Acks::None, Acks::Leader, Acks::All, Acks::All])?;
        let n = random.below(2) as usize;
        let producer: Arc<str> = format!("producer-{}", n + 1).into();
        let configs = &self.producers[n];
        if !configs.is_empty() && cluster.client_named(&producer).is_none() {
            return Some(Command::CreateProducer { producer, configs: configs.clone() });
        }
        let drawn = Produce {
            topic: topic.topic.clone(),
            producer,
            partition: Some(random.below(partitions as u64) as i32),
            key: Some(format!("key{}", random.below(8)).into()),
            // No two values are the same, so that a history can tell them apart.
            value: (!random.chance(120)).then(|| {
                let (id, length) = (cluster.next_event_id().0, random.range(1..=60) as usize);
                format!("{id:v<length$}").into()
            }),
            headers: Vec::new(),
            timestamp_ms: None,
            acks: Some(acks),
            compression: Some(*random.pick(&COMPRESSIONS)?),
            count: random.range(1..=4) as u32,
        };
        Some(Command::Produce(match self.acks {
            Some(acks) => Produce { acks: Some(acks), compression: None, ..drawn },
            None => drawn,
        }))
    }

    /// It ends by itself, so that the logs can settle.
    fn workload(&self, cluster: &Cluster, random: &mut SimRng) -> Option<Command> {
        let topic = random.pick(&self.topics)?.topic.clone();
        let producer: Arc<str> = format!("producer-{}", random.range(1..=2)).into();
        let client = cluster.client_named(&producer)?;
        if client.producer().is_some_and(|producer| producer.workload.is_some()) {
            return Some(Command::StopWorkload { producer });
        }
        Some(Command::StartWorkload(Workload {
            producer,
            topic,
            kind: *random.pick(&WorkloadKind::ALL)?,
            rate: random.range(1..=60) as u32,
            seed: random.below(100),
            count: Some(random.range(3..=40) as u32),
            record_size: None,
        }))
    }
}

/// The weight of an act that is off in half of the runs, drawn apart: all others stay as they were.
fn apart(seed: u64, of: u64, most: u64) -> u64 {
    let draw = mix(&[seed, of]);
    if draw.is_multiple_of(2) { (draw >> 8) % most + 1 } else { 0 }
}

/// A link that holds messages up, loses, repeats or reorders them, all of them or those of one API.
fn link(cluster: &Cluster, random: &mut SimRng) -> Option<Command> {
    let nodes = cluster.nodes().map(|node| Address::Node(node.id));
    let ends: Vec<_> = nodes.chain(cluster.clients().map(|c| Address::Client(c.id))).collect();
    let (from, to) = (*random.pick(&ends)?, *random.pick(&ends)?);
    let mut rate = |most: u64| if random.chance(400) { random.range(1..=most) as u32 } else { 0 };
    let (loss_per_mille, duplicate_per_mille, reorder_per_mille) =
        (rate(400), rate(500), rate(500));
    // Most delays are short, and some outlast every patience.
    let most_ms = *random.pick(&[0, 0, 50, 500, 5_000, 40_000])?;
    let least_ms = random.below(most_ms + 1);
    let fault = LinkFault {
        delay_ms: (least_ms, most_ms),
        loss_per_mille,
        duplicate_per_mille,
        reorder_per_mille,
    };
    let api = if random.chance(300) { random.pick(&Api::ALL).copied() } else { None };
    let one_way = random.chance(500);
    (fault != LinkFault::default()).then_some(Command::Link { from, to, one_way, api, fault })
}

/// Most batches come as they are, so that bytes stay easy to read where a run fails.
const COMPRESSIONS: [CompressionType; 8] = [
    CompressionType::None,
    CompressionType::None,
    CompressionType::None,
    CompressionType::None,
    CompressionType::Gzip,
    CompressionType::Snappy,
    CompressionType::Lz4,
    CompressionType::Zstd,
];

fn reader(topic: &Arc<str>) -> String {
    format!("reader-of-{topic}")
}
