//! Which segments go, and what is left on the disk. `UnifiedLogTest`.

use super::*;
use crate::log::unified_log::{DeletedSegments, DeletionReason};

/// `records` of one size, made at `timestamp`, `a_segment` of them in each segment, all committed.
fn filled(
    settings: &[(&str, &str)],
    records: usize,
    a_segment: usize,
    timestamp: i64,
) -> (UnifiedLog, Disk, u64) {
    let made = |n: usize| {
        let mut builder = RecordBatchBuilder::default();
        let value = format!("value {n:03}");
        builder.append(timestamp, Some(b"key"), Some(value.as_bytes()), &[]);
        RecordBatch::parse(builder.build()).unwrap()
    };
    let size = u64::from(made(0).size_in_bytes());
    let segment_bytes = (size * a_segment as u64).to_string();
    let mut all = vec![("segment.bytes", segment_bytes.as_str()), ("segment.ms", "1000000000000")];
    all.extend(settings);
    all.push(("message.timestamp.before.max.ms", "9223372036854775807"));
    let (mut log, mut disk) = log(&all);
    for n in 0..records {
        log.append_as_leader(&mut disk, &made(n), 0, NOW).unwrap();
    }
    log.maybe_increment_high_watermark(log.log_end_offset());
    (log, disk, size)
}

fn set(log: &mut UnifiedLog, name: &str, value: &str) {
    let mut config = log.config().clone();
    config.set(name, value).unwrap();
    log.set_config(config);
}

fn count(deleted: &[DeletedSegments]) -> usize {
    deleted.iter().map(|deleted| deleted.segments.len()).sum()
}

/// `shouldDeleteSizeBasedSegments`, `shouldNotDeleteSizeBasedSegmentsWhenUnderRetentionSize`.
#[test]
fn size_never_takes_the_log_below_its_limit() {
    // Records kept by the limit, segments left of three with five records each.
    for (limit, left) in [(10, 2), (15, 3), (14, 3), (11, 3), (5, 1), (1, 1), (16, 3)] {
        let (mut log, mut disk, size) = filled(&[], 15, 5, NOW.timestamp_ms());
        set(&mut log, "retention.bytes", &(size * limit).to_string());
        let before = log.size();
        let deleted = log.delete_old_segments(&mut disk, NOW);
        assert_eq!(log.segment_count(), left, "{limit}");
        assert_eq!(count(&deleted), 3 - left);
        assert!(deleted.iter().all(|d| d.reason == DeletionReason::Size { bytes: before }));
        assert!(log.size() >= (size * limit).min(before));
        assert_eq!(log.log_start_offset(), log.segments().next().unwrap().base_offset());
    }
}

/// `shouldDeleteTimeBasedSegmentsReadyToBeDeleted`: one segment, and it is the active one.
#[test]
fn the_active_segment_is_rolled_and_deleted_by_age() {
    let (mut log, mut disk, _) = filled(&[("retention.ms", "10000")], 15, 15, 10);
    let deleted = log.delete_old_segments(&mut disk, NOW);
    let [deleted] = deleted.try_into().unwrap();
    assert_eq!((deleted.segments, deleted.rolled), (vec![0], Some(15)));
    assert_eq!(deleted.reason, DeletionReason::Time { age_ms: NOW.timestamp_ms() - 10 });
    assert_eq!((log.segment_count(), log.size()), (1, 0));
    assert_eq!((log.log_start_offset(), log.log_end_offset()), (15, 15));
    // An empty segment stays, however old.
    let later = NOW.plus_millis(1_000_000);
    assert_eq!(log.delete_old_segments(&mut disk, later), []);
    assert_eq!(log.leader_epoch_cache().entries().collect::<Vec<_>>(), [(0, 15)]);
}

#[test]
fn age_is_that_of_the_newest_record_and_strict() {
    let now_ms = NOW.timestamp_ms();
    let (mut log, mut disk, _) = filled(&[("retention.ms", "1000")], 15, 5, now_ms);
    assert_eq!(log.delete_old_segments(&mut disk, NOW.plus_millis(1000)), []);
    assert_eq!(count(&log.delete_old_segments(&mut disk, NOW.plus_millis(1001))), 3);
    // It stops at the first that is young enough, though older ones follow.
    let (mut log, mut disk, _) = filled(&[("retention.ms", "1000")], 0, 5, now_ms);
    for timestamp in [now_ms - 5000, now_ms, now_ms - 5000] {
        let batch = batch_at(timestamp, &["x".repeat(300).as_str()]);
        log.append_as_leader(&mut disk, &batch, 0, NOW).unwrap();
    }
    log.maybe_increment_high_watermark(3);
    assert_eq!(log.segment_count(), 3);
    assert_eq!(count(&log.delete_old_segments(&mut disk, NOW)), 1);
}

#[test]
fn a_segment_without_timestamps_counts_from_its_last_change() {
    let (mut log, mut disk, _) = filled(&[("retention.ms", "1000")], 5, 5, -1);
    assert_eq!(log.delete_old_segments(&mut disk, NOW.plus_millis(1000)), []);
    assert_eq!(count(&log.delete_old_segments(&mut disk, NOW.plus_millis(1001))), 1);
}

/// `shouldNotDeleteSegmentsWhenPolicyDoesNotIncludeDelete`, and both policies, and none.
#[test]
fn the_policy_decides() {
    for (policy, left) in [("compact", 3), ("", 3), ("delete", 1), ("compact,delete", 1)] {
        let settings = [("retention.ms", "0"), ("cleanup.policy", policy)];
        let (mut log, mut disk, _) = filled(&settings, 15, 5, 10);
        log.delete_old_segments(&mut disk, NOW);
        assert_eq!(log.segment_count(), left, "{policy}");
        // What lies below the log start goes with every policy.
        let (mut log, mut disk, _) = filled(&settings, 15, 5, 10);
        assert!(log.maybe_increment_log_start_offset(&mut disk, 11));
        let deleted = log.delete_old_segments(&mut disk, NOW);
        assert_eq!(deleted[0].reason, DeletionReason::LogStart { log_start_offset: 11 });
        assert_eq!(deleted[0].segments, [0, 5]);
        assert!(log.log_start_offset() >= 11);
    }
}

#[test]
fn nothing_at_or_above_the_high_watermark_goes() {
    for (mark, left) in [(0, 3), (4, 3), (5, 2), (9, 2), (10, 1), (14, 1)] {
        let (mut log, mut disk, _) = filled(&[("retention.ms", "0")], 15, 5, 10);
        log.update_high_watermark(mark);
        let deleted = log.delete_old_segments(&mut disk, NOW);
        assert_eq!(log.segment_count(), left, "{mark}");
        assert!(deleted.iter().all(|deleted| deleted.end_offset <= mark));
        assert!(log.log_start_offset() <= mark);
        assert_eq!(log.log_end_offset(), 15);
    }
}

#[test]
fn files_wait_with_their_new_names_and_are_gone_after_a_start() {
    let (mut log, mut disk, _) = filled(&[("retention.ms", "0")], 15, 5, 10);
    let [deleted] = log.delete_old_segments(&mut disk, NOW).try_into().unwrap();
    let names = |disk: &Disk| disk.list("orders-0");
    let waiting = names(&disk).iter().filter(|path| path.ends_with(".deleted")).count();
    assert_eq!((waiting, deleted.files.len()), (deleted.files.len(), 3 * 3 + 2));
    assert!(deleted.files.iter().all(|file| disk.len(file).is_some()));
    let mut after = disk.clone();
    load(&mut after, log.config(), UNCLEAN);
    assert!(names(&after).iter().all(|path| !path.ends_with(".deleted")));
    for file in &deleted.files {
        disk.delete(file);
    }
    assert_eq!(names(&disk).len(), 3 + 2 + 1);
}

/// Every state of the disk between two writes of a deletion: what opens is a tail of the log.
#[test]
fn a_stop_inside_a_deletion_leaves_a_log_without_a_hole() {
    let (mut log, mut disk, _) = filled(&[("retention.ms", "0")], 15, 5, 10);
    disk.fsync_all();
    let before = disk.clone();
    disk.set_record_ops(true);
    log.delete_old_segments(&mut disk, NOW);
    let ops = disk.take_ops();
    assert!(ops.len() >= 10);
    for stop in 0..=ops.len() {
        let mut left = before.clone();
        ops[..stop].iter().for_each(|op| apply(&mut left, op));
        let (loaded, report) = load(&mut left, log.config(), UNCLEAN);
        assert_eq!(report.truncation, None);
        assert_eq!(loaded.log_end_offset(), 15, "after {stop} operations");
        assert_eq!(loaded.log_start_offset() % 5, 0);
        let kept = (15 - loaded.log_start_offset()) as usize;
        assert_eq!(records(&loaded, &left).len(), kept);
    }
}
