//! Commands to consumers, and what a consumer is started with.

use super::{duration_text, listed_word, partition_word, quote, word};
use crate::command::{
    Command, CommitEach, CommitHow, CommitWhen, Commits, GroupProtocol, Membership, SeekTo,
    StartFrom,
};
use crate::script::read::consumers::{COMMIT_EACH, COMMIT_HOW, COMMIT_WHEN};

/// A command that an application gives its consumer.
pub fn print(command: &Command) -> String {
    match command {
        Command::Commit { consumer } => format!("commit {}", word(consumer)),
        Command::Seek { consumer, partition, to } => {
            let to = match to {
                SeekTo::Beginning => "earliest".to_string(),
                SeekTo::End => "latest".to_string(),
                SeekTo::Offset(offset) => offset.to_string(),
            };
            format!("seek {} {} {to}", word(consumer), partition_word(partition))
        }
        Command::PausePartition { consumer, partition, paused } => {
            let verb = if *paused { "pause-partition" } else { "resume-partition" };
            format!("{verb} {} {}", word(consumer), partition_word(partition))
        }
        Command::Assign { consumer, partitions } => {
            let partitions = partitions.iter().map(|id| listed_word(&id.to_string()));
            let partitions = partitions.collect::<Vec<_>>().join(",");
            format!("assign {} {partitions}", word(consumer))
        }
        Command::Subscribe { consumer, topics } => {
            let topics = topics.iter().map(|topic| listed_word(topic));
            format!("subscribe {} {}", word(consumer), topics.collect::<Vec<_>>().join(","))
        }
        _ => String::new(),
    }
}

/// What is not Kafka's default.
pub fn print_membership(group: &Membership, from: StartFrom) -> String {
    let Membership {
        group: id,
        more_topics: _,
        assignors,
        group_instance_id,
        enable_auto_commit,
        auto_commit_interval_ms,
        session_timeout_ms,
        heartbeat_interval_ms,
        max_poll_records,
        max_poll_interval_ms,
        processing_ms,
        commit,
        group_protocol,
    } = group;
    let usual = Membership::of(id.clone());
    let mut line = format!(" group={}", quote(id.as_bytes(), ""));
    let mut option = |is_set: bool, name: &str, value: String| {
        if is_set {
            line += &format!(" {name}={value}");
        }
    };
    if let GroupProtocol::Consumer(remote) = group_protocol {
        option(true, "group.protocol", "consumer".into());
        let remote = remote.map_or("", |assignor| assignor.name());
        option(!remote.is_empty(), "group.remote.assignor", remote.into());
    }
    let names: Vec<_> = assignors.iter().map(|assignor| assignor.name()).collect();
    option(*assignors != usual.assignors, "assignor", names.join(","));
    if let Some(instance) = group_instance_id {
        option(true, "group.instance.id", quote(instance.as_bytes(), ""));
    }
    option(from != StartFrom::Latest, "auto.offset.reset", from.text());
    option(!enable_auto_commit, "enable.auto.commit", "false".into());
    for (name, value, usual) in [
        ("auto.commit.interval.ms", *auto_commit_interval_ms, usual.auto_commit_interval_ms),
        ("session.timeout.ms", *session_timeout_ms, usual.session_timeout_ms),
        ("heartbeat.interval.ms", *heartbeat_interval_ms, usual.heartbeat_interval_ms),
        ("max.poll.records", (*max_poll_records).into(), usual.max_poll_records.into()),
        ("max.poll.interval.ms", *max_poll_interval_ms, usual.max_poll_interval_ms),
    ] {
        option(value != usual, name, value.to_string());
    }
    option(*processing_ms > 0, "processing", duration_text(*processing_ms));
    if let Some(Commits { how, when, each }) = commit {
        option(true, "commit", COMMIT_HOW[usize::from(*how == CommitHow::Async)].into());
        let before = *when == CommitWhen::Before;
        option(before, "commit.when", COMMIT_WHEN[usize::from(before)].into());
        let record = *each == CommitEach::Record;
        option(record, "commit.each", COMMIT_EACH[usize::from(record)].into());
    }
    line
}
