//! A record as `kafka-dump-log.sh --cluster-metadata-decoder` prints it (`MetadataJsonConverters`):
//! fields in the order of Kafka's schema, tagged ones only where they are set.

use super::{MetadataRecord, resource_text};
use crate::controller::partition_registration::{
    LeaderRecoveryState, PartitionChange, PartitionRegistration,
};
use crate::ids::{NodeId, Uuid};
use crate::log::dump::java_text;

/// What a value of the metadata log says.
pub fn metadata_text(value: &[u8]) -> String {
    MetadataRecord::decode(value).map_or_else(|| java_text(value), |record| record.to_json())
}

impl MetadataRecord {
    pub fn to_json(&self) -> String {
        let (_, version) = self.api_key_and_version();
        let mut fields = Fields(Vec::new());
        match self {
            MetadataRecord::RegisterBroker {
                broker_id,
                incarnation_id,
                broker_epoch,
                rack,
                fenced,
                in_controlled_shutdown,
            } => {
                fields.number("brokerId", broker_id.0);
                fields.text("incarnationId", &incarnation_id.to_string());
                fields.number("brokerEpoch", *broker_epoch);
                fields.add("endPoints", "[]".into());
                fields.add("features", "[]".into());
                fields.nullable_text("rack", rack.as_deref());
                fields.add("fenced", fenced.to_string());
                fields.add("inControlledShutdown", in_controlled_shutdown.to_string());
            }
            MetadataRecord::UnregisterBroker { broker_id, broker_epoch } => {
                fields.number("brokerId", broker_id.0);
                fields.number("brokerEpoch", *broker_epoch);
            }
            MetadataRecord::FenceBroker { id, epoch }
            | MetadataRecord::UnfenceBroker { id, epoch } => {
                fields.number("id", id.0);
                fields.number("epoch", *epoch);
            }
            MetadataRecord::BrokerRegistrationChange {
                broker_id,
                broker_epoch,
                fenced,
                in_controlled_shutdown,
            } => {
                fields.number("brokerId", broker_id.0);
                fields.number("brokerEpoch", *broker_epoch);
                if let Some(fenced) = fenced {
                    fields.number("fenced", if *fenced { 1 } else { -1 });
                }
                if in_controlled_shutdown.is_some() {
                    fields.number("inControlledShutdown", 1);
                }
            }
            MetadataRecord::Topic { name, topic_id } => {
                fields.text("name", name);
                fields.text("topicId", &topic_id.to_string());
            }
            MetadataRecord::RemoveTopic { topic_id } => {
                fields.text("topicId", &topic_id.to_string());
            }
            MetadataRecord::ClearElr { topic } => {
                fields.nullable_text("topicName", topic.as_deref());
            }
            MetadataRecord::ProducerIds { broker_id, broker_epoch, next_producer_id } => {
                fields.number("brokerId", *broker_id);
                fields.number("brokerEpoch", *broker_epoch);
                fields.number("nextProducerId", *next_producer_id);
            }
            MetadataRecord::Partition { partition_id, topic_id, registration } => {
                fields.number("partitionId", *partition_id);
                fields.text("topicId", &topic_id.to_string());
                fields.registration(registration);
            }
            MetadataRecord::PartitionChange { partition_id, topic_id, change } => {
                fields.number("partitionId", *partition_id);
                fields.text("topicId", &topic_id.to_string());
                fields.change(change);
            }
            MetadataRecord::Config { resource, name, value } => {
                let (kind, of) = resource_text(resource);
                fields.number("resourceType", kind);
                fields.text("resourceName", &of);
                fields.text("name", name);
                fields.nullable_text("value", value.as_deref());
            }
            MetadataRecord::FeatureLevel { name, level } => {
                fields.text("name", name);
                fields.number("featureLevel", *level);
            }
        }
        let (name, data) = (self.type_name(), fields.0.join(","));
        format!(r#"{{"type":"{name}","version":{version},"data":{{{data}}}}}"#)
    }
}

struct Fields(Vec<String>);

impl Fields {
    fn add(&mut self, name: &str, json: String) {
        self.0.push(format!(r#""{name}":{json}"#));
    }

    fn number(&mut self, name: &str, value: impl Into<i64>) {
        self.add(name, value.into().to_string());
    }

    fn text(&mut self, name: &str, value: &str) {
        self.add(name, serde_json::to_string(value).expect("text has a form in JSON"));
    }

    fn nullable_text(&mut self, name: &str, value: Option<&str>) {
        match value {
            Some(value) => self.text(name, value),
            None => self.add(name, "null".into()),
        }
    }

    fn nodes(&mut self, name: &str, nodes: &[NodeId]) {
        let ids: Vec<String> = nodes.iter().map(|node| node.0.to_string()).collect();
        self.add(name, format!("[{}]", ids.join(",")));
    }

    fn registration(&mut self, of: &PartitionRegistration) {
        self.nodes("replicas", &of.replicas);
        self.nodes("isr", &of.isr);
        self.nodes("removingReplicas", &of.removing_replicas);
        self.nodes("addingReplicas", &of.adding_replicas);
        self.number("leader", of.leader.map_or(-1, |leader| leader.0));
        if of.leader_recovery_state != LeaderRecoveryState::default() {
            self.number("leaderRecoveryState", of.leader_recovery_state.as_i8());
        }
        self.number("leaderEpoch", of.leader_epoch);
        self.number("partitionEpoch", of.partition_epoch);
        self.directories(&of.replicas);
        for (name, nodes) in
            [("eligibleLeaderReplicas", &of.elr), ("lastKnownElr", &of.last_known_elr)]
        {
            if !nodes.is_empty() {
                self.nodes(name, nodes);
            }
        }
    }

    fn change(&mut self, change: &PartitionChange) {
        if let Some(isr) = &change.isr {
            self.nodes("isr", isr);
        }
        if let Some(leader) = change.leader {
            self.number("leader", leader.map_or(-1, |leader| leader.0));
        }
        let replicas = [
            ("replicas", &change.replicas),
            ("removingReplicas", &change.removing_replicas),
            ("addingReplicas", &change.adding_replicas),
        ];
        for (name, nodes) in replicas {
            if let Some(nodes) = nodes {
                self.nodes(name, nodes);
            }
        }
        if let Some(state) = change.leader_recovery_state {
            self.number("leaderRecoveryState", state.as_i8());
        }
        if let Some(replicas) = &change.replicas {
            self.directories(replicas);
        }
        for (name, nodes) in
            [("eligibleLeaderReplicas", &change.elr), ("lastKnownElr", &change.last_known_elr)]
        {
            if let Some(nodes) = nodes {
                self.nodes(name, nodes);
            }
        }
    }

    /// One for each replica: `DirectoryId.MIGRATING`.
    fn directories(&mut self, replicas: &[NodeId]) {
        let ids: Vec<String> = replicas.iter().map(|_| format!("\"{}\"", Uuid::ZERO)).collect();
        self.add("directories", format!("[{}]", ids.join(",")));
    }
}
