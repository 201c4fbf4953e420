//! The application of a consumer in a group: it polls, gets at most `max.poll.records`, takes its time for
//! each of them, and polls again. Whatever a member does in Kafka inside of `poll` happens here only while
//! the application polls.

use super::{Consumed, Consumer, PositionState, RECENT};
use crate::event::{EventKind, GroupEvent};
use crate::ids::{TopicPartition, Uuid};
use crate::protocol::PartitionData;
use crate::record::record_batch::RecordBatch;
use crate::world::{Ctx, Timer};
use std::collections::VecDeque;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Application {
    /// It is inside of `poll`, and waits for records.
    Polling,
    /// It is busy with the first of these.
    Processing(VecDeque<(TopicPartition, i64)>),
    /// It has got an error that it does not know what to do with, and has ended.
    Failed,
}

/// Records of one partition, from where its position was on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fetched {
    pub partition: TopicPartition,
    topic_id: Uuid,
    from: i64,
    /// Each with the leader epoch of its batch.
    records: VecDeque<(Consumed, i32)>,
    /// Where the position is once all are taken.
    pub end: i64,
    pub end_epoch: i32,
}

impl Consumer {
    /// Keeps what has been fetched until the application takes it.
    pub(super) fn keep_records(&mut self, data: &PartitionData) {
        let id = &data.partition;
        let Some(position) = self.positions.get(id) else {
            return;
        };
        let from = position.offset;
        let mut fetched = Fetched {
            partition: id.clone(),
            topic_id: data.topic_id,
            from,
            records: VecDeque::new(),
            end: from,
            end_epoch: position.offset_epoch,
        };
        for bytes in &data.records {
            let Ok(batch) = RecordBatch::parse(bytes.clone()) else {
                break;
            };
            let epoch = batch.partition_leader_epoch();
            for record in batch.records().filter_map(Result::ok).filter(|r| r.offset >= from) {
                let (offset, key, value) = (record.offset, record.key, record.value);
                let partition = id.clone();
                fetched.records.push_back((Consumed { partition, offset, key, value }, epoch));
            }
            fetched.end = fetched.end.max(batch.next_offset());
            fetched.end_epoch = epoch;
        }
        if fetched.end > from {
            self.fetched.push_back(fetched);
        }
    }

    /// What `poll` does, for as long as there is something for the application.
    pub(super) fn poll(&mut self, ctx: &mut Ctx<'_>) {
        if self.member.is_none() {
            return;
        }
        while self.application == Application::Polling {
            ctx.cancel_timer(Timer::MaxPollInterval);
            self.see_to_membership(ctx);
            if self.application != Application::Polling || !self.deliver(ctx) {
                break;
            }
        }
        self.drive(ctx);
    }

    /// Gives the application what has been fetched. False: there is nothing.
    fn deliver(&mut self, ctx: &mut Ctx<'_>) -> bool {
        let Some(member) = &self.member else {
            return false;
        };
        if member.is_giving_up_all() {
            return false;
        }
        let (mut room, processing_ms) =
            (member.settings.max_poll_records as usize, member.settings.processing_ms);
        let (group, max_poll_interval_ms) =
            (member.settings.group.clone(), member.settings.max_poll_interval_ms);
        let mut got = VecDeque::new();
        while room > 0
            && let Some(fetched) = self.fetched.front_mut()
        {
            let id = fetched.partition.clone();
            let is_same_topic = self.metadata.topic_id(&id.topic) == Some(fetched.topic_id);
            let position = self.positions.get_mut(&id).filter(|position| {
                let state = PositionState::Fetching;
                is_same_topic && position.state == state && position.offset == fetched.from
            });
            let Some(position) = position else {
                // It has been revoked meanwhile, the position is another, or the topic is.
                self.fetched.pop_front();
                continue;
            };
            let taken: Vec<_> = fetched.records.drain(..room.min(fetched.records.len())).collect();
            room -= taken.len();
            let first = position.offset;
            match taken.last().filter(|_| !fetched.records.is_empty()) {
                Some((record, epoch)) => {
                    (position.offset, position.offset_epoch) = (record.offset + 1, *epoch);
                    fetched.from = position.offset;
                }
                None => {
                    (position.offset, position.offset_epoch) = (fetched.end, fetched.end_epoch);
                    self.fetched.pop_front();
                }
            }
            let last_offset = position.offset - 1;
            self.stirred.insert(id.clone());
            self.consumed += taken.len() as u64;
            ctx.emit(EventKind::RecordsConsumed {
                client: self.id,
                partition: id.clone(),
                base_offset: first,
                last_offset,
                records: taken.len() as u64,
            });
            for (record, _) in taken {
                got.push_back((id.clone(), record.offset));
                if self.recent.len() == RECENT {
                    self.recent.pop_front();
                }
                self.recent.push_back(record);
            }
        }
        if got.is_empty() {
            return false;
        }
        if processing_ms > 0 {
            self.application = Application::Processing(got);
            ctx.set_timer_in(Timer::Processing, processing_ms);
            ctx.set_timer_in(Timer::MaxPollInterval, max_poll_interval_ms);
            return true;
        }
        let got: Vec<_> = got.into();
        for run in got.chunk_by(|a, b| a.0 == b.0) {
            ctx.emit(GroupEvent::RecordsProcessed {
                client: self.id,
                group: group.clone(),
                partition: run[0].0.clone(),
                base_offset: run[0].1,
                last_offset: run[run.len() - 1].1,
            });
        }
        true
    }

    /// The application is done with a record, and takes up the next, or polls.
    pub(super) fn on_processed(&mut self, ctx: &mut Ctx<'_>) {
        let Some(member) = &self.member else {
            return;
        };
        let Application::Processing(records) = &mut self.application else {
            return;
        };
        if let Some((partition, offset)) = records.pop_front() {
            let (client, group) = (self.id, member.settings.group.clone());
            let (base_offset, last_offset) = (offset, offset);
            let kind =
                GroupEvent::RecordsProcessed { client, group, partition, base_offset, last_offset };
            ctx.emit(kind);
        }
        if records.is_empty() {
            self.application = Application::Polling;
        } else {
            ctx.set_timer_in(Timer::Processing, member.settings.processing_ms);
        }
    }
}
