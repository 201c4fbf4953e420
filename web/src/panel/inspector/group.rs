//! A consumer group: how it is, who coordinates it and why, its members, how far each partition has come,
//! and why each is read or stands still. And what a consumer is in its group.

use super::parts::{Fact, Tone, fact, head, title};
use crate::app::{App, Tab};
use crate::i18n::groups::{GroupText, clears, rate};
use crate::i18n::stage::InspectorText;
use crate::i18n::{say, t};
use crate::panel::chart::Subject;
use crate::panel::group_commands::{self, command_row};
use crate::panel::group_story::Section;
use crate::panel::throttle::Throttle;
use crate::panel::why::Why;
use crate::stage::{class_of, state_words};
use crate::view_model::groups::card::GroupView;
use crate::view_model::groups::lag::Pace;
use crate::view_model::inspect::group::{GroupRow, WhyCoordinator, rows, why_coordinator};
use crate::view_model::{ClientKindView, ClientView, Selection};
use kafkascope_engine::cluster::Cluster;
use kafkascope_engine::explain::owner::why_owner;
use kafkascope_engine::group::classic_group::GroupState;
use kafkascope_engine::ids::ClientId;
use kafkascope_engine::script::words::owner as of_owner;
use leptos::prelude::*;
use std::sync::Arc;

/// More rows are not read.
const ROWS_MAX: usize = 24;
const PAUSE_MS: u32 = 250;

/// Of a partition, by name: what is, and what it follows from, each with whether it stands in the way.
type WhyOwner = (String, String, Vec<(bool, String)>);

/// What is asked of the cluster for the shown moment, but not for every one of them.
#[derive(Clone, Debug, Default, PartialEq)]
struct Asked {
    rows: Vec<GroupRow>,
    whys: Vec<WhyOwner>,
    pace: Option<Pace>,
    coordinator: Option<WhyCoordinator>,
}

fn ask(app: App, id: &str) -> Asked {
    let lang = app.lang.get_untracked();
    app.with_timeline(|timeline| {
        let cluster = timeline.cluster();
        let rows = rows(cluster, id, ROWS_MAX);
        let why = |row: &GroupRow| {
            let reasons = why_owner(cluster, id, &row.partition).ok()?;
            let (verdict, rules) = of_owner::told(&reasons, lang);
            Some((row.partition.to_string(), verdict, rules))
        };
        let pace = app.with_history(|history| {
            let story = history.groups().story(id)?;
            Some(Pace::of(history.groups(), story, cluster.now()))
        });
        let coordinator = why_coordinator(cluster, id);
        Asked { whys: rows.iter().filter_map(why).collect(), rows, pace, coordinator }
    })
}

pub fn group(app: App, id: Arc<str>) -> AnyView {
    let own = id.clone();
    let view = Memo::new(move |_| app.view.with(|view| view.group(&own).cloned()));
    let asked = RwSignal::new(Asked::default());
    let own = id.clone();
    let again = Throttle::new(PAUSE_MS, move || {
        let fresh = ask(app, &own);
        if asked.try_get_untracked().is_some_and(|known| known != fresh) {
            asked.set(fresh);
        }
    });
    Effect::new(move |_| {
        app.view.track();
        app.lang.track();
        again.ask();
    });
    let name = id.to_string();
    let (for_story, for_protocol, for_chart, for_form) =
        (id.clone(), id.clone(), id.clone(), id.clone());
    let open = move |group: &Arc<str>, section| app.group_story.open_on(group.clone(), section);
    let to_chart = move |_| {
        app.charted.set(Some(Subject::Group(for_chart.clone())));
        app.drawer.set(Tab::Chart);
        app.tab.set(Tab::Chart);
    };
    view! {
        {head(app, InspectorText::Group, move || name.clone())}
        <div class="command-row">
            <button type="button" class="button chip is-main" data-testid="open-story" on:click=move |_| open(&for_story, Section::Story)>
                {move || t(app.lang.get(), GroupText::OpenStory)}
            </button>
            <button type="button" class="button chip" data-testid="open-protocol" on:click=move |_| open(&for_protocol, Section::Protocol)>
                {move || t(app.lang.get(), GroupText::OpenProtocol)}
            </button>
            <button type="button" class="button chip" data-testid="lag-chart" on:click=to_chart>
                {move || t(app.lang.get(), GroupText::ToChart)}
            </button>
        </div>
        {command_row(app, for_form)}
        {facts(app, view, asked)}
        {coordinator(app, asked)}
        {title(app, GroupText::Members)}
        {members(app, view)}
        {title(app, GroupText::Partitions)}
        {table(app, asked)}
        {title(app, GroupText::Why)}
        {whys(asked)}
        <Why />
    }
    .into_any()
}

fn facts(app: App, view: Memo<Option<GroupView>>, asked: RwSignal<Asked>) -> AnyView {
    let rows = move || -> Vec<(GroupText, String, Tone)> {
        let lang = app.lang.get();
        let Some(group) = view.get() else {
            return Vec::new();
        };
        let tone = match group.state {
            GroupState::Stable => Tone::Good,
            GroupState::Empty => Tone::Plain,
            _ => Tone::Attention,
        };
        let mut rows = vec![(GroupText::State, state_words(&group, lang), tone)];
        if group.generation >= 0 {
            rows.push((GroupText::Generation, group.generation.to_string(), Tone::Plain));
        }
        if let Some(protocol) = &group.protocol {
            rows.push((GroupText::Protocol, protocol.to_string(), Tone::Plain));
        }
        if let Some(leader) = group.leader {
            let leader = app.view.with(|view| view.name_of(leader.into()));
            rows.push((GroupText::LeaderIs, leader, Tone::Plain));
        }
        if let Some(pace) = asked.with(|asked| asked.pace) {
            let tone = if pace.lag > 0 { Tone::Attention } else { Tone::Good };
            rows.push((GroupText::Lag, pace.lag.to_string(), tone));
            let (read, written) = (rate(pace.consumed), rate(pace.produced));
            rows.push((GroupText::Pace, format!("{read} · {written}"), Tone::Plain));
            rows.push((GroupText::Clears, clears(lang, pace), Tone::Plain));
        }
        rows
    };
    let row = move |(name, value, tone): (GroupText, String, Tone)| {
        view! { <div class="fact"><dt>{t(app.lang.get(), name)}</dt><dd class=tone.class()>{value}</dd></div> }
    };
    view! {
        <dl class="facts" data-testid="group-facts">{move || rows().into_iter().map(row).collect_view()}</dl>
    }
    .into_any()
}

/// The formula, with its numbers.
fn coordinator(app: App, asked: RwSignal<Asked>) -> AnyView {
    let words = move || {
        let lang = app.lang.get();
        let why = asked.with(|asked| asked.coordinator.clone())?;
        let WhyCoordinator { group, hash, partitions, partition, leader } = why;
        let formula = format!(
            "abs(\"{group}\".hashCode()) mod {partitions} = abs({hash}) mod {partitions} = {partition}"
        );
        let rest = match leader {
            Some(leader) => say!(
                lang,
                "그래서 이 그룹의 기록은 __consumer_offsets-{partition}에 있고, 그 파티션의 리더 {leader}이(가) 코디네이터입니다.",
                "So the group's records are in __consumer_offsets-{partition}, and the leader of that partition, {leader}, is its coordinator."
            ),
            None => say!(
                lang,
                "그래서 이 그룹의 기록은 __consumer_offsets-{partition}에 있지만, 지금 그 파티션을 읽어 둔 리더가 없습니다.",
                "So the group's records are in __consumer_offsets-{partition}, but no leader of it is ready just now."
            ),
        };
        Some(view! { <code>{formula}</code> <p>{rest}</p> })
    };
    view! {
        <details class="why-not" data-testid="why-coordinator" open=true>
            <summary><span class="eyebrow">{move || t(app.lang.get(), GroupText::WhyCoordinator)}</span></summary>
            <div class="formula">{words}</div>
        </details>
    }
    .into_any()
}

/// What each has, as on the stage.
fn members(app: App, view: Memo<Option<GroupView>>) -> AnyView {
    let clients = Memo::new(move |_| {
        let members = view.with(|group| group.as_ref().map(|g| g.members.clone()));
        let leader = view.with(|group| group.as_ref().and_then(|g| g.leader));
        app.view.with(|view| {
            let all = members.unwrap_or_default().into_iter();
            all.filter_map(|id| Some((view.client(id)?.clone(), leader == Some(id))))
                .collect::<Vec<_>>()
        })
    });
    let row = move |(client, leads): (ClientView, bool)| {
        let lang = app.lang.get_untracked();
        let member = client.member.as_ref()?;
        let id = client.id;
        let owned: Vec<_> = match &client.kind {
            ClientKindView::Consumer { positions, .. } => {
                positions.iter().map(|position| position.partition.to_string()).collect()
            }
            ClientKindView::Producer { .. } => Vec::new(),
        };
        let (class, owned) = match owned.is_empty() {
            true => ("quiet", t(lang, GroupText::Nothing).to_string()),
            false => ("mono", owned.join(", ")),
        };
        let mut notes: Vec<String> = Vec::new();
        if leads {
            notes.push(t(lang, GroupText::Leader).to_string());
        }
        notes.extend(member.group_instance_id.as_ref().map(|id| format!("group.instance.id={id}")));
        if member.in_hand > 0 {
            notes.push(format!("{} {}", t(lang, GroupText::Busy), member.in_hand));
        }
        if member.has_failed {
            notes.push(t(lang, GroupText::Ended).to_string());
        }
        Some(view! {
            <li class=class_of(member)>
                <span class="member-badge" aria-hidden="true">{member.number}</span>
                <button type="button" class="text-link" on:click=move |_| app.selection.set(Selection::Client(id))>{client.name.to_string()}</button>
                <span class=class>{owned}</span>
                <span class="quiet">{notes.join(" · ")}</span>
            </li>
        })
    };
    view! {
        <ul class="member-list" data-testid="group-members">
            {move || { app.lang.track(); clients.get().into_iter().filter_map(row).collect_view() }}
        </ul>
    }
    .into_any()
}

/// As `kafka-consumer-groups.sh --describe` says it.
fn table(app: App, asked: RwSignal<Asked>) -> AnyView {
    view! {
        <table class="cluster-table" data-testid="group-table">
            <thead>
                <tr>
                    {[GroupText::Partition, GroupText::Position, GroupText::Committed, GroupText::End, GroupText::LagOf, GroupText::Owner]
                        .map(|text| view! { <th scope="col">{move || t(app.lang.get(), text)}</th> }).collect_view()}
                </tr>
            </thead>
            <tbody>{move || asked.with(|asked| asked.rows.clone()).into_iter().map(table_row).collect_view()}</tbody>
        </table>
    }
    .into_any()
}

fn table_row(row: GroupRow) -> AnyView {
    let number = |value: Option<i64>| value.map_or("–".to_string(), |value| value.to_string());
    view! {
        <tr>
            <th scope="row">{row.partition.to_string()}</th>
            <td class="number">{number(row.position)}</td>
            <td class="number">{number(row.committed)}</td>
            <td class="number">{number(row.end)}</td>
            <td class="number" class:is-attention={row.lag().unwrap_or(0) > 0}>{number(row.lag())}</td>
            <td>{row.owner.map_or("–".to_string(), |owner| owner.to_string())}</td>
        </tr>
    }
    .into_any()
}

/// The same beside the story.
pub fn group_table(app: App, id: Arc<str>) -> AnyView {
    let asked = RwSignal::new(Asked::default());
    Effect::new(move |_| {
        app.view.track();
        asked.set(ask(app, &id));
    });
    let pace = move || {
        let lang = app.lang.get();
        let pace = asked.with(|asked| asked.pace)?;
        Some(format!("lag {} · {}", pace.lag, clears(lang, pace)))
    };
    view! {
        <p class="sequence-head">{pace}</p>
        {table(app, asked)}
    }
    .into_any()
}

fn whys(asked: RwSignal<Asked>) -> AnyView {
    // What was opened stays open while the answer changes.
    let open = RwSignal::new(Vec::<String>::new());
    let names = Memo::new(move |_| {
        asked.with(|asked| asked.whys.iter().map(|(name, ..)| name.clone()).collect::<Vec<_>>())
    });
    let one = move |name: String| {
        let own = name.clone();
        let answer = Memo::new(move |_| {
            let found = asked.with(|asked| asked.whys.iter().find(|(n, ..)| *n == own).cloned());
            found.map(|(_, verdict, rules)| (verdict, rules)).unwrap_or_default()
        });
        let (for_open, for_toggle) = (name.clone(), name.clone());
        let testid = format!("why-owner-{name}");
        let toggle = move |event: web_sys::MouseEvent| {
            event.prevent_default();
            open.update(|open| match open.iter().position(|one| *one == for_toggle) {
                Some(at) => _ = open.remove(at),
                None => open.push(for_toggle.clone()),
            });
        };
        let rule = |(stands_out, words): (bool, String)| {
            view! { <li class:is-kept=stands_out>{words}</li> }
        };
        view! {
            <details class="why-not" data-testid=testid
                open=move || open.with(|open| open.contains(&for_open))>
                <summary on:click=toggle>
                    <span class="eyebrow">{name}</span>
                    <span class="why-not-verdict">{move || answer.get().0}</span>
                </summary>
                <ul>{move || answer.get().1.into_iter().map(rule).collect_view()}</ul>
            </details>
        }
    };
    view! {
        <div class="why-is" data-testid="why-owner">
            <For each=move || names.get() key=|name| name.clone() let:name>{one(name)}</For>
        </div>
    }
    .into_any()
}

/// In the inspector of a consumer: what it is in its group.
pub fn membership(app: App, id: ClientId) -> AnyView {
    let group = Memo::new(move |_| {
        app.view.with(|view| Some(view.client(id)?.member.as_ref()?.group.clone()))
    });
    let own = Memo::new(move |_| {
        app.view.track();
        app.with_timeline(|timeline| member_facts(timeline.cluster(), id))
    });
    let row = move |fact: Fact| {
        view! { <div class="fact"><dt>{t(app.lang.get(), fact.name)}</dt><dd class=fact.tone.class()>{fact.value}</dd></div> }
    };
    let to_group = move |_| {
        if let Some(group) = group.get_untracked() {
            app.selection.set(Selection::Group(group));
        }
    };
    view! {
        <Show when=move || group.with(Option::is_some)>
            {title(app, InspectorText::Group)}
            <p>
                <button type="button" class="button chip" data-testid="to-group" on:click=to_group>
                    {move || group.get().map(|group| group.to_string())}
                </button>
            </p>
            <dl class="facts">{move || own.get().into_iter().map(row).collect_view()}</dl>
        </Show>
    }
    .into_any()
}

fn member_facts(cluster: &Cluster, id: ClientId) -> Vec<Fact> {
    let consumer = cluster.client(id).and_then(|client| client.consumer());
    let Some((consumer, member)) = consumer.and_then(|c| Some((c, c.member.as_ref()?))) else {
        return Vec::new();
    };
    let mut facts = Vec::new();
    if !member.member_id.is_empty() {
        facts.push(fact(InspectorText::MemberId, &member.member_id));
    }
    if member.generation >= 0 {
        facts.push(fact(InspectorText::Generation, member.generation));
    }
    for partition in consumer.positions.keys() {
        let committed = member.committed.get(partition);
        let committed = committed.map_or("-".to_string(), |offset| offset.offset.to_string());
        facts.push(fact(InspectorText::CommittedOffset, format!("{partition} @ {committed}")));
    }
    facts
}

/// In the inspector of the cluster: every group, and the way to a new one.
pub fn groups(app: App) -> AnyView {
    let groups = Memo::new(move |_| app.view.with(|view| view.groups.clone()));
    let row = move |group: GroupView| {
        let lang = app.lang.get_untracked();
        let id = group.id.clone();
        let count = group.members.len();
        let members = say!(lang, "멤버 {count}", "members {count}");
        let words = format!("{} · {members} · lag {}", state_words(&group, lang), group.lag);
        view! {
            <li>
                <button type="button" class="text-link" on:click=move |_| app.selection.set(Selection::Group(id.clone()))>
                    {group.id.to_string()}
                </button>
                <span class="quiet">{words}</span>
            </li>
        }
    };
    view! {
        <div class="table-head">
            {title(app, GroupText::Groups)}
            <button type="button" class="button chip" data-testid="new-group"
                on:click=move |_| app.group_commands.open_on(app, group_commands::Kind::Join, None)>
                {move || t(app.lang.get(), GroupText::NewGroup)}
            </button>
        </div>
        <ul class="group-list">{move || { app.lang.track(); groups.get().into_iter().map(row).collect_view() }}</ul>
    }
    .into_any()
}
