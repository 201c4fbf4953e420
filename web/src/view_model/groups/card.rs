//! What the stage and the inspector show of groups at a moment: read off the coordinator, and off its
//! members' own processes.

use kafkascope_engine::client::consumer::Application;
use kafkascope_engine::cluster::{Client, Cluster};
use kafkascope_engine::command::Command;
use kafkascope_engine::group::classic_group::{ClassicGroup, GroupState};
use kafkascope_engine::ids::{ClientId, NodeId, TopicPartition};
use std::collections::BTreeMap;
use std::sync::Arc;

/// So many colours tell members apart; the number on each does the rest.
pub const COLORS: usize = 6;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupView {
    pub id: Arc<str>,
    pub state: GroupState,
    pub generation: i32,
    /// The assignor that its members agreed on.
    pub protocol: Option<Arc<str>>,
    pub coordinator: Option<NodeId>,
    pub leader: Option<ClientId>,
    /// Its members' processes that run, whether the coordinator knows them yet or not.
    pub members: Vec<ClientId>,
    /// Records between what is committed and the high watermarks.
    pub lag: i64,
    /// What starts one more member, like the one that was started last.
    pub one_more: Option<Command>,
}

/// A consumer as a member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberView {
    pub group: Arc<str>,
    /// Counted from 1 in the group, in the order in which its members were started.
    pub number: usize,
    pub group_instance_id: Option<Arc<str>>,
    /// Records that its application has and is not done with.
    pub in_hand: usize,
    pub has_failed: bool,
    pub processing_ms: u64,
}

impl MemberView {
    pub fn color(&self) -> usize {
        color_of(self.number)
    }
}

pub fn color_of(number: usize) -> usize {
    number.saturating_sub(1) % COLORS
}

fn group_of(client: &Client) -> Option<&Arc<str>> {
    Some(&client.consumer()?.member.as_ref()?.settings.group)
}

/// Numbers of all that were ever members, by client.
pub fn numbers(cluster: &Cluster) -> BTreeMap<ClientId, usize> {
    let mut count: BTreeMap<&Arc<str>, usize> = BTreeMap::new();
    let members = cluster.clients().filter_map(|client| Some((client.id, group_of(client)?)));
    let numbered = members.map(|(id, group)| {
        let number = count.entry(group).or_default();
        *number += 1;
        (id, *number)
    });
    numbered.collect()
}

pub fn member_view(client: &Client, numbers: &BTreeMap<ClientId, usize>) -> Option<MemberView> {
    let consumer = client.consumer()?;
    let member = consumer.member.as_ref()?;
    Some(MemberView {
        group: member.settings.group.clone(),
        number: numbers.get(&client.id).copied().unwrap_or(1),
        group_instance_id: member.settings.group_instance_id.clone(),
        in_hand: match &consumer.application {
            Application::Processing(records) => records.len(),
            _ => 0,
        },
        has_failed: consumer.application == Application::Failed,
        processing_ms: member.settings.processing_ms,
    })
}

/// What a group's coordinator knows, by either protocol.
struct Known {
    coordinator: NodeId,
    state: GroupState,
    /// The epoch of a group by the consumer protocol.
    generation: i32,
    /// The assignor.
    protocol: Option<Arc<str>>,
    leader: Option<ClientId>,
}

/// Groups that have a running member, or that a coordinator knows, by name.
pub fn group_views(cluster: &Cluster) -> Vec<GroupView> {
    let mut groups: BTreeMap<Arc<str>, (Vec<ClientId>, Option<Known>)> = BTreeMap::new();
    for client in cluster.clients().filter(|client| !client.closed) {
        if let Some(group) = group_of(client) {
            groups.entry(group.clone()).or_default().0.push(client.id);
        }
    }
    for (node, group) in cluster.groups() {
        groups.entry(group.id.clone()).or_default().1 = Some(Known {
            coordinator: node,
            state: group.state,
            generation: group.generation,
            protocol: group.protocol.clone(),
            leader: leader_of(cluster, group),
        });
    }
    for (node, id, group) in cluster.consumer_groups() {
        groups.entry(id.clone()).or_default().1 = Some(Known {
            coordinator: node,
            state: group.state(),
            generation: group.epoch,
            protocol: Some(group.assignor().name().into()),
            leader: None,
        });
    }
    let view = |(id, (members, known)): (Arc<str>, (Vec<_>, Option<Known>))| {
        let known = known.as_ref();
        GroupView {
            state: known.map_or(GroupState::Dead, |group| group.state),
            generation: known.map_or(-1, |group| group.generation),
            protocol: known.and_then(|group| group.protocol.clone()),
            coordinator: known.map(|group| group.coordinator),
            leader: known.and_then(|group| group.leader),
            lag: lag_of(cluster, &id),
            one_more: one_more(cluster, &id),
            members,
            id,
        }
    };
    groups.into_iter().map(view).collect()
}

/// The consumer that leads a group.
fn leader_of(cluster: &Cluster, group: &ClassicGroup) -> Option<ClientId> {
    let leader = group.leader.as_ref()?;
    let is_it = |client: &&Client| {
        let member = client.consumer().and_then(|consumer| consumer.member.as_ref());
        member.is_some_and(|member| member.member_id == *leader)
    };
    cluster.clients().find(is_it).map(|client| client.id)
}

fn one_more(cluster: &Cluster, group: &Arc<str>) -> Option<Command> {
    let last = cluster.clients().filter(|client| group_of(client) == Some(group)).last()?;
    let consumer = last.consumer()?;
    let mut membership = consumer.member.as_ref()?.settings.clone();
    // Two must not be the same static member.
    membership.group_instance_id = None;
    Some(Command::Consume {
        topic: consumer.topic.clone(),
        consumer: free_name(cluster, &last.name),
        from: consumer.from,
        client_rack: consumer.rack.clone(),
        configs: consumer.config.settings(),
        group: Some(Box::new(membership)),
    })
}

/// The first of consumer-1, consumer-2 ... that no client has or had, for a name like one of these.
pub fn free_name(cluster: &Cluster, like: &str) -> Arc<str> {
    let stem = like.trim_end_matches(|c: char| c.is_ascii_digit());
    let is_free = |name: &String| !cluster.clients().any(|client| *client.name == **name);
    (1..).map(|n| format!("{stem}{n}")).find(is_free).unwrap_or_default().into()
}

fn lag_of(cluster: &Cluster, group: &str) -> i64 {
    let Ok((_, shard)) = cluster.coordinator_of(group) else {
        return 0;
    };
    let behind = |id: &TopicPartition, offset: i64| {
        cluster.log_end_of(id).map_or(0, |end| (end - offset).max(0))
    };
    shard.offsets_of(group).map(|(id, stored)| behind(id, stored.committed.offset)).sum()
}
