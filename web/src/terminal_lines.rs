//! A line of the terminal, carried out on the session by the engine's script runner.

use crate::i18n::Lang;
use crate::session::Hands;
use kafkascope_engine::cluster::Cluster;
use kafkascope_engine::command::{Command, Refusal};
use kafkascope_engine::event::Event;
use kafkascope_engine::ids::EventId;
use kafkascope_engine::replication::history_rule::HistoryRule;
use kafkascope_engine::script::{Failure, Machine, Runner};

/// One line of what the terminal answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutputLine {
    pub is_error: bool,
    pub text: String,
}

pub fn carry_out_line(hands: &mut Hands<'_>, line: &str, lang: Lang) -> Vec<OutputLine> {
    let (is_error, text) = match carry_out(hands, 1, line, lang) {
        Ok(text) => (false, text),
        // What an old rule breaks is what there is to see.
        Err(failure @ Failure::Broken { .. }) => {
            (!is_history(hands.cluster()), failure.words(lang))
        }
        Err(failure) => (true, failure.words(lang)),
    };
    text.lines().map(|line| OutputLine { is_error, text: line.to_string() }).collect()
}

fn is_history(cluster: &Cluster) -> bool {
    cluster.spec().history != HistoryRule::default()
}

/// `number` is the line's place in its script.
pub fn carry_out(
    hands: &mut Hands<'_>,
    number: u32,
    line: &str,
    lang: Lang,
) -> Result<String, Failure> {
    Runner::new(Borrowed(hands), lang).run_line(number, line)
}

/// The runner owns its machine; the page only lends it.
struct Borrowed<'a, 'b>(&'a mut Hands<'b>);

impl Machine for Borrowed<'_, '_> {
    fn cluster(&self) -> &Cluster {
        self.0.cluster()
    }

    fn handle(&mut self, command: &Command) -> Result<Vec<Event>, Refusal> {
        self.0.handle(command)
    }

    fn advance(&mut self) -> Option<Vec<Event>> {
        self.0.advance()
    }

    fn event(&self, id: EventId) -> Option<Event> {
        self.0.event(id)
    }
}
