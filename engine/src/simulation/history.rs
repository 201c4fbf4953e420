//! A history as clients saw it, and what cannot be in one: after Jepsen's workload for Kafka, whose names the
//! anomalies have. It looks at what applications handed over, what they were told and what they got, and at no
//! broker; so it proves the invariants and the ledger from outside.
//!
//! An anomaly may be what settings or faults allow: records that are not idempotent come twice, an unclean
//! election loses. What nothing allows is a broken promise.

use crate::cluster::Cluster;
use crate::command::{Command, DiskFault, ElectionType, Produce};
use crate::event::{Event, EventKind, GroupEvent, TransactionEvent, WorkloadEvent};
use crate::ids::{ClientId, ConfigResource, TopicPartition};
use crate::protocol::{Acks, IsolationLevel};
use bytes::Bytes;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Anomaly {
    /// Acknowledged at an offset that was read, and not what stood there.
    LostWrite,
    /// Two values were read at one offset.
    InconsistentOffsets,
    /// One value was read at two offsets.
    Duplicate,
    /// Of one producer a later value stands before an earlier one.
    NonmonotonicSend,
    /// Nobody sent it.
    Unwritten,
    /// A consumer went back without a reset.
    NonmonotonicPoll,
    /// A group went past an acknowledged value that none of its members got.
    PollSkip,
    /// A reader of committed records got one of a transaction that its producer was told is aborted.
    AbortedRead,
}

impl Anomaly {
    pub const ALL: [Anomaly; 8] = [
        Anomaly::LostWrite,
        Anomaly::InconsistentOffsets,
        Anomaly::Duplicate,
        Anomaly::NonmonotonicSend,
        Anomaly::Unwritten,
        Anomaly::NonmonotonicPoll,
        Anomaly::PollSkip,
        Anomaly::AbortedRead,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Anomaly::LostWrite => "lost-write",
            Anomaly::InconsistentOffsets => "inconsistent-offsets",
            Anomaly::Duplicate => "duplicate",
            Anomaly::NonmonotonicSend => "nonmonotonic-send",
            Anomaly::Unwritten => "unwritten",
            Anomaly::NonmonotonicPoll => "nonmonotonic-poll",
            Anomaly::PollSkip => "poll-skip",
            Anomaly::AbortedRead => "aborted-read",
        }
    }
}

/// What a history has: how much was looked at, and what was found.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Verdict {
    pub acknowledged: u64,
    pub polled: u64,
    /// How often each anomaly was found that something allows.
    pub allowed: BTreeMap<Anomaly, u64>,
    /// What nothing allows.
    pub broken: Vec<(Anomaly, String)>,
}

/// One value, as its producer has it.
#[derive(Clone, Debug)]
struct Sent {
    client: ClientId,
    number: u64,
    is_idempotent: bool,
}

/// What a producer was told of one of its values.
#[derive(Clone, Copy, Debug)]
struct Told {
    client: ClientId,
    number: u64,
    acks: Acks,
    /// Which of its transactions was open then.
    transaction: Option<u64>,
}

/// One reader of one partition: a group, or a consumer without one.
#[derive(Clone, Debug, Default)]
struct Reader {
    begin: Option<i64>,
    /// Offsets that were delivered, or passed because nothing stood there.
    passed: Vec<(i64, i64)>,
    /// A tool moved it, or it began anew elsewhere.
    was_moved: bool,
}

/// The group, or who reads without one.
type ReaderKey = (Option<Arc<str>>, Option<ClientId>, TopicPartition);

#[derive(Clone, Debug, Default)]
pub struct History {
    /// By topic and value; a value that was sent twice tells nothing.
    sent: BTreeMap<(Arc<str>, Bytes), Option<Sent>>,
    topics: BTreeSet<Arc<str>>,
    /// What stands where, as the producer was told.
    told: BTreeMap<(TopicPartition, i64), Told>,
    read: BTreeMap<(TopicPartition, i64), Bytes>,
    /// Where readers of committed records got something.
    read_committed: BTreeSet<(TopicPartition, i64)>,
    /// The open transaction of each producer, and those that were aborted.
    open: BTreeMap<ClientId, u64>,
    aborted: BTreeSet<(ClientId, u64)>,
    /// What applications read, and where they write what they made of it.
    processed: BTreeSet<(Arc<str>, Arc<str>)>,
    positions: BTreeMap<(ClientId, TopicPartition), i64>,
    readers: BTreeMap<ReaderKey, Reader>,
    /// Producers that began a new epoch, so that nobody knows what was stored.
    bumped: BTreeSet<ClientId>,
    /// Topics that were deleted, whose records may be, or that keep but the newest of a key.
    volatile: BTreeSet<Arc<str>>,
    /// Something was done that loses what is committed.
    is_lossy: bool,
    /// A process came back: with a snapshot, which has the last batch of each producer.
    has_restarts: bool,
    verdict: Verdict,
}

impl History {
    /// What the clients see of a step.
    pub fn saw(&mut self, cluster: &Cluster, events: &[Event]) {
        for event in events {
            match &event.kind {
                EventKind::Commanded { command } => self.commanded(cluster, command),
                EventKind::Workload(WorkloadEvent::Sent { produce, .. }) => {
                    self.sent(cluster, produce);
                }
                EventKind::ProducerEpochBumped { client, .. } => _ = self.bumped.insert(*client),
                // With acks=0 nobody is told where it stands.
                EventKind::RecordAcknowledged { client, partition, sequence, offset, acks }
                    if *acks != Acks::None =>
                {
                    self.verdict.acknowledged += 1;
                    let (client, number, acks) = (*client, *sequence, *acks);
                    let transaction = self.open.get(&client).copied();
                    let told = Told { client, number, acks, transaction };
                    self.told.insert((partition.clone(), *offset), told);
                }
                EventKind::PositionReset { client, partition, offset } => {
                    self.positions.insert((*client, partition.clone()), *offset);
                    let reader = self.reader(cluster, *client, partition);
                    reader.was_moved |= reader.begin.is_some_and(|begin| begin > *offset);
                    // Another member, that begins at the latest, may begin where nobody has come to.
                    let end = reader.passed.iter().map(|(_, to)| *to).max().or(reader.begin);
                    reader.was_moved |= end.is_some_and(|end| end < *offset);
                    reader.begin = Some(reader.begin.map_or(*offset, |begin| begin.min(*offset)));
                }
                EventKind::TruncationDetected { client, partition, to, .. } => {
                    self.positions.insert((*client, partition.clone()), *to);
                }
                EventKind::RecordsConsumed {
                    client,
                    partition,
                    base_offset,
                    last_offset,
                    records,
                } => {
                    self.consumed(
                        cluster,
                        *client,
                        partition,
                        (*base_offset, *last_offset),
                        *records,
                    );
                }
                EventKind::Transaction(TransactionEvent::Began { client, number }) => {
                    self.open.insert(*client, *number);
                }
                EventKind::Transaction(TransactionEvent::Ended { client, number, commit }) => {
                    self.open.remove(client);
                    if !commit {
                        self.aborted.insert((*client, *number));
                    }
                }
                EventKind::Group(GroupEvent::PartitionsRevoked { client, partitions, .. }) => {
                    for id in partitions.iter() {
                        self.positions.remove(&(*client, id.clone()));
                    }
                }
                _ => {}
            }
        }
    }

    fn commanded(&mut self, cluster: &Cluster, command: &Command) {
        match command {
            Command::Produce(produce) => self.sent(cluster, produce),
            Command::Process(process) => {
                self.processed.insert((process.input.clone(), process.output.clone()));
            }
            Command::CreateTopic(create) => {
                self.topics.insert(create.topic.clone());
                let set = |wanted: &str| create.configs.iter().any(|(name, _)| name == wanted);
                let is_true = |wanted: (&str, &str)| {
                    create.configs.iter().any(|(n, v)| (n.as_str(), v.as_str()) == wanted)
                };
                if set("cleanup.policy") || set("retention.ms") || set("retention.bytes") {
                    self.volatile.insert(create.topic.clone());
                }
                self.is_lossy |= is_true(("unclean.leader.election.enable", "true"));
            }
            Command::DeleteTopic { topic } => _ = self.volatile.insert(topic.clone()),
            Command::DeleteRecords { partition, .. } => {
                self.volatile.insert(partition.topic.clone());
            }
            Command::AlterConfigs { resource: ConfigResource::Topic(_), changes } => {
                self.is_lossy |=
                    changes.iter().any(|(name, _)| name == "unclean.leader.election.enable");
            }
            Command::ElectLeaders { election: ElectionType::Unclean, .. }
            | Command::PowerLoss { .. }
            | Command::Replace { .. }
            | Command::Disk { fault: DiskFault::Lost, .. } => {
                self.is_lossy = true;
                self.has_restarts = true;
            }
            Command::Start { .. } | Command::Resume { .. } => self.has_restarts = true,
            Command::ResetOffsets(reset) => {
                for ((group, _, _), reader) in &mut self.readers {
                    reader.was_moved |= group.as_deref() == Some(&*reset.group);
                }
            }
            _ => {}
        }
    }

    fn sent(&mut self, cluster: &Cluster, produce: &Produce) {
        let client = cluster.client_named(&produce.producer);
        let Some((client, producer)) = client.and_then(|c| Some((c.id, c.producer()?))) else {
            return;
        };
        let first = producer.next_record().saturating_sub(produce.count.into());
        let acks = produce.acks.unwrap_or(producer.config.acks);
        let is_idempotent = producer.config.idempotence && acks == Acks::All;
        for n in 1..=produce.count {
            let Some(value) = produce.value_of(n) else { continue };
            let number = first + u64::from(n) - 1;
            let sent = Sent { client, number, is_idempotent };
            let known = self.sent.entry((produce.topic.clone(), value));
            known.and_modify(|known| *known = None).or_insert(Some(sent));
        }
    }

    fn reader(
        &mut self,
        cluster: &Cluster,
        client: ClientId,
        partition: &TopicPartition,
    ) -> &mut Reader {
        let consumer = cluster.client(client).and_then(|client| client.consumer());
        let member = consumer.and_then(|consumer| consumer.member.as_deref());
        let group = member.map(|member| member.settings.group.clone());
        let alone = group.is_none().then_some(client);
        self.readers.entry((group, alone, partition.clone())).or_default()
    }

    fn consumed(
        &mut self,
        cluster: &Cluster,
        client: ClientId,
        partition: &TopicPartition,
        (base, last): (i64, i64),
        records: u64,
    ) {
        let Some(consumer) = cluster.client(client).and_then(|client| client.consumer()) else {
            return;
        };
        let is_one = |at: i64| (base..=last).contains(&at);
        let got = consumer.recent.iter().filter(|r| r.partition == *partition && is_one(r.offset));
        // A consumer keeps but the last of what it got; what it got there before stands before.
        let got: BTreeMap<_, _> = got.map(|r| (r.offset, r.value.clone())).collect();
        self.verdict.polled += records;
        let position = self.positions.insert((client, partition.clone()), last + 1);
        if position.is_some_and(|position| base < position) {
            let told =
                format!("consumer {client:?} read {partition} from {base} after {position:?}");
            self.found(Anomaly::NonmonotonicPoll, false, told);
        }
        self.reader(cluster, client, partition).passed.push((base, last + 1));
        for (offset, value) in got {
            let Some(value) = value else { continue };
            if self.topics.contains(&partition.topic)
                && !self.was_sent(&partition.topic, &value)
                && value != "probe"
            {
                self.found(Anomaly::Unwritten, false, format!("{partition} {offset}: {value:?}"));
            }
            let key = (partition.clone(), offset);
            match self.read.get(&key) {
                Some(known) if *known != value => {
                    let is_allowed = self.is_lossy || self.is_volatile(partition);
                    let told = format!("{partition} {offset}: {known:?}, then {value:?}");
                    self.found(Anomaly::InconsistentOffsets, is_allowed, told);
                }
                _ => {}
            }
            if consumer.config.isolation_level == IsolationLevel::ReadCommitted {
                self.read_committed.insert(key.clone());
            }
            self.read.insert(key, value);
        }
    }

    /// Whether somebody sent the value to the topic, or to one from which applications carried it there.
    fn was_sent(&self, topic: &Arc<str>, value: &Bytes) -> bool {
        let mut sources = vec![topic.clone()];
        let mut at = 0;
        while let Some(topic) = sources.get(at).cloned() {
            let of_it = self.processed.iter().filter(|(_, output)| *output == topic);
            let new = of_it.map(|(input, _)| input).filter(|input| !sources.contains(input));
            let new: Vec<_> = new.cloned().collect();
            sources.extend(new);
            at += 1;
        }
        sources.into_iter().any(|topic| self.sent.contains_key(&(topic, value.clone())))
    }

    fn is_volatile(&self, partition: &TopicPartition) -> bool {
        self.volatile.contains(&partition.topic)
    }

    fn found(&mut self, anomaly: Anomaly, is_allowed: bool, told: String) {
        match is_allowed {
            true => *self.verdict.allowed.entry(anomaly).or_default() += 1,
            false => self.verdict.broken.push((anomaly, told)),
        }
    }

    /// Looks at the whole of it, once the run is over.
    pub fn judge(mut self) -> Verdict {
        self.judge_writes();
        self.judge_order();
        self.judge_groups();
        self.judge_transactions();
        self.verdict
    }

    fn sent_as(&self, partition: &TopicPartition, value: &Bytes) -> Option<&Sent> {
        self.sent.get(&(partition.topic.clone(), value.clone()))?.as_ref()
    }

    /// What was acknowledged is what was read there.
    fn judge_writes(&mut self) {
        let told = std::mem::take(&mut self.told);
        for ((partition, offset), Told { client, number, acks, .. }) in &told {
            let read = self.read.get(&(partition.clone(), *offset));
            let Some(sent) = read.and_then(|value| self.sent_as(partition, value)) else {
                continue;
            };
            if (sent.client, sent.number) != (*client, *number) {
                let is_allowed = *acks != Acks::All || self.is_lossy || self.is_volatile(partition);
                let told = format!("{partition} {offset}: {client:?} sent its {number}");
                self.found(Anomaly::LostWrite, is_allowed, told);
            }
        }
        self.told = told;
    }

    /// Each value stands once, and behind those that its producer sent before.
    fn judge_order(&mut self) {
        let mut places: BTreeMap<(&TopicPartition, ClientId), Vec<(i64, &Sent)>> = BTreeMap::new();
        for ((partition, offset), value) in &self.read {
            if let Some(sent) = self.sent_as(partition, value) {
                places.entry((partition, sent.client)).or_default().push((*offset, sent));
            }
        }
        let mut all = Vec::new();
        for ((partition, client), places) in places {
            let plain = self.bumped.contains(&client)
                || self.is_lossy
                || self.has_restarts
                || self.is_volatile(partition);
            let mut seen: BTreeMap<u64, i64> = BTreeMap::new();
            let mut highest: Option<&Sent> = None;
            for (offset, sent) in places {
                let is_allowed = plain || !sent.is_idempotent;
                let told = || format!("{partition} {offset}: value {} of {client:?}", sent.number);
                if seen.insert(sent.number, offset).is_some() {
                    all.push((Anomaly::Duplicate, is_allowed, told()));
                } else if highest.is_some_and(|highest| highest.number > sent.number) {
                    let behind_plain = highest.is_some_and(|highest| !highest.is_idempotent);
                    all.push((Anomaly::NonmonotonicSend, is_allowed || behind_plain, told()));
                }
                if highest.is_none_or(|highest| highest.number < sent.number) {
                    highest = Some(sent);
                }
            }
        }
        all.into_iter().for_each(|(anomaly, allowed, told)| self.found(anomaly, allowed, told));
    }

    /// Between what a group got first and last there is nothing acknowledged that it did not get.
    fn judge_groups(&mut self) {
        let mut all = Vec::new();
        for ((group, _, partition), reader) in &self.readers {
            let end = reader.passed.iter().map(|(_, to)| *to).max();
            let (Some(group), Some(begin), Some(end)) = (group, reader.begin, end) else {
                continue;
            };
            let is_allowed = reader.was_moved || self.is_lossy || self.is_volatile(partition);
            let range = (partition.clone(), begin)..(partition.clone(), end);
            for ((_, offset), Told { acks, .. }) in self.told.range(range) {
                let got = reader.passed.iter().any(|(from, to)| (*from..*to).contains(offset));
                if !got {
                    let told = format!("group {group} never got {partition} {offset}");
                    all.push((Anomaly::PollSkip, is_allowed || *acks != Acks::All, told));
                }
            }
        }
        all.into_iter().for_each(|(anomaly, allowed, told)| self.found(anomaly, allowed, told));
    }

    /// Nobody who reads what is committed got what was aborted.
    fn judge_transactions(&mut self) {
        let is_aborted = |told: &Told| {
            told.transaction.is_some_and(|number| self.aborted.contains(&(told.client, number)))
        };
        let mut all = Vec::new();
        for (place, told) in self.told.iter().filter(|(_, told)| is_aborted(told)) {
            if self.read_committed.contains(place) {
                let (partition, offset) = place;
                let is_allowed = self.is_lossy || self.is_volatile(partition);
                let told = format!("{partition} {offset}: {:?} aborted it", told.client);
                all.push((Anomaly::AbortedRead, is_allowed, told));
            }
        }
        all.into_iter().for_each(|(anomaly, allowed, told)| self.found(anomaly, allowed, told));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::script::line::NoClients;
    use crate::script::{Line, parse};
    use crate::simulation::Run;
    use crate::spec::{ClusterSpec, Mutant};

    /// A transaction is aborted under the eyes of a reader of committed records.
    fn aborted_under(mutant: Option<Mutant>) -> Verdict {
        let mut spec = ClusterSpec::new(3, 32);
        spec.broker.transaction_state_log_num_partitions = 1;
        spec.mutants = mutant.into_iter().collect();
        let mut run = Run::new(32, spec);
        run.goes_on = true;
        run.steps(300);
        for line in [
            "kafka-topics.sh --create --topic orders --partitions 1 --replication-factor 3",
            "producer bank transactional.id=transfer",
            "consume orders consumer=careful from=earliest isolation.level=read_committed",
            "transaction bank begin",
            "produce orders value=wrong producer=bank",
            "transaction bank abort",
        ] {
            let Ok(Line::Command(command)) = parse(1, line, &NoClients) else {
                panic!("{line}");
            };
            assert!(run.command(&command), "{line}");
            run.steps(500);
        }
        run.history.judge()
    }

    #[test]
    fn what_was_aborted_is_read_only_where_the_leader_does_not_tell_of_it() {
        assert_eq!(aborted_under(None).broken, []);
        let broken = aborted_under(Some(Mutant::AbortedNotTold)).broken;
        assert_eq!(
            broken.into_iter().map(|(what, _)| what).collect::<Vec<_>>(),
            [Anomaly::AbortedRead]
        );
    }
}
