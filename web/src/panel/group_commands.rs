//! Commands for a consumer group, in one form: which command, what about, and below it the line that the
//! terminal would take; where a reset would lead is shown before it is done. What is set becomes a command in
//! [`draft`].

mod draft;

pub use draft::Kind;

use super::copy::CopyButton;
use super::dialog::Modal;
use crate::app::App;
use crate::i18n::commands::CommandText;
use crate::i18n::groups::GroupText;
use crate::i18n::{Key, t};
use draft::{Draft, TARGETS};
use kafkascope_engine::command::{Refusal, StartFrom};
use kafkascope_engine::group::assignor::Assignor;
use kafkascope_engine::script::words::words;
use leptos::prelude::*;
use std::sync::Arc;

/// Whether the form is open, and what is set in it.
#[derive(Clone, Copy)]
pub struct GroupCommands {
    pub open: RwSignal<bool>,
    draft: RwSignal<Draft>,
}

impl GroupCommands {
    pub fn new() -> Self {
        let draft = RwSignal::new(Draft::of(Kind::Join, None, None));
        GroupCommands { open: RwSignal::new(false), draft }
    }

    pub fn open_on(self, app: App, kind: Kind, group: Option<Arc<str>>) {
        self.begin(app, kind, group);
        self.open.set(true);
    }

    fn begin(self, app: App, kind: Kind, group: Option<Arc<str>>) {
        let draft = app.with_timeline(|timeline| Draft::of(kind, group, Some(timeline.cluster())));
        self.draft.set(draft);
    }
}

fn kind_text(kind: Kind) -> (GroupText, GroupText) {
    match kind {
        Kind::Join => (GroupText::Join, GroupText::JoinHint),
        Kind::Reset => (GroupText::Reset, GroupText::ResetHint),
        Kind::Delete => (GroupText::Delete, GroupText::DeleteHint),
    }
}

/// The way to the form from where a group is shown.
pub fn command_row(app: App, group: Arc<str>) -> AnyView {
    let button = move |kind: Kind| {
        let group = group.clone();
        let open = move |_| app.group_commands.open_on(app, kind, Some(group.clone()));
        view! {
            <button type="button" class="button chip" data-testid=format!("open-{}", kind.name()) on:click=open>
                {move || t(app.lang.get(), kind_text(kind).0)}
            </button>
        }
    };
    view! {
        <div class="command-row" role="group" aria-label=move || t(app.lang.get(), CommandText::Commands)>
            {Kind::ALL.map(button).collect_view()}
        </div>
    }
    .into_any()
}

#[component]
pub fn GroupCommandsDialog() -> impl IntoView {
    let app = expect_context::<App>();
    view! {
        <Modal open=app.group_commands.open title=GroupText::FormTitle testid="group-commands">
            {form(app)}
        </Modal>
    }
    .into_any()
}

fn form(app: App) -> AnyView {
    let draft = app.group_commands.draft;
    let kind = Memo::new(move |_| draft.with(|draft| draft.kind));
    let made = Memo::new(move |_| draft.with(Draft::command));
    let refused = RwSignal::new(None::<Refusal>);
    // It is about what was asked for, not about what is set now.
    Effect::new(move |_| {
        draft.track();
        refused.set(None);
    });
    let run = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let Ok(command) = made.get_untracked() else { return };
        match app.dispatch(command) {
            Ok(()) => app.group_commands.open.set(false),
            Err(refusal) => refused.set(Some(refusal)),
        }
    };
    let line = Signal::derive(move || {
        made.with(|made| made.as_ref().map(|command| app.text_of(command)).unwrap_or_default())
    });
    let shown = move || match made.get() {
        Ok(_) => view! { <code data-testid="group-line">{line.get()}</code> }.into_any(),
        Err(mistake) => {
            view! { <span class="command-mistake">{mistake.words(app.lang.get())}</span> }
                .into_any()
        }
    };
    let refusal = move || {
        let lang = app.lang.get();
        refused.with(|refused| refused.as_ref().map(|refusal| words(refusal, lang)))
    };
    view! {
        <form class="command-form" on:submit=run>
            {kinds(app, kind)}
            <p class="quiet">{move || t(app.lang.get(), kind_text(kind.get()).1)}</p>
            {move || fields(app, draft, kind.get())}
            <Show when=move || kind.get() == Kind::Reset>{dry_run(app, draft)}</Show>
            <div class="command-preview" role="group" aria-label=move || t(app.lang.get(), CommandText::Line)>
                {shown}
                <Show when=move || made.with(Result::is_ok)><CopyButton text=line testid="group-copy" /></Show>
            </div>
            <p class="command-refusal" role="alert" data-testid="group-refusal">{refusal}</p>
            <button type="submit" class="button is-main" data-testid="group-run" disabled=move || made.with(Result::is_err)>
                {move || t(app.lang.get(), CommandText::Run)}
            </button>
        </form>
    }
    .into_any()
}

fn kinds(app: App, kind: Memo<Kind>) -> AnyView {
    let choice = move |one: Kind| {
        let choose = move |_| {
            let group = app.group_commands.draft.with_untracked(|draft| draft.group.clone());
            app.group_commands.begin(app, one, Some(group.into()));
        };
        view! {
            <label class="command-kind" class:is-chosen=move || kind.get() == one>
                <input type="radio" name="group-kind" data-testid=format!("kind-{}", one.name())
                    prop:checked=move || kind.get() == one on:change=choose />
                {move || t(app.lang.get(), kind_text(one).0)}
            </label>
        }
    };
    view! {
        <fieldset class="command-kinds">
            <legend class="visually-hidden">{move || t(app.lang.get(), CommandText::Commands)}</legend>
            {Kind::ALL.map(choice).collect_view()}
        </fieldset>
    }
    .into_any()
}

/// A name in the page's language.
fn labelled(app: App, label: impl Key + Send + Sync + 'static, control: AnyView) -> AnyView {
    view! {
        <label class="command-field">
            <span>{move || t(app.lang.get(), label)}</span>
            {control}
        </label>
    }
    .into_any()
}

/// A setting, by Kafka's name.
fn setting(name: &'static str, control: AnyView) -> AnyView {
    view! { <label class="command-field is-config"><span class="mono">{name}</span>{control}</label> }
        .into_any()
}

fn input(
    draft: RwSignal<Draft>,
    testid: &'static str,
    placeholder: &'static str,
    read: fn(&Draft) -> &String,
    write: fn(&mut Draft, String),
) -> AnyView {
    view! {
        <input
            type="text"
            data-testid=testid
            autocomplete="off"
            spellcheck="false"
            placeholder=placeholder
            prop:value=move || draft.with(|draft| read(draft).clone())
            on:input=move |event| draft.update(|draft| write(draft, event_target_value(&event)))
        />
    }
    .into_any()
}

/// Choices, each with its value and what it says.
fn select(
    testid: &'static str,
    choices: Vec<(String, String)>,
    chosen: impl Fn() -> String + Copy + Send + 'static,
    choose: impl Fn(String) + 'static,
) -> AnyView {
    let option = move |(value, text): (String, String)| {
        let own = value.clone();
        view! { <option value=value prop:selected=move || chosen() == own>{text}</option> }
    };
    view! {
        <select data-testid=testid on:change=move |event| choose(event_target_value(&event))>
            {choices.into_iter().map(option).collect_view()}
        </select>
    }
    .into_any()
}

fn same(name: &str) -> (String, String) {
    (name.to_string(), name.to_string())
}

fn topics(app: App, draft: RwSignal<Draft>, all: Option<GroupText>) -> AnyView {
    let names = app.view.with_untracked(|view| {
        let own = view.topics.iter().filter(|(name, _)| !name.starts_with("__"));
        own.map(|(name, _)| same(name)).collect::<Vec<_>>()
    });
    let lang = app.lang.get();
    let every = all.map(|text| (String::new(), t(lang, text).to_string()));
    let choices = every.into_iter().chain(names).collect();
    let chosen = move || draft.with(|draft| draft.topic.clone());
    let choose = move |topic: String| draft.update(|draft| draft.topic = topic);
    labelled(app, GroupText::Topic, select("group-topic", choices, chosen, choose))
}

fn fields(app: App, draft: RwSignal<Draft>, kind: Kind) -> AnyView {
    let group = labelled(
        app,
        GroupText::GroupName,
        input(draft, "group-name", "", |d| &d.group, |d, text| d.group = text),
    );
    match kind {
        Kind::Join => view! {
            <div class="command-fields">
                {group}
                {topics(app, draft, None)}
                {labelled(app, GroupText::Name, input(draft, "group-member", "", |d| &d.name, |d, text| d.name = text))}
            </div>
            <div class="command-fields">{joining(app, draft)}</div>
        }
        .into_any(),
        Kind::Reset => {
            let choices = TARGETS.map(same).into();
            let chosen = move || draft.with(|draft| draft.to.to_string());
            let choose = move |to: String| {
                let found = TARGETS.into_iter().find(|target| *target == to);
                draft.update(|draft| draft.to = found.unwrap_or(draft.to));
            };
            view! {
                <div class="command-fields">
                    {group}
                    {topics(app, draft, Some(GroupText::AllTopics))}
                    {labelled(app, GroupText::To, select("group-to", choices, chosen, choose))}
                    <Show when=move || draft.with(Draft::needs_offset)>
                        {labelled(app, GroupText::Offset, input(draft, "group-offset", "", |d| &d.offset, |d, text| d.offset = text))}
                    </Show>
                </div>
            }
            .into_any()
        }
        Kind::Delete => view! { <div class="command-fields">{group}</div> }.into_any(),
    }
}

/// The settings that most stories turn on; the terminal takes all of them.
fn joining(app: App, draft: RwSignal<Draft>) -> AnyView {
    let lang = app.lang.get();
    let default = format!("{} (range, cooperative-sticky)", t(lang, GroupText::Default));
    let names = Assignor::ALL.map(|assignor| same(assignor.name()));
    let choices = [(String::new(), default)].into_iter().chain(names).collect();
    let chosen =
        move || draft.with(|draft| draft.assignor.map_or(String::new(), |a| a.name().to_string()));
    let choose = move |name: String| draft.update(|d| d.assignor = Assignor::from_name(&name));
    let assignor = select("group-assignor", choices, chosen, choose);
    let starts = [StartFrom::Earliest, StartFrom::Latest, StartFrom::None];
    let start_choices = starts.map(|from| same(&from.text())).into();
    let start = move || draft.with(|draft| draft.from.text());
    let choose_start = move |name: String| {
        let found = starts.into_iter().find(|from| from.text() == name);
        draft.update(|draft| draft.from = found.unwrap_or(draft.from));
    };
    view! {
        {setting("partition.assignment.strategy", assignor)}
        {setting("auto.offset.reset", select("group-from", start_choices, start, choose_start))}
        {setting("group.instance.id", input(draft, "group-instance", "", |d| &d.group_instance_id, |d, text| d.group_instance_id = text))}
        {setting("session.timeout.ms", input(draft, "group-session", "45000", |d| &d.session_timeout, |d, text| d.session_timeout = text))}
        {setting("max.poll.interval.ms", input(draft, "group-poll", "300000", |d| &d.max_poll_interval, |d, text| d.max_poll_interval = text))}
        {labelled(app, GroupText::Processing, input(draft, "group-processing", "0", |d| &d.processing, |d, text| d.processing = text))}
    }
    .into_any()
}

/// Where the group would go on.
fn dry_run(app: App, draft: RwSignal<Draft>) -> AnyView {
    let body = move || {
        let lang = app.lang.get();
        app.view.track();
        let reset = draft.with(Draft::reset).ok()?;
        let targets = app
            .with_timeline(|timeline| timeline.cluster().reset_targets(&reset).map(|(_, to)| to));
        Some(match targets {
            Err(refusal) => view! { <p class="command-mistake" data-testid="dry-run-refusal">{words(&refusal, lang)}</p> }.into_any(),
            Ok(targets) if targets.is_empty() => {
                view! { <p class="quiet">{t(lang, GroupText::NothingToMove)}</p> }.into_any()
            }
            Ok(targets) => view! {
                <table class="cluster-table" data-testid="dry-run">
                    <thead><tr><th scope="col">{t(lang, GroupText::Partition)}</th><th scope="col">"NEW-OFFSET"</th></tr></thead>
                    <tbody>
                        {targets.into_iter().map(|to| view! {
                            <tr><th scope="row">{to.partition.to_string()}</th><td class="number">{to.offset}</td></tr>
                        }).collect_view()}
                    </tbody>
                </table>
            }
            .into_any(),
        })
    };
    view! {
        <div class="dry-run">
            <p class="command-label">{move || t(app.lang.get(), GroupText::DryRun)}</p>
            {body}
        </div>
    }
    .into_any()
}
