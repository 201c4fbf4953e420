//! What the cleaner asks of a log: its segments by range, and to put one in the place of others.

use super::UnifiedLog;
use crate::log::log_segment::LogSegment;
use crate::sim::disk::Disk;
use std::sync::Arc;

impl UnifiedLog {
    /// The segments from the one that holds `from` up to, not including, the one that begins at `to`.
    pub fn segments_between(&self, from: i64, to: i64) -> impl Iterator<Item = &LogSegment> {
        let first = self.segments().rev().map(LogSegment::base_offset).find(|base| *base <= from);
        let range = first.unwrap_or(from)..if from < to { to } else { i64::MIN };
        self.segments().filter(move |segment| range.contains(&segment.base_offset()))
    }

    /// The segments from the one that holds `from` on, without the active one.
    pub fn non_active_segments_from(&self, from: i64) -> impl Iterator<Item = &LogSegment> {
        self.segments_between(from, self.active_segment_base().max(from))
    }

    /// How often the log was cut since it was opened.
    pub fn truncations(&self) -> u64 {
        self.truncations
    }

    /// Takes the segments `old` out of the log and `cleaned` in. Answers the files that now wait to be
    /// removed.
    pub(in crate::log) fn replace_segments(
        &mut self,
        disk: &mut Disk,
        cleaned: LogSegment,
        old: &[i64],
    ) -> Vec<Arc<str>> {
        let mut files = Vec::new();
        let sealed = Arc::make_mut(&mut self.local.sealed);
        let is_old = |segment: &Arc<LogSegment>| old.contains(&segment.base_offset());
        let place = sealed.iter().position(is_old).unwrap_or(0);
        for segment in sealed.iter().filter(|segment| is_old(segment)) {
            files.extend(segment.mark_deleted(disk));
        }
        sealed.retain(|segment| !is_old(segment));
        sealed.insert(place, Arc::new(cleaned));
        for base_offset in old.iter().skip(1) {
            files.extend(self.mark_snapshot_deleted(disk, *base_offset));
        }
        files
    }

    pub(in crate::log) fn change_segment_suffix(
        &mut self,
        disk: &mut Disk,
        base_offset: i64,
        from: &str,
        to: &str,
    ) {
        let sealed = Arc::make_mut(&mut self.local.sealed);
        let segments = sealed.iter_mut().chain(std::iter::once(&mut self.local.active));
        for segment in segments.filter(|segment| segment.base_offset() == base_offset) {
            if segment.path().ends_with(from) {
                Arc::make_mut(segment).change_file_suffixes(disk, from, to);
            }
        }
    }
}
