//! The promises of the disk: what survives what, and that the recorded operations tell all of it.

use super::*;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

const T0: SimTime = SimTime(1_000);

fn text(bytes: &'static str) -> Bytes {
    Bytes::from_static(bytes.as_bytes())
}

fn disk(path: &str, durable: &'static str, dirty: &'static str) -> Disk {
    let mut disk = Disk::from_files([(path.to_string(), text(durable))]);
    disk.append(path, text(dirty), T0);
    disk
}

#[test]
fn a_write_is_visible_at_once_and_durable_after_fsync() {
    let mut disk = disk("a", "old", "new");
    assert_eq!(disk.read_all("a"), Some(text("oldnew")));
    assert_eq!((disk.len("a"), disk.durable_len("a")), (Some(6), Some(3)));
    assert_eq!(disk.dirty_bytes(), 3);
    assert_eq!(disk.fsync("a"), 3);
    assert_eq!(disk.fsync("a"), 0);
    assert_eq!((disk.durable_len("a"), disk.dirty_bytes()), (Some(6), 0));
    assert_eq!(disk.read("a", 2, 2), text("dn"));
    assert_eq!(disk.read("a", 5, 9), text("w"));
    assert_eq!(disk.read("none", 0, 9), Bytes::new());
}

#[test]
fn write_back_takes_what_has_been_dirty_long_enough() {
    let mut disk = Disk::default();
    disk.append("late", text("22"), SimTime(20));
    disk.append("early", text("1"), SimTime(10));
    disk.append("early", text("3"), SimTime(30));
    assert_eq!(disk.dirty_since(), Some(SimTime(10)));
    assert_eq!(disk.write_back(SimTime(109), 100), []);
    assert_eq!(disk.write_back(SimTime(110), 100), [("early".into(), 2)]);
    assert_eq!(disk.write_back(SimTime(300), 100), [("late".into(), 2)]);
    assert_eq!(disk.dirty_since(), None);
}

#[test]
fn power_loss_keeps_every_length_between_durable_and_all() {
    let mut kept = BTreeSet::new();
    for seed in 0..100 {
        let mut disk = disk("a", "old", "new");
        let report = disk.power_loss(&mut SimRng::new(seed));
        let [loss] = report.files.as_slice() else { panic!("one file was dirty") };
        assert_eq!(loss.bytes_kept + loss.bytes_lost, 3);
        assert_eq!(disk.len("a"), Some(3 + loss.bytes_kept));
        assert_eq!(disk.durable_len("a"), disk.len("a"));
        assert_eq!((disk.dirty_bytes(), disk.dirty_since()), (0, None));
        assert!(b"oldnew".starts_with(&disk.read_all("a").unwrap()));
        kept.insert(loss.bytes_kept);
    }
    assert_eq!(kept.into_iter().collect::<Vec<_>>(), [0, 1, 2, 3]);
}

#[test]
fn directory_changes_are_durable_at_once() {
    let mut disk = disk("t-0/a", "old", "new");
    disk.create("t-0/b");
    disk.replace("t-0/c", text("whole"));
    disk.rename("t-0/a", "t-0/d");
    disk.rename_dir("t-0", "t-1");
    assert_eq!(disk.list("t-0"), []);
    assert_eq!(disk.list("t-1/"), ["t-1/b".into(), "t-1/c".into(), "t-1/d".into()]);
    assert_eq!(
        disk.durable_image(),
        [
            ("t-1/b".into(), Bytes::new()),
            ("t-1/c".into(), text("whole")),
            ("t-1/d".into(), text("old")),
        ]
    );
    disk.truncate("t-1/d", 4);
    assert_eq!((disk.len("t-1/d"), disk.durable_len("t-1/d")), (Some(4), Some(3)));
    assert_eq!(disk.dirty_bytes(), 1);
    disk.delete_dir("t-1");
    assert_eq!((disk.paths().count(), disk.dirty_bytes()), (0, 0));
}

#[test]
fn a_directory_is_not_another_whose_name_begins_alike() {
    let paths = ["t-1/a", "t-10/a", "t-1", "t-1.x/a"];
    let disk = Disk::from_files(paths.map(|path| (path.to_string(), Bytes::new())));
    assert_eq!(disk.list("t-1"), ["t-1/a".into()]);
}

#[test]
fn nothing_is_recorded_unless_asked_for() {
    let mut disk = disk("a", "old", "new");
    disk.fsync_all();
    assert_eq!(disk.take_ops(), []);
    disk.set_record_ops(true);
    disk.append("a", text("er"), T0);
    assert_eq!(disk.take_ops(), []);
    disk.fsync_all();
    assert_eq!(
        disk.take_ops(),
        [DiskOp::Append { path: "a".into(), position: 6, bytes: text("er") }]
    );
}

/// What a store outside does with the operations.
fn apply(image: &mut BTreeMap<Arc<str>, Vec<u8>>, op: DiskOp) {
    match op {
        DiskOp::Append { path, position, bytes } => {
            let file = image.entry(path).or_default();
            assert_eq!(file.len() as u64, position);
            file.extend_from_slice(&bytes);
        }
        DiskOp::Replace { path, bytes } => drop(image.insert(path, bytes.to_vec())),
        DiskOp::Truncate { path, len } => image.get_mut(&path).unwrap().truncate(len as usize),
        DiskOp::Delete { path } => drop(image.remove(&path).unwrap()),
        DiskOp::Rename { from, to } => {
            let file = image.remove(&from).unwrap();
            image.insert(to, file);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 300, rng_seed: RngSeed::Fixed(1), failure_persistence: None, ..ProptestConfig::default()
    })]

    /// Whatever happens: the operations rebuild the durable image, cached content is what a plain
    /// map says, and the counters agree with the files.
    #[test]
    fn recorded_operations_rebuild_the_durable_image(
        steps in proptest::collection::vec((0u8..10, 0usize..4, 0usize..4, 0usize..6), 1..80),
        seed in any::<u64>(),
    ) {
        const PATHS: [&str; 4] = ["t-0/a", "t-0/b", "t-1/a", "meta.properties"];
        let mut disk = Disk::default();
        disk.set_record_ops(true);
        let mut cached: BTreeMap<String, Vec<u8>> = BTreeMap::new();
        let mut image = BTreeMap::new();
        let mut rng = SimRng::new(seed);
        for (n, (verb, a, b, size)) in steps.into_iter().enumerate() {
            let (now, path, other) = (SimTime(n as u64), PATHS[a], PATHS[b]);
            let bytes = vec![n as u8; size];
            let before = disk.clone();
            match verb {
                0..=3 => {
                    disk.append(path, bytes.clone().into(), now);
                    cached.entry(path.into()).or_default().extend(bytes);
                }
                4 => {
                    disk.replace(path, bytes.clone().into());
                    cached.insert(path.into(), bytes);
                }
                5 => {
                    disk.truncate(path, size as u64);
                    if let Some(file) = cached.get_mut(path) { file.truncate(size) }
                }
                6 => {
                    disk.delete(path);
                    cached.remove(path);
                }
                7 => {
                    disk.rename(path, other);
                    if let Some(file) = cached.remove(path) { cached.insert(other.into(), file); }
                }
                8 if size == 0 => {
                    disk.power_loss(&mut rng);
                    for (path, file) in &mut cached {
                        let kept = disk.read_all(path).unwrap();
                        prop_assert!(kept.len() as u64 >= before.durable_len(path).unwrap());
                        prop_assert!(file.starts_with(&kept));
                        file.truncate(kept.len());
                    }
                }
                8 => { disk.write_back(now, size as u64 * 4); }
                _ => { disk.fsync(path); }
            }
            disk.take_ops().into_iter().for_each(|op| apply(&mut image, op));
            let durable: BTreeMap<_, _> = disk
                .durable_image()
                .into_iter()
                .map(|(path, bytes)| (path, bytes.to_vec()))
                .collect();
            prop_assert_eq!(&durable, &image);
            let all: BTreeMap<_, _> = disk
                .paths()
                .map(|path| (path.to_string(), disk.read_all(path).unwrap().to_vec()))
                .collect();
            prop_assert_eq!(&all, &cached);
            let at_risk: u64 = disk
                .paths()
                .map(|path| disk.len(path).unwrap() - disk.durable_len(path).unwrap())
                .sum();
            prop_assert_eq!(disk.dirty_bytes(), at_risk);
            prop_assert_eq!(disk.dirty_since().is_some(), at_risk > 0);
        }
    }
}
