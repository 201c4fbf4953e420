//! Transactions at their coordinator: what it knows of a transactional id, how that is written down, and
//! what it does about it. What a transaction is in a partition's log is in [`crate::log`]; the producer's side in
//! [`crate::client::producer`].

pub mod coordinator;
pub mod transaction_metadata;
pub mod transaction_record;
