//! The control plane: the active controller writes the metadata log, elects leaders and watches over
//! brokers, which learn everything from that log. How the controllers agree on it is in
//! [`crate::raft`].

mod broker_control;
mod configuration_control;
pub mod election;
mod leader_elections;
pub mod metadata_image;
pub mod metadata_loader;
pub mod metadata_record;
mod partition_change;
mod partition_reassignment;
pub mod partition_registration;
pub mod placement;
mod producer_id_control;
pub mod quorum_controller;
pub mod reassignment_control;
mod replication_control;
mod telling;
