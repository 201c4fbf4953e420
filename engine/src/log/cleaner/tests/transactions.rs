//! Transactions under the cleaner: what was aborted goes, markers go last.

use super::*;

impl Fixture {
    fn transactional(&mut self, producer: i64, sequence: i32, keys: &[&str]) {
        let mut builder =
            RecordBatchBuilder::new(0).producer(producer, 0, sequence).transactional();
        for key in keys {
            builder.append(self.now.timestamp_ms(), Some(key.as_bytes()), Some(b"v"), &[]);
        }
        self.append(&RecordBatch::parse(builder.build()).unwrap());
    }

    fn end(&mut self, producer: i64, commit: bool) {
        let marker = EndTransactionMarker { commit, coordinator_epoch: 0 };
        let batch = marker.batch(producer, 0, self.now.timestamp_ms());
        self.append(&RecordBatch::parse(batch).unwrap());
    }

    fn aborted(&self) -> Vec<(i64, i64, i64)> {
        let all = self.log.collect_aborted_txns(0, i64::MAX);
        all.iter().map(|txn| (txn.producer_id, txn.first_offset, txn.last_offset)).collect()
    }
}

/// 6-5, `testBasicTransactionAwareCleaning`.
#[test]
fn aborted_records_go_and_committed_ones_count() {
    let mut fixture = Fixture::new(&[]);
    fixture.transactional(1, 0, &["1", "2"]);
    fixture.transactional(2, 0, &["2", "3"]);
    fixture.transactional(1, 2, &["3", "4"]);
    fixture.end(1, false);
    fixture.end(2, true);
    fixture.transactional(1, 4, &["2"]);
    fixture.end(1, true);
    let aborted = fixture.aborted();
    fixture.roll();
    fixture.clean_from(0);
    assert_eq!(fixture.keys(), ["3", "2"]);
    assert_eq!(fixture.offsets(), [3, 6, 7, 8, 9]);
    assert_eq!(fixture.aborted(), aborted);
}

/// 6-7, `testAbortMarkerRemoval`.
#[test]
fn an_abort_marker_goes_after_its_records() {
    let mut fixture = Fixture::new(&[]);
    fixture.transactional(1, 0, &["1"]);
    fixture.transactional(1, 1, &["2", "3"]);
    fixture.end(1, false);
    fixture.transactional(1, 3, &["3"]);
    fixture.end(1, true);
    fixture.roll();
    fixture.clean_from(0);
    assert_eq!((fixture.keys(), fixture.offsets()), (vec!["3".to_string()], vec![3, 4, 5]));
    fixture.two_passes();
    assert_eq!((fixture.keys(), fixture.offsets()), (vec!["3".to_string()], vec![4, 5]));
    assert_eq!(fixture.aborted(), []);
}

/// 6-8, `testDeletedBatchesWithNoMessagesRead`.
#[test]
fn an_abort_marker_alone_in_its_segment_goes_too() {
    let mut fixture = Fixture::new(&[]);
    fixture.transactional(1, 0, &["1"]);
    fixture.end(1, false);
    fixture.transactional(1, 1, &["2"]);
    fixture.transactional(1, 2, &["2"]);
    fixture.end(1, true);
    fixture.roll();
    fixture.clean_from(0);
    assert_eq!((fixture.keys(), fixture.offsets()), (vec!["2".to_string()], vec![1, 3, 4]));
    fixture.two_passes();
    assert_eq!((fixture.keys(), fixture.offsets()), (vec!["2".to_string()], vec![3, 4]));
}

/// 6-10, `testCleanEmptyControlBatch`.
#[test]
fn the_marker_of_a_known_producer_stays_as_an_empty_batch() {
    let mut fixture = Fixture::new(&[]);
    fixture.end(1, true);
    fixture.put("2", Some("2"));
    fixture.put("3", Some("3"));
    fixture.roll();
    for _ in 0..2 {
        fixture.two_passes();
        assert_eq!((fixture.offsets(), fixture.last_offsets()), (vec![1, 2], vec![0, 1, 2]));
    }
}

/// `testCommitMarkerRemoval`: the marker stays as long as a record of its transaction does.
#[test]
fn a_commit_marker_waits_for_its_records() {
    let mut fixture = Fixture::new(&[]);
    fixture.transactional(1, 0, &["1"]);
    fixture.transactional(1, 1, &["2"]);
    fixture.end(1, true);
    fixture.transactional(1, 2, &["2"]);
    fixture.end(1, true);
    fixture.roll();
    fixture.clean_from(0);
    assert_eq!(fixture.offsets(), [0, 2, 3, 4]);
    fixture.two_passes();
    assert_eq!(fixture.offsets(), [0, 2, 3, 4]);
    fixture.put("1", Some("newer"));
    fixture.roll();
    // The pass that finds nothing of the transaction sets the horizon, the one after it removes.
    fixture.clean_from(0);
    assert_eq!(fixture.offsets(), [2, 3, 4, 5]);
    fixture.clean_from(0);
    assert_eq!(fixture.offsets(), [2, 3, 4, 5]);
    let horizon = fixture.batches()[0].delete_horizon_ms();
    assert_eq!(horizon, Some(fixture.now.timestamp_ms() + DAY_MS as i64));
    fixture.now = fixture.now.plus_millis(DAY_MS);
    fixture.clean_from(0);
    assert_eq!(fixture.offsets(), [3, 4, 5]);
}

/// An open transaction bounds what may be cleaned.
#[test]
fn nothing_from_an_open_transaction_on_is_cleaned() {
    let mut fixture = Fixture::new(&[]);
    fixture.puts(&["1", "1"]);
    fixture.roll();
    fixture.transactional(7, 0, &["1"]);
    fixture.roll();
    fixture.puts(&["1", "1"]);
    fixture.roll();
    fixture.commit();
    let offsets = log_cleaner_manager::cleanable_offsets(&fixture.log, None, fixture.now);
    assert_eq!(offsets.first_uncleanable_offset, 2);
    fixture.clean(0, offsets.first_uncleanable_offset, Faults::default());
    assert_eq!(fixture.offsets(), [1, 2, 3, 4]);
}
