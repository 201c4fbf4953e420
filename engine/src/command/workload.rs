//! Workloads: what an application sends by itself, as a pure function of its settings and of how much it has
//! sent. Who sends, and when the time has come, is in [`crate::client::producer`].

use super::Produce;
use crate::sim::random::{SimRng, mix};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Records a second.
pub const RATE_MAX: u32 = 1_000;
/// Records of one burst.
const BURST: u64 = 10;

/// `workload PRODUCER topic=T kind=KIND`
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Workload {
    /// It is created with Kafka's defaults if there is none of this name.
    pub producer: Arc<str>,
    pub topic: Arc<str>,
    pub kind: WorkloadKind,
    /// Records a second, at least 1, at most [`RATE_MAX`].
    pub rate: u32,
    pub seed: u64,
    /// It ends after so many records; `None`: when somebody stops it.
    pub count: Option<u32>,
    /// Bytes of each value, random letters in place of what the kind says.
    pub record_size: Option<u32>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum WorkloadKind {
    /// One record after the other, no keys.
    Steady,
    /// Ten at once, then nothing for a while.
    Bursty,
    /// Half of all records have one key, half of the rest the next.
    Skewed,
    /// Orders of a shop, by customer: what payment and delivery read.
    Orders,
    /// Sensors that measure in turn, each with its own key.
    Sensors,
}

impl WorkloadKind {
    pub const ALL: [WorkloadKind; 5] = [
        WorkloadKind::Steady,
        WorkloadKind::Bursty,
        WorkloadKind::Skewed,
        WorkloadKind::Orders,
        WorkloadKind::Sensors,
    ];

    pub fn name(self) -> &'static str {
        match self {
            WorkloadKind::Steady => "steady",
            WorkloadKind::Bursty => "bursty",
            WorkloadKind::Skewed => "skewed",
            WorkloadKind::Orders => "orders",
            WorkloadKind::Sensors => "sensors",
        }
    }
}

const CUSTOMERS: [&str; 6] = ["kim", "lee", "park", "choi", "jung", "kang"];
const ITEMS: [(&str, u32); 4] =
    [("americano", 4_500), ("latte", 5_000), ("mocha", 5_500), ("cake", 7_000)];
const SENSORS: u64 = 5;

impl Workload {
    /// When the n-th send is due, from 0, in ms after the start.
    pub fn due_ms(&self, n: u64) -> u64 {
        let rate = u64::from(self.rate);
        let every = 1_000 * self.records() / rate;
        // People order when they like; machines keep time.
        let jitter = match self.kind {
            WorkloadKind::Orders | WorkloadKind::Skewed => mix(&[self.seed, n, 1]) % (every + 1),
            _ => 0,
        };
        n * 1_000 * self.records() / rate + jitter
    }

    /// How many records one send has, the last aside.
    fn records(&self) -> u64 {
        if self.kind == WorkloadKind::Bursty { BURST } else { 1 }
    }

    /// The n-th send, from 0; `None`: it has sent all.
    pub fn send(&self, n: u64) -> Option<Produce> {
        let sent = n * self.records();
        let left = self.count.map_or(u64::MAX, |count| u64::from(count).saturating_sub(sent));
        let count = self.records().min(left);
        let (key, value) = self.record(n);
        let value = self.record_size.map_or(value, |size| self.letters(n, size));
        (count > 0).then(|| Produce {
            topic: self.topic.clone(),
            producer: self.producer.clone(),
            partition: None,
            key,
            value: Some(value.into()),
            headers: Vec::new(),
            timestamp_ms: None,
            acks: None,
            compression: None,
            count: count as u32,
        })
    }

    fn letters(&self, n: u64, size: u32) -> String {
        let mut random = SimRng::new(mix(&[self.seed, n, 2]));
        (0..size).map(|_| char::from(b'A' + random.below(26) as u8)).collect()
    }

    fn record(&self, n: u64) -> (Option<Bytes>, String) {
        let draw = mix(&[self.seed, n]);
        let id = n + 1;
        match self.kind {
            WorkloadKind::Steady => (None, format!("record-{id}")),
            WorkloadKind::Bursty => (None, format!("burst-{id}")),
            WorkloadKind::Skewed => {
                let key = (draw.trailing_zeros() + 1).min(8);
                (Some(format!("key-{key}").into()), format!("record-{id}"))
            }
            WorkloadKind::Orders => {
                let customer = CUSTOMERS[(draw % CUSTOMERS.len() as u64) as usize];
                let (item, won) = ITEMS[(draw >> 16) as usize % ITEMS.len()];
                let value = format!(
                    r#"{{"order":{id},"customer":"{customer}","item":"{item}","won":{won}}}"#
                );
                (Some(customer.into()), value)
            }
            WorkloadKind::Sensors => {
                let sensor = n % SENSORS + 1;
                let tenths = 195 + draw % 40;
                let (whole, tenth) = (tenths / 10, tenths % 10);
                let value = format!(r#"{{"sensor":{sensor},"celsius":{whole}.{tenth}}}"#);
                (Some(format!("sensor-{sensor}").into()), value)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn workload(kind: WorkloadKind, rate: u32) -> Workload {
        let (producer, topic) = ("shop".into(), "orders".into());
        Workload { producer, topic, kind, rate, seed: 7, count: Some(1_000), record_size: None }
    }

    #[test]
    fn each_kind_keeps_its_rate_and_its_count() {
        for kind in WorkloadKind::ALL {
            let workload = workload(kind, 40);
            let mut sent = 0;
            let mut last = 0;
            for n in 0.. {
                let Some(produce) = workload.send(n) else { break };
                assert!(workload.due_ms(n) >= last, "{kind:?} {n}");
                last = workload.due_ms(n);
                sent += produce.count;
            }
            assert_eq!(sent, 1_000, "{kind:?}");
            assert!((24_000..=25_100).contains(&last), "{kind:?} took {last} ms");
        }
    }

    #[test]
    fn half_of_the_skewed_records_have_one_key() {
        let workload = workload(WorkloadKind::Skewed, 1);
        let keys = (0..1_000).filter_map(|n| workload.send(n)?.key);
        let first = keys.filter(|key| &key[..] == b"key-1").count();
        assert!((430..570).contains(&first), "{first}");
    }

    #[test]
    fn another_seed_sends_something_else() {
        let one = workload(WorkloadKind::Orders, 1);
        let other = Workload { seed: 8, ..one.clone() };
        assert!((0..20).any(|n| one.send(n) != other.send(n)));
    }
}
