//! The script language: one textual form for everything a person can ask of a cluster. The terminal,
//! lessons, links and the scenario tests all speak it.
//!
//! | module | what lives there |
//! |---|---|
//! | [`line`] | what one line can be: a command, a move through time, a look, the cluster's start |
//! | [`verbs`] | the one table of verbs: help, completion and parsing all read it |
//! | [`lexer`], [`parse`], [`print`] | text to lines and back; `parse(print(line)) == line` |
//! | [`condition`] | what `run until` can wait for |
//! | [`spec_text`] | the `cluster` line: a [`crate::spec::ClusterSpec`] as text |
//! | [`runner`] | carries lines out on a [`runner::Machine`] and answers with text |
//! | [`show`] | what the looks print, Kafka's tools among them |
//! | [`transcript`] | a script with its recorded output and prose between |
//! | [`describe`], [`words`] | events, refusals and mistakes as sentences in Korean and English |
//! | [`complete`] | what the word being typed may become |
//!
//! Absent: any rule of the cluster. A script can do nothing that a [`crate::command::Command`] or a
//! step cannot.

mod admin_utils;
pub mod complete;
pub mod condition;
pub mod describe;
pub mod error;
mod kafka_api_versions;
mod kafka_cluster;
pub mod kafka_console;
mod kafka_consumer_groups;
pub mod kafka_producer_perf_test;
pub mod kafka_reassign;
mod kafka_tools;
mod kafka_topics;
mod kafka_transactions;
pub mod lang;
pub mod lexer;
pub mod line;
pub mod parse;
pub mod print;
mod read;
pub mod runner;
pub mod show;
pub mod spec_text;
pub mod transcript;
pub mod verbs;
pub mod words;

#[cfg(test)]
mod tests;

pub use condition::Condition;
pub use describe::sentence;
pub use error::{ScriptError, ScriptProblem};
pub use lang::Lang;
pub use line::{Drive, Line, Names, Show};
pub use parse::parse;
pub use print::{print, print_command};
pub use runner::{Failure, Machine, Recording, Runner};
pub use spec_text::print as print_spec;
pub use transcript::run_transcript;
