//! What can be done to the selected node, link or message, beside it: each action issues a command, and shows
//! the command's text ready to copy.

mod members;

use super::envelopes::position;
use super::links::{Cut, cut_of};
use super::{StageContext, rove};
use crate::app::App;
use crate::i18n::stage::StageText;
use crate::i18n::t;
use crate::panel::copy::CopyButton;
use crate::view_model::curve::{Point, Rect};
use crate::view_model::layout::{Layout, ends};
use crate::view_model::{NodeState, NodeView, Selection, View};
use kafkascope_engine::command::{Command, DiskFault, EnvelopeAct};
use kafkascope_engine::ids::{Address, EnvelopeId, NodeId};
use kafkascope_engine::sim::disk::DiskCondition;
use kafkascope_engine::sim::link_fault::LinkFault;
use kafkascope_engine::spec::ClusterSpec;
use leptos::html;
use leptos::prelude::*;

/// A calm few at a time, each few under a word.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Group {
    name: StageText,
    actions: Vec<Action>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Action {
    testid: &'static str,
    text: StageText,
    key: &'static str,
    command: Command,
}

fn action(testid: &'static str, text: StageText, key: &'static str, command: Command) -> Action {
    Action { testid, text, key, command }
}

/// How bad a link or a disk becomes by a click; the command's text says it, and can be changed.
const DELAY_MS: u64 = 200;
const SLOW_DISK_MS: u64 = 50;
const PER_MILLE: u32 = 300;
/// What stands higher has its actions below.
const ROOM_ABOVE: f64 = 150.0;

/// What a person could do to a node in this state.
fn node_actions(view: &View, node: &NodeView) -> Vec<Group> {
    let process = Group { name: StageText::Process, actions: process_actions(node.id, node.state) };
    let disk = Group { name: StageText::Disk, actions: disk_actions(node) };
    let network = Group { name: StageText::Network, actions: network_actions(view, node.id) };
    let membership = Group { name: StageText::Membership, actions: membership_actions(view, node) };
    vec![process, disk, network, membership]
}

fn process_actions(node: NodeId, state: NodeState) -> Vec<Action> {
    use StageText::*;
    let crash = action("action-crash", Crash, "C", Command::Crash { node });
    let power_loss = action("action-power-loss", PowerLoss, "X", Command::PowerLoss { node });
    let stop = action("action-stop", Stop, "S", Command::Stop { node });
    let pause = action("action-pause", Pause, "Z", Command::Pause { node });
    let resume = action("action-resume", Resume, "Z", Command::Resume { node });
    let start = action("action-start", Start, "R", Command::Start { node });
    match state {
        NodeState::NoPower => vec![start],
        NodeState::Down => vec![start, power_loss],
        NodeState::Paused => vec![resume, crash, power_loss],
        NodeState::Stopping => vec![crash, power_loss, pause],
        _ => vec![crash, power_loss, stop, pause],
    }
}

fn disk_actions(node: &NodeView) -> Vec<Action> {
    use StageText::*;
    let becomes = |condition| {
        let fault = DiskFault::Becomes(condition);
        Command::Disk { node: node.id, fault }
    };
    if node.disk != DiskCondition::Sound {
        return vec![action("action-disk-sound", DiskSound, "", becomes(DiskCondition::Sound))];
    }
    let slow = becomes(DiskCondition::Slow { ms: SLOW_DISK_MS });
    let mut actions = vec![
        action("action-disk-slow", DiskSlow, "", slow),
        action("action-disk-full", DiskFull, "", becomes(DiskCondition::Full)),
        action("action-disk-failing", DiskFailing, "", becomes(DiskCondition::Failing)),
    ];
    if !node.id.is_controller() {
        let lost = Command::Disk { node: node.id, fault: DiskFault::Lost };
        actions.push(action("action-disk-lost", DiskLost, "", lost));
    }
    actions
}

fn network_actions(view: &View, node: NodeId) -> Vec<Action> {
    let isolate = Command::Isolate { node };
    let mut actions = vec![action("action-isolate", StageText::Isolate, "I", isolate)];
    // In a smaller ring everybody is everybody's neighbour.
    if view.nodes.len() > 3 {
        let nodes = view.nodes.iter().map(|node| node.id).collect();
        actions.push(action("action-ring-cut", StageText::RingCut, "", Command::RingCut { nodes }));
    }
    let end = Address::Node(node);
    if view.has_broken_links(end) {
        actions.push(action("action-heal", StageText::Heal, "H", Command::HealEnd { end }));
    }
    if view.broken_links().any(|(a, b)| a != end && b != end) {
        actions.push(action("action-heal-all", StageText::HealAll, "", Command::HealAll));
    }
    actions
}

/// Who is part of the cluster.
fn membership_actions(view: &View, node: &NodeView) -> Vec<Action> {
    let mut actions = Vec::new();
    if node.is_registered {
        let unregister = Command::UnregisterBroker { broker: node.id };
        actions.push(action("action-unregister", StageText::Unregister, "", unregister));
    }
    // A voter keeps its disk.
    if !node.id.is_controller() && node.quorum.is_none() {
        let replace = Command::Replace { node: node.id };
        actions.push(action("action-replace", StageText::Replace, "", replace));
    }
    if view.brokers().count() < ClusterSpec::MAX_BROKERS as usize {
        let add = Command::AddBroker { node: None };
        actions.push(action("action-add-broker", StageText::AddBroker, "", add));
    }
    actions
}

fn link_actions(view: &View, a: Address, b: Address) -> Vec<Group> {
    let cut = |from, to, one_way| Command::Cut { from, to, one_way };
    let heal = action("action-heal", StageText::Heal, "H", Command::Heal { from: a, to: b });
    let cut_all = action("action-cut", StageText::Cut, "K", cut(a, b, false));
    let mut actions = match cut_of(view, ends(a, b)) {
        Cut::None => vec![
            cut_all,
            action("action-cut-one-way", StageText::CutOneWay, "", cut(a, b, true)),
            action("action-cut-one-way-back", StageText::CutOneWay, "", cut(b, a, true)),
        ],
        Cut::Both => vec![heal.clone()],
        Cut::Forward | Cut::Backward => vec![heal.clone(), cut_all],
    };
    if view.is_bad(a, b) && cut_of(view, ends(a, b)) == Cut::None {
        actions.push(heal);
    }
    let connection = Group { name: StageText::Connection, actions };
    if cut_of(view, ends(a, b)) == Cut::Both {
        return vec![connection];
    }
    // Each comes on top of what the link does already.
    let now = view.link_fault(a, b).unwrap_or_default();
    let link = |testid, text, fault| {
        let command = Command::Link { from: a, to: b, one_way: false, api: None, fault };
        (fault != now).then(|| action(testid, text, "", command))
    };
    let delay = LinkFault { delay_ms: (DELAY_MS, DELAY_MS), ..now };
    let loss = LinkFault { loss_per_mille: PER_MILLE, ..now };
    let duplicate = LinkFault { duplicate_per_mille: PER_MILLE, ..now };
    let reorder = LinkFault { reorder_per_mille: PER_MILLE, ..now };
    let faults = [
        link("action-link-delay", StageText::LinkDelay, delay),
        link("action-link-loss", StageText::LinkLoss, loss),
        link("action-link-duplicate", StageText::LinkDuplicate, duplicate),
        link("action-link-reorder", StageText::LinkReorder, reorder),
    ];
    let messages =
        Group { name: StageText::Messages, actions: faults.into_iter().flatten().collect() };
    [connection, messages].into_iter().filter(|group| !group.actions.is_empty()).collect()
}

fn envelope_actions(view: &View, id: EnvelopeId) -> Vec<Group> {
    if view.envelope(id).is_none() {
        return Vec::new();
    }
    let act = |act| Command::Envelope { envelope: id, act };
    let mut actions = vec![
        action("action-drop", StageText::Drop, "K", act(EnvelopeAct::Drop)),
        action("action-delay", StageText::Delay, "", act(EnvelopeAct::Delay { ms: DELAY_MS })),
        action("action-duplicate", StageText::Duplicate, "", act(EnvelopeAct::Duplicate)),
    ];
    let same_way = view.envelopes.iter().filter(|e| (e.from, e.to) == (id.from, id.to));
    if same_way.count() > 1 {
        actions.push(action("action-reorder", StageText::Reorder, "", act(EnvelopeAct::Reorder)));
    }
    vec![Group { name: StageText::Message, actions }]
}

fn actions_for(view: &View, selection: &Selection) -> Vec<Group> {
    match selection {
        Selection::Broker(id) => view.node(*id).map_or(Vec::new(), |node| node_actions(view, node)),
        Selection::Link(a, b) => link_actions(view, *a, *b),
        Selection::Envelope(id) => envelope_actions(view, *id),
        Selection::Client(id) => members::client_actions(view, *id),
        Selection::Group(id) => members::group_actions(view, id),
        _ => Vec::new(),
    }
}

#[component]
pub fn Actions() -> impl IntoView {
    let app = expect_context::<App>();
    let stage = expect_context::<StageContext>();
    let actions = Memo::new(move |_| {
        if !app.actions_open.get() {
            return Vec::new();
        }
        app.view.with(|view| app.selection.with(|selection| actions_for(view, selection)))
    });
    // Above what it is about, kept on the stage by its own width.
    let anchor = Memo::new(move |_| {
        stage.layout.with(|layout| {
            app.selection.with(|selection| match selection {
                Selection::Broker(id) => {
                    let rect = layout.node(*id)?.rect;
                    // What stands at the top edge has its room below.
                    let below = rect.y < ROOM_ABOVE;
                    Some((
                        rect.center().x,
                        if below { rect.bottom() } else { rect.y },
                        below,
                        (layout.width, layout.height),
                    ))
                }
                Selection::Client(id) => Some(over(layout.client(*id)?.rect, layout)),
                Selection::Group(id) => Some(over(layout.group(id)?.rect, layout)),
                Selection::Link(a, b) => {
                    let place = layout.link(ends(*a, *b))?.handle();
                    Some(beside(place, layout))
                }
                Selection::Envelope(id) => {
                    let place = app.view.with(|view| {
                        let now_us = app.moment().view_now_us;
                        view.envelope(*id).map(|envelope| position(envelope, layout, now_us))
                    })?;
                    Some(beside(place, layout))
                }
                _ => None,
            })
        })
    });
    let open =
        Memo::new(move |_| actions.with(|actions| !actions.is_empty()) && anchor.get().is_some());
    view! {
        <Show when=move || open.get()>
            <Bar actions anchor />
        </Show>
    }
    .into_any()
}

/// Where it belongs, whether it hangs below that, and how large the stage is.
type Anchor = Option<(f64, f64, bool, (f64, f64))>;

/// Above a card, or below one that stands at the top edge.
fn over(rect: Rect, layout: &Layout) -> (f64, f64, bool, (f64, f64)) {
    let below = rect.y < ROOM_ABOVE;
    let y = if below { rect.bottom() } else { rect.y };
    (rect.center().x, y, below, (layout.width, layout.height))
}

/// Clear of a handle or an envelope.
fn beside(place: Point, layout: &Layout) -> (f64, f64, bool, (f64, f64)) {
    let below = place.y < ROOM_ABOVE;
    let y = if below { place.y + 12.0 } else { place.y - 12.0 };
    (place.x, y, below, (layout.width, layout.height))
}

#[component]
fn Bar(actions: Memo<Vec<Group>>, anchor: Memo<Anchor>) -> impl IntoView {
    let app = expect_context::<App>();
    let bar = NodeRef::<html::Div>::new();
    let pointed = RwSignal::new(None::<Action>);
    // Whichever is pointed at, else the first: its text is shown.
    let shown = Memo::new(move |_| {
        let all = actions.with(|groups| {
            groups.iter().flat_map(|group| group.actions.clone()).collect::<Vec<_>>()
        });
        pointed.get().filter(|action| all.contains(action)).or(all.into_iter().next())
    });
    let script = Signal::derive(move || {
        app.view.track();
        shown.get().map(|action| app.text_of(&action.command)).unwrap_or_default()
    });
    // Kept on the stage: for that its own size has to be known, which depends on its words.
    let own_size = RwSignal::new((420.0, 120.0));
    Effect::new(move |_| {
        app.lang.track();
        actions.track();
        shown.track();
        // A stage that has become narrower breaks its lines.
        anchor.track();
        request_animation_frame(move || {
            if let Some(bar) = bar.try_get_untracked().flatten() {
                own_size.set((f64::from(bar.offset_width()), f64::from(bar.offset_height())));
            }
        });
    });
    let style = move || {
        let Some((x, y, below, (width, height))) = anchor.get() else {
            return String::new();
        };
        let (own_width, own_height) = own_size.get();
        let left = (x - own_width / 2.0).min(width - own_width - 8.0).max(8.0);
        let top = if below { y + 8.0 } else { y - own_height - 8.0 };
        let top = top.min(height - own_height - 4.0).max(4.0);
        format!("left:{left:.0}px;top:{top:.0}px")
    };
    let close = move || {
        rove::focus_selected();
        app.actions_open.set(false);
    };
    // What comes of it is seen where the menu was.
    let run = move |action: &Action| {
        let _ = app.dispatch(action.command.clone());
        close();
    };
    view! {
        <div
            class="actions"
            role="toolbar"
            aria-label=move || t(app.lang.get(), StageText::Actions)
            node_ref=bar
            style=style
            on:keydown=move |event| {
                if event.code() == "Escape" {
                    event.stop_propagation();
                    close();
                }
            }
        >
            <button type="button" class="action-close" data-testid="actions-close"
                aria-label=move || t(app.lang.get(), StageText::CloseActions) on:click=move |_| close()>
                <span aria-hidden="true">"✕"</span>
            </button>
            <For each=move || actions.get() key=|group| group.clone() let:group>
                <div class="actions-group" role="group" aria-label=move || t(app.lang.get(), group.name)>
                    <span class="actions-name" aria-hidden="true">{move || t(app.lang.get(), group.name)}</span>
                    <div class="actions-row">
                        {group.actions.into_iter().map(|action| button(app, action, pointed, run)).collect_view()}
                    </div>
                </div>
            </For>
            <div class="actions-script">
                <code title=script>{script}</code>
                <CopyButton text=script testid="copy-command" />
                <span class="actions-hint">{move || t(app.lang.get(), StageText::UndoHint)}</span>
            </div>
        </div>
    }
    .into_any()
}

fn button(
    app: App,
    action: Action,
    pointed: RwSignal<Option<Action>>,
    run: impl Fn(&Action) + Copy + 'static,
) -> AnyView {
    let (for_click, for_point, for_focus) = (action.clone(), action.clone(), action.clone());
    let direction = direction_of(app, &action.command);
    view! {
        <button
            type="button"
            class="action"
            data-testid=action.testid
            on:click=move |_| run(&for_click)
            on:pointerenter=move |_| pointed.set(Some(for_point.clone()))
            on:focus=move |_| pointed.set(Some(for_focus.clone()))
        >
            <span>{move || t(app.lang.get(), action.text)}</span>
            {direction.map(|to| view! { <span class="action-direction">{to}</span> })}
            {(!action.key.is_empty()).then(|| view! { <kbd aria-hidden="true">{action.key}</kbd> })}
        </button>
    }
    .into_any()
}

/// `→ broker-3`, for what goes one way only.
fn direction_of(app: App, command: &Command) -> Option<String> {
    match command {
        Command::Cut { to, one_way: true, .. } => {
            Some(format!("→ {}", app.view.with_untracked(|view| view.name_of(*to))))
        }
        _ => None,
    }
}
