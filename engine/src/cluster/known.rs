//! What a command names has to be there.

use super::Cluster;
use super::commands::partition_in;
use crate::command::Refusal;
use crate::ids::{Address, NodeId, TopicPartition};
use crate::node::Node;
use crate::topic_name::is_internal;

impl Cluster {
    /// How many partitions a topic has that clients may write to.
    pub(super) fn writable_topic(&self, topic: &str) -> Result<i32, Refusal> {
        let partitions = self.known_topic(topic)?;
        match is_internal(topic) {
            true => Err(Refusal::InternalTopic { topic: topic.into() }),
            false => Ok(partitions),
        }
    }

    /// The number of partitions of a topic that exists.
    pub(super) fn known_topic(&self, topic: &str) -> Result<i32, Refusal> {
        let image = match self.metadata_image() {
            Some(image) => image,
            // Without a controller, whatever any broker knows.
            None => self
                .brokers()
                .filter_map(Node::broker)
                .map(|broker| &broker.image)
                .max_by_key(|image| image.next_offset)
                .ok_or(Refusal::ControllerUnavailable)?,
        };
        let topic_image =
            image.topics.get(topic).ok_or(Refusal::NoSuchTopic { topic: topic.into() })?;
        Ok(topic_image.partitions.len() as i32)
    }

    pub(super) fn known_partition(&self, id: &TopicPartition) -> Result<(), Refusal> {
        partition_in(&id.topic, id.partition, self.known_topic(&id.topic)?)
    }

    pub(super) fn known_node(&self, id: NodeId) -> Result<&Node, Refusal> {
        self.node(id).ok_or(Refusal::NoSuchNode { node: id })
    }

    pub(super) fn running_node(&self, id: NodeId) -> Result<&Node, Refusal> {
        let node = self.known_node(id)?;
        if node.is_paused() {
            Err(Refusal::IsPaused { node: id })
        } else if node.is_running() {
            Ok(node)
        } else {
            Err(Refusal::AlreadyDown { node: id })
        }
    }

    pub(super) fn known_address(&self, address: Address) -> Result<(), Refusal> {
        match address {
            Address::Node(id) => self.known_node(id).map(|_| ()),
            Address::Client(id) if self.client(id).is_some() => Ok(()),
            Address::Client(id) => Err(Refusal::NoSuchClient { name: format!("client-{}", id.0) }),
        }
    }
}
