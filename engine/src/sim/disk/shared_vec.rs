//! A vector that grows at its end and whose clones share all but the last few items.
//!
//! Time travel keeps many copies of the world; a file's chunks and an index's entries are the two
//! lists in it that grow without bound. It knows nothing about what it holds.

use std::sync::Arc;

/// Items per shared block: a clone copies at most this many.
const BLOCK: usize = 128;

/// Push, truncate, look up; every full block of items is shared between clones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SharedVec<T> {
    /// Blocks of exactly [`BLOCK`] items.
    sealed: Arc<Vec<Arc<Vec<T>>>>,
    /// The items after them, fewer than [`BLOCK`].
    tail: Vec<T>,
}

impl<T> Default for SharedVec<T> {
    fn default() -> Self {
        SharedVec { sealed: Arc::default(), tail: Vec::new() }
    }
}

impl<T: Clone> SharedVec<T> {
    pub fn len(&self) -> usize {
        self.sealed.len() * BLOCK + self.tail.len()
    }

    pub fn is_empty(&self) -> bool {
        self.tail.is_empty() && self.sealed.is_empty()
    }

    pub fn get(&self, index: usize) -> Option<&T> {
        match self.sealed.get(index / BLOCK) {
            Some(block) => block.get(index % BLOCK),
            None => self.tail.get(index - self.sealed.len() * BLOCK),
        }
    }

    pub fn last(&self) -> Option<&T> {
        self.tail.last().or_else(|| self.sealed.last().and_then(|block| block.last()))
    }

    pub fn push(&mut self, item: T) {
        self.tail.push(item);
        if self.tail.len() == BLOCK {
            let block = std::mem::take(&mut self.tail);
            Arc::make_mut(&mut self.sealed).push(Arc::new(block));
        }
    }

    /// Keeps the first `len` items.
    pub fn truncate(&mut self, len: usize) {
        let in_sealed = self.sealed.len() * BLOCK;
        if len >= in_sealed {
            self.tail.truncate(len - in_sealed);
            return;
        }
        self.tail = self.sealed[len / BLOCK][..len % BLOCK].to_vec();
        Arc::make_mut(&mut self.sealed).truncate(len / BLOCK);
    }

    /// How many items at the front satisfy `before`, which must hold for a prefix only.
    pub fn partition_point(&self, mut before: impl FnMut(&T) -> bool) -> usize {
        // The tail first: most look-ups are for what was written last.
        if self.tail.first().is_some_and(&mut before) || self.sealed.is_empty() {
            return self.sealed.len() * BLOCK + self.tail.partition_point(before);
        }
        let blocks = self.sealed.partition_point(|block| block.first().is_some_and(&mut before));
        match blocks.checked_sub(1) {
            Some(index) => index * BLOCK + self.sealed[index].partition_point(before),
            None => 0,
        }
    }

    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &T> {
        self.iter_from(0)
    }

    /// The items from `index` on.
    pub fn iter_from(&self, index: usize) -> impl DoubleEndedIterator<Item = &T> {
        let block = (index / BLOCK).min(self.sealed.len());
        let within = index - block * BLOCK;
        let (first, rest) = match self.sealed[block..].split_first() {
            Some((first, rest)) => (&first[within..], rest),
            None => (&[][..], &[][..]),
        };
        let tail = if block < self.sealed.len() { 0 } else { within.min(self.tail.len()) };
        first.iter().chain(rest.iter().flat_map(|block| block.iter())).chain(&self.tail[tail..])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn behaves_like_a_vector() {
        for len in [0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK, 3 * BLOCK + 7] {
            let expected: Vec<usize> = (0..len).collect();
            let mut shared = SharedVec::default();
            expected.iter().for_each(|n| shared.push(*n));
            assert_eq!(shared.len(), len);
            assert_eq!(shared.is_empty(), len == 0);
            assert_eq!(shared.last(), expected.last());
            assert_eq!(shared.iter().copied().collect::<Vec<_>>(), expected);
            for at in [0, 1, BLOCK - 1, BLOCK, BLOCK + 1, len / 2, len, len + 1] {
                assert_eq!(shared.get(at), expected.get(at));
                assert_eq!(
                    shared.iter_from(at).copied().collect::<Vec<_>>(),
                    expected.get(at..).unwrap_or_default()
                );
                assert_eq!(shared.partition_point(|n| *n < at), expected.len().min(at));
                let mut cut = shared.clone();
                cut.truncate(at);
                assert_eq!(cut.iter().copied().collect::<Vec<_>>(), expected[..len.min(at)]);
                cut.push(7);
                assert_eq!(cut.last(), Some(&7));
            }
        }
    }
}
