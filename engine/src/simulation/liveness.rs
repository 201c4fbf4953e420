//! The second phase of a run. In some runs the faults end at first for a *core* only: a majority of the
//! voters and some of the brokers; whoever is not in it stays broken for good. The core must agree on a
//! controller and on logs, and take records with acks=all wherever enough replicas are in it. Then all
//! faults end, and every replica of every partition must hold the same log.

use super::{RareState, Run};
use crate::cluster::Cluster;
use crate::command::{Command, DiskFault, ElectionType, Produce};
use crate::controller::partition_registration::PartitionRegistration;
use crate::controller::quorum_controller::QuorumController;
use crate::ids::{Address, NodeId, TopicPartition};
use crate::invariant::{Broken, Violation};
use crate::metrics::min_isr;
use crate::node::Node;
use crate::protocol::Acks;
use crate::replication::partition::effective_min_isr;
use crate::sim::disk::DiskCondition;
use crate::sim::random::{SimRng, mix};
use crate::topic_name::is_internal;
use std::collections::BTreeSet;

/// Settling may take this long, in virtual time: a producer's delivery timeout, a session and a lag
/// limit fit into it several times.
const SETTLE_MS: u64 = 400_000;
/// Steps after which a cluster that has not settled never will.
const SETTLE_STEPS: u32 = 200_000;
/// One run in so many has a core.
const RUNS_PER_CORE: u64 = 3;
const PROBE: &str = "probe";

impl Run {
    /// No more faults, first for a core or at once for all.
    pub(super) fn settle(&mut self) {
        let draw = mix(&[self.seed, 4]);
        if draw.is_multiple_of(RUNS_PER_CORE) && self.violation.is_none() {
            self.settle_core(&mut SimRng::new(draw));
        }
        if self.violation.is_some() {
            return;
        }
        self.command(&Command::HealAll);
        let nodes: Vec<_> = self.cluster.nodes().map(|node| node.id).collect();
        self.revive(&nodes);
        self.stop_workloads();
        self.close_members();
        self.wait_until(Run::converged);
        let checker = self.cluster.checker();
        if let Some(Err(broken)) = checker.map(|c| c.check_conservation(&self.cluster)) {
            self.fail(broken);
        }
    }

    /// One whose topic is gone waits a max.block.ms for each record that it still means to send.
    fn stop_workloads(&mut self) {
        let producers: Vec<_> = self
            .cluster
            .clients()
            .filter(|client| client.producer().is_some_and(|p| p.workload.is_some()))
            .map(|client| client.name.clone())
            .collect();
        for producer in producers {
            self.command(&Command::StopWorkload { producer });
        }
    }

    /// They would go on committing, and a follower always learns of it a fetch later.
    fn close_members(&mut self) {
        let members: Vec<_> = self
            .cluster
            .clients()
            .filter(|client| !client.closed)
            .filter(|client| client.consumer().is_some_and(|c| c.member.is_some()))
            .map(|client| client.name.clone())
            .collect();
        for client in members {
            self.command(&Command::CloseClient { client });
        }
    }

    fn revive(&mut self, nodes: &[NodeId]) {
        for &node in nodes {
            let fault = DiskFault::Becomes(DiskCondition::Sound);
            self.command(&Command::Disk { node, fault });
            self.command(&Command::Resume { node });
            self.command(&Command::Start { node });
        }
    }

    /// Goes on until nothing is missing any more; what is missing at the end is a broken promise.
    fn wait_until(&mut self, missing: impl Fn(&mut Run) -> Result<(), Broken>) {
        let deadline = self.cluster.now().plus_millis(SETTLE_MS);
        for step in 0..SETTLE_STEPS {
            if self.violation.is_some() || (step % 64 == 0 && missing(self).is_ok()) {
                return;
            }
            if self.cluster.now() > deadline || !self.step() {
                break;
            }
        }
        if let Err(broken) = missing(self) {
            self.fail(broken);
        }
    }

    fn fail(&mut self, broken: Broken) {
        let (event, at) = (self.cluster.next_event_id(), self.cluster.now());
        self.violation.get_or_insert(Violation { event, at, broken });
    }

    // The core.

    fn settle_core(&mut self, random: &mut SimRng) {
        let core = draw_core(&self.cluster, random);
        let clients = self.cluster.clients().map(|client| Address::Client(client.id));
        let ends: Vec<_> = core.iter().map(|node| Address::Node(*node)).chain(clients).collect();
        for end in ends {
            self.command(&Command::HealEnd { end });
        }
        let outside: Vec<_> =
            self.cluster.nodes().map(|node| node.id).filter(|id| !core.contains(id)).collect();
        for node in outside {
            let ends =
                [Command::Crash { node }, Command::Pause { node }, Command::Isolate { node }];
            let end = random.pick(&ends).expect("there are three").clone();
            // Who is down or frozen already stays so.
            self.command(&end);
        }
        let nodes: Vec<_> = core.iter().copied().collect();
        self.revive(&nodes);
        self.wait_until(|run| {
            run.restart_stopped(|id| core.contains(&id));
            run.cluster.checker().map_or(Ok(()), |checker| checker.check_core(&run.cluster, &core))
        });
        if self.violation.is_none() {
            self.probe_core(&core);
        }
    }

    /// Wherever enough replicas are in sync, a record is taken.
    fn probe_core(&mut self, core: &BTreeSet<NodeId>) {
        // A client has to find one of its bootstrap servers, which are the brokers of the beginning.
        let brokers = self.cluster.spec().brokers;
        if !core.iter().any(|id| (1..=brokers).contains(&id.0)) {
            return;
        }
        // The leader, and even the quorum, may have yet to hear of another min.insync.replicas.
        let Some(image) = self.cluster.controller().map(QuorumController::written) else {
            return;
        };
        let log = &self.cluster.spec().log;
        let serving: Vec<_> = image
            .partitions()
            // Clients cannot write to these.
            .filter(|(id, _)| !is_internal(&id.topic))
            .filter_map(|(id, registration)| {
                let leader = registration.leader.filter(|leader| core.contains(leader))?;
                let replicas = registration.replicas.len();
                let enough = effective_min_isr(min_isr(image, &id.topic, log), replicas);
                (registration.isr.len() >= enough).then_some((id, leader))
            })
            .collect();
        // Whom it asks first may be outside, and each of them costs a request.timeout.ms.
        let patience = ["max.block.ms", "delivery.timeout.ms"];
        let configs = patience.map(|name| (name.to_string(), SETTLE_MS.to_string())).to_vec();
        self.command(&Command::CreateProducer { producer: PROBE.into(), configs });
        // A topic that is still being written down cannot be asked for.
        let asked: Vec<_> = serving
            .into_iter()
            .filter(|(id, _)| self.command(&Command::Produce(probe(id))))
            .collect();
        let Some((partition, leader)) = asked.first().cloned() else {
            return;
        };
        let (asked, broken) = (asked.len() as u64, Broken::CoreNotServing { partition, leader });
        self.wait_until(|run| {
            run.restart_stopped(|id| core.contains(&id));
            let probe = run.cluster.client_named(PROBE).and_then(|client| client.producer());
            match probe.is_some_and(|probe| probe.acknowledged == asked) {
                true => Ok(()),
                false => Err(broken.clone()),
            }
        });
        if self.violation.is_none() && core.len() < self.cluster.nodes().count() {
            self.coverage.reach(RareState::CoreServed);
        }
    }

    /// A broker that was shutting down when the faults ended has stopped by now; start it again. One that
    /// was unregistered while it ran does not register again before it is started anew.
    fn restart_stopped(&mut self, among: impl Fn(NodeId) -> bool) {
        let image = self.cluster.metadata_image();
        let is_forgotten = |node: &&Node| image.is_some_and(|image| node.is_unregistered(image));
        let forgotten = self.cluster.brokers().filter(is_forgotten).map(|node| node.id);
        let forgotten: Vec<_> = forgotten.filter(|id| among(*id)).collect();
        for node in forgotten {
            self.command(&Command::Crash { node });
        }
        let down = self.cluster.nodes().filter(|node| !node.is_running() && among(node.id));
        let down: Vec<_> = down.map(|node| node.id).collect();
        for node in down {
            self.command(&Command::Start { node });
        }
    }

    // All.

    fn converged(&mut self) -> Result<(), Broken> {
        self.restart_stopped(|_| true);
        self.lead_forsaken();
        let busy = self
            .cluster
            .clients()
            .filter(|client| !client.closed)
            .filter_map(|client| client.producer())
            .any(|producer| producer.outstanding() > 0);
        if busy {
            return Err(Broken::RecordsNeverSettled);
        }
        self.cluster.checker().map_or(Ok(()), |checker| checker.check_converged(&self.cluster))
    }

    /// With another min.insync.replicas nobody is eligible any more (`ClearElrRecord`). Where the ISR
    /// was empty, only an operator can help.
    fn lead_forsaken(&mut self) {
        let forsaken: Vec<_> = self.cluster.metadata_image().map_or(Vec::new(), |image| {
            let nobody = |p: &PartitionRegistration| {
                p.leader.is_none()
                    && [&p.isr, &p.elr, &p.last_known_elr].iter().all(|l| l.is_empty())
            };
            image.partitions().filter(|(_, p)| nobody(p)).map(|(id, _)| id).collect()
        });
        for partition in forsaken {
            let (election, partition) = (ElectionType::Unclean, Some(partition));
            self.command(&Command::ElectLeaders { election, partition });
        }
    }
}

/// A majority of the voters, and most of the brokers.
fn draw_core(cluster: &Cluster, random: &mut SimRng) -> BTreeSet<NodeId> {
    let mut voters: Vec<_> = cluster.spec().voters().collect();
    let size = random.range(voters.len() as u64 / 2 + 1..=voters.len() as u64) as usize;
    while voters.len() > size {
        voters.remove(random.below(voters.len() as u64) as usize);
    }
    let is_voter = |id: NodeId| cluster.spec().voters().any(|voter| voter == id);
    let others = cluster.nodes().map(|node| node.id).filter(|id| !is_voter(*id));
    let others: Vec<_> = others.filter(|_| random.chance(650)).collect();
    voters.into_iter().chain(others).collect()
}

fn probe(id: &TopicPartition) -> Produce {
    Produce {
        topic: id.topic.clone(),
        producer: PROBE.into(),
        partition: Some(id.partition),
        key: Some(PROBE.into()),
        value: Some(PROBE.into()),
        headers: Vec::new(),
        timestamp_ms: None,
        acks: Some(Acks::All),
        compression: None,
        count: 1,
    }
}
