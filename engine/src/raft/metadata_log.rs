//! `__cluster_metadata-0`: the log on which the quorum agrees, and its snapshots (`KafkaRaftLog`,
//! `Snapshots`). A snapshot stands for everything below its offset, so the log may begin there. What
//! the records mean is not known here.
//!
//! ```text
//! 00000000000000000120-0000000003.checkpoint     everything below 120; its last record is of epoch 3
//!                     ...checkpoint.part         on its way from the leader
//!                     ...checkpoint.deleted      older than the log start; goes with the next look
//! ```

use super::snapshot::last_contained_log_timestamp;
use crate::event::EventKind;
use crate::ids::{NodeId, SnapshotId, TopicPartition, Uuid};
use crate::log::log_config::{CleanupPolicy, LogConfig};
use crate::log::unified_log::{Faults, LoadOptions, UnifiedLog};
use crate::protocol::DivergingEpoch;
use crate::sim::disk::Disk;
use crate::sim::time::SimTime;
use crate::spec::BrokerConfig;
use crate::world::Ctx;
use bytes::Bytes;
use std::collections::BTreeMap;
use std::ops::{Deref, DerefMut};

pub const CLUSTER_METADATA: &str = "__cluster_metadata";
const DIRECTORY: &str = "__cluster_metadata-0";
const PARTIAL: &str = "part";
const DELETED: &str = "deleted";
/// `KafkaRaftClient.MAX_BATCH_SIZE_BYTES`
pub const MAX_BATCH_SIZE_BYTES: usize = 8 * 1024 * 1024;

pub fn metadata_partition() -> TopicPartition {
    TopicPartition::new(CLUSTER_METADATA, 0)
}

/// Where a snapshot is on the disk of whoever has it.
pub fn snapshot_path(id: SnapshotId) -> String {
    format!("{DIRECTORY}/{id}.checkpoint")
}

fn path_with(id: SnapshotId, suffix: &str) -> String {
    format!("{}.{suffix}", snapshot_path(id))
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MetadataLog {
    log: UnifiedLog,
    snapshots: BTreeMap<SnapshotId, SnapshotFile>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SnapshotFile {
    pub bytes: u64,
    /// Of the last record that it stands for, in Unix ms.
    pub last_contained_log_timestamp: i64,
}

/// What the leader says to the place at which somebody fetches (`ValidOffsetAndEpoch`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FetchPosition {
    Valid,
    /// The logs part there: cut yours.
    Diverging(DivergingEpoch),
    /// The log no longer goes back so far: fetch this first.
    Snapshot(SnapshotId),
}

/// What a look at the limits let go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cleaned {
    pub log_start_offset: i64,
    pub segments: u32,
    pub snapshots: u32,
}

impl Deref for MetadataLog {
    type Target = UnifiedLog;

    fn deref(&self) -> &UnifiedLog {
        &self.log
    }
}

impl DerefMut for MetadataLog {
    fn deref_mut(&mut self) -> &mut UnifiedLog {
        &mut self.log
    }
}

impl MetadataLog {
    /// The log that the disk has, or a new one. It is recovered as after a crash however it was
    /// closed, as in Kafka; a snapshot that is ahead of it takes its place.
    pub fn open(ctx: &mut Ctx<'_>, disk: &mut Disk, node: NodeId) -> MetadataLog {
        let partition = metadata_partition();
        let config = log_config(&ctx.world.spec.broker);
        let options = LoadOptions {
            clean_shutdown: false,
            recovery_point: 0,
            high_watermark_checkpoint: 0,
            log_start_offset_checkpoint: None,
            faults: Faults::NONE,
        };
        let known = !disk.list(DIRECTORY).is_empty();
        let loaded = known
            .then(|| UnifiedLog::load(disk, &partition, config.clone(), options, ctx.now()).ok());
        let log = match loaded.flatten() {
            Some((log, report)) => {
                ctx.emit(EventKind::LogRecovered {
                    node,
                    partition,
                    log_end_offset: log.log_end_offset(),
                    high_watermark: log.high_watermark(),
                    bytes_truncated: report.bytes_truncated,
                    clean: false,
                });
                log
            }
            None => UnifiedLog::create(disk, &partition, Uuid::ZERO, config, ctx.now()),
        };
        let snapshots = recover_snapshots(disk, log.log_start_offset());
        let mut log = MetadataLog { log, snapshots };
        log.truncate_to_latest_snapshot(disk);
        log
    }

    pub fn snapshots(&self) -> impl Iterator<Item = (SnapshotId, SnapshotFile)> + '_ {
        self.snapshots.iter().map(|(&id, &file)| (id, file))
    }

    pub fn latest_snapshot(&self) -> Option<SnapshotId> {
        self.snapshots.last_key_value().map(|(&id, _)| id)
    }

    pub fn earliest_snapshot(&self) -> Option<SnapshotId> {
        self.snapshots.first_key_value().map(|(&id, _)| id)
    }

    pub fn has_snapshot(&self, id: SnapshotId) -> bool {
        self.snapshots.contains_key(&id)
    }

    /// The epoch of the last record, or of what the snapshot stands for where the log is empty; 0
    /// where there is nothing at all.
    pub fn last_epoch(&self) -> i32 {
        let of_snapshot = || self.latest_snapshot().map_or(0, |id| id.epoch);
        self.log.last_offset_epoch().unwrap_or_else(of_snapshot)
    }

    /// Where an epoch ends here, or the largest known below it.
    fn end_offset_for(&self, epoch: i32) -> DivergingEpoch {
        let end = self.log.end_offset_for_epoch(epoch);
        if end.is_undefined() {
            return DivergingEpoch {
                epoch: self.last_epoch(),
                end_offset: self.log.log_end_offset(),
            };
        }
        // An epoch before all that are known: what came before the log is in its first snapshot.
        let covered = self
            .earliest_snapshot()
            .filter(|snapshot| end.leader_epoch == epoch && end.end_offset == snapshot.offset);
        DivergingEpoch {
            epoch: covered.map_or(end.leader_epoch, |snapshot| snapshot.epoch),
            end_offset: end.end_offset,
        }
    }

    /// Whether a log that ends at `offset` with a record of `epoch` agrees with this one
    /// (`ReplicatedLog.validateOffsetAndEpoch`).
    pub fn validate(&self, offset: i64, epoch: i32) -> FetchPosition {
        let start = self.log.log_start_offset();
        let (earliest, latest) = (self.earliest_snapshot(), self.latest_snapshot());
        // An empty log gets there sooner by way of a snapshot.
        if let Some(latest) = latest.filter(|_| offset == 0) {
            return FetchPosition::Snapshot(latest);
        }
        if offset == 0 && start == 0 {
            return FetchPosition::Valid;
        }
        if let (Some(earliest), Some(latest)) = (earliest, latest)
            && (offset < start
                || (offset == start && epoch != earliest.epoch)
                || epoch < earliest.epoch)
        {
            return FetchPosition::Snapshot(latest);
        }
        let end = self.end_offset_for(epoch);
        match end.epoch != epoch || end.end_offset < offset {
            true => FetchPosition::Diverging(end),
            false => FetchPosition::Valid,
        }
    }

    /// Cuts off what the quorum's leader does not have, as a voter and as an observer. Answers where
    /// the log ended before, and from where on it was cut.
    pub fn truncate_to_diverging(
        &mut self,
        disk: &mut Disk,
        diverging: DivergingEpoch,
    ) -> (i64, i64) {
        let from = self.log.log_end_offset();
        let own = self.end_offset_for(diverging.epoch);
        let to = match diverging.epoch == 0 || own.epoch == diverging.epoch {
            true => own.end_offset.min(diverging.end_offset),
            false => own.end_offset,
        };
        self.log.truncate_to(disk, to);
        (from, to)
    }

    /// A segment takes at least one batch. Kafka makes sure of it by the least value of
    /// `metadata.log.segment.bytes`, 8 MiB.
    pub fn make_room_for(&mut self, batch_bytes: usize) {
        let least = i32::try_from(batch_bytes).unwrap_or(i32::MAX);
        if self.log.config().segment_bytes < least {
            self.log.set_config(LogConfig { segment_bytes: least, ..self.log.config().clone() });
        }
    }

    // Snapshots.

    /// Takes over a snapshot of what is committed here.
    pub fn store_snapshot(&mut self, disk: &mut Disk, id: SnapshotId, bytes: Bytes) {
        disk.replace(&snapshot_path(id), bytes);
        self.snapshots.extend(read_file(disk, id));
    }

    /// Takes a part of a snapshot that is on its way.
    pub fn append_partial(&self, disk: &mut Disk, id: SnapshotId, bytes: Bytes, now: SimTime) {
        disk.append(&path_with(id, PARTIAL), bytes, now);
    }

    pub fn drop_partial(&self, disk: &mut Disk, id: SnapshotId) {
        disk.delete(&path_with(id, PARTIAL));
    }

    /// The snapshot has arrived: it is durable, has its name, and stands for the log if it is ahead
    /// of it.
    pub fn freeze_partial(&mut self, disk: &mut Disk, id: SnapshotId) -> bool {
        let partial = path_with(id, PARTIAL);
        disk.fsync(&partial);
        disk.rename(&partial, &snapshot_path(id));
        self.snapshots.extend(read_file(disk, id));
        self.truncate_to_latest_snapshot(disk)
    }

    /// Begins the log anew after the latest snapshot, if that is ahead of it.
    fn truncate_to_latest_snapshot(&mut self, disk: &mut Disk) -> bool {
        let end = (self.log.latest_epoch().unwrap_or(0), self.log.log_end_offset());
        let Some(latest) = self.latest_snapshot().filter(|id| (id.epoch, id.offset) > end) else {
            return false;
        };
        self.log.truncate_fully_and_start_at(disk, latest.offset);
        self.forget_snapshots_before(disk, latest);
        true
    }

    fn forget_snapshots_before(&mut self, disk: &mut Disk, first: SnapshotId) -> u32 {
        let kept = self.snapshots.split_off(&first);
        let gone = std::mem::replace(&mut self.snapshots, kept);
        for &id in gone.keys() {
            disk.rename(&snapshot_path(id), &path_with(id, DELETED));
        }
        gone.len() as u32
    }

    /// While the log and its snapshots are larger than `metadata.max.retention.bytes`, or the oldest
    /// snapshot is older than `metadata.max.retention.ms`: lets the oldest snapshot go, and with it
    /// what the next one stands for. The last snapshot stays.
    pub fn clean(
        &mut self,
        disk: &mut Disk,
        now: SimTime,
        settings: &BrokerConfig,
    ) -> Option<Cleaned> {
        self.delete_marked(disk);
        let mut cleaned: Option<Cleaned> = None;
        while let [oldest, next] = self.snapshots.keys().copied().take(2).collect::<Vec<_>>()[..] {
            let snapshots: u64 = self.snapshots.values().map(|file| file.bytes).sum();
            let is_large = self.log.size() + snapshots > settings.metadata_max_retention_bytes;
            let written = self.snapshots[&oldest].last_contained_log_timestamp;
            let age_ms = now.timestamp_ms().saturating_sub(written);
            let is_old = age_ms > settings.metadata_max_retention_ms as i64;
            let goes = (is_large || is_old)
                && next.offset <= self.log.high_watermark()
                && self.log.maybe_increment_log_start_offset(disk, next.offset);
            if !goes {
                break;
            }
            let segments: usize = self
                .log
                .delete_old_segments(disk, now)
                .iter()
                .map(|deleted| deleted.segments.len())
                .sum();
            let before =
                cleaned.unwrap_or(Cleaned { log_start_offset: 0, segments: 0, snapshots: 0 });
            cleaned = Some(Cleaned {
                log_start_offset: self.log.log_start_offset(),
                segments: before.segments + segments as u32,
                snapshots: before.snapshots + self.forget_snapshots_before(disk, next),
            });
        }
        cleaned
    }

    /// What an earlier look marked has waited for as long as `file.delete.delay.ms` says.
    fn delete_marked(&self, disk: &mut Disk) {
        for path in disk.list(DIRECTORY) {
            if path.ends_with(DELETED) {
                disk.delete(&path);
            }
        }
    }
}

/// Kafka gives the metadata log a few settings of its own; retention is that of snapshots.
fn log_config(settings: &BrokerConfig) -> LogConfig {
    LogConfig {
        cleanup_policy: CleanupPolicy { compact: false, delete: true },
        max_message_bytes: MAX_BATCH_SIZE_BYTES as i32,
        segment_bytes: settings.metadata_log_segment_bytes as i32,
        segment_ms: settings.metadata_log_segment_ms as i64,
        retention_bytes: -1,
        retention_ms: -1,
        ..LogConfig::default()
    }
}

/// Keeps the snapshots that are whole and not behind the log, and deletes the others.
fn recover_snapshots(disk: &mut Disk, log_start: i64) -> BTreeMap<SnapshotId, SnapshotFile> {
    let mut snapshots = BTreeMap::new();
    for path in disk.list(DIRECTORY) {
        let Some((name, kind)) = file_name(&path).split_once(".checkpoint") else {
            continue;
        };
        let id: Option<SnapshotId> = name.parse().ok();
        match id.filter(|id| kind.is_empty() && id.offset >= log_start) {
            Some(id) => snapshots.extend(read_file(disk, id)),
            None => disk.delete(&path),
        }
    }
    snapshots
}

fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

fn read_file(disk: &Disk, id: SnapshotId) -> Option<(SnapshotId, SnapshotFile)> {
    let bytes = disk.read_all(&snapshot_path(id))?;
    let last_contained_log_timestamp = last_contained_log_timestamp(&bytes)?;
    Some((id, SnapshotFile { bytes: bytes.len() as u64, last_contained_log_timestamp }))
}
