//! What is different on the other side, and from when on.

use crate::app::App;
use crate::compare::{Other, State};
use crate::i18n::monitors::CompareText;
use crate::i18n::t;
use kafkascope_engine::compare::{Change, Plan, What};
use kafkascope_engine::ids::EnvelopeId;
use kafkascope_engine::replication::history_rule::HistoryRule;
use kafkascope_engine::script::print_command;
use kafkascope_engine::sim::time::SimTime;
use leptos::prelude::*;

/// The commands of the page's run as text, with their moments.
pub fn commands(app: App) -> Vec<(String, SimTime)> {
    app.with_timeline(|timeline| {
        let last = timeline.at(timeline.len());
        let plan = Plan::of(timeline);
        plan.commands.iter().map(|g| (print_command(&g.command, &last), g.at)).collect()
    })
}

fn shown_other(app: App) -> Option<Other> {
    app.compare.state.with(|state| match state {
        State::Shown(pair) => Some(pair.other.clone()),
        _ => None,
    })
}

/// What a choice is called in the form: the change without its moment.
fn value_of(change: &Change) -> String {
    change.text().split(' ').next().unwrap_or_default().to_string()
}

/// The messages that are under way at the shown moment, and the one of the comparison that is shown.
fn drops(app: App) -> Vec<(EnvelopeId, Change)> {
    let mut all: Vec<_> = app.view.with_untracked(|view| {
        view.envelopes.iter().map(|e| (e.id, Change::of_drop(e.id, e.sent_at))).collect()
    });
    if let Some(Other::Change(change)) = untrack(|| shown_other(app))
        && let What::Dropped(id) = change.what
        && !all.iter().any(|(known, _)| *known == id)
    {
        all.push((id, change));
    }
    all
}

/// `Fetch broker-2 → broker-1 (17)`
pub fn message_text(app: App, id: EnvelopeId) -> String {
    app.view.with_untracked(|view| {
        let api = view.envelope(id).map_or("", |envelope| envelope.api.name());
        let (from, to) = (view.name_of(id.from), view.name_of(id.to));
        format!("{api} {from} → {to} ({})", id.number()).trim_start().to_string()
    })
}

/// One group of choices: the value of each, and what it says.
fn group(chosen: RwSignal<String>, label: String, choices: Vec<(String, String)>) -> AnyView {
    let option = move |(value, text): (String, String)| {
        let own = value.clone();
        view! { <option value=value prop:selected=move || chosen.with(|chosen| *chosen == own)>{text}</option> }
    };
    let options = choices.into_iter().map(option);
    view! { <optgroup label=label>{options.collect_view()}</optgroup> }.into_any()
}

fn settings(name: &str, values: &[&str]) -> Vec<(String, String)> {
    values.iter().map(|value| (format!("{name}={value}"), format!("{name}={value}"))).collect()
}

pub fn setup(app: App) -> AnyView {
    let value = RwSignal::new("acks=all".to_string());
    let from_now = RwSignal::new(false);
    // What is shown is what is chosen, wherever it was asked for.
    Effect::new(move |_| match shown_other(app) {
        Some(Other::Change(change)) => value.set(value_of(&change)),
        Some(Other::Branch(branch)) => value.set(format!("branch={branch}")),
        None => {}
    });
    let groups = move || {
        let lang = app.lang.get();
        let history = app.with_timeline(|timeline| timeline.cluster().spec().history);
        let rules: Vec<_> = HistoryRule::ALL.into_iter().filter(|rule| *rule != history).collect();
        let rules: Vec<_> = rules.into_iter().map(HistoryRule::name).collect();
        let without = commands(app)
            .into_iter()
            .enumerate()
            .map(|(index, (text, at))| (format!("without={index}"), format!("{at} {text}")));
        app.compare.state.track();
        let messages: Vec<_> = drops(app)
            .into_iter()
            .map(|(id, change)| (value_of(&change), message_text(app, id)))
            .collect();
        let messages = (!messages.is_empty())
            .then(|| group(value, t(lang, CompareText::GroupDropped).to_string(), messages));
        let branches = app.view.with(|view| view.branches.len());
        let branches: Vec<_> = (0..branches)
            .map(|n| (format!("branch={n}"), format!("{} {}", t(lang, CompareText::Branch), n + 1)))
            .collect();
        let branches = (!branches.is_empty())
            .then(|| group(value, t(lang, CompareText::GroupBranch).to_string(), branches));
        view! {
            {group(value, t(lang, CompareText::GroupAcks).to_string(), settings("acks", &["0", "1", "all"]))}
            {group(value, t(lang, CompareText::GroupMin).to_string(), settings("min.insync.replicas", &["1", "2", "3"]))}
            {group(value, t(lang, CompareText::GroupUnclean).to_string(), settings("unclean.leader.election.enable", &["true", "false"]))}
            {group(value, t(lang, CompareText::GroupHistory).to_string(), settings("history.rule", &rules))}
            {branches}
            {messages}
            {group(value, t(lang, CompareText::GroupWithout).to_string(), without.collect())}
        }
    };
    let run = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        if let Some(other) = other_of(app, &value.get_untracked(), from_now.get_untracked()) {
            app.compare.begin(app, other);
        }
    };
    let choose = move |event: web_sys::Event| value.set(event_target_value(&event));
    let choose_from =
        move |event: web_sys::Event| from_now.set(event_target_value(&event) == "now");
    // What history was, what was left out or lost and where a branch left cannot begin later.
    let has_from = move || {
        value.with(|value| {
            !["history", "without", "branch", "drop"].iter().any(|name| value.starts_with(name))
        })
    };
    let can_share = move || {
        app.compare.state.with(|state| match state {
            State::Shown(pair) => matches!(pair.other, Other::Change(_)),
            _ => false,
        })
    };
    view! {
        <form class="compare-setup" on:submit=run>
            <label>
                <span>{move || t(app.lang.get(), CompareText::SameRun)}</span>
                <select data-testid="compare-what" on:change=choose>{groups}</select>
            </label>
            <Show when=has_from>
                <label>
                    <span class="visually-hidden">{move || t(app.lang.get(), CompareText::From)}</span>
                    <select data-testid="compare-from" on:change=choose_from>
                        <option value="start" selected=move || !from_now.get()>{move || t(app.lang.get(), CompareText::FromStart)}</option>
                        <option value="now" selected=move || from_now.get()>{move || t(app.lang.get(), CompareText::FromNow)}</option>
                    </select>
                </label>
            </Show>
            <button type="submit" class="button is-main" data-testid="compare-run">{move || t(app.lang.get(), CompareText::Run)}</button>
            <Show when=can_share>
                <button type="button" class="button quiet compare-share" data-testid="compare-share" on:click=move |_| app.compare.share(app)>
                    {move || t(app.lang.get(), CompareText::Share)}
                </button>
            </Show>
        </form>
    }
    .into_any()
}

fn other_of(app: App, value: &str, from_now: bool) -> Option<Other> {
    if let Some(branch) = value.strip_prefix("branch=") {
        return branch.parse().ok().map(Other::Branch);
    }
    if value.starts_with("drop=") {
        let mut all = drops(app).into_iter().map(|(_, change)| change);
        return all.find(|change| value_of(change) == value).map(Other::Change);
    }
    let mut change = Change::parse(value)?;
    let is_setting = !value.starts_with("history") && !value.starts_with("without");
    if from_now && is_setting {
        change.from = app.view.with_untracked(|view| view.now);
    }
    Some(Other::Change(change))
}
