//! The store as the layout keeps it, played on a map instead of IndexedDB: whatever is done to the
//! disks, and wherever the run ends, the last commit reads back as the durable image.

use super::*;
use crate::storage::root::Damage;
use proptest::prelude::*;
use std::collections::BTreeSet;

/// What IndexedDB would hold.
#[derive(Default)]
struct Store {
    root: Option<Bytes>,
    extents: BTreeMap<ExtentId, Bytes>,
}

impl Store {
    fn carry_out(&mut self, commit: Commit) {
        self.put_values(&commit);
        self.root = Some(commit.root);
        for id in commit.superseded {
            assert!(self.extents.remove(&id).is_some(), "what is deleted was there");
        }
    }

    fn put_values(&mut self, commit: &Commit) {
        if commit.anew {
            *self = Store::default();
        }
        for (id, bytes) in &commit.extents {
            assert!(bytes.len() <= EXTENT_BYTES_MAX);
            assert!(self.extents.insert(*id, bytes.clone()).is_none(), "an extent never changes");
        }
    }

    fn root(&self) -> Root {
        Root::decode(self.root.as_ref().expect("something was committed")).unwrap()
    }

    fn disks(&self) -> Result<BTreeMap<NodeId, Disk>, Damage> {
        self.root().disks(&self.extents)
    }
}

const NODE: NodeId = NodeId(1);

fn commit(layout: &mut Layout) -> Commit {
    layout.commit(Moment::default(), JournalCommit::default())
}

fn layout() -> Layout {
    Layout::new(1, "cluster".into(), [(NODE, Vec::new())])
}

fn append(path: &str, position: u64, bytes: &'static str) -> DiskOp {
    DiskOp::Append { path: path.into(), position, bytes: Bytes::from_static(bytes.as_bytes()) }
}

#[test]
fn a_commit_writes_one_value_for_all_files() {
    let mut layout = layout();
    layout
        .apply(NODE, [append("a", 0, "one"), append("b", 0, "two"), append("a", 3, "three")])
        .unwrap();
    let first = commit(&mut layout);
    assert_eq!(first.extents, [(0, Bytes::from_static(b"onethreetwo"))]);
    assert!(first.anew);
    layout.apply(NODE, [DiskOp::Delete { path: "a".into() }, append("c", 0, "")]).unwrap();
    let second = commit(&mut layout);
    assert_eq!((second.extents.len(), second.anew, second.generation), (0, false, 2));
}

#[test]
fn what_does_not_fit_is_noticed() {
    let gone = |path: &str| DiskOp::Delete { path: path.into() };
    for op in [
        append("a", 1, "x"),
        gone("a"),
        DiskOp::Truncate { path: "a".into(), len: 0 },
        DiskOp::Truncate { path: "known".into(), len: 6 },
        DiskOp::Rename { from: "a".into(), to: "b".into() },
    ] {
        let mut layout = layout();
        layout.apply(NODE, [append("known", 0, "known")]).unwrap();
        assert_eq!(layout.apply(NODE, [op.clone()]), Err(OutOfStep), "{op:?}");
    }
}

#[test]
fn a_long_run_of_small_commits_keeps_few_records_and_writes_little() {
    let (mut layout, mut store) = (layout(), Store::default());
    let (mut written, mut appended) = (0, 0);
    for n in 0..2_000u64 {
        let files = ["a.log", "b.log", "c.log"].map(|path| append(path, n * 10, "0123456789"));
        let checkpoint = DiskOp::Replace { path: "checkpoint".into(), bytes: n.to_string().into() };
        layout.apply(NODE, files.into_iter().chain([checkpoint])).unwrap();
        let commit = commit(&mut layout);
        written += commit.extents.iter().map(|(_, bytes)| bytes.len()).sum::<usize>();
        appended += 34;
        store.carry_out(commit);
        assert!(store.extents.len() <= MERGED_AT);
        let root = store.root();
        assert!(root.manifest[&NODE].values().all(|places| places.len() <= MERGED_AT));
    }
    assert!(written < 70 * appended, "{written} bytes were written for {appended}");
    assert_eq!(store.disks().unwrap()[&NODE].len("b.log"), Some(20_000));
}

#[test]
fn big_files_are_divided_and_left_alone() {
    let big = Bytes::from(vec![7; EXTENT_BYTES_MAX * 2 + 5]);
    let mut layout = Layout::new(1, "cluster".into(), [(NODE, vec![("big".into(), big.clone())])]);
    let mut store = Store::default();
    let first = commit(&mut layout);
    assert_eq!(first.extents.len(), 3);
    store.carry_out(first);
    for n in 0..100 {
        layout.apply(NODE, [append("small", n, "x")]).unwrap();
        let commit = commit(&mut layout);
        assert!(commit.extents.iter().all(|(_, bytes)| bytes.len() < 200));
        store.carry_out(commit);
    }
    assert_eq!(store.disks().unwrap()[&NODE].read_all("big"), Some(big));
}

#[test]
fn a_root_that_comes_before_its_extents_is_noticed() {
    let (mut layout, mut store) = (layout(), Store::default());
    layout.apply(NODE, [append("a", 0, "one")]).unwrap();
    let commit = commit(&mut layout);
    store.root = Some(commit.root);
    assert_eq!(store.disks(), Err(Damage::ExtentMissing(0)));
}

#[derive(Clone, Debug)]
enum Act {
    Append(u8, Vec<u8>),
    Replace(u8, Vec<u8>),
    Truncate(u8, u8),
    Delete(u8),
    Rename(u8, u8),
    Fsync(u8),
    PowerLoss,
    Wipe,
    Commit,
    /// A commit whose root and deletions never arrive: the page dies in between, if the store
    /// were not atomic.
    CutOff,
    /// As after a fork: the whole image in one commit.
    Anew,
}

fn act() -> impl Strategy<Value = Act> {
    let file = || 0..4u8;
    let bytes = || prop::collection::vec(any::<u8>(), 0..40);
    prop_oneof![
        6 => (file(), bytes()).prop_map(|(file, bytes)| Act::Append(file, bytes)),
        2 => (file(), bytes()).prop_map(|(file, bytes)| Act::Replace(file, bytes)),
        2 => (file(), any::<u8>()).prop_map(|(file, len)| Act::Truncate(file, len)),
        1 => file().prop_map(Act::Delete),
        1 => (file(), file()).prop_map(|(from, to)| Act::Rename(from, to)),
        4 => file().prop_map(Act::Fsync),
        1 => Just(Act::PowerLoss),
        1 => Just(Act::Wipe),
        6 => Just(Act::Commit),
        1 => Just(Act::CutOff),
        1 => Just(Act::Anew),
    ]
}

fn durable(disk: &Disk) -> BTreeMap<Arc<str>, Bytes> {
    disk.durable_image().into_iter().collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]
    #[test]
    fn the_store_follows_the_disks(acts in prop::collection::vec((1..3i32, act()), 0..150)) {
        let mut disks: BTreeMap<NodeId, Disk> = (1..3).map(|n| (NodeId(n), Disk::default())).collect();
        disks.values_mut().for_each(|disk| disk.set_record_ops(true));
        let image = |disks: &BTreeMap<NodeId, Disk>| -> Vec<_> {
            disks.iter().map(|(node, disk)| (*node, disk.durable_image())).collect()
        };
        let mut layout = Layout::new(1, "cluster".into(), image(&disks));
        let mut store = Store::default();
        store.carry_out(commit(&mut layout));
        let mut random = kafkascope_engine::sim::random::SimRng::new(5);
        for (node, act) in acts {
            let node = NodeId(node);
            let disk = disks.get_mut(&node).unwrap();
            let path = |file: u8| format!("dir/{file}");
            match act {
                Act::Append(file, bytes) => disk.append(&path(file), bytes.into(), SimTime::ZERO),
                Act::Replace(file, bytes) => disk.replace(&path(file), bytes.into()),
                Act::Truncate(file, len) => disk.truncate(&path(file), len.into()),
                Act::Delete(file) => disk.delete(&path(file)),
                Act::Rename(from, to) => disk.rename(&path(from), &path(to)),
                Act::Fsync(file) => { disk.fsync(&path(file)); }
                Act::PowerLoss => { disk.power_loss(&mut random); }
                Act::Wipe => disk.wipe(),
                Act::Commit => store.carry_out(commit(&mut layout)),
                Act::CutOff => {
                    let before = store.disks();
                    let mut store = Store { root: store.root.clone(), extents: store.extents.clone() };
                    let cut_off = commit(&mut layout.clone());
                    store.put_values(&cut_off);
                    prop_assert_eq!(store.disks(), before);
                }
                Act::Anew => {
                    layout = Layout::new(2, "cluster".into(), image(&disks));
                    store.carry_out(commit(&mut layout));
                }
            }
            for (node, disk) in &mut disks {
                prop_assert_eq!(layout.apply(*node, disk.take_ops()), Ok(()));
            }
        }
        store.carry_out(commit(&mut layout));
        let stored = store.disks().unwrap();
        for (node, disk) in &disks {
            prop_assert_eq!(durable(&stored[node]), durable(disk));
        }
        let root = store.root();
        let used: BTreeSet<_> = root.manifest.values().flat_map(|f| f.values()).flatten().map(|p| p.extent).collect();
        prop_assert!(used.is_subset(&store.extents.keys().copied().collect()));
        prop_assert_eq!(store.extents.keys().collect::<Vec<_>>(), root.extents.keys().collect::<Vec<_>>());
        prop_assert!(store.extents.len() <= MERGED_AT + 1);
    }
}
