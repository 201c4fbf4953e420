//! Where every field of a batch is: what the hex view marks when a byte or a field is pointed at.

use super::batch_header::{RECORD_BATCH_OVERHEAD, at};
use super::compression::CompressionType;
use super::record_batch::RecordBatch;
use super::records::RecordWalk;
use std::ops::Range;

/// The bytes of one field. Spans are in order, do not overlap, and together cover the batch as far
/// as it could be read. A field of no bytes (a null or empty key) has `len` 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FieldSpan {
    /// Kafka's name of the field.
    pub name: &'static str,
    /// Byte in the batch.
    pub start: usize,
    pub len: usize,
    /// The record it belongs to, counted from 0; `None` in the batch's header.
    pub record: Option<usize>,
}

const HEADER: [(&str, Range<usize>); 13] = [
    ("baseOffset", at::BASE_OFFSET..at::BATCH_LENGTH),
    ("batchLength", at::BATCH_LENGTH..at::PARTITION_LEADER_EPOCH),
    ("partitionLeaderEpoch", at::PARTITION_LEADER_EPOCH..at::MAGIC),
    ("magic", at::MAGIC..at::CRC),
    ("crc", at::CRC..at::ATTRIBUTES),
    ("attributes", at::ATTRIBUTES..at::LAST_OFFSET_DELTA),
    ("lastOffsetDelta", at::LAST_OFFSET_DELTA..at::BASE_TIMESTAMP),
    ("baseTimestamp", at::BASE_TIMESTAMP..at::MAX_TIMESTAMP),
    ("maxTimestamp", at::MAX_TIMESTAMP..at::PRODUCER_ID),
    ("producerId", at::PRODUCER_ID..at::PRODUCER_EPOCH),
    ("producerEpoch", at::PRODUCER_EPOCH..at::BASE_SEQUENCE),
    ("baseSequence", at::BASE_SEQUENCE..at::RECORDS_COUNT),
    ("recordsCount", at::RECORDS_COUNT..RECORD_BATCH_OVERHEAD),
];

/// Every field of the batch. What cannot be read as records, because it is compressed or damaged,
/// is one span named `records`.
pub fn field_map(batch: &RecordBatch) -> Vec<FieldSpan> {
    let mut fields = Vec::new();
    let mut add = |name, span: Range<usize>, record| {
        fields.push(FieldSpan { name, start: span.start, len: span.len(), record });
    };
    for (name, span) in HEADER {
        add(name, span, None);
    }
    let mut walk = RecordWalk::new(batch);
    let mut end = RECORD_BATCH_OVERHEAD;
    let readable = batch.compression_type() == CompressionType::None;
    while let Some(Ok(layout)) = walk.next().filter(|_| readable) {
        let index = walk.index - 1;
        let record = Some(index as usize);
        end = layout.end;
        for (name, span) in [
            ("length", &layout.length.span),
            ("attributes", &layout.attributes.span),
            ("timestampDelta", &layout.timestamp_delta.span),
            ("offsetDelta", &layout.offset_delta.span),
            ("keyLength", &layout.key_length.span),
            ("key", &layout.key),
            ("valueLength", &layout.value_length.span),
            ("value", &layout.value),
            ("headersCount", &layout.header_count.span),
        ] {
            add(name, span.clone(), record);
        }
        for header in layout.headers(&walk.buffer, index).flatten() {
            add("headerKeyLength", header.key_length.span, record);
            add("headerKey", header.key, record);
            add("headerValueLength", header.value_length.span, record);
            add("headerValue", header.value, record);
        }
    }
    if end < batch.bytes().len() {
        add("records", end..batch.bytes().len(), None);
    }
    fields
}
