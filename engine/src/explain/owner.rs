//! Why a member of a group reads a partition, or why nobody does. Nothing is decided here: the coordinator
//! is asked for the state of the group, the members for what they are at, and the timers for how long that
//! may go on.

use crate::client::consumer::{Application, PositionState};
use crate::cluster::{Client, Cluster};
use crate::command::Refusal;
use crate::group::assignor::{Assignor, Subscriptions, in_dealing_order};
use crate::group::classic_group::{ClassicGroup, GroupState};
use crate::group::consumer_group::{ConsumerGroup, ConsumerMember};
use crate::group::consumer_protocol::{Subscription, assignment_from_bytes};
use crate::group::consumer_record::Partitions;
use crate::ids::{NodeId, TopicPartition};
use crate::sim::time::SimTime;
use crate::world::Timer;
use std::collections::BTreeSet;
use std::sync::Arc;

/// The first reason says what is, the others what it follows from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    Owned {
        partition: TopicPartition,
        owner: Arc<str>,
        generation: i32,
    },
    Still {
        partition: TopicPartition,
        because: Still,
    },
    /// `range`: of `members` that have subscribed the topic this one comes `rank`-th, and each gets
    /// `partitions / members` in a row, the first few one more.
    Range {
        partitions: i32,
        members: usize,
        rank: usize,
    },
    /// `roundrobin`: the `place`-th partition goes to the `rank`-th member of the circle.
    RoundRobin {
        place: usize,
        members: usize,
        rank: usize,
    },
    /// `sticky`, `cooperative-sticky`: everybody has about as much, and keeps what it had where it can.
    Sticky {
        owned: usize,
        least: usize,
        most: usize,
    },
    /// By the consumer protocol (KIP-848): the coordinator itself divided, for this epoch of the group.
    Target {
        /// Its name.
        assignor: &'static str,
        epoch: i32,
        members: usize,
        owned: usize,
    },
    /// While others join, a cooperative member keeps what it has.
    KeptInRebalance,
    Missing {
        member: Arc<str>,
        absence: Absence,
    },
    /// The rebalance goes on without those that are missing.
    Until {
        at: SimTime,
        is_first: bool,
    },
}

/// Why nobody reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Still {
    NoMembers,
    Joining,
    Assigning {
        leader: Arc<str>,
    },
    NotSubscribed,
    /// By the consumer protocol: another member has yet to give it up.
    NotReleased {
        owner: Arc<str>,
        holder: Arc<str>,
    },
    /// Its owner's process is gone, and nobody has noticed until then.
    OwnerGone {
        owner: Arc<str>,
        until: Option<SimTime>,
    },
    /// Its owner has yet to take the assignment over: it does when it polls.
    NotTaken {
        owner: Arc<str>,
        records_in_hand: usize,
    },
    /// Its owner asks where to go on.
    AsksOffset {
        owner: Arc<str>,
    },
    OwnerFailed {
        owner: Arc<str>,
    },
}

/// Why a member has not joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Absence {
    /// Its process is gone; its session ends then.
    Gone {
        until: Option<SimTime>,
    },
    /// It joins when it polls, and its application is busy.
    Busy {
        records: usize,
        until: Option<SimTime>,
    },
    /// It learns of the rebalance with its next heartbeat.
    Unaware {
        heartbeat: SimTime,
    },
    OnTheWay,
}

pub fn why_owner(
    cluster: &Cluster,
    group: &str,
    id: &TopicPartition,
) -> Result<Vec<Reason>, Refusal> {
    let (coordinator, shard) = cluster.coordinator_of(group)?;
    if let Some(known) = shard.consumer_groups.get(group) {
        return Ok(why_target(cluster, coordinator, (group, known), id));
    }
    let known = shard.groups.get(group);
    let known = known.ok_or_else(|| Refusal::NoSuchGroup { group: group.to_string() })?;
    if let Some(reader) = readers(cluster, group, id).next() {
        let generation = known.generation;
        let owner = reader.name.clone();
        let mut reasons = vec![Reason::Owned { partition: id.clone(), owner, generation }];
        match known.state {
            GroupState::Stable => reasons.extend(rule(cluster, known, id)),
            _ => reasons.push(Reason::KeptInRebalance),
        }
        return Ok(reasons);
    }
    let mut reasons = vec![Reason::Still {
        partition: id.clone(),
        because: still(cluster, coordinator, known, id),
    }];
    if known.state == GroupState::PreparingRebalance {
        reasons.extend(missing(cluster, coordinator, known));
        let due = cluster.timer_due(coordinator.into(), &Timer::GroupJoin(known.id.clone()));
        let is_first = known.is_first_rebalance();
        reasons.extend(due.map(|at| Reason::Until { at, is_first }));
    }
    Ok(reasons)
}

/// In a group by the consumer protocol.
fn why_target(
    cluster: &Cluster,
    coordinator: NodeId,
    (name, group): (&str, &ConsumerGroup),
    id: &TopicPartition,
) -> Vec<Reason> {
    let topic_id = cluster.metadata_image().and_then(|image| image.topics.get(&id.topic));
    let topic_id = topic_id.map(|topic| topic.topic_id);
    let holds = |held: &Partitions| {
        let of_topic = topic_id.and_then(|topic_id| held.get(&topic_id));
        of_topic.is_some_and(|held| held.contains(&id.partition))
    };
    let owner = group.target.iter().find(|(_, target)| holds(target));
    let target = owner.map(|(_, target)| Reason::Target {
        assignor: group.assignor().name(),
        epoch: group.target_epoch,
        members: group.members.len(),
        owned: target.values().map(BTreeSet::len).sum(),
    });
    let first = if let Some(reader) = readers(cluster, name, id).next() {
        let generation = reader.consumer().and_then(|consumer| consumer.member.as_ref());
        let generation = generation.map_or(-1, |member| member.generation);
        Reason::Owned { partition: id.clone(), owner: reader.name.clone(), generation }
    } else {
        let because = match owner {
            _ if group.members.is_empty() => Still::NoMembers,
            None => Still::NotSubscribed,
            Some((member_id, _)) => {
                let has = |(of, member): &(&Arc<str>, &ConsumerMember)| {
                    let current = &member.current;
                    *of != member_id
                        && (holds(&current.assigned) || holds(&current.pending_revocation))
                };
                match group.members.iter().find(has) {
                    Some((holder, _)) => Still::NotReleased {
                        owner: name_of(cluster, member_id),
                        holder: name_of(cluster, holder),
                    },
                    None => {
                        let timer = Timer::GroupSession(name.into(), member_id.clone());
                        let session_end = || cluster.timer_due(coordinator.into(), &timer);
                        at_owner(cluster, member_id, id, session_end)
                    }
                }
            }
        };
        Reason::Still { partition: id.clone(), because }
    };
    std::iter::once(first).chain(target).collect()
}

/// Who fetches it, as a member of the group.
fn readers<'a>(
    cluster: &'a Cluster,
    group: &'a str,
    id: &'a TopicPartition,
) -> impl Iterator<Item = &'a Client> {
    cluster.clients().filter(move |client| {
        let reads = |client: &Client| {
            let consumer = client.consumer()?;
            let in_group = *consumer.member.as_ref()?.settings.group == *group;
            let position = consumer.positions.get(id)?;
            Some(in_group && position.state == PositionState::Fetching)
        };
        !client.closed && reads(client) == Some(true)
    })
}

fn client_of<'a>(cluster: &'a Cluster, member_id: &str) -> Option<&'a Client> {
    let is_it = |client: &&Client| {
        let member = client.consumer().and_then(|consumer| consumer.member.as_ref());
        member.is_some_and(|member| *member.member_id == *member_id)
    };
    cluster.clients().find(is_it)
}

fn name_of(cluster: &Cluster, member_id: &Arc<str>) -> Arc<str> {
    client_of(cluster, member_id).map_or_else(|| member_id.clone(), |client| client.name.clone())
}

/// Until when the coordinator takes a member for alive.
fn session_end(
    cluster: &Cluster,
    coordinator: NodeId,
    group: &ClassicGroup,
    member_id: &Arc<str>,
) -> Option<SimTime> {
    let timer = Timer::GroupSession(group.id.clone(), member_id.clone());
    cluster.timer_due(coordinator.into(), &timer)
}

fn still(
    cluster: &Cluster,
    coordinator: NodeId,
    group: &ClassicGroup,
    id: &TopicPartition,
) -> Still {
    match group.state {
        GroupState::Empty | GroupState::Dead => return Still::NoMembers,
        GroupState::PreparingRebalance => return Still::Joining,
        GroupState::CompletingRebalance => {
            let leader = group.leader.as_ref().map(|leader| name_of(cluster, leader));
            return Still::Assigning { leader: leader.unwrap_or_default() };
        }
        // The last two are states of the consumer protocol alone.
        GroupState::Stable | GroupState::Assigning | GroupState::Reconciling => {}
    }
    let owns = |assignment: &_| {
        assignment_from_bytes(assignment).is_some_and(|assigned| assigned.contains(id))
    };
    let owner = group.members.iter().find(|(_, member)| owns(&member.assignment));
    let Some((member_id, _)) = owner else {
        return Still::NotSubscribed;
    };
    at_owner(cluster, member_id, id, || session_end(cluster, coordinator, group, member_id))
}

/// What its owner is at.
fn at_owner(
    cluster: &Cluster,
    member_id: &Arc<str>,
    id: &TopicPartition,
    session_end: impl Fn() -> Option<SimTime>,
) -> Still {
    let client = client_of(cluster, member_id);
    let Some(client) = client.filter(|client| !client.closed) else {
        let owner = client.map_or_else(|| member_id.clone(), |client| client.name.clone());
        return Still::OwnerGone { owner, until: session_end() };
    };
    let owner = client.name.clone();
    let Some(consumer) = client.consumer() else {
        return Still::NotSubscribed;
    };
    match &consumer.application {
        Application::Failed => Still::OwnerFailed { owner },
        Application::Dead { .. } => Still::OwnerGone { owner, until: session_end() },
        _ if consumer.positions.contains_key(id) => Still::AsksOffset { owner },
        Application::Processing(rest) | Application::Committing { rest, .. } => {
            Still::NotTaken { owner, records_in_hand: rest.len() }
        }
        Application::Polling | Application::Transacting => {
            Still::NotTaken { owner, records_in_hand: 0 }
        }
    }
}

fn missing(cluster: &Cluster, coordinator: NodeId, group: &ClassicGroup) -> Vec<Reason> {
    let waits = group.members.iter().filter(|(_, member)| member.awaiting_join.is_none());
    let reason = |member_id: &Arc<str>| {
        let client = client_of(cluster, member_id).filter(|client| !client.closed);
        let timer = |timer: &Timer| cluster.timer_due(client?.id.into(), timer);
        let absence = match client.and_then(Client::consumer).map(|c| &c.application) {
            None => Absence::Gone { until: session_end(cluster, coordinator, group, member_id) },
            Some(Application::Processing(records)) => {
                let until = timer(&Timer::MaxPollInterval);
                Absence::Busy { records: records.len(), until }
            }
            Some(_) => match timer(&Timer::GroupHeartbeat) {
                Some(heartbeat) => Absence::Unaware { heartbeat },
                None => Absence::OnTheWay,
            },
        };
        Reason::Missing { member: name_of(cluster, member_id), absence }
    };
    waits.map(|(member_id, _)| reason(member_id)).collect()
}

/// The assignor's rule, with the numbers of this group.
fn rule(cluster: &Cluster, group: &ClassicGroup, id: &TopicPartition) -> Option<Reason> {
    let assignor = Assignor::from_name(group.protocol.as_deref()?)?;
    let assigned = |member_id: &Arc<str>| {
        let bytes = &group.members.get(member_id)?.assignment;
        assignment_from_bytes(bytes)
    };
    let owner = group.members.keys().find(|m| assigned(m).is_some_and(|own| own.contains(id)))?;
    let members: Subscriptions = group
        .joined_members()
        .into_iter()
        .filter_map(|member| {
            let mut subscription = Subscription::parse(&member.metadata)?;
            subscription.group_instance_id = member.group_instance_id;
            Some((member.member_id, subscription))
        })
        .collect();
    let order = in_dealing_order(&members);
    let topics = &cluster.newest_metadata()?.topics;
    match assignor {
        Assignor::Range => {
            let subscribed = order.iter().filter(|(_, s)| s.topics.contains(&id.topic));
            let subscribed: Vec<_> = subscribed.map(|(member_id, _)| *member_id).collect();
            Some(Reason::Range {
                partitions: topics.get(&id.topic)?.partitions.len() as i32,
                members: subscribed.len(),
                rank: 1 + subscribed.iter().position(|member_id| *member_id == owner)?,
            })
        }
        Assignor::RoundRobin => {
            let all = topics
                .iter()
                .filter(|(topic, _)| members.values().any(|s| s.topics.contains(topic)));
            let before = all.take_while(|(topic, _)| **topic != id.topic);
            let before: usize = before.map(|(_, topic)| topic.partitions.len()).sum();
            Some(Reason::RoundRobin {
                place: 1 + before + id.partition as usize,
                members: order.len(),
                rank: 1 + order.iter().position(|(member_id, _)| *member_id == owner)?,
            })
        }
        Assignor::Sticky | Assignor::CooperativeSticky => {
            let counts = || group.members.keys().filter_map(assigned).map(|own| own.len());
            Some(Reason::Sticky {
                owned: assigned(owner)?.len(),
                least: counts().min()?,
                most: counts().max()?,
            })
        }
    }
}
