//! What a voter answers: votes, the beginning and the end of epochs, and, as leader, the fetches of
//! the other voters and of the brokers.

use super::RaftClient;
use crate::event::{EventKind, ParkReason};
use crate::ids::NodeId;
use crate::protocol::*;
use crate::raft::metadata_log::{FetchPosition, metadata_partition, snapshot_path};
use crate::raft::quorum_state::Role;
use crate::sim::disk::Disk;
use crate::spec::Mutant;
use crate::world::{Ctx, ReplyTo, Timer};
use bytes::Bytes;
use std::sync::Arc;

impl RaftClient {
    pub fn on_vote(
        &mut self,
        ctx: &mut Ctx<'_>,
        disk: &mut Disk,
        request: VoteRequest,
    ) -> VoteResponse {
        let VoteRequest { candidate, epoch, pre_vote, .. } = request;
        let heard = LeaderAndEpoch { leader: None, epoch };
        self.observe(ctx, disk, heard);
        let own = (self.log.last_epoch(), self.log.log_end_offset());
        let up_to_date = ctx.is_mutant(Mutant::VoteIgnoresLog)
            || (request.last_epoch, request.last_epoch_end_offset) >= own;
        let twice = ctx.is_mutant(Mutant::VoteForgotten) && !pre_vote && up_to_date;
        let granted = epoch == self.quorum.epoch
            && (self.quorum.grants(candidate, up_to_date, pre_vote)
                || (twice && self.leading().is_none()));
        if granted && !pre_vote {
            self.quorum.voted = Some(candidate);
            self.quorum.persist(disk);
            if !matches!(self.quorum.role, Role::Unattached) {
                self.quorum.role = Role::Unattached;
            }
            let timeout_ms = self.draw_timeout_ms(ctx);
            ctx.set_timer_in(Timer::Election, timeout_ms);
        }
        let node = self.quorum.me;
        ctx.emit(EventKind::VoteCast { node, candidate, epoch, pre_vote, granted });
        VoteResponse { current_leader: self.current_leader(), granted }
    }

    pub fn on_begin_quorum_epoch(
        &mut self,
        ctx: &mut Ctx<'_>,
        disk: &mut Disk,
        request: EpochRequest,
    ) -> LeaderAndEpoch {
        self.observe(
            ctx,
            disk,
            LeaderAndEpoch { leader: Some(request.leader), epoch: request.epoch },
        );
        self.current_leader()
    }

    /// The leader goes; its successor need not wait for the fetch timeout.
    pub fn on_end_quorum_epoch(
        &mut self,
        ctx: &mut Ctx<'_>,
        disk: &mut Disk,
        request: &EndQuorumEpochRequest,
    ) -> LeaderAndEpoch {
        let heard = LeaderAndEpoch { leader: Some(request.leader), epoch: request.epoch };
        self.observe(ctx, disk, heard);
        let follows = matches!(self.quorum.role, Role::Follower { .. });
        if follows && self.quorum.leader == Some(request.leader) && self.epoch() == request.epoch {
            let place = request.preferred_successors.iter().position(|id| *id == self.quorum.me);
            let most = ctx.world.spec.broker.controller_quorum_election_backoff_max_ms;
            let backoff_ms = match place {
                Some(0) => 0,
                Some(place) => (50 << place.min(10)).min(most),
                None => most,
            };
            ctx.set_timer_in(Timer::Election, backoff_ms);
        }
        self.current_leader()
    }

    pub fn on_fetch(
        &mut self,
        ctx: &mut Ctx<'_>,
        disk: &mut Disk,
        reply_to: ReplyTo,
        request: FetchRequest,
    ) {
        let Some(data) = self.read(disk, &request) else {
            return;
        };
        let asked = &request.partitions[0];
        let sound =
            data.error.is_none() && data.diverging_epoch.is_none() && data.snapshot_id.is_none();
        if let (Fetcher::Replica { id, .. }, true) = (request.fetcher, sound) {
            self.note_fetch(ctx, id, asked.fetch_offset);
        }
        let knows_all =
            sound && data.records.is_empty() && data.high_watermark <= asked.high_watermark;
        if !knows_all {
            return ctx.respond(reply_to, Response::Fetch(FetchResponse::sessionless(vec![data])));
        }
        let wait_ms = request.max_wait_ms;
        let parked = self.purgatory.park_fetch(reply_to, Arc::new(request), 0);
        let partition = metadata_partition();
        let kind =
            EventKind::RequestParked { api: Api::Fetch, partition, reason: ParkReason::NoData };
        let event = ctx.emit(kind);
        ctx.because(event).set_timer_in(Timer::ParkedMetadataFetch(parked), wait_ms);
    }

    fn note_fetch(&mut self, ctx: &Ctx<'_>, id: NodeId, offset: i64) {
        let end = self.log.log_end_offset();
        if let Role::Leader(leader) = &mut self.quorum.role {
            leader.fetched(id, offset, end, ctx.now());
        }
    }

    /// Answers the parked fetches for which there is news.
    pub fn wake(&mut self, ctx: &mut Ctx<'_>, disk: &Disk) {
        if !std::mem::take(&mut self.has_news) {
            return;
        }
        let (end, high_watermark) = (self.log.log_end_offset(), self.high_watermark());
        for (parked, request) in self.purgatory.fetches() {
            let asked = &request.partitions[0];
            if asked.fetch_offset < end || asked.high_watermark < high_watermark {
                self.complete_fetch(ctx, disk, parked);
            }
        }
    }

    pub(super) fn refuse_parked(&mut self, ctx: &mut Ctx<'_>) {
        for (parked, _) in self.purgatory.fetches() {
            self.complete_fetch(ctx, &Disk::default(), parked);
        }
    }

    pub(super) fn complete_fetch(&mut self, ctx: &mut Ctx<'_>, disk: &Disk, parked: u64) {
        let Some(fetch) = self.purgatory.take_fetch(parked) else {
            return;
        };
        ctx.cancel_timer(Timer::ParkedMetadataFetch(parked));
        if let Some(data) = self.read(disk, &fetch.request) {
            ctx.respond(fetch.reply_to, Response::Fetch(FetchResponse::sessionless(vec![data])));
        }
    }

    fn read(&self, disk: &Disk, request: &FetchRequest) -> Option<PartitionData> {
        let asked = request.partitions.first()?;
        let mut data = PartitionData {
            partition: asked.partition.clone(),
            topic_id: asked.topic_id,
            asked_leader_epoch: asked.current_leader_epoch,
            asked_offset: asked.fetch_offset,
            error: None,
            high_watermark: self.high_watermark(),
            last_stable_offset: self.high_watermark(),
            log_start_offset: self.log.log_start_offset(),
            aborted_transactions: Vec::new(),
            diverging_epoch: None,
            current_leader: Some(self.current_leader()),
            snapshot_id: None,
            preferred_read_replica: None,
            records: Vec::new(),
        };
        data.error = self.check_leader(asked.current_leader_epoch);
        if data.error.is_some() {
            return Some(data);
        }
        match self.log.validate(asked.fetch_offset, asked.last_fetched_epoch) {
            FetchPosition::Valid => {}
            FetchPosition::Diverging(diverging) => {
                data.diverging_epoch = Some(diverging);
                return Some(data);
            }
            FetchPosition::Snapshot(id) => {
                data.snapshot_id = Some(id);
                return Some(data);
            }
        }
        // Raft replicates what is not committed yet; the high watermark says how much of it is.
        let end = self.log.log_end_offset();
        match self.log.read(disk, asked.fetch_offset, request.max_bytes, end, true) {
            Ok(read) => data.records = read.batches,
            Err(error) => data.error = Some(error.as_kafka_error()),
        }
        Some(data)
    }

    /// Whether a leader's request of that epoch is for this voter to answer.
    fn check_leader(&self, epoch: i32) -> Option<KafkaError> {
        match self.leading() {
            None => Some(KafkaError::NotLeaderOrFollower),
            Some(_) if epoch >= 0 && epoch < self.epoch() => Some(KafkaError::FencedLeaderEpoch),
            Some(_) if epoch > self.epoch() => Some(KafkaError::UnknownLeaderEpoch),
            Some(_) => None,
        }
    }

    pub fn on_fetch_snapshot(
        &mut self,
        ctx: &mut Ctx<'_>,
        disk: &Disk,
        request: FetchSnapshotRequest,
    ) -> FetchSnapshotResponse {
        let FetchSnapshotRequest { snapshot_id, position, .. } = request;
        let path = snapshot_path(snapshot_id);
        let size = disk.len(&path).filter(|_| self.log.has_snapshot(snapshot_id));
        let error = self.check_leader(request.current_leader_epoch).or(match size {
            None => Some(KafkaError::SnapshotNotFound),
            Some(size) if position >= size => Some(KafkaError::PositionOutOfRange),
            Some(_) => None,
        });
        let bytes = match error {
            Some(_) => Bytes::new(),
            None => disk.read(&path, position, request.max_bytes.into()),
        };
        if let (None, Role::Leader(leader)) = (error, &mut self.quorum.role) {
            leader.heard(request.replica, ctx.now());
        }
        FetchSnapshotResponse {
            error,
            current_leader: self.current_leader(),
            snapshot_id,
            size: size.unwrap_or(0),
            position,
            bytes,
        }
    }
}
