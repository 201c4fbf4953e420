//! Elections, eligibility and reassignments, in words.

use super::Teller;
use crate::controller::election::{Candidate, CandidateState, Choice, Election, Place};
use crate::event::ChangeReason;
use crate::ids::{NodeId, TopicPartition};
use crate::script::condition::state::ids_text;
use crate::script::lang::{Lang, say};

impl Teller<'_> {
    pub(super) fn election_held(
        &self,
        partition: &TopicPartition,
        election: Election,
        candidates: &[Candidate],
        leader: Option<NodeId>,
        choice: Choice,
    ) -> String {
        let seen: Vec<_> =
            candidates.iter().map(|one| candidate_text(one, leader, self.lang)).collect();
        let (seen, why) = (seen.join(", "), choice_text(choice, election, self.lang));
        match leader {
            Some(leader) => say!(
                self.lang,
                "컨트롤러가 {partition}의 리더를 레플리카 순서대로 찾았습니다: {seen}. 결과는 {leader}입니다. {why}",
                "The controller looked for a leader of {partition} in replica order: {seen}. It is {leader}: {why}"
            ),
            None => say!(
                self.lang,
                "컨트롤러가 {partition}의 리더를 레플리카 순서대로 찾았습니다: {seen}. 리더가 될 수 있는 레플리카가 없습니다. {why}",
                "The controller looked for a leader of {partition} in replica order: {seen}. Nobody can lead: {why}"
            ),
        }
    }

    pub(super) fn elr_changed(
        &self,
        partition: &TopicPartition,
        elr: &[NodeId],
        last_known_elr: &[NodeId],
        reason: ChangeReason,
    ) -> String {
        let why = self.reason(reason);
        let ids = ids_text(elr);
        let known = match last_known_elr {
            [] => String::new(),
            [leader] => say!(
                self.lang,
                " 마지막 리더 {leader}을(를) 기억해 둡니다.",
                " {leader} is remembered as the last leader."
            ),
            many => format!(" LastKnownElr [{}].", ids_text(many)),
        };
        say!(
            self.lang,
            "{partition}의 ELR(ISR 밖에 있지만 커밋된 레코드를 모두 가진 것으로 알려진 레플리카)은 이제 [{ids}]입니다.{known} {why}",
            "The ELR of {partition}, those outside of the ISR that are known to hold all that is committed, is [{ids}] now.{known} {why}"
        )
    }

    pub(super) fn reassignment_began(
        &self,
        partition: &TopicPartition,
        replicas: &[NodeId],
        adding: &[NodeId],
        removing: &[NodeId],
    ) -> String {
        let [replicas, adding, removing] = [replicas, adding, removing].map(ids_text);
        say!(
            self.lang,
            "{partition}의 재배치를 시작했습니다. 끝날 때까지 레플리카는 [{replicas}]이고, [{adding}]을(를) 더하고 [{removing}]을(를) 뺍니다.",
            "The reassignment of {partition} began: until its end the replicas are [{replicas}]; [{adding}] come and [{removing}] go."
        )
    }

    pub(super) fn reassignment_advanced(
        &self,
        partition: &TopicPartition,
        in_sync: &[NodeId],
        adding: &[NodeId],
    ) -> String {
        let (now, all) = (in_sync.len(), adding.len());
        let ids = ids_text(in_sync);
        say!(
            self.lang,
            "{partition}의 재배치: 새 레플리카 {all}개 가운데 {now}개([{ids}])가 ISR에 있습니다.",
            "The reassignment of {partition}: {now} of {all} new replicas are in sync ([{ids}])."
        )
    }

    pub(super) fn reassignment_completed(
        &self,
        partition: &TopicPartition,
        replicas: &[NodeId],
    ) -> String {
        let replicas = ids_text(replicas);
        say!(
            self.lang,
            "{partition}의 재배치가 끝났습니다. 레플리카는 [{replicas}]입니다.",
            "The reassignment of {partition} is complete: its replicas are [{replicas}]."
        )
    }

    pub(super) fn reassignment_cancelled(
        &self,
        partition: &TopicPartition,
        replicas: &[NodeId],
    ) -> String {
        let replicas = ids_text(replicas);
        say!(
            self.lang,
            "{partition}의 재배치를 취소했습니다. 레플리카는 다시 [{replicas}]입니다.",
            "The reassignment of {partition} was cancelled: its replicas are [{replicas}] again."
        )
    }
}

/// One candidate, and why it could or could not lead.
pub fn candidate_text(candidate: &Candidate, leader: Option<NodeId>, lang: Lang) -> String {
    let node = candidate.node;
    let state = match candidate.state {
        CandidateState::Active => None,
        CandidateState::Fenced => Some(lang.pick("fenced 상태", "fenced")),
        CandidateState::ShuttingDown => Some(lang.pick("종료 중", "shutting down")),
        CandidateState::Leaving => Some(lang.pick("빠지는 중", "going")),
        CandidateState::Unregistered => Some(lang.pick("등록되지 않음", "not registered")),
    };
    let place = match candidate.place {
        Place::Isr => lang.pick("ISR 안", "in the ISR"),
        Place::Elr => lang.pick("ELR 안", "in the ELR"),
        Place::Outside => lang.pick("ISR 밖", "out of the ISR"),
    };
    let chosen = if leader == Some(node) { lang.pick(", 뽑힘", ", chosen") } else { "" };
    match state {
        Some(state) => format!("{node} ({state}, {place})"),
        None => format!("{node} ({place}{chosen})"),
    }
}

/// Why an election came out as it did.
pub fn choice_text(choice: Choice, election: Election, lang: Lang) -> &'static str {
    match choice {
        Choice::Stays => lang.pick(
            "지금의 리더가 계속할 수 있습니다.",
            "it leads already and may go on.",
        ),
        Choice::Preferred => lang.pick(
            "첫 레플리카(preferred leader)이고 ISR에 있습니다.",
            "it is the first replica, the preferred leader, and in sync.",
        ),
        Choice::FirstInSync => lang.pick(
            "살아 있는 ISR 멤버 가운데 레플리카 순서에서 처음입니다.",
            "of those alive in the ISR it is the first in replica order.",
        ),
        Choice::FirstEligible => lang.pick(
            "ISR이 비었고, 살아 있는 ELR 멤버 가운데 레플리카 순서에서 처음입니다. 커밋된 레코드를 모두 가지고 있습니다.",
            "the ISR is empty, and of those alive in the ELR it is the first in replica order; it holds all that is committed.",
        ),
        Choice::LastKnownLeader => lang.pick(
            "ISR과 ELR이 모두 비어 마지막 리더에게 맡깁니다. 커밋된 레코드를 잃을 수 있습니다.",
            "ISR and ELR are empty, so it goes to the last leader; committed records may be lost.",
        ),
        Choice::FirstAlive => lang.pick(
            "ISR에 살아 있는 레플리카가 없어, unclean 선거로 살아 있는 첫 레플리카를 뽑습니다. 커밋된 레코드를 잃을 수 있습니다.",
            "nobody in the ISR is alive, so an unclean election takes the first that is alive; committed records may be lost.",
        ),
        Choice::Nobody if election == Election::Unclean => lang.pick(
            "살아 있는 레플리카가 하나도 없습니다.",
            "no replica is alive.",
        ),
        Choice::Nobody => lang.pick(
            "ISR 밖의 레플리카는 unclean.leader.election.enable=true일 때만 리더가 될 수 있습니다.",
            "whoever is out of sync may lead only with unclean.leader.election.enable=true.",
        ),
    }
}
