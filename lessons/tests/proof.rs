//! The proof that every lesson works: its solution meets every goal, step by step, for a hundred
//! seeds; what leads up to a step does not meet its goals; every wrong answer misses them and is told
//! its own mistake; every command that a text offers can be given, or is refused where it says so.

use kafkascope_engine::replication::history_rule::HistoryRule;
use kafkascope_engine::script::line::NoClients;
use kafkascope_engine::script::parse::parse;
use kafkascope_engine::script::{Failure, Lang, Line, Machine, Recording, Runner};
use kafkascope_lessons::lesson::{Lesson, Script};
use kafkascope_lessons::{Judge, load_all};
use std::collections::BTreeSet;
use std::sync::Arc;

const SEEDS: u64 = 100;

fn lessons() -> Vec<Arc<Lesson>> {
    let library = load_all();
    assert_eq!(library.refused, []);
    library.lessons().cloned().collect()
}

/// A learner who types.
struct Play {
    name: String,
    runner: Runner<Recording>,
    judge: Judge,
    judged: usize,
}

impl Play {
    /// At the start of the lesson.
    fn start(lesson: &Arc<Lesson>, seed: u64) -> Play {
        let mut lines = lesson.setup.lines();
        let first = lines.next().unwrap();
        let Ok(Line::Spec(mut spec)) = parse(1, first, &NoClients) else {
            panic!("{}: a set-up begins with its cluster line", lesson.id);
        };
        spec.seed = seed;
        let mut play = Play {
            name: format!("{} with seed {seed}", lesson.id),
            runner: Runner::new(Recording::new(*spec), Lang::En),
            judge: Judge::new(lesson.clone()),
            judged: 0,
        };
        lines.for_each(|line| play.type_line(line));
        play
    }

    /// Another learner, from this moment on.
    fn fork(&self) -> Play {
        let cluster = self.runner.machine.cluster().clone();
        Play {
            name: self.name.clone(),
            runner: Runner::new(Recording { cluster, events: Vec::new() }, Lang::En),
            judge: self.judge.clone(),
            judged: 0,
        }
    }

    fn type_line(&mut self, line: &str) {
        match self.runner.run_line(1, line) {
            Ok(_) => {}
            // Why the rule is history.
            Err(Failure::Broken { .. }) if !self.is_safe() => {}
            Err(failure) => panic!("{}: {line}\n{}", self.name, failure.words(Lang::En)),
        }
        let events = &self.runner.machine.events;
        self.judge.take(&events[self.judged..]);
        self.judged = events.len();
    }

    /// Whether the lesson is played by today's rules, under which no promise breaks.
    fn is_safe(&self) -> bool {
        self.runner.machine.cluster().spec().history == HistoryRule::default()
    }

    fn type_all(&mut self, script: &Script) {
        script.lines().for_each(|line| self.type_line(line));
    }

    fn is_done(&self, step: usize) -> bool {
        self.judge.standing().is_done(step)
    }

    fn unmet(&self, step: usize) -> Vec<&str> {
        let met = self.judge.standing().steps[step].goals.clone();
        let goals = self.judge.lesson().steps[step].goals.iter().zip(met);
        goals.filter(|(_, met)| met.is_none()).map(|(goal, _)| goal.id.as_str()).collect()
    }

    fn mistakes(&self, step: usize) -> Vec<&str> {
        let mistakes = &self.judge.lesson().steps[step].mistakes;
        let made = self.judge.standing().steps[step].mistakes.clone();
        made.into_iter().map(|(index, _)| mistakes[index].id.as_str()).collect()
    }
}

#[test]
fn every_solution_passes_for_all_seeds() {
    for lesson in lessons() {
        for seed in 0..SEEDS {
            let mut play = Play::start(&lesson, seed);
            for (index, step) in lesson.steps.iter().enumerate() {
                let name = format!("{}, step {}", play.name, step.id);
                assert!(!play.is_done(index), "{name}: done before anything was done for it");
                for later in index..lesson.steps.len() {
                    assert!(!play.is_done(later), "{name}: step {later} is done too early");
                }
                play.type_all(&step.solution);
                assert_eq!(
                    play.unmet(index),
                    Vec::<&str>::new(),
                    "{name}: goals that the solution misses"
                );
                assert_eq!(play.mistakes(index), [""; 0], "{name}: no mistake");
                if step.prediction.is_some() {
                    assert!(
                        play.judge.standing().steps[index].evidence.is_some(),
                        "{name}: the right answer was not seen"
                    );
                }
            }
            assert!(play.judge.standing().is_all_done());
            let broken = play.runner.machine.cluster().violation();
            assert_eq!(broken.is_none(), play.is_safe(), "{}: {broken:?}", play.name);
        }
    }
}

#[test]
fn the_start_state_meets_no_goal() {
    for lesson in lessons() {
        let mut play = Play::start(&lesson, 42);
        for _ in 0..2 {
            for (index, step) in lesson.steps.iter().enumerate() {
                assert_eq!(
                    play.unmet(index).len(),
                    step.goals.len(),
                    "{}, step {}",
                    lesson.id,
                    step.id
                );
                assert_eq!(play.mistakes(index), [""; 0], "{}, step {}", lesson.id, step.id);
            }
            // Nor does it by waiting.
            play.type_line("run 2m");
        }
    }
}

#[test]
fn every_wrong_answer_fails_with_its_own_hint() {
    for lesson in lessons() {
        for seed in 0..SEEDS {
            let mut play = Play::start(&lesson, seed);
            for (index, step) in lesson.steps.iter().enumerate() {
                for wrong in &step.wrong {
                    let mut astray = play.fork();
                    astray.type_all(&wrong.script);
                    let name =
                        format!("{}, step {}, wrong answer {}", play.name, step.id, wrong.mistake);
                    assert!(!astray.is_done(index), "{name}: passes");
                    assert_eq!(astray.mistakes(index), [wrong.mistake.as_str()], "{name}");
                }
                play.type_all(&step.solution);
            }
        }
    }
}

#[test]
fn every_offered_command_can_be_given() {
    for lesson in lessons() {
        for step in &lesson.steps {
            // The solutions are played, and what is to be refused is tried.
            for line in step.text.commands() {
                let refused = step.refused.as_ref();
                let mut lines = step.solution.lines().chain(refused.iter().flat_map(|s| s.lines()));
                assert!(
                    lines.any(|known| known == line),
                    "{}, step {}: the solution does it another way: {line}",
                    lesson.id,
                    step.id
                );
            }
        }
    }
}

#[test]
fn what_is_to_be_refused_is_offered_and_refused() {
    for lesson in lessons() {
        let mut play = Play::start(&lesson, 42);
        for step in &lesson.steps {
            play.type_all(&step.solution);
            for line in step.refused.iter().flat_map(Script::lines) {
                let name = format!("{}, step {}: {line}", lesson.id, step.id);
                assert!(step.text.commands().contains(&line), "{name}: the text does not offer it");
                let answer = play.runner.run_line(1, line);
                assert!(matches!(answer, Err(Failure::Refused(_))), "{name}: {answer:?}");
            }
        }
    }
}

#[test]
fn ids_are_unique() {
    let library = load_all();
    let mut seen = BTreeSet::new();
    for chapter in &library.chapters {
        assert!(seen.insert(chapter.id.clone()), "chapter {}", chapter.id);
    }
    let mut seen = BTreeSet::new();
    for lesson in library.lessons() {
        assert!(seen.insert(lesson.id.clone()), "lesson {}", lesson.id);
    }
}
