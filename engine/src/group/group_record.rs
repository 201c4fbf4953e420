//! The records of `__consumer_offsets`: what a group has committed, and who its members are. Kafka's
//! `OffsetCommitKey` 1 with `OffsetCommitValue` 3, `GroupMetadataKey` 2 with `GroupMetadataValue` 3
//! (`GroupCoordinatorRecordHelpers`), and those of [`ConsumerRecord`]. Without a value the key's entry is gone.

mod json;

use super::consumer_record::ConsumerRecord;
use super::schema::{Reader, Writer};
use crate::ids::TopicPartition;
use crate::protocol::CommittedOffset;
use crate::topic_name::GROUP_METADATA_TOPIC_NAME;
use bytes::Bytes;
use std::sync::Arc;

/// The topic in which they are.
pub const OFFSETS_TOPIC: &str = GROUP_METADATA_TOPIC_NAME;

const OFFSET_COMMIT_KEY: i16 = 1;
const GROUP_METADATA_KEY: i16 = 2;
const VALUE_VERSION: i16 = 3;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GroupRecord {
    OffsetCommit {
        group: Arc<str>,
        partition: TopicPartition,
        value: Option<StoredOffset>,
    },
    GroupMetadata {
        group: Arc<str>,
        value: Option<StoredGroup>,
    },
    /// Of a group by the consumer protocol.
    Consumer {
        group: Arc<str>,
        record: ConsumerRecord,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoredOffset {
    pub committed: CommittedOffset,
    pub commit_timestamp_ms: i64,
}

/// A group as it was when it last came to rest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredGroup {
    /// Empty for a group that never had members.
    pub protocol_type: Arc<str>,
    pub generation: i32,
    pub protocol: Option<Arc<str>>,
    pub leader: Option<Arc<str>>,
    pub current_state_timestamp_ms: i64,
    pub members: Vec<StoredMember>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredMember {
    pub member_id: Arc<str>,
    pub group_instance_id: Option<Arc<str>>,
    pub client_id: Arc<str>,
    pub rebalance_timeout_ms: u64,
    pub session_timeout_ms: u64,
    pub subscription: Bytes,
    pub assignment: Bytes,
}

/// Every client is on a host of its own, and none has an address.
pub const CLIENT_HOST: &str = "/127.0.0.1";

impl GroupRecord {
    pub fn key(&self) -> Bytes {
        let mut writer = Writer::default();
        match self {
            GroupRecord::OffsetCommit { group, partition, .. } => {
                writer.i16(OFFSET_COMMIT_KEY);
                writer.string(group);
                writer.string(&partition.topic);
                writer.i32(partition.partition);
            }
            GroupRecord::GroupMetadata { group, .. } => {
                writer.i16(GROUP_METADATA_KEY);
                writer.string(group);
            }
            GroupRecord::Consumer { group, record } => record.write_key(group, &mut writer),
        }
        writer.finish()
    }

    /// The group that it is about.
    pub fn group(&self) -> &Arc<str> {
        match self {
            GroupRecord::OffsetCommit { group, .. }
            | GroupRecord::GroupMetadata { group, .. }
            | GroupRecord::Consumer { group, .. } => group,
        }
    }

    pub fn value(&self) -> Option<Bytes> {
        let mut writer = Writer::default();
        writer.i16(VALUE_VERSION);
        match self {
            GroupRecord::OffsetCommit { value, .. } => {
                let value = value.as_ref()?;
                writer.i64(value.committed.offset);
                writer.i32(value.committed.leader_epoch);
                writer.string("");
                writer.i64(value.commit_timestamp_ms);
            }
            GroupRecord::GroupMetadata { value, .. } => value.as_ref()?.write(&mut writer),
            GroupRecord::Consumer { record, .. } => return record.value(),
        }
        Some(writer.finish())
    }

    /// `None` for what is not of these.
    pub fn parse(key: &[u8], value: Option<&[u8]>) -> Option<GroupRecord> {
        let mut key = Reader(key);
        match key.i16()? {
            0 | OFFSET_COMMIT_KEY => {
                let group = key.string()?.into();
                let partition = TopicPartition::new(key.string()?, key.i32()?);
                let value = value.map(|bytes| StoredOffset::parse(bytes).ok_or(())).transpose();
                Some(GroupRecord::OffsetCommit { group, partition, value: value.ok()? })
            }
            GROUP_METADATA_KEY => {
                let group = key.string()?.into();
                let value = value.map(|bytes| StoredGroup::parse(bytes).ok_or(())).transpose();
                Some(GroupRecord::GroupMetadata { group, value: value.ok()? })
            }
            kind => {
                let (group, record) = ConsumerRecord::parse(kind, &mut key, value)?;
                Some(GroupRecord::Consumer { group, record })
            }
        }
    }
}

impl StoredOffset {
    fn parse(bytes: &[u8]) -> Option<Self> {
        let mut reader = Reader(bytes);
        let version = reader.i16()?;
        let offset = reader.i64()?;
        let leader_epoch = if version >= 3 { reader.i32()? } else { -1 };
        reader.string()?;
        let commit_timestamp_ms = reader.i64()?;
        Some(StoredOffset {
            committed: CommittedOffset { offset, leader_epoch },
            commit_timestamp_ms,
        })
    }
}

impl StoredGroup {
    fn write(&self, writer: &mut Writer) {
        writer.string(&self.protocol_type);
        writer.i32(self.generation);
        writer.nullable_string(self.protocol.as_deref());
        writer.nullable_string(self.leader.as_deref());
        writer.i64(self.current_state_timestamp_ms);
        writer.array(&self.members, |writer, member| {
            writer.string(&member.member_id);
            writer.nullable_string(member.group_instance_id.as_deref());
            writer.string(&member.client_id);
            writer.string(CLIENT_HOST);
            writer.i32(member.rebalance_timeout_ms as i32);
            writer.i32(member.session_timeout_ms as i32);
            writer.bytes(&member.subscription);
            writer.bytes(&member.assignment);
        });
    }

    fn parse(bytes: &[u8]) -> Option<Self> {
        let mut reader = Reader(bytes);
        let version = reader.i16()?;
        let optional = |text: Option<String>| text.map(Arc::from);
        Some(StoredGroup {
            protocol_type: reader.string()?.into(),
            generation: reader.i32()?,
            protocol: optional(reader.nullable_string()?),
            leader: optional(reader.nullable_string()?),
            current_state_timestamp_ms: if version >= 2 { reader.i64()? } else { -1 },
            members: reader.array(|reader| {
                let member_id = reader.string()?.into();
                let instance = if version >= 3 { reader.nullable_string()? } else { None };
                let client_id = reader.string()?.into();
                reader.string()?;
                let rebalance_timeout_ms = if version >= 1 { Some(reader.i32()?) } else { None };
                let session_timeout_ms = reader.i32()?.max(0) as u64;
                Some(StoredMember {
                    member_id,
                    group_instance_id: optional(instance),
                    client_id,
                    rebalance_timeout_ms: rebalance_timeout_ms
                        .map_or(session_timeout_ms, |ms| ms.max(0) as u64),
                    session_timeout_ms,
                    subscription: reader.bytes()?,
                    assignment: reader.bytes()?,
                })
            })?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_read_back() {
        let partition = TopicPartition::new("orders", 2);
        let committed = CommittedOffset { offset: 12, leader_epoch: 3 };
        let offset = StoredOffset { committed, commit_timestamp_ms: 99 };
        let member = StoredMember {
            member_id: "c-1".into(),
            group_instance_id: Some("one".into()),
            client_id: "c".into(),
            rebalance_timeout_ms: 300_000,
            session_timeout_ms: 45_000,
            subscription: Bytes::from_static(b"s"),
            assignment: Bytes::from_static(b"a"),
        };
        let group = StoredGroup {
            protocol_type: "consumer".into(),
            generation: 4,
            protocol: Some("range".into()),
            leader: Some("c-1".into()),
            current_state_timestamp_ms: 5,
            members: vec![member],
        };
        for value in [None, Some(offset)] {
            let (group, partition) = ("billing".into(), partition.clone());
            reads_back(GroupRecord::OffsetCommit { group, partition, value });
        }
        for value in [None, Some(group)] {
            reads_back(GroupRecord::GroupMetadata { group: "billing".into(), value });
        }
    }

    fn reads_back(record: GroupRecord) {
        let (key, value) = (record.key(), record.value());
        assert_eq!(GroupRecord::parse(&key, value.as_deref()), Some(record));
        assert_eq!(GroupRecord::parse(&key[..key.len() - 1], value.as_deref()), None);
    }

    /// Key 1, value 3, field by field as `OffsetCommitKey.json` and `OffsetCommitValue.json` have them.
    #[test]
    fn a_commit_has_kafkas_bytes() {
        let record = GroupRecord::OffsetCommit {
            group: "g".into(),
            partition: TopicPartition::new("t", 1),
            value: Some(StoredOffset {
                committed: CommittedOffset { offset: 7, leader_epoch: 2 },
                commit_timestamp_ms: 258,
            }),
        };
        assert_eq!(record.key(), &[0, 1, 0, 1, b'g', 0, 1, b't', 0, 0, 0, 1][..]);
        #[rustfmt::skip]
        let value = [
            0, 3,
            0, 0, 0, 0, 0, 0, 0, 7,
            0, 0, 0, 2,
            0, 0,
            0, 0, 0, 0, 0, 0, 1, 2,
        ];
        assert_eq!(record.value().unwrap(), &value[..]);
    }
}
