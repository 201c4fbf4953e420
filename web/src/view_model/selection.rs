//! What a person has pointed at. The page keeps one selection; panels describe it.

use kafkascope_engine::ids::{Address, ClientId, EnvelopeId, EventId, NodeId, TopicPartition};
use std::sync::Arc;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Selection {
    #[default]
    Nothing,
    /// A broker or the controller.
    Broker(NodeId),
    Replica {
        node: NodeId,
        partition: TopicPartition,
    },
    Record {
        node: NodeId,
        partition: TopicPartition,
        offset: i64,
    },
    Envelope(EnvelopeId),
    Client(ClientId),
    Group(Arc<str>),
    Link(Address, Address),
    Event(EventId),
}

impl Selection {
    /// The partition that is looked at.
    pub fn partition(&self) -> Option<&TopicPartition> {
        match self {
            Selection::Replica { partition, .. } | Selection::Record { partition, .. } => {
                Some(partition)
            }
            _ => None,
        }
    }

    /// The node that commands for "the selected broker" are about.
    pub fn node(&self) -> Option<NodeId> {
        match self {
            Selection::Broker(node)
            | Selection::Replica { node, .. }
            | Selection::Record { node, .. } => Some(*node),
            _ => None,
        }
    }
}
