//! What a member has fetched and its application has yet to get, and how `poll` hands it over.

use super::application::{Application, Delivered};
use super::feeding::Polled;
use super::{Consumed, Consumer, PositionState, RECENT, isolation};
use crate::event::EventKind;
use crate::ids::{TopicPartition, Uuid};
use crate::protocol::{CommittedOffset, KafkaError, PartitionData};
use crate::world::{Ctx, Timer};
use std::collections::VecDeque;

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
    pub(super) fn keep_records(&mut self, ctx: &mut Ctx<'_>, data: &PartitionData) {
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
        let (batches, is_cut_short) = isolation::batches(data, &self.config);
        for (batch, is_visible) in batches {
            let epoch = batch.partition_leader_epoch();
            let records = batch.records().filter_map(Result::ok).filter(|_| is_visible);
            for record in records.filter(|record| record.offset >= from) {
                let (offset, key, value) = (record.offset, record.key, record.value);
                let partition = id.clone();
                fetched.records.push_back((Consumed { partition, offset, key, value }, epoch));
            }
            fetched.end = fetched.end.max(batch.next_offset());
            fetched.end_epoch = epoch;
        }
        if fetched.end > from {
            self.fetched.push_back(fetched);
        } else if is_cut_short {
            self.fail(ctx, Some(id), Some(KafkaError::CorruptMessage));
        }
    }

    /// What `poll` does, for as long as there is something for the application.
    pub(super) fn poll(&mut self, ctx: &mut Ctx<'_>) {
        if self.member.is_none() {
            return;
        }
        self.retry_sync_commit(ctx);
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
        let Some(member) = self.member.as_deref() else {
            return false;
        };
        if member.is_giving_up_all() {
            return false;
        }
        if let Some(feeding) = &mut self.feeding {
            feeding.polled = Polled { member: Some(member.identity()), ..Polled::default() };
        }
        let mut room = member.settings.max_poll_records as usize;
        let mut got = VecDeque::new();
        let mut at = 0;
        while room > 0
            && let Some(fetched) = self.fetched.get_mut(at)
        {
            let id = fetched.partition.clone();
            if self.positions.get(&id).is_some_and(|position| position.paused) {
                // It is kept until the partition is resumed.
                at += 1;
                continue;
            }
            let is_same_topic = self.metadata.topic_id(&id.topic) == Some(fetched.topic_id);
            let position = self.positions.get_mut(&id).filter(|position| {
                let state = PositionState::Fetching;
                is_same_topic && position.state == state && position.offset == fetched.from
            });
            let Some(position) = position else {
                // It has been revoked meanwhile, the position is another, or the topic is.
                self.fetched.remove(at);
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
                    self.fetched.remove(at);
                }
            }
            let last_offset = position.offset - 1;
            if let Some(feeding) = &mut self.feeding {
                let (offset, leader_epoch) = (position.offset, position.offset_epoch);
                let at = CommittedOffset { offset, leader_epoch };
                feeding.polled.offsets.insert(id.clone(), at);
            }
            self.stirred.insert(id.clone());
            self.consumed += taken.len() as u64;
            ctx.emit(EventKind::RecordsConsumed {
                client: self.id,
                partition: id.clone(),
                base_offset: first,
                last_offset,
                records: taken.len() as u64,
            });
            for (record, leader_epoch) in taken {
                let (partition, offset) = (id.clone(), record.offset);
                got.push_back(Delivered { partition, offset, leader_epoch });
                if let Some(feeding) = &mut self.feeding {
                    feeding.polled.records.push(record.clone());
                }
                if self.recent.len() == RECENT {
                    self.recent.pop_front();
                }
                self.recent.push_back(record);
            }
        }
        if got.is_empty() {
            return false;
        }
        self.work(ctx, got);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::consumer::{Consumer, ConsumerConfig, Position};
    use crate::command::{Membership, StartFrom};
    use crate::ids::{ClientId, EventId};
    use crate::record::record_batch_builder::RecordBatchBuilder;
    use crate::spec::ClusterSpec;
    use crate::world::World;
    use std::sync::Arc;

    /// A member that has fetched one record, of which a bit has changed on the way.
    fn after_damage(check_crcs: bool) -> Consumer {
        let mut batch = RecordBatchBuilder::new(0);
        batch.append(0, None, Some(b"value"), &[]);
        let mut bytes = batch.build().to_vec();
        let last = bytes.len() - 2;
        bytes[last] ^= 1;
        let id = TopicPartition::new("orders", 0);
        let config = ConsumerConfig { check_crcs, ..ConsumerConfig::default() };
        let mut consumer = Consumer::new(ClientId(0), "orders".into(), StartFrom::Earliest, None)
            .configured(config)
            .in_group("one".into(), Membership::of("group"));
        let position = Position { offset: 0, ..Position::new(PositionState::Fetching) };
        consumer.positions.insert(id.clone(), position);
        let data = PartitionData {
            partition: id,
            topic_id: Uuid::ZERO,
            asked_leader_epoch: 0,
            asked_offset: 0,
            error: None,
            high_watermark: 1,
            last_stable_offset: 1,
            log_start_offset: 0,
            diverging_epoch: None,
            current_leader: None,
            snapshot_id: None,
            preferred_read_replica: None,
            aborted_transactions: Vec::new(),
            records: vec![bytes.into()],
        };
        let mut world = World::new(Arc::new(ClusterSpec::new(3, 1)));
        let here = ClientId(0).into();
        let mut ctx = Ctx { world: &mut world, here, cause: EventId(0) };
        consumer.keep_records(&mut ctx, &data);
        consumer
    }

    #[test]
    fn a_damaged_batch_ends_the_application_unless_crcs_are_not_checked() {
        let careful = after_damage(true);
        assert_eq!(careful.application, Application::Failed);
        assert!(careful.fetched.is_empty());
        let careless = after_damage(false);
        assert_eq!(careless.application, Application::Polling);
        assert_eq!(careless.fetched.len(), 1);
    }
}
