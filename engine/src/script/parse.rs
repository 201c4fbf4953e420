//! From text to a [`Line`], the general part: find the verb in the table, sort what follows it into
//! words and options as the table says, and read single words as numbers, names and durations. What
//! a verb makes of them is in [`super::read`].

use super::error::{ScriptError, ScriptProblem, closest};
use super::lexer::{Word, words};
use super::line::{Line, Names, parse_duration};
use super::verbs::{Mode, Opt, Slot, VERBS, Verb, Words, names};
use crate::ids::{Address, NodeId, TopicPartition};
use std::str::FromStr;
use std::sync::Arc;

/// Reads one line. `number` is its place in the script, for error messages.
pub fn parse(number: u32, text: &str, names: &dyn Names) -> Result<Line, ScriptError> {
    let trimmed = text.trim();
    if trimmed.is_empty() {
        return Ok(Line::Prose(String::new()));
    }
    if let Some(prose) = trimmed.strip_prefix('#') {
        return Ok(Line::Prose(prose.trim().to_string()));
    }
    let words = words(number, text)?;
    let (verb, rest) = find_verb(number, &words)?;
    let mut args = Args {
        line: number,
        verb,
        end: text.trim_end().chars().count() as u32 + 1,
        words: Vec::new(),
        options: Vec::new(),
        names,
    };
    match verb.words {
        Words::Free(_) => args.words = rest,
        Words::Fixed { slots, optional } => args.sort(rest, slots, optional)?,
    }
    (verb.read)(&args)
}

/// The verb that the line begins with, and the words that are not part of its name.
fn find_verb(line: u32, words: &[Word]) -> Result<(&'static Verb, Vec<Word>), ScriptError> {
    let first = &words[0];
    let error = |word: &Word, what| Err(ScriptError { line, column: word.column, what });
    let of_this_name: Vec<&'static Verb> =
        VERBS.iter().filter(|verb| first.is(verb.name)).collect();
    if of_this_name.is_empty() {
        let word = first.shown();
        let closest = closest(&word, names());
        return error(first, ScriptProblem::UnknownVerb { word, closest });
    }
    for verb in &of_this_name {
        let at = match verb.mode {
            Mode::Only => Some(0),
            Mode::Word(mode) => words.get(1).filter(|word| word.is(mode)).map(|_| 1),
            Mode::Option(mode) => words.iter().position(|word| word.is(mode)),
        };
        if let Some(at) = at {
            let others = words.iter().enumerate().skip(1).filter(|(index, _)| *index != at);
            return Ok((verb, others.map(|(_, word)| word.clone()).collect()));
        }
    }
    let verb = of_this_name[0].name;
    let choices: Vec<_> = of_this_name.iter().map(|verb| verb.mode.text()).collect();
    match words.get(1) {
        Some(word) if !(choices[0].starts_with("--") && word.is_option()) => {
            let shown = word.shown();
            let closest = closest(&shown, choices.iter().copied());
            error(word, ScriptProblem::UnknownMode { verb, word: shown, closest, choices })
        }
        _ => error(first, ScriptProblem::MissingMode { verb, choices }),
    }
}

impl Mode {
    pub fn text(self) -> &'static str {
        match self {
            Mode::Only => "",
            Mode::Word(mode) | Mode::Option(mode) => mode,
        }
    }
}

/// What follows a verb, sorted.
pub struct Args<'a> {
    pub line: u32,
    pub verb: &'static Verb,
    /// The column behind the last word.
    end: u32,
    pub words: Vec<Word>,
    options: Vec<(&'static Opt, Word)>,
    pub names: &'a dyn Names,
}

impl Args<'_> {
    pub fn error(&self, word: &Word, what: ScriptProblem) -> ScriptError {
        ScriptError { line: self.line, column: word.column, what }
    }

    pub fn error_at_end(&self, what: ScriptProblem) -> ScriptError {
        ScriptError { line: self.line, column: self.end, what }
    }

    pub fn missing(&self, wants: Slot) -> ScriptError {
        self.error_at_end(ScriptProblem::Missing { wants, form: self.verb.form() })
    }

    fn sort(
        &mut self,
        rest: Vec<Word>,
        slots: &[Slot],
        optional: usize,
    ) -> Result<(), ScriptError> {
        let required = slots.len() - optional;
        let mut rest = rest.into_iter().peekable();
        while let Some(word) = rest.next() {
            if word.is_option() || (word.is_assignment() && self.words.len() >= required) {
                self.take_option(word, &mut rest)?;
            } else if self.words.len() < required && !word.is_assignment() {
                self.words.push(word);
            } else if self.words.len() < required {
                let wants = slots[self.words.len()];
                let what = ScriptProblem::Missing { wants, form: self.verb.form() };
                return Err(self.error(&word, what));
            } else if let Some(flag) = self.flag_named(&word) {
                self.add_option(flag, &word, word.clone())?;
            } else if self.words.len() < slots.len() {
                self.words.push(word);
            } else if let Some(option) = self.verb.options.iter().find(|o| word.is(o.name)) {
                let option = (format!("{}=", option.name), option.takes);
                let what = ScriptProblem::MissingValue { option: option.0, wants: option.1 };
                return Err(self.error(&word, what));
            } else {
                let what = ScriptProblem::Unexpected { word: word.shown(), form: self.verb.form() };
                return Err(self.error(&word, what));
            }
        }
        match slots[..required].get(self.words.len()) {
            Some(&wants) => Err(self.missing(wants)),
            None => Ok(()),
        }
    }

    fn flag_named(&self, word: &Word) -> Option<&'static Opt> {
        let is_flag = |option: &&'static Opt| option.takes == Slot::Nothing && word.is(option.name);
        self.verb.options.iter().find(is_flag)
    }

    /// Takes `--name value`, `--name=value` or `name=value`.
    fn take_option(
        &mut self,
        word: Word,
        rest: &mut impl Iterator<Item = Word>,
    ) -> Result<(), ScriptError> {
        let (name, value) = match word.split_once(b'=') {
            Some((name, value)) => (name, Some(value)),
            None => (word.clone(), None),
        };
        let text = name.shown();
        let Some(option) = self.verb.options.iter().find(|option| option.name == text) else {
            let closest = closest(&text, self.verb.options.iter().map(|option| option.name));
            let verb = self.verb.name;
            return Err(
                self.error(&name, ScriptProblem::UnknownOption { verb, word: text, closest })
            );
        };
        if option.takes == Slot::Nothing && value.is_none() {
            return self.add_option(option, &name, name.clone());
        }
        let missing = ScriptProblem::MissingValue { option: text, wants: option.takes };
        let missing = self.error(&name, missing);
        let value = match value {
            Some(value) => value,
            None => rest.next().filter(|value| !value.is_option()).ok_or(missing)?,
        };
        self.add_option(option, &name, value)
    }

    fn add_option(
        &mut self,
        option: &'static Opt,
        name: &Word,
        value: Word,
    ) -> Result<(), ScriptError> {
        if !option.many && self.value(option.name).is_some() {
            let option = option.name.to_string();
            return Err(self.error(name, ScriptProblem::Repeated { option }));
        }
        self.options.push((option, value));
        Ok(())
    }

    // Options.

    pub fn value(&self, name: &str) -> Option<&Word> {
        self.options.iter().find(|(option, _)| option.name == name).map(|(_, value)| value)
    }

    pub fn has(&self, name: &str) -> bool {
        self.value(name).is_some()
    }

    /// Options that may be repeated, in the order in which they stand.
    pub fn options(&self) -> impl Iterator<Item = (&'static str, &Word)> {
        self.options.iter().map(|(option, value)| (option.name, value))
    }

    pub fn values<'s>(&'s self, name: &'s str) -> impl Iterator<Item = &'s Word> {
        self.options().filter(move |(option, _)| *option == name).map(|(_, value)| value)
    }

    // Single words.

    pub fn invalid(&self, word: &Word, wants: Slot) -> ScriptError {
        self.error(word, ScriptProblem::Invalid { word: word.shown(), wants })
    }

    pub fn parsed<T: FromStr>(&self, word: &Word, wants: Slot) -> Result<T, ScriptError> {
        word.text().and_then(|text| text.parse().ok()).ok_or_else(|| self.invalid(word, wants))
    }

    pub fn text(&self, word: &Word) -> Result<String, ScriptError> {
        word.text().ok_or_else(|| self.invalid(word, Slot::Utf8))
    }

    pub fn name(&self, word: &Word) -> Result<Arc<str>, ScriptError> {
        self.text(word).map(Arc::from)
    }

    pub fn node(&self, word: &Word) -> Result<NodeId, ScriptError> {
        self.parsed(word, Slot::Node)
    }

    pub fn partition(&self, word: &Word) -> Result<TopicPartition, ScriptError> {
        self.parsed(word, Slot::Partition)
    }

    pub fn address(&self, word: &Word) -> Result<Address, ScriptError> {
        let name = self.text(word)?;
        if let Ok(node) = name.parse::<NodeId>() {
            return Ok(node.into());
        }
        self.names.client_named(&name).map(Address::Client).ok_or_else(|| {
            let known = self.names.client_names();
            let closest = closest(&name, known.iter().map(String::as_str));
            self.error(word, ScriptProblem::UnknownClient { name, closest })
        })
    }

    pub fn duration_ms(&self, word: &Word) -> Result<u64, ScriptError> {
        let ms = word.text().and_then(|text| parse_duration(&text));
        ms.ok_or_else(|| self.invalid(word, Slot::Duration))
    }

    /// `1,2,3`
    pub fn brokers(
        &self,
        word: &Word,
        separator: char,
        wants: Slot,
    ) -> Result<Vec<NodeId>, ScriptError> {
        let text = word.text().ok_or_else(|| self.invalid(word, wants))?;
        if text.is_empty() {
            return Ok(Vec::new());
        }
        let ids: Result<Vec<i32>, _> = text.split(separator).map(str::parse).collect();
        Ok(ids.map_err(|_| self.invalid(word, wants))?.into_iter().map(NodeId).collect())
    }

    /// `name=value`
    pub fn setting(&self, word: &Word) -> Result<(String, String), ScriptError> {
        let (name, value) =
            word.split_once(b'=').ok_or_else(|| self.invalid(word, Slot::Config))?;
        Ok((self.text(&name)?, self.text(&value.without_brackets())?))
    }
}
