//! The table of the settings of a log. What their fields mean is in [`super`].

use super::{ConfigKey, Field};
use crate::log::log_config::LogConfig;

const fn at_least(
    name: &'static str,
    minimum: i64,
    field: fn(&mut LogConfig) -> Field<'_>,
    doc: &'static str,
) -> ConfigKey {
    ConfigKey {
        name,
        doc,
        minimum: Some(minimum),
        kafka_minimum: Some(minimum),
        maximum: None,
        field,
    }
}

const fn unbounded(
    name: &'static str,
    field: fn(&mut LogConfig) -> Field<'_>,
    doc: &'static str,
) -> ConfigKey {
    ConfigKey { name, doc, minimum: None, kafka_minimum: None, maximum: None, field }
}

const fn between(
    name: &'static str,
    (minimum, maximum): (i64, i64),
    field: fn(&mut LogConfig) -> Field<'_>,
    doc: &'static str,
) -> ConfigKey {
    let (minimum, kafka_minimum) = (Some(minimum), Some(minimum));
    ConfigKey { name, doc, minimum, kafka_minimum, maximum: Some(maximum), field }
}

/// Sorted by name.
pub(in crate::log) static KEYS: [ConfigKey; 27] = [
    unbounded(
        "cleanup.policy",
        |c| Field::Policy(&mut c.cleanup_policy),
        "What happens to old segments: delete drops them by age or size, compact keeps the last \
         record of each key.",
    ),
    unbounded(
        "compression.gzip.level",
        |c| Field::GzipLevel(&mut c.compression_gzip_level),
        "How hard gzip works where the leader compresses: 1 to 9, or -1 for its default.",
    ),
    between(
        "compression.lz4.level",
        (1, 17),
        |c| Field::Int(&mut c.compression_lz4_level),
        "How hard lz4 works where the leader compresses; the codec here has one level.",
    ),
    unbounded(
        "compression.type",
        |c| Field::Compression(&mut c.compression_type),
        "How the leader stores batches: producer keeps the producer's compression, any other value \
         compresses again.",
    ),
    between(
        "compression.zstd.level",
        (-131_072, 22),
        |c| Field::Int(&mut c.compression_zstd_level),
        "How hard zstd works where the leader compresses; the codec here has one level.",
    ),
    at_least(
        "delete.retention.ms",
        0,
        |c| Field::Long(&mut c.delete_retention_ms),
        "How long compaction keeps a tombstone after the pass that first met it.",
    ),
    at_least(
        "file.delete.delay.ms",
        0,
        |c| Field::Long(&mut c.file_delete_delay_ms),
        "How long a file waits, renamed, before it is deleted.",
    ),
    at_least(
        "flush.messages",
        1,
        |c| Field::Long(&mut c.flush_messages),
        "Fsync the log after this many records; by default that is left to the operating system.",
    ),
    at_least(
        "flush.ms",
        0,
        |c| Field::Long(&mut c.flush_ms),
        "Fsync the log after this time; by default that is left to the operating system.",
    ),
    unbounded(
        "follower.replication.throttled.replicas",
        |c| Field::Throttled(&mut c.follower_replication_throttled_replicas),
        "Replicas, as partition:broker, that are held back while they are copied to a broker; * is all.",
    ),
    at_least(
        "index.interval.bytes",
        0,
        |c| Field::Int(&mut c.index_interval_bytes),
        "More than this many bytes of log lie between two entries of the offset index.",
    ),
    unbounded(
        "leader.replication.throttled.replicas",
        |c| Field::Throttled(&mut c.leader_replication_throttled_replicas),
        "Replicas, as partition:broker, that are held back while they are copied from a leader; * is all.",
    ),
    at_least(
        "max.compaction.lag.ms",
        1,
        |c| Field::Long(&mut c.max_compaction_lag_ms),
        "The longest a record may wait for compaction.",
    ),
    at_least(
        "max.message.bytes",
        0,
        |c| Field::Int(&mut c.max_message_bytes),
        "The largest record batch that a leader takes.",
    ),
    at_least(
        "message.timestamp.after.max.ms",
        0,
        |c| Field::Long(&mut c.message_timestamp_after_max_ms),
        "How far a CreateTime timestamp may be ahead of the broker's clock.",
    ),
    at_least(
        "message.timestamp.before.max.ms",
        0,
        |c| Field::Long(&mut c.message_timestamp_before_max_ms),
        "How far a CreateTime timestamp may be behind the broker's clock.",
    ),
    unbounded(
        "message.timestamp.type",
        |c| Field::Timestamps(&mut c.message_timestamp_type),
        "Whether a record's timestamp is when it was created or when the leader appended it.",
    ),
    at_least(
        "min.cleanable.dirty.ratio",
        0,
        |c| Field::Double(&mut c.min_cleanable_dirty_ratio),
        "Compaction starts when more than this part of the log is not yet compacted.",
    ),
    at_least(
        "min.compaction.lag.ms",
        0,
        |c| Field::Long(&mut c.min_compaction_lag_ms),
        "The shortest time that a record stays as it is before compaction may touch it.",
    ),
    at_least(
        "min.insync.replicas",
        1,
        |c| Field::Int(&mut c.min_insync_replicas),
        "With fewer replicas in sync, a produce request with acks=all is refused and nothing new \
         is committed.",
    ),
    unbounded(
        "retention.bytes",
        |c| Field::Long(&mut c.retention_bytes),
        "Old segments are deleted while the partition is larger than this; -1 is no limit.",
    ),
    at_least(
        "retention.ms",
        -1,
        |c| Field::Long(&mut c.retention_ms),
        "A segment is deleted when its newest record is older than this; -1 is no limit.",
    ),
    ConfigKey {
        name: "segment.bytes",
        doc: "A segment that would grow beyond this is closed and a new one begun.",
        // What a record of the oldest format took; Kafka's own minimum before 4.0.
        minimum: Some(14),
        kafka_minimum: Some(1024 * 1024),
        maximum: None,
        field: |c| Field::Int(&mut c.segment_bytes),
    },
    at_least(
        "segment.index.bytes",
        4,
        |c| Field::Int(&mut c.segment_index_bytes),
        "The size at which an index is full; a full index also closes the segment.",
    ),
    at_least(
        "segment.jitter.ms",
        0,
        |c| Field::Long(&mut c.segment_jitter_ms),
        "Up to this much is taken off segment.ms, by chance, so that not all segments are closed at \
         once.",
    ),
    at_least(
        "segment.ms",
        1,
        |c| Field::Long(&mut c.segment_ms),
        "A segment older than this is closed at the next append, even if it is not full.",
    ),
    unbounded(
        "unclean.leader.election.enable",
        |c| Field::Boolean(&mut c.unclean_leader_election_enable),
        "Whether a replica that is not in sync may lead when no other can, losing records.",
    ),
];
