//! What the inspector's pages are made of: a head, a list of facts, a small table.

use crate::app::App;
use crate::i18n::bytes::BytesText;
use crate::i18n::stage::InspectorText;
use crate::i18n::{Key, t};
use kafkascope_engine::ids::NodeId;
use leptos::prelude::*;

/// What kind of thing it is, and its name.
pub fn head(
    app: App,
    kind: InspectorText,
    name: impl Fn() -> String + Send + Sync + 'static,
) -> AnyView {
    view! {
        <header class="inspector-head">
            <p class="eyebrow">{move || t(app.lang.get(), kind)}</p>
            <h2 tabindex="-1">{name}</h2>
        </header>
    }
    .into_any()
}

/// How a fact is to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    Plain,
    Good,
    Attention,
    Bad,
}

impl Tone {
    pub fn class(self) -> &'static str {
        match self {
            Tone::Plain => "",
            Tone::Good => "is-good",
            Tone::Attention => "is-attention",
            Tone::Bad => "is-bad",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    pub name: InspectorText,
    pub value: String,
    pub tone: Tone,
}

pub fn fact(name: InspectorText, value: impl ToString) -> Fact {
    Fact { name, value: value.to_string(), tone: Tone::Plain }
}

impl Fact {
    pub fn tone(self, tone: Tone) -> Fact {
        Fact { tone, ..self }
    }
}

/// Facts that are read anew whenever the view or the language changes; no fact means that the thing
/// is not there at this moment.
pub fn facts(app: App, read: impl Fn() -> Vec<Fact> + Send + Sync + 'static) -> AnyView {
    let facts = Memo::new(move |_| read());
    let row = move |fact: Fact| {
        view! {
            <div class="fact">
                <dt>{t(app.lang.get_untracked(), fact.name)}</dt>
                <dd class=fact.tone.class()>{fact.value}</dd>
            </div>
        }
    };
    view! {
        <Show
            when=move || facts.with(|facts| !facts.is_empty())
            fallback=move || view! { <p class="quiet">{move || t(app.lang.get(), InspectorText::Gone)}</p> }
        >
            <dl class="facts">
                {move || {
                    app.lang.track();
                    facts.get().into_iter().map(row).collect_view()
                }}
            </dl>
        </Show>
    }
    .into_any()
}

pub fn title(app: App, text: impl Key + Send + Sync + 'static) -> AnyView {
    view! { <h3>{move || t(app.lang.get(), text)}</h3> }.into_any()
}

/// The way from a node, or from one directory of its disk, into the byte viewer.
pub fn open_files(app: App, node: NodeId, dir: Option<String>) -> AnyView {
    let open = move |_| {
        app.with_timeline(|timeline| {
            app.viewer.show_disk(timeline.cluster(), node, dir.as_deref());
        });
    };
    view! {
        <button type="button" class="button open-files" data-testid="open-files" on:click=open>
            {move || t(app.lang.get(), BytesText::OpenFiles)}
        </button>
    }
    .into_any()
}
