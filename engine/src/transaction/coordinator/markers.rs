//! After a decision: every partition of the transaction gets its marker, and when all have confirmed theirs
//! the transaction is complete. Kafka's `TransactionMarkerChannelManager` with
//! `TransactionMarkerRequestCompletionHandler`, one request to a leader for each transaction.

use super::{Shard, Then, TransactionCoordinator};
use crate::broker::REQUEST_TIMEOUT_MS;
use crate::ids::{NodeId, TopicPartition};
use crate::protocol::*;
use crate::replication::replica_manager::Env;
use crate::world::{Call, Ctx, Timer, TxnCall};
use std::collections::BTreeMap;
use std::sync::Arc;

const RETRY_BACKOFF_MS: u64 = 100;

/// Sees to the markers of a transaction again in a while.
pub(super) fn look_again(ctx: &mut Ctx<'_>, transactional_id: &Arc<str>) {
    ctx.set_timer_in(Timer::TransactionMarkers(transactional_id.clone()), RETRY_BACKOFF_MS);
}

impl Shard {
    /// Asks the leaders of partitions that lack their marker and have not been asked.
    pub(super) fn send_markers(
        &mut self,
        ctx: &mut Ctx<'_>,
        env: &Env<'_>,
        transactional_id: &Arc<str>,
    ) {
        let coordinator_epoch = self.coordinator_epoch;
        let Some(transaction) = self.transactions.get_mut(transactional_id) else {
            return;
        };
        let Some(commit) = transaction.metadata.state.decision() else {
            return;
        };
        if transaction.pending.is_some() {
            return;
        }
        // Of a topic that is gone nobody reads any more.
        transaction.unmarked.retain(|id| env.image.partition(id).is_some());
        if transaction.unmarked.is_empty() {
            let next = transaction.metadata.complete(ctx.now().timestamp_ms());
            return self.write(next, Then::Completed);
        }
        let mut by_leader: BTreeMap<NodeId, Vec<TopicPartition>> = BTreeMap::new();
        let mut has_leaderless = false;
        for id in transaction.unmarked.difference(&transaction.asked) {
            match env.image.partition(id).and_then(|partition| partition.leader) {
                Some(leader) => by_leader.entry(leader).or_default().push(id.clone()),
                None => has_leaderless = true,
            }
        }
        for (leader, partitions) in by_leader {
            transaction.asked.extend(partitions.iter().cloned());
            let request = WriteTxnMarkersRequest {
                producer: transaction.metadata.producer(),
                commit,
                coordinator_epoch,
                transaction_version: transaction.metadata.client_version,
                partitions: partitions.clone(),
            };
            let transactional_id = transactional_id.clone();
            let call = TxnCall::WriteTxnMarkers { transactional_id, coordinator_epoch, partitions };
            let call = Call::Txn(call);
            ctx.request(leader, Request::WriteTxnMarkers(request), REQUEST_TIMEOUT_MS, call);
        }
        if has_leaderless {
            look_again(ctx, transactional_id);
        }
    }
}

impl TransactionCoordinator {
    /// What has come of markers; without an answer nobody knows, and they are written again.
    pub fn on_markers_reply(
        &mut self,
        ctx: &mut Ctx<'_>,
        env: &Env<'_>,
        (transactional_id, coordinator_epoch): (Arc<str>, i32),
        asked: &[TopicPartition],
        reply: Reply,
    ) {
        let id = super::partition_of_transactional_id(env.image, &transactional_id);
        let Some((id, shard)) = id.and_then(|id| Some((id.clone(), self.shards.get_mut(&id)?)))
        else {
            return;
        };
        if shard.coordinator_epoch != coordinator_epoch {
            return;
        }
        let Some(transaction) = shard.transactions.get_mut(&transactional_id) else {
            return;
        };
        if transaction.metadata.state.decision().is_none() {
            return;
        }
        for partition in asked {
            transaction.asked.remove(partition);
        }
        let results = match reply {
            Reply::Response(Response::WriteTxnMarkers(results)) => results,
            _ => Vec::new(),
        };
        for (partition, result) in &results {
            match result {
                Ok(()) => {
                    transaction.unmarked.remove(partition);
                }
                // Another coordinator has taken over, and sees to all of it.
                Err(
                    KafkaError::TransactionCoordinatorFenced | KafkaError::InvalidProducerEpoch,
                ) => {
                    return;
                }
                Err(_) => {}
            }
        }
        if transaction.unmarked.is_empty() {
            shard.to_mark.push(transactional_id);
            self.busy.insert(id);
        } else if transaction.asked.is_empty() {
            look_again(ctx, &transactional_id);
        }
    }
}
