//! The verb that looks into the delivery ledger. What the fields mean is in [`super`].

use super::{Mode, Slot, Verb, Words};
use crate::script::error::ScriptError;
use crate::script::line::{Line, Show};
use crate::script::parse::Args;

pub(super) const SHOW: Verb = Verb {
    name: "show",
    mode: Mode::Word("ledger"),
    usage: "[TOPIC]",
    ko: "보낸 값이 몇 번 적히고 전달되고 처리되었는지, 무엇을 잃고 무엇이 겹쳤는지, 왜 그런지 보여 줍니다. 토픽을 적으면 값도 하나하나 보여 줍니다.",
    en: "How often what was sent was written, delivered and processed, what was lost or came twice, and why; with a topic also value by value.",
    words: Words::Fixed { slots: &[Slot::Topic], optional: 1 },
    options: &[],
    read: read_show,
};

fn read_show(args: &Args<'_>) -> Result<Line, ScriptError> {
    let topic = args.words.first().map(|word| args.name(word)).transpose()?;
    Ok(Line::Show(Show::Ledger { topic }))
}
