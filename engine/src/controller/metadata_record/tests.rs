//! Records read back, cut records do not, and the bytes are Kafka's.

use super::*;
use crate::controller::partition_registration::LeaderRecoveryState;

fn nodes(ids: &[i32]) -> Vec<NodeId> {
    ids.iter().map(|&id| NodeId(id)).collect()
}

/// Every field other than its default.
fn registration() -> PartitionRegistration {
    PartitionRegistration {
        replicas: nodes(&[4, 1]),
        isr: nodes(&[1]),
        removing_replicas: nodes(&[1]),
        adding_replicas: nodes(&[4]),
        leader: Some(NodeId(1)),
        leader_recovery_state: LeaderRecoveryState::Recovering,
        leader_epoch: 6,
        partition_epoch: 7,
        elr: nodes(&[4]),
        last_known_elr: nodes(&[2]),
    }
}

fn change() -> PartitionChange {
    PartitionChange {
        isr: Some(nodes(&[])),
        leader: Some(Some(NodeId(1))),
        replicas: Some(nodes(&[3])),
        removing_replicas: Some(nodes(&[])),
        adding_replicas: Some(nodes(&[5])),
        leader_recovery_state: Some(LeaderRecoveryState::Recovered),
        elr: Some(nodes(&[6])),
        last_known_elr: Some(nodes(&[7])),
    }
}

#[test]
fn every_record_reads_back() {
    let id = Uuid::from_random(1, 2);
    let node = NodeId(1);
    let records = [
        MetadataRecord::RegisterBroker {
            broker_id: node,
            incarnation_id: id,
            broker_epoch: 7,
            rack: None,
            fenced: true,
            in_controlled_shutdown: false,
        },
        MetadataRecord::RegisterBroker {
            broker_id: node,
            incarnation_id: id,
            broker_epoch: 8,
            rack: Some("랙-a".into()),
            fenced: false,
            in_controlled_shutdown: true,
        },
        MetadataRecord::UnregisterBroker { broker_id: node, broker_epoch: 7 },
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
        MetadataRecord::RemoveTopic { topic_id: id },
        MetadataRecord::Partition {
            partition_id: 3,
            topic_id: id,
            registration: PartitionRegistration {
                replicas: vec![NodeId(1), NodeId(2)],
                isr: vec![NodeId(2)],
                leader_epoch: 4,
                partition_epoch: 9,
                ..PartitionRegistration::default()
            },
        },
        MetadataRecord::Partition { partition_id: 3, topic_id: id, registration: registration() },
        MetadataRecord::PartitionChange { partition_id: 3, topic_id: id, change: change() },
        MetadataRecord::PartitionChange {
            partition_id: 3,
            topic_id: id,
            change: PartitionChange { leader: Some(None), ..PartitionChange::default() },
        },
        MetadataRecord::PartitionChange {
            partition_id: 3,
            topic_id: id,
            change: PartitionChange::default(),
        },
        MetadataRecord::ClearElr { topic: Some("orders".into()) },
        MetadataRecord::ClearElr { topic: None },
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

/// Api key 9 (`RemoveTopicRecord.json`).
#[test]
fn remove_topic_record_bytes_are_kafkas() {
    let record = MetadataRecord::RemoveTopic { topic_id: Uuid([7; 16]) };
    let mut expected = vec![1, 9, 0];
    expected.extend([7; 16]);
    expected.push(0);
    assert_eq!(&record.encode()[..], &expected[..]);
}

/// Api key 1 (`UnregisterBrokerRecord.json`): the id, the epoch, no tagged fields.
#[test]
fn unregister_broker_record_bytes_are_kafkas() {
    let record = MetadataRecord::UnregisterBroker { broker_id: NodeId(3), broker_epoch: 258 };
    assert_eq!(&record.encode()[..], [1, 1, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 1, 2, 0]);
    let json = r#"{"type":"UNREGISTER_BROKER_RECORD","version":0,"data":{"brokerId":3,"brokerEpoch":258}}"#;
    assert_eq!(record.to_json(), json);
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
        rack: Some("a".into()),
        fenced: true,
        in_controlled_shutdown: false,
    };
    let mut expected = vec![1, 0, 1, 0, 0, 0, 1];
    expected.extend([9; 16]);
    expected.extend([0, 0, 0, 0, 0, 0, 0, 2]);
    expected.extend([1, 1, 2, b'a', 1, 0, 0]); // EndPoints, Features, Rack, Fenced
    assert_eq!(&record.encode()[..], &expected[..]);
}

/// Version 2, field by field of `PartitionRecord.json`: directories before the tags, the recovery
/// state as tag 0, ELR and last known ELR as tags 1 and 2.
#[test]
fn partition_record_bytes_are_kafkas() {
    let (partition_id, topic_id) = (3, Uuid([7; 16]));
    let registration = registration();
    let record = MetadataRecord::Partition { partition_id, topic_id, registration };
    let mut expected = vec![1, 3, 2, 0, 0, 0, 3];
    expected.extend([7; 16]);
    expected.extend([3, 0, 0, 0, 4, 0, 0, 0, 1]); // Replicas
    expected.extend([2, 0, 0, 0, 1]); // Isr
    expected.extend([2, 0, 0, 0, 1]); // RemovingReplicas
    expected.extend([2, 0, 0, 0, 4]); // AddingReplicas
    expected.extend([0, 0, 0, 1, 0, 0, 0, 6, 0, 0, 0, 7]); // Leader, LeaderEpoch, PartitionEpoch
    expected.push(3);
    expected.extend([0; 32]); // Directories
    expected.extend([3, 0, 1, 1]); // three tags: LeaderRecoveryState
    expected.extend([1, 5, 2, 0, 0, 0, 4]); // EligibleLeaderReplicas
    expected.extend([2, 5, 2, 0, 0, 0, 2]); // LastKnownElr
    assert_eq!(&record.encode()[..], &expected[..]);
}

/// Version 2 of `PartitionChangeRecord.json`: nothing but tags, in their order.
#[test]
fn partition_change_record_bytes_are_kafkas() {
    let (partition_id, topic_id) = (3, Uuid([7; 16]));
    let record = MetadataRecord::PartitionChange { partition_id, topic_id, change: change() };
    let mut expected = vec![1, 5, 2, 0, 0, 0, 3];
    expected.extend([7; 16]);
    expected.extend([9, 0, 1, 1]); // Isr: empty, which is not null
    expected.extend([1, 4, 0, 0, 0, 1]); // Leader
    expected.extend([2, 5, 2, 0, 0, 0, 3]); // Replicas
    expected.extend([3, 1, 1]); // RemovingReplicas
    expected.extend([4, 5, 2, 0, 0, 0, 5]); // AddingReplicas
    expected.extend([5, 1, 0]); // LeaderRecoveryState
    expected.extend([6, 5, 2, 0, 0, 0, 6]); // EligibleLeaderReplicas
    expected.extend([7, 5, 2, 0, 0, 0, 7]); // LastKnownElr
    expected.extend([8, 17, 2]); // Directories
    expected.extend([0; 16]);
    assert_eq!(&record.encode()[..], &expected[..]);
}

/// What controllers of earlier metadata versions wrote, without directories, can still be read.
#[test]
fn earlier_partition_records_can_be_read() {
    let mut bytes = vec![1, 3, 0, 0, 0, 0, 3];
    bytes.extend([7; 16]);
    bytes.extend([2, 0, 0, 0, 1, 2, 0, 0, 0, 1, 1, 1]);
    bytes.extend([0, 0, 0, 1, 0, 0, 0, 6, 0, 0, 0, 7, 0]);
    let registration = PartitionRegistration {
        replicas: nodes(&[1]),
        isr: nodes(&[1]),
        leader: Some(NodeId(1)),
        leader_epoch: 6,
        partition_epoch: 7,
        ..PartitionRegistration::default()
    };
    let topic_id = Uuid([7; 16]);
    let expected = MetadataRecord::Partition { partition_id: 3, topic_id, registration };
    assert_eq!(MetadataRecord::decode(&bytes), Some(expected));
}
