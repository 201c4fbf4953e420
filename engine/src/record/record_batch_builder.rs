//! Making record batches. Kafka's `MemoryRecordsBuilder`, for one batch.

use super::batch_header::{
    ATTRIBUTE_CONTROL, ATTRIBUTE_DELETE_HORIZON, ATTRIBUTE_LOG_APPEND_TIME,
    ATTRIBUTE_TRANSACTIONAL, LOG_OVERHEAD, MAGIC, NO_PARTITION_LEADER_EPOCH, NO_PRODUCER_EPOCH,
    NO_PRODUCER_ID, NO_SEQUENCE, NO_TIMESTAMP, RECORD_BATCH_OVERHEAD, at, put,
};
use super::compression::CompressionType;
use super::record::Header;
use super::record_batch::{RecordBatch, TimestampType, write_crc};
use super::varint::{size_of_varint, size_of_varlong, write_varint, write_varlong};
use bytes::{BufMut, Bytes, BytesMut};

/// The codec's own choice.
const DEFAULT_GZIP_LEVEL: i32 = -1;

/// Collects records and writes them as one batch.
#[derive(Clone, Debug)]
pub struct RecordBatchBuilder {
    base_offset: i64,
    partition_leader_epoch: i32,
    timestamp_type: TimestampType,
    producer_id: i64,
    producer_epoch: i16,
    base_sequence: i32,
    transactional: bool,
    control: bool,
    compression: CompressionType,
    gzip_level: i32,
    delete_horizon_ms: Option<i64>,
    log_append_time: Option<i64>,
    base_timestamp: i64,
    max_timestamp: i64,
    records_count: i32,
    last_offset_delta: i32,
    /// Room for the header, then the records.
    bytes: BytesMut,
}

impl Default for RecordBatchBuilder {
    fn default() -> Self {
        RecordBatchBuilder::new(0)
    }
}

impl RecordBatchBuilder {
    /// A batch of no producer and no leader epoch. A producer's batches have base offset 0.
    pub fn new(base_offset: i64) -> Self {
        RecordBatchBuilder {
            base_offset,
            partition_leader_epoch: NO_PARTITION_LEADER_EPOCH,
            timestamp_type: TimestampType::CreateTime,
            producer_id: NO_PRODUCER_ID,
            producer_epoch: NO_PRODUCER_EPOCH,
            base_sequence: NO_SEQUENCE,
            transactional: false,
            control: false,
            compression: CompressionType::None,
            gzip_level: DEFAULT_GZIP_LEVEL,
            delete_horizon_ms: None,
            log_append_time: None,
            base_timestamp: NO_TIMESTAMP,
            max_timestamp: NO_TIMESTAMP,
            records_count: 0,
            last_offset_delta: -1,
            bytes: BytesMut::zeroed(RECORD_BATCH_OVERHEAD),
        }
    }

    pub fn leader_epoch(mut self, partition_leader_epoch: i32) -> Self {
        self.partition_leader_epoch = partition_leader_epoch;
        self
    }

    pub fn timestamp_type(mut self, timestamp_type: TimestampType) -> Self {
        self.timestamp_type = timestamp_type;
        self
    }

    /// Of an idempotent producer: its id, its epoch and the sequence number of the first record.
    pub fn producer(mut self, producer_id: i64, producer_epoch: i16, base_sequence: i32) -> Self {
        self.producer_id = producer_id;
        self.producer_epoch = producer_epoch;
        self.base_sequence = base_sequence;
        self
    }

    pub fn transactional(mut self) -> Self {
        self.transactional = true;
        self
    }

    pub fn compression(mut self, compression: CompressionType) -> Self {
        self.compression = compression;
        self
    }

    /// 1 to 9, or -1 for the codec's default.
    pub fn gzip_level(mut self, gzip_level: i32) -> Self {
        self.gzip_level = gzip_level;
        self
    }

    /// The leader set the time of the records: all of them have it, whatever they carry.
    pub fn log_append_time(mut self, time: i64) -> Self {
        self.timestamp_type = TimestampType::LogAppendTime;
        self.log_append_time = Some(time);
        self
    }

    /// From when on compaction may drop the tombstones in it. The timestamps of the records then
    /// count from here.
    pub fn delete_horizon_ms(mut self, delete_horizon_ms: i64) -> Self {
        self.delete_horizon_ms = Some(delete_horizon_ms);
        self.base_timestamp = delete_horizon_ms;
        self
    }

    /// A batch with the same place, producer and kind as another, and no records yet.
    pub fn like(batch: &RecordBatch) -> Self {
        let mut builder = RecordBatchBuilder::new(batch.base_offset())
            .leader_epoch(batch.partition_leader_epoch())
            .producer(batch.producer_id(), batch.producer_epoch(), batch.base_sequence())
            .compression(batch.compression_type());
        builder.transactional = batch.is_transactional();
        builder.control = batch.is_control();
        if batch.timestamp_type() == TimestampType::LogAppendTime {
            builder = builder.log_append_time(batch.max_timestamp());
        }
        match batch.delete_horizon_ms() {
            Some(horizon) => builder.delete_horizon_ms(horizon),
            None => builder,
        }
    }

    /// Keeps the last offset, and with it the last sequence number, whatever records are left.
    pub fn override_last_offset(&mut self, last_offset: i64) -> &mut Self {
        let delta = (last_offset - self.base_offset) as i32;
        self.last_offset_delta = self.last_offset_delta.max(delta);
        self
    }

    /// What compaction leaves of a batch whose records are all gone: its header without the delete
    /// horizon, so that the producer's last sequence number and the last offset are still known.
    /// `DefaultRecordBatch.writeEmptyHeader`.
    pub fn empty_like(batch: &RecordBatch) -> Bytes {
        let mut builder = RecordBatchBuilder::like(batch).compression(CompressionType::None);
        builder.delete_horizon_ms = None;
        builder.base_timestamp = NO_TIMESTAMP;
        builder.max_timestamp = batch.max_timestamp();
        builder.last_offset_delta = batch.last_offset_delta();
        builder.build()
    }

    /// A batch of the broker's own, which clients do not see.
    pub fn control(mut self) -> Self {
        self.control = true;
        self
    }

    /// Adds a record at the next offset. `timestamp` is in Unix milliseconds, -1 is none.
    pub fn append(
        &mut self,
        timestamp: i64,
        key: Option<&[u8]>,
        value: Option<&[u8]>,
        headers: &[Header],
    ) -> &mut Self {
        let offset = self.base_offset + i64::from(self.last_offset_delta) + 1;
        self.append_with_offset(offset, timestamp, key, value, headers)
    }

    /// Adds a record at `offset`, leaving out the offsets before it, as compaction does.
    ///
    /// # Panics
    /// If `offset` is not above the last one, or more than `i32::MAX` above the base offset.
    pub fn append_with_offset(
        &mut self,
        offset: i64,
        timestamp: i64,
        key: Option<&[u8]>,
        value: Option<&[u8]>,
        headers: &[Header],
    ) -> &mut Self {
        let delta = offset - self.base_offset;
        assert!(delta > i64::from(self.last_offset_delta), "offset {offset} is not the next");
        assert!(delta <= i64::from(i32::MAX), "offset {offset} is too far from the base offset");
        if self.records_count == 0 && self.delete_horizon_ms.is_none() {
            self.base_timestamp = timestamp;
        }
        self.records_count += 1;
        self.last_offset_delta = delta as i32;
        self.max_timestamp = self.max_timestamp.max(timestamp);
        self.write_record(timestamp.wrapping_sub(self.base_timestamp), key, value, headers);
        self
    }

    fn write_record(
        &mut self,
        timestamp_delta: i64,
        key: Option<&[u8]>,
        value: Option<&[u8]>,
        headers: &[Header],
    ) {
        let length = body_size(self.last_offset_delta, timestamp_delta, key, value, headers);
        let out = &mut self.bytes;
        out.reserve(size_of_varint(length as i32) + length);
        write_varint(length as i32, out);
        out.put_i8(0);
        write_varlong(timestamp_delta, out);
        write_varint(self.last_offset_delta, out);
        write_nullable(key, out);
        write_nullable(value, out);
        write_varint(headers.len() as i32, out);
        for header in headers {
            write_nullable(Some(header.key.as_bytes()), out);
            write_nullable(header.value.as_deref(), out);
        }
    }

    pub fn records_count(&self) -> i32 {
        self.records_count
    }

    pub fn is_empty(&self) -> bool {
        self.records_count == 0
    }

    /// Bytes of the batch so far.
    pub fn size_in_bytes(&self) -> usize {
        self.bytes.len()
    }

    /// The batch. Without records it is an empty batch that spans its base offset.
    pub fn build(mut self) -> Bytes {
        // An empty batch has nothing to compress, and says so.
        let compression = match self.records_count {
            0 => CompressionType::None,
            _ => self.compression,
        };
        if compression != CompressionType::None {
            let packed =
                compression.compress(&self.bytes[RECORD_BATCH_OVERHEAD..], self.gzip_level);
            self.bytes.truncate(RECORD_BATCH_OVERHEAD);
            self.bytes.extend_from_slice(&packed);
        }
        let max_timestamp = self.log_append_time.unwrap_or(self.max_timestamp);
        let attributes =
            flag(self.timestamp_type == TimestampType::LogAppendTime, ATTRIBUTE_LOG_APPEND_TIME)
                | flag(self.transactional, ATTRIBUTE_TRANSACTIONAL)
                | flag(self.control, ATTRIBUTE_CONTROL)
                | flag(self.delete_horizon_ms.is_some(), ATTRIBUTE_DELETE_HORIZON)
                | i16::from(compression.id());
        let batch_length = (self.bytes.len() - LOG_OVERHEAD) as i32;
        let out = &mut self.bytes[..];
        put(out, at::BASE_OFFSET, self.base_offset.to_be_bytes());
        put(out, at::BATCH_LENGTH, batch_length.to_be_bytes());
        put(out, at::PARTITION_LEADER_EPOCH, self.partition_leader_epoch.to_be_bytes());
        put(out, at::MAGIC, MAGIC.to_be_bytes());
        put(out, at::ATTRIBUTES, attributes.to_be_bytes());
        put(out, at::LAST_OFFSET_DELTA, self.last_offset_delta.max(0).to_be_bytes());
        put(out, at::BASE_TIMESTAMP, self.base_timestamp.to_be_bytes());
        put(out, at::MAX_TIMESTAMP, max_timestamp.to_be_bytes());
        put(out, at::PRODUCER_ID, self.producer_id.to_be_bytes());
        put(out, at::PRODUCER_EPOCH, self.producer_epoch.to_be_bytes());
        put(out, at::BASE_SEQUENCE, self.base_sequence.to_be_bytes());
        put(out, at::RECORDS_COUNT, self.records_count.to_be_bytes());
        write_crc(out);
        self.bytes.freeze()
    }
}

fn flag(set: bool, bit: i16) -> i16 {
    if set { bit } else { 0 }
}

/// What a record takes in a batch, uncompressed (`DefaultRecord.sizeInBytes`).
pub fn record_size(
    offset_delta: i32,
    timestamp_delta: i64,
    key: Option<&[u8]>,
    value: Option<&[u8]>,
    headers: &[Header],
) -> usize {
    let length = body_size(offset_delta, timestamp_delta, key, value, headers);
    size_of_varint(length as i32) + length
}

/// The same without the length that stands before it.
fn body_size(
    offset_delta: i32,
    timestamp_delta: i64,
    key: Option<&[u8]>,
    value: Option<&[u8]>,
    headers: &[Header],
) -> usize {
    1 + size_of_varlong(timestamp_delta)
        + size_of_varint(offset_delta)
        + size_of_nullable(key)
        + size_of_nullable(value)
        + size_of_varint(headers.len() as i32)
        + headers.iter().map(size_of_header).sum::<usize>()
}

fn size_of_nullable(bytes: Option<&[u8]>) -> usize {
    bytes.map_or(1, |bytes| size_of_varint(bytes.len() as i32) + bytes.len())
}

fn size_of_header(header: &Header) -> usize {
    size_of_nullable(Some(header.key.as_bytes())) + size_of_nullable(header.value.as_deref())
}

fn write_nullable(bytes: Option<&[u8]>, out: &mut BytesMut) {
    match bytes {
        None => write_varint(-1, out),
        Some(bytes) => {
            write_varint(bytes.len() as i32, out);
            out.put_slice(bytes);
        }
    }
}
