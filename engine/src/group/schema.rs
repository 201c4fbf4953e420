//! The primitives of Kafka's messages. In versions that are not flexible: strings with a length of two
//! bytes, arrays and bytes with one of four, -1 for null. In flexible ones (KIP-482), here called compact:
//! lengths plus one as unsigned varints, 0 for null, and tagged fields.

use crate::ids::Uuid;
use bytes::{BufMut, Bytes, BytesMut};

/// Writes the primitives one after the other.
#[derive(Default)]
pub struct Writer(BytesMut);

impl Writer {
    pub fn i8(&mut self, value: i8) {
        self.0.put_i8(value);
    }

    pub fn i16(&mut self, value: i16) {
        self.0.put_i16(value);
    }

    pub fn i32(&mut self, value: i32) {
        self.0.put_i32(value);
    }

    pub fn i64(&mut self, value: i64) {
        self.0.put_i64(value);
    }

    pub fn string(&mut self, text: &str) {
        self.i16(text.len() as i16);
        self.0.extend_from_slice(text.as_bytes());
    }

    pub fn nullable_string(&mut self, text: Option<&str>) {
        match text {
            Some(text) => self.string(text),
            None => self.i16(-1),
        }
    }

    pub fn bytes(&mut self, bytes: &[u8]) {
        self.i32(bytes.len() as i32);
        self.0.extend_from_slice(bytes);
    }

    pub fn nullable_bytes(&mut self, bytes: Option<&[u8]>) {
        match bytes {
            Some(bytes) => self.bytes(bytes),
            None => self.i32(-1),
        }
    }

    pub fn array<T>(&mut self, items: &[T], mut write: impl FnMut(&mut Self, &T)) {
        self.i32(items.len() as i32);
        items.iter().for_each(|item| write(self, item));
    }

    pub fn uuid(&mut self, value: Uuid) {
        self.0.extend_from_slice(&value.0);
    }

    fn unsigned_varint(&mut self, mut value: u32) {
        while value >= 0x80 {
            self.0.put_u8(value as u8 | 0x80);
            value >>= 7;
        }
        self.0.put_u8(value as u8);
    }

    pub fn compact_string(&mut self, text: &str) {
        self.unsigned_varint(text.len() as u32 + 1);
        self.0.extend_from_slice(text.as_bytes());
    }

    pub fn compact_nullable_string(&mut self, text: Option<&str>) {
        match text {
            Some(text) => self.compact_string(text),
            None => self.compact_null(),
        }
    }

    /// In place of a string or an array.
    pub fn compact_null(&mut self) {
        self.unsigned_varint(0);
    }

    pub fn compact_array<T>(
        &mut self,
        items: impl ExactSizeIterator<Item = T>,
        mut write: impl FnMut(&mut Self, T),
    ) {
        self.unsigned_varint(items.len() as u32 + 1);
        items.for_each(|item| write(self, item));
    }

    /// Tagged fields, in the order of their tags.
    pub fn tags(&mut self, fields: &[(u32, Vec<u8>)]) {
        self.unsigned_varint(fields.len() as u32);
        for (tag, bytes) in fields {
            self.unsigned_varint(*tag);
            self.unsigned_varint(bytes.len() as u32);
            self.0.extend_from_slice(bytes);
        }
    }

    pub fn finish(self) -> Bytes {
        self.0.freeze()
    }
}

/// Reads them back; `None` where the bytes end or are none.
pub struct Reader<'a>(pub &'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (head, tail) = self.0.split_at_checked(count)?;
        self.0 = tail;
        Some(head)
    }

    pub fn i16(&mut self) -> Option<i16> {
        Some(i16::from_be_bytes(self.take(2)?.try_into().ok()?))
    }

    pub fn i32(&mut self) -> Option<i32> {
        Some(i32::from_be_bytes(self.take(4)?.try_into().ok()?))
    }

    pub fn i64(&mut self) -> Option<i64> {
        Some(i64::from_be_bytes(self.take(8)?.try_into().ok()?))
    }

    pub fn string(&mut self) -> Option<String> {
        self.nullable_string()?
    }

    /// `Some(None)` is null.
    pub fn nullable_string(&mut self) -> Option<Option<String>> {
        match self.i16()? {
            -1 => Some(None),
            len => {
                let bytes = self.take(len.try_into().ok()?)?;
                Some(Some(String::from_utf8(bytes.to_vec()).ok()?))
            }
        }
    }

    pub fn bytes(&mut self) -> Option<Bytes> {
        self.nullable_bytes()?
    }

    /// `Some(None)` is null.
    pub fn nullable_bytes(&mut self) -> Option<Option<Bytes>> {
        match self.i32()? {
            -1 => Some(None),
            len => Some(Some(Bytes::copy_from_slice(self.take(len.try_into().ok()?)?))),
        }
    }

    pub fn i8(&mut self) -> Option<i8> {
        Some(self.take(1)?[0] as i8)
    }

    pub fn uuid(&mut self) -> Option<Uuid> {
        Some(Uuid(self.take(16)?.try_into().ok()?))
    }

    fn unsigned_varint(&mut self) -> Option<u32> {
        let mut value: u32 = 0;
        for shift in (0..35).step_by(7) {
            let byte = self.take(1)?[0];
            value |= u32::from(byte & 0x7f).checked_shl(shift)?;
            if byte < 0x80 {
                return Some(value);
            }
        }
        None
    }

    pub fn compact_string(&mut self) -> Option<String> {
        self.compact_nullable_string()?
    }

    /// `Some(None)` is null.
    pub fn compact_nullable_string(&mut self) -> Option<Option<String>> {
        match self.unsigned_varint()? {
            0 => Some(None),
            n => Some(Some(String::from_utf8(self.take(n as usize - 1)?.to_vec()).ok()?)),
        }
    }

    pub fn compact_array<T>(&mut self, read: impl FnMut(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        self.compact_nullable_array(read)?
    }

    /// `Some(None)` is null.
    pub fn compact_nullable_array<T>(
        &mut self,
        mut read: impl FnMut(&mut Self) -> Option<T>,
    ) -> Option<Option<Vec<T>>> {
        let Some(count) = (self.unsigned_varint()? as usize).checked_sub(1) else {
            return Some(None);
        };
        if count > self.0.len() {
            return None;
        }
        Some(Some((0..count).map(|_| read(self)).collect::<Option<_>>()?))
    }

    /// The tagged fields, each with its bytes.
    pub fn tags(&mut self) -> Option<Vec<(u32, &'a [u8])>> {
        let count = self.unsigned_varint()? as usize;
        if count > self.0.len() {
            return None;
        }
        let tag = |_| {
            let tag = self.unsigned_varint()?;
            let len = self.unsigned_varint()? as usize;
            Some((tag, self.take(len)?))
        };
        (0..count).map(tag).collect()
    }

    pub fn array<T>(&mut self, read: impl FnMut(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        self.nullable_array(read)?
    }

    /// `Some(None)` is null.
    pub fn nullable_array<T>(
        &mut self,
        mut read: impl FnMut(&mut Self) -> Option<T>,
    ) -> Option<Option<Vec<T>>> {
        let count = match self.i32()? {
            -1 => return Some(None),
            count => usize::try_from(count).ok()?,
        };
        // Every element takes at least a byte.
        if count > self.0.len() {
            return None;
        }
        Some(Some((0..count).map(|_| read(self)).collect::<Option<_>>()?))
    }
}
