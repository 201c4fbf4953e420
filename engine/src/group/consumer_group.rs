//! A group by the consumer protocol (KIP-848) as its coordinator knows it: Kafka's `ConsumerGroup`. All that it
//! knows it has from records: what is decided is written as records, and the records are replayed.
//!
//! The group epoch goes up with every change of members, subscriptions or topics. For each epoch there is a
//! target: what everybody is to have. Each member goes to its target on its own: it gives up first what is no
//! longer its, and gets what is new once nobody else has it any more.

use super::assignor::server::{ServerAssignor, Targets};
use super::classic_group::GroupState;
use super::consumer_record::{
    ConsumerRecord, CurrentAssignment, GroupEpoch, MemberMetadata, MemberState, Partitions,
};
use crate::ids::Uuid;
use crate::protocol::{KafkaError, MemberIdentity};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The epoch of a member that leaves.
pub const LEAVE_EPOCH: i32 = -1;
/// The epoch of a static member that is away and may come back.
pub const LEAVE_STATIC_EPOCH: i32 = -2;

#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct ConsumerGroup {
    pub epoch: i32,
    pub metadata_hash: i64,
    /// The epoch that the target is for.
    pub target_epoch: i32,
    pub target: Targets,
    pub members: BTreeMap<Arc<str>, ConsumerMember>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsumerMember {
    pub metadata: MemberMetadata,
    pub current: CurrentAssignment,
}

impl ConsumerGroup {
    /// Takes over a record. False: the group is gone with it.
    pub fn replay(&mut self, record: &ConsumerRecord) -> bool {
        match record {
            ConsumerRecord::Metadata(Some(GroupEpoch { epoch, metadata_hash })) => {
                (self.epoch, self.metadata_hash) = (*epoch, *metadata_hash);
            }
            ConsumerRecord::Metadata(None) => return false,
            ConsumerRecord::Member { member_id, value: Some(metadata) } => {
                let current = CurrentAssignment::default();
                let new = || ConsumerMember { metadata: metadata.clone(), current };
                self.members.entry(member_id.clone()).or_insert_with(new).metadata =
                    metadata.clone();
            }
            ConsumerRecord::Member { member_id, value: None } => {
                self.members.remove(member_id);
            }
            ConsumerRecord::TargetMetadata(epoch) => self.target_epoch = epoch.unwrap_or(0),
            ConsumerRecord::TargetMember { member_id, value: Some(target) } => {
                self.target.insert(member_id.clone(), target.clone());
            }
            ConsumerRecord::TargetMember { member_id, value: None } => {
                self.target.remove(member_id);
            }
            ConsumerRecord::Current { member_id, value } => {
                if let Some(member) = self.members.get_mut(member_id) {
                    member.current = value.clone().unwrap_or_default();
                }
            }
        }
        true
    }

    pub fn state(&self) -> GroupState {
        let is_there = |member: &ConsumerMember| {
            member.current.state == MemberState::Stable && member.current.epoch == self.target_epoch
        };
        if self.members.is_empty() {
            GroupState::Empty
        } else if self.epoch > self.target_epoch {
            GroupState::Assigning
        } else if self.members.values().all(is_there) {
            GroupState::Stable
        } else {
            GroupState::Reconciling
        }
    }

    /// The assignor that most members ask for.
    pub fn assignor(&self) -> ServerAssignor {
        let mut votes: BTreeMap<ServerAssignor, usize> = BTreeMap::new();
        let wanted = self.members.values().filter_map(|m| m.metadata.server_assignor.as_ref());
        for assignor in wanted.filter_map(|name| ServerAssignor::from_name(name)) {
            *votes.entry(assignor).or_default() += 1;
        }
        let most = votes.into_iter().rev().max_by_key(|(_, votes)| *votes);
        most.map_or(ServerAssignor::Uniform, |(assignor, _)| assignor)
    }

    /// The member that has a partition, be it that it has yet to give it up.
    fn owner(&self, topic: &Uuid, partition: i32) -> Option<&Arc<str>> {
        let has = |member: &ConsumerMember| {
            let CurrentAssignment { assigned, pending_revocation, .. } = &member.current;
            [assigned, pending_revocation]
                .iter()
                .any(|held| held.get(topic).is_some_and(|held| held.contains(&partition)))
        };
        self.members.iter().find(|(_, member)| has(member)).map(|(member_id, _)| member_id)
    }

    pub fn static_member(&self, instance_id: &str) -> Option<&Arc<str>> {
        let is_it =
            |m: &ConsumerMember| m.metadata.group_instance_id.as_deref() == Some(instance_id);
        self.members.iter().find(|(_, member)| is_it(member)).map(|(member_id, _)| member_id)
    }

    /// `validateOffsetCommit`
    pub(super) fn validate_commit(&self, member: &MemberIdentity) -> Result<(), KafkaError> {
        if member.generation < 0 && self.members.is_empty() {
            return Ok(());
        }
        let known = self.members.get(&member.member_id).ok_or(KafkaError::UnknownMemberId)?;
        match known.current.epoch == member.generation {
            true => Ok(()),
            false => Err(KafkaError::StaleMemberEpoch),
        }
    }

    /// What its members subscribe.
    pub fn subscribed_topics(&self) -> BTreeSet<Arc<str>> {
        self.members.values().flat_map(|member| member.metadata.topics.clone()).collect()
    }

    /// The next step of a member on its way to its target (`CurrentAssignmentBuilder`). `owned` is what it
    /// says that it has; `subscribed`, the ids of its topics. `early`: what others have yet to give up is given
    /// to it all the same, which is wrong.
    pub fn next_assignment(
        &self,
        member_id: &str,
        owned: Option<&Partitions>,
        subscribed: &BTreeSet<Uuid>,
        early: bool,
    ) -> Option<CurrentAssignment> {
        let current = &self.members.get(member_id)?.current;
        let owns_any = |revoked: &Partitions| match owned {
            None => !revoked.is_empty(),
            Some(owned) => revoked.iter().any(|(topic, partitions)| {
                owned.get(topic).is_some_and(|owned| !owned.is_disjoint(partitions))
            }),
        };
        let waits = match current.state {
            MemberState::Stable => current.epoch == self.target_epoch,
            MemberState::UnrevokedPartitions => owns_any(&current.pending_revocation),
            MemberState::UnreleasedPartitions => false,
        };
        if waits {
            return Some(current.clone());
        }
        let nothing = Partitions::new();
        let mut target = self.target.get(member_id).unwrap_or(&nothing).clone();
        target.retain(|topic, _| subscribed.contains(topic));
        let mut next = CurrentAssignment {
            epoch: self.target_epoch,
            previous_epoch: current.epoch,
            state: MemberState::Stable,
            assigned: Partitions::new(),
            pending_revocation: Partitions::new(),
        };
        for (topic, partitions) in &current.assigned {
            let wanted = target.get(topic);
            for partition in partitions {
                let keeps = wanted.is_some_and(|wanted| wanted.contains(partition));
                let place = if keeps { &mut next.assigned } else { &mut next.pending_revocation };
                place.entry(*topic).or_default().insert(*partition);
            }
        }
        if owns_any(&next.pending_revocation) {
            next.state = MemberState::UnrevokedPartitions;
            (next.epoch, next.previous_epoch) = (current.epoch, current.previous_epoch);
            return Some(next);
        }
        next.pending_revocation.clear();
        for (topic, partitions) in &target {
            for partition in partitions {
                let owner = self.owner(topic, *partition).filter(|owner| ***owner != *member_id);
                if owner.is_some() && !early {
                    next.state = MemberState::UnreleasedPartitions;
                } else {
                    next.assigned.entry(*topic).or_default().insert(*partition);
                }
            }
        }
        if next.epoch == current.epoch {
            next.previous_epoch = current.previous_epoch;
        }
        Some(next)
    }
}

/// Whether all of `part` is in `whole`.
pub(super) fn is_subset(part: &Partitions, whole: &Partitions) -> bool {
    part.iter().all(|(topic, partitions)| {
        partitions.is_empty() || whole.get(topic).is_some_and(|whole| partitions.is_subset(whole))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOPIC: Uuid = Uuid([1; 16]);

    fn of(partitions: &[i32]) -> Partitions {
        match partitions {
            [] => Partitions::new(),
            some => [(TOPIC, some.iter().copied().collect())].into(),
        }
    }

    fn group(members: &[(&str, &[i32], &[i32])]) -> ConsumerGroup {
        let mut group = ConsumerGroup { epoch: 2, target_epoch: 2, ..ConsumerGroup::default() };
        for (member_id, has, target) in members {
            let member_id: Arc<str> = (*member_id).into();
            let metadata = MemberMetadata {
                group_instance_id: None,
                rack: None,
                client_id: member_id.clone(),
                topics: ["t".into()].into(),
                rebalance_timeout_ms: 1,
                server_assignor: None,
            };
            let current =
                CurrentAssignment { epoch: 1, assigned: of(has), ..CurrentAssignment::default() };
            group.members.insert(member_id.clone(), ConsumerMember { metadata, current });
            group.target.insert(member_id, of(target));
        }
        group
    }

    fn step(group: &mut ConsumerGroup, member_id: &str, owned: &[i32]) -> CurrentAssignment {
        let (owned, subscribed) = (of(owned), [TOPIC].into());
        let next = group.next_assignment(member_id, Some(&owned), &subscribed, false).unwrap();
        let member = group.members.get_mut(member_id).unwrap();
        member.current = next.clone();
        next
    }

    #[test]
    fn a_partition_is_given_up_before_another_gets_it() {
        let mut group = group(&[("a", &[0, 1], &[0]), ("b", &[], &[1])]);
        assert_eq!(group.state(), GroupState::Reconciling);
        let early = step(&mut group, "b", &[]);
        assert_eq!((early.state, early.epoch), (MemberState::UnreleasedPartitions, 2));
        assert!(early.assigned.is_empty());
        let revoking = step(&mut group, "a", &[0, 1]);
        assert_eq!((revoking.state, revoking.epoch), (MemberState::UnrevokedPartitions, 1));
        assert_eq!((revoking.assigned, revoking.pending_revocation), (of(&[0]), of(&[1])));
        assert!(step(&mut group, "b", &[]).assigned.is_empty());
        let revoked = step(&mut group, "a", &[0]);
        assert_eq!((revoked.state, revoked.epoch), (MemberState::Stable, 2));
        let released = step(&mut group, "b", &[]);
        assert_eq!((released.state, released.assigned), (MemberState::Stable, of(&[1])));
        assert_eq!(group.state(), GroupState::Stable);
    }

    #[test]
    fn who_says_nothing_of_what_it_has_has_yet_to_give_it_up() {
        let group = group(&[("a", &[0, 1], &[0]), ("b", &[], &[1])]);
        let next = group.next_assignment("a", None, &[TOPIC].into(), false).unwrap();
        assert_eq!(next.state, MemberState::UnrevokedPartitions);
    }
}
