//! What a seed sets its topics and producers to, by Kafka's names.

use crate::sim::random::SimRng;

/// Of a topic: small segments, and in some runs retention, compaction, compression.
pub(super) fn topic_configs(
    random: &mut SimRng,
    lets_go: bool,
    unclean: bool,
) -> Vec<(String, String)> {
    let mut configs = vec![
        ("min.insync.replicas".into(), random.range(1..=2).to_string()),
        ("segment.bytes".into(), random.range(200..=4_000).to_string()),
        ("index.interval.bytes".into(), random.range(0..=500).to_string()),
    ];
    if random.chance(150) {
        configs.push(("max.message.bytes".into(), random.range(100..=300).to_string()));
    }
    if unclean && random.chance(500) {
        configs.push(("unclean.leader.election.enable".into(), "true".into()));
    }
    if !lets_go {
        return configs;
    }
    let mut set = |name: &str, value: String| configs.push((name.into(), value));
    let policy = ["delete", "delete", "compact", "compact", "compact,delete"];
    let policy = random.pick(&policy).copied().unwrap_or("delete");
    set("cleanup.policy", policy.into());
    set("file.delete.delay.ms", random.range(10..=5_000).to_string());
    if policy.contains("delete") && random.chance(600) {
        set("retention.ms", random.range(500..=20_000).to_string());
        set("retention.bytes", random.range(400..=8_000).to_string());
    }
    if policy.contains("compact") {
        set("delete.retention.ms", random.range(0..=10_000).to_string());
        set("min.cleanable.dirty.ratio", format!("0.{}", random.below(6)));
        if random.chance(300) {
            set("min.compaction.lag.ms", random.range(1..=3_000).to_string());
        }
        if random.chance(300) {
            set("max.compaction.lag.ms", random.range(3_000..=9_000).to_string());
        }
    }
    if random.chance(300) {
        let types = ["uncompressed", "gzip", "snappy", "lz4", "zstd"];
        set("compression.type", random.pick(&types).copied().unwrap_or("gzip").into());
    }
    if random.chance(200) {
        set("message.timestamp.type", "LogAppendTime".into());
    }
    configs
}

/// Of a producer: mostly idempotent, with any number of requests in flight, with batches and patience of
/// any size.
pub(super) fn producer_configs(random: &mut SimRng) -> Vec<(String, String)> {
    let mut configs = Vec::new();
    let mut set = |name: &str, value: String| configs.push((name.into(), value));
    if random.chance(300) {
        set("enable.idempotence", "false".into());
    }
    set("max.in.flight.requests.per.connection", random.range(1..=5).to_string());
    set("linger.ms", random.range(0..=50).to_string());
    let has_little_room = random.chance(300);
    if has_little_room || random.chance(500) {
        set("batch.size", random.range(0..=400).to_string());
    }
    if has_little_room {
        set("buffer.memory", random.range(500..=2_000).to_string());
    }
    // One record after the other waits for a topic that is gone.
    set("max.block.ms", random.range(0..=500).to_string());
    if random.chance(300) {
        set("retries", random.range(0..=3).to_string());
    }
    let request_timeout_ms = *random.pick(&[500, 3_000, 30_000]).expect("three choices");
    set("request.timeout.ms", request_timeout_ms.to_string());
    set("delivery.timeout.ms", random.range(request_timeout_ms + 50..=90_000).to_string());
    configs
}
