//! One side: the replicas of a partition as rows of cells, small enough for two pictures beside each
//! other. Same offsets stand below each other, on both sides.

use super::LETTERS;
use crate::app::App;
use crate::i18n::monitors::{self as words, CompareText};
use crate::i18n::stage::StageText;
use crate::i18n::{say, t};
use crate::stage::logs::{role_letter, role_text};
use crate::stage::shapes::epoch_class;
use crate::view_model::compare::{Row, SLOTS, Side, first_offset, rows};
use crate::view_model::{NodeState, ReplicaRole, ReplicaView};
use kafkascope_engine::ids::TopicPartition;
use leptos::prelude::*;

pub fn side(
    app: App,
    index: usize,
    title: Signal<String>,
    sides: Memo<Option<[Side; 2]>>,
    id: Memo<Option<TopicPartition>>,
) -> AnyView {
    let picture = move || {
        let id = id.get()?;
        sides.with(|sides| {
            let sides = sides.as_ref()?;
            let (this, other) = (&sides[index], &sides[1 - index]);
            let first = first_offset([&sides[0], &sides[1]], &id);
            let loses = sides.iter().any(|side| !side.lost(&id).is_empty());
            Some(view! {
                <p class="compare-leads">{head(app, this, &id)}</p>
                <div class="compare-rows" role="list">
                    {rows(this, other, &id).into_iter().map(|row| row_view(app, index, row, first)).collect_view()}
                    {loses.then(|| lost_row(app, index, this.lost(&id), first))}
                </div>
            })
        })
    };
    view! {
        <section class="compare-side" data-testid=format!("side-{index}") aria-label=move || format!("{} {}", LETTERS[index], title.get())>
            <header>
                <span class=format!("compare-letter is-{index}")>{LETTERS[index]}</span>
                <code class="compare-title">{move || title.get()}</code>
                <button type="button" class="button quiet" data-testid=format!("open-side-{index}") on:click=move |_| app.compare.open_side(app, index)>
                    {move || t(app.lang.get(), CompareText::OpenSide)}
                </button>
            </header>
            {picture}
        </section>
    }
    .into_any()
}

fn head(app: App, side: &Side, id: &TopicPartition) -> AnyView {
    let lang = app.lang.get();
    let text = side.view.partition(id).map(|partition| match partition.leader {
        Some(leader) => {
            let isr: Vec<_> = partition.isr.iter().map(|node| node.0.to_string()).collect();
            words::leads(lang, &leader.to_string(), partition.leader_epoch, &isr.join(","))
        }
        None => t(lang, CompareText::NoLeader).to_string(),
    });
    view! { <strong>{id.to_string()}</strong> " " {text} }.into_any()
}

fn row_view(app: App, index: usize, row: Row, first: i64) -> AnyView {
    let lang = app.lang.get();
    let role = row.role();
    let is_down = !row.state.has_process();
    let (hw, leo) = row
        .replica
        .as_ref()
        .map_or((0, 0), |replica| (replica.high_watermark, replica.log_end_offset));
    let node = row.node;
    let role_word = t(lang, role_text(role));
    let label = say!(
        lang,
        "{node}, {role_word}, HW {hw}, LEO {leo}",
        "{node}, {role_word}, HW {hw}, LEO {leo}"
    );
    let state = match row.state {
        NodeState::Running => None,
        NodeState::Down => Some(StageText::Down),
        NodeState::NoPower => Some(StageText::NoPower),
        NodeState::Paused => Some(StageText::Paused),
        NodeState::Fenced => Some(StageText::Fenced),
        NodeState::Unregistered => Some(StageText::Unregistered),
        NodeState::Stopping => Some(StageText::Stopping),
        NodeState::Starting => Some(StageText::Starting),
    };
    let differs = row.differs.then(|| {
        let hint = t(lang, CompareText::Differs);
        view! { <span class="compare-differs" title=hint aria-label=hint>"≠"</span> }
    });
    view! {
        <div class="compare-row" class:is-down=is_down role="listitem" aria-label=label data-testid=format!("row-{index}-{node}")>
            <span class="compare-node">
                <span class="badge" class:is-leader=role == ReplicaRole::Leader>{role_letter(role)}</span>
                <span>{node.to_string()}</span>
                <small>{state.map(|state| t(lang, state))}</small>
            </span>
            {cells(row.replica.as_ref(), first)}
            <span class="compare-marks">
                {row.replica.is_some().then(|| view! { <b>{format!("HW {hw}")}</b> <span>{format!("LEO {leo}")}</span> })}
                {differs}
            </span>
        </div>
    }
    .into_any()
}

/// A broker that has yet to open its log has none to show.
fn cells(replica: Option<&ReplicaView>, first: i64) -> AnyView {
    let shown = replica.into_iter().flat_map(|replica| &replica.cells);
    let shown = shown.filter(|cell| cell.offset >= first);
    let cells = shown.map(|cell| {
        let committed = if cell.committed { "" } else { " is-uncommitted" };
        let class = format!("compare-cell {}{committed}", epoch_class(cell.leader_epoch));
        let title = format!("{} · e{}", cell.offset, cell.leader_epoch);
        view! { <span class=class style=column(cell.offset, first) title=title>{cell.offset}</span> }
    });
    let mark = replica.map(|replica| replica.high_watermark - first);
    let mark = mark.filter(|mark| (0..=SLOTS).contains(mark)).map(|mark| {
        view! { <span class="compare-hw" style=format!("--at:{mark}")></span> }
    });
    view! { <span class="compare-cells" aria-hidden="true">{cells.collect_view()}{mark}</span> }
        .into_any()
}

fn column(offset: i64, first: i64) -> String {
    format!("grid-column:{}", offset - first + 1)
}

/// What producers were told and nobody has any more.
fn lost_row(app: App, index: usize, lost: Vec<(i64, i32)>, first: i64) -> AnyView {
    let lang = app.lang.get();
    let count = lost.len();
    let cells = lost.into_iter().filter(|(offset, _)| *offset >= first).map(|(offset, epoch)| {
        let class = format!("compare-cell is-lost {}", epoch_class(epoch));
        view! { <span class=class style=column(offset, first) title=format!("{offset} · e{epoch}")>{offset}</span> }
    });
    let label = format!("{}: {count}", t(lang, CompareText::Lost));
    view! {
        <div class="compare-row is-lost-row" role="listitem" aria-label=label data-testid=format!("lost-{index}")>
            <span class="compare-node"><span>{t(lang, CompareText::LostRow)}</span></span>
            <span class="compare-cells" aria-hidden="true">{cells.collect_view()}</span>
            <span class="compare-marks"><b class:is-bad=move || { count > 0 }>{if count > 0 { format!("✕ {count}") } else { "–".to_string() }}</b></span>
        </div>
    }
    .into_any()
}
