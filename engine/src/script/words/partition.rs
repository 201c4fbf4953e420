//! Why a partition is as it is, in words: each reason in a sentence, with Kafka's names.

use crate::controller::election::{CandidateState, Choice, Election, Place};
use crate::explain::election::Considered;
use crate::explain::partition::Reason;
use crate::ids::NodeId;
use crate::replication::partition::{Counts, JoinObstacle};
use crate::script::condition::state::ids_text;
use crate::script::describe::{candidate_text, choice_text};
use crate::script::lang::{Lang, say};
use crate::script::line::duration_text;
use crate::sim::time::SimTime;

/// What is, and what it follows from, each with whether it is what stands in the way.
pub fn told(reasons: &[Reason], lang: Lang) -> (String, Vec<(bool, String)>) {
    let mut all = reasons.iter().map(|one| (stands_in_the_way(one), reason(one, lang)));
    let verdict = all.next().map_or(String::new(), |(_, words)| words);
    (verdict, all.collect())
}

fn stands_in_the_way(reason: &Reason) -> bool {
    match reason {
        Reason::MinIsr { min, isr } => isr < min,
        Reason::Proposed { .. }
        | Reason::Behind { .. }
        | Reason::Lagging { .. }
        | Reason::Out { .. }
        | Reason::LastMember { .. }
        | Reason::Stale { .. } => true,
        Reason::Unmeasured { in_isr, standing, .. } => {
            !in_isr || *standing != CandidateState::Active
        }
        Reason::Stood { candidate, .. } => {
            candidate.place == Place::Outside || candidate.state != CandidateState::Active
        }
        _ => false,
    }
}

fn list(nodes: &[NodeId]) -> String {
    nodes.iter().map(NodeId::to_string).collect::<Vec<_>>().join(", ")
}

pub(super) fn reason(reason: &Reason, lang: Lang) -> String {
    match reason {
        Reason::NobodyMovesIt { high_watermark: hw, leader: None } => say!(
            lang,
            "HW는 {hw}에 머뭅니다. HW는 리더만 옮기는데 리더가 없습니다.",
            "The HW stays at {hw}: only a leader moves it, and there is none."
        ),
        Reason::NobodyMovesIt { high_watermark: hw, leader: Some(leader) } => say!(
            lang,
            "HW는 {hw}에 머뭅니다. HW는 리더만 옮기는데 {leader}이(가) 리더로 일하고 있지 않습니다.",
            "The HW stays at {hw}: only a leader moves it, and {leader} is not at work as one."
        ),
        Reason::AllCommitted { high_watermark: hw } => say!(
            lang,
            "HW는 {hw}입니다. HW를 정하는 모든 레플리카가 그 앞까지 가졌고, 로그도 거기서 끝납니다.",
            "The HW is {hw}: every replica that counts has everything below, and there the log ends."
        ),
        Reason::BelowMinIsr { high_watermark: hw, isr, min } => say!(
            lang,
            "HW는 {hw}에서 움직이지 않습니다. ISR {isr}개 < min.insync.replicas {min}.",
            "The HW does not move from {hw}: |ISR| {isr} < min.insync.replicas {min}."
        ),
        Reason::HeldBack { high_watermark: hw, log_end_offset, by } => {
            let by = list(by);
            say!(
                lang,
                "HW는 {hw}입니다. 리더가 아는 {by}의 LEO가 {hw}에 머물러 있습니다(리더의 LEO {log_end_offset}).",
                "The HW is {hw}: that is as far as {by} has come as the leader knows (the leader's LEO is {log_end_offset})."
            )
        }
        Reason::AboutToMove { high_watermark: hw } => say!(
            lang,
            "HW는 {hw}입니다. 막는 것은 없고, 다음 Fetch에서 앞으로 움직입니다.",
            "The HW is {hw}. Nothing holds it: the next Fetch moves it on."
        ),
        Reason::MaximalIsr { isr, committed } if isr == committed => {
            let isr = ids_text(isr);
            say!(
                lang,
                "HW는 ISR [{isr}]의 LEO 가운데 가장 작은 값입니다.",
                "The HW is the least LEO of the ISR [{isr}]."
            )
        }
        Reason::MaximalIsr { isr, committed } => {
            let (isr, committed) = (ids_text(isr), ids_text(committed));
            say!(
                lang,
                "HW는 maximal ISR [{isr}]의 LEO 가운데 가장 작은 값입니다. 커밋된 ISR은 [{committed}]이고, 제안된 것이 더 크면 응답 전에도 그것을 셉니다.",
                "The HW is the least LEO of the maximal ISR [{isr}]: the committed ISR is [{committed}], and a larger one that is proposed counts before it is answered."
            )
        }
        Reason::Counted { node, log_end_offset, counts } => {
            let leo = leo(*log_end_offset, lang);
            let how = match counts {
                Counts::InIsr => lang.pick("ISR의 멤버", "in the ISR"),
                Counts::Proposed => lang.pick("제안된 ISR의 멤버", "in the proposed ISR"),
                Counts::MayJoin => lang.pick(
                    "ISR 밖이지만 따라잡아 곧 들어올 수 있음",
                    "outside the ISR, but caught up: it may join at any moment",
                ),
            };
            say!(lang, "{node}: {leo}. 셉니다({how}).", "{node}: {leo}. It counts ({how}).")
        }
        Reason::NotCounted { node, log_end_offset } => {
            let leo = leo(*log_end_offset, lang);
            say!(
                lang,
                "{node}: {leo}. ISR 밖이라 세지 않습니다.",
                "{node}: {leo}. It is outside the ISR and does not count."
            )
        }
        Reason::MinIsr { min, isr } => say!(
            lang,
            "min.insync.replicas={min}: ISR은 {isr}개입니다. 그보다 작으면 HW는 서고, acks=all은 NOT_ENOUGH_REPLICAS를 받습니다.",
            "min.insync.replicas={min}: the ISR has {isr}. Below that the HW stands still and acks=all gets NOT_ENOUGH_REPLICAS."
        ),
        _ => of_the_isr(reason, lang),
    }
}

fn leo(log_end_offset: i64, lang: Lang) -> String {
    match log_end_offset {
        -1 => say!(lang, "아직 Fetch가 없어 LEO를 모름", "no Fetch yet, so its LEO is not known"),
        leo => format!("LEO {leo}"),
    }
}

fn since(at: Option<SimTime>, lang: Lang) -> String {
    match at {
        Some(at) => say!(lang, "마지막으로 따라잡은 때 {at}", "last caught up at {at}"),
        None => say!(lang, "따라잡은 적 없음", "never caught up"),
    }
}

fn of_the_isr(reason: &Reason, lang: Lang) -> String {
    match reason {
        Reason::Isr { isr, replicas } => {
            let (count, isr) = (isr.len(), ids_text(isr));
            say!(
                lang,
                "ISR은 [{isr}]입니다. 레플리카 {replicas}개 가운데 {count}개가 동기화되어 있습니다.",
                "The ISR is [{isr}]: {count} of {replicas} replicas are in sync."
            )
        }
        Reason::Proposed { proposed } => {
            let proposed = ids_text(proposed);
            say!(
                lang,
                "리더가 AlterPartition으로 [{proposed}]을(를) 제안했고 응답을 기다립니다.",
                "By AlterPartition the leader has proposed [{proposed}] and waits for the answer."
            )
        }
        Reason::Leads { node } => {
            say!(lang, "{node}: 리더. 늘 ISR에 있습니다.", "{node}: the leader, always in the ISR.")
        }
        Reason::CaughtUp { node, log_end_offset } => say!(
            lang,
            "{node}: 리더의 LEO {log_end_offset}까지 모두 가졌습니다.",
            "{node}: has everything up to the leader's LEO {log_end_offset}."
        ),
        Reason::Behind { node, log_end_offset, leader_end_offset, caught_up_at, until } => {
            let (leo, since) = (leo(*log_end_offset, lang), since(*caught_up_at, lang));
            let until = until.map_or(String::new(), |until| {
                say!(
                    lang,
                    " {until}까지 따라잡지 못하면 빼자고 제안됩니다.",
                    " Unless it catches up before {until} it will be proposed for removal."
                )
            });
            say!(
                lang,
                "{node}: 뒤에 있지만 아직 ISR에 있습니다. {leo}, 리더는 {leader_end_offset}, {since}.{until}",
                "{node}: behind, and still in it. {leo}, the leader's {leader_end_offset}, {since}.{until}"
            )
        }
        Reason::Lagging { node, log_end_offset, leader_end_offset, lag_ms, limit_ms } => {
            let (leo, lag, limit) = (
                leo(*log_end_offset, lang),
                SimTime::from_millis(*lag_ms),
                duration_text(*limit_ms),
            );
            say!(
                lang,
                "{node}: {lag} 동안 따라잡지 못했습니다(replica.lag.time.max.ms={limit}). {leo}, 리더는 {leader_end_offset}. 다음 점검에서 빠집니다.",
                "{node}: not caught up for {lag} (replica.lag.time.max.ms={limit}). {leo}, the leader's {leader_end_offset}. The next look takes it out."
            )
        }
        Reason::Out {
            node,
            standing,
            log_end_offset,
            leader_end_offset,
            caught_up_at,
            obstacle,
            limit_ms,
        } => {
            let (leo, since) = (leo(*log_end_offset, lang), since(*caught_up_at, lang));
            let why = match standing {
                CandidateState::Active => joining(*obstacle, *limit_ms, lang),
                other => standing_words(*other, lang).to_string(),
            };
            say!(
                lang,
                "{node}: ISR 밖. {why} {leo}, 리더는 {leader_end_offset}, {since}.",
                "{node}: out. {why} {leo}, the leader's {leader_end_offset}, {since}."
            )
        }
        Reason::Unmeasured { node, in_isr, standing } => {
            let place =
                if *in_isr { lang.pick("ISR", "in the ISR") } else { lang.pick("ISR 밖", "out") };
            let standing = standing_words(*standing, lang);
            format!("{node}: {place}. {standing}")
        }
        Reason::LastMember { node } => say!(
            lang,
            "ISR은 비우지 않습니다. 마지막 멤버 {node}은(는) 일하지 못해도 남습니다. 커밋된 것을 모두 가진 것은 이 레플리카뿐입니다.",
            "The ISR is never made empty: its last member {node} stays though it cannot serve, for it alone is known to have all that is committed."
        ),
        _ => of_the_leader(reason, lang),
    }
}

fn joining(obstacle: Option<JoinObstacle>, limit_ms: u64, lang: Lang) -> String {
    match obstacle {
        Some(JoinObstacle::ChangePending) => say!(
            lang,
            "ISR 변경은 한 번에 하나입니다. 앞의 제안이 응답을 기다립니다.",
            "One change of the ISR at a time: the last proposal waits for its answer."
        ),
        Some(JoinObstacle::NeverFetched) => {
            say!(
                lang,
                "이 리더에게 아직 Fetch하지 않았습니다.",
                "It has not fetched from this leader yet."
            )
        }
        Some(JoinObstacle::BelowHighWatermark) => {
            let limit = duration_text(limit_ms);
            say!(
                lang,
                "HW까지 따라잡아야 들어옵니다(replica.lag.time.max.ms={limit} 동안 못 따라잡으면 빠집니다).",
                "It joins once it has reached the HW (not caught up for replica.lag.time.max.ms={limit}, a member is taken out)."
            )
        }
        Some(JoinObstacle::BelowEpochStart { epoch_start_offset }) => say!(
            lang,
            "이 leader epoch가 시작한 오프셋 {epoch_start_offset}까지 따라잡아야 들어옵니다.",
            "It joins once it has reached offset {epoch_start_offset}, where this leader epoch began."
        ),
        Some(JoinObstacle::NotEligible) => say!(
            lang,
            "컨트롤러가 아는 프로세스가 아니라 아직 들어올 수 없습니다.",
            "It is not the process that the controller knows, and may not join yet."
        ),
        None => say!(lang, "다음 Fetch에서 들어옵니다.", "It joins with its next Fetch."),
    }
}

pub fn standing_words(standing: CandidateState, lang: Lang) -> &'static str {
    match standing {
        CandidateState::Active => lang.pick("일할 수 있습니다.", "It may serve."),
        CandidateState::Fenced => {
            lang.pick("컨트롤러가 fenced 상태로 두었습니다.", "The controller has fenced it.")
        }
        CandidateState::ShuttingDown => lang.pick("종료하는 중입니다.", "It is shutting down."),
        CandidateState::Leaving => lang.pick("빠지는 중입니다.", "It is going."),
        CandidateState::Unregistered => {
            lang.pick("등록되어 있지 않습니다.", "It is not registered.")
        }
    }
}

fn of_the_leader(reason: &Reason, lang: Lang) -> String {
    match reason {
        Reason::Led { leader, choice: Choice::Stays } => say!(
            lang,
            "{leader}이(가) 리더입니다. ISR에 있고 일할 수 있는 리더는 바꾸지 않습니다.",
            "{leader} leads: a leader that is in the ISR and may serve is kept."
        ),
        Reason::Led { leader, .. } => say!(
            lang,
            "{leader}이(가) 리더로 적혀 있습니다. 컨트롤러가 다음에 이 파티션을 바꿀 때 새로 뽑습니다.",
            "{leader} stands as the leader; the controller's next change of the partition elects anew."
        ),
        Reason::NotLed { unclean_allowed: false } => say!(
            lang,
            "리더가 없습니다. ISR에 일할 수 있는 브로커가 없고, unclean.leader.election.enable=false라 ISR 밖에서는 뽑지 않습니다.",
            "There is no leader: nobody in the ISR may serve, and unclean.leader.election.enable=false forbids one from outside."
        ),
        Reason::NotLed { unclean_allowed: true } => say!(
            lang,
            "리더가 없습니다. 일할 수 있는 레플리카가 하나도 없습니다.",
            "There is no leader: no replica may serve."
        ),
        Reason::Stood { candidate, leads } => {
            let leads = if *leads { lang.pick(", 리더", ", leads") } else { "" };
            format!("{}{leads}", candidate_text(candidate, None, lang))
        }
        Reason::Preferred { node } => say!(
            lang,
            "레플리카 목록의 첫 번째인 {node}이(가) preferred leader입니다.",
            "{node}, the first of the replicas, is the preferred leader."
        ),
        Reason::Next { elected, election } => {
            let choice = chosen(elected.leader, elected.choice, *election, lang);
            say!(lang, "지금 리더가 빠지면: {choice}", "If the leader went now: {choice}")
        }
        Reason::Epoch { leader_epoch, partition_epoch } => say!(
            lang,
            "leader epoch는 {leader_epoch}, partition epoch는 {partition_epoch}입니다.",
            "The leader epoch is {leader_epoch}, the partition epoch {partition_epoch}."
        ),
        Reason::EpochRule => say!(
            lang,
            "리더가 바뀔 때마다, 리더가 없어질 때도 leader epoch가 1 오릅니다. partition epoch는 ISR만 바뀌어도 오릅니다.",
            "Every change of leader, also to none, raises the leader epoch by one; a change of the ISR alone raises the partition epoch."
        ),
        Reason::EpochStart { leader, start_offset } => say!(
            lang,
            "{leader}의 epoch는 오프셋 {start_offset}에서 시작했습니다.",
            "The epoch of {leader} began at offset {start_offset}."
        ),
        Reason::Stale { node, leader_epoch, believes_to_lead: true } => say!(
            lang,
            "{node}은(는) 아직 epoch {leader_epoch}의 리더로 알고 있습니다. 그 epoch의 요청은 FENCED_LEADER_EPOCH를 받습니다.",
            "{node} still takes itself for the leader of epoch {leader_epoch}; requests of that epoch get FENCED_LEADER_EPOCH."
        ),
        Reason::Stale { node, leader_epoch, .. } => say!(
            lang,
            "{node}은(는) 아직 epoch {leader_epoch}까지만 압니다.",
            "{node} knows of epoch {leader_epoch} only."
        ),
        Reason::EpochCache { node, epochs } => {
            let entries: Vec<String> = epochs
                .iter()
                .map(|(epoch, start)| {
                    say!(lang, "e{epoch}은(는) {start}부터", "e{epoch} from {start}")
                })
                .collect();
            let entries = match entries.is_empty() {
                true => lang.pick("비어 있음", "empty").to_string(),
                false => entries.join(", "),
            };
            format!("{node} leader-epoch-checkpoint: {entries}")
        }
        _ => String::new(),
    }
}

/// Whom an election chose, and by which rule.
fn chosen(leader: Option<NodeId>, choice: Choice, election: Election, lang: Lang) -> String {
    let rule = choice_text(choice, election, lang);
    match leader {
        Some(leader) => format!("{leader}: {rule}"),
        None => say!(lang, "아무도 없습니다. {rule}", "nobody: {rule}"),
    }
}

/// An election that was held: what was chosen, and each candidate with whether it could not lead.
pub fn considered(election: &Considered, lang: Lang) -> (String, Vec<(bool, String)>) {
    let rows = election.candidates.iter().map(|candidate| {
        let could_not =
            candidate.place == Place::Outside || candidate.state != CandidateState::Active;
        let chosen = election.leader == Some(candidate.node);
        (could_not && !chosen, candidate_text(candidate, election.leader, lang))
    });
    let rows = rows.collect();
    (chosen(election.leader, election.choice, election.election, lang), rows)
}
