//! `show partition`: what the controller says of a partition, and what each replica itself believes.

use super::process_text;
use super::table::Table;
use crate::cluster::Cluster;
use crate::command::Refusal;
use crate::controller::partition_registration::LeaderRecoveryState;
use crate::ids::{NodeId, TopicPartition};
use crate::replication::partition::Partition;
use crate::script::condition::state::{ids_text, image};
use crate::script::lang::{Lang, say};
use crate::script::runner::Failure;

pub(super) fn show(cluster: &Cluster, id: &TopicPartition, lang: Lang) -> Result<String, Failure> {
    let topic = id.topic.to_string();
    let no_topic = Failure::Refused(Refusal::NoSuchTopic { topic: topic.clone() });
    let topic_image =
        image(cluster).and_then(|image| image.topics.get(&id.topic)).ok_or(no_topic)?;
    let partitions = topic_image.partitions.len() as i32;
    let partition = id.partition;
    let refusal = Refusal::NoSuchPartition { topic, partition, partitions };
    let registration = topic_image.partitions.get(&partition).ok_or(Failure::Refused(refusal))?;

    let none = lang.pick("없음", "none").to_string();
    let leader = registration.leader.map_or(none, |leader| leader.to_string());
    let (epoch, partition_epoch) = (registration.leader_epoch, registration.partition_epoch);
    let (replicas, isr) = (ids_text(&registration.replicas), ids_text(&registration.isr));
    let mut text = say!(
        lang,
        "{id}: 리더 {leader}, leader epoch {epoch}, partition epoch {partition_epoch}, replicas [{replicas}], ISR [{isr}]",
        "{id}: leader {leader}, leader epoch {epoch}, partition epoch {partition_epoch}, replicas [{replicas}], ISR [{isr}]"
    );
    if registration.leader_recovery_state == LeaderRecoveryState::Recovering {
        text += lang.pick(
            "\nleader recovery state RECOVERING: ISR 밖에서 뽑힌 리더입니다. 다음 AlterPartition까지 그렇습니다",
            "\nleader recovery state RECOVERING: elected out of sync; so it is until the next AlterPartition",
        );
    }
    if !registration.elr.is_empty() || !registration.last_known_elr.is_empty() {
        let (elr, known) = (ids_text(&registration.elr), ids_text(&registration.last_known_elr));
        text += &format!("\nELR [{elr}], last known ELR [{known}]");
    }
    if registration.is_reassigning() {
        let adding = ids_text(&registration.adding_replicas);
        let removing = ids_text(&registration.removing_replicas);
        text += &say!(
            lang,
            "\n재배치 중: 더하는 레플리카 [{adding}], 빼는 레플리카 [{removing}]",
            "\nreassignment under way: adding [{adding}], removing [{removing}]"
        );
    }
    let replica_at = |node: NodeId| cluster.node(node)?.broker()?.replicas.partitions.get(id);
    let leading = registration.leader.and_then(replica_at).and_then(|p| p.leading.as_ref());
    if let Some(pending) = leading.and_then(|leading| leading.pending_isr.as_ref()) {
        let proposed = ids_text(&pending.proposed);
        text += &say!(lang, "\n제안된 ISR: [{proposed}]", "\nproposed ISR: [{proposed}]");
    }
    let columns =
        ["REPLICA", "PROCESS", "ROLE", "EPOCH", "LOG-START", "LEO", "HW", "ISR", "LEADER-KNOWS"];
    let mut table = Table::new(&columns);
    for &node in &registration.replicas {
        let process = cluster.node(node).map_or("-", process_text);
        let replica = replica_at(node).map(|partition| &**partition);
        let known = leading.and_then(|leading| leading.remote.get(&node));
        table.add([
            node.to_string(),
            process.to_string(),
            role(replica).to_string(),
            number(replica.map(|replica| i64::from(replica.leader_epoch))),
            number(replica.map(|replica| replica.log.log_start_offset())),
            number(replica.map(|replica| replica.log.log_end_offset())),
            number(replica.map(|replica| replica.log.high_watermark())),
            if registration.isr.contains(&node) { "in" } else { "out" }.to_string(),
            known.map_or("-".to_string(), |state| format!("LEO {}", state.log_end_offset)),
        ]);
    }
    Ok(format!("{text}\n{}", table.text()))
}

fn number(value: Option<i64>) -> String {
    value.map_or("-".to_string(), |value| value.to_string())
}

/// What the replica takes itself for; two may believe that they lead.
fn role(replica: Option<&Partition>) -> &'static str {
    match replica {
        Some(replica) if replica.is_leader() => "leader",
        Some(_) => "follower",
        None => "-",
    }
}
