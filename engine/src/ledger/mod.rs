//! The delivery ledger: of each value that was produced, where it was written, how often it was delivered
//! and processed, whether it was lost or came twice, and why. It sees what the monitors see, event by event;
//! an event costs what it touches, and what is old is settled and forgotten but for the sums.
//!
//! ```text
//! produced -> written (several times, or cut off again) -> delivered -> processed    by each reader
//! ```
//!
//! What the learner's own settings promise is in [`promise`]; words for all of it are in
//! [`crate::script::words::ledger`].

pub mod promise;
pub mod reading;
mod spans;
mod tally;
mod transactions;
pub mod written;

pub use reading::{Parting, Reading, Repeated, Skipped, Start};
pub use tally::{ReaderTally, Sent, TopicTally, Value, Verdict};
pub use written::Written;

use crate::cluster::Cluster;
use crate::command::{Command, Produce};
use crate::event::{Event, EventKind, GroupEvent, Role, WorkloadEvent};
use crate::ids::{ClientId, EventId, NodeId, TopicPartition, Uuid};
use crate::invariant::{Allowance, Finding, Found};
use crate::protocol::{Acks, KafkaError, Origin};
use crate::replication::partition::Partition;
use crate::sim::time::SimTime;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// More than these are counted, not kept.
const INCIDENTS_MAX: usize = 128;
/// Commands of one producer whose values are known by their text.
const SOURCES_MAX: usize = 1_024;

type Sources = VecDeque<(u64, Arc<Produce>)>;

#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Ledger {
    accounts: BTreeMap<TopicPartition, Arc<Account>>,
    /// What each producer was asked to send, with the number of the first value.
    sources: BTreeMap<ClientId, Arc<Sources>>,
    /// How each consumer last came to lose what it had.
    partings: BTreeMap<ClientId, Parting>,
    incidents: Arc<Vec<Incident>>,
}

/// One partition of one topic.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Account {
    topic_id: Option<Uuid>,
    pub written: Written,
    pub readers: BTreeMap<Reader, Reading>,
}

/// Who reads: a group is one reader, whoever its members are.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reader {
    Group(Arc<str>),
    /// A consumer without a group: what it got it has processed.
    Consumer(ClientId),
}

/// Something that should not happen to a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Incident {
    /// What made it so.
    pub event: EventId,
    pub at: SimTime,
    pub partition: TopicPartition,
    pub what: What,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// Values of a producer that it believes to be stored, and that are in no log any more.
    Lost {
        client: ClientId,
        first: u64,
        values: u64,
        leader_epoch: i32,
        allowed_by: Vec<Allowance>,
    },
    WrittenTwice {
        client: ClientId,
        first: u64,
        values: u64,
        offset: i64,
        allowed_by: Vec<Allowance>,
    },
    /// A reader will not process these offsets.
    Skipped { reader: Reader, offsets: (i64, i64), why: Skipped },
    /// A reader has processed these offsets again.
    Repeated { reader: Reader, client: ClientId, offsets: (i64, i64), why: Repeated },
}

impl Ledger {
    pub fn accounts(&self) -> impl Iterator<Item = (&TopicPartition, &Account)> {
        self.accounts.iter().map(|(id, account)| (id, &**account))
    }

    /// In the order in which they happened.
    pub fn incidents(&self) -> &[Incident] {
        &self.incidents
    }

    /// Takes an event in, after the monitors have; `findings` are theirs.
    pub fn observe(&mut self, cluster: &Cluster, event: &Event, findings: &[Finding]) {
        use EventKind::*;
        match &event.kind {
            Commanded { command } => {
                if let Command::Produce(produce) = &**command {
                    self.note_source(cluster, produce);
                }
            }
            Workload(WorkloadEvent::Sent { produce, .. }) => self.note_source(cluster, produce),
            TopicDeleted { topic, .. } => self.accounts.retain(|id, _| id.topic != *topic),
            RecordQueued { client, partition, sequence } => {
                if let Some(account) = self.account(cluster, partition) {
                    account.written.queued(*client, *sequence);
                }
            }
            RecordAcknowledged { client, partition, sequence, acks, .. } => {
                let Some(account) = self.known(partition) else { return };
                account.written.acknowledged(*client, *sequence, *acks != Acks::None);
                if *acks != Acks::None {
                    self.look_for_lost(event, partition, *client, *sequence, findings);
                }
            }
            RecordFailed { client, partition, sequence, .. } => {
                if let Some(account) = self.account(cluster, partition) {
                    account.written.failed(*client, *sequence);
                }
            }
            RecordsAppended {
                partition,
                base_offset,
                leader_epoch,
                role: Role::Leader,
                origin: Some(origin),
                ..
            } => {
                let Some(node) = event.place.node() else { return };
                if replica(cluster, node, partition).is_some_and(|r| self.is_of(partition, r)) {
                    let at = (*base_offset, *leader_epoch);
                    self.appended(event, partition, *origin, at, findings);
                }
            }
            BecameLeader { partition, leader_epoch, .. } => {
                let Some(node) = event.place.node() else { return };
                let Some(replica) = replica(cluster, node, partition) else { return };
                if self.is_of(partition, replica) {
                    self.became_leader(event, replica, *leader_epoch, findings);
                }
            }
            PositionReset { client, partition, offset } => {
                self.went_on(cluster, event, *client, partition, *offset);
                self.started(cluster, event, *client, partition, *offset);
            }
            TruncationDetected { client, partition, to, .. } => {
                if let Some(reading) = self.reading(cluster, *client, partition) {
                    reading.cut(*to);
                }
            }
            RecordsConsumed { client, partition, base_offset, last_offset, .. } => {
                let offsets = (*base_offset, *last_offset + 1);
                self.consumed(cluster, event, *client, partition, offsets);
            }
            ClientClosed { client, killed: true } => self.parted(*client, Parting::Killed),
            ClientClosed { client, killed: false } => self.parted(*client, Parting::Closed),
            Group(told) => self.observe_group(cluster, event, told),
            Transaction(told) => self.observe_transaction(cluster, event, told),
            _ => {}
        }
    }

    fn observe_group(&mut self, cluster: &Cluster, event: &Event, told: &GroupEvent) {
        match told {
            // It counts once its transaction is committed.
            GroupEvent::RecordsProcessed { client, .. }
                if transactions::is_transactional(cluster, *client) => {}
            GroupEvent::RecordsProcessed { client, group, partition, base_offset, last_offset } => {
                let reader = Reader::Group(group.clone());
                self.processed(event, *client, reader, partition, (*base_offset, *last_offset + 1));
            }
            GroupEvent::CommitStored { group, member_generation, offsets, .. } => {
                let reader = Reader::Group(group.clone());
                for (partition, committed) in offsets.iter() {
                    if let Some(account) = self.known(partition) {
                        let reading = account.readers.entry(reader.clone()).or_default();
                        reading.committed(committed.offset, *member_generation < 0);
                    }
                }
            }
            GroupEvent::PartitionsRevoked { client, .. } => self.parted(*client, Parting::Revoked),
            GroupEvent::PollIntervalExceeded { client, .. } => {
                self.parted(*client, Parting::PollInterval);
            }
            GroupEvent::RequestRefused { client, error: KafkaError::UnknownMemberId, .. } => {
                self.parted(*client, Parting::RemovedFromGroup);
            }
            GroupEvent::Failed { client, .. } => self.parted(*client, Parting::Failed),
            _ => {}
        }
    }

    /// What a producer is asked to send: the last values that it has numbered.
    fn note_source(&mut self, cluster: &Cluster, produce: &Produce) {
        let client = cluster.client_named(&produce.producer);
        let Some((id, producer)) = client.and_then(|c| Some((c.id, c.producer()?))) else { return };
        let first = producer.next_record().saturating_sub(produce.count.into());
        let sources = Arc::make_mut(self.sources.entry(id).or_default());
        sources.push_back((first, Arc::new(produce.clone())));
        if sources.len() > SOURCES_MAX {
            sources.pop_front();
        }
    }

    /// The account of a partition that has one.
    fn known(&mut self, partition: &TopicPartition) -> Option<&mut Account> {
        self.accounts.get_mut(partition).map(Arc::make_mut)
    }

    /// The account of a partition of a topic that there is.
    fn account(&mut self, cluster: &Cluster, partition: &TopicPartition) -> Option<&mut Account> {
        if !self.accounts.contains_key(partition) {
            let topic = cluster.newest_metadata()?.topics.get(&partition.topic)?;
            let account = Account { topic_id: Some(topic.topic_id), ..Account::default() };
            self.accounts.insert(partition.clone(), Arc::new(account));
        }
        self.known(partition)
    }

    /// Whether the replica is of the topic that the account is of, and not of an older one of its name.
    fn is_of(&self, partition: &TopicPartition, replica: &Partition) -> bool {
        let account = self.accounts.get(partition);
        account.is_some_and(|account| account.topic_id == Some(replica.topic_id))
    }

    fn reading(
        &mut self,
        cluster: &Cluster,
        client: ClientId,
        partition: &TopicPartition,
    ) -> Option<&mut Reading> {
        let reader = reader_of(cluster, client)?;
        Some(self.account(cluster, partition)?.readers.entry(reader).or_default())
    }

    fn parted(&mut self, client: ClientId, parting: Parting) {
        self.partings.insert(client, parting);
    }

    fn appended(
        &mut self,
        event: &Event,
        partition: &TopicPartition,
        origin: Origin,
        (offset, leader_epoch): (i64, i32),
        findings: &[Finding],
    ) {
        let Some(account) = self.known(partition) else { return };
        let again = account.written.appended(origin, offset, leader_epoch);
        let allowed_by =
            allowed(findings, event.id, |found| matches!(found, Found::WrittenTwice { .. }));
        let sender = &account.written.senders.get(&origin.client);
        let number = |ordinal| sender.and_then(|sender| sender.number(ordinal));
        let twice: Vec<_> = again
            .iter()
            .map(|run| What::WrittenTwice {
                client: run.client,
                first: number(run.ordinal).unwrap_or(origin.first),
                values: run.count as u64,
                offset: run.offset,
                allowed_by: allowed_by.clone(),
            })
            .collect();
        twice.into_iter().for_each(|what| note(&mut self.incidents, event, partition, what));
    }

    /// Somebody leads: what its log lacks was cut, and so is what readers had got of it.
    fn became_leader(
        &mut self,
        event: &Event,
        replica: &Partition,
        leader_epoch: i32,
        findings: &[Finding],
    ) {
        let (partition, log) = (&replica.id, &replica.log);
        let Some(account) = self.known(partition) else { return };
        let gone = account.written.became_leader(leader_epoch, |epoch, from| {
            let end = log.end_offset_for_epoch(epoch);
            let held = if end.leader_epoch == epoch { end.end_offset } else { from };
            held.max(log.log_start_offset())
        });
        let Some(from) = gone.iter().map(|run| run.offset).min() else { return };
        for reading in account.readers.values_mut() {
            reading.cut(from);
        }
        let allowed_by =
            allowed(findings, event.id, |found| matches!(found, Found::AcknowledgedLost { .. }));
        let mut lost = Vec::new();
        for run in gone {
            let sender = &account.written.senders[&run.client];
            let (from, to) = (run.ordinal, run.ordinal + run.count);
            let told = sender.acknowledged.within(from, to).chain(sender.unasked.within(from, to));
            for (first, to) in told.flat_map(|span| sender.held.gaps(span.from, span.to)) {
                let values = (to - first) as u64;
                let first = sender.number(first).unwrap_or_default();
                let (client, leader_epoch) = (run.client, run.leader_epoch);
                let allowed_by = allowed_by.clone();
                lost.push(What::Lost { client, first, values, leader_epoch, allowed_by });
            }
        }
        lost.into_iter().for_each(|what| note(&mut self.incidents, event, partition, what));
    }

    /// An answer has arrived for a value that was cut off meanwhile.
    fn look_for_lost(
        &mut self,
        event: &Event,
        partition: &TopicPartition,
        client: ClientId,
        number: u64,
        findings: &[Finding],
    ) {
        let Some(account) = self.accounts.get(partition) else { return };
        let sender = account.written.senders.get(&client);
        let at = sender.and_then(|sender| sender.ordinal(number));
        let (Some(sender), Some(at)) = (sender, at) else { return };
        if sender.cut.times(at) == 0 {
            return;
        }
        let leader_epoch = account.written.cut_epoch(client, at);
        let allowed_by =
            allowed(findings, event.id, |found| matches!(found, Found::AcknowledgedLost { .. }));
        let what = What::Lost { client, first: number, values: 1, leader_epoch, allowed_by };
        note(&mut self.incidents, event, partition, what);
    }

    fn started(
        &mut self,
        cluster: &Cluster,
        event: &Event,
        client: ClientId,
        partition: &TopicPartition,
        offset: i64,
    ) {
        let Some(reader) = reader_of(cluster, client) else { return };
        let partings = std::mem::take(&mut self.partings);
        let log_start = log_start(cluster, partition);
        let skipped = self.account(cluster, partition).and_then(|account| {
            let reading = account.readers.entry(reader.clone()).or_default();
            let parting = reading.holder.and_then(|holder| partings.get(&holder).copied());
            reading.started(&account.written, &Start { offset, log_start, parting })
        });
        self.partings = partings;
        if let Some((offsets, why)) = skipped {
            note(&mut self.incidents, event, partition, What::Skipped { reader, offsets, why });
        }
    }

    fn consumed(
        &mut self,
        cluster: &Cluster,
        event: &Event,
        client: ClientId,
        partition: &TopicPartition,
        offsets: (i64, i64),
    ) {
        let Some(reader) = reader_of(cluster, client) else { return };
        let Some(account) = self.known(partition) else { return };
        let reading = account.readers.entry(reader.clone()).or_default();
        reading.delivered(&account.written, client, offsets);
        if let Reader::Consumer(_) = reader {
            self.processed(event, client, reader, partition, offsets);
        }
    }

    fn processed(
        &mut self,
        event: &Event,
        client: ClientId,
        reader: Reader,
        partition: &TopicPartition,
        offsets: (i64, i64),
    ) {
        let Some(account) = self.known(partition) else { return };
        let reading = account.readers.entry(reader.clone()).or_default();
        let repeated = reading.processed(&account.written, offsets);
        if let Some((from, to, why)) = repeated {
            let offsets = (from, to);
            note(
                &mut self.incidents,
                event,
                partition,
                What::Repeated { reader, client, offsets, why },
            );
        }
    }
}

fn replica<'a>(cluster: &'a Cluster, node: NodeId, id: &TopicPartition) -> Option<&'a Partition> {
    cluster.node(node)?.broker()?.replicas.partitions.get(id).map(|partition| &**partition)
}

fn reader_of(cluster: &Cluster, client: ClientId) -> Option<Reader> {
    let consumer = cluster.client(client)?.consumer()?;
    Some(match &consumer.member {
        Some(member) => Reader::Group(member.settings.group.clone()),
        None => Reader::Consumer(client),
    })
}

/// Where the leader's log begins; 0 while nobody leads.
fn log_start(cluster: &Cluster, id: &TopicPartition) -> i64 {
    let leader = cluster.newest_metadata().and_then(|image| image.partition(id)?.leader);
    let replica = leader.and_then(|leader| replica(cluster, leader, id));
    replica.map_or(0, |replica| replica.log.log_start_offset())
}

/// What the monitors say allowed what the event led to.
fn allowed(findings: &[Finding], event: EventId, is_it: fn(&Found) -> bool) -> Vec<Allowance> {
    let of_event = findings.iter().rev().take_while(|finding| finding.event == event);
    let mut of_event = of_event.filter(|finding| is_it(&finding.found));
    of_event.next().map(|finding| finding.allowed_by.clone()).unwrap_or_default()
}

/// What goes on from the last of its kind is one incident with it.
fn note(incidents: &mut Arc<Vec<Incident>>, event: &Event, partition: &TopicPartition, what: What) {
    let incidents = Arc::make_mut(incidents);
    let last = incidents.iter_mut().rev().find(|incident| incident.partition == *partition);
    if let Some(last) = last
        && last.what.goes_on_with(&what)
    {
        return;
    }
    if incidents.len() < INCIDENTS_MAX {
        incidents.push(Incident {
            event: event.id,
            at: event.at,
            partition: partition.clone(),
            what,
        });
    }
}

impl What {
    /// Takes the next in, if it is more of the same.
    fn goes_on_with(&mut self, next: &What) -> bool {
        match (self, next) {
            (
                What::Repeated { reader, client, offsets, why },
                What::Repeated { reader: r, client: c, offsets: next, why: w },
            ) if (&*reader, *client, *why, offsets.1) == (r, *c, *w, next.0) => {
                offsets.1 = next.1;
                true
            }
            (
                What::Lost { client, first, values, leader_epoch, allowed_by },
                What::Lost { client: c, first: f, values: v, leader_epoch: e, allowed_by: a },
            ) if (*client, *leader_epoch, *first + *values) == (*c, *e, *f)
                && (a.is_empty() || a == allowed_by) =>
            {
                *values += v;
                true
            }
            _ => false,
        }
    }
}
