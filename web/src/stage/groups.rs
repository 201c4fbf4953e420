//! Consumer groups as frames around their members: who they are, how the group is, who coordinates it.

use super::{StageContext, rove};
use crate::app::App;
use crate::i18n::groups::GroupText;
use crate::i18n::{Lang, say, t};
use crate::view_model::groups::card::GroupView;
use crate::view_model::{Selection, text_fit};
use kafkascope_engine::group::classic_group::GroupState;
use leptos::prelude::*;
use std::sync::Arc;

#[component]
pub fn Groups() -> impl IntoView {
    let stage = expect_context::<StageContext>();
    let ids = Memo::new(move |_| {
        stage
            .layout
            .with(|layout| layout.groups.iter().map(|group| group.id.clone()).collect::<Vec<_>>())
    });
    view! {
        <g class="layer-groups">
            <For each=move || ids.get() key=|id| id.clone() let:id>
                <Frame id />
            </For>
        </g>
    }
    .into_any()
}

/// How a group is, in one class.
fn state_class(state: GroupState) -> &'static str {
    match state {
        GroupState::Stable => "is-stable",
        GroupState::Empty => "is-empty",
        GroupState::PreparingRebalance
        | GroupState::CompletingRebalance
        | GroupState::Assigning
        | GroupState::Reconciling => "is-rebalancing",
        GroupState::Dead => "is-unknown",
    }
}

pub fn state_words(group: &GroupView, lang: Lang) -> String {
    match group.coordinator {
        Some(_) => group.state.to_string(),
        None => t(lang, GroupText::Forming).to_string(),
    }
}

/// What is worth saying beside its state, the most important first.
fn details(group: &GroupView, lang: Lang) -> Vec<String> {
    let mut details = Vec::new();
    if group.generation > 0 {
        let generation = group.generation;
        details.push(say!(lang, "{generation}세대", "generation {generation}"));
    }
    details.extend(group.protocol.as_ref().map(|protocol| protocol.to_string()));
    if group.lag > 0 {
        details.push(format!("lag {}", group.lag));
    }
    if let Some(coordinator) = group.coordinator {
        details.push(say!(lang, "코디네이터 {coordinator}", "coordinated by {coordinator}"));
    }
    details
}

#[component]
fn Frame(id: Arc<str>) -> impl IntoView {
    let app = expect_context::<App>();
    let stage = expect_context::<StageContext>();
    let own = id.clone();
    let group = Memo::new(move |_| app.view.with(|view| view.group(&own).cloned()));
    let own = id.clone();
    let rect = Memo::new(move |_| {
        stage.layout.with(|layout| layout.group(&own).map(|group| group.rect).unwrap_or_default())
    });
    let selection = Selection::Group(id.clone());
    let own = selection.clone();
    let selected = Memo::new(move |_| app.selection.with(|selected| *selected == own));
    let select = move |_| {
        let again = app.selection.with_untracked(|selected| *selected == selection);
        app.actions_open.update(|open| *open = !(again && *open));
        app.selection.set(selection.clone());
    };
    let words = Memo::new(move |_| {
        let lang = app.lang.get();
        group
            .with(|group| {
                group.as_ref().map(|group| (state_words(group, lang), details(group, lang)))
            })
            .unwrap_or_default()
    });
    let name = id.clone();
    let label = move || {
        let kind = t(app.lang.get(), GroupText::Group);
        let (state, details) = words.get();
        format!("{kind} {name}, {state}, {}", details.join(", "))
    };
    let class = move || {
        let state = group.with(|group| group.as_ref().map_or(GroupState::Dead, |g| g.state));
        format!("group-frame {}", state_class(state))
    };
    let room = move || rect.get().width - 24.0;
    let name = id.clone();
    let shown_name = Memo::new(move |_| text_fit::fit(&name, 13.0, room() * 0.5));
    // As much as fits, whole words only.
    let rest = Memo::new(move |_| {
        let (state, details) = words.get();
        let room = room() - text_fit::width(&shown_name.get(), 13.0) * 1.1 - 24.0;
        let mut text = state;
        for detail in details {
            let longer = format!("{text} · {detail}");
            if text_fit::width(&longer, 11.0) > room {
                break;
            }
            text = longer;
        }
        text
    });
    let is_empty =
        move || group.with(|group| group.as_ref().is_some_and(|group| group.members.is_empty()));
    view! {
        <g class=class class:selected=selected transform=move || format!("translate({:.1} {:.1})", rect.get().x, rect.get().y)>
            <g
                class=format!("group-face {}", rove::CLASS)
                role="button"
                tabindex="-1"
                aria-label=label
                aria-pressed=move || selected.get().to_string()
                data-testid=format!("group-{id}")
                on:click=select
            >
                <rect class="group-body" rx="14" width=move || rect.get().width height=move || rect.get().height />
            </g>
            <g class="stage-words" aria-hidden="true">
                <circle class="group-light" cx="16" cy="13" r="4.5" />
                <text x="26" y="17">
                    <tspan class="group-name">{shown_name}</tspan>
                    <tspan class="group-rest" dx="8">{rest}</tspan>
                </text>
                <Show when=is_empty>
                    <text class="group-none" x=move || rect.get().width / 2.0 y=move || rect.get().height - 24.0 text-anchor="middle">
                        {move || t(app.lang.get(), GroupText::NoMembers)}
                    </text>
                </Show>
            </g>
        </g>
    }
    .into_any()
}
