//! Guided lessons: what they say, in Korean and English side by side, what a learner has to reach in
//! the cluster, and the proof that every lesson can be done.
//!
//! | module | what lives there |
//! |---|---|
//! | [`lesson`] | a lesson as data: steps, goals, hints, predictions, solution, wrong answers |
//! | [`load`] | the files of `content/`, read strictly; a bad one is refused with its place and why |
//! | [`text`], [`markdown`] | words in two languages, and the small part of Markdown they may use |
//! | [`goal`] | what can be asked of a run, as types |
//! | [`ledger`] | what a run has said so far, as far as goals ask |
//! | [`judge`] | which goals a run has met; a pure function of its events |
//! | [`follow`] | a judge that goes where the timeline goes, back too |
//! | [`progress`] | what a learner has done, kept across visits |
//!
//! Absent: the cluster's rules (the engine has them) and anything that is drawn (the page does it).
//! A new lesson is one file in `content/` and one line in [`load`]'s table; `tests/proof.rs` then plays
//! it.

pub mod follow;
pub mod goal;
pub mod judge;
pub mod ledger;
pub mod lesson;
pub mod load;
pub mod markdown;
pub mod progress;
pub mod text;

pub use follow::Follower;
pub use judge::{Judge, Standing, StepStanding};
pub use lesson::{Chapter, Lesson, Step};
pub use load::{Library, load_all};
pub use progress::Progress;
pub use text::{Prose, Text};
