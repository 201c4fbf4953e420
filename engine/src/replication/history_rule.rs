//! How a follower makes its log agree with a new leader's: today's rule, and those that Kafka had
//! before, each with the hole that led to the next. A setting of the run (`history.rule`), so that
//! one script can be played under two of them.

use serde::{Deserialize, Serialize};

#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub enum HistoryRule {
    /// Up to 0.10: a follower cuts its log at its own high watermark, and fetches on from there.
    TruncateToHw,
    /// 0.11: it asks the leader once where the epoch of its own last record ends
    /// (OffsetForLeaderEpoch), and cuts there. The answer does not say which epoch it is about.
    Kip101,
    /// 2.0: the answer names the epoch, and the follower asks again until both know it.
    Kip279,
    /// 2.1 and later, since 2.7 inside of Fetch itself: every question carries the leader epoch, and
    /// who is not in it is turned away.
    #[default]
    Kip320,
}

impl HistoryRule {
    pub const ALL: [HistoryRule; 4] =
        [HistoryRule::TruncateToHw, HistoryRule::Kip101, HistoryRule::Kip279, HistoryRule::Kip320];

    pub fn name(self) -> &'static str {
        match self {
            HistoryRule::TruncateToHw => "truncate-to-hw",
            HistoryRule::Kip101 => "kip-101",
            HistoryRule::Kip279 => "kip-279",
            HistoryRule::Kip320 => "kip-320",
        }
    }

    pub fn from_name(name: &str) -> Option<HistoryRule> {
        HistoryRule::ALL.into_iter().find(|rule| rule.name() == name)
    }

    /// Whether questions carry a leader epoch, so that a leader can tell who is behind the times.
    pub fn is_fenced(self) -> bool {
        self >= HistoryRule::Kip320
    }

    /// Whether a follower asks for the end of its last epoch before it fetches.
    pub fn asks_for_epoch_end(self) -> bool {
        matches!(self, HistoryRule::Kip101 | HistoryRule::Kip279)
    }
}
