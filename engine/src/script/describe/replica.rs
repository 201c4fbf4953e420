//! What leaders and followers do, in words.

use super::Teller;
use crate::event::{ParkReason, Role, TruncationReason};
use crate::ids::{NodeId, TopicPartition};
use crate::protocol::{Acks, Api, KafkaError};
use crate::script::condition::state::ids_text;
use crate::script::lang::{Lang, say};

impl Teller<'_> {
    pub(super) fn became_leader(
        &self,
        partition: &TopicPartition,
        epoch: i32,
        start: i64,
    ) -> String {
        let place = &self.place;
        say!(
            self.lang,
            "{place}이(가) {partition}의 리더로 일하기 시작했습니다. leader epoch {epoch}은(는) 오프셋 {start}에서 시작합니다.",
            "{place} leads {partition} from now on; leader epoch {epoch} begins at offset {start}."
        )
    }

    pub(super) fn became_follower(
        &self,
        partition: &TopicPartition,
        leader: Option<NodeId>,
        epoch: i32,
    ) -> String {
        let place = &self.place;
        match leader {
            Some(leader) => say!(
                self.lang,
                "{place}이(가) {partition}에서 {leader}을(를) 따릅니다(leader epoch {epoch}).",
                "{place} follows {leader} for {partition} (leader epoch {epoch})."
            ),
            None => say!(
                self.lang,
                "{place}이(가) {partition}에서 따를 리더가 없습니다(leader epoch {epoch}).",
                "{place} has no leader to follow for {partition} (leader epoch {epoch})."
            ),
        }
    }

    pub(super) fn appended(
        &self,
        partition: &TopicPartition,
        (base, last): (i64, i64),
        role: Role,
    ) -> String {
        let (place, range, next) = (&self.place, self.offsets(base, last), last + 1);
        let role = match role {
            Role::Leader => self.lang.pick("리더", "leader"),
            Role::Follower => self.lang.pick("팔로워", "follower"),
        };
        say!(
            self.lang,
            "{place}({role})이(가) {partition}의 {range}에 저장했습니다. 다음 오프셋(LEO)은 {next}입니다.",
            "{place} ({role}) stored {range} of {partition}; its log end offset (LEO) is {next}."
        )
    }

    pub(super) fn rolled(&self, partition: &TopicPartition, base: i64) -> String {
        let place = &self.place;
        say!(
            self.lang,
            "{place}이(가) {partition}의 새 세그먼트를 오프셋 {base}에서 시작했습니다.",
            "{place} began a new segment of {partition} at offset {base}."
        )
    }

    pub(super) fn follower_reached(
        &self,
        partition: &TopicPartition,
        follower: NodeId,
        end: i64,
    ) -> String {
        let (place, last) = (&self.place, end - 1);
        if end == 0 {
            return say!(
                self.lang,
                "{follower}이(가) {partition}을(를) 오프셋 0부터 요청했습니다. 리더 {place}은(는) {follower}이(가) 아직 비어 있음을 압니다.",
                "{follower} fetches {partition} at offset 0: the leader {place} knows that it has nothing yet."
            );
        }
        say!(
            self.lang,
            "{follower}이(가) {partition}을(를) 오프셋 {end}부터 요청했습니다. 리더 {place}은(는) {follower}이(가) {last}까지 가졌음을 압니다.",
            "{follower} fetches {partition} at offset {end}: the leader {place} knows that it has everything up to {last}."
        )
    }

    pub(super) fn high_watermark_moved(
        &self,
        partition: &TopicPartition,
        from: i64,
        to: i64,
        role: Role,
    ) -> String {
        let (place, last) = (&self.place, to - 1);
        match role {
            Role::Leader => say!(
                self.lang,
                "{partition}의 high watermark가 {from}에서 {to}(으)로 움직였습니다. 이제 컨슈머는 오프셋 {last}까지 읽을 수 있습니다.",
                "The high watermark of {partition} moved from {from} to {to}: consumers can now read up to offset {last}."
            ),
            Role::Follower => say!(
                self.lang,
                "{place}(팔로워)이(가) 아는 {partition}의 high watermark가 {from}에서 {to}(으)로 바뀌었습니다.",
                "The high watermark of {partition} that {place} (follower) knows went from {from} to {to}."
            ),
        }
    }

    pub(super) fn divergence_found(
        &self,
        partition: &TopicPartition,
        follower: NodeId,
        epoch: i32,
        end: i64,
    ) -> String {
        let place = &self.place;
        say!(
            self.lang,
            "{partition}에서 {follower}의 로그가 리더 {place}과(와) 갈라졌습니다. 리더의 epoch {epoch}은(는) 오프셋 {end}에서 끝납니다.",
            "The log of {follower} parts from that of {place}, the leader of {partition}, where epoch {epoch} ends at offset {end}."
        )
    }

    pub(super) fn truncated(
        &self,
        partition: &TopicPartition,
        from: i64,
        to: i64,
        reason: TruncationReason,
    ) -> String {
        let place = &self.place;
        if to > from {
            return say!(
                self.lang,
                "{place}이(가) {partition}의 로그를 비우고 오프셋 {to}부터 다시 시작합니다. 리더의 로그가 거기서 시작합니다.",
                "{place} emptied its log of {partition} and starts again at offset {to}, where the leader's log begins."
            );
        }
        let (range, why) = (self.offsets(to, from - 1), truncation_words(reason, self.lang));
        say!(
            self.lang,
            "{place}이(가) {partition}에서 {range}을(를) 잘라 내 LEO가 {from}에서 {to}(으)로 돌아갔습니다. {why}",
            "{place} cut off {range} of {partition}; its LEO went back from {from} to {to}. {why}"
        )
    }

    pub(super) fn shrink_asked(
        &self,
        partition: &TopicPartition,
        removed: &[NodeId],
        lag_ms: u64,
    ) -> String {
        let (place, removed) = (&self.place, ids_text(removed));
        say!(
            self.lang,
            "리더 {place}이(가) {partition}의 ISR에서 [{removed}]을(를) 빼 달라고 요청했습니다. {lag_ms}ms 동안 따라잡지 못했습니다.",
            "The leader {place} asks to take [{removed}] out of the ISR of {partition}: not caught up for {lag_ms} ms."
        )
    }

    pub(super) fn expand_asked(&self, partition: &TopicPartition, added: NodeId) -> String {
        let place = &self.place;
        say!(
            self.lang,
            "{added}이(가) 따라잡아 리더 {place}이(가) {partition}의 ISR에 넣어 달라고 요청했습니다.",
            "{added} has caught up; the leader {place} asks to add it to the ISR of {partition}."
        )
    }

    pub(super) fn isr_committed(&self, partition: &TopicPartition, isr: &[NodeId]) -> String {
        let (place, isr) = (&self.place, ids_text(isr));
        say!(
            self.lang,
            "리더 {place}이(가) 알게 된 {partition}의 ISR은 이제 [{isr}]입니다.",
            "The leader {place} learned that the ISR of {partition} is now [{isr}]."
        )
    }

    pub(super) fn parked(
        &self,
        api: Api,
        partition: &TopicPartition,
        reason: ParkReason,
    ) -> String {
        let (place, api) = (&self.place, api.name());
        match reason {
            ParkReason::HighWatermark { needed } => say!(
                self.lang,
                "{place}은(는) {partition}의 high watermark가 {needed}이(가) 될 때까지 acks=all 응답을 미룹니다.",
                "{place} holds back the answer to acks=all until the high watermark of {partition} is {needed}."
            ),
            ParkReason::NoData => say!(
                self.lang,
                "{place}은(는) {partition}에 새 데이터가 올 때까지 {api} 응답을 미룹니다.",
                "{place} holds back the answer to {api} until {partition} has something new."
            ),
        }
    }

    pub(super) fn produce_answered(
        &self,
        partition: &TopicPartition,
        acks: Acks,
        (base, last): (i64, i64),
        error: Option<KafkaError>,
    ) -> String {
        let (place, range) = (&self.place, self.offsets(base, last));
        match (error, acks) {
            (Some(error), _) => say!(
                self.lang,
                "{place}이(가) {partition}의 produce 요청(acks={acks})에 {error}(으)로 답합니다.",
                "{place} answers the produce request for {partition} (acks={acks}) with {error}."
            ),
            (None, Acks::None) => say!(
                self.lang,
                "{place}이(가) {partition}의 {range}에 저장했지만 acks=0이라 답하지 않습니다.",
                "{place} has {range} of {partition}; with acks=0 it sends no answer."
            ),
            (None, _) => say!(
                self.lang,
                "{place}이(가) {partition}의 {range} 저장을 확인합니다(acks={acks}).",
                "{place} acknowledges {range} of {partition} (acks={acks})."
            ),
        }
    }
}

/// What was asked, and what the leader answered, that a log was cut for.
pub fn truncation_words(reason: TruncationReason, lang: Lang) -> String {
    match reason {
        TruncationReason::Diverging {
            fetch_offset,
            last_fetched_epoch,
            epoch,
            end_offset,
            own_end_offset,
        } => {
            let own = match own_end_offset {
                -1 => String::new(),
                own => say!(lang, " 이 로그에서는 {own}이었습니다.", " Here it ended at {own}."),
            };
            say!(
                lang,
                "fetchOffset {fetch_offset}, lastFetchedEpoch {last_fetched_epoch}(으)로 묻자 리더가 divergingEpoch로 답했습니다. 리더의 로그에서 epoch {epoch}은(는) {end_offset}에서 끝납니다.{own}",
                "It asked with fetchOffset {fetch_offset} and lastFetchedEpoch {last_fetched_epoch}; the leader's divergingEpoch says that epoch {epoch} ends at {end_offset} in its log.{own}"
            )
        }
        TruncationReason::EpochEnd { asked_epoch, epoch: -1, end_offset } => say!(
            lang,
            "OffsetForLeaderEpoch로 epoch {asked_epoch}을(를) 묻자 리더가 오프셋 {end_offset}(으)로 답했습니다.",
            "It asked by OffsetForLeaderEpoch for epoch {asked_epoch}; the leader answered with offset {end_offset}."
        ),
        TruncationReason::EpochEnd { asked_epoch, epoch, end_offset } => say!(
            lang,
            "OffsetForLeaderEpoch로 epoch {asked_epoch}을(를) 묻자 리더가 답했습니다: epoch {epoch}은(는) {end_offset}에서 끝납니다.",
            "It asked by OffsetForLeaderEpoch for epoch {asked_epoch}; the leader answered that epoch {epoch} ends at {end_offset}."
        ),
        TruncationReason::HighWatermark => say!(
            lang,
            "leader epoch가 없던 때의 규칙입니다. 리더에게 묻지 않고 자기가 아는 high watermark까지 자릅니다.",
            "This is the rule from before leader epochs: without asking, a follower cuts to the high watermark that it knows."
        ),
        TruncationReason::OutOfRange { start_offset, end_offset } => say!(
            lang,
            "OFFSET_OUT_OF_RANGE였습니다. 리더의 로그는 {start_offset}에서 시작해 {end_offset}에서 끝납니다.",
            "The fetch was answered with OFFSET_OUT_OF_RANGE: the leader's log starts at {start_offset} and ends at {end_offset}."
        ),
    }
}
