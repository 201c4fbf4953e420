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
use crate::group::classic_group::GroupState;
use crate::group::coordinator::Shard;
use crate::group::group_record::CLIENT_HOST;
use crate::ids::{NodeId, TopicPartition};
use crate::iso8601;
use std::collections::BTreeMap;
use std::sync::Arc;

mod described;

use described::{Described, DescribedMember};

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
    let (state, kind) = (args.has("--state"), args.has("--type"));
    Ok(Line::Show(Show::ListGroups { state, kind }))
}

pub(super) fn describe(args: &Args<'_>) -> Read {
    let verbose = args.has("--verbose");
    let report = match (args.has("--members"), args.has("--state")) {
        (true, true) => {
            let what = ScriptProblem::Contradiction { a: "--members", b: "--state" };
            return Err(args.error_at_end(what));
        }
        (true, false) => GroupReport::Members { verbose },
        (false, true) => GroupReport::State { verbose },
        (false, false) => GroupReport::Offsets { verbose },
    };
    Ok(Line::Show(Show::DescribeGroup { group: group(args)?, report }))
}

pub(super) fn delete(args: &Args<'_>) -> Read {
    Ok(Line::Command(Command::DeleteGroup { group: group(args)? }))
}

const SCENARIOS: [&str; 7] = [
    "--to-earliest",
    "--to-latest",
    "--to-current",
    "--to-offset",
    "--shift-by",
    "--by-duration",
    "--to-datetime",
];

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
    fn read<T>(
        args: &Args<'_>,
        option: &str,
        parse: fn(&str) -> Option<T>,
    ) -> Result<T, ScriptError> {
        let word = args.value(option).ok_or_else(|| args.missing(Slot::Iso8601))?;
        let found = word.text().and_then(|text| parse(&text));
        found.ok_or_else(|| args.invalid(word, Slot::Iso8601))
    }
    let to = match scenario {
        "--to-earliest" => ResetTo::Earliest,
        "--to-latest" => ResetTo::Latest,
        "--to-current" => ResetTo::Current,
        "--to-offset" => ResetTo::Offset(number(scenario)?),
        "--by-duration" => ResetTo::ByDuration(read(args, scenario, iso8601::parse_duration)?),
        "--to-datetime" => ResetTo::Datetime(read(args, scenario, iso8601::parse_datetime)?),
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
        ResetTo::ByDuration(ms) => format!(" --by-duration {}", iso8601::duration_text(ms)),
        ResetTo::Datetime(ms) => format!(" --to-datetime {}", iso8601::datetime_text(ms)),
    };
    line
}

// What the tool prints.

fn no_group(group: &str) -> Failure {
    Failure::Refused(Refusal::NoSuchGroup { group: group.into() })
}

/// `--list`
pub(super) fn listed(cluster: &Cluster, state: bool, kind: bool) -> String {
    let groups = described::all(cluster);
    if !state && !kind {
        let names = groups.iter().map(|group| group.id.to_string());
        return names.collect::<Vec<_>>().join("\n");
    }
    let longest = groups.iter().map(|group| group.id.chars().count()).max().unwrap_or(0);
    let width = longest.max(15) + 10;
    let line = |group: &str, of_kind: &str, of_state: &str| {
        let mut line = format!("{group:<width$}");
        for (wanted, text) in [(kind, of_kind), (state, of_state)] {
            if wanted {
                line += &format!(" {text:<20}");
            }
        }
        line.trim_end().to_string()
    };
    let rows = groups.iter().map(|group| line(&group.id, group.kind, group.state.name()));
    std::iter::once(line("GROUP", "TYPE", "STATE")).chain(rows).collect::<Vec<_>>().join("\n")
}

/// `--describe`
pub(super) fn described(
    cluster: &Cluster,
    group: &Arc<str>,
    report: GroupReport,
    lang: Lang,
) -> Result<String, Failure> {
    let (coordinator, shard) = cluster.coordinator_of(group).map_err(Failure::Refused)?;
    let known = described::one(cluster, shard, group).ok_or_else(|| no_group(group))?;
    let notice = match known.state {
        GroupState::Empty => Some(format!("Consumer group '{group}' has no active members.")),
        GroupState::PreparingRebalance
        | GroupState::CompletingRebalance
        | GroupState::Assigning
        | GroupState::Reconciling => {
            Some(format!("Warning: Consumer group '{group}' is rebalancing."))
        }
        GroupState::Stable | GroupState::Dead => None,
    };
    let table = match report {
        GroupReport::Offsets { verbose } => offsets(cluster, shard, &known, verbose),
        GroupReport::Members { verbose } => members(&known, verbose),
        GroupReport::State { verbose } => Some(state(&known, coordinator, verbose)),
    };
    let lines: Vec<_> = notice.into_iter().chain(table).collect();
    if lines.is_empty() {
        return Ok(say!(lang, "아직 아무것도 없습니다.", "There is nothing yet."));
    }
    Ok(lines.join("\n"))
}

fn or_dash(number: Option<i64>) -> String {
    number.map_or("-".to_string(), |number| number.to_string())
}

/// Who has most comes first; then the partitions that nobody has.
fn offsets(cluster: &Cluster, shard: &Shard, group: &Described, verbose: bool) -> Option<String> {
    let mut members: Vec<_> = group.members.iter().filter(|m| !m.assigned.is_empty()).collect();
    members.sort_by_key(|member| std::cmp::Reverse(member.assigned.len()));
    let owned = members.into_iter().flat_map(|member| {
        let mut assigned = member.assigned.clone();
        assigned.sort();
        assigned.into_iter().map(move |id| (id, Some(member)))
    });
    let owned: Vec<(TopicPartition, Option<&DescribedMember>)> = owned.collect();
    let is_free = |id: &TopicPartition| !owned.iter().any(|(held, _)| held == id);
    let free = shard.offsets_of(&group.id).map(|(id, _)| id.clone()).filter(is_free);
    let free: Vec<_> = free.map(|id| (id, None)).collect();
    let rows = owned.iter().chain(&free).map(|(id, owner)| {
        let committed = shard.offsets.get(&(group.id.clone(), id.clone()));
        let committed = committed.map(|stored| stored.committed);
        let offset = committed.map(|committed| committed.offset);
        let epoch = committed.map(|c| c.leader_epoch.into()).filter(|epoch: &i64| *epoch >= 0);
        let end = cluster.log_end_of(id);
        let lag = offset.zip(end).map(|(offset, end)| (end - offset).max(0));
        let of_owner = |text: fn(&DescribedMember) -> String| owner.map_or("-".to_string(), text);
        [
            group.id.to_string(),
            id.topic.to_string(),
            id.partition.to_string(),
            or_dash(epoch),
            or_dash(offset),
            or_dash(end),
            or_dash(lag),
            of_owner(|member| member.member_id.to_string()),
            of_owner(|_| CLIENT_HOST.to_string()),
            of_owner(|member| member.client_id.to_string()),
        ]
    });
    let rows: Vec<_> = rows.collect();
    let head = [
        "GROUP",
        "TOPIC",
        "PARTITION",
        "LEADER-EPOCH",
        "CURRENT-OFFSET",
        "LOG-END-OFFSET",
        "LAG",
        "CONSUMER-ID",
        "HOST",
        "CLIENT-ID",
    ];
    let widths = [15, 15, 10, 15, 15, 15, 15, 15, 15, 0];
    let kept = |column: usize| verbose || column != 3;
    (!rows.is_empty()).then(|| chosen_columns(head, rows, widths, &[0, 1, 7, 8], kept))
}

/// `orders:0,1;refunds:0`
fn assignment_text(assigned: &[TopicPartition]) -> String {
    let mut by_topic: BTreeMap<&Arc<str>, Vec<i32>> = BTreeMap::new();
    for id in assigned {
        by_topic.entry(&id.topic).or_default().push(id.partition);
    }
    let topics = by_topic.into_iter().map(|(topic, mut partitions)| {
        partitions.sort();
        let partitions: Vec<_> = partitions.iter().map(|n| n.to_string()).collect();
        format!("{topic}:{}", partitions.join(","))
    });
    let text = topics.collect::<Vec<_>>().join(";");
    if text.is_empty() { "-".to_string() } else { text }
}

fn members(group: &Described, verbose: bool) -> Option<String> {
    if group.members.is_empty() {
        return None;
    }
    let has_static = group.members.iter().any(|member| member.group_instance_id.is_some());
    let row = |member: &DescribedMember| {
        let instance = member.group_instance_id.as_ref().map_or("", |instance| instance);
        [
            group.id.to_string(),
            member.member_id.to_string(),
            instance.to_string(),
            CLIENT_HOST.to_string(),
            member.client_id.to_string(),
            member.assigned.len().to_string(),
            or_dash(member.epoch.map(i64::from)),
            assignment_text(&member.assigned),
            or_dash(group.target_epoch.map(i64::from)),
            assignment_text(&member.target),
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
        "CURRENT-EPOCH",
        "CURRENT-ASSIGNMENT",
        "TARGET-EPOCH",
        "TARGET-ASSIGNMENT",
    ];
    let widths = [15, 15, 17, 15, 15, 15, 15, 20, 15, 20];
    let kept = |column: usize| (column != 2 || has_static) && (column < 6 || verbose);
    Some(chosen_columns(head, rows, widths, &[0, 1, 2, 3, 4, 7, 9], kept))
}

fn state(group: &Described, coordinator: NodeId, verbose: bool) -> String {
    let coordinator = format!("{coordinator}:9092  ({})", coordinator.0);
    let row = [
        group.id.to_string(),
        coordinator,
        if group.strategy.is_empty() { "-".to_string() } else { group.strategy.clone() },
        group.state.to_string(),
        or_dash(group.epoch.map(i64::from)),
        or_dash(group.target_epoch.map(i64::from)),
        group.members.len().to_string(),
    ];
    let head = [
        "GROUP",
        "COORDINATOR (ID)",
        "ASSIGNMENT-STRATEGY",
        "STATE",
        "GROUP-EPOCH",
        "TARGET-ASSIGNMENT-EPOCH",
        "#MEMBERS",
    ];
    let kept = |column: usize| verbose || !matches!(column, 4 | 5);
    chosen_columns(head, vec![row], [15, 25, 20, 20, 15, 25, 0], &[0, 1], kept)
}

/// Columns of at least these widths; some grow with what is in them.
fn columns<const N: usize>(
    head: [&str; N],
    rows: Vec<[String; N]>,
    widths: [usize; N],
    growing: &[usize],
) -> String {
    chosen_columns(head, rows, widths, growing, |_| true)
}

/// The same, of these columns only those that are `kept`.
fn chosen_columns<const N: usize>(
    head: [&str; N],
    rows: Vec<[String; N]>,
    widths: [usize; N],
    growing: &[usize],
    kept: impl Fn(usize) -> bool,
) -> String {
    let width = |column: usize| {
        let longest = rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
        if growing.contains(&column) { longest.max(widths[column]) } else { widths[column] }
    };
    let kept: Vec<(usize, usize)> =
        (0..N).filter(|column| kept(*column)).map(|column| (column, width(column))).collect();
    let line = |row: &[String; N]| {
        let cells = kept.iter().map(|&(column, width)| format!("{:width$}", row[column]));
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
