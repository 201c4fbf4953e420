//! Which topic names are legal, which collide, and which are Kafka's own. Source:
//! `clients/.../common/internals/Topic.java`. Whether a topic exists is the controller's to know.

use std::fmt;

pub const GROUP_METADATA_TOPIC_NAME: &str = "__consumer_offsets";
pub const TRANSACTION_STATE_TOPIC_NAME: &str = "__transaction_state";
pub const SHARE_GROUP_STATE_TOPIC_NAME: &str = "__share_group_state";
/// The log of the KRaft quorum; no client can produce to it.
pub const CLUSTER_METADATA_TOPIC_NAME: &str = "__cluster_metadata";

/// In characters, so that `<topic>-<partition>` fits a file name of 255.
pub const MAX_NAME_LENGTH: usize = 249;

/// Why a name is refused: INVALID_TOPIC_EXCEPTION (17), in Kafka's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TopicNameError {
    Empty,
    /// `.` or `..`, which are directories.
    Dots(String),
    TooLong(String),
    InvalidCharacter(String),
}

impl fmt::Display for TopicNameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Topic name is invalid: ")?;
        match self {
            TopicNameError::Empty => write!(f, "the empty string is not allowed"),
            TopicNameError::Dots(name) => write!(f, "'{name}' is not allowed"),
            TopicNameError::TooLong(name) => write!(
                f,
                "the length of '{name}' is longer than the max allowed length {MAX_NAME_LENGTH}"
            ),
            TopicNameError::InvalidCharacter(name) => write!(
                f,
                "'{name}' contains one or more characters other than ASCII alphanumerics, \
                 '.', '_' and '-'"
            ),
        }
    }
}

impl std::error::Error for TopicNameError {}

pub fn validate(name: &str) -> Result<(), TopicNameError> {
    if name.is_empty() {
        return Err(TopicNameError::Empty);
    }
    if name == "." || name == ".." {
        return Err(TopicNameError::Dots(name.to_string()));
    }
    if name.chars().count() > MAX_NAME_LENGTH {
        return Err(TopicNameError::TooLong(name.to_string()));
    }
    if !name.bytes().all(|c| c.is_ascii_alphanumeric() || matches!(c, b'.' | b'_' | b'-')) {
        return Err(TopicNameError::InvalidCharacter(name.to_string()));
    }
    Ok(())
}

/// Whether two topics would have the same metric names, where a period is an underscore. Only one
/// of two such names can be created.
pub fn collides(a: &str, b: &str) -> bool {
    let unified = |name: &'_ str| name.replace('.', "_");
    unified(a) == unified(b)
}

/// Whether Kafka itself keeps its state in the topic.
pub fn is_internal(name: &str) -> bool {
    matches!(
        name,
        GROUP_METADATA_TOPIC_NAME | TRANSACTION_STATE_TOPIC_NAME | SHARE_GROUP_STATE_TOPIC_NAME
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `TopicTest`.
    #[test]
    fn names() {
        for name in ["valid", "TOPIC", "nAmEs", "ar6", "VaL1d", "_0-9_.", "...", &"a".repeat(249)] {
            assert_eq!(validate(name), Ok(()), "{name}");
        }
        let long = "a".repeat(250);
        for name in ["", "foo bar", "..", "foo:bar", "foo=bar", ".", &long, "주문", "a/b", "a\0"]
        {
            assert!(validate(name).is_err(), "{name}");
        }
        let said = |name| validate(name).unwrap_err().to_string();
        assert_eq!(said(""), "Topic name is invalid: the empty string is not allowed");
        assert_eq!(said(".."), "Topic name is invalid: '..' is not allowed");
        assert!(said(&long).ends_with("is longer than the max allowed length 249"));
        assert!(said("a b").contains("'a b' contains one or more characters other than ASCII"));
    }

    #[test]
    fn collisions() {
        for (a, b) in [("foo.bar", "foo_bar"), ("foo_bar", "foo.bar"), ("a", "a"), (".", "_")] {
            assert!(collides(a, b), "{a} {b}");
        }
        for (a, b) in [("foo.bar", "foo-bar"), ("topic", "topics")] {
            assert!(!collides(a, b), "{a} {b}");
        }
    }

    #[test]
    fn internal_topics() {
        for name in ["__consumer_offsets", "__transaction_state", "__share_group_state"] {
            assert!(is_internal(name));
        }
        for name in ["consumer_offsets", "__foo", "__cluster_metadata", ""] {
            assert!(!is_internal(name));
        }
    }
}
