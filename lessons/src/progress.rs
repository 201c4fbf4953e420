//! What a learner has done: kept across visits as JSON, and merged when two visits meet. It grows
//! only: rewinding a run takes nothing back that was once reached.

use crate::lesson::Name;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The form that this version writes. One that is newer is left alone.
const VERSION: u32 = 1;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    lessons: BTreeMap<Name, LessonProgress>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LessonProgress {
    /// The step that was open last.
    pub open: Option<Name>,
    /// Steps whose goals were all met in one run.
    pub done: BTreeSet<Name>,
    pub predictions: BTreeMap<Name, PredictionProgress>,
    /// How many hints of a step were taken.
    pub hints: BTreeMap<Name, u32>,
    /// Steps whose solution was shown.
    pub solved_for: BTreeSet<Name>,
    pub finished: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PredictionProgress {
    /// What was chosen, in order, each choice once.
    pub chosen: Vec<usize>,
    /// Whether the right answer is known by now: found, or shown.
    pub revealed: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    version: u32,
    lessons: BTreeMap<Name, LessonProgress>,
}

/// Why stored progress is not used. What is stored must then not be overwritten.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unreadable {
    Damaged,
    /// Written by a newer version of this page.
    Newer {
        version: u32,
    },
}

impl Progress {
    pub fn from_json(text: &str) -> Result<Self, Unreadable> {
        #[derive(Deserialize)]
        struct Version {
            version: u32,
        }
        let Version { version } = serde_json::from_str(text).map_err(|_| Unreadable::Damaged)?;
        if version > VERSION {
            return Err(Unreadable::Newer { version });
        }
        let stored: Stored = serde_json::from_str(text).map_err(|_| Unreadable::Damaged)?;
        Ok(Progress { lessons: stored.lessons })
    }

    pub fn to_json(&self) -> String {
        let stored = Stored { version: VERSION, lessons: self.lessons.clone() };
        serde_json::to_string(&stored).expect("maps with string keys become JSON")
    }

    pub fn of(&self, lesson: &Name) -> LessonProgress {
        self.lessons.get(lesson).cloned().unwrap_or_default()
    }

    pub fn of_mut(&mut self, lesson: &Name) -> &mut LessonProgress {
        self.lessons.entry(lesson.clone()).or_default()
    }

    /// Takes over what another visit has done. Nothing done in either is lost; where both have an
    /// open step, `other`'s stays open, as the later visit.
    pub fn merge(&mut self, other: Progress) {
        for (lesson, theirs) in other.lessons {
            self.lessons.entry(lesson).or_default().merge(theirs);
        }
    }
}

impl LessonProgress {
    fn merge(&mut self, other: LessonProgress) {
        self.open = other.open.or(self.open.take());
        self.done.extend(other.done);
        self.solved_for.extend(other.solved_for);
        self.finished |= other.finished;
        for (step, theirs) in other.predictions {
            let ours = self.predictions.entry(step).or_default();
            ours.revealed |= theirs.revealed;
            for choice in theirs.chosen {
                ours.choose(choice);
            }
        }
        for (step, theirs) in other.hints {
            let ours = self.hints.entry(step).or_default();
            *ours = theirs.max(*ours);
        }
    }
}

impl PredictionProgress {
    pub fn choose(&mut self, choice: usize) {
        if !self.chosen.contains(&choice) {
            self.chosen.push(choice);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> Name {
        Name::try_from(text.to_string()).unwrap()
    }

    fn some_progress() -> Progress {
        let mut progress = Progress::default();
        let lesson = progress.of_mut(&name("high-watermark"));
        lesson.open = Some(name("pause"));
        lesson.done.insert(name("store"));
        lesson.hints.insert(name("store"), 2);
        lesson
            .predictions
            .insert(name("pause"), PredictionProgress { chosen: vec![2, 0], revealed: true });
        progress
    }

    #[test]
    fn progress_reads_back() {
        let progress = some_progress();
        assert_eq!(Progress::from_json(&progress.to_json()), Ok(progress));
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        for text in ["", "{}", "null", r#"{"version":1}"#, r#"{"version":1,"lessons":{"A":{}}}"#] {
            assert_eq!(Progress::from_json(text), Err(Unreadable::Damaged), "{text}");
        }
        let newer = r#"{"version":2,"lessons":{},"more":true}"#;
        assert_eq!(Progress::from_json(newer), Err(Unreadable::Newer { version: 2 }));
    }

    #[test]
    fn merging_loses_nothing_done() {
        let mut other = Progress::default();
        let lesson = other.of_mut(&name("high-watermark"));
        lesson.open = Some(name("store"));
        lesson.finished = true;
        lesson.hints.insert(name("store"), 1);
        lesson
            .predictions
            .insert(name("pause"), PredictionProgress { chosen: vec![1, 2], revealed: false });
        other.of_mut(&name("isr")).done.insert(name("one"));

        let mut merged = some_progress();
        merged.merge(other.clone());
        let lesson = merged.of(&name("high-watermark"));
        assert_eq!(lesson.open, Some(name("store")));
        assert!(lesson.finished && lesson.done.contains(&name("store")));
        assert_eq!(lesson.hints[&name("store")], 2);
        let prediction = &lesson.predictions[&name("pause")];
        assert_eq!((prediction.chosen.as_slice(), prediction.revealed), (&[2, 0, 1][..], true));
        assert!(merged.of(&name("isr")).done.contains(&name("one")));

        let once = merged.clone();
        merged.merge(other);
        assert_eq!(merged, once, "merging again changes nothing");
    }
}
