//! `show ledger`: what was produced, and how often each of it was written, delivered and processed; what the
//! settings promise, and what went otherwise. With a topic also its last values, one by one.

use super::table::Table;
use crate::cluster::Cluster;
use crate::ledger::promise::Guarantee;
use crate::ledger::{Ledger, Reader, ReaderTally, Sent, TopicTally, Value};
use crate::script::lang::{Lang, say};
use crate::script::runner::Failure;
use crate::script::words::ledger as words;
use std::sync::Arc;

/// Of a topic's values so many are listed.
const VALUES: usize = 32;

pub fn show(cluster: &Cluster, topic: Option<&str>, lang: Lang) -> Result<String, Failure> {
    let Some(ledger) = cluster.checker().map(|checker| checker.ledger()) else {
        return Ok(String::new());
    };
    let is_shown = |name: &str| topic.is_none_or(|topic| topic == name);
    let topics: Vec<_> =
        ledger.topics(cluster).into_iter().filter(|(name, _)| is_shown(name)).collect();
    if let Some(topic) = topic.filter(|_| topics.is_empty()) {
        super::kafka_tools::known_topic(cluster, topic)?;
    }
    if topics.is_empty() {
        return Ok(say!(lang, "아직 아무도 보내지 않았습니다.", "Nobody has sent anything yet."));
    }
    let readers: Vec<_> =
        ledger.readers(cluster).into_iter().filter(|((_, name), _)| is_shown(name)).collect();
    let mut parts = vec![tallies(&topics).text()];
    if !readers.is_empty() {
        parts.push(reader_tallies(cluster, &readers).text());
    }
    parts.push(promises(cluster, ledger, &topics, &readers, lang).join("\n"));
    let incidents = ledger.incidents().iter().filter(|of| is_shown(&of.partition.topic));
    let lines = incidents.map(|incident| {
        let (at, event) = (incident.at, incident.event);
        format!("{at} {event} {}", words::incident(incident, cluster, lang))
    });
    let vanished = ledger.vanished(cluster).into_iter().filter(|(id, ..)| is_shown(&id.topic));
    let vanished = vanished.map(|values| words::vanished(values, cluster, lang));
    let lines: Vec<_> = lines.chain(vanished).collect();
    if !lines.is_empty() {
        parts.push(lines.join("\n"));
    }
    if let Some(topic) = topic {
        parts.push(values(cluster, &ledger.values(cluster, topic, VALUES), lang));
    }
    Ok(parts.join("\n\n"))
}

fn tallies(topics: &[(Arc<str>, TopicTally)]) -> Table {
    let mut table =
        Table::new(&["TOPIC", "PRODUCED", "WRITTEN", "TWICE", "LOST", "FAILED", "NOT-YET"]);
    for (topic, tally) in topics {
        let numbers = [
            tally.produced,
            tally.written,
            tally.written_again,
            tally.lost,
            tally.failed,
            tally.open(),
        ];
        table.add(std::iter::once(topic.to_string()).chain(numbers.map(|n| n.to_string())));
    }
    table
}

fn reader_tallies(cluster: &Cluster, readers: &[((Reader, Arc<str>), ReaderTally)]) -> Table {
    let mut table =
        Table::new(&["READER", "TOPIC", "DELIVERED", "PROCESSED", "TWICE", "LOST", "NOT-YET"]);
    for ((reader, topic), tally) in readers {
        let numbers =
            [tally.delivered, tally.processed, tally.processed_again, tally.lost, tally.open];
        let names = [words::reader(reader, cluster), topic.to_string()];
        table.add(names.into_iter().chain(numbers.map(|n| n.to_string())));
    }
    table
}

fn promises(
    cluster: &Cluster,
    ledger: &Ledger,
    topics: &[(Arc<str>, TopicTally)],
    readers: &[((Reader, Arc<str>), ReaderTally)],
    lang: Lang,
) -> Vec<String> {
    let mut lines = Vec::new();
    for (topic, tally) in topics {
        let write = ledger.promised_write(cluster, topic);
        let promised = words::promised(&write, lang);
        let seen = seen(tally.lost, tally.written_again, lang);
        lines.push(say!(
            lang,
            "{topic}에 적기: 설정의 약속은 {promised}, 실제로는 {seen}",
            "into {topic}: promised is {promised}; seen was {seen}"
        ));
        for ((reader, _), read) in readers.iter().filter(|((_, of), _)| of == topic) {
            let whole = write.and_then(&ledger.promised_read(cluster, reader));
            let promised = words::promised(&whole, lang);
            let seen = self::seen(tally.lost + read.lost, read.processed_again, lang);
            let reader = words::reader(reader, cluster);
            lines.push(say!(
                lang,
                "{topic}에서 {reader}까지: 설정의 약속은 {promised}, 실제로는 {seen}",
                "through {topic} to {reader}: promised is {promised}; seen was {seen}"
            ));
        }
    }
    lines
}

fn seen(lost: u64, again: u64, lang: Lang) -> String {
    let name = words::guarantee(Guarantee::of(lost > 0, again > 0), lang);
    match Guarantee::of(lost > 0, again > 0) {
        Guarantee::ExactlyOnce => name.to_string(),
        _ => say!(lang, "유실 {lost}, 중복 {again}", "{lost} lost, {again} twice"),
    }
}

fn values(cluster: &Cluster, values: &[Value], lang: Lang) -> String {
    let mut table = Table::new(&[
        "PRODUCER",
        "VALUE",
        "PARTITION",
        "OFFSETS",
        "SENT",
        "DELIVERED/PROCESSED",
        "VERDICT",
    ]);
    for value in values {
        let offsets: Vec<_> = value.offsets.iter().map(|at| at.to_string()).collect();
        let readers = value.readers.iter().map(|(reader, delivered, processed, _)| {
            format!("{} {delivered}/{processed}", words::reader(reader, cluster))
        });
        let readers: Vec<_> = readers.collect();
        let or_dash = |text: String| if text.is_empty() { "-".to_string() } else { text };
        table.add([
            cluster.name_of(value.client.into()),
            value_text(value),
            value.partition.to_string(),
            or_dash(offsets.join(",")),
            sent_text(value.sent).to_string(),
            or_dash(readers.join(", ")),
            words::verdict(value.verdict, lang).to_string(),
        ]);
    }
    table.text()
}

/// Its text, if that is known and short; else its number.
pub fn value_text(value: &Value) -> String {
    let number = || format!("#{}", value.number + 1);
    let Some((produce, n)) = &value.source else { return number() };
    match produce.value_of(*n) {
        None => "null".to_string(),
        Some(bytes) => match std::str::from_utf8(&bytes) {
            Ok(text) if text.chars().count() <= 32 && !text.contains(char::is_control) => {
                text.to_string()
            }
            _ => number(),
        },
    }
}

fn sent_text(sent: Sent) -> &'static str {
    match sent {
        Sent::Waiting => "waiting",
        Sent::Acknowledged => "acknowledged",
        Sent::Unasked => "acks=0",
        Sent::Failed => "failed",
    }
}
