//! Rows of bytes as the page shows them: cut into runs of one field each, so that a field lights up
//! as a whole and a long file costs no more than the page that is shown of it.

use super::fields::FieldView;
use std::fmt::Write;
use std::ops::Range;

/// Bytes that are shown at a time.
pub const PAGE: usize = 512;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HexRow {
    /// Byte in the file.
    pub at: usize,
    pub runs: Vec<Run>,
}

/// Neighbouring bytes of one field, within a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// Index of the field.
    pub field: usize,
    pub hex: String,
    pub ascii: String,
    /// Not on the disk yet.
    pub is_dirty: bool,
}

pub fn pages(len: usize) -> usize {
    len.div_ceil(PAGE).max(1)
}

/// The bytes of the block that a page shows.
pub fn page_range(len: usize, page: usize) -> Range<usize> {
    let start = (page.min(pages(len) - 1)) * PAGE;
    start..(start + PAGE).min(len)
}

/// The fields that have a byte on the page, or stand between two that have.
pub fn fields_on(fields: &[FieldView], range: &Range<usize>) -> Range<usize> {
    let first = fields.partition_point(|field| field.start + field.len.max(1) <= range.start);
    let end = fields.partition_point(|field| field.start < range.end);
    first..end.max(first)
}

/// The page on which a field begins.
pub fn page_of(fields: &[FieldView], index: usize) -> usize {
    fields.get(index).map_or(0, |field| field.start / PAGE)
}

/// `start` is where the block begins in its file; `width` is the bytes of a row.
pub fn rows(
    block: &[u8],
    start: usize,
    durable_len: u64,
    fields: &[FieldView],
    range: Range<usize>,
    width: usize,
) -> Vec<HexRow> {
    let field_at = |at: usize| {
        let after = fields.partition_point(|field| field.start <= at);
        fields[..after].iter().rposition(|field| at < field.start + field.len).unwrap_or(0)
    };
    let mut rows = Vec::new();
    let mut row_start = range.start;
    while row_start < range.end {
        let row_end = (row_start + width).min(range.end);
        let mut runs: Vec<Run> = Vec::new();
        for (at, &byte) in (row_start..row_end).zip(&block[row_start..row_end]) {
            let field = field_at(at);
            let is_dirty = (start + at) as u64 >= durable_len;
            match runs.last_mut() {
                Some(run) if run.field == field && run.is_dirty == is_dirty => run.push(byte),
                _ => {
                    let (hex, ascii) = (String::new(), String::new());
                    let mut run = Run { field, hex, ascii, is_dirty };
                    run.push(byte);
                    runs.push(run);
                }
            }
        }
        rows.push(HexRow { at: start + row_start, runs });
        row_start = row_end;
    }
    rows
}

impl Run {
    fn push(&mut self, byte: u8) {
        if !self.hex.is_empty() {
            self.hex.push(' ');
        }
        let _ = write!(self.hex, "{byte:02x}");
        self.ascii.push(if (0x20..0x7f).contains(&byte) { char::from(byte) } else { '·' });
    }
}
