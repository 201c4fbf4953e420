//! The answering half of fetch sessions (KIP-227): what a broker remembers of who fetches which
//! partitions from where, so that a fetch looks only at partitions in which something happened. Kafka's
//! `FetchSession`; the asking half is in [`crate::client::fetch_session_handler`].
//!
//! Kafka keeps at most `max.incremental.fetch.session.cache.slots` sessions; here each fetching
//! process has one, and a new one takes the place of its last.

use super::partition::Partition;
use crate::ids::{Address, TopicPartition};
use crate::protocol::{
    FetchPartition, FetchRequest, Fetcher, IsolationLevel, KafkaError, PartitionData,
};
use crate::sim::time::SimTime;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct FetchSessionCache {
    last_id: u32,
    sessions: BTreeMap<u32, FetchSession>,
    of_owner: BTreeMap<Address, u32>,
    /// Sessions by the partitions in them.
    watching: BTreeMap<TopicPartition, BTreeSet<u32>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FetchSession {
    pub id: u32,
    owner: Address,
    fetcher: Fetcher,
    isolation: IsolationLevel,
    /// What the next request has to carry.
    next_epoch: i32,
    partitions: BTreeMap<TopicPartition, CachedPartition>,
    /// Partitions in which something happened that the fetcher may not know. Of all others it has
    /// everything, and every fetch of the session says so again.
    dirty: BTreeSet<TopicPartition>,
    last_fetch: SimTime,
    /// The first answer names all partitions, whatever is in them.
    is_new: bool,
    /// Its fetch that waits in purgatory.
    pub parked: Option<u64>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct CachedPartition {
    asked: FetchPartition,
    /// What the last answer said.
    high_watermark: i64,
    log_start_offset: i64,
}

impl FetchSessionCache {
    /// The session of a request that has just come, after it was told what the request says.
    pub fn take_up(
        &mut self,
        owner: Address,
        request: &FetchRequest,
        now: SimTime,
    ) -> Result<&FetchSession, KafkaError> {
        let id = request.session.session_id;
        if request.session.epoch == 0 {
            let id = self.open(owner, request, now);
            return Ok(&self.sessions[&id]);
        }
        let session = self.sessions.get_mut(&id).filter(|session| session.owner == owner);
        let session = session.ok_or(KafkaError::FetchSessionIdNotFound)?;
        if session.next_epoch != request.session.epoch {
            return Err(KafkaError::InvalidFetchSessionEpoch);
        }
        session.next_epoch += 1;
        session.fetcher = request.fetcher;
        session.isolation = request.isolation;
        session.last_fetch = now;
        for forgotten in &request.forgotten {
            session.partitions.remove(forgotten);
            session.dirty.remove(forgotten);
            unwatch(&mut self.watching, forgotten, id);
        }
        for asked in &request.partitions {
            session.ask(asked);
            watch(&mut self.watching, &asked.partition, id);
        }
        Ok(session)
    }

    fn open(&mut self, owner: Address, request: &FetchRequest, now: SimTime) -> u32 {
        self.last_id += 1;
        let id = self.last_id;
        if let Some(former) = self.of_owner.insert(owner, id)
            && let Some(former) = self.sessions.remove(&former)
        {
            for partition in former.partitions.keys() {
                unwatch(&mut self.watching, partition, former.id);
            }
        }
        let mut session = FetchSession {
            id,
            owner,
            fetcher: request.fetcher,
            isolation: request.isolation,
            next_epoch: 1,
            partitions: BTreeMap::new(),
            dirty: BTreeSet::new(),
            last_fetch: now,
            is_new: true,
            parked: None,
        };
        for asked in &request.partitions {
            session.ask(asked);
            watch(&mut self.watching, &asked.partition, id);
        }
        self.sessions.insert(id, session);
        id
    }

    pub fn get(&self, id: u32) -> Option<&FetchSession> {
        self.sessions.get(&id)
    }

    pub fn get_mut(&mut self, id: u32) -> Option<&mut FetchSession> {
        self.sessions.get_mut(&id)
    }

    /// A partition is about to change: every session that has it looks at it again.
    pub fn touch(&mut self, partition: &mut Partition) {
        let Some(watching) = self.watching.get(&partition.id) else {
            return;
        };
        for id in watching {
            let Some(session) = self.sessions.get_mut(id) else {
                continue;
            };
            if session.dirty.contains(&partition.id) {
                continue;
            }
            session.dirty.insert(partition.id.clone());
            if let Fetcher::Replica { id: follower, .. } = session.fetcher {
                partition.observe_idle_fetch(follower, session.last_fetch);
            }
        }
    }

    /// A partition is gone, or has come.
    pub fn touch_missing(&mut self, id: &TopicPartition) {
        for session in self.watching.get(id).into_iter().flatten() {
            if let Some(session) = self.sessions.get_mut(session) {
                session.dirty.insert(id.clone());
            }
        }
    }

    /// The fetches that wait for something to happen in this partition, in the order in which they
    /// came, with who waits.
    pub fn parked_for(&self, partition: &TopicPartition) -> Vec<(u64, Fetcher)> {
        let watching = self.watching.get(partition).into_iter().flatten();
        let mut parked: Vec<_> = watching
            .filter_map(|id| self.sessions.get(id))
            .filter_map(|session| Some((session.parked?, session.fetcher)))
            .collect();
        parked.sort_by_key(|(parked, _)| *parked);
        parked
    }
}

fn watch(watching: &mut BTreeMap<TopicPartition, BTreeSet<u32>>, id: &TopicPartition, by: u32) {
    watching.entry(id.clone()).or_default().insert(by);
}

fn unwatch(watching: &mut BTreeMap<TopicPartition, BTreeSet<u32>>, id: &TopicPartition, by: u32) {
    if let Some(sessions) = watching.get_mut(id) {
        sessions.remove(&by);
        if sessions.is_empty() {
            watching.remove(id);
        }
    }
}

impl FetchSession {
    fn ask(&mut self, asked: &FetchPartition) {
        let id = asked.partition.clone();
        // What was told in an earlier leader epoch the fetcher may have thrown away.
        let is_the_same = |cached: &&CachedPartition| {
            cached.asked.topic_id == asked.topic_id
                && cached.asked.current_leader_epoch == asked.current_leader_epoch
        };
        let known = self.partitions.get(&id).filter(is_the_same);
        let (high_watermark, log_start_offset) =
            known.map_or((-1, -1), |p| (p.high_watermark, p.log_start_offset));
        let cached = CachedPartition { asked: asked.clone(), high_watermark, log_start_offset };
        self.dirty.insert(id.clone());
        self.partitions.insert(id, cached);
    }

    pub fn first_partition(&self) -> Option<&TopicPartition> {
        self.partitions.keys().next()
    }

    /// What is asked of the partitions in which something happened.
    pub fn to_look_at(&self) -> Vec<FetchPartition> {
        self.dirty.iter().map(|id| self.partitions[id].asked.clone()).collect()
    }

    /// What of these answers is news to the fetcher; it is told now.
    pub fn tell(&mut self, answers: Vec<PartitionData>) -> Vec<PartitionData> {
        let is_new = std::mem::take(&mut self.is_new);
        let partitions = &mut self.partitions;
        let is_news = |data: &PartitionData| {
            let Some(cached) = partitions.get_mut(&data.partition) else {
                return false;
            };
            let told = (cached.high_watermark, cached.log_start_offset);
            let is_sound = data.error.is_none() && data.diverging_epoch.is_none();
            let has_news = !data.records.is_empty() || data.preferred_read_replica.is_some();
            // After an error the next answer has something to say in any case.
            let now =
                if is_sound { (data.high_watermark, data.log_start_offset) } else { (-1, -1) };
            (cached.high_watermark, cached.log_start_offset) = now;
            is_new || !is_sound || has_news || told != now
        };
        answers.into_iter().filter(is_news).collect()
    }

    /// Whether there is nothing to tell the fetcher about this partition, or to note of it, after
    /// this answer and until something happens.
    pub fn has_all_of(&self, partition: &Partition, answer: &PartitionData) -> bool {
        let log = &partition.log;
        let is_sound = answer.error.is_none() && answer.diverging_epoch.is_none();
        let is_new = answer.high_watermark != log.high_watermark()
            || answer.log_start_offset != log.log_start_offset();
        is_sound
            && !is_new
            && answer.preferred_read_replica.is_none()
            && match self.fetcher {
                Fetcher::Replica { id, .. } => {
                    answer.asked_offset == log.log_end_offset() && partition.isr.contains(&id)
                }
                Fetcher::Consumer => match self.isolation {
                    IsolationLevel::ReadUncommitted => answer.asked_offset >= log.high_watermark(),
                    IsolationLevel::ReadCommitted => {
                        answer.asked_offset >= log.last_stable_offset()
                    }
                },
            }
    }

    /// The fetcher has everything of this partition, and will be told when something happens in it.
    pub fn rest(&mut self, id: &TopicPartition) {
        self.dirty.remove(id);
    }
}
