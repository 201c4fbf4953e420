//! What becomes of a process whose disk is in trouble. A broker or controller has one log directory; when
//! that fails it cannot go on and halts, as Kafka's does (`LogDirFailureChannel`, `Exit.halt`).

use super::{Arrival, Down, Node, Process};
use crate::command::DiskFault;
use crate::event::EventKind;
use crate::ids::EventId;
use crate::protocol::{
    InitProducerIdRequest, KafkaError, PartitionProduceResponse, ProduceResponse, Reply, Request,
    Response,
};
use crate::sim::disk::{DiskCondition, DiskError};
use crate::sim::time::SimTime;
use crate::world::{Ctx, Pending, ReplyTo, Timer, World};

impl Node {
    /// Lets the process act. If its disk fails it, none of that has happened: it halts instead, and
    /// whoever waits for `refused` is told so before.
    pub(crate) fn attempt(
        &mut self,
        world: &mut World,
        cause: EventId,
        refused: Option<(ReplyTo, Response)>,
        act: impl FnOnce(&mut Node, &mut World),
    ) {
        if matches!(self.disk.condition(), DiskCondition::Sound | DiskCondition::Slow { .. }) {
            return act(self, world);
        }
        let before = (self.clone(), world.clone());
        act(self, world);
        if let Some(error) = self.disk.take_failure() {
            (*self, *world) = before;
            self.log_dir_fails(world, error, cause, refused);
        }
    }

    fn log_dir_fails(
        &mut self,
        world: &mut World,
        error: DiskError,
        cause: EventId,
        refused: Option<(ReplyTo, Response)>,
    ) {
        let (here, node) = (self.id.into(), self.id);
        let event = world.emit(here, Some(cause), EventKind::LogDirFailed { node, error });
        if let Some((reply_to, response)) = refused {
            Ctx { world, here, cause: event }.respond(reply_to, response);
        }
        self.halt(world, event);
    }

    fn halt(&mut self, world: &mut World, cause: EventId) {
        let kind = EventKind::ProcessHalted { node: self.id };
        let event = world.emit(self.id.into(), Some(cause), kind);
        self.end_process(world, event, Down::HostUp);
    }

    pub(crate) fn harm_disk(&mut self, world: &mut World, fault: DiskFault, cause: EventId) {
        match fault {
            DiskFault::Becomes(condition) => {
                self.disk.set_condition(condition);
                // Pages that could not be written back can be now.
                self.after(world, cause);
            }
            DiskFault::Lost => {
                let bytes = self.lose_disk();
                let kind = EventKind::DiskLost { node: self.id, bytes };
                let event = world.emit(self.id.into(), Some(cause), kind);
                if !matches!(self.process, Process::Down(_)) {
                    self.halt(world, event);
                }
            }
        }
    }

    /// Another host takes this one's place and starts at once, with an empty disk of its own. Who waits
    /// for an answer of the old one is told by the new one that it knows nothing of it.
    pub(crate) fn replace(&mut self, world: &mut World, cause: EventId) {
        let bytes = self.lose_disk();
        let kind = EventKind::BrokerReplaced { node: self.id, bytes };
        let event = world.emit(self.id.into(), Some(cause), kind);
        world.cancel_timer(self.id.into(), Timer::WriteBack);
        self.end_process(world, event, Down::HostUp);
        self.start(world, Some(event));
    }

    /// An empty disk takes the place of this one; answers how much was on it.
    fn lose_disk(&mut self) -> u64 {
        let bytes = self.disk.paths().filter_map(|path| self.disk.len(path)).sum();
        self.disk.wipe();
        self.disks_lost += 1;
        bytes
    }

    /// When a slow disk will have served what has just arrived, behind all that came before.
    fn disk_turn(&mut self, now: SimTime, arrival: &Arrival) -> Option<SimTime> {
        let DiskCondition::Slow { ms } = self.disk.condition() else {
            return None;
        };
        if !uses_disk(arrival) || !self.is_running() {
            return None;
        }
        self.disk_free_at = self.disk_free_at.max(now).plus_millis(ms);
        Some(self.disk_free_at)
    }

    /// Hands something to the process, or to its inbox while it is paused; a slow disk comes first.
    pub(crate) fn arrive(&mut self, world: &mut World, mut arrival: Arrival) {
        let Some(until) = self.disk_turn(world.now, &arrival) else {
            return self.take_in(world, arrival);
        };
        let (node, api) = (self.id, arrival.api());
        if let Some(api) = api {
            let kind = EventKind::DiskAwaited { node, api, until };
            let event = world.emit(node.into(), Some(arrival.event()), kind);
            arrival.set_event(event);
        }
        let arrival = Box::new(arrival);
        world.plan(until, Pending::DiskServed { node, start: self.starts, arrival });
    }
}

/// Whether handling it appends to a log or reads one.
fn uses_disk(arrival: &Arrival) -> bool {
    match arrival {
        Arrival::Request { request, .. } => matches!(
            request,
            Request::Produce(_)
                | Request::Fetch(_)
                | Request::AlterPartition(_)
                | Request::BrokerRegistration(_)
                | Request::AllocateProducerIds(_)
                | Request::SyncGroup(_)
                | Request::OffsetCommit(_)
                | Request::InitProducerId(InitProducerIdRequest { transactional_id: Some(_), .. })
                | Request::AddPartitionsToTxn(_)
                | Request::AddOffsetsToTxn(_)
                | Request::EndTxn(_)
                | Request::WriteTxnMarkers(_)
                | Request::TxnOffsetCommit(_)
        ),
        Arrival::Reply { reply: Reply::Response(Response::Fetch(answer)), .. } => {
            answer.partitions.iter().any(|data| !data.records.is_empty())
        }
        Arrival::Reply { .. } | Arrival::Timer { .. } => false,
    }
}

/// What a producer is told whose records the disk does not take.
pub(super) fn storage_error(arrival: &Arrival) -> Option<(ReplyTo, Response)> {
    match arrival {
        Arrival::Request { reply_to, request: Request::Produce(request), .. } => {
            let partitions = request.partitions.iter().map(|data| PartitionProduceResponse {
                partition: data.partition.clone(),
                result: Err(KafkaError::KafkaStorageError),
            });
            let partitions = partitions.collect();
            Some((*reply_to, Response::Produce(ProduceResponse { partitions })))
        }
        _ => None,
    }
}
