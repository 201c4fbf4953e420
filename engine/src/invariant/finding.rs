//! What the monitors have found: the six things that should not happen to a log, each with the verdict
//! whether Kafka's promise was broken, or which setting or deed allowed it. Words for them are made by
//! [`crate::script::words::finding`].

use crate::ids::{ClientId, EventId, NodeId, TopicPartition};
use crate::protocol::Acks;
use crate::replication::history_rule::HistoryRule;
use crate::sim::time::SimTime;

/// One of the six monitors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Monitor {
    /// A producer was told that a record is stored, and the leader does not have it.
    AcknowledgedLost,
    /// Two replicas in sync hold different batches at one offset.
    LogsDiverged,
    /// What was committed is not any more: a high watermark went back with the end of a log.
    HighWatermarkBack,
    /// Two brokers, or controllers, led in one epoch. No setting allows it.
    TwoLeaders,
    /// A record is in a log twice.
    WrittenTwice,
    /// A record stands in a log behind one that its producer sent later.
    OutOfOrder,
}

impl Monitor {
    pub const ALL: [Monitor; 6] = [
        Monitor::AcknowledgedLost,
        Monitor::LogsDiverged,
        Monitor::HighWatermarkBack,
        Monitor::TwoLeaders,
        Monitor::WrittenTwice,
        Monitor::OutOfOrder,
    ];
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What made it so.
    pub event: EventId,
    pub at: SimTime,
    pub found: Found,
    /// What allowed it, the decisive first. Empty: a promise of Kafka's is broken.
    pub allowed_by: Vec<Allowance>,
}

impl Finding {
    pub fn monitor(&self) -> Monitor {
        match self.found {
            Found::AcknowledgedLost { .. } => Monitor::AcknowledgedLost,
            Found::LogsDiverged { .. } => Monitor::LogsDiverged,
            Found::HighWatermarkBack { .. } => Monitor::HighWatermarkBack,
            Found::WrittenTwice { .. } => Monitor::WrittenTwice,
            Found::OutOfOrder { .. } => Monitor::OutOfOrder,
            Found::TwoLeaders { .. } | Found::TwoQuorumLeaders { .. } => Monitor::TwoLeaders,
        }
    }

    pub fn is_allowed(&self) -> bool {
        !self.allowed_by.is_empty()
    }

    pub fn partition(&self) -> Option<&TopicPartition> {
        match &self.found {
            Found::AcknowledgedLost { partition, .. }
            | Found::LogsDiverged { partition, .. }
            | Found::HighWatermarkBack { partition, .. }
            | Found::WrittenTwice { partition, .. }
            | Found::OutOfOrder { partition, .. }
            | Found::TwoLeaders { partition, .. } => Some(partition),
            Found::TwoQuorumLeaders { .. } => None,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// The offsets `from..to` that `leader_epoch` wrote are not in the log of the new leader.
    AcknowledgedLost {
        partition: TopicPartition,
        leader: NodeId,
        from: i64,
        to: i64,
        leader_epoch: i32,
        acks: Acks,
    },
    LogsDiverged {
        partition: TopicPartition,
        node: NodeId,
        offset: i64,
    },
    HighWatermarkBack {
        partition: TopicPartition,
        node: NodeId,
        from: i64,
        to: i64,
    },
    TwoLeaders {
        partition: TopicPartition,
        leader_epoch: i32,
        nodes: [NodeId; 2],
    },
    TwoQuorumLeaders {
        epoch: i32,
        nodes: [NodeId; 2],
    },
    /// The record `first` of the producer, counted from 0, and maybe some after it.
    WrittenTwice {
        partition: TopicPartition,
        client: ClientId,
        first: u64,
        offset: i64,
        earlier_offset: i64,
    },
    /// The record `first` of the producer came after its record `behind`.
    OutOfOrder {
        partition: TopicPartition,
        client: ClientId,
        first: u64,
        behind: u64,
        offset: i64,
    },
}

/// A setting, or a deed, under which Kafka does not promise what was hoped for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Allowance {
    /// `acks=1`: it was acknowledged when the leader had it, and nobody else.
    AcksLeader,
    /// `min.insync.replicas`: it was committed while the leader alone was in sync.
    MinInsyncReplicas { min: usize },
    /// `unclean.leader.election.enable=true`
    UncleanElection,
    /// `kafka-leader-election.sh --election-type unclean`
    UncleanElectionByHand,
    /// `history.rule`, as Kafka did it in the past.
    HistoryRule(HistoryRule),
    /// The new leader's host lost its power before its page cache was flushed, and no other replica was
    /// in sync.
    BytesNotFlushed { node: NodeId },
    /// `disk NODE lost`: the new leader's disk was empty, and no other replica was in sync.
    DiskLost { node: NodeId },
    /// `replace NODE`: the same with a host that was replaced by an empty one.
    BrokerReplaced { node: NodeId },
    /// `enable.idempotence=false`, or acks that turn it off: a leader cannot tell a batch that comes again
    /// from a new one.
    NotIdempotent,
    /// `max.in.flight.requests.per.connection` above 1.
    InFlight { max: i32 },
    /// `acks=0`: nothing waits for anything.
    AcksNone,
    /// The producer began a new epoch (KIP-360), and could not know what had been written in the last.
    ProducerEpochBumped,
    /// The leader had read its producers from its disk: a snapshot has only the last batch of each.
    ProducerStateReloaded { node: NodeId },
}

/// What producers were told, in records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Tally {
    pub acknowledged: u64,
    /// Acknowledged, then lost.
    pub lost: u64,
    /// Failed for good, and the producer knows.
    pub refused: u64,
    /// Sent with acks=0: nobody was asked to answer.
    pub unasked: u64,
}

impl Tally {
    /// Acknowledged, and not lost.
    pub fn still_there(&self) -> u64 {
        self.acknowledged - self.lost
    }
}
