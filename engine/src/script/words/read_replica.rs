//! Why a consumer reads from the leader or from a follower, in words (KIP-392).

use crate::explain::read_replica::{Because, Reason};
use crate::ids::NodeId;
use crate::script::lang::{Lang, say};
use std::sync::Arc;

/// What is, and what it follows from, each with whether it is what stands in the way.
pub fn told(reasons: &[Reason], lang: Lang) -> (String, Vec<(bool, String)>) {
    let mut all = reasons.iter().map(|one| (stands_in_the_way(one), reason(one, lang)));
    let verdict = all.next().map_or(String::new(), |(_, words)| words);
    (verdict, all.collect())
}

/// A replica that is near and cannot be read, and a leader that would send the consumer elsewhere.
fn stands_in_the_way(reason: &Reason) -> bool {
    match reason {
        Reason::Replica { is_near, in_isr, has_offset, .. } => {
            *is_near && !(*in_isr && *has_offset)
        }
        Reason::WouldName { replica, .. } => replica.is_none(),
        _ => false,
    }
}

fn reason(reason: &Reason, lang: Lang) -> String {
    match reason {
        Reason::SeeksOffset => say!(
            lang,
            "아직 읽지 않습니다. 어느 오프셋부터인지 리더에게 묻고 있습니다.",
            "It does not read yet: it asks the leader from which offset on."
        ),
        Reason::NoLeader => say!(
            lang,
            "일하는 리더가 없습니다. 새 리더를 알게 될 때까지 읽을 곳이 정해지지 않습니다.",
            "No leader is at work: until a new one is known, nobody says where to read."
        ),
        Reason::ReadsFollower { replica, leader } => say!(
            lang,
            "팔로워 {replica}에서 읽습니다. 리더 {leader}이(가) 컨슈머와 같은 랙의 레플리카라고 일러 주었습니다(preferred read replica, KIP-392).",
            "It reads from the follower {replica}: the leader {leader} named it as the replica in the consumer's rack (preferred read replica, KIP-392)."
        ),
        Reason::ReadsLeader { leader, because } => leader_because(*leader, *because, lang),
        Reason::Lease { expires } => say!(
            lang,
            "{expires}까지는 리더에게 다시 묻지 않습니다(metadata.max.age.ms). 그동안 팔로워가 ISR에서 빠져도 거기서 읽고, 그 팔로워의 HW에서 멈춥니다.",
            "Until {expires} it does not ask the leader again (metadata.max.age.ms). Should the follower leave the ISR meanwhile, it reads on there, and stops at that follower's HW."
        ),
        Reason::WouldName { leader, replica: Some(replica) } => say!(
            lang,
            "지금 묻는다면 리더 {leader}은(는) {replica}에서 읽으라고 답합니다.",
            "Were it asked now, the leader {leader} would send it to {replica}."
        ),
        Reason::WouldName { leader, replica: None } => say!(
            lang,
            "지금 묻는다면 리더 {leader}은(는) 아무도 일러 주지 않고 자기가 답합니다.",
            "Were it asked now, the leader {leader} would name nobody and serve it itself."
        ),
        Reason::Rack { rack: Some(rack) } => {
            say!(
                lang,
                "컨슈머의 client.rack은 {rack}입니다.",
                "The consumer's client.rack is {rack}."
            )
        }
        Reason::Rack { rack: None } => {
            say!(lang, "컨슈머에 client.rack이 없습니다.", "The consumer has no client.rack.")
        }
        Reason::Selector { is_rack_aware: true } => say!(
            lang,
            "replica.selector.class=RackAwareReplicaSelector: 컨슈머의 랙에 있는 레플리카를 고릅니다. 여럿이면 로그가 가장 긴 것을 고릅니다.",
            "replica.selector.class=RackAwareReplicaSelector: a replica in the consumer's rack is chosen, of several the one with the longest log."
        ),
        Reason::Selector { .. } => say!(
            lang,
            "replica.selector.class=LeaderSelector(기본값): 늘 리더에서 읽습니다.",
            "replica.selector.class=LeaderSelector, the default: the leader is always read."
        ),
        Reason::Replica { node, rack, is_near, leads, in_isr, log_end_offset, has_offset } => {
            let rack = rack_text(rack.as_ref(), *is_near, lang);
            let role = match (leads, in_isr) {
                (true, _) => lang.pick("리더", "the leader"),
                (false, true) => lang.pick("ISR", "in the ISR"),
                (false, false) => lang.pick("ISR 밖", "out of the ISR"),
            };
            let lacks = match (has_offset, log_end_offset) {
                (true, leo) => format!("LEO {leo}"),
                (false, -1) => lang.pick("아직 Fetch 없음", "no Fetch yet").to_string(),
                (false, leo) => say!(
                    lang,
                    "LEO {leo}, 읽을 오프셋이 없음",
                    "LEO {leo}, without the offset that is read next"
                ),
            };
            format!("{node}: {role}, {rack}, {lacks}.")
        }
        Reason::EndsEarly => say!(
            lang,
            "리더가 바뀌거나, 메타데이터에 오프라인으로 나오거나, 팔로워가 답하지 않거나 OFFSET_OUT_OF_RANGE로 답하면 바로 리더로 돌아갑니다.",
            "It goes back to the leader at once if the leader changes, if the metadata say that the follower is offline, or if that does not answer, or answers OFFSET_OUT_OF_RANGE."
        ),
    }
}

fn leader_because(leader: NodeId, because: Because, lang: Lang) -> String {
    let why = match because {
        Because::NoRack => lang.pick(
            "컨슈머가 어느 랙에 있는지 말하지 않습니다(client.rack)",
            "the consumer does not say in which rack it is (client.rack)",
        )
        .to_string(),
        Because::LeaderSelector => lang.pick(
            "브로커가 늘 리더를 고릅니다(replica.selector.class)",
            "the brokers always choose the leader (replica.selector.class)",
        )
        .to_string(),
        Because::NotFenced => lang.pick(
            "옛 규칙에서는 팔로워가 컨슈머에게 답하지 않습니다(history.rule)",
            "by the old rule no follower serves consumers (history.rule)",
        )
        .to_string(),
        Because::LeaderIsNear => lang.pick(
            "리더가 컨슈머와 같은 랙에 있습니다",
            "the leader itself is in the consumer's rack",
        )
        .to_string(),
        Because::NobodyNear => lang.pick(
            "컨슈머의 랙에 일할 수 있는 레플리카가 없습니다",
            "no replica that may serve is in the consumer's rack",
        )
        .to_string(),
        Because::NearCannot => lang.pick(
            "컨슈머의 랙에 있는 레플리카가 ISR 밖이거나 읽을 오프셋이 없습니다",
            "the replica in the consumer's rack is out of the ISR, or lacks the offset that is read next",
        )
        .to_string(),
        Because::AboutToBeSent(replica) => say!(
            lang,
            "다음 Fetch의 답이 {replica}을(를) 일러 줍니다",
            "the next answer to its Fetch names {replica}"
        ),
    };
    say!(lang, "리더 {leader}에서 읽습니다: {why}.", "It reads from the leader {leader}: {why}.")
}

fn rack_text(rack: Option<&Arc<str>>, is_near: bool, lang: Lang) -> String {
    match rack {
        Some(rack) if is_near => {
            say!(lang, "컨슈머와 같은 랙 {rack}", "in the consumer's rack {rack}")
        }
        Some(rack) => say!(lang, "랙 {rack}", "rack {rack}"),
        None => lang.pick("랙 모름", "no rack known").to_string(),
    }
}
