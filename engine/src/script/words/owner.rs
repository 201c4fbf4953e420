//! Why a member of a group reads a partition, or why nobody does, in words.

use crate::explain::owner::{Absence, Reason, Still};
use crate::ids::TopicPartition;
use crate::script::lang::{Lang, say};

/// What is, and what it follows from, each with whether it is what stands in the way.
pub fn told(reasons: &[Reason], lang: Lang) -> (String, Vec<(bool, String)>) {
    let mut all = reasons.iter();
    let verdict = all.next().map_or(String::new(), |one| reason(one, lang));
    let rules = all.map(|one| (matches!(one, Reason::Missing { .. }), reason(one, lang)));
    (verdict, rules.collect())
}

fn reason(reason: &Reason, lang: Lang) -> String {
    match reason {
        Reason::Owned { partition, owner, generation } => say!(
            lang,
            "{partition}은(는) {generation}세대에서 {owner}의 것이고, {owner}이(가) 읽고 있습니다.",
            "{partition} belongs to {owner} in generation {generation}, which reads it."
        ),
        Reason::Still { partition, because } => still(partition, because, lang),
        Reason::Range { partitions, members, rank } => {
            let (each, more) = (*partitions as usize / members, *partitions as usize % members);
            say!(
                lang,
                "range: 토픽마다 파티션 {partitions}개를 그 토픽을 구독한 멤버 {members}명에게 차례로 이어서 나눕니다. 한 명에 {each}개씩, 앞의 {more}명은 하나 더 받습니다. 이 멤버는 {rank}번째입니다.",
                "range: for each topic, {partitions} partitions in a row go to the {members} members that subscribed it: {each} each, and one more to the first {more}. This member is number {rank}."
            )
        }
        Reason::RoundRobin { place, members, rank } => say!(
            lang,
            "roundrobin: 모든 파티션을 순서대로 늘어놓고 멤버 {members}명에게 돌아가며 하나씩 줍니다. 이 파티션은 {place}번째, 이 멤버는 {rank}번째입니다.",
            "roundrobin: all partitions in order go round the {members} members, one at a time. This is partition {place} of them, and the member number {rank}."
        ),
        Reason::Sticky { owned, least, most } => say!(
            lang,
            "sticky: 모두가 비슷하게({least}–{most}개) 갖도록 나누되, 전에 갖던 것은 되도록 그대로 둡니다. 이 멤버는 {owned}개를 가졌습니다.",
            "sticky: everybody has about as many ({least} to {most}), and keeps what it had where that is possible. This member has {owned}."
        ),
        Reason::Target { assignor, epoch, members, owned } => say!(
            lang,
            "{assignor}: 코디네이터가 그룹 에포크 {epoch}의 목표 배정(target assignment)을 정했습니다. 멤버 {members}명 가운데 이 멤버가 {owned}개를 갖습니다. 멤버들은 heartbeat의 답으로 그것을 압니다.",
            "{assignor}: the coordinator itself divided, for group epoch {epoch}: of {members} members this one is to have {owned} partitions. Members learn so from the answers to their heartbeats."
        ),
        Reason::KeptInRebalance => lang
            .pick(
                "그룹은 리밸런스 중입니다. 협력적(cooperative) 멤버는 그동안에도 가진 것을 계속 읽습니다.",
                "The group rebalances; a cooperative member goes on reading what it has meanwhile.",
            )
            .to_string(),
        Reason::Missing { member, absence } => missing(member, absence, lang),
        Reason::Until { at, is_first: true } => say!(
            lang,
            "빈 그룹의 첫 리밸런스는 group.initial.rebalance.delay.ms 동안 다른 멤버를 더 기다립니다. {at}까지.",
            "The first rebalance of an empty group waits for more members for group.initial.rebalance.delay.ms: until {at}."
        ),
        Reason::Until { at, is_first: false } => say!(
            lang,
            "{at}까지 오지 않는 멤버는 빼고 나아갑니다(멤버들의 max.poll.interval.ms 가운데 가장 긴 값).",
            "At {at} it goes on without those that have not come (the longest max.poll.interval.ms of the members)."
        ),
    }
}

fn still(partition: &TopicPartition, because: &Still, lang: Lang) -> String {
    match because {
        Still::NoMembers => say!(
            lang,
            "{partition}은(는) 서 있습니다. 그룹에 멤버가 없습니다.",
            "{partition} stands still: the group has no members."
        ),
        Still::Joining => say!(
            lang,
            "{partition}은(는) 서 있습니다. 리밸런스 중이고, 멤버가 모두 JoinGroup을 보내야 나눌 수 있습니다.",
            "{partition} stands still: the group rebalances, and nothing is divided before all members have joined."
        ),
        Still::Assigning { leader } => say!(
            lang,
            "{partition}은(는) 서 있습니다. 모두 들어왔고, 리더 {leader}이(가) 나눈 것을 코디네이터가 커밋하기를 기다립니다.",
            "{partition} stands still: all have joined; {leader}, the leader, divides, and the coordinator has to commit that."
        ),
        Still::NotSubscribed => say!(
            lang,
            "{partition}을(를) 구독한 멤버가 없습니다.",
            "No member has subscribed {partition}."
        ),
        Still::NotReleased { owner, holder } => say!(
            lang,
            "{partition}은(는) {owner}의 것이 될 차례지만, {holder}이(가) 아직 내놓지 않았습니다. 다음 heartbeat에서 내놓습니다.",
            "{partition} is to go to {owner}, but {holder} has yet to give it up, with one of its next heartbeats."
        ),
        Still::OwnerGone { owner, until: Some(until) } => say!(
            lang,
            "{partition}은(는) 서 있습니다. 주인 {owner}의 프로세스가 없는데, 코디네이터는 session.timeout.ms가 지나는 {until}에야 압니다.",
            "{partition} stands still: the process of its owner {owner} is gone, and the coordinator learns so at {until}, when session.timeout.ms is over."
        ),
        Still::OwnerGone { owner, until: None } => say!(
            lang,
            "{partition}은(는) 서 있습니다. 주인 {owner}의 프로세스가 없습니다.",
            "{partition} stands still: the process of its owner {owner} is gone."
        ),
        Still::NotTaken { owner, records_in_hand: 0 } => say!(
            lang,
            "{partition}은(는) {owner}의 것이 되었고, 그 사실이 {owner}에게 가는 중입니다.",
            "{partition} has been given to {owner}, which is about to learn so."
        ),
        Still::NotTaken { owner, records_in_hand } => say!(
            lang,
            "{partition}은(는) {owner}의 것이 되었지만, {owner}의 애플리케이션이 레코드 {records_in_hand}개를 처리하느라 poll을 부르지 않았습니다.",
            "{partition} has been given to {owner}, whose application is busy with records ({records_in_hand}) and has not called poll."
        ),
        Still::AsksOffset { owner } => say!(
            lang,
            "{partition}은(는) {owner}의 것이고, {owner}이(가) 어디서 이어 읽을지 묻고 있습니다.",
            "{partition} belongs to {owner}, which asks where to go on."
        ),
        Still::OwnerFailed { owner } => say!(
            lang,
            "{partition}은(는) 서 있습니다. 주인 {owner}의 애플리케이션이 오류로 끝났습니다.",
            "{partition} stands still: the application of its owner {owner} has ended with an error."
        ),
    }
}

fn missing(member: &str, absence: &Absence, lang: Lang) -> String {
    match absence {
        Absence::Gone { until: Some(until) } => say!(
            lang,
            "{member}: 프로세스가 없습니다. 세션이 {until}에 끝나야 빠집니다.",
            "{member}: its process is gone; it is a member until its session ends at {until}."
        ),
        Absence::Gone { until: None } => {
            say!(lang, "{member}: 프로세스가 없습니다.", "{member}: its process is gone.")
        }
        Absence::Busy { records, until: Some(until) } => say!(
            lang,
            "{member}: 애플리케이션이 레코드 {records}개를 처리하고 있습니다. 다음 poll에서 들어오고, {until}까지 부르지 않으면 그룹에서 나갑니다(max.poll.interval.ms).",
            "{member}: its application is busy with records ({records}). It joins when it polls, and leaves the group if it has not by {until} (max.poll.interval.ms)."
        ),
        Absence::Busy { records, until: None } => say!(
            lang,
            "{member}: 애플리케이션이 레코드 {records}개를 처리하고 있습니다. 다음 poll에서 들어옵니다.",
            "{member}: its application is busy with records ({records}). It joins when it polls."
        ),
        Absence::Unaware { heartbeat } => say!(
            lang,
            "{member}: 아직 모릅니다. {heartbeat}에 보낼 Heartbeat의 답(REBALANCE_IN_PROGRESS)으로 압니다.",
            "{member}: it does not know yet. The answer to its heartbeat at {heartbeat} tells it (REBALANCE_IN_PROGRESS)."
        ),
        Absence::OnTheWay => {
            say!(lang, "{member}: 들어오는 중입니다.", "{member}: it is about to join.")
        }
    }
}
