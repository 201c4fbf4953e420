//! `show producer`: who it is, how much memory its batches take, and each batch with where it is.

use super::table::Table;
use crate::client::producer::{Producer, ProducerBatch};
use crate::cluster::{Client, Cluster};
use crate::command::Refusal;
use crate::script::lang::{Lang, say};
use crate::script::runner::Failure;

pub fn show(cluster: &Cluster, name: &str, lang: Lang) -> Result<String, Failure> {
    let client = cluster.client_named(name);
    let producer = client.and_then(Client::producer);
    let unknown = || Failure::Refused(Refusal::NoSuchClient { name: name.to_string() });
    let producer = producer.ok_or_else(unknown)?;
    let mut lines = vec![who(name, producer, lang), memory(producer, lang)];
    let known = producer.transactions.iter().flat_map(|known| &known.partitions);
    lines.extend(known.map(|(id, sequences)| {
        let (next, in_flight) = (sequences.next, sequences.in_flight());
        say!(
            lang,
            "{id}: 다음 시퀀스 {next}, 확인을 기다리는 배치 {in_flight}개",
            "{id}: next sequence {next}, batches not settled {in_flight}"
        )
    }));
    let batches = batches(producer);
    if !batches.is_empty() {
        lines.push(batches.text());
    }
    Ok(lines.join("\n"))
}

fn who(name: &str, producer: &Producer, lang: Lang) -> String {
    match &producer.transactions {
        None => say!(lang, "{name}: 멱등성 없음", "{name}: not idempotent"),
        Some(known) => match known.producer {
            None => say!(
                lang,
                "{name}: 멱등성 있음, producer id를 기다림",
                "{name}: idempotent, waits for a producer id"
            ),
            Some(id) => {
                let (id, epoch) = (id.producer_id, id.epoch);
                say!(
                    lang,
                    "{name}: 멱등성 있음, producer id {id}, epoch {epoch}",
                    "{name}: idempotent, producer id {id}, epoch {epoch}"
                )
            }
        },
    }
}

fn memory(producer: &Producer, lang: Lang) -> String {
    let (used, all) = (producer.accumulator.used_memory, producer.config.buffer_memory);
    let blocked = producer.blocked.len();
    match blocked {
        0 => say!(lang, "buffer.memory: {all} B 중 {used} B", "buffer.memory: {used} of {all} B"),
        _ => say!(
            lang,
            "buffer.memory: {all} B 중 {used} B, send에서 기다리는 레코드 {blocked}개",
            "buffer.memory: {used} of {all} B, records that wait in send: {blocked}"
        ),
    }
}

fn batches(producer: &Producer) -> Table {
    let mut table =
        Table::new(&["BATCH", "PARTITION", "STATE", "RECORDS", "BYTES", "ATTEMPTS", "SEQUENCE"]);
    let mut add = |batch: &ProducerBatch, state: &str, attempts: u32| {
        let sequence = match (batch.base_sequence(), batch.last_sequence()) {
            (Some(first), Some(last)) => format!("{first}-{last}"),
            _ => "-".to_string(),
        };
        table.add([
            batch.number.to_string(),
            batch.partition.to_string(),
            state.to_string(),
            batch.records.len().to_string(),
            batch.size.to_string(),
            attempts.to_string(),
            sequence,
        ]);
    };
    for batch in producer.in_flight() {
        add(batch, "in-flight", batch.attempts + 1);
    }
    for batch in producer.accumulator.batches.values().flatten() {
        let state = match (batch.attempts > 0, batch.is_full()) {
            (true, _) => "retried",
            (false, true) => "full",
            (false, false) => "filling",
        };
        add(batch, state, batch.attempts);
    }
    table
}
