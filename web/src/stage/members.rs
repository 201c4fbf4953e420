//! Members of groups: a colour and a number for each, and with it a chip for each partition that it owns.
//! The same colour and number stand on the partition's strip.

use crate::app::App;
use crate::i18n::groups::GroupText;
use crate::i18n::{Lang, say, t};
use crate::view_model::curve::Rect;
use crate::view_model::groups::card::MemberView;
use crate::view_model::{ClientKindView, ClientView, PositionView, View, text_fit};
use kafkascope_engine::ids::TopicPartition;
use leptos::prelude::*;
use std::collections::BTreeMap;

const CHIP_HEIGHT: f64 = 16.0;

/// Shared by its card, its chips and its badges.
pub fn class_of(member: &MemberView) -> String {
    format!("member-{}", member.color())
}

fn positions(client: &ClientView) -> &[PositionView] {
    match &client.kind {
        ClientKindView::Consumer { positions, .. } => positions,
        ClientKindView::Producer { .. } => &[],
    }
}

/// What it says at the right of its name.
fn remark(client: &ClientView, lang: Lang) -> String {
    match &client.member {
        Some(member) if member.has_failed => t(lang, GroupText::Ended).to_string(),
        Some(member) if member.in_hand > 0 => {
            format!("{} {}", t(lang, GroupText::Busy), member.in_hand)
        }
        _ => String::new(),
    }
}

/// All that the card says, in words.
pub fn summary(client: &ClientView, lang: Lang) -> String {
    let Some(member) = &client.member else {
        return String::new();
    };
    let (group, number) = (&member.group, member.number);
    let mut parts =
        vec![say!(lang, "그룹 {group}의 {number}번 멤버", "member {number} of group {group}")];
    parts.push(match positions(client) {
        [] => t(lang, GroupText::Nothing).to_string(),
        owned => {
            let one = |p: &PositionView| match p.offset {
                Some(offset) => format!("{} @ {offset}, lag {}", p.partition, p.lag),
                None => p.partition.to_string(),
            };
            owned.iter().map(one).collect::<Vec<_>>().join("; ")
        }
    });
    parts.push(remark(client, lang));
    parts.retain(|part| !part.is_empty());
    parts.join(", ")
}

#[derive(Clone, Debug, PartialEq)]
struct Chip {
    text: String,
    x: f64,
    width: f64,
    is_behind: bool,
}

/// As many as fit; the last says how many do not.
fn chips(client: &ClientView, room: f64) -> Vec<Chip> {
    let owned = positions(client);
    let is_one_topic =
        owned.windows(2).all(|pair| pair[0].partition.topic == pair[1].partition.topic);
    let text = |position: &PositionView| match is_one_topic {
        true => position.partition.partition.to_string(),
        false => text_fit::fit(&position.partition.to_string(), 10.0, 54.0),
    };
    let mut chips: Vec<Chip> = Vec::new();
    let mut x = 0.0;
    for (index, position) in owned.iter().enumerate() {
        let text = text(position);
        let width = (text_fit::width(&text, 10.0) + 10.0).max(20.0);
        let is_last = index + 1 == owned.len();
        if x + width + if is_last { 0.0 } else { 26.0 } > room {
            let text = format!("+{}", owned.len() - index);
            chips.push(Chip { text, x, width: 22.0, is_behind: false });
            break;
        }
        chips.push(Chip { text, x, width, is_behind: position.lag > 0 });
        x += width + 3.0;
    }
    chips
}

pub fn inside(app: App, client: Memo<Option<ClientView>>, rect: Memo<Rect>) -> AnyView {
    let number =
        move || client.with(|c| c.as_ref()?.member.as_ref().map(|m| m.number)).unwrap_or(1);
    let remark = Memo::new(move |_| {
        let lang = app.lang.get();
        client.with(|client| client.as_ref().map(|c| remark(c, lang)).unwrap_or_default())
    });
    let width = move || rect.get().width;
    let name = Memo::new(move |_| {
        let room = width() - 38.0 - text_fit::width(&remark.get(), 10.0);
        client.with(|c| c.as_ref().map(|c| text_fit::fit(&c.name, 12.0, room)).unwrap_or_default())
    });
    let lag = Memo::new(move |_| {
        client.with(|client| {
            client.as_ref().map_or(0, |c| positions(c).iter().map(|p| p.lag).sum::<i64>())
        })
    });
    let lag_text = move || if lag.get() > 0 { format!("lag {}", lag.get()) } else { String::new() };
    let shown = Memo::new(move |_| {
        let room = width() - 20.0 - text_fit::width(&lag_text(), 10.0) - 6.0;
        client.with(|client| client.as_ref().map(|c| chips(c, room)).unwrap_or_default())
    });
    let chip = |chip: Chip| {
        view! {
            <g class="member-chip" class:is-behind=chip.is_behind transform=format!("translate({:.1} 0)", chip.x)>
                <rect rx="4" width=chip.width height=CHIP_HEIGHT />
                <text x=chip.width / 2.0 y="12" text-anchor="middle">{chip.text}</text>
            </g>
        }
    };
    view! {
        <circle class="member-dot" cx="17" cy="15" r="8" />
        <text class="member-number" x="17" y="19" text-anchor="middle">{number}</text>
        <text class="member-name" x="30" y="19">{name}</text>
        <text class="member-remark" x=move || width() - 9.0 y="19" text-anchor="end">{remark}</text>
        <g transform="translate(9 25)">
            {move || shown.get().into_iter().map(chip).collect_view()}
            <Show when=move || shown.with(Vec::is_empty)>
                <text class="member-none" x="0" y="12">{move || text_fit::fit(t(app.lang.get(), GroupText::Nothing), 10.0, width() - 16.0)}</text>
            </Show>
        </g>
        <text class="member-lag" x=move || width() - 9.0 y="37" text-anchor="end">{lag_text}</text>
    }
    .into_any()
}

/// Whose a partition is, where its leader stands: a colour and a number for each group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Badge {
    pub number: usize,
    pub class: String,
}

/// More owners of a partition, one for each group, are not shown on its strip.
const BADGES_MAX: usize = 2;

/// Of every partition that a member owns.
pub fn badges(view: &View) -> BTreeMap<TopicPartition, Vec<Badge>> {
    let mut badges: BTreeMap<TopicPartition, Vec<Badge>> = BTreeMap::new();
    for client in view.clients.iter().filter(|client| !client.closed) {
        let Some(member) = &client.member else {
            continue;
        };
        for position in positions(client) {
            let own = badges.entry(position.partition.clone()).or_default();
            if own.len() < BADGES_MAX {
                own.push(Badge { number: member.number, class: class_of(member) });
            }
        }
    }
    badges
}

pub const BADGE_WIDTH: f64 = 17.0;

pub fn badge(badge: Badge, x: f64, y: f64) -> AnyView {
    view! {
        <g class=format!("owner-badge {}", badge.class) transform=format!("translate({x:.1} {y:.1})")>
            <circle class="member-dot" r="7" />
            <text class="member-number" y="3.5" text-anchor="middle">{badge.number}</text>
        </g>
    }
    .into_any()
}
