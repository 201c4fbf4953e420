//! The control plane: one KRaft controller that owns the metadata log, elects leaders and watches
//! over brokers. Brokers learn everything from the metadata log, as observers that fetch it; the
//! quorum's votes are the one part of KRaft that is absent here.

mod broker_control;
mod configuration_control;
pub mod election;
mod leader_elections;
pub mod metadata_image;
pub mod metadata_record;
mod partition_change;
mod partition_reassignment;
pub mod partition_registration;
pub mod placement;
pub mod quorum_controller;
pub mod reassignment_control;
mod replication_control;
mod telling;
