//! Commands for a topic or one of its partitions, in one form: which command, what about, and below it
//! the line that the terminal would take. What is set becomes a command in [`draft`].

mod draft;
mod fields;

pub use draft::Kind;

use super::copy::CopyButton;
use super::dialog::Modal;
use crate::app::App;
use crate::i18n::commands::CommandText;
use crate::i18n::t;
use draft::Draft;
use kafkascope_engine::command::Refusal;
use kafkascope_engine::ids::TopicPartition;
use kafkascope_engine::script::words::words;
use leptos::prelude::*;

/// Whether the form is open, and what is set in it.
#[derive(Clone, Copy)]
pub struct TopicCommands {
    pub open: RwSignal<bool>,
    draft: RwSignal<Draft>,
}

impl TopicCommands {
    pub fn new() -> Self {
        TopicCommands {
            open: RwSignal::new(false),
            draft: RwSignal::new(Draft::of(Kind::CreateTopic, None, None)),
        }
    }

    pub fn open_on(self, app: App, kind: Kind, id: Option<TopicPartition>) {
        self.begin(app, kind, id);
        self.open.set(true);
    }

    /// Begins anew with things as they are.
    fn begin(self, app: App, kind: Kind, id: Option<TopicPartition>) {
        let mut draft =
            app.with_timeline(|timeline| Draft::of(kind, id, timeline.cluster().newest_metadata()));
        draft.additional = app.view.with_untracked(|view| view.gauges.reassigning_partitions > 0);
        self.draft.set(draft);
    }
}

pub fn kind_text(kind: Kind) -> (CommandText, CommandText) {
    use CommandText::*;
    match kind {
        Kind::CreateTopic => (CreateTopic, CreateTopicHint),
        Kind::AddPartitions => (AddPartitions, AddPartitionsHint),
        Kind::AlterConfigs => (AlterConfigs, AlterConfigsHint),
        Kind::Reassign => (Reassign, ReassignHint),
        Kind::ElectLeader => (ElectLeader, ElectLeaderHint),
        Kind::DeleteRecords => (DeleteRecords, DeleteRecordsHint),
        Kind::DeleteTopic => (DeleteTopic, DeleteTopicHint),
    }
}

/// The way to the form from where a partition is shown.
pub fn command_row(app: App, id: TopicPartition) -> AnyView {
    let button = move |kind: Kind| {
        let id = id.clone();
        let open = move |_| app.topic_commands.open_on(app, kind, Some(id.clone()));
        view! {
            <button type="button" class="button chip" data-testid=format!("open-{}", kind.name()) on:click=open>
                {move || t(app.lang.get(), kind_text(kind).0)}
            </button>
        }
    };
    let kinds = Kind::ALL.into_iter().filter(|kind| *kind != Kind::CreateTopic);
    view! {
        <div class="command-row" role="group" aria-label=move || t(app.lang.get(), CommandText::Commands)>
            {kinds.map(button).collect_view()}
        </div>
    }
    .into_any()
}

#[component]
pub fn TopicCommandsDialog() -> impl IntoView {
    let app = expect_context::<App>();
    view! {
        <Modal open=app.topic_commands.open title=CommandText::Title testid="topic-commands">
            {form(app)}
        </Modal>
    }
    .into_any()
}

fn form(app: App) -> AnyView {
    let draft = app.topic_commands.draft;
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
            Ok(()) => app.topic_commands.open.set(false),
            Err(refusal) => refused.set(Some(refusal)),
        }
    };
    let line = Signal::derive(move || {
        made.with(|made| made.as_ref().map(|command| app.text_of(command)).unwrap_or_default())
    });
    let shown = move || {
        match made.get() {
        Ok(_) => view! { <code data-testid="command-line">{line.get()}</code> }.into_any(),
        Err(mistake) => view! {
            <span class="command-mistake" data-testid="command-mistake">{mistake.words(app.lang.get())}</span>
        }
        .into_any(),
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
            {fields::about(app, draft, kind)}
            {move || fields::of_kind(app, draft, kind.get())}
            <div class="command-preview" role="group" aria-label=move || t(app.lang.get(), CommandText::Line)>
                {shown}
                <Show when=move || made.with(Result::is_ok)><CopyButton text=line testid="command-copy" /></Show>
            </div>
            <p class="command-refusal" role="alert" data-testid="command-refusal">{refusal}</p>
            <button type="submit" class="button is-main" data-testid="command-run" disabled=move || made.with(Result::is_err)>
                {move || t(app.lang.get(), CommandText::Run)}
            </button>
        </form>
    }
    .into_any()
}

fn kinds(app: App, kind: Memo<Kind>) -> AnyView {
    let choice = move |one: Kind| {
        let choose = move |_| {
            let id = app.topic_commands.draft.with_untracked(|draft| draft.id.clone());
            app.topic_commands.begin(app, one, id);
        };
        view! {
            <label class="command-kind" class:is-chosen=move || kind.get() == one>
                <input type="radio" name="command-kind" data-testid=format!("kind-{}", one.name())
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
