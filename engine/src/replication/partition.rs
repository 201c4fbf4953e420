//! One replica of a partition: its log, and, where this broker leads, what it knows of the others:
//! their log end offsets, the ISR, and through them the high watermark (`kafka.cluster.Partition`).
//!
//! The leader's high watermark is the least log end offset of the *maximal* ISR (the larger of the
//! committed and the proposed one) and of caught-up replicas that may join it. It never goes back
//! within a leader epoch, and stands still while the ISR is below min.insync.replicas.
//!
//! Fetching is in [`super::replica_fetcher`]; who waits for what in [`super::purgatory`].

use super::append::{Appended, Appender, tell_refused_sequence, tell_what_came_with};
use crate::controller::metadata_image::MetadataImage;
use crate::controller::partition_registration::PartitionRegistration;
use crate::event::{EventKind, Role, TransactionEvent};
use crate::ids::{EventId, NodeId, TopicPartition, Uuid};
use crate::log::unified_log::UnifiedLog;
use crate::protocol::KafkaError;
use crate::record::record_batch::RecordBatch;
use crate::sim::disk::Disk;
use crate::sim::time::SimTime;
use crate::spec::Mutant;
use crate::world::Ctx;
use std::collections::BTreeMap;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Partition {
    pub id: TopicPartition,
    /// Of the topic, as the metadata say: another of that name has another.
    pub topic_id: Uuid,
    pub log: UnifiedLog,
    pub replicas: Vec<NodeId>,
    /// The ISR that the controller has committed.
    pub isr: Vec<NodeId>,
    pub leader: Option<NodeId>,
    pub leader_epoch: i32,
    pub partition_epoch: i32,
    /// What only the leader keeps.
    pub leading: Option<LeaderState>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeaderState {
    /// Where the log ended when this epoch began.
    pub epoch_start_offset: i64,
    pub remote: BTreeMap<NodeId, ReplicaState>,
    /// An ISR proposed by AlterPartition, not yet committed. At most one.
    pub pending_isr: Option<PendingIsr>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PendingIsr {
    pub proposed: Vec<NodeId>,
    /// The event that led to the proposal.
    pub asked_by: EventId,
}

/// What a leader knows of a follower (`ReplicaState`). Changed only when a fetch is served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplicaState {
    /// The offset it fetches at: it has everything below. -1 until its first fetch in this epoch.
    pub log_end_offset: i64,
    /// Where its log starts, as it said; -1 until then.
    pub log_start_offset: i64,
    /// The last moment at which it had everything that the leader then had.
    pub last_caught_up: Option<SimTime>,
    pub last_fetch_leader_end_offset: i64,
    pub last_fetch: Option<SimTime>,
    /// The broker epoch in its last fetch; -1 until its first.
    pub broker_epoch: i64,
}

impl ReplicaState {
    /// Whether a consumer could read on from there, as far as the leader knows.
    pub fn has(&self, offset: i64) -> bool {
        (self.log_start_offset..=self.log_end_offset).contains(&offset)
    }

    /// Before its first fetch.
    fn new(last_caught_up: Option<SimTime>) -> Self {
        ReplicaState {
            log_end_offset: -1,
            log_start_offset: -1,
            last_caught_up,
            last_fetch_leader_end_offset: 0,
            last_fetch: None,
            broker_epoch: -1,
        }
    }

    pub fn is_caught_up(&self, leader_end_offset: i64, clock: LagClock) -> bool {
        let recently = |at| clock.now.since(at) <= clock.lag_ms_max * 1000;
        self.log_end_offset == leader_end_offset || self.last_caught_up.is_some_and(recently)
    }
}

/// What lag is measured by.
#[derive(Clone, Copy, Debug)]
pub struct LagClock {
    pub now: SimTime,
    /// `replica.lag.time.max.ms`
    pub lag_ms_max: u64,
}

impl LagClock {
    fn of(ctx: &Ctx<'_>) -> Self {
        LagClock { now: ctx.now(), lag_ms_max: ctx.world.spec.broker.replica_lag_time_max_ms }
    }
}

/// Why a follower's log end offset counts for the high watermark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counts {
    InIsr,
    /// The leader has proposed it; the larger ISR counts already.
    Proposed,
    /// Outside, but caught up: it may join at any moment.
    MayJoin,
}

/// What keeps a follower from joining the ISR.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JoinObstacle {
    /// One change at a time: the controller has yet to answer the last.
    ChangePending,
    NeverFetched,
    BelowHighWatermark,
    BelowEpochStart {
        epoch_start_offset: i64,
    },
    /// Fenced, shutting down, or not the incarnation that the controller knows.
    NotEligible,
}

/// What changed at the leader, so that the replica manager can wake who waits for it.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Effects {
    pub high_watermark_moved: Option<EventId>,
    /// An ISR to propose to the controller.
    pub propose_isr: Option<EventId>,
}

impl Effects {
    pub fn merge(&mut self, other: Effects) {
        self.high_watermark_moved = self.high_watermark_moved.or(other.high_watermark_moved);
        self.propose_isr = self.propose_isr.or(other.propose_isr);
    }
}

/// min.insync.replicas as it counts for a partition: at most its replicas.
pub fn effective_min_isr(min_insync_replicas: i32, replicas: usize) -> usize {
    (min_insync_replicas.max(1) as usize).min(replicas.max(1))
}

impl Partition {
    pub fn new(id: TopicPartition, topic_id: Uuid, log: UnifiedLog) -> Self {
        Partition {
            id,
            topic_id,
            log,
            replicas: Vec::new(),
            isr: Vec::new(),
            leader: None,
            leader_epoch: -1,
            partition_epoch: -1,
            leading: None,
        }
    }

    pub fn is_leader(&self) -> bool {
        self.leading.is_some()
    }

    /// The larger of committed and proposed ISR: an expansion counts at once, a shrink only when it
    /// is committed.
    pub fn maximal_isr(&self) -> &[NodeId] {
        match self.leading.as_ref().and_then(|leading| leading.pending_isr.as_ref()) {
            Some(pending) if pending.proposed.len() > self.isr.len() => &pending.proposed,
            _ => &self.isr,
        }
    }

    pub fn effective_min_isr(&self) -> usize {
        effective_min_isr(self.log.config().min_insync_replicas, self.replicas.len())
    }

    /// Takes over leadership as the metadata say. Returns false if they are not newer.
    pub fn make_leader(
        &mut self,
        ctx: &mut Ctx<'_>,
        disk: &mut Disk,
        image: &MetadataImage,
        registration: &PartitionRegistration,
        me: NodeId,
    ) -> Option<Effects> {
        if !self.is_news(ctx, registration) {
            return None;
        }
        let new_epoch = registration.leader_epoch > self.leader_epoch || self.leading.is_none();
        self.take_over_metadata(registration);
        let mut because = ctx.cause;
        let others = registration.replicas.iter().filter(|&&node| node != me);
        if new_epoch {
            let start_offset = self.log.log_end_offset();
            if ctx.is_mutant(Mutant::SequenceNotCheckedAfterFailover) {
                self.log.forget_producers();
            }
            self.log.assign_epoch_start(disk, self.leader_epoch, start_offset);
            let caught_up = |node| registration.isr.contains(&node).then_some(ctx.now());
            let remote = others.map(|&node| (node, ReplicaState::new(caught_up(node)))).collect();
            self.leading =
                Some(LeaderState { epoch_start_offset: start_offset, remote, pending_isr: None });
            because = ctx.emit(EventKind::BecameLeader {
                partition: self.id.clone(),
                leader_epoch: self.leader_epoch,
                start_offset,
            });
        } else if let Some(leading) = &mut self.leading {
            // The metadata log carries what the controller committed; it settles the proposal.
            leading.pending_isr = None;
            // A reassignment brings replicas within an epoch.
            for &node in others {
                leading.remote.entry(node).or_insert_with(|| ReplicaState::new(None));
            }
        }
        let mut ctx = ctx.because(because);
        let high_watermark_moved = self.maybe_increment_leader_hw(&mut ctx, image);
        Some(Effects { high_watermark_moved, propose_isr: None })
    }

    /// Follows `registration.leader`, or nobody. Returns whether the leader epoch is new.
    pub fn make_follower(
        &mut self,
        ctx: &mut Ctx<'_>,
        registration: &PartitionRegistration,
    ) -> bool {
        if !self.is_news(ctx, registration) {
            return false;
        }
        let new_epoch = registration.leader_epoch > self.leader_epoch;
        self.take_over_metadata(registration);
        self.leading = None;
        if new_epoch {
            ctx.emit(EventKind::BecameFollower {
                partition: self.id.clone(),
                leader: self.leader,
                leader_epoch: self.leader_epoch,
            });
        }
        new_epoch
    }

    /// The controller's answer to AlterPartition may have told more than the metadata do by now.
    fn is_news(&self, ctx: &Ctx<'_>, registration: &PartitionRegistration) -> bool {
        registration.partition_epoch > self.partition_epoch
            || ctx.is_mutant(Mutant::StaleMetadataTaken)
    }

    fn take_over_metadata(&mut self, registration: &PartitionRegistration) {
        self.replicas.clone_from(&registration.replicas);
        self.isr.clone_from(&registration.isr);
        self.leader = registration.leader;
        self.leader_epoch = registration.leader_epoch;
        self.partition_epoch = registration.partition_epoch;
    }

    /// Appends a producer's batch. acks=all is refused before anything is written if the ISR is too
    /// small.
    pub fn append_to_leader(
        &mut self,
        ctx: &mut Ctx<'_>,
        disk: &mut Disk,
        image: &MetadataImage,
        batch: &RecordBatch,
        Appender { origin, acks_all, by }: Appender,
    ) -> Result<Appended, KafkaError> {
        if !self.is_leader() {
            return Err(KafkaError::NotLeaderOrFollower);
        }
        let too_few = self.isr.len() < self.effective_min_isr();
        if acks_all && too_few && !ctx.is_mutant(Mutant::AcknowledgeBeforeMinInsync) {
            return Err(KafkaError::NotEnoughReplicas);
        }
        let info =
            match self.log.append_as_leader_from(by, disk, batch, self.leader_epoch, ctx.now()) {
                Ok(info) => info,
                Err(error) => return Err(tell_refused_sequence(ctx, &self.id, batch, &error)),
            };
        if info.is_duplicate {
            // It is answered as it was then, once it is committed.
            let event = ctx.emit(EventKind::DuplicateRecognised {
                partition: self.id.clone(),
                producer_id: batch.producer_id(),
                sequences: (batch.base_sequence(), batch.last_sequence()),
                base_offset: info.first_offset,
            });
            // As after every append: an ISR that was asked for may have been given up meanwhile.
            let moved = self.maybe_increment_leader_hw(&mut ctx.because(event), image);
            let high_watermark_moved = moved.or(Some(event));
            return Ok(Appended {
                base_offset: info.first_offset,
                last_offset: info.last_offset,
                event,
                effects: Effects { high_watermark_moved, propose_isr: None },
            });
        }
        let event = ctx.emit(EventKind::RecordsAppended {
            partition: self.id.clone(),
            base_offset: info.first_offset,
            last_offset: info.last_offset,
            bytes: info.bytes,
            leader_epoch: self.leader_epoch,
            role: Role::Leader,
            origin,
        });
        tell_what_came_with(&mut ctx.because(event), &self.id, &info);
        // A leader alone in its ISR commits by itself.
        let high_watermark_moved = self.maybe_increment_leader_hw(&mut ctx.because(event), image);
        Ok(Appended {
            base_offset: info.first_offset,
            last_offset: info.last_offset,
            event,
            effects: Effects { high_watermark_moved, propose_isr: None },
        })
    }

    /// Notes that `follower` fetched at `offset`: it has everything from the start of its log up to there.
    /// May move the high watermark and may let the follower into the ISR.
    pub fn observe_follower_fetch(
        &mut self,
        ctx: &mut Ctx<'_>,
        image: &MetadataImage,
        follower: NodeId,
        (offset, log_start_offset, broker_epoch): (i64, i64, i64),
    ) -> Effects {
        let leader_end_offset = self.log.log_end_offset();
        let now = ctx.now();
        let Some(state) =
            self.leading.as_mut().and_then(|leading| leading.remote.get_mut(&follower))
        else {
            return Effects::default();
        };
        if offset >= leader_end_offset {
            state.last_caught_up = state.last_caught_up.max(Some(now));
        } else if offset >= state.last_fetch_leader_end_offset {
            state.last_caught_up = state.last_caught_up.max(state.last_fetch);
        }
        let moved = state.log_end_offset != offset;
        state.log_end_offset = offset;
        state.log_start_offset = log_start_offset;
        state.last_fetch_leader_end_offset = leader_end_offset;
        state.last_fetch = Some(now);
        state.broker_epoch = broker_epoch;
        let cause = if moved {
            ctx.emit(EventKind::FollowerCaughtUpTo {
                partition: self.id.clone(),
                follower,
                log_end_offset: offset,
            })
        } else {
            ctx.cause
        };
        let mut ctx = ctx.because(cause);
        let propose_isr = self.maybe_expand_isr(&mut ctx, image, follower);
        // Only a fetch that reports progress, or that widens the maximal ISR, can move it.
        let high_watermark_moved =
            if moved { self.maybe_increment_leader_hw(&mut ctx, image) } else { None };
        Effects { high_watermark_moved, propose_isr }
    }

    /// Notes that `follower` has fetched at the log end, up to `at`, without a word: it has everything.
    pub fn observe_idle_fetch(&mut self, follower: NodeId, at: SimTime) {
        let end = self.log.log_end_offset();
        let leading = self.leading.as_mut();
        let state = leading.and_then(|leading| leading.remote.get_mut(&follower));
        if let Some(state) = state.filter(|state| state.log_end_offset == end) {
            state.last_caught_up = state.last_caught_up.max(Some(at));
            state.last_fetch = state.last_fetch.max(Some(at));
        }
    }

    /// What keeps `follower`, which is outside, from joining the ISR: it has to have reached the high
    /// watermark and the start of this leader epoch, to be active, and the same incarnation that the
    /// controller knows.
    pub fn obstacles_to_join(
        &self,
        image: &MetadataImage,
        follower: NodeId,
    ) -> impl Iterator<Item = JoinObstacle> {
        let leading = self.leading.as_ref();
        let is_pending = leading.is_some_and(|leading| leading.pending_isr.is_some());
        let epoch_start_offset = leading.map_or(0, |leading| leading.epoch_start_offset);
        let state = leading.and_then(|leading| leading.remote.get(&follower));
        let state = state.filter(|state| state.log_end_offset >= 0);
        let ends_below = |offset| state.is_some_and(|state| state.log_end_offset < offset);
        let is_eligible =
            state.is_none_or(|state| is_isr_eligible(image, follower, state.broker_epoch));
        [
            (is_pending, JoinObstacle::ChangePending),
            (state.is_none(), JoinObstacle::NeverFetched),
            (ends_below(self.log.high_watermark()), JoinObstacle::BelowHighWatermark),
            (ends_below(epoch_start_offset), JoinObstacle::BelowEpochStart { epoch_start_offset }),
            (!is_eligible, JoinObstacle::NotEligible),
        ]
        .into_iter()
        .filter_map(|(is_there, obstacle)| is_there.then_some(obstacle))
    }

    fn maybe_expand_isr(
        &mut self,
        ctx: &mut Ctx<'_>,
        image: &MetadataImage,
        follower: NodeId,
    ) -> Option<EventId> {
        let is_outside = self.is_leader() && !self.isr.contains(&follower);
        let counts = |obstacle: JoinObstacle| match obstacle {
            JoinObstacle::BelowHighWatermark => {
                !ctx.is_mutant(Mutant::ExpansionIgnoresHighWatermark)
            }
            JoinObstacle::BelowEpochStart { .. } => {
                !ctx.is_mutant(Mutant::ExpansionIgnoresEpochStart)
            }
            _ => true,
        };
        if !is_outside || self.obstacles_to_join(image, follower).any(counts) {
            return None;
        }
        let event =
            ctx.emit(EventKind::IsrExpandAsked { partition: self.id.clone(), added: follower });
        let mut proposed = self.isr.clone();
        proposed.push(follower);
        self.propose(proposed, event);
        Some(event)
    }

    /// Members of the ISR that have not been caught up for `replica.lag.time.max.ms`, unless the ISR
    /// is being changed already.
    pub fn lagging(&self, ctx: &Ctx<'_>, me: NodeId) -> Vec<NodeId> {
        let clock = LagClock::of(ctx);
        let Some(leading) = self.leading.as_ref().filter(|l| l.pending_isr.is_none()) else {
            return Vec::new();
        };
        let end = self.log.log_end_offset();
        let lags = |node: &NodeId| {
            *node != me && leading.remote.get(node).is_some_and(|r| !r.is_caught_up(end, clock))
        };
        self.isr.iter().copied().filter(lags).collect()
    }

    /// Whether it leads and somebody in its ISR lacks what it has. Nobody else will ever lag, unless
    /// something changes.
    pub fn may_lag(&self, me: NodeId) -> bool {
        let end = self.log.log_end_offset();
        self.leading.as_ref().is_some_and(|leading| {
            let lacks = |node: &NodeId| {
                leading.remote.get(node).is_some_and(|state| state.log_end_offset != end)
            };
            self.isr.iter().any(|node| *node != me && lacks(node))
        })
    }

    /// Proposes to drop those members of the ISR.
    pub fn maybe_shrink_isr(&mut self, ctx: &mut Ctx<'_>, me: NodeId) -> Option<EventId> {
        let removed = self.lagging(ctx, me);
        if removed.is_empty() {
            return None;
        }
        let now = ctx.now();
        let leading = self.leading.as_ref()?;
        let lag_ms = removed
            .iter()
            .filter_map(|node| leading.remote[node].last_caught_up)
            .map(|at| now.since(at) / 1000)
            .max()
            .unwrap_or(0);
        let proposed = self.isr.iter().copied().filter(|node| !removed.contains(node)).collect();
        let event =
            ctx.emit(EventKind::IsrShrinkAsked { partition: self.id.clone(), removed, lag_ms });
        self.propose(proposed, event);
        Some(event)
    }

    /// A leader keeps its ISR as a set: what it asks for is in the order of ids, whoever came last.
    fn propose(&mut self, mut proposed: Vec<NodeId>, asked_by: EventId) {
        proposed.sort_unstable();
        if let Some(leading) = &mut self.leading {
            leading.pending_isr = Some(PendingIsr { proposed, asked_by });
        }
    }

    /// The controller has committed an ISR. An answer older than the metadata is ignored.
    pub fn commit_isr(
        &mut self,
        ctx: &mut Ctx<'_>,
        image: &MetadataImage,
        leader_epoch: i32,
        partition_epoch: i32,
        isr: Vec<NodeId>,
    ) -> Effects {
        let Some(leading) = &mut self.leading else {
            return Effects::default();
        };
        if leader_epoch != self.leader_epoch || partition_epoch <= self.partition_epoch {
            return Effects::default();
        }
        leading.pending_isr = None;
        self.isr.clone_from(&isr);
        self.partition_epoch = partition_epoch;
        let event = ctx.emit(EventKind::IsrCommitted { partition: self.id.clone(), isr });
        let high_watermark_moved = self.maybe_increment_leader_hw(&mut ctx.because(event), image);
        Effects { high_watermark_moved, propose_isr: None }
    }

    /// The proposal was turned down: the committed ISR stands.
    pub fn drop_proposal(&mut self) {
        if let Some(leading) = &mut self.leading {
            leading.pending_isr = None;
        }
    }

    /// Whether the high watermark waits for `node`, and as what.
    pub fn counts(
        &self,
        image: &MetadataImage,
        clock: LagClock,
        node: NodeId,
        state: &ReplicaState,
    ) -> Option<Counts> {
        if self.isr.contains(&node) {
            return Some(Counts::InIsr);
        }
        if self.maximal_isr().contains(&node) {
            return Some(Counts::Proposed);
        }
        let may_join = state.is_caught_up(self.log.log_end_offset(), clock)
            && is_isr_eligible(image, node, state.broker_epoch);
        may_join.then_some(Counts::MayJoin)
    }

    /// Moves the high watermark as far as the rules allow; `None` if it stays.
    fn maybe_increment_leader_hw(
        &mut self,
        ctx: &mut Ctx<'_>,
        image: &MetadataImage,
    ) -> Option<EventId> {
        let leading = self.leading.as_ref()?;
        if self.isr.len() < self.effective_min_isr()
            && !ctx.is_mutant(Mutant::AcknowledgeBeforeMinInsync)
            && !ctx.is_mutant(Mutant::HighWatermarkIgnoresMinInsync)
        {
            return None;
        }
        let clock = LagClock::of(ctx);
        let ignore_pending = ctx.is_mutant(Mutant::HighWatermarkIgnoresPendingIsr);
        let ignore_shrink = ctx.is_mutant(Mutant::HighWatermarkIgnoresPendingShrink);
        let dropped = |node: &NodeId| {
            let pending = leading.pending_isr.as_ref().filter(|_| ignore_shrink);
            pending.is_some_and(|pending| !pending.proposed.contains(node))
        };
        let counts = |node: NodeId, state: &ReplicaState| match ignore_pending {
            true => self.isr.contains(&node),
            false => self.counts(image, clock, node, state).is_some() && !dropped(&node),
        };
        let least = leading
            .remote
            .iter()
            .filter(|(node, state)| counts(**node, state))
            .map(|(_, state)| state.log_end_offset)
            .fold(self.log.log_end_offset(), i64::min);
        let stable_before = self.log.last_stable_offset();
        let from = self.log.maybe_increment_high_watermark(least)?;
        let (to, stable) = (self.log.high_watermark(), self.log.last_stable_offset());
        let partition = self.id.clone();
        let kind = EventKind::HighWatermarkMoved { partition, from, to, role: Role::Leader };
        let event = ctx.emit(kind);
        if stable != stable_before && (stable_before, stable) != (from, to) {
            ctx.because(event).emit(TransactionEvent::LastStableOffsetMoved {
                partition: self.id.clone(),
                from: stable_before,
                to: stable,
                high_watermark: to,
            });
        }
        Some(event)
    }
}

/// Active in the metadata, and the same incarnation that fetched.
fn is_isr_eligible(image: &MetadataImage, node: NodeId, broker_epoch: i64) -> bool {
    image.brokers.get(&node).is_some_and(|broker| {
        broker.is_active() && (broker_epoch == -1 || broker_epoch == broker.broker_epoch)
    })
}
