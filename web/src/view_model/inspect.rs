//! Everything about one selected thing that the published view does not already hold: files, bytes,
//! the fields of a message, the ISR as a ring, all partitions. Asked for only while it is shown.

pub mod cluster;
pub mod group;
pub mod message;
pub mod producer;
pub mod record;
pub mod ring;
pub mod throttle;

use kafkascope_engine::cluster::Cluster;
use kafkascope_engine::ids::NodeId;
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

/// How much is on a node's disk.
pub fn disk_bytes(cluster: &Cluster, node: NodeId) -> u64 {
    let disk = cluster.node(node).map(|node| &node.disk);
    disk.map_or(0, |disk| disk.paths().filter_map(|path| disk.len(path)).sum())
}
