//! What the leader of the quorum knows of those who fetch from it, voters and observers
//! (`LeaderState`): how far each has come, and when it was last heard of.

use crate::ids::NodeId;
use crate::sim::time::SimTime;
use std::collections::BTreeMap;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeaderState {
    /// Offset of its LeaderChange record, the first of its epoch.
    pub epoch_start_offset: i64,
    voters: BTreeMap<NodeId, ReplicaState>,
    /// Brokers: they follow the log, and nobody waits for them.
    observers: BTreeMap<NodeId, ReplicaState>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReplicaState {
    /// -1 until it has fetched in this epoch.
    pub end_offset: i64,
    pub last_fetch: SimTime,
    /// When it last had all that the leader had; `None` if never in this epoch.
    pub last_caught_up: Option<SimTime>,
    /// Where the leader's log ended when it last fetched; -1 if it never did.
    leader_end_offset: i64,
}

/// An observer that has not fetched for so long is forgotten (`OBSERVER_SESSION_TIMEOUT_MS`).
const OBSERVER_SESSION_TIMEOUT_MS: u64 = 300_000;

impl LeaderState {
    pub fn new(voters: &[NodeId], epoch_start_offset: i64, now: SimTime) -> Self {
        let unknown = ReplicaState {
            end_offset: -1,
            last_fetch: now,
            last_caught_up: None,
            leader_end_offset: -1,
        };
        let voters = voters.iter().map(|&id| (id, unknown)).collect();
        LeaderState { epoch_start_offset, voters, observers: BTreeMap::new() }
    }

    /// Somebody has everything below `end_offset`, a voter durably; the leader's own log ends at
    /// `leader_end`.
    pub fn fetched(&mut self, id: NodeId, end_offset: i64, leader_end: i64, now: SimTime) {
        let before = self.voters.get(&id).or_else(|| self.observers.get(&id));
        let last_caught_up = match before {
            _ if end_offset >= leader_end => Some(now),
            // By now it has all that there was when it last fetched: it had caught up then.
            Some(before) if (0..=end_offset).contains(&before.leader_end_offset) => {
                Some(before.last_fetch)
            }
            before => before.and_then(|replica| replica.last_caught_up),
        };
        let leader_end_offset = leader_end;
        let replica =
            ReplicaState { end_offset, last_fetch: now, last_caught_up, leader_end_offset };
        if let Some(voter) = self.voters.get_mut(&id) {
            *voter = replica;
            return;
        }
        self.observers.insert(id, replica);
        let oldest = OBSERVER_SESSION_TIMEOUT_MS * 1000;
        self.observers.retain(|_, observer| now.since(observer.last_fetch) < oldest);
    }

    /// A voter fetches a snapshot: it is there, and its log will follow.
    pub fn heard(&mut self, id: NodeId, now: SimTime) {
        if let Some(voter) = self.voters.get_mut(&id) {
            voter.last_fetch = now;
        }
    }

    pub fn voters(&self) -> &BTreeMap<NodeId, ReplicaState> {
        &self.voters
    }

    pub fn observers(&self) -> &BTreeMap<NodeId, ReplicaState> {
        &self.observers
    }

    /// The voters that have not fetched in this epoch.
    pub fn silent(&self) -> Vec<NodeId> {
        let silent = self.voters.iter().filter(|(_, voter)| voter.end_offset < 0);
        silent.map(|(&id, _)| id).collect()
    }

    /// The others, the one with the longest log first: who should lead next.
    pub fn successors(&self, me: NodeId) -> Vec<NodeId> {
        let mut others: Vec<_> = self.voters.iter().filter(|(id, _)| **id != me).collect();
        others.sort_by_key(|(id, voter)| (-voter.end_offset, **id));
        others.into_iter().map(|(&id, _)| id).collect()
    }

    /// Everything below is on a majority. `None` while that is nothing of this epoch: earlier epochs'
    /// records are committed only by one of this epoch that follows them (Raft, section 5.4.2).
    pub fn high_watermark(&self) -> Option<i64> {
        let mut ends: Vec<i64> = self.voters.values().map(|voter| voter.end_offset).collect();
        ends.sort_unstable_by(|a, b| b.cmp(a));
        ends.get(ends.len() / 2).copied().filter(|&end| end > self.epoch_start_offset)
    }

    /// Since when no majority, this leader included, has been heard of.
    pub fn majority_heard_at(&self, me: NodeId) -> SimTime {
        let others = self.voters.iter().filter(|(id, _)| **id != me);
        let mut heard: Vec<SimTime> = others.map(|(_, voter)| voter.last_fetch).collect();
        heard.sort_unstable_by(|a, b| b.cmp(a));
        // A majority of n voters is this leader and n/2 others.
        match self.voters.len() / 2 {
            0 => SimTime::ZERO,
            needed => heard[needed - 1],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn voters(count: i32) -> Vec<NodeId> {
        (101..101 + count).map(NodeId).collect()
    }

    fn leader(count: i32, ends: &[i64]) -> LeaderState {
        let mut state = LeaderState::new(&voters(count), 10, SimTime::ZERO);
        for (id, &end) in voters(count).into_iter().zip(ends) {
            state.fetched(id, end, 15, SimTime::ZERO);
        }
        state
    }

    #[test]
    fn a_majority_of_this_epoch_commits() {
        assert_eq!(leader(1, &[11]).high_watermark(), Some(11));
        assert_eq!(leader(3, &[15, 12, -1]).high_watermark(), Some(12));
        assert_eq!(leader(3, &[15, 14, 12]).high_watermark(), Some(14));
        assert_eq!(leader(5, &[15, 14, 13, 12, 11]).high_watermark(), Some(13));
        // Only what came before the epoch is on a majority.
        assert_eq!(leader(3, &[15, 10, -1]).high_watermark(), None);
        assert_eq!(leader(3, &[15, -1, -1]).high_watermark(), None);
    }

    #[test]
    fn who_has_what_there_was_at_its_last_fetch_had_caught_up_then() {
        let mut state = LeaderState::new(&voters(3), 10, SimTime::ZERO);
        let at = |ms| SimTime::ZERO.plus_millis(ms);
        let id = NodeId(102);
        let caught_up = |state: &LeaderState| state.voters()[&id].last_caught_up;
        state.fetched(id, 5, 20, at(10));
        assert_eq!(caught_up(&state), None);
        state.fetched(id, 20, 30, at(20));
        assert_eq!(caught_up(&state), Some(at(10)));
        state.fetched(id, 25, 40, at(30));
        assert_eq!(caught_up(&state), Some(at(10)), "it lags behind");
        state.fetched(id, 40, 40, at(40));
        assert_eq!(caught_up(&state), Some(at(40)));
    }

    #[test]
    fn an_observer_that_is_gone_is_forgotten() {
        let mut state = LeaderState::new(&voters(1), 0, SimTime::ZERO);
        let later = SimTime::ZERO.plus_millis(OBSERVER_SESSION_TIMEOUT_MS);
        state.fetched(NodeId(1), 5, 5, SimTime::ZERO);
        state.fetched(NodeId(2), 5, 5, later);
        assert_eq!(state.observers().keys().collect::<Vec<_>>(), [&NodeId(2)]);
    }

    #[test]
    fn the_longest_log_should_lead_next() {
        assert_eq!(leader(3, &[15, 12, 14]).successors(NodeId(101)), [NodeId(103), NodeId(102)]);
    }

    #[test]
    fn a_majority_is_heard_when_enough_others_are() {
        let mut state = LeaderState::new(&voters(3), 0, SimTime::ZERO);
        let later = SimTime::ZERO.plus_millis(70);
        state.fetched(NodeId(103), 5, 5, later);
        assert_eq!(state.majority_heard_at(NodeId(101)), later);
        let mut state = LeaderState::new(&voters(5), 0, SimTime::ZERO);
        state.fetched(NodeId(103), 5, 5, later);
        assert_eq!(state.majority_heard_at(NodeId(101)), SimTime::ZERO);
    }
}
