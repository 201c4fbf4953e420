//! Why a broker serves or is fenced, in words.

use super::partition::reason as of_partition;
use crate::controller::election::CandidateState;
use crate::explain::broker::Reason;
use crate::script::lang::{Lang, say};

/// What is, and what it follows from, each with whether it is what stands in the way.
pub fn told(reasons: &[Reason], lang: Lang) -> (String, Vec<(bool, String)>) {
    let mut all = reasons.iter().map(|one| (stands_in_the_way(one), reason(one, lang)));
    let verdict = all.next().map_or(String::new(), |(_, words)| words);
    (verdict, all.collect())
}

fn stands_in_the_way(reason: &Reason) -> bool {
    match reason {
        Reason::Stands { standing, .. } => *standing != CandidateState::Active,
        Reason::InSync { in_sync, replicas, .. } => in_sync < replicas,
        Reason::HeardOf { .. } => false,
        _ => true,
    }
}

fn reason(reason: &Reason, lang: Lang) -> String {
    match reason {
        Reason::Stands { node, standing } => match standing {
            CandidateState::Active => say!(
                lang,
                "컨트롤러는 {node}을(를) 일하는 브로커로 적어 두었습니다. 리더가 될 수 있고 ISR에 들 수 있습니다.",
                "The controller has {node} as one that serves: it may lead, and be in ISRs."
            ),
            CandidateState::Fenced => say!(
                lang,
                "{node}은(는) fenced입니다. 리더가 될 수 없고 ISR에 들 수 없습니다.",
                "{node} is fenced: it may neither lead nor be in an ISR."
            ),
            CandidateState::ShuttingDown | CandidateState::Leaving => say!(
                lang,
                "{node}은(는) 종료하는 중입니다(controlled shutdown). 리더와 ISR 자리를 먼저 내놓습니다.",
                "{node} is shutting down (controlled shutdown): first it gives up its leaderships and its places in ISRs."
            ),
            CandidateState::Unregistered => say!(
                lang,
                "{node}은(는) 컨트롤러에 등록되어 있지 않습니다.",
                "{node} is not registered with the controller."
            ),
        },
        Reason::NoProcess { is_paused: true } => say!(
            lang,
            "프로세스가 멈춰 있어 heartbeat를 보내지 않습니다.",
            "Its process is paused and sends no heartbeats."
        ),
        Reason::NoProcess { .. } => say!(
            lang,
            "프로세스가 없어 heartbeat를 보내지 않습니다.",
            "No process runs, and no heartbeats come."
        ),
        Reason::NoActiveController => say!(
            lang,
            "액티브 컨트롤러가 없습니다. 다시 생길 때까지 아무것도 달리 적히지 않습니다.",
            "There is no active controller: until there is, nothing else is written of it."
        ),
        Reason::CutOff { controller } => say!(
            lang,
            "액티브 컨트롤러 {controller}과(와) 이어진 링크가 끊겨 heartbeat와 그 답이 닿지 않습니다.",
            "Its link to the active controller {controller} is cut: heartbeats, or their answers, do not arrive."
        ),
        Reason::NotRegistered => say!(
            lang,
            "프로세스가 등록을 기다립니다. 먼저 있던 프로세스의 세션이 남아 있는 동안은 DUPLICATE_BROKER_REGISTRATION을 받습니다.",
            "Its process waits to be registered; while the session of an earlier one lasts it gets DUPLICATE_BROKER_REGISTRATION."
        ),
        Reason::BehindInMetadata { has, needs } => say!(
            lang,
            "메타데이터를 오프셋 {has}까지 가졌습니다. 자기 등록이 있는 {needs}까지 따라잡으면 fenced에서 풀립니다.",
            "It has the metadata up to offset {has}; it is unfenced once it has them up to its own registration at {needs}."
        ),
        Reason::HeardOf { last, until } => say!(
            lang,
            "마지막 heartbeat는 {last}입니다. {until}까지 더 오지 않으면 fenced가 됩니다(broker.session.timeout.ms).",
            "Its last heartbeat came at {last}; unless another comes it is fenced at {until} (broker.session.timeout.ms)."
        ),
        Reason::InSync { in_sync, replicas, leads } => say!(
            lang,
            "레플리카 {replicas}개 가운데 {in_sync}개가 ISR에 있고, {leads}개의 리더입니다.",
            "Replicas in the ISR: {in_sync} of {replicas}; led by it: {leads}."
        ),
        Reason::Replica { partition, why } => format!("{partition} · {}", of_partition(why, lang)),
        Reason::MoreBehind { count } => say!(
            lang,
            "ISR 밖의 레플리카가 {count}개 더 있습니다.",
            "{count} more of its replicas are out of the ISR."
        ),
    }
}
