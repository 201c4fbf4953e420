//! The cluster: the one owner of all that changes. [`Cluster::handle`] carries out a command, and no
//! time passes; [`Cluster::advance`] goes to the earliest pending thing and does it. Same spec, same
//! inputs, same events, on every machine.
//!
//! Here is only who gets what, and in `commands` what a command does; what a process then does is in [`crate::broker`],
//! [`crate::controller`] and [`crate::client`].

mod commands;
mod consumers;
mod faults;
pub mod groups;
mod known;
pub mod transactions;
mod workloads;

use crate::client::consumer::Consumer;
use crate::client::producer::Producer;
use crate::command::{Command, Refusal};
use crate::controller::metadata_image::MetadataImage;
use crate::controller::quorum_controller::QuorumController;
use crate::event::{Direction, DropReason, Event, EventKind};
use crate::ids::{Address, ClientId, EnvelopeId, EventId, NodeId};
use crate::invariant::{Checker, Violation};
use crate::log::checkpoint::MetaProperties;
use crate::node::{Arrival, Node};
use crate::protocol::{Api, Reply, Request};
use crate::sim::disk::Disk;
use crate::sim::link_fault::LinkFault;
use crate::sim::network::{Body, Envelope};
use crate::sim::time::SimTime;
use crate::spec::ClusterSpec;
use crate::world::{Call, Ctx, Pending, ReplyTo, Timer, World};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

pub const CLIENTS_MAX: u32 = 64;
/// Records of one `produce` command.
pub const RECORDS_MAX: u32 = 10_000;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cluster {
    world: World,
    nodes: BTreeMap<NodeId, Arc<Node>>,
    clients: Vec<Arc<Client>>,
    checker: Option<Arc<Checker>>,
    violation: Option<Violation>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    pub id: ClientId,
    pub name: Arc<str>,
    pub closed: bool,
    pub kind: ClientKind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClientKind {
    Producer(Box<Producer>),
    Consumer(Box<Consumer>),
}

impl Client {
    pub fn producer(&self) -> Option<&Producer> {
        match &self.kind {
            ClientKind::Producer(producer) => Some(producer),
            ClientKind::Consumer(_) => None,
        }
    }

    pub fn consumer(&self) -> Option<&Consumer> {
        match &self.kind {
            ClientKind::Consumer(consumer) => Some(consumer),
            ClientKind::Producer(_) => None,
        }
    }
}

impl Cluster {
    /// A cluster with empty disks whose processes have just been started. Returns it with the events
    /// of the start.
    pub fn new(spec: ClusterSpec) -> (Cluster, Vec<Event>) {
        Self::boot(spec, BTreeMap::new())
    }

    /// As [`Cluster::new`], on disks that an earlier cluster has left, those of brokers that were added to
    /// it included.
    pub fn boot(spec: ClusterSpec, mut disks: BTreeMap<NodeId, Disk>) -> (Cluster, Vec<Event>) {
        let spec = Arc::new(spec);
        let brokers = (1..=spec.brokers).map(NodeId);
        let (voters, added) = (spec.voters(), disks.keys().copied());
        let ids: BTreeSet<_> = voters.chain(brokers).chain(added).collect();
        let mut world = World::new(spec);
        if let Some(known) = disks.values().find_map(MetaProperties::on) {
            world.cluster_id = known.cluster_id.into();
        }
        let mut nodes = BTreeMap::new();
        for id in ids {
            let mut node = Node::new(id, disks.remove(&id).unwrap_or_default());
            node.start(&mut world, None);
            nodes.insert(id, Arc::new(node));
        }
        let clients = Vec::new();
        let mut cluster = Cluster { world, nodes, clients, checker: None, violation: None };
        let events = std::mem::take(&mut cluster.world.events);
        (cluster, events)
    }

    /// Turns the invariants on; they are then checked after every step. They see everything from
    /// here on.
    pub fn with_checks(mut self) -> Self {
        self.checker = Some(Arc::new(Checker::new(&self)));
        self
    }

    // Reading.

    pub fn spec(&self) -> &ClusterSpec {
        &self.world.spec
    }

    /// `cluster.id`
    pub fn id(&self) -> &str {
        &self.world.cluster_id
    }

    pub fn now(&self) -> SimTime {
        self.world.now
    }

    /// The id that the next event will have: how many there have been.
    pub fn next_event_id(&self) -> EventId {
        self.world.next_event_id()
    }

    /// When the next step will happen.
    pub fn next_due(&self) -> Option<SimTime> {
        self.world.next_due()
    }

    pub fn nodes(&self) -> impl Iterator<Item = &Node> {
        self.nodes.values().map(|node| &**node)
    }

    pub fn node(&self, id: NodeId) -> Option<&Node> {
        self.nodes.get(&id).map(|node| &**node)
    }

    pub fn brokers(&self) -> impl Iterator<Item = &Node> {
        self.nodes().filter(|node| !node.id.is_controller())
    }

    /// The active controller; of two that believe to be, the one of the later epoch.
    pub fn controller(&self) -> Option<&QuorumController> {
        self.controllers().filter(|c| c.is_active()).max_by_key(|c| c.raft.epoch())
    }

    /// The controller processes that run or are paused.
    pub fn controllers(&self) -> impl Iterator<Item = &QuorumController> {
        self.nodes().filter_map(Node::controller)
    }

    /// What is committed of the metadata, as the controller knows it that knows most.
    pub fn metadata_image(&self) -> Option<&MetadataImage> {
        self.controllers().map(|c| &c.committed).max_by_key(|image| image.next_offset)
    }

    /// The same; where no controller is left, the newest that a broker knows.
    pub fn newest_metadata(&self) -> Option<&MetadataImage> {
        self.metadata_image().or_else(|| {
            let images = self.brokers().filter_map(Node::broker).map(|broker| &broker.image);
            images.max_by_key(|image| image.next_offset)
        })
    }

    pub fn clients(&self) -> impl Iterator<Item = &Client> {
        self.clients.iter().map(|client| &**client)
    }

    pub fn client(&self, id: ClientId) -> Option<&Client> {
        self.clients.get(id.0 as usize).map(|client| &**client)
    }

    pub fn client_named(&self, name: &str) -> Option<&Client> {
        self.clients().find(|client| &*client.name == name)
    }

    /// The messages on their way, soonest first.
    pub fn envelopes(&self) -> impl Iterator<Item = &Envelope> {
        self.world.envelopes().map(|envelope| &**envelope)
    }

    pub fn envelope(&self, id: EnvelopeId) -> Option<&Envelope> {
        crate::world::find_envelope(&self.world, id).map(|envelope| &**envelope)
    }

    pub fn cuts(&self) -> impl Iterator<Item = (Address, Address)> + '_ {
        self.world.network.cuts()
    }

    /// What links do to messages, by direction and API.
    pub fn link_faults(
        &self,
    ) -> impl Iterator<Item = ((Address, Address), Option<Api>, LinkFault)> + '_ {
        self.world.network.faults()
    }

    pub fn timer_due(&self, owner: Address, timer: &Timer) -> Option<SimTime> {
        self.world.timer_due(owner, timer)
    }

    /// What a person calls an address.
    pub fn name_of(&self, address: Address) -> String {
        match address {
            Address::Node(id) => id.to_string(),
            Address::Client(id) => {
                self.client(id).map_or_else(|| format!("client-{}", id.0), |c| c.name.to_string())
            }
        }
    }

    /// The address that a person's name stands for.
    pub fn address_named(&self, name: &str) -> Option<Address> {
        match name.parse::<NodeId>() {
            Ok(id) => self.nodes.contains_key(&id).then_some(Address::Node(id)),
            Err(()) => self.client_named(name).map(|client| Address::Client(client.id)),
        }
    }

    pub fn violation(&self) -> Option<&Violation> {
        self.violation.as_ref()
    }

    pub fn checker(&self) -> Option<&Checker> {
        self.checker.as_deref()
    }

    /// Durable changes since the last call, by node; recorded only after
    /// [`Cluster::record_disk_ops`].
    pub fn take_disk_ops(&mut self) -> Vec<(NodeId, Vec<crate::sim::disk::DiskOp>)> {
        let mut all = Vec::new();
        for (id, node) in &mut self.nodes {
            if node.disk.has_ops() {
                all.push((*id, Arc::make_mut(node).disk.take_ops()));
            }
        }
        all
    }

    pub fn record_disk_ops(&mut self, record: bool) {
        for node in self.nodes.values_mut() {
            Arc::make_mut(node).disk.set_record_ops(record);
        }
    }

    // Changing.

    /// Carries out a command. No time passes.
    pub fn handle(&mut self, command: &Command) -> Result<Vec<Event>, Refusal> {
        self.check(command)?;
        let place = self.place_of(command);
        let kind = EventKind::Commanded { command: Arc::new(command.clone()) };
        let event = self.world.emit(place, None, kind);
        if let Err(refusal) = self.carry_out(command, event) {
            self.world.take_back(event);
            return Err(refusal);
        }
        Ok(self.end_step())
    }

    /// Goes to the earliest pending thing and does it. `None`: nothing is pending.
    pub fn advance(&mut self) -> Option<Vec<Event>> {
        match self.world.take_next()? {
            Pending::Deliver(envelope) => self.deliver(&envelope),
            Pending::Timer { owner, timer, set_by } => self.fire(owner, timer, set_by),
            Pending::DiskServed { node, start, arrival } => {
                if let Some(node) = self.nodes.get_mut(&node).filter(|node| node.starts == start) {
                    Arc::make_mut(node).take_in(&mut self.world, *arrival);
                }
            }
            Pending::Resumed { node, start, arrival } => {
                if let Some(node) = self.nodes.get_mut(&node).filter(|node| node.starts == start) {
                    Arc::make_mut(node).arrive(&mut self.world, *arrival);
                }
            }
            Pending::CallTimeout { from, correlation_id } => {
                if let Some(call) = self.world.take_call(from, correlation_id) {
                    let kind = EventKind::RequestTimedOut { to: call.to, api: call.api };
                    let event = self.world.emit(from, Some(call.sent_event), kind);
                    self.reply(from, call.call, Reply::TimedOut, event);
                }
            }
        }
        Some(self.end_step())
    }

    fn end_step(&mut self) -> Vec<Event> {
        let events = std::mem::take(&mut self.world.events);
        if let Some(mut checker) = self.checker.take() {
            let found = Arc::make_mut(&mut checker).observe(self, &events);
            self.checker = Some(checker);
            if self.violation.is_none() {
                self.violation = found;
            }
        }
        events
    }

    fn deliver(&mut self, envelope: &Envelope) {
        let (from, to) = (envelope.id.from, envelope.id.to);
        let api = envelope.api();
        let direction = envelope.body.direction();
        let sent = Some(envelope.sent_event);
        let lost = if self.world.network.is_cut(from, to) {
            Some(DropReason::LinkCut)
        } else if self.world.network.loses(envelope.id, api) {
            Some(DropReason::LinkLossy)
        } else if !to.node().is_none_or(|id| self.nodes[&id].is_reachable()) {
            Some(DropReason::HostDown)
        } else {
            None
        };
        if let Some(reason) = lost {
            let kind = EventKind::EnvelopeDropped { envelope: envelope.id, api, direction, reason };
            self.world.emit(to, sent, kind);
            return;
        }
        match &envelope.body {
            Body::Request(request) => self.deliver_request(envelope, request.clone(), api),
            Body::Response(_) | Body::Reset(_) => {
                let Some(call) = self.world.take_call(to, envelope.correlation_id) else {
                    let reason = DropReason::NotExpected;
                    let kind = EventKind::EnvelopeDropped {
                        envelope: envelope.id,
                        api,
                        direction,
                        reason,
                    };
                    self.world.emit(to, sent, kind);
                    return;
                };
                let (kind, reply) = match &envelope.body {
                    Body::Response(response) => (
                        EventKind::EnvelopeDelivered { envelope: envelope.id, api, direction },
                        Reply::Response(response.clone()),
                    ),
                    _ => (EventKind::ConnectionLost { to: call.to, api }, Reply::Disconnected),
                };
                let event = self.world.emit(to, sent, kind);
                self.reply(to, call.call, reply, event);
            }
        }
    }

    fn deliver_request(
        &mut self,
        envelope: &Envelope,
        request: Request,
        api: crate::protocol::Api,
    ) {
        let id = envelope.id;
        let reply_to =
            ReplyTo { to: id.from, correlation_id: envelope.correlation_id, expected: true };
        let Some(node) = id.to.node().and_then(|to| self.nodes.get_mut(&to)) else {
            return;
        };
        let sent = Some(envelope.sent_event);
        let direction = Direction::Request;
        if !node.listens() {
            let kind = EventKind::EnvelopeDelivered { envelope: id, api, direction };
            let event = self.world.emit(id.to, sent, kind);
            self.world.send_reset(node.id, reply_to, api, event);
            return;
        }
        let kind = if node.is_paused() {
            EventKind::EnvelopeQueued { envelope: id, api }
        } else {
            EventKind::EnvelopeDelivered { envelope: id, api, direction }
        };
        let event = self.world.emit(id.to, sent, kind);
        let arrival = Arrival::Request { reply_to, request, event };
        Arc::make_mut(node).arrive(&mut self.world, arrival);
    }

    fn reply(&mut self, to: Address, call: Call, reply: Reply, event: EventId) {
        match to {
            Address::Node(id) => {
                if let Some(node) = self.nodes.get_mut(&id) {
                    let arrival = Arrival::Reply { call, reply, event };
                    Arc::make_mut(node).arrive(&mut self.world, arrival);
                }
            }
            Address::Client(id) => self.with_client(id, event, |kind, ctx| match kind {
                ClientKind::Producer(producer) => producer.on_reply(ctx, call, reply),
                ClientKind::Consumer(consumer) => consumer.on_reply(ctx, call, reply),
            }),
        }
    }

    fn fire(&mut self, owner: Address, timer: Timer, set_by: Option<EventId>) {
        let kind = EventKind::TimerFired { timer: timer.clone() };
        let event = self.world.emit(owner, set_by, kind);
        match owner {
            Address::Node(id) => {
                let Some(node) = self.nodes.get_mut(&id) else {
                    return;
                };
                let node = Arc::make_mut(node);
                if timer == Timer::WriteBack {
                    node.write_back(&mut self.world, event);
                } else {
                    node.arrive(&mut self.world, Arrival::Timer { timer, event });
                }
            }
            Address::Client(id) => self.with_client(id, event, |kind, ctx| match kind {
                ClientKind::Producer(producer) => producer.on_timer(ctx, timer),
                ClientKind::Consumer(consumer) => consumer.on_timer(ctx, timer),
            }),
        }
    }

    fn with_client(
        &mut self,
        id: ClientId,
        cause: EventId,
        act: impl FnOnce(&mut ClientKind, &mut Ctx<'_>),
    ) {
        let Some(client) = self.clients.get_mut(id.0 as usize) else {
            return;
        };
        let client = Arc::make_mut(client);
        act(&mut client.kind, &mut Ctx { world: &mut self.world, here: id.into(), cause });
        self.end_if_dead(id);
        self.pass_work_on(id, cause);
    }
}
