//! Side by side: the page's run and the same run with one thing different, on one axis of virtual time,
//! with the first difference marked and what producers were told in each.

mod axis;
mod setup;
mod side;

use super::dialog::Modal;
use crate::app::App;
use crate::compare::{Other, Pair, State};
use crate::i18n::monitors::{CompareText, next_only};
use crate::i18n::stage::BarText;
use crate::i18n::storage::share_problem;
use crate::i18n::{Key, Lang, t};
use crate::notice::{Notice, Text};
use crate::permalink::LinkProblem;
use crate::share::How;
use crate::view_model::compare::{Side, partitions};
use kafkascope_engine::compare::What;
use kafkascope_engine::event::Event;
use kafkascope_engine::ids::TopicPartition;
use kafkascope_engine::script::{print_command, sentence, words};
use leptos::prelude::*;
use std::sync::Arc;

/// The names of the two sides.
pub(super) const LETTERS: [&str; 2] = ["A", "B"];

#[component]
pub fn CompareDialog() -> impl IntoView {
    let app = expect_context::<App>();
    view! {
        <Modal open=app.compare.open title=CompareText::Title testid="compare" class="is-wide is-compare">
            {move || body(app)}
        </Modal>
    }
    .into_any()
}

fn body(app: App) -> AnyView {
    let pair = Memo::new(move |_| {
        app.compare.state.with(|state| match state {
            State::Shown(pair) => Some(Same(pair.clone())),
            _ => None,
        })
    });
    view! {
        <div class="compare">
            {setup::setup(app)}
            {move || match pair.get() {
                Some(Same(pair)) => shown(app, pair),
                None => waiting(app),
            }}
        </div>
    }
    .into_any()
}

/// Compared by which pair it is.
#[derive(Clone)]
struct Same(Arc<Pair>);

impl PartialEq for Same {
    fn eq(&self, other: &Same) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

fn waiting(app: App) -> AnyView {
    let text = move || {
        let is_working = app.compare.state.with(|state| matches!(state, State::Working));
        is_working.then(|| t(app.lang.get(), CompareText::Working))
    };
    view! { <p class="compare-waiting quiet" role="status">{text}</p> }.into_any()
}

fn shown(app: App, pair: Arc<Pair>) -> AnyView {
    let sides: Memo<Option<[Side; 2]>> = Memo::new(move |_| app.compare.sides());
    let first = first_partition(&pair);
    let ids = Memo::new(move |_| {
        sides
            .with(|sides| {
                let [left, right] = sides.as_ref()?;
                Some(partitions([left, right], first.as_ref()))
            })
            .unwrap_or_default()
    });
    let chosen: RwSignal<Option<TopicPartition>> = RwSignal::new(None);
    let id = Memo::new(move |_| {
        ids.with(|ids| chosen.get().filter(|id| ids.contains(id)).or_else(|| ids.first().cloned()))
    });
    let titles = [
        {
            let pair = pair.clone();
            Signal::derive(move || title(app, &pair, 0))
        },
        {
            let pair = pair.clone();
            Signal::derive(move || title(app, &pair, 1))
        },
    ];
    view! {
        {choice_of_partition(app, ids, id, chosen)}
        <div class="compare-sides">
            {side::side(app, 0, titles[0], sides, id)}
            {side::side(app, 1, titles[1], sides, id)}
        </div>
        {axis::axis(app, pair.clone())}
        <div class="compare-foot">
            {first_difference(app, pair.clone())}
            {tally(app, titles, sides)}
        </div>
        {refused(app, pair)}
    }
    .into_any()
}

fn first_partition(pair: &Pair) -> Option<TopicPartition> {
    let events = pair.parting.iter().flat_map(|parting| parting.events.iter().flatten());
    events.filter_map(|event| event.kind.partition().cloned()).next()
}

/// What is particular of a side.
fn title(app: App, pair: &Pair, side: usize) -> String {
    let lang = app.lang.get();
    let as_it_ran = || t(lang, CompareText::AsItRan).to_string();
    match (&pair.other, side) {
        (Other::Change(change), 1) => match &change.what {
            What::Without(index) => {
                let command = setup::commands(app).into_iter().nth(*index as usize);
                let command = command.map(|(text, _)| text).unwrap_or_default();
                match lang {
                    Lang::Ko => format!("{command} {}", t(lang, CompareText::Without)),
                    Lang::En => format!("{} {command}", t(lang, CompareText::Without)),
                }
            }
            What::Dropped(id) => {
                format!("{} {}", t(lang, CompareText::LostMessage), setup::message_text(app, *id))
            }
            _ => change.text().split(' ').next().unwrap_or_default().to_string(),
        },
        (Other::Change(change), _) if matches!(change.what, What::HistoryRule(_)) => app
            .compare
            .with_run(0, |run| format!("history.rule={}", run.cluster().spec().history.name()))
            .unwrap_or_else(as_it_ran),
        (Other::Branch(branch), 1) => format!("{} {}", t(lang, CompareText::Branch), branch + 1),
        _ => as_it_ran(),
    }
}

fn choice_of_partition(
    app: App,
    ids: Memo<Vec<TopicPartition>>,
    id: Memo<Option<TopicPartition>>,
    chosen: RwSignal<Option<TopicPartition>>,
) -> AnyView {
    let choose = move |event: web_sys::Event| chosen.set(event_target_value(&event).parse().ok());
    let name = move || id.with(|id| id.as_ref().map(ToString::to_string).unwrap_or_default());
    view! {
        <Show when=move || { ids.with(|ids| ids.len() > 1) }>
            <label class="compare-partition">
                {move || t(app.lang.get(), CompareText::Partition)}
                <select on:change=choose prop:value=name>
                    <For each=move || ids.get() key=ToString::to_string let:one>
                        <option value=one.to_string()>{one.to_string()}</option>
                    </For>
                </select>
            </label>
        </Show>
    }
    .into_any()
}

fn first_difference(app: App, pair: Arc<Pair>) -> AnyView {
    let Some(parting) = pair.parting.clone() else {
        return view! {
            <section class="compare-card" data-testid="first-difference">
                <h3>{move || t(app.lang.get(), CompareText::FirstDifference)}</h3>
                <p>{move || t(app.lang.get(), CompareText::NoDifference)}</p>
            </section>
        }
        .into_any();
    };
    let at = parting.at;
    let events = parting.events;
    let told = move |side: usize, event: Option<Event>| {
        let words = move || {
            let lang = app.lang.get();
            let told = event.as_ref().and_then(|event| {
                let told =
                    app.compare.with_run(side, |run| sentence(event, run.cluster(), lang))?;
                Some(if event.at > at { next_only(lang, event.at, &told) } else { told })
            });
            told.unwrap_or_else(|| t(lang, CompareText::NothingMore).to_string())
        };
        view! {
            <div>
                <dt class=format!("compare-letter is-{side}")>{LETTERS[side]}</dt>
                <dd>{words}</dd>
            </div>
        }
    };
    let [left, right] = events;
    view! {
        <section class="compare-card" data-testid="first-difference">
            <h3>
                {move || t(app.lang.get(), CompareText::FirstDifference)}
                <time>{at.to_string()}</time>
            </h3>
            <dl>{told(0, left)}{told(1, right)}</dl>
            <button type="button" class="button quiet" data-testid="go-to-difference" on:click=move |_| app.compare.now.set(at)>
                {move || t(app.lang.get(), CompareText::ShowIt)}
            </button>
        </section>
    }
    .into_any()
}

fn tally(app: App, titles: [Signal<String>; 2], sides: Memo<Option<[Side; 2]>>) -> AnyView {
    type Of = fn(&Side) -> u64;
    let lines: [(CompareText, &str, Of); 6] = [
        (CompareText::Acknowledged, "acknowledged", |side| side.tally.acknowledged),
        (CompareText::Lost, "lost", |side| side.tally.lost),
        (CompareText::StillThere, "still-there", |side| side.tally.still_there()),
        (CompareText::Refused, "refused", |side| side.tally.refused),
        (CompareText::Duplicated, "duplicated", |side| side.duplicated),
        (CompareText::Unasked, "unasked", |side| side.tally.unasked),
    ];
    let number = move |side: usize, of: Of| {
        Memo::new(move |_| sides.with(|sides| sides.as_ref().map_or(0, |sides| of(&sides[side]))))
    };
    let line = move |(text, name, of): (CompareText, &'static str, Of)| {
        let numbers = [number(0, of), number(1, of)];
        let is_loss = name == "lost";
        let cell = move |side: usize| {
            let is_bad = move || is_loss && numbers[side].get() > 0;
            view! {
                <td class:is-bad=is_bad data-testid=format!("tally-{name}-{side}")>
                    {move || is_bad().then(|| view! { <span aria-hidden="true">"✕ "</span> })}
                    {move || numbers[side].get()}
                </td>
            }
        };
        // What nearly no run has is shown when it does.
        let is_shown = move || name != "unasked" || numbers.iter().any(|number| number.get() > 0);
        view! {
            <Show when=is_shown>
                <tr class:is-loss=is_loss>
                    <th scope="row">{move || t(app.lang.get(), text)}</th>
                    {cell(0)}
                    {cell(1)}
                </tr>
            </Show>
        }
    };
    let head = move |side: usize| {
        view! {
            <th scope="col" title=move || titles[side].get()>
                <span class=format!("compare-letter is-{side}")>{LETTERS[side]}</span>
            </th>
        }
    };
    view! {
        <table class="compare-tally">
            <caption>{move || t(app.lang.get(), CompareText::Tally)}</caption>
            <thead><tr><td></td>{head(0)}{head(1)}</tr></thead>
            <tbody>{lines.map(line).collect_view()}</tbody>
        </table>
    }
    .into_any()
}

/// Commands that the other run did not take.
fn refused(app: App, pair: Arc<Pair>) -> AnyView {
    if pair.refused.is_empty() {
        return ().into_any();
    }
    let one = |index: usize| {
        let pair = pair.clone();
        let words = move || {
            let lang = app.lang.get();
            let refused = &pair.refused[index];
            let command =
                app.compare.with_run(1, |run| print_command(&refused.command, run.cluster()));
            let why = words::words(&refused.refusal, lang);
            format!("{} {}: {why}", refused.at, command.unwrap_or_default())
        };
        view! { <li>{words}</li> }
    };
    view! {
        <details class="compare-refused">
            <summary><span class="compare-letter is-1">{LETTERS[1]}</span> {move || t(app.lang.get(), CompareText::RefusedThere)}</summary>
            <ul>{(0..pair.refused.len()).map(one).collect_view()}</ul>
        </details>
    }
    .into_any()
}

/// Says where a link is, or why there is none.
pub fn tell_shared(
    app: App,
    copied: impl Key + Send + Sync + 'static,
    shared: Result<How, LinkProblem>,
) {
    app.notify(match shared {
        Ok(How::Copied) => Notice::info(Text::of(|lang| t(lang, copied).to_string())),
        Ok(How::InAddressBar) => {
            Notice::info(Text::of(|lang| t(lang, BarText::ShareFailed).to_string()))
        }
        Err(problem) => Notice::warning(Text::of(|lang| share_problem(&problem, lang))),
    });
}
