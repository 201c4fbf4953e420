//! What a goal asks of a command that a person gave.

use super::{AcksName, CompressionName, ElectionName, Node, Partition, StartName};
use kafkascope_engine::command::{Command, ReassignAction};
use kafkascope_engine::protocol::Acks;
use serde::Deserialize;

/// A command that a person gave.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Asked {
    /// What is left out may be as it likes; `key`, `partition`, `headers`, `timestamp`: whether it was
    /// given; `tombstone`: whether the value is null.
    Produce {
        topic: String,
        acks: Option<AcksName>,
        key: Option<bool>,
        partition: Option<bool>,
        headers: Option<bool>,
        timestamp: Option<bool>,
        of_key: Option<String>,
        tombstone: Option<bool>,
        compression: Option<CompressionName>,
        count_at_least: Option<u32>,
    },
    Pause(Node),
    Resume(Node),
    Crash(Node),
    PowerLoss(Node),
    Stop(Node),
    Start(Node),

    Consume {
        topic: String,
        consumer: Option<String>,
        from: Option<StartName>,
    },
    /// `close NAME`
    Close(String),

    /// `partitions`: how many.
    CreateTopic {
        topic: String,
        partitions: Option<i32>,
    },
    /// `partitions`: how many in all.
    AddPartitions {
        topic: String,
        partitions: Option<i32>,
    },
    DeleteTopic {
        topic: String,
    },
    DeleteRecords(Partition),
    /// `kafka-reassign-partitions.sh --execute`; `throttled`: whether with a rate.
    Reassign {
        throttled: bool,
    },
    /// `kafka-leader-election.sh`
    ElectLeaders(ElectionName),
}

impl Asked {
    pub fn is(&self, command: &Command) -> bool {
        match (self, command) {
            (
                Asked::Produce {
                    topic,
                    acks,
                    key,
                    partition,
                    headers,
                    timestamp,
                    of_key,
                    tombstone,
                    compression,
                    count_at_least,
                },
                Command::Produce(produce),
            ) => {
                let fits = |wanted: &Option<bool>, given| wanted.is_none_or(|w| w == given);
                *topic == *produce.topic
                    && acks.is_none_or(|acks| acks.0 == produce.acks.unwrap_or(Acks::All))
                    && fits(key, produce.key.is_some())
                    && fits(partition, produce.partition.is_some())
                    && fits(headers, !produce.headers.is_empty())
                    && fits(timestamp, produce.timestamp_ms.is_some())
                    && of_key.as_ref().is_none_or(|k| produce.key.as_deref() == Some(k.as_bytes()))
                    && fits(tombstone, produce.value.is_none())
                    && compression
                        .is_none_or(|codec| codec.0 == produce.compression.unwrap_or_default())
                    && count_at_least.is_none_or(|least| produce.count >= least)
            }
            (Asked::Pause(asked), Command::Pause { node })
            | (Asked::Resume(asked), Command::Resume { node })
            | (Asked::Crash(asked), Command::Crash { node })
            | (Asked::PowerLoss(asked), Command::PowerLoss { node })
            | (Asked::Stop(asked), Command::Stop { node })
            | (Asked::Start(asked), Command::Start { node }) => asked.0 == *node,
            (
                Asked::Consume { topic, consumer, from },
                Command::Consume { topic: of, consumer: by, from: start, .. },
            ) => {
                **topic == **of
                    && consumer.as_ref().is_none_or(|name| **name == **by)
                    && from.is_none_or(|from| from.is(*start))
            }
            (Asked::Close(asked), Command::CloseClient { client }) => **asked == **client,
            (Asked::CreateTopic { topic, partitions }, Command::CreateTopic(create)) => {
                *topic == *create.topic && so_many(partitions, create.partitions)
            }
            (
                Asked::AddPartitions { topic, partitions },
                Command::AddPartitions { topic: of, partitions: in_all, .. },
            ) => **topic == **of && so_many(partitions, *in_all),
            (Asked::DeleteTopic { topic }, Command::DeleteTopic { topic: gone }) => {
                **topic == **gone
            }
            (Asked::DeleteRecords(asked), Command::DeleteRecords { partition, .. }) => {
                asked.0 == *partition
            }
            (Asked::Reassign { throttled }, Command::ReassignPartitions(request)) => {
                matches!(request.action, ReassignAction::Execute { throttle, .. }
                    if throttle.is_some() == *throttled)
            }
            (Asked::ElectLeaders(asked), Command::ElectLeaders { election, .. }) => {
                asked.0 == *election
            }
            _ => false,
        }
    }
}

fn so_many(wanted: &Option<i32>, partitions: i32) -> bool {
    wanted.is_none_or(|wanted| wanted == partitions)
}
