//! A node: one host with its disk, and the process that runs on it, if one does. The host outlives
//! the process: a crash leaves disk and page cache, a power loss leaves only what was durable.

mod disk_trouble;

use crate::broker::{Broker, Wish};
use crate::controller::metadata_image::MetadataImage;
use crate::controller::quorum_controller::QuorumController;
use crate::event::EventKind;
use crate::ids::{Address, EventId, NodeId, TopicPartition, Uuid};
use crate::log::checkpoint::{META_PROPERTIES, MetaProperties};
use crate::protocol::{Api, Reply, Request, WriteTxnMarkersRequest};
use crate::raft::raft_client::RaftClient;
use crate::server::Server;
use crate::sim::disk::{Disk, DiskCondition};
use crate::sim::random::{SimRng, mix};
use crate::sim::time::SimTime;
use crate::world::{Call, Ctx, Pending, ReplyTo, Timer, World};
use std::sync::Arc;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    pub id: NodeId,
    pub disk: Disk,
    pub process: Process,
    /// How often a process has been started here.
    pub(crate) starts: u64,
    /// How often the power has failed.
    power_losses: u64,
    /// How often the disk was lost.
    disks_lost: u64,
    /// When a slow disk has served all that waits for it.
    disk_free_at: SimTime,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Process {
    Running(Server),
    /// Frozen: what arrives waits, and is handled in order after the resume.
    Paused {
        server: Server,
        inbox: Vec<Arrival>,
    },
    Down(Down),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Down {
    /// Never started, crashed or stopped: the host answers that nobody listens.
    HostUp,
    /// Without power nobody answers at all.
    PowerLost,
}

/// Something that arrived for a process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Arrival {
    Request { reply_to: ReplyTo, request: Request, event: EventId },
    Reply { call: Call, reply: Reply, event: EventId },
    Timer { timer: Timer, event: EventId },
}

impl Arrival {
    pub(crate) fn event(&self) -> EventId {
        match self {
            Arrival::Request { event, .. }
            | Arrival::Reply { event, .. }
            | Arrival::Timer { event, .. } => *event,
        }
    }

    /// What follows from it follows from this event.
    fn set_event(&mut self, because: EventId) {
        match self {
            Arrival::Request { event, .. }
            | Arrival::Reply { event, .. }
            | Arrival::Timer { event, .. } => *event = because,
        }
    }

    fn api(&self) -> Option<Api> {
        match self {
            Arrival::Request { request, .. } => Some(request.api()),
            Arrival::Reply { reply: Reply::Response(response), .. } => Some(response.api()),
            Arrival::Reply { .. } | Arrival::Timer { .. } => None,
        }
    }
}

impl Node {
    pub fn new(id: NodeId, disk: Disk) -> Self {
        Node {
            id,
            disk,
            process: Process::Down(Down::HostUp),
            starts: 0,
            power_losses: 0,
            disks_lost: 0,
            disk_free_at: SimTime::ZERO,
        }
    }

    pub fn broker(&self) -> Option<&Broker> {
        self.server()?.broker()
    }

    pub fn controller(&self) -> Option<&QuorumController> {
        self.server()?.controller()
    }

    /// The process's part in the quorum, as a voter or as an observer.
    pub fn raft(&self) -> Option<&RaftClient> {
        Some(self.server()?.raft())
    }

    /// The process, running or paused.
    fn server(&self) -> Option<&Server> {
        match &self.process {
            Process::Running(server) | Process::Paused { server, .. } => Some(server),
            Process::Down(_) => None,
        }
    }

    pub fn is_running(&self) -> bool {
        matches!(self.process, Process::Running(_))
    }

    pub fn is_paused(&self) -> bool {
        matches!(self.process, Process::Paused { .. })
    }

    /// Whether its broker was registered, and by `image` is not any more, or only by a request of its own
    /// that came late: it does not register again before it is started anew.
    pub fn is_unregistered(&self, image: &MetadataImage) -> bool {
        let epoch = self.broker().map_or(-1, |broker| broker.broker_epoch);
        let known = image.brokers.get(&self.id);
        epoch >= 0 && known.is_none_or(|known| known.broker_epoch > epoch)
    }

    /// The process that runs, with its disk.
    pub(crate) fn running_mut(&mut self) -> Option<(&mut Server, &mut Disk)> {
        match &mut self.process {
            Process::Running(server) => Some((server, &mut self.disk)),
            _ => None,
        }
    }

    /// Starts a process on this host, caused by `cause`.
    pub(crate) fn start(&mut self, world: &mut World, cause: Option<EventId>) {
        let here = Address::Node(self.id);
        let event = world.emit(here, cause, EventKind::ProcessStarted { node: self.id });
        self.starts += 1;
        self.attempt(world, event, None, |node, world| node.launch(world, event));
    }

    fn launch(&mut self, world: &mut World, event: EventId) {
        let here = Address::Node(self.id);
        let draw = mix(&[world.spec.seed, here.as_u64(), self.starts - 1, 0x1d]);
        let incarnation_id = Uuid::from_random(draw, mix(&[draw]));
        self.format(world.spec.seed, &world.cluster_id);
        let mut ctx = Ctx { world, here, cause: event };
        let server = Server::start(&mut ctx, &mut self.disk, self.id, incarnation_id);
        self.process = Process::Running(server);
        self.after(world, event);
    }

    /// `kafka-storage.sh format`: says on an empty disk whose it is.
    fn format(&mut self, seed: u64, cluster_id: &str) {
        if self.disk.len(META_PROPERTIES).is_none() {
            let node = Address::Node(self.id).as_u64();
            let directory = match self.disks_lost {
                0 => mix(&[seed, node, 0xd1]),
                lost => mix(&[seed, node, 0xd1, lost]),
            };
            let meta = MetaProperties {
                cluster_id: cluster_id.to_string(),
                node_id: self.id.0,
                directory_id: Uuid::from_random(directory, mix(&[directory])),
            };
            self.disk.replace(META_PROPERTIES, meta.to_text().into());
        }
    }

    /// A broker that leads the partition deletes its first records. What could be refused was.
    pub(crate) fn delete_records(
        &mut self,
        world: &mut World,
        partition: &TopicPartition,
        offset: i64,
        cause: EventId,
    ) {
        let here = Address::Node(self.id);
        self.attempt(world, cause, None, |node, world| {
            if let Some((server, disk)) = node.running_mut()
                && let Some(broker) = server.broker_mut()
            {
                let mut ctx = Ctx { world, here, cause };
                let _ = broker.replicas.delete_records(&mut ctx, disk, partition, offset);
            }
        });
    }

    /// A broker that coordinates the group does what a tool asks of it. What could be refused was.
    pub(crate) fn administer_group(
        &mut self,
        world: &mut World,
        group: &Arc<str>,
        offsets: Option<&[(TopicPartition, i64)]>,
        cause: EventId,
    ) {
        let here = Address::Node(self.id);
        self.attempt(world, cause, None, |node, world| {
            if let Some((server, disk)) = node.running_mut()
                && let Some(broker) = server.broker_mut()
            {
                broker.administer_group(&mut Ctx { world, here, cause }, disk, group, offsets);
            }
        });
    }

    /// A broker writes markers that a tool wants. What could be refused was.
    pub(crate) fn write_markers(
        &mut self,
        world: &mut World,
        request: &WriteTxnMarkersRequest,
        cause: EventId,
    ) {
        let here = Address::Node(self.id);
        self.attempt(world, cause, None, |node, world| {
            if let Some((server, disk)) = node.running_mut()
                && let Some(broker) = server.broker_mut()
            {
                let nobody = ReplyTo { to: here, correlation_id: 0, expected: false };
                broker.write_txn_markers(&mut Ctx { world, here, cause }, disk, nobody, request);
            }
        });
    }

    /// The process dies at once. Whoever waits for it learns so from the host, over the network.
    pub(crate) fn crash(&mut self, world: &mut World, cause: EventId) {
        let here = Address::Node(self.id);
        let event = world.emit(here, Some(cause), EventKind::ProcessCrashed { node: self.id });
        self.end_process(world, event, Down::HostUp);
    }

    pub(crate) fn power_loss(&mut self, world: &mut World, cause: EventId) {
        let here = Address::Node(self.id);
        let mut random =
            SimRng::new(mix(&[world.spec.seed, here.as_u64(), self.power_losses, 0x90]));
        self.power_losses += 1;
        let report = self.disk.power_loss(&mut random);
        self.disk.take_failure();
        let kind = EventKind::PowerLost { node: self.id, bytes_lost: report.bytes_lost() };
        world.emit(here, Some(cause), kind);
        world.forget_process(here);
        world.cancel_timer(here, Timer::WriteBack);
        self.process = Process::Down(Down::PowerLost);
    }

    /// The end of a controlled shutdown.
    fn exit(&mut self, world: &mut World, cause: EventId) {
        let here = Address::Node(self.id);
        if let Some((server, disk)) = self.running_mut() {
            server.close(&mut Ctx { world, here, cause }, disk);
        }
        self.sync(world, cause);
        let event = world.emit(here, Some(cause), EventKind::ProcessStopped { node: self.id });
        self.end_process(world, event, Down::HostUp);
    }

    /// SIGTERM.
    pub(crate) fn stop(&mut self, world: &mut World, cause: EventId) {
        let here = Address::Node(self.id);
        let event = world.emit(here, Some(cause), EventKind::ShutdownBegan { node: self.id });
        if let Some((server, _)) = self.running_mut()
            && server.begin_shutdown(&mut Ctx { world, here, cause: event }) == Wish::Exit
        {
            self.attempt(world, event, None, |node, world| node.exit(world, event));
        }
    }

    fn end_process(&mut self, world: &mut World, cause: EventId, down: Down) {
        world.forget_process(self.id.into());
        self.process = Process::Down(down);
        for (reply_to, api) in world.calls_to(self.id) {
            world.send_reset(self.id, reply_to, api, cause);
        }
    }

    pub(crate) fn pause(&mut self, world: &mut World, cause: EventId) {
        let down = Process::Down(Down::HostUp);
        if let Process::Running(server) = std::mem::replace(&mut self.process, down) {
            self.process = Process::Paused { server, inbox: Vec::new() };
        }
        world.emit(self.id.into(), Some(cause), EventKind::ProcessPaused { node: self.id });
    }

    pub(crate) fn resume(&mut self, world: &mut World, cause: EventId) {
        let down = Process::Down(Down::HostUp);
        let Process::Paused { server, inbox } = std::mem::replace(&mut self.process, down) else {
            return;
        };
        self.process = Process::Running(server);
        world.emit(self.id.into(), Some(cause), EventKind::ProcessResumed { node: self.id });
        for arrival in inbox {
            let arrival = Box::new(arrival);
            world.plan(world.now, Pending::Resumed { node: self.id, start: self.starts, arrival });
        }
    }

    /// The process handles something, or its inbox keeps it.
    pub(crate) fn take_in(&mut self, world: &mut World, arrival: Arrival) {
        let (event, refused) = (arrival.event(), disk_trouble::storage_error(&arrival));
        self.attempt(world, event, refused, |node, world| node.handle(world, arrival));
    }

    fn handle(&mut self, world: &mut World, arrival: Arrival) {
        let event = arrival.event();
        let server = match &mut self.process {
            Process::Running(server) => server,
            Process::Paused { inbox, .. } => return inbox.push(arrival),
            Process::Down(_) => return,
        };
        let mut ctx = Ctx { world, here: self.id.into(), cause: event };
        let disk = &mut self.disk;
        let wish = match arrival {
            Arrival::Request { reply_to, request, .. } => {
                server.on_request(&mut ctx, disk, reply_to, request);
                Wish::GoOn
            }
            Arrival::Reply { call, reply, .. } => server.on_reply(&mut ctx, disk, call, reply),
            Arrival::Timer { timer, .. } => server.on_timer(&mut ctx, disk, timer),
        };
        match wish {
            Wish::GoOn => self.after(world, event),
            Wish::Exit => self.exit(world, event),
        }
    }

    /// Plans the write-back of pages that have just become dirty.
    pub(crate) fn after(&mut self, world: &mut World, cause: EventId) {
        let here = Address::Node(self.id);
        if self.disk.condition() != DiskCondition::Failing
            && world.timer_due(here, &Timer::WriteBack).is_none()
            && let Some(since) = self.disk.dirty_since()
        {
            let at = since.plus_millis(world.spec.writeback_ms);
            world.set_timer(here, Timer::WriteBack, at, Some(cause));
        }
    }

    /// The operating system writes old dirty pages back.
    pub(crate) fn write_back(&mut self, world: &mut World, cause: EventId) {
        if self.disk.condition() == DiskCondition::Failing {
            return;
        }
        let expire_us = world.spec.writeback_ms * 1000;
        let written = self.disk.write_back(world.now, expire_us);
        let bytes = written.iter().map(|(_, bytes)| bytes).sum();
        let kind = EventKind::Flushed { node: self.id, bytes };
        let event = world.emit(self.id.into(), Some(cause), kind);
        self.after(world, event);
    }

    fn sync(&mut self, world: &mut World, cause: EventId) {
        let bytes = self.disk.dirty_bytes();
        self.disk.fsync_all();
        if bytes > 0 {
            let kind = EventKind::Flushed { node: self.id, bytes };
            world.emit(self.id.into(), Some(cause), kind);
        }
    }

    /// What is pending for a message that arrives here: handed on, queued, refused or lost.
    pub(crate) fn is_reachable(&self) -> bool {
        !matches!(self.process, Process::Down(Down::PowerLost))
    }

    pub(crate) fn listens(&self) -> bool {
        !matches!(self.process, Process::Down(_))
    }
}
