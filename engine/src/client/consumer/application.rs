//! The application of a consumer in a group: it polls, gets at most `max.poll.records`, takes its time for
//! each of them, commits what it is set to commit, and polls again. Whatever a member does in Kafka inside of
//! `poll` happens here only while the application polls. What it is given to work on is in `fetched`.

use super::committing::CommittedBy;
use super::{Consumer, PositionState};
use crate::command::{CommitEach, CommitHow, CommitWhen, Commits};
use crate::event::GroupEvent;
use crate::ids::{EventId, TopicPartition};
use crate::protocol::CommittedOffset;
use crate::world::{Ctx, Timer};
use std::collections::VecDeque;

/// A record that the application has got.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivered {
    pub partition: TopicPartition,
    pub offset: i64,
    /// Of its batch.
    pub leader_epoch: i32,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Application {
    /// It is inside of `poll`, and waits for records.
    Polling,
    /// It is busy with the first of these.
    Processing(VecDeque<Delivered>),
    /// It is inside of `commitSync`.
    Committing { rest: VecDeque<Delivered>, next: AfterCommit },
    /// It has given what it processed to its producer, and waits for the end of the transaction.
    Transacting,
    /// It has got an error that it does not know what to do with, and has ended.
    Failed,
    /// Its process has died, as it was told to.
    Dead { after: EventId },
}

/// Where the application goes on after `commitSync`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AfterCommit {
    /// It processes the first record that is left.
    Process,
    /// It takes up the next, or polls.
    GoOn,
    Poll,
}

impl Application {
    /// It neither polls nor works any more.
    pub fn is_over(&self) -> bool {
        matches!(self, Application::Failed | Application::Dead { .. })
    }
}

impl Consumer {
    fn commits(&self) -> Option<Commits> {
        self.member.as_deref().and_then(|member| member.settings.commit)
    }

    fn processing_ms(&self) -> u64 {
        self.member.as_deref().map_or(0, |member| member.settings.processing_ms)
    }

    /// `poll` has returned these.
    pub(super) fn work(&mut self, ctx: &mut Ctx<'_>, records: VecDeque<Delivered>) {
        if let Some(member) = self.member.as_deref() {
            ctx.set_timer_in(Timer::MaxPollInterval, member.settings.max_poll_interval_ms);
        }
        let next = AfterCommit::GoOn;
        if self.commits_at(CommitWhen::Before, CommitEach::Poll) && self.commit_now(ctx, None) {
            self.application = Application::Committing { rest: records, next };
        } else {
            self.run(ctx, records, next);
        }
    }

    fn commits_at(&self, when: CommitWhen, each: CommitEach) -> bool {
        self.commits().is_some_and(|commits| commits.when == when && commits.each == each)
    }

    /// Goes on until it has to wait: for time to pass, for a commit, or for records.
    fn run(&mut self, ctx: &mut Ctx<'_>, mut records: VecDeque<Delivered>, mut next: AfterCommit) {
        loop {
            let is_blocked = match (next, records.front().cloned()) {
                (AfterCommit::Poll, _) | (_, None) if next != AfterCommit::GoOn => break,
                (AfterCommit::GoOn, None) => {
                    next = AfterCommit::Poll;
                    self.commits_at(CommitWhen::After, CommitEach::Poll)
                        && self.commit_now(ctx, None)
                }
                (AfterCommit::GoOn, Some(first)) => {
                    next = AfterCommit::Process;
                    self.commits_at(CommitWhen::Before, CommitEach::Record)
                        && self.commit_now(ctx, Some(&first))
                }
                (_, Some(_)) if self.processing_ms() > 0 => {
                    self.application = Application::Processing(records);
                    return ctx.set_timer_in(Timer::Processing, self.processing_ms());
                }
                _ => {
                    let done = self.at_once(&mut records);
                    if self.processed(ctx, &done) {
                        return;
                    }
                    next = AfterCommit::GoOn;
                    self.commits_at(CommitWhen::After, CommitEach::Record)
                        && self.commit_now(ctx, done.last())
                }
            };
            if is_blocked {
                self.application = Application::Committing { rest: records, next };
                return;
            }
        }
        self.hand_over(ctx);
    }

    /// What takes no time is done and told of all records of a partition at once, unless something happens
    /// in between.
    fn at_once(&self, records: &mut VecDeque<Delivered>) -> Vec<Delivered> {
        let alone = self.commits().is_some_and(|commits| commits.each == CommitEach::Record);
        let most = if alone { 1 } else { records.len() };
        let most = self.dies_after.map_or(most, |left| most.min(left as usize).max(1));
        let Some(partition) = records.front().map(|first| first.partition.clone()) else {
            return Vec::new();
        };
        let same = records.iter().take(most).take_while(|record| record.partition == partition);
        let count = same.count();
        records.drain(..count).collect()
    }

    /// From now on it takes so long for a record, also for the one that it is busy with.
    pub fn set_processing(&mut self, ctx: &mut Ctx<'_>, processing_ms: u64) {
        if let Some(member) = self.member.as_deref_mut() {
            member.settings.processing_ms = processing_ms;
        }
        if matches!(self.application, Application::Processing(_)) {
            ctx.set_timer_in(Timer::Processing, processing_ms);
        }
    }

    /// The application is done with the record that it was busy with.
    pub(super) fn on_processed(&mut self, ctx: &mut Ctx<'_>) {
        let Application::Processing(records) = &mut self.application else {
            return;
        };
        let mut rest = std::mem::take(records);
        let done: Vec<_> = rest.pop_front().into_iter().collect();
        if self.processed(ctx, &done) {
            return;
        }
        let next = AfterCommit::GoOn;
        if self.commits_at(CommitWhen::After, CommitEach::Record)
            && self.commit_now(ctx, done.last())
        {
            self.application = Application::Committing { rest, next };
        } else {
            self.run(ctx, rest, next);
        }
    }

    /// These are processed, of one partition. True: it has died of it.
    fn processed(&mut self, ctx: &mut Ctx<'_>, done: &[Delivered]) -> bool {
        let (Some(member), Some(first), Some(last)) =
            (self.member.as_deref(), done.first(), done.last())
        else {
            return false;
        };
        let event = ctx.emit(GroupEvent::RecordsProcessed {
            client: self.id,
            group: member.settings.group.clone(),
            partition: first.partition.clone(),
            base_offset: first.offset,
            last_offset: last.offset,
        });
        if let Some(left) = &mut self.dies_after {
            *left = left.saturating_sub(done.len() as u32);
            if *left == 0 {
                self.application = Application::Dead { after: event };
                return true;
            }
        }
        false
    }

    /// Commits past one record or, without one, all positions. True: `commitSync` waits for it.
    fn commit_now(&mut self, ctx: &mut Ctx<'_>, record: Option<&Delivered>) -> bool {
        let offsets = match record {
            Some(record) => {
                let (offset, leader_epoch) = (record.offset + 1, record.leader_epoch);
                vec![(record.partition.clone(), CommittedOffset { offset, leader_epoch })]
            }
            None => self.positions_to_commit(ctx),
        };
        let waits = self.commits().is_some_and(|commits| commits.how == CommitHow::Sync);
        let by = if waits { CommittedBy::Sync } else { CommittedBy::Async };
        self.commit_by_hand(ctx, offsets, by) && waits
    }

    /// `commitSync` has returned.
    pub(super) fn after_commit(&mut self, ctx: &mut Ctx<'_>) {
        if let Application::Committing { rest, next } = &mut self.application {
            let (rest, next) = (std::mem::take(rest), *next);
            self.run(ctx, rest, next);
        }
    }

    /// Its process is to die once its application has processed so many records more.
    pub fn die_after(&mut self, records: u32) {
        self.dies_after = Some(records);
    }

    /// The positions that a commit without offsets takes (`SubscriptionState.allConsumed`).
    pub(super) fn positions_to_commit(
        &self,
        ctx: &Ctx<'_>,
    ) -> Vec<(TopicPartition, CommittedOffset)> {
        let early = ctx.is_mutant(crate::spec::Mutant::CommittedBeforeDelivered);
        let fetched = |id: &TopicPartition| {
            let end = self.fetched.iter().rev().find(|fetched| fetched.partition == *id);
            end.filter(|_| early).map(|fetched| (fetched.end, fetched.end_epoch))
        };
        let valid = self.positions.iter().filter(|(_, p)| p.state == PositionState::Fetching);
        let offsets = valid.map(|(id, position)| {
            let own = (position.offset, position.offset_epoch);
            let (offset, leader_epoch) = fetched(id).unwrap_or(own);
            (id.clone(), CommittedOffset { offset, leader_epoch })
        });
        offsets.collect()
    }
}
