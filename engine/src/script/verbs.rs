//! The one table of verbs. Help prints it, completion offers it, parsing obeys it: a verb, an option
//! or a word that is not here does not exist. How a verb's words become a [`Line`] is in
//! [`super::read`].

use super::error::ScriptError;
use super::lang::Lang;
use super::line::Line;
use super::parse::Args;

mod clients;
mod console;
mod faults;
mod groups;
mod ledger;
pub(super) mod table;
mod topics;
mod transactions;
mod why;
mod workload;

pub use table::VERBS;

#[derive(Debug)]
pub struct Verb {
    pub name: &'static str,
    pub mode: Mode,
    /// What may follow, as help shows it.
    pub usage: &'static str,
    pub ko: &'static str,
    pub en: &'static str,
    pub words: Words,
    pub options: &'static [Opt],
    pub(super) read: fn(&Args<'_>) -> Result<Line, ScriptError>,
}

/// What tells verbs of the same name apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    Only,
    /// The second word: `show brokers`.
    Word(&'static str),
    /// An option anywhere in the line: `kafka-topics.sh --create`.
    Option(&'static str),
}

/// The words that are not options.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Words {
    /// These in this order, the last `optional` of which may be missing.
    Fixed { slots: &'static [Slot], optional: usize },
    /// The verb reads its words itself; this is what may come first.
    Free(Slot),
}

#[derive(Clone, Copy, Debug)]
pub struct Opt {
    /// `--topic` takes the next word, `key` is written `key=...`; with [`Slot::Nothing`] either
    /// stands alone.
    pub name: &'static str,
    pub takes: Slot,
    /// Whether it may be repeated.
    pub many: bool,
}

/// What kind of word stands in a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slot {
    Nothing,
    Topic,
    NewTopic,
    Partition,
    Node,
    /// A node or a client.
    Address,
    /// The number of a message that is under way: `17`, `17.1`.
    Envelope,
    /// `50ms..200ms`
    Delay,
    /// `30%`
    Percent,
    Api,
    /// What a link does, as an option.
    LinkFault,
    Client,
    /// The id of a consumer group.
    Group,
    Producer,
    Consumer,
    Text,
    /// Text that has to be UTF-8.
    Utf8,
    Number,
    Offset,
    Timestamp,
    OffsetJson,
    AssignmentJson,
    TopicsJson,
    Duration,
    /// `PT1H`, or `2026-01-01T00:00:00.000`.
    Iso8601,
    EventId,
    Choice(&'static [&'static str]),
    /// `name=value`
    Config,
    ConfigName,
    /// `key:value`
    Header,
    /// `orders-0=5`
    PartitionOffset,
    /// `1:2:3,2:3:1`
    Assignment,
    /// `1,2,3`
    Brokers,
    Rack,
    /// `a,b,c`
    Racks,
    /// The id of a broker.
    Broker,
    Leader,
    Condition,
    Comparison,
    /// A setting of the `cluster` line.
    Setting,
    File,
    Dir,
    Verb,
}

impl Verb {
    /// The verb with its mode and all that may follow.
    pub fn form(&self) -> String {
        let mode = match self.mode {
            Mode::Only => "",
            Mode::Word(mode) | Mode::Option(mode) => mode,
        };
        [self.name, mode, self.usage]
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join(" ")
    }

    pub fn summary(&self, lang: Lang) -> &'static str {
        lang.pick(self.ko, self.en)
    }
}

/// The names of verbs, each once.
pub fn names() -> Vec<&'static str> {
    let mut names: Vec<_> = VERBS.iter().map(|verb| verb.name).collect();
    names.dedup();
    names
}
