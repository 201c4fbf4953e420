//! Who owned what when: a row for each partition, a bar for each owner, hatched where nobody read; and what
//! each rebalance has cost.

use super::{Cast, Section, cast, told};
use crate::app::App;
use crate::i18n::groups::{GroupText, length, protocol, still, trigger};
use crate::i18n::{Lang, say, t};
use crate::view_model::groups::gantt::{Bar, Cost, Row, beginning, cost, rows, ticks};
use crate::view_model::groups::story::{Rebalance, Span, Story, What};
use kafkascope_engine::ids::EventId;
use kafkascope_engine::sim::time::SimTime;
use leptos::prelude::*;

/// More rebalances are not listed; the last are.
const REBALANCES_MAX: usize = 12;
const TICKS_MAX: u64 = 7;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reach {
    All,
    Minute,
    LastRebalance,
}

impl Reach {
    const ALL: [(Reach, &'static str, GroupText); 3] = [
        (Reach::All, "all", GroupText::ReachAll),
        (Reach::Minute, "minute", GroupText::ReachMinute),
        (Reach::LastRebalance, "last", GroupText::ReachLast),
    ];

    fn from(self, story: &Story, now: SimTime) -> SimTime {
        let before = |at: SimTime, us: u64| SimTime(at.0.saturating_sub(us));
        let all = before(beginning(story).unwrap_or(now), 500_000);
        match self {
            Reach::All => all,
            Reach::Minute => before(now, 60_000_000),
            Reach::LastRebalance => {
                story.rebalance_at(now).map_or(all, |last| before(last.began, 1_000_000))
            }
        }
    }
}

/// What is drawn.
#[derive(Clone, Debug, Default, PartialEq)]
struct Drawn {
    from: SimTime,
    now: SimTime,
    rows: Vec<Drawing>,
    rebalances: Vec<(usize, Told)>,
    cast: Cast,
}

#[derive(Clone, Debug, PartialEq)]
struct Drawing {
    row: Row,
    /// The words of each bar.
    words: Vec<(String, Vec<String>)>,
}

/// One rebalance in the table.
#[derive(Clone, Debug, PartialEq)]
struct Told {
    began: SimTime,
    event: EventId,
    generation: Option<i32>,
    trigger: String,
    protocol: String,
    took_us: Option<u64>,
    cost: Cost,
}

pub fn timeline(app: App) -> AnyView {
    let reach = RwSignal::new(Reach::All);
    let track = move || {
        reach.track();
        app.lang.track();
    };
    let drawn = told(app, Drawn::default(), track, move |story, now| {
        let reach = reach.try_get_untracked().unwrap_or(Reach::All);
        draw(app.lang.get_untracked(), story, reach, now, cast(app))
    });
    let pointed = RwSignal::new(None::<(String, Vec<String>)>);
    let option = move |(one, name, text): (Reach, &'static str, GroupText)| {
        view! {
            <option value=name prop:selected=move || reach.get() == one>{move || t(app.lang.get(), text)}</option>
        }
    };
    let choose = move |event| {
        let name = event_target_value(&event);
        let found = Reach::ALL.into_iter().find(|(_, other, _)| *other == name);
        found.map(|(one, ..)| reach.set(one))
    };
    let is_empty = move || drawn.with(|drawn| drawn.rows.is_empty());
    view! {
        <div class="story-lead">
            <p class="quiet">{move || t(app.lang.get(), GroupText::StoryHint)}</p>
            <label class="chart-choice">
                <span>{move || t(app.lang.get(), GroupText::Reach)}</span>
                <select data-testid="story-reach" on:change=move |event| _ = choose(event)>{Reach::ALL.map(option).collect_view()}</select>
            </label>
        </div>
        <Show when=move || !is_empty() fallback=move || view! { <p class="quiet">{move || t(app.lang.get(), GroupText::NoStory)}</p> }>
            <div class="gantt" data-testid="gantt" role="group" aria-label=move || t(app.lang.get(), GroupText::TabStory)>
                {move || drawn.with(|drawn| gantt(app, drawn, pointed))}
            </div>
            <div class="gantt-detail" data-testid="gantt-detail">
                {move || pointed.get().map(|(head, parts)| view! {
                    <p><strong>{head}</strong></p>
                    <ul>{parts.into_iter().map(|part| view! { <li>{part}</li> }).collect_view()}</ul>
                })}
            </div>
        </Show>
        <h3>{move || t(app.lang.get(), GroupText::Rebalances)}</h3>
        <div class="table-scroll" tabindex="0" role="region" aria-label=move || t(app.lang.get(), GroupText::Rebalances)>
            {move || drawn.with(|drawn| table(app, drawn))}
        </div>
    }
    .into_any()
}

fn draw(lang: Lang, story: &Story, reach: Reach, now: SimTime, cast: Cast) -> Drawn {
    let from = reach.from(story, now);
    let drawing = |row: Row| {
        let words = row.bars.iter().map(|bar| bar_words(lang, story, &row, bar, &cast)).collect();
        Drawing { words, row }
    };
    let rows = rows(story, from, now).into_iter().map(drawing).collect();
    let all = story.rebalances_until(now);
    let last = all.iter().enumerate().rev().take(REBALANCES_MAX);
    let rebalances = last.map(|(n, rebalance)| (n, tell(lang, rebalance, now, &cast))).collect();
    Drawn { from, now, rows, rebalances, cast }
}

fn tell(lang: Lang, rebalance: &Rebalance, now: SimTime, cast: &Cast) -> Told {
    let settled = rebalance.settled.filter(|settled| *settled <= now);
    let name = |client| cast.name(client);
    Told {
        began: rebalance.began,
        event: rebalance.event,
        generation: settled.map(|_| rebalance.generation),
        trigger: trigger(lang, rebalance.trigger, &name),
        protocol: match rebalance.assignor.filter(|_| settled.is_some()) {
            Some(assignor) => protocol(lang, assignor),
            None => "–".to_string(),
        },
        took_us: settled.map(|settled| settled - rebalance.began),
        cost: cost(rebalance, now),
    }
}

/// What a bar says: in one line, and why, one line for each reason.
fn bar_words(
    lang: Lang,
    story: &Story,
    row: &Row,
    bar: &Bar,
    cast: &Cast,
) -> (String, Vec<String>) {
    let (partition, from, time) = (&row.partition, bar.from, length(bar.length_us()));
    if let Some(owner) = bar.owner {
        let owner = cast.name(owner);
        let head = say!(
            lang,
            "{partition}: {owner}이(가) 읽음, {from}부터 {time}",
            "{partition}: {owner} read it from {from} on, for {time}"
        );
        return (head, Vec::new());
    }
    let head = say!(
        lang,
        "{partition}: {from}부터 {time} 동안 서 있음",
        "{partition} stood still from {from} on, for {time}"
    );
    let name = |client| cast.name(client);
    let part = |span: &Span| {
        let What::Still(why) = span.period.what else {
            return String::new();
        };
        let rebalance = story.rebalance_at(span.period.from);
        let why = still(lang, why, span.until, rebalance, &name);
        format!("{} · {why}", length(span.until - span.from))
    };
    (head, bar.parts.iter().map(part).collect())
}

fn percent(drawn: &Drawn, at: SimTime) -> f64 {
    let whole = (drawn.now - drawn.from).max(1) as f64;
    (at - drawn.from) as f64 * 100.0 / whole
}

fn gantt(app: App, drawn: &Drawn, pointed: RwSignal<Option<(String, Vec<String>)>>) -> AnyView {
    let lang = app.lang.get_untracked();
    let bar = |(bar, words): (&Bar, &(String, Vec<String>))| {
        let (left, right) = (percent(drawn, bar.from), percent(drawn, bar.until));
        let class = match bar.owner {
            Some(owner) => format!("gantt-bar {}", drawn.cast.class(owner)),
            None => "gantt-bar is-still".to_string(),
        };
        let label = match words.1.is_empty() {
            true => words.0.clone(),
            false => format!("{}: {}", words.0, words.1.join("; ")),
        };
        let (for_point, for_focus, event) = (words.clone(), words.clone(), bar.event);
        let number = bar.owner.map(|owner| drawn.cast.number(owner).to_string());
        view! {
            <button
                type="button"
                class=class
                style=format!("left:{left:.2}%;width:{:.2}%", right - left)
                aria-label=label
                data-number=number
                on:pointerenter=move |_| pointed.set(Some(for_point.clone()))
                on:focus=move |_| pointed.set(Some(for_focus.clone()))
                on:click=move |_| app.seek_to_event(event)
            ></button>
        }
    };
    let row = |drawing: &Drawing| {
        let time = length(drawing.row.still_us);
        let bars = drawing.row.bars.iter().zip(&drawing.words);
        view! {
            <div class="gantt-row" role="group" aria-label=drawing.row.partition.to_string() data-testid=format!("gantt-{}", drawing.row.partition)>
                <span class="gantt-name">{drawing.row.partition.to_string()}</span>
                <div class="gantt-track">{bars.map(bar).collect_view()}</div>
                <span class="gantt-still">{say!(lang, "멈춤 {time}", "still {time}")}</span>
            </div>
        }
    };
    let tick = |at: SimTime| {
        view! { <span style=format!("left:{:.2}%", percent(drawn, at))>{short(at)}</span> }
    };
    view! {
        {drawn.rows.iter().map(row).collect_view()}
        <div class="gantt-row is-axis" aria-hidden="true">
            <span></span>
            <div class="gantt-axis">{ticks(drawn.from, drawn.now, TICKS_MAX).into_iter().map(tick).collect_view()}</div>
            <span></span>
        </div>
    }
    .into_any()
}

/// Minutes and seconds, and tenths where they are not whole.
fn short(at: SimTime) -> String {
    let ms = at.as_millis();
    let (minutes, seconds, tenths) = (ms / 60_000, ms % 60_000 / 1000, ms % 1000 / 100);
    match tenths {
        0 => format!("{minutes}:{seconds:02}"),
        tenths => format!("{minutes}:{seconds:02}.{tenths}"),
    }
}

fn table(app: App, drawn: &Drawn) -> AnyView {
    let lang = app.lang.get_untracked();
    let row = |(index, told): &(usize, Told)| {
        let (index, event) = (*index, told.event);
        let to_protocol = move |_| {
            app.group_story.chosen.set(Some(index));
            app.group_story.section.set(Section::Protocol);
        };
        let took = told.took_us.map(length);
        let Cost { partitions, longest_us, all_us } = told.cost;
        let or_none = |us: u64| if us == 0 { "–".to_string() } else { length(us) };
        view! {
            <tr data-testid=format!("rebalance-{index}")>
                <th scope="row">
                    <button type="button" class="text-link" on:click=move |_| app.seek_to_event(event)>{told.began.to_string()}</button>
                </th>
                <td class="number">{told.generation.map_or("–".to_string(), |generation| generation.to_string())}</td>
                <td>{told.trigger.clone()}</td>
                <td class="mono">{told.protocol.clone()}</td>
                <td class="number">{took.unwrap_or_else(|| t(lang, GroupText::UnderWay).to_string())}</td>
                <td class="number" class:is-attention={partitions > 0}>{partitions}</td>
                <td class="number">{or_none(longest_us)}</td>
                <td class="number">{or_none(all_us)}</td>
                <td>
                    <button type="button" class="text-link" data-testid=format!("protocol-{index}") on:click=to_protocol>
                        {t(lang, GroupText::OpenProtocol)}
                    </button>
                </td>
            </tr>
        }
    };
    let heads = [
        GroupText::Began,
        GroupText::Generation,
        GroupText::Cause,
        GroupText::Protocol,
        GroupText::Took,
        GroupText::Stopped,
        GroupText::Longest,
        GroupText::InAll,
        GroupText::OpenProtocol,
    ];
    view! {
        <table class="cluster-table rebalances" data-testid="rebalances">
            <thead><tr>{heads.map(|text| view! { <th scope="col">{t(lang, text)}</th> }).collect_view()}</tr></thead>
            <tbody>{drawn.rebalances.iter().map(row).collect_view()}</tbody>
        </table>
    }
    .into_any()
}
