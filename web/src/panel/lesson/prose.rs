//! A lesson's text as elements: text nodes only. Commands in it can be run.

use super::desk::Desk;
use crate::i18n::lesson::LessonText;
use crate::i18n::t;
use crate::terminal_lines::OutputLine;
use kafkascope_engine::script::Lang;
use kafkascope_lessons::Prose;
use kafkascope_lessons::markdown::{Block, Inline};
use leptos::prelude::*;

/// The text in the page's language.
pub fn prose_view(desk: Desk, text: &Prose) -> AnyView {
    let text = text.clone();
    view! { {move || blocks(desk, text.get(desk.app.lang.get()))} }.into_any()
}

/// The text in the page's language, as part of a line: its paragraphs without their own boxes.
pub fn phrase_view(desk: Desk, text: &Prose) -> AnyView {
    let text = text.clone();
    let parts = move |block: &Block| match block {
        Block::Paragraph(parts) => inlines(parts),
        other => blocks(desk, std::slice::from_ref(other)),
    };
    view! { {move || text.get(desk.app.lang.get()).iter().map(parts).collect_view()} }.into_any()
}

fn blocks(desk: Desk, blocks: &[Block]) -> AnyView {
    blocks.iter().map(|block| block_view(desk, block)).collect_view().into_any()
}

fn block_view(desk: Desk, block: &Block) -> AnyView {
    match block {
        Block::Paragraph(parts) => view! { <p>{inlines(parts)}</p> }.into_any(),
        Block::List { numbered, items } => {
            let items =
                items.iter().map(|item| view! { <li>{item_view(desk, item)}</li> }).collect_view();
            if *numbered {
                view! { <ol>{items}</ol> }.into_any()
            } else {
                view! { <ul>{items}</ul> }.into_any()
            }
        }
        Block::Code(code) => {
            view! { <pre class="lesson-code"><code>{code.clone()}</code></pre> }.into_any()
        }
        Block::Commands(lines) => commands(desk, lines.clone()),
    }
}

/// A list item that is one paragraph needs no box inside.
fn item_view(desk: Desk, item: &[Block]) -> AnyView {
    match item {
        [Block::Paragraph(parts)] => inlines(parts),
        item => blocks(desk, item),
    }
}

fn inlines(parts: &[Inline]) -> AnyView {
    parts.iter().map(inline).collect_view().into_any()
}

fn inline(part: &Inline) -> AnyView {
    match part {
        Inline::Text(text) => text.split_inclusive(' ').map(word).collect_view().into_any(),
        Inline::Code(code) => view! { <code>{code.clone()}</code> }.into_any(),
        Inline::Strong(parts) => view! { <strong>{inlines(parts)}</strong> }.into_any(),
        Inline::Emphasis(parts) => view! { <em>{inlines(parts)}</em> }.into_any(),
        Inline::Link { to, label } => view! {
            <a href=to.clone() target="_blank" rel="noopener noreferrer">{inlines(label)}</a>
        }
        .into_any(),
    }
}

/// `broker-3` stays on one line.
fn word(word: &str) -> AnyView {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let end = word.find(|c| !is_part(c)).unwrap_or(word.len());
    let (name, rest) = word.split_at(end);
    if name.trim_matches('-').contains('-') {
        view! { <span class="lesson-name">{name.to_string()}</span>{rest.to_string()} }.into_any()
    } else {
        word.to_string().into_any()
    }
}

fn commands(desk: Desk, lines: Vec<String>) -> AnyView {
    let app = desk.app;
    let answers = RwSignal::new(Vec::<OutputLine>::new());
    let text = lines.join("\n");
    let run = move |_| {
        if desk.is_here.get_untracked() {
            answers.set(desk.run(&lines));
        }
    };
    view! {
        <div class="lesson-commands">
            <pre><code>{text}</code></pre>
            <button type="button" class="button" data-testid="btn-run-commands"
                aria-disabled=move || (!desk.is_here.get()).to_string() on:click=run>
                {move || t(app.lang.get(), LessonText::Run)}
            </button>
            <div class="lesson-answers" role="status" tabindex="0" data-testid="command-answers">
                {move || answers.with(|answers| answers_view(app.lang.get(), answers))}
            </div>
        </div>
    }
    .into_any()
}

/// An error is the last line, if there is one.
fn answers_view(lang: Lang, answers: &[OutputLine]) -> Option<AnyView> {
    let (last, others) = answers.split_last()?;
    let failed =
        last.is_error.then(|| format!("{}: {}", t(lang, LessonText::RunFailed), last.text));
    let looked = if last.is_error { others } else { answers };
    let looked: Vec<_> = looked.iter().map(|line| line.text.as_str()).collect();
    let looked = (!looked.is_empty()).then(|| view! { <pre>{looked.join("\n")}</pre> });
    let failed = failed.map(|why| view! { <p class="lesson-failed">{why}</p> });
    Some(view! { {looked}{failed} }.into_any())
}
