//! `kafka-producer-perf-test.sh`: a producer and a workload of its own, let run until every record is settled,
//! and what came of it in virtual time. Source: `ProducerPerformance.java` (Kafka 4).

use super::error::{ScriptError, ScriptProblem};
use super::lang::{Lang, say};
use super::lexer::quote;
use super::line::{Line, WORKLOAD_SEED};
use super::parse::Args;
use super::print::listed_word;
use super::runner::{Failure, Machine, STEPS_MAX};
use super::verbs::Slot;
use crate::cluster::{Client, RECORDS_MAX};
use crate::command::workload::{RATE_MAX, Workload, WorkloadKind};
use crate::command::{Command, Refusal, TooMany};
use crate::event::{Event, EventKind, WorkloadEvent};
use crate::ids::ClientId;
use crate::sim::time::SimTime;
use std::sync::Arc;

/// `client.id`, unless a property says another.
const CLIENT_ID: &str = "perf-producer-client";
const REPORTING_INTERVAL_MS: u64 = 5_000;
const BYTES_PER_MB: u64 = 1 << 20;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PerfTest {
    pub topic: Arc<str>,
    pub records: u32,
    pub record_size: u32,
    /// Records a second; `None` is -1, as many as an application sends here.
    pub throughput: Option<u32>,
    pub properties: Vec<(String, String)>,
}

pub(super) fn read(args: &Args<'_>) -> Result<Line, ScriptError> {
    let given = |option: &str, wants: Slot| {
        let missing = ScriptProblem::MissingValue { option: option.to_string(), wants };
        args.value(option).ok_or_else(|| args.error_at_end(missing))
    };
    let positive = |option: &str| {
        let word = given(option, Slot::Number)?;
        match args.parsed(word, Slot::Number)? {
            0 => Err(args.invalid(word, Slot::Number)),
            number => Ok(number),
        }
    };
    let throughput = given("--throughput", Slot::Number)?;
    let mut properties = Vec::new();
    for word in ["--producer-props", "--command-property"].iter().flat_map(|o| args.values(o)) {
        let property = args.setting(word)?;
        if property.0 == "transactional.id" {
            let what = ScriptProblem::Unexpected { word: property.0, form: args.verb.form() };
            return Err(args.error(word, what));
        }
        properties.push(property);
    }
    Ok(Line::PerfTest(PerfTest {
        topic: args.name(given("--topic", Slot::Topic)?)?,
        records: positive("--num-records")?,
        record_size: positive("--record-size")?,
        throughput: match throughput.is("-1") {
            true => None,
            false => Some(positive("--throughput")?),
        },
        properties,
    }))
}

pub(super) fn print(test: &PerfTest) -> String {
    let mut line = format!(
        "kafka-producer-perf-test.sh --topic {} --num-records {} --record-size {} --throughput {}",
        listed_word(&test.topic),
        test.records,
        test.record_size,
        test.throughput.map_or("-1".to_string(), |rate| rate.to_string())
    );
    for (name, value) in &test.properties {
        let (name, value) = (quote(name.as_bytes(), "=[]"), quote(value.as_bytes(), "[]"));
        line += &format!(" --producer-props {name}={value}");
    }
    line
}

/// Lets the test run to its end, and answers with what the tool prints.
pub(super) fn run(
    machine: &mut impl Machine,
    test: &PerfTest,
    lang: Lang,
) -> Result<String, Failure> {
    if test.records > RECORDS_MAX {
        let refusal = Refusal::TooMany { what: TooMany::Records, max: RECORDS_MAX };
        return Err(Failure::Refused(refusal));
    }
    let (names, configs): (Vec<_>, Vec<_>) =
        test.properties.iter().cloned().partition(|(name, _)| name == "client.id");
    let wanted = names.last().map_or(CLIENT_ID, |(_, id)| id);
    let producer = free_name(machine, wanted);
    let create = Command::CreateProducer { producer: producer.clone(), configs };
    machine.handle(&create).map_err(Failure::Refused)?;
    let workload = Workload {
        producer: producer.clone(),
        topic: test.topic.clone(),
        kind: WorkloadKind::Steady,
        rate: test.throughput.unwrap_or(RATE_MAX),
        seed: WORKLOAD_SEED,
        count: Some(test.records),
        record_size: Some(test.record_size),
    };
    let mut stats = Stats::new(test.record_size, machine.cluster().now());
    let close = Command::CloseClient { client: producer.clone() };
    let started = machine.handle(&Command::StartWorkload(workload));
    if let Err(refusal) = started {
        machine.handle(&close).map_err(Failure::Refused)?;
        return Err(Failure::Refused(refusal));
    }
    let client = machine.cluster().client_named(&producer).map(|client| client.id);
    for _ in 0..STEPS_MAX {
        let known = machine.cluster().client_named(&producer).and_then(Client::producer);
        if known.is_none_or(|known| known.workload.is_none() && known.outstanding() == 0) {
            break;
        }
        let Some(events) = machine.advance() else { break };
        events.iter().for_each(|event| stats.take(client, event));
        if machine.cluster().violation().is_some() {
            break;
        }
    }
    machine.handle(&close).map_err(Failure::Refused)?;
    let mut lines = std::mem::take(&mut stats.lines);
    lines.push(stats.total(machine.cluster().now()));
    let failed = test.records as usize - stats.latencies.len();
    if failed > 0 {
        lines.push(say!(
            lang,
            "레코드 {failed}개는 보내지 못했습니다.",
            "Records that could not be sent: {failed}"
        ));
    }
    Ok(lines.join("\n"))
}

fn free_name(machine: &impl Machine, wanted: &str) -> Arc<str> {
    let is_free = |name: &String| machine.cluster().client_named(name).is_none();
    let numbered = (2..).map(|n: u32| format!("{wanted}-{n}"));
    std::iter::once(wanted.to_string()).chain(numbered).find(is_free).unwrap_or_default().into()
}

/// Of the records that were acknowledged; latencies in ms.
struct Stats {
    record_size: u64,
    started: SimTime,
    /// When `send` was called, by the record's number.
    sent: Vec<SimTime>,
    latencies: Vec<u64>,
    window_started: SimTime,
    window: Vec<u64>,
    lines: Vec<String>,
}

impl Stats {
    fn new(record_size: u32, started: SimTime) -> Self {
        Stats {
            record_size: record_size.into(),
            started,
            sent: Vec::new(),
            latencies: Vec::new(),
            window_started: started,
            window: Vec::new(),
            lines: Vec::new(),
        }
    }

    fn take(&mut self, of: Option<ClientId>, event: &Event) {
        match &event.kind {
            EventKind::Workload(WorkloadEvent::Sent { client, produce }) if Some(*client) == of => {
                self.sent.extend((0..produce.count).map(|_| event.at));
            }
            EventKind::RecordAcknowledged { client, sequence, .. } if Some(*client) == of => {
                if let Some(sent) = self.sent.get(*sequence as usize) {
                    self.record(event.at.as_millis() - sent.as_millis(), event.at);
                }
            }
            _ => {}
        }
    }

    fn record(&mut self, latency: u64, now: SimTime) {
        self.latencies.push(latency);
        self.window.push(latency);
        let elapsed = elapsed_ms(self.window_started, now);
        if elapsed >= REPORTING_INTERVAL_MS {
            let window = std::mem::take(&mut self.window);
            let most = window.iter().max().copied().unwrap_or(0);
            self.lines.push(format!(
                "{}, {} ms avg latency, {} ms max latency.",
                self.throughput(window.len() as u64, elapsed, 1),
                average(&window, 1),
                decimal(most, 1, 1)
            ));
            self.window_started = now;
        }
    }

    fn total(&mut self, now: SimTime) -> String {
        let count = self.latencies.len();
        let throughput = self.throughput(count as u64, elapsed_ms(self.started, now), 6);
        let average = average(&self.latencies, 2);
        self.latencies.sort_unstable();
        let most = decimal(self.latencies.last().copied().unwrap_or(0), 1, 2);
        let at = |per_mille: usize| self.latencies.get(count * per_mille / 1_000).unwrap_or(&0);
        format!(
            "{throughput}, {average} ms avg latency, {most} ms max latency, {} ms 50th, {} ms 95th, \
             {} ms 99th, {} ms 99.9th.",
            at(500),
            at(950),
            at(990),
            at(999)
        )
    }

    fn throughput(&self, count: u64, elapsed_ms: u64, digits: u32) -> String {
        let records = decimal(1_000 * count, elapsed_ms, digits);
        let bytes = 1_000 * count * self.record_size;
        let megabytes = decimal(bytes, elapsed_ms * BYTES_PER_MB, 2);
        format!("{count} records sent, {records} records/sec ({megabytes} MB/sec)")
    }
}

fn elapsed_ms(from: SimTime, to: SimTime) -> u64 {
    (to.as_millis() - from.as_millis()).max(1)
}

/// As Java has it for none.
fn average(latencies: &[u64], digits: u32) -> String {
    match latencies.len() as u64 {
        0 => "NaN".to_string(),
        count => decimal(latencies.iter().sum(), count, digits),
    }
}

/// A fraction with so many digits after the point, rounded half up.
fn decimal(numerator: u64, denominator: u64, digits: u32) -> String {
    let (scale, of) = (10_u128.pow(digits), u128::from(denominator));
    let scaled = (u128::from(numerator) * scale * 2 + of) / (of * 2);
    format!("{}.{:0width$}", scaled / scale, scaled % scale, width = digits as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fractions_are_rounded_as_java_does() {
        assert_eq!(decimal(1, 3, 6), "0.333333");
        assert_eq!(decimal(2, 3, 2), "0.67");
        assert_eq!(decimal(5, 2, 1), "2.5");
        assert_eq!(decimal(1_995, 1_000, 2), "2.00");
    }
}
