//! Scenarios of a log: what it does while it runs, what is left of it after every kind of stop, and
//! long random lives compared with a plain list of records.

pub(in crate::log) mod crash;
mod log_segment;
mod model;
mod producers;
mod recovery;
mod retention;
mod unified_log;

use super::log_config::LogConfig;
use super::unified_log::{Faults, LoadOptions, RecoveryReport, UnifiedLog};
use crate::ids::{TopicPartition, Uuid};
use crate::record::{RecordBatch, RecordBatchBuilder};
use crate::sim::disk::{Disk, DiskOp};
use crate::sim::time::SimTime;
use bytes::Bytes;

const NOW: SimTime = SimTime(1_000_000);

fn orders() -> TopicPartition {
    TopicPartition::new("orders", 0)
}

/// A configuration as `kafka-configs.sh` would set it.
fn config(settings: &[(&str, &str)]) -> LogConfig {
    let mut config = LogConfig::default();
    for (name, value) in settings {
        config.set(name, value).unwrap();
    }
    config
}

/// A new log on a new disk.
fn log(settings: &[(&str, &str)]) -> (UnifiedLog, Disk) {
    let mut disk = Disk::default();
    let topic_id = Uuid::from_random(1, 2);
    let log = UnifiedLog::create(&mut disk, &orders(), topic_id, config(settings), NOW);
    (log, disk)
}

/// A producer's batch with these values, all made at `timestamp`.
fn batch_at(timestamp: i64, values: &[&str]) -> RecordBatch {
    let mut builder = RecordBatchBuilder::default();
    for value in values {
        builder.append(timestamp, None, Some(value.as_bytes()), &[]);
    }
    RecordBatch::parse(builder.build()).unwrap()
}

fn batch(values: &[&str]) -> RecordBatch {
    batch_at(NOW.timestamp_ms(), values)
}

/// A batch as a leader of `epoch` stored it.
fn stored(base_offset: i64, epoch: i32, values: &[&str]) -> Bytes {
    crate::record::stamp(batch(values).bytes(), base_offset, epoch, None)
}

/// What became durable on another disk becomes so on this one.
pub(in crate::log) fn apply(disk: &mut Disk, op: &DiskOp) {
    match op.clone() {
        DiskOp::Append { path, bytes, .. } => {
            disk.create(&path);
            disk.append(&path, bytes, NOW);
            disk.fsync(&path);
        }
        DiskOp::Replace { path, bytes } => disk.replace(&path, bytes),
        DiskOp::Truncate { path, len } => disk.truncate(&path, len),
        DiskOp::Delete { path } => disk.delete(&path),
        DiskOp::Rename { from, to } => disk.rename(&from, &to),
    }
}

/// Offset, leader epoch and value of every record.
fn records(log: &UnifiedLog, disk: &Disk) -> Vec<(i64, i32, String)> {
    log.batches(disk, 0)
        .map(Result::unwrap)
        .flat_map(|batch| {
            let epoch = batch.partition_leader_epoch();
            batch.ensure_valid().unwrap();
            let records: Vec<_> = batch.records().map(Result::unwrap).collect();
            records.into_iter().map(move |record| {
                let value = record.value.unwrap_or_default();
                (record.offset, epoch, String::from_utf8_lossy(&value).into_owned())
            })
        })
        .collect()
}

const UNCLEAN: LoadOptions = LoadOptions {
    clean_shutdown: false,
    recovery_point: 0,
    high_watermark_checkpoint: 0,
    log_start_offset_checkpoint: None,
    faults: Faults::NONE,
};

fn load(disk: &mut Disk, config: &LogConfig, options: LoadOptions) -> (UnifiedLog, RecoveryReport) {
    UnifiedLog::load(disk, &orders(), config.clone(), options, NOW).unwrap()
}

/// What an observer could tell apart: the log without what is only known of bytes seen this run.
fn visible(log: &UnifiedLog, disk: &Disk) -> impl PartialEq + std::fmt::Debug + use<> {
    let epochs: Vec<_> = log.leader_epoch_cache().entries().collect();
    let segments: Vec<_> = log
        .segments()
        .map(|segment| {
            let offsets: Vec<_> = segment.offset_index().entries().collect();
            let times: Vec<_> = segment.time_index().entries().collect();
            (segment.base_offset(), segment.size(), segment.max_timestamp_so_far(), offsets, times)
        })
        .collect();
    let bounds =
        [log.log_start_offset(), log.log_end_offset(), log.high_watermark(), log.recovery_point()];
    (bounds, epochs, segments, records(log, disk))
}

/// Every answer that an index gives equals that of reading everything.
fn assert_indexes_are_true(log: &UnifiedLog, disk: &Disk) {
    let all: Vec<RecordBatch> = log.batches(disk, 0).map(Result::unwrap).collect();
    for offset in log.log_start_offset()..log.log_end_offset() {
        let read = log.read(disk, offset, 0, i64::MAX, true).unwrap();
        let expected = all.iter().find(|batch| batch.last_offset() >= offset);
        assert_eq!(read.batches.first(), expected.map(RecordBatch::bytes), "offset {offset}");
    }
    let mut timestamps: Vec<i64> = all.iter().map(RecordBatch::max_timestamp).collect();
    timestamps.extend(timestamps.clone().iter().map(|timestamp| timestamp + 1));
    for timestamp in timestamps {
        let expected = all
            .iter()
            .flat_map(RecordBatch::records)
            .map(Result::unwrap)
            .filter(|record| record.offset >= log.log_start_offset())
            .find(|record| record.timestamp >= timestamp)
            .map(|record| (record.timestamp, record.offset));
        let found = log.offset_for_timestamp(disk, timestamp).unwrap();
        assert_eq!(found.map(|found| (found.timestamp, found.offset)), expected, "{timestamp}");
    }
}
