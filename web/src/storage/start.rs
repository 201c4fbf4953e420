//! The first moments of a visit: a link, a session that was stored, another tab that writes, or a
//! fresh start. Also what a person may ask of the storage later.

use super::keep::{Keeping, Reason, Status, in_time};
use super::root::{Damage, Root};
use super::saved::Saved;
use super::{link, patch, recovery};
use crate::app::App;
use crate::i18n::storage as words;
use crate::notice::{Notice, Text};
use crate::permalink;
use crate::scenario;
use crate::tab_lock::{self, Outcome, Wish};
use gloo_timers::future::TimeoutFuture;
use kafkascope_engine::compare::Change;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use wasm_bindgen_futures::spawn_local;

/// A page that is reloaded may still hold its own lock for a moment.
const LOCK_RETRY_MS: u32 = 300;

/// Decides what the page shows first, and begins it.
pub fn start(app: App) {
    app.set_keeper(Box::new(move |timeline, change| app.keeping.look(app, timeline, change)));
    listen(app);
    spawn_local(async move {
        let hash = address_hash();
        if permalink::is_link(&hash) && link::open(app, &hash).await {
            return;
        }
        match find(app, Wish::IfFree).await {
            Ok(None) => {
                app.keeping.begin_writing(app);
                app.begin();
            }
            Ok(Some(saved)) => recovery::offer(app, saved).await,
            Err(status) => {
                app.keeping.stop(app, status);
                app.begin();
            }
        }
    });
}

fn address_hash() -> String {
    web_sys::window().and_then(|window| window.location().hash().ok()).unwrap_or_default()
}

/// Becomes the writer, and looks at what is stored.
async fn find(app: App, wish: Wish) -> Result<Option<Saved>, Status> {
    let inner = app.keeping.inner();
    let memory_only = |error| Status::MemoryOnly(Reason::of(error));
    let unreadable = |error| match Reason::of(error) {
        Reason::Failed(cause) => Status::MemoryOnly(Reason::Unreadable(cause)),
        reason => Status::MemoryOnly(reason),
    };
    let damaged = |damage| match damage {
        Damage::Newer(_) => Status::MemoryOnly(Reason::Newer),
        damage => Status::MemoryOnly(Reason::Damaged(damage)),
    };
    let db = inner.db().await.map_err(memory_only)?;
    take_lock(app, wish).await?;
    // What cannot be read is not touched, not even by the mark of a new writer.
    let root = {
        let db = db.clone();
        in_time(async move { db.read_root().await }).await.map_err(unreadable)?
    };
    if let Some(root) = &root {
        Root::decode(root).map_err(damaged)?;
    }
    let contents = in_time(async move {
        db.claim().await?;
        db.read().await
    });
    Saved::of(&contents.await.map_err(unreadable)?).map_err(damaged)
}

async fn take_lock(app: App, wish: Wish) -> Result<(), Status> {
    let inner = app.keeping.inner();
    if inner.has_lock.get() {
        return Ok(());
    }
    let ask = |wish| tab_lock::ask(wish, move || lost_lock(app));
    let mut outcome = ask(wish).await;
    if outcome == Outcome::Taken {
        TimeoutFuture::new(LOCK_RETRY_MS).await;
        outcome = ask(wish).await;
    }
    match outcome {
        Outcome::Held => inner.has_lock.set(true),
        Outcome::Taken => return Err(Status::ReadOnly),
        Outcome::Unsupported => return Err(Status::MemoryOnly(Reason::NoLocks)),
    }
    Ok(())
}

fn lost_lock(app: App) {
    app.keeping.inner().has_lock.set(false);
    let status = app.keeping.status.get_untracked();
    if matches!(status, Status::Writing | Status::Undecided) {
        recovery::forget(app);
        app.keeping.stop(app, Status::ReadOnly);
    }
}

/// Says once what has become of the storage; the dialog says it again. Returns which notice it is.
pub(super) fn tell(app: App, status: &Status) -> Option<u64> {
    let (text, is_problem) = words::notice(status)?;
    let notice = if is_problem { Notice::problem(text) } else { Notice::warning(text) };
    let action = match status {
        Status::ReadOnly => Some((words::TAKE_OVER, take_over as fn(App))),
        Status::Scratch => Some((words::KEEP, keep_scratch as fn(App))),
        Status::MemoryOnly(reason) if reason.may_try_again() => {
            Some((words::TRY_AGAIN, try_again as fn(App)))
        }
        Status::MemoryOnly(reason) if reason.may_start_anew() => {
            Some((words::START_ANEW, start_anew as fn(App)))
        }
        _ => None,
    };
    let notice = match action {
        Some((label, act)) => notice.with_action(Text::new(label.0, label.1), move || act(app)),
        None => notice,
    };
    Some(app.notify(notice.of_the_visit()))
}

// What a person may ask.

/// Makes this tab the writer; what the other one stored is found here.
pub fn take_over(app: App) {
    resume(app, Wish::TakeOver);
}

/// Stores the run that is open after all, if nothing else is stored.
pub fn try_again(app: App) {
    resume(app, Wish::IfFree);
}

/// Where this run or nothing is stored, it goes on; what another one has left is not overwritten.
fn resume(app: App, wish: Wish) {
    spawn_local(async move {
        let own = app.keeping.inner().session.get();
        match find(app, wish).await {
            Ok(Some(saved)) if Some(saved.session) != own => recovery::offer(app, saved).await,
            Ok(_) => app.keeping.begin_writing(app),
            Err(status) => app.keeping.stop(app, status),
        }
    });
}

/// The run of a link takes the place of what is stored.
pub fn keep_scratch(app: App) {
    write_over(app, |app| {
        app.keeping.begin_writing(app);
        forget_address();
    });
}

/// Gives up what is stored for a new session.
pub fn start_anew(app: App) {
    write_over(app, |app| {
        recovery::forget(app);
        app.keeping.becomes(app, Status::Writing);
        app.load_shipped(scenario::opening());
    });
}

fn write_over(app: App, act: impl FnOnce(App) + 'static) {
    spawn_local(async move {
        let claimed = async {
            let db = app
                .keeping
                .inner()
                .db()
                .await
                .map_err(|error| Status::MemoryOnly(Reason::of(error)))?;
            take_lock(app, Wish::IfFree).await?;
            let claim = in_time(async move { db.claim().await });
            claim.await.map_err(|error| Status::MemoryOnly(Reason::of(error)))
        };
        match claimed.await {
            Ok(()) => act(app),
            // A link stays a link while another tab writes.
            Err(Status::ReadOnly) if app.keeping.status.get_untracked() == Status::Scratch => {
                app.notify(Notice::warning(words::another_tab_writes()));
            }
            Err(status) => app.keeping.stop(app, status),
        }
    });
}

/// The address is not that of the link any more: the next visit finds what is stored.
fn forget_address() {
    let Some(window) = web_sys::window() else {
        return;
    };
    let location = window.location();
    let (Ok(history), Ok(path), Ok(search)) =
        (window.history(), location.pathname(), location.search())
    else {
        return;
    };
    let _ = history.replace_state_with_url(
        &wasm_bindgen::JsValue::NULL,
        "",
        Some(&format!("{path}{search}")),
    );
}

// The browser.

fn listen(app: App) {
    patch::on_lost(move || app.keeping.connection_lost(app));
    let Some(window) = web_sys::window() else {
        return;
    };
    let leaving = Closure::<dyn FnMut()>::new(move || app.keeping.commit_now(app));
    let _ = window.add_event_listener_with_callback("pagehide", leaving.as_ref().unchecked_ref());
    if let Some(document) = window.document() {
        let _ = document
            .add_event_listener_with_callback("visibilitychange", leaving.as_ref().unchecked_ref());
    }
    // Another link in the address bar is another visit.
    let moved = Closure::<dyn FnMut()>::new(|| {
        if permalink::is_link(&address_hash())
            && let Some(window) = web_sys::window()
        {
            let _ = window.location().reload();
        }
    });
    let _ = window.add_event_listener_with_callback("hashchange", moved.as_ref().unchecked_ref());
    // They listen as long as the page lives.
    leaving.forget();
    moved.forget();
}

impl Keeping {
    /// The link to the shown moment.
    pub fn link(&self, app: App) -> Result<String, permalink::LinkProblem> {
        let former = self.former().ok_or(permalink::LinkProblem::NoJournal)?;
        app.with_timeline(|timeline| permalink::encode(&former, timeline))
    }

    /// The link to a comparison of the open run.
    pub fn compare_link(
        &self,
        app: App,
        change: &Change,
    ) -> Result<String, permalink::LinkProblem> {
        let former = self.former().ok_or(permalink::LinkProblem::NoJournal)?;
        app.with_timeline(|timeline| permalink::encode_comparison(&former, timeline, change))
    }
}
