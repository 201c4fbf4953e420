//! Kafka's clients: they find leaders through Metadata, send to them, retry, and give up.

pub mod consumer;
pub mod fetch_session_handler;
pub mod idle_config;
pub mod metadata;
pub mod partitioner;
pub mod producer;
