//! The page's shortcuts: the same commands by keyboard. Keys are matched by their place, so they work
//! with the Korean input method on; they are ignored while something is being typed.

use crate::app::{App, Tab};
use crate::notice::{Notice, Text};
use crate::view_model::{NodeState, Selection};
use kafkascope_engine::command::{Command, EnvelopeAct};
use kafkascope_engine::ids::NodeId;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Element, HtmlElement, KeyboardEvent};

pub fn listen(app: App) {
    let Some(document) = web_sys::window().and_then(|window| window.document()) else {
        return;
    };
    let on_key = Closure::<dyn FnMut(KeyboardEvent)>::new(move |event: KeyboardEvent| {
        let modified = event.ctrl_key() || event.meta_key() || event.alt_key();
        if modified || event.is_composing() || event.default_prevented() || is_busy(&event) {
            return;
        }
        if act(app, &event) {
            event.prevent_default();
        }
    });
    let _ = document.add_event_listener_with_callback("keydown", on_key.as_ref().unchecked_ref());
    // Listens as long as the page lives.
    on_key.forget();
}

/// Whether the key belongs to whoever has the focus: a field that is typed in, a dialog, a control
/// that means something else by it.
fn is_busy(event: &KeyboardEvent) -> bool {
    let Some(target) = event.target().and_then(|target| target.dyn_into::<Element>().ok()) else {
        return false;
    };
    // A dialog has the keyboard also when nothing in it has the focus.
    let is_modal = |document: web_sys::Document| {
        document.query_selector("dialog[open]").is_ok_and(|found| found.is_some())
    };
    if target.owner_document().is_some_and(is_modal) {
        return true;
    }
    let within = |selector: &str| target.closest(selector).is_ok_and(|found| found.is_some());
    if within("textarea, [contenteditable], input:not([type=range]), select") {
        return true;
    }
    let presses = within("button, [role=button], [role=tab], a, summary, label");
    let slides = within("input[type=range]");
    match event.code().as_str() {
        "Space" | "Enter" => presses,
        "ArrowLeft" | "ArrowRight" | "Home" | "End" => slides || within("[role=tablist]"),
        _ => false,
    }
}

/// Returns whether the key meant something.
fn act(app: App, event: &KeyboardEvent) -> bool {
    let code = event.code();
    match code.as_str() {
        "Space" => app.toggle_play(),
        "ArrowRight" => app.step(),
        "ArrowLeft" => app.step_back(),
        "Home" => app.go_to_start(),
        "End" => app.go_to_end(),
        "Escape" => {
            if app.actions_open.get_untracked() {
                app.actions_open.set(false);
            } else {
                app.selection.set(Selection::Nothing);
            }
        }
        "KeyP" => produce_one(app),
        "KeyC" => on_node(app, |node, _| Some(Command::Crash { node })),
        "KeyX" => on_node(app, |node, _| Some(Command::PowerLoss { node })),
        "KeyS" => on_node(app, |node, _| Some(Command::Stop { node })),
        "KeyZ" => on_node(app, |node, state| {
            Some(if state == NodeState::Paused {
                Command::Resume { node }
            } else {
                Command::Pause { node }
            })
        }),
        "KeyR" => on_node(app, |node, _| Some(Command::Start { node })),
        "KeyI" => on_node(app, |node, _| Some(Command::Isolate { node })),
        "KeyK" => match app.selection.get_untracked() {
            Selection::Envelope(envelope) => {
                let _ = app.dispatch(Command::Envelope { envelope, act: EnvelopeAct::Drop });
            }
            _ => on_link(app, |from, to| Command::Cut { from, to, one_way: false }),
        },
        "KeyH" => match app.selection.get_untracked() {
            Selection::Broker(id) => {
                let _ = app.dispatch(Command::HealEnd { end: id.into() });
            }
            _ => on_link(app, |from, to| Command::Heal { from, to }),
        },
        "KeyT" => focus_terminal(app),
        "KeyL" => app.next_lang(),
        "KeyD" => app.next_theme(),
        "Slash" if event.shift_key() => app.help_open.set(true),
        _ => match code
            .strip_prefix("Digit")
            .or(code.strip_prefix("Numpad"))
            .and_then(|n| n.parse().ok())
        {
            Some(number @ 1..=9) => select_broker(app, NodeId(number)),
            _ => return false,
        },
    }
    true
}

fn select_broker(app: App, id: NodeId) {
    if app.view.with_untracked(|view| view.node(id).is_some()) {
        app.selection.set(Selection::Broker(id));
        app.actions_open.set(true);
    }
}

fn on_node(app: App, command: impl FnOnce(NodeId, NodeState) -> Option<Command>) {
    let Some(node) = app.selection.with_untracked(Selection::node) else {
        return ask_to_select(
            app,
            "먼저 브로커를 고르세요: 숫자 1–9 또는 클릭.",
            "Select a broker first: 1 to 9, or a click.",
        );
    };
    let state = app.view.with_untracked(|view| view.node(node).map(|node| node.state));
    if let Some(command) = state.and_then(|state| command(node, state)) {
        let _ = app.dispatch(command);
    }
}

fn on_link(
    app: App,
    command: impl FnOnce(kafkascope_engine::ids::Address, kafkascope_engine::ids::Address) -> Command,
) {
    if let Selection::Link(a, b) = app.selection.get_untracked() {
        let _ = app.dispatch(command(a, b));
    } else {
        ask_to_select(
            app,
            "먼저 링크를 고르세요: 선을 클릭하세요.",
            "Select a link first: click a line.",
        );
    }
}

fn ask_to_select(app: App, ko: &str, en: &str) {
    app.notify(Notice::info(Text::new(ko, en)));
}

/// One record to the first topic, from whichever producer there is.
fn produce_one(app: App) {
    let topic = app.view.with_untracked(|view| view.topics.first().map(|(topic, _)| topic.clone()));
    let producer = app.view.with_untracked(|view| {
        let producers = view.clients.iter().filter(|client| !client.closed);
        let mut producers = producers
            .filter(|c| matches!(c.kind, crate::view_model::ClientKindView::Producer { .. }));
        producers.next().map(|client| client.name.clone())
    });
    let Some(topic) = topic else { return };
    let from = producer.map(|name| format!(" producer={name}")).unwrap_or_default();
    app.run_line(&format!("produce {topic} key=key value=value{from}"));
}

fn focus_terminal(app: App) {
    app.drawer.set(Tab::Terminal);
    app.tab.set(Tab::Terminal);
    // The input is there only once the tab is open.
    request_animation_frame(|| {
        let document = web_sys::window().and_then(|window| window.document());
        let input = document.and_then(|document| {
            document.query_selector("[data-testid=terminal-input]").ok().flatten()
        });
        if let Some(input) = input.and_then(|input| input.dyn_into::<HtmlElement>().ok()) {
            let _ = input.focus();
        }
    });
}
