//! What a leader checks of a batch that a producer sent, before it gets an offset. Source:
//! `LogValidator.java`, `UnifiedLog.analyzeAndValidateRecords`. Whether a sequence number is the next one
//! is looked at by [`super::producer_state_manager`].

use super::log_config::LogConfig;
use super::log_error::LogError;
use super::unified_log::Faults;
use crate::record::batch_header::NO_TIMESTAMP;
use crate::record::{
    CompressionType, RecordBatch, RecordBatchBuilder, RecordsCheck, TimestampType,
};
use crate::sim::time::SimTime;

/// What is to be stored of a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValidationResult {
    /// The time to stamp the batch with, if the topic's timestamps are LogAppendTime.
    pub log_append_time: Option<i64>,
    /// The batch in the topic's own compression, if the producer chose another.
    pub recompressed: Option<RecordBatch>,
}

pub fn validate(
    batch: &RecordBatch,
    config: &LogConfig,
    faults: Faults,
    now: SimTime,
) -> Result<ValidationResult, LogError> {
    let check_size = |batch: &RecordBatch| match faults.take_any_size {
        true => Ok(()),
        false => check_size(batch, config),
    };
    check_size(batch)?;
    let log_append_time = check(batch, config, now)?;
    let recompressed = recompress(batch, config, log_append_time)?;
    if let Some(recompressed) = &recompressed {
        check_size(recompressed)?;
    }
    Ok(ValidationResult { log_append_time, recompressed })
}

fn check_size(batch: &RecordBatch, config: &LogConfig) -> Result<(), LogError> {
    let size = batch.size_in_bytes();
    if i64::from(size) > i64::from(config.max_message_bytes) {
        let max_message_bytes = config.max_message_bytes;
        return Err(LogError::RecordTooLarge { size, max_message_bytes });
    }
    if i64::from(size) > i64::from(config.segment_bytes) {
        return Err(LogError::RecordBatchTooLarge { size, segment_bytes: config.segment_bytes });
    }
    Ok(())
}

/// The batch in the topic's `compression.type`, where that is not the producer's. Control records
/// stay as they are.
fn recompress(
    batch: &RecordBatch,
    config: &LogConfig,
    log_append_time: Option<i64>,
) -> Result<Option<RecordBatch>, LogError> {
    let source = batch.compression_type();
    let target = config.compression_type.target(source);
    if target == source || (batch.is_control() && source == CompressionType::None) {
        return Ok(None);
    }
    let mut builder = RecordBatchBuilder::like(batch)
        .compression(target)
        .gzip_level(config.compression_gzip_level);
    if let Some(time) = log_append_time {
        builder = builder.log_append_time(time);
    }
    for record in batch.records() {
        let record = record.map_err(LogError::CorruptBatch)?;
        let (key, value) = (record.key.as_deref(), record.value.as_deref());
        builder.append_with_offset(record.offset, record.timestamp, key, value, &record.headers);
    }
    RecordBatch::parse(builder.build()).map(Some).map_err(LogError::CorruptBatch)
}

/// Answers the time to stamp the batch with, if the topic's timestamps are LogAppendTime.
fn check(batch: &RecordBatch, config: &LogConfig, now: SimTime) -> Result<Option<i64>, LogError> {
    batch.ensure_valid().map_err(LogError::CorruptBatch)?;
    let records = RecordsCheck::of(batch).map_err(LogError::CorruptBatch)?;
    if batch.records_count() == 0 {
        return Err(LogError::InvalidRecord("the batch has no records"));
    }
    if batch.producer_id() >= 0 && batch.base_sequence() < 0 && !batch.is_control() {
        return Err(LogError::InvalidRecord("a batch with a producer id has a sequence number"));
    }
    if !records.offsets_are_dense {
        return Err(LogError::InvalidRecord("the offsets in the batch are not sequential"));
    }
    if config.cleanup_policy.compact && !batch.is_control() && !records.all_have_keys {
        return Err(LogError::InvalidRecord("Compacted topic cannot accept message without key"));
    }
    let now = now.timestamp_ms();
    if config.message_timestamp_type == TimestampType::LogAppendTime {
        return Ok(Some(now));
    }
    if batch.timestamp_type() != TimestampType::CreateTime {
        return Err(LogError::InvalidRecord("a producer's timestamp type must be CreateTime"));
    }
    if batch.max_timestamp() != records.max_timestamp {
        return Err(LogError::InvalidRecord("maxTimestamp is not that of the records"));
    }
    for timestamp in [records.min_timestamp, records.max_timestamp] {
        let ahead = timestamp.saturating_sub(now);
        let too_far = ahead > config.message_timestamp_after_max_ms
            || ahead.saturating_neg() > config.message_timestamp_before_max_ms;
        if timestamp != NO_TIMESTAMP && too_far {
            return Err(LogError::InvalidTimestamp { timestamp, now });
        }
    }
    Ok(None)
}
