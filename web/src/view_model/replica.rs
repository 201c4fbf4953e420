//! The strip of a replica: its last records as cells, with what a power loss would take and what is
//! committed. Of a broker that runs it is what the broker knows; of one that does not, what lies on
//! its disk.

use super::shown::Shown;
use super::{Cell, NodeView, ReplicaRole, ReplicaView};
use kafkascope_engine::event::{Event, EventKind};
use kafkascope_engine::ids::{Address, NodeId, TopicPartition};
use kafkascope_engine::log::checkpoint::{
    OffsetCheckpoint, REPLICATION_OFFSET_CHECKPOINT, parse_leader_epochs,
};
use kafkascope_engine::node::Node;
use kafkascope_engine::record::record_batch::{RecordBatch, batches};
use kafkascope_engine::replication::partition::Partition;
use kafkascope_engine::sim::disk::Disk;
use std::collections::BTreeMap;
use std::sync::Arc;

/// How many records of a strip are ever shown.
pub const CELLS_MAX: usize = 24;

/// A batch and whether its last byte is durable.
struct Placed {
    batch: RecordBatch,
    durable: bool,
}

pub fn replicas_of(
    node: &Node,
    shown: &Shown,
    in_isr: impl Fn(&TopicPartition) -> bool,
    last_events: &[Event],
) -> Vec<ReplicaView> {
    let mut replicas: Vec<ReplicaView> = match node.broker() {
        Some(broker) => {
            let partitions = &broker.replicas.partitions;
            let of = |partition: &Arc<Partition>| of_process(&node.disk, partition);
            match shown {
                Shown::All => partitions.values().map(of).collect(),
                Shown::Some { order, .. } => {
                    order.iter().filter_map(|id| partitions.get(id)).map(of).collect()
                }
            }
        }
        None => on_disk(&node.disk, shown),
    };
    for replica in &mut replicas {
        replica.in_isr = in_isr(&replica.partition);
        mark_fresh(replica, node.id, last_events);
    }
    replicas
}

fn of_process(disk: &Disk, partition: &Partition) -> ReplicaView {
    let log = &partition.log;
    let end = log.log_end_offset();
    let from = (end - CELLS_MAX as i64).max(log.log_start_offset());
    let mut found: Vec<Placed> = log
        .batches(disk, from)
        .filter_map(Result::ok)
        .map(|batch| Placed { batch, durable: true })
        .collect();
    let active = log.active_segment();
    place_from_end(&mut found, disk, active.path(), active.base_offset());
    ReplicaView {
        partition: partition.id.clone(),
        role: if partition.is_leader() { ReplicaRole::Leader } else { ReplicaRole::Follower },
        in_isr: false,
        leader_epoch: partition.leader_epoch,
        log_start_offset: log.log_start_offset(),
        log_end_offset: end,
        high_watermark: log.high_watermark(),
        cells: cells(&found, from, log.high_watermark()),
        epochs: log.leader_epochs().collect(),
        diverges_at: None,
        cut: None,
    }
}

/// Batches of the last segment reach to the end of its file; so each one's place is known from behind.
fn place_from_end(found: &mut [Placed], disk: &Disk, path: &str, base_offset: i64) {
    let (mut end, durable_end) = (disk.len(path).unwrap_or(0), disk.durable_len(path).unwrap_or(0));
    for placed in found.iter_mut().rev() {
        if placed.batch.base_offset() < base_offset {
            break;
        }
        placed.durable = end <= durable_end;
        end = end.saturating_sub(placed.batch.size_in_bytes().into());
    }
}

/// The logs that a stopped broker would find.
fn on_disk(disk: &Disk, shown: &Shown) -> Vec<ReplicaView> {
    let checkpoint = disk
        .read_all(REPLICATION_OFFSET_CHECKPOINT)
        .and_then(|bytes| OffsetCheckpoint::parse(std::str::from_utf8(&bytes).ok()?).ok())
        .unwrap_or_default();
    // The last segment of each directory: paths are sorted, so the last one wins.
    let mut last_segments = BTreeMap::new();
    for path in disk.paths() {
        let Some((dir, file)) = path.split_once('/') else {
            continue;
        };
        // A name is cheap to look at, a partition's is not.
        let Some(base_offset) = file.strip_suffix(".log").and_then(|name| name.parse().ok()) else {
            continue;
        };
        if let Ok(partition) = dir.parse::<TopicPartition>()
            && !partition.topic.starts_with("__")
            && shown.contains(&partition)
        {
            last_segments.insert(partition, (path.clone(), base_offset));
        }
    }
    last_segments
        .into_iter()
        .map(|(partition, (path, base_offset))| {
            let bytes = disk.read_all(&path).unwrap_or_default();
            let mut found: Vec<Placed> = batches(bytes)
                .map_while(Result::ok)
                .map(|batch| Placed { batch, durable: true })
                .collect();
            place_from_end(&mut found, disk, &path, base_offset);
            let end = found.last().map_or(base_offset, |placed| placed.batch.next_offset());
            let high_watermark = checkpoint.entries.get(&partition).copied().unwrap_or(0).min(end);
            let from = end - CELLS_MAX as i64;
            ReplicaView {
                role: ReplicaRole::Offline,
                in_isr: false,
                leader_epoch: found
                    .last()
                    .map_or(-1, |placed| placed.batch.partition_leader_epoch()),
                log_start_offset: if base_offset == 0 { 0 } else { from.max(0) },
                log_end_offset: end,
                high_watermark,
                cells: cells(&found, from, high_watermark),
                epochs: epochs_on_disk(disk, &partition),
                diverges_at: None,
                cut: None,
                partition,
            }
        })
        .collect()
}

/// How many logs a stopped broker would find; a controller has its metadata log only.
pub fn logs_on_disk(disk: &Disk) -> usize {
    let is_log = |path: &&Arc<str>| path.ends_with("/leader-epoch-checkpoint");
    disk.paths().filter(is_log).filter(|path| !path.starts_with("__")).count()
}

fn epochs_on_disk(disk: &Disk, id: &TopicPartition) -> Vec<(i32, i64)> {
    let text = disk.read_all(&format!("{id}/leader-epoch-checkpoint"));
    let text = text.as_deref().and_then(|bytes| std::str::from_utf8(bytes).ok());
    text.and_then(|text| parse_leader_epochs(text).ok()).unwrap_or_default()
}

/// Marks on each replica the first offset at which replicas of its partition have different records.
pub fn diverge(nodes: &mut [NodeView]) {
    let mut at = BTreeMap::new();
    {
        let mut first: BTreeMap<&TopicPartition, BTreeMap<i64, &Cell>> = BTreeMap::new();
        for replica in nodes.iter().flat_map(|node| &node.replicas) {
            let seen = first.entry(&replica.partition).or_default();
            for cell in &replica.cells {
                let other = *seen.entry(cell.offset).or_insert(cell);
                if !other.is_same_record(cell) {
                    let least = at.entry(replica.partition.clone()).or_insert(cell.offset);
                    *least = cell.offset.min(*least);
                }
            }
        }
    }
    if at.is_empty() {
        return;
    }
    for replica in nodes.iter_mut().flat_map(|node| &mut node.replicas) {
        let offset = at.get(&replica.partition).copied();
        replica.diverges_at = offset.filter(|offset| replica.log_end_offset > *offset);
    }
}

impl Cell {
    fn is_same_record(&self, other: &Cell) -> bool {
        let same_bytes = self.crc == other.crc || self.crc.is_none() || other.crc.is_none();
        self.leader_epoch == other.leader_epoch && same_bytes
    }
}

fn cells(found: &[Placed], from: i64, high_watermark: i64) -> Vec<Cell> {
    let mut cells = Vec::new();
    for Placed { batch, durable } in found {
        let (first, last) = (batch.base_offset(), batch.last_offset());
        // Of a batch far longer than a strip only the end is looked at.
        if last < from {
            continue;
        }
        for record in batch.records().filter_map(Result::ok) {
            if record.offset < from {
                continue;
            }
            cells.push(Cell {
                offset: record.offset,
                leader_epoch: batch.partition_leader_epoch(),
                first_of_batch: record.offset == first,
                last_of_batch: record.offset == last,
                committed: record.offset < high_watermark,
                durable: *durable,
                tombstone: record.value.is_none(),
                fresh: false,
                crc: (!batch.header().is_rewritten()).then(|| batch.crc()),
            });
        }
    }
    if cells.len() > CELLS_MAX {
        cells.drain(..cells.len() - CELLS_MAX);
    }
    cells
}

fn mark_fresh(replica: &mut ReplicaView, node: NodeId, last_events: &[Event]) {
    for event in last_events.iter().filter(|event| event.place == Address::Node(node)) {
        let EventKind::RecordsAppended { partition, base_offset, last_offset, .. } = &event.kind
        else {
            continue;
        };
        if *partition == replica.partition {
            let range = *base_offset..=*last_offset;
            for cell in replica.cells.iter_mut().filter(|cell| range.contains(&cell.offset)) {
                cell.fresh = true;
            }
        }
    }
}
