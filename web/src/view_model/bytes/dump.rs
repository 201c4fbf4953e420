//! The dump of a file, line by line, as Kafka's own tool prints it.

use super::FileKind;
use super::FileShot;
use super::outline::outline;
use kafkascope_engine::log::dump::{Depth, dump_file};
use kafkascope_engine::script::lexer::escaped;

/// No more bytes than these are dumped on the page, so that a large segment does not hold it up.
const BYTES_MAX: usize = 1 << 20;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dump {
    pub lines: Vec<String>,
    /// Only the bytes before this one were dumped.
    pub cut_at: Option<usize>,
}

pub fn dump(file: &FileShot) -> Dump {
    let cut_at = (file.bytes.len() > BYTES_MAX).then(|| match file.kind {
        // Between two batches, or the tool would find a torn end.
        FileKind::Log => {
            let outline = outline(file);
            let whole = outline.blocks.iter().take_while(|b| b.start + b.len <= BYTES_MAX);
            whole.last().map_or(BYTES_MAX, |block| block.start + block.len)
        }
        // A common multiple of the sizes of entries.
        _ => BYTES_MAX / 408 * 408,
    });
    let bytes = file.bytes.slice(..cut_at.unwrap_or(file.bytes.len()));
    let text = dump_file(&file.path, &bytes, Depth::Contents, escaped)
        .unwrap_or_else(|| String::from_utf8_lossy(&bytes).into_owned());
    Dump { lines: text.lines().map(str::to_string).collect(), cut_at }
}
