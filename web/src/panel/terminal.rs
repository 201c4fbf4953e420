//! The terminal: lines of the script language, Kafka's tools among them, with history and
//! completion. Lines are carried out by [`App::run_line`]; commands that are given elsewhere on the
//! page are shown here too, as the text that would have given them.

mod editing;

use crate::app::App;
use crate::i18n::panels::TerminalText;
use crate::i18n::t;
use editing::{Completion, History};
use kafkascope_engine::command::Command;
use kafkascope_engine::event::EventKind;
use kafkascope_engine::script::Line;
use kafkascope_engine::script::complete::complete;
use kafkascope_engine::script::parse::parse;
use kafkascope_engine::script::print::print_command;
use leptos::html;
use leptos::prelude::*;
use web_sys::{HtmlTextAreaElement, KeyboardEvent};

/// How many lines stay on the screen.
const LINES_MAX: usize = 1000;
/// How many lines may be pasted at once.
const PASTED_MAX: usize = 500;
/// How many completions are offered at a time.
const CANDIDATES_MAX: usize = 40;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Typed,
    /// A command given elsewhere on the page.
    Echo,
    Answer,
    Error,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Entry {
    id: u64,
    kind: Kind,
    text: String,
}

/// What all parts of the terminal share.
#[derive(Clone, Copy)]
struct Terminal {
    app: App,
    entries: RwSignal<Vec<Entry>>,
    made: StoredValue<u64>,
    candidates: RwSignal<Vec<String>>,
    history: StoredValue<History>,
    input: NodeRef<html::Textarea>,
    output: NodeRef<html::Div>,
    /// Commands that were typed here: they need no echo when they come back as events.
    own: StoredValue<Vec<Command>>,
    /// After Escape, Tab leaves the input instead of completing.
    tab_leaves: StoredValue<bool>,
}

impl Terminal {
    fn print(&self, kind: Kind, lines: impl IntoIterator<Item = String>) {
        let mut next = self.made.get_value();
        let printed: Vec<_> = lines
            .into_iter()
            .map(|text| {
                next += 1;
                Entry { id: next, kind, text }
            })
            .collect();
        self.made.set_value(next);
        self.entries.update(|entries| {
            entries.extend(printed);
            entries.drain(..entries.len().saturating_sub(LINES_MAX));
        });
        let output = self.output;
        request_animation_frame(move || {
            if let Some(output) = output.try_get_untracked().flatten() {
                output.set_scroll_top(output.scroll_height());
            }
        });
    }

    fn run(&self, line: &str) {
        self.candidates.set(Vec::new());
        self.print(Kind::Typed, [line.to_string()]);
        self.history.update_value(|history| history.push(line));
        let parsed = self.app.with_timeline(|timeline| parse(1, line, timeline.cluster()));
        self.own.set_value(match parsed {
            Ok(Line::Command(command)) => vec![command],
            _ => Vec::new(),
        });
        let answer = self.app.run_line(line);
        for line in answer {
            let kind = if line.is_error { Kind::Error } else { Kind::Answer };
            self.print(kind, line.text.lines().map(String::from));
        }
    }

    fn clear(&self) {
        self.entries.set(Vec::new());
        self.candidates.set(Vec::new());
    }

    fn typed(&self) -> Option<HtmlTextAreaElement> {
        self.input.get_untracked()
    }

    fn set_typed(&self, text: &str) {
        if let Some(input) = self.typed() {
            input.set_value(text);
            let end = text.encode_utf16().count() as u32;
            let _ = input.set_selection_range(end, end);
        }
    }

    /// Whether there was anything to complete.
    fn complete(&self) -> bool {
        let Some(input) = self.typed() else {
            return false;
        };
        let line = input.value();
        if line.trim().is_empty() {
            return false;
        }
        let candidates = self.app.with_timeline(|timeline| complete(&line, timeline.cluster()));
        match editing::complete(&line, &candidates) {
            Completion::Nothing => {
                self.candidates.set(Vec::new());
                return false;
            }
            Completion::Grown(grown) => {
                self.set_typed(&grown);
                self.candidates.set(if candidates.len() > 1 { candidates } else { Vec::new() });
            }
            Completion::Choice => self.candidates.set(candidates),
        }
        true
    }

    fn accept(&self, candidate: &str) {
        if let Some(input) = self.typed() {
            self.set_typed(&editing::accept(&input.value(), candidate));
            self.candidates.set(Vec::new());
            let _ = input.focus();
        }
    }

    fn on_key(&self, event: &KeyboardEvent) {
        // Keys that compose a syllable are not ours.
        if event.is_composing() || event.key_code() == 229 {
            return;
        }
        let Some(input) = self.typed() else { return };
        let plain = !event.ctrl_key() && !event.alt_key() && !event.meta_key();
        let tab_leaves = std::mem::take(&mut *self.tab_leaves.write_value());
        match event.key().as_str() {
            "Enter" if plain => {
                let line = input.value();
                input.set_value("");
                self.run(line.trim_end());
            }
            "ArrowUp" if plain => {
                let older = self.history.try_update_value(|history| history.older(&input.value()));
                if let Some(line) = older.flatten() {
                    self.set_typed(&line);
                }
            }
            "ArrowDown" if plain => {
                let newer = self.history.try_update_value(History::newer);
                if let Some(line) = newer.flatten() {
                    self.set_typed(&line);
                }
            }
            "Tab" if plain && !event.shift_key() && !tab_leaves => {
                if !self.complete() {
                    return;
                }
            }
            "Escape" => {
                self.tab_leaves.set_value(true);
                self.candidates.set(Vec::new());
                return;
            }
            _ if event.ctrl_key() && event.code() == "KeyL" => self.clear(),
            _ => return,
        }
        event.prevent_default();
    }

    /// A script that is pasted runs line by line; what follows the last line end stays to be edited.
    fn on_input(&self) {
        self.candidates.set(Vec::new());
        let Some(input) = self.typed() else { return };
        let text = input.value();
        let Some((lines, rest)) = text.rsplit_once('\n') else {
            return;
        };
        input.set_value("");
        for line in
            lines.lines().map(str::trim_end).filter(|line| !line.is_empty()).take(PASTED_MAX)
        {
            self.run(line);
        }
        self.set_typed(rest);
    }
}

#[component]
pub fn TerminalPanel() -> impl IntoView {
    let app = expect_context::<App>();
    let terminal = Terminal {
        app,
        entries: RwSignal::new(Vec::new()),
        made: StoredValue::new(0),
        candidates: RwSignal::new(Vec::new()),
        history: StoredValue::new(History::default()),
        input: NodeRef::new(),
        output: NodeRef::new(),
        own: StoredValue::new(Vec::new()),
        tab_leaves: StoredValue::new(false),
    };
    app.subscribe(move |change| {
        let own = |command: &Command| {
            let taken = terminal.own.try_update_value(|own| {
                let at = own.iter().position(|one| one == command);
                at.map(|at| own.swap_remove(at)).is_some()
            });
            // Gone with the terminal: nothing is to be echoed either.
            taken.unwrap_or(true)
        };
        let given = change.events.iter().filter_map(|event| match &event.kind {
            EventKind::Commanded { command } if !own(command) => Some(command),
            _ => None,
        });
        let texts: Vec<_> = app.with_timeline(|timeline| {
            given.map(|command| print_command(command, timeline.cluster())).collect()
        });
        if !texts.is_empty() {
            terminal.print(Kind::Echo, texts);
        }
    });
    view! {
        <section class="terminal" data-testid="terminal" aria-label=move || t(app.lang.get(), TerminalText::Title)>
            {output(terminal)}
            {candidates(terminal)}
            <div class="terminal-line">
                <span class="terminal-prompt" aria-hidden="true">"$"</span>
                <textarea
                    node_ref=terminal.input
                    class="terminal-input"
                    data-testid="terminal-input"
                    rows="1"
                    autocomplete="off"
                    autocapitalize="off"
                    spellcheck="false"
                    aria-label=move || t(app.lang.get(), TerminalText::Input)
                    placeholder=move || t(app.lang.get(), TerminalText::Placeholder)
                    on:keydown=move |event| terminal.on_key(&event)
                    on:input=move |_| terminal.on_input()
                ></textarea>
            </div>
        </section>
    }
    .into_any()
}

fn output(terminal: Terminal) -> AnyView {
    let lang = terminal.app.lang;
    // A click beside the text goes on typing; one that ends a selection does not.
    let focus = move |_| {
        let selection = web_sys::window().and_then(|window| window.get_selection().ok().flatten());
        if selection.is_none_or(|selection| selection.is_collapsed())
            && let Some(input) = terminal.typed()
        {
            let _ = input.focus();
        }
    };
    view! {
        <div
            node_ref=terminal.output
            class="terminal-output"
            role="log"
            tabindex="0"
            aria-label=move || t(lang.get(), TerminalText::Output)
            data-testid="terminal-output"
            on:click=focus
        >
            <p class="terminal-welcome">{move || t(lang.get(), TerminalText::Welcome)}</p>
            <p class="terminal-welcome">{move || t(lang.get(), TerminalText::WelcomeKeys)}</p>
            <For each=move || terminal.entries.get() key=|entry| entry.id let:entry>
                {entry_line(entry)}
            </For>
        </div>
    }
    .into_any()
}

fn entry_line(entry: Entry) -> AnyView {
    let (class, prompt) = match entry.kind {
        Kind::Typed => ("terminal-entry is-typed", "$ "),
        Kind::Echo => ("terminal-entry is-echo", "› "),
        Kind::Answer => ("terminal-entry", ""),
        Kind::Error => ("terminal-entry is-error", "! "),
    };
    view! {
        <div class=class>
            <span class="terminal-sign" aria-hidden="true">{prompt}</span>
            {entry.text}
        </div>
    }
    .into_any()
}

fn candidates(terminal: Terminal) -> AnyView {
    let lang = terminal.app.lang;
    let candidate = move |word: String| {
        let accepted = word.clone();
        view! {
            // Not in the order of Tab: the line itself is where one goes on.
            <button type="button" tabindex="-1" on:click=move |_| terminal.accept(&accepted)>{word}</button>
        }
    };
    let shown = move || {
        let words = terminal.candidates.get();
        let more = words.len().saturating_sub(CANDIDATES_MAX);
        let rest = (more > 0).then(|| view! { <span>{format!("+{more}")}</span> });
        (!words.is_empty()).then(|| {
            view! {
                <div
                    class="terminal-candidates"
                    data-testid="terminal-candidates"
                    role="group"
                    aria-label=move || t(lang.get(), TerminalText::Candidates)
                >
                    {words.into_iter().take(CANDIDATES_MAX).map(candidate).collect_view()}
                    {rest}
                </div>
            }
        })
    };
    view! { <div aria-live="polite">{shown}</div> }.into_any()
}
