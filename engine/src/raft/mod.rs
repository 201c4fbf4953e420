//! KRaft: how the controllers agree on one log of metadata (Kafka's `raft` module, KIP-595, KIP-630,
//! KIP-996). Voters elect a leader by epochs and votes, the others and all brokers fetch from it, and
//! what a majority has is committed. What the records mean is not known here.

pub mod leader_state;
pub mod metadata_log;
pub mod quorum_state;
pub mod raft_client;
pub mod snapshot;
