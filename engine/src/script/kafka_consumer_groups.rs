//! `kafka-consumer-groups.sh`: its options, read and written, and what it prints, to the letter. Source:
//! `ConsumerGroupCommand.java` (Kafka 4).

use super::error::{ScriptError, ScriptProblem};
use super::lang::{Lang, say};
use super::line::{GroupReport, Line, Show};
use super::parse::Args;
use super::print::listed_word;
use super::runner::Failure;
use super::verbs::Slot;
use crate::cluster::Cluster;
use crate::cluster::groups::ResetTarget;
use crate::command::{Command, Refusal, ResetOffsets, ResetTo};
use crate::group::classic_group::{ClassicGroup, ClassicMember, GroupState};
use crate::group::consumer_protocol::assignment_from_bytes;
use crate::group::coordinator::Shard;
use crate::group::group_record::CLIENT_HOST;
use crate::ids::{NodeId, TopicPartition};
use std::collections::BTreeMap;
use std::sync::Arc;

type Read = Result<Line, ScriptError>;

// Reading and printing the line.

fn group(args: &Args<'_>) -> Result<Arc<str>, ScriptError> {
    let missing = || {
        args.error_at_end(ScriptProblem::MissingValue {
            option: "--group".into(),
            wants: Slot::Group,
        })
    };
    args.name(args.value("--group").ok_or_else(missing)?)
}

pub(super) fn list(args: &Args<'_>) -> Read {
    Ok(Line::Show(Show::ListGroups { state: args.has("--state") }))
}

pub(super) fn describe(args: &Args<'_>) -> Read {
    let report = match (args.has("--members"), args.has("--state")) {
        (true, true) => {
            let what = ScriptProblem::Contradiction { a: "--members", b: "--state" };
            return Err(args.error_at_end(what));
        }
        (true, false) => GroupReport::Members { verbose: args.has("--verbose") },
        (false, true) => GroupReport::State,
        (false, false) => GroupReport::Offsets,
    };
    Ok(Line::Show(Show::DescribeGroup { group: group(args)?, report }))
}

pub(super) fn delete(args: &Args<'_>) -> Read {
    Ok(Line::Command(Command::DeleteGroup { group: group(args)? }))
}

const SCENARIOS: [&str; 5] =
    ["--to-earliest", "--to-latest", "--to-current", "--to-offset", "--shift-by"];

pub(super) fn reset_offsets(args: &Args<'_>) -> Read {
    let mut scenarios = SCENARIOS.into_iter().filter(|option| args.has(option));
    let scenario = scenarios.next().ok_or_else(|| args.missing(Slot::Choice(&SCENARIOS)))?;
    if let Some(other) = scenarios.next() {
        return Err(args.error_at_end(ScriptProblem::Contradiction { a: scenario, b: other }));
    }
    let number = |option: &str| match args.value(option) {
        Some(word) => args.parsed(word, Slot::Offset),
        None => Ok(0),
    };
    let to = match scenario {
        "--to-earliest" => ResetTo::Earliest,
        "--to-latest" => ResetTo::Latest,
        "--to-current" => ResetTo::Current,
        "--to-offset" => ResetTo::Offset(number(scenario)?),
        _ => ResetTo::ShiftBy(number(scenario)?),
    };
    let (topic, partitions) = match (args.value("--topic"), args.has("--all-topics")) {
        (Some(_), true) => {
            let what = ScriptProblem::Contradiction { a: "--topic", b: "--all-topics" };
            return Err(args.error_at_end(what));
        }
        (None, true) => (None, Vec::new()),
        (None, false) => return Err(args.missing(Slot::Topic)),
        (Some(word), false) => match word.split_once(b':') {
            None => (Some(args.name(word)?), Vec::new()),
            Some((topic, numbers)) => {
                let numbers = numbers.split(b',');
                let numbers: Result<Vec<i32>, _> =
                    numbers.iter().map(|number| args.parsed(number, Slot::Number)).collect();
                (Some(args.name(&topic)?), numbers?)
            }
        },
    };
    let reset = ResetOffsets { group: group(args)?, topic, partitions, to };
    match (args.has("--execute"), args.has("--dry-run")) {
        (true, true) => {
            let what = ScriptProblem::Contradiction { a: "--execute", b: "--dry-run" };
            Err(args.error_at_end(what))
        }
        (true, false) => Ok(Line::Command(Command::ResetOffsets(reset))),
        // Without either the tool only shows.
        _ => Ok(Line::Show(Show::ResetOffsets(reset))),
    }
}

/// A reset as a line has it, but for whether it is carried out.
pub(super) fn print_reset(reset: &ResetOffsets) -> String {
    let word = listed_word;
    let mut line =
        format!("kafka-consumer-groups.sh --reset-offsets --group {}", word(&reset.group));
    line += &match &reset.topic {
        None => " --all-topics".to_string(),
        Some(topic) if reset.partitions.is_empty() => format!(" --topic {}", word(topic)),
        Some(topic) => {
            let numbers: Vec<_> = reset.partitions.iter().map(|n| n.to_string()).collect();
            format!(" --topic {}:{}", word(topic), numbers.join(","))
        }
    };
    line += &match reset.to {
        ResetTo::Earliest => " --to-earliest".to_string(),
        ResetTo::Latest => " --to-latest".to_string(),
        ResetTo::Current => " --to-current".to_string(),
        ResetTo::Offset(offset) => format!(" --to-offset={offset}"),
        ResetTo::ShiftBy(by) => format!(" --shift-by={by}"),
    };
    line
}

// What the tool prints.

fn no_group(group: &str) -> Failure {
    Failure::Refused(Refusal::NoSuchGroup { group: group.into() })
}

/// `--list`
pub(super) fn listed(cluster: &Cluster, state: bool) -> String {
    let groups = cluster.groups();
    if !state {
        let names = groups.iter().map(|(_, group)| group.id.to_string());
        return names.collect::<Vec<_>>().join("\n");
    }
    let longest = groups.iter().map(|(_, group)| group.id.chars().count()).max().unwrap_or(0);
    let width = longest.max(15) + 10;
    let line = |group: &str, state: &str| format!("{group:<width$} {state}");
    let rows = groups.iter().map(|(_, group)| line(&group.id, group.state.name()));
    std::iter::once(line("GROUP", "STATE")).chain(rows).collect::<Vec<_>>().join("\n")
}

/// `--describe`
pub(super) fn described(
    cluster: &Cluster,
    group: &Arc<str>,
    report: GroupReport,
    lang: Lang,
) -> Result<String, Failure> {
    let (coordinator, shard) = cluster.coordinator_of(group).map_err(Failure::Refused)?;
    let known = shard.groups.get(group).ok_or_else(|| no_group(group))?;
    let notice = match known.state {
        GroupState::Empty => Some(format!("Consumer group '{group}' has no active members.")),
        GroupState::PreparingRebalance | GroupState::CompletingRebalance => {
            Some(format!("Warning: Consumer group '{group}' is rebalancing."))
        }
        GroupState::Stable | GroupState::Dead => None,
    };
    let table = match report {
        GroupReport::Offsets => offsets(cluster, shard, known),
        GroupReport::Members { verbose } => members(known, verbose),
        GroupReport::State => Some(state(known, coordinator)),
    };
    let lines: Vec<_> = notice.into_iter().chain(table).collect();
    if lines.is_empty() {
        return Ok(say!(lang, "아직 아무것도 없습니다.", "There is nothing yet."));
    }
    Ok(lines.join("\n"))
}

/// The member that has each partition.
fn owners(group: &ClassicGroup) -> BTreeMap<TopicPartition, (&Arc<str>, &ClassicMember)> {
    let members = group.members.iter().filter(|_| group.state == GroupState::Stable);
    let owned = members.flat_map(|(member_id, member)| {
        let partitions = assignment_from_bytes(&member.assignment).unwrap_or_default();
        partitions.into_iter().map(move |id| (id, (member_id, member)))
    });
    owned.collect()
}

fn or_dash(number: Option<i64>) -> String {
    number.map_or("-".to_string(), |number| number.to_string())
}

fn offsets(cluster: &Cluster, shard: &Shard, group: &ClassicGroup) -> Option<String> {
    let owners = owners(group);
    let mut partitions: Vec<_> = owners.keys().cloned().collect();
    partitions.extend(shard.offsets_of(&group.id).map(|(id, _)| id.clone()));
    // Those that somebody has come first, by member; then the others.
    partitions.sort_by_key(|id| {
        let owner = owners.get(id).map(|(member_id, _)| (*member_id).clone());
        (owner.is_none(), owner, id.clone())
    });
    partitions.dedup();
    let rows = partitions.iter().map(|id| {
        let committed = shard.offsets.get(&(group.id.clone(), id.clone()));
        let committed = committed.map(|stored| stored.committed.offset);
        let end = cluster.log_end_of(id);
        let lag = committed.zip(end).map(|(offset, end)| (end - offset).max(0));
        let owner = owners.get(id);
        let of_owner = |text: &str| owner.map_or("-", |_| text).to_string();
        let (member_id, client_id) =
            owner.map_or(("", ""), |(id, member)| (&***id, &*member.client_id));
        [
            group.id.to_string(),
            id.topic.to_string(),
            id.partition.to_string(),
            or_dash(committed),
            or_dash(end),
            or_dash(lag),
            of_owner(member_id),
            of_owner(CLIENT_HOST),
            of_owner(client_id),
        ]
    });
    let rows: Vec<_> = rows.collect();
    let head = [
        "GROUP",
        "TOPIC",
        "PARTITION",
        "CURRENT-OFFSET",
        "LOG-END-OFFSET",
        "LAG",
        "CONSUMER-ID",
        "HOST",
        "CLIENT-ID",
    ];
    let widths = [15, 15, 10, 15, 15, 15, 15, 15, 0];
    (!rows.is_empty()).then(|| columns(head, rows, widths, &[0, 1, 6, 7]))
}

fn members(group: &ClassicGroup, verbose: bool) -> Option<String> {
    if group.members.is_empty() {
        return None;
    }
    let has_static = group.members.values().any(ClassicMember::is_static);
    let row = |(member_id, member): (&Arc<str>, &ClassicMember)| {
        let assigned = match group.state {
            GroupState::Stable => assignment_from_bytes(&member.assignment).unwrap_or_default(),
            _ => Vec::new(),
        };
        let mut by_topic: BTreeMap<_, Vec<String>> = BTreeMap::new();
        for id in &assigned {
            by_topic.entry(id.topic.clone()).or_default().push(id.partition.to_string());
        }
        let topics = by_topic.iter().map(|(topic, n)| format!("{topic}({})", n.join(",")));
        let topics = topics.collect::<Vec<_>>().join(", ");
        let instance = member.group_instance_id.as_ref().map_or("", |instance| instance);
        [
            group.id.to_string(),
            member_id.to_string(),
            instance.to_string(),
            CLIENT_HOST.to_string(),
            member.client_id.to_string(),
            assigned.len().to_string(),
            if topics.is_empty() { "-".to_string() } else { topics },
        ]
    };
    let rows: Vec<_> = group.members.iter().map(row).collect();
    let head = [
        "GROUP",
        "CONSUMER-ID",
        "GROUP-INSTANCE-ID",
        "HOST",
        "CLIENT-ID",
        "#PARTITIONS",
        "ASSIGNMENT",
    ];
    let kept = |column: usize| (column != 2 || has_static) && (column != 6 || verbose);
    let kept: Vec<usize> = (0..head.len()).filter(|column| kept(*column)).collect();
    let widths = [15, 15, 17, 15, 15, 15, 0];
    let width = |column: usize| {
        let longest = rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
        if column < 5 { longest.max(widths[column]) } else { widths[column] }
    };
    let line = |cells: &[String; 7]| {
        let cells = kept.iter().map(|&column| format!("{:w$}", cells[column], w = width(column)));
        cells.collect::<Vec<_>>().join(" ").trim_end().to_string()
    };
    let head = head.map(String::from);
    Some(std::iter::once(&head).chain(&rows).map(line).collect::<Vec<_>>().join("\n"))
}

fn state(group: &ClassicGroup, coordinator: NodeId) -> String {
    let coordinator = format!("{coordinator}:9092 ({})", coordinator.0);
    let strategy = group.protocol.as_ref().map_or("", |protocol| protocol).to_string();
    let row = [
        group.id.to_string(),
        coordinator,
        strategy,
        group.state.to_string(),
        group.members.len().to_string(),
    ];
    let head = ["GROUP", "COORDINATOR (ID)", "ASSIGNMENT-STRATEGY", "STATE", "#MEMBERS"];
    columns(head, vec![row], [20, 25, 20, 15, 0], &[])
}

/// Columns of at least these widths; some grow with what is in them.
fn columns<const N: usize>(
    head: [&str; N],
    rows: Vec<[String; N]>,
    widths: [usize; N],
    growing: &[usize],
) -> String {
    let width = |column: usize| {
        let longest = rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
        if growing.contains(&column) { longest.max(widths[column]) } else { widths[column] }
    };
    let widths: Vec<usize> = (0..N).map(width).collect();
    let line = |row: &[String; N]| {
        let cells = row.iter().zip(&widths).map(|(cell, &width)| format!("{cell:width$}"));
        cells.collect::<Vec<_>>().join(" ").trim_end().to_string()
    };
    let head = head.map(String::from);
    std::iter::once(&head).chain(&rows).map(line).collect::<Vec<_>>().join("\n")
}

/// `--reset-offsets`, whether it is carried out or only shown.
pub(super) fn reset_table(group: &str, targets: &[ResetTarget]) -> String {
    let row = |to: &ResetTarget| {
        let (topic, number) = (to.partition.topic.to_string(), to.partition.partition);
        [group.to_string(), topic, number.to_string(), to.offset.to_string()]
    };
    let head = ["GROUP", "TOPIC", "PARTITION", "NEW-OFFSET"];
    columns(head, targets.iter().map(row).collect(), [30, 30, 10, 15], &[])
}

/// `--reset-offsets --dry-run`
pub(super) fn planned(cluster: &Cluster, reset: &ResetOffsets) -> Result<String, Failure> {
    let (_, targets) = cluster.reset_targets(reset).map_err(Failure::Refused)?;
    Ok(reset_table(&reset.group, &targets))
}

/// `--delete`
pub(super) fn deleted(group: &str) -> String {
    format!("Deletion of requested consumer groups ('{group}') was successful.")
}
