//! A record: every field, and every byte of its batch. Pointing at one shows the other.

use super::parts::{Fact, Tone, fact, facts, head, title};
use super::why_is::fate_of;
use super::why_not::why_not;
use crate::app::App;
use crate::i18n::bytes::BytesText;
use crate::i18n::stage::InspectorText;
use crate::i18n::{Lang, t};
use crate::panel::why::Why;
use crate::view_model::inspect::record::{Field, RecordDetail, record_detail, shown};
use bytes::Bytes;
use kafkascope_engine::group::consumer_protocol::assignment_from_bytes;
use kafkascope_engine::group::group_record::{GroupRecord, OFFSETS_TOPIC, StoredMember};
use kafkascope_engine::ids::{NodeId, TopicPartition};
use kafkascope_engine::sim::time::{EPOCH_MS, SimTime};
use leptos::prelude::*;
use std::sync::Arc;

/// So many bytes stand in a row of the hex view.
const ROW: usize = 8;

pub fn record(app: App, node: NodeId, id: TopicPartition, offset: i64) -> AnyView {
    let name = format!("{id} · {offset}");
    let (partition, for_why_not, for_fate) = (id.clone(), id.clone(), id.clone());
    let detail = Memo::new(move |_| {
        app.view.track();
        app.with_timeline(|timeline| {
            record_detail(timeline.cluster(), node, &id, offset).map(Arc::new)
        })
    });
    view! {
        {head(app, InspectorText::Record, move || name.clone())}
        {facts(app, move || record_facts(app, node, &partition, offset, detail))}
        {fate_of(app, for_fate, offset)}
        {why_not(app, node, for_why_not, Some(offset))}
        <Why />
        {bytes(app, node, detail)}
    }
    .into_any()
}

fn text(bytes: &Option<Bytes>, none: &str) -> String {
    bytes.as_ref().map_or(none.to_string(), |bytes| shown(bytes))
}

fn record_facts(
    app: App,
    node: NodeId,
    id: &TopicPartition,
    offset: i64,
    detail: Memo<Option<Arc<RecordDetail>>>,
) -> Vec<Fact> {
    let lang = app.lang.get();
    let Some(detail) = detail.get() else {
        return Vec::new();
    };
    let (record, batch) = (&detail.record, &detail.batch);
    let mut facts = vec![
        fact(InspectorText::Key, text(&record.key, t(lang, InspectorText::Null))),
        fact(InspectorText::Value, text(&record.value, t(lang, InspectorText::Tombstone))),
    ];
    if *id.topic == *OFFSETS_TOPIC
        && let Some(key) = &record.key
        && let Some(decoded) = GroupRecord::parse(key, record.value.as_deref())
    {
        facts = vec![
            fact(InspectorText::Key, decoded.key_json()),
            fact(InspectorText::Value, decoded.value_json()),
        ];
        facts.extend(assigned(&decoded).map(|words| fact(InspectorText::Assignment, words)));
    }
    for header in &record.headers {
        facts.push(fact(
            InspectorText::Headers,
            format!("{} = {}", header.key, text(&header.value, "null")),
        ));
    }
    facts.push(fact(InspectorText::Timestamp, timestamp(record.timestamp)));
    facts.push(fact(InspectorText::LeaderEpoch, batch.partition_leader_epoch()));
    facts.push(fact(
        InspectorText::Batch,
        format!("{}–{}", batch.base_offset(), batch.last_offset()),
    ));
    facts.extend(state(app, lang, node, id, offset, detail.durable));
    facts
}

/// What the members of a group have, which in its record is bytes.
fn assigned(record: &GroupRecord) -> Option<String> {
    let GroupRecord::GroupMetadata { value: Some(group), .. } = record else {
        return None;
    };
    let member = |member: &StoredMember| {
        let given = assignment_from_bytes(&member.assignment).unwrap_or_default();
        let given: Vec<_> = given.iter().map(|id| id.to_string()).collect();
        format!("{}: {}", member.client_id, given.join(", "))
    };
    Some(group.members.iter().map(member).collect::<Vec<_>>().join("; ")).filter(|t| !t.is_empty())
}

fn state(
    app: App,
    lang: Lang,
    node: NodeId,
    id: &TopicPartition,
    offset: i64,
    durable: bool,
) -> Vec<Fact> {
    let committed = app.view.with(|view| {
        view.node(node)
            .and_then(|node| node.replica(id))
            .is_some_and(|replica| offset < replica.high_watermark)
    });
    let (words, tone) = match committed {
        true => (InspectorText::Committed, Tone::Good),
        false => (InspectorText::NotCommitted, Tone::Attention),
    };
    let (disk, disk_tone) = match durable {
        true => (InspectorText::OnDisk, Tone::Good),
        false => (InspectorText::InPageCache, Tone::Attention),
    };
    vec![
        fact(InspectorText::State, t(lang, words)).tone(tone),
        fact(InspectorText::Disk, t(lang, disk)).tone(disk_tone),
    ]
}

/// The virtual clock's time where the record was made by it, else Unix milliseconds.
fn timestamp(ms: i64) -> String {
    match u64::try_from(ms - EPOCH_MS) {
        Ok(since) if since < 400 * 86_400_000 => SimTime::from_millis(since).to_string(),
        _ => ms.to_string(),
    }
}

fn bytes(app: App, node: NodeId, detail: Memo<Option<Arc<RecordDetail>>>) -> AnyView {
    let pointed = RwSignal::new(None::<usize>);
    let place = move || {
        detail
            .get()
            .map(|detail| format!("{node} / {} @ {}", detail.path, detail.position))
            .unwrap_or_default()
    };
    let open = move |_| {
        detail.with_untracked(|detail| {
            if let Some(detail) = detail {
                app.viewer.show(node, detail.path.clone(), detail.position as usize);
            }
        });
    };
    view! {
        <Show when=move || detail.with(Option::is_some)>
            {title(app, InspectorText::Bytes)}
            <p class="place mono">{place}</p>
            <button type="button" class="button open-files" data-testid="open-bytes" on:click=open>
                {move || t(app.lang.get(), BytesText::OpenHere)}
            </button>
            {move || detail.get().map(|detail| hex(&detail, pointed))}
            <p class="quiet" data-testid="pointed-field">
                {move || pointed_text(detail, pointed).unwrap_or_else(|| t(app.lang.get(), InspectorText::BytesHint).to_string())}
            </p>
            <ul class="fields">
                {move || detail.get().map(|detail| {
                    detail.fields.iter().cloned().enumerate().map(|(index, field)| field_row(index, field, pointed)).collect_view()
                })}
            </ul>
        </Show>
    }
    .into_any()
}

fn pointed_text(
    detail: Memo<Option<Arc<RecordDetail>>>,
    pointed: RwSignal<Option<usize>>,
) -> Option<String> {
    let index = pointed.get()?;
    detail.with(|detail| {
        let Field { span, value, .. } = detail.as_ref()?.fields.get(index)?;
        Some(format!("{} = {value} · {} B @ {}", span.name, span.len, span.start))
    })
}

fn hex(detail: &Arc<RecordDetail>, pointed: RwSignal<Option<usize>>) -> AnyView {
    let field_at = |byte: usize| {
        detail
            .fields
            .iter()
            .position(|field| (field.span.start..field.span.start + field.span.len).contains(&byte))
    };
    let all = detail.batch.bytes();
    let rows = all.chunks(ROW).take(64).enumerate().map(|(row, chunk)| {
        let cells = chunk.iter().enumerate().map(|(column, byte)| {
            let field = field_at(row * ROW + column);
            let ours = field.is_some_and(|index| detail.fields[index].is_ours);
            view! {
                <span
                    class="byte"
                    class:is-others=!ours
                    class:is-pointed=move || field.is_some() && pointed.get() == field
                    on:pointerenter=move |_| pointed.set(field)
                    on:click=move |_| pointed.set(field)
                >
                    {format!("{byte:02x}")}
                </span>
            }
        });
        view! {
            <div class="hex-row">
                <span class="hex-offset">{format!("{:04x}", row * ROW)}</span>
                {cells.collect_view()}
            </div>
        }
    });
    view! { <div class="hex mono" data-testid="hex">{rows.collect_view()}</div> }.into_any()
}

fn field_row(index: usize, field: Field, pointed: RwSignal<Option<usize>>) -> AnyView {
    if !field.is_ours {
        return ().into_any();
    }
    view! {
        <li>
            <button
                type="button"
                class="field"
                class:is-pointed=move || pointed.get() == Some(index)
                on:pointerenter=move |_| pointed.set(Some(index))
                on:focus=move |_| pointed.set(Some(index))
                on:click=move |_| pointed.set(Some(index))
            >
                <span>{field.span.name}</span>
                <span class="mono">{field.value}</span>
            </button>
        </li>
    }
    .into_any()
}
