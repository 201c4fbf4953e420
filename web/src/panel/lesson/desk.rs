//! The desk: which lesson and step are open, how the run on the stage stands, what the learner has
//! done. It listens to the [`App`] and asks it; how it looks is in the other files.

use super::solution::Showing;
use super::store::{LocalStore, ProgressStore};
use crate::app::{App, Tab};
use crate::i18n::Key;
use crate::i18n::lesson::LessonText;
use crate::notice::{Notice, Text};
use crate::scenario;
use crate::session::{Change, ChangeKind};
use crate::terminal_lines::OutputLine;
use kafkascope_engine::ids::EventId;
use kafkascope_engine::script::Line;
use kafkascope_engine::script::parse::parse;
use kafkascope_lessons::lesson::Name;
use kafkascope_lessons::progress::{LessonProgress, Unreadable};
use kafkascope_lessons::{Follower, Judge, Lesson, Library, Progress, Standing, Step, load_all};
use leptos::prelude::*;
use std::sync::Arc;

/// Where the page turns from panes to tabs (style/page.css).
const NARROW: &str = "(max-width: 759px)";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// What is stored could not be read. It is not overwritten.
    Unreadable(LessonText),
    /// The browser has no place for it.
    NotStored,
}

#[derive(Clone, Copy)]
pub struct Desk {
    pub app: App,
    pub library: StoredValue<Arc<Library>>,
    pub progress: RwSignal<Progress>,
    /// The open lesson.
    pub lesson: RwSignal<Option<Arc<Lesson>>>,
    /// The open step; one past the last is the end of the lesson.
    pub step: RwSignal<usize>,
    /// How the run stands, up to the shown moment.
    pub standing: RwSignal<Standing>,
    /// Whether the run on the stage is the lesson's.
    pub is_here: RwSignal<bool>,
    /// What the panel says about the last thing that was reached.
    pub said: RwSignal<Option<LessonText>>,
    pub showing: RwSignal<Option<Showing>>,
    follower: StoredValue<Option<Follower>>,
    /// Runs that the desk itself has opened and that the page has yet to tell of.
    pub loads_expected: RwSignal<u32>,
    store: StoredValue<Box<dyn ProgressStore>, LocalStorage>,
    /// Why progress is not being kept, if it is not.
    pub trouble: RwSignal<Option<Trouble>>,
}

impl Desk {
    pub fn new(app: App) -> Desk {
        let desk = Desk {
            app,
            library: StoredValue::new(Arc::new(load_all())),
            progress: RwSignal::new(Progress::default()),
            lesson: RwSignal::new(None),
            step: RwSignal::new(0),
            standing: RwSignal::new(Standing::default()),
            is_here: RwSignal::new(false),
            said: RwSignal::new(None),
            showing: RwSignal::new(None),
            follower: StoredValue::new(None),
            loads_expected: RwSignal::new(0),
            store: StoredValue::new_local(Box::new(LocalStore)),
            trouble: RwSignal::new(None),
        };
        desk.recall();
        app.subscribe(move |change| desk.on_change(change));
        desk
    }

    // Opening and turning pages.

    /// Opens a lesson where the learner left it, on a fresh cluster.
    pub fn open(&self, lesson: Arc<Lesson>) {
        let progress = self.progress.with_untracked(|progress| progress.of(&lesson.id));
        let left_at = progress.open.filter(|_| !progress.finished);
        let step = left_at.and_then(|step| lesson.step(&step)).unwrap_or(0);
        self.lesson.set(Some(lesson));
        self.bring_to(step);
    }

    pub fn close(&self) {
        self.stop_showing();
        self.lesson.set(None);
        self.is_here.set(false);
        self.follower.set_value(None);
    }

    /// Forgets what was done in the lesson, and begins it again.
    pub fn restart(&self) {
        let Some(lesson) = self.lesson.get_untracked() else {
            return;
        };
        self.progress.update(|progress| {
            let progress = progress.of_mut(&lesson.id);
            *progress = LessonProgress { finished: progress.finished, ..LessonProgress::default() };
        });
        self.save();
        self.bring_to(0);
    }

    /// Shows another step. The cluster stays as it is.
    pub fn turn_to(&self, step: usize) {
        let Some(lesson) = self.lesson.get_untracked() else {
            return;
        };
        self.stop_showing();
        self.said.set(None);
        self.step.set(step.min(lesson.steps.len()));
        self.record(|progress| {
            if let Some(step) = lesson.steps.get(step) {
                progress.open = Some(step.id.clone());
            }
            progress.finished |= lesson.steps.iter().all(|step| progress.done.contains(&step.id));
        });
    }

    /// Shows a step on a fresh cluster that stands where the solutions of the steps before lead.
    pub fn bring_to(&self, step: usize) {
        let Some(lesson) = self.lesson.get_untracked() else {
            return;
        };
        let before = lesson.steps.iter().take(step).map(|step| &step.solution);
        let script: Vec<_> =
            std::iter::once(&lesson.setup).chain(before).map(|part| part.as_str()).collect();
        match scenario::prepare(&script.join("\n")) {
            Ok(prepared) => {
                self.turn_to(step);
                self.standing.set(Judge::new(lesson).standing());
                self.loads_expected.update(|loads| *loads += 1);
                self.app.open_timeline(prepared.timeline, prepared.home);
                // Plays until the cluster has come to rest, so that commands let it go on. What stands
                // still must not be left alone, for then the cluster goes on without it.
                if !self.has_fault() {
                    self.app.go_live(&[]);
                }
            }
            Err(why) => {
                let failed = text(LessonText::SetupFailed);
                let Text { ko, en } = why;
                self.app.notify(Notice::problem(Text::new(
                    failed.ko + " " + &ko,
                    failed.en + " " + &en,
                )));
            }
        }
    }

    /// Carries out the commands that a text offers, up to one that fails, and then plays, unless they
    /// have let time pass themselves. Answers what they answered; what happened meanwhile the narration
    /// tells.
    pub fn run(&self, commands: &[String]) -> Vec<OutputLine> {
        let mut answers = Vec::new();
        let mut time_passed = false;
        for command in commands {
            let parsed = self.app.with_timeline(|timeline| parse(1, command, timeline.cluster()));
            let drives = matches!(parsed, Ok(Line::Drive(_)));
            let answer = self.app.run_line(command);
            let failed = answer.iter().any(|line| line.is_error);
            if failed || !drives {
                answers.extend(answer);
            }
            if failed {
                return answers;
            }
            time_passed |= drives;
        }
        if !time_passed {
            self.app.play();
        }
        self.look_at_stage();
        answers
    }

    /// Back to the last goal that was met before the mistake, or to where the lesson began.
    pub fn rewind_before(&self, mistake: EventId) {
        let goal = self.standing.with_untracked(|standing| standing.last_goal_before(mistake));
        let home = self.app.view.with_untracked(|view| view.home);
        let position = self.app.with_timeline(|timeline| {
            goal.and_then(|goal| timeline.position_of(goal)).unwrap_or(0).max(home)
        });
        self.app.seek(position);
        self.look_at_stage();
    }

    /// The moment right after an event of the run.
    pub fn see(&self, event: EventId) {
        if let Some(position) = self.app.with_timeline(|timeline| timeline.position_of(event)) {
            self.app.seek(position);
            self.look_at_stage();
        }
    }

    /// A narrow page shows one pane at a time.
    pub(super) fn look_at_stage(&self) {
        let narrow = web_sys::window().and_then(|window| window.match_media(NARROW).ok().flatten());
        if narrow.is_some_and(|narrow| narrow.matches()) {
            self.app.tab.set(Tab::Stage);
        }
    }

    // Following the run.

    fn on_change(&self, change: &Change) {
        let Some(lesson) = self.lesson.try_get_untracked().flatten() else {
            return;
        };
        if change.kind == ChangeKind::Loaded {
            self.on_loaded(lesson);
        } else {
            self.app.with_timeline(|timeline| {
                self.follower.update_value(|follower| {
                    if let Some(follower) = follower {
                        follower.follow(timeline, &change.events);
                    }
                });
            });
        }
        let standing = self.follower.with_value(|f| f.as_ref().map(|f| f.judge().standing()));
        if let Some(standing) = standing {
            let before = self.standing.get_untracked();
            if standing != before {
                self.standing.set(standing.clone());
                self.on_news(&before, &standing, change.kind);
            }
        }
        self.solution_goes_on(change);
    }

    fn on_loaded(&self, lesson: Arc<Lesson>) {
        let expected = self.loads_expected.get_untracked();
        self.loads_expected.set(expected.saturating_sub(1));
        self.is_here.set(expected > 0);
        let follower = (expected > 0)
            .then(|| self.app.with_timeline(|timeline| Follower::new(lesson, timeline)));
        self.follower.set_value(follower);
    }

    /// The run stands otherwise than before. What a lesson does by itself to get to a step is no news.
    fn on_news(&self, before: &Standing, now: &Standing, kind: ChangeKind) {
        let (Some(lesson), open) = (self.lesson.get_untracked(), self.step.get_untracked()) else {
            return;
        };
        if !matches!(kind, ChangeKind::Advanced | ChangeKind::Commanded) {
            return self.said.set(None);
        }
        let newly_done = |step: &usize| now.is_done(*step) && !before.is_done(*step);
        let done: Vec<Name> = (0..lesson.steps.len())
            .filter(newly_done)
            .map(|step| lesson.steps[step].id.clone())
            .collect();
        if !done.is_empty() {
            self.record(|progress| progress.done.extend(done));
        }
        let count = |standing: &Standing| {
            standing.steps.get(open).map_or(0, |step| step.goals.iter().flatten().count())
        };
        if count(now) > count(before) {
            self.on_goal(now.is_done(open), kind);
        }
    }

    /// A goal of the open step has just been met: the run stops there, to be looked at. After a command
    /// it stops only if something stands still, for then nothing but waiting would follow.
    fn on_goal(&self, step_is_done: bool, kind: ChangeKind) {
        let is_showing =
            self.showing.with_untracked(|showing| showing.as_ref().is_some_and(|s| !s.is_over()));
        let playing = self.app.view.with_untracked(|view| view.playing);
        let stops = !is_showing && playing && (kind == ChangeKind::Advanced || self.has_fault());
        if stops {
            self.app.pause();
        }
        self.said.set(Some(match (step_is_done, stops) {
            (true, _) => LessonText::SaidStep,
            (false, true) => LessonText::SaidStopped,
            (false, false) => LessonText::SaidGoal,
        }));
    }

    fn has_fault(&self) -> bool {
        self.app.with_timeline(|timeline| timeline.cluster().nodes().any(|node| !node.is_running()))
    }

    // What the learner has done.

    /// The progress in the open lesson.
    pub fn lesson_progress(&self) -> LessonProgress {
        let lesson = self.lesson.get();
        lesson
            .map(|lesson| self.progress.with(|progress| progress.of(&lesson.id)))
            .unwrap_or_default()
    }

    pub fn take_hint(&self, step: &Step) {
        let id = step.id.clone();
        let count = step.hints.len() as u32;
        self.record(|progress| {
            let taken = progress.hints.entry(id).or_default();
            *taken = (*taken + 1).min(count);
        });
    }

    pub fn choose(&self, step: &Step, choice: usize) {
        let right = step.prediction.as_ref().is_some_and(|prediction| prediction.right == choice);
        let id = step.id.clone();
        self.record(|progress| {
            let prediction = progress.predictions.entry(id).or_default();
            prediction.choose(choice);
            prediction.revealed |= right;
        });
    }

    pub fn reveal(&self, step: &Step) {
        let id = step.id.clone();
        self.record(|progress| progress.predictions.entry(id).or_default().revealed = true);
    }

    pub(super) fn record(&self, change: impl FnOnce(&mut LessonProgress)) {
        let Some(lesson) = self.lesson.get_untracked() else {
            return;
        };
        let before = self.progress.get_untracked();
        let mut after = before.clone();
        change(after.of_mut(&lesson.id));
        if after != before {
            // Another tab may have come further meanwhile.
            let stored = self.store.with_value(|store| store.load());
            if let Some(mut all) = stored.and_then(|stored| Progress::from_json(&stored).ok()) {
                all.merge(after);
                after = all;
            }
            self.progress.set(after);
            self.save();
        }
    }

    fn recall(&self) {
        let Some(stored) = self.store.with_value(|store| store.load()) else {
            return;
        };
        let why = match Progress::from_json(&stored) {
            Ok(progress) => return self.progress.set(progress),
            Err(Unreadable::Damaged) => LessonText::ProgressDamaged,
            Err(Unreadable::Newer { .. }) => LessonText::ProgressNewer,
        };
        self.trouble.set(Some(Trouble::Unreadable(why)));
    }

    /// Gives up what is stored and cannot be read.
    pub fn start_over(&self) {
        self.trouble.set(None);
        self.save();
    }

    fn save(&self) {
        if matches!(self.trouble.get_untracked(), Some(Trouble::Unreadable(_))) {
            return;
        }
        let json = self.progress.with_untracked(Progress::to_json);
        let stored = self.store.with_value(|store| store.save(&json));
        let trouble = stored.is_err().then_some(Trouble::NotStored);
        if self.trouble.get_untracked() != trouble {
            self.trouble.set(trouble);
        }
    }
}

fn text(key: LessonText) -> Text {
    Text::of(|lang| key.in_lang(lang).to_string())
}
