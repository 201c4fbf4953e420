//! What is done to logs in the background: retention, flushing by time, files that wait to be deleted,
//! the cleaner, and DeleteRecords, which prepares the ground for the first. Kafka's `LogManager` and
//! `LogCleaner` threads, as timers.
//!
//! A broker without compacted topics has no cleaner timer; between two timers nothing here costs
//! anything.

use super::ReplicaManager;
use crate::event::{EventKind, LogStartReason};
use crate::ids::{EventId, TopicPartition};
use crate::log::cleaner::cleaner_pass::Faults;
use crate::log::cleaner::{CleanerConfig, CleanerPass, PassStep, SwapStage};
use crate::log::unified_log::DeletedSegments;
use crate::protocol::KafkaError;
use crate::replication::partition::Partition;
use crate::sim::disk::Disk;
use crate::spec::{Mutant, NEVER_MS};
use crate::world::{Ctx, Timer};
use std::sync::Arc;

/// A step of the cleaner takes this long, and as much again for every so many bytes that it reads:
/// about 100 MB/s, so that a pass is something that takes time and can be stopped.
const CLEANER_STEP_MS: u64 = 1;
const CLEANER_BYTES_PER_MS: u64 = 100_000;

impl ReplicaManager {
    /// Sets the timers of a broker that has just started.
    pub fn start_log_timers(&mut self, ctx: &mut Ctx<'_>) {
        let broker = &ctx.world.spec.broker;
        let (delay_ms, flush_ms) =
            (broker.log_initial_task_delay_ms, broker.log_flush_scheduler_interval_ms);
        ctx.set_timer_in(Timer::LogRetention, delay_ms);
        if flush_ms < NEVER_MS {
            ctx.set_timer_in(Timer::LogFlush, delay_ms);
        }
    }

    pub fn on_log_timer(&mut self, ctx: &mut Ctx<'_>, disk: &mut Disk, timer: &Timer) {
        let spec = ctx.spec();
        match timer {
            Timer::LogRetention => {
                self.clean_up_logs(ctx, disk, false);
                ctx.set_timer_in(Timer::LogRetention, spec.broker.log_retention_check_interval_ms);
            }
            Timer::LogFlush => {
                self.flush_dirty_logs(ctx, disk);
                ctx.set_timer_in(Timer::LogFlush, spec.broker.log_flush_scheduler_interval_ms);
            }
            Timer::DeleteFiles => self.delete_files(ctx, disk),
            Timer::LogCleaner => self.run_cleaner(ctx, disk),
            _ => {}
        }
    }

    // Retention.

    /// Deletes the segments that retention lets go of, of the compacted logs or of the others: each
    /// kind has its own thread in Kafka.
    fn clean_up_logs(&mut self, ctx: &mut Ctx<'_>, disk: &mut Disk, compacted: bool) {
        let now = ctx.now();
        let at_work = self.log_manager.cleaning.as_ref().map(|(pass, _)| &pass.to_clean.partition);
        let ids: Vec<_> = self
            .partitions
            .iter()
            .filter(|(id, p)| {
                p.log.config().cleanup_policy.compact == compacted && Some(*id) != at_work
            })
            .filter(|(_, p)| p.log.may_let_go(now))
            .map(|(id, _)| id.clone())
            .collect();
        for id in ids {
            let Some(partition) = self.partition_mut(&id) else {
                continue;
            };
            let from = partition.log.log_start_offset();
            if !compacted {
                partition.log.remove_expired_producers(now);
            }
            let mut log_start = from;
            let delay_ms = partition.log.config().file_delete_delay_ms.max(0) as u64;
            let deleted = partition.log.delete_old_segments(disk, now);
            for deletion in deleted {
                let files = deletion.files.clone();
                let event = emit_deletion(ctx, &id, deletion, &mut log_start);
                self.delete_later(&mut ctx.because(event), delay_ms, files);
            }
        }
    }

    pub(super) fn delete_later(&mut self, ctx: &mut Ctx<'_>, delay_ms: u64, files: Vec<Arc<str>>) {
        let at = ctx.now().plus_millis(delay_ms);
        self.log_manager.delete_later(at, ctx.cause, files);
        self.set_deletion_timer(ctx);
    }

    fn set_deletion_timer(&self, ctx: &mut Ctx<'_>) {
        if let Some(at) = self.log_manager.next_deletion() {
            let wait_ms = at.since(ctx.now()).div_ceil(1000);
            ctx.set_timer_in(Timer::DeleteFiles, wait_ms);
        }
    }

    fn delete_files(&mut self, ctx: &mut Ctx<'_>, disk: &mut Disk) {
        for (_, files) in self.log_manager.due_deletions(ctx.now()) {
            files.iter().for_each(|file| disk.delete(file));
            ctx.emit(EventKind::FilesDeleted { node: self.me, files: files.len() as u32 });
        }
        self.set_deletion_timer(ctx);
    }

    /// DeleteRecords: moves the log start up to `offset`, or to the high watermark if that is -1.
    /// Answers the new log start. Followers learn it with their next fetch.
    pub fn delete_records(
        &mut self,
        ctx: &mut Ctx<'_>,
        disk: &mut Disk,
        id: &TopicPartition,
        offset: i64,
    ) -> Result<i64, KafkaError> {
        let partition = self.partition_mut(id).ok_or(KafkaError::UnknownTopicOrPartition)?;
        if !partition.is_leader() {
            return Err(KafkaError::NotLeaderOrFollower);
        }
        let policy = partition.log.config().cleanup_policy;
        if policy.compact && !policy.delete {
            return Err(KafkaError::PolicyViolation);
        }
        let high_watermark = partition.log.high_watermark();
        let offset = if offset == -1 { high_watermark } else { offset };
        if !(0..=high_watermark).contains(&offset) {
            return Err(KafkaError::OffsetOutOfRange);
        }
        let reason = LogStartReason::ClientRecordDeletion;
        raise_log_start(ctx, disk, partition, offset, reason);
        Ok(partition.log.log_start_offset())
    }

    // Flushing.

    /// Makes the logs durable that have not been for `flush.ms`.
    fn flush_dirty_logs(&mut self, ctx: &mut Ctx<'_>, disk: &mut Disk) {
        let now = ctx.now();
        let due: Vec<_> = self
            .partitions
            .iter()
            .filter(|(_, partition)| partition.log.is_flush_due(now))
            .map(|(id, _)| id.clone())
            .collect();
        let mut bytes = 0;
        for id in due {
            if let Some(partition) = self.partition_mut(&id) {
                bytes += partition.log.flush_at(disk, now);
            }
        }
        if bytes > 0 {
            ctx.emit(EventKind::Flushed { node: self.me, bytes });
        }
    }

    // The cleaner.

    /// Sets the cleaner's timer, if one of these partitions is compacted and it has none.
    pub(super) fn wake_cleaner<'a>(
        &self,
        ctx: &mut Ctx<'_>,
        mut touched: impl Iterator<Item = &'a TopicPartition>,
    ) {
        let is_compacted = |id: &TopicPartition| {
            self.partitions.get(id).is_some_and(|p| p.log.config().cleanup_policy.compact)
        };
        if self.settings.log_cleaner_enable
            && touched.any(is_compacted)
            && !ctx.has_timer(&Timer::LogCleaner)
        {
            ctx.set_timer_in(Timer::LogCleaner, self.settings.log_cleaner_backoff_ms);
        }
    }

    fn run_cleaner(&mut self, ctx: &mut Ctx<'_>, disk: &mut Disk) {
        let broker = &self.settings;
        let config = CleanerConfig {
            enable: broker.log_cleaner_enable,
            dedupe_buffer_size: broker.log_cleaner_dedupe_buffer_size,
            backoff_ms: broker.log_cleaner_backoff_ms,
            ..CleanerConfig::default()
        };
        match self.log_manager.cleaning.take() {
            Some((pass, last_event)) => {
                self.clean_on(&mut ctx.because(last_event), disk, &config, *pass);
            }
            None => self.clean_filthiest_log(ctx, disk, &config),
        }
    }

    fn clean_filthiest_log(&mut self, ctx: &mut Ctx<'_>, disk: &mut Disk, config: &CleanerConfig) {
        let now = ctx.now();
        let logs = self.partitions.values().map(|partition| &partition.log);
        let filthiest = self.log_manager.cleaner.grab_filthiest_compacted_log(logs, disk, now);
        let Some(mut to_clean) = filthiest else {
            self.clean_up_logs(ctx, disk, true);
            let mut all = self.partitions.values();
            if all.any(|partition| partition.log.config().cleanup_policy.compact) {
                ctx.set_timer_in(Timer::LogCleaner, config.backoff_ms);
            }
            return;
        };
        let log = &self.partitions[&to_clean.partition].log;
        if ctx.is_mutant(Mutant::CleanerIgnoresHighWatermark) {
            to_clean.first_uncleanable_offset = log.active_segment_base();
        }
        if ctx.is_mutant(Mutant::CleanerTouchesActiveSegment) {
            to_clean.first_uncleanable_offset = log.log_end_offset();
        }
        let faults = Faults {
            forget_tombstones: ctx.is_mutant(Mutant::TombstoneRemovedAtOnce),
            swap_deletes_first: ctx.is_mutant(Mutant::SwapDeletesFirst),
        };
        let event = ctx.emit(EventKind::CleaningStarted {
            partition: to_clean.partition.clone(),
            first_dirty_offset: to_clean.first_dirty_offset,
            first_uncleanable_offset: to_clean.first_uncleanable_offset,
            clean_bytes: to_clean.clean_bytes,
            cleanable_bytes: to_clean.cleanable_bytes,
        });
        let pass = CleanerPass::begin(log, to_clean, config, faults, now);
        self.plan_next_step(&mut ctx.because(event), pass);
    }

    /// Does the next step of a cleaning.
    fn clean_on(
        &mut self,
        ctx: &mut Ctx<'_>,
        disk: &mut Disk,
        config: &CleanerConfig,
        mut pass: CleanerPass,
    ) {
        let id = pass.to_clean.partition.clone();
        let now = ctx.now();
        let Some(partition) = self.partition_mut(&id) else {
            return ctx.set_timer_in(Timer::LogCleaner, CLEANER_STEP_MS);
        };
        let log = &mut partition.log;
        let delay_ms = log.config().file_delete_delay_ms.max(0) as u64;
        if pass.is_overtaken(log) {
            pass.abort(log, disk);
            ctx.emit(EventKind::CleaningAborted { partition: id });
            return ctx.set_timer_in(Timer::LogCleaner, CLEANER_STEP_MS);
        }
        let step = match pass.step(log, disk, config, now) {
            Ok(step) => step,
            Err(_) => {
                pass.abort(log, disk);
                self.log_manager.cleaner.mark_uncleanable(id.clone());
                ctx.emit(EventKind::CleaningAborted { partition: id });
                return ctx.set_timer_in(Timer::LogCleaner, CLEANER_STEP_MS);
            }
        };
        match step {
            PassStep::MapBuilt { keys, end_offset, is_full } => {
                let partition = id;
                let event =
                    ctx.emit(EventKind::OffsetMapBuilt { partition, keys, end_offset, is_full });
                self.plan_next_step(&mut ctx.because(event), pass);
            }
            PassStep::GroupCleaned { segments, bytes_before, bytes_after } => {
                let event = ctx.emit(EventKind::SegmentsCleaned {
                    partition: id,
                    segments,
                    bytes_before,
                    bytes_after,
                });
                self.plan_next_step(&mut ctx.because(event), pass);
            }
            PassStep::Swap { stage, segments, files } => {
                let partition = id;
                let event = ctx.emit(EventKind::SegmentsSwapped { partition, segments, stage });
                let mut ctx = ctx.because(event);
                if stage == SwapStage::Replaced {
                    self.delete_later(&mut ctx, delay_ms, files);
                }
                self.plan_next_step(&mut ctx, pass);
            }
            PassStep::Finished { end_offset } => {
                let event = ctx.emit(EventKind::CleaningFinished {
                    partition: id,
                    end_offset,
                    bytes_before: pass.stats.bytes_read,
                    bytes_after: pass.stats.bytes_written,
                });
                let mut ctx = ctx.because(event);
                self.clean_up_logs(&mut ctx, disk, true);
                ctx.set_timer_in(Timer::LogCleaner, CLEANER_STEP_MS);
            }
        }
    }

    fn plan_next_step(&mut self, ctx: &mut Ctx<'_>, pass: CleanerPass) {
        let log = &self.partitions[&pass.to_clean.partition].log;
        let bytes = pass.next_step_bytes(log);
        let most_a_second = self.settings.log_cleaner_io_max_bytes_per_second;
        let throttled_ms = bytes.saturating_mul(1000) / most_a_second;
        let wait_ms = CLEANER_STEP_MS + bytes / CLEANER_BYTES_PER_MS + throttled_ms;
        self.log_manager.cleaning = Some((Box::new(pass), ctx.cause));
        ctx.set_timer_in(Timer::LogCleaner, wait_ms);
    }
}

fn emit_deletion(
    ctx: &mut Ctx<'_>,
    id: &TopicPartition,
    deletion: DeletedSegments,
    log_start: &mut i64,
) -> EventId {
    if let Some(base_offset) = deletion.rolled {
        ctx.emit(EventKind::SegmentRolled { partition: id.clone(), base_offset });
    }
    let event = ctx.emit(EventKind::SegmentsDeleted {
        partition: id.clone(),
        segments: deletion.segments,
        end_offset: deletion.end_offset,
        bytes: deletion.bytes,
        reason: deletion.reason,
    });
    let (from, to) = (*log_start, deletion.end_offset);
    if to > from {
        *log_start = to;
        let (partition, reason) = (id.clone(), LogStartReason::SegmentDeletion);
        ctx.because(event).emit(EventKind::LogStartOffsetMoved { partition, from, to, reason });
    }
    event
}

/// Moves the log start up, and says so if it moved.
pub(in crate::replication) fn raise_log_start(
    ctx: &mut Ctx<'_>,
    disk: &mut Disk,
    partition: &mut Partition,
    offset: i64,
    reason: LogStartReason,
) {
    let from = partition.log.log_start_offset();
    if partition.log.maybe_increment_log_start_offset(disk, offset) {
        let (id, to) = (partition.id.clone(), partition.log.log_start_offset());
        ctx.emit(EventKind::LogStartOffsetMoved { partition: id, from, to, reason });
    }
}
