//! Workloads that the benchmarks measure, natively and in wasm: the same code, the same inputs.
//! How they are timed and printed is in `benches/native.rs`, `bench/wasm.mjs` and `bench/page.mjs`.

pub mod storage;

use kafkascope_engine::cluster::Cluster;
use kafkascope_engine::command::{Command, CreateTopic, Produce, StartFrom};
use kafkascope_engine::ids::NodeId;
use kafkascope_engine::spec::ClusterSpec;
use kafkascope_engine::timeline::Timeline;

/// Key and value of a benchmark record, in bytes.
pub const RECORD_BYTES: usize = 100;

/// Three brokers, one topic with `partitions` partitions on all of them, everybody in sync.
pub fn ready_cluster(partitions: i32) -> Cluster {
    let (mut cluster, _) = Cluster::new(ClusterSpec::new(3, 42));
    while !is_ready(&cluster) {
        cluster.advance();
    }
    cluster.handle(&create_topic(partitions)).expect("three brokers can hold the topic");
    run_ms(&mut cluster, 1_000);
    cluster
}

fn is_ready(cluster: &Cluster) -> bool {
    let image = cluster.metadata_image();
    image.is_some_and(|image| image.brokers.values().filter(|broker| !broker.fenced).count() == 3)
}

fn create_topic(partitions: i32) -> Command {
    Command::CreateTopic(CreateTopic {
        topic: "orders".into(),
        partitions,
        replication_factor: 3,
        replica_assignment: (0..partitions)
            .map(|p| (0..3).map(|r| NodeId(1 + (p + r) % 3)).collect())
            .collect(),
        configs: Vec::new(),
    })
}

fn run_ms(cluster: &mut Cluster, ms: u64) {
    let until = cluster.now().plus_millis(ms);
    while cluster.next_due().is_some_and(|due| due <= until) {
        cluster.advance();
    }
}

pub fn produce(count: u32) -> Command {
    Command::Produce(Produce {
        topic: "orders".into(),
        producer: "bench".into(),
        partition: Some(0),
        key: Some("0123456789".into()),
        value: Some("v".repeat(RECORD_BYTES - 10 - 6).into()),
        headers: Vec::new(),
        timestamp_ms: None,
        acks: None,
        compression: None,
        count,
    })
}

/// Produces `records` of 100 bytes with acks=all through leader, two followers, high watermark and
/// consumer. Returns the number of records that the consumer has read.
pub fn replicate(records: u32, checked: bool) -> u64 {
    let mut cluster = ready_cluster(1);
    if checked {
        cluster = cluster.with_checks();
    }
    let consume = Command::Consume {
        topic: "orders".into(),
        consumer: "reader".into(),
        from: StartFrom::Earliest,
        configs: Vec::new(),
        client_rack: None,
        group: None,
    };
    cluster.handle(&consume).expect("the topic is there");
    let mut asked = 0;
    let consumed = |cluster: &Cluster| {
        cluster.client_named("reader").and_then(|c| c.consumer()).map_or(0, |c| c.consumed)
    };
    while consumed(&cluster) < u64::from(records) {
        let outstanding = cluster
            .client_named("bench")
            .and_then(|c| c.producer())
            .map_or(0, |producer| producer.outstanding());
        if asked < records && outstanding < 2_000 {
            let count = (records - asked).min(5_000);
            cluster.handle(&produce(count)).expect("the topic is there");
            asked += count;
        }
        cluster.advance();
    }
    assert!(cluster.violation().is_none());
    consumed(&cluster)
}

/// A timeline with at least `events` events: one record every few hundred steps.
pub fn long_timeline(events: u64) -> Timeline {
    let mut timeline = Timeline::new(ClusterSpec::new(3, 42));
    while !is_ready(timeline.cluster()) {
        timeline.advance();
    }
    timeline.handle(create_topic(12)).expect("three brokers can hold the topic");
    while timeline.cluster().next_event_id().0 < events {
        if timeline.len().is_multiple_of(300) {
            timeline.handle(produce(1)).expect("the topic is there");
        }
        timeline.advance();
    }
    timeline
}
