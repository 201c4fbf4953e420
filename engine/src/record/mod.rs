//! Kafka's record batch, version 2: the bytes that producers send, logs hold and fetches carry.
//!
//! Start with [`record_batch`], the checked view over a batch's bytes, and
//! [`record_batch_builder`], which makes them. Offsets are assigned by the log, not here; nothing
//! here knows files. Source of the layout: `clients/.../common/record/internal/DefaultRecordBatch.java`
//! and `DefaultRecord.java`.

pub mod batch_header;
pub mod compression;
pub mod control_record;
pub mod corrupt_record;
pub mod field_map;
mod lz4_frame;
#[expect(clippy::module_inception, reason = "Kafka's name for what is in it")]
pub mod record;
pub mod record_batch;
pub mod record_batch_builder;
mod records;
pub mod varint;

pub use batch_header::BatchHeader;
pub use compression::CompressionType;
pub use control_record::{ControlRecordType, EndTransactionMarker};
pub use corrupt_record::{CorruptReason, CorruptRecord};
pub use field_map::{FieldSpan, field_map};
pub use record::{Header, Record};
pub use record_batch::{RecordBatch, TimestampType, batches, stamp};
pub use record_batch_builder::RecordBatchBuilder;
pub use records::Records;
pub(crate) use records::RecordsCheck;

#[cfg(test)]
mod tests;
