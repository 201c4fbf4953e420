//! `kafkascope dump-log`: what is in files of a log, in the words of Kafka's own tool, so that the
//! two can be compared.

use crate::failed;
use kafkascope_engine::controller::metadata_record::metadata_text;
use kafkascope_engine::log::dump::{Depth, dump_file, java_text, list_records};
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

pub struct DumpLog {
    pub files: Vec<PathBuf>,
    pub what: What,
}

pub enum What {
    /// What Kafka's tool prints.
    Dump(Depth),
    /// All bytes of each record, and no batches.
    Records,
}

pub fn dump_log(request: DumpLog) -> ExitCode {
    let mut out = io::BufWriter::new(io::stdout().lock());
    for file in &request.files {
        let dump = match request.what {
            What::Dump(depth) => dump(file, depth),
            What::Records => records(file),
        };
        match dump.map(|text| out.write_all(text.as_bytes())) {
            Ok(Ok(())) => {}
            Ok(Err(_)) => return ExitCode::FAILURE,
            Err(what) => {
                let _ = out.flush();
                return failed(&format!("{}: {what}", file.display()));
            }
        }
    }
    if out.flush().is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn read(file: &Path) -> Result<bytes::Bytes, String> {
    fs::read(file).map(Into::into).map_err(|error| error.to_string())
}

fn dump(file: &Path, depth: Depth) -> Result<String, String> {
    let path = file.to_str().ok_or("its name is not UTF-8")?;
    let words = if depth == Depth::Metadata { metadata_text } else { java_text };
    let dump = dump_file(path, &read(file)?, depth, words);
    Ok(dump.ok_or("its name is not that of a log's file")? + "\n")
}

fn records(file: &Path) -> Result<String, String> {
    list_records(&read(file)?).map_err(|corrupt| corrupt.to_string())
}
