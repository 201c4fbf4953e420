//! A visitor comes back: the brokers boot on what is stored, the page says what survived the power
//! loss that closing the tab was, and asks how to go on. Until it is answered nothing is written.

use super::journal::{
    Progress, Replay, ReplayProblem, Replayed, disks_after_power_loss, moment_of,
    spec_after_power_loss,
};
use super::keep::{Reason, Status};
use super::root::Damage;
use super::saved::Saved;
use super::survey::{Survey, survey};
use crate::app::App;
use gloo_timers::future::TimeoutFuture;
use kafkascope_engine::timeline::Timeline;
use leptos::prelude::*;
use std::sync::Arc;

/// How long the page may stand still while a journal is played again.
const SLICE_MS: f64 = 12.0;
const SLICE_EVENTS: u64 = 400;

/// What the dialog says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// What the disks hold can be gone on from; else why not.
    pub disks: Result<(), Damage>,
    /// The former timeline can be reopened; else why not.
    pub timeline: Result<(), NoTimeline>,
    pub survey: Option<Survey>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoTimeline {
    Damaged(Damage),
    /// The engine of this page does not accept it.
    Impossible(ReplayProblem),
    /// The engine of this page makes another run of it.
    Differs,
}

/// What the choice needs.
pub struct Pending {
    replayed: Option<Replayed>,
    /// The journal up to the power loss.
    former: Option<String>,
}

/// Boots the brokers on the disks, and asks.
pub async fn offer(app: App, saved: Saved) {
    let keeping = app.keeping;
    keeping.becomes(app, Status::Undecided);
    if let Ok(disks) = &saved.disks {
        let timeline = Timeline::on_disks(spec_after_power_loss(&saved.spec), disks.clone());
        keeping.set_next_former(saved.journal.clone().ok());
        app.open_timeline(timeline, 0);
    }
    let (replayed, found) = look_back(&saved).await;
    // Another tab may have taken over meanwhile.
    if keeping.status.get_untracked() != Status::Undecided {
        return;
    }
    let former = saved.journal.ok().filter(|_| replayed.is_some());
    keeping.inner().pending.replace(Some(Pending { replayed, former }));
    keeping.found.set(Some(Arc::new(found)));
}

/// Makes the former run again, and compares it with what is stored.
async fn look_back(saved: &Saved) -> (Option<Replayed>, Found) {
    let disks = saved.disks.as_ref().map(|_| ()).map_err(|damage| *damage);
    let none = |why| (None, Found { disks, timeline: Err(why), survey: None });
    let journal = match &saved.journal {
        Ok(journal) => journal.clone(),
        Err(damage) => return none(NoTimeline::Damaged(*damage)),
    };
    let mut replay = Replay::new(journal);
    loop {
        match play_slice(&mut replay) {
            Ok(Progress::More) => TimeoutFuture::new(0).await,
            Ok(Progress::Done) => break,
            Err(problem) => return none(NoTimeline::Impossible(problem)),
        }
    }
    let Some(replayed) = replay.finish() else {
        return none(NoTimeline::Differs);
    };
    let last = replayed.timeline.cluster();
    let again = disks_after_power_loss(last);
    let is_same = saved.disks.as_ref().map_or(true, |disks| *disks == again);
    if moment_of(&replayed.timeline) != saved.moment || !is_same {
        return none(NoTimeline::Differs);
    }
    let survey = disks.is_ok().then(|| survey(last, again, &replayed.promised));
    (Some(replayed), Found { disks, timeline: Ok(()), survey })
}

/// Plays on for a moment.
pub(super) fn play_slice(replay: &mut Replay) -> Result<Progress, ReplayProblem> {
    let clock = web_sys::window().and_then(|window| window.performance());
    let now = || clock.as_ref().map_or(0.0, |clock| clock.now());
    let began = now();
    loop {
        let progress = replay.run(SLICE_EVENTS)?;
        // Without a clock, one round at a time.
        if progress == Progress::Done || clock.is_none() || now() - began > SLICE_MS {
            return Ok(progress);
        }
    }
}

// The choice.

/// The brokers go on from what their disks hold.
pub fn go_on(app: App) {
    let Some(pending) = take_pending(app) else {
        return;
    };
    let keeping = app.keeping;
    keeping.inner().former_is(pending.former);
    keeping.begin_writing(app);
    app.go_live(&[]);
}

/// Everything as it was, page caches included.
pub fn reopen(app: App) {
    let Some(Replayed { timeline, former, .. }) =
        take_pending(app).and_then(|pending| pending.replayed)
    else {
        return;
    };
    app.keeping.set_next_former(Some(former));
    app.keeping.becomes(app, Status::Writing);
    app.open_timeline(timeline, 0);
}

/// The dialog was closed without a choice: what loses nothing is done.
pub fn decline(app: App) {
    let Some(found) = app.keeping.found.get_untracked() else {
        return;
    };
    match found.disks {
        Ok(()) => go_on(app),
        Err(damage) => {
            forget(app);
            app.keeping.stop(app, Status::MemoryOnly(Reason::Damaged(damage)));
            app.begin();
        }
    }
}

fn take_pending(app: App) -> Option<Pending> {
    let pending = app.keeping.inner().pending.take();
    app.keeping.found.set(None);
    pending
}

/// There is nothing to choose any more.
pub fn forget(app: App) {
    take_pending(app);
}
