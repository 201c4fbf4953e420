//! Links between processes: calm curves below everything, and a handle on each that can be pointed
//! at. A cut link is broken in the middle and says so.

use super::{StageContext, rove};
use crate::app::App;
use crate::i18n::stage::StageText;
use crate::i18n::t;
use crate::view_model::layout::{Ends, LinkBox};
use crate::view_model::{Selection, View};
use kafkascope_engine::ids::Address;
use leptos::prelude::*;

/// Which directions of a link are cut, seen from its lesser end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    None,
    Forward,
    Backward,
    Both,
}

pub fn cut_of(view: &View, (a, b): Ends) -> Cut {
    match (view.is_cut(a, b), view.is_cut(b, a)) {
        (false, false) => Cut::None,
        (true, false) => Cut::Forward,
        (false, true) => Cut::Backward,
        (true, true) => Cut::Both,
    }
}

fn kind_of((_, b): Ends) -> &'static str {
    match b {
        Address::Client(_) => "link to-client",
        Address::Node(id) if id.is_controller() => "link to-controller",
        Address::Node(_) => "link",
    }
}

fn all_ends(stage: StageContext) -> Memo<Vec<Ends>> {
    Memo::new(move |_| {
        stage.layout.with(|layout| layout.links.iter().map(|link| link.ends).collect())
    })
}

fn link_memo(stage: StageContext, ends: Ends) -> Memo<Option<LinkBox>> {
    Memo::new(move |_| stage.layout.with(|layout| layout.link(ends).cloned()))
}

fn is_selected(app: App, ends: Ends) -> Memo<bool> {
    Memo::new(move |_| app.selection.with(|s| *s == Selection::Link(ends.0, ends.1)))
}

/// The lines, under everything else.
#[component]
pub fn Links() -> impl IntoView {
    let app = expect_context::<App>();
    let stage = expect_context::<StageContext>();
    let all = all_ends(stage);
    let line = move |ends: Ends| {
        let link = link_memo(stage, ends);
        let cut = Memo::new(move |_| app.view.with(|view| cut_of(view, ends)));
        let bad = Memo::new(move |_| app.view.with(|view| view.is_bad(ends.0, ends.1)));
        let selected = is_selected(app, ends);
        let path = move || {
            link.with(|link| {
                let Some(LinkBox { curve, .. }) = link else {
                    return String::new();
                };
                match cut.get() {
                    Cut::None => curve.path(),
                    _ => format!("{}{}", curve.piece(0.0, 0.43), curve.piece(0.57, 1.0)),
                }
            })
        };
        let select = move |_| {
            app.actions_open.set(true);
            app.selection.set(Selection::Link(ends.0, ends.1));
        };
        view! {
            <g class=kind_of(ends) class:is-cut=move || cut.get() != Cut::None class:is-bad=bad class:selected=selected>
                <path class="link-line" d=path />
                <path class="link-hit" d=move || link.with(|link| link.as_ref().map_or(String::new(), |l| l.curve.path())) on:click=select />
            </g>
        }
        .into_any()
    };
    view! {
        <g class="layer-links">
            <For each=move || all.get() key=|ends| *ends let:ends>{line(ends)}</For>
        </g>
    }
    .into_any()
}

/// What is pointed at: over everything else, so that nothing hides it.
#[component]
pub fn Handles() -> impl IntoView {
    let app = expect_context::<App>();
    let stage = expect_context::<StageContext>();
    let all = all_ends(stage);
    let handle = move |ends: Ends| {
        let link = link_memo(stage, ends);
        let cut = Memo::new(move |_| app.view.with(|view| cut_of(view, ends)));
        let bad = Memo::new(move |_| app.view.with(|view| view.is_bad(ends.0, ends.1)));
        let selected = is_selected(app, ends);
        let name = Memo::new(move |_| app.view.with(|view| name_of(view, ends)));
        let origin = move || {
            let middle = link.with(|link| link.as_ref().map(|link| link.curve.middle()));
            middle.map_or(String::new(), |p| format!("translate({:.1} {:.1})", p.x, p.y))
        };
        let label = move || {
            let lang = app.lang.get();
            let state = match (cut.get(), bad.get()) {
                (Cut::None, false) => "",
                (Cut::None, true) => t(lang, StageText::LinkBad),
                _ => t(lang, StageText::LinkCut),
            };
            format!("{} {} {state}", t(lang, StageText::Link), name.get())
        };
        let select = move |_| {
            let again = app.selection.with_untracked(|s| *s == Selection::Link(ends.0, ends.1));
            app.actions_open.update(|open| *open = !(again && *open));
            app.selection.set(Selection::Link(ends.0, ends.1));
        };
        // A line below the cross: one direction still works. A wave: messages pass, and suffer.
        let sign = move || match cut.get() {
            Cut::None if bad.get() => "M-5 0q2.5 -6 5 0t5 0",
            Cut::None => "",
            Cut::Both => "M-4 -4L4 4M4 -4L-4 4",
            Cut::Forward | Cut::Backward => "M-4 -4L4 4M4 -4L-4 4M-7 7H7",
        };
        view! {
            <g
                class=format!("link-handle {}", rove::CLASS)
                class:is-cut=move || cut.get() != Cut::None
                class:is-bad=bad
                class:selected=selected
                transform=origin
                role="button"
                tabindex="-1"
                aria-label=label
                data-testid=move || format!("link-{}", name.get())
                data-cut=move || match cut.get() { Cut::None => "none", Cut::Both => "both", _ => "one-way" }
                data-bad=move || bad.get().to_string()
                on:click=select
            >
                <circle class="handle-hit" r="11" />
                <circle class="handle-face" r="7" />
                <path class="handle-sign" d=sign />
            </g>
        }
        .into_any()
    };
    view! {
        <g class="layer-handles">
            <For each=move || all.get() key=|ends| *ends let:ends>{handle(ends)}</For>
        </g>
    }
    .into_any()
}

/// `broker-1-broker-3`
pub fn name_of(view: &View, (a, b): Ends) -> String {
    format!("{}-{}", view.name_of(a), view.name_of(b))
}
