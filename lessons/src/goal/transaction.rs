//! What a goal asks of transactions. What is left out may be as it likes.

use super::Partition;
use kafkascope_engine::event::{DecisionReason, EventKind, TransactionEvent};
use serde::Deserialize;

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Transaction {
    /// Its coordinator has decided how it ends.
    Decided {
        transactional_id: String,
        commit: Option<bool>,
        reason: Option<Reason>,
    },
    /// Every partition has its marker.
    Completed {
        transactional_id: String,
        commit: Option<bool>,
    },
    MarkerWritten {
        partition: Partition,
        commit: Option<bool>,
    },
    /// The last stable offset has come so far where a transaction had held it back.
    LastStableOffsetMoved {
        partition: Partition,
        to_at_least: i64,
    },
    /// The coordinator will not do what a producer asked: another one has the transactional id by now, or its
    /// transaction is over.
    RequestRefused {
        transactional_id: String,
    },
}

/// Why a transaction ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    Asked,
    TimedOut,
    Fenced,
}

impl Reason {
    fn is(self, reason: DecisionReason) -> bool {
        match self {
            Reason::Asked => reason == DecisionReason::Asked,
            Reason::TimedOut => reason == DecisionReason::TimedOut,
            Reason::Fenced => reason == DecisionReason::Fenced,
        }
    }
}

impl Transaction {
    pub fn is(&self, kind: &EventKind) -> bool {
        let EventKind::Transaction(event) = kind else { return false };
        let ends = |wanted: &Option<bool>, commit: &bool| wanted.is_none_or(|w| w == *commit);
        match (self, event) {
            (
                Transaction::Decided { transactional_id, commit, reason },
                TransactionEvent::Decided {
                    transactional_id: id, commit: so, reason: because, ..
                },
            ) => {
                **transactional_id == **id
                    && ends(commit, so)
                    && reason.is_none_or(|reason| reason.is(*because))
            }
            (
                Transaction::Completed { transactional_id, commit },
                TransactionEvent::Completed { transactional_id: id, commit: so, .. },
            ) => **transactional_id == **id && ends(commit, so),
            (
                Transaction::MarkerWritten { partition, commit },
                TransactionEvent::MarkerWritten { partition: id, commit: so, .. },
            ) => partition.0 == *id && ends(commit, so),
            (
                Transaction::LastStableOffsetMoved { partition, to_at_least },
                TransactionEvent::LastStableOffsetMoved { partition: id, to, .. },
            ) => partition.0 == *id && to >= to_at_least,
            (
                Transaction::RequestRefused { transactional_id },
                TransactionEvent::RequestRefused { transactional_id: id, .. },
            ) => **transactional_id == **id,
            _ => false,
        }
    }
}
