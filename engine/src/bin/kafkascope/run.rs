//! `kafkascope run`: a scenario file with its output.

use crate::failed;
use kafkascope_engine::script::{Failure, Lang, transcript};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

pub struct Run {
    pub file: PathBuf,
    pub update: bool,
    pub lang: Lang,
}

pub fn run(request: Run) -> ExitCode {
    let Run { file, update, lang } = request;
    let text = match read_script(&file) {
        Ok(text) => text,
        Err(what) => return failed(&what),
    };
    let done = transcript::run(&text, lang);
    if !update {
        print!("{}", done.text);
    } else if done.text != text {
        if let Err(error) = std::fs::write(&file, &done.text) {
            return failed(&format!("{} cannot be written: {error}", file.display()));
        }
        println!("{}: output rewritten", file.display());
    } else {
        println!("{}: nothing has changed", file.display());
    }
    report(&file, done.surprises(&text), lang)
}

/// Says what went wrong where; what the file already tells is no failure.
pub fn report(file: &Path, surprises: &[(u32, Failure)], lang: Lang) -> ExitCode {
    for (line, failure) in surprises {
        let words = failure.words(lang);
        let last = words.lines().last().unwrap_or_default();
        eprintln!("{}:{line}: {last}", file.display());
    }
    if surprises.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The text of a file, or of standard input for `-`.
pub fn read_script(file: &Path) -> Result<String, String> {
    let read = if file.as_os_str() == "-" {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text).map(|_| text)
    } else {
        std::fs::read_to_string(file)
    };
    read.map_err(|error| format!("{} cannot be read: {error}", file.display()))
}
