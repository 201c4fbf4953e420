//! Consumer groups in words: what their coordinator decides, and what members do.

use super::Teller;
use crate::event::{GroupEvent, GroupReason, RemovedMember};
use crate::group::classic_group::GroupState;
use crate::ids::TopicPartition;
use crate::protocol::CommittedOffset;
use crate::script::lang::{Lang, say};

/// More than these are counted, not named.
const NAMED_MAX: usize = 8;

impl Teller<'_> {
    pub(super) fn group(&self, event: &GroupEvent) -> String {
        let place = &self.place;
        match event {
            GroupEvent::Loaded { partition, groups, offsets } => say!(
                self.lang,
                "{place}이(가) {partition}을(를) 읽고 코디네이터가 되었습니다. 그룹 {groups}개, 커밋된 오프셋 {offsets}개가 있습니다.",
                "{place} has read {partition} and coordinates its groups: groups {groups}, committed offsets {offsets}."
            ),
            GroupEvent::Unloaded { partition } => say!(
                self.lang,
                "{place}은(는) 더는 {partition}의 리더가 아니므로 그 그룹들의 코디네이터가 아닙니다.",
                "{place} leads {partition} no more, and so coordinates its groups no more."
            ),
            GroupEvent::StateChanged { group, generation, members, from, to, reason } => {
                let because = reason_words(*reason, self.lang);
                self.state_changed(group, (*from, *to), *generation, *members, because)
            }
            GroupEvent::MemberAdded { group, member, group_instance_id: None } => say!(
                self.lang,
                "{member}이(가) 그룹 {group}의 멤버가 되었습니다.",
                "{member} is a member of group {group} now."
            ),
            GroupEvent::MemberAdded { group, member, group_instance_id: Some(instance) } => say!(
                self.lang,
                "{member}이(가) 그룹 {group}의 정적 멤버가 되었습니다(group.instance.id={instance}).",
                "{member} is a static member of group {group} now (group.instance.id={instance})."
            ),
            GroupEvent::MemberReplaced { group, former, member } => say!(
                self.lang,
                "그룹 {group}의 정적 멤버가 돌아왔습니다. {member}이(가) {former}의 자리를 잇습니다.",
                "A static member of group {group} is back: {member} takes the place of {former}."
            ),
            GroupEvent::MemberRemoved { group, member, why } => {
                let why = removed_words(*why, self.lang);
                say!(
                    self.lang,
                    "{member}은(는) 이제 그룹 {group}의 멤버가 아닙니다. {why}",
                    "{member} is no member of group {group} any more: {why}"
                )
            }
            GroupEvent::TargetComputed { group, epoch, assignor, assignment } => {
                let each = self.each(assignment);
                say!(
                    self.lang,
                    "{place}이(가) 그룹 {group}의 그룹 epoch {epoch}에서 목표 배정(target assignment)을 {assignor}(으)로 정했습니다. {each}.",
                    "{place} found out by {assignor} what everybody is to have in epoch {epoch} of group {group}: {each}."
                )
            }
            GroupEvent::MemberEpochReached { group, member, epoch, .. } => say!(
                self.lang,
                "{place}이(가) 그룹 {group}의 멤버 epoch {epoch}에 이르렀습니다({member}).",
                "{place} is in member epoch {epoch} of group {group} ({member})."
            ),
            GroupEvent::CommitStored { group, offsets, .. } => {
                let offsets = committed_text(offsets);
                say!(
                    self.lang,
                    "그룹 {group}의 오프셋이 커밋되었습니다: {offsets}.",
                    "Offsets of group {group} are committed: {offsets}."
                )
            }
            GroupEvent::OffsetsExpired { group, partitions } => {
                let partitions = self.partitions(partitions);
                say!(
                    self.lang,
                    "그룹 {group}의 {partitions} 오프셋이 offsets.retention.minutes를 넘겨 지워졌습니다.",
                    "Offsets of group {group} are gone after offsets.retention.minutes: {partitions}."
                )
            }
            GroupEvent::Deleted { group } => {
                say!(self.lang, "그룹 {group}이(가) 지워졌습니다.", "Group {group} is deleted.")
            }
            GroupEvent::CoordinatorFound { group, coordinator, .. } => say!(
                self.lang,
                "{place}이(가) 그룹 {group}의 코디네이터가 {coordinator}임을 알았습니다.",
                "{place} learned that {coordinator} coordinates group {group}."
            ),
            GroupEvent::CoordinatorLost { group, error: Some(error), .. } => say!(
                self.lang,
                "{place}이(가) 그룹 {group}의 코디네이터를 다시 찾습니다: {error}.",
                "{place} looks for the coordinator of group {group} again: {error}."
            ),
            GroupEvent::CoordinatorLost { group, error: None, .. } => say!(
                self.lang,
                "{place}이(가) 그룹 {group}의 코디네이터에게서 답을 받지 못해 다시 찾습니다.",
                "{place} got no answer of the coordinator of group {group} and looks for it again."
            ),
            GroupEvent::Joined { group, member, generation, protocol, leads, .. } => {
                let leads = if *leads {
                    self.lang.pick(", 리더로서 파티션을 나눕니다", ", and assigns as its leader")
                } else {
                    ""
                };
                say!(
                    self.lang,
                    "{place}이(가) 그룹 {group}의 {generation}세대(generation)에 {member}(으)로 들어갔습니다(assignor {protocol}){leads}.",
                    "{place} is in generation {generation} of group {group} as {member} (assignor {protocol}){leads}."
                )
            }
            GroupEvent::AssignmentMade { group, generation, protocol, assignment, .. } => {
                let each = self.each(assignment);
                say!(
                    self.lang,
                    "{place}이(가) 그룹 {group}의 {generation}세대 파티션을 {protocol}(으)로 나눴습니다. {each}.",
                    "{place} divided the partitions of group {group} for generation {generation} by {protocol}: {each}."
                )
            }
            GroupEvent::PartitionsAssigned { group, generation, partitions, .. } => {
                let partitions = self.partitions(partitions);
                say!(
                    self.lang,
                    "{place}이(가) 그룹 {group}의 {generation}세대에서 새로 받은 파티션: {partitions}.",
                    "{place} newly owns in generation {generation} of group {group}: {partitions}."
                )
            }
            GroupEvent::PartitionsRevoked { group, partitions, lost, .. } => {
                let partitions = self.partitions(partitions);
                if *lost {
                    return say!(
                        self.lang,
                        "{place}이(가) 그룹 {group}에서 잃은 파티션: {partitions}. 이미 다른 멤버의 것일 수 있습니다.",
                        "{place} lost in group {group}: {partitions}. Somebody else may own them by now."
                    );
                }
                say!(
                    self.lang,
                    "{place}이(가) 그룹 {group}에서 내놓은 파티션: {partitions}.",
                    "{place} gave up in group {group}: {partitions}."
                )
            }
            GroupEvent::RequestRefused { group, api, error, .. } => {
                let api = api.name();
                say!(
                    self.lang,
                    "그룹 {group}의 코디네이터가 {place}의 {api} 요청을 거절했습니다: {error}.",
                    "The coordinator of group {group} refused {api} of {place}: {error}."
                )
            }
            GroupEvent::OffsetsCommitted { offsets, .. } => {
                let offsets = committed_text(offsets);
                say!(
                    self.lang,
                    "{place}이(가) 커밋했습니다: {offsets}.",
                    "{place} has committed: {offsets}."
                )
            }
            GroupEvent::CommitFailed { group, error: Some(error), .. } => say!(
                self.lang,
                "{place}의 애플리케이션이 그룹 {group}에 커밋하지 못했습니다: {error}.",
                "The application of {place} could not commit to group {group}: {error}."
            ),
            GroupEvent::CommitFailed { group, error: None, .. } => say!(
                self.lang,
                "{place}은(는) 그룹 {group}의 지금 세대에 속하지 않아 커밋하지 못했습니다(CommitFailedException).",
                "{place} could not commit: it is not in the present generation of group {group} (CommitFailedException)."
            ),
            GroupEvent::PollIntervalExceeded { group, .. } => say!(
                self.lang,
                "{place}의 애플리케이션이 max.poll.interval.ms 안에 poll을 부르지 않아 그룹 {group}에서 나갑니다.",
                "The application of {place} did not call poll within max.poll.interval.ms: it leaves group {group}."
            ),
            GroupEvent::RecordsProcessed { partition, base_offset, last_offset, .. } => {
                let range = self.offsets(*base_offset, *last_offset);
                say!(
                    self.lang,
                    "{place}이(가) {partition}의 {range}을(를) 처리했습니다.",
                    "{place} has processed {range} of {partition}."
                )
            }
            GroupEvent::Failed { error: Some(error), .. } => say!(
                self.lang,
                "{place}의 애플리케이션이 {error} 오류로 끝났습니다.",
                "The application of {place} has ended with {error}."
            ),
            GroupEvent::Failed { partition, .. } => {
                let partition = partition.as_ref().map(|id| id.to_string()).unwrap_or_default();
                say!(
                    self.lang,
                    "{partition}에서 시작할 오프셋이 없고 auto.offset.reset=none이라 {place}의 애플리케이션이 끝났습니다(NoOffsetForPartitionException).",
                    "The application of {place} has ended: no offset to start from in {partition}, and auto.offset.reset=none (NoOffsetForPartitionException)."
                )
            }
        }
    }

    fn state_changed(
        &self,
        group: &str,
        (from, to): (GroupState, GroupState),
        generation: i32,
        members: u32,
        because: &str,
    ) -> String {
        match to {
            GroupState::PreparingRebalance => say!(
                self.lang,
                "그룹 {group}이(가) 리밸런스(rebalance)를 시작합니다({from} -> {to}, {generation}세대까지 왔음). {because}",
                "Group {group} begins to rebalance ({from} -> {to}, so far at generation {generation}): {because}"
            ),
            _ => say!(
                self.lang,
                "그룹 {group}: {from} -> {to}, {generation}세대, 멤버 {members}명. {because}",
                "Group {group}: {from} -> {to}, generation {generation}, members {members}: {because}"
            ),
        }
    }

    fn each(&self, assignment: &[(std::sync::Arc<str>, Vec<TopicPartition>)]) -> String {
        let each = assignment
            .iter()
            .map(|(member, given)| format!("{member}: {}", self.partitions(given)));
        each.collect::<Vec<_>>().join("; ")
    }

    fn partitions(&self, partitions: &[TopicPartition]) -> String {
        match partitions.len() {
            0 => self.lang.pick("없음", "none").to_string(),
            len if len > NAMED_MAX => say!(self.lang, "{len}개", "{len} partitions"),
            _ => partitions.iter().map(|id| id.to_string()).collect::<Vec<_>>().join(", "),
        }
    }
}

fn committed_text(offsets: &[(TopicPartition, CommittedOffset)]) -> String {
    let named = offsets.iter().take(NAMED_MAX);
    let mut text = named
        .map(|(id, committed)| format!("{id} @ {}", committed.offset))
        .collect::<Vec<_>>()
        .join(", ");
    if offsets.len() > NAMED_MAX {
        text += ", ...";
    }
    text
}

/// Why a group changed its state, as a sentence.
pub fn reason_words(reason: GroupReason, lang: Lang) -> &'static str {
    let (ko, en) = match reason {
        GroupReason::MemberJoined => ("새 멤버가 들어왔습니다.", "a new member came."),
        GroupReason::MemberRejoined => ("멤버가 다시 들어왔습니다.", "a member joined again."),
        GroupReason::LeaderRejoined => {
            ("그룹의 리더가 다시 들어왔습니다.", "the group's leader joined again.")
        }
        GroupReason::MetadataChanged => (
            "멤버가 구독이나 가진 파티션이 바뀌었다고 알렸습니다.",
            "a member's subscription, or what it owns, is another.",
        ),
        GroupReason::MemberLeft => ("멤버가 나갔습니다.", "a member left."),
        GroupReason::SessionExpired => (
            "멤버의 하트비트가 session.timeout.ms 동안 없었습니다.",
            "a member was not heard of for session.timeout.ms.",
        ),
        GroupReason::SyncExpired => {
            ("멤버가 배정을 물어 오지 않았습니다.", "a member did not ask for its assignment.")
        }
        GroupReason::StoreFailed => {
            ("배정을 로그에 적지 못했습니다.", "the assignment could not be written.")
        }
        GroupReason::AllJoined => (
            "기다리던 멤버가 모두 들어왔거나 기다릴 시간이 끝났습니다.",
            "everybody has joined, or the time for it is over.",
        ),
        GroupReason::Assigned => {
            ("리더의 배정이 커밋되었습니다.", "the leader's assignment is committed.")
        }
        GroupReason::TopicsChanged => (
            "구독한 토픽이나 파티션 수가 바뀌었습니다.",
            "subscribed topics, or their partitions, are others.",
        ),
        GroupReason::Reconciled => {
            ("멤버가 자기 목표 배정에 다가갔습니다.", "a member came nearer to what it is to have.")
        }
    };
    lang.pick(ko, en)
}

fn removed_words(why: RemovedMember, lang: Lang) -> &'static str {
    let (ko, en) = match why {
        RemovedMember::Left => ("스스로 나갔습니다.", "it left."),
        RemovedMember::SessionExpired => (
            "하트비트가 session.timeout.ms 동안 없었습니다.",
            "it was not heard of for session.timeout.ms.",
        ),
        RemovedMember::DidNotRejoin => (
            "리밸런스 제한 시간 안에 다시 들어오지 않았습니다.",
            "it did not join again within the rebalance timeout.",
        ),
        RemovedMember::DidNotSync => {
            ("배정을 물어 오지 않았습니다.", "it did not ask for its assignment.")
        }
        RemovedMember::DidNotRevoke => (
            "내놓아야 할 파티션을 리밸런스 제한 시간 안에 내놓지 않았습니다.",
            "it did not give up within the rebalance timeout what it had to.",
        ),
    };
    lang.pick(ko, en)
}
