//! A stop at every byte that becomes durable: while a log grows, rolls and is flushed, while it is
//! recovered, and while the page cache has more than the disk. Swaps are in the cleaner's tests,
//! deletions in `retention`, truncations in `recovery`.

use super::recovery::recover;
use super::*;
use crate::log::unified_log::RecoveryReport;

const SMALL: [(&str, &str); 2] = [("segment.bytes", "250"), ("index.interval.bytes", "60")];

/// What is left if the power goes before each operation, after the last, and after each byte of those
/// that append. `check` also gets how many operations were complete.
pub(in crate::log) fn at_every_stop(
    start: &Disk,
    ops: &[DiskOp],
    mut check: impl FnMut(usize, Disk),
) {
    let mut left = start.clone();
    for (complete, op) in ops.iter().enumerate() {
        check(complete, left.clone());
        if let DiskOp::Append { path, position, bytes } = op {
            for len in 1..bytes.len() {
                let (path, position, bytes) = (path.clone(), *position, bytes.slice(..len));
                let mut torn = left.clone();
                apply(&mut torn, &DiskOp::Append { path, position, bytes });
                check(complete, torn);
            }
        }
        apply(&mut left, op);
    }
    check(ops.len(), left);
}

/// A log that grew, rolled twice, was flushed now and then and closed: what became durable in which
/// order, how much was flushed after how many operations, and its records.
struct Life {
    log: UnifiedLog,
    ops: Vec<DiskOp>,
    flushed: Vec<(usize, i64)>,
    records: Vec<(i64, i32, String)>,
}

fn life() -> Life {
    let mut disk = Disk::default();
    disk.set_record_ops(true);
    let id = Uuid::from_random(1, 2);
    let mut log = UnifiedLog::create(&mut disk, &orders(), id, config(&SMALL), NOW);
    let (mut ops, mut flushed) = (disk.take_ops(), Vec::new());
    for n in 0..9i64 {
        let value = format!("value {n}");
        let batch = batch_at(NOW.timestamp_ms() + n % 4, &[&value, "x"][..1 + n as usize % 2]);
        log.append_as_leader(&mut disk, &batch, n as i32 / 4, NOW).unwrap();
        if n % 3 == 1 {
            log.flush(&mut disk, i64::MAX);
        }
        ops.extend(disk.take_ops());
        flushed.push((ops.len(), log.recovery_point()));
    }
    log.close(&mut disk);
    ops.extend(disk.take_ops());
    flushed.push((ops.len(), log.log_end_offset()));
    assert_eq!(log.segment_count(), 3);
    let records = records(&log, &disk);
    Life { log, ops, flushed, records }
}

#[test]
fn while_it_grows_rolls_and_is_flushed() {
    let Life { log, ops, flushed, records: written } = life();
    let mut stops = 0;
    at_every_stop(&Disk::default(), &ops, |complete, mut disk| {
        let (loaded, _) = recover(&mut disk, log.config(), UNCLEAN);
        assert!(written.starts_with(&records(&loaded, &disk)), "after {complete} operations");
        let least = flushed.iter().take_while(|(ops, _)| *ops <= complete).last();
        assert!(loaded.log_end_offset() >= least.map_or(0, |(_, offset)| *offset));
        stops += 1;
    });
    assert!(stops > 800, "{stops}");
}

/// Recovers again after every stop inside of a recovery that came to `once`.
fn at_every_stop_of_a_recovery(
    left: &Disk,
    config: &LogConfig,
    mut check: impl FnMut(&UnifiedLog, &Disk),
) -> (UnifiedLog, Disk, RecoveryReport) {
    let mut disk = left.clone();
    disk.set_record_ops(true);
    let (once, report) = load(&mut disk, config, UNCLEAN);
    at_every_stop(left, &disk.take_ops(), |_, mut again| {
        let (loaded, _) = recover(&mut again, config, UNCLEAN);
        assert_eq!(visible(&loaded, &again), visible(&once, &disk));
        check(&loaded, &again);
    });
    (once, disk, report)
}

#[test]
fn while_it_is_recovered() {
    let Life { log, ops, .. } = life();
    let (mut stops, mut cuts) = (0, 0);
    at_every_stop(&Disk::default(), &ops, |_, left| {
        let (.., report) = at_every_stop_of_a_recovery(&left, log.config(), |_, _| stops += 1);
        cuts += usize::from(report.truncation.is_some());
    });
    assert!(stops > 2_000 && cuts > 300, "{stops} stops, {cuts} with something to cut");
}

/// A damaged byte in the middle drops segments behind it: also if that is broken off.
#[test]
fn while_what_is_behind_damage_is_dropped() {
    let Life { log, ops, .. } = life();
    let mut whole = Disk::default();
    ops.iter().for_each(|op| apply(&mut whole, op));
    let first = log.segments().next().unwrap();
    let good = whole.read_all(first.path()).unwrap();
    for at in (0..good.len()).step_by(7) {
        let mut bytes = good.to_vec();
        bytes[at] ^= 0x40;
        let mut left = whole.clone();
        left.replace(first.path(), bytes.into());
        let (_, _, report) = at_every_stop_of_a_recovery(&left, log.config(), |_, _| {});
        assert_eq!(report.segments_dropped.len(), 2, "byte {at}");
    }
}

/// The files of the active segment become durable each by itself: every length of each, together.
#[test]
fn while_the_page_cache_has_more_than_the_disk() {
    let (mut log, mut disk) = log(&[("index.interval.bytes", "60")]);
    for n in 0..3 {
        log.append_as_leader(&mut disk, &batch_at(NOW.timestamp_ms() + n, &["v"]), 0, NOW).unwrap();
        if n == 0 {
            log.flush(&mut disk, i64::MAX);
        }
    }
    let written = records(&log, &disk);
    let segment = log.active_segment();
    let paths = [segment.path(), segment.offset_index().path(), segment.time_index().path()];
    let lens = paths.map(|path| disk.durable_len(path).unwrap()..=disk.len(path).unwrap());
    let [log_lens, index_lens, time_lens] = lens.clone();
    assert!(lens.iter().all(|lens| lens.start() < lens.end()), "{lens:?}");
    for log_len in log_lens {
        for index_len in index_lens.clone() {
            for time_len in time_lens.clone().step_by(3) {
                let mut left = disk.clone();
                for (path, len) in paths.iter().zip([log_len, index_len, time_len]) {
                    left.truncate(path, len);
                }
                left.fsync_all();
                let options = LoadOptions { recovery_point: log.recovery_point(), ..UNCLEAN };
                let (loaded, _) = recover(&mut left, log.config(), options);
                assert!(written.starts_with(&records(&loaded, &left)));
                assert!(loaded.log_end_offset() >= log.recovery_point());
            }
        }
    }
}
