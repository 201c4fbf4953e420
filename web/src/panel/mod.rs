//! The panels around the stage: each describes the published view, or asks the [`crate::app::App`].

pub mod about;
pub mod bytes;
pub mod chart;
pub mod compare;
pub mod copy;
pub mod dialog;
pub mod group_commands;
pub mod group_story;
pub mod header;
pub mod help;
pub mod inspector;
pub mod ledger;
pub mod lesson;
pub mod monitors;
pub mod narration;
pub mod notices;
pub mod produce_form;
pub mod search;
pub mod storage;
pub mod terminal;
pub mod throttle;
pub mod timeline_bar;
pub mod topic_commands;
pub mod transport;
pub mod visible;
pub mod why;
