//! The viewer's files: every byte named once, and damage never more than a message.

use super::dump::dump;
use super::fields::{FieldView, Remark, fields, unpacked};
use super::hex::{fields_on, page_range, pages, rows};
use super::outline::{BlockKind, Damage, Outline, outline};
use super::tree::{directories, first_choice};
use super::*;
use kafkascope_engine::log::look_up::{End, Target, look_up};
use kafkascope_engine::record::{EndTransactionMarker, RecordBatchBuilder};
use kafkascope_engine::sim::time::SimTime;

fn file(path: &str, bytes: impl Into<Bytes>) -> FileShot {
    let bytes = bytes.into();
    let durable_len = bytes.len() as u64;
    FileShot { path: path.into(), kind: kind_of(path), bytes, durable_len }
}

/// `batches` batches of one to five records.
fn log(batches: i64) -> FileShot {
    let mut bytes = Vec::new();
    let mut offset = 0;
    for batch in 0..batches {
        let mut builder = RecordBatchBuilder::new(offset).leader_epoch(3);
        for record in 0..=batch % 5 {
            let (key, value) = (format!("key-{record}"), format!("value {batch}"));
            builder.append(1000 + batch, Some(key.as_bytes()), Some(value.as_bytes()), &[]);
            offset += 1;
        }
        bytes.extend_from_slice(&builder.build());
    }
    file("t-0/00000000000000000000.log", bytes)
}

fn everything(file: &FileShot) -> (Outline, Vec<Vec<FieldView>>) {
    let outline = outline(file);
    let fields: Vec<_> = outline.blocks.iter().map(|block| fields(file, block)).collect();
    let mut at = 0;
    for (block, fields) in outline.blocks.iter().zip(&fields) {
        assert_eq!(block.start, at, "blocks leave no gap");
        at += block.len;
        assert_eq!(fields.iter().map(|field| field.len).sum::<usize>(), block.len);
        for page in 0..pages(block.len) {
            let range = page_range(block.len, page);
            let bytes = &file.bytes[block.start..block.start + block.len];
            let shown = rows(bytes, block.start, file.durable_len, fields, range.clone(), 16);
            let count: usize =
                shown.iter().flat_map(|row| &row.runs).map(|run| run.hex.split(' ').count()).sum();
            assert_eq!(count, range.len(), "every byte of the page is shown");
            let on_page = fields_on(fields, &range);
            for run in shown.iter().flat_map(|row| &row.runs) {
                assert!(on_page.contains(&run.field));
            }
        }
    }
    assert_eq!(at, file.bytes.len(), "to the end of the file");
    (outline, fields)
}

#[test]
fn names_tell_kinds() {
    for (path, kind) in [
        ("t-0/00000000000000000007.log", FileKind::Log),
        ("00000000000000000007.log", FileKind::Log),
        ("t-0/00000000000000000007.log.deleted", FileKind::Log),
        ("t-0/00000000000000000007.index", FileKind::OffsetIndex),
        ("t-0/00000000000000000007.timeindex.swap", FileKind::TimeIndex),
        ("t-0/7.txnindex", FileKind::TransactionIndex),
        ("t-0/7.snapshot", FileKind::ProducerSnapshot),
        ("t-0/leader-epoch-checkpoint", FileKind::Text),
        ("meta.properties", FileKind::Text),
        ("t-0/99999999999999999999.log", FileKind::Text),
    ] {
        assert_eq!(kind_of(path), kind, "{path}");
    }
}

#[test]
fn every_byte_of_a_log_belongs_to_one_field() {
    let log = log(40);
    let (outline, fields) = everything(&log);
    assert_eq!((outline.blocks.len(), outline.damage), (40, None));
    let second = &fields[1];
    let find = |name: &str| second.iter().find(|field| field.name == name).unwrap();
    assert_eq!(find("baseOffset").value, "1");
    assert_eq!(find("crc").remark, Some(Remark::CrcMatches));
    assert_eq!(find("attributes").remark, Some(Remark::Attributes("none · CreateTime".into())));
    let last = second.iter().rfind(|field| field.name == "offsetDelta").unwrap();
    assert_eq!((last.part, &last.remark), (Some(1), &Some(Remark::Offset(2))));
    assert_eq!(outline.block_at(usize::MAX), Some(39));
}

#[test]
fn a_marker_speaks() {
    let marker = EndTransactionMarker { commit: true, coordinator_epoch: 7 };
    let bytes = marker.batch(9, 3, 1000);
    let (_, fields) = everything(&file("t-0/00000000000000000000.log", bytes));
    assert!(fields[0].iter().any(|field| field.remark == Some(Remark::Marker(marker))));
}

#[test]
fn compressed_records_are_one_span_and_unpack_or_say_why_not() {
    let mut bytes = log(1).bytes.to_vec();
    bytes[22] = 1;
    let log = file("t-0/00000000000000000000.log", bytes);
    let (outline, fields) = everything(&log);
    let records = fields[0].last().unwrap();
    assert_eq!(records.name, "records");
    assert_eq!(records.remark, Some(Remark::Compressed("gzip")));
    // These bytes are no gzip, with or without a codec.
    assert!(unpacked(&super::fields::batch_of(&log, &outline.blocks[0]).unwrap(), 9).is_err());
}

#[test]
fn indexes_end_where_the_reserved_room_begins() {
    let entries = [[0, 0, 0, 2, 0, 0, 0, 138], [0, 0, 0, 5, 0, 0, 1, 0]].concat();
    let (outline, fields) =
        everything(&file("t-0/00000000000000000010.index", [&entries[..], &[0; 400]].concat()));
    let kinds: Vec<_> = outline.blocks.iter().map(|block| block.what).collect();
    assert_eq!(kinds, [BlockKind::Entries { first: 0, count: 2 }, BlockKind::Unused]);
    assert_eq!(fields[0][0].remark, Some(Remark::Offset(12)));
    assert_eq!(fields[0][3].value, "256");

    let backwards = [[0, 0, 0, 5, 0, 0, 1, 0], [0, 0, 0, 2, 0, 0, 0, 138]].concat();
    let (outline, _) = everything(&file("t-0/00000000000000000010.index", backwards));
    assert_eq!(outline.damage, Some(Damage::EntryOutOfOrder { position: 8 }));
    let (outline, _) = everything(&file("t-0/00000000000000000010.timeindex", vec![1; 13]));
    assert_eq!(outline.damage, Some(Damage::PartOfEntry { position: 12, left: 1 }));
}

#[test]
fn the_other_files() {
    for (path, bytes) in [
        ("t-0/leader-epoch-checkpoint", b"0\n1\n0 0\n".to_vec()),
        ("t-0/partition.metadata", vec![b'x'; 3000]),
        ("t-0/7.snapshot", vec![0; 10 + 46 * 40]),
        ("t-0/7.snapshot", vec![0; 9]),
        ("t-0/7.snapshot", vec![0; 57]),
        ("t-0/7.txnindex", vec![1; 34 * 2 + 3]),
        ("t-0/7.log", Vec::new()),
        ("t-0/7.index", vec![0; 4096]),
    ] {
        everything(&file(path, bytes));
    }
}

/// 200 variants, each damaged at a drawn byte by a drawn kind of damage: what lies before it is read
/// as it was, and nothing panics.
#[test]
fn two_hundred_damaged_segments_are_read_up_to_the_damage() {
    let good = log(30);
    let (sound, _) = everything(&good);
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut draw = move |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % below as u64) as usize
    };
    for variant in 0..200 {
        let mut bytes = good.bytes.to_vec();
        let at = draw(bytes.len());
        match variant % 5 {
            0 => bytes[at] ^= 1 << draw(8),
            1 => bytes.truncate(at),
            2 => bytes[at..].iter_mut().for_each(|byte| *byte = 0),
            3 => drop(bytes.splice(at..at, (0..draw(300)).map(|n| n as u8))),
            _ => {
                let end = (at + 1 + draw(64)).min(bytes.len());
                bytes[at..end].iter_mut().for_each(|byte| *byte = draw(256) as u8);
            }
        }
        let damaged = file("t-0/00000000000000000000.log", bytes);
        let (outline, _) = everything(&damaged);
        for block in sound.blocks.iter().take_while(|block| block.start + block.len <= at) {
            assert!(outline.blocks.contains(block), "variant {variant}, byte {at}");
        }
        assert!(dump(&damaged).lines.len() >= 2);
        let mut disk = Disk::default();
        disk.replace(&damaged.path, damaged.bytes.clone());
        // A record whose bytes lie before the damage is found.
        let before = sound.blocks.iter().take_while(|block| block.start + block.len <= at);
        for block in before {
            let BlockKind::Batch(header) = block.what else { continue };
            let found = look_up(&disk, "t-0", Target::Offset(header.base_offset));
            assert!(matches!(found.end, End::Found { .. }), "variant {variant}: {found:?}");
        }
        look_up(&disk, "t-0", Target::Offset(1_000));
        look_up(&disk, "t-0", Target::Time(2_000));
        if let Some(damage) = outline.damage {
            assert!(damage.position() <= damaged.bytes.len() as u64);
            let unread = outline.blocks.iter().find(|b| b.what == BlockKind::Unread);
            assert!(unread.is_none_or(|unread| unread.start as u64 <= damage.position()));
        }
    }
}

#[test]
fn a_disk_as_directories() {
    let mut disk = Disk::default();
    let paths = [
        "t-1/00000000000000000000.log",
        "t-1/00000000000000000000.index",
        "t-1/00000000000000000009.log",
        "t-1/leader-epoch-checkpoint",
        "__cluster_metadata-0/00000000000000000000.log",
        "meta.properties",
        "zz-0/00000000000000000000.log",
        "zz.txt",
    ];
    for path in paths {
        disk.append(path, Bytes::from_static(b"12345678"), SimTime::ZERO);
    }
    let all = directories(&disk);
    let names: Vec<&str> = all.iter().map(|dir| dir.name.as_str()).collect();
    assert_eq!(names, ["t-1", "zz-0", "__cluster_metadata-0", ""]);
    let bases: Vec<i64> = all[0].segments.iter().map(|segment| segment.base_offset).collect();
    assert_eq!((bases, all[0].segments[0].len(), all[3].others.len()), (vec![0, 9], 16, 2));
    assert_eq!(all[0].segments[0].files[0].label, ".log");
    assert_eq!(all[0].segments[0].files[0].durable_len, 0);
    assert_eq!(first_choice(&all).as_deref(), Some(paths[0]));
}
