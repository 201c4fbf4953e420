//! A broker or the controller: its state, its epochs, its disk.

use super::parts::{Fact, Tone, fact, facts, head, open_files, title};
use super::quorum::quorum;
use super::why_is::why_node;
use crate::app::App;
use crate::i18n::stage::InspectorText;
use crate::i18n::{format, t};
use crate::panel::why::Why;
use crate::stage::{role_letter, state_text};
use crate::view_model::inspect::{DiskFile, disk_bytes, files};
use crate::view_model::{NodeState, ReplicaRole, Selection};
use kafkascope_engine::command::DiskFault;
use kafkascope_engine::ids::NodeId;
use kafkascope_engine::script::print::faults::disk_text;
use kafkascope_engine::sim::disk::DiskCondition;
use leptos::prelude::*;

pub fn broker(app: App, id: NodeId) -> AnyView {
    let kind =
        if id.is_controller() { InspectorText::ControllerNode } else { InspectorText::Broker };
    view! {
        {head(app, kind, move || id.to_string())}
        {facts(app, move || node_facts(app, id))}
        {why_node(app, id)}
        {quorum(app, id)}
        {led(app, id)}
        <Why />
        {title(app, InspectorText::Disk)}
        {disk(app, id)}
        {open_files(app, id, None)}
    }
    .into_any()
}

fn node_facts(app: App, id: NodeId) -> Vec<Fact> {
    let lang = app.lang.get();
    let disk_bytes = app.with_timeline(|timeline| disk_bytes(timeline.cluster(), id));
    app.view.with(|view| {
        let Some(node) = view.node(id) else {
            return Vec::new();
        };
        let tone = match node.state {
            NodeState::Running => Tone::Good,
            NodeState::Down | NodeState::NoPower => Tone::Bad,
            _ => Tone::Attention,
        };
        let mut facts =
            vec![fact(InspectorText::State, t(lang, state_text(node.state))).tone(tone)];
        if !id.is_controller() && !node.is_registered && node.state != NodeState::Starting {
            let none = t(lang, InspectorText::NotRegistered);
            facts.push(fact(InspectorText::Registration, none).tone(Tone::Attention));
        }
        facts.extend(node.rack.as_ref().map(|rack| fact(InspectorText::Rack, rack)));
        if node.state.has_process() {
            if !id.is_controller() {
                facts.push(fact(InspectorText::BrokerEpoch, node.epoch));
            }
            match &node.quorum {
                Some(_) if id.is_controller() => {}
                _ => facts.push(fact(InspectorText::MetadataEnd, node.metadata_end_offset)),
            }
            facts.push(fact(InspectorText::Parked, node.parked));
        }
        if node.disk != DiskCondition::Sound {
            let condition = disk_text(DiskFault::Becomes(node.disk));
            facts.push(fact(InspectorText::DiskState, condition).tone(Tone::Bad));
        }
        if node.queued > 0 {
            facts.push(fact(InspectorText::Queued, node.queued).tone(Tone::Attention));
        }
        let dirty = fact(InspectorText::DirtyBytes, format::bytes(node.dirty_bytes));
        facts.push(if node.dirty_bytes > 0 { dirty.tone(Tone::Attention) } else { dirty });
        facts.push(fact(InspectorText::DiskBytes, format::bytes(disk_bytes)));
        if !id.is_controller() {
            facts.push(fact(InspectorText::ReadFromCache, format::bytes(node.reads.from_cache)));
            facts.push(fact(InspectorText::ReadFromDisk, format::bytes(node.reads.from_disk)));
        }
        facts
    })
}

/// Its replicas, each a way to its own page.
fn led(app: App, id: NodeId) -> AnyView {
    let replicas = Memo::new(move |_| {
        app.view.with(|view| {
            let replicas = view.node(id).map_or(&[][..], |node| &node.replicas);
            replicas
                .iter()
                .map(|r| (r.partition.clone(), r.role, r.log_end_offset, r.high_watermark))
                .collect::<Vec<_>>()
        })
    });
    view! {
        <Show when=move || replicas.with(|replicas| !replicas.is_empty())>
            {title(app, InspectorText::Replicas)}
            <ul class="links">
                <For each=move || replicas.get() key=|replica| (replica.0.clone(), replica.1 as u8, replica.2, replica.3) let:replica>
                    {
                        let (partition, role, leo, hw) = replica;
                        let name = partition.to_string();
                        let go = move |_| app.selection.set(Selection::Replica { node: id, partition: partition.clone() });
                        view! {
                            <li>
                                <button type="button" class="link-row" on:click=go>
                                    <span class="badge" class:is-leader={role == ReplicaRole::Leader}>{role_letter(role)}</span>
                                    <span class="link-row-name">{name}</span>
                                    <span class="mono">{format!("HW {hw} · LEO {leo}")}</span>
                                </button>
                            </li>
                        }
                    }
                </For>
            </ul>
        </Show>
    }
    .into_any()
}

fn disk(app: App, id: NodeId) -> AnyView {
    let files = Memo::new(move |_| {
        app.view.track();
        app.with_timeline(|timeline| files(timeline.cluster(), id))
    });
    let row = move |(dir, file): (Option<String>, DiskFile)| {
        let dirty = file.len - file.durable_len;
        let name = file.path.rsplit('/').next().unwrap_or_default().to_string();
        // A long name breaks before its extension.
        let (stem, extension) = name.rfind('.').map_or((name.clone(), String::new()), |at| {
            (name[..at].to_string(), name[at..].to_string())
        });
        view! {
            {dir.map(|dir| view! { <tr class="dir"><th scope="rowgroup" colspan="3">{dir}</th></tr> })}
            <tr class:is-dirty={dirty > 0}>
                <td class="path">{stem}<wbr />{extension}</td>
                <td class="number">{format::bytes(file.len)}</td>
                <td class="number">{if dirty > 0 { format::bytes(dirty) } else { String::new() }}</td>
            </tr>
        }
    };
    view! {
        <table class="files">
            <thead>
                <tr>
                    <th scope="col">{move || t(app.lang.get(), InspectorText::File)}</th>
                    <th scope="col">{move || t(app.lang.get(), InspectorText::Size)}</th>
                    <th scope="col">{move || t(app.lang.get(), InspectorText::Dirty)}</th>
                </tr>
            </thead>
            <tbody>{move || with_dirs(files.get()).into_iter().map(row).collect_view()}</tbody>
        </table>
    }
    .into_any()
}

/// Each file, the first of a directory with the directory's name.
fn with_dirs(files: Vec<DiskFile>) -> Vec<(Option<String>, DiskFile)> {
    let mut before = None;
    let mut named = Vec::new();
    for file in files {
        let dir = format!("{}/", file.path.rsplit_once('/').map_or("", |(dir, _)| dir));
        let is_new = before.as_ref() != Some(&dir);
        before = Some(dir.clone());
        named.push((is_new.then_some(dir), file));
    }
    named
}
