//! A record of `__consumer_offsets` as Kafka's `OffsetsMessageFormatter` and `GroupMetadataMessageFormatter`
//! print it (`CoordinatorRecordMessageFormatter`): type and fields of the key, version and fields of the value.

use super::{
    CLIENT_HOST, GROUP_METADATA_KEY, GroupRecord, OFFSET_COMMIT_KEY, StoredMember, VALUE_VERSION,
};
use crate::group::consumer_record::{self, ConsumerRecord, GroupEpoch, Partitions};

const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn text(value: &str) -> String {
    serde_json::to_string(value).expect("text has a form in JSON")
}

fn nullable(value: Option<&str>) -> String {
    value.map_or("null".to_string(), text)
}

/// As Jackson writes bytes.
fn bytes(value: &[u8]) -> String {
    let mut encoded = String::new();
    for group in value.chunks(3) {
        let mut word = [0u8; 4];
        word[1..=group.len()].copy_from_slice(group);
        let word = u32::from_be_bytes(word);
        for digit in 0..4 {
            let index = (word >> (18 - 6 * digit)) & 63;
            encoded.push(if digit <= group.len() { BASE64[index as usize] as char } else { '=' });
        }
    }
    format!("\"{encoded}\"")
}

impl GroupRecord {
    pub fn key_json(&self) -> String {
        let (kind, data) = match self {
            GroupRecord::OffsetCommit { group, partition, .. } => {
                let (group, topic) = (text(group), text(&partition.topic));
                let partition = partition.partition;
                let data =
                    format!(r#"{{"group":{group},"topic":{topic},"partition":{partition}}}"#);
                (OFFSET_COMMIT_KEY, data)
            }
            GroupRecord::GroupMetadata { group, .. } => {
                (GROUP_METADATA_KEY, format!(r#"{{"group":{}}}"#, text(group)))
            }
            GroupRecord::Consumer { group, record } => {
                let (kind, member_id) = record.kind();
                let member_id = member_id.map_or(String::new(), |member_id| {
                    format!(r#","memberId":{}"#, text(member_id))
                });
                (kind, format!(r#"{{"groupId":{}{member_id}}}"#, text(group)))
            }
        };
        format!(r#"{{"type":{kind},"data":{data}}}"#)
    }

    pub fn value_json(&self) -> String {
        let data = match self {
            GroupRecord::Consumer { record, .. } => {
                return record.data_json().map_or("null".to_string(), |data| {
                    format!(r#"{{"version":{},"data":{data}}}"#, consumer_record::VALUE_VERSION)
                });
            }
            GroupRecord::OffsetCommit { value: None, .. }
            | GroupRecord::GroupMetadata { value: None, .. } => return "null".to_string(),
            GroupRecord::OffsetCommit { value: Some(value), .. } => format!(
                r#"{{"offset":{},"leaderEpoch":{},"metadata":"","commitTimestamp":{}}}"#,
                value.committed.offset, value.committed.leader_epoch, value.commit_timestamp_ms
            ),
            GroupRecord::GroupMetadata { value: Some(value), .. } => {
                let members: Vec<_> = value.members.iter().map(member).collect();
                format!(
                    r#"{{"protocolType":{},"generation":{},"protocol":{},"leader":{},"currentStateTimestamp":{},"members":[{}]}}"#,
                    text(&value.protocol_type),
                    value.generation,
                    nullable(value.protocol.as_deref()),
                    nullable(value.leader.as_deref()),
                    value.current_state_timestamp_ms,
                    members.join(",")
                )
            }
        };
        format!(r#"{{"version":{VALUE_VERSION},"data":{data}}}"#)
    }
}

impl ConsumerRecord {
    fn data_json(&self) -> Option<String> {
        Some(match self {
            ConsumerRecord::Metadata(value) => {
                let GroupEpoch { epoch, metadata_hash } = value.as_ref()?;
                // The default of a tagged field is not written.
                let hash = match metadata_hash {
                    0 => String::new(),
                    hash => format!(r#","metadataHash":{hash}"#),
                };
                format!(r#"{{"epoch":{epoch}{hash}}}"#)
            }
            ConsumerRecord::Member { value, .. } => {
                let of = value.as_ref()?;
                let topics: Vec<_> = of.topics.iter().map(|topic| text(topic)).collect();
                format!(
                    r#"{{"instanceId":{},"rackId":{},"clientId":{},"clientHost":{},"subscribedTopicNames":[{}],"subscribedTopicRegex":null,"rebalanceTimeoutMs":{},"serverAssignor":{}}}"#,
                    nullable(of.group_instance_id.as_deref()),
                    nullable(of.rack.as_deref()),
                    text(&of.client_id),
                    text(CLIENT_HOST),
                    topics.join(","),
                    of.rebalance_timeout_ms,
                    nullable(of.server_assignor.as_deref())
                )
            }
            ConsumerRecord::TargetMetadata(epoch) => {
                format!(r#"{{"assignmentEpoch":{}}}"#, (*epoch)?)
            }
            ConsumerRecord::TargetMember { value, .. } => {
                format!(r#"{{"topicPartitions":{}}}"#, partitions(value.as_ref()?))
            }
            ConsumerRecord::Current { value, .. } => {
                let of = value.as_ref()?;
                format!(
                    r#"{{"memberEpoch":{},"previousMemberEpoch":{},"state":{},"assignedPartitions":{},"partitionsPendingRevocation":{}}}"#,
                    of.epoch,
                    of.previous_epoch,
                    of.state.to_byte(),
                    partitions(&of.assigned),
                    partitions(&of.pending_revocation)
                )
            }
        })
    }
}

fn partitions(of: &Partitions) -> String {
    let topics = of.iter().map(|(topic_id, partitions)| {
        let partitions: Vec<_> = partitions.iter().map(i32::to_string).collect();
        format!(r#"{{"topicId":"{topic_id}","partitions":[{}]}}"#, partitions.join(","))
    });
    format!("[{}]", topics.collect::<Vec<_>>().join(","))
}

fn member(of: &StoredMember) -> String {
    format!(
        r#"{{"memberId":{},"groupInstanceId":{},"clientId":{},"clientHost":{},"rebalanceTimeout":{},"sessionTimeout":{},"subscription":{},"assignment":{}}}"#,
        text(&of.member_id),
        nullable(of.group_instance_id.as_deref()),
        text(&of.client_id),
        text(CLIENT_HOST),
        of.rebalance_timeout_ms,
        of.session_timeout_ms,
        bytes(&of.subscription),
        bytes(&of.assignment)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::group::group_record::{StoredGroup, StoredOffset};
    use crate::ids::TopicPartition;
    use crate::protocol::CommittedOffset;
    use bytes::Bytes;

    #[test]
    fn records_are_printed_as_kafka_does() {
        let commit = GroupRecord::OffsetCommit {
            group: "g".into(),
            partition: TopicPartition::new("t", 1),
            value: Some(StoredOffset {
                committed: CommittedOffset { offset: 7, leader_epoch: 2 },
                commit_timestamp_ms: 258,
            }),
        };
        assert_eq!(
            commit.key_json(),
            r#"{"type":1,"data":{"group":"g","topic":"t","partition":1}}"#
        );
        assert_eq!(
            commit.value_json(),
            r#"{"version":3,"data":{"offset":7,"leaderEpoch":2,"metadata":"","commitTimestamp":258}}"#
        );
        let member = StoredMember {
            member_id: "c-1".into(),
            group_instance_id: None,
            client_id: "c".into(),
            rebalance_timeout_ms: 300_000,
            session_timeout_ms: 45_000,
            subscription: Bytes::from_static(b"light w"),
            assignment: Bytes::from_static(b"light wo"),
        };
        let stored = StoredGroup {
            protocol_type: "consumer".into(),
            generation: 4,
            protocol: Some("range".into()),
            leader: Some("c-1".into()),
            current_state_timestamp_ms: 5,
            members: vec![member],
        };
        let group = GroupRecord::GroupMetadata { group: "g".into(), value: Some(stored) };
        assert_eq!(group.key_json(), r#"{"type":2,"data":{"group":"g"}}"#);
        assert_eq!(
            group.value_json(),
            r#"{"version":3,"data":{"protocolType":"consumer","generation":4,"protocol":"range","leader":"c-1","currentStateTimestamp":5,"members":[{"memberId":"c-1","groupInstanceId":null,"clientId":"c","clientHost":"/127.0.0.1","rebalanceTimeout":300000,"sessionTimeout":45000,"subscription":"bGlnaHQgdw==","assignment":"bGlnaHQgd28="}]}}"#
        );
        let gone = GroupRecord::GroupMetadata { group: "g".into(), value: None };
        assert_eq!(gone.value_json(), "null");
    }
}
