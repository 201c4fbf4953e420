//! What is asked of transactional producers, and of applications that read, process and write.

use super::{GroupProtocol, Membership};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What the application of a transactional producer calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum TransactionAct {
    Begin,
    Commit,
    Abort,
}

impl TransactionAct {
    pub const ALL: [TransactionAct; 3] =
        [TransactionAct::Begin, TransactionAct::Commit, TransactionAct::Abort];

    pub fn name(self) -> &'static str {
        match self {
            TransactionAct::Begin => "begin",
            TransactionAct::Commit => "commit",
            TransactionAct::Abort => "abort",
        }
    }
}

/// A member of a group that writes what it has read to another topic, and commits both in one transaction.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Process {
    pub input: Arc<str>,
    pub output: Arc<str>,
    /// Its consumer has this name, its producer that of [`Process::producer`].
    pub app: Arc<str>,
    pub transactional_id: Arc<str>,
    pub transaction_timeout_ms: u32,
    pub group: Arc<str>,
    pub group_protocol: GroupProtocol,
    pub session_timeout_ms: u32,
    pub max_poll_records: u32,
    pub max_poll_interval_ms: u32,
    /// How long it takes for a record.
    pub processing_ms: u64,
}

impl Process {
    pub const TRANSACTION_TIMEOUT_MS: u32 = 60_000;

    /// The name of its producer.
    pub fn producer(&self) -> Arc<str> {
        format!("{}.producer", self.app).into()
    }

    pub fn membership(&self) -> Membership {
        let usual = Membership::of(self.group.clone());
        let session_timeout_ms = u64::from(self.session_timeout_ms);
        Membership {
            group_protocol: self.group_protocol,
            enable_auto_commit: false,
            session_timeout_ms,
            heartbeat_interval_ms: usual.heartbeat_interval_ms.min(session_timeout_ms / 3).max(1),
            max_poll_records: self.max_poll_records,
            max_poll_interval_ms: self.max_poll_interval_ms.into(),
            processing_ms: self.processing_ms,
            ..usual
        }
    }
}
