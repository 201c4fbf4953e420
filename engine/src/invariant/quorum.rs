//! What the quorum promises: one leader an epoch, epochs that only rise, and metadata that, once
//! committed, every controller and broker has alike (`RaftEventSimulationTest`'s invariants).

use super::violation::Broken;
use crate::cluster::Cluster;
use crate::controller::metadata_image::MetadataImage;
use crate::ids::NodeId;
use crate::log::unified_log::UnifiedLog;
use crate::node::Node;
use crate::record::record_batch::RecordBatch;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A batch by what tells it from any other at its place: its epoch and its checksum.
type Identity = (i32, u32);

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Quorum {
    leaders: BTreeMap<i32, NodeId>,
    epochs: BTreeMap<NodeId, i32>,
    /// Every batch that was ever committed, by its base offset.
    committed: Arc<BTreeMap<i64, Identity>>,
    end: i64,
    /// Up to where the log of a process that runs has been compared.
    compared: BTreeMap<NodeId, i64>,
    /// The newest that was ever committed, though those who know it may be gone.
    pub image: MetadataImage,
}

impl Quorum {
    pub fn process_started(&mut self, node: NodeId) {
        self.compared.remove(&node);
    }

    pub fn elected(&mut self, cluster: &Cluster, node: NodeId, epoch: i32) -> Result<(), Broken> {
        let known = *self.epochs.get(&node).unwrap_or(&0);
        if epoch < known {
            return Err(Broken::QuorumEpochWentBack { node, from: known, to: epoch });
        }
        self.epochs.insert(node, epoch);
        let leader = *self.leaders.entry(epoch).or_insert(node);
        if leader != node {
            return Err(Broken::TwoQuorumLeaders { epoch, nodes: [leader, node] });
        }
        // What a later leader committed meanwhile is not for this one to have: it was away when its
        // votes came in. With the last batch of earlier epochs it has all before it.
        let mut earlier = self.committed.iter().rev();
        let Some((&base, &identity)) = earlier.find(|(_, identity)| identity.0 < epoch) else {
            return Ok(());
        };
        match cluster.node(node).and_then(|node| batch_at(node, base)) {
            Some(batch) if identity_of(&batch) == identity => Ok(()),
            _ => Err(Broken::CommittedMetadataLost { node, offset: base }),
        }
    }

    /// A node takes everything up to `offset` for committed; the leader was the first to do so.
    pub fn committed(
        &mut self,
        cluster: &Cluster,
        node: NodeId,
        offset: i64,
    ) -> Result<(), Broken> {
        let Some((process, log)) = cluster.node(node).and_then(|n| Some((n, metadata_log(n)?)))
        else {
            return Ok(());
        };
        let from = *self.compared.get(&node).unwrap_or(&0);
        for batch in log.batches(&process.disk, from).filter_map(Result::ok) {
            let base = batch.base_offset();
            if base > offset {
                break;
            }
            match self.committed.get(&base) {
                Some(known) if *known == identity_of(&batch) => {}
                None if base >= self.end => {
                    Arc::make_mut(&mut self.committed).insert(base, identity_of(&batch));
                    self.end = batch.next_offset();
                }
                _ => return Err(Broken::CommittedMetadataDiverged { node, offset: base }),
            }
        }
        self.compared.insert(node, offset + 1);
        if let Some(image) = cluster.metadata_image()
            && image.next_offset > self.image.next_offset
        {
            self.image = image.clone();
        }
        Ok(())
    }
}

fn metadata_log(node: &Node) -> Option<&UnifiedLog> {
    let controller = node.controller().map(|controller| &controller.raft.log);
    controller.or_else(|| node.broker().map(|broker| &broker.metadata_log))
}

fn batch_at(node: &Node, offset: i64) -> Option<RecordBatch> {
    metadata_log(node)?.batches(&node.disk, offset).next()?.ok()
}

fn identity_of(batch: &RecordBatch) -> Identity {
    (batch.partition_leader_epoch(), batch.crc())
}
