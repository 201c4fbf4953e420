//! What a client knows of topics and their leaders, and whom it asks (`org.apache.kafka.clients.Metadata`).
//! A topic that was deleted is forgotten; one that was created anew has another id, and begins again with
//! leader epoch 0.

use crate::event::EventKind;
use crate::ids::{ClientId, NodeId, TopicPartition, Uuid};
use crate::protocol::*;
use crate::world::{Call, Ctx, Timer};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The default of `metadata.max.age.ms`: how old what a client knows may become. Only so does it learn of
/// partitions that were added.
const METADATA_MAX_AGE_MS: u64 = 300_000;
/// The default of `request.timeout.ms`.
const REQUEST_TIMEOUT_MS: u64 = 30_000;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientMetadata {
    topics: BTreeMap<Arc<str>, KnownTopic>,
    /// Topics that it has asked for and that were not there.
    missing: BTreeSet<Arc<str>>,
    asking: bool,
    /// The brokers that the last answer named.
    brokers: Vec<NodeId>,
    /// They and the bootstrap servers are asked in turn.
    turn: usize,
    max_age_ms: u64,
    request_timeout_ms: u64,
}

impl Default for ClientMetadata {
    fn default() -> Self {
        ClientMetadata::with_max_age(METADATA_MAX_AGE_MS)
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct KnownTopic {
    id: Uuid,
    /// Leader and leader epoch of each partition.
    leaders: BTreeMap<i32, (Option<NodeId>, i32)>,
    /// Of each partition, the replicas whose broker can serve.
    online: BTreeMap<i32, Vec<NodeId>>,
}

impl ClientMetadata {
    /// Knows nothing yet.
    pub fn with_max_age(max_age_ms: u64) -> Self {
        ClientMetadata {
            topics: BTreeMap::new(),
            missing: BTreeSet::new(),
            asking: false,
            brokers: Vec::new(),
            turn: 0,
            max_age_ms,
            request_timeout_ms: REQUEST_TIMEOUT_MS,
        }
    }

    pub fn with_request_timeout(mut self, request_timeout_ms: u64) -> Self {
        self.request_timeout_ms = request_timeout_ms;
        self
    }

    /// Those of a topic's partitions that have a leader.
    pub fn available_partitions(&self, topic: &str) -> Vec<i32> {
        let leaders = self.topics.get(topic).into_iter().flat_map(|topic| &topic.leaders);
        let available = leaders.filter(|(_, (leader, _))| leader.is_some());
        available.map(|(partition, _)| *partition).collect()
    }

    pub fn leader(&self, id: &TopicPartition) -> Option<(NodeId, i32)> {
        let (leader, epoch) = self.topics.get(&id.topic)?.leaders.get(&id.partition)?;
        Some(((*leader)?, *epoch))
    }

    /// Whether the node has a replica of the partition and can serve it (`Cluster.nodeIfOnline`).
    pub fn is_online(&self, id: &TopicPartition, node: NodeId) -> bool {
        let online = self.topics.get(&id.topic).and_then(|topic| topic.online.get(&id.partition));
        online.is_some_and(|nodes| nodes.contains(&node))
    }

    /// `None` for a topic that is not known, or is gone.
    pub fn partition_count(&self, topic: &str) -> Option<i32> {
        self.topics.get(topic).map(|topic| topic.leaders.len() as i32)
    }

    pub fn topic_id(&self, topic: &str) -> Option<Uuid> {
        self.topics.get(topic).map(|topic| topic.id)
    }

    /// Whether it has been told of a topic, be it that there is none.
    pub fn has_asked_for(&self, topic: &Arc<str>) -> bool {
        self.topics.contains_key(topic) || self.missing.contains(topic)
    }

    /// The topics that it knows.
    pub fn topics(&self) -> Vec<Arc<str>> {
        self.topics.keys().cloned().collect()
    }

    /// Asks the next broker, unless a question is already on its way.
    pub fn ask(&mut self, ctx: &mut Ctx<'_>, topics: impl IntoIterator<Item = Arc<str>>) {
        if self.asking {
            return;
        }
        self.asking = true;
        let bootstrap = (1..=ctx.world.spec.brokers).map(NodeId);
        let known: BTreeSet<_> = bootstrap.chain(self.brokers.iter().copied()).collect();
        let broker = known.iter().nth(self.turn % known.len()).copied();
        let broker = broker.expect("there are bootstrap servers");
        self.turn += 1;
        let topics: BTreeSet<_> = topics.into_iter().collect();
        let request = Request::Metadata { topics: topics.into_iter().collect() };
        ctx.request(broker, request, self.request_timeout_ms, Call::Metadata);
    }

    /// Takes over an answer; false if there was none. A leader of an older epoch is not believed, unless
    /// the topic is another.
    pub fn on_reply(&mut self, ctx: &mut Ctx<'_>, client: ClientId, reply: Reply) -> bool {
        self.asking = false;
        let Reply::Response(Response::Metadata(answer)) = reply else {
            return false;
        };
        ctx.set_timer_in(Timer::MetadataExpiry, self.max_age_ms);
        self.brokers = answer.brokers.iter().map(|broker| broker.id).collect();
        for topic in &answer.unknown_topics {
            self.topics.remove(topic);
            self.missing.insert(topic.clone());
        }
        for answered in answer.topics {
            self.missing.remove(&answered.topic);
            let former = self.topics.remove(&answered.topic);
            let former = former.filter(|former| former.id == answered.topic_id);
            let (former, mut online) = former.map(|f| (f.leaders, f.online)).unwrap_or_default();
            let mut leaders = BTreeMap::new();
            for news in answered.partitions {
                if former.get(&news.partition).is_none_or(|known| known.1 <= news.leader_epoch) {
                    let is_online = |id: &NodeId| !news.offline_replicas.contains(id);
                    let nodes = news.replicas.iter().copied().filter(is_online).collect();
                    online.insert(news.partition, nodes);
                }
                let (partition, news) = (news.partition, (news.leader, news.leader_epoch));
                let known = former.get(&partition).copied();
                let known = known.filter(|known| known.1 > news.1 || *known == news);
                leaders.insert(partition, known.unwrap_or(news));
                if known.is_none() {
                    let topic = answered.topic.clone();
                    ctx.emit(EventKind::LeaderLearned {
                        client,
                        partition: TopicPartition { topic, partition },
                        leader: news.0,
                        leader_epoch: news.1,
                    });
                }
            }
            let topic = KnownTopic { id: answered.topic_id, leaders, online };
            self.topics.insert(answered.topic, topic);
        }
        true
    }

    /// A broker said that it does not lead, or is gone: ask before sending again.
    pub fn forget_leader(&mut self, id: &TopicPartition) {
        let topic = self.topics.get_mut(&id.topic);
        if let Some((leader, _)) = topic.and_then(|topic| topic.leaders.get_mut(&id.partition)) {
            *leader = None;
        }
    }
}
