//! A consumer group as its coordinator knows it: Kafka's `ClassicGroup`. What happens to it, and who is
//! told, is in [`super::coordinator`].
//!
//! | state | comes from | meaning |
//! |---|---|---|
//! | Empty | PreparingRebalance | no members; it may have offsets |
//! | PreparingRebalance | Empty, Stable, CompletingRebalance | waits for its members to join |
//! | CompletingRebalance | PreparingRebalance | all have joined; waits for the leader's assignment |
//! | Stable | CompletingRebalance | every member has its assignment |

use super::consumer_protocol::{PROTOCOL_TYPE, Subscription};
use super::group_record::{StoredGroup, StoredMember};
use super::java_hash::{JavaHashSet, string_hash};
use crate::protocol::{JoinGroupRequest, JoinedMember, KafkaError, MemberIdentity};
use crate::sim::time::SimTime;
use crate::world::ReplyTo;
use bytes::Bytes;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GroupState {
    Empty,
    PreparingRebalance,
    CompletingRebalance,
    Stable,
    /// By the consumer protocol: what everybody is to have is yet to be found out.
    Assigning,
    /// By the consumer protocol: members are on their way to what they are to have.
    Reconciling,
    /// It has been deleted, or its coordinator is another broker now.
    Dead,
}

impl GroupState {
    pub fn name(self) -> &'static str {
        match self {
            GroupState::Empty => "Empty",
            GroupState::PreparingRebalance => "PreparingRebalance",
            GroupState::CompletingRebalance => "CompletingRebalance",
            GroupState::Stable => "Stable",
            GroupState::Assigning => "Assigning",
            GroupState::Reconciling => "Reconciling",
            GroupState::Dead => "Dead",
        }
    }
}

impl fmt::Display for GroupState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClassicGroup {
    pub id: Arc<str>,
    pub state: GroupState,
    pub(super) previous_state: GroupState,
    state_since_ms: i64,
    pub generation: i32,
    /// `None` for a group that never had members.
    pub protocol_type: Option<Arc<str>>,
    /// The assignor that its members agreed on.
    pub protocol: Option<Arc<str>>,
    /// The member that assigns.
    pub leader: Option<Arc<str>>,
    pub members: BTreeMap<Arc<str>, ClassicMember>,
    /// Ids that have been given to members that have yet to join with them.
    pub(super) pending_join: BTreeSet<Arc<str>>,
    /// Members that have joined this generation and have yet to ask for their assignment.
    pub(super) pending_sync: BTreeSet<Arc<str>>,
    /// Somebody came during the initial delay: it begins again, for as long as this says.
    pub(super) new_member_added: bool,
    pub(super) initial_delay_left_ms: u64,
    /// How many member ids it has given.
    pub(super) ids_given: u64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClassicMember {
    pub group_instance_id: Option<Arc<str>>,
    pub client_id: Arc<str>,
    pub rebalance_timeout_ms: u64,
    pub session_timeout_ms: u64,
    pub protocols: Vec<(Arc<str>, Bytes)>,
    pub assignment: Bytes,
    /// Where the answers go that it waits for.
    pub awaiting_join: Option<ReplyTo>,
    pub awaiting_sync: Option<ReplyTo>,
    /// It has yet to get through its first join.
    pub(super) is_new: bool,
}

impl ClassicMember {
    pub(super) fn new(request: &JoinGroupRequest) -> Self {
        ClassicMember {
            group_instance_id: request.member.group_instance_id.clone(),
            client_id: request.client_id.clone(),
            rebalance_timeout_ms: request.rebalance_timeout_ms,
            session_timeout_ms: request.session_timeout_ms,
            protocols: request.protocols.clone(),
            assignment: Bytes::new(),
            awaiting_join: None,
            awaiting_sync: None,
            is_new: true,
        }
    }

    pub fn is_static(&self) -> bool {
        self.group_instance_id.is_some()
    }

    /// Whoever waits for a rebalance needs no heartbeat, but for a new member: it may have gone.
    pub(super) fn has_satisfied_heartbeat(&self) -> bool {
        !self.is_new && (self.awaiting_join.is_some() || self.awaiting_sync.is_some())
    }

    fn metadata(&self, protocol: &str) -> Bytes {
        let own = self.protocols.iter().find(|(name, _)| &**name == protocol);
        own.map(|(_, metadata)| metadata.clone()).unwrap_or_default()
    }
}

impl ClassicGroup {
    pub(super) fn new(id: Arc<str>, now: SimTime) -> Self {
        ClassicGroup {
            id,
            state: GroupState::Empty,
            previous_state: GroupState::Dead,
            state_since_ms: now.timestamp_ms(),
            generation: 0,
            protocol_type: None,
            protocol: None,
            leader: None,
            members: BTreeMap::new(),
            pending_join: BTreeSet::new(),
            pending_sync: BTreeSet::new(),
            new_member_added: false,
            initial_delay_left_ms: 0,
            ids_given: 0,
        }
    }

    /// As the log has it.
    pub(super) fn load(id: Arc<str>, stored: &StoredGroup) -> Self {
        let protocol = stored.protocol.clone();
        let member = |of: &StoredMember| {
            let protocols = protocol.iter().map(|name| (name.clone(), of.subscription.clone()));
            let member = ClassicMember {
                group_instance_id: of.group_instance_id.clone(),
                client_id: of.client_id.clone(),
                rebalance_timeout_ms: of.rebalance_timeout_ms,
                session_timeout_ms: of.session_timeout_ms,
                protocols: protocols.collect(),
                assignment: of.assignment.clone(),
                awaiting_join: None,
                awaiting_sync: None,
                is_new: false,
            };
            (of.member_id.clone(), member)
        };
        let members: BTreeMap<_, _> = stored.members.iter().map(member).collect();
        let state = if members.is_empty() { GroupState::Empty } else { GroupState::Stable };
        let typed = !stored.protocol_type.is_empty();
        ClassicGroup {
            state,
            previous_state: GroupState::Dead,
            state_since_ms: stored.current_state_timestamp_ms,
            generation: stored.generation,
            protocol_type: typed.then(|| stored.protocol_type.clone()),
            protocol: protocol.clone(),
            leader: stored.leader.clone(),
            members,
            ..ClassicGroup::new(id, SimTime::ZERO)
        }
    }

    /// As it goes into the log, with what the leader assigned.
    pub(super) fn to_stored(&self, assignment: &BTreeMap<Arc<str>, Bytes>) -> StoredGroup {
        let protocol = self.protocol.as_deref().unwrap_or("");
        let member = |(member_id, member): (&Arc<str>, &ClassicMember)| StoredMember {
            member_id: member_id.clone(),
            group_instance_id: member.group_instance_id.clone(),
            client_id: member.client_id.clone(),
            rebalance_timeout_ms: member.rebalance_timeout_ms,
            session_timeout_ms: member.session_timeout_ms,
            subscription: member.metadata(protocol),
            assignment: assignment.get(member_id).cloned().unwrap_or_default(),
        };
        StoredGroup {
            protocol_type: self.protocol_type.clone().unwrap_or_else(|| "".into()),
            generation: self.generation,
            protocol: self.protocol.clone(),
            leader: self.leader.clone(),
            current_state_timestamp_ms: self.state_since_ms,
            members: self.members.iter().map(member).collect(),
        }
    }

    pub(super) fn transition_to(&mut self, state: GroupState, now: SimTime) {
        self.previous_state = std::mem::replace(&mut self.state, state);
        self.state_since_ms = now.timestamp_ms();
    }

    /// It had no members before, and waits for more of them.
    pub fn is_first_rebalance(&self) -> bool {
        self.state == GroupState::PreparingRebalance && self.previous_state == GroupState::Empty
    }

    pub fn is_leader(&self, member_id: &str) -> bool {
        self.leader.as_deref() == Some(member_id)
    }

    pub fn static_member(&self, instance_id: &str) -> Option<&Arc<str>> {
        let is_it =
            |member: &ClassicMember| member.group_instance_id.as_deref() == Some(instance_id);
        self.members.iter().find(|(_, member)| is_it(member)).map(|(member_id, _)| member_id)
    }

    /// `validateMember`
    pub(super) fn validate_member(&self, member: &MemberIdentity) -> Result<(), KafkaError> {
        if let Some(instance_id) = &member.group_instance_id {
            let known = self.static_member(instance_id).ok_or(KafkaError::UnknownMemberId)?;
            if *known != member.member_id {
                return Err(KafkaError::FencedInstanceId);
            }
        }
        match self.members.contains_key(&member.member_id) {
            true => Ok(()),
            false => Err(KafkaError::UnknownMemberId),
        }
    }

    /// `validateOffsetCommit`
    pub(super) fn validate_commit(&self, member: &MemberIdentity) -> Result<(), KafkaError> {
        if member.generation < 0 && self.state == GroupState::Empty {
            return Ok(());
        }
        let names_somebody = member.generation >= 0
            || !member.member_id.is_empty()
            || member.group_instance_id.is_some();
        if names_somebody {
            self.validate_member(member)?;
            if member.generation != self.generation {
                return Err(KafkaError::IllegalGeneration);
            }
        } else if self.state != GroupState::Empty {
            return Err(KafkaError::UnknownMemberId);
        }
        match self.state {
            GroupState::CompletingRebalance => Err(KafkaError::RebalanceInProgress),
            _ => Ok(()),
        }
    }

    pub(super) fn has_all_members_joined(&self) -> bool {
        self.pending_join.is_empty()
            && self.members.values().all(|member| member.awaiting_join.is_some())
    }

    /// The longest of its members'.
    pub(super) fn rebalance_timeout_ms(&self) -> u64 {
        self.members.values().map(|member| member.rebalance_timeout_ms).max().unwrap_or(0)
    }

    /// Assignors that every member knows.
    fn candidates(&self) -> BTreeSet<&Arc<str>> {
        let known = |name: &Arc<str>, member: &ClassicMember| {
            member.protocols.iter().any(|(own, _)| own == name)
        };
        let names = self.members.values().flat_map(|member| &member.protocols);
        let common = names.map(|(name, _)| name);
        common.filter(|name| self.members.values().all(|member| known(name, member))).collect()
    }

    /// Whether a member with these assignors fits in.
    pub(super) fn supports(&self, protocols: &[(Arc<str>, Bytes)]) -> bool {
        let candidates = self.candidates();
        match self.state {
            GroupState::Empty => !protocols.is_empty(),
            _ if self.members.is_empty() => !protocols.is_empty(),
            _ => protocols.iter().any(|(name, _)| candidates.contains(name)),
        }
    }

    /// Every member votes for the first of its assignors that all know; most votes win.
    pub(super) fn select_protocol(&self) -> Option<Arc<str>> {
        let candidates = self.candidates();
        let mut votes: BTreeMap<&Arc<str>, usize> = BTreeMap::new();
        for member in self.members.values() {
            let mut names = member.protocols.iter().map(|(name, _)| name);
            if let Some(vote) = names.find(|name| candidates.contains(name)) {
                *votes.entry(vote).or_default() += 1;
            }
        }
        let mut walked = JavaHashSet::default();
        votes.keys().for_each(|name| walked.insert(string_hash(name), *name));
        let most = votes.values().max()?;
        // Of several with as many, the last that Kafka's map has: `Stream.max` keeps the later one.
        walked.into_order().into_iter().rfind(|name| votes[name] == *most).cloned()
    }

    pub(super) fn add(&mut self, member_id: Arc<str>, member: ClassicMember) {
        if self.members.is_empty() {
            self.protocol_type = Some(PROTOCOL_TYPE.into());
        }
        self.leader.get_or_insert_with(|| member_id.clone());
        self.pending_join.remove(&member_id);
        self.members.insert(member_id, member);
    }

    pub(super) fn remove(&mut self, member_id: &str) -> Option<ClassicMember> {
        let removed = self.members.remove(member_id);
        if self.is_leader(member_id) {
            self.leader = self.walk().into_iter().next();
        }
        self.pending_join.remove(member_id);
        self.pending_sync.remove(member_id);
        removed
    }

    /// Member ids as Kafka's map has them.
    fn walk(&self) -> Vec<Arc<str>> {
        let mut walked = JavaHashSet::default();
        self.members.keys().for_each(|id| walked.insert(string_hash(id), id.clone()));
        walked.into_order()
    }

    /// A leader that has not joined again is replaced by somebody who has. False: there is nobody.
    pub(super) fn maybe_elect_new_joined_leader(&mut self) -> bool {
        let joined = |member_id: &Arc<str>| self.members[member_id].awaiting_join.is_some();
        let Some(leader) = self.leader.as_ref() else {
            return false;
        };
        if joined(leader) {
            return true;
        }
        match self.walk().into_iter().find(joined) {
            Some(leader) => {
                self.leader = Some(leader);
                true
            }
            None => false,
        }
    }

    pub(super) fn init_next_generation(&mut self, now: SimTime) {
        self.generation += 1;
        self.protocol = self.select_protocol();
        self.pending_sync.clear();
        let is_empty = self.members.is_empty();
        let state = if is_empty { GroupState::Empty } else { GroupState::CompletingRebalance };
        self.transition_to(state, now);
    }

    /// What the leader is told of everybody.
    pub fn joined_members(&self) -> Vec<JoinedMember> {
        let protocol = self.protocol.as_deref().unwrap_or("");
        let joined = |member_id: Arc<str>| {
            let member = &self.members[&member_id];
            JoinedMember {
                group_instance_id: member.group_instance_id.clone(),
                metadata: member.metadata(protocol),
                member_id,
            }
        };
        self.walk().into_iter().map(joined).collect()
    }

    /// The topics that somebody has subscribed; `None` where that cannot be known.
    pub(super) fn subscribed_topics(&self) -> Option<BTreeSet<Arc<str>>> {
        let protocol = self.protocol.as_deref()?;
        let mut topics = BTreeSet::new();
        for member in self.members.values() {
            topics.extend(Subscription::parse(&member.metadata(protocol))?.topics);
        }
        Some(topics)
    }

    /// Since when an offset that was committed then has had no use; `None`: it has one
    /// (`offsetExpirationCondition`).
    pub(super) fn offset_unused_since(&self, topic: &Arc<str>, committed_ms: i64) -> Option<i64> {
        match self.state {
            _ if self.protocol_type.is_none() => Some(committed_ms),
            GroupState::Empty => Some(self.state_since_ms),
            GroupState::Stable => {
                let topics = self.subscribed_topics()?;
                (!topics.contains(topic)).then_some(committed_ms)
            }
            _ => None,
        }
    }
}
