//! What the members of a group tell each other through its coordinator, which does not look at it: a
//! member's subscription on its way to the leader, and its assignment on the way back
//! (`ConsumerProtocolSubscription`, `ConsumerProtocolAssignment`, version 3), and what the sticky
//! assignors add to a subscription.

use super::java_hash::{JavaHashSet, string_hash};
use super::schema::{Reader, Writer};
use crate::ids::TopicPartition;
use bytes::Bytes;
use std::collections::BTreeMap;
use std::sync::Arc;

/// `ProtocolType` of consumers.
pub const PROTOCOL_TYPE: &str = "consumer";

const VERSION: i16 = 3;

#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Subscription {
    pub topics: Vec<Arc<str>>,
    /// What its assignor adds.
    pub user_data: Option<Bytes>,
    pub owned_partitions: Vec<TopicPartition>,
    /// The generation in which it owned them.
    pub generation_id: Option<i32>,
    /// `group.instance.id`; the coordinator tells it to the leader beside these bytes.
    pub group_instance_id: Option<Arc<str>>,
}

impl Subscription {
    pub fn to_bytes(&self) -> Bytes {
        let mut topics = self.topics.clone();
        topics.sort();
        let mut writer = Writer::default();
        writer.i16(VERSION);
        writer.array(&topics, |writer, topic| writer.string(topic));
        writer.nullable_bytes(self.user_data.as_deref());
        let mut owned = self.owned_partitions.clone();
        owned.sort();
        write_topics(&mut writer, &by_topic(&owned));
        writer.i32(self.generation_id.unwrap_or(-1));
        writer.nullable_string(None);
        writer.finish()
    }

    /// Of any version: what an older one lacks is absent, what a newer one adds is not looked at.
    pub fn parse(bytes: &[u8]) -> Option<Subscription> {
        let mut reader = Reader(bytes);
        let version = reader.i16().filter(|version| *version >= 0)?;
        let topics = reader.array(|reader| Some(reader.string()?.into()))?;
        let user_data = reader.nullable_bytes()?;
        let owned_partitions =
            if version >= 1 { read_partitions(&mut reader)? } else { Vec::new() };
        let generation_id =
            if version >= 2 { Some(reader.i32()?).filter(|id| *id >= 0) } else { None };
        if version >= 3 {
            reader.nullable_string()?;
        }
        let group_instance_id = None;
        Some(Subscription { topics, user_data, owned_partitions, generation_id, group_instance_id })
    }
}

/// The bytes of an assignment.
pub fn assignment_to_bytes(partitions: &[TopicPartition]) -> Bytes {
    let mut writer = Writer::default();
    writer.i16(VERSION);
    write_topics(&mut writer, &by_topic(partitions));
    writer.nullable_bytes(None);
    writer.finish()
}

/// The partitions of an assignment; no bytes are no partitions.
pub fn assignment_from_bytes(bytes: &[u8]) -> Option<Vec<TopicPartition>> {
    if bytes.is_empty() {
        return Some(Vec::new());
    }
    let mut reader = Reader(bytes);
    reader.i16().filter(|version| *version >= 0)?;
    read_partitions(&mut reader)
}

/// `STICKY_ASSIGNOR_USER_DATA_V1`: what a member last had, and in which generation. Topics come in the order
/// of a `HashMap` (`CollectionUtils.groupPartitionsByTopic`).
pub fn sticky_user_data(partitions: &[TopicPartition], generation: i32) -> Bytes {
    let mut topics = JavaHashSet::default();
    for of_topic in by_topic(partitions) {
        topics.insert(string_hash(&of_topic[0].topic), of_topic);
    }
    let mut writer = Writer::default();
    write_topics(&mut writer, &topics.into_order());
    writer.i32(generation);
    writer.finish()
}

/// The partitions and, since version 1, the generation.
pub(super) fn parse_sticky_user_data(bytes: &[u8]) -> Option<(Vec<TopicPartition>, Option<i32>)> {
    let mut reader = Reader(bytes);
    let partitions = read_partitions(&mut reader)?;
    Some((partitions, reader.i32()))
}

/// `COOPERATIVE_STICKY_ASSIGNOR_USER_DATA_V0`
pub fn cooperative_user_data(generation: i32) -> Bytes {
    let mut writer = Writer::default();
    writer.i32(generation);
    writer.finish()
}

/// Each topic where it first comes, the partitions of each as they come.
fn by_topic(partitions: &[TopicPartition]) -> Vec<Vec<TopicPartition>> {
    let mut topics: Vec<Vec<TopicPartition>> = Vec::new();
    let mut place: BTreeMap<&Arc<str>, usize> = BTreeMap::new();
    for id in partitions {
        let at = *place.entry(&id.topic).or_insert(topics.len());
        if at == topics.len() {
            topics.push(Vec::new());
        }
        topics[at].push(id.clone());
    }
    topics
}

/// The partitions of each topic.
fn write_topics(writer: &mut Writer, topics: &[Vec<TopicPartition>]) {
    writer.array(topics, |writer, partitions| {
        writer.string(&partitions[0].topic);
        writer.array(partitions, |writer, id| writer.i32(id.partition));
    });
}

fn read_partitions(reader: &mut Reader<'_>) -> Option<Vec<TopicPartition>> {
    let topics = reader.array(|reader| {
        let topic: Arc<str> = reader.string()?.into();
        reader
            .array(|reader| Some(TopicPartition { topic: topic.clone(), partition: reader.i32()? }))
    })?;
    Some(topics.concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subscription_has_kafkas_bytes() {
        let subscription = Subscription {
            topics: vec!["foo".into(), "bar".into()],
            user_data: Some(Bytes::from_static(&[1, 2])),
            owned_partitions: vec![TopicPartition::new("foo", 1), TopicPartition::new("foo", 0)],
            generation_id: Some(7),
            group_instance_id: None,
        };
        let bytes = subscription.to_bytes();
        #[rustfmt::skip]
        let expected = [
            0, 3,
            0, 0, 0, 2, 0, 3, b'b', b'a', b'r', 0, 3, b'f', b'o', b'o',
            0, 0, 0, 2, 1, 2,
            0, 0, 0, 1, 0, 3, b'f', b'o', b'o', 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 1,
            0, 0, 0, 7,
            0xff, 0xff,
        ];
        assert_eq!(bytes, &expected[..]);
        let read = Subscription::parse(&bytes).expect("its own bytes");
        assert_eq!((read.topics.len(), read.generation_id), (2, Some(7)));
        assert_eq!(read.to_bytes(), bytes);
        assert!((0..bytes.len()).all(|len| Subscription::parse(&bytes[..len]).is_none()));
    }

    #[test]
    fn an_assignment_reads_back() {
        let partitions = [TopicPartition::new("a", 0), TopicPartition::new("b", 3)];
        let bytes = assignment_to_bytes(&partitions);
        assert_eq!(assignment_from_bytes(&bytes), Some(partitions.to_vec()));
        assert_eq!(assignment_from_bytes(&[]), Some(Vec::new()));
        assert_eq!(assignment_from_bytes(&bytes[..5]), None);
    }
}
