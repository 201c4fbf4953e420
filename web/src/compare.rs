//! The comparison that is open: the page's run on one side, and on the other the same run with one
//! thing different, or a branch that was kept. What it looks like is [`crate::panel::compare`]'s.

use crate::app::App;
use crate::i18n::monitors::CompareText;
use crate::panel::compare::tell_shared;
use crate::permalink::LinkProblem;
use crate::share::share_link;
use crate::view_model::compare::{Axis, Side};
use gloo_timers::future::TimeoutFuture;
use kafkascope_engine::compare::{Change, Differ, Parting, Plan, Refused, Rerun, run_to};
use kafkascope_engine::sim::time::SimTime;
use kafkascope_engine::timeline::Timeline;
use leptos::prelude::*;
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use wasm_bindgen_futures::spawn_local;

/// Inputs, or events, between two looks at the clock.
const PIECE: u32 = 256;
/// How long the page may stand still.
const SLICE_MS: f64 = 10.0;

/// What the other side is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Other {
    Change(Change),
    Branch(usize),
}

/// What is known of both runs.
#[derive(Clone, Debug)]
pub struct Pair {
    pub other: Other,
    pub parting: Option<Parting>,
    pub axis: Axis,
    /// What the other run did not take.
    pub refused: Vec<Refused>,
}

#[derive(Clone, Debug)]
pub enum State {
    Nothing,
    Working,
    Shown(Arc<Pair>),
}

#[derive(Clone, Copy)]
pub struct Compare {
    pub open: RwSignal<bool>,
    pub state: RwSignal<State>,
    /// The moment that both sides show.
    pub now: RwSignal<SimTime>,
    runs: StoredValue<Rc<RefCell<Option<[Timeline; 2]>>>, LocalStorage>,
    /// Counts what was asked for, so that what was given up is not shown.
    round: RwSignal<u32>,
}

impl Compare {
    pub fn new() -> Self {
        Compare {
            open: RwSignal::new(false),
            state: RwSignal::new(State::Nothing),
            now: RwSignal::new(SimTime(0)),
            runs: StoredValue::new_local(Rc::default()),
            round: RwSignal::new(0),
        }
    }

    /// Opens on the page's run, which may have gone on since.
    pub fn open_on(self, app: App) {
        app.pause();
        self.forget();
        self.open.set(true);
    }

    /// Another run is open in the page.
    pub fn forget(self) {
        self.round.update(|round| *round += 1);
        self.state.set(State::Nothing);
        self.runs.get_value().take();
    }

    /// Plays the other run, in slices, then looks for the first difference.
    pub fn begin(self, app: App, other: Other) {
        app.pause();
        self.forget();
        self.open.set(true);
        self.state.set(State::Working);
        let round = self.round.get_untracked();
        spawn_local(async move {
            let made = self.make(app, other, round).await;
            if self.round.get_untracked() != round {
                return;
            }
            let Some((sides, pair)) = made else {
                return self.state.set(State::Nothing);
            };
            self.now.set(pair.axis.moments.last().map_or(SimTime(0), |(at, _)| *at));
            self.runs.get_value().replace(Some(sides));
            self.state.set(State::Shown(Arc::new(pair)));
        });
    }

    async fn make(self, app: App, other: Other, round: u32) -> Option<([Timeline; 2], Pair)> {
        let is_given_up = || self.round.get_untracked() != round;
        let mut left = app.with_timeline(Timeline::clone);
        let (right, refused) = match &other {
            Other::Change(change) => {
                let plan = change.apply(Plan::of(&left));
                // What comes of a difference may lie beyond the end of the page's run.
                if plan.end > left.time_at(left.len()) {
                    run_to(&mut left, plan.end);
                }
                let mut rerun = Rerun::new(&left, plan);
                in_slices(is_given_up, || rerun.run(PIECE)).await?;
                rerun.finish()
            }
            Other::Branch(branch) => {
                let mut right = left.clone();
                right.switch_to(*branch);
                let end = left.time_at(left.len()).max(right.time_at(right.len()));
                run_to(&mut left, end);
                run_to(&mut right, end);
                (right, Vec::new())
            }
        };
        let parting = {
            let mut differ = Differ::new(&left, &right);
            in_slices(is_given_up, || differ.run(PIECE)).await?;
            differ.finish()
        };
        let axis = Axis::of([&left, &right], parting.as_ref().map(|parting| parting.at));
        Some(([left, right], Pair { other, parting, axis, refused }))
    }

    /// What both sides show.
    pub fn sides(self) -> Option<[Side; 2]> {
        self.state.track();
        let now = self.now.get();
        let runs = self.runs.get_value();
        let mut runs = runs.borrow_mut();
        let [left, right] = runs.as_mut()?;
        Some([Side::at(left, now), Side::at(right, now)])
    }

    pub fn with_run<R>(self, side: usize, look: impl FnOnce(&Timeline) -> R) -> Option<R> {
        let runs = self.runs.get_value();
        let runs = runs.borrow();
        runs.as_ref().map(|runs| look(&runs[side]))
    }

    /// Shows one of the two runs in the page, at the shown moment.
    pub fn open_side(self, app: App, side: usize) {
        if let Some(timeline) = self.with_run(side, Timeline::clone) {
            self.open.set(false);
            app.open_timeline(timeline, 0);
        }
    }

    /// The link to the comparison.
    pub fn link(self, app: App) -> Result<String, LinkProblem> {
        let change = self.state.with_untracked(|state| match state {
            State::Shown(pair) => match &pair.other {
                Other::Change(change) => Some(change.clone()),
                Other::Branch(_) => None,
            },
            _ => None,
        });
        let change = change.ok_or(LinkProblem::NoJournal)?;
        app.keeping.compare_link(app, &change)
    }

    pub fn share(self, app: App) {
        let link = self.link(app);
        share_link(link, move |shared| tell_shared(app, CompareText::Shared, shared));
    }
}

/// Works in slices until it is done; `None`: given up.
async fn in_slices(is_given_up: impl Fn() -> bool, mut work: impl FnMut() -> bool) -> Option<()> {
    let clock = web_sys::window().and_then(|window| window.performance());
    let now = || clock.as_ref().map_or(0.0, |clock| clock.now());
    loop {
        let began = now();
        loop {
            if work() {
                return Some(());
            }
            if clock.is_none() || now() - began > SLICE_MS {
                break;
            }
        }
        TimeoutFuture::new(0).await;
        if is_given_up() {
            return None;
        }
    }
}
