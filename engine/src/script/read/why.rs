//! What is asked by `why`.

use super::Read;
use crate::explain::partition::About;
use crate::ids::EventId;
use crate::script::line::{Line, Show};
use crate::script::parse::Args;
use crate::script::verbs::Slot;
use crate::script::words::explain::Question;

pub fn event(args: &Args<'_>) -> Read {
    let word = &args.words[0];
    if word.is("last") {
        return Ok(Line::Show(Show::Why(None)));
    }
    let number = word.text().and_then(|text| text.strip_prefix('#').unwrap_or(&text).parse().ok());
    let id = number.ok_or_else(|| args.invalid(word, Slot::EventId))?;
    Ok(Line::Show(Show::Why(Some(EventId(id)))))
}

fn why_not(args: &Args<'_>, question: Question) -> Read {
    let (node, partition) = (args.node(&args.words[0])?, args.partition(&args.words[1])?);
    let offset = args.words.get(2).map(|word| args.parsed(word, Slot::Offset)).transpose()?;
    Ok(Line::Show(Show::WhyNot { question, node, partition, offset }))
}

pub fn not_deleted(args: &Args<'_>) -> Read {
    why_not(args, Question::NotDeleted)
}

pub fn not_compacted(args: &Args<'_>) -> Read {
    why_not(args, Question::NotCompacted)
}

fn why_is(args: &Args<'_>, about: About) -> Read {
    Ok(Line::Show(Show::WhyIs { about, partition: args.partition(&args.words[0])? }))
}

pub fn high_watermark(args: &Args<'_>) -> Read {
    why_is(args, About::HighWatermark)
}

pub fn isr(args: &Args<'_>) -> Read {
    why_is(args, About::Isr)
}

pub fn leader(args: &Args<'_>) -> Read {
    why_is(args, About::Leader)
}

pub fn leader_epoch(args: &Args<'_>) -> Read {
    why_is(args, About::LeaderEpoch)
}

pub fn record(args: &Args<'_>) -> Read {
    let partition = args.partition(&args.words[0])?;
    let offset = args.parsed(&args.words[1], Slot::Offset)?;
    Ok(Line::Show(Show::WhyRecord { partition, offset }))
}

pub fn quorum(_: &Args<'_>) -> Read {
    Ok(Line::Show(Show::WhyQuorum))
}

pub fn broker(args: &Args<'_>) -> Read {
    Ok(Line::Show(Show::WhyBroker(args.node(&args.words[0])?)))
}

pub fn read_replica(args: &Args<'_>) -> Read {
    let (consumer, partition) = (args.name(&args.words[0])?, args.partition(&args.words[1])?);
    Ok(Line::Show(Show::WhyReadReplica { consumer, partition }))
}
