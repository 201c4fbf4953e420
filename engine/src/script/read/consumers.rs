//! What the verbs of consumers make of their words: on their own, and in a group.

use super::{Read, command};
use crate::client::consumer::CONSUMER_CONFIGS;
use crate::client::idle_config::IDLE_CONSUMER_CONFIGS;
use crate::command::{
    Command, CommitEach, CommitHow, CommitWhen, Commits, GroupProtocol, Membership, SeekTo,
    StartFrom,
};
use crate::group::assignor::Assignor;
use crate::group::assignor::server::ServerAssignor;
use crate::script::error::{ScriptError, ScriptProblem};
use crate::script::lexer::Word;
use crate::script::line::{CONSUMER, Line, Show};
use crate::script::parse::Args;
use crate::script::verbs::Slot;
use crate::spec::is_rack;
use std::sync::Arc;

/// `auto.offset.reset`
pub(in crate::script) const OFFSET_RESETS: [&str; 4] =
    ["earliest", "latest", "none", "by_duration:PT1H"];
/// `isolation.level`
pub(in crate::script) const ISOLATION_LEVELS: [&str; 2] = ["read_uncommitted", "read_committed"];
/// `partition.assignment.strategy`, by the names that members tell each other.
pub(in crate::script) const ASSIGNORS: [&str; 4] =
    ["range", "roundrobin", "sticky", "cooperative-sticky"];

pub(in crate::script) fn consume(args: &Args<'_>) -> Read {
    let from = match (args.value("from"), args.value("auto.offset.reset")) {
        // Kafka's default.
        (None, None) => StartFrom::Latest,
        (Some(word), None) if word.is("latest") => StartFrom::Latest,
        (Some(word), None) if word.is("earliest") => StartFrom::Earliest,
        (Some(word), None) => {
            return Err(args.invalid(word, Slot::Choice(&["earliest", "latest"])));
        }
        (_, Some(word)) => {
            let found = word.text().and_then(|text| StartFrom::from_text(&text));
            found.ok_or_else(|| args.invalid(word, Slot::Choice(&OFFSET_RESETS)))?
        }
    };
    let mut configs = Vec::new();
    let idle = IDLE_CONSUMER_CONFIGS.iter().map(|config| config.name);
    for name in CONSUMER_CONFIGS.into_iter().chain(idle) {
        if let Some(value) = args.value(name) {
            configs.push((name.to_string(), args.text(value)?));
        }
    }
    let consumer = args.value("consumer").map_or(Ok(CONSUMER.into()), |word| args.name(word))?;
    let client_rack = match args.value("client.rack") {
        None => None,
        Some(word) if is_rack(&args.text(word)?) => Some(args.name(word)?),
        Some(word) => return Err(args.invalid(word, Slot::Rack)),
    };
    if let Some(word) = either(args, "group", "group.id")? {
        let group = args.name(word)?;
        return consume_in_group(args, group, consumer, from, client_rack, configs);
    }
    if let Some((option, word)) = args.options().find(|(name, _)| MEMBERSHIP.contains(name)) {
        let what = ScriptProblem::NeedsGroup { option };
        return Err(args.error(word, what));
    }
    let topic = args.name(&args.words[0])?;
    command(Command::Consume { topic, consumer, from, client_rack, configs, group: None })
}

/// Kafka's name for `assignor`.
const STRATEGY: &str = "partition.assignment.strategy";

/// An option by its short name or by Kafka's.
fn either<'a>(
    args: &'a Args<'_>,
    short: &'static str,
    full: &'static str,
) -> Result<Option<&'a Word>, ScriptError> {
    match (args.value(short), args.value(full)) {
        (Some(_), Some(word)) => {
            Err(args.error(word, ScriptProblem::Contradiction { a: short, b: full }))
        }
        (short, full) => Ok(short.or(full)),
    }
}

/// Options of `consume` that mean something only to a member of a group.
const MEMBERSHIP: [&str; 15] = [
    STRATEGY,
    "group.protocol",
    "group.remote.assignor",
    "assignor",
    "group.instance.id",
    "enable.auto.commit",
    "auto.commit.interval.ms",
    "session.timeout.ms",
    "heartbeat.interval.ms",
    "max.poll.records",
    "max.poll.interval.ms",
    "processing",
    "commit",
    "commit.when",
    "commit.each",
];

/// `group.protocol` and, with the second, `group.remote.assignor`.
pub(in crate::script) const GROUP_PROTOCOLS: [&str; 2] = ["classic", "consumer"];
pub(in crate::script) const REMOTE_ASSIGNORS: [&str; 2] = ["uniform", "range"];

pub(in crate::script) fn group_protocol(args: &Args<'_>) -> Result<GroupProtocol, ScriptError> {
    let remote = |word: &Word| {
        let found = word.text().and_then(|name| ServerAssignor::from_name(&name));
        found.ok_or_else(|| args.invalid(word, Slot::Choice(&REMOTE_ASSIGNORS)))
    };
    let assignor = args.value("group.remote.assignor").map(remote).transpose()?;
    match args.value("group.protocol") {
        Some(word) if word.is("consumer") => Ok(GroupProtocol::Consumer(assignor)),
        Some(word) if !word.is("classic") => {
            Err(args.invalid(word, Slot::Choice(&GROUP_PROTOCOLS)))
        }
        _ if assignor.is_some() => Err(args.missing(Slot::Choice(&GROUP_PROTOCOLS))),
        _ => Ok(GroupProtocol::Classic),
    }
}

/// How, when and how often an application commits, the usual first.
pub(in crate::script) const COMMIT_HOW: [&str; 2] = ["sync", "async"];
pub(in crate::script) const COMMIT_WHEN: [&str; 2] = ["after-processing", "before-processing"];
pub(in crate::script) const COMMIT_EACH: [&str; 2] = ["poll", "record"];

fn commits(args: &Args<'_>) -> Result<Option<Commits>, ScriptError> {
    let second = |name: &str, choices: &'static [&'static str; 2]| match args.value(name) {
        None => Ok(None),
        Some(word) if word.is(choices[0]) => Ok(Some(false)),
        Some(word) if word.is(choices[1]) => Ok(Some(true)),
        Some(word) => Err(args.invalid(word, Slot::Choice(choices))),
    };
    let how = second("commit", &COMMIT_HOW)?;
    let when = second("commit.when", &COMMIT_WHEN)?;
    let each = second("commit.each", &COMMIT_EACH)?;
    let Some(how) = how else {
        let others = when.or(each).map(|_| args.missing(Slot::Choice(&COMMIT_HOW)));
        return others.map_or(Ok(None), Err);
    };
    Ok(Some(Commits {
        how: if how { CommitHow::Async } else { CommitHow::Sync },
        when: if when == Some(true) { CommitWhen::Before } else { CommitWhen::After },
        each: if each == Some(true) { CommitEach::Record } else { CommitEach::Poll },
    }))
}

fn consume_in_group(
    args: &Args<'_>,
    group: Arc<str>,
    consumer: Arc<str>,
    from: StartFrom,
    client_rack: Option<Arc<str>>,
    configs: Vec<(String, String)>,
) -> Read {
    let mut membership = Membership::of(group);
    let topics: Result<Vec<_>, _> =
        args.words[0].split(b',').iter().map(|word| args.name(word)).collect();
    let mut topics = topics?.into_iter();
    let topic = topics.next().ok_or_else(|| args.missing(Slot::Topic))?;
    membership.more_topics = topics.collect();
    if let Some(word) = either(args, "assignor", STRATEGY)? {
        let assignor = |word: &Word| {
            let found = word.text().and_then(|name| {
                Assignor::from_name(&name).or_else(|| Assignor::from_class(&name))
            });
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
    membership.commit = commits(args)?;
    membership.group_protocol = group_protocol(args)?;
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
    command(Command::Consume { topic, consumer, from, client_rack, configs, group })
}

pub(in crate::script) fn application(args: &Args<'_>) -> Read {
    let client = args.name(&args.words[0])?;
    let processing = args.value("processing").ok_or_else(|| args.missing(Slot::Duration))?;
    let processing_ms = args.duration_ms(processing)?;
    command(Command::SetProcessing { client, processing_ms })
}

pub(in crate::script) fn why_owner(args: &Args<'_>) -> Read {
    let partition = args.partition(&args.words[0])?;
    let group = args.value("group").ok_or_else(|| args.missing(Slot::Group))?;
    Ok(Line::Show(Show::WhyOwner { partition, group: args.name(group)? }))
}

pub(in crate::script) fn kill(args: &Args<'_>) -> Read {
    let after = args.value("after").map(|word| args.parsed(word, Slot::Number)).transpose()?;
    command(Command::KillClient { client: args.name(&args.words[0])?, after })
}

pub(in crate::script) fn commit(args: &Args<'_>) -> Read {
    command(Command::Commit { consumer: args.name(&args.words[0])? })
}

pub(in crate::script) fn seek(args: &Args<'_>) -> Read {
    let (consumer, partition) = (args.name(&args.words[0])?, args.partition(&args.words[1])?);
    let to = match &args.words[2] {
        word if word.is("earliest") => SeekTo::Beginning,
        word if word.is("latest") => SeekTo::End,
        word => SeekTo::Offset(args.parsed(word, Slot::Offset)?),
    };
    command(Command::Seek { consumer, partition, to })
}

pub(in crate::script) fn pause_partition(args: &Args<'_>) -> Read {
    pausing(args, true)
}

pub(in crate::script) fn resume_partition(args: &Args<'_>) -> Read {
    pausing(args, false)
}

fn pausing(args: &Args<'_>, paused: bool) -> Read {
    let (consumer, partition) = (args.name(&args.words[0])?, args.partition(&args.words[1])?);
    command(Command::PausePartition { consumer, partition, paused })
}

pub(in crate::script) fn assign(args: &Args<'_>) -> Read {
    let consumer = args.name(&args.words[0])?;
    let words = args.words[1].split(b',');
    let partitions: Result<Vec<_>, _> = words.iter().map(|word| args.partition(word)).collect();
    command(Command::Assign { consumer, partitions: partitions? })
}

pub(in crate::script) fn subscribe(args: &Args<'_>) -> Read {
    let consumer = args.name(&args.words[0])?;
    let words = args.words[1].split(b',');
    let topics: Result<Vec<_>, _> = words.iter().map(|word| args.name(word)).collect();
    command(Command::Subscribe { consumer, topics: topics? })
}

pub(in crate::script) fn show_consumer(args: &Args<'_>) -> Read {
    Ok(Line::Show(Show::Consumer(args.name(&args.words[0])?)))
}
