//! Runs beside themselves with one thing different: what is lost on one side is there on the other.

use super::*;
use crate::invariant::Tally;
use crate::protocol::{Acks, Api};
use crate::replication::history_rule::HistoryRule;
use crate::script::{Lang, transcript};

/// The run of a script, as a timeline.
fn played(script: &str) -> Timeline {
    let run = transcript::run(script, Lang::En);
    let machine = run.runner.machine;
    let mut timeline = Timeline::new(machine.cluster.spec().clone());
    let mut commands: VecDeque<_> = machine
        .events
        .iter()
        .filter_map(|event| match &event.kind {
            crate::event::EventKind::Commanded { command } => Some((event.id, command.clone())),
            _ => None,
        })
        .collect();
    while timeline.cluster().next_event_id() < machine.cluster.next_event_id() {
        match commands.pop_front_if(|(id, _)| *id == timeline.cluster().next_event_id()) {
            Some((_, command)) => _ = timeline.handle((*command).clone()).unwrap(),
            None => _ = timeline.advance().unwrap(),
        }
    }
    timeline
}

fn scenario(name: &str) -> Timeline {
    let path = format!("{}/testdata/{name}.script", env!("CARGO_MANIFEST_DIR"));
    played(&std::fs::read_to_string(path).unwrap())
}

fn other(timeline: &Timeline, change: &str) -> (Timeline, Vec<Refused>) {
    let change = Change::parse(change).unwrap();
    let mut rerun = Rerun::new(timeline, change.apply(Plan::of(timeline)));
    while !rerun.run(7) {}
    rerun.finish()
}

fn tally(timeline: &Timeline) -> Tally {
    timeline.at(timeline.len()).checker().unwrap().tally()
}

/// A leader that alone has a record dies; broker-2 follows it.
const LEADER_DIES: &str = "cluster brokers=3 seed=4\n\
    run until ready\n\
    kafka-topics.sh --create --topic orders --replica-assignment 1:2:3\n\
    produce orders key=k value=before\n\
    run until acknowledged producer-1 >= 1\n\
    cut broker-1 broker-2\n\
    cut broker-1 broker-3\n\
    produce orders key=k value=after acks=1\n\
    run until acknowledged producer-1 >= 2\n\
    crash broker-1\n\
    run until leader orders-0 == broker-2\n\
    heal all\n\
    run 10s\n";

#[test]
fn a_plan_that_nothing_changes_is_the_same_run() {
    for name in ["leader-crash", "history-diverged-logs", "power-loss"] {
        let timeline = scenario(name);
        let (again, refused) = {
            let mut rerun = Rerun::new(&timeline, Plan::of(&timeline));
            while !rerun.run(100) {}
            rerun.finish()
        };
        assert_eq!(refused, []);
        assert_eq!(again.inputs()[..timeline.len()], *timeline.inputs(), "{name}");
        assert_eq!(Parting::of(&timeline, &again), None, "{name}");
    }
}

#[test]
fn the_record_that_the_old_rule_loses_is_there_under_the_new_one() {
    let old = scenario("history-lost-record");
    let (new, refused) = other(&old, "history.rule=kip-320");
    assert_eq!(refused, []);
    assert_eq!(new.cluster().spec().history, HistoryRule::Kip320);
    assert_eq!((tally(&old).lost, tally(&new).lost), (1, 0));
    assert_eq!(tally(&old).acknowledged, tally(&new).acknowledged);
    let parting = Parting::of(&old, &new).unwrap();
    let event = parting.events[0].as_ref().unwrap();
    assert!(matches!(event.kind, crate::event::EventKind::LogTruncated { .. }), "{event:?}");
}

#[test]
fn acks_all_waits_where_acks_1_was_acknowledged_and_lost() {
    let one = played(LEADER_DIES);
    let (all, _) = other(&one, "acks=all");
    assert_eq!(tally(&one), Tally { acknowledged: 2, lost: 1, refused: 0, unasked: 0 });
    assert_eq!(tally(&all).lost, 0);
    let parting = Parting::of(&one, &all).unwrap();
    let [left, right] = parting.events.map(|event| event.unwrap().kind);
    use crate::event::EventKind::{ProduceAnswered, RequestParked};
    assert!(matches!(left, ProduceAnswered { acks: Acks::Leader, .. }), "{left:?}");
    assert!(matches!(right, RequestParked { .. }), "{right:?}");
}

#[test]
fn acks_from_a_moment_on_leaves_what_was_before() {
    let one = played(LEADER_DIES);
    let produced = Plan::of(&one)
        .commands
        .into_iter()
        .rev()
        .find_map(|given| matches!(*given.command, Command::Produce(_)).then_some(given.at));
    let (all, _) = other(&one, &format!("acks=all from={}", produced.unwrap().0));
    assert_eq!(tally(&all).lost, 0);
    let (late, _) = other(&one, &format!("acks=all from={}", produced.unwrap().0 + 1));
    assert_eq!(Parting::of(&one, &late), None);
}

#[test]
fn a_topic_setting_is_changed_where_the_topic_is_made_or_at_the_moment() {
    let unclean = scenario("unclean-election");
    let (clean, _) = other(&unclean, "unclean.leader.election.enable=false");
    assert!(tally(&unclean).lost > 0);
    assert_eq!(tally(&clean).lost, 0);

    let one = played(LEADER_DIES);
    let moment = one.time_at(one.len() / 2).0;
    let (strict, refused) = other(&one, &format!("min.insync.replicas=2 from={moment}"));
    assert_eq!(refused, []);
    let altered = |given: &Given| matches!(*given.command, Command::AlterConfigs { .. });
    assert_eq!(Plan::of(&strict).commands.iter().filter(|given| altered(given)).count(), 1);
}

#[test]
fn a_command_that_is_not_given_makes_the_difference() {
    let one = played(LEADER_DIES);
    let crash = Plan::of(&one)
        .commands
        .iter()
        .position(|given| matches!(*given.command, Command::Crash { .. }));
    let (calm, _) = other(&one, &format!("without={}", crash.unwrap()));
    assert_eq!(tally(&calm).lost, 0);
    let parting = Parting::of(&one, &calm).unwrap();
    let event = parting.events[0].as_ref().unwrap();
    assert!(matches!(event.kind, crate::event::EventKind::ProcessCrashed { .. }), "{event:?}");
}

#[test]
fn one_message_that_never_arrives_makes_the_difference() {
    let mut calm = played(
        "cluster brokers=2 seed=4\n\
         run until ready\n\
         kafka-topics.sh --create --topic orders --replica-assignment 1:2\n\
         run until quiet\n\
         produce orders key=k value=once acks=1\n",
    );
    // A message is under way, and nothing has happened since.
    let produce = |timeline: &Timeline| {
        let mut sent = timeline.cluster().envelopes();
        sent.find(|one| one.api() == Api::Produce).map(|one| (one.id, one.sent_at))
    };
    while produce(&calm).is_none() {
        calm.advance();
    }
    let (id, at) = produce(&calm).unwrap();
    let change = Change::of_drop(id, at);
    let plan = change.apply(Plan::of(&calm));
    run_to(&mut calm, plan.end);
    let (lossy, refused) = other(&calm, &change.text());
    assert_eq!(refused, []);
    let parting = Parting::of(&calm, &lossy).unwrap();
    let event = parting.events[1].as_ref().unwrap();
    assert!(matches!(event.kind, crate::event::EventKind::EnvelopeDropped { .. }), "{event:?}");
    // The producer sends it again once its request has timed out.
    assert_eq!((tally(&calm).acknowledged, tally(&lossy).acknowledged), (1, 1));
}

#[test]
fn a_retry_that_was_not_needed_is_counted_as_a_duplicate() {
    let twice = played(
        "cluster brokers=2 seed=4\n\
         run until ready\n\
         kafka-topics.sh --create --topic orders --replica-assignment 1:2\n\
         run until quiet\n\
         produce orders key=k value=once acks=1\n\
         run until log-end broker-1 orders-0 == 1\n\
         cut broker-1 producer-1\n\
         run 1s\n\
         heal all\n\
         run 60s\n",
    );
    assert_eq!(duplicated(&twice, twice.len(), twice.cluster()), 1);
    let before = twice.position_at(SimTime::from_millis(500));
    assert_eq!(duplicated(&twice, before, &twice.at(before)), 0);
}

#[test]
fn a_change_is_read_as_it_is_written() {
    for text in [
        "history.rule=truncate-to-hw",
        "acks=0",
        "acks=all from=120",
        "min.insync.replicas=2",
        "unclean.leader.election.enable=true from=7",
        "without=3",
        "drop=broker-2,controller-101,17 from=412",
        "drop=client-0,broker-1,3.1 from=9",
    ] {
        assert_eq!(Change::parse(text).unwrap().text(), text);
    }
    for text in [
        "",
        "acks",
        "acks=2",
        "without=-1",
        "acks=1 from=0",
        "history.rule=kip-1",
        "drop=broker-1,broker-2",
        "drop=broker-1,bob,3",
        "drop=broker-1,broker-2,3,4",
    ] {
        assert_eq!(Change::parse(text), None, "{text}");
    }
}
