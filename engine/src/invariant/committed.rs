//! The ghost of one partition: every batch that was ever below a leader's high watermark, by
//! (offsets, leader epoch, CRC), and what the replicas' logs must have to do with it.

use super::acknowledged::{Acknowledged, Told};
use super::appended::Appended;
use super::compacted::records;
use super::finding::Allowance;
use super::violation::Broken;
use crate::cluster::Cluster;
use crate::ids::{NodeId, TopicPartition, Uuid};
use crate::protocol::Acks;
use crate::replication::history_rule::HistoryRule;
use crate::replication::partition::Partition;
use crate::sim::disk::Disk;
use crate::sim::disk::SharedVec;
use bytes::Bytes;
use std::collections::BTreeMap;

#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(super) struct Committed {
    batches: SharedVec<BatchId>,
    /// The highest end there ever was; a legal loss does not lower it.
    end_ever: i64,
    /// Who led in which epoch.
    leaders: BTreeMap<i32, Leadership>,
    /// The leader's high watermark in the latest epoch that showed one.
    mark: (i32, i64),
    /// Epochs of unclean elections since which nobody has led yet, and what allowed them. Until
    /// somebody does, the ISR holds a replica that may lack what is committed.
    unclean_epochs: BTreeMap<i32, Allowance>,
    /// What allowed the last leader that lacked something committed to lack it.
    last_excuse: Vec<Allowance>,
    /// What producers were told.
    pub acknowledged: Acknowledged,
    /// What they wrote.
    pub appended: Appended,
    /// Where each replica's log ended when it last changed.
    ends: BTreeMap<NodeId, i64>,
    /// Replicas that lost bytes and have not yet fetched all that is committed, and what they lost them by.
    lossy: BTreeMap<NodeId, Allowance>,
    /// The cleaner has been at work on some replica, and what it left may have been fetched.
    pub compacted: bool,
    /// The ISR as the controller last changed it.
    isr: Vec<NodeId>,
    /// The highest log start of a leader, since the last one that promised nothing.
    log_start: i64,
    /// The highest log start that a leader ever had.
    pub start_ever: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Leadership {
    node: NodeId,
    start_offset: i64,
    /// False if the leader had lost bytes with the power, or was elected out of sync: then Kafka
    /// does not promise that it has all that was committed.
    promised: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct BatchId {
    base_offset: i64,
    last_offset: i64,
    leader_epoch: i32,
    crc: u32,
    /// It shows that a compaction has rewritten it.
    rewritten: bool,
}

impl BatchId {
    /// Whether it is the committed batch, or what a compaction has left of that.
    fn is_what_is_left_of(&self, committed: &BatchId) -> bool {
        let same_place = (self.base_offset, self.last_offset, self.leader_epoch)
            == (committed.base_offset, committed.last_offset, committed.leader_epoch);
        same_place && (self.rewritten || self.crc == committed.crc)
    }
}

/// A replica whose process runs or is paused.
pub(super) struct Replica<'a> {
    pub node: NodeId,
    pub partition: &'a Partition,
    pub disk: &'a Disk,
}

impl<'a> Replica<'a> {
    pub fn of(cluster: &'a Cluster, node: NodeId, id: &TopicPartition) -> Option<Replica<'a>> {
        let host = cluster.node(node)?;
        let partition = host.broker()?.replicas.partitions.get(id)?;
        Some(Replica { node, partition, disk: &host.disk })
    }

    /// The replica, unless what the node has of that name is another topic's.
    pub fn of_topic(
        cluster: &'a Cluster,
        node: NodeId,
        id: &TopicPartition,
        topic_id: Uuid,
    ) -> Option<Replica<'a>> {
        Replica::of(cluster, node, id).filter(|replica| replica.partition.topic_id == topic_id)
    }

    /// The batches from the one that holds `offset` on.
    fn batches(&self, offset: i64) -> impl Iterator<Item = BatchId> {
        self.partition.log.batches(self.disk, offset).map_while(Result::ok).map(|batch| BatchId {
            base_offset: batch.base_offset(),
            last_offset: batch.last_offset(),
            leader_epoch: batch.partition_leader_epoch(),
            crc: batch.crc(),
            rewritten: batch.header().is_rewritten(),
        })
    }

    /// The newest value of every key.
    fn folded(&self) -> BTreeMap<Option<Bytes>, Bytes> {
        let mut folded = BTreeMap::new();
        let all = records(&self.partition.log, self.disk);
        for record in all.into_iter().filter(|kept| !kept.is_void).map(|kept| kept.record) {
            match record.value {
                Some(value) => folded.insert(record.key, value),
                None => folded.remove(&record.key),
            };
        }
        folded
    }

    /// The same records, apart from what one of them has already let go of.
    pub fn same_log(&self, other: &Replica<'_>) -> bool {
        let (mine, others) = (&self.partition.log, &other.partition.log);
        let start = mine.log_start_offset().max(others.log_start_offset());
        let same_marks = mine.log_end_offset() == others.log_end_offset()
            && mine.high_watermark() == others.high_watermark();
        let policy = mine.config().cleanup_policy;
        same_marks
            && match (policy.compact, policy.delete) {
                (false, _) => self.batches(start).eq(other.batches(start)),
                // A replica that was away for longer than delete.retention.ms may have missed a
                // tombstone, and keep what it deleted; so it is in Kafka.
                (true, false) => {
                    let others = other.folded();
                    let differs = |(key, value)| others.get(&key).is_some_and(|o| *o != value);
                    !self.folded().into_iter().any(differs)
                }
                // Each has compacted and deleted at times of its own.
                (true, true) => true,
            }
    }
}

impl Committed {
    pub fn end(&self) -> i64 {
        self.batches.last().map_or(0, |batch| batch.last_offset + 1)
    }

    /// A leader let go of what is below `to`.
    pub fn log_start_moved(&mut self, to: i64) {
        self.log_start = self.log_start.max(to);
        self.start_ever = self.start_ever.max(to);
    }

    pub fn end_ever(&self) -> i64 {
        self.end_ever
    }

    /// A replica came back with a log that ends at `log_end_offset`. Only power loss takes records.
    pub fn recovered(
        &mut self,
        id: &TopicPartition,
        node: NodeId,
        log_end_offset: i64,
        power_lost: bool,
        whole: bool,
    ) -> Result<(), Broken> {
        let before = self.ends.insert(node, log_end_offset).unwrap_or(0);
        if log_end_offset >= before {
            return Ok(());
        }
        // A log that was cut inside a gap of the cleaner's ended there in memory only: no byte says so.
        let ended_in_a_gap = whole && self.compacted;
        if power_lost || ended_in_a_gap {
            self.lossy.insert(node, Allowance::BytesNotFlushed { node });
            return Ok(());
        }
        Err(Broken::RecoveryLostRecords { partition: id.clone(), node, log_end_offset })
    }

    /// The replica is gone with its log; should it come back, it begins anew.
    pub fn removed(&mut self, node: NodeId) {
        self.ends.remove(&node);
        self.lossy.remove(&node);
    }

    /// A replica's log is gone, whatever it held.
    pub fn disk_lost(&mut self, node: NodeId, by: Allowance) {
        if self.ends.insert(node, 0).is_some_and(|end| end > 0) {
            self.lossy.insert(node, by);
        }
    }

    /// A replica out of sync was chosen to lead from `leader_epoch` on.
    pub fn elected_unclean(&mut self, leader_epoch: i32, allowance: Allowance) {
        self.unclean_epochs.insert(leader_epoch, allowance);
    }

    /// Whether none of these has been in the ISR.
    pub fn has_none_in_sync(&self, isr: &[NodeId]) -> bool {
        !self.isr.is_empty() && !isr.iter().any(|node| self.isr.contains(node))
    }

    /// Whether a later leader is known than that of `leader_epoch`.
    pub fn is_replaced(&self, leader_epoch: i32) -> bool {
        self.leaders.range(leader_epoch + 1..).next().is_some()
    }

    /// The latest that led.
    pub fn newest_leader(&self) -> Option<NodeId> {
        self.leaders.values().next_back().map(|leadership| leadership.node)
    }

    /// What allows a replica that begins to lead to lack what is committed; must be asked before it is
    /// told that it does. Nothing: Kafka promises that it has it.
    pub fn excuse_of(
        &mut self,
        node: NodeId,
        leader_epoch: i32,
        history: HistoryRule,
        has_elr: bool,
    ) -> Vec<Allowance> {
        let unclean = self.unclean_epochs.range(..=leader_epoch).next_back().map(|(_, by)| *by);
        let lossy = self.lossy.get(&node).copied().filter(|_| !has_elr);
        let mut excuse: Vec<_> = unclean.into_iter().chain(lossy).collect();
        if excuse.is_empty() && history != HistoryRule::default() {
            excuse.push(Allowance::HistoryRule(history));
        }
        if !excuse.is_empty() {
            self.last_excuse = excuse.clone();
        }
        excuse
    }

    pub fn last_excuse(&self) -> Vec<Allowance> {
        self.last_excuse.clone()
    }

    /// What allowed it that records which producers were told of are not there.
    pub fn allowed(&self, told: &Told, replicas: usize, excuse: &[Allowance]) -> Vec<Allowance> {
        if told.acks == Acks::Leader && !self.is_committed(told) {
            return vec![Allowance::AcksLeader];
        }
        let mut allowed = excuse.to_vec();
        if !allowed.is_empty() && told.acks == Acks::All && told.isr == 1 && replicas > 1 {
            allowed.push(Allowance::MinInsyncReplicas { min: told.min_isr });
        }
        allowed
    }

    fn is_committed(&self, told: &Told) -> bool {
        let at = self.batches.partition_point(|batch| batch.last_offset < told.from);
        self.batches.get(at).is_some_and(|batch| {
            batch.base_offset <= told.from && batch.leader_epoch == told.leader_epoch
        })
    }

    /// Returns how many committed batches were lost where no promise covers them.
    pub fn became_leader(
        &mut self,
        replica: &Replica<'_>,
        leader_epoch: i32,
        start_offset: i64,
        has_elr: bool,
    ) -> Result<u64, Broken> {
        let (id, node) = (&replica.partition.id, replica.node);
        let before = self.unclean_epochs.len();
        self.unclean_epochs.retain(|epoch, _| *epoch > leader_epoch);
        let unclean = self.unclean_epochs.len() < before;
        let promised = !unclean && (has_elr || !self.lossy.contains_key(&node));
        self.leads(id, leader_epoch, Leadership { node, start_offset, promised })?;
        if self.leaders.range(leader_epoch + 1..).next().is_some() {
            // It learned late that it was elected, and not yet that it has been replaced.
            return Ok(0);
        }
        let (from, to) = (start_offset, self.end());
        if promised && from < to {
            let (partition, leader) = (id.clone(), node);
            return Err(Broken::CommittedRecordsLost { partition, leader, from, to });
        }
        if promised {
            self.log_start_moved(replica.partition.log.log_start_offset());
            return Ok(0);
        }
        // From here on the truth is what this leader has: it may be shorter, or another.
        let keep = self.agreed(replica);
        let gone = self.batches.partition_point(|batch| batch.last_offset < self.log_start);
        let lost = self.batches.len() - keep.max(gone);
        self.log_start = replica.partition.log.log_start_offset();
        self.batches.truncate(keep);
        self.lossy.clear();
        Ok(lost as u64)
    }

    /// How many committed batches, from the first on, a replica has, or has let go of by retention
    /// or compaction.
    fn agreed(&self, replica: &Replica<'_>) -> usize {
        let log = &replica.partition.log;
        let from = log.log_start_offset();
        let first = self.batches.partition_point(|batch| batch.last_offset < from);
        let mut own = replica.batches(from).peekable();
        let agrees = |committed: &&BatchId| match own.peek() {
            Some(batch) if batch.is_what_is_left_of(committed) => own.next().is_some(),
            Some(batch) => self.compacted && batch.base_offset > committed.last_offset,
            None => self.compacted && committed.last_offset < log.log_end_offset(),
        };
        first + self.batches.iter_from(first).take_while(agrees).count()
    }

    fn leads(
        &mut self,
        id: &TopicPartition,
        leader_epoch: i32,
        leadership: Leadership,
    ) -> Result<(), Broken> {
        let known = *self.leaders.entry(leader_epoch).or_insert(leadership);
        if known.node == leadership.node {
            return Ok(());
        }
        let nodes = [known.node, leadership.node];
        Err(Broken::TwoLeadersInOneEpoch { partition: id.clone(), leader_epoch, nodes })
    }

    pub fn leader_appended(
        &mut self,
        replica: &Replica<'_>,
        base_offset: i64,
        leader_epoch: i32,
    ) -> Result<(), Broken> {
        self.ends.insert(replica.node, replica.partition.log.log_end_offset());
        let leadership =
            Leadership { node: replica.node, start_offset: base_offset, promised: true };
        self.leads(&replica.partition.id, leader_epoch, leadership)?;
        self.compare(replica, base_offset)
    }

    pub fn follower_appended(
        &mut self,
        replica: &Replica<'_>,
        base_offset: i64,
    ) -> Result<(), Broken> {
        self.ends.insert(replica.node, replica.partition.log.log_end_offset());
        self.compare(replica, base_offset)?;
        if replica.partition.log.log_end_offset() >= self.end() {
            self.lossy.remove(&replica.node);
        }
        Ok(())
    }

    /// Where a log overlaps what is committed, it holds the same batches, in the newest epoch that
    /// the replica knows. A replica of an older epoch may still hold, and write, what it will have to
    /// truncate.
    fn compare(&self, replica: &Replica<'_>, from: i64) -> Result<(), Broken> {
        let newest_epoch = self.leaders.keys().next_back().copied().unwrap_or(-1);
        if from >= self.end() || replica.partition.leader_epoch < newest_epoch {
            return Ok(());
        }
        // What it has let go of cannot be compared, and what a leader has is to go everywhere.
        let from = from.max(replica.partition.log.log_start_offset()).max(self.log_start);
        let first = self.batches.partition_point(|batch| batch.last_offset < from);
        if self.compacted {
            return self.compare_compacted(replica, from, first);
        }
        let mut mine = replica.batches(from);
        for batch in self.batches.iter_from(first) {
            match mine.next() {
                Some(own) if own == *batch => {}
                None => break,
                Some(own) => {
                    return Err(Broken::LogsDiverged {
                        partition: replica.partition.id.clone(),
                        node: replica.node,
                        offset: own.base_offset,
                    });
                }
            }
        }
        Ok(())
    }

    /// The same for a log of which compaction has taken batches away.
    fn compare_compacted(
        &self,
        replica: &Replica<'_>,
        from: i64,
        first: usize,
    ) -> Result<(), Broken> {
        let mut committed = self.batches.iter_from(first).peekable();
        for own in replica.batches(from).take_while(|own| own.base_offset < self.end()) {
            while committed.next_if(|batch| batch.base_offset < own.base_offset).is_some() {}
            if !committed.next().is_some_and(|batch| own.is_what_is_left_of(batch)) {
                let (partition, offset) = (replica.partition.id.clone(), own.base_offset);
                return Err(Broken::LogsDiverged { partition, node: replica.node, offset });
            }
        }
        Ok(())
    }

    pub fn truncated(
        &mut self,
        id: &TopicPartition,
        node: NodeId,
        to: i64,
        isr: &[NodeId],
    ) -> Result<(), Broken> {
        self.ends.insert(node, to);
        let committed = self.end();
        let promised = self.unclean_epochs.is_empty() && !self.lossy.contains_key(&node);
        if promised && to < committed && isr.contains(&node) {
            let (partition, log_end_offset) = (id.clone(), to);
            return Err(Broken::IsrMemberBehind { partition, node, log_end_offset, committed });
        }
        Ok(())
    }

    /// A leader's high watermark moved: what it passed is committed for ever.
    pub fn leader_mark_moved(
        &mut self,
        replica: &Replica<'_>,
        from: i64,
        to: i64,
    ) -> Result<(), Broken> {
        let id = &replica.partition.id;
        let epoch = replica.partition.leader_epoch;
        if to < from || (epoch == self.mark.0 && to < self.mark.1) {
            let (partition, node) = (id.clone(), replica.node);
            return Err(Broken::HighWatermarkWentBack { partition, node, from, to });
        }
        if let Some((_, next)) = self.leaders.range(epoch + 1..).next() {
            // It does not know that it has been replaced.
            self.end_ever = self.end_ever.max(to);
            let promised = self.leaders.range(epoch + 1..).all(|(_, later)| later.promised);
            if promised && next.start_offset < to {
                let (partition, leader) = (id.clone(), next.node);
                return Err(Broken::CommittedRecordsLost { partition, leader, from, to });
            }
            return Ok(());
        }
        self.compare(replica, from)?;
        self.mark = (epoch, to);
        let end = self.end();
        if to > end {
            for batch in replica.batches(end).take_while(|batch| batch.base_offset < to) {
                self.batches.push(batch);
            }
            self.end_ever = self.end_ever.max(self.end());
        }
        Ok(())
    }

    /// The ISR changed: every member holds all that is committed, batch for batch. Who lost bytes may
    /// have stayed in it unnoticed, but does not join it before it has them again.
    pub fn isr_changed(
        &mut self,
        cluster: &Cluster,
        (id, topic_id): (&TopicPartition, Uuid),
        isr: &[NodeId],
    ) -> Result<(), Broken> {
        let before = std::mem::replace(&mut self.isr, isr.to_vec());
        if !self.unclean_epochs.is_empty() {
            return Ok(());
        }
        for &node in isr {
            let joins = !before.is_empty() && !before.contains(&node);
            let replica = Replica::of_topic(cluster, node, id, topic_id);
            let Some(replica) = replica.filter(|_| joins || !self.lossy.contains_key(&node)) else {
                continue;
            };
            self.compare(&replica, replica.partition.log.log_start_offset())?;
            self.check_end(&replica)?;
        }
        Ok(())
    }

    fn check_end(&self, replica: &Replica<'_>) -> Result<(), Broken> {
        let (committed, log_end_offset) = (self.end(), replica.partition.log.log_end_offset());
        if log_end_offset < committed {
            let (partition, node) = (replica.partition.id.clone(), replica.node);
            return Err(Broken::IsrMemberBehind { partition, node, log_end_offset, committed });
        }
        Ok(())
    }

    /// Everybody who may lead reaches as far as what is committed.
    pub fn check_isr(
        &self,
        cluster: &Cluster,
        (id, topic_id): (&TopicPartition, Uuid),
        isr: &[NodeId],
    ) -> Result<(), Broken> {
        if !self.unclean_epochs.is_empty() {
            return Ok(());
        }
        for &node in isr.iter().filter(|node| !self.lossy.contains_key(node)) {
            if let Some(replica) = Replica::of_topic(cluster, node, id, topic_id) {
                self.check_end(&replica)?;
            }
        }
        Ok(())
    }
}
