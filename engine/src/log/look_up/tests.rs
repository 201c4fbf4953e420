//! That a look-up told in steps finds what the log itself finds, and touches what it should.

use super::*;
use crate::ids::{TopicPartition, Uuid};
use crate::log::log_config::LogConfig;
use crate::log::unified_log::UnifiedLog;
use crate::record::{RecordBatch, RecordBatchBuilder};
use crate::sim::time::SimTime;

const DIR: &str = "orders-0";

/// 60 batches of one to three records in several segments, an index entry for every second batch.
fn log() -> (UnifiedLog, Disk) {
    let mut disk = Disk::default();
    let mut config = LogConfig::default();
    config.set("index.interval.bytes", "150").unwrap();
    config.set("segment.bytes", "1000").unwrap();
    let id = TopicPartition::new("orders", 0);
    let topic_id = Uuid::from_random(1, 2);
    let mut log = UnifiedLog::create(&mut disk, &id, topic_id, config, SimTime::ZERO);
    for n in 0..60 {
        let mut builder = RecordBatchBuilder::default();
        for record in 0..=n % 3 {
            builder.append(1000 + n * 10 + record, None, Some(b"a value"), &[]);
        }
        let batch = RecordBatch::parse(builder.build()).unwrap();
        log.append_as_leader(&mut disk, &batch, 0, SimTime::ZERO).unwrap();
    }
    assert!(log.segments().count() > 3);
    (log, disk)
}

fn found(look_up: &LookUp) -> Option<(i64, i64)> {
    match look_up.end {
        End::Found { offset, timestamp, .. } => Some((offset, timestamp)),
        _ => None,
    }
}

#[test]
fn every_offset_and_every_time() {
    let (log, disk) = log();
    for offset in 0..log.log_end_offset() {
        let look_up = look_up(&disk, DIR, Target::Offset(offset));
        let read = log.read(&disk, offset, 0, i64::MAX, true).unwrap();
        let batch = RecordBatch::parse(read.batches[0].clone()).unwrap();
        assert_eq!(found(&look_up).unwrap().0, offset);
        let held = look_up.steps.iter().find_map(|step| match step {
            Step::Batch { header, holds: true, .. } => Some(*header),
            _ => None,
        });
        assert_eq!(held, Some(batch.header()));
    }
    assert_eq!(look_up(&disk, DIR, Target::Offset(log.log_end_offset())).end, End::NotThere);
    assert_eq!(look_up(&disk, DIR, Target::Offset(-1)).end, End::NoSegment);
    assert_eq!(look_up(&disk, "other-0", Target::Time(0)).end, End::NoSegment);
    for time in 990..1620 {
        let expected = log.offset_for_timestamp(&disk, time).unwrap();
        let steps = look_up(&disk, DIR, Target::Time(time));
        assert_eq!(found(&steps), expected.map(|it| (it.offset, it.timestamp)), "time {time}");
    }
}

#[test]
fn the_search_touches_few_entries_and_the_scan_is_short() {
    let (log, disk) = log();
    let segment = log.segments().nth(1).unwrap();
    let entries = segment.offset_index().entry_count();
    let target = segment.next_offset() - 2;
    let steps = look_up(&disk, DIR, Target::Offset(target)).steps;
    let touched = steps.iter().filter(|step| matches!(step, Step::OffsetEntry { .. })).count();
    assert!((1..=entries.ilog2() as usize + 3).contains(&touched), "{touched} of {entries}");
    let scanned = steps.iter().filter(|step| matches!(step, Step::Batch { .. })).count();
    assert!((1..=4).contains(&scanned), "{scanned}");
    let all = index_entries(&disk, DIR, segment.base_offset());
    for step in steps {
        if let Step::OffsetEntry { slot, entry, .. } = step {
            assert_eq!(all.offsets[slot], entry);
        }
    }
}

#[test]
fn reserved_room_and_damage_in_an_index() {
    let (log, disk) = log();
    let segment = log.segments().nth(1).unwrap();
    let (base, path) = (segment.base_offset(), segment.offset_index().path().clone());
    let good = disk.read_all(&path).unwrap();
    let target = Target::Offset(segment.next_offset() - 1);
    let expected = look_up(&disk, DIR, target);
    let with = |bytes: Vec<u8>| {
        let mut disk = disk.clone();
        disk.replace(&path, bytes.into());
        look_up(&disk, DIR, target)
    };
    assert_eq!(with([&good[..], &[0; 800]].concat()), expected);
    let damaged = with([&good[8..], &good[..8]].concat());
    assert!(damaged.steps.iter().any(|step| matches!(step, Step::IndexDamaged { .. })));
    assert_eq!(damaged.end, expected.end);
    let mut disk = disk.clone();
    let log_path = segment.path();
    let mut bytes = disk.read_all(log_path).unwrap().to_vec();
    bytes[16] = 9;
    disk.replace(log_path, bytes.into());
    let end = look_up(&disk, DIR, Target::Offset(base)).end;
    assert!(matches!(end, End::Damaged { error, .. } if error.position == 16), "{end:?}");
}
