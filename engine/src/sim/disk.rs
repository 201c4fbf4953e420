//! One node's disk: named files whose bytes are first in the page cache and durable later.
//!
//! A write is visible at once to every process of the node and survives a crash of the process. It
//! becomes durable by `fsync`, or by write-back when it has been dirty for long enough; a power
//! loss takes what is not durable, and may leave part of it, torn at any byte. Changes to the
//! directory (create, delete, rename, truncate) are journaled: durable at once, in order. So the
//! durable content of a file is always a prefix of its cached content.
//!
//! Every durable change can be recorded as a [`DiskOp`], for a store outside that mirrors the disk.
//! What the bytes mean is not known here.

mod condition;
mod file;
mod page_cache;
mod shared_vec;

pub use condition::{DiskCondition, DiskError};
pub use file::File;
pub use page_cache::ReadCounters;
pub use shared_vec::SharedVec;

use crate::sim::random::SimRng;
use crate::sim::time::SimTime;
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::sync::Arc;

/// A disk. Clones share every file until one of them changes it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Disk {
    files: Arc<BTreeMap<Arc<str>, Arc<File>>>,
    /// The files with bytes that are not durable, oldest such byte first.
    dirty: Arc<BTreeSet<(SimTime, Arc<str>)>>,
    dirty_bytes: u64,
    reads: ReadCounters,
    condition: DiskCondition,
    /// What went wrong first since somebody looked.
    failure: Option<DiskError>,
    record_ops: bool,
    ops: Vec<DiskOp>,
}

/// One durable change. Applied in order to a copy of the durable files, they keep it equal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum DiskOp {
    /// Creates the file if it does not exist. `position` is its length before.
    Append {
        path: Arc<str>,
        position: u64,
        bytes: Bytes,
    },
    /// Creates the file, or exchanges its whole content in one atomic step.
    Replace {
        path: Arc<str>,
        bytes: Bytes,
    },
    Truncate {
        path: Arc<str>,
        len: u64,
    },
    Delete {
        path: Arc<str>,
    },
    /// Replaces `to` if it exists.
    Rename {
        from: Arc<str>,
        to: Arc<str>,
    },
}

/// What a power loss did: the files that had bytes which were not durable.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PowerLossReport {
    pub files: Vec<FileLoss>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileLoss {
    pub path: Arc<str>,
    /// Bytes that were not durable and are there all the same.
    pub bytes_kept: u64,
    /// Bytes that are gone from the end of the file.
    pub bytes_lost: u64,
}

impl PowerLossReport {
    pub fn bytes_lost(&self) -> u64 {
        self.files.iter().map(|file| file.bytes_lost).sum()
    }
}

impl Disk {
    /// A disk that holds `files`, all of them durable.
    pub fn from_files(files: impl IntoIterator<Item = (String, Bytes)>) -> Self {
        let mut disk = Disk::default();
        for (path, bytes) in files {
            disk.replace(&path, bytes);
        }
        disk.forget_cache();
        disk
    }

    pub fn condition(&self) -> DiskCondition {
        self.condition
    }

    pub fn set_condition(&mut self, condition: DiskCondition) {
        self.condition = condition;
    }

    /// What went wrong first since the last call.
    pub fn take_failure(&mut self) -> Option<DiskError> {
        self.failure.take()
    }

    fn note(&mut self, error: Option<DiskError>) {
        self.failure = self.failure.or(error);
    }

    /// Makes an empty file; does nothing if there is one of that name.
    pub fn create(&mut self, path: &str) {
        self.note(self.condition.error_on_write());
        if !self.files.contains_key(path) {
            self.insert(path);
        }
    }

    /// Writes at the end of the file, into the page cache; makes the file if there is none.
    pub fn append(&mut self, path: &str, bytes: Bytes, now: SimTime) {
        self.note(self.condition.error_on_write());
        let Some(file) = Arc::make_mut(&mut self.files).get_mut(path) else {
            self.insert(path);
            return self.append(path, bytes, now);
        };
        if bytes.is_empty() {
            return;
        }
        let file = Arc::make_mut(file);
        self.dirty_bytes += bytes.len() as u64;
        file.append(bytes);
        if file.dirty_since.is_none() {
            file.dirty_since = Some(now);
            let name = self.name_of(path);
            Arc::make_mut(&mut self.dirty).insert((now, name));
        }
    }

    /// Exchanges the whole content by the pattern of a temporary file, fsync and rename: after a
    /// power loss the file is the old one or the new one, and after this call it is the new one.
    pub fn replace(&mut self, path: &str, bytes: Bytes) {
        self.note(self.condition.error_on_write());
        self.forget_dirty(path);
        let name = self.name_of(path);
        let mut file = File::default();
        file.append(bytes.clone());
        file.durable_len = file.len();
        Arc::make_mut(&mut self.files).insert(name.clone(), Arc::new(file));
        self.record(|| DiskOp::Replace { path: name, bytes });
    }

    /// Cuts the file to `len` bytes; does nothing if it is not longer.
    pub fn truncate(&mut self, path: &str, len: u64) {
        let Some(old) = self.files.get(path) else {
            return;
        };
        if len >= old.len() {
            return;
        }
        self.failure = self.failure.or(self.condition.error_on_access());
        let (old_dirty, durable_len) = (old.len() - old.durable_len, old.durable_len);
        if durable_len >= len {
            self.forget_dirty(path);
        } else {
            self.dirty_bytes -= old_dirty - (len - durable_len);
        }
        if let Some(file) = Arc::make_mut(&mut self.files).get_mut(path) {
            Arc::make_mut(file).truncate(len);
        }
        if durable_len > len {
            let path = self.name_of(path);
            self.record(|| DiskOp::Truncate { path, len });
        }
    }

    /// Removes the file; does nothing if there is none.
    pub fn delete(&mut self, path: &str) {
        self.note(self.condition.error_on_access());
        self.forget_dirty(path);
        if let Some((path, _)) = Arc::make_mut(&mut self.files).remove_entry(path) {
            self.record(|| DiskOp::Delete { path });
        }
    }

    /// Gives the file another name, in place of any file that has it; does nothing if there is no
    /// such file. Bytes that are not durable stay so.
    pub fn rename(&mut self, from: &str, to: &str) {
        if from == to || !self.files.contains_key(from) {
            return;
        }
        self.note(self.condition.error_on_access());
        self.forget_dirty(to);
        let to = self.name_of(to);
        let files = Arc::make_mut(&mut self.files);
        if let Some((from, file)) = files.remove_entry(from) {
            if let Some(since) = file.dirty_since {
                let dirty = Arc::make_mut(&mut self.dirty);
                dirty.remove(&(since, from.clone()));
                dirty.insert((since, to.clone()));
            }
            files.insert(to.clone(), file);
            self.record(|| DiskOp::Rename { from, to });
        }
    }

    /// Removes every file of the directory.
    pub fn delete_dir(&mut self, dir: &str) {
        for path in self.list(dir) {
            self.delete(&path);
        }
    }

    /// Moves every file of the directory `from` to the directory `to`.
    pub fn rename_dir(&mut self, from: &str, to: &str) {
        let (from, to) = (from.trim_end_matches('/'), to.trim_end_matches('/'));
        for path in self.list(from) {
            self.rename(&path, &format!("{to}{}", &path[from.len()..]));
        }
    }

    /// Makes the file durable. Answers how many bytes became so.
    pub fn fsync(&mut self, path: &str) -> u64 {
        let Some(file) = self.files.get(path).filter(|file| file.dirty_since.is_some()) else {
            return 0;
        };
        let (position, count) = (file.durable_len, file.len() - file.durable_len);
        self.failure = self.failure.or(self.condition.error_on_access());
        self.forget_dirty(path);
        if let Some(file) = Arc::make_mut(&mut self.files).get_mut(path) {
            let file = Arc::make_mut(file);
            file.durable_len = file.len();
            file.dirty_since = None;
        }
        if self.record_ops {
            let bytes = self.read(path, position, count);
            let path = self.name_of(path);
            self.record(|| DiskOp::Append { path, position, bytes });
        }
        count
    }

    /// Makes every file durable.
    pub fn fsync_all(&mut self) -> u64 {
        let dirty = self.dirty.clone();
        dirty.iter().map(|(_, path)| self.fsync(path)).sum()
    }

    /// What the operating system does by itself: makes every file durable that has been dirty for
    /// `expire_us` or longer. Answers the files and how many bytes of each became durable.
    pub fn write_back(&mut self, now: SimTime, expire_us: u64) -> Vec<(Arc<str>, u64)> {
        let expired: Vec<Arc<str>> = self
            .dirty
            .iter()
            .take_while(|(since, _)| now.since(*since) >= expire_us)
            .map(|(_, path)| path.clone())
            .collect();
        expired.into_iter().map(|path| (path.clone(), self.fsync(&path))).collect()
    }

    /// When the oldest byte that is not durable was written; its write-back is due from there.
    pub fn dirty_since(&self) -> Option<SimTime> {
        self.dirty.first().map(|(since, _)| *since)
    }

    pub fn file(&self, path: &str) -> Option<&File> {
        self.files.get(path).map(|file| &**file)
    }

    pub fn len(&self, path: &str) -> Option<u64> {
        self.file(path).map(File::len)
    }

    pub fn durable_len(&self, path: &str) -> Option<u64> {
        self.file(path).map(File::durable_len)
    }

    /// Up to `len` bytes from `position` on; fewer, or none, where the file ends or is missing.
    pub fn read(&self, path: &str, position: u64, len: u64) -> Bytes {
        self.file(path).map_or_else(Bytes::new, |file| file.read(position, len))
    }

    pub fn read_all(&self, path: &str) -> Option<Bytes> {
        self.file(path).map(File::read_all)
    }

    /// The paths of the files in a directory, sorted.
    pub fn list(&self, dir: &str) -> Vec<Arc<str>> {
        let prefix = format!("{}/", dir.trim_end_matches('/'));
        self.files
            .range::<str, _>((Bound::Included(prefix.as_str()), Bound::Unbounded))
            .take_while(|(path, _)| path.starts_with(&prefix))
            .map(|(path, _)| path.clone())
            .collect()
    }

    /// Every path, sorted.
    pub fn paths(&self) -> impl Iterator<Item = &Arc<str>> {
        self.files.keys()
    }

    /// Bytes that a power loss could take now.
    pub fn dirty_bytes(&self) -> u64 {
        self.dirty_bytes
    }

    /// The power goes: of the bytes that are not durable, a drawn number at the front of each file
    /// had reached the platter, and the rest is gone. What is left is durable.
    pub fn power_loss(&mut self, rng: &mut SimRng) -> PowerLossReport {
        let mut paths: Vec<Arc<str>> = self.dirty.iter().map(|(_, path)| path.clone()).collect();
        paths.sort();
        let mut report = PowerLossReport::default();
        for path in paths {
            let Some(file) = self.files.get(&path) else {
                continue;
            };
            let at_risk = file.len() - file.durable_len;
            let bytes_kept = rng.below(at_risk + 1);
            let len = file.durable_len + bytes_kept;
            self.truncate(&path, len);
            self.fsync(&path);
            report.files.push(FileLoss { path, bytes_kept, bytes_lost: at_risk - bytes_kept });
        }
        self.forget_cache();
        report
    }

    /// The host starts: nothing of any file is in memory.
    fn forget_cache(&mut self) {
        self.reads = ReadCounters::default();
        for file in Arc::make_mut(&mut self.files).values_mut() {
            Arc::make_mut(file).forget_cache();
        }
    }

    /// Serves bytes of a log to somebody: notes whether they were in memory, where they are from now
    /// on. Answers how many had to be read from the disk.
    pub fn serve(&mut self, path: &str, position: u64, len: u64) -> u64 {
        let cold = self.files.get(path).is_some_and(|file| file.is_cold(position, len));
        let mut from_disk = 0;
        if cold && let Some(file) = Arc::make_mut(&mut self.files).get_mut(path) {
            from_disk = Arc::make_mut(file).warm(position, len);
        }
        if from_disk > 0 {
            self.note(self.condition.error_on_access());
        }
        self.reads.from_disk += from_disk;
        self.reads.from_cache += len - from_disk;
        from_disk
    }

    /// Somebody has read the whole file, for its own sake.
    pub fn warm_up(&mut self, path: &str) {
        let len = self.files.get(path).map_or(0, |file| file.len());
        let before = self.reads;
        self.serve(path, 0, len);
        self.reads = before;
    }

    pub fn reads(&self) -> ReadCounters {
        self.reads
    }

    /// The disk is exchanged for an empty and sound one.
    pub fn wipe(&mut self) {
        self.condition = DiskCondition::Sound;
        let paths: Vec<Arc<str>> = self.paths().cloned().collect();
        paths.iter().for_each(|path| self.delete(path));
    }

    /// A disk without files, of which durable changes are kept if they are of this one.
    pub fn empty_like_it(&self) -> Disk {
        Disk { record_ops: self.record_ops, ..Disk::default() }
    }

    /// Whether durable changes are kept for [`Disk::take_ops`]. They are not at first.
    pub fn set_record_ops(&mut self, record_ops: bool) {
        self.record_ops = record_ops;
    }

    /// The durable changes since the last call, in order.
    pub fn has_ops(&self) -> bool {
        !self.ops.is_empty()
    }

    pub fn take_ops(&mut self) -> Vec<DiskOp> {
        std::mem::take(&mut self.ops)
    }

    /// What is on the platter: every file with its durable bytes, sorted by path.
    pub fn durable_image(&self) -> Vec<(Arc<str>, Bytes)> {
        self.files
            .iter()
            .map(|(path, file)| (path.clone(), file.read(0, file.durable_len)))
            .collect()
    }

    fn insert(&mut self, path: &str) {
        let name: Arc<str> = path.into();
        Arc::make_mut(&mut self.files).insert(name.clone(), Arc::default());
        self.record(|| DiskOp::Append { path: name, position: 0, bytes: Bytes::new() });
    }

    /// The shared name of a file, or a new one.
    fn name_of(&self, path: &str) -> Arc<str> {
        self.files.get_key_value(path).map_or_else(|| path.into(), |(name, _)| name.clone())
    }

    /// Takes the file off the list of dirty files; its bytes are durable or gone.
    fn forget_dirty(&mut self, path: &str) {
        let Some((name, file)) = self.files.get_key_value(path) else {
            return;
        };
        let Some(since) = file.dirty_since else {
            return;
        };
        self.dirty_bytes -= file.len() - file.durable_len;
        let key = (since, name.clone());
        Arc::make_mut(&mut self.dirty).remove(&key);
        if let Some(file) = Arc::make_mut(&mut self.files).get_mut(path) {
            Arc::make_mut(file).dirty_since = None;
        }
    }

    fn record(&mut self, op: impl FnOnce() -> DiskOp) {
        if self.record_ops {
            self.ops.push(op());
        }
    }
}

#[cfg(test)]
mod tests;
