//! The root: the one record that says what is stored and where, as bytes and back. Everything it
//! names carries a length and a CRC32C, so whatever is missing or damaged is noticed before it is
//! used. What is read here may come from another version of the page, or from a broken disk:
//! nothing panics, and nothing is trusted before its checksum fits.
//!
//! Absent: how the pieces came to be where they are ([`super::layout`]), and the browser.

use bytes::{Bytes, BytesMut};
use kafkascope_engine::ids::NodeId;
use kafkascope_engine::sim::disk::Disk;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Raised whenever an older page could misread what this one writes.
pub const FORMAT: u16 = 1;
const MAGIC: [u8; 2] = *b"KS";
const HEADER: usize = 4;
const CHECKSUM: usize = 4;

pub type ExtentId = u64;

/// What a stored value must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    pub len: u32,
    pub crc: u32,
}

impl Stamp {
    pub fn of(bytes: &[u8]) -> Self {
        Stamp { len: bytes.len() as u32, crc: crc32c::crc32c(bytes) }
    }

    pub fn fits(self, bytes: &[u8]) -> bool {
        self == Stamp::of(bytes)
    }
}

/// Bytes of a file, in the order of the list that this stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    pub extent: ExtentId,
    pub start: u32,
    pub len: u32,
}

/// How far the run had come when it was stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moment {
    /// Inputs before it.
    pub position: u64,
    /// Virtual microseconds.
    pub now: u64,
    /// Events before it.
    pub events: u64,
}

pub type Manifest = BTreeMap<NodeId, BTreeMap<Arc<str>, Vec<Place>>>;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Root {
    /// Drawn when the whole image was written; another one means another run.
    pub session: u64,
    /// Counts the commits of the session.
    pub generation: u64,
    /// The `cluster` line that the run on these disks began with.
    pub spec: String,
    pub moment: Moment,
    pub extents: BTreeMap<ExtentId, Stamp>,
    pub manifest: Manifest,
    /// The chunks of the journal, in order; none if the run cannot be made again.
    pub journal: Vec<Stamp>,
}

/// Why what is stored cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Damage {
    /// Written by a newer page, in this format.
    Newer(u16),
    /// The root itself.
    Root,
    ExtentMissing(ExtentId),
    ExtentDamaged(ExtentId),
    /// A part of the journal, missing or damaged.
    Journal(usize),
    /// There is none.
    NoJournal,
}

impl Root {
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(1024);
        bytes.extend(MAGIC);
        bytes.extend(FORMAT.to_le_bytes());
        let mut bytes = postcard::to_extend(self, bytes).expect("plain data always encodes");
        let crc = crc32c::crc32c(&bytes);
        bytes.extend(crc.to_le_bytes());
        bytes
    }

    pub fn decode(bytes: &[u8]) -> Result<Root, Damage> {
        let header = bytes.get(..HEADER).ok_or(Damage::Root)?;
        if header[..2] != MAGIC {
            return Err(Damage::Root);
        }
        let format = u16::from_le_bytes([header[2], header[3]]);
        if format > FORMAT {
            return Err(Damage::Newer(format));
        }
        let end =
            bytes.len().checked_sub(CHECKSUM).filter(|&end| end >= HEADER).ok_or(Damage::Root)?;
        if crc32c::crc32c(&bytes[..end]).to_le_bytes() != bytes[end..] {
            return Err(Damage::Root);
        }
        let (root, rest) =
            postcard::take_from_bytes::<Root>(&bytes[HEADER..end]).map_err(|_| Damage::Root)?;
        if rest.is_empty() { Ok(root) } else { Err(Damage::Root) }
    }

    /// The brokers' disks, put together from the extents.
    pub fn disks(
        &self,
        extents: &BTreeMap<ExtentId, Bytes>,
    ) -> Result<BTreeMap<NodeId, Disk>, Damage> {
        for (id, stamp) in &self.extents {
            let bytes = extents.get(id).ok_or(Damage::ExtentMissing(*id))?;
            if !stamp.fits(bytes) {
                return Err(Damage::ExtentDamaged(*id));
            }
        }
        let mut disks = BTreeMap::new();
        for (node, files) in &self.manifest {
            let mut whole = Vec::with_capacity(files.len());
            for (path, places) in files {
                whole.push((path.to_string(), self.file(places, extents)?));
            }
            disks.insert(*node, Disk::from_files(whole));
        }
        Ok(disks)
    }

    fn file(&self, places: &[Place], extents: &BTreeMap<ExtentId, Bytes>) -> Result<Bytes, Damage> {
        let part = |place: &Place| {
            let bytes =
                extents.get(&place.extent).filter(|_| self.extents.contains_key(&place.extent));
            let bytes = bytes.ok_or(Damage::ExtentMissing(place.extent))?;
            let start = place.start as usize;
            let end = start.checked_add(place.len as usize).filter(|&end| end <= bytes.len());
            Ok(bytes.slice(start..end.ok_or(Damage::Root)?))
        };
        match places {
            [place] => part(place),
            _ => {
                let mut joined = BytesMut::new();
                for place in places {
                    joined.extend_from_slice(&part(place)?);
                }
                Ok(joined.freeze())
            }
        }
    }

    /// The journal as one text; `chunks` are what is stored, in order.
    pub fn journal(&self, chunks: &[Option<Bytes>]) -> Result<String, Damage> {
        if self.journal.is_empty() {
            return Err(Damage::NoJournal);
        }
        let mut text = Vec::new();
        for (index, stamp) in self.journal.iter().enumerate() {
            let chunk =
                chunks.get(index).and_then(Option::as_ref).filter(|chunk| stamp.fits(chunk));
            text.extend_from_slice(chunk.ok_or(Damage::Journal(index))?);
        }
        String::from_utf8(text).map_err(|_| Damage::Journal(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn root() -> Root {
        let place = |extent, start, len| Place { extent, start, len };
        let files = [
            ("meta.properties".into(), vec![]),
            ("orders-0/0.log".into(), vec![place(1, 0, 3), place(2, 2, 2)]),
        ];
        Root {
            session: 7,
            generation: 3,
            spec: "cluster brokers=3 seed=1".into(),
            moment: Moment { position: 12, now: 34_567, events: 89 },
            extents: [(1, Stamp::of(b"abc")), (2, Stamp::of(b"defg"))].into(),
            manifest: [(NodeId(1), files.into())].into(),
            journal: vec![Stamp::of(b"step 12\n")],
        }
    }

    fn extents() -> BTreeMap<ExtentId, Bytes> {
        [(1, Bytes::from_static(b"abc")), (2, Bytes::from_static(b"defg"))].into()
    }

    #[test]
    fn what_is_written_reads_back() {
        let root = root();
        assert_eq!(Root::decode(&root.encode()), Ok(root.clone()));
        let disks = root.disks(&extents()).unwrap();
        assert_eq!(disks[&NodeId(1)].read_all("orders-0/0.log").unwrap(), "abcfg");
        assert_eq!(disks[&NodeId(1)].len("meta.properties"), Some(0));
        assert_eq!(root.journal(&[Some("step 12\n".into())]), Ok("step 12\n".to_string()));
    }

    #[test]
    fn a_newer_format_is_told_from_damage() {
        let mut bytes = root().encode();
        bytes[2] = 2;
        assert_eq!(Root::decode(&bytes), Err(Damage::Newer(2)));
    }

    #[test]
    fn whatever_is_missing_or_damaged_is_noticed() {
        let root = root();
        let mut some = extents();
        some.remove(&2);
        assert_eq!(root.disks(&some), Err(Damage::ExtentMissing(2)));
        some.insert(2, Bytes::from_static(b"defG"));
        assert_eq!(root.disks(&some), Err(Damage::ExtentDamaged(2)));
        assert_eq!(root.journal(&[]), Err(Damage::Journal(0)));
        assert_eq!(root.journal(&[Some("step 13\n".into())]), Err(Damage::Journal(0)));
    }

    #[test]
    fn a_place_outside_its_extent_is_damage() {
        let with = |place| {
            let mut root = root();
            root.manifest.insert(NodeId(2), [("f".into(), vec![place])].into());
            Root::decode(&root.encode()).unwrap().disks(&extents())
        };
        assert_eq!(with(Place { extent: 1, start: 2, len: 2 }), Err(Damage::Root));
        assert_eq!(with(Place { extent: 1, start: u32::MAX, len: u32::MAX }), Err(Damage::Root));
        assert_eq!(with(Place { extent: 9, start: 0, len: 1 }), Err(Damage::ExtentMissing(9)));
    }

    proptest! {
        #[test]
        fn any_flipped_bit_or_cut_is_noticed(bit in any::<prop::sample::Index>(), cut in any::<prop::sample::Index>()) {
            let whole = root().encode();
            let mut flipped = whole.clone();
            let bit = bit.index(whole.len() * 8);
            flipped[bit / 8] ^= 1 << (bit % 8);
            prop_assert!(Root::decode(&flipped).is_err());
            prop_assert!(Root::decode(&whole[..cut.index(whole.len())]).is_err());
        }

        #[test]
        fn random_bytes_never_panic(noise in any::<Vec<u8>>()) {
            prop_assert!(Root::decode(&noise).is_err());
            // Even where the checksum fits.
            let mut bytes = [&MAGIC[..], &FORMAT.to_le_bytes(), &noise].concat();
            bytes.extend(crc32c::crc32c(&bytes).to_le_bytes());
            if let Ok(root) = Root::decode(&bytes) {
                let _ = (root.disks(&extents()), root.journal(&[]));
            }
        }
    }
}
