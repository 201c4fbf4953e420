//! What the learner's own settings promise of a value: that it is not lost, that it does not come twice, both
//! or neither. Each doubt names its setting.

use super::{Ledger, Reader};
use crate::client::producer::Producer;
use crate::cluster::Cluster;
use crate::command::{CommitHow, CommitWhen, Commits, Membership};
use crate::ids::NodeId;
use crate::protocol::Acks;
use std::collections::BTreeSet;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Guarantee {
    ExactlyOnce,
    AtLeastOnce,
    AtMostOnce,
    /// It may be lost, and it may come twice.
    Neither,
}

impl Guarantee {
    pub fn of(may_lose: bool, may_repeat: bool) -> Self {
        match (may_lose, may_repeat) {
            (false, false) => Guarantee::ExactlyOnce,
            (false, true) => Guarantee::AtLeastOnce,
            (true, false) => Guarantee::AtMostOnce,
            (true, true) => Guarantee::Neither,
        }
    }
}

/// A setting that leaves something open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Doubt {
    /// acks=0: it may be lost on the way.
    AcksNone,
    /// acks=1: it may be lost with its leader.
    AcksLeader,
    UncleanElection,
    /// A try whose answer was lost is made again, and a leader cannot tell.
    RetriesWithoutIdempotence,
    /// The group commits by itself, after it has processed.
    CommitsAfterwards,
    /// The application commits, after it has processed.
    CommitsByHandAfterwards,
    /// The application commits before it processes: what it then does not get to is passed over.
    CommitsBefore,
    /// ... and does not wait for the commit, so that it may process what is not committed.
    CommitsUnawaited,
    NeverCommits,
    /// A consumer without a group begins anew where its own setting says.
    BeginsAgain,
}

impl Doubt {
    pub fn loses(self) -> bool {
        matches!(
            self,
            Doubt::AcksNone | Doubt::AcksLeader | Doubt::UncleanElection | Doubt::CommitsBefore
        )
    }
}

/// What is promised up to the log, or up to a reader.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Promise {
    pub doubts: BTreeSet<Doubt>,
}

impl Promise {
    pub fn may_lose(&self) -> bool {
        self.doubts.iter().any(|doubt| doubt.loses())
    }

    pub fn may_repeat(&self) -> bool {
        self.doubts.iter().any(|doubt| !doubt.loses())
    }

    pub fn guarantee(&self) -> Guarantee {
        Guarantee::of(self.may_lose(), self.may_repeat())
    }

    /// A value goes the one way and then the other.
    pub fn and_then(&self, next: &Promise) -> Promise {
        Promise { doubts: self.doubts.union(&next.doubts).copied().collect() }
    }
}

impl Ledger {
    /// From `send` into the log, by all that have sent to the topic.
    pub fn promised_write(&self, cluster: &Cluster, topic: &str) -> Promise {
        let accounts = self.accounts().filter(|(id, _)| &*id.topic == topic);
        let mut doubts = BTreeSet::new();
        for (client, sender) in accounts.flat_map(|(_, account)| &account.written.senders) {
            if let Some(producer) = cluster.client(*client).and_then(|client| client.producer()) {
                doubts.extend(doubts_of(producer));
            }
            // A `produce` line may have acks of its own.
            if sender.unasked.end().is_some() {
                doubts.insert(Doubt::AcksNone);
            }
        }
        let image = cluster.newest_metadata();
        let config = image.map(|image| image.log_config(topic, NodeId(0), &cluster.spec().log));
        if config.is_some_and(|config| config.unclean_leader_election_enable) {
            doubts.insert(Doubt::UncleanElection);
        }
        Promise { doubts }
    }

    /// From the log to what a reader has processed.
    pub fn promised_read(&self, cluster: &Cluster, reader: &Reader) -> Promise {
        let doubts = match reader {
            Reader::Consumer(_) => [Doubt::BeginsAgain].into(),
            Reader::Group(group) => {
                let consumers = cluster.clients().filter_map(|client| client.consumer());
                // With a transaction what it has processed and where it is are written together.
                let plain = consumers.filter(|consumer| consumer.feeding.is_none());
                let members = plain.filter_map(|consumer| consumer.member.as_deref());
                let of_it = members.filter(|member| member.settings.group == *group);
                of_it.flat_map(|member| doubts_of_commits(&member.settings)).copied().collect()
            }
        };
        Promise { doubts }
    }
}

fn doubts_of(producer: &Producer) -> impl Iterator<Item = Doubt> {
    let config = &producer.config;
    let acks = match config.acks {
        Acks::None => Some(Doubt::AcksNone),
        Acks::Leader => Some(Doubt::AcksLeader),
        Acks::All => None,
    };
    let retries = !config.idempotence && config.retries > 0 && config.acks != Acks::None;
    acks.into_iter().chain(retries.then_some(Doubt::RetriesWithoutIdempotence))
}

/// When a member commits; the application here is done with all that a poll gave it before it polls again,
/// and it is in a poll that `enable.auto.commit` commits.
fn doubts_of_commits(settings: &Membership) -> &'static [Doubt] {
    match settings.commit {
        Some(Commits { when: CommitWhen::Before, how: CommitHow::Sync, .. }) => {
            &[Doubt::CommitsBefore]
        }
        Some(Commits { when: CommitWhen::Before, how: CommitHow::Async, .. }) => {
            &[Doubt::CommitsBefore, Doubt::CommitsUnawaited]
        }
        Some(Commits { when: CommitWhen::After, .. }) => &[Doubt::CommitsByHandAfterwards],
        None if settings.enable_auto_commit => &[Doubt::CommitsAfterwards],
        None => &[Doubt::NeverCommits],
    }
}
