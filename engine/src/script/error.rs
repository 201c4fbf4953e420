//! What can be wrong with a line. It says where, and is put into words by [`super::words`].

use super::verbs::Slot;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScriptError {
    /// Counted from 1.
    pub line: u32,
    /// In characters, counted from 1.
    pub column: u32,
    pub what: ScriptProblem,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ScriptProblem {
    UnknownVerb {
        word: String,
        closest: Option<String>,
    },
    /// The verb needs one of these to go on: `kafka-topics.sh --create`, `show brokers`.
    MissingMode {
        verb: &'static str,
        choices: Vec<&'static str>,
    },
    UnknownMode {
        verb: &'static str,
        word: String,
        closest: Option<String>,
        choices: Vec<&'static str>,
    },
    UnknownOption {
        verb: &'static str,
        word: String,
        closest: Option<String>,
    },
    UnknownCondition {
        word: String,
        closest: Option<String>,
    },
    UnknownSetting {
        name: String,
        closest: Option<String>,
    },
    UnknownClient {
        name: String,
        closest: Option<String>,
    },
    /// Only a member of a group has a use for the option.
    NeedsGroup {
        option: &'static str,
    },
    /// The option is given twice.
    Repeated {
        option: String,
    },
    /// A value should follow.
    MissingValue {
        option: String,
        wants: Slot,
    },
    /// The line ends, or goes on with an option, where a word should be.
    Missing {
        wants: Slot,
        form: String,
    },
    /// A word too many.
    Unexpected {
        word: String,
        form: String,
    },
    /// The word is not what should stand here.
    Invalid {
        word: String,
        wants: Slot,
    },
    OutOfRange {
        word: String,
        least: i64,
        most: i64,
    },
    /// These two say different things about the same.
    Contradiction {
        a: &'static str,
        b: &'static str,
    },
    /// The value of a setting is refused, in the words of Kafka.
    InvalidSetting {
        name: String,
        value: String,
        reason: String,
    },
    /// Nothing to change.
    NothingToAlter,
    UnclosedQuote {
        quote: char,
    },
    BadEscape,
    /// `cluster` stands only in the first line.
    SpecNotFirst,
}

/// The candidate that a mistyped word most likely meant.
pub fn closest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let most = 1 + word.chars().count() / 4;
    candidates
        .into_iter()
        .map(|candidate| (distance(word, candidate), candidate))
        .filter(|(distance, _)| *distance <= most)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate.to_string())
}

/// Letters to insert, delete, change or swap with a neighbour to make `b` of `a`; case is free.
fn distance(a: &str, b: &str) -> usize {
    let a: Vec<char> = a.to_lowercase().chars().take(64).collect();
    let b: Vec<char> = b.to_lowercase().chars().take(64).collect();
    let mut rows = vec![vec![0; b.len() + 1]; a.len() + 1];
    for i in 0..=a.len() {
        for j in 0..=b.len() {
            rows[i][j] = if i == 0 || j == 0 {
                i + j
            } else {
                let change = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
                let least = change.min(rows[i - 1][j] + 1).min(rows[i][j - 1] + 1);
                let swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
                if swapped { least.min(rows[i - 2][j - 2] + 1) } else { least }
            };
        }
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_closest_word_is_found() {
        let verbs = ["produce", "consume", "pause", "crash", "step", "stop"];
        for (typed, meant) in [
            ("porduce", Some("produce")),
            ("Produce", Some("produce")),
            ("crsh", Some("crash")),
            ("stp", Some("step")),
            ("zookeeper", None),
            ("", None),
        ] {
            assert_eq!(closest(typed, verbs).as_deref(), meant, "{typed}");
        }
    }
}
