//! The codecs: what other implementations packed, what ours pack, and what hostile bytes do.

use super::*;
use crate::record::compression::UNCOMPRESSED_MAX;

#[test]
fn reads_what_other_clients_compressed() {
    let plain = records(&parse(G));
    for (text, compression, size) in
        [(G_GZIP, CompressionType::Gzip, 107), (G_SNAPPY, CompressionType::Snappy, 104)]
    {
        let batch = parse(text);
        assert_eq!((batch.compression_type(), batch.size_in_bytes()), (compression, size));
        assert_eq!(records(&batch), plain);
        let fields = field_map(&batch);
        assert_eq!(fields.last().map(|field| (field.name, field.start)), Some(("records", 61)));
    }
}

#[test]
fn ids_and_names_are_kafkas() {
    for (id, name) in (0..).zip(["none", "gzip", "snappy", "lz4", "zstd"]) {
        let compression = CompressionType::from_id(id).unwrap();
        assert_eq!((compression.id(), compression.name()), (id, name));
        assert_eq!(CompressionType::from_name(name), Some(compression));
    }
    assert_eq!(CompressionType::from_id(5), None);
}

/// Of each codec, the first bytes that its format asks for: gzip without name and time, snappy-java's
/// header, a frame of independent 64 KiB blocks without checksums, a zstd frame.
#[test]
fn packs_as_kafka_does() {
    let table: [(CompressionType, &[u8]); 4] = [
        (CompressionType::Gzip, &[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]),
        (CompressionType::Snappy, b"\x82SNAPPY\0\0\0\0\x01\0\0\0\x01"),
        (CompressionType::Lz4, &[0x04, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82]),
        (CompressionType::Zstd, &[0x28, 0xb5, 0x2f, 0xfd]),
    ];
    for (compression, start) in table {
        let packed = compression.compress(b"some records, some records", -1);
        assert!(packed.starts_with(start), "{compression} {packed:02x?}");
    }
    let plain = parse(G);
    let section = &plain.bytes()[61..];
    assert_eq!(CompressionType::Snappy.compress(section, -1), parse(G_SNAPPY).bytes()[61..]);
}

/// Text that repeats, text that does not, nothing, and more than a block of every codec.
fn sections() -> Vec<Vec<u8>> {
    let mut state = 1u32;
    let mut noise = |_| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    let long: Vec<u8> = (0..300_000).map(&mut noise).collect();
    vec![b"x".to_vec(), b"americano ".repeat(40), b"ab".repeat(200_000), long]
}

#[test]
fn every_codec_gives_back_what_it_was_given() {
    for compression in CompressionType::ALL {
        for section in sections() {
            for gzip_level in [-1, 1, 9] {
                let packed = compression.compress(&section, gzip_level);
                assert_eq!(packed, compression.compress(&section, gzip_level));
                assert_eq!(compression.decompress(packed.into()).unwrap(), section);
            }
        }
    }
}

#[test]
fn batches_of_every_codec_hold_the_same_records() {
    for compression in CompressionType::ALL {
        let mut builder = RecordBatchBuilder::new(7).compression(compression).leader_epoch(3);
        for n in 0..50 {
            let value = format!("value {n}");
            let headers = [header("trace", b"1")];
            builder.append(1000 + n, Some(b"key"), Some(value.as_bytes()), &headers);
        }
        let batch = RecordBatch::parse(builder.build()).unwrap();
        batch.ensure_valid().unwrap();
        assert_eq!(batch.compression_type(), compression);
        assert_eq!(
            (batch.base_offset(), batch.last_offset(), batch.max_timestamp()),
            (7, 56, 1049)
        );
        let read = records(&batch);
        assert_eq!((read.len(), read[49].offset, read[49].timestamp), (50, 56, 1049));
        assert_eq!(read[49].value.as_deref(), Some(&b"value 49"[..]));
    }
}

/// A few bytes that would fill the memory are refused, whatever the codec.
#[test]
fn bombs_are_refused() {
    let bomb = vec![0; UNCOMPRESSED_MAX + 1];
    let most = UNCOMPRESSED_MAX as u64;
    for compression in &CompressionType::ALL[1..] {
        let packed = compression.compress(&bomb, 9);
        assert!(packed.len() < bomb.len() / 10, "{compression}: {}", packed.len());
        let refused = compression.decompress(packed.into());
        assert_eq!(refused, Err(CorruptReason::UncompressedTooLarge { most }), "{compression}");
    }
    // A snappy block that says how large it is, and nothing more.
    let claims = [0xff, 0xff, 0xff, 0xff, 0x0f];
    let refused = CompressionType::Snappy.decompress(Bytes::copy_from_slice(&claims));
    assert_eq!(refused, Err(CorruptReason::UncompressedTooLarge { most }));
    // A zstd frame with a window of 1 TiB.
    let window = [0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xf0, 0x01, 0x00, 0x00];
    let refused = CompressionType::Zstd.decompress(Bytes::copy_from_slice(&window));
    assert_eq!(refused, Err(CorruptReason::Undecodable(CompressionType::Zstd)));
}

/// Cut anywhere or with any byte changed, packed records unpack to something or are refused.
#[test]
fn damage_never_panics() {
    for compression in CompressionType::ALL {
        let packed = compression.compress(&b"americano, caffe latte, ".repeat(9), -1);
        for at in 0..packed.len() {
            let _ = compression.decompress(Bytes::copy_from_slice(&packed[..at]));
            for change in [0x01, 0x80, 0xff] {
                let mut damaged = packed.clone();
                damaged[at] ^= change;
                let _ = compression.decompress(damaged.into());
            }
        }
    }
}

#[test]
fn an_emptied_batch_keeps_its_place_and_its_producer() {
    let mut builder = RecordBatchBuilder::new(40)
        .producer(9, 2, 17)
        .transactional()
        .compression(CompressionType::Gzip)
        .leader_epoch(5);
    builder.append(100, Some(b"a"), None, &[]).append(103, Some(b"b"), None, &[]);
    let batch = RecordBatch::parse(builder.build()).unwrap();
    let empty = RecordBatch::parse(RecordBatchBuilder::empty_like(&batch)).unwrap();
    empty.ensure_valid().unwrap();
    assert_eq!((empty.size_in_bytes(), empty.records_count(), records(&empty)), (61, 0, vec![]));
    assert_eq!((empty.base_offset(), empty.last_offset(), empty.last_sequence()), (40, 41, 18));
    assert_eq!((empty.producer_id(), empty.producer_epoch()), (9, 2));
    assert_eq!((empty.base_timestamp(), empty.max_timestamp()), (-1, 103));
    assert_eq!((empty.partition_leader_epoch(), empty.is_transactional()), (5, true));
    assert_eq!(empty.compression_type(), CompressionType::None);
}

#[test]
fn a_delete_horizon_takes_the_place_of_the_base_timestamp() {
    for compression in [CompressionType::None, CompressionType::Lz4] {
        let mut builder =
            RecordBatchBuilder::new(3).compression(compression).delete_horizon_ms(86_400_000);
        builder.append_with_offset(4, 100, Some(b"a"), None, &[]);
        builder.override_last_offset(9);
        let batch = RecordBatch::parse(builder.build()).unwrap();
        assert_eq!(batch.delete_horizon_ms(), Some(86_400_000));
        assert_eq!((batch.base_timestamp(), batch.max_timestamp()), (86_400_000, 100));
        assert_eq!((batch.last_offset(), batch.records_count()), (9, 1));
        // The record keeps its own time.
        let [record] = records(&batch).try_into().unwrap();
        assert_eq!((record.offset, record.timestamp), (4, 100));
        let mut again = RecordBatchBuilder::like(&batch);
        again.append_with_offset(4, 100, Some(b"a"), None, &[]).override_last_offset(9);
        assert_eq!(again.build(), batch.bytes());
    }
}

#[test]
fn log_append_time_is_every_records_time() {
    let mut builder = RecordBatchBuilder::new(0).log_append_time(5_000);
    builder.append(100, None, Some(b"x"), &[]).append(900, None, Some(b"y"), &[]);
    let batch = RecordBatch::parse(builder.build()).unwrap();
    assert_eq!(batch.timestamp_type(), TimestampType::LogAppendTime);
    assert_eq!((batch.base_timestamp(), batch.max_timestamp()), (100, 5_000));
    assert!(records(&batch).iter().all(|record| record.timestamp == 5_000));
}
