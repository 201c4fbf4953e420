//! What of a file is in memory and what only on the disk. Whatever was read or written since the host
//! started is in memory: this page cache has no end, and gives nothing up but by a power loss.

use std::collections::BTreeSet;
use std::sync::Arc;

/// Linux's page.
const PAGE_BYTES: u64 = 4096;

/// The part of a file that was there when the host started, without the pages read since.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct ColdPages {
    /// Bytes from here on were written since.
    end: u64,
    read: Arc<BTreeSet<u64>>,
}

impl ColdPages {
    /// Nothing of a file of this length is in memory.
    pub fn all(len: u64) -> Self {
        ColdPages { end: len, read: Arc::default() }
    }

    /// Whether reading these bytes has to go to the disk.
    pub fn holds(&self, position: u64, len: u64) -> bool {
        self.cold(position, len).next().is_some()
    }

    /// Brings the bytes into memory. Answers how many of them were not there.
    pub fn read(&mut self, position: u64, len: u64) -> u64 {
        let cold: Vec<u64> = self.cold(position, len).collect();
        let end = (position + len).min(self.end);
        let read = Arc::make_mut(&mut self.read);
        let mut bytes = 0;
        for page in cold {
            let (from, to) = (page * PAGE_BYTES, (page + 1) * PAGE_BYTES);
            bytes += to.min(end) - from.max(position);
            read.insert(page);
        }
        bytes
    }

    pub fn truncate(&mut self, len: u64) {
        self.end = self.end.min(len);
    }

    fn cold(&self, position: u64, len: u64) -> impl Iterator<Item = u64> + '_ {
        let end = (position + len).min(self.end);
        let pages = match position < end {
            true => position / PAGE_BYTES..end.div_ceil(PAGE_BYTES),
            false => 0..0,
        };
        pages.filter(|page| !self.read.contains(page))
    }
}

/// Bytes of logs that were served to consumers and followers since the host started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReadCounters {
    pub from_cache: u64,
    pub from_disk: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_read_from_the_disk_once() {
        let mut pages = ColdPages::all(10_000);
        assert_eq!(pages.read(100, 200), 200);
        assert_eq!(pages.read(0, 4096), 0);
        assert_eq!(pages.read(4000, 200), 104);
        assert_eq!(pages.read(8192, 5000), 1808);
        assert_eq!(pages.read(0, 20_000), 0);
    }

    #[test]
    fn what_is_written_after_the_start_or_after_a_cut_is_in_memory() {
        let mut pages = ColdPages::all(5_000);
        assert!(!pages.holds(5_000, 100));
        pages.truncate(10);
        assert!(pages.holds(9, 100));
        assert!(!pages.holds(10, 100));
    }
}
