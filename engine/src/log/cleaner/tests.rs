//! The cleaner by Kafka's own tests (`LogCleanerTest`, `LogCleanerManagerTest`), crashes at every
//! write, and random lives beside a plain map.

mod crash;
mod manager;
mod transactions;
mod watch;

use super::cleaner::{CleanerStats, Filter, clean_segments};
use super::cleaner_pass::Faults;
use super::*;
use crate::ids::{TopicPartition, Uuid};
use crate::log::log_config::LogConfig;
use crate::log::unified_log::UnifiedLog;
use crate::record::{EndTransactionMarker, RecordBatch, RecordBatchBuilder};
use crate::sim::disk::Disk;
use crate::sim::time::SimTime;

const NOW: SimTime = SimTime(1_000_000_000);
const DAY_MS: u64 = 86_400_000;

/// A log and the disk it lies on.
struct Fixture {
    log: UnifiedLog,
    disk: Disk,
    now: SimTime,
    config: CleanerConfig,
}

impl Fixture {
    fn new(settings: &[(&str, &str)]) -> Self {
        let mut config = LogConfig::default();
        config.set("cleanup.policy", "compact").unwrap();
        for (name, value) in settings {
            config.set(name, value).unwrap();
        }
        let mut disk = Disk::default();
        let partition = TopicPartition::new("orders", 0);
        let log = UnifiedLog::create(&mut disk, &partition, Uuid::ZERO, config, NOW);
        Fixture { log, disk, now: NOW, config: CleanerConfig::default() }
    }

    fn append(&mut self, batch: &RecordBatch) -> i64 {
        let info = self.log.append_as_leader(&mut self.disk, batch, 0, self.now).unwrap();
        info.first_offset
    }

    /// One batch with one record.
    fn put(&mut self, key: &str, value: Option<&str>) -> i64 {
        let batch = records(None, &[(key, value)], self.now);
        self.append(&batch)
    }

    fn puts(&mut self, keys: &[&str]) {
        for key in keys {
            let value = format!("{key}@{}", self.log.log_end_offset());
            self.put(key, Some(&value));
        }
    }

    fn roll(&mut self) {
        self.log.roll(&mut self.disk, self.now);
    }

    /// Everything is committed, unless a mark is given.
    fn commit(&mut self) {
        let end = self.log.log_end_offset();
        self.log.update_high_watermark(end);
    }

    /// Cleans everything below the active segment. Answers how far the log is clean.
    fn clean_from(&mut self, first_dirty: i64) -> i64 {
        self.commit();
        self.clean(first_dirty, self.log.active_segment_base(), Faults::default())
    }

    fn clean(&mut self, first_dirty: i64, uncleanable: i64, faults: Faults) -> i64 {
        let to_clean = LogToClean::new(&self.log, first_dirty, uncleanable, false);
        let mut pass = CleanerPass::begin(&self.log, to_clean, &self.config, faults, self.now);
        loop {
            let step = pass.step(&mut self.log, &mut self.disk, &self.config, self.now).unwrap();
            if let PassStep::Finished { end_offset } = step {
                assert!(!pass.is_overtaken(&self.log));
                return end_offset;
            }
        }
    }

    /// A pass, and another after the delete horizon that it set.
    fn two_passes(&mut self) {
        self.clean_from(0);
        self.now = self.now.plus_millis(DAY_MS + 1);
        self.clean_from(0);
    }

    fn batches(&self) -> Vec<RecordBatch> {
        let batches: Vec<_> = self.log.batches(&self.disk, 0).map(Result::unwrap).collect();
        batches.iter().for_each(|batch| batch.ensure_valid().unwrap());
        batches
    }

    /// Offset, key, and value of every record but markers.
    fn data(&self) -> Vec<(i64, String, Option<String>)> {
        let text = |bytes: bytes::Bytes| String::from_utf8_lossy(&bytes).into_owned();
        let batches = self.batches();
        let data = batches.iter().filter(|batch| !batch.is_control());
        data.flat_map(RecordBatch::records)
            .map(Result::unwrap)
            .map(|r| (r.offset, r.key.map(text).unwrap_or_default(), r.value.map(text)))
            .collect()
    }

    fn keys(&self) -> Vec<String> {
        self.data().into_iter().map(|(_, key, _)| key).collect()
    }

    /// Of all records, markers included.
    fn offsets(&self) -> Vec<i64> {
        let batches = self.batches();
        batches.iter().flat_map(RecordBatch::records).map(|r| r.unwrap().offset).collect()
    }

    /// The last offset of every batch, empty ones too.
    fn last_offsets(&self) -> Vec<i64> {
        self.batches().iter().map(RecordBatch::last_offset).collect()
    }

    fn sizes(&self) -> Vec<u64> {
        self.log.segments().map(|segment| segment.size()).collect()
    }
}

/// A batch, of a producer (id, sequence) if there is one.
fn records(
    producer: Option<(i64, i32)>,
    records: &[(&str, Option<&str>)],
    now: SimTime,
) -> RecordBatch {
    let mut builder = RecordBatchBuilder::new(0);
    if let Some((id, sequence)) = producer {
        builder = builder.producer(id, 0, sequence);
    }
    for (key, value) in records {
        let value = value.map(str::as_bytes);
        builder.append(now.timestamp_ms(), Some(key.as_bytes()), value, &[]);
    }
    RecordBatch::parse(builder.build()).unwrap()
}

fn with_keys(producer: Option<(i64, i32)>, keys: &[&str]) -> RecordBatch {
    let all: Vec<_> = keys.iter().map(|key| (*key, Some("v"))).collect();
    records(producer, &all, NOW)
}

/// 6-1, `testCleanSegments`: the map alone decides, and only about the segments that are given.
#[test]
fn what_the_map_knows_better_goes() {
    let mut fixture = Fixture::new(&[]);
    for n in 0..40 {
        fixture.put(&n.to_string(), Some("v"));
        if n % 10 == 9 {
            fixture.roll();
        }
    }
    let mut map = SkimpyOffsetMap::new(1000);
    for key in ["1", "3", "5", "7", "9"] {
        map.put(key.as_bytes(), i64::MAX);
    }
    let cleaned = clean_group(&mut fixture, &map, &[0, 10, 20], -1);
    fixture.log.replace_segments(&mut fixture.disk, cleaned, &[0, 10, 20]);
    let expected: Vec<String> =
        (0..40).filter(|n| ![1, 3, 5, 7, 9].contains(n)).map(|n| n.to_string()).collect();
    assert_eq!(fixture.keys(), expected);
}

fn clean_group(
    fixture: &mut Fixture,
    map: &SkimpyOffsetMap,
    group: &[i64],
    retain_last_batch_before: i64,
) -> crate::log::log_segment::LogSegment {
    let filter = Filter {
        map,
        current_time_ms: fixture.now.timestamp_ms(),
        delete_retention_ms: DAY_MS as i64,
        retain_last_batch_before,
        forget_tombstones: false,
    };
    let (log, disk, now) = (&fixture.log, &mut fixture.disk, fixture.now);
    let (mut transactions, mut stats) = (Default::default(), CleanerStats::default());
    clean_segments(log, disk, group, &filter, &mut transactions, &mut stats, now, &mut ()).unwrap()
}

/// 6-2, `testPartialSegmentClean`: the map has room for one key.
#[test]
fn a_small_map_cleans_in_several_passes() {
    let mut fixture = Fixture::new(&[]);
    fixture.puts(&["0", "1", "0", "1", "0"]);
    fixture.roll();
    fixture.config.dedupe_buffer_size = 24 * 2;
    let passes: [(i64, &[&str], &[i64]); 3] = [
        (2, &["1", "0", "1", "0"], &[1, 2, 3, 4]),
        (3, &["0", "1", "0"], &[2, 3, 4]),
        (4, &["1", "0"], &[3, 4]),
    ];
    for (first_dirty, keys, offsets) in passes {
        let end = fixture.clean_from(first_dirty);
        assert_eq!(
            (fixture.keys(), fixture.offsets()),
            (keys.iter().map(|k| k.to_string()).collect(), offsets.to_vec())
        );
        assert_eq!(end, first_dirty + 1);
    }
}

/// 6-3, `testBuildPartialOffsetMap`.
#[test]
fn a_full_map_ends_at_the_next_key() {
    let mut fixture = Fixture::new(&[]);
    fixture.puts(&["0", "1", "2", "3", "4"]);
    fixture.roll();
    let mut map = SkimpyOffsetMap::new(24 * 3);
    let mut stats = CleanerStats::default();
    let (log, disk) = (&fixture.log, &fixture.disk);
    let full =
        cleaner::build_offset_map(log, disk, (2, 5), &mut map, 2, &mut stats, &mut ()).unwrap();
    assert!(full);
    assert_eq!((map.len(), map.latest_offset()), (2, 3));
    let known = ["0", "1", "2", "3", "4"].map(|key| map.get(key.as_bytes()));
    assert_eq!(known, [None, None, Some(2), Some(3), None]);
}

/// 6-4, `testDuplicateCheckAfterCleaning`.
#[test]
fn duplicates_are_known_after_cleaning() {
    let mut fixture = Fixture::new(&[]);
    let sent = [
        with_keys(Some((1, 0)), &["1", "2", "3"]),
        with_keys(Some((2, 0)), &["3", "1", "4"]),
        with_keys(Some((3, 0)), &["1", "4"]),
    ];
    sent.iter().for_each(|batch| {
        fixture.append(batch);
    });
    fixture.roll();
    fixture.clean_from(0);
    assert_eq!(fixture.keys(), ["2", "3", "1", "4"]);
    assert_eq!((fixture.offsets(), fixture.last_offsets()), (vec![1, 3, 6, 7], vec![2, 5, 7]));
    let sequences: Vec<i32> = fixture.batches().iter().map(RecordBatch::last_sequence).collect();
    assert_eq!(sequences, [2, 2, 1]);
    // Also after a start that has nothing but the log.
    let reopened = reopen(&mut fixture);
    for log in [fixture.log.clone(), reopened] {
        fixture.log = log;
        for (batch, offset) in [(&sent[0], 0), (&sent[2], 6), (&sent[1], 3)] {
            assert_eq!(fixture.append(batch), offset);
        }
        assert_eq!(fixture.log.log_end_offset(), 8);
    }
    fixture.append(&with_keys(Some((4, 0)), &["2"]));
    fixture.roll();
    fixture.clean_from(0);
    assert_eq!(fixture.keys(), ["3", "1", "4", "2"]);
    assert_eq!((fixture.offsets(), fixture.last_offsets()), (vec![3, 6, 7, 8], vec![2, 5, 7, 8]));
    assert_eq!(fixture.append(&sent[0]), 0);
}

/// The log as an unclean start finds it, without the producers' snapshots.
fn reopen(fixture: &mut Fixture) -> UnifiedLog {
    use crate::log::unified_log::{self, LoadOptions};
    for path in fixture.disk.list("orders-0") {
        if path.ends_with(".snapshot") {
            fixture.disk.delete(&path);
        }
    }
    let options = LoadOptions {
        clean_shutdown: false,
        recovery_point: 0,
        high_watermark_checkpoint: fixture.log.high_watermark(),
        log_start_offset_checkpoint: None,
        faults: unified_log::Faults::NONE,
    };
    let (id, config) = (fixture.log.topic_partition().clone(), fixture.log.config().clone());
    UnifiedLog::load(&mut fixture.disk, &id, config, options, fixture.now).unwrap().0
}

/// 6-13, `testLogCleanerRetainsProducerLastSequence`.
#[test]
fn the_last_batch_of_every_producer_stays() {
    let mut fixture = Fixture::new(&[]);
    fixture.put("0", Some("0"));
    for producer in 1..=3 {
        fixture.append(&with_keys(Some((producer, 0)), &["0"]));
    }
    fixture.append(&with_keys(Some((2, 1)), &["1"]));
    fixture.roll();
    fixture.clean_from(0);
    assert_eq!((fixture.keys(), fixture.offsets()), (vec!["0".into(), "1".into()], vec![3, 4]));
    assert_eq!(fixture.last_offsets(), [1, 3, 4]);
    let sequences: Vec<_> = fixture
        .batches()
        .iter()
        .map(|batch| (batch.producer_id(), batch.last_sequence()))
        .collect();
    assert_eq!(sequences, [(1, 0), (3, 0), (2, 1)]);
}

/// 6-15, `testCleanTombstone`: not the record's time counts, but the horizon of its batch.
#[test]
fn a_tombstone_lives_for_its_retention_after_the_pass_that_met_it() {
    let mut fixture = Fixture::new(&[]);
    fixture.put("0", Some("0"));
    let old = {
        let mut builder = RecordBatchBuilder::new(0);
        builder.append(fixture.now.timestamp_ms() - 10 * DAY_MS as i64, Some(b"0"), None, &[]);
        RecordBatch::parse(builder.build()).unwrap()
    };
    fixture.append(&old);
    fixture.roll();
    fixture.clean_from(0);
    let first = |fixture: &Fixture| fixture.data()[0].clone();
    let tombstone = (1, "0".to_string(), None);
    assert_eq!(first(&fixture), tombstone);
    let horizon = fixture.now.timestamp_ms() + DAY_MS as i64;
    assert_eq!(fixture.batches()[0].delete_horizon_ms(), Some(horizon));
    fixture.put("1", Some("1"));
    fixture.roll();
    for first_dirty in [1, 2] {
        fixture.clean_from(first_dirty);
        assert_eq!(first(&fixture), tombstone);
    }
    // One millisecond before its time, and at it; a pass needs something dirty.
    for (wait_ms, stays) in [(DAY_MS - 1, true), (1, false)] {
        fixture.now = fixture.now.plus_millis(wait_ms);
        fixture.put("1", Some("1"));
        fixture.roll();
        fixture.clean_from(2);
        assert_eq!(first(&fixture) == tombstone, stays);
        assert_eq!(fixture.batches()[0].delete_horizon_ms(), stays.then_some(horizon));
    }
}

/// 6-17, `testCleaningWithUnkeyedMessages`: what came in before the topic was compacted.
#[test]
fn records_without_a_key_go() {
    let mut fixture = Fixture::new(&[("cleanup.policy", "delete")]);
    for n in 0..6 {
        let mut builder = RecordBatchBuilder::new(0);
        let key = format!("{n}");
        let key = (n % 2 == 0).then_some(key.as_bytes());
        builder.append(fixture.now.timestamp_ms(), key, Some(b"v"), &[]);
        let batch = RecordBatch::parse(builder.build()).unwrap();
        fixture.append(&batch);
    }
    fixture.roll();
    let mut config = fixture.log.config().clone();
    config.set("cleanup.policy", "compact").unwrap();
    fixture.log.set_config(config);
    fixture.clean_from(0);
    // The last batch stays as an empty one: the log ends there.
    assert_eq!(
        (fixture.keys(), fixture.last_offsets()),
        (vec!["0".into(), "2".into(), "4".into()], vec![0, 2, 4, 5])
    );
}

/// 6-18, `testCleanSegmentsRetainingLastEmptyBatch`, `...NotRetainingLastEmptyBatch`.
#[test]
fn an_empty_last_batch_stays_if_the_committed_log_ends_there() {
    for (high_watermark, left) in [(30, vec![29]), (40, vec![])] {
        let mut fixture = Fixture::new(&[]);
        let mut map = SkimpyOffsetMap::new(10_000);
        for n in 0..40 {
            fixture.put(&n.to_string(), Some("v"));
            map.put(n.to_string().as_bytes(), i64::MAX);
            if n % 10 == 9 {
                fixture.roll();
            }
        }
        let cleaned = clean_group(&mut fixture, &map, &[0, 10, 20], high_watermark);
        fixture.log.replace_segments(&mut fixture.disk, cleaned, &[0, 10, 20]);
        let last: Vec<i64> = fixture.last_offsets().into_iter().filter(|o| *o < 30).collect();
        assert_eq!(last, left);
        assert!(fixture.offsets().iter().all(|offset| *offset >= 30));
    }
}

/// 6-20, `testCleaningWithUncleanableSection`.
#[test]
fn what_is_uncleanable_is_not_touched() {
    let mut fixture = Fixture::new(&[]);
    let keys: Vec<String> = (0..10).map(|n| n.to_string()).collect();
    for _ in 0..4 {
        for _ in 0..3 {
            fixture.puts(&keys.iter().map(String::as_str).collect::<Vec<_>>());
        }
        fixture.roll();
    }
    fixture.commit();
    let before = fixture.sizes();
    fixture.log.set_config({
        let mut config = fixture.log.config().clone();
        config.set("segment.bytes", &before[0].to_string()).unwrap();
        config
    });
    fixture.clean(0, 60, Faults::default());
    let after = fixture.sizes();
    assert_eq!(after[after.len() - 3..], before[2..]);
    assert!(after[..after.len() - 3].iter().sum::<u64>() < before[0] + before[1]);
}

#[test]
fn groups_fill_segments_but_never_more() {
    let mut fixture = Fixture::new(&[]);
    for _ in 0..10 {
        fixture.puts(&["a"]);
        fixture.roll();
    }
    let size = fixture.sizes()[0] as i32;
    let groups = |fixture: &mut Fixture, segment_bytes: i32| -> Vec<usize> {
        let mut config = fixture.log.config().clone();
        config.segment_bytes = segment_bytes;
        fixture.log.set_config(config);
        let groups = cleaner::group_segments_by_size(&fixture.log, 10, 10);
        assert_eq!(groups.concat(), (0..10).collect::<Vec<i64>>());
        groups.iter().map(Vec::len).collect()
    };
    assert_eq!(groups(&mut fixture, i32::MAX), [10]);
    assert_eq!(groups(&mut fixture, 1), [1; 10]);
    assert_eq!(groups(&mut fixture, size * 3 + 1), [3, 3, 3, 1]);
}

/// `testLogSegmentGroupingWithSparseOffsets`: relative offsets must fit an i32.
#[test]
fn groups_span_offsets_that_fit_an_index() {
    let mut fixture = Fixture::new(&[]);
    for base in [0, i64::from(i32::MAX) - 1, i64::from(i32::MAX) + 100] {
        let batch = with_keys(None, &["k"]);
        let stored = crate::record::stamp(batch.bytes(), base, 0, None);
        fixture.log.append_as_follower(&mut fixture.disk, &[stored], 0, NOW).unwrap();
        fixture.roll();
    }
    let end = fixture.log.log_end_offset();
    let groups = cleaner::group_segments_by_size(&fixture.log, end, end);
    assert!(groups.len() >= 2);
    assert!(groups.iter().all(|group| {
        let last = group.last().copied().unwrap_or(0);
        last - group[0] <= i64::from(i32::MAX)
    }));
}

#[test]
fn compressed_batches_are_cleaned_and_stay_compressed() {
    use crate::record::CompressionType;
    for compression in CompressionType::ALL {
        let mut fixture = Fixture::new(&[]);
        for round in 0..3 {
            let mut builder = RecordBatchBuilder::new(0).compression(compression);
            for n in 0..4 {
                let (key, value) = (format!("{}", n + round), format!("{n} in {round}"));
                let at = fixture.now.timestamp_ms() + n;
                builder.append(at, Some(key.as_bytes()), Some(value.as_bytes()), &[]);
            }
            fixture.append(&RecordBatch::parse(builder.build()).unwrap());
        }
        fixture.roll();
        let before = fixture.data();
        fixture.clean_from(0);
        assert_eq!(fixture.keys(), ["0", "1", "2", "3", "4", "5"]);
        assert!(fixture.data().iter().all(|record| before.contains(record)));
        assert!(fixture.batches().iter().all(|b| b.compression_type() == compression));
        assert_eq!(fixture.last_offsets(), [3, 7, 11]);
    }
}
