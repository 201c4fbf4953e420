//! The records of `__consumer_offsets` that tell of a group by the consumer protocol (KIP-848): its epoch, its
//! members, what each of them is to have, and what each has. Kafka's `ConsumerGroup...Key` and
//! `ConsumerGroup...Value` (`GroupCoordinatorRecordHelpers`). Without a value the key's entry is gone.

use super::group_record::CLIENT_HOST;
use super::schema::{Reader, Writer};
use crate::ids::Uuid;
use bytes::Bytes;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Partitions by their topic's id.
pub type Partitions = BTreeMap<Uuid, BTreeSet<i32>>;

const METADATA: i16 = 3;
const MEMBER: i16 = 5;
const TARGET_METADATA: i16 = 6;
const TARGET_MEMBER: i16 = 7;
const CURRENT: i16 = 8;
pub(super) const VALUE_VERSION: i16 = 0;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConsumerRecord {
    /// `ConsumerGroupMetadata`
    Metadata(Option<GroupEpoch>),
    /// `ConsumerGroupMemberMetadata`
    Member { member_id: Arc<str>, value: Option<MemberMetadata> },
    /// `ConsumerGroupTargetAssignmentMetadata`: the epoch that the target is for.
    TargetMetadata(Option<i32>),
    /// `ConsumerGroupTargetAssignmentMember`
    TargetMember { member_id: Arc<str>, value: Option<Partitions> },
    /// `ConsumerGroupCurrentMemberAssignment`
    Current { member_id: Arc<str>, value: Option<CurrentAssignment> },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GroupEpoch {
    pub epoch: i32,
    /// Of the subscribed topics and their partitions (KIP-1101).
    pub metadata_hash: i64,
}

/// What a member says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberMetadata {
    pub group_instance_id: Option<Arc<str>>,
    pub rack: Option<Arc<str>>,
    pub client_id: Arc<str>,
    pub topics: BTreeSet<Arc<str>>,
    pub rebalance_timeout_ms: u64,
    pub server_assignor: Option<Arc<str>>,
}

/// How far a member is on its way to its target.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct CurrentAssignment {
    pub epoch: i32,
    pub previous_epoch: i32,
    pub state: MemberState,
    pub assigned: Partitions,
    pub pending_revocation: Partitions,
}

/// Kafka's `MemberState`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum MemberState {
    /// It has all that it is to have.
    #[default]
    Stable,
    /// It has yet to give something up.
    UnrevokedPartitions,
    /// It waits for what others have yet to give up.
    UnreleasedPartitions,
}

impl MemberState {
    pub(super) fn to_byte(self) -> i8 {
        match self {
            MemberState::Stable => 0,
            MemberState::UnrevokedPartitions => 1,
            MemberState::UnreleasedPartitions => 2,
        }
    }

    fn from_byte(byte: i8) -> Option<Self> {
        match byte {
            0 => Some(MemberState::Stable),
            1 => Some(MemberState::UnrevokedPartitions),
            2 => Some(MemberState::UnreleasedPartitions),
            _ => None,
        }
    }
}

impl ConsumerRecord {
    /// The type of its key, and the member that it is about.
    pub(super) fn kind(&self) -> (i16, Option<&Arc<str>>) {
        match self {
            ConsumerRecord::Metadata(_) => (METADATA, None),
            ConsumerRecord::Member { member_id, .. } => (MEMBER, Some(member_id)),
            ConsumerRecord::TargetMetadata(_) => (TARGET_METADATA, None),
            ConsumerRecord::TargetMember { member_id, .. } => (TARGET_MEMBER, Some(member_id)),
            ConsumerRecord::Current { member_id, .. } => (CURRENT, Some(member_id)),
        }
    }

    pub(super) fn write_key(&self, group: &str, writer: &mut Writer) {
        let (kind, member_id) = self.kind();
        writer.i16(kind);
        writer.string(group);
        if let Some(member_id) = member_id {
            writer.string(member_id);
        }
    }

    pub(super) fn value(&self) -> Option<Bytes> {
        let mut writer = Writer::default();
        writer.i16(VALUE_VERSION);
        match self {
            ConsumerRecord::Metadata(value) => {
                let value = value.as_ref()?;
                writer.i32(value.epoch);
                // Zero is the default, which is not written.
                match value.metadata_hash {
                    0 => writer.tags(&[]),
                    hash => writer.tags(&[(0, hash.to_be_bytes().to_vec())]),
                }
            }
            ConsumerRecord::Member { value, .. } => value.as_ref()?.write(&mut writer),
            ConsumerRecord::TargetMetadata(epoch) => {
                writer.i32((*epoch)?);
                writer.tags(&[]);
            }
            ConsumerRecord::TargetMember { value, .. } => {
                write_partitions(&mut writer, value.as_ref()?);
                writer.tags(&[]);
            }
            ConsumerRecord::Current { value, .. } => {
                let value = value.as_ref()?;
                writer.i32(value.epoch);
                writer.i32(value.previous_epoch);
                writer.i8(value.state.to_byte());
                write_partitions(&mut writer, &value.assigned);
                write_partitions(&mut writer, &value.pending_revocation);
                writer.tags(&[]);
            }
        }
        Some(writer.finish())
    }

    /// The record of a key that begins with `kind`; the rest of the key is still to be read.
    pub(super) fn parse(
        kind: i16,
        key: &mut Reader<'_>,
        value: Option<&[u8]>,
    ) -> Option<(Arc<str>, ConsumerRecord)> {
        let group = key.string()?.into();
        let mut value = value.map(Reader);
        if let Some(value) = &mut value {
            value.i16().filter(|version| *version == VALUE_VERSION)?;
        }
        let mut member = || key.string().map(Arc::from);
        let record = match kind {
            METADATA => ConsumerRecord::Metadata(match &mut value {
                Some(value) => Some(GroupEpoch::read(value)?),
                None => None,
            }),
            MEMBER => ConsumerRecord::Member {
                member_id: member()?,
                value: match &mut value {
                    Some(value) => Some(MemberMetadata::read(value)?),
                    None => None,
                },
            },
            TARGET_METADATA => ConsumerRecord::TargetMetadata(match &mut value {
                Some(value) => Some(value.i32()?),
                None => None,
            }),
            TARGET_MEMBER => ConsumerRecord::TargetMember {
                member_id: member()?,
                value: match &mut value {
                    Some(value) => Some(read_partitions(value)?),
                    None => None,
                },
            },
            CURRENT => ConsumerRecord::Current {
                member_id: member()?,
                value: match &mut value {
                    Some(value) => Some(CurrentAssignment::read(value)?),
                    None => None,
                },
            },
            _ => return None,
        };
        Some((group, record))
    }
}

impl GroupEpoch {
    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let epoch = reader.i32()?;
        let hash = reader.tags()?.into_iter().find(|(tag, _)| *tag == 0);
        let metadata_hash = match hash {
            Some((_, bytes)) => i64::from_be_bytes(bytes.try_into().ok()?),
            None => 0,
        };
        Some(GroupEpoch { epoch, metadata_hash })
    }
}

impl MemberMetadata {
    fn write(&self, writer: &mut Writer) {
        writer.compact_nullable_string(self.group_instance_id.as_deref());
        writer.compact_nullable_string(self.rack.as_deref());
        writer.compact_string(&self.client_id);
        writer.compact_string(CLIENT_HOST);
        writer.compact_array(self.topics.iter(), |writer, topic| writer.compact_string(topic));
        writer.compact_nullable_string(Some(""));
        writer.i32(self.rebalance_timeout_ms as i32);
        writer.compact_nullable_string(self.server_assignor.as_deref());
        writer.tags(&[]);
    }

    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let optional = |text: Option<String>| text.map(Arc::from);
        let group_instance_id = optional(reader.compact_nullable_string()?);
        let rack = optional(reader.compact_nullable_string()?);
        let client_id = reader.compact_string()?.into();
        reader.compact_string()?;
        let topics = reader.compact_array(|reader| Some(reader.compact_string()?.into()))?;
        reader.compact_nullable_string()?;
        Some(MemberMetadata {
            group_instance_id,
            rack,
            client_id,
            topics: topics.into_iter().collect(),
            rebalance_timeout_ms: reader.i32()?.max(0) as u64,
            server_assignor: optional(reader.compact_nullable_string()?),
        })
    }
}

impl CurrentAssignment {
    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        Some(CurrentAssignment {
            epoch: reader.i32()?,
            previous_epoch: reader.i32()?,
            state: MemberState::from_byte(reader.i8()?)?,
            assigned: read_partitions(reader)?,
            pending_revocation: read_partitions(reader)?,
        })
    }
}

fn write_partitions(writer: &mut Writer, partitions: &Partitions) {
    writer.compact_array(partitions.iter(), |writer, (topic, partitions)| {
        writer.uuid(*topic);
        writer.compact_array(partitions.iter(), |writer, partition| writer.i32(*partition));
        writer.tags(&[]);
    });
}

fn read_partitions(reader: &mut Reader<'_>) -> Option<Partitions> {
    let topics = reader.compact_array(|reader| {
        let topic = reader.uuid()?;
        let partitions = reader.compact_array(Reader::i32)?;
        reader.tags()?;
        Some((topic, partitions.into_iter().collect()))
    })?;
    Some(topics.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::group::group_record::GroupRecord;

    fn some_partitions() -> Partitions {
        [(Uuid([7; 16]), [0, 2].into())].into()
    }

    #[test]
    fn records_read_back() {
        let member_id: Arc<str> = "c-1".into();
        let metadata = MemberMetadata {
            group_instance_id: None,
            rack: Some("a".into()),
            client_id: "c".into(),
            topics: ["orders".into(), "refunds".into()].into(),
            rebalance_timeout_ms: 300_000,
            server_assignor: Some("range".into()),
        };
        let current = CurrentAssignment {
            epoch: 5,
            previous_epoch: 4,
            state: MemberState::UnrevokedPartitions,
            assigned: some_partitions(),
            pending_revocation: some_partitions(),
        };
        let records = [
            ConsumerRecord::Metadata(Some(GroupEpoch { epoch: 3, metadata_hash: 0 })),
            ConsumerRecord::Metadata(Some(GroupEpoch { epoch: 3, metadata_hash: -9 })),
            ConsumerRecord::Metadata(None),
            ConsumerRecord::Member { member_id: member_id.clone(), value: Some(metadata) },
            ConsumerRecord::Member { member_id: member_id.clone(), value: None },
            ConsumerRecord::TargetMetadata(Some(3)),
            ConsumerRecord::TargetMember {
                member_id: member_id.clone(),
                value: Some(some_partitions()),
            },
            ConsumerRecord::Current { member_id: member_id.clone(), value: Some(current) },
            ConsumerRecord::Current { member_id, value: None },
        ];
        for record in records {
            let record = GroupRecord::Consumer { group: "g".into(), record };
            let (key, value) = (record.key(), record.value());
            assert_eq!(GroupRecord::parse(&key, value.as_deref()), Some(record));
            if let Some(value) = value {
                assert_eq!(GroupRecord::parse(&key, Some(&value[..value.len() / 2])), None);
            }
        }
    }

    /// Key 8, value 0, field by field as `ConsumerGroupCurrentMemberAssignment...json` have them.
    #[test]
    fn a_current_assignment_has_kafkas_bytes() {
        let value = CurrentAssignment {
            epoch: 2,
            previous_epoch: 1,
            state: MemberState::UnreleasedPartitions,
            assigned: some_partitions(),
            pending_revocation: Partitions::new(),
        };
        let record = ConsumerRecord::Current { member_id: "m".into(), value: Some(value) };
        let record = GroupRecord::Consumer { group: "g".into(), record };
        assert_eq!(record.key(), &[0, 8, 0, 1, b'g', 0, 1, b'm'][..]);
        #[rustfmt::skip]
        let value = [
            0, 0,
            0, 0, 0, 2,
            0, 0, 0, 1,
            2,
            2, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 3, 0, 0, 0, 0, 0, 0, 0, 2, 0,
            1,
            0,
        ];
        assert_eq!(record.value().unwrap(), &value[..]);
    }
}
