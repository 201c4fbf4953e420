//! A batch of a producer, from its first record to its end. Source: `ProducerBatch.java`.

use crate::ids::{ClientId, EventId, TopicPartition};
use crate::protocol::{Acks, Origin, ProducerIdAndEpoch};
use crate::record::batch_header::RECORD_BATCH_OVERHEAD;
use crate::record::record_batch::increment_sequence;
use crate::record::record_batch_builder::{RecordBatchBuilder, record_size};
use crate::record::{CompressionType, Header};
use crate::sim::time::SimTime;
use bytes::Bytes;
use std::sync::Arc;

/// The most that a record's own fields take besides key, value and headers
/// (`DefaultRecord.MAX_RECORD_OVERHEAD`).
const RECORD_OVERHEAD: usize = 21;

/// A record that the application has handed over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProducerRecord {
    /// Counts the records of this producer.
    pub number: u64,
    pub topic: Arc<str>,
    /// The one that the application asked for.
    pub partition: Option<i32>,
    pub key: Option<Bytes>,
    pub value: Option<Bytes>,
    pub headers: Vec<Header>,
    /// Unix ms; `None` until it gets the time at which it is appended.
    pub timestamp_ms: Option<i64>,
    pub acks: Acks,
    pub compression: CompressionType,
    /// The command that brought it.
    pub cause: EventId,
}

impl ProducerRecord {
    fn size_in(&self, batch: &ProducerBatch) -> usize {
        let timestamp = |record: &ProducerRecord| record.timestamp_ms.unwrap_or(-1);
        let first = batch.records.first().map_or(timestamp(self), timestamp);
        record_size(
            batch.records.len() as i32,
            timestamp(self).wrapping_sub(first),
            self.key.as_deref(),
            self.value.as_deref(),
            &self.headers,
        )
    }

    /// What it and a batch for it alone take at most (`estimateSizeInBytesUpperBound`).
    pub fn upper_bound(&self) -> usize {
        let length = |bytes: &Option<Bytes>| bytes.as_ref().map_or(0, Bytes::len);
        let headers: usize =
            self.headers.iter().map(|h| h.key.len() + length(&h.value) + RECORD_OVERHEAD).sum();
        let own = length(&self.key) + length(&self.value) + headers;
        RECORD_BATCH_OVERHEAD + RECORD_OVERHEAD + own
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProducerBatch {
    /// Counts the batches of the producer.
    pub number: u64,
    pub partition: TopicPartition,
    pub records: Vec<ProducerRecord>,
    /// Uncompressed.
    pub size: usize,
    /// What it takes of `buffer.memory`; nothing, if it is a part of one that was too large.
    pub capacity: usize,
    is_closed: bool,
    pub created: SimTime,
    last_attempt: SimTime,
    pub attempts: u32,
    /// Attempts made when the leader was last seen to change.
    attempts_at_new_leader: u32,
    leader_epoch: i32,
    /// Of an idempotent producer, once it has been drained.
    pub sequence: Option<(ProducerIdAndEpoch, i32)>,
    /// It is part of a transaction.
    pub is_transactional: bool,
    /// It was given another epoch and sequence after it had been sent.
    pub sequence_was_reset: bool,
    /// Its records were in a batch that was too large.
    pub is_split: bool,
    /// The last that happened to it.
    pub cause: EventId,
}

impl ProducerBatch {
    pub fn new(number: u64, partition: TopicPartition, capacity: usize, now: SimTime) -> Self {
        ProducerBatch {
            number,
            partition,
            records: Vec::new(),
            size: RECORD_BATCH_OVERHEAD,
            capacity,
            is_closed: false,
            created: now,
            last_attempt: now,
            attempts: 0,
            attempts_at_new_leader: 0,
            leader_epoch: -1,
            sequence: None,
            is_transactional: false,
            sequence_was_reset: false,
            is_split: false,
            cause: EventId(0),
        }
    }

    /// Whether the record may travel in it, and fits. The first one always does.
    pub fn has_room_for(&self, record: &ProducerRecord) -> bool {
        let Some(first) = self.records.first() else {
            return true;
        };
        let is_alike = first.acks == record.acks && first.compression == record.compression;
        !self.is_closed && is_alike && self.size + record.size_in(self) <= self.capacity
    }

    pub fn push(&mut self, record: ProducerRecord) {
        self.size += record.size_in(self);
        self.records.push(record);
    }

    /// No more records.
    pub fn close(&mut self) {
        self.is_closed = true;
    }

    pub fn is_closed(&self) -> bool {
        self.is_closed
    }

    pub fn is_full(&self) -> bool {
        self.is_closed || (!self.records.is_empty() && self.size >= self.capacity)
    }

    pub fn acks(&self) -> Acks {
        self.records.first().map_or(Acks::All, |record| record.acks)
    }

    pub fn base_sequence(&self) -> Option<i32> {
        self.sequence.map(|(_, base)| base)
    }

    pub fn last_sequence(&self) -> Option<i32> {
        self.base_sequence().map(|base| increment_sequence(base, self.records.len() as i32 - 1))
    }

    pub fn waited_ms(&self, now: SimTime) -> u64 {
        now.since(self.last_attempt) / 1000
    }

    /// When it will have waited for so long since it was created or last sent.
    pub fn due_after(&self, ms: u64) -> SimTime {
        self.last_attempt.plus_millis(ms)
    }

    pub fn note_leader_epoch(&mut self, leader_epoch: i32) {
        if leader_epoch > self.leader_epoch {
            self.attempts_at_new_leader = self.attempts;
            self.leader_epoch = leader_epoch;
        }
    }

    /// It goes to another leader than the last time, so there is nothing to wait for.
    pub fn has_new_leader(&self) -> bool {
        self.attempts > 0 && self.attempts == self.attempts_at_new_leader
    }

    /// It goes back to wait for its next attempt.
    pub fn reenqueued(&mut self, now: SimTime) {
        self.attempts += 1;
        self.last_attempt = now;
    }

    pub fn reset_sequence(&mut self, producer: ProducerIdAndEpoch, base_sequence: i32) {
        self.sequence = Some((producer, base_sequence));
        self.sequence_was_reset = true;
    }

    pub fn origin(&self, client: ClientId) -> Origin {
        let number = |record: Option<&ProducerRecord>| record.map_or(0, |record| record.number);
        let (first, last) = (number(self.records.first()), number(self.records.last()));
        Origin { client, first, last, acks: self.acks() }
    }

    /// Its bytes, as they travel.
    pub fn build(&self, gzip_level: i32) -> Bytes {
        let compression = self.records.first().map_or(CompressionType::None, |r| r.compression);
        let mut builder =
            RecordBatchBuilder::new(0).compression(compression).gzip_level(gzip_level);
        if let Some((ProducerIdAndEpoch { producer_id, epoch }, base_sequence)) = self.sequence {
            builder = builder.producer(producer_id, epoch, base_sequence);
        }
        if self.is_transactional {
            builder = builder.transactional();
        }
        for record in &self.records {
            let (key, value) = (record.key.as_deref(), record.value.as_deref());
            builder.append(record.timestamp_ms.unwrap_or(-1), key, value, &record.headers);
        }
        builder.build()
    }

    /// Its records in batches of at most so many bytes, or of one record. They have the sequence numbers
    /// that the records had, and begin their attempts anew.
    pub fn split(self, bytes_max: usize, mut next_number: u64) -> Vec<ProducerBatch> {
        let mut parts: Vec<ProducerBatch> = Vec::new();
        let mut sequence = self.sequence;
        for record in self.records {
            let fits = |part: &ProducerBatch| part.size + record.size_in(part) <= bytes_max;
            if !parts.last().is_some_and(fits) {
                let partition = self.partition.clone();
                let mut part = ProducerBatch::new(next_number, partition, 0, self.created);
                next_number += 1;
                part.is_closed = true;
                part.is_split = true;
                part.cause = self.cause;
                part.sequence = sequence;
                part.is_transactional = self.is_transactional;
                parts.push(part);
            }
            if let Some(part) = parts.last_mut() {
                part.push(record);
            }
            sequence = sequence.map(|(producer, base)| (producer, increment_sequence(base, 1)));
        }
        parts
    }

    /// What a batch for the largest of its records alone takes.
    pub fn record_size_max(&self) -> usize {
        let alone = |record: &ProducerRecord| {
            let (key, value) = (record.key.as_deref(), record.value.as_deref());
            RECORD_BATCH_OVERHEAD + record_size(0, 0, key, value, &record.headers)
        };
        self.records.iter().map(alone).max().unwrap_or(0)
    }
}
