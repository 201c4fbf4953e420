//! Events as sentences, one for each kind, the two languages side by side. The match is exhaustive:
//! an event that has no words does not compile. The sentences are in the files of [`Teller`];
//! refusals are in [`super::words`].

use super::lang::{Lang, say};
use super::print::print_command;
use crate::cluster::Cluster;
use crate::event::{
    BatchStage, Event, EventKind as Kind, GroupEvent, ParkReason, TransactionEvent, WorkloadEvent,
};
use crate::ids::EnvelopeId;

mod client;
mod control;
mod election;
mod group;
mod network;
mod process;
mod producer;
mod quorum;
mod read_replica;
mod replica;
mod storage;
mod timer;
mod transaction;

pub use election::{candidate_text, choice_text};
pub use replica::truncation_words;

/// What happened, in one sentence.
pub fn sentence(event: &Event, names: &Cluster, lang: Lang) -> String {
    let t = Teller { names, place: names.name_of(event.place), lang };
    match &event.kind {
        Kind::Commanded { command } => {
            let text = print_command(command, names);
            say!(lang, "명령: {text}", "Command: {text}")
        }

        Kind::EnvelopeSent { envelope, api, direction, deliver_at } => {
            t.sent(envelope, *api, *direction, *deliver_at)
        }
        Kind::EnvelopeDelivered { envelope, api, direction } => {
            t.delivered(envelope, *api, *direction)
        }
        Kind::EnvelopeDropped { envelope, api, direction, reason } => {
            t.dropped(envelope, *api, *direction, *reason)
        }
        Kind::EnvelopeDuplicated { envelope, api, direction, deliver_at } => {
            t.duplicated(envelope, *api, *direction, *deliver_at)
        }
        Kind::EnvelopeMoved { envelope, api, direction, deliver_at } => {
            t.moved(envelope, *api, *direction, *deliver_at)
        }
        Kind::EnvelopeQueued { envelope, api } => t.queued(envelope, *api),
        Kind::ConnectionLost { to, api } => t.connection_lost(*to, *api),
        Kind::RequestTimedOut { to, api } => t.timed_out(*to, *api),
        Kind::TimerFired { timer } => t.timer_fired(timer),

        Kind::BrokerAdded { node } => t.broker_added(*node),
        Kind::BrokerReplaced { node, bytes } => t.broker_replaced(*node, *bytes),
        Kind::ProcessStarted { node } => t.started(*node),
        Kind::ProcessCrashed { node } => t.crashed(*node),
        Kind::PowerLost { node, bytes_lost } => t.power_lost(*node, *bytes_lost),
        Kind::LogDirFailed { node, error } => t.log_dir_failed(*node, *error),
        Kind::DiskLost { node, bytes } => t.disk_lost(*node, *bytes),
        Kind::ProcessHalted { node } => t.halted(*node),
        Kind::DiskAwaited { node, api, until } => t.disk_awaited(*node, *api, *until),
        Kind::ShutdownBegan { node } => t.shutdown_began(*node),
        Kind::ProcessStopped { node } => t.stopped(*node),
        Kind::ProcessPaused { node } => t.paused(*node),
        Kind::ProcessResumed { node } => t.resumed(*node),
        Kind::LogRecovered {
            node,
            partition,
            log_end_offset,
            high_watermark,
            bytes_truncated,
            clean,
        } => {
            let marks = (*log_end_offset, *high_watermark);
            t.recovered(*node, partition, marks, *bytes_truncated, *clean)
        }
        Kind::Flushed { node, bytes } => t.flushed(*node, *bytes),
        Kind::ReadFromDisk { partition, bytes } => t.read_from_disk(partition, *bytes),
        Kind::HighWatermarkCheckpointed { node } => t.checkpointed(*node),

        Kind::VotesAsked { node, epoch, pre_vote } => t.votes_asked(*node, *epoch, *pre_vote),
        Kind::VoteCast { node, candidate, epoch, pre_vote, granted } => {
            t.vote_cast(*node, *candidate, *epoch, *pre_vote, *granted)
        }
        Kind::QuorumLeaderElected { node, epoch, votes } => {
            t.quorum_leader_elected(*node, *epoch, *votes)
        }
        Kind::QuorumLeaderResigned { node, epoch } => t.quorum_leader_resigned(*node, *epoch),
        Kind::QuorumLeaderFollowed { node, leader, epoch, voter } => {
            t.quorum_leader_followed(*node, *leader, *epoch, *voter)
        }
        Kind::MetadataCommitted { node, offset } => t.metadata_committed(*node, *offset),
        Kind::MetadataTruncated { node, from, to } => t.metadata_truncated(*node, *from, *to),
        Kind::SnapshotGenerated { node, id, bytes, after_bytes } => {
            t.snapshot_generated(*node, *id, *bytes, *after_bytes)
        }
        Kind::SnapshotFetchStarted { node, id } => t.snapshot_fetch_started(*node, *id),
        Kind::SnapshotFetched { node, id, bytes } => t.snapshot_fetched(*node, *id, *bytes),
        Kind::SnapshotLoaded { node, id, .. } => t.snapshot_loaded(*node, *id),
        Kind::MetadataLogStartMoved { node, log_start_offset, segments, snapshots } => {
            t.metadata_log_start_moved(*node, *log_start_offset, *segments, *snapshots)
        }
        Kind::ControllerActivated { node, epoch } => t.controller_activated(*node, *epoch),
        Kind::ChangesLeftOpen { node, records } => t.changes_left_open(*node, *records),

        Kind::BrokerRegistered { broker, broker_epoch } => t.registered(*broker, *broker_epoch),
        Kind::BrokerFenced { broker, reason } => t.fenced(*broker, *reason),
        Kind::BrokerUnfenced { broker } => t.unfenced(*broker),
        Kind::BrokerUnregistered { broker } => t.unregistered(*broker),
        Kind::TopicDeleted { topic, topic_id } => t.topic_deleted(topic, *topic_id),
        Kind::MetadataAppended { offset, record } => t.metadata_appended(*offset, record),
        Kind::MetadataApplied { node, offset } => t.metadata_applied(*node, *offset),
        Kind::LeaderElected { partition, leader, leader_epoch, unclean, reason, .. } => {
            t.elected(partition, *leader, *leader_epoch, *unclean, *reason)
        }
        Kind::IsrChanged { partition, isr, partition_epoch, reason, .. } => {
            t.isr_changed(partition, isr, *partition_epoch, *reason)
        }
        Kind::ElectionHeld { partition, election, candidates, leader, choice } => {
            t.election_held(partition, *election, candidates, *leader, *choice)
        }
        Kind::ElrChanged { partition, elr, last_known_elr, reason } => {
            t.elr_changed(partition, elr, last_known_elr, *reason)
        }
        Kind::ReassignmentBegan { partition, replicas, adding, removing } => {
            t.reassignment_began(partition, replicas, adding, removing)
        }
        Kind::ReassignmentAdvanced { partition, in_sync, adding } => {
            t.reassignment_advanced(partition, in_sync, adding)
        }
        Kind::ReassignmentCompleted { partition, replicas } => {
            t.reassignment_completed(partition, replicas)
        }
        Kind::ReassignmentCancelled { partition, replicas } => {
            t.reassignment_cancelled(partition, replicas)
        }
        Kind::AlterPartitionRefused { partition, error } => t.isr_refused(partition, *error),
        Kind::ElectionRefused { partition, error } => t.election_refused(partition, *error),

        Kind::ReplicaRemoved { partition, reason, directory, .. } => {
            t.replica_removed(partition, *reason, directory)
        }
        Kind::BecameLeader { partition, leader_epoch, start_offset } => {
            t.became_leader(partition, *leader_epoch, *start_offset)
        }
        Kind::BecameFollower { partition, leader, leader_epoch } => {
            t.became_follower(partition, *leader, *leader_epoch)
        }
        Kind::RecordsAppended { partition, base_offset, last_offset, role, .. } => {
            t.appended(partition, (*base_offset, *last_offset), *role)
        }
        Kind::DuplicateRecognised { partition, producer_id, sequences, base_offset } => {
            t.duplicate_recognised(partition, *producer_id, *sequences, *base_offset)
        }
        Kind::SequenceRefused { partition, producer, first, expected, current_epoch } => {
            t.sequence_refused(partition, *producer, (*first, *expected), *current_epoch)
        }
        Kind::SegmentRolled { partition, base_offset } => t.rolled(partition, *base_offset),
        Kind::LogStartOffsetMoved { partition, from, to, reason } => {
            t.log_start_moved(partition, *from, *to, *reason)
        }
        Kind::SegmentsDeleted { partition, segments, end_offset, bytes, reason } => {
            t.segments_deleted(partition, segments, *end_offset, *bytes, *reason)
        }
        Kind::FilesDeleted { node, files } => t.files_deleted(*node, *files),
        Kind::CleaningStarted {
            partition,
            first_dirty_offset,
            first_uncleanable_offset,
            clean_bytes,
            cleanable_bytes,
        } => {
            let range = (*first_dirty_offset, *first_uncleanable_offset);
            t.cleaning_started(partition, range, *clean_bytes, *cleanable_bytes)
        }
        Kind::OffsetMapBuilt { partition, keys, end_offset, is_full } => {
            t.offset_map_built(partition, *keys, *end_offset, *is_full)
        }
        Kind::SegmentsCleaned { partition, segments, bytes_before, bytes_after } => {
            t.segments_cleaned(partition, segments, *bytes_before, *bytes_after)
        }
        Kind::SegmentsSwapped { partition, segments, stage } => {
            t.segments_swapped(partition, segments, *stage)
        }
        Kind::CleaningFinished { partition, end_offset, bytes_before, bytes_after } => {
            t.cleaning_finished(partition, *end_offset, *bytes_before, *bytes_after)
        }
        Kind::CleaningAborted { partition } => t.cleaning_aborted(partition),
        Kind::FollowerCaughtUpTo { partition, follower, log_end_offset } => {
            t.follower_reached(partition, *follower, *log_end_offset)
        }
        Kind::HighWatermarkMoved { partition, from, to, role } => {
            t.high_watermark_moved(partition, *from, *to, *role)
        }
        Kind::DivergenceFound { partition, follower, epoch, end_offset } => {
            t.divergence_found(partition, *follower, *epoch, *end_offset)
        }
        Kind::LogTruncated { partition, from, to, reason } => {
            t.truncated(partition, *from, *to, *reason)
        }
        Kind::IsrShrinkAsked { partition, removed, lag_ms } => {
            t.shrink_asked(partition, removed, *lag_ms)
        }
        Kind::IsrExpandAsked { partition, added } => t.expand_asked(partition, *added),
        Kind::IsrCommitted { partition, isr } => t.isr_committed(partition, isr),
        Kind::RequestParked { api, partition, reason } => t.parked(*api, partition, *reason),
        Kind::ProduceAnswered { partition, acks, base_offset, last_offset, error } => {
            t.produce_answered(partition, *acks, (*base_offset, *last_offset), *error)
        }

        Kind::Workload(event) => t.workload(event),
        Kind::RecordQueued { client: _, partition, sequence } => {
            t.record_queued(partition, *sequence)
        }
        Kind::RecordAcknowledged { client: _, partition, sequence, offset, acks } => {
            t.record_acknowledged(partition, *sequence, *offset, *acks)
        }
        Kind::RecordFailed { client: _, partition, sequence, error, reason } => {
            t.record_failed(partition, *sequence, *error, *reason)
        }
        Kind::SendBlocked { client: _, partition, needed_bytes, free_bytes } => {
            t.send_blocked(partition, *needed_bytes, *free_bytes)
        }
        Kind::BatchAdvanced { client: _, partition, batch, stage } => {
            t.batch_advanced(partition, *batch, stage)
        }
        Kind::ProduceRetried { client: _, partition, batch, error } => {
            t.retried(partition, *batch, *error)
        }
        Kind::ProducerIdAssigned { client: _, producer } => t.producer_id_assigned(*producer),
        Kind::ProducerEpochBumped { client: _, producer, partitions } => {
            t.epoch_bumped(*producer, partitions)
        }
        Kind::LeaderLearned { client: _, partition, leader, leader_epoch } => {
            t.leader_learned(partition, *leader, *leader_epoch)
        }
        Kind::RecordsConsumed { client: _, partition, base_offset, last_offset, records } => {
            t.consumed(partition, (*base_offset, *last_offset), *records)
        }
        Kind::PositionReset { client: _, partition, offset } => {
            t.position_reset(partition, *offset)
        }
        Kind::TruncationDetected { client: _, partition, from, to } => {
            t.truncation_detected(partition, *from, *to)
        }
        Kind::ReadReplicaChanged { client, partition, replica, change } => {
            t.read_replica_changed(*client, partition, *replica, change)
        }
        Kind::ClientClosed { client: _, killed: false } => t.client_closed(),
        Kind::ClientClosed { client: _, killed: true } => t.client_killed(),
        Kind::Group(event) => t.group(event),
        Kind::Transaction(event) => t.transaction(event),
    }
}

/// What every sentence may need: where it happened, who is called what, and the language.
struct Teller<'a> {
    names: &'a Cluster,
    place: String,
    lang: Lang,
}

impl Teller<'_> {
    /// Sender and receiver.
    fn ends(&self, envelope: &EnvelopeId) -> (String, String) {
        (self.names.name_of(envelope.from), self.names.name_of(envelope.to))
    }

    fn offsets(&self, base: i64, last: i64) -> String {
        if base == last {
            say!(self.lang, "오프셋 {base}", "offset {base}")
        } else {
            say!(self.lang, "오프셋 {base}-{last}", "offsets {base}-{last}")
        }
    }
}

/// Whether the event is one that a story would tell. The rest, messages and timers and checkpoints,
/// is how it came about: `show events` and `why` have it.
pub fn is_milestone(kind: &Kind) -> bool {
    match kind {
        Kind::RequestParked { reason, .. } => matches!(reason, ParkReason::HighWatermark { .. }),
        Kind::ProduceAnswered { error, .. } => error.is_some(),
        Kind::BatchAdvanced { stage, .. } => {
            matches!(stage, BatchStage::Expired { .. } | BatchStage::Split { .. })
        }
        Kind::Commanded { .. }
        | Kind::EnvelopeSent { .. }
        | Kind::EnvelopeDelivered { .. }
        | Kind::EnvelopeDropped { .. }
        | Kind::EnvelopeDuplicated { .. }
        | Kind::EnvelopeMoved { .. }
        | Kind::DiskAwaited { .. }
        | Kind::EnvelopeQueued { .. }
        | Kind::ConnectionLost { .. }
        | Kind::RequestTimedOut { .. }
        | Kind::TimerFired { .. }
        | Kind::Flushed { .. }
        | Kind::FilesDeleted { .. }
        | Kind::OffsetMapBuilt { .. }
        | Kind::SegmentsSwapped { .. }
        | Kind::HighWatermarkCheckpointed { .. }
        | Kind::MetadataAppended { .. }
        | Kind::MetadataApplied { .. }
        | Kind::MetadataCommitted { .. }
        | Kind::ElectionHeld { .. }
        | Kind::VoteCast { pre_vote: true, .. }
        | Kind::QuorumLeaderFollowed { voter: false, .. }
        | Kind::IsrCommitted { .. }
        | Kind::LeaderLearned { .. }
        | Kind::ProducerIdAssigned { .. }
        | Kind::Group(
            GroupEvent::CoordinatorFound { .. }
            | GroupEvent::CommitStored { .. }
            | GroupEvent::RecordsProcessed { .. }
            | GroupEvent::Joined { .. },
        )
        | Kind::Workload(WorkloadEvent::Sent { .. })
        | Kind::Transaction(
            TransactionEvent::CoordinatorFound { .. } | TransactionEvent::OffsetsResolved { .. },
        )
        | Kind::RecordQueued { .. } => false,
        _ => true,
    }
}
