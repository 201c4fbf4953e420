//! Going through the batches of a segment's `.log` by their headers. Kafka's `FileRecords`.
//! Nothing here changes a file or trusts an index; positions of errors are in the file.

use crate::record::batch_header::RECORD_BATCH_OVERHEAD;
use crate::record::{BatchHeader, CorruptRecord, RecordBatch};
use crate::sim::disk::File;

/// A batch's place in its segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BatchPosition {
    /// Byte in the `.log` where the batch starts.
    pub position: u64,
    pub header: BatchHeader,
}

/// The header of the batch at `position`; the whole batch must be in the file.
pub fn header_at(file: &File, position: u64) -> Result<BatchHeader, CorruptRecord> {
    let available = file.len().saturating_sub(position);
    let peeked = file.peek(position);
    if peeked.len() >= RECORD_BATCH_OVERHEAD {
        BatchHeader::decode(peeked, available)
    } else {
        // It lies across two buffers, or the file ends inside it.
        BatchHeader::decode(&file.read(position, RECORD_BATCH_OVERHEAD as u64), available)
    }
    .map_err(|error| error.shifted(position))
}

/// The batch at `position`. Its CRC is not checked.
pub fn batch_at(file: &File, at: BatchPosition) -> Result<RecordBatch, CorruptRecord> {
    let bytes = file.read(at.position, u64::from(at.header.size_in_bytes));
    RecordBatch::parse(bytes).map_err(|error| error.shifted(at.position))
}

/// The batch at `position`, as it was written.
pub fn checked_batch_at(file: &File, at: BatchPosition) -> Result<RecordBatch, CorruptRecord> {
    let batch = batch_at(file, at)?;
    batch.ensure_valid().map_err(|error| error.shifted(at.position))?;
    Ok(batch)
}

/// The batches from one position on; ends after the first error.
#[derive(Clone, Debug)]
pub struct BatchPositions<'a> {
    file: &'a File,
    /// Where the next batch starts; after an error, where the damaged one does.
    pub position: u64,
    end: u64,
    failed: bool,
}

impl<'a> BatchPositions<'a> {
    pub fn from(file: &'a File, position: u64) -> Self {
        BatchPositions { file, position, end: file.len(), failed: false }
    }

    /// Ends before `end`, where a batch starts.
    pub fn up_to(self, end: u64) -> Self {
        BatchPositions { end, ..self }
    }
}

impl Iterator for BatchPositions<'_> {
    type Item = Result<BatchPosition, CorruptRecord>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed || self.position >= self.end {
            return None;
        }
        let position = self.position;
        let found = header_at(self.file, position).map(|header| BatchPosition { position, header });
        match &found {
            Ok(batch) => self.position += u64::from(batch.header.size_in_bytes),
            Err(_) => self.failed = true,
        }
        Some(found)
    }
}
