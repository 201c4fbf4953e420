//! Producers of a log: sequence numbers, epochs, transactions, and all of that after a stop.
//! `UnifiedLogTest`, `ProducerStateManagerTest`.

use super::*;
use crate::log::append_origin::{AppendOrigin, Verification};
use crate::log::log_error::LogError;
use crate::log::transaction_index::AbortedTxn;
use crate::record::EndTransactionMarker;

/// A batch of an idempotent producer.
fn produced(id: i64, epoch: i16, sequence: i32, count: usize, transactional: bool) -> RecordBatch {
    let mut builder = RecordBatchBuilder::new(0).producer(id, epoch, sequence);
    if transactional {
        builder = builder.transactional();
    }
    for n in 0..count {
        let value = format!("{id}-{n}");
        builder.append(NOW.timestamp_ms(), Some(b"k"), Some(value.as_bytes()), &[]);
    }
    RecordBatch::parse(builder.build()).unwrap()
}

fn marker(id: i64, epoch: i16, commit: bool, coordinator_epoch: i32) -> RecordBatch {
    let marker = EndTransactionMarker { commit, coordinator_epoch };
    RecordBatch::parse(marker.batch(id, epoch, NOW.timestamp_ms())).unwrap()
}

/// Answers the first offset and whether it had come before.
fn append(
    log: &mut UnifiedLog,
    disk: &mut Disk,
    batch: &RecordBatch,
) -> Result<(i64, bool), LogError> {
    log.append_as_leader(disk, batch, 0, NOW).map(|info| (info.first_offset, info.is_duplicate))
}

fn out_of_order<T>(answer: &Result<T, LogError>) -> bool {
    matches!(answer, Err(LogError::OutOfOrderSequence { .. }))
}

/// `UnifiedLogTest.testDuplicateAppends`.
#[test]
fn a_repeated_batch_is_answered_with_the_offsets_it_had() {
    let (mut log, mut disk) = log(&[]);
    let send = |log: &mut UnifiedLog, disk: &mut Disk, sequence, count| {
        append(log, disk, &produced(1, 0, sequence, count, false))
    };
    for sequence in 0..6 {
        let offset = i64::from(sequence);
        assert_eq!(send(&mut log, &mut disk, sequence, 1), Ok((offset, false)));
    }
    assert_eq!(send(&mut log, &mut disk, 6, 3), Ok((6, false)));
    assert_eq!(send(&mut log, &mut disk, 6, 3), Ok((6, true)));
    assert!(out_of_order(&send(&mut log, &mut disk, 7, 2)));
    assert_eq!(send(&mut log, &mut disk, 2, 1), Ok((2, true)));
    assert!(out_of_order(&send(&mut log, &mut disk, 1, 1)));
    assert_eq!(send(&mut log, &mut disk, 9, 1), Ok((9, false)));
    assert_eq!(send(&mut log, &mut disk, 9, 1), Ok((9, true)));
    assert_eq!(log.log_end_offset(), 10);
}

/// `ProducerStateManagerTest`: what may follow what.
#[test]
fn sequence_numbers_and_epochs_must_follow() {
    let (mut log, mut disk) = log(&[]);
    let send = |log: &mut UnifiedLog, disk: &mut Disk, epoch, sequence| {
        append(log, disk, &produced(1, epoch, sequence, 1, false))
    };
    assert!(send(&mut log, &mut disk, 0, 0).is_ok());
    assert!(send(&mut log, &mut disk, 0, 1).is_ok());
    assert!(out_of_order(&send(&mut log, &mut disk, 0, 3)));
    assert!(out_of_order(&send(&mut log, &mut disk, 1, 1)));
    assert!(send(&mut log, &mut disk, 1, 0).is_ok());
    let old = send(&mut log, &mut disk, 0, 2);
    assert_eq!(old, Err(LogError::InvalidProducerEpoch { producer_id: 1, epoch: 0, current: 1 }));
    // Numbers wrap to zero; whoever is not known may begin anywhere.
    let wraps = |sequence| produced(2, 0, sequence, 1, false);
    assert!(append(&mut log, &mut disk, &wraps(i32::MAX)).is_ok());
    assert!(append(&mut log, &mut disk, &wraps(0)).is_ok());
    // A marker with a higher epoch: the next batch starts at zero.
    append(&mut log, &mut disk, &marker(1, 2, false, 4)).unwrap();
    assert!(out_of_order(&send(&mut log, &mut disk, 2, 1)));
    assert!(send(&mut log, &mut disk, 2, 0).is_ok());
    let fenced = append(&mut log, &mut disk, &marker(1, 2, false, 3));
    assert_eq!(fenced, Err(LogError::TransactionCoordinatorFenced));
    append(&mut log, &mut disk, &produced(1, 2, 1, 1, true)).unwrap();
    let outside = send(&mut log, &mut disk, 2, 2);
    assert_eq!(outside, Err(LogError::InvalidTxnState { producer_id: 1 }));
}

#[test]
fn silent_producers_are_forgotten_but_not_open_transactions() {
    let (mut log, mut disk) = log(&[]);
    append(&mut log, &mut disk, &produced(1, 0, 0, 1, false)).unwrap();
    append(&mut log, &mut disk, &produced(2, 0, 0, 1, true)).unwrap();
    let known = |log: &UnifiedLog| -> Vec<i64> {
        log.producer_state().producers().map(|entry| entry.producer_id).collect()
    };
    log.remove_expired_producers(NOW.plus_millis(86_399_999));
    assert_eq!(known(&log), [1, 2]);
    log.remove_expired_producers(NOW.plus_millis(86_400_000));
    assert_eq!(known(&log), [2]);
    let any = append(&mut log, &mut disk, &produced(1, 0, 77, 1, false));
    assert_eq!(any, Ok((2, false)));
}

/// Two transactions that overlap, one aborted: the last stable offset stays below what is open or not
/// yet committed, and the index tells what was aborted.
fn two_transactions() -> (UnifiedLog, Disk) {
    let (mut log, mut disk) = log(&[("segment.bytes", "250")]);
    append(&mut log, &mut disk, &produced(1, 0, 0, 2, true)).unwrap(); // 0-1
    append(&mut log, &mut disk, &produced(2, 0, 0, 1, true)).unwrap(); // 2
    append(&mut log, &mut disk, &batch(&["plain"])).unwrap(); // 3
    append(&mut log, &mut disk, &marker(2, 0, false, 0)).unwrap(); // 4
    append(&mut log, &mut disk, &marker(1, 0, true, 0)).unwrap(); // 5
    append(&mut log, &mut disk, &produced(3, 0, 0, 1, true)).unwrap(); // 6
    (log, disk)
}

const ABORTED: AbortedTxn =
    AbortedTxn { producer_id: 2, first_offset: 2, last_offset: 4, last_stable_offset: 0 };

#[test]
fn the_last_stable_offset_waits_for_markers_to_be_committed() {
    let (mut log, _) = two_transactions();
    for (mark, stable) in [(0, 0), (3, 0), (5, 0), (6, 6), (7, 6)] {
        log.maybe_increment_high_watermark(mark);
        assert_eq!(log.last_stable_offset(), stable, "high watermark {mark}");
    }
    assert_eq!(log.collect_aborted_txns(0, 7), [ABORTED]);
    assert_eq!(log.collect_aborted_txns(5, 7), []);
    assert_eq!(log.collect_aborted_txns(0, 2), []);
}

#[test]
fn producers_and_transactions_survive_every_stop() {
    let (mut log, mut disk) = two_transactions();
    log.maybe_increment_high_watermark(6);
    assert!(log.segment_count() > 1);
    let snapshots: Vec<i64> = log.producer_state().snapshots().collect();
    let bases: Vec<i64> = log.segments().map(|segment| segment.base_offset()).collect();
    assert_eq!(snapshots, bases[1..]);
    for clean_shutdown in [true, false] {
        for recovery_point in [0, log.recovery_point()] {
            let mut disk = disk.clone();
            let mut log = log.clone();
            if clean_shutdown {
                log.close(&mut disk);
                assert_eq!(log.producer_state().snapshots().last(), Some(7));
            }
            let high_watermark_checkpoint = 6;
            let options = LoadOptions {
                clean_shutdown,
                recovery_point,
                high_watermark_checkpoint,
                ..UNCLEAN
            };
            let (mut loaded, _) = load(&mut disk, log.config(), options);
            assert_eq!(loaded.last_stable_offset(), 6);
            assert_eq!(loaded.collect_aborted_txns(0, 7), [ABORTED]);
            let last = |log: &UnifiedLog| log.producer_state().last_records();
            assert_eq!(last(&loaded), last(&log));
            let again = append(&mut loaded, &mut disk, &produced(3, 0, 0, 1, true));
            assert_eq!(again, Ok((6, true)));
        }
    }
    // What is cut off takes its producers with it.
    log.truncate_to(&mut disk, 6);
    assert_eq!(log.producer_state().entry(3), None);
    assert_eq!(log.last_stable_offset(), 6);
    log.truncate_to(&mut disk, 4);
    assert_eq!(log.collect_aborted_txns(0, 7), []);
    assert_eq!(log.producer_state().first_unstable_offset(), Some(0));
    log.truncate_fully_and_start_at(&mut disk, 100);
    assert!(log.producer_state().is_empty());
    assert_eq!(log.producer_state().snapshots().count(), 0);
}

/// The segment's own markers say what was in it, also after a clean stop.
#[test]
fn a_damaged_transaction_index_is_made_anew() {
    let (mut log, mut disk) = two_transactions();
    log.close(&mut disk);
    let path = disk.paths().find(|path| path.ends_with(".txnindex")).unwrap().clone();
    let whole = disk.read_all(&path).unwrap();
    let mut elsewhere = whole.to_vec();
    elsewhere[18] = 1;
    let twice = [&whole[..], &whole[..]].concat();
    let damaged = [whole[..whole.len() - 1].to_vec(), elsewhere, twice];
    for bytes in damaged {
        let mut disk = disk.clone();
        disk.replace(&path, bytes.into());
        let options = LoadOptions { clean_shutdown: true, recovery_point: 7, ..UNCLEAN };
        let (loaded, report) = load(&mut disk, log.config(), options);
        assert_eq!(loaded.collect_aborted_txns(0, 7), [ABORTED]);
        assert_eq!(disk.read_all(&path), Some(whole.clone()));
        assert_eq!(report.indexes_rebuilt.len(), 1);
        assert_eq!(loaded.producer_state().last_records(), log.producer_state().last_records());
    }
}

/// A crash at every durable change: whatever is left opens, and knows no producer that the log does
/// not have.
#[test]
fn a_stop_between_any_two_writes_leaves_sound_producers() {
    let mut disk = Disk::default();
    disk.set_record_ops(true);
    let topic_id = Uuid::from_random(1, 2);
    let config = config(&[("segment.bytes", "250"), ("flush.messages", "1")]);
    let mut log = UnifiedLog::create(&mut disk, &orders(), topic_id, config.clone(), NOW);
    for n in 0..6 {
        append(&mut log, &mut disk, &produced(1, 0, 2 * n, 2, false)).unwrap();
    }
    let ops = disk.take_ops();
    for stop in 0..=ops.len() {
        let mut left = Disk::default();
        ops[..stop].iter().for_each(|op| apply(&mut left, op));
        let (mut log, _) = load(&mut left, &config, UNCLEAN);
        let sequence = log.log_end_offset() as i32;
        let end = log.producer_state().entry(1).and_then(|entry| entry.last_data_offset());
        assert_eq!(end.map_or(0, |offset| offset + 1), log.log_end_offset());
        assert!(append(&mut log, &mut left, &produced(1, 0, sequence, 2, false)).is_ok());
    }
}

/// `ProducerStateManagerTest`: since KIP-890 a marker begins an epoch; the same one may come again, but a late one
/// does not end the next transaction. Before, it would.
#[test]
fn a_late_marker_does_not_end_a_later_transaction() {
    for (version, refused) in [(0, false), (1, false), (2, true)] {
        let (mut log, mut disk) = log(&[]);
        let origin = AppendOrigin::coordinator(version, Verification::Off);
        let mark = |log: &mut UnifiedLog, disk: &mut Disk, epoch| {
            let marker = marker(1, epoch, true, 0);
            log.append_as_leader_from(origin, disk, &marker, 0, NOW).map(|info| info.first_offset)
        };
        append(&mut log, &mut disk, &produced(1, 0, 0, 1, true)).unwrap();
        assert_eq!(mark(&mut log, &mut disk, 1), Ok(1));
        assert_eq!(mark(&mut log, &mut disk, 1), Ok(2), "it comes again");
        append(&mut log, &mut disk, &produced(1, 1, 0, 1, true)).unwrap();
        assert_eq!(mark(&mut log, &mut disk, 1).is_err(), refused, "version {version}");
        let open = log.producer_state().entry(1).and_then(|entry| entry.current_txn_first_offset);
        assert_eq!(open, refused.then_some(3));
        let early = mark(&mut log, &mut disk, 0);
        assert!(matches!(early, Err(LogError::InvalidProducerEpoch { current: 1, .. })));
    }
}

/// `UnifiedLogTest.testTransactionIsOngoingAndVerificationGuard` and its neighbours.
#[test]
fn a_transaction_begins_with_the_coordinators_word() {
    let (mut log, mut disk) = log(&[]);
    let first = produced(1, 0, 0, 1, true);
    let send = |log: &mut UnifiedLog, disk: &mut Disk, batch: &RecordBatch, guard| {
        let origin = AppendOrigin::client(2, Verification::On { guard });
        log.append_as_leader_from(origin, disk, batch, 0, NOW).map(|info| info.first_offset)
    };
    let unknown = Err(LogError::InvalidTxnState { producer_id: 1 });
    assert_eq!(send(&mut log, &mut disk, &first, None), unknown);
    let guard = log.maybe_start_verification(&first);
    assert_eq!(log.maybe_start_verification(&first), guard, "one question at a time");
    let late = produced(1, 0, 3, 1, true);
    assert!(out_of_order(&send(&mut log, &mut disk, &late, guard)), "begins with 0");
    assert_eq!(send(&mut log, &mut disk, &first, guard), Ok(0));
    assert_eq!(log.maybe_start_verification(&first), None, "it is open");
    assert_eq!(send(&mut log, &mut disk, &produced(1, 0, 1, 1, true), None), Ok(1));
    // The transaction ends while the coordinator is asked about a batch of the next: it has to ask anew.
    append(&mut log, &mut disk, &marker(1, 1, true, 0)).unwrap();
    let next = produced(1, 1, 0, 1, true);
    let guard = log.maybe_start_verification(&next);
    append(&mut log, &mut disk, &marker(1, 2, false, 0)).unwrap();
    let next = produced(1, 2, 0, 1, true);
    assert_eq!(send(&mut log, &mut disk, &next, guard), unknown);
    let guard = log.maybe_start_verification(&next);
    assert_eq!(send(&mut log, &mut disk, &next, guard), Ok(4));
}

/// A coordinator's records have no sequence numbers, and are never taken for ones that came before.
#[test]
fn offsets_of_a_transaction_are_not_numbered() {
    let (mut log, mut disk) = log(&[]);
    let origin = AppendOrigin::coordinator(2, Verification::Off);
    for offset in 0..3 {
        let offsets = produced(1, 0, 0, 1, true);
        let info = log.append_as_leader_from(origin, &mut disk, &offsets, 0, NOW).unwrap();
        assert_eq!((info.first_offset, info.is_duplicate), (offset, false));
    }
    assert_eq!(log.producer_state().first_unstable_offset(), Some(0));
}
