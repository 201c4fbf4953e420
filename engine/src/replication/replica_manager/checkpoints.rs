//! The files of a broker that say of each partition up to where something is true: committed, durable,
//! gone. Written every few seconds, so only the lines of partitions that have changed are made anew.

use super::{
    HIGH_WATERMARK_CHECKPOINT, LOG_START_CHECKPOINT, RECOVERY_POINT_CHECKPOINT, ReplicaManager,
};
use crate::event::EventKind;
use crate::ids::TopicPartition;
use crate::log::checkpoint::{OffsetCheckpoint, OffsetLines};
use crate::replication::partition::Partition;
use crate::sim::disk::Disk;
use crate::world::Ctx;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

type Partitions = BTreeMap<TopicPartition, Arc<Partition>>;

/// Beyond one line in so many, to write all anew takes no longer.
const LINES_PER_CHANGE: usize = 16;

/// What a file may no longer say as it is.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(super) enum Outdated {
    /// Partitions have gone, or an earlier process wrote it.
    #[default]
    All,
    Lines(BTreeSet<TopicPartition>),
}

impl Outdated {
    pub fn touch(&mut self, id: &TopicPartition) {
        if let Outdated::Lines(lines) = self
            && !lines.contains(id)
        {
            lines.insert(id.clone());
        }
    }

    /// The file is about to be as it should.
    fn take(&mut self) -> Outdated {
        std::mem::replace(self, Outdated::Lines(BTreeSet::new()))
    }

    /// The text that is to be in the file `path`, which has a line for every partition of which
    /// `offset` tells something.
    fn text(
        &self,
        disk: &Disk,
        path: &str,
        partitions: &Partitions,
        offset: impl Fn(&Partition) -> Option<i64>,
    ) -> String {
        let written = disk.read_all(path).and_then(|text| String::from_utf8(text.into()).ok());
        let patched = match (self, written) {
            (Outdated::Lines(lines), Some(text))
                if lines.len() * LINES_PER_CHANGE <= partitions.len() =>
            {
                let mut text = OffsetLines(text);
                let mut lines = lines.iter();
                let holds = lines.all(|id| {
                    text.set(id, partitions.get(id).and_then(|partition| offset(partition)))
                });
                holds.then_some(text.0)
            }
            _ => None,
        };
        let anew = || {
            let entries = partitions.iter().filter_map(|(id, p)| Some((id.clone(), offset(p)?)));
            OffsetCheckpoint { entries: entries.collect() }.to_text()
        };
        debug_assert!(patched.as_ref().is_none_or(|text| *text == anew()), "{path}");
        patched.unwrap_or_else(anew)
    }
}

impl ReplicaManager {
    pub fn checkpoint_high_watermarks(&mut self, ctx: &mut Ctx<'_>, disk: &mut Disk) {
        let outdated = self.marks_outdated.take();
        let mark = |partition: &Partition| Some(partition.log.high_watermark());
        let text = outdated.text(disk, HIGH_WATERMARK_CHECKPOINT, &self.partitions, mark);
        if disk.read_all(HIGH_WATERMARK_CHECKPOINT).as_deref() != Some(text.as_bytes()) {
            disk.replace(HIGH_WATERMARK_CHECKPOINT, text.into());
            let node = self.me;
            ctx.emit(EventKind::HighWatermarkCheckpointed { node });
        }
    }

    pub fn checkpoint_recovery_points(&mut self, disk: &mut Disk) {
        let outdated = self.points_outdated.take();
        let point = |partition: &Partition| Some(partition.log.recovery_point());
        let points = outdated.text(disk, RECOVERY_POINT_CHECKPOINT, &self.partitions, point);
        // Only what the segments do not say themselves.
        let start = |Partition { log, .. }: &Partition| {
            log.starts_inside_a_segment().then(|| log.log_start_offset())
        };
        let starts = outdated.text(disk, LOG_START_CHECKPOINT, &self.partitions, start);
        disk.replace(RECOVERY_POINT_CHECKPOINT, points.into());
        disk.replace(LOG_START_CHECKPOINT, starts.into());
    }
}
