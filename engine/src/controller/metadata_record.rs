//! Records of `__cluster_metadata-0`, by Kafka's names and in Kafka's bytes (the generated classes
//! of `metadata/src/main/resources/common/metadata`). What the records mean is in
//! [`super::metadata_image`].

use crate::ids::{ConfigResource, NodeId, Uuid};
use bytes::{BufMut, Bytes, BytesMut};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum MetadataRecord {
    RegisterBroker {
        broker_id: NodeId,
        incarnation_id: Uuid,
        broker_epoch: i64,
    },
    FenceBroker {
        id: NodeId,
        epoch: i64,
    },
    UnfenceBroker {
        id: NodeId,
        epoch: i64,
    },
    /// Fields that are `None` stay as they are.
    BrokerRegistrationChange {
        broker_id: NodeId,
        broker_epoch: i64,
        fenced: Option<bool>,
        in_controlled_shutdown: Option<bool>,
    },
    Topic {
        name: String,
        topic_id: Uuid,
    },
    Partition {
        partition_id: i32,
        topic_id: Uuid,
        replicas: Vec<NodeId>,
        isr: Vec<NodeId>,
        leader: Option<NodeId>,
        leader_epoch: i32,
        partition_epoch: i32,
    },
    /// Fields that are `None` stay as they are; a `leader` that is set raises the leader epoch.
    PartitionChange {
        partition_id: i32,
        topic_id: Uuid,
        isr: Option<Vec<NodeId>>,
        leader: Option<Option<NodeId>>,
    },
    /// `None` removes the setting.
    Config {
        resource: ConfigResource,
        name: String,
        value: Option<String>,
    },
    FeatureLevel {
        name: String,
        level: i16,
    },
}

/// KRaft frames every metadata record: frame version, api key and version as unsigned varints.
const FRAME_VERSION: u8 = 1;
const NO_LEADER: i32 = -1;
const TOPIC_RESOURCE: i8 = 2;
const BROKER_RESOURCE: i8 = 4;

impl MetadataRecord {
    fn api_key_and_version(&self) -> (u8, u8) {
        match self {
            MetadataRecord::RegisterBroker { .. } => (0, 1),
            MetadataRecord::Topic { .. } => (2, 0),
            MetadataRecord::Partition { .. } => (3, 0),
            MetadataRecord::Config { .. } => (4, 0),
            MetadataRecord::PartitionChange { .. } => (5, 0),
            MetadataRecord::FenceBroker { .. } => (7, 0),
            MetadataRecord::UnfenceBroker { .. } => (8, 0),
            MetadataRecord::FeatureLevel { .. } => (12, 0),
            MetadataRecord::BrokerRegistrationChange { .. } => (17, 1),
        }
    }

    /// Kafka's name for the record type.
    pub fn type_name(&self) -> &'static str {
        match self {
            MetadataRecord::Topic { .. } => "TOPIC_RECORD",
            MetadataRecord::Partition { .. } => "PARTITION_RECORD",
            MetadataRecord::Config { .. } => "CONFIG_RECORD",
            MetadataRecord::PartitionChange { .. } => "PARTITION_CHANGE_RECORD",
            MetadataRecord::FenceBroker { .. } => "FENCE_BROKER_RECORD",
            MetadataRecord::UnfenceBroker { .. } => "UNFENCE_BROKER_RECORD",
            MetadataRecord::FeatureLevel { .. } => "FEATURE_LEVEL_RECORD",
            MetadataRecord::BrokerRegistrationChange { .. } => "BROKER_REGISTRATION_CHANGE_RECORD",
            MetadataRecord::RegisterBroker { .. } => "REGISTER_BROKER_RECORD",
        }
    }

    pub fn encode(&self) -> Bytes {
        let (api_key, version) = self.api_key_and_version();
        let mut out = Writer(BytesMut::with_capacity(64));
        out.0.extend_from_slice(&[FRAME_VERSION, api_key, version]);
        match self {
            MetadataRecord::RegisterBroker { broker_id, incarnation_id, broker_epoch } => {
                out.i32(broker_id.0);
                out.uuid(*incarnation_id);
                out.i64(*broker_epoch);
                out.count(0); // EndPoints
                out.count(0); // Features
                out.0.put_u8(0); // Rack: null
                out.bool(true); // Fenced
                out.bool(false); // InControlledShutdown
                out.no_tags();
            }
            MetadataRecord::FenceBroker { id, epoch }
            | MetadataRecord::UnfenceBroker { id, epoch } => {
                out.i32(id.0);
                out.i64(*epoch);
                out.no_tags();
            }
            MetadataRecord::BrokerRegistrationChange {
                broker_id,
                broker_epoch,
                fenced,
                in_controlled_shutdown,
            } => {
                out.i32(broker_id.0);
                out.i64(*broker_epoch);
                // -1: unfenced, 1: fenced, 0 (left out): no change.
                let fenced = fenced.map(|fenced| (0, vec![if fenced { 1 } else { 0xFF }]));
                let shutdown = in_controlled_shutdown.map(|_| (1, vec![1]));
                out.tags(fenced.into_iter().chain(shutdown).collect());
            }
            MetadataRecord::Topic { name, topic_id } => {
                out.string(name);
                out.uuid(*topic_id);
                out.no_tags();
            }
            MetadataRecord::Partition {
                partition_id,
                topic_id,
                replicas,
                isr,
                leader,
                leader_epoch,
                partition_epoch,
            } => {
                out.i32(*partition_id);
                out.uuid(*topic_id);
                out.nodes(replicas);
                out.nodes(isr);
                out.count(0); // RemovingReplicas
                out.count(0); // AddingReplicas
                out.i32(leader.map_or(NO_LEADER, |leader| leader.0));
                out.i32(*leader_epoch);
                out.i32(*partition_epoch);
                out.no_tags();
            }
            MetadataRecord::PartitionChange { partition_id, topic_id, isr, leader } => {
                out.i32(*partition_id);
                out.uuid(*topic_id);
                let isr = isr.as_ref().map(|isr| {
                    let mut field = Writer(BytesMut::new());
                    field.nodes(isr);
                    (0, field.0.to_vec())
                });
                let leader = leader.map(|leader| {
                    (1, leader.map_or(NO_LEADER, |leader| leader.0).to_be_bytes().to_vec())
                });
                out.tags(isr.into_iter().chain(leader).collect());
            }
            MetadataRecord::Config { resource, name, value } => {
                let (kind, of) = match resource {
                    ConfigResource::Topic(topic) => (TOPIC_RESOURCE, topic.to_string()),
                    ConfigResource::Broker(id) => (BROKER_RESOURCE, id.0.to_string()),
                    ConfigResource::BrokerDefault => (BROKER_RESOURCE, String::new()),
                };
                out.0.put_i8(kind);
                out.string(&of);
                out.string(name);
                match value {
                    Some(value) => out.string(value),
                    None => out.0.put_u8(0),
                }
                out.no_tags();
            }
            MetadataRecord::FeatureLevel { name, level } => {
                out.string(name);
                out.0.put_i16(*level);
                out.no_tags();
            }
        }
        out.0.freeze()
    }

    /// Reads one record; `None` if the bytes are not one that this engine writes.
    pub fn decode(bytes: &[u8]) -> Option<MetadataRecord> {
        let mut input = Reader(bytes);
        if input.u8()? != FRAME_VERSION {
            return None;
        }
        let (api_key, version) = (input.u8()?, input.u8()?);
        let record = match (api_key, version) {
            (0, 1) => {
                let broker_id = NodeId(input.i32()?);
                let (incarnation_id, broker_epoch) = (input.uuid()?, input.i64()?);
                // EndPoints and Features empty, Rack null, Fenced, InControlledShutdown.
                input.take(5)?;
                MetadataRecord::RegisterBroker { broker_id, incarnation_id, broker_epoch }
                    .no_tags(&mut input)?
            }
            (2, 0) => MetadataRecord::Topic { name: input.string()??, topic_id: input.uuid()? }
                .no_tags(&mut input)?,
            (3, 0) => {
                let partition_id = input.i32()?;
                let topic_id = input.uuid()?;
                let (replicas, isr) = (input.nodes()?, input.nodes()?);
                let (_removing, _adding) = (input.nodes()?, input.nodes()?);
                let leader = leader_from(input.i32()?);
                let (leader_epoch, partition_epoch) = (input.i32()?, input.i32()?);
                MetadataRecord::Partition {
                    partition_id,
                    topic_id,
                    replicas,
                    isr,
                    leader,
                    leader_epoch,
                    partition_epoch,
                }
                .no_tags(&mut input)?
            }
            (4, 0) => {
                let (kind, of) = (input.u8()? as i8, input.string()??);
                let resource = match kind {
                    TOPIC_RESOURCE => ConfigResource::Topic(of.into()),
                    BROKER_RESOURCE if of.is_empty() => ConfigResource::BrokerDefault,
                    BROKER_RESOURCE => ConfigResource::Broker(NodeId(of.parse().ok()?)),
                    _ => return None,
                };
                let name = input.string()??;
                MetadataRecord::Config { resource, name, value: input.string()? }
                    .no_tags(&mut input)?
            }
            (5, 0) => {
                let (partition_id, topic_id) = (input.i32()?, input.uuid()?);
                let (mut isr, mut leader) = (None, None);
                for (tag, field) in input.tags()? {
                    let mut field = Reader(field);
                    match tag {
                        0 => isr = Some(field.nodes()?),
                        1 => leader = Some(leader_from(field.i32()?)),
                        _ => return None,
                    }
                }
                MetadataRecord::PartitionChange { partition_id, topic_id, isr, leader }
            }
            (7, 0) => MetadataRecord::FenceBroker { id: NodeId(input.i32()?), epoch: input.i64()? }
                .no_tags(&mut input)?,
            (8, 0) => {
                MetadataRecord::UnfenceBroker { id: NodeId(input.i32()?), epoch: input.i64()? }
                    .no_tags(&mut input)?
            }
            (12, 0) => {
                let name = input.string()??;
                MetadataRecord::FeatureLevel { name, level: input.i16()? }.no_tags(&mut input)?
            }
            (17, 1) => {
                let (broker_id, broker_epoch) = (NodeId(input.i32()?), input.i64()?);
                let (mut fenced, mut in_controlled_shutdown) = (None, None);
                for (tag, field) in input.tags()? {
                    match (tag, field) {
                        (0, [value]) => fenced = Some(*value == 1),
                        (1, [_]) => in_controlled_shutdown = Some(true),
                        _ => return None,
                    }
                }
                MetadataRecord::BrokerRegistrationChange {
                    broker_id,
                    broker_epoch,
                    fenced,
                    in_controlled_shutdown,
                }
            }
            _ => return None,
        };
        input.0.is_empty().then_some(record)
    }

    fn no_tags(self, input: &mut Reader<'_>) -> Option<Self> {
        input.tags()?.is_empty().then_some(self)
    }
}

fn leader_from(id: i32) -> Option<NodeId> {
    (id != NO_LEADER).then_some(NodeId(id))
}

/// Kafka's flexible-version primitives.
struct Writer(BytesMut);

impl Writer {
    fn i32(&mut self, value: i32) {
        self.0.put_i32(value);
    }
    fn i64(&mut self, value: i64) {
        self.0.put_i64(value);
    }
    fn bool(&mut self, value: bool) {
        self.0.put_u8(u8::from(value));
    }
    fn uuid(&mut self, value: Uuid) {
        self.0.extend_from_slice(&value.0);
    }
    fn unsigned_varint(&mut self, mut value: u32) {
        while value >= 0x80 {
            self.0.put_u8(value as u8 | 0x80);
            value >>= 7;
        }
        self.0.put_u8(value as u8);
    }
    /// Compact lengths are stored plus one; 0 stands for null.
    fn count(&mut self, count: usize) {
        self.unsigned_varint(count as u32 + 1);
    }
    fn string(&mut self, text: &str) {
        self.count(text.len());
        self.0.extend_from_slice(text.as_bytes());
    }
    fn nodes(&mut self, nodes: &[NodeId]) {
        self.count(nodes.len());
        nodes.iter().for_each(|node| self.i32(node.0));
    }
    fn no_tags(&mut self) {
        self.unsigned_varint(0);
    }
    fn tags(&mut self, fields: Vec<(u32, Vec<u8>)>) {
        self.unsigned_varint(fields.len() as u32);
        for (tag, bytes) in fields {
            self.unsigned_varint(tag);
            self.unsigned_varint(bytes.len() as u32);
            self.0.extend_from_slice(&bytes);
        }
    }
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (head, tail) = self.0.split_at_checked(count)?;
        self.0 = tail;
        Some(head)
    }
    fn u8(&mut self) -> Option<u8> {
        Some(self.take(1)?[0])
    }
    fn i16(&mut self) -> Option<i16> {
        Some(i16::from_be_bytes(self.take(2)?.try_into().ok()?))
    }
    fn i32(&mut self) -> Option<i32> {
        Some(i32::from_be_bytes(self.take(4)?.try_into().ok()?))
    }
    fn i64(&mut self) -> Option<i64> {
        Some(i64::from_be_bytes(self.take(8)?.try_into().ok()?))
    }
    fn uuid(&mut self) -> Option<Uuid> {
        Some(Uuid(self.take(16)?.try_into().ok()?))
    }
    fn unsigned_varint(&mut self) -> Option<u32> {
        let mut value: u32 = 0;
        for shift in (0..35).step_by(7) {
            let byte = self.u8()?;
            value |= u32::from(byte & 0x7F).checked_shl(shift)?;
            if byte < 0x80 {
                return Some(value);
            }
        }
        None
    }
    /// `Some(None)` is a null string.
    fn string(&mut self) -> Option<Option<String>> {
        match self.unsigned_varint()? {
            0 => Some(None),
            n => {
                let bytes = self.take(n as usize - 1)?;
                Some(Some(String::from_utf8(bytes.to_vec()).ok()?))
            }
        }
    }
    fn nodes(&mut self) -> Option<Vec<NodeId>> {
        let count = self.unsigned_varint()?.checked_sub(1)? as usize;
        if count > self.0.len() / 4 {
            return None;
        }
        (0..count).map(|_| self.i32().map(NodeId)).collect()
    }
    fn tags(&mut self) -> Option<Vec<(u32, &'a [u8])>> {
        let count = self.unsigned_varint()? as usize;
        if count > self.0.len() {
            return None;
        }
        let mut fields = Vec::new();
        for _ in 0..count {
            let tag = self.unsigned_varint()?;
            let len = self.unsigned_varint()? as usize;
            fields.push((tag, self.take(len)?));
        }
        Some(fields)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_record_reads_back() {
        let id = Uuid::from_random(1, 2);
        let node = NodeId(1);
        let records = [
            MetadataRecord::RegisterBroker { broker_id: node, incarnation_id: id, broker_epoch: 7 },
            MetadataRecord::FenceBroker { id: node, epoch: 7 },
            MetadataRecord::UnfenceBroker { id: node, epoch: 7 },
            MetadataRecord::BrokerRegistrationChange {
                broker_id: node,
                broker_epoch: 7,
                fenced: Some(false),
                in_controlled_shutdown: None,
            },
            MetadataRecord::BrokerRegistrationChange {
                broker_id: node,
                broker_epoch: 7,
                fenced: None,
                in_controlled_shutdown: Some(true),
            },
            MetadataRecord::Topic { name: "주문".into(), topic_id: id },
            MetadataRecord::Partition {
                partition_id: 3,
                topic_id: id,
                replicas: vec![NodeId(1), NodeId(2)],
                isr: vec![NodeId(2)],
                leader: None,
                leader_epoch: 4,
                partition_epoch: 9,
            },
            MetadataRecord::PartitionChange {
                partition_id: 3,
                topic_id: id,
                isr: Some(vec![node]),
                leader: Some(None),
            },
            MetadataRecord::PartitionChange {
                partition_id: 3,
                topic_id: id,
                isr: None,
                leader: None,
            },
            MetadataRecord::Config {
                resource: ConfigResource::Topic("orders".into()),
                name: "min.insync.replicas".into(),
                value: Some("2".into()),
            },
            MetadataRecord::Config {
                resource: ConfigResource::Broker(NodeId(3)),
                name: "x".into(),
                value: None,
            },
            MetadataRecord::Config {
                resource: ConfigResource::BrokerDefault,
                name: "log.retention.ms".into(),
                value: Some("1".into()),
            },
            MetadataRecord::FeatureLevel { name: "metadata.version".into(), level: 27 },
        ];
        for record in records {
            let bytes = record.encode();
            assert_eq!(MetadataRecord::decode(&bytes), Some(record.clone()), "{record:?}");
            for len in 0..bytes.len() {
                assert_eq!(MetadataRecord::decode(&bytes[..len]), None, "cut {record:?} at {len}");
            }
        }
    }

    /// The bytes that Kafka's own serde gives (`MetadataRecordSerde`): frame 1, api key 2, version 0,
    /// compact string, uuid, no tagged fields.
    #[test]
    fn topic_record_bytes_are_kafkas() {
        let record = MetadataRecord::Topic { name: "foo".into(), topic_id: Uuid([7; 16]) };
        let mut expected = vec![1, 2, 0, 4, b'f', b'o', b'o'];
        expected.extend([7; 16]);
        expected.push(0);
        assert_eq!(&record.encode()[..], &expected[..]);
    }

    /// Version 1 of api key 0, field by field of `RegisterBrokerRecord.json`: Kafka's dump tool reads
    /// it with `--cluster-metadata-decoder`.
    #[test]
    fn register_broker_record_bytes_are_kafkas() {
        let incarnation_id = Uuid([9; 16]);
        let record = MetadataRecord::RegisterBroker {
            broker_id: NodeId(1),
            incarnation_id,
            broker_epoch: 2,
        };
        let mut expected = vec![1, 0, 1, 0, 0, 0, 1];
        expected.extend([9; 16]);
        expected.extend([0, 0, 0, 0, 0, 0, 0, 2]);
        expected.extend([1, 1, 0, 1, 0, 0]);
        assert_eq!(&record.encode()[..], &expected[..]);
    }
}
