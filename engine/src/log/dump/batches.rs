//! The batches and records of a segment, or of a snapshot of the metadata log, as lines.

use super::control::control;
use super::{Depth, Show};
use crate::record::record_batch::increment_sequence;
use crate::record::{CorruptReason, CorruptRecord, Record, RecordBatch, TimestampType, batches};
use bytes::Bytes;
use std::fmt::Write;

pub(super) fn dump_log(name: &str, bytes: &Bytes, how: (Depth, Show), lines: &mut Vec<String>) {
    let mut position = 0;
    for batch in batches(bytes.clone()) {
        match batch {
            Ok(batch) => {
                dump_batch(&batch, position, how, lines);
                position += batch.bytes().len();
            }
            Err(CorruptRecord { reason: CorruptReason::Truncated { .. }, .. }) => {
                let rest = bytes.len() - position;
                lines.push(format!("Found {rest} invalid bytes at the end of {name}"));
            }
            Err(corrupt) => lines.push(corrupt.to_string()),
        }
    }
}

fn dump_batch(
    batch: &RecordBatch,
    position: usize,
    (depth, show): (Depth, Show),
    lines: &mut Vec<String>,
) {
    let timestamp_type = timestamp_type(batch);
    let horizon = match batch.delete_horizon_ms() {
        Some(ms) => format!("OptionalLong[{ms}]"),
        None => "OptionalLong.empty".to_string(),
    };
    lines.push(format!(
        "baseOffset: {} lastOffset: {} count: {} baseSequence: {} lastSequence: {} producerId: {} \
         producerEpoch: {} partitionLeaderEpoch: {} isTransactional: {} isControl: {} \
         deleteHorizonMs: {horizon} position: {position} {timestamp_type}: {} size: {} magic: {} \
         compresscodec: {} crc: {} isvalid: {}",
        batch.base_offset(),
        batch.last_offset(),
        batch.records_count(),
        batch.base_sequence(),
        batch.last_sequence(),
        batch.producer_id(),
        batch.producer_epoch(),
        batch.partition_leader_epoch(),
        batch.is_transactional(),
        batch.is_control(),
        batch.max_timestamp(),
        batch.size_in_bytes(),
        batch.magic(),
        batch.compression_type().name(),
        batch.crc(),
        batch.ensure_valid().is_ok(),
    ));
    if depth == Depth::Batches {
        return;
    }
    for record in batch.records() {
        match record {
            Ok(record) => lines.push(record_line(batch, &record, (depth, show))),
            Err(corrupt) => lines.push(corrupt.shifted(position as u64).to_string()),
        }
    }
}

fn timestamp_type(batch: &RecordBatch) -> &'static str {
    match batch.timestamp_type() {
        TimestampType::CreateTime => "CreateTime",
        TimestampType::LogAppendTime => "LogAppendTime",
    }
}

fn record_line(batch: &RecordBatch, record: &Record, (depth, show): (Depth, Show)) -> String {
    let size = |bytes: &Option<Bytes>| bytes.as_ref().map_or(-1, |bytes| bytes.len() as i64);
    let headers: Vec<&str> = record.headers.iter().map(|header| header.key.as_str()).collect();
    let sequence = match batch.base_sequence() {
        none @ ..0 => none.max(-1),
        base => increment_sequence(base, (record.offset - batch.base_offset()) as i32),
    };
    let mut line = format!(
        "| offset: {} {}: {} keySize: {} valueSize: {} sequence: {sequence} headerKeys: [{}]",
        record.offset,
        timestamp_type(batch),
        record.timestamp,
        size(&record.key),
        size(&record.value),
        headers.join(","),
    );
    if batch.is_control() {
        line += &control(record);
    }
    if batch.is_control() || depth < Depth::Contents {
        return line;
    }
    if let Some(key) = &record.key {
        line += &format!(" key: {}", show(key));
    }
    if let Some(value) = &record.value {
        line += &format!(" payload: {}", show(value));
    }
    line
}

/// What the tool says of records whose offsets do not follow each other, as after compaction.
pub fn offset_gaps(path: &str, bytes: &Bytes) -> Vec<String> {
    let mut lines = Vec::new();
    let mut last: Option<i64> = None;
    for batch in batches(bytes.clone()).map_while(Result::ok) {
        for record in batch.records().filter_map(Result::ok) {
            if let Some(last) = last.filter(|last| record.offset != last + 1) {
                lines.push(format!("  {last} is followed by {}", record.offset));
            }
            last = Some(record.offset);
        }
    }
    if !lines.is_empty() {
        lines.insert(0, format!("Non-consecutive offsets in {path}"));
    }
    lines
}

/// One line for each record of a segment with all that a consumer gets: offset, timestamp, key,
/// value, headers. Bytes are in hexadecimal, `null` is none. Control records are left out, as they
/// are from what a consumer sees.
pub fn list_records(bytes: &Bytes) -> Result<String, CorruptRecord> {
    let mut text = String::new();
    for batch in batches(bytes.clone()) {
        let batch = match batch {
            Ok(batch) => batch,
            // The torn end of a log that was not closed; recovery cuts it off.
            Err(CorruptRecord { reason: CorruptReason::Truncated { .. }, .. }) => break,
            Err(corrupt) => return Err(corrupt),
        };
        batch.ensure_valid()?;
        for record in batch.records().filter(|_| !batch.is_control()) {
            let Record { offset, timestamp, key, value, headers } = record?;
            let kind = timestamp_type(&batch);
            text += &format!("{offset} {kind}={timestamp} {} {}", hex(&key), hex(&value));
            for header in headers {
                let name = Some(Bytes::from(header.key));
                text += &format!(" {}={}", hex(&name), hex(&header.value));
            }
            text.push('\n');
        }
    }
    Ok(text)
}

fn hex(bytes: &Option<Bytes>) -> String {
    let Some(bytes) = bytes else { return "null".to_string() };
    let mut text = String::from("0x");
    for byte in bytes {
        let _ = write!(text, "{byte:02x}");
    }
    text
}
