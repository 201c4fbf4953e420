//! What a seed draws for consumer groups: members that come, close and die, of groups whose members keep to
//! one way of assigning.

use crate::client::consumer::Consumer;
use crate::cluster::Cluster;
use crate::command::{Command, CreateTopic, GroupProtocol, Membership, StartFrom};
use crate::group::assignor::Assignor;
use crate::sim::random::{SimRng, mix};
use std::sync::Arc;

/// So many members at once, and so many in a run.
const OPEN_MAX: usize = 5;
const EVER_MAX: usize = 24;

pub(super) fn next(
    topics: &[CreateTopic],
    cluster: &Cluster,
    random: &mut SimRng,
) -> Option<Command> {
    let is_member = |consumer: &Consumer| consumer.member.is_some();
    let members: Vec<_> =
        cluster.clients().filter(|client| client.consumer().is_some_and(is_member)).collect();
    let open: Vec<_> = members.iter().filter(|client| !client.closed).collect();
    let comes = open.is_empty() || (open.len() < OPEN_MAX && random.chance(550));
    if !comes || members.len() >= EVER_MAX {
        let client = random.pick(&open)?.name.clone();
        return Some(match random.below(3) {
            0 => Command::SetProcessing {
                client,
                processing_ms: *random.pick(&[0, 50, 900, 4_000])?,
            },
            1 => Command::CloseClient { client },
            _ => Command::KillClient { client, after: None },
        });
    }
    let which = random.below(2);
    let mut membership = Membership::of(format!("group{which}"));
    membership.assignors = assignors(cluster.spec().seed, which);
    let is_remote = mix(&[cluster.spec().seed, which, 11]).is_multiple_of(3);
    if is_remote {
        membership.group_protocol = GroupProtocol::Consumer(None);
        membership.assignors = Membership::of("").assignors;
    }
    membership.auto_commit_interval_ms = random.range(200..=3_000);
    membership.session_timeout_ms = random.range(1_500..=10_000);
    membership.heartbeat_interval_ms = random.range(200..=1_000);
    if is_remote {
        let usual = Membership::of("");
        membership.session_timeout_ms = usual.session_timeout_ms;
        membership.heartbeat_interval_ms = usual.heartbeat_interval_ms;
    }
    membership.max_poll_records = random.range(1..=6) as u32;
    membership.max_poll_interval_ms = random.range(2_000..=20_000);
    // Now and then longer than it may take.
    membership.processing_ms = *random.pick(&[0, 0, 10, 100, 900])?;
    if random.chance(300) {
        membership.group_instance_id = Some(format!("instance{}", random.below(3)).into());
    }
    let topic = random.pick(topics)?.topic.clone();
    let others = topics.iter().map(|of| of.topic.clone()).filter(|name| *name != topic);
    membership.more_topics = others.filter(|_| random.chance(500)).collect();
    let from = if random.chance(800) { StartFrom::Earliest } else { StartFrom::Latest };
    let consumer: Arc<str> = format!("member-{}", members.len()).into();
    Some(Command::Consume {
        topic,
        consumer,
        from,
        client_rack: None,
        configs: Vec::new(),
        group: Some(Box::new(membership)),
    })
}

/// The same for all members of a group.
fn assignors(seed: u64, group: u64) -> Vec<Assignor> {
    match mix(&[seed, group, 7]) % 5 {
        0 => vec![Assignor::Range],
        1 => vec![Assignor::RoundRobin],
        2 => vec![Assignor::Sticky],
        3 => vec![Assignor::CooperativeSticky],
        _ => vec![Assignor::Range, Assignor::CooperativeSticky],
    }
}
