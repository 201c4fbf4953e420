//! A scenario file: a script with what it printed, and prose between.
//!
//! Lines that begin with `#` are prose, lines that begin with `$ ` are commands, every other line is
//! recorded output of the command above it. Empty lines stay where they are. A file without any `$ `
//! is a plain script: each line is a command. Running a file gives the same file with the output made
//! anew, so running it again changes nothing.

use super::lang::Lang;
use super::line::{Line, NoClients};
use super::parse::parse;
use super::runner::{Failure, Recording, Runner};
use super::spec_text::default_spec;

/// What came of running a file.
pub struct Run {
    pub text: String,
    /// Lines that are no script, waits in vain and broken promises, by line number. What is refused
    /// or not found is part of a story.
    pub failures: Vec<(u32, Failure)>,
    pub runner: Runner<Recording>,
}

impl Run {
    /// Failures that the file itself does not tell: none if it says all that was printed.
    pub fn surprises(&self, file: &str) -> &[(u32, Failure)] {
        if self.text == file { &[] } else { &self.failures }
    }
}

/// Runs a scenario and gives it back with its output.
pub fn run_transcript(text: &str) -> String {
    run(text, Lang::En).text
}

pub fn run(text: &str, lang: Lang) -> Run {
    let is_plain = !text.lines().any(|line| command_of(line).is_some());
    let mut lines: Vec<String> = Vec::new();
    let mut failures = Vec::new();
    let mut runner: Option<Runner<Recording>> = None;
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.trim_end();
        let command = match command_of(line) {
            Some(command) => command,
            None if line.is_empty() || line.starts_with('#') => {
                lines.push(line.to_string());
                continue;
            }
            None if is_plain => line,
            None => continue,
        };
        lines.push(format!("$ {}", command.trim()));
        let answer = match &mut runner {
            Some(runner) => runner.run_line(number, command),
            None => begin(number, command, lang, &mut runner),
        };
        let printed = answer.unwrap_or_else(|failure| {
            let printed = failure.words(lang);
            if !matches!(failure, Failure::Refused(_) | Failure::NotFound(_)) {
                failures.push((number, failure));
            }
            printed
        });
        lines.extend(printed.lines().filter_map(as_output));
    }
    let runner = runner.unwrap_or_else(|| Runner::new(Recording::new(default_spec()), lang));
    Run { text: lines.join("\n") + "\n", failures, runner }
}

fn command_of(line: &str) -> Option<&str> {
    if line == "$" { Some("") } else { line.strip_prefix("$ ") }
}

/// The first command says what the cluster is, or is carried out on the usual one.
fn begin(
    number: u32,
    command: &str,
    lang: Lang,
    runner: &mut Option<Runner<Recording>>,
) -> Result<String, Failure> {
    let (spec, is_command) = match parse(number, command, &NoClients) {
        Ok(Line::Spec(spec)) => (*spec, false),
        // Whatever is wrong with it, it is told when it is carried out.
        _ => (default_spec(), true),
    };
    let runner = runner.insert(Runner::new(Recording::new(spec), lang));
    if is_command { runner.run_line(number, command) } else { Ok(String::new()) }
}

/// A line of output as the file keeps it: one that would read as prose or as a command is moved in
/// by a space, and an empty one, which would read as a gap, is left out.
fn as_output(line: &str) -> Option<String> {
    let line = line.trim_end_matches([' ', '\r']);
    match line.chars().next()? {
        '#' | '$' => Some(format!(" {line}")),
        _ => Some(line.to_string()),
    }
}
