//! `kafka-dump-log.sh`: what is in a segment's files ([`crate::log::dump`]).

use super::known_node;
use crate::cluster::Cluster;
use crate::controller::metadata_record::metadata_text;
use crate::ids::NodeId;
use crate::log::dump::{Depth, dump_file, offset_gaps};
use crate::script::lexer::escaped;
use crate::script::runner::{Failure, NotFound};

/// `kafka-dump-log.sh --files`
pub(super) fn show(
    cluster: &Cluster,
    node: NodeId,
    files: &[String],
    depth: Depth,
) -> Result<String, Failure> {
    let disk = &known_node(cluster, node)?.disk;
    let words = if depth == Depth::Metadata { metadata_text } else { escaped };
    let (mut dumped, mut gaps) = (Vec::new(), Vec::new());
    for path in files {
        let path = path.trim_matches('/');
        let missing = || Failure::NotFound(NotFound::File { node, path: path.to_string() });
        let bytes = disk.read_all(path).ok_or_else(missing)?;
        dumped.push(dump_file(path, &bytes, depth, words).ok_or_else(missing)?);
        if depth >= Depth::Records && path.ends_with(".log") {
            gaps.extend(offset_gaps(path, &bytes));
        }
    }
    dumped.extend(gaps);
    Ok(dumped.join("\n"))
}
