//! The small part of Markdown that lessons are written in: paragraphs, lists, emphasis, code, links
//! to a few known places, and command blocks, which the page can run. Everything else is refused,
//! raw HTML first of all. The page turns these blocks into text nodes.

use crate::text::Complaint;
use pulldown_cmark::{CodeBlockKind, Event, LinkType, Options, Parser, Tag, TagEnd};
use std::iter::Peekable;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    Paragraph(Vec<Inline>),
    List {
        numbered: bool,
        items: Vec<Vec<Block>>,
    },
    /// Output, or bytes: something to look at.
    Code(String),
    /// A fenced block marked `kafkascope`: lines of a script, one command each.
    Commands(Vec<String>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Inline {
    Text(String),
    Code(String),
    Strong(Vec<Inline>),
    Emphasis(Vec<Inline>),
    Link { to: String, label: Vec<Inline> },
}

/// Where a lesson may point to.
const LINKS: [&str; 3] = [
    "https://kafka.apache.org/",
    "https://cwiki.apache.org/confluence/display/KAFKA/",
    "https://github.com/apache/kafka/",
];

const COMMANDS: &str = "kafkascope";

/// The lines of all command blocks.
pub fn commands(blocks: &[Block]) -> Vec<&str> {
    let mut lines = Vec::new();
    for block in blocks {
        match block {
            Block::Commands(script) => lines.extend(script.iter().map(String::as_str)),
            Block::List { items, .. } => {
                lines.extend(items.iter().flat_map(|item| self::commands(item)))
            }
            Block::Paragraph(_) | Block::Code(_) => {}
        }
    }
    lines
}

pub fn parse(text: &str) -> Result<Vec<Block>, Complaint> {
    let mut events = Parser::new_ext(text, Options::empty()).peekable();
    let blocks = blocks(&mut events, None)?;
    if blocks.is_empty() {
        Err(Complaint::new("글이 비어 있습니다", "the text is empty"))
    } else {
        Ok(blocks)
    }
}

/// Blocks up to the end of `inside`, which is taken too.
fn blocks<'a, I>(events: &mut Peekable<I>, inside: Option<TagEnd>) -> Result<Vec<Block>, Complaint>
where
    I: Iterator<Item = Event<'a>>,
{
    let mut blocks = Vec::new();
    while let Some(event) = events.peek() {
        match event {
            Event::End(end) if Some(*end) == inside => {
                events.next();
                break;
            }
            // A tight list item holds its text without a paragraph around it.
            Event::Text(_)
            | Event::Code(_)
            | Event::Start(Tag::Strong | Tag::Emphasis | Tag::Link { .. }) => {
                blocks.push(Block::Paragraph(inlines(events, None)?));
                continue;
            }
            _ => {}
        }
        let Some(event) = events.next() else { break };
        blocks.push(match event {
            Event::Start(Tag::Paragraph) => {
                Block::Paragraph(inlines(events, Some(TagEnd::Paragraph))?)
            }
            Event::Start(Tag::List(first)) => {
                Block::List { numbered: first.is_some(), items: items(events)? }
            }
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(kind))) => code_block(events, &kind)?,
            other => return Err(refused(&other)),
        });
    }
    Ok(blocks)
}

fn items<'a, I>(events: &mut Peekable<I>) -> Result<Vec<Vec<Block>>, Complaint>
where
    I: Iterator<Item = Event<'a>>,
{
    let mut items = Vec::new();
    loop {
        match events.next() {
            Some(Event::Start(Tag::Item)) => items.push(blocks(events, Some(TagEnd::Item))?),
            Some(Event::End(TagEnd::List(_))) | None => return Ok(items),
            Some(other) => return Err(refused(&other)),
        }
    }
}

fn code_block<'a, I>(events: &mut Peekable<I>, kind: &str) -> Result<Block, Complaint>
where
    I: Iterator<Item = Event<'a>>,
{
    let mut code = String::new();
    loop {
        match events.next() {
            Some(Event::Text(text)) => code.push_str(&text),
            Some(Event::End(TagEnd::CodeBlock)) | None => break,
            Some(other) => return Err(refused(&other)),
        }
    }
    match kind {
        "" => Ok(Block::Code(code.trim_end().into())),
        COMMANDS => {
            let lines = code.lines().map(str::trim).filter(|line| !line.is_empty());
            Ok(Block::Commands(lines.map(String::from).collect()))
        }
        other => Err(Complaint::new(
            format!("코드 블록의 종류는 비우거나 {COMMANDS}여야 합니다: {other}"),
            format!("a code block is either unmarked or marked {COMMANDS}: {other}"),
        )),
    }
}

/// Inline parts up to the end of `inside`, which is taken too; without one, up to what is no inline
/// part.
fn inlines<'a, I>(
    events: &mut Peekable<I>,
    inside: Option<TagEnd>,
) -> Result<Vec<Inline>, Complaint>
where
    I: Iterator<Item = Event<'a>>,
{
    let mut parts = Vec::new();
    while let Some(event) = events.peek() {
        let inline = matches!(
            event,
            Event::Text(_)
                | Event::Code(_)
                | Event::SoftBreak
                | Event::Start(Tag::Strong | Tag::Emphasis | Tag::Link { .. })
        );
        if inside.is_none() && !inline {
            break;
        }
        let Some(event) = events.next() else { break };
        match event {
            Event::End(end) if Some(end) == inside => break,
            Event::Text(text) => push_text(&mut parts, &text)?,
            Event::SoftBreak => push_text(&mut parts, " ")?,
            Event::Code(code) => parts.push(Inline::Code(code.into_string())),
            Event::Start(Tag::Strong) => {
                parts.push(Inline::Strong(inlines(events, Some(TagEnd::Strong))?))
            }
            Event::Start(Tag::Emphasis) => {
                parts.push(Inline::Emphasis(inlines(events, Some(TagEnd::Emphasis))?));
            }
            Event::Start(Tag::Link { link_type: LinkType::Inline, dest_url, .. }) => {
                let to = known_place(&dest_url)?;
                parts.push(Inline::Link { to, label: inlines(events, Some(TagEnd::Link))? });
            }
            other => return Err(refused(&other)),
        }
    }
    Ok(parts)
}

/// A mark of emphasis that is still there stands where Markdown does not take it for one: in Korean
/// that is easy to do, `**HW(high watermark)**는` is one.
fn push_text(parts: &mut Vec<Inline>, text: &str) -> Result<(), Complaint> {
    if text.contains(['*', '`']) {
        return Err(Complaint::new(
            format!("강조 표시가 풀리지 않고 남았습니다: {text}"),
            format!("a mark of emphasis was left as it is: {text}"),
        ));
    }
    match parts.last_mut() {
        Some(Inline::Text(last)) => last.push_str(text),
        _ => parts.push(Inline::Text(text.into())),
    }
    Ok(())
}

fn known_place(to: &str) -> Result<String, Complaint> {
    if LINKS.iter().any(|place| to.starts_with(place)) {
        return Ok(to.into());
    }
    Err(Complaint::new(
        format!("허용된 곳으로 가는 링크가 아닙니다: {to}"),
        format!("links may not lead there: {to}"),
    ))
}

fn refused(event: &Event<'_>) -> Complaint {
    let what = match event {
        Event::Html(html) | Event::InlineHtml(html) => html.trim().to_string(),
        Event::Start(Tag::HtmlBlock) => "HTML".into(),
        Event::Start(Tag::CodeBlock(CodeBlockKind::Indented)) => "indented code".into(),
        Event::Start(tag) => format!("{:?}", tag.to_end()),
        other => format!("{other:?}"),
    };
    Complaint::new(
        format!("레슨에서 쓸 수 없는 Markdown입니다: {what}"),
        format!("Markdown that lessons may not use: {what}"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Inline {
        Inline::Text(text.into())
    }

    #[test]
    fn the_subset_becomes_blocks() {
        let written = "One **two `x`**\nthree.\n\n1. a\n2. *b*\n\n```kafkascope\nproduce orders\n\npause broker-3\n```\n\n```\nHW 1\n```";
        let expected = vec![
            Block::Paragraph(vec![
                text("One "),
                Inline::Strong(vec![text("two "), Inline::Code("x".into())]),
                text(" three."),
            ]),
            Block::List {
                numbered: true,
                items: vec![
                    vec![Block::Paragraph(vec![text("a")])],
                    vec![Block::Paragraph(vec![Inline::Emphasis(vec![text("b")])])],
                ],
            },
            Block::Commands(vec!["produce orders".into(), "pause broker-3".into()]),
            Block::Code("HW 1".into()),
        ];
        assert_eq!(parse(written).unwrap(), expected);
        assert_eq!(commands(&expected), ["produce orders", "pause broker-3"]);
    }

    #[test]
    fn what_could_bring_markup_or_drift_is_refused() {
        for written in [
            "<b>x</b>",
            "a <img src=x onerror=alert(1)> b",
            "<script>alert(1)</script>",
            "# heading",
            "![alt](https://kafka.apache.org/x.png)",
            "[here](javascript:alert(1))",
            "[here](https://example.com/)",
            "[here](https://kafka.apache.org.example.com/)",
            "<https://example.com/>",
            "> quote",
            "    indented",
            "a\n\n---\n\nb",
            "```rust\nfn main() {}\n```",
            "**HW(high watermark)**는",
            "",
        ] {
            assert!(parse(written).is_err(), "{written}: {:?}", parse(written));
        }
    }

    #[test]
    fn links_lead_to_known_places() {
        let to = "https://kafka.apache.org/documentation/#replication";
        let blocks = parse(&format!("See [Kafka]({to}).")).unwrap();
        let link = Inline::Link { to: to.into(), label: vec![text("Kafka")] };
        assert_eq!(blocks, [Block::Paragraph(vec![text("See "), link, text(".")])]);
    }
}
