//! Making a log from what a disk holds, after a clean stop, a crash or a loss of power.
//! Source: `LogLoader.java`, `LogSegment.recover`.
//!
//! After a clean stop the files are taken as they are. After any other, the segments from the
//! recovery point on are read batch by batch, and the log is cut at the first batch that is not what
//! was written ([`super::recovery_scan`] says which that is); what lies behind the cut is dropped.
//! Then the indexes are made anew, and the leader epochs and the high watermark are brought in line.

use super::checkpoint::{CheckpointError, PartitionMetadata, as_text};
use super::cleaner::log_cleaner_manager::checkpoint as checkpoint_of_cleaner;
use super::file_records::BatchPositions;
use super::leader_epoch_cache::LeaderEpochFileCache;
use super::local_log::LocalLog;
use super::log_config::LogConfig;
use super::log_error::LogError;
use super::log_file_utils::{
    CLEANED_FILE_SUFFIX, DELETED_FILE_SUFFIX, LOG_FILE_SUFFIX, PRODUCER_SNAPSHOT_FILE_SUFFIX,
    SWAP_FILE_SUFFIX, file_path, parse_path, parse_temporary,
};
use super::log_segment::{LogSegment, SegmentDamage, StoredIndexes};
use super::producer_state_manager::ProducerStateManager;
pub use super::recovery_scan::TruncationReason;
use super::recovery_scan::{Cut, RecoveryScan};
use super::unified_log::{Faults, UnifiedLog, aborted_txn};
use crate::ids::{TopicPartition, Uuid};
use crate::record::BatchHeader;
use crate::sim::disk::Disk;
use crate::sim::time::SimTime;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What is known of the last run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LoadOptions {
    /// The broker closed its logs before it stopped.
    pub clean_shutdown: bool,
    /// From `recovery-point-offset-checkpoint`: everything below it was made durable.
    pub recovery_point: i64,
    /// From `replication-offset-checkpoint`.
    pub high_watermark_checkpoint: i64,
    /// From `log-start-offset-checkpoint`; `None` if it is the first segment's base offset.
    pub log_start_offset_checkpoint: Option<i64>,
    pub faults: Faults,
}

/// What recovery found and did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RecoveryReport {
    /// Base offsets of the segments that were read batch by batch.
    pub segments_scanned: Vec<i64>,
    pub bytes_scanned: u64,
    /// Where the log was cut, if it was.
    pub truncation: Option<Truncation>,
    /// Base offset and bytes of the segments behind the cut; they are deleted.
    pub segments_dropped: Vec<(i64, u64)>,
    /// Bytes that the cut and the dropped segments had.
    pub bytes_truncated: u64,
    /// Base offsets of the segments whose indexes were made anew.
    pub indexes_rebuilt: Vec<i64>,
    /// `leader-epoch-checkpoint` did not agree with the log and was made anew from it.
    pub leader_epochs_rebuilt: bool,
    /// Damage in segments that were not recovered; reading there fails.
    pub damaged: Vec<(i64, SegmentDamage)>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Truncation {
    /// Base offset of the segment that was cut.
    pub segment: i64,
    /// Bytes of its `.log` that are left.
    pub valid_bytes: u64,
    /// Bytes that were cut off it.
    pub bytes: u64,
    pub reason: TruncationReason,
}

pub(super) fn load(
    disk: &mut Disk,
    topic_partition: &TopicPartition,
    config: LogConfig,
    options: LoadOptions,
    now: SimTime,
) -> Result<(UnifiedLog, RecoveryReport), LogError> {
    let dir: Arc<str> = topic_partition.to_string().into();
    let topic_id = load_topic_id(disk, &dir)?;
    let mut report = RecoveryReport::default();
    complete_swaps(disk, &dir);
    let checkpoint = LeaderEpochFileCache::load(disk, &dir).ok().flatten();
    let mut bases = segment_bases(disk, &dir);

    // The topic's own settings are not known yet, but whether the cleaner was at work is.
    let cleaned = checkpoint_of_cleaner(disk, topic_partition).is_some();
    let mut scan = RecoveryScan {
        disk,
        dir: &dir,
        bases: &bases,
        checkpoint: checkpoint.as_ref(),
        compacted: config.cleanup_policy.compact || cleaned,
        recover_from: bases.len(),
    };
    if !options.clean_shutdown {
        // The segment that holds the recovery point, and all after it.
        let after = bases.partition_point(|base| *base <= options.recovery_point);
        scan.recover_from = after.saturating_sub(1);
    }
    let mut findings = scan.run();
    let last = bases.len().saturating_sub(1);
    if findings.damaged.iter().any(|damage| damage.segment == last) {
        // The log goes on at the end of the last segment, so that has to be known.
        scan.recover_from = last;
        findings = scan.run();
    }
    let recover_from = scan.recover_from;
    report.bytes_scanned = findings.bytes_scanned;
    if let Some(cut) = findings.cut {
        apply_cut(disk, &dir, &mut bases, cut, &mut report);
    }
    report.segments_scanned = bases[recover_from.min(bases.len())..].to_vec();

    let checkpointed_start = options.log_start_offset_checkpoint.unwrap_or(0).max(0);
    let mut epochs = EpochAudit::new(&dir, checkpoint, checkpointed_start);
    let mut segments = Vec::with_capacity(bases.len());
    let mut replay_from = recover_from;
    for (index, base_offset) in bases.iter().enumerate() {
        let recovered = index >= recover_from;
        let damage = findings.damaged.iter().find(|damage| damage.segment == index);
        let damage =
            damage.map(|damage| SegmentDamage { position: damage.position, reason: damage.reason });
        let indexes = match recovered {
            _ if options.faults.trust_indexes => StoredIndexes::Trusted,
            true => StoredIndexes::Rebuilt,
            false => StoredIndexes::Checked,
        };
        let opened =
            LogSegment::open(disk, &dir, *base_offset, &config, indexes, damage, now, |header| {
                epochs.batch(header);
            });
        let mut segment = opened.segment;
        if recovered {
            segment.set_checked();
            disk.warm_up(segment.path());
        }
        if opened.indexes_rebuilt || opened.txn_index_lost {
            report.indexes_rebuilt.push(*base_offset);
        }
        if opened.txn_index_lost {
            replay_from = replay_from.min(index);
        }
        report.damaged.extend(damage.map(|damage| (*base_offset, damage)));
        segments.push(segment);
    }

    let ends_before_start =
        segments.last().is_some_and(|last| last.next_offset() < checkpointed_start);
    if ends_before_start {
        // What was kept is gone: the files were lost or cut below the log start.
        for segment in segments.drain(..).rev() {
            report.segments_dropped.push((segment.base_offset(), segment.size()));
            report.bytes_truncated += segment.size();
            segment.delete(disk);
        }
    }
    let active = segments
        .pop()
        .unwrap_or_else(|| LogSegment::create(disk, &dir, checkpointed_start, &config, Some(now)));
    let first_base = segments.first().map_or(active.base_offset(), LogSegment::base_offset);
    let log_end_offset = active.next_offset();
    let log_start_offset = checkpointed_start.max(first_base);
    let high_watermark = options.high_watermark_checkpoint.clamp(log_start_offset, log_end_offset);
    segments.push(active);
    let replay_from = replay_from.min(segments.len());
    let producers = load_producers(
        disk,
        &dir,
        &mut segments,
        replay_from,
        (log_start_offset, high_watermark, log_end_offset),
        now,
    );
    let active = segments.pop().unwrap_or_else(|| unreachable!("one was pushed"));

    let (mut leader_epochs, rebuilt) = epochs.finish();
    report.leader_epochs_rebuilt = rebuilt;
    if ends_before_start {
        leader_epochs.clear(disk);
    }
    leader_epochs.truncate_from_end(disk, log_end_offset);
    leader_epochs.truncate_from_start(disk, log_start_offset);
    leader_epochs.write(disk);

    let recovery_point = if options.clean_shutdown {
        log_end_offset
    } else {
        options.recovery_point.clamp(log_start_offset, log_end_offset)
    };
    let log = UnifiedLog {
        topic_partition: topic_partition.clone(),
        topic_id,
        local: LocalLog {
            dir,
            config,
            sealed: Arc::new(segments.into_iter().map(Arc::new).collect()),
            active: Arc::new(active),
            log_end_offset,
            recovery_point,
            last_flush: now,
        },
        leader_epochs,
        producers,
        log_start_offset,
        high_watermark,
        truncations: 0,
        faults: options.faults,
    };
    Ok((log, report))
}

/// Removes what waited to be deleted and what the cleaner had not finished, and finishes what it had
/// begun to swap in. Afterwards only files of the log are left.
fn complete_swaps(disk: &mut Disk, dir: &str) {
    let mut first_cleaned = i64::MAX;
    for path in disk.list(dir) {
        if parse_temporary(&path, DELETED_FILE_SUFFIX).is_some() {
            disk.delete(&path);
        } else if let Some((base, _)) = parse_temporary(&path, CLEANED_FILE_SUFFIX) {
            first_cleaned = first_cleaned.min(base);
        }
    }
    // A swap whose files have not all been renamed has not begun.
    for path in disk.list(dir) {
        let swap = parse_temporary(&path, SWAP_FILE_SUFFIX);
        let cleaned = parse_temporary(&path, CLEANED_FILE_SUFFIX);
        if cleaned.is_some() || swap.is_some_and(|(base, _)| base >= first_cleaned) {
            disk.delete(&path);
        }
    }
    let swaps: Vec<(Arc<str>, i64, String)> = disk
        .list(dir)
        .into_iter()
        .filter_map(|path| {
            let (base, bare) = parse_temporary(&path, SWAP_FILE_SUFFIX)?;
            let bare = bare.to_string();
            Some((path, base, bare))
        })
        .collect();
    // The segments that a swapped one takes the place of are in its range of offsets.
    for (path, base, _) in swaps.iter().filter(|(_, _, bare)| bare.ends_with(LOG_FILE_SUFFIX)) {
        let file = disk.file(path).cloned().unwrap_or_default();
        let last = BatchPositions::from(&file, 0).map_while(Result::ok).last();
        let end = last.map_or(*base, |batch| batch.header.next_offset());
        for path in disk.list(dir) {
            if let Some((other, suffix)) = parse_path(&path)
                && (*base..end).contains(&other)
                && (suffix != PRODUCER_SNAPSHOT_FILE_SUFFIX || other > *base)
            {
                disk.delete(&path);
            }
        }
    }
    for (path, _, bare) in swaps {
        disk.rename(&path, &bare);
    }
}

/// The producers at the end of the log: from the newest snapshot that can be used, and the batches
/// after it. The transaction indexes of the segments from `replay_from` on are made anew.
fn load_producers(
    disk: &mut Disk,
    dir: &Arc<str>,
    segments: &mut [LogSegment],
    replay_from: usize,
    (log_start_offset, high_watermark, log_end_offset): (i64, i64, i64),
    now: SimTime,
) -> ProducerStateManager {
    let mut producers = ProducerStateManager::new(dir.clone());
    producers.find_snapshots(disk);
    let bases: Vec<i64> = segments.iter().map(LogSegment::base_offset).collect();
    producers.remove_stray_snapshots(disk, &bases);
    let upper_bound = bases.get(replay_from).map_or(log_end_offset, |base| *base);
    let now_ms = now.timestamp_ms();
    producers.truncate_and_reload(disk, log_start_offset, upper_bound, log_end_offset, now_ms);
    let from = producers.map_end_offset();
    for (index, segment) in segments.iter_mut().enumerate() {
        let recovered = index >= replay_from;
        if recovered {
            segment.reset_txn_index(disk);
        }
        if segment.next_offset() <= from {
            continue;
        }
        let file = disk.file(segment.path()).cloned().unwrap_or_default();
        for at in segment.batches_from(&file, 0).map_while(Result::ok) {
            if at.header.base_offset < from {
                continue;
            }
            let Ok(batch) = segment.batch_at(&file, at) else {
                break;
            };
            let Some(completed) = producers.update(&batch) else {
                continue;
            };
            if recovered && let Some(aborted) = aborted_txn(&producers, &completed) {
                // Markers come in the order of their offsets.
                let _ = segment.append_aborted_txn(disk, aborted, now);
            }
            producers.complete_txn(&completed);
        }
    }
    producers.update_map_end_offset(log_end_offset);
    producers.on_high_watermark_updated(high_watermark);
    producers
}

/// The topic id of `partition.metadata`; zero if there is no such file.
fn load_topic_id(disk: &Disk, dir: &str) -> Result<Uuid, LogError> {
    let path = format!("{dir}/{}", PartitionMetadata::FILE_NAME);
    let Some(bytes) = disk.read_all(&path) else {
        return Ok(Uuid::ZERO);
    };
    let parse = || -> Result<PartitionMetadata, CheckpointError> {
        PartitionMetadata::parse(as_text(&bytes)?)
    };
    match parse() {
        Ok(metadata) => Ok(metadata.topic_id),
        Err(error) => Err(LogError::CorruptFile { path: path.into(), error }),
    }
}

/// The base offsets of the segments in a directory. Indexes without a segment are removed.
fn segment_bases(disk: &mut Disk, dir: &str) -> Vec<i64> {
    let paths = disk.list(dir);
    let named = |path: &Arc<str>, log: bool| {
        parse_path(path)
            .filter(|(_, suffix)| (*suffix == LOG_FILE_SUFFIX) == log)
            .map(|(base, _)| base)
    };
    let bases: Vec<i64> = paths.iter().filter_map(|path| named(path, true)).collect();
    for path in &paths {
        // A clean stop leaves a snapshot at the end of the log.
        let is_snapshot = path.ends_with(PRODUCER_SNAPSHOT_FILE_SUFFIX);
        if !is_snapshot
            && named(path, false).is_some_and(|base| bases.binary_search(&base).is_err())
        {
            disk.delete(path);
        }
    }
    bases
}

/// Cuts the files. The dropped segments go from the last to the first, so that a stop in between
/// leaves a log without a hole.
fn apply_cut(
    disk: &mut Disk,
    dir: &str,
    bases: &mut Vec<i64>,
    cut: Cut,
    report: &mut RecoveryReport,
) {
    for base in bases.drain(cut.segment + 1..).rev() {
        let path = file_path(dir, base, LOG_FILE_SUFFIX);
        let bytes = disk.len(&path).unwrap_or(0);
        report.segments_dropped.push((base, bytes));
        report.bytes_truncated += bytes;
        for path in disk.list(dir) {
            if parse_path(&path).is_some_and(|(other, _)| other == base) {
                disk.delete(&path);
            }
        }
    }
    report.segments_dropped.reverse();
    let segment = bases[cut.segment];
    let path = file_path(dir, segment, LOG_FILE_SUFFIX);
    let bytes = disk.len(&path).unwrap_or(0) - cut.position;
    disk.truncate(&path, cut.position);
    report.bytes_truncated += bytes;
    let valid_bytes = cut.position;
    report.truncation = Some(Truncation { segment, valid_bytes, bytes, reason: cut.reason });
}

/// Compares the leader epochs of the checkpoint with those of the batches, as these go by.
struct EpochAudit {
    checkpoint: Option<LeaderEpochFileCache>,
    from_log: LeaderEpochFileCache,
    log_start_offset: i64,
    agrees: bool,
}

impl EpochAudit {
    fn new(dir: &str, checkpoint: Option<LeaderEpochFileCache>, log_start_offset: i64) -> Self {
        let from_log = LeaderEpochFileCache::new(dir, BTreeMap::new());
        EpochAudit { agrees: checkpoint.is_some(), checkpoint, from_log, log_start_offset }
    }

    fn batch(&mut self, header: &BatchHeader) {
        let epoch = header.partition_leader_epoch;
        if epoch < 0 {
            return;
        }
        if self.from_log.latest_epoch().is_none_or(|latest| latest < epoch) {
            self.from_log.assign_in_memory(epoch, header.base_offset);
        }
        for offset in [header.base_offset, header.last_offset()] {
            let known = self.checkpoint.as_ref().and_then(|cache| cache.epoch_for_offset(offset));
            // Epochs are forgotten below the log start, where batches may still lie.
            self.agrees &= match known {
                Some(known) => known == epoch,
                None => offset < self.log_start_offset,
            };
        }
    }

    /// The epochs to go on with, and whether they had to be taken from the log. The checkpoint is
    /// better where it is true: it also knows epochs whose first batches compaction has removed.
    fn finish(self) -> (LeaderEpochFileCache, bool) {
        match self.checkpoint {
            Some(checkpoint) if self.agrees => (checkpoint, false),
            _ => (self.from_log, true),
        }
    }
}
