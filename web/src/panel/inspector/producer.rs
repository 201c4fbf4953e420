//! A producer: its memory, the batches of each partition as small bars that fill, and its settings.

use super::parts::title;
use crate::app::App;
use crate::i18n::stage::{InspectorText, ProducerText};
use crate::i18n::{Lang, say, t};
use crate::view_model::inspect::producer::{
    BatchInside, Identity, PartitionInside, ProducerInside, Stage,
};
use kafkascope_engine::ids::ClientId;
use leptos::prelude::*;

pub fn inside(app: App, id: ClientId) -> AnyView {
    let inside = Memo::new(move |_| {
        app.view.track();
        app.with_timeline(|timeline| {
            let producer = timeline.cluster().client(id).and_then(|client| client.producer());
            producer.map(ProducerInside::of)
        })
    });
    let body = move || {
        let lang = app.lang.get();
        inside.get().map(|inside| {
            view! {
                {memory(&inside, lang)}
                <p class="quiet" data-testid="producer-identity">{identity_words(&inside, lang)}</p>
                {inside.partitions.iter().map(|partition| partition_view(partition, lang)).collect_view()}
                {more(inside.partitions_more)}
            }
        })
    };
    let settings = move || {
        let settings = inside.get().map(|inside| inside.settings).unwrap_or_default();
        settings
            .into_iter()
            .map(|(name, value, is_changed)| {
                view! {
                    <li class:is-changed=is_changed>
                        <span>{name}</span>
                        <span class="mono">{value}</span>
                    </li>
                }
            })
            .collect_view()
    };
    view! {
        <Show when=move || inside.with(Option::is_some)>
            {title(app, InspectorText::Accumulator)}
            <div class="producer-inside" data-testid="producer-inside">{body}</div>
            <details class="producer-settings">
                <summary>{move || t(app.lang.get(), InspectorText::Settings)}</summary>
                <ul class="message-fields">{settings}</ul>
            </details>
        </Show>
    }
    .into_any()
}

fn memory(inside: &ProducerInside, lang: Lang) -> AnyView {
    let (used, all) = inside.memory;
    let words = match inside.blocked {
        0 => format!("buffer.memory {used} / {all} B"),
        blocked => say!(
            lang,
            "buffer.memory {used} / {all} B · send에서 기다리는 레코드 {blocked}개",
            "buffer.memory {used} / {all} B · records that wait in send: {blocked}"
        ),
    };
    bar(inside.memory_percent(), if inside.blocked > 0 { "is-blocked" } else { "is-memory" }, words)
}

fn identity_words(inside: &ProducerInside, lang: Lang) -> String {
    match inside.identity {
        Identity::NotIdempotent => t(lang, ProducerText::NotIdempotent).to_string(),
        Identity::WaitsForId => t(lang, ProducerText::WaitsForId).to_string(),
        Identity::Known(id) => format!("producer id {} · epoch {}", id.producer_id, id.epoch),
    }
}

fn partition_view(partition: &PartitionInside, lang: Lang) -> AnyView {
    let next = partition.next.map(|next| say!(lang, "다음 시퀀스 {next}", "next sequence {next}"));
    view! {
        <div class="producer-partition">
            <p><span class="mono">{partition.name.clone()}</span><span class="place">{next}</span></p>
            {partition.batches.iter().map(|batch| batch_view(batch, lang)).collect_view()}
            {more(partition.batches_more)}
        </div>
    }
    .into_any()
}

fn batch_view(batch: &BatchInside, lang: Lang) -> AnyView {
    let (class, stage) = match batch.stage {
        Stage::Filling => ("is-filling", ProducerText::Filling),
        Stage::Full => ("is-full", ProducerText::Full),
        Stage::InFlight => ("is-in-flight", ProducerText::InFlight),
        Stage::Retried => ("is-retried", ProducerText::Retried),
    };
    let (stage, records, bytes) = (t(lang, stage), batch.records, batch.bytes);
    let sequence = match batch.sequence {
        Some((first, last)) => format!(" · #{first}–{last}"),
        None => String::new(),
    };
    let words = say!(
        lang,
        "{stage} · 레코드 {records}개 · {bytes} B{sequence}",
        "{stage} · records {records} · {bytes} B{sequence}"
    );
    bar(batch.percent, class, words)
}

fn bar(percent: u64, class: &'static str, words: String) -> AnyView {
    view! {
        <div class=format!("producer-bar {class}")>
            <span class="producer-fill" style=format!("inline-size: {percent}%")></span>
            <span class="producer-words">{words}</span>
        </div>
    }
    .into_any()
}

fn more(count: usize) -> Option<AnyView> {
    (count > 0).then(|| view! { <p class="quiet">{format!("+{count}")}</p> }.into_any())
}
