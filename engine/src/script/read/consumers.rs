//! What the verbs of consumers make of their words: on their own, and in a group.

use super::{Read, command};
use crate::command::{Command, Membership, StartFrom};
use crate::group::assignor::Assignor;
use crate::script::error::ScriptProblem;
use crate::script::lexer::Word;
use crate::script::line::CONSUMER;
use crate::script::parse::Args;
use crate::script::verbs::Slot;
use crate::spec::is_rack;
use std::sync::Arc;

/// `auto.offset.reset`
pub(in crate::script) const OFFSET_RESETS: [&str; 3] = ["earliest", "latest", "none"];
/// `partition.assignment.strategy`, by the names that members tell each other.
pub(in crate::script) const ASSIGNORS: [&str; 4] =
    ["range", "roundrobin", "sticky", "cooperative-sticky"];

pub(in crate::script) fn consume(args: &Args<'_>) -> Read {
    let from = match args.value("from") {
        // Kafka's default, `auto.offset.reset=latest`.
        None => StartFrom::Latest,
        Some(word) if word.is("latest") => StartFrom::Latest,
        Some(word) if word.is("earliest") => StartFrom::Earliest,
        Some(word) => return Err(args.invalid(word, Slot::Choice(&["earliest", "latest"]))),
    };
    let consumer = args.value("consumer").map_or(Ok(CONSUMER.into()), |word| args.name(word))?;
    let client_rack = match args.value("client.rack") {
        None => None,
        Some(word) if is_rack(&args.text(word)?) => Some(args.name(word)?),
        Some(word) => return Err(args.invalid(word, Slot::Rack)),
    };
    if args.has("group") {
        return consume_in_group(args, consumer, from, client_rack);
    }
    if let Some((option, word)) = args.options().find(|(name, _)| MEMBERSHIP.contains(name)) {
        let what = ScriptProblem::NeedsGroup { option };
        return Err(args.error(word, what));
    }
    let topic = args.name(&args.words[0])?;
    command(Command::Consume { topic, consumer, from, client_rack, group: None })
}

/// Options of `consume` that mean something only to a member of a group.
const MEMBERSHIP: [&str; 10] = [
    "assignor",
    "group.instance.id",
    "auto.offset.reset",
    "enable.auto.commit",
    "auto.commit.interval.ms",
    "session.timeout.ms",
    "heartbeat.interval.ms",
    "max.poll.records",
    "max.poll.interval.ms",
    "processing",
];

fn consume_in_group(
    args: &Args<'_>,
    consumer: Arc<str>,
    from: StartFrom,
    client_rack: Option<Arc<str>>,
) -> Read {
    let Some(group) = args.value("group") else {
        return Err(args.missing(Slot::Group));
    };
    let mut membership = Membership::of(args.name(group)?);
    let topics: Result<Vec<_>, _> =
        args.words[0].split(b',').iter().map(|word| args.name(word)).collect();
    let mut topics = topics?.into_iter();
    let topic = topics.next().ok_or_else(|| args.missing(Slot::Topic))?;
    membership.more_topics = topics.collect();
    let from = match args.value("auto.offset.reset") {
        None => from,
        Some(word) => {
            let known = [StartFrom::Earliest, StartFrom::Latest, StartFrom::None];
            let found = known.into_iter().find(|from| word.is(from.name()));
            found.ok_or_else(|| args.invalid(word, Slot::Choice(&OFFSET_RESETS)))?
        }
    };
    if let Some(word) = args.value("assignor") {
        let assignor = |word: &Word| {
            let found = word.text().and_then(|name| Assignor::from_name(&name));
            found.ok_or_else(|| args.invalid(word, Slot::Choice(&ASSIGNORS)))
        };
        membership.assignors = word.split(b',').iter().map(assignor).collect::<Result<_, _>>()?;
    }
    let instance = args.value("group.instance.id").map(|word| args.name(word)).transpose()?;
    membership.group_instance_id = instance;
    membership.enable_auto_commit = match args.value("enable.auto.commit") {
        None => true,
        Some(word) => args.parsed(word, Slot::Choice(&["true", "false"]))?,
    };
    if let Some(word) = args.value("max.poll.records") {
        membership.max_poll_records = args.parsed(word, Slot::Number)?;
    }
    if let Some(word) = args.value("processing") {
        membership.processing_ms = args.duration_ms(word)?;
    }
    for (name, place) in [
        ("auto.commit.interval.ms", &mut membership.auto_commit_interval_ms),
        ("session.timeout.ms", &mut membership.session_timeout_ms),
        ("heartbeat.interval.ms", &mut membership.heartbeat_interval_ms),
        ("max.poll.interval.ms", &mut membership.max_poll_interval_ms),
    ] {
        if let Some(word) = args.value(name) {
            // Java's int, as Kafka has it.
            let number: u32 = args.parsed(word, Slot::Number)?;
            *place = number.into();
        }
    }
    let group = Some(Box::new(membership));
    command(Command::Consume { topic, consumer, from, client_rack, group })
}

pub(in crate::script) fn kill(args: &Args<'_>) -> Read {
    command(Command::KillClient { client: args.name(&args.words[0])? })
}
