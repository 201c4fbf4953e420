//! Batches written by others (a Kafka broker, kafka-python, sarama) read here, ours read by another
//! codec, and what damage looks like.

mod compression;

use super::record_batch::{decrement_sequence, increment_sequence};
use super::*;
use bytes::{Bytes, BytesMut};
use kafka_protocol::records::{RecordBatchDecoder, RecordBatchEncoder};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

/// kafka-python `test/record/test_records.py`, written by a Kafka 0.11 broker.
const A: &str = "00000000000000000000003b00000001020318a2700000000000000000015dff7b063c0000015dff7b063cffffffffffffffffffffffffffff0000000112000000010631323300";
const B: &str = "0000000000000001000000400000000202c85cbd230000000000010000015dff7cdd6c0000015dff7cde14ffffffffffffffffffffffffffff000000020c0000000100000e00d00202010000";
const D: &str = "00000000000000000000004500000000025cd8ef520000000000000000016585b6f3c10000016585b6f3c1ffffffffffffffffffffffffffff000000012600000001066864720208686b6579086876616c";
/// sarama `record_test.go`.
const E: &str = "0000000000000000000000310000000002595fb7dd00000000000000000000000000000000000000000000000000000000000000000000000000000000";
const F: &str = "0000000000000000000000310000000002512e43d900200000000000000000000000000000000000000000000000000000000000000000000000000000";
const G: &str = "0000000000000000000000460000000002547961fd000000000000000001588dcd5938000000000000000000000000000000000000000000000000000128000a00080102030406050607020608090a040b0c";
const G_GZIP: &str = "00000000000000000000005f0000000002e74acea5000100000000000001588dcd593800000000000000000000000000000000000000000000000000011f8b080000096e8800ff001500eaff28000a00080102030406050607020608090a040b0c0300adc9586715000000";
const G_SNAPPY: &str = "00000000000000000000005c00000000028564b224000200000000000001588dcd5938000000000000000000000000000000000000000000000000000182534e4150505900000000010000000100000017155028000a00080102030406050607020608090a040b0c";

fn hex(text: &str) -> Bytes {
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
        .collect()
}

fn parse(text: &str) -> RecordBatch {
    let batch = RecordBatch::parse(hex(text)).unwrap();
    batch.ensure_valid().unwrap();
    batch
}

fn records(batch: &RecordBatch) -> Vec<Record> {
    batch.records().collect::<Result<_, _>>().unwrap()
}

fn record(offset: i64, timestamp: i64, value: &'static str) -> Record {
    Record { offset, timestamp, key: None, value: Some(value.into()), headers: vec![] }
}

fn header(key: &str, value: &'static [u8]) -> Header {
    Header { key: key.into(), value: Some(Bytes::from_static(value)) }
}

#[test]
fn reads_and_rewrites_what_a_kafka_broker_wrote() {
    let a = parse(A);
    assert_eq!((a.base_offset(), a.last_offset(), a.next_offset()), (0, 0, 1));
    assert_eq!((a.partition_leader_epoch(), a.magic(), a.size_in_bytes()), (1, 2, 71));
    assert_eq!((a.batch_length(), a.crc(), a.attributes()), (59, 0x0318_a270, 0));
    assert_eq!((a.base_timestamp(), a.max_timestamp()), (1_503_229_838_908, 1_503_229_838_908));
    assert_eq!((a.producer_id(), a.producer_epoch(), a.base_sequence()), (-1, -1, -1));
    assert_eq!((a.last_sequence(), a.records_count(), a.last_offset_delta()), (-1, 1, 0));
    assert_eq!(a.compression_type(), CompressionType::None);
    assert_eq!(a.timestamp_type(), TimestampType::CreateTime);
    assert!(!a.is_transactional() && !a.is_control() && a.delete_horizon_ms().is_none());
    assert_eq!(records(&a), [record(0, 1_503_229_838_908, "123")]);

    let b = parse(B);
    assert_eq!((b.base_offset(), b.last_offset(), b.size_in_bytes()), (1, 2, 76));
    let at = b.base_timestamp();
    assert_eq!(records(&b), [record(1, at, ""), record(2, at + 168, "")]);

    let d = parse(D);
    let hkey = header("hkey", b"hval");
    assert_eq!(records(&d)[0].headers, std::slice::from_ref(&hkey));

    let mut builder = RecordBatchBuilder::new(0).leader_epoch(1);
    builder.append(1_503_229_838_908, None, Some(b"123"), &[]);
    assert_eq!(builder.build(), hex(A));
    let mut builder = RecordBatchBuilder::new(1).leader_epoch(2);
    builder.append(at, None, Some(b""), &[]).append(at + 168, None, Some(b""), &[]);
    assert_eq!(builder.build(), hex(B));
    let mut builder = RecordBatchBuilder::new(0).leader_epoch(0);
    builder.append(d.base_timestamp(), None, Some(b"hdr"), &[hkey]);
    assert_eq!(builder.build(), hex(D));
}

#[test]
fn reads_what_sarama_wrote() {
    let e = parse(E);
    assert_eq!((e.size_in_bytes(), e.records_count(), records(&e)), (61, 0, vec![]));
    let f = parse(F);
    assert!(f.is_control() && records(&f).is_empty());
    let g = parse(G);
    let [record] = records(&g).try_into().unwrap();
    assert_eq!(record.timestamp, g.base_timestamp() + 5);
    assert_eq!(record.key.as_deref(), Some(&[1, 2, 3, 4][..]));
    assert_eq!(record.value.as_deref(), Some(&[5, 6, 7][..]));
    assert_eq!(record.headers, [header("\u{8}\t\n", &[0x0b, 0x0c])]);
}

#[test]
fn sizes_are_kafkas() {
    let size = |key: Option<&[u8]>| {
        let mut builder = RecordBatchBuilder::default();
        builder.append(0, key, Some(b"test"), &[]);
        (builder.size_in_bytes(), builder.build().len())
    };
    assert_eq!(size(None), (72, 72));
    assert_eq!(size(Some(b"test")), (76, 76));
}

#[test]
fn sequence_numbers_wrap_to_zero() {
    assert_eq!(increment_sequence(i32::MAX, 1), 0);
    assert_eq!(increment_sequence(i32::MAX - 5, 10), 4);
    assert_eq!(increment_sequence(0, i32::MAX), i32::MAX);
    assert_eq!(decrement_sequence(0, 1), i32::MAX);
    assert_eq!(decrement_sequence(4, 10), i32::MAX - 5);
    let mut builder = RecordBatchBuilder::default().producer(7, 0, i32::MAX - 1);
    for _ in 0..3 {
        builder.append(0, None, None, &[]);
    }
    assert_eq!(RecordBatch::parse(builder.build()).unwrap().last_sequence(), 0);
}

#[test]
fn crc_is_crc_32c() {
    assert_eq!(crc32c::crc32c(b"123456789"), 0xE306_9283);
    assert_eq!(crc32c::crc32c(b"Some String"), 608_512_271);
    assert_eq!(crc32c::crc32c(b""), 0);
    assert_eq!(crc32c::crc32c(b"a"), 0xC1D0_4330);
    assert_eq!(crc32c::crc32c(&[0]), 1_383_945_041);
}

#[test]
fn a_leader_assigns_offset_and_epoch_without_touching_the_crc() {
    let stamped = RecordBatch::parse(stamp(&hex(B), 42, 9, None)).unwrap();
    assert_eq!((stamped.base_offset(), stamped.partition_leader_epoch()), (42, 9));
    assert_eq!(stamped.crc(), parse(B).crc());
    stamped.ensure_valid().unwrap();
    assert_eq!(stamp(stamped.bytes(), 1, 2, None), hex(B));

    let timed = RecordBatch::parse(stamp(&hex(B), 1, 2, Some(77))).unwrap();
    timed.ensure_valid().unwrap();
    assert_eq!(timed.timestamp_type(), TimestampType::LogAppendTime);
    assert_eq!(timed.base_timestamp(), parse(B).base_timestamp());
    assert!(records(&timed).iter().all(|record| record.timestamp == 77));
}

#[test]
fn goes_through_batches_one_after_the_other() {
    let mut bytes = BytesMut::new();
    [A, B, D].iter().for_each(|text| bytes.extend_from_slice(&hex(text)));
    let bytes = bytes.freeze();
    let all: Vec<_> = batches(bytes.clone()).map(|batch| batch.unwrap().into_bytes()).collect();
    assert_eq!(all, [hex(A), hex(B), hex(D)]);
    let cut: Vec<_> = batches(bytes.slice(..150)).collect();
    let error = cut[2].as_ref().unwrap_err();
    assert_eq!((cut.len(), error.position), (3, 150));
    assert_eq!(error.reason, CorruptReason::Truncated { needed: 61, available: 3 });
}

#[test]
fn damage_is_named_and_placed() {
    let with = |at: usize, new: &[u8]| {
        let mut bytes = BytesMut::from(&hex(B)[..]);
        bytes[at..at + new.len()].copy_from_slice(new);
        RecordBatch::parse(bytes.freeze())
    };
    let table: [(usize, &[u8], u64, CorruptReason); 7] = [
        (16, &[1], 16, CorruptReason::UnsupportedMagic { magic: 1 }),
        (8, &48i32.to_be_bytes(), 8, CorruptReason::LengthTooSmall { batch_length: 48 }),
        (8, &65i32.to_be_bytes(), 8, CorruptReason::Truncated { needed: 77, available: 76 }),
        (8, &63i32.to_be_bytes(), 75, CorruptReason::TrailingBytes { count: 1 }),
        (22, &[5], 21, CorruptReason::UnknownCompression { id: 5 }),
        (0, &[0x80], 0, CorruptReason::NegativeBaseOffset { base_offset: i64::MIN + 1 }),
        (57, &3i32.to_be_bytes(), 57, CorruptReason::InvalidRecordsCount { records_count: 3 }),
    ];
    for (at, new, position, reason) in table {
        assert_eq!(with(at, new), Err(CorruptRecord { position, reason }));
    }
    let flipped = with(70, &[1]).unwrap();
    let error = flipped.ensure_valid().unwrap_err();
    assert_eq!(error.position, 17);
    assert!(error.to_string().starts_with("Record is corrupt (stored crc = 0xc85cbd23"), "{error}");
}

#[test]
fn records_must_add_up_exactly() {
    // The second record of B: length 7, attributes, timestamp delta (two bytes), offset delta, key
    // length, value length, headers count.
    let table = [
        (68, 0x0c, 75, "it ends inside a field"),
        (68, 0x10, 68, "its length goes beyond the batch"),
        (68, 0x01, 68, "its length goes beyond the batch"),
        (72, 0x00, 72, "its offset does not fit between its neighbours"),
        (72, 0x04, 72, "its offset does not fit between its neighbours"),
        (73, 0x08, 73, "a field goes beyond it"),
        (75, 0x02, 75, "its number of headers is out of range"),
        (75, 0x01, 75, "its number of headers is out of range"),
    ];
    for (at, byte, position, what) in table {
        let mut bytes = BytesMut::from(&hex(B)[..]);
        bytes[at] = byte;
        let batch = RecordBatch::parse(bytes.freeze()).unwrap();
        let reason = CorruptReason::InvalidRecord { index: 1, what };
        let error = CorruptRecord { position, reason };
        assert_eq!(batch.records().skip(1).collect::<Vec<_>>(), [Err(error)], "byte {at}");
        assert_eq!(RecordsCheck::of(&batch), Err(error), "byte {at}");
    }
    // A length that ends in the middle of what is there.
    let mut bytes = BytesMut::from(&hex(G)[..]);
    bytes[61] -= 2;
    let batch = RecordBatch::parse(bytes.freeze()).unwrap();
    assert!(batch.records().next().unwrap().is_err());
    // One record announced, two there.
    let mut bytes = BytesMut::from(&hex(B)[..]);
    bytes[60] = 1;
    let batch = RecordBatch::parse(bytes.freeze()).unwrap();
    let last = batch.records().last().unwrap().unwrap_err();
    assert_eq!(last.reason, CorruptReason::TrailingBytes { count: 8 });
}

#[test]
fn the_field_map_names_every_byte_once() {
    for text in [A, B, D, E, F, G] {
        let batch = parse(text);
        let fields = field_map(&batch);
        let mut at = 0;
        for field in &fields {
            assert_eq!(field.start, at, "{}", field.name);
            at += field.len;
        }
        assert_eq!(at, batch.bytes().len());
    }
    let fields = field_map(&parse(D));
    let span = |name| {
        let field = fields.iter().find(|field| field.name == name).unwrap();
        (field.start, field.len, field.record)
    };
    assert_eq!(span("crc"), (17, 4, None));
    assert_eq!(span("value"), (67, 3, Some(0)));
    assert_eq!(span("headerKey"), (72, 4, Some(0)));
    assert_eq!(span("headerValue"), (77, 4, Some(0)));
}

fn any_bytes() -> impl Strategy<Value = Option<Vec<u8>>> {
    proptest::option::of(proptest::collection::vec(any::<u8>(), 0..90))
}

type RawRecord = (i64, Option<Vec<u8>>, Option<Vec<u8>>, Vec<(String, Option<Vec<u8>>)>);

fn any_record() -> impl Strategy<Value = RawRecord> {
    let headers = proptest::collection::vec(("[a-z가-힣]{0,5}", any_bytes()), 0..3);
    (0i64..4_000_000_000_000, any_bytes(), any_bytes(), headers)
}

fn build(base_offset: i64, raw: &[RawRecord]) -> Bytes {
    let mut builder = RecordBatchBuilder::new(base_offset).leader_epoch(3).producer(5, 1, 10);
    for (timestamp, key, value, headers) in raw {
        let headers: Vec<Header> = headers
            .iter()
            .map(|(key, value)| Header { key: key.clone(), value: value.clone().map(Bytes::from) })
            .collect();
        builder.append(*timestamp, key.as_deref(), value.as_deref(), &headers);
    }
    builder.build()
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 200, rng_seed: RngSeed::Fixed(1), failure_persistence: None, ..ProptestConfig::default()
    })]

    /// The `kafka-protocol` crate reads what we wrote as we do, and writes the same bytes from it.
    #[test]
    fn another_codec_agrees(
        base_offset in 0i64..1 << 40, raw in proptest::collection::vec(any_record(), 1..8),
    ) {
        let bytes = build(base_offset, &raw);
        let ours = RecordBatch::parse(bytes.clone()).unwrap();
        ours.ensure_valid().unwrap();
        let theirs = RecordBatchDecoder::decode(&mut bytes.clone()).unwrap();
        let records = records(&ours);
        prop_assert_eq!(records.len(), raw.len());
        prop_assert_eq!(theirs.records.len(), raw.len());
        for ((ours, theirs), raw) in records.iter().zip(&theirs.records).zip(&raw) {
            prop_assert_eq!((ours.offset, ours.timestamp), (theirs.offset, theirs.timestamp));
            prop_assert_eq!(&ours.key, &theirs.key);
            prop_assert_eq!(&ours.value, &theirs.value);
            prop_assert_eq!((&ours.key, ours.timestamp), (&raw.1.clone().map(Bytes::from), raw.0));
            prop_assert_eq!(ours.headers.len(), raw.3.len());
        }
        let mut written = BytesMut::new();
        let options = kafka_protocol::records::RecordEncodeOptions {
            version: 2,
            compression: kafka_protocol::records::Compression::None,
        };
        let plain = raw.iter().all(|record| record.3.is_empty());
        let rising = raw.windows(2).all(|pair| pair[0].0 <= pair[1].0);
        if plain && rising {
            RecordBatchEncoder::encode(&mut written, &theirs.records, &options).unwrap();
            prop_assert_eq!(written.freeze(), bytes);
        }
    }

    /// No damaged byte makes reading panic, and none under the CRC goes unnoticed.
    #[test]
    fn any_flipped_bit_is_an_answer_not_a_panic(
        raw in proptest::collection::vec(any_record(), 1..4), bit in any::<proptest::sample::Index>(),
    ) {
        let mut bytes = BytesMut::from(&build(0, &raw)[..]);
        let bit = bit.index(bytes.len() * 8);
        bytes[bit / 8] ^= 1 << (bit % 8);
        if let Ok(batch) = RecordBatch::parse(bytes.freeze()) {
            prop_assert_eq!(batch.ensure_valid().is_ok(), bit / 8 < 17);
            let _ = (batch.records().count(), field_map(&batch), RecordsCheck::of(&batch));
        }
    }
}
