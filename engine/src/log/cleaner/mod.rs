//! Compaction: of every key the newest record stays, older ones go. Kafka's `LogCleaner`.
//!
//! [`log_cleaner_manager`] decides which log is the dirtiest and what of it may be cleaned;
//! [`cleaner`] builds the map from keys to newest offsets and copies what is to stay;
//! [`cleaner_pass`] goes through one log step by step, so that each step can be watched, and a stop
//! between any two loses nothing. Who calls it, and when, is the replica manager's business.
//!
//! ```text
//! log start      first dirty offset      first uncleanable offset      log end
//!     |  clean: one record a key  |  dirty, to be cleaned  |  not to be touched  |
//! ```

pub mod cleaned_transaction_metadata;
#[expect(clippy::module_inception, reason = "Kafka's name for what is in it")]
pub mod cleaner;
pub mod cleaner_config;
pub mod cleaner_pass;
pub mod log_cleaner_manager;
mod md5;
pub mod offset_map;
pub mod watch;
pub mod watcher;

#[cfg(test)]
mod tests;

pub use cleaner_config::CleanerConfig;
pub use cleaner_pass::{CleanerPass, PassStep, SwapStage};
pub use log_cleaner_manager::{LogCleanerManager, LogToClean};
pub use offset_map::SkimpyOffsetMap;
