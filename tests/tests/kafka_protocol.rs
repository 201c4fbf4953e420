//! Our record batches against the `kafka-protocol` crate, which knows nothing of us: what it encodes
//! we read, what we encode it reads, field by field.

use bytes::{Bytes, BytesMut};
use kafka_protocol::indexmap::IndexMap;
use kafka_protocol::protocol::StrBytes;
use kafka_protocol::records::{
    Compression, Record, RecordBatchDecoder, RecordBatchEncoder, RecordEncodeOptions, TimestampType,
};
use kafkascope_engine::record::record::Header;
use kafkascope_engine::record::record_batch::RecordBatch;
use kafkascope_engine::record::record_batch_builder::RecordBatchBuilder;
use proptest::prelude::*;

#[derive(Clone, Debug)]
struct Plain {
    timestamp: i64,
    key: Option<Vec<u8>>,
    value: Option<Vec<u8>>,
    headers: Vec<(String, Option<Vec<u8>>)>,
}

fn plain() -> impl Strategy<Value = Plain> {
    let bytes = || proptest::option::of(proptest::collection::vec(any::<u8>(), 0..80));
    let headers = proptest::collection::btree_map("[a-zа-я가-힣]{0,8}", bytes(), 0..4);
    (0i64..4_000_000_000_000, bytes(), bytes(), headers).prop_map(
        |(timestamp, key, value, headers)| Plain {
            timestamp,
            key,
            value,
            headers: headers.into_iter().collect(),
        },
    )
}

fn ours(base_offset: i64, epoch: i32, records: &[Plain]) -> Bytes {
    let mut batch = RecordBatchBuilder::new(base_offset).leader_epoch(epoch);
    for record in records {
        let headers: Vec<Header> = record
            .headers
            .iter()
            .map(|(key, value)| Header { key: key.clone(), value: value.clone().map(Bytes::from) })
            .collect();
        batch.append(record.timestamp, record.key.as_deref(), record.value.as_deref(), &headers);
    }
    batch.build()
}

fn theirs(base_offset: i64, epoch: i32, records: &[Plain]) -> Bytes {
    let records: Vec<Record> = records
        .iter()
        .enumerate()
        .map(|(n, record)| Record {
            transactional: false,
            control: false,
            delete_horizon: false,
            partition_leader_epoch: epoch,
            producer_id: -1,
            producer_epoch: -1,
            timestamp_type: TimestampType::Creation,
            offset: base_offset + n as i64,
            sequence: -1 + n as i32,
            timestamp: record.timestamp,
            key: record.key.clone().map(Bytes::from),
            value: record.value.clone().map(Bytes::from),
            headers: record
                .headers
                .iter()
                .map(|(key, value)| {
                    (StrBytes::from_string(key.clone()), value.clone().map(Bytes::from))
                })
                .collect::<IndexMap<_, _>>(),
        })
        .collect();
    let options = RecordEncodeOptions { version: 2, compression: Compression::None };
    let mut bytes = BytesMut::new();
    RecordBatchEncoder::encode(&mut bytes, &records, &options).expect("it encodes its own records");
    bytes.freeze()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, rng_seed: proptest::test_runner::RngSeed::Fixed(1), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn they_read_what_we_write(records in proptest::collection::vec(plain(), 1..20), base in 0i64..1 << 40) {
        let bytes = ours(base, 3, &records);
        let decoded = RecordBatchDecoder::decode(&mut bytes.clone()).expect("our batch decodes").records;
        prop_assert_eq!(decoded.len(), records.len());
        for (n, (read, written)) in decoded.iter().zip(&records).enumerate() {
            prop_assert_eq!(read.offset, base + n as i64);
            prop_assert_eq!(read.partition_leader_epoch, 3);
            prop_assert_eq!(read.timestamp, written.timestamp);
            prop_assert_eq!(read.key.as_deref(), written.key.as_deref());
            prop_assert_eq!(read.value.as_deref(), written.value.as_deref());
            prop_assert_eq!(read.headers.len(), written.headers.len());
        }
    }

    #[test]
    fn we_read_what_they_write(records in proptest::collection::vec(plain(), 1..20), base in 0i64..1 << 40) {
        let batch = RecordBatch::parse(theirs(base, 5, &records)).expect("their batch parses");
        batch.ensure_valid().expect("their CRC is right");
        prop_assert_eq!(batch.partition_leader_epoch(), 5);
        let read: Vec<_> = batch.records().collect::<Result<_, _>>().expect("their records parse");
        prop_assert_eq!(read.len(), records.len());
        for (n, (read, written)) in read.iter().zip(&records).enumerate() {
            prop_assert_eq!(read.offset, base + n as i64);
            prop_assert_eq!(read.timestamp, written.timestamp);
            prop_assert_eq!(read.key.as_deref(), written.key.as_deref());
            prop_assert_eq!(read.value.as_deref(), written.value.as_deref());
            prop_assert_eq!(read.headers.len(), written.headers.len());
        }
    }
}
