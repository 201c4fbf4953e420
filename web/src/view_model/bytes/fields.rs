//! The fields of one block: where their bytes are, what they say, and what that means here.

use super::outline::{Block, BlockKind};
use super::{FileKind, FileShot, segment_name};
use kafkascope_engine::record::batch_header::NO_TIMESTAMP;
use kafkascope_engine::record::control_record::{ControlRecordType, EndTransactionMarker};
use kafkascope_engine::record::varint::{read_varint, read_varlong};
use kafkascope_engine::record::{FieldSpan, RecordBatch, TimestampType, field_map};
use kafkascope_engine::script::lexer::escaped;

/// No more of a value than this is written out; its bytes are all there.
const VALUE_MAX: usize = 96;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldView {
    /// Kafka's name of the field.
    pub name: &'static str,
    /// Bytes from the start of the block.
    pub start: usize,
    pub len: usize,
    /// The record or entry it belongs to, counted from 0 in the block's batch or in the file.
    pub part: Option<usize>,
    pub value: String,
    pub remark: Option<Remark>,
}

/// What a value amounts to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Remark {
    CrcMatches,
    CrcDiffers {
        computed: u32,
    },
    /// A delta or a relative offset, added up.
    Offset(i64),
    /// Unix ms.
    Time(i64),
    /// A length of -1.
    Null,
    /// So many values are coded with attributes, in Kafka's words.
    Attributes(String),
    Control(ControlRecordType),
    Marker(EndTransactionMarker),
    /// Compressed records, or what could not be read of them.
    Compressed(&'static str),
}

/// A record as it is inside a batch whose records have no bytes of their own in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unpacked {
    pub offset: i64,
    pub timestamp: i64,
    pub key: Option<String>,
    pub value: Option<String>,
}

pub fn batch_of(file: &FileShot, block: &Block) -> Option<RecordBatch> {
    matches!(block.what, BlockKind::Batch(_))
        .then(|| RecordBatch::parse(file.bytes.slice(block.start..block.start + block.len)).ok())?
}

pub fn fields(file: &FileShot, block: &Block) -> Vec<FieldView> {
    let bytes = &file.bytes[block.start..block.start + block.len];
    let base_offset = segment_name(&file.path).map_or(0, |(base, _)| base);
    match (block.what, file.kind) {
        (BlockKind::Batch(_), _) => batch_of(file, block).map_or(Vec::new(), |b| batch_fields(&b)),
        (BlockKind::Entries { first, .. }, kind) => {
            let layout: &[(&str, usize)] = match kind {
                FileKind::OffsetIndex => &[("relativeOffset", 4), ("position", 4)],
                FileKind::TimeIndex => &[("indexTimestamp", 8), ("relativeOffset", 4)],
                FileKind::TransactionIndex => &TRANSACTION,
                _ => &PRODUCER,
            };
            entry_fields(bytes, first, layout, base_offset)
        }
        (BlockKind::SnapshotHeader, _) => {
            let layout = [("snapshotVersion", 2), ("snapshotCrc", 4), ("producersCount", 4)];
            let mut fields = numbers(bytes, 0, None, &layout);
            if let Some(crc) = fields.get_mut(1) {
                crc.value = format!("0x{:08x}", u32_at(bytes, 2));
            }
            fields
        }
        (BlockKind::Text, _) => lines(bytes),
        (BlockKind::Unused, _) => whole("unused", bytes),
        (BlockKind::Unread, _) => whole("unread", bytes),
    }
}

const TRANSACTION: [(&str, usize); 5] = [
    ("entryVersion", 2),
    ("producerId", 8),
    ("firstOffset", 8),
    ("lastOffset", 8),
    ("lastStableOffset", 8),
];
const PRODUCER: [(&str, usize); 8] = [
    ("producerId", 8),
    ("producerEpoch", 2),
    ("lastSequence", 4),
    ("lastOffset", 8),
    ("lastOffsetDelta", 4),
    ("lastTimestamp", 8),
    ("coordinatorEpoch", 4),
    ("currentTxnFirstOffset", 8),
];

fn batch_fields(batch: &RecordBatch) -> Vec<FieldView> {
    field_map(batch)
        .into_iter()
        .map(|span| {
            let bytes = &batch.bytes()[span.start..span.start + span.len];
            FieldView {
                name: span.name,
                start: span.start,
                len: span.len,
                part: span.record,
                value: value_of(&span, bytes, batch),
                remark: remark_of(&span, bytes, batch),
            }
        })
        .collect()
}

fn value_of(span: &FieldSpan, bytes: &[u8], batch: &RecordBatch) -> String {
    match (span.name, span.record) {
        ("crc", _) => format!("0x{:08x}", batch.crc()),
        ("attributes", None) => format!("0x{:04x}", batch.attributes()),
        ("key" | "value" | "headerKey" | "headerValue", _) => text(bytes),
        ("records", _) => format!("{} B", bytes.len()),
        ("timestampDelta", _) => read_varlong(bytes).map_or(String::new(), |(n, _)| n.to_string()),
        ("attributes", Some(_)) | (_, None) => signed(bytes).to_string(),
        (_, Some(_)) => read_varint(bytes).map_or(String::new(), |(n, _)| n.to_string()),
    }
}

fn remark_of(span: &FieldSpan, bytes: &[u8], batch: &RecordBatch) -> Option<Remark> {
    let varint = || read_varint(bytes).ok().map(|(n, _)| i64::from(n));
    let varlong = || read_varlong(bytes).ok().map(|(n, _)| n);
    let time = |ms: i64| (ms > NO_TIMESTAMP).then_some(Remark::Time(ms));
    match (span.name, span.record) {
        ("crc", _) if batch.ensure_valid().is_ok() => Some(Remark::CrcMatches),
        ("crc", _) => Some(Remark::CrcDiffers { computed: batch.computed_crc() }),
        ("attributes", None) => Some(Remark::Attributes(attributes(batch))),
        ("lastOffsetDelta", None) => Some(Remark::Offset(batch.last_offset())),
        ("baseTimestamp", None) => time(batch.base_timestamp()),
        ("maxTimestamp", None) => time(batch.max_timestamp()),
        ("records", None) => Some(Remark::Compressed(batch.compression_type().name())),
        ("timestampDelta", Some(_)) => time(batch.base_timestamp().wrapping_add(varlong()?)),
        ("offsetDelta", Some(_)) => {
            Some(Remark::Offset(batch.base_offset().wrapping_add(varint()?)))
        }
        ("keyLength" | "valueLength" | "headerValueLength", Some(_)) if varint()? < 0 => {
            Some(Remark::Null)
        }
        ("key", Some(_)) if batch.is_control() => {
            ControlRecordType::from_key(bytes).map(Remark::Control)
        }
        ("value", Some(record)) if batch.is_control() => {
            let record = batch.records().filter_map(Result::ok).nth(record)?;
            EndTransactionMarker::from_record(&record.key?, &record.value?).map(Remark::Marker)
        }
        _ => None,
    }
}

/// The attribute bits in Kafka's words.
pub fn attributes(batch: &RecordBatch) -> String {
    let mut words = vec![
        batch.compression_type().name(),
        match batch.timestamp_type() {
            TimestampType::CreateTime => "CreateTime",
            TimestampType::LogAppendTime => "LogAppendTime",
        },
    ];
    for (is_set, word) in [
        (batch.is_transactional(), "transactional"),
        (batch.is_control(), "control"),
        (batch.delete_horizon_ms().is_some(), "deleteHorizon"),
    ] {
        if is_set {
            words.push(word);
        }
    }
    words.join(" · ")
}

fn entry_fields(
    bytes: &[u8],
    first: usize,
    layout: &[(&'static str, usize)],
    base_offset: i64,
) -> Vec<FieldView> {
    let size = layout.iter().map(|(_, len)| len).sum::<usize>().max(1);
    let mut fields = Vec::new();
    for (index, entry) in bytes.chunks_exact(size).enumerate() {
        for mut field in numbers(entry, index * size, Some(first + index), layout) {
            let number = field.value.parse::<i64>().unwrap_or(-1);
            field.remark = match field.name {
                "relativeOffset" => Some(Remark::Offset(base_offset.wrapping_add(number))),
                "indexTimestamp" | "lastTimestamp" if number > NO_TIMESTAMP => {
                    Some(Remark::Time(number))
                }
                _ => None,
            };
            fields.push(field);
        }
    }
    fields
}

fn numbers(
    bytes: &[u8],
    start: usize,
    part: Option<usize>,
    layout: &[(&'static str, usize)],
) -> Vec<FieldView> {
    let mut at = 0;
    let mut fields = Vec::new();
    for (name, len) in layout {
        let value = bytes.get(at..at + len).map_or(String::new(), |b| signed(b).to_string());
        fields.push(FieldView { name, start: start + at, len: *len, part, value, remark: None });
        at += len;
    }
    fields
}

fn lines(bytes: &[u8]) -> Vec<FieldView> {
    let mut start = 0;
    bytes
        .split_inclusive(|byte| *byte == b'\n')
        .map(|line| {
            let field = FieldView {
                name: "line",
                start,
                len: line.len(),
                part: None,
                value: text(line.strip_suffix(b"\n").unwrap_or(line)),
                remark: None,
            };
            start += line.len();
            field
        })
        .collect()
}

fn whole(name: &'static str, bytes: &[u8]) -> Vec<FieldView> {
    let value = format!("{} B", bytes.len());
    vec![FieldView { name, start: 0, len: bytes.len(), part: None, value, remark: None }]
}

/// What a compressed batch unpacks to, up to `most` records; the error's words if it does not.
pub fn unpacked(batch: &RecordBatch, most: usize) -> Result<Vec<Unpacked>, String> {
    let mut records = Vec::new();
    for record in batch.records().take(most) {
        let record = record.map_err(|corrupt| corrupt.reason.to_string())?;
        records.push(Unpacked {
            offset: record.offset,
            timestamp: record.timestamp,
            key: record.key.as_deref().map(text),
            value: record.value.as_deref().map(text),
        });
    }
    Ok(records)
}

fn text(bytes: &[u8]) -> String {
    match bytes.get(..VALUE_MAX) {
        Some(front) if bytes.len() > VALUE_MAX => format!("{}…", escaped(front)),
        _ => escaped(bytes),
    }
}

fn signed(bytes: &[u8]) -> i64 {
    let sign = if bytes.first().is_some_and(|byte| byte & 0x80 != 0) { -1 } else { 0 };
    bytes.iter().fold(sign, |number: i64, &byte| (number << 8) | i64::from(byte))
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..at + 4).map_or(0, |b| signed(b) as u32)
}
