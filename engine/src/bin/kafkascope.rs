//! The command line: runs scenario files, exports the disks they leave, prints logs as Kafka does,
//! and searches seeds for a broken promise. Arguments are read here; each subcommand has its own file.
//!
//! Exit codes: 0 all well, 1 something failed, 2 wrong usage.

#[path = "kafkascope/dump_log.rs"]
mod dump_log;
#[path = "kafkascope/export.rs"]
mod export;
#[path = "kafkascope/mutants.rs"]
mod mutants;
#[path = "kafkascope/run.rs"]
mod run;
#[path = "kafkascope/seeds.rs"]
mod seeds;
#[path = "kafkascope/simulate.rs"]
mod simulate;

use kafkascope_engine::log::dump::Depth;
use kafkascope_engine::replication::history_rule::HistoryRule;
use kafkascope_engine::script::Lang;
use kafkascope_engine::spec::Mutant;
use std::path::PathBuf;
use std::process::ExitCode;

const USAGE: &str = "\
kafkascope: a Kafka-like cluster on the command line (unofficial)

  kafkascope run FILE [--update] [--lang en|ko]
      Runs a scenario and prints it with its output. With --update it rewrites the file.
      Exit 1 if a line is no script, a wait was in vain, or a promise of the engine broke, unless
      the file already says so.
  kafkascope export FILE --out DIR
      Runs a scenario and writes each node's disk, as its page cache has it, to DIR/broker-1/...
      DIR must be empty or not exist.
  kafkascope dump-log FILE... [--deep-iteration | --print-data-log | --records]
      Prints files of logs (.log .index .timeindex .txnindex .snapshot) as Kafka's
      kafka-dump-log.sh does with the same options; with --records, the records of .log files with
      all their bytes, one a line. Exit 1 if a file cannot be read.
  kafkascope simulate --seeds A..B [--mutant NAME]... [--history-rule NAME] [--steps N]
      Runs random faults from each seed, A to B, and checks every promise after every step.
      Exit 1 if one broke; with --mutant or an old --history-rule, exit 1 if none did.
  kafkascope mutants [--seeds A..B]
      Lists what --mutant can break, one name a line. With --seeds it hunts each of them and prints
      after how many seeds it was caught, and by which promise; exit 1 if one was not.
  kafkascope help

FILE may be - for standard input (not with --update). `help` in a scenario lists its commands.
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let Some((subcommand, rest)) = arguments.split_first() else {
        return wrong_usage("a subcommand is missing");
    };
    let done = match subcommand.as_str() {
        "run" => read_run(rest).map(run::run),
        "export" => read_export(rest).map(export::export),
        "dump-log" => read_dump_log(rest).map(dump_log::dump_log),
        "simulate" => read_simulate(rest).map(simulate::simulate),
        "mutants" => read_mutants(rest).map(mutants::mutants),
        "help" | "--help" | "-h" => {
            print!("{USAGE}");
            Ok(ExitCode::SUCCESS)
        }
        other => Err(format!("there is no subcommand {other}")),
    };
    done.unwrap_or_else(|what| wrong_usage(&what))
}

fn wrong_usage(what: &str) -> ExitCode {
    eprintln!("kafkascope: {what}. See kafkascope help.");
    ExitCode::from(2)
}

/// A failure that is not the caller's: exit 1, with words.
fn failed(what: &str) -> ExitCode {
    eprintln!("kafkascope: {what}");
    ExitCode::FAILURE
}

/// Goes through arguments one by one.
struct Arguments<'a>(std::slice::Iter<'a, String>);

impl<'a> Arguments<'a> {
    fn next(&mut self) -> Option<&'a str> {
        self.0.next().map(String::as_str)
    }

    fn value(&mut self, option: &str) -> Result<&'a str, String> {
        self.next().ok_or_else(|| format!("{option} needs a value"))
    }
}

/// Takes the one file that a subcommand works on.
fn take_file(file: &mut Option<PathBuf>, argument: &str) -> Result<(), String> {
    if argument.starts_with("--") {
        return Err(format!("there is no option {argument}"));
    }
    match file.replace(argument.into()) {
        None => Ok(()),
        Some(_) => Err(format!("one file at a time, so {argument} is too many")),
    }
}

fn read_run(arguments: &[String]) -> Result<run::Run, String> {
    let (mut file, mut update, mut lang) = (None, false, Lang::En);
    let mut arguments = Arguments(arguments.iter());
    while let Some(argument) = arguments.next() {
        match argument {
            "--update" => update = true,
            "--lang" => {
                lang = match arguments.value("--lang")? {
                    "en" => Lang::En,
                    "ko" => Lang::Ko,
                    other => return Err(format!("--lang is en or ko, not {other}")),
                }
            }
            other => take_file(&mut file, other)?,
        }
    }
    let file = file.ok_or("run needs a file")?;
    if update && file.as_os_str() == "-" {
        return Err("standard input cannot be updated".to_string());
    }
    Ok(run::Run { file, update, lang })
}

fn read_export(arguments: &[String]) -> Result<export::Export, String> {
    let (mut file, mut out) = (None, None);
    let mut arguments = Arguments(arguments.iter());
    while let Some(argument) = arguments.next() {
        match argument {
            "--out" => out = Some(PathBuf::from(arguments.value("--out")?)),
            other => take_file(&mut file, other)?,
        }
    }
    let file = file.ok_or("export needs a file")?;
    Ok(export::Export { file, out: out.ok_or("export needs --out DIR")? })
}

fn read_dump_log(arguments: &[String]) -> Result<dump_log::DumpLog, String> {
    let (mut files, mut what) = (Vec::new(), dump_log::What::Dump(Depth::Batches));
    for argument in arguments {
        match argument.as_str() {
            "--deep-iteration" => what = dump_log::What::Dump(Depth::Records),
            "--print-data-log" => what = dump_log::What::Dump(Depth::Contents),
            "--cluster-metadata-decoder" => what = dump_log::What::Dump(Depth::Metadata),
            "--records" => what = dump_log::What::Records,
            other if other.starts_with("--") => return Err(format!("there is no option {other}")),
            file => files.push(PathBuf::from(file)),
        }
    }
    if files.is_empty() {
        return Err("dump-log needs files".to_string());
    }
    Ok(dump_log::DumpLog { files, what })
}

fn read_simulate(arguments: &[String]) -> Result<simulate::Simulate, String> {
    let (mut seeds, mut mutants, mut steps) = (None, Vec::new(), STEPS);
    let mut history = HistoryRule::default();
    let mut arguments = Arguments(arguments.iter());
    while let Some(argument) = arguments.next() {
        match argument {
            "--seeds" => seeds = Some(read_seeds(arguments.value("--seeds")?)?),
            "--mutant" => {
                let name = arguments.value("--mutant")?;
                let known = || Mutant::names().collect::<Vec<_>>().join(", ");
                let unknown = || format!("there is no mutant {name}; there are {}", known());
                mutants.push(Mutant::from_name(name).ok_or_else(unknown)?);
            }
            "--history-rule" => {
                let name = arguments.value("--history-rule")?;
                let known = HistoryRule::ALL.map(HistoryRule::name).join(", ");
                let unknown = || format!("there is no rule {name}; there are {known}");
                history = HistoryRule::from_name(name).ok_or_else(unknown)?;
            }
            "--steps" => {
                let text = arguments.value("--steps")?;
                let wrong = || format!("--steps is a number from 1 on, not {text}");
                steps = text.parse().ok().filter(|steps| *steps > 0).ok_or_else(wrong)?;
            }
            other => return Err(format!("simulate knows no {other}")),
        }
    }
    let seeds = seeds.ok_or("simulate needs --seeds A..B")?;
    Ok(simulate::Simulate { seeds, mutants, history, steps })
}

fn read_mutants(arguments: &[String]) -> Result<Option<std::ops::RangeInclusive<u64>>, String> {
    match arguments {
        [] => Ok(None),
        [option, seeds] if option == "--seeds" => read_seeds(seeds).map(Some),
        _ => Err("mutants takes --seeds A..B, or nothing".to_string()),
    }
}

/// How long one seed runs if `--steps` does not say.
const STEPS: u32 = 2_000;

/// `A..B`, both included, or one seed.
fn read_seeds(text: &str) -> Result<std::ops::RangeInclusive<u64>, String> {
    let (first, last) = text.split_once("..").unwrap_or((text, text));
    match (first.parse(), last.parse()) {
        (Ok(first), Ok(last)) if first <= last => Ok(first..=last),
        _ => Err(format!("--seeds is A..B with A not above B, not {text}")),
    }
}
