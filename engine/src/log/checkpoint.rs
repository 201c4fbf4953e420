//! The small text files beside the logs: offset checkpoints, leader epochs, `partition.metadata`,
//! `meta.properties`. What they mean for a log is known to their users. Sources:
//! `storage/.../checkpoint/CheckpointFile.java`, `MetaProperties.java`, `PartitionMetadataFile.java`.
//!
//! A checkpoint is a version line, a line with the number of entries, and one entry a line with
//! single spaces between its fields. All of them are written whole, by `Disk::replace`.

use crate::ids::{TopicPartition, Uuid};
use crate::sim::disk::Disk;
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::str::FromStr;

pub const REPLICATION_OFFSET_CHECKPOINT: &str = "replication-offset-checkpoint";
pub const RECOVERY_POINT_OFFSET_CHECKPOINT: &str = "recovery-point-offset-checkpoint";
pub const LOG_START_OFFSET_CHECKPOINT: &str = "log-start-offset-checkpoint";
pub const CLEANER_OFFSET_CHECKPOINT: &str = "cleaner-offset-checkpoint";
pub const META_PROPERTIES: &str = "meta.properties";

const VERSION: &str = "0";

/// A text file that does not read. The file is left as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckpointError {
    /// Counted from 1.
    pub line: usize,
    pub reason: CheckpointReason,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CheckpointReason {
    NotText,
    UnrecognizedVersion(String),
    MalformedLine(String),
    /// The second line promises another number of entries.
    EntryCount {
        expected: usize,
        found: usize,
    },
    MissingKey(&'static str),
}

impl fmt::Display for CheckpointError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.reason {
            CheckpointReason::NotText => write!(f, "not UTF-8 text")?,
            CheckpointReason::UnrecognizedVersion(version) => {
                write!(f, "unrecognized version '{version}'")?;
            }
            CheckpointReason::MalformedLine(line) => write!(f, "malformed line '{line}'")?,
            CheckpointReason::EntryCount { expected, found } => {
                write!(f, "expected {expected} entries but found {found}")?;
            }
            CheckpointReason::MissingKey(key) => write!(f, "missing '{key}'")?,
        }
        write!(f, " at line {}", self.line)
    }
}

impl std::error::Error for CheckpointError {}

fn fail<T>(line: usize, reason: CheckpointReason) -> Result<T, CheckpointError> {
    Err(CheckpointError { line, reason })
}

/// The text of a file, or where it stops being text.
pub(crate) fn as_text(bytes: &[u8]) -> Result<&str, CheckpointError> {
    std::str::from_utf8(bytes).or_else(|error| {
        let lines = bytes[..error.valid_up_to()].iter().filter(|byte| **byte == b'\n').count();
        fail(lines + 1, CheckpointReason::NotText)
    })
}

/// The entries of a checkpoint file. An empty file, as one just created, has none.
fn parse_entries<T>(
    text: &str,
    entry: impl Fn(&str) -> Option<T>,
) -> Result<Vec<T>, CheckpointError> {
    let mut lines = text.lines().zip(1..);
    let Some((version, _)) = lines.next() else {
        return Ok(Vec::new());
    };
    if version != VERSION {
        return fail(1, CheckpointReason::UnrecognizedVersion(version.to_string()));
    }
    let count = lines.next().map_or("", |(line, _)| line);
    let Ok(expected) = count.parse::<usize>() else {
        return fail(2, CheckpointReason::MalformedLine(count.to_string()));
    };
    let mut entries = Vec::new();
    for (line, number) in lines {
        match entry(line) {
            Some(entry) => entries.push(entry),
            None => return fail(number, CheckpointReason::MalformedLine(line.to_string())),
        }
    }
    let found = entries.len();
    if found != expected {
        return fail(found + 3, CheckpointReason::EntryCount { expected, found });
    }
    Ok(entries)
}

fn entries_text<T>(
    entries: impl ExactSizeIterator<Item = T>,
    write: impl Fn(&mut String, T),
) -> String {
    let mut text = format!("{VERSION}\n{}\n", entries.len());
    for item in entries {
        write(&mut text, item);
        text.push('\n');
    }
    text
}

/// Appends a number that is not negative. A broker of a thousand partitions writes a thousand of them
/// every few seconds, and `format!` takes several times as long.
fn push_number(text: &mut String, number: i64) {
    if number >= 10 {
        push_number(text, number / 10);
    }
    text.push(char::from(b'0' + (number % 10) as u8));
}

/// `topic partition offset`: high watermarks, recovery points or log start offsets of a log dir.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OffsetCheckpoint {
    pub entries: BTreeMap<TopicPartition, i64>,
}

impl OffsetCheckpoint {
    pub fn parse(text: &str) -> Result<Self, CheckpointError> {
        let entries = parse_entries(text, |line| {
            let [topic, partition, offset] = fields(line)?;
            let partition: i32 = number(partition)?;
            Some((TopicPartition::new(topic, partition), number(offset)?))
        })?;
        Ok(OffsetCheckpoint { entries: entries.into_iter().collect() })
    }

    pub fn to_text(&self) -> String {
        Self::text_of(self.entries.iter().map(|(partition, offset)| (partition, *offset)))
    }

    /// The file's text for entries in the order of their partitions.
    pub fn text_of<'a>(
        entries: impl ExactSizeIterator<Item = (&'a TopicPartition, i64)>,
    ) -> String {
        entries_text(entries, |text, (partition, offset)| {
            text.push_str(&partition.topic);
            text.push(' ');
            push_number(text, i64::from(partition.partition));
            text.push(' ');
            push_number(text, offset);
        })
    }
}

/// The text of an offset checkpoint, to change a line of it.
pub(crate) struct OffsetLines(pub String);

impl OffsetLines {
    /// Makes the line of `id` say `offset`; nothing where it has none and is to have none. Answers
    /// false, and changes nothing, where a line would have to come or go.
    pub fn set(&mut self, id: &TopicPartition, offset: Option<i64>) -> bool {
        match (self.offset_of(id), offset) {
            (Some(at), Some(offset)) => {
                let mut number = String::new();
                push_number(&mut number, offset);
                self.0.replace_range(at, &number);
                true
            }
            (found, wanted) => found.is_none() && wanted.is_none(),
        }
    }

    /// Where the offset of `id` stands: lines are in the order of their partitions.
    fn offset_of(&self, id: &TopicPartition) -> Option<Range<usize>> {
        let is_end = |byte: &u8| *byte == b'\n';
        let text = self.0.as_bytes();
        let mut from = 0;
        for _ in 0..2 {
            from += text[from..].iter().position(is_end)? + 1;
        }
        let mut to = text.len();
        while from < to {
            let middle = from + (to - from) / 2;
            let start =
                text[from..middle].iter().rposition(is_end).map_or(from, |at| from + at + 1);
            let end = start + text[start..].iter().position(is_end)?;
            let [topic, partition, offset] = fields(&self.0[start..end])?;
            match (topic, number(partition)?).cmp(&(&id.topic, id.partition)) {
                Ordering::Less => from = end + 1,
                Ordering::Equal => return Some(end - offset.len()..end),
                Ordering::Greater => to = start,
            }
        }
        None
    }
}

/// `epoch startOffset`: the content of `leader-epoch-checkpoint`.
pub fn parse_leader_epochs(text: &str) -> Result<Vec<(i32, i64)>, CheckpointError> {
    parse_entries(text, |line| {
        let [epoch, start_offset] = fields(line)?;
        Some((number(epoch)?, number(start_offset)?))
    })
}

pub(crate) fn leader_epochs_text(entries: &BTreeMap<i32, i64>) -> String {
    entries_text(entries.iter(), |text, (epoch, start_offset)| {
        push_number(text, i64::from(*epoch));
        text.push(' ');
        push_number(text, *start_offset);
    })
}

fn fields<const N: usize>(line: &str) -> Option<[&str; N]> {
    let mut parts = line.split(' ');
    let mut fields = [""; N];
    for field in &mut fields {
        *field = parts.next().filter(|part| !part.is_empty())?;
    }
    parts.next().is_none().then_some(fields)
}

/// A number that is not negative and is written as it is printed.
fn number<T: FromStr + ToString>(text: &str) -> Option<T> {
    let number: T = text.parse().ok()?;
    (text.bytes().all(|byte| byte.is_ascii_digit()) && number.to_string() == text).then_some(number)
}

/// `partition.metadata`: which topic of that name the directory belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PartitionMetadata {
    pub topic_id: Uuid,
}

impl PartitionMetadata {
    pub const FILE_NAME: &'static str = "partition.metadata";

    pub fn parse(text: &str) -> Result<Self, CheckpointError> {
        let properties = Properties::parse(text, ": ")?;
        let (line, version) = properties.get("version")?;
        if version != "0" {
            return fail(line, CheckpointReason::UnrecognizedVersion(version.to_string()));
        }
        Ok(PartitionMetadata { topic_id: properties.read("topic_id")? })
    }

    pub fn to_text(&self) -> String {
        format!("version: 0\ntopic_id: {}\n", self.topic_id)
    }
}

/// `meta.properties`: whose disk it is. Version 1, as KRaft writes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MetaProperties {
    pub cluster_id: String,
    pub node_id: i32,
    pub directory_id: Uuid,
}

impl MetaProperties {
    /// What a disk says, if it was formatted.
    pub fn on(disk: &Disk) -> Option<Self> {
        Self::parse(std::str::from_utf8(&disk.read_all(META_PROPERTIES)?).ok()?).ok()
    }

    pub fn parse(text: &str) -> Result<Self, CheckpointError> {
        let properties = Properties::parse(text, "=")?;
        let (line, version) = properties.get("version")?;
        if version != "1" {
            return fail(line, CheckpointReason::UnrecognizedVersion(version.to_string()));
        }
        Ok(MetaProperties {
            cluster_id: properties.read("cluster.id")?,
            node_id: properties.read("node.id")?,
            directory_id: properties.read("directory.id")?,
        })
    }

    pub fn to_text(&self) -> String {
        let MetaProperties { cluster_id, node_id, directory_id } = self;
        format!(
            "cluster.id={cluster_id}\ndirectory.id={directory_id}\nnode.id={node_id}\nversion=1\n"
        )
    }
}

/// Lines of key and value; lines that begin with `#` are comments.
struct Properties<'a> {
    values: BTreeMap<&'a str, (usize, &'a str)>,
    lines: usize,
}

impl<'a> Properties<'a> {
    fn parse(text: &'a str, separator: &str) -> Result<Self, CheckpointError> {
        let mut values = BTreeMap::new();
        let mut lines = 0;
        for (line, number) in text.lines().zip(1..) {
            lines = number;
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            match line.split_once(separator) {
                Some((key, value)) => values.insert(key, (number, value)),
                None => return fail(number, CheckpointReason::MalformedLine(line.to_string())),
            };
        }
        Ok(Properties { values, lines })
    }

    fn get(&self, key: &'static str) -> Result<(usize, &'a str), CheckpointError> {
        match self.values.get(key) {
            Some(found) => Ok(*found),
            None => fail(self.lines + 1, CheckpointReason::MissingKey(key)),
        }
    }

    fn read<T: FromStr>(&self, key: &'static str) -> Result<T, CheckpointError> {
        let (line, value) = self.get(key)?;
        value.parse().or_else(|_| fail(line, CheckpointReason::MalformedLine(value.to_string())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_read_back() {
        let text = "0\n3\na-topic 0 12\norders 0 5\norders 10 0\n";
        let checkpoint = OffsetCheckpoint::parse(text).unwrap();
        assert_eq!(checkpoint.entries[&TopicPartition::new("orders", 0)], 5);
        assert_eq!(checkpoint.to_text(), text);
        assert_eq!(OffsetCheckpoint::default().to_text(), "0\n0\n");
        assert_eq!(OffsetCheckpoint::parse("0\n0\n"), Ok(OffsetCheckpoint::default()));
        assert_eq!(OffsetCheckpoint::parse(""), Ok(OffsetCheckpoint::default()));
    }

    #[test]
    fn lines_change_where_they_stand() {
        let mut lines =
            OffsetLines("0\n4\na-topic 0 12\norders 0 5\norders 2 9\norders 10 0\n".into());
        let id = TopicPartition::new;
        assert!(lines.set(&id("a-topic", 0), Some(7)));
        assert!(lines.set(&id("orders", 2), Some(100)));
        assert!(lines.set(&id("orders", 10), Some(3)));
        assert_eq!(lines.0, "0\n4\na-topic 0 7\norders 0 5\norders 2 100\norders 10 3\n");
        assert!(lines.set(&id("orders", 1), None));
        assert!(!lines.set(&id("orders", 1), Some(1)));
        assert!(!lines.set(&id("orders", 0), None));
        assert!(!OffsetLines(String::new()).set(&id("orders", 0), Some(1)));
        assert!(!OffsetLines("0\n0\n".into()).set(&id("orders", 0), Some(1)));
    }

    #[test]
    fn leader_epochs_read_back() {
        let text = "0\n2\n3 10\n5 17\n";
        let entries = parse_leader_epochs(text).unwrap();
        assert_eq!(entries, [(3, 10), (5, 17)]);
        assert_eq!(leader_epochs_text(&entries.into_iter().collect()), text);
    }

    #[test]
    fn damage_has_a_line_number() {
        let table = [
            ("1\n0\n", 1, "unrecognized version '1' at line 1"),
            ("0\n", 2, "malformed line '' at line 2"),
            ("0\nx\n", 2, "malformed line 'x' at line 2"),
            ("0\n2\norders 0 5\n", 4, "expected 2 entries but found 1 at line 4"),
            ("0\n1\norders 0 5\norders 1 5\n", 5, "expected 1 entries but found 2 at line 5"),
            ("0\n1\norders 0\n", 3, "malformed line 'orders 0' at line 3"),
            ("0\n1\norders 0 5 6\n", 3, "malformed line 'orders 0 5 6' at line 3"),
            ("0\n1\norders  0 5\n", 3, "malformed line 'orders  0 5' at line 3"),
            ("0\n1\norders 0 -5\n", 3, "malformed line 'orders 0 -5' at line 3"),
            ("0\n1\norders 0 +5\n", 3, "malformed line 'orders 0 +5' at line 3"),
            ("0\n1\norders 0 05\n", 3, "malformed line 'orders 0 05' at line 3"),
        ];
        for (text, line, said) in table {
            let error = OffsetCheckpoint::parse(text).unwrap_err();
            assert_eq!((error.line, error.to_string().as_str()), (line, said));
        }
        assert_eq!(as_text(b"0\n1\n\xff").unwrap_err().line, 3);
    }

    #[test]
    fn partition_metadata_reads_back() {
        let metadata = PartitionMetadata { topic_id: Uuid::from_random(1, 2) };
        assert_eq!(PartitionMetadata::parse(&metadata.to_text()), Ok(metadata));
        let error = PartitionMetadata::parse("version: 0\ntopic_id: short\n").unwrap_err();
        assert_eq!(error.line, 2);
        let error = PartitionMetadata::parse("version: 0\n").unwrap_err();
        assert_eq!(error.reason, CheckpointReason::MissingKey("topic_id"));
        assert!(PartitionMetadata::parse("version: 1\n").is_err());
    }

    #[test]
    fn meta_properties_read_back() {
        let meta = MetaProperties {
            cluster_id: "kafkascope".to_string(),
            node_id: 3,
            directory_id: Uuid::from_random(3, 4),
        };
        let text = format!("#\n#Thu Jan 01 00:00:00 UTC 2026\n{}", meta.to_text());
        assert_eq!(MetaProperties::parse(&text), Ok(meta));
        assert_eq!(MetaProperties::parse("version=0\nbroker.id=1\n").unwrap_err().line, 1);
        assert_eq!(MetaProperties::parse("no equals sign\n").unwrap_err().line, 1);
    }
}
