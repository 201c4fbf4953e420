//! How well a disk is. It does what it is asked all the same, and notes that it could not have: whoever
//! asked has to go back to before.

use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum DiskCondition {
    #[default]
    Sound,
    /// Whatever has to write or read a log waits for it this long, one after the other.
    Slow { ms: u64 },
    /// `No space left on device`: nothing can be written. Reads, and bytes that are in the page cache
    /// already, are not affected.
    Full,
    /// `Input/output error` on every write, and on every read that the page cache cannot serve.
    Failing,
}

/// Why an operation could not have been done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum DiskError {
    NoSpaceLeft,
    InputOutput,
}

impl DiskError {
    /// As the operating system says it.
    pub fn message(self) -> &'static str {
        match self {
            DiskError::NoSpaceLeft => "No space left on device",
            DiskError::InputOutput => "Input/output error",
        }
    }
}

impl DiskCondition {
    pub(super) fn error_on_write(self) -> Option<DiskError> {
        match self {
            DiskCondition::Sound | DiskCondition::Slow { .. } => None,
            DiskCondition::Full => Some(DiskError::NoSpaceLeft),
            DiskCondition::Failing => Some(DiskError::InputOutput),
        }
    }

    /// Making durable what is written, taking files away, reading what is not in memory: these need a
    /// disk that works, and no room.
    pub(super) fn error_on_access(self) -> Option<DiskError> {
        self.error_on_write().filter(|error| *error == DiskError::InputOutput)
    }
}
