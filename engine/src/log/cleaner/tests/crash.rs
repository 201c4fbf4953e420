//! A stop at every write of a pass, and long random lives: whatever is left is a legal compaction of
//! what was there.

use super::*;
use crate::log::tests::apply;
use crate::log::tests::crash::at_every_stop;
use crate::log::unified_log::{self, LoadOptions};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use std::collections::BTreeMap;

type Data = Vec<(i64, String, Option<String>)>;

/// The newest value of every key, tombstones left out.
fn folded(data: &Data) -> BTreeMap<String, String> {
    let mut map = BTreeMap::new();
    for (_, key, value) in data {
        match value {
            Some(value) => map.insert(key.clone(), value.clone()),
            None => map.remove(key),
        };
    }
    map
}

/// `after` is what a compaction may leave of `before`.
fn assert_legal(before: &Data, after: &Data) {
    assert!(after.iter().all(|record| before.contains(record)), "only what was there");
    assert!(after.windows(2).all(|pair| pair[0].0 < pair[1].0), "in the same order");
    assert_eq!(folded(before), folded(after));
}

#[test]
fn a_stop_at_any_write_leaves_the_old_segments_or_the_new() {
    for segment_bytes in ["200", "450", "100000"] {
        let mut fixture = Fixture::new(&[("segment.bytes", segment_bytes)]);
        for round in 0..4 {
            fixture.puts(&["a", "b", "c"]);
            if round == 2 {
                fixture.put("b", None);
            }
            fixture.append(&with_keys(Some((round, 0)), &["p", "q"]));
        }
        fixture.roll();
        fixture.commit();
        fixture.disk.fsync_all();
        let (before, start) = (fixture.data(), fixture.disk.clone());
        let (end, last_records) =
            (fixture.log.log_end_offset(), fixture.log.producer_state().last_records());
        fixture.disk.set_record_ops(true);
        fixture.clean_from(0);
        assert_legal(&before, &fixture.data());
        assert!(fixture.data().len() < before.len());
        let ops = fixture.disk.take_ops();
        let mut left = start;
        for (stop, op) in ops.iter().enumerate() {
            for clean_shutdown in [false, true] {
                let mut disk = left.clone();
                let options = LoadOptions {
                    clean_shutdown,
                    recovery_point: end,
                    high_watermark_checkpoint: end,
                    log_start_offset_checkpoint: None,
                    faults: unified_log::Faults::NONE,
                };
                let (id, config) = (fixture.log.topic_partition(), fixture.log.config());
                let load = |disk: &mut Disk| {
                    UnifiedLog::load(disk, id, config.clone(), options, NOW).unwrap()
                };
                disk.set_record_ops(true);
                let (log, report) = load(&mut disk);
                // A stop while that was put right is put right, too.
                at_every_stop(&left, &disk.take_ops(), |_, mut again| {
                    assert_eq!(load(&mut again).0, log);
                });
                disk.set_record_ops(false);
                assert_eq!(report.truncation, None, "{segment_bytes}: after {stop} writes");
                assert_eq!(log.log_end_offset(), end);
                assert_eq!(log.producer_state().last_records(), last_records);
                let (now, config) = (fixture.now, fixture.config);
                let mut again = Fixture { log, disk, now, config };
                assert_legal(&before, &again.data());
                let suffixes = [".cleaned", ".swap", ".deleted"];
                let names = again.disk.list("orders-0");
                assert!(!names.iter().any(|n| suffixes.iter().any(|s| n.ends_with(s))));
                // And it can be cleaned after all.
                again.clean_from(0);
                assert_legal(&before, &again.data());
                assert_eq!(again.data(), fixture.data());
            }
            apply(&mut left, op);
        }
    }
}

/// The mutants do what the rules forbid, and that is noticed.
#[test]
fn the_broken_ways_are_broken() {
    let filled = || {
        let mut fixture = Fixture::new(&[("segment.bytes", "200")]);
        fixture.puts(&["a", "b", "a", "b"]);
        fixture.put("a", None);
        fixture.roll();
        fixture.commit();
        fixture
    };
    let mut fixture = filled();
    let forget = Faults { forget_tombstones: true, ..Faults::default() };
    fixture.clean(0, 5, forget);
    assert!(!fixture.data().iter().any(|(_, _, value)| value.is_none()));

    let mut fixture = filled();
    fixture.disk.fsync_all();
    let mut left = fixture.disk.clone();
    fixture.disk.set_record_ops(true);
    fixture.clean(0, 5, Faults { swap_deletes_first: true, ..Faults::default() });
    let mut lost = false;
    for op in fixture.disk.take_ops() {
        apply(&mut left, &op);
        let options = LoadOptions {
            clean_shutdown: true,
            recovery_point: 5,
            high_watermark_checkpoint: 5,
            log_start_offset_checkpoint: None,
            faults: unified_log::Faults::NONE,
        };
        let (id, config) = (fixture.log.topic_partition(), fixture.log.config().clone());
        let (log, _) = UnifiedLog::load(&mut left.clone(), id, config, options, NOW).unwrap();
        lost |= log.log_start_offset() > 0 || log.log_end_offset() < 5;
    }
    assert!(lost);
}

#[derive(Clone, Debug)]
enum Step {
    Put { keys: Vec<u8>, tombstones: bool },
    Roll,
    Commit,
    Clean { room: u64 },
    Wait(u64),
    Restart,
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (prop::collection::vec(0u8..6, 1..4), prop::bool::weighted(0.2))
            .prop_map(|(keys, tombstones)| Step::Put { keys, tombstones }),
        2 => Just(Step::Roll),
        2 => Just(Step::Commit),
        2 => (2u64..12).prop_map(|room| Step::Clean { room }),
        1 => (0u64..2 * DAY_MS).prop_map(Step::Wait),
        1 => Just(Step::Restart),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 120, rng_seed: RngSeed::Fixed(11), failure_persistence: None,
        ..ProptestConfig::default()
    })]

    /// A reader from the first offset always folds to the same map, and every tombstone is there for
    /// as long as `delete.retention.ms` after the first pass that kept it.
    #[test]
    fn a_compacted_log_is_a_map(steps in prop::collection::vec(any_step(), 1..60)) {
        let mut fixture = Fixture::new(&[("segment.bytes", "300")]);
        let mut all: Data = Vec::new();
        for step in steps {
            let before = fixture.data();
            let id = fixture.log.topic_partition().clone();
            match step {
                Step::Put { keys, tombstones } => {
                    let offset = fixture.log.log_end_offset();
                    let made: Vec<(String, Option<String>)> = (offset..).zip(keys)
                        .map(|(o, key)| (key.to_string(), (!tombstones).then(|| format!("v{o}"))))
                        .collect();
                    let given: Vec<_> =
                        made.iter().map(|(k, v)| (k.as_str(), v.as_deref())).collect();
                    let batch = records(None, &given, fixture.now);
                    fixture.append(&batch);
                    all.extend((offset..).zip(made).map(|(o, (k, v))| (o, k, v)));
                }
                Step::Roll => fixture.roll(),
                Step::Commit => fixture.commit(),
                Step::Wait(ms) => fixture.now = fixture.now.plus_millis(ms),
                Step::Restart => {
                    let mark = fixture.log.high_watermark();
                    fixture.log = reopen(&mut fixture);
                    fixture.log.update_high_watermark(mark);
                }
                Step::Clean { room } => {
                    fixture.config.dedupe_buffer_size = 24 * room;
                    let clean = log_cleaner_manager::checkpoint(&fixture.disk, &id);
                    let range =
                        log_cleaner_manager::cleanable_offsets(&fixture.log, clean, fixture.now);
                    let horizons: Vec<_> = fixture.batches().iter()
                        .map(|batch| (batch.last_offset(), batch.delete_horizon_ms())).collect();
                    let (from, to) = (range.first_dirty_offset, range.first_uncleanable_offset);
                    fixture.clean(from, to, Faults::default());
                    let after = fixture.data();
                    let to = log_cleaner_manager::calculate_cleanable_bytes(&fixture.log, from, to).0;
                    for (offset, key, value) in &before {
                        let there = after.iter().any(|(other, ..)| other == offset);
                        let newer = before.iter().any(|(o, k, _)| k == key && o > offset && *o < to);
                        let horizon = horizons.iter().find(|(last, _)| last >= offset)
                            .and_then(|(_, horizon)| *horizon);
                        let expired = value.is_none()
                            && horizon.is_some_and(|at| at <= fixture.now.timestamp_ms());
                        prop_assert!(there || newer || expired, "{} {}", offset, key);
                        prop_assert!(there || *offset < to);
                    }
                }
            }
            let now = fixture.data();
            prop_assert!(now.iter().all(|record| all.contains(record)));
            prop_assert_eq!(folded(&now), folded(&all));
        }
    }
}
