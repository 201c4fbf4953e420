//! The primitives of Kafka's flexible message versions: compact lengths, unsigned varints, tagged
//! fields (KIP-482).

use crate::ids::{NodeId, Uuid};
use bytes::{BufMut, BytesMut};

/// Writes the primitives one after the other.
pub(super) struct Writer(pub(super) BytesMut);

impl Writer {
    pub(super) fn i32(&mut self, value: i32) {
        self.0.put_i32(value);
    }
    pub(super) fn i64(&mut self, value: i64) {
        self.0.put_i64(value);
    }
    pub(super) fn bool(&mut self, value: bool) {
        self.0.put_u8(u8::from(value));
    }
    pub(super) fn uuid(&mut self, value: Uuid) {
        self.0.extend_from_slice(&value.0);
    }
    pub(super) fn unsigned_varint(&mut self, mut value: u32) {
        while value >= 0x80 {
            self.0.put_u8(value as u8 | 0x80);
            value >>= 7;
        }
        self.0.put_u8(value as u8);
    }
    /// Compact lengths are stored plus one; 0 stands for null.
    pub(super) fn count(&mut self, count: usize) {
        self.unsigned_varint(count as u32 + 1);
    }
    pub(super) fn string(&mut self, text: &str) {
        self.count(text.len());
        self.0.extend_from_slice(text.as_bytes());
    }
    pub(super) fn nullable_string(&mut self, text: Option<&str>) {
        match text {
            Some(text) => self.string(text),
            None => self.0.put_u8(0),
        }
    }
    pub(super) fn nodes(&mut self, nodes: &[NodeId]) {
        self.count(nodes.len());
        nodes.iter().for_each(|node| self.i32(node.0));
    }
    pub(super) fn no_tags(&mut self) {
        self.unsigned_varint(0);
    }
    pub(super) fn tags(&mut self, fields: Vec<(u32, Vec<u8>)>) {
        self.unsigned_varint(fields.len() as u32);
        for (tag, bytes) in fields {
            self.unsigned_varint(tag);
            self.unsigned_varint(bytes.len() as u32);
            self.0.extend_from_slice(&bytes);
        }
    }
}

/// Reads them back; `None` where the bytes end or are none.
pub(super) struct Reader<'a>(pub(super) &'a [u8]);

impl<'a> Reader<'a> {
    pub(super) fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (head, tail) = self.0.split_at_checked(count)?;
        self.0 = tail;
        Some(head)
    }
    pub(super) fn u8(&mut self) -> Option<u8> {
        Some(self.take(1)?[0])
    }
    pub(super) fn i16(&mut self) -> Option<i16> {
        Some(i16::from_be_bytes(self.take(2)?.try_into().ok()?))
    }
    pub(super) fn i32(&mut self) -> Option<i32> {
        Some(i32::from_be_bytes(self.take(4)?.try_into().ok()?))
    }
    pub(super) fn i64(&mut self) -> Option<i64> {
        Some(i64::from_be_bytes(self.take(8)?.try_into().ok()?))
    }
    pub(super) fn uuid(&mut self) -> Option<Uuid> {
        Some(Uuid(self.take(16)?.try_into().ok()?))
    }
    pub(super) fn unsigned_varint(&mut self) -> Option<u32> {
        let mut value: u32 = 0;
        for shift in (0..35).step_by(7) {
            let byte = self.u8()?;
            value |= u32::from(byte & 0x7F).checked_shl(shift)?;
            if byte < 0x80 {
                return Some(value);
            }
        }
        None
    }
    /// `Some(None)` is a null string.
    pub(super) fn string(&mut self) -> Option<Option<String>> {
        match self.unsigned_varint()? {
            0 => Some(None),
            n => {
                let bytes = self.take(n as usize - 1)?;
                Some(Some(String::from_utf8(bytes.to_vec()).ok()?))
            }
        }
    }
    pub(super) fn nodes(&mut self) -> Option<Vec<NodeId>> {
        let count = self.unsigned_varint()?.checked_sub(1)? as usize;
        if count > self.0.len() / 4 {
            return None;
        }
        (0..count).map(|_| self.i32().map(NodeId)).collect()
    }
    pub(super) fn tags(&mut self) -> Option<Vec<(u32, &'a [u8])>> {
        let count = self.unsigned_varint()? as usize;
        if count > self.0.len() {
            return None;
        }
        let mut fields = Vec::new();
        for _ in 0..count {
            let tag = self.unsigned_varint()?;
            let len = self.unsigned_varint()? as usize;
            fields.push((tag, self.take(len)?));
        }
        Some(fields)
    }
}
