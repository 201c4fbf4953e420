//! Transactions: decided once, before any marker, and by the coordinator's log; ended as they were decided; never
//! written to by who has been fenced; read by readers of committed records as a whole or not at all. And an
//! application that reads, processes and writes in them processes each record once.
//!
//! None of it looks at what a log knows of its producers: what is committed is read from the batches.

use super::committed::Replica;
use super::compacted::fates;
use super::violation::Broken;
use super::{Checker, NodeId};
use crate::client::producer::SOURCE_HEADER;
use crate::cluster::Cluster;
use crate::event::{Event, EventKind, TransactionEvent};
use crate::ids::{TopicPartition, Uuid};
use crate::log::append_origin::EPOCH_PER_TRANSACTION;
use crate::protocol::{IsolationLevel, ProducerIdAndEpoch};
use crate::transaction::coordinator::{partition_of_transactional_id, records_of};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(super) struct Transactions {
    /// The lowest epoch of a producer id that may still write.
    fenced_below: BTreeMap<i64, i16>,
    /// The last decision about each producer id.
    decisions: BTreeMap<i64, Decision>,
    /// What was decided under each epoch, where every transaction has its own.
    decided: BTreeMap<(i64, i16), bool>,
    /// Topics were deleted: their offsets may have been given out again.
    pub is_disturbed: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Decision {
    epoch: i16,
    commit: bool,
    partitions: Arc<[TopicPartition]>,
}

impl Transactions {
    /// A leader has appended a batch.
    pub fn check_appended(&self, replica: &Replica<'_>, base_offset: i64) -> Result<(), Broken> {
        if self.fenced_below.is_empty() {
            return Ok(());
        }
        let batch = replica.partition.log.batches(replica.disk, base_offset).next();
        let Some(Ok(batch)) = batch else {
            return Ok(());
        };
        let (producer_id, epoch) = (batch.producer_id(), batch.producer_epoch());
        let is_fenced = self.fenced_below.get(&producer_id).is_some_and(|least| epoch < *least);
        if is_fenced && batch.is_transactional() && !batch.is_control() {
            let (partition, offset) = (replica.partition.id.clone(), base_offset);
            return Err(Broken::FencedProducerWrote { partition, producer_id, epoch, offset });
        }
        Ok(())
    }

    fn check_marker(
        &self,
        cluster: &Cluster,
        partition: &TopicPartition,
        ProducerIdAndEpoch { producer_id, epoch }: ProducerIdAndEpoch,
        (commit, offset, data_epoch): (bool, i64, i16),
    ) -> Result<(), Broken> {
        let has_epochs = cluster.spec().transaction_version >= EPOCH_PER_TRANSACTION;
        let is_of_this = !has_epochs || data_epoch < epoch;
        let is_so = self.decisions.get(&producer_id).is_some_and(|decision| {
            decision.epoch == epoch
                && decision.commit == commit
                && decision.partitions.contains(partition)
        });
        if is_of_this && is_so {
            return Ok(());
        }
        let partition = partition.clone();
        Err(Broken::MarkerWithoutDecision { partition, producer_id, epoch, offset })
    }

    /// After all faults have ended: what is decided is complete, what is open is known to its coordinator,
    /// and what applications have written holds each of their inputs once.
    /// `let_go_below`: up to where a partition's records were deleted, though a crash may have brought some back.
    pub fn check_settled(
        &self,
        cluster: &Cluster,
        let_go_below: impl Fn(&Replica<'_>) -> i64,
    ) -> Result<(), Broken> {
        let transactions = cluster.transactions();
        for (_, transaction) in &transactions {
            if transaction.metadata.state.decision().is_some() {
                let transactional_id = transaction.metadata.transactional_id.clone();
                return Err(Broken::TransactionNeverEnded { transactional_id });
            }
        }
        let image = cluster.newest_metadata().into_iter();
        for (id, _) in image.flat_map(|image| image.partitions()) {
            let open = cluster.leading_replica(&id).map(|(_, replica)| replica.open_transactions());
            for open in open.unwrap_or_default() {
                let producer_id = open.producer.producer_id;
                let is_known = transactions.iter().any(|(_, transaction)| {
                    transaction.metadata.producer_id == producer_id
                        && transaction.metadata.partitions.contains(&id)
                });
                if !is_known && is_asked_about(cluster) && !self.is_disturbed {
                    let (partition, first_offset) = (id, open.first_offset);
                    return Err(Broken::TransactionHangs { partition, producer_id, first_offset });
                }
            }
        }
        if self.is_disturbed { Ok(()) } else { check_exactly_once(cluster, let_go_below) }
    }
}

impl Checker {
    pub(super) fn check_transaction(
        &mut self,
        cluster: &Cluster,
        here: Option<NodeId>,
        event: &TransactionEvent,
    ) -> Result<(), Broken> {
        // Where committed records were lost, a coordinator may have forgotten what it had decided.
        if self.counts.lost_legally > 0 {
            return Ok(());
        }
        let has_epochs = cluster.spec().transaction_version >= EPOCH_PER_TRANSACTION;
        match event {
            // Without a word from the coordinator a leader cannot know who is fenced.
            TransactionEvent::ProducerInitialized { producer, .. } if is_asked_about(cluster) => {
                self.transactions.fenced_below.insert(producer.producer_id, producer.epoch);
            }
            TransactionEvent::Decided {
                transactional_id, producer, commit, partitions, ..
            } => {
                let node = here.unwrap_or(NodeId(0));
                if !is_decision_committed(cluster, node, transactional_id, producer.epoch) {
                    let transactional_id = transactional_id.clone();
                    return Err(Broken::DecidedBeforeCommit { transactional_id, node });
                }
                let ProducerIdAndEpoch { producer_id, epoch } = *producer;
                let (commit, partitions) = (*commit, partitions.clone());
                let decision = Decision { epoch, commit, partitions };
                self.transactions.decisions.insert(producer_id, decision);
                let former = self.transactions.decided.insert((producer_id, epoch), commit);
                if has_epochs && former.is_some_and(|former| former != commit) {
                    let transactional_id = transactional_id.clone();
                    return Err(Broken::DecidedTwice { transactional_id, producer_id, epoch });
                }
            }
            TransactionEvent::MarkerWritten { partition, producer, commit, offset, ended } => {
                let replica = here.and_then(|node| Replica::of(cluster, node, partition));
                let (Some(replica), Some((_, data_epoch))) = (replica, *ended) else {
                    return Ok(());
                };
                let leader_epoch = replica.partition.leader_epoch;
                if !self.ghost_of(&replica).is_replaced(leader_epoch) {
                    let about = (*commit, *offset, data_epoch);
                    self.transactions.check_marker(cluster, partition, *producer, about)?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// A reader of committed records got all that is committed, and nothing else.
    pub(super) fn check_read_committed(
        &mut self,
        cluster: &Cluster,
        event: &Event,
        topic_id: Uuid,
    ) -> Result<(), Broken> {
        let EventKind::RecordsConsumed { client, partition, base_offset, last_offset, records } =
            &event.kind
        else {
            return Ok(());
        };
        let consumer = cluster.client(*client).and_then(|client| client.consumer());
        let reads_committed =
            consumer.is_some_and(|c| c.config.isolation_level == IsolationLevel::ReadCommitted);
        if !reads_committed || self.counts.lost_legally > 0 {
            return Ok(());
        }
        let Some((node, _)) = cluster.leading_replica(partition) else {
            return Ok(());
        };
        let Some(replica) = Replica::of_topic(cluster, node, partition, topic_id) else {
            return Ok(());
        };
        let is_whole = !self.ghost_of(&replica).compacted
            && replica.partition.log.log_start_offset() <= *base_offset
            && replica.partition.log.log_end_offset() > *last_offset;
        if !is_whole {
            return Ok(());
        }
        let committed = committed_between(&replica, *base_offset, *last_offset);
        if committed == *records {
            return Ok(());
        }
        Err(Broken::ReadCommittedNotExact {
            partition: partition.clone(),
            base_offset: *base_offset,
            last_offset: *last_offset,
            records: *records,
            committed,
        })
    }
}

/// Whether leaders ask coordinators before they begin a transaction.
fn is_asked_about(cluster: &Cluster) -> bool {
    cluster.spec().transaction_version >= EPOCH_PER_TRANSACTION
        || cluster.spec().broker.transaction_partition_verification_enable
}

/// Whether the coordinator's log has the decision, committed.
fn is_decision_committed(
    cluster: &Cluster,
    node: NodeId,
    transactional_id: &str,
    epoch: i16,
) -> bool {
    let Some(image) = cluster.newest_metadata() else {
        return true;
    };
    let id = partition_of_transactional_id(image, transactional_id);
    let Some(replica) = id.and_then(|id| Replica::of(cluster, node, &id)) else {
        return true;
    };
    let log = &replica.partition.log;
    records_of(log, replica.disk).any(|(offset, of, metadata)| {
        let is_decision = metadata.is_some_and(|metadata| {
            metadata.producer_epoch == epoch && metadata.state.decision().is_some()
        });
        *of == *transactional_id && is_decision && offset < log.high_watermark()
    })
}

fn committed_between(replica: &Replica<'_>, base_offset: i64, last_offset: i64) -> u64 {
    let within = base_offset..=last_offset;
    let committed = fates(&replica.partition.log, replica.disk, base_offset)
        .into_iter()
        .filter(|(_, is_committed)| *is_committed);
    let records = committed.flat_map(|(batch, _)| {
        batch.records().filter_map(Result::ok).map(|record| record.offset).collect::<Vec<_>>()
    });
    records.filter(|offset| within.contains(offset)).count() as u64
}

/// Each record that an application has got past is in its committed output once.
fn check_exactly_once(
    cluster: &Cluster,
    let_go_below: impl Fn(&Replica<'_>) -> i64,
) -> Result<(), Broken> {
    let image = cluster.newest_metadata();
    let mut times: BTreeMap<String, u64> = BTreeMap::new();
    let applications: Vec<_> = cluster
        .clients()
        .filter_map(|client| client.consumer())
        .filter_map(|consumer| Some((consumer, consumer.feeding.as_ref()?)))
        .collect();
    let outputs: BTreeSet<_> = applications.iter().map(|(_, feeding)| feeding.output()).collect();
    let of_outputs = image.into_iter().flat_map(|image| image.partitions());
    for (id, _) in of_outputs.filter(|(id, _)| outputs.contains(&id.topic)) {
        let Some(replica) = leading(cluster, &id) else {
            return Ok(());
        };
        for (batch, _) in fates(&replica.partition.log, replica.disk, 0)
            .into_iter()
            .filter(|(_, is_committed)| *is_committed)
        {
            for record in batch.records().filter_map(Result::ok) {
                let source = record.headers.iter().find(|header| header.key == SOURCE_HEADER);
                let source = source.and_then(|header| header.value.as_deref());
                if let Some(source) = source.and_then(|source| std::str::from_utf8(source).ok()) {
                    *times.entry(source.to_string()).or_default() += 1;
                }
            }
        }
    }
    if let Some((source, times)) = times.iter().find(|(_, times)| **times > 1) {
        return Err(Broken::NotExactlyOnce { source: source.clone(), times: *times });
    }
    let groups: BTreeSet<_> = applications
        .iter()
        .filter_map(|(consumer, _)| {
            let member = consumer.member.as_ref()?;
            Some((member.settings.group.clone(), consumer.topic.clone()))
        })
        .collect();
    for (group, topic) in groups {
        let Ok((_, shard)) = cluster.coordinator_of(&group) else {
            continue;
        };
        for (id, stored) in shard.offsets_of(&group).filter(|(id, _)| id.topic == topic) {
            let Some(replica) = leading(cluster, id) else {
                continue;
            };
            let input = fates(&replica.partition.log, replica.disk, 0)
                .into_iter()
                .filter(|(_, is_committed)| *is_committed);
            let offsets = input.flat_map(|(batch, _)| {
                batch.records().filter_map(Result::ok).map(|r| r.offset).collect::<Vec<_>>()
            });
            let start = replica.partition.log.log_start_offset().max(let_go_below(&replica));
            for offset in offsets.filter(|o| (start..stored.committed.offset).contains(o)) {
                let source = format!("{id}@{offset}");
                if !times.contains_key(&source) {
                    return Err(Broken::NotExactlyOnce { source, times: 0 });
                }
            }
        }
    }
    Ok(())
}

fn leading<'a>(cluster: &'a Cluster, id: &TopicPartition) -> Option<Replica<'a>> {
    let (node, _) = cluster.leading_replica(id)?;
    Replica::of(cluster, node, id)
}
