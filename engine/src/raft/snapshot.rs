//! The bytes of a snapshot: batches as in a segment, a SNAPSHOT_HEADER before them and a
//! SNAPSHOT_FOOTER after them, numbered from 0 (`RecordsSnapshotWriter`, `RecordsSnapshotReader`).

use super::metadata_log::MAX_BATCH_SIZE_BYTES;
use crate::ids::SnapshotId;
use crate::record::control_record::ControlRecordType;
use crate::record::record_batch_builder::RecordBatchBuilder;
use crate::record::{RecordBatch, batches};
use bytes::{Bytes, BytesMut};

/// Version of both control records' values.
const VERSION: i16 = 0;

pub struct Snapshot {
    pub last_contained_log_timestamp: i64,
    pub records: Vec<Bytes>,
}

/// The file of a snapshot made at `now` (Unix ms).
pub fn write(
    id: SnapshotId,
    last_contained_log_timestamp: i64,
    now: i64,
    records: impl IntoIterator<Item = Bytes>,
) -> Bytes {
    let mut out = BytesMut::new();
    let mut next = 0;
    let mut add = |batch: RecordBatchBuilder| {
        next += i64::from(batch.records_count());
        out.extend_from_slice(&batch.build());
        next
    };
    let batch = |base: i64| RecordBatchBuilder::new(base).leader_epoch(id.epoch);
    let control = |base: i64, kind: ControlRecordType, fields: &[u8]| {
        let mut value = VERSION.to_be_bytes().to_vec();
        value.extend(fields);
        value.push(0); // no tagged fields
        let mut batch = batch(base).control();
        batch.append(now, Some(&kind.key()), Some(&value), &[]);
        batch
    };
    let header = last_contained_log_timestamp.to_be_bytes();
    let mut base = add(control(0, ControlRecordType::SnapshotHeader, &header));
    let mut filling = batch(base);
    for record in records {
        if !filling.is_empty() && filling.size_in_bytes() + record.len() > MAX_BATCH_SIZE_BYTES {
            base = add(std::mem::replace(&mut filling, batch(base)));
            filling = batch(base);
        }
        filling.append(now, None, Some(&record), &[]);
    }
    if !filling.is_empty() {
        base = add(filling);
    }
    add(control(base, ControlRecordType::SnapshotFooter, &[]));
    out.freeze()
}

/// `None` if the file is not whole, or not what it says.
pub fn read(file: &Bytes) -> Option<Snapshot> {
    let mut records = Vec::new();
    let (mut header, mut ended) = (None, false);
    for batch in batches(file.clone()) {
        let batch = batch.ok().filter(|batch| batch.ensure_valid().is_ok() && !ended)?;
        for record in batch.records() {
            let record = record.ok()?;
            if !batch.is_control() {
                records.push(record.value?);
                continue;
            }
            match ControlRecordType::from_key(record.key.as_deref()?)? {
                ControlRecordType::SnapshotHeader => header = Some(timestamp_of(&record.value?)?),
                ControlRecordType::SnapshotFooter => ended = true,
                _ => {}
            }
        }
    }
    let last_contained_log_timestamp = header.filter(|_| ended)?;
    Some(Snapshot { last_contained_log_timestamp, records })
}

/// Of the header alone.
pub fn last_contained_log_timestamp(file: &Bytes) -> Option<i64> {
    let first: RecordBatch = batches(file.clone()).next()?.ok()?;
    let record = first.records().next()?.ok()?;
    let kind = ControlRecordType::from_key(record.key.as_deref()?)?;
    timestamp_of(&record.value?).filter(|_| kind == ControlRecordType::SnapshotHeader)
}

fn timestamp_of(header: &[u8]) -> Option<i64> {
    Some(i64::from_be_bytes(*header.get(2..)?.first_chunk()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: SnapshotId = SnapshotId { epoch: 3, offset: 120 };

    #[test]
    fn what_is_written_is_read() {
        let records: Vec<Bytes> = (0..50u8).map(|n| Bytes::from(vec![n; 9])).collect();
        for count in [0, 1, 50] {
            let file = write(ID, 1_000, 2_000, records[..count].to_vec());
            let snapshot = read(&file).expect("it is whole");
            assert_eq!(snapshot.records, records[..count]);
            assert_eq!(snapshot.last_contained_log_timestamp, 1_000);
            assert_eq!(last_contained_log_timestamp(&file), Some(1_000));
            // Offsets have nothing to do with those of the log.
            let offsets: Vec<i64> = batches(file.clone())
                .flat_map(|batch| {
                    batch.unwrap().records().map(|r| r.unwrap().offset).collect::<Vec<_>>()
                })
                .collect();
            assert_eq!(offsets, (0..count as i64 + 2).collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_snapshot_without_its_end_is_none() {
        let file = write(ID, 1_000, 2_000, [Bytes::from_static(b"record")]);
        for len in 0..file.len() {
            assert!(read(&file.slice(..len)).is_none(), "{len} bytes");
        }
    }
}
