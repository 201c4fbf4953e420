//! The chart of a partition: the leader's log end offset, the high watermark and the consumers'
//! positions over virtual time; or of the cluster: what its monitoring counts. It is drawn at most four times a second, and only while it can be
//! seen. A click goes to the moment under the pointer.

mod curves;
mod drawing;
mod recorder;

use super::throttle::Throttle;
use super::visible::watch_visible;
use crate::app::App;
use crate::i18n::panels::ChartText;
use crate::i18n::{say, t};
use crate::view_model::Selection;
use curves::Curves;
use drawing::{Drawing, Span, cluster_series, draw, lag_series, series};
use kafkascope_engine::cluster::Cluster;
use kafkascope_engine::ids::TopicPartition;
use kafkascope_engine::sim::time::SimTime;
use leptos::html;
use leptos::prelude::*;
use recorder::{Ink, Shape};
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Element, MouseEvent, ResizeObserver};

const REDRAW_MS: u32 = 250;
/// What the value of a choice begins with that is a group; no partition is called like that.
const LAG_OF: &str = "lag ";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reach {
    All,
    Minute,
    TenSeconds,
}

impl Reach {
    const ALL: [(Reach, &'static str, ChartText); 3] = [
        (Reach::All, "all", ChartText::SpanAll),
        (Reach::Minute, "1m", ChartText::SpanMinute),
        (Reach::TenSeconds, "10s", ChartText::SpanTenSeconds),
    ];

    /// What is shown of a run that has come to `end`, when the moment shown is `now`.
    fn span(self, now: SimTime, end: SimTime) -> Span {
        let recent = |ms| {
            let to = SimTime::from_millis(ms).max(now);
            Span { from: SimTime(to.0 - ms * 1000), to }
        };
        match self {
            Reach::All => Span { from: SimTime::ZERO, to: end.max(SimTime::from_millis(1)) },
            Reach::Minute => recent(60_000),
            Reach::TenSeconds => recent(10_000),
        }
    }
}

/// The value of a curve at the shown moment.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Reading {
    ink: Ink,
    name: String,
    value: Option<i64>,
}

/// What the chart is of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    Cluster,
    Partition(TopicPartition),
    /// The lag of a consumer group.
    Group(Arc<str>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Shown {
    subject: Subject,
    drawing: Option<Drawing>,
    readings: Vec<Reading>,
}

#[component]
pub fn Chart() -> impl IntoView {
    let app = expect_context::<App>();
    let chosen = app.charted;
    let reach = RwSignal::new(Reach::All);
    let size = RwSignal::new((0u32, 0u32));
    let shown = RwSignal::new(None::<Arc<Shown>>);
    let frame = NodeRef::<html::Div>::new();
    let visible = watch_visible(move || frame.get().map(Into::into));
    watch_size(move || frame.get().map(Into::into), size);

    // Of the whole run: before its topic was made, a partition still has its chart.
    let partitions = RwSignal::new(Vec::<TopicPartition>::new());
    // Whoever points at a replica or a record wants to see its partition.
    Effect::new(move |_| match app.selection.get() {
        Selection::Replica { partition, .. } | Selection::Record { partition, .. } => {
            chosen.set(Some(Subject::Partition(partition)))
        }
        _ => {}
    });
    let subject = Memo::new(move |_| {
        partitions.with(|all| match chosen.get() {
            Some(Subject::Partition(id)) if all.contains(&id) => Some(Subject::Partition(id)),
            Some(Subject::Group(group)) if !all.is_empty() => Some(Subject::Group(group)),
            Some(Subject::Cluster) if !all.is_empty() => Some(Subject::Cluster),
            _ => all.first().cloned().map(Subject::Partition),
        })
    });

    let curves = Rc::new(RefCell::new(Curves::default()));
    let redraw = Throttle::new(REDRAW_MS, move || {
        // The component may be gone by now.
        let Some(true) = visible.try_get_untracked() else {
            return;
        };
        let mut curves = curves.borrow_mut();
        app.with_history(|history| {
            let noted = history.all();
            curves.catch_up(noted.len(), |at| &noted[at].event);
        });
        if !partitions.with_untracked(|known| curves.partitions().eq(known)) {
            partitions.set(curves.partitions().cloned().collect());
        }
        let look = Look { reach: reach.get_untracked(), size: size.get_untracked() };
        let fresh = subject.get_untracked().map(|of| Arc::new(show(app, &curves, of, look)));
        if shown.with_untracked(|shown| *shown != fresh) {
            shown.set(fresh);
        }
    });
    app.subscribe({
        let redraw = redraw.clone();
        move |_| redraw.ask()
    });
    Effect::new(move |_| {
        subject.track();
        reach.track();
        size.track();
        visible.track();
        redraw.ask();
    });

    view! {
        <section class="chart" data-testid="chart" aria-label=move || t(app.lang.get(), ChartText::Title)>
            <Show
                when=move || subject.with(Option::is_some)
                fallback=move || view! { <p class="chart-empty">{move || t(app.lang.get(), ChartText::NoPartition)}</p> }
            >
                <div class="chart-bar">
                    {partition_select(app, partitions, subject, chosen)}
                    {reach_select(app, reach)}
                    {readings(app, shown)}
                </div>
            </Show>
            <div node_ref=frame class="chart-frame">
                {picture(app, shown)}
            </div>
        </section>
    }
    .into_any()
}

#[derive(Clone, Copy)]
struct Look {
    reach: Reach,
    size: (u32, u32),
}

fn show(app: App, curves: &Curves, subject: Subject, look: Look) -> Shown {
    app.with_timeline(|timeline| {
        let now = timeline.cluster().now();
        let end = timeline.time_at(timeline.len()).max(now);
        let span = look.reach.span(now, end);
        let none = Default::default();
        // A consumer may be named only later than the shown moment.
        let mut tip = None;
        let client_name = |client| {
            let named =
                |cluster: &Cluster| cluster.client(client).map(|client| client.name.to_string());
            let later = || named(tip.get_or_insert_with(|| timeline.at(timeline.len())));
            named(timeline.cluster()).or_else(later).unwrap_or_default()
        };
        let all = match &subject {
            Subject::Cluster => cluster_series(&curves.cluster),
            Subject::Group(group) => return lag_of(app, group, span, now, look, subject.clone()),
            Subject::Partition(id) => series(curves.partition(id).unwrap_or(&none), client_name),
        };
        shown_of(&all, span, now, look, subject)
    })
}

fn shown_of(
    all: &[drawing::Series<'_>],
    span: Span,
    now: SimTime,
    look: Look,
    subject: Subject,
) -> Shown {
    let reading = |one: &drawing::Series<'_>| Reading {
        ink: one.ink,
        name: one.name.clone(),
        value: one.curve.value_at(now),
    };
    let readings = all.iter().map(reading).collect();
    Shown { drawing: draw(all, span, now, look.size), readings, subject }
}

/// Of the whole group, and of the partitions that are farthest behind.
fn lag_of(app: App, group: &str, span: Span, now: SimTime, look: Look, subject: Subject) -> Shown {
    app.with_history(|history| {
        let none = Default::default();
        let story = history.groups().story(group).unwrap_or(&none);
        shown_of(&lag_series(story, now), span, now, look, subject)
    })
}

fn partition_select(
    app: App,
    partitions: RwSignal<Vec<TopicPartition>>,
    subject: Memo<Option<Subject>>,
    chosen: RwSignal<Option<Subject>>,
) -> AnyView {
    let option = move |id: TopicPartition| {
        let name = id.to_string();
        let of = Some(Subject::Partition(id));
        let selected = move || subject.with(|subject| *subject == of);
        view! { <option prop:selected=selected>{name}</option> }
    };
    let groups = Memo::new(move |_| {
        app.view.with(|view| view.groups.iter().map(|group| group.id.clone()).collect::<Vec<_>>())
    });
    let group_option = move |id: Arc<str>| {
        let (value, shown) = (format!("{LAG_OF}{id}"), format!("lag · {id}"));
        let of = Some(Subject::Group(id));
        view! { <option value=value prop:selected=move || subject.with(|subject| *subject == of)>{shown}</option> }
    };
    let choose = move |event| {
        let value = event_target_value(&event);
        chosen.set(Some(match (value.strip_prefix(LAG_OF), value.parse()) {
            (Some(group), _) => Subject::Group(group.into()),
            (None, Ok(partition)) => Subject::Partition(partition),
            (None, Err(_)) => Subject::Cluster,
        }));
    };
    view! {
        <label class="chart-choice">
            <span>{move || t(app.lang.get(), ChartText::Partition)}</span>
            <select data-testid="chart-partition" on:change=choose>
                {move || partitions.get().into_iter().map(option).collect_view()}
                <option value="*" prop:selected=move || subject.with(|s| *s == Some(Subject::Cluster))>
                    {move || t(app.lang.get(), ChartText::Cluster)}
                </option>
                {move || groups.get().into_iter().map(group_option).collect_view()}
            </select>
        </label>
    }
    .into_any()
}

fn reach_select(app: App, reach: RwSignal<Reach>) -> AnyView {
    let option = move |(one, value, key): (Reach, &'static str, ChartText)| {
        view! {
            <option value=value prop:selected=move || reach.get() == one>
                {move || t(app.lang.get(), key)}
            </option>
        }
    };
    let choose = move |event| {
        let value = event_target_value(&event);
        if let Some((one, ..)) = Reach::ALL.into_iter().find(|(_, name, _)| *name == value) {
            reach.set(one);
        }
    };
    view! {
        <label class="chart-choice">
            <span>{move || t(app.lang.get(), ChartText::Span)}</span>
            <select data-testid="chart-span" on:change=choose>{Reach::ALL.map(option).collect_view()}</select>
        </label>
    }
    .into_any()
}

/// The values at the shown moment, which are also the key to the lines, and all that a screen reader
/// needs of the picture.
fn readings(app: App, shown: RwSignal<Option<Arc<Shown>>>) -> AnyView {
    let item = move |reading: Reading| {
        let name = move || match reading.ink {
            Ink::LogEnd => t(app.lang.get(), ChartText::LogEndGloss).to_string(),
            Ink::HighWatermark => t(app.lang.get(), ChartText::HighWatermarkGloss).to_string(),
            _ => reading.name.clone(),
        };
        let value = move || match reading.value {
            Some(value) => value.to_string(),
            None => t(app.lang.get(), ChartText::Unknown).to_string(),
        };
        view! {
            <div>
                <dt>
                    <svg class="chart-key" viewBox="0 0 28 8" aria-hidden="true">
                        <polyline class=reading.ink.class() points="0,4 28,4"></polyline>
                    </svg>
                    {name}
                </dt>
                <dd>{value}</dd>
            </div>
        }
    };
    let items = move || {
        let readings = shown.with(|shown| shown.as_ref().map(|shown| shown.readings.clone()));
        readings.unwrap_or_default().into_iter().map(item).collect_view()
    };
    view! { <dl class="chart-readings" data-testid="chart-readings">{items}</dl> }.into_any()
}

fn picture(app: App, shown: RwSignal<Option<Arc<Shown>>>) -> AnyView {
    let seek = move |event: MouseEvent| {
        let Some(svg) = event.current_target().and_then(|target| target.dyn_into::<Element>().ok())
        else {
            return;
        };
        let x = f64::from(event.client_x()) - svg.get_bounding_client_rect().left();
        let at = shown.with_untracked(|shown| {
            shown
                .as_ref()
                .and_then(|shown| shown.drawing.as_ref())
                .map(|drawing| drawing.time_at(x as i32))
        });
        if let Some(at) = at {
            app.seek(app.with_timeline(|timeline| timeline.position_at(at)));
        }
    };
    let label = move |subject: &Subject| {
        let hint = t(app.lang.get(), ChartText::SeekHint);
        if let Subject::Group(group) = subject {
            return say!(
                app.lang.get(),
                "그룹 {group}의 lag를 가상 시간에 따라 그린 그래프. {hint}",
                "The lag of group {group} over virtual time. {hint}"
            );
        }
        let Subject::Partition(partition) = subject else {
            return say!(
                app.lang.get(),
                "클러스터의 지표를 가상 시간에 따라 그린 그래프. {hint}",
                "The cluster's metrics over virtual time. {hint}"
            );
        };
        say!(
            app.lang.get(),
            "{partition}의 LEO, HW, 컨슈머 위치를 가상 시간에 따라 그린 그래프. {hint}",
            "LEO, HW and consumer positions of {partition} over virtual time. {hint}"
        )
    };
    let drawn = move || {
        let shown = shown.get()?;
        let Drawing { shapes, size: (width, height), .. } = shown.drawing.clone()?;
        Some(view! {
            <svg
                class="chart-picture"
                data-testid="chart-picture"
                role="img"
                width=width
                height=height
                viewBox=format!("0 0 {width} {height}")
                aria-label=move || label(&shown.subject)
                on:click=seek
            >
                {shapes.into_iter().map(shape_node).collect_view()}
            </svg>
        })
    };
    drawn.into_any()
}

fn shape_node(shape: Shape) -> AnyView {
    match shape {
        Shape::Line { points, ink } => {
            view! { <polyline class=ink.class() points=points></polyline> }.into_any()
        }
        Shape::Text { x, y, anchor, text, ink } => {
            view! { <text class=ink.class() x=x y=y text-anchor=anchor>{text}</text> }.into_any()
        }
    }
}

type OnResize = Closure<dyn FnMut()>;

/// Keeps `size` at the size of an element, in CSS pixels.
fn watch_size(element: impl Fn() -> Option<Element> + 'static, size: RwSignal<(u32, u32)>) {
    let watched: StoredValue<Option<(ResizeObserver, OnResize)>, LocalStorage> =
        StoredValue::new_local(None);
    let stop = move || {
        if let Some((observer, _)) = watched.try_update_value(Option::take).flatten() {
            observer.disconnect();
        }
    };
    Effect::new(move |_| {
        stop();
        let Some(element) = element() else { return };
        let measured = element.clone();
        let callback: OnResize = Closure::new(move || {
            let (width, height) = (measured.client_width(), measured.client_height());
            size.try_set((width.max(0) as u32, height.max(0) as u32));
        });
        if let Ok(observer) = ResizeObserver::new(callback.as_ref().unchecked_ref()) {
            observer.observe(&element);
            watched.set_value(Some((observer, callback)));
        }
    });
    on_cleanup(stop);
}
