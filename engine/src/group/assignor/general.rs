//! The sticky assignors' way for members that have subscribed different topics
//! (`AbstractStickyAssignor.GeneralAssignmentBuilder`): everybody keeps what it has, the rest goes to
//! whoever has least, and then partitions are moved for as long as that makes it more even.

use super::sticky::{DEFAULT_GENERATION, Ownership};
use super::{Assignments, PartitionsPerTopic, Subscriptions};
use crate::group::java_hash::{JavaHashSet, partition_hash};
use crate::ids::TopicPartition;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Who had a partition before its present owner, and in which generation.
type Previous = BTreeMap<TopicPartition, (Arc<str>, i32)>;

pub(super) fn assign(
    partitions: &PartitionsPerTopic,
    members: &Subscriptions,
    ownership: Ownership,
) -> Assignments {
    let previous = previous_owners(&ownership);
    let mut general = General::new(partitions, members, ownership);
    let unassigned = general.keep_owned(members);
    let by_size = general.current.iter().map(|(id, assigned)| (assigned.len(), id.clone()));
    general.by_size = by_size.collect();
    general.balance(&previous, unassigned);
    general.current
}

fn previous_owners(ownership: &Ownership) -> Previous {
    let mut previous = Previous::new();
    for member_id in &ownership.order {
        let said = &ownership.said[member_id];
        let generation = said.generation.unwrap_or(DEFAULT_GENERATION);
        if generation >= ownership.max_generation {
            continue;
        }
        for id in &said.partitions {
            if previous.get(id).is_none_or(|(_, known)| generation > *known) {
                previous.insert(id.clone(), (member_id.clone(), generation));
            }
        }
    }
    previous
}

struct General<'a> {
    partitions: &'a PartitionsPerTopic,
    /// Who may have a topic, and which topics that exist somebody may have.
    candidates: BTreeMap<Arc<str>, Vec<Arc<str>>>,
    topics: BTreeMap<Arc<str>, Vec<Arc<str>>>,
    current: Assignments,
    owner: BTreeMap<TopicPartition, Arc<str>>,
    /// Those first that fewest members may have.
    all: Vec<TopicPartition>,
    /// Members by how much they have.
    by_size: BTreeSet<(usize, Arc<str>)>,
    revocation_required: bool,
    movements: Movements,
}

impl<'a> General<'a> {
    fn new(
        partitions: &'a PartitionsPerTopic,
        members: &Subscriptions,
        ownership: Ownership,
    ) -> Self {
        let mut candidates: BTreeMap<_, Vec<_>> =
            partitions.keys().map(|topic| (topic.clone(), Vec::new())).collect();
        let mut topics: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for member_id in &ownership.order {
            let own = topics.entry(member_id.clone()).or_default();
            for topic in &members[member_id].topics {
                if let Some(candidates) = candidates.get_mut(topic) {
                    candidates.push(member_id.clone());
                    own.push(topic.clone());
                }
            }
        }
        let mut sorted: Vec<_> = partitions.iter().collect();
        sorted.sort_by_key(|(topic, _)| (candidates[*topic].len(), (*topic).clone()));
        let all = sorted.into_iter().flat_map(|(topic, &count)| {
            (0..count).map(|partition| TopicPartition::new(topic.clone(), partition))
        });
        let owners = ownership
            .owned
            .iter()
            .flat_map(|(member_id, owned)| owned.iter().map(|id| (id.clone(), member_id.clone())));
        General {
            partitions,
            candidates,
            topics,
            owner: owners.collect(),
            all: all.collect(),
            current: ownership.owned,
            by_size: BTreeSet::new(),
            revocation_required: false,
            movements: Movements::default(),
        }
    }

    /// Takes from members what they have not subscribed any more. Answers what nobody has.
    fn keep_owned(&mut self, members: &Subscriptions) -> Vec<TopicPartition> {
        let mut kept = BTreeSet::new();
        for (member_id, owned) in &mut self.current {
            let subscribed = &members[member_id].topics;
            let before = owned.len();
            owned.retain(|id| subscribed.contains(&id.topic));
            self.revocation_required |= owned.len() < before;
            kept.extend(owned.iter().cloned());
        }
        self.all.iter().filter(|id| !kept.contains(id)).cloned().collect()
    }

    fn balance(&mut self, previous: &Previous, mut unassigned: Vec<TopicPartition>) {
        let initializing = self.by_size.last().is_none_or(|(size, _)| *size == 0);
        for id in &unassigned {
            let mut by_size = self.by_size.iter();
            let least = by_size.find(|(_, member_id)| self.topics[member_id].contains(&id.topic));
            if let Some(member_id) = least.map(|(_, member_id)| member_id.clone()) {
                self.change(&member_id, |assigned| assigned.push(id.clone()));
                self.owner.insert(id.clone(), member_id);
            }
        }
        // Only what more than one may have can be moved, and only among those who may have more or
        // have something that can.
        let movable: BTreeSet<_> =
            self.candidates.iter().filter(|(_, c)| c.len() >= 2).map(|(t, _)| t.clone()).collect();
        let mut all = std::mem::take(&mut self.all);
        all.retain(|id| movable.contains(&id.topic));
        unassigned.retain(|id| movable.contains(&id.topic));
        let is_fixed = |member_id: &Arc<str>, assigned: &Vec<TopicPartition>| {
            assigned.len() >= self.most(member_id)
                && !assigned.iter().any(|id| movable.contains(&id.topic))
        };
        let (fixed, current): (Assignments, Assignments) =
            self.current.clone().into_iter().partition(|(id, assigned)| is_fixed(id, assigned));
        self.current = current;
        self.by_size.retain(|(_, member_id)| !fixed.contains_key(member_id));

        let before = self.current.clone();
        if !self.revocation_required {
            self.reassign_all(&unassigned, previous);
        }
        let reassigned = self.reassign_all(&all, previous);
        if !initializing && reassigned && score(&self.current) >= score(&before) {
            self.current = before;
        }
        self.current.extend(fixed);
    }

    /// Changes what a member has, and its place by size.
    fn change(&mut self, member_id: &Arc<str>, act: impl FnOnce(&mut Vec<TopicPartition>)) {
        let assigned = self.current.entry(member_id.clone()).or_default();
        self.by_size.remove(&(assigned.len(), member_id.clone()));
        act(assigned);
        self.by_size.insert((assigned.len(), member_id.clone()));
    }

    /// How many partitions a member could have.
    fn most(&self, member_id: &Arc<str>) -> usize {
        self.topics[member_id].iter().map(|topic| self.partitions[topic] as usize).sum()
    }

    /// What a member has whose assignment may change.
    fn size(&self, member_id: &Arc<str>) -> Option<usize> {
        self.current.get(member_id).map(Vec::len)
    }

    /// Moves partitions until nothing gets more even. Answers whether any was moved.
    fn reassign_all(&mut self, movable: &[TopicPartition], previous: &Previous) -> bool {
        let mut reassigned = false;
        loop {
            let mut modified = false;
            for id in movable {
                if self.is_balanced() {
                    break;
                }
                let Some(size) = self.owner.get(id).and_then(|owner| self.size(owner)) else {
                    continue;
                };
                let has_less = |other: &Arc<str>| self.size(other).is_some_and(|n| size > n + 1);
                let to = match previous.get(id).filter(|(member_id, _)| has_less(member_id)) {
                    Some((member_id, _)) => Some(member_id.clone()),
                    None if self.candidates[&id.topic].iter().any(has_less) => {
                        let mut by_size = self.by_size.iter().map(|(_, member_id)| member_id);
                        by_size.find(|other| self.topics[*other].contains(&id.topic)).cloned()
                    }
                    None => None,
                };
                if let Some(to) = to {
                    self.reassign(id, to);
                    modified = true;
                }
            }
            reassigned |= modified;
            if !modified {
                return reassigned;
            }
        }
    }

    fn reassign(&mut self, id: &TopicPartition, to: Arc<str>) {
        let from = self.owner[id].clone();
        let id = self.movements.actually_moved(id, &from, &to);
        let from = self.owner[&id].clone();
        self.movements.note(&id, &from, &to);
        self.change(&from, |assigned| assigned.retain(|held| *held != id));
        self.change(&to, |assigned| assigned.push(id.clone()));
        self.owner.insert(id, to);
    }

    /// Whether nobody could be given a partition of someone who has two more.
    fn is_balanced(&self) -> bool {
        let (Some((least, _)), Some((most, _))) = (self.by_size.first(), self.by_size.last())
        else {
            return true;
        };
        if least + 1 >= *most {
            return true;
        }
        self.by_size.iter().all(|(size, member_id)| {
            let topics = &self.topics[member_id];
            *size == self.most(member_id)
                || !self.owner.iter().any(|(id, owner)| {
                    owner != member_id
                        && topics.contains(&id.topic)
                        && self.size(owner).is_some_and(|other| size + 1 < other)
                })
        })
    }
}

/// The differences of all pairs: 0 is even.
fn score(assignment: &Assignments) -> usize {
    let sizes: Vec<_> = assignment.values().map(Vec::len).collect();
    let after = |n: usize| sizes[n + 1..].iter();
    (0..sizes.len()).map(|n| after(n).map(|other| sizes[n].abs_diff(*other)).sum::<usize>()).sum()
}

/// A topic, and between which members its partitions were moved.
type Way = (Arc<str>, Arc<str>, Arc<str>);

/// What has been moved from whom to whom, so that two members do not exchange partitions of one topic.
#[derive(Default)]
struct Movements {
    by_partition: BTreeMap<TopicPartition, (Arc<str>, Arc<str>)>,
    by_pair: BTreeMap<Way, JavaHashSet<TopicPartition>>,
}

impl Movements {
    fn note(&mut self, id: &TopicPartition, from: &Arc<str>, to: &Arc<str>) {
        let mut from = from.clone();
        if let Some((source, via)) = self.by_partition.remove(id) {
            let pair = (id.topic.clone(), source.clone(), via);
            if let Some(moved) = self.by_pair.get_mut(&pair) {
                moved.remove(id);
                if moved.is_empty() {
                    self.by_pair.remove(&pair);
                }
            }
            if source == *to {
                return;
            }
            from = source;
        }
        self.by_partition.insert(id.clone(), (from.clone(), to.clone()));
        let pair = (id.topic.clone(), from, to.clone());
        self.by_pair.entry(pair).or_default().insert(partition_hash(id), id.clone());
    }

    /// Instead of a partition that would go the way on which another one came, that one goes back.
    fn actually_moved(
        &self,
        id: &TopicPartition,
        from: &Arc<str>,
        to: &Arc<str>,
    ) -> TopicPartition {
        let source = self.by_partition.get(id).map_or(from, |(source, _)| source);
        let reverse = (id.topic.clone(), to.clone(), source.clone());
        let back = self.by_pair.get(&reverse).and_then(JavaHashSet::first);
        back.unwrap_or(id).clone()
    }
}
