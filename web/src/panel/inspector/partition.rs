//! A replica, and with it its partition: how it is in the words of Kafka's tools, its ISR as a ring, why
//! all of it is so, and every replica's offsets side by side.

use super::cluster::label_class;
use super::parts::{Fact, Tone, fact, facts, head, open_files, title};
use super::reassignment::reassignment;
use super::ring::isr_ring;
use super::why_is::why_is;
use super::why_not::why_not;
use crate::app::App;
use crate::i18n::stage::InspectorText;
use crate::i18n::{Lang, say, t};
use crate::panel::topic_commands::command_row;
use crate::panel::why::Why;
use crate::stage::{role_letter, role_text, trouble_name};
use crate::view_model::{ReplicaRole, Selection};
use kafkascope_engine::ids::{NodeId, TopicPartition};
use kafkascope_engine::metrics::Trouble;
use leptos::prelude::*;

pub fn replica(app: App, node: NodeId, id: TopicPartition) -> AnyView {
    let name = format!("{id} · {node}");
    let dir = id.to_string();
    let [for_labels, for_commands, for_move, for_ring, for_why, for_facts, for_table, for_why_not] =
        std::array::from_fn(|_| id.clone());
    let for_records = id;
    view! {
        {head(app, InspectorText::Replica, move || name.clone())}
        {labels(app, for_labels)}
        {command_row(app, for_commands)}
        {reassignment(app, for_move)}
        {title(app, InspectorText::Isr)}
        {isr_ring(app, for_ring)}
        {why_is(app, node, for_why)}
        {title(app, InspectorText::Replicas)}
        {table(app, node, for_table)}
        {title(app, InspectorText::Facts)}
        {facts(app, move || replica_facts(app, node, &for_facts))}
        {why_not(app, node, for_why_not, None)}
        {open_files(app, node, Some(dir))}
        <Why />
        {records(app, node, for_records)}
    }
    .into_any()
}

fn names(nodes: &[NodeId]) -> String {
    let ids: Vec<String> = nodes.iter().map(|node| node.0.to_string()).collect();
    format!("[{}]", ids.join(", "))
}

fn replica_facts(app: App, node: NodeId, id: &TopicPartition) -> Vec<Fact> {
    let lang = app.lang.get();
    app.view.with(|view| {
        let Some(replica) = view.node(node).and_then(|node| node.replica(id)) else {
            return Vec::new();
        };
        let mut facts = vec![
            fact(InspectorText::Role, t(lang, role_text(replica.role))),
            fact(InspectorText::HighWatermark, replica.high_watermark).tone(Tone::Good),
            fact(InspectorText::LogEnd, replica.log_end_offset),
            fact(InspectorText::LogStart, replica.log_start_offset),
            fact(InspectorText::LeaderEpoch, replica.leader_epoch),
        ];
        if let Some(partition) = view.partition(id) {
            let isr = fact(InspectorText::Isr, names(&partition.isr));
            facts.push(if partition.is_under_replicated() {
                isr.tone(Tone::Attention)
            } else {
                isr
            });
            let min = fact(InspectorText::MinIsr, partition.min_insync_replicas);
            let below = partition.isr.len() < partition.min_insync_replicas;
            facts.push(if below { min.tone(Tone::Bad) } else { min });
            if !partition.elr.is_empty() || !partition.last_known_elr.is_empty() {
                facts.push(fact(InspectorText::Elr, names(&partition.elr)));
                facts.push(fact(InspectorText::LastKnownElr, names(&partition.last_known_elr)));
            }
            let factor = partition.replicas.len() - partition.adding.len();
            facts.push(fact(InspectorText::ReplicationFactor, factor));
            facts.push(fact(InspectorText::PartitionEpoch, partition.partition_epoch));
        }
        facts
    })
}

/// Broker, role, LEO, HW, epoch, in ISR.
type Row = (NodeId, ReplicaRole, i64, i64, i32, bool);

fn table(app: App, shown: NodeId, id: TopicPartition) -> AnyView {
    let partition = id.clone();
    let rows = Memo::new(move |_| {
        app.view.with(|view| {
            view.brokers()
                .filter_map(|node| Some((node.id, node.replica(&id)?)))
                .map(|(node, r)| {
                    (node, r.role, r.log_end_offset, r.high_watermark, r.leader_epoch, r.in_isr)
                })
                .collect::<Vec<Row>>()
        })
    });
    let row = move |(node, role, leo, hw, epoch, in_isr): Row| {
        let partition = partition.clone();
        let go =
            move |_| app.selection.set(Selection::Replica { node, partition: partition.clone() });
        let lang = app.lang.get_untracked();
        view! {
            <tr class:is-shown={node == shown} class:is-behind=!in_isr>
                <th scope="row">
                    <button type="button" class="text-link" on:click=go>{node.to_string()}</button>
                    " "
                    <span class="badge" class:is-leader={role == ReplicaRole::Leader}>
                        {role_letter(role)}
                    </span>
                </th>
                <td class="number">{leo}</td>
                <td class="number">{hw}</td>
                <td class="number">{epoch}</td>
                <td>{t(lang, if in_isr { InspectorText::Yes } else { InspectorText::No })}</td>
            </tr>
        }
    };
    view! {
        <table class="replicas" data-testid="replica-table">
            <thead>
                <tr>
                    <th scope="col"><span class="visually-hidden">{move || t(app.lang.get(), InspectorText::Broker)}</span></th>
                    <th scope="col">"LEO"</th>
                    <th scope="col">"HW"</th>
                    <th scope="col">"epoch"</th>
                    <th scope="col">"ISR"</th>
                </tr>
            </thead>
            <tbody>{move || { app.lang.track(); rows.get().into_iter().map(row.clone()).collect_view() }}</tbody>
        </table>
    }
    .into_any()
}

/// How the partition is, as tools for Kafka call it.
fn labels(app: App, id: TopicPartition) -> AnyView {
    let shown = Memo::new(move |_| {
        app.view.with(|view| {
            let partition = view.partition(&id)?;
            let out = partition
                .replicas
                .iter()
                .filter(|node| !partition.isr.contains(node) && !partition.adding.contains(node));
            let out = out.count();
            let preferred = partition.leader == partition.replicas.first().copied();
            Some((partition.trouble, out, partition.leader.is_none() || preferred))
        })
    });
    let body = move || {
        let lang = app.lang.get();
        let (trouble, out, is_preferred) = shown.get()?;
        let trouble = trouble.map(|trouble| {
            view! {
                <span class=label_class(trouble)>{trouble_name(trouble)}</span>
                <span class="label-gloss">{trouble_gloss(trouble, lang)}</span>
            }
        });
        let out = (out > 0).then(|| {
            let text = say!(lang, "Out of sync replicas {out}", "Out of sync replicas {out}");
            view! { <span class="label is-attention">{text}</span> }
        });
        let other = (!is_preferred).then(|| {
            view! { <span class="label">{t(lang, InspectorText::NotPreferred)}</span> }
        });
        Some(view! { {trouble} {out} {other} })
    };
    view! { <p class="labels" data-testid="partition-labels">{body}</p> }.into_any()
}

fn trouble_gloss(trouble: Trouble, lang: Lang) -> &'static str {
    match trouble {
        Trouble::Offline => {
            lang.pick("리더가 없어 읽고 쓸 수 없습니다.", "Nobody leads: no reads, no writes.")
        }
        Trouble::UnderMinIsr => lang.pick("acks=all이 거절됩니다.", "acks=all is refused."),
        Trouble::AtMinIsr => lang.pick(
            "하나만 더 빠지면 acks=all이 거절됩니다.",
            "One more out, and acks=all is refused.",
        ),
        Trouble::UnderReplicated => {
            lang.pick("동기화되지 않은 레플리카가 있습니다.", "A replica is out of sync.")
        }
    }
}

/// The latest records, each a way to its page: the keyboard's way, too.
fn records(app: App, node: NodeId, id: TopicPartition) -> AnyView {
    let partition = id.clone();
    let cells = Memo::new(move |_| {
        app.view.with(|view| {
            let replica = view.node(node).and_then(|node| node.replica(&id));
            replica.map_or(Vec::new(), |r| {
                r.cells.iter().map(|cell| (cell.offset, cell.committed)).collect()
            })
        })
    });
    view! {
        <Show when=move || cells.with(|cells| !cells.is_empty())>
            {title(app, InspectorText::Records)}
        </Show>
        <ul class="offsets">
            <For each=move || cells.get() key=|cell| *cell let:cell>
                {
                    let partition = partition.clone();
                    let (offset, committed) = cell;
                    let go = move |_| app.selection.set(Selection::Record { node, partition: partition.clone(), offset });
                    view! {
                        <li><button type="button" class="offset" class:is-uncommitted=!committed on:click=go>{offset}</button></li>
                    }
                }
            </For>
        </ul>
    }
    .into_any()
}
