//! The session: the only owner of what changes. It holds the [`Timeline`], its [`History`] and the
//! [`Playback`], carries out what the page asks, and says what changed. It knows no element and no
//! signal; [`crate::app`] publishes what it makes.

mod hands;

pub use hands::Hands;

use crate::playback::{Pace, Playback};
use crate::view_model::View;
use crate::view_model::build::Frame;
use crate::view_model::history::History;
use kafkascope_engine::command::{Command, Refusal};
use kafkascope_engine::event::Event;
use kafkascope_engine::ids::TopicPartition;
use kafkascope_engine::metrics::GaugeCache;
use kafkascope_engine::timeline::Timeline;
use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeKind {
    /// Time passed, by playing or by a step.
    Advanced,
    /// A command was carried out.
    Commanded,
    /// Another moment of the same run is shown; no events.
    Sought,
    /// Another run.
    Loaded,
}

/// What changed with the shown moment.
#[derive(Clone, Debug)]
pub struct Change {
    pub kind: ChangeKind,
    pub events: Arc<[Event]>,
    /// The run was forked: what came after the shown moment has become a branch.
    pub forked: bool,
}

/// Resolves when what the new moment claims to be durable has been stored.
pub type Barrier = Pin<Box<dyn Future<Output = ()>>>;
/// Is shown every change before it is published, and may hold it back.
pub type Keeper = Box<dyn FnMut(&mut Timeline, &Change) -> Option<Barrier>>;

pub struct Session {
    timeline: Timeline,
    history: History,
    playback: Playback,
    /// The position at which the scenario's set-up ended.
    home: usize,
    last_events: Arc<[Event]>,
    keeper: Option<Keeper>,
    /// A barrier is pending: nothing moves.
    held: bool,
    /// A manual step whose tween still runs.
    stepping: bool,
    /// The partition that is looked at.
    focus: Option<TopicPartition>,
    gauges: RefCell<GaugeCache>,
}

/// What a tick wants to have published.
#[derive(Default)]
pub struct Turn {
    pub change: Option<Change>,
    pub barrier: Option<Barrier>,
    /// Playing or its pace changed without a change of the moment.
    pub playback_changed: bool,
}

impl Session {
    pub fn new(timeline: Timeline, home: usize) -> Self {
        let mut session = Session {
            playback: Playback::new(timeline.cluster().now()),
            timeline,
            history: History::default(),
            home,
            last_events: Arc::from([]),
            keeper: None,
            held: false,
            stepping: false,
            focus: None,
            gauges: RefCell::default(),
        };
        session.history.catch_up(&session.timeline);
        session.recall_last_events();
        session
    }

    /// Shows another run instead; who keeps it and how fast it plays stay.
    pub fn open(&mut self, timeline: Timeline, home: usize) -> Turn {
        let mut fresh = Session::new(timeline, home);
        fresh.keeper = self.keeper.take();
        fresh.playback.set_speed(self.playback.speed_percent());
        fresh.playback.reduced_motion = self.playback.reduced_motion;
        *self = fresh;
        self.turn(ChangeKind::Loaded, Vec::new(), false)
    }

    pub fn timeline(&self) -> &Timeline {
        &self.timeline
    }

    pub fn into_timeline(self) -> Timeline {
        self.timeline
    }

    pub fn timeline_mut(&mut self) -> &mut Timeline {
        &mut self.timeline
    }

    pub fn history(&self) -> &History {
        &self.history
    }

    pub fn playback_mut(&mut self) -> &mut Playback {
        &mut self.playback
    }

    pub fn set_keeper(&mut self, keeper: Keeper) {
        self.keeper = Some(keeper);
    }

    /// Whether a barrier is pending.
    pub fn is_held(&self) -> bool {
        self.held
    }

    pub fn release(&mut self) {
        self.held = false;
    }

    pub fn view(&self) -> View {
        View::of(
            &self.timeline,
            Frame {
                home: self.home,
                playing: self.playback.is_playing(),
                at_rest: self.playback.at_rest,
                speed_percent: self.playback.speed_percent(),
                last_events: self.last_events.clone(),
                gauges: self.gauges.borrow_mut().gauges(self.timeline.cluster()),
                focus: self.focus.clone(),
                cuts: self.history.cuts(self.timeline.position(), self.timeline.cluster().now()),
            },
        )
    }

    /// Looks at a partition, or at none; returns whether another view is to be shown.
    pub fn look_at(&mut self, focus: Option<TopicPartition>) -> bool {
        let changed = self.focus != focus;
        self.focus = focus;
        changed
    }

    pub fn pace(&self) -> Pace {
        self.playback.pace(self.timeline.cluster())
    }

    /// The moment to draw, in virtual microseconds.
    pub fn view_now_us(&self) -> f64 {
        if self.playback.reduced_motion {
            self.timeline.cluster().now().0 as f64
        } else {
            self.playback.view_now_us()
        }
    }

    pub fn wants_frames(&self) -> bool {
        !self.held && (self.playback.is_playing() || self.playback.is_tweening())
    }

    /// Lets real time pass.
    pub fn tick(&mut self, real_ms: f64, has_time: impl FnMut() -> bool) -> Turn {
        if self.held {
            return Turn::default();
        }
        let from = self.timeline.position();
        let ticked = self.playback.tick(&mut self.timeline, real_ms, has_time);
        self.stepping &= self.playback.is_tweening();
        if ticked.steps == 0 {
            return Turn { playback_changed: ticked.came_to_rest, ..Turn::default() };
        }
        self.last_events = ticked.last_events.into();
        let to = self.timeline.position();
        self.history.note_steps(&self.timeline, from, to, &ticked.events);
        self.turn(ChangeKind::Advanced, ticked.events, false)
    }

    /// One step on: passes through the way there if there is something to see, else jumps. A step
    /// asked for while another is shown completes that one first.
    pub fn step(&mut self) -> Turn {
        let mut turn = self.finish_step();
        self.stepping = self.playback.begin_step(&self.timeline);
        if !self.stepping {
            let made = self.advance_now();
            turn.merge(made);
        }
        turn.playback_changed = true;
        turn
    }

    /// Completes a step whose way is being shown.
    fn finish_step(&mut self) -> Turn {
        if !self.stepping {
            return Turn::default();
        }
        self.stepping = false;
        self.advance_now()
    }

    /// One step on, at once.
    pub fn advance_now(&mut self) -> Turn {
        let Some(events) = self.timeline.advance() else {
            return Turn::default();
        };
        self.playback.settle(self.timeline.cluster().now());
        self.last_events = events.clone().into();
        self.history.note(self.timeline.position(), &events);
        self.turn(ChangeKind::Advanced, events, false)
    }

    /// Shows another moment of the run.
    pub fn seek(&mut self, position: usize) -> Turn {
        self.stepping = false;
        self.playback.pause();
        self.timeline.seek(position);
        self.after_jump(ChangeKind::Sought)
    }

    pub fn step_back(&mut self) -> Turn {
        // In the middle of a step, back means back to where it began.
        let position = self.timeline.position();
        self.seek(if self.stepping { position } else { position.saturating_sub(1) })
    }

    pub fn switch_branch(&mut self, branch: usize) -> Turn {
        if let Some(from) = self.timeline.branches().get(branch).map(|branch| branch.from) {
            self.timeline.switch_to(branch);
            self.history.truncate(from);
            self.history.catch_up(&self.timeline);
        }
        self.playback.pause();
        self.after_jump(ChangeKind::Sought)
    }

    fn after_jump(&mut self, kind: ChangeKind) -> Turn {
        self.playback.settle(self.timeline.cluster().now());
        self.recall_last_events();
        self.turn(kind, Vec::new(), false)
    }

    fn recall_last_events(&mut self) {
        let position = self.timeline.position();
        self.last_events = match position.checked_sub(1) {
            Some(before) => self.timeline.events(before, position).into(),
            None => Arc::from([]),
        };
    }

    /// Carries out a command at the shown moment. In the past it forks.
    pub fn dispatch(&mut self, command: Command) -> Result<Turn, Refusal> {
        let mut turn = self.finish_step();
        let forked = !self.timeline.at_tip();
        let from = self.timeline.position();
        let events = self.timeline.handle(command)?;
        self.after_command(from, &events);
        turn.merge(self.turn(ChangeKind::Commanded, events, forked));
        Ok(turn)
    }

    fn after_command(&mut self, from: usize, events: &[Event]) {
        self.history.truncate(from);
        self.history.note(self.timeline.position(), events);
        self.last_events = events.to_vec().into();
        let now = self.timeline.cluster().now();
        let playing = self.playback.is_playing() || self.playback.at_rest;
        self.playback.settle(now);
        if playing {
            self.playback.wake(now);
        }
    }

    /// Lets `act` carry out commands and steps, and makes one turn of them all.
    pub fn carry_out<R>(&mut self, act: impl FnOnce(&mut Hands<'_>) -> R) -> (R, Turn) {
        let mut turn = self.finish_step();
        let playing = self.playback.is_playing() || self.playback.at_rest;
        let mut hands =
            Hands { session: self, events: Vec::new(), steps: 0, commanded: false, forked: false };
        let result = act(&mut hands);
        let Hands { events, steps, commanded, forked, .. } = hands;
        if steps == 0 {
            return (result, turn);
        }
        let now = self.timeline.cluster().now();
        self.playback.settle(now);
        if playing && commanded {
            self.playback.wake(now);
        }
        let kind = if commanded { ChangeKind::Commanded } else { ChangeKind::Advanced };
        turn.merge(self.turn(kind, events, forked));
        (result, turn)
    }

    pub fn play(&mut self) -> Turn {
        let mut turn = self.finish_step();
        self.playback.play(self.timeline.cluster().now());
        turn.playback_changed = true;
        turn
    }

    /// Lets a scenario play from here, until it comes to rest.
    pub fn wake(&mut self) {
        let now = self.timeline.cluster().now();
        self.playback.wake(now);
    }

    pub fn pause(&mut self) -> Turn {
        let mut turn = self.finish_step();
        self.playback.pause();
        turn.playback_changed = true;
        turn
    }

    pub fn home(&self) -> usize {
        self.home
    }

    fn turn(&mut self, kind: ChangeKind, events: Vec<Event>, forked: bool) -> Turn {
        let change = Change { kind, events: events.into(), forked };
        let barrier = self.keeper.as_mut().and_then(|keep| keep(&mut self.timeline, &change));
        self.held |= barrier.is_some();
        Turn { change: Some(change), barrier, playback_changed: true }
    }
}

impl Turn {
    fn merge(&mut self, later: Turn) {
        self.playback_changed |= later.playback_changed;
        self.barrier = match (self.barrier.take(), later.barrier) {
            (Some(first), Some(second)) => Some(Box::pin(async move {
                first.await;
                second.await;
            })),
            (first, second) => first.or(second),
        };
        self.change = match (self.change.take(), later.change) {
            (Some(first), Some(second)) => Some(Change {
                kind: second.kind,
                events: first.events.iter().chain(second.events.iter()).cloned().collect(),
                forked: first.forked || second.forked,
            }),
            (first, second) => first.or(second),
        };
    }
}
