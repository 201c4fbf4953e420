//! The follower that a consumer reads from because the leader has named it, until the lease is over or
//! the follower fails it (KIP-392). Sources: `SubscriptionState`, `AbstractFetch.selectReadReplica`,
//! `FetchCollector` (Kafka 4).

use super::Consumer;
use crate::event::{EventKind, ReadReplicaChange, ReadReplicaReason};
use crate::ids::{NodeId, TopicPartition};
use crate::protocol::PartitionData;
use crate::sim::time::SimTime;
use crate::world::Ctx;

/// `reconnect.backoff.ms`, which doubles from one attempt to the next up to `reconnect.backoff.max.ms`.
const RECONNECT_BACKOFF_MS: u64 = 50;
const RECONNECT_BACKOFF_MAX_MS: u64 = 1_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PreferredReadReplica {
    pub node: NodeId,
    /// Then the leader is asked again, however well the follower serves.
    pub expires: SimTime,
}

impl Consumer {
    /// Takes over whom the leader has named. The same again does not make the lease longer.
    pub(super) fn take_read_replica(&mut self, ctx: &mut Ctx<'_>, data: &PartitionData) {
        let id = &data.partition;
        let (Some(replica), Some(position)) =
            (data.preferred_read_replica, self.positions.get_mut(id))
        else {
            return;
        };
        if position.preferred.is_some_and(|preferred| preferred.node == replica) {
            return;
        }
        let expires = ctx.now().plus_millis(self.config.metadata_max_age_ms as u64);
        position.preferred = Some(PreferredReadReplica { node: replica, expires });
        self.leases.insert((expires, id.clone()));
        let (client, partition) = (self.id, id.clone());
        let change = ReadReplicaChange::Taken { expires };
        ctx.emit(EventKind::ReadReplicaChanged { client, partition, replica, change });
    }

    /// Reads from the leader again, if it did not.
    pub(super) fn leave_read_replica(
        &mut self,
        ctx: &mut Ctx<'_>,
        id: &TopicPartition,
        reason: ReadReplicaReason,
    ) {
        let position = self.positions.get_mut(id);
        if let Some(left) = position.and_then(|position| position.preferred.take()) {
            self.leases.remove(&(left.expires, id.clone()));
            let (client, partition, replica) = (self.id, id.clone(), left.node);
            let change = ReadReplicaChange::Left(reason);
            ctx.emit(EventKind::ReadReplicaChanged { client, partition, replica, change });
        }
    }

    /// Before the next fetch: whether the lease holds, the leader is still the same, and the follower
    /// serves, as far as the metadata say.
    pub(super) fn review_read_replica(&mut self, ctx: &mut Ctx<'_>, id: &TopicPartition) {
        let Some(position) = self.positions.get(id) else {
            return;
        };
        let (Some(preferred), Some((_, leader_epoch))) =
            (position.preferred, self.metadata.leader(id))
        else {
            return;
        };
        let reason = if leader_epoch != position.validated_in {
            ReadReplicaReason::NewLeader
        } else if ctx.now() > preferred.expires {
            ReadReplicaReason::LeaseExpired
        } else if !self.metadata.is_online(id, preferred.node) {
            self.refresh_soon(ctx);
            ReadReplicaReason::Offline
        } else {
            return;
        };
        self.leave_read_replica(ctx, id, reason);
    }

    /// Leases that are over by now: where to read is to be found out.
    pub(super) fn stir_expired(&mut self, now: SimTime) {
        while self.leases.first().is_some_and(|(expires, _)| *expires < now) {
            let expired = self.leases.pop_first().map(|(_, id)| id);
            self.stirred.extend(expired);
        }
    }

    /// A node did not answer: whatever was read there is read from the leader. If there was anything,
    /// returns how long the node is left alone; the leader may send the consumer there all the while.
    pub(super) fn leave_unreachable(&mut self, ctx: &mut Ctx<'_>, node: NodeId) -> Option<u64> {
        let reads = |preferred: PreferredReadReplica| preferred.node == node;
        let read = self.positions.iter().filter(|(_, p)| p.preferred.is_some_and(reads));
        let read: Vec<_> = read.map(|(id, _)| id.clone()).collect();
        if read.is_empty() {
            return None;
        }
        for id in read {
            self.leave_read_replica(ctx, &id, ReadReplicaReason::Unreachable);
            self.stirred.insert(id);
        }
        let times = self.unreachable.entry(node).or_default();
        let backoff_ms = RECONNECT_BACKOFF_MS << (*times).min(5);
        *times += 1;
        Some(backoff_ms.min(RECONNECT_BACKOFF_MAX_MS))
    }
}
