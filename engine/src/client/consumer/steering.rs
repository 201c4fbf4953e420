//! What the application tells its consumer besides polling and committing: `seek`, `pause`, `resume`,
//! `assign` and `subscribe`.

use super::{Consumer, Position, PositionState};
use crate::command::{SeekTo, StartFrom};
use crate::event::EventKind;
use crate::ids::TopicPartition;
use crate::world::Ctx;
use std::collections::BTreeSet;
use std::sync::Arc;

impl Consumer {
    /// Goes on to read somewhere else. What has been fetched is dropped; what is committed stays.
    pub fn seek(&mut self, ctx: &mut Ctx<'_>, id: &TopicPartition, to: SeekTo) {
        let Some(position) = self.positions.get_mut(id) else {
            return;
        };
        position.preferred = None;
        match to {
            SeekTo::Offset(offset) => {
                let epoch = self.metadata.leader(id).map_or(-1, |(_, epoch)| epoch);
                position.state = PositionState::Fetching;
                (position.offset, position.offset_epoch) = (offset, -1);
                (position.validated_in, position.reset_to) = (epoch, None);
                let (client, partition) = (self.id, id.clone());
                ctx.emit(EventKind::PositionReset { client, partition, offset });
            }
            SeekTo::Beginning | SeekTo::End => {
                let is_first = to == SeekTo::Beginning;
                position.state = PositionState::AwaitReset;
                position.reset_to =
                    Some(if is_first { StartFrom::Earliest } else { StartFrom::Latest });
                self.ask_offset(ctx, id);
            }
        }
        self.fetched.retain(|fetched| fetched.partition != *id);
        self.stirred.insert(id.clone());
        self.drive(ctx);
        self.poll(ctx);
    }

    /// Reads a partition no more for now, or again.
    pub fn set_paused(&mut self, ctx: &mut Ctx<'_>, id: &TopicPartition, paused: bool) {
        if let Some(position) = self.positions.get_mut(id) {
            position.paused = paused;
            self.stirred.insert(id.clone());
            self.drive(ctx);
            self.poll(ctx);
        }
    }

    /// Reads these partitions and no others. Those that it had keep their positions.
    pub fn assign(&mut self, ctx: &mut Ctx<'_>, partitions: &[TopicPartition]) {
        let wanted: BTreeSet<_> = partitions.iter().cloned().collect();
        let gone = self.positions.keys().filter(|id| !wanted.contains(id));
        let gone: Vec<_> = gone.cloned().collect();
        for id in gone {
            self.positions.remove(&id);
            self.stirred.insert(id);
        }
        for id in &wanted {
            let new = Position::new(PositionState::AwaitReset);
            self.positions.entry(id.clone()).or_insert(new);
        }
        self.assigned = Some(wanted);
        self.drive(ctx);
        self.ask_metadata(ctx);
    }

    /// As a member of its group it wants these topics and no others, and joins again to say so.
    pub fn subscribe(&mut self, ctx: &mut Ctx<'_>, topics: &[Arc<str>]) {
        let (Some(member), Some((first, more))) =
            (self.member.as_deref_mut(), topics.split_first())
        else {
            return;
        };
        self.topic = first.clone();
        member.settings.more_topics = more.to_vec();
        member.want_to_rejoin();
        self.ask_metadata(ctx);
        self.poll(ctx);
    }
}
