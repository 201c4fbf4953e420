//! Records read back, cut records do not, and the bytes are Kafka's.

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
        MetadataRecord::PartitionChange { partition_id: 3, topic_id: id, isr: None, leader: None },
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
    let record =
        MetadataRecord::RegisterBroker { broker_id: NodeId(1), incarnation_id, broker_epoch: 2 };
    let mut expected = vec![1, 0, 1, 0, 0, 0, 1];
    expected.extend([9; 16]);
    expected.extend([0, 0, 0, 0, 0, 0, 0, 2]);
    expected.extend([1, 1, 0, 1, 0, 0]);
    assert_eq!(&record.encode()[..], &expected[..]);
}
