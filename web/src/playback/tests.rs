//! Playback in frames of 16 ms: what is seen when, and when it rests.

use super::*;
use crate::scenario;
use kafkascope_engine::command::Command;
use kafkascope_engine::event::EventKind;
use kafkascope_engine::ids::NodeId;

/// Plays the opening scenario frame by frame; tells after how much real time each milestone came.
fn play_opening() -> (Vec<(f64, EventKind)>, f64) {
    let prepared = scenario::prepare(scenario::opening().script).unwrap();
    let mut timeline = prepared.timeline;
    for command in prepared.live {
        timeline.handle(command).unwrap();
    }
    let mut playback = Playback::new(timeline.cluster().now());
    playback.wake(timeline.cluster().now());
    let (mut real_ms, mut seen) = (0.0, Vec::new());
    loop {
        real_ms += 16.0;
        let ticked = playback.tick(&mut timeline, 16.0, || true);
        seen.extend(ticked.events.into_iter().map(|event| (real_ms, event.kind)));
        if ticked.came_to_rest {
            return (seen, real_ms);
        }
        assert!(real_ms < 120_000.0, "it comes to rest");
    }
}

#[test]
fn the_opening_shows_the_whole_way_of_a_record_within_five_seconds_and_then_rests() {
    let (seen, rest_ms) = play_opening();
    let first = |wanted: fn(&EventKind) -> bool| {
        seen.iter().find(|(_, kind)| wanted(kind)).map(|(at, _)| *at).unwrap()
    };
    let appended = first(|kind| matches!(kind, EventKind::RecordsAppended { .. }));
    let moved = first(|kind| matches!(kind, EventKind::HighWatermarkMoved { .. }));
    let consumed = first(|kind| matches!(kind, EventKind::RecordsConsumed { .. }));
    let story = format!("appended {appended}, HW {moved}, consumed {consumed}, at rest {rest_ms}");
    assert!((300.0..1500.0).contains(&appended), "{story}");
    assert!(appended + 500.0 < moved && moved + 300.0 < consumed, "calm enough to follow: {story}");
    assert!(consumed < 4500.0, "{story}");
    assert!(rest_ms < 15_000.0, "{story}");
}

#[test]
fn a_crash_is_followed_to_its_end_without_waiting_long() {
    let mut timeline = scenario::prepare(scenario::opening().script).unwrap().timeline;
    timeline.handle(Command::Crash { node: NodeId(1) }).unwrap();
    let mut playback = Playback::new(timeline.cluster().now());
    playback.wake(timeline.cluster().now());
    let (mut real_ms, mut elected_ms) = (0.0, None);
    while playback.is_playing() && real_ms < 60_000.0 {
        real_ms += 16.0;
        let ticked = playback.tick(&mut timeline, 16.0, || true);
        if ticked.events.iter().any(|event| matches!(event.kind, EventKind::LeaderElected { .. })) {
            elected_ms.get_or_insert(real_ms);
        }
    }
    let story = format!("elected after {elected_ms:?} real ms, at rest after {real_ms}");
    assert!(elected_ms.is_some_and(|ms| (2000.0..20_000.0).contains(&ms)), "{story}");
    assert!(real_ms < 45_000.0, "{story}");
}

#[test]
fn a_manual_step_passes_through_the_way_there() {
    let mut timeline = scenario::prepare(scenario::opening().script).unwrap().timeline;
    let mut playback = Playback::new(timeline.cluster().now());
    let (before, position) = (playback.view_now_us(), timeline.position());
    while timeline.cluster().envelopes().next().is_none() {
        timeline.advance();
        playback.settle(timeline.cluster().now());
    }
    let to = next_at(&timeline).unwrap();
    assert!(playback.begin_step(&timeline));
    playback.tick(&mut timeline, 20.0, || true);
    assert!(playback.view_now_us() >= before && timeline.position() >= position);
    for _ in 0..30 {
        playback.tick(&mut timeline, 16.0, || true);
    }
    assert_eq!((playback.view_now_us(), playback.is_tweening()), (to.0 as f64, false));
    assert_eq!(timeline.cluster().now(), to);
}
