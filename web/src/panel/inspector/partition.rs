//! A replica, and with it its partition: every replica's offsets side by side, and what holds the high
//! watermark where it is.

use super::parts::{Fact, Tone, fact, facts, head, open_files, title};
use super::why_not::why_not;
use crate::app::App;
use crate::i18n::stage::InspectorText;
use crate::i18n::{Lang, say, t};
use crate::panel::why::Why;
use crate::stage::{role_letter, role_text};
use crate::view_model::inspect::{Behind, HwReason, hw_reason};
use crate::view_model::{ReplicaRole, Selection};
use kafkascope_engine::ids::{NodeId, TopicPartition};
use leptos::prelude::*;

pub fn replica(app: App, node: NodeId, id: TopicPartition) -> AnyView {
    let name = format!("{id} · {node}");
    let dir = id.to_string();
    let (for_facts, for_table, for_hw, for_why_not) =
        (id.clone(), id.clone(), id.clone(), id.clone());
    let for_records = id;
    view! {
        {head(app, InspectorText::Replica, move || name.clone())}
        {title(app, InspectorText::WhyHw)}
        {why_hw(app, for_hw)}
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
            facts.push(fact(InspectorText::ReplicationFactor, partition.replicas.len()));
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

fn why_hw(app: App, id: TopicPartition) -> AnyView {
    let reason = Memo::new(move |_| {
        app.view.track();
        app.with_timeline(|timeline| hw_reason(timeline.cluster(), &id))
    });
    view! {
        <p class="reason" data-testid="why-hw">{move || reason.with(|reason| in_words(reason, app.lang.get()))}</p>
    }
    .into_any()
}

fn in_words(reason: &HwReason, lang: Lang) -> String {
    match reason {
        HwReason::NoLeader => say!(
            lang,
            "리더가 없습니다. HW는 리더만 옮깁니다.",
            "There is no leader, and only a leader moves the HW."
        ),
        HwReason::CaughtUp { end } => say!(
            lang,
            "ISR의 모든 레플리카가 오프셋 {end} 앞까지 가졌습니다. 모두 커밋되었습니다.",
            "Every replica in the ISR has everything below offset {end}: all of it is committed."
        ),
        HwReason::BelowMinIsr { isr, min } => say!(
            lang,
            "ISR에 {isr}개뿐이라 min.insync.replicas={min}에 못 미칩니다. 그동안 HW는 움직이지 않습니다.",
            "The ISR has {isr}, fewer than min.insync.replicas={min}. Until then the HW stands still."
        ),
        HwReason::HeldBackBy { hw, behind } if behind.is_empty() => say!(
            lang,
            "다음 Fetch가 오면 {hw}에서 앞으로 움직입니다.",
            "It moves on from {hw} with the next Fetch."
        ),
        HwReason::HeldBackBy { hw, behind } => {
            let names: Vec<String> = behind.iter().map(|behind| told(behind, lang)).collect();
            let names = names.join(", ");
            say!(
                lang,
                "ISR의 {names}이(가) 뒤에 있습니다. HW는 리더가 아는 가장 작은 LEO이므로 {hw}에 머뭅니다.",
                "Behind in the ISR: {names}. The HW is the least LEO that the leader knows, so it stays at {hw}."
            )
        }
    }
}

fn told(behind: &Behind, lang: Lang) -> String {
    let Behind { node, log_end_offset } = behind;
    match log_end_offset {
        -1 => say!(lang, "{node}(아직 Fetch 없음)", "{node} (no Fetch yet)"),
        _ => format!("{node}{}(LEO {log_end_offset})", lang.pick("", " ")),
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
