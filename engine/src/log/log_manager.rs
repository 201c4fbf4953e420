//! What a broker keeps for all of its logs together: the files that wait to be deleted, and the cleaner
//! at its work. Kafka's `LogManager`. Which logs there are is the replica manager's to know.

use super::cleaner::{CleanerPass, LogCleanerManager};
use crate::ids::EventId;
use crate::sim::time::SimTime;
use std::collections::BTreeMap;
use std::sync::Arc;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogManager {
    /// By when they go, and the event that they follow from.
    deletions: BTreeMap<SimTime, (EventId, Vec<Arc<str>>)>,
    pub cleaner: LogCleanerManager,
    /// The cleaning that is under way, and the last event of it.
    pub cleaning: Option<(Box<CleanerPass>, EventId)>,
}

impl LogManager {
    /// The files go at `at`.
    pub fn delete_later(&mut self, at: SimTime, cause: EventId, files: Vec<Arc<str>>) {
        if !files.is_empty() {
            self.deletions.entry(at).or_insert((cause, Vec::new())).1.extend(files);
        }
    }

    /// The directory has another name now, and is to go as a whole.
    pub fn forget_deletions_in(&mut self, dir: &str) {
        let is_there =
            |file: &Arc<str>| file.split_once('/').is_some_and(|(parent, _)| parent == dir);
        self.deletions.retain(|_, (_, files)| {
            files.retain(|file| !is_there(file));
            !files.is_empty()
        });
    }

    /// When the next files are to go.
    pub fn next_deletion(&self) -> Option<SimTime> {
        self.deletions.keys().next().copied()
    }

    /// Files that wait to be deleted, and when they go.
    pub fn waiting(&self) -> impl Iterator<Item = (SimTime, &Arc<str>)> {
        let all = self.deletions.iter();
        all.flat_map(|(at, (_, files))| files.iter().map(|file| (*at, file)))
    }

    /// The files that are to go now.
    pub fn due_deletions(&mut self, now: SimTime) -> Vec<(EventId, Vec<Arc<str>>)> {
        let mut due = Vec::new();
        while self.next_deletion().is_some_and(|at| at <= now) {
            due.extend(self.deletions.pop_first().map(|(_, files)| files));
        }
        due
    }
}
