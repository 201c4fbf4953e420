//! Elections that no broker's coming or going brings about: those that a person asks for
//! (`kafka-leader-election.sh`), and those of the controller's regular looks, at partitions without a
//! leader and at leaders that are not the preferred ones (`ReplicationControlManager`). Who is
//! elected is decided by [`super::election`].

use super::election::Election;
use super::partition_registration::PartitionRegistration;
use super::quorum_controller::{Changes, QuorumController};
use crate::command::ElectionType;
use crate::event::{ChangeReason, EventKind};
use crate::ids::{NodeId, TopicPartition};
use crate::protocol::KafkaError;
use crate::sim::disk::Disk;
use crate::world::{Ctx, Timer};

/// The most partitions whose leader one look changes (`MAX_ELECTIONS_PER_IMBALANCE`).
const ELECTIONS_MAX: usize = 1_000;

impl QuorumController {
    pub(super) fn plan_elections(&self, ctx: &mut Ctx<'_>) {
        self.plan_unclean_election(ctx);
        self.plan_leader_balance(ctx);
    }

    fn plan_unclean_election(&self, ctx: &mut Ctx<'_>) {
        let interval_ms = ctx.world.spec.broker.unclean_leader_election_interval_ms;
        ctx.set_timer_in(Timer::UncleanElection, interval_ms);
    }

    fn plan_leader_balance(&self, ctx: &mut Ctx<'_>) {
        let settings = &ctx.world.spec.broker;
        if settings.auto_leader_rebalance_enable {
            let interval_ms = settings.leader_imbalance_check_interval_seconds * 1_000;
            ctx.set_timer_in(Timer::LeaderBalance, interval_ms);
        }
    }

    /// Gives partitions without a leader one that is out of sync, where the topic allows it now: it
    /// may not have allowed it when the leader went (`unclean.leader.election.interval.ms`).
    pub(super) fn elect_unclean(&mut self, ctx: &mut Ctx<'_>, disk: &mut Disk) {
        let concerned = self.partitions_where(|id, partition| {
            partition.leader.is_none() && self.allows_unclean_leader(&id.topic)
        });
        self.elect(ctx, disk, concerned, Election::Unclean, ChangeReason::UncleanElection);
        self.plan_unclean_election(ctx);
    }

    /// Hands leadership back to preferred leaders that are in sync (`auto.leader.rebalance.enable`).
    /// Under KRaft every such partition is balanced, however few there are on a broker.
    pub(super) fn balance_leaders(&mut self, ctx: &mut Ctx<'_>, disk: &mut Disk) {
        let concerned = self.partitions_where(|_, partition| {
            partition.leader.is_some() && !partition.has_preferred_leader()
        });
        self.elect(ctx, disk, concerned, Election::Preferred, ChangeReason::LeadersBalanced);
        self.plan_leader_balance(ctx);
    }

    /// Elects as a person asks, for one partition or, with `None`, for all that need it.
    pub fn elect_leaders(
        &mut self,
        ctx: &mut Ctx<'_>,
        disk: &mut Disk,
        election: ElectionType,
        only: Option<&TopicPartition>,
    ) {
        let needs = |partition: &PartitionRegistration| match election {
            ElectionType::Preferred => !partition.has_preferred_leader(),
            ElectionType::Unclean => partition.leader.is_none(),
        };
        let concerned = self.partitions_where(|id, partition| {
            only.is_none_or(|only| only == id) && needs(partition)
        });
        if let Some(partition) = only.filter(|_| concerned.is_empty()) {
            let (partition, error) = (partition.clone(), KafkaError::ElectionNotNeeded);
            ctx.emit(EventKind::ElectionRefused { partition, error });
        }
        let (kind, error) = match election {
            ElectionType::Preferred => {
                (Election::Preferred, KafkaError::PreferredLeaderNotAvailable)
            }
            ElectionType::Unclean => (Election::Unclean, KafkaError::EligibleLeadersNotAvailable),
        };
        let before = self.leaders_of(&concerned);
        self.elect(ctx, disk, concerned.clone(), kind, ChangeReason::ElectionAsked);
        let after = self.leaders_of(&concerned);
        for ((partition, before), after) in concerned.into_iter().zip(before).zip(after) {
            if before == after {
                ctx.emit(EventKind::ElectionRefused { partition, error });
            }
        }
    }

    fn leaders_of(&self, ids: &[TopicPartition]) -> Vec<Option<NodeId>> {
        ids.iter().map(|id| self.image.partition(id).and_then(|p| p.leader)).collect()
    }

    fn elect(
        &mut self,
        ctx: &mut Ctx<'_>,
        disk: &mut Disk,
        ids: Vec<TopicPartition>,
        election: Election,
        because: ChangeReason,
    ) {
        let mut changes = Changes::default();
        for id in ids {
            let acceptable = |node| self.image.is_active(node);
            self.change_partition(&mut changes, &id, because, acceptable, |builder| {
                builder.election = election;
            });
            if changes.0.len() == ELECTIONS_MAX {
                break;
            }
        }
        self.write(ctx, disk, changes);
    }
}
