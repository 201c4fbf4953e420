//! How a process comes to know the metadata, and when it writes them down: it applies what is committed
//! of the metadata log, from the newest snapshot on where it begins or where the log no longer goes
//! back to where it was, and makes a snapshot of its own after so much or so long (`MetadataLoader`,
//! `SnapshotGenerator`). Controllers and brokers do the same.

use super::metadata_image::MetadataImage;
use super::metadata_record::MetadataRecord;
use crate::event::EventKind;
use crate::ids::{NodeId, SnapshotId};
use crate::raft::metadata_log::{MetadataLog, snapshot_path};
use crate::raft::snapshot;
use crate::record::record_batch::RecordBatch;
use crate::sim::disk::Disk;
use crate::sim::time::SimTime;
use crate::world::Ctx;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MetadataLoader {
    node: NodeId,
    is_controllers: bool,
    /// Of records applied since the last snapshot was made or loaded.
    bytes_since_snapshot: u64,
    last_snapshot_at: SimTime,
    /// Of the last record applied.
    pub last_timestamp: i64,
}

impl MetadataLoader {
    pub fn of_controller(node: NodeId, now: SimTime) -> Self {
        MetadataLoader { is_controllers: true, ..MetadataLoader::of_broker(node, now) }
    }

    pub fn of_broker(node: NodeId, now: SimTime) -> Self {
        MetadataLoader {
            node,
            is_controllers: false,
            bytes_since_snapshot: 0,
            last_snapshot_at: now,
            last_timestamp: 0,
        }
    }

    /// The newest snapshot's image, if `image` is at the beginning or before the log.
    pub fn load_snapshot(
        &mut self,
        ctx: &mut Ctx<'_>,
        disk: &Disk,
        log: &MetadataLog,
        image: &MetadataImage,
    ) -> Option<MetadataImage> {
        let first = image.next_offset;
        let id = log
            .latest_snapshot()
            .filter(|id| id.offset > first && (first == 0 || first < log.log_start_offset()))?;
        let loaded = read_snapshot(disk, id)?;
        self.last_timestamp = loaded.1;
        (self.bytes_since_snapshot, self.last_snapshot_at) = (0, ctx.now());
        let (node, by_controller) = (self.node, self.is_controllers);
        ctx.emit(EventKind::SnapshotLoaded { node, id, by_controller });
        Some(loaded.0)
    }

    /// The decoded records from `first` up to the high watermark, with their offsets.
    pub fn committed_records(
        &mut self,
        disk: &Disk,
        log: &MetadataLog,
        first: i64,
    ) -> Vec<(i64, MetadataRecord)> {
        let mut records = Vec::new();
        for batch in committed_batches(log, disk, first) {
            self.bytes_since_snapshot += batch.bytes().len() as u64;
            self.last_timestamp = batch.max_timestamp();
            records.extend(records_of(&batch).into_iter().filter(|(offset, _)| *offset >= first));
        }
        records
    }

    /// Makes a snapshot of `image`, if it is time.
    pub fn maybe_snapshot(
        &mut self,
        ctx: &mut Ctx<'_>,
        disk: &mut Disk,
        log: &mut MetadataLog,
        image: &MetadataImage,
    ) {
        let settings = ctx.spec();
        let settings = &settings.broker;
        let waited_ms = ctx.now().since(self.last_snapshot_at) / 1000;
        let is_much =
            self.bytes_since_snapshot >= settings.metadata_log_max_record_bytes_between_snapshots;
        if !is_much && waited_ms < settings.metadata_log_max_snapshot_interval_ms {
            return;
        }
        let Some(epoch) = log.leader_epoch_cache().epoch_for_offset(image.next_offset - 1) else {
            return;
        };
        let id = SnapshotId { epoch, offset: image.next_offset };
        let after_bytes = is_much.then_some(self.bytes_since_snapshot);
        (self.bytes_since_snapshot, self.last_snapshot_at) = (0, ctx.now());
        if log.has_snapshot(id) {
            return;
        }
        let records = image.to_records();
        let records = records.iter().map(MetadataRecord::encode);
        let file = snapshot::write(id, self.last_timestamp, ctx.now().timestamp_ms(), records);
        let (node, bytes) = (self.node, file.len() as u64);
        log.store_snapshot(disk, id, file);
        ctx.emit(EventKind::SnapshotGenerated { node, id, bytes, after_bytes });
    }
}

/// The image that a stored snapshot stands for, and the time of its last record.
pub fn read_snapshot(disk: &Disk, id: SnapshotId) -> Option<(MetadataImage, i64)> {
    let snapshot = snapshot::read(&disk.read_all(&snapshot_path(id))?)?;
    let mut image = MetadataImage::default();
    for record in &snapshot.records {
        image.apply(0, &MetadataRecord::decode(record)?);
    }
    image.next_offset = id.offset;
    Some((image, snapshot.last_contained_log_timestamp))
}

/// The metadata records of a batch, with their offsets; none of a control batch.
pub fn records_of(batch: &RecordBatch) -> Vec<(i64, MetadataRecord)> {
    if batch.is_control() {
        return Vec::new();
    }
    let records = batch.records().filter_map(Result::ok);
    records
        .filter_map(|record| {
            Some((record.offset, MetadataRecord::decode(record.value.as_deref()?)?))
        })
        .collect()
}

/// Whole batches, from the one that holds `first` up to the high watermark.
fn committed_batches(log: &MetadataLog, disk: &Disk, first: i64) -> Vec<RecordBatch> {
    let bound = log.high_watermark();
    let batches = log.batches(disk, first).map_while(Result::ok);
    batches.take_while(|batch| batch.next_offset() <= bound).collect()
}
