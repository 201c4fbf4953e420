//! Help: how to begin, keys, clicks, the verbs of the script language and Kafka's terms. The verbs
//! come from the engine's own table, so help cannot lag behind.

use super::dialog::Modal;
use crate::app::App;
use crate::i18n::glossary::{GLOSSARY, Term, heading};
use crate::i18n::help::{HelpText, KEYS, KeyText, MouseText};
use crate::i18n::t;
use kafkascope_engine::script::verbs::{VERBS, Verb};
use leptos::prelude::*;

#[component]
pub fn Help(open: RwSignal<bool>) -> impl IntoView {
    let app = expect_context::<App>();
    view! {
        <Modal open title=HelpText::Title testid="help">
            {section(app, HelpText::Start, start(app))}
            <div class="help-columns">
                {section(app, HelpText::Keys, keys(app))}
                {section(app, HelpText::Mouse, mouse(app))}
            </div>
            {section(app, HelpText::Commands, commands(app))}
            {section(app, HelpText::Glossary, glossary(app))}
        </Modal>
    }
    .into_any()
}

fn section(app: App, title: HelpText, body: AnyView) -> AnyView {
    view! {
        <section class="help-section">
            <h3>{move || t(app.lang.get(), title)}</h3>
            {body}
        </section>
    }
    .into_any()
}

fn start(app: App) -> AnyView {
    [HelpText::StartTime, HelpText::StartBreak, HelpText::StartWhy]
        .map(|key| view! { <p>{move || t(app.lang.get(), key)}</p> })
        .into_any()
}

fn keys(app: App) -> AnyView {
    let row = |(keys, what): &'static (&'static [&'static str], KeyText)| {
        // An ellipsis between two keys is not one.
        let key = |key: &&'static str| match *key {
            "…" => view! { "… " }.into_any(),
            key => view! { <kbd>{key}</kbd>" " }.into_any(),
        };
        view! {
            <div>
                <dt>{keys.iter().map(key).collect_view()}</dt>
                <dd>{move || t(app.lang.get(), *what)}</dd>
            </div>
        }
    };
    view! { <dl class="help-keys" data-testid="help-keys">{KEYS.iter().map(row).collect_view()}</dl> }.into_any()
}

fn mouse(app: App) -> AnyView {
    let item = |key: &'static MouseText| view! { <li>{move || t(app.lang.get(), *key)}</li> };
    view! { <ul>{MouseText::ALL.iter().map(item).collect_view()}</ul> }.into_any()
}

fn commands(app: App) -> AnyView {
    let row = |verb: &'static Verb| {
        view! {
            <div>
                <dt><code>{verb.form()}</code></dt>
                <dd>{move || verb.summary(app.lang.get())}</dd>
            </div>
        }
    };
    view! {
        <p>{move || t(app.lang.get(), HelpText::CommandsIntro)}</p>
        <dl class="help-commands" data-testid="help-commands">{VERBS.iter().map(row).collect_view()}</dl>
    }
    .into_any()
}

fn glossary(app: App) -> AnyView {
    let row = |term: &'static Term| {
        view! {
            <div>
                <dt>{move || heading(term, app.lang.get())}</dt>
                <dd>{move || term.meaning(app.lang.get())}</dd>
            </div>
        }
    };
    view! { <dl class="help-terms" data-testid="help-terms">{GLOSSARY.iter().map(row).collect_view()}</dl> }.into_any()
}
