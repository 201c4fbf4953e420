//! The records that add up to an image, as a snapshot has them (`MetadataImage.write`). Every field is
//! taken apart by name: one that is added and not written here does not compile.

use super::{BrokerRegistration, MetadataImage, TopicImage};
use crate::controller::metadata_record::MetadataRecord;
use crate::controller::partition_registration::PartitionRegistration;
use crate::ids::NodeId;

impl MetadataImage {
    /// Features first, so that a reader knows in which version the rest is written.
    pub fn to_records(&self) -> Vec<MetadataRecord> {
        // `configured` has what is set on topics and on brokers.
        let MetadataImage {
            next_offset: _,
            features,
            brokers,
            topics,
            topic_names: _,
            broker_configs: _,
            next_producer_id,
        } = self;
        let feature = |(name, &level): (&String, &i16)| MetadataRecord::FeatureLevel {
            name: name.clone(),
            level,
        };
        let (first, others): (Vec<_>, Vec<_>) =
            features.iter().partition(|(name, _)| *name == METADATA_VERSION);
        let mut records: Vec<_> = first.into_iter().chain(others).map(feature).collect();
        records.extend(brokers.iter().map(|(&id, broker)| broker.to_record(id)));
        for (name, topic) in topics {
            let TopicImage { topic_id, configs: _, partitions } = &**topic;
            records.push(MetadataRecord::Topic { name: name.to_string(), topic_id: *topic_id });
            let partition = |(&id, registration): (&i32, &PartitionRegistration)| {
                let (topic_id, registration) = (*topic_id, registration.clone());
                MetadataRecord::Partition { partition_id: id, topic_id, registration }
            };
            records.extend(partitions.iter().map(partition));
        }
        for (resource, configs) in self.configured() {
            records.extend(configs.iter().map(|(name, value)| MetadataRecord::Config {
                resource: resource.clone(),
                name: name.clone(),
                value: Some(value.clone()),
            }));
        }
        records.extend(next_producer_id.map(|next_producer_id| MetadataRecord::ProducerIds {
            broker_id: -1,
            broker_epoch: -1,
            next_producer_id,
        }));
        records
    }
}

const METADATA_VERSION: &str = "metadata.version";

impl BrokerRegistration {
    fn to_record(&self, broker_id: NodeId) -> MetadataRecord {
        let BrokerRegistration {
            broker_epoch,
            incarnation_id,
            rack,
            fenced,
            in_controlled_shutdown,
        } = self;
        MetadataRecord::RegisterBroker {
            broker_id,
            incarnation_id: *incarnation_id,
            broker_epoch: *broker_epoch,
            rack: rack.clone(),
            fenced: *fenced,
            in_controlled_shutdown: *in_controlled_shutdown,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::controller::partition_registration::{LeaderRecoveryState, PartitionChange};
    use crate::ids::{ConfigResource, TopicPartition, Uuid};

    /// An image in which every kind of record has left something.
    fn image() -> MetadataImage {
        let (first, second) = (Uuid::from_random(1, 2), Uuid::from_random(3, 4));
        let nodes = vec![NodeId(1), NodeId(2)];
        let config = |resource, value: Option<&str>| MetadataRecord::Config {
            resource,
            name: "retention.ms".into(),
            value: value.map(String::from),
        };
        let register = |id: i32| MetadataRecord::RegisterBroker {
            broker_id: NodeId(id),
            incarnation_id: first,
            broker_epoch: id.into(),
            rack: (id == 1).then(|| "a".into()),
            fenced: true,
            in_controlled_shutdown: false,
        };
        let partition = |topic_id| MetadataRecord::Partition {
            partition_id: 3,
            topic_id,
            registration: PartitionRegistration {
                replicas: nodes.clone(),
                isr: nodes.clone(),
                leader: Some(NodeId(2)),
                leader_epoch: 4,
                partition_epoch: 5,
                ..PartitionRegistration::default()
            },
        };
        let records = [
            MetadataRecord::FeatureLevel { name: "group.version".into(), level: 1 },
            MetadataRecord::FeatureLevel { name: "metadata.version".into(), level: 27 },
            register(1),
            register(2),
            register(3),
            MetadataRecord::UnregisterBroker { broker_id: NodeId(3), broker_epoch: 3 },
            MetadataRecord::UnfenceBroker { id: NodeId(1), epoch: 1 },
            MetadataRecord::BrokerRegistrationChange {
                broker_id: NodeId(1),
                broker_epoch: 1,
                fenced: None,
                in_controlled_shutdown: Some(true),
            },
            MetadataRecord::Topic { name: "orders".into(), topic_id: first },
            partition(first),
            MetadataRecord::Topic { name: "payments".into(), topic_id: second },
            partition(second),
            MetadataRecord::PartitionChange {
                partition_id: 3,
                topic_id: second,
                change: PartitionChange {
                    isr: Some(vec![]),
                    leader: Some(None),
                    removing_replicas: Some(vec![NodeId(1)]),
                    adding_replicas: Some(vec![NodeId(2)]),
                    leader_recovery_state: Some(LeaderRecoveryState::Recovering),
                    elr: Some(vec![NodeId(1)]),
                    last_known_elr: Some(vec![NodeId(2)]),
                    ..PartitionChange::default()
                },
            },
            config(ConfigResource::Topic("orders".into()), Some("1000")),
            config(ConfigResource::Topic("payments".into()), Some("1000")),
            config(ConfigResource::Topic("payments".into()), None),
            config(ConfigResource::Broker(NodeId(1)), Some("6")),
            config(ConfigResource::Broker(NodeId(1)), None),
            config(ConfigResource::Broker(NodeId(2)), Some("7")),
            config(ConfigResource::BrokerDefault, Some("8")),
            MetadataRecord::ProducerIds { broker_id: 2, broker_epoch: 2, next_producer_id: 2_000 },
        ];
        let mut image = MetadataImage::default();
        for (offset, record) in records.iter().enumerate() {
            image.apply(offset as i64, record);
        }
        image
    }

    #[test]
    fn the_records_of_an_image_add_up_to_it() {
        let image = image();
        let mut read = MetadataImage::default();
        let records = image.to_records();
        for record in &records {
            let stored = MetadataRecord::decode(&record.encode()).expect("it reads back");
            read.apply(image.next_offset - 1, &stored);
        }
        assert_eq!(read, image);
        let first = MetadataRecord::FeatureLevel { name: METADATA_VERSION.into(), level: 27 };
        assert_eq!(records[0], first);
        let changed = TopicPartition::new("payments", 3);
        assert_eq!(read.partition(&changed).map(|p| (p.leader, p.leader_epoch)), Some((None, 5)));
    }
}
