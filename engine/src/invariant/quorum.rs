//! What the quorum promises: one leader an epoch, epochs that only rise, metadata that, once
//! committed, every controller and broker has alike, and snapshots that stand for what they replace
//! (`RaftEventSimulationTest`'s invariants).

use super::violation::Broken;
use crate::cluster::Cluster;
use crate::controller::metadata_image::MetadataImage;
use crate::controller::metadata_loader::{read_snapshot, records_of};
use crate::ids::{NodeId, SnapshotId};
use crate::log::unified_log::UnifiedLog;
use crate::node::Node;
use crate::raft::metadata_log::FetchPosition;
use crate::record::record_batch::RecordBatch;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A batch by what tells it from any other at its place: its epoch and its checksum.
type Identity = (i32, u32);

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Quorum {
    leaders: BTreeMap<i32, NodeId>,
    epochs: BTreeMap<NodeId, i32>,
    /// Every batch that was ever committed, by its base offset.
    committed: Arc<BTreeMap<i64, Identity>>,
    /// By the epoch whose leader committed it, the base offset of the last batch. A leader commits
    /// what earlier epochs left only together with something of its own.
    committed_in: BTreeMap<i32, i64>,
    end: i64,
    /// Up to where the log of a process that runs has been compared.
    compared: BTreeMap<NodeId, i64>,
    /// What every batch that was ever committed adds up to, without any snapshot. `None` where the
    /// first batches had gone before this began.
    replayed: Option<Arc<MetadataImage>>,
    /// Who became the active controller and has not ceased to be.
    active: BTreeSet<NodeId>,
    /// Who took its state from a snapshot and has not been compared since.
    from_snapshot: BTreeSet<NodeId>,
    /// The newest that was ever committed, though those who know it may be gone.
    pub image: MetadataImage,
}

impl Quorum {
    pub fn process_started(&mut self, node: NodeId) {
        self.compared.remove(&node);
        self.from_snapshot.remove(&node);
        self.active.remove(&node);
    }

    pub fn activated(&mut self, node: NodeId) {
        self.active.insert(node);
    }

    pub fn resigned(&mut self, node: NodeId) {
        self.active.remove(&node);
    }

    /// A voter is in this epoch. It has written down that it is, so no restart takes it back.
    pub fn in_epoch(&mut self, node: NodeId, epoch: i32) -> Result<(), Broken> {
        let known = self.epochs.insert(node, epoch).unwrap_or(0);
        if epoch < known {
            return Err(Broken::QuorumEpochWentBack { node, from: known, to: epoch });
        }
        Ok(())
    }

    /// The leader takes everything up to `offset` for committed: enough voters have it, durably, that
    /// with those of whom nobody can tell they are a majority.
    pub fn check_majority(
        &self,
        cluster: &Cluster,
        node: NodeId,
        offset: i64,
    ) -> Result<(), Broken> {
        let Some(raft) = cluster.node(node).and_then(Node::raft) else {
            return Ok(());
        };
        let epoch = raft.log.leader_epoch_cache().epoch_for_offset(offset);
        let has = |node: &Node| {
            let Some(log) = metadata_log(node) else {
                return true;
            };
            let file = log.active_segment().path();
            let same = log.log_end_offset() > offset
                && log.leader_epoch_cache().epoch_for_offset(offset) == epoch
                && node.disk.durable_len(file) == node.disk.len(file);
            // What came before its log is in a snapshot.
            same || log.log_start_offset() > offset
        };
        let voters = &raft.quorum.voters;
        let nodes = voters.iter().filter_map(|voter| cluster.node(*voter));
        match raft.quorum.is_majority(nodes.filter(|node| has(node)).count()) {
            true => Ok(()),
            false => Err(Broken::CommittedWithoutMajority { node, offset }),
        }
    }

    pub fn elected(&mut self, cluster: &Cluster, node: NodeId, epoch: i32) -> Result<(), Broken> {
        self.in_epoch(node, epoch)?;
        let leader = *self.leaders.entry(epoch).or_insert(node);
        if leader != node {
            return Err(Broken::TwoQuorumLeaders { epoch, nodes: [leader, node] });
        }
        // What a later leader committed meanwhile is not for this one to have: it was away when its
        // votes came in. With the last batch that earlier epochs committed it has all before it.
        let Some((_, &base)) = self.committed_in.range(..epoch).next_back() else {
            return Ok(());
        };
        let identity = self.committed.get(&base).copied();
        let leader = cluster.node(node);
        let log = leader.and_then(metadata_log);
        if log.is_some_and(|log| log.log_start_offset() > base) {
            // What came before its log is in a snapshot.
            return Ok(());
        }
        match leader.and_then(|node| batch_at(node, base)) {
            Some(batch) if Some(identity_of(&batch)) == identity => Ok(()),
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
        if offset + 1 < from {
            return Err(Broken::QuorumHighWatermarkWentBack { node, from, to: offset + 1 });
        }
        let committing_epoch = log.leader_epoch_cache().epoch_for_offset(offset);
        for batch in log.batches(&process.disk, from).filter_map(Result::ok) {
            let base = batch.base_offset();
            if base > offset {
                break;
            }
            match self.committed.get(&base) {
                Some(known) if *known == identity_of(&batch) => {}
                None if base >= self.end => {
                    Arc::make_mut(&mut self.committed).insert(base, identity_of(&batch));
                    if let Some(epoch) = committing_epoch {
                        self.committed_in.insert(epoch, base);
                    }
                    self.end = batch.next_offset();
                    self.replay(&batch);
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
        self.compare_image(process)
    }

    fn replay(&mut self, batch: &RecordBatch) {
        if batch.base_offset() == 0 {
            self.replayed = Some(Arc::default());
        }
        if let Some(replayed) = &mut self.replayed {
            let image = Arc::make_mut(replayed);
            for (offset, record) in records_of(batch) {
                image.apply(offset, &record);
            }
            image.next_offset = batch.next_offset();
        }
    }

    /// Whoever took its state from a snapshot has, once it is where the replay is, the same.
    fn compare_image(&mut self, node: &Node) -> Result<(), Broken> {
        let Some(replayed) =
            self.replayed.as_ref().filter(|_| self.from_snapshot.contains(&node.id))
        else {
            return Ok(());
        };
        let images = images(node);
        if images.iter().any(|image| image.next_offset != replayed.next_offset) {
            return Ok(());
        }
        self.from_snapshot.remove(&node.id);
        if images.iter().all(|image| **image == **replayed) {
            return Ok(());
        }
        Err(Broken::SnapshotNotTrue { node: node.id, offset: replayed.next_offset })
    }

    /// A snapshot is of what is committed, and reads back as what its maker knew.
    pub fn generated(
        &mut self,
        cluster: &Cluster,
        node: NodeId,
        id: SnapshotId,
    ) -> Result<(), Broken> {
        let SnapshotId { epoch, offset } = id;
        let last = self.committed.range(..offset).next_back().map(|(_, (epoch, _))| *epoch);
        if offset > self.end || last != Some(epoch) {
            return Err(Broken::SnapshotOfUncommitted { node, offset });
        }
        let Some(process) = cluster.node(node) else { return Ok(()) };
        let known = images(process).into_iter().find(|image| image.next_offset == offset);
        match (read_snapshot(&process.disk, id), known) {
            (Some((read, _)), Some(known)) if read == *known => Ok(()),
            (Some(_), None) => Ok(()),
            _ => Err(Broken::SnapshotNotTrue { node, offset }),
        }
    }

    pub fn loaded(
        &mut self,
        cluster: &Cluster,
        node: NodeId,
        id: SnapshotId,
        by_controller: bool,
    ) -> Result<(), Broken> {
        let Some(process) = cluster.node(node) else { return Ok(()) };
        if by_controller && self.active.contains(&node) {
            return Err(Broken::LeaderLoadedSnapshot { node, offset: id.offset });
        }
        self.from_snapshot.insert(node);
        if id.offset > self.end && self.replayed.is_some() {
            return Err(Broken::SnapshotOfUncommitted { node, offset: id.offset });
        }
        self.compare_image(process)
    }

    /// A log that does not begin with the first record ever has a snapshot for what is missing, and
    /// its leader would answer a fetch from there.
    pub fn log_start_moved(&self, cluster: &Cluster, node: NodeId) -> Result<(), Broken> {
        let Some(log) = cluster.node(node).and_then(Node::raft).map(|raft| &raft.log) else {
            return Ok(());
        };
        let log_start_offset = log.log_start_offset();
        let at_start = log.earliest_snapshot().filter(|id| id.offset == log_start_offset);
        let holds =
            at_start.is_some_and(|id| log.validate(id.offset, id.epoch) == FetchPosition::Valid);
        if holds {
            return Ok(());
        }
        Err(Broken::LogStartWithoutSnapshot { node, log_start_offset })
    }
}

/// What a process takes for the state of the cluster: a broker and a controller have one each.
fn images(node: &Node) -> Vec<&MetadataImage> {
    let of_controller = node.controller().map(|controller| &controller.committed);
    of_controller.into_iter().chain(node.broker().map(|broker| &broker.image)).collect()
}

fn metadata_log(node: &Node) -> Option<&UnifiedLog> {
    Some(&node.raft()?.log)
}

fn batch_at(node: &Node, offset: i64) -> Option<RecordBatch> {
    metadata_log(node)?.batches(&node.disk, offset).next()?.ok()
}

fn identity_of(batch: &RecordBatch) -> Identity {
    (batch.partition_leader_epoch(), batch.crc())
}
