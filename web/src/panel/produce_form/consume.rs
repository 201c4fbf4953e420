//! Starting a consumer of a topic.

use super::{Outcome, field, outcome_line, say, topic_select};
use crate::app::App;
use crate::i18n::panels::FormText;
use crate::panel::copy::CopyButton;
use crate::view_model::View;
use kafkascope_engine::command::{Command, StartFrom};
use kafkascope_engine::script::line::CONSUMER;
use leptos::prelude::*;
use std::collections::BTreeSet;
use std::sync::Arc;

/// The first of consumer-1, consumer-2 ... that is free.
fn free_consumer_name(view: &View) -> String {
    let stem = CONSUMER.trim_end_matches(|c: char| c.is_ascii_digit());
    let name = |n: usize| format!("{stem}{n}");
    (1..)
        .map(name)
        .find(|name| !view.clients.iter().any(|client| *client.name == **name))
        .unwrap_or_default()
}

pub fn form(app: App, topics: Memo<Vec<(Arc<str>, i32)>>) -> AnyView {
    let topic = RwSignal::new(String::new());
    let from = RwSignal::new(StartFrom::Earliest);
    let rack = RwSignal::new(None::<Arc<str>>);
    let outcome = RwSignal::new(Outcome::Nothing);
    Effect::new(move |_| {
        let first = topics.with(|topics| {
            let chosen = topic.get_untracked();
            let still_there = topics.iter().any(|(name, _)| **name == *chosen);
            (!still_there)
                .then(|| topics.first().map_or(String::new(), |(name, _)| name.to_string()))
        });
        first.map(|first| topic.set(first))
    });
    let command = Memo::new(move |_| Command::Consume {
        topic: topic.get().into(),
        consumer: app.view.with(|view| free_consumer_name(view)).into(),
        from: from.get(),
        client_rack: rack.get(),
        configs: Vec::new(),
        group: None,
    });
    let line = Memo::new(move |_| command.with(|command| app.text_of(command)));
    let start = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        outcome.set(match app.dispatch(command.get_untracked()) {
            Ok(()) => Outcome::Done(FormText::DoneConsume),
            Err(refusal) => Outcome::Refused(refusal),
        });
    };
    let option = move |(start, value, key): (StartFrom, &'static str, FormText)| {
        let selected = move || from.get() == start;
        view! { <option value=value prop:selected=selected>{say(app, key)}</option> }
    };
    let choices = [
        (StartFrom::Earliest, "earliest", FormText::FromEarliest),
        (StartFrom::Latest, "latest", FormText::FromLatest),
    ];
    let choose_from = move |event| {
        let latest = event_target_value(&event) == "latest";
        from.set(if latest { StartFrom::Latest } else { StartFrom::Earliest });
    };
    let racks = Memo::new(move |_| {
        app.view.with(|view| {
            let racks = view.nodes.iter().filter_map(|node| node.rack.clone());
            racks.collect::<BTreeSet<_>>()
        })
    });
    let choose_rack = move |event| {
        let name = event_target_value(&event);
        rack.set((!name.is_empty()).then(|| name.into()));
    };
    let rack_option = move |name: Arc<str>| {
        let (value, shown) = (name.to_string(), name.to_string());
        let selected = move || rack.with(|rack| *rack == Some(name.clone()));
        view! { <option value=value prop:selected=selected>{shown}</option> }
    };
    let rack_field = move || {
        field(
            app,
            FormText::Rack,
            "is-acks",
            view! {
                <select data-testid="consume-rack" on:change=choose_rack>
                    <option value="">{say(app, FormText::NoRack)}</option>
                    {move || racks.get().into_iter().map(rack_option).collect_view()}
                </select>
            },
        )
    };
    view! {
        <form class="produce-consumer" aria-label=say(app, FormText::Consume) on:submit=start>
            <div class="produce-row">
                <h3 class="produce-heading">{say(app, FormText::Consume)}</h3>
                {topic_select(app, topics, topic.into(), "consume-topic", move |chosen| topic.set(chosen))}
                {field(app, FormText::From, "is-acks", view! {
                    <select data-testid="consume-from" on:change=choose_from>{choices.map(option).collect_view()}</select>
                })}
                <Show when=move || racks.with(|racks| !racks.is_empty())>{rack_field()}</Show>
                <button type="submit" class="button produce-start" data-testid="consume-start">{say(app, FormText::Start)}</button>
            </div>
            <div class="produce-preview" aria-label=say(app, FormText::Line) role="group">
                <code class="produce-line" data-testid="consume-line">{move || line.get()}</code>
                <CopyButton text=line.into() testid="consume-copy" />
            </div>
            {outcome_line(app, outcome, "consume-outcome")}
        </form>
    }
    .into_any()
}
