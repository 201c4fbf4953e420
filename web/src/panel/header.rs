//! The header: which scenario, which language, light or dark, a link to this moment, and the dialogs.

use super::storage::StorageChip;
use crate::app::{App, Theme};
use crate::i18n::monitors::CompareText;
use crate::i18n::stage::BarText;
use crate::i18n::storage::share_problem;
use crate::i18n::{Lang, t};
use crate::notice::{Notice, Text};
use crate::scenario::{COMPARISONS, SCENARIOS, by_id};
use crate::share::How;
use leptos::prelude::*;

#[component]
pub fn Header() -> impl IntoView {
    let app = expect_context::<App>();
    view! {
        <header class="header">
            <h1 class="brand">
                <svg class="brand-mark" viewBox="0 0 20 20" width="20" height="20" aria-hidden="true">
                    <rect x="1.5" y="4.5" width="17" height="11" rx="3.5" />
                    <path d="M7.2 4.5v11M12.8 4.5v11" />
                    <circle cx="15.6" cy="10" r="1.4" />
                </svg>
                "Kafkascope"
            </h1>
            <ScenarioMenu />
            <span class="spacer"></span>
            <StorageChip />
            <LangSwitch />
            <ThemeToggle />
            <ShareButton />
            {link(app, "open-about", BarText::Modelled, move || t(app.lang.get(), BarText::Modelled), move || app.about_open.set(true))}
            {link(app, "open-help", BarText::Help, || "?", move || app.help_open.set(true))}
        </header>
    }
    .into_any()
}

fn link(
    app: App,
    testid: &'static str,
    title: BarText,
    text: impl Fn() -> &'static str + Send + Sync + 'static,
    act: impl Fn() + Send + Sync + 'static,
) -> AnyView {
    view! {
        <button type="button" class=format!("button chip {testid}") data-testid=testid
            aria-label=move || t(app.lang.get(), title) title=move || t(app.lang.get(), title) on:click=move |_| act()>
            {text}
        </button>
    }
    .into_any()
}

#[component]
fn ScenarioMenu() -> impl IntoView {
    let app = expect_context::<App>();
    let choose = move |event: web_sys::Event| {
        let id = event_target_value(&event);
        if let Some(scenario) = by_id(&id) {
            app.load_shipped(scenario);
        } else if let Some(ready) = COMPARISONS.iter().find(|ready| ready.id == id) {
            app.load_comparison(ready);
        }
    };
    let value = move || app.scenario.get().unwrap_or_default().to_string();
    view! {
        <label class="scenario">
            <span class="visually-hidden">{move || t(app.lang.get(), BarText::Scenario)}</span>
            <select data-testid="scenario" on:change=choose prop:value=value>
                <Show when=move || app.scenario.get().is_none()>
                    <option value="" selected>{move || t(app.lang.get(), BarText::OwnRun)}</option>
                </Show>
                {SCENARIOS
                    .iter()
                    .map(|scenario| view! {
                        <option value=scenario.id selected=move || app.scenario.get() == Some(scenario.id)>
                            {move || app.lang.get().pick(scenario.ko, scenario.en)}
                        </option>
                    })
                    .collect_view()}
                <optgroup label=move || t(app.lang.get(), CompareText::Ready)>
                    {COMPARISONS
                        .iter()
                        .map(|ready| view! {
                            <option value=ready.id selected=move || app.scenario.get() == Some(ready.id)>
                                {move || app.lang.get().pick(ready.ko, ready.en)}
                            </option>
                        })
                        .collect_view()}
                </optgroup>
            </select>
        </label>
    }
    .into_any()
}

#[component]
fn LangSwitch() -> impl IntoView {
    let app = expect_context::<App>();
    let choice = move |lang: Lang, testid: &'static str, code: &'static str, name: &'static str| {
        view! {
            <button
                type="button"
                lang=code
                data-testid=testid
                aria-label=format!("{name} {}", code.to_uppercase())
                aria-pressed=move || (app.lang.get() == lang).to_string()
                on:click=move |_| app.lang.set(lang)
            >
                <span class="lang-long">{name}</span>
                <span class="lang-short">{code.to_uppercase()}</span>
            </button>
        }
    };
    view! {
        <div class="segmented" role="group" aria-label=move || t(app.lang.get(), BarText::Language)>
            {choice(Lang::Ko, "lang-ko", "ko", "한국어")}
            {choice(Lang::En, "lang-en", "en", "English")}
        </div>
    }
    .into_any()
}

#[component]
fn ThemeToggle() -> impl IntoView {
    let app = expect_context::<App>();
    let label = move || {
        t(
            app.lang.get(),
            match app.theme.get() {
                Theme::Auto => BarText::ThemeAuto,
                Theme::Light => BarText::ThemeLight,
                Theme::Dark => BarText::ThemeDark,
            },
        )
    };
    let path = move || match app.theme.get() {
        Theme::Auto => "M8 1.8a6.2 6.2 0 1 0 0 12.4zM8 1.8a6.2 6.2 0 0 1 0 12.4",
        Theme::Light => {
            "M8 4.6a3.4 3.4 0 1 0 0 6.8a3.4 3.4 0 1 0 0-6.8M8 .8v1.6M8 13.6v1.6M.8 8h1.6M13.6 8h1.6M2.9 2.9L4 4M12 12l1.1 1.1M13.1 2.9L12 4M4 12l-1.1 1.1"
        }
        Theme::Dark => "M13.6 9.6A6.2 6.2 0 0 1 6.4 2.4a6.2 6.2 0 1 0 7.2 7.2z",
    };
    view! {
        <button type="button" class="button chip icon theme-toggle" data-testid="theme-toggle" aria-label=label title=label
            on:click=move |_| app.next_theme()>
            <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" class:is-auto=move || app.theme.get() == Theme::Auto>
                <path d=path />
            </svg>
        </button>
    }
    .into_any()
}

#[component]
fn ShareButton() -> impl IntoView {
    let app = expect_context::<App>();
    let share = move |_| {
        crate::share::share(app, move |shared| {
            app.notify(match shared {
                Ok(how) => {
                    let key =
                        if how == How::Copied { BarText::Shared } else { BarText::ShareFailed };
                    Notice::info(Text::of(|lang| t(lang, key).to_string()))
                }
                Err(problem) => Notice::warning(Text::of(|lang| share_problem(&problem, lang))),
            });
        });
    };
    view! {
        <button type="button" class="button chip share" data-testid="share" title=move || t(app.lang.get(), BarText::ShareHint) on:click=share>
            <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
                <path d="M6.6 9.4a3 3 0 0 0 4.3 0l2.4-2.4a3 3 0 0 0-4.3-4.3l-.9.9M9.4 6.6a3 3 0 0 0-4.3 0L2.7 9a3 3 0 0 0 4.3 4.3l.9-.9" />
            </svg>
            <span class="share-text">{move || t(app.lang.get(), BarText::Share)}</span>
        </button>
    }
    .into_any()
}
