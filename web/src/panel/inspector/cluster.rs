//! The whole cluster, while nothing is selected: what monitoring counts, by Kafka's metric names, and
//! its partitions as a table, those in trouble first.

use super::parts::{Tone, head, title};
use crate::app::{App, Tab};
use crate::i18n::commands::CommandText;
use crate::i18n::panels::ClusterText;
use crate::i18n::stage::{InspectorText, StageText};
use crate::i18n::{say, t};
use crate::panel::chart::Subject;
use crate::panel::throttle::Throttle;
use crate::panel::topic_commands::Kind;
use crate::stage::trouble_name;
use crate::view_model::Selection;
use crate::view_model::history::Noted;
use crate::view_model::inspect::cluster::{PartitionRow, partition_rows};
use kafkascope_engine::command::Command;
use kafkascope_engine::event::Event;
use kafkascope_engine::ids::NodeId;
use kafkascope_engine::metrics::{Meters, Trouble, active_controller_count};
use kafkascope_engine::spec::ClusterSpec;
use leptos::prelude::*;
use std::cell::RefCell;

/// More rows are not read; what is in trouble comes first.
const ROWS_MAX: usize = 60;
const PAUSE_MS: u32 = 300;

#[derive(Clone, Debug, Default, PartialEq)]
struct Table {
    rows: Vec<PartitionRow>,
    count: usize,
    active_controllers: usize,
    meters: Meters,
}

/// The meters at a moment; as time goes on only what is new is counted.
#[derive(Default)]
struct Counted {
    meters: Meters,
    taken: usize,
    /// The last that was counted: if another stands there, the run is another one.
    last: Option<Event>,
}

impl Counted {
    fn count_to(&mut self, noted: &[Noted]) {
        let known = self.taken.checked_sub(1).and_then(|at| noted.get(at)).map(|n| &n.event);
        if known != self.last.as_ref() {
            *self = Counted::default();
        }
        noted[self.taken..].iter().for_each(|noted| self.meters.note(&noted.event));
        (self.taken, self.last) = (noted.len(), noted.last().map(|noted| noted.event.clone()));
    }
}

pub fn cluster(app: App) -> AnyView {
    let only_trouble = RwSignal::new(false);
    let table = RwSignal::new(Table::default());
    let counted = RefCell::new(Counted::default());
    let ask = Throttle::new(PAUSE_MS, move || {
        let Some(only_trouble) = only_trouble.try_get_untracked() else {
            return;
        };
        let position = app.view.with_untracked(|view| view.position);
        let meters = app.with_history(|history| {
            let mut counted = counted.borrow_mut();
            counted.count_to(history.until(position));
            counted.meters.clone()
        });
        let fresh = app.with_timeline(|timeline| {
            let cluster = timeline.cluster();
            let (rows, count) = partition_rows(cluster, only_trouble, ROWS_MAX);
            Table { rows, count, active_controllers: active_controller_count(cluster), meters }
        });
        if table.try_get_untracked().is_some_and(|known| known != fresh) {
            table.set(fresh);
        }
    });
    Effect::new(move |_| {
        app.view.track();
        only_trouble.track();
        ask.ask();
    });
    view! {
        {head(app, InspectorText::Inspector, move || t(app.lang.get(), ClusterText::Title).to_string())}
        <p class="quiet">{move || t(app.lang.get(), InspectorText::NothingBody)}</p>
        {add_broker(app)}
        {title(app, InspectorText::Metrics)}
        {metrics(app, table)}
        {super::group::groups(app)}
        {partitions(app, table, only_trouble)}
    }
    .into_any()
}

/// While there is room for one.
fn add_broker(app: App) -> AnyView {
    let add = || Command::AddBroker { node: None };
    let has_room =
        move || app.view.with(|view| view.brokers().count() < ClusterSpec::MAX_BROKERS as usize);
    view! {
        <Show when=has_room>
            <p class="add-broker">
                <button type="button" class="button" data-testid="add-broker" title=move || app.text_of(&add())
                    on:click=move |_| { let _ = app.dispatch(add()); }>
                    {move || t(app.lang.get(), StageText::AddBroker)}
                </button>
            </p>
        </Show>
    }
    .into_any()
}

/// A metric, and how its value is to be read.
type Metric = (&'static str, u64, Tone);

fn read(app: App, table: RwSignal<Table>) -> Vec<Metric> {
    let gauges = app.view.with(|view| view.gauges);
    let (active, meters) = table.with(|table| (table.active_controllers, table.meters.clone()));
    let alarm = |value: u32, tone: Tone| if value > 0 { tone } else { Tone::Good };
    let loss = if meters.unclean_leader_elections > 0 { Tone::Bad } else { Tone::Good };
    let gauge = |name, value: u32, tone| (name, u64::from(value), tone);
    vec![
        ("ActiveControllerCount", active as u64, if active == 1 { Tone::Good } else { Tone::Bad }),
        gauge(
            "OfflinePartitionsCount",
            gauges.offline_partitions_count,
            alarm(gauges.offline_partitions_count, Tone::Bad),
        ),
        gauge(
            "UnderMinIsrPartitionCount",
            gauges.under_min_isr_partition_count,
            alarm(gauges.under_min_isr_partition_count, Tone::Bad),
        ),
        gauge(
            "UnderReplicatedPartitions",
            gauges.under_replicated_partitions,
            alarm(gauges.under_replicated_partitions, Tone::Attention),
        ),
        gauge("AtMinIsrPartitionCount", gauges.at_min_isr_partition_count, Tone::Plain),
        gauge(
            "PreferredReplicaImbalanceCount",
            gauges.preferred_replica_imbalance_count,
            alarm(gauges.preferred_replica_imbalance_count, Tone::Attention),
        ),
        gauge("ReassigningPartitions", gauges.reassigning_partitions, Tone::Plain),
        ("LeaderElectionRateAndTimeMs", meters.leader_elections, Tone::Plain),
        ("UncleanLeaderElectionsPerSec", meters.unclean_leader_elections, loss),
        ("IsrShrinksPerSec", meters.isr_shrinks, Tone::Plain),
        ("IsrExpandsPerSec", meters.isr_expands, Tone::Plain),
    ]
}

fn metrics(app: App, table: RwSignal<Table>) -> AnyView {
    let metrics = Memo::new(move |_| read(app, table));
    let row = |(name, value, tone): Metric| {
        let is_meter = name.ends_with("PerSec") || name.ends_with("TimeMs");
        view! {
            <div class="fact metric" data-testid=format!("metric-{name}")>
                <dt class="mono">{name}{is_meter.then_some(" *")}</dt>
                <dd class=tone.class()>{value}</dd>
            </div>
        }
    };
    let to_chart = move |_| {
        app.charted.set(Some(Subject::Cluster));
        app.drawer.set(Tab::Chart);
        app.tab.set(Tab::Chart);
    };
    view! {
        <dl class="facts metrics">{move || metrics.get().into_iter().map(row).collect_view()}</dl>
        <p class="quiet metrics-note">
            "* " {move || t(app.lang.get(), ClusterText::SinceStart)}
            " "
            <button type="button" class="text-link" data-testid="to-chart" on:click=to_chart>
                {move || t(app.lang.get(), ClusterText::ToChart)}
            </button>
        </p>
    }
    .into_any()
}

fn ids(nodes: &[NodeId]) -> String {
    nodes.iter().map(|node| node.0.to_string()).collect::<Vec<_>>().join(",")
}

fn partitions(app: App, table: RwSignal<Table>, only_trouble: RwSignal<bool>) -> AnyView {
    let row = move |row: PartitionRow| {
        let lang = app.lang.get_untracked();
        let node = row.leader.or(row.replicas.first().copied()).unwrap_or(NodeId(0));
        let partition = row.id.clone();
        let go =
            move |_| app.selection.set(Selection::Replica { node, partition: partition.clone() });
        let number =
            |value: Option<i64>| value.map_or("–".to_string(), |value| value.to_string());
        let leader = match row.leader {
            Some(leader) if row.is_preferred => leader.0.to_string(),
            Some(leader) => format!("{}*", leader.0),
            None => "–".to_string(),
        };
        let out: Vec<NodeId> = row
            .replicas
            .iter()
            .copied()
            .filter(|node| !row.isr.contains(node) && !row.adding.contains(node))
            .collect();
        let out = (!out.is_empty()).then(|| {
            let out = ids(&out);
            say!(lang, "동기화되지 않음 {out}", "out of sync {out}")
        });
        let moving = (!row.adding.is_empty() || !row.removing.is_empty()).then(|| {
            let (adding, removing) = (ids(&row.adding), ids(&row.removing));
            say!(lang, "재배치 중 +{adding} −{removing}", "reassigning +{adding} −{removing}")
        });
        view! {
            <tr data-testid=format!("row-{}", row.id)>
                <th scope="row">
                    <button type="button" class="text-link" on:click=go>{row.id.to_string()}</button>
                    {row.trouble.map(|trouble| view! { <span class=label_class(trouble)>{trouble_name(trouble)}</span> })}
                    {out.map(|out| view! { <span class="out-of-sync">{out}</span> })}
                    {moving.map(|moving| view! { <span class="row-moving">{moving}</span> })}
                </th>
                <td class="number">{leader}</td>
                <td class="number">{ids(&row.isr)}</td>
                <td class="number">{number(row.log_end_offset)}</td>
                <td class="number">{number(row.high_watermark)}</td>
                <td class="number" class:is-attention={row.lag.unwrap_or(0) > 0}>{number(row.lag)}</td>
            </tr>
        }
    };
    let more = move || {
        let lang = app.lang.get();
        table.with(|table| {
            let more = table.count - table.rows.len();
            (more > 0).then(|| say!(lang, "그 밖에 {more}개", "and {more} more"))
        })
    };
    view! {
        <div class="table-head">
            {title(app, InspectorText::Partitions)}
            <button type="button" class="button chip" data-testid="new-topic"
                on:click=move |_| app.topic_commands.open_on(app, Kind::CreateTopic, None)>
                {move || t(app.lang.get(), CommandText::NewTopic)}
            </button>
            <label class="only-trouble">
                <input type="checkbox" data-testid="only-trouble" prop:checked=move || only_trouble.get()
                    on:change=move |event| only_trouble.set(event_target_checked(&event)) />
                {move || t(app.lang.get(), ClusterText::OnlyTrouble)}
            </label>
        </div>
        <Show
            when=move || table.with(|table| !table.rows.is_empty())
            fallback=move || view! { <p class="quiet">{move || t(app.lang.get(), ClusterText::NoRows)}</p> }
        >
            <table class="cluster-table" data-testid="cluster-table">
                <thead>
                    <tr>
                        <th scope="col"><span class="visually-hidden">{move || t(app.lang.get(), InspectorText::Partitions)}</span></th>
                        <th scope="col">{move || t(app.lang.get(), InspectorText::LeaderName)}</th>
                        <th scope="col">"ISR"</th>
                        <th scope="col">"LEO"</th>
                        <th scope="col">"HW"</th>
                        <th scope="col">"lag"</th>
                    </tr>
                </thead>
                <tbody>{move || { app.lang.track(); table.with(|table| table.rows.clone()).into_iter().map(row).collect_view() }}</tbody>
            </table>
            <p class="quiet">{more}</p>
        </Show>
    }
    .into_any()
}

pub fn label_class(trouble: Trouble) -> &'static str {
    match trouble {
        Trouble::Offline | Trouble::UnderMinIsr => "label is-bad",
        Trouble::AtMinIsr | Trouble::UnderReplicated => "label is-attention",
    }
}
