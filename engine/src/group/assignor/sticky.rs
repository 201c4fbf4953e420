//! `StickyAssignor` and `CooperativeStickyAssignor`: as even as can be, with as little as possible taken
//! from anybody. Here is who is taken to own what (`AbstractStickyAssignor.allSubscriptionsEqual`), and the
//! way for members that have all subscribed the same topics (`ConstrainedAssignmentBuilder`); the other
//! way is in [`super::general`].

use super::{Assignments, PartitionsPerTopic, Subscriptions, general, nothing_yet};
use crate::group::consumer_protocol::{Subscription, parse_sticky_user_data};
use crate::group::java_hash::{JavaHashSet, string_hash};
use crate::group::schema::Reader;
use crate::ids::TopicPartition;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

/// Of a member that does not know its generation.
pub(super) const DEFAULT_GENERATION: i32 = -1;

/// Partitions that somebody must give up before their new owner may have them, and that owner.
type Transfers = BTreeMap<TopicPartition, Arc<str>>;

/// What a member says that it had.
pub(super) struct MemberData {
    pub partitions: Vec<TopicPartition>,
    pub generation: Option<i32>,
}

impl MemberData {
    /// An eager member has given up all it owned and remembers it in its user data; a cooperative one
    /// says what it owns.
    fn of(subscription: &Subscription, cooperative: bool) -> MemberData {
        let user_data = subscription.user_data.as_deref().filter(|bytes| !bytes.is_empty());
        if cooperative {
            let generation = subscription.generation_id.or_else(|| {
                user_data.map(|bytes| Reader(bytes).i32().unwrap_or(DEFAULT_GENERATION))
            });
            return MemberData { partitions: subscription.owned_partitions.clone(), generation };
        }
        let Some(user_data) = user_data else {
            return MemberData { partitions: Vec::new(), generation: None };
        };
        match parse_sticky_user_data(user_data) {
            Some((partitions, generation)) => MemberData { partitions, generation },
            None => MemberData { partitions: Vec::new(), generation: Some(DEFAULT_GENERATION) },
        }
    }
}

/// What members have, as far as it can be believed.
pub(super) struct Ownership {
    /// In the order in which Kafka's map is walked.
    pub order: Vec<Arc<str>>,
    pub said: BTreeMap<Arc<str>, MemberData>,
    pub owned: Assignments,
    /// Claimed by two members of one generation, so nobody's.
    claimed_twice: BTreeSet<TopicPartition>,
    pub max_generation: i32,
    all_equal: bool,
}

impl Ownership {
    fn of(partitions: &PartitionsPerTopic, members: &Subscriptions, cooperative: bool) -> Self {
        let mut ownership = Ownership {
            order: walk(members),
            said: BTreeMap::new(),
            owned: nothing_yet(members),
            claimed_twice: BTreeSet::new(),
            max_generation: DEFAULT_GENERATION,
            all_equal: true,
        };
        let mut owners: BTreeMap<TopicPartition, Arc<str>> = BTreeMap::new();
        let mut topics: BTreeSet<&Arc<str>> = BTreeSet::new();
        for member_id in ownership.order.clone() {
            let subscription = &members[&member_id];
            let subscribed: BTreeSet<_> = subscription.topics.iter().collect();
            if topics.is_empty() {
                topics = subscribed;
            } else {
                ownership.all_equal &= subscribed == topics;
            }
            let data = MemberData::of(subscription, cooperative);
            let generation = data.generation.unwrap_or(DEFAULT_GENERATION);
            ownership.max_generation = ownership.max_generation.max(generation);
            // Kafka looks at the topic alone, and fails where it has fewer partitions than it had.
            let exists = |id: &&TopicPartition| {
                partitions.get(&id.topic).is_some_and(|count| id.partition < *count)
            };
            for id in data.partitions.iter().filter(exists) {
                let Some(other) = owners.get(id) else {
                    ownership.give(&mut owners, id, &member_id);
                    continue;
                };
                let other_generation = members[other].generation_id.unwrap_or(DEFAULT_GENERATION);
                let other = other.clone();
                if generation == other_generation {
                    ownership.claimed_twice.insert(id.clone());
                    ownership.take(id, &other);
                    owners.insert(id.clone(), member_id.clone());
                } else if generation > other_generation {
                    ownership.take(id, &other);
                    ownership.give(&mut owners, id, &member_id);
                }
            }
            ownership.said.insert(member_id, data);
        }
        ownership
    }

    fn give(
        &mut self,
        owners: &mut BTreeMap<TopicPartition, Arc<str>>,
        id: &TopicPartition,
        to: &Arc<str>,
    ) {
        self.owned.entry(to.clone()).or_default().push(id.clone());
        owners.insert(id.clone(), to.clone());
    }

    fn take(&mut self, id: &TopicPartition, from: &Arc<str>) {
        self.owned.entry(from.clone()).or_default().retain(|owned| owned != id);
    }
}

/// Member ids in the order in which a `HashMap` with them is walked.
fn walk(members: &Subscriptions) -> Vec<Arc<str>> {
    let mut set = JavaHashSet::default();
    members.keys().for_each(|member_id| set.insert(string_hash(member_id), member_id.clone()));
    set.into_order()
}

/// The assignment, and, where it is known on the way, what changes hands.
pub(super) fn assign(
    partitions: &PartitionsPerTopic,
    members: &Subscriptions,
    cooperative: bool,
) -> (Assignments, Option<Transfers>) {
    if members.is_empty() {
        return (Assignments::new(), None);
    }
    let ownership = Ownership::of(partitions, members, cooperative);
    if ownership.all_equal {
        let (assignment, transfers) = Constrained::new(partitions, ownership).build(partitions);
        (assignment, Some(transfers))
    } else {
        (general::assign(partitions, members, ownership), None)
    }
}

/// What changes hands is nobody's in this generation: its owner gives it up first, and joins again.
pub(super) fn assign_cooperatively(
    partitions: &PartitionsPerTopic,
    members: &Subscriptions,
) -> Assignments {
    let (mut assignment, transfers) = assign(partitions, members, true);
    let transfers = transfers.unwrap_or_else(|| transfers_of(members, &assignment));
    for (id, to) in transfers {
        assignment.entry(to).or_default().retain(|given| *given != id);
    }
    assignment
}

/// Partitions that one member loses and another one gains.
fn transfers_of(members: &Subscriptions, assignment: &Assignments) -> Transfers {
    let mut gained = Transfers::new();
    let mut lost = BTreeSet::new();
    for (member_id, assigned) in assignment {
        let owned = &members[member_id].owned_partitions;
        let new = assigned.iter().filter(|id| !owned.contains(id));
        gained.extend(new.map(|id| (id.clone(), member_id.clone())));
        lost.extend(owned.iter().filter(|id| !assigned.contains(id)).cloned());
    }
    gained.retain(|id, _| lost.contains(id));
    gained
}

/// Every member is to have `min_quota` partitions, and `over_expected` of them one more.
struct Constrained {
    ownership: Ownership,
    min_quota: usize,
    max_quota: usize,
    over_expected: usize,
    over: usize,
    /// Members that have too few, and such as have just `min_quota` and may get one more.
    under_min: Vec<Arc<str>>,
    at_min: VecDeque<Arc<str>>,
    assignment: Assignments,
    /// What its owner has too much of.
    maybe_revoked: BTreeMap<TopicPartition, Arc<str>>,
    transfers: Transfers,
}

impl Constrained {
    fn new(partitions: &PartitionsPerTopic, ownership: Ownership) -> Self {
        let total = partitions.values().sum::<i32>() as usize;
        let members = ownership.order.len();
        Constrained {
            min_quota: total / members,
            max_quota: total.div_ceil(members),
            over_expected: total % members,
            over: 0,
            under_min: Vec::new(),
            at_min: VecDeque::new(),
            assignment: ownership.order.iter().map(|id| (id.clone(), Vec::new())).collect(),
            maybe_revoked: BTreeMap::new(),
            transfers: Transfers::new(),
            ownership,
        }
    }

    fn build(mut self, partitions: &PartitionsPerTopic) -> (Assignments, Transfers) {
        self.assign_owned();
        self.under_min.sort();
        self.at_min.make_contiguous().sort();
        let assigned: BTreeSet<_> = self.assignment.values().flatten().cloned().collect();
        let all = partitions.iter().flat_map(|(topic, &count)| {
            (0..count).map(|partition| TopicPartition::new(topic.clone(), partition))
        });
        self.deal(all.filter(|id| !assigned.contains(id)).collect());
        (self.assignment, self.transfers)
    }

    /// Everybody keeps what it owned, up to its quota.
    fn assign_owned(&mut self) {
        for member_id in self.ownership.order.clone() {
            let mut owned = self.ownership.owned.remove(&member_id).unwrap_or_default();
            owned.sort_by(|a, b| (a.partition, &a.topic).cmp(&(b.partition, &b.topic)));
            owned.retain(|id| !self.ownership.claimed_twice.contains(id));
            let has_room_above = self.over < self.over_expected;
            let kept = if owned.len() < self.min_quota {
                self.under_min.push(member_id.clone());
                owned.len()
            } else if owned.len() >= self.max_quota && has_room_above {
                self.over += 1;
                if self.over == self.over_expected {
                    self.at_min.clear();
                }
                self.max_quota
            } else {
                if has_room_above {
                    self.at_min.push_back(member_id.clone());
                }
                self.min_quota
            };
            let surplus = owned.split_off(kept);
            self.maybe_revoked.extend(surplus.into_iter().map(|id| (id, member_id.clone())));
            self.assignment.insert(member_id, owned);
        }
    }

    /// The others go round among those who have too few, then to those who may have one more.
    fn deal(&mut self, unassigned: Vec<TopicPartition>) {
        let mut next = 0;
        for id in unassigned {
            if next == self.under_min.len() {
                next = 0;
            }
            let is_under = next < self.under_min.len();
            let member_id = if is_under {
                self.under_min[next].clone()
            } else {
                self.at_min.pop_front().expect("the quotas add up to the partitions")
            };
            let count = self.assign_new(id, &member_id);
            if !is_under {
                self.over += 1;
            } else if count == self.min_quota {
                self.under_min.remove(next);
                self.at_min.push_back(member_id);
            } else {
                next += 1;
            }
        }
    }

    /// Answers how many the member now has.
    fn assign_new(&mut self, id: TopicPartition, member_id: &Arc<str>) -> usize {
        let is_taken = self.maybe_revoked.get(&id).is_some_and(|owner| owner != member_id);
        if is_taken || self.ownership.claimed_twice.contains(&id) {
            self.transfers.insert(id.clone(), member_id.clone());
        }
        let assigned = self.assignment.entry(member_id.clone()).or_default();
        assigned.push(id);
        assigned.len()
    }
}
