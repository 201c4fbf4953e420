//! Records of `__cluster_metadata-0`, by Kafka's names and in Kafka's bytes (the generated classes
//! of `metadata/src/main/resources/common/metadata`). What the records mean is in
//! [`super::metadata_image`].

mod flexible;
mod json;
mod partition;
#[cfg(test)]
mod tests;

use super::partition_registration::{PartitionChange, PartitionRegistration};
use crate::ids::{ConfigResource, NodeId, Uuid};
use bytes::{BufMut, Bytes, BytesMut};
use flexible::{Reader, Writer};
pub use json::metadata_text;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum MetadataRecord {
    RegisterBroker {
        broker_id: NodeId,
        incarnation_id: Uuid,
        broker_epoch: i64,
        rack: Option<Arc<str>>,
        fenced: bool,
        in_controlled_shutdown: bool,
    },
    UnregisterBroker {
        broker_id: NodeId,
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
    RemoveTopic {
        topic_id: Uuid,
    },
    Partition {
        partition_id: i32,
        topic_id: Uuid,
        registration: PartitionRegistration,
    },
    PartitionChange {
        partition_id: i32,
        topic_id: Uuid,
        change: PartitionChange,
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
    /// Nobody is eligible any more in this topic, or with `None` in any: min.insync.replicas changed.
    ClearElr {
        topic: Option<String>,
    },
    /// A broker was given producer ids; the next to be given are from here on.
    ProducerIds {
        /// -1 in a snapshot.
        broker_id: i32,
        broker_epoch: i64,
        next_producer_id: i64,
    },
}

/// KRaft frames every metadata record: frame version, api key and version as unsigned varints.
const FRAME_VERSION: u8 = 1;
const TOPIC_RESOURCE: i8 = 2;
const BROKER_RESOURCE: i8 = 4;

impl MetadataRecord {
    fn api_key_and_version(&self) -> (u8, u8) {
        match self {
            MetadataRecord::RegisterBroker { .. } => (0, 1),
            MetadataRecord::UnregisterBroker { .. } => (1, 0),
            MetadataRecord::Topic { .. } => (2, 0),
            MetadataRecord::Partition { .. } => (3, 2),
            MetadataRecord::Config { .. } => (4, 0),
            MetadataRecord::PartitionChange { .. } => (5, 2),
            MetadataRecord::FenceBroker { .. } => (7, 0),
            MetadataRecord::UnfenceBroker { .. } => (8, 0),
            MetadataRecord::RemoveTopic { .. } => (9, 0),
            MetadataRecord::FeatureLevel { .. } => (12, 0),
            MetadataRecord::ProducerIds { .. } => (15, 0),
            MetadataRecord::BrokerRegistrationChange { .. } => (17, 1),
            MetadataRecord::ClearElr { .. } => (28, 0),
        }
    }

    /// Kafka's name for the record type.
    pub fn type_name(&self) -> &'static str {
        match self {
            MetadataRecord::Topic { .. } => "TOPIC_RECORD",
            MetadataRecord::RemoveTopic { .. } => "REMOVE_TOPIC_RECORD",
            MetadataRecord::Partition { .. } => "PARTITION_RECORD",
            MetadataRecord::Config { .. } => "CONFIG_RECORD",
            MetadataRecord::PartitionChange { .. } => "PARTITION_CHANGE_RECORD",
            MetadataRecord::FenceBroker { .. } => "FENCE_BROKER_RECORD",
            MetadataRecord::UnfenceBroker { .. } => "UNFENCE_BROKER_RECORD",
            MetadataRecord::FeatureLevel { .. } => "FEATURE_LEVEL_RECORD",
            MetadataRecord::ClearElr { .. } => "CLEAR_ELR_RECORD",
            MetadataRecord::ProducerIds { .. } => "PRODUCER_IDS_RECORD",
            MetadataRecord::BrokerRegistrationChange { .. } => "BROKER_REGISTRATION_CHANGE_RECORD",
            MetadataRecord::RegisterBroker { .. } => "REGISTER_BROKER_RECORD",
            MetadataRecord::UnregisterBroker { .. } => "UNREGISTER_BROKER_RECORD",
        }
    }

    pub fn encode(&self) -> Bytes {
        let (api_key, version) = self.api_key_and_version();
        let mut out = Writer(BytesMut::with_capacity(64));
        out.0.extend_from_slice(&[FRAME_VERSION, api_key, version]);
        match self {
            MetadataRecord::RegisterBroker {
                broker_id,
                incarnation_id,
                broker_epoch,
                rack,
                fenced,
                in_controlled_shutdown,
            } => {
                out.i32(broker_id.0);
                out.uuid(*incarnation_id);
                out.i64(*broker_epoch);
                out.count(0); // EndPoints
                out.count(0); // Features
                out.nullable_string(rack.as_deref());
                out.bool(*fenced);
                out.bool(*in_controlled_shutdown);
                out.no_tags();
            }
            MetadataRecord::UnregisterBroker { broker_id: id, broker_epoch: epoch }
            | MetadataRecord::FenceBroker { id, epoch }
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
            MetadataRecord::RemoveTopic { topic_id } => {
                out.uuid(*topic_id);
                out.no_tags();
            }
            MetadataRecord::Partition { partition_id, topic_id, registration } => {
                out.i32(*partition_id);
                out.uuid(*topic_id);
                partition::write_registration(&mut out, registration);
            }
            MetadataRecord::PartitionChange { partition_id, topic_id, change } => {
                out.i32(*partition_id);
                out.uuid(*topic_id);
                partition::write_change(&mut out, change);
            }
            MetadataRecord::Config { resource, name, value } => {
                let (kind, of) = resource_text(resource);
                out.0.put_i8(kind);
                out.string(&of);
                out.string(name);
                out.nullable_string(value.as_deref());
                out.no_tags();
            }
            MetadataRecord::FeatureLevel { name, level } => {
                out.string(name);
                out.0.put_i16(*level);
                out.no_tags();
            }
            MetadataRecord::ClearElr { topic } => {
                out.nullable_string(topic.as_deref());
                out.no_tags();
            }
            MetadataRecord::ProducerIds { broker_id, broker_epoch, next_producer_id } => {
                out.i32(*broker_id);
                out.i64(*broker_epoch);
                out.i64(*next_producer_id);
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
                // EndPoints and Features empty.
                input.take(2)?;
                MetadataRecord::RegisterBroker {
                    broker_id,
                    incarnation_id,
                    broker_epoch,
                    rack: input.string()?.map(Arc::from),
                    fenced: input.u8()? != 0,
                    in_controlled_shutdown: input.u8()? != 0,
                }
                .no_tags(&mut input)?
            }
            (1, 0) => {
                let (broker_id, broker_epoch) = (NodeId(input.i32()?), input.i64()?);
                MetadataRecord::UnregisterBroker { broker_id, broker_epoch }.no_tags(&mut input)?
            }
            (2, 0) => MetadataRecord::Topic { name: input.string()??, topic_id: input.uuid()? }
                .no_tags(&mut input)?,
            (3, 0..=2) => {
                let (partition_id, topic_id) = (input.i32()?, input.uuid()?);
                let registration = partition::read_registration(&mut input, version)?;
                MetadataRecord::Partition { partition_id, topic_id, registration }
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
            (5, 0..=2) => {
                let (partition_id, topic_id) = (input.i32()?, input.uuid()?);
                let change = partition::read_change(&mut input)?;
                MetadataRecord::PartitionChange { partition_id, topic_id, change }
            }
            (7, 0) => MetadataRecord::FenceBroker { id: NodeId(input.i32()?), epoch: input.i64()? }
                .no_tags(&mut input)?,
            (8, 0) => {
                MetadataRecord::UnfenceBroker { id: NodeId(input.i32()?), epoch: input.i64()? }
                    .no_tags(&mut input)?
            }
            (9, 0) => {
                MetadataRecord::RemoveTopic { topic_id: input.uuid()? }.no_tags(&mut input)?
            }
            (12, 0) => {
                let name = input.string()??;
                MetadataRecord::FeatureLevel { name, level: input.i16()? }.no_tags(&mut input)?
            }
            (28, 0) => MetadataRecord::ClearElr { topic: input.string()? }.no_tags(&mut input)?,
            (15, 0) => MetadataRecord::ProducerIds {
                broker_id: input.i32()?,
                broker_epoch: input.i64()?,
                next_producer_id: input.i64()?,
            }
            .no_tags(&mut input)?,
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

fn resource_text(resource: &ConfigResource) -> (i8, String) {
    match resource {
        ConfigResource::Topic(topic) => (TOPIC_RESOURCE, topic.to_string()),
        ConfigResource::Broker(id) => (BROKER_RESOURCE, id.0.to_string()),
        ConfigResource::BrokerDefault => (BROKER_RESOURCE, String::new()),
    }
}
