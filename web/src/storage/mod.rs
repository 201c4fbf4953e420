//! IndexedDB is the brokers' disk. Durable bytes, and only those, are stored, one transaction per
//! commit; the page shows no flush as done before its commit is. Closing the tab is a power loss of
//! the whole cluster, and the next visit boots the brokers on what is stored.
//!
//! | module | what lives there |
//! |---|---|
//! | [`writer`] | what has to be written to keep a run, and how urgently |
//! | [`layout`], [`root`] | where bytes are stored, and the one record that says so |
//! | [`journal`] | the inputs of a run as text, and how it is made again |
//! | [`saved`], [`survey`] | what is found at the next visit, and what the power loss took |
//! | [`db`], [`patch`] | the database |
//! | [`keep`] | when commits are made, what holds the page back, what ends the writing |
//! | [`start`], [`recovery`], [`link`] | the first moments of a visit |
//!
//! The first three rows know no browser and are tested natively. Nothing that is stored is ever
//! overwritten but by the run it belongs to, or because the person said so.

pub mod db;
pub mod journal;
pub mod keep;
pub mod layout;
pub mod link;
pub mod patch;
pub mod recovery;
pub mod root;
pub mod saved;
pub mod start;
pub mod survey;
pub mod writer;

pub use keep::{Keeping, Reason, Status};
