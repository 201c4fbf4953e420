//! What can be asked of a run. A [`Moment`] holds or not right after an event; a [`Goal`] is about the
//! whole run: some moment was reached, or several were, one after another. What is reached stays
//! reached, for it has happened. Judging is in [`crate::judge`].

mod asked;
mod delivery;
mod name;
mod quorum;
mod transaction;

use crate::ledger::Ledger;
use kafkascope_engine::event::{Event, EventKind, ParkReason};
use kafkascope_engine::ids::NodeId;
use serde::Deserialize;

pub use asked::Asked;
pub use delivery::Delivery;
pub use name::{
    AcksName, CompressionName, DeletionName, ElectionName, ElectionReason, ErrorName, Node,
    Partition, StartName, TimerName,
};
pub use quorum::Quorum;
pub use transaction::Transaction;

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
    LeaderIs {
        partition: Partition,
        node: Node,
    },
    /// The controller has found nobody to lead it.
    Leaderless(Partition),
    /// For so long nobody led it, the last time that a leader was replaced: from the end of the old
    /// one, or the election if that was earlier, until the new one served.
    Unserved {
        partition: Partition,
        ms_at_least: Option<u64>,
        ms_at_most: Option<u64>,
    },
    /// Records that were acknowledged, with these acks if they are given, and that a later leader did
    /// not have.
    AcknowledgedLost {
        partition: Partition,
        acks: Option<AcksName>,
        at_least: u64,
    },
    /// Two logs hold records of different leaders at one offset.
    LogsDiverge {
        partition: Partition,
        nodes: [Node; 2],
        at: Option<i64>,
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
    /// The position of the consumer (any, if none is named) is beyond this offset, and so many records
    /// of the partition it has read: none, if it began there.
    Consumed {
        consumer: Option<String>,
        partition: Partition,
        up_to: i64,
        records_at_least: Option<u64>,
        records_at_most: Option<u64>,
    },

    /// Some consumer reads the partition from this follower, because the leader has sent it there.
    ReadsFromFollower {
        partition: Partition,
        node: Node,
    },

    Delivery(Delivery),
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
        leader_epoch: Option<i32>,
        /// Where its epoch begins.
        start_offset: Option<i64>,
    },
    /// The controller's choice; `asked`: by a person, `balanced`: by the regular look at preferred
    /// leaders.
    LeaderElected {
        partition: Partition,
        node: Option<Node>,
        unclean: Option<bool>,
        reason: Option<ElectionReason>,
    },
    IsrShrinkAsked {
        partition: Partition,
        removed: Node,
    },
    IsrExpandAsked {
        partition: Partition,
        added: Node,
    },
    ProduceRefused {
        partition: Partition,
        error: ErrorName,
    },
    /// The leader holds the answer back until enough is replicated.
    ProduceParked {
        partition: Partition,
    },
    DivergenceFound {
        partition: Partition,
        follower: Node,
        /// The epoch that both know, and where the leader's ends.
        epoch: Option<i32>,
        end_offset: Option<i64>,
    },
    LogTruncated {
        partition: Partition,
        node: Option<Node>,
        from: Option<i64>,
        to: Option<i64>,
    },
    HighWatermarkCheckpointed(Node),
    BrokerFenced(Node),
    BrokerUnfenced(Node),
    /// A new host, with an empty disk.
    BrokerAdded(Node),
    BrokerUnregistered(Node),
    ReassignmentCompleted(Partition),
    ReassignmentCancelled(Partition),
    ShutdownBegan(Node),
    ProcessStopped(Node),
    Quorum(Quorum),
    Transaction(Transaction),
    /// `clean`: whether the process before had stopped in order, so that nothing had to be read;
    /// `truncated`: whether a torn end was cut off.
    LogRecovered {
        partition: Partition,
        node: Option<Node>,
        clean: Option<bool>,
        truncated: Option<bool>,
        high_watermark: Option<i64>,
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
        error: Option<ErrorName>,
    },
    /// The leader knew a batch that came again, and did not write it.
    DuplicateRecognised(Partition),
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
            Moment::LeaderIs { partition, node } => ledger.leader(&partition.0) == Some(node.0),
            Moment::Leaderless(partition) => ledger.is_leaderless(&partition.0),
            Moment::Unserved { partition, ms_at_least, ms_at_most } => {
                ledger.unserved_ms(&partition.0).is_some_and(|ms| lies(ms, ms_at_least, ms_at_most))
            }
            Moment::AcknowledgedLost { partition, acks, at_least } => {
                ledger.lost(&partition.0, acks.map(|acks| acks.0)) >= *at_least
            }
            Moment::LogsDiverge { partition, nodes: [a, b], at } => {
                let found = ledger.divergence(&partition.0, a.0, b.0);
                found.is_some_and(|offset| at.is_none_or(|at| at == offset))
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
            Moment::Consumed { consumer, partition, up_to, records_at_least, records_at_most } => {
                let mut readers = ledger.readers(consumer.as_deref(), &partition.0);
                readers.any(|(position, records)| {
                    position > *up_to && lies(records, records_at_least, records_at_most)
                })
            }
            Moment::ReadsFromFollower { partition, node } => {
                ledger.is_read_from(&partition.0, node.0)
            }
            Moment::FetchedUpTo { partition, follower, at_least } => {
                ledger.fetched_up_to(&partition.0, follower.0) >= *at_least
            }
            Moment::Delivery(delivery) => delivery.holds(&event.kind, ledger),
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
        let same = |is: i64, wanted: &Option<i64>| wanted.is_none_or(|wanted| wanted == is);
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
                Moment::BecameLeader { partition, node, leader_epoch, start_offset },
                EventKind::BecameLeader { partition: id, leader_epoch: epoch, start_offset: start },
            ) => {
                *id == partition.0
                    && at(node)
                    && leader_epoch.is_none_or(|wanted| wanted == *epoch)
                    && same(*start, start_offset)
            }
            (
                Moment::LeaderElected { partition, node, unclean, reason },
                EventKind::LeaderElected {
                    partition: id,
                    leader,
                    unclean: was_unclean,
                    reason: why,
                    ..
                },
            ) => {
                *id == partition.0
                    && node.is_none_or(|node| Some(node.0) == *leader)
                    && unclean.is_none_or(|unclean| unclean == *was_unclean)
                    && reason.is_none_or(|reason| reason.is(why))
            }
            (
                Moment::IsrShrinkAsked { partition, removed },
                EventKind::IsrShrinkAsked { partition: id, removed: gone, .. },
            ) => *id == partition.0 && gone.contains(&removed.0),
            (
                Moment::IsrExpandAsked { partition, added },
                EventKind::IsrExpandAsked { partition: id, added: new },
            ) => *id == partition.0 && added.0 == *new,
            (
                Moment::ProduceRefused { partition, error },
                EventKind::ProduceAnswered { partition: id, error: Some(with), .. },
            ) => *id == partition.0 && error.is(*with),
            (
                Moment::ProduceParked { partition },
                EventKind::RequestParked {
                    partition: id,
                    reason: ParkReason::HighWatermark { .. },
                    ..
                },
            ) => *id == partition.0,
            (
                Moment::DivergenceFound { partition, follower, epoch, end_offset },
                EventKind::DivergenceFound {
                    partition: id,
                    follower: who,
                    epoch: of,
                    end_offset: end,
                },
            ) => {
                *id == partition.0
                    && follower.0 == *who
                    && epoch.is_none_or(|epoch| epoch == *of)
                    && same(*end, end_offset)
            }
            (
                Moment::LogTruncated { partition, node, from, to },
                EventKind::LogTruncated { partition: id, from: end, to: new_end, .. },
            ) => *id == partition.0 && at(node) && same(*end, from) && same(*new_end, to),
            (
                Moment::HighWatermarkCheckpointed(node),
                EventKind::HighWatermarkCheckpointed { node: id },
            )
            | (Moment::BrokerUnfenced(node), EventKind::BrokerUnfenced { broker: id })
            | (Moment::BrokerAdded(node), EventKind::BrokerAdded { node: id })
            | (Moment::BrokerUnregistered(node), EventKind::BrokerUnregistered { broker: id })
            | (Moment::BrokerFenced(node), EventKind::BrokerFenced { broker: id, .. })
            | (Moment::ShutdownBegan(node), EventKind::ShutdownBegan { node: id })
            | (Moment::ProcessStopped(node), EventKind::ProcessStopped { node: id }) => {
                *id == node.0
            }
            (
                Moment::ReassignmentCompleted(of),
                EventKind::ReassignmentCompleted { partition, .. },
            )
            | (
                Moment::ReassignmentCancelled(of),
                EventKind::ReassignmentCancelled { partition, .. },
            ) => *partition == of.0,
            (Moment::Quorum(quorum), kind) => quorum.is(kind),
            (Moment::Transaction(transaction), kind) => transaction.is(kind),
            (
                Moment::LogRecovered { partition, node, clean, truncated, high_watermark },
                EventKind::LogRecovered {
                    partition: id,
                    clean: was_clean,
                    bytes_truncated,
                    high_watermark: starts_at,
                    ..
                },
            ) => {
                *id == partition.0
                    && at(node)
                    && clean.is_none_or(|clean| clean == *was_clean)
                    && truncated.is_none_or(|truncated| truncated == (*bytes_truncated > 0))
                    && same(*starts_at, high_watermark)
            }
            (
                Moment::SegmentRolled { partition, node, base_offset },
                EventKind::SegmentRolled { partition: id, base_offset: new },
            ) => *id == partition.0 && at(node) && same(*new, base_offset),
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
            (
                Moment::DuplicateRecognised(partition),
                EventKind::DuplicateRecognised { partition: id, .. },
            ) => *id == partition.0,
            (
                Moment::RecordFailed { partition, error },
                EventKind::RecordFailed { partition: id, error: with, .. },
            ) => *id == partition.0 && error.is_none_or(|error| error.is(*with)),
            (
                Moment::PositionReset { partition, offset },
                EventKind::PositionReset { partition: id, offset: to, .. },
            ) => *id == partition.0 && same(*to, offset),
            (
                Moment::CleaningStarted { partition, node, first_dirty_offset, up_to },
                EventKind::CleaningStarted {
                    partition: id,
                    first_dirty_offset: from,
                    first_uncleanable_offset: to,
                    ..
                },
            ) => {
                *id == partition.0
                    && at(node)
                    && same(*from, first_dirty_offset)
                    && reaches(*to, up_to)
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

fn lies(value: u64, least: &Option<u64>, most: &Option<u64>) -> bool {
    least.is_none_or(|least| value >= least) && most.is_none_or(|most| value <= most)
}
