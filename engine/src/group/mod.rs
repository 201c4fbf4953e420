//! Consumer groups by the classic protocol: who coordinates a group and what that broker knows of it, how
//! its leader divides partitions among the members, and the bytes of it all.

pub mod assignor;
pub mod classic_group;
pub mod consumer_protocol;
pub mod coordinator;
pub mod group_record;
pub mod java_hash;
pub mod schema;
