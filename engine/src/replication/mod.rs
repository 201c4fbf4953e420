//! Replication: what leaders and followers do with a partition's log (`Partition`), how followers
//! fetch (`ReplicaFetcher`), and what a broker keeps of all its replicas (`ReplicaManager`).

pub mod append;
pub mod fetch_session;
pub mod history_rule;
pub mod partition;
#[cfg(test)]
mod partition_tests;
pub mod purgatory;
pub mod replica_fetcher;
pub mod replica_manager;
pub mod replica_selector;
pub mod replication_quota;
