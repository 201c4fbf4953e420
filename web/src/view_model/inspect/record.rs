//! One record on one disk: its fields, its batch, and every byte of it with the field it belongs to.

use kafkascope_engine::cluster::Cluster;
use kafkascope_engine::ids::{NodeId, TopicPartition};
use kafkascope_engine::record::field_map::{FieldSpan, field_map};
use kafkascope_engine::record::record::Record;
use kafkascope_engine::record::record_batch::{RecordBatch, batches};
use kafkascope_engine::record::varint::{read_varint, read_varlong};
use kafkascope_engine::script::lexer::escaped;
use kafkascope_engine::sim::disk::Disk;
use std::sync::Arc;

/// No more bytes of a batch than these are laid out.
const BYTES_MAX: usize = 4096;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordDetail {
    pub record: Record,
    pub batch: RecordBatch,
    pub path: Arc<str>,
    /// Where the batch begins in the file.
    pub position: u64,
    pub durable: bool,
    pub fields: Vec<Field>,
}

/// A field of the batch or of one of its records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    pub span: FieldSpan,
    /// Belongs to the record that was asked for, or to the batch.
    pub is_ours: bool,
    pub value: String,
}

pub fn record_detail(
    cluster: &Cluster,
    node: NodeId,
    id: &TopicPartition,
    offset: i64,
) -> Option<RecordDetail> {
    let disk = &cluster.node(node)?.disk;
    let (batch, path, position) = find_batch(disk, id, offset)?;
    let (index, record) = batch
        .records()
        .filter_map(Result::ok)
        .enumerate()
        .find(|(_, record)| record.offset == offset)?;
    let end = position + u64::from(batch.size_in_bytes());
    let fields = field_map(&batch)
        .into_iter()
        .filter(|span| span.start + span.len <= BYTES_MAX)
        .map(|span| Field {
            value: value_of(&span, &batch),
            is_ours: span.record.is_none_or(|of| of == index),
            span,
        })
        .collect();
    Some(RecordDetail {
        durable: end <= disk.durable_len(&path).unwrap_or(0),
        record,
        batch,
        path,
        position,
        fields,
    })
}

/// The batch that holds an offset, in whichever segment it lies.
fn find_batch(
    disk: &Disk,
    id: &TopicPartition,
    offset: i64,
) -> Option<(RecordBatch, Arc<str>, u64)> {
    let base = |path: &Arc<str>| path.rsplit_once('/')?.1.strip_suffix(".log")?.parse::<i64>().ok();
    let path = disk
        .list(&id.to_string())
        .into_iter()
        .rfind(|path| base(path).is_some_and(|base| base <= offset))?;
    let mut position = 0;
    for batch in batches(disk.read_all(&path)?).map_while(Result::ok) {
        if batch.last_offset() >= offset {
            return Some((batch, path, position));
        }
        position += u64::from(batch.size_in_bytes());
    }
    None
}

fn value_of(span: &FieldSpan, batch: &RecordBatch) -> String {
    let bytes = &batch.bytes()[span.start..span.start + span.len];
    let signed = || {
        let sign = if bytes.first().is_some_and(|byte| byte & 0x80 != 0) { -1 } else { 0 };
        bytes.iter().fold(sign, |number: i64, &byte| (number << 8) | i64::from(byte))
    };
    match (span.name, span.record) {
        ("crc", _) => format!("0x{:08x}", batch.crc()),
        ("key" | "value" | "headerKey" | "headerValue", _) => escaped(bytes),
        ("records", _) => format!("{} bytes", bytes.len()),
        ("timestampDelta", _) => read_varlong(bytes).map_or(String::new(), |(n, _)| n.to_string()),
        ("attributes", Some(_)) | (_, None) => signed().to_string(),
        (_, Some(_)) => read_varint(bytes).map_or(String::new(), |(n, _)| n.to_string()),
    }
}

/// A key or value as a person reads it.
pub fn shown(bytes: &[u8]) -> String {
    escaped(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario;

    #[test]
    fn every_byte_of_a_record_is_named() {
        let timeline = scenario::prepare(scenario::opening().script).unwrap().timeline;
        let orders = TopicPartition::new("orders", 0);
        let detail = record_detail(timeline.cluster(), NodeId(2), &orders, 1).unwrap();
        assert_eq!(detail.record.key.as_deref(), Some(&b"bob"[..]));
        let covered: usize = detail.fields.iter().map(|field| field.span.len).sum();
        assert_eq!(covered, detail.batch.bytes().len());
        let value =
            |name: &str| detail.fields.iter().find(|f| f.span.name == name).unwrap().value.clone();
        assert_eq!((value("baseOffset").as_str(), value("magic").as_str()), ("0", "2"));
        assert_eq!((value("producerId").as_str(), value("value").as_str()), ("0", "latte"));
        assert_eq!(record_detail(timeline.cluster(), NodeId(2), &orders, 99), None);
    }
}
