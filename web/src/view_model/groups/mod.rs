//! What has become of consumer groups: who owned which partition when, how long each stood still and why,
//! and what members and coordinators said to each other. Made from the events of a run as they come; the
//! work for an event does not grow with the run. Nothing here knows how it is drawn.
//!
//! [`story`] is what is known of one group, [`chronicle`] how events become that, [`gantt`] who owned what
//! when as bars, [`lag`] how far behind a group is and when it will have caught up, [`card`] what the stage shows
//! of a group.

pub mod card;
pub mod chronicle;
pub mod gantt;
pub mod lag;
pub mod story;
#[cfg(test)]
mod tests;

pub use chronicle::Chronicle;
