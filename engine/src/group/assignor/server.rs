//! The assignors that a coordinator runs for groups by the consumer protocol (KIP-848): `uniform`, which
//! spreads all partitions evenly, and `range`, which spreads each topic's; both leave members as much of what
//! they have as they can. Sources: `UniformHomogeneousAssignmentBuilder`, `RangeAssignor` of the group
//! coordinator (Kafka 4).

use crate::group::consumer_record::Partitions;
use crate::group::java_hash::{JavaHashSet, string_hash};
use crate::ids::Uuid;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum ServerAssignor {
    Uniform,
    Range,
}

/// What an assignor is told: for each member its topics and its target so far, and how many partitions each
/// topic has.
pub struct GroupSpec<'a> {
    pub members: BTreeMap<&'a Arc<str>, (BTreeSet<Uuid>, &'a Partitions)>,
    pub topics: &'a BTreeMap<Uuid, i32>,
}

/// By member id.
pub type Targets = BTreeMap<Arc<str>, Partitions>;

impl ServerAssignor {
    /// The first is the one that is taken if no member asks for another (`group.consumer.assignors`).
    pub const ALL: [ServerAssignor; 2] = [ServerAssignor::Uniform, ServerAssignor::Range];

    pub fn name(self) -> &'static str {
        match self {
            ServerAssignor::Uniform => "uniform",
            ServerAssignor::Range => "range",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        ServerAssignor::ALL.into_iter().find(|assignor| assignor.name() == name)
    }

    pub fn assign(self, spec: &GroupSpec<'_>) -> Targets {
        let mut subscriptions = spec.members.values().map(|(topics, _)| topics);
        let first = subscriptions.next();
        let is_homogeneous = subscriptions.all(|topics| Some(topics) == first);
        match self {
            ServerAssignor::Range => range(spec),
            ServerAssignor::Uniform if is_homogeneous => uniform(spec),
            ServerAssignor::Uniform => uniform_heterogeneous(spec),
        }
    }
}

impl fmt::Display for ServerAssignor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Member ids as Kafka's map has them.
fn walk<'a>(spec: &GroupSpec<'a>) -> Vec<&'a Arc<str>> {
    let mut walked = JavaHashSet::default();
    spec.members.keys().for_each(|id| walked.insert(string_hash(id), *id));
    walked.into_order()
}

fn uniform(spec: &GroupSpec<'_>) -> Targets {
    let order = walk(spec);
    let subscribed = spec.members.values().next().map(|(topics, _)| topics.clone());
    let subscribed = subscribed.unwrap_or_default();
    let known = subscribed.iter().filter_map(|id| Some((*id, *spec.topics.get(id)?)));
    let all: Vec<(Uuid, i32)> = known.flat_map(|(id, n)| (0..n).map(move |p| (id, p))).collect();
    let held = |(topic, partition): &(Uuid, i32)| {
        let targets = spec.members.values().map(|(_, target)| target);
        targets.filter_map(|t| t.get(topic)).any(|held| held.contains(partition))
    };
    let mut unassigned: Vec<_> = all.iter().filter(|p| !held(p)).copied().collect();
    let (least, mut extra) = (all.len() / order.len(), all.len() % order.len());
    let mut targets = Targets::new();
    let mut unfilled = Vec::new();
    for member_id in order {
        let mut quota = least;
        if extra > 0 {
            (quota, extra) = (quota + 1, extra - 1);
        }
        let mut target = Partitions::new();
        for (topic, partitions) in spec.members[member_id].1 {
            for partition in partitions {
                let exists = spec.topics.get(topic).is_some_and(|count| partition < count);
                if !subscribed.contains(topic) || !exists {
                    continue;
                }
                if quota > 0 {
                    quota -= 1;
                    target.entry(*topic).or_default().insert(*partition);
                } else {
                    unassigned.push((*topic, *partition));
                }
            }
        }
        if quota > 0 {
            unfilled.push((member_id, quota));
        }
        targets.insert(member_id.clone(), target);
    }
    let mut unassigned = unassigned.into_iter();
    for (member_id, quota) in unfilled {
        let target = targets.entry(member_id.clone()).or_default();
        for (topic, partition) in unassigned.by_ref().take(quota) {
            target.entry(topic).or_default().insert(partition);
        }
    }
    targets
}

/// Members with different topics: who has least among those who may gets what is free, and then partitions
/// move for as long as somebody has two more than another who may have one of them.
fn uniform_heterogeneous(spec: &GroupSpec<'_>) -> Targets {
    let mut targets = Targets::new();
    let mut taken = BTreeSet::new();
    for (member_id, (topics, held)) in &spec.members {
        let target = targets.entry((*member_id).clone()).or_default();
        for (topic, partition) in held.iter().flat_map(|(t, held)| held.iter().map(|p| (*t, *p))) {
            let exists = spec.topics.get(&topic).is_some_and(|count| partition < *count);
            if exists && topics.contains(&topic) && taken.insert((topic, partition)) {
                target.entry(topic).or_default().insert(partition);
            }
        }
    }
    let size = |target: &Partitions| target.values().map(BTreeSet::len).sum::<usize>();
    let may = |member_id: &Arc<str>, topic: &Uuid| spec.members[member_id].0.contains(topic);
    let all = spec.topics.iter().flat_map(|(topic, count)| (0..*count).map(|p| (*topic, p)));
    for (topic, partition) in all.filter(|partition| !taken.contains(partition)) {
        let candidates = targets.iter().filter(|(member_id, _)| may(member_id, &topic));
        let least = candidates.min_by_key(|(_, target)| size(target)).map(|(id, _)| id.clone());
        if let Some(target) = least.and_then(|member_id| targets.get_mut(&member_id)) {
            target.entry(topic).or_default().insert(partition);
        }
    }
    while let Some((from, to, topic, partition)) = targets.iter().find_map(|(from, target)| {
        let held = target.iter().flat_map(|(t, held)| held.iter().map(move |p| (*t, *p)));
        held.into_iter().find_map(|(topic, partition)| {
            let others = targets.iter().filter(|(to, _)| may(to, &topic));
            let (to, least) = others.min_by_key(|(_, other)| size(other))?;
            let moves = size(target) > size(least) + 1;
            moves.then(|| (from.clone(), to.clone(), topic, partition))
        })
    }) {
        let remove = |target: &mut Partitions| {
            if let Some(held) = target.get_mut(&topic) {
                held.remove(&partition);
            }
            target.retain(|_, held| !held.is_empty());
        };
        targets.get_mut(&from).into_iter().for_each(remove);
        targets.entry(to).or_default().entry(topic).or_default().insert(partition);
    }
    targets
}

fn range(spec: &GroupSpec<'_>) -> Targets {
    let order = walk(spec);
    let mut targets: Targets =
        spec.members.keys().map(|member_id| ((*member_id).clone(), Partitions::new())).collect();
    for (topic, count) in spec.topics {
        let subscribes = |member_id: &&&Arc<str>| spec.members[**member_id].0.contains(topic);
        let members: Vec<_> = order.iter().filter(subscribes).collect();
        if members.is_empty() {
            continue;
        }
        let (least, mut extra) = (*count as usize / members.len(), *count as usize % members.len());
        let mut kept: BTreeSet<i32> = BTreeSet::new();
        let mut unfilled = Vec::new();
        for member_id in members {
            let held = spec.members[*member_id].1.get(topic);
            let held: Vec<i32> =
                held.into_iter().flatten().copied().filter(|p| p < count).collect();
            let has_extra = held.len() > least && extra > 0;
            let keeps = if has_extra { least + 1 } else { held.len().min(least) };
            kept.extend(&held[..keeps]);
            let target = targets.entry((*member_id).clone()).or_default();
            target.entry(*topic).or_default().extend(&held[..keeps]);
            if has_extra {
                extra -= 1;
            } else {
                unfilled.push((*member_id, least - keeps));
            }
        }
        let mut free = (0..*count).filter(|partition| !kept.contains(partition));
        for (member_id, mut remaining) in unfilled {
            if extra > 0 {
                (remaining, extra) = (remaining + 1, extra - 1);
            }
            let target = targets.entry((*member_id).clone()).or_default();
            target.entry(*topic).or_default().extend(free.by_ref().take(remaining));
        }
    }
    for target in targets.values_mut() {
        target.retain(|_, partitions| !partitions.is_empty());
    }
    targets
}

#[cfg(test)]
mod tests {
    use super::*;

    const T1: Uuid = Uuid([1; 16]);
    const T2: Uuid = Uuid([2; 16]);
    const T3: Uuid = Uuid([3; 16]);

    /// By name, with the topics that it subscribes, and what it has.
    type Member<'a> = (&'a str, &'a [Uuid], &'a [(Uuid, i32)]);

    fn assign(
        assignor: ServerAssignor,
        topics: &[(Uuid, i32)],
        members: &[Member<'_>],
    ) -> (Targets, Vec<usize>) {
        let topics: BTreeMap<_, _> = topics.iter().copied().collect();
        let known = members.iter().map(|(id, subscribed, held)| {
            let mut partitions = Partitions::new();
            for (topic, partition) in *held {
                partitions.entry(*topic).or_default().insert(*partition);
            }
            (Arc::from(*id), subscribed.iter().copied().collect(), partitions)
        });
        let known: Vec<(Arc<str>, BTreeSet<Uuid>, Partitions)> = known.collect();
        let members = known.iter().map(|(id, topics, held)| (id, (topics.clone(), held)));
        let targets = assignor.assign(&GroupSpec { members: members.collect(), topics: &topics });
        let sizes = targets.values().map(|t| t.values().map(BTreeSet::len).sum()).collect();
        (targets, sizes)
    }

    /// The shapes of `UniformHomogeneousAssignmentBuilderTest`.
    #[test]
    fn uniform_is_even_and_sticky() {
        let both: &[Uuid] = &[T1, T3];
        let (_, even) = assign(
            ServerAssignor::Uniform,
            &[(T1, 3), (T3, 2)],
            &[("A", both, &[]), ("B", both, &[])],
        );
        assert_eq!(even, [3, 2]);
        let (_, few) = assign(
            ServerAssignor::Uniform,
            &[(T3, 2)],
            &[("A", &[T3], &[]), ("B", &[T3], &[]), ("C", &[T3], &[])],
        );
        assert_eq!(few.iter().sum::<usize>(), 2);
        assert!(few.iter().all(|n| *n <= 1));
        let topics: &[Uuid] = &[T1, T2];
        let (kept, sizes) = assign(
            ServerAssignor::Uniform,
            &[(T1, 3), (T2, 3)],
            &[
                ("A", topics, &[(T1, 0), (T1, 2), (T2, 0)]),
                ("B", topics, &[(T1, 1), (T2, 1), (T2, 2)]),
                ("C", topics, &[]),
            ],
        );
        assert_eq!(sizes, [2, 2, 2]);
        assert_eq!(kept["A"], [(T1, [0, 2].into())].into());
        assert_eq!(kept["B"], [(T1, [1].into()), (T2, [1].into())].into());
        assert_eq!(kept["C"], [(T2, [0, 2].into())].into());
    }

    #[test]
    fn range_gives_the_same_numbers_of_every_topic() {
        let both: &[Uuid] = &[T1, T2];
        let (targets, _) = assign(
            ServerAssignor::Range,
            &[(T1, 3), (T2, 3)],
            &[("A", both, &[]), ("B", both, &[])],
        );
        assert_eq!(targets["A"], [(T1, [0, 1].into()), (T2, [0, 1].into())].into());
        assert_eq!(targets["B"], [(T1, [2].into()), (T2, [2].into())].into());
    }

    #[test]
    fn members_with_other_topics_get_only_theirs() {
        let (targets, sizes) = assign(
            ServerAssignor::Uniform,
            &[(T1, 4), (T2, 2)],
            &[("A", &[T1], &[]), ("B", &[T1, T2], &[(T1, 0), (T1, 1), (T1, 2), (T1, 3)])],
        );
        assert_eq!(sizes, [3, 3]);
        assert!(targets["A"].keys().all(|topic| *topic == T1));
    }
}
