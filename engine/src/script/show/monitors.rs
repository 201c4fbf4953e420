//! What the four monitors have found so far: which of them, what happened, and whether a promise was
//! broken or what allowed it. The page shows the same.

use crate::cluster::Cluster;
use crate::invariant::{Allowance, Finding, Monitor};
use crate::script::lang::{Lang, say};
use crate::script::words::finding;

pub fn show(cluster: &Cluster, lang: Lang) -> String {
    let findings = cluster.checker().map(|checker| checker.findings()).unwrap_or_default();
    let lines = Monitor::ALL.into_iter().flat_map(|monitor| {
        let of_it: Vec<&Finding> = findings.iter().filter(|f| f.monitor() == monitor).collect();
        let count = of_it.len();
        let name = finding::monitor(monitor, lang);
        let head = match count {
            0 => say!(lang, "{name}: 없음", "{name}: none"),
            _ => format!("{name}: {count}"),
        };
        std::iter::once(head).chain(of_it.into_iter().flat_map(move |found| told(found, lang)))
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn told(found: &Finding, lang: Lang) -> Vec<String> {
    let (at, event) = (found.at, found.event);
    let mut lines = vec![
        format!("  {at} {event} {}", finding::found(&found.found, lang)),
        format!("    {}", finding::verdict(found, lang)),
    ];
    let reason =
        |by: &Allowance| format!("    {}: {}", finding::name(by, lang), finding::reason(by, lang));
    lines.extend(found.allowed_by.iter().map(reason));
    lines
}
