//! The verb of workloads. What the fields mean is in [`super`].

use super::table::{fixed, opt};
use super::{Mode, Slot, Verb};
use crate::command::Command;
use crate::command::workload::{Workload, WorkloadKind};
use crate::script::error::{ScriptError, ScriptProblem};
use crate::script::line::{Line, WORKLOAD_RATE, WORKLOAD_SEED};
use crate::script::parse::Args;

const KINDS: Slot = Slot::Choice(&["steady", "bursty", "skewed", "orders", "sensors"]);

pub(super) const WORKLOAD: Verb = Verb {
    name: "workload",
    mode: Mode::Only,
    usage: "PRODUCER topic=TOPIC [kind=steady|bursty|skewed|orders|sensors] [rate=10] [seed=1] [count=N] [record.size=BYTES] | PRODUCER stop",
    ko: "프로듀서의 애플리케이션이 스스로 계속 보내게 합니다. steady는 고르게, bursty는 열 개씩 몰아서, skewed는 한 키에 절반이 몰리게, orders는 손님을 키로 하는 주문을, sensors는 센서의 측정값을 보냅니다. rate는 초당 레코드 수입니다. record.size를 주면 값이 그 길이의 임의의 글자가 됩니다. stop이면 멈춥니다.",
    en: "Lets the application of a producer send by itself: steady evenly, bursty ten at once, skewed with one key on half of all records, orders of a shop by customer, sensors their readings. rate is in records a second; with record.size values are random letters of that length; stop ends it.",
    words: fixed(&[Slot::Producer]),
    options: &[
        opt("topic", Slot::Topic),
        opt("kind", KINDS),
        opt("rate", Slot::Number),
        opt("seed", Slot::Number),
        opt("count", Slot::Number),
        opt("record.size", Slot::Number),
        opt("stop", Slot::Nothing),
    ],
    read,
};

fn read(args: &Args<'_>) -> Result<Line, ScriptError> {
    let producer = args.name(&args.words[0])?;
    if args.has("stop") {
        if let Some((option, word)) = args.options().find(|(name, _)| *name != "stop") {
            let what = ScriptProblem::Contradiction { a: "stop", b: option };
            return Err(args.error(word, what));
        }
        return Ok(Line::Command(Command::StopWorkload { producer }));
    }
    let missing = ScriptProblem::MissingValue { option: "topic=".into(), wants: Slot::Topic };
    let topic = args.value("topic").ok_or_else(|| args.error_at_end(missing))?;
    let kind = match args.value("kind") {
        None => WorkloadKind::Steady,
        Some(word) => {
            let known = WorkloadKind::ALL.into_iter().find(|kind| word.is(kind.name()));
            known.ok_or_else(|| args.invalid(word, KINDS))?
        }
    };
    let number = |name: &str| args.value(name).map(|word| args.parsed(word, Slot::Number));
    let workload = Workload {
        producer,
        topic: args.name(topic)?,
        kind,
        rate: number("rate").transpose()?.unwrap_or(WORKLOAD_RATE),
        seed: match args.value("seed") {
            None => WORKLOAD_SEED,
            Some(word) => args.parsed(word, Slot::Number)?,
        },
        count: number("count").transpose()?,
        record_size: number("record.size").transpose()?,
    };
    Ok(Line::Command(Command::StartWorkload(workload)))
}
