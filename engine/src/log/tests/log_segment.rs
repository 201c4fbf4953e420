//! `LogSegmentTest`: index entries, truncation with timestamps, damage.

use super::*;
use crate::log::log_segment::{LogSegment, StoredIndexes};

/// A segment from offset 40 with `count` batches of one record, timestamps 10 x offset, and an
/// index interval just below two batches.
fn segment(count: i64) -> (LogSegment, Disk) {
    let mut disk = Disk::default();
    let one = |offset: i64| {
        let mut builder = RecordBatchBuilder::new(offset).leader_epoch(0);
        builder.append(offset * 10, None, Some(b"hello"), &[]);
        RecordBatch::parse(builder.build()).unwrap()
    };
    let interval = (2 * one(40).size_in_bytes() - 1).to_string();
    let config = config(&[("index.interval.bytes", &interval)]);
    let mut segment = LogSegment::create(&mut disk, "t-0", 40, &config, Some(NOW));
    for offset in 40..40 + count {
        let batch = one(offset);
        segment.append(&mut disk, batch.bytes().clone(), batch.header(), NOW);
    }
    (segment, disk)
}

#[test]
fn truncation_with_timestamps() {
    let (mut segment, mut disk) = segment(30);
    assert_eq!(segment.offset_index().entry_count(), 14);
    assert_eq!(segment.time_index().entry_count(), 14);
    assert_eq!(segment.truncate_to(&mut disk, 41), 41);
    assert_eq!(segment.time_index().entry_count(), 0);
    assert_eq!(segment.max_timestamp_so_far().timestamp, 400);
    assert_eq!(segment.next_offset(), 41);
}

#[test]
fn entries_name_the_last_offset_and_the_start_of_a_batch() {
    let (segment, _) = segment(5);
    let size = segment.size() / 5;
    let entries: Vec<_> =
        segment.offset_index().entries().map(|entry| (entry.offset, entry.position)).collect();
    assert_eq!(entries, [(42, 2 * size), (44, 4 * size)]);
    let times: Vec<_> =
        segment.time_index().entries().map(|entry| (entry.timestamp, entry.offset)).collect();
    assert_eq!(times, [(420, 42), (440, 44)]);
}

#[test]
fn truncation_to_every_offset_leaves_what_a_shorter_life_would() {
    for cut in 40..=71 {
        let (mut cut_segment, mut disk) = segment(30);
        cut_segment.truncate_to(&mut disk, cut);
        let (expected, expected_disk) = segment(cut.min(70) - 40);
        assert_eq!(cut_segment.next_offset(), expected.next_offset());
        assert_eq!(cut_segment.max_timestamp_so_far(), expected.max_timestamp_so_far());
        for path in expected_disk.paths() {
            assert_eq!(disk.read_all(path), expected_disk.read_all(path), "{path} cut at {cut}");
        }
    }
}

#[test]
fn stored_indexes_are_used_only_if_they_are_true() {
    let (built, disk) = segment(30);
    let config = config(&[("index.interval.bytes", "141")]);
    let open = |disk: &mut Disk| {
        LogSegment::open(disk, "t-0", 40, &config, StoredIndexes::Checked, None, NOW, |_| ())
    };
    let opened = open(&mut disk.clone());
    assert!(!opened.indexes_rebuilt);
    assert_eq!(opened.segment.offset_index(), built.offset_index());
    for path in [built.offset_index().path(), built.time_index().path()] {
        let good = disk.read_all(path).unwrap();
        for bit in 0..good.len() * 8 {
            let mut bytes = good.to_vec();
            bytes[bit / 8] ^= 1 << (bit % 8);
            let mut disk = disk.clone();
            disk.replace(path, bytes.into());
            let opened = open(&mut disk);
            assert!(opened.indexes_rebuilt, "bit {bit} of {path}");
            assert_eq!(
                disk.read_all(built.offset_index().path()),
                Some(index_bytes(&disk, &built))
            );
        }
    }
}

fn index_bytes(disk: &Disk, built: &LogSegment) -> Bytes {
    // Interval 141 and the batches' own size make the same entries as the segment had.
    let mut again = Disk::default();
    let config = config(&[("index.interval.bytes", "141")]);
    again.replace(built.path(), disk.read_all(built.path()).unwrap());
    let rebuilt =
        LogSegment::open(&mut again, "t-0", 40, &config, StoredIndexes::Rebuilt, None, NOW, |_| ());
    again.read_all(rebuilt.segment.offset_index().path()).unwrap()
}
