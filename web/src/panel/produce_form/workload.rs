//! Letting a producer send by itself, and stopping it.

use super::{Outcome, field, outcome_line, say, topic_select};
use crate::app::App;
use crate::i18n::panels::FormText;
use crate::panel::copy::CopyButton;
use crate::view_model::View;
use kafkascope_engine::command::Command;
use kafkascope_engine::command::workload::{Workload, WorkloadKind};
use kafkascope_engine::script::line::WORKLOAD_SEED;
use leptos::prelude::*;
use std::sync::Arc;

const RATES: [u32; 5] = [1, 5, 10, 50, 200];

/// What the producer of a kind is called: what it is, and a number if that name is taken.
fn free_name(view: &View, kind: WorkloadKind) -> String {
    let stem = match kind {
        WorkloadKind::Steady | WorkloadKind::Bursty | WorkloadKind::Skewed => kind.name(),
        WorkloadKind::Orders => "shop",
        WorkloadKind::Sensors => "sensors",
    };
    let numbered = (2..).map(|n: usize| format!("{stem}-{n}"));
    std::iter::once(stem.to_string())
        .chain(numbered)
        .find(|name| !view.clients.iter().any(|client| *client.name == **name))
        .unwrap_or_default()
}

fn kind_text(kind: WorkloadKind) -> FormText {
    match kind {
        WorkloadKind::Steady => FormText::Steady,
        WorkloadKind::Bursty => FormText::Bursty,
        WorkloadKind::Skewed => FormText::Skewed,
        WorkloadKind::Orders => FormText::Orders,
        WorkloadKind::Sensors => FormText::Sensors,
    }
}

/// Producers that send by themselves.
fn running(app: App) -> Vec<Arc<str>> {
    app.with_timeline(|timeline| {
        let open = timeline.cluster().clients().filter(|client| !client.closed);
        let runs = |client: &&kafkascope_engine::cluster::Client| {
            client.producer().is_some_and(|producer| producer.workload.is_some())
        };
        open.filter(runs).map(|client| client.name.clone()).collect()
    })
}

pub fn form(app: App, topics: Memo<Vec<(Arc<str>, i32)>>) -> AnyView {
    let topic = RwSignal::new(String::new());
    let kind = RwSignal::new(WorkloadKind::Orders);
    let rate = RwSignal::new(RATES[1]);
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
    let command = Memo::new(move |_| {
        Command::StartWorkload(Workload {
            producer: app.view.with(|view| free_name(view, kind.get())).into(),
            topic: topic.get().into(),
            kind: kind.get(),
            rate: rate.get(),
            seed: WORKLOAD_SEED,
            count: None,
            record_size: None,
        })
    });
    let line = Memo::new(move |_| command.with(|command| app.text_of(command)));
    let give = move |command: Command| {
        outcome.set(match app.dispatch(command) {
            Ok(()) => Outcome::Done(FormText::DoneWorkload),
            Err(refusal) => Outcome::Refused(refusal),
        });
    };
    let start = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        give(command.get_untracked());
    };
    let kind_option = move |each: WorkloadKind| {
        let selected = move || kind.get() == each;
        view! { <option value=each.name() prop:selected=selected>{say(app, kind_text(each))}</option> }
    };
    let choose_kind = move |event| {
        let name = event_target_value(&event);
        let chosen = WorkloadKind::ALL.into_iter().find(|kind| kind.name() == name);
        if let Some(chosen) = chosen {
            kind.set(chosen);
        }
    };
    let rate_option = move |each: u32| {
        let selected = move || rate.get() == each;
        view! { <option value=each.to_string() prop:selected=selected>{each.to_string()}</option> }
    };
    let choose_rate =
        move |event| _ = event_target_value(&event).parse().map(|chosen| rate.set(chosen));
    let runs = Memo::new(move |_| {
        app.view.track();
        running(app)
    });
    let stop = move |name: Arc<str>| {
        let (testid, producer) = (format!("workload-stop-{name}"), name.clone());
        let act = move |_| {
            let producer = producer.clone();
            let _ = app.dispatch(Command::StopWorkload { producer });
        };
        view! {
            <button type="button" class="button" data-testid=testid on:click=act>
                {say(app, FormText::Stop)} " " {name.to_string()}
            </button>
        }
    };
    view! {
        <form class="produce-consumer" aria-label=say(app, FormText::Workload) on:submit=start>
            <div class="produce-row">
                <h3 class="produce-heading">{say(app, FormText::Workload)}</h3>
                {topic_select(app, topics, topic.into(), "workload-topic", move |chosen| topic.set(chosen))}
                {field(app, FormText::Kind, "is-acks", view! {
                    <select data-testid="workload-kind" on:change=choose_kind>{WorkloadKind::ALL.map(kind_option).collect_view()}</select>
                })}
                {field(app, FormText::Rate, "is-small", view! {
                    <select data-testid="workload-rate" on:change=choose_rate>{RATES.map(rate_option).collect_view()}</select>
                })}
                <button type="submit" class="button produce-start" data-testid="workload-start">{say(app, FormText::Start)}</button>
                {move || runs.get().into_iter().map(stop).collect_view()}
            </div>
            <div class="produce-preview" aria-label=say(app, FormText::Line) role="group">
                <code class="produce-line" data-testid="workload-line">{move || line.get()}</code>
                <CopyButton text=line.into() testid="workload-copy" />
            </div>
            {outcome_line(app, outcome, "workload-outcome")}
        </form>
    }
    .into_any()
}
