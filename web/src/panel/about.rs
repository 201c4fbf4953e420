//! "What is modelled, what is not": the list itself is in [`crate::i18n::about`].

use super::dialog::Modal;
use crate::app::App;
use crate::i18n::about::{AboutText, Absent, Modelled, Simplified, SourceText};
use crate::i18n::{Key, t};
use leptos::prelude::*;

#[component]
pub fn About(open: RwSignal<bool>) -> impl IntoView {
    let app = expect_context::<App>();
    view! {
        <Modal open title=AboutText::Title testid="about">
            <p class="dialog-lead">{move || t(app.lang.get(), AboutText::Intro)}</p>
            {list(app, AboutText::Modelled, Modelled::ALL, "modelled", "✓")}
            {list(app, AboutText::Simplified, Simplified::ALL, "simplified", "≈")}
            {list(app, AboutText::Absent, Absent::ALL, "absent", "–")}
            {list(app, AboutText::Sources, &[SourceText::Version, SourceText::Docs, SourceText::Checked], "sources", "·")}
            <p class="about-version" data-testid="about-version">{concat!("Kafkascope ", env!("CARGO_PKG_VERSION"))}</p>
            {list(app, AboutText::Legal, &[SourceText::Unofficial, SourceText::Trademark, SourceText::Licence], "legal", "·")}
        </Modal>
    }
    .into_any()
}

fn list<K: Key + Send + Sync + 'static>(
    app: App,
    title: AboutText,
    items: &'static [K],
    name: &'static str,
    mark: &'static str,
) -> AnyView {
    let item = move |key: K| {
        view! {
            <li>
                <span class="about-mark" aria-hidden="true">{mark}</span>
                <span>{move || t(app.lang.get(), key)}</span>
            </li>
        }
    };
    view! {
        <section class="about-list" data-list=name>
            <h3>{move || t(app.lang.get(), title)}</h3>
            <ul>{items.iter().map(|key| item(*key)).collect_view()}</ul>
        </section>
    }
    .into_any()
}
