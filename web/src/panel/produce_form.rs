//! Producing and consuming by form. It makes the same commands as the terminal, and shows the line
//! that it will give. What is typed becomes a command in [`draft`]; starting a consumer is in
//! [`consume`].

mod consume;
mod draft;
mod workload;

use super::copy::CopyButton;
use crate::app::App;
use crate::i18n::panels::FormText;
use crate::i18n::{Key, t};
use crate::view_model::{ClientKindView, View};
use draft::{Draft, Mistake};
use kafkascope_engine::command::{Command, CreateTopic, Refusal};
use kafkascope_engine::protocol::Acks;
use kafkascope_engine::script::words::words;
use leptos::prelude::*;
use std::sync::Arc;

/// What came of the last button.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Outcome {
    Nothing,
    Done(FormText),
    Mistake(Mistake),
    /// Said aloud by the page's notice already.
    Refused(Refusal),
}

fn producers(view: &View) -> Vec<Arc<str>> {
    let open = view.clients.iter().filter(|client| !client.closed);
    open.filter(|client| matches!(client.kind, ClientKindView::Producer { .. }))
        .map(|client| client.name.clone())
        .collect()
}

#[component]
pub fn ProduceForm() -> impl IntoView {
    let app = expect_context::<App>();
    let topics = Memo::new(move |_| app.view.with(|view| view.topics.clone()));
    let draft = RwSignal::new(Draft::default());
    Effect::new(move |_| draft.update(|draft| topics.with(|topics| draft.fit(topics))));
    view! {
        <div class="produce" data-testid="produce-form">
            <h2 class="produce-title">{say(app, FormText::Title)}</h2>
            <Show when=move || topics.with(|topics| !topics.is_empty()) fallback=move || no_topics(app)>
                {records(app, draft, topics)}
                {workload::form(app, topics)}
                {consume::form(app, topics)}
            </Show>
        </div>
    }
    .into_any()
}

fn no_topics(app: App) -> AnyView {
    let create = move |_| {
        let brokers = app.view.with_untracked(|view| view.brokers().count());
        let _ = app.dispatch(Command::CreateTopic(CreateTopic {
            topic: "orders".into(),
            partitions: 1,
            replication_factor: brokers.min(3) as i16,
            replica_assignment: Vec::new(),
            configs: Vec::new(),
        }));
    };
    view! {
        <p class="produce-empty">{move || t(app.lang.get(), FormText::NoTopics)}</p>
        <button type="button" class="button produce-send" data-testid="produce-create-topic" on:click=create>
            {move || t(app.lang.get(), FormText::CreateTopic)}
        </button>
    }
    .into_any()
}

/// A text that follows the language.
fn say(
    app: App,
    key: impl Key + Send + Sync + 'static,
) -> impl Fn() -> &'static str + Copy + Send + Sync {
    move || t(app.lang.get(), key)
}

/// A labelled field.
fn field(
    app: App,
    label: FormText,
    class: &'static str,
    control: impl IntoView + 'static,
) -> AnyView {
    view! {
        <label class=format!("produce-field {class}")>
            <span class="produce-label">{say(app, label)}</span>
            {control.into_any()}
        </label>
    }
    .into_any()
}

/// A text input bound to one part of the draft. `hint` says what an empty one means.
fn text_input(
    app: App,
    hint: Option<FormText>,
    draft: RwSignal<Draft>,
    testid: &'static str,
    read: fn(&Draft) -> &String,
    write: fn(&mut Draft, String),
) -> impl IntoView {
    view! {
        <input
            type="text"
            data-testid=testid
            autocomplete="off"
            spellcheck="false"
            placeholder=move || hint.map(|hint| t(app.lang.get(), hint))
            prop:value=move || draft.with(|draft| read(draft).clone())
            on:input=move |event| draft.update(|draft| write(draft, event_target_value(&event)))
        />
    }
}

fn topic_select(
    app: App,
    topics: Memo<Vec<(Arc<str>, i32)>>,
    chosen: Signal<String>,
    testid: &'static str,
    choose: impl Fn(String) + 'static,
) -> AnyView {
    let option = move |(name, _): (Arc<str>, i32)| {
        let (name, value) = (name.to_string(), name.to_string());
        let selected = {
            let name = name.clone();
            move || chosen.with(|chosen| *chosen == name)
        };
        view! { <option value=value prop:selected=selected>{name}</option> }
    };
    field(
        app,
        FormText::Topic,
        "is-topic",
        view! {
            <select data-testid=testid on:change=move |event| choose(event_target_value(&event))>
                {move || topics.get().into_iter().map(option).collect_view()}
            </select>
        },
    )
}

fn records(app: App, draft: RwSignal<Draft>, topics: Memo<Vec<(Arc<str>, i32)>>) -> AnyView {
    let outcome = RwSignal::new(Outcome::Nothing);
    let made = Memo::new(move |_| draft.with(Draft::command));
    let line = Memo::new(move |_| {
        made.with(|made| made.as_ref().map(|command| app.text_of(command)).map_err(Clone::clone))
    });
    // The outcome is about what was sent, not about what is typed now.
    Effect::new(move |_| {
        made.track();
        outcome.set(Outcome::Nothing);
    });
    let send = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        outcome.set(match made.get_untracked() {
            Err(mistake) => Outcome::Mistake(mistake),
            Ok(command) => match app.dispatch(command) {
                Ok(()) => Outcome::Done(FormText::Done),
                Err(refusal) => Outcome::Refused(refusal),
            },
        });
    };
    let chosen = Signal::derive(move || draft.with(|draft| draft.topic.clone()));
    let choose_topic = move |topic| {
        draft.update(|draft| {
            draft.topic = topic;
            topics.with_untracked(|topics| draft.fit(topics));
        });
    };
    let key = text_input(
        app,
        Some(FormText::KeyHint),
        draft,
        "produce-key",
        |d| &d.key,
        |d, text| d.key = text,
    );
    let value = view! {
        <input
            type="text"
            data-testid="produce-value"
            autocomplete="off"
            spellcheck="false"
            disabled=move || draft.with(|draft| draft.null_value)
            prop:value=move || draft.with(|draft| draft.value.clone())
            on:input=move |event| draft.update(|draft| draft.value = event_target_value(&event))
        />
    };
    let shown_line = move || match line.get() {
        Ok(line) => {
            view! { <code class="produce-line" data-testid="produce-line">{line}</code> }.into_any()
        }
        Err(mistake) => {
            let words = move || mistake.words(app.lang.get());
            view! { <span class="produce-mistake" role="status" data-testid="produce-mistake">{words}</span> }.into_any()
        }
    };
    view! {
        <form class="produce-records" aria-label=say(app, FormText::Title) on:submit=send>
            <div class="produce-row">
                {topic_select(app, topics, chosen, "produce-topic", choose_topic)}
                {field(app, FormText::Key, "is-key", key)}
                {field(app, FormText::Value, "is-value", value)}
                {field(app, FormText::Acks, "is-acks", acks(app, draft))}
                <button type="submit" class="button produce-send" data-testid="produce-send">{say(app, FormText::Send)}</button>
            </div>
            <details class="produce-more" data-testid="produce-more">
                <summary>{say(app, FormText::More)}</summary>
                {more(app, draft, topics)}
            </details>
            <div class="produce-preview" aria-label=say(app, FormText::Line) role="group">
                {shown_line}
                <CopyButton text=Signal::derive(move || line.get().unwrap_or_default()) testid="produce-copy" />
            </div>
            {outcome_line(app, outcome, "produce-outcome")}
        </form>
    }
    .into_any()
}

fn acks(app: App, draft: RwSignal<Draft>) -> AnyView {
    let option = move |(acks, key): (Acks, FormText)| {
        let selected = move || draft.with(|draft| draft.acks == acks);
        view! { <option value=acks.to_string() prop:selected=selected>{say(app, key)}</option> }
    };
    let all = [
        (Acks::All, FormText::AcksAll),
        (Acks::Leader, FormText::AcksLeader),
        (Acks::None, FormText::AcksNone),
    ];
    let choose = move |event| {
        let chosen = event_target_value(&event);
        let found = all.iter().find(|(acks, _)| acks.to_string() == chosen);
        if let Some((acks, _)) = found {
            draft.update(|draft| draft.acks = *acks);
        }
    };
    view! { <select data-testid="produce-acks" on:change=choose>{all.map(option).collect_view()}</select> }.into_any()
}

/// What is rarely needed.
fn more(app: App, draft: RwSignal<Draft>, topics: Memo<Vec<(Arc<str>, i32)>>) -> AnyView {
    let partitions = Memo::new(move |_| {
        let topic = draft.with(|draft| draft.topic.clone());
        topics.with(|topics| {
            topics.iter().find(|(name, _)| **name == *topic).map_or(0, |(_, count)| *count)
        })
    });
    let option = move |partition: i32| {
        let selected = move || draft.with(|draft| draft.partition == Some(partition));
        view! { <option value=partition.to_string() prop:selected=selected>{partition}</option> }
    };
    let partition = view! {
        <select
            data-testid="produce-partition"
            on:change=move |event| draft.update(|draft| draft.partition = event_target_value(&event).parse().ok())
        >
            <option value="" prop:selected=move || draft.with(|draft| draft.partition.is_none())>
                {say(app, FormText::PartitionAuto)}
            </option>
            {move || (0..partitions.get()).map(option).collect_view()}
        </select>
    };
    let headers = text_input(
        app,
        Some(FormText::HeadersHint),
        draft,
        "produce-headers",
        |d| &d.headers,
        |d, text| d.headers = text,
    );
    let count = view! {
        <input
            type="text"
            inputmode="numeric"
            data-testid="produce-count"
            autocomplete="off"
            prop:value=move || draft.with(|draft| draft.count.clone())
            on:input=move |event| draft.update(|draft| draft.count = event_target_value(&event))
        />
    };
    let producer = view! {
        <input
            type="text"
            data-testid="produce-producer"
            list="produce-producers"
            autocomplete="off"
            spellcheck="false"
            prop:value=move || draft.with(|draft| draft.producer.clone())
            on:input=move |event| draft.update(|draft| draft.producer = event_target_value(&event))
        />
        <datalist id="produce-producers">
            {move || {
                let names = app.view.with(|view| producers(view));
                names.into_iter().map(|name| view! { <option value=name.to_string()></option> }).collect_view()
            }}
        </datalist>
    };
    view! {
        <div class="produce-row">
            {field(app, FormText::Partition, "is-small", partition)}
            {field(app, FormText::Headers, "is-value", headers)}
            {field(app, FormText::Count, "is-small", count)}
            {field(app, FormText::Producer, "is-key", producer)}
            <label class="produce-check">
                <input
                    type="checkbox"
                    data-testid="produce-null-value"
                    prop:checked=move || draft.with(|draft| draft.null_value)
                    on:change=move |event| draft.update(|draft| draft.null_value = event_target_checked(&event))
                />
                {say(app, FormText::NullValue)}
            </label>
        </div>
    }
    .into_any()
}

fn outcome_line(app: App, outcome: RwSignal<Outcome>, testid: &'static str) -> AnyView {
    let class = move || match outcome.get() {
        Outcome::Nothing | Outcome::Done(_) => "produce-outcome",
        Outcome::Mistake(_) | Outcome::Refused(_) => "produce-outcome is-mistake",
    };
    let text = move || {
        let lang = app.lang.get();
        match outcome.get() {
            Outcome::Nothing => String::new(),
            Outcome::Done(key) => t(lang, key).to_string(),
            Outcome::Mistake(mistake) => mistake.words(lang),
            Outcome::Refused(refusal) => words(&refusal, lang),
        }
    };
    view! { <p class=class role="status" data-testid=testid>{text}</p> }.into_any()
}
