//! How a follower keeps up: one fetcher per leader, one fetch in flight, every partition that
//! follows that leader in it (`ReplicaFetcherThread`). What an answer does to a log is here; when
//! a partition starts or stops to follow is decided by [`super::replica_manager`].

use super::append::tell_what_came_with;
use super::history_rule::HistoryRule;
use super::partition::Partition;
use super::replica_manager::raise_log_start;
use crate::client::fetch_session_handler::FetchSessionHandler;
use crate::event::{EventKind, LogStartReason, Role, TruncationReason};
use crate::ids::{EventId, TopicPartition};
use crate::log::leader_epoch_cache::EpochEndOffset;
use crate::protocol::{FetchPartition, KafkaError, PartitionData};
use crate::sim::disk::Disk;
use crate::sim::time::SimTime;
use crate::spec::Mutant;
use crate::world::Ctx;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct ReplicaFetcher {
    /// Partitions that follow this leader.
    pub partitions: BTreeSet<TopicPartition>,
    /// Those of them that do not fetch now.
    pub waiting: BTreeMap<TopicPartition, Waiting>,
    pub session: FetchSessionHandler,
    /// Correlation id of the fetch in flight.
    pub in_flight: Option<u32>,
    /// Counts the fetchers that this broker has had, so that late answers are told apart.
    pub round: u64,
}

/// Why a partition does not fetch (`PartitionFetchState`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// Until when it rests, after an error or a question.
    pub until: SimTime,
    /// Has to find out where its log parts from the leader's before it fetches (history).
    pub truncating: bool,
}

/// What to do with the partition after an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Fetch on.
    Continue,
    /// Fetch again after `replica.fetch.backoff.ms`.
    Delay,
    /// Nothing more until the metadata say who leads.
    Remove,
    /// Ask the leader for its offsets and start again from there.
    AskOffsets,
}

/// What an answer did, and what to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Applied {
    pub next: Next,
    /// Whoever reads here can read further.
    pub high_watermark_moved: Option<EventId>,
}

impl From<Next> for Applied {
    fn from(next: Next) -> Self {
        Applied { next, high_watermark_moved: None }
    }
}

/// What the next fetch asks for `partition`.
pub fn question(history: HistoryRule, partition: &Partition) -> FetchPartition {
    let (current_leader_epoch, last_fetched_epoch) = if history.is_fenced() {
        (partition.leader_epoch, partition.log.last_offset_epoch().unwrap_or(-1))
    } else {
        (-1, -1)
    };
    FetchPartition {
        topic_id: partition.topic_id,
        partition: partition.id.clone(),
        current_leader_epoch,
        fetch_offset: partition.log.log_end_offset(),
        last_fetched_epoch,
        log_start_offset: partition.log.log_start_offset(),
        max_bytes: u32::MAX,
        high_watermark: -1,
    }
}

/// Applies a leader's answer to the follower's log.
pub fn apply(
    ctx: &mut Ctx<'_>,
    disk: &mut Disk,
    partition: &mut Partition,
    data: &PartitionData,
) -> Applied {
    let other_epoch = data.asked_leader_epoch != partition.leader_epoch;
    let other_topic = data.topic_id != partition.topic_id;
    let stale = (other_epoch && ctx.world.spec.history.is_fenced())
        || data.asked_offset != partition.log.log_end_offset();
    let stale = (stale && !ctx.is_mutant(Mutant::StaleFetchAnswerTaken))
        || (other_topic && !ctx.is_mutant(Mutant::TopicIdNotChecked));
    if stale || partition.is_leader() {
        return Next::Continue.into();
    }
    match data.error {
        None => {}
        Some(KafkaError::OffsetOutOfRange) => return Next::AskOffsets.into(),
        Some(KafkaError::FencedLeaderEpoch) => return Next::Remove.into(),
        Some(_) => return Next::Delay.into(),
    }
    if let Some(diverging) = data.diverging_epoch {
        let leader =
            EpochEndOffset { leader_epoch: diverging.epoch, end_offset: diverging.end_offset };
        let (to, _) = truncation_offset(partition, leader);
        let reason = TruncationReason::Diverging {
            fetch_offset: data.asked_offset,
            last_fetched_epoch: partition.log.last_offset_epoch().unwrap_or(-1),
            epoch: leader.leader_epoch,
            end_offset: leader.end_offset,
            own_end_offset: partition.log.end_offset_for_epoch(leader.leader_epoch).end_offset,
        };
        truncate(ctx, disk, partition, to, reason);
        return Next::Continue.into();
    }
    let mut cause = ctx.cause;
    if !data.records.is_empty() {
        // Records of an epoch not heard of are left where they are; an old fetcher took them.
        let fenced = ctx.world.spec.history.is_fenced();
        let epoch_max = if fenced { partition.leader_epoch } else { i32::MAX };
        let appended = partition.log.append_as_follower(disk, &data.records, epoch_max, ctx.now());
        match appended {
            Ok(info) if info.last_offset >= info.first_offset => {
                cause = ctx.emit(EventKind::RecordsAppended {
                    partition: partition.id.clone(),
                    base_offset: info.first_offset,
                    last_offset: info.last_offset,
                    bytes: info.bytes,
                    leader_epoch: partition.leader_epoch,
                    role: Role::Follower,
                    origin: None,
                });
                tell_what_came_with(&mut ctx.because(cause), &partition.id, &info);
            }
            Ok(_) => {}
            Err(_) => return Next::Delay.into(),
        }
    }
    // The leader's mark counts only as far as this log reaches; it may be lower than before.
    let from = partition.log.high_watermark();
    let to = partition.log.update_high_watermark(data.high_watermark);
    let mut moved = None;
    if to != from {
        let event = ctx.because(cause).emit(EventKind::HighWatermarkMoved {
            partition: partition.id.clone(),
            from,
            to,
            role: Role::Follower,
        });
        moved = (to > from).then_some(event);
    }
    // What the leader has let go of need not be kept here.
    let reason = LogStartReason::LeaderOffsetIncremented;
    raise_log_start(&mut ctx.because(cause), disk, partition, data.log_start_offset, reason);
    Applied { next: Next::Continue, high_watermark_moved: moved }
}

/// Where the follower's log stops to agree with the leader's, as far as this answer tells, and
/// whether it has told all (`getOffsetTruncationState`).
fn truncation_offset(partition: &Partition, leader: EpochEndOffset) -> (i64, bool) {
    let end = partition.log.log_end_offset();
    if leader.end_offset == -1 {
        return (partition.log.high_watermark(), true);
    }
    if leader.leader_epoch == -1 {
        return (leader.end_offset.min(end), true);
    }
    let own = partition.log.end_offset_for_epoch(leader.leader_epoch);
    if own.end_offset == -1 {
        (leader.end_offset.min(end), true)
    } else if own.leader_epoch != leader.leader_epoch {
        // Not the same epoch: cut what is surely foreign, and ask again.
        (own.end_offset.min(end), false)
    } else {
        (own.end_offset.min(leader.end_offset).min(end), true)
    }
}

/// Truncates by a leader's answer to OffsetForLeaderEpoch, as it was done before fetches said it.
/// Returns whether the follower may fetch now, or has to ask again.
pub fn truncate_by_epoch_end(
    ctx: &mut Ctx<'_>,
    disk: &mut Disk,
    partition: &mut Partition,
    leader: EpochEndOffset,
) -> bool {
    let leader = match ctx.world.spec.history {
        // The answer was an offset and nothing else.
        HistoryRule::Kip101 => EpochEndOffset { leader_epoch: -1, ..leader },
        _ => leader,
    };
    let (to, is_done) = truncation_offset(partition, leader);
    let reason = TruncationReason::EpochEnd {
        asked_epoch: partition.log.last_offset_epoch().unwrap_or(-1),
        epoch: leader.leader_epoch,
        end_offset: leader.end_offset,
    };
    truncate(ctx, disk, partition, to, reason);
    is_done
}

pub fn truncate(
    ctx: &mut Ctx<'_>,
    disk: &mut Disk,
    partition: &mut Partition,
    to: i64,
    reason: TruncationReason,
) {
    let from = partition.log.log_end_offset();
    let mark = partition.log.high_watermark();
    if to < from && partition.log.truncate_to(disk, to) {
        let to = partition.log.log_end_offset();
        let kind = EventKind::LogTruncated { partition: partition.id.clone(), from, to, reason };
        let event = ctx.emit(kind);
        let moved = partition.log.high_watermark();
        if moved != mark {
            ctx.because(event).emit(EventKind::HighWatermarkMoved {
                partition: partition.id.clone(),
                from: mark,
                to: moved,
                role: Role::Follower,
            });
        }
    }
}

/// The leader's answer to an out-of-range fetch: its end offset and its log start.
pub fn restart_from(
    ctx: &mut Ctx<'_>,
    disk: &mut Disk,
    partition: &mut Partition,
    leader_end_offset: i64,
    leader_start_offset: i64,
) {
    let end = partition.log.log_end_offset();
    let reason = TruncationReason::OutOfRange {
        start_offset: leader_start_offset,
        end_offset: leader_end_offset,
    };
    if leader_end_offset < end {
        truncate(ctx, disk, partition, leader_end_offset, reason);
    } else if leader_start_offset > end {
        partition.log.truncate_fully_and_start_at(disk, leader_start_offset);
        let kind = EventKind::LogTruncated {
            partition: partition.id.clone(),
            from: end,
            to: leader_start_offset,
            reason,
        };
        ctx.emit(kind);
    }
}
