//! Each of Kafka's old truncation rules has a hole that its successor closed. The scenarios
//! `testdata/history-*.script` fall into it; here each is played under all four rules.

use kafkascope_engine::replication::history_rule::HistoryRule::{self, *};
use kafkascope_engine::script::{Lang, transcript};
use std::fs;

/// What the two replicas shown at the end hold, offset by offset.
fn replicas(scenario: &str, rule: HistoryRule) -> [Vec<String>; 2] {
    let path = format!("{}/testdata/history-{scenario}.script", env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(path).unwrap();
    let (before, after) = text.split_once("history.rule=").unwrap();
    let (_, after) = after.split_once('\n').unwrap();
    let text = format!("{before}history.rule={}\n{after}", rule.name());
    let told = transcript::run(&text, Lang::En).text;
    let mut shown = told.split("\n$ show log ").skip(1).map(|shown| {
        let values = shown.lines().filter_map(|line| line.split_once("value="));
        values.map(|(_, value)| value.to_string()).collect()
    });
    [shown.next().unwrap(), shown.next().unwrap()]
}

fn played(scenario: &str) -> [(HistoryRule, [Vec<String>; 2]); 4] {
    HistoryRule::ALL.map(|rule| (rule, replicas(scenario, rule)))
}

#[test]
fn a_record_that_everybody_had_is_lost_only_when_followers_cut_at_their_high_watermark() {
    for (rule, [one, other]) in played("lost-record") {
        let kept: &[&str] = if rule == TruncateToHw { &["first"] } else { &["first", "second"] };
        assert_eq!(one, kept, "{}", rule.name());
        assert_eq!(other, kept, "{}", rule.name());
    }
}

#[test]
fn logs_diverge_only_when_followers_cut_at_their_high_watermark() {
    for (rule, [one, other]) in played("diverged-logs") {
        assert_eq!(one, ["first", "third"], "{}", rule.name());
        assert_eq!(one == other, rule != TruncateToHw, "{}: {other:?}", rule.name());
    }
}

#[test]
fn an_epoch_that_the_leader_never_saw_needs_the_answer_to_name_its_own() {
    for (rule, [one, other]) in played("unknown-epoch") {
        assert_eq!(one == other, rule >= Kip279, "{}: {one:?} {other:?}", rule.name());
    }
}

#[test]
fn a_follower_of_an_older_epoch_is_kept_out_only_by_fencing() {
    for (rule, [one, other]) in played("stale-follower") {
        assert_eq!(one == other, rule == Kip320, "{}: {one:?} {other:?}", rule.name());
    }
}
