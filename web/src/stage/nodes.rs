//! Brokers and the controller as cabinets: who they are, how they are, and how much of what they
//! hold would not survive a power loss. Their logs are in [`super::logs`].

use super::logs::Strip;
use super::shapes::{hatch, state_icon};
use super::{StageContext, rove};
use crate::app::{App, Tab};
use crate::i18n::stage::StageText;
use crate::i18n::{format, say, t};
use crate::view_model::layout::{NodeBox, PAD};
use crate::view_model::{NodeState, NodeView, QuorumView, Selection, text_fit};
use kafkascope_engine::command::DiskFault;
use kafkascope_engine::ids::NodeId;
use kafkascope_engine::script::print::faults::disk_text;
use kafkascope_engine::sim::disk::DiskCondition;
use leptos::prelude::*;

/// Narrower controllers say role and log in two lines.
const ONE_LINE_FROM: f64 = 130.0;

pub fn state_text(state: NodeState) -> StageText {
    match state {
        NodeState::Starting => StageText::Starting,
        NodeState::Running => StageText::Running,
        NodeState::Fenced => StageText::Fenced,
        NodeState::Unregistered => StageText::Unregistered,
        NodeState::Stopping => StageText::Stopping,
        NodeState::Paused => StageText::Paused,
        NodeState::Down => StageText::Down,
        NodeState::NoPower => StageText::NoPower,
    }
}

pub fn state_class(state: NodeState) -> &'static str {
    match state {
        NodeState::Running => "is-running",
        NodeState::Starting => "is-starting",
        NodeState::Fenced => "is-fenced",
        NodeState::Unregistered => "is-unregistered",
        NodeState::Stopping => "is-stopping",
        NodeState::Paused => "is-paused",
        NodeState::Down => "is-down",
        NodeState::NoPower => "is-unpowered",
    }
}

#[component]
pub fn Nodes() -> impl IntoView {
    let stage = expect_context::<StageContext>();
    let ids = Memo::new(move |_| {
        stage.layout.with(|layout| layout.nodes.iter().map(|node| node.id).collect::<Vec<_>>())
    });
    view! {
        <g class="layer-nodes">
            <For each=move || ids.get() key=|id| *id let:id>
                <Cabinet id />
            </For>
        </g>
    }
    .into_any()
}

#[component]
fn Cabinet(id: NodeId) -> impl IntoView {
    let app = expect_context::<App>();
    let stage = expect_context::<StageContext>();
    let node = Memo::new(move |_| app.view.with(|view| view.node(id).cloned()));
    let place = Memo::new(move |_| stage.layout.with(|layout| layout.node(id).cloned()));
    let state = Memo::new(move |_| node.with(|n| n.as_ref().map_or(NodeState::Down, |n| n.state)));
    let selected = Memo::new(move |_| app.selection.with(|s| *s == Selection::Broker(id)));
    let size = Memo::new(move |_| {
        place.with(|place| place.as_ref().map_or((0.0, 0.0), |p| (p.rect.width, p.rect.height)))
    });
    let is_low = Memo::new(move |_| place.with(|place| place.as_ref().is_some_and(|p| p.is_low)));
    let leads_quorum = Memo::new(move |_| {
        node.with(|node| {
            node.as_ref().and_then(|node| node.quorum.as_ref()).is_some_and(|q| q.is_active)
        })
    });
    let origin = move || {
        place.with(|place| {
            let (x, y) = place.as_ref().map_or((0.0, 0.0), |p| (p.rect.x, p.rect.y));
            format!("translate({x:.1} {y:.1})")
        })
    };
    let select = move |_| {
        let again = app.selection.with_untracked(|s| *s == Selection::Broker(id));
        app.actions_open.update(|open| *open = !(again && *open));
        app.selection.set(Selection::Broker(id));
    };
    let label = move || {
        let lang = app.lang.get();
        let state = t(lang, state_text(state.get()));
        match node.with(|node| node.as_ref()?.rack.clone()) {
            _ if id.is_controller() && leads_quorum.get() => {
                format!("{id}, {state}, {}", t(lang, StageText::ActiveController))
            }
            Some(rack) => format!("{id}, {state}, {} {rack}", t(lang, StageText::Rack)),
            None => format!("{id}, {state}"),
        }
    };
    view! {
        <g transform=origin class=move || format!("cabinet {}", state_class(state.get()))
            class:selected=selected class:controller=id.is_controller() class:is-active=leads_quorum>
            <g
                class=format!("cabinet-face {}", rove::CLASS)
                role="button"
                tabindex="0"
                aria-label=label
                aria-pressed=move || selected.get().to_string()
                data-testid=id.to_string()
                data-state=move || state_class(state.get())
                on:click=select
            >
                <rect class="cabinet-body" rx="14" width=move || size.get().0 height=move || size.get().1 />
                <path
                    class="cabinet-hatch"
                    d=move || if state.get().has_process() { String::new() } else { hatch(size.get().0, size.get().1, 9.0) }
                />
            </g>
            <g class="stage-words" aria-hidden="true">
                {face(app, id, node, state, size, (is_low, leads_quorum))}
                {coordinates(app, id, node, place, is_low)}
            </g>
            <Strips id host=node place />
        </g>
    }
    .into_any()
}

/// What is written on a cabinet.
fn face(
    app: App,
    id: NodeId,
    node: Memo<Option<NodeView>>,
    state: Memo<NodeState>,
    size: Memo<(f64, f64)>,
    (is_low, leads_quorum): (Memo<bool>, Memo<bool>),
) -> AnyView {
    // The controller's cabinet is as low as a client's; a narrow one says what it is in two lines.
    let is_narrow = move || id.is_controller() && size.get().0 < ONE_LINE_FROM;
    let baseline = move || match (id.is_controller(), is_low.get()) {
        (true, _) if is_narrow() => (size.get().1 * 0.34).round(),
        (true, _) => (size.get().1 * 0.42).round(),
        (_, true) => 20.0,
        _ => 25.0,
    };
    // A broker that votes says what it is in the quorum.
    let word = move || match state.get() {
        NodeState::Running if !id.is_controller() => {
            node.with(|node| node.as_ref()?.quorum.as_ref().map(quorum_text)).unwrap_or_default()
        }
        NodeState::Running => String::new(),
        state => t(app.lang.get(), state_text(state)).to_string(),
    };
    // Only while it has something to say: what a power loss would take, or what waits in a socket.
    let bottom = move || {
        let lang = app.lang.get();
        node.with(|node| {
            let node = node.as_ref()?;
            Some(match (is_narrow(), &node.quorum) {
                (true, Some(quorum)) if node.disk == DiskCondition::Sound => {
                    let whole = quorum.role_text();
                    // Of very many controllers the role is what tells them apart.
                    let fits = text_fit::width(&whole, 11.0) <= size.get().0 - 2.0 * PAD + 6.0;
                    if fits { whole } else { quorum.role.to_string() }
                }
                _ => foot_text(node, lang),
            })
        })
        .unwrap_or_default()
    };
    let second_line = move || {
        let quorum = node.with(|node| node.as_ref()?.quorum.as_ref().map(QuorumView::log_text));
        quorum.filter(|_| is_narrow())
    };
    let dirty = move || node.with(|node| node.as_ref().is_some_and(|node| node.dirty_bytes > 0));
    let ill = move || {
        node.with(|node| node.as_ref().is_some_and(|node| node.disk != DiskCondition::Sound))
    };
    let head = move || {
        let room = size.get().0 - 2.0 * PAD - 20.0 - text_fit::width(&word(), 11.0);
        let name = id.to_string();
        // Where the name has no room, what tells it from the others has.
        if text_fit::width(&name, 13.0) <= room { name } else { id.0.to_string() }
    };
    // Its name alone where the word has no room beside it, and nothing where that has none.
    let rack = move || {
        let rack = node.with(|node| node.as_ref()?.rack.clone())?;
        // What stands at the other end of the line.
        let other = if is_low.get() && word().is_empty() { bottom() } else { word() };
        let taken = text_fit::width(&head(), 13.0) * 1.1 + text_fit::width(&other, 11.0);
        let room = size.get().0 - 2.0 * PAD - 33.0 - taken;
        let said = format!("{} {rack}", t(app.lang.get(), StageText::Rack));
        [said, rack.to_string()].into_iter().find(|text| text_fit::width(text, 11.0) <= room)
    };
    view! {
        <path
            class="state-icon"
            d=move || state_icon(state.get())
            transform=move || format!("translate({} {})", PAD + 5.0, baseline() - 4.5)
        />
        <text x=PAD + 17.0 y=baseline>
            <tspan class="cabinet-name">{head}</tspan>
            <tspan class="cabinet-rack" dx="8">{rack}</tspan>
        </text>
        <text class="state-word" class:leads-quorum=leads_quorum x=move || size.get().0 - PAD y=baseline text-anchor="end">{word}</text>
        <text
            class="cabinet-foot"
            class:has-dirty=dirty
            class:is-ill=ill
            x=move || if is_low.get() { size.get().0 - PAD } else { PAD }
            y=move || match (id.is_controller(), is_low.get()) {
                (true, _) if is_narrow() => (size.get().1 * 0.62).round(),
                (true, _) => (size.get().1 * 0.8).round(),
                (_, true) => baseline(),
                _ => size.get().1 - 12.0,
            }
            text-anchor=move || if is_low.get() { "end" } else { "start" }
        >
            {move || if is_low.get() && state.get() != NodeState::Running {
                String::new()
            } else {
                text_fit::fit(&bottom(), 11.0, size.get().0 - 2.0 * PAD + 6.0)
            }}
        </text>
        {move || second_line().map(|line| view! {
            <text class="cabinet-foot" x=PAD y=(size.get().1 * 0.88).round()>{line}</text>
        })}
    }
    .into_any()
}

/// Which groups it coordinates.
fn coordinates(
    app: App,
    id: NodeId,
    node: Memo<Option<NodeView>>,
    place: Memo<Option<NodeBox>>,
    is_low: Memo<bool>,
) -> AnyView {
    let groups = Memo::new(move |_| {
        app.view.with(|view| {
            let own = view.groups.iter().filter(|group| group.coordinator == Some(id));
            own.map(|group| group.id.to_string()).collect::<Vec<_>>().join(", ")
        })
    });
    let of_place = move |f: fn(&NodeBox) -> f64| place.with(|place| place.as_ref().map_or(0.0, f));
    let size = move || (of_place(|place| place.rect.width), of_place(|place| place.rect.height));
    let right_gap = move || of_place(|place| if place.strips_hidden > 0 { 30.0 } else { 0.0 });
    let text = move || {
        let lang = app.lang.get();
        groups.with(|groups| {
            let said = match groups.is_empty() {
                true => return String::new(),
                false => say!(lang, "◎ {groups} 코디네이터", "◎ coordinates {groups}"),
            };
            // The foot stands in the same row, and the number of strips that are not shown.
            let foot = node.with(|node| node.as_ref().map(|node| foot_text(node, lang)));
            let room =
                size().0 - 2.0 * PAD - 12.0 - text_fit::width(&foot.unwrap_or_default(), 11.0);
            let room = match is_low.get() {
                true => room - text_fit::width(&id.to_string(), 13.0) * 1.1 - 20.0,
                false => room - right_gap(),
            };
            if room < 24.0 {
                return String::new();
            }
            match text_fit::width(&said, 10.5) <= room {
                true => said,
                false => text_fit::fit(&format!("◎ {groups}"), 10.5, room),
            }
        })
    };
    let y = move || if is_low.get() { 20.0 } else { size().1 - 12.0 };
    // Beside the name, or at the other end of the foot.
    let x = move || match is_low.get() {
        true => PAD + 26.0 + text_fit::width(&id.to_string(), 13.0) * 1.1,
        false => size().0 - PAD - right_gap(),
    };
    view! {
        <text class="cabinet-coordinates" data-testid=format!("coordinates-{id}")
            x=x y=y text-anchor=move || if is_low.get() { "start" } else { "end" }>
            {text}
        </text>
    }
    .into_any()
}

impl QuorumView {
    fn role_text(&self) -> String {
        let QuorumView { role, epoch, .. } = self;
        format!("{role} · e{epoch}")
    }

    fn log_text(&self) -> String {
        let end = self.log_end_offset;
        match self.ballot {
            Some((granted, _, voters)) => format!("{granted}/{voters} · LEO {end}"),
            None => format!("LEO {end}"),
        }
    }
}

/// In a call for votes how many of the voters have granted theirs, else in which epoch it is.
fn quorum_text(quorum: &QuorumView) -> String {
    let role = quorum.role_text();
    match quorum.ballot {
        Some((granted, _, voters)) => format!("{role} · {granted}/{voters}"),
        None => role,
    }
}

fn foot_text(node: &NodeView, lang: crate::i18n::Lang) -> String {
    if node.disk != DiskCondition::Sound {
        let condition = disk_text(DiskFault::Becomes(node.disk));
        return format!("! {} {condition}", t(lang, StageText::DiskIs));
    }
    if node.id.is_controller() {
        let words = |quorum: &QuorumView| {
            format!("{} · LEO {}", quorum_text(quorum), quorum.log_end_offset)
        };
        return node.quorum.as_ref().map(words).unwrap_or_default();
    }
    if node.queued > 0 {
        return format!("{} {}", t(lang, StageText::InSocket), node.queued);
    }
    match node.dirty_bytes {
        0 => t(lang, StageText::AllDurable).to_string(),
        bytes => format!("{} {}", t(lang, StageText::PageCacheOnly), format::bytes(bytes)),
    }
}

#[component]
fn Strips(id: NodeId, host: Memo<Option<NodeView>>, place: Memo<Option<NodeBox>>) -> impl IntoView {
    let app = expect_context::<App>();
    let partitions = Memo::new(move |_| {
        place.with(|place| {
            let strips = place.as_ref().map_or(&[][..], |place| &place.strips);
            strips.iter().map(|strip| strip.partition.clone()).collect::<Vec<_>>()
        })
    });
    let hidden =
        Memo::new(move |_| place.with(|place| place.as_ref().map_or(0, |p| p.strips_hidden)));
    let size = move || {
        place.with(|place| place.as_ref().map_or((0.0, 0.0), |p| (p.rect.width, p.rect.height)))
    };
    let empty = move || !id.is_controller() && partitions.with(Vec::is_empty);
    // One that was replaced, or lost its disk, has replicas by the metadata alone.
    let why_empty = move || {
        let lang = app.lang.get();
        app.view.with(|view| {
            let lacks = view.partitions.iter().filter(|p| p.replicas.contains(&id)).count();
            match (view.topics.is_empty(), lacks) {
                (true, _) => t(lang, StageText::Empty).to_string(),
                (false, 0) => t(lang, StageText::NoReplica).to_string(),
                (false, lacks) => say!(
                    lang,
                    "빈 디스크 · 다시 복제할 레플리카 {lacks}개",
                    "empty disk · replicas to copy again: {lacks}"
                ),
            }
        })
    };
    view! {
        <For each=move || partitions.get() key=|partition| partition.clone() let:partition>
            <Strip node=id partition host place />
        </For>
        <Show when=empty>
            <text class="cabinet-empty" x=move || size().0 / 2.0 y=move || size().1 / 2.0 + 6.0 text-anchor="middle">
                {why_empty}
            </text>
        </Show>
        <Show when=move || { hidden.get() > 0 }>
            <g class="strips-more" on:click=move |_| {
                app.selection.set(Selection::Broker(id));
                app.tab.set(Tab::Inspector);
            }>
                <text x=move || size().0 - PAD y=move || size().1 - 12.0 text-anchor="end">
                    {move || format!("+{}", hidden.get())}
                </text>
            </g>
        </Show>
    }
    .into_any()
}
