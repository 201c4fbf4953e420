//! The sums of the ledger by topic and by reader, and single values with their verdict. They are made when
//! somebody looks.

use super::written::Sender;
use super::{Account, Ledger, Reader, Reading, log_start};
use crate::cluster::Cluster;
use crate::command::Produce;
use crate::ids::{Address, ClientId, TopicPartition};
use crate::protocol::Api;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What has become of the values of a topic, by what the logs say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct TopicTally {
    pub produced: u64,
    /// Values in the log, and how often one came to it again.
    pub written: u64,
    pub written_again: u64,
    /// Believed to be stored, and in no log.
    pub lost: u64,
    /// Given up, and in no log: the producer knows.
    pub failed: u64,
}

impl TopicTally {
    /// Neither in the log nor given up.
    pub fn open(&self) -> u64 {
        self.produced.saturating_sub(self.written + self.lost + self.failed)
    }
}

/// What a reader has got of a topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct ReaderTally {
    /// Values, and how often one came again.
    pub delivered: u64,
    pub delivered_again: u64,
    pub processed: u64,
    pub processed_again: u64,
    /// In the log once, and it will not process them.
    pub lost: u64,
    /// To be processed yet.
    pub open: u64,
}

/// How its producer stands to a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sent {
    Waiting,
    Acknowledged,
    /// acks=0
    Unasked,
    Failed,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    NotYet,
    Once,
    /// Given up, and the producer knows.
    Failed,
    Again,
    Lost,
}

/// One value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Value {
    pub partition: TopicPartition,
    pub client: ClientId,
    /// Among all that its producer sent.
    pub number: u64,
    /// What it says, and which of the command's values it is, from 1.
    pub source: Option<(Arc<Produce>, u32)>,
    pub sent: Sent,
    pub offsets: Vec<i64>,
    /// How often it was delivered to each reader and processed by it, and what that makes of it.
    pub readers: Vec<(Reader, u32, u32, Verdict)>,
    pub verdict: Verdict,
}

/// Whether what was sent with acks=0 may still arrive.
struct UnderWay {
    clients: BTreeSet<ClientId>,
    stuck: bool,
}

impl UnderWay {
    fn of(cluster: &Cluster) -> Self {
        let clients = cluster.envelopes().filter_map(|envelope| match envelope.id.from {
            Address::Client(id) if envelope.api() == Api::Produce => Some(id),
            _ => None,
        });
        UnderWay { clients: clients.collect(), stuck: cluster.brokers().any(|n| n.is_paused()) }
    }

    fn may_arrive(&self, client: ClientId) -> bool {
        self.stuck || self.clients.contains(&client)
    }
}

fn sum(spans: impl Iterator<Item = (i64, i64)>) -> u64 {
    spans.map(|(from, to)| (to - from) as u64).sum()
}

fn lost_by(sender: &Sender, client: ClientId, under_way: &UnderWay) -> u64 {
    let unheard = sender.unheard_of().filter(|_| !under_way.may_arrive(client));
    sum(sender.lost()) + sum(unheard)
}

impl Ledger {
    /// By topic, those in which somebody has produced.
    pub fn topics(&self, cluster: &Cluster) -> BTreeMap<Arc<str>, TopicTally> {
        let under_way = UnderWay::of(cluster);
        let mut topics: BTreeMap<Arc<str>, TopicTally> = BTreeMap::new();
        for (id, account) in self.accounts().filter(|(_, account)| account.written.produced > 0) {
            let tally = topics.entry(id.topic.clone()).or_default();
            let written = &account.written;
            tally.produced += written.produced;
            tally.written += written.held;
            tally.written_again += written.again;
            for (client, sender) in &written.senders {
                tally.lost += lost_by(sender, *client, &under_way);
            }
            tally.failed += written.given_up();
        }
        topics
    }

    /// By reader and topic.
    pub fn readers(&self, cluster: &Cluster) -> BTreeMap<(Reader, Arc<str>), ReaderTally> {
        let mut readers: BTreeMap<(Reader, Arc<str>), ReaderTally> = BTreeMap::new();
        for (id, account) in self.accounts().filter(|(_, account)| account.written.produced > 0) {
            for (reader, reading) in &account.readers {
                let tally = readers.entry((reader.clone(), id.topic.clone())).or_default();
                tally.delivered += reading.delivered_values;
                tally.delivered_again += reading.delivered_again;
                tally.processed += reading.processed_values;
                tally.processed_again += reading.processed_again;
                let lost = lost_ranges(cluster, id, account, reading);
                let values = |(from, to): &(i64, i64)| account.written.values(*from, *to).0;
                tally.lost += lost.iter().map(values).sum::<u64>();
                tally.open += open(account, reading, &lost);
            }
        }
        readers
    }

    /// The last values of a topic, newest first, or of a partition, at most so many.
    pub fn values(&self, cluster: &Cluster, topic: &str, most: usize) -> Vec<Value> {
        let under_way = UnderWay::of(cluster);
        let accounts = self.accounts().filter(|(id, _)| &*id.topic == topic);
        let mut values: Vec<Value> = accounts
            .flat_map(|(id, account)| {
                let senders = account.written.senders.iter();
                senders.flat_map(move |(client, sender)| {
                    let last = (0..sender.count()).rev().take(most);
                    last.filter_map(move |ordinal| Some((ordinal, sender.number(ordinal)?)))
                        .map(move |(ordinal, number)| (id, account, *client, ordinal, number))
                })
            })
            .map(|(id, account, client, ordinal, number)| {
                self.value(cluster, &under_way, (id, account), (client, ordinal, number))
            })
            .collect();
        values.sort_by_key(|value| (std::cmp::Reverse(value.number), value.client));
        values.truncate(most);
        values
    }

    fn value(
        &self,
        cluster: &Cluster,
        under_way: &UnderWay,
        (id, account): (&TopicPartition, &Account),
        (client, ordinal, number): (ClientId, i64, u64),
    ) -> Value {
        let sender = &account.written.senders[&client];
        let offsets = account.written.offsets(client, ordinal);
        let sent = match () {
            () if sender.failed.times(ordinal) > 0 => Sent::Failed,
            () if sender.acknowledged.times(ordinal) > 0 => Sent::Acknowledged,
            () if sender.unasked.times(ordinal) > 0 => Sent::Unasked,
            () => Sent::Waiting,
        };
        let lost = |from: i64, to: i64| (from..to).contains(&ordinal);
        let is_lost = sender.lost().any(|(from, to)| lost(from, to))
            || !under_way.may_arrive(client)
                && sender.unheard_of().any(|(from, to)| lost(from, to));
        let written = match offsets.len() {
            _ if is_lost => Verdict::Lost,
            0 if sent == Sent::Failed => Verdict::Failed,
            0 => Verdict::NotYet,
            1 => Verdict::Once,
            _ => Verdict::Again,
        };
        let readers: Vec<_> = account
            .readers
            .iter()
            .filter(|(_, reading)| offsets.iter().any(|at| reading.begin.is_some_and(|b| b <= *at)))
            .map(|(reader, reading)| {
                let times = |spans: &super::spans::Spans| -> u32 {
                    offsets.iter().map(|at| spans.times(*at)).sum()
                };
                let (delivered, processed) = (times(&reading.delivered), times(&reading.processed));
                let lost = lost_ranges(cluster, id, account, reading);
                let is_lost = |at: &i64| lost.iter().any(|(from, to)| (*from..*to).contains(at));
                let verdict = match processed {
                    0 if offsets.iter().any(is_lost) => Verdict::Lost,
                    0 => Verdict::NotYet,
                    1 => Verdict::Once,
                    _ => Verdict::Again,
                };
                (reader.clone(), delivered, processed, verdict)
            })
            .collect();
        let worst = readers.iter().map(|(.., verdict)| *verdict).max();
        let not_yet = readers.iter().any(|(.., verdict)| *verdict == Verdict::NotYet);
        let verdict = match (written, worst) {
            (Verdict::Once | Verdict::Again, Some(worst)) if worst > Verdict::Once => worst,
            (Verdict::Once, Some(_)) if not_yet => Verdict::NotYet,
            (written, _) => written,
        };
        let source = self.source(client, number);
        Value { partition: id.clone(), client, number, source, sent, offsets, readers, verdict }
    }

    /// Values that were sent with acks=0 and never came anywhere: by whom, the first, and how many. No event
    /// tells of them.
    pub fn vanished(&self, cluster: &Cluster) -> Vec<(&TopicPartition, ClientId, u64, u64)> {
        let under_way = UnderWay::of(cluster);
        let mut all = Vec::new();
        for (id, account) in self.accounts() {
            let senders = account.written.senders.iter();
            for (client, sender) in senders.filter(|(client, _)| !under_way.may_arrive(**client)) {
                all.extend(sender.unheard_of().map(|(from, to)| {
                    let first = sender.number(from).unwrap_or_default();
                    (id, *client, first, (to - from) as u64)
                }));
            }
        }
        all
    }

    /// What a producer was asked to send as its value of that number.
    pub fn source(&self, client: ClientId, number: u64) -> Option<(Arc<Produce>, u32)> {
        let sources = self.sources.get(&client)?;
        let at = sources.partition_point(|(first, _)| *first <= number).checked_sub(1)?;
        let (first, produce) = &sources[at];
        let n = number - first;
        (n < u64::from(produce.count)).then(|| (produce.clone(), n as u32 + 1))
    }
}

fn lost_ranges(
    cluster: &Cluster,
    id: &TopicPartition,
    account: &Account,
    reading: &Reading,
) -> Vec<(i64, i64)> {
    let holder = reading.holder.and_then(|holder| cluster.client(holder));
    let is_gone = holder.is_some_and(|holder| holder.closed);
    reading.lost(&account.written, log_start(cluster, id), is_gone)
}

/// Values from where the reader began that it has neither processed nor lost.
fn open(account: &Account, reading: &Reading, lost: &[(i64, i64)]) -> u64 {
    let written = &account.written;
    let (Some(begin), Some((_, end))) = (reading.begin, written.bounds()) else { return 0 };
    let values = |(from, to): (i64, i64)| {
        let (all, again) = written.values(from, to);
        all - again
    };
    let unprocessed: u64 = reading.processed.gaps(begin, end).into_iter().map(values).sum();
    let lost: u64 = lost.iter().map(|range| values(*range)).sum();
    unprocessed.saturating_sub(lost)
}
