//! Transactions in a script: what an application calls, `kafka-transactions.sh` with its options and what it prints,
//! to the letter, and `show transactions`. Source: `TransactionsCommand.java` (Kafka 4).

use super::error::{ScriptError, ScriptProblem};
use super::lang::Lang;
use super::lexer::{Word, quote};
use super::line::{Line, Show, TransactionLook, duration_text};
use super::parse::Args;
use super::print::{partition_word, word};
use super::read::consumers;
use super::runner::Failure;
use super::show::table::Table;
use super::verbs::Slot;
use crate::cluster::Cluster;
use crate::cluster::transactions::OpenTransaction;
use crate::command::{Command, GroupProtocol, Membership, Process, Refusal, TransactionAct};
use crate::ids::{NodeId, TopicPartition};
use crate::replication::partition::Partition;
use crate::transaction::coordinator::Transaction;
use crate::transaction::transaction_metadata::{TransactionMetadata, TransactionState};
use std::sync::Arc;

type Read = Result<Line, ScriptError>;

/// `--max-transaction-timeout`, in minutes.
const MAX_TIMEOUT_MINUTES: u64 = 15;
const TOOL: &str = "kafka-transactions.sh";

// Reading and printing the lines.

pub(super) const ACTS: [&str; 3] = ["begin", "commit", "abort"];

pub(super) fn transaction(args: &Args<'_>) -> Read {
    let producer = args.name(&args.words[0])?;
    let name = &args.words[1];
    let act = TransactionAct::ALL.into_iter().find(|act| name.is(act.name()));
    let act = act.ok_or_else(|| args.invalid(name, Slot::Choice(&ACTS)))?;
    Ok(Line::Command(Command::Transaction { producer, act }))
}

pub(super) fn send_offsets(args: &Args<'_>) -> Read {
    let producer = args.name(args.words.first().ok_or_else(|| args.missing(Slot::Producer))?)?;
    let mut group = None;
    let mut offsets = Vec::new();
    for word in &args.words[1..] {
        let (name, value) =
            word.split_once(b'=').ok_or_else(|| args.invalid(word, Slot::PartitionOffset))?;
        if name.is("group") {
            group = Some(args.name(&value)?);
        } else {
            offsets.push((args.partition(&name)?, args.parsed(&value, Slot::Offset)?));
        }
    }
    let group = group.ok_or_else(|| args.missing(Slot::Group))?;
    if offsets.is_empty() {
        return Err(args.missing(Slot::PartitionOffset));
    }
    Ok(Line::Command(Command::SendOffsets { producer, group, offsets }))
}

pub(super) fn process(args: &Args<'_>) -> Read {
    let wanted = |option: &str, wants| {
        args.value(option).ok_or_else(|| {
            args.error_at_end(ScriptProblem::MissingValue { option: option.to_string(), wants })
        })
    };
    let number = |option: &str, usual: u32| match args.value(option) {
        None => Ok(usual),
        Some(word) => args.parsed(word, Slot::Number),
    };
    let usual = Membership::of("");
    let processing_ms = args.value("processing").map(|word| args.duration_ms(word)).transpose()?;
    Ok(Line::Command(Command::Process(Process {
        input: args.name(&args.words[0])?,
        output: args.name(&args.words[1])?,
        app: args.name(wanted("app", Slot::Utf8)?)?,
        transactional_id: args.name(wanted("transactional.id", Slot::Utf8)?)?,
        group: args.name(wanted("group", Slot::Group)?)?,
        group_protocol: consumers::group_protocol(args)?,
        transaction_timeout_ms: number("transaction.timeout.ms", Process::TRANSACTION_TIMEOUT_MS)?,
        session_timeout_ms: number("session.timeout.ms", usual.session_timeout_ms as u32)?,
        max_poll_records: number("max.poll.records", usual.max_poll_records)?,
        max_poll_interval_ms: number("max.poll.interval.ms", usual.max_poll_interval_ms as u32)?,
        processing_ms: processing_ms.unwrap_or(0),
    })))
}

pub(super) fn print_command(command: &Command) -> String {
    match command {
        Command::Transaction { producer, act } => {
            format!("transaction {} {}", word(producer), act.name())
        }
        Command::SendOffsets { producer, group, offsets } => {
            let mut line =
                format!("send-offsets {} group={}", word(producer), quote(group.as_bytes(), ""));
            for (partition, offset) in offsets {
                line += &format!(" {}={offset}", partition_word(partition));
            }
            line
        }
        Command::Process(process) => print_process(process),
        Command::AbortTransaction { partition, start_offset } => format!(
            "{TOOL} abort --topic {} --partition={} --start-offset={start_offset}",
            word(&partition.topic),
            partition.partition
        ),
        _ => String::new(),
    }
}

fn print_process(process: &Process) -> String {
    let name = |text: &str| quote(text.as_bytes(), "");
    let usual = Membership::of("");
    let protocol = match process.group_protocol {
        GroupProtocol::Classic => String::new(),
        GroupProtocol::Consumer(None) => " group.protocol=consumer".to_string(),
        GroupProtocol::Consumer(Some(assignor)) => {
            format!(" group.protocol=consumer group.remote.assignor={}", assignor.name())
        }
    };
    let mut line = format!(
        "process {} {} app={} group={}{protocol} transactional.id={}",
        word(&process.input),
        word(&process.output),
        name(&process.app),
        name(&process.group),
        name(&process.transactional_id)
    );
    for (option, value, usual) in [
        ("transaction.timeout.ms", process.transaction_timeout_ms, Process::TRANSACTION_TIMEOUT_MS),
        ("session.timeout.ms", process.session_timeout_ms, usual.session_timeout_ms as u32),
        ("max.poll.records", process.max_poll_records, usual.max_poll_records),
        ("max.poll.interval.ms", process.max_poll_interval_ms, usual.max_poll_interval_ms as u32),
    ] {
        if value != usual {
            line += &format!(" {option}={value}");
        }
    }
    if process.processing_ms > 0 {
        line += &format!(" processing={}", duration_text(process.processing_ms));
    }
    line
}

fn missing(args: &Args<'_>, option: &str, wants: Slot) -> ScriptError {
    args.error_at_end(ScriptProblem::MissingValue { option: option.to_string(), wants })
}

fn partition(args: &Args<'_>) -> Result<TopicPartition, ScriptError> {
    let topic = args.value("--topic").ok_or_else(|| missing(args, "--topic", Slot::Topic))?;
    let number =
        args.value("--partition").ok_or_else(|| missing(args, "--partition", Slot::Number))?;
    Ok(TopicPartition { topic: args.name(topic)?, partition: args.parsed(number, Slot::Number)? })
}

fn broker(args: &Args<'_>) -> Result<Option<NodeId>, ScriptError> {
    let id = |word: &Word| args.parsed(word, Slot::Broker).map(NodeId);
    args.value("--broker-id").map(id).transpose()
}

fn look(look: TransactionLook) -> Read {
    Ok(Line::Show(Show::Transactions(look)))
}

pub(super) fn show_transactions(_: &Args<'_>) -> Read {
    look(TransactionLook::All)
}

pub(super) fn list(_: &Args<'_>) -> Read {
    look(TransactionLook::List)
}

pub(super) fn describe(args: &Args<'_>) -> Read {
    let option = "--transactional-id";
    let id = args.value(option).ok_or_else(|| missing(args, option, Slot::Utf8))?;
    look(TransactionLook::Describe { transactional_id: args.name(id)? })
}

pub(super) fn describe_producers(args: &Args<'_>) -> Read {
    look(TransactionLook::DescribeProducers { partition: partition(args)?, broker: broker(args)? })
}

pub(super) fn find_hanging(args: &Args<'_>) -> Read {
    let topic = args.value("--topic").map(|word| args.name(word)).transpose()?;
    let broker = broker(args)?;
    let number = args.value("--partition");
    // The tool wants the search bounded.
    if topic.is_none() && (broker.is_none() || number.is_some()) {
        return Err(missing(args, "--topic", Slot::Topic));
    }
    let partition = number.map(|word| args.parsed(word, Slot::Number)).transpose()?;
    let max_timeout_minutes = match args.value("--max-transaction-timeout") {
        None => MAX_TIMEOUT_MINUTES,
        Some(word) => args.parsed::<u32>(word, Slot::Number)?.into(),
    };
    look(TransactionLook::FindHanging { broker, topic, partition, max_timeout_minutes })
}

pub(super) fn abort(args: &Args<'_>) -> Read {
    let option = "--start-offset";
    let offset = args.value(option).ok_or_else(|| missing(args, option, Slot::Offset))?;
    let start_offset = args.parsed(offset, Slot::Offset)?;
    let partition = partition(args)?;
    Ok(Line::Command(Command::AbortTransaction { partition, start_offset }))
}

pub(super) fn print_look(look: &TransactionLook) -> String {
    let at = |broker: &Option<NodeId>| {
        broker.map_or(String::new(), |NodeId(id)| format!(" --broker-id={id}"))
    };
    match look {
        TransactionLook::All => "show transactions".to_string(),
        TransactionLook::List => format!("{TOOL} list"),
        TransactionLook::Describe { transactional_id } => {
            format!("{TOOL} describe --transactional-id {}", word(transactional_id))
        }
        TransactionLook::DescribeProducers { partition, broker } => format!(
            "{TOOL} describe-producers --topic {} --partition={}{}",
            word(&partition.topic),
            partition.partition,
            at(broker)
        ),
        TransactionLook::FindHanging { broker, topic, partition, max_timeout_minutes } => {
            let mut line = format!("{TOOL} find-hanging{}", at(broker));
            if let Some(topic) = topic {
                line += &format!(" --topic {}", word(topic));
            }
            if let Some(partition) = partition {
                line += &format!(" --partition={partition}");
            }
            if *max_timeout_minutes != MAX_TIMEOUT_MINUTES {
                line += &format!(" --max-transaction-timeout {max_timeout_minutes}");
            }
            line
        }
    }
}

// What is printed.

pub(super) fn show(
    cluster: &Cluster,
    look: &TransactionLook,
    lang: Lang,
) -> Result<String, Failure> {
    match look {
        TransactionLook::All => Ok(all(cluster, lang)),
        TransactionLook::List => {
            let row = |(node, transaction): &(NodeId, &Transaction)| {
                let TransactionMetadata { transactional_id, producer_id, state, .. } =
                    &transaction.metadata;
                vec![
                    transactional_id.to_string(),
                    node.0.to_string(),
                    producer_id.to_string(),
                    state.to_string(),
                ]
            };
            let rows = cluster.transactions().iter().map(row).collect();
            let head = ["TransactionalId", "Coordinator", "ProducerId", "TransactionState"];
            Ok(pretty_table(&head, rows))
        }
        TransactionLook::Describe { transactional_id } => described(cluster, transactional_id),
        TransactionLook::DescribeProducers { partition, broker } => {
            producers(cluster, partition, *broker)
        }
        TransactionLook::FindHanging { broker, topic, partition, max_timeout_minutes } => {
            Ok(hanging(cluster, *broker, topic.as_deref(), *partition, *max_timeout_minutes))
        }
    }
}

fn all(cluster: &Cluster, lang: Lang) -> String {
    let transactions = cluster.transactions();
    if transactions.is_empty() {
        return lang.pick("transactional.id가 없습니다.", "There are no transactional ids.").into();
    }
    let columns =
        ["TRANSACTIONAL-ID", "COORDINATOR", "PRODUCER", "EPOCH", "STATE", "PENDING", "PARTITIONS"];
    let mut table = Table::new(&columns);
    for (node, transaction) in transactions {
        let metadata = &transaction.metadata;
        let partitions: Vec<_> = metadata.partitions.iter().map(|id| id.to_string()).collect();
        table.add([
            metadata.transactional_id.to_string(),
            node.to_string(),
            metadata.producer_id.to_string(),
            metadata.producer_epoch.to_string(),
            metadata.state.to_string(),
            transaction.pending.map_or("-".to_string(), |state| state.to_string()),
            if partitions.is_empty() { "-".to_string() } else { partitions.join(",") },
        ]);
    }
    table.text()
}

fn described(cluster: &Cluster, transactional_id: &Arc<str>) -> Result<String, Failure> {
    let unknown = || {
        Failure::Refused(Refusal::NoSuchTransactionalId {
            transactional_id: transactional_id.to_string(),
        })
    };
    let (node, shard) = cluster.transaction_coordinator_of(transactional_id).ok_or_else(unknown)?;
    let metadata = &shard.transactions.get(transactional_id).ok_or_else(unknown)?.metadata;
    let is_open = matches!(
        metadata.state,
        TransactionState::Ongoing
            | TransactionState::PrepareCommit
            | TransactionState::PrepareAbort
    );
    let (start, duration) = match is_open {
        true => {
            let now_ms = cluster.now().timestamp_ms();
            (metadata.start_ms.to_string(), (now_ms - metadata.start_ms).to_string())
        }
        false => ("None".to_string(), "None".to_string()),
    };
    let partitions: Vec<_> = metadata.partitions.iter().map(|id| id.to_string()).collect();
    let row = vec![
        node.0.to_string(),
        transactional_id.to_string(),
        metadata.producer_id.to_string(),
        metadata.producer_epoch.to_string(),
        metadata.state.to_string(),
        metadata.timeout_ms.to_string(),
        start,
        duration,
        partitions.join(","),
    ];
    let head = [
        "CoordinatorId",
        "TransactionalId",
        "ProducerId",
        "ProducerEpoch",
        "TransactionState",
        "TransactionTimeoutMs",
        "CurrentTransactionStartTimeMs",
        "TransactionDurationMs",
        "TopicPartitions",
    ];
    Ok(pretty_table(&head, vec![row]))
}

/// The replica at a broker, or at the leader.
fn replica<'a>(
    cluster: &'a Cluster,
    id: &TopicPartition,
    broker: Option<NodeId>,
) -> Option<&'a Partition> {
    match broker {
        None => cluster.leading_replica(id).map(|(_, partition)| partition),
        Some(node) => {
            let node = cluster.node(node).filter(|node| node.is_running())?;
            node.broker()?.replicas.partitions.get(id).map(|partition| &**partition)
        }
    }
}

fn producers(
    cluster: &Cluster,
    id: &TopicPartition,
    broker: Option<NodeId>,
) -> Result<String, Failure> {
    let unavailable = Refusal::LeaderUnavailable { partition: id.clone() };
    let partition = replica(cluster, id, broker).ok_or(Failure::Refused(unavailable))?;
    let rows = partition.log.producer_state().producers().map(|entry| {
        let open = entry.current_txn_first_offset;
        vec![
            entry.producer_id.to_string(),
            entry.producer_epoch.to_string(),
            entry.coordinator_epoch.to_string(),
            entry.last_sequence().to_string(),
            entry.last_timestamp.to_string(),
            open.map_or("None".to_string(), |offset| offset.to_string()),
        ]
    });
    let head = [
        "ProducerId",
        "ProducerEpoch",
        "LatestCoordinatorEpoch",
        "LastSequence",
        "LastTimestamp",
        "CurrentTransactionStartOffset",
    ];
    Ok(pretty_table(&head, rows.collect()))
}

fn hanging(
    cluster: &Cluster,
    broker: Option<NodeId>,
    topic: Option<&str>,
    number: Option<i32>,
    max_timeout_minutes: u64,
) -> String {
    let now_ms = cluster.now().timestamp_ms();
    let image = cluster.newest_metadata();
    let transactions = cluster.transactions();
    // As long as its coordinator knows of it, the marker will come.
    let is_expected = |id: &TopicPartition, open: &OpenTransaction| {
        transactions.iter().any(|(_, transaction)| {
            transaction.metadata.producer_id == open.producer.producer_id
                && transaction.metadata.partitions.contains(id)
        })
    };
    let minutes = |open: &OpenTransaction| (now_ms - open.last_timestamp) / 60_000;
    let mut rows = Vec::new();
    for (id, _) in image.into_iter().flat_map(|image| image.partitions()) {
        if topic.is_some_and(|topic| topic != &*id.topic)
            || number.is_some_and(|number| number != id.partition)
        {
            continue;
        }
        let open = replica(cluster, &id, broker).map(Partition::open_transactions);
        for open in open.unwrap_or_default() {
            let is_old = now_ms - open.last_timestamp > max_timeout_minutes as i64 * 60_000;
            if !is_old || is_expected(&id, &open) {
                continue;
            }
            rows.push(vec![
                id.topic.to_string(),
                id.partition.to_string(),
                open.producer.producer_id.to_string(),
                open.producer.epoch.to_string(),
                open.coordinator_epoch.to_string(),
                open.first_offset.to_string(),
                open.last_timestamp.to_string(),
                minutes(&open).to_string(),
            ]);
        }
    }
    let head = [
        "Topic",
        "Partition",
        "ProducerId",
        "ProducerEpoch",
        "CoordinatorEpoch",
        "StartOffset",
        "LastTimestamp",
        "Duration(min)",
    ];
    pretty_table(&head, rows)
}

/// `prettyPrintTable`: columns as wide as their widest cell, with a tab behind each.
fn pretty_table(head: &[&str], rows: Vec<Vec<String>>) -> String {
    let head: Vec<String> = head.iter().map(|cell| cell.to_string()).collect();
    let all: Vec<_> = std::iter::once(head).chain(rows).collect();
    let width =
        |column: usize| all.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<_> = (0..all[0].len()).map(width).collect();
    let line = |row: &Vec<String>| {
        let cells = row.iter().zip(&widths).map(|(cell, &width)| format!("{cell:width$}\t"));
        cells.collect::<String>()
    };
    all.iter().map(line).collect::<Vec<_>>().join("\n")
}
