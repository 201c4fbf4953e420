//! Envelopes on their way. Where each one is follows from the shown moment alone: before a frame is
//! painted its place is computed and written to its element; no place is ever stored.

use super::StageContext;
use super::shapes::epoch_class;
use crate::app::App;
use crate::playback::Pace;
use crate::view_model::curve::Point;
use crate::view_model::layout::{Layout, ends};
use crate::view_model::{Content, EnvelopeView, Selection, Weight, text_fit};
use kafkascope_engine::event::Direction;
use kafkascope_engine::ids::{Address, EnvelopeId};
use kafkascope_engine::sim::time::SimTime;
use leptos::prelude::*;
use leptos::svg;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use web_sys::SvgElement;

/// Requests and responses keep to their own side of a link.
const LANE: f64 = 5.0;
const HEIGHT: f64 = 20.0;
/// How far its middle stays from the edges between which it flies.
const CLEARANCE: f64 = HEIGHT / 2.0 + 3.0;

/// In another run or branch the same id may be another message.
type Key = (EnvelopeId, SimTime);

/// The elements on the stage, each with what its place is computed from.
type Flying = Rc<RefCell<BTreeMap<Key, (SvgElement, EnvelopeView)>>>;

#[component]
pub fn Envelopes() -> impl IntoView {
    let app = expect_context::<App>();
    let stage = expect_context::<StageContext>();
    let flying = Flying::default();
    let ids = Memo::new(move |_| {
        app.view.with(|view| view.envelopes.iter().map(|e| (e.id, e.sent_at)).collect::<Vec<Key>>())
    });
    let layer = NodeRef::<svg::G>::new();
    {
        let flying = flying.clone();
        app.on_frame(move |moment| {
            let layout = stage.layout.get_untracked();
            for (element, envelope) in flying.borrow().values() {
                place(element, envelope, &layout, moment.view_now_us);
            }
            if let Some(layer) = layer.get_untracked() {
                let pace = if moment.pace == Pace::Routine { "routine" } else { "calm" };
                let _ = layer.set_attribute("data-pace", pace);
            }
        });
    }
    // A new size moves everything though no time passes.
    {
        let flying = flying.clone();
        Effect::new(move |_| {
            let layout = stage.layout.get();
            let now = app.moment().view_now_us;
            for (element, envelope) in flying.borrow().values() {
                place(element, envelope, &layout, now);
            }
        });
    }
    let flying = StoredValue::new_local(flying);
    view! {
        <g class="layer-envelopes" node_ref=layer>
            <For each=move || ids.get() key=|key| *key let:key>
                {envelope(app, stage, key, flying)}
            </For>
        </g>
    }
    .into_any()
}

fn place(element: &SvgElement, envelope: &EnvelopeView, layout: &Layout, now_us: f64) {
    let at = position(envelope, layout, now_us);
    let transform = format!("translate({:.2}px,{:.2}px)", at.x, at.y);
    let _ = element.style().set_property("transform", &transform);
}

/// Where an envelope is at a moment.
pub(super) fn position(envelope: &EnvelopeView, layout: &Layout, now_us: f64) -> Point {
    let link = ends(envelope.from, envelope.to);
    let Some(link_box) = layout.link(link) else {
        return Point { x: -100.0, y: -100.0 };
    };
    let (sent, due) = (envelope.sent_at.0 as f64, envelope.deliver_at.0 as f64);
    let part = ((now_us - sent) / (due - sent).max(1.0)).clamp(0.0, 1.0);
    // Leaves and arrives gently.
    let turn = 2.0 * std::f64::consts::PI;
    let eased = part - 0.5 * (turn * part).sin() / turn;
    // From edge to edge, and clear of what is written beyond them.
    let clear = (CLEARANCE / link_box.curve.length).min(0.25);
    let eased = clear + eased * (1.0 - 2.0 * clear);
    let forward = envelope.from == link.0;
    let mut point = link_box
        .curve
        .at(if forward { eased } else { 1.0 - eased }, if forward { LANE } else { -LANE });
    if layout.stacked && envelope.weight == Weight::Foreground {
        let half = pill_width(&label(envelope)) / 2.0 + 2.0;
        point.x = point.x.clamp(half, (layout.width - half).max(half));
    }
    point
}

/// What is written on an envelope: its API by Kafka's name, and the gist.
pub fn label(envelope: &EnvelopeView) -> String {
    let name = envelope.api.name();
    let back = if envelope.direction == Direction::Response { " ↩" } else { "" };
    if envelope.is_reset {
        return format!("{name} ↩ ×");
    }
    match &envelope.content {
        Content::Plain => format!("{name}{back}"),
        Content::Asks { offset } => format!("{name} {offset}"),
        Content::Sends { records } => format!("{name} ×{records}"),
        Content::Records { base_offset, last_offset, .. } if base_offset == last_offset => {
            format!("{name}{back} {base_offset}")
        }
        Content::Records { base_offset, last_offset, .. } => {
            format!("{name}{back} {base_offset}–{last_offset}")
        }
        Content::HighWatermark(offset) => format!("{name}{back} HW {offset}"),
        Content::Acknowledged { base_offset } => format!("{name}{back} {base_offset}"),
        Content::Error(error) => format!("{name}{back} {error}"),
    }
}

fn pill_width(label: &str) -> f64 {
    text_fit::width(label, 11.0) * 1.06 + 31.0
}

/// `broker-1-broker-2-17`, stable within a run.
fn name_of(app: App, id: EnvelopeId) -> String {
    app.view.with_untracked(|view| {
        format!("{}-{}-{}", view.name_of(id.from), view.name_of(id.to), id.number())
    })
}

fn envelope(
    app: App,
    stage: StageContext,
    key: Key,
    flying: StoredValue<Flying, LocalStorage>,
) -> AnyView {
    let id = key.0;
    let shown = Memo::new(move |_| app.view.with(|view| view.envelope(id).cloned()));
    let Some(first) = shown.get_untracked() else {
        return ().into_any();
    };
    let selected = Memo::new(move |_| app.selection.with(|s| *s == Selection::Envelope(id)));
    let element = NodeRef::<svg::G>::new();
    // Its weight may change while it flies: what it tells may be known by then.
    Effect::new(move |_| {
        let (Some(element), Some(envelope)) = (element.get(), shown.get()) else {
            return;
        };
        let element: SvgElement = element.unchecked_into();
        place(&element, &envelope, &stage.layout.get_untracked(), app.moment().view_now_us);
        flying.with_value(|flying| flying.borrow_mut().insert(key, (element, envelope)));
    });
    on_cleanup(move || {
        flying.try_with_value(|flying| flying.borrow_mut().remove(&key));
    });
    let at = position(&first, &stage.layout.get_untracked(), app.moment().view_now_us);
    let style = format!("transform:translate({:.2}px,{:.2}px)", at.x, at.y);
    let weight =
        Memo::new(move |_| shown.with(|e| e.as_ref().map_or(Weight::Background, |e| e.weight)));
    let text = Memo::new(move |_| shown.with(|e| e.as_ref().map(label).unwrap_or_default()));
    let width = move || pill_width(&text.get());
    let seal = move || {
        shown.with(|envelope| match envelope.as_ref().map(|envelope| &envelope.content) {
            Some(Content::Records { leader_epoch, .. }) => {
                format!("seal has-records {}", epoch_class(*leader_epoch))
            }
            Some(Content::Sends { .. }) => "seal has-records epoch-new".to_string(),
            Some(Content::Error(_)) => "seal is-error".to_string(),
            Some(Content::Acknowledged { .. } | Content::HighWatermark(_)) => {
                "seal is-ok".to_string()
            }
            _ => "seal".to_string(),
        })
    };
    let is_error = move || {
        shown.with(|e| {
            e.as_ref().is_some_and(|e| e.is_reset || matches!(e.content, Content::Error(_)))
        })
    };
    let to_client = matches!(id.to, Address::Client(_)) || matches!(id.from, Address::Client(_));
    view! {
        <g
            node_ref=element
            style=style
            class="envelope"
            class:is-foreground=move || weight.get() == Weight::Foreground
            class:is-response=first.direction == Direction::Response
            class:is-client=to_client
            class:is-error=is_error
            class:selected=selected
            data-testid=format!("envelope-{}", name_of(app, id))
            data-api=first.api.name()
            on:click=move |event| {
                event.stop_propagation();
                // It would be gone before anything can be done to it.
                app.pause();
                app.actions_open.set(true);
                app.selection.set(Selection::Envelope(id));
            }
        >
            <Show
                when=move || weight.get() == Weight::Foreground
                fallback=|| view! { <circle class="envelope-hit" r="9" /><circle class="envelope-dot" r="3" /> }
            >
                <rect class="pill" x=move || -width() / 2.0 y=-HEIGHT / 2.0 width=width height=HEIGHT rx=HEIGHT / 2.0 />
                <rect class=seal x=move || -width() / 2.0 + 7.0 y="-4" width="8" height="8" rx="2" />
                <text class="pill-label" x=move || -width() / 2.0 + 20.0 y="4">{text}</text>
            </Show>
        </g>
    }
    .into_any()
}
