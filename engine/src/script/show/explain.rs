//! `why not-deleted` and its like: every rule that is asked, and what comes of them.

use super::{EVENTS_MAX, known_node, last_event};
use crate::cluster::Cluster;
use crate::command::Refusal;
use crate::event::EventKind;
use crate::explain::election::considered;
use crate::explain::partition::{About, why};
use crate::explain::record::fate;
use crate::explain::{Situation, why_not_compacted, why_not_deleted};
use crate::ids::{NodeId, TopicPartition};
use crate::script::lang::{Lang, say};
use crate::script::runner::{Failure, Machine, NotFound};
use crate::script::words::explain::{Question, told};
use crate::script::words::{partition as of_partition, record as of_record};

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
