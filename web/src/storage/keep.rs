//! Keeps the run that is open: looks at every change before it is shown, commits what the [`Writer`]
//! says, and holds the page back until bytes that became durable are stored. While one commit is
//! under way the next gathers.
//!
//! Whatever goes wrong, the cluster goes on in memory, what is stored stays as it is, and the page
//! says so.

use super::db::{Db, DbError};
use super::layout::Commit;
use super::recovery::Found;
use super::root::Damage;
use super::writer::{Need, Writer};
use crate::app::App;
use crate::session::{Barrier, Change, ChangeKind};
use futures_channel::oneshot;
use futures_util::future::{Either, select};
use gloo_timers::callback::Timeout;
use gloo_timers::future::TimeoutFuture;
use kafkascope_engine::timeline::Timeline;
use leptos::prelude::*;
use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use wasm_bindgen_futures::spawn_local;

/// Steps without anything durable in them are stored after so long.
const LATER_MS: u32 = 1_000;
/// A database that has not answered by then is given up.
const SILENCE_MS: u32 = 8_000;
/// What has closed a connection may still be at work, and close the next one too.
const RECONNECT_MS: u32 = 300;

/// What becomes of the run that is open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    /// Looking at what is stored.
    Opening,
    /// This tab stores its run.
    Writing,
    /// A session was found; the person has not yet said what shall become of it.
    Undecided,
    /// Another tab writes.
    ReadOnly,
    /// Opened from a link; what is stored is another session.
    Scratch,
    MemoryOnly(Reason),
}

/// Why nothing is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// No IndexedDB, or a private window.
    Unavailable(String),
    /// No Web Locks, so that two tabs could overwrite each other.
    NoLocks,
    Newer,
    Damaged(Damage),
    /// It could not be read.
    Unreadable(String),
    Full,
    Lost,
    /// Somebody has deleted what was stored.
    Emptied,
    Silent,
    Failed(String),
}

impl Reason {
    /// Whether another attempt may succeed.
    pub fn may_try_again(&self) -> bool {
        use Reason::*;
        matches!(self, Full | Lost | Emptied | Silent | Unreadable(_) | Failed(_))
    }

    /// Whether what is stored can be given up for a new session.
    pub fn may_start_anew(&self) -> bool {
        matches!(self, Reason::Damaged(_))
    }
}

/// The handle: what panels may read, and what a person may ask. It is `Copy`, and part of [`App`].
#[derive(Clone, Copy)]
pub struct Keeping {
    pub status: RwSignal<Status>,
    /// What a visitor who comes back has to decide.
    pub found: RwSignal<Option<Arc<Found>>>,
    /// Whether the dialog about storage is open.
    pub dialog_open: RwSignal<bool>,
    inner: StoredValue<Rc<Inner>, LocalStorage>,
}

#[derive(Default)]
pub(super) struct Inner {
    db: RefCell<Option<Rc<Db>>>,
    writer: RefCell<Option<Writer>>,
    /// The journal of the runs before the one that is open; `None` if nobody knows it.
    former: RefCell<Option<String>>,
    /// The same for a run that is about to be opened.
    next_former: RefCell<Option<Option<String>>>,
    committing: Cell<bool>,
    /// Something durable is not stored yet.
    holding: Cell<bool>,
    waiting: RefCell<Vec<oneshot::Sender<()>>>,
    later: RefCell<Option<Timeout>>,
    pub(super) has_lock: Cell<bool>,
    /// The session that was stored last from here.
    pub(super) session: Cell<Option<u64>>,
    /// The notice that says what has become of the run.
    told: Cell<Option<u64>>,
    pub(super) pending: RefCell<Option<super::recovery::Pending>>,
}

impl Keeping {
    pub fn new() -> Self {
        let inner = Inner { former: RefCell::new(Some(String::new())), ..Inner::default() };
        Keeping {
            status: RwSignal::new(Status::Opening),
            found: RwSignal::new(None),
            dialog_open: RwSignal::new(false),
            inner: StoredValue::new_local(Rc::new(inner)),
        }
    }

    pub(super) fn inner(&self) -> Rc<Inner> {
        self.inner.get_value()
    }

    /// The journal of the runs before the one that is open.
    pub fn former(&self) -> Option<String> {
        self.inner().former.borrow().clone()
    }

    /// The next run that is opened goes on from these.
    pub(super) fn set_next_former(&self, former: Option<String>) {
        self.inner().next_former.replace(Some(former));
    }

    /// Looks at a change before it is shown.
    pub fn look(&self, app: App, timeline: &mut Timeline, change: &Change) -> Option<Barrier> {
        let inner = self.inner();
        if change.kind == ChangeKind::Loaded {
            let former = inner.next_former.take().unwrap_or_else(|| Some(String::new()));
            inner.former.replace(former);
        }
        if self.status.with_untracked(|status| *status != Status::Writing) {
            return None;
        }
        let need = if change.kind == ChangeKind::Loaded {
            inner.begin(timeline);
            Need::BeforeShowing
        } else {
            inner.writer.borrow_mut().as_mut()?.follow(timeline)
        };
        match need {
            Need::Nothing => {}
            Need::Later => self.commit_later(app),
            Need::Soon => self.commit(app),
            Need::BeforeShowing => {
                inner.holding.set(true);
                self.commit(app);
            }
        }
        inner.holding.get().then(|| inner.barrier())
    }

    /// Stores the run that is open, in place of everything that is stored.
    pub fn begin_writing(&self, app: App) {
        self.becomes(app, Status::Writing);
        app.with_timeline_mut(|timeline| self.inner().begin(timeline));
        self.commit(app);
    }

    /// What has not been stored because only time has passed.
    pub fn commit_now(&self, app: App) {
        if self.status.with_untracked(|status| *status == Status::Writing) {
            self.commit(app);
        }
    }

    fn commit_later(&self, app: App) {
        let (keeping, inner) = (*self, self.inner());
        let mut later = inner.later.borrow_mut();
        if later.is_none() {
            let weak = Rc::downgrade(&inner);
            *later = Some(Timeout::new(LATER_MS, move || {
                if let Some(inner) = weak.upgrade() {
                    // Its own handle: it has fired, so there is nothing left to cancel.
                    inner.later.take().map(Timeout::forget);
                    keeping.commit(app);
                }
            }));
        }
    }

    fn commit(&self, app: App) {
        let (keeping, inner) = (*self, self.inner());
        if inner.committing.replace(true) {
            return;
        }
        spawn_local(async move {
            while let Some(commit) = inner.take_commit() {
                if let Err(error) = inner.write(Rc::new(commit)).await {
                    keeping.give_up(app, error);
                }
            }
            inner.committing.set(false);
            inner.holding.set(false);
            for waiting in inner.waiting.take() {
                let _ = waiting.send(());
            }
        });
    }

    /// A connection was closed by the browser, or for somebody who deletes the database or makes a
    /// newer one of it. What is the case is found out at once, not with the next commit.
    pub fn connection_lost(&self, app: App) {
        let (keeping, inner) = (*self, self.inner());
        if self.status.with_untracked(|status| *status != Status::Writing) {
            inner.db.take();
            return;
        }
        spawn_local(async move {
            if let Ok(lost) = inner.db().await
                && let Err(error) = inner.reconnect(lost).await
            {
                keeping.give_up(app, error);
            }
        });
    }

    fn give_up(&self, app: App, error: DbError) {
        if self.status.with_untracked(|status| *status != Status::Writing) {
            return;
        }
        let status = match error {
            DbError::Fenced => Status::ReadOnly,
            error => Status::MemoryOnly(Reason::of(error)),
        };
        self.stop(app, status);
    }

    /// Ends the writing; what is stored stays as it is. The next attempt makes its own connection.
    pub fn stop(&self, app: App, status: Status) {
        let inner = self.inner();
        inner.writer.take();
        inner.db.take();
        app.with_timeline_mut(|timeline| timeline.record_disk_ops(false));
        self.becomes(app, status);
    }

    /// Says what has become of the run, in place of what was said before.
    pub(super) fn becomes(&self, app: App, status: Status) {
        let inner = self.inner();
        if let Some(told) = inner.told.take() {
            app.dismiss(told);
        }
        inner.told.set(super::start::tell(app, &status));
        self.status.set(status);
    }
}

impl Inner {
    fn begin(&self, timeline: &mut Timeline) {
        // Any number will do, as long as it is another one.
        let session = (js_sys::Math::random() * 9e15) as u64;
        self.session.set(Some(session));
        let former = self.former.borrow().clone();
        self.writer.replace(Some(Writer::begin(session, former, timeline)));
    }

    pub(super) fn former_is(&self, former: Option<String>) {
        self.former.replace(former);
    }

    fn take_commit(&self) -> Option<Commit> {
        self.writer.borrow_mut().as_mut()?.take_commit()
    }

    fn barrier(&self) -> Barrier {
        let (done, is_done) = oneshot::channel();
        self.waiting.borrow_mut().push(done);
        Box::pin(async move {
            let _ = is_done.await;
        })
    }

    /// The connection; made when it is first needed.
    pub(super) async fn db(&self) -> Result<Rc<Db>, DbError> {
        if let Some(db) = &*self.db.borrow() {
            return Ok(db.clone());
        }
        let db = Rc::new(in_time(Db::open()).await?);
        self.db.replace(Some(db.clone()));
        Ok(db)
    }

    async fn write(&self, commit: Rc<Commit>) -> Result<(), DbError> {
        let db = self.db().await?;
        let try_on = |db: Rc<Db>| {
            let commit = commit.clone();
            in_time(async move { db.commit(&commit).await })
        };
        match try_on(db.clone()).await {
            // A browser may close a connection at any time; once is no reason to give up.
            Err(DbError::Lost) => try_on(self.reconnect(db).await?).await,
            end => end,
        }
    }

    async fn reconnect(&self, lost: Rc<Db>) -> Result<Rc<Db>, DbError> {
        let reopen = || {
            let lost = lost.clone();
            in_time(async move { lost.reopen().await })
        };
        let again = match reopen().await {
            Err(DbError::Lost) => {
                TimeoutFuture::new(RECONNECT_MS).await;
                reopen().await
            }
            end => end,
        };
        let again = Rc::new(again?);
        self.db.replace(Some(again.clone()));
        Ok(again)
    }
}

/// Lets go of what takes too long. It is not dropped, for the browser may still call it back.
pub(super) async fn in_time<T: 'static>(
    work: impl Future<Output = Result<T, DbError>> + 'static,
) -> Result<T, DbError> {
    let (done, result) = oneshot::channel();
    spawn_local(async move {
        let _ = done.send(work.await);
    });
    match select(result, pin!(TimeoutFuture::new(SILENCE_MS))).await {
        Either::Left((Ok(result), _)) => result,
        _ => Err(DbError::Silent),
    }
}

impl Reason {
    pub(super) fn of(error: DbError) -> Reason {
        match error {
            DbError::Unavailable(cause) => Reason::Unavailable(cause),
            DbError::Newer => Reason::Newer,
            DbError::Full => Reason::Full,
            DbError::Lost | DbError::Fenced => Reason::Lost,
            DbError::Emptied => Reason::Emptied,
            DbError::Silent => Reason::Silent,
            DbError::Failed(cause) => Reason::Failed(cause),
        }
    }
}
