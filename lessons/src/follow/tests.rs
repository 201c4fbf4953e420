//! Wherever a learner goes in time, back, forward, into another branch, the judgement is that of the
//! run up to there: the one a fresh judge gives that is told the whole of it.

use super::Follower;
use crate::{Judge, Lesson, load_all};
use kafkascope_engine::cluster::Cluster;
use kafkascope_engine::command::{Command, Refusal};
use kafkascope_engine::event::Event;
use kafkascope_engine::ids::EventId;
use kafkascope_engine::script::line::NoClients;
use kafkascope_engine::script::parse::parse;
use kafkascope_engine::script::{Lang, Line, Machine, Runner};
use kafkascope_engine::timeline::Timeline;
use proptest::prelude::*;
use std::sync::Arc;

struct Page {
    timeline: Timeline,
    follower: Follower,
}

/// The timeline as a script sees it; keeps what happened.
struct Hands<'a>(&'a mut Timeline, Vec<Event>);

impl Machine for Hands<'_> {
    fn cluster(&self) -> &Cluster {
        self.0.cluster()
    }

    fn handle(&mut self, command: &Command) -> Result<Vec<Event>, Refusal> {
        let events = self.0.handle(command.clone())?;
        self.1.extend_from_slice(&events);
        Ok(events)
    }

    fn advance(&mut self) -> Option<Vec<Event>> {
        let events = self.0.advance()?;
        self.1.extend_from_slice(&events);
        Some(events)
    }

    fn event(&self, id: EventId) -> Option<Event> {
        self.0.event(id)
    }
}

impl Page {
    fn open(lesson: &Arc<Lesson>) -> Page {
        let mut lines = lesson.setup.lines();
        let Ok(Line::Spec(spec)) = parse(1, lines.next().unwrap(), &NoClients) else {
            panic!("a lesson begins with its cluster")
        };
        let mut timeline = Timeline::new(*spec);
        lines.for_each(|line| _ = type_line(&mut timeline, line));
        // Closer than in the page, so that short runs keep several judgements.
        let follower = Follower::with_spacing(lesson.clone(), &timeline, 24);
        Page { timeline, follower }
    }

    fn type_line(&mut self, line: &str) {
        let events = type_line(&mut self.timeline, line);
        self.follower.follow(&self.timeline, &events);
    }

    fn seek(&mut self, position: usize) {
        self.timeline.seek(position);
        self.follower.follow(&self.timeline, &[]);
    }

    fn is_done(&self, step: usize) -> bool {
        self.follower.judge().standing().is_done(step)
    }

    fn judged_afresh(&self) -> Judge {
        let mut judge = Judge::new(self.follower.judge().lesson().clone());
        judge.take(&self.timeline.events(0, self.timeline.position()));
        judge
    }
}

fn type_line(timeline: &mut Timeline, line: &str) -> Vec<Event> {
    let mut runner = Runner::new(Hands(timeline, Vec::new()), Lang::En);
    // A command may be refused, or waited for in vain: that is a run, too.
    let _ = runner.run_line(1, line);
    runner.machine.1
}

fn lesson() -> Arc<Lesson> {
    load_all().lessons().next().unwrap().clone()
}

#[test]
fn rewinding_takes_back_and_going_on_gives_again() {
    let lesson = lesson();
    let mut page = Page::open(&lesson);
    let home = page.timeline.position();
    let mut ends = Vec::new();
    for step in &lesson.steps {
        step.solution.lines().for_each(|line| page.type_line(line));
        ends.push(page.timeline.position());
    }
    assert!(page.follower.judge().standing().is_all_done());
    page.seek(home);
    assert!((0..lesson.steps.len()).all(|step| !page.is_done(step)));
    for (step, end) in ends.iter().enumerate() {
        page.seek(*end);
        assert!(page.is_done(step));
        assert!((step + 1..lesson.steps.len()).all(|later| !page.is_done(later)));
    }
}

#[test]
fn the_moment_of_a_goal_is_where_it_becomes_met() {
    let lesson = lesson();
    let mut page = Page::open(&lesson);
    lesson
        .steps
        .iter()
        .flat_map(|step| step.solution.lines())
        .for_each(|line| page.type_line(line));
    let standing = page.follower.judge().standing();
    for (index, step) in standing.steps.iter().enumerate() {
        for (goal, event) in step.goals.iter().enumerate() {
            let position = page.timeline.position_of(event.unwrap()).unwrap();
            page.seek(position - 1);
            assert_eq!(page.follower.judge().standing().steps[index].goals[goal], None);
            page.seek(position);
            assert_eq!(page.follower.judge().standing().steps[index].goals[goal], *event);
        }
    }
}

#[test]
fn from_every_mistake_a_way_leads_back() {
    let lesson = lesson();
    for (index, step) in lesson.steps.iter().enumerate() {
        for wrong in &step.wrong {
            let mut page = Page::open(&lesson);
            let home = page.timeline.position();
            let before = lesson.steps[..index].iter().flat_map(|step| step.solution.lines());
            before.chain(wrong.script.lines()).for_each(|line| page.type_line(line));
            let standing = page.follower.judge().standing();
            let (_, mistake) = standing.steps[index].mistakes[0];
            let goal = standing.last_goal_before(mistake);
            page.seek(goal.map_or(home, |goal| page.timeline.position_of(goal).unwrap()));
            assert_eq!(page.follower.judge().standing().steps[index].mistakes, []);
            step.solution.lines().for_each(|line| page.type_line(line));
            assert!(page.is_done(index), "{}, after {}", step.id, wrong.mistake);
        }
    }
}

#[derive(Clone, Debug)]
enum Act {
    Type(&'static str),
    /// As if a change had not been told.
    TypeUnheard(&'static str),
    Steps(u32),
    /// To so many thousandths of the run.
    Seek(usize),
    Switch(usize),
}

fn act() -> impl Strategy<Value = Act> {
    let lines = prop::sample::select(vec![
        "produce orders value=a",
        "produce orders value=b acks=1",
        "pause broker-3",
        "resume broker-3",
        "crash broker-2",
        "start broker-2",
        "run 100ms",
        "run 3s",
        "run 12s",
    ]);
    prop_oneof![
        4 => lines.clone().prop_map(Act::Type),
        1 => lines.prop_map(Act::TypeUnheard),
        3 => (1u32..40).prop_map(Act::Steps),
        3 => (0usize..=1000).prop_map(Act::Seek),
        1 => (0usize..4).prop_map(Act::Switch),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_judgement_is_that_of_the_run_up_to_here(acts in prop::collection::vec(act(), 1..24)) {
        let mut page = Page::open(&lesson());
        for act in acts {
            match act {
                Act::Type(line) => page.type_line(line),
                Act::TypeUnheard(line) => {
                    page.seek(page.timeline.len());
                    type_line(&mut page.timeline, line);
                    page.type_line("step");
                }
                Act::Steps(count) => page.type_line(&format!("step {count}")),
                Act::Seek(thousandths) => {
                    let position = page.timeline.len() * thousandths / 1000;
                    page.seek(position);
                }
                Act::Switch(branch) => {
                    page.timeline.switch_to(branch);
                    page.follower.follow(&page.timeline, &[]);
                }
            }
            prop_assert_eq!(page.follower.judge(), &page.judged_afresh());
        }
    }
}
