//! `ls`, `du` and `cat`: what is on a node's disk, as its page cache has it. Logs and indexes are
//! printed as `kafka-dump-log.sh --print-data-log` prints them, each record on its line.

use super::known_node;
use super::table::Table;
use crate::cluster::Cluster;
use crate::ids::NodeId;
use crate::log::dump::{Depth, dump_file};
use crate::script::lexer::escaped;
use crate::script::runner::{Failure, NotFound};
use std::collections::BTreeMap;

/// How many bytes a hex dump shows.
const HEX_MAX: usize = 1024;

/// The files and directories in `dir`, with how much of each is durable.
pub(super) fn ls(cluster: &Cluster, node: NodeId, dir: &str) -> Result<String, Failure> {
    let disk = &known_node(cluster, node)?.disk;
    let dir = dir.trim_matches('/');
    let prefix = if dir.is_empty() { String::new() } else { format!("{dir}/") };
    let mut entries: BTreeMap<String, (u64, u64)> = BTreeMap::new();
    for path in disk.paths() {
        let Some(rest) = path.strip_prefix(&prefix) else {
            continue;
        };
        let name = match rest.split_once('/') {
            Some((directory, _)) => format!("{directory}/"),
            None => rest.to_string(),
        };
        let entry = entries.entry(name).or_default();
        entry.0 += disk.len(path).unwrap_or(0);
        entry.1 += disk.durable_len(path).unwrap_or(0);
    }
    if entries.is_empty() && !dir.is_empty() {
        return Err(Failure::NotFound(NotFound::File { node, path: dir.to_string() }));
    }
    let mut table = Table::new(&["BYTES", "DURABLE", "NAME"]);
    for (name, (bytes, durable)) in entries {
        table.add([bytes.to_string(), durable.to_string(), name]);
    }
    Ok(table.text())
}

pub(super) fn cat(cluster: &Cluster, node: NodeId, path: &str) -> Result<String, Failure> {
    let disk = &known_node(cluster, node)?.disk;
    let path = path.trim_matches('/');
    let missing = Failure::NotFound(NotFound::File { node, path: path.to_string() });
    let bytes = disk.read_all(path).ok_or(missing)?;
    if let Some(dump) = dump_file(path, &bytes, Depth::Contents, escaped) {
        return Ok(dump);
    }
    Ok(match std::str::from_utf8(&bytes) {
        Ok(text) if text.chars().all(|c| c == '\n' || !c.is_control()) => {
            text.trim_end_matches('\n').to_string()
        }
        _ => hex(&bytes),
    })
}

/// `du -b`: the bytes in each directory, and at last in all of them.
pub(super) fn du(cluster: &Cluster, node: NodeId, dir: &str) -> Result<String, Failure> {
    let disk = &known_node(cluster, node)?.disk;
    let dir = dir.trim_matches('/');
    let prefix = if dir.is_empty() { String::new() } else { format!("{dir}/") };
    let mut directories: BTreeMap<&str, u64> = BTreeMap::new();
    let mut total = 0;
    let mut found = dir.is_empty();
    for path in disk.paths() {
        let Some(rest) = path.strip_prefix(&prefix) else {
            continue;
        };
        found = true;
        let bytes = disk.len(path).unwrap_or(0);
        total += bytes;
        if let Some((directory, _)) = rest.split_once('/') {
            *directories.entry(directory).or_default() += bytes;
        }
    }
    if !found {
        return Err(Failure::NotFound(NotFound::File { node, path: dir.to_string() }));
    }
    let mut lines: Vec<String> =
        directories.iter().map(|(name, bytes)| format!("{bytes}\t{prefix}{name}")).collect();
    lines.push(format!("{total}\t{}", if dir.is_empty() { "." } else { dir }));
    Ok(lines.join("\n"))
}

/// Sixteen bytes a line, as `xxd` shows them.
fn hex(bytes: &[u8]) -> String {
    let mut lines = Vec::new();
    for (index, row) in bytes[..bytes.len().min(HEX_MAX)].chunks(16).enumerate() {
        let pairs: Vec<String> = row
            .chunks(2)
            .map(|pair| pair.iter().map(|byte| format!("{byte:02x}")).collect())
            .collect();
        let printable = |byte: &u8| {
            if (0x20..0x7f).contains(byte) { *byte as char } else { '.' }
        };
        let text: String = row.iter().map(printable).collect();
        lines.push(format!("{:08x}: {:39}  {text}", index * 16, pairs.join(" ")));
    }
    if bytes.len() > HEX_MAX {
        lines.push(format!("... {} bytes in all", bytes.len()));
    }
    lines.join("\n")
}
