//! What can be seen of a cleaning while it goes on: every record that the map takes in, and for every
//! record that is copied or left out the reason. Nobody looks on in a broker, and that costs nothing.

use crate::record::{Record, RecordBatch};

/// What becomes of a record. Horizons are in Unix ms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It stays: the map knows no newer one of its key.
    Newest,
    /// It stays: the map does not reach so far.
    NotReached,
    /// It stays, for now: a tombstone, the newest of its key.
    Tombstone { horizon: Option<i64> },
    /// It stays: a marker of a transaction of which something is left, or was lately.
    Marker,
    /// It goes: the newest of its key is at `by`.
    Superseded { by: i64 },
    /// It goes: a compacted log keeps nothing without a key.
    NoKey,
    /// It goes: a tombstone past its delete horizon.
    Expired { horizon: Option<i64> },
    /// It goes: its transaction was aborted.
    Aborted,
    /// It goes: a marker of a transaction of which nothing is left.
    MarkerOfNothing,
}

impl Verdict {
    pub fn stays(self) -> bool {
        matches!(
            self,
            Verdict::Newest | Verdict::NotReached | Verdict::Tombstone { .. } | Verdict::Marker
        )
    }
}

pub trait Watcher {
    /// The map has the record's key now, with its offset.
    fn mapped(&mut self, _: &Record) {}
    /// The record has no key.
    fn not_mapped(&mut self, _: &Record) {}
    /// A marker, or of an aborted transaction.
    fn batch_not_mapped(&mut self, _: &RecordBatch) {}
    fn judged(&mut self, _: &Record, _: Verdict) {}
    /// Its records all have the same fate, and need not be read for it.
    fn batch_judged(&mut self, _: &RecordBatch, _: Verdict) {}
}

/// Nobody.
impl Watcher for () {}
