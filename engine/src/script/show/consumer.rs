//! `show consumer`: what it is in its group, what its application does, where it reads each partition, and
//! the settings that are not Kafka's defaults.

use super::table::Table;
use crate::client::consumer::{
    Application, CONSUMER_CONFIGS, Consumer, ConsumerConfig, Member, PositionState,
};
use crate::cluster::{Client, Cluster};
use crate::command::Refusal;
use crate::script::lang::{Lang, say};
use crate::script::runner::Failure;

pub fn show(cluster: &Cluster, name: &str, lang: Lang) -> Result<String, Failure> {
    let consumer = cluster.client_named(name).and_then(Client::consumer);
    let unknown = || Failure::Refused(Refusal::NoSuchConsumer { name: name.to_string() });
    let consumer = consumer.ok_or_else(unknown)?;
    let mut lines = vec![match &consumer.member {
        None => say!(
            lang,
            "{name}: 그룹 없음, 파티션을 직접 정함(assign)",
            "{name}: without a group, its partitions are assigned"
        ),
        Some(member) => in_group(name, member, lang),
    }];
    if consumer.member.is_some() {
        lines.push(application(&consumer.application, lang));
    }
    let usual = ConsumerConfig::default();
    let set = CONSUMER_CONFIGS.iter().map(|key| (key, consumer.config.get(key)));
    let set = set.filter(|(key, value)| *value != usual.get(key));
    lines.extend(set.map(|(key, value)| format!("{key}={value}")));
    if !consumer.positions.is_empty() {
        lines.push(positions(cluster, consumer).text());
    }
    Ok(lines.join("\n"))
}

fn in_group(name: &str, member: &Member, lang: Lang) -> String {
    let (group, generation) = (&member.settings.group, member.generation);
    let state = member.state.name();
    if member.member_id.is_empty() {
        return say!(
            lang,
            "{name}: 그룹 {group}에 아직 들어가지 않음({state})",
            "{name}: not in group {group} yet ({state})"
        );
    }
    let id = &member.member_id;
    say!(
        lang,
        "{name}: 그룹 {group}, {generation}세대, {state}, {id}",
        "{name}: group {group}, generation {generation}, {state}, {id}"
    )
}

fn application(application: &Application, lang: Lang) -> String {
    match application {
        Application::Polling => lang
            .pick("애플리케이션: poll에서 레코드를 기다림", "application: waits in poll")
            .to_string(),
        Application::Processing(records) => {
            let (first, count) = (records.front(), records.len());
            let first = first.map(|record| format!("{} @ {}", record.partition, record.offset));
            let first = first.unwrap_or_default();
            say!(
                lang,
                "애플리케이션: {first} 처리 중, 남은 레코드 {count}개",
                "application: processes {first}, records left {count}"
            )
        }
        Application::Committing { rest, .. } => {
            let count = rest.len();
            say!(
                lang,
                "애플리케이션: commitSync에서 기다림, 남은 레코드 {count}개",
                "application: waits in commitSync, records left {count}"
            )
        }
        Application::Transacting => lang
            .pick(
                "애플리케이션: 트랜잭션이 끝나기를 기다림",
                "application: waits for the end of its transaction",
            )
            .to_string(),
        Application::Failed => lang
            .pick("애플리케이션: 오류로 끝남", "application: has ended with an error")
            .to_string(),
        Application::Dead { .. } => lang
            .pick("애플리케이션: 프로세스가 죽음", "application: its process has died")
            .to_string(),
    }
}

fn positions(cluster: &Cluster, consumer: &Consumer) -> Table {
    let mut table = Table::new(&["PARTITION", "POSITION", "COMMITTED", "LAG", "STATE"]);
    let or_dash = |number: Option<i64>| number.map_or("-".to_string(), |n| n.to_string());
    for (id, position) in &consumer.positions {
        let known = position.state.is_known().then_some(position.offset);
        let committed = consumer.member.as_ref().and_then(|member| member.committed.get(id));
        let lag = known.zip(cluster.log_end_of(id)).map(|(at, end)| (end - at).max(0));
        let state = match position.state {
            _ if position.paused => "paused",
            PositionState::Initializing => "initializing",
            PositionState::AwaitReset => "await-reset",
            PositionState::Fetching => "fetching",
            PositionState::AwaitValidation => "await-validation",
        };
        table.add([
            id.to_string(),
            or_dash(known),
            or_dash(committed.map(|committed| committed.offset)),
            or_dash(lag),
            state.to_string(),
        ]);
    }
    table
}
