//! A server process and its roles (`process.roles`, `SharedServer`): a broker, a controller, or both in
//! one. Each has one raft client: a controller's is a voter of the quorum, a broker without controller
//! has an observer. Here is only who of them gets what.

use crate::broker::{Broker, Wish};
use crate::controller::quorum_controller::QuorumController;
use crate::ids::{NodeId, Uuid};
use crate::protocol::{Reply, Request};
use crate::raft::metadata_log::CLUSTER_METADATA;
use crate::raft::raft_client::RaftClient;
use crate::sim::disk::Disk;
use crate::world::{Call, Ctx, ReplyTo, Timer};

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Server {
    Broker {
        broker: Box<Broker>,
        observer: Box<RaftClient>,
    },
    Controller(Box<QuorumController>),
    /// What ends the one ends the other, and one disk has the data of both.
    Combined {
        broker: Box<Broker>,
        controller: Box<QuorumController>,
    },
}

impl Server {
    /// Starts the process on what its disk holds.
    pub fn start(ctx: &mut Ctx<'_>, disk: &mut Disk, id: NodeId, incarnation_id: Uuid) -> Server {
        let is_voter = ctx.spec().voters().any(|voter| voter == id);
        if !is_voter {
            let mut broker = Box::new(Broker::load(ctx, disk, id, incarnation_id));
            let observer = Box::new(RaftClient::start(ctx, disk, id));
            broker.start(ctx, &observer);
            return Server::Broker { broker, observer };
        }
        if id.is_controller() {
            return Server::Controller(Box::new(QuorumController::start(ctx, disk, id)));
        }
        let mut broker = Box::new(Broker::load(ctx, disk, id, incarnation_id));
        let controller = Box::new(QuorumController::start(ctx, disk, id));
        broker.start(ctx, &controller.raft);
        let mut server = Server::Combined { broker, controller };
        server.catch_up(ctx, disk);
        server
    }

    pub fn broker(&self) -> Option<&Broker> {
        match self {
            Server::Broker { broker, .. } | Server::Combined { broker, .. } => Some(broker),
            Server::Controller(_) => None,
        }
    }

    pub fn broker_mut(&mut self) -> Option<&mut Broker> {
        match self {
            Server::Broker { broker, .. } | Server::Combined { broker, .. } => Some(broker),
            Server::Controller(_) => None,
        }
    }

    pub fn controller(&self) -> Option<&QuorumController> {
        match self {
            Server::Controller(controller) | Server::Combined { controller, .. } => {
                Some(controller)
            }
            Server::Broker { .. } => None,
        }
    }

    pub fn controller_mut(&mut self) -> Option<&mut QuorumController> {
        match self {
            Server::Controller(controller) | Server::Combined { controller, .. } => {
                Some(controller)
            }
            Server::Broker { .. } => None,
        }
    }

    pub fn raft(&self) -> &RaftClient {
        match self {
            Server::Broker { observer, .. } => observer,
            Server::Controller(controller) | Server::Combined { controller, .. } => {
                &controller.raft
            }
        }
    }

    pub fn on_request(
        &mut self,
        ctx: &mut Ctx<'_>,
        disk: &mut Disk,
        reply_to: ReplyTo,
        request: Request,
    ) {
        match self {
            Server::Controller(controller) => controller.on_request(ctx, disk, reply_to, request),
            Server::Combined { controller, .. } if is_for_controllers(&request) => {
                controller.on_request(ctx, disk, reply_to, request);
                self.catch_up(ctx, disk);
            }
            Server::Broker { broker, .. } | Server::Combined { broker, .. } => {
                broker.on_request(ctx, disk, reply_to, request);
            }
        }
    }

    pub fn on_reply(
        &mut self,
        ctx: &mut Ctx<'_>,
        disk: &mut Disk,
        call: Call,
        reply: Reply,
    ) -> Wish {
        let is_of_quorum =
            matches!(call, Call::Vote { .. } | Call::QuorumEpoch | Call::QuorumFetch { .. });
        match self {
            Server::Controller(controller) | Server::Combined { controller, .. }
                if is_of_quorum =>
            {
                controller.on_reply(ctx, disk, call, reply);
            }
            Server::Broker { observer, .. } if is_of_quorum => {
                observer.on_reply(ctx, disk, call, reply);
            }
            Server::Broker { broker, .. } | Server::Combined { broker, .. } => {
                return broker.on_reply(ctx, disk, call, reply);
            }
            Server::Controller(_) => {}
        }
        self.catch_up(ctx, disk);
        Wish::GoOn
    }

    pub fn on_timer(&mut self, ctx: &mut Ctx<'_>, disk: &mut Disk, timer: Timer) -> Wish {
        let is_of_quorum = matches!(
            timer,
            Timer::Election
                | Timer::QuorumFetch
                | Timer::ParkedMetadataFetch(_)
                | Timer::MetadataLogClean
                | Timer::BeginQuorumEpoch
                | Timer::CheckQuorum
                | Timer::SessionCheck
                | Timer::UncleanElection
                | Timer::LeaderBalance
        );
        match self {
            Server::Controller(controller) | Server::Combined { controller, .. }
                if is_of_quorum =>
            {
                controller.on_timer(ctx, disk, timer);
            }
            Server::Broker { observer, .. } if is_of_quorum => {
                observer.on_timer(ctx, disk, &timer);
            }
            Server::Broker { broker, .. } | Server::Combined { broker, .. } => {
                return broker.on_timer(ctx, disk, timer);
            }
            Server::Controller(_) => {}
        }
        self.catch_up(ctx, disk);
        Wish::GoOn
    }

    /// The broker takes over what the raft client has come to know.
    pub fn catch_up(&mut self, ctx: &mut Ctx<'_>, disk: &mut Disk) {
        match self {
            Server::Broker { broker, observer } => {
                broker.follow(ctx, disk, observer);
                broker.maybe_snapshot(ctx, disk, observer);
            }
            // The controller of the same process makes the snapshots.
            Server::Combined { broker, controller } => broker.follow(ctx, disk, &controller.raft),
            Server::Controller(_) => {}
        }
    }

    /// SIGTERM. Answers whether the process goes at once: a controller does, a broker goes when its
    /// leaderships have.
    pub fn begin_shutdown(&mut self, ctx: &mut Ctx<'_>) -> Wish {
        match self.broker_mut() {
            Some(broker) => {
                broker.begin_shutdown(ctx);
                Wish::GoOn
            }
            None => Wish::Exit,
        }
    }

    /// The last act of a process that ends in order.
    pub fn close(&mut self, ctx: &mut Ctx<'_>, disk: &mut Disk) {
        if let Some(broker) = self.broker_mut() {
            broker.close(ctx, disk);
        }
        match self {
            Server::Broker { observer, .. } => {
                observer.log.close(disk);
            }
            Server::Controller(controller) | Server::Combined { controller, .. } => {
                controller.close(ctx, disk);
            }
        }
    }
}

/// Of what a combined process is asked: what its controller part answers.
fn is_for_controllers(request: &Request) -> bool {
    match request {
        Request::Vote(_)
        | Request::BeginQuorumEpoch(_)
        | Request::EndQuorumEpoch(_)
        | Request::FetchSnapshot(_)
        | Request::BrokerRegistration(_)
        | Request::BrokerHeartbeat(_)
        | Request::AlterPartition(_)
        | Request::AllocateProducerIds(_)
        | Request::CreateTopics(_) => true,
        Request::Fetch(request) => {
            request.partitions.first().is_some_and(|p| &*p.partition.topic == CLUSTER_METADATA)
        }
        Request::Produce(_)
        | Request::ListOffsets(_)
        | Request::Metadata { .. }
        | Request::OffsetForLeaderEpoch(_)
        | Request::InitProducerId(_)
        | Request::FindCoordinator { .. }
        | Request::JoinGroup(_)
        | Request::SyncGroup(_)
        | Request::Heartbeat(_)
        | Request::LeaveGroup(_)
        | Request::ConsumerGroupHeartbeat(_)
        | Request::OffsetCommit(_)
        | Request::OffsetFetch(_)
        | Request::AddPartitionsToTxn(_)
        | Request::AddOffsetsToTxn(_)
        | Request::EndTxn(_)
        | Request::WriteTxnMarkers(_)
        | Request::TxnOffsetCommit(_) => false,
    }
}
