//! Storage, as the page shows it: a chip that says whether the run is stored, a dialog that says why
//! and what can be done, and the dialog for a visitor who comes back.

use super::dialog::Modal;
use crate::app::App;
use crate::i18n::storage::{self as words, StorageText};
use crate::i18n::t;
use crate::storage::recovery::{self, Found};
use crate::storage::survey::{PartitionFate, ReplicaFate, Survey};
use crate::storage::{Status, start};
use leptos::prelude::*;
use std::sync::Arc;

#[component]
pub fn StorageChip() -> impl IntoView {
    let app = expect_context::<App>();
    let name = move || app.keeping.status.with(status_name);
    let label = move || t(app.lang.get(), app.keeping.status.with(status_text));
    view! {
        <button
            type="button"
            class="button chip storage-chip"
            data-testid="storage"
            data-state=name
            aria-label=move || format!("{}: {}", t(app.lang.get(), StorageText::Title), label())
            title=label
            on:click=move |_| app.keeping.dialog_open.set(true)
        >
            <span class="storage-sign" aria-hidden="true"></span>
            <span class="storage-label">{label}</span>
        </button>
    }
    .into_any()
}

fn status_name(status: &Status) -> &'static str {
    match status {
        Status::Opening => "opening",
        Status::Writing => "writing",
        Status::Undecided => "undecided",
        Status::ReadOnly => "read-only",
        Status::Scratch => "scratch",
        Status::MemoryOnly(_) => "memory-only",
    }
}

fn status_text(status: &Status) -> StorageText {
    match status {
        Status::Opening => StorageText::Opening,
        Status::Writing => StorageText::Writing,
        Status::Undecided => StorageText::Undecided,
        Status::ReadOnly => StorageText::ReadOnly,
        Status::Scratch => StorageText::Scratch,
        Status::MemoryOnly(_) => StorageText::MemoryOnly,
    }
}

/// What is the case, and what a person can do about it.
#[component]
pub fn StorageDialog() -> impl IntoView {
    let app = expect_context::<App>();
    let close_and = move |act: fn(App)| {
        move || {
            app.keeping.dialog_open.set(false);
            act(app);
        }
    };
    let actions = move || -> Vec<AnyView> {
        let (lang, status) = (app.lang.get(), app.keeping.status.get());
        let button = |(ko, en): (&'static str, &'static str), act: fn(App), testid| {
            let act = close_and(act);
            view! {
                <button type="button" class="button" data-testid=testid on:click=move |_| act()>{lang.pick(ko, en)}</button>
            }
            .into_any()
        };
        match status {
            Status::ReadOnly => {
                vec![button(words::TAKE_OVER, start::take_over, "storage-take-over")]
            }
            Status::Scratch => vec![button(words::KEEP, start::keep_scratch, "storage-keep")],
            Status::MemoryOnly(reason) if reason.may_try_again() => {
                vec![button(words::TRY_AGAIN, start::try_again, "storage-try-again")]
            }
            Status::MemoryOnly(reason) if reason.may_start_anew() => {
                vec![button(words::START_ANEW, start::start_anew, "storage-start-anew")]
            }
            _ => Vec::new(),
        }
    };
    view! {
        <Modal open=app.keeping.dialog_open title=StorageText::Title testid="storage-dialog">
            <p>{move || app.keeping.status.with(|status| words::explain(status, app.lang.get()))}</p>
            <Show when=move || app.keeping.status.with(|status| *status == Status::Writing)>
                <p>{move || t(app.lang.get(), StorageText::WritingClose)}</p>
            </Show>
            <div class="storage-actions">{actions}</div>
        </Modal>
    }
    .into_any()
}

/// The choice of a visitor who comes back.
#[component]
pub fn FoundDialog() -> impl IntoView {
    let app = expect_context::<App>();
    let open = RwSignal::new(false);
    Effect::new(move |_| open.set(app.keeping.found.with(Option::is_some)));
    Effect::new(move |was_open: Option<bool>| {
        let is_open = open.get();
        if was_open == Some(true) && !is_open {
            recovery::decline(app);
        }
        is_open
    });
    view! {
        <Modal open title=StorageText::FoundTitle testid="found">
            {move || app.keeping.found.get().map(|found| found_body(app, found))}
        </Modal>
    }
    .into_any()
}

fn found_body(app: App, found: Arc<Found>) -> AnyView {
    let choice = move |title: StorageText,
                       hint: StorageText,
                       act: fn(App),
                       testid: &'static str,
                       class: &'static str| {
        view! {
            <button type="button" class=class data-testid=testid on:click=move |_| act(app)>
                <strong>{move || t(app.lang.get(), title)}</strong>
                <span>{move || t(app.lang.get(), hint)}</span>
            </button>
        }
        .into_any()
    };
    let (main, other) = ("found-choice is-main", "found-choice");
    let has_disks = found.disks.is_ok();
    let mut choices = Vec::new();
    if has_disks {
        choices.push(choice(
            StorageText::GoOn,
            StorageText::GoOnHint,
            recovery::go_on,
            "found-go-on",
            main,
        ));
    }
    if found.timeline.is_ok() {
        let class = if has_disks { other } else { main };
        choices.push(choice(
            StorageText::Reopen,
            StorageText::ReopenHint,
            recovery::reopen,
            "found-reopen",
            class,
        ));
    }
    choices.push(choice(
        StorageText::StartAnew,
        StorageText::StartAnewHint,
        start::start_anew,
        "found-start-anew",
        other,
    ));
    let lead = {
        let found = found.clone();
        move || match found.disks {
            Ok(()) => t(app.lang.get(), StorageText::FoundLead).to_string(),
            Err(damage) => words::no_disks(damage, app.lang.get()),
        }
    };
    let why_not = found.timeline.clone().err().map(|why| {
        view! { <p class="found-why-not">{move || words::no_timeline(&why, app.lang.get())}</p> }
    });
    view! {
        <p class="dialog-lead" data-testid="found-lead">{lead}</p>
        {found.survey.clone().map(|survey| survey_view(app, survey))}
        {why_not}
        <div class="found-choices">{choices}</div>
    }
    .into_any()
}

fn survey_view(app: App, survey: Survey) -> AnyView {
    let (promised, lost, unflushed) = (survey.promised(), survey.lost(), survey.unflushed());
    let verdict = move || {
        let lang = app.lang.get();
        match (promised, lost) {
            (0, _) => t(lang, StorageText::NonePromised).to_string(),
            (_, 0) => t(lang, StorageText::AllKept).to_string(),
            _ => words::lost_records(lost, promised, lang),
        }
    };
    let class = if lost > 0 { "found-verdict is-loss" } else { "found-verdict" };
    view! {
        <p class=class data-testid="found-verdict" data-promised=promised data-lost=lost>
            <span class="found-sign" aria-hidden="true">{if lost > 0 { "!" } else { "✓" }}</span>
            {verdict}
            " "
            {(unflushed > 0).then_some(move || words::unflushed(unflushed, app.lang.get()))}
        </p>
        {(lost > 0).then(|| view! { <p>{move || t(app.lang.get(), StorageText::WhyLost)}</p> })}
        {table(app, survey.partitions)}
    }
    .into_any()
}

fn table(app: App, partitions: Vec<PartitionFate>) -> AnyView {
    if partitions.is_empty() {
        return view! { <p>{move || t(app.lang.get(), StorageText::NoPartitions)}</p> }.into_any();
    }
    let head =
        move |key: StorageText| view! { <th scope="col">{move || t(app.lang.get(), key)}</th> };
    view! {
        <table class="found-table" data-testid="found-table">
            <thead>
                <tr>
                    {head(StorageText::Partition)}
                    {head(StorageText::Promised)}
                    {head(StorageText::Broker)}
                    {head(StorageText::EndBefore)}
                    {head(StorageText::EndAfter)}
                </tr>
            </thead>
            {partitions.into_iter().map(|fate| partition_rows(app, fate)).collect_view()}
        </table>
        <p class="found-gloss">{move || t(app.lang.get(), StorageText::LeoGloss)}</p>
    }
    .into_any()
}

fn partition_rows(app: App, fate: PartitionFate) -> AnyView {
    let (name, rows, leader) =
        (fate.partition.to_string(), fate.replicas.len().to_string(), fate.leader);
    let (promised, kept) = (fate.promised, fate.promised - fate.lost.len());
    let mut first = Some((name.clone(), rows));
    let row = |replica: &ReplicaFate| {
        let ReplicaFate { node, end_before, end_after } = *replica;
        let class = if end_after < end_before { "is-loss" } else { "" };
        let cells = first.take().map(|(name, rows)| {
            view! {
                <th scope="rowgroup" rowspan=rows.clone()>{name}</th>
                <td rowspan=rows>{move || words::kept_of(kept, promised, app.lang.get())}</td>
            }
        });
        let leads = (leader == Some(node)).then(|| {
            view! { <abbr class="found-leader" title=move || t(app.lang.get(), StorageText::NewLeader)>"L"</abbr> }
        });
        view! {
            <tr>
                {cells}
                <td>{node.to_string()} " " {leads}</td>
                <td class="is-number">{end_before}</td>
                <td class=format!("is-number {class}")>{end_after}</td>
            </tr>
        }
    };
    let rows = fate.replicas.iter().map(row).collect_view();
    view! { <tbody data-testid=format!("found-{name}")>{rows}</tbody> }.into_any()
}
