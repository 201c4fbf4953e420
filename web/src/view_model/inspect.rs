//! Everything about one selected thing that the published view does not already hold: files, bytes,
//! the fields of a message, and what holds a high watermark back. Asked for only while it is shown.

pub mod message;
pub mod record;

use super::build::metadata;
use kafkascope_engine::cluster::Cluster;
use kafkascope_engine::ids::{NodeId, TopicPartition};
use kafkascope_engine::node::Node;
use std::sync::Arc;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiskFile {
    pub path: Arc<str>,
    pub len: u64,
    pub durable_len: u64,
}

/// What is on a node's disk, the directories of partitions first.
pub fn files(cluster: &Cluster, node: NodeId) -> Vec<DiskFile> {
    let Some(node) = cluster.node(node) else {
        return Vec::new();
    };
    let mut files: Vec<DiskFile> = node
        .disk
        .paths()
        .map(|path| DiskFile {
            path: path.clone(),
            len: node.disk.len(path).unwrap_or(0),
            durable_len: node.disk.durable_len(path).unwrap_or(0),
        })
        .collect();
    files.sort_by_key(|file| (!file.path.contains('/'), file.path.starts_with("__")));
    files
}

/// Why a partition's high watermark is where it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HwReason {
    NoLeader,
    /// Everybody who counts has everything.
    CaughtUp {
        end: i64,
    },
    /// These have not reported more than `hw`.
    HeldBackBy {
        hw: i64,
        behind: Vec<Behind>,
    },
    BelowMinIsr {
        isr: usize,
        min: usize,
    },
}

/// A replica as its leader knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Behind {
    pub node: NodeId,
    /// -1 if it has not fetched since this leader took over.
    pub log_end_offset: i64,
}

pub fn hw_reason(cluster: &Cluster, id: &TopicPartition) -> HwReason {
    let leader = metadata(cluster)
        .and_then(|image| image.partition(id))
        .and_then(|registration| registration.leader)
        .and_then(|leader| cluster.node(leader))
        .and_then(Node::broker)
        .and_then(|broker| broker.replicas.partitions.get(id));
    let Some(partition) = leader else {
        return HwReason::NoLeader;
    };
    let Some(leading) = &partition.leading else {
        return HwReason::NoLeader;
    };
    let (hw, end) = (partition.log.high_watermark(), partition.log.log_end_offset());
    if hw >= end {
        return HwReason::CaughtUp { end };
    }
    let (isr, min) = (partition.isr.len(), partition.effective_min_isr());
    if isr < min {
        return HwReason::BelowMinIsr { isr, min };
    }
    let counted = partition.maximal_isr();
    let behind = leading
        .remote
        .iter()
        .filter(|(node, state)| counted.contains(node) && state.log_end_offset <= hw)
        .map(|(&node, state)| Behind { node, log_end_offset: state.log_end_offset })
        .collect();
    HwReason::HeldBackBy { hw, behind }
}
