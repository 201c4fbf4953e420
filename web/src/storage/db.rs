//! The database: one IndexedDB, reached through rexie. A commit is one transaction; what was read
//! or written here is bytes, whose meaning is [`super::root`]'s and [`super::layout`]'s.
//!
//! Whoever writes has put a token of its own into the database, and every commit looks first whether
//! it is still there: a tab that lost the lock, but does not know it yet, can overwrite nothing. It
//! is the same fence that a leader epoch is among brokers.

use super::layout::Commit;
use super::patch;
use super::saved::Contents;
use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::{LocalBoxFuture, MaybeDone, join, join_all, maybe_done};
use js_sys::{Reflect, Uint8Array};
use rexie::{ObjectStore, Rexie, Store, TransactionMode};
use std::pin::Pin;
use wasm_bindgen::{JsCast, JsValue};

const NAME: &str = "kafkascope";
const VERSION: u32 = 1;
const ROOT: &str = "root";
const EXTENTS: &str = "extents";
const JOURNAL: &str = "journal";
/// Keys in the store `root`.
const ROOT_KEY: &str = "root";
const WRITER_KEY: &str = "writer";

/// What went wrong, as far as it makes a difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DbError {
    /// There is no IndexedDB, or it must not be used, as in some private windows.
    Unavailable(String),
    /// The database was made by a newer page.
    Newer,
    /// No room is left.
    Full,
    /// Another tab has become the writer.
    Fenced,
    /// What was stored has been deleted by somebody else.
    Emptied,
    /// The browser has closed the connection.
    Lost,
    /// It does not answer.
    Silent,
    Failed(String),
}

/// A request that is made when the future is first looked at.
type Request<'a> = LocalBoxFuture<'a, rexie::Result<()>>;

pub struct Db {
    rexie: Rexie,
    /// Tells this writer from all others.
    token: f64,
}

impl Db {
    pub async fn open() -> Result<Db, DbError> {
        if !has_indexed_db() {
            return Err(DbError::Unavailable("indexedDB".into()));
        }
        patch::apply(NAME);
        let stores = [ROOT, EXTENTS, JOURNAL];
        let builder = Rexie::builder(NAME).version(VERSION);
        let builder =
            stores.into_iter().fold(builder, |b, name| b.add_object_store(ObjectStore::new(name)));
        let rexie = builder.build().await.map_err(|error| match cause_of(error) {
            cause if cause.contains("VersionError") => DbError::Newer,
            cause if cause.contains("QuotaExceededError") => DbError::Full,
            cause => DbError::Unavailable(cause),
        })?;
        Ok(Db { rexie, token: (js_sys::Math::random() * 9e15).floor() })
    }

    /// The same writer on a new connection, if it still is the writer.
    pub async fn reopen(&self) -> Result<Db, DbError> {
        let opened = Db::open().await.map_err(|error| match error {
            // It could be used before.
            DbError::Unavailable(_) => DbError::Lost,
            error => error,
        });
        let again = Db { token: self.token, ..opened? };
        let tx = again.rexie.transaction(&[ROOT], TransactionMode::ReadOnly).map_err(told)?;
        again.fence(&tx.store(ROOT).map_err(told)?).await?;
        Ok(again)
    }

    /// Fails unless this is the writer.
    async fn fence(&self, root: &Store) -> Result<(), DbError> {
        match root.get(WRITER_KEY.into()).await.map_err(told)? {
            None => Err(DbError::Emptied),
            Some(writer) if writer.as_f64() == Some(self.token) => Ok(()),
            Some(_) => Err(DbError::Fenced),
        }
    }

    /// The root alone.
    pub async fn read_root(&self) -> Result<Option<Bytes>, DbError> {
        let tx = self.rexie.transaction(&[ROOT], TransactionMode::ReadOnly).map_err(told)?;
        let store = tx.store(ROOT).map_err(told)?;
        Ok(match store.get(ROOT_KEY.into()).await.map_err(told)? {
            Some(value) => Some(bytes_of(&value).unwrap_or_default()),
            // A value that is null is not nothing.
            None if store.key_exists(ROOT_KEY.into()).await.map_err(told)? => Some(Bytes::new()),
            None => None,
        })
    }

    /// One consistent look at everything.
    pub async fn read(&self) -> Result<Contents, DbError> {
        let tx = self
            .rexie
            .transaction(&[ROOT, EXTENTS, JOURNAL], TransactionMode::ReadOnly)
            .map_err(told)?;
        let store = |name| tx.store(name).map_err(told);
        let (root, extents, journal) = (store(ROOT)?, store(EXTENTS)?, store(JOURNAL)?);
        // All of it is asked for at once.
        let root = root.get(ROOT_KEY.into());
        let (root, (extents, journal)) =
            join(root, join(numbered(&extents), numbered(&journal))).await;
        let mut contents = Contents {
            root: root.map_err(told)?.map(|value| bytes_of(&value).unwrap_or_default()),
            extents: extents?.into_iter().collect(),
            journal: Vec::new(),
        };
        for (index, chunk) in journal? {
            // Keys come in order; a gap is a missing chunk.
            contents
                .journal
                .resize(contents.journal.len().max((index as usize).min(1 << 20)), None);
            contents.journal.push(Some(chunk));
        }
        Ok(contents)
    }

    /// Becomes the writer: commits of any other one fail from here on.
    pub async fn claim(&self) -> Result<(), DbError> {
        self.put(ROOT, WRITER_KEY, &self.token.into()).await
    }

    /// Carries the commit out, whole or not at all.
    pub async fn commit(&self, commit: &Commit) -> Result<(), DbError> {
        // All values are made before the transaction begins, for it ends when it has nothing to do.
        let extents: Vec<_> = commit.extents.iter().map(|(id, bytes)| put_of(*id, bytes)).collect();
        let journal: Vec<_> =
            commit.journal.iter().map(|(index, bytes)| put_of(*index as u64, bytes)).collect();
        let root = value_of(&commit.root);

        let tx = self
            .rexie
            .transaction(&[ROOT, EXTENTS, JOURNAL], TransactionMode::ReadWrite)
            .map_err(told)?;
        let store = |name| tx.store(name).map_err(told);
        let (root_store, extent_store, journal_store) =
            (store(ROOT)?, store(EXTENTS)?, store(JOURNAL)?);
        self.fence(&root_store).await?;
        let mut requests: Vec<Request<'_>> = Vec::new();
        if commit.anew {
            requests.push(extent_store.clear().boxed_local());
            requests.push(journal_store.clear().boxed_local());
        }
        for (values, store) in [(extents, &extent_store), (journal, &journal_store)] {
            requests.extend(values.into_iter().map(|(key, value)| put(store, key, value)));
        }
        requests.push(put(&root_store, ROOT_KEY.into(), root));
        // Last, so that no root ever misses an extent, whatever becomes of this transaction.
        for id in &commit.superseded {
            requests.push(extent_store.delete((*id as f64).into()).boxed_local());
        }
        finish(tx, requests).await
    }

    async fn put(&self, store: &str, key: &str, value: &JsValue) -> Result<(), DbError> {
        let tx = self.rexie.transaction(&[store], TransactionMode::ReadWrite).map_err(told)?;
        let store = tx.store(store).map_err(told)?;
        finish(tx, vec![put(&store, key.into(), value.clone())]).await
    }
}

/// The values whose keys are numbers, in order; what is no bytes is left out.
async fn numbered(store: &Store) -> Result<Vec<(u64, Bytes)>, DbError> {
    let (keys, values) = join(store.get_all_keys(None, None), store.get_all(None, None)).await;
    let number = |key: JsValue| key.as_f64().filter(|n| *n >= 0.0).map(|n| n as u64);
    let pairs = keys.map_err(told)?.into_iter().zip(values.map_err(told)?);
    Ok(pairs.filter_map(|(key, value)| Some((number(key)?, bytes_of(&value)?))).collect())
}

/// Issues all requests, then waits for them and for the transaction.
async fn finish(tx: rexie::Transaction, requests: Vec<Request<'_>>) -> Result<(), DbError> {
    let mut requests: Vec<_> = requests.into_iter().map(maybe_done).collect();
    // The first look at each future makes its request. One that throws instead must take the whole
    // transaction with it, for the browser would commit the others.
    let thrown = requests.iter_mut().position(|request| {
        let _ = (&mut *request).now_or_never();
        matches!(request, MaybeDone::Done(Err(_)))
    });
    let is_committed = match thrown {
        None => {
            matches!(join(join_all(&mut requests), tx.done()).await.1, Ok(end) if end.is_committed())
        }
        Some(index) => {
            requests.truncate(index + 1);
            // Every request made so far must hear of its end.
            let _ = join(join_all(&mut requests), tx.abort()).await;
            false
        }
    };
    let outputs =
        requests.into_iter().filter_map(|mut request| Pin::new(&mut request).take_output());
    let errors: Vec<_> = outputs.filter_map(Result::err).map(told).collect();
    // Of one request's error, the others only hear that the transaction was aborted.
    match errors.iter().find(|error| **error != DbError::Lost).or(errors.first()) {
        Some(error) => Err(error.clone()),
        None if is_committed => Ok(()),
        // Nothing was wrong with the requests: the browser could not write it down.
        None => Err(aborted()),
    }
}

fn put(store: &Store, key: JsValue, value: JsValue) -> Request<'_> {
    async move { store.put(&value, Some(&key)).await.map(|_| ()) }.boxed_local()
}

fn put_of(key: u64, bytes: &Bytes) -> (JsValue, JsValue) {
    ((key as f64).into(), value_of(bytes))
}

fn value_of(bytes: &Bytes) -> JsValue {
    Uint8Array::from(&bytes[..]).into()
}

fn bytes_of(value: &JsValue) -> Option<Bytes> {
    value.dyn_ref::<Uint8Array>().map(|array| array.to_vec().into())
}

/// rexie names its errors but not their causes; those say what to do.
fn cause_of(error: rexie::Error) -> String {
    match error {
        rexie::Error::IdbError(cause) => cause.to_string(),
        other => other.to_string(),
    }
}

fn told(error: rexie::Error) -> DbError {
    let cause = cause_of(error);
    let is = |name: &str| cause.contains(name);
    if is("QuotaExceededError") {
        DbError::Full
    } else if is("AbortError") {
        aborted()
    } else if is("InvalidStateError") || is("connection is closing") || is("UnknownError") {
        DbError::Lost
    } else {
        DbError::Failed(cause)
    }
}

/// A transaction was aborted: for want of room, or with its connection.
fn aborted() -> DbError {
    match patch::abort_cause().as_deref() {
        Some("QuotaExceededError") => DbError::Full,
        None | Some("AbortError" | "UnknownError") => DbError::Lost,
        Some(cause) => DbError::Failed(cause.into()),
    }
}

fn has_indexed_db() -> bool {
    Reflect::get(&js_sys::global(), &"indexedDB".into()).is_ok_and(|it| it.is_object())
}
