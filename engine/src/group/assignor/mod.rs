//! How the leader of a group divides its partitions among the members: Kafka's client-side assignors, as
//! pure functions with Kafka's results. Members are met in the order of Kafka's `HashMap`s wherever the
//! result hangs on it.
//!
//! Absent: racks.

mod general;
mod range;
mod round_robin;
pub mod server;
mod sticky;
#[cfg(test)]
mod tests;

use super::consumer_protocol::{Subscription, cooperative_user_data, sticky_user_data};
use crate::ids::TopicPartition;
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// The number of partitions of each subscribed topic that exists.
pub type PartitionsPerTopic = BTreeMap<Arc<str>, i32>;
/// By member id.
pub type Subscriptions = BTreeMap<Arc<str>, Subscription>;
/// By member id.
pub type Assignments = BTreeMap<Arc<str>, Vec<TopicPartition>>;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Assignor {
    Range,
    RoundRobin,
    Sticky,
    CooperativeSticky,
}

impl Assignor {
    pub const ALL: [Assignor; 4] =
        [Assignor::Range, Assignor::RoundRobin, Assignor::Sticky, Assignor::CooperativeSticky];

    /// As it stands in a JoinGroup.
    pub fn name(self) -> &'static str {
        match self {
            Assignor::Range => "range",
            Assignor::RoundRobin => "roundrobin",
            Assignor::Sticky => "sticky",
            Assignor::CooperativeSticky => "cooperative-sticky",
        }
    }

    pub fn from_name(name: &str) -> Option<Assignor> {
        Assignor::ALL.into_iter().find(|assignor| assignor.name() == name)
    }

    /// By the class that `partition.assignment.strategy` names.
    pub fn from_class(class: &str) -> Option<Assignor> {
        match class.strip_prefix("org.apache.kafka.clients.consumer.")? {
            "RangeAssignor" => Some(Assignor::Range),
            "RoundRobinAssignor" => Some(Assignor::RoundRobin),
            "StickyAssignor" => Some(Assignor::Sticky),
            "CooperativeStickyAssignor" => Some(Assignor::CooperativeSticky),
            _ => None,
        }
    }

    /// Whether members may keep what they own while they rejoin (`RebalanceProtocol.COOPERATIVE`).
    pub fn is_cooperative(self) -> bool {
        self == Assignor::CooperativeSticky
    }

    /// Of `topics` only those count that somebody has subscribed.
    pub fn assign(self, topics: &PartitionsPerTopic, members: &Subscriptions) -> Assignments {
        let subscribed = |topic: &Arc<str>| members.values().any(|m| m.topics.contains(topic));
        let topics = topics.iter().filter(|(topic, _)| subscribed(topic));
        let partitions = &topics.map(|(topic, count)| (topic.clone(), *count)).collect();
        match self {
            Assignor::Range => range::assign(partitions, members),
            Assignor::RoundRobin => round_robin::assign(partitions, members),
            Assignor::Sticky => sticky::assign(partitions, members, false).0,
            Assignor::CooperativeSticky => sticky::assign_cooperatively(partitions, members),
        }
    }

    /// What a member adds to its subscription, given its last assignment and the generation of that.
    pub fn user_data(self, last: Option<(&[TopicPartition], i32)>) -> Option<Bytes> {
        match self {
            Assignor::Range | Assignor::RoundRobin => None,
            Assignor::Sticky => last.map(|(owned, generation)| sticky_user_data(owned, generation)),
            Assignor::CooperativeSticky => {
                Some(cooperative_user_data(last.map_or(-1, |(_, generation)| generation)))
            }
        }
    }
}

impl fmt::Display for Assignor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Members in the order in which range and round robin deal to them: static ones first, by instance id,
/// then the others by member id (`MemberInfo.compareTo`).
pub fn in_dealing_order(members: &Subscriptions) -> Vec<(&Arc<str>, &Subscription)> {
    let mut members: Vec<_> = members.iter().collect();
    members.sort_by_key(|(member_id, subscription)| match &subscription.group_instance_id {
        Some(instance_id) => (false, instance_id.clone()),
        None => (true, (*member_id).clone()),
    });
    members
}

/// Every member with nothing.
fn nothing_yet(members: &Subscriptions) -> Assignments {
    members.keys().map(|member_id| (member_id.clone(), Vec::new())).collect()
}
