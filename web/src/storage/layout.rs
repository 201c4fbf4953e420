//! Where the brokers' durable bytes are stored: follows the disk operations of a run, and says for
//! each commit which values to write, in which order, and which to delete.
//!
//! It is log-structured, because in IndexedDB a record costs and its bytes hardly do: what a commit
//! has to add, of all files of all nodes, goes into one new *extent*, and the root's manifest says
//! where each file's pieces are. Small extents are merged when there are many, so both the extents
//! and the pieces stay few however long the run is.
//!
//! Absent: the browser ([`super::db`]) and the bytes of the root ([`super::root`]).

use super::root::{ExtentId, Manifest, Moment, Place, Root, Stamp};
use bytes::Bytes;
use kafkascope_engine::ids::NodeId;
use kafkascope_engine::sim::disk::{Disk, DiskOp};
use kafkascope_engine::sim::time::SimTime;
use std::collections::BTreeMap;
use std::sync::Arc;

/// One IndexedDB value holds at most this much; values of 1 to 4 MiB are fastest.
pub const EXTENT_BYTES_MAX: usize = 4 << 20;
/// A smaller extent is merged with others ...
const SMALL_EXTENT_BYTES: u64 = 256 << 10;
/// ... when there are this many that are small or mostly dead.
const MERGED_AT: usize = 24;

/// A part of a file, and where it is stored if it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Piece {
    len: u64,
    stored: Option<(ExtentId, u32)>,
}

#[derive(Clone, Debug, Default)]
struct Mirror {
    /// The durable bytes themselves; they share their buffers with the engine's disk.
    disk: Disk,
    files: BTreeMap<Arc<str>, Vec<Piece>>,
}

#[derive(Clone, Debug)]
pub struct Layout {
    session: u64,
    spec: String,
    generation: u64,
    next_extent: ExtentId,
    extents: BTreeMap<ExtentId, Stamp>,
    mirrors: BTreeMap<NodeId, Mirror>,
}

/// An operation that does not fit what was followed so far: the image must be written anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutOfStep;

/// One transaction. Its parts are put in this order, the deletions last, so that even a store that
/// is not atomic would never hold a root whose extents are missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commit {
    /// Everything that was stored before goes first: the image is a new one.
    pub anew: bool,
    pub session: u64,
    pub generation: u64,
    pub extents: Vec<(ExtentId, Bytes)>,
    pub journal: Vec<(usize, Bytes)>,
    pub root: Bytes,
    pub superseded: Vec<ExtentId>,
}

impl Layout {
    /// Of a run that has just begun, or whose image is written anew.
    pub fn new(
        session: u64,
        spec: String,
        image: impl IntoIterator<Item = (NodeId, Vec<(Arc<str>, Bytes)>)>,
    ) -> Self {
        let mut layout = Layout {
            session,
            spec,
            generation: 0,
            next_extent: 0,
            extents: BTreeMap::new(),
            mirrors: BTreeMap::new(),
        };
        for (node, files) in image {
            let mirror = layout.mirrors.entry(node).or_default();
            files.into_iter().for_each(|(path, bytes)| mirror.replace(path, bytes));
        }
        layout
    }

    /// Follows durable changes of a node's disk.
    pub fn apply(
        &mut self,
        node: NodeId,
        ops: impl IntoIterator<Item = DiskOp>,
    ) -> Result<(), OutOfStep> {
        let mirror = self.mirrors.entry(node).or_default();
        ops.into_iter().try_for_each(|op| mirror.apply(op))
    }

    /// What brings the store up to date. From here on the layout takes it for done.
    pub fn commit(&mut self, moment: Moment, journal: JournalCommit) -> Commit {
        let live = self.live_bytes();
        let mut superseded: Vec<ExtentId> =
            self.extents.keys().filter(|id| !live.contains_key(id)).copied().collect();
        let mergeable: Vec<ExtentId> = live
            .iter()
            .filter(|(id, live)| {
                let len = u64::from(self.extents[id].len);
                len < SMALL_EXTENT_BYTES || **live * 2 < len
            })
            .map(|(id, _)| *id)
            .collect();
        if mergeable.len() >= MERGED_AT {
            let pieces =
                self.mirrors.values_mut().flat_map(|mirror| mirror.files.values_mut()).flatten();
            for piece in pieces {
                piece.stored = piece.stored.filter(|(extent, _)| !mergeable.contains(extent));
            }
            superseded.extend(mergeable);
        }
        superseded.iter().for_each(|id| {
            self.extents.remove(id);
        });

        let mut writer =
            ExtentWriter { next: self.next_extent, open: Vec::new(), full: Vec::new() };
        self.mirrors.values_mut().for_each(|mirror| mirror.store(&mut writer));
        let extents = writer.finish();
        self.next_extent += extents.len() as u64;
        self.extents.extend(extents.iter().map(|(id, bytes)| (*id, Stamp::of(bytes))));

        let anew = self.generation == 0;
        self.generation += 1;
        let root = Root {
            session: self.session,
            generation: self.generation,
            spec: self.spec.clone(),
            moment,
            extents: self.extents.clone(),
            manifest: self.manifest(),
            journal: journal.stamps,
        };
        Commit {
            anew,
            session: self.session,
            generation: self.generation,
            extents,
            journal: journal.changed,
            root: root.encode().into(),
            superseded,
        }
    }

    fn live_bytes(&self) -> BTreeMap<ExtentId, u64> {
        let mut live = BTreeMap::new();
        for piece in self.mirrors.values().flat_map(|mirror| mirror.files.values()).flatten() {
            if let Some((extent, _)) = piece.stored {
                *live.entry(extent).or_insert(0) += piece.len;
            }
        }
        live
    }

    fn manifest(&self) -> Manifest {
        let place = |piece: &Piece| {
            let (extent, start) = piece.stored?;
            Some(Place { extent, start, len: piece.len as u32 })
        };
        let places = |pieces: &Vec<Piece>| pieces.iter().filter_map(place).collect();
        let files = |mirror: &Mirror| {
            mirror.files.iter().map(|(path, p)| (path.clone(), places(p))).collect()
        };
        self.mirrors.iter().map(|(node, mirror)| (*node, files(mirror))).collect()
    }
}

/// What a commit says about the journal: all chunks, and those that are new or longer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct JournalCommit {
    pub stamps: Vec<Stamp>,
    pub changed: Vec<(usize, Bytes)>,
}

impl Mirror {
    fn apply(&mut self, op: DiskOp) -> Result<(), OutOfStep> {
        match op {
            DiskOp::Append { path, position, bytes } => {
                if self.disk.len(&path).unwrap_or(0) != position {
                    return Err(OutOfStep);
                }
                let pieces = self.files.entry(path.clone()).or_default();
                if !bytes.is_empty() {
                    pieces.push(Piece { len: bytes.len() as u64, stored: None });
                }
                self.disk.append(&path, bytes, SimTime::ZERO);
            }
            DiskOp::Replace { path, bytes } => self.replace(path, bytes),
            DiskOp::Truncate { path, len } => {
                let pieces = self.files.get_mut(&path).ok_or(OutOfStep)?;
                let mut left = len;
                pieces.retain_mut(|piece| {
                    piece.len = piece.len.min(left);
                    left -= piece.len;
                    piece.len > 0
                });
                if left > 0 {
                    return Err(OutOfStep);
                }
                self.disk.truncate(&path, len);
            }
            DiskOp::Delete { path } => {
                self.files.remove(&path).ok_or(OutOfStep)?;
                self.disk.delete(&path);
            }
            DiskOp::Rename { from, to } => {
                let pieces = self.files.remove(&from).ok_or(OutOfStep)?;
                self.files.insert(to.clone(), pieces);
                self.disk.rename(&from, &to);
            }
        }
        Ok(())
    }

    fn replace(&mut self, path: Arc<str>, bytes: Bytes) {
        let piece = (!bytes.is_empty()).then_some(Piece { len: bytes.len() as u64, stored: None });
        self.files.insert(path.clone(), piece.into_iter().collect());
        self.disk.replace(&path, bytes);
    }

    /// Gives every piece that is not stored a place; neighbours become one piece.
    fn store(&mut self, writer: &mut ExtentWriter) {
        for (path, pieces) in &mut self.files {
            if pieces.iter().all(|piece| piece.stored.is_some()) {
                continue;
            }
            let mut position = 0;
            let mut stored: Vec<Piece> = Vec::with_capacity(pieces.len());
            let mut add = |piece: Piece| match (stored.last_mut(), piece.stored) {
                (Some(last), Some((extent, start)))
                    if last.stored.is_some_and(|(e, s)| {
                        e == extent && u64::from(s) + last.len == u64::from(start)
                    }) =>
                {
                    last.len += piece.len;
                }
                _ => stored.push(piece),
            };
            for piece in pieces.iter() {
                if piece.stored.is_some() {
                    add(*piece);
                } else {
                    let bytes = self.disk.read(path, position, piece.len);
                    writer.write(&bytes, &mut add);
                }
                position += piece.len;
            }
            *pieces = stored;
        }
    }
}

/// Gathers bytes into extents.
struct ExtentWriter {
    next: ExtentId,
    open: Vec<u8>,
    full: Vec<(ExtentId, Bytes)>,
}

impl ExtentWriter {
    fn write(&mut self, mut bytes: &[u8], mut add: impl FnMut(Piece)) {
        while !bytes.is_empty() {
            let (now, later) = bytes.split_at(bytes.len().min(EXTENT_BYTES_MAX - self.open.len()));
            let stored = Some((self.next, self.open.len() as u32));
            add(Piece { len: now.len() as u64, stored });
            self.open.extend_from_slice(now);
            if self.open.len() == EXTENT_BYTES_MAX {
                self.close();
            }
            bytes = later;
        }
    }

    fn close(&mut self) {
        if !self.open.is_empty() {
            self.full.push((self.next, std::mem::take(&mut self.open).into()));
            self.next += 1;
        }
    }

    fn finish(mut self) -> Vec<(ExtentId, Bytes)> {
        self.close();
        self.full
    }
}

#[cfg(test)]
#[path = "layout_tests.rs"]
mod tests;
