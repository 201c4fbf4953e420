//! The lives of brokers as the controller sees them: registration, heartbeats, fencing, controlled
//! shutdown (`ClusterControlManager`, `BrokerHeartbeatManager`).
//!
//! A broker is fenced until it has caught up to its own registration in the metadata log; it is
//! fenced again when it has not been heard of for `broker.session.timeout.ms`. A broker that wants
//! to shut down gives up its leaderships and its places in the ISRs first.

use super::metadata_record::MetadataRecord;
use super::quorum_controller::{Changes, QuorumController};
use crate::command::Refusal;
use crate::event::{ChangeReason, EventKind, FenceReason};
use crate::ids::{EventId, NodeId};
use crate::protocol::*;
use crate::sim::disk::Disk;
use crate::sim::time::SimTime;
use crate::spec::Mutant;
use crate::world::{Ctx, Timer};
use std::collections::BTreeMap;

#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Sessions(BTreeMap<NodeId, Session>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Session {
    last_contact: SimTime,
    /// What was heard of it last: why its session ends when it does.
    contact: EventId,
    metadata_offset: i64,
    /// While it shuts down: what every active broker must have applied before it may go.
    shutdown_offset: Option<i64>,
}

impl Session {
    fn new(ctx: &Ctx<'_>) -> Self {
        Session {
            last_contact: ctx.now(),
            contact: ctx.cause,
            metadata_offset: -1,
            shutdown_offset: None,
        }
    }
}

impl Sessions {
    fn is_valid(&self, broker: NodeId, now: SimTime, timeout_ms: u64) -> bool {
        self.0
            .get(&broker)
            .is_some_and(|session| now.since(session.last_contact) < timeout_ms * 1000)
    }
}

impl QuorumController {
    /// When a broker was last heard of, as this controller knows.
    pub fn last_heartbeat(&self, broker: NodeId) -> Option<SimTime> {
        self.sessions.0.get(&broker).map(|session| session.last_contact)
    }

    /// After a start the controller knows nobody's last contact: all sessions begin now.
    pub(super) fn restart_sessions(&mut self, ctx: &mut Ctx<'_>) {
        let unfenced = self.image.brokers.iter().filter(|(_, broker)| !broker.fenced);
        let session = Session::new(ctx);
        self.sessions = Sessions(unfenced.map(|(&id, _)| (id, session.clone())).collect());
        self.plan_session_check(ctx);
    }

    fn plan_session_check(&mut self, ctx: &mut Ctx<'_>) {
        let timeout_ms = ctx.world.spec.broker.broker_session_timeout_ms;
        if let Some(earliest) = self.sessions.0.values().min_by_key(|s| s.last_contact) {
            let at = earliest.last_contact.plus_millis(timeout_ms);
            ctx.world.set_timer(ctx.here, Timer::SessionCheck, at, Some(earliest.contact));
        }
    }

    pub(super) fn check_sessions(&mut self, ctx: &mut Ctx<'_>, disk: &mut Disk) {
        let timeout_ms = ctx.world.spec.broker.broker_session_timeout_ms;
        let now = ctx.now();
        let expired: Vec<NodeId> = self
            .sessions
            .0
            .keys()
            .copied()
            .filter(|&broker| !self.sessions.is_valid(broker, now, timeout_ms))
            .filter(|_| !ctx.is_mutant(Mutant::SessionsNeverExpire))
            .collect();
        for broker in expired {
            self.sessions.0.remove(&broker);
            self.fence(ctx, disk, broker, FenceReason::SessionExpired);
        }
        self.plan_session_check(ctx);
    }

    fn fence(&mut self, ctx: &mut Ctx<'_>, disk: &mut Disk, broker: NodeId, reason: FenceReason) {
        let Some(registration) = self.image.brokers.get(&broker).filter(|b| !b.fenced) else {
            return;
        };
        let broker_epoch = registration.broker_epoch;
        let event = ctx.emit(EventKind::BrokerFenced { broker, reason });
        let mut ctx = ctx.because(event);
        let because = ChangeReason::BrokerFenced(broker);
        let record = MetadataRecord::BrokerRegistrationChange {
            broker_id: broker,
            broker_epoch,
            fenced: Some(true),
            in_controlled_shutdown: None,
        };
        let mut changes = Changes::of(record, because);
        self.take_out_of_isrs(&mut changes, broker, because);
        self.write(&mut ctx, disk, changes);
    }

    pub(super) fn register_broker(
        &mut self,
        ctx: &mut Ctx<'_>,
        disk: &mut Disk,
        request: &BrokerRegistrationRequest,
    ) -> Result<i64, KafkaError> {
        let timeout_ms = ctx.world.spec.broker.broker_session_timeout_ms;
        let broker = request.broker;
        let because = ChangeReason::BrokerRestarted(broker);
        let known = self.image.brokers.get(&broker);
        if let Some(known) = known {
            if known.incarnation_id == request.incarnation_id {
                return Ok(known.broker_epoch);
            }
            let alive = self.sessions.is_valid(broker, ctx.now(), timeout_ms);
            if alive && !known.in_controlled_shutdown {
                return Err(KafkaError::DuplicateBrokerRegistration);
            }
        }
        let mut changes = Changes::default();
        // A clean shutdown left the epoch that the broker had then on its disk.
        let was_clean = known.is_some_and(|k| k.broker_epoch == request.previous_broker_epoch);
        let keeps_elr = was_clean || ctx.is_mutant(Mutant::ElrKeptAfterUncleanShutdown);
        if self.image.has_elr() && !keeps_elr {
            self.end_eligibility(&mut changes, broker, ChangeReason::UncleanShutdown(broker));
        } else {
            self.take_out_of_isrs(&mut changes, broker, because);
        }
        let broker_epoch = self.image.next_offset + changes.0.len() as i64;
        let record = MetadataRecord::RegisterBroker {
            fenced: true,
            in_controlled_shutdown: false,
            broker_id: broker,
            incarnation_id: request.incarnation_id,
            broker_epoch,
            rack: request.rack.clone(),
        };
        changes.0.push((record, because));
        self.write(ctx, disk, changes);
        ctx.emit(EventKind::BrokerRegistered { broker, broker_epoch });
        let session = Session::new(ctx);
        self.sessions.0.insert(broker, session);
        self.plan_session_check(ctx);
        Ok(broker_epoch)
    }

    /// Forgets a broker (`unregisterBroker`). It leaves the ISRs and its leaderships, and stays a replica
    /// of what it is a replica of; should its process still run, it does not come back before it is
    /// started anew.
    pub fn unregister_broker(
        &mut self,
        ctx: &mut Ctx<'_>,
        disk: &mut Disk,
        broker: NodeId,
    ) -> Result<(), Refusal> {
        let known = self.image.brokers.get(&broker);
        let broker_epoch = known.ok_or(Refusal::BrokerNotRegistered { broker })?.broker_epoch;
        let because = ChangeReason::BrokerUnregistered(broker);
        let mut changes = Changes::default();
        if !ctx.is_mutant(Mutant::UnregisteredStaysInIsr) {
            self.take_out_of_isrs(&mut changes, broker, because);
        }
        let record = MetadataRecord::UnregisterBroker { broker_id: broker, broker_epoch };
        changes.0.push((record, because));
        self.sessions.0.remove(&broker);
        self.write(ctx, disk, changes);
        Ok(())
    }

    pub(super) fn broker_heartbeat(
        &mut self,
        ctx: &mut Ctx<'_>,
        disk: &mut Disk,
        request: &BrokerHeartbeatRequest,
    ) -> Result<BrokerHeartbeatAnswer, KafkaError> {
        let broker = request.broker;
        // One that was unregistered while it runs is told the same as one that another process has
        // replaced (`checkBrokerEpoch`).
        let known = self.image.brokers.get(&broker);
        let known = known.filter(|known| known.broker_epoch == request.broker_epoch);
        let known = known.ok_or(KafkaError::StaleBrokerEpoch)?;
        let (broker_epoch, fenced) = (known.broker_epoch, known.fenced);
        let session = self.sessions.0.entry(broker).or_insert_with(|| Session::new(ctx));
        session.last_contact = ctx.now();
        session.contact = ctx.cause;
        session.metadata_offset = request.current_metadata_offset;
        self.plan_session_check(ctx);
        if request.want_shut_down {
            return Ok(self.advance_shutdown(ctx, disk, broker));
        }
        if fenced && request.current_metadata_offset >= broker_epoch {
            let event = ctx.emit(EventKind::BrokerUnfenced { broker });
            let because = ChangeReason::BrokerUnfenced(broker);
            let record = MetadataRecord::BrokerRegistrationChange {
                broker_id: broker,
                broker_epoch,
                fenced: Some(false),
                in_controlled_shutdown: None,
            };
            let mut changes = Changes::of(record, because);
            self.lead_leaderless(&mut changes, broker, because);
            self.write(&mut ctx.because(event), disk, changes);
        }
        let is_fenced = self.image.brokers[&broker].fenced;
        Ok(BrokerHeartbeatAnswer { is_fenced, should_shut_down: false })
    }

    /// One heartbeat of a broker that wants to go (`calculateNextBrokerState`): who leads nothing goes at
    /// once, and who leads when others have taken over and every active broker knows.
    fn advance_shutdown(
        &mut self,
        ctx: &mut Ctx<'_>,
        disk: &mut Disk,
        broker: NodeId,
    ) -> BrokerHeartbeatAnswer {
        let go = BrokerHeartbeatAnswer { is_fenced: true, should_shut_down: true };
        let known = &self.image.brokers[&broker];
        let (broker_epoch, in_shutdown) = (known.broker_epoch, known.in_controlled_shutdown);
        let leads = self.image.partitions().any(|(_, partition)| partition.leader == Some(broker));
        let may_go = match in_shutdown {
            _ if known.fenced => return go,
            false => !leads,
            true => !leads && self.others_know_of_shutdown(broker),
        };
        if may_go {
            self.sessions.0.remove(&broker);
            self.fence(ctx, disk, broker, FenceReason::ControlledShutdown);
            return go;
        }
        if !in_shutdown {
            self.begin_controlled_shutdown(ctx, disk, broker, broker_epoch);
        }
        BrokerHeartbeatAnswer { is_fenced: false, should_shut_down: false }
    }

    fn begin_controlled_shutdown(
        &mut self,
        ctx: &mut Ctx<'_>,
        disk: &mut Disk,
        broker: NodeId,
        broker_epoch: i64,
    ) {
        let because = ChangeReason::ControlledShutdown(broker);
        let record = MetadataRecord::BrokerRegistrationChange {
            broker_id: broker,
            broker_epoch,
            fenced: None,
            in_controlled_shutdown: Some(true),
        };
        let mut changes = Changes::of(record, because);
        self.take_out_of_isrs(&mut changes, broker, because);
        let offset = self.write(ctx, disk, changes);
        if let Some(session) = self.sessions.0.get_mut(&broker) {
            session.shutdown_offset = Some(offset);
        }
    }

    fn others_know_of_shutdown(&self, broker: NodeId) -> bool {
        let must_reach = self.sessions.0.get(&broker).and_then(|s| s.shutdown_offset).unwrap_or(0);
        let mut active = self.sessions.0.iter().filter(|(id, _)| self.image.is_active(**id));
        active.all(|(_, session)| session.metadata_offset >= must_reach)
    }
}
