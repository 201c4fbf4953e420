//! Consumer groups by the classic protocol: how partitions are divided among members, and the bytes in
//! which members tell each other.

pub mod assignor;
pub mod consumer_protocol;
pub mod java_hash;
pub mod schema;
