//! Playback: how virtual time follows real time. It decides when the next step is due on the screen
//! and what the shown moment of virtual time is between steps; it draws nothing.
//!
//! While something new happens, time passes calmly. Where nothing but waiting, routine and vain
//! attempts happen it passes quickly, and ever more quickly. When the cluster has come to rest it
//! stops by itself, so that a page left open does not run for days of virtual time.

#[cfg(test)]
mod tests;

use crate::view_model::envelope::is_foreground;
use crate::view_model::history::is_news;
use kafkascope_engine::cluster::{ClientKind, Cluster};
use kafkascope_engine::event::Event;
use kafkascope_engine::node::Node;
use kafkascope_engine::sim::time::SimTime;
use kafkascope_engine::timeline::Timeline;

/// Real milliseconds for one virtual millisecond while news is on its way, at 1x.
const CALM_REAL_PER_VIRTUAL: f64 = 72.0;
/// The same for routine, at first and at most.
const ROUTINE_REAL_PER_VIRTUAL: f64 = 1.5;
const ROUTINE_SPEEDUP_MAX: f64 = 24.0;
/// Routine gets faster by a factor of e in each such span of virtual time.
const ROUTINE_SPEEDUP_US: f64 = 1_200_000.0;
/// Envelopes in the foreground are watched calmly for so long after the last news; then they too
/// get faster by a factor of e in each further span.
const CALM_US: u64 = 150_000;
const CALM_SPEEDUP_US: f64 = 60_000.0;
/// From this speed-up on, envelopes would only flicker.
const BLUR: f64 = 4.0;
/// The most real time that a gap between two steps takes when no news is on its way, at 1x.
const GAP_REAL_MS_MAX: f64 = 250.0;
/// A frame that took longer, for example in a hidden tab, counts as this much.
const FRAME_MS_MAX: f64 = 100.0;
/// How long a manual step is shown.
const TWEEN_MS_MAX: f64 = 350.0;
/// A cluster at rest stops playing after this much virtual time, if everything is well ...
const REST_US: u64 = 1_500_000;
/// ... and after this much if a fault is in the air, or the person asked for more.
const REST_WITH_FAULT_US: u64 = 45_000_000;
const REST_AFTER_PLAY_US: u64 = 10_000_000;
/// A write-back that is further off is not waited for.
const WRITEBACK_WATCHED_MS: u64 = 5_000;

pub const SPEEDS_PERCENT: [u32; 9] = [25, 50, 100, 200, 400, 800, 1600, 3200, 6400];

/// How time passes right now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// Paused, and nothing is shown in passing.
    Still,
    Calm,
    /// Nothing worth watching happens: time is wound on.
    Routine,
}

#[derive(Clone, Copy, Debug)]
struct Tween {
    from_us: f64,
    to_us: f64,
    elapsed_ms: f64,
    total_ms: f64,
}

#[derive(Clone, Debug)]
pub struct Playback {
    /// The shown moment, in virtual microseconds.
    view_now_us: f64,
    playing: bool,
    speed_percent: u32,
    tween: Option<Tween>,
    /// When there was news last.
    news_at: SimTime,
    /// Not before this moment does it stop by itself.
    play_at_least_until: SimTime,
    /// Stopped by itself; a command lets it go on.
    pub at_rest: bool,
    pub reduced_motion: bool,
}

/// What a tick did.
#[derive(Clone, Debug, Default)]
pub struct Ticked {
    pub events: Vec<Event>,
    /// The events of the last step alone.
    pub last_events: Vec<Event>,
    pub steps: usize,
    /// It stopped by itself.
    pub came_to_rest: bool,
}

impl Playback {
    pub fn new(now: SimTime) -> Self {
        Playback {
            view_now_us: now.0 as f64,
            playing: false,
            speed_percent: 100,
            tween: None,
            news_at: now,
            play_at_least_until: now,
            at_rest: false,
            reduced_motion: false,
        }
    }

    pub fn view_now_us(&self) -> f64 {
        self.view_now_us
    }

    pub fn is_playing(&self) -> bool {
        self.playing
    }

    pub fn is_tweening(&self) -> bool {
        self.tween.is_some()
    }

    pub fn speed_percent(&self) -> u32 {
        self.speed_percent
    }

    pub fn set_speed(&mut self, percent: u32) {
        self.speed_percent = percent.clamp(SPEEDS_PERCENT[0], SPEEDS_PERCENT[8]);
    }

    pub fn play(&mut self, now: SimTime) {
        self.tween = None;
        self.playing = true;
        self.at_rest = false;
        self.news_at = now;
        self.play_at_least_until = now + REST_AFTER_PLAY_US;
    }

    /// Goes on as the scenario or a command asks, without the person's wish for more.
    pub fn wake(&mut self, now: SimTime) {
        self.playing = true;
        self.at_rest = false;
        self.news_at = now;
        self.play_at_least_until = now;
    }

    pub fn pause(&mut self) {
        self.playing = false;
        self.at_rest = false;
    }

    /// Shows the timeline's moment as it is, without passing through anything.
    pub fn settle(&mut self, now: SimTime) {
        self.tween = None;
        self.view_now_us = now.0 as f64;
        self.news_at = now;
    }

    /// Begins to show the way to the next step. Returns false if there is nothing to show on the way
    /// and the step should be made at once.
    pub fn begin_step(&mut self, timeline: &Timeline) -> bool {
        self.pause();
        let Some(to) = next_at(timeline) else {
            return false;
        };
        let gap_us = to.0 as f64 - self.view_now_us;
        if self.reduced_motion || gap_us < 1.0 || timeline.cluster().envelopes().next().is_none() {
            return false;
        }
        let total_ms = (gap_us / 1000.0 * CALM_REAL_PER_VIRTUAL).clamp(60.0, TWEEN_MS_MAX);
        self.tween = Some(Tween {
            from_us: self.view_now_us,
            to_us: to.0 as f64,
            elapsed_ms: 0.0,
            total_ms,
        });
        true
    }

    pub fn pace(&self, cluster: &Cluster) -> Pace {
        if self.tween.is_some() {
            Pace::Calm
        } else if !self.playing {
            Pace::Still
        } else if has_foreground(cluster) && self.speedup(cluster.now(), true) < BLUR {
            Pace::Calm
        } else {
            Pace::Routine
        }
    }

    /// Lets `real_ms` of real time pass. `has_time` says whether this frame may make another step.
    pub fn tick(
        &mut self,
        timeline: &mut Timeline,
        real_ms: f64,
        mut has_time: impl FnMut() -> bool,
    ) -> Ticked {
        let mut ticked = Ticked::default();
        let mut left_ms = real_ms.clamp(0.0, FRAME_MS_MAX);
        if self.tween.is_some() {
            if self.tween_on(left_ms) {
                self.make_step(timeline, &mut ticked);
            }
            return ticked;
        }
        while self.playing && has_time() {
            if self.is_over(timeline) {
                self.playing = false;
                self.at_rest = true;
                ticked.came_to_rest = true;
                break;
            }
            let Some(next) = next_at(timeline) else { break };
            let us_per_ms = self.virtual_us_per_real_ms(timeline.cluster(), next);
            let gap_us = (next.0 as f64 - self.view_now_us).max(0.0);
            let needed_ms = gap_us / us_per_ms;
            if needed_ms > left_ms {
                self.view_now_us += left_ms * us_per_ms;
                break;
            }
            left_ms -= needed_ms;
            self.make_step(timeline, &mut ticked);
        }
        ticked
    }

    /// Moves the tween on; true when it has arrived.
    fn tween_on(&mut self, real_ms: f64) -> bool {
        let Some(tween) = &mut self.tween else {
            return false;
        };
        tween.elapsed_ms += real_ms;
        let t = (tween.elapsed_ms / tween.total_ms).min(1.0);
        self.view_now_us = tween.from_us + (tween.to_us - tween.from_us) * t;
        t >= 1.0
    }

    fn make_step(&mut self, timeline: &mut Timeline, ticked: &mut Ticked) {
        self.tween = None;
        let Some(events) = timeline.advance() else {
            return;
        };
        let cluster = timeline.cluster();
        let now = cluster.now();
        self.view_now_us = now.0 as f64;
        if events.iter().any(|event| is_news(&event.kind)) {
            self.news_at = now;
        }
        ticked.steps += 1;
        ticked.events.extend_from_slice(&events);
        ticked.last_events = events;
    }

    /// How much faster than calm, or than routine, it has become since the last news.
    fn speedup(&self, now: SimTime, is_foreground: bool) -> f64 {
        let since_us = now.since(self.news_at);
        match is_foreground {
            true => (since_us.saturating_sub(CALM_US) as f64 / CALM_SPEEDUP_US).exp(),
            false => (since_us as f64 / ROUTINE_SPEEDUP_US).exp().min(ROUTINE_SPEEDUP_MAX),
        }
    }

    fn virtual_us_per_real_ms(&self, cluster: &Cluster, next: SimTime) -> f64 {
        let speed = f64::from(self.speed_percent) / 100.0;
        let now = cluster.now();
        let routine = 1000.0 / ROUTINE_REAL_PER_VIRTUAL * self.speedup(now, false);
        if has_foreground(cluster) {
            let calm = 1000.0 / CALM_REAL_PER_VIRTUAL * self.speedup(now, true);
            return speed * calm.min(routine);
        }
        let gap_us = next.since(now) as f64;
        speed * routine.max(gap_us / GAP_REAL_MS_MAX)
    }

    /// Whether nothing more is to be seen unless somebody does something.
    fn is_over(&self, timeline: &Timeline) -> bool {
        if !timeline.at_tip() {
            return false;
        }
        let cluster = timeline.cluster();
        if cluster.next_due().is_none() {
            return true;
        }
        let now = cluster.now();
        let quiet_us = now.since(self.news_at);
        now >= self.play_at_least_until
            && match has_fault(cluster) {
                true => quiet_us >= REST_WITH_FAULT_US,
                false => quiet_us >= REST_US && !is_busy(cluster),
            }
    }
}

fn has_foreground(cluster: &Cluster) -> bool {
    cluster.envelopes().any(|envelope| is_foreground(cluster, envelope))
}

/// When the next step happens, be it a new one or one that is replayed.
pub fn next_at(timeline: &Timeline) -> Option<SimTime> {
    match timeline.steps().get(timeline.position()) {
        Some(step) => Some(step.at),
        None => timeline.cluster().next_due(),
    }
}

/// Somebody still waits for something to be sent or written.
fn is_busy(cluster: &Cluster) -> bool {
    let sending = cluster.clients().any(|client| match &client.kind {
        ClientKind::Producer(producer) => !client.closed && producer.outstanding() > 0,
        ClientKind::Consumer(_) => false,
    });
    let writing = cluster.spec().writeback_ms <= WRITEBACK_WATCHED_MS
        && cluster.brokers().any(|node| node.disk.dirty_bytes() > 0);
    sending || writing || has_foreground(cluster)
}

fn has_fault(cluster: &Cluster) -> bool {
    let broken =
        |node: &Node| !node.is_running() || node.broker().is_some_and(|b| b.broker_epoch < 0);
    cluster.nodes().any(broken) || cluster.cuts().next().is_some()
}
