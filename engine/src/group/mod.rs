//! Consumer groups: who coordinates a group and what that broker knows of it, how partitions are divided among
//! the members, by their leader (the classic protocol) or by the coordinator (the consumer protocol, KIP-848),
//! and the bytes of it all.

pub mod assignor;
pub mod classic_group;
pub mod consumer_group;
pub mod consumer_protocol;
pub mod consumer_record;
pub mod coordinator;
pub mod group_record;
pub mod java_hash;
pub mod schema;
