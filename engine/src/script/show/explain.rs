//! `why not-deleted` and its like: every rule that is asked, and what comes of them.

use super::{EVENTS_MAX, known_node, last_event, last_milestone};
use crate::cluster::{Client, Cluster};
use crate::command::Refusal;
use crate::event::{Event, EventKind};
use crate::explain::election::considered;
use crate::explain::owner;
use crate::explain::partition::{About, why};
use crate::explain::record::fate;
use crate::explain::silence::{Link, chain};
use crate::explain::{Situation, broker, quorum, read_replica, why_not_compacted, why_not_deleted};
use crate::ids::{EventId, NodeId, TopicPartition};
use crate::script::lang::{Lang, say};
use crate::script::runner::{Failure, Machine, NotFound, event_line};
use crate::script::words::explain::{Question, told};
use crate::script::words::{
    broker as of_broker, owner as of_owner, partition as of_partition, quorum as of_quorum,
    read_replica as of_read_replica, record as of_record,
};
use std::cell::OnceCell;

/// The longest chain of causes that is printed.
const CHAIN_MAX: usize = 24;

/// The event and its causes, each line the cause of the one above, or the failure that silenced who was
/// awaited there.
pub(super) fn why_event(
    machine: &impl Machine,
    event: Option<EventId>,
    lang: Lang,
) -> Result<String, Failure> {
    let event = event.map_or_else(|| last_milestone(machine), |id| machine.event(id));
    let event = event.ok_or(Failure::NotFound(NotFound::Event))?;
    let first = event.id.0.saturating_sub(EVENTS_MAX);
    let past = OnceCell::new();
    let before = |id: EventId| {
        let past: &Vec<Event> = past.get_or_init(|| machine.events(first..event.id.0));
        past[..past.partition_point(|event| event.id < id)].iter().rev()
    };
    let chain = chain(event.id, |id| machine.event(id), before);
    let line = |event: &Event| event_line(event, machine.cluster(), lang);
    let mut lines = vec![line(&event)];
    for Link { event, is_silence } in &chain[1..] {
        if lines.len() == CHAIN_MAX {
            let id = event.id;
            lines.push(say!(
                lang,
                "  ... why {id}(으)로 이어집니다.",
                "  ... goes on with why {id}"
            ));
            break;
        }
        let silence = lang.pick(" (이때부터 소식이 없습니다)", " (silent from here on)");
        let silence = if *is_silence { silence } else { "" };
        lines.push(format!("  <- {}{silence}", line(event)));
    }
    Ok(lines.join("\n"))
}

pub(super) fn why_quorum(cluster: &Cluster, lang: Lang) -> String {
    listed(of_quorum::told(&quorum::why(cluster), lang))
}

pub(super) fn why_broker(cluster: &Cluster, node: NodeId, lang: Lang) -> Result<String, Failure> {
    known_node(cluster, node)?;
    let reasons = broker::why(cluster, node);
    let reasons = reasons.ok_or(Failure::Refused(Refusal::BrokerNotRegistered { broker: node }))?;
    Ok(listed(of_broker::told(&reasons, lang)))
}

pub(super) fn why_read_replica(
    cluster: &Cluster,
    name: &str,
    partition: &TopicPartition,
    lang: Lang,
) -> Result<String, Failure> {
    let unknown = || Failure::Refused(Refusal::NoSuchClient { name: name.to_string() });
    let client = cluster.client_named(name).filter(|client| client.consumer().is_some());
    let client: &Client = client.ok_or_else(unknown)?;
    let reasons = read_replica::why(cluster, client.id, partition);
    let reasons = reasons.ok_or_else(|| missing(cluster, partition))?;
    Ok(listed(of_read_replica::told(&reasons, lang)))
}

pub(super) fn show(
    cluster: &Cluster,
    question: Question,
    node: NodeId,
    partition: &TopicPartition,
    offset: Option<i64>,
    lang: Lang,
) -> Result<String, Failure> {
    known_node(cluster, node)?;
    let not_found = NotFound::OpenLog { node, partition: partition.clone() };
    let situation = Situation::of(cluster, node, partition).ok_or(Failure::NotFound(not_found))?;
    let answer = match question {
        Question::NotDeleted => why_not_deleted(&situation, offset),
        Question::NotCompacted => why_not_compacted(&situation, offset),
    };
    Ok(listed(told(question, &answer, lang)))
}

pub(super) fn why_is(
    machine: &impl Machine,
    about: About,
    partition: &TopicPartition,
    lang: Lang,
) -> Result<String, Failure> {
    let cluster = machine.cluster();
    let reasons = why(cluster, partition, about).ok_or_else(|| missing(cluster, partition))?;
    let mut text = listed(of_partition::told(&reasons, lang));
    if about == About::Leader
        && let Some(event) = last_event(
            machine,
            |event| matches!(&event.kind, EventKind::ElectionHeld { partition: id, .. } if id == partition),
        )
        && let Some(election) = considered(&event.kind)
    {
        let (at, id) = (event.at, event.id);
        let chose = listed(of_partition::considered(&election, lang));
        text += &say!(
            lang,
            "\n마지막 선출({at} {id}): {chose}",
            "\nThe last election ({at} {id}): {chose}"
        );
    }
    Ok(text)
}

pub(super) fn why_owner(
    cluster: &Cluster,
    group: &str,
    partition: &TopicPartition,
    lang: Lang,
) -> Result<String, Failure> {
    let reasons = owner::why_owner(cluster, group, partition).map_err(Failure::Refused)?;
    Ok(listed(of_owner::told(&reasons, lang)))
}

pub(super) fn why_record(
    machine: &impl Machine,
    partition: &TopicPartition,
    offset: i64,
    lang: Lang,
) -> Result<String, Failure> {
    let cluster = machine.cluster();
    let next = cluster.next_event_id().0;
    let past = machine.events(next.saturating_sub(EVENTS_MAX)..next);
    let fates = fate(cluster, partition, offset, &past);
    let fates = fates.ok_or_else(|| missing(cluster, partition))?;
    Ok(listed(of_record::told(&fates, lang)))
}

fn missing(cluster: &Cluster, id: &TopicPartition) -> Failure {
    let topic = id.topic.to_string();
    let known = cluster.newest_metadata().and_then(|image| image.topics.get(&id.topic));
    Failure::Refused(match known {
        None => Refusal::NoSuchTopic { topic },
        Some(known) => {
            let partitions = known.partitions.len() as i32;
            Refusal::NoSuchPartition { topic, partition: id.partition, partitions }
        }
    })
}

fn listed((verdict, rules): (String, Vec<(bool, String)>)) -> String {
    let rules = rules.into_iter().map(|(stands_out, rule)| {
        let mark = if stands_out { "x" } else { "-" };
        format!("  {mark} {rule}")
    });
    [verdict].into_iter().chain(rules).collect::<Vec<_>>().join("\n")
}
