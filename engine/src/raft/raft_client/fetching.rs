//! How a voter that follows, and an observer, come to have the leader's log: records are fetched from
//! the end of its own on; where the leader's no longer goes back so far, its snapshot is fetched first,
//! part by part (KIP-630).

use super::RaftClient;
use crate::event::EventKind;
use crate::ids::{SnapshotId, Uuid};
use crate::protocol::*;
use crate::raft::metadata_log::metadata_partition;
use crate::raft::quorum_state::Role;
use crate::sim::disk::Disk;
use crate::spec::Mutant;
use crate::world::{Call, Ctx, Timer};

/// How long a fetch may wait at the leader (`KafkaRaftClient.MAX_FETCH_WAIT_MS`).
const FETCH_WAIT_MS: u64 = 500;
/// How long an observer waits before it turns to the next voter when the host of the last one refused
/// the connection; Kafka's wait grows from `reconnect.backoff.ms` to `reconnect.backoff.max.ms`.
const RECONNECT_MS: u64 = 500;

impl RaftClient {
    pub(super) fn fetch(&mut self, ctx: &mut Ctx<'_>) {
        if self.quorum.is_voter() && self.quorum.leader.is_none() {
            return;
        }
        self.fetch_round += 1;
        let me = self.quorum.me;
        let settings = &ctx.world.spec.broker;
        let request = match self.fetching_snapshot {
            Some((snapshot_id, position)) => Request::FetchSnapshot(FetchSnapshotRequest {
                replica: me,
                current_leader_epoch: self.quorum.epoch,
                snapshot_id,
                position,
                max_bytes: settings.controller_quorum_fetch_snapshot_max_bytes,
            }),
            None => Request::Fetch(FetchRequest {
                fetcher: Fetcher::Replica { id: me, broker_epoch: -1 },
                rack_id: None,
                isolation: IsolationLevel::ReadUncommitted,
                max_wait_ms: FETCH_WAIT_MS,
                min_bytes: 1,
                max_bytes: settings.controller_quorum_fetch_max_bytes,
                session: FetchMetadata::SESSIONLESS,
                partitions: vec![FetchPartition {
                    topic_id: Uuid::ZERO,
                    partition: metadata_partition(),
                    current_leader_epoch: self.quorum.epoch,
                    fetch_offset: self.log.log_end_offset(),
                    last_fetched_epoch: self.log.last_epoch(),
                    log_start_offset: self.log.log_start_offset(),
                    max_bytes: u32::MAX,
                    high_watermark: self.high_watermark(),
                }],
                forgotten: Vec::new(),
            }),
        };
        let timeout_ms = settings.controller_quorum_request_timeout_ms;
        let call = Call::QuorumFetch { round: self.fetch_round };
        ctx.request(self.leader_or_guess(), request, timeout_ms, call);
    }

    pub(super) fn on_fetch_reply(
        &mut self,
        ctx: &mut Ctx<'_>,
        disk: &mut Disk,
        round: u64,
        reply: Reply,
    ) {
        let follows = matches!(self.quorum.role, Role::Follower { .. }) || !self.quorum.is_voter();
        if round != self.fetch_round || !follows {
            return;
        }
        let before = (self.quorum.epoch, self.quorum.leader);
        let heard = match &reply {
            Reply::Response(Response::Fetch(response)) => {
                response.partitions.first().and_then(|data| data.current_leader)
            }
            Reply::Response(Response::FetchSnapshot(answer)) => Some(answer.current_leader),
            _ => None,
        };
        if let Some(heard) = heard {
            self.observe(ctx, disk, heard);
        }
        if before != (self.quorum.epoch, self.quorum.leader) {
            return;
        }
        let taken = match reply {
            Reply::Response(Response::Fetch(response)) => {
                let data = response.partitions.into_iter().next();
                data.is_some_and(|data| self.on_fetched(ctx, disk, data))
            }
            Reply::Response(Response::FetchSnapshot(answer)) => {
                self.on_snapshot_part(ctx, disk, answer)
            }
            Reply::TimedOut | Reply::Disconnected | Reply::Response(_) => false,
        };
        if taken {
            self.leader_lost = false;
            return self.fetch(ctx);
        }
        // A voter has its election timeout; an observer finds out otherwise where the leader is.
        let mut retry_ms = ctx.world.spec.broker.controller_quorum_retry_backoff_ms;
        if !self.quorum.is_voter() {
            self.asked += 1;
            // Who led and no longer does would go on to answer that it knows nobody.
            self.leader_lost = heard.is_none_or(|heard| heard.leader.is_none());
            if heard.is_none() {
                retry_ms = RECONNECT_MS;
            }
        }
        ctx.set_timer_in(Timer::QuorumFetch, retry_ms);
    }

    /// Answers whether the leader's answer was one to go on from.
    fn on_fetched(&mut self, ctx: &mut Ctx<'_>, disk: &mut Disk, data: PartitionData) -> bool {
        if data.error.is_some() {
            return false;
        }
        self.heard_leader(ctx);
        let node = self.quorum.me;
        if let Some(id) = data.snapshot_id {
            if !self.log.has_snapshot(id) {
                self.fetching_snapshot = Some((id, 0));
                self.log.drop_partial(disk, id);
                ctx.emit(EventKind::SnapshotFetchStarted { node, id });
            }
            return true;
        }
        if let Some(diverging) = data.diverging_epoch {
            let (from, to) = self.log.truncate_to_diverging(disk, diverging);
            ctx.emit(EventKind::MetadataTruncated { node, from, to });
            // What is left may part from the leader's further down: its mark says nothing of it yet.
            return true;
        }
        if !data.records.is_empty() {
            let (epoch, now) = (self.quorum.epoch, ctx.now());
            if self.log.append_as_follower(disk, &data.records, epoch, now).is_err() {
                return false;
            }
            if self.quorum.is_voter() && !ctx.is_mutant(Mutant::VoterFlushesLater) {
                // What it fetches at next, it says to have: so it must be durable.
                let end = self.log.log_end_offset();
                self.log.flush(disk, end);
            }
        }
        let known = data.high_watermark.min(self.log.log_end_offset());
        if known > self.high_watermark() {
            self.log.update_high_watermark(known);
        }
        true
    }

    fn on_snapshot_part(
        &mut self,
        ctx: &mut Ctx<'_>,
        disk: &mut Disk,
        answer: FetchSnapshotResponse,
    ) -> bool {
        let Some((id, position)) = self.fetching_snapshot else {
            return false;
        };
        if answer.error.is_some() {
            // The leader may have let it go: its next answer names another, or none.
            self.forget_partial_snapshot(disk);
            return false;
        }
        if (answer.snapshot_id, answer.position) != (id, position) {
            return false;
        }
        self.heard_leader(ctx);
        let position = position + answer.bytes.len() as u64;
        self.log.append_partial(disk, id, answer.bytes, ctx.now());
        self.fetching_snapshot = Some((id, position));
        if position == answer.size {
            self.fetching_snapshot = None;
            self.log.freeze_partial(disk, id);
            let node = self.quorum.me;
            ctx.emit(EventKind::SnapshotFetched { node, id, bytes: position });
        }
        true
    }

    pub(super) fn forget_partial_snapshot(&mut self, disk: &mut Disk) {
        if let Some((id, _)) = self.fetching_snapshot.take() {
            self.log.drop_partial(disk, id);
        }
    }

    pub fn fetching_snapshot(&self) -> Option<SnapshotId> {
        self.fetching_snapshot.map(|(id, _)| id)
    }

    fn heard_leader(&mut self, ctx: &mut Ctx<'_>) {
        self.quorum.role = Role::Follower { has_fetched: true };
        self.expect_leader(ctx);
    }
}
