//! The row of monitors above the stage, and the dialog that says of each what it found, whether a
//! promise was broken, which setting allowed it, and the way to where it happened.

use super::dialog::Modal;
use crate::app::App;
use crate::i18n::ledger::LedgerText;
use crate::i18n::monitors::{self as words, MonitorText};
use crate::i18n::{Key, Lang, t};
use crate::view_model::monitor::{BrokenPromise, MonitorState, MonitorView, Rivals};
use kafkascope_engine::invariant::{Finding, Monitor};
use kafkascope_engine::script::words::{finding, violation};
use leptos::prelude::*;

#[component]
pub fn Monitors() -> impl IntoView {
    let app = expect_context::<App>();
    view! {
        <div class="monitors">
        <div class="monitors-row" role="group" aria-label=move || t(app.lang.get(), MonitorText::Row)>
            {Monitor::ALL.map(|monitor| chip(app, monitor)).collect_view()}
            <span class="monitors-tools">
                {tool(app, "open-ledger", LedgerText::Open, LedgerText::OpenHint, "M3.5 2.5h9v11h-9zM5.5 5.5h5M5.5 8h5M5.5 10.5h3", move || app.ledger_open.set(true))}
                {tool(app, "open-compare", MonitorText::Compare, MonitorText::CompareHint, "M2 3h5v10H2zM9 3h5v10H9z", move || app.compare.open_on(app))}
                {tool(app, "open-search", MonitorText::Find, MonitorText::FindHint, "M11.5 7a4.5 4.5 0 1 1-9 0a4.5 4.5 0 0 1 9 0M10.3 10.3L14 14", move || app.search_open.set(true))}
            </span>
        </div>
        </div>
    }
    .into_any()
}

fn tool<K: Key + Send + Sync + 'static>(
    app: App,
    testid: &'static str,
    text: K,
    hint: K,
    icon: &'static str,
    act: impl Fn() + Send + Sync + 'static,
) -> AnyView {
    view! {
        <button type="button" class="button chip monitors-tool" data-testid=testid title=move || t(app.lang.get(), hint) on:click=move |_| act()>
            <svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true"><path d=icon /></svg>
            <span class="monitors-tool-name">{move || t(app.lang.get(), text)}</span>
        </button>
    }
    .into_any()
}

fn monitor_name(monitor: Monitor) -> &'static str {
    match monitor {
        Monitor::AcknowledgedLost => "lost",
        Monitor::LogsDiverged => "diverged",
        Monitor::HighWatermarkBack => "back",
        Monitor::TwoLeaders => "leaders",
        Monitor::WrittenTwice => "twice",
        Monitor::OutOfOrder => "order",
    }
}

fn state_name(state: MonitorState) -> &'static str {
    match state {
        MonitorState::Quiet => "quiet",
        MonitorState::Allowed => "allowed",
        MonitorState::Broken => "broken",
    }
}

/// A shape for each state: a tick, a triangle, a cross in a square.
fn sign(state: MonitorState) -> &'static str {
    match state {
        MonitorState::Quiet => "M3 7.2l2.6 2.6L11 4.4",
        MonitorState::Allowed => "M7 2L12.5 11.5H1.5zM7 5.6v2.9M7 9.9v.2",
        MonitorState::Broken => "M2 2h10v10H2zM4.8 4.8l4.4 4.4M9.2 4.8L4.8 9.2",
    }
}

fn of(app: App, monitor: Monitor) -> Memo<Option<MonitorView>> {
    Memo::new(move |_| {
        app.view.with(|view| view.monitors.iter().find(|v| v.monitor == monitor).cloned())
    })
}

/// How often, and by which setting first of all.
fn state_text(view: &MonitorView, lang: Lang) -> String {
    let first = view.findings.iter().max_by_key(|f| crate::view_model::monitor::state_of(f));
    match (view.state, first.and_then(|finding| finding.allowed_by.first())) {
        (MonitorState::Quiet, _) => t(lang, MonitorText::Quiet).to_string(),
        (MonitorState::Allowed, Some(by)) => {
            format!("{} · {}", view.count, finding::name(by, lang))
        }
        (state, _) => format!("{} · {}", view.count, t(lang, words::state_word(state))),
    }
}

fn chip(app: App, monitor: Monitor) -> AnyView {
    let view = of(app, monitor);
    let state =
        Memo::new(move |_| view.with(|v| v.as_ref().map_or(MonitorState::Quiet, |v| v.state)));
    let text = move || {
        let lang = app.lang.get();
        view.with(|view| view.as_ref().map(|view| state_text(view, lang)).unwrap_or_default())
    };
    // The text names a setting or says the state; that the setting allowed it, the shape alone says.
    let shape = move || {
        let state = state.get();
        (state == MonitorState::Allowed).then(|| t(app.lang.get(), words::state_word(state)))
    };
    view! {
        <button
            type="button"
            class="monitor"
            data-testid=format!("monitor-{}", monitor_name(monitor))
            data-state=move || state_name(state.get())
            title=move || t(app.lang.get(), words::guards(monitor))
            on:click=move |_| app.monitors_open.set(true)
        >
            <span class="monitor-name">{move || t(app.lang.get(), words::short_name(monitor))}</span>
            <span class="monitor-state">
                <svg viewBox="0 0 14 14" width="14" height="14" role="img" aria-label=shape aria-hidden=move || shape().is_none().to_string()>
                    <path d=move || sign(state.get()) />
                </svg>
                <span>{text}</span>
            </span>
        </button>
    }
    .into_any()
}

#[component]
pub fn MonitorsDialog() -> impl IntoView {
    let app = expect_context::<App>();
    view! {
        <Modal open=app.monitors_open title=MonitorText::Title testid="monitors">
            <p class="dialog-lead">{move || t(app.lang.get(), MonitorText::Lead)}</p>
            {Monitor::ALL.map(|monitor| section(app, monitor)).collect_view()}
            {promise(app)}
        </Modal>
    }
    .into_any()
}

fn section(app: App, monitor: Monitor) -> AnyView {
    let view = of(app, monitor);
    let state = move || view.with(|v| v.as_ref().map_or(MonitorState::Quiet, |v| v.state));
    let findings = move || {
        let findings =
            view.with(|view| view.as_ref().map(|v| v.findings.clone()).unwrap_or_default());
        findings.into_iter().map(|found| finding_view(app, found)).collect_view()
    };
    let rivals = move || {
        let of_it = monitor == Monitor::TwoLeaders;
        let rivals = if of_it { app.view.with(|view| view.rivals.clone()) } else { Vec::new() };
        let lang = app.lang.get();
        rivals
            .iter()
            .map(|rivals| view! { <p class="quiet">{rivals_text(rivals, lang)}</p> })
            .collect_view()
    };
    view! {
        <section class="monitor-section" data-state=move || state_name(state())>
            <h3>
                <svg viewBox="0 0 14 14" width="14" height="14" aria-hidden="true"><path d=move || sign(state()) /></svg>
                {move || finding::monitor(monitor, app.lang.get())}
                <span class="monitor-word">{move || t(app.lang.get(), words::state_word(state()))}</span>
            </h3>
            <p class="quiet">{move || t(app.lang.get(), words::guards(monitor))}</p>
            {findings}
            {rivals}
        </section>
    }
    .into_any()
}

/// What the checks found broken, which may be more than the monitors watch for.
fn promise(app: App) -> AnyView {
    let broken = Memo::new(move |_| app.view.with(|view| view.violation.clone()));
    let section = move || {
        let (lang, BrokenPromise { violation, is_of_today }) = (app.lang.get(), broken.get()?);
        let (event, at) = (violation.event, violation.at.to_string());
        let go = move |_| {
            app.monitors_open.set(false);
            app.tab.set(crate::app::Tab::Stage);
            app.seek_to_event(event);
        };
        let old = (!is_of_today).then(|| t(lang, MonitorText::UnderOldRule));
        Some(view! {
            <section class="monitor-section" data-state="broken" data-testid="broken-promise">
                <h3>{t(lang, MonitorText::Promise)}</h3>
                <div class="finding">
                    <p class="finding-what"><time>{at}</time> {violation::broken(&violation.broken, lang)}</p>
                    <p class="finding-verdict">{old}</p>
                    <button type="button" class="button quiet" on:click=go>{t(lang, MonitorText::GoThere)}</button>
                </div>
            </section>
        })
    };
    section.into_any()
}

fn rivals_text(rivals: &Rivals, lang: Lang) -> String {
    let leaders: Vec<_> =
        rivals.leaders.iter().map(|(node, epoch)| format!("{node} (e{epoch})")).collect();
    words::rivals(lang, &rivals.partition.to_string(), &leaders.join(", "))
}

fn finding_view(app: App, found: Finding) -> AnyView {
    let (event, at) = (found.event, found.at.to_string());
    let (happened, verdict) = (found.clone(), found.clone());
    let go = move |_| {
        app.monitors_open.set(false);
        app.tab.set(crate::app::Tab::Stage);
        app.seek_to_event(event);
    };
    view! {
        <div class="finding" data-testid="finding">
            <p class="finding-what"><time>{at}</time> {move || finding::found(&happened.found, app.lang.get())}</p>
            <p class="finding-verdict">{move || finding::verdict(&verdict, app.lang.get())}</p>
            {allowances(app, found)}
            <button type="button" class="button quiet" data-testid="finding-go" on:click=go>
                {move || t(app.lang.get(), MonitorText::GoThere)}
            </button>
        </div>
    }
    .into_any()
}

/// What allowed it, each with what it does and what would have prevented it.
pub fn allowances(app: App, found: Finding) -> AnyView {
    let each = found.allowed_by.into_iter().map(|by| {
        view! {
            <div>
                <dt><code>{move || finding::name(&by, app.lang.get())}</code></dt>
                <dd>{move || finding::reason(&by, app.lang.get())}</dd>
            </div>
        }
    });
    view! { <dl class="allowances" aria-label=move || t(app.lang.get(), MonitorText::AllowedBy)>{each.collect_view()}</dl> }.into_any()
}
