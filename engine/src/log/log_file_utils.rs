//! Names of the files of a log: `orders-0/00000000000000000042.log`. Source: `LogFileUtils.java`.

pub const LOG_FILE_SUFFIX: &str = ".log";
pub const INDEX_FILE_SUFFIX: &str = ".index";
pub const TIME_INDEX_FILE_SUFFIX: &str = ".timeindex";

/// Digits of an offset in a file name.
const DIGITS: usize = 20;

/// The path of a segment's file: its base offset with 20 digits, so that names sort by offset.
pub fn file_path(dir: &str, base_offset: i64, suffix: &str) -> String {
    format!("{dir}/{base_offset:0DIGITS$}{suffix}")
}

/// The base offset and the suffix of a segment's file; `None` if it is no such file.
pub fn parse_path(path: &str) -> Option<(i64, &str)> {
    let name = path.rsplit('/').next()?;
    let (digits, suffix) = name.split_at_checked(DIGITS)?;
    let base_offset = digits.bytes().all(|c| c.is_ascii_digit()).then(|| digits.parse().ok())??;
    [LOG_FILE_SUFFIX, INDEX_FILE_SUFFIX, TIME_INDEX_FILE_SUFFIX]
        .contains(&suffix)
        .then_some((base_offset, suffix))
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
        for name in
            ["t-0/42.log", "t-0/00000000000000000042.txt", "t-0/x", "t-0/leader-epoch-checkpoint"]
        {
            assert_eq!(parse_path(name), None);
        }
        assert_eq!(parse_path("t-0/99999999999999999999.log"), None);
        assert_eq!(parse_path("t-0/0000000000000000004é.log"), None);
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
