//! What the verbs that break things and mend them make of their words.

use super::{Read, command, option_missing};
use crate::command::{Command, DiskFault, EnvelopeAct};
use crate::ids::{EnvelopeId, NodeId};
use crate::protocol::Api;
use crate::script::error::{ScriptError, ScriptProblem};
use crate::script::lexer::Word;
use crate::script::line::{parse_duration, parse_percent};
use crate::script::parse::Args;
use crate::script::verbs::Slot;
use crate::sim::disk::DiskCondition;
use crate::sim::link_fault::{DELAY_MS_MAX, LinkFault};

fn node(args: &Args<'_>, make: impl FnOnce(NodeId) -> Command) -> Read {
    command(make(args.node(&args.words[0])?))
}

pub fn crash(args: &Args<'_>) -> Read {
    node(args, |node| Command::Crash { node })
}

pub fn power_loss(args: &Args<'_>) -> Read {
    node(args, |node| Command::PowerLoss { node })
}

pub fn stop(args: &Args<'_>) -> Read {
    node(args, |node| Command::Stop { node })
}

pub fn pause(args: &Args<'_>) -> Read {
    node(args, |node| Command::Pause { node })
}

pub fn resume(args: &Args<'_>) -> Read {
    node(args, |node| Command::Resume { node })
}

pub fn start(args: &Args<'_>) -> Read {
    node(args, |node| Command::Start { node })
}

pub fn replace(args: &Args<'_>) -> Read {
    node(args, |node| Command::Replace { node })
}

pub fn add_broker(args: &Args<'_>) -> Read {
    let id = args.words.first().map(|word| args.parsed(word, Slot::Number)).transpose()?;
    command(Command::AddBroker { node: id.map(NodeId) })
}

pub fn cut(args: &Args<'_>) -> Read {
    let (from, to) = (args.address(&args.words[0])?, args.address(&args.words[1])?);
    command(Command::Cut { from, to, one_way: args.has("one-way") })
}

pub const DISKS: [&str; 5] = ["slow", "full", "failing", "lost", "sound"];

pub fn disk(args: &Args<'_>) -> Read {
    let (node, word) = (args.node(&args.words[0])?, &args.words[1]);
    let by = args.value("by");
    let fault = match word.text().unwrap_or_default().as_str() {
        "slow" => {
            let by = by.ok_or_else(|| option_missing(args, "by", Slot::Duration))?;
            DiskFault::Becomes(DiskCondition::Slow { ms: short_time(args, by)? })
        }
        other => {
            if let Some(by) = by {
                let (word, form) = (format!("by={}", by.shown()), args.verb.form());
                return Err(args.error(by, ScriptProblem::Unexpected { word, form }));
            }
            match other {
                "full" => DiskFault::Becomes(DiskCondition::Full),
                "failing" => DiskFault::Becomes(DiskCondition::Failing),
                "sound" => DiskFault::Becomes(DiskCondition::Sound),
                "lost" => DiskFault::Lost,
                _ => return Err(args.invalid(word, Slot::Choice(&DISKS))),
            }
        }
    };
    command(Command::Disk { node, fault })
}

fn short_time(args: &Args<'_>, word: &Word) -> Result<u64, ScriptError> {
    match args.duration_ms(word)? {
        ms if ms <= DELAY_MS_MAX => Ok(ms),
        _ => Err(args.invalid(word, Slot::Delay)),
    }
}

pub fn link(args: &Args<'_>) -> Read {
    let per_mille = |name| args.value(name).map_or(Ok(0), |word| percent(args, word));
    let fault = LinkFault {
        delay_ms: args.value("delay").map_or(Ok((0, 0)), |word| delay_range(args, word))?,
        loss_per_mille: per_mille("loss")?,
        duplicate_per_mille: per_mille("duplicate")?,
        reorder_per_mille: per_mille("reorder")?,
    };
    if fault == LinkFault::default() {
        return Err(args.missing(Slot::LinkFault));
    }
    command(Command::Link {
        from: args.address(&args.words[0])?,
        to: args.address(&args.words[1])?,
        one_way: args.has("one-way"),
        api: args.value("api").map(|word| api(args, word)).transpose()?,
        fault,
    })
}

fn percent(args: &Args<'_>, word: &Word) -> Result<u32, ScriptError> {
    let read = word.text().and_then(|text| parse_percent(&text));
    read.ok_or_else(|| args.invalid(word, Slot::Percent))
}

/// `50ms` or `50ms..200ms`
fn delay_range(args: &Args<'_>, word: &Word) -> Result<(u64, u64), ScriptError> {
    let text = word.text().unwrap_or_default();
    let (least, most) = text.split_once("..").unwrap_or((&text, &text));
    match (parse_duration(least), parse_duration(most)) {
        (Some(least), Some(most)) if least <= most && most <= DELAY_MS_MAX => Ok((least, most)),
        _ => Err(args.invalid(word, Slot::Delay)),
    }
}

fn api(args: &Args<'_>, word: &Word) -> Result<Api, ScriptError> {
    let text = word.text().unwrap_or_default();
    let found = Api::ALL.into_iter().find(|api| api.name().eq_ignore_ascii_case(&text));
    found.ok_or_else(|| args.invalid(word, Slot::Api))
}

pub fn isolate(args: &Args<'_>) -> Read {
    node(args, |node| Command::Isolate { node })
}

pub fn ring_cut(args: &Args<'_>) -> Read {
    let nodes: Result<Vec<NodeId>, _> = args.words.iter().map(|word| args.node(word)).collect();
    match nodes? {
        nodes if nodes.is_empty() => Err(args.missing(Slot::Node)),
        nodes => command(Command::RingCut { nodes }),
    }
}

pub fn heal(args: &Args<'_>) -> Read {
    match &args.words[..] {
        [all] if all.is("all") => command(Command::HealAll),
        [end] => command(Command::HealEnd { end: args.address(end)? }),
        [from, to] => command(Command::Heal { from: args.address(from)?, to: args.address(to)? }),
        [] => Err(args.missing(Slot::Address)),
        [_, _, extra, ..] => {
            let what = ScriptProblem::Unexpected { word: extra.shown(), form: args.verb.form() };
            Err(args.error(extra, what))
        }
    }
}

fn envelope(args: &Args<'_>, act: EnvelopeAct) -> Read {
    let (from, to) = (args.address(&args.words[0])?, args.address(&args.words[1])?);
    let word = &args.words[2];
    let text = word.text().unwrap_or_default();
    let (n, copy) = text.split_once('.').map_or((&*text, None), |(n, copy)| (n, Some(copy)));
    let (n, copy) = (n.parse().ok(), copy.map_or(Some(0), |copy| copy.parse().ok()));
    let (Some(n), Some(copy)) = (n, copy) else {
        return Err(args.invalid(word, Slot::Envelope));
    };
    command(Command::Envelope { envelope: EnvelopeId { from, to, n, copy }, act })
}

pub fn drop(args: &Args<'_>) -> Read {
    envelope(args, EnvelopeAct::Drop)
}

pub fn delay(args: &Args<'_>) -> Read {
    let by = args.value("by").ok_or_else(|| option_missing(args, "by", Slot::Duration))?;
    envelope(args, EnvelopeAct::Delay { ms: short_time(args, by)? })
}

pub fn duplicate(args: &Args<'_>) -> Read {
    envelope(args, EnvelopeAct::Duplicate)
}

pub fn reorder(args: &Args<'_>) -> Read {
    envelope(args, EnvelopeAct::Reorder)
}
