//! `ls` and `cat`: what is on a node's disk, as its page cache has it. Logs and indexes are printed
//! as `kafka-dump-log.sh --print-data-log` prints them (`DumpLogSegments.java`).

use super::known_node;
use super::table::Table;
use crate::cluster::Cluster;
use crate::ids::NodeId;
use crate::log::log_file_utils::{
    INDEX_FILE_SUFFIX, LOG_FILE_SUFFIX, TIME_INDEX_FILE_SUFFIX, parse_path,
};
use crate::record::{RecordBatch, TimestampType, batches};
use crate::script::lexer::escaped;
use crate::script::runner::{Failure, NotFound};
use bytes::Bytes;
use std::collections::BTreeMap;

/// How many bytes a hex dump shows.
const HEX_MAX: usize = 1024;

/// The files and directories in `dir`, with how much of each is durable.
pub(super) fn ls(cluster: &Cluster, node: NodeId, dir: &str) -> Result<String, Failure> {
    let disk = &known_node(cluster, node)?.disk;
    let dir = dir.trim_matches('/');
    let prefix = if dir.is_empty() { String::new() } else { format!("{dir}/") };
    let mut entries: BTreeMap<String, (u64, u64)> = BTreeMap::new();
    for path in disk.paths() {
        let Some(rest) = path.strip_prefix(&prefix) else {
            continue;
        };
        let name = match rest.split_once('/') {
            Some((directory, _)) => format!("{directory}/"),
            None => rest.to_string(),
        };
        let entry = entries.entry(name).or_default();
        entry.0 += disk.len(path).unwrap_or(0);
        entry.1 += disk.durable_len(path).unwrap_or(0);
    }
    if entries.is_empty() && !dir.is_empty() {
        return Err(Failure::NotFound(NotFound::File { node, path: dir.to_string() }));
    }
    let mut table = Table::new(&["BYTES", "DURABLE", "NAME"]);
    for (name, (bytes, durable)) in entries {
        table.add([bytes.to_string(), durable.to_string(), name]);
    }
    Ok(table.text())
}

pub(super) fn cat(cluster: &Cluster, node: NodeId, path: &str) -> Result<String, Failure> {
    let disk = &known_node(cluster, node)?.disk;
    let path = path.trim_matches('/');
    let missing = Failure::NotFound(NotFound::File { node, path: path.to_string() });
    let bytes = disk.read_all(path).ok_or(missing)?;
    Ok(match parse_path(path) {
        Some((base_offset, LOG_FILE_SUFFIX)) => dump_log(path, base_offset, bytes),
        Some((base_offset, INDEX_FILE_SUFFIX)) => dump_offset_index(path, base_offset, &bytes),
        Some((base_offset, TIME_INDEX_FILE_SUFFIX)) => dump_time_index(path, base_offset, &bytes),
        _ => match std::str::from_utf8(&bytes) {
            Ok(text) if text.chars().all(|c| c == '\n' || !c.is_control()) => {
                text.trim_end_matches('\n').to_string()
            }
            _ => hex(&bytes),
        },
    })
}

fn dump_log(path: &str, base_offset: i64, bytes: Bytes) -> String {
    let mut lines = vec![format!("Dumping {path}"), format!("Log starting offset: {base_offset}")];
    let (mut position, size) = (0, bytes.len());
    for batch in batches(bytes) {
        let Ok(batch) = batch else {
            lines.push(format!("Found {} invalid bytes at the end of {path}", size - position));
            break;
        };
        dump_batch(&batch, position, &mut lines);
        position += batch.size_in_bytes() as usize;
    }
    lines.join("\n")
}

fn dump_batch(batch: &RecordBatch, position: usize, lines: &mut Vec<String>) {
    let timestamp_type = match batch.timestamp_type() {
        TimestampType::CreateTime => "CreateTime",
        TimestampType::LogAppendTime => "LogAppendTime",
    };
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
    for record in batch.records().filter_map(Result::ok) {
        let size = |bytes: &Option<Bytes>| bytes.as_ref().map_or(-1, |bytes| bytes.len() as i64);
        let headers: Vec<&str> = record.headers.iter().map(|header| header.key.as_str()).collect();
        let sequence = match batch.base_sequence() {
            -1 => -1,
            base => base + (record.offset - batch.base_offset()) as i32,
        };
        let mut line = format!(
            "| offset: {} {timestamp_type}: {} keySize: {} valueSize: {} sequence: {sequence} \
             headerKeys: [{}]",
            record.offset,
            record.timestamp,
            size(&record.key),
            size(&record.value),
            headers.join(","),
        );
        if let Some(key) = &record.key {
            line += &format!(" key: {}", escaped(key));
        }
        if let Some(value) = &record.value {
            line += &format!(" payload: {}", escaped(value));
        }
        lines.push(line);
    }
}

fn dump_offset_index(path: &str, base_offset: i64, bytes: &[u8]) -> String {
    let mut lines = vec![format!("Dumping {path}")];
    for entry in bytes.as_chunks::<8>().0 {
        let [a, b, c, d, e, f, g, h] = *entry;
        let offset = base_offset + i64::from(i32::from_be_bytes([a, b, c, d]));
        let position = i32::from_be_bytes([e, f, g, h]);
        lines.push(format!("offset: {offset} position: {position}"));
    }
    lines.join("\n")
}

fn dump_time_index(path: &str, base_offset: i64, bytes: &[u8]) -> String {
    let mut lines = vec![format!("Dumping {path}")];
    for entry in bytes.as_chunks::<12>().0 {
        let [a, b, c, d, e, f, g, h, i, j, k, l] = *entry;
        let timestamp = i64::from_be_bytes([a, b, c, d, e, f, g, h]);
        let offset = base_offset + i64::from(i32::from_be_bytes([i, j, k, l]));
        lines.push(format!("timestamp: {timestamp} offset: {offset}"));
    }
    lines.join("\n")
}

/// Sixteen bytes a line, as `xxd` shows them.
fn hex(bytes: &[u8]) -> String {
    let mut lines = Vec::new();
    for (index, row) in bytes[..bytes.len().min(HEX_MAX)].chunks(16).enumerate() {
        let pairs: Vec<String> = row
            .chunks(2)
            .map(|pair| pair.iter().map(|byte| format!("{byte:02x}")).collect())
            .collect();
        let printable = |byte: &u8| {
            if (0x20..0x7f).contains(byte) { *byte as char } else { '.' }
        };
        let text: String = row.iter().map(printable).collect();
        lines.push(format!("{:08x}: {:39}  {text}", index * 16, pairs.join(" ")));
    }
    if bytes.len() > HEX_MAX {
        lines.push(format!("... {} bytes in all", bytes.len()));
    }
    lines.join("\n")
}
