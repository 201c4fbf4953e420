//! The part of a node in the KRaft quorum: its state, epoch and votes, its metadata log with the epochs
//! that wrote it, and, of the leader, who has how much of it.

use super::parts::{Fact, Tone, fact, facts, title};
use crate::app::App;
use crate::i18n::stage::InspectorText;
use crate::i18n::{format, t};
use crate::stage::epoch_class;
use crate::view_model::{FetcherView, QuorumView, Selection, SnapshotView};
use kafkascope_engine::ids::NodeId;
use leptos::prelude::*;

pub fn quorum(app: App, id: NodeId) -> AnyView {
    let quorum = Memo::new(move |_| {
        app.view.with(|view| view.node(id).and_then(|node| node.quorum.clone()))
    });
    view! {
        <Show when=move || quorum.with(Option::is_some)>
            {title(app, InspectorText::Quorum)}
            {facts(app, move || quorum.with(|q| q.as_ref().map(quorum_facts).unwrap_or_default()))}
            {move || quorum.with(|q| q.as_ref().map(|q| log_strip(app, q)))}
            {move || quorum.with(|q| q.as_ref().map(|q| fetchers(app, q)))}
        </Show>
    }
    .into_any()
}

fn quorum_facts(quorum: &QuorumView) -> Vec<Fact> {
    let somebody = |node: Option<NodeId>| node.map_or("-".to_string(), |node| node.to_string());
    let role = fact(InspectorText::QuorumRole, quorum.role);
    let leader = fact(InspectorText::QuorumLeader, somebody(quorum.leader));
    let mut facts = vec![
        if quorum.is_active { role.tone(Tone::Good) } else { role },
        fact(InspectorText::ControllerEpoch, quorum.epoch),
        if quorum.leader.is_some() { leader } else { leader.tone(Tone::Attention) },
        fact(InspectorText::VotedFor, somebody(quorum.voted)),
    ];
    if let Some((granted, rejected, voters)) = quorum.ballot {
        let votes = format!("+{granted} −{rejected} / {voters}");
        facts.push(fact(InspectorText::Votes, votes).tone(Tone::Attention));
    }
    facts.extend([
        fact(InspectorText::LogEnd, quorum.log_end_offset),
        fact(InspectorText::HighWatermark, quorum.high_watermark),
    ]);
    if quorum.log_start_offset > 0 {
        facts.push(fact(InspectorText::LogStart, quorum.log_start_offset));
    }
    if let Some(offset) = quorum.fetching {
        facts.push(fact(InspectorText::FetchingSnapshot, offset).tone(Tone::Attention));
    }
    facts
}

/// Where an offset lies between the log's start and its end, in percent.
fn percent(quorum: &QuorumView, offset: i64) -> f64 {
    let length = (quorum.log_end_offset - quorum.log_start_offset).max(1) as f64;
    ((offset - quorum.log_start_offset) as f64 / length * 100.0).clamp(0.0, 100.0)
}

/// The log as a band of its epochs' colours, with the high watermark and the snapshots.
fn log_strip(app: App, quorum: &QuorumView) -> AnyView {
    let lang = app.lang.get();
    let ends = quorum.epochs.iter().skip(1).map(|(_, start)| *start);
    let ends = ends.chain([quorum.log_end_offset]);
    let bands: Vec<_> = quorum
        .epochs
        .iter()
        .zip(ends)
        .map(|(&(epoch, start), end)| {
            let start = start.max(quorum.log_start_offset);
            let (left, width) =
                (percent(quorum, start), percent(quorum, end) - percent(quorum, start));
            let style = format!("left:{left:.2}%;width:{width:.2}%");
            let label = if width > 8.0 { format!("e{epoch}") } else { String::new() };
            let hint = format!("e{epoch}: {start}–{}", end - 1);
            view! { <i class=epoch_class(epoch) style=style title=hint>{label}</i> }
        })
        .collect();
    let mark = format!("left:{:.2}%", percent(quorum, quorum.high_watermark));
    let snapshots: Vec<_> = quorum
        .snapshots
        .iter()
        .map(|&SnapshotView { offset, epoch, bytes }| {
            let style = format!("left:{:.2}%", percent(quorum, offset));
            let hint = format!("< {offset}, e{epoch}, {}", format::bytes(bytes));
            view! { <u style=style title=hint></u> }
        })
        .collect();
    let legend = [
        format!("{} {}", t(lang, InspectorText::HighWatermark), quorum.high_watermark),
        match quorum.snapshots.last() {
            Some(SnapshotView { offset, bytes, .. }) => {
                let word = t(lang, InspectorText::Snapshots);
                format!("{word} {}: < {offset}, {}", quorum.snapshots.len(), format::bytes(*bytes))
            }
            None => t(lang, InspectorText::NoSnapshot).to_string(),
        },
    ];
    let [mark_words, snapshot_words] = legend;
    view! {
        <div class="quorum-log" data-testid="quorum-log">
            <div class="quorum-band">{bands}<b style=mark></b>{snapshots}</div>
            <p class="quorum-ends mono">
                <span>{quorum.log_start_offset}</span><span>{quorum.log_end_offset}</span>
            </p>
            <p class="quorum-legend">
                <span class="is-mark">{mark_words}</span>
                <span class="is-snapshot">{snapshot_words}</span>
            </p>
        </div>
    }
    .into_any()
}

fn fetchers(app: App, quorum: &QuorumView) -> AnyView {
    if quorum.fetchers.is_empty() {
        return ().into_any();
    }
    let lang = app.lang.get();
    let rows: Vec<_> = quorum
        .fetchers
        .iter()
        .map(|&FetcherView { id, is_voter, end_offset }| {
            let kind = if is_voter { InspectorText::Voter } else { InspectorText::Observer };
            let lag = quorum.log_end_offset - end_offset;
            let text = match end_offset {
                ..0 => t(lang, InspectorText::NotFetched).to_string(),
                _ => format!("LEO {end_offset} · lag {lag}"),
            };
            let width = format!("width:{:.2}%", percent(quorum, end_offset));
            let go = move |_| app.selection.set(Selection::Broker(id));
            view! {
                <li>
                    <button type="button" class="link-row quorum-fetcher" on:click=go>
                        <span class="link-row-name">
                            {id.to_string()} <small>{t(lang, kind)}</small>
                        </span>
                        <span class="mono">{text}</span>
                        <i class:is-voter=is_voter style=width></i>
                    </button>
                </li>
            }
        })
        .collect();
    view! {
        {title(app, InspectorText::Fetchers)}
        <ul class="links">{rows}</ul>
    }
    .into_any()
}
