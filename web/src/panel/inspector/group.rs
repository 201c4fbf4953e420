//! A consumer's group: what the consumer is in it, what it owns and has committed, and, as its coordinator
//! knows them, the members.

use super::parts::{Fact, Tone, fact, facts, title};
use crate::app::App;
use crate::i18n::stage::InspectorText;
use kafkascope_engine::cluster::Cluster;
use kafkascope_engine::group::classic_group::GroupState;
use kafkascope_engine::group::consumer_protocol::assignment_from_bytes;
use kafkascope_engine::ids::{ClientId, TopicPartition};
use leptos::prelude::*;

/// More members are not read.
const MEMBERS_MAX: usize = 24;

pub fn group(app: App, id: ClientId) -> AnyView {
    let is_member = Memo::new(move |_| {
        app.view.track();
        app.with_timeline(|timeline| !member_facts(timeline.cluster(), id).is_empty())
    });
    let own = move || {
        app.view.track();
        app.with_timeline(|timeline| member_facts(timeline.cluster(), id))
    };
    let members = Memo::new(move |_| {
        app.view.track();
        app.with_timeline(|timeline| member_lines(timeline.cluster(), id))
    });
    view! {
        <Show when=move || is_member.get()>
            {title(app, InspectorText::Group)}
            {facts(app, own)}
            <ul class="lines mono" data-testid="group-members">
                {move || members.get().into_iter().map(|line| view! { <li>{line}</li> }).collect_view()}
            </ul>
        </Show>
    }
    .into_any()
}

fn member_facts(cluster: &Cluster, id: ClientId) -> Vec<Fact> {
    let consumer = cluster.client(id).and_then(|client| client.consumer());
    let Some((consumer, member)) = consumer.and_then(|c| Some((c, c.member.as_ref()?))) else {
        return Vec::new();
    };
    let group = &member.settings.group;
    let mut facts = vec![fact(InspectorText::GroupId, group)];
    if let Ok((coordinator, shard)) = cluster.coordinator_of(group) {
        facts.push(fact(InspectorText::Coordinator, coordinator));
        if let Some(known) = shard.groups.get(group) {
            let tone = match known.state {
                GroupState::Stable => Tone::Good,
                GroupState::Empty => Tone::Plain,
                _ => Tone::Attention,
            };
            facts.push(fact(InspectorText::State, known.state).tone(tone));
            facts.push(fact(InspectorText::Generation, known.generation));
            if let Some(protocol) = &known.protocol {
                facts.push(fact(InspectorText::Assignor, protocol));
            }
        }
    }
    if !member.member_id.is_empty() {
        facts.push(fact(InspectorText::MemberId, &member.member_id));
    }
    for partition in consumer.positions.keys() {
        let committed = member.committed.get(partition);
        let committed = committed.map_or("-".to_string(), |offset| offset.offset.to_string());
        facts.push(fact(InspectorText::CommittedOffset, format!("{partition} @ {committed}")));
    }
    facts
}

/// Every member with what it has been assigned.
fn member_lines(cluster: &Cluster, id: ClientId) -> Vec<String> {
    let consumer = cluster.client(id).and_then(|client| client.consumer());
    let Some(member) = consumer.and_then(|consumer| consumer.member.as_ref()) else {
        return Vec::new();
    };
    let group = &member.settings.group;
    let known = cluster.coordinator_of(group).ok().and_then(|(_, shard)| shard.groups.get(group));
    let Some(known) = known else {
        return Vec::new();
    };
    let line = |client_id: &str, assigned: Vec<TopicPartition>| {
        let assigned: Vec<_> = assigned.iter().map(|id| id.to_string()).collect();
        let assigned = if assigned.is_empty() { "-".to_string() } else { assigned.join(", ") };
        format!("{client_id}: {assigned}")
    };
    let members = known.members.values().take(MEMBERS_MAX);
    members
        .map(|member| {
            let assigned = assignment_from_bytes(&member.assignment).unwrap_or_default();
            line(&member.client_id, assigned)
        })
        .collect()
}
