//! Links between processes: calm curves below everything, and a handle on each that can be pointed
//! at. A cut link is broken in the middle and says so.

use super::{StageContext, rove};
use crate::app::App;
use crate::i18n::stage::StageText;
use crate::i18n::t;
use crate::view_model::layout::{Ends, Layout, LinkBox};
use crate::view_model::{Selection, View};
use kafkascope_engine::ids::Address;
use leptos::prelude::*;
use std::sync::Arc;

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

/// How a link is, and what it is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkState {
    ends: Ends,
    cut: Cut,
    is_bad: bool,
    name: String,
}

/// Of every link that is drawn: one look at each published view for all of them, as it hardly ever
/// changes.
pub fn states(app: App, layout: Memo<Arc<Layout>>) -> Memo<Vec<LinkState>> {
    Memo::new(move |_| {
        let ends = layout.with(|layout| layout.links.iter().map(|l| l.ends).collect::<Vec<_>>());
        app.view.with(|view| {
            let state = |ends: Ends| LinkState {
                ends,
                cut: cut_of(view, ends),
                is_bad: view.is_bad(ends.0, ends.1),
                name: name_of(view, ends),
            };
            ends.into_iter().map(state).collect()
        })
    })
}

fn state_memo<T: PartialEq + Send + Sync + 'static>(
    stage: StageContext,
    ends: Ends,
    read: fn(Option<&LinkState>) -> T,
) -> Memo<T> {
    Memo::new(move |_| stage.links.with(|links| read(links.iter().find(|link| link.ends == ends))))
}

fn cut_memo(stage: StageContext, ends: Ends) -> Memo<Cut> {
    state_memo(stage, ends, |link| link.map_or(Cut::None, |link| link.cut))
}

fn bad_memo(stage: StageContext, ends: Ends) -> Memo<bool> {
    state_memo(stage, ends, |link| link.is_some_and(|link| link.is_bad))
}

fn kind_of((_, b): Ends) -> &'static str {
    match b {
        Address::Client(_) => "link to-client",
        Address::Node(id) if id.is_controller() => "link to-controller",
        Address::Node(_) => "link",
    }
}

fn all_ends(stage: StageContext) -> Memo<Vec<Ends>> {
    Memo::new(move |_| stage.links.with(|links| links.iter().map(|link| link.ends).collect()))
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
        let (cut, bad) = (cut_memo(stage, ends), bad_memo(stage, ends));
        let selected = is_selected(app, ends);
        let path = move || {
            link.with(|link| {
                let Some(LinkBox { curve, handle_at, .. }) = link else {
                    return String::new();
                };
                match cut.get() {
                    Cut::None => curve.path(),
                    _ => {
                        let gap = (handle_at - 0.07, handle_at + 0.07);
                        format!("{}{}", curve.piece(0.0, gap.0), curve.piece(gap.1, 1.0))
                    }
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
        let (cut, bad) = (cut_memo(stage, ends), bad_memo(stage, ends));
        let selected = is_selected(app, ends);
        let name = state_memo(stage, ends, |link| link.map(|l| l.name.clone()).unwrap_or_default());
        let origin = move || {
            let place = link.with(|link| link.as_ref().map(LinkBox::handle));
            place.map_or(String::new(), |p| format!("translate({:.1} {:.1})", p.x, p.y))
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
