//! What Kafka's `kafka-dump-log.sh --print-data-log` prints of a log's files, from their bytes alone:
//! segments, snapshots of the metadata log, both indexes, aborted transactions, producer snapshots. `scripts/real-kafka` compares
//! it with what Kafka prints. Source: `tools/.../DumpLogSegments.java`.

mod batches;
mod control;
mod indexes;
mod text;

pub use batches::{list_records, offset_gaps};
pub use text::java_text;

use crate::ids::SnapshotId;
use bytes::Bytes;

/// How keys and values become text: [`java_text`] as in Kafka, or one that keeps to a line.
pub type Show = fn(&[u8]) -> String;

/// How far a dump of a log goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Depth {
    Batches,
    /// `--deep-iteration`
    Records,
    /// `--print-data-log`
    Contents,
    /// `--cluster-metadata-decoder`: values are shown as the metadata records that they are.
    Metadata,
}

/// The dump of the file that `path` names, without a line feed at the end. `None` if its name is not
/// one of those that the tool knows.
pub fn dump_file(path: &str, bytes: &Bytes, depth: Depth, show: Show) -> Option<String> {
    let name = path.rsplit('/').next()?;
    let (stem, suffix) = name.rsplit_once('.')?;
    let mut lines = vec![format!("Dumping {path}")];
    if suffix == "checkpoint" {
        let SnapshotId { offset, epoch } = stem.parse().ok()?;
        lines.push(format!("Snapshot end offset: {offset}, epoch: {epoch}"));
        batches::dump_log(name, bytes, (depth, show), &mut lines);
        return Some(lines.join("\n"));
    }
    let base_offset: i64 = stem.parse().ok()?;
    match suffix {
        "log" => {
            lines.push(format!("Log starting offset: {base_offset}"));
            batches::dump_log(name, bytes, (depth, show), &mut lines);
        }
        "index" => indexes::dump_offset_index(path, base_offset, bytes, &mut lines),
        "timeindex" => indexes::dump_time_index(base_offset, bytes, &mut lines),
        "txnindex" => indexes::dump_transaction_index(bytes, &mut lines),
        "snapshot" => indexes::dump_producer_snapshot(bytes, &mut lines),
        _ => return None,
    }
    Some(lines.join("\n"))
}

#[cfg(test)]
mod tests;
