//! Opening a link: its run is played in a scratch session that is not stored, so that no link can
//! overwrite saved work. Storing it is the person's choice. A run that takes long is not played
//! before the person agrees.

use super::journal::{Progress, Replay, moment_of};
use super::keep::Status;
use super::recovery::play_slice;
use crate::app::App;
use crate::compare::Other;
use crate::i18n::storage as words;
use crate::notice::{Notice, Text};
use crate::permalink::{self, EVENTS_BEFORE_ASKING, LinkProblem, Shared};
use futures_channel::oneshot;
use gloo_timers::future::TimeoutFuture;
use std::sync::Mutex;

/// Opens the link, or says why not; false if the visit should go on as without it.
pub async fn open(app: App, hash: &str) -> bool {
    let opened = match permalink::decode(hash) {
        Ok(shared) => play(app, shared).await,
        Err(problem) => Err(problem),
    };
    opened.unwrap_or_else(|problem| {
        let text = Text::of(|lang| words::link_problem(&problem, lang));
        app.notify(Notice::problem(text).of_the_visit());
        false
    })
}

/// False if the person declined.
async fn play(app: App, shared: Shared) -> Result<bool, LinkProblem> {
    let Shared { moment, journal, tally, compare } = shared;
    let mut replay = Replay::new(journal);
    let mut asked = false;
    while play_slice(&mut replay).map_err(LinkProblem::Replay)? == Progress::More {
        if !asked && replay.events > EVENTS_BEFORE_ASKING {
            asked = true;
            if !consent(app, tally.inputs).await {
                return Ok(false);
            }
        }
        TimeoutFuture::new(0).await;
    }
    let replayed = replay.finish().ok_or(LinkProblem::NoSpec)?;
    let mut timeline = replayed.timeline;
    timeline.seek(moment.position as usize);
    let differs = moment_of(&timeline) != moment;
    app.keeping.set_next_former(Some(replayed.former));
    app.keeping.becomes(app, Status::Scratch);
    app.open_timeline(timeline, 0);
    if differs {
        app.notify(Notice::warning(words::link_differs()));
    }
    if let Some(change) = compare {
        app.compare.begin(app, Other::Change(change));
    }
    Ok(true)
}

/// Whether the person wants the whole run.
async fn consent(app: App, inputs: u64) -> bool {
    let (yes, said) = oneshot::channel();
    let yes = Mutex::new(Some(yes));
    let notice = Notice::warning(words::long_link(inputs));
    let label = Text::new(words::GO_ON.0, words::GO_ON.1);
    app.notify(notice.with_action(label, move || {
        if let Some(yes) = yes.lock().ok().and_then(|mut yes| yes.take()) {
            let _ = yes.send(());
        }
    }));
    // A notice that is dismissed takes the sender with it.
    said.await.is_ok()
}
