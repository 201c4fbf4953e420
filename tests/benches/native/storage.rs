//! The log's figures: record batches beside the `kafka-protocol` crate, appends, look-ups, the cleaner.

use super::{ROUNDS, figure, median, seconds};
use bytes::{Bytes, BytesMut};
use kafka_protocol::indexmap::IndexMap;
use kafka_protocol::records::{
    Compression, Record, RecordBatchDecoder, RecordBatchEncoder, RecordEncodeOptions, TimestampType,
};
use kafkascope_engine::log::unified_log::UnifiedLog;
use kafkascope_engine::record::{RecordBatch, RecordBatchBuilder};
use kafkascope_engine::sim::disk::Disk;
use kafkascope_engine::sim::random::mix;
use kafkascope_engine::sim::time::SimTime;
use kafkascope_tests::storage::{BATCH_RECORDS, batch, clean, dirty_log, empty_log};
use std::fs;
use std::hint::black_box;
use std::path::Path;

const MB: f64 = 1_000_000.0;

fn theirs(batch: &RecordBatch) -> Vec<Record> {
    batch
        .records()
        .map(|record| record.expect("it holds together"))
        .map(|record| Record {
            transactional: false,
            control: false,
            delete_horizon: false,
            partition_leader_epoch: 0,
            producer_id: -1,
            producer_epoch: -1,
            timestamp_type: TimestampType::Creation,
            offset: record.offset,
            sequence: record.offset as i32 - 1,
            timestamp: record.timestamp,
            key: record.key,
            value: record.value,
            headers: IndexMap::new(),
        })
        .collect()
}

/// Encodes and decodes the same batches; both check the CRC and make every record.
pub fn codec() {
    const BATCHES: i64 = 5_000;
    let first = batch(0);
    let records = theirs(&first);
    let plain: Vec<_> = first.records().map(|record| record.expect("it holds together")).collect();
    let ours = || {
        let mut builder = RecordBatchBuilder::default();
        for record in &plain {
            let (key, value) = (record.key.as_deref(), record.value.as_deref());
            builder.append(record.timestamp, key, value, &[]);
        }
        let batch = RecordBatch::parse(builder.build()).expect("it was built just now");
        batch.ensure_valid().expect("its CRC is right");
        let records: Result<Vec<_>, _> = batch.records().collect();
        black_box(records.expect("they hold together")).len()
    };
    let options = RecordEncodeOptions { version: 2, compression: Compression::None };
    let theirs = || {
        let mut bytes = BytesMut::new();
        RecordBatchEncoder::encode(&mut bytes, &records, &options).expect("it can be encoded");
        let mut bytes: Bytes = bytes.freeze();
        black_box(RecordBatchDecoder::decode(&mut bytes).expect("it can be decoded")).records.len()
    };
    assert_eq!((ours(), theirs()), (BATCH_RECORDS as usize, BATCH_RECORDS as usize));
    let (mut our_times, mut their_times) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        our_times.push(seconds(|| (0..BATCHES).for_each(|_| assert!(ours() > 0))));
        their_times.push(seconds(|| (0..BATCHES).for_each(|_| assert!(theirs() > 0))));
    }
    let bytes = f64::from(first.size_in_bytes()) * BATCHES as f64;
    let (ours, theirs) = (median(our_times), median(their_times));
    figure("encode and decode, 115 B records, here", bytes / ours / MB, "MB/s");
    figure("encode and decode, 115 B records, kafka-protocol", bytes / theirs / MB, "MB/s");
    figure("encode and decode, here / kafka-protocol", theirs / ours, "x");
}

pub fn append() {
    const BATCHES: i64 = 2_000;
    let batches: Vec<_> = (0..BATCHES).map(|n| batch(n * BATCH_RECORDS)).collect();
    let bytes: f64 = batches.iter().map(|batch| f64::from(batch.size_in_bytes())).sum();
    let times = (0..ROUNDS).map(|_| {
        let (mut log, mut disk) = empty_log(&[]);
        seconds(|| {
            for batch in &batches {
                log.append_as_leader(&mut disk, batch, 0, SimTime::ZERO).expect("it is in order");
            }
        })
    });
    figure("append as leader, with all checks", bytes / median(times.collect()) / MB, "MB/s");
}

/// In a segment with an index entry for every batch.
pub fn look_up() {
    const BATCHES: i64 = 50_000;
    const LOOK_UPS: u64 = 200_000;
    let (mut log, mut disk) = empty_log(&[("index.interval.bytes", "0")]);
    for n in 0..BATCHES {
        let mut small = RecordBatchBuilder::default();
        small.append(SimTime::ZERO.timestamp_ms() + n, Some(b"key"), Some(b"value"), &[]);
        let small = RecordBatch::parse(small.build()).expect("it was built just now");
        log.append_as_leader(&mut disk, &small, 0, SimTime::ZERO).expect("it is in order");
    }
    let index = log.active_segment().offset_index();
    assert!(index.entry_count() as i64 >= BATCHES - 1);
    let offset = |n: u64| (mix(&[n]) % BATCHES as u64) as i64;
    let times = (0..ROUNDS).map(|_| {
        seconds(|| {
            for n in 0..LOOK_UPS {
                black_box(index.lookup(offset(n)));
            }
        })
    });
    let ns = |times: Vec<f64>| median(times) * 1e9 / LOOK_UPS as f64;
    figure("offset index look-up, 50,000 entries", ns(times.collect()), "ns");
    let times = (0..ROUNDS).map(|_| {
        seconds(|| {
            for n in 0..LOOK_UPS {
                let read = log.read(&disk, offset(n), 0, i64::MAX, true);
                assert_eq!(read.expect("it is there").batches.len(), 1);
            }
        })
    });
    figure("read of one batch by offset, 50,000 batches", ns(times.collect()), "ns");
}

pub fn cleaner(log_dir: Option<&Path>) {
    const BYTES: u64 = 100_000_000;
    let (log, disk) = dirty_log(BYTES);
    let mut bytes = 0;
    let times = (0..ROUNDS).map(|_| seconds(|| bytes = clean(&log, &disk)));
    let took = median(times.collect());
    figure("cleaner, 115 B records, native", bytes as f64 / took / MB, "MB/s");
    if let Some(log_dir) = log_dir {
        leave(&log, disk, log_dir);
    }
}

/// Writes the log, closed, where a broker can start on it.
fn leave(log: &UnifiedLog, mut disk: Disk, log_dir: &Path) {
    log.clone().close(&mut disk);
    disk.replace(".kafka_cleanshutdown", "{\"version\":0,\"brokerEpoch\":-1}".into());
    for path in disk.paths() {
        let to = log_dir.join(&**path);
        fs::create_dir_all(to.parent().expect("it is below another")).expect("it can be made");
        fs::write(to, disk.read_all(path).unwrap_or_default()).expect("it can be written");
    }
}
