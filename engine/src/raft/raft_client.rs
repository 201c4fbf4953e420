//! One voter of the quorum, or an observer (`KafkaRaftClient`): a voter starts elections, votes, leads
//! or follows; an observer, which is every broker that is no voter, only follows. Each keeps the
//! metadata log. A leader does not send records; the others fetch them, and by where they fetch the
//! leader knows what they have.
//!
//! Rules of votes are in [`super::quorum_state`], those of the high watermark in
//! [`super::leader_state`]. How it fetches is in `fetching`, what it answers in `serving`.

mod fetching;
mod serving;

use super::leader_state::LeaderState;
use super::metadata_log::{Cleaned, MetadataLog};
use super::quorum_state::{Ballot, QuorumState, Role};
use crate::event::EventKind;
use crate::ids::{NodeId, SnapshotId};
use crate::protocol::*;
use crate::record::control_record::leader_change_batch;
use crate::record::record_batch::RecordBatch;
use crate::replication::purgatory::Purgatory;
use crate::sim::disk::Disk;
use crate::sim::random::mix;
use crate::spec::Mutant;
use crate::world::{Call, Ctx, Timer};
use bytes::Bytes;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RaftClient {
    pub log: MetadataLog,
    pub quorum: QuorumState,
    purgatory: Purgatory,
    /// The snapshot that the leader told it to fetch before it goes on, and how much of it there is.
    fetching_snapshot: Option<(SnapshotId, u64)>,
    /// Of an observer: its last fetch from the leader failed, so it asks another voter who leads.
    leader_lost: bool,
    /// Counts the voters that were asked who leads.
    asked: usize,
    /// Tells an answer to the present fetch from one to an earlier.
    fetch_round: u64,
    /// How many times of waiting have been drawn.
    drawn: u64,
    /// There is something that a parked fetch does not know.
    has_news: bool,
}

impl RaftClient {
    /// Joins the quorum with what the disk has.
    pub fn start(ctx: &mut Ctx<'_>, disk: &mut Disk, me: NodeId) -> RaftClient {
        let log = MetadataLog::open(ctx, disk, me);
        let voters = ctx.spec().voters().collect();
        let last_epoch = log.latest_epoch().unwrap_or(0).max(log.last_epoch());
        let quorum = QuorumState::load(disk, me, voters, last_epoch);
        let mut raft = RaftClient {
            log,
            quorum,
            purgatory: Purgatory::default(),
            fetching_snapshot: None,
            leader_lost: false,
            asked: 0,
            fetch_round: 0,
            drawn: mix(&[ctx.now().0]),
            has_news: false,
        };
        let clean_ms = ctx.world.spec.metadata_clean_ms;
        ctx.set_timer_in(Timer::MetadataLogClean, clean_ms);
        match raft.quorum.leader {
            _ if raft.quorum.voters == [me] => raft.become_prospective(ctx, disk),
            // What it led it cannot lead again: it does not know what of it was committed.
            Some(leader) if leader == me => raft.wait_as(ctx, Role::Resigned),
            Some(leader) => raft.become_follower(ctx, disk, leader),
            None => raft.look_for_leader(ctx),
        }
        raft
    }

    /// Knows no leader: a voter waits until one shows itself or it is time for an election, an
    /// observer asks around.
    fn look_for_leader(&mut self, ctx: &mut Ctx<'_>) {
        match self.quorum.is_voter() {
            true => self.wait_as(ctx, Role::Unattached),
            false => {
                self.quorum.role = Role::Unattached;
                self.fetch(ctx);
            }
        }
    }

    /// Who is taken for the active controller: the leader of the quorum or, while none is known, one
    /// voter after the other.
    pub fn leader_or_guess(&self) -> NodeId {
        let voters = &self.quorum.voters;
        let known = self.quorum.leader.filter(|_| !self.leader_lost);
        known.unwrap_or(voters[self.asked % voters.len()])
    }

    pub fn epoch(&self) -> i32 {
        self.quorum.epoch
    }

    pub fn leading(&self) -> Option<&LeaderState> {
        match &self.quorum.role {
            Role::Leader(leader) => Some(leader),
            _ => None,
        }
    }

    /// Everything below is committed.
    pub fn high_watermark(&self) -> i64 {
        self.log.high_watermark()
    }

    /// It leads, and what was there before is committed with the first record of its epoch: now it
    /// may write.
    pub fn may_write(&self) -> bool {
        self.leading().is_some_and(|leader| self.high_watermark() > leader.epoch_start_offset)
    }

    pub fn parked_fetches(&self) -> usize {
        self.purgatory.parked_fetches()
    }

    fn current_leader(&self) -> LeaderAndEpoch {
        LeaderAndEpoch { leader: self.quorum.leader, epoch: self.quorum.epoch }
    }

    // From state to state.

    /// The election timeout, with its random part.
    fn draw_timeout_ms(&mut self, ctx: &Ctx<'_>) -> u64 {
        let least = ctx.world.spec.broker.controller_quorum_election_timeout_ms;
        least + self.draw_ms(ctx, least)
    }

    fn draw_ms(&mut self, ctx: &Ctx<'_>, bound: u64) -> u64 {
        self.drawn = mix(&[self.drawn, ctx.world.spec.seed, self.quorum.me.0 as u64, 0x7a]);
        self.drawn % bound.max(1)
    }

    /// Takes a role in which it only waits for the election timeout.
    fn wait_as(&mut self, ctx: &mut Ctx<'_>, role: Role) {
        self.step_down(ctx);
        self.quorum.role = role;
        let timeout_ms = self.draw_timeout_ms(ctx);
        ctx.set_timer_in(Timer::Election, timeout_ms);
    }

    /// A leader that no longer is one.
    fn step_down(&mut self, ctx: &mut Ctx<'_>) {
        if self.leading().is_none() {
            return;
        }
        ctx.cancel_timer(Timer::CheckQuorum);
        ctx.cancel_timer(Timer::BeginQuorumEpoch);
        let (node, epoch) = (self.quorum.me, self.quorum.epoch);
        let event = ctx.emit(EventKind::QuorumLeaderResigned { node, epoch });
        self.quorum.role = Role::Resigned;
        self.refuse_parked(&mut ctx.because(event));
    }

    /// Learns of an epoch above its own, or of its own epoch's leader.
    fn observe(&mut self, ctx: &mut Ctx<'_>, disk: &mut Disk, heard: LeaderAndEpoch) {
        let leader = heard.leader.filter(|&leader| leader != self.quorum.me);
        if heard.epoch > self.quorum.epoch {
            self.step_down(ctx);
            self.quorum.epoch = heard.epoch;
            (self.quorum.voted, self.quorum.leader) = (None, None);
            self.quorum.persist(disk);
            match leader {
                Some(leader) => self.become_follower(ctx, disk, leader),
                None => self.look_for_leader(ctx),
            }
        } else if let Some(leader) = leader
            && heard.epoch == self.quorum.epoch
            && self.quorum.leader != Some(leader)
        {
            self.become_follower(ctx, disk, leader);
        }
    }

    fn become_follower(&mut self, ctx: &mut Ctx<'_>, disk: &mut Disk, leader: NodeId) {
        self.quorum.leader = Some(leader);
        self.quorum.role = Role::Follower { has_fetched: false };
        self.quorum.persist(disk);
        self.leader_lost = false;
        self.forget_partial_snapshot(disk);
        let (node, epoch, voter) = (self.quorum.me, self.quorum.epoch, self.quorum.is_voter());
        let event = ctx.emit(EventKind::QuorumLeaderFollowed { node, leader, epoch, voter });
        let mut ctx = ctx.because(event);
        self.expect_leader(&mut ctx);
        self.fetch(&mut ctx);
    }

    /// A voter stands for election when it hears nothing for too long.
    fn expect_leader(&self, ctx: &mut Ctx<'_>) {
        if !self.quorum.is_voter() {
            return;
        }
        let timeout_ms = ctx.world.spec.broker.controller_quorum_fetch_timeout_ms;
        ctx.set_timer_in(Timer::Election, timeout_ms);
    }

    fn become_prospective(&mut self, ctx: &mut Ctx<'_>, disk: &mut Disk) {
        self.quorum.role = Role::Prospective(Ballot::of(self.quorum.me));
        if self.quorum.voters.len() > 1 {
            let (node, epoch) = (self.quorum.me, self.quorum.epoch);
            let event = ctx.emit(EventKind::VotesAsked { node, epoch, pre_vote: true });
            let mut ctx = ctx.because(event);
            let timeout_ms = self.draw_timeout_ms(&ctx);
            ctx.set_timer_in(Timer::Election, timeout_ms);
            self.ask_for_votes(&mut ctx, true);
        }
        self.count_votes(ctx, disk);
    }

    fn become_candidate(&mut self, ctx: &mut Ctx<'_>, disk: &mut Disk) {
        let me = self.quorum.me;
        self.quorum.epoch += 1;
        (self.quorum.voted, self.quorum.leader) = (Some(me), None);
        self.quorum.role = Role::Candidate(Ballot::of(me));
        self.quorum.persist(disk);
        if self.quorum.voters.len() > 1 {
            let epoch = self.quorum.epoch;
            let event = ctx.emit(EventKind::VotesAsked { node: me, epoch, pre_vote: false });
            let mut ctx = ctx.because(event);
            let timeout_ms = self.draw_timeout_ms(&ctx);
            ctx.set_timer_in(Timer::Election, timeout_ms);
            self.ask_for_votes(&mut ctx, false);
        }
        self.count_votes(ctx, disk);
    }

    fn ask_for_votes(&self, ctx: &mut Ctx<'_>, pre_vote: bool) {
        let request = VoteRequest {
            candidate: self.quorum.me,
            epoch: self.quorum.epoch,
            last_epoch: self.log.last_epoch(),
            last_epoch_end_offset: self.log.log_end_offset(),
            pre_vote,
        };
        let timeout_ms = ctx.world.spec.broker.controller_quorum_request_timeout_ms;
        for voter in self.quorum.others() {
            let call = Call::Vote { voter, epoch: self.quorum.epoch, pre_vote };
            ctx.request(voter, Request::Vote(request), timeout_ms, call);
        }
    }

    /// Goes on if a majority has answered, one way or the other.
    fn count_votes(&mut self, ctx: &mut Ctx<'_>, disk: &mut Disk) {
        match &self.quorum.role {
            Role::Prospective(ballot) if self.quorum.is_majority(ballot.granted.len()) => {
                self.become_candidate(ctx, disk);
            }
            Role::Candidate(ballot) if self.quorum.is_majority(ballot.granted.len()) => {
                let granted = ballot.granted.iter().copied().collect();
                self.become_leader(ctx, disk, granted);
            }
            Role::Candidate(ballot) if self.quorum.is_majority(ballot.rejected.len()) => {
                let most = ctx.world.spec.broker.controller_quorum_election_backoff_max_ms;
                let backoff_ms = self.draw_ms(ctx, most);
                ctx.set_timer_in(Timer::Election, backoff_ms);
            }
            _ => {}
        }
    }

    fn become_leader(&mut self, ctx: &mut Ctx<'_>, disk: &mut Disk, granted: Vec<NodeId>) {
        let (me, epoch, now) = (self.quorum.me, self.quorum.epoch, ctx.now());
        self.quorum.leader = Some(me);
        let start = self.log.log_end_offset();
        self.quorum.role = Role::Leader(LeaderState::new(&self.quorum.voters, start, now));
        self.quorum.persist(disk);
        ctx.cancel_timer(Timer::Election);
        let event = ctx.emit(EventKind::QuorumLeaderElected {
            node: me,
            epoch,
            votes: granted.len() as u32,
        });
        let mut ctx = ctx.because(event);
        let batch = leader_change_batch(
            start,
            epoch,
            now.timestamp_ms(),
            me,
            &self.quorum.voters,
            &granted,
        );
        self.append(&mut ctx, disk, batch);
        self.begin_epoch(&mut ctx);
        self.check_quorum(&mut ctx);
    }

    /// Tells the voters that have not fetched in this epoch that it has begun.
    fn begin_epoch(&mut self, ctx: &mut Ctx<'_>) {
        let Some(leader) = self.leading() else {
            return;
        };
        let silent = leader.silent();
        let settings = &ctx.world.spec.broker;
        let (timeout_ms, again_ms) = (
            settings.controller_quorum_request_timeout_ms,
            settings.controller_quorum_fetch_timeout_ms / 2,
        );
        let request = EpochRequest { leader: self.quorum.me, epoch: self.quorum.epoch };
        for &voter in &silent {
            ctx.request(voter, Request::BeginQuorumEpoch(request), timeout_ms, Call::QuorumEpoch);
        }
        if !silent.is_empty() {
            ctx.set_timer_in(Timer::BeginQuorumEpoch, again_ms);
        }
    }

    /// A leader that hears of no majority gives up: another may have been elected without it.
    fn check_quorum(&mut self, ctx: &mut Ctx<'_>) {
        let Some(leader) = self.leading().filter(|_| self.quorum.voters.len() > 1) else {
            return;
        };
        // CHECK_QUORUM_TIMEOUT_FACTOR is 1.5.
        let timeout_ms = ctx.world.spec.broker.controller_quorum_fetch_timeout_ms * 3 / 2;
        let deadline = leader.majority_heard_at(self.quorum.me).plus_millis(timeout_ms);
        if deadline > ctx.now() {
            let cause = Some(ctx.cause);
            return ctx.world.set_timer(ctx.here, Timer::CheckQuorum, deadline, cause);
        }
        self.resign(ctx);
    }

    /// Gives up the leadership and asks the others to elect soon, the one with the longest log first.
    pub fn resign(&mut self, ctx: &mut Ctx<'_>) {
        let Some(leader) = self.leading() else {
            return;
        };
        let request = EndQuorumEpochRequest {
            leader: self.quorum.me,
            epoch: self.quorum.epoch,
            preferred_successors: leader.successors(self.quorum.me),
        };
        let timeout_ms = ctx.world.spec.broker.controller_quorum_request_timeout_ms;
        for voter in self.quorum.others() {
            let request = Request::EndQuorumEpoch(request.clone());
            ctx.request(voter, request, timeout_ms, Call::QuorumEpoch);
        }
        self.wait_as(ctx, Role::Resigned);
    }

    // The log.

    /// Appends a batch as leader, durable before anybody can fetch it.
    pub fn append(&mut self, ctx: &mut Ctx<'_>, disk: &mut Disk, batch: Bytes) {
        let batch = RecordBatch::parse(batch).expect("a batch that was just built is whole");
        self.log.make_room_for(batch.bytes().len());
        self.log
            .append_as_leader(disk, &batch, self.quorum.epoch, ctx.now())
            .expect("the leader's own batch fits its log");
        let end = self.log.log_end_offset();
        self.log.flush(disk, end);
        let (me, now) = (self.quorum.me, ctx.now());
        if let Role::Leader(leader) = &mut self.quorum.role {
            leader.fetched(me, end, end, now);
        }
        self.has_news = true;
    }

    /// Raises the leader's high watermark to what a majority has.
    pub fn advance_high_watermark(&mut self, ctx: &mut Ctx<'_>) {
        let Some(leader) = self.leading() else {
            return;
        };
        let own_end = self.log.log_end_offset();
        let alone = ctx.is_mutant(Mutant::MajorityNotCounted).then_some(own_end);
        if let Some(end) =
            alone.or(leader.high_watermark()).filter(|&end| end > self.high_watermark())
        {
            self.log.update_high_watermark(end);
            self.has_news = true;
            let node = self.quorum.me;
            ctx.emit(EventKind::MetadataCommitted { node, offset: end - 1 });
        }
    }

    // Replies and timers.

    pub fn on_reply(&mut self, ctx: &mut Ctx<'_>, disk: &mut Disk, call: Call, reply: Reply) {
        match (call, reply) {
            (Call::QuorumFetch { round }, reply) => self.on_fetch_reply(ctx, disk, round, reply),
            (Call::Vote { voter, epoch, pre_vote }, Reply::Response(Response::Vote(answer))) => {
                self.observe(ctx, disk, answer.current_leader);
                if epoch != self.quorum.epoch {
                    return;
                }
                let granted = answer.granted;
                match &mut self.quorum.role {
                    Role::Prospective(ballot) if pre_vote => ballot.count(voter, granted),
                    Role::Candidate(ballot) if !pre_vote => ballot.count(voter, granted),
                    _ => return,
                }
                self.count_votes(ctx, disk);
            }
            (
                Call::QuorumEpoch,
                Reply::Response(
                    Response::BeginQuorumEpoch(heard) | Response::EndQuorumEpoch(heard),
                ),
            ) => self.observe(ctx, disk, heard),
            _ => {}
        }
    }

    /// `RaftMetadataLogCleanerManager`
    fn clean_log(&mut self, ctx: &mut Ctx<'_>, disk: &mut Disk) {
        let settings = ctx.spec();
        if let Some(cleaned) = self.log.clean(disk, ctx.now(), &settings.broker) {
            let node = self.quorum.me;
            let Cleaned { log_start_offset, segments, snapshots } = cleaned;
            let kind =
                EventKind::MetadataLogStartMoved { node, log_start_offset, segments, snapshots };
            ctx.emit(kind);
        }
        ctx.set_timer_in(Timer::MetadataLogClean, settings.metadata_clean_ms);
    }

    pub fn on_timer(&mut self, ctx: &mut Ctx<'_>, disk: &mut Disk, timer: &Timer) {
        match timer {
            Timer::Election => match self.quorum.role {
                Role::Resigned => {
                    self.quorum.leader = None;
                    self.wait_as(ctx, Role::Unattached);
                }
                // Nobody was found: perhaps the leader that was known is there after all.
                Role::Prospective(_) => match self.quorum.leader {
                    Some(leader) => self.become_follower(ctx, disk, leader),
                    None => self.wait_as(ctx, Role::Unattached),
                },
                Role::Unattached | Role::Candidate(_) | Role::Follower { .. } => {
                    self.become_prospective(ctx, disk);
                }
                Role::Leader(_) => {}
            },
            Timer::QuorumFetch => self.fetch(ctx),
            Timer::MetadataLogClean => self.clean_log(ctx, disk),
            Timer::BeginQuorumEpoch => self.begin_epoch(ctx),
            Timer::CheckQuorum => self.check_quorum(ctx),
            Timer::ParkedMetadataFetch(parked) => self.complete_fetch(ctx, disk, *parked),
            _ => {}
        }
    }
}
