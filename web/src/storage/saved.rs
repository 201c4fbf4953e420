//! What is stored of a session, once its checksums have been looked at.

use super::root::{Damage, ExtentId, Moment, Root};
use bytes::Bytes;
use kafkascope_engine::ids::NodeId;
use kafkascope_engine::script::Line;
use kafkascope_engine::script::line::NoClients;
use kafkascope_engine::script::parse::parse;
use kafkascope_engine::sim::disk::Disk;
use kafkascope_engine::spec::ClusterSpec;
use std::collections::BTreeMap;

/// Everything in the database, as bytes.
#[derive(Clone, Debug, Default)]
pub struct Contents {
    /// `None`: nothing was ever stored. What is there but is not bytes reads as no bytes.
    pub root: Option<Bytes>,
    pub extents: BTreeMap<ExtentId, Bytes>,
    pub journal: Vec<Option<Bytes>>,
}

#[derive(Clone, Debug)]
pub struct Saved {
    /// Which run it is; drawn when it was first stored.
    pub session: u64,
    pub spec: ClusterSpec,
    pub moment: Moment,
    /// Each may be damaged without the other.
    pub disks: Result<BTreeMap<NodeId, Disk>, Damage>,
    pub journal: Result<String, Damage>,
}

impl Saved {
    /// `None`: nothing is stored. An error: nothing of it can be used.
    pub fn of(contents: &Contents) -> Result<Option<Saved>, Damage> {
        let Some(bytes) = &contents.root else {
            return Ok(None);
        };
        let root = Root::decode(bytes)?;
        let spec = match parse(1, &root.spec, &NoClients) {
            Ok(Line::Spec(spec)) => *spec,
            _ => return Err(Damage::Root),
        };
        let saved = Saved {
            session: root.session,
            spec,
            moment: root.moment,
            disks: root.disks(&contents.extents),
            journal: root.journal(&contents.journal),
        };
        match (&saved.disks, &saved.journal) {
            (Err(damage), Err(_)) => Err(*damage),
            _ => Ok(Some(saved)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::layout::Commit;
    use crate::storage::writer::Writer;
    use kafkascope_engine::timeline::Timeline;

    fn stored() -> Contents {
        let mut timeline = Timeline::new(ClusterSpec::new(2, 3));
        (0..300).for_each(|_| _ = timeline.advance());
        let commit = Writer::begin(1, Some(String::new()), &mut timeline).take_commit();
        let Commit { root, extents, journal, .. } = commit.unwrap();
        let journal = journal.into_iter().map(|(_, chunk)| Some(chunk)).collect();
        Contents { root: Some(root), extents: extents.into_iter().collect(), journal }
    }

    fn spoilt(bytes: &Bytes) -> Bytes {
        let mut bytes = bytes.to_vec();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        bytes.into()
    }

    #[test]
    fn a_sound_session_reads_whole() {
        let saved = Saved::of(&stored()).unwrap().unwrap();
        assert_eq!((saved.spec.brokers, saved.moment.position), (2, 300));
        assert_eq!(saved.disks.unwrap().len(), 3);
        assert!(saved.journal.unwrap().ends_with("step 300\n"));
        assert!(Saved::of(&Contents::default()).unwrap().is_none());
    }

    #[test]
    fn disks_and_journal_are_damaged_apart() {
        let whole = stored();
        let mut contents = whole.clone();
        contents.extents.values_mut().for_each(|bytes| *bytes = spoilt(bytes));
        let saved = Saved::of(&contents).unwrap().unwrap();
        assert!(matches!(saved.disks, Err(Damage::ExtentDamaged(0))) && saved.journal.is_ok());
        contents.journal.clear();
        assert_eq!(Saved::of(&contents).map(|_| ()), Err(Damage::ExtentDamaged(0)));
        let saved = Saved::of(&Contents { journal: vec![None], ..whole.clone() }).unwrap().unwrap();
        assert!(saved.disks.is_ok() && saved.journal == Err(Damage::Journal(0)));
    }

    #[test]
    fn a_root_that_is_no_bytes_or_other_bytes_is_damage() {
        for root in [Bytes::new(), Bytes::from_static(b"KS"), spoilt(&stored().root.unwrap())] {
            let contents = Contents { root: Some(root), ..stored() };
            assert_eq!(Saved::of(&contents).map(|_| ()), Err(Damage::Root));
        }
    }
}
