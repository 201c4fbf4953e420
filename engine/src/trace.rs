//! The trace of a run: one 128-bit number that all its events went into. Two runs that differ
//! anywhere differ in it, on every machine, 32 or 64 bits wide.

use crate::event::Event;
use std::hash::{Hash, Hasher};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trace {
    low: u64,
    high: u64,
}

impl Default for Trace {
    fn default() -> Self {
        Trace { low: 0x62b8_2175_6295_c58d, high: 0x6c62_272e_07bb_0142 }
    }
}

impl Trace {
    pub fn add(&mut self, event: &Event) {
        event.hash(self);
    }

    pub fn digest(&self) -> u128 {
        (u128::from(self.high) << 64) | u128::from(self.low)
    }

    fn mix(&mut self, word: u64) {
        self.low = (self.low ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29);
        self.high = (self.high.rotate_left(17) ^ self.low).wrapping_mul(0xff51_afd7_ed55_8ccd);
    }
}

/// Everything is taken as 64-bit little-endian words, so that `usize` makes no difference.
impl Hasher for Trace {
    fn finish(&self) -> u64 {
        self.high
    }

    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.mix(u64::from_le_bytes(word));
        }
    }

    fn write_u8(&mut self, value: u8) {
        self.mix(value.into());
    }
    fn write_u32(&mut self, value: u32) {
        self.mix(value.into());
    }
    fn write_u64(&mut self, value: u64) {
        self.mix(value);
    }
    fn write_usize(&mut self, value: usize) {
        self.mix(value as u64);
    }
    fn write_i32(&mut self, value: i32) {
        self.mix(i64::from(value) as u64);
    }
    fn write_i64(&mut self, value: i64) {
        self.mix(value as u64);
    }
    fn write_isize(&mut self, value: isize) {
        self.mix(value as i64 as u64);
    }
}
