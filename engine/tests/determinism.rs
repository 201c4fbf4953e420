//! Same spec, same inputs, same trace: twice in a process, in a new process, straight and from a
//! snapshot, forwards and after stepping back. The page's tests compare the wasm build with the same
//! numbers.

use kafkascope_engine::cluster::Cluster;
use kafkascope_engine::event::Event;
use kafkascope_engine::simulation::{Options, run_seed};
use kafkascope_engine::timeline::Timeline;
use kafkascope_engine::trace::Trace;
use std::iter::successors;

/// Traces of known seeds, the same for debug and release builds and for every machine. A change of
/// the engine's behaviour changes them; a change of machine or build must not.
#[test]
fn traces_are_those_of_every_other_machine() {
    let traces: String = (0..8)
        .map(|seed| format!("{seed} {:032x}\n", run_seed(seed, &Options::default()).trace))
        .collect();
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/traces.txt");
    if std::env::var_os("UPDATE_TESTDATA").is_some() {
        std::fs::write(path, &traces).expect("testdata is writable");
    }
    let expected = std::fs::read_to_string(path).unwrap_or_default();
    assert_eq!(traces, expected, "UPDATE_TESTDATA=1 records the new traces");
}

#[test]
fn twice_is_the_same() {
    let run = |seed| run_seed(seed, &Options::default()).trace;
    assert_eq!(run(7), run(7));
    assert_ne!(run(7), run(8));
}

/// A timeline with a few hundred steps and some commands in between.
fn timeline() -> Timeline {
    let outcome = run_seed(3, &Options { steps: 1_500, ..Options::default() });
    let mut timeline = Timeline::new(outcome.schedule.spec.clone());
    for (wait, command) in outcome.schedule.commands {
        for _ in 0..wait {
            timeline.advance();
        }
        let _ = timeline.handle(command);
    }
    timeline
}

fn trace_of(timeline: &Timeline, from: usize, to: usize) -> u128 {
    let mut trace = Trace::default();
    timeline.events(from, to).iter().for_each(|event| trace.add(event));
    trace.digest()
}

#[test]
fn any_moment_is_the_same_from_a_snapshot_and_from_the_start() {
    let mut timeline = timeline();
    let mut straight = Timeline::new(timeline.cluster().spec().clone());
    let inputs = timeline.inputs().to_vec();
    for (position, input) in inputs.iter().enumerate() {
        if position % 97 == 0 {
            timeline.seek(position);
            assert_eq!(timeline.cluster(), straight.cluster(), "at {position}");
        }
        match input {
            kafkascope_engine::timeline::Input::Advance => {
                straight.advance();
            }
            kafkascope_engine::timeline::Input::Command(command) => {
                straight.handle((**command).clone()).expect("accepted before");
            }
        }
    }
}

#[test]
fn stepping_back_shows_what_was_shown() {
    let mut timeline = timeline();
    let tip = timeline.len();
    let mut shown: Vec<Cluster> = Vec::new();
    timeline.seek(tip - 40);
    for _ in 0..40 {
        shown.push(timeline.cluster().clone());
        timeline.advance();
    }
    for (back, cluster) in shown.iter().rev().enumerate() {
        timeline.seek(tip - 1 - back);
        assert_eq!(timeline.cluster(), cluster, "{back} steps back");
    }
}

#[test]
fn events_are_found_again_with_their_causes() {
    let timeline = timeline();
    let events = timeline.events(0, timeline.len());
    for event in events.iter().step_by(211) {
        assert_eq!(timeline.event(event.id).as_ref(), Some(event));
        let cause = |event: &Event| timeline.event(event.cause?);
        let chain: Vec<Event> = successors(timeline.event(event.id), cause).collect();
        let root = chain.last().expect("a chain has at least its event");
        assert_eq!(root.cause, None);
        assert!(chain.windows(2).all(|pair| pair[0].cause == Some(pair[1].id)));
        assert!(chain.windows(2).all(|pair| pair[0].id > pair[1].id), "causes come before");
    }
    assert_ne!(trace_of(&timeline, 0, 200), trace_of(&timeline, 200, 400));
}

#[test]
fn a_fork_keeps_both_branches() {
    use kafkascope_engine::command::Command;
    use kafkascope_engine::ids::NodeId;
    let mut timeline = timeline();
    let tip = timeline.len();
    let end = timeline.cluster().clone();
    timeline.seek(tip / 2);
    let crash = Command::Crash { node: NodeId(1) };
    let start = Command::Start { node: NodeId(1) };
    if timeline.handle(crash).is_err() {
        timeline.handle(start).expect("what is not running can be started");
    }
    for _ in 0..50 {
        timeline.advance();
    }
    // A second fork below the first takes the first branch's way along.
    timeline.seek(tip / 4);
    timeline.handle(Command::HealAll).expect("always possible");
    assert_eq!(timeline.branches().len(), 2);
    let original = (0..2).find(|&branch| {
        let mut other = timeline.clone();
        other.switch_to(branch);
        other.seek(other.len());
        other.cluster() == &end
    });
    assert!(original.is_some(), "the first run can be taken up again");
}
