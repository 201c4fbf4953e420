//! `LogCleanerManagerTest`: which log, from where, to where.

use super::*;
use crate::log::checkpoint::CLEANER_OFFSET_CHECKPOINT;
use crate::log::cleaner::log_cleaner_manager::*;

/// Eight segments of ten records each, the last of them active.
fn eight_segments(settings: &[(&str, &str)]) -> Fixture {
    let mut fixture = Fixture::new(settings);
    for n in 0..80 {
        if n > 0 && n % 10 == 0 {
            fixture.roll();
        }
        fixture.puts(&[&format!("{}", n % 7)]);
    }
    fixture
}

fn range(fixture: &Fixture, checkpoint: Option<i64>) -> (i64, i64) {
    let offsets = cleanable_offsets(&fixture.log, checkpoint, fixture.now);
    (offsets.first_dirty_offset, offsets.first_uncleanable_offset)
}

/// `testCleanableOffsetsForNone`, `...ActiveSegment`, `...ForTime`, `...ForShortTime`.
#[test]
fn the_range_ends_at_the_first_bound() {
    let mut fixture = eight_segments(&[]);
    fixture.log.update_high_watermark(50);
    assert_eq!(range(&fixture, None), (0, 50));
    fixture.commit();
    assert_eq!(range(&fixture, None), (0, 70));

    let hour_ms = 3_600_000;
    let mut fixture = eight_segments(&[("min.compaction.lag.ms", "3600000")]);
    fixture.commit();
    assert_eq!(range(&fixture, None), (0, 0));
    fixture.now = fixture.now.plus_millis(hour_ms + 1);
    assert_eq!(range(&fixture, None), (0, 70));
    // Half of the records are younger.
    let mut fixture = Fixture::new(&[("min.compaction.lag.ms", "3600000")]);
    for n in 0..8 {
        fixture.puts(&["a", "b"]);
        fixture.roll();
        if n == 3 {
            fixture.now = fixture.now.plus_millis(hour_ms + 1);
        }
    }
    fixture.commit();
    assert_eq!(range(&fixture, None), (0, 8));
    assert_eq!(range(&fixture, Some(10)), (10, 10));
}

/// `testDirtyOffsetResetIfSmallerThanStartOffset`, `testDirtyOffsetResetIfLargerThanEndOffset`.
#[test]
fn an_impossible_checkpoint_is_reset() {
    let mut fixture = eight_segments(&[]);
    fixture.commit();
    fixture.log.maybe_increment_log_start_offset(&mut fixture.disk, 10);
    for checkpoint in [0, 200] {
        let offsets = cleanable_offsets(&fixture.log, Some(checkpoint), fixture.now);
        assert!(offsets.force_update_checkpoint);
        assert_eq!(offsets.first_dirty_offset, 10);
    }
    let offsets = cleanable_offsets(&fixture.log, Some(80), fixture.now);
    assert_eq!((offsets.first_dirty_offset, offsets.force_update_checkpoint), (80, false));
    assert_eq!(offsets.first_uncleanable_offset, 80);
}

/// 6-19, `testLogToClean`, `testLogToCleanWithUncleanableSection`.
#[test]
fn clean_and_cleanable_bytes_are_those_of_whole_segments() {
    let fixture = eight_segments(&[]);
    let sizes = fixture.sizes();
    let sum = |range: std::ops::Range<usize>| sizes[range].iter().sum::<u64>();
    let to_clean = LogToClean::new(&fixture.log, 20, 70, false);
    assert_eq!((to_clean.clean_bytes, to_clean.cleanable_bytes), (sum(0..2), sum(2..7)));
    let to_clean = LogToClean::new(&fixture.log, 20, 40, false);
    assert_eq!((to_clean.clean_bytes, to_clean.cleanable_bytes), (sum(0..2), sum(2..4)));
    assert_eq!(to_clean.total_bytes(), sum(0..4));
    let ratio = to_clean.cleanable_bytes * 1_000_000 / to_clean.total_bytes();
    assert_eq!(u64::from(to_clean.cleanable_ratio_millionths()), ratio);
    // Inside of a segment: that one is left alone.
    let to_clean = LogToClean::new(&fixture.log, 20, 45, false);
    assert_eq!((to_clean.first_uncleanable_offset, to_clean.cleanable_bytes), (40, sum(2..4)));
}

/// Three logs on one disk; how far each is clean.
fn three(settings: &[(&str, &str)], clean: [i64; 3]) -> (Vec<UnifiedLog>, Disk) {
    let mut disk = Disk::default();
    let mut logs = Vec::new();
    for (n, clean) in clean.into_iter().enumerate() {
        let mut config = Fixture::new(settings).log.config().clone();
        config.set("min.cleanable.dirty.ratio", "0.5").unwrap();
        let partition = TopicPartition::new("log", n as i32);
        let mut log = UnifiedLog::create(&mut disk, &partition, Uuid::ZERO, config, NOW);
        for _ in 0..8 {
            for key in ["a", "b"] {
                log.append_as_leader(&mut disk, &with_keys(None, &[key]), 0, NOW).unwrap();
            }
            log.roll(&mut disk, NOW);
        }
        log.update_high_watermark(log.log_end_offset());
        update_checkpoint(&mut disk, &partition, clean);
        logs.push(log);
    }
    (logs, disk)
}

/// `testGrabFilthiestCompactedLogReturnsLogWithDirtiestRatio`, and who is never taken.
#[test]
fn the_dirtiest_log_is_taken_if_it_is_dirty_enough() {
    let mut manager = LogCleanerManager::default();
    let grab = |manager: &LogCleanerManager, logs: &[UnifiedLog], disk: &mut Disk, now| {
        let found = manager.grab_filthiest_compacted_log(logs.iter(), disk, now);
        found.map(|to_clean| to_clean.partition.partition)
    };
    let (logs, mut disk) = three(&[], [4, 2, 6]);
    assert_eq!(grab(&manager, &logs, &mut disk, NOW), Some(1));
    manager.mark_uncleanable(logs[1].topic_partition().clone());
    assert_eq!(grab(&manager, &logs, &mut disk, NOW), Some(0));
    assert!(disk.read_all(CLEANER_OFFSET_CHECKPOINT).unwrap().starts_with(b"0\n3\nlog 0 4\n"));

    // Exactly half is not enough.
    let manager = LogCleanerManager::default();
    let (logs, mut disk) = three(&[], [8, 8, 16]);
    assert_eq!(grab(&manager, &logs, &mut disk, NOW), None);
    let (logs, mut disk) = three(&[], [8, 6, 16]);
    assert_eq!(grab(&manager, &logs, &mut disk, NOW), Some(1));
    // Nothing is cleaned that is not to be compacted.
    let (mut logs, mut disk) = three(&[], [0, 0, 0]);
    for log in &mut logs {
        let mut config = log.config().clone();
        config.set("cleanup.policy", "delete").unwrap();
        log.set_config(config);
    }
    assert_eq!(grab(&manager, &logs, &mut disk, NOW), None);
}

/// `max.compaction.lag.ms` bounds the wait, whatever the ratio.
#[test]
fn a_record_waits_for_max_compaction_lag_at_most() {
    let manager = LogCleanerManager::default();
    let (logs, mut disk) = three(&[("max.compaction.lag.ms", "1000")], [14, 14, 14]);
    let mut grab = |now| manager.grab_filthiest_compacted_log(logs.iter(), &mut disk, now);
    assert_eq!(grab(NOW.plus_millis(1000)), None);
    let found = grab(NOW.plus_millis(1001)).unwrap();
    assert!(found.needs_compaction_now);
    assert_eq!(max_compaction_delay_ms(&logs[0], 14, NOW.plus_millis(1500)), 500);
}

#[test]
fn a_truncation_takes_the_checkpoint_back() {
    let mut fixture = eight_segments(&[]);
    let id = fixture.log.topic_partition().clone();
    fixture.clean_from(0);
    assert_eq!(checkpoint(&fixture.disk, &id), Some(70));
    fixture.log.truncate_to(&mut fixture.disk, 75);
    assert_eq!(checkpoint(&fixture.disk, &id), Some(70));
    fixture.log.truncate_to(&mut fixture.disk, 65);
    let base = fixture.log.active_segment_base();
    assert_eq!(checkpoint(&fixture.disk, &id), Some(base));
    fixture.log.truncate_fully_and_start_at(&mut fixture.disk, 0);
    assert_eq!(checkpoint(&fixture.disk, &id), Some(0));
}

/// A pass over a log that is cut under it gives up and leaves no file behind.
#[test]
fn a_pass_that_is_overtaken_leaves_nothing_behind() {
    for steps in 1..8 {
        let mut fixture = eight_segments(&[("segment.bytes", "1500")]);
        fixture.commit();
        let to_clean = LogToClean::new(&fixture.log, 0, 70, false);
        let (config, now) = (fixture.config, fixture.now);
        let mut pass = CleanerPass::begin(&fixture.log, to_clean, &config, Faults::default(), now);
        for _ in 0..steps {
            pass.step(&mut fixture.log, &mut fixture.disk, &config, now).unwrap();
        }
        fixture.log.truncate_to(&mut fixture.disk, 68);
        assert!(pass.is_overtaken(&fixture.log));
        pass.abort(&mut fixture.log, &mut fixture.disk);
        let names = fixture.disk.list("orders-0");
        let left = names.iter().filter(|n| n.ends_with(".cleaned") || n.ends_with(".swap"));
        assert_eq!(left.count(), 0, "after {steps} steps");
        assert!(fixture.offsets().last().is_some_and(|last| *last < 68));
        let newest: Vec<_> = (0..7).map(|key| key.to_string()).collect();
        assert!(newest.iter().all(|key| fixture.keys().contains(key)));
    }
}
