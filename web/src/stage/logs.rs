//! One replica as a strip: its name, its role, what is wrong with it, and the tray for its records. What
//! is in the tray is in [`super::cells`] and [`super::marks`].

use super::cells::Cells;
use super::epochs::Epochs;
use super::leaving::CutOff;
use super::marks::{Marks, marks_width};
use super::rove;
use crate::app::App;
use crate::i18n::stage::StageText;
use crate::i18n::{Lang, say, t};
use crate::view_model::layout::strip::{Density, LINE_NAME};
use crate::view_model::layout::{NodeBox, StripBox};
use crate::view_model::{Cell, PartitionView, ReplicaRole, ReplicaView, Selection, text_fit};
use kafkascope_engine::ids::{NodeId, TopicPartition};
use kafkascope_engine::metrics::Trouble;
use leptos::prelude::*;

/// A strip and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Drawn {
    pub replica: ReplicaView,
    pub place: StripBox,
}

impl Drawn {
    /// Left end of the cells, from the left end of the strip.
    pub fn cells_left(&self) -> f64 {
        if self.place.density == Density::Line { LINE_NAME } else { 0.0 }
    }

    pub fn cells_width(&self) -> f64 {
        self.place.slots as f64 * self.place.pitch
    }

    pub fn is_shown(&self, cell: &Cell) -> bool {
        let last = self.place.first_offset + self.place.slots as i64;
        (self.place.first_offset..last).contains(&cell.offset)
    }
}

#[component]
pub fn Strip(
    node: NodeId,
    partition: TopicPartition,
    place: Memo<Option<NodeBox>>,
) -> impl IntoView {
    let app = expect_context::<App>();
    let id = partition.clone();
    let drawn = Memo::new(move |_| {
        let place = place.with(|place| {
            place.as_ref().and_then(|place| {
                let strip = place.strips.iter().find(|strip| strip.partition == id)?.clone();
                // Cabinets draw around their own origin.
                let (dx, dy) = (place.rect.x, place.rect.y);
                let rect = crate::view_model::curve::Rect {
                    x: strip.rect.x - dx,
                    y: strip.rect.y - dy,
                    ..strip.rect
                };
                Some(StripBox { rect, ..strip })
            })
        })?;
        let replica = app.view.with(|view| view.node(node)?.replica(&id).cloned())?;
        Some(Drawn { replica, place })
    });
    let selection = Selection::Replica { node, partition: partition.clone() };
    let is_selected = {
        let selection = selection.clone();
        Memo::new(move |_| app.selection.with(|selected| *selected == selection))
    };
    let origin = move || {
        drawn.with(|drawn| {
            let (x, y) = drawn.as_ref().map_or((0.0, 0.0), |d| (d.place.rect.x, d.place.rect.y));
            format!("translate({x:.1} {y:.1})")
        })
    };
    let class = move || {
        drawn.with(|drawn| match drawn.as_ref().map(|drawn| &drawn.replica) {
            Some(replica) if replica.role == ReplicaRole::Offline => "strip is-offline",
            Some(replica) if !replica.in_isr => "strip is-out-of-isr",
            _ => "strip",
        })
    };
    let name = partition.to_string();
    let label = {
        let name = name.clone();
        move || {
            let lang = app.lang.get();
            drawn.with(|drawn| {
                let Some(Drawn { replica, .. }) = drawn else {
                    return String::new();
                };
                let role = t(lang, role_text(replica.role));
                let (hw, leo) = (replica.high_watermark, replica.log_end_offset);
                let mut words = say!(
                    lang,
                    "{node}의 {name}, {role}, HW {hw}, LEO {leo}",
                    "{name} on {node}, {role}, HW {hw}, LEO {leo}"
                );
                let tag = app
                    .view
                    .with(|view| Tag::of(node, replica, view.partition(&replica.partition)));
                if let Some([tag, _]) = tag.map(|tag| tag.words(lang)) {
                    words += &format!(", {tag}");
                }
                if let Some(offset) = replica.diverges_at {
                    words += &say!(
                        lang,
                        ", 오프셋 {offset}부터 다른 레플리카와 다름",
                        ", differs from another replica from offset {offset} on"
                    );
                }
                words
            })
        }
    };
    let select = move |event: web_sys::MouseEvent| {
        event.stop_propagation();
        app.actions_open.set(false);
        app.selection.set(selection.clone());
    };
    view! {
        <g transform=origin class=class class:selected=is_selected>
            <g
                class=format!("strip-face {}", rove::CLASS)
                role="button"
                tabindex="-1"
                aria-label=label
                data-testid=format!("replica-{node}-{partition}")
                on:click=select
            >
                <rect
                    class="strip-hit"
                    x="-4"
                    y="-2"
                    rx="6"
                    width=move || drawn.with(|d| d.as_ref().map_or(0.0, |d| d.place.rect.width)) + 8.0
                    height=move || drawn.with(|d| d.as_ref().map_or(0.0, |d| d.place.rect.height)) + 4.0
                />
            </g>
            <g class="stage-words" aria-hidden="true">{frame(app, node, drawn, partition.to_string())}</g>
            <Epochs node partition=partition.clone() drawn />
            <Cells node partition=partition.clone() drawn />
            <CutOff node partition=partition.clone() drawn />
            <Marks node partition drawn />
        </g>
    }
    .into_any()
}

pub fn role_text(role: ReplicaRole) -> StageText {
    match role {
        ReplicaRole::Leader => StageText::Leader,
        ReplicaRole::Follower => StageText::Follower,
        ReplicaRole::Offline => StageText::Offline,
    }
}

pub fn role_letter(role: ReplicaRole) -> &'static str {
    match role {
        ReplicaRole::Leader => "L",
        ReplicaRole::Follower => "F",
        ReplicaRole::Offline => "×",
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tag {
    OutOfIsr,
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
}

impl Tag {
    fn of(node: NodeId, replica: &ReplicaView, partition: Option<&PartitionView>) -> Option<Tag> {
        if let Some(cut) = replica.cut {
            return Some(Tag::Cut { to: cut.to });
        }
        let partition = partition?;
        let (isr, all, min) =
            (partition.isr.len(), partition.replicas.len(), partition.min_insync_replicas);
        match (replica.role, partition.trouble) {
            (ReplicaRole::Offline, _) => None,
            (ReplicaRole::Leader, _) if partition.leader != Some(node) => {
                Some(Tag::Stale { epoch: replica.leader_epoch })
            }
            (_, Some(Trouble::Offline)) => Some(Tag::NoLeader),
            (ReplicaRole::Follower, _) if !replica.in_isr => Some(Tag::OutOfIsr),
            (ReplicaRole::Leader, Some(trouble)) => Some(Tag::Troubled { trouble, isr, all, min }),
            _ => None,
        }
    }

    fn is_bad(self) -> bool {
        matches!(
            self,
            Tag::NoLeader
                | Tag::Stale { .. }
                | Tag::Cut { .. }
                | Tag::Troubled { trouble: Trouble::UnderMinIsr, .. }
        )
    }

    /// The whole, and what is left of it where there is less room.
    fn words(self, lang: Lang) -> [String; 2] {
        match self {
            Tag::OutOfIsr => {
                let out = t(lang, StageText::OutOfIsr).to_string();
                [out.clone(), out]
            }
            Tag::NoLeader => {
                let name = trouble_name(Trouble::Offline).to_string();
                [name.clone(), name]
            }
            Tag::Stale { epoch } => {
                let stale = say!(lang, "옛 리더(e{epoch})", "stale leader (e{epoch})");
                [stale.clone(), stale]
            }
            Tag::Cut { to } => {
                let cut = say!(lang, "{to}부터 자름", "cut at {to}");
                [cut.clone(), cut]
            }
            Tag::Troubled { trouble, isr, all, min } => {
                let count = match trouble {
                    Trouble::UnderMinIsr => format!("ISR {isr} < min {min}"),
                    Trouble::AtMinIsr => format!("ISR {isr} = min {min}"),
                    _ => format!("ISR {isr}/{all}"),
                };
                [format!("{} · {count}", trouble_name(trouble)), count]
            }
        }
    }
}

/// What tools for Kafka call it.
pub fn trouble_name(trouble: Trouble) -> &'static str {
    match trouble {
        Trouble::Offline => "Offline",
        Trouble::UnderMinIsr => "Under min ISR",
        Trouble::AtMinIsr => "At min ISR",
        Trouble::UnderReplicated => "Under-replicated",
    }
}

/// The tray, the name and the role.
fn frame(app: App, node: NodeId, drawn: Memo<Option<Drawn>>, name: String) -> AnyView {
    let of = move |f: fn(&Drawn) -> f64| drawn.with(|drawn| drawn.as_ref().map_or(0.0, f));
    let density =
        Memo::new(move |_| drawn.with(|d| d.as_ref().map_or(Density::Full, |d| d.place.density)));
    let role = Memo::new(move |_| {
        drawn.with(|d| d.as_ref().map_or(ReplicaRole::Offline, |d| d.replica.role))
    });
    let width = move || of(|drawn| drawn.place.rect.width);
    let name_room = move || match density.get() {
        Density::Line => LINE_NAME - 20.0,
        // The marks and the role stand in the same row.
        Density::Compact => width() - marks_width(width()) - 30.0,
        Density::Full => width() * 0.45,
    };
    // A follower says that it is out of the ISR, a leader how its partition is.
    let tag = Memo::new(move |_| {
        drawn.with(|drawn| {
            let replica = &drawn.as_ref()?.replica;
            app.view.with(|view| Tag::of(node, replica, view.partition(&replica.partition)))
        })
    });
    let tag_text = Memo::new({
        let name = name.clone();
        move |_| {
            let room = width() - 34.0 - text_fit::width(&name, 12.0).min(name_room());
            let words = tag.get().map(|tag| tag.words(app.lang.get()));
            let [whole, short] = words.unwrap_or_default();
            if text_fit::width(&whole, 10.5) <= room { whole } else { short }
        }
    });
    let name_baseline = move || match density.get() {
        Density::Full => 13.0,
        Density::Compact => 12.0,
        Density::Line => 14.0,
    };
    view! {
        <text class="strip-name" x="0" y=name_baseline>
            {move || text_fit::fit(&name, 12.0, name_room())}
        </text>
        <Show when=move || density.get() == Density::Line>
            <text class="line-role" class:is-leader=move || role.get() == ReplicaRole::Leader x=LINE_NAME - 8.0 y=name_baseline text-anchor="end">
                {move || role_letter(role.get())}
            </text>
        </Show>
        <Show when=move || density.get() != Density::Line>
            <g transform=move || format!("translate({:.1} {:.1})", width() - 22.0, name_baseline() - 12.0)>
                <rect class="role-badge" class:is-leader=move || role.get() == ReplicaRole::Leader width="22" height="16" rx="5" />
                <text class="role-letter" class:is-leader=move || role.get() == ReplicaRole::Leader x="11" y="12" text-anchor="middle">
                    {move || role_letter(role.get())}
                </text>
            </g>
        </Show>
        <Show when=move || { tag.get().is_some() && density.get() == Density::Full }>
            <text
                class="strip-tag"
                class:is-bad=move || tag.get().is_some_and(Tag::is_bad)
                x=move || width() - 28.0
                y=name_baseline
                text-anchor="end"
            >
                {tag_text}
            </text>
        </Show>
        <rect
            class="tray"
            rx="7"
            x=move || of(|d| d.cells_left() - 3.0)
            y=move || of(|d| d.place.density.cells_top() - 3.0)
            width=move || of(|d| d.cells_width() + 6.0)
            height=move || of(|d| d.place.density.cell_height() + if d.place.density == Density::Line { 6.0 } else { 10.0 })
        />
    }
    .into_any()
}
