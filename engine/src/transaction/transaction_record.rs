//! The records of `__transaction_state`: Kafka's `TransactionLogKey` 0 with `TransactionLogValue` 0 or,
//! since `transaction.version` 1, the flexible 1. Without a value the transactional id has expired. Source:
//! `TransactionLog.java`.

use super::transaction_metadata::{TransactionMetadata, TransactionState};
use crate::group::java_hash::partition_for_group;
use crate::group::schema::{Reader, Writer};
use crate::ids::TopicPartition;
use crate::record::batch_header::{NO_PRODUCER_EPOCH, NO_PRODUCER_ID};
use crate::topic_name::TRANSACTION_STATE_TOPIC_NAME;
use bytes::Bytes;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The topic in which they are.
pub const TRANSACTION_STATE_TOPIC: &str = TRANSACTION_STATE_TOPIC_NAME;

const KEY_VERSION: i16 = 0;
const FLEXIBLE: i16 = 1;
const PREVIOUS_PRODUCER_ID: u32 = 0;
const NEXT_PRODUCER_ID: u32 = 1;
const CLIENT_TRANSACTION_VERSION: u32 = 2;

/// Which partition of `__transaction_state` a transactional id belongs to: as with groups
/// (`TransactionStateManager.partitionFor`).
pub fn partition_for_transactional_id(transactional_id: &str, partitions: i32) -> i32 {
    partition_for_group(transactional_id, partitions)
}

pub fn key(transactional_id: &str) -> Bytes {
    let mut writer = Writer::default();
    writer.i16(KEY_VERSION);
    writer.string(transactional_id);
    writer.finish()
}

/// The value under this `transaction.version`.
pub fn value(metadata: &TransactionMetadata, transaction_version: u8) -> Bytes {
    let mut topics: BTreeMap<&Arc<str>, Vec<i32>> = BTreeMap::new();
    for id in &metadata.partitions {
        topics.entry(&id.topic).or_default().push(id.partition);
    }
    // An id without a transaction has no list at all.
    let topics = (metadata.state != TransactionState::Empty).then_some(topics);
    match transaction_version {
        0 => fixed_value(metadata, topics.as_ref()),
        _ => flexible_value(metadata, topics.as_ref()),
    }
}

type Topics<'a> = BTreeMap<&'a Arc<str>, Vec<i32>>;

fn fixed_value(metadata: &TransactionMetadata, topics: Option<&Topics<'_>>) -> Bytes {
    let mut writer = Writer::default();
    writer.i16(0);
    writer.i64(metadata.producer_id);
    writer.i16(metadata.producer_epoch);
    writer.i32(metadata.timeout_ms as i32);
    writer.i8(metadata.state.id());
    match topics {
        None => writer.i32(-1),
        Some(topics) => {
            writer.i32(topics.len() as i32);
            for (topic, partitions) in topics {
                writer.string(topic);
                writer.array(partitions, |writer, partition| writer.i32(*partition));
            }
        }
    }
    writer.i64(metadata.last_update_ms);
    writer.i64(metadata.start_ms);
    writer.finish()
}

fn flexible_value(metadata: &TransactionMetadata, topics: Option<&Topics<'_>>) -> Bytes {
    let mut writer = Writer::default();
    writer.i16(FLEXIBLE);
    writer.i64(metadata.producer_id);
    writer.i16(metadata.producer_epoch);
    writer.i32(metadata.timeout_ms as i32);
    writer.i8(metadata.state.id());
    match topics {
        None => writer.compact_null(),
        Some(topics) => writer.compact_array(topics.iter(), |writer, (topic, partitions)| {
            writer.compact_string(topic);
            writer.compact_array(partitions.iter(), |writer, partition| writer.i32(*partition));
            writer.tags(&[]);
        }),
    }
    writer.i64(metadata.last_update_ms);
    writer.i64(metadata.start_ms);
    let tags = [
        (PREVIOUS_PRODUCER_ID, metadata.prev_producer_id.to_be_bytes().to_vec(), NO_PRODUCER_ID),
        (NEXT_PRODUCER_ID, metadata.next_producer_id.to_be_bytes().to_vec(), NO_PRODUCER_ID),
        (CLIENT_TRANSACTION_VERSION, i16::from(metadata.client_version).to_be_bytes().to_vec(), 0),
    ];
    // What has its default is not written.
    let numbers =
        [metadata.prev_producer_id, metadata.next_producer_id, i64::from(metadata.client_version)];
    let tags: Vec<_> = tags
        .into_iter()
        .zip(numbers)
        .filter(|((_, _, default), number)| number != default)
        .map(|((tag, bytes, _), _)| (tag, bytes))
        .collect();
    writer.tags(&tags);
    writer.finish()
}

/// The transactional id of a key; `None` if it is none.
pub fn parse_key(key: &[u8]) -> Option<Arc<str>> {
    let mut reader = Reader(key);
    (reader.i16()? == KEY_VERSION).then_some(())?;
    reader.string().map(Arc::from)
}

pub fn parse_value(transactional_id: Arc<str>, value: &[u8]) -> Option<TransactionMetadata> {
    let mut reader = Reader(value);
    let is_flexible = match reader.i16()? {
        0 => false,
        FLEXIBLE => true,
        _ => return None,
    };
    let producer_id = reader.i64()?;
    let producer_epoch = reader.i16()?;
    let timeout_ms = reader.i32()?.max(0) as u64;
    let state = TransactionState::from_id(reader.i8()?)?;
    let topics = match is_flexible {
        true => reader.compact_nullable_array(|reader| {
            let topic = reader.compact_string()?;
            let partitions = reader.compact_array(Reader::i32)?;
            reader.tags()?;
            Some((topic, partitions))
        })?,
        false => {
            reader.nullable_array(|reader| Some((reader.string()?, reader.array(Reader::i32)?)))?
        }
    };
    let mut partitions = BTreeSet::new();
    for (topic, of_topic) in topics.unwrap_or_default() {
        let topic: Arc<str> = topic.into();
        let id = |partition| TopicPartition { topic: topic.clone(), partition };
        partitions.extend(of_topic.into_iter().map(id));
    }
    let last_update_ms = reader.i64()?;
    let start_ms = reader.i64()?;
    let tags = if is_flexible { reader.tags()? } else { Vec::new() };
    let tagged = |tag: u32| tags.iter().find(|(known, _)| *known == tag).map(|(_, bytes)| *bytes);
    let id = |tag: u32| match tagged(tag) {
        None => Some(NO_PRODUCER_ID),
        Some(bytes) => Reader(bytes).i64(),
    };
    let client_version = match tagged(CLIENT_TRANSACTION_VERSION) {
        None => 0,
        Some(bytes) => Reader(bytes).i16()?.clamp(0, 127) as u8,
    };
    Some(TransactionMetadata {
        transactional_id,
        producer_id,
        prev_producer_id: id(PREVIOUS_PRODUCER_ID)?,
        next_producer_id: id(NEXT_PRODUCER_ID)?,
        producer_epoch,
        last_producer_epoch: NO_PRODUCER_EPOCH,
        timeout_ms,
        state,
        partitions,
        start_ms,
        last_update_ms,
        client_version,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metadata(version: u8) -> TransactionMetadata {
        let mut metadata = TransactionMetadata::new("pay".into(), 9, 60_000, 258);
        metadata.producer_epoch = 3;
        if version > 0 {
            metadata.prev_producer_id = 9;
            metadata.client_version = version;
        }
        metadata
    }

    #[test]
    fn records_read_back() {
        assert_eq!(parse_key(&key("pay")).as_deref(), Some("pay"));
        let ids = [("orders", 2), ("orders", 0), ("bills", 1)];
        for version in [0, 1, 2] {
            let mut known = metadata(version);
            for state in TransactionState::ALL {
                known.state = state;
                known.partitions = match state {
                    TransactionState::Empty => BTreeSet::new(),
                    _ => ids.iter().map(|(topic, n)| TopicPartition::new(*topic, *n)).collect(),
                };
                let bytes = value(&known, version);
                assert_eq!(parse_value("pay".into(), &bytes).as_ref(), Some(&known));
                assert_eq!(parse_value("pay".into(), &bytes[..bytes.len() - 1]), None);
            }
        }
    }

    /// Key 0 and the values 0 and 1, field by field as `TransactionLogKey.json` and
    /// `TransactionLogValue.json` have them.
    #[test]
    fn a_transaction_has_kafkas_bytes() {
        assert_eq!(key("t"), &[0, 0, 0, 1, b't'][..]);
        let mut known = metadata(0).add_partitions(&[TopicPartition::new("o", 1)], 2, 300);
        #[rustfmt::skip]
        let fixed = [
            0, 0,
            0, 0, 0, 0, 0, 0, 0, 9,
            0, 3,
            0, 0, 0xea, 0x60,
            1,
            0, 0, 0, 1, 0, 1, b'o', 0, 0, 0, 1, 0, 0, 0, 1,
            0, 0, 0, 0, 0, 0, 1, 44,
            0, 0, 0, 0, 0, 0, 1, 44,
        ];
        assert_eq!(value(&known, 0), &fixed[..]);
        known.next_producer_id = 5;
        #[rustfmt::skip]
        let flexible = [
            0, 1,
            0, 0, 0, 0, 0, 0, 0, 9,
            0, 3,
            0, 0, 0xea, 0x60,
            1,
            2, 2, b'o', 2, 0, 0, 0, 1, 0,
            0, 0, 0, 0, 0, 0, 1, 44,
            0, 0, 0, 0, 0, 0, 1, 44,
            3,
            0, 8, 0, 0, 0, 0, 0, 0, 0, 9,
            1, 8, 0, 0, 0, 0, 0, 0, 0, 5,
            2, 2, 0, 2,
        ];
        assert_eq!(value(&known, 2), &flexible[..]);
        let empty = metadata(0);
        assert_eq!(value(&empty, 2)[17], 0, "no list at all");
    }

    /// KAFKA.md 7.2: the same hash as for groups.
    #[test]
    fn an_id_belongs_to_the_partition_that_kafka_gives_it() {
        assert_eq!(partition_for_transactional_id("my-group", 50), 12);
        assert_eq!(partition_for_transactional_id("polygenelubricants", 50), 0);
    }
}
