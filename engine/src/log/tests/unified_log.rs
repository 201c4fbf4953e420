//! Scenarios of `UnifiedLogTest` and of KAFKA.md, in the log's own words.

use super::*;
use crate::log::log_error::LogError;
use crate::record::{CompressionType, EndTransactionMarker, TimestampType};

fn append(log: &mut UnifiedLog, disk: &mut Disk, epoch: i32, values: &[&str]) {
    log.append_as_leader(disk, &batch(values), epoch, NOW).unwrap();
}

fn bases(log: &UnifiedLog) -> Vec<i64> {
    log.segments().map(|segment| segment.base_offset()).collect()
}

#[test]
fn a_new_log_has_kafkas_files() {
    let (log, disk) = log(&[]);
    assert_eq!(log.dir(), "orders-0");
    assert_eq!(
        disk.list("orders-0"),
        [
            "orders-0/00000000000000000000.index".into(),
            "orders-0/00000000000000000000.log".into(),
            "orders-0/00000000000000000000.timeindex".into(),
            "orders-0/leader-epoch-checkpoint".into(),
            "orders-0/partition.metadata".into(),
        ]
    );
    assert_eq!(log.last_offset_epoch(), None);
    assert_eq!(log.read(&disk, 0, 100, 0, true).unwrap().batches, [] as [Bytes; 0]);
}

#[test]
fn a_leader_numbers_records_and_stamps_its_epoch() {
    let (mut log, mut disk) = log(&[]);
    let info = log.append_as_leader(&mut disk, &batch(&["a", "b"]), 3, NOW).unwrap();
    assert_eq!((info.first_offset, info.last_offset, info.batches), (0, 1, 1));
    let info = log.append_as_leader(&mut disk, &batch(&["c"]), 4, NOW).unwrap();
    assert_eq!((info.first_offset, info.last_offset), (2, 2));
    let expected = [(0, 3, "a"), (1, 3, "b"), (2, 4, "c")];
    assert_eq!(records(&log, &disk), expected.map(|(o, e, v)| (o, e, v.to_string())));
    assert_eq!(log.latest_epoch(), Some(4));
    assert_eq!(disk.read_all("orders-0/leader-epoch-checkpoint").unwrap(), "0\n2\n3 0\n4 2\n");
}

/// KAFKA.md 3-12, `UnifiedLogTest.testHighWatermarkMaintenance`.
#[test]
fn high_watermark_maintenance() {
    let (mut log, mut disk) = log(&[]);
    let three = ["a", "b", "c"];
    append(&mut log, &mut disk, 0, &three);
    assert_eq!(log.high_watermark(), 0);
    assert_eq!(log.maybe_increment_high_watermark(1), Some(0));
    assert_eq!(log.maybe_increment_high_watermark(1), None);
    assert_eq!(log.update_high_watermark(5), 3);
    log.append_as_follower(&mut disk, &[stored(3, 0, &three)], 0, NOW).unwrap();
    assert_eq!(log.update_high_watermark(6), 6);
    assert!(log.truncate_to(&mut disk, 3));
    assert_eq!(log.high_watermark(), 3);
    append(&mut log, &mut disk, 0, &three);
    assert_eq!((log.high_watermark(), log.log_end_offset(), log.log_start_offset()), (3, 6, 0));
    log.truncate_fully_and_start_at(&mut disk, 4);
    assert_eq!((log.high_watermark(), log.log_end_offset(), log.log_start_offset()), (4, 4, 4));
    assert_eq!(bases(&log), [4]);
}

#[test]
#[should_panic(expected = "passes the log end offset")]
fn a_leader_never_commits_what_it_does_not_have() {
    log(&[]).0.maybe_increment_high_watermark(1);
}

/// KAFKA.md 6.6, `UnifiedLogTest.testTimeBasedLogRollDuringAppend`.
#[test]
fn time_based_roll_during_append() {
    const HOUR_MS: u64 = 3_600_000;
    let any_time = i64::MAX.to_string();
    let (mut log, mut disk) =
        log(&[("segment.ms", "3600000"), ("message.timestamp.after.max.ms", &any_time)]);
    let mut now = NOW;
    let mut step = |sleep: bool, timestamp: i64, segments: usize| {
        if sleep {
            now = now.plus_millis(HOUR_MS + 1);
        }
        log.append_as_leader(&mut disk, &batch_at(timestamp, &["x"]), 0, now).unwrap();
        assert_eq!(log.segment_count(), segments);
        now.timestamp_ms()
    };
    // Whether an hour and a millisecond pass before; the timestamp; segments after.
    step(true, -1, 1);
    step(false, -1, 2);
    step(true, -1, 3);
    let at = step(true, -1, 4);
    // The segment's first record has no timestamp, so the broker's clock counts.
    let timestamp = at + HOUR_MS as i64 + 1;
    step(false, timestamp, 4);
    step(true, timestamp, 5);
    // Record time counts, not the clock.
    let at = step(true, timestamp, 5);
    step(false, at, 6);
}

#[test]
fn rolls_by_size_and_by_full_index() {
    let size = batch(&["x"]).size_in_bytes();
    let (mut by_size, mut disk) = log(&[("segment.bytes", &(2 * size).to_string())]);
    for _ in 0..5 {
        append(&mut by_size, &mut disk, 0, &["x"]);
    }
    assert_eq!(bases(&by_size), [0, 2, 4]);
    // Closing a segment made it durable; the active one is not.
    assert_eq!(by_size.recovery_point(), 4);
    assert_eq!(disk.dirty_bytes(), u64::from(size));
    // Two offset entries fit, one time entry and a free place.
    let (mut by_index, mut disk) =
        log(&[("segment.index.bytes", "24"), ("index.interval.bytes", "0")]);
    let mut rolled = Vec::new();
    for n in 0..6 {
        let batch = batch_at(NOW.timestamp_ms() + n, &["x"]);
        rolled.extend(by_index.append_as_leader(&mut disk, &batch, 0, NOW).unwrap().rolled);
    }
    assert_eq!((rolled, bases(&by_index)), (vec![2, 4], vec![0, 2, 4]));
    assert_indexes_are_true(&by_index, &disk);
}

#[test]
fn a_leader_refuses_and_changes_nothing() {
    let (mut log, mut disk) = log(&[("max.message.bytes", "200"), ("segment.bytes", "150")]);
    append(&mut log, &mut disk, 0, &["a"]);
    let before = (log.clone(), disk.clone());
    let mut refuse =
        |batch: &RecordBatch| log.append_as_leader(&mut disk, batch, 0, NOW).unwrap_err();
    let long = "x".repeat(200);
    let error = refuse(&batch(&[&long]));
    assert!(matches!(error, LogError::RecordTooLarge { max_message_bytes: 200, .. }), "{error}");
    let error = refuse(&batch(&[&long[..100]]));
    assert!(matches!(error, LogError::RecordBatchTooLarge { segment_bytes: 150, .. }), "{error}");
    let mut damaged = batch(&["abc"]).bytes().to_vec();
    damaged[70] ^= 1;
    let error = refuse(&RecordBatch::parse(damaged.into()).unwrap());
    assert!(matches!(error, LogError::CorruptBatch(_)), "{error}");
    let error = refuse(&batch_at(NOW.timestamp_ms() + 3_600_001, &["a"]));
    assert!(matches!(error, LogError::InvalidTimestamp { .. }), "{error}");
    let error = refuse(&RecordBatch::parse(RecordBatchBuilder::default().build()).unwrap());
    assert!(matches!(error, LogError::InvalidRecord(_)), "{error}");
    let mut gap = RecordBatchBuilder::default();
    gap.append_with_offset(1, 0, None, None, &[]);
    let error = refuse(&RecordBatch::parse(gap.build()).unwrap());
    assert!(matches!(error, LogError::InvalidRecord(_)), "{error}");
    assert_eq!((log, disk), before);
}

#[test]
fn a_compacted_topic_wants_keys() {
    let (mut log, mut disk) = log(&[("cleanup.policy", "compact")]);
    let error = log.append_as_leader(&mut disk, &batch(&["a"]), 0, NOW).unwrap_err();
    assert_eq!(error, LogError::InvalidRecord("Compacted topic cannot accept message without key"));
    let marker = EndTransactionMarker { commit: true, coordinator_epoch: 0 };
    let marker = RecordBatch::parse(marker.batch(1, 0, NOW.timestamp_ms())).unwrap();
    log.append_as_leader(&mut disk, &marker, 0, NOW).unwrap();
}

#[test]
fn log_append_time_is_the_brokers() {
    let (mut log, mut disk) = log(&[("message.timestamp.type", "LogAppendTime")]);
    let info = log.append_as_leader(&mut disk, &batch_at(5, &["a", "b"]), 0, NOW).unwrap();
    assert_eq!(info.log_append_time, Some(NOW.timestamp_ms()));
    let stored = log.batches(&disk, 0).next().unwrap().unwrap();
    stored.ensure_valid().unwrap();
    assert_eq!(stored.timestamp_type(), TimestampType::LogAppendTime);
    assert_eq!(log.offset_for_timestamp(&disk, 6).unwrap().unwrap().timestamp, NOW.timestamp_ms());
}

#[test]
fn a_follower_takes_whole_batches_in_order_up_to_its_leaders_epoch() {
    let (mut log, mut disk) = log(&[]);
    let batches = [stored(0, 3, &["a"]), stored(1, 4, &["b", "c"]), stored(3, 5, &["d"])];
    let info = log.append_as_follower(&mut disk, &batches, 4, NOW).unwrap();
    assert_eq!((info.first_offset, info.last_offset, info.batches), (0, 2, 2));
    assert_eq!((log.log_end_offset(), log.latest_epoch()), (3, Some(4)));
    let info = log.append_as_follower(&mut disk, &batches[2..], 4, NOW).unwrap();
    assert_eq!((info.first_offset, info.last_offset, info.batches), (3, 2, 0));

    let before = (log.clone(), disk.clone());
    let again =
        log.append_as_follower(&mut disk, &[stored(3, 4, &["d"]), stored(2, 4, &["x"])], 9, NOW);
    assert_eq!(again, Err(LogError::UnexpectedAppendOffset { first_offset: 2, log_end_offset: 4 }));
    let mut damaged = stored(4, 4, &["e"]).to_vec();
    damaged[65] ^= 4;
    let both = [stored(3, 4, &["d"]), damaged.into()];
    assert!(matches!(
        log.append_as_follower(&mut disk, &both, 9, NOW),
        Err(LogError::CorruptBatch(_))
    ));
    assert_eq!((log, disk), before);
}

#[test]
fn reads_return_whole_batches_below_the_bound() {
    let (mut log, mut disk) = log(&[("segment.bytes", "230")]);
    for values in [&["a", "b"][..], &["c"], &["d"], &["e"], &["f"]] {
        append(&mut log, &mut disk, 0, values);
    }
    assert_eq!(bases(&log), [0, 4]);
    let size = batch(&["x"]).size_in_bytes();
    let offsets = |start, max_bytes, bound, at_least_one| {
        let read = log.read(&disk, start, max_bytes, bound, at_least_one).unwrap();
        let bases: Vec<_> = read
            .batches
            .iter()
            .map(|bytes| RecordBatch::parse(bytes.clone()).unwrap().base_offset())
            .collect();
        (bases, read.next_offset)
    };
    assert_eq!(offsets(0, 1000, 6, true), (vec![0, 2, 3], 4));
    assert_eq!(offsets(1, 1000, 6, true), (vec![0, 2, 3], 4));
    assert_eq!(offsets(4, 1000, 6, true), (vec![4, 5], 6));
    assert_eq!(offsets(2, size, 6, false), (vec![2], 3));
    assert_eq!(offsets(2, 2 * size - 1, 6, false), (vec![2], 3));
    assert_eq!(offsets(2, size - 1, 6, false), (vec![], 2));
    assert_eq!(offsets(2, size - 1, 6, true), (vec![2], 3));
    assert_eq!(offsets(0, 1000, 3, true), (vec![0, 2], 3));
    assert_eq!(offsets(0, 1000, 1, true), (vec![], 0));
    assert_eq!(offsets(3, 1000, 3, true), (vec![], 3));
    assert_eq!(offsets(6, 1000, 6, true), (vec![], 6));
    let out_of_range =
        |offset| LogError::OffsetOutOfRange { offset, log_start_offset: 0, log_end_offset: 6 };
    assert_eq!(log.read(&disk, 7, 1, 9, true), Err(out_of_range(7)));
    assert_eq!(log.read(&disk, -1, 1, 9, true), Err(out_of_range(-1)));
    assert_indexes_are_true(&log, &disk);
}

#[test]
fn truncation_goes_by_batches_and_drops_segments() {
    let (mut log, mut disk) = log(&[("segment.bytes", "160")]);
    for (epoch, values) in [(0, &["a", "b"][..]), (1, &["c", "d"]), (2, &["e", "f"]), (2, &["g"])] {
        append(&mut log, &mut disk, epoch, values);
    }
    assert_eq!(bases(&log), [0, 4]);
    log.update_high_watermark(6);
    assert!(!log.truncate_to(&mut disk, 7));
    // Offset 5 is in a batch with 4: both go, and the log ends where that batch began.
    assert!(log.truncate_to(&mut disk, 5));
    assert_eq!((log.log_end_offset(), log.high_watermark(), log.recovery_point()), (4, 4, 4));
    assert_eq!((log.latest_epoch(), log.segment_count()), (Some(1), 2));
    assert!(log.truncate_to(&mut disk, 2));
    assert_eq!((bases(&log), log.log_end_offset()), (vec![0], 2));
    assert_eq!(records(&log, &disk).len(), 2);
    assert_eq!(disk.list("orders-0").len(), 5);
    append(&mut log, &mut disk, 5, &["x"]);
    assert_eq!(records(&log, &disk)[2], (2, 5, "x".to_string()));
    assert_indexes_are_true(&log, &disk);
    assert!(log.truncate_to(&mut disk, 0));
    assert_eq!((log.log_end_offset(), log.latest_epoch(), log.size()), (0, None, 0));
}

#[test]
fn the_log_start_hides_records_and_never_passes_the_high_watermark() {
    let (mut log, mut disk) = log(&[]);
    append(&mut log, &mut disk, 1, &["a", "b", "c"]);
    append(&mut log, &mut disk, 2, &["d"]);
    log.update_high_watermark(3);
    assert!(log.maybe_increment_log_start_offset(&mut disk, 2));
    assert!(!log.maybe_increment_log_start_offset(&mut disk, 1));
    assert!(matches!(log.read(&disk, 1, 9, 9, true), Err(LogError::OffsetOutOfRange { .. })));
    let found = log.offset_for_timestamp(&disk, 0).unwrap().unwrap();
    assert_eq!((found.offset, found.leader_epoch), (2, 1));
    assert!(log.maybe_increment_log_start_offset(&mut disk, 9));
    assert_eq!(log.log_start_offset(), 3);
    assert_eq!(log.leader_epoch_cache().entries().collect::<Vec<_>>(), [(2, 3)]);
}

#[test]
fn flush_messages_makes_records_durable() {
    let (mut log, mut disk) = log(&[("flush.messages", "2")]);
    let mut flushed = |values: &[&str]| {
        log.append_as_leader(&mut disk, &batch(values), 0, NOW).unwrap().bytes_flushed
    };
    let size = u64::from(batch(&["x"]).size_in_bytes());
    assert_eq!([flushed(&["x"]), flushed(&["x"]), flushed(&["x"])], [0, 2 * size, 0]);
    assert_eq!((log.recovery_point(), disk.dirty_bytes()), (2, size));
    assert_eq!(log.flush(&mut disk, 3), size);
    assert_eq!(log.flush(&mut disk, 3), 0);
}

#[test]
fn a_clone_shares_closed_segments_and_lives_its_own_life() {
    let (mut log, mut disk) = log(&[("segment.bytes", "230")]);
    for _ in 0..10 {
        append(&mut log, &mut disk, 0, &["x"]);
    }
    let (mut past, mut past_disk) = (log.clone(), disk.clone());
    let now = visible(&log, &disk);
    past.truncate_to(&mut past_disk, 1);
    append(&mut past, &mut past_disk, 7, &["other"]);
    assert_eq!(visible(&log, &disk), now);
    assert_eq!(records(&past, &past_disk)[1], (1, 7, "other".to_string()));
}

/// `compression.type`: producer keeps what came, any other value makes the batch anew, and control
/// batches stay as they are.
#[test]
fn the_topic_may_compress_in_its_own_way() {
    let made = |compression| {
        let mut builder = RecordBatchBuilder::new(0).compression(compression);
        for n in 0..20 {
            let value = format!("americano number {n}");
            builder.append(NOW.timestamp_ms() + n, Some(b"k"), Some(value.as_bytes()), &[]);
        }
        RecordBatch::parse(builder.build()).unwrap()
    };
    let plain: Vec<_> = made(CompressionType::None).records().map(Result::unwrap).collect();
    for topic in ["producer", "uncompressed", "gzip", "snappy", "lz4", "zstd"] {
        for producer in CompressionType::ALL {
            let (mut log, mut disk) = log(&[("compression.type", topic)]);
            let batch = made(producer);
            log.append_as_leader(&mut disk, &batch, 0, NOW).unwrap();
            let stored = log.batches(&disk, 0).next().unwrap().unwrap();
            stored.ensure_valid().unwrap();
            let expected = match topic {
                "producer" => producer,
                "uncompressed" => CompressionType::None,
                name => CompressionType::from_name(name).unwrap(),
            };
            assert_eq!(stored.compression_type(), expected);
            assert_eq!(stored.records().map(Result::unwrap).collect::<Vec<_>>(), plain);
            assert_eq!(stored.max_timestamp(), batch.max_timestamp());
            assert_eq!((stored.base_offset(), stored.last_offset()), (0, 19));
            if expected == producer {
                assert_eq!(stored.crc(), batch.crc());
            }
        }
    }
    let (mut log, mut disk) =
        log(&[("compression.type", "lz4"), ("message.timestamp.type", "LogAppendTime")]);
    log.append_as_leader(&mut disk, &made(CompressionType::Zstd), 0, NOW).unwrap();
    let marker = EndTransactionMarker { commit: true, coordinator_epoch: 1 };
    let marker = RecordBatch::parse(marker.batch(7, 0, NOW.timestamp_ms())).unwrap();
    log.append_as_leader(&mut disk, &marker, 0, NOW).unwrap();
    let stored: Vec<_> = log.batches(&disk, 0).map(Result::unwrap).collect();
    assert_eq!(stored[0].compression_type(), CompressionType::Lz4);
    assert!(stored[0].records().all(|r| r.unwrap().timestamp == NOW.timestamp_ms()));
    assert_eq!(stored[1].compression_type(), CompressionType::None);
}

/// The leader's log start lies inside of its first batch: an empty follower takes the whole batch.
#[test]
fn an_empty_follower_takes_the_batch_that_holds_its_log_start() {
    let (mut log, mut disk) = log(&[]);
    log.truncate_fully_and_start_at(&mut disk, 15);
    let batches = [stored(13, 2, &["a", "b", "c", "d"]), stored(17, 2, &["e"])];
    log.append_as_follower(&mut disk, &batches, 2, NOW).unwrap();
    assert_eq!((log.log_start_offset(), log.log_end_offset()), (15, 18));
    assert_eq!((bases(&log), log.high_watermark()), (vec![13], 15));
    assert!(log.read(&disk, 14, 100, i64::MAX, true).is_err());
    assert_eq!(log.read(&disk, 15, 0, i64::MAX, true).unwrap().batches, batches[..1]);
    // A log that is not empty takes no batch from before its end.
    let refused = log.append_as_follower(&mut disk, &[stored(16, 2, &["x", "y", "z"])], 2, NOW);
    assert!(matches!(refused, Err(LogError::UnexpectedAppendOffset { .. })));
}
