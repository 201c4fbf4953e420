//! Records on their way from `send` to the network: batches by partition, and the memory that they take.
//! Which batches are ready, which of them leave together, and where one that comes back goes. Source:
//! `RecordAccumulator.java`, `BufferPool.java`.

use super::batch::{ProducerBatch, ProducerRecord};
use super::built_in_partitioner::BuiltInPartitioner;
use super::config::ProducerConfig;
use super::transaction_manager::TransactionManager;
use crate::client::metadata::ClientMetadata;
use crate::client::partitioner::partition_for_key;
use crate::ids::{NodeId, TopicPartition};
use crate::protocol::Acks;
use crate::sim::random::mix;
use crate::sim::time::SimTime;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordAccumulator {
    /// Oldest first. Partitions in which nothing waits are not here.
    pub batches: BTreeMap<TopicPartition, VecDeque<ProducerBatch>>,
    /// What the batches take of `buffer.memory`, those in flight included.
    pub used_memory: usize,
    /// Somebody waits for memory: everything is ready.
    pub is_exhausted: bool,
    /// Everything is to leave at once.
    pub is_flushing: bool,
    /// Partitions that have a batch in flight and must not have another (`max.in.flight` is 1).
    muted: BTreeSet<TopicPartition>,
    topics: BTreeMap<Arc<str>, TopicInfo>,
    /// Where the next drain for a node begins.
    drain_index: BTreeMap<NodeId, usize>,
    next_batch: u64,
    /// What tells this producer's draws from others'.
    seed: u64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct TopicInfo {
    partitioner: BuiltInPartitioner,
    /// Partitions that have ever had a batch.
    used: BTreeSet<i32>,
}

/// Where a record can go.
pub struct Room {
    /// The batch that takes no more because the record did not fit.
    pub closed: Option<u64>,
    /// Whether it needs, and has, a new batch.
    pub is_new_batch: Result<bool, NoMemory>,
}

/// There is no room for another batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoMemory {
    pub needed: usize,
    pub free: usize,
}

/// Whether and when the first batch of a partition may leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Readiness {
    Ready,
    /// It gathers until then.
    Lingers(SimTime),
    /// It was sent before, and goes again then.
    BacksOff(SimTime),
}

impl RecordAccumulator {
    pub fn new(seed: u64) -> Self {
        RecordAccumulator {
            batches: BTreeMap::new(),
            used_memory: 0,
            is_exhausted: false,
            is_flushing: false,
            muted: BTreeSet::new(),
            topics: BTreeMap::new(),
            drain_index: BTreeMap::new(),
            next_batch: 0,
            seed,
        }
    }

    // Appending.

    /// The partition that a record goes to, of a topic that is known.
    pub fn partition_of(
        &mut self,
        config: &ProducerConfig,
        metadata: &ClientMetadata,
        record: &ProducerRecord,
        count: i32,
    ) -> i32 {
        match (record.partition, &record.key) {
            (Some(partition), _) => partition,
            (None, Some(key)) if !config.ignore_keys => partition_for_key(key, count),
            (None, _) => {
                let available = metadata.available_partitions(&record.topic);
                self.topic(&record.topic).partitioner.current(&available, count)
            }
        }
    }

    fn topic(&mut self, topic: &Arc<str>) -> &mut TopicInfo {
        let name = topic.bytes().fold(0, |hash, byte| mix(&[hash, u64::from(byte)]));
        let seed = mix(&[self.seed, name]);
        self.topics.entry(topic.clone()).or_insert_with(|| TopicInfo {
            partitioner: BuiltInPartitioner::new(seed),
            used: BTreeSet::new(),
        })
    }

    /// Sees to it that the last batch of the partition can take the record; for that it may have to be a
    /// new one.
    pub fn make_room(
        &mut self,
        config: &ProducerConfig,
        id: &TopicPartition,
        record: &ProducerRecord,
        now: SimTime,
    ) -> Room {
        self.is_exhausted = false;
        let mut closed = None;
        if let Some(last) = self.batches.get_mut(id).and_then(VecDeque::back_mut) {
            if last.has_room_for(record) {
                return Room { closed, is_new_batch: Ok(false) };
            }
            if !last.is_full() {
                closed = Some(last.number);
            }
            last.close();
        }
        Room { closed, is_new_batch: self.allocate(config, id, record, now).map(|()| true) }
    }

    /// Puts a record into the last batch of its partition, which has room for it. Answers the batch.
    pub fn append(
        &mut self,
        config: &ProducerConfig,
        metadata: &ClientMetadata,
        id: &TopicPartition,
        record: ProducerRecord,
    ) -> &mut ProducerBatch {
        let sticks = record.partition.is_none() && (record.key.is_none() || config.ignore_keys);
        let last = |batches: &mut BTreeMap<_, VecDeque<ProducerBatch>>| {
            batches.get_mut(id).and_then(VecDeque::back_mut).map(|batch| {
                // A new batch counts with its header.
                let before = if batch.records.is_empty() { 0 } else { batch.size };
                batch.push(record);
                (batch.size - before, batch.is_full())
            })
        };
        let (bytes, is_full) = last(&mut self.batches).expect("room was made");
        if sticks {
            let available = metadata.available_partitions(&id.topic);
            let count = metadata.partition_count(&id.topic).unwrap_or(1);
            let size = config.batch_size as usize;
            let partitioner = &mut self.topic(&id.topic).partitioner;
            partitioner.produced(bytes, size, is_full, &available, count);
        }
        self.batches.get_mut(id).and_then(VecDeque::back_mut).expect("room was made")
    }

    fn allocate(
        &mut self,
        config: &ProducerConfig,
        id: &TopicPartition,
        record: &ProducerRecord,
        now: SimTime,
    ) -> Result<(), NoMemory> {
        let needed = record.upper_bound().max(config.batch_size as usize);
        let memory = usize::try_from(config.buffer_memory).unwrap_or(usize::MAX);
        let free = memory.saturating_sub(self.used_memory);
        self.is_exhausted = needed > free;
        if self.is_exhausted {
            return Err(NoMemory { needed, free });
        }
        self.used_memory += needed;
        let batch = ProducerBatch::new(self.next_batch, id.clone(), needed, now);
        self.next_batch += 1;
        self.batches.entry(id.clone()).or_default().push_back(batch);
        self.topic(&id.topic).used.insert(id.partition);
        Ok(())
    }

    /// Partitions that have ever had a batch.
    pub fn partitions(&self) -> BTreeSet<TopicPartition> {
        let of_topic = |(topic, info): (&Arc<str>, &TopicInfo)| {
            let topic = topic.clone();
            let id = move |&partition| TopicPartition { topic: topic.clone(), partition };
            info.used.iter().map(id).collect::<Vec<_>>()
        };
        self.topics.iter().flat_map(of_topic).collect()
    }

    pub fn deallocate(&mut self, batch: &ProducerBatch) {
        self.used_memory -= batch.capacity;
    }

    pub fn batch_mut(&mut self, id: &TopicPartition, number: u64) -> Option<&mut ProducerBatch> {
        self.batches.get_mut(id)?.iter_mut().find(|batch| batch.number == number)
    }

    // Leaving.

    /// Takes out what has never left, and frees its memory.
    pub fn take_unsent(&mut self) -> Vec<ProducerBatch> {
        let mut unsent = Vec::new();
        for queue in self.batches.values_mut() {
            let (kept, taken): (VecDeque<_>, VecDeque<_>) =
                std::mem::take(queue).into_iter().partition(|batch| batch.sequence.is_some());
            *queue = kept;
            unsent.extend(taken);
        }
        self.batches.retain(|_, queue| !queue.is_empty());
        unsent.iter().for_each(|batch| self.deallocate(batch));
        unsent
    }

    /// Whether the first batch of a partition may leave now.
    pub fn readiness(
        &self,
        config: &ProducerConfig,
        queue: &VecDeque<ProducerBatch>,
        now: SimTime,
    ) -> Readiness {
        let Some(first) = queue.front() else {
            return Readiness::Ready;
        };
        if first.attempts > 0 {
            let due = first.due_after(self.backoff_ms(config, first));
            let waits = due > now && !first.has_new_leader();
            return if waits { Readiness::BacksOff(due) } else { Readiness::Ready };
        }
        let due = first.due_after(config.linger_ms as u64);
        let is_ready = queue.len() > 1 || first.is_full() || self.is_exhausted || self.is_flushing;
        let is_ready = is_ready || due <= now;
        if is_ready { Readiness::Ready } else { Readiness::Lingers(due) }
    }

    fn backoff_ms(&self, config: &ProducerConfig, batch: &ProducerBatch) -> u64 {
        let draw = mix(&[self.seed, batch.number, u64::from(batch.attempts)]);
        config.backoff_ms(batch.attempts, draw)
    }

    pub fn is_muted(&self, id: &TopicPartition) -> bool {
        self.muted.contains(id)
    }

    pub fn mute(&mut self, id: &TopicPartition) {
        self.muted.insert(id.clone());
    }

    pub fn unmute(&mut self, id: &TopicPartition) {
        self.muted.remove(id);
    }

    /// Leaders of partitions whose first batch may leave. Tells the partitioners how long the queues are.
    pub fn ready_nodes(
        &mut self,
        config: &ProducerConfig,
        metadata: &ClientMetadata,
        now: SimTime,
    ) -> BTreeSet<NodeId> {
        let mut nodes = BTreeSet::new();
        for (id, queue) in &mut self.batches {
            if let (Some((_, epoch)), Some(first)) = (metadata.leader(id), queue.front_mut()) {
                first.note_leader_epoch(epoch);
            }
        }
        for (id, queue) in &self.batches {
            if let Some((leader, _)) = metadata.leader(id)
                && !self.is_muted(id)
                && self.readiness(config, queue, now) == Readiness::Ready
            {
                nodes.insert(leader);
            }
        }
        if config.adaptive_partitioning {
            self.update_loads(metadata);
        }
        nodes
    }

    fn update_loads(&mut self, metadata: &ClientMetadata) {
        for (topic, info) in &mut self.topics {
            let count = metadata.partition_count(topic).unwrap_or(0);
            // Not before every partition has had a batch.
            if count < 2 || (info.used.len() as i32) < count {
                info.partitioner.forget_load();
                continue;
            }
            let size_of = |partition| {
                let id = TopicPartition { topic: topic.clone(), partition };
                (partition, self.batches.get(&id).map_or(0, VecDeque::len))
            };
            let available = metadata.available_partitions(topic);
            let sizes: Vec<_> = available.into_iter().map(size_of).collect();
            info.partitioner.update_load(&sizes, count);
        }
    }

    /// Takes batches for one request to `node`: the first of every partition that it leads, lingering or
    /// not, up to `max.request.size`. All have the same acks.
    pub fn drain(
        &mut self,
        config: &ProducerConfig,
        metadata: &ClientMetadata,
        mut transactions: Option<&mut TransactionManager>,
        node: NodeId,
        now: SimTime,
    ) -> Vec<ProducerBatch> {
        let is_led =
            |id: &&TopicPartition| metadata.leader(id).is_some_and(|(leader, _)| leader == node);
        let led: Vec<_> = self.batches.keys().filter(is_led).cloned().collect();
        let mut drained: Vec<ProducerBatch> = Vec::new();
        let mut size = 0;
        let start = self.drain_index.get(&node).copied().unwrap_or(0);
        for n in 0..led.len() {
            let at = (start + n) % led.len();
            let id = &led[at];
            let Some(first) = self.batches.get(id).and_then(VecDeque::front) else { continue };
            let backs_off =
                matches!(self.readiness(config, &self.batches[id], now), Readiness::BacksOff(_));
            let acks = drained.first().map_or(first.acks(), ProducerBatch::acks);
            if self.is_muted(id) || backs_off || first.acks() != acks {
                continue;
            }
            let numbered = transactions.as_deref_mut().filter(|_| acks == Acks::All);
            if numbered.as_ref().is_some_and(|transactions| transactions.holds_back(first)) {
                continue;
            }
            if size + first.size > config.max_request_size as usize && !drained.is_empty() {
                break;
            }
            self.drain_index.insert(node, at + 1);
            let Some(mut batch) = self.take_first(id) else { continue };
            if let Some(transactions) = numbered {
                transactions.assign(&mut batch);
            }
            batch.close();
            size += batch.size;
            drained.push(batch);
        }
        drained
    }

    fn take_first(&mut self, id: &TopicPartition) -> Option<ProducerBatch> {
        let queue = self.batches.get_mut(id)?;
        let batch = queue.pop_front();
        if queue.is_empty() {
            self.batches.remove(id);
        }
        batch
    }

    /// Takes the batches that were not delivered in time.
    pub fn take_expired(&mut self, config: &ProducerConfig, now: SimTime) -> Vec<ProducerBatch> {
        let mut expired = Vec::new();
        let ids: Vec<_> = self.batches.keys().cloned().collect();
        for id in ids {
            while let Some(first) = self.batches.get(&id).and_then(VecDeque::front) {
                if first.created.plus_millis(config.delivery_timeout_ms as u64) > now {
                    break;
                }
                expired.extend(self.take_first(&id));
            }
        }
        expired
    }

    /// Puts a batch that has to be sent again in front, or, if it has a number, behind those with lower
    /// ones (`insertInSequenceOrder`).
    pub fn reenqueue(&mut self, batch: ProducerBatch) {
        let queue = self.batches.entry(batch.partition.clone()).or_default();
        let at = match batch.base_sequence() {
            None => 0,
            Some(base) => {
                let is_before =
                    |other: &ProducerBatch| other.base_sequence().is_some_and(|b| b < base);
                queue.iter().take_while(|other| is_before(other)).count()
            }
        };
        queue.insert(at, batch);
    }

    /// Takes a batch apart that was too large, and puts the parts in its place. Answers their numbers.
    pub fn split_and_reenqueue(
        &mut self,
        config: &ProducerConfig,
        transactions: Option<&mut TransactionManager>,
        batch: ProducerBatch,
    ) -> (u64, u64) {
        let bytes_max = match batch.is_split {
            false => config.batch_size as usize,
            // Parts of the size that was asked for were too large as well.
            true => batch.record_size_max().max(batch.size / 2),
        };
        self.deallocate(&batch);
        let first = self.next_batch;
        let parts = batch.split(bytes_max, first);
        self.next_batch += parts.len() as u64;
        if let Some(transactions) = transactions {
            parts.iter().for_each(|part| transactions.add_in_flight(part));
        }
        for part in parts.into_iter().rev() {
            self.reenqueue(part);
        }
        (first, self.next_batch - 1)
    }
}
