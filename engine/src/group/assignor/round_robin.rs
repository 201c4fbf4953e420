//! `RoundRobinAssignor`: all partitions of all topics are dealt one by one to the members in a circle; who
//! has not subscribed the topic is passed over.

use super::{Assignments, PartitionsPerTopic, Subscriptions, in_dealing_order, nothing_yet};
use crate::ids::TopicPartition;

pub(super) fn assign(partitions: &PartitionsPerTopic, members: &Subscriptions) -> Assignments {
    let order = in_dealing_order(members);
    let mut assignment = nothing_yet(members);
    let mut next = 0;
    for (topic, &count) in partitions {
        for partition in 0..count {
            while !order[next].1.topics.contains(topic) {
                next = (next + 1) % order.len();
            }
            let id = TopicPartition::new(topic.clone(), partition);
            assignment.entry(order[next].0.clone()).or_default().push(id);
            next = (next + 1) % order.len();
        }
    }
    assignment
}
