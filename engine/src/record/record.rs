//! One record inside a batch: its layout, found by one decoder that also gives the place of every
//! field, so that reading, checking and the hex view cannot disagree. Writing is the builder's.

use super::corrupt_record::{CorruptReason, CorruptRecord};
use super::varint::{VarintError, read_varint, read_varlong};
use bytes::Bytes;
use std::ops::Range;

/// A record as a consumer sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    pub offset: i64,
    /// Unix milliseconds; -1 is none.
    pub timestamp: i64,
    pub key: Option<Bytes>,
    /// `None` is a tombstone where the log is compacted.
    pub value: Option<Bytes>,
    pub headers: Vec<Header>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// Never null; empty and repeated keys are legal.
    pub key: String,
    pub value: Option<Bytes>,
}

/// A number and where its bytes are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Field<T> {
    pub value: T,
    pub span: Range<usize>,
}

/// Where everything is in one record. Positions are bytes from the start of the buffer given to
/// [`RecordLayout::decode`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RecordLayout {
    pub length: Field<i32>,
    pub attributes: Field<i8>,
    pub timestamp_delta: Field<i64>,
    pub offset_delta: Field<i32>,
    /// A length of -1 is a null key or value; its bytes are then an empty range.
    pub key_length: Field<i32>,
    pub key: Range<usize>,
    pub value_length: Field<i32>,
    pub value: Range<usize>,
    pub header_count: Field<i32>,
    pub end: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct HeaderLayout {
    pub key_length: Field<i32>,
    pub key: Range<usize>,
    pub value_length: Field<i32>,
    pub value: Range<usize>,
}

impl RecordLayout {
    /// Decodes record `index`, which begins at `start`. Strict: the lengths must add up exactly.
    #[inline(always)]
    pub fn decode(buffer: &[u8], start: usize, index: u32) -> Result<Self, CorruptRecord> {
        let mut cursor = Cursor { buffer, at: start, index };
        let length = cursor.varint()?;
        let body = cursor.at;
        let end = usize::try_from(length.value)
            .ok()
            .and_then(|length| body.checked_add(length))
            .filter(|end| *end <= buffer.len())
            .ok_or_else(|| cursor.invalid(start, "its length goes beyond the batch"))?;
        cursor.buffer = &buffer[..end];

        let attributes = cursor.byte()?;
        let timestamp_delta = cursor.varlong()?;
        let offset_delta = cursor.varint()?;
        let (key_length, key) = cursor.nullable_bytes()?;
        let (value_length, value) = cursor.nullable_bytes()?;
        let header_count = cursor.varint()?;
        let layout = RecordLayout {
            length,
            attributes,
            timestamp_delta,
            offset_delta,
            key_length,
            key,
            value_length,
            value,
            header_count,
            end,
        };
        // A header takes two bytes at least, which bounds the loop.
        let most = (end - cursor.at) / 2;
        if usize::try_from(layout.header_count.value).map_or(true, |count| count > most) {
            let at = layout.header_count.span.start;
            return Err(cursor.invalid(at, "its number of headers is out of range"));
        }
        for _ in 0..layout.header_count.value {
            HeaderLayout::decode(&mut cursor)?;
        }
        if cursor.at != end {
            return Err(cursor.invalid(cursor.at, "its fields end before its length does"));
        }
        Ok(layout)
    }

    /// The headers of a record that was decoded from the same buffer.
    pub fn headers(
        &self,
        buffer: &[u8],
        index: u32,
    ) -> impl Iterator<Item = Result<HeaderLayout, CorruptRecord>> {
        let mut cursor =
            Cursor { buffer: &buffer[..self.end], at: self.header_count.span.end, index };
        (0..self.header_count.value).map(move |_| HeaderLayout::decode(&mut cursor))
    }

    /// The record itself; `base_offset` and `base_timestamp` are its batch's.
    pub fn record(
        &self,
        buffer: &Bytes,
        index: u32,
        base_offset: i64,
        base_timestamp: i64,
    ) -> Result<Record, CorruptRecord> {
        let mut headers = Vec::with_capacity(self.header_count.value as usize);
        for header in self.headers(buffer, index) {
            let header = header?;
            let key = std::str::from_utf8(&buffer[header.key.clone()]).map_err(|_| {
                let reason =
                    CorruptReason::InvalidRecord { index, what: "a header key is not UTF-8" };
                CorruptRecord::new(header.key.start as u64, reason)
            })?;
            headers.push(Header {
                key: key.to_string(),
                value: nullable(buffer, &header.value_length, &header.value),
            });
        }
        Ok(Record {
            offset: base_offset + i64::from(self.offset_delta.value),
            timestamp: base_timestamp.wrapping_add(self.timestamp_delta.value),
            key: nullable(buffer, &self.key_length, &self.key),
            value: nullable(buffer, &self.value_length, &self.value),
            headers,
        })
    }
}

fn nullable(buffer: &Bytes, length: &Field<i32>, range: &Range<usize>) -> Option<Bytes> {
    (length.value >= 0).then(|| buffer.slice(range.clone()))
}

impl HeaderLayout {
    fn decode(cursor: &mut Cursor<'_>) -> Result<Self, CorruptRecord> {
        let at = cursor.at;
        let (key_length, key) = cursor.nullable_bytes()?;
        if key_length.value < 0 {
            return Err(cursor.invalid(at, "a header key is null"));
        }
        let (value_length, value) = cursor.nullable_bytes()?;
        Ok(HeaderLayout { key_length, key, value_length, value })
    }
}

/// A place in a record; `buffer` ends where the record does.
struct Cursor<'a> {
    buffer: &'a [u8],
    at: usize,
    index: u32,
}

impl Cursor<'_> {
    #[cold]
    fn invalid(&self, at: usize, what: &'static str) -> CorruptRecord {
        CorruptRecord::new(at as u64, CorruptReason::InvalidRecord { index: self.index, what })
    }

    #[inline(always)]
    fn byte(&mut self) -> Result<Field<i8>, CorruptRecord> {
        let byte = self.buffer.get(self.at);
        let value = *byte.ok_or_else(|| self.invalid(self.at, "it ends inside a field"))? as i8;
        Ok(self.advance(value, 1))
    }

    #[inline(always)]
    fn varint(&mut self) -> Result<Field<i32>, CorruptRecord> {
        match self.short_varint() {
            Some((value, len)) => Ok(self.advance(value as i32, len)),
            None => self.number(read_varint(self.buffer.get(self.at..).unwrap_or_default())),
        }
    }

    #[inline(always)]
    fn varlong(&mut self) -> Result<Field<i64>, CorruptRecord> {
        match self.short_varint() {
            Some((value, len)) => Ok(self.advance(value, len)),
            None => self.number(read_varlong(self.buffer.get(self.at..).unwrap_or_default())),
        }
    }

    /// A number of one or two bytes, by far the most common, without the general decoder.
    #[inline(always)]
    fn short_varint(&self) -> Option<(i64, usize)> {
        let (value, len) = match *self.buffer.get(self.at..)? {
            [a @ 0..0x80, ..] => (i64::from(a), 1),
            [a, b @ 0..0x80, ..] => (i64::from(a & 0x7f) | i64::from(b) << 7, 2),
            _ => return None,
        };
        Some(((value >> 1) ^ -(value & 1), len))
    }

    #[cold]
    fn number<T>(
        &mut self,
        read: Result<(T, usize), VarintError>,
    ) -> Result<Field<T>, CorruptRecord> {
        match read {
            Ok((value, len)) => Ok(self.advance(value, len)),
            Err(VarintError::Truncated) => Err(self.invalid(self.at, "it ends inside a field")),
            Err(VarintError::TooLong) => Err(self.invalid(self.at, "a number is too long")),
        }
    }

    #[inline(always)]
    fn nullable_bytes(&mut self) -> Result<(Field<i32>, Range<usize>), CorruptRecord> {
        let length = self.varint()?;
        let start = self.at;
        let end = match usize::try_from(length.value) {
            // Kafka reads every negative length as null.
            Err(_) => start,
            Ok(count) => start
                .checked_add(count)
                .filter(|end| *end <= self.buffer.len())
                .ok_or_else(|| self.invalid(length.span.start, "a field goes beyond it"))?,
        };
        self.at = end;
        Ok((length, start..end))
    }

    #[inline(always)]
    fn advance<T>(&mut self, value: T, len: usize) -> Field<T> {
        let span = self.at..self.at + len;
        self.at = span.end;
        Field { value, span }
    }
}
