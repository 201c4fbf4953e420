//! What a goal asks of the quorum of controllers. No `node`: whichever it is.

use super::Node;
use kafkascope_engine::event::EventKind;
use kafkascope_engine::ids::NodeId;
use serde::Deserialize;

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Quorum {
    VotesAsked {
        node: Option<Node>,
        pre_vote: Option<bool>,
    },
    VoteCast {
        node: Option<Node>,
        candidate: Option<Node>,
        pre_vote: Option<bool>,
        granted: Option<bool>,
    },
    LeaderElected {
        node: Option<Node>,
    },
    LeaderResigned {
        node: Option<Node>,
    },
    /// It is the active controller: what it wrote first in its epoch is committed.
    Activated {
        node: Option<Node>,
    },
}

impl Quorum {
    pub fn is(&self, kind: &EventKind) -> bool {
        let at = |node: &Option<Node>, is: &NodeId| node.is_none_or(|node| node.0 == *is);
        let same = |wanted: &Option<bool>, is: &bool| wanted.is_none_or(|wanted| wanted == *is);
        match (self, kind) {
            (
                Quorum::VotesAsked { node, pre_vote },
                EventKind::VotesAsked { node: who, pre_vote: is_pre_vote, .. },
            ) => at(node, who) && same(pre_vote, is_pre_vote),
            (
                Quorum::VoteCast { node, candidate, pre_vote, granted },
                EventKind::VoteCast {
                    node: who,
                    candidate: whom,
                    pre_vote: is_pre_vote,
                    granted: is_granted,
                    ..
                },
            ) => {
                at(node, who)
                    && at(candidate, whom)
                    && same(pre_vote, is_pre_vote)
                    && same(granted, is_granted)
            }
            (Quorum::LeaderElected { node }, EventKind::QuorumLeaderElected { node: who, .. })
            | (
                Quorum::LeaderResigned { node },
                EventKind::QuorumLeaderResigned { node: who, .. },
            )
            | (Quorum::Activated { node }, EventKind::ControllerActivated { node: who, .. }) => {
                at(node, who)
            }
            _ => false,
        }
    }
}
