//! A group of five that loses and gains members: who owned what when, how long each partition stood still,
//! and why.

use super::gantt::{cost, rows, ticks};
use super::lag::{Clears, Pace};
use super::story::*;
use crate::scenario;
use crate::view_model::history::History;
use kafkascope_engine::event::RemovedMember;
use kafkascope_engine::group::assignor::Assignor;
use kafkascope_engine::ids::{ClientId, TopicPartition};
use kafkascope_engine::protocol::{Api, KafkaError};
use kafkascope_engine::script::{Line, parse};
use kafkascope_engine::sim::time::SimTime;
use kafkascope_engine::timeline::Timeline;

struct Run {
    timeline: Timeline,
    history: History,
}

impl Run {
    /// A topic of five partitions.
    fn new(more: &str) -> Run {
        let script = format!(
            "cluster brokers=1 seed=7 offsets.topic.num.partitions=1\n\
             run until ready\n\
             kafka-topics.sh --create --topic orders --partitions 5 --replication-factor 1\n\
             run until quiet\n{more}"
        );
        let prepared = scenario::prepare(&script).unwrap_or_else(|text| panic!("{}", text.en));
        let mut history = History::default();
        history.catch_up(&prepared.timeline);
        Run { timeline: prepared.timeline, history }
    }

    fn five(assignor: &str) -> Run {
        let member = |n| format!("consume orders group=g consumer=c{n} assignor={assignor}\n");
        Run::new(&format!("{}run 10s\n", (1..=5).map(member).collect::<String>()))
    }

    fn now(&self) -> SimTime {
        self.timeline.cluster().now()
    }

    fn give(&mut self, line: &str) {
        let Ok(Line::Command(command)) = parse(1, line, self.timeline.cluster()) else {
            panic!("{line} is a command");
        };
        let events = self.timeline.handle(command).unwrap();
        self.history.note(self.timeline.position(), &events);
    }

    fn pass(&mut self, ms: u64) {
        let until = self.now().plus_millis(ms);
        while self.timeline.cluster().next_due().is_some_and(|due| due <= until) {
            let events = self.timeline.advance().unwrap_or_default();
            self.history.note(self.timeline.position(), &events);
        }
    }

    fn story(&self) -> &Story {
        self.history.groups().story("g").unwrap()
    }

    fn client(&self, name: &str) -> ClientId {
        self.timeline.cluster().clients().find(|client| *client.name == *name).unwrap().id
    }

    fn whats(&self, partition: i32) -> Vec<What> {
        let track = &self.story().partitions[&TopicPartition::new("orders", partition)];
        track.spans(SimTime::ZERO, self.now()).iter().map(|span| span.period.what).collect()
    }

    /// Who has the partitions, by number.
    fn owners(&self) -> Vec<Option<ClientId>> {
        let owner = |track: &Track| match track.what() {
            Some(What::Owned(client)) => Some(client),
            _ => None,
        };
        self.story().partitions.values().map(owner).collect()
    }
}

fn longest(rebalance: &Rebalance) -> u64 {
    cost(rebalance, SimTime(u64::MAX)).longest_us
}

#[test]
fn the_first_rebalance_waits_for_more_members() {
    let run = Run::five("range");
    let c1 = run.client("c1");
    assert_eq!(
        run.whats(0),
        [
            What::Still(Still::InitialDelay),
            What::Still(Still::Assigning),
            What::Still(Still::Handing),
            What::Still(Still::TakingOver(c1)),
            What::Owned(c1),
        ]
    );
    let first = &run.story().rebalances[0];
    assert_eq!(first.trigger, Trigger::Joined(first.arrivals[0].client));
    assert_eq!(first.generation, 1);
    assert!(first.is_initial && first.settled.is_some());
    assert_eq!((first.arrivals.len(), first.stops.len()), (5, 5));
    assert_eq!(first.assignor, Some(Assignor::Range));
    let ids: Vec<_> = (1..=5).map(|n| Some(run.client(&format!("c{n}")))).collect();
    assert_eq!(run.owners(), ids);
}

#[test]
fn who_is_told_to_join_again_and_who_gets_only_an_id_is_told() {
    let run = Run::five("range");
    let messages = run.story().rebalances[0].lines.iter().filter_map(|line| match line.kind {
        LineKind::Message(message) if message.client == run.client("c2") => Some(message),
        _ => None,
    });
    let said: Vec<_> = messages.map(|m| (m.api, m.is_request, m.outcome)).collect();
    let refused = Some(Outcome::Refused(KafkaError::MemberIdRequired));
    let joined = Some(Outcome::Joined { generation: 1, leads: false });
    let expected = [
        (Api::JoinGroup, true, None),
        (Api::JoinGroup, false, refused),
        (Api::JoinGroup, true, None),
        (Api::JoinGroup, false, joined),
        (Api::SyncGroup, true, None),
        (Api::SyncGroup, false, Some(Outcome::Assigned(1))),
    ];
    let from = said.iter().position(|(api, ..)| *api == Api::JoinGroup).unwrap();
    assert_eq!(said[from..], expected);
}

#[test]
fn who_leaves_is_missed_less_than_who_dies() {
    let mut run = Run::five("range");
    let (c1, c3) = (run.client("c1"), run.client("c3"));
    run.give("close c3");
    run.pass(10_000);
    let left = run.story().rebalances.last().unwrap().clone();
    assert_eq!(left.trigger, Trigger::Left(c3));
    assert_eq!(left.stops.len(), 5, "an eager rebalance stops everything");
    // Whoever is told by the next heartbeat joins again: the others wait that long.
    assert!(longest(&left) < 3_200_000, "{}", longest(&left));
    run.give("kill c1");
    run.pass(60_000);
    let died = run.story().rebalances.last().unwrap();
    assert_eq!(died.trigger, Trigger::Expired(c1));
    assert!((43_000_000..49_000_000).contains(&longest(died)));
    let whats = run.whats(0);
    let dead = whats.iter().position(|what| *what == What::Still(Still::OwnerDied(c1))).unwrap();
    assert_eq!(whats[dead - 1], What::Owned(c1));
    assert_eq!(whats[dead + 1], What::Still(Still::Joining));
    let removed = LineKind::Removed(c1, RemovedMember::SessionExpired);
    assert!(died.lines.iter().any(|line| line.kind == removed));
}

#[test]
fn a_cooperative_rebalance_stops_only_what_moves() {
    let stopped = |assignor: &str| {
        let mut run = Run::five(assignor);
        let before = run.story().rebalances.len();
        run.give("close c5");
        run.pass(15_000);
        let since = &run.story().rebalances[before..];
        assert!(run.owners().iter().all(Option::is_some));
        since.iter().map(|rebalance| rebalance.stops.len()).sum::<usize>()
    };
    assert_eq!((stopped("range"), stopped("cooperative-sticky")), (5, 1));
}

#[test]
fn the_one_that_is_busy_is_the_one_that_the_others_wait_for() {
    let mut run = Run::new(
        "consume orders group=g consumer=quick assignor=range\n\
         consume orders group=g consumer=slow assignor=range processing=5s\n\
         run 10s\n\
         produce orders value=x partition=4\n\
         run 1s\n",
    );
    let (quick, slow) = (run.client("quick"), run.client("slow"));
    run.give("consume orders group=g consumer=new assignor=range");
    run.pass(3_500);
    let now = run.now();
    let under_way = run.story().rebalance_at(now).unwrap();
    assert_eq!(under_way.missing(now).collect::<Vec<_>>(), [slow]);
    assert_eq!(run.whats(0).last(), Some(&What::Still(Still::Joining)));
    run.pass(5_000);
    let last = run.story().rebalances.last().unwrap().last_arrival().unwrap();
    assert_eq!((last.client, last.was_busy), (slow, true));
    assert_ne!(last.client, quick);
}

#[test]
fn who_does_not_poll_in_time_has_to_leave() {
    let mut run = Run::new(
        "consume orders group=g consumer=a assignor=range\n\
         consume orders group=g consumer=b assignor=range processing=20s max.poll.interval.ms=10000\n\
         run 10s\n\
         produce orders value=x partition=4\n\
         run 2s\n",
    );
    let (a, b) = (run.client("a"), run.client("b"));
    run.pass(15_000);
    let whats = run.whats(4);
    let left = whats.iter().position(|what| *what == What::Still(Still::OwnerLeft(b))).unwrap();
    assert_eq!(whats[left - 1], What::Owned(b));
    assert_eq!(whats.last(), Some(&What::Owned(a)));
    let rebalance = run.story().rebalances.iter().find(|r| r.trigger == Trigger::PollExceeded(b));
    assert!(rebalance.is_some());
}

#[test]
fn a_past_that_is_taken_back_is_forgotten() {
    let mut run = Run::five("sticky");
    let (position, before) = (run.timeline.position(), run.history.groups().clone());
    run.give("close c2");
    run.pass(10_000);
    assert_ne!(run.history.groups(), &before);
    run.history.truncate(position);
    assert_eq!(run.history.groups(), &before);
}

#[test]
fn lag_is_cleared_when_more_is_read_than_written() {
    let pace = |lag, consumed, produced| Pace { lag, consumed, produced }.clears();
    assert_eq!(pace(0, 0, 500), Clears::Already);
    assert_eq!(pace(10, 300, 300), Clears::NotAtThisPace);
    assert_eq!(pace(10, 500, 200), Clears::InSeconds(4));

    let mut run = Run::new(
        "consume orders group=g auto.offset.reset=earliest processing=500ms max.poll.records=1\n\
         run 10s\n\
         produce orders value=x count=40 partition=0\n",
    );
    run.pass(8_000);
    let pace = Pace::of(run.history.groups(), run.story(), run.now());
    assert!((20..=40).contains(&pace.lag), "{pace:?}");
    assert!((100..=200).contains(&pace.consumed), "{pace:?}");
}

#[test]
fn bars_follow_each_other_and_times_of_standing_still_are_one() {
    let mut run = Run::five("range");
    run.give("close c5");
    run.pass(10_000);
    let (from, now) = (SimTime::ZERO, run.now());
    for row in rows(run.story(), from, now) {
        let owners: Vec<_> = row.bars.iter().map(|bar| bar.owner.is_some()).collect();
        assert_eq!(owners, [false, true, false, true], "{}", row.partition);
        assert!(row.bars.windows(2).all(|pair| pair[0].until == pair[1].from));
        assert_eq!(row.bars.last().unwrap().until, now);
        let still: u64 = row.bars.iter().flat_map(|b| &b.parts).map(|p| p.until - p.from).sum();
        assert_eq!(row.still_us, still);
    }
    // Before it was decided who gets them, nothing of the future is told.
    let early = run.story().rebalances[0].began;
    let early = rows(run.story(), from, early);
    assert!(early.iter().all(|row| row.bars.len() == 1 && row.bars[0].owner.is_none()));
}

#[test]
fn ticks_are_round() {
    let at = |s: u64| SimTime::from_millis(s * 1000);
    assert_eq!(ticks(at(3), at(43), 5), [at(10), at(20), at(30), at(40)]);
    assert_eq!(ticks(at(0), SimTime::from_millis(250), 4).len(), 3);
}
