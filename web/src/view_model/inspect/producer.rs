//! A producer from the inside: who it is, how full its memory is, and the batches of each partition with
//! how far they have come.

use kafkascope_engine::client::producer::{
    PRODUCER_CONFIGS, Producer, ProducerBatch, ProducerConfig,
};
use kafkascope_engine::protocol::ProducerIdAndEpoch;

/// More partitions, and more batches of one, are counted and not drawn.
const PARTITIONS_MAX: usize = 12;
const BATCHES_MAX: usize = 8;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProducerInside {
    pub identity: Identity,
    /// Bytes.
    pub memory: (u64, u64),
    /// Records that wait in `send`.
    pub blocked: usize,
    pub partitions: Vec<PartitionInside>,
    pub partitions_more: usize,
    /// Every setting, and whether it is another than Kafka's default.
    pub settings: Vec<(&'static str, String, bool)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Identity {
    NotIdempotent,
    WaitsForId,
    Known(ProducerIdAndEpoch),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartitionInside {
    pub name: String,
    /// The next sequence number, of an idempotent producer.
    pub next: Option<i32>,
    pub batches: Vec<BatchInside>,
    pub batches_more: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BatchInside {
    pub number: u64,
    pub stage: Stage,
    pub records: usize,
    pub bytes: u64,
    /// How full it is.
    pub percent: u64,
    pub sequence: Option<(i32, i32)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    Filling,
    Full,
    InFlight,
    /// It was sent before, and waits to go again.
    Retried,
}

impl ProducerInside {
    pub fn of(producer: &Producer) -> ProducerInside {
        let identity = match &producer.transactions {
            None => Identity::NotIdempotent,
            Some(known) => known.producer.map_or(Identity::WaitsForId, Identity::Known),
        };
        let ids = producer.partitions();
        let partitions = ids.iter().take(PARTITIONS_MAX).map(|id| {
            let in_flight = producer.in_flight().filter(|batch| batch.partition == *id);
            let in_flight = in_flight.map(|batch| inside(batch, true));
            let waiting = producer.accumulator.batches.get(id).into_iter().flatten();
            let all: Vec<_> = in_flight.chain(waiting.map(|batch| inside(batch, false))).collect();
            let sequences =
                producer.transactions.as_ref().and_then(|known| known.partitions.get(id));
            PartitionInside {
                name: id.to_string(),
                next: sequences.map(|sequences| sequences.next),
                batches_more: all.len().saturating_sub(BATCHES_MAX),
                batches: all.into_iter().take(BATCHES_MAX).collect(),
            }
        });
        let default = ProducerConfig::default();
        let setting = |name: &'static str| {
            let value = producer.config.get(name);
            let is_changed = value != default.get(name);
            (name, value, is_changed)
        };
        ProducerInside {
            identity,
            memory: (producer.accumulator.used_memory as u64, producer.config.buffer_memory as u64),
            blocked: producer.blocked.len(),
            partitions: partitions.collect(),
            partitions_more: ids.len().saturating_sub(PARTITIONS_MAX),
            settings: PRODUCER_CONFIGS.map(setting).to_vec(),
        }
    }

    /// How full the memory is; a little is never nothing.
    pub fn memory_percent(&self) -> u64 {
        percent(self.memory.0, self.memory.1)
    }
}

fn inside(batch: &ProducerBatch, in_flight: bool) -> BatchInside {
    let stage = match (in_flight, batch.attempts > 0, batch.is_full()) {
        (true, ..) => Stage::InFlight,
        (false, true, _) => Stage::Retried,
        (false, false, true) => Stage::Full,
        (false, false, false) => Stage::Filling,
    };
    let percent = match stage {
        Stage::Filling => percent(batch.size as u64, batch.capacity as u64),
        _ => 100,
    };
    BatchInside {
        number: batch.number,
        stage,
        records: batch.records.len(),
        bytes: batch.size as u64,
        percent,
        sequence: batch.base_sequence().zip(batch.last_sequence()),
    }
}

fn percent(part: u64, whole: u64) -> u64 {
    match (part, whole) {
        (0, _) | (_, 0) => 0,
        _ => (part.saturating_mul(100) / whole).clamp(2, 100),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kafkascope_engine::script::{Lang, transcript};

    #[test]
    fn a_producer_is_seen_through() {
        let script = "cluster brokers=3 seed=3\nrun until ready\n\
            kafka-topics.sh --create --topic t --replica-assignment 1:2:3\nrun until quiet\n\
            producer app linger.ms=500 batch.size=200 buffer.memory=1000\n\
            produce t value=a producer=app\nrun until quiet\n\
            pause broker-1\nproduce t value=0123456789 count=15 producer=app\nrun 100ms\n";
        let run = transcript::run(script, Lang::En);
        let client = run.runner.machine.cluster.client_named("app");
        let inside = client.and_then(|client| client.producer()).map(ProducerInside::of);
        let inside = inside.unwrap_or_else(|| panic!("{}", run.text));
        assert!(matches!(inside.identity, Identity::Known(_)));
        assert_eq!(inside.memory, (600, 1000));
        assert_eq!(inside.memory_percent(), 60);
        let [partition] = &inside.partitions[..] else { panic!("{inside:?}") };
        assert_eq!(partition.next, Some(15));
        let batches: Vec<_> = partition.batches.iter().map(|b| (b.stage, b.records)).collect();
        let expected = [(Stage::InFlight, 7), (Stage::InFlight, 7), (Stage::Filling, 1)];
        assert_eq!(batches, expected);
        assert!((2..100).contains(&partition.batches[2].percent));
        let changed: Vec<_> = inside
            .settings
            .iter()
            .filter(|(.., changed)| *changed)
            .map(|(name, ..)| *name)
            .collect();
        assert_eq!(changed, ["linger.ms", "batch.size", "buffer.memory"]);
    }
}
