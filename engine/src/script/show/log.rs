//! `show log`: the segments, batches and records of a log, read from the bytes on the node's disk.

use super::known_node;
use crate::cluster::Cluster;
use crate::controller::metadata_record::MetadataRecord;
use crate::ids::{NodeId, TopicPartition};
use crate::log::log_file_utils::{LOG_FILE_SUFFIX, parse_path};
use crate::log::unified_log::UnifiedLog;
use crate::node::Node;
use crate::raft::metadata_log::CLUSTER_METADATA;
use crate::record::{Record, RecordBatch, batches};
use crate::script::lang::{Lang, say};
use crate::script::lexer::quote;
use crate::script::runner::{Failure, NotFound};

pub(super) fn show(
    cluster: &Cluster,
    node: NodeId,
    partition: &TopicPartition,
    lang: Lang,
) -> Result<String, Failure> {
    let host = known_node(cluster, node)?;
    let dir = partition.to_string();
    let files = host.disk.list(&dir);
    if files.is_empty() {
        let partition = partition.clone();
        return Err(Failure::NotFound(NotFound::Log { node, partition }));
    }
    let log = open_log(host, partition);
    let mut lines = vec![match log {
        Some(log) => {
            let (start, end) = (log.log_start_offset(), log.log_end_offset());
            let mark = log.high_watermark();
            say!(
                lang,
                "{node}의 {partition}: 로그 시작 {start}, LEO {end}, high watermark {mark}",
                "{partition} on {node}: log start {start}, LEO {end}, high watermark {mark}"
            )
        }
        None => say!(
            lang,
            "{node}의 {partition}: 디스크에 있는 그대로입니다. 프로세스가 열지 않았습니다.",
            "{partition} on {node}: as it is on the disk; no process has opened it"
        ),
    }];
    let mut mark = log.map(UnifiedLog::high_watermark);
    for path in files {
        let Some((_, LOG_FILE_SUFFIX)) = parse_path(&path) else {
            continue;
        };
        let bytes = host.disk.read_all(&path).unwrap_or_default();
        let durable = host.disk.durable_len(&path).unwrap_or(0);
        let (name, size) = (path.rsplit('/').next().unwrap_or(&path), bytes.len());
        lines.push(say!(
            lang,
            "세그먼트 {name}: {size} B, 디스크에 닿은 것 {durable} B",
            "segment {name}: {size} B, {durable} B durable"
        ));
        let mut position = 0;
        for batch in batches(bytes) {
            match batch {
                Ok(batch) => {
                    if let Some(offset) = mark.filter(|mark| *mark <= batch.base_offset()) {
                        lines.push(mark_line(offset, lang));
                        mark = None;
                    }
                    show_batch(&batch, position, partition, &mut lines);
                    position += batch.size_in_bytes();
                }
                Err(error) => lines.push(say!(lang, "  깨짐: {error}", "  damaged: {error}")),
            }
        }
    }
    lines.extend(mark.map(|offset| mark_line(offset, lang)));
    Ok(lines.join("\n"))
}

/// The log as the process on the node has it open.
fn open_log<'a>(node: &'a Node, partition: &TopicPartition) -> Option<&'a UnifiedLog> {
    if &*partition.topic == CLUSTER_METADATA {
        return node.raft().map(|raft| &*raft.log);
    }
    node.broker()?.replicas.partitions.get(partition).map(|partition| &partition.log)
}

fn mark_line(offset: i64, lang: Lang) -> String {
    say!(
        lang,
        "  ---- high watermark {offset}: 컨슈머는 여기까지 읽습니다",
        "  ---- high watermark {offset}: consumers read up to here"
    )
}

fn show_batch(
    batch: &RecordBatch,
    position: u32,
    partition: &TopicPartition,
    lines: &mut Vec<String>,
) {
    let valid = if batch.ensure_valid().is_ok() { "" } else { " (wrong)" };
    lines.push(format!(
        "  batch {}-{} epoch {} position {position} size {} crc {:#010x}{valid}",
        batch.base_offset(),
        batch.last_offset(),
        batch.partition_leader_epoch(),
        batch.size_in_bytes(),
        batch.crc(),
    ));
    for record in batch.records() {
        lines.push(match record {
            Ok(record) => format!("    {}", record_line(&record, partition)),
            Err(error) => format!("    {error}"),
        });
    }
}

/// A record in the words of `produce`; a record of the metadata log by its fields.
fn record_line(record: &Record, partition: &TopicPartition) -> String {
    let mut line = format!("offset {} timestamp={}", record.offset, record.timestamp);
    if &*partition.topic == CLUSTER_METADATA
        && let Some(metadata) =
            record.value.as_ref().and_then(|value| MetadataRecord::decode(value))
    {
        return format!("offset {} {metadata:?}", record.offset);
    }
    if let Some(key) = &record.key {
        line += &format!(" key={}", quote(key, ""));
    }
    line += &match &record.value {
        Some(value) => format!(" value={}", quote(value, "")),
        None => " null-value".to_string(),
    };
    for header in &record.headers {
        let value = header.value.as_deref().unwrap_or_default();
        line += &format!(" header={}:{}", quote(header.key.as_bytes(), ":"), quote(value, ""));
    }
    line
}
