//! What a seed draws for transactions: producers that begin, write, end and die, with transactional ids that they
//! share, and applications that read, process and write.

use crate::cluster::{Client, Cluster};
use crate::command::{
    Command, CreateTopic, GroupProtocol, Membership, Process, Produce, TransactionAct,
};
use crate::ids::{Address, NodeId, TopicPartition};
use crate::protocol::{Api, IsolationLevel};
use crate::sim::link_fault::LinkFault;
use crate::sim::random::{SimRng, mix};
use crate::spec::ClusterSpec;
use std::sync::Arc;

/// So many transactional producers, and so many applications, in a run.
const PRODUCERS_MAX: usize = 8;
const APPLICATIONS_MAX: usize = 6;
/// So many applications at once.
const OPEN_MAX: usize = 2;
const OUTPUT: &str = "out";

/// Drawn apart: all else stays as it was.
pub(super) fn settle_spec(spec: &mut ClusterSpec) {
    let draw = mix(&[spec.seed, 22]);
    spec.broker.transaction_state_log_num_partitions = (draw % 2) as i32 + 1;
    spec.broker.transaction_abort_timed_out_transaction_cleanup_interval_ms =
        (draw >> 8) % 2_500 + 500;
    // Now and then the older protocol, which is asked about just as well.
    spec.transaction_version = if (draw >> 32).is_multiple_of(4) { 1 } else { 2 };
}

/// Half of those who read a topic read what is committed of it.
pub(super) fn configs_of_reader(seed: u64, topic: &str) -> Vec<(String, String)> {
    let draw = mix(&[seed, 23, u64::from(topic.as_bytes().last().copied().unwrap_or_default())]);
    let committed = IsolationLevel::ReadCommitted.name().to_string();
    let level = draw.is_multiple_of(2).then(|| ("isolation.level".to_string(), committed));
    level.into_iter().collect()
}

pub(super) fn next(
    topics: &[CreateTopic],
    cluster: &Cluster,
    random: &mut SimRng,
) -> Option<Command> {
    if random.chance(60) {
        return slow_end(cluster, random);
    }
    if random.chance(250) {
        return application(topics, cluster, random);
    }
    let is_ours = |client: &&Client| {
        let producer = client.producer();
        producer.is_some_and(|producer| producer.transactional.is_some())
            && client.name.starts_with("bank-")
    };
    let known: Vec<_> = cluster.clients().filter(is_ours).collect();
    let open: Vec<_> = known.iter().filter(|client| !client.closed).collect();
    if open.is_empty() || (open.len() < 3 && random.chance(100)) {
        if known.len() >= PRODUCERS_MAX {
            return None;
        }
        let producer: Arc<str> = format!("bank-{}", known.len()).into();
        let configs = [
            ("transactional.id", format!("transfer{}", random.below(2))),
            ("transaction.timeout.ms", random.range(1_000..=15_000).to_string()),
            ("linger.ms", random.below(20).to_string()),
            ("request.timeout.ms", random.range(500..=5_000).to_string()),
            ("delivery.timeout.ms", random.range(6_000..=20_000).to_string()),
        ];
        let configs = configs.map(|(name, value)| (name.to_string(), value)).to_vec();
        return Some(Command::CreateProducer { producer, configs });
    }
    let producer = random.pick(&open)?.name.clone();
    let act = |act| Some(Command::Transaction { producer: producer.clone(), act });
    match random.below(20) {
        0 => Some(Command::KillClient { client: producer, after: None }),
        1..=4 => act(TransactionAct::Begin),
        5..=8 => act(TransactionAct::Commit),
        9..=10 => act(TransactionAct::Abort),
        11 => {
            let topic = random.pick(topics)?.topic.clone();
            let offsets = vec![(TopicPartition { topic, partition: 0 }, random.below(50) as i64)];
            Some(Command::SendOffsets { producer, group: "transferred".into(), offsets })
        }
        _ => {
            let topic = random.pick(topics)?;
            Some(Command::Produce(Produce {
                topic: topic.topic.clone(),
                producer,
                partition: Some(random.below(topic.partitions as u64) as i32),
                key: Some(format!("key{}", random.below(8)).into()),
                value: Some("v".repeat(random.range(1..=40) as usize).into()),
                headers: Vec::new(),
                timestamp_ms: None,
                acks: None,
                compression: None,
                count: random.range(1..=3) as u32,
            }))
        }
    }
}

/// The end of transactions takes its time: the word of a producer, or a marker that may come twice.
fn slow_end(cluster: &Cluster, random: &mut SimRng) -> Option<Command> {
    let brokers: Vec<_> = cluster.brokers().map(|node| Address::Node(node.id)).collect();
    let is_open = |client: &&Client| !client.closed && client.producer().is_some();
    let producers: Vec<_> =
        cluster.clients().filter(is_open).map(|client| Address::Client(client.id)).collect();
    let (from, api) = match random.below(2) {
        0 => (*random.pick(&producers)?, Api::EndTxn),
        _ => (*random.pick(&brokers)?, Api::WriteTxnMarkers),
    };
    let to = *random.pick(&brokers)?;
    let most_ms = *random.pick(&[100, 1_000, 15_000])?;
    let fault = LinkFault {
        delay_ms: (most_ms / 4, most_ms),
        duplicate_per_mille: *random.pick(&[0, 500])?,
        ..LinkFault::default()
    };
    Some(Command::Link { from, to, one_way: true, api: Some(api), fault })
}

fn application(topics: &[CreateTopic], cluster: &Cluster, random: &mut SimRng) -> Option<Command> {
    if !cluster.metadata_image()?.topics.contains_key(OUTPUT) {
        let ids: Vec<_> = cluster.brokers().map(|node| node.id).take(3).collect::<Vec<NodeId>>();
        return Some(Command::CreateTopic(CreateTopic {
            topic: OUTPUT.into(),
            partitions: 1,
            replication_factor: ids.len() as i16,
            replica_assignment: vec![ids],
            configs: vec![("min.insync.replicas".into(), "2".into())],
        }));
    }
    let is_ours =
        |client: &&Client| client.consumer().is_some_and(|consumer| consumer.feeding.is_some());
    let known: Vec<_> = cluster.clients().filter(is_ours).collect();
    let open: Vec<_> = known.iter().filter(|client| !client.closed).collect();
    let comes = open.is_empty() || (open.len() < OPEN_MAX && random.chance(500));
    if !comes || known.len() >= APPLICATIONS_MAX {
        let client = random.pick(&open)?.name.clone();
        // Most of the time it is left alone.
        return random.chance(250).then_some(match random.below(3) {
            0 => Command::CloseClient { client },
            _ => Command::KillClient { client, after: None },
        });
    }
    let seed = cluster.spec().seed;
    let is_remote = mix(&[seed, 24]).is_multiple_of(3);
    let (group_protocol, session_timeout_ms) = match is_remote {
        true => (GroupProtocol::Consumer(None), Membership::of("").session_timeout_ms as u32),
        false => (GroupProtocol::Classic, random.range(1_500..=8_000) as u32),
    };
    Some(Command::Process(Process {
        input: topics.first()?.topic.clone(),
        output: OUTPUT.into(),
        app: format!("app-{}", known.len()).into(),
        transactional_id: format!("app{}", random.below(2)).into(),
        transaction_timeout_ms: random.range(1_000..=15_000) as u32,
        group: "applications".into(),
        group_protocol,
        session_timeout_ms,
        max_poll_records: random.range(1..=5) as u32,
        max_poll_interval_ms: random.range(3_000..=20_000) as u32,
        processing_ms: *random.pick(&[0, 0, 20, 200])?,
    }))
}
