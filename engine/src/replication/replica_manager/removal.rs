//! Replicas that a broker is not to have, or no more: those of topics that were deleted, and logs that
//! it finds at its start although the metadata give it none of that topic (`LogManager.asyncDelete`,
//! `LogManager.isStrayKraftReplica`).
//!
//! The directory takes another name at once, so that a new topic of the same name can have it.

use super::ReplicaManager;
use super::checkpoints::Outdated;
use crate::controller::metadata_image::MetadataImage;
use crate::event::{EventKind, RemovalReason};
use crate::ids::{TopicPartition, Uuid};
use crate::log::log_file_utils::{DELETE_DIR_SUFFIX, STRAY_DIR_SUFFIX, renamed_dir};
use crate::protocol::KafkaError;
use crate::sim::disk::Disk;
use crate::sim::random::mix;
use crate::spec::Mutant;
use crate::world::{Ctx, Timer};
use std::collections::BTreeSet;
use std::sync::Arc;

impl ReplicaManager {
    /// Topics are gone: so are their replicas here. Returns whether there were any.
    pub fn remove_topics(
        &mut self,
        ctx: &mut Ctx<'_>,
        disk: &mut Disk,
        topic_ids: &BTreeSet<Uuid>,
    ) -> bool {
        if topic_ids.is_empty() {
            return false;
        }
        let gone = self.partitions.iter().filter(|(_, p)| topic_ids.contains(&p.topic_id));
        let gone: Vec<TopicPartition> = gone.map(|(id, _)| id.clone()).collect();
        for id in &gone {
            self.remove(ctx, disk, id, RemovalReason::TopicDeleted);
        }
        !gone.is_empty()
    }

    /// A reassignment has taken the replica away from here. Returns whether it was here.
    pub(super) fn remove_reassigned(
        &mut self,
        ctx: &mut Ctx<'_>,
        disk: &mut Disk,
        id: &TopicPartition,
    ) -> bool {
        let is_here = self.partitions.contains_key(id);
        if is_here {
            self.remove(ctx, disk, id, RemovalReason::Reassigned);
        }
        is_here
    }

    /// Stops the replica, tells whoever waits for it, and lets its directory go.
    fn remove(
        &mut self,
        ctx: &mut Ctx<'_>,
        disk: &mut Disk,
        id: &TopicPartition,
        reason: RemovalReason,
    ) {
        self.stop_fetching(ctx, id);
        self.stop_cleaning(ctx, disk, id);
        let Some(partition) = self.partitions.remove(id) else {
            return;
        };
        (self.marks_outdated, self.points_outdated) = (Outdated::All, Outdated::All);
        ctx.cancel_timer(Timer::AlterPartition(id.clone()));
        ctx.forget_calls_about(id);
        let topic_id = partition.topic_id;
        let directory = self.rename_dir(ctx, disk, id, DELETE_DIR_SUFFIX);
        let event = ctx.emit(EventKind::ReplicaRemoved {
            partition: id.clone(),
            topic_id,
            reason,
            directory: directory.clone(),
        });
        let ctx = &mut ctx.because(event);
        let delay_ms = partition.log.config().file_delete_delay_ms.max(0) as u64;
        self.log_manager.forget_deletions_in(&id.to_string());
        self.delete_later(ctx, delay_ms, disk.list(&directory));
        self.sessions.touch_missing(id);
        self.fail_parked(ctx, disk, id, KafkaError::UnknownTopicOrPartition);
    }

    fn stop_cleaning(&mut self, ctx: &mut Ctx<'_>, disk: &mut Disk, id: &TopicPartition) {
        let at_work = |(pass, _): &mut (Box<_>, _)| {
            let pass: &crate::log::cleaner::CleanerPass = pass;
            pass.to_clean.partition == *id
        };
        if let Some((pass, _)) = self.log_manager.cleaning.take_if(at_work)
            && let Some(partition) = self.partition_mut(id)
        {
            pass.abort(&mut partition.log, disk);
            ctx.emit(EventKind::CleaningAborted { partition: id.clone() });
        }
        self.log_manager.cleaner.forget(disk, id);
    }

    /// Gives the directory of `id` a name under which nobody looks for the partition.
    fn rename_dir(
        &self,
        ctx: &Ctx<'_>,
        disk: &mut Disk,
        id: &TopicPartition,
        suffix: &str,
    ) -> Arc<str> {
        let draw = [ctx.world.spec.seed, ctx.here.as_u64(), ctx.cause.0, id.partition as u64];
        let unique = Uuid::from_random(mix(&draw), mix(&[mix(&draw)]));
        let directory = renamed_dir(id, unique, suffix);
        disk.rename_dir(&id.to_string(), &directory);
        directory.into()
    }

    /// At its start, once it knows what it is to have: logs of other topics, be they of the same name,
    /// are not opened, and stay beside the others. Returns whether there were any.
    pub fn set_strays_aside(
        &mut self,
        ctx: &mut Ctx<'_>,
        disk: &mut Disk,
        image: &MetadataImage,
    ) -> bool {
        let by_name = ctx.is_mutant(Mutant::TopicIdNotChecked);
        let is_mine = |id: &TopicPartition, topic_id: Uuid| {
            (by_name || image.is_topic_id_of(&id.topic, topic_id))
                && image.partition(id).is_some_and(|p| p.replicas.contains(&self.me))
        };
        let strays = self.unassigned.iter().filter(|(id, log)| !is_mine(id, log.topic_id()));
        let strays: Vec<_> = strays.map(|(id, log)| (id.clone(), log.topic_id())).collect();
        let found = !strays.is_empty();
        for (partition, topic_id) in strays {
            self.unassigned.remove(&partition);
            self.log_manager.cleaner.forget(disk, &partition);
            let directory = self.rename_dir(ctx, disk, &partition, STRAY_DIR_SUFFIX);
            let reason = RemovalReason::Stray;
            ctx.emit(EventKind::ReplicaRemoved { partition, topic_id, reason, directory });
        }
        found
    }

    /// At its start: directories that were to be deleted when the last process ended.
    pub fn resume_deletions(&mut self, ctx: &mut Ctx<'_>, disk: &Disk) {
        let is_deleted = |path: &&Arc<str>| {
            path.split_once('/').is_some_and(|(dir, _)| dir.ends_with(DELETE_DIR_SUFFIX))
        };
        let files: Vec<_> = disk.paths().filter(is_deleted).cloned().collect();
        let delay_ms = ctx.world.spec.log.file_delete_delay_ms.max(0) as u64;
        self.delete_later(ctx, delay_ms, files);
    }

    /// Of which topic the log of that name is, assigned or not.
    pub fn topic_id_of(&self, id: &TopicPartition) -> Option<Uuid> {
        let assigned = self.partitions.get(id).map(|partition| partition.topic_id);
        assigned.or_else(|| self.unassigned.get(id).map(|log| log.topic_id()))
    }
}
