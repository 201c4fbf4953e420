//! What producers have written to one partition: which value stands at which offset of the log that the
//! present leader has, which stand there twice, and which were cut off it again.
//!
//! A value is known by its producer and its number there, as [`Origin`] has it. Values that lie next to each
//! other are one [`Run`], so a long log takes no more room than a short one.

use super::spans::Spans;
use crate::ids::ClientId;
use crate::protocol::Origin;
use crate::sim::disk::SharedVec;
use std::collections::{BTreeMap, VecDeque};

/// Runs that are remembered; what is older is settled.
const RUNS_MAX: usize = 512;
/// Runs that were cut off and may come back with an unclean election.
const CUT_MAX: usize = 64;
/// Numbers of a producer's values that are remembered, at least.
const NUMBERS: usize = 65_536;

/// Values of one producer at offsets without a gap, written in one leader epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    pub client: ClientId,
    /// Which of the producer's values to this partition the first one is.
    pub ordinal: i64,
    pub offset: i64,
    pub count: i64,
    pub leader_epoch: i32,
    /// They were in the log already.
    pub again: bool,
}

impl Run {
    pub fn end(&self) -> i64 {
        self.offset + self.count
    }

    fn goes_on_from(&self, earlier: &Run) -> bool {
        earlier.end() == self.offset
            && earlier.ordinal + earlier.count == self.ordinal
            && Run { ordinal: self.ordinal, offset: self.offset, count: self.count, ..*earlier }
                == *self
    }

    /// The part of it at these offsets.
    fn part(&self, from: i64, to: i64) -> Option<Run> {
        let (from, to) = (self.offset.max(from), self.end().min(to));
        let ordinal = self.ordinal + from - self.offset;
        (from < to).then_some(Run { ordinal, offset: from, count: to - from, ..*self })
    }
}

/// What is known of one producer's values to the partition, by their ordinals.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Sender {
    numbers: Numbers,
    /// Their producer was told that they are stored; with acks=0 nobody tells.
    pub acknowledged: Spans,
    pub unasked: Spans,
    /// Their producer was told that they are not, or not for certain.
    pub failed: Spans,
    /// How often each is in the log.
    pub held: Spans,
    /// Those that were in a log once and are not any more.
    pub cut: Spans,
    /// Those whose transaction was aborted: they count as given up.
    aborted: Spans,
}

impl Sender {
    /// Values that nobody has given up and that are not in the log, though they were acknowledged or were in
    /// a log that was cut.
    pub fn lost(&self) -> impl Iterator<Item = (i64, i64)> + '_ {
        let told = self.acknowledged.iter().flat_map(|span| self.held.gaps(span.from, span.to));
        let unasked = self.unasked.iter().flat_map(|span| self.cut.within(span.from, span.to));
        told.chain(unasked.map(|span| (span.from, span.to)))
    }

    /// Those with acks=0 of which nothing has been heard.
    pub fn unheard_of(&self) -> impl Iterator<Item = (i64, i64)> + '_ {
        let unheard = |from, to| {
            let gaps = self.held.gaps(from, to);
            gaps.into_iter().flat_map(|(from, to)| self.cut.gaps(from, to))
        };
        self.unasked.iter().flat_map(move |span| unheard(span.from, span.to))
    }

    pub fn count(&self) -> i64 {
        self.numbers.end()
    }

    /// The number of the value among all of its producer's.
    pub fn number(&self, ordinal: i64) -> Option<u64> {
        self.numbers.get(ordinal)
    }

    pub fn ordinal(&self, number: u64) -> Option<i64> {
        self.numbers.ordinal(number)
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Written {
    pub senders: BTreeMap<ClientId, Sender>,
    /// What the leader's log holds, in its order.
    runs: VecDeque<Run>,
    /// What is not in it any more.
    cut: VecDeque<Run>,
    leader_epoch: i32,
    /// Values, and those of them that were given up, with or without an attempt.
    pub produced: u64,
    pub failed: u64,
    /// Values that are in the log, and how often one of them came to it again.
    pub held: u64,
    pub again: u64,
}

impl Written {
    pub fn queued(&mut self, client: ClientId, number: u64) {
        self.produced += 1;
        self.senders.entry(client).or_default().numbers.push(number);
    }

    pub fn acknowledged(&mut self, client: ClientId, number: u64, asked: bool) {
        let Some(sender) = self.senders.get_mut(&client) else { return };
        if let Some(at) = sender.ordinal(number).filter(|at| sender.aborted.times(*at) == 0) {
            match asked {
                true => sender.acknowledged.add(at, at + 1),
                false => sender.unasked.add(at, at + 1),
            }
        }
    }

    /// One that was never queued failed in `send`.
    pub fn failed(&mut self, client: ClientId, number: u64) {
        let sender = self.senders.entry(client).or_default();
        match sender.ordinal(number) {
            Some(at) if sender.aborted.times(at) > 0 => return,
            Some(at) => sender.failed.add(at, at + 1),
            None => self.produced += 1,
        }
        self.failed += 1;
    }

    /// A leader has appended a batch. Returns the parts of it that its log had already.
    pub fn appended(&mut self, origin: Origin, offset: i64, leader_epoch: i32) -> Vec<Run> {
        let Some(sender) = self.senders.get_mut(&origin.client) else { return Vec::new() };
        let (first, last) = (sender.ordinal(origin.first), sender.ordinal(origin.last));
        let (Some(first), Some(last)) = (first, last) else { return Vec::new() };
        let (client, to) = (origin.client, last + 1);
        let run = |from: i64, to: i64, again: bool| Run {
            client,
            ordinal: from,
            offset: offset + from - first,
            count: to - from,
            leader_epoch,
            again,
        };
        if leader_epoch < self.leader_epoch {
            self.note_cut(run(first, to, false));
            return Vec::new();
        }
        let again: Vec<Run> =
            sender.held.within(first, to).map(|span| run(span.from, span.to, true)).collect();
        let new = sender.held.gaps(first, to).into_iter().map(|(from, to)| run(from, to, false));
        let mut parts: Vec<Run> = again.iter().copied().chain(new).collect();
        parts.sort_by_key(|run| run.offset);
        let repeated: i64 = again.iter().map(|run| run.count).sum();
        self.again += repeated as u64;
        self.held += (to - first - repeated) as u64;
        sender.held.add(first, to);
        sender.cut.clear(first, to);
        parts.into_iter().for_each(|run| self.push(run));
        again
    }

    fn push(&mut self, run: Run) {
        match self.runs.back_mut().filter(|last| run.goes_on_from(last)) {
            Some(last) => last.count += run.count,
            None => self.runs.push_back(run),
        }
        if self.runs.len() > RUNS_MAX {
            self.runs.pop_front();
        }
    }

    fn note_cut(&mut self, run: Run) {
        self.cut.push_back(run);
        if self.cut.len() > CUT_MAX {
            self.cut.pop_front();
        }
    }

    /// Somebody leads whose log has of each epoch what `held_to` says. Returns what it lacks.
    pub fn became_leader(
        &mut self,
        leader_epoch: i32,
        held_to: impl Fn(i32, i64) -> i64,
    ) -> Vec<Run> {
        self.leader_epoch = self.leader_epoch.max(leader_epoch);
        let mut lost = Vec::new();
        for run in std::mem::take(&mut self.cut) {
            let end = held_to(run.leader_epoch, run.offset);
            if let Some(back) = run.part(i64::MIN, end) {
                let sender = self.senders.entry(run.client).or_default();
                let (from, to) = (back.ordinal, back.ordinal + back.count);
                let new = sender.held.gaps(from, to).into_iter().map(|(from, to)| to - from);
                self.held += new.sum::<i64>() as u64;
                sender.held.add(from, to);
                sender.cut.clear(from, to);
                self.runs.push_back(back);
            }
            self.cut.extend(run.part(end, i64::MAX));
        }
        self.runs.make_contiguous().sort_by_key(|run| run.offset);
        for run in std::mem::take(&mut self.runs) {
            let end = held_to(run.leader_epoch, run.offset);
            self.runs.extend(run.part(i64::MIN, end));
            if let Some(gone) = run.part(end, i64::MAX) {
                let sender = self.senders.entry(run.client).or_default();
                sender.held.take(gone.ordinal, gone.ordinal + gone.count);
                for (from, to) in sender.held.gaps(gone.ordinal, gone.ordinal + gone.count) {
                    self.held = self.held.saturating_sub((to - from) as u64);
                    sender.cut.clear(from, to);
                    sender.cut.add(from, to);
                }
                self.note_cut(gone);
                lost.push(gone);
            }
        }
        lost
    }

    /// The transaction of what stands at these offsets of the leader's log was aborted.
    pub fn aborted(&mut self, leader_epoch: i32, spans: &[(i64, i64)]) {
        if leader_epoch < self.leader_epoch {
            return;
        }
        for (from, to) in spans {
            for run in std::mem::take(&mut self.runs) {
                self.runs.extend(run.part(i64::MIN, *from));
                if let Some(gone) = run.part(*from, *to) {
                    self.give_up(gone);
                }
                self.runs.extend(run.part(*to, i64::MAX));
            }
        }
    }

    fn give_up(&mut self, run: Run) {
        let sender = self.senders.entry(run.client).or_default();
        let (from, to) = (run.ordinal, run.ordinal + run.count);
        sender.held.take(from, to);
        for (from, to) in sender.held.gaps(from, to) {
            self.held = self.held.saturating_sub((to - from) as u64);
            let new = sender.failed.gaps(from, to).into_iter().map(|(from, to)| to - from);
            self.failed += new.sum::<i64>() as u64;
            sender.failed.clear(from, to);
            sender.acknowledged.clear(from, to);
            for spans in [&mut sender.failed, &mut sender.aborted] {
                spans.add(from, to);
            }
        }
    }

    /// Values that their producer has given up and that are in no log.
    pub fn given_up(&self) -> u64 {
        let stored = self.senders.values().flat_map(|sender| {
            let failed = sender.failed.iter();
            failed.flat_map(|span| sender.held.within(span.from, span.to))
        });
        self.failed - stored.map(|span| (span.to - span.from) as u64).sum::<u64>()
    }

    /// The epoch that had written a value that was cut off.
    pub fn cut_epoch(&self, client: ClientId, ordinal: i64) -> i32 {
        let has_it = |run: &&Run| {
            run.client == client && (run.ordinal..run.ordinal + run.count).contains(&ordinal)
        };
        self.cut.iter().rev().find(has_it).map_or(self.leader_epoch, |run| run.leader_epoch)
    }

    /// The runs at these offsets.
    pub fn runs(&self, from: i64, to: i64) -> impl Iterator<Item = Run> + '_ {
        let first = self.runs.partition_point(|run| run.end() <= from);
        let touching = self.runs.iter().skip(first).take_while(move |run| run.offset < to);
        touching.filter_map(move |run| run.part(from, to))
    }

    /// How many values stand at these offsets, and how many of them stand elsewhere, too.
    pub fn values(&self, from: i64, to: i64) -> (u64, u64) {
        self.runs(from, to).fold((0, 0), |(all, again), run| {
            let count = run.count as u64;
            (all + count, if run.again { again + count } else { again })
        })
    }

    /// Where the first value stands that is remembered, and one past the last.
    pub fn bounds(&self) -> Option<(i64, i64)> {
        Some((self.runs.front()?.offset, self.runs.back()?.end()))
    }

    /// Where a value stands in the log, as often as it does.
    pub fn offsets(&self, client: ClientId, ordinal: i64) -> Vec<i64> {
        let of_it = self.runs.iter().filter(|run| run.client == client);
        let at = of_it.filter(|run| (run.ordinal..run.ordinal + run.count).contains(&ordinal));
        at.map(|run| run.offset + ordinal - run.ordinal).collect()
    }
}

/// The numbers that a producer gave its values to one partition, by their order. At least [`NUMBERS`] of the
/// last are known.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
struct Numbers {
    older: SharedVec<u64>,
    newer: SharedVec<u64>,
    /// As many came before.
    forgotten: i64,
}

impl Numbers {
    fn push(&mut self, number: u64) {
        if self.newer.len() == NUMBERS {
            self.forgotten += self.older.len() as i64;
            self.older = std::mem::take(&mut self.newer);
        }
        self.newer.push(number);
    }

    fn end(&self) -> i64 {
        self.forgotten + (self.older.len() + self.newer.len()) as i64
    }

    fn get(&self, ordinal: i64) -> Option<u64> {
        let at = usize::try_from(ordinal - self.forgotten).ok()?;
        match at.checked_sub(self.older.len()) {
            None => self.older.get(at).copied(),
            Some(at) => self.newer.get(at).copied(),
        }
    }

    fn ordinal(&self, number: u64) -> Option<i64> {
        let (part, before) = match self.newer.get(0) {
            Some(first) if *first <= number => (&self.newer, self.older.len()),
            _ => (&self.older, 0),
        };
        let at = part.partition_point(|known| *known < number);
        (part.get(at) == Some(&number)).then(|| self.forgotten + (before + at) as i64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::Acks;

    const CLIENT: ClientId = ClientId(3);

    fn origin(first: u64, last: u64) -> Origin {
        Origin { client: CLIENT, first, last, acks: Acks::Leader }
    }

    /// Every third value goes to this partition.
    fn queued(count: u64) -> Written {
        let mut written = Written::default();
        (0..count).for_each(|n| written.queued(CLIENT, n * 3));
        written
    }

    #[test]
    fn batches_that_follow_each_other_are_one_run() {
        let mut written = queued(6);
        assert_eq!(written.appended(origin(0, 6), 10, 0), []);
        assert_eq!(written.appended(origin(9, 15), 13, 0), []);
        assert_eq!(written.runs(0, 99).count(), 1);
        assert_eq!(written.values(12, 14), (2, 0));
        assert_eq!(written.offsets(CLIENT, 5), [15]);
    }

    #[test]
    fn a_batch_that_comes_again_is_known_by_its_numbers() {
        let mut written = queued(4);
        written.appended(origin(0, 3), 0, 0);
        let again = written.appended(origin(0, 3), 2, 0);
        assert_eq!(again.iter().map(|run| (run.ordinal, run.count)).collect::<Vec<_>>(), [(0, 2)]);
        assert_eq!(written.offsets(CLIENT, 1), [1, 3]);
        assert_eq!(written.values(0, 4), (4, 2));
    }

    #[test]
    fn what_a_new_leader_lacks_is_lost_once_it_was_acknowledged() {
        let mut written = queued(4);
        written.appended(origin(0, 9), 0, 0);
        for n in 0..3 {
            written.acknowledged(CLIENT, n * 3, true);
        }
        let lost = written.became_leader(1, |_, from| from.max(2));
        assert_eq!(lost.iter().map(|run| (run.offset, run.count)).collect::<Vec<_>>(), [(2, 2)]);
        let sender = &written.senders[&CLIENT];
        assert_eq!(sender.lost().collect::<Vec<_>>(), [(2, 3)]);
        // The last one was not acknowledged, so it comes again; and so could the lost ones with their leader.
        assert_eq!(written.appended(origin(9, 9), 2, 1), []);
        assert_eq!(written.senders[&CLIENT].held.times(3), 1);
        written.became_leader(2, |epoch, from| if epoch == 0 { 4 } else { from });
        assert_eq!(written.senders[&CLIENT].lost().count(), 0);
    }

    #[test]
    fn what_a_transaction_aborts_is_given_up_however_it_was_acknowledged() {
        let mut written = queued(4);
        written.appended(origin(0, 3), 0, 0);
        written.acknowledged(CLIENT, 0, true);
        written.appended(origin(6, 9), 3, 0);
        written.aborted(0, &[(0, 2)]);
        written.acknowledged(CLIENT, 3, true);
        written.failed(CLIENT, 3);
        assert_eq!((written.held, written.given_up()), (2, 2));
        assert_eq!(written.values(0, 9), (2, 0));
        assert_eq!(written.senders[&CLIENT].lost().count(), 0);
        // A leader of an older epoch has nothing to say.
        written.became_leader(1, |_, _| 9);
        written.aborted(0, &[(3, 5)]);
        assert_eq!(written.held, 2);
    }

    #[test]
    fn old_numbers_are_forgotten_in_time() {
        let written = queued(3 * NUMBERS as u64);
        let sender = &written.senders[&CLIENT];
        assert_eq!(sender.count(), 3 * NUMBERS as i64);
        assert_eq!(sender.ordinal(0), None);
        let last = sender.count() - 1;
        assert_eq!(sender.number(last), Some(3 * last as u64));
        assert_eq!(sender.ordinal(3 * last as u64), Some(last));
        assert_eq!(sender.ordinal(3 * last as u64 - 1), None);
    }
}
