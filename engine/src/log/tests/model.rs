//! Random lives of a log beside a plain list of batches: after every step both must say the same.

use super::*;
use crate::sim::random::SimRng;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

#[derive(Clone, Debug)]
enum Step {
    /// A new leader epoch or the old one, and the number of records.
    Lead {
        new_epoch: bool,
        records: usize,
    },
    /// Batches of a leader with the number of records each; the gap before the first.
    Follow {
        sizes: Vec<usize>,
        gap: i64,
    },
    TruncateTo(prop::sample::Index),
    TruncateFully(i64),
    RaiseHighWatermark(prop::sample::Index),
    RaiseLogStart(prop::sample::Index),
    Flush(prop::sample::Index),
    CleanRestart,
    CrashRestart,
    PowerLoss(u64),
}

fn any_step() -> impl Strategy<Value = Step> {
    let index = any::<prop::sample::Index>();
    prop_oneof![
        8 => (prop::bool::weighted(0.2), 1usize..4)
            .prop_map(|(new_epoch, records)| Step::Lead { new_epoch, records }),
        4 => (prop::collection::vec(1usize..4, 1..4), prop_oneof![3 => Just(0i64), 1 => 1i64..5])
            .prop_map(|(sizes, gap)| Step::Follow { sizes, gap }),
        2 => index.prop_map(Step::TruncateTo),
        1 => (0i64..40).prop_map(Step::TruncateFully),
        3 => any::<prop::sample::Index>().prop_map(Step::RaiseHighWatermark),
        1 => any::<prop::sample::Index>().prop_map(Step::RaiseLogStart),
        1 => any::<prop::sample::Index>().prop_map(Step::Flush),
        1 => Just(Step::CleanRestart),
        1 => Just(Step::CrashRestart),
        1 => any::<u64>().prop_map(Step::PowerLoss),
    ]
}

/// The naive log: every batch as (base offset, next offset, epoch, values).
struct Model {
    batches: Vec<(i64, i64, i32, Vec<String>)>,
    start: i64,
    end: i64,
    mark: i64,
    epoch: i32,
    written: usize,
}

impl Model {
    fn values(&mut self, count: usize) -> Vec<String> {
        self.written += 1;
        (0..count).map(|n| format!("{}-{n}", self.written)).collect()
    }

    fn append(&mut self, base: i64, values: Vec<String>) {
        self.end = base + values.len() as i64;
        self.batches.push((base, self.end, self.epoch, values));
    }

    fn truncate_to(&mut self, offset: i64) {
        let kept = self.batches.iter().take_while(|batch| batch.1 <= offset).count();
        let end = self.batches.get(kept).map_or(offset, |batch| batch.0.min(offset));
        self.batches.truncate(kept);
        self.bound(end);
    }

    fn bound(&mut self, end: i64) {
        self.end = end;
        self.start = self.start.min(end);
        self.mark = self.mark.min(end);
    }

    fn records(&self) -> Vec<(i64, i32, String)> {
        self.batches
            .iter()
            .filter(|batch| batch.1 > self.start)
            .flat_map(|(base, _, epoch, values)| {
                (*base..).zip(values).map(|(offset, value)| (offset, *epoch, value.clone()))
            })
            .collect()
    }
}

fn run(steps: Vec<Step>, settings: &[(&str, &str)]) {
    let (mut log, mut disk) = log(settings);
    let config = log.config().clone();
    let mut model = Model { batches: vec![], start: 0, end: 0, mark: 0, epoch: 0, written: 0 };
    for (n, step) in steps.into_iter().enumerate() {
        let now = NOW.plus_millis(n as u64);
        let within = |index: prop::sample::Index, log: &UnifiedLog| {
            index.index((log.log_end_offset() - log.log_start_offset() + 1) as usize) as i64
                + log.log_start_offset()
        };
        match step {
            Step::Lead { new_epoch, records } => {
                if new_epoch {
                    model.epoch += 1;
                    log.assign_epoch_start(&mut disk, model.epoch, log.log_end_offset());
                }
                let values = model.values(records);
                let text: Vec<&str> = values.iter().map(String::as_str).collect();
                let batch = batch_at(now.timestamp_ms(), &text);
                log.append_as_leader(&mut disk, &batch, model.epoch, now).unwrap();
                model.append(model.end, values);
            }
            Step::Follow { sizes, gap } => {
                let gap = if config.cleanup_policy.compact { gap } else { 0 };
                let mut base = model.end + gap;
                let mut batches = Vec::new();
                for size in sizes {
                    let values = model.values(size);
                    let text: Vec<&str> = values.iter().map(String::as_str).collect();
                    batches.push(stored(base, model.epoch, &text));
                    model.append(base, values);
                    base = model.end;
                }
                log.append_as_follower(&mut disk, &batches, model.epoch, now).unwrap();
            }
            Step::TruncateTo(index) => {
                let offset = within(index, &log);
                assert_eq!(log.truncate_to(&mut disk, offset), offset < model.end);
                model.truncate_to(offset);
            }
            Step::TruncateFully(offset) => {
                log.truncate_fully_and_start_at(&mut disk, offset);
                model.batches.clear();
                (model.start, model.end, model.mark) = (offset, offset, offset);
            }
            Step::RaiseHighWatermark(index) => {
                let mark = within(index, &log);
                log.maybe_increment_high_watermark(mark);
                model.mark = model.mark.max(mark);
            }
            Step::RaiseLogStart(index) => {
                let offset = within(index, &log);
                log.maybe_increment_log_start_offset(&mut disk, offset);
                model.start = model.start.max(offset.min(model.mark));
            }
            Step::Flush(index) => {
                let offset = within(index, &log);
                log.flush(&mut disk, offset);
                assert!(log.recovery_point() >= offset);
            }
            Step::CleanRestart | Step::CrashRestart | Step::PowerLoss(_) => {
                let clean_shutdown = matches!(step, Step::CleanRestart);
                if clean_shutdown {
                    log.close(&mut disk);
                }
                if let Step::PowerLoss(seed) = step {
                    disk.power_loss(&mut SimRng::new(seed));
                }
                let options = LoadOptions {
                    clean_shutdown,
                    recovery_point: log.recovery_point(),
                    high_watermark_checkpoint: log.high_watermark(),
                    log_start_offset_checkpoint: Some(log.log_start_offset()),
                    faults: Faults::NONE,
                };
                let flushed = log.recovery_point();
                log = load(&mut disk, &config, options).0;
                let end = log.log_end_offset();
                let last_flushed = model.batches.iter().rev().find(|batch| batch.1 <= flushed);
                assert!(last_flushed.is_none_or(|batch| batch.1 <= end));
                if matches!(step, Step::PowerLoss(_)) {
                    let kept = model.batches.iter().take_while(|batch| batch.1 <= end).count();
                    model.batches.truncate(kept);
                }
                // Offsets left out at the end are not on the disk; the log starts where it did.
                if end < model.start {
                    model.batches.clear();
                }
                model.bound(end);
                model.start = log.log_start_offset();
                model.mark = model.mark.max(model.start);
            }
        }
        assert_eq!(records(&log, &disk), model.records());
        assert_eq!(
            (log.log_start_offset(), log.log_end_offset(), log.high_watermark()),
            (model.start, model.end, model.mark)
        );
        assert_indexes_are_true(&log, &disk);
        if let Some(last) = model.batches.last().filter(|_| log.last_offset_epoch().is_some()) {
            assert_eq!(log.last_offset_epoch(), Some(last.2));
        }
        for bound in model.start..=model.end {
            let read = log.read(&disk, model.start, u32::MAX, bound, true).unwrap();
            for bytes in read.batches {
                assert!(RecordBatch::parse(bytes).unwrap().last_offset() < bound);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 150, rng_seed: RngSeed::Fixed(7), failure_persistence: None, ..ProptestConfig::default()
    })]

    #[test]
    fn a_plain_log_is_a_list(steps in prop::collection::vec(any_step(), 1..60)) {
        run(steps, &[("segment.bytes", "400"), ("index.interval.bytes", "100")]);
    }

    #[test]
    fn a_log_with_gaps_is_a_list(steps in prop::collection::vec(any_step(), 1..60)) {
        // The values have no keys, so this log follows more than it leads.
        let steps = steps.into_iter().filter(|step| !matches!(step, Step::Lead { .. })).collect();
        run(steps, &[
            ("segment.bytes", "400"), ("index.interval.bytes", "100"), ("cleanup.policy", "compact"),
        ]);
    }
}
