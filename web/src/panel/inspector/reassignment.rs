//! A partition that a reassignment moves: what it is to become, how far each new replica's copy has come,
//! what holds it back, and the way to take it back. When it is over, what it may have left behind.

use super::parts::title;
use crate::app::App;
use crate::i18n::commands::MoveText;
use crate::i18n::{say, t};
use crate::panel::copy::CopyButton;
use crate::view_model::inspect::throttle::{Throttled, is_set, throttled};
use crate::view_model::moving::Copied;
use kafkascope_engine::command::{Command, Reassign, ReassignAction};
use kafkascope_engine::ids::{NodeId, TopicPartition};
use leptos::prelude::*;

#[derive(Clone, Debug, PartialEq)]
struct Move {
    replicas: Vec<NodeId>,
    adding: Vec<(NodeId, Copied)>,
    removing: Vec<NodeId>,
    throttled: Vec<Throttled>,
}

fn find(app: App, id: &TopicPartition) -> Option<Move> {
    app.view.with(|view| {
        let partition = view.partition(id).filter(|partition| partition.is_reassigning())?;
        let copied = |node: &NodeId| (*node, view.copied(*node, partition));
        Some(Move {
            replicas: partition.replicas.clone(),
            adding: partition.adding.iter().map(copied).collect(),
            removing: partition.removing.clone(),
            throttled: app.with_timeline(|timeline| throttled(timeline.cluster(), id)),
        })
    })
}

pub fn reassignment(app: App, id: TopicPartition) -> AnyView {
    let moving = Memo::new({
        let id = id.clone();
        move |_| find(app, &id)
    });
    let is_moving = Memo::new(move |_| moving.with(Option::is_some));
    let left_over = Memo::new({
        let id = id.clone();
        move |_| {
            let is_over = app.view.with(|view| view.gauges.reassigning_partitions == 0);
            is_over && app.with_timeline(|timeline| is_set(timeline.cluster(), &id))
        }
    });
    let cancel = {
        let id = id.clone();
        move || request(app, &id, ReassignAction::Cancel { preserve_throttles: false })
    };
    let verify = move || request(app, &id, ReassignAction::Verify { preserve_throttles: false });
    view! {
        <Show when=move || is_moving.get()>
            {title(app, MoveText::Title)}
            <div class="reassignment" data-testid="reassignment">
                {move || moving.get().map(|moving| body(app, &moving))}
                {act(app, MoveText::Cancel, "cancel-reassignment", cancel.clone())}
            </div>
        </Show>
        <Show when=move || left_over.get()>
            <div class="reassignment" data-testid="throttle-left">
                <p class="quiet">{move || t(app.lang.get(), MoveText::LeftOver)}</p>
                {act(app, MoveText::Clear, "clear-throttle", verify.clone())}
            </div>
        </Show>
    }
    .into_any()
}

/// The tool wants to know where the replicas are to be, also to take that back.
fn request(app: App, id: &TopicPartition, action: ReassignAction) -> Command {
    let target = app.view.with(|view| view.partition(id).map(|p| p.target()).unwrap_or_default());
    Command::ReassignPartitions(Reassign { action, targets: vec![(id.clone(), target)] })
}

/// A command by a button, with the line that it gives.
fn act(
    app: App,
    text: MoveText,
    testid: &'static str,
    command: impl Fn() -> Command + Clone + Send + Sync + 'static,
) -> AnyView {
    let for_line = command.clone();
    let line = Signal::derive(move || {
        app.view.track();
        app.text_of(&for_line())
    });
    let run = move |_| _ = app.dispatch(untrack(&command));
    view! {
        <div class="reassignment-act">
            <button type="button" class="button" data-testid=testid on:click=run>{move || t(app.lang.get(), text)}</button>
            <code>{line}</code>
            <CopyButton text=line testid="copy-command" />
        </div>
    }
    .into_any()
}

fn ids(nodes: &[NodeId]) -> String {
    nodes.iter().map(|node| node.0.to_string()).collect::<Vec<_>>().join(",")
}

fn body(app: App, moving: &Move) -> AnyView {
    let lang = app.lang.get();
    let added: Vec<NodeId> = moving.adding.iter().map(|(node, _)| *node).collect();
    let lists = [
        (MoveText::Replicas, ids(&moving.replicas)),
        (MoveText::Adding, ids(&added)),
        (MoveText::Removing, ids(&moving.removing)),
    ];
    let list = |(name, value): (MoveText, String)| {
        view! { <div class="fact"><dt>{t(lang, name)}</dt><dd class="mono">{value}</dd></div> }
    };
    let held = moving.throttled.iter().map(|one| {
        let (node, way) = (one.node, if one.sends { MoveText::Sends } else { MoveText::Takes });
        let (way, rate) = (t(lang, way), one.rate.clone().unwrap_or("∞".into()));
        view! { <li>{node.to_string()} " " {way} " " <b>{rate} " B/s"</b></li> }
    });
    let throttle = match moving.throttled.is_empty() {
        true => view! { <p class="quiet">{t(lang, MoveText::Throttle)} " " {t(lang, MoveText::NoThrottle)}</p> }.into_any(),
        false => view! {
            <p class="eyebrow">{t(lang, MoveText::Throttle)}</p>
            <ul class="throttled" data-testid="throttled">{held.collect_view()}</ul>
        }
        .into_any(),
    };
    let bars = moving.adding.iter().map(|(node, copied)| {
        let (Copied { records, of }, percent) = (*copied, copied.percent());
        let words = say!(lang, "레코드 {of}개 중 {records}개 · {percent}%", "{records} of {of} records · {percent}%");
        view! {
            <div class="copy-row" data-testid=format!("copy-{node}")>
                <span>{node.to_string()}</span>
                <span class="number">{words.clone()}</span>
                <div class="copy-bar" role="progressbar" aria-label=node.to_string() aria-valuemin="0" aria-valuemax="100"
                    aria-valuenow=percent.to_string() aria-valuetext=words>
                    <i style=format!("width:{percent}%")></i>
                </div>
            </div>
        }
    });
    view! {
        <dl class="facts">{lists.map(list).collect_view()}</dl>
        {bars.collect_view()}
        {throttle}
    }
    .into_any()
}
