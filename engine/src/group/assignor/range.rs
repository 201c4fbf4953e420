//! `RangeAssignor`: of each topic for itself, every member gets a stretch of neighbouring partitions, and
//! the first members one more where it does not divide. So topics with as many partitions are split alike.

use super::{Assignments, PartitionsPerTopic, Subscriptions, in_dealing_order, nothing_yet};
use crate::ids::TopicPartition;

pub(super) fn assign(partitions: &PartitionsPerTopic, members: &Subscriptions) -> Assignments {
    let order = in_dealing_order(members);
    let mut assignment = nothing_yet(members);
    for (topic, &count) in partitions {
        let subscribed = order.iter().filter(|(_, member)| member.topics.contains(topic));
        let subscribed: Vec<_> = subscribed.map(|(member_id, _)| *member_id).collect();
        let members = subscribed.len() as i32;
        let mut next = 0;
        for (n, member_id) in (0..).zip(subscribed) {
            let share = count / members + i32::from(n < count % members);
            let stretch = (next..next + share).map(|p| TopicPartition::new(topic.clone(), p));
            assignment.entry(member_id.clone()).or_default().extend(stretch);
            next += share;
        }
    }
    assignment
}
