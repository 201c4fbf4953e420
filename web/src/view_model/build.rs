//! From a cluster to a [`View`].

use super::envelope::envelope_view;
use super::groups::card::{group_views, member_view, numbers};
use super::monitor::{broken_promise, monitors, rivals};
use super::replica::{diverge, logs_on_disk, replicas_of};
use super::shown::Shown;
use super::*;
use kafkascope_engine::client::consumer::{Position, PositionState};
use kafkascope_engine::cluster::{Client, ClientKind, Cluster};
use kafkascope_engine::controller::metadata_image::MetadataImage;
use kafkascope_engine::controller::quorum_controller::QuorumController;
use kafkascope_engine::metrics::min_isr;
use kafkascope_engine::node::{Down, Node, Process};
use kafkascope_engine::raft::leader_state::ReplicaState;
use kafkascope_engine::raft::quorum_state::Role;
use kafkascope_engine::replication::partition::effective_min_isr;
use kafkascope_engine::timeline::Timeline;

/// What the page adds to the cluster's own state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    pub home: usize,
    pub playing: bool,
    pub at_rest: bool,
    pub speed_percent: u32,
    pub last_events: Arc<[Event]>,
    pub gauges: Gauges,
    /// The partition that is looked at: it is drawn, whatever else there is no room for.
    pub focus: Option<TopicPartition>,
    /// Truncations that are still seen.
    pub cuts: Vec<(NodeId, TopicPartition, Cut)>,
}

impl Frame {
    /// Nothing plays, nothing is looked at, and nothing has just happened.
    pub fn still(gauges: Gauges) -> Self {
        Frame {
            home: 0,
            playing: false,
            at_rest: false,
            speed_percent: 100,
            last_events: Arc::from([]),
            gauges,
            focus: None,
            cuts: Vec::new(),
        }
    }
}

/// More positions of one consumer would be nothing to look at.
pub const POSITIONS_MAX: usize = 32;

impl View {
    pub fn of(timeline: &Timeline, frame: Frame) -> View {
        let cluster = timeline.cluster();
        let next_due = match timeline.steps().get(timeline.position()) {
            Some(step) => Some(step.at),
            None => cluster.next_due(),
        };
        let shown = Shown::of(cluster, frame.focus.as_ref());
        let mut nodes: Vec<NodeView> = nodes(cluster, &shown, &frame.last_events);
        for (node, id, cut) in &frame.cuts {
            let replica = nodes.iter_mut().find(|n| n.id == *node).map(|n| &mut n.replicas);
            let replica = replica.and_then(|all| all.iter_mut().find(|r| r.partition == *id));
            if let Some(replica) = replica {
                replica.cut = Some(*cut);
            }
        }
        diverge(&mut nodes);
        let partitions = partitions(cluster, &shown, &nodes);
        let image = metadata(cluster);
        let numbers = numbers(cluster);
        let client = |client: &Client| ClientView {
            member: member_view(client, &numbers),
            ..client_view(cluster, image, client)
        };
        let branches = timeline
            .branches()
            .iter()
            .map(|branch| BranchView { from: branch.from, end: branch.end() })
            .collect();
        View {
            position: timeline.position(),
            len: timeline.len(),
            home: frame.home,
            now: cluster.now(),
            next_due,
            playing: frame.playing,
            at_rest: frame.at_rest,
            speed_percent: frame.speed_percent,
            clients: cluster.clients().map(client).collect(),
            groups: group_views(cluster),
            envelopes: cluster
                .envelopes()
                .map(|envelope| envelope_view(cluster, envelope))
                .collect(),
            cuts: cluster.cuts().collect(),
            link_faults: cluster.link_faults().collect(),
            topics: image.map_or(Vec::new(), topics),
            gauges: frame.gauges,
            has_active_controller: nodes.iter().any(|node| {
                node.state == NodeState::Running
                    && node.quorum.as_ref().is_some_and(|q| q.is_active)
            }),
            violation: broken_promise(cluster),
            monitors: monitors(cluster),
            rivals: rivals(cluster),
            last_events: frame.last_events,
            nodes,
            partitions,
            branches,
        }
    }
}

/// What is committed as the controllers know it, or, without one, the best that any broker knows.
pub fn metadata(cluster: &Cluster) -> Option<&MetadataImage> {
    cluster.newest_metadata()
}

fn topics(image: &MetadataImage) -> Vec<(Arc<str>, i32)> {
    let topics = image.topics.iter();
    topics.map(|(name, topic)| (name.clone(), topic.partitions.len() as i32)).collect()
}

fn nodes(cluster: &Cluster, shown: &Shown, last_events: &[Event]) -> Vec<NodeView> {
    let image = metadata(cluster);
    let mut nodes: Vec<NodeView> =
        cluster.nodes().map(|node| node_view(image, node, shown, last_events)).collect();
    nodes.sort_by_key(|node| (!node.id.is_controller(), node.id));
    nodes
}

fn node_view(
    image: Option<&MetadataImage>,
    node: &Node,
    shown: &Shown,
    last_events: &[Event],
) -> NodeView {
    let (epoch, metadata_end_offset, parked) = match (node.broker(), node.controller()) {
        (Some(broker), _) => {
            let purgatory = &broker.replicas.purgatory;
            let parked = purgatory.parked_fetches() + purgatory.parked_produces();
            (broker.broker_epoch, broker.image.next_offset, parked)
        }
        (_, Some(controller)) => {
            let parked = controller.raft.parked_fetches();
            (controller.raft.epoch().into(), controller.committed.next_offset, parked)
        }
        (None, None) => (-1, 0, 0),
    };
    let in_isr = |id: &TopicPartition| {
        image.and_then(|image| image.partition(id)).is_some_and(|p| p.isr.contains(&node.id))
    };
    let replicas = match node.id.is_controller() {
        true => Vec::new(),
        false => replicas_of(node, shown, in_isr, last_events),
    };
    NodeView {
        id: node.id,
        state: node_state(image, node),
        is_registered: image.is_some_and(|image| image.brokers.contains_key(&node.id)),
        rack: image.and_then(|image| image.rack(node.id)).cloned(),
        epoch,
        metadata_end_offset,
        dirty_bytes: node.disk.dirty_bytes(),
        reads: node.disk.reads(),
        disk: node.disk.condition(),
        queued: match &node.process {
            Process::Paused { inbox, .. } => inbox.len(),
            _ => 0,
        },
        parked,
        quorum: node.controller().map(quorum_view),
        replica_count: match node.broker() {
            Some(broker) => broker.replicas.partitions.len(),
            None => logs_on_disk(&node.disk),
        },
        replicas,
    }
}

fn quorum_view(controller: &QuorumController) -> QuorumView {
    let raft = &controller.raft;
    let quorum = &raft.quorum;
    let ballot = match &quorum.role {
        Role::Prospective(ballot) | Role::Candidate(ballot) => {
            Some((ballot.granted.len(), ballot.rejected.len(), quorum.voters.len()))
        }
        _ => None,
    };
    let fetcher = |is_voter| {
        move |(&id, replica): (&NodeId, &ReplicaState)| FetcherView {
            id,
            is_voter,
            end_offset: replica.end_offset,
        }
    };
    let fetchers = raft.leading().map(|leader| {
        let voters = leader.voters().iter().filter(|(id, _)| **id != controller.id);
        voters.map(fetcher(true)).chain(leader.observers().iter().map(fetcher(false))).collect()
    });
    QuorumView {
        role: quorum.role.name(),
        epoch: quorum.epoch,
        is_active: controller.is_active(),
        leader: quorum.leader,
        voted: quorum.voted,
        ballot,
        log_start_offset: raft.log.log_start_offset(),
        log_end_offset: raft.log.log_end_offset(),
        high_watermark: raft.high_watermark(),
        epochs: raft.log.leader_epoch_cache().entries().collect(),
        snapshots: raft
            .log
            .snapshots()
            .map(|(id, file)| SnapshotView {
                offset: id.offset,
                epoch: id.epoch,
                bytes: file.bytes,
            })
            .collect(),
        fetching: raft.fetching_snapshot().map(|id| id.offset),
        fetchers: fetchers.unwrap_or_default(),
    }
}

fn node_state(image: Option<&MetadataImage>, node: &Node) -> NodeState {
    match &node.process {
        Process::Down(Down::HostUp) => NodeState::Down,
        Process::Down(Down::PowerLost) => NodeState::NoPower,
        Process::Paused { .. } => NodeState::Paused,
        Process::Running(_) => match node.broker() {
            Some(broker) if broker.shutting_down => NodeState::Stopping,
            Some(broker) if broker.broker_epoch < 0 => NodeState::Starting,
            Some(_) => match image.and_then(|image| image.brokers.get(&node.id)) {
                Some(registration) if registration.fenced => NodeState::Fenced,
                Some(_) => NodeState::Running,
                None => NodeState::Unregistered,
            },
            None => NodeState::Running,
        },
    }
}

fn partitions(cluster: &Cluster, shown: &Shown, nodes: &[NodeView]) -> Vec<PartitionView> {
    let Some(image) = metadata(cluster) else {
        return Vec::new();
    };
    let partition = |id: TopicPartition| {
        let registration = image.partition(&id)?;
        let replicas: Vec<&ReplicaView> =
            nodes.iter().filter_map(|node| node.replica(&id)).collect();
        let leader = registration.leader.and_then(|leader| {
            nodes.iter().find(|node| node.id == leader).and_then(|node| node.replica(&id))
        });
        let leader = leader.filter(|replica| replica.role == ReplicaRole::Leader);
        let highest = |of: fn(&ReplicaView) -> i64| match leader {
            Some(leader) => of(leader),
            None => replicas.iter().map(|replica| of(replica)).max().unwrap_or(0),
        };
        let min = min_isr(image, &id.topic, &cluster.spec().log);
        Some(PartitionView {
            leader: registration.leader,
            leader_epoch: registration.leader_epoch,
            partition_epoch: registration.partition_epoch,
            replicas: registration.replicas.clone(),
            adding: registration.adding_replicas.clone(),
            removing: registration.removing_replicas.clone(),
            isr: registration.isr.clone(),
            elr: registration.elr.clone(),
            last_known_elr: registration.last_known_elr.clone(),
            min_insync_replicas: effective_min_isr(min, registration.replicas.len()),
            trouble: Trouble::of(registration, min),
            high_watermark: highest(|replica| replica.high_watermark),
            log_end_offset: highest(|replica| replica.log_end_offset),
            id,
        })
    };
    shown.partitions(image).into_iter().filter_map(partition).collect()
}

fn client_view(cluster: &Cluster, image: Option<&MetadataImage>, client: &Client) -> ClientView {
    let leader_of = |id: &TopicPartition| image?.partition(id)?.leader;
    let high_watermark_of = |id: &TopicPartition| {
        let broker = cluster.node(leader_of(id)?)?.broker()?;
        Some(broker.replicas.partitions.get(id)?.log.high_watermark())
    };
    let read_at = |(id, position): (&TopicPartition, &Position)| {
        position.preferred.map(|preferred| preferred.node).or_else(|| leader_of(id))
    };
    let distinct = |mut nodes: Vec<NodeId>| {
        nodes.sort();
        nodes.dedup();
        nodes
    };
    let kind = match &client.kind {
        ClientKind::Producer(producer) => ClientKindView::Producer {
            waiting: producer.waiting(),
            in_flight: producer.outstanding() - producer.waiting(),
            acknowledged: producer.acknowledged,
            failed: producer.failed,
            sends_to: distinct(producer.partitions().iter().filter_map(leader_of).collect()),
        },
        ClientKind::Consumer(consumer) => ClientKindView::Consumer {
            topic: consumer.topic.clone(),
            rack: consumer.rack.clone(),
            positions: consumer
                .positions
                .iter()
                .take(POSITIONS_MAX)
                .map(|(id, position)| {
                    let known = position.state.is_known();
                    let end = high_watermark_of(id).unwrap_or(0);
                    PositionView {
                        partition: id.clone(),
                        offset: known.then_some(position.offset),
                        lag: if known { (end - position.offset).max(0) } else { 0 },
                        validating: position.state == PositionState::AwaitValidation,
                        read_replica: position.preferred.map(|preferred| preferred.node),
                    }
                })
                .collect(),
            consumed: consumer.consumed,
            reads_from: distinct(consumer.positions.iter().filter_map(read_at).collect()),
        },
    };
    let (id, name, closed) = (client.id, client.name.clone(), client.closed);
    ClientView { id, name, closed, member: None, kind }
}
