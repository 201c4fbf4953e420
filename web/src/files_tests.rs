//! Files from outside: good ones are shown as they are, bad ones give a problem and no more.

use super::*;
use crate::scenario;
use crate::view_model::bytes::outline::BlockKind;
use crate::view_model::bytes::{self, cleaning};
use kafkascope_engine::ids::NodeId;
use kafkascope_engine::log::cleaner::watch::Bench;
use kafkascope_engine::log::look_up::{Target, look_up};

const LOG: &str = "orders-0/00000000000000000000.log";

fn disk() -> Disk {
    let timeline = scenario::prepare(scenario::opening().script).unwrap().timeline;
    timeline.cluster().node(NodeId(1)).unwrap().disk.clone()
}

fn contents(disk: &Disk) -> Vec<(String, Bytes)> {
    disk.paths().map(|path| (path.to_string(), disk.read_all(path).unwrap())).collect()
}

fn zipped(files: &[(String, Bytes)]) -> Bytes {
    zip(files.iter().map(|(path, bytes)| (path.as_str(), bytes.clone()))).unwrap().into()
}

#[test]
fn a_disk_survives_the_way_out_and_in() {
    let files = contents(&disk());
    let back = import(vec![("broker-1.zip".into(), zipped(&files))]).unwrap();
    let expected: Vec<_> = files
        .into_iter()
        .map(|(path, bytes)| {
            (if path.contains('/') { path } else { format!("{DIR}/{path}") }, bytes)
        })
        .collect();
    let mut found = contents(&back);
    found.sort();
    let mut expected = expected;
    expected.sort();
    assert_eq!(found, expected);
    assert_eq!(back.dirty_bytes(), 0);
}

#[test]
fn names_that_browsers_change() {
    let log = disk().read_all(LOG).unwrap();
    for (name, path) in [
        ("00000000000000000007.log", "opened/00000000000000000007.log"),
        ("00000000000000000007 (1).log", "opened/00000000000000000007.log"),
        ("orders.log", "opened/00000000000000000000.log"),
    ] {
        let disk = import(vec![(name.into(), log.clone())]).unwrap();
        assert_eq!(disk.paths().next().map(|path| &**path), Some(path));
    }
    let twice = import(vec![("7.log".into(), log.clone()), ("07.log".into(), log)]);
    assert!(matches!(twice, Err(Problem::Twice { .. })));
}

#[test]
fn what_is_not_kafkas_is_refused_with_a_place() {
    let one = |name: &str, bytes: &'static [u8]| {
        import(vec![(name.to_string(), Bytes::from_static(bytes))])
    };
    assert!(matches!(one("cat.png", b"\x89PNG"), Err(Problem::Unknown { .. })));
    assert!(matches!(one("leader-epoch-checkpoint", b"\xff"), Err(Problem::Unknown { .. })));
    let noise = one("0.log", &[0x55; 400]);
    assert!(matches!(noise, Err(Problem::NoBatch { damage, .. }) if damage.position() == 16));
    assert!(matches!(one("0.log", b"short"), Err(Problem::NoBatch { .. })));
    assert!(one("0.log", b"").is_ok());
    assert!(matches!(one("a.zip", b"PK\x03\x04 and no more"), Err(Problem::Zip { .. })));
    let unrelated = zipped(&[("readme.txt".into(), Bytes::from_static(b"hello"))]);
    assert!(matches!(import(vec![("a.zip".into(), unrelated)]), Err(Problem::Unknown { .. })));
    let climbs = zipped(&[("../../0.log".into(), Bytes::new()), ("0.index".into(), Bytes::new())]);
    let inside = import(vec![("a.zip".into(), climbs)]).map(|disk| contents(&disk));
    assert!(inside.is_ok_and(|files| files.iter().all(|(path, _)| !path.contains(".."))));
}

#[test]
fn a_folder_is_taken_as_it_is() {
    let files = contents(&disk());
    let dropped = |prefix: &str| -> Vec<(String, Bytes)> {
        files.iter().map(|(path, bytes)| (format!("{prefix}/{path}"), bytes.clone())).collect()
    };
    let mut found = dropped("data");
    found.push(("data/.DS_Store".into(), Bytes::from_static(b"x")));
    let mut expected = dropped("data");
    expected.sort();
    let mut taken = contents(&import(found).unwrap());
    taken.sort();
    assert_eq!(taken, expected);
    let photos = vec![("photos/cat.png".to_string(), Bytes::from_static(b"\x89PNG"))];
    assert_eq!(import(photos), Err(Problem::Unknown { name: "photos".into() }));
    let noise = Bytes::from(vec![0x55; 400]);
    let broken = import(vec![("data/orders-0/00000000000000000000.log".into(), noise)]);
    assert!(matches!(broken, Err(Problem::NoBatch { damage, .. }) if damage.position() == 16));
}

#[test]
fn a_bomb_is_stopped_where_it_is_too_much() {
    let zeros = Bytes::from(vec![0; 40 << 20]);
    let bomb = zipped(&[("0.index".into(), zeros.clone()), ("1.index".into(), zeros)]);
    assert!(bomb.len() < 1 << 20);
    let refused = import(vec![("bomb.zip".into(), bomb)]);
    assert!(matches!(refused, Err(Problem::UnpacksTooLarge { position, .. }) if position > 0));
}

/// Damage anywhere in a zip is a problem, or does not matter; it is never a panic.
#[test]
fn two_hundred_damaged_zips() {
    let files = contents(&disk());
    let good = zipped(&files);
    for variant in 0..200_usize {
        let mut bytes = good.to_vec();
        let at = variant * bytes.len() / 200;
        match variant % 3 {
            0 => bytes[at] ^= 0x10,
            1 => bytes.truncate(at),
            _ => bytes[at..].iter_mut().take(40).for_each(|byte| *byte = 0xff),
        }
        match import(vec![("a.zip".into(), bytes.into())]) {
            Ok(disk) => assert!(disk.paths().count() <= files.len()),
            Err(Problem::Zip { position, .. }) => assert!(position <= good.len() as u64),
            Err(_) => {}
        }
    }
}

/// Written by a real broker; see the README beside them.
const REAL: [(&str, &[u8]); 2] = [
    (
        "compacted-0/00000000000000000899.log",
        include_bytes!("../../tests/e2e/fixtures/real-kafka/compacted-0/00000000000000000899.log"),
    ),
    (
        "gzip-0/00000000000000000166.log",
        include_bytes!("../../tests/e2e/fixtures/real-kafka/gzip-0/00000000000000000166.log"),
    ),
];

/// All that the viewer does with a log, without a page: blocks, fields, dump, look-up, cleaning.
/// Answers where the last whole batch ends.
fn read_all_ways(disk: &Disk) -> usize {
    let path = disk.paths().next().unwrap().clone();
    let shot = bytes::shot(disk, &path).unwrap();
    let mut whole = 0;
    for block in &outline(&shot).blocks {
        let fields = bytes::fields::fields(&shot, block);
        assert!(fields.iter().all(|field| field.start + field.len <= block.len));
        if matches!(block.what, BlockKind::Batch(_)) {
            whole = block.start + block.len;
        }
    }
    bytes::dump::dump(&shot);
    let dir = bytes::dir_of(&path);
    look_up(disk, dir, Target::Offset(950));
    let mut bench = Bench::of_files(disk, dir).unwrap();
    bench.close_active_segment();
    let subject = cleaning::subject(&bench);
    let watched = bench.clean();
    cleaning::frame(&subject, &watched.steps, watched.steps.len());
    whole
}

#[test]
fn a_real_brokers_segments_are_read_to_their_end() {
    for (path, bytes) in REAL {
        let disk = import(vec![(path.to_string(), Bytes::from_static(bytes))]).unwrap();
        assert_eq!(read_all_ways(&disk), bytes.len(), "{path}");
    }
}

/// It is refused with a place, or read up to the damage; never a panic.
fn reads_or_refuses(path: &str, bytes: Vec<u8>) {
    let len = bytes.len();
    match import(vec![(path.to_string(), bytes.into())]) {
        Ok(disk) => assert!(read_all_ways(&disk) <= len),
        Err(Problem::NoBatch { damage, .. }) => assert!(damage.position() <= len as u64),
        Err(other) => panic!("{path}: {other:?}"),
    }
}

#[test]
fn two_hundred_damaged_variants_of_a_real_segment() {
    for (path, good) in REAL {
        for variant in 0..200_usize {
            let mut bytes = good.to_vec();
            let at = variant * bytes.len() / 200;
            match variant % 4 {
                0 => bytes[at] ^= 0x10,
                1 => bytes.truncate(at),
                2 => bytes[at..].iter_mut().take(40).for_each(|byte| *byte = 0xff),
                _ => drop(bytes.splice(at..at, [0x00; 7])),
            }
            reads_or_refuses(path, bytes);
        }
    }
}

/// Base offset, length, leader epoch, magic and the CRC itself: no CRC holds these.
#[test]
fn every_bit_that_no_checksum_covers() {
    const UNCOVERED: usize = 21;
    for (path, good) in REAL {
        let disk = import(vec![(path.to_string(), Bytes::from_static(good))]).unwrap();
        let shot = bytes::shot(&disk, path).unwrap();
        for block in &outline(&shot).blocks {
            for bit in 0..UNCOVERED * 8 {
                let mut bytes = good.to_vec();
                bytes[block.start + bit / 8] ^= 1 << (bit % 8);
                reads_or_refuses(path, bytes);
            }
        }
    }
}
