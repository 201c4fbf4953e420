//! `why not-deleted` and `why not-compacted`: every rule that is asked, and what comes of them.

use super::known_node;
use crate::cluster::Cluster;
use crate::explain::{Situation, why_not_compacted, why_not_deleted};
use crate::ids::{NodeId, TopicPartition};
use crate::script::lang::Lang;
use crate::script::runner::{Failure, NotFound};
use crate::script::words::explain::{Question, told};

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
    let (verdict, rules) = told(question, &answer, lang);
    let mut lines = vec![verdict];
    lines.extend(rules.into_iter().map(|(keeps, rule)| {
        let mark = if keeps { "x" } else { "-" };
        format!("  {mark} {rule}")
    }));
    Ok(lines.join("\n"))
}
