//! From which replica a consumer is to read (KIP-392): Kafka's `LeaderSelector` and
//! `RackAwareReplicaSelector`. Who may be chosen at all is decided by [`super::replica_manager`].

use crate::ids::NodeId;
use std::cmp::Reverse;

/// `replica.selector.class`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum ReplicaSelector {
    /// Always the leader.
    #[default]
    Leader,
    /// A replica in the consumer's rack, if there is one.
    RackAware,
}

/// A replica as the leader knows it (`ReplicaView`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReplicaView<'a> {
    pub id: NodeId,
    pub rack: Option<&'a str>,
    pub log_end_offset: i64,
    /// How long ago it had everything, in microseconds; 0 for the leader.
    pub since_caught_up_us: u64,
}

impl ReplicaSelector {
    pub const NAMES: [&'static str; 2] = [
        "org.apache.kafka.common.replica.LeaderSelector",
        "org.apache.kafka.common.replica.RackAwareReplicaSelector",
    ];

    pub fn name(self) -> &'static str {
        match self {
            ReplicaSelector::Leader => Self::NAMES[0],
            ReplicaSelector::RackAware => Self::NAMES[1],
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        [ReplicaSelector::Leader, ReplicaSelector::RackAware]
            .into_iter()
            .find(|selector| selector.name() == name)
    }

    /// The follower to read from; `None` for the leader. Of several in the consumer's rack the one that
    /// has most, then the one that had everything most recently, then the one with the highest id.
    pub fn select(
        self,
        client_rack: &str,
        leader: ReplicaView<'_>,
        followers: &[ReplicaView<'_>],
    ) -> Option<NodeId> {
        let is_near = |replica: &&ReplicaView<'_>| replica.rack == Some(client_rack);
        if self == ReplicaSelector::Leader || is_near(&&leader) {
            return None;
        }
        let rank = |replica: &&ReplicaView<'_>| {
            (replica.log_end_offset, Reverse(replica.since_caught_up_us), replica.id)
        };
        followers.iter().filter(is_near).max_by_key(rank).map(|replica| replica.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view(id: i32, rack: &str, log_end_offset: i64, since_caught_up_us: u64) -> ReplicaView<'_> {
        ReplicaView { id: NodeId(id), rack: Some(rack), log_end_offset, since_caught_up_us }
    }

    /// `ReplicaSelectorTest`: the leader in rack-a, two replicas in rack-b.
    #[test]
    fn the_cases_of_replica_selector_test() {
        let leader = view(0, "rack-a", 4, 0);
        let followers = [view(1, "rack-b", 2, 10), view(2, "rack-b", 3, 5)];
        let select = |rack: &str| ReplicaSelector::RackAware.select(rack, leader, &followers);
        assert_eq!(select("rack-b"), Some(NodeId(2)), "the most caught-up");
        assert_eq!(select("not-a-rack"), None, "nobody is near");
        assert_eq!(select("rack-a"), None, "the leader is near");
        assert_eq!(ReplicaSelector::Leader.select("rack-b", leader, &followers), None);
    }

    #[test]
    fn the_leader_is_taken_before_others_of_its_rack() {
        let leader = view(0, "rack-a", 4, 0);
        let select = ReplicaSelector::RackAware;
        assert_eq!(select.select("rack-a", leader, &[view(1, "rack-a", 4, 0)]), None);
    }

    #[test]
    fn equal_ends_are_told_apart_by_time_and_id() {
        let leader = view(0, "rack-a", 4, 0);
        let select = |followers: &[_]| ReplicaSelector::RackAware.select("b", leader, followers);
        let by_time = [view(1, "b", 4, 1), view(2, "b", 4, 7), view(3, "b", 3, 0)];
        assert_eq!(select(&by_time), Some(NodeId(1)));
        let by_id = [view(1, "b", 4, 7), view(2, "b", 4, 7)];
        assert_eq!(select(&by_id), Some(NodeId(2)));
    }
}
