//! What is foretold, and then happens: a cluster is asked about everything in its logs, and left alone.

use super::*;
use crate::script::Lang;
use crate::script::runner::{Recording, Runner};
use proptest::prelude::*;

/// Runs lines of a script, of which the first is the cluster's.
pub(super) fn run(cluster: &str, lines: &[String]) -> Cluster {
    let spec = match crate::script::parse::parse(1, cluster, &crate::script::line::NoClients) {
        Ok(crate::script::line::Line::Spec(spec)) => *spec,
        other => panic!("{other:?}"),
    };
    let mut runner = Runner::new(Recording::new(spec), Lang::En);
    for line in lines {
        if let Err(failure) = runner.run_line(1, line) {
            panic!("{line}: {}", failure.words(Lang::En));
        }
    }
    runner.machine.cluster
}

const CLUSTER: &str = "cluster brokers=2 seed=7 log.initial.task.delay.ms=1000 \
    log.retention.check.interval.ms=5000 log.cleaner.backoff.ms=2000";

fn orders() -> TopicPartition {
    TopicPartition::new("orders", 0)
}

fn situation(cluster: &Cluster) -> Situation<'_> {
    Situation::of(cluster, NodeId(1), &orders()).unwrap()
}

/// A topic with these settings, and so many records of a few keys, sent in gulps.
fn topic(settings: &[(&str, String)], gulps: &[(u8, u8, u16)]) -> Vec<String> {
    let configs: String =
        settings.iter().map(|(name, value)| format!(" --config {name}={value}")).collect();
    let mut lines = vec![
        "run until ready".to_string(),
        format!("kafka-topics.sh --create --topic orders --replica-assignment 1:2{configs}"),
    ];
    for (key, count, wait_ms) in gulps {
        let key = key % 4;
        lines.push(match count {
            0 => format!("produce orders key=k{key} null-value"),
            count => format!("produce orders key=k{key} value=v count={count}"),
        });
        lines.push(format!("run {}ms", u64::from(*wait_ms) + 50));
    }
    // So that everything is committed, and the followers know.
    lines.push("run 1500ms".to_string());
    lines
}

/// Lets time pass until `is_gone`, or `most_ms` are over. Answers when it was.
fn wait(cluster: &Cluster, most_ms: u64, is_gone: impl Fn(&Cluster) -> bool) -> Option<SimTime> {
    let mut cluster = cluster.clone();
    let deadline = cluster.now().plus_millis(most_ms);
    while cluster.next_due().is_some_and(|due| due <= deadline) {
        cluster.advance();
        if is_gone(&cluster) {
            return Some(cluster.now());
        }
    }
    None
}

fn log_start(cluster: &Cluster) -> i64 {
    situation(cluster).log.segments().next().unwrap().base_offset()
}

fn has(cluster: &Cluster, offset: i64) -> bool {
    let situation = situation(cluster);
    let batches = situation.log.batches(situation.disk, offset).map(Result::unwrap);
    let mut records = batches.flat_map(|batch| batch.records().collect::<Vec<_>>());
    records.any(|record| record.unwrap().offset == offset)
}

fn gulps() -> impl Strategy<Value = Vec<(u8, u8, u16)>> {
    prop::collection::vec((0..4_u8, 0..5_u8, 0..1500_u16), 1..9)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    /// A segment goes at the very check that was named, and one without a time stays.
    #[test]
    fn deletion_comes_when_foretold(
        gulps in gulps(),
        segment in 150..600_u32,
        age_ms in prop_oneof![Just(-1_i64), 0..20_000_i64],
        bytes in prop_oneof![Just(-1_i64), 0..1500_i64],
    ) {
        let settings = [
            ("segment.bytes", segment.to_string()),
            ("retention.ms", age_ms.to_string()),
            ("retention.bytes", bytes.to_string()),
        ];
        let cluster = run(CLUSTER, &topic(&settings, &gulps));
        let situation = situation(&cluster);
        for segment in situation.log.segments() {
            let base = segment.base_offset();
            let answer = why_not_deleted(&situation, Some(base));
            let happened = wait(&cluster, 40_000, |later| log_start(later) > base);
            prop_assert_eq!(answer.at, happened, "{:?}", answer.rules);
            let kept = answer.rules.iter().any(|rule| answer.is_kept_by(rule));
            prop_assert!(answer.at.is_some() || kept || segment.size() == 0);
        }
    }

    /// A record goes with the very run of the cleaner that was named, and one without a time stays.
    #[test]
    fn compaction_comes_when_foretold(
        gulps in gulps(),
        segment in 150..400_u32,
        ratio in prop::sample::select(vec!["0.1", "0.5", "0.9"]),
        min_lag_ms in prop_oneof![Just(0_i64), 0..8_000_i64],
        max_lag_ms in prop_oneof![Just(i64::MAX), 8_000..20_000_i64],
        retention_ms in 0..10_000_i64,
    ) {
        let settings = [
            ("cleanup.policy", "compact".to_string()),
            ("segment.bytes", segment.to_string()),
            ("min.cleanable.dirty.ratio", ratio.to_string()),
            ("min.compaction.lag.ms", min_lag_ms.to_string()),
            ("max.compaction.lag.ms", max_lag_ms.to_string()),
            ("delete.retention.ms", retention_ms.to_string()),
        ];
        let cluster = run(CLUSTER, &topic(&settings, &gulps));
        let situation = situation(&cluster);
        for offset in 0..situation.log.log_end_offset() {
            if !has(&cluster, offset) {
                continue;
            }
            let answer = why_not_compacted(&situation, Some(offset));
            let happened = wait(&cluster, 40_000, |later| !has(later, offset));
            match (answer.at, happened) {
                (None, None) => prop_assert!(
                    answer.rules.iter().any(|rule| answer.is_kept_by(rule))
                ),
                // The map, the copy and the swap of some small segments.
                (Some(at), Some(gone)) => prop_assert!(
                    at <= gone && gone <= at.plus_millis(100), "{at} {gone} {:?}", answer.rules
                ),
                other => prop_assert!(false, "{offset}: {other:?} {:?}", answer.rules),
            }
        }
        let whole = why_not_compacted(&situation, None);
        let cleaner_at_work = |later: &Cluster| {
            let manager = super::Situation::of(later, NodeId(1), &orders()).unwrap().manager;
            manager.cleaning.is_some()
        };
        if !cleaner_at_work(&cluster) {
            prop_assert_eq!(whole.at, wait(&cluster, 40_000, cleaner_at_work), "{:?}", whole.rules);
        }
    }

    /// So many more dirty bytes in closed segments are enough, and one fewer are not.
    #[test]
    fn the_missing_dirty_bytes_are_the_least(clean in 0..5000_u64, dirty in 0..5000_u64, limit in 0..=1_000_000_u32) {
        let exceeds = |more: u64| {
            let (dirty, total) = (u128::from(dirty + more), u128::from(clean + dirty + more));
            dirty * 1_000_000 > u128::from(limit) * total
        };
        match compaction::missing_bytes(clean, dirty, limit) {
            None => prop_assert!(!exceeds(1 << 40)),
            Some(0) => prop_assert!(exceeds(0)),
            Some(more) => prop_assert!(exceeds(more) && !exceeds(more - 1)),
        }
    }
}

fn rules_of(
    settings: &[(&str, &str)],
    broker: &str,
    gulps: &[(u8, u8, u16)],
    ask: impl Fn(&Situation<'_>) -> Answer,
) -> Answer {
    let settings: Vec<_> = settings.iter().map(|(n, v)| (*n, v.to_string())).collect();
    let cluster = run(&format!("{CLUSTER} {broker}"), &topic(&settings, gulps));
    ask(&situation(&cluster))
}

#[test]
fn each_rule_is_named() {
    let gulps = [(0, 3, 100), (1, 3, 100), (0, 3, 100), (2, 0, 100), (2, 0, 100)];
    let ask = |settings: &[(&str, &str)], offset: Option<i64>| {
        rules_of(settings, "", &gulps, |s| why_not_compacted(s, offset)).rules
    };
    let compact = ("cleanup.policy", "compact");
    assert_eq!(ask(&[], None), [Rule::PolicyWithoutCompact]);
    let off =
        rules_of(&[compact], "log.cleaner.enable=false", &gulps, |s| why_not_compacted(s, None));
    assert_eq!(off, Answer { rules: vec![Rule::CleanerOff], at: None });
    // One active segment: nothing to clean, whatever the ratio.
    let rules = ask(&[compact], None);
    let [active, ratio] = &rules[..] else { panic!("{rules:?}") };
    assert!(matches!(active, Rule::ActiveSegment { base_offset: 0, bytes_left: 1.., .. }));
    assert!(matches!(ratio, Rule::DirtyRatio { missing: Some(1), cleanable_bytes: 0, .. }));
    let superseded = ask(&[compact], Some(0));
    assert!(matches!(superseded[0], Rule::Superseded { by: 1, first_uncleanable_offset: 0, .. }));
    assert_eq!(ask(&[compact], Some(8)), [Rule::NewestOfKey]);
    assert!(matches!(ask(&[compact], Some(10))[0], Rule::Tombstone { horizon: None, .. }));
    assert_eq!(ask(&[compact], Some(11)), [Rule::NotWritten { log_end_offset: 11 }]);
    let mut lines =
        topic(&[("cleanup.policy", "compact".into()), ("segment.bytes", "200".into())], &gulps);
    lines.push("run 10s".to_string());
    let later = run(CLUSTER, &lines);
    assert!(!has(&later, 0));
    assert_eq!(why_not_compacted(&situation(&later), Some(0)).rules, [Rule::Gone]);
    let lag = [compact, ("segment.bytes", "200"), ("min.compaction.lag.ms", "3600000")];
    assert!(matches!(ask(&lag, None)[0], Rule::TooYoung { base_offset: 0, .. }));
    let never = [compact, ("segment.bytes", "200"), ("min.cleanable.dirty.ratio", "1")];
    assert!(ask(&never, None).iter().any(|r| matches!(r, Rule::DirtyRatio { missing: None, .. })));

    let ask =
        |settings: &[(&str, &str)]| rules_of(settings, "", &gulps, |s| why_not_deleted(s, None));
    let kept = ask(&[compact]);
    assert!(kept.at.is_none() && kept.rules.contains(&Rule::PolicyWithoutDelete));
    let kept = ask(&[("retention.ms", "-1")]);
    assert!(kept.rules.contains(&Rule::NoAgeLimit) && kept.rules.contains(&Rule::NoSizeLimit));
}

#[test]
fn what_is_not_committed_is_not_deleted() {
    let mut lines = topic(&[("retention.ms", "1000".to_string())], &[(0, 1, 0)]);
    // The follower still counts, and gets nothing.
    lines.extend(
        ["cut broker-1 broker-2", "produce orders key=a value=b", "run 5s"].map(String::from),
    );
    let cluster = run(CLUSTER, &lines);
    let answer = why_not_deleted(&situation(&cluster), None);
    let rule = Rule::AboveHighWatermark { end_offset: 2, high_watermark: 1 };
    assert!(answer.at.is_none() && answer.rules.contains(&rule), "{answer:?}");
}

/// The files of a deleted segment stay for `file.delete.delay.ms`, and are gone when it is said.
#[test]
fn files_that_are_left_go_when_foretold() {
    let settings =
        [("retention.ms", "1000".to_string()), ("file.delete.delay.ms", "7000".to_string())];
    let mut lines = topic(&settings, &[(0, 3, 0)]);
    lines.push("run 6s".to_string());
    let cluster = run(CLUSTER, &lines);
    let left = |cluster: &Cluster| {
        let disk = &cluster.node(NodeId(1)).unwrap().disk;
        disk.paths().filter(|path| path.ends_with(".deleted")).count()
    };
    let rules = why_not_deleted(&situation(&cluster), None).rules;
    let Some(Rule::FilesLeft { files, until }) = rules.last() else { panic!("{rules:?}") };
    assert_eq!((*files, Some(*until)), (left(&cluster), wait(&cluster, 20_000, |l| left(l) == 0)));
}
