//! What a strip says of its replica beside its name, in as many words as there is room for: what is wrong
//! with it or its partition, whether it is being moved, whether it may lead all the same.

use super::logs::trouble_name;
use super::members::{self, Badge};
use crate::app::App;
use crate::i18n::stage::StageText;
use crate::i18n::{Lang, say, t};
use crate::view_model::moving::Moving;
use crate::view_model::{PartitionView, ReplicaRole, ReplicaView, text_fit};
use kafkascope_engine::ids::{NodeId, TopicPartition};
use kafkascope_engine::metrics::Trouble;
use leptos::prelude::*;

/// Room for the sign that stands for a tag where no word fits.
pub const SIGN_WIDTH: f64 = 12.0;
const TYPE_SIZE: f64 = 10.5;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tag {
    /// With so many records less than the leader.
    OutOfIsr {
        behind: i64,
    },
    /// Out of the ISR, and known to hold all that is committed: one of the ELR.
    Eligible,
    /// It led last, and nobody does now.
    LedLast,
    /// Of a replica whose partition nobody leads.
    NoLeader,
    /// It takes itself for the leader, and the metadata name another.
    Stale {
        epoch: i32,
    },
    Troubled {
        trouble: Trouble,
        isr: usize,
        all: usize,
        min: usize,
    },
    Cut {
        to: i64,
    },
    Moving(Moving),
}

/// What is to be noted of a replica, if anything is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    pub node: NodeId,
    pub partition: TopicPartition,
    pub moving: Option<Moving>,
    pub tag: Option<Tag>,
    /// Whose the partition is in each group, on its leader.
    pub owners: Vec<Badge>,
}

/// Of all that are drawn; of a cluster where all is well there is none.
pub fn notes(app: App) -> Memo<Vec<Note>> {
    Memo::new(move |_| {
        app.view.with(|view| {
            let replicas =
                view.brokers().flat_map(|node| node.replicas.iter().map(|r| (node.id, r)));
            let owners = members::badges(view);
            let note = |(node, replica): (NodeId, &ReplicaView)| {
                let moving = view.moving(node, &replica.partition);
                let tag = Tag::of(node, replica, view.partition(&replica.partition), moving);
                let partition = replica.partition.clone();
                let is_leader = replica.role == ReplicaRole::Leader;
                let owners = owners.get(&partition).filter(|_| is_leader);
                let owners = owners.cloned().unwrap_or_default();
                let says_nothing = tag.is_none() && moving.is_none() && owners.is_empty();
                (!says_nothing).then_some(Note { node, partition, moving, tag, owners })
            };
            replicas.filter_map(note).collect()
        })
    })
}

impl Tag {
    /// A follower says how it is itself, a leader how its partition is.
    fn of(
        node: NodeId,
        replica: &ReplicaView,
        partition: Option<&PartitionView>,
        moving: Option<Moving>,
    ) -> Option<Tag> {
        if let Some(cut) = replica.cut {
            return Some(Tag::Cut { to: cut.to });
        }
        let partition = partition?;
        let troubled = |trouble| Tag::Troubled {
            trouble,
            isr: partition.isr.len(),
            all: partition.replicas.len() - partition.adding.len(),
            min: partition.min_insync_replicas,
        };
        let moving = moving.map(Tag::Moving);
        match (replica.role, partition.trouble) {
            (ReplicaRole::Leader, _) if partition.leader != Some(node) => {
                Some(Tag::Stale { epoch: replica.leader_epoch })
            }
            _ if partition.elr.contains(&node) => Some(Tag::Eligible),
            _ if partition.last_known_elr.contains(&node) => Some(Tag::LedLast),
            (ReplicaRole::Offline, _) => moving,
            (_, Some(Trouble::Offline)) => Some(Tag::NoLeader),
            (ReplicaRole::Leader, Some(trouble @ Trouble::UnderMinIsr)) => Some(troubled(trouble)),
            _ if moving.is_some() => moving,
            (ReplicaRole::Leader, trouble) => trouble.map(troubled),
            (ReplicaRole::Follower, _) => (!replica.in_isr).then(|| {
                let behind = (partition.log_end_offset - replica.log_end_offset).max(0);
                Tag::OutOfIsr { behind }
            }),
        }
    }

    pub fn class(self) -> &'static str {
        match self {
            Tag::NoLeader
            | Tag::Stale { .. }
            | Tag::Cut { .. }
            | Tag::Troubled { trouble: Trouble::UnderMinIsr, .. } => "strip-tag is-bad",
            Tag::Eligible => "strip-tag is-eligible",
            Tag::Moving(Moving::Adding(_)) => "strip-tag is-adding",
            Tag::Moving(Moving::Removing) => "strip-tag is-removing",
            Tag::OutOfIsr { .. } | Tag::LedLast | Tag::Troubled { .. } => "strip-tag",
        }
    }

    /// Where there is no room for a word.
    fn sign(self) -> &'static str {
        match self {
            Tag::Moving(Moving::Adding(_)) => "+",
            Tag::Moving(Moving::Removing) => "−",
            _ => "!",
        }
    }

    /// As much of it as there is room for.
    pub fn that_fits(self, lang: Lang, room: f64) -> String {
        let mut words = self.words(lang).into_iter();
        let fitting = words.find(|words| text_fit::width(words, TYPE_SIZE) <= room);
        fitting.unwrap_or_else(|| self.sign().to_string())
    }

    /// The whole, and what is left of it where there is less room.
    pub fn words(self, lang: Lang) -> [String; 2] {
        let same = |words: String| [words.clone(), words];
        match self {
            Tag::OutOfIsr { behind: 0 } => same(t(lang, StageText::OutOfIsr).to_string()),
            Tag::OutOfIsr { behind } => {
                let out = t(lang, StageText::OutOfIsr);
                [say!(lang, "{out} · {behind}개 뒤", "{out} · {behind} behind"), out.to_string()]
            }
            Tag::Eligible => [t(lang, StageText::Eligible).to_string(), "ELR".to_string()],
            Tag::LedLast => same(t(lang, StageText::LedLast).to_string()),
            Tag::NoLeader => same(trouble_name(Trouble::Offline).to_string()),
            Tag::Stale { epoch } => {
                same(say!(lang, "옛 리더(e{epoch})", "stale leader (e{epoch})"))
            }
            Tag::Cut { to } => same(say!(lang, "{to}부터 자름", "cut at {to}")),
            Tag::Troubled { trouble, isr, all, min } => {
                let count = match trouble {
                    Trouble::UnderMinIsr => format!("ISR {isr} < min {min}"),
                    Trouble::AtMinIsr => format!("ISR {isr} = min {min}"),
                    _ => format!("ISR {isr}/{all}"),
                };
                [format!("{} · {count}", trouble_name(trouble)), count]
            }
            Tag::Moving(Moving::Adding(copied)) => {
                let percent = copied.percent();
                [say!(lang, "추가 중 {percent}%", "adding {percent}%"), format!("+{percent}%")]
            }
            Tag::Moving(Moving::Removing) => {
                let word = t(lang, StageText::Removing).to_string();
                [word, "−".to_string()]
            }
        }
    }
}
