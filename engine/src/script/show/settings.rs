//! `show settings`: all that a client is set to, beside Kafka's defaults, and what changes nothing here.

use super::table::Table;
use crate::client::consumer::{CONSUMER_CONFIGS, Consumer, ConsumerConfig};
use crate::client::idle_config::{
    IDLE_CONSUMER_CONFIGS, IDLE_PRODUCER_CONFIGS, Idle, IdleConfig, IdleSettings,
};
use crate::client::producer::{PRODUCER_CONFIGS, Producer, ProducerConfig};
use crate::cluster::{ClientKind, Cluster};
use crate::command::{GroupProtocol, Membership, Refusal};
use crate::group::assignor::server::ServerAssignor;
use crate::script::lang::Lang;
use crate::script::runner::Failure;

pub fn show(cluster: &Cluster, name: &str, lang: Lang) -> Result<String, Failure> {
    let unknown = || Failure::Refused(Refusal::NoSuchClient { name: name.to_string() });
    let client = cluster.client_named(name).ok_or_else(unknown)?;
    let mut table = Table::new(&["CONFIG", "VALUE", "DEFAULT", "NOTE"]);
    match &client.kind {
        ClientKind::Producer(producer) => of_producer(&mut table, producer, lang),
        ClientKind::Consumer(consumer) => of_consumer(&mut table, consumer, lang),
    }
    Ok(table.text())
}

fn add(table: &mut Table, name: &str, value: String, default: String) {
    table.add([name.to_string(), or_null(value), or_null(default), String::new()]);
}

fn or_null(value: String) -> String {
    if value.is_empty() { "-".to_string() } else { value }
}

fn of_producer(table: &mut Table, producer: &Producer, lang: Lang) {
    let default = ProducerConfig::default();
    for name in PRODUCER_CONFIGS {
        add(table, name, producer.config.get(name), default.get(name));
    }
    add_idle(table, &IDLE_PRODUCER_CONFIGS, &producer.config.idle, lang);
}

fn of_consumer(table: &mut Table, consumer: &Consumer, lang: Lang) {
    add(table, "auto.offset.reset", consumer.from.text(), "latest".to_string());
    let rack = consumer.rack.as_deref().unwrap_or_default();
    add(table, "client.rack", rack.to_string(), String::new());
    if let Some(member) = &consumer.member {
        let default = membership(&Membership::of(""));
        for ((name, value), (_, default)) in membership(&member.settings).into_iter().zip(default) {
            add(table, name, value, default);
        }
    }
    let default = ConsumerConfig::default();
    for name in CONSUMER_CONFIGS {
        add(table, name, consumer.config.get(name), default.get(name));
    }
    add_idle(table, &IDLE_CONSUMER_CONFIGS, &consumer.config.idle, lang);
}

fn membership(settings: &Membership) -> [(&'static str, String); 11] {
    let assignors: Vec<_> = settings.assignors.iter().map(|assignor| assignor.name()).collect();
    let (protocol, remote) = match settings.group_protocol {
        GroupProtocol::Classic => ("classic", None),
        GroupProtocol::Consumer(remote) => ("consumer", remote),
    };
    let remote = remote.map_or("", ServerAssignor::name);
    let instance = settings.group_instance_id.as_deref().unwrap_or_default();
    [
        ("group.id", settings.group.to_string()),
        ("group.protocol", protocol.to_string()),
        ("group.remote.assignor", remote.to_string()),
        ("partition.assignment.strategy", assignors.join(",")),
        ("group.instance.id", instance.to_string()),
        ("enable.auto.commit", settings.enable_auto_commit.to_string()),
        ("auto.commit.interval.ms", settings.auto_commit_interval_ms.to_string()),
        ("session.timeout.ms", settings.session_timeout_ms.to_string()),
        ("heartbeat.interval.ms", settings.heartbeat_interval_ms.to_string()),
        ("max.poll.records", settings.max_poll_records.to_string()),
        ("max.poll.interval.ms", settings.max_poll_interval_ms.to_string()),
    ]
}

fn add_idle(table: &mut Table, configs: &[IdleConfig], set: &IdleSettings, lang: Lang) {
    for config in configs {
        let default = config.default.to_string();
        let value = set.get(config.name).cloned().unwrap_or_else(|| default.clone());
        let note = words(config.why, lang).to_string();
        table.add([config.name.to_string(), or_null(value), or_null(default), note]);
    }
}

/// Why a setting changes nothing.
fn words(why: Idle, lang: Lang) -> &'static str {
    match why {
        Idle::OneCluster => lang.pick(
            "여기서는 아무것도 바꾸지 않습니다. 클러스터가 하나뿐이라 누구나 찾습니다.",
            "Changes nothing here: there is one cluster, and every client finds it.",
        ),
        Idle::NameIsId => lang.pick(
            "여기서는 아무것도 바꾸지 않습니다. 클라이언트의 이름이 client.id입니다.",
            "Changes nothing here: the client's name is its client.id.",
        ),
        Idle::BytesAsTyped => lang.pick(
            "여기서는 아무것도 바꾸지 않습니다. 키와 값은 적은 그대로의 바이트입니다.",
            "Changes nothing here: keys and values are the bytes that were typed.",
        ),
        Idle::NoClasses => lang.pick(
            "여기서는 아무것도 바꾸지 않습니다. Java 클래스를 불러올 수 없습니다.",
            "Changes nothing here: no Java class can be loaded.",
        ),
        Idle::NoSockets => lang.pick(
            "여기서는 아무것도 바꾸지 않습니다. 네트워크에 링크와 지연은 있지만 소켓은 없습니다.",
            "Changes nothing here: the network has links and delays, but no sockets.",
        ),
        Idle::OneLevel => lang.pick(
            "여기서는 아무것도 바꾸지 않습니다. 이 코덱의 압축 수준은 하나뿐입니다.",
            "Changes nothing here: this codec packs at one level.",
        ),
        Idle::NeverForgotten => lang.pick(
            "여기서는 아무것도 바꾸지 않습니다. 한 번 물은 토픽은 메타데이터에 남습니다.",
            "Changes nothing here: a topic once asked for stays in the metadata.",
        ),
        Idle::NoAutoCreation => lang.pick(
            "여기서는 아무것도 바꾸지 않습니다. 토픽은 명령으로만 생깁니다.",
            "Changes nothing here: topics are created by command only.",
        ),
        Idle::NoPatterns => lang.pick(
            "여기서는 아무것도 바꾸지 않습니다. 토픽은 이름으로만 구독합니다.",
            "Changes nothing here: topics are subscribed by name only.",
        ),
        Idle::NoBlocking => lang.pick(
            "여기서는 아무것도 바꾸지 않습니다. 컨슈머의 호출이 멈춰 기다리지 않습니다.",
            "Changes nothing here: no call of a consumer blocks for it.",
        ),
        Idle::NotMeasured => lang.pick(
            "여기서는 아무것도 바꾸지 않습니다. 노드가 얼마나 오래 준비되지 않았는지 재지 않습니다.",
            "Changes nothing here: how long a node has not been ready is not measured.",
        ),
        Idle::NoPush => lang.pick(
            "여기서는 아무것도 바꾸지 않습니다. 클라이언트의 메트릭은 화면이 직접 읽습니다.",
            "Changes nothing here: the page reads the metrics of clients itself.",
        ),
    }
}
