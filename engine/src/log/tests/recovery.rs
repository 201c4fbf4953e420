//! What is left of a log after every kind of damage: always the longest prefix of what was written
//! that can still be known to be so, never anything else, and the same when recovered again.

use super::*;
use crate::log::checkpoint::CLEANER_OFFSET_CHECKPOINT;
use crate::log::log_error::LogError;
use crate::log::recovery_scan::TruncationReason;
use crate::record::CorruptReason;
use crate::sim::disk::Disk;
use crate::sim::random::SimRng;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A written batch: its segment's path, where it lies there, and its records.
struct Written {
    path: String,
    start: u64,
    end: u64,
    records: Vec<(i64, i32, String)>,
}

const SMALL: [(&str, &str); 2] = [("segment.bytes", "250"), ("index.interval.bytes", "60")];

/// Three segments of three batches with epochs 0 to 3, one epoch of a single batch among them.
fn three_segments(settings: &[(&str, &str)]) -> (UnifiedLog, Disk, Vec<Written>) {
    let (mut log, mut disk) = log(settings);
    let mut written = Vec::new();
    for (n, epoch) in [0, 0, 0, 1, 2, 2, 2, 3, 3].into_iter().enumerate() {
        let values = [format!("value-{n}"), format!("{n}")];
        let values: Vec<&str> = values.iter().map(String::as_str).take(1 + n % 2).collect();
        let batch = batch_at(NOW.timestamp_ms() + n as i64 % 4, &values);
        let info = log.append_as_leader(&mut disk, &batch, epoch, NOW).unwrap();
        let segment = log.active_segment();
        let records = (info.first_offset..).zip(values).map(|(o, v)| (o, epoch, v.to_string()));
        written.push(Written {
            path: segment.path().to_string(),
            start: segment.size() - info.bytes,
            end: segment.size(),
            records: records.collect(),
        });
    }
    assert_eq!(log.segment_count(), 3);
    (log, disk, written)
}

fn records_of(written: &[Written]) -> Vec<(i64, i32, String)> {
    written.iter().flat_map(|batch| batch.records.clone()).collect()
}

/// The disk with the content of one file exchanged, all of it durable.
fn damaged(disk: &Disk, path: &str, bytes: Vec<u8>) -> Disk {
    let mut damaged =
        Disk::from_files(disk.paths().map(|path| (path.to_string(), disk.read_all(path).unwrap())));
    damaged.replace(path, bytes.into());
    damaged
}

/// Recovers, and recovers again: the second time changes nothing.
pub(super) fn recover(
    disk: &mut Disk,
    config: &LogConfig,
    options: LoadOptions,
) -> (UnifiedLog, RecoveryReport) {
    let (log, report) = load(disk, config, options);
    let image = disk.clone();
    let (again, second) = load(disk, config, options);
    assert_eq!(visible(&again, disk), visible(&log, &image));
    assert_eq!(second.truncation, None);
    assert!(!second.leader_epochs_rebuilt);
    for path in image.paths() {
        assert_eq!(disk.read_all(path), image.read_all(path), "{path}");
    }
    assert_indexes_are_true(&log, disk);
    let rebuilt = log.leader_epoch_cache().entries().collect::<Vec<_>>();
    let mut epochs: Vec<(i32, i64)> = Vec::new();
    for (offset, epoch, _) in records(&log, disk) {
        if epochs.last().is_none_or(|(last, _)| *last < epoch) {
            epochs.push((epoch, offset));
        }
    }
    assert_eq!(rebuilt, epochs);
    (log, report)
}

#[test]
fn a_clean_stop_loses_nothing_and_scans_nothing() {
    let (mut log, mut disk, written) = three_segments(&SMALL);
    log.update_high_watermark(7);
    log.close(&mut disk);
    assert_eq!((disk.dirty_bytes(), log.recovery_point()), (0, log.log_end_offset()));
    let options = LoadOptions {
        clean_shutdown: true,
        recovery_point: log.recovery_point(),
        high_watermark_checkpoint: 7,
        log_start_offset_checkpoint: None,
        faults: Faults::NONE,
    };
    let before = disk.clone();
    let (loaded, report) = load(&mut disk, log.config(), options);
    assert_eq!(report, RecoveryReport::default());
    assert_eq!(visible(&loaded, &disk), visible(&log, &before));
    assert_eq!(disk, before);
    assert_eq!(records(&loaded, &disk), records_of(&written));
    assert_eq!(loaded.topic_id(), log.topic_id());
    assert_indexes_are_true(&loaded, &disk);
}

#[test]
fn a_crash_of_the_process_loses_nothing() {
    let (log, mut disk, written) = three_segments(&SMALL);
    let options = LoadOptions { recovery_point: log.recovery_point(), ..UNCLEAN };
    let (loaded, report) = recover(&mut disk, log.config(), options);
    assert_eq!(records(&loaded, &disk), records_of(&written));
    assert_eq!((report.truncation, report.bytes_truncated), (None, 0));
    // Only the segment with the recovery point was read through.
    assert_eq!(report.segments_scanned, [log.active_segment_base()]);
    assert_eq!(report.bytes_scanned, log.active_segment().size());
    assert_eq!(loaded.recovery_point(), log.recovery_point());
    // Nothing was made durable by reading it.
    assert_eq!(disk.durable_len(log.active_segment().path()), Some(0));
}

/// `LogSegmentTest`, KAFKA.md 1.4: batches at 104 (epoch 0), 106 (1), 108 (1), 110 (2).
#[test]
fn leader_epochs_are_rebuilt_from_the_batches() {
    let (mut log, mut disk) = log(&[]);
    log.truncate_fully_and_start_at(&mut disk, 104);
    for (base_offset, epoch) in [(104, 0), (106, 1), (108, 1), (110, 2)] {
        let batch = stored(base_offset, epoch, &["a", "b"]);
        log.append_as_follower(&mut disk, &[batch], 5, NOW).unwrap();
    }
    disk.delete("orders-0/leader-epoch-checkpoint");
    let (loaded, report) = recover(&mut disk, log.config(), UNCLEAN);
    assert!(report.leader_epochs_rebuilt);
    let epochs: Vec<_> = loaded.leader_epoch_cache().entries().collect();
    assert_eq!(epochs, [(0, 104), (1, 106), (2, 110)]);
}

#[test]
fn every_length_of_every_segment() {
    let (log, disk, written) = three_segments(&SMALL);
    for segment in log.segments() {
        let whole = disk.read_all(segment.path()).unwrap();
        for len in 0..=whole.len() {
            let mut disk = damaged(&disk, segment.path(), whole[..len].to_vec());
            let (loaded, report) = recover(&mut disk, log.config(), UNCLEAN);
            let is_left = |batch: &&Written| {
                let before = *batch.path < **segment.path() || len == whole.len();
                before || (*batch.path == **segment.path() && batch.end <= len as u64)
            };
            let expected = records_of(&written[..written.iter().take_while(is_left).count()]);
            assert_eq!(records(&loaded, &disk), expected, "{} bytes of {}", len, segment.path());
            let end = written.iter().flat_map(|batch| &batch.records).nth(expected.len());
            assert_eq!(loaded.log_end_offset(), end.map_or(log.log_end_offset(), |end| end.0));
            let dropped: u64 = report.segments_dropped.iter().map(|dropped| dropped.1).sum();
            let cut = report.truncation.map_or(0, |truncation| truncation.bytes);
            assert_eq!(report.bytes_truncated, dropped + cut);
            assert_eq!(
                loaded.size() + report.bytes_truncated,
                (log.size() as usize - whole.len() + len) as u64
            );
        }
    }
}

/// What the log holds after one bit of a file is flipped and the broker did not stop cleanly.
fn with_flipped_bits(path: &str, check: impl Fn(usize, &UnifiedLog, &Disk, &RecoveryReport)) {
    let (log, disk, _) = three_segments(&SMALL);
    let good = disk.read_all(path).unwrap();
    assert!(!good.is_empty(), "{path}");
    for bit in 0..good.len() * 8 {
        let mut bytes = good.to_vec();
        bytes[bit / 8] ^= 1 << (bit % 8);
        let mut disk = damaged(&disk, path, bytes);
        let (loaded, report) = recover(&mut disk, log.config(), UNCLEAN);
        check(bit, &loaded, &disk, &report);
    }
}

#[test]
fn every_bit_of_every_segment() {
    let (log, _, written) = three_segments(&SMALL);
    for segment in log.segments() {
        with_flipped_bits(segment.path(), |bit, log, disk, report| {
            let is_before = |batch: &&Written| {
                let at = (batch.path.as_str(), batch.end);
                at <= (&**segment.path(), bit as u64 / 8)
            };
            let expected = records_of(&written[..written.iter().take_while(is_before).count()]);
            assert_eq!(records(log, disk), expected, "bit {bit} of {}", segment.path());
            assert!(report.truncation.is_some() && report.bytes_truncated > 0);
        });
    }
}

#[test]
fn every_bit_of_every_index() {
    let (log, _, written) = three_segments(&SMALL);
    for segment in log.segments() {
        for path in [segment.offset_index().path(), segment.time_index().path()] {
            with_flipped_bits(path, |bit, log, disk, report| {
                assert_eq!(records(log, disk), records_of(&written), "bit {bit} of {path}");
                assert_eq!(report.truncation, None);
            });
        }
    }
}

#[test]
fn every_bit_of_the_leader_epochs() {
    let (_, _, written) = three_segments(&SMALL);
    let all = records_of(&written);
    with_flipped_bits("orders-0/leader-epoch-checkpoint", |bit, log, disk, report| {
        // Where one batch alone speaks against the file, the batch is not believed.
        let left = records(log, disk);
        assert!(all.starts_with(&left), "bit {bit}");
        assert!(left.len() == all.len() || report.truncation.is_some());
    });
}

#[test]
fn after_a_clean_stop_damage_is_noticed_before_it_is_served() {
    let (mut log, mut disk, written) = three_segments(&SMALL);
    log.close(&mut disk);
    let all = records_of(&written);
    let options =
        LoadOptions { clean_shutdown: true, recovery_point: log.log_end_offset(), ..UNCLEAN };
    let batches: BTreeMap<i64, Bytes> = log
        .batches(&disk, 0)
        .map(|batch| batch.map(|batch| (batch.base_offset(), batch.into_bytes())).unwrap())
        .collect();
    for path in disk.paths().filter(|path| !path.ends_with("metadata")) {
        let good = disk.read_all(path).unwrap();
        for bit in 0..good.len() * 8 {
            let mut bytes = good.to_vec();
            bytes[bit / 8] ^= 1 << (bit % 8);
            let mut disk = damaged(&disk, path, bytes);
            let (loaded, _) = load(&mut disk, log.config(), options);
            let mut missing = 0;
            for (offset, ..) in &all {
                match loaded.read(&disk, *offset, 0, i64::MAX, true) {
                    // The end was cut off.
                    Ok(read) if read.batches.is_empty() => missing += 1,
                    Ok(read) => {
                        let served = RecordBatch::parse(read.batches[0].clone()).unwrap();
                        assert!(served.last_offset() >= *offset, "bit {bit} of {path}");
                        assert_eq!(served.bytes(), &batches[&served.base_offset()]);
                    }
                    Err(_) => missing += 1,
                }
            }
            if path.ends_with("index") {
                assert_eq!(missing, 0, "bit {bit} of {path}");
            }
        }
    }
}

#[test]
fn damage_in_a_flushed_segment_is_reported_and_hides_only_what_is_behind_it() {
    let (log, disk, written) = three_segments(&SMALL);
    let second = log.segments().nth(1).unwrap();
    let mut bytes = disk.read_all(second.path()).unwrap().to_vec();
    let broken = written.iter().filter(|batch| batch.path == **second.path()).nth(1).unwrap();
    bytes[broken.start as usize + 16] = 9;
    let mut disk = damaged(&disk, second.path(), bytes);
    let options = LoadOptions { recovery_point: log.recovery_point(), ..UNCLEAN };
    let (loaded, report) = load(&mut disk, log.config(), options);
    assert_eq!(report.truncation, None);
    let [(base_offset, damage)] = report.damaged[..] else { panic!("{report:?}") };
    assert_eq!((base_offset, damage.position), (second.base_offset(), broken.start));
    let magic = TruncationReason::Corrupt(CorruptReason::UnsupportedMagic { magic: 9 });
    assert_eq!(damage.reason, magic);
    for batch in &written {
        let read = loaded.read(&disk, batch.records[0].0, 0, i64::MAX, true);
        let hidden = batch.path == **second.path() && batch.start >= broken.start;
        assert_eq!(read.is_err(), hidden, "{:?}", batch.records);
        if let Err(error) = read {
            assert!(matches!(error, LogError::DamagedSegment { .. }), "{error}");
        }
    }
    // A truncation into the damaged part ends the log where it still makes sense.
    let mut loaded = loaded;
    assert!(loaded.truncate_to(&mut disk, second.next_offset() - 1));
    assert_eq!(loaded.log_end_offset(), broken.records[0].0);
    assert_eq!(records(&loaded, &disk).last().unwrap().0, broken.records[0].0 - 1);
}

#[test]
fn gaps_of_the_cleaner_are_no_damage() {
    // A follower's copy of a compacted log: batches at 2, 5-6 and 9 are left of 0 to 9.
    let batches = || [stored(2, 0, &["a"]), stored(5, 0, &["b", "c"]), stored(9, 1, &["d"])];
    let table = [("compact", false, true), ("delete", true, true), ("delete", false, false)];
    for (policy, noted, at_end) in table {
        let (mut log, mut disk) = log(&[("cleanup.policy", policy)]);
        log.append_as_follower(&mut disk, &batches()[..1], 1, NOW).unwrap();
        // The gap itself was noted, so that it is known before the topic's settings are.
        assert!(disk.len(CLEANER_OFFSET_CHECKPOINT).is_some());
        if !noted {
            disk.delete(CLEANER_OFFSET_CHECKPOINT);
        }
        let (loaded, report) = recover(&mut disk.clone(), log.config(), UNCLEAN);
        // A single batch behind a gap is believed where the cleaner may have been.
        assert_eq!(
            (loaded.log_end_offset(), report.truncation.is_none()),
            if at_end { (3, true) } else { (0, false) }
        );
        log.append_as_follower(&mut disk, &batches()[1..], 1, NOW).unwrap();
        let (loaded, report) = recover(&mut disk, log.config(), UNCLEAN);
        // Where gaps are confirmed by later batches, the topic was compacted once.
        assert_eq!((loaded.log_end_offset(), report.truncation), (10, None));
        assert_eq!(records(&loaded, &disk).len(), 4);
    }
}

#[test]
fn an_index_beyond_the_last_batch_is_not_trusted() {
    let (log, disk, written) = three_segments(&SMALL);
    let active = log.active_segment();
    let whole = disk.read_all(active.path()).unwrap();
    let first = written.iter().find(|batch| batch.path == **active.path()).unwrap();
    let mut disk = damaged(&disk, active.path(), whole[..first.end as usize].to_vec());
    assert!(active.offset_index().entry_count() > 0);
    let options = LoadOptions { clean_shutdown: true, ..UNCLEAN };
    let (loaded, report) = load(&mut disk, log.config(), options);
    assert_eq!(report.indexes_rebuilt, [active.base_offset()]);
    assert_eq!(loaded.active_segment().offset_index().entry_count(), 0);
    assert_indexes_are_true(&loaded, &disk);
}

#[test]
fn the_high_watermark_stays_in_the_log() {
    let (log, disk, _) = three_segments(&SMALL);
    let end = log.log_end_offset();
    for (checkpoint, start, expected) in
        [(0, None, 0), (4, None, 4), (99, None, end), (2, Some(5), 5)]
    {
        let options = LoadOptions {
            high_watermark_checkpoint: checkpoint,
            log_start_offset_checkpoint: start,
            ..UNCLEAN
        };
        let (loaded, _) = load(&mut disk.clone(), log.config(), options);
        assert_eq!(loaded.high_watermark(), expected);
        assert_eq!(loaded.log_start_offset(), start.unwrap_or(0));
    }
    // The files ended below the log start: nothing of them counts.
    let options = LoadOptions { log_start_offset_checkpoint: Some(end + 1), ..UNCLEAN };
    let (loaded, report) = load(&mut disk.clone(), log.config(), options);
    assert_eq!((loaded.log_start_offset(), loaded.log_end_offset()), (end + 1, end + 1));
    assert_eq!((report.bytes_truncated, loaded.latest_epoch()), (log.size(), None));
}

#[test]
fn an_index_without_a_segment_goes_and_a_bad_topic_id_is_named() {
    let (log, mut disk, _) = three_segments(&SMALL);
    disk.create("orders-0/00000000000000000099.index");
    disk.create("orders-0/notes.txt");
    load(&mut disk, log.config(), UNCLEAN);
    assert_eq!(disk.file("orders-0/00000000000000000099.index"), None);
    assert!(disk.file("orders-0/notes.txt").is_some());
    disk.replace("orders-0/partition.metadata", "version: 0\ntopic_id: ?\n".into());
    let error =
        UnifiedLog::load(&mut disk, &orders(), log.config().clone(), UNCLEAN, NOW).unwrap_err();
    assert!(
        error.to_string().ends_with("partition.metadata: malformed line '?' at line 2"),
        "{error}"
    );
}

#[test]
fn power_loss_leaves_what_was_flushed_and_a_prefix_of_the_rest() {
    for seed in 0..200 {
        let mut rng = SimRng::new(seed);
        let (mut log, mut disk, written) = three_segments(&SMALL);
        let flushed = rng.range(0..=log.log_end_offset() as u64) as i64;
        log.flush(&mut disk, flushed);
        if rng.chance(300) {
            disk.write_back(NOW, 0);
        }
        let recovery_point = rng.range(0..=log.recovery_point() as u64) as i64;
        disk.power_loss(&mut rng);
        let (loaded, _) =
            recover(&mut disk, log.config(), LoadOptions { recovery_point, ..UNCLEAN });
        let left = records(&loaded, &disk);
        assert!(records_of(&written).starts_with(&left), "seed {seed}");
        assert!(loaded.log_end_offset() >= log.recovery_point(), "seed {seed}");
    }
}

/// The store that mirrors the disk may end after any of its operations.
#[test]
fn a_stop_after_any_durable_operation_leaves_a_prefix() {
    let mut disk = Disk::default();
    disk.set_record_ops(true);
    let config = config(&SMALL);
    let mut log = UnifiedLog::create(&mut disk, &orders(), Uuid::ZERO, config.clone(), NOW);
    let mut lives: Vec<Vec<(i64, i32, String)>> = vec![vec![]];
    let mut ops = disk.take_ops();
    for round in 0..3 {
        for n in 0..9 {
            let value = format!("{round}-{n}");
            log.append_as_leader(&mut disk, &batch(&[&value]), round, NOW).unwrap();
            if n % 4 == 3 {
                log.flush(&mut disk, i64::MAX);
            }
            ops.extend(disk.take_ops());
        }
        lives.push(records(&log, &disk));
        log.truncate_to(&mut disk, i64::from(6 * (2 - round)));
        ops.extend(disk.take_ops());
    }
    for count in 0..=ops.len() {
        let mut stopped = Disk::default();
        ops[..count].iter().for_each(|op| apply(&mut stopped, op));
        let (loaded, _) = recover(&mut stopped, &config, UNCLEAN);
        let left = records(&loaded, &stopped);
        assert!(lives.iter().any(|life| life.starts_with(&left)), "after {count}: {left:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 300, rng_seed: RngSeed::Fixed(3), failure_persistence: None, ..ProptestConfig::default()
    })]

    /// Any damage in several places, any state of the checkpoints: loading answers, and whatever is
    /// served with a right CRC was written. Offsets may then be wrong in ways that only one damaged
    /// place can be told from.
    #[test]
    fn any_damage_is_an_answer_not_a_panic(
        hits in prop::collection::vec(any::<(prop::sample::Index, prop::sample::Index, u8)>(), 1..6),
        clean_shutdown in any::<bool>(),
        recovery_point in -5i64..20,
        start in prop::option::of(-5i64..20),
        high_watermark_checkpoint in -5i64..20,
        compacted in any::<bool>(),
    ) {
        let (log, mut disk, written) = three_segments(&SMALL);
        let is_damaged = |path: &&Arc<str>| !path.ends_with("metadata");
        let paths: Vec<_> = disk.paths().filter(is_damaged).cloned().collect();
        for (file, at, change) in hits {
            let path = file.get(&paths);
            let mut bytes = disk.read_all(path).unwrap_or_default().to_vec();
            match change {
                0..8 => {
                    disk.delete(path);
                    continue;
                }
                8..64 => bytes.truncate(at.index(bytes.len() + 1)),
                64..96 => bytes.insert(at.index(bytes.len() + 1), change),
                _ if bytes.is_empty() => {}
                _ => {
                    let at = at.index(bytes.len());
                    bytes[at] ^= change;
                }
            }
            disk.replace(path, bytes.into());
        }
        let mut config = log.config().clone();
        config.cleanup_policy.compact = compacted;
        let options = LoadOptions {
            clean_shutdown,
            recovery_point,
            high_watermark_checkpoint,
            log_start_offset_checkpoint: start,
            faults: Faults::NONE,
        };
        let (mut loaded, _) = load(&mut disk, &config, options);
        let values: Vec<String> = records_of(&written).into_iter().map(|record| record.2).collect();
        let (start, end) = (loaded.log_start_offset(), loaded.log_end_offset());
        prop_assert!(start <= loaded.high_watermark() && loaded.high_watermark() <= end);
        for offset in start..end.min(start + 30) {
            let Ok(read) = loaded.read(&disk, offset, 1 << 20, end, true) else { continue };
            for bytes in read.batches {
                let batch = RecordBatch::parse(bytes).unwrap();
                prop_assert!(batch.ensure_valid().is_ok());
                for record in batch.records() {
                    let value = record.unwrap().value.unwrap();
                    prop_assert!(values.iter().any(|known| known.as_bytes() == value));
                }
            }
        }
        let _ = loaded.offset_for_timestamp(&disk, NOW.timestamp_ms() + 2);
        loaded.append_as_leader(&mut disk, &keyed(), 9, NOW).unwrap();
        loaded.truncate_to(&mut disk, start + (end - start) / 2);
        let _ = load(&mut disk, &config, UNCLEAN);
    }
}

fn keyed() -> RecordBatch {
    let mut builder = RecordBatchBuilder::default();
    builder.append(NOW.timestamp_ms(), Some(b"key"), Some(b"value"), &[]);
    RecordBatch::parse(builder.build()).unwrap()
}
