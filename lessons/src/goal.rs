//! What can be asked of a run. A [`Moment`] holds or not right after an event; a [`Goal`] is about the
//! whole run: some moment was reached, or several were, one after another. What is reached stays
//! reached, for it has happened. Judging is in [`crate::judge`].

mod name;

use crate::ledger::Ledger;
use kafkascope_engine::command::Command;
use kafkascope_engine::event::{Event, EventKind};
use kafkascope_engine::ids::NodeId;
use serde::Deserialize;

pub use name::{AcksName, CompressionName, DeletionName, Node, Partition, TimerName};

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Goal {
    /// The moment came at least once.
    Once(Moment),
    /// The moments came one after another. `without` must not hold before the last of them has come:
    /// when it does, the run has to begin with the first again.
    #[serde(rename_all = "snake_case")]
    InOrder { moments: Vec<Moment>, without: Option<Moment> },
}

impl Goal {
    /// What has to come, in this order.
    pub fn moments(&self) -> &[Moment] {
        match self {
            Goal::Once(moment) => std::slice::from_ref(moment),
            Goal::InOrder { moments, .. } => moments,
        }
    }

    pub fn without(&self) -> Option<&Moment> {
        match self {
            Goal::Once(_) => None,
            Goal::InOrder { without, .. } => without.as_ref(),
        }
    }
}

/// `node` left out: the leader for offsets, any node for what happens.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Moment {
    // What is so after the event.
    HighWatermark {
        partition: Partition,
        node: Option<Node>,
        at_least: i64,
    },
    LogEnd {
        partition: Partition,
        node: Option<Node>,
        at_least: i64,
    },
    LeaderIsNot {
        partition: Partition,
        node: Node,
    },
    /// In any order.
    IsrIs {
        partition: Partition,
        nodes: Vec<Node>,
    },
    IsrLacks {
        partition: Partition,
        node: Node,
    },
    Paused(Node),
    Down(Node),
    /// So many records have been acknowledged, with these acks if they are given.
    Acknowledged {
        producer: Option<String>,
        acks: Option<AcksName>,
        at_least: u64,
    },
    /// The follower has fetched at this offset: it has told the leader that it has all below.
    FetchedUpTo {
        partition: Partition,
        follower: Node,
        at_least: i64,
    },
    /// The consumer (any, if none is named) has read this offset; with `records_at_most`, and found no
    /// more than so many records in all it has read.
    Consumed {
        consumer: Option<String>,
        partition: Partition,
        up_to: i64,
        records_at_most: Option<u64>,
    },

    /// The first offset that can be read.
    LogStart {
        partition: Partition,
        node: Option<Node>,
        at_least: i64,
    },
    /// What the topic itself sets; no `value`: it leaves the config to the default.
    ConfigIs {
        topic: String,
        name: String,
        value: Option<String>,
    },

    // What the event is, by the names of the engine's event kinds.
    Commanded(Asked),
    /// `count`: at least so many at once. A leader appends one batch at a time.
    RecordsAppended {
        partition: Partition,
        node: Option<Node>,
        count: Option<i64>,
        up_to: Option<i64>,
        /// What the batches take in the log.
        bytes_at_most: Option<u64>,
        bytes_at_least: Option<u64>,
    },
    /// The leader has just served a fetch that moved what it knows of the follower.
    FollowerCaughtUpTo {
        partition: Partition,
        follower: Node,
    },
    HighWatermarkMoved {
        partition: Partition,
        node: Option<Node>,
        to_at_least: Option<i64>,
    },
    RecordAcknowledged {
        partition: Partition,
        acks: AcksName,
    },
    RecordsConsumed {
        partition: Partition,
    },
    ProcessResumed(Node),

    /// The broker has taken in something new that the controller decided.
    MetadataApplied(Node),
    TimerFired {
        node: Option<Node>,
        timer: TimerName,
    },
    BecameLeader {
        partition: Partition,
        node: Option<Node>,
    },
    /// `clean`: whether the process before had stopped in order, so that nothing had to be read;
    /// `truncated`: whether a torn end was cut off.
    LogRecovered {
        partition: Partition,
        node: Option<Node>,
        clean: Option<bool>,
        truncated: Option<bool>,
    },
    SegmentRolled {
        partition: Partition,
        node: Option<Node>,
        base_offset: Option<i64>,
    },
    /// Segments up to this offset have left the log; `reason`: why the first of them had to.
    SegmentsDeleted {
        partition: Partition,
        node: Option<Node>,
        reason: Option<DeletionName>,
        up_to: Option<i64>,
    },
    FilesDeleted(Node),
    RecordFailed {
        partition: Partition,
    },
    PositionReset {
        partition: Partition,
        offset: Option<i64>,
    },

    CleaningStarted {
        partition: Partition,
        node: Option<Node>,
        /// Where the clean part ends.
        first_dirty_offset: Option<i64>,
        /// The pass may go so far.
        up_to: Option<i64>,
    },
    SegmentsCleaned {
        partition: Partition,
        node: Option<Node>,
        /// So many old segments become one.
        segments_at_least: Option<usize>,
        bytes_after_at_most: Option<u64>,
    },
    CleaningFinished {
        partition: Partition,
        node: Option<Node>,
        /// The log is clean below it.
        up_to: Option<i64>,
        bytes_after_at_most: Option<u64>,
        bytes_after_at_least: Option<u64>,
    },

    // Several at the same moment.
    All(Vec<Moment>),
    Any(Vec<Moment>),
    Not(Box<Moment>),
}

/// A command that a person gave.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Asked {
    /// What is left out may be as it likes; `key`, `headers`, `timestamp`: whether it was given;
    /// `tombstone`: whether the value is null.
    Produce {
        topic: String,
        acks: Option<AcksName>,
        key: Option<bool>,
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

    CreateTopic {
        topic: String,
    },
    DeleteRecords(Partition),
}

impl Moment {
    /// Whether it holds right after `event`; `ledger` has taken the event in already.
    pub fn holds(&self, event: &Event, ledger: &Ledger) -> bool {
        match self {
            Moment::HighWatermark { partition, node, at_least } => place(ledger, partition, node)
                .is_some_and(|node| ledger.high_watermark(&partition.0, node) >= *at_least),
            Moment::LogEnd { partition, node, at_least } => place(ledger, partition, node)
                .is_some_and(|node| ledger.log_end(&partition.0, node) >= *at_least),
            Moment::LeaderIsNot { partition, node } => {
                ledger.leader(&partition.0).is_some_and(|leader| leader != node.0)
            }
            Moment::IsrIs { partition, nodes } => ledger.isr(&partition.0).is_some_and(|isr| {
                isr.len() == nodes.len() && nodes.iter().all(|node| isr.contains(&node.0))
            }),
            Moment::IsrLacks { partition, node } => {
                ledger.isr(&partition.0).is_some_and(|isr| !isr.contains(&node.0))
            }
            Moment::Paused(node) => ledger.is_paused(node.0),
            Moment::Down(node) => ledger.is_down(node.0),
            Moment::Acknowledged { producer, acks, at_least } => {
                let acks = acks.as_ref().map(|acks| acks.0);
                ledger.acknowledged(producer.as_deref(), acks) >= *at_least
            }
            Moment::Consumed { consumer, partition, up_to, records_at_most } => {
                let mut readers = ledger.readers(consumer.as_deref(), &partition.0);
                let most = records_at_most.unwrap_or(u64::MAX);
                readers.any(|(position, records)| position > *up_to && records <= most)
            }
            Moment::FetchedUpTo { partition, follower, at_least } => {
                ledger.fetched_up_to(&partition.0, follower.0) >= *at_least
            }
            Moment::LogStart { partition, node, at_least } => place(ledger, partition, node)
                .is_some_and(|node| ledger.log_start(&partition.0, node) >= *at_least),
            Moment::ConfigIs { topic, name, value } => {
                ledger.config(topic, name) == value.as_deref()
            }
            Moment::All(moments) => moments.iter().all(|moment| moment.holds(event, ledger)),
            Moment::Any(moments) => moments.iter().any(|moment| moment.holds(event, ledger)),
            Moment::Not(moment) => !moment.holds(event, ledger),
            happened => happened.is(event),
        }
    }

    /// Whether it is what the event says.
    fn is(&self, event: &Event) -> bool {
        let at = |node: &Option<Node>| {
            node.as_ref().is_none_or(|node| event.place.node() == Some(node.0))
        };
        let reaches = |offset: i64, least: &Option<i64>| least.is_none_or(|least| offset >= least);
        let lies = |bytes: u64, least: &Option<u64>, most: &Option<u64>| {
            least.is_none_or(|least| bytes >= least) && most.is_none_or(|most| bytes <= most)
        };
        match (self, &event.kind) {
            (Moment::Commanded(asked), EventKind::Commanded { command }) => asked.is(command),
            (
                Moment::RecordsAppended {
                    partition,
                    node,
                    count,
                    up_to,
                    bytes_at_most,
                    bytes_at_least,
                },
                EventKind::RecordsAppended {
                    partition: id, base_offset, last_offset, bytes, ..
                },
            ) => {
                *id == partition.0
                    && at(node)
                    && reaches(last_offset - base_offset + 1, count)
                    && reaches(*last_offset, up_to)
                    && lies(*bytes, bytes_at_least, bytes_at_most)
            }
            (
                Moment::FollowerCaughtUpTo { partition, follower },
                EventKind::FollowerCaughtUpTo { partition: id, follower: by, .. },
            ) => *id == partition.0 && *by == follower.0,
            (
                Moment::HighWatermarkMoved { partition, node, to_at_least },
                EventKind::HighWatermarkMoved { partition: id, to, .. },
            ) => *id == partition.0 && at(node) && reaches(*to, to_at_least),
            (
                Moment::RecordAcknowledged { partition, acks },
                EventKind::RecordAcknowledged { partition: id, acks: with, .. },
            ) => *id == partition.0 && *with == acks.0,
            (
                Moment::RecordsConsumed { partition },
                EventKind::RecordsConsumed { partition: id, .. },
            ) => *id == partition.0,
            (Moment::ProcessResumed(node), EventKind::ProcessResumed { node: id }) => *id == node.0,
            (Moment::MetadataApplied(node), EventKind::MetadataApplied { node: id, .. }) => {
                *id == node.0
            }
            (Moment::TimerFired { node, timer }, EventKind::TimerFired { timer: fired }) => {
                at(node) && *fired == timer.timer()
            }
            (
                Moment::BecameLeader { partition, node },
                EventKind::BecameLeader { partition: id, .. },
            ) => *id == partition.0 && at(node),
            (
                Moment::LogRecovered { partition, node, clean, truncated },
                EventKind::LogRecovered {
                    partition: id, clean: was_clean, bytes_truncated, ..
                },
            ) => {
                *id == partition.0
                    && at(node)
                    && clean.is_none_or(|clean| clean == *was_clean)
                    && truncated.is_none_or(|truncated| truncated == (*bytes_truncated > 0))
            }
            (
                Moment::SegmentRolled { partition, node, base_offset },
                EventKind::SegmentRolled { partition: id, base_offset: new },
            ) => *id == partition.0 && at(node) && base_offset.is_none_or(|offset| offset == *new),
            (
                Moment::SegmentsDeleted { partition, node, reason, up_to },
                EventKind::SegmentsDeleted { partition: id, end_offset, reason: because, .. },
            ) => {
                *id == partition.0
                    && at(node)
                    && reason.is_none_or(|reason| reason.is(because))
                    && reaches(end_offset - 1, up_to)
            }
            (Moment::FilesDeleted(node), EventKind::FilesDeleted { node: id, .. }) => *id == node.0,
            (Moment::RecordFailed { partition }, EventKind::RecordFailed { partition: id, .. }) => {
                *id == partition.0
            }
            (
                Moment::PositionReset { partition, offset },
                EventKind::PositionReset { partition: id, offset: to, .. },
            ) => *id == partition.0 && offset.is_none_or(|offset| offset == *to),
            (
                Moment::CleaningStarted { partition, node, first_dirty_offset, up_to },
                EventKind::CleaningStarted {
                    partition: id,
                    first_dirty_offset: from,
                    first_uncleanable_offset: to,
                    ..
                },
            ) => {
                let as_said = first_dirty_offset.is_none_or(|offset| offset == *from);
                *id == partition.0 && at(node) && as_said && reaches(*to, up_to)
            }
            (
                Moment::SegmentsCleaned { partition, node, segments_at_least, bytes_after_at_most },
                EventKind::SegmentsCleaned { partition: id, segments, bytes_after, .. },
            ) => {
                let enough = segments_at_least.is_none_or(|least| segments.len() >= least);
                *id == partition.0
                    && at(node)
                    && enough
                    && lies(*bytes_after, &None, bytes_after_at_most)
            }
            (
                Moment::CleaningFinished {
                    partition,
                    node,
                    up_to,
                    bytes_after_at_most,
                    bytes_after_at_least,
                },
                EventKind::CleaningFinished { partition: id, end_offset, bytes_after, .. },
            ) => {
                *id == partition.0
                    && at(node)
                    && reaches(*end_offset, up_to)
                    && lies(*bytes_after, bytes_after_at_least, bytes_after_at_most)
            }
            _ => false,
        }
    }
}

fn place(ledger: &Ledger, partition: &Partition, node: &Option<Node>) -> Option<NodeId> {
    node.as_ref().map(|node| node.0).or_else(|| ledger.leader(&partition.0))
}

impl Asked {
    fn is(&self, command: &Command) -> bool {
        match (self, command) {
            (
                Asked::Produce {
                    topic,
                    acks,
                    key,
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
                    && acks.is_none_or(|acks| acks.0 == produce.acks)
                    && fits(key, produce.key.is_some())
                    && fits(headers, !produce.headers.is_empty())
                    && fits(timestamp, produce.timestamp_ms.is_some())
                    && of_key.as_ref().is_none_or(|k| produce.key.as_deref() == Some(k.as_bytes()))
                    && fits(tombstone, produce.value.is_none())
                    && compression.is_none_or(|codec| codec.0 == produce.compression)
                    && count_at_least.is_none_or(|least| produce.count >= least)
            }
            (Asked::Pause(asked), Command::Pause { node })
            | (Asked::Resume(asked), Command::Resume { node })
            | (Asked::Crash(asked), Command::Crash { node })
            | (Asked::PowerLoss(asked), Command::PowerLoss { node })
            | (Asked::Stop(asked), Command::Stop { node })
            | (Asked::Start(asked), Command::Start { node }) => asked.0 == *node,
            (Asked::CreateTopic { topic }, Command::CreateTopic(create)) => *topic == *create.topic,
            (Asked::DeleteRecords(asked), Command::DeleteRecords { partition, .. }) => {
                asked.0 == *partition
            }
            _ => false,
        }
    }
}
