//! One replica as a strip: its name, its role, what is wrong with it, and the tray for its records. What
//! is in the tray is in [`super::cells`] and [`super::marks`].

use super::StageContext;
use super::cells::Cells;
use super::copying::Copying;
use super::epochs::Epochs;
use super::leaving::CutOff;
use super::marks::{Marks, marks_width};
use super::members::{self, BADGE_WIDTH, Badge};
use super::rove;
use super::tag::{self, Tag};
use crate::app::App;
use crate::i18n::stage::StageText;
use crate::i18n::{say, t};
use crate::panel::topic_commands::Kind;
use crate::view_model::layout::strip::{Density, LINE_NAME};
use crate::view_model::layout::{NodeBox, StripBox};
use crate::view_model::moving::Moving;
use crate::view_model::{Cell, NodeView, ReplicaRole, ReplicaView, Selection, text_fit};
use kafkascope_engine::ids::{NodeId, TopicPartition};
use kafkascope_engine::metrics::Trouble;
use leptos::prelude::*;

/// A strip and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Drawn {
    pub replica: ReplicaView,
    pub place: StripBox,
    pub moving: Option<Moving>,
    pub tag: Option<Tag>,
    pub owners: Vec<Badge>,
}

impl Drawn {
    /// Left end of the cells, from the left end of the strip.
    pub fn cells_left(&self) -> f64 {
        if self.place.density == Density::Line { LINE_NAME } else { 0.0 }
    }

    pub fn cells_width(&self) -> f64 {
        self.place.slots as f64 * self.place.pitch
    }

    pub fn tray_height(&self) -> f64 {
        let density = self.place.density;
        density.cell_height() + if density == Density::Line { 6.0 } else { 10.0 }
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
    /// Its node; strips of other nodes are not looked at when this one changes.
    host: Memo<Option<NodeView>>,
    place: Memo<Option<NodeBox>>,
) -> impl IntoView {
    let app = expect_context::<App>();
    let stage = expect_context::<StageContext>();
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
        let replica = host.with(|host| host.as_ref()?.replica(&id).cloned())?;
        let (moving, tag, owners) = stage.notes.with(|notes| {
            let note = notes.iter().find(|note| note.node == node && note.partition == id);
            note.map_or((None, None, Vec::new()), |note| {
                (note.moving, note.tag, note.owners.clone())
            })
        });
        Some(Drawn { replica, place, moving, tag, owners })
    });
    let badges = Memo::new(move |_| {
        drawn.with(|drawn| drawn.as_ref().map(|drawn| drawn.owners.clone()).unwrap_or_default())
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
        drawn.with(|drawn| match drawn.as_ref().map(|drawn| (&drawn.replica, drawn.moving)) {
            Some((replica, _)) if replica.role == ReplicaRole::Offline => "strip is-offline",
            Some((_, Some(Moving::Adding(_)))) => "strip is-adding",
            Some((_, Some(Moving::Removing))) => "strip is-removing",
            Some((replica, _)) if !replica.in_isr => "strip is-out-of-isr",
            _ => "strip",
        })
    };
    let name = partition.to_string();
    let label = {
        let name = name.clone();
        move || {
            let lang = app.lang.get();
            drawn.with(|drawn| {
                let Some(Drawn { replica, tag, .. }) = drawn else {
                    return String::new();
                };
                let role = t(lang, role_text(replica.role));
                let (hw, leo) = (replica.high_watermark, replica.log_end_offset);
                let mut words = say!(
                    lang,
                    "{node}의 {name}, {role}, HW {hw}, LEO {leo}",
                    "{name} on {node}, {role}, HW {hw}, LEO {leo}"
                );
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
        // Once it is selected, another click asks what can be done to it.
        if is_selected.get_untracked() {
            let id = selection.partition().cloned();
            app.topic_commands.open_on(app, Kind::Reassign, id);
        }
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
            <g class="stage-words" aria-hidden="true">{frame(app, drawn, badges, partition.to_string(), format!("tag-{node}-{partition}"))}</g>
            <Epochs node partition=partition.clone() drawn />
            <Cells node partition=partition.clone() drawn />
            <CutOff node partition=partition.clone() drawn />
            <Copying node partition=partition.clone() drawn />
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

/// What tools for Kafka call it.
pub fn trouble_name(trouble: Trouble) -> &'static str {
    match trouble {
        Trouble::Offline => "Offline",
        Trouble::UnderMinIsr => "Under min ISR",
        Trouble::AtMinIsr => "At min ISR",
        Trouble::UnderReplicated => "Under-replicated",
    }
}

/// The tray, the name, the role and the tag.
fn frame(
    app: App,
    drawn: Memo<Option<Drawn>>,
    badges: Memo<Vec<Badge>>,
    name: String,
    testid: String,
) -> AnyView {
    let of = move |f: fn(&Drawn) -> f64| drawn.with(|drawn| drawn.as_ref().map_or(0.0, f));
    let density =
        Memo::new(move |_| drawn.with(|d| d.as_ref().map_or(Density::Full, |d| d.place.density)));
    let role = Memo::new(move |_| {
        drawn.with(|d| d.as_ref().map_or(ReplicaRole::Offline, |d| d.replica.role))
    });
    let tag = Memo::new(move |_| drawn.with(|drawn| drawn.as_ref()?.tag));
    let width = move || of(|drawn| drawn.place.rect.width);
    // What stands at the left of the row: the name and, where there is less room, the tag behind it.
    let left_room = move || match density.get() {
        Density::Line => LINE_NAME - 18.0,
        // The marks and the role stand in the same row.
        Density::Compact => width() - marks_width(width()) - 30.0,
        Density::Full => width() * 0.45,
    };
    let name_room = move || match (density.get(), tag.get()) {
        (Density::Full, _) | (_, None) => left_room(),
        _ => left_room() - tag::SIGN_WIDTH,
    };
    let badges_width = move || match density.get() {
        Density::Line => 0.0,
        _ => badges.with(Vec::len) as f64 * BADGE_WIDTH,
    };
    let name_width = {
        let name = name.clone();
        move || {
            let badges = badges_width();
            text_fit::width(&name, 12.0).min(name_room() - badges) + badges
        }
    };
    let badge_right = name_width.clone();
    let tag_text = Memo::new({
        let name_width = name_width.clone();
        move |_| {
            let room = match density.get() {
                Density::Full => width() - 34.0 - name_width(),
                Density::Compact => left_room() - name_width() - 8.0,
                Density::Line => 0.0,
            };
            tag.get().map(|tag| tag.that_fits(app.lang.get(), room)).unwrap_or_default()
        }
    });
    let tag_place = move || match density.get() {
        Density::Full => (width() - 28.0, "end"),
        Density::Compact => (name_width() + 8.0, "start"),
        Density::Line => (LINE_NAME - 19.0, "end"),
    };
    let place = Memo::new(move |_| tag_place());
    let name_baseline = move || match density.get() {
        Density::Full => 13.0,
        Density::Compact => 12.0,
        Density::Line => 14.0,
    };
    view! {
        <text class="strip-name" x="0" y=name_baseline>
            {move || text_fit::fit(&name, 12.0, name_room() - badges_width())}
        </text>
        {move || {
            let own = badges.get();
            // Behind the name, or before the whole row, where only one has room.
            let (left, most) = match density.get() {
                Density::Line => (-BADGE_WIDTH, 1),
                _ => (badge_right() - badges_width(), own.len()),
            };
            let at = move |(n, badge)| members::badge(badge, left + 10.0 + n as f64 * BADGE_WIDTH, name_baseline() - 4.0);
            own.into_iter().take(most).enumerate().map(at).collect_view()
        }}
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
        <Show when=move || tag.get().is_some()>
            <text
                class=move || tag.get().map_or("strip-tag", Tag::class)
                data-testid=testid.clone()
                x=move || place.get().0
                y=name_baseline
                text-anchor=move || place.get().1
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
            height=move || of(Drawn::tray_height)
        />
    }
    .into_any()
}
