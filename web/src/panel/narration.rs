//! The event list: what happened up to the shown moment, one sentence each, the newest last and in
//! sight. A click selects an event; from there one can go to its moment or ask why. A polite live
//! region tells the landmarks to those who listen.

mod tone;

use super::throttle::Throttle;
use super::visible::watch_visible;
use crate::app::{App, Tab};
use crate::i18n::panels::NarrationText;
use crate::i18n::{Lang, t};
use crate::session::ChangeKind;
use crate::view_model::Selection;
use kafkascope_engine::event::Event;
use kafkascope_engine::ids::EventId;
use kafkascope_engine::script::sentence;
use leptos::html;
use leptos::prelude::*;
use std::collections::VecDeque;
use std::sync::Arc;
use tone::{Tone, is_landmark, is_routine};
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

/// How many events are in the list.
const ROWS_MAX: usize = 200;
/// How many steps back the list looks when it shows everything.
const STEPS_BACK: usize = 150;
const REFRESH_MS: u32 = 150;
/// How often the live region speaks, and how many sentences at a time.
const SPEAK_MS: u32 = 2_500;
const SPOKEN_MAX: usize = 3;
/// So near to the end counts as at the end.
const END_PX: i32 = 32;

#[derive(Clone, Debug, PartialEq, Eq)]
struct Row {
    id: EventId,
    time: String,
    tone: Tone,
    landmark: bool,
    text: Arc<str>,
}

/// The rows of the shown moment, oldest first.
fn rows(app: App, show_all: bool, lang: Lang) -> Vec<Row> {
    let position = app.with_timeline(|timeline| timeline.position());
    let events: Vec<Event> = if show_all {
        let events = app.with_timeline(|timeline| {
            timeline.events(position.saturating_sub(STEPS_BACK), position)
        });
        events[events.len().saturating_sub(ROWS_MAX)..].to_vec()
    } else {
        app.with_history(|history| {
            let told =
                history.until(position).iter().rev().filter(|noted| !is_routine(&noted.event.kind));
            let mut events: Vec<_> = told.take(ROWS_MAX).map(|noted| noted.event.clone()).collect();
            events.reverse();
            events
        })
    };
    app.with_timeline(|timeline| {
        let row = |event: &Event| Row {
            id: event.id,
            time: event.at.to_string(),
            tone: Tone::of(&event.kind),
            landmark: is_landmark(&event.kind),
            text: sentence(event, timeline.cluster(), lang).into(),
        };
        events.iter().map(row).collect()
    })
}

#[component]
pub fn Narration() -> impl IntoView {
    let app = expect_context::<App>();
    let show_all = RwSignal::new(false);
    let shown = RwSignal::new(Vec::<Row>::new());
    let pinned = RwSignal::new(true);
    let list = NodeRef::<html::Ol>::new();
    let visible = watch_visible(move || list.get().map(Into::into));

    let to_end = move || {
        if let Some(list) = list.get_untracked() {
            list.set_scroll_top(list.scroll_height());
        }
    };
    let refresh = Throttle::new(REFRESH_MS, move || {
        // The component may be gone by now.
        let Some(true) = visible.try_get_untracked() else {
            return;
        };
        let fresh = rows(app, show_all.get_untracked(), app.lang.get_untracked());
        if shown.with_untracked(|shown| *shown != fresh) {
            shown.set(fresh);
        }
        if pinned.get_untracked() {
            request_animation_frame(to_end);
        }
    });
    app.subscribe({
        let refresh = refresh.clone();
        move |_| refresh.ask()
    });
    Effect::new(move |_| {
        show_all.track();
        app.lang.track();
        visible.track();
        refresh.ask();
    });

    // One row can be reached with Tab: the selected one, else the newest.
    let current = Memo::new(move |_| {
        shown.with(|rows| match app.selection.get() {
            Selection::Event(id) if rows.iter().any(|row| row.id == id) => Some(id),
            _ => rows.last().map(|row| row.id),
        })
    });
    let on_scroll = move |_| {
        if let Some(list) = list.get_untracked() {
            let below = list.scroll_height() - list.scroll_top() - list.client_height();
            pinned.set(below < END_PX);
        }
    };
    view! {
        <section class="narration" data-testid="narration" aria-label=move || t(app.lang.get(), NarrationText::Title)>
            <div class="narration-bar">
                <label class="narration-all" title=move || t(app.lang.get(), NarrationText::ShowAllHint)>
                    <input
                        type="checkbox"
                        data-testid="narration-all"
                        prop:checked=move || show_all.get()
                        on:change=move |event| show_all.set(event_target_checked(&event))
                    />
                    {move || t(app.lang.get(), NarrationText::ShowAll)}
                </label>
                <Show when=move || !pinned.get()>
                    <button
                        type="button"
                        class="narration-newest"
                        data-testid="narration-newest"
                        on:click=move |_| {
                            pinned.set(true);
                            to_end();
                        }
                    >
                        {move || t(app.lang.get(), NarrationText::Newest)}
                        <span aria-hidden="true">" ↓"</span>
                    </button>
                </Show>
            </div>
            <ol
                node_ref=list
                class="narration-list"
                data-testid="narration-list"
                aria-label=move || t(app.lang.get(), NarrationText::Title)
                on:scroll=on_scroll
                on:keydown=move_focus
            >
                <For each=move || shown.get() key=|row| (row.id, row.text.clone()) let:row>
                    {event_row(app, row, current)}
                </For>
            </ol>
            <Show when=move || shown.with(Vec::is_empty)>
                <p class="narration-empty">
                    {move || {
                        let none = app.view.with(|view| view.position == 0);
                        t(app.lang.get(), if none { NarrationText::Empty } else { NarrationText::OnlyRoutine })
                    }}
                </p>
            </Show>
            <Speaker />
        </section>
    }
    .into_any()
}

fn event_row(app: App, row: Row, current: Memo<Option<EventId>>) -> AnyView {
    let id = row.id;
    let selected =
        Memo::new(move |_| app.selection.with(|selection| *selection == Selection::Event(id)));
    let why = move |_| {
        app.selection.set(Selection::Event(id));
        app.tab.set(Tab::Inspector);
    };
    let actions = move || {
        view! {
            <span class="event-actions">
                <button
                    type="button"
                    class="button"
                    data-testid=format!("event-{}-go", id.0)
                    on:click=move |_| app.seek_to_event(id)
                >
                    {move || t(app.lang.get(), NarrationText::GoThere)}
                </button>
                <button type="button" class="button" data-testid=format!("event-{}-why", id.0) on:click=why>
                    {move || t(app.lang.get(), NarrationText::Why)}
                </button>
            </span>
        }
    };
    view! {
        <li
            class=format!("event {}", row.tone.class())
            class:is-landmark=row.landmark
            class:is-selected=move || selected.get()
            data-testid=format!("event-{}", id.0)
        >
            <button
                type="button"
                class="event-line"
                tabindex=move || if current.get() == Some(id) { "0" } else { "-1" }
                aria-pressed=move || selected.get().to_string()
                on:click=move |_| app.selection.set(Selection::Event(id))
            >
                <span class="event-time">{row.time}</span>
                <span class="event-mark" aria-hidden="true">{row.tone.mark()}</span>
                <span class="visually-hidden">{move || row.tone.name().map(|name| t(app.lang.get(), name))} " "</span>
                <span class="event-text">{row.text.to_string()}</span>
            </button>
            {move || selected.get().then(actions)}
        </li>
    }
    .into_any()
}

/// Arrow keys, Home and End move between the rows.
fn move_focus(event: web_sys::KeyboardEvent) {
    let target = event.target().and_then(|target| target.dyn_into::<HtmlElement>().ok());
    let Some(row) = target.and_then(|target| target.closest("li").ok().flatten()) else {
        return;
    };
    let next = match event.key().as_str() {
        "ArrowUp" => row.previous_element_sibling(),
        "ArrowDown" => row.next_element_sibling(),
        "Home" => row.parent_element().and_then(|list| list.first_element_child()),
        "End" => row.parent_element().and_then(|list| list.last_element_child()),
        _ => return,
    };
    event.prevent_default();
    event.stop_propagation();
    let line = next.and_then(|row| row.query_selector(".event-line").ok().flatten());
    if let Some(line) = line.and_then(|line| line.dyn_into::<HtmlElement>().ok()) {
        let _ = line.focus();
    }
}

/// The polite live region: says the last landmarks, not more often than one can listen.
#[component]
fn Speaker() -> impl IntoView {
    let app = expect_context::<App>();
    let spoken = RwSignal::new(String::new());
    let waiting: StoredValue<VecDeque<Event>> = StoredValue::new(VecDeque::new());
    let speak = Throttle::new(SPEAK_MS, move || {
        let Some(events) = waiting.try_update_value(std::mem::take) else {
            return;
        };
        let lang = app.lang.get_untracked();
        let sentences: Vec<_> = app.with_timeline(|timeline| {
            events.iter().map(|event| sentence(event, timeline.cluster(), lang)).collect()
        });
        if !sentences.is_empty() {
            spoken.try_set(sentences.join(" "));
        }
    });
    app.subscribe(move |change| {
        // Another moment of the run: what was about to be said is not true of it.
        if matches!(change.kind, ChangeKind::Sought | ChangeKind::Loaded) {
            waiting.try_update_value(VecDeque::clear);
            return;
        }
        let landmarks = change.events.iter().filter(|event| is_landmark(&event.kind));
        let told = waiting.try_update_value(|waiting| {
            waiting.extend(landmarks.cloned());
            waiting.drain(..waiting.len().saturating_sub(SPOKEN_MAX));
            !waiting.is_empty()
        });
        if told == Some(true) {
            speak.ask();
        }
    });
    view! {
        <div class="visually-hidden" role="status" aria-live="polite" data-testid="narration-live">
            {move || spoken.get()}
        </div>
    }
}
