//! What links and messages suffer, as text.

use crate::command::{DiskFault, EnvelopeAct};
use crate::protocol::Api;
use crate::script::line::{duration_text, percent_text};
use crate::sim::disk::DiskCondition;
use crate::sim::link_fault::LinkFault;

pub(super) fn one_way_text(one_way: bool) -> &'static str {
    if one_way { " one-way" } else { "" }
}

pub(super) fn envelope_act(ends: &str, number: &str, act: EnvelopeAct) -> String {
    match act {
        EnvelopeAct::Drop => format!("drop {ends} {number}"),
        EnvelopeAct::Delay { ms } => format!("delay {ends} {number} by={}", duration_text(ms)),
        EnvelopeAct::Duplicate => format!("duplicate {ends} {number}"),
        EnvelopeAct::Reorder => format!("reorder {ends} {number}"),
    }
}

/// `slow by=50ms`
pub fn disk_text(fault: DiskFault) -> String {
    match fault {
        DiskFault::Becomes(DiskCondition::Sound) => "sound".to_string(),
        DiskFault::Becomes(DiskCondition::Slow { ms }) => format!("slow by={}", duration_text(ms)),
        DiskFault::Becomes(DiskCondition::Full) => "full".to_string(),
        DiskFault::Becomes(DiskCondition::Failing) => "failing".to_string(),
        DiskFault::Lost => "lost".to_string(),
    }
}

/// `delay=50ms..200ms loss=30% api=Fetch`
pub fn link_fault_text(api: Option<Api>, fault: LinkFault) -> String {
    let mut parts = Vec::new();
    match fault.delay_ms {
        (0, 0) => {}
        (least, most) if least == most => parts.push(format!("delay={}", duration_text(least))),
        (least, most) => {
            parts.push(format!("delay={}..{}", duration_text(least), duration_text(most)));
        }
    }
    for (name, per_mille) in [
        ("loss", fault.loss_per_mille),
        ("duplicate", fault.duplicate_per_mille),
        ("reorder", fault.reorder_per_mille),
    ] {
        if per_mille > 0 {
            parts.push(format!("{name}={}", percent_text(per_mille)));
        }
    }
    parts.extend(api.map(|api| format!("api={}", api.name())));
    parts.join(" ")
}
