//! Showing a solution: the cluster is taken to the start of the step, then each line is carried out
//! in front of the learner. Commands are given; where the script waits, the run plays until what it
//! waits for has come.

use super::desk::Desk;
use crate::i18n::lesson::LessonText;
use crate::i18n::t;
use crate::session::{Change, ChangeKind};
use kafkascope_engine::script::parse::parse;
use kafkascope_engine::script::{Condition, Drive, Line};
use kafkascope_engine::sim::time::SimTime;
use leptos::html;
use leptos::prelude::*;
use std::sync::Arc;
use std::time::Duration;

/// How long a line stands before it is carried out, and before the next one comes.
const READING: Duration = Duration::from_millis(700);

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Showing {
    pub lines: Arc<[String]>,
    /// The line that is being carried out; one past the last when all are done.
    pub at: usize,
    waits_for: Option<Wait>,
    /// Commands given here that the page has yet to tell of.
    commands_expected: u32,
    /// Tells this showing from an earlier one, whose timers may still run.
    round: u64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Wait {
    Condition(Condition),
    Time(SimTime),
}

impl Showing {
    pub fn is_over(&self) -> bool {
        self.at >= self.lines.len()
    }
}

impl Desk {
    pub fn show_solution(&self) {
        let Some(lesson) = self.lesson.get_untracked() else {
            return;
        };
        let open = self.step.get_untracked();
        let Some(step) = lesson.steps.get(open) else {
            return;
        };
        let round =
            self.showing.with_untracked(|showing| showing.as_ref().map_or(0, |s| s.round)) + 1;
        self.bring_to(open);
        self.app.pause();
        self.record(|progress| _ = progress.solved_for.insert(step.id.clone()));
        let lines = step.solution.lines().map(String::from).collect();
        let showing = Showing { lines, at: 0, waits_for: None, commands_expected: 0, round };
        self.showing.set(Some(showing));
        self.look_at_stage();
        self.after_reading(round, |desk| desk.begin_line());
    }

    pub fn stop_showing(&self) {
        if self.showing.with_untracked(Option::is_some) {
            self.showing.set(None);
        }
    }

    fn after_reading(&self, round: u64, act: impl FnOnce(Desk) + 'static) {
        let desk = *self;
        set_timeout(
            move || {
                let showing = desk.showing.try_get_untracked().flatten();
                if showing.is_some_and(|showing| showing.round == round && !showing.is_over()) {
                    act(desk);
                }
            },
            READING,
        );
    }

    fn begin_line(&self) {
        let Some(showing) = self.showing.get_untracked() else {
            return;
        };
        let line = &showing.lines[showing.at];
        let parsed = self.app.with_timeline(|timeline| parse(1, line, timeline.cluster()));
        let now = self.app.with_timeline(|timeline| timeline.cluster().now());
        match parsed {
            Ok(Line::Command(_)) => {
                self.change_showing(|showing| showing.commands_expected += 1);
                if self.app.run_line(line).iter().any(|answer| answer.is_error) {
                    return self.stop_showing();
                }
                // While the next line is being read, time stands still.
                self.app.pause();
                self.end_line(showing.round);
            }
            Ok(Line::Drive(Drive::Until { condition, .. })) => {
                self.change_showing(|showing| showing.waits_for = Some(Wait::Condition(condition)));
                self.wait_on(showing.round);
            }
            Ok(Line::Drive(Drive::For { ms })) => {
                let until = now.plus_millis(ms);
                self.change_showing(|showing| showing.waits_for = Some(Wait::Time(until)));
                self.wait_on(showing.round);
            }
            _ => {
                self.app.run_line(line);
                self.end_line(showing.round);
            }
        }
    }

    fn change_showing(&self, change: impl FnOnce(&mut Showing)) {
        self.showing.update(|showing| {
            if let Some(showing) = showing {
                change(showing);
            }
        });
    }

    /// Plays, unless what is waited for is there already.
    fn wait_on(&self, round: u64) {
        if self.has_come() { self.end_line(round) } else { self.app.play() }
    }

    fn has_come(&self) -> bool {
        let wait = self
            .showing
            .with_untracked(|showing| showing.as_ref().and_then(|s| s.waits_for.clone()));
        self.app.with_timeline(|timeline| match wait {
            Some(Wait::Condition(condition)) => condition.holds(timeline.cluster()),
            Some(Wait::Time(until)) => timeline.cluster().now() >= until,
            None => false,
        })
    }

    fn end_line(&self, round: u64) {
        self.change_showing(|showing| showing.waits_for = None);
        self.after_reading(round, move |desk| {
            desk.change_showing(|showing| showing.at += 1);
            let is_over = desk
                .showing
                .with_untracked(|showing| showing.as_ref().is_none_or(Showing::is_over));
            if !is_over {
                desk.begin_line();
            }
        });
    }

    /// The shown moment has changed. A learner who takes over ends the showing.
    pub(super) fn solution_goes_on(&self, change: &Change) {
        let Some(showing) = self.showing.get_untracked().filter(|showing| !showing.is_over())
        else {
            return;
        };
        match change.kind {
            ChangeKind::Advanced => {}
            ChangeKind::Commanded if showing.commands_expected > 0 => {
                self.change_showing(|showing| showing.commands_expected -= 1);
            }
            // Its own set-up is told of before the first line is due.
            ChangeKind::Loaded if self.is_here.get_untracked() => {}
            ChangeKind::Commanded | ChangeKind::Sought | ChangeKind::Loaded => {
                return self.stop_showing();
            }
        }
        if showing.waits_for.is_some() && self.has_come() {
            self.app.pause();
            self.end_line(showing.round);
        }
    }
}

/// The lines of the solution that is being shown.
pub fn solution_view(desk: Desk) -> AnyView {
    let app = desk.app;
    let line = move |(index, text): (usize, String)| {
        let state = move || {
            let at = desk.showing.with(|showing| showing.as_ref().map_or(0, |showing| showing.at));
            if index < at {
                "done"
            } else if index == at {
                "now"
            } else {
                "next"
            }
        };
        view! {
            <li data-state=state aria-current=move || (state() == "now").then_some("step")>
                <code>{text}</code>
            </li>
        }
    };
    let lines =
        Memo::new(move |_| desk.showing.with(|showing| showing.as_ref().map(|s| s.lines.clone())));
    let place = NodeRef::<html::Section>::new();
    Effect::new(move |_| {
        if let Some(place) = place.get() {
            let options = web_sys::ScrollIntoViewOptions::new();
            options.set_block(web_sys::ScrollLogicalPosition::Nearest);
            place.scroll_into_view_with_scroll_into_view_options(&options);
        }
    });
    let over = move || desk.showing.with(|showing| showing.as_ref().is_some_and(Showing::is_over));
    let heading = move || {
        if over() { LessonText::Solved } else { LessonText::Solving }
    };
    view! {
        {move || {
            lines.get().map(|lines| {
                let items = lines.iter().cloned().enumerate().map(line).collect_view();
                view! {
                    <section node_ref=place class="lesson-solution" data-testid="lesson-solution" data-over=move || over().to_string()>
                        <h4>{move || t(app.lang.get(), heading())}</h4>
                        <ol>{items}</ol>
                        <Show when=move || !over()>
                            <button type="button" class="button" data-testid="btn-stop-solution"
                                on:click=move |_| { desk.stop_showing(); app.pause(); }>
                                {move || t(app.lang.get(), LessonText::StopSolution)}
                            </button>
                        </Show>
                    </section>
                }
            })
        }}
    }
    .into_any()
}
