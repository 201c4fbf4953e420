//! What one reader has got of one partition: a consumer group, or a consumer without one. What its position
//! passed over, and what it came back to, is told from where it was and where it goes on.

use super::spans::Spans;
use super::written::Written;
use crate::ids::ClientId;

/// Why a consumer does not have a partition any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parting {
    Killed,
    Closed,
    /// It did not poll for `max.poll.interval.ms`, and left.
    PollInterval,
    /// Its coordinator did not know it any more.
    RemovedFromGroup,
    /// A rebalance took it away.
    Revoked,
    /// It gave up: `auto.offset.reset=none`, or an error.
    Failed,
}

/// Why a reader never got, or never processed, what it passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Skipped {
    /// It was committed before it was processed, and then `holder` was gone.
    CommittedEarly { holder: Option<ClientId>, parting: Option<Parting>, committed: i64 },
    /// The log did not have it any more.
    Deleted { log_start: i64 },
    /// A tool set the group's offsets.
    ByTool,
    /// Nothing was committed, and `auto.offset.reset=latest`.
    StartedAtLatest,
}

/// Why a reader got again what it had processed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repeated {
    /// `holder` had processed it, and was gone before it was committed.
    NotCommitted {
        holder: Option<ClientId>,
        parting: Option<Parting>,
        committed: i64,
    },
    /// Nothing was committed, and `auto.offset.reset=earliest`.
    NothingCommitted,
    ByTool,
    /// The log was cut below the position, so that other records came to stand there.
    LogCut,
}

#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Reading {
    /// Where it began; what stands below was never for it.
    pub begin: Option<i64>,
    pub delivered: Spans,
    pub processed: Spans,
    pub skipped: Spans,
    /// Values, and how often one came again.
    pub delivered_values: u64,
    pub delivered_again: u64,
    pub processed_values: u64,
    pub processed_again: u64,
    pub committed: Option<i64>,
    by_tool: bool,
    /// Who got something last.
    pub holder: Option<ClientId>,
    /// Why the next records may be old ones.
    rewound: Option<Repeated>,
}

/// What a position is set to, and what is known about it.
pub struct Start {
    pub offset: i64,
    pub log_start: i64,
    pub parting: Option<Parting>,
}

impl Reading {
    /// A consumer goes on at another offset. Returns what it passes over, if that are values.
    pub fn started(&mut self, written: &Written, start: &Start) -> Option<((i64, i64), Skipped)> {
        let offset = start.offset;
        let begin = *self.begin.get_or_insert(offset);
        self.begin = Some(begin.min(offset));
        let (holder, parting) = (self.holder, start.parting);
        let by_tool = self.by_tool && self.committed == Some(offset);
        self.rewound = Some(match self.committed {
            _ if by_tool => Repeated::ByTool,
            Some(committed) if committed == offset => {
                Repeated::NotCommitted { holder, parting, committed }
            }
            _ => Repeated::NothingCommitted,
        });
        let missed = self.missed(begin, offset);
        let first = missed.iter().find(|(from, to)| written.values(*from, *to).0 > 0)?.0;
        for (from, to) in missed {
            self.skipped.add(from, to);
        }
        let why = match self.committed {
            _ if by_tool => Skipped::ByTool,
            _ if start.log_start >= offset => Skipped::Deleted { log_start: start.log_start },
            Some(committed) if committed == offset => {
                Skipped::CommittedEarly { holder, parting, committed }
            }
            _ => Skipped::StartedAtLatest,
        };
        Some(((first, offset), why))
    }

    /// What was neither processed nor passed over before.
    fn missed(&self, from: i64, to: i64) -> Vec<(i64, i64)> {
        let open = self.processed.gaps(from, to);
        open.into_iter().flat_map(|(from, to)| self.skipped.gaps(from, to)).collect()
    }

    pub fn delivered(&mut self, written: &Written, client: ClientId, (from, to): (i64, i64)) {
        self.holder = Some(client);
        self.begin.get_or_insert(from);
        let (new, again) = counts(written, &self.delivered, from, to);
        self.delivered_values += new;
        self.delivered_again += again;
        self.delivered.add(from, to);
    }

    /// Returns which offsets it had processed before, and why they came again.
    pub fn processed(
        &mut self,
        written: &Written,
        (from, to): (i64, i64),
    ) -> Option<(i64, i64, Repeated)> {
        let repeated = self.processed.within(from, to).fold(None, |hull, span| match hull {
            None => Some((span.from, span.to)),
            Some((from, _)) => Some((from, span.to)),
        });
        let (new, again) = counts(written, &self.processed, from, to);
        self.processed_values += new;
        self.processed_again += again;
        self.processed.add(from, to);
        self.skipped.clear(from, to);
        let (from, to) = repeated?;
        Some((from, to, self.rewound.unwrap_or(Repeated::LogCut)))
    }

    pub fn committed(&mut self, offset: i64, by_tool: bool) {
        self.committed = Some(offset);
        self.by_tool = by_tool;
    }

    /// What stood at these offsets and above is in no log any more.
    pub fn cut(&mut self, from: i64) {
        for spans in [&mut self.delivered, &mut self.processed, &mut self.skipped] {
            spans.clear(from, i64::MAX);
        }
        self.rewound = Some(Repeated::LogCut);
    }

    /// Values that it will not process any more: passed over, gone from the log, or committed by a consumer
    /// that is gone.
    pub fn lost(&self, written: &Written, log_start: i64, holder_is_gone: bool) -> Vec<(i64, i64)> {
        let passed = self.skipped.iter().map(|span| (span.from, span.to));
        let settled = match self.committed.filter(|_| holder_is_gone) {
            Some(committed) => committed.max(log_start),
            None => log_start,
        };
        let open = match self.begin {
            Some(begin) => self.missed(begin, settled),
            None => Vec::new(),
        };
        let all = passed.chain(open);
        all.filter(|(from, to)| written.values(*from, *to).0 > 0).collect()
    }
}

/// Values at these offsets that are new, and those that are not: the span has them, or they are in the log
/// twice.
fn counts(written: &Written, spans: &Spans, from: i64, to: i64) -> (u64, u64) {
    let (all, _) = written.values(from, to);
    let gaps = spans.gaps(from, to).into_iter().map(|(from, to)| written.values(from, to));
    let new: u64 = gaps.map(|(values, again)| values - again).sum();
    (new, all - new)
}
