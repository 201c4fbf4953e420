//! What has become of a record: who has it, whether it is committed, and, if it was acknowledged and
//! is gone, what took it. What is there is read from the logs; what happened is told by the events.

use crate::cluster::Cluster;
use crate::event::{Event, EventKind, Role, TruncationReason};
use crate::ids::{NodeId, TopicPartition};
use crate::protocol::Acks;
use crate::record::record_batch::RecordBatch;
use crate::sim::time::SimTime;
use std::collections::BTreeSet;

/// The first says what has become of it, the others how that came about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    NeverWritten {
        log_end_offset: i64,
    },
    /// Deleted by retention or by DeleteRecords, or compacted away.
    LetGo {
        log_start_offset: i64,
    },
    Committed {
        high_watermark: i64,
    },
    NotCommitted {
        high_watermark: i64,
    },
    /// It was acknowledged, and the leader's log does not have it.
    Lost {
        acks: Acks,
    },
    /// It was appended once and cut off again; nobody was told that it is stored.
    Dropped,
    /// Nobody leads: nobody can say.
    Unknown,

    Has {
        node: NodeId,
        leader_epoch: i32,
        is_leader: bool,
    },
    /// Another record is at the offset.
    Differs {
        node: NodeId,
        leader_epoch: i32,
    },
    Lacks {
        node: NodeId,
        log_end_offset: i64,
        is_leader: bool,
    },
    Down {
        node: NodeId,
    },

    Appended {
        at: SimTime,
        node: NodeId,
        leader_epoch: i32,
    },
    Acknowledged {
        at: SimTime,
        acks: Acks,
    },
    /// A replica that was out of sync was elected.
    Unclean {
        at: SimTime,
        leader: NodeId,
    },
    /// The disk that it was on is lost, or the whole host is replaced by an empty one.
    DiskGone {
        at: SimTime,
        node: NodeId,
        replaced: bool,
    },
    /// A crash or a power loss left a replica without it.
    NotRecovered {
        at: SimTime,
        node: NodeId,
        log_end_offset: i64,
    },
    CutOff {
        at: SimTime,
        node: NodeId,
        to: i64,
        reason: TruncationReason,
    },
}

/// `None` if there is no such partition. `past` are the events of the run in order; without the
/// earlier ones less can be told.
pub fn fate<'e>(
    cluster: &Cluster,
    id: &TopicPartition,
    offset: i64,
    past: impl IntoIterator<Item = &'e Event>,
) -> Option<Vec<Fate>> {
    let registration = cluster.newest_metadata()?.partition(id)?;
    let story = Story::of(id, offset, past);
    let written = story.epoch();
    let replica = |node: NodeId| {
        let host = cluster.node(node)?;
        let partition = host.broker()?.replicas.partitions.get(id)?;
        Some((host, partition))
    };
    let mut rows = Vec::new();
    let mut leader_has = None;
    let mut verdict = Fate::Unknown;
    for &node in &registration.replicas {
        let Some((host, partition)) = replica(node) else {
            rows.push(Fate::Down { node });
            continue;
        };
        let log = &partition.log;
        let found = log.batches(&host.disk, offset).filter_map(Result::ok).next();
        let found = found.filter(|batch: &RecordBatch| batch.base_offset() <= offset);
        let is_leader = registration.leader == Some(node) && partition.is_leader();
        let epoch = found.map(|batch| batch.partition_leader_epoch());
        let is_it = epoch.is_some() && written.is_none_or(|written| epoch == Some(written));
        if is_leader {
            leader_has = Some(is_it);
            let (high_watermark, log_start_offset) = (log.high_watermark(), log.log_start_offset());
            verdict = if is_it && offset < high_watermark {
                Fate::Committed { high_watermark }
            } else if is_it {
                Fate::NotCommitted { high_watermark }
            } else if epoch.is_none() && offset < log.log_end_offset() {
                Fate::LetGo { log_start_offset }
            } else {
                Fate::NeverWritten { log_end_offset: log.log_end_offset() }
            };
        }
        rows.push(match epoch {
            Some(leader_epoch) if is_it => Fate::Has { node, leader_epoch, is_leader },
            Some(leader_epoch) => Fate::Differs { node, leader_epoch },
            None => Fate::Lacks { node, log_end_offset: log.log_end_offset(), is_leader },
        });
    }
    if leader_has == Some(false) && !matches!(verdict, Fate::LetGo { .. }) {
        match story.acks {
            Some(acks) => verdict = Fate::Lost { acks },
            None if story.appended => verdict = Fate::Dropped,
            None => {}
        }
    }
    let mut fates = vec![verdict];
    fates.extend(rows);
    fates.extend(story.told);
    Some(fates)
}

/// What happened at an offset, since a leader appended to it for the first time.
#[derive(Default)]
struct Story {
    told: Vec<Fate>,
    appended: bool,
    acks: Option<Acks>,
    /// The replicas that it was appended to.
    holders: BTreeSet<NodeId>,
}

impl Story {
    fn of<'e>(
        id: &TopicPartition,
        offset: i64,
        past: impl IntoIterator<Item = &'e Event>,
    ) -> Story {
        let mut story = Story::default();
        let is_part = |event: &&Event| match event.kind {
            EventKind::DiskLost { .. } | EventKind::BrokerReplaced { .. } => true,
            _ => event.kind.partition() == Some(id),
        };
        for event in past.into_iter().filter(is_part) {
            story.take_in(offset, event);
        }
        story
    }

    fn take_in(&mut self, offset: i64, event: &Event) {
        let at = event.at;
        let Some(node) = event.place.node() else {
            if let EventKind::RecordAcknowledged { offset: acknowledged, acks, .. } = event.kind
                && acknowledged == offset
                && self.appended
                && self.acks.is_none()
            {
                self.acks = Some(acks);
                self.told.push(Fate::Acknowledged { at, acks });
            }
            return;
        };
        match event.kind {
            EventKind::RecordsAppended {
                base_offset,
                last_offset,
                leader_epoch,
                role: Role::Leader,
                ..
            } if (base_offset..=last_offset).contains(&offset) && self.acks.is_none() => {
                // Once one is acknowledged, the story is about that one.
                self.appended = true;
                self.told.clear();
                self.told.push(Fate::Appended { at, node, leader_epoch });
                self.holders = BTreeSet::from([node]);
            }
            _ if !self.appended => {}
            EventKind::RecordsAppended { base_offset, last_offset, .. }
                if (base_offset..=last_offset).contains(&offset) =>
            {
                self.holders.insert(node);
            }
            EventKind::DiskLost { .. } if self.holders.remove(&node) => {
                self.told.push(Fate::DiskGone { at, node, replaced: false });
            }
            EventKind::BrokerReplaced { .. } if self.holders.remove(&node) => {
                self.told.push(Fate::DiskGone { at, node, replaced: true });
            }
            EventKind::LogTruncated { from, to, reason, .. } if (to..from).contains(&offset) => {
                self.told.push(Fate::CutOff { at, node, to, reason });
            }
            EventKind::LogRecovered { log_end_offset, .. } if log_end_offset <= offset => {
                self.told.push(Fate::NotRecovered { at, node, log_end_offset });
            }
            EventKind::LeaderElected { leader: Some(leader), unclean: true, .. } => {
                self.told.push(Fate::Unclean { at, leader });
            }
            _ => {}
        }
    }

    /// The epoch of the leader that appended it.
    fn epoch(&self) -> Option<i32> {
        self.told.iter().find_map(|fate| match fate {
            Fate::Appended { leader_epoch, .. } => Some(*leader_epoch),
            _ => None,
        })
    }
}

impl Fate {
    /// Whether it is bad news.
    pub fn is_loss(&self) -> bool {
        matches!(
            self,
            Fate::Lost { .. }
                | Fate::Unclean { .. }
                | Fate::DiskGone { .. }
                | Fate::NotRecovered { .. }
                | Fate::CutOff { .. }
                | Fate::Differs { .. }
        )
    }
}
