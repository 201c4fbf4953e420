//! What a leader checks of a batch that a producer sent, before it gets an offset. Source:
//! `LogValidator.java`, `UnifiedLog.analyzeAndValidateRecords`. Sequence numbers are not looked at.

use super::log_config::LogConfig;
use super::log_error::LogError;
use crate::record::batch_header::NO_TIMESTAMP;
use crate::record::{RecordBatch, RecordsCheck, TimestampType};
use crate::sim::time::SimTime;

/// Answers the time to stamp the batch with, if the topic's timestamps are LogAppendTime.
pub fn validate(
    batch: &RecordBatch,
    config: &LogConfig,
    now: SimTime,
) -> Result<Option<i64>, LogError> {
    let size = batch.size_in_bytes();
    if i64::from(size) > i64::from(config.max_message_bytes) {
        let max_message_bytes = config.max_message_bytes;
        return Err(LogError::RecordTooLarge { size, max_message_bytes });
    }
    if i64::from(size) > i64::from(config.segment_bytes) {
        return Err(LogError::RecordBatchTooLarge { size, segment_bytes: config.segment_bytes });
    }
    batch.ensure_valid().map_err(LogError::CorruptBatch)?;
    let records = RecordsCheck::of(batch).map_err(LogError::CorruptBatch)?;
    if batch.records_count() == 0 {
        return Err(LogError::InvalidRecord("the batch has no records"));
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
