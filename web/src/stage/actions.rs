//! What can be done to the selected broker or link, beside it: each action issues a command, and shows
//! the command's text ready to copy.

use super::StageContext;
use super::links::{Cut, cut_of};
use crate::app::App;
use crate::i18n::stage::StageText;
use crate::i18n::t;
use crate::panel::copy::CopyButton;
use crate::view_model::layout::ends;
use crate::view_model::{NodeState, Selection, View};
use kafkascope_engine::command::Command;
use kafkascope_engine::ids::{Address, NodeId};
use leptos::html;
use leptos::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq)]
struct Action {
    testid: &'static str,
    text: StageText,
    key: &'static str,
    command: Command,
}

fn action(testid: &'static str, text: StageText, key: &'static str, command: Command) -> Action {
    Action { testid, text, key, command }
}

/// What a person could do to a node in this state.
fn node_actions(node: NodeId, state: NodeState) -> Vec<Action> {
    use StageText::*;
    let crash = action("action-crash", Crash, "C", Command::Crash { node });
    let power_loss = action("action-power-loss", PowerLoss, "X", Command::PowerLoss { node });
    let stop = action("action-stop", Stop, "S", Command::Stop { node });
    let pause = action("action-pause", Pause, "Z", Command::Pause { node });
    let resume = action("action-resume", Resume, "Z", Command::Resume { node });
    let start = action("action-start", Start, "R", Command::Start { node });
    match state {
        NodeState::Down | NodeState::NoPower => vec![start],
        NodeState::Paused => vec![resume, crash, power_loss],
        NodeState::Stopping => vec![crash, power_loss, pause],
        _ => vec![crash, power_loss, stop, pause],
    }
}

fn link_actions(view: &View, a: Address, b: Address) -> Vec<Action> {
    let cut = |from, to, one_way| Command::Cut { from, to, one_way };
    let heal = action("action-heal", StageText::Heal, "H", Command::Heal { from: a, to: b });
    match cut_of(view, ends(a, b)) {
        Cut::None => vec![
            action("action-cut", StageText::Cut, "K", cut(a, b, false)),
            action("action-cut-one-way", StageText::CutOneWay, "", cut(a, b, true)),
            action("action-cut-one-way-back", StageText::CutOneWay, "", cut(b, a, true)),
        ],
        Cut::Both => vec![heal],
        Cut::Forward | Cut::Backward => {
            vec![heal, action("action-cut", StageText::Cut, "K", cut(a, b, false))]
        }
    }
}

fn actions_for(view: &View, selection: &Selection) -> Vec<Action> {
    match selection {
        Selection::Broker(id) => {
            view.node(*id).map_or(Vec::new(), |node| node_actions(*id, node.state))
        }
        Selection::Link(a, b) => link_actions(view, *a, *b),
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
                    // The controller stands at the top edge: below it there is room.
                    let below = rect.y < 90.0;
                    Some((
                        rect.center().x,
                        if below { rect.bottom() } else { rect.y },
                        below,
                        layout.width,
                    ))
                }
                Selection::Link(a, b) => {
                    let middle = layout.link(ends(*a, *b))?.curve.middle();
                    Some((middle.x, middle.y - 12.0, false, layout.width))
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

type Anchor = Option<(f64, f64, bool, f64)>;

#[component]
fn Bar(actions: Memo<Vec<Action>>, anchor: Memo<Anchor>) -> impl IntoView {
    let app = expect_context::<App>();
    let bar = NodeRef::<html::Div>::new();
    let pointed = RwSignal::new(None::<Action>);
    // Whichever is pointed at, else the first: its text is shown.
    let shown = Memo::new(move |_| {
        let first = actions.with(|actions| actions.first().cloned());
        pointed.get().filter(|action| actions.with(|all| all.contains(action))).or(first)
    });
    let script = Signal::derive(move || {
        app.view.track();
        shown.get().map(|action| app.text_of(&action.command)).unwrap_or_default()
    });
    // Kept on the stage: for that its own width has to be known, which depends on its words.
    let own_width = RwSignal::new(420.0);
    Effect::new(move |_| {
        app.lang.track();
        actions.track();
        shown.track();
        request_animation_frame(move || {
            if let Some(bar) = bar.get_untracked() {
                own_width.set(f64::from(bar.offset_width()));
            }
        });
    });
    let style = move || {
        let Some((x, y, below, width)) = anchor.get() else {
            return String::new();
        };
        let left = (x - own_width.get() / 2.0).min(width - own_width.get() - 8.0).max(8.0);
        let shift = if below { "8px" } else { "calc(-100% - 8px)" };
        format!("left:{left:.0}px;top:{y:.0}px;transform:translateY({shift})")
    };
    let close = move || app.actions_open.set(false);
    let run = move |action: &Action| {
        let _ = app.dispatch(action.command.clone());
        if matches!(app.selection.get_untracked(), Selection::Link(..)) {
            close();
        }
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
            <div class="actions-row">
                <For each=move || actions.get() key=|action| action.testid let:action>
                    {
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
                    }
                </For>
                <button type="button" class="action-close" data-testid="actions-close"
                    aria-label=move || t(app.lang.get(), StageText::CloseActions) on:click=move |_| close()>
                    <span aria-hidden="true">"✕"</span>
                </button>
            </div>
            <div class="actions-script">
                <code>{script}</code>
                <CopyButton text=script testid="copy-command" />
                <span class="actions-hint">{move || t(app.lang.get(), StageText::UndoHint)}</span>
            </div>
        </div>
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
