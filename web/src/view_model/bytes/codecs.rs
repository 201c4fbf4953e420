//! A log's records through every codec, batch by batch as they were stored. How long that takes is
//! for whoever has a clock to say.

use super::{FileKind, FileShot};
use bytes::Bytes;
use kafkascope_engine::record::CompressionType;
use kafkascope_engine::record::record::Record;
use kafkascope_engine::record::record_batch::{RecordBatch, batches};
use kafkascope_engine::record::record_batch_builder::RecordBatchBuilder;

/// Of a large segment only the first batches are taken, up to this many bytes as they are stored.
const BYTES_MAX: usize = 1 << 20;

/// The records of each batch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sample(Vec<Vec<Record>>);

impl Sample {
    /// Empty where the file is no log, or its first batch cannot be read.
    pub fn of(file: &FileShot) -> Sample {
        if file.kind != FileKind::Log {
            return Sample::default();
        }
        let bytes = file.bytes.slice(..file.bytes.len().min(BYTES_MAX));
        let whole = batches(bytes).map_while(Result::ok).filter(|batch| !batch.is_control());
        let records = whole.map(|batch| batch.records().filter_map(Result::ok).collect::<Vec<_>>());
        Sample(records.filter(|records| !records.is_empty()).collect())
    }

    pub fn batches(&self) -> usize {
        self.0.len()
    }

    pub fn records(&self) -> usize {
        self.0.iter().map(Vec::len).sum()
    }

    pub fn pack(&self, compression: CompressionType) -> Vec<Bytes> {
        let packed = self.0.iter().map(|records| {
            let mut builder = RecordBatchBuilder::new(0).compression(compression);
            for record in records {
                let (key, value) = (record.key.as_deref(), record.value.as_deref());
                builder.append(record.timestamp, key, value, &record.headers);
            }
            builder.build()
        });
        packed.collect()
    }
}

/// Reads every record again; answers how many there were.
pub fn unpack(packed: &[Bytes]) -> usize {
    let whole = packed.iter().filter_map(|bytes| RecordBatch::parse(bytes.clone()).ok());
    whole.map(|batch| batch.records().filter_map(Result::ok).count()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_codec_keeps_every_record() {
        let mut builder = RecordBatchBuilder::new(0).compression(CompressionType::Snappy);
        for n in 0..50 {
            let value = format!("GET /cart HTTP/1.1 200 user=alice {n}");
            builder.append(n, Some(b"alice"), Some(value.as_bytes()), &[]);
        }
        let bytes = builder.build();
        let file = FileShot {
            path: "orders-0/00000000000000000000.log".into(),
            kind: FileKind::Log,
            durable_len: bytes.len() as u64,
            bytes: [&bytes[..], &bytes[..]].concat().into(),
        };
        let sample = Sample::of(&file);
        assert_eq!((sample.batches(), sample.records()), (2, 100));
        let size = |compression| sample.pack(compression).iter().map(Bytes::len).sum::<usize>();
        for compression in CompressionType::ALL {
            assert_eq!(unpack(&sample.pack(compression)), 100, "{}", compression.name());
            assert!(
                compression == CompressionType::None
                    || size(compression) < size(CompressionType::None)
            );
        }
        assert_eq!(
            Sample::of(&FileShot { kind: FileKind::OffsetIndex, ..file }),
            Sample::default()
        );
    }
}
