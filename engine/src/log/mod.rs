//! The log of one partition on one broker, as files: segments of record batches, their indexes, the
//! leader epochs, and the small text files beside them.
//!
//! Start with [`unified_log`], which knows where the log starts, ends and is committed. It stands on
//! the segments ([`log_segment`]); [`log_loader`] makes one from what a disk holds, after any stop.
//! Which replica leads, who may fetch, and when anything happens is not known here. A log keeps no
//! record in memory: bytes are in the [`crate::sim::disk::Disk`] alone.

pub mod append_origin;
pub mod checkpoint;
pub mod cleaner;
pub mod config_key;
pub mod dump;
mod file_records;
pub mod leader_epoch_cache;
pub mod local_log;
pub mod log_config;
pub mod log_error;
pub mod log_file_utils;
pub mod log_loader;
pub mod log_manager;
pub mod log_segment;
mod log_validator;
pub mod look_up;
pub mod offset_index;
pub mod producer_snapshot;
pub mod producer_state_entry;
pub mod producer_state_manager;
pub mod recovery_scan;
pub mod time_index;
pub mod transaction_index;
pub mod unified_log;

#[cfg(test)]
mod tests;
