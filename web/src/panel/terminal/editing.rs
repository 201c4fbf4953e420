//! Editing a command line: history and completion. Pure: text in, text out; keys and elements are in
//! [`super`].

/// How many lines are remembered.
const LINES_MAX: usize = 200;

/// Lines that were run, and where the reader is among them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    lines: Vec<String>,
    /// How many lines back; 0 is what is being typed.
    back: usize,
    /// What was being typed before going back.
    draft: String,
}

impl History {
    pub fn push(&mut self, line: &str) {
        (self.back, self.draft) = (0, String::new());
        if !line.trim().is_empty() && self.lines.last().is_none_or(|last| last != line) {
            self.lines.push(line.to_string());
            self.lines.drain(..self.lines.len().saturating_sub(LINES_MAX));
        }
    }

    /// The line before; `None` if there is none.
    pub fn older(&mut self, typed: &str) -> Option<String> {
        if self.back >= self.lines.len() {
            return None;
        }
        if self.back == 0 {
            self.draft = typed.to_string();
        }
        self.back += 1;
        Some(self.lines[self.lines.len() - self.back].clone())
    }

    /// The line after; at the end what was being typed.
    pub fn newer(&mut self) -> Option<String> {
        self.back = self.back.checked_sub(1)?;
        match self.back {
            0 => Some(std::mem::take(&mut self.draft)),
            back => Some(self.lines[self.lines.len() - back].clone()),
        }
    }
}

/// What a completion makes of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Completion {
    Nothing,
    /// The line is longer now.
    Grown(String),
    /// Several words are possible and nothing more is common to them.
    Choice,
}

/// `candidates` are what the last word of `line` may become.
pub fn complete(line: &str, candidates: &[String]) -> Completion {
    match candidates {
        [] => Completion::Nothing,
        [only] => Completion::Grown(accept(line, only)),
        several => {
            let common = common_prefix(several);
            let open = line.len() - last_word(line).len();
            let grown = format!("{}{common}", &line[..open]);
            if grown.len() > line.len() { Completion::Grown(grown) } else { Completion::Choice }
        }
    }
}

/// The line with its last word replaced. A word that wants a value stays open.
pub fn accept(line: &str, candidate: &str) -> String {
    let before = &line[..line.len() - last_word(line).len()];
    let space = if candidate.ends_with(['=', ':']) { "" } else { " " };
    format!("{before}{candidate}{space}")
}

/// Empty after a space.
fn last_word(line: &str) -> &str {
    line.rsplit(char::is_whitespace).next().unwrap_or("")
}

fn common_prefix(words: &[String]) -> &str {
    let Some((first, others)) = words.split_first() else {
        return "";
    };
    let common = |word: &String| {
        let same = first.chars().zip(word.chars()).take_while(|(a, b)| a == b);
        same.map(|(c, _)| c.len_utf8()).sum()
    };
    &first[..others.iter().map(common).min().unwrap_or(first.len())]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn history_goes_back_and_returns_to_what_was_typed() {
        let mut history = History::default();
        for line in ["one", "two", "two", "  "] {
            history.push(line);
        }
        assert_eq!(history.newer(), None);
        let back: Vec<_> = (0..3).map(|_| history.older("draft")).collect();
        assert_eq!(back, [Some("two".into()), Some("one".into()), None]);
        let forth: Vec<_> = (0..3).map(|_| history.newer()).collect();
        assert_eq!(forth, [Some("two".into()), Some("draft".into()), None]);
    }

    #[test]
    fn completion_grows_the_last_word() {
        let words = |words: &[&str]| words.iter().map(|word| word.to_string()).collect::<Vec<_>>();
        let grown = |line: &str, candidates: &[&str]| match complete(line, &words(candidates)) {
            Completion::Grown(line) => line,
            other => format!("{other:?}"),
        };
        assert_eq!(grown("cra", &["crash"]), "crash ");
        assert_eq!(grown("crash ", &["broker-1", "broker-2"]), "crash broker-");
        assert_eq!(grown("crash broker-", &["broker-1", "broker-2"]), "Choice");
        assert_eq!(grown("produce orders k", &["key="]), "produce orders key=");
        assert_eq!(grown("produce 주", &["주문", "주소"]), "Choice");
        assert_eq!(grown("x", &[]), "Nothing");
    }
}
