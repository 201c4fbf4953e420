//! What producers and consumers see, in words. What happens inside of a producer is in
//! [`super::producer`].

use super::Teller;
use crate::event::WorkloadEvent;
use crate::ids::{NodeId, TopicPartition};
use crate::protocol::Acks;
use crate::script::lang::say;

impl Teller<'_> {
    pub(super) fn workload(&self, event: &WorkloadEvent) -> String {
        let place = &self.place;
        match event {
            WorkloadEvent::Sent { produce, .. } => {
                let (count, topic) = (produce.count, &produce.topic);
                say!(
                    self.lang,
                    "{place}의 애플리케이션이 {topic}에 레코드 {count}개를 보냅니다(send).",
                    "The application of {place} sends records to {topic}: {count}."
                )
            }
            WorkloadEvent::Ended { .. } => say!(
                self.lang,
                "{place}의 워크로드가 끝났습니다. 보낼 것을 모두 보냈습니다.",
                "The workload of {place} has sent all that it was to."
            ),
        }
    }

    pub(super) fn record_queued(&self, partition: &TopicPartition, sequence: u64) -> String {
        let (place, n) = (&self.place, sequence + 1);
        say!(
            self.lang,
            "{place}이(가) {n}번째 레코드를 {partition}(으)로 보내려고 모읍니다.",
            "{place} gathers its record {n} for {partition}."
        )
    }

    pub(super) fn record_acknowledged(
        &self,
        partition: &TopicPartition,
        sequence: u64,
        offset: i64,
        acks: Acks,
    ) -> String {
        let (place, n) = (&self.place, sequence + 1);
        match acks {
            Acks::None => say!(
                self.lang,
                "{place}이(가) {n}번째 레코드를 {partition}(으)로 보내고 잊습니다(acks=0). 저장되었는지는 알 수 없습니다.",
                "{place} sends its record {n} to {partition} and forgets it (acks=0): it will never know whether it was stored."
            ),
            Acks::Leader | Acks::All => say!(
                self.lang,
                "{place}의 {n}번째 레코드가 확인되었습니다: {partition}의 오프셋 {offset}(acks={acks}).",
                "Record {n} of {place} is acknowledged: offset {offset} of {partition} (acks={acks})."
            ),
        }
    }

    pub(super) fn leader_learned(
        &self,
        partition: &TopicPartition,
        leader: Option<NodeId>,
        epoch: i32,
    ) -> String {
        let place = &self.place;
        match leader {
            Some(leader) => say!(
                self.lang,
                "{place}이(가) {partition}의 리더가 {leader}임을 알았습니다(leader epoch {epoch}).",
                "{place} learned that {leader} leads {partition} (leader epoch {epoch})."
            ),
            None => say!(
                self.lang,
                "{place}이(가) {partition}에 리더가 없음을 알았습니다(leader epoch {epoch}).",
                "{place} learned that {partition} has no leader (leader epoch {epoch})."
            ),
        }
    }

    pub(super) fn consumed(
        &self,
        partition: &TopicPartition,
        (base, last): (i64, i64),
        records: u64,
    ) -> String {
        let (place, range) = (&self.place, self.offsets(base, last));
        if records < base.abs_diff(last) + 1 {
            return say!(
                self.lang,
                "{place}이(가) {partition}의 {range}을(를) 읽었습니다. 거기 남아 있는 레코드는 {records}개입니다.",
                "{place} read {range} of {partition}; records left there: {records}."
            );
        }
        say!(
            self.lang,
            "{place}이(가) {partition}의 {range}을(를) 읽었습니다.",
            "{place} read {range} of {partition}."
        )
    }

    pub(super) fn position_reset(&self, partition: &TopicPartition, offset: i64) -> String {
        let place = &self.place;
        say!(
            self.lang,
            "{place}이(가) {partition}을(를) 오프셋 {offset}부터 읽습니다.",
            "{place} starts to read {partition} at offset {offset}."
        )
    }

    pub(super) fn truncation_detected(
        &self,
        partition: &TopicPartition,
        from: i64,
        to: i64,
    ) -> String {
        let place = &self.place;
        say!(
            self.lang,
            "{place}이(가) 읽은 {partition}의 끝부분이 새 리더에 없습니다. 위치를 {from}에서 {to}(으)로 되돌립니다.",
            "The new leader of {partition} lacks the tail that {place} has read; its position goes back from {from} to {to}."
        )
    }

    pub(super) fn client_killed(&self) -> String {
        let place = &self.place;
        say!(
            self.lang,
            "{place}의 프로세스가 죽었습니다. 아무에게도 알리지 못했습니다.",
            "The process of {place} died, and told nobody."
        )
    }

    pub(super) fn client_closed(&self) -> String {
        let place = &self.place;
        say!(self.lang, "{place}이(가) 닫혔습니다.", "{place} is closed.")
    }
}
