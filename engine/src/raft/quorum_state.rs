//! Which epoch a voter or an observer is in, whom it follows or voted for there, and what it is
//! (`QuorumState`, `EpochState`). Epoch, leader and vote are written to `quorum-state` before
//! anybody learns of them: a voter that forgot its vote could vote twice.

use super::leader_state::LeaderState;
use crate::ids::NodeId;
use crate::sim::disk::Disk;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// In the directory of the metadata log (`FileQuorumStateStore`).
pub const QUORUM_STATE: &str = "__cluster_metadata-0/quorum-state";

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuorumState {
    pub me: NodeId,
    pub voters: Vec<NodeId>,
    pub epoch: i32,
    /// Who leads the epoch, if that is known.
    pub leader: Option<NodeId>,
    /// Whom this voter gave its vote in the epoch.
    pub voted: Option<NodeId>,
    pub role: Role,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Role {
    /// Knows no leader.
    Unattached,
    /// Asks whether it would be elected, before it disturbs anybody with a new epoch (KIP-996).
    Prospective(Ballot),
    /// Has begun an epoch and asks for votes.
    Candidate(Ballot),
    Follower {
        /// It has had an answer from its leader in this epoch.
        has_fetched: bool,
    },
    Leader(LeaderState),
    /// Led this epoch and gave up; it cannot lead it again.
    Resigned,
}

impl Role {
    /// Kafka's name of the state.
    pub fn name(&self) -> &'static str {
        match self {
            Role::Unattached => "Unattached",
            Role::Prospective(_) => "Prospective",
            Role::Candidate(_) => "Candidate",
            Role::Follower { .. } => "Follower",
            Role::Leader(_) => "Leader",
            Role::Resigned => "Resigned",
        }
    }
}

/// Who has answered a call for votes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ballot {
    pub granted: BTreeSet<NodeId>,
    pub rejected: BTreeSet<NodeId>,
}

impl Ballot {
    /// Everybody votes for itself.
    pub fn of(me: NodeId) -> Self {
        Ballot { granted: BTreeSet::from([me]), rejected: BTreeSet::new() }
    }

    pub fn count(&mut self, voter: NodeId, granted: bool) {
        let side = if granted { &mut self.granted } else { &mut self.rejected };
        side.insert(voter);
    }
}

/// The file, as Kafka writes it where the voters are fixed (data version 0).
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct QuorumStateData {
    cluster_id: String,
    leader_id: i32,
    leader_epoch: i32,
    voted_id: i32,
    applied_offset: i64,
    current_voters: Vec<VoterData>,
    #[serde(rename = "data_version")]
    data_version: i32,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct VoterData {
    voter_id: i32,
}

const NOBODY: i32 = -1;

impl QuorumState {
    /// As the disk has it; epoch 0 if it has nothing. `last_epoch` is that of the log, below which
    /// no file may fall.
    pub fn load(disk: &Disk, me: NodeId, voters: Vec<NodeId>, last_epoch: i32) -> Self {
        let stored = disk
            .read_all(QUORUM_STATE)
            .and_then(|bytes| serde_json::from_slice::<QuorumStateData>(&bytes).ok())
            .filter(|stored| stored.leader_epoch >= last_epoch);
        let somebody = |id: i32| (id != NOBODY).then_some(NodeId(id));
        let (epoch, leader, voted) = match stored {
            Some(stored) => {
                (stored.leader_epoch, somebody(stored.leader_id), somebody(stored.voted_id))
            }
            None => (last_epoch, None, None),
        };
        QuorumState { me, voters, epoch, leader, voted, role: Role::Unattached }
    }

    pub fn persist(&self, disk: &mut Disk) {
        let id = |node: Option<NodeId>| node.map_or(NOBODY, |node| node.0);
        let data = QuorumStateData {
            cluster_id: String::new(),
            leader_id: id(self.leader),
            leader_epoch: self.epoch,
            voted_id: id(self.voted),
            applied_offset: 0,
            current_voters: self.voters.iter().map(|v| VoterData { voter_id: v.0 }).collect(),
            data_version: 0,
        };
        let text = serde_json::to_string(&data).expect("numbers and text have a form in JSON");
        disk.replace(QUORUM_STATE, text.into());
    }

    pub fn is_voter(&self) -> bool {
        self.voters.contains(&self.me)
    }

    pub fn others(&self) -> impl Iterator<Item = NodeId> + use<> {
        let me = self.me;
        self.voters.clone().into_iter().filter(move |&voter| voter != me)
    }

    pub fn is_majority(&self, voters: usize) -> bool {
        voters > self.voters.len() / 2
    }

    /// Whether this voter gives its vote, or its opinion if `pre_vote`, to a candidate of its own
    /// epoch whose log is at least as long as its own if `up_to_date`.
    pub fn grants(&self, candidate: NodeId, up_to_date: bool, pre_vote: bool) -> bool {
        match &self.role {
            Role::Leader(_) => false,
            Role::Follower { has_fetched } if pre_vote => !has_fetched && up_to_date,
            _ if pre_vote => up_to_date,
            Role::Candidate(_) | Role::Follower { .. } | Role::Resigned => false,
            Role::Unattached | Role::Prospective(_) => match (self.voted, self.leader) {
                (Some(voted), _) => voted == candidate,
                (None, Some(_)) => false,
                (None, None) => up_to_date,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(role: Role) -> QuorumState {
        let voters = vec![NodeId(101), NodeId(102), NodeId(103)];
        QuorumState { me: NodeId(101), voters, epoch: 4, leader: None, voted: None, role }
    }

    #[test]
    fn the_file_is_kafkas_and_reads_back() {
        let mut disk = Disk::default();
        let written =
            QuorumState { voted: Some(NodeId(103)), ..state(Role::Candidate(Ballot::default())) };
        written.persist(&mut disk);
        let text = disk.read_all(QUORUM_STATE).unwrap();
        assert_eq!(
            std::str::from_utf8(&text).unwrap(),
            r#"{"clusterId":"","leaderId":-1,"leaderEpoch":4,"votedId":103,"appliedOffset":0,"currentVoters":[{"voterId":101},{"voterId":102},{"voterId":103}],"data_version":0}"#
        );
        let read = QuorumState::load(&disk, NodeId(101), written.voters.clone(), 3);
        assert_eq!(read, QuorumState { role: Role::Unattached, ..written });
        // A file older than the log is not believed.
        let read = QuorumState::load(&disk, NodeId(101), Vec::new(), 7);
        assert_eq!((read.epoch, read.voted), (7, None));
    }

    #[test]
    fn a_vote_is_given_once_and_only_to_an_up_to_date_log() {
        let (a, b) = (NodeId(102), NodeId(103));
        let mut voter = state(Role::Unattached);
        assert!(voter.grants(a, true, false));
        assert!(!voter.grants(a, false, false));
        voter.voted = Some(a);
        assert!(voter.grants(a, false, false));
        assert!(!voter.grants(b, true, false));
        assert!(voter.grants(b, true, true), "an opinion binds nobody");
    }

    #[test]
    fn whoever_hears_a_leader_wants_no_other() {
        let follower = |has_fetched| QuorumState {
            leader: Some(NodeId(102)),
            ..state(Role::Follower { has_fetched })
        };
        assert!(!follower(true).grants(NodeId(103), true, true));
        assert!(follower(false).grants(NodeId(103), true, true));
        assert!(!follower(false).grants(NodeId(103), true, false));
        assert!(!state(Role::Resigned).grants(NodeId(103), true, false));
    }
}
