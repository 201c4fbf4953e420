//! The monitors: for each thing that can cost a record, a short story, and the verdict that the engine
//! gives of it. What the settings did not allow would be a broken promise; the swarm finds none.

use kafkascope_engine::ids::NodeId;
use kafkascope_engine::invariant::{Allowance, Finding, Monitor, Tally};
use kafkascope_engine::replication::history_rule::HistoryRule;
use kafkascope_engine::script::{Lang, transcript};
use kafkascope_engine::simulation::{Options, run_seed};
use kafkascope_engine::spec::Mutant;
use std::fs;

struct Watched {
    findings: Vec<Finding>,
    tally: Tally,
}

impl Watched {
    fn by(&self, monitor: Monitor) -> Vec<&[Allowance]> {
        let found = self.findings.iter().filter(|finding| finding.monitor() == monitor);
        found.map(|finding| &finding.allowed_by[..]).collect()
    }
}

fn watch(script: &str) -> Watched {
    let run = transcript::run(script, Lang::En);
    let gave_up: Vec<_> = run.failures.iter().filter(|(_, f)| !is_broken(f)).collect();
    assert!(gave_up.is_empty(), "{}", run.text);
    let checker = run.runner.machine.cluster.checker().unwrap();
    Watched { findings: checker.findings().to_vec(), tally: checker.tally() }
}

fn is_broken(failure: &kafkascope_engine::script::Failure) -> bool {
    matches!(failure, kafkascope_engine::script::Failure::Broken { .. })
}

fn history(scenario: &str, rule: HistoryRule) -> Watched {
    let path = format!("{}/testdata/history-{scenario}.script", env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(path).unwrap();
    let (before, after) = text.split_once("history.rule=").unwrap();
    let (_, after) = after.split_once('\n').unwrap();
    watch(&format!("{before}history.rule={}\n{after}", rule.name()))
}

/// A leader alone with a record that was acknowledged, in a topic of two replicas.
fn alone(config: &str, acks: &str) -> String {
    format!(
        "cluster brokers=2 seed=4\n\
         run until ready\n\
         kafka-topics.sh --create --topic orders --replica-assignment 1:2 {config}\n\
         produce orders key=k value=both\n\
         run until acknowledged producer-1 >= 1\n\
         crash broker-2\n\
         run until isr orders-0 == 1\n\
         produce orders key=k value=alone acks={acks}\n\
         run until acknowledged producer-1 >= 2\n"
    )
}

#[test]
fn acks_1_allows_to_lose_what_only_the_leader_had() {
    let watched = watch(
        "cluster brokers=3 seed=4\n\
         run until ready\n\
         kafka-topics.sh --create --topic orders --replica-assignment 1:2:3\n\
         run until quiet\n\
         cut broker-1 broker-2\n\
         cut broker-1 broker-3\n\
         produce orders key=k value=v acks=1 count=3\n\
         run until acknowledged producer-1 >= 3\n\
         crash broker-1\n\
         run until leader orders-0 == broker-2\n\
         run 1s\n",
    );
    assert_eq!(watched.by(Monitor::AcknowledgedLost), [[Allowance::AcksLeader]]);
    assert_eq!(watched.findings.len(), 1, "it was never committed: {:?}", watched.findings);
    assert_eq!(watched.tally, Tally { acknowledged: 3, lost: 3, refused: 0, unasked: 0 });
}

#[test]
fn acks_0_promises_nothing_that_could_be_lost() {
    let watched = watch(&format!("{}run 1s\n", alone("", "0").replace(">= 2", ">= 1")));
    assert_eq!(watched.findings, []);
    assert_eq!(watched.tally, Tally { acknowledged: 1, lost: 0, refused: 0, unasked: 1 });
}

#[test]
fn an_unclean_election_allows_to_lose_what_was_committed() {
    let unclean = alone("--config unclean.leader.election.enable=true", "all")
        + "crash broker-1\nstart broker-2\nrun until leader orders-0 == broker-2\nrun 1s\n";
    let watched = watch(&unclean);
    let by = [Allowance::UncleanElection, Allowance::MinInsyncReplicas { min: 1 }];
    assert_eq!(watched.by(Monitor::AcknowledgedLost), [by]);
    assert_eq!(watched.by(Monitor::HighWatermarkBack), [[Allowance::UncleanElection]]);
    assert_eq!(watched.tally.lost, 1);
}

#[test]
fn an_unclean_election_by_hand_is_told_apart() {
    let by_hand = alone("", "all")
        + "crash broker-1\nstart broker-2\nrun 12s\n\
           kafka-leader-election.sh --election-type unclean --topic orders --partition 0\n\
           run until leader orders-0 == broker-2\nrun 1s\n";
    let by = [Allowance::UncleanElectionByHand, Allowance::MinInsyncReplicas { min: 1 }];
    assert_eq!(watch(&by_hand).by(Monitor::AcknowledgedLost), [by]);
}

#[test]
fn a_lost_disk_and_a_replaced_host_are_named() {
    let node = NodeId(1);
    let deeds = [
        ("disk broker-1 lost\nstart broker-1", Allowance::DiskLost { node }),
        ("replace broker-1", Allowance::BrokerReplaced { node }),
    ];
    for (deed, by) in deeds {
        let script = alone("", "all")
            + deed
            + "\nrun until leader orders-0 == none\nrun until leader orders-0 == broker-1\nrun 1s\n";
        let watched = watch(&script);
        let lost_by = watched.by(Monitor::AcknowledgedLost);
        assert!(!lost_by.is_empty() && lost_by.iter().all(|lost| lost[0] == by), "{lost_by:?}");
        assert_eq!(watched.by(Monitor::HighWatermarkBack), [[by]]);
        assert_eq!(watched.tally.lost, 2, "both replicas had the first, and one is empty: {deed}");
    }
}

#[test]
fn the_power_of_the_last_replica_in_sync_takes_what_was_not_flushed() {
    let power = alone("", "all")
        + "power-loss broker-1\nstart broker-1\nrun until leader orders-0 == none\n\
           run until leader orders-0 == broker-1\nrun 1s\n";
    let lost = Allowance::BytesNotFlushed { node: NodeId(1) };
    let watched = watch(&power);
    let lost_by = watched.by(Monitor::AcknowledgedLost);
    assert!(!lost_by.is_empty());
    assert!(lost_by.iter().all(|by| by[0] == lost), "{lost_by:?}");
    assert!(lost_by.iter().any(|by| by.contains(&Allowance::MinInsyncReplicas { min: 1 })));
    assert_eq!(watched.by(Monitor::HighWatermarkBack), [[lost]]);
}

#[test]
fn a_crash_alone_costs_nothing() {
    let crash = alone("", "all") + "crash broker-1\nstart broker-1\nrun 20s\n";
    let watched = watch(&crash);
    assert_eq!(watched.findings, []);
    assert_eq!(watched.tally.still_there(), 2);
}

#[test]
fn the_disasters_of_the_past_are_laid_to_the_old_rule() {
    use HistoryRule::{Kip320, TruncateToHw};
    let old = history("lost-record", TruncateToHw);
    assert_eq!(old.by(Monitor::AcknowledgedLost), [[Allowance::HistoryRule(TruncateToHw)]]);
    assert_eq!(history("lost-record", Kip320).findings, []);

    let old = history("diverged-logs", TruncateToHw);
    assert_eq!(old.by(Monitor::LogsDiverged), [[Allowance::HistoryRule(TruncateToHw)]]);
    let new = history("diverged-logs", Kip320);
    assert_eq!(new.by(Monitor::LogsDiverged), [] as [&[Allowance]; 0]);
    let power = [Allowance::BytesNotFlushed { node: NodeId(1) }];
    assert_eq!(new.by(Monitor::AcknowledgedLost), [power], "the power takes it under any rule");
}

#[test]
fn whatever_the_swarm_breaks_some_setting_allowed() {
    let mut found = 0;
    for seed in 0..150 {
        let outcome = run_seed(seed, &Options::default());
        for finding in &outcome.findings {
            found += 1;
            assert!(finding.is_allowed(), "seed {seed}: {finding:?}");
        }
    }
    assert!(found > 0);
}

#[test]
fn a_broken_engine_is_not_excused() {
    let mutant = Mutant::TopicIdNotChecked;
    let options = Options { mutants: vec![mutant], ..Options::default() };
    let broken = |seed| {
        let outcome = run_seed(seed, &options);
        outcome.findings.iter().any(|finding| !finding.is_allowed())
    };
    assert!((0..2_000).any(broken));
}
