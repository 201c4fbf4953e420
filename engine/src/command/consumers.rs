//! What commands say of consumers and their groups: where to start, how to be a member, when to commit.

use crate::group::assignor::Assignor;
use crate::group::assignor::server::ServerAssignor;
use crate::iso8601::{duration_text, parse_duration};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::sync::Arc;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum StartFrom {
    Earliest,
    Latest,
    /// Nowhere: without a committed offset the consumer gives up.
    None,
    /// At the first record that is no older than this (KIP-1106).
    ByDuration {
        ms: u64,
    },
}

impl StartFrom {
    /// As `auto.offset.reset` takes it.
    pub fn text(self) -> String {
        match self {
            StartFrom::Earliest => "earliest".to_string(),
            StartFrom::Latest => "latest".to_string(),
            StartFrom::None => "none".to_string(),
            StartFrom::ByDuration { ms } => format!("by_duration:{}", duration_text(ms)),
        }
    }

    pub fn from_text(text: &str) -> Option<Self> {
        match text {
            "earliest" => Some(StartFrom::Earliest),
            "latest" => Some(StartFrom::Latest),
            "none" => Some(StartFrom::None),
            text => {
                let ms = parse_duration(text.strip_prefix("by_duration:")?)?;
                Some(StartFrom::ByDuration { ms })
            }
        }
    }
}

/// A consumer's settings as a member of a group, by Kafka's names (`ConsumerConfig`), and what its
/// application does.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Membership {
    /// `group.id`
    pub group: Arc<str>,
    /// Topics that it subscribes besides the first.
    pub more_topics: Vec<Arc<str>>,
    /// `partition.assignment.strategy`, the best first.
    pub assignors: Vec<Assignor>,
    pub group_instance_id: Option<Arc<str>>,
    pub enable_auto_commit: bool,
    pub auto_commit_interval_ms: u64,
    pub session_timeout_ms: u64,
    pub heartbeat_interval_ms: u64,
    pub max_poll_records: u32,
    pub max_poll_interval_ms: u64,
    /// How long the application takes for a record.
    pub processing_ms: u64,
    /// What the application commits itself.
    pub commit: Option<Commits>,
    pub group_protocol: GroupProtocol,
}

/// `group.protocol`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum GroupProtocol {
    Classic,
    /// KIP-848, with `group.remote.assignor` if that is set.
    Consumer(Option<ServerAssignor>),
}

/// How an application commits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Commits {
    pub how: CommitHow,
    pub when: CommitWhen,
    pub each: CommitEach,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum CommitHow {
    /// `commitSync`: it waits for the answer, and tries again what can be tried again.
    Sync,
    /// `commitAsync`: it goes on, and a commit that fails is not tried again.
    Async,
}

/// Before processing, records may be lost when the application dies; after it, they may come again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum CommitWhen {
    Before,
    After,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum CommitEach {
    /// Once for all that a poll has returned.
    Poll,
    Record,
}

/// Where a consumer goes on to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum SeekTo {
    /// `seekToBeginning`
    Beginning,
    /// `seekToEnd`
    End,
    Offset(i64),
}

impl Membership {
    /// Kafka's defaults, and an application that takes no time.
    pub fn of(group: impl Into<Arc<str>>) -> Self {
        Membership {
            group: group.into(),
            more_topics: Vec::new(),
            assignors: vec![Assignor::Range, Assignor::CooperativeSticky],
            group_instance_id: None,
            enable_auto_commit: true,
            auto_commit_interval_ms: 5_000,
            session_timeout_ms: 45_000,
            heartbeat_interval_ms: 3_000,
            max_poll_records: 500,
            max_poll_interval_ms: 300_000,
            processing_ms: 0,
            commit: None,
            group_protocol: GroupProtocol::Classic,
        }
    }

    /// What it has subscribed, given the first of its topics.
    pub fn topics(&self, first: &Arc<str>) -> BTreeSet<Arc<str>> {
        std::iter::once(first).chain(&self.more_topics).cloned().collect()
    }

    /// Whether it keeps what it owns while it joins again: all its assignors must allow that.
    pub fn is_cooperative(&self) -> bool {
        self.assignors.iter().all(|assignor| assignor.is_cooperative())
    }
}

/// Where a group is to go on.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ResetOffsets {
    pub group: Arc<str>,
    /// `None`: every topic in which the group has committed (`--all-topics`).
    pub topic: Option<Arc<str>>,
    /// `--topic orders:0,1`; empty for all.
    pub partitions: Vec<i32>,
    pub to: ResetTo,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ResetTo {
    Earliest,
    Latest,
    /// To where it is, so that offsets that have expired are committed anew.
    Current,
    Offset(i64),
    ShiftBy(i64),
    /// To the first record that is no older than so many milliseconds.
    ByDuration(u64),
    /// To the first record that is no older than this Unix time in milliseconds.
    Datetime(i64),
}
