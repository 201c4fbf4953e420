//! Language, theme and motion: what the address says, else what was chosen before, else what the
//! device says. Choices are remembered; the document carries them as attributes.

use crate::app::{App, Theme};
use crate::i18n::{Lang, code};
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;

const LANG: &str = "kafkascope.lang";
const THEME: &str = "kafkascope.theme";

fn in_address(name: &str) -> Option<String> {
    let search = web_sys::window()?.location().search().ok()?;
    web_sys::UrlSearchParams::new_with_str(&search).ok()?.get(name)
}

/// `None` also where storing is forbidden.
fn store() -> Option<web_sys::Storage> {
    web_sys::window()?.local_storage().ok()?
}

fn remembered(name: &str) -> Option<String> {
    store()?.get_item(name).ok()?
}

fn remember(name: &str, value: &str) {
    if let Some(store) = store() {
        let _ = store.set_item(name, value);
    }
}

fn lang_named(name: &str) -> Option<Lang> {
    match name {
        "ko" => Some(Lang::Ko),
        "en" => Some(Lang::En),
        _ => None,
    }
}

fn theme_named(name: &str) -> Option<Theme> {
    match name {
        "auto" => Some(Theme::Auto),
        "light" => Some(Theme::Light),
        "dark" => Some(Theme::Dark),
        _ => None,
    }
}

fn name_of(theme: Theme) -> &'static str {
    match theme {
        Theme::Auto => "auto",
        Theme::Light => "light",
        Theme::Dark => "dark",
    }
}

pub fn lang_at_start() -> Lang {
    let chosen = || remembered(LANG).as_deref().and_then(lang_named);
    let of_device = || {
        let language = web_sys::window()?.navigator().language()?;
        language.starts_with("ko").then_some(Lang::Ko)
    };
    in_address("lang")
        .as_deref()
        .and_then(lang_named)
        .or_else(chosen)
        .or_else(of_device)
        .unwrap_or(Lang::En)
}

pub fn theme_at_start() -> Theme {
    let chosen = || remembered(THEME).as_deref().and_then(theme_named);
    in_address("theme").as_deref().and_then(theme_named).or_else(chosen).unwrap_or_default()
}

/// Writes the choices to the document as they change, and remembers them.
pub fn follow(app: App) {
    let Some(root) =
        web_sys::window().and_then(|w| w.document()).and_then(|d| d.document_element())
    else {
        return;
    };
    let html = root.clone();
    Effect::new(move |before: Option<()>| {
        let lang = code(app.lang.get());
        let _ = html.set_attribute("lang", lang);
        if before.is_some() {
            remember(LANG, lang);
        }
    });
    Effect::new(move |before: Option<()>| {
        let theme = name_of(app.theme.get());
        let _ = root.set_attribute("data-theme", theme);
        if before.is_some() {
            remember(THEME, theme);
        }
    });
    follow_motion(app);
}

fn follow_motion(app: App) {
    let query = web_sys::window()
        .and_then(|w| w.match_media("(prefers-reduced-motion: reduce)").ok().flatten());
    let Some(query) = query else { return };
    app.set_reduced_motion(query.matches());
    let on_change = Closure::<dyn FnMut(web_sys::MediaQueryListEvent)>::new(
        move |event: web_sys::MediaQueryListEvent| app.set_reduced_motion(event.matches()),
    );
    let _ = query.add_event_listener_with_callback("change", on_change.as_ref().unchecked_ref());
    on_change.forget();
}
