//! How often each number of a line was touched, as spans of equal count: what was delivered once is one span
//! however much it is, and only what is out of the ordinary takes room.

/// Of so many the oldest is let go: what happened there is over.
const SPANS_MAX: usize = 256;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    pub from: i64,
    /// One past the last.
    pub to: i64,
    /// At least one.
    pub times: u32,
}

impl Span {
    fn overlap(&self, from: i64, to: i64) -> Option<Span> {
        let (from, to) = (self.from.max(from), self.to.min(to));
        (from < to).then_some(Span { from, to, times: self.times })
    }
}

/// In order, without overlap; neighbours of the same count are one.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Spans {
    spans: Vec<Span>,
    /// What was let go lies below; nothing is asked about it.
    settled: Option<i64>,
}

impl Spans {
    /// Once more, all of `from..to`.
    pub fn add(&mut self, from: i64, to: i64) {
        if from >= to {
            return;
        }
        // By far the most common: it goes on where the last one ends.
        match self.spans.last_mut() {
            Some(last) if last.to == from && last.times == 1 => last.to = to,
            Some(last) if last.to > from => self.change(from, to, |times| times + 1),
            _ => self.spans.push(Span { from, to, times: 1 }),
        }
        if self.spans.len() > SPANS_MAX {
            self.settled = Some(self.spans.remove(0).to);
        }
    }

    /// Once less.
    pub fn take(&mut self, from: i64, to: i64) {
        self.change(from, to, |times| times.saturating_sub(1));
    }

    /// As if it had never been.
    pub fn clear(&mut self, from: i64, to: i64) {
        self.change(from, to, |_| 0);
    }

    fn change(&mut self, from: i64, to: i64, new: impl Fn(u32) -> u32) {
        let first = self.spans.partition_point(|span| span.to < from);
        let after = first + self.spans[first..].partition_point(|span| span.from <= to);
        let touched: Vec<Span> = self.spans[first..after].to_vec();
        let mut changed: Vec<Span> = Vec::new();
        let mut put = |from: i64, to: i64, times: u32| {
            if from >= to || times == 0 {
                return;
            }
            match changed.last_mut() {
                Some(last) if last.to == from && last.times == times => last.to = to,
                _ => changed.push(Span { from, to, times }),
            }
        };
        touched.iter().for_each(|span| put(span.from, span.to.min(from), span.times));
        let mut at = from;
        for inside in touched.iter().filter_map(|span| span.overlap(from, to)) {
            put(at, inside.from, new(0));
            put(inside.from, inside.to, new(inside.times));
            at = inside.to;
        }
        put(at, to, new(0));
        touched.iter().for_each(|span| put(span.from.max(to), span.to, span.times));
        self.spans.splice(first..after, changed);
    }

    /// The parts of `from..to` that were touched.
    pub fn within(&self, from: i64, to: i64) -> impl Iterator<Item = Span> + '_ {
        let first = self.spans.partition_point(|span| span.to <= from);
        let touching = self.spans[first..].iter().take_while(move |span| span.from < to);
        touching.filter_map(move |span| span.overlap(from, to))
    }

    /// The parts of `from..to` that were not.
    pub fn gaps(&self, from: i64, to: i64) -> Vec<(i64, i64)> {
        let mut gaps = Vec::new();
        let mut at = self.settled.map_or(from, |settled| settled.max(from));
        for span in self.within(from, to) {
            if at < span.from {
                gaps.push((at, span.from));
            }
            at = span.to;
        }
        if at < to {
            gaps.push((at, to));
        }
        gaps
    }

    pub fn times(&self, at: i64) -> u32 {
        self.within(at, at + 1).next().map_or(0, |span| span.times)
    }

    /// One past the last.
    pub fn end(&self) -> Option<i64> {
        self.spans.last().map(|span| span.to)
    }

    pub fn iter(&self) -> impl Iterator<Item = &Span> {
        self.spans.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn counts_as_one_number_after_the_other_would(
            steps in prop::collection::vec((0..3_u8, 0..24_i64, 0..9_i64), 0..40)
        ) {
            let (mut spans, mut naive) = (Spans::default(), [0_u32; 40]);
            for (what, from, len) in steps {
                let to = from + len;
                match what {
                    0 => spans.add(from, to),
                    1 => spans.take(from, to),
                    _ => spans.clear(from, to),
                }
                for times in &mut naive[from as usize..to as usize] {
                    *times = match what {
                        0 => *times + 1,
                        1 => times.saturating_sub(1),
                        _ => 0,
                    };
                }
                for (at, times) in (0..).zip(&naive) {
                    prop_assert_eq!(spans.times(at), *times);
                }
                let all: Vec<Span> = spans.iter().copied().collect();
                for pair in all.windows(2) {
                    let apart = pair[0].to < pair[1].from;
                    prop_assert!(apart || pair[0].to == pair[1].from && pair[0].times != pair[1].times);
                }
                let untouched: i64 = spans.gaps(0, 40).iter().map(|(from, to)| to - from).sum();
                prop_assert_eq!(untouched as usize, naive.iter().filter(|n| **n == 0).count());
            }
        }
    }
}
