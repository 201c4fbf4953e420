//! The part of the cluster that every process shares: the clock, the agenda of what is pending, the
//! network and the list of events. A process reaches it only through its [`Ctx`]: it can note what
//! happened, send, answer and set timers, and nothing else. No Kafka rule lives here.

mod call;

pub use call::{Call, TxnCall};

use crate::event::{Event, EventKind};
use crate::ids::{Address, EnvelopeId, EventId, NodeId, TopicPartition, Uuid};
use crate::protocol::{Request, Response};
use crate::sim::network::{Body, Envelope, Network, Passage};
use crate::sim::random::mix;
use crate::sim::time::SimTime;
use crate::spec::{ClusterSpec, Mutant};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Named timers. Each owner has at most one of a name; setting it again replaces it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Timer {
    /// When the operating system writes dirty pages back. Belongs to the host: survives a crash.
    WriteBack,
    /// When a broker asks again to be registered.
    Registration,
    /// When a broker sends its next heartbeat.
    Heartbeat,
    /// When a leader looks for followers that lag too long (`replica.lag.time.max.ms` / 2).
    IsrExpiration,
    /// When high watermarks are written to `replication-offset-checkpoint`.
    HighWatermarkCheckpoint,
    /// When recovery points are written to `recovery-point-offset-checkpoint`.
    RecoveryPointCheckpoint,
    /// When a broker looks for segments that retention lets go of.
    LogRetention,
    /// When a broker looks for logs that have not been flushed for `flush.ms`.
    LogFlush,
    /// When files that wait to be deleted have waited long enough.
    DeleteFiles,
    /// When the cleaner does its next step, or looks for something to clean.
    LogCleaner,
    /// When a follower fetches again from a leader after an error.
    ReplicaFetch(NodeId),
    /// When a leader asks the controller again for an ISR change.
    AlterPartition(TopicPartition),
    /// When a request in purgatory has waited long enough.
    Parked(u64),
    /// When a broker that cannot reach the controller stops all the same.
    ShutdownDeadline,
    /// When a voter stops waiting: for votes, for a leader, for its turn.
    Election,
    /// When a voter or an observer fetches again from the quorum's leader after an error.
    QuorumFetch,
    /// When a fetch that waits at the quorum's leader has waited long enough.
    ParkedMetadataFetch(u64),
    /// When what the limits allow of the metadata log and its snapshots is let go.
    MetadataLogClean,
    /// When the quorum's leader tells silent voters again that its epoch has begun.
    BeginQuorumEpoch,
    /// When the quorum's leader has not heard of a majority for too long.
    CheckQuorum,
    /// When the controller looks for brokers whose session is over.
    SessionCheck,
    /// When the controller looks for partitions without a leader that may have an unclean one.
    UncleanElection,
    /// When the controller looks for partitions that their preferred leader could lead.
    LeaderBalance,
    /// When a producer sends what it has gathered (`linger.ms`).
    Linger(TopicPartition),
    /// When a producer sends a batch again (`retry.backoff.ms`).
    Retry(TopicPartition),
    /// When a producer gives up on what it could not deliver (`delivery.timeout.ms`).
    DeliveryTimeout,
    /// When the application of a producer sends the next of its workload.
    Workload,
    /// When a producer's `send` has waited for metadata or memory for as long as it may (`max.block.ms`).
    MaxBlock,
    /// When a producer asks again for a producer id.
    InitProducerId,
    /// When a client asks again for metadata.
    MetadataRefresh,
    /// When what a client knows of the metadata is too old (`metadata.max.age.ms`).
    MetadataExpiry,
    /// When a consumer polls a broker again after an error.
    Poll(NodeId),
    /// When a broker that leads a partition of `__consumer_offsets` has read it.
    GroupsLoaded(TopicPartition),
    /// When what a coordinator wrote has waited long enough to be committed.
    OffsetsCommit(TopicPartition, u64),
    /// When a coordinator has not heard of a member for its session timeout.
    GroupSession(Arc<str>, Arc<str>),
    /// When a coordinator does not wait any longer for a member to give up partitions.
    GroupRevocation(Arc<str>, Arc<str>),
    /// When a coordinator does not wait any longer for members to join.
    GroupJoin(Arc<str>),
    /// When a coordinator does not wait any longer for members to ask for their assignment.
    GroupSync(Arc<str>),
    /// When a coordinator looks for offsets that nobody uses.
    OffsetsRetention,
    /// When a consumer or a producer looks for its coordinator again, or asks it again.
    GroupRetry,
    /// When a consumer sends its next heartbeat (`heartbeat.interval.ms`).
    GroupHeartbeat,
    /// When a consumer has not heard of its coordinator for its session timeout.
    CoordinatorSilent,
    /// When a consumer that waits for records commits its positions (`auto.commit.interval.ms`).
    AutoCommit,
    /// When the application is done with a record.
    Processing,
    /// When the application should have called poll (`max.poll.interval.ms`).
    MaxPollInterval,
    /// When a broker that leads a partition of `__transaction_state` has read it.
    TransactionsLoaded(TopicPartition),
    /// When a transaction coordinator sees again to the markers of a transaction.
    TransactionMarkers(Arc<str>),
    /// When a transaction coordinator looks for transactions that are open for too long.
    AbortTimedOutTransactions,
    /// When a transaction coordinator looks for transactional ids that nobody uses any more.
    ExpireTransactionalIds,
}

/// A request that waits for its reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PendingCall {
    pub to: NodeId,
    pub call: Call,
    pub api: crate::protocol::Api,
    pub sent_event: EventId,
    deadline: AgendaKey,
}

/// Where the answer to a request goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReplyTo {
    pub to: Address,
    pub correlation_id: u32,
    /// acks=0: the sender wants no answer.
    pub expected: bool,
}

/// When something is due; the second number keeps the order in which things were planned.
pub(crate) type AgendaKey = (SimTime, u64);

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Pending {
    Deliver(Arc<Envelope>),
    Timer {
        owner: Address,
        timer: Timer,
        set_by: Option<EventId>,
    },
    CallTimeout {
        from: Address,
        correlation_id: u32,
    },
    /// A slow disk has done what the arrival needs; `start` is as below.
    DiskServed {
        node: NodeId,
        start: u64,
        arrival: Box<crate::node::Arrival>,
    },
    /// What had waited for a paused process is handed to it, one thing a step. `start` is the
    /// process for which it waited.
    Resumed {
        node: NodeId,
        start: u64,
        arrival: Box<crate::node::Arrival>,
    },
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct World {
    pub spec: Arc<ClusterSpec>,
    /// `cluster.id`, as it is written on every disk.
    pub cluster_id: Arc<str>,
    pub now: SimTime,
    pub network: Network,
    /// Events of the step being made; taken by the cluster at its end.
    pub events: Vec<Event>,
    /// Metadata records below this offset have been told as events, whichever controller committed
    /// them first.
    pub metadata_told: i64,
    next_event: u64,
    planned: u64,
    next_correlation: u32,
    agenda: BTreeMap<AgendaKey, Pending>,
    timers: BTreeMap<(Address, Timer), AgendaKey>,
    calls: BTreeMap<(Address, u32), PendingCall>,
}

impl World {
    pub fn new(spec: Arc<ClusterSpec>) -> Self {
        let draw = mix(&[spec.seed, 0xc1]);
        World {
            cluster_id: Uuid::from_random(draw, mix(&[draw])).to_string().into(),
            now: SimTime::ZERO,
            network: Network::new(spec.seed, spec.network_delay_us, spec.network_damage_per_mille),
            spec,
            events: Vec::new(),
            metadata_told: 0,
            next_event: 0,
            planned: 0,
            next_correlation: 0,
            agenda: BTreeMap::new(),
            timers: BTreeMap::new(),
            calls: BTreeMap::new(),
        }
    }

    pub fn next_event_id(&self) -> EventId {
        EventId(self.next_event)
    }

    pub fn emit(&mut self, place: Address, cause: Option<EventId>, kind: EventKind) -> EventId {
        let id = EventId(self.next_event);
        self.next_event += 1;
        self.events.push(Event { id, at: self.now, place, cause, kind });
        id
    }

    /// Forgets a command that was refused before it did anything.
    pub fn take_back(&mut self, event: EventId) {
        debug_assert_eq!(self.events.last().map(|last| last.id), Some(event));
        self.events.clear();
        self.next_event = event.0;
    }

    pub fn plan(&mut self, at: SimTime, pending: Pending) -> AgendaKey {
        let key = (at.max(self.now), self.planned);
        self.planned += 1;
        self.agenda.insert(key, pending);
        key
    }

    /// When the next pending thing is due.
    pub fn next_due(&self) -> Option<SimTime> {
        self.agenda.keys().next().map(|&(at, _)| at)
    }

    /// Takes the earliest pending thing and moves the clock to it.
    pub fn take_next(&mut self) -> Option<Pending> {
        let (key, pending) = self.agenda.pop_first()?;
        self.now = key.0;
        if let Pending::Timer { owner, timer, .. } = &pending {
            self.timers.remove(&(*owner, timer.clone()));
        }
        Some(pending)
    }

    pub fn envelopes(&self) -> impl Iterator<Item = &Arc<Envelope>> {
        self.agenda.values().filter_map(|pending| match pending {
            Pending::Deliver(envelope) => Some(envelope),
            _ => None,
        })
    }

    pub fn timer_due(&self, owner: Address, timer: &Timer) -> Option<SimTime> {
        self.timers.get(&(owner, timer.clone())).map(|key| key.0)
    }

    fn send(
        &mut self,
        from: Address,
        to: Address,
        correlation_id: u32,
        body: Body,
        cause: Option<EventId>,
    ) -> EventId {
        let (api, direction) = (body.api(), body.direction());
        let Passage { id, deliver_at, copy_at } = self.network.schedule(from, to, api, self.now);
        let kind = EventKind::EnvelopeSent { envelope: id, api, direction, deliver_at };
        let sent_event = self.emit(from, cause, kind);
        let body = self.network.carry(id, body);
        let envelope =
            Envelope { id, sent_at: self.now, deliver_at, sent_event, correlation_id, body };
        let envelope = Arc::new(envelope);
        if let Some(copy_at) = copy_at {
            self.send_copy(&envelope, copy_at, sent_event);
        }
        self.plan(deliver_at, Pending::Deliver(envelope));
        sent_event
    }

    /// Sends a message once more, as it is: whoever gets it cannot tell.
    pub fn send_copy(&mut self, original: &Envelope, deliver_at: SimTime, cause: EventId) {
        let id = EnvelopeId { copy: self.copies_of(original.id) + 1, ..original.id };
        let (api, direction) = (original.api(), original.body.direction());
        let kind = EventKind::EnvelopeDuplicated { envelope: id, api, direction, deliver_at };
        let sent_event = self.emit(id.from, Some(cause), kind);
        let sent_at = self.now;
        let copy = Envelope { id, sent_at, deliver_at, sent_event, ..original.clone() };
        self.plan(deliver_at, Pending::Deliver(Arc::new(copy)));
    }

    /// The highest copy of the message that is under way.
    fn copies_of(&self, id: EnvelopeId) -> u32 {
        let same = |other: &EnvelopeId| (other.from, other.to, other.n) == (id.from, id.to, id.n);
        self.envelopes().map(|e| e.id).filter(same).map(|e| e.copy).max().unwrap_or(0)
    }

    /// Takes a message off the wire.
    pub fn take_envelope(&mut self, id: EnvelopeId) -> Option<Arc<Envelope>> {
        let find = |(key, pending): (&AgendaKey, &Pending)| match pending {
            Pending::Deliver(envelope) if envelope.id == id => Some(*key),
            _ => None,
        };
        let key = self.agenda.iter().find_map(find)?;
        match self.agenda.remove(&key) {
            Some(Pending::Deliver(envelope)) => Some(envelope),
            _ => None,
        }
    }

    /// Messages of the same direction as `id` that are under way, soonest first.
    pub fn convoy(&self, id: EnvelopeId) -> Vec<(EnvelopeId, SimTime)> {
        let same = |e: &&Arc<Envelope>| (e.id.from, e.id.to) == (id.from, id.to);
        self.envelopes().filter(same).map(|e| (e.id, e.deliver_at)).collect()
    }

    /// Gives a message that is under way another time of arrival.
    pub fn move_envelope(&mut self, id: EnvelopeId, deliver_at: SimTime, cause: EventId) {
        let Some(envelope) = self.take_envelope(id) else {
            return;
        };
        let moved = Arc::new(Envelope { deliver_at, ..(*envelope).clone() });
        let (api, direction) = (moved.api(), moved.body.direction());
        let kind = EventKind::EnvelopeMoved { envelope: id, api, direction, deliver_at };
        self.emit(id.to, Some(cause), kind);
        self.plan(deliver_at, Pending::Deliver(moved));
    }

    /// The host of `from` tells `to` that no process will answer.
    pub fn send_reset(
        &mut self,
        from: NodeId,
        to: ReplyTo,
        api: crate::protocol::Api,
        cause: EventId,
    ) {
        self.send(from.into(), to.to, to.correlation_id, Body::Reset(api), Some(cause));
    }

    pub fn take_call(&mut self, from: Address, correlation_id: u32) -> Option<PendingCall> {
        let call = self.calls.remove(&(from, correlation_id))?;
        self.agenda.remove(&call.deadline);
        Some(call)
    }

    /// Requests that wait for an answer from `node`.
    pub fn calls_to(&self, node: NodeId) -> Vec<(ReplyTo, crate::protocol::Api)> {
        self.calls
            .iter()
            .filter(|(_, call)| call.to == node)
            .map(|(&(to, correlation_id), call)| {
                (ReplyTo { to, correlation_id, expected: true }, call.api)
            })
            .collect()
    }

    /// A process is gone: nobody waits for its replies, its timers mean nothing.
    pub fn forget_process(&mut self, owner: Address) {
        let calls: Vec<_> = self.keys_of_calls(owner);
        for correlation_id in calls {
            self.take_call(owner, correlation_id);
        }
        let timers: Vec<Timer> = self
            .timers
            .range((owner, Timer::WriteBack)..)
            .take_while(|((address, _), _)| *address == owner)
            .map(|((_, timer), _)| timer.clone())
            .filter(|timer| *timer != Timer::WriteBack)
            .collect();
        for timer in timers {
            self.cancel_timer(owner, timer);
        }
    }

    fn keys_of_calls(&self, owner: Address) -> Vec<u32> {
        self.calls
            .range((owner, 0)..=(owner, u32::MAX))
            .map(|(&(_, correlation_id), _)| correlation_id)
            .collect()
    }

    pub fn set_timer(
        &mut self,
        owner: Address,
        timer: Timer,
        at: SimTime,
        set_by: Option<EventId>,
    ) {
        self.cancel_timer(owner, timer.clone());
        let key = self.plan(at, Pending::Timer { owner, timer: timer.clone(), set_by });
        self.timers.insert((owner, timer), key);
    }

    pub fn cancel_timer(&mut self, owner: Address, timer: Timer) {
        if let Some(key) = self.timers.remove(&(owner, timer)) {
            self.agenda.remove(&key);
        }
    }
}

/// What a process may do to the world while it handles something: `here` is the process, `cause` the
/// event that everything it does now follows from.
pub struct Ctx<'a> {
    pub(crate) world: &'a mut World,
    pub here: Address,
    pub cause: EventId,
}

impl Ctx<'_> {
    pub fn now(&self) -> SimTime {
        self.world.now
    }

    pub fn spec(&self) -> Arc<ClusterSpec> {
        self.world.spec.clone()
    }

    pub fn is_mutant(&self, mutant: Mutant) -> bool {
        // Runs without mutants, which are nearly all, pay for one comparison.
        !self.world.spec.mutants.is_empty() && self.world.spec.mutants.contains(&mutant)
    }

    pub fn emit(&mut self, kind: impl Into<EventKind>) -> EventId {
        self.world.emit(self.here, Some(self.cause), kind.into())
    }

    /// The same process, with what follows caused by `cause`.
    pub fn because(&mut self, cause: EventId) -> Ctx<'_> {
        Ctx { world: self.world, here: self.here, cause }
    }

    /// Sends a request whose reply, or failure after `timeout_ms`, comes back with `call`.
    pub fn request(&mut self, to: NodeId, request: Request, timeout_ms: u64, call: Call) -> u32 {
        let correlation_id = self.world.next_correlation;
        self.world.next_correlation += 1;
        let api = request.api();
        let from = self.here;
        let sent_event = self.world.send(
            from,
            to.into(),
            correlation_id,
            Body::Request(request),
            Some(self.cause),
        );
        let at = self.now().plus_millis(timeout_ms);
        let deadline = self.world.plan(at, Pending::CallTimeout { from, correlation_id });
        let pending = PendingCall { to, call, api, sent_event, deadline };
        self.world.calls.insert((from, correlation_id), pending);
        correlation_id
    }

    /// Sends a request that nobody will answer (acks=0).
    pub fn request_without_reply(&mut self, to: NodeId, request: Request) -> EventId {
        let correlation_id = self.world.next_correlation;
        self.world.next_correlation += 1;
        self.world.send(
            self.here,
            to.into(),
            correlation_id,
            Body::Request(request),
            Some(self.cause),
        )
    }

    /// Stops waiting for every reply that is about this partition alone.
    pub fn forget_calls_about(&mut self, id: &TopicPartition) {
        for correlation_id in self.world.keys_of_calls(self.here) {
            let call = &self.world.calls[&(self.here, correlation_id)].call;
            if call.partition() == Some(id) {
                self.forget_call(correlation_id);
            }
        }
    }

    /// Whether such a reply is awaited.
    pub fn waits_for(&self, which: impl Fn(&Call) -> bool) -> bool {
        let calls = self.world.keys_of_calls(self.here).into_iter();
        calls.map(|id| &self.world.calls[&(self.here, id)]).any(|pending| which(&pending.call))
    }

    /// Stops waiting for a reply.
    pub fn forget_call(&mut self, correlation_id: u32) {
        self.world.take_call(self.here, correlation_id);
    }

    pub fn respond(&mut self, reply_to: ReplyTo, response: Response) {
        if reply_to.expected {
            let body = Body::Response(response);
            self.world.send(
                self.here,
                reply_to.to,
                reply_to.correlation_id,
                body,
                Some(self.cause),
            );
        }
    }

    pub fn set_timer_in(&mut self, timer: Timer, ms: u64) {
        let at = self.now().plus_millis(ms);
        self.world.set_timer(self.here, timer, at, Some(self.cause));
    }

    pub fn has_timer(&self, timer: &Timer) -> bool {
        self.world.timer_due(self.here, timer).is_some()
    }

    pub fn cancel_timer(&mut self, timer: Timer) {
        self.world.cancel_timer(self.here, timer);
    }
}

/// The number of an envelope is enough to find it while it is on its way.
pub(crate) fn find_envelope(world: &World, id: EnvelopeId) -> Option<&Arc<Envelope>> {
    world.envelopes().find(|envelope| envelope.id == id)
}
