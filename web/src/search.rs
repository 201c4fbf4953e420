//! The search for a failure, as the page runs it: in slices between frames, so that nothing waits for
//! it. What is searched, and how, is the engine's ([`kafkascope_engine::simulation::Search`]).

use crate::app::App;
use crate::i18n::monitors::SearchText;
use crate::panel::compare::tell_shared;
use crate::permalink;
use crate::share::share_link;
use gloo_timers::future::TimeoutFuture;
use kafkascope_engine::simulation::{FailingRun, Goal, Progress, Search};
use leptos::prelude::*;
use std::sync::Arc;
use wasm_bindgen_futures::spawn_local;

/// How long the page may stand still; the rest of each frame is its own.
const SLICE_MS: f64 = 8.0;

#[derive(Clone, Debug)]
pub enum State {
    Idle,
    Working(Progress),
    Found { seeds: u64, run: Arc<FailingRun> },
    GaveUp,
}

#[derive(Clone, Copy)]
pub struct Finder {
    pub goal: RwSignal<Goal>,
    pub state: RwSignal<State>,
    /// Where the next search begins.
    next_seed: RwSignal<u64>,
    round: RwSignal<u32>,
}

impl Finder {
    pub fn new() -> Self {
        Finder {
            goal: RwSignal::new(Goal::LostByAcks),
            state: RwSignal::new(State::Idle),
            next_seed: RwSignal::new(1),
            round: RwSignal::new(0),
        }
    }

    pub fn choose(self, goal: Goal) {
        self.cancel();
        self.next_seed.set(1);
        self.goal.set(goal);
    }

    pub fn cancel(self) {
        self.round.update(|round| *round += 1);
        self.state.set(State::Idle);
    }

    pub fn is_working(self) -> bool {
        self.state.with(|state| matches!(state, State::Working(_)))
    }

    pub fn begin(self) {
        self.cancel();
        let round = self.round.get_untracked();
        let first_seed = self.next_seed.get_untracked();
        let mut search = Search::new(self.goal.get_untracked(), first_seed);
        self.state.set(State::Working(search.progress()));
        spawn_local(async move {
            let clock = web_sys::window().and_then(|window| window.performance());
            let now = || clock.as_ref().map_or(0.0, |clock| clock.now());
            loop {
                let began = now();
                let mut is_over = search.go_on();
                while !is_over && now() - began < SLICE_MS {
                    is_over = search.go_on();
                }
                TimeoutFuture::new(0).await;
                if self.round.get_untracked() != round {
                    return;
                }
                if is_over {
                    break;
                }
                self.state.set(State::Working(search.progress()));
            }
            self.state.set(match search.failing_run() {
                Some(run) => {
                    self.next_seed.set(first_seed + search.seeds());
                    State::Found { seeds: search.seeds(), run: Arc::new(run.clone()) }
                }
                None => State::GaveUp,
            });
        });
    }
}

/// Opens the run at the moment at which it failed.
pub fn open(app: App, run: &FailingRun) {
    app.search_open.set(false);
    app.open_timeline(run.timeline(), 0);
    app.tab.set(crate::app::Tab::Stage);
    app.seek_to_event(run.finding.event);
}

/// Copies the link to the run.
pub fn share(app: App, run: &FailingRun) {
    let link = permalink::encode("", &run.timeline());
    share_link(link, move |shared| tell_shared(app, SearchText::Linked, shared));
}
