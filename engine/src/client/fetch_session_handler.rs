//! The asking half of a fetch session (KIP-227): after a first fetch that names every partition, the
//! next ones name only those whose question has changed. Kafka's `FetchSessionHandler`, used by
//! consumers and by followers alike; the answering half is in
//! [`crate::replication::fetch_session`].

use crate::ids::TopicPartition;
use crate::protocol::{FetchMetadata, FetchPartition, FetchResponse};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct FetchSessionHandler {
    next: FetchMetadata,
    /// What the broker was last told about each partition of the session.
    told: BTreeMap<TopicPartition, FetchPartition>,
    /// Partitions whose question may no longer be what the broker was told.
    touched: BTreeSet<TopicPartition>,
}

/// What the next request says of the session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionFetch {
    pub metadata: FetchMetadata,
    pub partitions: Vec<FetchPartition>,
    pub forgotten: Vec<TopicPartition>,
}

impl FetchSessionHandler {
    /// The question about this partition may have changed, begun or ended.
    pub fn touch(&mut self, id: &TopicPartition) {
        if !self.touched.contains(id) {
            self.touched.insert(id.clone());
        }
    }

    pub fn contains(&self, id: &TopicPartition) -> bool {
        self.told.contains_key(id)
    }

    /// The next request, or `None` if there is nothing to fetch at all. `question` says what is to be
    /// asked of a partition, if anything.
    pub fn build(
        &mut self,
        question: impl Fn(&TopicPartition) -> Option<FetchPartition>,
    ) -> Option<SessionFetch> {
        let mut partitions = Vec::new();
        let mut forgotten = Vec::new();
        for id in std::mem::take(&mut self.touched) {
            match question(&id) {
                Some(asked) if self.told.get(&id) == Some(&asked) => {}
                Some(asked) => {
                    partitions.push(asked.clone());
                    self.told.insert(id, asked);
                }
                None if self.told.remove(&id).is_some() => forgotten.push(id),
                None => {}
            }
        }
        if self.told.is_empty() {
            self.next = FetchMetadata::default();
            return None;
        }
        Some(SessionFetch { metadata: self.next, partitions, forgotten })
    }

    /// Returns false if the broker knows nothing of the session: the next request opens another.
    pub fn on_response(&mut self, response: &FetchResponse) -> bool {
        if response.error.is_some() {
            self.on_failure();
            return false;
        }
        self.next = FetchMetadata { session_id: response.session_id, epoch: self.next.epoch + 1 };
        true
    }

    /// No answer, so nobody knows what the broker has noted: begin again.
    pub fn on_failure(&mut self) {
        self.next = FetchMetadata::default();
        self.touched.extend(std::mem::take(&mut self.told).into_keys());
    }
}
