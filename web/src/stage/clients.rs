//! Producers and consumers: what waits to be sent and what has been acknowledged, what has been read
//! and what is still to read.

use super::{StageContext, members, rove};
use crate::app::App;
use crate::i18n::stage::StageText;
use crate::i18n::{Lang, t};
use crate::view_model::{ClientKindView, ClientView, PositionView, Selection, text_fit};
use kafkascope_engine::ids::ClientId;
use leptos::prelude::*;

/// So many queue squares or lag bars are drawn; more are a number.
const SQUARES_MAX: usize = 5;

#[component]
pub fn Clients() -> impl IntoView {
    let stage = expect_context::<StageContext>();
    let ids = Memo::new(move |_| {
        stage
            .layout
            .with(|layout| layout.clients.iter().map(|client| client.id).collect::<Vec<_>>())
    });
    view! {
        <g class="layer-clients">
            <For each=move || ids.get() key=|id| *id let:id>
                <ClientCard id />
            </For>
        </g>
    }
    .into_any()
}

#[component]
fn ClientCard(id: ClientId) -> impl IntoView {
    let app = expect_context::<App>();
    let stage = expect_context::<StageContext>();
    let client = Memo::new(move |_| app.view.with(|view| view.client(id).cloned()));
    let rect = Memo::new(move |_| {
        stage.layout.with(|layout| layout.client(id).map(|client| client.rect).unwrap_or_default())
    });
    let selected = Memo::new(move |_| app.selection.with(|s| *s == Selection::Client(id)));
    let name = Memo::new(move |_| app.view.with(|view| view.name_of(id.into())));
    let select = move |_| {
        let again = app.selection.with_untracked(|s| *s == Selection::Client(id));
        app.actions_open.update(|open| *open = !(again && *open));
        app.selection.set(Selection::Client(id));
    };
    let kind = Memo::new(move |_| {
        let lang = app.lang.get();
        client
            .with(|client| client.as_ref().map(|client| kind_parts(client, lang)))
            .unwrap_or_default()
    });
    let line = Memo::new(move |_| {
        let lang = app.lang.get();
        client
            .with(|client| client.as_ref().map(|client| summary(client, lang)).unwrap_or_default())
    });
    let head_room = move || rect.get().width - 28.0;
    let shown_name =
        Memo::new(move |_| name.with(|name| text_fit::fit(name, 13.0, head_room() * 0.62)));
    let kind_room = move || head_room() - text_fit::width(&shown_name.get(), 13.0) * 1.1 - 8.0;
    // What the card says elsewhere goes first.
    let shown_kind = move || {
        kind.with(|parts| {
            let mut texts = (0..parts.len()).map(|from| parts[from..].join(" · "));
            let fits = texts.find(|text| text_fit::width(text, 11.0) <= kind_room());
            let last = parts.last().map(String::as_str).unwrap_or_default();
            fits.unwrap_or_else(|| text_fit::fit(last, 11.0, kind_room()))
        })
    };
    let member_class = Memo::new(move |_| {
        client.with(|client| client.as_ref()?.member.as_ref().map(members::class_of))
    });
    let label = move || {
        let lang = app.lang.get();
        let of_member = |client: &ClientView| members::summary(client, lang);
        match member_class.get() {
            Some(_) => {
                let words = client.with(|client| client.as_ref().map(of_member));
                format!("{}, {}", name.get(), words.unwrap_or_default())
            }
            None => format!("{}, {}, {}", name.get(), kind.get().join(" · "), line.get()),
        }
    };
    let squares = move || {
        client.with(|client| match client.as_ref().map(|client| &client.kind) {
            Some(ClientKindView::Producer { waiting, in_flight, .. }) => (*in_flight, *waiting),
            _ => (0, 0),
        })
    };
    view! {
        <g transform=move || format!("translate({:.1} {:.1})", rect.get().x, rect.get().y)>
            <g
                class=move || format!("client {} {}", rove::CLASS, member_class.get().unwrap_or_default())
                class:is-member=move || member_class.get().is_some()
                class:selected=selected
                role="button"
                tabindex="-1"
                aria-label=label
                data-testid=move || format!("client-{}", name.get())
                on:click=select
            >
                <rect class="client-body" rx="12" width=move || rect.get().width height=move || rect.get().height />
            </g>
            <Show when=move || member_class.get().is_some()>
                <g class=move || format!("stage-words {}", member_class.get().unwrap_or_default()) aria-hidden="true">
                    {members::inside(app, client, rect)}
                </g>
            </Show>
            <Show when=move || member_class.get().is_none()>
            <g class="stage-words" aria-hidden="true">
                <text x="14" y=move || (rect.get().height * 0.42).round()>
                    <tspan class="client-name">{shown_name}</tspan>
                    <tspan class="client-kind" dx="8">{shown_kind}</tspan>
                </text>
                <text class="client-line" x="14" y=move || (rect.get().height * 0.8).round()>
                    {move || text_fit::fit(&line.get(), 11.0, head_room() - 12.0 * (squares().0 + squares().1).min(SQUARES_MAX) as f64)}
                </text>
                {queue(rect, squares)}
            </g>
            </Show>
        </g>
    }
    .into_any()
}

/// Records that a producer holds: filled while their answer is awaited, empty while they wait.
fn queue(
    rect: Memo<crate::view_model::curve::Rect>,
    squares: impl Fn() -> (usize, usize) + Copy + Send + Sync + 'static,
) -> AnyView {
    let count = move || (squares().0 + squares().1).min(SQUARES_MAX);
    view! {
        <For each=move || 0..count() key=|index| *index let:index>
            <rect
                class="queue-square"
                class:is-in-flight=move || index < squares().0
                x=move || rect.get().width - 22.0 - index as f64 * 12.0
                y=move || rect.get().height - 21.0
                width="9" height="9" rx="2.5"
            />
        </For>
    }
    .into_any()
}

/// What a client is, of which topic, and in which rack.
fn kind_parts(client: &ClientView, lang: Lang) -> Vec<String> {
    match &client.kind {
        ClientKindView::Producer { .. } => vec![t(lang, StageText::Producer).to_string()],
        ClientKindView::Consumer { topic, rack, .. } => {
            let mut parts = vec![t(lang, StageText::Consumer).to_string(), topic.to_string()];
            parts.extend(rack.as_ref().map(|rack| format!("{} {rack}", t(lang, StageText::Rack))));
            parts
        }
    }
}

fn summary(client: &ClientView, lang: Lang) -> String {
    match &client.kind {
        ClientKindView::Producer { waiting, in_flight, acknowledged, failed, .. } => {
            let mut parts = vec![format!("{} {acknowledged}", t(lang, StageText::Acked))];
            for (count, text) in [
                (*in_flight as u64, StageText::InFlight),
                (*waiting as u64, StageText::Waiting),
                (*failed, StageText::Failed),
            ] {
                if count > 0 {
                    parts.push(format!("{} {count}", t(lang, text)));
                }
            }
            parts.join(" · ")
        }
        ClientKindView::Consumer { positions, .. } if positions.is_empty() => {
            t(lang, StageText::AsksOffset).to_string()
        }
        ClientKindView::Consumer { positions, .. } => positions
            .iter()
            .map(|position| position_text(position, lang))
            .collect::<Vec<_>>()
            .join("   "),
    }
}

fn position_text(position: &PositionView, lang: Lang) -> String {
    let id = &position.partition;
    match position.offset {
        Some(offset) => {
            let (word, lag) = (t(lang, StageText::Position), position.lag);
            format!("{id} {word} {offset} · lag {lag}")
        }
        None => format!("{id} {}", t(lang, StageText::AsksOffset)),
    }
}
