//! Names of the files of a log: `orders-0/00000000000000000042.log`. Source: `LogFileUtils.java`.

use crate::ids::{TopicPartition, Uuid};

pub const LOG_FILE_SUFFIX: &str = ".log";
pub const INDEX_FILE_SUFFIX: &str = ".index";
pub const TIME_INDEX_FILE_SUFFIX: &str = ".timeindex";
pub const TXN_INDEX_FILE_SUFFIX: &str = ".txnindex";
/// The producers of a log as they were at the offset in the name.
pub const PRODUCER_SNAPSHOT_FILE_SUFFIX: &str = ".snapshot";

/// A file that waits for `file.delete.delay.ms`.
pub const DELETED_FILE_SUFFIX: &str = ".deleted";
/// A file that the cleaner is writing; of no use after a crash.
pub const CLEANED_FILE_SUFFIX: &str = ".cleaned";
/// A file that the cleaner has finished; it takes the place of others, also after a crash.
pub const SWAP_FILE_SUFFIX: &str = ".swap";

/// A directory whose topic was deleted, until it is gone too.
pub const DELETE_DIR_SUFFIX: &str = "-delete";
/// A directory that the broker found at its start and is not to have.
pub const STRAY_DIR_SUFFIX: &str = "-stray";
/// The most characters of a file's name.
const NAME_MAX: usize = 255;

/// Digits of an offset in a file name.
const DIGITS: usize = 20;

/// `orders-0.<32 hex digits>-delete`: a partition's directory under another name, cut to 255 characters
/// where the topic's name is long.
pub fn renamed_dir(partition: &TopicPartition, unique: Uuid, suffix: &str) -> String {
    let hex: String = unique.0.iter().map(|byte| format!("{byte:02x}")).collect();
    let suffix = format!("-{}.{hex}{suffix}", partition.partition);
    let kept = partition.topic.len().min(NAME_MAX - suffix.len());
    format!("{}{suffix}", &partition.topic[..kept])
}

/// The path of a segment's file: its base offset with 20 digits, so that names sort by offset.
pub fn file_path(dir: &str, base_offset: i64, suffix: &str) -> String {
    format!("{dir}/{base_offset:0DIGITS$}{suffix}")
}

/// The base offset and the suffix of a segment's file; `None` if it is no such file.
pub fn parse_path(path: &str) -> Option<(i64, &str)> {
    let (base_offset, suffix) = parse_name(path)?;
    [
        LOG_FILE_SUFFIX,
        INDEX_FILE_SUFFIX,
        TIME_INDEX_FILE_SUFFIX,
        TXN_INDEX_FILE_SUFFIX,
        PRODUCER_SNAPSHOT_FILE_SUFFIX,
    ]
    .contains(&suffix)
    .then_some((base_offset, suffix))
}

/// The base offset and the path without `extra_suffix`, of a segment's file that is being deleted,
/// cleaned or swapped in.
pub fn parse_temporary<'a>(path: &'a str, extra_suffix: &str) -> Option<(i64, &'a str)> {
    let bare = path.strip_suffix(extra_suffix)?;
    parse_path(bare).map(|(base_offset, _)| (base_offset, bare))
}

fn parse_name(path: &str) -> Option<(i64, &str)> {
    let name = path.rsplit('/').next()?;
    let (digits, suffix) = name.split_at_checked(DIGITS)?;
    let base_offset = digits.bytes().all(|c| c.is_ascii_digit()).then(|| digits.parse().ok())??;
    Some((base_offset, suffix))
}

/// The offset as an index entry of a segment holds it: `None` unless `offset - base_offset` is
/// between 0 and 2^31 - 1.
pub fn relative_offset(base_offset: i64, offset: i64) -> Option<i32> {
    offset
        .checked_sub(base_offset)
        .filter(|relative| *relative >= 0)
        .and_then(|relative| i32::try_from(relative).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        let path = file_path("orders-0", 42, LOG_FILE_SUFFIX);
        assert_eq!(path, "orders-0/00000000000000000042.log");
        assert_eq!(parse_path(&path), Some((42, ".log")));
        let deleted = format!("{path}.deleted");
        assert_eq!(parse_path(&deleted), None);
        assert_eq!(parse_temporary(&deleted, ".deleted"), Some((42, &path[..])));
        assert_eq!(parse_temporary(&deleted, ".swap"), None);
        assert_eq!(parse_temporary("t-0/x.deleted", ".deleted"), None);
        for name in
            ["t-0/42.log", "t-0/00000000000000000042.txt", "t-0/x", "t-0/leader-epoch-checkpoint"]
        {
            assert_eq!(parse_path(name), None);
        }
        assert_eq!(parse_path("t-0/99999999999999999999.log"), None);
        assert_eq!(parse_path("t-0/0000000000000000004é.log"), None);
    }

    #[test]
    fn renamed_directories_fit_a_file_name_and_name_no_partition() {
        let renamed = |topic: &str| {
            renamed_dir(&TopicPartition::new(topic, 3), Uuid([0xab; 16]), DELETE_DIR_SUFFIX)
        };
        assert_eq!(renamed("orders"), format!("orders-3.{}-delete", "ab".repeat(16)));
        assert_eq!(renamed(&"t".repeat(249)).len(), 255);
        assert!(renamed("orders").parse::<TopicPartition>().is_err());
    }

    /// `AbstractIndexTest`, `LogSegmentTest`.
    #[test]
    fn relative_offsets_fit_an_int() {
        let bad = [
            (0, -2_147_483_648),
            (0, 2_147_483_648),
            (1, 0),
            (100, 10),
            (2_147_483_648, 0),
            (2_147_483_648, 4_294_967_296),
            (i64::MAX, i64::MIN),
        ];
        for (base_offset, offset) in bad {
            assert_eq!(relative_offset(base_offset, offset), None, "{base_offset} {offset}");
        }
        for (base_offset, offset, relative) in [(0, 0, 0), (5, 9, 4), (7, 2_147_483_654, i32::MAX)]
        {
            assert_eq!(relative_offset(base_offset, offset), Some(relative));
        }
    }
}
