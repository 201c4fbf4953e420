//! Asks of a moment in which lines of a script it comes.

use kafkascope_engine::script::line::NoClients;
use kafkascope_engine::script::parse::parse;
use kafkascope_engine::script::{Lang, Line, Recording, Runner};
use kafkascope_lessons::goal::Moment;
use kafkascope_lessons::ledger::Ledger;

/// The line, counted from 1, of every event after which the moment holds.
pub fn lines_of(moment: &str, script: &str) -> Vec<usize> {
    #[derive(serde::Deserialize)]
    struct Asked {
        moment: Moment,
    }
    let Asked { moment } = toml::from_str(&format!("moment.{moment}")).unwrap();
    let mut lines = script.lines().map(str::trim);
    let Ok(Line::Spec(spec)) = parse(1, lines.next().unwrap(), &NoClients) else {
        panic!("a script begins with its cluster")
    };
    let mut runner = Runner::new(Recording::new(*spec), Lang::En);
    let (mut ledger, mut judged, mut found) = (Ledger::default(), 0, Vec::new());
    for (index, line) in lines.enumerate() {
        runner.run_line(1, line).unwrap_or_else(|failure| panic!("{}", failure.words(Lang::En)));
        for event in &runner.machine.events[judged..] {
            ledger.take(event);
            found.extend(moment.holds(event, &ledger).then_some(index + 1));
        }
        judged = runner.machine.events.len();
    }
    found
}

/// The first line in which the moment came.
pub fn line_of(moment: &str, script: &str) -> Option<usize> {
    lines_of(moment, script).first().copied()
}
