//! The world that the cluster runs in: virtual time, seeded chance, network and disks.
//! No Kafka rule lives here.

pub mod disk;
pub mod link_fault;
pub mod network;
pub mod random;
pub mod time;
