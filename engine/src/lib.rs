//! Kafkascope's engine: a Kafka-like cluster as a deterministic value.
//!
//! Start reading at [`cluster::Cluster`]: it owns the whole world, [`cluster::Cluster::handle`]
//! carries out a [`command::Command`], [`cluster::Cluster::advance`] does the earliest pending thing,
//! and both return [`event::Event`]s. [`timeline::Timeline`] keeps the inputs and goes anywhere in
//! time. [`script`] is the textual form of it all.
//!
//! | module | what lives there |
//! |---|---|
//! | [`record`], [`log`] | Kafka's bytes: record batches, segments, indexes, checkpoints, recovery |
//! | [`replication`] | leaders and followers: high watermark, ISR, truncation by leader epoch |
//! | [`controller`] | the metadata log, brokers' lives, elections, placement |
//! | [`broker`], [`client`] | the processes |
//! | [`sim`], [`world`], [`node`] | time, chance, network, disks, hosts |
//! | [`explain`] | why something is still in a log, why a partition is as it is, what became of a record |
//! | [`compare`] | a run again with one thing different, and where the two part |
//! | [`metrics`] | what monitoring counts, by Kafka's names |
//! | [`ledger`] | of each value: where it was written, how often delivered and processed, and why |
//! | [`invariant`], [`simulation`] | what must always hold, and the search for a run where it does not |
//!
//! Absent on purpose: any clock, any source of randomness, any browser, any printing, and hash-ordered
//! collections. Time and seed are inputs.

pub mod broker;
pub mod client;
pub mod cluster;
pub mod command;
pub mod compare;
pub mod controller;
pub mod event;
pub mod explain;
pub mod group;
pub mod ids;
pub mod invariant;
pub mod iso8601;
pub mod ledger;
pub mod log;
pub mod metrics;
pub mod node;
pub mod protocol;
pub mod raft;
pub mod record;
pub mod replication;
pub mod script;
pub mod server;
pub mod sim;
pub mod simulation;
pub mod spec;
pub mod timeline;
pub mod topic_name;
pub mod trace;
pub mod transaction;
pub mod world;
