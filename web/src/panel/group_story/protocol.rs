//! A rebalance as a protocol: a lane for each member and one for the coordinator, and from top to bottom what
//! they said to each other and did.

use super::{Cast, cast, told};
use crate::app::App;
use crate::i18n::groups::{GroupText, length, trigger};
use crate::i18n::{Lang, say, t};
use crate::view_model::groups::story::{Line, LineKind, Message, Outcome, Rebalance, Story};
use kafkascope_engine::event::RemovedMember;
use kafkascope_engine::group::classic_group::GroupState;
use kafkascope_engine::ids::{ClientId, EventId, TopicPartition};
use kafkascope_engine::sim::time::SimTime;
use leptos::prelude::*;

/// More lines of one rebalance are not read.
const LINES_MAX: usize = 160;
/// A silence of this length is drawn as one.
const SILENCE_US: u64 = 100_000;

#[derive(Clone, Debug, Default, PartialEq)]
struct Drawn {
    /// Every rebalance until now, by its words.
    choices: Vec<String>,
    chosen: usize,
    head: String,
    lanes: Vec<ClientId>,
    coordinator: String,
    lines: Vec<Line>,
    cast: Cast,
}

pub fn protocol(app: App) -> AnyView {
    let chosen = app.group_story.chosen;
    let track = move || {
        chosen.track();
        app.lang.track();
    };
    let drawn = told(app, Drawn::default(), track, move |story, now| {
        draw(app.lang.get_untracked(), story, chosen.get_untracked(), now, cast(app))
    });
    let option = move |(index, words): (usize, String)| {
        let selected = move || drawn.with(|drawn| drawn.chosen == index);
        view! { <option value=index.to_string() prop:selected=selected>{words}</option> }
    };
    let choices = Memo::new(move |_| drawn.with(|drawn| drawn.choices.clone()));
    let choose = move |event| chosen.set(event_target_value(&event).parse().ok());
    view! {
        <Show when=move || choices.with(|choices| !choices.is_empty())
            fallback=move || view! { <p class="quiet">{move || t(app.lang.get(), GroupText::NoStory)}</p> }>
            <label class="command-field is-rebalance">
                <span>{move || t(app.lang.get(), GroupText::Choose)}</span>
                <select data-testid="story-rebalance" on:change=choose>
                    {move || choices.get().into_iter().enumerate().rev().map(option).collect_view()}
                </select>
            </label>
            <p class="sequence-head">{move || drawn.with(|drawn| drawn.head.clone())}</p>
            <div class="sequence" data-testid="sequence" tabindex="0" role="region" aria-label=move || t(app.lang.get(), GroupText::TabProtocol)>
                {move || drawn.with(|drawn| sequence(app, drawn))}
            </div>
        </Show>
    }
    .into_any()
}

fn draw(lang: Lang, story: &Story, chosen: Option<usize>, now: SimTime, cast: Cast) -> Drawn {
    let all = story.rebalances_until(now);
    let Some(last) = all.len().checked_sub(1) else {
        return Drawn { cast, ..Drawn::default() };
    };
    let chosen = chosen.unwrap_or(last).min(last);
    let rebalance = &all[chosen];
    let name = |client| cast.name(client);
    let choice = |rebalance: &Rebalance| {
        let (at, why) = (rebalance.began, trigger(lang, rebalance.trigger, &name));
        format!("{at} · {why}")
    };
    let lines = rebalance.lines.iter().filter(|line| line.at <= now).take(LINES_MAX);
    let mut lines: Vec<Line> = lines.cloned().collect();
    // What came of a heartbeat is known only when it has arrived.
    lines.sort_by_key(|line| line.at);
    let mut lanes: Vec<ClientId> = lines.iter().filter_map(|line| client_of(&line.kind)).collect();
    lanes.sort();
    lanes.dedup();
    let node = lines.iter().find_map(|line| match &line.kind {
        LineKind::Message(message) => Some(message.node.to_string()),
        _ => None,
    });
    let settled = rebalance.settled.filter(|settled| *settled <= now);
    let took = settled.map(|settled| length(settled - rebalance.began));
    let head = match (rebalance.assignor.filter(|_| settled.is_some()), took) {
        (Some(assignor), Some(took)) => {
            let is_cooperative = assignor.is_cooperative();
            let how = if is_cooperative { GroupText::Cooperative } else { GroupText::Eager };
            let (how, generation) = (t(lang, how), rebalance.generation);
            say!(
                lang,
                "{assignor}, {how}. {took} 뒤 {generation}세대가 되었습니다.",
                "{assignor}, {how}. After {took} it was generation {generation}."
            )
        }
        (_, Some(took)) => say!(lang, "{took} 뒤 끝났습니다.", "Over after {took}."),
        _ => t(lang, GroupText::UnderWay).to_string(),
    };
    let coordinator = node.unwrap_or_default();
    let choices = all.iter().map(choice).collect();
    Drawn { choices, chosen, head, lanes, coordinator, lines, cast }
}

fn client_of(kind: &LineKind) -> Option<ClientId> {
    Some(match kind {
        LineKind::Message(message) => message.client,
        LineKind::State { .. } => return None,
        LineKind::Added(client)
        | LineKind::Removed(client, _)
        | LineKind::Divided { client, .. }
        | LineKind::Assigned { client, .. }
        | LineKind::Revoked { client, .. }
        | LineKind::PollExceeded(client)
        | LineKind::Died(client)
        | LineKind::Closed(client) => *client,
    })
}

fn sequence(app: App, drawn: &Drawn) -> AnyView {
    let lang = app.lang.get_untracked();
    let lanes = drawn.lanes.len() + 1;
    let head = drawn.lanes.iter().map(|client| {
        view! {
            <span class=format!("sequence-lane {}", drawn.cast.class(*client))>
                <i class="member-badge">{drawn.cast.number(*client)}</i>
                {drawn.cast.name(*client)}
            </span>
        }
    });
    let coordinator = &drawn.coordinator;
    let coordinator = say!(lang, "코디네이터 {coordinator}", "coordinator {coordinator}");
    let mut before: Option<SimTime> = None;
    let rows = drawn.lines.iter().map(|line| {
        let silence = before.map(|before| line.at - before).filter(|us| *us >= SILENCE_US);
        before = Some(before.map_or(line.at, |before| before.max(line.at)));
        view! {
            {silence.map(|us| view! { <li class="sequence-silence"><span>{format!("⋮ {}", length(us))}</span></li> })}
            {row(app, lang, drawn, line)}
        }
    });
    view! {
        <div class="sequence-inner" style=format!("--lanes:{lanes}")>
            <div class="sequence-heads" aria-hidden="true">
                {head.collect_view()}
                <span class="sequence-lane is-coordinator">{coordinator}</span>
            </div>
            <ol>{rows.collect_view()}</ol>
        </div>
    }
    .into_any()
}

/// The grid line in the middle of a lane, which has two columns.
fn middle(lane: usize) -> usize {
    2 + 2 * lane
}

fn row(app: App, lang: Lang, drawn: &Drawn, line: &Line) -> AnyView {
    let lane_of =
        |client: ClientId| drawn.lanes.iter().position(|lane| *lane == client).unwrap_or(0);
    let coordinator = drawn.lanes.len();
    let (at, event) = (line.at.to_string(), line.event);
    match &line.kind {
        LineKind::Message(message) => {
            let lane = lane_of(message.client);
            let style = format!("grid-column:{} / {}", middle(lane), middle(coordinator));
            let mut class = if message.is_request { "is-request" } else { "is-answer" }.to_string();
            if matches!(message.outcome, Some(Outcome::Refused(_))) {
                class += " is-refused";
            }
            if message.is_lost {
                class += " is-lost";
            }
            let (who, text) = message_words(lang, message, &drawn.cast);
            let class = format!("sequence-arrow {class} {}", drawn.cast.class(message.client));
            view! {
                <li><button type="button" class="sequence-row" on:click=move |_| go(app, event)>
                    <time>{at}</time>
                    <span class="visually-hidden">{who}</span>
                    <span class=class style=style><b>{text}</b></span>
                </button></li>
            }
            .into_any()
        }
        LineKind::State { to, .. } => {
            let class = match to {
                GroupState::Stable => "sequence-state is-stable",
                GroupState::Empty | GroupState::Dead => "sequence-state",
                _ => "sequence-state is-rebalancing",
            };
            let words = state_words(lang, *to);
            view! {
                <li><button type="button" class="sequence-row" on:click=move |_| go(app, event)>
                    <time>{at}</time>
                    <span class=class><b>{to.name()}</b> <em>{words}</em></span>
                </button></li>
            }
            .into_any()
        }
        kind => {
            let at_coordinator = matches!(kind, LineKind::Added(_) | LineKind::Removed(..));
            let lane = match (at_coordinator, client_of(kind)) {
                (false, Some(client)) => lane_of(client),
                _ => coordinator,
            };
            let is_right = 2 * lane > coordinator;
            let (class, style) = match is_right {
                true => ("is-right", format!("grid-column:1 / {}", middle(lane))),
                false => ("is-left", format!("grid-column:{} / -1", middle(lane))),
            };
            let of = client_of(kind).map(|client| drawn.cast.class(client)).unwrap_or_default();
            let words = deed_words(lang, kind, &drawn.cast);
            view! {
                <li><button type="button" class="sequence-row" on:click=move |_| go(app, event)>
                    <time>{at}</time>
                    <span class=format!("sequence-deed {class} {of}") style=style>{words}</span>
                </button></li>
            }
            .into_any()
        }
    }
}

fn go(app: App, event: EventId) {
    app.seek_to_event(event);
}

/// Who says it to whom, and what stands on the arrow.
fn message_words(lang: Lang, message: &Message, cast: &Cast) -> (String, String) {
    let api = message.api.name();
    let outcome = match message.outcome {
        Some(Outcome::Refused(error)) => Some(error.to_string()),
        Some(Outcome::Joined { generation, leads: true }) => {
            Some(say!(lang, "{generation}세대, 리더", "generation {generation}, leader"))
        }
        Some(Outcome::Joined { generation, leads: false }) => {
            Some(say!(lang, "{generation}세대", "generation {generation}"))
        }
        Some(Outcome::Assigned(new)) => {
            Some(say!(lang, "새 파티션 {new}개", "new partitions {new}"))
        }
        None => None,
    };
    let text = match outcome {
        Some(outcome) => format!("{api}: {outcome}"),
        None => api.to_string(),
    };
    let (client, node) = (cast.name(message.client), message.node);
    let who = match message.is_request {
        true => format!("{client} → {node}"),
        false => format!("{node} → {client}"),
    };
    let lost =
        if message.is_lost { say!(lang, " (잃어버림)", " (lost)") } else { String::new() };
    (who, format!("{text}{lost}"))
}

fn state_words(lang: Lang, to: GroupState) -> &'static str {
    match to {
        GroupState::PreparingRebalance => {
            lang.pick("모든 멤버의 JoinGroup을 기다립니다", "waits for JoinGroup of every member")
        }
        GroupState::CompletingRebalance => lang.pick(
            "세대가 오르고, 리더의 배정(SyncGroup)을 기다립니다",
            "a new generation; waits for the leader's assignment (SyncGroup)",
        ),
        GroupState::Assigning => lang.pick(
            "코디네이터가 목표 배정을 새로 정합니다",
            "the coordinator finds out a new target assignment",
        ),
        GroupState::Reconciling => lang.pick(
            "멤버들이 목표 배정으로 옮겨 갑니다",
            "members are on their way to the target assignment",
        ),
        GroupState::Stable => lang.pick("배정이 커밋되었습니다", "the assignment is committed"),
        GroupState::Empty => lang.pick("멤버가 없습니다", "no members are left"),
        GroupState::Dead => lang.pick("그룹이 사라졌습니다", "the group is gone"),
    }
}

fn named(partitions: &[TopicPartition]) -> String {
    partitions.iter().map(|id| id.to_string()).collect::<Vec<_>>().join(", ")
}

fn deed_words(lang: Lang, kind: &LineKind, cast: &Cast) -> String {
    let who = client_of(kind).map(|client| cast.name(client)).unwrap_or_default();
    match kind {
        LineKind::Added(_) => say!(lang, "{who}을(를) 멤버로 올림", "takes {who} as a member"),
        LineKind::Removed(_, why) => {
            let why = match why {
                RemovedMember::Left => lang.pick("나갔음", "it left"),
                RemovedMember::SessionExpired => {
                    lang.pick("session.timeout.ms가 지남", "session.timeout.ms is over")
                }
                RemovedMember::DidNotRejoin => {
                    lang.pick("제때 JoinGroup을 보내지 않음", "it did not join in time")
                }
                RemovedMember::DidNotSync => {
                    lang.pick("제때 SyncGroup을 보내지 않음", "it did not sync in time")
                }
                RemovedMember::DidNotRevoke => {
                    lang.pick("제때 내놓지 않음", "it did not give up in time what it had to")
                }
            };
            say!(lang, "{who}을(를) 뺌: {why}", "removes {who}: {why}")
        }
        LineKind::Divided { assignor, .. } => {
            say!(lang, "{assignor}(으)로 나눔", "divides by {assignor}")
        }
        LineKind::Assigned { partitions, .. } if partitions.is_empty() => {
            say!(lang, "새로 받은 것 없음", "nothing new")
        }
        LineKind::Assigned { partitions, .. } => {
            let partitions = named(partitions);
            say!(lang, "받음: {partitions}", "gets {partitions}")
        }
        LineKind::Revoked { partitions, lost: false, .. } => {
            let partitions = named(partitions);
            say!(lang, "내놓음: {partitions}", "gives up {partitions}")
        }
        LineKind::Revoked { partitions, lost: true, .. } => {
            let partitions = named(partitions);
            say!(lang, "잃음: {partitions}", "has lost {partitions}")
        }
        LineKind::PollExceeded(_) => say!(
            lang,
            "max.poll.interval.ms가 지나도록 poll이 없음",
            "no poll for max.poll.interval.ms"
        ),
        LineKind::Died(_) => say!(lang, "{who}이(가) 죽음", "{who} dies"),
        LineKind::Closed(_) => say!(lang, "{who}이(가) 끝남", "{who} closes"),
        LineKind::Message(_) | LineKind::State { .. } => String::new(),
    }
}
